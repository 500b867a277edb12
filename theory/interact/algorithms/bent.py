r"""A finite sum whose second derivatives move with (x, y), in exact fractions.

On quadratics the point at which a Hessian is taken cannot be seen. Here
:math:`g_{ij}` gains :math:`\sum_k y_k^3 (D_{ij} x)_k / 6`, so that it can. Not strongly convex everywhere:
made for identities between single steps, not for runs.
"""

from __future__ import annotations

import numpy as np

from spiritlevel.core.numbers import Array, inverse
from spiritlevel.core.problem import Problem
from spiritlevel.synthetic.finite_sum import FiniteSumQuadratic


class Bent:
    """A quadratic problem plus the cubic term; ``D`` of shape ``(n, q, p)`` or ``(R, n, q, p)``."""

    def __init__(self, base: Problem, D: Array) -> None:
        self.base, self.D = base, D
        self.n, self.p, self.q = base.n, base.p, base.q

    def _bend(self, x: Array) -> Array:
        return (self.D @ x[..., None])[..., 0]

    def grad_x_f(self, x: Array, y: Array) -> Array:
        """See `Problem.grad_x_f`."""
        return self.base.grad_x_f(x, y)

    def grad_y_f(self, x: Array, y: Array) -> Array:
        """See `Problem.grad_y_f`."""
        return self.base.grad_y_f(x, y)

    def grad_y_g(self, x: Array, y: Array) -> Array:
        """See `Problem.grad_y_g`."""
        return self.base.grad_y_g(x, y) + y * y * self._bend(x) / 2

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        """See `Problem.hvp_yy_g`."""
        return self.base.hvp_yy_g(x, y, v) + y * self._bend(x) * v

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        """See `Problem.jvp_xy_g`."""
        bent = (self.D.swapaxes(-1, -2) @ (y * y * v)[..., None])[..., 0]
        return self.base.jvp_xy_g(x, y, v) + bent / 2

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        """See `Problem.solve_yy_g`."""
        return (inverse(self.hess_yy_g(x, y)) @ v[..., None])[..., 0]

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        """See `Problem.hess_yy_g`."""
        return self.base.hess_yy_g(x, y) + (y * self._bend(x))[..., None] * np.eye(self.q, dtype=int)

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        """See `Problem.hess_xy_g`."""
        return self.base.hess_xy_g(x, y) + self.D.swapaxes(-1, -2) * (y * y)[..., None, :] / 2


class BentSum(Bent):
    """The finite sum: the samples' ``D`` in ``terms``, shape ``(n, N, q, p)``, beside those of the base.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import random_finite_sum
    >>> base = random_finite_sum(0, 2, 1, 1, samples=3, rational=True)
    >>> BentSum(base, base.terms["B"]).subsample(np.array([[[0], [2]]])).D.shape
    (1, 2, 1, 1)
    """

    def __init__(self, base: FiniteSumQuadratic, D: Array) -> None:
        super().__init__(base, D.sum(axis=1) / D.shape[1])
        self.terms = {**base.terms, "D": D}
        self._whole = base

    @property
    def samples(self) -> int:
        """Number of terms per agent."""
        return self._whole.samples

    def subsample(self, index: Array) -> Problem:
        """See `FiniteSum.subsample`."""
        chosen = self.terms["D"][np.arange(self.n)[:, None], index]
        return Bent(self._whole.subsample(index), chosen.sum(axis=2) / index.shape[2])
