"""Theorem 5.3 on quadratics with exact second derivatives: the rate, what K buys, and the network's term."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.spectra import squared_rho
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, PL, audit_runs
from spiritlevel.theory.dsbo.theorems.figures53 import decay_plot, gap_plot, level_plot
from spiritlevel.theory.dsbo.theorems.moments import (
    L_G,
    MARGIN,
    MOVING,
    SIGMA,
    at_rest,
    constants,
    curvature,
    falls,
    finite,
    floor,
    mean_x,
    rest_of,
    ring,
    scalar_problem,
    slow_noise,
    solution,
    stable,
    worst,
)
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

C_1 = 10.0
DEPTHS = 16
"""Factors of the Neumann product: what they leave of xbar is of order 1e-12."""
NETWORK_DEPTHS, NETWORK_L_G = 14, 2.75
"""Where Hessians differ, up to 2 + 1/sqrt(2)."""
ROUNDING = 1e-9
SAME = 0.1
"""Relative difference between a constant and the limit it tends to, at the shortest runs."""
EXTENDED = "(6) is printed for t >= 1; the formula is used at t = 0 too."
PROBLEM = scalar_problem(1, second=False)


def decaying(kind: type[Algorithm], problem: Bilevel, L_g: float = L_G, b: int = DEPTHS) -> Algorithm:
    """Rule (6) with C_1 = 10 and the exact mu of a scalar problem."""
    settings = {"rule": "(6)", "mu": curvature(problem), "C_1": C_1, "L_g": L_g, "mu_g": 2.0, "b": b}
    return kind(**settings)


@cache
def parts(kind: type[Algorithm], K: int, second: bool, last: int) -> tuple[Array, Array]:
    """E F(xbar_t) - F* at t = 0..last on a ring of K, from the mean of xbar and from its variance."""
    problem = scalar_problem(K, second=second)
    a = decaying(kind, problem, NETWORK_L_G if second else L_G)
    found = follow(a, problem, ring(K), last, moving=MOVING, sigma=SIGMA, readout=mean_x)
    half = curvature(problem) / 2
    return half * (found.mean[0, :, 0] - solution(problem)) ** 2, half * found.covariance[0, :, 0, 0]


def limit_of_noise(kind: type[Algorithm]) -> float:
    r"""The limit of T times the noise part for one agent.

    With step sizes C_1/t the covariance is P/t where (C_1 G + 1/2) P + P (C_1 G + 1/2)' + C_1^2 S = 0.
    """
    beta, mu = 2.0**-10, curvature(PROBLEM)
    G, S, L = slow_noise(kind(**constants(beta, DEPTHS, C_0=2 / (mu * C_1))), beta)
    P = solve_continuous_lyapunov(C_1 * G + np.eye(len(G)) / 2, -(C_1**2) * S)
    return float(mu / 2 * (L @ P @ L.T)[0, 0])


def _last(ctx: Context) -> int:
    return ctx.pick(512, 4096)


def _doubled(values: Array, count: int) -> list[float]:
    return [float(values[(len(values) - 1) >> k]) for k in reversed(range(count))]


def _rings(ctx: Context) -> tuple[tuple[int, int], ...]:
    """Agents and iterations of the runs on rings whose second derivatives differ."""
    return ctx.pick(((4, 512), (8, 512)), ((4, 2048), (8, 1024)))


def _check_rate(ctx: Context) -> Finding:
    kind = type(ctx.algorithm("dsbo")())
    last = _last(ctx)
    initial, noise = parts(kind, 1, False, last)
    alone = [exact_exponent(_doubled(part, 5), ROUNDING) for part in (initial, noise)]
    rings, scaled, floors = {}, {}, {}
    for K, T in _rings(ctx):
        mean, variance = parts(kind, K, True, T)
        rings[K] = exact_exponent(_doubled(variance, 5), ROUNDING)
        scaled[K] = float(K * (mean + variance)[-1] / (initial + noise)[T])
        floors[K] = floor(kind, K, 2 / (curvature(PROBLEM) * C_1))
    above = largest(scaled.values()) - 1
    return Finding(
        verdict=worst(
            falls([*alone, *rings.values()], -1.0), falls(floors.values(), -0.5), decide(above <= SAME, above)
        ),
        method=Method.MOMENTS,
        summary=f"scalar quadratics, C_1 = 10: extrapolated exponents in T of the noise part "
        f"{', '.join(f'{e.value:.3f}' for e in rings.values())} on rings of {', '.join(map(str, rings))} whose second derivatives differ, "
        f"{alone[1].value:.3f} for one agent, whose part without noise has {alone[0].value:.2f}; K times the whole gap on the rings "
        f"ends at {', '.join(f'{v:.3f}' for v in scaled.values())} of one agent's; |grad F|^2 at rest on the rings is of order "
        f"{', '.join(f'beta^{-2 * e.value:.3f}' for e in floors.values())}",
        numbers={
            "noise_exponents": [e.value for e in (alone[1], *rings.values())],
            "exponent_without_noise": alone[0].value,
            "uncertainty": finite(largest(e.uncertainty for e in (*alone, *rings.values()))),
            "tolerance": MARGIN,
            "K_gap_over_one_agent": {str(K): v for K, v in scaled.items()},
            "relative_tolerance": SAME,
            "exponents_at_rest": [e.value for e in floors.values()],
        },
        cases=1 + 2 * len(rings),
        audit=audit_runs(
            [PROBLEM, *(scalar_problem(K, second=True) for K in rings)],
            [ring(K) for K in (1, *rings)],
            more=PL,
        ),
        figures=(
            decay_plot({K: np.sum(parts(kind, K, K > 1, T), axis=0) for K, T in ((1, last), *_rings(ctx))}),
        ),
    )


RATE = Statement(
    id="dsbo/thm5.3-rate",
    paper=PAPER,
    location="Theorem 5.3",
    kind="rate",
    sentence="With the step sizes (6), a mu-PL objective and noise in the gradients only, E F(xbar_T) - F* is O(1/(KT)) + "
    "O(ln T/(T^2 (1-rho)^2)).",
    formula=r"E[F(\bar x_T)] - F^* \le O\Big(\frac{1}{KT}\Big) + O\Big(\frac{\ln T}{T^2 (1-\rho)^2}\Big)",
    because=EXTENDED + " Noise in second derivatives, which the theorem allows, has no exact moments.",
    assumptions=(*ASSUMPTIONS, *PL),
    about=("dsbo",),
    check=stable(_check_rate),
    expected=Verdict.SUPPORTED,
)


def _check_speedup(ctx: Context) -> Finding:
    kind = type(ctx.algorithm("dsbo")())
    exact = limit_of_noise(kind)
    noise = parts(kind, 1, False, _last(ctx))[1]
    tail = np.array(_doubled(noise * np.arange(len(noise)), 2))
    limit = float(2 * tail[1] - tail[0])  # corrections are of order 1/T
    short = ctx.pick(128, 1024)
    equal, unequal = {}, {}
    for K, T in _rings(ctx):
        equal[K] = float(K * parts(kind, K, False, short)[1][-1] / noise[short] - 1)
        unequal[K] = float(K * parts(kind, K, True, T)[1][-1] / noise[T] - 1)
    most = largest(abs(v) for v in equal.values())
    differ = largest(abs(v) for v in unequal.values())
    off = abs(limit / exact - 1)
    floors = {K: floor(kind, K, 2 / (curvature(PROBLEM) * C_1)) for K in equal}
    return Finding(
        verdict=worst(
            decide(most <= ROUNDING and off <= 0.01 and differ <= SAME, most, off, differ),
            falls(floors.values(), -0.5),
        ),
        method=Method.MOMENTS,
        summary=f"the noise part alone: T times it tends to {limit:.4f} for one agent ({exact:.4f} by a Lyapunov equation); on rings of "
        f"{', '.join(map(str, equal))} it is a K-th of that at T = {short} up to {most:.0e}, and up to {differ:.2g} at the end "
        "where second derivatives differ; what is left at rest there, without noise, is of order "
        f"{', '.join(f'beta^{-2 * e.value:.3f}' for e in floors.values())}",
        numbers={
            "limit": limit,
            "lyapunov": exact,
            "relative_difference": off,
            "equal": {str(k): v for k, v in equal.items()},
            "unequal": {str(k): v for k, v in unequal.items()},
            "tolerances": [ROUNDING, 0.01, SAME],
        },
        cases=2 * len(equal) + 1,
        audit=audit_runs(
            [PROBLEM, *(scalar_problem(K, second=True) for K in equal)],
            [ring(K) for K in (1, *equal)],
            more=PL,
        ),
        figures=(
            level_plot({K: parts(kind, K, K > 1, T)[1] for K, T in ((1, _last(ctx)), *_rings(ctx))}, exact),
        ),
    )


SPEEDUP = Statement(
    id="dsbo/thm5.3-speedup",
    paper=PAPER,
    location="Theorem 5.3, text after it",
    kind="speedup",
    sentence="With noise in the gradients only the leading term falls like 1/K: K agents average the noise of K samples.",
    formula=r"E[F(\bar x_T)] - F^* \sim \frac{C}{KT}, \quad C \text{ independent of } K",
    because=EXTENDED,
    assumptions=(*ASSUMPTIONS, *PL),
    about=("dsbo",),
    check=stable(_check_speedup),
    expected=Verdict.SUPPORTED,
)


def _noise_free(a: Algorithm, problem: Bilevel, network: Network, last: int) -> Array:
    """xbar_t - x* of a scalar problem at t = 0..last, without noise."""
    net, o, start = Gossip(network), Oracle(problem), problem.start()
    s = a.init(start[0][None].astype(float), start[1][None].astype(float), o, net)
    out = [float(s.x.mean())]
    for t in range(1, last + 1):
        s = a.step(t, s, o, net)
        out.append(float(s.x.mean()))
    return np.array(out) - solution(problem)


def limit_of_bias(kind: type[Algorithm], problem: Bilevel, network: Network) -> float:
    r"""The limit of t (xbar_t - x*) without noise, where second derivatives differ.

    Averages over agents of (x, y, s, h) come to rest at :math:`\beta r + O(\beta^2)` from their limit for a constant
    beta and drift by :math:`\beta G` times what they are away from that. With C_1/t for beta they are
    v/t away from the limit, where (C_1 G + I) v = C_1^2 G r.
    """
    rests, betas = [], 2.0 ** -np.arange(13, 16)
    for beta in betas:
        settings = constants(beta, NETWORK_DEPTHS, C_0=2 / (curvature(problem) * C_1))
        reader, now = at_rest(kind(**{**settings, "L_g": NETWORK_L_G}), problem, network)
        rests.append(rest_of(now.F[0], now.r[0]))
    lift = np.kron(np.eye(reader.size // problem.n), np.ones((problem.n, 1)))
    average = lift.T / problem.n
    G = average @ (now.F[0] - np.eye(reader.size)) @ lift / betas[-1]
    slopes = [(rests[k] - rests[k + 1]) / betas[k + 1] for k in (0, 1)]
    r = average @ (2 * slopes[1] - slopes[0])  # without the term of order beta^2
    v = C_1**2 * np.linalg.solve(C_1 * G + np.eye(len(G)), G @ r)
    return float((reader.readout(mean_x, now.fixed)[0] @ lift @ v)[0])


def _check_network(ctx: Context) -> Finding:
    kind, problem = type(ctx.algorithm("dsbo")()), scalar_problem(4, second=True)
    last, half = ctx.pick(1024, 2**14), curvature(problem) / 2
    a = decaying(kind, problem, NETWORK_L_G, NETWORK_DEPTHS).over("float")
    scaled = _noise_free(a, problem, ring(4), last) * np.arange(last + 1)
    ends = _doubled(scaled, 3)
    once = [2 * ends[1] - ends[0], 2 * ends[2] - ends[1]]  # corrections of order 1/T, then 1/T^2
    limit, predicted = (4 * once[1] - once[0]) / 3, limit_of_bias(kind, problem, ring(4))
    off = abs(limit / predicted - 1)
    big, thetas = scalar_problem(10, second=True), [2.0**-k for k in range(ctx.pick(5, 6))]
    gaps = np.array([1 - squared_rho(ring(10, theta)) for theta in thetas])
    # the limit of T^2 (1-rho)^2 times the gap
    levels = np.array(
        [curvature(big) / 2 * limit_of_bias(kind, big, ring(10, theta)) ** 2 for theta in thetas]
    )
    in_gap = float(np.log(levels[-1] / levels[-2]) / np.log(gaps[-1] / gaps[-2]))
    excess = -2 - 2 * MARGIN - in_gap
    return Finding(
        verdict=decide(off <= 0.01 and excess <= 0, off, excess),
        method=Method.LINEAR,
        summary=f"noise off, second derivatives that differ: T^2 (F(xbar_T) - F*) tends to {half * limit**2:.4g} on a ring of 4 (runs to "
        f"T = {last}, extrapolated) where linear algebra gives {half * predicted**2:.4g}, with no factor ln T; on lazier and lazier rings "
        f"of 10 that limit is {(levels * gaps**2).min():.4f} to {(levels * gaps**2).max():.4f} over (1-rho)^2, exponent {in_gap:.3f}",
        numbers={
            "extrapolated": limit,
            "predicted": predicted,
            "relative_difference": off,
            "tolerance": 0.01,
            "exponent_in_gap": in_gap,
            "exponent_tolerance": 2 * MARGIN,
            "one_minus_rho": gaps.tolist(),
            "limit_times_gap_squared": (levels * gaps**2).tolist(),
        },
        cases=1 + len(thetas),
        audit=audit_runs([problem, big], [ring(4), *(ring(10, theta) for theta in thetas)], more=PL),
        figures=(gap_plot(gaps, levels, in_gap),),
    )


NETWORK = Statement(
    id="dsbo/thm5.3-network",
    paper=PAPER,
    location="Theorem 5.3, text after it",
    kind="network",
    sentence="The network adds O(ln T/(T^2 (1-rho)^2)): without noise the gap falls that fast.",
    formula=r"F(\bar x_T) - F^* = O\Big(\frac{\ln T}{T^2 (1-\rho)^2}\Big) \text{ without noise}",
    because=EXTENDED,
    assumptions=(*ASSUMPTIONS, *PL),
    about=("dsbo",),
    check=stable(_check_network),
    expected=Verdict.SUPPORTED,
)
