"""Witnesses about the multipliers and the networks of Section IV and V.

Each function returns exact data in the paper's letters; ``check`` (or ``theory/verify.py``) re-checks them without
rounding.
"""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

__all__ = [
    "asleep_witness",
    "drawn_witness",
    "free_witness",
    "hops_witness",
    "own_witness",
    "removal_witness",
    "witnesses",
]


def removal_witness() -> Witness:
    """A cut with the value -1 and the multipliers 0, 0: the next one is -eta, and the rule never looks at it again.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(removal_witness()).ok
    True
    """
    return Witness(
        statement="argus/removal",
        paper=PAPER,
        location="(19); below (26)",
        claim_text="a cut that is inactive, with multiplier 0, is found by lambda^{t+1} = lambda^t = 0 and removed",
        note="t = 3, so that 1/sqrt(t + 1) = 1/2",
        given={"eta": "1/10", "damping": "1/2", "value": -1, "lambda_0": 0},
        define=(("next", "lambda_0 + eta*value - damping*lambda_0"),),
        assume=(
            Condition("the cut is satisfied strictly", "value < 0"),
            Condition("its multiplier is 0", "lambda_0 == 0"),
            Condition("the step size is positive", "eta > 0"),
        ),
        claim=Condition("the next multiplier is 0 too", "next == 0"),
    )


def free_witness() -> Witness:
    """Two equal agents at the solution, strictly inside the cut ``2 (y - x) - 1 <= 0``: they move towards the cut.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(free_witness()).ok
    True
    """
    return Witness(
        statement="argus/free-multipliers",
        paper=PAPER,
        location="(10), (15)-(20)",
        claim_text="the solution of (10), with multipliers 0 where the cuts are strictly satisfied, is a point where the iteration "
        "rests",
        note="G_i = (x^2 + y^2)/2, each agent owns the cut; two iterations, t = 3 and 4; theta is 0 as x agrees",
        given={"eta": "1/10", "damping": "1/2", "x": 0, "y": 0, "a": -1, "b": 1},
        define=(
            ("value", "2*a*x + 2*b*y - 1"),
            ("multiplier", "eta*value"),
            ("x_after", "x - eta*(x + multiplier*a)"),
            ("y_after", "y - eta*(y + multiplier*b)"),
        ),
        assume=(
            Condition("(0, 0) minimises G", "x == 0 and y == 0"),
            Condition("it satisfies the cut strictly", "value < 0"),
            Condition("eta is positive", "eta > 0"),
        ),
        claim=Condition("both stay", "x_after == 0 and y_after == 0"),
    )


def own_witness() -> Witness:
    """Agent 0 owns the cut ``x_1 <= 1/4``; agent 1 stands at 1 and is not pulled.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(own_witness()).ok
    True
    """
    return Witness(
        statement="argus/own-gradient",
        paper=PAPER,
        location="(14), (17)",
        claim_text="a violated cut with a positive multiplier pulls the agents whose variables it holds",
        note="G's gradients are 0 at the point; theta is 0 as x agrees; pull: row i of the gradient of L_pi in x_i",
        given={"eta": "1/20", "W": [["1/2", "1/2"], ["1/2", "1/2"]], "x": [1, 1], "a": [0, 1], "lam": [1, 0]},
        define=(("value", "dot(a, x) - 1/4"), ("pull", "lam*a"), ("after", "W@x - eta*pull")),
        assume=(
            Condition("the cut is violated", "value > 0"),
            Condition("it holds x_1 and agent 0 owns it", "a[1] != 0 and lam[0] > 0 and lam[1] == 0"),
        ),
        claim=Condition("x_1 moves towards the cut", "after[1] < 1"),
    )


def asleep_witness() -> Witness:
    """A new cut of an agent that sleeps twice: violated, and both multipliers are 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(asleep_witness()).ok
    True
    """
    return Witness(
        statement="argus/removal-asleep",
        paper=PAPER,
        location="(19); below (26)",
        claim_text="a cut with lambda^{t+1} = lambda^t = 0 is inactive, its value at most 0",
        note="active is 1 if the owner is in Q and 0 if not; (19) is for agents in Q",
        given={"eta": "1/10", "value": 1, "new": 0, "active": 0},
        define=(("once", "new + active*eta*value"), ("twice", "once + active*eta*value")),
        assume=(Condition("both multipliers are 0", "once == 0 and twice == 0"),),
        claim=Condition("the cut is satisfied", "value <= 0"),
    )


def drawn_witness() -> Witness:
    """Five agents, of which one has no neighbour: W is symmetric and doubly stochastic, and I - W has rank 3.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(drawn_witness()).ok
    True
    """
    q = "1/4"
    row = [q] * 4 + [0]
    return Witness(
        statement="argus/er-connected",
        paper=PAPER,
        location="Assumption 2(c); Section VI-A",
        claim_text="Metropolis weights of an Erdos-Renyi graph satisfy null(I - W) = span(e)",
        note="one draw of G(5, 1/2): four agents joined completely, the fifth alone",
        given={"W": [row, row, row, row, [0, 0, 0, 0, 1]], "v": [0, 0, 0, 0, 1]},
        define=(("moved", "v - W@v"),),
        assume=(
            Condition("W is symmetric", "symmetric(W)"),
            Condition("its rows sum to 1", "W@ones(5) == ones(5)"),
            Condition("v is no multiple of e", "v[0] != v[4]"),
        ),
        claim=Condition("v is not in the null space", "norm2(moved) > 0"),
    )


def hops_witness() -> Witness:
    """Path of three, K = 2: agent 0's cut has no coefficient for x_2, on which y*_1 depends.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(hops_witness()).ok
    True
    """
    third = "1/3"
    return Witness(
        statement="argus/cut-two-hops",
        paper=PAPER,
        location="(9), (24)-(26)",
        claim_text="the cut of agent 0 is satisfied by every point with h_0 <= eps",
        note="g_i = (y - x)^2/2, two rounds from y = 0 and phi = 0: y* = M x; in the second, the neighbours' terms are 2 (eta_phi + mu) L "
        "times the first result eta_y x. The cut is found at x = 0, y = (1, 1, 1); near holds agent 0's closed neighbourhood",
        given={
            "W": [["2/3", third, 0], [third, third, third], [0, third, "2/3"]],
            "L": [[1, -1, 0], [-1, 2, -1], [0, -1, 1]],
            "eta_y": "1/2",
            "eta_phi": third,
            "mu": "1/5",
            "weight": "1/10",
            "eps": "1/10",
            "near": [1, 1, 0],
            "x": [0, 0, 10],
        },
        define=(
            ("M", "eta_y*(W - eta_y*eye(3) - 2*eta_y*(eta_phi + mu)*L) + eta_y*eye(3)"),
            ("y", "M@x"),
            ("off", "near*(y - M@x)"),
            ("slope", "(1 + 2*weight)*near"),
            ("a", "(0 - 1)*near*(transpose(M)@slope)"),
            ("c", "(1 + weight)*dot(near, near) - dot(slope, ones(3)) - eps"),
            ("value", "dot(a, x) + dot(slope, y) + c"),
        ),
        assume=(
            Condition("the point is feasible: y = y* on the neighbourhood, h_0 = 0", "norm2(off) == 0"),
            Condition("y* is below y = 1 at x = 0, so that the signs are 1", "norm2(M@(0*x)) == 0"),
        ),
        claim=Condition("the point satisfies the cut", "value <= 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return asleep_witness(), removal_witness(), free_witness(), own_witness(), drawn_witness(), hops_witness()
