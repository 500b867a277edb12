"""Wrong versions of Argus's steps (15)-(20), each by one small change."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.argus import State
from spiritlevel.core.cuts import Cuts
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.argus.planted.parts import Pieces
from spiritlevel.theory.planted import Planted


class FreshRead(Pieces):
    """Gradients at the present state, not at the last active one; unseen where everyone is awake."""

    def read(self, awake: Array) -> Array:
        """Everyone remembers."""
        return np.ones_like(awake)


class ThetaMinus(Pieces):
    """theta descends."""

    def apart(self, s: State, x: Array, eta: Array, damp: Any) -> Array:
        """The other sign."""
        return -eta[:, None] * (x[:, :, None] - x[:, None]) - damp * s.theta


class ThetaOld(Pieces):
    """theta sees x of the iteration before."""

    def apart(self, s: State, x: Array, eta: Array, damp: Any) -> Array:
        """Before (17)."""
        return super().apart(s, s.x, eta, damp)


class LambdaOld(Pieces):
    """lambda sees the iterates of the iteration before."""

    def seen(self, s: State, x: Array, y: Array) -> Array:
        """Before (17), (18)."""
        return s.cuts.values(s.x, s.y)


class NoProx(Pieces):
    """The proximal map is left out; unseen without R."""

    def moved(self, o: Oracle, d: Array, gradient: Array, eta: Array) -> Array:
        """A gradient step."""
        return d - eta * gradient


class UnscaledProx(Pieces):
    """The proximal map of R with weight 1."""

    def moved(self, o: Oracle, d: Array, gradient: Array, eta: Array) -> Array:
        """Without eta."""
        return o.prox_x(d - eta * gradient, 1)


class OtherUpper(Pieces):
    """A proximal map and a subgradient change places; unseen without R."""

    def moved(self, o: Oracle, d: Array, gradient: Array, eta: Array) -> Array:
        """The other one."""
        swapped = "subgradient" if self.upper == "prox" else "prox"
        return Pieces.moved(dataclasses.replace(self, upper=swapped), o, d, gradient, eta)


class OneRate(Pieces):
    """All agents have the first one's step size; unseen where they are equal."""

    def steps(self, like: Array) -> Array:
        """The first."""
        return np.repeat(super().steps(like)[:1], like.shape[1], axis=0)


class HalfEta(Pieces):
    """Half of every step size."""

    def steps(self, like: Array) -> Array:
        """Halved."""
        return super().steps(like) / 2


class DoubleEta(Pieces):
    """Twice every step size."""

    def steps(self, like: Array) -> Array:
        """Doubled."""
        return super().steps(like) * 2


class MixesAfter(Pieces):
    """Neighbours' gradient steps are mixed, not their iterates before them."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """Gradient first."""
        gx, gy = super().gradients(o, s, np.zeros(1))
        eta = self.steps(s.x)
        o.calls.gradients -= 2
        moved = dataclasses.replace(s, x=s.x - eta * gx, y=s.y - eta * gy)
        return _NoGradient.step(_as(self, _NoGradient), t, moved, o, net)


class _NoGradient(Pieces):
    """The gradients have been taken off already."""

    def gradients(self, o: Oracle, s: State, joined: Array) -> tuple[Array, Array]:
        """Zeros."""
        gx, gy = super().gradients(o, s, joined)
        return gx * 0, gy * 0


def _as(a: Pieces, base: type[Pieces]) -> Pieces:
    return base(**{f.name: getattr(a, f.name) for f in dataclasses.fields(a)})


class Everybody(Pieces):
    """Sleeping agents make gradient steps too."""

    def moving(self, awake: Array) -> Array:
        """All."""
        return np.ones_like(awake)


class LockStep(Pieces):
    """Nobody sleeps; unseen where everyone is awake."""

    def awake(self, net: Gossip) -> Array:
        """All."""
        return np.ones_like(super().awake(net))


class SleepersRest(Pieces):
    """Sleeping agents do not even mix."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """They stay."""
        self_awake: list[Array] = []
        before = net.active

        def active() -> Array:
            self_awake.append(before())
            return self_awake[-1]

        net.active = active  # type: ignore[method-assign]
        new = super().step(t, s, o, net)
        net.active = before  # type: ignore[method-assign]
        awake = self_awake[0]
        return dataclasses.replace(new, x=np.where(awake, new.x, s.x), y=np.where(awake, new.y, s.y))


class Alone(Pieces):
    """Agents send their x and y and go on from their own."""

    def mixed(self, net: Gossip, s: State) -> Any:
        """Unmixed."""
        net.mix(s.x, s.y)
        return s.x, s.y


class NotOwn(Pieces):
    """(15), (16) without the own copy: an open neighbourhood."""

    def mixed(self, net: Gossip, s: State) -> Any:
        """Neighbours only."""
        return net.mix(s.x, s.y, own=False)


class OtherGradient(Pieces):
    """Own and full gradients change places."""

    def pulls(self, theta: Array, cuts: Cuts, joined: Array) -> tuple[Array, Array]:
        """The other reading."""
        gradient = "own" if self.gradient == "full" else "full"
        return Pieces.pulls(dataclasses.replace(self, gradient=gradient), theta, cuts, joined)


class ThetaTransposed(Pieces):
    """Gradients take the neighbours' theta_ji for theta_ij."""

    def pulls(self, theta: Array, cuts: Cuts, joined: Array) -> tuple[Array, Array]:
        """Transposed."""
        return super().pulls(theta.swapaxes(1, 2), cuts, joined)


