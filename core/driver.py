"""Runs an algorithm on a problem over a network, in blocks of replicas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from spiritlevel.core.activity import Activity
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.block import Piece, Progress, Task, run_block
from spiritlevel.core.errors import InputError
from spiritlevel.core.metrics import METRICS, Metric
from spiritlevel.core.noise import Exact, Model
from spiritlevel.core.numbers import Array, convert, field_of, finite
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.schedules import Schedule
from spiritlevel.core.trace import Trace

BLOCK = 64  # replicas computed together; fixed, so that results do not depend on the number of workers


def recorded_steps(steps: int, record: Literal["log", "all"] | int | Sequence[int] = "log") -> Array:
    """Which iterations are kept.

    ``log``: 0, ``steps`` and at most 100 log-spaced ones between; ``all``; a number N: every N-th and the
    last; or the iterations themselves.

    Examples
    --------
    >>> recorded_steps(10, 4).tolist()
    [0, 4, 8, 10]
    """
    if isinstance(record, str):
        if record == "all":
            return np.arange(steps + 1)
        if record == "log":
            return np.unique(np.r_[0, np.geomspace(1, steps, 100).round().astype(int), steps])
        raise InputError(f"record is {record!r}; give 'log', 'all', a whole number N >= 1 or iterations")
    if isinstance(record, int | np.integer):
        if record < 1:
            raise InputError(f"record is {record}; give 'log', 'all', a whole number N >= 1 or iterations")
        return np.unique(np.r_[np.arange(0, steps + 1, record), steps])
    chosen = np.unique(np.asarray(record))
    if not np.issubdtype(chosen.dtype, np.integer) or chosen.size == 0 or chosen[0] < 0 or chosen[-1] > steps:
        raise InputError(f"record holds {chosen}; iterations are whole numbers from 0 to {steps}")
    return chosen


def run(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Schedule,
    *,
    steps: int,
    x0: Any = None,
    y0: Any = None,
    noise: Model | None = None,
    activity: Activity | None = None,
    seed: int = 0,
    replicas: int = 1,
    record: Literal["log", "all"] | int | Sequence[int] = "log",
    metrics: Iterable[str] | Mapping[str, Metric] = tuple(METRICS),
    progress: Progress | None = None,
    jobs: int = 1,
    limit: float = 1e12,
    keep_on_interrupt: bool = False,
) -> Trace:
    """Run an algorithm and keep the recorded iterations.

    Parameters
    ----------
    algorithm
        Hyper-parameters; converted to the number system of the start.
    problem, network
        Must agree on the number of agents; the network, which may change with the iteration, is converted to the
        number system of the start.
    steps
        Number of iterations, positive. Nothing is computed after the last recorded one.
    x0, y0
        Start: one row ``(p,)``, one per agent ``(n, p)``, or one per replica ``(R, n, p)``; by default
        the problem's own start. The number system of ``x0`` (else of ``y0``) decides that of the run.
    noise
        Noise model; none by default.
    activity
        Who takes part in an iteration; everyone by default. An algorithm that speaks of sleep asks
        (`Gossip.active`); with any other an agent that sleeps keeps all that it has.
    seed, replicas
        Replica ``r`` draws from a stream that depends on ``seed`` and ``r`` only.
    record
        See `recorded_steps`. Memory grows with what is recorded, not with ``steps``.
    metrics
        Names from `spiritlevel.core.metrics.METRICS`, or functions by name.
    progress
        Called as ``progress(done, total)``, at most about 200 times.
    jobs
        Worker processes. Replicas are computed in blocks of 64 whatever the number, so the result is the
        same to the last bit.
    limit
        A run whose iterates exceed this in magnitude, or are not finite, stops and says so; no such
        iteration is recorded.
    keep_on_interrupt
        On Ctrl-C return what is finished, with ``stopped`` saying so: the iterations recorded so far, or,
        with several blocks, the replicas that are done. Otherwise `KeyboardInterrupt` passes through.

    Raises
    ------
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.interact import Interact
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2)
    >>> trace = run(Interact(), problem, named("ring:4"), steps=3, record="all")
    >>> trace.x.shape
    (1, 4, 4, 2)
    """
    algorithm.require(problem, network.at(1))
    for name, value in (("steps", steps), ("replicas", replicas), ("jobs", jobs)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name} is {value!r}; give a whole number >= 1")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed is {seed!r}; give a whole number >= 0")
    if not limit > 0:
        raise InputError(f"limit is {limit}; give a number > 0")
    start = problem.start()
    x = _start("x0", x0, start[0], (replicas, problem.n, problem.p))
    y = _start("y0", y0, start[1], (replicas, problem.n, problem.q))
    field = field_of(x if x0 is not None or y0 is None else y)
    if field_of(start[0]) != field:
        problem = problem.over(field)
    x, y = (z if field_of(z) == field else convert(z, field) for z in (x, y))
    task = Task(
        algorithm=algorithm.over(field),
        problem=problem,
        network=network.over(field),
        activity=activity,
        noise=noise if noise is not None else Exact(),
        seed=int(seed),
        record=recorded_steps(steps, record),
        metrics=_chosen(metrics),
        limit=limit,
        keep_on_interrupt=keep_on_interrupt,
    )
    blocks = [range(k, min(k + BLOCK, replicas)) for k in range(0, replicas, BLOCK)]
    pieces: list[Piece] = []
    try:
        for piece in _pieces(task, x, y, blocks, jobs, progress):
            if piece.interrupted and pieces:
                break
            pieces.append(piece)
            if piece.interrupted:
                break
    except KeyboardInterrupt:
        if not (keep_on_interrupt and pieces):
            raise
    return _join(task, pieces, algorithm.name, replicas)


def _pieces(
    task: Task, x: Array, y: Array, blocks: list[range], jobs: int, progress: Progress | None
) -> Iterator[Piece]:
    """The blocks' results in their order, one by one as they are done."""
    if jobs == 1 or len(blocks) == 1:
        for k, b in enumerate(blocks):
            part = _part(progress, k, len(blocks))
            yield run_block(task, x[b.start : b.stop], y[b.start : b.stop], b, part)
        return
    from joblib import Parallel, delayed

    total, every = int(task.record[-1]), -(-len(blocks) // 200)
    results = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(run_block)(task, x[b.start : b.stop], y[b.start : b.stop], b, None) for b in blocks
    )
    for done, piece in enumerate(results, start=1):
        yield piece
        if progress is not None and (done % every == 0 or done == len(blocks)):
            progress(done * total // len(blocks), total)


def _start(name: str, given: Any, default: Array, shape: tuple[int, int, int]) -> Array:
    value = default if given is None else np.asarray(given)
    if value.dtype != object:
        if value.dtype.kind not in "iufc":
            raise InputError(f"{name} holds entries of type {value.dtype}; give numbers")
        value = convert(value, "complex" if np.iscomplexobj(value) else "float")
        if not finite(value):
            raise InputError(f"{name} has an entry that is not finite; give finite numbers")
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        raise InputError(
            f"{name} has shape {value.shape}; give {shape[2:]}, {shape[1:]} or {shape}"
        ) from None


def _chosen(metrics: Iterable[str] | Mapping[str, Metric]) -> Mapping[str, Metric]:
    if isinstance(metrics, Mapping):
        return metrics
    from spiritlevel.core.errors import unknown

    for name in (names := list(metrics)):
        if name not in METRICS:
            raise unknown("metric", name, METRICS)
    return {name: METRICS[name] for name in names}


def _part(progress: Progress | None, k: int, blocks: int) -> Progress | None:
    """What block k of several calls in the place of ``progress``: its share of at most about 200 calls."""
    if progress is None:
        return None

    def part(done: int, total: int) -> None:
        every = -(-total * blocks // 200)
        if (k * total + done) % every == 0 or (k == blocks - 1 and done == total):
            progress((k * total + done) // blocks, total)

    return part


def _join(task: Task, pieces: list[Piece], algorithm: str, replicas: int) -> Trace:
    kept = min(piece.x.shape[1] for piece in pieces)  # a diverged block ends the run for all
    first = min(pieces, key=lambda piece: piece.x.shape[1])
    clocks = [piece.time[:, :kept] for piece in pieces if piece.time is not None]  # of all or none
    done, stopped = sum(piece.x.shape[0] for piece in pieces), first.stopped
    if done < replicas:
        stopped = f"interrupted: {done} of {replicas} replicas are kept" + (f"; {stopped}" if stopped else "")
    return Trace(
        algorithm=algorithm,
        problem=task.problem.name,
        network=task.network.name,
        seed=task.seed,
        t=task.record[:kept],
        x=np.concatenate([piece.x[:, :kept] for piece in pieces]),
        y=np.concatenate([piece.y[:, :kept] for piece in pieces]),
        metrics={
            name: np.concatenate([piece.metrics[name][:, :kept] for piece in pieces]) for name in task.metrics
        },
        counts={name: count[:kept] for name, count in first.counts.items()},
        time=np.concatenate(clocks) if clocks else None,
        stopped=stopped,
    )
