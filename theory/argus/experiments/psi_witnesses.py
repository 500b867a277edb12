"""Witnesses about the metric Psi: where it is not 0 and should be, where it is and should not, and where it cannot be."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

__all__ = ["floor_witness", "psi_solution_witness", "psi_zero_witness", "witnesses"]

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


def floor_witness(target: str = "0") -> Witness:
    """The cuts of two successive updates have no point in common where both hold with equality.

    ``target``: where y is drawn to; with 1, where it starts, both updates make the same cut.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(floor_witness()).ok, check(floor_witness("1")).ok
    (True, False)
    """
    return Witness(
        statement="argus/psi-converges",
        paper=PAPER,
        location="Section VI-B, Figure 2; (30), (31)",
        claim_text="the terms of Psi that belong to the cuts come arbitrarily near 0 at some x, y",
        note="two equal agents, G = (x^2 + (y - target)^2)/2, g = (y - x)^2/2, iota = 1, T_1 = 2, from x = 0, y = 1; multipliers are 0 until the second update, x stays 0. A cut "
        "depends on w = sum_j (y_j - eta_y x_j) only and is b w + c; both agents have both",
        given={
            "eta": "1/10",
            "eta_y": "1/2",
            "lam1": "1/10",
            "eps": "1/100",
            "y0": 1,
            "target": target,
            "w": [0, 1, 2],
        },
        define=(
            ("y1", "y0 - eta*(y0 - target)"),
            ("y2", "y1 - eta*(y1 - target)"),
            ("off1", "eta_y*y1"),
            ("off2", "eta_y*y2"),
            ("b1", "1 + 2*lam1*off1"),
            ("b2", "1 + 2*lam1*off2"),
            ("c1", "2*(off1 + lam1*off1**2) - b1*2*y1 - eps"),
            ("c2", "2*(off2 + lam1*off2**2) - b2*2*y2 - eps"),
            ("least", "2*(b1*c2 - b2*c1)**2/(b1**2 + b2**2)"),
            ("cut1", "b1*w + c1*ones(3)"),
            ("cut2", "b2*w + c2*ones(3)"),
            ("root", "(b1**2 + b2**2)*w + (b1*c1 + b2*c2)*ones(3)"),
        ),
        assume=(
            Condition(
                "both cuts are made", "2*(off1 + lam1*off1**2) > eps and 2*(off2 + lam1*off2**2) > eps"
            ),
            Condition(
                "least is the minimum over w of 2 (b1 w + c1)^2 + 2 (b2 w + c2)^2: the difference is a square, at three w and so for all",
                "(2*cut1*cut1 + 2*cut2*cut2 - least*ones(3))*(b1**2 + b2**2) == 2*root*root",
            ),
        ),
        claim=Condition("that minimum is 0", "least == 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return psi_solution_witness(), psi_zero_witness(), floor_witness()
