"""Theorem 1, (10): its four averages with one constant for all n and T."""

from __future__ import annotations

import math

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory.assumptions import Assumption, audit
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.cases import Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_n, against_T
from spiritlevel.theory.slam.moments.growth import (
    MARGIN,
    SHAPES,
    SIZES,
    doubling_slopes,
    excess,
    in_T,
    over_sizes,
    peaks,
    shown,
)
from spiritlevel.theory.slam.moments.rules import Rule, theorem1
from spiritlevel.theory.slam.moments.scalar import AX, AY, CURVED, FAMILY, IDLE, LL, UL, limits, problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

LEVEL = {AX: 0, AY: 1}
FAR = 34
"""T = 2^34 stands for T to infinity: corrections are of order sqrt(n/T) < 1e-4."""
LIMIT = 0.01
"""Relative, of a limit."""
CURVE = {"ring": (4, (8, 16, 32, 64)), "complete": (6, (4, 8, 16, 32))}
"""Graphs, with powers of n that T is, and n."""


def _check_stationarity(ctx: Context) -> Finding:
    kind, exact = kind_of(ctx, "slam"), limits(CURVED)
    exponents = in_T(kind, UL)
    slow = excess(exponents)
    far = {shape: over_sizes(kind, shape, FAR) for shape in SHAPES}
    rise = largest(s for f in far.values() for s in doubling_slopes(f["total"][:, UL]))
    highest = {shape: peaks(kind, UL, shape, ctx.pick(4, 1)) for shape in SHAPES}
    most = largest(v for values in highest.values() for v in values)
    rise = largest([rise, *(doubling_slopes(values)[-1] for values in highest.values())])
    noise = far["ring"]["noise"][:, UL]
    return Finding(
        verdict=decide(slow <= MARGIN and rise <= LIMIT, slow, rise),
        method=Method.MOMENTS,
        summary=f"scalar quadratics of equal curvature, ring and complete, T up to 2^22: exponents in T {shown(exponents.values(), 4)}; at T = 2^{FAR} sqrt(nT) "
        f"times the part of noise is {noise.min():.4f} to {noise.max():.4f} for n = 2..64 (a Lyapunov equation gives {exact.ul_noise:.4f}); from T = 4n on sqrt(nT) times "
        f"the average is at most {most:.3f} ({shown(highest['ring'])} by n)",
        numbers={
            "exponents_in_T": exponents,
            "tolerance": MARGIN,
            "noise_limits": noise.tolist(),
            "lyapunov": float(exact.ul_noise),
            "initial_limits": far["ring"]["mean"][:, UL].tolist(),
            "largest_growth_per_doubling_of_n": rise,
            "growth_tolerance": LIMIT,
            "largest_sqrt_nT_times_average": highest,
        },
        cases=2 * 11 + 2 * len(SIZES) * ctx.pick(7, 24),
        audit=audit(ALL, [problem("ring", 4)]),
        figures=(
            against_T(
                {
                    "without noise": lambda k: measured(kind, Case("ring", 8, k)).mean[UL],
                    "what noise adds": lambda k: measured(kind, Case("ring", 8, k)).noise[UL],
                },
                title="SLAM, scalar quadratics of one curvature, ring of 8",
                y_label="average of E|grad F|^2",
                caption="Exact averages over T iterations: both parts fall like T^-1/2, as claimed.",
            ),
            against_n(
                {
                    "without noise": far["complete"]["mean"][:, UL] / np.sqrt(SIZES),
                    "what noise adds": far["complete"]["noise"][:, UL] / np.sqrt(SIZES),
                },
                title=f"The same against n, complete graphs, T = 2^{FAR}",
                y_label="sqrt(T) times the average of E|grad F|^2",
                caption="Both parts fall like n^-1/2. Only the part of noise does so because agents average; the other owes it to steps that grow like sqrt(n).",
                slopes={"n^-1/2, claimed": -0.5},
            ),
        ),
    )


STATIONARITY = Statement(
    id="slam/thm1-ul-stationarity-repaired",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="speedup",
    variant="repaired",
    repairs="slam/thm1-ul-stationarity",
    sentence=f"{FAMILY} with 1/alpha ~ 1/beta ~ sqrt(n/T) the average of E|grad F(xbar)|^2, F the objective, is O(1/sqrt(nT)), for all n and T >= 4n by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla f(\mathbf 1 \bar x^r, y^*(\mathbf 1 \bar x^r))\|^2 = O(1/\sqrt{nT})",
    because="Agents that share curvatures: then (18) and (23) have the gradient for their mean. Once f is not quadratic, one constant for all n needs T of order n^(5/3) "
    "at least, even for identical agents (slam/thm1-ul-identical).",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_stationarity),
    expected=Verdict.SUPPORTED,
)


