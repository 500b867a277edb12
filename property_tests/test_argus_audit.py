"""Argus's experiments and cuts: their instances are audited, the clock's expectations are those of the clock, Table I can turn."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.activity import Stragglers
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.theory import assumptions
from spiritlevel.theory.argus.assumptions import ALL
from spiritlevel.theory.argus.cuts import (
    convexity,
    of_runs,
    optimum,
    own_estimate,
    prox,
    stale,
    threshold_optimum,
    true_set,
    validity,
)
from spiritlevel.theory.argus.experiments import (
    ablation,
    convergence,
    growth,
    interval,
    limits,
    metric_claims,
    slow_agents,
    speed,
    staleness,
    table_one,
    virtual_rate,
    wall_clock,
)
from spiritlevel.theory.argus.experiments.round_times import expected, ratio
from spiritlevel.theory.argus.planted.cuts import NoEps
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Context, Statement, Verdict

F = Fraction
SOUND = (
    ablation.PRINTED,
    convergence.BARE,
    convexity.QUADRATIC,
    convexity.R0,
    interval.INTERVAL,
    limits.BARE,
    limits.CONVERGES,
    limits.EXACT,
    metric_claims.REPAIRED,
    metric_claims.SOLUTION,
    metric_claims.ZERO,
    of_runs.L1,
    of_runs.SMOOTH,
    of_runs.WAVY,
    optimum.OPTIMUM,
    own_estimate.KEPT,
    prox.PRINTED,
    prox.SCALED,
    stale.STALE,
    stale.ZERO,
    threshold_optimum.PRINTED,
    threshold_optimum.REPAIRED,
    true_set.MATCHED,
    true_set.TRUE,
    validity.LOCAL,
    validity.SEPARATES,
    virtual_rate.FORCED,
)
"""Their instances satisfy what is asked of problems and networks, and the agents are awake often enough."""
SLEEPY = (
    slow_agents.PRINTED,
    slow_agents.REPAIRED,
    virtual_rate.PRINTED,
    virtual_rate.REPAIRED,
    virtual_rate.THETA,
)
"""Nothing wakes an agent within tau iterations."""


def audit_of(statement: Statement) -> tuple[str, ...]:
    finding = judge(statement, alpha=1e-4).finding
    assert not finding.crashed, finding.summary
    return finding.audit


@pytest.mark.parametrize("statement", SOUND, ids=lambda s: s.id)
def test_sound_instances_are_looked_at_and_found_sound(
    statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one assumption more, which nothing satisfies, its lines are there, one for a family, and no others."""
    never = assumptions.Assumption("0", "nothing satisfies it", lambda problem: "no problem does")
    monkeypatch.setattr("spiritlevel.theory.argus.assumptions.ALL", (*ALL, never))
    lines = audit_of(statement)
    assert lines
    assert all(line.startswith("0 violated") for line in lines)


@pytest.mark.parametrize("statement", SLEEPY, ids=lambda s: s.id)
def test_who_may_sleep_for_ever_is_told(statement: Statement) -> None:
    lines = audit_of(statement)
    assert len(lines) == 1
    assert lines[0].startswith("1(c) violated")


def test_multipliers_that_grow_are_told() -> None:
    (line,) = audit_of(convergence.CONVERGES)
    assert line.startswith("1(c) in doubt")


def test_whom_a_clock_leaves_out_is_told() -> None:
    """The graphs that are redrawn are looked at too."""
    (line,) = speed.audited(Context(statement=speed.SPEED.id))
    assert line.startswith("1(c) violated: with the first 8 of 10")
    assert judge(wall_clock.STRAGGLERS).finding.audit == (line,)


class AllTerms(Argus):
    """The gradient of the whole sum, whatever is asked for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gradient", "full")


def test_growth_is_that_of_the_printed_gradient_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all terms nothing grows; steps far too large are not small; a positive mode does not grow."""
    swapped = {"argus": AllTerms}
    assert judge(growth.OWN, substitutes=swapped).finding.verdict is Verdict.SUPPORTED
    with monkeypatch.context() as patch:
        patch.setattr(growth, "STEPS", (F(3),))
        assert judge(growth.FULL).finding.verdict is Verdict.REFUTED
    patched = {mode: (w, laplace, abs(v)) for mode, (w, laplace, v) in growth.MODES.items()}
    monkeypatch.setattr(growth, "MODES", patched)
    assert growth.radius(F(1, 20), full=False) < 1


def test_growth_has_the_determinant_that_its_proof_says() -> None:
    for full, sign in ((False, -1), (True, 1)):
        M = np.array(
            growth.mode_map(F(1, 4), F(3), F(-1, 2), F(1), growth.MODES[growth.TURN], full), dtype=float
        )
        exact = sign * (2 if full else 1) * 4 / 4**4
        assert np.linalg.det(np.eye(4) - M) == pytest.approx(exact)


@pytest.mark.parametrize(
    ("wait", "slow", "factor"), [(8, 0, 1), (10, 0, 1), (8, 2, 10), (10, 2, 10), (8, 3, 2), (9, 5, 4)]
)
def test_expected_rounds_are_the_clocks(wait: int, slow: int, factor: int) -> None:
    """Means of 6400 rounds within five standard errors."""
    clock = Stragglers(wait, slow, float(factor)).source(1, range(64))
    for _ in range(100):
        clock.next(10)
    lasted = np.array(clock.lasted)
    exact = float(expected(10, wait, slow, F(factor)))
    assert abs(lasted.mean() - exact) < 5 * lasted.std() / 80


