"""Single rounds of an implementation on one problem, in the problem's own numbers (floats, fractions or symbols)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.masks import Masks
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import Source
from spiritlevel.core.numbers import Array, fill
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel


def vector(entries: Sequence[Any]) -> Array:
    """A server's vector, shape ``(1, 1, d)``."""
    return fill((1, 1, len(entries)), entries)


def after(
    a: Algorithm, problem: Bilevel, x: Sequence[Any], y: Sequence[Any], *, rounds: int = 1
) -> tuple[list[Any], list[Any]]:
    """The server's model after so many rounds from (x, y), without noise.

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> from spiritlevel.core.algorithms.rabo import RABO
    >>> from spiritlevel.synthetic.families import quadratic
    >>> problem = quadratic(H=[[[1]]], B=[[[1]]], c=[[0]], shared=True).over("fraction")
    >>> after(RABO(beta=F(1, 2), T=2), problem, [F(1)], [F(0)])[1]
    [Fraction(3, 4)]
    """
    a, net, o = a.over(problem.field), Gossip(averaging(problem.n).over(problem.field)), Oracle(problem)
    n = problem.n
    s: Any = a.init(np.repeat(vector(x), n, axis=1), np.repeat(vector(y), n, axis=1), o, net)
    for t in range(1, rounds + 1):
        s = a.step(t, s, o, net)
    return s.x.reshape(-1).tolist(), s.y.reshape(-1).tolist()


def hypergradients(
    a: Any, problem: Bilevel, x: Sequence[Any], y: Sequence[Any], *, noise: Source | None = None
) -> tuple[Array, Array]:
    """The clients' hypergradients at (x, y) pruned to their submodels, and their masks of x, both ``(n, p)``.

    Entries that a client does not hold are 0.
    """
    n, field = problem.n, problem.field
    m_x, m_y = (Masks(m).at(1, n, len(z), vector(z)) for m, z in ((a.mask_x, x), (a.mask_y, y)))
    a, net = a.over(field), Gossip(averaging(n).over(field))
    h = a.hypergradient(Oracle(problem, noise), net, vector(x) * m_x, vector(y) * m_y, m_x, m_y)
    return (h * m_x)[0], np.broadcast_to(m_x, (n, len(x)))
