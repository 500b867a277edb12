"""A step-size list put to a problem or to constants: what it admits, how far that is from instability, what to take."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import laplacian, modulus
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.ledger import collect, statements
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.step_lists.advice import Suggestion, admissible, by_stability, step_bars, suggest
from spiritlevel.theory.step_lists.dominance import COUNTS, Reach, always_empty, reaches
from spiritlevel.theory.step_lists.limits import Limit, NoLimit, Say, Stable
from spiritlevel.theory.step_lists.stepsize import Row, Rule, Term, ceiling, emptied, floor, reads
from spiritlevel.theory.step_lists.units import Measured, units

if TYPE_CHECKING:
    from spiritlevel.theory.statement import Statement


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What a step-size list says in one setting."""

    statement: Statement
    rule: Rule
    constants: Constants
    lam: Real
    m: int
    more: Mapping[str, Real]
    """Quantities beyond the constants that the list needs."""
    at: Mapping[str, Real]
    """The steps that were asked about."""
    rows: tuple[Row, ...]
    """In the order of the steps; of each the upper bounds, the smallest first, then the lower ones, the largest first."""
    largest: Mapping[str, float]
    """What the upper bounds allow each step; one chosen later depends on those chosen before it."""
    reach: Mapping[Term, Reach]
    """Whether a term is proved never to bind alone, for all positive constants."""
    units: Mapping[Term, Measured]
    violated: tuple[str, ...] = ()
    """Assumptions of the statement that the problem violates; empty without a problem."""
    empty: str | None = None
    """A step that no value satisfies, the earlier ones as in ``rows``; None if there is room."""
    surely: bool = False
    """Whether it is so for any choice of the earlier steps that were not asked about."""
    room: Mapping[str, Fraction] = field(default_factory=dict)
    """Where no step was asked about and the list is empty, steps that it admits with smaller earlier ones, if found."""
    always_empty: tuple[Term, Term] | None = None
    """A lower and an upper bound that no positive constants reconcile; None where that is not so, or not proved."""
    limits: tuple[Limit, ...] = ()
    """Exact stability limits, that of the step chosen last at the end."""
    no_limit: str = ""
    """Why there is no stability limit."""
    radius: float | None = None
    """The spectral radius at the steps that were asked about, if all were given; below 1 is stable."""
    suggestion: Suggestion | None = None

    @property
    def admissible(self) -> bool | None:
        """Whether every term allows the given steps; None if none was given."""
        answers = [row.allows for row in self.rows if row.allows is not None]
        return all(answers) if answers else None

    @property
    def limit(self) -> Limit | None:
        """The stability limit of the step chosen last; None if there is none."""
        return self.limits[-1] if self.limits else None

    @property
    def contradiction(self) -> tuple[Row, Row] | None:
        """Of a step that no value satisfies the largest lower bound and the smallest upper one; None if there is room."""
        own = [row for row in self.rows if row.term.step == self.empty]
        lower = next((row for row in own if row.term.lower and row.binds), None)
        return (
            None if lower is None else (lower, next(row for row in own if row.binds and not row.term.lower))
        )


def rules() -> dict[str, Rule]:
    """Every list of step sizes in the ledger, by its statement; a part of a list that stands beside it is none.

    Raises
    ------
    RuntimeError
        If two lists of one statement differ otherwise.

    Examples
    --------
    >>> "interact/thm1" in rules()
    True
    """
    found: dict[str, Rule] = {}
    for rule in sorted(collect(Rule), key=lambda rule: -len(rule.terms)):
        whole = found.setdefault(rule.statement, rule)
        if not set(rule.terms) <= set(whole.terms):
            raise RuntimeError(f"two lists are of {rule.statement!r}, and neither is a part of the other")
    return dict(sorted(found.items()))


def rule_of(statement: str) -> Rule:
    """The step-size list of a statement; `InputError` with suggestions if it has none."""
    known = rules()
    if statement not in known:
        if statement in statements():
            raise InputError(
                f"statement {statement!r} has no list of step sizes; those that have: {', '.join(known)}"
            )
        raise unknown("statement", statement, known)
    return known[statement]


def remedy_of(
    rule: Rule, ledger: Mapping[str, Statement] | None = None, known: Mapping[str, Rule] | None = None
) -> Rule | None:
    """The list to take instead: itself if it is a repaired one, else what repairs it, else itself unless it is refuted.

    Who asks for many gives the `statements` and `rules` that were collected once.

    Examples
    --------
    >>> [remedy_of(rule_of(id)).statement for id in ("interact/thm1", "interact/thm1-enlarged")]
    ['interact/thm1-repaired', 'interact/thm1-enlarged']
    """
    ledger = statements() if ledger is None else ledger
    known = rules() if known is None else known
    own = ledger[rule.statement]
    if own.variant == "repaired":
        return rule
    repairing = [id for id in known if ledger[id].repairs == own.id]
    usual = f"{own.id}-repaired"
    best = usual if usual in repairing else next(iter(repairing), rule.remedy)
    if best:
        return known[best]
    return None if own.expected.value in ("refuted", "vacuous") else rule


