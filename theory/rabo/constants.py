r"""The constants of Assumption 2 and of Lemma 1, in the paper's letters, from a problem's data.

All norms are joint, in :math:`z = (x, y)`, and spectral. The part :math:`\nabla^2_{xx} g_i`, which the method never asks
for, is left out of :math:`l_{g,2}`.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Real, times
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.cut import CutUpper
from spiritlevel.synthetic.matrices import spectral_norm
from spiritlevel.synthetic.upper import LinearUpper, QuadraticUpper

OUTWARD = Fraction(1, 10**12)
"""Constants computed as eigenvalues are moved outwards by this share before anything exact is decided."""


@dataclass(frozen=True, kw_only=True)
class Smoothness:
    r"""Assumptions 1 and 2, and what Lemma 1 makes of them; numbers of any kind, or symbols.

    Parameters
    ----------
    mu_g
        Strong convexity of every :math:`g_i(x, \cdot)`.
    l_f0, l_f1, l_g1, l_g2
        Lipschitz constants of :math:`f_i`, :math:`\nabla f_i`, :math:`\nabla g_i`, :math:`\nabla^2 g_i`.

    Examples
    --------
    >>> c = Smoothness(mu_g=Fraction(1), l_f0=Fraction(1), l_f1=Fraction(1), l_g1=Fraction(1), l_g2=Fraction(0))
    >>> [str(value) for value in (c.L_y, c.M_f, c.L_f, c.alpha_max)]
    ['1', '2', '4', '1/12']
    """

    mu_g: Any
    l_f0: Any
    l_f1: Any
    l_g1: Any
    l_g2: Any

    @property
    def L_y(self) -> Any:
        """(21): Lipschitz constant of y*."""
        return self.l_g1 / self.mu_g

    @property
    def bend(self) -> Any:
        """The last summand of both M_f and L_f; 0 for a quadratic g, whatever l_f0."""
        return times(self.l_f0, (self.l_g2 + self.l_g1 * self.l_g2 / self.mu_g) / self.mu_g)

    @property
    def M_f(self) -> Any:
        """(22), (23): Lipschitz constant of the local hypergradient (7)."""
        return self.l_f1 + self.l_g1 * self.l_f1 / self.mu_g + self.bend

    @property
    def L_f(self) -> Any:
        """(20): Lipschitz constant of the gradient of Phi."""
        return self.l_f1 + self.l_g1 * (self.l_f1 + self.M_f) / self.mu_g + self.bend

    @property
    def alpha_max(self) -> Any:
        """Theorem 1's bound on alpha."""
        return 1 / (self.L_f + 4 * self.M_f)

    def E_h(self, w1: Any, w2: Any, x2: Any, y2: Any) -> Any:
        """E_h from the *squares* of w_1, w_2, of the norm of x_q and of that of y_{q+1} (proof of Lemma 2)."""
        return 2 * self.M_f**2 * (w1 * x2 + w2 * y2)


def smoothness(problem: SolvedProblem) -> Smoothness:
    """The constants of a problem.

    Exact rationals where the matrices make that obvious (see `spectral_norm`), else computed in float64. ``l_f0`` is an
    upper bound, ``math.inf`` where f grows faster than linearly or no bound is known.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import quadratic
    >>> one = [[[1]]]
    >>> c = smoothness(quadratic(H=[[[3]]], B=[[[0]]], c=[[0]], Q=one, shared=True).over("fraction"))
    >>> c.l_g1, c.l_f1, c.l_f0, c.M_f
    (Fraction(3, 1), Fraction(1, 1), inf, Fraction(2, 1))
    """
    c = problem.constants
    l_f0, l_f1 = _upper(getattr(problem, "upper", None))
    if l_f1 is None:
        l_f1 = math.hypot(c.L_fx, c.L_fy)
    l_g2 = c.L_gyy if c.L_gxy == 0 else c.L_gxy + c.L_gyy
    return Smoothness(mu_g=c.mu_g, l_f0=l_f0, l_f1=l_f1, l_g1=c.L_g, l_g2=l_g2)


def outward(c: Smoothness) -> Smoothness:
    """Rational bounds just outside; infinite ones, which multiply zeros, stay."""
    values = {}
    for field in dataclasses.fields(c):
        value = getattr(c, field.name)
        sign = -1 if field.name == "mu_g" else 1
        exact = isinstance(value, Fraction) or math.isinf(value)
        values[field.name] = value if exact else Fraction(value) * (1 + sign * OUTWARD)
    return Smoothness(**values)


def root(square: Real) -> Real:
    """The square root: exact if it is rational, else in float64.

    Examples
    --------
    >>> root(Fraction(9, 4)), root(Fraction(2))
    (Fraction(3, 2), 1.4142135623730951)
    """
    if isinstance(square, Fraction):
        parts = math.isqrt(square.numerator), math.isqrt(square.denominator)
        if parts[0] ** 2 == square.numerator and parts[1] ** 2 == square.denominator:
            return Fraction(*parts)
    return math.sqrt(square)


def longest(vectors: Array) -> Real:
    """The largest norm of the vectors along the last axis.

    Examples
    --------
    >>> longest(np.array([[3.0, 4.0], [1.0, 0.0]]))
    5.0
    """
    squares = (vectors * vectors).sum(axis=-1).reshape(-1)
    top = max(squares)
    return root(Fraction(convert([top], "fraction")[0]) if vectors.dtype == object else float(top))


def _upper(upper: Any) -> tuple[Real, Real | None]:
    """l_f0 and l_f1; None where the family's own constants have to do."""
    if isinstance(upper, QuadraticUpper):
        return _quadratic(upper)
    if isinstance(upper, LinearUpper):
        return longest(upper.b), Fraction(0)
    if isinstance(upper, CutUpper):
        z = np.concatenate([upper.u, upper.v], axis=-1)
        hessians = (abs(upper.w)[..., None, None] * z[..., :, None] * z[..., None, :]).sum(axis=1)
        # the gradient is a sum of slopes in [-1, 1] times vectors: its norm is largest at a corner
        corners = np.array(list(itertools.product((-1, 1), repeat=z.shape[1])))
        return longest(((upper.w[..., None] * z)[:, None] * corners[:, :, None]).sum(axis=2)), spectral_norm(
            hessians
        )
    if isinstance(upper, BoundedUpper):
        slopes = longest(np.concatenate([1 + abs(upper.b), np.ones((upper.n, upper.q))], axis=-1))
        return float(upper.scale) * slopes, upper.scale
    return math.inf, None


def _quadratic(upper: QuadraticUpper) -> tuple[Real, Real]:
    n, p, q = upper.n, upper.p, upper.q

    def block(name: str, *shape: int) -> Array:
        value = getattr(upper, name)
        return np.zeros((n, *shape), dtype=int) if value is None else value

    A, E, Q = block("A", p, p), block("E", p, q), block("Q", q, q)
    rows = [np.concatenate([A, E], axis=-1), np.concatenate([E.swapaxes(-1, -2), Q], axis=-1)]
    curved = any(value is not None for value in (upper.A, upper.E, upper.Q))
    ends = np.concatenate([block("a", p), block("e", q)], axis=-1)
    return math.inf if curved else longest(ends), spectral_norm(np.concatenate(rows, axis=-2))
