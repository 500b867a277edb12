"""What DSBO leaves at rest: a bias that does not vanish with the step sizes is no rate, however short the runs."""

from __future__ import annotations

import pytest

from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.theory.dsbo.planted.dsbo import PLANTED
from spiritlevel.theory.dsbo.theorems import depth, theorem51, theorem53
from spiritlevel.theory.dsbo.theorems.moments import falls, floor
from spiritlevel.theory.instruments.exponents import Exponent
from spiritlevel.theory.statement import Context, Statement, Verdict

WRONG = {p.name: p.algorithm for p in PLANTED}


@pytest.mark.parametrize("error", ["local-x", "local-y", "local-v", "no-inverse", "not-scaled"])
def test_a_bias_that_does_not_vanish_is_no_rate(error: str) -> None:
    """Floors of 1e-5 to 1e-1, of which the lowest no sum over few iterations shows."""
    assert falls([floor(WRONG[error], 4, 0.5)], -0.5) is Verdict.REFUTED


@pytest.mark.parametrize("K", [4, 8])
def test_the_bias_at_rest_falls_like_the_square_of_the_step_sizes(K: int) -> None:
    found = floor(DSBO, K, 0.5)
    assert found.value == pytest.approx(-1, abs=1e-3)
    assert falls([found], -0.5) is Verdict.SUPPORTED


@pytest.mark.parametrize("statement", [theorem51.SPEEDUP, theorem53.SPEEDUP], ids=lambda s: s.id)
def test_a_speedup_down_to_a_floor_is_refuted(statement: Statement) -> None:
    assert statement.check is not None
    found = statement.check(Context(statement=statement.id, substitutes={"dsbo": WRONG["local-y"]}))
    assert found.verdict is Verdict.REFUTED, found.summary


@pytest.mark.parametrize("error", ["not-scaled", "no-inverse"])
def test_the_depth_of_the_product_is_that_of_the_code(error: str) -> None:
    assert depth.DEPTH.check is not None
    found = depth.DEPTH.check(Context(statement=depth.DEPTH.id, substitutes={"dsbo": WRONG[error]}))
    assert found.verdict is Verdict.REFUTED, found.summary


def test_an_exponent_refutes_only_beyond_its_uncertainty() -> None:
    def of(value: float, uncertainty: float) -> Verdict:
        return falls([Exponent(value, uncertainty, (value,), 0.5)], -1.0)

    assert of(-1.1, 0.01) is of(-1.0, 0.05) is Verdict.SUPPORTED
    assert of(-0.9, 0.01) is Verdict.REFUTED
    assert of(-0.9, 0.1) is of(-1.1, float("inf")) is of(float("nan"), 0.0) is Verdict.INCONCLUSIVE
    assert falls([], -1.0) is Verdict.INCONCLUSIVE