def consensus(
    kind: type[Algorithm],
    measure: int,
    *,
    shared: bool = True,
    rule: Rule = theorem1,
    assumptions: tuple[Assumption, ...] = ALL,
) -> Finding:
    r"""Whether :math:`\|Ax\|^2` or :math:`\|Ay\|^2` is O(1/sqrt(nT)) by one constant, T no smaller than a power of n.

    Whatever f and g are, :math:`x^{r+1}` is :math:`-\xi/\alpha` plus what does not depend on the noise :math:`\xi` of its last step:
    :math:`E\|Ax^{r+1}\|^2 \ge 2|E| \sigma^2/\alpha^2`. This floor is read off the maps and has a known growth.
    """
    ratios: dict[str, list[float]] = {}
    floors: dict[str, list[float]] = {}
    below = True
    for shape, (power, sizes) in CURVE.items():
        cases = [Case(shape, n, power * int(math.log2(n)), rule, IDLE, shared) for n in sizes]
        runs = [(c, measured(kind, c)) for c in cases]
        ratios[shape] = [m.total[measure] * math.sqrt(c.n * c.T) for c, m in runs]
        floors[shape] = [m.floor[LEVEL[measure]] * math.sqrt(c.n * c.T) for c, m in runs]
        # at r = 1 there was no noise yet
        below &= all(
            m.noise[measure] * (1 + 1e-9) >= m.floor[LEVEL[measure]] * (1 - 1 / c.T) for c, m in runs
        )
    growth = {k: doubling_slopes(v) for k, v in floors.items()}
    rise = {k: doubling_slopes(v) for k, v in ratios.items()}
    violated = audit(assumptions, [problem("ring", 4, IDLE, shared)])
    unbounded = below and all(s >= 0.5 - MARGIN for each in growth.values() for s in each)
    bounded = largest(s for each in rise.values() for s in each) <= MARGIN
    verdict = Verdict.REFUTED if unbounded and not violated else Verdict.INCONCLUSIVE
    what, one = ("||Ax||^2", "alpha") if measure == AX else ("||Ay||^2", "beta")
    return Finding(
        verdict=Verdict.SUPPORTED if bounded else verdict,
        method=Method.MOMENTS,
        summary=f"the noise of the last step alone gives {what} 2|E| sigma^2/{one}^2, n|E|/(2T) for {one} = 2 sqrt(T/n): times sqrt(nT) it exceeds any constant even for T = n^4 "
        f"on rings ({shown(floors['ring'])} for n = {shown(CURVE['ring'][1])}) and for T = n^6 on complete graphs ({shown(floors['complete'])} for n = {shown(CURVE['complete'][1])}); "
        f"exact values on a problem that meets all assumptions {shown(ratios['ring'])} and {shown(ratios['complete'])}",
        numbers={
            "sqrt_nT_times_average": ratios,
            "sqrt_nT_times_floor": floors,
            "growth_of_floor_per_doubling": growth,
            "growth_per_doubling": rise,
            "unbounded_if_at_least": 0.5 - MARGIN,
        },
        cases=sum(len(sizes) for _, sizes in CURVE.values()),
        audit=violated,
        figures=tuple(
            against_n(
                {"exact": ratios[shape], "the last step's noise alone": floors[shape]},
                title=f"Is sqrt(nT) E{what} bounded? {shape}, T = n^{power}",
                y_label=f"sqrt(nT) times the average of E{what}",
                caption="A bound by one constant would be a level line; both the exact average and its floor rise with n, however fast T grows with it here.",
                slopes={"a constant, claimed": 0.0},
                sizes=sizes,
            )
            for shape, (power, sizes) in CURVE.items()
        ),
    )


_LAST_STEP = (
    "Rests on the range of T, which Theorem 1 leaves open. On every graph the last step's noise alone gives 2|E| sigma^2/alpha^2 ~ n|E|/T, so that below C/sqrt(nT) is "
    "T > n^3 |E|^2/C^2: n^5 on rings and on expanders, whose sigma_max and sigma_min do not depend on n, n^7 on complete graphs. 'T >> n', which (190) and B.7.3 ask for, is not "
    "enough. On quadratics of equal curvature it holds for larger T"
)

