r"""Algorithms 1 and 2 read literally, client by client and coordinate by coordinate in exact fractions.

Plain loops on lists; nothing comes from `spiritlevel.core.algorithms`, so that agreement with the code means that
two texts say the same. RABO, Section III.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Vector = list[Fraction]
Matrix = list[list[Fraction]]
Mask = list[int]
Ask = Callable[[int, str, int, Vector, Vector], Any]
"""``ask(i, channel, number, x, y)``: client i's sample of that number on a channel, a vector or a matrix."""


@dataclass(frozen=True)
class Setting:
    """Hyper-parameters, named as `spiritlevel.core.algorithms.rabo.RABO` and its RAFBO name them."""

    alpha: Fraction = Fraction(1, 8)
    beta: Fraction = Fraction(1, 3)
    T: int = 2
    mask_x: str = "full"
    mask_y: str = "full"
    sign: str = "proof"
    hyper: str = "submodel"
    mu: Fraction = Fraction(1, 5)
    difference: str = "gradient"
    T_h: int = 2


def dot(v: Vector, w: Vector) -> Fraction:
    """The inner product."""
    return sum((a * b for a, b in zip(v, w, strict=True)), Fraction(0))


def pruned(z: Vector, m: Mask) -> Vector:
    """(4), the entrywise product.

    Examples
    --------
    >>> pruned([Fraction(3), Fraction(5)], [0, 1])
    [Fraction(0, 1), Fraction(5, 1)]
    """
    return [a * b for a, b in zip(z, m, strict=True)]


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
        for i, row in enumerate(rows):
            if i != k:
                rows[i] = [a - row[k] * b for a, b in zip(row, rows[k], strict=True)]
    return [row[-1] for row in rows]


def inner(i: int, x_i: Vector, y_i: Vector, m_i: Mask, c: Setting, ask: Ask) -> Vector:
    """Lines 6 to 10: ``G_q^i`` of client i."""
    y = y_i
    for t in range(c.T):
        G_t = pruned(ask(i, "grad_y_g", t, x_i, y), m_i)  # line 7
        y = [y[k] - c.beta * G_t[k] for k in range(len(y))]  # line 8
    return [(y[k] - y_i[k]) / c.beta for k in range(len(y))]  # line 10


def aggregated(z: Vector, step: Fraction, sent: list[Vector], masks: list[Mask]) -> Vector:
    """Lines 12 to 20, and 25 to 33: every coordinate moves by the mean over the clients that hold it."""
    after = []
    for k in range(len(z)):
        N_k = [i for i in range(len(masks)) if masks[i][k] == 1]
        if len(N_k) == 0:
            after.append(z[k])
        else:
            after.append(z[k] - step * sum((sent[i][k] for i in N_k), Fraction(0)) / len(N_k))
    return after


def exact_hypergradient(
    i: int, x_i: Vector, y_i: Vector, m_x: Mask, m_y: Mask, c: Setting, ask: Ask
) -> Vector:
    """(7) for the coordinates of x that client i holds, 0 elsewhere."""
    f_x, f_y = ask(i, "grad_x_f", 0, x_i, y_i), ask(i, "grad_y_f", 0, x_i, y_i)
    H, C = ask(i, "hess_yy_g", 0, x_i, y_i), ask(i, "hess_xy_g", 0, x_i, y_i)
    S = [k for k in range(len(y_i)) if m_y[k] == 1] if c.hyper == "submodel" else list(range(len(y_i)))
    w = solve([[H[k][j] for j in S] for k in S], [f_y[k] for k in S])
    return pruned([f_x[s] - dot([C[s][k] for k in S], w) for s in range(len(x_i))], m_x)


def mean_hypergradients(X: list[Vector], Y: list[Vector], masks: list[Mask], ask: Ask) -> list[Vector]:
    """(7) with the clients' mean Jacobian, Hessian and y-gradient in the place of their own; not in the paper."""

    def mean(channel: str) -> Any:
        return average([ask(i, channel, 0, X[i], Y[i]) for i in range(len(X))])

    w = solve(mean("hess_yy_g"), mean("grad_y_f"))
    C = mean("hess_xy_g")
    h = []
    for i in range(len(X)):
        f_x = ask(i, "grad_x_f", 0, X[i], Y[i])
        h.append(pruned([f_x[s] - dot(C[s], w) for s in range(len(f_x))], masks[i]))
    return h


def average(values: list[Any]) -> Any:
    """The mean of vectors or matrices, entry by entry.

    Examples
    --------
    >>> average([[Fraction(1)], [Fraction(4)]])
    [Fraction(5, 2)]
    """
    if isinstance(values[0], list):
        return [average(list(entries)) for entries in zip(*values, strict=True)]
    return sum(values, Fraction(0)) / len(values)


def probed(i: int, x: Vector, y_i: Vector, m_y: Mask, c: Setting, ask: Ask) -> Vector:
    """What line 5 of Algorithm 2 subtracts, of the submodel; with ``loop``, the result of T_h inner steps.

    The sample is number T in every call: the first that the T inner steps have not used.
    """
    if c.difference == "gradient":
        return pruned(ask(i, "grad_y_g", c.T, x, y_i), m_y)
    y = y_i
    for _ in range(c.T_h):
        g = pruned(ask(i, "grad_y_g", c.T, x, y), m_y)
        y = [y[k] - c.beta * g[k] for k in range(len(y))]
    return y


def approximated(i: int, x_i: Vector, y_i: Vector, m_x: Mask, m_y: Mask, c: Setting, ask: Ask) -> Vector:
    """Algorithm 2 with all the coordinates that client i holds for P."""
    h, f_y = list(ask(i, "grad_x_f", 0, x_i, y_i)), ask(i, "grad_y_f", 0, x_i, y_i)
    for p in [p for p in range(len(x_i)) if m_x[p] == 1]:
        moved = [x_i[s] + (c.mu if s == p else 0) for s in range(len(x_i))]
        up, base = probed(i, moved, y_i, m_y, c, ask), probed(i, x_i, y_i, m_y, c, ask)
        delta = [(up[k] - base[k]) / c.mu for k in range(len(y_i))]  # line 5
        h[p] += dot(delta, f_y)  # line 7
    return pruned(h, m_x)


def one_round(
    x: Vector, y: Vector, masks: tuple[list[Mask], list[Mask]], c: Setting, ask: Ask, *, finite: bool
) -> tuple[Vector, Vector]:
    """Lines 3 to 33 with given masks; ``finite`` for Algorithm 2 at line 23."""
    m_x, m_y = masks
    clients = range(len(m_x))
    X = [pruned(x, m_x[i]) for i in clients]  # line 5
    G = [inner(i, X[i], pruned(y, m_y[i]), m_y[i], c, ask) for i in clients]
    up = c.beta if c.sign == "printed" else -c.beta
    y = aggregated(y, up, G, m_y)  # lines 12 to 20
    Y = [pruned(y, m_y[i]) for i in clients]  # line 22
    if finite:
        h = [approximated(i, X[i], Y[i], m_x[i], m_y[i], c, ask) for i in clients]
    elif c.hyper == "global":
        h = mean_hypergradients(X, Y, m_x, ask)
    else:
        h = [exact_hypergradient(i, X[i], Y[i], m_x[i], m_y[i], c, ask) for i in clients]  # line 23
    return aggregated(x, c.alpha, h, m_x), y
