"""``spiritlevel report``: everything that was found, as a page."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiritlevel.cli.check import Effort
from spiritlevel.cli.output import progress, ready, ready_folder
from spiritlevel.cli.planted import put
from spiritlevel.cli.statements import Patterns
from spiritlevel.cli.workers import DaskOption, JobsOption, workers
from spiritlevel.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(StrEnum):
    """What is written."""

    html = "html"
    md = "md"
    json = "json"


NAMES = {Form.html: "index.html", Form.md: "report.md", Form.json: "report.json"}


class Drawing(StrEnum):
    """Of separate figures."""

    svg = "svg"
    pdf = "pdf"
    png = "png"


def report(
    out: Annotated[str, typer.Option(metavar="FOLDER", help="Write here; made if it is not there.")],
    patterns: Patterns = None,
    level: Annotated[Effort, typer.Option(help="How hard to look.")] = Effort.quick,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    form: Annotated[
        list[Form] | None, typer.Option("--format", help="html (the default), md or json; repeatable.")
    ] = None,
    figures: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Write every figure here too, as a file of its own.")
    ] = None,
    figure_format: Annotated[Drawing, typer.Option(help="Of these files.")] = Drawing.pdf,
    planted: Annotated[
        bool,
        typer.Option(
            "--planted",
            help="Put the planted errors to these claims too; all take twenty minutes on two cores.",
        ),
    ] = False,
) -> None:
    """Write a report of all claims that opens without a network.

    Findings are kept in FOLDER/findings, trials of planted errors in FOLDER/planted: those whose inputs did not
    change are used again, and after Ctrl-C or a kill the same command goes on where it was.

    Exit code 0: all verdicts are as recorded; 1: one differs; 2: wrong usage; 130: interrupted, or workers lost.

    \b
    Examples:
      spiritlevel report --out report
      spiritlevel report 'slam/*' --out report --format html --format json --level full
      spiritlevel report 'rabo/*' --out report --planted --dask 127.0.0.1:8786
    """
    import spiritlevel
    from spiritlevel.reports.contents import contents
    from spiritlevel.reports.kept import Kept
    from spiritlevel.reports.kills import by_statement
    from spiritlevel.reports.trials import Trials
    from spiritlevel.theory.ledger import select
    from spiritlevel.theory.planted import pairs
    from spiritlevel.theory.spread import Lost

    ready_folder(figures, "--figures")
    forms = form or [Form.html]
    _ready(forms)
    chosen = select(patterns or [])
    _room(out, forms)
    kept = Kept(Path(out) / "findings", level.value)
    trials = Trials(Path(out) / "planted", level.value)
    rows, todo = kept.split(chosen)
    known, tasks = trials.split(pairs(chosen)) if planted or trials.folder.is_dir() else ([], [])
    reused, tested = len(rows), len(known)
    interrupted = ""
    try:
        team = workers(jobs, len(todo) + len(tasks) * planted, dask)
        with progress("judging", len(chosen)) as tick:
            for made in kept.judged(todo, jobs=team, dask=dask):
                rows.append(made)
                tick(len(rows), f"{made['statement']['id']} {made['finding']['verdict']}")
        if planted:
            # the cheap ones first: they catch most, and an interrupted report has them
            seconds = {made["statement"]["id"]: made["finding"]["seconds"] for made in rows}
            tasks.sort(key=lambda task: float(seconds[task[1][0].id]))
            put(trials, tasks, known, jobs=team, dask=dask)
    except (KeyboardInterrupt, Lost) as stopped:
        interrupted = str(stopped) or "interrupted"
    missing = len(chosen) - len(rows)
    document = contents(
        rows, level=level.value, missing=missing, version=spiritlevel.__version__, kills=by_statement(known)
    )
    if Form.html in forms:
        try:
            _drawings(rows, out, jobs)
        except (KeyboardInterrupt, Lost) as stopped:
            print(
                f"{str(stopped) or 'interrupted'}; the page is not drawn; the same command goes on",
                file=sys.stderr,
            )
            raise typer.Exit(130) from stopped
    for name in _write(document, out, forms):
        print(f"written to {name}")
    if figures is not None:
        print(_draw(rows, figures, figure_format.value))
    print(f"{len(rows)} statements, {reused} of them kept from before")
    if known:
        print(f"{len(known)} trials of planted errors, {tested} of them kept from before")
    untried = tested + len(tasks) - len(known)
    if interrupted:
        left = f"{missing} not judged" + (f", {untried} trials not made" if planted else "")
        print(f"{interrupted}; {left}; the same command goes on", file=sys.stderr)
        raise typer.Exit(130)
    if untried:
        print(f"{untried} trials of planted errors are new or outdated; --planted makes them")
    raise typer.Exit(1 if document["different"] else 0)


def _ready(forms: list[Form]) -> None:
    """Refuse, before any work is done, pages that could not be written afterwards."""
    missing = [name for name in ("jinja2", "latex2mathml", "matplotlib") if find_spec(name) is None]
    if missing and set(forms) != {Form.json}:
        raise InputError(
            f"pages need {' and '.join(missing)}; install spiritlevel with the extra 'report', or ask for "
            "--format json alone"
        )


def _room(out: str, forms: list[Form]) -> None:
    """Make the folder, and refuse one that could not be written to afterwards."""
    from spiritlevel.reports.kept import folder

    if not out:
        raise InputError("--out is empty; give the name of a folder, '.' for this one")
    try:
        for part in ("", "findings", *["drawings"] * (Form.html in forms)):
            ready_folder(folder(Path(out) / part), "--out")
    except InputError as error:
        raise InputError(f"--out is {out!r}: {error}") from error
    for form in forms:
        ready(Path(out) / NAMES[form], "--out")


def _write(document: Mapping[str, Any], out: str, forms: list[Form]) -> list[Path]:
    from spiritlevel.core.files import save_json, save_text

    names = []
    for form in dict.fromkeys(forms):
        name = Path(out) / NAMES[form]
        if form is Form.json:
            save_json(name, document)
        else:
            from spiritlevel.reports import page
            from spiritlevel.reports.drawings import Drawings

            drawn = Drawings(Path(out) / "drawings").inline
            save_text(name, page.html(document, drawn) if form is Form.html else page.markdown(document))
        names.append(name)
    return names


def _drawings(rows: list[dict[str, Any]], out: str, jobs: int | None) -> None:
    """Draw the page's figures that are not kept, on workers."""
    from spiritlevel.reports.drawings import Drawings
    from spiritlevel.reports.page import named_figures

    drawings = Drawings(Path(out) / "drawings")
    todo = drawings.missing(wanted for made in rows for wanted in named_figures(made))
    with progress("drawing", len(todo)) as tick:
        for done, _ in enumerate(drawings.draw(todo, jobs=workers(jobs, len(todo))), start=1):
            tick(done, "")


def _draw(rows: list[dict[str, Any]], folder: str, form: str) -> str:
    """Write every figure as a file, and say how many there are."""
    from spiritlevel.reports.documents import stem
    from spiritlevel.reports.figures import draw
    from spiritlevel.theory import plots

    count = 0
    for made in rows:
        for k, figure in enumerate(made["finding"]["figures"], start=1):
            draw(plots.read(figure), Path(folder) / f"{stem(made['statement']['id'])}-{k}.{form}")
            count += 1
    if not count:
        return f"none of these {len(rows)} statements has a figure; nothing was written to {folder}"
    return f"{count} {'figure' if count == 1 else 'figures'} written to {folder}"
