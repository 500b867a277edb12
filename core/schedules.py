"""Networks that change from one iteration to the next; any algorithm runs over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, Self, runtime_checkable

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import from_graph
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Field, parse_number


@runtime_checkable
class Schedule(Protocol):
    """A network for every iteration; a `Network` is one that never changes."""

    @property
    def n(self) -> int:
        """Number of agents."""

    @property
    def name(self) -> str:
        """For reports."""

    def at(self, t: int) -> Network:
        """The network of iteration ``t = 1, 2, ..``."""

    def over(self, field: Field) -> Schedule:
        """The same networks in another number system."""


@dataclass(frozen=True)
class Cycle:
    """Networks in turn, over and over.

    Raises
    ------
    InputError
        If there is none, or they differ in size.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> both = Cycle((named("ring:4"), named("star:4")))
    >>> both.at(1).name, both.at(2).name, both.at(3).name
    ('ring:4', 'star:4', 'ring:4')
    """

    networks: tuple[Network, ...]
    name: str = "cycle"

    def __post_init__(self) -> None:
        sizes = {network.n for network in self.networks}
        if len(sizes) != 1:
            raise InputError(f"networks have {sorted(sizes)} agents; give one network or more of one size")

    @property
    def n(self) -> int:
        """See `Schedule`."""
        return self.networks[0].n

    def at(self, t: int) -> Network:
        """See `Schedule`."""
        return self.networks[(t - 1) % len(self.networks)]

    def over(self, field: Field) -> Self:
        """See `Schedule`."""
        return type(self)(tuple(network.over(field) for network in self.networks), self.name)


@dataclass(frozen=True)
class Redrawn:
    """An Erdos-Renyi graph drawn afresh in every iteration until it is connected, with Metropolis weights.

    Parameters
    ----------
    n, chance
        Agents, and the probability of every edge.
    seed
        The graph of iteration t depends on it and on t alone.
    field
        The number system of the weights.

    Raises
    ------
    InputError
        If an argument is out of range; in `at`, if 1000 draws of one iteration are disconnected.

    Examples
    --------
    >>> graphs = Redrawn(6, 0.5, seed=1)
    >>> graphs.at(1).n, bool((graphs.at(1).W == graphs.at(2).W).all())
    (6, False)
    """

    n: int
    chance: float
    seed: int = 0
    field: Field = "float"

    def __post_init__(self) -> None:
        if self.n < 1 or self.seed < 0:
            raise InputError(f"n is {self.n} and seed {self.seed}; give n >= 1 and seed >= 0")
        if not 0 < self.chance <= 1:
            raise InputError(f"chance is {self.chance}; give a probability in (0, 1]")

    @property
    def name(self) -> str:
        """See `Schedule`."""
        return f"redrawn:{self.n}:{self.chance:g}:{self.seed}"

    def at(self, t: int) -> Network:
        """See `Schedule`."""
        return _drawn(self, t)

    def over(self, field: Field) -> Self:
        """See `Schedule`."""
        return type(self)(self.n, self.chance, self.seed, field)


@cache
def _drawn(graphs: Redrawn, t: int) -> Network:
    import networkx as nx

    seeds: Sequence[int] = np.random.SeedSequence(graphs.seed, spawn_key=(t,)).generate_state(1000).tolist()
    for seed in seeds:
        graph = nx.fast_gnp_random_graph(graphs.n, graphs.chance, seed=seed)
        if nx.is_connected(graph):
            exact = graphs.field not in ("float", "complex")
            return from_graph(graph, name=f"{graphs.name} at {t}", exact=exact).over(graphs.field)
    raise InputError(f"network {graphs.name!r}: none of 1000 draws was connected; give a larger chance")


def redrawn(text: str) -> Redrawn:
    """``redrawn:10:0.5:1``: agents, chance of an edge, seed; the command line's spelling.

    Raises
    ------
    InputError
        If a size is missing, no number, or out of range.

    Examples
    --------
    >>> redrawn("redrawn:10:0.5:1").n
    10
    """
    parts = text.split(":")[1:]
    if len(parts) != 3:
        raise InputError(
            f"network {text!r} has {len(parts)} sizes; redrawn takes 3, as in 'redrawn:10:0.5:1'"
        )
    n, chance, seed = (parse_number(part, f"network {text!r}") for part in parts)
    if n != int(n) or seed != int(seed):
        raise InputError(f"network {text!r}: agents and seed are whole numbers, as in 'redrawn:10:0.5:1'")
    return Redrawn(int(n), float(chance), int(seed))
