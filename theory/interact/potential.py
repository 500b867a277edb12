"""The potential of Theorem 1, and the metric (11) as an affine readout."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.constants import Real
from spiritlevel.core.metrics import Metric, consensus_error, lower_error, stationarity
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.trace import Trace
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


def measured(problem: SolvedProblem, trace: Trace) -> Trace:
    """The trace with the metric (11) as ``stationarity``, taken at all its iterations at once.

    As if they were replicas: where every iteration is recorded, that is faster than to take it one by one.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.interact import Interact
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2)
    >>> trace = run(Interact(), problem, named("ring:4"), steps=3, record="all", metrics=("stationarity",))
    >>> np.allclose(measured(problem, trace).metrics["stationarity"], trace.metrics["stationarity"])
    True
    """
    R, K = trace.x.shape[:2]
    states = SimpleNamespace(
        **{k: z.reshape(R * K, *z.shape[2:]) for k, z in (("x", trace.x), ("y", trace.y))}
    )
    return dataclasses.replace(trace, metrics={"stationarity": stationarity(problem, states).reshape(R, K)})


def metric_readout(problem: SolvedProblem, amap: AffineMap) -> tuple[Array, Array]:
    r"""``L, c`` with :math:`\mathfrak M_t = \|L z_t + c\|^2` on a quadratic problem."""
    parts = (
        lambda s: problem.hypergradient(mean_over_agents(s.x)[:, 0]),
        lambda s: s.x - mean_over_agents(s.x),
        lambda s: s.y - problem.lower_solution(s.x),
    )
    read = [amap.readout(part) for part in parts]
    return np.concatenate([L for L, _ in read]), np.concatenate([c for _, c in read])
