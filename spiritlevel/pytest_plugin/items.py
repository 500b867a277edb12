"""A statement as a test: judged, and failed in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from numbers import Real
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
        broken = not misfit(judgement.finding) and judgement.finding.crashed
        judgement, found = weighed(judgement, alpha)
        self.row = plain(row(judgement))
        verdict = judgement.finding.verdict.value
        self.user_properties += [("statement", self.statement.id), ("verdict", verdict)]
        if self.statement.check is None:
            pytest.skip("no check yet")
        if broken:
            # a second time, to see where; seeds come from the id, so it breaks again
            self.statement.check(Context(statement=self.statement.id, level=self.level, alpha=alpha))
        if found:
            kept = bool(self.config.option.spiritlevel_report)
            pytest.fail("\n".join([*found, "", *described(judgement, kept)]), pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What the heading of a failure says."""
        return self.path, None, self.statement.id

    def _traceback_filter(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        # Pytest's own name: what a broken check shows begins in the check. Without it all of pytest would be shown.
        return excinfo.traceback.cut(path=__file__)[1:] or excinfo.traceback


def misfit(found: object) -> str:
    """What keeps a check's result from being used as a finding, in a clause; empty if nothing does.

    Examples
    --------
    >>> misfit("proved")
    "it returned 'proved'; return a Finding"
    """
    from spiritlevel.theory.plots import Figure
    from spiritlevel.theory.statement import Finding, Method, Verdict
    from spiritlevel.theory.witness import Witness

    if not isinstance(found, Finding):
        return f"it returned {found!r:.80}; return a Finding"
    fields: tuple[tuple[str, Any, str], ...] = (
        ("verdict", Verdict, "a Verdict, such as Verdict.SUPPORTED"),
        ("method", Method, "a Method, such as Method.RATIONAL"),
        ("summary", str, "a line of text"),
        ("numbers", Mapping, "values by name"),
        ("error_rates", Mapping, "numbers by name"),
        ("audit", (tuple, list), "a tuple of texts"),
        ("witness", (Witness, type(None)), "a Witness or None"),
        ("figures", (tuple, list), "a tuple of Plot and Bars"),
    )
    given = [(name, getattr(found, name), kind, right) for name, kind, right in fields]
    if all(isinstance(value, kind) for _, value, kind, _ in given):
        given = [(f"error_rates[{n!r}]", v, Real, "a number") for n, v in found.error_rates.items()]
        given += [(f"figures[{k}]", v, Figure, "a Plot or Bars") for k, v in enumerate(found.figures)]
    wrong = (entry for entry in given if not isinstance(entry[1], entry[2]))
    return next((f"{name} is {value!r:.80}; give {right}" for name, value, _, right in wrong), "")


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
