"""Common random numbers: sources whose calls on one channel all see the same draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel, Problem


@dataclass
class RepeatedShift:
    """Adds to every answer of a channel the one perturbation that ``draw`` gave at its first call (None: nothing)."""

    draw: Callable[[Channel, Array], Array | None]
    drawn: dict[Channel, Array | None] = field(default_factory=dict)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The exact answer, perturbed."""
        value = np.asarray(getattr(problem, channel)(*args))
        if channel not in self.drawn:
            drawn = self.draw(channel, value)
            self.drawn[channel] = None if drawn is None else drawn.copy()  # buffers are used again
        shift = self.drawn[channel]
        return value if shift is None else value + shift

    def samples(self, problem: Problem) -> int:
        """One."""
        return 1

    def held(self) -> Self:
        """Itself."""
        return self


@dataclass
class RepeatedTerms:
    """Answers every call of a channel for the terms that ``choose`` gave at its first call."""

    choose: Callable[[Channel, Problem], Problem]
    batch: int
    drawn: dict[Channel, Problem] = field(default_factory=dict)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The chosen terms' answer."""
        if channel not in self.drawn:
            self.drawn[channel] = self.choose(channel, problem)
        return np.asarray(getattr(self.drawn[channel], channel)(*args))

    def samples(self, problem: Problem) -> int:
        """The size of the batch."""
        return self.batch

    def held(self) -> Self:
        """Itself."""
        return self
