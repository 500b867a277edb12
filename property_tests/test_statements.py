"""Every statement's verdict, pinned: a claim known to be false must stay refuted."""

import json

import pytest

from spiritlevel.theory.judge import budget, judge, judge_all
from spiritlevel.theory.ledger import select, statements
from spiritlevel.theory.statement import Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

LEDGER = statements()
CHECKED = [s for s in LEDGER.values() if s.check is not None]


@pytest.mark.parametrize("statement", CHECKED, ids=lambda s: s.id)
def test_verdict_is_as_recorded(statement: Statement) -> None:
    judgement = judge(statement)
    finding = judgement.finding
    assert not finding.crashed, finding.summary
    assert finding.verdict is statement.expected, finding.summary
    assert finding.summary
    assert finding.cases >= 1
    assert finding.method is not Method.NONE
    json.dumps(judgement.to_json(), allow_nan=False)
    if finding.witness is not None:
        assert recheck(finding.witness).ok
    if finding.method is Method.MONTE_CARLO:
        assert statement.samples
        assert 0 < finding.error_rates["false_alarm"] <= budget().each
        assert finding.error_rates["power"] >= 0.9


@pytest.mark.parametrize("statement", LEDGER.values(), ids=lambda s: s.id)
def test_row_is_complete(statement: Statement) -> None:
    paper, _, name = statement.id.partition("/")
    assert paper.isidentifier()
    assert name
    assert statement.location
    assert statement.sentence.endswith(".")
    if statement.variant == "repaired":
        assert statement.repairs is not None
        assert LEDGER[statement.repairs].variant != "repaired"
    if statement.expected is Verdict.REFUTED:
        assert statement.because, "a refuted statement says what breaks"


def test_verdicts_do_not_depend_on_workers() -> None:
    chosen = select(["interact/mix*", "interact/closed-form"])
    one = {j.statement.id: j.finding.numbers for j in judge_all(chosen)}
    two = {j.statement.id: j.finding.numbers for j in judge_all(chosen, jobs=2)}
    assert one == two


def test_crash_is_reported_and_is_no_verdict_on_the_paper() -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("by design")

    statement = Statement(
        id="interact/broken",
        paper="none",
        location="none",
        kind="identity",
        sentence="A check that fails.",
        check=broken,  # type: ignore[arg-type]
        expected=Verdict.PROVED,
    )
    judgement = judge(statement)
    assert judgement.finding.crashed
    assert judgement.finding.verdict is Verdict.INCONCLUSIVE
    assert "ZeroDivisionError: by design" in judgement.finding.summary
    assert not judgement.as_recorded