def setting(
    rule: Rule, given: Mapping[str, Real], network: Network | None
) -> tuple[Constants, Real, int, dict[str, Real]]:
    """Constants, ``lam``, ``m`` and what else the rule needs, from values by name.

    A network gives lam and m, and its Laplacian's ``sigma_min`` and ``sigma_max`` to a rule that needs them.
    """
    values = dict(given)
    if network is not None:
        least, most = laplacian(network)
        known: dict[str, Real] = {
            "lam": modulus(network),
            "m": Fraction(network.n),
            "sigma_min": least,
            "sigma_max": most,
        }
        for name, value in known.items():
            if name in values:
                raise InputError(f"{name} is given and the network has its own; leave one of them out")
            if name in ("lam", "m", *rule.needs):
                values[name] = value
    known_as = {"mu_g": "mu", "L_g": "L"}
    given_as = {known_as.get(name, name) for name in values}
    missing = [name for name in ("mu", "L", "lam", "m", *rule.needs) if name not in given_as]
    if len(missing) > 1:
        by_network = ", or a network, which has its own lam and m" if "lam" in missing else ""
        raise InputError(
            f"{', '.join(missing[:-1])} and {missing[-1]} are missing; give them among the constants{by_network}"
        )
    for name, what in (("lam", "the second-largest eigenvalue modulus of W"), ("m", "the number of agents")):
        if name not in values:
            raise InputError(f"{name} is missing; give {what} among the constants, or a network")
    lam, m = values.pop("lam"), values.pop("m")
    if m != int(m):
        raise InputError(f"m is {m}; give a whole number of agents >= 1")
    more = {name: values.pop(name) for name in rule.needs if name in values}
    for name, value in more.items():
        if name in COUNTS and (value < 1 or value % 1 != 0):
            raise InputError(f"{name} is {value}; give a whole number >= 1")
        if not value > 0:
            raise InputError(f"{name} is {value}; give a number > 0")
    if more.get("sigma_min", 0) > more.get("sigma_max", math.inf):
        raise InputError(f"sigma_min is {more['sigma_min']}, more than sigma_max = {more['sigma_max']}")
    return Constants.parse(values), lam, int(m), more


def examine(
    rule: Rule,
    constants: Constants,
    lam: Real,
    m: int,
    more: Mapping[str, Real],
    at: Mapping[str, Real],
    problem: SolvedProblem | None = None,
    network: Network | None = None,
    say: Say | None = None,
) -> Admission:
    """Evaluate a list; with a problem and its network, also its assumptions and the stability limit.

    ``say`` is told what is being computed.

    Raises
    ------
    InputError
        If a step is unknown or not positive, or the setting is out of range.
    """
    try:
        rows = rule.rows(constants, lam, m, at, more)
    except ArithmeticError as error:
        told = error if type(error) is ArithmeticError else "floats cannot hold a bound"
        raise InputError(f"the list of {rule.statement} cannot be evaluated here: {told}") from error
    bounds = {step: (floor(rows, step), ceiling(rows, step)) for step in rule.order}
    statement = statements()[rule.statement]
    stable: Stable | None = None
    reason, radius = "", None
    limits: tuple[Limit, ...] = ()
    if problem is not None and network is not None:
        try:
            stable = Stable(rule, problem, network, say)
            radius = stable.radius(at) if set(at) == set(rule.order) else None
            limits = stable.limits(at, bounds)
        except NoLimit as error:
            reason = str(error)
    remedy = remedy_of(rule)
    suggestion = suggest(remedy, constants, lam, m, more, problem, network) if remedy else None
    if stable is not None and limits and not (suggestion and suggestion.steps):
        suggestion = by_stability(stable, limits[-1], suggestion)
    empty, never = emptied(rows, rule.order), always_empty(rule)
    free = set(rule.order) - set(at)
    return Admission(
        statement=statement,
        rule=rule,
        constants=constants,
        lam=lam,
        m=m,
        more=dict(more),
        at=dict(at),
        rows=tuple(sorted(rows, key=lambda row: _place(rule, row))),
        largest={step: high for step, (_, high) in bounds.items()},
        reach=reaches(rule),
        units=units(rule),
        violated=audit(statement.assumptions, [problem]) if problem is not None else (),
        empty=empty,
        surely=empty is not None
        and (never is not None or not free & reads(rule, empty, rows, constants, lam, m, at, more)),
        room=admissible(rule, constants, lam, m, more) if empty is not None and not at else {},
        always_empty=never,
        limits=limits,
        no_limit=reason,
        radius=radius,
        suggestion=suggestion,
    )


def pictured(
    rule: Rule, problem: SolvedProblem, network: Network, more: Mapping[str, Real] | None = None
) -> Bars:
    """The bounds on the step that a list chooses last against its exact stability limit, on one problem.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> bars = pictured(rule_of("interact/thm1"), random_quadratic(1, 4, 1, 1), named("ring:4"))
    >>> bars.y_label, bars.limit > max(bars.values[:3]), bars.limit_label
    ('alpha', True, 'exact stability limit, interact')
    """
    given = dataclasses.asdict(problem.constants) | dict(more or {})
    constants, lam, m, needed = setting(rule, given, network)
    rows = rule.rows(constants, lam, m, more=needed)
    bounds = {step: (floor(rows, step), ceiling(rows, step)) for step in rule.order}
    step = rule.order[-1]
    limit = Stable(rule, problem, network).limit(step, {}, bounds, certify=False)
    return step_bars(rows, step, limit, f"{rule.statement} on {problem.name}, {network.name}.")


def _place(rule: Rule, row: Row) -> tuple[int, bool, float]:
    lower = row.term.lower
    return rule.order.index(row.term.step), lower, -row.limit if lower else row.limit
