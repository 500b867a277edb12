"""Cuts judged exactly: against brute force on grids, against perturbation, and on Argus's own runs."""

from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus.cuts import lost, own_estimate, threshold_optimum
from spiritlevel.theory.argus.cuts import witnesses as of_h
from spiritlevel.theory.argus.cuts.cases import diagonal, wavy
from spiritlevel.theory.argus.cuts.frozen import Settings, frozen, lower_only, solutions
from spiritlevel.theory.argus.cuts.of_runs import L1 as RUNS_L1
from spiritlevel.theory.argus.cuts.of_runs import SMOOTH, WAVY
from spiritlevel.theory.argus.cuts.runs import cuts_of_run
from spiritlevel.theory.argus.cuts.validity import LOCAL, SEPARATES
from spiritlevel.theory.instruments.cuts import Cut, Violation, judge, outermost
from spiritlevel.theory.judge import judge as judge_statement
from spiritlevel.theory.statement import Context, Verdict
from spiritlevel.theory.witness import Witness, check

TENTH = Fraction(1, 10)


def rationals(rng: np.random.Generator, *shape: int) -> Any:
    return convert(rng.integers(-8, 9, shape).astype(object), "fraction") / 4


def random_violation(rng: np.random.Generator, m: int, P: int, kappa: int, weight: Fraction) -> Violation:
    return Violation(rationals(rng, m), rationals(rng, m, P), kappa=Fraction(kappa, 2), weight=weight)


@pytest.mark.parametrize("weight", [Fraction(0), TENTH])
@pytest.mark.parametrize("kappa", [0, 1])
def test_a_verdict_comes_with_its_evidence(kappa: int, weight: Fraction) -> None:
    """Invalid: a point that is feasible and removed. Valid: no feasible point of many random ones is removed."""
    rng = np.random.default_rng(3)
    valid = 0
    for _ in range(60):
        h = random_violation(rng, 2, 2, kappa, weight)
        cut = h.cut(rationals(rng, 2), rationals(rng, 2), TENTH)
        found = judge(cut, h, TENTH)
        valid += found.valid
        if not found.valid:
            assert h.at(found.x, found.y) <= TENTH
            assert found.value is not None
            assert cut.at(found.x, found.y) == found.value > 0
            continue
        for _ in range(20):
            x, u = rationals(rng, 2), rationals(rng, 2) / 64
            y = h.estimate(x) + u
            assert h.at(x, y) > TENTH or cut.at(x, y) <= 0
    assert valid == 60 if kappa == 0 else 0 < valid < 60


@pytest.mark.parametrize("kappa", [0, 1])
def test_it_agrees_with_brute_force_on_a_grid(kappa: int) -> None:
    """Scalars, level and offsets such that what is removed reaches the grid: both find a point, or neither."""
    rng = np.random.default_rng(5)
    h, eps = Violation([0], [[1]], kappa=kappa), Fraction(1, 2)
    grid = [Fraction(k, 2) for k in range(-12, 13)]
    feasible = [(x, y) for x, y in itertools.product(grid, grid) if h.at([x], [y]) <= eps]
    verdicts = set()
    for _ in range(80):
        b = Fraction(int(rng.integers(-2, 3)))
        a = -b if rng.random() < 0.7 else Fraction(int(rng.integers(-2, 3)))
        cut = Cut([a], [b], Fraction(int(rng.integers(-6, 3)), 2))
        brute = all(cut.at([x], [y]) <= 0 for x, y in feasible)
        assert judge(cut, h, eps).valid == brute
        verdicts.add(brute)
    assert verdicts == {True, False}


def test_a_valid_cut_perturbed_is_caught_with_a_point() -> None:
    """The offset of a supporting cut raised by 10^-9, a slope turned by 10^-9: no longer valid."""
    h = Violation([Fraction(1, 3), 0], [[1, 2], [0, 1]])
    cut = h.cut([1, 1], [5, 3], TENTH)
    assert judge(cut, h, TENTH).valid
    tiny = Fraction(1, 10**9)
    raised = Cut(cut.a, cut.b, cut.c + tiny)
    turned = Cut(cut.a + tiny, cut.b, cut.c)
    for wrong in (raised, turned, Cut(cut.a, cut.b, cut.c + tiny / 10**9)):
        found = judge(wrong, h, TENTH)
        assert not found.valid
        assert wrong.at(found.x, found.y) > 0
        assert h.at(found.x, found.y) <= TENTH


def test_a_supporting_cut_with_an_irrational_contact_is_decided_by_squares() -> None:
    """h = |u| + u^2 <= 1: u <= (sqrt 5 - 1)/2 = 0.6180339887498948..."""
    h = Violation([0], [[0]], weight=1)
    below, above = (Cut([0], [1], -Fraction(p, 10**16)) for p in (6180339887498948, 6180339887498949))
    assert not judge(below, h, 1).valid
    assert judge(above, h, 1).valid


