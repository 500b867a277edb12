"""Exact cases as findings, with what they violate, the same way for every line of the appendix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory import evidence
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import Evidence
from spiritlevel.theory.slam.assumptions import A1
from spiritlevel.theory.statement import Finding


def judged(proof: bool, cases: Evidence, what: str, numbers: Mapping[str, Any] | None = None) -> Finding:
    """`spiritlevel.theory.evidence.judged` on quadratics, audited."""
    return evidence.judged(proof, cases, what, numbers, unbounded())


def unbounded() -> tuple[str, ...]:
    """What the exact cases violate: quadratic upper levels have no Lipschitz constant; no line here uses it."""
    one = [[[1]], [[1]]]
    return audit(A1, [quadratic(one, one, [[0], [0]], Q=one, shared=True)])
