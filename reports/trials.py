"""Trials of planted errors kept on disk: no error is put again to a claim where neither has changed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spiritlevel.core.errors import InputError
from spiritlevel.core.files import load_json, save_json
from spiritlevel.reports.kept import checksum, folder
from spiritlevel.reports.kills import label
from spiritlevel.theory.fingerprint import fingerprint
from spiritlevel.theory.judge import Judgement, false_alarm_share
from spiritlevel.theory.planted import Planted, Task, Trial, plant
from spiritlevel.theory.statement import Finding, Level, Method, Statement, Verdict

TRIALS = "spiritlevel/trials@2"


class Trials:
    """A folder with one file per planted error; a trial counts as it was written, while its fingerprint is that of the sources.

    Examples
    --------
    >>> import tempfile
    >>> from spiritlevel.theory.ledger import select
    >>> from spiritlevel.theory.planted import planted
    >>> p = next(p for p in planted() if label(p) == "interact/stale-y")
    >>> tasks = [(p, select(["interact/tracking"]))]
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = [t.killed for trials in Trials(place, "quick").made(tasks) for t in trials]
    ...     known, todo = Trials(place, "quick").split(tasks)
    >>> made, [t.killed for t in known], todo
    ([True], [True], [])
    """

    def __init__(self, path: str | Path, level: Level) -> None:
        self.folder = Path(path)
        self.level = level
        self.alpha = false_alarm_share()
        self._files: dict[str, dict[str, Any]] = {}

    def split(self, tasks: Iterable[Task]) -> tuple[list[Trial], list[Task]]:
        """The trials that are kept, and what is left of the tasks, which one catch ends."""
        known: list[Trial] = []
        todo: list[Task] = []
        for p, asked in tasks:
            found = {s.id: trial for s in asked if (trial := self._get(p, s)) is not None}
            known += found.values()
            rest = [s for s in asked if s.id not in found]
            if rest and not any(trial.killed for trial in found.values()):
                todo.append((p, rest))
        return known, todo

    def made(self, todo: Iterable[Task], *, jobs: int = 1, dask: str | None = None) -> Iterator[list[Trial]]:
        """Each task's trials when they are made; they are kept before the next come.

        For ``jobs``, ``dask`` and errors see `spiritlevel.theory.planted.plant`.
        """
        for trials in plant(todo, self.level, jobs=jobs, dask=dask):
            self._keep(
                [t for t in trials if "MemoryError" not in t.judgement.finding.summary]
            )  # from outside
            yield trials

    def _get(self, p: Planted, s: Statement) -> Trial | None:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            entry = dict(self._file(p)[s.id])
            if entry.pop("checksum") == checksum(entry) and entry["fingerprint"] == self._digest(p, s):
                finding = Finding(
                    verdict=Verdict(entry["verdict"]),
                    method=Method(entry["method"]),
                    summary=str(entry["summary"]),
                    crashed=bool(entry["crashed"]),
                )
                return Trial(p, Judgement(s, finding, float(entry["seconds"])))
        return None

    def _keep(self, trials: list[Trial]) -> None:
        if not trials:
            return
        p = trials[0].planted
        for t in trials:
            found = t.judgement.finding
            entry = {
                "fingerprint": self._digest(p, t.judgement.statement),
                "verdict": found.verdict.value,
                "method": found.method.value,
                "summary": found.summary,
                "crashed": found.crashed,
                "seconds": round(t.judgement.seconds, 3),
            }
            self._file(p)[t.judgement.statement.id] = entry | {"checksum": checksum(entry)}
        folder(self.folder)
        whole = {"format": TRIALS, "planted": label(p), "sentence": p.sentence, "trials": self._file(p)}
        save_json(self._path(p), whole)

    def _file(self, p: Planted) -> dict[str, Any]:
        """The trials of an error's file; none if it cannot be read."""
        if label(p) not in self._files:
            trials = None
            with contextlib.suppress(InputError):
                found = load_json(self._path(p))
                trials = (
                    found.get("trials") if isinstance(found, dict) and found.get("format") == TRIALS else None
                )
            self._files[label(p)] = trials if isinstance(trials, dict) else {}
        return self._files[label(p)]

    def _path(self, p: Planted) -> Path:
        return self.folder / f"{label(p).replace('/', '-')}.json"

    def _digest(self, p: Planted, s: Statement) -> str:
        return fingerprint(s, self.level, self.alpha, p.algorithm)
