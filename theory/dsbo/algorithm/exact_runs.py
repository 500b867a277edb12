"""Exact runs of DSBO, whole states, for the checks of this folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Additive, Source
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.theory.statement import Context

SETTINGS: dict[str, Any] = {
    "alpha": Fraction(1, 8),
    "beta": Fraction(1, 3),
    "gamma": Fraction(1, 10),
    "L_g": Fraction(12),
    "b": 2,
}
"""Step sizes that keep the numbers short; nothing below depends on them."""

GRADIENTS = Additive(Fraction(1, 2), law="two-point")
"""Noise in the three gradients and in no matrix."""

EVERYWHERE = Additive(
    dict.fromkeys(("grad_x_f", "grad_y_f", "grad_y_g", "hess_xy_g", "hess_yy_g"), Fraction(1, 2)),
    law="two-point",
)
"""Noise in everything that DSBO asks for."""


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


class HessianSamples:
    """Prescribed Hessians, one per question, each ``(R, n, q, q)``; the other answers are exact."""

    def __init__(self, samples: Sequence[Array]) -> None:
        self.left = list(samples)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The next sample, or the problem's answer."""
        if channel != "hess_yy_g":
            return np.asarray(getattr(problem, channel)(*args))
        if not self.left:
            raise InputError("more Hessians are asked than Algorithm 1 samples")
        return self.left.pop(0)

    def samples(self, problem: Problem) -> int:
        """One per question."""
        return 1


def states(
    ctx: Context,
    problem: Problem,
    network: Network,
    steps: int,
    source: Source | None = None,
    *,
    replicas: int = 1,
    **settings: Any,
) -> list[Any]:
    """The states at t = 0, 1, .., steps of the paper's time, from x = y = 0, in fractions."""
    a = ctx.algorithm("dsbo")(**{**SETTINGS, **settings}).over("fraction")
    o, net = Oracle(problem, source), Gossip(network)
    x0, y0 = (
        convert(np.zeros((replicas, problem.n, size), dtype=int), "fraction")
        for size in (problem.p, problem.q)
    )
    found: list[Any] = [a.init(x0, y0, o, net)]
    for t in range(1, steps + 1):
        found.append(a.step(t, found[-1], o, net))
    return found
