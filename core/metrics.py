r"""What is measured of a state; each returns one number per replica, shape ``(R,)``.

Norms are squared and summed over agents, without a factor ``1/n``, as in INTERACT (11).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem

Metric = Callable[[SolvedProblem, Any], Array]


def consensus_error(problem: SolvedProblem, s: Any) -> Array:
    r""":math:`\sum_i \|x_i - \bar x\|^2`."""
    return squared_norm(s.x - mean_over_agents(s.x))


def lower_error(problem: SolvedProblem, s: Any) -> Array:
    r""":math:`\sum_i \|y_i - y_i^*(x_i)\|^2`, each agent's argmin taken at its own :math:`x_i`."""
    return squared_norm(s.y - problem.lower_solution(s.x))


def hypergradient_squared(problem: SolvedProblem, s: Any) -> Array:
    r""":math:`\|\nabla \ell(\bar x)\|^2`, the true hypergradient at the mean."""
    return squared_norm(problem.hypergradient(mean_over_agents(s.x)[:, 0]))


def stationarity(problem: SolvedProblem, s: Any) -> Array:
    """INTERACT's metric (11): the sum of the other three."""
    return hypergradient_squared(problem, s) + consensus_error(problem, s) + lower_error(problem, s)


METRICS: dict[str, Metric] = {
    "hypergradient_squared": hypergradient_squared,
    "consensus_error": consensus_error,
    "lower_error": lower_error,
    "stationarity": stationarity,
}