class OtherSign(Pieces):
    """Free and projected multipliers change places."""

    def multiplied(self, s: State, values: Array, awake: Array, eta: Array, damp: Any) -> Array:
        """The other reading."""
        swapped = "project" if self.multipliers == "free" else "free"
        return Pieces.multiplied(dataclasses.replace(self, multipliers=swapped), s, values, awake, eta, damp)


class LambdaUndamped(Pieces):
    """lambda without the regularisation of (13), theta with it."""

    def multiplied(self, s: State, values: Array, awake: Array, eta: Array, damp: Any) -> Array:
        """c_1 = 0."""
        return super().multiplied(s, values, awake, eta, 0)


class LateDamping(Pieces):
    """c^{t+1} for c^t; unseen without the regularisation."""

    def damp(self, t: int, like: Array) -> Any:
        """One later."""
        return super().damp(t + 1, like)


class SendsToNobody(Pieces):
    """Right values, but multipliers are not sent."""

    def announce(self, net: Gossip, cuts: Cuts, awake: Array, joined: Array, x: Array) -> None:
        """Nothing."""


class Extravagant(Pieces):
    """Right values, but a gradient is asked and thrown away."""

    def gradients(self, o: Oracle, s: State, joined: Array) -> tuple[Array, Array]:
        """One question too many."""
        o.grad_y_g(s.x, s.y)
        return super().gradients(o, s, joined)


PLANTED = (
    Planted("fresh-read", "gradients at the present state", FreshRead),
    Planted("theta-minus", "theta with the other sign", ThetaMinus),
    Planted("theta-old", "theta sees x^t", ThetaOld),
    Planted("lambda-old", "lambda sees x^t and y^t", LambdaOld),
    Planted("no-prox", "no proximal map in (17)", NoProx),
    Planted("unscaled-prox", "the proximal map in (17) with weight 1", UnscaledProx),
    Planted("other-upper", "proximal map and subgradient exchanged", OtherUpper),
    Planted("one-rate", "the first agent's step size for all", OneRate),
    Planted("half-eta", "half of eta", HalfEta),
    Planted("double-eta", "twice eta", DoubleEta),
    Planted("mixes-after", "mixing after the gradient step", MixesAfter),
    Planted("everybody", "inactive agents make gradient steps", Everybody),
    Planted("lock-step", "inactive agents take part in everything", LockStep),
    Planted("sleepers-rest", "inactive agents do not mix", SleepersRest),
    Planted("alone", "no mixing in (15), (16)", Alone),
    Planted("not-own", "the own copy missing in (15), (16)", NotOwn),
    Planted("other-gradient", "own and full gradients exchanged", OtherGradient),
    Planted("theta-transposed", "theta_ji for theta_ij in (17)", ThetaTransposed),
    Planted("other-sign", "free and projected multipliers exchanged", OtherSign),
    Planted("lambda-undamped", "c_1 = 0", LambdaUndamped),
    Planted("late-damping", "c^{t+1} for c^t", LateDamping),
    Planted("sends-to-nobody", "multipliers are not sent", SendsToNobody),
    Planted("extravagant", "a gradient thrown away", Extravagant),
)
