r"""Witnesses about cuts: one agent's scalars, which N agents with the same data and values repeat (a mixing row sums to 1).

``max(0, v - k) - max(0, -v - k)`` is the soft threshold of v, the proximal map of :math:`k|\cdot|`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

EQUAL = "Identical agents that agree: W y0 = y0, and neither mu nor phi enters."


def build(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def soft(v: str, k: str = "k") -> str:
    """The soft threshold, as an expression."""
    return f"(max(0, {v} - {k}) - max(0, -({v}) - {k}))"


def h(off: str, weight: str = "lam1") -> str:
    """(8) of one component, as an expression."""
    return f"(abs({off}) + {weight}*({off})**2)"


_LINE = Condition(
    "g = (y - x)^2/2, r = k|y|, eta_y = 1: prox_r(y0 - (y0 - x)) = soft(x), affine before the proximal map; (a), (b) of Assumption 1 hold",
    "eta_y == 1 and k > 0 and lam1 >= 0",
)


def convex_witness() -> Witness:
    """h is 0 at (0, 0) and (2, 1) and 21/40 half-way.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(convex_witness()).ok
    True
    """
    return build(
        "argus/h-convex-l1",
        "Section IV-B, after (8)",
        "with K = 1 the function h is convex",
        note=EQUAL,
        given={"eta_y": 1, "k": 1, "lam1": "1/10", "x1": 0, "y1": 0, "x2": 2, "y2": 1},
        define=(
            ("h1", h(f"y1 - {soft('x1')}")),
            ("h2", h(f"y2 - {soft('x2')}")),
            ("middle", h(f"(y1 + y2)/2 - {soft('(x1 + x2)/2')}")),
        ),
        assume=(_LINE,),
        claim=Condition("the value half-way is at most the mean", "middle <= (h1 + h2)/2"),
    )


def rounds_witness() -> Witness:
    """Two rounds on y^4/4 - x y give x - x^3/16: h is 0 at (0, 0) and (2, 3/2) and 3/16 half-way.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(rounds_witness()).ok
    True
    """
    two = "({0}/2 - (({0}/2)**3 - {0})*eta_y)"
    return build(
        "argus/h-convex-K2",
        "Section IV-A, (5)-(7)",
        "with K = 2 and r = 0 the function h is convex",
        note=EQUAL + " g is bilinear in (x, y) but for y^4/4, so that its linearisation in x (3) is itself.",
        given={"eta_y": "1/2", "lam1": 0, "x1": 0, "y1": 0, "x2": 2, "y2": "3/2"},
        define=(
            ("h1", h("y1 - " + two.format("x1"))),
            ("h2", h("y2 - " + two.format("x2"))),
            ("middle", h("(y1 + y2)/2 - " + two.format("((x1 + x2)/2)"))),
        ),
        assume=(
            Condition(
                "from y0 = 0 the first round gives eta_y x = x/2, the second x/2 - eta_y ((x/2)^3 - x)",
                "eta_y == 1/2 and lam1 >= 0",
            ),
        ),
        claim=Condition("the value half-way is at most the mean", "middle <= (h1 + h2)/2"),
    )


def validity_witness() -> Witness:
    """The cut made at (1/2, 1) removes (2, 1), where h is 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(validity_witness()).ok
    True
    """
    return build(
        "argus/cut-validity",
        "(21)-(26)",
        "every (x, y) with h(x, y) <= eps satisfies the new cut",
        note=EQUAL,
        given={"eta_y": 1, "k": 1, "lam1": "1/10", "eps": "1/10", "x": "1/2", "y": 1, "x2": 2, "y2": 1},
        define=(
            ("off", f"y - {soft('x')}"),
            ("a", "0"),
            ("b", "1 + 2*lam1*off"),
            ("c", f"{h('off')} - a*x - b*y - eps"),
        ),
        assume=(
            _LINE,
            Condition("around x the soft threshold is 0, so that a = 0 (24)", "abs(x) < k and off > 0"),
            Condition("the point is not feasible: a cut is made", f"{h('off')} > eps"),
            Condition("(x2, y2) is feasible", h(f"y2 - {soft('x2')}") + " <= eps"),
        ),
        claim=Condition("(x2, y2) satisfies the cut", "a*x2 + b*y2 + c <= 0"),
    )


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
        "Section IV, (2), (8), (21)",
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


def limit_witness() -> Witness:
    """h = 1/2 and h_low = 0 at (0, 1/2).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(limit_witness()).ok
    True
    """
    return build(
        "argus/low-cut-separates",
        "(21)",
        "wherever h > eps, h_low > eps too, so that its cut separates the point",
        note=EQUAL,
        given={"eta_y": 1, "k": 1, "lam1": "1/10", "eps": "1/10", "x": 0, "y": "1/2"},
        define=(("low", "max(0, abs(y - x) - k)"),),
        assume=(_LINE, Condition("the point is not feasible", h(f"y - {soft('x')}") + " > eps")),
        claim=Condition("h_low is above eps", "low + lam1*low**2 > eps"),
    )


def prox_witness() -> Witness:
    """g = (y - 2)^2/2, r = |y|: (5) rests at 1/2 for eta_y = 2/3; the solution is 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(prox_witness()).ok
    True
    """
    return build(
        "argus/prox-unscaled",
        "(5)",
        "where (5) rests is the lower-level solution",
        note=EQUAL,
        given={"eta_y": "2/3", "k": 1, "y": "1/2"},
        define=(("after", soft("(y - eta_y*(y - 2))")),),
        assume=(Condition("(5) rests at y", "after == y and y > 0"),),
        claim=Condition("y solves the lower level: y - 2 + k = 0", "y - 2 + k == 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        convex_witness(),
        rounds_witness(),
        validity_witness(),
        feasible_witness(),
        optimum_witness(),
        disagreement_witness(),
        stale_witness(),
        limit_witness(),
        prox_witness(),
    )
