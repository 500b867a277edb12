"""The package as declared is the package on disk, and the lock file honours what is declared."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LAYERS = ("core", "synthetic", "theory", "reports")
TARGETS = [
    (python, platform) for python in ("3.11", "3.12", "3.13") for platform in ("linux", "darwin", "win32")
]


def source_folders() -> Iterator[Path]:
    """Every folder with Python files that belongs to the package, its real place, links not followed."""
    for top in ("spiritlevel", *LAYERS):
        for folder, subfolders, files in os.walk(ROOT / top):
            subfolders[:] = [name for name in subfolders if name != "__pycache__"]
            if any(name.endswith(".py") for name in files):
                yield Path(folder).relative_to(ROOT)


def dotted(folder: Path) -> str:
    """The import name of a folder given relative to the root."""
    parts = folder.parts if folder.parts[0] == "spiritlevel" else ("spiritlevel", *folder.parts)
    return ".".join(parts)


def test_declared_packages_are_the_folders_on_disk() -> None:
    on_disk = {dotted(folder): folder.as_posix() for folder in source_folders()}
    declared = PROJECT["tool"]["setuptools"]
    assert sorted(declared["packages"]) == sorted(on_disk)
    assert declared["package-dir"] == on_disk


def test_every_source_folder_is_a_package() -> None:
    assert [str(folder) for folder in source_folders() if not (ROOT / folder / "__init__.py").is_file()] == []


def test_data_files_in_packages_are_declared() -> None:
    # An undeclared one is there in a checkout and missing from the wheel.
    declared: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
    undeclared = [
        str(path.relative_to(ROOT))
        for folder in source_folders()
        for path in (ROOT / folder).iterdir()
        if path.is_file()
        and path.suffix not in {".py", ".pyc"}
        and not any(fnmatch(path.name, pattern) for pattern in declared.get(dotted(folder), []))
    ]
    assert undeclared == []


def test_entry_points_are_there() -> None:
    project = PROJECT["project"]
    assert set(project["entry-points"]) == {"pytest11"}
    for value in (project["scripts"] | project["entry-points"]["pytest11"]).values():
        module, _, attribute = value.partition(":")
        assert find_spec(module) is not None
        assert not attribute or callable(getattr(import_module(module), attribute))


@pytest.mark.skipif((ROOT / "PKG-INFO").exists(), reason="an unpacked source distribution holds no links")
@pytest.mark.parametrize("layer", LAYERS)
def test_links_are_relative_and_resolve(layer: str) -> None:
    link = ROOT / "spiritlevel" / layer
    assert link.is_symlink(), f"spiritlevel/{layer} is not a link: is git's core.symlinks off?"
    assert Path(os.readlink(link)) == Path("..") / layer
    assert link.samefile(ROOT / layer)


def lock_lines() -> list[str]:
    """The lock file without its comments."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def declared_requirements() -> list[Requirement]:
    """Direct dependencies, those of every extra, and what builds the package; not the package itself."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    texts = [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in extra)]
    requirements = [Requirement(text) for text in [*texts, *PROJECT["build-system"]["requires"]]]
    return [requirement for requirement in requirements if requirement.name != PROJECT["project"]["name"]]


def pins_for(python: str, platform: str) -> dict[str, list[Version]]:
    """The versions that the lock file gives each distribution on one Python and one platform."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "os_name": "nt" if platform == "win32" else "posix",
    }
    pins: dict[str, list[Version]] = {}
    for requirement in map(Requirement, lock_lines()):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            pins.setdefault(canonicalize_name(requirement.name), []).append(Version(pin.version))
    return pins


def test_lock_file_holds_pins_and_nothing_else() -> None:
    # No option, address or path: where to install from is the user's own setting.
    pin = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?")
    assert [line for line in lock_lines() if not pin.fullmatch(line)] == []


@pytest.mark.parametrize(("python", "platform"), TARGETS)
def test_lock_file_pins_every_direct_dependency(python: str, platform: str) -> None:
    pins = pins_for(python, platform)
    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}
    for requirement in declared_requirements():
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{name} is declared and not locked: run `make lock`"
        assert pins[name][0] in requirement.specifier, (
            f"{name}: {pins[name][0]} locked, {requirement} declared"
        )


def tracked_files() -> list[Path]:
    """The files git tracks here; skips the test where there is no git or nothing is tracked."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    listing = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    if listing.returncode != 0 or not paths:
        pytest.skip("git tracks nothing here")
    return [path for path in paths if path.is_file()]


FOREIGN = re.compile(
    r"""(?<![\w.~/-])/(?:home|root|work|Users)/\w  # a folder of somebody's machine
    | [A-Z]:\\{1,2}Users\b
    | --(?:extra-)?index-url
    | https?://[^\s"'<>]*/simple\b                 # a package index
    """,
    re.VERBOSE,
)


def test_tracked_files_name_no_machine_and_no_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked_files()
        if (match := FOREIGN.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("see " + "/home" + "/ada/notes", True),
        ("'" + "/work" + "/main'", True),
        ("C:" + r"\Users\ada", True),
        ("pip install --" + "index-url x", True),
        ("https://mirror.example" + "/simple/numpy", True),
        ("uv pip compile --no-emit-index-url", False),
        ("frame/work/load and ../home/page", False),
    ],
)
def test_the_pattern_finds_what_it_is_for(text: str, foreign: bool) -> None:
    assert (FOREIGN.search(text) is not None) == foreign


HELP_THEN_MODULES = """
import json, sys
from spiritlevel.cli.main import main
sys.argv = ["spiritlevel", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print()
print(json.dumps(sorted(sys.modules)))
"""


def test_help_starts_without_heavy_modules() -> None:
    # sympy takes longest to import; matplotlib and scikit-learn are extras, absent from a plain installation.
    done = subprocess.run(
        [sys.executable, "-c", HELP_THEN_MODULES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded & {"sympy", "matplotlib", "sklearn"} == set()


def test_citation_names_the_version() -> None:
    version = PROJECT["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
