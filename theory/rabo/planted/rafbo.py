"""Wrong versions of RAFBO, each by one small change."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.rabo import State
from spiritlevel.core.algorithms.rafbo import RAFBO
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.planted import Planted
from spiritlevel.theory.rabo.planted.parts import FinitePieces
from spiritlevel.theory.rabo.planted.rabo import FullPoint, OldLower, OverEverybody, Zeroed


class NotDivided(FinitePieces):
    """Differences are not divided by mu."""

    def quotient(self, up: Array, base: Array, last: Array) -> Any:
        """Only the difference."""
        return up - base


class NextBase(FinitePieces):
    """The base is the last probe, not the unmoved point; unseen for one coordinate."""

    def quotient(self, up: Array, base: Array, last: Array) -> Any:
        """From probe to probe."""
        return (up - last) / self.mu


class Minus(FinitePieces):
    """Line 7 subtracts, as (7) does."""

    def quotient(self, up: Array, base: Array, last: Array) -> Any:
        """The other sign."""
        return (base - up) / self.mu


class FreshSamples(FinitePieces):
    """Every probe draws a sample of its own; unseen without noise."""

    def sample(self, o: Oracle) -> Oracle:
        """No common random numbers."""
        return o


class FirstCoordinate(FinitePieces):
    """The first coordinate of the submodel alone."""

    def directions(self, m_x: Array) -> list[Array]:
        """One probe."""
        return super().directions(m_x)[:1]


class AllAtOnce(FinitePieces):
    """One probe along the sum of the coordinates."""

    def directions(self, m_x: Array) -> list[Array]:
        """The mask."""
        return [m_x]


class NotItsOwn(FinitePieces):
    """All coordinates of the full model are probed: right values, more work; unseen where all are held."""

    def directions(self, m_x: Array) -> list[Array]:
        """Held or not."""
        return super().directions(np.ones_like(m_x))


class OtherDifference(FinitePieces):
    """The gradient and the loop change places."""

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """The other one."""
        other = "loop" if self.difference == "gradient" else "gradient"
        return RAFBO.probed(dataclasses.replace(self, difference=other), o, x, y, m_y)


class UnmaskedProbe(FinitePieces):
    """Gradients are those of the full model, not of the submodel."""

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """All coordinates of y."""
        return super().probed(o, x, y, np.ones_like(m_y))


class OneStepMore(FinitePieces):
    """The inner loop makes T_h + 1 steps; the gradient is not touched."""

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """One more."""
        return RAFBO.probed(dataclasses.replace(self, T_h=self.T_h + 1), o, x, y, m_y)


class Central(FinitePieces):
    """Central differences: the same values for affine gradients, more work."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """Both sides."""
        h, f_y, sample = o.grad_x_f(x, y), o.grad_y_f(x, y), self.sample(o)
        for e in self.directions(m_x):
            up, down = (self.probed(sample, x + side * self.mu * e, y, m_y) for side in (1, -1))
            h = h + ((up - down) / (2 * self.mu) * f_y).sum(axis=-1, keepdims=True) * e
        return h


class LowerAscends(FinitePieces):
    """The signs of (6) change places."""

    def lower(self, s: State, net: Gossip, G: Array, m_y: Array) -> Array:
        """Ascends where it should descend."""
        return super().lower(s, net, -G, m_y)


class FiniteOverEverybody(OverEverybody, FinitePieces):
    """RAFBO's."""


class FiniteOldLower(OldLower, FinitePieces):
    """RAFBO's."""


class FiniteFullPoint(FullPoint, FinitePieces):
    """RAFBO's."""


class FiniteZeroed(Zeroed, FinitePieces):
    """RAFBO's."""


PLANTED = (
    Planted("not-divided", "differences not divided by mu", NotDivided),
    Planted("next-base", "differences from probe to probe", NextBase),
    Planted("minus", "line 7 with a minus", Minus),
    Planted("fresh-samples", "a sample of its own for every probe", FreshSamples),
    Planted("first-coordinate", "one coordinate only", FirstCoordinate),
    Planted("all-at-once", "one probe along all coordinates", AllAtOnce),
    Planted("not-its-own", "coordinates that the client does not hold are probed", NotItsOwn),
    Planted("other-difference", "gradient and loop exchanged", OtherDifference),
    Planted("unmasked-probe", "gradients of the full model", UnmaskedProbe),
    Planted("one-step-more", "T_h + 1 steps", OneStepMore),
    Planted("central", "central differences", Central),
    Planted("other-sign", "the signs of (6) exchanged", LowerAscends),
    Planted("over-everybody", "sums divided by N", FiniteOverEverybody),
    Planted("old-lower", "hypergradient at y_q", FiniteOldLower),
    Planted("full-point", "hypergradient at the full model", FiniteFullPoint),
    Planted("zeroed", "uncovered coordinates set to 0", FiniteZeroed),
)
