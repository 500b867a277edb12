r"""Which terms of a finite sum a stochastic algorithm draws, and the draws as oracles.

An algorithm that samples says how many samples it wants (`Oracle.draw`) and gets a `Batch`: oracles that
answer for the drawn terms alone. It may ask one batch at several points, as recursive estimators do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spiritlevel.core.oracle import Oracle

_STREAM = 1000  # keeps these streams apart from those of the noise channels


@dataclass(frozen=True, slots=True)
class Picks:
    r"""The numbers behind :math:`\bar\xi_1, \dots, \bar\xi_S` of INTERACT (22), for every replica and agent.

    ``xi``: term of the upper level, shape ``(R, n, S)``; ``zeta``: terms :math:`\zeta^0, \dots,
    \zeta^{K-1}` of the lower level, ``(K, R, n, S)``; ``k``: number of factors, 0 to K - 1, ``(R, n, S)``.
    """

    xi: Array
    zeta: Array
    k: Array


class Sampler(Protocol):
    """Where picks come from."""

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        """``batch`` samples with ``depth`` lower-level terms each, for every replica and agent."""


@dataclass
class Seeded:
    """Independent uniform picks with replacement; replica r's depend on the seed and r only.

    Examples
    --------
    >>> picks = Seeded(0, range(2)).pick(terms=5, agents=3, batch=4, depth=2)
    >>> picks.xi.shape, picks.zeta.shape, int(picks.k.max())
    ((2, 3, 4), (2, 2, 3, 4), 1)
    """

    seed: int
    replicas: range
    _generators: list[np.random.Generator] = field(default_factory=list)

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        """See `Sampler.pick`."""
        if not self._generators:
            self._generators = [
                np.random.Generator(
                    np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(r, _STREAM)))
                )
                for r in self.replicas
            ]
        size = (agents, batch)
        index = np.stack([g.integers(0, terms, size=(depth + 1, *size)) for g in self._generators], axis=1)
        k = np.stack([g.integers(0, depth, size=size) for g in self._generators])
        return Picks(index[0], index[1:], k)


@dataclass
class Scripted:
    """Prescribed picks, one per draw: how expectations are taken exactly, and draws are repeated."""

    picks: Sequence[Picks]
    drawn: int = 0

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        """The next of the script.

        Raises
        ------
        InputError
            If the script is at its end, or has another size.
        """
        if self.drawn >= len(self.picks):
            raise InputError(f"picks holds {len(self.picks)} draws; the algorithm asks for another one")
        found = self.picks[self.drawn]
        self.drawn += 1
        wanted = (depth, found.xi.shape[0], agents, batch)
        if found.zeta.shape != wanted or found.xi.shape != wanted[1:] or found.k.shape != wanted[1:]:
            raise InputError(f"picks has zeta of shape {found.zeta.shape}; the algorithm needs {wanted}")
        return found


@dataclass(frozen=True)
class Batch:
    r"""Samples :math:`\bar\xi_1, \dots, \bar\xi_S` as oracles; one replica of theirs per replica and sample.

    ``f`` answers for the terms :math:`\xi`, ``g[j]`` for :math:`\zeta^j`; ``k`` has shape ``(R S, n)``.
    """

    size: int
    f: Oracle
    g: tuple[Oracle, ...]
    k: Array

    def each(self, z: Array) -> Array:
        """``z`` of shape ``(R, n, dim)``, once for every sample: ``(R S, n, dim)``."""
        return np.repeat(z, self.size, axis=0)

    def mean(self, z: Array) -> Array:
        """The mean over the samples of ``z``, shape ``(R S, n, dim)``: ``(R, n, dim)``."""
        return z.reshape(-1, self.size, *z.shape[1:]).sum(axis=1) / self.size


def folded(picks: Array) -> Array:
    """Picks ``(R, n, S)`` in the order of `Batch.each`: ``(R S, n)``.

    Examples
    --------
    >>> folded(np.array([[[1, 2], [3, 4]]])).tolist()
    [[1, 3], [2, 4]]
    """
    return picks.swapaxes(1, 2).reshape(-1, picks.shape[1])
