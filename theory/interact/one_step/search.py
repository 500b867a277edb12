r"""One-step inequalities put to instances.

Each is a quadratic polynomial of the state :math:`(x, y, u, v)` on a quadratic problem, so it is decided for
all states at once, in exact rationals; curved problems, which satisfy every assumption, are attacked at
many random states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.forms import Decision, never_exceeds
from spiritlevel.theory.interact.one_step.cases import Case, curved_case, quadratic_case, tight_cases
from spiritlevel.theory.interact.one_step.terms import Inequality
from spiritlevel.theory.statement import Context, largest

TOLERANCE = 1e-10
"""Largest share of the terms' size that rounding in floats may make a true inequality fail by."""


@dataclass(frozen=True)
class Evidence:
    """What an inequality was put to, and the largest relative excess of each kind."""

    failing: int
    quadratics: int
    curved: float
    states: int

    @property
    def none_against(self) -> bool:
        """Whether nothing breaks the inequality; false if a number is missing."""
        return self.failing == 0 and self.curved <= TOLERANCE

    def __str__(self) -> str:
        """One clause."""
        if self.none_against:
            return f"{self.quadratics} rational quadratics for all states at once, {self.states} curved states: none against"
        return (
            f"{self.failing} of {self.quadratics} rational quadratics have a state that breaks it; worst relative excess "
            f"at {self.states} curved states {self.curved:.2g}"
        )


def gather(ctx: Context, inequality: Inequality, *, free: bool = False) -> Evidence:
    """Exact decisions on quadratics and random states of curved problems; `free` frees v as in `Case.pair`."""
    exact = [quadratic_case(ctx, k) for k in range(ctx.pick(4, 42))] + tight_cases(ctx)
    failing = sum(not decided(case, inequality, free=free).holds for case in exact)
    worst, problems, states = [], ctx.pick(12, 120), 100
    for k in range(problems):
        case = curved_case(ctx, k)
        rng = np.random.default_rng(ctx.seed("states", k))
        z = rng.standard_normal((states, case.coordinates(free=free))) * 10 ** rng.uniform(-2, 1, (states, 1))
        gap, size = _at(case, inequality, free)(z)
        worst.append(float((gap / size).max()))
    return Evidence(failing, len(exact), largest(worst), problems * states)


def decided(case: Case, inequality: Inequality, *, free: bool = False) -> Decision:
    """The exact decision on one rational quadratic, for all states at once."""
    return never_exceeds(_at(case, inequality, free), case.coordinates(free=free), "fmpq")


def _at(case: Case, inequality: Inequality, free: bool) -> Callable[[Array], tuple[Array, Array]]:
    return lambda z: inequality(case, *case.pair(z, free=free))
