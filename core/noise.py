r"""Where randomness enters: what an oracle adds to, or samples from, the exact answer.

A *model* is frozen data; `source` turns it into a stream for given replicas. Replica r's stream
depends on the seed, r and the channel only: not on how many replicas run beside it, nor where.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np

from spiritlevel.core.arrays import replicas_inner
from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import Array, convert, field_of, parse_number, scalar
from spiritlevel.core.problem import Channel, FiniteSum, Problem
from spiritlevel.core.repeated import RepeatedShift, RepeatedTerms

CHANNELS: tuple[Channel, ...] = get_args(Channel)
GRADIENTS: tuple[Channel, ...] = ("grad_x_f", "grad_y_f", "grad_y_g")
_AHEAD = 50  # answers drawn at once: drawing one by one costs twice as much
_AHEAD_NUMBERS = 2**17  # but at most about so many numbers per replica and channel: a megabyte


class Source(Protocol):
    """Answers one oracle call for a block of replicas."""

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The problem's answer on a channel, with this source's noise in it."""

    def samples(self, problem: Problem) -> int:
        """How many samples one call reads, per agent."""


@runtime_checkable
class Repeatable(Source, Protocol):
    """A source that can repeat itself."""

    def held(self) -> Source:
        """A source whose calls on one channel all see this one's next draw."""


class Model(Protocol):
    """A frozen description of noise."""

    def source(self, seed: int, replicas: range) -> Source:
        """A stream for the replicas with these numbers."""


