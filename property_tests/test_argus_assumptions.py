"""Argus's Assumptions 1 and 2 as they are evaluated, and what rests on them."""

from __future__ import annotations

import math
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.composite import with_l1
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus.assumptions import ALL, audit_runs, mixing, movement
from spiritlevel.theory.argus.cuts import nonconvex, rounds
from spiritlevel.theory.argus.experiments import mapping
from spiritlevel.theory.argus.lemmas import claims, witnesses
from spiritlevel.theory.argus.theorems import movement as shrinking
from spiritlevel.theory.argus.theorems import network
from spiritlevel.theory.argus.theorems.network import ALONE, RHO, VACUITY
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import check

F = Fraction


def _with(W: list[list[float]]) -> Any:
    return SimpleNamespace(dense=lambda: np.array(W))


@pytest.mark.parametrize(
    ("W", "ids"),
    [
        ([[1, 0], [0, 1]], ["2(c)", "2(d)"]),  # nobody talks
        ([[0, 1], [1, 0]], ["2(d)"]),  # eigenvalue -1
        ([[0.9, 0.1, 0], [0, 0.9, 0.1], [0.1, 0, 0.9]], ["2(b)"]),
        ([[1.5, -0.5], [-0.5, 1.5]], ["2(a)", "2(d)"]),
        ([[0.5, 0.4], [0.4, 0.5]], ["2(c)"]),  # rows sum to 0.9
        ([[0.5, 0.5], [0.5, 0.5]], []),
    ],
)
def test_networks_violate_what_they_violate(W: list[list[float]], ids: list[str]) -> None:
    assert [line.split()[0] for line in mixing(_with(W))] == ids


def test_problems_violate_what_they_violate() -> None:
    problem = random_quadratic(1, 4, 2, 2, shared=True)
    assert audit_runs([problem], [named("star:4")]) == ()
    rough: Any = SimpleNamespace(name="rough", constants=SimpleNamespace(L_fx=math.inf, L_fy=1))
    assert audit(ALL, [rough]) == ("1(a) violated on rough: L_fx = inf",)
    assert len(audit_runs([problem], [named("star:4"), _with([[1, 0], [0, 1]])])) == 2


def test_exact_l1_terms_are_audited() -> None:
    problem = with_l1(
        random_quadratic(seed=1, n=5, p=1, q=1, shared=True, rational=True), above=Fraction(1, 3)
    )
    assert audit_runs([problem], [named("ring:5")]) == ()
    object.__setattr__(problem, "above", -problem.above)  # what the class itself refuses
    assert audit_runs([problem], [named("ring:5")])[0].startswith("1(b)")


def test_movement_by_hand() -> None:
    """Squares 4, 1, 0.25 one apart and 9, 2.25 two apart, in x; y goes the same way for tau = 1."""
    x = np.array([0.0, 2.0, 3.0, 3.5])[:, None, None]
    assert movement(x, 0 * x, 1) == (0.25, 16.0)
    assert movement(x, 0 * x, 2) == (0.25, 18.0)
    assert movement(x, x, 1) == (0.5, 8.0)
    assert movement(0 * x, 0 * x, 1) == (0.0, math.inf)


@pytest.mark.parametrize("statement", [RHO, ALONE, VACUITY], ids=lambda s: s.id)
def test_runs_are_audited(statement: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge(statement).finding.audit == ()
    monkeypatch.setattr(network, "audit_runs", lambda problems, networks: ("2(d) violated: rho = 1",))
    assert judge(statement).finding.audit == ("2(d) violated: rho = 1",)


def test_a_k_1_beyond_the_one_that_was_used_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "movement", lambda x, y, tau: (1.0, 3.0))
    assert judge(VACUITY).finding.audit == ("1(c) violated: k_1 = 3 where 2 was used",)


def test_k_1_grows_only_where_movements_shrink_with_psi(monkeypatch: pytest.MonkeyPatch) -> None:
    moved, seen = [F(1)] * 4, [F(100) * F(81, 100) ** k for k in range(5)]
    monkeypatch.setattr(shrinking, "course", lambda ctx, steps: (moved, seen))
    assert judge(shrinking.K_1).finding.verdict is Verdict.INCONCLUSIVE
    monkeypatch.setattr(shrinking, "course", lambda ctx, steps: ([v / 100 for v in seen[:-1]], seen))
    assert judge(shrinking.K_1).finding.verdict is Verdict.REFUTED
    monkeypatch.setattr(shrinking, "least", lambda eta, start, eps, tau: start / tau)
    assert judge(shrinking.K_1).finding.verdict is Verdict.INCONCLUSIVE


