"""Putting statements to their checks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory import plots
from spiritlevel.theory.instruments.budget import FAMILY_WISE, Budget
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.spread import spread
from spiritlevel.theory.statement import Context, Finding, Level, Method, Statement, Verdict


@dataclass(frozen=True)
class Judgement:
    """A statement with what its check found and how long that took."""

    statement: Statement
    finding: Finding
    seconds: float

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the one the ledger expects."""
        return self.finding.verdict is self.statement.expected

    def to_json(self) -> dict[str, Any]:
        """The row of ``spiritlevel/findings@1``."""
        s, f = self.statement, self.finding
        return {
            "id": s.id,
            "paper": s.paper,
            "location": s.location,
            "kind": s.kind,
            "variant": s.variant,
            "statement": s.sentence,
            "method": f.method.value,
            "verdict": f.verdict.value,
            "expected": s.expected.value,
            "summary": f.summary,
            "numbers": dict(f.numbers),
            "cases": f.cases,
            "error_rates": dict(f.error_rates),
            "violated_assumptions": list(f.audit),
            "figures": [plots.document(figure) for figure in f.figures],
            "witness": f.witness.document() if f.witness is not None else None,
            "seconds": round(self.seconds, 3),
        }


def budget() -> Budget:
    """The catalogue's false-alarm budget, split over all its statements that sample."""
    return Budget(FAMILY_WISE, sum(s.samples for s in statements().values()))


def false_alarm_share() -> float:
    """Each sampling check's share of `budget`; the whole of it if no check samples."""
    catalogue = budget()
    return catalogue.each if catalogue.statements else catalogue.total


def judge(
    statement: Statement,
    level: Level = "quick",
    *,
    alpha: float | None = None,
    substitutes: Mapping[str, type[Algorithm]] | None = None,
) -> Judgement:
    """Run one statement's check.

    A check that fails with an error is no verdict on the paper: it is reported as inconclusive, with
    the error, and marked as crashed.

    Examples
    --------
    >>> from spiritlevel.theory.ledger import statements
    >>> judge(statements()["interact/tracking"]).finding.verdict
    <Verdict.PROVED: 'proved'>
    """
    if statement.check is None:
        return Judgement(
            statement, Finding(verdict=Verdict.UNCHECKED, method=Method.NONE, summary="no check yet"), 0.0
        )
    context = Context(
        statement=statement.id,
        level=level,
        alpha=false_alarm_share() if alpha is None else alpha,
        substitutes=substitutes or {},
    )
    start = time.perf_counter()
    try:
        finding = statement.check(context)
    except Exception as error:  # noqa: BLE001 - any error of any check must end as a row, not as a traceback
        finding = crash(f"{type(error).__name__}: {error}")
    return Judgement(statement, finding, time.perf_counter() - start)


def judge_all(
    chosen: Iterable[Statement], level: Level = "quick", *, jobs: int = 1, dask: str | None = None
) -> Iterator[Judgement]:
    """Judge many statements, yielding each when it is done; the order is that of completion.

    Checks derive their seeds from their ids, so the verdicts do not depend on ``jobs`` or ``dask``.

    Parameters
    ----------
    chosen, level
        What to judge, and how hard to look.
    jobs
        Processes of this machine.
    dask
        Address of a cluster in place of them; a check that ends its workers there is a crashed one.

    Raises
    ------
    InputError
        If the cluster cannot be used.
    Lost
        If the workers are gone; see `spiritlevel.theory.spread.spread`.
    """
    call = partial(judge, level=level, alpha=false_alarm_share())
    yield from spread(call, chosen, _lost, jobs=jobs, dask=dask)


def _lost(statement: Statement, why: str) -> Judgement:
    return Judgement(statement, crash(why), 0.0)


def crash(why: str) -> Finding:
    """What a check found that did not end, which is no verdict on the paper.

    Examples
    --------
    >>> crash("ZeroDivisionError: division by zero").verdict.value
    'inconclusive'
    """
    return Finding(
        verdict=Verdict.INCONCLUSIVE, method=Method.NONE, summary=f"the check failed: {why}", crashed=True
    )
