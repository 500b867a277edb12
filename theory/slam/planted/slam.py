"""Wrong versions of SLAM's primal-dual form, each by one small change."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.slam import State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted
from spiritlevel.theory.slam.planted.parts import Both, implicit, solved


class DualDescent(Both):
    """The multipliers descend."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """The wrong sign."""
        return pushed - self.rho / self.gamma * Lz


class DualPull(Both):
    """The multipliers enter with the wrong sign."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """Minus gamma A' lambda."""
        return super().descended(z, h, -pushed, Lz, inverse)


class LateDual(Both):
    """The multipliers ascend along the old iterate."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """A x^r."""
        return pushed + self.rho / self.gamma * Lz_old


class EarlyDual(Both):
    """The multipliers ascend before the step, along the same iterate."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """lambda^r + (rho/gamma) A x^r."""
        return super().descended(z, h, pushed + self.rho / self.gamma * Lz, Lz, inverse)


class NoGamma(Both):
    """gamma is missing in front of the multipliers."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """A' lambda."""
        return super().descended(z, h, pushed / self.gamma, Lz, inverse)


class WeakPenalty(Both):
    """gamma is missing in the penalty."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """rho A'A x."""
        return super().descended(z, h, pushed, Lz / self.gamma, inverse)


class NoPenalty(Both):
    """The plain Lagrangian."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """Without rho gamma A'A x."""
        return super().descended(z, h, pushed, 0 * Lz, inverse)


class LongDual(Both):
    """The dual step is rho gamma."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """rho gamma in the place of rho/gamma."""
        return pushed + self.rho * self.gamma * Lz


class FixedMultipliers(Both):
    """The multipliers stay 0: gossip with a constant step."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """As they were."""
        return pushed


class Jacobi(Both):
    """h_f is taken at the old y."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """At (x^r, y^r)."""
        return surrogate(o, x, old)


class HalfJacobi(Both):
    """Only the solve is taken at the old y."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """grad f and the cross term at y^{r+1}, the Hessian at y^r."""
        return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, o.solve_yy_g(x, old, o.grad_y_f(x, y)))


class UpperFirst(Both):
    """x moves first, and h_g is taken at the new x."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """The other order."""
        x = self.descended(s.x, self.scaled(self.upper(o, s.x, s.y, s.y)), s.lam, s.Lx, self.alpha)
        y = self.descended(s.y, self.scaled(self.lower(o, x, s.y)), s.om, s.Ly, self.beta)
        Lx, Ly = self.exchange(net, x, y)
        return State(x, y, self.ascended(s.lam, Lx, s.Lx), self.ascended(s.om, Ly, s.Ly), Lx, Ly)


class MeanHessian(Both):
    """The Hessian of the mean of the g_i, which no agent has; unseen where all are equal."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """Averaged over agents."""
        return implicit(o, x, y, mean_hessian=True)


class MeanCross(Both):
    """The mean of the cross terms in the place of the local one."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """Averaged over agents."""
        return implicit(o, x, y, mean_cross=True)


class TransposedCross(Both):
    """The cross term is transposed where it is square."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """C' H^{-1} grad_y f."""
        C = o.hess_xy_g(x, y)
        C = np.swapaxes(C, -1, -2) if C.shape[-1] == C.shape[-2] else C
        w = solved(o.hess_yy_g(x, y), o.grad_y_f(x, y))
        return np.asarray(o.grad_x_f(x, y) - (C @ w[..., None])[..., 0])


class Plus(Both):
    """The implicit part has the wrong sign."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """Plus C H^{-1} grad_y f."""
        return o.grad_x_f(x, y) + o.jvp_xy_g(x, y, o.solve_yy_g(x, y, o.grad_y_f(x, y)))


class NoInverse(Both):
    """C grad_y f in the place of C H^{-1} grad_y f."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """Multiplied by the Hessian and divided again, so that the same is asked."""
        f_y = o.grad_y_f(x, y)
        return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, f_y + 0 * o.solve_yy_g(x, y, f_y))


class SwappedSteps(Both):
    """alpha and beta change places."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """The other level's step."""
        other = self.beta if inverse is self.alpha else self.alpha
        return super().descended(z, h, pushed, Lz, other)


