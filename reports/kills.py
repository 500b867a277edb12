"""The kill matrix: which claim catches which planted error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from spiritlevel.core.errors import InputError
from spiritlevel.reports.tables import WIDE, table
from spiritlevel.theory.planted import Planted, Trial

FORMAT = "spiritlevel/planted@1"
_LEGEND = "x: the verdict differs from the recorded one; e: the check ends in an error; .: unnoticed"


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
    return [t.judgement.statement.id for t in row if t.caught and not t.crashed]


def survivors(trials: Iterable[Trial]) -> list[str]:
    """Planted errors that no claim catches by its verdict."""
    return [label(p) for p, row in rows(trials) if not killers(row)]


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
    return Text("x", "bold green") if trial.caught else Text(".", "dim")


def by_statement(given: Any, name: str) -> dict[str, list[dict[str, str]]]:
    """Which planted errors each claim catches, from a `document`; ``name`` is the file's, for the error.

    Raises
    ------
    InputError
        If it is no such document.

    Examples
    --------
    >>> one = {"algorithm": "interact", "name": "plus", "sentence": "a plus", "caught_by": ["interact/alg1"]}
    >>> by_statement({"format": FORMAT, "planted": [one]}, "kills.json")
    {'interact/alg1': [{'algorithm': 'interact', 'name': 'plus', 'sentence': 'a plus'}]}
    """
    found: dict[str, list[dict[str, str]]] = {}
    try:
        if given["format"] != FORMAT:
            raise ValueError
        for p in given["planted"]:
            error = {key: str(p[key]) for key in ("algorithm", "name", "sentence")}
            for claim in p["caught_by"]:
                found.setdefault(str(claim), []).append(error)
    except (TypeError, KeyError, ValueError):
        raise InputError(f"{name!r} is not what `spiritlevel planted --json` writes ({FORMAT})") from None
    return found
