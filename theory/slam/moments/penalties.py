"""What gamma and rho do to (10), which leaves them open."""

from __future__ import annotations

import math

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.cases import Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_n, against_T
from spiritlevel.theory.slam.moments.growth import (
    DOUBLINGS,
    MARGIN,
    ROUNDING,
    SHAPES,
    SIZES,
    doubling_slopes,
    in_T,
    over_sizes,
    shown,
)
from spiritlevel.theory.slam.moments.rules import C_STEP, THETA, Gamma, constant_penalty
from spiritlevel.theory.slam.moments.scalar import AX, AY, FAMILY, IDLE, problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

FAR = 34
N = 8
LEAST = THETA / (4 - 2 * THETA)
r"""The gamma at which :math:`q(2 + 1/\gamma) = 4` for the q of these rules: 0.409."""
GAMMAS = {
    "1.1 least": Gamma(1.1 * LEAST, 0.0),
    "0.6": Gamma(0.6, 0.0),
    "1": Gamma(1.0, 0.0),
    "sqrt T": Gamma(1.0, 0.5),
    "alpha": Gamma(C_STEP / math.sqrt(N), 0.5),
    "T": Gamma(1.0, 1.0),
}


def _grows(kind: type[Algorithm]) -> bool:
    """Whether a gamma a little below `LEAST` has no averages."""
    try:
        measured(kind, Case("ring", N, DOUBLINGS[0], Gamma(0.98 * LEAST, 0.0)))
    except Unstable:
        return True
    return False


