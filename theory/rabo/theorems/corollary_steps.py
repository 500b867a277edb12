"""Corollary 1's step sizes against what it is derived from."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.constants import Smoothness
from spiritlevel.theory.rabo.theorems.bound_text import bound_witness
from spiritlevel.theory.rabo.theorems.corollary import BELOW, DISPLAY
from spiritlevel.theory.rabo.theorems.potential import ALONE, ONE_CLIENT
from spiritlevel.theory.rabo.theorems.steps import LETTERS, SIGNS
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck


def alpha_witness() -> Witness:
    """Steps of size 1/Q^2 leave x where it is."""
    return bound_witness(
        "rabo/cor1-alpha",
        "with alpha <= sqrt(C_x*/Q), beta <= 1/(NTQ) and Delta = V_1 - V_{Q+1} the average of ||grad_K Phi||^2 is at most the display before (27)",
        "f = h(x) with Huber's h, of slope 1 from 1 on; g = y^2/2; one client, no noise; alpha = 1/Q^2.",
        {**ONE_CLIENT, "Q": 4, "mu_g": 1, "l_g1": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "alpha": "1/16", "beta": "1/4", "x": 10, "y": 0},
        (
            ("Delta", "alpha*Q"),  # h falls by alpha in every round, y rests at y* = 0
            ("left", "1"),
            ("size", "2"),
            ("late", "2"),
            ("display", DISPLAY.replace("root", "size")),
        ),
        (
            ALONE,
            Condition("|h'| <= 1, 0 <= h'' <= 1, g = y^2/2", "l_f0 >= 1 and l_f1 >= 1 and mu_g == 1 and l_g1 >= 1"),
            Condition("the slope is 1 in all Q rounds", "x - alpha*Q >= 1 and y == 0"),
            Condition("alpha <= sqrt(C_x*/Q), beta <= 1/(NTQ)", "alpha**2 <= C_x/Q and beta <= 1/(N*T*Q)"),
            Condition("size = sqrt(C_x* Q), late = sqrt(Q C_x* C_y*)", "size**2 == C_x*Q and late**2 == Q*C_x*C_y"),
        ),
        location="Corollary 1",
        claim=BELOW,
    )  # fmt: skip


def _check_alpha(ctx: Context) -> Finding:
    witness = alpha_witness()
    report = recheck(witness)
    ratios = [2 * Fraction(1, Q**2) * Q / root for root, Q in ((2, 4), (8, 64), (64, 4096))]
    falls = all(a < 1 for a in ratios) and ratios == sorted(ratios, reverse=True)
    return Finding(
        verdict=Verdict.REFUTED if report.ok and falls else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="f = h(x) from x = 10, alpha = 1/Q^2 <= sqrt(1/Q): x moves by less than 1/Q, ||grad Phi||^2 = 1 in all rounds, and the display before (27), "
        f"2 Delta/sqrt(Q), is {', '.join(str(r) for r in ratios)} for Q = 4, 64, 4096: no constant makes it an upper bound",
        numbers={"right_sides": [str(r) for r in ratios]},
        cases=len(ratios),
        witness=witness if report.ok else None,
    )


COR1_ALPHA = Statement(
    id="rabo/cor1-alpha",
    paper=PAPER,
    location="Corollary 1",
    kind="step size",
    sentence="alpha <= sqrt(C_x*/Q) suffices for Corollary 1; alpha need not be of that size.",
    variant="added",
    because="2 Delta/(alpha Q) grows as alpha falls: only alpha = sqrt(C_x*/Q) gives 2 Delta/sqrt(C_x* Q).",
    assumptions=ALL,
    check=_check_alpha,
    expected=Verdict.REFUTED,
)


def _condition_witness(statement: str, text: str, given: dict[str, Any], claim: Condition) -> Witness:
    return Witness(
        statement=statement,
        paper=PAPER,
        location="Corollary 1, Theorem 1",
        claim_text=text,
        given={"mu_g": 1, "l_g1": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "N": 4, "T": 1, "C_x": 4, **given},
        define=(*LETTERS, ("beta", "1/(N*T*Q)")),
        assume=(SIGNS, Condition("alpha = sqrt(C_x*/Q)", "alpha > 0 and alpha**2 == C_x/Q and C_x <= N")),
        claim=claim,
    )


def _check_threshold(ctx: Context) -> Finding:
    text = "alpha = sqrt(C_x*/Q) obeys alpha <= 1/(L_f + 4 M_f) for every Q"
    holds = Condition("alpha <= 1/(L_f + 4 M_f)", "alpha <= 1/(L_f + 4*M_f)")
    witness = _condition_witness("rabo/cor1-threshold", text, {"Q": 100, "alpha": "1/5"}, holds)
    c = Smoothness(mu_g=Fraction(1), l_g1=Fraction(1), l_g2=Fraction(0), l_f0=Fraction(1), l_f1=Fraction(1))
    least = 4 / c.alpha_max**2
    edge = [Fraction(4, Q) <= c.alpha_max**2 for Q in (int(least) - 1, int(least))]
    false = recheck(witness).ok and edge == [False, True]
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"alpha^2 = C_x*/Q is at most 1/(L_f + 4 M_f)^2 only from Q = C_x* (L_f + 4 M_f)^2 on, {least} rounds for four clients with all Lipschitz constants 1; "
        "the more coverage, the later",
        numbers={"least_Q": str(least)},
        cases=2,
        witness=witness if false else None,
    )


THRESHOLD = Statement(
    id="rabo/cor1-threshold",
    paper=PAPER,
    location="Corollary 1",
    kind="step size",
    sentence="alpha = sqrt(C_x*/Q) obeys Theorem 1's condition on alpha for every Q >= 1.",
    variant="added",
    because="Theorem 1 needs alpha <= 1/(L_f + 4 M_f); Corollary 1 names no least Q.",
    assumptions=ALL,
    check=_check_threshold,
    expected=Verdict.REFUTED,
)


def _check_beta(ctx: Context) -> Finding:
    witness = _condition_witness(
        "rabo/cor1-beta",
        "at alpha = sqrt(C_x*/Q), beta = 1/(NTQ) the coefficient in (34b) is at most 0",
        {"Q": 10**4, "alpha": "1/50"},
        Condition("it is at most 0", "(2*alpha*L_y*M_f + 2)*(1 - beta*mu_g) - 1 <= 0"),
    )
    report = recheck(witness)
    rng, positive, cases = np.random.default_rng(ctx.seed("draws")), 0, ctx.pick(200, 2000)
    for _ in range(cases):
        a, b = (Fraction(int(v), 1000) for v in rng.integers(1, 501, 2))  # a > 0, beta mu_g <= 1/2
        positive += (2 * a + 2) * (1 - b) - 1 > 0
    false = report.ok and positive == cases
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"the coefficient is positive as soon as beta mu_g <= 1/2, that is NTQ >= 2 mu_g ({positive} of {cases} draws); with four clients, Q = 10^4 it is "
        f"{report.last.values[0]}; as Q grows it tends to 1",
        numbers={"positive": positive, "coefficient": report.last.values[0]},
        cases=cases,
        witness=witness if false else None,
    )


COR1_BETA = Statement(
    id="rabo/cor1-beta",
    paper=PAPER,
    location="Corollary 1, (34b)",
    kind="step size",
    sentence="At Corollary 1's step sizes the coefficient of ||y_q - y*||^2 in (34b) is at most 0.",
    variant="added",
    because="It needs beta mu_g above 1/2; 1/(NTQ) tends to 0. The printed lower bound on beta hides that: it is negative for small alpha.",
    assumptions=ALL,
    check=_check_beta,
    expected=Verdict.REFUTED,
)
