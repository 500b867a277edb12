"""Argus: what its text says beside its theorems, on networks, messages, tasks, baselines and Table I; each check can turn."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import networkx as nx
import numpy as np
import pytest

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.graphs import named
from spiritlevel.synthetic.composite import with_l1
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.argus.algorithms import awake, connectivity, thresholds
from spiritlevel.theory.argus.costs import derivatives, formulas, literal_counts, revealed
from spiritlevel.theory.argus.cuts import reformulation
from spiritlevel.theory.argus.experiments import baselines, l1_limit, table_one_levels, tasks
from spiritlevel.theory.argus.experiments.ablation import WEIGHT
from spiritlevel.theory.argus.experiments.instances import course, separate
from spiritlevel.theory.argus.theorems import joint_lipschitz, summation
from spiritlevel.theory.argus.theorems.steps import admitted
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Witness, check

F = Fraction
WITNESSES = (
    awake.idle_witness(),
    baselines.loss_witness(),
    connectivity.chord_witness(),
    connectivity.path_witness(),
    derivatives.slope_witness(),
    joint_lipschitz.cut_witness(),
    reformulation.wells_witness(-1),
    reformulation.wells_witness(1),
    revealed.theta_witness(),
    table_one_levels.rest_witness(),
    tasks.kink_witness(),
    tasks.tasks_witness(),
    thresholds.sleeping_witness(),
)


def put(statement: Statement, algorithm: type[Argus]) -> Finding:
    return judge(statement, alpha=1e-4, substitutes={"argus": algorithm}).finding


def changed(witness: Witness, **given: Any) -> bool:
    """Whether the witness still stands with other data."""
    return check(dataclasses.replace(witness, given={**witness.given, **given})).ok


@pytest.mark.parametrize("witness", WITNESSES, ids=lambda w: w.statement)
def test_witnesses_stand(witness: Witness) -> None:
    assert check(witness).ok


@pytest.mark.parametrize(
    ("witness", "given"),
    [
        (awake.idle_witness(), {"p": "99/100"}),
        (baselines.loss_witness(), {"a": 0, "b": 0}),
        (connectivity.chord_witness(), {"more": [["1/4"] * 4] * 4}),
        (derivatives.slope_witness(), {"C": 1}),
        (joint_lipschitz.cut_witness(), {"L": "12/5"}),
        (reformulation.wells_witness(1), {"y": 1, "good": 1}),
        (revealed.theta_witness(), {"other": 3}),
        (tasks.tasks_witness(), {"c": [1, 1]}),
        (thresholds.sleeping_witness(), {"active": 1}),
    ],
    ids=lambda value: value.statement if isinstance(value, Witness) else "",
)
def test_witnesses_fall_where_there_is_nothing_to_see(witness: Witness, given: dict[str, Any]) -> None:
    assert not changed(witness, **given)


def test_rest_is_no_consensus_for_any_step_size() -> None:
    assert all(check(table_one_levels.rest_witness(F(1, k))).ok for k in (1, 7, 1000))


def test_chord_raises_rho_and_completing_the_graph_does_not() -> None:
    ways, worse, largest = connectivity.raised(4)
    assert (
        ways == 1 + 3 + 3 + 2 + 2 + 1
    )  # to a path of 3; path, star, triangle with a tail, ring, and chord of 4
    assert 0 < worse < ways
    assert largest == pytest.approx(1 / 6)  # the ring's chord: from 1/3 to 1/2


def test_metropolis_is_told_from_weights_without_loops() -> None:
    path, third = nx.path_graph(3), F(1, 3)
    assert not connectivity.fails(path, named("path:3", exact=True).dense())
    assert connectivity.fails(path, named("complete:3", exact=True).dense())  # joins the ends
    assert connectivity.fails(nx.complete_graph(3), np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) * third)


@pytest.mark.parametrize("tau", [1, 2, 3, 4])
def test_idle_stretches_by_recursion_and_by_looking_at_every_sequence(tau: int) -> None:
    words = ["".join(word) for word in product("01", repeat=8)]
    assert awake.kept(F(1, 2), tau, 8) == F(sum("0" * tau not in word for word in words), len(words))


def test_who_is_always_awake_is_never_idle() -> None:
    assert awake.kept(F(1), 1, 50) == 1
    assert awake.kept(F(0), 3, 3) == 0


def test_reformulation_needs_a_weight_that_is_not_negative() -> None:
    assert reformulation.differing(F(1, 10)) == (289, 0)
    assert reformulation.differing(F(-1, 2))[1] > 0


def test_damping_is_covered_by_p_and_not_without_it() -> None:
    letters, _ = next(admitted(1, 1))
    late = dataclasses.replace(letters, t=F(10**6))
    with_p, without = (summation.coefficients(late, 2, p) for p in (3 / float(late.eta), 0.05))
    assert with_p[0] <= with_p[1]
    assert without[0] > without[1]


def test_harmonic_sum_is_below_its_estimate() -> None:
    for first, last in ((2, 2), (2, 50), (7, 90)):
        estimate = np.log(last / (first - 1)) + 3 / first - 3 / (last + 1)
        assert float(summation.harmonic(first, last)) <= estimate
    assert summation.harmonic(2, summation.outgrown()) > 2 >= summation.harmonic(2, summation.outgrown() - 1)


@dataclass(frozen=True)
class Masked(Argus):
    """x_i with a mask on top, which nobody is told."""

    def moved(self, o: Any, d: Any, gradient: Any, eta: Any) -> Any:
        return super().moved(o, d, gradient, eta) + eta


def test_gradients_are_not_found_behind_a_mask() -> None:
    found = put(revealed.GRADIENTS, Masked)
    assert found.verdict is Verdict.SUPPORTED, found.summary


def test_observers_are_neighbours_of_all_that_goes_in() -> None:
    path = named("path:4")
    assert [revealed.observers(path, i) for i in range(4)] == [[1], [], [], [2]]


@dataclass(frozen=True)
class Silent(Argus):
    """Sends no multipliers."""

    def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
        net.tell = lambda floats: None
        return super().step(t, s, o, net)


def test_network_costs_are_told_from_those_without_multipliers() -> None:
    assert put(derivatives.LARGER, Silent).verdict is Verdict.REFUTED


def test_no_cuts_ask_for_no_second_derivative() -> None:
    ctx = Context(statement="argus/second-order")
    assert derivatives.asked(ctx).cross_hessians > 0
    assert derivatives.asked(ctx, T_1=0).cross_hessians == 0


def test_every_step_of_hyper_cleaning_goes_through() -> None:
    assert all(tasks.cleaned().values())


def test_baselines_get_subgradients_and_no_proximal_map() -> None:
    ctx = Context(statement="argus/baselines")
    problem, least = baselines.instances(ctx)[0]
    given = baselines.subgradients(problem, shared=True)
    x = np.full((1, 6, 1), 2.0)
    assert given.grad_x_f(x, x) == pytest.approx(problem.grad_x_f(x, x) + WEIGHT)
    assert given.prox_x(x, 1.0) is x
    around = np.linspace(-6, 6, 2001)[:, None]
    assert least <= float(problem.value(around).min()) <= least + 1e-4


def test_baselines_could_have_come_out_the_other_way() -> None:
    near, far = baselines.Row(1, 0, 0), baselines.Row(2, 1, 1)
    for own, other, verdict in ((near, far, Verdict.SUPPORTED), (far, near, Verdict.REFUTED)):
        table = [{"argus": own, "interact": other, "dsbo": other}]
        assert baselines.verdict(baselines.shares(table)) is verdict


def test_levels_could_have_come_out_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    strong = dataclasses.replace(
        table_one_levels.convex_only(),
        lower=QuadraticLower(np.broadcast_to(np.eye(2), (4, 2, 2)), np.ones((4, 2, 1)), np.zeros((4, 2))),
    )
    monkeypatch.setattr(table_one_levels, "convex_only", lambda: strong)
    assert put(table_one_levels.LEVELS, Argus).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("graph", "cuts"), [("path:3", [1, 0, 2]), ("complete:3", [0, 0, 0])])
def test_counts_of_the_literal_text_by_hand(graph: str, cuts: list[int]) -> None:
    """n = m = 1. Mixing 2 (2 d + 1); steps 4 and 4 per cut, and d; theta 5 d; lambda 4 (d + 1) + 4 per cut."""
    degrees = [1, 2, 1] if graph == "path:3" else [2, 2, 2]
    by_hand = sum(
        2 * (2 * d + 1) + 4 + 4 * P + d + 5 * d + P * (4 * (d + 1) + 4)
        for d, P in zip(degrees, cuts, strict=True)
    )
    assert literal_counts.counted(named(graph), 1, 1, cuts) == by_hand


def test_another_formula_is_told_from_the_literal_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        literal_counts, "iteration", lambda d, n, m, P: formulas.iteration(d, n, m, P) + P * P - P
    )
    assert put(literal_counts.LITERAL, Argus).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("dim", "same"), [(1, True), (1, False), (2, True), (2, False)])
def test_solutions_with_l1_terms_are_no_worse_than_any_point(dim: int, same: bool) -> None:
    problem = with_l1(separate(dim, 3, dim, same=same, exact=True), above=F(1, 5), below=F(1, 4))
    x = problem.solution()
    assert x is not None
    floats = problem.over("float")
    least = float(problem.value(x[None])[0])
    rng = np.random.default_rng(0)
    near, far = (rng.normal(scale=s, size=(2000, dim)) for s in (1e-3, 2.0))
    assert (floats.value(near + x.astype(float)) >= least - 1e-12).all()
    assert (floats.value(far) >= least - 1e-12).all()


def test_solutions_with_l1_terms_by_hand() -> None:
    """y = soft(x, 1/4): (x - 3)^2/2 + (x - 9/4)^2/2 + x/5 above the threshold; and a target that both terms hold at 0."""
    assert l1_limit.instance(3, 2, F(1, 4)).solution() == [(3 + F(9, 4) - F(1, 5)) / 2]
    assert l1_limit.instance(0, 0, F(1, 4)).solution() == [0]


def test_l1_limit_is_right_where_the_threshold_is_passed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(l1_limit.WEIGHTS, "below", F(0))
    assert put(l1_limit.LIMIT, Argus).verdict is not Verdict.REFUTED


def test_joint_hessian_of_the_sheets_instance() -> None:
    """N = 2, the cut 2 (y - x) <= 2 eps over both agents: 2.37429 with it, 1.80194 without."""
    witness = joint_lipschitz.cut_witness()
    before = np.array(witness.given["before"], dtype=float)
    side = np.outer(np.array(witness.given["cut"], dtype=float), np.eye(6)[4])
    assert np.linalg.norm(before, 2) == pytest.approx(1.80194, abs=1e-5)
    assert np.linalg.norm(before + side + side.T, 2) == pytest.approx(2.37429, abs=1e-5)


def test_joint_hessian_is_that_of_the_gradient() -> None:
    """By differences of the gradient of L'_pi, written out for agent 0 of two, with one cut."""
    ctx = Context(statement="argus/joint-lipschitz")
    problem, network = separate(3, 2, 1, same=True), named("complete:2")
    state = list(course(ctx.algorithm("argus")(iota=1), problem, network, 1))[-1]
    assert state.used[0, 0].sum() == 1
    a, b = state.a[0, 0, 0, :, 0], state.b[0, 0, 0, :, 0]

    def value(z: Any) -> Any:
        x, y, lam, theta = z[:2], z[2:4], z[4], z[5]
        return (x[0] ** 2 + y[0] ** 2) / 2 + lam * (a @ x + b @ y) + theta * (x[0] - x[1])

    eye = np.eye(6)
    second = [[(value(u + v) - value(u) - value(v)) for v in eye] for u in eye]  # quadratic, and 0 at 0
    found = joint_lipschitz.joint_hessian(state, np.array([[0, 1], [1, 0]]), 0)
    assert found == pytest.approx(np.array(second))


def test_kink_stands_for_any_constant() -> None:
    assert all(changed(tasks.kink_witness(), L=L) for L in (1, "1/1000", 10**9))


def test_another_threshold_is_beaten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds, "soft", lambda v, kappa: v * (abs(v) > kappa))
    assert put(thresholds.SOFT, Argus).verdict is Verdict.REFUTED
