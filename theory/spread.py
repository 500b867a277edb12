"""Putting calls to workers: this process, processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

C = TypeVar("C")
R = TypeVar("R")


class Lost(Exception):
    """The workers are gone before all calls were answered; the message is one sentence that says why."""


def spread(
    function: Callable[[C], R],
    calls: Iterable[C],
    failed: Callable[[C, str], R],
    *,
    jobs: int = 1,
    dask: str | None = None,
) -> Iterator[R]:
    """Yield ``function(call)`` for every call when it is there; the order is that of completion.

    Parameters
    ----------
    function
        Of one argument; it and the calls must be picklable where there are workers.
    calls
        Its arguments.
    failed
        The answer to a call that ends every worker of a cluster that it is given to; with the reason.
    jobs
        Processes of this machine; 1 is this process.
    dask
        Address of a cluster's scheduler, in place of processes.

    Raises
    ------
    InputError
        If the cluster cannot be used, before any call.
    Lost
        If the workers are gone; all answers that they gave have been yielded.

    Examples
    --------
    >>> list(spread(abs, [-2, 3], lambda call, why: call))
    [2, 3]
    """
    if dask is not None:
        from spiritlevel.theory.cluster import answers

        yield from answers(function, calls, failed, dask)
    elif jobs == 1:
        yield from map(function, calls)
    else:
        from joblib import Parallel, delayed

        try:
            yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(
                delayed(function)(call) for call in calls
            )
        except BrokenProcessPool as error:
            raise Lost(f"a worker process died ({str(error).partition('.')[0]})") from error
