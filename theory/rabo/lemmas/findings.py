"""Exact cases as findings, with what they violate, the same way for every line of Section IV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory import evidence
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import Evidence
from spiritlevel.theory.rabo.assumptions import A1, A2, A4_INNER, A4_LOCAL, P1
from spiritlevel.theory.statement import Finding


def judged(
    proof: bool,
    cases: Evidence,
    what: str,
    numbers: Mapping[str, Any] | None = None,
    *,
    problems: Iterable[SolvedProblem] = (),
) -> Finding:
    """`spiritlevel.theory.evidence.judged` on quadratics; audited on the given cases too, for A4 as well."""
    found = unbounded() + audit((P1, A1, A4_LOCAL, A4_INNER), list(problems))
    return evidence.judged(proof, cases, what, numbers, tuple(dict.fromkeys(found)))


def unbounded() -> tuple[str, ...]:
    """What the exact cases violate: quadratic f have no Lipschitz constant; where g is quadratic no line uses it."""
    one = [[[1]], [[1]]]
    return audit(A2, [quadratic(one, one, [[0], [0]], Q=one, shared=True)])
