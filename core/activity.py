"""Which agents take part in an iteration, and how long it lasts: stragglers, for any algorithm.

An algorithm that speaks of sleep asks who is awake (`spiritlevel.core.gossip.Gossip.active`). With any other, an
agent that sleeps keeps all that it has, and the others read what it had (`sleeping`).

A model is frozen data; `source` turns it into a stream for given replicas, which depends on the seed and
the replica's number only, as noise does.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, parse_number

_STREAM = 2000  # keeps these streams apart from those of noise and samples


class Awake(Protocol):
    """A stream of active sets."""

    def next(self, n: int) -> Array:
        """Who takes part in the next iteration: 0 or 1, shape ``(R, n, 1)``."""

    def time(self) -> Array | None:
        """How long all iterations so far have lasted, shape ``(R,)``; None for a model without a clock."""


class Activity(Protocol):
    """A model of who takes part when."""

    def source(self, seed: int, replicas: range) -> Awake:
        """A stream for the replicas with these numbers."""


def _streams(seed: int, replicas: range) -> list[np.random.Generator]:
    return [
        np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(r, _STREAM))))
        for r in replicas
    ]


@dataclass(frozen=True)
class Chances:
    """Every agent is active with a probability of its own, independently, and at least once every ``tau`` iterations.

    Parameters
    ----------
    p
        Probabilities; dealt out in turn if there are fewer than agents.
    tau
        An agent that was idle ``tau - 1`` times running is active (Argus, Assumption 1(c)); 0 for no bound.

    Raises
    ------
    InputError
        If there is no probability, one is outside [0, 1], or ``tau`` is negative.

    Examples
    --------
    >>> stream = Chances((0.0,), tau=2).source(0, range(1))
    >>> [int(stream.next(1).item()) for _ in range(4)]
    [0, 1, 0, 1]
    """

    p: tuple[float, ...]
    tau: int = 0

    def __post_init__(self) -> None:
        if not self.p or not all(0 <= chance <= 1 for chance in self.p):
            raise InputError(f"p is {self.p}; give probabilities in [0, 1]")
        if self.tau < 0:
            raise InputError(f"tau is {self.tau}; give a whole number >= 0, where 0 means no bound")

    def source(self, seed: int, replicas: range) -> Awake:
        """See `Activity`."""
        return _ChancesSource(self, _streams(seed, replicas))


@dataclass
class _ChancesSource:
    model: Chances
    generators: list[np.random.Generator]
    idle: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=int))

    def next(self, n: int) -> Array:
        if not self.idle.size:
            self.idle = np.zeros((len(self.generators), n), dtype=int)
        p = np.resize(np.array(self.model.p, dtype=float), n)
        active = np.stack([g.random(n) < p for g in self.generators])
        if self.model.tau:
            active |= self.idle >= self.model.tau - 1
        self.idle = np.where(active, 0, self.idle + 1)
        return active.astype(int)[..., None]

    def time(self) -> None:
        return None


@dataclass(frozen=True)
class Scripted:
    """Prescribed active sets, one row of 0 and 1 per iteration, over and over; the same in every replica.

    Raises
    ------
    InputError
        If there is none, or an entry is neither 0 nor 1.

    Examples
    --------
    >>> stream = Scripted(((1, 0), (0, 1))).source(0, range(1))
    >>> [stream.next(2)[0, :, 0].tolist() for _ in range(3)]
    [[1, 0], [0, 1], [1, 0]]
    """

    rows: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if not self.rows or not all(entry in (0, 1) for row in self.rows for entry in row):
            raise InputError(f"rows is {self.rows}; give rows of 0 and 1")

    def source(self, seed: int, replicas: range) -> Awake:
        """See `Activity`."""
        return _ScriptedSource(self.rows)


@dataclass
class _ScriptedSource:
    rows: tuple[tuple[int, ...], ...]
    done: int = 0

    def next(self, n: int) -> Array:
        row = self.rows[self.done % len(self.rows)]
        if len(row) != n:
            raise InputError(f"rows has {len(row)} entries in a row; the network has {n} agents")
        self.done += 1
        return np.array(row)[None, :, None]

    def time(self) -> None:
        return None


@dataclass(frozen=True)
class Stragglers:
    r"""A wall clock: every agent's time is uniform on [0.8, 1.2], times ``factor`` for ``slow`` random agents.

    An iteration takes part with the ``wait`` fastest agents, and lasts as long as the slowest of them. With ``wait``
    the number of agents it is synchronous. Argus, Section VI-B, Figure 9.

    Raises
    ------
    InputError
        If ``wait`` is below 1, ``slow`` negative, either no whole number, or ``factor`` below 1.

    Examples
    --------
    >>> clock = Stragglers(wait=8, slow=2, factor=10.0)
    >>> stream = clock.source(0, range(3))
    >>> stream.next(10).sum(axis=1).ravel().tolist()
    [8, 8, 8]
    """

    wait: int
    slow: int = 0
    factor: float = 10.0

    def __post_init__(self) -> None:
        whole = all(isinstance(count, int | np.integer) for count in (self.wait, self.slow))
        if not whole or self.wait < 1 or self.slow < 0 or not self.factor >= 1:
            raise InputError(
                f"wait, slow, factor are {self.wait}, {self.slow}, {self.factor}; give whole numbers wait >= 1 and slow >= 0, "
                "and factor >= 1"
            )

    def source(self, seed: int, replicas: range) -> Clock:
        """A stream that also keeps the time."""
        return Clock(self, _streams(seed, replicas))


@dataclass
class Clock:
    """A stream of `Stragglers`; ``lasted`` has one row of durations, shape ``(R,)``, per iteration."""

    model: Stragglers
    generators: list[np.random.Generator]
    lasted: list[Array] = field(default_factory=list)
    now: Array = field(init=False)

    def __post_init__(self) -> None:
        self.now = np.zeros(len(self.generators))

    def next(self, n: int) -> Array:
        """See `Awake`."""
        if self.model.wait > n or self.model.slow > n:
            raise InputError(
                f"wait is {self.model.wait} and slow {self.model.slow}; the network has {n} agents"
            )
        times = np.stack([g.uniform(0.8, 1.2, n) for g in self.generators])
        slow = np.stack([g.permutation(n) < self.model.slow for g in self.generators])
        times = np.where(slow, self.model.factor * times, times)
        last = np.sort(times, axis=1)[:, self.model.wait - 1]
        self.lasted.append(last)
        self.now = self.now + last
        return (times <= last[:, None]).astype(int)[..., None]

    def time(self) -> Array:
        """See `Awake`."""
        return self.now


def sleeping(active: Array, before: Any, after: Any) -> Any:
    """The state ``after`` a step of those who are awake; the others have what they had ``before``.

    Parameters
    ----------
    active
        0 or 1, shape ``(R, n, 1)`` or ``(1, n, 1)``.
    before, after
        States of an algorithm: dataclasses of arrays with the agents' axis second. What is no array is as after.

    Raises
    ------
    InputError
        If someone sleeps and an array has no entry of his own for every agent, as with a server.

    Examples
    --------
    >>> import numpy as np
    >>> from spiritlevel.core.algorithms.argus_no_cuts import State
    >>> old, new = (State(np.full((1, 2, 1), v), np.full((1, 2, 1), v)) for v in (0.0, 1.0))
    >>> sleeping(np.array([[[1], [0]]]), old, new).x.ravel().tolist()
    [1.0, 0.0]
    """
    if active.all():
        return after
    kept = {}
    for entry in dataclasses.fields(after):
        old, new = getattr(before, entry.name), getattr(after, entry.name)
        if not isinstance(new, np.ndarray):
            continue
        if new.ndim < 3 or new.shape[1] != active.shape[1]:
            raise InputError(
                f"activity leaves out some of {active.shape[1]} agents, but {entry.name} has the shape {new.shape}, one "
                "for all; let everyone take part"
            )
        kept[entry.name] = np.where(active.reshape(*active.shape[:2], *[1] * (new.ndim - 2)), new, old)
    return dataclasses.replace(after, **kept)


def activity(text: str) -> Activity:
    """``0.5``, everyone's chance, or ``stragglers:8:2:10``, `Stragglers` by wait, slow and factor; the command line's spelling.

    Raises
    ------
    InputError
        If it is neither, or a number is out of range.

    Examples
    --------
    >>> activity("0.5"), activity("stragglers:8:2:10")
    (Chances(p=(0.5,), tau=0), Stragglers(wait=8, slow=2, factor=10.0))
    """
    name, *sizes = text.split(":")
    if name != "stragglers":
        chance = parse_number(text, "activity")
        if not 0 <= chance <= 1:
            raise InputError(f"activity is {text}; give a chance in [0, 1] or 'stragglers:8:2:10'")
        return Chances((float(chance),))
    if len(sizes) != 3:
        raise InputError(
            f"activity {text!r} has {len(sizes)} sizes; give 3, wait, slow and factor: 'stragglers:8:2:10'"
        )
    wait, slow, factor = (parse_number(size, f"activity {text!r}") for size in sizes)
    if wait != int(wait) or slow != int(slow):
        raise InputError(f"activity {text!r}: wait and slow are whole numbers, as in 'stragglers:8:2:10'")
    return Stragglers(int(wait), int(slow), float(factor))
