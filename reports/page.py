"""The report as one self-contained page, and as Markdown: both from the same document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib.resources import files
from itertools import groupby
from json import dumps
from typing import Any

from markupsafe import Markup

from spiritlevel.core.errors import InputError
from spiritlevel.reports import svg
from spiritlevel.reports.compact import Styles
from spiritlevel.reports.documents import stem
from spiritlevel.reports.mathematics import escaped, formula, plain
from spiritlevel.reports.sentences import first
from spiritlevel.reports.tables import show_number
from spiritlevel.theory import plots
from spiritlevel.theory.statement import Method, Verdict

TITLE = "spiritlevel: what the papers claim, and what holds"
LEGEND = {
    Verdict.PROVED: "true for all admissible parameters",
    Verdict.SUPPORTED: "exact or statistical evidence on the stated cases, none against",
    Verdict.REFUTED: "false, with evidence that shows it; where there is a witness, anyone can check it again",
    Verdict.VACUOUS: "no parameters are admissible, or the bound cannot fail",
    Verdict.INCONCLUSIVE: "too noisy, too short, or the check could not finish",
    Verdict.UNCHECKED: "in the ledger, no check yet",
}
VARIANTS = {"printed": "as printed", "repaired": "repaired", "added": "added"}
FORMS = {
    "printed": "as the paper has it, never edited to be true",
    "repaired": "the form that holds, beside the printed one",
    "added": "not in the paper's words: what a proof needs, a reading, a question of ours",
}
# What the sentence behind a claim tells.
_ROLES = {"repaired": "What changes", "refuted": "What breaks"}
LONG = 300  # characters from which a witness's value is left to its file


def html(document: Mapping[str, Any], inline: Callable[[plots.Figure, str], Markup] = svg.inline) -> str:
    """The page of a report's document (`spiritlevel.reports.contents`).

    Parameters
    ----------
    document
        What is said.
    inline
        What draws a figure; `spiritlevel.reports.drawings.Drawings` remembers what it drew.

    Raises
    ------
    InputError
        If a library of the extra 'report' is not installed.
    """
    sheet = files(__package__).joinpath("templates/style.css").read_text(encoding="utf-8")
    styles = Styles()  # full once all rows are drawn

    def shared(figure: plots.Figure, name: str) -> Markup:
        return styles.shared(inline(figure, name))

    def link(id: str) -> Markup:
        return Markup('<a href="#{}">{}</a>').format(id, id)

    def style() -> Markup:
        return Markup(sheet + styles.sheet())

    return _render("page.html.j2", document, partial(_drawn, inline=shared), link, plain, style=style)


def markdown(document: Mapping[str, Any]) -> str:
    """The same content as Markdown: figures as their data, witnesses as the file that ``verify`` reads."""

    def link(id: str) -> Markup:
        return Markup(f"[{id}](#{id})")

    return _render("page.md.j2", document, _tabled, link, escaped)


def named_figures(row: Mapping[str, Any]) -> Iterator[tuple[plots.Figure, str]]:
    """A row's figures, each with the name of its drawing."""
    for k, given in enumerate(row["finding"].get("figures", ()), start=1):
        yield plots.read(given), f"{stem(row['statement']['id'])}-f{k}"


def linked(text: str, known: Iterable[str], link: Callable[[str], str], rest: Callable[[str], str]) -> Markup:
    """A text in which the ids of statements are links.

    Examples
    --------
    >>> str(linked("see a/b-c, not a/d.", {"a/b-c"}, lambda id: f"[{id}]", str.upper))
    'SEE [a/b-c], NOT A/D.'
    """
    parts = re.split(r"((?<![\w/$])[a-z]+/[\w.,/-]*\w)", text)
    joined = ""
    done = []
    for part in parts:
        if part in known:
            done += [rest(joined), link(part)]
            joined = ""
        else:
            joined += part
    return Markup("").join(map(Markup, [*done, rest(joined)]))


