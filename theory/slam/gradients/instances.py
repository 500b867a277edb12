r"""Problems on which the three fields of `spiritlevel.theory.slam.hypergradients` differ, or two of them do.

All have a shared lower level. Where ``CutUpper`` stands above, A1 to A5 hold in full and everything is rational.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.cut import CutUpper
from spiritlevel.synthetic.draws import Draws, gram
from spiritlevel.synthetic.lower import QuadraticLower

HALF = Fraction(1, 2)
Forms = tuple[tuple[int, int], tuple[int, int]]
"""The c_1, c_2 of `uphill` and `torn`."""


def _scalars(*entries: Any) -> list[list[list[Any]]]:
    return [[[entry]] for entry in entries]


def opposed(n: int = 2) -> Bilevel:
    r"""``g_i = y^2/2 -+ x y``, ``f_i = x^2/2 + (y -+ 1)^2/2``, signs in turn: the gradient is x, (18) has the mean x - 1.

    Examples
    --------
    >>> opposed().solution()
    array([Fraction(0, 1)], dtype=object)
    """
    signs = [Fraction((-1) ** i) for i in range(n)]
    ones = _scalars(*[1] * n)
    e = [[-sign] for sign in signs]
    return quadratic(
        ones, _scalars(*signs), [[0]] * n, A=ones, Q=ones, e=e, k=[HALF] * n, shared=True, name="opposed"
    )


def resting() -> Bilevel:
    r"""`opposed` under Huber's function, moved so that every agent's (23) and its own gradient of g vanish at x = 1/2, y = 0.

    :math:`g_i = y^2/2 \mp (x - \tfrac12) y`, :math:`f_i = h(x) + h(y \mp \tfrac12)`. y* = 0 for all x, so the
    objective is h(x) plus 1/8, least at 0.

    Examples
    --------
    >>> problem = resting()
    >>> problem.hypergradient(np.array([[HALF]]))
    array([[Fraction(1, 2)]], dtype=object)
    """
    B, c = _scalars(HALF * 2, -HALF * 2), [[-HALF], [HALF]]
    u, v = [[[1], [0]]] * 2, [[[0], [1]]] * 2
    upper = CutUpper(w=[[1, 1]] * 2, u=u, v=v, t=[[0, HALF], [0, -HALF]])  # type: ignore[arg-type]
    lower = QuadraticLower(_scalars(1, 1), B, c)  # type: ignore[arg-type]
    return Bilevel(
        lower, upper, "resting", shared=True, stationary=np.array([0]), lowest=0.125, x0=np.array([HALF])
    )


def smooth(s: float = 0.75) -> Bilevel:
    r"""`opposed` under :math:`\varphi(t) = \sqrt{1+t^2} - 1`: :math:`f_i = \varphi(x) + \varphi(y \mp s)`; the mean of (18) vanishes at s.

    Examples
    --------
    >>> smooth().hypergradient(np.array([[0.75]])).round(12)
    array([[0.6]])
    """
    lower = QuadraticLower(np.ones((2, 1, 1)), np.array(_scalars(1.0, -1.0)), np.zeros((2, 1)))
    upper = BoundedUpper(1, "huber", np.zeros(1), np.zeros((2, 1)), np.array([[s], [-s]]))
    lowest = float(np.sqrt(1 + s * s) - 1)
    return Bilevel(lower, upper, "smooth", shared=True, stationary=np.zeros(1), lowest=lowest)


def unequal() -> Bilevel:
    """``g_1 = y^2/2 - x y``, ``g_2 = 3 y^2/2 - x y``, ``f_i = x^2/2 + (y - d_i)^2/2`` with d = (2, 0): Hessians differ.

    Examples
    --------
    >>> unequal().solution()
    array([Fraction(2, 5)], dtype=object)
    """
    ones, d = _scalars(1, 1), (Fraction(2), Fraction(0))
    return quadratic(
        _scalars(1, 3), ones, [[0]] * 2, A=ones, Q=ones, e=[[-z] for z in d], shared=True, name="unequal"
    )


def stuck() -> Bilevel:
    r"""Unequal Hessians 1 and 3 under Huber's function: every agent's (23) and its gradient of g vanish at x = y = 0.

    :math:`g_1 = y^2/2 - x y`, :math:`g_2 = 3 y^2/2 - x y`, :math:`f_1 = h(x + \tfrac12) + h(y - \tfrac12)`,
    :math:`f_2 = h(x) + h(y)`. The objective is convex, and least at -1/10.

    Examples
    --------
    >>> problem = stuck()
    >>> problem.hypergradient(np.array([[Fraction(0)]])), problem.hypergradient(np.array([[Fraction(-1, 10)]]))
    (array([[Fraction(1, 8)]], dtype=object), array([[Fraction(0, 1)]], dtype=object))
    """
    u, v = [[[1], [0]]] * 2, [[[0], [1]]] * 2
    upper = CutUpper(w=[[1, 1]] * 2, u=u, v=v, t=[[-HALF, HALF], [0, 0]])  # type: ignore[arg-type]
    lower = QuadraticLower(_scalars(1, 3), _scalars(HALF * 2, HALF * 2), [[0]] * 2)  # type: ignore[arg-type]
    least = np.array([Fraction(-1, 10)])
    return Bilevel(lower, upper, "stuck", shared=True, stationary=least, lowest=19 / 160)


def _pair(c: Forms, s: Array, z: Array, w: Array, name: str) -> Bilevel:
    """``g_i = |y|^2/2 - y'(e_i (x - s_i) + z)``; ``f_i`` Huber's function of ``x`` and of ``c_i'y``, weights ``w``."""
    lower = QuadraticLower(
        np.stack([np.eye(2, dtype=int)] * 2), np.eye(2, dtype=int)[:, :, None], z - np.diag(s)
    )
    u, v = [[[1], [0]]] * 2, [[[0, 0], list(row)] for row in c]
    upper = CutUpper(w=[w] * 2, u=u, v=v, t=[[0, 0]] * 2)  # type: ignore[arg-type]
    return Bilevel(lower, upper, name, shared=True, lowest=0.0, x0=s[:, None], y0=z)


