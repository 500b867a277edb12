r"""The number systems that one implementation is interpreted over.

An array is always a numpy array; its number system (its *field*) is

=========== ============================== =====================================
``float``   dtype float64                  traces, many replicas at once
``complex`` dtype complex128               complex-step derivatives
``fraction`` objects, `fractions.Fraction` witnesses with no rounding
``fmpq``    objects, `flint.fmpq`          the same, faster; raises on any float
``symbol``  objects, sympy expressions     identities for all values
=========== ============================== =====================================

numpy's arithmetic works on all of them, with traps that this module keeps in one place:
``0.5 * a`` and ``a + np.zeros(..)`` silently turn fractions into floats (write ``a / 2`` and
``a * 0``); ``Fraction(np.int64(..))`` can overflow; numpy unpacks polynomials when an object
array is filled from a list. Hence: convert once, at the boundary, with `convert`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from numbers import Rational
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from spiritlevel.core.errors import InputError

Array = npt.NDArray[Any]
Field = Literal["float", "complex", "fraction", "fmpq", "symbol"]
FIELDS: tuple[Field, ...] = get_args(Field)


def parse_number(text: object, argument: str = "value") -> Fraction | float:
    """Read a number written as ``3``, ``0.25``, ``1e-3`` or an exact ``"p/q"``; nothing is executed.

    Strings and integers become exact rationals; floats stay floats.

    Raises
    ------
    InputError
        If it is not a finite number.

    Examples
    --------
    >>> parse_number("1/3"), parse_number("0.25"), parse_number(2)
    (Fraction(1, 3), Fraction(1, 4), Fraction(2, 1))
    """
    if isinstance(text, bool) or not isinstance(text, int | float | str | Fraction | np.generic):
        raise InputError(f"{argument} is {text!r}; give a number or a string such as '1/3'")
    if isinstance(text, str) and len(text) > 10_000:
        raise InputError(f"{argument} is a text of {len(text)} characters; numbers have at most 10000")
    if isinstance(text, str) and len(re.sub(r".*[eE][+-]?0*", "", text)) > 4 and re.search("[eE]", text):
        raise InputError(f"{argument} is {text!r}; give an exponent of at most four digits")
    try:
        value: Fraction | float
        if isinstance(text, float | np.floating):
            value = float(text)
            finite = bool(np.isfinite(value))
        else:
            value = Fraction(text if isinstance(text, str | Fraction) else int(text))
            finite = True
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise InputError(f"{argument} is {text!r}; give a number or a string such as '1/3'") from error
    if not finite:
        raise InputError(f"{argument} is {text!r}; give a finite number")
    return value


def _to_fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int | np.integer):
        return Fraction(int(value))
    if isinstance(value, float | np.floating):
        return Fraction(float(value))
    if hasattr(value, "numerator") and isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if hasattr(value, "p") and hasattr(value, "q"):  # flint.fmpq, sympy.Rational
        return Fraction(int(value.p), int(value.q))
    raise InputError(f"{value!r} of type {type(value).__name__} has no exact rational value")


def _to_fmpq(value: Any) -> Any:
    from flint import fmpq

    if isinstance(value, fmpq):
        return value
    exact = _to_fraction(value)
    return fmpq(exact.numerator, exact.denominator)


def _to_symbol(value: Any) -> Any:
    import sympy

    if isinstance(value, sympy.Basic):
        return value
    exact = _to_fraction(value)
    return sympy.Rational(exact.numerator, exact.denominator)


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "fraction": _to_fraction,
    "fmpq": _to_fmpq,
    "symbol": _to_symbol,
}


def fill(shape: tuple[int, ...], entries: Any) -> Array:
    """An object array of the given shape, filled one by one (numpy unpacks polynomials otherwise)."""
    out = np.empty(shape, dtype=object)
    flat = out.reshape(-1)
    for k, entry in enumerate(entries):
        flat[k] = entry
    return out


def convert(values: Any, field: Field) -> Array:
    """The same numbers in another number system; exact whenever the target is exact.

    Parameters
    ----------
    values
        Array, nested list or scalar of numbers.
    field
        Target number system.

    Examples
    --------
    >>> convert([1, 0.5], "fraction")
    array([Fraction(1, 1), Fraction(1, 2)], dtype=object)
    >>> convert(convert([0.5], "fmpq"), "float")
    array([0.5])
    """
    if field not in FIELDS:
        raise InputError(f"field is {field!r}; choose one of {', '.join(FIELDS)}")
    array = np.asarray(values)
    if field in ("float", "complex"):
        dtype = np.float64 if field == "float" else np.complex128
        if array.dtype != object:
            return np.ascontiguousarray(array, dtype=dtype)
        return np.array([_to_float(v) for v in array.reshape(-1)], dtype=dtype).reshape(array.shape)
    return fill(array.shape, (_CONVERTERS[field](v) for v in array.reshape(-1)))


def _to_float(value: Any) -> float:
    try:
        return float(value)
    except TypeError:
        return float(_to_fraction(value))


def scalar(value: Any, field: Field) -> Any:
    """A step size in a number system: a Python float, or an array of shape ``(1,)``.

    numpy takes bare polynomials apart and unboxes 0-d arrays; shape ``(1,)`` is safe for both.

    Examples
    --------
    >>> scalar(Fraction(1, 3), "float")
    0.3333333333333333
    >>> scalar(0.5, "fraction")
    array([Fraction(1, 2)], dtype=object)
    """
    if field == "float":
        return _to_float(np.asarray(value).reshape(-1)[0])
    return convert(np.asarray(value, dtype=object).reshape(1), field)


def field_of(array: Array) -> Field:
    """The number system of an array, read off its first element.

    Examples
    --------
    >>> field_of(np.zeros(2)), field_of(convert([1], "fmpq"))
    ('float', 'fmpq')
    """
    if array.dtype != object:
        return "complex" if np.iscomplexobj(array) else "float"
    first = array.reshape(-1)[0]
    if isinstance(first, Fraction):
        return "fraction"
    module = type(first).__module__.split(".")[0]
    return "fmpq" if module == "flint" and type(first).__name__ == "fmpq" else "symbol"


def inverse(matrices: Array) -> Array:
    """Inverses of a stack ``(..., q, q)`` of matrices, in their own number system.

    Raises
    ------
    InputError
        If a matrix is singular.
    """
    field = field_of(matrices)
    try:
        if field in ("float", "complex"):
            return np.ascontiguousarray(np.linalg.inv(matrices))
        if field == "symbol":
            import sympy

            def invert(a: Array) -> Any:
                return sympy.Matrix(a).inv()
        else:
            from flint import fmpq_mat

            def invert(a: Array) -> Any:
                entries = convert(a, "fmpq").reshape(-1).tolist()
                return fmpq_mat(a.shape[0], a.shape[1], entries).inv()

        q = matrices.shape[-1]
        stack = matrices.reshape(-1, q, q)
        out: Array = np.empty(stack.shape, dtype=object)
        for k, a in enumerate(stack):
            b = invert(a)
            for i in range(q):
                for j in range(q):
                    out[k, i, j] = b[i, j]
        out = out.reshape(matrices.shape)
        return convert(out, field) if field == "fraction" else out
    except (np.linalg.LinAlgError, ZeroDivisionError) as error:
        raise InputError("a matrix that must be inverted is singular") from error


def finite(array: Array) -> bool:
    """Whether every entry is finite; exact numbers and symbols always are."""
    return array.dtype == object or bool(np.isfinite(array).all())
