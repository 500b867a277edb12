"""Workers: how many processes, or which cluster; Ctrl-C is left to the process that started them."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from spiritlevel.core.errors import InputError

FEW = 5  # tasks; for fewer, starting processes takes longer than it saves

JobsOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Worker processes; by default 2, or 1 for a few tasks.")
]

DaskOption = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Use this dask.distributed cluster: its scheduler's HOST:PORT."),
]


def workers(given: int | None, tasks: int, dask: str | None = None) -> int:
    """Start as many processes as asked for, by default at most two, and return their number; 1 starts none.

    None are started beside a cluster.

    Raises
    ------
    InputError
        If both a number and a cluster are given.
    """
    if dask is not None:
        if given is not None:
            raise InputError(
                f"--jobs is {given} beside --dask, whose cluster has its own workers; leave out one of them"
            )
        return 1
    jobs = given or (1 if tasks < FEW else min(2, os.cpu_count() or 1))
    if jobs > 1:
        start(jobs)
    return jobs


def start(jobs: int) -> None:
    """Start joblib's processes, which it uses again later, so that they do not hear Ctrl-C.

    A terminal sends it to all processes at once; workers that hear it print tracebacks while they end.
    What the starting process ignores is ignored in those that it starts.
    """
    from joblib import Parallel, delayed

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        started = Parallel(n_jobs=jobs, return_as="generator")(delayed(int)() for _ in range(jobs))
    finally:
        signal.signal(signal.SIGINT, before)
    for _ in started:
        pass
