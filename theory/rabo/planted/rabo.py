"""Wrong versions of RABO, each by one small change."""

from __future__ import annotations

import dataclasses

import numpy as np

from spiritlevel.core.algorithms.rabo import State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array, inverse
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted
from spiritlevel.theory.rabo.planted.parts import Pieces


class OtherSign(Pieces):
    """The two signs of (6) change places."""

    def lower(self, s: State, net: Gossip, G: Array, m_y: Array) -> Array:
        """Ascends where it should descend."""
        return super().lower(s, net, -G, m_y)


class OverEverybody(Pieces):
    """Sums are divided by N, not by the coverage; unseen where all hold everything."""

    def averaged(self, net: Gossip, z: Array, held: Array, down: int) -> Array:
        """A mean with zeros."""
        share = held.sum(axis=-2, keepdims=True)
        return net.average(z, held, down=down) * share / held.shape[-2]


class UnmaskedGradient(Pieces):
    """Line 7 without the mask: the local steps move coordinates that the client does not hold."""

    def inner(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """The full gradient."""
        return super().inner(o, x, y, np.ones_like(m_y))


class UnmaskedStart(Pieces):
    """The local steps start at y_q, not at the submodel."""

    def start(self, s: State, m_y: Array) -> Array:
        """Everything."""
        return np.repeat(s.y, m_y.shape[-2], axis=1)


class OldLower(Pieces):
    """The hypergradient is taken at y_q."""

    def point(self, s: State, y: Array, m_x: Array, m_y: Array) -> tuple[Array, Array]:
        """Before (6)."""
        return s.x * m_x, s.y * m_y


class FullPoint(Pieces):
    """The hypergradient is taken at the full model."""

    def point(self, s: State, y: Array, m_x: Array, m_y: Array) -> tuple[Array, Array]:
        """Not pruned."""
        n = m_x.shape[-2]
        return np.repeat(s.x, n, axis=1), np.repeat(y, n, axis=1)


class OneStepMore(Pieces):
    """T + 1 local steps."""

    def inner(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """One too many."""
        y = super().inner(o, x, y, m_y)
        return y - self.beta * (o.grad_y_g(x, y) * m_y)


class MeanOfSteps(Pieces):
    """G is divided by T; unseen for T = 1."""

    def sent(self, y_T: Array, y_i: Array) -> Array:
        """A mean gradient."""
        return super().sent(y_T, y_i) / self.T


class NotDivided(Pieces):
    """G is the difference, not divided by beta."""

    def sent(self, y_T: Array, y_i: Array) -> Array:
        """Without line 10's denominator."""
        return y_T - y_i


class SwappedSteps(Pieces):
    """alpha and beta change places."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """With the other's."""
        return Pieces.step(dataclasses.replace(self, alpha=self.beta, beta=self.alpha), t, s, o, net)


class Zeroed(Pieces):
    """Coordinates that nobody holds are set to 0."""

    def lower(self, s: State, net: Gossip, G: Array, m_y: Array) -> Array:
        """Forgotten."""
        return super().lower(s, net, G, m_y) * (m_y.sum(axis=-2, keepdims=True) > 0)

    def upper(self, s: State, net: Gossip, h: Array, m_x: Array) -> Array:
        """Forgotten."""
        return super().upper(s, net, h, m_x) * (m_x.sum(axis=-2, keepdims=True) > 0)


class FirstHolder(Pieces):
    """The first client that holds a coordinate decides alone; unseen where one does."""

    def averaged(self, net: Gossip, z: Array, held: Array, down: int) -> Array:
        """Who comes first."""
        first = held * (held.cumsum(axis=-2) == 1)
        return super().averaged(net, z, held, down) * 0 + (z * first).sum(axis=-2, keepdims=True)


class LateMasks(Pieces):
    """Masks of the next round; unseen where they stay."""

    def masks(self, t: int, n: int, s: State) -> tuple[Array, Array]:
        """One round ahead."""
        return super().masks(t + 1, n, s)


class OneSample(Pieces):
    """All local steps see one sample; unseen without noise and for T = 1."""

    def inner(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """xi for every xi_t."""
        return super().inner(o.held(), x, y, m_y)


class OtherReading(Pieces):
    """The principal block and the full Hessian change places."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """The other reading of (7)."""
        other = {"submodel": "full", "full": "submodel"}.get(self.hyper, self.hyper)
        return Pieces.hypergradient(dataclasses.replace(self, hyper=other), o, net, x, y, m_x, m_y)


class WrongImplicit(Pieces):
    """(7) of the submodel with one wrong factor; the other readings are left alone."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """From matrices."""
        if self.hyper != "submodel":
            return super().hypergradient(o, net, x, y, m_x, m_y)
        f_x, f_y = o.grad_x_f(x, y), (o.grad_y_f(x, y) * m_y)[..., None]
        held = m_y[..., :, None] * m_y[..., None, :]
        H = o.hess_yy_g(x, y) * held + np.eye(m_y.shape[-1], dtype=int) * (1 - m_y[..., None])
        return np.asarray(f_x - self.implicit(o.hess_xy_g(x, y), H, f_y)[..., 0])

    def implicit(self, C: Array, H: Array, f_y: Array) -> Array:
        """As it should be."""
        return np.asarray(C @ (inverse(H) @ f_y))


class Plus(WrongImplicit):
    """The implicit part has the wrong sign."""

    def implicit(self, C: Array, H: Array, f_y: Array) -> Array:
        """Added."""
        return -super().implicit(C, H, f_y)


class NoInverse(WrongImplicit):
    """The inverse Hessian is left out."""

    def implicit(self, C: Array, H: Array, f_y: Array) -> Array:
        """C f_y."""
        return np.asarray(C @ f_y)


class TransposedCross(WrongImplicit):
    """The cross block is transposed where it is square."""

    def implicit(self, C: Array, H: Array, f_y: Array) -> Array:
        """C' H^{-1} f_y."""
        C = np.swapaxes(C, -1, -2) if C.shape[-1] == C.shape[-2] else C
        return super().implicit(C, H, f_y)


class SendsEverything(Pieces):
    """Right values, but clients send whole vectors."""

    def averaged(self, net: Gossip, z: Array, held: Array, down: int) -> Array:
        """Zeros travel too."""
        before = net.traffic.floats
        mean = super().averaged(net, z, held, down)
        net.traffic.floats = before + net.network.n * (z.shape[-1] + down)
        return mean


class SendsSubmodels(Pieces):
    """Right values, but only submodels come down."""

    def averaged(self, net: Gossip, z: Array, held: Array, down: int) -> Array:
        """As many as came up."""
        return net.average(z, held)


class Extravagant(Pieces):
    """Right values, but a gradient is sampled and thrown away."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """One question too many."""
        o.grad_y_g(x, y)
        return super().hypergradient(o, net, x, y, m_x, m_y)


PLANTED = (
    Planted("other-sign", "the signs of (6) exchanged", OtherSign),
    Planted("over-everybody", "sums divided by N", OverEverybody),
    Planted("unmasked-gradient", "line 7 without the mask", UnmaskedGradient),
    Planted("unmasked-start", "local steps start at y_q", UnmaskedStart),
    Planted("old-lower", "hypergradient at y_q", OldLower),
    Planted("full-point", "hypergradient at the full model", FullPoint),
    Planted("one-step-more", "T + 1 local steps", OneStepMore),
    Planted("mean-of-steps", "G divided by T", MeanOfSteps),
    Planted("not-divided", "G not divided by beta", NotDivided),
    Planted("swapped-steps", "alpha and beta exchanged", SwappedSteps),
    Planted("zeroed", "uncovered coordinates set to 0", Zeroed),
    Planted("first-holder", "the first holder's value for the mean", FirstHolder),
    Planted("late-masks", "masks of the next round", LateMasks),
    Planted("one-sample", "one sample for all local steps", OneSample),
    Planted("other-reading", "principal block and full Hessian exchanged", OtherReading),
    Planted("plus", "plus the implicit part", Plus),
    Planted("no-inverse", "(7) without the inverse", NoInverse),
    Planted("transposed-cross", "the cross block transposed", TransposedCross),
    Planted("sends-everything", "whole vectors travel up", SendsEverything),
    Planted("sends-submodels", "submodels travel down", SendsSubmodels),
    Planted("extravagant", "a gradient thrown away", Extravagant),
)
