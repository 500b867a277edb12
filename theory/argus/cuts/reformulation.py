"""Section IV-A: whether the single-level problem (2) is the bilevel problem (1)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import Evidence, broken, judged
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

F = Fraction


def violation(off: Any, weight: Any) -> Any:
    """h of one entry: |off| + weight off^2.

    Examples
    --------
    >>> violation(-2, 1)
    6
    """
    return abs(off) + weight * off * off


def wells_witness(side: int) -> Witness:
    """``g = (y^2 - 1)^2`` has the minimisers -1 and 1; with y* the one, (2) excludes the other, where G = 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(wells_witness(side)).ok for side in (-1, 1)]
    [True, True]
    """
    return Witness(
        statement="argus/reformulation",
        paper=PAPER,
        location="(1), (2)",
        claim_text="what (1) admits, (2) admits",
        note="identical agents, G = x^2 + (y - good)^2; good and star are the two minimisers of g, and G is 0 at (0, good)",
        given={"star": side, "good": -side, "x": 0, "y": -side, "weight": "1/10"},
        define=(
            ("g", "(y**2 - 1)**2"),
            ("G", "x**2 + (y - good)**2"),
            ("h", "abs(y - star) + weight*(y - star)**2"),
        ),
        assume=(
            Condition("star minimises g, which is nowhere negative", "(star**2 - 1)**2 == 0"),
            Condition("y minimises g too", "g == 0"),
            Condition("(x, y) is an optimum: G is nowhere negative", "G == 0"),
        ),
        claim=Condition("(2) admits (x, y)", "h == 0"),
    )


def _check_printed(ctx: Context) -> Finding:
    other = broken(wells_witness(1), "").verdict is Verdict.REFUTED
    return broken(
        wells_witness(-1),
        "g = (y^2 - 1)^2 has the minimisers -1 and 1. With y* = -1 and G = x^2 + (y - 1)^2 the optimum (0, 1) of (1), value 0, is not feasible in (2), where y = -1 and G >= 4; "
        f"with y* = 1 and the mirrored G {'it is the same' if other else 'it is not so'}",
        {"mirrored": other},
        cases=2,
    )


PRINTED = Statement(
    id="argus/reformulation",
    paper=PAPER,
    location="Section IV-A, (1) and (2)",
    kind="identity",
    sentence="(1) can be reformulated as (2), in which h, the distance to the lower-level solution y*, is 0.",
    formula=r"y \in \arg\min_{y'} \sum_i f_i(x_i, y'_i) \iff h(x, y) = \|y - y^*\|_1 + \lambda_1 \|y - y^*\|_2^2 = 0",
    because="g_i is 'possibly non-convex', and then there may be several minimisers; (1) is read with y any of them. The distance to one of them excludes the others.",
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def proof() -> bool:
    """Whether |d| + w d^2, with w >= 0, is 0 for d = 0 only and nowhere negative; a sum of such is 0 term by term."""
    import sympy as sp

    d, w = sp.Symbol("d", positive=True), sp.Symbol("w", nonnegative=True)
    sides = [sp.expand(violation(side * d, w)) for side in (-1, 1)]
    return all(side.is_positive for side in sides) and violation(sp.Integer(0), w) == 0


def differing(weight: Fraction) -> tuple[int, int]:
    """On a grid of x and y, ``g = (y - x)^2/2 + |y|``: points, and those in the one feasible set only.

    Examples
    --------
    >>> differing(Fraction(0))
    (289, 0)
    """
    grid = [F(k, 4) for k in range(-8, 9)]
    wrong = 0
    for x in grid:
        star = x - max(F(-1), min(F(1), x))
        least = (star - x) ** 2 / 2 + abs(star)
        wrong += sum(((y - x) ** 2 / 2 + abs(y) == least) != (violation(y - star, weight) == 0) for y in grid)
    return len(grid) ** 2, wrong


def _check_repaired(ctx: Context) -> Finding:
    weights = [F(0), F(1, 10), F(3)]
    found = [differing(weight) for weight in weights]
    below = violation(F(-2), F(-1, 2))
    return judged(
        proof(),
        Evidence(sum(n for n, _ in found), sum(k for _, k in found), "exact points, with an l1 term below"),
        "|d| + lambda_1 d^2 is positive for every d other than 0, so that a sum of such is 0 at y* alone",
        {"below_0": f"lambda_1 = -1/2 has h = {below} two away from y*"},
    )


REPAIRED = Statement(
    id="argus/reformulation-repaired",
    paper=PAPER,
    location="Section IV-A, (1) and (2)",
    kind="identity",
    variant="repaired",
    repairs="argus/reformulation",
    sentence="Where the lower level has exactly one solution for every x, and lambda_1 >= 0, (1) and (2) are one problem.",
    formula=r"y = y^*(x) \iff h(x, y) = 0",
    because="One solution, as for strongly convex lower levels; and lambda_1, 'a weight coefficient', not negative.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)
