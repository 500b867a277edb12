"""Operations per client in closed form, for whole numbers, fractions, floats and symbols; see `counting`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

CAPACITIES = tuple(Fraction(1, 2**k) for k in range(5))
"""Section V-A."""


def gradient(n_1: Any, n_2: Any) -> Any:
    """One ``grad_y g_i``.

    Examples
    --------
    >>> gradient(10, 1000)
    2020000
    """
    return 2 * n_2**2 + 2 * n_1 * n_2


def inner(n_1: Any, n_2: Any, T: Any) -> Any:
    """T local steps."""
    return T * (gradient(n_1, n_2) + 2 * n_2)


def dense(n_1: Any, n_2: Any) -> Any:
    """(7) by elimination."""
    return (4 * n_2**3 + 9 * n_2**2 - 7 * n_2) * Fraction(1, 6) + 2 * n_1 * n_2


def conjugate(n_1: Any, n_2: Any, K: Any) -> Any:
    """(7) by K steps of conjugate gradients."""
    return K * (2 * n_2**2 + 9 * n_2) + 2 * n_2 - 1 + 2 * n_1 * n_2


def finite(n_1: Any, n_2: Any, T_h: int = 0) -> Any:
    """Algorithm 2 with all coordinates of the submodel: as printed, or with a loop of T_h steps."""
    probe = gradient(n_1, n_2) if T_h == 0 else inner(n_1, n_2, T_h)
    return (n_1 + 1) * probe + n_1 * (4 * n_2 + 1)


def mean_power(k: int) -> Fraction:
    """The mean of ``capacity**k`` over Section V-A's capacities: the cost of what grows like size**k.

    Examples
    --------
    >>> mean_power(1), mean_power(2)
    (Fraction(31, 80), Fraction(341, 1280))
    """
    return sum((c**k for c in CAPACITIES), Fraction(0)) / len(CAPACITIES)
