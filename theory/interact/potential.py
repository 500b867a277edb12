"""The potential of Theorem 1, and the metric (11) as an affine readout."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.constants import Real
from spiritlevel.core.metrics import Metric, consensus_error, lower_error
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.instruments.affine import AffineMap


def potential(alpha: Real, weight: Real) -> Metric:
    r""":math:`\ell(\bar x) + w \sum_i\|y_i - y_i^*\|^2 + \|x - 1\otimes\bar x\|^2 + \alpha\|u - 1\otimes\bar u\|^2`.

    Theorem 1 prints the weight ``w = 1``, Step 4 of its proof
    :math:`w = \frac{1-\lambda}{32(1+1/r)L_y^2}`.
    """

    def value(problem: SolvedProblem, s: Any) -> Array:
        apart = squared_norm(s.u - mean_over_agents(s.u))
        below = weight * lower_error(problem, s)
        return (
            problem.value(mean_over_agents(s.x)[:, 0]) + below + consensus_error(problem, s) + alpha * apart
        )

    return value


def metric_readout(problem: SolvedProblem, amap: AffineMap) -> tuple[Array, Array]:
    r"""``L, c`` with :math:`\mathfrak M_t = \|L z_t + c\|^2` on a quadratic problem."""
    parts = (
        lambda s: problem.hypergradient(mean_over_agents(s.x)[:, 0]),
        lambda s: s.x - mean_over_agents(s.x),
        lambda s: s.y - problem.lower_solution(s.x),
    )
    read = [amap.readout(part) for part in parts]
    return np.concatenate([L for L, _ in read]), np.concatenate([c for _, c in read])
