"""DBSA by hand, and every claim about the hyper-parameter experiment on something that turns it round."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from spiritlevel.core.algorithms.dbsa import DBSA, State
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.synthetic.logistic import random_logistic
from spiritlevel.theory.dsbo.experiments import hyper, hyper_assumptions, hyper_ball, hyper_task, hyper_versus
from spiritlevel.theory.dsbo.experiments.baselines import ALGORITHM_DBSA, Setting, outer
from spiritlevel.theory.dsbo.experiments.hyper_dbsa import GOSSIP, LOCAL, local_root, pair, rest
from spiritlevel.theory.dsbo.experiments.hyper_gamma import NETWORK, NETWORK_REPAIRED
from spiritlevel.theory.dsbo.planted.dbsa import AlwaysLocal, OwnJacobian, Parts
from spiritlevel.theory.dsbo.theorems.moments import scalar_problem, solution
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import check as recheck

HALF = Fraction(1, 2)
ONE: Any = [[[1]], [[1]]]


def two(c: int = 0) -> Any:
    """Hessians 2 and 4, couplings 1 and 3, ``f = x^2/2 + y``, in fractions."""
    return quadratic(H=[[[2]], [[4]]], B=[[[1]], [[3]]], c=[[c], [c]], A=ONE, e=[[1], [1]], shared=True).over(
        "fraction"
    )


def stepped(a: DBSA) -> State:
    """One step from x = (1, 3), y = (0, 4) with W = J."""
    x, y = convert([[[1], [3]]], "fraction"), convert([[[0], [4]]], "fraction")
    net = Gossip(averaging(2, exact=True))
    return a.over("fraction").step(1, State(x, y), Oracle(two()), net)


@pytest.mark.parametrize("reading", ["local", "gossip"])
def test_one_step_by_hand(reading: str) -> None:
    """Two scalar agents; all numbers below were computed on paper."""
    s = stepped(DBSA(alpha=HALF, gamma=Fraction(1, 4), L_g=8, N=1, b=1, reading=reading, rounds=1))
    # y: mean 2; grad_y g = 2*0 - 1*1 = -1 and 4*4 - 3*3 = 7
    assert s.y.reshape(-1).tolist() == [2 + Fraction(1, 4), 2 - Fraction(7, 4)]
    # Q_1 = 1 + (1 - H/8); U = -B: z = x + B Q_1/8
    if reading == "local":
        z = [1 + Fraction(7, 4) / 8, 3 + 3 * Fraction(3, 2) / 8]
    else:  # H = 3 and B = 2 at both
        z = [1 + 2 * Fraction(13, 8) / 8, 3 + 2 * Fraction(13, 8) / 8]
    assert s.x.reshape(-1).tolist() == [2 - HALF * z[0], 2 - HALF * z[1]]


def test_the_literal_text_agrees_on_the_same_step() -> None:
    problem = two()

    def ask(k: int, channel: Any, i: int, x: Any, y: Any) -> Any:
        X, Y = (np.array([[v] * 2], dtype=object) for v in (x, y))
        return getattr(problem, channel)(X, Y)[0, k].tolist()

    c = Setting(alpha=HALF, gamma=Fraction(1, 4), L_g=Fraction(8), N=1, b=1)
    W = [[HALF, HALF], [HALF, HALF]]
    x, y = outer([[Fraction(1)], [Fraction(3)]], [[Fraction(0)], [Fraction(4)]], W, c, ask)
    s = stepped(DBSA(alpha=HALF, gamma=Fraction(1, 4), L_g=8, N=1, b=1))
    assert (x, y) == (s.x[0].tolist(), s.y[0].tolist())


def test_it_spends_what_it_says() -> None:
    """Per outer iteration N + 2 gradients, b Hessians, one Jacobian; on the 5-ring 10 messages per round."""
    problem = random_quadratic(seed=4, n=5, p=2, q=3, shared=True)
    for reading, rounds, floats in (("local", 0, 0), ("gossip", 3, 3 * (2 * 3 + 2 * 9))):
        a = DBSA(N=4, b=2, reading=reading, rounds=3)
        counts = run(a, problem, named("ring:5"), steps=7, record=[7]).counts
        assert {k: int(v[-1]) for k, v in counts.items()} == {
            "gradients": 7 * 6,
            "hessians": 7 * 2,
            "cross_hessians": 7,
            "solves": 0,
            "samples": 0,
            "rounds": 7 * (5 + rounds),
            "messages": 70 * (5 + rounds),
            "floats": 70 * (4 * 3 + 2 + floats),
        }


def test_gossip_passes_symbols_and_agrees_with_floats() -> None:
    a = DBSA(reading="gossip", rounds=2, N=2, b=2)
    problem, network = random_quadratic(7, 3, 1, 2, rational=True, shared=True), named("path:3", exact=True)
    exact, rounded = (
        run(a, problem.over(field), network.over(field), steps=6, record="all", metrics=())
        for field in ("fraction", "float")
    )
    assert abs(convert(exact.x, "float") - rounded.x).max() < 1e-13
    x0 = np.array(sympy.symbols("x:3"), dtype=object).reshape(1, 3, 1)
    symbols = problem.over("symbol")
    s = a.over("symbol").step(
        1,
        State(x0, convert(np.zeros((1, 3, 2), dtype=int), "symbol")),
        Oracle(symbols),
        Gossip(network.over("symbol")),
    )
    assert all(entry.free_symbols for entry in s.x.flat)


def test_wrong_settings_are_refused() -> None:
    for wrong in ({"N": 0}, {"b": 0}, {"rounds": 0}, {"reading": "lokal"}, {"L_g": 0}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            DBSA(**wrong)
    with pytest.raises(InputError, match="private lower levels but dbsa needs a shared one"):
        run(DBSA(), random_quadratic(1, 3, 1, 1), named("ring:3"), steps=1)


def test_the_pieces_that_wrong_versions_are_made_of_are_the_algorithm() -> None:
    assert judge(ALGORITHM_DBSA, substitutes={"dbsa": Parts}).finding.verdict is Verdict.SUPPORTED


# --- where it comes to rest -------------------------------------------------------------------------


def test_rest_of_the_two_agents_by_hand() -> None:
    """b = 1, L_g = 4: q = (1 + 3/4)/4 and (1 + 1/4)/4, so the mean of x is -(7/16 + 5/16)/2."""
    a = DBSA(alpha=HALF, gamma=Fraction(1, 4), L_g=Fraction(4), b=1, N=1)
    assert rest(a, pair(), named("lazy-path:2", exact=True)).tolist() == [Fraction(-3, 8)]
    # with J the gossiped Hessian is 2 at both: q = (1 + 1/2)/4
    gossiped = DBSA(alpha=HALF, gamma=Fraction(1, 4), L_g=Fraction(4), b=1, N=1, reading="gossip", rounds=1)
    assert rest(gossiped, pair(), averaging(2, exact=True)).tolist() == [Fraction(-3, 8)]
    more = [
        DBSA(alpha=HALF, gamma=Fraction(1, 4), L_g=Fraction(4), b=9, N=1, reading=r)
        for r in ("local", "gossip")
    ]
    local, whole = (float(rest(a, pair(), averaging(2, exact=True))[0]) for a in more)
    assert whole == pytest.approx(-1 / 2, abs=1e-3)
    assert local == pytest.approx(-2 / 3, abs=0.03)


def test_the_local_root_is_that_of_the_sheet_and_none_for_equal_agents() -> None:
    problem = scalar_problem(10, second=True)
    root = local_root(problem)
    assert root == pytest.approx(1.03561, abs=5e-6)
    assert float(problem.hypergradient(np.array([[root]]))[0, 0]) == pytest.approx(0.0187, abs=5e-5)
    equal = scalar_problem(10, second=False)  # linear terms may differ
    assert local_root(equal) == pytest.approx(solution(equal), rel=1e-12)


class Averaging(DBSA):
    """Exact means of the matrices, whatever the reading."""

    def matrices(self, x: Array, y: Array, o: Oracle, net: Gossip) -> tuple[Array, list[Array]]:
        U, H = super().matrices(x, y, o, net)
        return U * 0 + U.sum(axis=1, keepdims=True) / U.shape[1], [
            h * 0 + h.sum(axis=1, keepdims=True) / h.shape[1] for h in H
        ]


def test_the_bias_is_not_found_where_there_is_none() -> None:
    assert judge(LOCAL, substitutes={"dbsa": Averaging}).finding.verdict is Verdict.INCONCLUSIVE
    assert judge(LOCAL).finding.verdict is Verdict.REFUTED


@pytest.mark.parametrize("wrong", [AlwaysLocal, OwnJacobian])
def test_gossip_that_is_not_listened_to_leaves_the_bias(wrong: type[DBSA]) -> None:
    assert judge(GOSSIP, substitutes={"dbsa": wrong}).finding.verdict is Verdict.REFUTED


# --- DSBO against DBSA ------------------------------------------------------------------------------


def test_at_a_tight_accuracy_alone_dsbo_needs_fewer_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hyper_versus, "LOOSE", 2.9e-4)
    assert judge(hyper_versus.VERSUS).finding.verdict is Verdict.SUPPORTED


def test_at_a_rough_accuracy_alone_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hyper_versus, "TIGHT", 2e-2)
    assert judge(hyper_versus.VERSUS).finding.verdict is Verdict.REFUTED


# --- more agents ------------------------------------------------------------------------------------


class FixedSteps(DSBO):
    """Steps that do not grow with K: those of K = 5 and T = 3000."""

    def sizes(self, t: int) -> tuple[Any, Any, Any]:
        beta = 10 * (5 / 3000) ** 0.5
        return beta / 100, beta, beta


def test_with_fixed_steps_more_agents_are_not_faster() -> None:
    finding = judge(hyper.CONFOUNDED, substitutes={"dsbo": FixedSteps}).finding
    assert finding.verdict is Verdict.REFUTED
    assert finding.numbers["iterations"] == ["600", "600", "600"]


def test_growing_steps_are_what_the_runs_are_about() -> None:
    problems = [hyper.dealt(3, K) for K in (1, 5, 20)]
    x = np.random.default_rng(0).normal(size=(2, hyper.FEATURES))
    for problem in problems[1:]:  # the same F for every K
        assert abs(problem.hypergradient(x) - problems[0].hypergradient(x)).max() < 1e-14
    assert hyper.iterations(np.array([3.0, 2.0]), 1.0) == float("inf")


# --- the task ---------------------------------------------------------------------------------------


def test_limits_of_rational_expressions_of_exponentials() -> None:
    x, y = sympy.symbols("x y", real=True)
    far, e = hyper_assumptions.far, sympy.exp
    assert far(e(x) / (1 + e(x)), x, y, ("t", "1")) == 1
    assert far(e(x) / (1 + e(x)), x, y, ("-t", "1")) == 0
    assert far(-y * e(x) / (1 + e(x)) + y / 2, x, y, ("t", "t")) == -sympy.oo
    assert far(y**3 / (1 + e(y)), x, y, ("1", "t")) == 0
    assert far((y**2 + 1) / (3 * y**2), x, y, ("1", "-t")) == sympy.Rational(1, 3)


def test_a_regulariser_without_hyper_parameters_breaks_only_what_all_break(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, y = sympy.symbols("x y", real=True)
    loss = sympy.log(1 + sympy.exp(-y))
    with monkeypatch.context() as patch:
        patch.setattr(hyper_assumptions, "task", lambda name: (x, y, loss, loss + y**2 / 2))
        assert hyper_assumptions.violated.__wrapped__("plain") == (hyper_assumptions.KNOWN,)
    with monkeypatch.context() as patch:
        patch.setattr(hyper_assumptions, "violated", lambda name: (hyper_assumptions.KNOWN,))
        assert judge(hyper_assumptions.PRINTED).finding.verdict is Verdict.INCONCLUSIVE
    for witness in (hyper_assumptions.cross_witness(), hyper_assumptions.weight_witness()):
        assert recheck(witness).ok


@pytest.mark.parametrize("name", ["L_f", "mu_g", "L_g", "C_g"])
def test_constants_that_are_too_good_are_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = hyper_ball.bounds
    assert judge(hyper_ball.BALL).finding.verdict is Verdict.SUPPORTED
    factor = 4 if name == "mu_g" else 1 / 4
    monkeypatch.setattr(
        hyper_ball, "bounds", lambda problem: right(problem) | {name: factor * right(problem)[name]}
    )
    assert judge(hyper_ball.BALL).finding.verdict is Verdict.REFUTED


class Still(DSBO):
    """x never moves."""

    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        z = super().step(t, s, o, net)
        return type(z)(s.x, z.y, z.s, z.h, z.u, z.v, z.q)


def test_weights_that_do_not_move_stay_where_they_are() -> None:
    assert judge(hyper_task.FIRST, substitutes={"dsbo": Still}).finding.verdict is Verdict.INCONCLUSIVE


def test_the_printed_task_is_what_it_says() -> None:
    problem, rng = hyper_task.printed_task(1, 5), np.random.default_rng(0)
    assert (problem.n, problem.p, problem.train.shape[1], problem.check.shape[1]) == (5, 14, 92, 46)
    x, y, h = rng.normal(size=(1, 5, 14)), rng.normal(size=(1, 5, 14)) / 4, 1e-6
    z = np.einsum("knq,rkq->rkn", problem.train, y)
    by_hand = -np.einsum("rkn,knq->rkq", np.exp(z) / (1 + np.exp(z)) ** 2, problem.train) / 92 + x * y
    assert abs(problem.grad_y_g(x, y) - by_hand).max() < 1e-14
    for k in range(14):
        e = h * np.eye(14)[k]
        slope = (problem.grad_y_g(x, y + e) - problem.grad_y_g(x, y - e)) / (2 * h)
        assert abs(slope - problem.hess_yy_g(x, y)[..., k]).max() < 1e-8
        slope = (problem.grad_y_g(x + e, y) - problem.grad_y_g(x - e, y)) / (2 * h)
        assert abs(slope - problem.hess_xy_g(x, y)[..., k, :]).max() < 1e-8
    v = rng.normal(size=y.shape)
    assert abs(problem.hvp_yy_g(x, y, problem.solve_yy_g(x, y, v)) - v).max() < 1e-9
    assert (problem.jvp_xy_g(x, y, v) == y * v).all()


def test_enough_factors_is_an_exact_question() -> None:
    assert hyper_task.enough(1, 1, 16, HALF)  # (1/2)^4 = 1/sqrt(256) > ... (1/2)^8 * 16 = 1/16
    assert hyper_task.enough(0, 1, 16, HALF)  # (1/2)^4 * 16 = 1
    assert not hyper_task.enough(0, 1, 17, HALF)


def test_gamma_on_a_network() -> None:
    assert judge(NETWORK).finding.verdict is Verdict.REFUTED
    assert judge(NETWORK_REPAIRED).finding.verdict is Verdict.PROVED


def test_a_larger_gamma_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from spiritlevel.theory.dsbo.experiments import hyper_gamma

    monkeypatch.setattr(hyper_gamma, "gamma_limit", lambda least, L_g: 2 * (1 + least) / L_g + 0.5)
    assert judge(NETWORK_REPAIRED).finding.verdict is Verdict.REFUTED


def test_the_tasks_differ_from_the_paper_where_they_say() -> None:
    problem = random_logistic(1, 5, 14, weights="sigmoid")
    assert float(problem.constants.mu_g) > 0
    assert np.isfinite([float(v) for v in vars(problem.constants).values()]).all()
