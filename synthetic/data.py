"""From what a user gave to arrays that a problem can rely on; every refusal is one clear sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, parse_number
from spiritlevel.synthetic.matrices import definite_floats, positive_definite, rationals, smallest_eigenvalue

Where = Callable[[int], str]


def agent(i: int) -> str:
    """How a message names the owner of the i-th matrix of a stack."""
    return f"agent {i}"


def _raw(name: str, given: Any) -> Array:
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise InputError(f"{name} has rows of unequal lengths; give a full array of numbers") from error
    if array.dtype.kind not in "iufcO":
        raise InputError(f"{name} holds entries of type {array.dtype}; give numbers")
    return array


def _system(arrays: list[Array]) -> Field:
    kinds = {
        type(entry).__module__.split(".")[0] for a in arrays if a.dtype == object for entry in a.reshape(-1)
    }
    if "sympy" in kinds:
        return "symbol"
    if "flint" in kinds:
        return "fmpq"
    if kinds:
        return "fraction"
    return "complex" if any(np.iscomplexobj(a) for a in arrays) else "float"


def together(given: Mapping[str, Any]) -> dict[str, Array]:
    """Read-only copies of all arrays, in one number system: an exact one as soon as any entry is exact.

    Integers alone become floats. Entries that are None are left out.

    Raises
    ------
    InputError
        If something is not a full array of finite numbers.

    Examples
    --------
    >>> from fractions import Fraction
    >>> together({"a": [1], "b": [Fraction(1, 3)]})["a"]
    array([Fraction(1, 1)], dtype=object)
    """
    raw = {name: _raw(name, value) for name, value in given.items() if value is not None}
    field = _system(list(raw.values()))
    out = {}
    for name, array in raw.items():
        if array.dtype != object and not np.isfinite(array).all():
            at = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"{name}{list(at)} is {array[at]}; give finite numbers")
        try:
            own = np.array(convert(array, field), order="C")
        except (InputError, TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{name} holds an entry that is not a finite number ({error})") from error
        own.flags.writeable = False
        out[name] = own
    return out


def shaped(data: Mapping[str, Array], letters: Mapping[str, str], sizes: dict[str, int]) -> dict[str, int]:
    """Check shapes such as ``{"H": "nqq"}``; sizes not known yet are read off, in the order given.

    Returns
    -------
    The sizes, with those that were found.

    Raises
    ------
    InputError
        If a number of axes or a size is wrong, or a size is zero.

    Examples
    --------
    >>> shaped({"B": np.ones((4, 2, 3))}, {"B": "nqp"}, {})
    {'n': 4, 'q': 2, 'p': 3}
    """
    for name, axes in letters.items():
        if name not in data:
            continue
        shape = data[name].shape
        spelled = f"({', '.join(axes)}{',' * (len(axes) == 1)})"
        if len(shape) != len(axes):
            raise InputError(f"{name} has shape {shape}; give {len(axes)} axes, {spelled}")
        for letter, size in zip(axes, shape, strict=True):
            sizes.setdefault(letter, size)
        wanted = tuple(sizes[letter] for letter in axes)
        if shape != wanted:
            raise InputError(f"{name} has shape {shape}; give {spelled} = {wanted}")
        if 0 in shape:
            raise InputError(f"{name} has shape {shape}; every size must be at least 1")
    return sizes


def symmetric(name: str, matrices: Array, where: Where = agent) -> Array:
    """The stack ``(m, k, k)``, exactly symmetric.

    Rationals and symbols must be symmetric as given. Floats may differ by ``1e-12`` of the matrix's
    largest entry, which is rounding; they are then averaged with their transposes.

    Raises
    ------
    InputError
        Naming the first matrix and entry that break it.
    """
    mirrored = matrices.swapaxes(-1, -2)
    wrong = matrices != mirrored
    if not wrong.any():
        return matrices
    if matrices.dtype != object:
        wrong = abs(matrices - mirrored) > 1e-12 * abs(matrices).max(axis=(-2, -1), keepdims=True)
    if wrong.any():
        i, k, m = (int(index) for index in np.argwhere(wrong)[0])
        raise InputError(
            f"{name} of {where(i)} is not symmetric: entry ({k}, {m}) is {matrices[i, k, m]} "
            f"and entry ({m}, {k}) is {matrices[i, m, k]}; give a symmetric matrix"
        )
    return np.ascontiguousarray((matrices + mirrored) / 2)


def definite(name: str, matrices: Array, where: Where = agent) -> None:
    """Refuse a stack ``(m, k, k)`` of symmetric matrices unless each is positive definite.

    Decided as in `positive_definite`; symbols that do not decide it pass.

    Raises
    ------
    InputError
        Naming the first matrix and its smallest eigenvalue.
    """
    if matrices.dtype != object:
        wrong = np.flatnonzero(~definite_floats(matrices))  # all at once: a finite sum has thousands
    else:
        wrong = np.flatnonzero([positive_definite(matrix) is False for matrix in matrices])
    if len(wrong):
        i = int(wrong[0])
        numeric = matrices.dtype != object or rationals(matrices[i]) is not None
        least = f"about {float(smallest_eigenvalue(matrices[i : i + 1])):.6g}" if numeric else "not positive"
        raise InputError(
            f"{name} of {where(i)} is not positive definite: its smallest eigenvalue is {least}; "
            "give a matrix whose eigenvalues are all positive"
        )


def sums_to_zero(name: str, rows: Array) -> None:
    """Refuse rows ``(n, p)`` whose sum over the agents is not zero (in floats: not zero up to rounding)."""
    total = rows.sum(axis=0)
    if rows.dtype == object:
        wrong = total != 0
    else:
        wrong = abs(total) > len(rows) * np.finfo(float).eps * abs(rows).sum(axis=0)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise InputError(f"{name} sums to {total[k]} over the agents in component {k}; the sum must be 0")


def without_zeros(array: Array | None) -> Array | None:
    """None instead of an array of zeros, so that nobody multiplies by it."""
    return array if array is not None and (array != 0).any() else None


def positive(name: str, value: Any) -> Real:
    """A number above zero.

    Examples
    --------
    >>> positive("scale", 2)
    Fraction(2, 1)
    """
    number = parse_number(value, name)
    if number <= 0:
        raise InputError(f"{name} is {number}; give a number > 0")
    return number


def row(name: str, values: Any, size: int, field: Field, n: int | None = None) -> Array:
    """A vector ``(size,)``, or with ``n`` also one row per agent ``(n, size)``, in a number system."""
    array = together({name: values})[name]
    allowed = [(size,)] if n is None else [(size,), (n, size)]
    if array.shape not in allowed:
        raise InputError(f"{name} has shape {array.shape}; give {' or '.join(map(str, allowed))}")
    return moved(array, field)


def moved(array: Array, field: Field) -> Array:
    """The array in another number system; complex numbers leave their imaginary parts behind."""
    return convert(array.real if np.iscomplexobj(array) and field != "complex" else array, field)
