"""Assumptions as things that can be evaluated on a problem, and the audit that does it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from spiritlevel.core.constants import Real
from spiritlevel.core.problem import SolvedProblem


@dataclass(frozen=True)
class Assumption:
    """A numbered assumption of a paper.

    ``violation`` returns None where the assumption holds on the problem with its exact constants, and
    otherwise a short reason with the number.
    """

    id: str
    text: str
    violation: Callable[[SolvedProblem], str | None]


def finite_constant(id: str, text: str, name: str) -> Assumption:
    """The assumption that one constant of `Constants` is finite.

    Where a paper asks for a positive bound, a constant 0 is no violation: upper bounds may be enlarged.
    """

    def violation(problem: SolvedProblem) -> str | None:
        value: Real = getattr(problem.constants, name)
        return f"{name} = inf" if math.isinf(value) else None

    return Assumption(id, text, violation)


def audit(assumptions: Iterable[Assumption], problems: Iterable[SolvedProblem]) -> tuple[str, ...]:
    """Every violated assumption, one line each: which, on which family, and the number.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> A2b = finite_constant("A2(b)", "bounded gradient of f in y", "C_fy")
    >>> audit([A2b], [random_quadratic(seed=1, n=3, p=1, q=1)])
    ('A2(b) violated on quadratic: C_fy = inf',)
    """
    lines: dict[str, None] = {}
    for problem in problems:
        family = problem.name.split("(")[0].split(":")[0]
        for assumption in assumptions:
            reason = assumption.violation(problem)
            if reason is not None:
                lines[f"{assumption.id} violated on {family}: {reason}"] = None
    return tuple(lines)
