"""``spiritlevel planted``: do the claims notice wrong versions of the algorithms?"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from spiritlevel.cli.check import Effort
from spiritlevel.cli.output import JsonOption, deliver, progress, ready
from spiritlevel.cli.workers import JobsOption, workers
from spiritlevel.core.errors import unknown

if TYPE_CHECKING:
    from rich.console import Console

    from spiritlevel.theory.planted import Planted, Trial
    from spiritlevel.theory.statement import Level


def planted(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATTERN]...", help="Planted errors such as 'interact/stale-*'; all if none."
        ),
    ] = None,
    level: Annotated[Effort, typer.Option(help="How hard the checks look.")] = Effort.quick,
    jobs: JobsOption = None,
    json: JsonOption = None,
) -> None:
    """Put small wrong versions of the algorithms to the claims, and print which claim catches which.

    Exit code 0: each is caught by a verdict; 1: one survives; 2: wrong usage.

    Example: spiritlevel planted 'interact/stale-*'
    """
    from spiritlevel.reports import kills

    ready(json, "--json")
    chosen = _select(patterns or [])
    trials: list[Trial] = []
    with progress("planting", len(chosen)) as tick:
        for k, row in enumerate(_rows(chosen, level.value, workers(jobs, len(chosen)))):
            trials += row
            tick(k + 1, f"{kills.label(row[0].planted)} caught by {len(kills.killers(row))}" if row else "")
    survivors = kills.survivors(trials)

    def view(out: Console) -> None:
        out.print(kills.matrix(trials, out.width))
        out.print()
        if survivors:
            out.print(f"{len(survivors)} of {len(chosen)} survive: {', '.join(survivors)}", style="bold red")
        else:
            out.print(f"{len(chosen)} planted errors: all caught", style="green")

    deliver(kills.document(trials), json, view)
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


def _row(p: Planted, level: Level) -> list[Trial]:
    from spiritlevel.theory.planted import kill_matrix

    return list(kill_matrix([p], level))


def _rows(chosen: Sequence[Planted], level: Level, jobs: int) -> Iterator[list[Trial]]:
    if jobs == 1:
        yield from (_row(p, level) for p in chosen)
        return
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(delayed(_row)(p, level) for p in chosen)
