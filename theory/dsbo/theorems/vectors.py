"""Theorems 5.1 and 5.3 on vectors: two upper and three lower variables, agents that differ in every second derivative."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import GRADIENTS
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.assumptions import Assumption
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, PL, audit_runs
from spiritlevel.theory.dsbo.theorems.figures import HALF, powers
from spiritlevel.theory.dsbo.theorems.moments import (
    MARGIN,
    MOVING,
    at_rest,
    falls,
    finite,
    mean_x,
    ring,
    stable,
    waves,
    worst,
)
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.moments import noise_covariance
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide

SIGMA: dict[Channel, float] = dict.fromkeys(GRADIENTS, 0.5)
L_G, DEPTHS = 2.75, 24
"""Above every Hessian's eigenvalues, 1.3 to 2.6: the Neumann series falls by about 1/2 per term."""
C_1 = 10.0
AGENTS, THETA = 3, 0.5
"""A lazy ring of three: with weights 1/3 it would be J."""
ROUNDING = 1e-9
SAME = 0.05
"""Relative difference within which limits, extrapolated from finite T, count as one."""


def vector_problem(K: int) -> Bilevel:
    """Quadratics with d_x = 2 and d_y = 3 that do not commute; agents differ in all blocks, by `waves`."""
    m = waves(K)[:, None, None]
    H = np.array([[2.0, 0.3, 0.0], [0.3, 1.7, 0.2], [0.0, 0.2, 1.9]])
    dH = np.array([[0.2, 0.1, 0.0], [0.1, -0.1, 0.0], [0.0, 0.0, 0.15]])
    B = np.array([[1.0, 0.3], [-0.2, 0.8], [0.4, -0.5]])
    dB = np.array([[0.2, 0.0], [0.1, -0.1], [0.0, 0.2]])
    Q = np.array([[1.5, 0.2, 0.0], [0.2, 1.0, 0.1], [0.0, 0.1, 1.2]])
    A = np.array([[0.8, 0.2], [0.2, 0.6]])
    E = np.array([[0.1, 0.0, 0.2], [0.0, 0.1, 0.0]])
    flat = m[:, 0]
    return quadratic(
        H=H + m * dH,
        B=B + m * dB,
        c=np.array([0.5, -0.3, 0.2]) + flat * np.array([0.3, 0.1, -0.2]),
        A=A + m * np.array([[0.2, 0.0], [0.0, -0.1]]),
        a=np.array([-0.4, 0.3]) + flat * np.array([0.3, 0.2]),
        E=E + m * np.array([[0.05, 0.0, 0.0], [0.0, 0.0, 0.1]]),
        Q=Q + m * np.diag([0.3, -0.2, 0.1]),
        e=np.array([-1.0, 0.6, -0.5]) + flat * np.array([0.4, 0.2, 0.3]),
        shared=True,
    )


def hessian(problem: Bilevel) -> Array:
    """F'', shape ``(p, p)``, of a quadratic problem."""
    ends = problem.hypergradient(np.eye(problem.p + 1, problem.p, -1))
    return (ends[1:] - ends[0]).T


def _best(problem: Bilevel) -> Array:
    found = problem.solution()
    assert found is not None  # a quadratic has one
    return found


def _algorithm(kind: type[Algorithm], problem: Bilevel, **steps: Any) -> Algorithm:
    return kind(**{"L_g": L_G, "mu_g": float(problem.constants.mu_g), "b": DEPTHS, **steps})


