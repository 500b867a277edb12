"""``spiritlevel report``: everything that was found, as a page."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiritlevel.cli.check import Effort
from spiritlevel.cli.output import progress, ready_folder
from spiritlevel.cli.statements import Patterns
from spiritlevel.cli.workers import JobsOption, workers
from spiritlevel.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(StrEnum):
    """What is written."""

    html = "html"
    md = "md"
    json = "json"


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
    form: Annotated[
        list[Form] | None, typer.Option("--format", help="html (the default), md or json; repeatable.")
    ] = None,
    figures: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Write every figure here too, as a file of its own.")
    ] = None,
    figure_format: Annotated[Drawing, typer.Option(help="Of these files.")] = Drawing.pdf,
    kills: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="What `spiritlevel planted --json FILE` wrote: which errors claims catch."
        ),
    ] = None,
) -> None:
    """Write a report of all claims that opens without a network.

    Findings are kept in FOLDER/findings: those whose inputs did not change are used again, and after Ctrl-C the
    report goes on where it was.

    Exit code 0: all verdicts are as recorded; 1: one differs; 2: wrong usage; 130: interrupted.

    \b
    Examples:
      spiritlevel report --out report
      spiritlevel report 'slam/*' --out report --format html --format json --level full
    """
    import spiritlevel
    from spiritlevel.reports.contents import contents
    from spiritlevel.reports.kept import Kept
    from spiritlevel.theory.ledger import select

    ready_folder(figures, "--figures")
    chosen = select(patterns or [])
    caught = _kills(kills)
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out is {out!r}, which cannot be made a folder: {error.strerror}") from error
    rows: list[dict[str, Any]] = []
    reused = 0
    interrupted = False
    try:
        with progress("judging", len(chosen)) as tick:
            kept = Kept(Path(out) / "findings")
            for made, old in kept.rows(chosen, level.value, jobs=workers(jobs, len(chosen))):
                rows.append(made)
                reused += old
                tick(len(rows), "" if old else f"{made['statement']['id']} {made['finding']['verdict']}")
    except KeyboardInterrupt:
        interrupted = True
    missing = len(chosen) - len(rows)
    document = contents(
        rows, level=level.value, missing=missing, version=spiritlevel.__version__, kills=caught
    )
    for name in _write(document, out, form or [Form.html]):
        print(f"written to {name}")
    if figures is not None:
        print(f"{_draw(rows, figures, figure_format.value)} figures written to {figures}")
    print(f"{len(rows)} statements, {reused} of them kept from before")
    if interrupted:
        print(f"interrupted; {missing} not judged; the same command goes on", file=sys.stderr)
        raise typer.Exit(130)
    raise typer.Exit(1 if document["different"] else 0)


def _write(document: Mapping[str, Any], out: str, forms: list[Form]) -> list[Path]:
    from spiritlevel.core.files import save_json, save_text
    from spiritlevel.reports import page

    names = []
    for form in dict.fromkeys(forms):
        name = Path(out) / {Form.html: "index.html", Form.md: "report.md", Form.json: "report.json"}[form]
        if form is Form.json:
            save_json(name, document)
        else:
            save_text(name, page.html(document) if form is Form.html else page.markdown(document))
        names.append(name)
    return names


def _draw(rows: list[dict[str, Any]], folder: str, form: str) -> int:
    from spiritlevel.reports.figures import draw
    from spiritlevel.theory import plots

    count = 0
    for made in rows:
        for k, figure in enumerate(made["finding"]["figures"], start=1):
            draw(plots.read(figure), Path(folder) / f"{made['statement']['id'].replace('/', '-')}-{k}.{form}")
            count += 1
    return count


def _kills(path: str | None) -> dict[str, list[dict[str, str]]]:
    if path is None:
        return {}
    from spiritlevel.core.files import load_json
    from spiritlevel.reports.kills import by_statement

    return by_statement(load_json(path), path)
