"""What the network does while there is noise: consensus errors and the gradient at rest, and finite averages, exactly.

Second derivatives differ between agents and the three gradients are noisy. The central-server variant has the same
problem and the same noise and no network: what DSBO has beyond it is the network's share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.dsbo_central import DSBOCentral
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.core.spectra import squared_rho
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.theorems.figures import powers as power_rows
from spiritlevel.theory.dsbo.theorems.moments import (
    MOVING,
    SIGMA,
    at_rest,
    constants,
    curvature,
    mean_x,
    rest_of,
    ring,
    scalar_problem,
    solution,
    stable,
)
from spiritlevel.theory.instruments.moments import Unstable, noise_covariance
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

K = 6
PROBLEM = scalar_problem(K, second=True)
MARGIN = 0.1
"""Of an exponent, between networks and step sizes where corrections are below a tenth."""
GROWTH = 2.0
"""How much a bounded sequence may still grow while T grows 4 times and theta falls 4 times."""


@dataclass(frozen=True)
class Rest:
    """Where the algorithm comes to rest: from the mean and from the variance of the state.

    ``spread``: sum over agents of squared distances from the mean, per letter; ``gradient``: E|grad F(xbar)|^2.
    """

    spread: dict[str, tuple[float, float]]
    gradient: tuple[float, float]


def stationary(F: Array, Q: Array) -> Array:
    """The covariance P with ``P = F P F' + Q``; `Unstable` if there is none."""
    size = len(F)
    if not abs(np.linalg.eigvals(F)).max() < 1:
        raise Unstable("the map is unstable: no stationary covariance")
    return np.linalg.solve(np.eye(size**2) - np.kron(F, F), Q.ravel()).reshape(size, size)


@cache
def rest(kind: type[Algorithm], exponent: int, theta: float) -> Rest:
    """At rest with ``beta = 2^-exponent`` on the ring of 6 with weights ``(1 - theta) I + theta W``; 0: a server."""
    beta, network = 2.0**-exponent, ring(K, theta) if theta else averaging(K)
    reader, now = at_rest(kind(**{**constants(beta, 40), "L_g": 4.0}), PROBLEM, network)
    mean = rest_of(now.F[0], now.r[0])
    P = stationary(now.F[0], (now.N[0] * noise_covariance(now.calls, SIGMA)) @ now.N[0].T)
    rows = reader.shapes["x"][0]
    center = np.eye(rows) - 1 / rows
    spread = {}
    for i, k in enumerate(MOVING):
        own = slice(i * rows, (i + 1) * rows)
        spread[k] = float(mean[own] @ center @ mean[own]), float(np.trace(center @ P[own, own]))
    L, c = reader.readout(mean_x, now.fixed)
    square = curvature(PROBLEM) ** 2
    off = float((L @ mean + c)[0]) - solution(PROBLEM)
    return Rest(spread, (square * off**2, square * float((L @ P @ L.T)[0, 0])))


