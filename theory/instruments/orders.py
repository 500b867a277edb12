r"""Orders of growth in T: the leading term of an expression as T tends to infinity.

Every expression is reduced to :math:`c\,T^{p} (\log T)^{l}` with c not zero. All symbols are taken to be
positive reals. The reduction goes term by term; where leading terms cancel (``sqrt(T + 1) - sqrt(T)``),
sympy expands at infinity, and the answer is kept only if the limit of the ratio confirms it.
What cannot be decided is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sympy

from spiritlevel.core.errors import InputError
from spiritlevel.theory.instruments.leading import Order, compare, leading


def order_in(expr: Any, T: sympy.Symbol, unit: Iterable[sympy.Symbol] = ()) -> Order:
    """The order of an expression as T tends to infinity.

    Parameters
    ----------
    expr
        Sympy expression, built from sums, products, powers, `sympy.log`, `sympy.exp`, `sympy.Min`,
        `sympy.Max`, `sympy.Abs`, `sympy.floor` and `sympy.ceiling`.
    T
        The symbol that grows.
    unit
        Symbols that lie strictly between 0 and 1, such as a mixing matrix's second eigenvalue; needed
        when the sign of something like ``1 - lam`` matters.

    Raises
    ------
    InputError
        If the order is not of this form, or a sign or a cancellation cannot be decided.

    Examples
    --------
    >>> T, lam = sympy.symbols("T lam", positive=True)
    >>> order_in(1 / (T + 1) + 1 / sympy.sqrt(T), T).power
    -1/2
    >>> print(order_in(sympy.Min((1 - lam) / 4, 1 / sympy.sqrt(T)), T, unit=[lam]))
    T^(-1/2)
    """
    if not isinstance(T, sympy.Symbol):
        raise InputError(f"T is {T!r}; give the sympy symbol that grows")
    if not isinstance(expr, sympy.Expr | int | float):
        raise InputError(f"expr is {expr!r}; give a sympy expression")
    expr = sympy.sympify(expr, strict=True)
    t = sympy.Dummy("T", positive=True)
    inside = set(unit)
    swap: dict[sympy.Symbol, sympy.Expr] = {T: t}
    back: dict[sympy.Symbol, sympy.Expr] = {}
    for symbol in expr.free_symbols - {T}:
        positive = sympy.Symbol(symbol.name, positive=True)
        # s/(1+s) runs over (0, 1) as s runs over the positive numbers
        swap[symbol] = positive / (1 + positive) if symbol in inside else positive
        if symbol in inside:
            back[positive] = positive / (1 - positive)
    found = leading(expr.xreplace(swap), t)
    return Order(found.power, found.log_power, sympy.factor(found.coefficient.xreplace(back)))


@dataclass(frozen=True, slots=True)
class Dominant:
    """The largest (or smallest) of several named terms.

    Parameters
    ----------
    names
        Those of the winning order; several if they tie, in the given order.
    order
        Their order; its coefficient is the first one's.
    orders
        The order of every term.
    """

    names: tuple[str, ...]
    order: Order
    orders: Mapping[str, Order]


def dominant(terms: Mapping[str, Any], T: sympy.Symbol, unit: Iterable[sympy.Symbol] = ()) -> Dominant:
    """Which terms of a sum are the largest as T tends to infinity.

    Raises
    ------
    InputError
        If there is no term, or as `order_in`.

    Examples
    --------
    >>> T = sympy.Symbol("T", positive=True)
    >>> dominant({"bias": 1 / T, "noise": 5 / sympy.sqrt(T), "network": sympy.log(T) / T}, T).names
    ('noise',)
    """
    return _winner(terms, T, unit, 1)


def binding(terms: Mapping[str, Any], T: sympy.Symbol, unit: Iterable[sympy.Symbol] = ()) -> Dominant:
    """Which terms of a minimum (a step-size condition) are the smallest as T tends to infinity.

    Examples
    --------
    >>> T = sympy.Symbol("T", positive=True)
    >>> binding({"smoothness": sympy.Rational(1, 4), "horizon": 1 / sympy.sqrt(T)}, T).names
    ('horizon',)
    """
    return _winner(terms, T, unit, -1)


def _winner(terms: Mapping[str, Any], T: sympy.Symbol, unit: Iterable[sympy.Symbol], sign: int) -> Dominant:
    if not terms:
        raise InputError("terms is empty; give at least one named term")
    unit = tuple(unit)
    orders = {name: order_in(term, T, unit) for name, term in terms.items()}
    best = reduce(lambda a, b: b if sign * compare(b, a) > 0 else a, orders.values())
    return Dominant(tuple(name for name in orders if compare(orders[name], best) == 0), best, orders)
