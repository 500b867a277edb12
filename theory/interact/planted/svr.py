"""Wrong versions of SVR-INTERACT, each by one small change."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate, surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Batch
from spiritlevel.theory.interact.planted.parts import CountedOneMore, Estimates, HessianAt, OneSet, Parts
from spiritlevel.theory.planted import Planted


@dataclass(frozen=True)
class TwoBatches(Parts):
    """(23) and (24) compare different samples."""

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """One batch for each point."""
        b, c = self.batch(o), self.batch(o)
        p = s.p + self.upper(b, x, y, s) - self.upper(c, s.x, s.y, s)
        return p, s.v + self._lower(b, x, y) - self._lower(c, s.x, s.y)


@dataclass(frozen=True)
class NoOldEstimate(Parts):
    """p gains the new estimate and loses nothing."""

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(23) without its last term."""
        b = self.batch(o)
        return s.p + self.upper(b, x, y, s), s.v + self._lower(b, x, y) - self._lower(b, s.x, s.y)


@dataclass(frozen=True)
class SwappedSigns(Parts):
    """The old estimate minus the new one."""

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(23), (24) with both differences reversed."""
        p, v = super().between(s, o, x, y)
        return 2 * s.p - p, 2 * s.v - v


@dataclass(frozen=True)
class EarlyRefresh(SVRInteract):
    """Refreshes one iteration early."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """At t + 1 = 0 mod q."""
        return super().step(t + 1, s, o, net)


@dataclass(frozen=True)
class NeverRefreshed(SVRInteract):
    """No refresh after the start."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As if q were larger than t."""
        return dataclasses.replace(self, q=t + 1, S=self.S or o.root())._plain(t, s, o, net)

    def _plain(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return super().step(t, s, o, net)


@dataclass(frozen=True)
class LowerNotRefreshed(Parts):
    """A refresh updates p alone."""

    def refreshed(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(8), and (24) in the place of (9)."""
        b = self.batch(o)
        return self._refreshed(o, x, y), s.v + self._lower(b, x, y) - self._lower(b, s.x, s.y)


@dataclass(frozen=True)
class LowerFromScratch(Parts):
    """v is a fresh estimate each time."""

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(23), and a minibatch gradient for (24)."""
        b = self.batch(o)
        p = s.p + self.upper(b, x, y, s) - self.upper(b, s.x, s.y, s)
        return p, self._lower(b, x, y)


@dataclass(frozen=True)
class NoFactorK(Parts):
    """The implicit part of (22) lacks the factor K."""

    def upper(self, b: Batch, x: Array, y: Array, s: State) -> Array:
        """(22) with 1/L_g for K/L_g."""
        direct = b.mean(b.f.grad_x_f(b.each(x), b.each(y)))
        return direct + (super().upper(b, x, y, s) - direct) / self.K


@dataclass(frozen=True)
class OneFactorMore(Parts):
    """The product runs over k + 1 factors where there are as many."""

    def batch(self, o: Oracle) -> Batch:
        """k from 1 to K."""
        b = super().batch(o)
        return dataclasses.replace(b, k=b.k + 1)


@dataclass(frozen=True)
class AlwaysAllFactors(Parts):
    """k is K - 1 and not drawn."""

    def batch(self, o: Oracle) -> Batch:
        """All factors."""
        b = super().batch(o)
        return dataclasses.replace(b, k=0 * b.k + self.K - 1)


@dataclass(frozen=True)
class ReversedFactors(Parts):
    """The factors are multiplied in the other order: the same law, another text."""

    def batch(self, o: Oracle) -> Batch:
        """zeta^1, .., zeta^(K-1) in reverse."""
        b = super().batch(o)
        return dataclasses.replace(b, g=(b.g[0], *b.g[:0:-1]))


@dataclass(frozen=True)
class StaleHessian(Parts):
    """The yy-Hessians of both estimates are taken at the old point; unseen where they are constant."""

    def upper(self, b: Batch, x: Array, y: Array, s: State) -> Array:
        """(22) with the old factors."""
        g: tuple[Any, ...] = tuple(HessianAt(part, b.each(s.x), b.each(s.y)) for part in b.g)
        return super().upper(dataclasses.replace(b, g=g), x, y, s)


@dataclass(frozen=True)
class WrongCount(Parts):
    """Sums over the samples are divided by S + 1."""

    def batch(self, o: Oracle) -> Batch:
        """With a wrong mean."""
        b = super().batch(o)
        return CountedOneMore(b.size, b.f, b.g, b.k)


@dataclass(frozen=True)
class RefreshNotTracked(Parts):
    """At a refresh the tracker is mixed but not told."""

    def tracked(self, s: State, Wu: Array, p: Array, turn: bool) -> Array:
        """(10) between refreshes only."""
        return Wu if turn else super().tracked(s, Wu, p, turn)


@dataclass(frozen=True)
class FreshTracker(Parts):
    """The tracker gains p and loses nothing."""

    def tracked(self, s: State, Wu: Array, p: Array, turn: bool) -> Array:
        """(10) without its last term."""
        return Wu + p


@dataclass(frozen=True)
class SharedDraws(SVRInteract):
    """All agents use the same numbers of samples."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """With the first agent's picks."""
        kept, o.sampler = o.sampler, OneSet(o.sampler) if o.sampler is not None else None
        try:
            return super().step(t, s, o, net)
        finally:
            o.sampler = kept


@dataclass(frozen=True)
class SampledStart(SVRInteract):
    """The start is estimated, too."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """(22) for (26)."""
        b = o.draw(self.S or o.root(), self.K, one=self.one)
        p = estimate(b, x0, y0, self.L_g)
        return State(x0, y0, p, self._lower(b, x0, y0), p)


@dataclass(frozen=True)
class HalfBound(Parts):
    """L_g is half of what it should be."""

    def upper(self, b: Batch, x: Array, y: Array, s: State) -> Array:
        """(22) with L_g / 2."""
        return estimate(b, x, y, self.L_g / 2)


@dataclass(frozen=True)
class OldLower(Parts):
    """The old estimate is taken at the old x and the new y."""

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """(23) with a half-old point."""
        b = self.batch(o)
        p = s.p + self.upper(b, x, y, s) - self.upper(b, s.x, y, s)
        return p, s.v + self._lower(b, x, y) - self._lower(b, s.x, s.y)


@dataclass(frozen=True)
class Extravagant(Parts):
    """Right values, but the exact hypergradient is computed in every iteration and thrown away."""

    def between(self, s: State, o: Oracle, x: Array, y: Array) -> Estimates:
        """As printed, and more."""
        surrogate(o, x, y)
        return super().between(s, o, x, y)


PLANTED = (
    Planted("two-batches", "different samples at the two points of (23)", TwoBatches),
    Planted("no-old-estimate", "(23) without the old point", NoOldEstimate),
    Planted("swapped-signs", "old minus new in (23) and (24)", SwappedSigns),
    Planted("early-refresh", "refresh at t + 1 = 0 mod q", EarlyRefresh),
    Planted("never-refreshed", "no refresh after the start", NeverRefreshed),
    Planted("lower-not-refreshed", "a refresh updates p and not v", LowerNotRefreshed),
    Planted("lower-from-scratch", "v is a fresh minibatch gradient", LowerFromScratch),
    Planted("no-factor-k", "(22) without the factor K", NoFactorK),
    Planted("one-factor-more", "k from 1 to K", OneFactorMore),
    Planted("always-all-factors", "k always K - 1", AlwaysAllFactors),
    Planted("reversed-factors", "factors of (22) in the other order", ReversedFactors),
    Planted("stale-hessian", "Hessians of both estimates at the old point", StaleHessian),
    Planted("wrong-count", "sums over samples divided by S + 1", WrongCount),
    Planted("refresh-not-tracked", "tracker not told of a refresh", RefreshNotTracked),
    Planted("fresh-tracker", "tracker without the old estimate", FreshTracker),
    Planted("shared-draws", "all agents use the first agent's picks", SharedDraws),
    Planted("sampled-start", "estimated start", SampledStart),
    Planted("half-bound", "L_g / 2 in (22)", HalfBound),
    Planted("half-old-point", "old estimate at the old x and the new y", OldLower),
    Planted("extravagant", "exact hypergradient computed and thrown away", Extravagant),
)
