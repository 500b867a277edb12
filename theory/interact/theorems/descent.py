r"""Theorem 1's per-step descent, decided for all states of a quadratic instance at once.

On a quadratic problem, :math:`\mathfrak B_{t+1} - \mathfrak B_t + \kappa \mathfrak M_t` is a quadratic
form of the distance between the state before the step and the stationary one, so "it is never positive"
is one eigenvalue. (Linear terms move the stationary point and leave the form as it is.) The coordinates are :math:`\bar x`, the disagreement of the :math:`x_i`, :math:`y - y^*(x)` and the
disagreement of the trackers, whose mean is that of the surrogates: what the form weighs very
differently stays apart, so that the scaled eigenvalue means something.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
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
"""An eigenvalue of the scaled form counts as positive above this; a smaller one is put down to rounding."""


@dataclass(frozen=True)
class Descent:
    """The largest eigenvalue of the form, scaled to a unit diagonal; not positive means descent.

    NaN where rounding leaves a diagonal entry undecided.
    """

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
    if alpha < 1e-13:  # the part of the form that alpha multiplies would drown in rounding
        return Descent(float("nan"))
    n, p, q = problem.n, problem.p, problem.q
    a, o, net = algorithm.over("float"), Oracle(problem), Gossip(network)
    spread = _spread(n)
    sizes = (p, spread.shape[1] * p, n * q, spread.shape[1] * p)
    k = sum(sizes)
    eye = np.eye(k + 1, k, -1)  # the zero vector first: what it gives is the part of the linear terms
    mean, apart, e, t = np.split(eye, np.cumsum(sizes)[:-1], axis=1)
    x = mean.reshape(k + 1, 1, p) + spread @ apart.reshape(k + 1, -1, p)
    e, t = e.reshape(k + 1, n, q), t.reshape(k + 1, -1, p)
    s = a.init(x, problem.lower_solution(x) + e, o, net)
    s = dataclasses.replace(s, u=mean_over_agents(s.p) + spread @ t)
    before, after = _parts(problem, s), _parts(problem, a.step(1, s, o, net))
    ends = problem.hypergradient(np.eye(p + 1, p, -1))
    R = ends[1:] - ends[0]

    def squares(z: _Parts) -> Array:
        return weight * z.lower @ z.lower.T + z.apart @ z.apart.T + alpha * z.trackers @ z.trackers.T

    gradient, moved = before.mean @ R, after.mean - before.mean
    metric = gradient @ gradient.T + before.lower @ before.lower.T + before.apart @ before.apart.T
    value = gradient @ moved.T + moved @ R @ moved.T / 2  # l(after) - l(before), without cancellation
    rows = value + squares(after) - squares(before) + kappa * metric
    form = (rows + rows.T) / 2
    size = np.diag(kappa * metric + squares(before) + squares(after)) + np.abs(np.diag(value))
    still = size <= 1e-14 * size.max()  # a direction in which nothing happens, as the mean where l is flat
    form = form[~still][:, ~still]
    scale = np.sqrt(np.abs(np.diag(form)))
    if (scale**2 < 1e-10 * size[~still]).any():
        return Descent(float("nan"))
    return Descent(float(np.linalg.eigvalsh(form / np.outer(scale, scale))[-1]))


@cache
def _spread(n: int) -> Array:
    """An orthonormal basis of what sums to zero over n agents."""
    basis: Array = scipy.linalg.null_space(np.ones((1, n))) if n > 1 else np.zeros((1, 0))
    basis.setflags(write=False)
    return basis


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
