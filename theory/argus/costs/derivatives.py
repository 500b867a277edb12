"""Section II-A and VIII: second derivatives that the cuts need, and what a larger network costs."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.costs.communication import degrees, stepped
from spiritlevel.theory.argus.costs.formulas import sent
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

ROUNDS, EVERY = 20, 5


def slope_witness() -> Witness:
    """Two lower levels with the same gradients at the point, and different cuts there.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(slope_witness()).ok
    True
    """
    return Witness(
        statement="argus/second-order",
        paper=PAPER,
        location="(5), (24); Section II-A",
        claim_text="where values and first derivatives of g agree, the cut is the same",
        note="g = y^2/2 - B x y, at x = 0 and y = 1, eta_y = 1, K = 1, lambda_1 = 0: y* = B x, and a = -B sign(y - y*)",
        given={"x": 0, "y": 1, "B": 1, "C": 2},
        define=(
            ("in_y_B", "y - B*x"),
            ("in_y_C", "y - C*x"),
            ("a_B", "-B*1"),
            ("a_C", "-C*1"),
        ),
        assume=(
            Condition("values agree", "y**2/2 - B*x*y == y**2/2 - C*x*y"),
            Condition("derivatives in y, which (5) steps along, agree", "in_y_B == in_y_C"),
            Condition("y lies above both estimates", "y - B*x > 0 and y - C*x > 0"),
        ),
        claim=Condition("the cuts have the same coefficient of x", "a_B == a_C"),
    )


def asked(ctx: Context, **settings: Any) -> Any:
    """What a run of Argus asks, and how many updates of the cuts it makes."""
    problem = random_quadratic(ctx.seed(), 4, 2, 2, shared=True)
    a = ctx.algorithm("argus")(eta=Fraction(1, 20), iota=EVERY, **settings).over("float")
    net, o = Gossip(named("ring:4")), Oracle(problem)
    x, y = problem.start()
    s: Any = a.init(x[None], y[None], o, net)
    for t in range(1, ROUNDS + 1):
        s = a.step(t, s, o, net)
    return o.calls


def _check_second(ctx: Context) -> Finding:
    with_cuts, without = asked(ctx), asked(ctx, T_1=0)
    return broken(
        slope_witness(),
        f"g = y^2/2 - B x y has the same value and slope in y at (0, 1) for B = 1 and 2, and the cuts have a = -1 and -2: (24) needs the cross derivative. {ROUNDS} iterations with "
        f"{ROUNDS // EVERY} updates ask for {with_cuts.cross_hessians} cross Hessians per agent, whole matrices, without updates for {without.cross_hessians}; no Hessian is inverted ({with_cuts.solves} solves)",
        {
            "cross_hessians": with_cuts.cross_hessians,
            "without_updates": without.cross_hessians,
            "solves": with_cuts.solves,
        },
        cases=2,
    )


SECOND = Statement(
    id="argus/second-order",
    paper=PAPER,
    location="Section II-A, 'In contrast to the gradient-based methods, which require the computation of high-order derivatives'; (24)",
    kind="complexity",
    variant="added",
    sentence="Argus needs no second derivatives of g.",
    because="Argus's cuts have the derivative of its estimate in x, which is -eta_y times the cross derivative: once per update, not per iteration, and "
    "without an inverse. The text says so of single-level reformulations with a solution in closed form. With K > 1 Hessians are needed too.",
    check=_check_second,
    expected=Verdict.REFUTED,
)


def floats(ctx: Context, graph: str) -> tuple[int, int]:
    """Floats of an iteration with everyone awake and two cuts each, counted and by the repaired formula."""
    network = named(graph)
    cuts = [2] * network.n
    formula = sent(degrees(network), 2, 3, 1, cuts)
    return stepped(ctx, network, 2, 3, cuts, True), formula.primal + formula.dual


def _check_larger(ctx: Context) -> Finding:
    sizes = (4, 8, 16, *ctx.pick((), (32,)))
    families = ("ring", "star", "complete")
    counted = {family: [floats(ctx, f"{family}:{N}") for N in sizes] for family in families}
    equal = all(a == b for row in counted.values() for a, b in row)
    rows = {family: [a for a, _ in row] for family, row in counted.items()}
    grows = all(a < b for row in rows.values() for a, b in pairwise(row))
    fewer = all(a < b for a, b in zip(rows["ring"], rows["complete"], strict=True))
    powers = {family: float(np.log2(row[-1] / row[-2])) for family, row in rows.items()}
    return Finding(
        verdict=Verdict.SUPPORTED if equal and grows and fewer else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"floats per iteration for N = {', '.join(map(str, sizes))}: "
        + "; ".join(
            f"{family} {', '.join(map(str, row))} (last exponent {powers[family]:.2f})"
            for family, row in rows.items()
        )
        + "; exactly sum_i d_i (n + m + |P_i| + n d_i). With a bounded number of neighbours what one agent sends does not grow; with N - 1 of them the total grows like N^3, which is theta, where x and y are N^2",
        numbers={**rows, "exponents": list(powers.values()), "equal_formula": equal},
        cases=len(sizes) * len(families),
    )


LARGER = Statement(
    id="argus/comm-network",
    paper=PAPER,
    location="Section VIII, 'As network scale grows, the communication complexity of our algorithm increases .. reduce the number of communicating neighbors'",
    kind="complexity",
    sentence="What is sent per iteration grows with the network, and fewer neighbours lessen it.",
    because="'A common issue in decentralized systems' it is up to N^2; the third power is Argus's own, as every theta_ij goes to every neighbour.",
    about=("argus",),
    check=_check_larger,
    expected=Verdict.SUPPORTED,
)
