"""Wrong versions of SLAM-AC, each by one small change."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.slam_ac import ActorCriticSLAM, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted


class Pieces(ActorCriticSLAM):
    """SLAM-AC in pieces; as it stands every piece is the text's."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """``h_f``; ``old`` is ``y^r``."""
        return o.grad_x_f(x, y)

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """``A'`` times (4b), (4d)."""
        return pushed + self.rho / self.gamma * Lz

    def stepped(self, z: Array, h: Array, inverse: Any) -> Array:
        """(5a), (5b)."""
        return z - h / inverse

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration."""
        gamma, weight = self.gamma, self.rho * self.gamma
        y = self.stepped(s.y, o.grad_y_g(s.x, s.y) + gamma * s.om + weight * s.Ly, self.beta)
        x = self.stepped(s.x, self.upper(o, s.x, y, s.y) + gamma * s.lam + weight * s.Lx, self.alpha)
        Lx, Ly = self.exchange(net, x, y)
        return State(x, y, self.ascended(s.lam, Lx, s.Lx), self.ascended(s.om, Ly, s.Ly), Lx, Ly)


class Everything(Pieces):
    """All of the actors is shared."""

    def exchange(self, net: Gossip, x: Array, y: Array) -> tuple[Array, Array]:
        """All of x."""
        Lx, Ly = net.differences(x, y)
        return Lx, Ly


class Nothing(Pieces):
    """Nothing of the actors is shared."""

    def exchange(self, net: Gossip, x: Array, y: Array) -> tuple[Array, Array]:
        """Only y."""
        return x * 0, net.differences(y)


class LastPart(Pieces):
    """The last entries are shared, not the first."""

    def exchange(self, net: Gossip, x: Array, y: Array) -> tuple[Array, Array]:
        """The other end of x."""
        Lx, Ly = super().exchange(net, np.flip(x, axis=-1), y)
        return np.flip(Lx, axis=-1), Ly


class Implicit(Pieces):
    """h_f is (23), with the response of a lower level that the upper one does not see."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """Hessian and cross term are asked for; on (211) they multiply 0."""
        return surrogate(o, x, y)


class Jacobi(Pieces):
    """The old critic is plugged in."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """At (x^r, y^r)."""
        return o.grad_x_f(x, old)


class Descent(Pieces):
    """The actors descend."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """The wrong sign."""
        return -o.grad_x_f(x, y)


class DualDescent(Pieces):
    """The multipliers descend."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """The wrong sign."""
        return pushed - self.rho / self.gamma * Lz


class LateDual(Pieces):
    """The multipliers ascend along the old iterates."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """A z^r."""
        return pushed + self.rho / self.gamma * Lz_old


class NotInverse(Pieces):
    """alpha and beta are taken for step sizes."""

    def stepped(self, z: Array, h: Array, inverse: Any) -> Array:
        """Times alpha."""
        return z - h * inverse


class SwappedSteps(Pieces):
    """The actors move with the critics' step size, and the other way round."""

    def stepped(self, z: Array, h: Array, inverse: Any) -> Array:
        """The other level's."""
        return super().stepped(z, h, self.beta if inverse is self.alpha else self.alpha)


class ActorFirst(Pieces):
    """The actors move first, and the critics learn at the new policies."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """The other order."""
        gamma, weight = self.gamma, self.rho * self.gamma
        x = self.stepped(s.x, o.grad_x_f(s.x, s.y) + gamma * s.lam + weight * s.Lx, self.alpha)
        y = self.stepped(s.y, o.grad_y_g(x, s.y) + gamma * s.om + weight * s.Ly, self.beta)
        Lx, Ly = self.exchange(net, x, y)
        return State(x, y, self.ascended(s.lam, Lx, s.Lx), self.ascended(s.om, Ly, s.Ly), Lx, Ly)


class ForgottenMultipliers(Pieces):
    """The critics' multipliers are set to 0 in every iteration."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """A penalty alone."""
        return super().step(t, dataclasses.replace(s, om=0 * s.om), o, net)


PLANTED = (
    Planted("everything", "all of the actors is shared", Everything),
    Planted("nothing", "nothing of the actors is shared", Nothing),
    Planted("last-part", "the last entries of x are shared", LastPart),
    Planted("implicit", "h_f is (23)", Implicit),
    Planted("jacobi", "h_f at the old y", Jacobi),
    Planted("descent", "the actors descend", Descent),
    Planted("dual-descent", "multipliers descend", DualDescent),
    Planted("late-dual", "multipliers ascend along the old iterates", LateDual),
    Planted("step-not-inverse", "alpha, beta as step sizes", NotInverse),
    Planted("swapped-steps", "alpha and beta exchanged", SwappedSteps),
    Planted("actor-first", "h_g at the new x", ActorFirst),
    Planted("forgotten-multipliers", "omega starts at 0 in every iteration", ForgottenMultipliers),
)
