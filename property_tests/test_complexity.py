"""The complexity claims: formulas against counters, orders of growth, and checks that come out the other way."""

from __future__ import annotations

import dataclasses
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.interact.complexity import orders, terms
from spiritlevel.theory.interact.complexity.corollary2 import COR2, knows_neither
from spiritlevel.theory.interact.complexity.counts import COR2_COUNTS, COR4_COUNTS, Plan, full
from spiritlevel.theory.interact.complexity.orders import (
    CASES,
    COR4,
    CURVED,
    FLAT,
    LAM,
    NEITHER,
    REPAIRED,
    ROUNDS,
    exponents,
    power_of_K,
    smallest,
    unbounded,
)
from spiritlevel.theory.interact.complexity.samples import (
    COR4_SAMPLES,
    first_below,
    gentle,
    repeated,
)
from spiritlevel.theory.interact.complexity.terms import KAPPA, hidden_witness, needed_terms
from spiritlevel.theory.interact.planted.interact import Ascent, TwoRounds
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1, rate
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.step_lists.stepsize import Term
from spiritlevel.theory.witness import check as recheck


def test_sheet_of_numbers() -> None:
    plan = Plan(n=1000, q=32, S=32, K=8)
    assert plan.ifo(3200) == 1000 * 101 + 64 * 3100
    assert plan.n * 3201 == 3_201_000
    assert [plan.ifo(3200, K + 1) > 3_201_000 for K in (14, 15)] == [False, True]
    assert [plan.ifo(3200, K + 2) > 3_201_000 for K in (13, 14)] == [False, True]


