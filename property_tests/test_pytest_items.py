"""What makes a finding fail although its verdict is the expected one."""

import pytest

from spiritlevel.pytest_plugin.items import faults
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


@pytest.mark.parametrize(("claim", "count"), [("1 == 2", 0), ("1 == 1", 1)])
def test_a_witness_that_shows_nothing_is_a_fault(claim: str, count: int) -> None:
    true = Condition("arithmetic", "1 + 1 == 2")
    witness = Witness("own/a", "ours", "here", "equal", {}, (), (true,), Condition("equal", claim))
    finding = Finding(verdict=Verdict.REFUTED, method=Method.RATIONAL, summary="see", witness=witness)
    assert len(faults(judgement(finding), 1e-3)) == count
