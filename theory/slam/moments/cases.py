"""Exact averages of what (10) measures, for a graph, a number of iterations, step sizes and curvatures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, wraps

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.slam.moments.modes import Modes, averages, split
from spiritlevel.theory.slam.moments.rules import Rule, theorem1
from spiritlevel.theory.slam.moments.scalar import CURVED, Curvatures, graph, measures, problem, spectrum
from spiritlevel.theory.statement import Check, Context, Finding, Method, Verdict

CHANNELS: tuple[Channel, ...] = ("grad_x_f", "grad_y_g")
"""What carries noise: h_f and h_g."""


@dataclass(frozen=True)
class Case:
    """One exact run: a graph, T = 2^doublings, step sizes, curvatures, noise."""

    shape: str
    n: int
    doublings: int
    rule: Rule = theorem1
    curvatures: Curvatures = CURVED
    shared: bool = True
    sigma: float = 1.0

    @property
    def T(self) -> float:
        """Iterations."""
        return 2.0**self.doublings

    def algorithm(self, kind: type[Algorithm]) -> Algorithm:
        """With its hyper-parameters."""
        return kind(**self.rule(self.T, self.n, spectrum(self.shape, self.n)[-1]))

    def modes(self, kind: type[Algorithm]) -> Modes:
        """The maps."""
        given = problem(self.shape, self.n, self.curvatures, self.shared)
        return split(self.algorithm(kind), given, graph(self.shape, self.n), CHANNELS)


@dataclass(frozen=True, eq=False)
class Measured:
    """Averages over r = 1..T of `MEASURES`, each shape ``(5,)``: without noise, and what noise adds.

    ``common_..``: the shares of the constant mode. ``floor``: what the last step's noise alone gives the consensus
    parts, ``(2,)``; ``gap`` of `Modes`.
    """

    mean: Array
    noise: Array
    common_mean: Array
    common_noise: Array
    floor: Array
    gap: float

    @property
    def total(self) -> Array:
        """Both parts."""
        return self.mean + self.noise

    @property
    def apart(self) -> tuple[Array, Array]:
        """Without the constant mode: without noise, and what noise adds."""
        return self.mean - self.common_mean, self.noise - self.common_noise


@cache
def measured(kind: type[Algorithm], case: Case) -> Measured:
    """The exact averages of a case."""
    modes = case.modes(kind)
    rows = measures(modes, case.curvatures, case.shared)
    constant = rows * (np.arange(case.n) == 0)[:, None]
    sigma: dict[Channel, float] = dict.fromkeys(CHANNELS, case.sigma)
    found = averages(modes, np.concatenate([rows, constant]), sigma, case.doublings)
    added = (modes.N * case.sigma) ** 2
    floor = [modes.eigenvalues @ added[:, modes.fields.index(f)].sum(axis=1) for f in ("x", "y")]
    mean, noise = found.mean[-1], found.noise[-1]
    return Measured(mean[:5], noise[:5], mean[5:], noise[5:], np.array(floor), modes.gap)


def kind_of(ctx: Context, name: str) -> type[Algorithm]:
    """The class under that name, or the one that stands in for it."""
    return type(ctx.algorithm(name)())


def stable(check: Check) -> Check:
    """A check of a rate, which an algorithm that grows beyond all numbers fails."""

    @wraps(check)
    def checked(ctx: Context) -> Finding:
        try:
            return check(ctx)
        except Unstable as error:
            return Finding(verdict=Verdict.REFUTED, method=Method.MOMENTS, summary=f"no rate: {error}")

    return checked
