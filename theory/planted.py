"""Planted errors: small wrong versions of the algorithms, and which claims catch them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory.judge import Judgement, judge
from spiritlevel.theory.ledger import collect, statements
from spiritlevel.theory.statement import Level, Statement


@dataclass(frozen=True)
class Planted:
    """A wrong version that stands in for the algorithm of the same name."""

    name: str
    """Short, unique within the algorithm."""
    sentence: str
    """What is wrong."""
    algorithm: type[Algorithm]


@dataclass(frozen=True)
class Trial:
    """One planted error put to one statement."""

    planted: Planted
    judgement: Judgement

    @property
    def caught(self) -> bool:
        """Whether the verdict is not the recorded one, or the check could not digest the wrong version."""
        return not self.judgement.as_recorded

    @property
    def crashed(self) -> bool:
        """Whether it was caught by an error rather than by a verdict."""
        return self.judgement.finding.crashed


def planted() -> list[Planted]:
    """All planted errors, found beside the papers' claims.

    Raises
    ------
    RuntimeError
        If two share an algorithm and a name.

    Examples
    --------
    >>> len({p.name for p in planted() if p.algorithm.name == "interact"}) >= 10
    True
    """
    found = sorted(collect(Planted), key=lambda p: (p.algorithm.name, p.name))
    for a, b in itertools.pairwise(found):
        if (a.algorithm.name, a.name) == (b.algorithm.name, b.name):
            raise RuntimeError(f"two planted errors of {a.algorithm.name} are named {a.name!r}")
    return found


def examiners(p: Planted) -> list[Statement]:
    """The checked statements whose checks run the planted error's algorithm."""
    return [s for s in statements().values() if s.check is not None and p.algorithm.name in s.about]


def kill_matrix(chosen: Iterable[Planted], level: Level = "quick") -> Iterator[Trial]:
    """Put every planted error to every statement about its algorithm, one trial at a time."""
    for p in chosen:
        for statement in examiners(p):
            yield Trial(p, judge(statement, level, substitutes={p.algorithm.name: p.algorithm}))
