"""The hypergradient with an arbitrary y in the place of the lower-level solution, exact and estimated."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Batch


def surrogate(o: Oracle, x: Array, y: Array) -> Array:
    r"""Each agent's :math:`\nabla_x f_i - \nabla^2_{xy} g_i [\nabla^2_{yy} g_i]^{-1} \nabla_y f_i` at ``(x_i, y_i)``.

    At :math:`y_i = y_i^*(x_i)` it is the gradient of :math:`f_i(x, y_i^*(x))`.
    INTERACT (5); shape ``(R, n, p)``.
    """
    w = o.solve_yy_g(x, y, o.grad_y_f(x, y))
    return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, w)


def estimate(b: Batch, x: Array, y: Array, L_g: Any) -> Array:
    r"""The K-term stochastic surrogate, averaged over a batch; shape ``(R, n, p)``.

    .. math:: \nabla_x f(\xi) - \frac{K}{L_g} \nabla^2_{xy} g(\zeta^0)
              \prod_{j=1}^{k} \Big(I - \frac{\nabla^2_{yy} g(\zeta^j)}{L_g}\Big) \nabla_y f(\xi)

    with k uniform on 0..K-1. INTERACT (22). ``L_g`` must bound every term's Hessian.
    """
    K = len(b.g)
    x, y = b.each(x), b.each(y)
    w = b.f.grad_y_f(x, y)
    for j in range(K - 1, 0, -1):  # the factor j = k acts first
        w = np.where((j <= b.k)[..., None], w - b.g[j].hvp_yy_g(x, y, w) / L_g, w)
    return b.mean(b.f.grad_x_f(x, y) - K * b.g[0].jvp_xy_g(x, y, w) / L_g)


def lower_estimate(b: Batch, x: Array, y: Array, terms: Oracle | None = None) -> Array:
    r""":math:`\nabla_y g` averaged over a batch, at its :math:`\xi` unless other terms of it are given; ``(R, n, q)``."""
    return b.mean((terms or b.f).grad_y_g(b.each(x), b.each(y)))


def truncated(o: Oracle, x: Array, y: Array, K: int, L_g: Any) -> Array:
    r"""The mean of (22) over its samples, with the oracle's full answers; shape ``(R, n, p)``.

    :math:`\nabla_x f - \frac{1}{L_g} \nabla^2_{xy} g \sum_{k<K} (I - \nabla^2_{yy} g / L_g)^k \nabla_y f`.
    """
    term = o.grad_y_f(x, y)
    total = term
    for _ in range(1, K):
        term = term - o.hvp_yy_g(x, y, term) / L_g
        total = total + term
    return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, total / L_g)
