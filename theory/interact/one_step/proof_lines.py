"""Lines of the proof of Theorem 1: mixing (16), (17), the movement of x, ybar in (18) and (20), and (21)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.lemmas.lemma_witnesses import mean_potential_witness
from spiritlevel.theory.interact.lemmas.lipschitz import witnessed
from spiritlevel.theory.interact.one_step import terms
from spiritlevel.theory.interact.one_step.cases import pair_of
from spiritlevel.theory.interact.one_step.inequalities import judged
from spiritlevel.theory.interact.one_step.proof_line_witnesses import (
    mean_of_private_witness,
    zero_modulus_witness,
)
from spiritlevel.theory.interact.one_step.proofs import mixing, movement_bound
from spiritlevel.theory.interact.one_step.search import gather
from spiritlevel.theory.interact.potential import potential
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def _check_16_17(ctx: Context) -> Finding:
    import sympy

    c, tested = sympy.Symbol("c", positive=True), Fraction(1, 4)
    return judged(
        mixing(terms.eq16(c), "x apart", "u apart", c) and mixing(terms.eq17(c), "u apart", "dp", c),
        [gather(ctx, terms.eq16(tested)), gather(ctx, terms.eq17(tested))],
        "Young's inequality is a square for every c > 0, and |W z| <= lam |z| for sum-zero z; with c = 1/4",
    )


EQ16_17 = Statement(
    id="interact/eq16-17",
    paper=PAPER,
    location="(16), (17)",
    kind="lemma",
    sentence="Consensus and tracker disagreement contract by (1+c) lambda^2 up to steps and gradient changes.",
    formula=r"\|x_t - 1\otimes\bar x_t\|^2 \le (1+c_1)\lambda^2 \|x_{t-1} - 1\otimes\bar x_{t-1}\|^2 + (1+\tfrac1{c_1})\alpha^2 "
    r"\|u_{t-1} - 1\otimes\bar u_{t-1}\|^2",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_16_17,
    expected=Verdict.PROVED,
)


def _check_zero(ctx: Context) -> Finding:
    witness = zero_modulus_witness()
    return witnessed(
        recheck(witness).ok,
        "two agents with all weights 1/2 satisfy the assumptions and have lam = 0, so 1/lam - 1 is undefined",
        witness,
        {"lam": 0},
    )


ZERO = Statement(
    id="interact/eq16-17-zero",
    paper=PAPER,
    location="Step 5, choice of c_1 and c_2",
    kind="lemma",
    variant="added",
    sentence="The choice c_1 = c_2 = 1/lambda - 1 gives positive constants for every admissible mixing matrix.",
    formula=r"c_1 = c_2 = \frac1\lambda - 1",
    because="Equal weights 1/m have lambda = 0, a limit case that the text does not speak of. (With W_ii = 0, as property (c) reads literally, the trace excludes it.)",
    assumptions=(*A1, *A2),
    check=_check_zero,
    expected=Verdict.REFUTED,
)


def _check_zero_repaired(ctx: Context) -> Finding:
    claims = terms.eq16(), terms.eq17()
    return judged(
        mixing(claims[0], "x apart", "u apart") and mixing(claims[1], "u apart", "dp"),
        [gather(ctx, claim) for claim in claims],
        "a square for lam > 0 by c = 1/lam - 1, and for lam = 0 because W z = 0 for sum-zero z",
    )


ZERO_REPAIRED = Statement(
    id="interact/eq16-17-zero-repaired",
    paper=PAPER,
    location="Step 5, choice of c_1 and c_2",
    kind="lemma",
    variant="repaired",
    repairs="interact/eq16-17-zero",
    sentence="(16) and (17) hold with the factors lambda and 1/(1-lambda) for every 0 <= lambda < 1.",
    formula=r"\|x_t - 1\otimes\bar x_t\|^2 \le \lambda \|x_{t-1} - 1\otimes\bar x_{t-1}\|^2 + \tfrac{\alpha^2}{1-\lambda} "
    r"\|u_{t-1} - 1\otimes\bar u_{t-1}\|^2, \quad \|u_t - 1\otimes\bar u_t\|^2 \le \lambda \|\cdot\|^2 + "
    r"\tfrac1{1-\lambda} \|p_t - p_{t-1}\|^2",
    because="Takes the factors, which have a limit at lambda = 0, in the place of the constants, which have none.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_zero_repaired,
    expected=Verdict.PROVED,
)


def _check_movement(ctx: Context) -> Finding:
    claims = terms.movement(4, 4), terms.movement(2, 2)
    return judged(
        all(movement_bound(claim) for claim in claims),
        [gather(ctx, claim) for claim in claims],
        "Young with c = 1 and |W - I| <= 2, in the tested coefficients; 2 in the place of 4 is enough",
    )


MOVEMENT = Statement(
    id="interact/dx",
    variant="added",
    paper=PAPER,
    location="(18), coefficients of (1 + 1/r) L_y^2",
    kind="lemma",
    sentence="x moves by at most 8 consensus errors, 4 alpha^2 tracker disagreements and 4 alpha^2 m |ubar|^2.",
    formula=r"\|x_{t+1} - x_t\|^2 \le 8 \|x_t - 1\otimes\bar x_t\|^2 + 4\alpha^2 \|u_t - 1\otimes\bar u_t\|^2 + 4\alpha^2 m \|\bar u_t\|^2",
    because="Nowhere stated: rebuilt from the coefficients of (18).",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_movement,
    expected=Verdict.PROVED,
)


def _check_private(ctx: Context) -> Finding:
    witness = mean_of_private_witness()
    report = recheck(witness)
    return witnessed(
        report.ok,
        "f = 0, g_i = (y -+ 1)^2/2 from y = 0: ybar stays 0, so the left side is 0; the coefficients of |y - y*|^2 make the right "
        "side negative",
        witness,
        {"sides": list(report.last.values)},
    )


PRIVATE = Statement(
    id="interact/eq20-mean-y",
    paper=PAPER,
    location="(18), (20), Theorem 3",
    kind="lemma",
    sentence="(18) and (20) hold with the mean ybar of the private y_i in |ybar - y*|^2.",
    formula=r"\ell(\bar x_{T+1}) - \ell(\bar x_0) + \tfrac{1-\lambda}{32(1+1/r)L_y^2} [\|\bar y_{T+1} - y_{T+1}^*\|^2 - "
    r"\|y_0^* - \bar y_0\|^2] + \dots \le \dots",
    because="The mean of variables that belong to different lower levels need not move while each of them converges; with y, as "
    "in Step 4's potential, it is what Theorem 1 needs. Probably a slip.",
    assumptions=(*A1, *A2),
    check=_check_private,
    expected=Verdict.REFUTED,
)


def _check_21(ctx: Context) -> Finding:
    witness, T = mean_potential_witness(), 5
    slope, alpha = Fraction(1, 100), Fraction(1, 125)
    two = [[[1]], [[1]]]
    problem = quadratic(H=two, B=[[[slope]], [[slope]]], c=[[0], [0]], a=[[1], [-1]], k=[1, 1]).over(
        "fraction"
    )
    a = ctx.algorithm("interact")(alpha=alpha, beta=Fraction(10000, 20001))
    trace = run(
        a, problem, pair_of(Fraction(19, 20)), steps=T, record="all", metrics={"B": potential(alpha, 1)}
    )
    total = np.sum(trace.metrics["B"][0])
    report = recheck(witness)
    agree = str(total) in report.last.values[0]
    return witnessed(
        report.ok and agree and total > 4,
        f"f_i = +-x + 1, lam = 9/10, alpha = 1/125: l* = 1, so each B_t is at least 1; B_0 + ... + B_5 = {float(total):.4g}, the "
        "bound times 6 is 4",
        witness,
        {"sum": str(total), "bound": "4", "engine_agrees": agree},
    )


EQ21 = Statement(
    id="interact/eq21",
    paper=PAPER,
    location="(21)",
    kind="bound",
    sentence="The mean of the potential (not of the metric) is at most the right side of Theorem 1.",
    formula=r"\frac1{T+1} \sum_{t=0}^T \mathfrak B_t \le \frac{\mathfrak B_0 - \ell^*}{(T+1) \min\{\cdot\}}",
    because="The potential is at least l*, whatever constant is added to f; the right side does not see that constant and falls "
    "like 1/T. A slip, of the print or of its transcription (the two letters look alike): Theorem 1 and (30) have the metric.",
    assumptions=(*A1, *A2),
    check=_check_21,
    expected=Verdict.REFUTED,
)
