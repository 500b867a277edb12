"""Theorem 1 of Argus and its lemmas: checks that come out otherwise where a line or a list is another."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import spiritlevel
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.constants import Constants
from spiritlevel.theory.argus.lemmas import always, repaired, witnesses
from spiritlevel.theory.argus.lemmas.claims import refuting
from spiritlevel.theory.argus.lemmas.fifth_witness import lemma5
from spiritlevel.theory.argus.theorems import bound, network, rate, runs, steps
from spiritlevel.theory.argus.theorems.coefficients import Letters, decrease, factors
from spiritlevel.theory.argus.theorems.lists import LIST
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import check

SHEET = {"L_p": 1, "M": 20, "tau": 3, "k_1": 1}


@pytest.mark.parametrize("witness", [*witnesses.witnesses(), lemma5()], ids=lambda w: w.statement)
def test_every_witness_stands(witness: Any) -> None:
    assert check(witness).ok


@pytest.mark.parametrize(
    "witness",
    [
        witnesses.lemma1("1/100"),  # not admitted
        witnesses.lemma2(3),  # equal gradients
        witnesses.lemma3("1/100"),
        witnesses.lemma4(second=3),
        witnesses.lemma4(True, second=3),
        lemma5("1/100"),
        witnesses.gap(0),  # nobody sleeps, theta stays 0
    ],
)
def test_witnesses_that_fall(witness: Any) -> None:
    assert not check(witness).ok
    statement = refuting("demo/x", lambda: witness, "A sentence.", "A reason.", "a case")
    assert judge(statement).finding.verdict is Verdict.INCONCLUSIVE


def test_with_one_descent_in_the_place_of_n() -> None:
    """The witnesses take the side of lines with -1/(2 eta) where (37) and (45) have -N/(2 eta)."""
    for found in (witnesses.lemma1(), lemma5()):
        define = tuple((name, text.replace("N/(2*eta)", "1/(2*eta)")) for name, text in found.define)
        report = check(replace(found, define=define))
        assert report.reason.startswith("the claim is true")


def test_repairs_need_their_factors() -> None:
    assert repaired.gap_holds(2)
    assert not repaired.gap_holds(1)
    assert repaired.descent_holds()
    assert not repaired.descent_holds(of_all=True)
    assert not always.excess(1)
    assert not always.apart(4)


def test_the_largest_steps_of_the_sheet() -> None:
    """(1-rho)^2/(640 L^2 N) up to T = 1000, the bound with sqrt(T) from 10^4."""
    eta, name = rate.largest(10**3)
    assert eta == pytest.approx(1 / 25600)
    assert name == "(1-rho)^2/(640 L^2 N)"
    assert "T_1+T" in rate.largest(10**4)[1]
    assert rate.value(10**4, rate.largest(10**4)[0]) == pytest.approx(5.2e13, rel=0.02)


def test_the_rate_is_what_is_claimed_where_c_is_not_of_order_1_over_eta(monkeypatch: Any) -> None:
    """Without multipliers of order 1 (alpha = 0) the bracket is of order 1/eta and the exponent smaller."""
    a = bound.letters()
    assert rate.exponent(Fraction(1, 2)) == Fraction(1, 2)
    none = {a[k]: 0 for k in ("alpha_1", "alpha_2", "sigma_1", "sigma_2")}
    plain = tuple(b.subs(none) for b in bound.brackets())
    monkeypatch.setattr(rate, "brackets", lambda: plain)
    assert rate.exponent(Fraction(1, 2)) == Fraction(-1, 2)
    assert judge(rate.RATE).finding.verdict is Verdict.INCONCLUSIVE


def test_two_equal_brackets_are_one_bound(monkeypatch: Any) -> None:
    a, (main, _) = bound.letters(), bound.brackets()
    monkeypatch.setattr(rate, "brackets", lambda: (main, main))
    assert judge(rate.NORMALISATION).finding.verdict is Verdict.PROVED
    monkeypatch.setattr(rate, "brackets", lambda: (main, main / (a["N"] ** 2 * a["M"])))
    assert judge(rate.NORMALISATION).finding.verdict is Verdict.REFUTED


def test_coefficients_by_hand() -> None:
    """N = M = L = tau = k_1 = 1, rho = 0, t = 1, eta = 1/1000."""
    one, eta = Fraction(1), Fraction(1, 1000)
    c = Letters(one, one, one, Fraction(0), one, one, one, eta)
    C = decrease(c)
    assert C[1] == 500 - 1 - 3 * eta / 2 - eta
    assert C[2] == 500 - 4 - 8 * eta - 64 * eta - 80 * eta
    assert C[6] == 1000
    assert factors(c)[2] == 8000 * (2 + 1 + Fraction(6, 32))


def test_without_the_first_bound_coefficients_turn_negative() -> None:
    found = steps.admitted(3, 60, LIST.terms[1:])
    assert any(steps.not_positive(c) for c, _ in found)


def test_a_list_without_a_bound_is_refuted(monkeypatch: Any) -> None:
    monkeypatch.setattr(steps, "LIST", replace(LIST, terms=LIST.terms[1:]))
    whole = steps.admitted
    monkeypatch.setattr(
        steps, "admitted", lambda seed, cases, terms=LIST.terms[1:]: whole(seed, cases, terms)
    )
    assert judge(steps.STEPS).finding.verdict is Verdict.REFUTED
    assert judge(steps.PRIME).finding.verdict is Verdict.REFUTED


def test_a_bound_that_grows_with_rho_is_noticed() -> None:
    wrong = replace(LIST.terms[0], name="wrong", bound=lambda s: 1 / (1 - s.lam))
    assert steps.increasing((*LIST.terms, wrong)) == ["wrong"]


def test_the_list_can_be_evaluated() -> None:
    rows = LIST.rows(
        Constants(mu_g=1, L_g=1), Fraction(1, 2), 10, {"eta": Fraction(1, 10**6)}, {**SHEET, "T": 100}
    )
    assert len(rows) == 7
    assert all(row.allows for row in rows)


def test_the_list_is_on_the_command_line() -> None:
    found = spiritlevel.steps(
        "argus/stepsize", constants=SHEET | {"mu": 1, "L": 1, "T": 1000, "lam": "1/2", "m": 10}
    )
    assert found.largest["eta"] == pytest.approx(1 / 25600)


def test_psi_where_all_agents_agree_is_the_squared_mean_gradient() -> None:
    found = runs.course(Argus(eta=Fraction(1, 100), T_1=0, M=1), "ring:4", 5, 3)
    first = runs.course(Argus(eta=Fraction(1, 100), T_1=0, M=1), "complete:4", 5, 3)
    assert found.psi[0] == pytest.approx(first.psi[0])  # no consensus error at the start
    assert np.all(np.diff(found.value) < 0)


def test_order_of_graphs_and_its_share() -> None:
    assert network.ordered([0.0, 0.5, 0.9], np.array([3.0, 2.0, 1.0])) == 0.0


def test_a_bound_below_standing_still_would_be_supported(monkeypatch: Any) -> None:
    monkeypatch.setattr(network, "bound", lambda course, eta: course.psi[-1])
    assert judge(network.VACUITY).finding.verdict is Verdict.SUPPORTED


def test_rho_comes_out_otherwise_where_the_order_is_reversed(monkeypatch: Any) -> None:
    rhos = network._rhos()
    monkeypatch.setattr(network, "averages", lambda ctx, graphs=(): 1 - np.array([rhos]))
    assert judge(network.RHO).finding.verdict is Verdict.REFUTED
    monkeypatch.setattr(network, "averages", lambda ctx, graphs=(): np.array([[1.0, 2.0]]))
    assert judge(network.ALONE).finding.verdict is Verdict.SUPPORTED
