"""Spectral quantities against dense eigenvalues and closed forms; mixing against sums written out."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from property_tests.strategies import EPS, exact_networks
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip, Traffic
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import convert
from spiritlevel.core.spectra import eigenvalues, modulus, spectral_gap, squared_rho

few = settings(max_examples=30, derandomize=True, deadline=None)
HALF = Fraction(1, 2)


@few
@given(exact_networks())
def test_spectral_quantities_against_all_eigenvalues(network: Network) -> None:
    W = convert(network.W, "float")
    values = np.sort(np.linalg.eigvals(W).real)[::-1]
    # symmetric matrices with eigenvalues in [-1, 1]: errors of a few n eps
    close = 100 * network.n * EPS
    assert np.abs(eigenvalues(network) - values).max() <= close
    assert abs(values[0] - 1) <= close
    expected = max(abs(values[1]), abs(values[-1]))
    assert abs(modulus(network) - expected) <= close
    assert abs(modulus(network) - np.linalg.norm(W - 1 / network.n, 2)) <= close
    assert spectral_gap(network) == 1 - modulus(network)
    assert squared_rho(network) == modulus(network) ** 2
    assert spectral_gap(network) - close <= 1 - squared_rho(network) <= 2 * spectral_gap(network) + close


def test_the_gap_of_a_bipartite_walk_is_zero() -> None:
    """A connected 4-ring with weights 1/2 has the eigenvalue -1 (`interact/mix` rests on it)."""
    W = [[HALF if (i - j) % 4 in (1, 3) else 0 for j in range(4)] for i in range(4)]
    network = Network(np.array(W, dtype=object))
    assert abs(spectral_gap(network)) < 10 * EPS
    assert abs(eigenvalues(network)[-1] + 1) < 10 * EPS
    assert abs(spectral_gap(network.lazy()) - 0.5) < 10 * EPS


@pytest.mark.parametrize("n", [8, 512, 513, 1000])
def test_the_modulus_of_a_ring_has_a_closed_form(n: int) -> None:
    """(1 + 2 cos(2 pi / n)) / 3, by a dense solver up to 512 agents and by Lanczos iterations above."""
    ring = named(f"ring:{n}", "third")
    assert ring.is_sparse == (n > 512)
    assert abs(modulus(ring) - (1 + 2 * math.cos(2 * math.pi / n)) / 3) < 1e-10


def test_the_modulus_counts_the_negative_end() -> None:
    """A large even ring with weights 1/2 and no self-weights has the eigenvalue -1."""
    n = 600
    W = sp.diags_array([0.5, 0.5], offsets=[1, -1], shape=(n, n)).tolil()
    W[0, n - 1] = W[n - 1, 0] = 0.5
    even_ring = Network(sp.csr_array(W))
    assert abs(modulus(even_ring) - 1) < 1e-10


@few
@given(exact_networks(), st.lists(st.integers(1, 3), max_size=2), st.integers(1, 3), st.booleans())
def test_mixing_is_the_neighbour_sum_in_every_shape(
    network: Network, lead: list[int], dim: int, own: bool
) -> None:
    """2-d, 3-d and 4-d fields; exactly, against the sum written out."""
    n, W = network.n, network.W
    shape = (*lead, n, dim)
    z = convert(np.arange(math.prod(shape)).reshape(shape) ** 2 % 17 - 5, "fraction")
    mixed = Gossip(network).mix(z, own=own)
    assert mixed.shape == shape
    for i in range(n):
        taken = [j for j in range(n) if own or j != i]
        by_hand = sum(z[..., j, :] * W[i, j] for j in taken)
        assert (mixed[..., i, :] == by_hand).all()


@pytest.mark.parametrize("shape", [(6, 2), (4, 6, 2), (3, 4, 6, 2), (1, 6, 1), (0, 6, 2)])
@pytest.mark.parametrize("own", [True, False])
def test_sparse_dense_and_any_layout_mix_alike(shape: tuple[int, ...], own: bool) -> None:
    dense = named("ring:6", "third")
    z = np.random.default_rng(0).standard_normal(shape)
    expected = np.einsum("ij,...jd->...id", dense.W - (0 if own else np.diag(np.diag(dense.W))), z)
    for network in (dense, dense.sparse()):
        for laid in (z, np.asfortranarray(z), np.ascontiguousarray(z.swapaxes(-1, -2)).swapaxes(-1, -2)):
            mixed = Gossip(network).mix(laid, own=own)
            assert mixed.shape == shape
            # three terms below 5 in magnitude, or four with the diagonal taken off again
            assert abs(mixed - expected).max(initial=0.0) <= 20 * EPS


def test_traffic_counts_rounds_messages_and_floats() -> None:
    """By hand: a path of 3 has 4 directed edges; two fields of dims 2 and 5 share one round of messages."""
    net = Gossip(named("path:3"))
    x, u = np.ones((7, 3, 2)), np.ones((7, 3, 5))
    net.mix(x, u)
    assert net.traffic == Traffic(rounds=1, messages=4, floats=4 * 7)
    net.mix(x, own=False)
    assert net.traffic == Traffic(rounds=2, messages=8, floats=4 * 7 + 4 * 2)
    with pytest.raises(InputError, match=r"a field of shape \(7, 2, 3\) cannot be mixed over 3 agents"):
        net.mix(x, np.ones((7, 2, 3)))
    with pytest.raises(InputError, match=r"give \(\.\.\., 3, dim\)"):
        net.mix(np.ones(3))
    assert net.traffic.rounds == 2, "what was refused was not sent"


def test_mixing_leaves_its_input_alone_and_gives_new_memory() -> None:
    z = np.arange(6.0).reshape(1, 3, 2)
    before = z.copy()
    for network in (named("path:3"), named("path:3").sparse()):
        mixed = Gossip(network).mix(z)
        mixed += 1
        assert np.array_equal(z, before)


def test_the_mean_is_kept_and_consensus_is_a_fixed_point() -> None:
    network = named("erdos-renyi:9:0.4:3", exact=True)
    z = convert(np.arange(18).reshape(1, 9, 2) ** 2, "fraction")
    assert (Gossip(network).mix(z).sum(axis=1) == z.sum(axis=1)).all()
    same = z[:, :1] + z * 0
    assert (Gossip(network).mix(same) == same).all()
