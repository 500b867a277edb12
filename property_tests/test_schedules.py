"""Networks that change, agents that sleep, and the clock; with any algorithm."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import spiritlevel
from spiritlevel.core.activity import Chances, Scripted, Stragglers, activity
from spiritlevel.core.algorithms.argus_no_cuts import NoCuts
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.schedules import Cycle, Redrawn, Schedule
from spiritlevel.core.trace import Trace
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.families import random_quadratic


def test_a_run_over_a_cycle_mixes_with_each_network_in_turn() -> None:
    """Against a loop by hand: two iterations over two networks are not two over either."""
    problem = random_quadratic(seed=1, n=4, p=2, q=2)
    both = Cycle((named("ring:4"), named("star:4")))
    networks: dict[str, Schedule] = {"both": both, "ring": both.networks[0], "star": both.networks[1]}
    traces = {
        key: run(Interact(), problem, network, steps=2, x0=np.arange(8.0).reshape(4, 2)).x[0, -1]
        for key, network in networks.items()
    }
    assert not np.allclose(traces["both"], traces["ring"])
    assert not np.allclose(traces["both"], traces["star"])
    same = run(Interact(), problem, Cycle((both.networks[0],)), steps=2, x0=np.arange(8.0).reshape(4, 2))
    assert np.array_equal(same.x[0, -1], traces["ring"])


def test_redrawn_graphs_are_connected_and_depend_on_seed_and_iteration_alone() -> None:
    graphs, again = Redrawn(8, 0.3, seed=3), Redrawn(8, 0.3, seed=3)
    drawn = [graphs.at(t).W for t in range(1, 9)]
    assert all(np.array_equal(drawn[t - 1], again.at(t).W) for t in (5, 2))
    assert len({W.tobytes() for W in drawn}) > 1
    exact = graphs.over("fraction").at(2)
    assert isinstance(exact.W[0, 0], Fraction)
    np.testing.assert_allclose(exact.W.astype(float), drawn[1], atol=1e-15)


def test_chances_have_their_frequencies_and_never_sleep_too_long() -> None:
    """Binomial tests at 1e-6 each; the bound tau holds in every replica."""
    stream = Chances((0.2, 0.9)).source(7, range(50))
    seen = np.stack([stream.next(2)[..., 0] for _ in range(400)])
    for i, p in enumerate((0.2, 0.9)):
        assert stats.binomtest(int(seen[..., i].sum()), seen[..., i].size, p).pvalue > 1e-6
    forced = Chances((0.05,), tau=3).source(7, range(20))
    idle = np.stack([forced.next(1)[:, 0, 0] for _ in range(200)])
    runs = np.lib.stride_tricks.sliding_window_view(idle, 3, axis=0)
    assert (runs.sum(axis=-1) >= 1).all()
    assert (np.lib.stride_tricks.sliding_window_view(idle, 2, axis=0).sum(axis=-1) == 0).any()


def test_replicas_have_streams_of_their_own_however_many_run_beside() -> None:
    many, one = Chances((0.5,)).source(1, range(5)), Chances((0.5,)).source(1, range(3, 4))
    a, b = (np.stack([s.next(6) for _ in range(20)]) for s in (many, one))
    assert np.array_equal(a[:, 3:4], b)
    assert not np.array_equal(a[:, 0], a[:, 1])


def test_a_clock_waits_for_the_slowest_of_those_who_take_part() -> None:
    clocks = {wait: Stragglers(wait, slow=2, factor=10).source(0, range(4)) for wait in (8, 10)}
    for clock in clocks.values():
        for _ in range(50):
            clock.next(10)
    quick, full = (np.stack(clocks[wait].lasted) for wait in (8, 10))
    assert (quick <= 1.2).all()
    assert ((full >= 8) & (full <= 12)).all()


def test_reading_a_clock_does_not_go_through_all_that_passed() -> None:
    """Else a run that records every iteration takes a time that grows with their square."""
    clock = Stragglers(3).source(0, range(2))
    for _ in range(20):
        clock.next(4)
    early = clock.time()
    assert early == pytest.approx(np.sum(clock.lasted, axis=0))
    kept = early.copy()
    clock.lasted.clear()
    clock.next(4)
    assert clock.time() == pytest.approx(kept + clock.lasted[0])
    assert np.array_equal(early, kept)


def test_gossip_without_a_model_has_everyone_awake() -> None:
    assert Gossip(averaging(3)).active().ravel().tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Cycle(()), "one size"),
        (lambda: Cycle((averaging(2), averaging(3))), "one size"),
        (lambda: Redrawn(0, 0.5), "n >= 1"),
        (lambda: Redrawn(3, 1.5), "probability"),
        (lambda: Redrawn(60, 1e-6).at(1), "larger chance"),
        (lambda: Chances(()), "probabilities"),
        (lambda: Chances((1.5,)), "probabilities"),
        (lambda: Chances((0.5,), tau=-1), "tau"),
        (lambda: Scripted(()), "0 and 1"),
        (lambda: Scripted(((1, 0),)).source(0, range(1)).next(3), "3 agents"),
        (lambda: Stragglers(0), "wait"),
        (lambda: Stragglers(2.5), "whole numbers wait"),  # type: ignore[arg-type]
        (lambda: Stragglers(5).source(0, range(1)).next(3), "3 agents"),
        (lambda: activity("half"), "half"),
        (lambda: activity("2"), "chance in"),
        (lambda: activity("stragglers:8"), "wait, slow and factor"),
        (lambda: activity("stragglers:1.5:0:2"), "whole numbers"),
        (
            lambda: spiritlevel.run("rabo", "quadratic:shared=yes", "J:4", steps=2, activity=0.5),
            "one for all",
        ),
    ],
)
def test_bad_input_is_refused(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()  # type: ignore[operator]


def test_the_command_line_spells_them() -> None:
    """Argus over a graph redrawn in every iteration, agents awake every other time on average."""
    trace = spiritlevel.run("argus", "quadratic:shared=yes", "redrawn:4:0.6:1", steps=20, activity=0.5)
    assert trace.network == "redrawn:4:0.6:1"
    everyone = spiritlevel.run("argus", "quadratic:shared=yes", "redrawn:4:0.6:1", steps=20)
    assert not np.allclose(trace.x[:, -1], everyone.x[:, -1])


@pytest.mark.parametrize("text", ["redrawn:4", "redrawn:4:x:1", "redrawn:4:0.5:0.5", "redrawn:0:0.5:1"])
def test_bad_redrawn_networks_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        spiritlevel.run("interact", "quadratic", text, steps=1)
    with pytest.raises(InputError, match="leave it out"):
        spiritlevel.run("interact", "quadratic", "redrawn:4:0.5:1", steps=1, weights="third")


@pytest.mark.parametrize("name", ["interact", "slam", "dsbo", "dsgd", "argus-no-cuts"])
def test_with_a_method_that_does_not_speak_of_sleep_a_sleeper_keeps_what_it_has(name: str) -> None:
    """Agent 1 sleeps in every second iteration; one who always sleeps never moves; and all awake is as without a model."""

    def play(*rows: tuple[int, ...]) -> Trace:
        model = Scripted(rows) if rows else None
        return spiritlevel.run(name, "quadratic:shared=yes", "ring:4", steps=4, activity=model, record="all")

    every, half, never = play(), play((1, 1, 1, 1), (1, 0, 1, 1)), play((1, 0, 1, 1))
    assert np.array_equal(play((1, 1, 1, 1)).x, every.x)
    for z, w in ((half.x, every.x), (half.y, every.y)):
        assert np.array_equal(z[:, 1], w[:, 1])
        assert np.array_equal(z[:, 2, 1], z[:, 1, 1])
        assert np.array_equal(np.delete(z[:, 2], 1, axis=1), np.delete(w[:, 2], 1, axis=1))
    assert not np.array_equal(half.x[:, 3, 1], half.x[:, 2, 1])
    assert (never.x[:, :, 1] == never.x[:, :1, 1]).all()


def test_the_sleepers_others_read_what_it_had_in_exact_numbers() -> None:
    """x <- W x - (x - a)/2 over two agents of equal weights, by hand; the second wakes up last."""
    one = np.ones((2, 1, 1), dtype=int)
    problem = quadratic(one, 0 * one, np.zeros((2, 1), dtype=int), A=one, a=[[-4], [-8]], shared=True).over(
        "fraction"
    )
    a = NoCuts(eta=Fraction(1, 2)).over("fraction")
    x = run(
        a, problem, averaging(2, exact=True), steps=2, activity=Scripted(((1, 0), (0, 1))), record="all"
    ).x
    assert x[0, :, :, 0].tolist() == [[0, 0], [2, 0], [2, 5]]


def ticks(name: str, activity: str | None, *, replicas: int = 3, steps: int = 30, record: Any = "all") -> Any:
    """The wall clock of a run."""
    problem, network = "quadratic:shared=yes", "ring:6"
    return spiritlevel.run(
        name, problem, network, steps=steps, activity=activity, replicas=replicas, record=record
    ).time


def test_the_trace_has_the_clocks_time_for_any_method() -> None:
    """As many ticks as iterations, the same for all methods, recorded or not; waiting for all takes longer."""
    names = ("argus", "dsbo", "interact")
    quick, full = ({name: ticks(name, f"stragglers:{wait}:1:10") for name in names} for wait in (5, 6))
    for times in (quick, full):
        first, *others = times.values()
        assert first.shape == (3, 31)
        assert (first[:, 0] == 0).all()
        assert all(np.array_equal(first, other) for other in others)
    steps = np.diff(full["dsbo"])
    assert ((steps >= 8) & (steps <= 12)).all()
    steps = np.diff(quick["dsbo"])
    assert ((steps >= 0.8) & (steps <= 1.2)).all()
    assert np.array_equal(ticks("dsbo", "stragglers:6:1:10", record=30), full["dsbo"][:, [0, 30]])
    assert ticks("dsbo", None) is None
    assert ticks("dsbo", "0.5") is None


def test_blocks_of_replicas_and_files_keep_the_time(tmp_path: Path) -> None:
    many, few = (ticks("dsgd", "stragglers:2:0:1", replicas=r, steps=3) for r in (70, 3))
    assert np.array_equal(many[:3], few)
    trace = spiritlevel.run("dsgd", "quadratic:shared=yes", "ring:6", steps=3, activity="stragglers:2:0:1")
    trace.save(tmp_path / "a.npz")
    assert trace.time is not None
    with np.load(tmp_path / "a.npz") as saved:
        assert np.array_equal(saved["time"], trace.time[0])
