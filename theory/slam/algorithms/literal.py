r"""SLAM read literally, agent by agent and edge by edge in exact fractions.

Plain loops on nested lists, an explicit incidence matrix A with one multiplier per edge, and every task k of the lower
level by itself; nothing comes from `spiritlevel.core.algorithms`, so that agreement with the code means that two
texts say the same. SLAM (NeurIPS 2022), Section 2.

A *stack* holds one vector per agent (or, of multipliers, per edge); ``Y[k]`` is the stack of task k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Vector = list[Fraction]
Matrix = list[list[Fraction]]
Stack = list[Vector]
Ask = Callable[[int, str, int, Vector, list[Vector]], Any]
"""``ask(i, channel, k, x_i, [y_i1, .., y_im])``: agent i's sample for task k at a point, a vector or a matrix."""


def weighted(weights: Sequence[Fraction | int], values: Sequence[Any]) -> Any:
    """The weighted sum of numbers, vectors or matrices of one shape.

    Examples
    --------
    >>> weighted([1, -2], [[Fraction(5)], [Fraction(1)]])
    [Fraction(3, 1)]
    """
    if isinstance(values[0], list):
        return [weighted(weights, entries) for entries in zip(*values, strict=True)]
    return sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))


def incidence(n: int, edges: Sequence[tuple[int, int]]) -> Matrix:
    """One row per edge (i, j): 1 at i, -1 at j.

    Examples
    --------
    >>> incidence(3, [(2, 0)])
    [[Fraction(-1, 1), Fraction(0, 1), Fraction(1, 1)]]
    """
    return [[Fraction((v == i) - (v == j)) for v in range(n)] for i, j in edges]


def apply(M: Matrix, z: Stack) -> Stack:
    """A matrix times a stack."""
    return [weighted(row, z) for row in M]


def push(A: Matrix, multipliers: Stack, z: Stack) -> Stack:
    """``A'`` times multipliers, a stack like z; zero on a graph without edges."""
    return [weighted([0, *(row[i] for row in A)], [z[i], *multipliers]) for i in range(len(z))]


def solve(M: Matrix, v: Vector) -> Vector:
    """``M^{-1} v`` by elimination with row exchanges.

    Examples
    --------
    >>> solve([[Fraction(0), Fraction(2)], [Fraction(1), Fraction(1)]], [Fraction(4), Fraction(5)])
    [Fraction(3, 1), Fraction(2, 1)]
    """
    rows = [[*row, entry] for row, entry in zip(M, v, strict=True)]
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        rows = [
            row if i == k else [a - row[k] * b for a, b in zip(row, rows[k], strict=True)]
            for i, row in enumerate(rows)
        ]
    return [row[-1] for row in rows]


@dataclass(frozen=True)
class Setting:
    """Hyper-parameters, named as `spiritlevel.core.algorithms.slam.SLAM` names them."""

    alpha: Fraction = Fraction(7, 2)
    beta: Fraction = Fraction(5)
    gamma: Fraction = Fraction(3)
    rho: Fraction = Fraction(1, 2)


@dataclass(frozen=True)
class Dual:
    """The variables of (4): ``X``, one stack per task in ``Y``, and one multiplier per edge in ``LAM`` and ``OM[k]``."""

    X: Stack
    Y: list[Stack]
    LAM: Stack
    OM: list[Stack]


def started(X: Stack, Y: list[Stack], edges: int) -> Dual:
    """The initialisation line: no multipliers."""

    def zeros(z: Stack) -> Stack:
        return [[Fraction(0)] * len(z[0]) for _ in range(edges)]

    return Dual(X, Y, zeros(X), [zeros(z) for z in Y])


def local(Y: list[Stack], i: int) -> list[Vector]:
    """Agent i's tasks."""
    return [z[i] for z in Y]


def lower_gradients(ask: Ask, X: Stack, Y: list[Stack]) -> list[Stack]:
    """``h_{g,k}`` at the given point, task by task."""
    return [[ask(i, "grad_y_g", k, x, local(Y, i)) for i, x in enumerate(X)] for k in range(len(Y))]


def upper_gradients(ask: Ask, X: Stack, Y: list[Stack]) -> Stack:
    """``h_f``: (23) at the given point, with the local cross terms and the inverses of the local Hessians."""
    found = []
    for i, x in enumerate(X):
        y = local(Y, i)
        h = ask(i, "grad_x_f", 0, x, y)
        for k in range(len(Y)):
            w = solve(ask(i, "hess_yy_g", k, x, y), ask(i, "grad_y_f", k, x, y))
            h = weighted([1, -1], [h, [weighted(row, w) for row in ask(i, "hess_xy_g", k, x, y)]])
        found.append(h)
    return found


