"""``spiritlevel check``: put statements to their checks."""

from __future__ import annotations

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spiritlevel.cli.output import JsonOption, deliver, progress, ready, ready_folder
from spiritlevel.cli.statements import Patterns
from spiritlevel.cli.workers import DaskOption, JobsOption, workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from spiritlevel.theory.judge import Judgement


class Effort(StrEnum):
    """How hard the checks look."""

    quick = "quick"
    full = "full"


def check(
    patterns: Patterns = None,
    level: Annotated[Effort, typer.Option(help="How hard to look.")] = Effort.quick,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    json: JsonOption = None,
    witnesses: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Save every witness here, for `spiritlevel verify`.")
    ] = None,
    figures: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Draw the figures of all findings here, as SVG.")
    ] = None,
) -> None:
    """Judge the claims and compare with the recorded verdicts.

    Exit code 0: all verdicts are as recorded; 1: one differs; 2: wrong usage; 130: interrupted, or workers lost.

    \b
    Examples:
      spiritlevel check 'interact/*' --jobs 2 --json findings.json
      spiritlevel check --dask 127.0.0.1:8786
    """
    from spiritlevel.reports import documents
    from spiritlevel.reports.figures import draw
    from spiritlevel.theory.judge import judge, judge_all
    from spiritlevel.theory.ledger import select
    from spiritlevel.theory.spread import Lost

    ready(json, "--json")
    ready_folder(witnesses, "--witnesses")
    ready_folder(figures, "--figures")
    chosen = select(patterns or [])
    start = time.perf_counter()
    todo = [s for s in chosen if s.check is not None]
    done = [judge(s) for s in chosen if s.check is None]
    unchecked = len(done)
    interrupted = ""
    try:
        with progress("judging", len(todo)) as tick:
            team = workers(jobs, len(todo), dask)
            for judgement in judge_all(todo, level.value, jobs=team, dask=dask):
                done.append(judgement)
                found = judgement.finding.verdict
                tick(len(done) - unchecked, f"{judgement.statement.id} {found} ({judgement.seconds:.1f} s)")
    except (KeyboardInterrupt, Lost) as stopped:
        interrupted = str(stopped) or "interrupted"
    seconds = time.perf_counter() - start
    for judgement in done:
        if witnesses is not None and judgement.finding.witness is not None:
            judgement.finding.witness.save(
                Path(witnesses) / f"{judgement.statement.id.replace('/', '-')}.json"
            )
        for k, figure in enumerate(judgement.finding.figures if figures is not None else (), start=1):
            draw(figure, Path(figures or "") / f"{judgement.statement.id.replace('/', '-')}-{k}.svg")
    deliver(
        documents.findings(done, interrupted=bool(interrupted)),
        json,
        lambda out: _view(out, done, seconds, len(chosen) - len(done)),
    )
    if interrupted:
        print(f"{interrupted}; {len(chosen) - len(done)} not judged", file=sys.stderr)
        raise typer.Exit(130)
    raise typer.Exit(0 if all(j.as_recorded for j in done) else 1)


def _view(out: Console, done: Sequence[Judgement], seconds: float, missing: int) -> None:
    from spiritlevel.reports import tables
    from spiritlevel.theory.judge import budget
    from spiritlevel.theory.statement import Verdict

    judged = [j for j in done if j.finding.verdict is not Verdict.UNCHECKED]
    if judged or not done:
        out.print(tables.findings(judged, out.width))
        out.print()
    if len({j.statement.variant for j in done}) > 1:
        out.print(tables.by_variant(done))
        out.print()
    out.print(tables.verdict_counts(done, missing))
    if any(j.statement.samples for j in done):
        out.print(str(budget()))
    out.print(f"{seconds:.1f} s")
