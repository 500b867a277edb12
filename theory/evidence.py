"""From evidence to findings: a witness, a proof beside cases, or algebra alone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spiritlevel.theory.statement import Finding, Method, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck


@dataclass(frozen=True)
class Evidence:
    """How many cases a line was put to, and on how many it fails."""

    cases: int
    failing: int
    what: str = "exact cases, all states at once"

    def __str__(self) -> str:
        """One clause."""
        return f"{self.cases} {self.what}: {self.failing or 'none'} against"


def broken(witness: Witness, summary: str, numbers: Mapping[str, Any] | None = None, **rest: Any) -> Finding:
    """A line as printed that an exact witness breaks; undecided if the witness falls.

    Examples
    --------
    >>> from spiritlevel.theory.witness import Condition
    >>> true = Condition("arithmetic", "1 + 1 == 2")
    >>> two = Witness("demo", "none", "none", "1 = 2", {}, (), (true,), Condition("equal", "1 == 2"))
    >>> broken(two, "they differ").verdict.value
    'refuted'
    """
    report = recheck(witness)
    return Finding(
        verdict=Verdict.REFUTED if report.ok else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=summary if report.ok else f"the witness falls: {report.reason}",
        numbers={"claim": list(report.last.values)} | dict(numbers or {}),
        witness=witness if report.ok else None,
        **rest,
    )


def judged(
    proof: bool,
    evidence: Evidence,
    what: str,
    numbers: Mapping[str, Any] | None = None,
    audit: tuple[str, ...] = (),
) -> Finding:
    """A symbolic proof beside exact cases: a case against it outweighs the proof, and without a proof it is support.

    Examples
    --------
    >>> [judged(proof, Evidence(3, failing), "a square").verdict.value for proof, failing in ((True, 0), (True, 1), (False, 0))]
    ['proved', 'refuted', 'supported']
    """
    verdict = Verdict.REFUTED if evidence.failing else Verdict.PROVED if proof else Verdict.SUPPORTED
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC if verdict is Verdict.PROVED else Method.RATIONAL,
        summary=str(evidence) if evidence.failing else f"{what}; {evidence}",
        numbers={"proof": proof, "failing": evidence.failing, "tolerance": 0} | dict(numbers or {}),
        cases=evidence.cases,
        audit=audit,
    )


def proved(holds: bool, what: str, otherwise: str, numbers: Mapping[str, Any] | None = None) -> Finding:
    """Algebra alone: proved, or undecided where the algebra does not go through."""
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=what if holds else otherwise,
        numbers=dict(numbers or {}),
    )


def compared(
    differs: Counter[str], entries: int, cases: int, equal: str, *, with_what: str = "text"
) -> Finding:
    """An implementation put beside a literal text, entry by entry in exact arithmetic.

    Parameters
    ----------
    differs
        How often each thing differs; empty if nothing does.
    entries, cases
        How much was compared.
    equal
        What the summary says after "N entries of .." where all agree.
    with_what
        The text's name.

    Examples
    --------
    >>> compared(Counter(x=2), 10, 1, "x equal the text").summary
    'differs from the text in x (2)'
    >>> compared(Counter(), 10, 1, "x equal the text").verdict.value
    'supported'
    """
    found = +differs
    return Finding(
        verdict=Verdict.REFUTED if found else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"differs from the {with_what} in "
        + ", ".join(f"{name} ({count})" for name, count in found.items())
        if found
        else f"{entries} entries of {equal}",
        numbers={"entries": entries, "different": sum(found.values())},
        cases=cases,
    )


def sides(witness: Witness) -> list[tuple[str, str]]:
    """The two sides of every comparison in a witness's claim, as exact texts.

    Examples
    --------
    >>> from spiritlevel.theory.witness import Condition
    >>> true = Condition("arithmetic", "1 + 1 == 2")
    >>> sides(Witness("demo", "none", "none", "1 = 2", {}, (), (true,), Condition("equal", "1 == 2")))
    [('1', '2')]
    """
    exact = (re.sub(r" \([^)]*\)", "", text) for text in recheck(witness).last.values)
    return [(left, right) for left, _, right in (text.split(" ", 2) for text in exact)]


def by_proof(proof: bool, broken: bool = False) -> Verdict:
    """Refuted by a counterexample; else proved, if the proof stands; a proof that falls decides nothing.

    Examples
    --------
    >>> by_proof(True).value, by_proof(False).value, by_proof(True, broken=True).value
    ('proved', 'inconclusive', 'refuted')
    """
    if broken:
        return Verdict.REFUTED
    return Verdict.PROVED if proof else Verdict.INCONCLUSIVE


def plain(value: float) -> float | str:
    """A number that JSON can hold: what is not finite becomes a word.

    Examples
    --------
    >>> plain(0.5), plain(math.inf)
    (0.5, 'inf')
    """
    return value if math.isfinite(value) else str(value)
