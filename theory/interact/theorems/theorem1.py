"""Theorem 1: the bound as printed, and its potential as printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.metrics import stationarity
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import convert
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import linear, random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.potential import potential
from spiritlevel.theory.interact.step_sizes.theorem1_list import (
    THEOREM_1,
    THEOREM_1_REPAIRED,
    rate,
)
from spiritlevel.theory.interact.theorems.bound_witness import thm1_witness, weight_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.admission import pictured
from spiritlevel.theory.step_lists.stepsize import Rule
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

BOUND = (
    r"\frac{1}{T+1} \sum_{t=0}^T \mathfrak M_t \le \frac{\mathfrak B_0 - \ell^*}{(T+1) "
    r"\min\{\frac{1-\lambda}{4}, \frac{3r^2(1-\lambda)}{32(1+r)L_y^2}, \frac{\alpha}{2}\}}"
)


@dataclass(frozen=True)
class Instance:
    """One exact instance of the printed bound: its sides are compared in rationals."""

    problem: SolvedProblem
    network: Network
    constants: Constants
    lam: Fraction
    alpha: Fraction
    beta: Fraction
    y0: int
    T: int
    rule: Rule
    witness: Witness


def _opposed(b: Fraction, slope: Fraction) -> SolvedProblem:
    """Two agents with ``f_i = +-b x`` and ``g_i = (y - slope x)^2 / 2``: the objective is 0."""
    return linear(H=[[[1]], [[1]]], B=[[[slope]], [[slope]]], c=[[0], [0]], b=[[b], [-b]]).over("fraction")


def _pair(self_weight: Fraction) -> Network:
    w = self_weight
    return Network(convert([[w, 1 - w], [1 - w, w]], "fraction"), "pair")


def _judge_bound(ctx: Context, i: Instance, what: str) -> Finding:
    """Run the algorithm in rationals and compare the printed sides."""
    at = {"alpha": i.alpha, "beta": i.beta}
    admitted = all(row.allows for row in i.rule.rows(i.constants, i.lam, i.network.n, at))
    a = ctx.algorithm("interact")(**at)
    trace = run(
        a,
        i.problem,
        i.network,
        steps=i.T,
        record="all",
        y0=convert(np.full(i.problem.q, i.y0), "fraction"),
        metrics={"M": stationarity, "B": potential(i.alpha, 1)},
    )
    total = trace.metrics["M"][0].sum()
    bound = (trace.metrics["B"][0, 0] - 0) / rate(i.constants, i.lam, i.alpha, i.beta, "printed")
    stands = recheck(i.witness).ok
    broken = admitted and total > bound
    # One instance can break a bound; it cannot support it.
    return Finding(
        verdict=Verdict.REFUTED if broken and stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{what}: at T = {i.T} the sum of M_t is {float(total):.4g}, the bound times T+1 is {float(bound):.4g}"
        + ("" if admitted else "; these steps are not admitted")
        + ("" if stands else "; the witness falls"),
        numbers={
            "sum": str(total),
            "bound": str(bound),
            "T": i.T,
            "admitted": admitted,
            "witness_stands": stands,
        },
        audit=audit((*A1, *A2), [i.problem]),
        witness=i.witness if broken else None,
    )


def _check_thm1(ctx: Context) -> Finding:
    c = Constants(mu_g=1, L_g=Fraction(10001, 10000), C_gxy=Fraction(1, 100))
    instance = Instance(
        problem=_opposed(Fraction(1), Fraction(1, 100)),
        network=_pair(Fraction(19, 20)),
        constants=c,
        lam=Fraction(9, 10),
        alpha=Fraction(1),
        beta=1 / Fraction(1 + c.L_g),
        y0=0,
        T=6,
        rule=THEOREM_1,
        witness=thm1_witness("printed", "two-agents"),
    )
    found = _judge_bound(ctx, instance, "2 agents, f = +-x, lam = 9/10, alpha = 1")
    terms = pictured(THEOREM_1, random_quadratic(1, 4, 1, 1), named("ring:4"))
    return replace(found, figures=(terms,))


THM1 = Statement(
    id="interact/thm1",
    paper=PAPER,
    location="Theorem 1",
    kind="bound",
    sentence="With step sizes from the printed list, the mean of M_0..M_T is at most (B_0 - l*) over (T+1) min{..}.",
    formula=BOUND,
    because="Nothing in the list keeps alpha below (1-lam)^2, which C_5 needs once L_K is small; and the printed potential has "
    "weight 1 where the proof has a. True if C_gxy/mu_g, L_f and L_K are taken as at least 1, which the text nowhere asks.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_thm1,
    expected=Verdict.REFUTED,
)


def _check_unit_weight(ctx: Context) -> Finding:
    c = Constants(mu_g=1, L_g=Fraction(1000001, 1000000), C_gxy=Fraction(1, 1000))
    instance = Instance(
        problem=_opposed(Fraction(1, 1000), Fraction(1, 1000)),
        network=_pair(Fraction(2, 3)),
        constants=c,
        lam=Fraction(1, 3),
        alpha=Fraction(5, 18),
        beta=Fraction(1, 32),
        y0=1,
        T=9,
        rule=THEOREM_1_REPAIRED,
        witness=weight_witness(),
    )
    return _judge_bound(ctx, instance, "2 agents, C_gxy = 1/1000, alpha = 5/18 within the repaired list")


UNIT_WEIGHT = Statement(
    id="interact/thm1-unit-weight",
    paper=PAPER,
    location="Theorem 1, definition of the potential",
    kind="bound",
    variant="added",
    sentence="Theorem 1's bound holds with the printed weight 1 on |y - y*|^2 in B_0, even when the steps obey the repaired list.",
    formula=r"\mathfrak B_t = \ell(\bar x_t) + \|y_t - y_t^*\|^2 + \|x_t - 1 \otimes \bar x_t\|^2 + "
    r"\alpha \|u_t - 1 \otimes \bar u_t\|^2",
    because="Step 4 of the proof has the weight a = (1-lam)/(32(1+1/r)L_y^2), which exceeds 1 when L_y is small; with weight 1 "
    "the start of y is then paid for too cheaply.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_unit_weight,
    expected=Verdict.REFUTED,
)
