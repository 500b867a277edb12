"""Calls on an existing cluster of dask.distributed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from spiritlevel.core.errors import InputError
from spiritlevel.theory.fingerprint import installed
from spiritlevel.theory.spread import Lost

C = TypeVar("C")
R = TypeVar("R")

REACHED = 5.0  # seconds for a scheduler to answer
MANNED = 60.0  # seconds without any worker after which none is expected any more
_ALONE = threading.Lock()


def answers(
    function: Callable[[C], R], calls: Iterable[C], failed: Callable[[C, str], R], address: str
) -> Iterator[R]:
    """Yield ``function(call)`` for every call when it is there.

    A call whose worker dies is given to another. One during which several died is put to the cluster again
    by itself, since the scheduler blames all calls that waited at a worker; if its workers die again, what
    ``failed`` makes of it is its answer.

    Parameters
    ----------
    function, calls, failed
        As in `spiritlevel.theory.spread.spread`. The scheduler needs nothing but dask.
    address
        Of the scheduler: ``127.0.0.1:8786``, ``tls://..``.

    Raises
    ------
    InputError
        If distributed is not installed, nothing answers, or a worker would not judge as this process does.
    Lost
        If the scheduler, or every worker, is gone.
    """
    client = _client(address)
    log = logging.getLogger("distributed.client")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what it would say of a lost connection, `Lost` says
    try:
        task = _task(function, _agreed(client, address))
        suspects = []
        for call, future in _done(client, task, list(calls), address):
            if _died(future):
                suspects.append(call)
            else:
                yield _answer(call, future, failed, address)
        for suspect in suspects:
            for call, future in _done(client, task, [suspect], address):
                yield _answer(call, future, failed, address)
    finally:
        with contextlib.suppress(OSError, CancelledError):  # it may be gone
            client.close()  # what nobody waits for any more is dropped by the scheduler
        log.setLevel(level)


def _client(address: str) -> Any:
    """A connection; a server that is no scheduler would keep distributed's own client waiting for ever."""
    try:
        from distributed import Client, Security
        from distributed.core import rpc
    except ImportError as error:
        raise InputError("a cluster needs distributed; install spiritlevel with the extra 'dask'") from error

    async def kind() -> Any:
        arguments = Security().get_connection_args("scheduler")
        async with rpc(address, timeout=REACHED, connection_args=arguments) as server:
            return (await asyncio.wait_for(server.identity(), REACHED + 1))[
                "type"
            ]  # connecting ends before that

    try:
        with ThreadPoolExecutor(1) as aside:  # here an event loop may be running, as in a notebook
            found = aside.submit(lambda: asyncio.run(kind())).result()
        if found != "Scheduler":
            raise ValueError(f"a {found} answers there")
        return Client(address, timeout=REACHED, set_as_default=False)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        why = str(error) or f"nothing answers within {REACHED:g} s"
        raise InputError(
            f"no dask scheduler can be reached at {address!r}: {why}; give the address that `dask scheduler` prints, "
            "such as 127.0.0.1:8786"
        ) from error


def _agreed(client: Any, address: str) -> dict[str, str]:
    """What all workers have installed, which is what this process has."""
    try:
        client.wait_for_workers(1, timeout=REACHED)
    except TimeoutError as error:
        raise InputError(
            f"the cluster at {address!r} has no workers; start some with `dask worker {address}`"
        ) from error

    def theirs() -> dict[str, str]:  # written inside, so that it is sent whole
        from spiritlevel.theory.fingerprint import installed

        return installed()

    ours = installed()
    for worker, found in client.run(theirs, on_error="return").items():
        if isinstance(found, ImportError):
            raise InputError(
                f"the worker {worker} cannot import this spiritlevel ({found}); install the same version there"
            )
        for name, version in ours.items():
            if isinstance(found, dict) and found.get(name) != version:  # else it is just going away
                raise InputError(
                    f"the worker {worker} has {name} {found.get(name)} and here is {version}; "
                    f"install the same there and start it again"
                )
    return ours


def _task(function: Callable[[C], R], expected: dict[str, str]) -> Callable[[C], tuple[Any, bytes]]:
    """What is sent for a call: bytes, and a function that is sent whole, so that a scheduler imports nothing."""
    from distributed.protocol import pickle

    def run(sent: bytes) -> Any:
        from distributed.protocol import pickle

        work, *arguments = pickle.loads(sent)
        return work(*arguments)

    return lambda call: (run, pickle.dumps((work, expected, function, call)))


def work(expected: dict[str, str], function: Callable[[C], R], call: C) -> R:
    """On a worker: one call at a time, as checks keep what they computed in tables that threads would share.

    Examples
    --------
    >>> work(installed(), abs, -1)
    1
    """
    if installed() != expected:
        raise RuntimeError("this worker joined late and has another spiritlevel or other libraries")
    with _ALONE:
        return function(call)


def _done(client: Any, task: Any, calls: list[C], address: str) -> Iterator[tuple[C, Any]]:
    """Every call with its future when that is no longer pending."""
    queue: SimpleQueue[Any] = SimpleQueue()
    waiting = {}
    for call in calls:
        future = client.submit(*task(call), pure=False)
        waiting[future.key] = call
        future.add_done_callback(queue.put)  # holds the future too
    while waiting:
        future = _patiently(client, queue.get, address)
        if future.status not in ("finished", "error"):
            raise Lost(f"the connection to the scheduler at {address!r} is lost")
        yield waiting.pop(future.key), future


def _answer(call: C, future: Any, failed: Callable[[C, str], R], address: str) -> R:
    if future.status == "error":
        error = future.exception()
        why = (
            "it ended every worker that it was given to"
            if _died(future)
            else f"{type(error).__name__}: {error}"
        )
        return failed(call, why)
    answer: R = _patiently(future.client, future.result, address)  # again if its worker died meanwhile
    return answer


def _died(future: Any) -> bool:
    from distributed import KilledWorker

    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _patiently(client: Any, get: Callable[..., Any], address: str) -> Any:
    """What ``get`` returns, for as long as there are workers that it could come from."""
    until = time.monotonic() + MANNED
    while True:
        try:
            return get(timeout=1.0)
        except (Empty, TimeoutError):
            if _manned(client):
                until = time.monotonic() + MANNED
            elif time.monotonic() > until:
                raise Lost(f"for {MANNED:.0f} s there has been no worker at {address!r}") from None
        except CancelledError:
            raise Lost(f"the connection to the scheduler at {address!r} is lost") from None


def _manned(client: Any) -> bool:
    try:
        return bool(client.nthreads())
    except OSError:
        return False
