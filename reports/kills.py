"""The kill matrix: which claim catches which planted error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from spiritlevel.reports.tables import WIDE, table
from spiritlevel.theory.planted import Planted, Trial

FORMAT = "spiritlevel/planted@1"
_LEGEND = "x: another verdict than recorded; ?: inconclusive, which counts as unnoticed; e: the check ends in an error; .: unnoticed"


def label(p: Planted) -> str:
    """Algorithm and name of a planted error."""
    return f"{p.algorithm.name}/{p.name}"


def rows(trials: Iterable[Trial]) -> list[tuple[Planted, list[Trial]]]:
    """The trials of each planted error, errors by label."""
    ordered = sorted(trials, key=lambda t: (label(t.planted), t.judgement.statement.id))
    grouped = [list(group) for _, group in groupby(ordered, key=lambda t: label(t.planted))]
    return [(group[0].planted, group) for group in grouped]


def killers(row: Iterable[Trial]) -> list[str]:
    """The claims that catch an error by their verdict; an error in a check is no verdict."""
    return [t.judgement.statement.id for t in row if t.killed]


def survivors(chosen: Iterable[Planted], trials: Iterable[Trial]) -> list[str]:
    """Those of the planted errors that no claim catches by its verdict."""
    caught = {label(t.planted) for t in trials if t.killed}
    return sorted(label(p) for p in chosen if label(p) not in caught)


def document(trials: Iterable[Trial]) -> dict[str, Any]:
    """The kill matrix, ``spiritlevel/planted@1``."""
    return {
        "format": FORMAT,
        "planted": [
            {
                "algorithm": p.algorithm.name,
                "name": p.name,
                "sentence": p.sentence,
                "caught_by": killers(row),
                "trials": [
                    {
                        "statement": t.judgement.statement.id,
                        "verdict": t.judgement.finding.verdict.value,
                        "expected": t.judgement.statement.expected.value,
                        "crashed": t.crashed,
                        "summary": t.judgement.finding.summary,
                    }
                    for t in row
                ],
            }
            for p, row in rows(trials)
        ],
    }


def matrix(trials: Sequence[Trial], width: int) -> RenderableType:
    """One row per planted error, one numbered column per claim, and what the numbers mean."""
    claims = sorted({t.judgement.statement.id for t in trials})
    numbers = [str(k + 1) for k in range(len(claims))]
    made = table("planted error", *numbers, "caught by", *(["what is wrong"] if width >= WIDE else []))
    made.columns[0].no_wrap = True
    for p, row in rows(trials):
        marks = {t.judgement.statement.id: _mark(t) for t in row}
        count = len(killers(row))
        cells = [marks.get(claim, Text("")) for claim in claims]
        caught = Text(str(count), "green") if count else Text("nothing", "bold reverse red")
        made.add_row(label(p), *cells, caught, *([Text(p.sentence)] if width >= WIDE else []))
    key = Table.grid(padding=(0, 2))
    for number, claim in zip(numbers, claims, strict=True):
        key.add_row(number, claim)
    return Group(made, "", key, "", _LEGEND)


def _mark(trial: Trial) -> Text:
    if trial.crashed:
        return Text("e", "yellow")
    if trial.killed:
        return Text("x", "bold green")
    return Text("?", "yellow") if trial.caught else Text(".", "dim")


def by_statement(trials: Iterable[Trial]) -> dict[str, list[dict[str, str]]]:
    """The planted errors that each claim catches by its verdict, by label.

    Examples
    --------
    >>> from spiritlevel.theory.ledger import select
    >>> from spiritlevel.theory.planted import plant, planted
    >>> p = next(p for p in planted() if label(p) == "interact/stale-y")
    >>> trials = [t for made in plant([(p, select(["interact/tracking"]))]) for t in made]
    >>> by_statement(trials)["interact/tracking"][0]["name"]
    'stale-y'
    """
    found: dict[str, list[dict[str, str]]] = {}
    for p, row in rows(trials):
        for claim in killers(row):
            error = {"algorithm": p.algorithm.name, "name": p.name, "sentence": p.sentence}
            found.setdefault(claim, []).append(error)
    return found
