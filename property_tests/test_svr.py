"""SVR-INTERACT and the sampling baselines: the instruments behind their verdicts, and verdicts that turn."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.gt_dsgd import GTDSGD
from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.theory.instruments.formal import LooksAtTime
from spiritlevel.theory.instruments.formal_batches import sampled_step
from spiritlevel.theory.interact.algorithms import (
    alg2,
    alg2_claims,
    readings,
    recursion_claims,
    sampling_claims,
)
from spiritlevel.theory.interact.algorithms.alg2_claims import terms_of
from spiritlevel.theory.interact.algorithms.bent import BentSum
from spiritlevel.theory.interact.lemmas import estimator_claims
from spiritlevel.theory.interact.lemmas.estimator_claims import one_sample_bias
from spiritlevel.theory.interact.lemmas.estimator_witnesses import one_sample_witness, recursive_bias_witness
from spiritlevel.theory.interact.planted import baselines as planted_baselines
from spiritlevel.theory.interact.planted import svr as planted_svr
from spiritlevel.theory.interact.planted.parts import Parts
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import collect
from spiritlevel.theory.statement import Statement, Verdict
from spiritlevel.theory.witness import check as recheck

MODULES = (alg2_claims, estimator_claims, readings, recursion_claims, sampling_claims)
CLAIMS = {statement.id: statement for statement in collect(Statement, MODULES)}


def bent() -> BentSum:
    base = random_finite_sum(7, n=2, p=2, q=3, samples=3, rational=True)
    D = convert(np.random.default_rng(1).integers(-3, 4, (2, 3, 3, 2)), "fraction")
    return BentSum(base, D)


def point(seed: int, *shape: int) -> Array:
    return convert(np.random.default_rng(seed).integers(-4, 5, shape), "fraction") / 2


# --- the literal text and the problem it is compared on -----------------------------------------


def test_second_derivatives_are_derivatives_of_the_first() -> None:
    """Central differences with step 1 are exact: the y-gradient is quadratic in y and linear in x."""
    problem = bent()
    x, y = point(2, 1, 2, 2), point(3, 1, 2, 3)
    for direction in np.eye(3, dtype=int):
        e = convert(np.broadcast_to(direction, (1, 2, 3)), "fraction")
        slope = (problem.grad_y_g(x, y + e) - problem.grad_y_g(x, y - e)) / 2
        assert (slope == problem.hvp_yy_g(x, y, e)).all()
        assert (slope == (problem.hess_yy_g(x, y) @ e[..., None])[..., 0]).all()
        assert (problem.solve_yy_g(x, y, slope) == e).all()
        cross = [
            (problem.grad_y_g(x + s, y) - problem.grad_y_g(x - s, y))[..., list(direction).index(1)] / 2
            for s in convert(np.eye(2, dtype=int), "fraction")
        ]
        assert (np.stack(cross, axis=-1) == problem.jvp_xy_g(x, y, e)).all()
        assert (np.stack(cross, axis=-1) == (problem.hess_xy_g(x, y) @ e[..., None])[..., 0]).all()


def test_the_literal_terms_are_the_samples() -> None:
    problem = bent()
    x, y = point(4, 1, 2, 2), point(5, 1, 2, 3)
    for i, j in itertools.product(range(2), range(3)):
        term = terms_of(problem)[i][j]
        alone = problem.subsample(np.full((1, 2, 1), j))
        at = (x[0, i].tolist(), y[0, i].tolist())
        assert term.grad_x_f(*at) == alone.grad_x_f(x, y)[0, i].tolist()
        assert term.grad_y_f(*at) == alone.grad_y_f(x, y)[0, i].tolist()
        assert term.grad_y_g(*at) == alone.grad_y_g(x, y)[0, i].tolist()
        assert term.hess_yy_g(*at) == alone.hess_yy_g(x, y)[0, i].tolist()
        assert term.hess_xy_g(*at) == alone.hess_xy_g(x, y)[0, i].tolist()


def test_the_literal_estimator_has_the_literal_mean_and_the_surrogate_for_a_limit() -> None:
    terms = terms_of(bent())[0]
    x, y, L_g, K = [Fraction(1), Fraction(-1, 2)], [Fraction(1, 2)] * 3, Fraction(20), 2
    outcomes = itertools.product(terms, terms, terms, range(K))
    values = [alg2.estimate(xi, (a, b), k, x, y, L_g) for xi, a, b, k in outcomes]
    assert alg2.mean(values) == alg2.geometric(terms, x, y, K, L_g)
    flat = terms_of(random_finite_sum(1, 1, 1, 1, samples=2, rational=True))[0]
    errors = [
        abs(alg2.geometric(flat, [x[0]], [y[0]], K, L_g)[0] - alg2.surrogate(flat, [x[0]], [y[0]])[0])
        for K in (1, 2, 40, 80)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] * errors[0] < errors[2] * Fraction(1, 2)


def test_what_the_literal_text_prints_is_what_runs() -> None:
    """One agent, one term, by hand: g = y^2 - x y, f = x + y, so p = 1 + 1/2, v = 2 y - x."""
    one = Fraction(1)
    term = alg2.Term(1, 1, {"H": [[2 * one]], "B": [[one]], "a": [one], "e": [one]})
    c = alg2.Setting(alpha=one / 2, beta=one / 4, L_g=4 * one, K=1, S=1, q=5)
    literal = alg2.Literal([[term]], [[one]], c)
    s = literal.start([[one]], [[one]])
    assert (s.p, s.v, s.u) == ([[Fraction(3, 2)]], [[one]], [[Fraction(3, 2)]])
    picks: Any = type("P", (), {"xi": np.zeros((1, 1, 1), int), "zeta": np.zeros((1, 1, 1, 1), int)})()
    picks.k = picks.xi
    s = literal.step(1, s, picks)
    assert (s.x, s.y) == ([[Fraction(1, 4)]], [[Fraction(3, 4)]])
    assert s.v == [[2 * Fraction(3, 4) - Fraction(1, 4)]]
    assert s.p == [[Fraction(3, 2)]]


# --- verdicts that turn -------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnCopies(SVRInteract):
    """Mixes with the own copy whatever is asked."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return SVRInteract.step(dataclasses.replace(self, own=True), t, s, o, net)


