r"""The Lipschitz constants of Lemmas 1 and 2, in the printed convention and in the plain one.

Lemma 1 prints :math:`L_f`, :math:`L_y`, :math:`L_\ell` as constants of *squared* norms, so the first
two are squares of Lipschitz constants, and :math:`L_\ell` is built from the already squared
:math:`L_f`. Theorem 1 then uses :math:`L_f^2`, :math:`L_y^2`, and :math:`L_\ell` both as a Lipschitz
constant and as a square. ``plain`` reads every letter as the Lipschitz constant itself. Upper bounds
may be enlarged: the two conventions ``..>=1`` take every Lipschitz constant as at least 1 first, which
is the reading that saves Theorem 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from typing import Literal, TypeVar

from spiritlevel.core.constants import Constants, Real, times

Convention = Literal["printed", "plain", "printed>=1", "plain>=1"]
A = TypeVar("A")
B = TypeVar("B")
R = TypeVar("R")


def about_the_same(function: Callable[[A, B], R]) -> Callable[[A, B], R]:
    """Keep the answers about the object that was asked about last: every term of a list asks the same.

    The same object, not an equal one: constants that are equal may be of different number systems.

    Examples
    --------
    >>> halves = about_the_same(lambda row, k: print("computed") or row[k] / 2)
    >>> row = [2.0, 4.0]
    >>> halves(row, 1), halves(row, 1), halves(list(row), 1)
    computed
    computed
    (2.0, 2.0, 2.0)
    """
    last: list[tuple[A, dict[B, R]]] = []

    @wraps(function)
    def asked(first: A, second: B) -> R:
        kept = last[0] if last else None
        if kept is None or kept[0] is not first:
            kept = (first, {})
            last[:] = [kept]
        about, answers = kept
        if second not in answers:
            answers[second] = function(about, second)
        return answers[second]

    return asked


@dataclass(frozen=True)
class Lemmas:
    """``L_f, L_y, L_l`` by the chosen convention, and ``L_K2``, the square of Lemma 2's :math:`L_K`."""

    L_f: Real
    L_y: Real
    L_l: Real
    L_K2: Real


@about_the_same
def lemmas(c: Constants, convention: Convention) -> Lemmas:
    r"""The constants of Lemmas 1 and 2 from those of A1 and A2.

    Plain: :math:`L_f = L_{fx} + L_{fy} C/\mu + C_{fy}(L_{gxy}/\mu + L_{gyy} C/\mu^2)`,
    :math:`L_y = C/\mu`, :math:`L_\ell = L_f (1 + C/\mu)`. Printed: :math:`L_f` and :math:`L_y` are the
    squares of these and :math:`L_\ell = (L_f + L_f C/\mu)^2` from the squared one. :math:`L_K^2` is
    (13), with :math:`C_{g_{xy}}` for the printed :math:`C_{g_y}`. Products with a zero are zero.

    Examples
    --------
    >>> c = Constants(mu_g=1, L_g=2, C_gxy=1, L_fx=2, L_fy=1)
    >>> plain, printed = lemmas(c, "plain"), lemmas(c, "printed")
    >>> plain.L_f, plain.L_l, printed.L_f, printed.L_l
    (Fraction(3, 1), Fraction(6, 1), Fraction(9, 1), Fraction(324, 1))
    """
    mu, C = c.mu_g, c.C_gxy
    ratio: Real = C / mu
    curvature = c.L_gxy / mu + c.L_gyy * C / mu**2
    L_f: Real = c.L_fx + c.L_fy * ratio + times(c.C_fy, curvature)
    L_K2: Real = (
        2 * c.L_fx**2
        + 6 * ratio**2 * c.L_fy**2
        + 6 * times(c.C_fy**2, c.L_gxy**2 / mu**2)
        + 6 * times(c.C_fy**2, C**2 * c.L_gyy**2 / mu**4)
    )
    if convention.endswith(">=1"):
        one = Fraction(1)
        L_f, ratio, L_K2 = (max(one, v) for v in (L_f, ratio, L_K2))
    if convention.startswith("plain"):
        return Lemmas(L_f, ratio, L_f * (1 + ratio), L_K2)
    return Lemmas(L_f**2, ratio**2, (L_f**2 + L_f**2 * ratio) ** 2, L_K2)


def contraction(c: Constants, beta: Real) -> Real:
    r""":math:`r = \frac13 \beta \frac{\mu_g L_g}{\mu_g + L_g}` (Theorem 1)."""
    return beta * c.mu_g * c.L_g / (3 * (c.mu_g + c.L_g))
