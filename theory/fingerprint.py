"""What a finding depends on: the sources behind a check, as one digest, so that findings can be kept."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from spiritlevel.theory.statement import Level, Statement

ROOT = "spiritlevel"
ALWAYS = ("spiritlevel.core", "spiritlevel.theory.statement", "spiritlevel.theory.judge")
"""Algorithms are found by name, so all of core counts."""
LIBRARIES = ("numpy", "scipy", "sympy", "python-flint", "networkx")


@cache
def _source(module: str) -> bytes | None:
    """The text of one of our modules; None if there is no such module."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin).read_bytes() if spec is not None and spec.origin else None


@cache
def imports(module: str) -> frozenset[str]:
    """Our modules that a module's text imports, anywhere in it.

    Examples
    --------
    >>> "spiritlevel.core.errors" in imports("spiritlevel.core.networks")
    True
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(_source(module) or b"")):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in found if name.split(".")[0] == ROOT and _source(name) is not None)


@cache
def closure(module: str) -> frozenset[str]:
    """A module and all of ours that it imports, directly or not."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += imports(name)
    return frozenset(seen)


def _below(name: str) -> set[str]:
    """A module and all that lies in its folder, if it has one."""
    spec = find_spec(name)
    names = {name}
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in Path(folder).rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            names.add(".".join([name, *(part for part in parts if part != "__init__")]))
    return names


@cache
def _always() -> frozenset[str]:
    return frozenset().union(*map(_below, ALWAYS))


@cache
def _versions() -> dict[str, str]:
    return {"python": ".".join(map(str, sys.version_info[:2])), **{name: version(name) for name in LIBRARIES}}


@cache
def _written(module: str) -> str:
    return hashlib.sha256(_source(module) or b"").hexdigest()


def _text(modules: Iterable[str]) -> str:
    return hashlib.sha256(repr([(name, _written(name)) for name in sorted(modules)]).encode()).hexdigest()


@cache
def _digest(module: str) -> str:
    return hashlib.sha256(repr((_versions(), _text(closure(module) | _always()))).encode()).hexdigest()


@cache
def installed() -> dict[str, str]:
    """What findings come from in this process: libraries with their versions, and a digest of our sources.

    It stays as it was when it was first asked for, as modules stay as they were when they were imported.

    Examples
    --------
    >>> sorted(installed())[:3]
    ['networkx', 'numpy', 'python']
    """
    rooms = set().union(*(_below(f"{ROOT}.{room}") for room in ("core", "synthetic", "theory")))
    return {ROOT: f"with sources {_text(rooms)[:12]}", **_versions()}


def _modules(check: object) -> set[str]:
    """Where a check is written; of a partial one, where all its parts are; nowhere if there is none."""
    if check is None:
        return set()
    if not isinstance(check, partial):
        return {getattr(check, "__module__", type(check).__module__)}
    parts = [check.func, *check.args, *check.keywords.values()]
    return {name for part in parts for name in _modules(part) if name.split(".")[0] == ROOT}


def fingerprint(statement: Statement, level: Level, alpha: float, instead: type | None = None) -> str:
    """A digest of all that a statement's finding depends on: sources, libraries, effort, error budget.

    Parameters
    ----------
    statement, level, alpha
        As in `spiritlevel.theory.judge.judge`.
    instead
        A planted error's algorithm.

    Examples
    --------
    >>> from spiritlevel.theory.ledger import statements
    >>> s = statements()["interact/mix"]
    >>> fingerprint(s, "quick", 1e-4) == fingerprint(s, "quick", 1e-4) != fingerprint(s, "full", 1e-4)
    True
    """
    share = repr(alpha) if statement.samples else ""
    text = [statement.id, level, share, *map(_digest, sorted(_modules(statement.check)))]
    if instead is not None:
        text += [instead.__qualname__, _digest(instead.__module__)]
    return hashlib.sha256("\0".join(text).encode()).hexdigest()
