r"""Theorem 1's per-step descent, decided for all states of a quadratic instance at once.

On a quadratic problem, :math:`\mathfrak B_{t+1} - \mathfrak B_t + \kappa \mathfrak M_t` is a quadratic
form of the distance between the state before the step and the stationary one, so "it is never positive"
is one eigenvalue. (Linear terms move the stationary point and leave the form as it is.) The coordinates are :math:`x`, :math:`y - y^*(x)` and the trackers' disagreement; their mean is that of the
surrogates. (In raw coordinates the subtraction loses the small entries to rounding.)
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem

ROUNDING = 1e-7
"""An eigenvalue of the scaled form counts as positive above this; rounding reaches about 1e-9."""


@dataclass(frozen=True)
class Descent:
    """The largest eigenvalue of the form, scaled to a unit diagonal; not positive means descent."""

    largest: float

    @property
    def holds(self) -> bool:
        """Whether no state increases the potential beyond what the theorem allows."""
        return self.largest <= ROUNDING


def per_step(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    *,
    alpha: float,
    weight: float,
    kappa: float,
) -> Descent:
    r"""Decide :math:`\mathfrak B_{t+1} - \mathfrak B_t + \kappa \mathfrak M_t \le 0` for every state.

    Parameters
    ----------
    algorithm
        INTERACT or a variant whose state has ``x, y, u, p``.
    problem
        Quadratic at both levels.
    weight
        Of :math:`\|y - y^*\|^2` in the potential.
    kappa
        The rate: what the theorem divides by.
    """
    n, p, q = problem.n, problem.p, problem.q
    a, o, net = algorithm.over("float"), Oracle(problem), Gossip(network)
    spread = scipy.linalg.null_space(np.ones((1, n))) if n > 1 else np.zeros((1, 0))
    sizes = (n * p, n * q, spread.shape[1] * p)
    k = sum(sizes)
    eye = np.eye(k + 1, k, -1)  # the zero vector first: what it gives is the part of the linear terms
    x = eye[:, : sizes[0]].reshape(k + 1, n, p)
    e = eye[:, sizes[0] : sizes[0] + sizes[1]].reshape(k + 1, n, q)
    t = eye[:, sizes[0] + sizes[1] :].reshape(k + 1, spread.shape[1], p)
    s = a.init(x, problem.lower_solution(x) + e, o, net)
    s = dataclasses.replace(s, u=mean_over_agents(s.p) + spread @ t)
    before, after = _parts(problem, s), _parts(problem, a.step(1, s, o, net))
    ends = problem.hypergradient(np.eye(p + 1, p, -1))
    R = ends[1:] - ends[0]

    def potential(z: _Parts) -> Array:
        return (
            z.mean @ R @ z.mean.T / 2
            + weight * z.lower @ z.lower.T
            + z.apart @ z.apart.T
            + alpha * z.trackers @ z.trackers.T
        )

    gradient = before.mean @ R
    metric = gradient @ gradient.T + before.lower @ before.lower.T + before.apart @ before.apart.T
    form = potential(after) - potential(before) + kappa * metric
    form = (form + form.T) / 2
    scale = np.sqrt(np.abs(np.diag(form)))
    scale = np.maximum(scale, 1e-8 * max(scale.max(), 1e-300))
    return Descent(float(np.linalg.eigvalsh(form / np.outer(scale, scale))[-1]))


@dataclass(frozen=True)
class _Parts:
    """Linear parts of what the potential squares, one row per basis vector."""

    mean: Array
    lower: Array
    apart: Array
    trackers: Array


def _parts(problem: SolvedProblem, s: Any) -> _Parts:
    k = s.x.shape[0]
    mean, ubar = mean_over_agents(s.x), mean_over_agents(s.u)
    rows = (mean, s.y - problem.lower_solution(s.x), s.x - mean, s.u - ubar)
    return _Parts(*[(a[1:] - a[0]).reshape(k - 1, -1) for a in rows])
