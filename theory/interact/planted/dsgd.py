"""Wrong versions of D-SGD with full gradients, each by one small change."""

from __future__ import annotations

from spiritlevel.core.algorithms.dsgd import DSGD, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted


class Parts(DSGD):
    """D-SGD in pieces that can be exchanged one by one; as it stands it is the update."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration."""
        y = s.y - self.beta * o.grad_y_g(s.x, s.y)
        x = self.gossip(s.x, net) - self.alpha * self.direction(o, s.x, self.seen(s, y))
        return State(x, y)

    def gossip(self, x: Array, net: Gossip) -> Array:
        """One round."""
        mixed: Array = net.mix(x)
        return mixed

    def seen(self, s: State, y: Array) -> Array:
        """The y that x's direction is taken at."""
        return s.y

    def direction(self, o: Oracle, x: Array, y: Array) -> Array:
        """What x moves along."""
        return surrogate(o, x, y)


class Alone(Parts):
    """Sends x and does not listen."""

    def gossip(self, x: Array, net: Gossip) -> Array:
        """The agent's own."""
        net.mix(x)
        return x


class LowerFirst(Parts):
    """x's direction at the new y."""

    def seen(self, s: State, y: Array) -> Array:
        """Gauss-Seidel in the place of Jacobi."""
        return y


class Partial(Parts):
    """x moves along the partial gradient: nothing comes through y."""

    def direction(self, o: Oracle, x: Array, y: Array) -> Array:
        """Of f in x alone."""
        return o.grad_x_f(x, y)


class Plus(Parts):
    """The implicit part has the wrong sign."""

    def direction(self, o: Oracle, x: Array, y: Array) -> Array:
        """``2 f_x`` minus (5)."""
        return 2 * o.grad_x_f(x, y) - surrogate(o, x, y)


PLANTED = (
    Planted("alone", "x is not mixed", Alone),
    Planted("lower-first", "x's direction at the new y", LowerFirst),
    Planted("partial", "nothing comes through y", Partial),
    Planted("plus", "the implicit part with a plus", Plus),
)
