"""Findings kept on disk, so that a report is resumed and repeats no check whose inputs did not change."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spiritlevel.core.errors import InputError
from spiritlevel.core.files import load_json, save_json
from spiritlevel.reports.contents import row
from spiritlevel.reports.documents import plain, statement, stem
from spiritlevel.theory.fingerprint import fingerprint
from spiritlevel.theory.judge import false_alarm_share, judge_all
from spiritlevel.theory.statement import Level, Statement

KEPT = "spiritlevel/kept@2"


def checksum(made: Any) -> str:
    """A digest of what is kept: a file that was damaged or edited does not fit its own.

    Examples
    --------
    >>> checksum({"a": 1, "b": 2}) == checksum({"b": 2, "a": 1}) != checksum({"a": 1, "b": 3})
    True
    """
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def folder(path: str | Path) -> Path:
    """A folder, made if it is not there; `InputError` if it cannot be.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder(f"{place}/a/b").name
    'b'
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)!r} cannot be made a folder: {why}") from error
    return Path(path)


class Store:
    """A folder of JSON files; one counts only as it was written, and while its fingerprint is what it is asked for with.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     store = Store(place)
    ...     store.put("one", "print", {"a": 1})
    ...     store.get("one", "print"), store.get("one", "other")
    ({'a': 1}, None)
    """

    def __init__(self, path: str | Path) -> None:
        self.folder = Path(path)

    def get(self, name: str, digest: str) -> Any:
        """What was put, or None: what is outdated, edited or cannot be read is made again."""
        with contextlib.suppress(InputError):
            found = load_json(self.folder / f"{name}.json")
            if isinstance(found, dict) and (found.get("format"), found.get("fingerprint")) == (KEPT, digest):
                made = found.get("row")
                return made if found.get("checksum") == checksum(made) else None
        return None

    def put(self, name: str, digest: str, made: Any) -> None:
        """Write it, whole or not at all."""
        about = {"format": KEPT, "fingerprint": digest, "checksum": checksum(made)}
        save_json(folder(self.folder) / f"{name}.json", {**about, "row": made})


class Kept:
    """Findings, one file per statement.

    Examples
    --------
    >>> import tempfile
    >>> from spiritlevel.theory.ledger import select
    >>> chosen = select(["interact/mix"])
    >>> with tempfile.TemporaryDirectory() as place:
    ...     kept = Kept(place, "quick")
    ...     made = list(kept.judged(chosen))
    ...     rows, todo = kept.split(chosen)
    >>> rows == made, todo
    (True, [])
    """

    def __init__(self, path: str | Path, level: Level) -> None:
        self.store = Store(path)
        self.level = level
        self.alpha = false_alarm_share()

    def split(self, chosen: Iterable[Statement]) -> tuple[list[dict[str, Any]], list[Statement]]:
        """The rows of the report that are kept, and the statements that have to be judged."""
        rows, todo = [], []
        for s in chosen:
            found = self.store.get(stem(s.id), self._digest(s))
            if isinstance(found, dict):
                rows.append(_told_anew(found, s))
            else:
                todo.append(s)
        return rows, todo

    def judged(
        self, todo: Iterable[Statement], *, jobs: int = 1, dask: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """A row for every statement as it is judged; each is kept before the next comes.

        For ``jobs``, ``dask`` and errors see `spiritlevel.theory.judge.judge_all`.
        """
        for judgement in judge_all(todo, self.level, jobs=jobs, dask=dask):
            made = plain(row(judgement))
            if not judgement.finding.crashed:  # an error may have come from outside, such as no memory
                s = judgement.statement
                self.store.put(stem(s.id), self._digest(s), made)
            yield made

    def _digest(self, s: Statement) -> str:
        return fingerprint(s, self.level, self.alpha)


def _told_anew(row: dict[str, Any], s: Statement) -> dict[str, Any]:
    """A kept row in the statement's present words, on which no finding depends."""
    told = plain(statement(s))
    finding = row["finding"]
    return {"statement": told, "finding": finding | {k: v for k, v in told.items() if k in finding}}
