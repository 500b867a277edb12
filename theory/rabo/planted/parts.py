"""RABO and RAFBO in pieces, for their wrong versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spiritlevel.core.algorithms.rabo import RABO, State
from spiritlevel.core.algorithms.rafbo import RAFBO
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.masks import Masks
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class Pieces(RABO):
    """Algorithm 1 in pieces that can be exchanged one by one; as it stands every piece is the text's."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One round."""
        m_x, m_y = self.masks(t, o.problem.n, s)
        x_i, y_i = s.x * m_x, self.start(s, m_y)
        G = self.sent(self.inner(o, x_i, y_i, m_y), y_i)
        y = self.lower(s, net, G, m_y)
        h = self.hypergradient(o, net, *self.point(s, y, m_x, m_y), m_x, m_y)
        return State(self.upper(s, net, h, m_x), y)

    def masks(self, t: int, n: int, s: State) -> tuple[Array, Array]:
        """(3)."""
        p, q = s.x.shape[-1], s.y.shape[-1]
        return Masks(self.mask_x).at(t, n, p, s.x), Masks(self.mask_y).at(t, n, q, s.y)

    def start(self, s: State, m_y: Array) -> Array:
        """Where the local steps begin: (4)."""
        return s.y * m_y

    def sent(self, y_T: Array, y_i: Array) -> Array:
        """Line 10."""
        return (y_T - y_i) / self.beta

    def lower(self, s: State, net: Gossip, G: Array, m_y: Array) -> Array:
        """(6)."""
        up = 1 if self.sign == "proof" else -1
        return s.y + up * self.beta * self.averaged(net, G, m_y, s.y.shape[-1])

    def point(self, s: State, y: Array, m_x: Array, m_y: Array) -> tuple[Array, Array]:
        """Where the hypergradient is taken: lines 22, 23."""
        return s.x * m_x, y * m_y

    def upper(self, s: State, net: Gossip, h: Array, m_x: Array) -> Array:
        """(8)."""
        return s.x - self.alpha * self.averaged(net, h, m_x, s.x.shape[-1] + s.y.shape[-1])

    def averaged(self, net: Gossip, z: Array, held: Array, down: int) -> Array:
        """The mean over the clients that hold a coordinate."""
        return net.average(z, held, down=down)


@dataclass(frozen=True)
class FinitePieces(RAFBO, Pieces):
    """Algorithm 2 in pieces, in Algorithm 1 in pieces."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """Lines 3 to 7."""
        h, f_y = o.grad_x_f(x, y), o.grad_y_f(x, y)
        sample = self.sample(o)
        base = self.probed(sample, x, y, m_y)
        directions = self.directions(m_x)
        last = base
        for e in directions:
            up = self.probed(sample, x + self.mu * e, y, m_y)
            delta = self.quotient(up, base, last)
            h = h + (delta * f_y).sum(axis=-1, keepdims=True) * e
            last = up
        return h

    def sample(self, o: Oracle) -> Oracle:
        """One draw for all probes."""
        return o.held()

    def directions(self, m_x: Array) -> list[Array]:
        """Coordinates of the submodel, one after the other."""
        rank = m_x.cumsum(axis=-1) * m_x
        return [(rank == k).astype(int) for k in range(1, int(rank.max()) + 1)]

    def quotient(self, up: Array, base: Array, last: Array) -> Any:
        """Line 5."""
        return (up - base) / self.mu