def descended(z: Stack, h: Stack, multipliers: Stack, A: Matrix, inverse: Fraction, c: Setting) -> Stack:
    """(5a), (5b)."""
    pushed, spread = push(A, multipliers, z), push(A, apply(A, z), z)
    return [
        weighted([1, -1 / inverse, -c.gamma / inverse, -c.rho * c.gamma / inverse], rows)
        for rows in zip(z, h, pushed, spread, strict=True)
    ]


def ascended(multipliers: Stack, z: Stack, A: Matrix, c: Setting) -> Stack:
    """(4b), (4d)."""
    return [weighted([1, c.rho / c.gamma], rows) for rows in zip(multipliers, apply(A, z), strict=True)]


def own_step(z: Stack, h: Stack, inverse: Fraction) -> Stack:
    """A level without consensus: ``z - h / inverse``."""
    return [weighted([1, -1 / inverse], rows) for rows in zip(z, h, strict=True)]


def dual_step(s: Dual, A: Matrix, c: Setting, ask: Ask, consensus: str = "both", share: int = 1) -> Dual:
    """(5a), (4b), (5b), (4d) in this order; ``consensus`` is "both", "lower" (SLAM-L) or "upper" (SLAM-U).

    ``share`` is 1 where h estimates the gradients of f_i, g_i, and n where it estimates those of the means.
    """
    Y, OM, X, LAM = [], s.OM, s.X, s.LAM
    for k, h in enumerate(lower_gradients(ask, s.X, s.Y)):
        h = [weighted([Fraction(1, share)], [row]) for row in h]
        if consensus == "upper":
            Y.append(own_step(s.Y[k], h, c.beta))
        else:
            Y.append(descended(s.Y[k], h, s.OM[k], A, c.beta, c))
    if consensus != "upper":
        OM = [ascended(s.OM[k], Y[k], A, c) for k in range(len(Y))]
    h = [weighted([Fraction(1, share)], [row]) for row in upper_gradients(ask, s.X, Y)]
    if consensus == "lower":
        return Dual(own_step(s.X, h, c.alpha), Y, LAM, OM)
    X = descended(s.X, h, s.LAM, A, c.alpha, c)
    return Dual(X, Y, ascended(s.LAM, X, A, c), OM)


@dataclass(frozen=True)
class Memory:
    """One level of Algorithm 1: ``z^r``, and ``z^{r-1}``, ``h^{r-1}`` (None before the first iteration, where open)."""

    z: Stack
    old: Stack | None = None
    h: Stack | None = None


def mixing(A: Matrix, n: int, inverse: Fraction, c: Setting) -> tuple[Matrix, Matrix]:
    """``W`` and ``W'`` of (7), with tau = inverse / gamma."""
    tau = inverse / c.gamma
    spread = [[sum((row[i] * row[j] for row in A), Fraction(0)) for j in range(n)] for i in range(n)]

    def less(weight: Fraction) -> Matrix:
        return [[(i == j) - weight * spread[i][j] for j in range(n)] for i in range(n)]

    return less((1 + 1 / c.gamma) * c.rho / (2 * tau)), less(c.rho / tau)


def two_step(s: Memory, h: Stack, A: Matrix, inverse: Fraction, c: Setting) -> Memory:
    """Line 4 or 5 of Algorithm 1; a neighbourhood contains its agent, as W_ii != 0 requires.

    Without ``z^0, h^0``, the first iteration is (5) with the multipliers 0 of the initialisation line.
    """
    n = len(s.z)
    if s.old is None or s.h is None:
        return Memory(descended(s.z, h, [[Fraction(0)] * len(s.z[0]) for _ in A], A, inverse, c), s.z, h)
    W, W_old = mixing(A, n, inverse, c)
    after = []
    for i in range(n):
        near = [j for j in range(n) if j == i or any(row[i] and row[j] for row in A)]
        now = weighted([2 * W[i][j] for j in near], [s.z[j] for j in near])
        before = weighted([W_old[i][j] for j in near], [s.old[j] for j in near])
        after.append(weighted([1, -1, -1 / inverse, 1 / inverse], [now, before, h[i], s.h[i]]))
    return Memory(after, s.z, h)


def algorithm_step(
    x: Memory, y: list[Memory], A: Matrix, c: Setting, ask: Ask, consensus: str = "both"
) -> tuple[Memory, list[Memory]]:
    """Lines 3 to 5 of Algorithm 1, or ("lower") 2 or ("upper") 3; h_f is at ``(x^r, y^{r+1})``, so that it comes second."""
    h = lower_gradients(ask, x.z, [m.z for m in y])
    if consensus == "upper":
        y = [Memory(own_step(m.z, h[k], c.beta), m.z, h[k]) for k, m in enumerate(y)]
    else:
        y = [two_step(m, h[k], A, c.beta, c) for k, m in enumerate(y)]
    h_f = upper_gradients(ask, x.z, [m.z for m in y])
    if consensus == "lower":
        return Memory(own_step(x.z, h_f, c.alpha), x.z, h_f), y
    return two_step(x, h_f, A, c.alpha, c), y
