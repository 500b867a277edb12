"""What a report says: one plain document, from which the page, the Markdown and the JSON are made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spiritlevel.reports.documents import finding, statement
from spiritlevel.theory.judge import Judgement
from spiritlevel.theory.statement import Verdict

REPORT = "spiritlevel/report@1"
VARIANTS = ("printed", "repaired", "added")


def contents(
    rows: Iterable[Mapping[str, Any]],
    *,
    level: str,
    missing: int = 0,
    version: str = "",
    kills: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> dict[str, Any]:
    """The report's document, ``spiritlevel/report@1``.

    Parameters
    ----------
    rows
        As `row` makes them, in any order.
    level
        How hard the checks looked.
    missing
        How many statements were not judged.
    version
        Of the package that judged them.
    kills
        Which planted errors a statement catches, by id: ``{"algorithm", "name", "sentence"}`` each.
    """
    known = sorted(rows, key=lambda r: str(r["statement"]["id"]))
    repaired: dict[str, list[str]] = defaultdict(list)
    for r in known:
        if r["statement"]["repairs"]:
            repaired[r["statement"]["repairs"]].append(r["statement"]["id"])
    papers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for r in known:
        id = r["statement"]["id"]
        whole = {**r, "repaired_by": repaired[id], "kills": list((kills or {}).get(id, ()))}
        papers[r["statement"]["paper"]].append(whole)
    return {
        "format": REPORT,
        "level": level,
        "missing": missing,
        "version": version,
        "papers": [
            {
                "paper": paper,
                "key": key,
                **_counts(found),
                "rows": found,
            }
            for (paper, found), key in zip(sorted(papers.items()), _keys(papers), strict=True)
        ],
        **_counts(known),
    }


def row(judgement: Judgement) -> dict[str, Any]:
    """One statement and what its check found."""
    return {"statement": statement(judgement.statement), "finding": finding(judgement)}


def _keys(papers: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """A short name for every paper, in order: what stands before its ids' slash, numbered if another has it already."""
    seen: Counter[str] = Counter()
    keys = []
    for _, found in sorted(papers.items()):
        key = found[0]["statement"]["id"].split("/")[0]
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return keys


def _counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = {
        variant: Counter(r["finding"]["verdict"] for r in rows if r["statement"]["variant"] == variant)
        for variant in VARIANTS
    }
    return {
        "counts": {
            variant: {v.value: found[variant][v.value] for v in Verdict if found[variant][v.value]}
            for variant in VARIANTS
        },
        "different": [
            r["statement"]["id"] for r in rows if r["finding"]["verdict"] != r["finding"]["expected"]
        ],
        "seconds": round(sum(r["finding"]["seconds"] for r in rows), 1),
    }
