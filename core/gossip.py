"""The one place where agents communicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spiritlevel.core.errors import InputError
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array


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
    """A network in use: `mix` multiplies by ``W`` and counts what that costs.

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

    def __init__(self, network: Network) -> None:
        self.network = network
        self.traffic = Traffic()

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
        edges = self.network.edges
        self.traffic.rounds += 1
        self.traffic.messages += edges
        mixed = []
        for z in fields:
            if z.ndim < 2 or z.shape[-2] != self.network.n:
                raise InputError(
                    f"a field of shape {z.shape} cannot be mixed over {self.network.n} agents; "
                    f"give (..., {self.network.n}, dim)"
                )
            self.traffic.floats += edges * z.shape[-1]
            Wz = self._product(z)
            mixed.append(Wz if own else Wz - self.network.diagonal * z)
        return mixed[0] if len(mixed) == 1 else tuple(mixed)

    def _product(self, z: Array) -> Array:
        # One product for everything: agents first, then dim, then the other axes, which is how
        # `agentwise` leaves its results in memory, so that neither transposition moves anything.
        last = z.ndim - 2
        agents_first = z.transpose(last, last + 1, *range(last))
        Wz = self.network.W @ agents_first.reshape(self.network.n, -1)
        return Wz.reshape(agents_first.shape).transpose(*range(2, z.ndim), 0, 1)
