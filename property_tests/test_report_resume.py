"""A report that was stopped, by a signal, a kill or an edited source, repeats what it has to and nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from spiritlevel.cli.main import app
from spiritlevel.reports.drawings import Drawings
from spiritlevel.reports.kept import Kept
from spiritlevel.reports.trials import Trials
from spiritlevel.theory import ledger
from spiritlevel.theory.ledger import select, statements
from spiritlevel.theory.planted import Planted, Trial, pairs, plant, planted
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.statement import Verdict

ROOT = Path(__file__).resolve().parent.parent
# A test runner in the background may hand down that the signal is ignored.
PROGRAM = """
import signal
from spiritlevel.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
QUICK = ("interact/closed-form", "interact/mix", "interact/mix-repaired")
SLOW = "interact/thm1-repaired"  # takes seconds; the others are before it by name, and done long before


def start(*arguments: str, where: Path = ROOT) -> subprocess.Popen[str]:
    coloured = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS")
    plain = {name: value for name, value in os.environ.items() if name not in coloured}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "report", *arguments, "--format", "json"],
        cwd=where,
        env=plain | {"PYTHONPATH": str(where)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal signals the whole group
    )


def once(text: str, old: str, new: str) -> str:
    """A file that was edited; the place must be there."""
    assert old in text
    return text.replace(old, new, 1)


def judged(stderr: str) -> list[str]:
    """The statements that a report names as it judges them."""
    return [line.split("] ")[1].split()[0] for line in stderr.splitlines() if line.startswith("[")]


@pytest.mark.skipif(os.name == "nt", reason="signals as on a terminal")
@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGKILL, "1"), (signal.SIGINT, "2")])
def test_a_report_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, number: signal.Signals, jobs: str
) -> None:
    arguments = (*QUICK, SLOW, "--out", str(tmp_path), "--jobs", jobs)
    with start(*arguments) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in QUICK]
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=120)
    assert sorted(judged("".join(lines))) == sorted(QUICK)
    if number is signal.SIGINT:
        assert process.returncode == 130, err
        assert "interrupted; 1 not judged; the same command goes on" in err
        assert json.loads((tmp_path / "report.json").read_text())["missing"] == 1
    else:
        assert process.returncode == -signal.SIGKILL
        assert not list(tmp_path.glob("report.json")), "written only when all is judged"
    with start(*arguments) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert judged(err) == [SLOW]
    assert "4 statements, 3 of them kept from before" in out
    assert json.loads((tmp_path / "report.json").read_text())["missing"] == 0


def test_an_edited_source_repeats_the_checks_that_it_touches(tmp_path: Path) -> None:
    """With a copy of the package, in which a file is edited between two runs of the command."""
    copy = tmp_path / "copy"
    for room in ("core", "synthetic", "theory", "reports"):
        shutil.copytree(
            ROOT / room, copy / "spiritlevel" / room, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in (ROOT / "spiritlevel").rglob("*.py"):
        made = copy / "spiritlevel" / path.relative_to(ROOT / "spiritlevel")
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, made)
    arguments = (*QUICK, "--out", str(tmp_path / "report"), "--jobs", "1")

    def again() -> list[str]:
        with start(*arguments, where=copy) as process:
            _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return sorted(judged(err))

    assert again() == sorted(QUICK)
    check = statements()["interact/mix"].check
    assert check is not None
    path = copy.joinpath(*check.__module__.split(".")).with_suffix(".py")
    path.write_text(path.read_text() + "\n# another remark\n")
    assert again() == ["interact/mix", "interact/mix-repaired"]


def test_a_statement_without_a_check_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = statements()["interact/mix"]
    bare = dataclasses.replace(known, id="interact/bare", check=None, expected=Verdict.UNCHECKED)
    monkeypatch.setattr(ledger, "select", lambda patterns: [bare, known])
    for reused in (0, 2):
        found = CliRunner().invoke(app, ["report", "--out", str(tmp_path), "--format", "json"])
        assert found.exit_code == 0, found.output
        assert f"2 statements, {reused} of them kept" in found.output
    [paper] = json.loads((tmp_path / "report.json").read_text())["papers"]
    assert [row["finding"]["verdict"] for row in paper["rows"]] == ["unchecked", "refuted"]


def test_a_finding_judged_with_more_effort_is_not_the_quick_one(tmp_path: Path) -> None:
    chosen = select(["interact/mix"])
    list(Kept(tmp_path, "quick").judged(chosen))
    assert Kept(tmp_path, "full").split(chosen) == ([], chosen)


# --- planted errors ---------------------------------------------------------------------------------


