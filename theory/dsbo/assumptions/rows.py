"""Assumptions 3.2-3.4 and 5.2 evaluated on a problem and a network: the one set that all checks put their runs to.

Assumption 3.1 holds of every run by construction: noise is additive, independent and of mean 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import squared_rho
from spiritlevel.theory.assumptions import Assumption, audit

NEAR, FAR = 2.0**20, 2.0**40
GROWS = 2.0
"""A gradient that is that many times as large at distance `FAR` as at `NEAR` is not bounded."""
ROUNDING = 1e-9


def _directions(problem: SolvedProblem, count: int = 8) -> tuple[Array, Array]:
    """Fixed directions in (x, y), the same for all agents, shapes ``(count, n, p)`` and ``(count, n, q)``."""
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal((count, 1, size)) for size in (problem.p, problem.q))
    return np.repeat(x, problem.n, axis=1), np.repeat(y, problem.n, axis=1)


def growth(problem: SolvedProblem, channel: str) -> float:
    """How many times as large the largest norm of a gradient is at distance `FAR` as at `NEAR`.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> quadratic = random_quadratic(seed=1, n=2, p=1, q=1, shared=True)
    >>> growth(quadratic, "grad_y_g") > GROWS
    True
    """
    problem = problem.over("float")
    x, y = _directions(problem)
    near, far = (
        float(np.linalg.norm(getattr(problem, channel)(s * x, s * y), axis=-1).max()) for s in (NEAR, FAR)
    )
    return far / near if near else 0.0 if not far else math.inf


def _bounded(id: str, channel: str, text: str) -> Assumption:
    def violation(problem: SolvedProblem) -> str | None:
        times = growth(problem, channel)
        if times <= GROWS:
            return None
        return f"|{text}| is not bounded, {times:.2g} times as large at distance 2^40 as at 2^20"

    return Assumption(id, f"E|{text}^k|^2 is bounded on R^d", violation)


def _hessians(problem: SolvedProblem) -> tuple[Array, Array]:
    """Hessians and cross Hessians of all agents at the start, shapes ``(n, q, q)`` and ``(n, p, q)``."""
    problem = problem.over("float")
    x, y = (z[None] for z in problem.start())
    return problem.hess_yy_g(x, y)[0], problem.hess_xy_g(x, y)[0]


def least_curvature(problem: SolvedProblem) -> float:
    """The least eigenvalue of the mean of the agents' Hessians, at the start.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import quadratic
    >>> two = quadratic(H=[[[1.0]], [[3.0]]], B=[[[1.0]]] * 2, c=[[0.0]] * 2, shared=True)
    >>> least_curvature(two)
    2.0
    """
    return float(np.linalg.eigvalsh(_hessians(problem)[0].mean(axis=0))[0])


def least_L_g(problem: SolvedProblem) -> float:
    """The least L_g that 3.4(iv) leaves: the largest Frobenius norm of a second derivative of a g^k, at the start."""
    return max(float(np.linalg.norm(M, axis=(-2, -1)).max()) for M in _hessians(problem))


def _lower_curvature(problem: SolvedProblem) -> str | None:
    least = least_curvature(problem)
    return None if least > 0 else f"the mean Hessian of g has the eigenvalue {least:.3g}"


def _smooth(id: str, names: tuple[str, ...], text: str) -> Assumption:
    def violation(problem: SolvedProblem) -> str | None:
        out = [k for k in names if math.isinf(getattr(problem.constants, k))]
        return f"{', '.join(out)} = inf" if out else None

    return Assumption(id, text, violation)


def _neumann(problem: SolvedProblem) -> str | None:
    # |I - H/L|_F falls as L falls towards |H|_F, since tr H >= |H|_F for H >= 0: the least L is the best one
    H, L = _hessians(problem)[0], least_L_g(problem)
    rest = float(np.linalg.norm(np.eye(problem.q) - H / L, axis=(-2, -1)).max())
    return None if rest < 1 else f"|I - Hessian/L_g|_F = {rest:.3g} at the least L_g, {L:.3g}"


def least_slope(problem: SolvedProblem) -> float | None:
    """The least eigenvalue of F'' where grad F is affine; None where it is not."""
    problem = problem.over("float")
    p = problem.p
    points = np.concatenate([np.eye(p + 1, p, -1), np.arange(1.0, p + 1)[None]])
    values = problem.hypergradient(points)
    M = (values[1 : p + 1] - values[0]).T
    expected = M @ points[-1] + values[0]
    if abs(values[-1] - expected).max() > ROUNDING * (1 + abs(expected).max()):
        return None
    return float(np.linalg.eigvalsh((M + M.T) / 2)[0])


def _below(problem: SolvedProblem) -> str | None:
    least = least_slope(problem)
    return f"F'' has the eigenvalue {least:.3g}" if least is not None and least < -ROUNDING else None


ASSUMPTIONS = (
    Assumption("3.3(i)", "there is an optimal solution", _below),
    _smooth("3.3(ii)", ("L_fx", "L_fy"), "gradients of f^k are Lipschitz"),
    _bounded("3.3(iii)", "grad_x_f", "grad_x f"),
    _bounded("3.3(iii)", "grad_y_f", "grad_y f"),
    Assumption("3.4(i)", "g is strongly convex in y", _lower_curvature),
    _smooth("3.4(iii)", ("L_g", "L_gxy", "L_gyy"), "grad_y g^k and second derivatives are Lipschitz"),
    _bounded("3.4(iv)", "grad_y_g", "grad_y g"),
    Assumption("3.4(v)", "|I - Hessian/L_g|_F < 1 with the L_g of (iv)", _neumann),
)
"""Of problems. A quadratic violates 3.3(iii) and 3.4(iv); a variance bound stands in for these."""

PL = (Assumption("5.2", "the PL condition", _below),)


def network_violation(network: Network) -> str | None:
    """Why a network is outside Assumption 3.2(ii), 0 < rho < 1, or None.

    Examples
    --------
    >>> from spiritlevel.core.networks import averaging
    >>> network_violation(averaging(1))
    'rho = 0 with 1 agent'
    """
    rho, n = squared_rho(network), convert(network.dense(), "float").shape[0]
    agents = f"{n} agent{'s' if n > 1 else ''}"
    if rho < ROUNDING**2:
        return f"rho = 0 with {agents}"
    return None if rho < 1 - ROUNDING else f"rho = {rho:.3g} with {agents}"


def audit_runs(
    problems: Iterable[SolvedProblem],
    networks: Iterable[Network],
    *,
    more: tuple[Assumption, ...] = (),
) -> tuple[str, ...]:
    """Every assumption that runs of these problems over these networks violate, one line each.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> found = audit_runs([random_quadratic(seed=1, n=4, p=1, q=1, shared=True)], [named("ring:4")])
    >>> [line.split()[0] for line in found]
    ['3.3(iii)', '3.3(iii)', '3.4(iv)']
    """
    reasons = dict.fromkeys(network_violation(network) for network in networks)
    lines = audit((*ASSUMPTIONS, *more), problems)
    return (*lines, *(f"3.2(ii) violated: {reason}" for reason in reasons if reason is not None))