def test_rounds_that_have_no_closed_form_are_refused() -> None:
    with pytest.raises(ValueError, match="give 1 or 3/2 or more"):
        expected(10, 8, 2, F(5, 4))
    with pytest.raises(ValueError, match="give 1 to 10"):
        expected(10, 11, 2, F(10))
    assert ratio(10, 10, 2, F(10)) == 1


def test_regions_are_those_of_a_scan() -> None:
    rng = np.random.default_rng(4)
    for _ in range(30):
        found = {
            i: (F(int(T)), F(int(T), i))
            for i, T in zip((1, 3, 5, 7, 10), rng.integers(20, 40, 5), strict=True)
        }
        part = wall_clock.region(found, (5, 7))
        for k in range(1, 200):
            rho = F(k, 20) + F(1, 1000003)
            inside = bool(set(wall_clock.best(found, rho)) & {5, 7})
            start, end = part or (F(0), F(0))
            assert inside == (part is not None and start < rho and (end is None or rho < end))


def test_the_update_interval_is_decided_by_what_an_update_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 best for all prices in question, for some of them, for none; without a delay nothing moves the best one out."""
    for half, cheapest in (("12", Verdict.SUPPORTED), ("20", Verdict.INCONCLUSIVE), ("900", Verdict.REFUTED)):
        one, five = (F(10), F(10)), (F(half), F(half) / 5)
        with monkeypatch.context() as patch:
            patch.setattr(
                wall_clock,
                "lines",
                lambda *_, of=(one, five): ({F(1, 2): dict(zip((1, 5), of, strict=True))}, 1),
            )
            assert judge(wall_clock.BEST).finding.verdict is cheapest
    assert judge(wall_clock.BEST).finding.verdict is Verdict.INCONCLUSIVE
    with monkeypatch.context() as patch:
        patch.setattr(wall_clock, "clocks", lambda: {"none": ratio(10, 8, 0, F(1))})
        assert judge(wall_clock.STRAGGLERS).finding.verdict is Verdict.SUPPORTED
    monkeypatch.setattr(wall_clock, "lines", lambda make, count: ({}, 0))
    for statement in (wall_clock.BEST, wall_clock.STRAGGLERS):
        assert judge(statement).finding.verdict is Verdict.INCONCLUSIVE


def test_a_floor_is_that_of_the_papers_cuts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cuts without eps have a floor too, but another one; cuts in other directions can hold together."""
    assert judge(convergence.CONVERGES, substitutes={"argus": NoEps}).finding.verdict is Verdict.INCONCLUSIVE
    cuts = [(F(-1, 2), F(1), F(1)), (F(-1, 3), F(1), F(2))]
    monkeypatch.setattr(convergence, "exact_cuts", lambda ctx: cuts)
    finding = judge(convergence.CONVERGES).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.numbers["exact_floor"] == "0"


def test_cuts_under_a_convex_upper_level_say_nothing_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_runs, "_at_negative_curvature", lambda problem, made: 0)
    assert judge(of_runs.WAVY).finding.verdict is Verdict.INCONCLUSIVE


def test_three_agents_are_three_agents_at_both_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staleness, "largest_step", lambda make, n, script, t, *rest: float(10 * n + (t > 1)))
    monkeypatch.setattr(staleness, "unstable_scripts", lambda *rest: (1, 0))
    for level in ("quick", "full"):
        finding = judge(staleness.STEPS, level=level).finding
        assert finding.verdict is Verdict.REFUTED
        assert "three agents 30, 30, 30, 30, 30;" in finding.summary


def test_runs_that_never_come_to_the_target_are_left_out() -> None:
    assert np.isnan(wall_clock.reached([1.0, 0.9, 0.8], F(1, 10)))
    assert wall_clock.reached([1.0, 0.5, 0.0], F(1, 4)) == 1.5

    class Still(Argus):
        """Does not move."""

        def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
            return s

    assert wall_clock.lines(Still, 1) == ({}, 0)


def test_table_one_can_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that sees l1 terms or sleepers refutes a cross; controls that fail decide nothing."""
    with monkeypatch.context() as patch:
        patch.setattr(table_one, "NUMBERS", {"argus": "[0]"})
        for statement in (table_one.SMOOTH, table_one.ASYNCHRONOUS):
            assert judge(statement).finding.verdict is Verdict.REFUTED
    with monkeypatch.context() as patch:
        patch.setattr(table_one, "PRINTED", {"interact": "UL", "slam": "UL & LL", "dsbo": "UL & LL"})
        assert judge(table_one.CONSENSUS).finding.verdict is Verdict.SUPPORTED
        patch.setattr(table_one, "PRINTED", {"interact": "LL", "slam": "UL & LL", "dsbo": "x"})
        assert judge(table_one.CONSENSUS).finding.verdict is Verdict.INCONCLUSIVE


def test_changing_networks_that_stop_a_method_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if methods stood still on them."""
    play = table_one.played

    def stopping(ctx: Context, name: str, problem: Any, network: Any, steps: int) -> Any:
        return play(ctx, name, problem, network, 1 if network is table_one.TURNS else steps)

    monkeypatch.setattr(table_one, "played", stopping)
    assert judge(table_one.DYNAMIC).finding.verdict is Verdict.SUPPORTED


def test_a_cross_of_table_one_needs_both_columns() -> None:
    context = Context(statement="argus/table1-consensus")
    words = {name: table_one.levels(context, name)[0] for name in table_one.PRINTED}
    assert words == {"interact": "UL", "slam": "UL & LL", "dsbo": "UL & LL"}
    assert all(a != b for a, b in itertools.pairwise(words.values()) if "interact" in (a, b))
