"""Wrong versions of the methods put to Argus's experiments: what a check says of each, and what it leaves open."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.theory.argus.algorithms import text_claims
from spiritlevel.theory.argus.cuts import threshold_optimum
from spiritlevel.theory.argus.experiments import growth, metric_claims, table_one, wall_clock
from spiritlevel.theory.argus.lemmas import lines_late, lines_repaired
from spiritlevel.theory.argus.planted.argus import (
    DoubleEta,
    LambdaUndamped,
    LockStep,
    MixesAfter,
    NoProx,
    NotOwn,
    OtherGradient,
    OtherSign,
    ThetaMinus,
)
from spiritlevel.theory.argus.planted.cuts import CutSign, NoDerivative, PlusInX
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def of(statement: Statement, **wrong: type[Algorithm]) -> Finding:
    finding = judge(statement, alpha=1e-4, substitutes=wrong).finding
    assert not finding.crashed, finding.summary
    return finding


def test_the_implementation_grows_as_the_modes_do() -> None:
    """All of x, y, theta and lambda against the three modes of the ring."""
    context = Context(statement=growth.OWN.id)
    assert growth.whole(context, "own") == pytest.approx([growth.radius(eta, False) for eta in growth.STEPS])
    assert growth.whole(context, "full") == pytest.approx([1.0] * len(growth.STEPS))


def test_growth_is_judged_on_the_map_of_the_method_in_question() -> None:
    """theta that descends grows with all terms too; projected multipliers are no linear map, and decide nothing."""
    assert of(growth.FULL, argus=ThetaMinus).verdict is Verdict.REFUTED
    for statement in (growth.OWN, growth.FULL):
        assert of(statement, argus=OtherSign).verdict is Verdict.INCONCLUSIVE


class Apart(DSBO):
    """Agents that do not mix."""

    def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
        """From their own values."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(net, "mix", lambda *parts: parts)
            return super().step(t, s, o, net)


class Uphill(DSBO):
    """Explodes."""

    def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
        """A thousand times as far."""
        return dataclasses.replace(s, x=1000 * s.x + 1)


def test_a_tick_of_table_one_falls_with_an_argus_that_is_blind() -> None:
    assert of(table_one.SMOOTH, argus=NoProx).verdict is Verdict.REFUTED
    assert of(table_one.ASYNCHRONOUS, argus=LockStep).verdict is Verdict.REFUTED


def test_who_agrees_is_read_off_the_method_in_question() -> None:
    """Agents that do not mix agree at neither level, as the table says of DSBO; runs that explode say nothing."""
    assert of(table_one.CONSENSUS, dsbo=Apart).verdict is Verdict.SUPPORTED
    for statement in (table_one.CONSENSUS, table_one.DYNAMIC):
        assert of(statement, dsbo=Uphill).verdict is Verdict.INCONCLUSIVE


class Explodes(Argus):
    """x triples in every iteration."""

    def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
        """Away."""
        return dataclasses.replace(s, x=s.x * 1e9 + 1)


def test_runs_that_explode_come_to_no_target() -> None:
    assert wall_clock.lines(Explodes, 1) == ({}, 0)
    assert of(wall_clock.BEST, argus=Explodes).verdict is Verdict.INCONCLUSIVE


def test_without_a_derivative_in_the_cuts_neither_5_nor_7_is_best() -> None:
    assert of(wall_clock.BEST, argus=NoDerivative).verdict is Verdict.REFUTED


@pytest.mark.parametrize("wrong", [OtherSign, OtherGradient, NotOwn])
def test_steps_that_do_not_rest_at_the_solution_are_noticed(wrong: type[Algorithm]) -> None:
    assert of(metric_claims.REPAIRED, argus=wrong).verdict is Verdict.REFUTED


@pytest.mark.parametrize("wrong", [CutSign, NoDerivative, PlusInX])
def test_runs_with_other_cuts_say_nothing_of_the_optimum_under_a_threshold(wrong: type[Algorithm]) -> None:
    finding = of(threshold_optimum.PRINTED, argus=wrong)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.witness is None


class Lax(Argus):
    """Cuts as they are, with 100 more room."""

    def renewed(self, o: Any, net: Any, x: Any, y: Any, cuts: Any, last: Any) -> Any:
        """Far out."""
        grown, star = super().renewed(o, net, x, y, cuts, last)
        return dataclasses.replace(grown, c=grown.c - 100 * np.asarray(grown.used)), star


def test_cuts_that_keep_the_optimum_under_a_threshold_are_told() -> None:
    assert of(threshold_optimum.PRINTED, argus=Lax).verdict is Verdict.SUPPORTED


def test_steps_twice_as_long_move_farther_than_48_says() -> None:
    assert of(lines_repaired.MOVEMENT, argus=DoubleEta).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (lines_repaired.MAPPING, MixesAfter),
        (lines_repaired.LAMBDA, LambdaUndamped),
        (lines_repaired.THETA, ThetaMinus),
        (text_claims.ALGORITHM, LambdaUndamped),
    ],
    ids=lambda value: getattr(value, "id", value.__name__ if isinstance(value, type) else ""),
)
def test_late_rounds_and_multipliers_are_looked_at(statement: Statement, wrong: type[Algorithm]) -> None:
    """What early rounds do not show: there movement has room for all."""
    assert of(statement, argus=wrong).verdict is Verdict.REFUTED


def test_a_run_that_explodes_has_no_late_round() -> None:
    assert lines_late.late(Context(statement="argus/46-repaired", substitutes={"argus": Explodes})) == {}
