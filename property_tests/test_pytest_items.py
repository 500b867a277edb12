"""What makes a finding fail although its verdict is the expected one, and what it is worth then."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from spiritlevel.pytest_plugin.fields import misfit, unfit
from spiritlevel.pytest_plugin.items import faults, weighed
from spiritlevel.theory.judge import Judgement
from spiritlevel.theory.statement import Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness


def judgement(finding: Finding, samples: bool = True) -> Judgement:
    """A finding as that of a statement that expects its verdict."""
    statement = Statement(
        id="own/a",
        paper="ours",
        location="here",
        kind="rate",
        sentence="It holds.",
        check=lambda _: finding,
        expected=finding.verdict,
        samples=samples,
    )
    return Judgement(statement, finding, 0.0)


def judgement_of_proof(found: Any) -> Judgement:
    """Whatever a check returned, where a proof was expected."""
    proof = Finding(verdict=Verdict.PROVED, method=Method.SYMBOLIC, summary="both are 0")
    return replace(judgement(proof, samples=False), finding=found)


@pytest.mark.parametrize(
    ("rates", "samples", "message"),
    [
        ({"false_alarm": 1e-4, "power": 0.9}, True, None),
        ({"false_alarm": 1e-4, "power": 0.9}, False, "give the statement samples=True"),
        ({"false_alarm": 1e-2, "power": 0.9}, True, "at most ctx.alpha = 0.001"),
        ({"false_alarm": 1e-4}, True, "give 'power'"),
        ({}, True, "'false_alarm' of at most"),
    ],
)
def test_samples_without_error_rates_are_a_fault(
    rates: dict[str, float], samples: bool, message: str | None
) -> None:
    finding = Finding(
        verdict=Verdict.SUPPORTED, method=Method.MONTE_CARLO, summary="sampled", error_rates=rates
    )
    found = faults(judgement(finding, samples), 1e-3)
    assert len(found) == (message is not None)
    assert message is None or message in found[0]


def witnessed(claim: str) -> Finding:
    """A refutation by a witness that breaks one line of arithmetic, if it is false."""
    true = Condition("arithmetic", "1 + 1 == 2")
    witness = Witness("own/a", "ours", "here", "equal", {}, (), (true,), Condition("equal", claim))
    return Finding(verdict=Verdict.REFUTED, method=Method.RATIONAL, summary="see", witness=witness)


def test_a_witness_that_stands_is_none() -> None:
    known = judgement(witnessed("1 == 2"))
    assert weighed(known, 1e-3) == (known, [])


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("1 == 1", "the witness does not show it: the claim is true: equal"),
        ("f(1) == 1", "the witness cannot be used: the claim (equal): there is no function 'f'"),
    ],
)
def test_a_witness_that_shows_nothing_leaves_no_verdict(claim: str, why: str) -> None:
    weight, found = weighed(judgement(witnessed(claim)), 1e-3)
    assert found == ["own/a is inconclusive, but expected to be refuted"]
    assert weight.finding.verdict is Verdict.INCONCLUSIVE
    assert weight.finding.witness is None
    assert weight.finding.summary.startswith(why)
    assert weight.finding.summary.endswith("(without that, refuted: see)")


def test_what_is_expected_to_be_inconclusive_needs_its_evidence_too() -> None:
    finding = Finding(verdict=Verdict.INCONCLUSIVE, method=Method.MONTE_CARLO, summary="noise")
    _, found = weighed(judgement(finding), 1e-3)
    assert [text.split(";")[0] for text in found] == ["own/a: error_rates is {}"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"verdict": "proved"}, "verdict is 'proved'; give a Verdict, such as Verdict.SUPPORTED"),
        ({"method": "guess"}, "method is 'guess'; give a Method, such as Method.RATIONAL"),
        ({"summary": None}, "summary is None; give a line of text"),
        ({"numbers": [1]}, "numbers is [1]; give values by name"),
        ({"error_rates": {"power": "high"}}, "error_rates['power'] is 'high'; give a number"),
        ({"error_rates": {"power": Fraction(9, 10)}}, ""),
        ({"audit": "x > 1"}, "audit is 'x > 1'; give a tuple of texts"),
        ({"witness": {}}, "witness is {}; give a Witness or None"),
        ({"figures": "plot"}, "figures is 'plot'; give a tuple of Plot and Bars"),
        ({"cases": "three"}, "cases is 'three'; give a whole number"),
        ({"figures": ["plot"]}, "figures[0] is 'plot'; give a Plot or Bars"),
        ({"numbers": {"third": Fraction(1, 3), "nan": float("nan")}}, ""),
    ],
)
def test_fields_of_a_wrong_kind_are_named(given: dict[str, Any], why: str) -> None:
    good: dict[str, Any] = {"verdict": Verdict.PROVED, "method": Method.SYMBOLIC, "summary": "both are 0"}
    finding = Finding(**good | given)
    assert misfit(finding) == why
    _, found = weighed(judgement_of_proof(finding), 1e-3)
    assert found == (["own/a is inconclusive, but expected to be proved"] if why else [])


def test_a_check_that_returns_no_finding_leaves_no_verdict() -> None:
    weight, found = weighed(judgement_of_proof(None), 1e-3)
    assert found == ["own/a is inconclusive, but expected to be proved"]
    assert weight.finding.summary == "the check failed: it returned None; return a Finding"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"expected": "proved"}, "expected is 'proved'; give a Verdict, such as Verdict.SUPPORTED"),
        ({"check": "f"}, "check is 'f'; give a function of a Context that returns a Finding, or None"),
        ({"about": "dsgd"}, "about is 'dsgd'; give a tuple of names"),
        ({"about": (1,)}, "about[0] is 1; give the name of an algorithm"),
        ({"assumptions": None}, "assumptions is None; give a tuple of Assumption"),
        ({"assumptions": ("A1",)}, "assumptions[0] is 'A1'; give an Assumption"),
        ({"sentence": None}, "sentence is None; give a text"),
        ({"samples": "yes"}, "samples is 'yes'; give True or False"),
        ({"variant": "other"}, "variant is 'other'; give 'printed', 'repaired', 'added'"),
        ({"about": ["dsgd"], "formula": r"\frac{1}{"}, ""),
    ],
)
def test_fields_of_a_statement_are_named(given: dict[str, Any], why: str) -> None:
    proof = Finding(verdict=Verdict.PROVED, method=Method.SYMBOLIC, summary="both are 0")
    assert unfit(replace(judgement(proof).statement, **given)) == why
