r"""The largest value of a weighted sum of clipped affine functions, exactly."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.matrices import solve


def clip_sum(J: Array, v0: Array, kappa: Array, weights: Array, x: Array) -> Any:
    r""":math:`\sum_k weights_k \operatorname{clip}(v_{0,k} + (J x)_k, -\kappa_k, \kappa_k)`."""
    return (weights * np.clip(v0 + J @ x, -kappa, kappa)).sum()


def highest(J: Array, v0: Array, kappa: Array, weights: Array) -> Array:
    r"""A maximiser x of :math:`\sum_k weights_k \operatorname{clip}(v_{0,k} + (J x)_k, -\kappa_k, \kappa_k)`.

    Rows of J that share no column are treated apart. Within a group the sum is linear on every cell of the arrangement
    :math:`v_k = \pm\kappa_k` and bounded, so it is largest at a vertex (up to directions in which no row moves): all are
    looked at, unless the rows are independent and every term can be largest at once.

    Parameters
    ----------
    J, v0, kappa, weights
        Exact, shapes ``(m, P)``, ``(m,)``, ``(m,)`` and ``(m,)``.

    Examples
    --------
    >>> one = convert(np.ones(2, dtype=int), "fraction")
    >>> J, v0 = convert(np.array([[1], [1]]), "fraction"), convert(np.array([0, 3]), "fraction")
    >>> x = highest(J, v0, one, convert(np.array([2, -1]), "fraction"))
    >>> x, clip_sum(J, v0, one, convert(np.array([2, -1]), "fraction"), x)
    (array([Fraction(1, 1)], dtype=object), Fraction(1, 1))
    """
    x = convert(np.zeros(J.shape[1], dtype=int), "fraction")
    for rows in _groups(J, (weights != 0) & (kappa != 0)):
        columns = np.flatnonzero((J[rows] != 0).any(axis=0))
        part = J[rows][:, columns]
        x[columns] = _highest_of_group(part, v0[rows], kappa[rows], weights[rows])
    return x


def _groups(J: Array, matter: Array) -> list[list[int]]:
    """The rows that matter and move, those connected by columns together."""
    left = [k for k in range(len(J)) if matter[k] and (J[k] != 0).any()]
    groups = []
    while left:
        group = [left.pop(0)]
        while joined := [k for k in left if ((J[group] != 0).any(axis=0) & (J[k] != 0)).any()]:
            group += joined
            left = [k for k in left if k not in joined]
        groups.append(sorted(group))
    return groups


def _highest_of_group(J: Array, v0: Array, kappa: Array, weights: Array) -> Array:
    rank = _rank(J)
    if rank == len(J):
        return _meeting(J, np.sign(weights) * kappa - v0)
    bases = [
        rows for rows in map(list, itertools.combinations(range(len(J)), rank)) if _rank(J[rows]) == rank
    ]
    points = [
        _meeting(J[rows], np.array(signs, dtype=object) * kappa[rows] - v0[rows])
        for rows in bases
        for signs in itertools.product((-1, 1), repeat=rank)
    ]
    return max(points, key=lambda x: clip_sum(J, v0, kappa, weights, x))


def _rank(matrix: Array) -> int:
    from flint import fmpq_mat

    return int(fmpq_mat(*matrix.shape, convert(matrix, "fmpq").reshape(-1).tolist()).rank())


def _meeting(rows: Array, right: Array) -> Array:
    """A point x with ``rows @ x = right``, for independent rows."""
    x = solve(rows, right)
    assert x is not None
    return x