def test_the_report_says_which_planted_errors_a_claim_catches(tmp_path: Path) -> None:
    arguments = ["report", "interact/tracking", "--out", str(tmp_path), "--format", "json", "--jobs", "1"]
    count = len(pairs(select(["interact/tracking"])))

    def kills(*more: str) -> tuple[list[str], str]:
        found = CliRunner().invoke(app, [*arguments, *more])
        assert found.exit_code == 0, found.output
        [paper] = json.loads((tmp_path / "report.json").read_text())["papers"]
        return [k["name"] for k in paper["rows"][0]["kills"]], found.output

    before, said = kills()
    assert before == []
    assert "planted" not in said
    made, said = kills("--planted")
    assert "stale-y" in made
    assert len(made) < count, "some errors leave this claim true"
    assert f"{count} trials of planted errors, 0 of them kept from before" in said
    again, said = kills("--planted")
    assert again == made
    assert f"{count} trials of planted errors, {count} of them kept from before" in said
    assert "caught by" not in said
    path = tmp_path / "planted" / "interact-stale-y.json"
    path.write_text(once(path.read_text(), '"crashed": false', '"crashed": true'))
    after, said = kills()
    assert set(made) - set(after) == {"stale-y"}, "what was edited does not count"
    path.write_text("[1")
    after, said = kills()
    assert set(made) - set(after) == {"stale-y"}
    assert "1 trials of planted errors are new or outdated; --planted makes them" in said


def test_the_first_claim_that_catches_an_error_is_enough(tmp_path: Path) -> None:
    arguments = ["planted", "interact/stale-y", "--first", "--keep", str(tmp_path), "--json", "-"]
    for _ in range(2):
        found = CliRunner().invoke(app, arguments)
        assert found.exit_code == 0, found.output
        [error] = json.loads(found.stdout)["planted"]
        assert error["caught_by"]
        assert error["trials"][-1]["statement"] in error["caught_by"]
        assert len(error["caught_by"]) == 1
    assert "[" not in found.stderr, "nothing is tried again"


def test_a_changed_error_is_put_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    p, other = (q for q in planted() if q.algorithm.name == "interact" and q.name in ("stale-y", "ascent"))
    tasks = [(q, select(["interact/tracking"])) for q in (p, other)]
    list(Trials(tmp_path, "quick").made(tasks))
    assert Trials(tmp_path, "quick").split(tasks)[1] == []
    renamed = type("Renamed", (p.algorithm,), {"__module__": p.algorithm.__module__})
    changed = (Planted(p.name, p.sentence, renamed), tasks[0][1])
    assert Trials(tmp_path, "quick").split([changed, tasks[1]])[1] == [changed]
    assert Trials(tmp_path, "full").split(tasks)[1] == tasks


def test_an_interrupted_matrix_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*args: Any, **kwargs: Any) -> Iterator[list[Trial]]:
        yield next(plant(*args, **kwargs))
        raise KeyboardInterrupt

    arguments = ["report", "interact/tracking", "--out", str(tmp_path), "--format", "json", "--planted"]
    count = len(pairs(select(["interact/tracking"])))
    with monkeypatch.context() as patch:
        patch.setattr("spiritlevel.reports.trials.plant", stopped)
        found = CliRunner().invoke(app, [*arguments, "--jobs", "1"])
        assert found.exit_code == 130, found.output
        assert (
            f"interrupted; 0 not judged, {count - 1} trials not made; the same command goes on"
            in found.stderr
        )
        keep = ["planted", "interact/stale-y", "--keep", str(tmp_path)]
        found = CliRunner().invoke(app, [*keep, "--jobs", "1"])
        assert found.exit_code == 130, found.output
        assert "trials not made; the same command goes on" in found.stderr
    found = CliRunner().invoke(app, [*arguments, "--jobs", "1"])
    assert found.exit_code == 0, found.output
    assert f"{count} trials of planted errors, 1 of them kept from before" in found.output


def test_a_drawing_is_kept_until_its_data_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spiritlevel.reports import svg

    bars = Bars(title="Terms", y_label="v", labels=("one",), values=(1.0,))
    drawn = Drawings(tmp_path).inline(bars, "a")
    assert drawn.startswith("<svg")
    with monkeypatch.context() as patch:
        patch.setattr(svg, "inline", lambda figure, name: "again")
        assert Drawings(tmp_path).inline(bars, "a") == drawn
        assert Drawings(tmp_path).inline(bars, "b") == "again"
        path = tmp_path / "a.json"
        path.write_text(once(path.read_text(), "</svg>", "<script>alert(1)</script></svg>"))
        assert Drawings(tmp_path).inline(bars, "a") == "again", "what was edited is drawn again"
        assert Drawings(tmp_path).inline(dataclasses.replace(bars, values=(2.0,)), "a") == "again"
