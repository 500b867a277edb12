"""``spiritlevel planted``: do the claims notice wrong versions of the algorithms?"""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from spiritlevel.cli.check import Effort
from spiritlevel.cli.output import JsonOption, deliver, progress, ready, ready_folder
from spiritlevel.cli.workers import DaskOption, JobsOption, workers
from spiritlevel.core.errors import unknown

if TYPE_CHECKING:
    from rich.console import Console

    from spiritlevel.reports.trials import Trials
    from spiritlevel.theory.planted import Planted, Task, Trial


def planted(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATTERN]...", help="Planted errors such as 'interact/stale-*'; all if none."
        ),
    ] = None,
    level: Annotated[Effort, typer.Option(help="How hard the checks look.")] = Effort.quick,
    first: Annotated[
        bool, typer.Option("--first", help="Ask claims about an error only until one catches it.")
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Keep trials here, use those whose inputs did not change again."),
    ] = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    json: JsonOption = None,
) -> None:
    """Put small wrong versions of the algorithms to the claims, and print which claim catches which.

    All errors and claims take about twenty minutes on two cores; with --first, one minute.

    Exit code 0: each is caught by a verdict; 1: one survives; 2: wrong usage; 130: interrupted, or workers lost.

    \b
    Examples:
      spiritlevel planted 'interact/stale-*'
      spiritlevel planted --first
      spiritlevel planted 'slam/*' --keep report/planted
    """
    from tempfile import TemporaryDirectory

    from spiritlevel.reports import kills
    from spiritlevel.reports.trials import Trials
    from spiritlevel.theory.spread import Lost

    ready(json, "--json")
    ready_folder(keep, "--keep")
    chosen = _select(patterns or [])
    interrupted = ""
    with TemporaryDirectory() as folder:
        trials = Trials(keep or folder, level.value)
        known, todo = trials.split(_tasks(chosen, first))
        reused = len(known)
        try:
            put(trials, todo, known, jobs=workers(jobs, len(todo), dask), dask=dask)
        except (KeyboardInterrupt, Lost) as stopped:
            interrupted = str(stopped) or "interrupted"
    survivors = kills.survivors(chosen, known)

    def view(out: Console) -> None:
        out.print(kills.matrix(known, out.width))
        out.print()
        if keep is not None:
            out.print(f"{len(known)} trials, {reused} of them kept from before")
        if interrupted:
            return
        if survivors:
            out.print(f"{len(survivors)} of {len(chosen)} survive: {', '.join(survivors)}", style="bold red")
        else:
            out.print(f"{len(chosen)} planted errors: all caught", style="green")

    deliver(kills.document(known), json, view)
    if interrupted:
        left = sum(len(asked) for _, asked in todo) - (len(known) - reused)
        more = "; the same command goes on" if keep is not None else ""
        print(f"{interrupted}; {left} trials not made{more}", file=sys.stderr)
        raise typer.Exit(130)
    raise typer.Exit(1 if survivors else 0)


def _select(patterns: Sequence[str]) -> list[Planted]:
    from spiritlevel.reports.kills import label
    from spiritlevel.theory.planted import planted

    known = {label(p): p for p in planted()}
    if not patterns:
        return list(known.values())
    chosen: dict[str, Planted] = {}
    for pattern in patterns:
        matched = {name: p for name, p in known.items() if fnmatch.fnmatchcase(name, pattern)}
        if not matched:
            raise unknown("planted error", pattern, known)
        chosen |= matched
    return list(chosen.values())


def _tasks(chosen: Sequence[Planted], first: bool) -> Iterator[Task]:
    from spiritlevel.theory.planted import examiners

    for p in chosen:
        asked = examiners(p)
        if first:
            yield p, sorted(asked, key=lambda s: s.kind != "identity")  # those see most, and soon
        else:
            yield from ((p, [s]) for s in asked)


def put(trials: Trials, todo: Sequence[Task], made: list[Trial], *, jobs: int, dask: str | None) -> None:
    """Make trials under a bar and add them as they come; a remark says when an error is first caught.

    Raises
    ------
    InputError, Lost
        As `spiritlevel.theory.judge.judge_all`.
    """
    from spiritlevel.reports.kills import label

    caught = {label(t.planted) for t in made if t.killed}
    with progress("planting", len(todo)) as tick:
        for done, new in enumerate(trials.made(todo, jobs=jobs, dask=dask), start=1):
            made += new
            found = [t for t in new if t.killed and label(t.planted) not in caught]
            caught |= {label(t.planted) for t in found}
            tick(
                done,
                f"{label(found[0].planted)} caught by {found[0].judgement.statement.id}" if found else "",
            )
