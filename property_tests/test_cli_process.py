"""The command as a process of its own: exit codes, start-up, signals, terminals without Greek letters."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spiritlevel.theory.ledger import statements

ROOT = Path(__file__).resolve().parent.parent
COLOURING = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS")
PLAIN = {name: value for name, value in os.environ.items() if name not in COLOURING}
HEAVY = {"numpy", "scipy", "sympy", "matplotlib", "networkx", "joblib", "sklearn", "flint"}


def spiritlevel(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "spiritlevel", *arguments],
        cwd=ROOT,
        env={**PLAIN, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_help_of_every_command_imports_nothing_heavy() -> None:
    program = """
import contextlib, io, json, sys
from spiritlevel.cli.main import main
for command in ([], ["check"], ["list"], ["show"], ["run"], ["plot"], ["steps"], ["planted"], ["verify"]):
    sys.argv = ["spiritlevel", *command, "--help"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(json.loads(done.stdout)) & HEAVY == set()


def test_importing_the_package_imports_nothing_of_it() -> None:
    program = "import sys, spiritlevel; print([m for m in sys.modules if m.startswith('spiritlevel')])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['spiritlevel']"


def test_exit_codes() -> None:
    good = spiritlevel("check", "interact/mix*")
    assert (good.returncode, "all as recorded" in good.stdout) == (0, True)
    bad = spiritlevel("run", "interact", "--problem", "quadratic", "--network", "ring:4", "--steps", "-1")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert re.fullmatch(r"Error: steps is -1; [^\n]+\n", bad.stderr)
    limit = ("steps", "interact/thm1", "--constants", "mu=1,L=3,lam=0,m=4", "--at")
    assert spiritlevel(*limit, "beta=1/3").returncode == 1


def test_a_terminal_without_greek_letters_is_served(tmp_path: Path) -> None:
    path = tmp_path / "λ.npy"
    np.save(path, np.full((2, 2), 0.5))
    arguments = ("run", "interact", "--problem", "quadratic", "--network", str(path), "--steps", "1")
    done = spiritlevel(*arguments, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert r"\u03bb" in done.stdout
    assert done.stdout.isascii()  # the lines of the tables too


def test_json_on_standard_output_is_valid_in_any_encoding() -> None:
    done = spiritlevel("list", "--json", "-", PYTHONIOENCODING="ascii")
    assert len(json.loads(done.stdout)["statements"]) == len(statements())


@pytest.mark.skipif(os.name == "nt", reason="signals as on a terminal")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupting_keeps_what_is_finished(tmp_path: Path, jobs: str) -> None:
    path = tmp_path / "findings.json"
    # a test runner in the background may hand down that the signal is ignored
    program = """
import signal
from spiritlevel.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
    # interact/thm1-repaired takes seconds; the others are done long before
    patterns = ("interact/mix", "interact/thm1-repaired")
    with subprocess.Popen(
        [sys.executable, "-c", program, "check", *patterns, "--jobs", jobs, "--json", str(path)],
        cwd=ROOT,
        env=PLAIN,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal signals the whole group
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "interact/mix refuted" in first
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "interrupted; 1 not judged" in err
    assert "interact/mix" in out
    assert [row["id"] for row in json.loads(path.read_text())["findings"]] == ["interact/mix"]
