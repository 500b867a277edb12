"""What RABO and RAFBO cost, counted by hand, and Section V's numbers, tables and floors."""

from __future__ import annotations

import dataclasses
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.rabo import RABO
from spiritlevel.core.algorithms.rafbo import RAFBO
from spiritlevel.core.driver import run
from spiritlevel.core.networks import averaging
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.judge import judge
from spiritlevel.theory.rabo.costs import (
    calls,
    capacities,
    comparison,
    coverage_floors,
    formulas,
    tables,
    traffic,
    witnesses,
)
from spiritlevel.theory.rabo.costs.counting import operations
from spiritlevel.theory.rabo.planted import rabo, rafbo
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

WRONG = {(p.algorithm.name, p.name): p.algorithm for p in (*rabo.PLANTED, *rafbo.PLANTED)}
CONTEXT = Context(statement="rabo/coverage-control")


def put(statement: Statement, *algorithms: type[Algorithm]) -> Finding:
    """What the statement's check finds, with algorithms that stand in for those of their names."""
    return judge(statement, alpha=1e-4, substitutes={a.name: a for a in algorithms}).finding


def counted(a: Algorithm) -> dict[str, int]:
    """Counts after three rounds of four clients with p = 4, q = 6."""
    problem = random_quadratic(seed=2, n=4, p=4, q=6, shared=True)
    trace = run(a, problem, averaging(4), steps=3, record=[3])
    return {key: int(values[-1]) for key, values in trace.counts.items()}


GENTLE: dict[str, Any] = {"alpha": F(1, 64), "beta": F(1, 64), "T": 5}


def test_rabo_spends_what_is_counted_by_hand() -> None:
    """A round: T = 5 inner gradients and two of f, one Hessian and one product with the cross block. Windows of 2 in x
    and of 3 in y: 4 * 5 floats up, 4 (4 + 2 * 6) down; two exchanges, a message up and one down per client each."""
    assert counted(RABO(**GENTLE, mask_x="window:2", mask_y="window:3")) == {
        "gradients": 3 * 7,
        "hessians": 3,
        "cross_hessians": 3,
        "solves": 0,
        "samples": 0,
        "rounds": 6,
        "messages": 48,
        "floats": 3 * (20 + 64),
    }


def test_rafbo_spends_what_is_counted_by_hand() -> None:
    """Instead of second derivatives, one inner gradient at the point and one per held coordinate, times T_h = 3."""
    printed = counted(RAFBO(**GENTLE, mask_x="window:2", mask_y="window:3"))
    loop = counted(RAFBO(**GENTLE, mask_x="window:2", mask_y="window:3", difference="loop", T_h=3))
    assert printed["gradients"] == 3 * (7 + 1 + 2)
    assert loop["gradients"] == 3 * (7 + (1 + 2) * 3)
    for each in (printed, loop):
        assert each["hessians"] == each["cross_hessians"] == each["solves"] == 0
        assert each["floats"] == 3 * (20 + 64)


def test_operations_by_hand() -> None:
    """n_1 = n_2 = 1: H y - B x - c is 2 products and 2 subtractions. n_2 = 2: elimination is a quotient, 2 products, 2
    subtractions, then 1 + 1 and 2 quotients; C w and the difference 3 + 1."""
    assert operations(1, 1, lambda c: c.gradient()) == 4
    assert operations(1, 2, lambda c: c.eliminated()) == 9
    assert operations(1, 2, lambda c: c.explicit(c.eliminated())) == 13 == formulas.dense(1, 2)
    assert operations(1, 1, lambda c: c.inner_step()) == 6 == formulas.inner(1, 1, 1)


def test_operations_match_their_leading_terms() -> None:
    """2 n^3/3, 2 K n^2, (n + 1) 4 n^2 and T_h times that, at n_1 = n_2 = 1000."""
    n = 1000
    assert formulas.dense(n, n) == pytest.approx(2 / 3 * n**3, rel=0.006)
    assert formulas.conjugate(n, n, 10) == pytest.approx(20 * n**2, rel=0.15)
    assert formulas.finite(n, n) == pytest.approx(4 * n**3, rel=0.003)
    assert formulas.finite(n, n, 5) == pytest.approx(20 * n**3, rel=0.003)


def test_rafbo_is_cheaper_where_it_should_be() -> None:
    """Few outer coordinates: against elimination only; the threshold of the ratio, from both sides."""
    assert comparison.ratios(10, 1000, F(1))[0] < 0.05
    assert comparison.ratios(10, 1000, F(1))[1] > 1
    n = 10**6
    below, above = (formulas.finite(int(r * n), n) / formulas.dense(int(r * n), n) for r in (0.263, 0.264))
    assert below < 1 < above


@pytest.mark.parametrize(
    ("statement", "algorithm", "name"),
    [
        (calls.COUNTS, "rabo", "extravagant"),
        (calls.COUNTS, "rafbo", "central"),
        (calls.COORDINATES, "rafbo", "not-its-own"),
        (calls.COORDINATES, "rafbo", "all-at-once"),
        (calls.ROUNDS, "rabo", "sends-everything"),
        (calls.ROUNDS, "rabo", "sends-submodels"),
        (coverage_floors.CONTROL, "rabo", "first-holder"),
        (coverage_floors.EXPERIMENT, "rabo", "over-everybody"),
        (coverage_floors.CLIENTS, "rabo", "first-holder"),
        (capacities.SWEEP, "rabo", "no-inverse"),
    ],
)
def test_claims_about_costs_and_floors_notice(statement: Statement, algorithm: str, name: str) -> None:
    finding = put(statement, WRONG[algorithm, name])
    assert not finding.crashed
    assert finding.verdict is Verdict.REFUTED


