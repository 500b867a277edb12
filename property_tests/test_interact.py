"""INTERACT: the exact numbers behind the verdicts, each by a second way."""

from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.constants import Constants
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.families import linear, random_quadratic
from spiritlevel.theory.interact.constants import contraction, lemmas
from spiritlevel.theory.interact.step_sizes.theorem1_list import (
    THEOREM_1,
    THEOREM_1_REPAIRED,
    lower_weight,
    rate,
)
from spiritlevel.theory.interact.theorems.descent import ROUNDING, per_step
from spiritlevel.theory.interact.witnesses import thm1_witness
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.witness import check as recheck


def test_engine_and_verifier_agree_on_the_refuted_bound() -> None:
    # The verifier runs its own program on its own arithmetic; the engine runs Interact.
    finding = judge(statements()["interact/thm1"]).finding
    report = recheck(thm1_witness("printed", "two-agents"))
    assert report.ok
    assert finding.numbers["sum"] in report.last.values[0]
    assert finding.numbers["bound"] == "80"


@pytest.mark.parametrize("lam", [Fraction(0), Fraction(1, 3), Fraction(9, 10), Fraction(99, 100)])
@pytest.mark.parametrize("m", [1, 2, 50])
def test_repaired_list_meets_every_target(lam: Fraction, m: int) -> None:
    # C_1..C_5 rebuilt from (14)-(19) with plain constants, in exact arithmetic.
    gamma = 1 - lam
    rng = np.random.default_rng(7)
    for _ in range(60):
        draw = [Fraction(int(v), 64) for v in rng.integers(1, 640, 6)]
        c = Constants(
            mu_g=draw[0], L_g=draw[0] + draw[1], C_gxy=draw[2], L_fx=draw[3], L_fy=draw[4], C_fy=draw[5]
        )
        beta = 1 / (c.mu_g + c.L_g) / int(rng.integers(1, 5))
        k, r = lemmas(c, "plain"), contraction(c, beta)
        admitted = THEOREM_1_REPAIRED.largest(c, lam, m, {"beta": beta})["alpha"]
        alpha = Fraction(admitted) * (1 - Fraction(1, 10**9))
        a = lower_weight(c, lam, beta, "plain")
        s = c.mu_g + c.L_g
        C1 = -Fraction(1, 2) + k.L_l * alpha / 2 + alpha * m * gamma / 8 + 4 * alpha**2 * m * k.L_K2 / gamma
        C2 = alpha * k.L_l**2 / m - 3 * gamma / 4 + 8 * alpha * k.L_K2 / gamma
        C3 = 2 * alpha * k.L_f**2 / m - a * (3 * r + 18 * r**2)
        C4 = -a * (1 - r) * (1 + r) ** 2 * (2 * beta / s - beta**2) + alpha * k.L_K2 * beta**2 / gamma
        C5 = alpha / gamma + alpha * gamma / 8 + 4 * alpha**2 * k.L_K2 / gamma - gamma
        assert C1 <= 0
        assert C2 <= -gamma / 4  # noqa: SIM300
        assert C3 <= -3 * r * a  # noqa: SIM300
        assert C4 <= 0
        assert C5 <= 0
        assert 3 * r * a == 3 * r**2 * gamma / (32 * (1 + r) * k.L_y**2)


def test_some_terms_can_never_bind() -> None:
    # Both are geometric means of, or implied by, the others: over random constants they are never the least.
    rng = np.random.default_rng(11)
    for _ in range(500):
        v = 10 ** rng.uniform(-3, 3, 7)
        c = Constants(mu_g=v[0], L_g=v[0] + v[1], C_gxy=v[2], L_fx=v[3], L_fy=v[4], C_fy=v[5], L_gyy=v[6])
        rows = THEOREM_1_REPAIRED.rows(c, float(rng.uniform(0, 1)), int(rng.integers(1, 40)))
        least = min(row.limit for row in rows if row.term.step == "alpha")
        never = ("sqrt((1-lam)/(2m)) / (4 L_K)", "(1-lam)/(4 L_K)", "1/(4 L_l)", "m(1-lam)/(4 L_l^2)", "1")
        for row in rows:
            if row.term.name in never:
                assert row.limit >= least * (1 - 1e-12)
            if row.term.name in never[1:]:
                assert not row.binds


