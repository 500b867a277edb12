"""Scripted samples: an oracle whose every answer betrays which sample it is and where it was taken.

Answers are random affine functions of the point they are asked at, one per client, channel and sample; Hessians are
symmetric. Nothing else about them is those of a problem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.theory.rabo.algorithms.literal import Vector, dot

BEHIND: dict[str, str] = {"solve_yy_g": "hess_yy_g", "hvp_yy_g": "hess_yy_g", "jvp_xy_g": "hess_xy_g"}
"""The matrices behind the questions that multiply or solve."""


def small(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/2 up to 2, exact."""
    return convert(rng.integers(-4, 5, shape), "fraction") / 2


class Script:
    """One round's samples for n clients, p upper and q lower variables."""

    def __init__(self, rng: np.random.Generator, n: int, p: int, q: int) -> None:
        self.rng, self.n, self.p, self.q = rng, n, p, q
        self.shapes: dict[str, tuple[int, ...]] = {"grad_x_f": (p,), "grad_y_f": (q,), "grad_y_g": (q,)}
        self.shapes |= {"hess_xy_g": (p, q), "hess_yy_g": (q, q)}
        self.drawn: Counter[str] = Counter()
        """Samples used per channel; calls that share one count once."""
        self._coefficients: dict[tuple[str, int], Array] = {}

    def coefficients(self, channel: str, number: int) -> Array:
        """Of the sample with that number: n rows, the answer's shape, then 1 + p + q."""
        if channel not in self.shapes:
            raise InputError(f"{channel} is asked, which is not in the text")
        if (channel, number) not in self._coefficients:
            c = small(self.rng, self.n, *self.shapes[channel], 1 + self.p + self.q)
            if channel == "hess_yy_g":
                c = c + np.swapaxes(c, 1, 2)
                c[..., 0] = c[..., 0] + 29 * np.eye(self.q, dtype=int)  # rarely singular
            self._coefficients[channel, number] = c
        return self._coefficients[channel, number]

    def next(self, channel: str) -> int:
        """The number of the next sample on a channel."""
        self.drawn[channel] += 1
        return self.drawn[channel] - 1

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """For the implementation: the next sample at ``(x, y)``, all clients at once."""
        return self.answer(channel, args, self.next)

    def answer(self, channel: str, args: tuple[Array, ...], number: Callable[[str], int]) -> Array:
        """The sample that ``number`` says."""
        name = BEHIND.get(channel, channel)
        c = self.coefficients(name, number(name))
        z = np.concatenate(args[:2], axis=-1)
        z = z.reshape(*z.shape[:2], *(1 for _ in self.shapes[name]), -1)
        found = c[..., 0] + (c[..., 1:] * z).sum(axis=-1)
        if channel == name:
            return np.asarray(found)
        matrix = inverse(found) if channel == "solve_yy_g" else found
        return np.asarray((matrix @ args[2][..., None])[..., 0])

    def samples(self, problem: Problem) -> int:
        """One per call."""
        return 1

    def held(self) -> Held:
        """Common random numbers: the next sample of every channel, for as long as it is asked."""
        return Held(self)

    def ask(self, i: int, channel: str, number: int, x: Vector, y: Vector) -> Any:
        """For the literal text: client i's sample of that number, by hand."""

        def at(c: Any) -> Any:
            return [at(part) for part in c] if isinstance(c[0], list) else dot(c, [1, *x, *y])  # type: ignore[list-item]

        return at(self.coefficients(channel, number)[i].tolist())


class Held:
    """A script that answers every question on a channel with one sample."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.numbers: dict[str, int] = {}

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The sample taken at the first question."""
        return self.script.answer(channel, args, self.number)

    def number(self, channel: str) -> int:
        """Drawn once."""
        if channel not in self.numbers:
            self.numbers[channel] = self.script.next(channel)
        return self.numbers[channel]

    def samples(self, problem: Problem) -> int:
        """One per call."""
        return 1

    def held(self) -> Held:
        """Itself."""
        return self
