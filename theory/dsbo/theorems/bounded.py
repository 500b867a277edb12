"""Theorem 5.1 where it is meant to hold: bounded nonconvex upper levels, noise in all five samples, by Monte Carlo.

Nothing here has closed moments. A run without noise separates what the start contributes; the last quarter of the
noisy runs shows the level that noise holds up.
"""

from __future__ import annotations

import math
from functools import cache, wraps

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.theorems.moments import waves
from spiritlevel.theory.dsbo.theorems.monte_carlo import Level, Ratio, level, ratio, together
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Check, Context, Finding, Method, Statement, Verdict

NOISE = Additive({"grad_x_f": 0.5, "grad_y_f": 0.5, "grad_y_g": 0.5, "hess_xy_g": 0.5, "hess_yy_g": 0.3})
L_G, MU_G, DEPTHS, C_0 = 4.0, 1.69, 6, 0.3
START = 2.0
"""How far x^o = START (1.2, -0.9) is from the start 0, in whose place F is concave."""
MARGIN = 0.15
"""Of an exponent in T between T and 16 T: corrections are of order sqrt(K/T), 0.2 at the smallest T."""
BAND = (2 / 3, 3 / 2)
"""Where the ratio of two noise parts, times sqrt(KT), counts as 1; without averaging over agents it is 4."""


def bounded_problem(K: int) -> Bilevel:
    """``f^k`` of cosines about targets that differ between agents, over one quadratic lower level; p = q = 2.

    Bounded gradients of f, all of them; agents differ in every term of g and in the linear ones of f.
    """
    m = waves(K)
    H = np.array([[2.0, 0.5], [0.5, 2.5]]) + m[:, None, None] * np.array([[0.4, 0.1], [0.1, 0.3]])
    B = np.array([[1.0, 0.3], [-0.2, 1.0]]) + 0.2 * m[:, None, None] * np.eye(2)
    c = np.array([0.5, -0.3]) + 0.3 * m[:, None]
    lower = QuadraticLower(H, B, c)
    target = START * np.array([1.2, -0.9])
    y = lower.shared_argmin(np.broadcast_to(target, (1, K, 2)))[0]
    y = y + np.array(
        [0.8, -0.6]
    )  # else both parts of grad F would vanish at x^o, and u and q would not matter
    upper = BoundedUpper(1, "cos", target, m[:, None] * np.array([0.3, -0.2]), y + 0.4 * m[:, None])
    return Bilevel(lower, upper, "bounded", shared=True)


def half_mixed(K: int) -> Network:
    """``(I + J)/2``: every agent hears every other one; rho = 1/4 for every K > 1, so that only K changes."""
    return Network((np.eye(K) + 1 / K) / 2, f"lazy-J:{K}")


def curvature_at_start(problem: Bilevel) -> Array:
    """Eigenvalues of F'' at 0, by central differences."""
    ends = 1e-5 * np.concatenate([np.eye(problem.p), -np.eye(problem.p)])
    g = problem.hypergradient(ends)
    M = (g[: problem.p] - g[problem.p :]) / 2e-5
    return np.asarray(np.linalg.eigvalsh((M + M.T) / 2))


@cache
def sampled(kind: type[Algorithm], K: int, T: int, replicas: int, seed: int) -> Level:
    """Runs under rule (5)."""
    beta = math.sqrt(K / T)
    steps = {"alpha": C_0 * beta, "beta": beta, "gamma": beta}
    a = kind(**{**steps, "L_g": L_G, "mu_g": MU_G, "b": DEPTHS})
    return level(a, bounded_problem(K), half_mixed(K), T, NOISE, seed, replicas)


def diverging(check: Check) -> Check:
    """A check of sampled runs, which an algorithm that leaves all bounds fails."""

    @wraps(check)
    def checked(ctx: Context) -> Finding:
        try:
            return check(ctx)
        except Unstable as error:
            return Finding(verdict=Verdict.REFUTED, method=Method.RUNS, summary=f"no rate: {error}")

    return checked


def _seed(ctx: Context, K: int, T: int) -> int:
    """Of runs that several statements share: the statement's name does not enter."""
    return Context(statement="dsbo/bounded").seed(K, T, ctx.level)


def _level(ctx: Context, K: int, T: int) -> Level:
    return sampled(type(ctx.algorithm("dsbo")()), K, T, ctx.pick(256, 512), _seed(ctx, K, T))


def _check_rate(ctx: Context) -> Finding:
    K, short = 4, ctx.pick(100, 400)
    T = [short, 16 * short]
    first, last = (_level(ctx, K, t) for t in T)
    roots = [math.sqrt(K * t) for t in T]
    edge = 16**MARGIN
    whole = ratio(roots[1] * last.whole, roots[0] * first.whole, 0.0, edge, ctx.alpha / 2)
    tail = ratio(roots[1] * last.tail, roots[0] * first.tail, 1 / edge, edge, ctx.alpha / 2)
    verdict, rates = together([whole, tail])
    exponents = [-0.5 + math.log(max(test.value, 1e-300)) / math.log(16) for test in (whole, tail)]
    levels = [
        f"{r * z.whole.mean():.3f} ({r * z.initial:.3f} without noise), of its last quarter {r * z.tail.mean():.3f} ({r * z.floor:.4f})"
        for r, z in zip(roots, (first, last), strict=True)
    ]
    return Finding(
        verdict=verdict,
        method=Method.MONTE_CARLO,
        summary=f"four agents, cosines, F concave at the start, noise in all five samples, {first.whole.size} replicas: exponents in T between "
        f"{T[0]} and {T[1]} {exponents[0]:.3f} of the whole average and {exponents[1]:.3f} of its last quarter, which noise holds up; ratios "
        f"times 4 are {whole} and {tail}; sqrt(KT) times the average is {levels[0]} at T = {T[0]}, {levels[1]} at T = {T[1]}",
        numbers={
            "T": T,
            "exponents": exponents,
            "margin": MARGIN,
            "intervals": [[str(v) for v in test.interval] for test in (whole, tail)],
            "tail_times_sqrt_KT": [
                r * float(z.tail.mean()) for r, z in zip(roots, (first, last), strict=True)
            ],
            "floor_times_sqrt_KT": [r * z.floor for r, z in zip(roots, (first, last), strict=True)],
            "initial_times_sqrt_KT": [r * z.initial for r, z in zip(roots, (first, last), strict=True)],
            "curvature_at_start": curvature_at_start(bounded_problem(K)).tolist(),
        },
        cases=2 * first.whole.size,
        error_rates=rates,
        audit=audit_runs([bounded_problem(K)], [half_mixed(K)]),
    )