@cache
def averages(kind: type[Algorithm], K: int, last: int) -> tuple[Array, Array, Array]:
    """T, and the two parts of (1/T) sum of E|grad F(xbar)|^2 under rule (5): from the mean and from the variance."""
    problem = vector_problem(K)
    T = np.array([last // 2**k for k in (3, 2, 1, 0)])
    beta = np.sqrt(K / T).reshape(-1, 1, 1)
    a = _algorithm(kind, problem, alpha=0.5 * beta, beta=beta, gamma=beta)
    found = follow(
        a, problem, ring(K, THETA), last, moving=MOVING, sigma=SIGMA, readout=mean_x, autonomous=True
    )
    M = hessian(problem)
    mean = (((found.mean - _best(problem)) @ M.T) ** 2).sum(axis=-1)
    variance = np.einsum("ij,ctjk,ik->ct", M, found.covariance, M)
    parts = [[row[:end].mean() for row, end in zip(part, T, strict=True)] for part in (mean, variance)]
    return T, np.array(parts[0]), np.array(parts[1])


@cache
def gaps(kind: type[Algorithm], K: int, last: int) -> tuple[Array, Array]:
    """E F(xbar_t) - F* at t = 0..last under rule (6), from the mean of xbar and from its variance."""
    problem = vector_problem(K)
    M = hessian(problem)
    mu = float(np.linalg.eigvalsh(M)[0])
    a = _algorithm(kind, problem, rule="(6)", mu=mu, C_1=C_1)
    found = follow(a, problem, ring(K, THETA), last, moving=MOVING, sigma=SIGMA, readout=mean_x)
    off = found.mean[0] - _best(problem)
    return np.einsum("ti,ij,tj->t", off, M, off) / 2, np.einsum("ij,tji->t", M, found.covariance[0]) / 2


def limits(kind: type[Algorithm]) -> tuple[float, float]:
    r"""By Lyapunov equations for one agent: limits of sqrt(T) and of T times the noise parts of rules (5) and (6)."""
    problem, beta = vector_problem(1), 2.0**-10
    M = hessian(problem)
    mu = float(np.linalg.eigvalsh(M)[0])

    def slow(ratio: float) -> tuple[Array, Array, Array]:
        a = _algorithm(kind, problem, alpha=ratio * beta, beta=beta, gamma=beta)
        reader, now = at_rest(a, problem, averaging(1))
        S = (now.N[0] * noise_covariance(now.calls, SIGMA)) @ now.N[0].T / beta**2
        return (now.F[0] - np.eye(reader.size)) / beta, S, reader.readout(mean_x, now.fixed)[0]

    G, S, L = slow(0.5)
    constant = np.trace(M @ L @ solve_continuous_lyapunov(G, -S) @ L.T @ M)
    G, S, L = slow(2 / (mu * C_1))
    P = solve_continuous_lyapunov(C_1 * G + np.eye(len(G)) / 2, -(C_1**2) * S)
    return float(constant), float(np.trace(M @ L @ P @ L.T) / 2)


def _audit(*more: Assumption) -> tuple[str, ...]:
    return audit_runs([vector_problem(AGENTS)], [ring(AGENTS, THETA)], more=more)


def _check_first(ctx: Context) -> Finding:
    kind, last = type(ctx.algorithm("dsbo")()), ctx.pick(512, 4096)
    T, *parts = averages(kind, AGENTS, last)
    initial, noise = (exact_exponent(part.tolist(), ROUNDING) for part in parts)
    flat = parts[1] * np.sqrt(AGENTS * T)
    limit = float((np.sqrt(2) * flat[-1] - flat[-2]) / (np.sqrt(2) - 1))  # corrections sqrt(K/T)
    exact = limits(kind)[0]
    off = abs(limit / exact - 1)
    return Finding(
        verdict=worst(falls([initial, noise], -0.5), decide(off <= SAME, off)),
        method=Method.MOMENTS,
        summary=f"d_x = 2, d_y = 3, a lazy ring of {AGENTS} agents that differ in all blocks, T up to {last}: extrapolated exponents in T "
        f"{noise.value:.3f} of the noise part, {initial.value:.3f} of the part without noise; sqrt(KT) times the noise part tends to "
        f"{limit:.4f} (a Lyapunov equation for one agent gives {exact:.4f})",
        numbers={
            "exponents": [initial.value, noise.value],
            "uncertainties": [finite(initial.uncertainty), finite(noise.uncertainty)],
            "tolerance": MARGIN,
            "noise_limit": limit,
            "lyapunov": exact,
            "relative_difference": off,
            "relative_tolerance": SAME,
        },
        cases=len(T),
        audit=_audit(),
        figures=(
            powers(
                f"Rule (5), d_x = 2, d_y = 3, a lazy ring of {AGENTS}, exact moments",
                {
                    f"noise part: exponent {noise.value:.3f}": (T, parts[1]),
                    f"part without noise: exponent {initial.value:.3f}": (T, parts[0]),
                },
                HALF,
                "On vectors too both parts of the average fall at least as claimed.",
            ),
        ),
    )


FIRST = Statement(
    id="dsbo/thm5.1-rate-vectors",
    paper=PAPER,
    location="Theorem 5.1",
    kind="rate",
    sentence="On vectors with d_x = 2 and d_y = 3 too the average over t of E|grad F(xbar_t)|^2 under (5) falls like 1/sqrt(KT), noise part "
    "and initial part alike, with a constant that does not depend on K in the noise part.",
    formula=r"\frac1T \sum_{t=0}^{T-1} E\|\nabla F(\bar x_t)\|^2 \le O\Big(\frac{1}{\sqrt{KT}}\Big) + "
    r"O\Big(\frac{K}{T(1-\rho)^2}\Big)",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_first),
    expected=Verdict.SUPPORTED,
)


def _check_second(ctx: Context) -> Finding:
    kind, last = type(ctx.algorithm("dsbo")()), ctx.pick(512, 4096)
    times = [last >> k for k in (4, 3, 2, 1, 0)]
    mean, variance = gaps(kind, AGENTS, last)
    whole, noise = (exact_exponent(part[times].tolist(), ROUNDING) for part in (mean + variance, variance))
    ends = AGENTS * variance[times[-2:]] * times[-2:]
    limit, exact = float(2 * ends[1] - ends[0]), limits(kind)[1]  # corrections 1/T
    off, share = abs(limit / exact - 1), float(mean[-1] / variance[-1])
    return Finding(
        verdict=worst(falls([whole, noise], -1), decide(off <= SAME, off)),
        method=Method.MOMENTS,
        summary=f"d_x = 2, d_y = 3, C_1 = 10, a lazy ring of {AGENTS} agents that differ in all blocks, T = {times[0]}..{last}: extrapolated "
        f"exponents in T {whole.value:.3f}, {noise.value:.3f} of the noise part; KT times the noise part tends to {limit:.4f} (a Lyapunov "
        f"equation for one agent gives {exact:.4f}); without noise the gap is {share:.1g} of that at the end",
        numbers={
            "exponents": [whole.value, noise.value],
            "uncertainties": [finite(whole.uncertainty), finite(noise.uncertainty)],
            "tolerance": MARGIN,
            "noise_limit": limit,
            "lyapunov": exact,
            "relative_difference": off,
            "relative_tolerance": SAME,
            "initial_over_noise": share,
        },
        cases=len(times),
        audit=_audit(*PL),
        figures=(
            powers(
                f"Rule (6), d_x = 2, d_y = 3, a lazy ring of {AGENTS}, exact moments",
                {
                    f"whole gap: exponent {whole.value:.3f}": (times, (mean + variance)[times]),
                    f"noise part: exponent {noise.value:.3f}": (times, variance[times]),
                },
                ("claimed: exponent -1", -1.0),
                "On vectors too the gap falls like 1/T, and the noise part is what is left of it.",
                y_label="E F(xbar) - F*",
            ),
        ),
    )


SECOND = Statement(
    id="dsbo/thm5.3-rate-vectors",
    paper=PAPER,
    location="Theorem 5.3",
    kind="rate",
    sentence="On vectors with d_x = 2 and d_y = 3 too E F(xbar_T) - F* under (6) falls like 1/(KT), with a constant that does not depend on K "
    "in the noise part.",
    formula=r"E[F(\bar x_T)] - F^* \le O\Big(\frac{1}{KT}\Big) + O\Big(\frac{\ln T}{T^2 (1-\rho)^2}\Big)",
    assumptions=(*ASSUMPTIONS, *PL),
    about=("dsbo",),
    check=stable(_check_second),
    expected=Verdict.SUPPORTED,
)
