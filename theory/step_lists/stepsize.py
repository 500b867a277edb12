"""Step-size conditions as data: named terms, each with its value and whether it binds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem

OneStep = Callable[[Algorithm, SolvedProblem, Network], Array]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that a step-size condition may depend on; it never sees a problem.

    ``lam`` is the second-largest eigenvalue modulus, ``m`` the number of agents, ``steps`` the step
    sizes already chosen (conditions on one may involve another), ``more`` other quantities by name, such
    as a horizon T.
    """

    constants: Constants
    lam: Real
    m: int
    steps: Mapping[str, Real]
    more: Mapping[str, Real] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.lam < 1:
            raise InputError(f"lam is {self.lam}; the second-largest eigenvalue modulus must be in [0, 1)")
        if self.m < 1 or self.m != int(self.m):
            raise InputError(f"m is {self.m}; give a whole number of agents >= 1")


@dataclass(frozen=True)
class Term:
    """One bound in a list: ``step ** power <= bound(setting)``, or ``>=`` for a lower bound.

    Bounds with a square root are stated for the square (``power=2``), so that they stay exact.
    """

    name: str
    """As printed, in plain text."""
    step: str
    bound: Callable[[Setting], Real]
    power: Literal[1, 2] = 1
    serves: str = ""
    """Which coefficient of the proof needs it."""
    lower: bool = False
    """A lower bound: ``step ** power >= bound(setting)``."""


@dataclass(frozen=True)
class Row:
    """A term with its value in a setting."""

    term: Term
    limit: float
    """The largest step the term allows (the least, for a lower bound); inf where it never binds."""
    binds: bool
    """Whether it is the strictest of its side; a bound that excludes no positive step never is."""
    allows: bool | None
    """Whether the step given satisfies it (compared exactly); None if none was given."""
    bound: Real
    """The exact bound, on the step or, where the term's power is 2, on its square."""