class Solves(RAFBO):
    """Asks for a Hessian all the same."""

    def probed(self, o: Any, x: Any, y: Any, m_y: Any) -> Any:
        """And throws it away."""
        o.hess_yy_g(x, y)
        return super().probed(o, x, y, m_y)


def test_a_hidden_hessian_is_found() -> None:
    assert put(calls.SECOND_ORDER, Solves).verdict is Verdict.REFUTED


def test_a_communication_that_falls_enough_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert put(traffic.COMMUNICATION_PARAMETERS).verdict is Verdict.REFUTED
    monkeypatch.setattr(traffic, "NESTED", "nested:1/4")
    assert put(traffic.COMMUNICATION_PARAMETERS).verdict is Verdict.SUPPORTED


def test_powers_that_fit() -> None:
    quarter = F(1, 4)
    assert traffic.exponents((quarter, quarter), (F(1, 2),)) == pytest.approx((2, 2))
    assert traffic.exponents((F(31, 80),) * 2, formulas.CAPACITIES) == pytest.approx((1, 1))


@pytest.mark.parametrize(
    ("name", "value", "statement"),
    [
        ("RABO", ("76.05", "89.12", "54.97", "70.00"), tables.AVERAGE),
        ("RAFBO", ("75.09", "85.00", "51.37", "71.16"), tables.ORDER),
        (
            "SCALE",
            {**tables.SCALE, "RABO, 5-way-1-shot": ("76.05", "76.50", "74.39", "72.76")},
            tables.TABLE_3,
        ),
    ],
)
def test_other_tables_refute_the_text(
    monkeypatch: pytest.MonkeyPatch, name: str, value: Any, statement: Statement
) -> None:
    assert put(statement).verdict is Verdict.SUPPORTED
    monkeypatch.setattr(tables, name, value)
    assert put(statement).verdict is Verdict.REFUTED


def stationary(C: int, s: float) -> float:
    """``E (2 s x)^2`` of ``y+ = y - beta (y - x) + beta xi``, ``x+ = x - alpha (s x + s y+ + zeta)``, variances 1/C."""
    alpha, beta = 0.05, 0.2
    row = np.array([beta, 1 - beta])  # of y+ in (x, y)
    M = np.array([[1 - alpha * s, 0.0] - alpha * s * row, row])
    noise = np.array([[-alpha * s * beta, -alpha], [beta, 0.0]])
    P = np.linalg.solve(np.eye(4) - np.kron(M, M), (noise @ noise.T / C).reshape(-1)).reshape(2, 2)
    return float(4 * s**2 * P[0, 0])


def test_floors_are_those_of_the_scalar_recursion() -> None:
    """Derived by hand, solved as a Lyapunov equation."""
    one = coverage_floors.floor(CONTEXT, (3, 1), [1.0, 0.5])
    assert one == pytest.approx(stationary(3, 1.0) + stationary(1, 0.5), rel=1e-9)
    assert coverage_floors.floor(CONTEXT, (2,), [1.0], sigma=3.0) == pytest.approx(
        9 * stationary(2, 1.0), rel=1e-9
    )


def test_segments_that_are_alike_are_ordered_by_coverage() -> None:
    ratio = put(coverage_floors.EXPERIMENT).numbers["ratio"]
    assert ratio == pytest.approx(5 / 6, rel=1e-12)


def test_capacity_one_has_no_floor_and_a_half_has() -> None:
    problem = random_quadratic(5, capacities.N, 16, 16, shared=True, heterogeneity=0)
    full, half = (capacities.end(CONTEXT, problem, size) for size in (16, 8))
    assert full.floor < capacities.EXACT
    assert half.floor > 0.01
    assert max(full.radius, half.radius) < 1


def test_every_witness_stands() -> None:
    found = (*witnesses.witnesses(), witnesses.operations_witness("rabo/cost-computation"))
    assert all(recheck(w).ok for w in found)


@pytest.mark.parametrize(
    ("make", "changed"),
    [
        (witnesses.operations_witness, {"n_1": 10, "n_2": 1000}),
        (witnesses.communication_witness, {"capacities": [1, "1/4", "1/16", "1/64", "1/256"]}),
        (witnesses.tuning_traffic_witness, {"capacity": "1/4"}),
        (witnesses.segments_witness, {"v": [1, 1, 1, 1]}),
    ],
)
def test_witnesses_fall_where_the_claim_holds(make: Any, changed: dict[str, Any]) -> None:
    witness = make()
    assert not recheck(dataclasses.replace(witness, given={**witness.given, **changed})).ok


def test_section_v_is_read_as_its_authors_can_mean_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Widths and whole numbers fit what is printed; shares of the parameters do not, nor do other numbers fit widths."""
    assert put(traffic.COMMUNICATION).verdict is put(traffic.TUNING).verdict is Verdict.SUPPORTED
    assert put(traffic.FACTORS).verdict is Verdict.SUPPORTED
    monkeypatch.setitem(traffic.REMAINS, "communication", F(3, 10))
    assert put(traffic.FACTORS).verdict is Verdict.REFUTED
    monkeypatch.setitem(traffic.REMAINS, "communication", F(267, 1000))
    monkeypatch.setitem(traffic.REMAINS, "RAFBO", F(25, 100))
    assert put(traffic.FACTORS).verdict is Verdict.REFUTED
    monkeypatch.setattr(traffic, "mean_power", lambda k: formulas.mean_power(k + 1))
    assert put(traffic.COMMUNICATION).verdict is Verdict.REFUTED
