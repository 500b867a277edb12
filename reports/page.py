"""The report as one self-contained page, and as Markdown: both from the same document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from json import dumps
from typing import Any

from spiritlevel.core.errors import InputError
from spiritlevel.reports import svg
from spiritlevel.reports.mathematics import formula, plain
from spiritlevel.reports.tables import show_number
from spiritlevel.theory import plots
from spiritlevel.theory.statement import Verdict

TITLE = "spiritlevel: what the papers claim, and what holds"


def html(document: Mapping[str, Any]) -> str:
    """The page of a report's document (`spiritlevel.reports.contents`).

    Raises
    ------
    InputError
        If a library of the extra 'report' is not installed.
    """
    style = files(__package__).joinpath("templates/style.css").read_text(encoding="utf-8")
    papers = [{**p, "rows": [_whole(r) for r in p["rows"]]} for p in document["papers"]]
    return _render("page.html.j2", {**document, "papers": papers}, style=style)


def markdown(document: Mapping[str, Any]) -> str:
    """The same content as Markdown."""
    return _render("page.md.j2", document)


def anchor(id: str) -> str:
    """A statement's id as a place on the page.

    Examples
    --------
    >>> anchor("interact/thm1")
    'interact-thm1'
    """
    return id.replace("/", "-")


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its drawings and its witness as the page needs them."""
    name = anchor(row["statement"]["id"])
    drawings = []
    for k, given in enumerate(row["finding"].get("figures", ()), start=1):
        figure = plots.read(given)
        drawings.append(
            {
                "svg": svg.inline(figure, f"{name}-f{k}"),
                "title": figure.title,
                "caption": figure.caption,
                "file": f"{name}-{k}.csv",
                "data": svg.link(svg.table(figure), "text/csv"),
            }
        )
    witness = row["finding"].get("witness")
    saved = witness and {
        "file": f"{name}.json",
        "data": svg.link(dumps(witness, indent=1), "application/json"),
    }
    return {**row, "drawings": drawings, "witness": saved}


def _render(template: str, document: Mapping[str, Any], **more: Any) -> str:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
    except ImportError as error:
        raise InputError("pages need jinja2; install spiritlevel with the extra 'report'") from error
    environment = Environment(
        loader=FileSystemLoader(str(files(__package__).joinpath("templates"))),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[[Any], Any]] = {
        "formula": formula,
        "mathtext": plain,
        "anchor": anchor,
        "words": lambda name: str(name).replace("_", " "),
        "number": show_number,
    }
    environment.filters.update(filters)
    text: str = environment.get_template(template).render(
        title=TITLE,
        document=document,
        level=document["level"],
        missing=document["missing"],
        verdicts=[v.value for v in Verdict],
        **more,
    )
    return text
