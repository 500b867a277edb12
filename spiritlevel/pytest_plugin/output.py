"""What pytest says of the statements it judged: a report in a file, and a summary in the terminal."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PAGE_NEEDS = ("jinja2", "latex2mathml", "matplotlib")  # the extra 'report'


def ready(name: str, folder: Path) -> Path:
    """The file of a report, given relative to a folder.

    Raises
    ------
    pytest.UsageError
        If it could not be written in the end.
    """
    path = folder / name

    def refuse(why: str) -> pytest.UsageError:
        return pytest.UsageError(f"--spiritlevel-report is {name!r}{why}")

    if path.suffix not in (".html", ".json"):
        raise refuse("; give the name of a file that ends in .html or .json")
    if not path.parent.is_dir():
        raise refuse(f" but there is no folder {str(path.parent)!r}; make it first")
    if path.is_dir():
        raise refuse(", which is a folder; give the name of a file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise refuse(", which may not be written; give another name")
    lacking = [library for library in PAGE_NEEDS if path.suffix == ".html" and find_spec(library) is None]
    if lacking:
        raise refuse(f" but {lacking[0]} is not installed; install spiritlevel with the extra 'report'")
    return path


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write a report's document as a page or as data, by the suffix; `InputError` if that fails."""
    from spiritlevel.core.files import save_json, save_text

    if path.suffix == ".json":
        save_json(path, document)
        return
    from spiritlevel.reports.page import html  # which needs the extra 'report'

    with warnings.catch_warnings():
        warnings.simplefilter(
            "default"
        )  # where they are errors, a remark of the drawing library would cost the page
        page = html(document)
    save_text(path, page)


def summary(out: pytest.TerminalReporter, document: Mapping[str, Any]) -> None:
    """Verdicts by paper, and a line for every refuted statement (not with ``-q``)."""
    from spiritlevel.theory.statement import Verdict

    rows = [row for paper in document["papers"] for row in paper["rows"]]
    counts: dict[str, Counter[str]] = {}
    for row in sorted(rows, key=lambda r: str(r["statement"]["id"])):
        key = row["statement"]["id"].split("/")[0]
        counts.setdefault(key, Counter())[row["finding"]["verdict"]] += 1
    columns = [v for v in Verdict if any(found[v] for found in counts.values())]
    room = max(map(len, ["paper", *counts]))
    out.write_line("  ".join([f"{'paper':{room}}", *columns]), bold=True)
    for key, found in counts.items():
        cells = [f"{key:{room}}", *(f"{found[v] or '':>{len(v)}}" for v in columns)]
        out.write_line("  ".join(cells).rstrip())
    refuted = [row for row in rows if row["finding"]["verdict"] == Verdict.REFUTED]
    if refuted and out.verbosity >= 0:
        out.write_line("refuted:", bold=True)
        width = out.config.get_terminal_writer().fullwidth - 1
        for row in refuted:
            _refuted(out, row["statement"], row["finding"], width)
    if document["missing"]:
        out.write_line(f"{document['missing']} of {document['missing'] + len(rows)} not judged", red=True)


def _refuted(out: pytest.TerminalReporter, s: Mapping[str, Any], f: Mapping[str, Any], width: int) -> None:
    surprise = f["expected"] != f["verdict"]
    expected = f" (expected to be {f['expected']})" if surprise else ""
    line = f"{s['id']}{expected}: {s['because'] or f['summary']}"
    out.write_line(line if len(line) <= width else f"{line[: width - 3]}...", red=surprise)