@pytest.mark.parametrize("weight", [Fraction(0), Fraction(1, 3), Fraction(2)])
def test_the_outermost_point_is_the_largest_over_random_ones(weight: Fraction) -> None:
    rng = np.random.default_rng(7)
    for _ in range(20):
        b, eps = rationals(rng, 3), Fraction(int(rng.integers(1, 9)), 3)
        *_, u = outermost(b, weight, eps, Fraction(-1))
        for _ in range(30):
            w = rationals(rng, 3) / 4
            size, reach = (abs(w) + w * w * weight).sum(), b @ w - Fraction(1, 10**6)
            if size <= eps:
                *_, best = outermost(b, weight, eps, reach)
                assert b @ best > reach
        assert (abs(u) + u * u * weight).sum() <= eps


def test_dependent_rows_are_searched_at_their_vertices() -> None:
    """clip(x) - clip(x - 3): largest, 2, for x from 1 to 2; the largest of each term apart would be 2 only there."""
    same = Violation(
        [0, 0], [[1], [1]], kappa=1
    )  # y_2 - y_1 = 0 on h = 0, whatever one might make of either alone
    assert judge(Cut([0], [-1, 1], 0), same, 0).valid
    assert not judge(Cut([0], [-1, 1], 0), same, 0, low=True).valid
    h = Violation([0, -3], [[1], [1]], kappa=1)
    for c, valid in ((-2, True), (Fraction(-19, 10), False)):
        # a = -J^T b = 0; b @ s = (s_2 - s_1) = -3 + clip(x) - clip(x - 3)
        cut = Cut([0], [-1, 1], 3 + Fraction(c))
        assert judge(cut, h, 0).valid is valid


def test_a_low_cut_is_valid_where_the_cut_is_not() -> None:
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(40):
        h = random_violation(rng, 2, 2, 1, TENTH)
        x, y = rationals(rng, 2), rationals(rng, 2)
        assert h.low(x, y) <= h.at(x, y)
        assert judge(h.low_cut(x, y, TENTH), h, TENTH).valid
        assert judge(h.low_cut(x, y, TENTH), h, TENTH, low=True).valid
        wrong += not judge(h.cut(x, y, TENTH), h, TENTH).valid
    assert wrong > 5


def test_variables_that_do_not_count_are_free() -> None:
    h = Violation([0, 0], [[1], [1]], counted=[1, 0])
    assert judge(h.cut([0], [1, 5], TENTH), h, TENTH).valid
    found = judge(Cut([-1], [1, Fraction(1, 1000)], -1), h, TENTH)
    assert not found.valid
    assert h.at(found.x, found.y) <= TENTH


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(InputError, match="v0 has shape"):
        Violation([0, 1], [[1]])
    with pytest.raises(InputError, match="numbers >= 0"):
        Violation([0], [[1]], kappa=-1)
    with pytest.raises(InputError, match="eps is -1"):
        judge(Cut([1], [1], 0), Violation([0], [[1]]), -1)


@pytest.mark.parametrize("below", [Fraction(0), Fraction(1, 4)])
def test_the_frozen_estimate_is_that_of_the_implementation(below: Fraction) -> None:
    """At the linearisation point, exactly, and anywhere else too, since g is quadratic."""
    problem, network = diagonal(3, 4, 1, below), named("ring:4", exact=True)
    rng, by = np.random.default_rng(2), Settings()
    x, y0, other = rationals(rng, 4, 2), rationals(rng, 4, 2), rationals(rng, 4, 2)
    h = frozen(problem, network, x, y0, by)
    rounds = LowerRounds(1, by.eta_y, Fraction(1), by.mu, scaled=False)
    for z in (x, other):
        star = rounds.run(Oracle(problem), Gossip(network.over("fraction")), z[None], y0[None])[0]
        assert (h.estimate(z.reshape(-1)) == star.reshape(-1)).all()


@pytest.mark.parametrize("below", [Fraction(0), Fraction(1, 4)])
def test_the_graph_of_the_solution_is_where_its_function_is_zero(below: Fraction) -> None:
    problem = diagonal(4, 3, 1, below)
    h, rng = solutions(problem), np.random.default_rng(3)
    for _ in range(10):
        x = rationals(rng, 2)
        y = problem.lower_solution(np.repeat(x[None, None], 3, axis=1))[0, 0]
        assert h.at(x, y) == 0
        assert h.at(x, y + 1) == 2


def test_cuts_of_runs_are_told_from_cuts_that_are_a_little_off() -> None:
    """Each cut of an exact run is valid; with its offset or one slope off by 10^-12, none is where the cut is tight."""
    weight = Fraction(1, 10**20)  # h is then as good as piecewise linear, and its cuts are tight
    by, network = Settings(lambda_1=weight), named("complete:3", exact=True)
    problem = random_quadratic(seed=5, n=3, p=2, q=1, shared=True, rational=True).over("fmpq")
    made, missing = cuts_of_run(Argus(iota=1, lambda_1=weight), problem, network, 2, by)
    assert len(made) == 6
    assert missing == 0
    tiny = Fraction(1, 10**12)
    for m in made:
        assert m.off() == 0
        assert judge(m.found, m.h, by.eps).valid
        assert not judge(Cut(m.found.a, m.found.b, m.found.c + tiny), m.h, by.eps).valid
        assert not judge(Cut(m.found.a + tiny, m.found.b, m.found.c), m.h, by.eps).valid
        assert not judge(m.found, m.h, 2 * by.eps).valid


