"""Corollary 1 in every reading of its gradient: two agents whom SLAM-L tears apart for ever."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.corollaries import FIELDS
from spiritlevel.theory.slam.gradients.corollary_witnesses import torn_witness
from spiritlevel.theory.slam.gradients.courses import Squares, along, lower
from spiritlevel.theory.slam.gradients.endless import Course, lower_error, tear
from spiritlevel.theory.slam.gradients.readings import Reading
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def _of_all(field: Reading) -> Squares:
    def squares(problem: Bilevel, x: Array, y: Array) -> Array:
        return np.asarray((field(problem, x) ** 2).sum(axis=2).max(axis=1))

    return squares


READINGS = {f"{name}^2": _of_all(field) for name, field in FIELDS.items()}
SQUARES: dict[str, Squares] = {**READINGS, "|y - y*|^2": lower}


def where(course: Course) -> str:
    """What the course does, for a summary, with the fields of agent 1 as they are at two of its points."""
    at = convert([[[8], [-8]], [[800], [-800]]], "fraction")
    values = {
        name: sorted({str(v) for v in field(course.problem, at)[:, 0, 0]}) for name, field in FIELDS.items()
    }
    return (
        "Hessians I, every assumption met; one step in symbols, from any point of the course and for every alpha = beta >= "
        f"{course.least}, T = alpha^2, tau_g = 8, rho = n = 2: x_1 and x_2 part at ({course.speed})/alpha each for ever; at each iterate of agent 1 "
        + ", ".join(f"{name} {' or '.join(v)}" for name, v in values.items())
    )


def stationarity(ctx: Context, course: Course) -> Finding:
    """The upper part of Corollary 1 on a course: one at least of the readings would have to fall."""
    return along(ctx, course, torn_witness("slam/cor1-ul"), SQUARES, tuple(READINGS), where(course))


UL_RATE = Statement(
    id="slam/cor1-ul",
    paper=PAPER,
    location="Corollary 1",
    kind="rate",
    sentence="SLAM-L: for every agent the average of E|grad f_i(x_i, y*)|^2 is O(n/sqrt T), grad f_i being one at least of (18) at (x_i, y*(x)), the derivative of "
    "f_i(x_i, y*(x)) in x_i, and that of f_i(x, y*(x, .., x)) at x = x_i.",
    formula=r"\frac1T \sum_r E\|\nabla f_i(x_i^r, y^*(x_i^r))\|^2 = O(n/\sqrt T)",
    because="Agents that move one y* in different directions need not come to rest: (18) may drive them apart for ever. Besides, with rho >= n the printed step sizes "
    "diverge below T of order n^3 sigma_max^2 (slam/cor1-penalty). For single readings see slam/cor1-field-rate, slam/cor1-nash, slam/cor1-apart; where agents share "
    "curvatures, slam/cor1-ul-repaired.",
    assumptions=ALL,
    about=("slam-l",),
    check=lambda ctx: stationarity(ctx, tear()),
    expected=Verdict.REFUTED,
)


def field_rate(ctx: Context, course: Course) -> Finding:
    """The upper part of Corollary 1 for (18) on a course."""
    return along(ctx, course, torn_witness(), SQUARES, ("(18)^2",), where(course))


FIELD_RATE = Statement(
    id="slam/cor1-field-rate",
    paper=PAPER,
    location="Corollary 1, with (18)",
    kind="rate",
    variant="added",
    sentence="Read for (18) at (x_i, y*(x)): the average of its square over T iterations of SLAM-L is O(n/sqrt(T)) for every agent.",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla f_i(x_i^r, y^*(x^r))\|^2 = O(n/\sqrt T)",
    because="Agents that move one y* in different directions need not come to rest: their (18) may drive them apart for ever, though every f_i is "
    "convex and bounded below.",
    assumptions=ALL,
    about=("slam-l",),
    check=lambda ctx: field_rate(ctx, tear()),
    expected=Verdict.REFUTED,
)


def optimality(ctx: Context, course: Course) -> Finding:
    """The lower part of Corollary 1 on a course, the graph being fixed."""
    T = 2.0**20
    return along(
        ctx,
        course,
        torn_witness("slam/cor1-ll-fixed-n"),
        SQUARES,
        ("|y - y*|^2",),
        f"{where(course)}; y* = (x_1, x_2)/2 moves on and y lags behind it by {course.speed / 2} in each of four entries in the end: the average is at least "
        f"{course.speed**2} (1 - 2 alpha/T), {lower_error(course, T**0.5, T):.4f} at T = 2^20",
    )


LL_FIXED_N = Statement(
    id="slam/cor1-ll-fixed-n",
    paper=PAPER,
    location="Corollary 1, (10b)",
    kind="rate",
    variant="added",
    sentence="SLAM-L: on a given graph, two agents say, the average of E||y - y*||^2 is O(1/sqrt T).",
    formula=r"\frac1T \sum_r E\|y^r - y^*(x^r)\|^2 \le C_n/\sqrt T",
    because="As in slam/thm1-ll-optimality-fixed-n: y follows a y* that does not come to rest; where agents share curvatures see slam/cor1-ll-equal.",
    assumptions=ALL,
    about=("slam-l",),
    check=lambda ctx: optimality(ctx, tear()),
    expected=Verdict.REFUTED,
)
