r"""Exact bilevel solutions of quadratic problems with an l1 term on either level.

With :math:`y^*(x) = \operatorname{soft}(z(x), k_r)/\operatorname{diag} H`, z affine, the objective is quadratic in every cell
in which each :math:`z_k` is on one side of the threshold and each :math:`x_j` on one side of 0. Its least value over a
cell is that over the affine hull of one of the cell's faces: all of them are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.matrices import positive_definite, solve

MOST = 8000
"""Linear systems that are solved at most; p = q = 2 takes some 800, p = 3 and q = 2 some 4600."""


def affine(of: Any, size: int) -> tuple[Array, Array]:
    """Matrix and offset of an affine map of one vector, in fractions.

    Examples
    --------
    >>> affine(lambda z: 2 * z + 1, 1)
    (array([[Fraction(2, 1)]], dtype=object), array([Fraction(1, 1)], dtype=object))
    """
    offset = of(convert(np.zeros(size, dtype=int), "fraction"))
    columns = [of(row) - offset for row in convert(np.eye(size, dtype=int), "fraction")]
    return np.stack(columns, axis=-1), offset


Half = tuple[Array, Any]
"""A half-space ``row @ x <= bound``."""


def _thresholds(problem: Any, below: Fraction) -> Iterator[tuple[Array, Array, list[Half]]]:
    """The affine pieces of :math:`y^*`, matrix and offset, and where each is."""
    p, q = problem.p, problem.q
    X = convert(np.zeros((1, problem.n, p), dtype=int), "fraction")
    if below == 0:
        yield *affine(lambda x: problem.lower_solution(X + x)[0, 0], p), []
        return
    B, c = affine(lambda x: problem.inner(X + x)[0, 0], p)
    h = problem.mean_hessian.diagonal()
    for sides in product((-1, 0, 1), repeat=q):
        halves: list[Half] = []
        for k, s in enumerate(sides):
            halves += [(-s * B[k], s * c[k] - below)] if s else [(B[k], below - c[k]), (-B[k], below + c[k])]
        side = np.array(sides)
        yield abs(side)[:, None] * B / h[:, None], abs(side) * (c - side * below) / h, halves


def _faces(count: int, p: int) -> list[tuple[int, ...]]:
    return [chosen for size in range(min(p, count) + 1) for chosen in combinations(range(count), size)]


def minimiser(problem: Any) -> Array | None:
    """The minimiser of the whole objective, shape ``(p,)``, exact.

    Parameters
    ----------
    problem
        A `spiritlevel.synthetic.composite.L1Bilevel` in fractions whose upper level is quadratic.

    Returns
    -------
    The minimiser; None if the lower level is not shared, if the mean upper level is not strictly convex in (x, y), or
    if there are too many cells to look at all of them (p = q = 3).

    Examples
    --------
    >>> from spiritlevel.synthetic.composite import with_l1
    >>> from spiritlevel.synthetic.random_problems import random_quadratic
    >>> smooth = random_quadratic(1, n=2, p=1, q=1, shared=True, rational=True)
    >>> (minimiser(with_l1(smooth)) == smooth.solution()).all(), minimiser(with_l1(smooth, above=100))
    (np.True_, array([Fraction(0, 1)], dtype=object))
    """
    p, q, n = problem.p, problem.q, problem.n
    if not problem.shared or 3**q * 2**p * len(_faces(p + 2 * q, p)) > MOST:
        return None
    X, Y = (convert(np.zeros((1, n, size), dtype=int), "fraction") for size in (p, q))

    def slope(z: Array) -> Array:
        x, y = X + z[:p], Y + z[p:]
        both = np.concatenate([problem.grad_x_f(x, y), problem.grad_y_f(x, y)], axis=-1)
        return np.asarray(both[0].sum(axis=0) / n)

    G, g = affine(slope, p + q)
    if not positive_definite(G):
        return None
    above, below = (Fraction(np.ravel(k)[0]) for k in (problem.above, problem.below))
    eye = convert(np.eye(p, dtype=int), "fraction")
    found: dict[Any, Array] = {}
    for (slopes, offset, halves), signs in product(_thresholds(problem, below), product((-1, 1), repeat=p)):
        there, fixed = (
            np.concatenate([eye, slopes]),
            np.concatenate([X[0, 0], offset]),
        )  # (x, y*) = there x + fixed
        H, r = there.T @ G @ there, there.T @ (G @ fixed + g) + above * np.array(signs)
        cell = [*halves, *((-s * e, Fraction(0)) for s, e in zip(signs, eye, strict=True))]
        C, d = np.stack([row for row, _ in cell]), np.array([bound for _, bound in cell], dtype=object)
        for chosen in _faces(len(C), p):
            E = C[list(chosen)]
            M = np.block([[H, E.T], [E, convert(np.zeros((len(E), len(E)), dtype=int), "fraction")]])
            z = solve(M, np.concatenate([-r, d[list(chosen)]]))
            if z is not None and (C @ z[:p] <= d).all():
                found[tuple(z[:p])] = z[:p]
    points = list(found.values())
    return points[int(np.argmin([problem.value(x[None])[0] for x in points]))]
