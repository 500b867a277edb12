"""One file per algorithm; a new file here is found by itself."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.errors import unknown


@cache
def algorithms() -> Mapping[str, type[Algorithm]]:
    """All algorithms by name, discovered from the modules of this folder; looked for once.

    Raises
    ------
    RuntimeError
        If two classes claim the same name.

    Examples
    --------
    >>> algorithms()["interact"].paper
    'INTERACT, Algorithm 1'
    """
    found: dict[str, type[Algorithm]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ != module.__name__ or not issubclass(cls, Algorithm):
                continue
            if cls.name in found:
                raise RuntimeError(f"two algorithms are named {cls.name!r}")
            found[cls.name] = cls
    return MappingProxyType(found)


def algorithm(name: str) -> type[Algorithm]:
    """One algorithm by name.

    Raises
    ------
    InputError
        If there is none of that name; with suggestions.
    """
    known = algorithms()
    if name not in known:
        raise unknown("algorithm", name, known)
    return known[name]
