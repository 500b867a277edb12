"""What the README says is what the project does."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from spiritlevel.core.algorithms import algorithms
from spiritlevel.synthetic.io import read_problem
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.statement import Verdict

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("spiritlevel ")
]


def test_python_examples() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 3
    assert failed == 0


def test_table_of_verdicts_is_the_ledger() -> None:
    ledger = statements()
    rows = re.findall(r"^\| `([a-z]+/[^`*]+)` \| \**([a-z]+)\** \|", README, re.MULTILINE)
    assert len(rows) >= 10
    assert {id.split("/")[0] for id, _ in rows} == {id.split("/")[0] for id in ledger}
    assert {id: verdict for id, verdict in rows} == {id: ledger[id].expected.value for id, _ in rows}


def test_json_example_is_a_problem(tmp_path: Path) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    (tmp_path / "two.json").write_text(text)
    problem = read_problem(tmp_path / "two.json")
    assert (problem.n, problem.p, problem.q) == (2, 1, 1)


def test_counts_are_the_ledger() -> None:
    """One row per paper: statements, those with a check, printed ones, and how many of these are refuted."""
    ledger = statements().values()
    rows = []
    for paper in sorted({s.id.split("/")[0] for s in ledger}):
        own = [s for s in ledger if s.id.startswith(f"{paper}/")]
        printed = [s for s in own if s.variant == "printed"]
        refuted = [s for s in printed if s.expected is Verdict.REFUTED]
        checked = [s for s in own if s.check is not None]
        rows.append(f"| `{paper}/*` | {len(own)} | {len(checked)} | {len(printed)} | {len(refuted)} |")
    missing = [row for row in rows if row not in README]
    assert not missing, "README lacks\n" + "\n".join(missing)


def test_the_gallery_is_what_the_findings_bring() -> None:
    """Every picture is of a statement named below it, drawn by `make figures`, and its finding has that figure."""
    pictures = re.findall(r"\(docs/gallery/([a-z]+)-([^)]+)-(\d+)\.svg\)", README)
    assert len(pictures) == 3
    asked = re.search(r"^GALLERY = (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert asked is not None
    assert asked[1].split() == [f"{paper}/{name}" for paper, name, _ in pictures]
    for paper, name, number in pictures:
        assert f"| `{paper}/{name}`:" in README
        assert (ROOT / "docs" / "gallery" / f"{paper}-{name}-{number}.svg").is_file()
        assert len(judge(statements()[f"{paper}/{name}"]).finding.figures) >= int(number)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 7


@pytest.mark.xdist_group("readme")  # a command may read the file that one before it wrote
@pytest.mark.parametrize("command", COMMANDS)
def test_command_runs(command: str, folder: Path) -> None:
    arguments = shlex.split(command)[1:]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "spiritlevel", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def test_every_algorithm_is_named() -> None:
    assert [name for name in algorithms() if f"`{name}`" not in README] == []
