"""SVR-INTERACT and what it draws, in parts that wrong versions replace one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Batch, Picks, Sampler

Estimates = tuple[Array, Array]


class CountedOneMore(Batch):
    """The sum over the samples is divided by one more than their number."""

    def mean(self, z: Array) -> Array:
        """Too small."""
        return super().mean(z) * self.size / (self.size + 1)


@dataclass
class OneSet:
    """Every agent gets the first agent's picks."""

    sampler: Sampler

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        """See `Sampler.pick`."""
        found = self.sampler.pick(terms, agents, batch, depth)
        xi, zeta, k = (np.repeat(z[..., :1, :], agents, axis=-2) for z in (found.xi, found.zeta, found.k))
        return Picks(xi, zeta, k)


class HessianAt:
    """A part of a batch whose yy-Hessians are taken at another point; everything else is passed on."""

    def __init__(self, o: Any, x: Array, y: Array) -> None:
        self._o, self._x, self._y = o, x, y

    def __getattr__(self, name: str) -> Any:
        return getattr(self._o, name)

    def hvp_yy_g(self, x: Array, y: Array, w: Array) -> Array:
        """At the other point."""
        return self._o.hvp_yy_g(self._x, self._y, w)


@dataclass(frozen=True)
class Parts(SVRInteract):
    """SVR-INTERACT in parts that can be replaced one by one; as it stands, it is right."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed."""
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x, y = Wx - self.alpha * s.u, s.y - self.beta * s.v
        turn = t % (self.q or o.root()) == 0
        p, v = self.refreshed(s, o, x, y) if turn else self.between(s, o, x, y)
        return State(x, y, self.tracked(s, Wu, p, turn), v, p)

    def refreshed(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(8), (9)."""
        return self._refreshed(o, x, y), o.grad_y_g(x, y)

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(23), (24)."""
        b = self.batch(o)
        p = s.p + self.upper(b, x, y, s) - self.upper(b, s.x, s.y, s)
        return p, s.v + self._lower(b, x, y) - self._lower(b, s.x, s.y)

    def batch(self, o: Oracle) -> Batch:
        """The drawn samples."""
        return o.draw(self.S or o.root(), self.K, one=self.one)

    def upper(self, b: Batch, x: Array, y: Array, s: State) -> Array:
        """(22)."""
        return estimate(b, x, y, self.L_g)

    def tracked(self, s: State, Wu: Array, p: Array, turn: bool) -> Array:
        """(10)."""
        return Wu + p - s.p