class Loose(Argus):
    """Wrong: cuts at twice the level."""

    def renewed(self, o: Any, net: Any, x: Any, y: Any, cuts: Any, last: Any) -> Any:
        """As if eps were doubled."""
        twice = dataclasses.replace(self, eps=2 * self.eps)
        return Argus.renewed(twice, o, net, x, y, cuts, last)


class Tight(Argus):
    """Wrong: cuts at half the level, which remove feasible points."""

    def renewed(self, o: Any, net: Any, x: Any, y: Any, cuts: Any, last: Any) -> Any:
        """As if eps were halved."""
        half = dataclasses.replace(self, eps=self.eps / 2)
        return Argus.renewed(half, o, net, x, y, cuts, last)


@pytest.mark.parametrize("wrong", [Loose, Tight])
def test_a_wrong_level_is_noticed(wrong: type[Argus]) -> None:
    for statement in (SEPARATES, SMOOTH, WAVY, own_estimate.KEPT):
        assert statement.check is not None
        assert (
            statement.check(Context(statement=statement.id, substitutes={"argus": wrong})).verdict
            == Verdict.REFUTED
        )


def test_loose_cuts_are_weak_but_valid() -> None:
    assert LOCAL.check is not None
    assert LOCAL.check(Context(statement=LOCAL.id, substitutes={"argus": Loose})).verdict == Verdict.PROVED


def test_nobody_judges_cuts_of_runs_with_an_l1_term_that_are_not_the_papers() -> None:
    assert RUNS_L1.check is not None
    assert (
        RUNS_L1.check(Context(statement=RUNS_L1.id, substitutes={"argus": Tight})).verdict
        == Verdict.INCONCLUSIVE
    )


def test_the_optimum_under_a_threshold_is_the_best_of_a_grid() -> None:
    """No point of a fine grid of feasible ones is better, and the optimum is feasible."""
    k, rng = Fraction(1), np.random.default_rng(13)
    grid = [Fraction(j, 8) for j in range(-48, 49)]
    feasible = [(x, x - min(k, max(-k, x))) for x in grid]
    for _ in range(40):
        a, b = (Fraction(int(v), 4) for v in rng.integers(-12, 13, 2))
        x, y = threshold_optimum.optimum(a, b, k)
        assert y == x - min(k, max(-k, x))
        assert (x - a) ** 2 + (y - b) ** 2 <= min((u - a) ** 2 + (v - b) ** 2 for u, v in feasible)


def test_cuts_of_h_in_the_place_of_those_of_h_low_lose_the_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Violation, "low_cut", Violation.cut)
    assert judge_statement(threshold_optimum.REPAIRED).finding.verdict is Verdict.REFUTED


def test_the_lower_level_alone_is_the_problems() -> None:
    """A cosine above has no rationals; the lower level under it has, and they are the same numbers."""
    problem = wavy(3, 4, 1)
    exact, rng = lower_only(problem), np.random.default_rng(1)
    x, y = rng.standard_normal((1, 4, 2)), rng.standard_normal((1, 4, 2))
    slope = exact.grad_y_g(convert(x, "fraction"), convert(y, "fraction"))
    assert abs(convert(slope, "float") - problem.grad_y_g(x, y)).max() < 1e-12
    assert problem.x0 is not None
    assert not np.allclose(problem.grad_x_f(x, y)[0, 0], problem.grad_x_f(x, y)[0, 1])


@pytest.mark.parametrize("witness", [*of_h.witnesses(), *lost.witnesses()], ids=lambda w: w.statement)
def test_witnesses_stand_and_fall_with_their_data(witness: Witness) -> None:
    """Where a mild change of one number makes the claim true, the witness must fall."""
    assert check(witness).ok
    harmless: dict[str, Any] = {
        "argus/h-convex-l1": {"x2": 0, "y2": 0},
        "argus/h-convex-K2": {"x2": 0, "y2": 0},
        "argus/h-convex-K2-l1": {"x2": 0, "y2": 0},
        "argus/cut-optimum-l1": {"x2": 0, "y2": 0},
        "argus/cut-validity": {"x2": 0, "y2": 0},
        "argus/cut-true-feasible": {"x2": 0, "y2": 0},
        "argus/cut-optimum": {"x2": 0, "y2": 0},
        "argus/cut-true-feasible-disagreement": {"y": [0, 0]},
        "argus/stale-cuts": {"now": 1, "y2": "3/4"},
        "argus/low-cut-separates": {"y": 3},
        "argus/prox-unscaled": {"eta_y": 1, "y": 1},
    }
    given = {**witness.given, **harmless[witness.statement]}
    assert not check(dataclasses.replace(witness, given=given)).ok
