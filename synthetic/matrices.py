"""Norms, definiteness and linear equations: exact on rationals wherever the answer is rational.

Rationals are decided exactly (Gaussian elimination over `flint.fmpq`); floats with the margins that
each function states; symbols without a rational value are asked through sympy.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, convert, field_of


def rationals(array: Array) -> Array | None:
    """The entries as `flint.fmpq`, or None for floats and for symbols without a rational value."""
    if array.dtype != object:
        return None
    try:
        return convert(array, "fmpq")
    except InputError:
        return None


def floats(array: Array) -> Array:
    """The real parts of the entries in float64."""
    return np.asarray(array.real if np.iscomplexobj(array) else convert(array, "float"))


def spectral_norm(matrices: Array) -> Real:
    """The largest spectral norm in a stack ``(..., k, l)``.

    Exact (a `Fraction`) where rational matrices have at most one entry per row and column that is not
    zero; otherwise singular values computed in float64 (relative error far below 1e-12).

    Examples
    --------
    >>> spectral_norm(convert([[[0, -3], [2, 0]]], "fraction"))
    Fraction(3, 1)
    >>> spectral_norm(np.array([[[3.0, 4.0]]]))
    5.0
    """
    exact = rationals(matrices)
    if exact is not None:
        filled = exact != 0
        if filled.sum(-1).max() <= 1 and filled.sum(-2).max() <= 1:
            top = abs(exact).max()
            return Fraction(int(top.p), int(top.q))
    return float(np.linalg.norm(floats(matrices), 2, axis=(-2, -1)).max())


def smallest_eigenvalue(matrices: Array) -> Real:
    """The smallest eigenvalue in a stack of symmetric matrices; exact where all are diagonal rationals.

    Examples
    --------
    >>> smallest_eigenvalue(convert([[[2, 0], [0, 0.25]]], "fraction"))
    Fraction(1, 4)
    """
    exact = rationals(matrices)
    if exact is not None:
        diagonal = np.eye(exact.shape[-1], dtype=bool)
        if not (exact[..., ~diagonal] != 0).any():
            least = exact[..., diagonal].min()
            return Fraction(int(least.p), int(least.q))
    return float(np.linalg.eigvalsh(floats(matrices)).min())


def _pivots(matrix: Array) -> list[Any] | None:
    """Pivots of a symmetric rational matrix, by elimination; None as soon as it is not semidefinite."""
    a, size, found = matrix.copy(), matrix.shape[-1], []
    for k in range(size):
        pivot = a[k, k]
        if pivot < 0 or (pivot == 0 and (a[k, k:] != 0).any()):
            return None
        found.append(pivot)
        if pivot != 0:
            a[k + 1 :, k:] = a[k + 1 :, k:] - (a[k + 1 :, k] / pivot)[:, None] * a[k, k:]
    return found


def positive_definite(matrix: Array) -> bool | None:
    """Whether one symmetric matrix is positive definite; None if its symbols do not decide it.

    Rationals are decided exactly. In floats the smallest eigenvalue must exceed the rounding error of
    its computation, ``q * eps * norm``.

    Examples
    --------
    >>> positive_definite(convert([[2, 1], [1, 1]], "fraction")), positive_definite(np.ones((2, 2)))
    (True, False)
    """
    exact = rationals(matrix)
    if exact is not None:
        pivots = _pivots(exact)
        return pivots is not None and all(pivot > 0 for pivot in pivots)
    if field_of(matrix) == "symbol":
        import sympy

        answer: bool | None = sympy.Matrix(matrix).is_positive_definite
        return answer
    return bool(definite_floats(matrix[None])[0])


def definite_floats(matrices: Array) -> Array:
    """`positive_definite` of each matrix in a stack ``(m, q, q)`` of floats, shape ``(m,)``.

    Examples
    --------
    >>> definite_floats(np.array([[[2.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]))
    array([ True, False])
    """
    eigenvalues = np.linalg.eigvalsh(floats(matrices))
    margin = eigenvalues.shape[-1] * np.finfo(float).eps * abs(eigenvalues).max(axis=-1)
    return np.asarray(eigenvalues[:, 0] > margin)


def positive_semidefinite(matrix: Array) -> bool | None:
    """Whether one symmetric matrix is positive semidefinite; None if its symbols do not decide it.

    Rationals are decided exactly. In floats, eigenvalues down to ``-1e-10 * norm`` pass for zero:
    the matrices asked about come out of a solve and carry its rounding error.

    Examples
    --------
    >>> positive_semidefinite(convert([[1, 1], [1, 1]], "fraction")), positive_semidefinite(-np.eye(1))
    (True, False)
    """
    exact = rationals(matrix)
    if exact is not None:
        return _pivots(exact) is not None
    if field_of(matrix) == "symbol":
        import sympy

        answer: bool | None = sympy.Matrix(matrix).is_positive_semidefinite
        return answer
    eigenvalues = np.linalg.eigvalsh(floats(matrix))
    return bool(eigenvalues[0] >= -1e-10 * abs(eigenvalues).max())


def solve(matrix: Array, right: Array) -> Array | None:
    """A solution of ``matrix @ z = right`` in the matrix's own number system, or None if there is none.

    A singular but consistent system has many solutions; one of them is returned. Rationals are decided
    exactly; floats are solved by least squares, and a relative residual above 1e-10 counts as none.

    Examples
    --------
    >>> solve(convert([[2, 0], [0, 0]], "fraction"), convert([1, 0], "fraction"))
    array([Fraction(1, 2), Fraction(0, 1)], dtype=object)
    >>> print(solve(np.zeros((1, 1)), np.ones(1)))
    None
    """
    field = field_of(matrix)
    if field in ("float", "complex"):
        z = np.linalg.lstsq(matrix, right, rcond=None)[0]
        scale = np.linalg.norm(matrix) * np.linalg.norm(z) + np.linalg.norm(right)
        return z if np.linalg.norm(matrix @ z - right) <= 1e-10 * scale else None
    augmented = rationals(np.concatenate([matrix, right[:, None]], axis=1))
    if augmented is None:
        return _solve_symbols(matrix, right)
    from flint import fmpq_mat

    rows, columns = augmented.shape
    reduced, rank = fmpq_mat(rows, columns, augmented.reshape(-1).tolist()).rref()
    z = convert(np.zeros(columns - 1, dtype=int), "fmpq")
    for row in range(rank):
        pivot = next(k for k in range(columns) if reduced[row, k] != 0)
        if pivot == columns - 1:
            return None
        z[pivot] = reduced[row, columns - 1]
    return convert(z, field)


def _solve_symbols(matrix: Array, right: Array) -> Array | None:
    import sympy

    try:
        z = sympy.Matrix(matrix).LUsolve(sympy.Matrix(right))
    except ValueError:  # sympy's way to say "singular"
        return None
    return convert(np.array([sympy.simplify(entry) for entry in z], dtype=object), "symbol")


def diagonals(d: Array) -> Array:
    """Diagonal matrices with the given entries, shape ``(.., q, q)``."""
    return d[..., :, None] * np.eye(d.shape[-1], dtype=int)


def solve_each(matrices: Array, v: Array) -> Array:
    """``matrices^-1 v`` for a stack of each, in floats."""
    return np.asarray(np.linalg.solve(matrices, v[..., None])[..., 0])
