"""Signs of symbolic expressions, and certificates: sums of squares and of facts, and a rest without a minus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Weighted = tuple[Any, Any]
"""A weight, which must not be negative, and an expression that is squared, or, for a fact, is not negative."""


def without_minus(expression: Any, *real: Any) -> bool:
    """Whether it is a quotient of polynomials in squares of the real symbols, and in positive ones, that have no minus.

    Such an expression is never negative.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", positive=True)
    >>> without_minus(1 / a - 1 / (a + b)), without_minus(1 / a - 1 / b)
    (True, False)
    """
    import sympy

    parts = sympy.fraction(sympy.cancel(sympy.together(sympy.sympify(expression))))
    if all(part.could_extract_minus_sign() for part in parts):
        parts = tuple(-part for part in parts)
    for part in parts:
        names = sorted(part.free_symbols | set(real), key=str)
        for powers, k in sympy.Poly(part, *names, sympy.Dummy()).terms():
            odd = any(e % 2 for x, e in zip(names, powers, strict=False) if x in real)
            if odd or not k.is_nonnegative:
                return False
    return True


def certified(
    difference: Any, real: Iterable[Any], squares: Iterable[Weighted] = (), facts: Iterable[Weighted] = ()
) -> bool:
    """Whether an expression is weighted squares, plus weighted facts, plus a polynomial without a minus.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", real=True)
    >>> certified(a**2 - 2 * a * b + 2 * b**2, (a, b), [(1, a - b)])
    True
    >>> certified(a**2 - 2 * a * b, (a, b), [(1, a - b)])
    False
    """
    named = [(weight, root**2) for weight, root in squares] + list(facts)
    rest = difference - sum(weight * part for weight, part in named)
    return all(without_minus(weight) for weight, _ in named) and without_minus(rest, *real)


def reals(names: str) -> Any:
    """Real symbols."""
    import sympy

    return sympy.symbols(names, real=True)
