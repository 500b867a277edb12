"""Problems, networks and settings as a user names them: a name, a file, or the object itself."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from spiritlevel.core.errors import InputError

if TYPE_CHECKING:
    from spiritlevel.core.networks import Network
    from spiritlevel.core.problem import SolvedProblem
    from spiritlevel.core.schedules import Schedule

_SUFFIXES = (".npz", ".npy", ".json")


def _is_file(text: str) -> bool:
    looks = Path(text).suffix.lower() in _SUFFIXES or os.sep in text
    return looks or os.path.isfile(text)


def network(given: str | os.PathLike[str] | Network, weights: str | None = None) -> Network:
    """A network from its name (``ring:8``) and a weight rule, from a file with ``W``, or as it is.

    Raises
    ------
    InputError
        If the name, the rule or the file cannot be used, or a rule is given for a matrix.

    Examples
    --------
    >>> network("ring:8", "third").n
    8
    """
    from spiritlevel.core.graphs import SHAPES, named
    from spiritlevel.core.networks import Network

    if not isinstance(weights, str | None):
        raise InputError(f"weights is {weights!r:.80}; give the name of a weight rule")
    text = str(given) if isinstance(given, str | os.PathLike) else None
    if text is not None and text.partition(":")[0] == "redrawn":
        raise InputError(
            f"network is {text!r}, which changes in every iteration; give one that stays the same"
        )
    known = text is not None and text.partition(":")[0].removeprefix("lazy-") in SHAPES
    if text is not None and (known or not _is_file(text)):
        return named(text, weights or "metropolis")
    if weights is not None:
        raise InputError(f"weights is {weights!r} but the network is a matrix; leave weights out")
    if isinstance(given, Network):
        return given
    if text is None:
        raise InputError(f"network is a {type(given).__name__}; give a name, a file or a Network")
    from spiritlevel.synthetic.io import read_matrix

    W = read_matrix(text)
    try:
        return Network(W, Path(text).stem)
    except InputError as error:
        raise InputError(f"in {text}: {error}") from error


def schedule(given: str | os.PathLike[str] | Schedule, weights: str | None = None) -> Schedule:
    """As `network`, and ``redrawn:10:0.5:1`` for a graph that is drawn afresh in every iteration.

    Examples
    --------
    >>> schedule("redrawn:10:0.5:1").n
    10
    """
    from spiritlevel.core.networks import Network
    from spiritlevel.core.schedules import Schedule, redrawn

    if isinstance(given, str) and given.partition(":")[0] == "redrawn":
        if weights is not None:
            raise InputError(
                f"weights is {weights!r} but a redrawn network has Metropolis weights; leave it out"
            )
        return redrawn(given)
    if isinstance(given, Schedule) and not isinstance(given, Network):
        return given
    return network(given, weights)


def problem(given: str | os.PathLike[str] | SolvedProblem, agents: int) -> SolvedProblem:
    """A problem from its name (``quadratic:p=3,seed=1``, ``diabetes``), from a file, or as it is.

    Raises
    ------
    InputError
        If the name or file cannot be used, or the number of agents is not the network's.

    Examples
    --------
    >>> problem("quadratic:p=1", 4).name
    'quadratic(n=4, p=1, q=2, seed=0)'
    """
    from spiritlevel.synthetic.families import FAMILIES, named

    if not isinstance(given, str | os.PathLike):
        if not all(hasattr(given, name) for name in ("n", "constants", "start")):
            raise InputError(f"problem is a {type(given).__name__}; give a name, a file or a problem")
        made: SolvedProblem = given
    elif isinstance(given, str) and (given.partition(":")[0].strip() in FAMILIES or not _is_file(given)):
        made = named(given, agents)
    else:
        from spiritlevel.synthetic.io import read_problem

        made = read_problem(given)
    if made.n != agents:
        raise InputError(f"the problem has {made.n} agents but the network has {agents}; they must agree")
    return made


def settings(items: Iterable[str], option: str) -> dict[str, str]:
    """Texts by name from ``["alpha=0.1", "beta=1,own=false"]``.

    Raises
    ------
    InputError
        If an item is not ``name=value``, or a name is given twice.

    Examples
    --------
    >>> settings(["alpha=0.1,beta=1/3"], "--set")
    {'alpha': '0.1', 'beta': '1/3'}
    """
    found: dict[str, str] = {}
    for item in (part for text in items for part in text.split(",")):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not (name and equals and value):
            example = "mu=1,L=10" if option == "--constants" else "alpha=0.1"
            raise InputError(f"{option} has {item!r}; write name=value, as in {option} {example}")
        if name in found:
            raise InputError(f"{option} gives {name} twice; give it once")
        found[name] = value
    return found


def numbers(items: Iterable[str], option: str) -> dict[str, Fraction | float]:
    """As `settings`, with exact numbers.

    Examples
    --------
    >>> numbers(["alpha=0.1"], "--at")
    {'alpha': Fraction(1, 10)}
    """
    from spiritlevel.core.numbers import parse_number

    return {name: parse_number(text, name) for name, text in settings(items, option).items()}


def constants(given: Mapping[str, object]) -> dict[str, Fraction | float]:
    """Constants by name as exact numbers; ``inf`` where there is no bound, as problems without one have it.

    Examples
    --------
    >>> constants({"mu": "1/2", "C_fy": "inf"})
    {'mu': Fraction(1, 2), 'C_fy': inf}
    """
    import dataclasses

    from spiritlevel.core.constants import Constants
    from spiritlevel.core.numbers import parse_number

    bounds = {field.name for field in dataclasses.fields(Constants)} - {"mu_g", "L_g"}
    return {
        name: math.inf if name in bounds and value in ("inf", math.inf) else parse_number(value, name)
        for name, value in given.items()
    }