def _check_any_gamma(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam")
    below = _grows(kind)
    exponents, constants = {}, {}
    for name, rule in GAMMAS.items():
        runs = [measured(kind, Case("ring", N, k, rule)) for k in DOUBLINGS]
        exponents[name] = exact_exponent([m.total[AX] for m in runs], ROUNDING).value
        constants[name] = float(runs[18 - DOUBLINGS[0]].total[AX])
    off = largest(abs(e + 1) for e in exponents.values())
    return Finding(
        verdict=decide(off <= MARGIN and below, off),
        method=Method.MOMENTS,
        summary=f"ring of 8, q = 0.9, gamma = {', '.join(GAMMAS)} (least: {LEAST:.4f}): exponents in T of ||Ax||^2 {shown(exponents.values(), 4)}; at T = 2^18 it is "
        f"{shown(constants.values())}; {'0.98 of the least diverges' if below else 'no divergence below the least gamma'}",
        numbers={
            "exponents": exponents,
            "at_2^18": constants,
            "tolerance": MARGIN,
            "least": LEAST,
            "diverges below": below,
        },
        cases=1 + len(GAMMAS) * len(DOUBLINGS),
        audit=audit(ALL, [problem("ring", 4)]),
        figures=(
            against_T(
                {
                    f"gamma = {name}": lambda k, rule=rule: (  # type: ignore[misc]
                        measured(kind, Case("ring", N, k, rule)).total[AX]
                    )
                    for name, rule in GAMMAS.items()
                    if name != "sqrt T"
                },
                title="Does gamma change the rate? SLAM, ring of 8, q = rho gamma sigma_max/alpha = 0.9",
                y_label="average of E||Ax||^2",
                caption=f"All gamma above the least, {LEAST:.3f}, have the rate 1/T, whether constant or growing up to T itself; only the constant differs. sqrt(T) coincides with alpha.",
                slope=-1.0,
                claim="1/T",
            ),
        ),
    )


ANY_GAMMA = Statement(
    id="slam/gamma-any",
    paper=PAPER,
    location="Theorem 1, (148)-(149)",
    kind="rate",
    sentence=f"{FAMILY} with q = rho gamma sigma_max/alpha fixed, the average of E||Ax||^2 falls like 1/T whether gamma is constant, with q (2 + 1/gamma) < 4, or grows up to T; "
    "for smaller gamma SLAM diverges.",
    formula=r"q = \rho\gamma\sigma_{\max}/\alpha = \text{const},\ q(2 + 1/\gamma) < 4 \Rightarrow \frac1T \sum_r E\|A x^r\|^2 \sim T^{-1}",
    variant="added",
    because="Theorem 1 does not say what gamma is ('will be determined later', (3)); (149) takes gamma ~ alpha. What matters is the weight of L, once gamma is above its limit "
    "(slam/jury), which tau >= rho sigma_max does not see.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_any_gamma),
    expected=Verdict.SUPPORTED,
)


def _check_constant(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam")
    exponents = {
        name: in_T(kind, measure, rule=constant_penalty) for name, measure in (("Ax", AX), ("Ay", AY))
    }
    noise = [e for each in exponents.values() for part, e in each.items() if part.endswith("noise")]
    off = largest(abs(e + 0.5) for e in noise)
    return Finding(
        verdict=decide(off <= MARGIN, off),
        method=Method.MOMENTS,
        summary=f"8 agents, ring and complete, gamma = 1, rho = 0.9/sigma_max: exponents in T of the part of noise {shown(noise, 4)}, for both levels",
        numbers={"exponents": exponents, "tolerance": MARGIN},
        cases=2 * len(DOUBLINGS),
        audit=audit(ALL, [problem("ring", 4)]),
    )


CONSTANT = Statement(
    id="slam/gamma-constant-rate",
    paper=PAPER,
    location="Theorem 1",
    kind="rate",
    sentence=f"{FAMILY} with gamma and rho constant, as Theorem 1 allows, the averages of E||Ax||^2 and E||Ay||^2 fall like 1/sqrt T and no faster.",
    formula=r"\gamma = 1,\ \rho = \text{const} \Rightarrow \frac1T \sum_r E\|A x^r\|^2 \sim T^{-1/2}",
    variant="added",
    because="The weight rho gamma/alpha of L then vanishes like the step size: consensus is no faster than optimisation.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_constant),
    expected=Verdict.SUPPORTED,
)


def _check_eventually(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam")
    values = {
        shape: over_sizes(kind, shape, FAR, curvatures=IDLE, rule=constant_penalty)["noise"][:, AX]
        for shape in SHAPES
    }
    growth = {shape: doubling_slopes(v) for shape, v in values.items()}
    violated = audit(ALL, [problem("ring", 4, IDLE)])
    unbounded = min(s for each in growth.values() for s in each) >= 1
    bounded = largest(s for each in growth.values() for s in each) <= MARGIN
    verdict = Verdict.REFUTED if unbounded and not violated else Verdict.INCONCLUSIVE
    return Finding(
        verdict=Verdict.SUPPORTED if bounded else verdict,
        method=Method.MOMENTS,
        summary=f"gamma = 1, rho = 0.9/sigma_max, a problem that meets all assumptions: sqrt(nT) times the average of ||Ax||^2 does not vanish with T; at T = 2^{FAR} it is "
        f"{shown(values['ring'])} on rings and {shown(values['complete'])} on complete graphs of 2..64, last exponents in n {growth['ring'][-1]:.2f} and {growth['complete'][-1]:.2f}",
        numbers={
            "sqrt_nT_times_average": {shape: v.tolist() for shape, v in values.items()},
            "growth_per_doubling": growth,
            "unbounded_if_at_least": 1,
        },
        cases=2 * len(SIZES),
        audit=violated,
        figures=(
            against_n(
                values,
                title=f"Is sqrt(nT) E||Ax||^2 bounded, gamma = 1, rho = 0.9/sigma_max? T = 2^{FAR}",
                y_label="sqrt(nT) times the average of E||Ax||^2",
                caption="A bound by one constant would be a level line, T standing for infinity; on rings and on complete graphs it rises faster than n.",
                slopes={"a constant, claimed": 0.0},
            ),
        ),
    )


EVENTUALLY = Statement(
    id="slam/gamma-constant-speedup",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="speedup",
    sentence="With gamma and rho constant, as Theorem 1 allows, the average of E||Ax||^2 is below C/sqrt(nT) for T large enough, C the same for all n.",
    formula=r"\gamma = 1:\ \exists C\, \forall n\, \exists T_0\, \forall T \ge T_0:\ "
    r"\frac1T \sum_r E\|A x^r\|^2 \le C/\sqrt{nT}",
    variant="added",
    because="The reading in which T may exceed any power of n needs gamma ~ alpha, as (149) has it in the supplement; Theorem 1 leaves gamma to 'be determined later', (3), and "
    "names no condition on it: with gamma constant it fails too.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_eventually),
    expected=Verdict.REFUTED,
)