@dataclass(frozen=True)
class AlwaysExact(SVRInteract):
    """Refreshes in every iteration."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return SVRInteract.step(dataclasses.replace(self, q=1), t, s, o, net)


@dataclass(frozen=True)
class ZetaBoth(SVRInteract):
    """(24) at the drawn lower-level sample, whatever the reading."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return SVRInteract.step(dataclasses.replace(self, lower="zeta"), t, s, o, net)


@pytest.mark.parametrize(
    ("id", "wrong", "verdict"),
    [
        ("alg2", planted_svr.ReversedFactors, Verdict.REFUTED),
        ("alg2", planted_svr.Extravagant, Verdict.REFUTED),
        ("alg-gt-dsgd", planted_baselines.ExactStart, Verdict.REFUTED),
        ("alg-dsgd-batch", planted_baselines.MixedFirst, Verdict.REFUTED),
        ("tracking-svr", planted_svr.RefreshNotTracked, Verdict.REFUTED),
        ("tracking-svr", planted_svr.EarlyRefresh, Verdict.REFUTED),
        ("tracking-gt-dsgd", planted_baselines.OldPointAgain, Verdict.REFUTED),
        ("refresh-forgets", planted_svr.LowerNotRefreshed, Verdict.REFUTED),
        ("refresh-forgets", planted_svr.SampledStart, Verdict.REFUTED),
        ("estimator-mean", planted_svr.NoFactorK, Verdict.REFUTED),
        ("estimator-mean", planted_baselines.OneForAll, Verdict.REFUTED),
        ("estimator-mean", planted_baselines.Summed, Verdict.REFUTED),
        ("estimator-samples", planted_baselines.OneForAll, Verdict.REFUTED),
        ("svr-bias", AlwaysExact, Verdict.INCONCLUSIVE),
        ("svr-bias-repaired", planted_svr.SwappedSigns, Verdict.REFUTED),
        ("svr-bias-repaired", AlwaysExact, Verdict.REFUTED),
        ("svr-stationary", planted_svr.LowerFromScratch, Verdict.REFUTED),
        ("svr-neighbour-sums", OwnCopies, Verdict.SUPPORTED),
        ("svr-lower-sample", ZetaBoth, Verdict.REFUTED),
        ("svr-identical-terms", planted_svr.HalfBound, Verdict.REFUTED),
    ],
)
def test_a_wrong_version_turns_the_verdict(id: str, wrong: type[Algorithm], verdict: Verdict) -> None:
    statement = CLAIMS[f"interact/{id}"]
    judgement = judge(statement, alpha=1e-4, substitutes={wrong.name: wrong})
    assert statement.expected is not verdict
    assert not judgement.finding.crashed, judgement.finding.summary
    assert judgement.finding.verdict is verdict, judgement.finding.summary


