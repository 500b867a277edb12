r"""Three fields that the paper calls one: the true hypergradient, the mean of (18), and the mean of (23).

With :math:`C_i = \nabla^2_{xy} g_i`, :math:`H_i = \nabla^2_{yy} g_i`, bars for means over agents, and everything taken at a
common ``x`` and the shared :math:`y^*(x)`:

=========== =====================================================================================
`true`      :math:`\frac1n \sum_i \nabla_x f_i - \bar C \bar H^{-1} \frac1n \sum_i \nabla_y f_i`
`eq18`      :math:`\frac1n \sum_i [\nabla_x f_i - C_i \bar H^{-1} \nabla_y f_i]` (Lemma 1)
`eq23`      :math:`\frac1n \sum_i [\nabla_x f_i - C_i H_i^{-1} \nabla_y f_i]` (what SLAM estimates)
=========== =====================================================================================

Several tasks lie side by side in y, with a block diagonal H; the sums over tasks are then these products.
"""

from __future__ import annotations

import numpy as np

from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, inverse
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem


def true(problem: SolvedProblem, x: Array) -> Array:
    """The gradient of the objective (1) at common points ``x`` of shape ``(R, p)``; shape ``(R, p)``.

    Examples
    --------
    Two agents with opposite cross terms: y* = 0 for all x, so that f's x alone counts, but (18) sees more.

    >>> from spiritlevel.synthetic.families import quadratic
    >>> one = [[1.0]]
    >>> problem = quadratic(H=[one, one], B=[one, [[-1.0]]], c=[[0.0]] * 2, A=[one, one], Q=[one, one],
    ...                     e=[[-1.0], [1.0]], shared=True)
    >>> x = np.array([[1.0]])
    >>> true(problem, x), eq18(problem, x), eq23(problem, x)
    (array([[1.]]), array([[0.]]), array([[0.]]))
    """
    return problem.hypergradient(x)


def _everywhere(problem: SolvedProblem, x: Array) -> tuple[Array, Array]:
    at = np.repeat(x[:, None], problem.n, axis=1)
    return at, problem.lower_solution(at)


def eq18(problem: SolvedProblem, x: Array) -> Array:
    """The mean over agents of (18), arguments as in `true`."""
    at, y = _everywhere(problem, x)
    H = problem.hess_yy_g(at, y).sum(axis=1, keepdims=True) / problem.n
    w = (inverse(H) @ problem.grad_y_f(at, y)[..., None])[..., 0]
    return mean_over_agents(problem.grad_x_f(at, y) - problem.jvp_xy_g(at, y, w))[:, 0]


def eq23(problem: SolvedProblem, x: Array) -> Array:
    """The mean over agents of (23), arguments as in `true`."""
    return mean_over_agents(surrogate(Oracle(problem), *_everywhere(problem, x)))[:, 0]
