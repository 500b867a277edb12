"""Cuts of real runs of Argus, rebuilt exactly from the iterates at which they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.activity import Activity
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus.cuts.frozen import Settings, frozen, local
from spiritlevel.theory.instruments.cuts import Cut, Violation


def states(
    algorithm: Algorithm, problem: Bilevel, network: Network, steps: int, activity: Activity | None = None
) -> Iterator[tuple[int, Any]]:
    """The state after every iteration, from the problem's own start and in its number system."""
    field = problem.field
    o = Oracle(problem)
    net = Gossip(network.over(field), None if activity is None else activity.source(0, range(1)))
    x0, y0 = problem.start()
    ready = algorithm.over(field)
    state = ready.init(x0[None], y0[None], o, net)
    for t in range(1, steps + 1):
        net.advance(t)
        state = ready.step(t, state, o, net)
        yield t, state


@dataclass(frozen=True, eq=False)
class Made:
    """A cut that agent ``owner`` added in iteration ``t``: as the run has it, and as it should be."""

    t: int
    owner: int
    found: Cut
    exact: Cut
    h: Violation
    """The agent's own h, with the estimate that the cut was made with."""
    x: Array
    y: Array
    """Where it was made, flat."""
    at: Fraction
    """The value of ``h`` there."""

    def off(self) -> float:
        """The largest difference between the two, relative to the largest coefficient."""
        size = max(1, abs(self.exact.a).max(), abs(self.exact.b).max(), abs(self.exact.c))
        apart = [abs(self.found.a - self.exact.a).max(), abs(self.found.b - self.exact.b).max()]
        return float(max(*apart, abs(self.found.c - self.exact.c)) / size)


def polytope(state: Any, agent: int) -> list[Cut]:
    """The cuts of one agent, read exactly."""
    a, b, c, used = (z[0, agent] for z in (state.a, state.b, state.c, state.used))
    return [Cut(a[k].reshape(-1), b[k].reshape(-1), c[k]) for k in range(len(used)) if used[k] != 0]


def cuts_of_run(
    algorithm: Any,
    problem: Bilevel,
    network: Network,
    steps: int,
    by: Settings,
    activity: Activity | None = None,
) -> tuple[list[Made], int]:
    """All cuts that a run of Argus with K = 1 and base "current" makes, and how many are missing or too many.

    An agent makes a cut where its own h exceeds eps; the cut is then the last of its polytope.
    """
    made, missing = [], 0
    before = [0] * network.n
    for t, state in states(algorithm, problem, network, steps, activity):
        if t % algorithm.iota or t - 1 >= algorithm.T_1:
            continue
        x, y = (convert(z[0], "fraction") for z in (state.x, state.y))
        whole = frozen(problem, network, x, y, by)
        x, y = x.reshape(-1), y.reshape(-1)
        for agent in range(network.n):
            h, held = local(whole, network, agent), polytope(state, agent)
            value = h.at(x, y)
            missing += (value > by.eps) != (len(held) > before[agent])
            before[agent] = len(held)
            if value > by.eps and held:
                made.append(Made(t, agent, held[-1], h.cut(x, y, by.eps), h, x, y, value))
    return made, missing


def rounding(problem: Bilevel, network: Network) -> float:
    """What a cut's coefficients may be off by in float64, relatively: a few hundred roundings of terms of their size.

    Every coefficient is a sum over the agents' entries of products of at most four numbers; 64 leaves room for the size
    of the terms that cancel.
    """
    terms = network.n * (problem.p + problem.q) * 4
    return float(64 * terms * np.finfo(float).eps)
