"""Probed maps, spectra and stability limits, each against something computed another way."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq_mat, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from property_tests.strategies import (
    PROBLEM,
    RING,
    STEPS,
    blocks_of,
    exact_networks,
    gentle,
    starts,
    trajectory,
)
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.dsgd import DSGD
from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import (
    quadratic,
    random_bounded,
    random_curved,
    random_linear,
    random_quadratic,
)
from spiritlevel.theory.instruments.affine import Layout, NotAffine, probe, probe_function
from spiritlevel.theory.instruments.moments import fixed_point
from spiritlevel.theory.instruments.spectrum import quotient, stability_limit
from spiritlevel.theory.instruments.stability import Kept, radius, step_limit

few = settings(max_examples=12, derandomize=True, deadline=None)
RATE = 1e-6


def block_diagonal(blocks: Array) -> Array:
    n, rows, columns = blocks.shape
    out = convert(np.zeros((n * rows, n * columns), dtype=int), "fmpq")
    for i, block in enumerate(blocks):
        out[i * rows : (i + 1) * rows, i * columns : (i + 1) * columns] = block
    return out


def kron(W: Array, size: int) -> Array:
    return np.block([[w * np.eye(size, dtype=int) for w in row] for row in W])


def by_hand(problem: Bilevel, W: Array, alpha: Any, beta: Any) -> tuple[Array, Array, Array, Array]:
    """INTERACT on z = (x, y, u), from its equations: the matrix, and how v and p follow from x and y.

    x' = W x - alpha u,  y' = y - beta (H y - B x),  u' = W u + Px (x' - x) + Py (y' - y),
    Px = A + B' H^-1 E',  Py = E + B' H^-1 Q. Returns (M, Px, Py, [-B, H]).
    """
    blocks: dict[str, Any] = blocks_of(problem)
    H, B, A, E, Q = (blocks[name] for name in "HBAEQ")
    back = B.swapaxes(1, 2) @ inverse(H)
    Px, Py = block_diagonal(A + back @ E.swapaxes(1, 2)), block_diagonal(E + back @ Q)
    H, B = block_diagonal(H), block_diagonal(B)
    Wx, one, none = kron(W, problem.p), np.eye(H.shape[0], dtype=int), Py.T * 0
    I = np.eye(Px.shape[0], dtype=int)
    M = np.block(
        [
            [Wx, Py * 0, -alpha * I],
            [beta * B, one - beta * H, none],
            [Px @ (Wx - I) + Py @ B * beta, -beta * Py @ H, Wx - alpha * Px],
        ]
    )
    return M, Px, Py, np.block([-B, H])


def polynomial(M: Array) -> Any:
    return fmpq_mat(*M.shape, M.reshape(-1).tolist()).charpoly()


@few
@given(st.integers(0, 10**6), exact_networks(most=4))
def test_probing_interact_gives_the_matrix_of_its_equations(seed: int, network: Network) -> None:
    """Exactly: the full state (x, y, u, v, p) moves as (x, y, u) does, and v and p add zeros to the spectrum."""
    problem = random_quadratic(seed, network.n, 2, 1, rational=True).over("fmpq")
    algorithm = gentle(Interact)
    step = convert(Fraction(1, 64), "fmpq")[()]
    amap = probe(algorithm, problem, network)
    M, Px, Py, Vxy = by_hand(problem, network.over("fmpq").W, step, step)
    nx, ny = network.n * 2, network.n
    rest = Px[:, :0]
    lift = np.block(
        [
            [np.eye(2 * nx + ny, dtype=int)],
            [Vxy, convert(np.zeros((ny, nx), dtype=int), "fmpq")],
            [Px, Py, Px * 0],
        ]
    )
    assert rest.shape == (nx, 0)
    assert (amap.M @ lift == lift @ M).all()
    assert polynomial(amap.M) == polynomial(M) * fmpq_poly([0, 1]) ** (nx + ny)
    # conserved: the mean of u - p
    expected = (lift[nx + ny : 2 * nx + ny] - lift[2 * nx + 2 * ny :]).reshape(network.n, 2, -1).sum(axis=0)
    assert (amap.C @ lift * network.n == expected).all()


@few
@given(st.integers(0, 10**6), exact_networks(most=4), st.integers(1, 2))
def test_the_raw_matrix_has_eigenvalue_one_exactly_p_times(seed: int, network: Network, p: int) -> None:
    """The conserved mean, and nothing else: so the quotient has no eigenvalue 1."""
    problem = random_quadratic(seed, network.n, p, 1, rational=True).over("fmpq")
    whole = polynomial(probe(gentle(Interact), problem, network).M)
    factor = fmpq_poly([-1, 1]) ** p
    rest, remainder = divmod(whole, factor)
    assert remainder == 0
    assert rest(1) != 0


def test_the_radius_is_that_of_the_matrix_without_the_conserved_mean() -> None:
    """Certified roots of the exact characteristic polynomial, its factor (z - 1)^p divided out."""
    problem = random_quadratic(seed=4, n=3, p=1, q=2, rational=True).over("fmpq")
    amap = probe(STEPS, problem, named("path:3", exact=True))
    rest, remainder = divmod(polynomial(amap.M), fmpq_poly([-1, 1]))
    assert remainder == 0
    largest = max(float(abs(root)) for root, _ in rest.complex_roots())
    reduced = quotient(amap)
    # a simple eigenvalue of a matrix of size 21: its condition would have to be 1e5 to miss this
    assert reduced.radius == pytest.approx(largest, rel=1e-10)
    assert reduced.radius < 1
    assert reduced.leak < 1e-14
    raw = dataclasses.replace(amap, C=amap.C[:0])
    assert quotient(raw).radius == pytest.approx(1, abs=1e-9)


def test_the_radius_is_the_rate_of_a_long_run() -> None:
    amap = probe(STEPS, PROBLEM, RING)
    reduced = quotient(amap)
    trace = run(STEPS, PROBLEM, RING, steps=250, record=[100, 250], metrics=())
    limit = amap.layout.unflatten(fixed_point(reduced)[None])
    at, further = (np.linalg.norm(trace.x[0, k] - limit.x[0]) for k in range(2))
    assert 0.9 < reduced.radius < 0.95
    assert further > 1e-9, "rounding is not yet seen"
    # an oscillation by a factor of 2 would be 0.5 % of the rate
    assert (further / at) ** (1 / 150) == pytest.approx(reduced.radius, rel=0.005)


def test_what_is_not_conserved_is_refused() -> None:
    @dataclasses.dataclass(frozen=True)
    class Wrong(Interact):
        def conserved(self, s: State, net: Gossip) -> Array:
            return s.u.sum(axis=1)

    with pytest.raises(ValueError, match="a quantity declared conserved is not: one step changes it by"):
        quotient(probe(Wrong(), PROBLEM, RING))


# --- probing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "problem",
    [
        random_curved(seed=0, n=4, p=2, q=3),
        random_bounded(seed=0, n=4, p=2, q=3),
        random_bounded(seed=0, n=4, p=2, q=3, kind="cos"),
        random_curved(seed=0, n=4, p=2, q=3, scale=Fraction(1, 1000)),
    ],
    ids=lambda problem: problem.name,
)
@pytest.mark.parametrize("algorithm", [Interact(), DSGD()], ids=["interact", "dsgd"])
def test_curved_problems_are_not_affine(problem: Bilevel, algorithm: Any) -> None:
    with pytest.raises(NotAffine, match="not affine"):
        probe(algorithm, problem, RING)


def test_curvature_is_found_by_the_midpoint_test() -> None:
    with pytest.raises(NotAffine):
        probe_function(lambda z: (z * z).sum(axis=1), 3, "fraction")
    with pytest.raises(NotAffine):
        probe_function(lambda z: z + 1e-6 * np.tanh(z), 3, "float")
    with pytest.raises(NotAffine):
        probe(STEPS, PROBLEM, RING).readout(lambda s: s.x * s.y[..., :2])


def test_a_linear_upper_level_is_affine() -> None:
    assert radius(STEPS, random_linear(seed=0, n=4, p=2, q=3), RING) == pytest.approx(1, abs=1e-9)


def test_readouts_are_the_functions_they_were_read_from() -> None:
    amap = probe(STEPS, PROBLEM, RING)
    L, c = amap.readout(lambda s: s.x.sum(axis=1) + 2 * s.y[:, 0, :2] - 3)
    state = trajectory(STEPS.over("float"), PROBLEM, RING, *starts(PROBLEM, 1), 3)[-1]
    z = amap.layout.flatten(state)[0]
    assert abs(L @ z + c - (state.x.sum(axis=1) + 2 * state.y[:, 0, :2] - 3)[0]).max() < 1e-13


def test_a_layout_goes_there_and_back() -> None:
    state = trajectory(STEPS.over("float"), PROBLEM, RING, *starts(PROBLEM, 3), 1)[-1]
    layout = Layout.of(state)
    z = layout.flatten(state)
    assert z.shape == (3, layout.size) == (3, 4 * (3 * 2 + 2 * 3))
    back = layout.unflatten(z)
    assert all(
        np.array_equal(getattr(back, f.name), getattr(state, f.name)) for f in dataclasses.fields(state)
    )
    one_x = dataclasses.replace(state, x=state.x[:1])
    assert np.array_equal(layout.unflatten(layout.flatten(one_x)).x, np.repeat(state.x[:1], 3, axis=0))


# --- stability -----------------------------------------------------------------------------------------


def test_the_limit_of_known_functions() -> None:
    assert stability_limit(lambda s: abs(1 - s)).limit == 2
    assert stability_limit(lambda s: 0.5).limit == float("inf")
    assert stability_limit(lambda s: 1.0).limit == 0
    assert stability_limit(lambda s: float("nan")).limit == 0
    found = stability_limit(lambda s: abs(1 - 3 * s), rtol=1e-6)
    assert found.lower <= 2 / 3 <= found.upper
    assert found.lower <= found.limit <= found.upper
    assert found.upper - found.lower <= 1e-6 * found.upper


@few
@given(st.floats(1e-3, 1e3))
def test_a_limit_lies_in_its_bracket(curvature: float) -> None:
    found = stability_limit(lambda s: abs(1 - s * curvature))
    assert found.lower <= found.limit <= found.upper
    assert found.limit == pytest.approx(2 / curvature, rel=1e-9)


def test_the_first_crossing_of_a_stable_set_with_a_gap() -> None:
    """|1 - 3 s + s^2| < 1 on (0, 1) and again on (2, 3): bisection between 0 and 2.5 would miss the gap."""
    found = stability_limit(lambda s: abs(1 - 3 * s + s * s))
    assert found.limit == pytest.approx(1, rel=1e-9)
    assert abs(1 - 3 * 2.5 + 2.5**2) < 1


def test_a_gap_narrower_than_the_grid_can_be_missed() -> None:
    """As documented; a finer grid finds it."""

    def narrow(s: float) -> float:
        return 2.0 if 1.01 < s < 1.02 else 0.5

    assert stability_limit(narrow).limit == float("inf")
    assert stability_limit(narrow, low=0.1, high=10, per_decade=400).limit == pytest.approx(1.01, rel=1e-9)


@pytest.mark.parametrize("cls", [Interact, DSGD])
def test_gradient_descent_is_stable_up_to_two_over_the_curvature(cls: Any) -> None:
    """Without coupling the levels separate: x moves with curvature 5, y with 1 and 4."""
    alone = quadratic(
        H=[[[1.0, 0.0], [0.0, 4.0]]], B=[[[0.0], [0.0]]], c=[[1.0, 2.0]], A=[[[5.0]]], a=[[1.0]]
    )
    single = named("ring:1")
    assert step_limit(cls, "beta", {"alpha": 0.1}, alone, single).limit == pytest.approx(0.5, rel=1e-9)
    assert step_limit(cls, "alpha", {"beta": 0.1}, alone, single).limit == pytest.approx(0.4, rel=1e-9)


class Silent(Interact):
    """Gradient tracking that does not say that it conserves a mean."""

    conserved = Algorithm.conserved


@pytest.mark.parametrize("name", ["ring:4", "path:5"])
def test_what_is_conserved_without_saying_so_is_no_instability(name: str) -> None:
    network = named(name)
    problem = random_quadratic(seed=1, n=network.n, p=2, q=2)
    assert step_limit(Interact, "alpha", {"beta": 0.1}, problem, network).limit > 0
    with pytest.raises(Kept, match="name what the algorithm conserves in its `conserved`"):
        step_limit(Silent, "alpha", {"beta": 0.1}, problem, network)


def test_what_is_unstable_at_every_step_has_the_limit_0() -> None:
    """beta = 1 is too much for a curvature of 4; no eigenvalue is 1."""
    alone = quadratic(H=[[[4.0]]], B=[[[0.0]]], c=[[1.0]], A=[[[5.0]]], a=[[1.0]])
    assert step_limit(DSGD, "alpha", {"beta": 1.0}, alone, named("ring:1")).limit == 0


def test_runs_on_either_side_of_the_limit() -> None:
    limit = step_limit(Interact, "alpha", {"beta": 1 / 16}, PROBLEM, RING).limit
    assert 1 / 32 < limit < 1 / 16
    below, above = (
        run(Interact(alpha=limit * k, beta=1 / 16), PROBLEM, RING, steps=40_000, record=[40_000], metrics=())
        for k in (0.98, 1.02)
    )
    assert below.stopped is None
    assert above.stopped is not None
