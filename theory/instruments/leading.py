r"""The leading term of an expression at infinity, one rule for each kind of expression.

`orders` is the public face; it hands in an expression whose symbols are all positive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sympy

from spiritlevel.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Order:
    """The leading term ``coefficient * T**power * log(T)**log_power``.

    Parameters
    ----------
    power, log_power
        Exponents: sympy numbers, or expressions in other symbols. The power of zero, and of anything that
        decays exponentially, is minus infinity.
    coefficient
        Constant in front, free of T; its symbols are made positive.

    Examples
    --------
    >>> print(Order(power=sympy.Rational(1, 2), log_power=sympy.Integer(2), coefficient=sympy.Integer(3)))
    T^(1/2) log(T)^2
    """

    power: Any
    log_power: Any
    coefficient: Any

    def __str__(self) -> str:
        """Like ``T^(1/2) log(T)``; ``1`` for a constant, ``0`` for what vanishes faster than any power."""
        if self.power == -sympy.oo:
            return "0"
        factors = [_print_power("T", self.power), _print_power("log(T)", self.log_power)]
        return " ".join(factor for factor in factors if factor) or "1"

    def same_as(self, other: Order) -> bool:
        """Whether both exponents are equal; constants in front do not count.

        Examples
        --------
        >>> zero, one, two = sympy.Integer(0), sympy.Integer(1), sympy.Integer(2)
        >>> Order(one, zero, one).same_as(Order(one, zero, two)), Order(one, one, one).same_as(Order(one, zero, one))
        (True, False)
        """
        return compare(self, other) == 0


_ZERO = Order(-sympy.oo, sympy.S.Zero, sympy.S.Zero)


def leading(expr: Any, t: Any) -> Order:
    """The leading term as the positive symbol `t` tends to infinity; all other symbols are positive.

    Raises
    ------
    InputError
        If the term is not of the form of `Order`, or a sign or a cancellation cannot be decided.

    Examples
    --------
    >>> t = sympy.Symbol("t", positive=True)
    >>> leading(sympy.sqrt(t + 1) - sympy.sqrt(t), t).power
    -1/2
    """
    if expr.is_zero:
        return _ZERO
    if not expr.has(t):
        return _constant(expr)
    if expr == t:
        return Order(sympy.S.One, sympy.S.Zero, sympy.S.One)
    for kind, rule in _RULES.items():
        if isinstance(expr, kind):
            return rule(expr, t)
    raise InputError(f"{expr} contains {type(expr).__name__}; its order in T is not known here")


def _constant(expr: Any) -> Order:
    if expr.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        raise InputError(f"{expr} is not a number; it has no order in T")
    tidy = sympy.factor(sympy.together(expr))
    return _ZERO if tidy.is_zero else Order(sympy.S.Zero, sympy.S.Zero, tidy)


def _sum(expr: Any, t: Any) -> Order:
    orders = [leading(term, t) for term in expr.args]
    best = reduce(lambda a, b: b if compare(b, a) > 0 else a, orders)
    if best.power == -sympy.oo:
        return _ZERO
    tied = [order for order in orders if compare(order, best) == 0]
    total = sympy.factor(sympy.together(sympy.Add(*(order.coefficient for order in tied))))
    if len(tied) == 1 or _nonzero(total):
        return Order(best.power, best.log_power, total)
    if sympy.simplify(total) != 0:
        raise InputError(f"the leading coefficient {total} may vanish; say more about its symbols")
    return _expand(expr, t)


def _nonzero(coefficient: Any) -> bool:
    return bool(coefficient.is_positive or coefficient.is_negative or coefficient.is_nonzero)


def _expand(expr: Any, t: Any) -> Order:
    """Leading term of a sum whose largest terms cancel."""
    if sympy.simplify(expr) == 0:
        return _ZERO
    x = sympy.Dummy("x", positive=True)
    try:
        lead = expr.subs(t, 1 / x).as_leading_term(x).subs(x, 1 / t)
        ratio = sympy.limit(expr / lead, t, sympy.oo)
    except (NotImplementedError, ValueError, TypeError, sympy.PoleError) as error:
        raise InputError(f"the leading terms of {expr} cancel; sympy cannot tell what remains") from error
    if lead.is_Add or ratio != 1:
        raise InputError(f"the leading terms of {expr} cancel; what remains could not be confirmed")
    return leading(lead, t)


def _product(expr: Any, t: Any) -> Order:
    orders = [leading(factor, t) for factor in expr.args]
    if any(order.coefficient == 0 for order in orders):
        return _ZERO
    return Order(
        sympy.Add(*(order.power for order in orders)),
        sympy.Add(*(order.log_power for order in orders)),
        sympy.Mul(*(order.coefficient for order in orders)),
    )


def _power(expr: Any, t: Any) -> Order:
    if expr.exp.has(t):
        if not expr.base.has(t) and sympy.factor(sympy.together(1 - expr.base)).is_positive:
            speed = leading(expr.exp, t)
            if compare(speed, _LOGARITHM) > 0 and speed.coefficient.is_positive:
                return _ZERO  # a contraction factor to a growing power
        return _exponential(expr.exp * sympy.log(expr.base), t)
    base = leading(expr.base, t)
    if base.coefficient == 0 or base.power == -sympy.oo:
        if not expr.exp.is_positive:
            raise InputError(f"{expr} divides by something that vanishes; it has no order in T")
        return _ZERO
    return Order(base.power * expr.exp, base.log_power * expr.exp, base.coefficient**expr.exp)


def _exponential(exponent: Any, t: Any) -> Order:
    """exp(exponent): a power of T if the exponent is logarithmic, nothing if it tends to minus infinity."""
    inner = leading(sympy.expand_log(sympy.expand(exponent)), t)
    grows = compare(inner, _LOGARITHM)
    if grows == 0:
        rest = sympy.expand(exponent - inner.coefficient * sympy.log(t))
        return leading(t**inner.coefficient * sympy.exp(rest), t)  # rest grows more slowly than log(t)
    if grows > 0:
        if inner.coefficient.is_negative:
            return _ZERO
        raise InputError(f"exp({exponent}) is not known to decay; it has no power order in T")
    limit = _limit(exponent, inner)
    return Order(sympy.S.Zero, sympy.S.Zero, sympy.exp(limit))


def _limit(expr: Any, order: Order) -> Any:
    if compare(order, _ONE) > 0:
        raise InputError(f"{expr} grows, but slower than log(T); that is neither a power nor a logarithm")
    return order.coefficient if compare(order, _ONE) == 0 else sympy.S.Zero


def _log(expr: Any, t: Any) -> Order:
    inner = leading(expr.args[0], t)
    if inner.coefficient == 0:
        raise InputError(f"{expr} is the logarithm of something that vanishes too fast; it has no order in T")
    if not inner.coefficient.is_positive:
        raise InputError(f"{expr} is the logarithm of something not known to be positive")
    if inner.power != 0:
        return Order(sympy.S.Zero, sympy.S.One, inner.power)
    if inner.log_power != 0:
        raise InputError(f"{expr} is an iterated logarithm; orders here are powers of T and of log(T)")
    if sympy.simplify(inner.coefficient - 1) == 0:  # log(1 + small) is of the order of what is small
        return leading(expr.args[0] - 1, t)
    return _constant(sympy.log(inner.coefficient))


def _extreme(expr: Any, t: Any) -> Order:
    sign = 1 if isinstance(expr, sympy.Max) else -1
    orders = [leading(term, t) for term in expr.args]
    for order in orders:
        if order.coefficient != 0 and not order.coefficient.is_positive:
            raise InputError(f"{expr} compares terms not known to be positive; say more about their symbols")
    best = reduce(lambda a, b: b if sign * compare(b, a) > 0 else a, orders)
    tied = [order.coefficient for order in orders if compare(order, best) == 0]
    return Order(best.power, best.log_power, (sympy.Max if sign > 0 else sympy.Min)(*tied))


def _absolute(expr: Any, t: Any) -> Order:
    inner = leading(expr.args[0], t)
    return Order(inner.power, inner.log_power, sympy.Abs(inner.coefficient))


def _rounded(expr: Any, t: Any) -> Order:
    inner = leading(expr.args[0], t)
    if compare(inner, _ONE) > 0:
        return inner
    raise InputError(f"{expr} rounds something that does not grow; replace it by its eventual value")


_ONE = Order(sympy.S.Zero, sympy.S.Zero, sympy.S.One)
_LOGARITHM = Order(sympy.S.Zero, sympy.S.One, sympy.S.One)
_RULES: dict[Any, Callable[[Any, Any], Order]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.exp: lambda expr, t: _exponential(expr.args[0], t),
    sympy.Pow: _power,
    sympy.log: _log,
    sympy.Min: _extreme,
    sympy.Max: _extreme,
    sympy.Abs: _absolute,
    sympy.floor: _rounded,
    sympy.ceiling: _rounded,
}


def compare(a: Order, b: Order) -> int:
    """1, 0 or -1: whether the first order grows faster, equally fast or slower; coefficients do not count.

    Raises
    ------
    InputError
        If exponents contain symbols and cannot be compared.

    Examples
    --------
    >>> t = sympy.Symbol("t", positive=True)
    >>> compare(leading(t * sympy.log(t), t), leading(t, t))
    1
    """
    for left, right in ((a.power, b.power), (a.log_power, b.log_power)):
        if left == right:
            continue
        difference = sympy.simplify(left - right)
        if difference.is_zero:
            continue
        if difference.is_extended_positive or difference.is_extended_negative:
            return 1 if difference.is_extended_positive else -1
        raise InputError(f"the exponents {left} and {right} cannot be compared; say more about their symbols")
    return 0


def _print_power(base: str, exponent: Any) -> str:
    if exponent == 0:
        return ""
    if exponent == 1:
        return base
    text = str(exponent)
    return f"{base}^{text if text.isalnum() else f'({text})'}"