def uphill(start: int = 8, c: Forms = ((-1, 3), (3, -1))) -> Bilevel:
    r"""Equal Hessians I; what every agent's x moves by itself is a small part of y*, against which its own f_i leans.

    :math:`g_i = |y|^2/2 - y^\top(e_i (x - s) + \tfrac s2 (1, 1))`, so that :math:`y^* = \tfrac x2 (1, 1)`, and
    :math:`f_i = h(c_i^\top y)`, c = (-1, 3) and (3, -1): the objective is h(x), every agent's (18) is -h'(x).
    At the start s every agent's own gradient of g vanishes.

    Parameters
    ----------
    start
        The s, above 1.
    c
        With (3, -1) and (-1, 3), (18) is 3 h'(x) for the same objective.

    Examples
    --------
    >>> problem, x = uphill(), np.array([[Fraction(8)]])
    >>> problem.hypergradient(x), problem.value(x)
    (array([[Fraction(1, 1)]], dtype=object), array([Fraction(15, 2)], dtype=object))
    """
    s = np.full(2, Fraction(start))
    problem = _pair(c, s, s / 2, np.array([0, 1]), "uphill")
    return dataclasses.replace(problem, stationary=np.array([0]))


def torn(start: int = 8, c: Forms = ((1, 3), (3, 1))) -> Bilevel:
    r"""For SLAM-L: Hessians I, :math:`f_i = \tfrac14 h(x) + h(c_i^\top y)`, :math:`y^*(x_1, x_2) = (x_1, x_2)/2`, c = (1, 3) and (3, 1).

    At x = (s, -s), s > 1, both :math:`c_i^\top y^*` are beyond 1 with the sign against x_i: (18) is -+3/4 where x_i is +-s.
    At the start s every agent's own gradient of g vanishes.

    Parameters
    ----------
    start
        The s.
    c
        With (3, 1) and (1, 3) both agents come to rest.

    Examples
    --------
    >>> problem = torn()
    >>> [z.tolist() for z in problem.grad_y_g(*(z[None] for z in problem.start()))[0]]
    [[Fraction(0, 1), Fraction(0, 1)], [Fraction(0, 1), Fraction(0, 1)]]
    """
    s = np.array([Fraction(start), Fraction(-start)])
    return _pair(c, s, s / 2, np.array([Fraction(1, 4), 1]), "torn")


def two_tasks(seed: int, n: int, same: str = "", *, shared: bool = True) -> Bilevel:
    """A rational quadratic with p = 2 and two tasks, of 1 and 2 variables.

    Parameters
    ----------
    seed, n, shared
        As in `random_quadratic`.
    same
        What all agents share: letters among ``H`` and ``B``, or ``K`` for the response ``H_i^{-1} B_i``.

    Examples
    --------
    >>> problem = two_tasks(1, 3, "H")
    >>> (problem.lower.H[0] == problem.lower.H[2]).all(), (problem.lower.B[0] == problem.lower.B[2]).all()
    (np.True_, np.False_)
    """
    draws, p, q = Draws.of(seed, rational=True), 2, 3
    apart = convert([[1, 0, 0], [0, 1, 1], [0, 1, 1]], "fraction")
    H, B = gram(draws.agents(n, q, q)) * apart + draws.eye(q), draws.agents(n, q, p)
    H, B = (np.repeat(z[:1], n, axis=0) if name in same else z for name, z in (("H", H), ("B", B)))
    joint: Array = gram(draws.agents(n, p + q, p + q))
    return quadratic(
        H,
        H @ B[:1] if "K" in same else B,
        draws.agents(n, q),
        A=joint[:, :p, :p] + draws.eye(p),
        a=draws.agents(n, p),
        E=joint[:, :p, p:],
        Q=joint[:, p:, p:],
        e=draws.agents(n, q),
        shared=shared,
        name=f"two-tasks(n={n}, same={same or 'nothing'}, seed={seed})",
    )
