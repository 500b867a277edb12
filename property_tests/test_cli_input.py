"""What a user can get wrong: one clear sentence, exit code 2, nothing written."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from spiritlevel.cli.main import app
from spiritlevel.core.files import save_npz

# What would make the output coloured although it goes nowhere near a terminal.
PLAIN = dict.fromkeys(("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"))
RUN = {"--problem": "quadratic:p=1,q=1", "--network": "ring:4", "--steps": "3"}
SQUARE = {"H": [[[2.0]]] * 4, "B": [[[1.0]]] * 4, "c": [[0.0]] * 4}


def refused(*arguments: str, word: str) -> None:
    """The command says what is wrong in one line on standard error, and nothing else anywhere."""
    result = CliRunner().invoke(app, list(arguments), env=PLAIN)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = [part for part in result.stderr.splitlines() if not part.startswith("[")]
    assert line.startswith("Error: ")
    assert word in line


def refused_run(word: str, *more: str, algorithm: str = "interact", **changed: str) -> None:
    options = RUN | {f"--{name}": value for name, value in changed.items()}
    refused("run", algorithm, *(part for item in options.items() for part in item), *more, word=word)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, in which a refused command leaves nothing."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problem(**changed: Any) -> str:
    content = {"format": "spiritlevel/quadratic@1", **SQUARE, **changed}
    Path("problem.json").write_text(json.dumps(content))
    return "problem.json"


def network(W: Any) -> str:
    np.save("W.npy", np.array(W, dtype=float))
    return "W.npy"


# --- names and numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["check", "interact/trakcing"], "did you mean 'interact/tracking'"),
        (["check", "nothing/*"], "matches no statement"),
        (["list", "interact/trakcing"], "did you mean 'interact/tracking'"),
        (["show", "interact/trakcing"], "did you mean 'interact/tracking'"),
        (["show", "interact/mix", "--no-check", "--witness", "a.json"], "--no-check"),
        (["show", "interact/tracking", "--witness", "a.json"], "has no witness"),
        (["planted", "interact/stale-z"], "did you mean 'interact/stale-y'"),
        (["steps", "interact/thm2", "--constants", "mu=1,L=2,lam=0,m=1"], "did you mean 'interact/thm"),
        (["steps", "interact/mix", "--constants", "mu=1,L=2,lam=0,m=1"], "has no list of step sizes"),
        (["steps", "interact/thm1"], "either a problem"),
        (["steps", "interact/thm1", "--problem", "quadratic"], "network is missing"),
        (
            ["steps", "interact/thm1", "--problem", "quadratic", "--constants", "mu=1"],
            "give either a problem or constants",
        ),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,m=1"], "lam is missing"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0"], "m is missing"),
        (["steps", "interact/thm1", "--constants", "L=2,lam=0,m=1"], "mu_g is missing"),
        (["steps", "interact/thm1", "--constants", "mu=3,L=2,lam=0,m=1"], "less than mu_g"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=1,m=1"], "lam is 1"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=3/2"], "m is 3/2"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=nan,lam=0,m=1"], "L is 'nan'"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=1,C_gx=1"], "did you mean 'C_gxy'"),
        (["steps", "interact/thm1", "--constants", "mu=1,mu=2,L=2"], "gives mu twice"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,m=4", "--network", "ring:4"], "m is given"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=1", "--at", "gamma=1"], "gamma"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=1", "--at", "alpha=0"], "alpha is 0"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=1", "--at", "alpha=x"], "alpha is 'x'"),
        (["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=1", "--weights", "third"], "network"),
    ],
)
def test_wrong_names_and_numbers(arguments: list[str], word: str, folder: Path) -> None:
    refused(*arguments, word=word)
    assert list(folder.iterdir()) == []


def test_wrong_arguments_of_run() -> None:
    refused_run("did you mean 'interact'", algorithm="interct")
    refused_run("did you mean 'quadratic'", problem="quadratc")
    refused_run("unknown setting of quadratic", problem="quadratic:r=1")
    refused_run("did you mean 'ring'", network="rng:4")
    refused_run("ring:8", network="ring")
    refused_run("known: laplacian, metropolis, third", weights="equal")
    refused_run("steps is 0", steps="0")
    refused_run("replicas is 0", replicas="0")
    refused_run("jobs is 0", jobs="0")
    refused_run("seed is -1", seed="-1")
    refused_run("--record is 'some'", record="some")
    refused_run("record is 0", record="0")
    refused_run("-1.0", noise="-1")
    refused_run("nan", noise="nan")
    refused_run("--out is 'a.csv'", out="a.csv")
    for setting, word in (
        ("alpha=0", "alpha is 0"),
        ("alpha=-1/2", "alpha is -1/2"),
        ("alpha=nan", "alpha is 'nan'"),
        ("alpha=1e", "alpha is '1e'"),
        ("alpha", "write name=value"),
        ("steps=1", "unknown hyper-parameter of interact 'steps'"),
        ("alfa=1", "did you mean 'alpha'"),
        ("alpha=1,alpha=2", "gives alpha twice"),
        ("own=2", "give true or false"),
    ):
        refused_run(word, "--set", setting)


def test_more_than_fits_into_memory_is_said() -> None:
    refused_run("not enough memory", steps=str(10**15), record="all")


def test_usage_errors_exit_with_2_and_name_what_is_close() -> None:
    for arguments, word in (
        (["chek"], "'check'"),
        (["check", "--levl", "full"], "--level"),
        (["check", "--level", "fast"], "quick"),
        (["check", "--jobs", "0"], "--jobs"),
        (["run", "interact", "--steps", "x", "--problem", "a", "--network", "b"], "--steps"),
        (["run", "interact"], "--problem"),
    ):
        result = CliRunner().invoke(app, arguments, env=PLAIN)
        assert result.exit_code == 2
        assert word in result.stderr
        assert "Traceback" not in result.output


# --- files ------------------------------------------------------------------------------------------


def test_problems_that_cannot_be_used() -> None:
    for changed, word in (
        ({"H": [[[2.0]]] * 3}, "H has"),
        ({"B": [[[1.0, 2.0]]] * 4, "A": [[[1.0]]] * 4}, "A has shape"),
        ({"H": [[[2.0, 1.0], [0.0, 2.0]]] * 4, "B": [[[1.0]] * 2] * 4, "c": [[0.0] * 2] * 4}, "symmetric"),
        ({"H": [[[2.0]]] * 3 + [[[-1.0]]]}, "positive definite"),
        ({"c": [[0.0]] * 3 + [["nan"]]}, "c[3, 0]"),
        ({"c": None}, "c"),
        ({"extra": [1]}, "unknown array 'extra'"),
        ({"format": "other"}, "format is 'other'"),
    ):
        refused_run(word, problem=problem(**changed))
    refused_run("4 agents but the network has 5", problem=problem(), network="ring:5")
    Path("problem.json").write_text('{"format": "spiritlevel/quadratic@1", "H": NaN}')
    refused_run("NaN", problem="problem.json")


@pytest.mark.parametrize(
    ("W", "word"),
    [
        ([[0.5, 0.5], [0.4, 0.6]], "symmetric"),
        ([[1.5, -0.5], [-0.5, 1.5]], "negative"),
        (np.eye(2), "disconnected"),
        ([[0.5, 0.4], [0.4, 0.5]], "sums to 0.9"),
        ([[0.5, 0.5]], "square"),
        ([[np.nan, 1], [1, 0]], "W[0, 0] is nan"),
        ([1.0], "shape (1,)"),
    ],
)
def test_networks_that_cannot_be_used(W: Any, word: str) -> None:
    refused_run(word, network=network(W))
    refused_run("W.npy", network=network(W))
    refused("steps", "interact/thm1", "--constants", "mu=1,L=2", "--network", network(W), word=word)


def test_a_weight_rule_is_for_names() -> None:
    refused_run("leave weights out", network=network([[0.5, 0.5], [0.5, 0.5]]), weights="third")


class Trap:
    """Unpickling one of these would leave a mark."""

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.open, ("mark", os.O_CREAT)


def test_unreadable_truncated_and_hostile_files() -> None:
    save_npz("good.npz", {name: np.array(value) for name, value in SQUARE.items()})
    refused_run("a.npz", problem="a.npz")
    Path("cut.npz").write_bytes(Path("good.npz").read_bytes()[:-30])
    refused_run("damaged", problem="cut.npz")
    Path("cut.json").write_text(Path(problem()).read_text()[:-5])
    refused_run("not JSON", problem="cut.json")
    Path("folder.json").mkdir()
    refused_run("folder", problem="folder.json")
    Path("problem.txt").write_text("H")
    refused_run(".json", problem="problem.txt")
    np.save("trap.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    refused_run("pickled", network="trap.npy")
    stream = io.BytesIO()
    np.save(stream, np.array([Trap()], dtype=object), allow_pickle=True)
    with zipfile.ZipFile("trap.npz", "w") as archive:
        archive.writestr("H.npy", stream.getvalue())
    refused_run("pickled", problem="trap.npz")
    Path("bare.npz").write_bytes(b"\x80\x04K\x01.")  # a pickled 1
    refused_run("damaged", problem="bare.npz")
    assert not Path("mark").exists()


@pytest.mark.parametrize("path", ["no/such/a", "folder"])
def test_places_that_cannot_be_written_are_refused_before_any_work(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spiritlevel.core import driver
    from spiritlevel.theory import judge

    def never(*_: object, **__: object) -> None:
        raise AssertionError("work was done")

    monkeypatch.setattr(driver, "run", never)
    monkeypatch.setattr(judge, "judge", never)
    monkeypatch.setattr(judge, "judge_all", never)
    Path("folder.npz").mkdir()
    Path("folder.json").mkdir()
    word = "no folder" if "/" in path else "is a folder"
    refused_run(word, out=f"{path}.npz")
    for command in (
        ["run", "interact", *(part for item in RUN.items() for part in item)],
        ["check", "interact/mix"],
        ["list"],
        ["show", "interact/mix"],
        ["planted", "interact/stale-y"],
        ["steps", "interact/thm1", "--constants", "mu=1,L=2,lam=0,m=1"],
    ):
        refused(*command, "--json", f"{path}.json", word=word)
    refused("show", "interact/mix", "--witness", f"{path}.json", word=word)
    refused("check", "interact/mix", "--witnesses", "no/such", word="no such folder")


def test_a_read_only_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # a superuser may write anywhere, so the system's answer is imitated
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    refused_run("may not be written", out="a.npz")
    refused("check", "interact/mix", "--witnesses", ".", word="may not be written")


def test_existing_output_is_untouched() -> None:
    Path("old.npz").write_text("old")
    Path("old.json").write_text("old")
    refused_run("steps is 0", steps="0", out="old.npz")
    refused_run("alpha is 0", "--set", "alpha=0", "--json", "old.json", out="old.npz")
    refused_run("pickled", network=_trap(), out="old.npz")
    refused("check", "interact/trakcing", "--json", "old.json", word="unknown")
    refused("steps", "interact/thm1", "--constants", "mu=1", "--json", "old.json", word="missing")
    refused("show", "interact/tracking", "--witness", "old.json", word="has no witness")
    assert Path("old.npz").read_text() == Path("old.json").read_text() == "old"


def _trap() -> str:
    np.save("trap.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    return "trap.npy"
