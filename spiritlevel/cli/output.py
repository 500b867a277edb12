"""Where output goes: tables to standard output, progress and remarks to standard error, data to files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiritlevel.core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 160  # of tables in files and pipes, where no terminal says how wide it is

JsonOption = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the data as JSON too; '-' prints only JSON."),
]
Tick = Callable[[int, str], None]


def console(*, stderr: bool = False) -> Console:
    """A console for tables and plain sentences; control codes only where a terminal shows them."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = PLAIN_WIDTH
    return made


def ready(path: str | Path | None, option: str, *, suffix: str | None = None) -> None:
    """Refuse, before any work is done, a file that could not be written afterwards.

    Raises
    ------
    InputError
        If the folder is missing or read-only, or the file is a folder or read-only.
    """
    if path is None or (str(path) == "-" and suffix is None):
        return
    target = Path(os.path.realpath(path))
    if suffix is not None and target.suffix != suffix:
        raise InputError(f"{option} is {str(path)!r}; give the name of a file that ends in {suffix}")
    if not os.path.isdir(target.parent):
        raise InputError(f"{option} is {str(path)!r} but there is no folder {str(target.parent)!r}")
    if os.path.isdir(target):
        raise InputError(f"{option} is {str(path)!r}, which is a folder; give the name of a file")
    if not os.access(target if os.path.exists(target) else target.parent, os.W_OK):
        raise InputError(f"{option} is {str(path)!r}, which may not be written; give another name")


def ready_folder(path: str | Path | None, option: str) -> None:
    """Refuse, before any work is done, a folder that is not there or may not be written to."""
    if path is None:
        return
    if not os.path.isdir(path):
        raise InputError(f"{option} is {str(path)!r} but there is no such folder; make it first")
    if not os.access(path, os.W_OK):
        raise InputError(f"{option} is {str(path)!r}, which may not be written to; give another folder")


def deliver(document: Mapping[str, Any], where: str | None, view: Callable[[Console], None]) -> None:
    """Show a view, and write the document if a file is asked for; for ``-`` print the document instead."""
    if where == "-":
        sys.stdout.write(json.dumps(document, allow_nan=False, indent=1) + "\n")
        return
    if where is not None:
        from spiritlevel.core.files import save_json

        save_json(where, document)
    view(console())


@contextmanager
def progress(label: str, total: int) -> Iterator[Tick]:
    """A bar on standard error that ``tick(done, note)`` moves; one line per note where it is no terminal."""
    err = console(stderr=True)
    if not err.is_terminal:
        width = len(str(total))

        def plain(done: int, note: str) -> None:
            if note:
                print(f"[{done:{width}}/{total}] {note}", file=sys.stderr, flush=True)

        yield plain
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(None))
    with Progress(
        *columns, MofNCompleteColumn(), Elapsed(), console=err, transient=True, expand=True
    ) as bars:
        task = bars.add_task(label, total=total)

        def live(done: int, note: str) -> None:
            bars.update(task, completed=done, description=f"{label}, last: {note}" if note else label)

        yield live
