"""Witnesses against Section V's definitions and the reading of Section VI: scalar agents in exact numbers."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

__all__ = [
    "forced_witness",
    "lost_witness",
    "psi_solution_witness",
    "psi_zero_witness",
    "rates_witness",
    "slow_witness",
    "witnesses",
]


def rates_witness() -> Witness:
    """G_i = (x - a_i)^2/2, equal step sizes, unequal activity: (29)'s premise at 3/7, its conclusion not.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(rates_witness()).ok
    True
    """
    return Witness(
        statement="argus/virtual-rate",
        paper=PAPER,
        location="(29)",
        claim_text="with E[eta_i] = eta for all i, sum_i E[tilde eta_i] grad L_i = 0 implies sum_i grad L_i = 0",
        note="agent i is awake with probability p_i and then uses eta_i, whether random or not",
        given={
            "a": ["0", "0", "3"],
            "p": ["1", "1/2", "1/4"],
            "eta": ["1/10", "1/10", "1/10"],
            "x": "3/7",
        },
        define=(("gradient", "x*ones(3) - a"), ("virtual", "p*eta")),
        assume=(
            Condition("equal expected step sizes", "eta == eta[0]*ones(3)"),
            Condition("the premise of (29)", "sum(virtual*gradient) == 0"),
        ),
        claim=Condition("the conclusion of (29)", "sum(gradient) == 0"),
    )


def forced_witness() -> Witness:
    """The same agents, steps eta/p, everyone awake at least once in three iterations: the long run weighs 1, 8/7, 64/37.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(forced_witness()).ok
    True
    """
    return Witness(
        statement="argus/virtual-rate-forced",
        paper=PAPER,
        location="Definition 2, Assumption 1(c)",
        claim_text="with eta_i = eta/p_i and tau = 3, a zero of the sum of long-run rates times gradients is a zero of the sum of gradients",
        note="the mean time between activities is 1 + (1-p) + (1-p)^2",
        given={"a": ["0", "0", "3"], "p": ["1", "1/2", "1/4"], "x": "1344/1003"},
        define=(
            ("q", "ones(3) - p"),
            ("gap", "ones(3) + q + q*q"),
            ("rate", "ones(3)/gap/p"),
            ("gradient", "x*ones(3) - a"),
        ),
        assume=(Condition("rates times gradients vanish", "sum(rate*gradient) == 0"),),
        claim=Condition("the gradients do", "sum(gradient) == 0"),
    )


def slow_witness() -> Witness:
    """Two of four agents with opposite targets slow: the weighted mean is right again, with one slow agent it is not.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(slow_witness()).ok
    True
    """
    return Witness(
        statement="argus/slow-agents",
        paper=PAPER,
        location="Section VI-B, Figure 11",
        claim_text="two slow agents leave an error at least as large as one does",
        note="G_i = (x - a_i)^2/2; a slow agent is awake with probability 3/20, the others always; equal steps",
        given={
            "a": ["1", "-1", "1", "-1"],
            "one": ["3/20", "1", "1", "1"],
            "two": ["3/20", "3/20", "1", "1"],
        },
        define=(
            ("error1", "abs(sum(one*a)/sum(one) - mean(a))"),
            ("error2", "abs(sum(two*a)/sum(two) - mean(a))"),
        ),
        assume=(Condition("one agent is slow, then two", "sum(one) == 63/20 and sum(two) == 46/20"),),
        claim=Condition("the error does not fall", "error2 >= error1"),
    )


_AGENTS = "two agents with G = (x^2 + y^2)/2, each owns the cut y_0 - x_0 + y_1 - x_1 - 1 <= 0, the gradients are those of L'_pi"


def psi_solution_witness() -> Witness:
    """The minimum lies strictly inside the cuts: their values are -1, and Psi has their squares.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(psi_solution_witness()).ok
    True
    """
    return Witness(
        statement="argus/psi-solution",
        paper=PAPER,
        location="Definition 3, (30), (31)",
        claim_text="Psi = 0 at the solution of (10)",
        note=_AGENTS,
        given={"x": ["0", "0"], "y": ["0", "0"], "lam": ["0", "0"]},
        define=(
            ("cuts", "(sum(y - x) - 1)*ones(2)"),
            ("slope_x", "mean(x - lam)"),
            ("slope_y", "mean(y + lam)"),
            ("psi", "2*slope_x**2 + slope_y**2 + norm2(cuts) + norm2(center(x)) + norm2(center(y))"),
        ),
        assume=(
            Condition("the cuts hold", "cuts[0] <= 0 and cuts[1] <= 0"),
            Condition("G is least", "norm2(x) + norm2(y) == 0"),
        ),
        claim=Condition("Psi vanishes", "psi == 0"),
    )


def psi_zero_witness() -> Witness:
    """Psi and the consensus error vanish at x = -1/4, y = 1/4, with multipliers -1/4; (0, 0) is better and admissible.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(psi_zero_witness()).ok
    True
    """
    return Witness(
        statement="argus/psi-zero",
        paper=PAPER,
        location="Definition 3, (30), (31)",
        claim_text="Psi = 0 at a point only if (10) has no better one",
        note=_AGENTS,
        given={"x": ["-1/4", "-1/4"], "y": ["1/4", "1/4"], "lam": ["-1/4", "-1/4"], "other": ["0", "0"]},
        define=(
            ("cuts", "(sum(y - x) - 1)*ones(2)"),
            ("slope_x", "mean(x - lam)"),
            ("slope_y", "mean(y + lam)"),
            ("psi", "2*slope_x**2 + slope_y**2 + norm2(cuts) + norm2(center(x)) + norm2(center(y))"),
        ),
        assume=(
            Condition("Psi vanishes", "psi == 0"),
            Condition("the other point, x = y = 0, satisfies the cuts", "sum(other - other) - 1 <= 0"),
        ),
        claim=Condition("it is no better", "norm2(x) + norm2(y) <= 2*norm2(other)"),
    )


def lost_witness() -> Witness:
    """The first cut of a run from (0, 1) with eta = 1/10, eta_y = 1/4, lambda_1 = 1/10, eps = 1/10.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lost_witness()).ok
    True
    """
    return Witness(
        statement="argus/converges",
        paper=PAPER,
        location="(24)-(26)",
        claim_text="the bilevel solution satisfies the cut",
        note="two equal agents with G = ((x-3)^2 + (y-3)^2)/2, g = (y-x)^2/2; (x, y) after one iteration from (0, 1)",
        given={"eta": "1/10", "eta_y": "1/4", "weight": "1/10", "eps": "1/10", "solution": 3},
        define=(
            ("x", "0 - eta*(0 - 3)"),
            ("y", "1 - eta*(1 - 3)"),
            ("off", "y - (y - eta_y*(y - x))"),
            ("h", "2*(abs(off) + weight*off**2)"),
            ("s", "1 + 2*weight*off"),
            ("cut", "h + 2*s*((solution - y) - eta_y*(solution - x)) - eps"),
        ),
        assume=(
            Condition("a cut is made", "h > eps"),
            Condition("off is positive, s the slope", "off > 0"),
            Condition("3 is least for x = y: the solution", "(solution - 3) + (solution - 3) == 0"),
        ),
        claim=Condition("the solution satisfies the cut", "cut <= 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return (
        rates_witness(),
        forced_witness(),
        slow_witness(),
        psi_solution_witness(),
        psi_zero_witness(),
        lost_witness(),
    )
