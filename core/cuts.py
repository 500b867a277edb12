r"""Polytopes of cutting planes :math:`\sum_j a_j^\top x_j + \sum_j b_j^\top y_j + c \le 0`, a few per agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from spiritlevel.core.numbers import Array


@dataclass(frozen=True, slots=True)
class Cuts:
    """At most M cuts for every agent, each over the variables of all n agents.

    ``a``: ``(R, n, M, n, p)``; ``b``: ``(R, n, M, n, q)``; ``c``, multipliers ``lam``, those of the iteration before
    ``old``, and ``used`` (0 or 1, in the same number system): ``(R, n, M)``. A slot that is not used is zero throughout.
    """

    a: Array
    b: Array
    c: Array
    lam: Array
    old: Array
    used: Array

    @classmethod
    def none(cls, x: Array, y: Array, M: int) -> Self:
        """No cuts for agents with variables ``x`` of shape ``(R, n, p)`` and ``y``."""
        n = x.shape[1]
        a, b = (np.repeat((z * 0)[:, None, None], n, axis=1).repeat(M, axis=2) for z in (x, y))
        c = np.repeat((x * 0)[:, :, :1], M, axis=2)
        return cls(a, b, c, c, c, c)

    def arrays(self) -> tuple[Array, Array, Array, Array, Array, Array]:
        """All six, in their order."""
        return self.a, self.b, self.c, self.lam, self.old, self.used

    def values(self, x: Array, y: Array) -> Array:
        """Left-hand sides, shape ``(R, n, M)``; positive where a cut is violated."""
        over_x = (self.a * x[:, None, None]).sum(axis=(-2, -1))
        return np.asarray(over_x + (self.b * y[:, None, None]).sum(axis=(-2, -1)) + self.c)

    def count(self) -> Array:
        """Cuts per agent, shape ``(R, n)``."""
        return np.asarray((self.used != 0).sum(axis=-1))

    def pull(self) -> tuple[Array, Array]:
        """Gradients of ``lam * value``: owner k, variables of agent j; shapes ``(R, n, n, p)`` and ``(R, n, n, q)``."""
        lam = self.lam[..., None, None]
        return (lam * self.a).sum(axis=2), (lam * self.b).sum(axis=2)

    def with_multipliers(self, lam: Array) -> Cuts:
        """The same cuts, one iteration on."""
        return Cuts(self.a, self.b, self.c, lam, self.lam, self.used)

    def without(self, gone: Array) -> Cuts:
        """Without the cuts that are marked, shape ``(R, n, M)``."""
        kept = self.used * (1 - gone)
        wide = kept[..., None, None]
        left = Cuts(self.a * wide, self.b * wide, self.c * kept, self.lam * kept, self.old * kept, kept)
        return left.packed()

    def adding(self, a: Array, b: Array, c: Array, wanted: Array, *, drop_oldest: bool) -> Cuts:
        """With one more cut for the agents that want it, multiplier 0, in the first free slot.

        Parameters
        ----------
        a, b, c
            Shapes ``(R, n, n, p)``, ``(R, n, n, q)``, ``(R, n)``.
        wanted
            0 or 1, shape ``(R, n)``.
        drop_oldest
            Where no slot is free: make room, or leave the cut out.
        """
        M = self.used.shape[-1]
        full = wanted * (self.count() == M).astype(int)
        cuts = self.moved(full) if drop_oldest else self
        slot = (np.arange(M) == cuts.count()[..., None]).astype(int) * wanted[..., None]
        wide = slot[..., None, None]
        return Cuts(
            cuts.a + wide * a[:, :, None],
            cuts.b + wide * b[:, :, None],
            cuts.c + slot * c[..., None],
            cuts.lam,
            cuts.old,
            cuts.used + slot,
        )

    def moved(self, which: Array) -> Cuts:
        """Without the first cut of the marked agents, shape ``(R, n)``; the others move up."""

        def shift(z: Array) -> Array:
            mark = which.reshape(*which.shape, *[1] * (z.ndim - 2))
            moved = np.concatenate([z[:, :, 1:], z[:, :, -1:] * 0], axis=2)
            return np.where(mark == 1, moved, z)

        return Cuts(*(shift(z) for z in self.arrays()))

    def packed(self) -> Cuts:
        """The same cuts in the first slots, in their order."""
        order = np.argsort(self.used == 0, axis=-1, kind="stable")

        def take(z: Array) -> Array:
            return np.take_along_axis(z, order.reshape(*order.shape, *[1] * (z.ndim - 3)), axis=2)

        return Cuts(*(take(z) for z in self.arrays()))
