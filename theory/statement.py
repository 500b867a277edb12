"""Statements, findings and verdicts: the vocabulary of everything that is claimed here."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms import algorithm
from spiritlevel.theory.assumptions import Assumption
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.plots import Figure
from spiritlevel.theory.witness import Witness

T = TypeVar("T")


class Verdict(StrEnum):
    """What a check concluded; the six are never mixed up."""

    PROVED = "proved"
    """True for all admissible parameters."""
    SUPPORTED = "supported"
    """Exact or statistical evidence on the stated cases, none against."""
    REFUTED = "refuted"
    """False, with evidence that shows it."""
    VACUOUS = "vacuous"
    """No parameters are admissible, or the bound cannot fail."""
    INCONCLUSIVE = "inconclusive"
    """Too noisy, too short, or the check could not finish."""
    UNCHECKED = "unchecked"
    """In the ledger, no check yet."""


class Method(StrEnum):
    """How a verdict was reached, strongest first."""

    SYMBOLIC = "symbolic proof"
    RATIONAL = "exact rationals"
    LINEAR = "exact linear algebra"
    MOMENTS = "exact moments"
    INTERVALS = "certified intervals"
    SEARCH = "adversarial search"
    RUNS = "runs on random instances"
    MONTE_CARLO = "Monte Carlo"
    NONE = "none"


def decide(holds: bool, *numbers: float) -> Verdict:
    """Supported or refuted; inconclusive if a number that the decision rests on is not a number.

    Examples
    --------
    >>> decide(True, 0.5).value, decide(False, 2.0).value, decide(True, float("nan")).value
    ('supported', 'refuted', 'inconclusive')
    """
    if any(math.isnan(number) for number in numbers):
        return Verdict.INCONCLUSIVE
    return Verdict.SUPPORTED if holds else Verdict.REFUTED


def of_test(word: Literal["consistent", "refuted", "inconclusive"]) -> Verdict:
    """The verdict of a statistical test that says whether the data are consistent with the claim.

    Examples
    --------
    >>> of_test("consistent").value
    'supported'
    """
    return Verdict.SUPPORTED if word == "consistent" else Verdict(word)


def largest(values: Iterable[float]) -> float:
    """The largest value, or NaN if one of them is (Python's ``max`` would drop it).

    Examples
    --------
    >>> largest([1.0, float("nan"), 2.0])
    nan
    """
    listed = [float(v) for v in values]
    return math.nan if any(math.isnan(v) for v in listed) else max(listed)


Kind = Literal[
    "identity", "lemma", "bound", "rate", "step size", "network", "complexity", "speedup", "qualitative"
]
Variant = Literal["printed", "repaired", "added"]
"""As the paper has it; as it holds; or not in its words: what a proof needs, a reading, a question of ours."""
Level = Literal["quick", "full"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check returned.

    Examples
    --------
    >>> Finding(verdict=Verdict.PROVED, method=Method.SYMBOLIC, summary="both sides expand to 0").cases
    1
    """

    verdict: Verdict
    method: Method
    summary: str
    """One line: the evidence, and for a refuted statement what breaks."""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    """Named values, tolerances among them."""
    cases: int = 1
    """How many instances were looked at."""
    error_rates: Mapping[str, float] = field(default_factory=dict)
    """For sampling methods: false-alarm rate, smallest effect, power."""
    audit: tuple[str, ...] = ()
    """Assumptions that the instances violate, with the numbers; empty if none."""
    witness: Witness | None = None
    figures: tuple[Figure, ...] = ()
    """What one would rather look at than read."""
    crashed: bool = False
    """The check itself failed with an error, which `summary` gives."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a check may depend on: effort, its error budget, and which algorithm stands in for which.

    Planted errors are judged by putting a wrong algorithm in the place of the reference.
    """

    statement: str
    level: Level = "quick"
    alpha: float = 1e-4
    """This check's share of the catalogue's false-alarm budget."""
    substitutes: Mapping[str, type[Algorithm]] = field(default_factory=dict)

    def algorithm(self, name: str) -> Callable[..., Algorithm]:
        """The class of that name, or its substitute; call it with the hyper-parameters."""
        return self.substitutes.get(name) or algorithm(name)

    def seed(self, *parts: object) -> int:
        """A seed that depends on the statement's id and the parts only: nobody picked it.

        Examples
        --------
        >>> c = Context(statement="interact/rate")
        >>> c.seed("curved", 3) == c.seed("curved", 3) != c.seed("curved", 4)
        True
        """
        return seed_of(self.statement, *map(str, parts))

    def pick(self, quick: T, full: T) -> T:
        """One of two efforts, by level."""
        return quick if self.level == "quick" else full


Check = Callable[[Context], Finding]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One claim of one paper, printed or repaired, and how it is judged."""

    id: str
    """``paper/name``; a repaired form adds ``-repaired``."""
    paper: str
    location: str
    """Where it stands in the paper."""
    kind: Kind
    sentence: str
    """The claim in our words."""
    formula: str = ""
    """The claim in LaTeX, as printed (or as repaired)."""
    variant: Variant = "printed"
    repairs: str | None = None
    """The id of the printed statement that this one repairs."""
    because: str = ""
    """What is wrong with the printed form, or what the repair changes, in a sentence."""
    assumptions: tuple[Assumption, ...] = ()
    about: tuple[str, ...] = ()
    """Names of the algorithms its check runs; planted errors in them are put to it."""
    check: Check | None = None
    expected: Verdict = Verdict.UNCHECKED
    samples: bool = False
    """Whether its check draws random samples and takes a share of the false-alarm budget."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.,+-]+(/[\w.,+-]+)+", self.id):
            raise ValueError(
                f"id is {self.id!r}; give names joined by a slash, such as 'own/thm1', of letters, digits and . , _ + -"
            )
        if not self.kind.strip():
            raise ValueError(f"{self.id}: kind is {self.kind!r}; give a word, such as 'rate'")
        if (self.check is None) != (self.expected is Verdict.UNCHECKED):
            raise ValueError(f"{self.id}: a statement is unchecked exactly when it has no check")
        if (self.variant == "repaired") != (self.repairs is not None):
            raise ValueError(f"{self.id}: a repaired statement names the printed one, and only it does")
