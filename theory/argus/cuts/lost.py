"""Witnesses about what cuts remove: true solutions, the optimum, points that a later estimate allows."""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.argus.cuts.expressions import CUT, EQUAL, MADE, build, soft
from spiritlevel.theory.witness import Condition, Witness

_QUARTER = Condition(
    "g = (y - x)^2/2, r = 0: the estimate is y0 + eta_y (x - y0), the true solution y = x",
    "0 < eta_y and eta_y < 1",
)


def feasible_witness() -> Witness:
    """eta_y = 1/4, present point (0, 1): the cut removes the solution (3, 3).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(feasible_witness()).ok
    True
    """
    return build(
        "argus/cut-true-feasible",
        "Section IV-B, (8), 'a relaxed problem with respect to Eq.(2)'; (21)",
        "the feasible points of the bilevel problem satisfy the cuts",
        note=EQUAL + " The base point is the present y; any other fixed one gives the same slopes.",
        given={"eta_y": "1/4", "eps": "1/10", "x": 0, "y": 1, "x2": 3, "y2": 3},
        define=(
            ("off", "y - (y + eta_y*(x - y))"),
            ("a", "-eta_y"),
            ("b", "1"),
            ("c", "off - a*x - b*y - eps"),
        ),
        assume=(
            _QUARTER,
            Condition("lambda_1 = 0: h = |off|, and a cut is made", "off > eps"),
            Condition("y2 is the lower-level solution at x2", "y2 == x2"),
        ),
        claim=Condition("(x2, y2) satisfies the cut", "a*x2 + b*y2 + c <= 0"),
    )


def optimum_witness() -> Witness:
    """The same cut, with the removed solution (3, 3) the optimum.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(optimum_witness()).ok
    True
    """
    feasible = feasible_witness()
    best = Condition(
        "G = ((x - x2)^2 + (y - y2)^2)/2 >= 0 is 0 at (x2, y2), which is feasible: the optimum", "y2 == x2"
    )
    return dataclasses.replace(
        feasible,
        statement="argus/cut-optimum",
        location="Section IV, (1), (10)",
        claim_text="the optimum of the bilevel problem satisfies the cuts",
        assume=(*feasible.assume, best),
    )


def threshold_optimum_witness() -> Witness:
    """r = |y|, eta_y = 1: the cut of (1/2, 1) removes the optimum (3, 2), where the estimate is exact.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(threshold_optimum_witness()).ok
    True
    """
    return build(
        "argus/cut-optimum-l1",
        "Section IV, (1), (10), (21)",
        "the optimum of the bilevel problem satisfies the cuts",
        note=EQUAL + " G = ((x - x2)^2 + (y - y2)^2)/2 is 0 at (x2, y2) and nowhere less.",
        given={"eta_y": 1, "k": 1, "lam1": "1/10", "eps": "1/10", "x": "1/2", "y": 1, "x2": 3, "y2": 2},
        define=CUT,
        assume=(
            *MADE,
            Condition("(x2, y2) is feasible, so the optimum", f"y2 == {soft('x2')}"),
        ),
        claim=Condition("(x2, y2) satisfies the cut", "a*x2 + b*y2 + c <= 0"),
    )


def disagreement_witness() -> Witness:
    """Two identical agents, eta_y = 1, Hessian 1, y = (1, -1): the cut removes every solution.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(disagreement_witness()).ok
    True
    """
    return build(
        "argus/cut-true-feasible-disagreement",
        "Section IV, (5), (21)",
        "with identical agents and eta_y H = I the feasible points of the bilevel problem satisfy the cuts",
        note="g_i = (y - x)^2/2. The mixing and penalty terms of (5) move the estimate by what the base points disagree.",
        given={"W": [["1/2", "1/2"], ["1/2", "1/2"]], "L": [[1, -1], [-1, 1]], "mu": "1/10", "eps": "1/10"}
        | {"x": [0, 0], "y": [1, -1], "xt": 5},
        define=(
            ("base", "W @ y - y - 2*mu*(L @ y)"),
            ("off", "y - (base + x)"),
            ("b", "positive(off) - positive(-off)"),
            ("c", "dot(b, off) - dot(b, y - x) - eps"),
        ),
        assume=(
            Condition("doubly stochastic", "symmetric(W) and W @ ones(2) == ones(2)"),
            Condition("lambda_1 = 0: h = |off|, and a cut is made", "dot(b, off) > eps"),
            Condition(
                "the estimate is base + x (eta_y = H = 1)", "base + x == W @ y - (y - x) - 2*mu*(L @ y)"
            ),
        ),
        claim=Condition(
            "x_i = y_i = xt, a solution, satisfies the cut -b x + b y + c <= 0",
            "xt*dot(b, ones(2)) - xt*dot(b, ones(2)) + c <= 0",
        ),
    )


def stale_witness() -> Witness:
    """The cut of (0, 1) removes (0, 3/2), where the estimate of the base point 2 is met exactly.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(stale_witness()).ok
    True
    """
    return build(
        "argus/stale-cuts",
        "Section IV-C (3), (9)",
        "a cut stays valid: every point with h <= eps, for the present estimate, satisfies the cuts made before",
        note=EQUAL,
        given={"eta_y": "1/4", "eps": "1/10", "x": 0, "y": 1, "now": 2, "x2": 0, "y2": "3/2"},
        define=(
            ("off", "y - (y + eta_y*(x - y))"),
            ("a", "-eta_y"),
            ("b", "1"),
            ("c", "off - a*x - b*y - eps"),
            ("off2", "y2 - (now + eta_y*(x2 - now))"),
        ),
        assume=(
            _QUARTER,
            Condition("a cut was made at (x, y)", "off > eps"),
            Condition("(x2, y2) is feasible for the estimate from y0 = now", "abs(off2) <= eps"),
        ),
        claim=Condition("(x2, y2) satisfies the cut", "a*x2 + b*y2 + c <= 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        feasible_witness(),
        optimum_witness(),
        threshold_optimum_witness(),
        disagreement_witness(),
        stale_witness(),
    )
