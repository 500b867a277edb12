"""The one loop: what it records, when it stops, what it reports, what it refuses."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from property_tests.strategies import PROBLEM, RING, relative_gap, starts, trajectory
from spiritlevel.core.algorithms.dsgd import DSGD
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import recorded_steps, run
from spiritlevel.core.errors import InputError
from spiritlevel.core.files import load_arrays
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import convert, field_of
from spiritlevel.core.trace import Trace
from spiritlevel.synthetic.families import random_quadratic

RATIONAL = random_quadratic(seed=4, n=4, p=2, q=3, rational=True)
CALM = Interact(alpha=1 / 64, beta=1 / 64)
WILD = Interact(alpha=10, beta=10)


def go(algorithm: Any = CALM, problem: Any = PROBLEM, **settings: Any) -> Trace:
    return run(algorithm, problem, RING, **({"steps": 30} | settings))


# --- recording -----------------------------------------------------------------------------------------


def test_which_iterations_are_kept() -> None:
    assert recorded_steps(3, "all").tolist() == [0, 1, 2, 3]
    assert recorded_steps(10, 4).tolist() == [0, 4, 8, 10]
    assert recorded_steps(8, 4).tolist() == [0, 4, 8]
    assert recorded_steps(10, [7, 2, 2]).tolist() == [2, 7]
    assert recorded_steps(1, "log").tolist() == [0, 1]
    assert recorded_steps(20, "log").tolist() == list(range(21))
    log = recorded_steps(10**6, "log")
    assert (log[0], log[-1]) == (0, 10**6)
    assert 80 <= len(log) <= 102
    wide = np.diff(np.log(log[log > 50]))
    assert wide.max() / wide.min() < 1.2, "log-spaced"


@pytest.mark.parametrize("record", ["every", 0, -1, [], [11], [-1], [0.5], 1.5])
def test_records_that_mean_nothing_are_refused(record: Any) -> None:
    with pytest.raises(InputError, match=r"record (is|holds)"):
        recorded_steps(10, record)


@pytest.mark.parametrize("record", ["log", "all", 7, [3, 30], 100])
def test_every_way_of_recording_keeps_the_same_iterations(record: Any) -> None:
    everything, some = go(record="all"), go(record=record)
    assert some.t.tolist() == recorded_steps(30, record).tolist()
    assert np.array_equal(some.x, everything.x[:, some.t])
    assert np.array_equal(some.y, everything.y[:, some.t])
    for kept, whole in ((some.metrics, everything.metrics), (some.counts, everything.counts)):
        assert all(np.array_equal(kept[name], whole[name][..., some.t]) for name in whole)


def test_the_driver_is_the_loop_and_nothing_else() -> None:
    noise = Additive(0.1)
    x0, y0 = starts(PROBLEM, 3)
    trace = go(replicas=3, x0=x0, y0=y0, noise=noise, seed=3, record="all")
    states = trajectory(CALM.over("float"), PROBLEM, RING, x0, y0, 30, noise=noise)
    # the same sums over arrays that lie differently in memory: rounding only
    assert relative_gap(trace.x, np.stack([s.x for s in states], axis=1)) < 1e-13
    assert relative_gap(trace.y, np.stack([s.y for s in states], axis=1)) < 1e-13


def test_memory_is_bounded_by_what_is_recorded() -> None:
    """5000 iterations of 64 replicas are 5000 * 64 * 4 * (2 + 3) * 8 = 51 MB; two of them are 20 kB."""
    settings: dict[str, Any] = {"steps": 5000, "record": [0, 5000], "replicas": 64, "metrics": ()}
    go(**(settings | {"steps": 10, "record": [10]}))
    tracemalloc.start()
    trace = go(**settings)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert trace.x.shape == (64, 2, 4, 2)
    assert peak < 1e6  # and some tens of arrays of one iteration, 16 kB each


def test_nothing_recorded_is_overwritten_later() -> None:
    x0 = np.ones((4, 2))
    trace = go(x0=x0, record="all")
    first = trace.x[:, 0].copy()
    trace.x[:, 0] = 7
    assert np.array_equal(x0, np.ones((4, 2)))
    assert np.array_equal(first[0], x0)
    assert len({trace.x[0, k].tobytes() for k in range(1, 31)}) == 30


def test_metrics_are_what_they_say() -> None:
    """Written out replica by replica, INTERACT (11)."""
    x0, y0 = starts(PROBLEM, 2)
    trace = go(replicas=2, x0=x0, y0=y0, record=10)
    for r in range(2):
        for k in range(len(trace.t)):
            x, y = trace.x[r, k], trace.y[r, k]
            mean = x.mean(axis=0)
            wanted = {
                "hypergradient_squared": np.linalg.norm(PROBLEM.hypergradient(mean[None])[0]) ** 2,
                "consensus_error": sum(np.linalg.norm(x[i] - mean) ** 2 for i in range(4)),
                "lower_error": np.linalg.norm(y - PROBLEM.lower_solution(x[None])[0]) ** 2,
            }
            wanted["stationarity"] = sum(wanted.values())
            for name, value in wanted.items():
                assert trace.metrics[name][r, k] == pytest.approx(value, rel=1e-12)
    own = go(metrics={"largest": lambda problem, s: abs(s.x).max(axis=(1, 2))}, record=[30])
    assert own.metrics["largest"].shape == (1, 1)
    assert own.metrics["largest"][0, 0] == abs(own.x[0, 0]).max()
    assert set(go(metrics=["consensus_error"]).metrics) == {"consensus_error"}


def test_a_trace_is_saved_as_it_is(tmp_path: Path) -> None:
    one, many = go(record=10), go(record=10, replicas=3, noise=Additive(1))
    for trace, shape in ((one, (4, 4, 2)), (many, (3, 4, 4, 2))):
        trace.save(tmp_path / "trace.npz")
        read = load_arrays(tmp_path / "trace.npz")
        assert read["x"].shape == shape
        assert np.array_equal(read["x"], trace.x.reshape(shape))
        assert np.array_equal(read["t"], trace.t)
        assert {"y", "stationarity", "floats", "gradients"} <= set(read)
    exact = run(CALM, RATIONAL, RING, steps=3, record="all")
    exact.save(tmp_path / "exact.npz")
    assert np.array_equal(load_arrays(tmp_path / "exact.npz")["x"], convert(exact.x[0], "float"))


# --- number systems ------------------------------------------------------------------------------------


def test_the_start_decides_the_number_system() -> None:
    x0, y0 = (convert(z, "fraction") for z in PROBLEM.start())
    for trace in (
        go(x0=x0, y0=y0, steps=3),
        go(x0=x0, steps=3),
        go(y0=y0, steps=3),
        go(problem=RATIONAL, steps=3),
    ):
        entries = [*trace.x.flat, *trace.y.flat, *trace.metrics["stationarity"].flat]
        assert {type(entry) for entry in entries} == {Fraction}
    rounded = go(problem=RATIONAL, x0=convert(RATIONAL.start()[0], "float"), steps=3)
    assert rounded.x.dtype == rounded.y.dtype == rounded.metrics["stationarity"].dtype == np.float64
    assert relative_gap(rounded.x, go(problem=RATIONAL, steps=3).x) < 1e-14
    assert field_of(go(problem=RATIONAL.over("fmpq"), steps=3).x) == "fmpq"


def test_a_complex_step_differentiates_a_run() -> None:
    """A quadratic problem and an affine algorithm: the derivative is a difference of two runs."""
    x0 = np.array(PROBLEM.start()[0])
    direction = np.zeros_like(x0)
    direction[1, 0] = 1
    derivative = go(x0=x0 + 1e-30j * direction).x.imag * 1e30
    assert relative_gap(derivative, go(x0=x0 + direction).x - go(x0=x0).x) < 1e-12


def test_starts_of_every_shape_are_the_same_start() -> None:
    row = np.array([1.0, -2.0])
    everyone = np.tile(row, (4, 1))
    every = np.tile(row, (2, 4, 1))
    traces = [go(x0=x0, replicas=2) for x0 in (row, everyone, every, [1, -2])]
    assert all(np.array_equal(trace.x, traces[0].x) for trace in traces)


# --- divergence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [7, 500])
def test_a_diverged_run_stops_and_says_so_and_keeps_what_was_good(steps: int) -> None:
    trace = go(WILD, steps=steps, record="all", limit=1e6)
    assert trace.stopped is not None
    assert "diverged: an iterate exceeded 1e+06 by iteration" in trace.stopped
    kept = len(trace.t)
    assert 1 <= kept < steps + 1
    assert trace.t.tolist() == list(range(kept))
    assert trace.x.shape[1] == trace.y.shape[1] == kept
    assert all(values.shape[1] == kept for values in trace.metrics.values())
    assert all(len(values) == kept for values in trace.counts.values())
    assert np.isfinite(trace.metrics["stationarity"]).all()
    assert max(abs(trace.x).max(), abs(trace.y).max()) < 1e6
    whole = go(WILD, steps=kept - 1, record="all", limit=1e300) if kept > 1 else trace
    assert np.array_equal(whole.x, trace.x)


def test_divergence_is_seen_between_recorded_iterations_too() -> None:
    """Nothing is recorded before the end, and the end is never computed."""
    trace = go(WILD, steps=100_000, record=[100_000])
    assert trace.stopped is not None
    assert "of 100000" in trace.stopped
    assert int(trace.stopped.split("iteration ")[1].split(" of")[0]) <= 40
    assert trace.t.shape == (0,)
    assert trace.x.shape == (1, 0, 4, 2)
    assert trace.y.shape == (1, 0, 4, 3)
    assert trace.metrics["stationarity"].shape == (1, 0)
    assert trace.counts["rounds"].shape == (0,)


def test_overflow_to_nan_is_divergence() -> None:
    trace = go(WILD, steps=2000, record=[0, 2000], limit=float("inf"))
    assert trace.stopped is not None
    assert trace.t.tolist() == [0]


def test_one_diverged_replica_ends_the_run_for_all() -> None:
    """The limit is met by replica 1 only, whose start is beyond it soon."""
    slow = DSGD(alpha=1e-3, beta=1e-3)
    x0 = np.stack([np.ones((4, 2)), np.full((4, 2), 1e9)])
    trace = go(slow, replicas=2, x0=x0, record="all", limit=1e8)
    assert trace.stopped is not None
    assert trace.x.shape[:2] == (2, 0)
    assert go(slow, x0=x0[0], record="all", limit=1e8).stopped is None


def test_a_calm_run_is_not_stopped() -> None:
    assert go(steps=2000).stopped is None


# --- progress ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "replicas", "jobs"),
    [(1, 1, 1), (150, 1, 1), (399, 1, 1), (2000, 1, 1), (300, 200, 1), (30, 200, 2)],
)
def test_progress_is_called_now_and_then_in_order_and_at_the_end(
    steps: int, replicas: int, jobs: int
) -> None:
    calls: list[tuple[int, int]] = []
    go(
        steps=steps,
        replicas=replicas,
        jobs=jobs,
        metrics=(),
        progress=lambda done, total: calls.append((done, total)),
    )
    assert 1 <= len(calls) <= 205
    assert calls[-1] == (steps, steps)
    assert calls == sorted(calls)
    assert {total for _, total in calls} == {steps}


# --- seeds ---------------------------------------------------------------------------------------------


def test_a_seed_fixes_the_run_and_another_changes_it() -> None:
    one, again, other = (go(noise=Additive(0.1), seed=seed, replicas=2) for seed in (1, 1, 2))
    assert np.array_equal(one.x, again.x)
    assert abs(one.x[:, -1] - other.x[:, -1]).max() > 1e-4
    assert (one.seed, other.seed) == (1, 2)


def test_replicas_do_not_depend_on_how_many_there_are() -> None:
    """Across the block of 64 as well; a product of 3 and of 64 columns is rounded differently, no more."""
    many = go(noise=Additive(0.1), replicas=67)
    assert relative_gap(go(noise=Additive(0.1), replicas=3).x, many.x[:3]) < 1e-13
    assert len({many.x[r, -1].tobytes() for r in range(67)}) == 67


def test_an_interrupted_run_keeps_what_it_recorded() -> None:
    problem, calls = random_quadratic(seed=1, n=3, p=1, q=1), 0

    def metric(problem: Any, s: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return s.x[:, 0, 0]

    settings: Any = {"steps": 10, "record": "all", "metrics": {"m": metric}}
    trace = run(Interact(), problem, named("ring:3"), keep_on_interrupt=True, **settings)
    assert trace.t.tolist() == [0, 1, 2]
    assert trace.x.shape[1] == trace.metrics["m"].shape[1] == len(trace.counts["rounds"]) == 3
    assert trace.stopped == "interrupted at iteration 3 of 10"
    calls = 3
    with pytest.raises(KeyboardInterrupt):
        run(Interact(), problem, named("ring:3"), keep_on_interrupt=True, **settings)
    calls = 0
    with pytest.raises(KeyboardInterrupt):
        run(Interact(), problem, named("ring:3"), **settings)


def test_an_interrupted_block_leaves_the_whole_ones() -> None:
    problem, calls = random_quadratic(seed=1, n=3, p=1, q=1), 0

    def metric(problem: Any, s: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt
        return s.x[:, 0, 0]

    trace = run(
        Interact(),
        problem,
        named("ring:3"),
        steps=4,
        record="all",
        replicas=100,
        metrics={"m": metric},
        keep_on_interrupt=True,
    )
    assert trace.x.shape[:2] == (64, 5)
    assert trace.stopped == "interrupted: 64 of 100 replicas are kept"
