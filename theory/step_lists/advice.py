"""Step sizes to take, short decimals on the safe side, and a list's terms as a figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.step_lists.limits import Limit, NoLimit, Stable, stability
from spiritlevel.theory.step_lists.stepsize import Row, Rule, ceiling, floor

DIGITS = range(2, 16)  # of a suggested step; the fewest that fit between the bounds
SET = 1e-5  # relative; bounds from both sides that are nearer than this set the step to one value
SHARES = tuple(
    Fraction(1, 2) ** k for k in range(21)
)  # of the first step, tried where the largest leaves no room


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Steps to take, and on what grounds; without steps, why there are none."""

    statement: str
    """Whose list admits them, checked exactly; empty if none does and they rest on the stability limit alone."""
    steps: Mapping[str, Fraction]
    radius: float | None = None
    """The spectral radius there, if there is an exact stability limit; below 1 is stable."""
    reason: str = ""
    """Why the list gives no steps."""


def suggest(
    rule: Rule,
    constants: Constants,
    lam: Real,
    m: int,
    more: Mapping[str, Real],
    problem: SolvedProblem | None = None,
    network: Network | None = None,
) -> Suggestion:
    """Steps that a list admits, put to the list exactly, and to the stability limit if there is one; none that are unstable.

    Examples
    --------
    >>> from spiritlevel.theory.step_lists.admission import rule_of
    >>> c = Constants(mu_g=1, L_g=3, C_gxy=1, L_fx=1)
    >>> found = suggest(rule_of("interact/thm1-repaired"), c, Fraction(1, 2), 4, {})
    >>> {name: str(value) for name, value in found.steps.items()}
    {'beta': '1/4', 'alpha': '3/25000'}
    """
    missing = [name for name in rule.needs if name not in more]
    if missing:
        return Suggestion(statement=rule.statement, steps={}, reason=f"it needs {', '.join(missing)}")
    try:
        steps = admissible(rule, constants, lam, m, more)
    except (ArithmeticError, InputError) as error:
        return Suggestion(statement=rule.statement, steps={}, reason=f"it cannot be evaluated here: {error}")
    if not steps:
        told = f"no steps were found in it here{f', see {rule.room}' if rule.room else ''}"
        return Suggestion(statement=rule.statement, steps={}, reason=told)
    radius = None
    if problem is not None and network is not None:
        try:
            radius = Stable(rule, problem, network).radius(steps)
        except NoLimit:
            radius = None
    if radius is not None and stability(radius) is False:
        told = ", ".join(f"{name} = {float(value):.6g}" for name, value in steps.items())
        reason = f"what it admits is NOT stable here, spectral radius {radius:.6g} at {told}"
        return Suggestion(statement=rule.statement, steps={}, radius=radius, reason=reason)
    return Suggestion(statement=rule.statement, steps=steps, radius=radius)


def admissible(
    rule: Rule, constants: Constants, lam: Real, m: int, more: Mapping[str, Real]
) -> dict[str, Fraction]:
    """The largest steps of a list in few digits, rounded to the safe side; the first is halved until the others have room.

    Nothing if no share of the first step leaves room, which is no proof that the list is empty.
    """
    for share in SHARES:
        at: dict[str, Fraction] = {}
        for step in rule.order:
            rows = [row for row in rule.rows(constants, lam, m, at, more) if row.term.step == step]
            value = _short(rows, share if not at else Fraction(1))
            if value is None:
                break
            at[step] = value
        else:
            if all(row.allows for row in rule.rows(constants, lam, m, at, more)):
                return at
    return {}


def _short(rows: list[Row], share: Fraction) -> Fraction | None:
    """The largest decimal in the fewest digits between the bounds on a step, the least if only that exists; None if there is none."""
    step = rows[0].term.step
    low, top = floor(rows, step), ceiling(rows, step)
    if not top > 0:
        return None
    least = Fraction(low) / share if low > 0 else Fraction(1)
    exact = share * Fraction(top) if top < math.inf else least
    for digits in DIGITS:
        value = rounded_down(exact, digits) if top < math.inf else rounded_up(exact, digits)
        if all(_holds(row, value) for row in rows):
            return value
    return None