def _drawn(row: Mapping[str, Any], inline: Callable[[plots.Figure, str], Markup]) -> dict[str, Any]:
    """A row with its drawings and its witness as the page needs them."""
    name = stem(row["statement"]["id"])
    drawings = []
    for k, (figure, drawing) in enumerate(named_figures(row), start=1):
        drawings.append(
            {
                "svg": inline(figure, drawing),
                "title": figure.title,
                "caption": figure.caption,
                "file": f"{name}-{k}.csv",
                "data": svg.link(svg.table(figure), "text/csv"),
            }
        )
    witness = row["finding"].get("witness")
    saved = witness and {
        "file": f"{name}.json",
        "data": svg.link(_lines(witness), "application/json"),
    }
    return {**row, "drawings": drawings, "saved": saved, "role": _role(row), "shown_by": _shown_by(row)}


def _tabled(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the data of its figures and its witness as texts."""
    figures = map(plots.read, row["finding"].get("figures", ()))
    tables = [{"title": f.title, "caption": f.caption, "data": svg.table(f)} for f in figures]
    witness = row["finding"].get("witness")
    saved = witness and {"file": f"{stem(row['statement']['id'])}.json", "data": _lines(witness)}
    return {**row, "tables": tables, "saved": saved, "role": _role(row), "shown_by": _shown_by(row)}


def _lines(witness: Mapping[str, Any]) -> str:
    """A witness as JSON, an entry a line."""
    entries = (f"{dumps(name)}: {dumps(value, separators=(',', ':'))}" for name, value in witness.items())
    return "{" + ",\n".join(entries) + "}"


def _shown_by(row: Mapping[str, Any]) -> str:
    """What the evidence is where there is no figure."""
    found = row["finding"]
    if found["verdict"] == Verdict.UNCHECKED:
        return "nothing was checked"
    if found["witness"]:
        return "the evidence is the witness"
    return "the evidence is a proof" if found["method"] == Method.SYMBOLIC else "the evidence is in numbers"


def _role(row: Mapping[str, Any]) -> str:
    return _ROLES.get(row["statement"]["variant"]) or _ROLES.get(row["finding"]["verdict"]) or "Note"


def _grouped(assumptions: Iterable[Mapping[str, str]]) -> list[tuple[str, list[str]]]:
    """The parts of each assumption together."""
    return [(id, [a["text"] for a in parts]) for id, parts in groupby(assumptions, key=lambda a: a["id"])]


def _exact(value: Any) -> str:
    """A number, vector or matrix of a witness in brackets."""
    text = str(value).replace("'", "")
    return text if len(text) <= LONG else f"{text[:LONG]} .. (in full in the file)"


def _render(
    template: str,
    document: Mapping[str, Any],
    whole: Callable[[Mapping[str, Any]], dict[str, Any]],
    link: Callable[[str], Markup],
    rest: Callable[[str], Markup],
    **more: Any,
) -> str:
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
    papers = [{**p, "rows": [whole(r) for r in p["rows"]]} for p in document["papers"]]
    known = {r["statement"]["id"] for p in papers for r in p["rows"]}
    filters: dict[str, Callable[[Any], Any]] = {
        "formula": formula,
        "mathtext": rest,
        "said": lambda text: linked(str(text), known, link, rest),
        "linked": lambda id: link(id) if id in known else Markup("{} (not on this page)").format(id),
        "first": first,
        "brief": lambda paper: str(paper).split(" (")[0],
        "grouped": _grouped,
        "exact": _exact,
        "words": lambda name: Markup(str(rest(str(name))).replace("\\_", " ").replace("_", " ")),
        "number": show_number,
    }
    environment.filters.update(filters)
    counted = document["counts"].values()
    text: str = environment.get_template(template).render(
        title=TITLE,
        document={**document, "papers": papers},
        level=document["level"],
        missing=document["missing"],
        found=[v.value for v in Verdict if any(v.value in by_verdict for by_verdict in counted)],
        legend={v.value: text for v, text in LEGEND.items()},
        variants=VARIANTS,
        forms=FORMS,
        methods=[m.value for m in Method if m is not Method.NONE],
        **more,
    )
    return text
