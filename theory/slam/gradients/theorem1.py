"""Theorem 1, (10), in every reading of its gradient: two agents whom SLAM leads away for ever."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.slam import PAPER, hypergradients
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.courses import Squares, along, lower, walk
from spiritlevel.theory.slam.gradients.endless import Course, climb, lower_error
from spiritlevel.theory.slam.gradients.limit_witnesses import uphill_witness
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

FIELDS: dict[str, Callable[[Bilevel, Array], Array]] = {
    "gradient": hypergradients.true,
    "(18)": hypergradients.eq18,
    "(23)": hypergradients.eq23,
}


def _at_mean(field: Callable[[Bilevel, Array], Array]) -> Squares:
    def squares(problem: Bilevel, x: Array, y: Array) -> Array:
        return np.asarray((field(problem, x.mean(axis=1)) ** 2).sum(axis=1))

    return squares


READINGS = {f"{name}^2": _at_mean(field) for name, field in FIELDS.items()}
SQUARES: dict[str, Squares] = {**READINGS, "|y - y*|^2": lower}


def where(course: Course) -> str:
    """What the course does, for a summary, with the fields as they are at two of its points."""
    at = convert([[8], [800]], "fraction")
    values = {
        name: sorted({str(v) for v in field(course.problem, at)[:, 0]}) for name, field in FIELDS.items()
    }
    return (
        "equal Hessians, every assumption met; one step in symbols, from any point of the course and for every alpha = beta = gamma >= "
        f"{course.least}: x climbs by {course.speed}/alpha for ever; at each iterate "
        + ", ".join(f"{name} {' or '.join(v)}" for name, v in values.items())
    )


def stationarity(ctx: Context, course: Course, statement: str) -> Finding:
    """(10a)'s first part on a course: one at least of the readings would have to fall."""
    found = along(ctx, course, uphill_witness(statement), SQUARES, tuple(READINGS), where(course))
    # all readings are 1 along the course, which is better told than drawn
    return dataclasses.replace(found, figures=(walk(ctx, course),) if found.figures else ())


STATIONARITY = Statement(
    id="slam/thm1-ul-stationarity",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="speedup",
    sentence="With 1/alpha ~ 1/beta ~ sqrt(n/T) the average of E|grad f(xbar, y*(xbar))|^2 is O(1/sqrt(nT)), grad f being one at least of the gradient of (1), "
    "the mean of (18) and the mean of (23).",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla f(\mathbf 1 \bar x^r, y^*(\mathbf 1 \bar x^r))\|^2 = O(1/\sqrt{nT})",
    because="Where each agent's own share in y* is what its f_i leans against, the mean of (18) and (23) points uphill, whatever the step sizes, in every iteration; it is "
    "then the gradient of nothing that is bounded below. For single readings see slam/thm1-true-gradient, slam/thm1-field; where agents share curvatures, slam/thm1-ul-stationarity-repaired.",
    assumptions=ALL,
    about=("slam",),
    check=lambda ctx: stationarity(ctx, climb(), "slam/thm1-ul-stationarity"),
    expected=Verdict.REFUTED,
)


def field_rate(ctx: Context, course: Course) -> Finding:
    """(10a) for (152) on a course."""
    return along(ctx, course, uphill_witness(), SQUARES, ("(18)^2",), where(course))


FIELD = Statement(
    id="slam/thm1-field",
    paper=PAPER,
    location="Theorem 1, (10a), with (152)",
    kind="rate",
    variant="added",
    sentence="Read for the field (152), the mean over agents of (18) or (23), instead of the gradient: its average square over T iterations "
    "is O(1/sqrt(nT)).",
    formula=r"\frac1T \sum_{r=1}^T E\Big\|\frac1n \sum_i \nabla f_i(\bar x^r, y^*(\bar x^r))\Big\|^2 = O(1/\sqrt{nT})",
    because="The mean of (18) need not be a descent direction, nor the gradient of anything bounded below: where cross terms and grad_y f_i are "
    "negatively correlated over agents, SLAM runs away from the minimiser, whatever the step sizes.",
    assumptions=ALL,
    about=("slam",),
    check=lambda ctx: field_rate(ctx, climb()),
    expected=Verdict.REFUTED,
)


def optimality(ctx: Context, course: Course) -> Finding:
    """(10b)'s first part on a course, the graph being fixed."""
    T = 2.0**20
    limit = lower_error(course, (2 * T) ** 0.5, T)
    return along(
        ctx,
        course,
        uphill_witness("slam/thm1-ll-optimality-fixed-n"),
        SQUARES,
        ("|y - y*|^2",),
        f"{where(course)}; y* = x/2 (1, 1) moves on at a constant speed, y lags behind it by 1/2 in each of four entries in the end: the average is at least "
        f"{course.speed**2} (1 - 2 alpha/T), {limit:.4f} at T = 2^20",
    )


OPTIMALITY = Statement(
    id="slam/thm1-ll-optimality-fixed-n",
    paper=PAPER,
    location="Theorem 1, (10b)",
    kind="rate",
    variant="added",
    sentence="On a given graph, two agents say, the average of E||y - y*||^2 is O(1/sqrt T).",
    formula=r"\frac1T \sum_r E\|y^r - y^*(x^r)\|^2 \le C_n/\sqrt T",
    because="y follows y* at a distance of its speed times beta. Where (18) does not lead to rest, that is of order beta/alpha, and does not vanish with T; "
    "where agents share curvatures see slam/thm1-ll-optimality-equal.",
    assumptions=ALL,
    about=("slam",),
    check=lambda ctx: optimality(ctx, climb()),
    expected=Verdict.REFUTED,
)
