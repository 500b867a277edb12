"""Wrong versions of SLAM-L, SLAM-U and Algorithm 1, each by one small change."""

from __future__ import annotations

import dataclasses
from typing import Any

from spiritlevel.core.algorithms import slam_two_step, slam_u
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted
from spiritlevel.theory.slam.planted.parts import Lower, Pieces, TwoStep, Upper, implicit


class _Descends(Pieces):
    """The multipliers descend."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """The wrong sign."""
        return pushed - self.rho / self.gamma * Lz


class _Late(Pieces):
    """The multipliers ascend along the old iterate."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """A z^r."""
        return pushed + self.rho / self.gamma * Lz_old


class _Long(Pieces):
    """The dual step is rho gamma."""

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """rho gamma in the place of rho/gamma."""
        return pushed + self.rho * self.gamma * Lz


class _Jacobi(Pieces):
    """h_f is taken at the old y."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """At (x^r, y^r)."""
        return surrogate(o, x, old)


class _MeanHessian(Pieces):
    """The agents' mean Hessian."""

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """Averaged over agents."""
        return implicit(o, x, y, mean_hessian=True)


class _NotInverse(Pieces):
    """The own step is taken for a step size, not an inverse one."""

    def own(self, z: Array, h: Array, inverse: Any) -> Array:
        """Times the step."""
        return z - h * inverse


class LowerDescends(_Descends, Lower):
    """SLAM-L's."""


class LowerLate(_Late, Lower):
    """SLAM-L's."""


class LowerLong(_Long, Lower):
    """SLAM-L's."""


class LowerJacobi(_Jacobi, Lower):
    """SLAM-L's."""


class LowerMeanHessian(_MeanHessian, Lower):
    """SLAM-L's."""


class LowerNotInverse(_NotInverse, Lower):
    """SLAM-L's."""


class LowerSums(Lower):
    """x is drawn to its neighbours as well: SLAM with the upper level's multipliers left out."""

    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        """With a penalty on x."""
        near = self.rho * self.gamma / self.alpha * net.differences(s.x)
        after = super().step(t, s, o, net)
        return dataclasses.replace(after, x=after.x - near)


class UpperDescends(_Descends, Upper):
    """SLAM-U's."""


class UpperLate(_Late, Upper):
    """SLAM-U's."""


class UpperJacobi(_Jacobi, Upper):
    """SLAM-U's."""


class UpperMeanHessian(_MeanHessian, Upper):
    """SLAM-U's: the others' lower levels are not its own."""


class UpperNotInverse(_NotInverse, Upper):
    """SLAM-U's."""


class UpperMixedLower(Upper):
    """y is averaged with the neighbours', though every agent has a lower level of its own."""

    def step(self, t: int, s: slam_u.State, o: Oracle, net: Gossip) -> slam_u.State:
        """With a penalty on y."""
        near = self.rho * self.gamma / self.beta * net.differences(s.y)
        after = super().step(t, s, o, net)
        return dataclasses.replace(after, y=after.y - near)


class TwoJacobi(_Jacobi, TwoStep):
    """Algorithm 1 as listed: both gradients before either update."""


class TwoMeanHessian(_MeanHessian, TwoStep):
    """Algorithm 1's."""


class OnceW(TwoStep):
    """The factor 2 is missing in front of W."""

    def moved(self, z: Array, Lz: Array, old: Array, L_old: Array, dh: Array, inverse: Any) -> Array:
        """W z - W' z_old."""
        weight = self.rho * self.gamma / inverse
        return z - (1 + 1 / self.gamma) * weight / 2 * Lz - old + weight * L_old - dh / inverse


class GammaForgotten(TwoStep):
    """W without (1 + 1/gamma): the multipliers' last ascent is lost."""

    def moved(self, z: Array, Lz: Array, old: Array, L_old: Array, dh: Array, inverse: Any) -> Array:
        """W = I - rho/(2 tau) A'A."""
        weight = self.rho * self.gamma / inverse
        return 2 * z - weight * Lz - old + weight * L_old - dh / inverse


