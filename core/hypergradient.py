"""The hypergradient with an arbitrary y in the place of the lower-level solution."""

from __future__ import annotations

from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


def surrogate(o: Oracle, x: Array, y: Array) -> Array:
    r"""Each agent's :math:`\nabla_x f_i - \nabla^2_{xy} g_i [\nabla^2_{yy} g_i]^{-1} \nabla_y f_i` at ``(x_i, y_i)``.

    At :math:`y_i = y_i^*(x_i)` it is the gradient of :math:`f_i(x, y_i^*(x))`.
    INTERACT (5); shape ``(R, n, p)``.
    """
    w = o.solve_yy_g(x, y, o.grad_y_f(x, y))
    return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, w)
