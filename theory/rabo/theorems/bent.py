r"""Scalar lower levels whose curvatures differ between clients by a bounded amount, as Assumption 4 asks.

.. math:: g_i(x, y) = \tfrac12 y^2 + a_i \psi(y) - x y, \qquad \psi(y) = \sqrt{1 + y^2} - 1.

:math:`0 < \psi'' \le 1` and :math:`|\psi'|, |\psi'''| < 1`: plain gradients differ by less than the largest :math:`a_i`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.cut import CutUpper
from spiritlevel.synthetic.levels import LowerConstants


@dataclass(frozen=True, eq=False)
class BentLower:
    """These levels, with ``a`` of shape ``(n,)``, nonnegative; floats only.

    Examples
    --------
    >>> lower = BentLower(np.array([0.0, 2.0]))
    >>> round(float(lower.shared_argmin(np.full((1, 2, 1), 1.35))[0, 0, 0]), 12)  # y + y/sqrt(1 + y^2) = 27/20
    0.75
    """

    a: Array

    @property
    def n(self) -> int:
        return len(self.a)

    @property
    def p(self) -> int:
        return 1

    @property
    def q(self) -> int:
        return 1

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float"})

    @property
    def constants(self) -> LowerConstants:
        top = Fraction(float(self.a.max()))
        # of [[0, -1], [-1, h]], h at most 1 + a: less than h + 1
        return LowerConstants(mu_g=Fraction(1), L_g=top + 2, C_gxy=Fraction(1), L_gxy=Fraction(0), L_gyy=top)

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        if field != "float":
            raise InputError(f"field is {field!r}; this lower level has square roots, choose float")
        return dataclasses.replace(self)

    def g(self, x: Array, y: Array) -> Array:
        return (y * y / 2 + self._rows * (np.sqrt(1 + y * y) - 1) - x * y).sum(axis=-1)

    @property
    def _rows(self) -> Array:
        return np.asarray(self.a[:, None])

    def grad_y(self, x: Array, y: Array) -> Array:
        return y + self._rows * y / np.sqrt(1 + y * y) - x

    def _curvature(self, y: Array) -> Array:
        return np.asarray(1 + self._rows * (1 + y * y) ** -1.5)

    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array:
        return self._curvature(y) * v

    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array:
        return -v

    def solve_yy(self, x: Array, y: Array, v: Array) -> Array:
        return v / self._curvature(y)

    def hess_yy(self, x: Array, y: Array) -> Array:
        return self._curvature(y)[..., None]

    def hess_xy(self, x: Array, y: Array) -> Array:
        return -np.ones((1, self.n, 1, 1))

    def argmin(self, x: Array) -> Array:
        return self._root(x, self._rows)

    def shared_argmin(self, x: Array) -> Array:
        return self._root(x, np.full((self.n, 1), self.a.mean()))

    @staticmethod
    def _root(x: Array, a: Array) -> Array:
        """By bisection: y + a psi'(y) grows in y and lies between y and y + a in size."""
        low, high = np.minimum(0, x), np.maximum(0, x)
        for _ in range(200):
            middle = (low + high) / 2
            above = middle + a * middle / np.sqrt(1 + middle * middle) > x
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray((low + high) / 2)


A_1 = Fraction(1125, 64)
"""Makes the first client's curvature 10 at y = 3/4, where psi'' = 64/125; the second's is 1."""
X, Y = Fraction(771, 128), Fraction(3, 4)
"""Where RABO rests, and y*(X)."""
KAPPA, D, C = Fraction(11, 10), X - Fraction(1, 2), Fraction(2)


def resting(of_each: int = 1) -> Bilevel:
    r"""Two clients, or more of either kind, on which RABO rests at ``(X, Y)``, where Phi' is 81/220.

    :math:`f = \kappa h(x - d) + h(y - c)` for both, h Huber's function: :math:`f_x = 11/20` and :math:`f_y = -1` there.

    Examples
    --------
    >>> round(float(resting().hypergradient(np.array([[float(X)]]))[0, 0] * 220), 9)
    81.0
    """
    lower = BentLower(np.tile([float(A_1), 0.0], of_each))
    both = np.ones((2 * of_each, 1))
    upper = CutUpper(
        w=np.array([float(KAPPA), 1.0]) * both,
        u=np.array([[1.0], [0.0]]) * both[..., None],
        v=np.array([[0.0], [1.0]]) * both[..., None],
        t=np.array([float(D), float(C)]) * both,
    )
    return Bilevel(lower, upper, "bent", shared=True, x0=np.array([float(X)]), y0=np.array([float(Y)]))