def test_k_1_of_a_run_is_at_least_the_bound() -> None:
    """Identical agents, eta = 1/10, in floats: the least k_1 is the first movement over the last."""
    x = np.array([0.9**k for k in range(30)])[:, None, None] * np.ones((1, 2, 1))
    last = 2 * x[-2, 0, 0] ** 2  # Psi where the last movement starts
    bound = shrinking.least(0.1, 2.0, last * 0.99, 1)
    assert movement(x, 0 * x, 1)[1] >= bound > 100


def test_new_witnesses_stand_and_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    for good, bad in (
        (mapping.mapping_witness(), mapping.mapping_witness("1")),
        (nonconvex.local_witness(), nonconvex.local_witness(2)),
        (witnesses.asleep(), witnesses.asleep(1)),
    ):
        assert check(good).ok
        assert not check(bad).ok
    weight_1, least = mapping.mapping_witness("1"), nonconvex.local_witness(2)
    monkeypatch.setattr(mapping, "mapping_witness", lambda: weight_1)
    monkeypatch.setattr(nonconvex, "local_witness", lambda: least)
    for statement in (mapping.MAPPING, nonconvex.LOCAL):
        assert judge(statement).finding.verdict is Verdict.INCONCLUSIVE


def _sides_of_lemma_2(N: int) -> tuple[Fraction, Fraction]:
    """Identical agents that agree, G = y^2/2, y = 1; k_1 = 2, tau = beta = 1, L = 5/2, eta = 1/100000."""
    eta, L = F(1, 100000), F(5, 2)
    left = N * ((1 - eta) ** 2 - 1) / 2
    right = 3 * eta * N**2 * L**2 * 2 * N * eta**2 + (eta * N / 2 + eta**2 * N * L / 2 - eta * N) * N
    return left, right


def test_lemma_2_fails_for_identical_agents_from_three_on() -> None:
    for N in range(3, 12):
        left, right = _sides_of_lemma_2(N)
        assert left > right
    left, right = _sides_of_lemma_2(2)
    assert left <= right
    assert "N >= 3" in claims.LEMMA_2.because


def test_rounds_with_large_steps_are_no_approximation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge(rounds.MANY).finding.verdict is Verdict.SUPPORTED
    with monkeypatch.context() as patch:
        patch.setattr(rounds, "STEP", 2.0)
        assert judge(rounds.MANY).finding.verdict is Verdict.REFUTED

    def one_more(K: int, eta: Any, eta_phi: Any, mu: Any, scaled: bool) -> LowerRounds:
        return LowerRounds(K + 1, eta, eta_phi, mu, scaled)

    monkeypatch.setattr(rounds, "LowerRounds", one_more)
    assert judge(rounds.MANY).finding.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("graph", rounds.GRAPHS)
def test_many_rounds_come_as_near_as_their_radius_says(graph: str) -> None:
    radius, _, _ = rounds.linear(graph, 1, rounds.STEP)
    problem, x = random_quadratic(1, 5, 2, 2, shared=True), np.zeros((1, 5, 2))
    step, star = rounds.STEP / float(problem.constants.L_g), problem.lower_solution(x)
    run = LowerRounds(1500, step, step, rounds.MU, scaled=False).run
    y, _ = run(Oracle(problem), Gossip(named(graph)), x, 0 * star)
    assert abs(y - star).max() < max(1e-9, 100 * radius**1500)


def test_50_fails_with_either_index_of_the_damping() -> None:
    """theta turns from 0 to eta times the gradient, here 1; the regularised metric has c^t or c^{t-1}, t = 3."""
    eta, k = 1e-3, 3
    theta, earlier, now = eta, 1 / (eta * math.sqrt(k)), 1 / (eta * math.sqrt(k + 1))
    for c in (earlier, now):
        assert 1 - (1 - c * theta) ** 2 > (earlier * theta) ** 2 + 0.1
