"""Wrong versions of the growing-batch DSGD, each by one small change."""

from __future__ import annotations

from typing import Any

from spiritlevel.core.algorithms.dsgd_growing import GrowingDSGD, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted


class Parts(GrowingDSGD):
    """DSGD in pieces that can be exchanged one by one; as it stands it is the reconstruction."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration."""
        y: Array = s.y
        u: Any = 0
        for j in range(1, self.samples(t) + 1):
            y, u = y - o.grad_y_g(s.x, y) / (self.L_g * self.slowed(j)), u + o.hess_xy_g(s.x, y) / t
        w = o.solve_yy_g(s.x, y, o.grad_y_f(s.x, self.seen(s, y)))
        z = self.along(o.grad_x_f(s.x, y), (u @ w[..., None])[..., 0])
        return State(self.gossip(s.x, net) - self.size(t) * z, y)

    def samples(self, t: int) -> int:
        """How many."""
        return t

    def slowed(self, j: int) -> int:
        """What divides the j-th inner step."""
        return j

    def seen(self, s: State, y: Array) -> Array:
        """The y at which f's gradient in y is taken."""
        return y

    def along(self, fx: Array, implicit: Array) -> Array:
        """What x moves along."""
        return fx - implicit

    def gossip(self, x: Array, net: Gossip) -> Array:
        """One round."""
        mixed: Array = net.mix(x)
        return mixed


class OneMore(Parts):
    """A sample more than the iteration's number, and still divided by t."""

    def samples(self, t: int) -> int:
        """t + 1."""
        return t + 1


class ConstantInner(Parts):
    """The inner steps do not shrink: the last sample alone counts."""

    def slowed(self, j: int) -> int:
        """1 throughout."""
        return 1


class StaleY(Parts):
    """f's gradient in y at the y before the inner loop."""

    def seen(self, s: State, y: Array) -> Array:
        """The old one."""
        return s.y


class Plus(Parts):
    """The implicit part has the wrong sign."""

    def along(self, fx: Array, implicit: Array) -> Array:
        """``fx + ..``."""
        return fx + implicit


class Alone(Parts):
    """Sends x and does not listen."""

    def gossip(self, x: Array, net: Gossip) -> Array:
        """The agent's own."""
        net.mix(x)
        return x


class OneLater(GrowingDSGD):
    """Rule (6) one iteration late."""

    def size(self, t: int) -> Any:
        """That of t + 1."""
        return super().size(t + 1)


PLANTED = (
    Planted("one-more", "t + 1 samples, divided by t", OneMore),
    Planted("constant-inner", "inner steps that do not shrink", ConstantInner),
    Planted("stale-y", "f's gradient in y at the old y", StaleY),
    Planted("plus", "fx plus the implicit part", Plus),
    Planted("alone", "x is not mixed", Alone),
    Planted("one-later", "rule (6) one iteration late", OneLater),
)
