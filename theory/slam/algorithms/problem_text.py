"""The problem as it is written: whose x the lower solution sees, (20), special cases, and what A2 asks."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.literal import incidence
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

_PAIR: dict[str, Any] = {"n": 2, "x": ["1/2", "1/2"], "e0": [1, 0], "e1": [0, 1]}


def _witness(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def own_witness() -> Witness:
    """``g_i = y^2/2 - x_i y``: y* = (x_1 + x_2)/2 moves with the other agent's x.

    Examples
    --------
    >>> recheck(own_witness()).ok
    True
    """
    return _witness(
        "slam/problem-own-x",
        "(1a), (2a), (8a)",
        "agent 1's y* is a function of its own x_1",
        note="g_i = y^2/2 - x_i y",
        given=_PAIR,
        define=(("y", "mean(x)"), ("moved", "mean(x + e1)")),
        assume=(
            Condition("y minimises the mean of the g_i: the gradients sum to 0", "sum(y*ones(2) - x) == 0"),
            Condition("and so after x_2 has moved by 1", "sum(moved*ones(2) - x - e1) == 0"),
        ),
        claim=Condition("y* is the same where x_1 is", "y == moved"),
    )


def stacked_witness() -> Witness:
    """``g_i = y^2/2 -+ y``: y* = 0, the agents' gradients there are -1 and 1.

    Examples
    --------
    >>> recheck(stacked_witness()).ok
    True
    """
    return _witness(
        "slam/eq20",
        "Proof of Lemma 1, (20)",
        "the gradient of g_k in the stack y_k vanishes at y_k*(x)",
        note="g_1 = y^2/2 - y, g_2 = y^2/2 + y: A1, A5, equal Hessians",
        given={"c": [1, -1], "y": [0, 0], "L": [[1, -1], [-1, 1]]},
        define=(("gradient", "(y - c)/2"),),
        assume=(
            Condition(
                "y is the solution of (2c): A y = 0, and the gradients sum to 0",
                "L @ y == zeros(2) and sum(gradient) == 0",
            ),
        ),
        claim=Condition("(20)", "gradient == zeros(2)"),
    )


def special_witness() -> Witness:
    """``f_i = h(x) + h(y - 1)``, y* the mean of x: (1) for the stack of all x_i rests at 1/2, the problems of (8a) at 1/3.

    Examples
    --------
    >>> recheck(special_witness()).ok
    True
    """
    cut = "max(-1, min(1, {0}))"
    slopes = " + ".join(f"{cut.format(f'x[{i}]')}*e{i}" for i in (0, 1))
    return _witness(
        "slam/problem-special-case",
        "Section 1; Section 2, (8)",
        "(8) is (1), for the stack of all x_i, which all agents share",
        note="f_i = h(x_i) + h(y - 1) with Huber's h, g_i = y^2/2 - x_i y, so that y* is the mean of x, which moves by 1/2 with x_i",
        given=_PAIR,
        define=(("fx", slopes), ("fy", cut.format("mean(x) - 1"))),
        assume=(
            Condition(
                "the stack is stationary for (1), the mean of the f_i", "fx/2 + (fy/2)*ones(2) == zeros(2)"
            ),
        ),
        claim=Condition("x_1 is stationary for min f_1(x_1, y*(x)) in x_1, (8a)", "fx[0] + fy/2 == 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return own_witness(), stacked_witness(), special_witness()


def refuted(witness: Witness, summary: str) -> Finding:
    """Refuted where the witness stands; ``{}`` is what its claim's sides are."""
    report = recheck(witness)
    return Finding(
        verdict=Verdict.REFUTED if report.ok else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=summary.format(", ".join(report.last.values)) if report.ok else "the witness falls",
        witness=witness if report.ok else None,
    )