def _holds(row: Row, value: Fraction) -> bool:
    powered = value**row.term.power
    return bool(row.bound <= powered if row.term.lower else powered <= row.bound)


def rounded_down(value: Fraction, digits: int) -> Fraction:
    """A positive number cut to significant decimal digits.

    Examples
    --------
    >>> str(rounded_down(Fraction(2, 3), 2)), str(rounded_down(Fraction(1234), 2))
    ('33/50', '1200')
    """
    context = Context(prec=digits, rounding=ROUND_FLOOR)
    return Fraction(context.divide(Decimal(value.numerator), Decimal(value.denominator)))


def rounded_up(value: Fraction, digits: int) -> Fraction:
    """A positive number raised to significant decimal digits.

    Examples
    --------
    >>> str(rounded_up(Fraction(2, 3), 2)), str(rounded_up(Fraction(1), 2))
    ('67/100', '1')
    """
    context = Context(prec=digits, rounding=ROUND_CEILING)
    return Fraction(context.divide(Decimal(value.numerator), Decimal(value.denominator)))


def by_stability(stable: Stable, limit: Limit, refused: Suggestion | None) -> Suggestion | None:
    """Half the stability limit of the last step (twice, of an inverse one), for want of a list; by no theorem.

    What was refused stays where the limit is 0 or infinite, or where half of it is unstable all the same.
    """
    if not limit.found:
        return refused
    half = rounded_down(Fraction(limit.value) * 2 if limit.inverse else Fraction(limit.value) / 2, 2)
    steps = {name: Fraction(value) for name, value in limit.others.items()} | {limit.step: half}
    steps = {name: steps[name] for name in stable.rule.order}
    reason = f"{refused.statement}: {refused.reason}" if refused is not None else "no list repairs this one"
    radius = stable.radius(steps)
    if stability(radius) is False:
        return refused
    return Suggestion(statement="", steps=steps, radius=radius, reason=reason)


def step_bars(rows: Iterable[Row], step: str, limit: Limit | None = None, where: str = "") -> Bars:
    """The bounds on one step as bars, the smallest first, those that bind marked, against the exact limit.

    Bounds that are 0 or infinite have no bar; a rule that sets the step, so that it bounds it from both sides, has one.

    Parameters
    ----------
    rows
        Of `Rule.rows`.
    step
        Whose bounds.
    limit
        The exact stability limit of that step.
    where
        The setting, for the caption.

    Examples
    --------
    >>> from spiritlevel.theory.step_lists.admission import rule_of
    >>> rows = rule_of("interact/thm1").rows(Constants(mu_g=1, L_g=3, C_gxy=1, L_fx=1), Fraction(1, 2), 4)
    >>> bars = step_bars(rows, "beta")
    >>> bars.labels, bars.values, bars.marked
    (('1/(mu+L)', '3(mu+L)/(mu L)'), (0.25, 4.0), ('1/(mu+L)',))
    """
    own = sorted(
        (row for row in rows if row.term.step == step and 0 < row.limit < math.inf),
        key=lambda row: (row.term.lower, row.limit),
    )
    above = {row.term.name: row.limit for row in own if not row.term.lower}

    def name(row: Row) -> str:
        return row.term.name.removeprefix("at least ")

    set_by = {name(row) for row in own if row.term.lower and above.get(name(row), 0) < row.limit * (1 + SET)}
    set_by &= above.keys()
    own = [row for row in own if not (row.term.lower and name(row) in set_by)]
    labels = tuple(
        f"at least {name(row)}"
        if row.term.lower
        else f"set to {name(row)}"
        if name(row) in set_by
        else name(row)
        for row in own
    )
    has = limit is not None and 0 < limit.value < math.inf
    return Bars(
        title=f"Bounds on {step}",
        y_label=step,
        labels=labels,
        values=[row.limit for row in own],
        marked=tuple(label for label, row in zip(labels, own, strict=True) if row.binds),
        limit=limit.value if limit is not None and has else None,
        limit_label=f"exact stability limit, {limit.algorithm}" if limit is not None and has else "",
        caption=where,
    )
