"""The statements that one session of pytest has collected: who has which id, and how they share their false alarms."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spiritlevel.theory.statement import Statement


class Collected:
    """Statements by id, with the test that was the first to have it."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, Statement]] = {}

    @property
    def ids(self) -> frozenset[str]:
        """Whose tests were collected."""
        return frozenset(self._first)

    def add(self, nodeid: str, s: Statement) -> None:
        """Put down a statement's test; a later one with the same id changes nothing."""
        self._first.setdefault(s.id, (nodeid, s))

    def twin(self, s: Statement) -> str | None:
        """The test of a statement that has the same id and says something else.

        Examples
        --------
        >>> import dataclasses
        >>> from spiritlevel.theory.ledger import statements
        >>> mix, collected = statements()["interact/mix"], Collected()
        >>> collected.add("test_a.py::test_mix", mix)
        >>> collected.twin(mix), collected.twin(dataclasses.replace(mix, sentence="Always."))
        (None, 'test_a.py::test_mix')
        """
        from spiritlevel.reports.documents import statement

        nodeid, first = self._first[s.id]
        return None if statement(first) == statement(s) else nodeid

    def alpha(self, s: Statement) -> float:
        """A statement's share of its false-alarm budget: the ledger's, or that of all others collected here."""
        return self._shares[s.id in self._ledger]

    @cached_property
    def _ledger(self) -> frozenset[str]:
        """The ids of the ledger; none if nothing collected is of a paper that it has, for it is large."""
        from spiritlevel import theory
        from spiritlevel.theory.ledger import statements

        papers = {id.split("/")[0] for id in self._first} - {""}
        known = any(Path(folder, paper).is_dir() for folder in theory.__path__ for paper in papers)
        return frozenset(statements()) if known else frozenset()

    @cached_property
    def _shares(self) -> tuple[float, float]:
        from spiritlevel.theory.instruments.budget import share
        from spiritlevel.theory.judge import false_alarm_share

        own = [s for id, (_, s) in self._first.items() if id not in self._ledger]
        own_share = share(max(1, sum(s.samples for s in own)))
        return own_share, false_alarm_share() if self._ledger else own_share
