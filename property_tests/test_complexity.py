"""The complexity claims: formulas against counters, orders of growth, and checks that come out the other way."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.interact.complexity.counts import COR2_COUNTS, COR4_COUNTS, Plan, full
from spiritlevel.theory.interact.complexity.orders import CURVED, FLAT, LAM, exponents, smallest, unbounded
from spiritlevel.theory.interact.complexity.samples import (
    COR4_SAMPLES,
    first_below,
    gentle,
    repeated,
)
from spiritlevel.theory.interact.complexity.terms import hidden_witness, needed_terms
from spiritlevel.theory.interact.planted.interact import TwoRounds
from spiritlevel.theory.interact.step_sizes.theorem1_list import rate
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import check as recheck


def test_sheet_of_numbers() -> None:
    plan = Plan(n=1000, q=32, S=32, K=8)
    assert plan.ifo(3200) == 1000 * 101 + 64 * 3100
    assert plan.n * 3201 == 3_201_000
    assert [plan.ifo(3200, K + 1) > 3_201_000 for K in (14, 15)] == [False, True]
    assert [plan.ifo(3200, K + 2) > 3_201_000 for K in (13, 14)] == [False, True]


@given(n=st.integers(1, 40), q=st.integers(1, 9), S=st.integers(1, 9), T=st.integers(0, 60))
def test_calls_add_up(n: int, q: int, S: int, T: int) -> None:
    """Definition 1's total is the sum over iterations; so is the total by questions, with 5 n and 2 (K + 3) S."""
    plan = Plan(n, q, S, 4)
    assert plan.ifo(T) == sum(n if t % q == 0 else 2 * S for t in range(T + 1))
    asked = sum(plan.asked(t)["samples"] for t in range(T + 1))
    assert asked == 5 * n * (1 + T // q) + 2 * (4 + 3) * S * (T - T // q)


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


def test_unbounded_tells_the_two_claims_apart() -> None:
    n, E = sympy.symbols("n E", positive=True)
    letters = {"n": n, "1/eps": E}
    count = n + 3 * sympy.sqrt(n) * E * sympy.log(E)
    assert set(unbounded(count, sympy.sqrt(n) * E, letters)) == {"n", "1/eps"}
    assert unbounded(count, n + sympy.sqrt(n) * E * sympy.log(E), letters) == {}


def test_exponents_in_K_come_from_the_growth_of_L_K() -> None:
    assert exponents(FLAT, 16)["min"].agrees_with(-4)  # of the square
    assert exponents(CURVED, 16)["min"].agrees_with(-16)
    without = Constants(mu_g=1, L_g=4, C_gxy=Fraction(1, 2), L_fx=1)  # L_fy = C_fy = 0: nothing multiplies K
    values = [smallest(without, 2**j) for j in range(8)]
    assert exact_exponent(values).agrees_with(0)


@pytest.mark.parametrize("K", [1, 8, 100])
@pytest.mark.parametrize("c", [FLAT, CURVED])
def test_smallest_agrees_with_the_list(c: Constants, K: int) -> None:
    """The exact minimum against the rule's own largest steps, which are floats."""
    steps = THEOREM_3.largest(c, LAM, 5, more={"K": K})
    value = rate(c, LAM, steps["alpha"], steps["beta"], "printed")
    assert float(smallest(c, K)) ** 0.5 == pytest.approx(float(value), rel=1e-12)


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