@dataclass(frozen=True)
class Rule:
    """The step-size list of a statement.

    ``order`` says which step is chosen first; ``algorithm`` and ``settings`` whose exact stability limit
    the list is compared with; ``needs`` which quantities beyond the constants, lam and m its terms use.
    """

    statement: str
    order: tuple[str, ...]
    terms: tuple[Term, ...]
    algorithm: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    fitted: Callable[[Constants], Mapping[str, Any]] | None = None
    """Settings that follow from the constants, such as a Lipschitz constant that the algorithm divides by."""
    matrix: OneStep | None = None
    """The matrix whose spectral radius decides stability, where it is not that of the step's affine map."""
    no_limit: str = ""
    """Why there is no exact stability limit, where no problem has one."""
    units: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Units of steps and needed quantities in f, g and length, in addition to `spiritlevel.theory.step_lists.units.USUAL`."""
    room: str = ""
    """The statement that says for which constants the list is empty."""
    never: str = ""
    """The statement about terms that never bind."""
    remedy: str = ""
    """The statement whose list to use instead, where none repairs this one."""

    def rows(
        self,
        constants: Constants,
        lam: Real,
        m: int,
        at: Mapping[str, Real] | None = None,
        more: Mapping[str, Real] | None = None,
    ) -> list[Row]:
        """Every term with its value; steps that are not given are taken at their largest, see `taken`.

        Raises
        ------
        InputError
            For an unknown or non-positive step, a missing quantity, or a setting out of range.
        ArithmeticError
            For a bound that floats cannot hold.
        """
        given = dict(at or {})
        for name in self.needs:
            if name not in (more or {}):
                raise InputError(f"{name} is missing; the list of {self.statement} needs it")
        for name, value in given.items():
            if name not in self.order:
                raise unknown("step size", name, self.order)
            if not 0 < value < math.inf:
                raise InputError(f"{name} is {value}; give a step size > 0")
        chosen: dict[str, Real] = {}
        rows: list[Row] = []
        for step in self.order:
            setting = Setting(constants=constants, lam=lam, m=m, steps=dict(chosen), more=dict(more or {}))
            terms = [t for t in self.terms if t.step == step]
            bounds = [_defined(t, setting) for t in terms]
            limits = [root_below(b, t.power) for t, b in zip(terms, bounds, strict=True)]
            top = min((v for v, t in zip(limits, terms, strict=True) if not t.lower), default=math.inf)
            least = max((v for v, t in zip(limits, terms, strict=True) if t.lower), default=0.0)
            for term, bound, limit in zip(terms, bounds, limits, strict=True):
                allows = _allows(term, bound, given[step]) if step in given else None
                binds = 0 < limit == least if term.lower else limit == top < math.inf
                rows.append(Row(term, limit, binds, allows, bound))
            ties = [row for row in rows if row.term.step == step and row.binds and not row.term.lower]
            exact = bool(ties) and all(row.term.power == 1 for row in ties)
            largest = min(row.bound for row in ties) if exact else taken(least, top)
            chosen[step] = given.get(step, largest)
        return rows

    def largest(
        self,
        constants: Constants,
        lam: Real,
        m: int,
        at: Mapping[str, Real] | None = None,
        more: Mapping[str, Real] | None = None,
    ) -> dict[str, Real]:
        """The largest value that the upper bounds allow each step, in order (given steps stay)."""
        rows = self.rows(constants, lam, m, at, more)
        return {step: (at or {}).get(step, ceiling(rows, step)) for step in self.order}


def _defined(term: Term, setting: Setting) -> Real:
    with np.errstate(invalid="ignore"):  # a problem's constants may be numpy's floats
        bound = term.bound(setting)
    if isinstance(bound, float) and math.isnan(bound):
        infinite = [
            f.name for f in fields(setting.constants) if getattr(setting.constants, f.name) == math.inf
        ]
        raise ArithmeticError(f"{term.name} is undefined with {' = '.join([*infinite, 'inf'])}")
    return bound


def ceiling(rows: Iterable[Row], step: str) -> float:
    """The largest value that the upper bounds on a step allow."""
    own = (row.limit for row in rows if row.term.step == step and not row.term.lower)
    return min(own, default=math.inf)


def floor(rows: Iterable[Row], step: str) -> float:
    """The least value that the lower bounds on a step allow; 0 without any."""
    return max((row.limit for row in rows if row.term.step == step and row.term.lower), default=0.0)


def taken(low: float, high: float) -> float:
    """What stands for a step that is not given: its largest value, or its least where only that is a positive number.

    Examples
    --------
    >>> taken(0.5, 2.0), taken(0.5, math.inf), taken(-1.0, math.inf)
    (2.0, 0.5, inf)
    """
    return low if high == math.inf and low > 0 else high


def reads(
    rule: Rule,
    step: str,
    rows: Iterable[Row],
    constants: Constants,
    lam: Real,
    m: int,
    at: Mapping[str, Real],
    more: Mapping[str, Real],
) -> set[str]:
    """The earlier steps that the bounds on a step look at, in the setting of ``rows``."""
    listed, asked = list(rows), set()

    class Noted(dict[str, Real]):
        def __getitem__(self, name: str) -> Real:
            asked.add(name)
            return super().__getitem__(name)

    before = rule.order[: rule.order.index(step)]
    chosen = Noted({b: at.get(b, taken(floor(listed, b), ceiling(listed, b))) for b in before})
    setting = Setting(constants=constants, lam=lam, m=m, steps=chosen, more=more)
    for term in rule.terms:
        if term.step == step:
            term.bound(setting)
    return asked


def emptied(rows: Iterable[Row], order: Iterable[str]) -> str | None:
    """The first step that no value satisfies, the earlier ones as they were chosen for ``rows``; or None.

    Another choice of the earlier steps may leave room: that no choice does is a statement of its own.
    """
    listed = list(rows)
    for step in order:
        if floor(listed, step) > ceiling(listed, step) or ceiling(listed, step) <= 0:
            return step
    return None


def _allows(term: Term, bound: Real, value: Real) -> bool:
    powered = value**term.power
    return bool(bound <= powered if term.lower else powered <= bound)


def root_below(bound: Real, power: int) -> float:
    """A bound on a step, from that on its power, rounded down so that it satisfies the exact one.

    A negative bound on a square stands for itself: nothing is below it, everything above.
    """
    value = math.sqrt(bound) if power == 2 and bound > 0 else float(bound)
    if value == 0 < bound:
        raise ArithmeticError("a bound is smaller than any positive float")
    while 0 < value < math.inf and Fraction(value) ** power > bound:
        value = math.nextafter(value, 0)
    return value


def over(numerator: Real, denominator: Real) -> Real:
    """The quotient, with ``a / 0 = inf``: a bound that never binds, as when a constant is 0.

    Examples
    --------
    >>> over(1, 0)
    inf
    """
    return math.inf if denominator == 0 else 0 if denominator == math.inf else numerator / denominator
