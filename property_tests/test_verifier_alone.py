"""The verifier of witnesses is a program of its own: it needs no package and imports none."""

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

from spiritlevel.theory import verify as verify_module
from spiritlevel.theory import witness_language
from spiritlevel.theory.interact.witnesses import thm1_witness

VERIFIER = Path(inspect.getfile(verify_module))


def isolated(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The verifier as a program of its own: no site packages, no environment, another folder."""
    return subprocess.run(
        [sys.executable, *options, str(VERIFIER.resolve()), str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env={key: os.environ[key] for key in ("SYSTEMROOT",) if key in os.environ},
        timeout=60,
        check=False,
    )


def test_runs_without_any_package(tmp_path: Path) -> None:
    path = tmp_path / "witness.json"
    thm1_witness(network="no-self-loops").save(path)
    for options in (("-I", "-S"), ("-S",)):
        done = isolated(path, *options)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert (
            done.stdout.splitlines()[-1]
            == "WITNESS STANDS: all 31 assumptions are true and the claim is false"
        )

    document = json.loads(path.read_text(encoding="utf-8"))
    document["given"]["alpha"] = "1/160"
    path.write_text(json.dumps(document))
    done = isolated(path, "-I", "-S")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("WITNESS DOES NOT STAND: the claim is true")

    document["claim"]["that"] = "__import__(M)"
    path.write_text(json.dumps(document))
    done = isolated(path, "-I", "-S")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_imports_only_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"spiritlevel.theory.witness_language", "witness_language"}
    for module in (verify_module, witness_language):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= allowed
            if isinstance(node, ast.ImportFrom):
                assert node.module in allowed | {"collections.abc"}
            if isinstance(node, ast.Name):
                assert node.id not in ("eval", "exec", "compile", "__import__")
