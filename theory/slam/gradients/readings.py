r"""What (18) may be the gradient of, agent by agent, at points of the agents' own.

:math:`F_i(x_1, .., x_n) = f_i(x_i, y^*(x_1, .., x_n))` with the shared solution :math:`y^*` of
:math:`\sum_j \nabla_y g_j(x_j, y) = 0`. With :math:`C_i, H_i` as in `spiritlevel.theory.slam.hypergradients`:

=========== ============================================================== =====================================
`eq18`      :math:`\nabla_x f_i - C_i \bar H^{-1} \nabla_y f_i`              as printed
`together`  :math:`\nabla_x f_i - \bar C \bar H^{-1} \nabla_y f_i`           of F_i, all agents' x moved alike
`own`       :math:`\nabla_x f_i - \tfrac1n C_i \bar H^{-1} \nabla_y f_i`     of F_i, agent i's x moved
`objective` :math:`\nabla_x f_i - C_i \bar H^{-1} \tfrac1n\sum_j \nabla_y f_j` n times that of the objective, agent i's x moved
=========== ============================================================== =====================================

For problems with quadratic lower levels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.bilevel import Bilevel

Reading = Callable[[Bilevel, Array], Array]


def shared_solution(problem: Bilevel, x: Array) -> Array:
    """y* at points ``(R, n, p)`` of the agents' own, one copy per agent; shape ``(R, n, q)``.

    Examples
    --------
    >>> from spiritlevel.theory.slam.gradients.instances import opposed
    >>> shared_solution(opposed().over("float"), np.array([[[3.0], [1.0]]]))[0, :, 0]
    array([1., 1.])
    """
    origin = np.repeat(x[..., :1] * 0, problem.q, axis=-1)
    H = mean_over_agents(np.swapaxes(problem.hess_yy_g(x, origin), 1, 2))[..., 0, :]
    slope = mean_over_agents(problem.grad_y_g(x, origin))[:, 0]
    y = -(inverse(np.swapaxes(H, 1, 2)) @ slope[..., None])[..., 0]
    return np.repeat(y[:, None], problem.n, axis=1)


def _parts(problem: Bilevel, x: Array) -> tuple[Array, Array, Array, Array]:
    y = shared_solution(problem, x)
    H = problem.hess_yy_g(x, y).sum(axis=1, keepdims=True) / problem.n
    direct, through_y = problem.grad_x_f(x, y), problem.grad_y_f(x, y)
    return direct, problem.hess_xy_g(x, y), inverse(H), through_y


def _less(direct: Array, C: Array, H: Array, v: Array) -> Array:
    return np.asarray(direct - (C @ (H @ v[..., None]))[..., 0])


def eq18(problem: Bilevel, x: Array) -> Array:
    """(18) for every agent; ``(R, n, p)``."""
    return _less(*_parts(problem, x))


def together(problem: Bilevel, x: Array) -> Array:
    """The derivative of F_i along equal moves of all agents' x."""
    direct, C, H, v = _parts(problem, x)
    return _less(direct, C.sum(axis=1, keepdims=True) / problem.n, H, v)


def own(problem: Bilevel, x: Array) -> Array:
    """The derivative of F_i in x_i."""
    direct, C, H, v = _parts(problem, x)
    return _less(direct, C / problem.n, H, v)


def objective(problem: Bilevel, x: Array) -> Array:
    """The derivative in x_i of the sum of all F_j."""
    direct, C, H, v = _parts(problem, x)
    return _less(direct, C, H, mean_over_agents(v))


GRADIENTS: dict[str, Reading] = {"together": together, "own": own, "objective": objective}


def by_differences(problem: Bilevel, x: Array, name: str) -> Array:
    """The reading of that name from values of f alone, exact on quadratics; ``x`` is ``(1, n, p)``."""
    n, p = problem.n, problem.p
    unit = convert(np.eye(p, dtype=int), "fraction")
    moves = np.repeat(unit[None, :, None, :], n, axis=2)  # (1, p, n, p): all agents alike
    if name != "together":
        alone = convert(np.eye(n, dtype=int), "fraction")[:, None, :, None]
        moves = moves * alone  # (n, p, n, p): one agent at a time
    shifts = moves.reshape(-1, n, p)

    def values(at: Array) -> Array:
        return problem.f(at, shared_solution(problem, at)).reshape(*moves.shape[:2], n)

    slope = (values(x + shifts) - values(x - shifts)) / 2
    if name == "together":
        return np.swapaxes(slope, 1, 2)
    if name == "own":
        return np.stack([slope[i, :, i] for i in range(n)])[None]
    return slope.sum(axis=2)[None]
