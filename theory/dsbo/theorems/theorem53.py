"""Theorem 5.3 on quadratics with exact second derivatives: the rate, what K buys, and the network's term."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.spectra import squared_rho
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.theorems.moments import (
    BOUNDED,
    L_G,
    MOVING,
    SIGMA,
    at_rest,
    bias_at_rest,
    constants,
    curvature,
    mean_x,
    rest_of,
    ring,
    scalar_problem,
    slow_noise,
    solution,
    stable,
)
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

C_1 = 10.0
DEPTHS = 10
NETWORK_DEPTHS, NETWORK_L_G = 14, 2.75
"""Where Hessians differ, up to 2 + 1/sqrt(2)."""
ROUNDING = 1e-9
MARGIN = 0.02  # of an exponent
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
    return ctx.pick(1024, 2**14)


def _doubled(values: Array, count: int) -> list[float]:
    return [float(values[(len(values) - 1) >> k]) for k in reversed(range(count))]


def _check_rate(ctx: Context) -> Finding:
    kind = type(ctx.algorithm("dsbo")())
    last = _last(ctx)
    initial, noise = parts(kind, 1, False, last)
    found = {K: exact_exponent(_doubled(initial + noise / K, 5), ROUNDING) for K in (1, 4, 16)}
    alone = exact_exponent(_doubled(noise, 5), ROUNDING)
    excess = largest([*(e.value + 1 for e in found.values()), alone.value + 1])
    share = float(initial[-1] / noise[-1])
    return Finding(
        verdict=decide(excess <= MARGIN, excess),
        method=Method.MOMENTS,
        summary=f"homogeneous scalar quadratic, C_1 = 10, T = {last >> 4}..{last}: extrapolated exponents in T "
        f"{', '.join(f'{e.value:.4f}' for e in found.values())} for K = 1, 4, 16, {alone.value:.4f} of the noise part alone; without "
        f"noise the gap is {share:.1g} of that at the end",
        numbers={
            "exponents": [e.value for e in found.values()],
            "noise_exponent": alone.value,
            "uncertainty": largest([alone.uncertainty, *(e.uncertainty for e in found.values())]),
            "tolerance": MARGIN,
            "initial_over_noise": share,
        },
        cases=3,
        audit=audit(BOUNDED, [PROBLEM]),
    )


RATE = Statement(
    id="dsbo/thm5.3-rate",
    paper=PAPER,
    location="Theorem 5.3",
    kind="rate",
    sentence="With the step sizes (6) and a mu-PL objective E F(xbar_T) - F* is O(1/(KT)) + O(ln T/(T^2 (1-rho)^2)).",
    formula=r"E[F(\bar x_T)] - F^* \le O\Big(\frac{1}{KT}\Big) + O\Big(\frac{\ln T}{T^2 (1-\rho)^2}\Big)",
    assumptions=BOUNDED,
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
    for K in ctx.pick((4, 8), (2, 4, 8, 16)):
        equal[K] = float(K * parts(kind, K, False, short)[1][-1] / noise[short] - 1)
        unequal[K] = float(K * parts(kind, K, True, short)[1][-1] / noise[short] - 1)
    worst = largest(abs(v) for v in equal.values())
    differ = largest(abs(v) for v in unequal.values())
    off = abs(limit / exact - 1)
    return Finding(
        verdict=decide(worst <= ROUNDING and off <= 0.01 and differ <= 0.1, worst, off, differ),
        method=Method.MOMENTS,
        summary=f"the noise part alone: T times it tends to {limit:.4f} for one agent ({exact:.4f} by a Lyapunov equation); on rings of "
        f"{', '.join(map(str, equal))} it is a K-th of that at T = {short} up to {worst:.0e}, and up to {differ:.2g} where second "
        "derivatives differ",
        numbers={
            "limit": limit,
            "lyapunov": exact,
            "relative_difference": off,
            "equal": {str(k): v for k, v in equal.items()},
            "unequal": {str(k): v for k, v in unequal.items()},
            "tolerances": [ROUNDING, 0.01, 0.1],
        },
        cases=2 * len(equal) + 1,
        audit=audit(BOUNDED, [PROBLEM]),
    )


SPEEDUP = Statement(
    id="dsbo/thm5.3-speedup",
    paper=PAPER,
    location="Theorem 5.3, text after it",
    kind="speedup",
    sentence="The leading term falls like 1/K: K agents average the noise of K samples.",
    formula=r"E[F(\bar x_T)] - F^* \sim \frac{C}{KT}, \quad C \text{ independent of } K",
    assumptions=BOUNDED,
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
        audit=audit(BOUNDED, [problem]),
    )


NETWORK = Statement(
    id="dsbo/thm5.3-network",
    paper=PAPER,
    location="Theorem 5.3, text after it",
    kind="network",
    sentence="The network adds O(ln T/(T^2 (1-rho)^2)): without noise the gap falls that fast.",
    formula=r"F(\bar x_T) - F^* = O\Big(\frac{\ln T}{T^2 (1-\rho)^2}\Big) \text{ without noise}",
    assumptions=BOUNDED,
    about=("dsbo",),
    check=stable(_check_network),
    expected=Verdict.SUPPORTED,
)


def _check_depth(ctx: Context) -> Finding:
    kind, ratio = ctx.algorithm("dsbo"), 0.5  # 1 - a/L_g = 1 - 2/4
    depths = (2, 4, 6, 8, 12, 16)
    floors = np.array(
        [bias_at_rest(kind(**{**constants(0.01, b), "L_g": 4.0}), PROBLEM, averaging(1)) for b in depths]
    )
    exponent = float(np.log(floors[-1] / floors[-2]) / np.log(ratio)) / (depths[-1] - depths[-2])
    error = abs(exponent - 1)
    needed = {  # b + 1 where the squared floor meets 1/sqrt(KT), and where it meets 1/(KT), at KT = 1e5
        str(kappa): [round(float(np.log(1e5) / (k * -np.log1p(-kappa))), 1) for k in (4, 2)]
        for kappa in (0.5, 0.1, 0.01)
    }
    listed = "; ".join(f"{v[0]:g} and {v[1]:g} at kappa_g = {k}" for k, v in needed.items())
    return Finding(
        verdict=decide(error <= 1e-3, error),
        method=Method.LINEAR,
        summary=f"b factors leave |grad F| = {floors[0]:.3g} (b = 2) to {floors[-1]:.3g} (b = 16) at rest, (1-kappa_g)^(b+1) to the power "
        f"{exponent:.5f}: b = c ln T makes it a power of T, fast enough from c = 1/(4 ln(1/(1-kappa_g))) for (5), twice that for (6). For "
        f"KT = 1e5, where ln KT = 11.5, b + 1 >= {listed}",
        numbers={
            "depths": list(depths),
            "floors": floors.tolist(),
            "exponent": exponent,
            "tolerance": 1e-3,
            "needed": needed,
        },
        cases=len(depths),
        audit=audit(BOUNDED, [PROBLEM]),
    )


DEPTH = Statement(
    id="dsbo/b-logT",
    paper=PAPER,
    location="(5) and (6)",
    kind="step size",
    sentence="Some multiple of log T, which depends on kappa_g, is enough for b.",
    formula=r"b = \Theta(\log T)",
    assumptions=BOUNDED,
    about=("dsbo",),
    check=stable(_check_depth),
    expected=Verdict.SUPPORTED,
)
