r"""Witnesses about the gradient of (1): Lemma 1, its proof, the Hessian condition.

Two agents, scalars: ``C`` and ``H`` hold the agents' :math:`\nabla^2_{xy} g_i`, :math:`\nabla^2_{yy} g_i`, ``fx`` and ``fy``
their derivatives of f; ``e0``, ``e1`` are the unit vectors. ``max(-1, min(1, s))`` is the slope of Huber's function,
:math:`s^2/2` for :math:`|s| \le 1` and :math:`|s| - 1/2` beyond.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.witness import Assignments, Condition, Witness

UNIT: dict[str, Any] = {"e0": [1, 0], "e1": [0, 1], "L": [[1, -1], [-1, 1]]}
OPPOSED: dict[str, Any] = {**UNIT, "C": [-1, 1], "H": [1, 1], "x1": ["1/2", "1/2"], "y1": [0, 0]}
OPPOSED_UPPER: Assignments = (
    ("fx", "max(-1, min(1, x[0]))*e0 + max(-1, min(1, x[1]))*e1"),
    ("fy", "max(-1, min(1, y[0] - 1/2))*e0 + max(-1, min(1, y[1] + 1/2))*e1"),
)
_READINGS: Assignments = (
    ("eq18", "fx - C*fy/mean(H)"),
    ("together", "fx - mean(C)/mean(H)*fy"),
    ("own", "fx - C*fy/(2*mean(H))"),
    ("objective", "fx - mean(fy)/mean(H)*C"),
)
LOWER = Condition(
    "g_i = y^2/2 -+ (x - 1/2) y: A1 with C_xy = 1 and constant Hessians, A5 with mu_g = 1; equal Hessians, as Theorem 1 asks",
    "C == e1 - e0 and H == ones(2)",
)


def build(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def lemma1_witness(statement: str = "slam/lemma1") -> Witness:
    """Opposite cross terms: (18) is (0, 0), the gradients of f_i are (1/2, 1/2) or, in the own x, (1/4, 1/4).

    Parameters
    ----------
    statement
        ``slam/lemma1`` for the agents one by one, anything else for their mean.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lemma1_witness()).ok, check(lemma1_witness("slam/lemma1-mean")).ok
    (True, True)
    """
    every = Condition(
        "agent 1: (18) is the derivative of f_1(x_1, y*(x)), with all x moved together, with x_1 alone, or that of n f in x_1",
        "eq18[0] == together[0] or eq18[0] == own[0] or eq18[0] == objective[0]",
    )
    average = Condition("the mean of (18) is the gradient of the objective", "mean(eq18) == mean(together)")
    return build(
        statement,
        "Lemma 1, (18)",
        "the gradient of f_i(x_i, y*(x)) is grad_x f_i - grad_xy g_i [grad_yy g]^-1 grad_y f_i",
        note="f_i = h(x) + h(y -+ 1/2) with Huber's h. y* = 0 whenever all x_i are equal, and y* = (x_1 - x_2)/2 else.",
        given={**OPPOSED, "x": ["1/2", "1/2"], "y": [0, 0]},
        define=(*OPPOSED_UPPER, *_READINGS),
        assume=(
            LOWER,
            Condition(
                "y is the lower solution at x: the gradients y_i + C_i (x_i - 1/2) sum to 0",
                "sum(y + C*(x - ones(2)/2)) == 0 and y[0] == y[1]",
            ),
        ),
        claim=every if statement == "slam/lemma1" else average,
    )


def eq22_witness() -> Witness:
    """(22) with g the mean: -1 + 1/2 is not 0 for a move of x_1, nor -1 + 0 for a common move.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(eq22_witness()).ok
    True
    """
    return build(
        "slam/eq22",
        "Proof of Lemma 1, (20)-(22)",
        "grad_xy g_i + grad_x y* grad_yy g = 0 with g the mean of the g_i",
        note="y* is affine in (x_1, x_2), so difference quotients are derivatives.",
        given=OPPOSED,
        define=(
            ("before", "-sum(C*(x1 - ones(2)/2))/sum(H)"),
            ("own", "-sum(C*(x1 + e0 - ones(2)/2))/sum(H) - before"),
            ("together", "-sum(C*(x1 + e0 + e1 - ones(2)/2))/sum(H) - before"),
        ),
        assume=(LOWER,),
        claim=Condition(
            "(22) for agent 1, with x_1 alone or all x moved",
            "C[0] + own*mean(H) == 0 or C[0] + together*mean(H) == 0",
        ),
    )


def eq153_witness(L_f: int = 1) -> Witness:
    r"""The descent inequality at x = 1/2, where the mean of (18) is 0 but the slope 1/2; smaller moves for larger ``L_f``.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(eq153_witness(L_f)).ok for L_f in (1, 1000)]
    [True, True]
    """
    return build(
        "slam/eq153",
        "(153), step (a)",
        "f(x+) <= f(x) + <grad f(x), x+ - x> + L_f/2 |x+ - x|^2 at consensus, with grad f as in (152)",
        note="The instance of slam/lemma1; the objective is x^2/2 + 1/8 for |x| <= 1.",
        given={**OPPOSED, "x": ["1/2", "1/2"], "y": [0, 0], "L_f": L_f, "move": f"1/{2 * L_f}"},
        define=(*OPPOSED_UPPER, *_READINGS),
        assume=(LOWER, Condition("both points are where h is quadratic", "0 < move and 1/2 + move <= 1")),
        claim=Condition("(153)", "(1/2 + move)**2/2 - 1/8 <= mean(eq18)*move + L_f*move**2/2"),
    )


def needed_witness() -> Witness:
    """Hessians 1 and 2 with cross terms in the same ratio: the mean of (23) is the gradient, whatever f is.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(needed_witness()).ok
    True
    """
    return build(
        "slam/hessian-condition-needed",
        "Theorem 1",
        "the mean of (23) at y* is the gradient only if the Hessian condition holds",
        note="Both agents have the response C_i/H_i = -1. An instance; slam/eq23-mean-condition proves it for all f.",
        given={"C": [-1, -2], "H": [1, 2], "fx": [3, -1], "fy": [5, 7]},
        define=(
            ("eq23", "(fx[0] + fx[1] - C[0]*fy[0]/H[0] - C[1]*fy[1]/H[1])/2"),
            ("gradient", "mean(fx) - mean(C)/mean(H)*mean(fy)"),
        ),
        assume=(
            Condition("A5", "min(H) > 0"),
            Condition("the mean of (23) is the gradient", "eq23 == gradient"),
        ),
        claim=Condition("the Hessians are equal", "H[0] == H[1]"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        lemma1_witness(),
        lemma1_witness("slam/lemma1-mean"),
        lemma1_witness("slam/hessian-condition-enough"),
        eq22_witness(),
        eq153_witness(),
        needed_witness(),
    )
