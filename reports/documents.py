"""What the command line writes as JSON: objects with a ``format`` field and a version."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import numpy as np

from spiritlevel.theory.judge import Judgement
from spiritlevel.theory.statement import Statement

STATEMENTS = "spiritlevel/statements@1"
STATEMENT = "spiritlevel/statement@1"
FINDINGS = "spiritlevel/findings@1"


def stem(id: str) -> str:
    """The name of a statement's files.

    Examples
    --------
    >>> stem("interact/thm1")
    'interact-thm1'
    """
    return id.replace("/", "-")


def plain(value: Any) -> Any:
    """A value as JSON can hold it: exact rationals as ``"p/q"``, infinities and nan as texts.

    Examples
    --------
    >>> from fractions import Fraction
    >>> plain({"a": Fraction(1, 3), "b": np.float64("inf"), "c": (1, None)})
    {'a': '1/3', 'b': 'inf', 'c': [1, None]}
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)  # Fraction, fmpq and the like


def statement(s: Statement) -> dict[str, Any]:
    """All that a statement says, without its check."""
    return {
        "id": s.id,
        "paper": s.paper,
        "location": s.location,
        "kind": s.kind,
        "variant": s.variant,
        "statement": s.sentence,
        "formula": s.formula,
        "repairs": s.repairs,
        "because": s.because,
        "assumptions": [{"id": a.id, "text": a.text} for a in s.assumptions],
        "expected": s.expected.value,
        "checked": s.check is not None,
    }


def statements(rows: Iterable[Statement]) -> dict[str, Any]:
    """The ledger, ``spiritlevel/statements@1``."""
    return {"format": STATEMENTS, "statements": [statement(s) for s in rows]}


def finding(judgement: Judgement) -> dict[str, Any]:
    """One row of ``spiritlevel/findings@1``; the witness is the object that ``verify`` reads."""
    row: dict[str, Any] = plain(judgement.to_json())
    return row


def findings(judgements: Iterable[Judgement], *, interrupted: bool = False) -> dict[str, Any]:
    """All findings by id, ``spiritlevel/findings@1``; ``interrupted`` is there only if some are missing."""
    rows = [finding(j) for j in sorted(judgements, key=lambda j: j.statement.id)]
    return {"format": FINDINGS, **({"interrupted": True} if interrupted else {}), "findings": rows}


def shown(s: Statement, judgement: Judgement | None) -> dict[str, Any]:
    """One statement with its finding, ``spiritlevel/statement@1``."""
    found = None if judgement is None else finding(judgement)
    return {"format": STATEMENT, "statement": statement(s), "finding": found}
