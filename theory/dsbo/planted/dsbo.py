"""Wrong versions of DSBO, each by one small change."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.dsbo import State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.dsbo.planted.parts import Parts, matrices
from spiritlevel.theory.planted import Planted


class LocalX(Parts):
    """x is not mixed."""

    not_mixed = "x"


class LocalY(Parts):
    """y is not mixed: every agent aims at its own lower-level solution."""

    not_mixed = "y"


class LocalS(Parts):
    """s is not mixed."""

    not_mixed = "s"


class LocalH(Parts):
    """h is not mixed."""

    not_mixed = "h"


class LocalU(Parts):
    """u is not mixed."""

    not_mixed = "u"


class LocalV(Parts):
    """v is not mixed: the inverse of the own Hessian."""

    not_mixed = "v"


class LateClock(Parts):
    """(6) starts at t = 1."""

    clock = 0


class NoDelay(Parts):
    """x moves along the averages at t + 1."""

    def direction(self, s: State, new: State) -> Array:
        """At t + 1."""
        return new.s - self.implicit(new)


class InverseInTime(Parts):
    """Only q is taken at t + 1."""

    def direction(self, s: State, new: State) -> Array:
        """With the next q."""
        return s.s - self.implicit(dataclasses.replace(s, q=new.q))


class LateInverse(Parts):
    """q at t + 1 is made from v at t."""

    def inverse(self, s: State, v: Array) -> Array:
        """One step late."""
        return super().inverse(s, s.v)


class Sum(Parts):
    """Averages do not forget: the factor 1 - beta is missing."""

    def average(self, Wz: Array, sample: Array, beta: Any) -> Array:
        """W z + beta sample."""
        return Wz + beta * sample


class SampleForgets(Parts):
    """beta and 1 - beta change places."""

    def average(self, Wz: Array, sample: Array, beta: Any) -> Array:
        """beta W z + (1 - beta) sample."""
        return beta * Wz + sample - beta * sample


class BetaBelow(Parts):
    """y moves by beta, not gamma; unseen where the two agree."""

    def lower(self, sizes: tuple[Any, Any, Any]) -> Any:
        """The wrong one."""
        return sizes[1]


class TransposedInverse(Parts):
    """q is transposed; unseen for b = 1, where it is symmetric."""

    def implicit(self, s: State) -> Array:
        """``u q' h``."""
        u, q = matrices(s)
        return np.asarray((u @ (np.swapaxes(q, -1, -2) @ s.h[..., None]))[..., 0])


class Plus(Parts):
    """The implicit part has the wrong sign."""

    def implicit(self, s: State) -> Array:
        """``-u q h``."""
        return -super().implicit(s)


class NoInverse(Parts):
    """``u h`` in the place of ``u q h``."""

    def implicit(self, s: State) -> Array:
        """Without q."""
        u, _ = matrices(s)
        return np.asarray((u @ s.h[..., None])[..., 0])


class LastTermMissing(Parts):
    """The factor that comes first in the loop is 0, so that there are b terms."""

    def inverse(self, s: State, v: Array) -> Array:
        """With L_g I in the place of one Hessian."""
        size = s.y.shape[-1]
        first = slice(0, size * size) if self.order == "loop" else slice(-size * size, None)
        fewer = v.copy()
        fewer[..., first] = (0 * v[..., first] + np.eye(size, dtype=int).reshape(-1)) * self.L_g
        return super().inverse(s, fewer)


class OneTermMore(Parts):
    """The last factor is used twice."""

    def inverse(self, s: State, v: Array) -> Array:
        """With b + 1 factors."""
        size = s.q.shape[-1]
        again = np.concatenate([v, v[..., -size:]], axis=-1)
        return dataclasses.replace(self, b=self.b + 1).neumann(again, s.h).reshape(s.q.shape)


class NotDivided(Parts):
    """``q = Q``, without 1/L_g."""

    def inverse(self, s: State, v: Array) -> Array:
        """L_g times too large."""
        return super().inverse(s, v) * self.L_g


class NotScaled(Parts):
    """The factors are ``I - v``."""

    def inverse(self, s: State, v: Array) -> Array:
        """L_g is missing in the factors."""
        return super().inverse(s, v * self.L_g)


