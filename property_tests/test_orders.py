"""Orders in T: known cases, and agreement with plain numbers at astronomically large T."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.errors import InputError
from spiritlevel.theory.instruments.orders import binding, dominant, order_in

T, a, b, lam = sympy.symbols("T a b lam", positive=True)
half, third = sympy.Rational(1, 2), sympy.Rational(1, 3)
log, sqrt, oo = sympy.log, sympy.sqrt, sympy.oo

KNOWN: list[tuple[Any, Any, Any]] = [
    (sqrt(T), half, 0),
    (T * log(T), 1, 1),
    (1 / (T + 1), -1, 0),
    (sympy.Min(sympy.Rational(1, 4), 1 / sqrt(T)), -half, 0),
    (sympy.Max(sympy.Rational(1, 4), 1 / sqrt(T)), 0, 0),
    (sympy.Min(a / T, b * log(T) / T), -1, 0),
    (sympy.Max(a / T, b * log(T) / T), -1, 1),
    (a / sqrt(b * T) + b / T ** (sympy.Rational(2, 3)) + log(T) / T, -half, 0),
    ((T + a) ** third * (T**2 + b) ** half, sympy.Rational(4, 3), 0),
    (1 / sympy.Min(a, 1 / T**third), third, 0),
    (log(T) ** 2 / (1 + log(T)), 0, 1),
    (log(a * T**3 + b), 0, 1),
    (log(1 + a / sqrt(T)), -half, 0),
    (sympy.Integer(7), 0, 0),
    (sqrt(T + 1) - sqrt(T), -half, 0),
    (log(T + 1) - log(T), -1, 0),
    (1 / (1 - 1 / T) - 1, -1, 0),
    (1 - sympy.exp(-a / T), -1, 0),
    (T * sympy.exp(-a * T), -oo, 0),
    (T * sympy.exp(-sqrt(T)) + 1 / T, -1, 0),
    (sympy.exp(-2 * log(T + 1)), -2, 0),
    (T ** (1 / log(T)), 0, 0),
    (half**T, -oo, 0),
    (sympy.ceiling(sqrt(T)) * T, sympy.Rational(3, 2), 0),
    (sympy.Abs(1 - T), 1, 0),
    (T - T, -oo, 0),
    ((T + 1) ** 2 - T**2 - 2 * T - 1, -oo, 0),
]


@pytest.mark.parametrize(("expr", "power", "log_power"), KNOWN, ids=lambda value: str(value)[:40])
def test_known_orders(expr: Any, power: Any, log_power: Any) -> None:
    found = order_in(expr, T)
    assert (found.power, found.log_power) == (power, log_power)


def test_the_symbol_need_not_be_declared_positive() -> None:
    horizon, rate = sympy.symbols("K rho")
    assert order_in(sqrt(horizon**2 + rate) / horizon, horizon).power == 0
    assert order_in(rate**horizon, horizon, unit=[rate]).power == -oo
    with pytest.raises(InputError, match=r"not known to decay|may vanish"):
        order_in(rate**horizon, horizon)


def test_coefficients_come_back_in_the_given_symbols() -> None:
    found = order_in(sympy.Min((1 - lam) * T / 4, T**2) + 3 * T, T, unit=[lam])
    assert sympy.simplify(found.coefficient - (3 + (1 - lam) / 4)) == 0
    assert order_in(a * T + b * T, T).coefficient == a + b


def test_the_dominant_and_the_binding_terms() -> None:
    terms = {"noise": a / sqrt(T), "network": b / ((1 - lam) * sqrt(T)), "transient": 1 / T}
    assert dominant(terms, T, unit=[lam]).names == ("noise", "network")
    assert binding(terms, T, unit=[lam]).names == ("transient",)
    assert str(dominant(terms, T, unit=[lam]).orders["transient"]) == "T^(-1)"


@pytest.mark.parametrize(
    "expr",
    [
        a * T - b * T,
        sympy.sin(T),
        log(log(T)),
        2**T,
        sympy.Min(T, T - a * T),
        1 / sympy.exp(-T),
        sympy.oo + 0 * a,
    ],
    ids=str,
)
def test_what_cannot_be_decided_is_refused(expr: Any) -> None:
    with pytest.raises(InputError):
        order_in(expr, T)


_exponents = st.fractions(-3, 3, max_denominator=4).map(lambda f: sympy.Rational(f.numerator, f.denominator))
_terms = st.builds(
    lambda c, p, k, shift: c * (T + shift) ** p * log(T) ** k,
    st.integers(1, 5),
    _exponents,
    st.integers(-2, 2),
    st.integers(0, 3),
)
_sums = st.lists(_terms, min_size=1, max_size=4).map(lambda terms: sympy.Add(*terms))
_expressions = st.one_of(
    _sums,
    st.builds(lambda x, y: x / y, _sums, _sums),
    st.builds(lambda x, y: x - y, _sums, _sums),
    st.builds(sympy.Min, _sums, _sums),
    st.builds(sympy.Max, _sums, _sums),
    st.builds(lambda x, e: x**e, _sums, _exponents),
)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(_expressions)
def test_the_leading_term_is_what_numbers_show(expr: Any) -> None:
    """At T = exp(1000) the expression divided by its leading term is close to 1.

    What loses by a power of T loses by at least T**(1/12) = exp(83). What loses by a logarithm loses by a factor
    1000 against ratios of coefficients of at most 3 * 5, twice in a quotient or three times in a power: less
    than 0.1 in all, while another power or logarithm would be off by a factor of at least 1000. Digits: T has
    435, so a cancellation down to T**-6, relatively, still leaves nearly 400.
    """
    found = order_in(expr, T)
    if found.coefficient == 0:
        assert sympy.simplify(expr) == 0
        return
    leading = found.coefficient * T**found.power * log(T) ** found.log_power
    with mpmath.workdps(3_000):
        at = mpmath.exp(1000)
        ratio = sympy.lambdify(T, expr, "mpmath")(at) / sympy.lambdify(T, leading, "mpmath")(at)
        assert abs(ratio - 1) < 0.1
