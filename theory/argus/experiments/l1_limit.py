"""Where Argus-S ends on problems with an l1 term on both levels, whose solutions are known exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.composite import L1Bilevel, with_l1
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

WEIGHTS = {"above": Fraction(1, 5), "below": Fraction(1, 4)}
CLOSE = 0.02
"""Twice the eps of the runs, 1/100: what the relaxation may cost here."""


TARGETS = ((3, 2), (0, 2), (1, 0))


def instance(a: int, b: int, below: Fraction) -> L1Bilevel:
    """Three equal scalar agents, ``G = ((x - a)^2 + (y - b)^2)/2``, R = |x|/5, ``g = (y - x)^2/2``, r = below |y|; exact.

    Examples
    --------
    >>> instance(3, 2, Fraction(1, 4)).solution()
    array([Fraction(101, 40)], dtype=object)
    """
    one, none = [[[Fraction(1)]]] * 3, [[Fraction(0)]] * 3
    smooth = quadratic(
        one, one, none, A=one, a=[[-Fraction(a)]] * 3, Q=one, e=[[-Fraction(b)]] * 3, shared=True
    )
    return with_l1(smooth, above=WEIGHTS["above"], below=below)


def off(ctx: Context, problem: L1Bilevel, steps: int) -> float:
    """How far Argus-S ends from the exact x and y*, with an exact one-step estimate and projected multipliers, from 0."""
    x = problem.solution()
    assert x is not None  # strictly convex above, one dimension
    y = problem.lower_solution(np.repeat(x[None, None], problem.n, axis=1))[0]
    a = ctx.algorithm("argus")(eta=0.05, eta_y=1, eps=0.01, multipliers="project", T_1=steps, full="oldest")
    trace = run(a, problem.over("float"), averaging(problem.n), steps=steps, record=[steps], metrics=())
    ends = ((trace.x[0, -1], x), (trace.y[0, -1], y))
    return max(float(abs(z - convert(to, "float")).max()) for z, to in ends)


def _check_limit(ctx: Context) -> Finding:
    steps = ctx.pick(300, 2000)
    found = {
        k: [off(ctx, instance(a, b, k), steps) for a, b in TARGETS] for k in (Fraction(0), WEIGHTS["below"])
    }
    without, with_l1_below = found.values()
    control = max(without) < CLOSE
    far = [v for v in with_l1_below if v > 10 * CLOSE]
    verdict = (
        Verdict.REFUTED
        if control and far
        else decide(control and max(with_l1_below) < CLOSE, largest(with_l1_below))
    )
    return Finding(
        verdict=verdict if control else Verdict.INCONCLUSIVE,
        method=Method.RUNS,
        summary=f"G = ((x - a)^2 + (y - b)^2)/2, R = |x|/5, g = (y - x)^2/2, from 0, {steps} iterations, (a, b) = {', '.join(map(str, TARGETS))}: with r = |y|/4 Argus-S ends {', '.join(f'{v:.3f}' for v in with_l1_below)} from the "
        f"exact solution, without r {', '.join(f'{v:.3f}' for v in without)}",
        numbers={"with_r": with_l1_below, "without_r": without, "close": CLOSE, "far": 10 * CLOSE},
        cases=2 * len(TARGETS),
        audit=audit_runs([instance(a, b, WEIGHTS["below"]) for a, b in TARGETS], [averaging(3)]),
    )


LIMIT = Statement(
    id="argus/converges-l1",
    paper=PAPER,
    location="Section VIII; Section IV-B; (34), where r and R are l1 norms",
    kind="qualitative",
    variant="added",
    sentence="With l1 terms on both levels, identical agents, an exact one-step estimate and projected multipliers, the limit is the bilevel solution up to eps.",
    assumptions=ALL,
    because="argus/converges-repaired, with l1 terms: a cut made where the threshold is not passed holds y near 0 and has no coefficient for x (argus/cut-optimum-l1), so that nothing draws x away from the "
    "kink of R. Whether it is made depends on where the run is at the first update.",
    about=("argus",),
    check=_check_limit,
    expected=Verdict.REFUTED,
)
