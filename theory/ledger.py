"""The ledger: every statement of every paper, found by walking the papers' folders."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import TypeVar

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.theory.statement import Statement

T = TypeVar("T")

NO_PAPER = ("instruments", "step_lists")
"""Folders beside the papers'."""


@cache
def _papers() -> tuple[ModuleType, ...]:
    """All modules of the papers' folders; walked once, as every judgement asks."""
    from spiritlevel import theory

    found = []
    for folder in pkgutil.iter_modules(theory.__path__):
        if not folder.ispkg or folder.name in NO_PAPER:
            continue
        package = importlib.import_module(f"{theory.__name__}.{folder.name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            found.append(importlib.import_module(module.name))
    return tuple(found)


def collect(kind: type[T], modules: Iterable[ModuleType] | None = None) -> list[T]:
    """All module-level objects of a type in the papers' folders (or the given modules), each once."""
    found: dict[int, T] = {}
    for module in modules if modules is not None else _papers():
        for value in vars(module).values():
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, kind):
                    found.setdefault(id(item), item)
    return list(found.values())


def statements() -> dict[str, Statement]:
    """Every statement by id, sorted; checked or not.

    Raises
    ------
    RuntimeError
        If two statements share an id, or one repairs a statement that does not exist.

    Examples
    --------
    >>> "interact/thm1" in statements()
    True
    """
    ledger: dict[str, Statement] = {}
    for statement in collect(Statement):
        if statement.id in ledger:
            raise RuntimeError(f"two statements have the id {statement.id!r}")
        ledger[statement.id] = statement
    for statement in ledger.values():
        if statement.repairs is not None and statement.repairs not in ledger:
            raise RuntimeError(f"{statement.id} repairs {statement.repairs!r}, which is not in the ledger")
    return dict(sorted(ledger.items()))


def select(patterns: Iterable[str]) -> list[Statement]:
    """Statements whose id matches any pattern (``interact/*``); all without patterns.

    Raises
    ------
    InputError
        If a pattern matches nothing; with suggestions.

    Examples
    --------
    >>> [s.id for s in select(["interact/mix*"])]
    ['interact/mix', 'interact/mix-repaired']
    """
    ledger = statements()
    chosen: dict[str, Statement] = {}
    given = list(patterns)
    for pattern in given:
        matched = {id: s for id, s in ledger.items() if fnmatch.fnmatchcase(id, pattern)}
        if not matched:
            if any(c in pattern for c in "*?["):
                raise InputError(
                    f"pattern {pattern!r} matches no statement; `spiritlevel list` shows all ids"
                )
            if any(id.startswith(f"{pattern}/") for id in ledger):
                raise InputError(f"unknown statement {pattern!r}; did you mean '{pattern}/*'?")
            raise unknown("statement", pattern, ledger)
        chosen |= matched
    return [ledger[id] for id in ledger if id in chosen or not given]
