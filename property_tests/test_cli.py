"""The commands, as a user sees them: what they print, write and exit with."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import spiritlevel
from spiritlevel.cli.main import app
from spiritlevel.cli.workers import FEW, workers
from spiritlevel.core.files import load_arrays
from spiritlevel.theory import judge, ledger, planted
from spiritlevel.theory.statement import Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Witness

COMMANDS = ("check", "list", "show", "run", "plot", "steps", "planted", "verify")
# What would make the output coloured although it goes nowhere near a terminal.
PLAIN = dict.fromkeys(("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"))


def call(*arguments: str, code: int = 0, columns: int = 80) -> tuple[str, str]:
    """Standard output and standard error of a command that must end with this exit code."""
    result = CliRunner().invoke(app, list(arguments), env={**PLAIN, "COLUMNS": str(columns)})
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.stdout, result.stderr


def data(*arguments: str, code: int = 0) -> dict[str, Any]:
    """What a command prints with ``--json -``: JSON and nothing else."""
    document: dict[str, Any] = json.loads(call(*arguments, "--json", "-", code=code)[0])
    return document


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    out, _ = call(command, "--help")
    assert "Example" in out
    assert f"spiritlevel {command}" in out
    assert command in call("--help")[0]
    if command not in ("plot", "verify"):
        assert "--json" in out


def test_version() -> None:
    assert call("--version")[0] == f"spiritlevel {spiritlevel.__version__}\n"


# --- list and show ----------------------------------------------------------------------------------


def test_list_has_every_statement_and_the_counts(tmp_path: Path) -> None:
    every = ledger.statements()
    out, _ = call("list", "--json", str(tmp_path / "a.json"))
    assert all(id in out for id in every)
    checked = sum(s.check is not None for s in every.values())
    assert f"{len(every)} statements: {checked} checked, {len(every) - checked} unchecked" in out
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["format"] == "spiritlevel/statements@1"
    assert [row["id"] for row in document["statements"]] == list(every)
    for row, s in zip(document["statements"], every.values(), strict=True):
        assert row["statement"] == s.sentence
        assert (row["formula"], row["repairs"], row["because"]) == (s.formula, s.repairs, s.because)
        assert [a["id"] for a in row["assumptions"]] == [a.id for a in s.assumptions]
        assert row["checked"] == (row["expected"] != "unchecked")


def test_list_takes_patterns_and_prints_json_alone() -> None:
    document = data("list", "interact/mix*", "interact/tracking")
    ids = [row["id"] for row in document["statements"]]
    assert ids == ["interact/mix", "interact/mix-repaired", "interact/tracking"]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", [["list"], ["check", "interact/mix*"], ["show", "interact/thm1"]])
def test_no_line_is_wider_than_the_terminal(command: list[str], columns: int) -> None:
    out, _ = call(*command, columns=columns)
    assert max(map(len, out.splitlines())) <= columns


def test_show_prints_the_statement_and_its_evidence() -> None:
    s = ledger.statements()["interact/mix"]
    out = " ".join(call("show", s.id, columns=200)[0].split())
    for text in (
        s.sentence,
        s.formula,
        s.location,
        s.because,
        "interact/mix-repaired",
        "refuted",
        "--witness",
    ):
        assert " ".join(text.split()) in out
    repaired = call("show", "interact/mix-repaired", "--no-check", columns=200)[0]
    assert "Repairs" in repaired
    assert "Evidence" not in repaired


def test_show_json_has_the_finding_or_none() -> None:
    assert data("show", "interact/mix")["finding"]["verdict"] == "refuted"
    assert data("show", "interact/mix", "--no-check")["finding"] is None


def test_formulas_are_printed_as_they_are() -> None:
    # Square brackets in LaTeX would be taken for markup.
    formula = ledger.statements()["interact/neighbour-sums"].formula
    assert "[M]_{ij}" in formula
    assert "[M]_{ij}" in call("show", "interact/neighbour-sums", "--no-check")[0]


def test_a_saved_witness_stands(tmp_path: Path) -> None:
    path = tmp_path / "mix.json"
    call("show", "interact/mix", "--witness", str(path))
    result = CliRunner().invoke(app, ["verify", str(path)])
    assert result.exit_code == 0
    assert "WITNESS STANDS" in result.stdout


def test_verify_compares_with_the_ledger(tmp_path: Path) -> None:
    """A file whose arithmetic is right but which says something else is told from the ledger's own."""
    path = tmp_path / "mix.json"
    call("show", "interact/mix", "--witness", str(path))
    assert "those of the ledger's" in call("verify", str(path), "--ledger")[0]
    other = json.loads(path.read_text())
    other["claim"]["that"] = "0 == 1"
    path.write_text(json.dumps(other))
    assert "NOT" not in call("verify", str(path))[0]
    assert "NOT the ledger's: claim" in call("verify", str(path), "--ledger", code=1)[0]
    other["statement"] = "interact/mixx"
    path.write_text(json.dumps(other))
    assert "did you mean 'interact/mix'" in call("verify", str(path), "--ledger", code=2)[1]


