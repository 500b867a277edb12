"""Witnesses against Theorems 2 and 3: networks, degrees and counts in exact numbers."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

__all__ = [
    "degree_witness",
    "irregular_witness",
    "quadratic_witness",
    "theta_witness",
    "updates_witness",
    "witnesses",
]


def degree_witness() -> Witness:
    """Four agents, all joined, with the weights 1/4: d = 1, and everyone has three neighbours.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(degree_witness()).ok
    True
    """
    return Witness(
        statement="argus/comm",
        paper=PAPER,
        location="Theorem 2; (55)",
        claim_text="d^t = (1/N) sum_ij W_ij denotes the average degree across all nodes",
        given={"W": [["1/4"] * 4] * 4, "N": 4},
        define=(("d", "sum(W@ones(N))/N"), ("degrees", "positive(W)@ones(N) - ones(N)")),
        assume=(
            Condition("W is symmetric", "symmetric(W)"),
            Condition("its rows sum to 1", "W@ones(N) == ones(N)"),
        ),
        claim=Condition(
            "d is the mean number of neighbours, with oneself or without",
            "d == mean(degrees) or d == mean(degrees) + 1",
        ),
    )


def irregular_witness() -> Witness:
    """A star of 100 agents: the theta alone take more than twenty times the printed floats, at n = 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(irregular_witness()).ok
    True
    """
    return Witness(
        statement="argus/comm-degree",
        paper=PAPER,
        location="(55), the second term",
        claim_text="with the mean degree d, the multipliers take at most d sum_i (|P_i| + n d) floats, up to a factor of 20",
        note="no cuts, everyone awake, one theta per neighbour to every neighbour; N - 1 agents with one neighbour, one with "
        "N - 1",
        given={"N": 100, "n": 1},
        define=(
            ("d", "2*(N - 1)/N"),
            ("sent", "n*((N - 1)*1 + (N - 1)**2)"),
            ("printed", "d*N*n*d"),
        ),
        assume=(Condition("d is the mean degree", "d*N == (N - 1)*1 + (N - 1)"),),
        claim=Condition("the count is covered", "sent <= 20*printed"),
    )


def updates_witness() -> Witness:
    """T_1 = 20, iota = 5: t + 1 = 5 is a time of an update and 5 * 5 is the first of the printed set.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(updates_witness()).ok
    True
    """
    return Witness(
        statement="argus/comm-updates",
        paper=PAPER,
        location="Theorem 2",
        claim_text="every time of an update is at least iota times iota, the least of the printed set",
        note="before: the paper's t",
        given={"iota": 5, "T_1": 20, "before": 4, "quotient": 1},
        define=(("first", "iota*iota"),),
        assume=(
            Condition("(t + 1) mod iota = 0", "before + 1 == quotient*iota"),
            Condition("t < T_1", "before < T_1"),
        ),
        claim=Condition("it is in the set", "before + 1 >= first"),
    )


def quadratic_witness() -> Witness:
    """Complete graph of 6, n = 2, m = 3: from 10 to 80 cuts the operations grow less than eightfold.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(quadratic_witness()).ok
    True
    """
    return Witness(
        statement="argus/comp-quadratic",
        paper=PAPER,
        location="(58)",
        claim_text="eight times as many cuts take at least sixteen times the operations, a quarter of what a square would",
        note="operations as counted in spiritlevel.theory.argus.costs.counting",
        given={"d": 5, "n": 2, "m": 3, "few": 10, "many": 80},
        define=(
            ("fixed", "(2*d + 1)*(n + m) + d*n + 2*(n + m) + 5*d*n"),
            ("each", "2*(n + m) + 2*(d + 1)*(n + m) + 4"),
            ("before", "fixed + few*each"),
            ("after", "fixed + many*each"),
        ),
        assume=(Condition("eight times as many cuts", "many == 8*few"),),
        claim=Condition("the operations grow sixteenfold", "after >= 16*before"),
    )


def theta_witness() -> Witness:
    """100 cuts and two neighbours: (19) takes more than fifty times d^2 n operations.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(theta_witness()).ok
    True
    """
    return Witness(
        statement="argus/comp-duals",
        paper=PAPER,
        location="(58), the term of (19), (20)",
        claim_text="(19) and (20) take at most 50 d^2 n operations per agent",
        note="the factor is arbitrary: the left side grows with the number of cuts, the right side does not",
        given={"d": 2, "n": 1, "m": 1, "cuts": 100},
        define=(("counted", "cuts*(2*(d + 1)*(n + m) + 4) + 5*d*n"),),
        assume=(Condition("there are neighbours", "d > 0"),),
        claim=Condition("the count is covered", "counted <= 50*d*d*n"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return degree_witness(), irregular_witness(), updates_witness(), quadratic_witness(), theta_witness()
