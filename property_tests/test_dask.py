"""Checks on a real cluster of two worker processes: the same findings, also where workers die."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import spiritlevel
from spiritlevel.cli.main import app
from spiritlevel.core.errors import InputError
from spiritlevel.theory import cluster
from spiritlevel.theory import judge as judging
from spiritlevel.theory.fingerprint import installed
from spiritlevel.theory.judge import Judgement, judge, judge_all
from spiritlevel.theory.ledger import select, statements
from spiritlevel.theory.planted import pairs, plant
from spiritlevel.theory.spread import Lost, spread
from spiritlevel.theory.statement import Context, Finding, Statement

distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="workers are killed by signals")

# Of all papers; two of them sample.
CHOSEN = (
    "argus/cut-validity",
    "dsbo/assumptions-contradict",
    "interact/mix",
    "interact/mix-repaired",
    "interact/thm1",
    "interact/tracking",
    "interact/fig4-early",
    "interact/noise",
    "rabo/alg1-server-sign",
    "slam/tau-condition",
)
LOOPBACK = {
    "host": "127.0.0.1",
    "dashboard_address": "127.0.0.1:0",
    "worker_dashboard_address": "127.0.0.1:0",
}


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    """Two processes on the loopback; a call whose worker dies is suspected at once, which spares restarts."""
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **LOOPBACK) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    return {s.id: told(judge(s)) for s in select(CHOSEN)}


def told(judgement: Judgement) -> dict[str, Any]:
    """All that a finding says but the time it took."""
    return {key: value for key, value in judgement.to_json().items() if key != "seconds"}


def by_id(judgements: Iterator[Judgement]) -> dict[str, Any]:
    return {j.statement.id: told(j) for j in judgements}


def fatal(name: str) -> Statement:
    """A statement whose check ends its worker, every time."""

    def check(ctx: Context) -> Finding:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    return dataclasses.replace(statements()["interact/mix"], id=name, check=check)


def test_findings_are_those_of_one_process(workers: Any, here: dict[str, Any]) -> None:
    assert sum(s.samples for s in select(CHOSEN)) == 2
    found = spiritlevel.check(*CHOSEN, dask=workers.scheduler_address)
    assert {j.statement.id: told(j) for j in found} == here


def test_a_worker_killed_midway_loses_nothing(workers: Any, here: dict[str, Any]) -> None:
    found = judge_all(select(CHOSEN), dask=workers.scheduler_address)
    first = next(found)
    os.kill(next(nanny.pid for nanny in workers.workers.values() if nanny.pid), signal.SIGKILL)
    assert by_id(found) | {first.statement.id: told(first)} == here


def test_a_check_that_ends_its_workers_is_a_crashed_row(workers: Any, here: dict[str, Any]) -> None:
    chosen = [fatal("interact/fatal"), *select(CHOSEN[:4])]
    found = by_id(judge_all(chosen, dask=workers.scheduler_address))
    row = found.pop("interact/fatal")
    assert (row["verdict"], row["method"]) == ("inconclusive", "none")
    assert "it ended every worker that it was given to" in row["summary"]
    assert found == {id: here[id] for id in CHOSEN[:4]}


def test_planted_errors_are_caught_there_too(workers: Any) -> None:
    tasks = pairs(select(["interact/tracking"]))[:3]
    there, at_home = (
        sorted((t.planted.name, t.killed) for trials in plant(tasks, dask=address) for t in trials)
        for address in (workers.scheduler_address, None)
    )
    assert there == at_home
    assert any(killed for _, killed in there)


def test_what_is_interrupted_is_dropped_by_the_cluster(workers: Any) -> None:
    def slow(ctx: Context) -> Finding:
        import time

        for _ in range(100):
            time.sleep(0.01)
        raise AssertionError

    mix = statements()["interact/mix"]
    chosen = [mix, *(dataclasses.replace(mix, id=f"interact/slow-{k}", check=slow) for k in range(20))]
    found = judge_all(chosen, dask=workers.scheduler_address)
    next(found)
    with pytest.raises(KeyboardInterrupt):
        found.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    until = time.monotonic() + 15
    while workers.scheduler.tasks and time.monotonic() < until:
        time.sleep(0.01)
    assert not workers.scheduler.tasks


def refused(*arguments: str, words: str) -> None:
    found = CliRunner().invoke(app, ["check", "interact/mix", *arguments])
    assert found.exit_code == 2, found.output
    assert words in found.stderr
    assert found.stderr.count("\n") == 1


def test_workers_that_would_judge_otherwise_are_refused(
    workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = workers.scheduler_address
    ours = installed()
    monkeypatch.setattr(cluster, "installed", lambda: ours | {"numpy": "0.1"})
    refused("--dask", address, words=f"has numpy {ours['numpy']} and here is 0.1; install the same there")
    monkeypatch.undo()
    with distributed.Client(address, set_as_default=False) as client:

        def hide() -> None:
            import sys

            name = "spiritlevel.theory.fingerprint"
            vars(sys)["hidden"], sys.modules[name] = sys.modules.get(name), None  # type: ignore[assignment]

        def show() -> None:
            import sys

            sys.modules["spiritlevel.theory.fingerprint"] = vars(sys).pop("hidden")

        client.run(hide)
        try:
            refused("--dask", address, words="cannot import this spiritlevel")
        finally:
            client.run(show)


def test_a_cluster_that_cannot_be_used_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "REACHED", 0.3)
    with socket.socket() as free:  # bound but not listening
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        refused("--dask", address, words=f"no dask scheduler can be reached at '{address}'")
        free.listen()  # something that never answers
        refused("--dask", address, words=f"no dask scheduler can be reached at '{address}'")
    refused("--dask", "nonsense", words="no dask scheduler can be reached at 'nonsense'")
    refused("--dask", "127.0.0.1:1", "--jobs", "2", words="--jobs is 2 beside --dask")
    with pytest.raises(InputError, match="jobs is 2 beside dask"):
        spiritlevel.check("interact/mix", jobs=2, dask="127.0.0.1:1")
    with distributed.LocalCluster(n_workers=0, **LOOPBACK) as empty:
        refused("--dask", empty.scheduler_address, words="has no workers; start some with `dask worker")
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused("--dask", "127.0.0.1:1", words="install spiritlevel with the extra 'dask'")


def test_lost_workers_leave_what_they_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = judging.judge_all

    def stopped(*args: Any, **kwargs: Any) -> Iterator[Judgement]:
        yield next(real(*args, **kwargs))
        raise Lost("the connection is lost")

    monkeypatch.setattr(judging, "judge_all", stopped)
    found = CliRunner().invoke(app, ["check", "interact/mix*"])
    assert found.exit_code == 130
    assert "the connection is lost; 1 not judged" in found.stderr
    assert "1 statement: 1 refuted" in found.stdout


def test_a_process_of_this_machine_that_dies_is_one_sentence() -> None:
    def end(call: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return call

    with pytest.raises(Lost, match="a worker process died"):
        list(spread(end, [1, 2], lambda call, why: call, jobs=2))