class StepNotInverse(Both):
    """alpha and beta are taken for step sizes."""

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """Times alpha."""
        return super().descended(z, h, pushed, Lz, 1 / inverse)


class OtherScale(Both):
    """h is 1/n of the gradients where their own are asked for, and the other way round."""

    def scaled(self, h: Array) -> Array:
        """The other normalisation."""
        return h / h.shape[-2] if self.h_scale == "local" else h


class Weighted(Both):
    """I - W in the place of the Laplacian: weights that (7) does not have."""

    def exchange(self, net: Gossip, *fields: Array) -> tuple[Array, ...]:
        """From the mixing matrix."""
        return tuple(z - Wz for z, Wz in zip(fields, net.mix(*fields), strict=True))


class Everyone(Both):
    """Deviation from the mean: what a complete graph would give."""

    def exchange(self, net: Gossip, *fields: Array) -> tuple[Array, ...]:
        """A server's work."""
        net.differences(*fields)
        return tuple(z.shape[-2] * z - z.sum(axis=-2, keepdims=True) for z in fields)


class TwoRounds(Both):
    """x and y travel one after the other: right values."""

    def exchange(self, net: Gossip, *fields: Array) -> tuple[Array, ...]:
        """Twice the messages."""
        return tuple(net.differences(z) for z in fields)


class Extravagant(Both):
    """Right values, but the lower gradient is sampled again at the new point and thrown away."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """One sample too many."""
        o.grad_y_g(x, y)
        return super().upper(o, x, y, old)


class WarmMultipliers(Both):
    """lambda^1 = (rho/gamma) A x^1, as EXTRA starts."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """One ascent before the first step."""
        s = super().init(x0, y0, o, net)
        return dataclasses.replace(s, lam=self.rho / self.gamma * s.Lx, om=self.rho / self.gamma * s.Ly)


PLANTED = (
    Planted("dual-descent", "multipliers descend", DualDescent),
    Planted("dual-pull", "minus gamma A' lambda", DualPull),
    Planted("late-dual", "multipliers ascend along the old iterate", LateDual),
    Planted("early-dual", "multipliers ascend before the step", EarlyDual),
    Planted("no-gamma", "A' lambda without gamma", NoGamma),
    Planted("weak-penalty", "rho A'A x in the place of rho gamma A'A x", WeakPenalty),
    Planted("no-penalty", "no penalty", NoPenalty),
    Planted("long-dual", "dual step rho gamma", LongDual),
    Planted("fixed-multipliers", "multipliers stay 0", FixedMultipliers),
    Planted("jacobi", "h_f at the old y", Jacobi),
    Planted("half-jacobi", "the Hessian of h_f at the old y", HalfJacobi),
    Planted("upper-first", "h_g at the new x", UpperFirst),
    Planted("mean-hessian", "the agents' mean Hessian in (23)", MeanHessian),
    Planted("mean-cross", "the agents' mean cross term in (23)", MeanCross),
    Planted("transposed-cross", "the cross term transposed", TransposedCross),
    Planted("plus", "plus the implicit part", Plus),
    Planted("no-inverse", "(23) without the inverse", NoInverse),
    Planted("swapped-steps", "alpha and beta exchanged", SwappedSteps),
    Planted("step-not-inverse", "alpha, beta as step sizes", StepNotInverse),
    Planted("other-scale", "the two normalisations of h exchanged", OtherScale),
    Planted("weighted", "I - W in the place of A'A", Weighted),
    Planted("everyone", "deviations from the mean in the place of A'A", Everyone),
    Planted("two-rounds", "two rounds per iteration", TwoRounds),
    Planted("extravagant", "a sample thrown away", Extravagant),
    Planted("warm-multipliers", "lambda^1 = (rho/gamma) A x^1", WarmMultipliers),
)
