r"""Is a linear cut valid for a level set of a violation function? Decided exactly, with a point if it is not.

The family: with v affine in x, componentwise and summed over the components that count,

.. math:: h(x, y) = \sum_k |y_k - s_k| + w (y_k - s_k)^2, \qquad s_k = \operatorname{soft}(v_k(x), \kappa_k), \quad
          v(x) = v_0 + J x,

where soft shrinks towards 0 by kappa. That is Argus (8) with one round of (5), :math:`r = \kappa \|y\|_1` (Liu et al.,
"Argus", Section IV), or the distance to a lower-level solution; for kappa = 0 h is convex.

Why it can be decided: on :math:`h \le \varepsilon`, :math:`y = s(x) + u` with u free of x, so that the cut's largest
value is that of :math:`a^\top x + b^\top s(x)`, piecewise linear, plus the support function of
:math:`\{\sum_k |u_k| + w u_k^2 \le \varepsilon\}`. The first is unbounded unless :math:`a = -J^\top b`; then it is bounded
and largest where the pieces meet.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, convert
from spiritlevel.theory.instruments.clipped import highest


@dataclass(frozen=True, eq=False)
class Cut:
    """``a @ x + b @ y + c <= 0``, exact; ``a``: shape ``(P,)``, ``b``: ``(m,)``.

    Examples
    --------
    >>> Cut([1], [2], -3).at([1], [Fraction(1, 2)])
    Fraction(-1, 1)
    """

    a: Any
    b: Any
    c: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "a", _exact(self.a))
        object.__setattr__(self, "b", _exact(self.b))
        object.__setattr__(self, "c", _exact([self.c])[0])

    def at(self, x: Any, y: Any) -> Fraction:
        """The left side; positive where the cut removes the point."""
        return Fraction(self.a @ _exact(x) + self.b @ _exact(y) + self.c)


@dataclass(frozen=True, eq=False)
class Violation:
    """h, exact; see the module.

    Parameters
    ----------
    v0, J
        Of v: shapes ``(m,)`` and ``(m, P)``.
    kappa
        One number >= 0, or ``(m,)``.
    weight
        w >= 0.
    counted
        Which components h sums, shape ``(m,)``; all if None. The others are free.

    Raises
    ------
    InputError
        If a shape is wrong, or ``kappa`` or ``weight`` negative.

    Examples
    --------
    A soft threshold is not convex, and a subgradient cut removes points where h is 0:

    >>> h = Violation([0], [[1]], kappa=1, weight=Fraction(1, 10))
    >>> cut = h.cut([Fraction(1, 2)], [1], eps=Fraction(1, 10))
    >>> found = judge(cut, h, Fraction(1, 10))
    >>> found.valid, h.at(found.x, found.y), found.value > 0
    (False, Fraction(0, 1), True)

    The same cut without the threshold is valid:

    >>> smooth = Violation([0], [[1]], weight=Fraction(1, 10))
    >>> judge(smooth.cut([0], [1], Fraction(1, 10)), smooth, Fraction(1, 10)).valid
    True
    """

    v0: Any
    J: Any
    kappa: Any = 0
    weight: Any = 0
    counted: Any = None

    def __post_init__(self) -> None:
        v0, J = _exact(self.v0), _exact(self.J)
        if J.ndim != 2 or v0.shape != J.shape[:1]:
            raise InputError(f"v0 has shape {v0.shape} and J {J.shape}; give (m,) and (m, P)")
        kappa = _exact(np.broadcast_to(np.asarray(self.kappa, dtype=object), v0.shape))
        weight = _exact([self.weight])[0]
        if weight < 0 or (kappa < 0).any():
            raise InputError(f"kappa is {self.kappa} and weight {self.weight}; give numbers >= 0")
        counted = np.ones(v0.shape, int) if self.counted is None else np.asarray(self.counted, dtype=int)
        for name, value in {"v0": v0, "J": J, "kappa": kappa, "weight": weight, "counted": counted}.items():
            object.__setattr__(self, name, value)

    def inner(self, x: Any) -> Array:
        """v(x), shape ``(m,)``."""
        return np.asarray(self.v0 + self.J @ _exact(x))

    def estimate(self, x: Any) -> Array:
        """s(x), shape ``(m,)``."""
        v = self.inner(x)
        return np.asarray(v - np.clip(v, -self.kappa, self.kappa))

    def at(self, x: Any, y: Any) -> Fraction:
        """h(x, y)."""
        return self._sum(abs(_exact(y) - self.estimate(x)))

    def low(self, x: Any, y: Any) -> Fraction:
        r"""The convex function :math:`\sum_k e_k + w e_k^2`, :math:`e = (|y - v(x)| - \kappa)_+`: at most h, and h if kappa = 0."""
        return self._sum(self._excess(x, y))

    def cut(self, x: Any, y: Any, eps: Any) -> Cut:
        """The linearisation of h at a point, with sign(0) = 0 and slope 0 where soft has none: Argus (24)-(26)."""
        off, moving = _exact(y) - self.estimate(x), (abs(self.inner(x)) > self.kappa) | (self.kappa == 0)
        b = self.counted * (np.sign(off) + 2 * self.weight * off)
        return self._through(-(moving * b) @ self.J, b, self.at(x, y), x, y, eps)

    def low_cut(self, x: Any, y: Any, eps: Any) -> Cut:
        """The linearisation of `low`."""
        e = self._excess(x, y)
        b = self.counted * (e > 0) * np.sign(_exact(y) - self.inner(x)) * (1 + 2 * self.weight * e)
        return self._through(-b @ self.J, b, self.low(x, y), x, y, eps)

    def _excess(self, x: Any, y: Any) -> Array:
        over = abs(_exact(y) - self.inner(x)) - self.kappa
        return np.asarray(np.where(over > 0, over, over * 0))

    def _sum(self, size: Array) -> Fraction:
        return Fraction((self.counted * (size + self.weight * size * size)).sum())

    @staticmethod
    def _through(a: Array, b: Array, value: Any, x: Any, y: Any, eps: Any) -> Cut:
        return Cut(a, b, value - a @ _exact(x) - b @ _exact(y) - _exact([eps])[0])


@dataclass(frozen=True, eq=False)
class Judgement:
    """Whether a cut is valid, why, and if not a point (x, y) of the set at which its left side is ``value`` > 0."""

    valid: bool
    reason: str
    x: Array | None = None
    y: Array | None = None
    value: Fraction | None = None


def judge(cut: Cut, h: Violation, eps: Any, *, low: bool = False) -> Judgement:
    """Decide whether every point with ``h <= eps`` satisfies the cut; complete, in exact arithmetic.

    Parameters
    ----------
    cut, h
        Over the same x and y. Give ``h`` the maps of a true solution and ``eps`` 0 to judge a cut on its graph.
    eps
        The level, >= 0.
    low
        Judge on the larger set where `Violation.low` is at most ``eps``.

    Raises
    ------
    InputError
        If ``eps`` is negative or the sizes differ.

    Examples
    --------
    >>> h = Violation([0], [[1]])
    >>> judge(Cut([-1], [1], -1), h, 1).reason
    "a = -J^T b and the cut's largest value is at most 0"
    >>> found = judge(Cut([-1], [1], -1), h, 2)
    >>> found.valid, found.x, found.y, found.value
    (False, array([Fraction(0, 1)], dtype=object), array([Fraction(2, 1)], dtype=object), Fraction(1, 1))
    """
    eps = _exact([eps])[0]
    if eps < 0 or cut.a.shape != h.J.shape[1:] or cut.b.shape != h.v0.shape:
        raise InputError(
            f"eps is {eps}, the cut has {cut.a.shape} and {cut.b.shape}, J {h.J.shape}; give eps >= 0 and equal sizes"
        )
    reason = ""
    for reason, x, y in _points(cut, h, eps, low):
        value = cut.at(x, y)
        if value > 0 and (h.low(x, y) if low else h.at(x, y)) <= eps:
            return Judgement(False, reason, x, y, value)
    return Judgement(True, reason)


def _points(cut: Cut, h: Violation, eps: Fraction, low: bool) -> Iterator[tuple[str, Array, Array]]:
    """Points of the set, among them one that an invalid cut removes; of a valid one the last reason is the proof."""
    still, free, slope = cut.a * 0, cut.b * (1 - h.counted), cut.a + cut.b @ h.J
    middle = h.inner if low else h.estimate
    if free.any():
        for k in itertools.count():  # doubling overtakes whatever is constant
            yield "b is not 0 where y is free", still, middle(still) + 2**k * np.sign(free)
    if slope.any():
        for k in itertools.count():
            x = 2**k * slope / abs(slope).max()
            yield "a is not -J^T b, so the cut's left side is unbounded", x, middle(x)
    x = still if low else highest(h.J, h.v0, h.kappa, -cut.b)
    y = h.inner(x) + h.kappa * np.sign(cut.b) if low else h.estimate(x)
    yield "removes a point where y is the estimate", x, y
    for u in outermost(cut.b, h.weight, eps, -cut.at(x, y)):
        yield "a = -J^T b, but the cut's largest value is positive", x, y + u
    yield "a = -J^T b and the cut's largest value is at most 0", x, y


def outermost(b: Array, weight: Fraction, eps: Fraction, beyond: Fraction) -> Iterator[Array]:
    r"""Rational u with :math:`\sum_k |u_k| + w u_k^2 \le \varepsilon`, the last with ``b @ u > beyond`` if there is any.

    The largest ``b @ u`` is :math:`\varepsilon \max|b|` for w = 0, and else, over the k largest :math:`|b|` (as many as have
    :math:`b_k^2 (4 w \varepsilon + k) > \sum_{j \le k} b_j^2`),
    :math:`(\sqrt{(4 w \varepsilon + k) \sum b^2} - \sum |b|) / (2 w)`: compared by squares, never rounded.

    Examples
    --------
    >>> b = np.array([Fraction(3), Fraction(4)], dtype=object)
    >>> [(b @ u, sum(u + u * u)) for u in outermost(b, Fraction(1), Fraction(49, 2), Fraction(21))]
    [(Fraction(43, 2), Fraction(49, 2))]
    """
    if not eps or not b.any():
        yield b * 0
        return
    size, order = abs(b), sorted(range(len(b)), key=lambda k: -abs(b[k]))
    if not weight:
        yield np.where(np.arange(len(b)) == order[0], eps * np.sign(b), b * 0)
        return
    k = 1
    while k < len(b) and size[order[k]] ** 2 * (4 * weight * eps + k) > sum(size[j] ** 2 for j in order[:k]):
        k += 1
    chosen = np.isin(np.arange(len(b)), order[:k])
    squares, total = sum(size[j] ** 2 for j in order[:k]), sum(size[j] for j in order[:k])
    factor = (4 * weight * eps + k) / squares  # the square of 1/nu, nu the constraint's multiplier
    target = 2 * weight * beyond + total
    reached = target < 0 or factor * squares * squares > target * target
    digits = 1
    while True:
        shrunk: Any = _root(factor, digits)
        u = np.asarray(chosen * np.sign(b) * (size * shrunk - 1) / (2 * weight))
        u = np.where(size * shrunk > 1, u, u * 0)
        yield u
        if not reached or b @ u > beyond:
            return
        digits *= 2


def _root(square: Fraction, digits: int) -> Fraction:
    """The square root from below; exactly where it is rational."""
    p, q = square.numerator, square.denominator
    if math.isqrt(p) ** 2 == p and math.isqrt(q) ** 2 == q:
        return Fraction(math.isqrt(p), math.isqrt(q))
    return Fraction(math.isqrt(p * 10 ** (2 * digits) // q), 10**digits)


def _exact(values: Any) -> Array:
    return convert(np.asarray(values, dtype=object), "fraction")
