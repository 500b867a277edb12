"""Worker processes: how many, and that Ctrl-C is left to the process that started them."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

FEW = 5  # tasks; for fewer, starting processes takes longer than it saves

JobsOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Worker processes; by default 2, or 1 for a few tasks.")
]


def workers(given: int | None, tasks: int) -> int:
    """Start as many processes as asked for, by default at most two, and return their number; 1 starts none."""
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