@cache
def averages(kind: type[Algorithm], last: int, theta: float) -> Array:
    """(1/T) sum of E|grad F(xbar)|^2 at T = last/4, last/2, last under rule (5), from mean and variance: ``(2, 3)``."""
    T = np.array([last // 4, last // 2, last])
    a = kind(**{**constants(np.sqrt(K / T).reshape(-1, 1, 1), 14), "L_g": 2.75})
    network = ring(K, theta) if theta else averaging(K)
    found = follow(a, PROBLEM, network, last, moving=MOVING, sigma=SIGMA, readout=mean_x, autonomous=True)
    square = curvature(PROBLEM) ** 2
    parts = (square * (found.mean[..., 0] - solution(PROBLEM)) ** 2, square * found.covariance[..., 0, 0])
    return np.array([[row[:end].mean() for row, end in zip(part, T, strict=True)] for part in parts])


def _gaps(thetas: Iterable[float]) -> Array:
    return np.array([1 - squared_rho(ring(K, theta)) for theta in thetas])


def _slope(values: list[float], at: Array) -> float:
    """Of the last two values against ``at``, log-log."""
    return float(np.log(values[-1] / values[-2]) / np.log(at[-1] / at[-2]))


def _exponents(kind: type[Algorithm], powers: tuple[int, int], thetas: list[float]) -> dict[str, list[float]]:
    """Per letter: in beta and in 1 - rho, without noise and of noise."""
    betas = 2.0 ** -np.array(powers, dtype=float)
    in_beta = [rest(kind, power, 0.5) for power in powers]
    in_gap = [rest(kind, powers[-1], theta) for theta in thetas[-2:]]
    gaps = _gaps(thetas[-2:])
    return {
        k: [
            *(_slope([r.spread[k][part] for r in in_beta], betas) for part in (0, 1)),
            *(_slope([r.spread[k][part] for r in in_gap], gaps) for part in (0, 1)),
        ]
        for k in MOVING
    }


def _spread_plot(kind: type[Algorithm], thetas: list[float]) -> Plot:
    where = 1 / _gaps(thetas)
    at = [rest(kind, 12, theta).spread for theta in thetas]
    rows = {
        f"{k}, {name}": (where, [spread[k][part] for spread in at])
        for k in ("y", "x")
        for part, name in enumerate(("without noise", "of noise"))
    }
    slopes = [-CLAIMED[k][2 + part] for k in ("y", "x") for part in (0, 1)]
    return Plot(
        title="Consensus errors at rest, lazier and lazier rings of 6",
        x_label="1/(1 - rho)",
        y_label="squared distances, summed",
        curves=tuple(
            curve
            for (name, (x, y)), slope in zip(rows.items(), slopes, strict=True)
            for curve in (
                Curve(name, x, y, "points"),
                power_law(f"claimed: slope {slope:g}", x, slope, (x[-1], y[-1])),
            )
        ),
        log="xy",
        caption="The agents' x agree far better than their y, and part faster as the network gets worse.",
    )


CLAIMED = {k: (2.0, 2.0, -2.0, -1.0) for k in "ysh"} | {"x": (4.0, 4.0, -4.0, -3.0)}
"""Exponents of the consensus errors: in beta without noise and of noise, in 1 - rho without noise and of noise."""


def _check_consensus(ctx: Context) -> Finding:
    kind = type(ctx.algorithm("dsbo")())
    thetas = [2.0**-k for k in range(ctx.pick(5, 6))]
    found = _exponents(kind, (11, 12), thetas)
    # an upper bound: larger exponents mean a smaller error
    excess = largest(c - f for k in MOVING for c, f in zip(CLAIMED[k], found[k], strict=True))
    shown = {k: "{:.2f}, {:.2f}, {:.2f}, {:.2f}".format(*found[k]) for k in ("x", "y", "s", "h")}
    ends = rest(kind, 12, thetas[-1]).spread
    return Finding(
        verdict=decide(excess <= MARGIN, excess),
        method=Method.MOMENTS,
        summary="ring of 6, second derivatives that differ, exact stationary means and covariances at beta = 2^-12: exponents in beta "
        "(without noise, of noise) and in 1-rho (the same) are "
        + "; ".join(f"{v} for {k}" for k, v in shown.items())
        + f". At 1-rho = {_gaps(thetas[-1:])[0]:.3g} x spreads by {sum(ends['x']):.1e}, y by {sum(ends['y']):.1e}",
        numbers={
            "exponents": found,
            "claimed": {k: list(v) for k, v in CLAIMED.items()},
            "tolerance": MARGIN,
            "spread": {k: list(v) for k, v in ends.items()},
        },
        cases=2 * len(MOVING) * 2,
        audit=audit_runs([PROBLEM], [ring(K, theta) for theta in thetas]),
        figures=(_spread_plot(kind, thetas),),
    )


CONSENSUS = Statement(
    id="dsbo/consensus-rest",
    paper=PAPER,
    location="Section 5.1, Effect of consensus",
    kind="network",
    variant="added",
    sentence="At rest the agents' y, s and h spread by O(beta^2/(1-rho)^2) without noise and by O(beta^2/(1-rho)) more with noise in the "
    "gradients; their x by O(beta^4/(1-rho)^4) and O(beta^4/(1-rho)^3).",
    formula=r"E\sum_k \|y^k - \bar y\|^2 = O\Big(\frac{\beta^2}{(1-\rho)^2}\Big) + O\Big(\frac{\beta^2 \sigma^2}{1-\rho}\Big), \quad "
    r"E\sum_k \|x^k - \bar x\|^2 = O\Big(\frac{\beta^4}{(1-\rho)^4}\Big) + O\Big(\frac{\beta^4 \sigma^2}{(1-\rho)^3}\Big)",
    because="x is driven by s, u, q and h, which agree up to beta/(1-rho) already, and mixes once more. The paper states no orders of "
    "consensus errors.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_consensus),
    expected=Verdict.SUPPORTED,
)


def _share_plot(T: Array, scaled: Array, gaps: Array) -> Plot:
    shares = scaled * K / np.outer(gaps**2, T)
    return power_rows(
        "What the ring of 6 adds to the central server's average, with noise",
        {f"1 - rho = {gap:.2g}": (T, row) for gap, row in zip(gaps, shares, strict=True)},
        ("claimed: exponent -1", -1.0),
        "The network's share falls like 1/T at least, the later the smaller the gap of the network.",
        y_label="share of the network in the average",
    )


def _check_gradient(ctx: Context) -> Finding:
    kind, powers = type(ctx.algorithm("dsbo")()), (11, 12)
    thetas = [2.0**-k for k in range(ctx.pick(5, 6))]
    gaps, betas = _gaps(thetas), 2.0 ** -np.array(powers, dtype=float)

    def shares(power: int, theta: float) -> tuple[float, float]:
        """Beyond the server's, in size: for single problems and step sizes a share may well be negative."""
        own, server = rest(kind, power, theta), rest(DSBOCentral, power, 0.0)
        return own.gradient[0], abs(own.gradient[1] - server.gradient[1])

    at = [shares(powers[-1], theta) for theta in thetas[-2:]]
    steps = [shares(power, 0.5) for power in powers]
    in_gap = [_slope([v[part] for v in at], gaps[-2:]) for part in (0, 1)]
    in_beta = [_slope([v[part] for v in steps], betas) for part in (0, 1)]
    excess = largest([*(-2 - e for e in in_gap), *(2 - e for e in in_beta)])
    last = ctx.pick(512, 4096)
    server, lazy = averages(DSBOCentral, last, 0.0), ctx.pick([1.0, 0.5, 0.25], [1.0, 0.5, 0.25, 0.125])
    T = last // np.array([4, 2, 1])
    scaled = np.array(
        [
            abs(averages(kind, last, theta) - server).sum(axis=0) * T / K * gap**2
            for theta, gap in zip(lazy, _gaps(lazy), strict=True)
        ]
    )
    growth = float(scaled[-1, -1] / scaled[:, 0].max())
    return Finding(
        verdict=decide(excess <= MARGIN and growth <= GROWTH, excess, growth),
        method=Method.MOMENTS,
        summary=f"ring of 6, second derivatives that differ, noise in the gradients: beyond the central server's, E|grad F(xbar)|^2 at rest has "
        f"beta^{in_beta[0]:.2f} (1-rho)^{in_gap[0]:.2f} from the mean and beta^{in_beta[1]:.2f} (1-rho)^{in_gap[1]:.2f} from the variance; in "
        f"averages over T = {T[0]}..{T[-1]} both shares together are at most {scaled.max():.2g} K/(T(1-rho)^2), where the first "
        f"term is {float((server.sum(axis=0) * np.sqrt(K * T))[-1]):.2g}/sqrt(KT): initial {server[0, -1] * np.sqrt(K * last):.2g}, noise "
        f"{server[1, -1] * np.sqrt(K * last):.2g}",
        numbers={
            "exponents_in_gap": in_gap,
            "exponents_in_beta": in_beta,
            "tolerance": MARGIN,
            "shares_times_T_gap_squared_over_K": scaled.tolist(),
            "growth": growth,
            "growth_allowed": GROWTH,
            "server_times_sqrt_KT": (server * np.sqrt(K * T)).tolist(),
            "one_minus_rho": gaps.tolist(),
        },
        cases=len(thetas) + len(powers) + scaled.size,
        audit=audit_runs([PROBLEM], [ring(K, theta) for theta in thetas]),
        figures=(_share_plot(T, scaled, _gaps(lazy)),),
    )


GRADIENT = Statement(
    id="dsbo/thm5.1-network-noise",
    paper=PAPER,
    location="Theorem 5.1, Effect of consensus",
    kind="network",
    sentence="With noise too, what the network adds to the average of E|grad F(xbar_t)|^2 is O(K/(T (1-rho)^2)).",
    formula=r"\frac1T \sum_{t=0}^{T-1} E\|\nabla F(\bar x_t)\|^2 - \text{the same with a server} = O\Big(\frac{K}{T(1-\rho)^2}\Big)",
    because="Noise alone adds less than the theorem allows: one power of 1-rho only.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_gradient),
    expected=Verdict.SUPPORTED,
)
