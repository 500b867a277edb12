"""The worked example of CONTRIBUTING.md: written into a copy of the project and run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```python\n# file: (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the example's files written into it."""
    copy = tmp_path_factory.mktemp("project")
    # With what is compiled already, but for what another process is writing.
    ignore = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(ROOT / "spiritlevel", copy / "spiritlevel", symlinks=False, ignore=ignore)
    blocks = BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text())
    assert [name for name, _ in blocks] == [
        "core/algorithms/atc.py",
        "synthetic/tug.py",
        "theory/example/__init__.py",
        "theory/example/claims.py",
    ]
    for name, text in blocks:
        path = copy / "spiritlevel" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return copy


def spiritlevel(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line of the copy, away from the checkout."""
    environment = os.environ | {"PYTHONPATH": str(project), "COLUMNS": "120"}
    command = [sys.executable, "-m", "spiritlevel", *arguments]
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_claim_is_judged(project: Path) -> None:
    done = spiritlevel(project, "check", "example/*")
    assert done.returncode == 0, done.stderr
    assert "example/atc-consensus" in done.stdout
    assert "refuted" in done.stdout


def test_the_statement_is_shown(project: Path) -> None:
    done = spiritlevel(project, "show", "example/atc-consensus", "--no-check")
    assert done.returncode == 0, done.stderr
    assert "Agents keep pulling" in done.stdout


def test_the_algorithm_runs_by_name(project: Path) -> None:
    out = project / "atc.npz"
    done = spiritlevel(
        project,
        "run",
        "atc",
        "--problem",
        "quadratic",
        "--network",
        "ring:4",
        "--steps",
        "100",
        "--out",
        str(out),
    )
    assert done.returncode == 0, done.stderr
    with np.load(out) as arrays:
        assert arrays["x"].shape[1:] == (4, 3)


def test_the_planted_error_is_caught(project: Path) -> None:
    done = spiritlevel(project, "planted", "atc/*")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong-order" in done.stdout
