"""The example projects, run as their reader would: against the package as it is installed, away from the checkout."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from spiritlevel.theory.witness import Witness, check

ROOT = Path(__file__).parents[1]
SOURCES = ("spiritlevel", "core", "synthetic", "theory", "reports")
FILES = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")
OWN = "own_algorithm"


def execute(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a Python command in a folder; of the variables of this process, none that names modules."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def install(folder: Path) -> Path:
    """Build a wheel from a copy of the sources and install it, without what it depends on."""
    tree, site = folder / "tree", folder / "site"
    tree.mkdir()
    for (
        name
    ) in SOURCES:  # links as links: what they lead to is copied too, or, in a source distribution, not there
        shutil.copytree(ROOT / name, tree / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, tree / name)
    built = execute(
        "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(tree), cwd=folder
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    options = ("--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index", "--no-compile")
    installed = execute("-m", "pip", *options, "--target", str(site), str(wheel), cwd=folder)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return site


def rows(path: Path) -> dict[str, Any]:
    """The rows of a report by id."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return {row["statement"]["id"]: row for paper in document["papers"] for row in paper["rows"]}


def test_own_algorithm_against_the_installed_wheel(tmp_path: Path) -> None:
    # One test, so that the wheel is built once whatever the number of workers.
    site = install(tmp_path)
    project = tmp_path / OWN
    shutil.copytree(
        ROOT / "examples" / OWN, project, ignore=shutil.ignore_patterns("__pycache__", ".*", "report.html")
    )
    where = "import spiritlevel.theory.statement as s; print(s.__file__)"
    imported = execute("-c", where, cwd=project, PYTHONPATH=str(site))
    assert Path(imported.stdout.strip()).is_relative_to(site), imported.stdout + imported.stderr

    reports = ("--spiritlevel-report=report.html", "--spiritlevel-report=report.json")
    done = execute(
        "-m", "pytest", "-v", "-W", "error", "-p", "no:benchmark", *reports, cwd=project, PYTHONPATH=str(site)
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "spiritlevel" in next(line for line in done.stdout.splitlines() if line.startswith("plugins:"))
    outcomes = {
        name: word
        for line in done.stdout.splitlines()
        if line.startswith("test_claims.py::") and line.endswith("%]")
        for name, word in [line.removeprefix("test_claims.py::").split()[:2]]
    }
    assert outcomes == {
        "test_mean[own/mean]": "PASSED",
        "test_two_over_L[own/two-over-L]": "FAILED",
        "test_repaired[own/two-over-L-repaired]": "PASSED",
    }
    assert "own/two-over-L is refuted, but expected to be supported" in done.stdout
    assert "Traceback" not in done.stdout

    found = rows(project / "report.json")
    assert {id: row["finding"]["verdict"] for id, row in found.items()} == {
        "own/mean": "proved",
        "own/two-over-L": "refuted",
        "own/two-over-L-repaired": "supported",
    }
    assert check(Witness.from_document(found["own/two-over-L"]["finding"]["witness"])).ok
    page = (project / "report.html").read_text(encoding="utf-8")
    assert all(f'id="{id}"' in page for id in found)


def test_read_me_shows_what_the_example_prints() -> None:
    text = (ROOT / "examples" / OWN / "README.md").read_text(encoding="utf-8")
    source = (ROOT / "examples" / OWN / "test_claims.py").read_text(encoding="utf-8")
    shown = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("    claim:")]
    assert shown
    assert all(line in source for line in shown)
