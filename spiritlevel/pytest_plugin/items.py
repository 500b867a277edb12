"""A statement as a test: judged, and failed in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spiritlevel.pytest_plugin.fields import misfit

if TYPE_CHECKING:
    from spiritlevel.pytest_plugin.collected import Collected
    from spiritlevel.theory.judge import Judgement
    from spiritlevel.theory.statement import Level, Statement


MARKED = ("id", "paper", "kind", "variant", "level", "expected")
"""The keywords of the marker on every statement."""


class StatementItem(pytest.Item):
    """One statement at one level; `row` is what the report says of it, once it is judged."""

    def __init__(self, *, collected: Collected, statement: Statement, level: Level, **rest: Any) -> None:
        super().__init__(**rest)
        self.collected, self.statement, self.level = collected, statement, level
        self.row: dict[str, Any] | None = None
        values = (
            statement.id,
            statement.id.split("/")[0],
            statement.kind,
            statement.variant,
            level,
            statement.expected.value,
        )
        self.add_marker(pytest.mark.spiritlevel(**dict(zip(MARKED, values, strict=True))))

    def runtest(self) -> None:
        """Judge; fail without a traceback, unless the check itself broke down."""
        from spiritlevel.reports.contents import row
        from spiritlevel.reports.documents import plain
        from spiritlevel.theory.judge import judge
        from spiritlevel.theory.statement import Context

        if twin := self.collected.twin(self.statement):
            pytest.fail(f"{twin} is another statement with the id {self.statement.id!r}", pytrace=False)
        alpha = self.collected.alpha(self.statement)
        judgement = judge(self.statement, self.level, alpha=alpha)
        broken = not misfit(judgement.finding) and judgement.finding.crashed
        judgement, found = weighed(judgement, alpha)
        self.row = plain(row(judgement))
        verdict = judgement.finding.verdict.value
        self.user_properties += [("statement", self.statement.id), ("verdict", verdict)]
        if self.statement.check is None:
            pytest.skip("no check yet")
        if broken:
            # a second time, to see where; seeds come from the id, so it breaks again
            try:
                self.statement.check(Context(statement=self.statement.id, level=self.level, alpha=alpha))
            except Exception as error:
                if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                    raise  # otherwise it cannot even be called, which words say better
        if found:
            kept = bool(self.config.option.spiritlevel_report)
            pytest.fail("\n".join([*found, "", *described(judgement, kept)]), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """What the heading of a failure says; a line has to be named where a mark skips it, and this has none of its own."""
        return self.path, 0, self.statement.id

    def _traceback_filter(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        # Pytest's own name: what a broken check shows begins in the check. Without it all of pytest would be shown.
        return excinfo.traceback.cut(path=__file__)[1:] or excinfo.traceback


def faults(judgement: Judgement, alpha: float) -> list[str]:
    """What is wrong with the evidence of a finding, in sentences; none if it is in order.

    Examples
    --------
    >>> from spiritlevel.theory.judge import judge
    >>> from spiritlevel.theory.ledger import statements
    >>> faults(judge(statements()["interact/mix"]), 1e-4)
    []
    """
    from spiritlevel.core.errors import InputError
    from spiritlevel.theory.statement import Method
    from spiritlevel.theory.witness import check as recheck

    s, f = judgement.statement, judgement.finding
    found = []
    if f.witness is not None:
        try:
            again = recheck(f.witness)
            if not again.ok:
                found.append(f"the witness does not show it: {again.reason}")
        except InputError as error:
            found.append(str(error))
    if f.method is Method.MONTE_CARLO:
        rate = f.error_rates.get("false_alarm")
        if not s.samples:
            found.append("it is judged by samples; give the statement samples=True")
        if rate is None or not 0 < rate <= alpha or "power" not in f.error_rates:
            found.append(
                f"error_rates is {dict(f.error_rates)}; "
                f"give 'power', and a 'false_alarm' of at most ctx.alpha = {alpha:g}"
            )
    return found


def weighed(judgement: Judgement, alpha: float) -> tuple[Judgement, list[str]]:
    """A judgement by what its evidence is worth, and why its test fails; no reason if it passes.

    A verdict whose evidence is not in order decides nothing: it is put down as inconclusive.

    Examples
    --------
    >>> from spiritlevel.theory.judge import judge
    >>> from spiritlevel.theory.ledger import statements
    >>> known = judge(statements()["interact/mix"])
    >>> weighed(known, 1e-4) == (known, [])
    True
    """
    from spiritlevel.theory.judge import crash
    from spiritlevel.theory.statement import Verdict

    s = judgement.statement
    if unusable := misfit(judgement.finding):
        judgement = replace(judgement, finding=crash(unusable))
    wrong = faults(judgement, alpha)
    if wrong:
        f = judgement.finding
        summary = f"{'; '.join(wrong)} (without that, {f.verdict}: {f.summary})"
        undecided = replace(f, verdict=Verdict.INCONCLUSIVE, summary=summary, witness=None)
        judgement = replace(judgement, finding=undecided)
    if judgement.as_recorded:
        return judgement, [f"{s.id}: {sentence}" for sentence in wrong]
    return judgement, [f"{s.id} is {judgement.finding.verdict}, but expected to be {s.expected}"]


def described(judgement: Judgement, kept: bool) -> Iterator[str]:
    """A statement and what was found, line by line; `kept` if there will be a report."""
    from spiritlevel.theory.statement import Method

    s, f = judgement.statement, judgement.finding
    yield f"claim:    {s.sentence}"
    yield f"where:    {s.paper}, {s.location}"
    yield f"verdict:  {f.verdict}{'' if f.method is Method.NONE else f' by {f.method}'}"
    yield f"evidence: {f.summary}"
    for name, value in f.numbers.items():
        yield f"          {str(name).replace('_', ' ')} = {value}"
    for line in f.audit:
        yield f"violated: {line}"
    if s.because:
        yield f"because:  {s.because}"
    if f.witness is not None:
        where = "in the report" if kept else "--spiritlevel-report=FILE.html or .json keeps it"
        yield f"witness:  an exact counterexample; {where}"