def test_verify_says_when_a_witness_falls(tmp_path: Path) -> None:
    path = tmp_path / "mix.json"
    call("show", "interact/mix", "--witness", str(path))
    document = json.loads(path.read_text())
    document["claim"]["that"] = "1 <= 2"
    path.write_text(json.dumps(document))
    assert "DOES NOT STAND" in call("verify", str(path), code=1)[0]
    assert "cannot be used" in call("verify", str(tmp_path / "missing.json"), code=2)[1]


# --- check ------------------------------------------------------------------------------------------


def test_check_tells_the_budget_where_a_statement_samples() -> None:
    assert str(judge.budget()) in call("check", "argus/async-speed", columns=120)[0]


def test_check_prints_verdicts_and_evidence(tmp_path: Path) -> None:
    out, err = call("check", "interact/mix*", "--json", str(tmp_path / "a.json"), columns=120)
    assert "refuted" in out
    assert "Breaks: Connectedness is nowhere asked" in out
    assert "2 statements: 1 proved, 1 refuted; all as recorded" in out
    assert str(judge.budget()) not in out  # neither samples
    assert "[1/2] interact/mix refuted" in err
    assert "\x1b" not in out + err
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["format"] == "spiritlevel/findings@1"
    first, second = document["findings"]
    assert (first["id"], second["id"]) == ("interact/mix", "interact/mix-repaired")
    assert set(first) >= {
        *("id", "paper", "location", "kind", "variant", "statement", "method", "verdict", "expected"),
        *("summary", "numbers", "witness", "seconds"),
    }
    assert first["witness"]["statement"] == "interact/mix"
    assert second["witness"] is None


def test_check_json_is_the_same_for_any_number_of_workers() -> None:
    def rows(jobs: str) -> list[dict[str, Any]]:
        found = data("check", "interact/mix*", "interact/tracking", "--jobs", jobs)["findings"]
        return [{key: value for key, value in row.items() if key != "seconds"} for row in found]

    assert rows("1") == rows("2")


def test_check_saves_witnesses(tmp_path: Path) -> None:
    call("check", "interact/mix*", "--witnesses", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["interact-mix.json"]
    assert Witness.load(tmp_path / "interact-mix.json").statement == "interact/mix"


def test_unchecked_statements_are_counted_and_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    mix = ledger.statements()["interact/mix"]
    open_row = dataclasses.replace(mix, id="interact/open", check=None, expected=Verdict.UNCHECKED)
    monkeypatch.setattr(ledger, "select", lambda patterns: [open_row, mix][: len(patterns)])
    out, _ = call("check", "interact/open", "interact/mix")
    assert "2 statements: 1 refuted, 1 unchecked; all as recorded" in out
    assert "interact/open" not in out
    assert "1 statement: 1 unchecked" in call("check", "interact/open")[0]


@pytest.fixture
def surprising(monkeypatch: pytest.MonkeyPatch) -> Statement:
    """A ledger of one statement whose check does not find what is recorded."""
    statement = dataclasses.replace(ledger.statements()["interact/mix"], expected=Verdict.PROVED)
    monkeypatch.setattr(ledger, "select", lambda patterns: [statement])
    return statement


@pytest.mark.parametrize("columns", [80, 120])
def test_a_verdict_that_differs_is_marked(surprising: Statement, columns: int) -> None:
    out, _ = call("check", code=1, columns=columns)
    assert "refuted (recorded: proved)" in " ".join(out.split())
    assert "1 not as recorded: interact/mix" in out


def test_a_check_that_fails_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(context: object) -> Finding:
        raise ZeroDivisionError("no [luck]")

    statement = dataclasses.replace(ledger.statements()["interact/mix"], check=fail)
    monkeypatch.setattr(ledger, "select", lambda patterns: [statement])
    assert "ZeroDivisionError: no [luck]" in call("check", code=1)[0]


def test_numbers_that_json_lacks_are_written_as_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"a": float("inf"), "b": np.float64("nan"), "c": np.arange(2), "d": np.int64(3)}
    found = Finding(verdict=Verdict.REFUTED, method=Method.LINEAR, summary="x", numbers=numbers)
    statement = dataclasses.replace(ledger.statements()["interact/mix"], check=lambda context: found)
    monkeypatch.setattr(ledger, "select", lambda patterns: [statement])
    assert data("check")["findings"][0]["numbers"] == {"a": "inf", "b": "nan", "c": [0, 1], "d": 3}


