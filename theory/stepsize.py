"""Step-size conditions as data: named terms, each with its value and whether it binds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError, unknown


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that a step-size condition may depend on; it never sees a problem.

    ``lam`` is the second-largest eigenvalue modulus, ``m`` the number of agents, ``steps`` the step
    sizes already chosen (conditions on one may involve another).
    """

    constants: Constants
    lam: Real
    m: int
    steps: Mapping[str, Real]

    def __post_init__(self) -> None:
        if not 0 <= self.lam < 1:
            raise InputError(f"lam is {self.lam}; the second-largest eigenvalue modulus must be in [0, 1)")
        if self.m < 1 or self.m != int(self.m):
            raise InputError(f"m is {self.m}; give a whole number of agents >= 1")


@dataclass(frozen=True)
class Term:
    """One upper bound in a list: ``step ** power <= bound(setting)``.

    Bounds with a square root are stated for the square (``power=2``), so that they stay exact.
    """

    name: str
    """As printed, in plain text."""
    step: str
    bound: Callable[[Setting], Real]
    power: Literal[1, 2] = 1
    serves: str = ""
    """Which coefficient of the proof needs it."""


@dataclass(frozen=True)
class Row:
    """A term with its value in a setting."""

    term: Term
    limit: float
    """The largest step the term allows; inf where it never binds."""
    binds: bool
    allows: bool | None
    """Whether the step given satisfies it (compared exactly); None if none was given."""


@dataclass(frozen=True)
class Rule:
    """The step-size list of a statement; ``order`` says which step is chosen first."""

    statement: str
    order: tuple[str, ...]
    terms: tuple[Term, ...]

    def rows(
        self, constants: Constants, lam: Real, m: int, at: Mapping[str, Real] | None = None
    ) -> list[Row]:
        """Every term with its value; steps that are not given are taken at their largest.

        Raises
        ------
        InputError
            For an unknown or non-positive step, or a setting out of range.
        """
        given = dict(at or {})
        for name, value in given.items():
            if name not in self.order:
                raise unknown("step size", name, self.order)
            if not 0 < value < math.inf:
                raise InputError(f"{name} is {value}; give a step size > 0")
        chosen: dict[str, Real] = {}
        rows: list[Row] = []
        for step in self.order:
            setting = Setting(constants=constants, lam=lam, m=m, steps=dict(chosen))
            terms = [t for t in self.terms if t.step == step]
            bounds = [t.bound(setting) for t in terms]
            limits = [_root(b, t.power) for t, b in zip(terms, bounds, strict=True)]
            smallest = min(limits)
            for term, bound, limit in zip(terms, bounds, limits, strict=True):
                allows = given[step] ** term.power <= bound if step in given else None
                rows.append(Row(term, limit, limit == smallest, allows))
            best = limits.index(smallest)
            chosen[step] = given.get(step, bounds[best] if terms[best].power == 1 else smallest)
        return rows

    def largest(
        self, constants: Constants, lam: Real, m: int, at: Mapping[str, Real] | None = None
    ) -> dict[str, Real]:
        """The largest admissible value of each step, in order (given steps are kept as they are)."""
        rows = self.rows(constants, lam, m, at)
        out: dict[str, Real] = {}
        for step in self.order:
            out[step] = (at or {}).get(step, min(row.limit for row in rows if row.term.step == step))
        return out


def _root(bound: Real, power: int) -> float:
    value = float(bound)
    return math.sqrt(value) if power == 2 else value


def over(numerator: Real, denominator: Real) -> Real:
    """The quotient, with ``a / 0 = inf``: a bound that never binds, as when a constant is 0.

    Examples
    --------
    >>> over(1, 0)
    inf
    """
    return math.inf if denominator == 0 else 0 if denominator == math.inf else numerator / denominator
