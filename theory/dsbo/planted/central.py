"""Wrong versions of the central-server variant: its own, and those of DSBO that have nothing to do with mixing."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.algorithms.dsbo import State
from spiritlevel.core.algorithms.dsbo_central import DSBOCentral
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.dsbo.planted import dsbo
from spiritlevel.theory.planted import Planted


class OneAgent(DSBOCentral):
    """The server hears the first agent only: nothing is averaged."""

    def ask(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """One agent's samples, for all."""
        return [np.broadcast_to(z[:, :1], z.shape) for z in super().ask(o, x, y)]


class OneHessian(DSBOCentral):
    """One Hessian sample serves all b averages."""

    def ask(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """The first Hessian, b times."""
        asked = super().ask(o, x, y)
        return asked[:5] + asked[4:5] * (self.b - 1)


class Total(DSBOCentral):
    """The server adds and forgets to divide by K."""

    def collect(self, s: State, o: Oracle, net: Gossip) -> list[Array]:
        """Sums."""
        return [o.problem.n * z for z in super().collect(s, o, net)]


class TwoRounds(DSBOCentral):
    """Agents fetch x and y in a round of their own: right values."""

    def collect(self, s: State, o: Oracle, net: Gossip) -> list[Array]:
        """Twice the messages."""
        net.average(np.broadcast_to(s.x, (len(s.x), o.problem.n, s.x.shape[-1])))
        return super().collect(s, o, net)


class Plus(DSBOCentral, dsbo.Plus):
    """s + u q h."""


class NoInverse(DSBOCentral, dsbo.NoInverse):
    """u h."""


class NoDelay(DSBOCentral, dsbo.NoDelay):
    """x moves along the averages at t + 1."""


class Sum(DSBOCentral, dsbo.Sum):
    """1 - beta is missing."""


class SampleForgets(DSBOCentral, dsbo.SampleForgets):
    """beta and 1 - beta change places."""


class LateClock(DSBOCentral, dsbo.LateClock):
    """(6) starts at t = 1."""


class NotDivided(DSBOCentral, dsbo.NotDivided):
    """q without 1/L_g."""


PLANTED = (
    Planted("one-agent", "the first agent's samples only", OneAgent),
    Planted("one-hessian", "one Hessian sample for all b", OneHessian),
    Planted("total", "sums in the place of means", Total),
    Planted("two-rounds", "two rounds per iteration", TwoRounds),
    Planted("plus", "s + u q h", Plus),
    Planted("no-inverse", "u h", NoInverse),
    Planted("no-delay", "x moves along the averages at t + 1", NoDelay),
    Planted("sum", "1 - beta missing", Sum),
    Planted("sample-forgets", "beta and 1 - beta exchanged", SampleForgets),
    Planted("late-clock", "(6) from t = 1 on", LateClock),
    Planted("not-divided", "q without 1/L_g", NotDivided),
)
