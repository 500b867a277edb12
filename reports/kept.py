"""Findings kept on disk, so that a report is resumed and repeats no check whose inputs did not change."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spiritlevel.core.errors import InputError
from spiritlevel.core.files import load_json, save_json
from spiritlevel.reports.contents import row
from spiritlevel.reports.documents import plain
from spiritlevel.theory.fingerprint import fingerprint
from spiritlevel.theory.judge import false_alarm_share, judge_all
from spiritlevel.theory.statement import Level, Statement

KEPT = "spiritlevel/kept@1"


class Kept:
    """A folder with one file per statement; a file counts only while its fingerprint is that of the sources.

    Examples
    --------
    >>> import tempfile
    >>> from spiritlevel.theory.ledger import select
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = Kept(folder)
    ...     first = [reused for _, reused in kept.rows(select(["interact/mix"]), "quick")]
    ...     again = [reused for _, reused in kept.rows(select(["interact/mix"]), "quick")]
    >>> first, again
    ([False], [True])
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.alpha = false_alarm_share()

    def rows(
        self, chosen: Iterable[Statement], level: Level, *, jobs: int = 1
    ) -> Iterator[tuple[dict[str, Any], bool]]:
        """A row of the report for every statement, and whether it was reused: those first, then as they are judged."""
        todo = []
        for s in chosen:
            found = self._load(s, level)
            if found is None:
                todo.append(s)
            else:
                yield found, True
        for judgement in judge_all(todo, level, jobs=jobs):
            made = plain(row(judgement))
            if not judgement.finding.crashed:  # an error may have come from outside, such as no memory
                self._save(judgement.statement, level, made)
            yield made, False

    def _file(self, s: Statement) -> Path:
        return self.folder / f"{s.id.replace('/', '-')}.json"

    def _load(self, s: Statement, level: Level) -> dict[str, Any] | None:
        """The kept row, or None: what cannot be read is judged again."""
        with contextlib.suppress(InputError):
            found = load_json(self._file(s))
            current = found.get("format") == KEPT and found.get("fingerprint") == self._digest(s, level)
            made = found.get("row")
            return dict(made) if current and isinstance(made, dict) else None
        return None

    def _save(self, s: Statement, level: Level, made: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        save_json(self._file(s), {"format": KEPT, "fingerprint": self._digest(s, level), "row": made})

    def _digest(self, s: Statement, level: Level) -> str:
        return fingerprint(s, level, self.alpha)