RATE = Statement(
    id="dsbo/thm5.1-rate-bounded",
    paper=PAPER,
    location="Theorem 5.1",
    kind="rate",
    sentence="On a nonconvex F with bounded gradients of f, with noise in gradients, Jacobians and Hessians, the average over t of "
    "E|grad F(xbar_t)|^2 under (5) falls at least like T^(-1/2), and its last quarter, which noise holds up, falls like T^(-1/2).",
    formula=r"\frac1T \sum_{t=0}^{T-1} E\|\nabla F(\bar x_t)\|^2 \le O\Big(\frac{1}{\sqrt{KT}}\Big) + "
    r"O\Big(\frac{K}{T(1-\rho)^2}\Big)",
    because="An exponent counts as -1/2 within 0.15 between T and 16 T.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=diverging(_check_rate),
    expected=Verdict.SUPPORTED,
    samples=True,
)


def _speedup_plot(parts: dict[tuple[int, int], Array]) -> Plot:
    """sqrt(KT) times the noise part by (K, T), against K, with two standard errors."""
    curves = []
    for total in sorted({K * T for K, T in parts}):
        rows = sorted((K, math.sqrt(total) * part) for (K, T), part in parts.items() if total == K * T)
        agents = [K for K, _ in rows]
        mean = np.array([part.mean() for _, part in rows])
        error = np.array([2 * part.std() / math.sqrt(part.size) for _, part in rows])
        curves.append(Curve(f"K T = {total}", agents, mean, "points", low=mean - error, high=mean + error))
    start, ends = (curves[0].x[0], curves[0].y[0]), (1.0, max(c.x[-1] for c in curves))
    return Plot(
        title="Cosines, noise in all five samples, two standard errors",
        x_label="agents K",
        y_label="sqrt(KT) times the noise part",
        curves=(
            *curves,
            power_law("claimed: slope 0", ends, 0.0, start),
            power_law("agents that do not average: slope 1", ends, 1.0, start),
        ),
        log="xy",
        caption="At equal K T the level that noise holds up is the same for any number of agents.",
    )


def _check_speedup(ctx: Context) -> Finding:
    pairs = ctx.pick(
        (((1, 1600), (4, 400)), ((4, 1600), (16, 400))), (((1, 6400), (4, 1600)), ((4, 1600), (16, 400)))
    )
    tests: list[Ratio] = []
    levels: dict[str, float] = {}
    parts = {(K, T): _level(ctx, K, T).noise for pair in pairs for K, T in pair}
    for pair in pairs:
        few, many = (math.sqrt(K * T) * parts[K, T] for K, T in pair)
        tests.append(ratio(many, few, *BAND, ctx.alpha / len(pairs)))
        levels |= {f"K = {K}, T = {T}": float(v.mean()) for (K, T), v in zip(pair, (few, many), strict=True)}
    verdict, rates = together(tests)
    return Finding(
        verdict=verdict,
        method=Method.MONTE_CARLO,
        summary="noise parts (tail less the tail without noise) times sqrt(KT), at equal KT: "
        + ", ".join(f"{v:.4f} ({name})" for name, v in levels.items())
        + f"; ratios of four times the agents to fewer {' and '.join(map(str, tests))}, where 1 is claimed and agents that do not average give 4",
        figures=(_speedup_plot(parts),),
        numbers={
            "levels": levels,
            "ratios": [test.value for test in tests],
            "intervals": [[str(v) for v in test.interval] for test in tests],
            "band": list(BAND),
            "rho": 0.25,
        },
        cases=2 * len(pairs) * ctx.pick(256, 512),
        error_rates=rates,
        audit=audit_runs([bounded_problem(4)], [half_mixed(K) for K in (1, 4, 16)]),
    )


SPEEDUP = Statement(
    id="dsbo/thm5.1-speedup-bounded",
    paper=PAPER,
    location="Theorem 5.1, Linear speedup",
    kind="speedup",
    sentence="There too K agents average the noise of K samples: at equal KT the level that noise holds up is the same for K = 1, 4 and 16.",
    formula=r"\frac{4}{T} \sum_{t \ge 3T/4} E\|\nabla F(\bar x_t)\|^2 - \text{the same without noise} \approx \frac{C}{\sqrt{KT}}",
    because="Ratios between 2/3 and 3/2 count as 1; networks with rho = 1/4 for every K.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=diverging(_check_speedup),
    expected=Verdict.SUPPORTED,
    samples=True,
)
