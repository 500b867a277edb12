"""With an l1 term below: does the polytope keep the bilevel optimum, known exactly through the soft threshold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.composite import L1Bilevel, with_l1
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B, audit_runs
from spiritlevel.theory.argus.cuts.convexity import low_proof
from spiritlevel.theory.argus.cuts.frozen import Settings
from spiritlevel.theory.argus.cuts.lost import threshold_optimum_witness
from spiritlevel.theory.argus.cuts.runs import Made, cuts_of_run
from spiritlevel.theory.evidence import broken, by_proof, sides
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

F = Fraction
BY = Settings(eta_y=F(1), eps=F(1, 10))
"""One step then solves g = (y - x)^2/2 exactly."""
NET, KAPPA = "ring:3", F(1)
TARGETS = ((F(3), F(2)), (F(1, 2), F(1)), (F(-2), F(-2)), (F(3), F(-1)))
STARTS = (F(1, 2), F(2))
"""Of x: where the threshold is not passed, and where it is."""


def optimum(a: Fraction, b: Fraction, k: Fraction) -> tuple[Fraction, Fraction]:
    """The least value of ``(x - a)^2 + (y - b)^2`` over ``y = soft(x, k)``: the best of the three pieces' minima.

    Examples
    --------
    >>> optimum(F(3), F(2), F(1)), optimum(F(1, 2), F(1), F(1)), optimum(F(-2), F(-2), F(1))
    ((Fraction(3, 1), Fraction(2, 1)), (Fraction(1, 2), Fraction(0, 1)), (Fraction(-5, 2), Fraction(-3, 2)))
    """
    right, left, middle = max(k, (a + b + k) / 2), min(-k, (a + b - k) / 2), min(k, max(-k, a))
    points = ((right, right - k), (left, left + k), (middle, F(0)))
    return min(points, key=lambda p: (p[0] - a) ** 2 + (p[1] - b) ** 2)


def problem(a: Fraction, b: Fraction, x0: Fraction) -> L1Bilevel:
    """Three equal scalar agents with ``G = ((x - a)^2 + (y - b)^2)/2`` and ``g = (y - x)^2/2``, r = |y|, from y = 3."""
    one = [[[F(1)]]] * 3
    smooth = quadratic(
        one, one, [[F(0)]] * 3, A=one, a=[[-a]] * 3, Q=one, e=[[-b]] * 3, shared=True, x0=[x0], y0=[F(3)]
    )
    return with_l1(smooth, below=KAPPA)


def made(ctx: Context) -> Iterator[tuple[Array, Array, list[Made], int]]:
    """The optimum at every agent, the cuts, and how many are missing or too many, for all targets and starts; exact runs."""
    for (a, b), x0 in product(TARGETS, STARTS):
        given = problem(a, b, x0)
        algorithm = ctx.algorithm("argus")(eta=F(1, 20), eta_y=BY.eta_y, eps=BY.eps, iota=1, M=8)
        cuts, absent = cuts_of_run(algorithm, given.over("fmpq"), named(NET, exact=True), ctx.pick(2, 3), BY)
        x, y = optimum(a, b, KAPPA)
        yield convert(np.array([x] * 3), "fraction"), convert(np.array([y] * 3), "fraction"), cuts, absent


def _audited() -> tuple[str, ...]:
    return audit_runs([problem(*target, STARTS[0]) for target in TARGETS], [named(NET)])


def _check_printed(ctx: Context) -> Finding:
    runs, witness = list(made(ctx)), threshold_optimum_witness()
    counts = [(sum(m.found.at(x, y) > 0 for m in cuts), len(cuts)) for x, y, cuts, _ in runs]
    removing, many = (sum(pair[k] for pair in counts) for k in (0, 1))
    others = sum(absent + sum(m.off() != 0 for m in cuts) for *_, cuts, absent in runs)
    finding = broken(
        witness,
        f"g = (y - x)^2/2, r = |y|, G = ((x - 3)^2 + (y - 2)^2)/2, eta_y = 1: the cut of (1/2, 1) removes the optimum (3, 2), left side {sides(witness)[0][0]}, although the one-step estimate is exact; "
        f"of {many} cuts of exact runs, three equal agents, {removing} remove the optimum (by target and start x = {' or '.join(map(str, STARTS))}: {', '.join(f'{bad} of {all_}' for bad, all_ in counts)})"
        + (f"; {others} are not the text's, missing or too many" if others else ""),
        numbers={"cuts": many, "removing the optimum": removing, "not the text's": others},
        cases=max(1, many),
        audit=_audited(),
    )
    if removing and not others:
        return finding
    # Runs whose cuts are others than the paper's say nothing of the paper's.
    kept = many > 0 and not removing
    return replace(finding, verdict=Verdict.SUPPORTED if kept else Verdict.INCONCLUSIVE, witness=None)


PRINTED = Statement(
    id="argus/cut-optimum-l1",
    paper=PAPER,
    location="Section IV, (1), (10), (21)",
    kind="lemma",
    variant="added",
    sentence="With an l1 term below, identical agents and an exact one-step estimate, the optimum of the bilevel problem satisfies the cuts.",
    formula=r"y^* = \operatorname{soft}(x^*, k) \implies a^\top x^* + b^\top y^* + c \le 0",
    because="The estimate is right at every x, yet a cut made where the threshold is not passed says that y must not grow with x at all.",
    assumptions=(A1_B,),
    about=("argus",),
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    lows = [
        (m.h.low_cut(m.x, m.y, BY.eps).at(x, y), m.h.at(x, y))
        for x, y, cuts, _ in made(ctx)
        for m in cuts
        if m.h.low(m.x, m.y) > BY.eps
    ]
    wrong = sum(value > 0 or h != 0 for value, h in lows)
    return Finding(
        verdict=by_proof(low_proof() and bool(lows), wrong > 0),
        method=Method.SYMBOLIC,
        summary=f"the estimate is exact, so h = 0 at the optimum, and h_low is convex and at most h; at the same points of the same runs {len(lows)} cuts of h_low are made, of which {wrong} "
        "remove the optimum",
        numbers={"cuts": len(lows), "removing the optimum": wrong},
        cases=max(1, len(lows)),
        audit=_audited(),
    )


REPAIRED = Statement(
    id="argus/cut-optimum-l1-repaired",
    paper=PAPER,
    location="Section IV, (1), (10), (21)",
    kind="lemma",
    variant="repaired",
    repairs="argus/cut-optimum-l1",
    sentence="There the optimum satisfies all cuts of h_low.",
    formula=r"h_{low}(x^*, y^*) \le h(x^*, y^*) = 0",
    because="h_low lies below h, and is convex: argus/cut-validity-repaired.",
    assumptions=(A1_B,),
    check=_check_repaired,
    expected=Verdict.PROVED,
)
