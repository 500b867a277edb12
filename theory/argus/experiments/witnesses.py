"""Witnesses about step sizes, activity, cuts and the solution, Definition 2 and Section VI: scalar agents in exact numbers."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

__all__ = [
    "ablation_witness",
    "forced_witness",
    "lost_witness",
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


def ablation_witness(second: str = "0") -> Witness:
    """Where one round of cuts, made at the solution, comes to rest at last: x = -16/25, with the solution 0.

    ``second``: the second agent's cross derivative; with 2 for it, as the first one's, the rest is another.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(ablation_witness()).ok, check(ablation_witness("2")).ok
    (True, False)
    """
    return Witness(
        statement="argus/ablation",
        paper=PAPER,
        location="Section VI-B, Ablation Experiments",
        claim_text="Argus-S rests no farther from the solution than w/o-CuttingPlane does",
        note="two agents, W = ee'/2, G = (x^2 + y^2)/2, R = k|x|, g_i = (y - B_i x - c_i)^2/2, T_1 = iota = 1, start x = y = 0; "
        "both agents make the same cut, theta_12 = -theta_21, and the damping has faded. Without cuts x stays 0",
        given={
            "eta": "1/10",
            "eta_y": "1/2",
            "lam1": "1/10",
            "eps": "1/100",
            "k": "1/5",
            "B": ["2", second],
            "c": ["1", "-1"],
            "x": "-16/25",
            "y": ["42/275", "-42/275"],
            "lam": "84/55",
        },
        define=(
            ("off", "-eta_y*c"),
            ("s", "positive(off) - positive(-off)"),
            ("h", "dot(s, off) + lam1*norm2(off)"),
            ("b", "s + 2*lam1*off"),
            ("a", "-eta_y*(B*b)"),
        ),
        assume=(
            Condition(
                "the lower-level solution is x: (0, 0) is the optimum", "mean(B) == 1 and mean(c) == 0"
            ),
            Condition("a cut is made at x = y = 0", "h > eps"),
            Condition("(19) rests: the cut holds with equality", "x*sum(a) + dot(b, y) + h - eps == 0"),
            Condition(
                "(17) rests: slopes of L'_pi and of R add up to 0", "x < 0 and sum(x*ones(2) + lam*a) == 2*k"
            ),
            Condition("(18) rests", "y == mean(y)*ones(2) - eta*(y + lam*b)"),
        ),
        claim=Condition("x is as near the solution 0 as 0 itself", "x**2 <= 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return (
        rates_witness(),
        forced_witness(),
        slow_witness(),
        lost_witness(),
        ablation_witness(),
    )
