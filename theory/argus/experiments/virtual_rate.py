"""Definition 2: which step sizes keep the stationary point when agents are awake unequally often."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL
from spiritlevel.theory.argus.experiments.expectation import (
    audited,
    forced_rate,
    limit,
    limit_forced,
    maps,
    weighted,
)
from spiritlevel.theory.argus.experiments.witnesses import forced_witness, rates_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

F = Fraction
TARGETS, CHANCES, TAU = (F(0), F(0), F(3)), (F(1), F(1, 2), F(1, 4)), 3
A, P = tuple(map(float, TARGETS)), tuple(map(float, CHANCES))
CORRECTED = "1:2:4"
"""1/p."""
STEPS = (1e-2, 1e-3, 1e-4)
FIRST_ORDER = (0.05, 0.2)
"""Between these a tenfold smaller step divides what is of first order: by 10, up to terms of second order."""
AWAY = 0.3
SMALL = 100 * STEPS[-1]
"""Of first order in the smallest step."""


def shrinks(errors: list[float]) -> bool:
    """Whether every error is about a tenth of the one before.

    Examples
    --------
    >>> shrinks([0.1, 0.011, 0.001]), shrinks([0.1, 0.1])
    (True, False)
    """
    low, high = FIRST_ORDER
    return all(low * a < b < high * a for a, b in itertools.pairwise(errors))


def _check_printed(ctx: Context) -> Finding:
    witness, make = rates_witness(), ctx.algorithm("argus")
    found = [limit(maps(make, A, eta=eta), P) for eta in STEPS]
    predicted, right = weighted(TARGETS, CHANCES), weighted(TARGETS, [F(1)] * 3)
    near = abs(found[-1].mean - float(predicted))
    away = abs(found[-1].mean - float(right))
    refuted = recheck(witness).ok and all(one.radius < 1 for one in found) and away > AWAY
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"targets 0, 0, 3 and p = 1, 1/2, 1/4: sum_i p_i eta grad L_i = 0 at {predicted}, where sum_i grad L_i = 9/7 - 3; the expected "
        f"iterates, all activity sets weighted, tend to {found[0].mean:.5f} at eta = {STEPS[0]:g} and {found[-1].mean:.5f} at {STEPS[-1]:g}, not to {right}",
        numbers={
            "limits": [one.mean for one in found],
            "weighted_mean": str(predicted),
            "off_prediction": near,
            "radius": max(one.radius for one in found),
        },
        cases=len(found),
        audit=audited(TARGETS, CHANCES),
        witness=witness if refuted else None,
    )


PRINTED = Statement(
    id="argus/virtual-rate",
    paper=PAPER,
    location="Definition 2, (29); Theorem 1's condition on the step sizes",
    kind="lemma",
    sentence="If the step sizes have the same expectation, E[eta_i] = eta for all i, the stationary points are maintained in expectation.",
    formula=r"\mathbb E[\eta_{i,z}^t] = \eta_z \ \forall i \ \Rightarrow\ \Big(\textstyle\sum_i \mathbb E[\tilde\eta_{i,z}^t] \nabla_z L'_{pi} = 0 "
    r"\Rightarrow \sum_i \nabla_z L'_{pi} = 0\Big)",
    because="E[tilde eta_i] = p_i eta_i weighs agents by how often they are awake. Equal expectations of the virtual rates are needed; a tilde may be "
    "lost, but Theorem 1 has none either.",
    assumptions=ALL,
    about=("argus",),
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    make = ctx.algorithm("argus")
    found = [limit(maps(make, A, eta=eta, rates=CORRECTED), P) for eta in STEPS]
    errors = [abs(one.mean - 1) for one in found]
    others, rng = [], np.random.default_rng(ctx.seed())
    for _ in range(ctx.pick(5, 50)):
        targets, p = rng.integers(-4, 5, 3), rng.integers(1, 9, 3)
        rates = ":".join(f"8/{k}" for k in p)
        one = limit(maps(make, targets.tolist(), eta=STEPS[-1], rates=rates), (p / 8).tolist())
        others.append(abs(one.mean - targets.mean()))
    holds = all(one.radius < 1 for one in found) and shrinks(errors) and max(others) < SMALL
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"rates 1, 2, 4: the expected iterates, with stale reads and theta as at t = 1, tend to 1 - {', 1 - '.join(f'{e:.1e}' for e in errors)} for eta = "
        f"{', '.join(f'{eta:g}' for eta in STEPS)}: the right point, 1, up to first order in eta; {len(others)} random targets and p: {max(others):.1e} off at most at {STEPS[-1]:g}",
        numbers={
            "errors": errors,
            "radius": max(one.radius for one in found),
            "ratios": list(FIRST_ORDER),
            "random_worst": float(max(others)),
            "tolerance": SMALL,
        },
        cases=len(found) + len(others),
        audit=audited(TARGETS, CHANCES),
    )


REPAIRED = Statement(
    id="argus/virtual-rate-repaired",
    paper=PAPER,
    location="Definition 2, (29)",
    kind="lemma",
    variant="repaired",
    repairs="argus/virtual-rate",
    sentence="If the virtual rates have the same expectation, E[tilde eta_i] = eta for all i, the stationary points are maintained in expectation "
    "as eta tends to 0.",
    formula=r"\mathbb E[\tilde\eta_{i,z}^t] = \eta_z \ \forall i",
    because="A tilde more: eta/p for an agent that is awake with probability p. Theta is damped as at t = 1 here; for later t see argus/virtual-rate-theta.",
    assumptions=ALL,
    about=("argus",),
    check=_check_repaired,
    expected=Verdict.SUPPORTED,
)


def _check_forced(ctx: Context) -> Finding:
    witness, make = forced_witness(), ctx.algorithm("argus")
    predicted = weighted(TARGETS, [forced_rate(p, TAU) / p for p in CHANCES])
    rates = ":".join(str(1 / forced_rate(p, TAU)) for p in CHANCES)
    wrong, right = (
        [limit_forced(maps(make, A, eta=eta, rates=r), P, TAU) for eta in STEPS] for r in (CORRECTED, rates)
    )
    errors = [abs(one.mean - 1) for one in right]
    settled = all(one.radius < 1 for one in (*wrong, *right))
    refuted = recheck(witness).ok and settled and abs(wrong[-1].mean - 1) > AWAY and shrinks(errors)
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"tau = {TAU}: with eta/p the expected iterates tend to {wrong[-1].mean:.5f} at eta = {STEPS[-1]:g}, predicted {predicted}, not 1; with eta over the "
        f"long-run rates p/(1 - (1-p)^tau) they are {', '.join(f'{e:.1e}' for e in errors)} from 1 for eta = {', '.join(f'{eta:g}' for eta in STEPS)}",
        numbers={
            "limits": [one.mean for one in wrong],
            "predicted": str(predicted),
            "errors_long_run": errors,
        },
        cases=2 * len(STEPS),
        audit=audited(TARGETS, CHANCES, TAU),
        witness=witness if refuted else None,
    )


FORCED = Statement(
    id="argus/virtual-rate-forced",
    paper=PAPER,
    location="Definition 2 with Assumption 1(c)",
    kind="lemma",
    variant="added",
    sentence="Step sizes eta/p_i keep the stationary point although everyone is awake at least once every tau iterations.",
    because="Forced wake-ups raise the activity to p/(1 - (1-p)^tau), the more the smaller p is: an agent with p = 1/4 is overweighted by 64/37.",
    assumptions=ALL,
    about=("argus",),
    check=_check_forced,
    expected=Verdict.REFUTED,
)

LATE = (1, 10**4, 10**8)


def _check_theta(ctx: Context) -> Finding:
    make, eta = ctx.algorithm("argus"), 1e-2
    rows = {
        gradient: [limit(maps(make, A, t=t, eta=eta, rates=CORRECTED, gradient=gradient), P) for t in LATE]
        for gradient in ("own", "full")
    }
    own, full = ([one.mean for one in rows[key]] for key in ("own", "full"))
    settled = all(one.radius < 1 for row in rows.values() for one in row)
    refuted = settled and abs(own[-1] - 1) > AWAY and own[0] > own[1] > own[2]
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary=f"eta = {eta:g}/p, theta's damping held as at t = {', '.join(f'{t:g}' for t in LATE)}: the expected iterates tend to "
        f"{', '.join(f'{v:.3f}' for v in own)} with the terms of L_pi, to {', '.join(f'{v:.4f}' for v in full)} with all terms; the optimum is 1",
        numbers={"own": own, "full": full, "slowest_radius": max(one.radius for one in rows["own"])},
        cases=2 * len(LATE),
        audit=audited(TARGETS, CHANCES),
    )


THETA = Statement(
    id="argus/virtual-rate-theta",
    paper=PAPER,
    location="Definition 2; (17), (20), (13)",
    kind="lemma",
    variant="added",
    sentence="With step sizes eta/p_i the stationary point stays where it is while the damping of theta fades.",
    because="Damped by 1/sqrt(t+1) whenever its owner is awake, theta_ij is theta_ji's opposite no more: their sum, which (17) adds up over agents, grows as the "
    "damping fades. The gradient of the whole sum, with theta_ij - theta_ji, has no such term. Per-agent constants c_2 in (13) are another way.",
    assumptions=ALL,
    about=("argus",),
    check=_check_theta,
    expected=Verdict.REFUTED,
)