def test_per_step_form_sees_a_step_size_that_is_too_large() -> None:
    # Linear f, coupling near 0: the potential never rises iff alpha <= (1 - lam^2)^2.
    problem = linear(H=[[[1.0]]] * 2, B=[[[1e-6]]] * 2, c=[[0.0]] * 2, b=[[1.0], [-1.0]])
    network = Network([[0.75, 0.25], [0.25, 0.75]])
    limit = (1 - modulus(network) ** 2) ** 2
    signs = []
    for alpha in (0.99 * limit, 1.01 * limit):
        a = Interact(alpha=alpha, beta=0.1)
        signs.append(per_step(a, problem, network, alpha=alpha, weight=1.0, kappa=0.0).largest > ROUNDING)
    assert signs == [False, True]


def test_search_objective_turns_positive_without_the_missing_condition() -> None:
    # With the printed terms in plain constants but without 4(1-lam)^2/5, descent fails somewhere.
    problem = random_quadratic(seed=3, n=4, p=1, q=1, scale=0.01, coupling=0.01)
    network = named("path:4", "laplacian")
    lam = modulus(network)
    rows = THEOREM_1_REPAIRED.rows(problem.constants, lam, 4)
    beta = min(row.limit for row in rows if row.term.step == "beta")
    alpha = min(row.limit for row in rows if row.term.step == "alpha" and row.term.name != "4(1-lam)^2/5")
    weight = float(lower_weight(problem.constants, lam, beta, "plain"))
    kappa = float(rate(problem.constants, lam, alpha, beta, "plain"))
    a = Interact(alpha=alpha, beta=beta)
    assert alpha > 0.8 * (1 - lam) ** 2
    assert not per_step(a, problem, network, alpha=alpha, weight=weight, kappa=kappa).holds


def test_printed_terms_follow_the_letters_of_the_theorem() -> None:
    c = Constants(mu_g=1, L_g=3, C_gxy=2, L_fx=1, L_fy=1)
    rows = {
        row.term.name: row.limit for row in THEOREM_1.rows(c, Fraction(1, 2), 4, {"beta": Fraction(1, 4)})
    }
    L_f, L_y, r = Fraction(9), Fraction(4), Fraction(1, 16)
    L_l, L_K2, gap = (L_f + 2 * L_f) ** 2, 2 + 6 * 4, Fraction(1, 2)
    expected = {
        "3(mu+L)/(mu L)": 4,
        "1/(mu+L)": 0.25,
        "1/(4 L_l)": 1 / (4 * L_l),
        "sqrt((1-lam)/(2m)) / (4 L_K)": float(gap / 8 / (16 * L_K2)) ** 0.5,
        "1/(m(1-lam))": 0.5,
        "(1-lam)^2/(32 L_K^2)": gap**2 / (32 * L_K2),
        "m(1-lam)/(4 L_l)": 4 * gap / (4 * L_l),
        "9r^2 m(1-lam)/(32 L_y^2(1+1/r)L_f^2)": 9 * r**2 * 4 * gap / (32 * L_y**2 * 17 * L_f**2),
        "(1-r)(1+r)r(1-lam)^2/(32 L_y^2(mu+L)L_K^2 beta)": (1 - r)
        * (1 + r)
        * r
        * gap**2
        / (32 * L_y**2 * 4 * L_K2 / 4),
        "(1-lam)/(4 L_K)": float(gap) / 4 / L_K2**0.5,
        "1": 1,
    }
    assert rows.keys() == expected.keys()
    assert rows == pytest.approx({name: float(v) for name, v in expected.items()}, rel=1e-14)