UL_CONSENSUS = Statement(
    id="slam/thm1-ul-consensus",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="speedup",
    sentence="With Theorem 1's step sizes the average of E||Ax||^2 is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|A x^r\|^2 = O(1/\sqrt{nT})",
    because=f"{_LAST_STEP} (slam/thm1-ul-consensus-repaired), and on a given graph (slam/thm1-ul-consensus-fixed-n).",
    assumptions=ALL,
    about=("slam",),
    check=stable(lambda ctx: consensus(kind_of(ctx, "slam"), AX)),
    expected=Verdict.REFUTED,
)

LL_CONSENSUS = Statement(
    id="slam/thm1-ll-consensus",
    paper=PAPER,
    location="Theorem 1, (10b)",
    kind="speedup",
    sentence="With Theorem 1's step sizes the average of E||Ay||^2 is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|A y_k^r\|^2 = O(1/\sqrt{nT})",
    because=f"{_LAST_STEP} (slam/thm1-ll-consensus-repaired), and on a given graph (slam/thm1-ll-consensus-fixed-n).",
    assumptions=ALL,
    about=("slam",),
    check=stable(lambda ctx: consensus(kind_of(ctx, "slam"), AY)),
    expected=Verdict.REFUTED,
)


def optimality(
    kind: type[Algorithm],
    *,
    shared: bool = True,
    per_agent: bool = False,
    rule: Rule = theorem1,
    assumptions: tuple[Assumption, ...] = ALL,
) -> Finding:
    r"""Whether :math:`\|y - y^*\|^2` is O(1/sqrt(nT)) by one constant, T as large as one likes for every n.

    A shared lower level is judged by its constant mode, which is a lower bound.
    """
    part = "common_noise" if shared else "noise"
    found = over_sizes(kind, "complete", FAR, curvatures=IDLE, shared=shared, rule=rule)
    values = found[part][:, LL]
    values = values / SIZES if per_agent else values
    growth = doubling_slopes(values)
    violated = audit(assumptions, [problem("ring", 4, IDLE, shared)])
    unbounded, bounded = min(growth) >= 1 - MARGIN, largest(growth) <= MARGIN
    verdict = Verdict.REFUTED if unbounded and not violated else Verdict.INCONCLUSIVE
    whose = "the mean of y" if shared else "y"
    stacked = "over all agents" if not per_agent else "per agent"
    return Finding(
        verdict=Verdict.SUPPORTED if bounded else verdict,
        method=Method.MOMENTS,
        summary=f"on a problem that meets all assumptions, at T = 2^{FAR}, noise in {whose} alone gives ||y - y*||^2, {stacked}, sqrt(nT) "
        f"times which is {shown(values)} for n = 2..64: it grows like n^{growth[-1]:.3f}, so that no T is large enough",
        numbers={
            "sqrt_nT_times_noise": values.tolist(),
            "growth_per_doubling": growth,
            "unbounded_if_at_least": 1 - MARGIN,
        },
        cases=len(SIZES),
        audit=violated,
        figures=(
            against_n(
                {f"noise in {whose} alone": values},
                title=f"Is sqrt(nT) ||y - y*||^2 bounded, {stacked}?",
                y_label=f"sqrt(nT) times ||y - y*||^2, {stacked}",
                caption=f"A bound by one constant would be a level line. At T = 2^{FAR}, which stands for T to infinity, a part of it grows like n.",
                slopes={"a constant, claimed": 0.0, "growth like n": 1.0},
            ),
        ),
    )


LL_OPTIMALITY = Statement(
    id="slam/thm1-ll-optimality",
    paper=PAPER,
    location="Theorem 1, (10b)",
    kind="speedup",
    sentence="With Theorem 1's step sizes the average of E||y - y*(x)||^2, over all agents, is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|y_k^r - y_k^*(x^r)\|^2 = O(1/\sqrt{nT})",
    because="The norm is a sum over n agents: the mean of y alone adds n times 1/sqrt(nT), which is sqrt(n/T), however large T is ('T >> n', (190), B.7.3). "
    "Not even on a given graph does it fall for all problems (slam/thm1-ll-optimality-fixed-n).",
    assumptions=ALL,
    about=("slam",),
    check=stable(lambda ctx: optimality(kind_of(ctx, "slam"))),
    expected=Verdict.REFUTED,
)
