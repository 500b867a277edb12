"""Planted errors: small wrong versions of the algorithms, and which claims catch them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory.judge import Judgement, false_alarm_share, judge
from spiritlevel.theory.ledger import collect, statements
from spiritlevel.theory.spread import spread
from spiritlevel.theory.statement import Level, Statement, Verdict


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

    @property
    def killed(self) -> bool:
        """Whether it was caught by a verdict: another one than recorded, and not inconclusive."""
        return self.caught and self.judgement.finding.verdict is not Verdict.INCONCLUSIVE


Task = tuple[Planted, Sequence[Statement]]
"""A planted error and the statements that it is put to."""


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


def pairs(among: Iterable[Statement]) -> list[Task]:
    """Every planted error with every one of these statements that is about its algorithm.

    Examples
    --------
    >>> from spiritlevel.theory.ledger import select
    >>> {(p.algorithm.name, s.id) for p, [s] in pairs(select(["interact/mix", "interact/alg1"]))}
    {('interact', 'interact/alg1')}
    """
    checked = [s for s in among if s.check is not None]
    return [(p, [s]) for p in planted() for s in checked if p.algorithm.name in s.about]


def kill_matrix(chosen: Iterable[Planted], level: Level = "quick") -> Iterator[Trial]:
    """Put every planted error to every statement about its algorithm, one trial at a time."""
    for trials in plant(((p, [s]) for p in chosen for s in examiners(p)), level):
        yield from trials


def plant(
    tasks: Iterable[Task], level: Level = "quick", *, jobs: int = 1, dask: str | None = None
) -> Iterator[list[Trial]]:
    """Put planted errors to statements; each task's trials come when it is done.

    Parameters
    ----------
    tasks
        An error and statements about its algorithm, which are asked in turn until one catches it.
    level
        How hard the checks look.
    jobs, dask
        As in `spiritlevel.theory.judge.judge_all`; a task that ends its workers has no trials.

    Examples
    --------
    >>> p = next(p for p in planted() if (p.algorithm.name, p.name) == ("interact", "stale-y"))
    >>> asked = [statements()[f"interact/{name}"] for name in ("tracking", "eq16-17")]
    >>> [[(t.judgement.statement.id, t.caught) for t in trials] for trials in plant([(p, asked)])]
    [[('interact/tracking', True)]]
    """
    call = partial(_examine, level=level, alpha=false_alarm_share())
    yield from spread(call, tasks, _lost, jobs=jobs, dask=dask)


def _examine(task: Task, level: Level, alpha: float) -> list[Trial]:
    p, asked = task
    trials = []
    for statement in asked:
        made = judge(statement, level, alpha=alpha, substitutes={p.algorithm.name: p.algorithm})
        trials.append(Trial(p, made))
        if trials[-1].killed:
            break
    return trials


def _lost(task: Task, why: str) -> list[Trial]:
    return []  # no trial was made
