"""The report: one document behind page, Markdown and JSON; findings are kept and used again."""

from __future__ import annotations

import dataclasses
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
from spiritlevel.reports.sentences import first
from spiritlevel.theory import fingerprint as prints
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import select, statements
from spiritlevel.theory.plots import Bars, Curve, Plot
from spiritlevel.theory.statement import Verdict

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


def test_an_edited_finding_is_judged_again_and_a_reworded_claim_is_not(tmp_path: Path) -> None:
    chosen = select(("interact/mix",))
    list(Kept(tmp_path, "quick").judged(chosen))
    path = tmp_path / "interact-mix.json"
    whole = path.read_text()
    assert '"verdict": "refuted"' in whole
    path.write_text(whole.replace('"verdict": "refuted"', '"verdict": "proved"'))
    assert Kept(tmp_path, "quick").split(chosen) == ([], chosen)
    path.write_text(whole)
    reworded = dataclasses.replace(chosen[0], because="In other words.", location="elsewhere")
    [told], todo = Kept(tmp_path, "quick").split([reworded])
    assert not todo
    assert told["statement"]["because"] == "In other words."
    assert told["finding"]["location"] == "elsewhere"
    assert told["finding"]["verdict"] == "refuted"


def test_what_is_refuted_is_said_in_one_sentence_each(rows: list[dict[str, Any]]) -> None:
    long = "The rows do not sum to 1. Harmless otherwise."
    spoilt = [{**r, "statement": {**r["statement"], "because": long}} for r in rows]
    text = page.html(contents(spoilt, level="quick"))
    listed = re.findall(r"<b>Why not:</b>(.*?)</p>", text, re.DOTALL)
    assert listed
    assert all("sum to 1." in why and "Harmless" not in why for why in listed)
    assert "Harmless" in text, "a statement's own part has it all"


def test_every_refuted_claim_says_why_in_a_sentence_that_stands_alone() -> None:
    refuted = [s for s in statements().values() if s.expected is Verdict.REFUTED]
    bad = [s.id for s in refuted if not 12 < len(first(s.because)) < 450]
    bad += [s.id for s in refuted if re.match(r"As (?:\(|for|in \(|the)|The text says|A reading:", s.because)]
    assert not bad


def test_what_is_not_on_the_page_is_named_and_not_linked(rows: list[dict[str, Any]]) -> None:
    alone = [r for r in rows if r["statement"]["id"] == "interact/mix-repaired"]
    for write in (page.html, page.markdown):
        text = write(contents(alone, level="quick"))
        assert "interact/mix (not on this page)" in text
        assert not re.search(r"#interact/mix\b(?!-)", text)


def test_a_row_without_figures_says_what_the_evidence_is(rows: list[dict[str, Any]]) -> None:
    text = page.html(contents(rows, level="quick"))
    bare = [r for r in rows if not r["finding"]["figures"]]
    assert 0 < len(bare) < len(rows)
    assert text.count("<dt>figures</dt><dd>none; the evidence is") == len(bare)


def test_sentences_are_set_and_names_are_not(rows: list[dict[str, Any]]) -> None:
    claim = "With my_option set, |x_i|^2 <= alpha/2 & x < y."
    spoilt = [{**r, "statement": {**r["statement"], "statement": claim}} for r in rows]
    text = page.html(contents(spoilt, level="quick"))
    assert "With my_option set, |x<sub>i</sub>|<sup>2</sup> \u2264 \u03b1/2 &amp; x &lt; y." in text
    assert "my\\_option set, |x\\_i|^2 &lt;= alpha/2" in page.markdown(contents(spoilt, level="quick"))


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
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "findings").write_text("")
    (tmp_path / "b" / "index.html").mkdir(parents=True)
    wrong = {"a": "cannot be made a folder", "b": "is a folder; give the name of a file"}
    for name, why in wrong.items():
        found = CliRunner().invoke(app, ["report", "interact/mix", "--out", str(tmp_path / name)])
        assert found.exit_code == 2
        assert why in found.output
        assert "judging" not in found.output
        assert "[1/1]" not in found.output
    found = CliRunner().invoke(app, ["report", "interact/mix", "--out", ""])
    assert found.exit_code == 2
    assert "--out is empty" in found.output


def test_no_figures_are_no_files(tmp_path: Path) -> None:
    where = ["--out", str(tmp_path / "out"), "--figures", str(tmp_path), "--jobs", "1", "--format", "json"]
    found = CliRunner().invoke(app, ["report", "interact/mix", *where])
    assert found.exit_code == 0
    assert "none of these 1 statements has a figure" in found.output


def test_a_drawings_ids_carry_its_name() -> None:
    bars = Bars(title="Terms", y_label="v", labels=("one",), values=(1.0,))
    text = svg.inline(bars, "here")
    assert all(name.startswith("here-") for name in re.findall(r'id="([^"]+)"', text))
    assert all(name.startswith("here-") for name in re.findall(r"url\(#([^)]+)\)", text))


def test_an_abbreviation_ends_no_sentence() -> None:
    text = "It says 'the update w.r.t. x', resp. that of Prop. 2."
    assert first(f"{text} The rest.") == text
