r"""Expressions that witnesses about cuts share: one agent's scalars, which N agents with the same data repeat.

``max(0, v - k) - max(0, -v - k)`` is the soft threshold of v, the proximal map of :math:`k|\cdot|`.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Condition, Witness

EQUAL = "Identical agents that agree: W y0 = y0, and neither mu nor phi enters."


def build(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    """A witness against a statement about cuts."""
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def soft(v: str, k: str = "k") -> str:
    """The soft threshold, as an expression."""
    return f"(max(0, {v} - {k}) - max(0, -({v}) - {k}))"


def h(off: str, weight: str = "lam1") -> str:
    """(8) of one component, as an expression."""
    return f"(abs({off}) + {weight}*({off})**2)"


LINE = Condition(
    "g = (y - x)^2/2, r = k|y|, eta_y = 1: prox_r(y0 - (y0 - x)) = soft(x), affine before the proximal map; (a), (b) of Assumption 1 hold",
    "eta_y == 1 and k > 0 and lam1 >= 0",
)

CUT = (
    ("off", f"y - {soft('x')}"),
    ("a", "0"),
    ("b", "1 + 2*lam1*off"),
    ("c", f"{h('off')} - a*x - b*y - eps"),
)
"""The cut (24)-(26) of h at (x, y), where the threshold is 0."""
MADE = (
    LINE,
    Condition("around x the soft threshold is 0, so that a = 0 (24)", "abs(x) < k and off > 0"),
    Condition("the point is not feasible: a cut is made", f"{h('off')} > eps"),
)