@dataclass(frozen=True)
class Exact:
    """No noise: full gradients. On a finite sum one call reads every sample."""

    def source(self, seed: int, replicas: range) -> Source:
        """Itself: there is nothing to draw."""
        return self

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The exact answer."""
        return np.asarray(getattr(problem, channel)(*args))

    def samples(self, problem: Problem) -> int:
        """All terms of a finite sum; 0 where there are none."""
        return problem.samples if isinstance(problem, FiniteSum) else 0

    def held(self) -> Source:
        """Itself."""
        return self


def _streams(seed: int, replicas: range, channel: Channel) -> list[np.random.Generator]:
    key = CHANNELS.index(channel)
    return [
        np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(r, key))))
        for r in replicas
    ]


@dataclass(frozen=True)
class Additive:
    r"""Independent zero-mean noise on chosen channels, with covariance exactly :math:`\sigma^2 I`.

    Parameters
    ----------
    sigma
        Standard deviation of every coordinate, per channel; one number means the three gradient
        channels. A paper's :math:`E\|\cdot\|^2 \le \sigma^2` is ``dim`` times larger.
    law
        ``gaussian``, or ``two-point`` (each coordinate is plus or minus sigma: the same mean and
        covariance, and rational when sigma is).

    Raises
    ------
    InputError
        For a negative or non-finite sigma, an unknown channel or law.

    Examples
    --------
    >>> Additive(0.5).sigma["grad_y_g"]
    0.5
    """

    sigma: Any
    law: Literal["gaussian", "two-point"] = "gaussian"

    def __post_init__(self) -> None:
        sigma = self.sigma
        if not isinstance(sigma, Mapping):
            sigma = dict.fromkeys(GRADIENTS, sigma)
        read: dict[Channel, Fraction | float] = {}
        for channel, value in sigma.items():
            if channel not in CHANNELS:
                raise unknown("noise channel", str(channel), CHANNELS)
            read[channel] = parse_number(value, f"sigma of {channel}")
            if read[channel] < 0:
                raise InputError(f"sigma of {channel} is {value}; give a finite number >= 0")
        if self.law not in ("gaussian", "two-point"):
            raise unknown("noise law", str(self.law), ["gaussian", "two-point"])
        object.__setattr__(self, "sigma", read)

    def source(self, seed: int, replicas: range) -> Source:
        """A stream for the replicas with these numbers."""
        return _AdditiveSource(self, seed, replicas)


@dataclass
class _AdditiveSource:
    model: Additive
    seed: int
    replicas: range
    _generators: dict[Channel, list[np.random.Generator]] = field(default_factory=dict)
    _buffers: dict[Channel, Array] = field(default_factory=dict)
    _used: dict[Channel, int] = field(default_factory=dict)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        value = np.asarray(getattr(problem, channel)(*args))
        if not self.model.sigma.get(channel):
            return value
        noise = self.noise(channel, value)
        return np.add(value, noise, out=noise) if value.dtype == noise.dtype == float else value + noise

    def noise(self, channel: Channel, like: Array) -> Array:
        """The channel's next draw, in the number system and of the size of ``like``."""
        sigma = self.model.sigma[channel]
        if like.dtype != object:
            return self._draw(channel, like.shape[1:], float(sigma))
        if self.model.law == "gaussian":
            raise InputError("noise law is 'gaussian', which has no exact values; give 'two-point' or floats")
        number_system = field_of(like)
        signs = convert(self._draw(channel, like.shape[1:], 1.0).astype(int), number_system)
        return signs * scalar(sigma, number_system)

    def samples(self, problem: Problem) -> int:
        return 1

    def held(self) -> Source:
        return RepeatedShift(
            lambda channel, like: self.noise(channel, like) if self.model.sigma.get(channel) else None
        )

    def _draw(self, channel: Channel, shape: tuple[int, ...], sigma: float) -> Array:
        if channel not in self._generators:
            self._generators[channel] = _streams(self.seed, self.replicas, channel)
            # how far ahead depends on the problem only, so that replica r's noise does not depend on R
            ahead = min(_AHEAD, max(1, _AHEAD_NUMBERS // math.prod(shape)))
            self._buffers[channel] = np.empty((len(self.replicas), ahead, *shape))
            self._used[channel] = ahead
        buffer, used = self._buffers[channel], self._used[channel]
        if used == buffer.shape[1]:
            self._refill(channel, sigma)
            used = 0
        self._used[channel] = used + 1
        return replicas_inner(buffer[:, used])

    def _refill(self, channel: Channel, sigma: float) -> None:
        for rows, generator in zip(self._buffers[channel], self._generators[channel], strict=True):
            if self.model.law == "gaussian":
                generator.standard_normal(out=rows)
            else:
                np.subtract(2 * generator.integers(0, 2, size=rows.shape, dtype=np.int8), 1, out=rows)
            rows *= sigma  # while these numbers are still in the cache


@dataclass(frozen=True)
class Sampling:
    """Every call of every agent reads ``batch`` terms of its finite sum, drawn afresh with replacement.

    Raises
    ------
    InputError
        If ``batch`` is not a positive whole number, or the problem is not a finite sum.
    """

    batch: int

    def __post_init__(self) -> None:
        if isinstance(self.batch, bool) or not isinstance(self.batch, int | np.integer) or self.batch < 1:
            raise InputError(f"batch is {self.batch!r}; give a whole number >= 1")

    def source(self, seed: int, replicas: range) -> Source:
        """A stream for the replicas with these numbers."""
        return _SamplingSource(self.batch, seed, replicas)


@dataclass
class _SamplingSource:
    batch: int
    seed: int
    replicas: range
    _generators: dict[Channel, list[np.random.Generator]] = field(default_factory=dict)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        return np.asarray(getattr(self.subsample(channel, problem), channel)(*args))

    def subsample(self, channel: Channel, problem: Problem) -> Problem:
        """The terms that the channel draws next, as a problem."""
        if not isinstance(problem, FiniteSum):
            raise InputError(f"noise is finite-sum sampling but {type(problem).__name__} is not a finite sum")
        if channel not in self._generators:
            self._generators[channel] = _streams(self.seed, self.replicas, channel)
        size = (problem.n, self.batch)
        index = np.stack([g.integers(0, problem.samples, size=size) for g in self._generators[channel]])
        return problem.subsample(index)

    def samples(self, problem: Problem) -> int:
        return self.batch

    def held(self) -> Source:
        return RepeatedTerms(self.subsample, self.batch)


@dataclass
class Probe:
    """Adds prescribed perturbations, call by call: how the exact noise map of a step is read off.

    With ``added=None`` it adds nothing and records in ``seen`` which channels were asked and the
    shape ``(n, dim)`` of each answer; ``channels`` says which calls carry noise.
    """

    channels: frozenset[Channel]
    added: list[Array] | None = None
    seen: list[tuple[Channel, tuple[int, ...]]] = field(default_factory=list)

    def source(self, seed: int, replicas: range) -> Source:
        """Itself."""
        return self

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The exact answer plus the next prescribed perturbation."""
        value = np.asarray(getattr(problem, channel)(*args))
        shift = self.perturbation(channel, value)
        return value if shift is None else value + shift

    def perturbation(self, channel: Channel, like: Array) -> Array | None:
        """What is added to the next call, or None; records the call."""
        if channel not in self.channels:
            return None
        self.seen.append((channel, like.shape[1:]))
        return None if self.added is None else self.added[len(self.seen) - 1]

    def samples(self, problem: Problem) -> int:
        """One, as for additive noise."""
        return 1

    def held(self) -> Source:
        """A probe that takes one perturbation per channel, at its first call."""
        return RepeatedShift(self.perturbation)
