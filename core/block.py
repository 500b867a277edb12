"""The only loop: a block of replicas, computed together from the start to the last recorded iteration."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spiritlevel.core.activity import Activity, sleeping
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import replicas_inner
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.metrics import Metric
from spiritlevel.core.noise import Model
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.samples import Seeded
from spiritlevel.core.schedules import Schedule

_LOOK = 20  # steps between looks for divergence
Progress = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Task:
    """What all blocks of a run share, in one number system; see `spiritlevel.core.driver.run` for the words."""

    algorithm: Algorithm
    problem: SolvedProblem
    network: Schedule
    activity: Activity | None
    noise: Model
    seed: int
    record: Array
    metrics: Mapping[str, Metric]
    limit: float
    keep_on_interrupt: bool


@dataclasses.dataclass(frozen=True)
class Piece:
    """What a block brings: iterates (replicas, recorded, n, dimension), metrics (replicas, recorded), counts (recorded,)."""

    x: Array
    y: Array
    metrics: Mapping[str, Array]
    counts: Mapping[str, Array]
    time: Array | None
    stopped: str | None
    interrupted: bool


@dataclasses.dataclass(frozen=True)
class _Row:
    """What is kept of one iteration; built whole before it is kept, so that Ctrl-C leaves no half."""

    x: Array
    y: Array
    metrics: Mapping[str, Array]
    counts: Mapping[str, int]
    time: Array | None


def run_block(task: Task, x0: Array, y0: Array, replicas: range, progress: Progress | None) -> Piece:
    """Run the replicas with these numbers from ``x0`` (replicas, n, p) and ``y0`` (replicas, n, q).

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, unless the task keeps what is finished and something is.
    """
    o = Oracle(task.problem, task.noise.source(task.seed, replicas), Seeded(task.seed, replicas))
    awake = None if task.activity is None else task.activity.source(task.seed, replicas)
    net = Gossip(task.network, awake)
    steps = int(task.record[-1])
    wanted = set(task.record.tolist())
    rows: list[_Row] = []
    stopped, t, interrupted = None, 0, False
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            s = task.algorithm.init(replicas_inner(x0), replicas_inner(y0), o, net)
            for t in range(steps + 1):
                if t > 0:
                    net.advance(t)
                    before, s = s, task.algorithm.step(t, s, o, net)
                    if not net.asked:
                        s = sleeping(net.active(), before, s)
                if (t % _LOOK == 0 or t in wanted) and _diverged(s, task.limit):
                    stopped = f"diverged: an iterate exceeded {task.limit:g} by iteration {t} of {steps}"
                    break
                if t in wanted:
                    measured = {name: metric(task.problem, s) for name, metric in task.metrics.items()}
                    time = None if awake is None else awake.time()
                    rows.append(_Row(s.x, s.y, measured, _counts(o, net), time))
                if progress is not None:
                    progress(t, steps)
    except KeyboardInterrupt:
        if not (task.keep_on_interrupt and rows):
            raise
        stopped, interrupted = f"interrupted at iteration {t} of {steps}", True
    timed = None if awake is None else awake.time()
    return Piece(
        _stack([row.x for row in rows], x0.shape),
        _stack([row.y for row in rows], y0.shape),
        {name: _stack([row.metrics[name] for row in rows], x0.shape[:1]) for name in task.metrics},
        {name: np.array([row.counts[name] for row in rows], dtype=int) for name in _counts(o, net)},
        None if timed is None else _stack([row.time for row in rows if row.time is not None], x0.shape[:1]),
        stopped,
        interrupted,
    )


def _counts(o: Oracle, net: Gossip) -> dict[str, int]:
    return vars(o.calls) | vars(net.traffic)


def _stack(recorded: list[Array], shape: tuple[int, ...]) -> Array:
    if not recorded:  # diverged before the first iteration that was to be kept
        return np.empty((shape[0], 0, *shape[1:]))
    return np.stack(recorded, axis=1)


def _diverged(s: Any, limit: float) -> bool:
    return not all(bool((abs(z) < limit).all()) for z in (s.x, s.y) if z.dtype != object)
