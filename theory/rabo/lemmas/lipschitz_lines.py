r"""Lemmas 1 and 2 as lines, sides of inequalities at pairs of points, and their proof, which reads constants off the lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.rabo.constants import Smoothness
from spiritlevel.theory.rabo.lemmas.proofs import lipschitz, positive

Sides = Callable[[SolvedProblem, Array, Array, Smoothness], tuple[Array, Array]]
"""Squares of the left and right side at pairs of points ``(x, y)``, shape ``(R, p + q)`` each."""


def _split(problem: SolvedProblem, z: Array) -> tuple[Array, Array]:
    """One point for all clients."""
    x, y = z[:, None, : problem.p], z[:, None, problem.p :]
    return np.repeat(x, problem.n, axis=1), np.repeat(y, problem.n, axis=1)


def _squares(z: Array) -> Array:
    return np.asarray((z * z).sum(axis=-1))


def outer(problem: SolvedProblem, a: Array, b: Array, c: Smoothness) -> tuple[Array, Array]:
    """(20)."""
    p = problem.p
    moved = problem.hypergradient(a[:, :p]) - problem.hypergradient(b[:, :p])
    return squared_norm(moved), c.L_f**2 * squared_norm((a - b)[:, :p])


def inner(problem: SolvedProblem, a: Array, b: Array, c: Smoothness) -> tuple[Array, Array]:
    """(21)."""
    p = problem.p
    moved = [problem.lower_solution(_split(problem, z)[0])[:, 0] for z in (a, b)]
    return squared_norm(moved[0] - moved[1]), c.L_y**2 * squared_norm((a - b)[:, :p])


def local(problem: SolvedProblem, a: Array, b: Array, c: Smoothness) -> tuple[Array, Array]:
    """(22) and (23) at once, and for any two points: the hypergradient of every client, jointly."""
    o = Oracle(problem)
    moved = surrogate(o, *_split(problem, a)) - surrogate(o, *_split(problem, b))
    return _squares(moved), np.asarray(c.M_f**2 * squared_norm(a - b)[:, None])


def means(problem: SolvedProblem, a: Array, b: Array, c: Smoothness) -> tuple[Array, Array]:
    """(22) for (7) with the means of all derivatives, at the first point's x and y: the distance from grad Phi."""
    x, y = _split(problem, a)
    G, H, through, direct = (
        z.sum(axis=1) / problem.n
        for z in (
            problem.hess_xy_g(x, y),
            problem.hess_yy_g(x, y),
            problem.grad_y_f(x, y),
            problem.grad_x_f(x, y),
        )
    )
    D = direct - (G @ (inverse(H) @ through[..., None]))[..., 0]
    gap = y[:, 0] - problem.lower_solution(x)[:, 0]
    return squared_norm(D - problem.hypergradient(a[:, : problem.p])), c.M_f**2 * squared_norm(gap)


LINES: tuple[Sides, ...] = (outer, inner, local)


def claimed(line: Sides, a: tuple[int, int]) -> Any:
    """The right side of a line between a point and the origin of ``g = y^2/2`` and ``f = (x^2 + y^2)/2``, in symbols for constants.

    Examples
    --------
    >>> str(claimed(inner, (1, 0)))
    'l_g1**2/mu_g**2'
    """
    one, none = [[[1]]], [[[0]]]
    problem = quadratic(one, none, [[0]], A=one, Q=one, shared=True).over("fraction")
    at, origin = convert([list(a)], "fraction"), convert([[0, 0]], "fraction")
    return line(problem, at, origin, symbolic())[1].reshape(-1)[0]


def symbolic() -> Smoothness:
    """Positive symbols for the constants."""
    return Smoothness(**{k: positive(k) for k in ("mu_g", "l_f0", "l_f1", "l_g1", "l_g2")})


def proof(*lines: Sides) -> bool:
    """Whether each line's right side, read off the line, is at least what `lipschitz` proves, at distance 1."""
    c = symbolic()
    least = {
        outer.__name__: (c.L_f, (1, 0)),
        inner.__name__: (c.L_y, (1, 0)),
        local.__name__: (c.M_f, (0, 1)),
        means.__name__: (c.M_f, (0, 1)),
    }
    room = [claimed(line, least[line.__name__][1]) - least[line.__name__][0] ** 2 for line in lines]
    return lipschitz() and all(map(without_minus, room))
