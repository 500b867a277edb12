"""Mixing matrices: what is refused and how, the weight rules, exactness, mixing, spectra."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from property_tests.strategies import EPS, connected_graphs, exact_networks
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import from_graph, named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.numbers import Array, Field, convert, field_of
from spiritlevel.core.spectra import eigenvalues, modulus

few = settings(max_examples=30, derandomize=True, deadline=None)
NAN = float("nan")
HALF = Fraction(1, 2)

BAD: dict[str, tuple[Any, str]] = {
    "asymmetric": (
        [[0.5, 0.5, 0.0], [0.25, 0.5, 0.25], [0.25, 0.0, 0.75]],
        "W[0, 1] is 0.5 but W[1, 0] is 0.25; W must be symmetric",
    ),
    "negative": ([[1.5, -0.5], [-0.5, 1.5]], "W[0, 1] is -0.5, negative; mixing weights must be >= 0"),
    "row sum": ([[0.5, 0.5], [0.5, 0.25]], "row 1 of W sums to 0.75; every row must sum to 1"),
    "disconnected": (
        np.eye(3),
        "W is disconnected: no path from agent 0 to agent 1; give a connected graph",
    ),
    "nan": ([[0.5, NAN], [NAN, 0.5]], "W[0, 1] is nan; every entry must be finite"),
    "infinite": ([[np.inf, 0.0], [0.0, 1.0]], "W[0, 0] is inf; every entry must be finite"),
    "not square": (
        np.ones((2, 3)) / 3,
        "W has shape (2, 3); a mixing matrix is square with at least one agent",
    ),
    "vector": ([1.0], "W has shape (1,); a mixing matrix is square with at least one agent"),
    "empty": (np.zeros((0, 0)), "W has shape (0, 0); a mixing matrix is square with at least one agent"),
    "ragged": ([[1.0], [0.5, 0.5]], "W has rows of unequal lengths; a mixing matrix is square"),
    "text": ([["a"]], "W holds entries of type <U1; give real numbers"),
    "complex": ([[1 + 0j]], "W holds entries of type complex128; give real numbers"),
    "two number systems": (
        np.array([[HALF, 0.5], [0.5, HALF]], dtype=object),
        "W[0, 1] is 0.5; give floats only, or exact numbers and symbols only",
    ),
    "object that is no number": (
        np.array([[None]], dtype=object),
        "W[0, 0] is None; give floats only, or exact numbers and symbols only",
    ),
}


@pytest.mark.parametrize(("W", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_matrix_is_refused_in_one_sentence(W: Any, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        Network(W)
    assert str(refused.value) == sentence


NUMERIC = ["asymmetric", "negative", "row sum", "disconnected", "nan", "infinite"]


@pytest.mark.parametrize("which", NUMERIC)
def test_sparse_matrices_are_refused_in_the_same_words(which: str) -> None:
    W, sentence = BAD[which]
    with pytest.raises(InputError) as refused:
        Network(sp.csr_array(np.asarray(W)))
    assert str(refused.value) == sentence


@pytest.mark.parametrize("field", ["fraction", "fmpq"])
def test_exact_matrices_are_refused_without_any_tolerance(field: Field) -> None:
    tiny = Fraction(1, 10**30)
    for W, words in [
        ([[HALF, HALF + tiny], [HALF, HALF]], "W must be symmetric"),
        ([[1 + tiny, -tiny], [-tiny, 1 + tiny]], "negative"),
        ([[HALF, HALF], [HALF, HALF + tiny]], "row 1 of W sums to"),
        ([[1, 0], [0, 1]], "disconnected"),
    ]:
        with pytest.raises(InputError, match=words):
            Network(convert(np.array(W, dtype=object), field))


def test_rounding_of_a_row_sum_is_accepted() -> None:
    W = convert(named("karate", exact=True).W, "float")
    assert abs(W.sum(axis=1) - 1).max() > 0, "the sums are not exact, or nothing is tested"
    assert Network(W).n == 34


def test_symbols_are_trusted_and_rationals_among_them_kept() -> None:
    a = sympy.Symbol("a")
    network = Network(np.array([[1 - a, a], [a, 1 - a]], dtype=object))
    assert field_of(network.W) == "symbol"
    mixed = Gossip(network).mix(convert(np.array([[[1], [0]]]), "symbol"))
    assert list(mixed.flat) == [1 - a, a]


def test_a_network_does_not_change_with_the_array_it_came_from() -> None:
    W: Array = np.full((2, 2), 0.5)
    for array in (W, sp.csr_array(W)):
        network = Network(array)
        array[0, 0] = 7
        assert network.dense()[0, 0] == 0.5
        array[0, 0] = 0.5
    with pytest.raises(ValueError, match="read-only"):
        Network(W).W[0, 0] = 1


def test_stored_zeros_are_not_edges() -> None:
    W = sp.csr_array(convert(named("path:3").W, "float"))
    padded = sp.csr_array((np.r_[W.data, 0.0, 0.0], (np.r_[W.tocoo().row, 0, 2], np.r_[W.tocoo().col, 2, 0])))
    assert Network(padded).edges == Network(W).edges == 4
    lonely = sp.csr_array((np.array([1.0, 1.0, 0.0, 0.0]), ([0, 1, 0, 1], [0, 1, 1, 0])))
    with pytest.raises(InputError, match="disconnected"):
        Network(lonely)


# --- weight rules --------------------------------------------------------------------------------------


@few
@given(connected_graphs())
def test_metropolis_is_its_formula(graph: Any) -> None:
    W = from_graph(graph, "metropolis", exact=True).W
    degree = dict(graph.degree)
    for i in range(len(graph)):
        for j in range(len(graph)):
            if i == j:
                rest = sum(Fraction(1, 1 + max(degree[i], degree[k])) for k in graph[i])
                assert W[i, i] == 1 - rest
            else:
                joined = graph.has_edge(i, j)
                assert W[i, j] == (Fraction(1, 1 + max(degree[i], degree[j])) if joined else 0)


@few
@given(connected_graphs())
def test_the_laplacian_rule_has_smallest_eigenvalue_one_third(graph: Any) -> None:
    """I - 2 L / (3 top): its smallest eigenvalue is 1 - 2/3 whatever the graph (INTERACT, Section 6)."""
    W = from_graph(graph, "laplacian").W
    L = np.diag([float(d) for _, d in graph.degree]) - nx.to_numpy_array(graph)
    # the scale is rounded to 12 digits; the rest is rounding of eight eigenvalues
    assert abs(W - (np.eye(len(graph)) - 2 / 3 * L / np.linalg.eigvalsh(L)[-1])).max() < 1e-11
    assert abs(np.linalg.eigvalsh(W)[0] - 1 / 3) < 1e-11


def test_the_uniform_ring_is_one_third() -> None:
    W = named("ring:6", "third", exact=True).W
    expected = [[Fraction(1, 3) if (i - j) % 6 in (0, 1, 5) else 0 for j in range(6)] for i in range(6)]
    assert (np.array(expected, dtype=object) == W).all()
    ends = named("path:4", "third", exact=True).W
    assert ends[0, 0] == Fraction(2, 3), "an end keeps what it has no neighbour for"
    with pytest.raises(InputError, match="rule 'third' needs degrees of at most 2, not 4; use 'metropolis'"):
        named("star:5", "third")


@few
@given(exact_networks())
def test_exact_networks_are_exactly_doubly_stochastic(network: Network) -> None:
    W = network.W
    assert {type(entry) for entry in W.flat} == {Fraction}
    assert (W == W.T).all()
    assert (W >= 0).all()
    assert (W.sum(axis=0) == 1).all()
    assert (W.sum(axis=1) == 1).all()
    assert network.edges == sum(W[i, j] != 0 for i in range(network.n) for j in range(network.n) if i != j)


@few
@given(connected_graphs(), st.sampled_from(["fraction", "fmpq"]))
def test_a_rounded_network_becomes_exactly_doubly_stochastic(graph: Any, field: Field) -> None:
    rounded = from_graph(graph, "laplacian")
    W = rounded.over(field).W
    assert field_of(W) == field
    assert (W.sum(axis=1) == 1).all()
    assert (W == W.T).all()
    # a row of at most 8 entries, each at most 1: its sum is rounded by at most 8 eps
    assert abs(convert(W, "float") - rounded.W).max() <= 8 * EPS


def test_changing_to_floats_costs_nothing_and_complex_runs_have_real_weights() -> None:
    ring = named("ring:5")
    assert ring.over("float") is ring
    assert ring.over("complex") is ring
    large = named("ring:600")
    assert large.is_sparse
    assert large.over("float") is large
    assert named("ring:5", exact=True).over("float").W.dtype == np.float64


@few
@given(exact_networks())
def test_lazy_is_the_mean_with_the_identity(network: Network) -> None:
    lazy = network.lazy()
    assert (network.W + np.eye(network.n, dtype=int) == lazy.W * 2).all()
    assert lazy.edges == network.edges
    assert eigenvalues(lazy).min() >= -network.n * EPS


def test_lazy_of_a_sparse_network_is_sparse() -> None:
    ring = named("ring:600", "third")
    lazy = named("lazy-ring:600", "third")
    assert lazy.is_sparse
    assert abs(lazy.dense() - (ring.dense() + np.eye(600)) / 2).max() <= EPS


def test_averaging_gives_the_mean_in_one_round() -> None:
    J = averaging(4, exact=True)
    z = convert(np.arange(8).reshape(1, 4, 2), "fraction")
    assert (Gossip(J).mix(z) == z.sum(axis=1, keepdims=True) / 4).all()
    assert modulus(averaging(7)) < 7 * EPS
    assert J.is_averaging
    assert averaging(5).is_averaging
    assert J.over("fmpq").is_averaging
    assert not named("complete:4", "laplacian").is_averaging
    assert not named("ring:4").is_averaging


def test_a_single_agent_is_a_network() -> None:
    for name in ("ring:1", "path:1", "J:1", "complete:1", "star:1"):
        network = named(name, exact=True)
        assert network.W.tolist() == [[1]], name
        assert (network.edges, modulus(network)) == (0, 0.0)


# --- names ---------------------------------------------------------------------------------------------

SIZES = {
    "ring:8": (8, 16),
    "ring:2": (2, 2),
    "path:6": (6, 10),
    "complete:5": (5, 20),
    "star:10": (10, 18),
    "grid:3:4": (12, 34),
    "karate": (34, 156),
    "J:3": (3, 6),
    "lazy-path:3": (3, 4),
}


@pytest.mark.parametrize(("name", "size"), SIZES.items(), ids=SIZES)
def test_names_give_the_graphs_they_say(name: str, size: tuple[int, int]) -> None:
    network = named(name)
    assert (network.n, network.edges) == size
    assert network.name.replace(" ", "-") == name


def test_a_random_graph_is_fixed_by_its_seed() -> None:
    one, again, other = (named(f"erdos-renyi:10:0.3:{seed}").W for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


WRONG_NAMES = {
    "rng:8": "unknown network 'rng:8'; did you mean 'ring'?",
    "ring": "network 'ring' has 0 sizes; ring takes 1, as in 'ring:8'",
    "ring:3:4": "network 'ring:3:4' has 2 sizes; ring takes 1, as in 'ring:8'",
    "ring:0": "network 'ring:0' has size '0'; give a whole number from 1 to 10000000",
    "ring:-3": "network 'ring:-3' has size '-3'; give a whole number from 1 to 10000000",
    "ring:1e3": "network 'ring:1e3' has size '1e3'; give a whole number from 1 to 10000000",
    "ring:\u0663": "network 'ring:\u0663' has size '\u0663'; give a whole number from 1 to 10000000",
    "ring:99999999": "network 'ring:99999999' has size '99999999'; give a whole number from 1 to 10000000",
    "grid:3": "network 'grid:3' has 1 sizes; grid takes 2, as in 'grid:3:4'",
    "karate:3": "network 'karate:3' has 1 sizes; karate takes 0, as in 'karate'",
    "erdos-renyi:5:2:1": "network 'erdos-renyi:5:2:1' has edge probability '2'; give a number in (0, 1]",
    "erdos-renyi:5:x:1": "network 'erdos-renyi:5:x:1' has edge probability 'x'; give a number in (0, 1]",
    "erdos-renyi:40:0.001:1": (
        "network 'erdos-renyi:40:0.001:1': none of 1000 draws was connected; give a larger probability"
    ),
}


@pytest.mark.parametrize(("name", "sentence"), WRONG_NAMES.items(), ids=WRONG_NAMES)
def test_a_wrong_name_is_refused_in_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        named(name)
    assert str(refused.value) == sentence


def test_graphs_and_rules_that_cannot_be_used() -> None:
    with pytest.raises(InputError, match="graph is directed"):
        from_graph(nx.DiGraph([(0, 1)]))
    with pytest.raises(InputError, match="graph has no nodes"):
        from_graph(nx.Graph())
    with pytest.raises(InputError, match="disconnected: no path from agent 0 to agent 2"):
        from_graph(nx.Graph([("a", "b"), ("c", "d")]))
    with pytest.raises(InputError, match="unknown weight rule 'metropolys'; did you mean 'metropolis'"):
        named("ring:4", "metropolys")
    loops = nx.Graph([(0, 1), (1, 1)])
    assert from_graph(loops, exact=True).W.tolist() == [[HALF, HALF], [HALF, HALF]]
