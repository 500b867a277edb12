"""Argus in pieces, for its wrong versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.argus import Argus, State
from spiritlevel.core.cuts import Cuts
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.lower_estimate import LowerRounds, neighbours
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class Pieces(Argus):
    """Algorithm 1 in pieces that can be exchanged one by one; as it stands every piece is the text's."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """Iteration ``t - 1`` of the paper."""
        awake, joined, eta = self.awake(net), neighbours(net), self.steps(s.x)
        damp, moving = self.damp(t, s.x), self.moving(awake)
        d, u = self.mixed(net, s)
        gx, gy = self.gradients(o, s, joined)
        x = np.where(moving, self.moved(o, d, gx, eta), d)
        y = np.where(moving, u - eta * gy, u)
        lam = self.multiplied(s, self.seen(s, x, y), awake, eta, damp)
        cuts = s.cuts.with_multipliers(lam)
        theta = s.theta + (awake[:, :, None] * joined) * self.apart(s, x, eta, damp)
        self.announce(net, cuts, awake, joined, x)
        estimate = s.estimate
        if self.due(t):
            cuts, estimate = self.renewed(o, net, x, y, cuts, estimate)
        pull_x, pull_y = self.pulls(theta, cuts, joined)
        read = self.read(awake)
        return State(
            x,
            y,
            theta,
            *cuts.arrays(),
            np.where(read, x, s.x_read),
            np.where(read, y, s.y_read),
            np.where(read, pull_x, s.pull_x),
            np.where(read, pull_y, s.pull_y),
            estimate,
        )

    def awake(self, net: Gossip) -> Array:
        """Who takes part."""
        return net.active()

    def moving(self, awake: Array) -> Array:
        """Who makes a gradient step."""
        return awake

    def read(self, awake: Array) -> Array:
        """Who remembers this state."""
        return awake

    def mixed(self, net: Gossip, s: State) -> Any:
        """(15), (16)."""
        return net.mix(s.x, s.y)

    def gradients(self, o: Oracle, s: State, joined: Array) -> tuple[Array, Array]:
        """Of (14), where the agents were last active."""
        return o.grad_x_f(s.x_read, s.y_read) + s.pull_x, o.grad_y_f(s.x_read, s.y_read) + s.pull_y

    def seen(self, s: State, x: Array, y: Array) -> Array:
        """The cuts' values in (19)."""
        return s.cuts.values(x, y)

    def multiplied(self, s: State, values: Array, awake: Array, eta: Array, damp: Any) -> Array:
        """(19)."""
        lam = s.lam + awake * s.used * (eta * values - damp * s.lam)
        return np.where(lam > 0, lam, lam * 0) if self.multipliers == "project" else lam

    def apart(self, s: State, x: Array, eta: Array, damp: Any) -> Array:
        """What (20) adds."""
        return eta[:, None] * (x[:, :, None] - x[:, None]) - damp * s.theta

    def announce(self, net: Gossip, cuts: Cuts, awake: Array, joined: Array, x: Array) -> None:
        """Multipliers, to neighbours."""
        net.tell(awake[..., 0] * (cuts.count() + x.shape[-1] * joined[..., 0].sum(axis=-1)))

    def due(self, t: int) -> bool:
        """Whether cuts are renewed."""
        return t % self.iota == 0 and t - 1 < self.T_1

    def renewed(
        self, o: Oracle, net: Gossip, x: Array, y: Array, cuts: Cuts, last: Array
    ) -> tuple[Cuts, Array]:
        """(21)-(26)."""
        star, S = self.estimated(o, net, x, y, last)
        near = self.closed(neighbours(net)[..., 0] + np.eye(x.shape[1], dtype=int))
        off = y - star
        size = abs(off) + self.lambda_1 * off * off
        h = (near * size.sum(axis=-1)[:, None]).sum(axis=-1)
        b = near[..., None] * self.slope(off)[:, None]
        a = self.sloped_x(near[..., None] * np.einsum("rijk,rjklp->rilp", b, S))
        linear = (a * x[:, None]).sum(axis=(-2, -1)) + (b * y[:, None]).sum(axis=(-2, -1))
        c = self.offset(h, linear)
        kept = cuts.without(self.idle(cuts).astype(int))
        grown = kept.adding(*self.signed(a, b, c), self.wanted(h), drop_oldest=self.full == "oldest")
        net.tell(grown.count() * (near.sum(axis=-1) * (x.shape[-1] + y.shape[-1]) + 2))
        return grown, star

    def estimated(self, o: Oracle, net: Gossip, x: Array, y: Array, last: Array) -> tuple[Array, Array]:
        """(5)-(7)."""
        start = {"current": y, "zero": y * 0, "warm": last}[self.base]
        return self.rounds().run(o, net, x, start)

    def rounds(self) -> LowerRounds:
        """The rounds' settings."""
        return LowerRounds(self.K, self.eta_y, self.eta_phi, self.mu, self.prox == "scaled")

    def closed(self, near: Array) -> Array:
        """Neighbourhoods in (9), with oneself."""
        return near

    def slope(self, off: Array) -> Array:
        """(25)."""
        return np.asarray(np.sign(off) + 2 * self.lambda_1 * off)

    def sloped_x(self, product: Array) -> Array:
        """(24)."""
        return -product

    def offset(self, h: Array, linear: Array) -> Array:
        """(26)."""
        return h - linear - self.eps

    def idle(self, cuts: Cuts) -> Array:
        """Which cuts are removed."""
        return np.asarray((cuts.lam == 0) & (cuts.old == 0))

    def wanted(self, h: Array) -> Array:
        """Who adds a cut."""
        return np.asarray(h > self.eps).astype(int)

    def signed(self, a: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
        """The cut as it is kept."""
        return a, b, c
