"""Scripted samples: an oracle whose every answer betrays which sample it is and where it was taken.

Answers are random affine functions of the point they are asked at, one per agent, channel and question. Hessians are
symmetric and block diagonal, one block per task; nothing else about them is those of a problem.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.theory.slam.algorithms.literal import Vector, weighted

BEHIND: dict[str, str] = {"solve_yy_g": "hess_yy_g", "hvp_yy_g": "hess_yy_g", "jvp_xy_g": "hess_xy_g"}
"""The matrices behind the questions that multiply or solve."""


@dataclass(frozen=True)
class Sizes:
    """n agents, p upper variables, m tasks of q lower variables each."""

    n: int
    p: int
    m: int
    q: int


def small(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/2 up to 2, exact."""
    return convert(rng.integers(-4, 5, shape), "fraction") / 2


class Script:
    """One iteration's samples."""

    def __init__(self, rng: np.random.Generator, sizes: Sizes) -> None:
        self.rng, self.sizes = rng, sizes
        n, p, Q = sizes.n, sizes.p, sizes.m * sizes.q
        self.shapes: dict[str, tuple[int, ...]] = {"grad_x_f": (n, p), "grad_y_f": (n, Q), "grad_y_g": (n, Q)}
        self.shapes |= {"hess_xy_g": (n, p, Q), "hess_yy_g": (n, Q, Q)}
        self.asked: Counter[str] = Counter()
        self._drawn: dict[tuple[str, int], Array] = {}

    def coefficients(self, channel: str, number: int) -> Array:
        """Of the question with that number on a channel: its shape, then 1 + p + m q."""
        if channel not in self.shapes:
            raise InputError(f"{channel} is asked, which is not in the text")
        if (channel, number) not in self._drawn:
            s, shape = self.sizes, self.shapes[channel]
            drawn = small(self.rng, *shape, 1 + s.p + s.m * s.q)
            if channel == "hess_yy_g":
                drawn = drawn + np.swapaxes(drawn, 1, 2)
                task = np.arange(s.m * s.q) // s.q
                drawn = drawn * (task[:, None] == task)[:, :, None]
                drawn[..., 0] = drawn[..., 0] + 29 * np.eye(s.m * s.q, dtype=int)  # rarely singular
            self._drawn[channel, number] = drawn
        return self._drawn[channel, number]

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """For the implementation: the next answer at ``(x, y)``, all agents and tasks at once."""
        name = BEHIND.get(channel, channel)
        c = self.coefficients(name, self.asked[name])
        self.asked[name] += 1
        z = np.concatenate(args[:2], axis=-1)
        z = z.reshape(*z.shape[:2], *(1 for _ in self.shapes[name][1:]), -1)
        answer = c[..., 0] + (c[..., 1:] * z).sum(axis=-1)
        if channel == name:
            return np.asarray(answer)
        matrix = inverse(answer) if channel == "solve_yy_g" else answer
        return np.asarray((matrix @ args[2][..., None])[..., 0])

    def samples(self, problem: Problem) -> int:
        """One per question."""
        return 1

    def ask(self, i: int, channel: str, k: int, x: Vector, y: list[Vector]) -> Any:
        """For the literal text: agent i's first answer for task k, by hand."""
        point = [1, *x, *(entry for task in y for entry in task)]
        q = self.sizes.q

        def at(c: Any) -> Any:
            return [at(part) for part in c] if isinstance(c[0], list) else weighted(c, point)

        answer = at(self.coefficients(channel, 0)[i].tolist())
        mine = slice(k * q, (k + 1) * q)
        if channel == "grad_x_f":
            return answer
        if channel in ("grad_y_f", "grad_y_g"):
            return answer[mine]
        return [row[mine] for row in (answer[mine] if channel == "hess_yy_g" else answer)]
