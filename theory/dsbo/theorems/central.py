"""Section 5.1 on a central server: Theorem D.1's rate, what consensus costs, and whether the rate is DSBO's."""

from __future__ import annotations

from functools import cache

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.theorems.figures import HALF, powers, speedup_plot
from spiritlevel.theory.dsbo.theorems.moments import (
    MARGIN,
    MOVING,
    SIGMA,
    bias_at_rest,
    constants,
    curvature,
    falls,
    finite,
    mean_x,
    ring,
    scalar_problem,
    solution,
    stable,
    worst,
)
from spiritlevel.theory.dsbo.theorems.theorem51 import AGENTS, DEPTHS, ROUNDING, Sweep, limit_of_noise
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

SAME = 0.05
"""Relative difference within which limits, extrapolated from finite T, count as one."""
PLACE = "Section 5.1, Single-center-multi-user-federated SBO"


@cache
def sweep(kind: type[Algorithm], K: int, last: int) -> Sweep:
    """Four T up to ``last`` with K agents whose second derivatives differ: a server if it needs one, else a ring."""
    problem = scalar_problem(K, second=True)
    T = np.array([last // 2**k for k in (3, 2, 1, 0)])
    beta = np.sqrt(K / T).reshape(-1, 1, 1)
    a = kind(**{**constants(beta, DEPTHS), "L_g": 2.75})
    network = averaging(K) if kind.server else ring(K)
    found = follow(a, problem, network, last, moving=MOVING, sigma=SIGMA, readout=mean_x, autonomous=True)
    square = curvature(problem) ** 2
    mean = square * (found.mean[..., 0] - solution(problem)) ** 2
    variance = square * found.covariance[..., 0, 0]
    initial, noise = (
        np.array([[row[:end].mean() for row, end in zip(part, T, strict=True)]]) for part in (mean, variance)
    )
    return Sweep((K,), T, initial, noise, found.gap)


def _values(sweeps: list[Sweep], name: str) -> Array:
    """A part's limits, times sqrt(KT), one per K."""
    return np.array([s.limits(getattr(s, name))[0] for s in sweeps])


def _check_rate(ctx: Context) -> Finding:
    kind = type(ctx.algorithm("dsbo-central")())
    sweeps = [sweep(kind, K, ctx.pick(1024, 2**13)) for K in AGENTS]
    exponents = {
        name: [exact_exponent(getattr(s, name)[0], ROUNDING) for s in sweeps] for name in ("initial", "noise")
    }
    noise, exact = _values(sweeps, "noise"), limit_of_noise(kind)
    off = largest(abs(noise / exact - 1))
    shown = {name: ", ".join(f"{e.value:.3f}" for e in each) for name, each in exponents.items()}
    return Finding(
        verdict=worst(*(falls(each, -0.5) for each in exponents.values()), decide(off <= SAME, off)),
        method=Method.MOMENTS,
        summary=f"scalar quadratics whose second derivatives differ, K = 1, 4, 16, T up to {sweeps[0].T[-1]}: extrapolated exponents in T of "
        f"the noise part {shown['noise']}, of the part without noise {shown['initial']}; sqrt(KT) times the noise part tends to "
        f"{', '.join(f'{v:.4f}' for v in noise)} (a Lyapunov equation gives {exact:.4f}), no term in K alone",
        numbers={
            "exponents": {name: [e.value for e in each] for name, each in exponents.items()},
            "uncertainties": {
                name: [finite(e.uncertainty) for e in each] for name, each in exponents.items()
            },
            "tolerance": MARGIN,
            "noise_limits": noise.tolist(),
            "initial_limits": _values(sweeps, "initial").tolist(),
            "lyapunov": exact,
            "largest_relative_difference": off,
            "relative_tolerance": SAME,
            "map_gap": largest(s.gap for s in sweeps),
        },
        cases=sum(s.noise.size for s in sweeps),
        audit=audit(ASSUMPTIONS, [scalar_problem(4, second=True)]),  # a server has no W
        figures=(speedup_plot({f"server, K = {s.K[0]}": (s.K[0] * s.T, s.noise[0]) for s in sweeps}, exact),),
    )


RATE = Statement(
    id="dsbo/thmD.1",
    paper=PAPER,
    location="Section 5.1, on Theorem D.1 of the supplement",
    kind="rate",
    sentence="With a central server, read as in dsbo/alg-central, and the step sizes (5) the average over t of E|grad F(x_t)|^2 is "
    "O(1/sqrt(KT)).",
    formula=r"\frac1T \sum_{t=0}^{T-1} E\|\nabla F(x_t)\|^2 \le O\Big(\frac{1}{\sqrt{KT}}\Big)",
    because="The theorem itself is in the supplement, which is not at hand; this is what the text says of it.",
    assumptions=ASSUMPTIONS,
    about=("dsbo-central",),
    check=stable(_check_rate),
    expected=Verdict.SUPPORTED,
)


def _check_same(ctx: Context) -> Finding:
    central, dsbo = (type(ctx.algorithm(name)()) for name in ("dsbo-central", "dsbo"))
    K, last = 4, ctx.pick(1024, 2**13)
    both = [sweep(kind, K, last) for kind in (central, dsbo)]
    noise, initial = (_values(both, name) for name in ("noise", "initial"))
    off = largest([abs(noise[1] / noise[0] - 1), abs(initial[1] / initial[0] - 1)])
    apart = both[1].initial[0] + both[1].noise[0] - both[0].initial[0] - both[0].noise[0]
    relative = float(abs(apart[-1]) / (both[0].initial[0] + both[0].noise[0])[-1])
    return Finding(
        verdict=decide(off <= SAME, off),
        method=Method.MOMENTS,
        summary=f"four agents whose second derivatives differ: sqrt(KT) times the noise part tends to {noise[0]:.4f} with a server and "
        f"{noise[1]:.4f} on a ring, the part without noise to {initial[0]:.4f} and {initial[1]:.4f}; at T = {last} the whole averages "
        f"differ by {relative:.1g} of themselves",
        numbers={
            "noise_limits": noise.tolist(),
            "initial_limits": initial.tolist(),
            "largest_relative_difference": off,
            "tolerance": SAME,
            "relative_difference_at_the_end": relative,
        },
        cases=2 * len(both[0].T),
        audit=audit_runs([scalar_problem(K, second=True)], [ring(K)]),
        figures=(
            powers(
                "Four agents whose second derivatives differ, rule (5)",
                {
                    f"{name}, {part}": (s.T, getattr(s, part)[0])
                    for name, s in zip(("server", "ring"), both, strict=True)
                    for part in ("noise", "initial")
                },
                HALF,
                lines=("server, noise", "server, initial"),
                caption="Server and ring come together as T grows, part by part.",
            ),
        ),
    )


SAME_RATE = Statement(
    id="dsbo/central-same-rate",
    paper=PAPER,
    location=PLACE,
    kind="rate",
    sentence="The central-server variant achieves the same rate as the gossip-based algorithm: the leading terms agree, constants included.",
    formula=r"\lim_{T \to \infty} \sqrt{KT}\, \tfrac1T \textstyle\sum_t E\|\nabla F(\bar x_t)\|^2 \text{ is the same}",
    because="The text says 'the same convergence rate'; equal constants are the stronger reading.",
    assumptions=ASSUMPTIONS,
    about=("dsbo-central", "dsbo"),
    check=stable(_check_same),
    expected=Verdict.SUPPORTED,
)


def _check_consensus(ctx: Context) -> Finding:
    K, C_0 = 10, 0.05
    problem = scalar_problem(K, second=True)
    central, dsbo = (ctx.algorithm(name) for name in ("dsbo-central", "dsbo"))
    betas = [2.0**-k for k in (7, 10, 13)]

    def bias(make: type[Algorithm], beta: float) -> float:
        return bias_at_rest(make(**{**constants(beta, 40, C_0), "L_g": 4.0}), problem, averaging(K))

    at_server = [bias(type(central()), beta) for beta in betas]
    over_J = [bias(type(dsbo()), beta) for beta in betas]
    worst, gossip = largest(at_server), min(over_J)
    order = float(np.log2(over_J[-2] / over_J[-1]) / 3)
    return Finding(
        verdict=decide(worst <= ROUNDING, worst),
        method=Method.LINEAR,
        summary=f"noise off, ten agents whose second derivatives differ: the server rests at |grad F| = {worst:.0e} or less for beta = 2^-7, "
        f"2^-10, 2^-13, what 40 factors of the Neumann product leave; Algorithm 1 over W = J, where rho = 0, rests at {gossip:.1e} or more, "
        f"of order beta^{order:.3f}: its agents still hold local deviations",
        numbers={
            "server": at_server,
            "tolerance": ROUNDING,
            "over_J": over_J,
            "exponent_over_J_in_beta": order,
        },
        cases=2 * len(betas),
        audit=audit_runs([problem], [averaging(K)]),
        figures=(
            Plot(
                title="Noise off, ten agents whose second derivatives differ",
                x_label="step size beta",
                y_label="|grad F| at rest",
                curves=(
                    Curve("central server", betas, at_server, "points"),
                    Curve(f"Algorithm 1 over W = J: exponent {order:.3f}", betas, over_J, "points"),
                    power_law("proportional to beta", betas, 1.0, (betas[-1], over_J[-1])),
                ),
                log="xy",
                caption="A server leaves rounding alone; over J, where rho = 0, an error of the order of beta stays.",
            ),
        ),
    )


CONSENSUS = Statement(
    id="dsbo/central-consensus",
    paper=PAPER,
    location=PLACE,
    kind="network",
    sentence="With a central server the consensus effect disappears: without noise the algorithm rests where grad F is 0, for every beta.",
    formula=r"\|\nabla F(x_\infty)\| = O\big((1 - \mu_g/L_g)^{b+1}\big) \text{ without a term in } \beta",
    because="All agents hold one copy. It does not disappear in Algorithm 1 over W = J.",
    assumptions=ASSUMPTIONS,
    about=("dsbo-central",),
    check=stable(_check_consensus),
    expected=Verdict.SUPPORTED,
)