@settings(deadline=None)
@given(n=st.integers(1, 40), q=st.integers(1, 9), S=st.integers(1, 9), T=st.integers(0, 60))
def test_calls_add_up(n: int, q: int, S: int, T: int) -> None:
    """Definition 1's total is the sum over iterations; so is the total by questions, with 5 n and 2 (K + 3) S."""
    plan = Plan(n, q, S, 4)
    assert plan.ifo(T) == sum(n if t % q == 0 else 2 * S for t in range(T + 1))
    asked = sum(plan.asked(t)["samples"] for t in range(T + 1))
    assert asked == 5 * n * (1 + T // q) + 2 * (4 + 3) * S * (T - T // q)


@settings(deadline=None)
@given(n=st.integers(1, 10**6), K=st.integers(1, 50), T=st.integers(0, 10**5))
def test_repaired_bound_holds_for_whole_numbers(n: int, K: int, T: int) -> None:
    s = math.isqrt(n - 1) + 1
    assert Plan(n, s, s, K).ifo(T, K + 2) <= n + 7 * s * K * T


def test_counters_catch_a_second_round_and_a_second_draw() -> None:
    @dataclasses.dataclass(frozen=True)
    class TwoDraws(SVRInteract):
        """Fresh samples at the old point: another estimator, and other costs."""

        def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
            if t % (self.q or o.root()):
                o.draw(self.S, self.K).f.grad_x_f(*([np.repeat(z, self.S, axis=0) for z in (s.x, s.y)]))
            return super().step(t, s, o, net)

    assert judge(COR2_COUNTS, substitutes={"interact": TwoRounds}).finding.verdict is Verdict.REFUTED
    assert judge(COR4_COUNTS, substitutes={"svr-interact": TwoDraws}).finding.verdict is Verdict.REFUTED
    assert full(3)["samples"] == 15


def test_corollary_2_notices_a_list_that_asks_for_n_and_runs_that_do_not_converge() -> None:
    for letter in ("n", "eps"):
        term = Term(f"1/{letter}", "alpha", lambda s, x=letter: Fraction(1, 10**9) / s.more.get(x, 1))  # type: ignore[misc]
        assert not knows_neither(dataclasses.replace(THEOREM_1, terms=(*THEOREM_1.terms, term)))
    assert not knows_neither(dataclasses.replace(THEOREM_1, needs=("n",)))
    finding = judge(COR2, substitutes={"interact": Ascent}).finding
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.summary
    assert not finding.crashed


def test_corollary_4_is_refuted_by_the_start_and_by_K(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = orders._samples
    for samples, verdict in (
        (lambda E, s, calls: s * E, Verdict.SUPPORTED),  # neither
        (lambda E, s, calls: whole(E, s, calls) - s**2, Verdict.INCONCLUSIVE),  # no start: only K is left
    ):
        monkeypatch.setattr(orders, "_samples", samples)
        assert judge(COR4).finding.verdict is verdict
    monkeypatch.setattr(orders, "_samples", whole)
    finding = judge(COR4).finding
    assert finding.verdict is Verdict.REFUTED
    # More samples in the start than n are not absorbed at eps = 1/sqrt(n).
    monkeypatch.setattr(orders, "_samples", lambda E, s, calls: whole(E, s, calls) + s**2)
    key = "bounded_with_one_call_for_eps_up_to_1/sqrt(n)"
    assert finding.numbers[key]
    assert not judge(COR4).finding.numbers[key]


def test_what_is_not_shown_is_not_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where K does not count, Corollary 4's O(1/eps) stands; and a wrong power of K supports nothing."""
    monkeypatch.setattr(orders, "CASES", dict.fromkeys(CASES, NEITHER))
    assert judge(ROUNDS).finding.verdict is Verdict.INCONCLUSIVE
    monkeypatch.setattr(orders, "CASES", CASES)
    monkeypatch.setattr(orders, "power_of_K", lambda c: 1)
    for statement in (ROUNDS, REPAIRED):
        assert judge(statement).finding.verdict is Verdict.INCONCLUSIVE
    monkeypatch.setattr(terms, "needed_terms", lambda kappa, reduction: needed_terms(kappa, reduction) * 2)
    assert judge(KAPPA).finding.verdict is Verdict.REFUTED


def test_unbounded_tells_the_two_claims_apart() -> None:
    n, E = sympy.symbols("n E", positive=True)
    letters = {"n": n, "1/eps": E}
    count = n + 3 * sympy.sqrt(n) * E * sympy.log(E)
    assert set(unbounded(count, sympy.sqrt(n) * E, letters)) == {"n", "1/eps"}
    assert unbounded(count, n + sympy.sqrt(n) * E * sympy.log(E), letters) == {}


@pytest.mark.parametrize("on", [*itertools.product((0, 1), repeat=4)])
def test_exponents_in_K_come_from_the_growth_of_L_K(on: tuple[int, ...]) -> None:
    """All ways in which constants may vanish; the exponents are those of the squares."""
    L_fy, C_fy, L_gxy, L_gyy = on
    c = Constants(mu_g=1, L_g=4, C_gxy=1, L_gxy=L_gxy, L_gyy=L_gyy, L_fx=1, L_fy=L_fy, C_fy=C_fy)
    power = 4 if C_fy and L_gyy else 1 if L_fy or (C_fy and L_gxy) else 0
    assert power_of_K(c) == power
    found = exponents(c, 16)
    assert found["min"].agrees_with(-4 * power)
    assert found["alpha"].agrees_with(-2 * power)


def test_admitted_constants_for_which_the_rounds_do_not_grow() -> None:
    c = Constants(
        mu_g=1, L_g=4, C_gxy=1, L_fx=1, C_fy=1
    )  # C_bias > 0, so K must grow, but nothing multiplies it
    assert smallest(c, 1) == smallest(c, 2**20) > 0


@pytest.mark.parametrize("K", [1, 8, 100])
@pytest.mark.parametrize("c", [FLAT, CURVED])
def test_smallest_agrees_with_the_list(c: Constants, K: int) -> None:
    """The exact minimum against the rule's own largest steps, which are floats."""
    steps = THEOREM_3.largest(c, LAM, 5, more={"K": K})
    value = rate(c, LAM, steps["alpha"], steps["beta"], "printed")
    assert float(smallest(c, K)) ** 0.5 == pytest.approx(float(value), rel=1e-12)


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(1, 6))
def test_needed_terms_is_the_least(kappa: int, digits: int) -> None:
    K = needed_terms(Fraction(kappa), Fraction(1, 10**digits))
    rho = 1 - Fraction(1, kappa)
    assert rho ** (2 * K) <= Fraction(1, 10**digits) < rho ** (2 * K - 2)


def test_hidden_witness_needs_its_last_term() -> None:
    witness = hidden_witness()
    assert recheck(witness).ok
    # One term fewer, and SVR-INTERACT is still ahead.
    fewer = dataclasses.replace(witness, given={**witness.given, "K": "13", "reduction": "1/15"})
    assert not recheck(fewer).ok


def test_repeated_samples_change_nothing_but_their_number() -> None:
    base = gentle(3, 4, 16)
    more = repeated(base, 4)
    x, y = (np.ones((1, 4, 1)) for _ in range(2))
    assert more.samples == 64
    assert np.allclose(base.grad_y_g(x, y), more.grad_y_g(x, y), rtol=1e-12)
    one, other = (run(Interact(), p, named("ring:4"), steps=20).x for p in (base, more))
    assert np.allclose(one, other, rtol=1e-9)


def test_slope_is_not_called_consistent_when_iterations_grow_with_n() -> None:
    @dataclasses.dataclass(frozen=True)
    class Slowed(SVRInteract):
        """A step size that falls with the number of samples, by the fourth root of n/16."""

        def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
            smaller = self.alpha * math.sqrt(4 / o.root())
            return SVRInteract.step(dataclasses.replace(self, alpha=smaller), t, s, o, net)

    finding = judge(COR4_SAMPLES, substitutes={"svr-interact": Slowed}).finding
    assert not finding.crashed, finding.summary
    assert finding.verdict is not Verdict.SUPPORTED, finding.summary
    assert finding.numbers["slope"] > 0.6


def test_first_below() -> None:
    assert first_below(np.array([[3.0, 1.0, 2.0]]), 1.0).tolist() == [1.0]
    assert np.isinf(first_below(np.array([[3.0, 2.0]]), 1.0)).all()
