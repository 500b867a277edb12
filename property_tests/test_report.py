"""The report: one document behind page, Markdown and JSON; findings are kept and used again."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from spiritlevel.cli.main import app
from spiritlevel.reports import page, svg
from spiritlevel.reports.contents import contents, row
from spiritlevel.reports.kept import Kept
from spiritlevel.reports.mathematics import formula
from spiritlevel.theory import fingerprint as prints
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import select, statements
from spiritlevel.theory.plots import Bars, Curve, Plot

CHOSEN = ("interact/mix*", "interact/thm1", "interact/tracking")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [row(judge(s)) for s in select(CHOSEN)]


class _Tags(HTMLParser):
    """Every tag with its attributes, and whether what is opened is closed."""

    VOID = frozenset({"meta", "link", "br", "use", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing(rows: list[dict[str, Any]]) -> None:
    figure = Plot(title="A < B", x_label="T", y_label="e", curves=(Curve("a", [1, 2], [3, 4]),))
    bars = Bars(title="Terms", y_label="v", labels=("one",), values=(1.0,), limit=2.0)
    from spiritlevel.theory import plots

    drawn = [plots.document(figure), plots.document(bars)]
    rows = [
        {**r, "finding": {**r["finding"], "figures": drawn if k == 0 else []}} for k, r in enumerate(rows)
    ]
    text = page.html(contents(rows, level="quick"))
    tags = _Tags(text)
    assert not tags.open
    names = [attributes["id"] for _, attributes in tags.seen if attributes.get("id")]
    assert len(names) == len(set(names)), "an id occurs twice"
    assert not {tag for tag, _ in tags.seen} & {"script", "iframe", "img"}
    for _, attributes in tags.seen:
        for key in ("href", "src", "xlink:href"):
            target = attributes.get(key)
            assert not target or target.startswith(("#", "data:"))
            if target and target.startswith("#"):
                assert target[1:] in names, f"{target} leads nowhere"
    assert {r["statement"]["id"] for r in rows} <= set(names)
    assert text.count('role="img"') == 2


def test_words_of_statements_cannot_become_tags(rows: list[dict[str, Any]]) -> None:
    evil = "<script>alert(1)</script> & $a < b$"
    spoilt = [{**r, "statement": {**r["statement"], "statement": evil}} for r in rows]
    assert "<script" not in page.html(contents(spoilt, level="quick"))


def test_every_formula_of_the_ledger_is_typeset() -> None:
    unread = [s.id for s in statements().values() if s.formula and not formula(s.formula).startswith("<math")]
    assert not unread


def test_counts_add_up_and_repairs_are_linked_both_ways(rows: list[dict[str, Any]]) -> None:
    document = contents(
        rows, level="quick", kills={"interact/mix": [{"algorithm": "a", "name": "b", "sentence": "c"}]}
    )
    assert sum(sum(found.values()) for found in document["counts"].values()) == len(rows)
    by_id = {r["statement"]["id"]: r for p in document["papers"] for r in p["rows"]}
    assert by_id["interact/mix"]["repaired_by"] == ["interact/mix-repaired"]
    assert by_id["interact/mix"]["kills"][0]["sentence"] == "c"
    text = page.markdown(document)
    assert all(f"### {id}\n" in text for id in by_id)
    assert text.count("\n| printed |") == 2


def test_a_kept_finding_counts_until_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = select(("interact/mix", "interact/tracking"))
    made = list(Kept(tmp_path, "quick").judged(chosen))
    assert Kept(tmp_path, "quick").split(chosen) == (made, [])
    module = next(s.check.__module__ for s in chosen if s.check is not None and s.id == "interact/mix")
    source = prints._source

    def changed(name: str) -> bytes | None:
        text = source(name)
        return text + b"\n# changed" if name == module and text else text

    cached = (prints._digest, prints._written, prints.imports, prints.closure)
    for table in cached:
        table.cache_clear()
    monkeypatch.setattr(prints, "_source", changed)
    rows, todo = Kept(tmp_path, "quick").split(chosen)
    assert [r["statement"]["id"] for r in rows] == ["interact/tracking"]
    assert [s.id for s in todo] == ["interact/mix"]
    for table in cached:
        table.cache_clear()


def test_a_spoilt_kept_file_is_judged_again(tmp_path: Path) -> None:
    chosen = select(("interact/mix",))
    list(Kept(tmp_path, "quick").judged(chosen))
    for spoilt in ("{half", "[]", '{"format": "spiritlevel/kept@1"}'):
        (tmp_path / "interact-mix.json").write_text(spoilt)
        assert Kept(tmp_path, "quick").split(chosen) == ([], chosen)


def test_the_command_writes_all_forms_and_says_what_it_used_again(tmp_path: Path) -> None:
    arguments = ["report", "interact/mix*", "--out", str(tmp_path / "new"), "--jobs", "1"]
    first = CliRunner().invoke(app, [*arguments, "--format", "json", "--format", "md", "--format", "html"])
    assert first.exit_code == 0, first.output
    assert "0 of them kept" in first.output
    document = json.loads((tmp_path / "new" / "report.json").read_text())
    assert document["format"] == "spiritlevel/report@1"
    assert (tmp_path / "new" / "index.html").stat().st_size < 10**6
    second = CliRunner().invoke(app, arguments)
    assert "2 statements, 2 of them kept" in second.output


def test_bad_arguments_are_refused_before_work(tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app, ["report", "interact/mix", "--out", str(tmp_path / "o"), "--figures", str(tmp_path / "none")]
    )
    assert found.exit_code == 2
    assert "no such folder" in found.output
    (tmp_path / "file").write_text("")
    found = CliRunner().invoke(app, ["report", "interact/mix", "--out", str(tmp_path / "file")])
    assert found.exit_code == 2
    assert "cannot be made a folder" in found.output


def test_a_drawings_ids_carry_its_name() -> None:
    bars = Bars(title="Terms", y_label="v", labels=("one",), values=(1.0,))
    text = svg.inline(bars, "here")
    assert all(name.startswith("here-") for name in re.findall(r'id="([^"]+)"', text))
    assert all(name.startswith("here-") for name in re.findall(r"url\(#([^)]+)\)", text))