class InverseGamma(TwoStep):
    """tau = alpha gamma in the place of alpha/gamma."""

    def moved(self, z: Array, Lz: Array, old: Array, L_old: Array, dh: Array, inverse: Any) -> Array:
        """rho/(alpha gamma)."""
        weight = self.rho / self.gamma / inverse
        return 2 * z - (1 + 1 / self.gamma) * weight * Lz - old + weight * L_old - dh / inverse


class SameMatrix(TwoStep):
    """W in the place of W'."""

    def moved(self, z: Array, Lz: Array, old: Array, L_old: Array, dh: Array, inverse: Any) -> Array:
        """2 W z - W z_old."""
        half = (1 + 1 / self.gamma) * self.rho * self.gamma / inverse / 2
        return 2 * z - 2 * half * Lz - old + half * L_old - dh / inverse


class NotStored(TwoStep):
    """The last samples are not kept."""

    def remembered(self, o: Oracle, s: slam_two_step.State) -> tuple[Array, Array]:
        """Nothing to subtract."""
        return 0 * s.g_old, 0 * s.f_old


class SampledAgain(TwoStep):
    """The last gradients are sampled again in the place of the stored samples; unseen without noise."""

    def remembered(self, o: Oracle, s: slam_two_step.State) -> tuple[Array, Array]:
        """Fresh samples at the old points."""
        return o.grad_y_g(s.x_old, s.y_old), surrogate(o, s.x_old, s.y)


class Plus(TwoStep):
    """The change of the samples is added."""

    def moved(self, z: Array, Lz: Array, old: Array, L_old: Array, dh: Array, inverse: Any) -> Array:
        """Plus dh / alpha."""
        return super().moved(z, Lz, old, L_old, -dh, inverse)


class BlankStart(TwoStep):
    """x^0 = x^1 and h^0 = 0 where zero multipliers are asked for."""

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> slam_two_step.State:
        """Nothing to correct."""
        s = super().init(x0, y0, o, net)
        return dataclasses.replace(s, f_old=0 * s.f_old, g_old=0 * s.g_old)


PLANTED = (
    Planted("dual-descent", "multipliers descend", LowerDescends),
    Planted("late-dual", "multipliers ascend along the old iterate", LowerLate),
    Planted("long-dual", "dual step rho gamma", LowerLong),
    Planted("jacobi", "h_f at the old y", LowerJacobi),
    Planted("mean-hessian", "the agents' mean Hessian in (23)", LowerMeanHessian),
    Planted("step-not-inverse", "alpha as a step size", LowerNotInverse),
    Planted("mixed-upper", "x has a penalty", LowerSums),
    Planted("dual-descent", "multipliers descend", UpperDescends),
    Planted("late-dual", "multipliers ascend along the old iterate", UpperLate),
    Planted("jacobi", "h_f at the old y", UpperJacobi),
    Planted("mean-hessian", "the agents' mean Hessian in (23)", UpperMeanHessian),
    Planted("step-not-inverse", "beta as a step size", UpperNotInverse),
    Planted("mixed-lower", "y has a penalty", UpperMixedLower),
    Planted("jacobi", "h_f at the old y", TwoJacobi),
    Planted("mean-hessian", "the agents' mean Hessian in (23)", TwoMeanHessian),
    Planted("once-w", "W in the place of 2 W", OnceW),
    Planted("gamma-forgotten", "W without (1 + 1/gamma)", GammaForgotten),
    Planted("inverse-gamma", "tau = alpha gamma", InverseGamma),
    Planted("same-matrix", "W in the place of W'", SameMatrix),
    Planted("not-stored", "h of the iteration before is not subtracted", NotStored),
    Planted("sampled-again", "h of the iteration before is sampled again", SampledAgain),
    Planted("plus", "plus the change of h", Plus),
    Planted("blank-start", "x^0 = x^1, h^0 = 0", BlankStart),
)
