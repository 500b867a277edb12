"""Exact linear algebra agrees with sympy and numpy, and decides the cases that floats cannot."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.numbers import Array, Field, convert
from spiritlevel.synthetic.matrices import (
    positive_definite,
    positive_semidefinite,
    smallest_eigenvalue,
    solve,
    spectral_norm,
)

few = settings(max_examples=60, derandomize=True, deadline=None)
entries = st.integers(-2, 2)


@st.composite
def matrices(draw: st.DrawFn, symmetric: bool = False) -> Array:
    k = draw(st.integers(1, 4))
    a = np.array(draw(st.lists(entries, min_size=k * k, max_size=k * k))).reshape(k, k)
    if symmetric:
        # M M' minus a little of the identity: often on the border of definiteness
        a = a @ a.T - draw(st.integers(0, 2)) * np.eye(k, dtype=int)
    return a


@few
@given(a=matrices(symmetric=True))
def test_definiteness_is_sympys(a: Array) -> None:
    truth = sympy.Matrix(a)
    for field in ("fraction", "fmpq", "symbol"):
        exact = convert(a, field)
        assert positive_definite(exact) == truth.is_positive_definite
        assert positive_semidefinite(exact) == truth.is_positive_semidefinite


@few
@given(a=matrices())
def test_norms_and_eigenvalues_are_numpys(a: Array) -> None:
    # 4 x 4 matrices with entries up to 2: norms at most 8, rounding far below 1e-13
    top, s = np.linalg.norm(a, 2), a + a.T
    low = np.linalg.eigvalsh(s)[0]
    fields: tuple[Field, ...] = ("float", "fraction")
    for field in fields:
        assert float(spectral_norm(convert(a, field)[None])) == pytest.approx(top, abs=1e-13)
        assert float(smallest_eigenvalue(convert(s, field)[None])) == pytest.approx(low, abs=1e-13)


@few
@given(a=matrices(), rank_one=st.booleans(), z=st.lists(entries, min_size=4, max_size=4))
def test_solve_finds_a_solution_exactly_when_there_is_one(a: Array, rank_one: bool, z: list[int]) -> None:
    if rank_one:
        a = np.outer(a[0], a[-1])
    right = np.array(z[: len(a)])
    truth = sympy.Matrix(a).rank() == sympy.Matrix(np.column_stack([a, right])).rank()
    fields: tuple[Field, ...] = ("fraction", "fmpq", "symbol")
    for field in fields:
        found = solve(convert(a, field), convert(right, field))
        assert (found is not None) == truth
        if found is not None:
            assert (convert(a, field) @ found == convert(right, field)).all()
    found = solve(a.astype(float), right.astype(float))
    assert (found is not None) == truth


def test_exact_answers_stay_exact() -> None:
    third = Fraction(1, 3)
    diagonal: Any = convert([[[third, 0], [0, -2]]], "fraction")
    assert (spectral_norm(diagonal), smallest_eigenvalue(diagonal)) == (2, -2)
    assert isinstance(spectral_norm(diagonal), Fraction)
    column = convert([[[3], [4]]], "fraction")  # more than one entry in a column: a float
    assert isinstance(spectral_norm(column), float)
    assert spectral_norm(column) == pytest.approx(5, rel=1e-14)


def test_definiteness_that_floats_cannot_see() -> None:
    tiny = Fraction(1, 10**40)
    for sign in (1, -1):
        a = convert([[1, 1], [1, 1 + sign * tiny]], "fraction")
        assert positive_definite(a) is (sign == 1)
        assert positive_definite(convert(a, "float")) is False
    hollow = convert([[0, 1], [1, 5]], "fraction")
    assert positive_semidefinite(hollow) is False


def test_symbols_that_do_not_decide_give_no_answer() -> None:
    free, above = sympy.Symbol("a"), sympy.Symbol("b", positive=True)
    assert positive_definite(np.array([[free]])) is None
    assert positive_definite(np.array([[above]])) is True
    assert positive_semidefinite(np.array([[-above]])) is False
    found = solve(np.array([[above]]), np.array([free]))
    assert found is not None
    assert found[0] == free / above
