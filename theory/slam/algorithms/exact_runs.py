"""Exact runs of the four algorithms with the samples that they used, for the checks of this folder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Additive, Source
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.theory.statement import Context

SETTINGS: dict[str, Any] = {
    "alpha": Fraction(16),
    "beta": Fraction(8),
    "gamma": Fraction(4),
    "rho": Fraction(1, 2),
}
"""Numbers that stay short; nothing below depends on them, but gamma is not 1."""

NOISE = Additive(Fraction(1, 2), law="two-point")
"""Noise in the three gradients."""


class Recorded:
    """Passes on another source's answers and keeps them, by channel."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.answers: dict[str, list[Array]] = defaultdict(list)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The other source's answer."""
        answer = self.source.evaluate(channel, problem, args)
        self.answers[channel].append(answer)
        return answer

    def samples(self, problem: Problem) -> int:
        """The other source's."""
        return self.source.samples(problem)


@dataclass(frozen=True)
class Followed:
    """States at r = 1, .., T + 1, each ``(R, n, dim)``, and the samples ``h_f^r``, ``h_g^r`` at r = 1, .., T."""

    states: list[Any]
    h_f: list[Array]
    h_g: list[Array]


def follow(
    ctx: Context, name: str, problem: Problem, network: Network, steps: int, seed: int, **settings: Any
) -> Followed:
    """Two replicas with their own noise, from a start that differs between agents; fractions."""
    a = ctx.algorithm(name)(**SETTINGS | settings).over("fraction")
    seen = Recorded(NOISE.source(seed, range(2)))
    o, net = Oracle(problem, seen), Gossip(network)
    x0, y0 = (starting(problem.n, size, step) for size, step in ((problem.p, 5), (problem.q, 7)))
    states: list[Any] = [a.init(x0, y0, o, net)]
    for t in range(1, steps + 1):
        states.append(a.step(t, states[-1], o, net))
    pairs = zip(seen.answers["grad_x_f"], seen.answers["jvp_xy_g"], strict=True)
    return Followed(states, [fx - implicit for fx, implicit in pairs], seen.answers["grad_y_g"])


def starting(n: int, size: int, step: int) -> Array:
    """A start for two replicas, shape ``(2, n, size)``."""
    return convert(np.arange(2 * n * size).reshape(2, n, size) * step % 13 - 6, "fraction") / 2
