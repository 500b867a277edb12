"""Non-convex lower levels, which Table I claims: (5) rests at any local minimum, and h cannot tell."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import broken, sides
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness


def local_witness(y: int = -1) -> Witness:
    """g = y^4/4 - y^3/3 - y^2: the rounds rest at -1, a strict local minimum with -5/12; the least value is -8/3, at 2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(local_witness()).ok, check(local_witness(2)).ok
    (True, False)
    """
    return Witness(
        statement="argus/lower-nonconvex",
        paper=PAPER,
        location="(2), (5)-(8); Table I",
        claim_text="h(x, y) = 0 only where y solves the lower level",
        note="identical agents that agree, y0 = y, r = 0; x does not enter g. A round that rests makes all K rounds rest",
        given={"y": y, "other": 2, "eta_y": "1/4", "lam1": "1/10"},
        define=(
            ("round", "y - eta_y*(y**3 - y**2 - 2*y)"),
            ("h", "abs(y - round) + lam1*(y - round)**2"),
            ("at", "y**4/4 - y**3/3 - y**2"),
            ("least", "other**4/4 - other**3/3 - other**2"),
        ),
        assume=(
            Condition("the estimate is y itself, so that h = 0", "round == y and h == 0"),
            Condition("the second derivative is positive there", "3*y**2 - 2*y - 2 > 0"),
        ),
        claim=Condition("no other point has a smaller g", "at <= least"),
    )


def _check(ctx: Context) -> Finding:
    witness = local_witness()
    at_rest, least = sides(witness)[0]
    return broken(
        witness,
        f"g = y^4/4 - y^3/3 - y^2, slope (y + 1) y (y - 2): from y0 = -1 every round rests, h = 0 for all K and eta_y, and no cut is made; g is {at_rest} there and {least} at 2",
        numbers={"at_rest": at_rest, "least": least},
    )


LOCAL = Statement(
    id="argus/lower-nonconvex",
    paper=PAPER,
    location="Table I, 'Lower-Level Functions: Non-Convex'; (2), (5)-(8)",
    kind="qualitative",
    variant="added",
    sentence="Where the lower level is not convex, h = 0 with the estimate (7) only where y solves the lower-level problem, up to the accuracy of K rounds.",
    formula=r"y = y'^{(K)} \implies y \in \arg\min_{y'} g(x, y')",
    because="(2) defines y* as the minimiser, (7) follows a gradient: it rests at every stationary point, however many rounds are made. Read as stationary points of the "
    "lower level, the claim is another problem than (1).",
    check=_check,
    expected=Verdict.REFUTED,
)
