"""A step-size list put to a problem or to constants: what it admits, and how far that is from instability."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import laplacian, modulus
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.ledger import collect, statements
from spiritlevel.theory.stepsize import Row, Rule, ceiling, emptied

if TYPE_CHECKING:
    from spiritlevel.theory.statement import Statement

LARGEST_STATE = 1500  # numbers in a state; the limit takes about 180 spectra of a matrix of this size


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The exact stability limit of one step size, the others held fixed."""

    algorithm: str
    step: str
    others: Mapping[str, Real]
    value: float
    """The smallest step that is not stable; inf if none up to 1e4 is found."""
    admitted: float
    """The largest step that the list admits."""

    @property
    def conservatism(self) -> float:
        """How many times larger than the admitted step the limit is."""
        return self.value / self.admitted if self.admitted > 0 else float("inf")


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What a step-size list says in one setting."""

    statement: Statement
    constants: Constants
    lam: Real
    m: int
    at: Mapping[str, Real]
    """The steps that were asked about."""
    rows: tuple[Row, ...]
    largest: Mapping[str, float]
    """The largest admissible steps; one chosen later depends on those chosen before it."""
    violated: tuple[str, ...] = ()
    """Assumptions of the statement that the problem violates; empty without a problem."""
    empty: str | None = None
    """A step that no value satisfies, the earlier ones as in ``rows``; None if there is room."""
    limit: Limit | None = None
    no_limit: str = ""
    """Why there is no stability limit."""

    @property
    def admissible(self) -> bool | None:
        """Whether every term allows the given steps; None if none was given."""
        answers = [row.allows for row in self.rows if row.allows is not None]
        return all(answers) if answers else None


def rule_of(statement: str) -> Rule:
    """The step-size list of a statement; `InputError` with suggestions if it has none."""
    rules = {rule.statement: rule for rule in collect(Rule)}
    if statement not in rules:
        if statement in statements():
            known = ", ".join(sorted(rules))
            raise InputError(f"statement {statement!r} has no list of step sizes; those that have: {known}")
        raise unknown("statement", statement, rules)
    return rules[statement]


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
    for name, what in (("lam", "the second-largest eigenvalue modulus of W"), ("m", "the number of agents")):
        if name not in values:
            raise InputError(f"{name} is missing; give {what} among the constants, or a network")
    lam, m = values.pop("lam"), values.pop("m")
    if m != int(m):
        raise InputError(f"m is {m}; give a whole number of agents >= 1")
    more = {name: values.pop(name) for name in rule.needs if name in values}
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
) -> Admission:
    """Evaluate a list; with a problem and its network, also its assumptions and the stability limit.

    Raises
    ------
    InputError
        If a step is unknown or not positive, or the setting is out of range.
    """
    try:
        rows = tuple(rule.rows(constants, lam, m, at, more))
    except ArithmeticError as error:
        raise InputError(f"the list of {rule.statement} cannot be evaluated here: {error}") from error
    largest = {step: ceiling(rows, step) for step in rule.order}
    statement = statements()[rule.statement]
    empty = emptied(rows, rule.order)
    limit, reason = None, f"the list admits no {empty}" if empty else ""
    if empty is None and problem is not None and network is not None:
        limit, reason = _limit(rule, dict(at), largest, problem, network)
    return Admission(
        statement=statement,
        constants=constants,
        lam=lam,
        m=m,
        at=dict(at),
        rows=rows,
        largest=largest,
        empty=empty,
        violated=audit(statement.assumptions, [problem]) if problem is not None else (),
        limit=limit,
        no_limit=reason,
    )


def _limit(
    rule: Rule,
    at: dict[str, Real],
    largest: Mapping[str, float],
    problem: SolvedProblem,
    network: Network,
) -> tuple[Limit | None, str]:
    from spiritlevel.core.algorithms import algorithm
    from spiritlevel.core.gossip import Gossip
    from spiritlevel.core.oracle import Oracle
    from spiritlevel.theory.instruments.affine import Layout, NotAffine
    from spiritlevel.theory.instruments.stability import step_limit

    if not rule.algorithm:
        return None, "the list names no algorithm"
    cls = algorithm(rule.algorithm)
    *before, step = rule.order
    known = {f.name for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if not known >= set(rule.order):
        return None, f"the step sizes of {cls.name} have other names"
    held: dict[str, Any] = {name: at.get(name, largest[name]) for name in before}
    others = {**rule.settings, **held}
    if not all(0 < value < float("inf") for value in held.values()):
        return None, "the list admits no step size to hold fixed"
    x, y = (z[None] for z in problem.start())
    size = Layout.of(cls(**others).init(x, y, Oracle(problem), Gossip(network))).size
    if size > LARGEST_STATE:
        return None, f"the state has {size} numbers, too many for its spectrum (at most {LARGEST_STATE})"
    try:
        value = step_limit(cls, step, others, problem, network).limit
    except NotAffine:
        return None, "the problem is not quadratic"
    return Limit(algorithm=cls.name, step=step, others=held, value=value, admitted=largest[step]), ""
