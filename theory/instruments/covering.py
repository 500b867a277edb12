r"""Stability for every step size in an interval, not only for those that were looked at.

A scan of spectral radii sees an unstable window only if a point falls into it. Here an interval is cut into parts, and
each part has one Lyapunov matrix :math:`P` with :math:`M(s)^\top P M(s) \prec P` for every s in it. One step of an algorithm
is a polynomial in each step size, and :math:`K \mapsto P - K^\top P K` is concave, so that it is enough to see this at the
control points of :math:`M` in Bernstein's form: for degree 1 at the two ends.

Every inequality is checked by a Cholesky factorisation in float64 that has to succeed with the rounding of both taken
off beforehand (S. M. Rump, "Verification of positive definiteness", BIT 46, 2006). What is certified is thus the matrix
polynomial, whose floats are seen to be the algorithm's at a few steps, to `AGREE`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.numbers import Array

DEGREES = range(1, 7)  # of a step as a polynomial in one step size
AGREE = 1e-13  # entries of the polynomial and of the matrix, relative to 1 + the largest
NARROWEST = 1 + 1e-9  # ratio of the ends of a part, below which there is nothing to be had
WORK = 2e8  # tries times the cube of the matrix's size
TRIES = 500
_EPS = float(np.finfo(float).eps)
_DOUBLINGS = 64
_FIRST = 1.1  # ratio of the ends of the part that is tried first: where less is had, too many are needed


@dataclass(frozen=True)
class MatrixPolynomial:
    """``M(s) = sum_k coefficients[k] (s / scale)^k``; real ``coefficients`` of shape ``(degree + 1, n, n)``."""

    coefficients: Array
    scale: float

    def __call__(self, s: float) -> Array:
        """The matrix at a step size."""
        powers = (s / self.scale) ** np.arange(len(self.coefficients))
        return np.tensordot(powers, self.coefficients, axes=1)

    def control_points(self, low: float, high: float) -> Iterator[Array]:
        """Matrices whose convex hull holds ``M(s)`` for all s between ``low`` and ``high``, Bernstein's.

        Examples
        --------
        >>> square = MatrixPolynomial(np.array([[[0.0]], [[0.0]], [[1.0]]]), 1.0)
        >>> [float(K[0, 0]) for K in square.control_points(1, 3)]
        [1.0, 3.0, 9.0]
        """
        d, a, width = len(self.coefficients) - 1, low / self.scale, (high - low) / self.scale
        moved = [
            width**j * sum(math.comb(k, j) * a ** (k - j) * self.coefficients[k] for k in range(j, d + 1))
            for j in range(d + 1)
        ]
        for i in range(d + 1):
            yield sum(math.comb(i, j) / math.comb(d, j) * moved[j] for j in range(i + 1))


@dataclass(frozen=True)
class Cover:
    """Stable for every step size from ``begun`` to ``reached``, by ``parts`` Lyapunov matrices; none if there are no parts."""

    begun: float
    reached: float
    parts: int


def polynomial(matrix: Callable[[float], Array], low: float, high: float) -> MatrixPolynomial | None:
    """A matrix as a polynomial in its step size, fitted between the ends; None if it is complex, or none of degree 6 or less.

    Examples
    --------
    >>> found = polynomial(lambda s: np.array([[1 - s, s * s], [0, 0.5]]), 0.01, 4.0)
    >>> None if found is None else len(found.coefficients) - 1
    2
    >>> polynomial(lambda s: np.array([[np.sqrt(s)]]), 0.01, 4.0) is None
    True
    """
    scale = min(high, 1.0)
    seen = [(s, matrix(s)) for s in (low, math.sqrt(low * high), 0.37 * high, high)]
    if any(np.iscomplexobj(M) for _, M in seen):
        return None  # the Lyapunov matrices here are real
    for d in DEGREES:
        nodes = [(k + 1) / (d + 1) for k in range(d + 1)]
        values = np.stack([matrix(node * scale) for node in nodes])
        inverse = np.linalg.inv(np.vander(nodes, increasing=True))
        made = MatrixPolynomial(np.tensordot(inverse, values, axes=1), scale)
        if all(
            np.abs(made(s) - M).max(initial=0.0) <= AGREE * (1 + np.abs(M).max(initial=0.0)) for s, M in seen
        ):
            return made
    return None


def cover(
    matrix: MatrixPolynomial, low: float, high: float, say: Callable[[float, int], object] | None = None
) -> Cover:
    """How far from ``low`` upwards, ``high`` at most, every step size is certified to be stable.

    It begins at the first of low, 10 low, 100 low, .. where floats can tell, and gives up where they no longer can, or
    after a number of tries that falls with the size of the matrix. ``say`` is told the step reached and the parts so far.

    Examples
    --------
    >>> line = MatrixPolynomial(np.array([[[1.0]], [[-1.0]]]), 1.0)  # |1 - s|, stable below 2
    >>> cover(line, 1e-8, 1.999).reached
    1.999
    >>> 1.99 < cover(line, 1e-8, 10.0).reached < 2
    True
    """
    begun = low
    while not _certified(matrix, begun, begun * _FIRST):
        begun *= 10
        if begun * _FIRST >= high:
            return Cover(begun, begun, 0)
    reached, ratio, parts = begun, 10**0.25, 0
    for _ in range(int(min(TRIES, WORK / max(matrix.coefficients.shape[1], 1) ** 3))):
        end = min(reached * ratio, high)
        if _certified(matrix, reached, end):
            reached, ratio, parts = end, ratio**1.5, parts + 1
            if say is not None:
                say(reached, parts)
            if reached >= high:
                break
        else:
            ratio = math.sqrt(ratio)
            if ratio < NARROWEST:
                break
    return Cover(begun, reached, parts)


def _certified(matrix: MatrixPolynomial, low: float, high: float) -> bool:
    """Whether one Lyapunov matrix serves all step sizes between the ends."""
    M = matrix(math.sqrt(low * high))
    P = _lyapunov(M, np.eye(len(M)))
    slower = None if P is None else _lyapunov(M, P)
    if P is None or slower is None:
        return False
    P = (
        P + slower
    )  # the first falls by as much in all directions, the second in proportion: together they reach farthest
    return _positive(P, 0.0) and all(_contracts(P, K) for K in matrix.control_points(low, high))


def _lyapunov(M: Array, Q: Array) -> Array | None:
    """``sum_k (M^k)' Q M^k`` by doubling, with 1 as its largest entry; None if it does not end."""
    P, power = Q, M
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_DOUBLINGS):
            added = power.T @ P @ power
            P = P + added
            if not np.isfinite(P).all():
                return None
            largest = float(np.abs(P).max(initial=0.0))
            if np.abs(added).max(initial=0.0) <= _EPS * largest:
                return (P + P.T) / (2 * largest) if largest else P
            power = power @ power
    return None


def _contracts(P: Array, K: Array) -> bool:
    """Whether ``P - K'PK`` is positive definite, whatever rounding does to it."""
    n, absolute = len(P), np.abs(K)
    size = float(np.linalg.norm(P))
    product = absolute.T @ np.abs(P) @ absolute
    return _positive(P - K.T @ P @ K, 4 * (n + 2) * _EPS * (float(np.linalg.norm(product)) + size))


def _positive(S: Array, error: float) -> bool:
    """Whether a symmetric matrix that is known up to ``error`` is positive definite for sure."""
    n = len(S)
    shift = error + 2 * (n + 2) * _EPS * float(np.abs(np.diag(S)).sum())
    try:
        np.linalg.cholesky((S + S.T) / 2 - shift * np.eye(n))
    except np.linalg.LinAlgError:
        return False
    return True
