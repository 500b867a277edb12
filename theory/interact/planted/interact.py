"""Wrong versions of INTERACT, each by one small change to a step or a start."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted


class _Swapped:
    """An oracle with one answer replaced; everything else is passed on."""

    def __init__(self, o: Oracle) -> None:
        self._o = o

    def __getattr__(self, channel: str) -> object:
        return getattr(self._o, channel)


class _NoSolve(_Swapped):
    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return v


class _Transposed(_Swapped):
    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        return (v[..., None, :] @ self._o.hess_xy_g(x, y))[..., 0, :]


class _FlippedSign(_Swapped):
    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        return -self._o.jvp_xy_g(x, y, v)


@dataclass(frozen=True)
class NoOldGradient(Interact):
    """The tracker adds the new gradient and does not take the old one away."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for u."""
        z = super().step(t, s, o, net)
        return dataclasses.replace(z, u=z.u + s.p)


@dataclass(frozen=True)
class MixAfterStep(Interact):
    """W is applied after the step: x = W (x - alpha u)."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (6)."""
        x, Wu = net.mix(s.x - self.alpha * s.u, s.u)
        y = s.y - self.beta * s.v
        p = surrogate(o, x, y)
        return State(x, y, Wu + p - s.p, o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class NoMixing(Interact):
    """x is not mixed."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (6)."""
        x, y = s.x - self.alpha * s.u, s.y - self.beta * s.v
        p = surrogate(o, x, y)
        return State(x, y, net.mix(s.u) + p - s.p, o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class TrackerNotMixed(Interact):
    """u is not mixed."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (10)."""
        x, y = net.mix(s.x) - self.alpha * s.u, s.y - self.beta * s.v
        p = surrogate(o, x, y)
        return State(x, y, s.u + p - s.p, o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class Ascent(Interact):
    """The sign of the step in x is wrong."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (6)."""
        Wx, Wu = net.mix(s.x, s.u)
        x, y = Wx + self.alpha * s.u, s.y - self.beta * s.v
        p = surrogate(o, x, y)
        return State(x, y, Wu + p - s.p, o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class LowerAscent(Interact):
    """The sign of the step in y is wrong."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (7)."""
        return super().step(t, dataclasses.replace(s, v=-s.v), o, net)


@dataclass(frozen=True)
class StaleLower(Interact):
    """The surrogate is taken at the old y."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (8)."""
        z = super().step(t, s, o, net)
        p = surrogate(o, z.x, s.y)
        return dataclasses.replace(z, u=z.u - z.p + p, p=p)


@dataclass(frozen=True)
class StaleLowerGradient(Interact):
    """The lower-level gradient is taken at the old x."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (9)."""
        z = super().step(t, s, o, net)
        return dataclasses.replace(z, v=o.grad_y_g(s.x, z.y))


@dataclass(frozen=True)
class SequentialLower(Interact):
    """y moves along the gradient at the new x, not at the last iterate."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (7)."""
        Wx, Wu = net.mix(s.x, s.u)
        x = Wx - self.alpha * s.u
        y = s.y - self.beta * o.grad_y_g(x, s.y)
        p = surrogate(o, x, y)
        return State(x, y, Wu + p - s.p, o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class NoInverseHessian(Interact):
    """The surrogate multiplies by the identity in the place of the inverse Hessian."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """With the wrong surrogate."""
        return super().init(x0, y0, _NoSolve(o), net)  # type: ignore[arg-type]

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """With the wrong surrogate."""
        return super().step(t, s, _NoSolve(o), net)  # type: ignore[arg-type]


@dataclass(frozen=True)
class TransposedCross(Interact):
    """The cross-Hessian is transposed; unseen when it is symmetric."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """With the wrong surrogate."""
        return super().init(x0, y0, _Transposed(o), net)  # type: ignore[arg-type]

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """With the wrong surrogate."""
        return super().step(t, s, _Transposed(o), net)  # type: ignore[arg-type]


@dataclass(frozen=True)
class CrossSign(Interact):
    """The implicit part of the surrogate has the wrong sign."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """With the wrong surrogate."""
        return super().init(x0, y0, _FlippedSign(o), net)  # type: ignore[arg-type]

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """With the wrong surrogate."""
        return super().step(t, s, _FlippedSign(o), net)  # type: ignore[arg-type]


@dataclass(frozen=True)
class ZeroTracker(Interact):
    """Trackers start at 0 and not at the local surrogates."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """As printed but for u_0."""
        s = super().init(x0, y0, o, net)
        return dataclasses.replace(s, u=s.u - s.p)


@dataclass(frozen=True)
class HalfStep(Interact):
    """x moves by half the step size."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (6)."""
        z = super().step(t, dataclasses.replace(s, u=s.u / 2), o, net)
        return dataclasses.replace(z, u=net.mix(s.u) + z.p - s.p)


@dataclass(frozen=True)
class StaleSecondOrder(Interact):
    """Hessian and cross-Hessian are taken at the old point; unseen where they are constant."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (8)."""
        z = super().step(t, s, o, net)
        w = o.solve_yy_g(s.x, s.y, o.grad_y_f(z.x, z.y))
        p = o.grad_x_f(z.x, z.y) - o.jvp_xy_g(s.x, s.y, w)
        return dataclasses.replace(z, u=z.u - z.p + p, p=p)


@dataclass(frozen=True)
class TrackerMixedAfter(Interact):
    """u is mixed after the gradient change is added; unseen where gradients do not change."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed but for (10)."""
        x, y = net.mix(s.x) - self.alpha * s.u, s.y - self.beta * s.v
        p = surrogate(o, x, y)
        return State(x, y, net.mix(s.u + p - s.p), o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class WarmStart(Interact):
    """One lower-level step before the first iteration."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """From a better y."""
        return super().init(x0, y0 - self.beta * o.grad_y_g(x0, y0), o, net)


@dataclass(frozen=True)
class TwoRounds(Interact):
    """x and u travel in separate rounds: right iterates, twice the rounds."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed, in two rounds."""
        x, y = net.mix(s.x, own=self.own) - self.alpha * s.u, s.y - self.beta * s.v
        p = surrogate(o, x, y)
        return State(x, y, net.mix(s.u, own=self.own) + p - s.p, o.grad_y_g(x, y), p)


@dataclass(frozen=True)
class LateStop(Interact):
    """x is no longer mixed after iteration 200."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As printed at first."""
        z = super().step(t, s, o, net)
        return z if t <= 200 else dataclasses.replace(z, x=s.x - self.alpha * s.u)


PLANTED = (
    Planted("no-old-gradient", "tracker without the old gradient", NoOldGradient),
    Planted("mix-after-step", "W applied after the step in x", MixAfterStep),
    Planted("no-mixing", "x not mixed", NoMixing),
    Planted("tracker-not-mixed", "u not mixed", TrackerNotMixed),
    Planted("ascent", "sign of the step in x", Ascent),
    Planted("lower-ascent", "sign of the step in y", LowerAscent),
    Planted("stale-y", "surrogate at the old y", StaleLower),
    Planted("stale-lower-gradient", "lower-level gradient at the old x", StaleLowerGradient),
    Planted("sequential-y", "y moves after x, not beside it", SequentialLower),
    Planted("no-inverse-hessian", "surrogate without the inverse Hessian", NoInverseHessian),
    Planted("transposed-cross", "cross-Hessian transposed", TransposedCross),
    Planted("cross-sign", "sign of the implicit part of the surrogate", CrossSign),
    Planted("zero-tracker", "trackers start at 0", ZeroTracker),
    Planted("stale-second-order", "Hessian and cross-Hessian at the old point", StaleSecondOrder),
    Planted("tracker-mixed-after", "u mixed after the gradient change is added", TrackerMixedAfter),
    Planted("warm-start", "a lower-level step before the first iteration", WarmStart),
    Planted("two-rounds", "x and u in separate rounds", TwoRounds),
    Planted("late-stop", "x not mixed after iteration 200", LateStop),
    Planted("half-step", "half the step size in x", HalfStep),
)
