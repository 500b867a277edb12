"""Random numbers for random problems, as floats or as small dyadic rationals; fixed by the seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, parse_number, scalar

# Beyond this many numbers in one array a problem no longer fits a test, and hardly a memory.
LARGEST = 10**8


def whole(name: str, value: Any, least: int) -> int:
    """A whole number that is at least ``least``.

    Examples
    --------
    >>> whole("p", 3, 1)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(f"{name} is {value!r}; give a whole number >= {least}")
    return int(value)


@dataclass(frozen=True)
class Draws:
    """One stream of random arrays.

    Parameters
    ----------
    rng
        The stream.
    rational
        Draw from {-4, .., 4} / 4 as `fractions.Fraction` rather than standard normal floats.

    Examples
    --------
    >>> Draws.of(seed=1, rational=True).array(2)
    array([Fraction(0, 1), Fraction(0, 1)], dtype=object)
    """

    rng: np.random.Generator
    rational: bool = False

    @classmethod
    def of(cls, seed: int, rational: bool = False) -> Draws:
        """The stream of a seed."""
        return cls(np.random.default_rng(whole("seed", seed, 0)), rational)

    @property
    def field(self) -> Field:
        """The number system of what is drawn."""
        return "fraction" if self.rational else "float"

    def array(self, *shape: int) -> Array:
        """Independent numbers; in matrices, floats are scaled so that norms do not grow with the size."""
        if self.rational:
            return convert(self.rng.integers(-4, 5, size=shape), "fraction") / 4
        root = np.sqrt(shape[-1]) if len(shape) > 2 else 1.0
        return np.asarray(self.rng.standard_normal(shape) / root)

    def times(self, factor: Any, array: Array, name: str = "factor") -> Array:
        """The array times a number that the user gave, in the stream's number system."""
        return np.asarray(array * scalar(parse_number(factor, name), self.field))

    def agents(self, n: int, *shape: int, heterogeneity: Any = 1) -> Array:
        """One array per agent: a common part plus ``heterogeneity`` times an own part; ``(n, *shape)``."""
        common = self.array(1, *shape)
        return common + self.times(heterogeneity, self.array(n, *shape), "heterogeneity")

    def balanced(self, n: int, p: int, heterogeneity: Any = 1) -> Array:
        """Rows ``(n, p)`` whose sum is zero exactly, also in floats: multiples of 1/1024."""
        size = float(parse_number(heterogeneity, "heterogeneity"))
        steps = np.rint(1024 * size * self.rng.standard_normal((n, p)))
        steps[-1] = -steps[:-1].sum(axis=0)
        return convert(steps, self.field) / 1024

    def eye(self, size: int) -> Array:
        """The identity matrix."""
        return convert(np.eye(size, dtype=int), self.field)


def gram(M: Array) -> Array:
    """``M M'`` for a stack of matrices: symmetric and positive semidefinite."""
    return M @ M.swapaxes(-1, -2)


def sizes(n: int, p: int, q: int, samples: int = 1) -> tuple[int, int, int]:
    """Refuse sizes that are not positive whole numbers, or whose arrays would not fit in memory."""
    n, p, q = whole("n", n, 1), whole("p", p, 1), whole("q", q, 1)
    if n * whole("samples", samples, 1) * (p + q) ** 2 > LARGEST:
        raise InputError(
            f"n = {n}, p = {p}, q = {q} and {samples} samples make arrays of more than {LARGEST} numbers; "
            "give smaller sizes"
        )
    return n, p, q
