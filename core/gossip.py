"""The one place where agents communicate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from spiritlevel.core.activity import Awake
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.core.schedules import Schedule


@dataclass
class Traffic:
    """What one replica's network has carried so far.

    ``rounds``: exchanges with all neighbours; ``messages``: one per directed edge and round;
    ``floats``: numbers carried by them.
    """

    rounds: int = 0
    messages: int = 0
    floats: int = 0


class Gossip:
    """A network in use: `mix` multiplies by ``W``, `differences` by the Laplacian; both count what that costs.

    Examples
    --------
    >>> import numpy as np
    >>> from spiritlevel.core.networks import averaging
    >>> net = Gossip(averaging(2))
    >>> net.mix(np.array([[[1.0], [3.0]]]))
    array([[[2.],
            [2.]]])
    >>> net.traffic
    Traffic(rounds=1, messages=2, floats=2)
    """

    def __init__(self, network: Schedule, awake: Awake | None = None) -> None:
        self.schedule = network
        self.network = network.at(1)
        self.awake = awake
        self.traffic = Traffic()
        self.asked = False
        """Whether somebody has asked, in this iteration, who takes part."""
        self._active: Array | None = None

    def advance(self, t: int) -> None:
        """Pass on to the network of iteration ``t``, and to those who take part in it."""
        self.network = self.schedule.at(t)
        self.asked = False
        self._active = None if self.awake is None else self.awake.next(self.network.n)

    def active(self) -> Array:
        """Who takes part in this iteration, 0 or 1, shape ``(R, n, 1)``, or ``(1, n, 1)``; all, if nothing was said.

        Drawn once per iteration, by `advance`; the first one may go without.
        """
        self.asked = True
        if self._active is None:
            n = self.network.n
            self._active = np.ones((1, n, 1), dtype=int) if self.awake is None else self.awake.next(n)
        return self._active

    def mix(self, *fields: Array, own: bool = True) -> Any:
        """``W z`` for every field ``z`` of shape ``(..., agents, dim)``, all in one round.

        Parameters
        ----------
        fields
            What each agent sends; several fields travel in the same messages.
        own
            Whether an agent's own copy takes part. Without it, row i is the sum over the
            neighbours ``j != i`` only (INTERACT (6), (10) with :math:`i \\notin N_i`, as printed).

        Returns
        -------
        One array, or a tuple for several fields.

        Raises
        ------
        InputError
            If the second-last axis is not the number of agents.
        """
        self._exchange(fields)
        mixed = [self._product(self.network.W, z) for z in fields]
        if not own:
            diagonal = self.network.diagonal
            mixed = [Wz - diagonal * z for Wz, z in zip(mixed, fields, strict=True)]
        return mixed[0] if len(mixed) == 1 else tuple(mixed)

    def differences(self, *fields: Array) -> Any:
        r"""Sums over the neighbours :math:`\sum_{j \in N_i} (z_i - z_j)`: the graph's Laplacian, all in one round.

        Takes, returns and counts what `mix` does.

        Examples
        --------
        >>> import numpy as np
        >>> from spiritlevel.core.networks import averaging
        >>> Gossip(averaging(2)).differences(np.array([[[1.0], [3.0]]]))
        array([[[-2.],
                [ 2.]]])
        """
        self._exchange(fields)
        differ = [self._product(self.network.laplacian, z) for z in fields]
        return differ[0] if len(differ) == 1 else tuple(differ)

    def tell(self, floats: Array) -> None:
        """Count what agents send to each neighbour besides: numbers of floats, shape ``(R, n)``.

        No round of its own; a message wherever it is not 0. Of replicas that differ, the busiest counts.
        """
        degrees = np.asarray(self.network.laplacian.diagonal(), dtype=int)
        self.traffic.messages += int(((floats > 0) * degrees).sum(axis=-1).max())
        self.traffic.floats += int((floats * degrees).sum(axis=-1).max())

    def average(self, z: Array, held: Array | None = None, *, down: int | None = None) -> Array:
        """A server's mean over the clients that hold a coordinate, shape ``(..., 1, dim)``; 0 where none does.

        Counts one round, a message up and one down per client, and the floats that they carry.

        Parameters
        ----------
        z
            What the clients send, shape ``(..., agents, dim)``.
        held
            Which client holds which coordinate, 0 or 1, shape ``(agents, dim)`` or ``(R, agents, dim)``; all if
            None. Only these travel up (of R masks, the most that one has).
        down
            How many floats the server answers to every client; as many as came up if None.

        Examples
        --------
        >>> import numpy as np
        >>> from spiritlevel.core.networks import averaging
        >>> Gossip(averaging(2)).average(np.array([[[1.0, 5.0], [3.0, 0.0]]]), np.array([[1, 1], [1, 0]]))
        array([[[2., 5.]]])
        """
        held = np.ones(z.shape[-2:], dtype=int) if held is None else held
        up = int(held.sum(axis=(-2, -1)).max())
        self.traffic.rounds += 1
        self.traffic.messages += 2 * self.network.n
        self.traffic.floats += up + (up if down is None else down * self.network.n)
        return (z * held).sum(axis=-2, keepdims=True) / np.maximum(held.sum(axis=-2, keepdims=True), 1)

    def _exchange(self, fields: tuple[Array, ...]) -> None:
        n, edges = self.network.n, self.network.edges
        for z in fields:
            if z.ndim < 2 or z.shape[-2] != n:
                raise InputError(
                    f"a field of shape {z.shape} cannot be mixed over {n} agents; give (..., {n}, dim)"
                )
        self.traffic.rounds += 1
        self.traffic.messages += edges
        self.traffic.floats += edges * sum([z.shape[-1] for z in fields])

    @staticmethod
    def _product(matrix: Any, z: Array) -> Array:
        # One product for all replicas: agents first, then dim, then the rest, which is how `agentwise`
        # lays out its results, so that nothing has to be moved in memory.
        there, back = _orders(z.ndim)
        agents_first = z.transpose(there)
        Wz = matrix @ agents_first.reshape(len(agents_first), -1)
        return Wz.reshape(agents_first.shape).transpose(back)


@cache
def _orders(ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes' order with the last two in front, and the order that undoes it."""
    return (ndim - 2, ndim - 1, *range(ndim - 2)), (*range(2, ndim), 0, 1)
