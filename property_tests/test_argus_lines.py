"""(46) to (49) of Argus and what stale reads do: checks that come out otherwise where a line or a run is another."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.graphs import named
from spiritlevel.theory.argus.experiments import periods, staleness
from spiritlevel.theory.argus.experiments.expectation import maps
from spiritlevel.theory.argus.experiments.instances import separate
from spiritlevel.theory.argus.lemmas import lines, lines_repaired, lines_runs, lines_witnesses
from spiritlevel.theory.argus.lemmas.claims import refuting
from spiritlevel.theory.argus.lemmas.kink_witness import line46_l1
from spiritlevel.theory.argus.planted.argus import FreshRead
from spiritlevel.theory.argus.planted.parts import Pieces
from spiritlevel.theory.statement import Context, Statement, Verdict
from spiritlevel.theory.witness import check

F = Fraction
CONTEXT = Context(statement="demo/lines")


def verdict(statement: Statement, algorithm: Any = None) -> Verdict:
    """What a check says, perhaps of another algorithm."""
    assert statement.check is not None
    substitutes = {"argus": algorithm} if algorithm else {}
    return statement.check(Context(statement=statement.id, substitutes=substitutes)).verdict


@pytest.mark.parametrize(
    "witness", [*lines_witnesses.witnesses(), line46_l1()], ids=lambda w: f"{w.statement}-{w.given.get('k')}"
)
def test_every_witness_stands(witness: Any) -> None:
    assert check(witness).ok


@pytest.mark.parametrize(
    "witness",
    [
        lines_witnesses.line46(3),  # all three are awake
        line46_l1(2),  # two of three move
        lines_witnesses.line48(1),  # awake in the round of the claim
        lines_witnesses.line49("1"),  # identical agents: theta is as small as x is apart
        lines_witnesses.movement("1/2"),  # often enough
    ],
    ids=lambda w: w.statement,
)
def test_witnesses_that_fall_for_their_claim(witness: Any) -> None:
    report = check(witness)
    assert not report.ok
    assert report.reason.startswith("the claim is true")
    statement = refuting("demo/x", lambda: witness, "A sentence.", "A reason.", "a case")
    assert verdict(statement) is Verdict.INCONCLUSIVE


def test_floor_and_farthest_of_the_last_witness_hold_on_every_path() -> None:
    """Two agents with G = y^2/2 that agree at first; the second steps by 4 eta, and never sleeps four rounds running."""
    eta, found = F(1, 2000000), check(lines_witnesses.movement())
    assert found.ok
    for awake in itertools.product((0, 1), repeat=8):
        if not all(any(awake[k : k + 4]) for k in range(5)):
            continue
        y: list[Any] = [F(1)] * 2
        read, path = y, [np.array(y)]
        for on in awake:
            u = sum(y) / 2
            y = [u - eta * read[0], u - 4 * eta * on * read[1]]
            read = [y[0], y[1] if on else read[1]]
            path.append(np.array(y))
        assert min(((b - a) ** 2).sum() for a, b in itertools.pairwise(path)) >= eta**2 / 4
        assert all(
            ((b - a) ** 2).sum() <= 16 * 17 * eta**2 for k, a in enumerate(path) for b in path[k + 1 : k + 5]
        )


def test_what_1c_needs_is_looked_at(monkeypatch: Any) -> None:
    """The runs in turns stay within what is on the right of (46); where they do not it is told."""

    def finding() -> Any:
        assert lines.LAMBDA.check is not None
        return lines.LAMBDA.check(CONTEXT)

    assert 1 < lines_runs.needed(CONTEXT) <= lines_runs.AGED
    assert finding().audit == ()
    monkeypatch.setattr(lines, "needed", lambda ctx: 1e3)
    assert finding().audit[0].startswith("1(c) violated")


def test_a_printed_line_whose_witness_falls_is_undecided() -> None:
    falls = lines.line("46", lambda: lines_witnesses.line46(3), "A sentence.", "A reason.", "a case")
    assert verdict(falls) is Verdict.INCONCLUSIVE


def test_every_assumption_of_a_witness_is_needed_to_be_true() -> None:
    found = lines_witnesses.line46()
    assert not check(replace(found, given={**found.given, "k_1": "1"})).ok
    assert not check(replace(found, given={**found.given, "eta": "1/1000"})).ok
    found = lines_witnesses.line49()
    assert not check(replace(found, given={**found.given, "L": "1"})).ok


def test_certificates_need_their_factors() -> None:
    assert lines_repaired.mapping_holds()
    assert not lines_repaired.mapping_holds(1)
    assert lines_repaired.half_holds()
    assert not lines_repaired.half_holds(2)
    assert not lines_repaired.mean_holds(3)
    assert not lines_repaired.dual_holds(1)
    assert not lines_repaired.first_holds(2)
    assert lines_repaired.movement_holds(2)
    assert not lines_repaired.movement_holds(1)


def test_without_a_certificate_a_line_is_supported_only() -> None:
    weaker = replace(lines_repaired.HALF, check=lines_repaired._check("47", lambda: False, "nothing"))
    assert verdict(weaker) is Verdict.SUPPORTED
    assert verdict(lines_repaired.HALF) is Verdict.PROVED


def test_printed_lines_fail_in_runs_where_agents_take_turns_and_nowhere_else() -> None:
    turns = lines_runs.measured(CONTEXT, lines_runs.TURNS, tau_k_1=lines_runs.AGED)
    awake = lines_runs.measured(CONTEXT, lines_runs.AWAKE)
    assert lines_runs.failing(turns["46"]) > 0
    assert lines_runs.failing(turns["48"]) > 0
    assert all(lines_runs.failing(pairs) == 0 for pairs in awake.values())
    assert (
        lines_runs.failing(turns["46-repaired"]) > 0
    )  # with equal steps: its premise is equal virtual rates


class Halved(Pieces):
    """Agents move half as far as they should."""

    def steps(self, like: Any) -> Any:
        """Half."""
        return super().steps(like) / 2


def test_a_run_against_a_repaired_line_outweighs_its_proof() -> None:
    for statement in (lines_repaired.MAPPING, lines_repaired.LAMBDA):
        assert verdict(statement, Halved) is Verdict.REFUTED


def test_expectations_are_over_all_activity_sets() -> None:
    problem, network = separate(3, 3, 1, same=False, exact=True), named("path:3", exact=True)
    found = next(lines_runs.rounds(Argus, problem, network, F(1, 10), lines_runs.TURNS, lines_runs.CHANCES))
    assert sum(p for p, _, _ in found.follow) == 1
    assert [found.awake(i) for i in range(3)] == list(lines_runs.CHANCES)
    moved = Counter({sets: bool((s.x != found.before.x).any()) for _, sets, s in found.follow})
    assert len(moved) == 8


def test_a_period_of_maps_is_a_run() -> None:
    found, script = maps(Argus, [0.0, 3.0], t=1, eta=0.1), periods.straggler(2, 3)
    M, b = periods.period(found, script)
    z = b.copy()
    for awake in script:  # once more, from where one period from 0 leads
        step, move = periods.period(found, (awake,))
        z = step @ z + move
    np.testing.assert_allclose(z, M @ b + b, atol=1e-14)


def test_refreshed_maps_are_those_of_fresh_reads() -> None:
    stale = [periods.orbit(Argus, 0.05, 4, fresh=True), periods.orbit(FreshRead, 0.05, 4)]
    np.testing.assert_allclose(stale[0].x, stale[1].x, atol=1e-12)
    assert abs(periods.orbit(Argus, 0.05, 4).mean - stale[0].mean) > 1e-3


def test_largest_steps_by_hand() -> None:
    """Theta damped by 1/sqrt(2) or not, two agents that all wake: their difference decides; an idle round changes nothing."""
    both = periods.largest_step(Argus, 2, ((1, 1),), 1)
    assert both == pytest.approx(0.5, abs=1e-6)
    assert periods.largest_step(Argus, 2, ((1, 1), (0, 0), (0, 0)), 1) == pytest.approx(both, rel=1e-6)
    below, above = (
        float(abs(np.linalg.eigvals(periods.period(maps(Argus, [0.0, 0.0], eta=eta), ((1, 1),))[0])).max())
        for eta in (0.49, 0.51)
    )
    assert below < 1 < above


def test_fresh_reads_are_noticed() -> None:
    """Without staleness the bias is no multiple of eta (tau - 1)."""
    assert verdict(staleness.LIMIT, FreshRead) is Verdict.REFUTED


def test_steps_that_grow_with_tau_would_fall(monkeypatch: Any) -> None:
    """Were the rates equal to tau, the limit would fall; with equal steps it does not, and its exponent is not -1."""
    monkeypatch.setattr(staleness, "equal", periods.virtual)
    assert verdict(staleness.STEPS) is Verdict.INCONCLUSIVE
    monkeypatch.undo()
    monkeypatch.setattr(staleness, "virtual", periods.equal)
    assert verdict(staleness.VIRTUAL) is Verdict.REFUTED


def test_scripts_that_grow_are_counted() -> None:
    assert periods.unstable_scripts(Argus, 0.45, 3)[1] == 0
    assert periods.unstable_scripts(Argus, 1.2, 3)[1] > 0


def test_idle_rounds_that_do_something_are_noticed() -> None:
    class Restless(Pieces):
        """Sleeping agents make gradient steps too."""

        def moving(self, awake: Any) -> Any:
            return np.ones_like(awake)

    assert periods.idle_together(CONTEXT) == 0
    wrong = replace(CONTEXT, substitutes={"argus": Restless})
    assert periods.idle_together(wrong) > 0


def test_consensus_and_k_1_come_out_otherwise_where_they_should(monkeypatch: Any) -> None:
    def rising(make: Any, eta: float, tau: int, *args: Any, **rest: Any) -> periods.Orbit:
        x = np.array([[1.0, -1.0], [tau, -tau]])
        return periods.Orbit(x)

    monkeypatch.setattr(staleness, "orbit", rising)
    monkeypatch.setattr(staleness, "drifting", lambda ctx, tau: F(1))
    assert verdict(staleness.APART) is Verdict.INCONCLUSIVE
    assert verdict(staleness.K_1) is Verdict.INCONCLUSIVE


def test_movement_of_an_orbit_by_hand() -> None:
    """x goes 0, 1, 3 and back to 0: least square 1, farthest 9, over tau = 3 rounds."""
    x = np.array([[0.0], [1.0], [3.0], [0.0]])
    assert periods.Orbit(x).k_1() == pytest.approx(9 / (3 * 1))
    assert [periods.drifting(CONTEXT, tau) for tau in (1, 3)] == [1, 3]


def test_all_orders_of_activity_once() -> None:
    """Up to rotation, both awake at least once: 1 of one round; of two (11,11 counts as well) 5."""
    sets = list(itertools.product((0, 1), repeat=2))
    two = {
        min((a, b), (b, a))
        for a, b in itertools.product(sets, repeat=2)
        if all(x or y for x, y in zip(a, b, strict=True))
    }
    assert periods.unstable_scripts(Argus, 0.1, 2)[0] == 1 + len(two)
