"""The network study: formulas against the instruments, and checks that can come out the other way."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from property_tests.strategies import connected_graphs as drawn_graphs
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import from_graph, named
from spiritlevel.core.networks import Network
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import eigenvalues, modulus
from spiritlevel.synthetic.families import random_curved, random_quadratic
from spiritlevel.theory.instruments.stability import radius, step_limit
from spiritlevel.theory.interact.network import figure4, remark1
from spiritlevel.theory.interact.network.all_graphs import chances, connected_graphs, metric_on_all
from spiritlevel.theory.interact.network.claims import NETWORK_GOVERNS, NETWORK_RATE, NETWORK_STEP
from spiritlevel.theory.interact.network.figure4 import (
    FIG4,
    FIG4_DIRECTION,
    FIG4_EARLY,
    FIG4_LATE,
    sign_plan,
)
from spiritlevel.theory.interact.network.modes import (
    CURVATURE,
    Pencil,
    best_step,
    equal_agents,
    explained,
    interference,
    repeated,
    stable_step,
)
from spiritlevel.theory.interact.network.remark1 import (
    LAMBDA,
    LAMBDA_RATE,
    LAMBDA_RATE_REPAIRED,
    denser_pairs,
)
from spiritlevel.theory.interact.network.remark1_witnesses import (
    admitted_witness,
    dense_witness,
    monotone_witness,
    stable_witness,
)
from spiritlevel.theory.judge import judge
from spiritlevel.theory.plots import Plot
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

few = settings(max_examples=15, derandomize=True, deadline=None)


@dataclasses.dataclass(frozen=True)
class MixAfterStep(Interact):
    """W is applied after the step; the stable alpha is another one."""

    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        return super().step(t, dataclasses.replace(s, x=net.mix(s.x), u=net.mix(s.u)), o, net)


@few
@given(drawn_graphs(6), st.sampled_from(["metropolis", "laplacian"]))
def test_formulas_hold_on_any_graph(graph: Any, rule: str) -> None:
    network = from_graph(graph, rule)
    values = eigenvalues(network)
    pencil = Pencil.of(Interact, equal_agents(network.n), network, 1.0)
    # The limit is bisected to 1e-9 and defects of the eigenvalues at a double root cost at most the square root of 1e-16.
    assert pencil.limit().limit == pytest.approx(stable_step(values[-1], CURVATURE), rel=1e-7)
    alpha, least = pencil.best()
    assert least == pytest.approx(1 - best_step(values[1], values[-1]), abs=1e-6)
    assert alpha * CURVATURE == pytest.approx(best_step(values[1], values[-1]), abs=1e-5)
    if rule == "laplacian":
        assert values[-1] == pytest.approx(1 / 3, abs=1e-9)
        assert least == pytest.approx((1 + modulus(network)) / 2, abs=1e-6)


def test_interference_is_where_the_negative_root_meets_the_mean() -> None:
    for least in np.linspace(-0.9, 0.9, 19):
        a = interference(float(least))
        roots = np.roots([1, -(2 * least - a), least**2 - a])
        assert roots.min() == pytest.approx(-(1 - a), abs=1e-12)
    assert stable_step(Fraction(-1, 3)) == Fraction(2, 9)


@pytest.mark.parametrize("text", ["path:4", "star:4", "complete:4"])
def test_pencil_is_the_step_with_unequal_agents(text: str) -> None:
    problem, network = random_quadratic(1, 4, 2, 1, coupling=0.5), named(text)
    pencil = Pencil.of(Interact, problem, network, 0.2)
    alphas = np.array([0.01, 0.05, 0.3])
    direct = [radius(Interact(alpha=float(alpha), beta=0.2), problem, network) for alpha in alphas]
    assert pencil.radii(alphas) == pytest.approx(direct, rel=1e-9)
    instrument = step_limit(Interact, "alpha", {"beta": 0.2}, problem, network).limit
    assert pencil.limit().limit == pytest.approx(instrument, rel=1e-7)
    best = pencil.best()
    grid = np.linspace(0.02, 0.98, 400) * instrument
    assert best[1] <= pencil.radii(grid).min() + 1e-9


def test_copies_of_agents_keep_the_objective() -> None:
    problem = random_quadratic(2, 3, 2, 2)
    x = np.random.default_rng(0).standard_normal((5, 2))
    assert repeated(problem, 9).value(x) == pytest.approx(problem.value(x), rel=1e-12)


def test_explained_is_the_squared_correlation_of_logarithms() -> None:
    rng = np.random.default_rng(3)
    x, y = np.exp(rng.standard_normal((2, 50)))
    assert explained(x, y) == pytest.approx(np.corrcoef(np.log(x), np.log(y))[0, 1] ** 2)
    assert explained(np.ones(50), y) == 0


@pytest.mark.parametrize("statement", [NETWORK_STEP, NETWORK_RATE, LAMBDA_RATE_REPAIRED], ids=lambda s: s.id)
def test_proofs_do_not_go_through_for_another_algorithm(statement: Any) -> None:
    finding = judge(statement, alpha=1e-4, substitutes={"interact": MixAfterStep}).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "the step decouples" in finding.summary


def test_a_wrong_formula_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    from spiritlevel.theory.interact.network import claims as network_claims

    monkeypatch.setattr(network_claims, "best_step", lambda second, least: (1 - second) / 2)
    finding = judge(NETWORK_RATE, alpha=1e-4).finding
    assert finding.verdict is Verdict.REFUTED  # the gap alone is wrong where lambda_m interferes
    assert finding.numbers["worst_error"] > 0.01


def test_governs_falls_where_lambda_m_does_not_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    from spiritlevel.theory.interact.network import claims as network_claims

    chosen = {text: named(text, "laplacian") for text in ("path:6", "ring:6", "star:6", "complete:6")}
    monkeypatch.setattr(network_claims, "networks", lambda graphs: chosen)
    assert judge(NETWORK_GOVERNS, alpha=1e-4).finding.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("make", "harmless"),
    [
        (admitted_witness, {"alpha": "1/4"}),
        (stable_witness, {"alpha": "1/5"}),
        (monotone_witness, {}),
        (dense_witness, {}),
    ],
    ids=["admitted", "stable", "monotone", "dense"],
)
def test_witnesses_stand_and_fall_with_their_numbers(make: Any, harmless: dict[str, Any]) -> None:
    witness: Witness = make()
    assert recheck(witness).ok
    if harmless:
        assert not recheck(dataclasses.replace(witness, given={**witness.given, **harmless})).ok
    name = next(n for n in ("lam", "lam_d", "lam_r") if n in witness.given)
    assert not recheck(dataclasses.replace(witness, given={**witness.given, name: "1/5"})).ok


def test_witness_matrices_are_those_of_the_weight_rules() -> None:
    ring = nx.cycle_graph(6)
    ring.add_edge(0, 3)
    chord = from_graph(ring, "laplacian", exact=True)
    given = monotone_witness().given
    assert [[Fraction(v) for v in row] for row in given["W_d"]] == chord.W.tolist()
    for text, letter in (("path:4", "W_p"), ("ring:4", "W_r")):
        exact = named(text, exact=True).W.tolist()
        assert [[Fraction(v) for v in row] for row in stable_witness().given[letter]] == exact


@pytest.mark.parametrize(("m", "count"), [(2, 1), (3, 4), (4, 38), (5, 728)])
def test_all_connected_graphs_with_the_weights_of_section_6(m: int, count: int) -> None:
    W, edges = connected_graphs(m)
    assert len(W) == count  # labelled connected graphs
    for matrix, size in list(zip(W, edges, strict=True))[:: max(1, count // 12)]:
        graph = nx.from_numpy_array((matrix != 0) & ~np.eye(m, dtype=bool))
        assert graph.number_of_edges() == size
        assert matrix == pytest.approx(from_graph(graph, "laplacian").W, abs=1e-11)


def test_chances_are_those_of_repeated_draws() -> None:
    _, edges = connected_graphs(4)
    for p in (0.3, 0.7):
        each = p**edges * (1 - p) ** (6 - edges)
        assert chances(edges, 4, p) == pytest.approx(each / each.sum())
    # A complete graph on 3 nodes: p^3 / (p^3 + 3 p^2 (1-p))
    _, few_edges = connected_graphs(3)
    assert chances(few_edges, 3, 0.5)[few_edges == 3] == pytest.approx(0.25)


def test_side_by_side_is_the_same_run_graph_by_graph() -> None:
    W, _ = connected_graphs(5)
    problem: SolvedProblem = random_curved(1, 5, 2, 2)
    a, chosen = Interact(alpha=0.5, beta=0.3), [0, 100, 727]
    together = metric_on_all(a, problem, W[chosen], 20)
    for row, k in zip(together, chosen, strict=True):
        alone = run(a, problem, Network(W[k]), steps=20, record="all", metrics=("stationarity",))
        assert row == pytest.approx(alone.metrics["stationarity"][0], rel=1e-9)
    apart = metric_on_all(dataclasses.replace(a, own=False), problem, W[chosen], 3)
    literal = run(
        dataclasses.replace(a, own=False),
        problem,
        Network(W[727]),
        steps=3,
        record="all",
        metrics=("stationarity",),
    )
    assert apart[2] == pytest.approx(literal.metrics["stationarity"][0], rel=1e-9)


def test_sign_plan_keeps_its_promises() -> None:
    from scipy.stats import binom

    for alpha in (1e-2, 1e-4, 1e-5):
        problems, needed, power = sign_plan(alpha)
        assert binom.sf(needed - 1, problems, 0.5) <= alpha
        assert binom.sf(needed - 1, problems, figure4.USUAL) == power >= 0.9


def test_figure_4_turns_round_with_its_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = judge(FIG4_DIRECTION, alpha=1e-4).finding
    assert finding.verdict is Verdict.SUPPORTED
    (plot,) = finding.figures
    assert isinstance(plot, Plot)
    assert [c.label for c in plot.curves] == [f"p_c = {p}" for p in figure4.PROBABILITIES]
    assert {len(c.x) for c in plot.curves} == {figure4.STEPS + 1}
    monkeypatch.setattr(figure4, "PROBABILITIES", (0.7, 0.5, 0.3))
    assert judge(FIG4_DIRECTION, alpha=1e-4).finding.verdict is Verdict.REFUTED


def test_figure_4_is_insensitive_where_all_graphs_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    W, edges = connected_graphs(5)
    alike = np.repeat(W[-1:], len(W), axis=0)
    monkeypatch.setattr(figure4, "connected_graphs", lambda m: (alike, edges))
    assert judge(FIG4, alpha=1e-4).finding.verdict is Verdict.SUPPORTED
    assert judge(FIG4_LATE, alpha=1e-4).finding.verdict is Verdict.SUPPORTED


def test_a_decade_is_left_early_if_it_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure4, "DECADE", 1e-3)
    assert judge(FIG4_EARLY, alpha=1e-4).finding.verdict is Verdict.REFUTED
    monkeypatch.setattr(figure4, "DECADE", 0.5)  # some problems stay within, some do not
    assert judge(FIG4_EARLY, alpha=1e-4).finding.verdict is Verdict.INCONCLUSIVE


def test_pairs_against_remark_1_are_denser_with_a_smaller_lambda() -> None:
    for sparse, dense in denser_pairs().values():
        edges = [w.dense() > 0 for w in (sparse, dense)]
        assert (edges[1] | ~edges[0]).all()
        assert edges[1].sum() == edges[0].sum() + 2  # one edge more
        assert modulus(dense) < modulus(sparse)
    bipartite = denser_pairs()["K_3,3 without an edge, K_3,3 (Metropolis)"]
    least = [(1 - 17**0.5) / 8, -1 / 2]  # exactly; the rate is then 1 - a' of these
    assert [float(eigenvalues(w)[-1]) for w in bipartite] == pytest.approx(least, abs=1e-12)
    radii = judge(LAMBDA_RATE, alpha=1e-4).finding.numbers[
        "radius, K_3,3 without an edge, K_3,3 (Metropolis)"
    ]
    assert radii == pytest.approx([1 - interference(v) for v in least], abs=1e-8)
    assert radii[1] == pytest.approx((1 + 7**0.5) / 4, abs=1e-8)


def test_pairs_that_obey_remark_1_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = {"ring, complete": (named("ring:6", "laplacian"), named("complete:6", "laplacian"))}
    monkeypatch.setattr(remark1, "denser_pairs", lambda: pairs)
    assert judge(LAMBDA_RATE, alpha=1e-4).finding.verdict is Verdict.INCONCLUSIVE


def test_the_averaging_entry_binds_for_ordinary_constants_too() -> None:
    numbers = judge(LAMBDA, alpha=1e-4).finding.numbers
    assert numbers["binds_with_constants_1"]
    few_agents, many = (numbers[f"all constants 1, L_g 2, m = {m}"] for m in (6, 10**6))
    assert few_agents == sorted(few_agents)  # there the other way round
    assert many == pytest.approx([3e-6, 1.5e-6, 1e-6], rel=1e-9)
