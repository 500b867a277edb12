"""Wrong versions of DBSA, each by one small change."""

from __future__ import annotations

import dataclasses

from spiritlevel.core.algorithms.dbsa import DBSA, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted


class Parts(DBSA):
    """DBSA in pieces that can be exchanged one by one; as it stands it is the reconstruction."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One outer iteration."""
        y = self.start(s)
        for _ in range(self.N):
            y = self.gossip(y, net) - self.gamma * o.grad_y_g(s.x, y)
        at = self.point(s, y, net)
        fx, fy = o.grad_x_f(*at), o.grad_y_f(*at)
        U, H = self.matrices(*at, o, net)
        w = self.first(fy)
        for H_i in H:
            w = fy + w - (H_i @ w[..., None])[..., 0] / self.L_g
        return State(net.mix(s.x) - self.alpha * self.along(fx, (U @ w[..., None])[..., 0] / self.L_g), y)

    def start(self, s: State) -> Array:
        """Where the inner loop starts."""
        return s.y

    def gossip(self, y: Array, net: Gossip) -> Array:
        """One round."""
        mixed: Array = net.mix(y)
        return mixed

    def point(self, s: State, y: Array, net: Gossip) -> tuple[Array, Array]:
        """Where x's samples are taken."""
        return s.x, y

    def first(self, fy: Array) -> Array:
        """The first partial sum."""
        return fy

    def along(self, fx: Array, implicit: Array) -> Array:
        """What x moves along."""
        return fx - implicit


class LocalLower(Parts):
    """y is not mixed: every agent aims at its own lower-level solution."""

    def gossip(self, y: Array, net: Gossip) -> Array:
        """Sends and does not listen."""
        net.mix(y)
        return y


class ColdStart(Parts):
    """The inner loop starts at 0."""

    def start(self, s: State) -> Array:
        """Nothing is kept."""
        return s.y * 0


class StaleLower(Parts):
    """x moves along the product at the y before the inner loop."""

    def point(self, s: State, y: Array, net: Gossip) -> tuple[Array, Array]:
        """At the old y."""
        return s.x, s.y


class MixedFirst(Parts):
    """x's samples are taken at the neighbours' sums."""

    def point(self, s: State, y: Array, net: Gossip) -> tuple[Array, Array]:
        """At W x."""
        return net.mix(s.x), y


class Plus(Parts):
    """The implicit part has the wrong sign."""

    def along(self, fx: Array, implicit: Array) -> Array:
        """``fx + U Q fy / L_g``."""
        return fx + implicit


class LastTermMissing(Parts):
    """The sum has b terms."""

    def first(self, fy: Array) -> Array:
        """Q_0 = 0."""
        return fy * 0


class OneStepMore(DBSA):
    """The inner loop makes one step too many."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """N + 1 steps."""
        return DBSA.step(dataclasses.replace(self, N=self.N + 1), t, s, o, net)


class Reversed(DBSA):
    """The factors in the opposite order: the same law, another text."""

    def matrices(self, x: Array, y: Array, o: Oracle, net: Gossip) -> tuple[Array, list[Array]]:
        """Last sample first."""
        U, H = super().matrices(x, y, o, net)
        return U, H[::-1]


class OneHessian(DBSA):
    """The first Hessian sample is every factor; the others are thrown away."""

    def matrices(self, x: Array, y: Array, o: Oracle, net: Gossip) -> tuple[Array, list[Array]]:
        """A power, not a product."""
        U, H = super().matrices(x, y, o, net)
        return U, H[:1] * self.b


class AlwaysLocal(DBSA):
    """Matrices travel and are not listened to."""

    def matrices(self, x: Array, y: Array, o: Oracle, net: Gossip) -> tuple[Array, list[Array]]:
        """The agent's own."""
        own = dataclasses.replace(self, reading="local")
        U, H = DBSA.matrices(own, x, y, o, net)
        self.gossiped(U, H, net)
        return U, H

    def gossiped(self, U: Array, H: list[Array], net: Gossip) -> list[Array]:
        """What arrives of the matrices."""
        each = [U, *H]
        flat = [m.reshape(*m.shape[:2], -1) for m in each]
        for _ in range(self.rounds if self.reading == "gossip" else 0):
            flat = net.mix(*flat)
        return [m.reshape(like.shape) for m, like in zip(flat, each, strict=True)]


class OwnJacobian(AlwaysLocal):
    """Hessians are listened to, the Jacobian is not."""

    def matrices(self, x: Array, y: Array, o: Oracle, net: Gossip) -> tuple[Array, list[Array]]:
        """The agent's own U."""
        own = dataclasses.replace(self, reading="local")
        U, H = DBSA.matrices(own, x, y, o, net)
        return U, self.gossiped(U, H, net)[1:]


PLANTED = (
    Planted("local-y", "y not mixed", LocalLower),
    Planted("cold-start", "the inner loop starts at 0", ColdStart),
    Planted("stale-lower", "x moves along the product at the old y", StaleLower),
    Planted("mixed-first", "x's samples at W x", MixedFirst),
    Planted("plus", "fx + U Q fy / L_g", Plus),
    Planted("last-term-missing", "b terms of the product's sum", LastTermMissing),
    Planted("one-step-more", "N + 1 inner steps", OneStepMore),
    Planted("reversed", "factors in the other order", Reversed),
    Planted("one-hessian-paid", "one Hessian sample for all b, the others thrown away", OneHessian),
    Planted("always-local", "what arrives of the matrices is not used", AlwaysLocal),
    Planted("own-jacobian", "the Jacobian is not gossiped", OwnJacobian),
)
