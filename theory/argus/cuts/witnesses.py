"""Witnesses about h and its proximal map: convexity, validity of the cuts, what h_low misses."""

from __future__ import annotations

from collections.abc import Callable

from spiritlevel.theory.argus.cuts.expressions import CUT, EQUAL, LINE, MADE, build, h, soft
from spiritlevel.theory.witness import Condition, Witness


def _half_way(statement: str, location: str, claim_text: str, estimate: Callable[[str], str]) -> Witness:
    """h at (0, 0), (2, 1) and half-way, for an estimate of y* as an expression in x."""
    return build(
        statement,
        location,
        claim_text,
        note=EQUAL,
        given={"eta_y": 1, "k": 1, "lam1": "1/10", "x1": 0, "y1": 0, "x2": 2, "y2": 1},
        define=(
            ("h1", h(f"y1 - {estimate('x1')}")),
            ("h2", h(f"y2 - {estimate('x2')}")),
            ("middle", h(f"(y1 + y2)/2 - {estimate('((x1 + x2)/2)')}")),
        ),
        assume=(LINE,),
        claim=Condition("the value half-way is at most the mean", "middle <= (h1 + h2)/2"),
    )


def convex_witness() -> Witness:
    """h is 0 at (0, 0) and (2, 1) and 21/40 half-way.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(convex_witness()).ok
    True
    """
    return _half_way(
        "argus/h-convex-l1", "Section IV-B, after (8)", "with K = 1 the function h is convex", soft
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


def threshold_rounds_witness() -> Witness:
    """Two rounds on (y - x)^2/2 + |y| give soft(x) again: h is 0 at (0, 0) and (2, 1) and 21/40 half-way.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(threshold_rounds_witness()).ok
    True
    """

    def after(x: str) -> str:
        once = soft(x)
        return soft(f"({once} - eta_y*({once} - {x}))")

    return _half_way(
        "argus/h-convex-K2-l1",
        "Section IV-A, (5)-(7)",
        "with K = 2 and an l1 term below the function h is convex",
        after,
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
        define=CUT,
        assume=(
            *MADE,
            Condition("(x2, y2) is feasible", h(f"y2 - {soft('x2')}") + " <= eps"),
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
        assume=(LINE, Condition("the point is not feasible", h(f"y - {soft('x')}") + " > eps")),
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
        threshold_rounds_witness(),
        validity_witness(),
        limit_witness(),
        prox_witness(),
    )
