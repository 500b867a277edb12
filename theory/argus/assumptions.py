r"""Assumptions 1 and 2 of Argus, as evaluated on a problem, on a network, and on the iterates of a run.

1(a) speaks of :math:`L'_{pi}`: without cuts its gradient is Lipschitz where that of :math:`G_i` is, and a cut adds a
bilinear term. Of 1(c) nothing can be seen on a problem: its constants are those of a run, see `movement`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert, scalar
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.composite import L1Bilevel
from spiritlevel.theory.assumptions import Assumption, audit, finite_constant

ROUNDING = 1e-9


def _convex(problem: SolvedProblem) -> str | None:
    if not isinstance(problem, L1Bilevel):
        return None  # R = r = 0
    least = min(scalar(factor, "float") for factor in (problem.above, problem.below))
    return None if least >= 0 else f"an l1 term has the factor {least:g}"


A1_X = finite_constant("1(a)", r"$\nabla_x G_i$ is Lipschitz", "L_fx")
A1_Y = finite_constant("1(a)", r"$\nabla_y G_i$ is Lipschitz", "L_fy")
A1_B = Assumption("1(b)", "R and r are convex, with proximal maps", _convex)
ALL = (A1_X, A1_Y, A1_B)


def mixing(network: Network) -> tuple[str, ...]:
    """What of Assumption 2 a network violates; (a) with the agents themselves among their neighbours.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> mixing(named("ring:5"))
    ()
    """
    W = convert(network.dense(), "float")
    values = np.linalg.eigvalsh((W + W.T) / 2)
    rho = float(np.linalg.norm(W - 1 / len(W), 2))
    kernel = int((np.linalg.svd(np.eye(len(W)) - W, compute_uv=False) < ROUNDING).sum())
    found = {
        "2(a)": (W.min() < 0, f"a weight is {W.min():.3g}"),
        "2(b)": (abs(W - W.T).max() > ROUNDING, "W is not symmetric"),
        "2(c)": (
            kernel != 1 or abs(W.sum(axis=1) - 1).max() > ROUNDING,
            f"the null space of I - W has dimension {kernel}, or rows do not sum to 1",
        ),
        "2(d)": (
            rho > 1 - ROUNDING or values.min() < -1 + ROUNDING or values.max() > 1 + ROUNDING,
            f"rho = {rho:.3g}, eigenvalues from {values.min():.3g} to {values.max():.3g}",
        ),
    }
    return tuple(f"{id} violated: {reason}" for id, (broken, reason) in found.items() if broken)


def audit_runs(problems: Iterable[SolvedProblem], networks: Iterable[Network]) -> tuple[str, ...]:
    """Every violated assumption of the problems and networks that a check runs on, one line each.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> audit_runs([random_quadratic(seed=1, n=5, p=1, q=1, shared=True)], [named("ring:5")])
    ()
    """
    lines = dict.fromkeys(audit(ALL, problems))
    for network in networks:
        lines |= dict.fromkeys(mixing(network))
    return tuple(lines)


def movement(x: Array, y: Array, tau: int) -> tuple[float, float]:
    r"""The largest :math:`\vartheta` and the least :math:`k_1` of Assumption 1(c) for iterates of shape ``(T + 1, n, p)``.

    ``math.inf`` for k_1 where one iteration moves nothing.

    Examples
    --------
    >>> x = np.array([1.0, 0.5, 0.25])[:, None, None]
    >>> movement(x, 0 * x, 1)
    (0.0625, 4.0)
    """
    squares = [((z[1:] - z[:-1]) ** 2).sum(axis=(1, 2)) for z in (x, y)]
    floor = float((squares[0] + squares[1]).min())
    farthest = max(
        float(((z[k:] - z[:-k]) ** 2).sum(axis=(1, 2)).max())
        for z in (x, y)
        for k in range(1, min(tau, len(z) - 1) + 1)
    )
    return floor, farthest / (tau * floor) if floor else math.inf