def test_interrupting_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = judge.judge_all

    def stopped(*args: Any, **kwargs: Any) -> Iterator[judge.Judgement]:
        yield next(real(*args, **kwargs))
        raise KeyboardInterrupt

    monkeypatch.setattr(judge, "judge_all", stopped)
    path = tmp_path / "a.json"
    out, err = call("check", "interact/mix*", "--json", str(path), code=130)
    assert "1 statement: 1 refuted" in out
    assert "interrupted; 1 not judged" in err
    document = json.loads(path.read_text())
    assert document["interrupted"] is True
    assert [row["id"] for row in document["findings"]] == ["interact/mix"]


def test_workers_are_started_only_where_they_pay_off() -> None:
    assert workers(None, FEW - 1) == 1
    assert workers(None, FEW) in (1, 2)
    assert workers(3, 1) == 3


# --- run --------------------------------------------------------------------------------------------

RUN = ("run", "interact", "--problem", "quadratic:p=3,q=2,seed=1", "--network", "ring:4")


def test_run_writes_the_recorded_iterations(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    settings = ("--set", "alpha=0.02", "--set", "beta=1/10", "--steps", "20")
    out, _ = call(*RUN, *settings, "--record", "5", "--out", str(path))
    arrays = load_arrays(path)
    assert arrays["t"].tolist() == [0, 5, 10, 15, 20]
    assert arrays["x"].shape == (5, 4, 3)
    assert arrays["y"].shape == (5, 4, 2)
    assert arrays["stationarity"].shape == (5,)
    assert f"{arrays['stationarity'][-1]:.6g}" in out
    assert "20 of 20, 5 recorded" in out


def test_run_has_a_replicas_axis_and_repeats_itself(tmp_path: Path) -> None:
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    noisy = ("--steps", "10", "--replicas", "70", "--seed", "3", "--noise", "0.1", "--set", "alpha=0.01")
    call(*RUN, *noisy, "--record", "all", "--out", str(first))
    call(*RUN, *noisy, "--record", "all", "--out", str(second), "--jobs", "2")
    assert load_arrays(first)["x"].shape == (70, 11, 4, 3)
    assert first.read_bytes() == second.read_bytes()


def test_run_is_without_noise_unless_asked(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        call(*RUN, "--steps", "5", "--seed", seed, "--out", str(tmp_path / f"{seed}.npz"))
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()


def test_run_says_when_it_diverges() -> None:
    out, _ = call(*RUN, "--steps", "2000", "--set", "alpha=5,beta=0.1", code=1)
    assert "diverged" in out
    assert data(*RUN, "--steps", "2000", "--set", "alpha=5,beta=0.1", code=1)["stopped"].startswith(
        "diverged"
    )


def test_run_reads_files(tmp_path: Path) -> None:
    from spiritlevel.core.graphs import named
    from spiritlevel.synthetic.families import random_quadratic
    from spiritlevel.synthetic.io import write_matrix, write_problem

    for suffix in ("json", "npz"):
        problem, network = tmp_path / f"problem.{suffix}", tmp_path / f"network.{suffix}"
        write_problem(random_quadratic(1, 4, 3, 2), problem)
        write_matrix(named("ring:4").W, network)
        by_file = data(
            "run", "interact", "--problem", str(problem), "--network", str(network), "--steps", "9"
        )
        assert by_file["metrics"] == data(*RUN, "--steps", "9")["metrics"]


def test_plot_draws_what_run_wrote(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    trace, figure = tmp_path / "a.npz", tmp_path / "a.svg"
    call(*RUN, "--steps", "5", "--out", str(trace))
    assert str(figure) in call("plot", str(trace), "--out", str(figure))[0]
    assert "<svg" in figure.read_text()
    written = figure.read_bytes()
    assert (
        "did you mean 'stationarity'"
        in call(*("plot", str(trace), "--metric", "stationary", "--out", str(figure)), code=2)[1]
    )
    assert figure.read_bytes() == written


# --- steps ------------------------------------------------------------------------------------------

BY_CONSTANTS = ("steps", "interact/thm1", "--constants", "mu=1,L=3,C_gxy=1,L_fx=1,lam=1/2,m=4")
BY_PROBLEM = ("steps", "interact/thm1", "--problem", "quadratic:p=1,q=1,seed=1", "--network", "ring:4")


def test_steps_prints_every_term_and_what_is_admitted() -> None:
    found = data(*BY_CONSTANTS)
    assert found["format"] == "spiritlevel/steps@1"
    assert found["admissible"] is None
    assert found["stability"] is None
    out, _ = call(*BY_CONSTANTS, columns=120)
    for row in found["rows"]:
        assert row["term"] in out
        assert row["binds"] == (row["limit"] == found["largest"][row["step"]])
    assert "not given, taken as 0: L_gxy, L_gyy, L_fy, C_fy" in out
    assert "no bound" in call("steps", "interact/thm1", "--constants", "mu=1,L=3,lam=1/2,m=4")[0]


def test_steps_compares_exactly() -> None:
    # 1/(mu + L) = 1/4, with equality allowed; L_gxy = 1/3 is no float either
    assert data(*BY_CONSTANTS, "--at", "beta=0.25")["admissible"] is True
    assert "beta = 1/4: admissible" in call(*BY_CONSTANTS, "--at", "beta=0.25")[0]
    more = data(*BY_CONSTANTS, "--at", "beta=0.2500000000000000000000000001", code=1)
    assert more["admissible"] is False
    assert "NOT admissible" in call(*BY_CONSTANTS, "--at", "beta=1/3", code=1)[0]


def test_steps_gives_the_exact_stability_limit() -> None:
    found = data(*BY_PROBLEM)
    limit = found["stability"]
    assert limit["step"] == "alpha"
    assert limit["conservatism"] == pytest.approx(limit["value"] / found["largest"]["alpha"])
    beta = limit["others"]["beta"]
    for factor, grows in ((0.99, False), (1.01, True)):
        trace = spiritlevel.run(
            *("interact", "quadratic:p=1,q=1,seed=1", "ring:4"),
            steps=5000,
            limit=1e6,
            alpha=factor * limit["value"],
            beta=beta,
        )
        assert (trace.stopped is not None) == grows
    out, _ = call(*BY_PROBLEM, "--at", "alpha=1", code=1)
    assert "exact stability limit of alpha" in out
    assert "A2(b) violated on quadratic: C_fy = inf" in out


def test_steps_says_why_there_is_no_limit() -> None:
    out, _ = call("steps", "interact/thm1", "--problem", "curved:p=1,q=1", "--network", "ring:4")
    assert "no exact stability limit: the problem is not quadratic" in out


# --- planted ----------------------------------------------------------------------------------------


def test_planted_prints_the_kill_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = {"interact/tracking", "interact/closed-form"}
    real = planted.examiners
    monkeypatch.setattr(planted, "examiners", lambda p: [s for s in real(p) if s.id in fast])
    out, _ = call("planted", "interact/stale-*")
    assert "interact/stale-y" in out
    assert "1  interact/closed-form" in out
    assert "planted errors: all caught" in out
    found = data("planted", "interact/stale-y")["planted"]
    assert [row["caught_by"] for row in found] == [["interact/tracking"]]


def test_a_planted_error_that_survives_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planted, "examiners", lambda p: [ledger.statements()["interact/hypergrad"]])
    out, _ = call("planted", "interact/stale-y", code=1)
    assert "1 of 1 survive: interact/stale-y" in out
    assert "nothing" in out