class OneHessian(Parts):
    """One Hessian sample serves all b averages."""

    def hessians(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """Asks once."""
        return [o.hess_yy_g(x, y)] * self.b


class OneHessianPaid(Parts):
    """The first Hessian sample serves all b averages; the others are thrown away."""

    def hessians(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """Asks b times."""
        return [super().hessians(o, x, y)[0]] * self.b


class Reversed(Parts):
    """The two orders of the product change places: the same law, another text."""

    def inverse(self, s: State, v: Array) -> Array:
        """The other order."""
        other = "display" if self.order == "loop" else "loop"
        return dataclasses.replace(self, order=other).neumann(v, s.h).reshape(s.q.shape)


class AtTheMixedPoint(Parts):
    """Samples are taken at the neighbours' sums."""

    def point(self, s: State, W: State) -> tuple[Array, Array]:
        """At (W x, W y)."""
        return W.x, W.y


class OthersOnly(Parts):
    """Sums over the neighbours without the agent itself: rows no longer add up to 1."""

    def gossip(self, s: State, net: Gossip) -> tuple[Array, ...]:
        """N_k without k."""
        mixed: tuple[Array, ...] = net.mix(s.x, s.y, s.s, s.h, s.u, s.v, own=False)
        return mixed


class Leader(Parts):
    """All agents use the first agent's Hessian samples."""

    def hessians(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """One agent's, for all."""
        return [np.broadcast_to(each[:, :1], each.shape) for each in super().hessians(o, x, y)]


class TwoRounds(Parts):
    """Gradients and matrices travel in rounds of their own: right values."""

    def gossip(self, s: State, net: Gossip) -> tuple[Array, ...]:
        """Twice the messages."""
        return (*net.mix(s.x, s.y, s.s, s.h), *net.mix(s.u, s.v))


class Extravagant(Parts):
    """Right values, but one Hessian more than needed is sampled."""

    def hessians(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """b + 1 samples."""
        return [o.hess_yy_g(x, y) for _ in range(self.b + 1)][: self.b]


class ZeroHessians(Parts):
    """v starts at 0, not at mu_g I."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """As printed but for v_0."""
        s = super().init(x0, y0, o, net)
        return dataclasses.replace(s, v=0 * s.v)


class WarmStart(Parts):
    """s and h start at sampled gradients, not at 0."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """As gradient tracking would."""
        s = super().init(x0, y0, o, net)
        return dataclasses.replace(s, s=o.grad_x_f(x0, y0), h=o.grad_y_f(x0, y0))


PLANTED = (
    Planted("local-x", "x not mixed", LocalX),
    Planted("local-y", "y not mixed", LocalY),
    Planted("local-s", "s not mixed", LocalS),
    Planted("local-h", "h not mixed", LocalH),
    Planted("local-u", "u not mixed", LocalU),
    Planted("local-v", "v not mixed", LocalV),
    Planted("late-clock", "(6) from t = 1 on", LateClock),
    Planted("no-delay", "x moves along the averages at t + 1", NoDelay),
    Planted("inverse-in-time", "x moves with q at t + 1", InverseInTime),
    Planted("late-inverse", "q at t + 1 from v at t", LateInverse),
    Planted("sum", "1 - beta missing", Sum),
    Planted("sample-forgets", "beta and 1 - beta exchanged", SampleForgets),
    Planted("beta-below", "beta in the place of gamma", BetaBelow),
    Planted("transposed-inverse", "u q' h", TransposedInverse),
    Planted("plus", "s + u q h", Plus),
    Planted("no-inverse", "u h", NoInverse),
    Planted("last-term-missing", "b terms of the product's sum", LastTermMissing),
    Planted("one-term-more", "b + 2 terms of the product's sum", OneTermMore),
    Planted("not-divided", "q without 1/L_g", NotDivided),
    Planted("not-scaled", "factors without 1/L_g", NotScaled),
    Planted("one-hessian", "one Hessian sample for all b", OneHessian),
    Planted("one-hessian-paid", "one Hessian sample for all b, the others thrown away", OneHessianPaid),
    Planted("reversed", "factors in the other order", Reversed),
    Planted("at-the-mixed-point", "samples at (W x, W y)", AtTheMixedPoint),
    Planted("others-only", "sums without the own copy", OthersOnly),
    Planted("leader", "the first agent's Hessians for all", Leader),
    Planted("two-rounds", "two rounds per iteration", TwoRounds),
    Planted("extravagant", "a Hessian sampled and thrown away", Extravagant),
    Planted("zero-hessians", "v_0 = 0", ZeroHessians),
    Planted("warm-start", "s_0 and h_0 sampled", WarmStart),
)
