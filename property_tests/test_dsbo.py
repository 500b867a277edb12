"""DSBO's claims about its own steps: the literal text by hand, and every check on something that breaks it."""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.numbers import convert
from spiritlevel.theory.dsbo.algorithm import identities
from spiritlevel.theory.dsbo.algorithm.alg1 import Agent, Setting, displayed, step
from spiritlevel.theory.dsbo.algorithm.alg1_claim import ALGORITHM, Script
from spiritlevel.theory.dsbo.algorithm.identities import HYPERGRADIENT
from spiritlevel.theory.dsbo.algorithm.neumann import P_1, order_witness
from spiritlevel.theory.dsbo.planted.dsbo import PLANTED
from spiritlevel.theory.dsbo.planted.parts import Parts
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import Condition
from spiritlevel.theory.witness import check as recheck

HALF = Fraction(1, 2)


def test_one_literal_step_by_hand() -> None:
    """Two scalar agents, b = 2, weights 1/2; all numbers below were computed on paper."""

    def agent(x: int, s: int, u: int, h: int, q: int) -> Agent:
        f = Fraction
        return Agent([f(x)], [f(0)], [f(s)], [f(h)], [[f(u)]], [[[f(2)]], [[f(4)]]], [[f(q)]])

    def ask(k: int, channel: str, i: int, x: Any, y: Any) -> Any:
        values = {"grad_x_f": 8, "grad_y_f": 6, "grad_y_g": 10, "hess_xy_g": 4, "hess_yy_g": 6 + 2 * i}
        value = Fraction(values[channel])
        return [[value]] if channel.startswith("hess") else [value]

    c = Setting(alpha=HALF, beta=HALF, gamma=Fraction(1, 5), L_g=Fraction(10), b=2)
    agents = [agent(1, 4, 1, 2, 1), agent(3, 0, 3, 2, 1)]
    first, second = step(0, agents, [[HALF, HALF], [HALF, HALF]], c, ask)
    assert first.x == [2 - HALF * (4 - 2)]
    assert second.x == [2 - HALF * (0 - 6)]
    assert first.y == [Fraction(-2)]
    assert first.s + first.h + first.u[0] == [Fraction(5), Fraction(4), Fraction(3)]
    assert first.v == [[[4]], [[6]]]  # (2 + 6)/2 and (4 + 8)/2
    # P_1 = 6/10, P_2 = 4/10: Q = 1 + 4/10 (1 + 6/10)
    assert first.q == [[Fraction(164, 1000)]]
    shown = step(0, agents, [[HALF, HALF], [HALF, HALF]], dataclasses.replace(c, order="display"), ask)
    assert shown[0].q == [[Fraction(184, 1000)]]  # 1 + 6/10 + 6/10 4/10


def test_rule_6_starts_with_beta_1() -> None:
    assert Setting(rule="(6)", mu=Fraction(2), C_1=Fraction(5)).sizes(0) == (
        Fraction(1, 5),
        Fraction(1),
        Fraction(1),
    )
    assert Setting(rule="(6)", mu=Fraction(2), C_1=Fraction(5)).sizes(5) == (Fraction(1, 10), HALF, HALF)


def test_the_script_answers_the_implementation_and_the_text_alike() -> None:
    script = Script(np.random.default_rng(0), 2, 1, 3)
    x, y = convert([[[2], [5]]], "fraction"), convert([[[1, 2, 3], [4, 5, 6]]], "fraction")
    problem: Any = None
    answers = [script.evaluate("hess_yy_g", problem, (x, y)) for _ in range(2)]
    assert (answers[0] != answers[1]).any()
    for i, answer in enumerate(answers):
        for k in range(2):
            by_hand = script.ask(k, "hess_yy_g", i, x[0, k].tolist(), y[0, k].tolist())
            assert answer[0, k].tolist() == by_hand
            assert (answer[0, k] == answer[0, k].T).all()


def test_the_pieces_that_wrong_versions_are_made_of_are_the_algorithm() -> None:
    assert judge(ALGORITHM, substitutes={"dsbo": Parts}).finding.verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("error", "statement"),
    [
        ("late-clock", "dsbo/alg1"),
        ("local-y", "dsbo/alg1"),
        ("zero-hessians", "dsbo/alg1"),
        ("sum", "dsbo/alg-average"),
        ("one-hessian", "dsbo/alg-average"),
        ("others-only", "dsbo/alg-average"),
        ("warm-start", "dsbo/first-move"),
        ("no-delay", "dsbo/estimate-index"),
        ("sample-forgets", "dsbo/estimate-index-repaired"),
        ("one-term-more", "dsbo/neumann"),
        ("last-term-missing", "dsbo/neumann"),
        ("reversed", "dsbo/product-order"),
        ("one-hessian-paid", "dsbo/product-order-repaired"),
        ("one-hessian-paid", "dsbo/independent-samples"),
        ("others-only", "dsbo/thm5.1-network-zero"),
        ("leader", "dsbo/relabel"),
        ("not-scaled", "dsbo/g-scaling"),
        ("extravagant", "dsbo/samples-per-round"),
        ("two-rounds", "dsbo/messages"),
    ],
)
def test_each_claim_catches_an_error_by_a_verdict(error: str, statement: str) -> None:
    wrong = next(p.algorithm for p in PLANTED if p.name == error)
    judgement = judge(statements()[statement], substitutes={"dsbo": wrong})
    assert not judgement.finding.crashed
    assert not judgement.as_recorded


def test_message_size_notices_matrices_that_do_not_travel() -> None:
    class Quiet(Parts):
        def gossip(self, s: Any, net: Any) -> Any:
            return *net.mix(s.x, s.y, s.s, s.h, s.u), s.v

    finding = judge(statements()["dsbo/message-size"], substitutes={"dsbo": Quiet}).finding
    assert finding.verdict is Verdict.REFUTED


def test_the_hypergradient_check_refutes_a_wrong_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    right = identities._printed
    assert judge(HYPERGRADIENT).finding.verdict is Verdict.PROVED
    monkeypatch.setattr(identities, "_printed", lambda problem, x: -right(problem, x))
    assert judge(HYPERGRADIENT).finding.verdict is Verdict.REFUTED


def test_the_order_of_commuting_factors_is_no_counterexample() -> None:
    witness = order_witness()
    assert recheck(witness).ok
    given = {**witness.given, "G": witness.given["H"], "kappa_g": "3/20", "mu_g": "4/5"}
    report = recheck(dataclasses.replace(witness, given=given))
    assert not report.ok
    assert recheck(
        dataclasses.replace(witness, given=given, claim=Condition("they differ", "R@(eye(2) + P) != P + P@R"))
    ).ok
    assert displayed([P_1.tolist()]) == (P_1 + np.eye(2, dtype=int)).tolist()
