"""Every statement's verdict, pinned: a claim known to be false must stay refuted."""

import json
from dataclasses import replace
from functools import partial

import pytest

from spiritlevel.theory.judge import Judgement, judge, judge_all
from spiritlevel.theory.ledger import select, statements
from spiritlevel.theory.statement import Check, Context, Finding, Method, Statement, Verdict

LEDGER = statements()


def in_order(check: Check, statement: Statement, ctx: Context) -> Finding:
    """What a check finds, if it is as this project wants its own findings; any error fails the statement's test."""
    finding = check(ctx)
    assert finding.summary
    assert finding.cases >= 1
    assert finding.method is not Method.NONE
    json.dumps(Judgement(statement, finding, 0.0).to_json(), allow_nan=False)
    if finding.method is Method.MONTE_CARLO:
        assert finding.error_rates["power"] >= 0.9
    return finding


# The plugin makes a test of each: the expected verdict, a witness that holds, a false-alarm rate within the budget.
test_verdict = tuple(
    s if s.check is None else replace(s, check=partial(in_order, s.check, s)) for s in LEDGER.values()
)


def test_every_verdict_has_a_test(pytestconfig: pytest.Config) -> None:
    docket = pytestconfig.pluginmanager.get_plugin("spiritlevel-docket")
    assert docket is not None, "run `make test`, or give pytest the option -p spiritlevel.pytest_plugin"
    assert docket.collected.ids >= LEDGER.keys()


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


@pytest.mark.parametrize("id", ["", "own", "own/", "own/a b", "own/a\n", "own//b", 'own/"a"', "own/<a>"])
def test_an_id_is_names_and_slashes(id: str) -> None:
    with pytest.raises(ValueError, match="give names joined by a slash, such as 'own/thm1'"):
        Statement(id=id, paper="Ours", location="here", kind="rate", sentence="It converges.")
