"""Wrong versions of the ablation without cuts, each by one small change."""

from __future__ import annotations

from spiritlevel.core.algorithms.argus_no_cuts import NoCuts, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted


class UpperGradient(NoCuts):
    """y follows the gradient of G, as with cuts."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """G for g."""
        d, u = net.mix(s.x, s.y)
        x = o.prox_x(d - self.eta * o.grad_x_f(s.x, s.y), self.eta)
        return State(x, o.prox_y(u - self.eta * o.grad_y_f(s.x, s.y), self.eta))


class NoProxY(NoCuts):
    """y without its proximal map, as (18) has it; unseen without r."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """A gradient step in y."""
        d, u = net.mix(s.x, s.y)
        x = o.prox_x(d - self.eta * o.grad_x_f(s.x, s.y), self.eta)
        return State(x, u - self.eta * o.grad_y_g(s.x, s.y))


class InTurn(NoCuts):
    """y sees the new x."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One after the other."""
        d, u = net.mix(s.x, s.y)
        x = o.prox_x(d - self.eta * o.grad_x_f(s.x, s.y), self.eta)
        return State(x, o.prox_y(u - self.eta * o.grad_y_g(x, s.y), self.eta))


class AtTheMean(NoCuts):
    """Gradients at the mixed point."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """At d and u."""
        d, u = net.mix(s.x, s.y)
        x = o.prox_x(d - self.eta * o.grad_x_f(d, u), self.eta)
        return State(x, o.prox_y(u - self.eta * o.grad_y_g(d, u), self.eta))


class Ascends(NoCuts):
    """x ascends."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """The other sign."""
        d, u = net.mix(s.x, s.y)
        x = o.prox_x(d + self.eta * o.grad_x_f(s.x, s.y), self.eta)
        return State(x, o.prox_y(u - self.eta * o.grad_y_g(s.x, s.y), self.eta))


PLANTED = (
    Planted("upper-gradient", "y steps on G", UpperGradient),
    Planted("no-prox-y", "no proximal map of r", NoProxY),
    Planted("in-turn", "y sees the new x", InTurn),
    Planted("at-the-mean", "gradients at the mixed point", AtTheMean),
    Planted("ascends", "x ascends", Ascends),
)
