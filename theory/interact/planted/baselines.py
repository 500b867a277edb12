"""Wrong versions of GT-DSGD and of D-SGD with minibatches, each by one small change."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from spiritlevel.core.algorithms.dsgd import State as Pair
from spiritlevel.core.algorithms.dsgd_batch import BatchDSGD
from spiritlevel.core.algorithms.gt_dsgd import GTDSGD
from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate, surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Batch
from spiritlevel.theory.planted import Planted


@dataclass(frozen=True, slots=True)
class _Keeping(State):
    """A state that carries the first batch along."""

    batch: Batch | None = None


class _Sums(Batch):
    """Sums over the samples where means are asked for."""

    def mean(self, z: Array) -> Array:
        """S times too large."""
        return super().mean(z) * self.size


@dataclass(frozen=True)
class OldPointAgain(GTDSGD):
    """The tracker takes the new batch's estimate at the old point away, not the estimate it had added."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """(10) with a recursive difference."""
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x, y = Wx - self.alpha * s.u, s.y - self.beta * s.v
        b = o.draw(self.S, self.K)
        p, old = estimate(b, x, y, self.L_g), estimate(b, s.x, s.y, self.L_g)
        return State(x, y, Wu + p - old, b.mean(b.f.grad_y_g(b.each(x), b.each(y))), p)


@dataclass(frozen=True)
class NoTracking(GTDSGD):
    """u is the agent's own estimate."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As D-SGD with a delay."""
        z = super().step(t, s, o, net)
        return dataclasses.replace(z, u=z.p)


@dataclass(frozen=True)
class SameBatch(GTDSGD):
    """One batch serves in every iteration."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Draws once."""
        b = o.draw(self.S, self.K)
        p, v = self._from(b, x0, y0)
        return _Keeping(x0, y0, p, v, p, b)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """Draws nothing."""
        b = s.batch if isinstance(s, _Keeping) and s.batch is not None else o.draw(self.S, self.K)
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x, y = Wx - self.alpha * s.u, s.y - self.beta * s.v
        p, v = self._from(b, x, y)
        return _Keeping(x, y, Wu + p - s.p, v, p, b)

    def _from(self, b: Batch, x: Array, y: Array) -> tuple[Array, Array]:
        return estimate(b, x, y, self.L_g), b.mean(b.f.grad_y_g(b.each(x), b.each(y)))


@dataclass(frozen=True)
class ExactStart(GTDSGD):
    """The start is exact, as INTERACT's."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """(26)."""
        p = surrogate(o, x0, y0)
        return State(x0, y0, p, o.grad_y_g(x0, y0), p)


@dataclass(frozen=True)
class ExactLower(GTDSGD):
    """The lower level uses full gradients."""

    def _estimates(self, o: Oracle, x: Array, y: Array) -> tuple[Array, Array]:
        p, _ = super()._estimates(o, x, y)
        return p, o.grad_y_g(x, y)


@dataclass(frozen=True)
class Recursive(GTDSGD):
    """p moves by the difference of two estimates, as in SVR-INTERACT, and is never refreshed."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """(23) for the fresh estimate."""
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x, y = Wx - self.alpha * s.u, s.y - self.beta * s.v
        b = o.draw(self.S, self.K)
        p = s.p + estimate(b, x, y, self.L_g) - estimate(b, s.x, s.y, self.L_g)
        return State(x, y, Wu + p - s.p, b.mean(b.f.grad_y_g(b.each(x), b.each(y))), p)


@dataclass(frozen=True)
class OneForAll(GTDSGD):
    """xi serves as every zeta."""

    def _estimates(self, o: Oracle, x: Array, y: Array) -> tuple[Array, Array]:
        b = o.draw(self.S, self.K, one=True)
        return estimate(b, x, y, self.L_g), b.mean(b.f.grad_y_g(b.each(x), b.each(y)))


@dataclass(frozen=True)
class Alone(BatchDSGD):
    """Nothing is mixed."""

    def step(self, t: int, s: Pair, o: Oracle, net: Gossip) -> Pair:
        """Without the network."""
        z = super().step(t, s, o, net)
        return Pair(z.x - net.mix(s.x) + s.x, z.y)


@dataclass(frozen=True)
class MixedFirst(BatchDSGD):
    """The estimate is taken at the mixed x."""

    def step(self, t: int, s: Pair, o: Oracle, net: Gossip) -> Pair:
        """At W x."""
        b, x = o.draw(self.S, self.K), net.mix(s.x)
        y = s.y - self.beta * b.mean(b.f.grad_y_g(b.each(s.x), b.each(s.y)))
        return Pair(x - self.alpha * estimate(b, x, s.y, self.L_g), y)


@dataclass(frozen=True)
class Summed(BatchDSGD):
    """Sums over the samples, not means."""

    def step(self, t: int, s: Pair, o: Oracle, net: Gossip) -> Pair:
        """S times as far."""
        b = o.draw(self.S, self.K)
        b = _Sums(b.size, b.f, b.g, b.k)
        y = s.y - self.beta * b.mean(b.f.grad_y_g(b.each(s.x), b.each(s.y)))
        return Pair(net.mix(s.x) - self.alpha * estimate(b, s.x, s.y, self.L_g), y)


@dataclass(frozen=True)
class OwnLowerBatch(BatchDSGD):
    """y uses a batch of its own: right means, twice the draws."""

    def step(self, t: int, s: Pair, o: Oracle, net: Gossip) -> Pair:
        """Draws twice."""
        z, b = super().step(t, s, o, net), o.draw(self.S, self.K)
        return Pair(z.x, s.y - self.beta * b.mean(b.f.grad_y_g(b.each(s.x), b.each(s.y))))


PLANTED = (
    Planted("old-point-again", "tracker takes the new batch's estimate at the old point away", OldPointAgain),
    Planted("no-tracking", "u is the agent's own estimate", NoTracking),
    Planted("same-batch", "one batch in every iteration", SameBatch),
    Planted("exact-start", "exact start in the place of an estimate", ExactStart),
    Planted("exact-lower", "full gradients for the lower level", ExactLower),
    Planted("recursive", "p moves by differences and is never refreshed", Recursive),
    Planted("one-for-all", "xi serves as every zeta", OneForAll),
    Planted("alone", "x not mixed", Alone),
    Planted("mixed-first", "estimate at the mixed x", MixedFirst),
    Planted("summed", "sums over samples, not means", Summed),
    Planted("own-lower-batch", "y with another batch", OwnLowerBatch),
)
