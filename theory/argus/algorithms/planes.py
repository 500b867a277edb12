"""Runs of Argus on quadratics with cuts that are prescribed, not found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
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

Owned = dict[int, tuple[Any, Any, Any]]
"""Agent: its one cut, ``a`` of shape (n, p), ``b`` of shape (n, q), c."""


def line(target: Any, n: int = 2) -> Bilevel:
    """n equal agents, ``G = (x^2 + (y - target)^2)/2``, ``g = (y - x)^2/2``, scalar and exact: x* = target/2."""
    one = [[[Fraction(1)]]] * n
    return quadratic(
        H=one, B=one, c=[[Fraction(0)]] * n, A=one, Q=one, e=[[-Fraction(target)]] * n, shared=True
    )


def with_cuts(s: Any, owned: Owned) -> Any:
    """The state with one cut for some agents, multiplier 0."""
    a, b, c, used = (getattr(s, name).copy() for name in ("a", "b", "c", "used"))
    for i, (a_i, b_i, c_i) in owned.items():
        a[0, i, 0], b[0, i, 0], c[0, i, 0], used[0, i, 0] = a_i, b_i, c_i, used[0, i, 0] + 1
    return dataclasses.replace(s, a=a, b=b, c=c, used=used)


def states(
    a: Algorithm, problem: Bilevel, network: Network, owned: Owned, steps: int, start: tuple[Array, Array]
) -> list[Any]:
    """The states of a run from ``start`` with everyone awake, the first among them."""
    a, field = a.over(problem.field), problem.field
    net, o = Gossip(network.over(field)), Oracle(problem)
    x, y = (convert(np.asarray(z), field)[None] for z in start)
    kept = [with_cuts(a.init(x, y, o, net), owned)]
    for t in range(1, steps + 1):
        kept.append(a.step(t, kept[-1], o, net))
    return kept


def ends(
    make: Callable[..., Algorithm],
    problem: Bilevel,
    network: Network,
    owned: Owned,
    steps: int,
    **settings: Any,
) -> Any:
    """The last state of such a run from zeros."""
    n = problem.n
    zeros = np.zeros((n, problem.p)), np.zeros((n, problem.q))
    s: Any = states(make(T_1=0, **settings), problem, network, owned, steps, zeros)[-1]
    return s