OWN_X = Statement(
    id="slam/problem-own-x",
    paper=PAPER,
    location="(1a), (2a), (8a)",
    kind="identity",
    variant="added",
    sentence="Read by the letter: the lower solution that agent i's f_i sees, written y*_{i,k}(x_i), is a function of its own x_i.",
    formula=r"f_i(x_i, y^*_{i,1}(x_i), \dots, y^*_{i,m}(x_i))",
    because="(1c), (2c), (8b) and (20) have y*_k(x), of all agents' x_j; only in (9b) is it the own. Charitable: a shorthand, for y*_k(x_i, .., x_i) at a consensus. There "
    "nothing depends on it; for SLAM-L, whose x_i stay apart, everything does (slam/cor1-apart).",
    check=lambda ctx: refuted(
        own_witness(), "g_i = y^2/2 - x_i y: where x_2 moves by 1 and x_1 stays, y* is no longer the same: {}"
    ),
    expected=Verdict.REFUTED,
)

EQ_20 = Statement(
    id="slam/eq20",
    paper=PAPER,
    location="Proof of Lemma 1, (20)",
    kind="identity",
    variant="added",
    sentence="Read for the stack y_k that (2c) minimises over: at y_k*(x), the solution under the constraint A y_k = 0, the gradient of g_k in y_k vanishes.",
    formula=r"\nabla_{y_k} g_k(x, y_k^*(x)) = 0, \quad A y_k^*(x) = 0",
    because="A constrained minimum: the gradient is balanced by a multiplier, and only its sum over agents is 0. Charitable: the gradient in the common y_k is meant, "
    "which does vanish and is what (21) goes on with.",
    check=lambda ctx: refuted(stacked_witness(), "g_i = y^2/2 -+ y: y* = 0, the stack's gradient there: {}"),
    expected=Verdict.REFUTED,
)

SPECIAL = Statement(
    id="slam/problem-special-case",
    paper=PAPER,
    location="Section 1 (DAC); Section 2, (8)",
    kind="qualitative",
    sentence="Read by the letter: (8), with one upper level per agent and no consensus there, is a special case of (1), of (1) for the stack of all x_i.",
    formula=r"\min_{x_i} f_i(x_i, y^*(x))\ \forall i \quad\text{as}\quad \min_x \tfrac1n \textstyle\sum_i f_i(x_i, y^*(x))",
    because="(1b) itself ties all x_i, and for the stack (1) has the agents share one objective, (8a) has n of them: every agent's y* is moved by the "
    "others. Charitable: the heading means a relative of (1), with (1b) dropped and one objective per agent.",
    check=lambda ctx: refuted(
        special_witness(),
        "f_i = h(x) + h(y - 1), y* the mean of x: at x = (1/2, 1/2), stationary for the stack, the derivative of f_1 in x_1: {}",
    ),
    expected=Verdict.REFUTED,
)


def _check_a2(ctx: Context) -> Finding:
    pairs, wrong, agrees = list(combinations(range(4), 2)), 0, 0
    chosen = [[e for k, e in enumerate(pairs) if mask >> k & 1] for mask in range(1, 64)]
    for edges in chosen:
        A = np.array(incidence(4, edges), dtype=object)
        L = A.T @ A
        wrong += int(bool(L.sum(axis=0).any()) or bool(A.sum(axis=1).any()))
        second = np.linalg.eigvalsh(L.astype(float))[1]
        agrees += int((second > 1e-9) == _connected(edges))
    proved = wrong == 0 and agrees == len(chosen)
    return Finding(
        verdict=Verdict.PROVED if proved else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"every row of A has one 1 and one -1: A 1 = 0, and 1'A'A = (A 1)'A; on all {len(chosen)} graphs of four agents with an edge, {wrong} exceptions, and the second "
        f"eigenvalue is positive exactly on connected ones ({agrees})",
        numbers={"exceptions": wrong, "second eigenvalue as connected": agrees, "tolerance": 1e-9},
        cases=len(chosen),
    )


def _connected(edges: list[tuple[int, int]]) -> bool:
    seen = {0}
    for _ in range(4):
        seen |= {k for e in edges if seen & set(e) for k in e}
    return len(seen) == 4


A2 = Statement(
    id="slam/a2-automatic",
    paper=PAPER,
    location="A2",
    kind="identity",
    variant="added",
    sentence="The first half of A2, 1'L = 0 for L = A'A, holds for every graph, connected or not; that G is connected is the second half alone.",
    formula=r"\mathbf 1^\top A^\top A = 0",
    because="'Well-connected, i.e. 1'L = 0 where L = A'A' asks for nothing.",
    check=_check_a2,
    expected=Verdict.PROVED,
)
