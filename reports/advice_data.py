"""What ``spiritlevel steps`` writes: the advice as JSON, and its figure's data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from spiritlevel.reports.documents import plain
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.step_lists.admission import Admission, remedy_of, rules
from spiritlevel.theory.step_lists.advice import step_bars
from spiritlevel.theory.step_lists.crossing import SCANNED
from spiritlevel.theory.step_lists.limits import Limit
from spiritlevel.theory.step_lists.stepsize import Row

FORMAT = "spiritlevel/steps@1"
LISTS = "spiritlevel/step-lists@1"


def figure(found: Admission) -> Bars:
    """The bounds on the step chosen last, against its exact stability limit."""
    step = found.rule.order[-1]
    bars = step_bars(found.rows, step, found.limit)
    return dataclasses.replace(bars, title=f"{found.statement.id}: bounds on {step}")


def document(found: Admission) -> dict[str, Any]:
    """All of it, ``spiritlevel/steps@1``."""
    made, rule = found.suggestion, found.rule
    written: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "statement": found.statement.id,
            "constants": dataclasses.asdict(found.constants),
            "lam": found.lam,
            "m": found.m,
            "more": found.more,
            "at": found.at,
            "admissible": found.admissible,
            "rows": [_row(found, row) for row in found.rows],
            "largest": found.largest,
            "empty": found.empty,
            "surely": found.surely,
            "always_empty": None
            if found.always_empty is None
            else [term.name for term in found.always_empty],
            "room": found.room or None,
            "empty_when": rule.room or None,
            "violated_assumptions": found.violated,
            "stability": None if found.limit is None else _stability(found.limit),
            "limits": [_stability(limit) for limit in found.limits],
            "no_stability_because": found.no_limit or None,
            "radius": found.radius,
            "suggestion": None
            if made is None
            else {
                **dataclasses.asdict(made),
                "statement": made.statement or None,
                "reason": made.reason or None,
            },
        }
    )
    return written


def _stability(limit: Limit) -> Mapping[str, Any]:
    return dataclasses.asdict(limit) | {"conservatism": limit.conservatism, "scanned_per_decade": SCANNED}


def _row(found: Admission, row: Row) -> dict[str, Any]:
    measured, reach = found.units[row.term], found.reach[row.term]
    return {
        "step": row.term.step,
        "term": row.term.name,
        "lower": row.term.lower,
        "limit": row.limit,
        "exact": row.bound,
        "power": row.term.power,
        "binds": row.binds,
        "never_alone_by": reach.implied,
        "seen_binding_alone": reach.seen,
        "allows": row.allows,
        "serves": row.term.serves,
        "units": measured.found,
        "units_of_the_step": measured.demanded,
        "units_agree": measured.consistent,
    }


def list_rows() -> list[dict[str, Any]]:
    """Every list as data; see `plain`."""
    ledger, known = statements(), rules()
    found: list[dict[str, Any]] = []
    for id, rule in known.items():
        remedy = remedy_of(rule, ledger, known)
        found.append(
            {
                "statement": id,
                "steps": list(rule.order),
                "terms": len(rule.terms),
                "algorithm": rule.algorithm or None,
                "needs": list(rule.needs),
                "verdict": ledger[id].expected,
                "variant": ledger[id].variant,
                "instead": remedy.statement if remedy is not None else None,
            }
        )
    return found