@pytest.mark.parametrize("id", [id for id, s in CLAIMS.items() if "svr-interact" in s.about])
def test_the_parts_are_right_before_one_is_replaced(id: str) -> None:
    judgement = judge(CLAIMS[id], alpha=1e-4, substitutes={"svr-interact": Parts})
    assert judgement.as_recorded, judgement.finding.summary


def test_there_are_enough_planted_errors_and_each_is_documented() -> None:
    counts = {"svr-interact": 12, "gt-dsgd": 5, "dsgd-batch": 3}
    all_of_them = (*planted_svr.PLANTED, *planted_baselines.PLANTED)
    for name, least in counts.items():
        assert sum(p.algorithm.name == name for p in all_of_them) >= least
    assert all(p.algorithm.__doc__ for p in all_of_them)


# --- one formal step with draws -----------------------------------------------------------------


@dataclass(frozen=True)
class Clocked(GTDSGD):
    """Looks at the iteration number in one of several ways."""

    way: str = "none"

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        {"equal": lambda: t == 3, "less": lambda: t < 3, "rest": lambda: t % 3, "sum": lambda: 1 + t}.get(
            self.way, lambda: None
        )()
        return super().step(t, s, o, net)


@pytest.mark.parametrize("way", ["equal", "less", "rest", "sum"])
def test_a_formal_step_may_only_ask_whether_q_divides_its_number(way: str) -> None:
    with pytest.raises(LooksAtTime):
        sampled_step(Clocked, divides=False, S=1, K=1, way=way)
    sampled_step(Clocked, divides=False, S=1, K=1)


def test_two_batches_and_two_parts_of_one_answer_differently() -> None:
    """Else a version that compares fresh samples at the two points of (23) would look right."""
    step = sampled_step(GTDSGD, divides=False, S=1, K=3)
    o = step.oracle
    b, c = o.draw(1, 3), o.draw(1, 3)
    x, y = step.state.x, step.state.y
    answers = [part.grad_y_g(x, y) for part in (o, b.f, *b.g, c.f, *c.g)]
    assert len(set(answers)) == len(answers)
    assert b.f.grad_y_g(x, y) == answers[1]
    assert b.mean(x) != c.mean(x)
    assert o.answers.draws == 2 + 2


# --- numbers by a second way --------------------------------------------------------------------


@pytest.mark.parametrize("K", [1, 3, 8, 20])
def test_bias_with_one_sample_is_what_two_geometric_series_give(K: int) -> None:
    mean = sum(
        Fraction(1, 2) * sum(Fraction(1, 4) * (1 - Fraction(h, 4)) ** k for k in range(K)) for h in (1, 3)
    )
    assert one_sample_bias(K) == Fraction(1, 2) - mean
    independent = sum(Fraction(1, 4) * (1 - Fraction(2, 4)) ** k for k in range(K))  # the mean Hessian is 2
    assert abs(Fraction(1, 2) - independent) <= Fraction(3, 4) ** K


def test_one_sample_witness_needs_different_samples() -> None:
    witness = one_sample_witness()
    equal = dataclasses.replace(witness, given={**witness.given, "h": [2, 2]})
    assert recheck(equal).reason.startswith("the claim is true")


@pytest.mark.parametrize("beta", ["1/100000", "1/10000000000"])
def test_doubled_bias_does_not_need_large_steps(beta: str) -> None:
    witness = recursive_bias_witness()
    assert recheck(dataclasses.replace(witness, given={**witness.given, "beta": beta})).ok


@pytest.mark.parametrize("change", [{"beta": "1/1000"}, {"alpha": "1/8"}])
def test_doubled_bias_is_shown_with_steps_of_the_list_alone(change: dict[str, str]) -> None:
    witness = recursive_bias_witness()
    report = recheck(dataclasses.replace(witness, given={**witness.given, **change}))
    assert not report.ok
    assert "entry" in report.reason  # of Theorem 3's list


def test_doubled_bias_needs_a_change_of_sign() -> None:
    witness = recursive_bias_witness()
    stay = tuple((n, "y0" if n == "y1" else text) for n, text in witness.define)
    without = tuple(c for c in witness.assume if "y1 == -1" not in c.that)
    assert not recheck(dataclasses.replace(witness, define=stay, assume=without)).ok


def test_with_q_of_one_the_run_is_interacts() -> None:
    problem = random_finite_sum(3, n=4, p=2, q=2, samples=6)
    net = named("ring:4")
    full, svr = Interact(alpha=0.01, beta=0.02), SVRInteract(alpha=0.01, beta=0.02, q=1, L_g=1)
    a, b = (run(algorithm, problem, net, steps=20, record="all") for algorithm in (full, svr))
    assert (a.x == b.x).all()
    assert (a.y == b.y).all()
