"""A statement as a test: judged, and failed in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from spiritlevel.pytest_plugin.docket import Docket
    from spiritlevel.theory.judge import Judgement
    from spiritlevel.theory.statement import Level, Statement


class StatementItem(pytest.Item):
    """One statement at one level; `row` is what the report says of it, once it is judged."""

    def __init__(self, *, docket: Docket, statement: Statement, level: Level, **rest: Any) -> None:
        super().__init__(**rest)
        self.docket, self.statement, self.level = docket, statement, level
        self.row: dict[str, Any] | None = None
        self.add_marker(
            pytest.mark.spiritlevel(
                id=statement.id,
                paper=statement.id.split("/")[0],
                kind=statement.kind,
                variant=statement.variant,
                level=level,
                expected=statement.expected.value,
            )
        )

    def runtest(self) -> None:
        """Judge; fail without a traceback, unless the check itself broke down."""
        from spiritlevel.reports.contents import row
        from spiritlevel.reports.documents import plain
        from spiritlevel.theory.judge import judge
        from spiritlevel.theory.statement import Context

        if twin := self.docket.twin(self):
            pytest.fail(f"{twin} is another statement with the id {self.statement.id!r}", pytrace=False)
        alpha = self.docket.alpha(self.statement)
        judgement = judge(self.statement, self.level, alpha=alpha)
        self.row = plain(row(judgement))
        verdict = judgement.finding.verdict.value
        self.user_properties += [("statement", self.statement.id), ("verdict", verdict)]
        if self.statement.check is None:
            pytest.skip("no check yet")
        if judgement.finding.crashed:
            # a second time, to see where; seeds come from the id, so it breaks again
            self.statement.check(Context(statement=self.statement.id, level=self.level, alpha=alpha))
        if found := faults(judgement, alpha):
            pytest.fail("\n".join([*found, "", *described(judgement)]), pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What the heading of a failure says."""
        return self.path, None, self.statement.id

    def _traceback_filter(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        # Pytest's own name: what a broken check shows begins in the check. Without it all of pytest would be shown.
        return excinfo.traceback.cut(path=__file__)[1:] or excinfo.traceback


def faults(judgement: Judgement, alpha: float) -> list[str]:
    """What is wrong with a finding, in sentences; none if the verdict is the expected one and its evidence is in order.

    Examples
    --------
    >>> from spiritlevel.theory.judge import judge
    >>> from spiritlevel.theory.ledger import statements
    >>> faults(judge(statements()["interact/mix"]), 1e-4)
    []
    """
    from spiritlevel.theory.statement import Method
    from spiritlevel.theory.witness import check as recheck

    s, f = judgement.statement, judgement.finding
    found = []
    if not judgement.as_recorded:
        found.append(f"{s.id} is {f.verdict}, but expected to be {s.expected}")
    if f.witness is not None and not (again := recheck(f.witness)).ok:
        found.append(f"{s.id}: the witness does not show it: {again.reason}")
    if f.method is Method.MONTE_CARLO:
        rate = f.error_rates.get("false_alarm")
        if not s.samples:
            found.append(f"{s.id} is judged by samples; give the statement samples=True")
        if rate is None or not 0 < rate <= alpha or "power" not in f.error_rates:
            found.append(
                f"{s.id}: error_rates is {dict(f.error_rates)}; "
                f"give 'power', and a 'false_alarm' of at most ctx.alpha = {alpha:g}"
            )
    return found


def described(judgement: Judgement) -> Iterator[str]:
    """A statement and what was found, line by line."""
    s, f = judgement.statement, judgement.finding
    yield f"claim:    {s.sentence}"
    yield f"where:    {s.paper}, {s.location}"
    yield f"verdict:  {f.verdict} by {f.method}"
    yield f"evidence: {f.summary}"
    for name, value in f.numbers.items():
        yield f"          {name.replace('_', ' ')} = {value}"
    for line in f.audit:
        yield f"violated: {line}"
    if s.because:
        yield f"because:  {s.because}"
    if f.witness is not None:
        yield "witness:  an exact counterexample; --spiritlevel-report=FILE.html or .json keeps it"
