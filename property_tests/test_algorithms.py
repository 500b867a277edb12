"""The contract that every algorithm keeps, whoever wrote it; a new file in core/algorithms is tested by itself."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from property_tests.strategies import (
    EPS,
    arrays_of,
    gentle,
    relabelled,
    relative_gap,
    setting,
    small_setting,
    starts,
    trajectory,
)
from spiritlevel.core.algorithms import algorithm as by_name
from spiritlevel.core.algorithms import algorithms
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import GRADIENTS, Additive, Model, Probe, Sampling
from spiritlevel.core.numbers import Array, Field, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Picks, Seeded
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.theory.instruments.affine import Layout, probe

ALL = sorted(algorithms())
AFFINE = [name for name in ALL if algorithms()[name].affine]
NOISY = [name for name in ALL if not algorithms()[name].sampled]
UNIFORM = {"used"}  # Argus: here all agents have equally many cuts
SAMPLED = [name for name in ALL if algorithms()[name].sampled]
UNORDERED = [name for name in ALL if not algorithms()[name].ordered]
STEPS = 12

# STEPS steps, each a chain of at most 6 sums of fewer than 12 products of numbers that stay below the
# scale they are compared with: 12 * 6 * 12 * eps = 2e-13.
ROUNDING = STEPS * 6 * 12 * EPS


def conserves(name: str) -> bool:
    problem, network = setting(name)
    a = gentle(by_name(name)).over("float")
    start = trajectory(a, problem, network, *starts(problem, 1), 0)[0]
    return a.conserved(start, Gossip(network)).shape[1] > 0


CONSERVING = [name for name in ALL if conserves(name)]


def element_type(field: Field) -> type:
    if field == "fraction":
        return Fraction
    import flint

    return flint.fmpq


def test_the_algorithms_of_the_paper_are_found() -> None:
    assert {"interact", "dsgd", "dsbo"} <= set(ALL)
    assert {"interact", "svr-interact", "gt-dsgd"} <= set(CONSERVING)
    assert {"interact", "dsgd"} <= set(AFFINE) & set(UNORDERED)
    assert {"svr-interact", "gt-dsgd", "dsgd-batch"} == set(SAMPLED)


@pytest.mark.parametrize("field", ["fraction", "fmpq"])
@pytest.mark.parametrize("name", ALL)
def test_floats_agree_with_exact_rationals_and_every_element_keeps_its_type(name: str, field: Field) -> None:
    a = gentle(by_name(name))
    problem, network = setting(name, field)
    # Python's own fractions are slow where numerators grow long.
    steps = STEPS if field == "fmpq" else STEPS // 2
    exact = trajectory(a.over(field), problem, network, *starts(problem, 2, field), steps)
    rounded = trajectory(a.over("float"), *setting(name), *starts(problem, 2), steps)
    for z, w in zip(exact, rounded, strict=True):
        for key, array in arrays_of(z).items():
            assert {type(entry) for entry in array.flat} == {element_type(field)}, key
            assert arrays_of(w)[key].dtype == np.float64, key
            assert relative_gap(arrays_of(w)[key], array) <= ROUNDING < 1e-12, key
    assert relative_gap(exact[0].x, exact[-1].x) > 1e-3, "nothing moved, so nothing was compared"


@pytest.mark.parametrize("name", UNORDERED)
def test_symbols_pass_through_a_step_and_mean_the_same(name: str) -> None:
    (small, network), a = small_setting(name), gentle(by_name(name))
    x0 = np.array(sympy.symbols("x0:3"), dtype=object).reshape(1, 3, 1)
    y0 = np.array(sympy.symbols("y0:6"), dtype=object).reshape(1, 3, 2)
    at = starts(small, 1, "symbol")
    values = dict(zip([*x0.flat, *y0.flat], [*at[0].flat, *at[1].flat], strict=True))
    symbolic = trajectory(a.over("symbol"), small.over("symbol"), network.over("symbol"), x0, y0, 1)[-1]
    numeric = trajectory(a.over("fraction"), small, network, *starts(small, 1, "fraction"), 1)[-1]
    for key, array in arrays_of(symbolic).items():
        assert all(isinstance(entry, sympy.Basic) for entry in array.flat), key
        if key in ("x", "y"):  # a matrix of a quadratic level holds no symbols
            assert any(entry.free_symbols for entry in array.flat), key
        substituted = [entry.subs(values) for entry in array.flat]
        expected = convert(arrays_of(numeric)[key], "symbol").reshape(-1)
        assert all(s == e for s, e in zip(substituted, expected, strict=True)), key


@pytest.mark.parametrize("name", ALL)
def test_replicas_together_are_replicas_one_by_one(name: str) -> None:
    a = gentle(by_name(name)).over("float")
    problem, network = setting(name)
    x0, y0 = starts(problem, 5)
    together = trajectory(a, problem, network, x0, y0, STEPS)[-1]
    for r in range(5):
        only = range(r, r + 1)
        alone = trajectory(a, problem, network, x0[r : r + 1], y0[r : r + 1], STEPS, replicas=only)[-1]
        for key, array in arrays_of(alone).items():
            assert relative_gap(arrays_of(together)[key][r : r + 1], array) <= ROUNDING, key


NOISES: dict[str, Model] = {
    "gaussian": Additive(0.5),
    "two-point": Additive({"grad_y_g": 0.5, "jvp_xy_g": 0.25}, law="two-point"),
    "sampling": Sampling(2),
}


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("name", NOISY)
def test_the_noise_of_a_replica_does_not_depend_on_its_company(name: str, noise: Model) -> None:
    a = gentle(by_name(name)).over("float")
    problem = random_finite_sum(1, n=5, p=2, q=3, samples=6, shared=by_name(name).shared)
    network, start = setting(name)[1], starts(problem, 5)

    def last(replicas: range) -> dict[str, Array]:
        x, y = (z[replicas.start : replicas.stop] for z in start)
        return arrays_of(trajectory(a, problem, network, x, y, STEPS, noise=noise, replicas=replicas)[-1])

    together = last(range(5))
    for r in range(5):
        for key, array in last(range(r, r + 1)).items():
            # one matrix product for five replicas and for one round differently: no bits are promised
            assert relative_gap(together[key][r : r + 1], array) <= ROUNDING, key
    assert relative_gap(together["x"][0], trajectory(a, problem, network, *start, STEPS)[-1].x[0]) > 1e-6


class _Relabelled:
    """The draws of `trajectory`, with the agents in another order."""

    def __init__(self, order: Array) -> None:
        self._order, self._drawn = order, Seeded(3, range(1))

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        picks = self._drawn.pick(terms, agents, batch, depth)
        return Picks(*[z[..., self._order, :] for z in (picks.xi, picks.zeta, picks.k)])


@pytest.mark.parametrize("name", SAMPLED)
def test_sampling_algorithms_refuse_noise_and_problems_without_terms(name: str) -> None:
    a, (problem, network) = gentle(by_name(name)), setting(name)
    with pytest.raises(InputError, match="needs a sampler and no noise"):
        run(a, problem, network, steps=3, noise=Additive(0.1))
    with pytest.raises(InputError, match="is not a finite sum"):
        run(a, setting("interact")[0], network, steps=3)


@pytest.mark.parametrize("name", ALL)
def test_agents_have_no_names(name: str) -> None:
    """Relabelling the agents relabels the iterates: exactly, in fractions."""
    a = gentle(by_name(name)).over("fraction")
    order = np.array([3, 0, 4, 1, 2])
    problem, network = setting(name, "fraction")
    x0, y0 = starts(problem, 1, "fraction")
    there = trajectory(a, problem, network, x0, y0, 6)[-1]
    moved, drawn = Network(network.W[np.ix_(order, order)]), _Relabelled(order)
    here = trajectory(a, relabelled(problem, order), moved, x0[:, order], y0[:, order], 6, sampler=drawn)[-1]
    for key, array in arrays_of(here).items():
        wanted = arrays_of(there)[key]
        agents = array.shape[1] == problem.n  # a server's model has no agents' axis
        for axis in range(1, array.ndim - 1):  # what belongs to a pair of agents has two
            wanted = np.take(wanted, order, axis) if array.shape[axis] == problem.n else wanted
        assert (array == wanted).all(), key
        assert not agents or key in UNIFORM or (array != arrays_of(there)[key]).any(), (
            "the agents do not differ"
        )


@pytest.mark.parametrize("name", ALL)
def test_sparse_mixing_is_dense_mixing(name: str) -> None:
    a = gentle(by_name(name)).over("float")
    problem, dense = setting(name)
    start = starts(problem, 3)
    for z, w in zip(
        trajectory(a, problem, dense, *start, STEPS),
        trajectory(a, problem, dense.sparse(), *start, STEPS),
        strict=True,
    ):
        assert all(relative_gap(arrays_of(w)[key], array) <= ROUNDING for key, array in arrays_of(z).items())


@pytest.mark.parametrize("name", AFFINE)
def test_the_probed_map_reproduces_the_run(name: str) -> None:
    a = gentle(by_name(name))
    problem, network = setting(name)
    amap = probe(a, problem, network)
    x0, y0 = problem.start()
    trace = run(a, problem, network, steps=100, record="all")
    z = amap.z0
    for t in range(101):
        state = amap.layout.unflatten(z[None])
        assert relative_gap(state.x[0], trace.x[0, t]) <= 1e-10
        assert relative_gap(state.y[0], trace.y[0, t]) <= 1e-10
        z = amap.M @ z + amap.b
    assert relative_gap(trace.x[0, 0], x0) == 0 == relative_gap(trace.y[0, 0], y0)


@pytest.mark.parametrize("name", AFFINE)
def test_the_probed_map_is_exact_in_fractions(name: str) -> None:
    a = gentle(by_name(name))
    small, network = small_setting(name)
    amap = probe(a, small, network)
    x0, y0 = (z[None] for z in small.start())
    z = amap.z0
    for state in trajectory(a.over("fraction"), small, network, x0, y0, 4):
        assert (amap.layout.flatten(state)[0] == z).all()
        z = amap.M @ z + amap.b
    assert {type(entry) for entry in [*amap.M.flat, *amap.b, *z]} == {Fraction}


@pytest.mark.parametrize("name", AFFINE)
def test_the_probed_noise_map_is_what_noise_does(name: str) -> None:
    """Prescribed perturbations of every gradient, of the start and of one step; exactly."""
    a = gentle(by_name(name))
    small, network = small_setting(name)
    amap = probe(a, small, network, channels=GRADIENTS)
    assert {"grad_x_f"} < {channel for channel, _ in amap.calls} <= set(GRADIENTS)

    def added(calls: Any) -> list[Array]:
        shapes = [shape for _, shape in calls]
        return [convert(np.arange(np.prod(s)).reshape(1, *s) * 3 % 7 - 3, "fraction") for s in shapes]

    def flat(perturbations: list[Array]) -> Array:
        parts = [p.reshape(-1) for p in perturbations]
        return np.concatenate([*parts, convert(np.zeros(0), "fraction")])

    net, exact = Gossip(network), a.over("fraction")
    x0, y0 = (z[None] for z in small.start())
    first, then = added(amap.calls0), added(amap.calls)
    s0 = exact.init(x0, y0, Oracle(small, Probe(frozenset(GRADIENTS), first)), net)
    s1 = exact.step(1, s0, Oracle(small, Probe(frozenset(GRADIENTS), then)), net)
    z0 = amap.z0 + amap.N0 @ flat(first) if amap.N0.size else amap.z0
    layout = Layout.of(s0)
    assert (layout.flatten(s0)[0] == z0).all()
    assert (layout.flatten(s1)[0] == amap.M @ z0 + amap.b + amap.N @ flat(then)).all()
    assert (amap.N != 0).any()


@pytest.mark.parametrize("name", ALL)
def test_the_number_of_workers_changes_nothing(name: str) -> None:
    """Three blocks of replicas, with noise: equal to the last bit."""
    a, noise = gentle(by_name(name)), Additive(0.1) if name in NOISY else None
    one, two = (
        run(a, *setting(name), steps=30, replicas=130, noise=noise, seed=5, record=10, jobs=jobs)
        for jobs in (1, 2)
    )
    assert one.x.shape == (130, 4, 1 if a.server else 5, 2)
    assert np.array_equal(one.x, two.x)
    assert np.array_equal(one.y, two.y)
    assert all(np.array_equal(one.metrics[key], two.metrics[key]) for key in one.metrics)
    assert all(np.array_equal(one.counts[key], two.counts[key]) for key in one.counts)
    assert len({one.x[r, -1].tobytes() for r in range(130)}) == 130, "replicas share their noise"


@pytest.mark.parametrize("name", ALL)
def test_a_step_leaves_its_input_alone(name: str) -> None:
    """Every array that goes in is made read-only, so that writing to it would raise."""
    a = gentle(by_name(name)).over("float")
    problem, network = setting(name)
    noise = Additive(0.1).source(0, range(2)) if name in NOISY else None
    o, net = Oracle(problem, noise, Seeded(0, range(2))), Gossip(network)
    x0, y0 = starts(problem, 2)

    def frozen(state: Any) -> Any:
        for array in arrays_of(state).values():
            array.setflags(write=False)
        return state

    x0.setflags(write=False)
    y0.setflags(write=False)
    s = frozen(a.init(x0, y0, o, net))
    for t in range(1, 4):
        before = {key: array.copy() for key, array in arrays_of(s).items()}
        after = a.step(t, s, o, net)
        assert all(np.array_equal(before[key], array) for key, array in arrays_of(s).items())
        s = frozen(after)
    with pytest.raises(dataclasses.FrozenInstanceError):
        s.x = x0


@pytest.mark.parametrize("noise", [None, Additive(Fraction(1, 2), law="two-point")], ids=["exact", "noisy"])
@pytest.mark.parametrize("name", CONSERVING)
def test_what_is_declared_conserved_never_changes(name: str, noise: Model | None) -> None:
    if noise is not None and name in SAMPLED:
        noise = None  # its own draws are all the noise it takes
    a = gentle(by_name(name)).over("fraction")
    problem, network = setting(name, "fraction")
    states = trajectory(a, problem, network, *starts(problem, 2, "fraction"), 8, noise=noise)
    first, *others = (a.conserved(state, Gossip(network)) for state in states)
    for kept in others:
        assert kept.shape == first.shape == (2, kept.shape[1])
        assert {type(entry) for entry in kept.flat} == {Fraction}
        assert (kept == first).all()


def test_interact_tracks_the_mean_surrogate() -> None:
    a, (problem, network) = gentle(by_name("interact")).over("fraction"), setting("interact", "fraction")
    for state in trajectory(a, problem, network, *starts(problem, 2, "fraction"), 8):
        assert (state.u.sum(axis=1) == state.p.sum(axis=1)).all()
        assert not a.conserved(state, Gossip(network)).any()


@pytest.mark.parametrize("field", ["fraction", "fmpq"])
@pytest.mark.parametrize("name", NOISY)
def test_rational_noise_keeps_rational_runs_rational(name: str, field: Field) -> None:
    a = gentle(by_name(name))
    noise = Additive({"grad_x_f": 0.5, "grad_y_f": Fraction(1, 3), "grad_y_g": 1}, law="two-point")
    problem, network = setting(name, field)
    exact = trajectory(a.over(field), problem, network, *starts(problem, 2, field), 5, noise=noise)[-1]
    rounded = trajectory(a.over("float"), *setting(name), *starts(problem, 2), 5, noise=noise)[-1]
    for key, array in arrays_of(exact).items():
        assert {type(entry) for entry in array.flat} == {element_type(field)}, key
        assert relative_gap(arrays_of(rounded)[key], array) <= ROUNDING, key
