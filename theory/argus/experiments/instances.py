"""Random problems that the checks of this room share, and runs of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic


def separate(seed: int, n: int, dim: int, *, same: bool, exact: bool = False) -> Bilevel:
    """``G_i = |x - a_i|^2/2 + |y - b_i|^2/2`` over ``g_i = y'diag(h_i)y/2 - y'(B_i x + c_i)``, h_i in [1, 3/2].

    Examples
    --------
    >>> separate(1, 4, 2, same=True).solution().shape
    (2,)
    """
    rng = np.random.default_rng(seed)

    def rows(*shape: int) -> Array:
        z = rng.integers(-8, 9, (n, *shape)).astype(object)
        z = np.repeat(z[:1], n, axis=0) if same else z
        return convert(z, "fraction") / 4

    H = convert(np.zeros((n, dim, dim), dtype=int), "fraction")
    H[:, range(dim), range(dim)] = 1 + abs(rows(dim)) / 4
    one = np.broadcast_to(np.eye(dim, dtype=int), (n, dim, dim))
    problem = quadratic(
        H, rows(dim, dim) / 2, rows(dim) / 4, A=one, a=-rows(dim), Q=one, e=-rows(dim), shared=True
    )
    return problem if exact else problem.over("float")


def twin(a: Any, b: Any) -> Bilevel:
    """Two equal scalar agents, ``G = ((x - a)^2 + (y - b)^2)/2`` over ``g = (y - x)^2/2``; exact, x* = (a + b)/2.

    Examples
    --------
    >>> twin(3, 3).solution()
    array([Fraction(3, 1)], dtype=object)
    """
    one, none = [[[Fraction(1)]]] * 2, [[Fraction(0)]] * 2
    return quadratic(
        one, one, none, A=one, a=[[-Fraction(a)]] * 2, Q=one, e=[[-Fraction(b)]] * 2, shared=True
    )


def course(
    a: Algorithm, problem: Any, network: Network, steps: int, start: Sequence[Any] = (0, 0)
) -> Iterator[Any]:
    """The states of a run with everyone awake, all x and y at ``start`` at first."""
    field = problem.field
    a, net, o = a.over(field), Gossip(network.over(field)), Oracle(problem)
    x, y = (
        convert(np.full((1, problem.n, size), value, dtype=object), field)
        for value, size in zip(start, (problem.p, problem.q), strict=True)
    )
    s: Any = a.init(x, y, o, net)
    yield s
    for t in range(1, steps + 1):
        s = a.step(t, s, o, net)
        yield s
