"""What cuts of h_low cannot do, and that no other cuts could."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.cuts.cases import draw
from spiritlevel.theory.argus.cuts.convexity import low_proof
from spiritlevel.theory.argus.cuts.witnesses import limit_witness
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.instruments.cuts import Cut, Violation, judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_separates(ctx: Context) -> Finding:
    rng, missed, infeasible = np.random.default_rng(ctx.seed("points")), 0, 0
    for _ in range(ctx.pick(50, 500)):
        h = Violation(draw(rng, 2), draw(rng, 2, 2), kappa=Fraction(1, 2))
        x = draw(rng, 2)
        y = h.estimate(x) + draw(rng, 2) / 4
        if h.at(x, y) > Fraction(1, 10):
            infeasible, missed = infeasible + 1, missed + (h.low(x, y) <= Fraction(1, 10))
    return broken(
        limit_witness(),
        f"r = |y|: h = 21/40 and h_low = 0 at (0, 1/2); of {infeasible} random infeasible points near the estimate {missed} have "
        "h_low <= eps and get no cut",
        numbers={"infeasible": infeasible, "without a cut": missed},
        cases=infeasible,
    )


SEPARATES = Statement(
    id="argus/low-cut-separates",
    paper=PAPER,
    location="(21)",
    kind="lemma",
    variant="added",
    sentence="The cuts of h_low separate every point with h > eps.",
    formula=r"h > \varepsilon \implies h_{low} > \varepsilon",
    because="(21) asks for a valid cut that separates; where h_low <= eps < h the repaired ones give none (nor could others: "
    "argus/low-cut-best).",
    check=_check_separates,
    expected=Verdict.REFUTED,
)


def most_of_a_clip() -> bool:
    """``b (soft(v) - v) = -b clip(v)`` is at most k |b|, with equality at v = -k sign(b), whatever the sign s of b = s B."""
    import sympy

    B, k = sympy.symbols("B k", positive=True)
    return all(sympy.expand(-(s * B) * (-k * s) - k * B) == 0 for s in (-1, 1)) and low_proof()


def _check_best(ctx: Context) -> Finding:
    rng, cases, differ, sides = np.random.default_rng(ctx.seed("cuts")), 0, 0, set()
    while cases < ctx.pick(40, 400):
        h = Violation(draw(rng, 2), draw(rng, 2, 3), kappa=abs(draw(rng, 2)), weight=abs(draw(rng, 1))[0])
        if (h.J[0] @ h.J[0]) * (h.J[1] @ h.J[1]) == (h.J[0] @ h.J[1]) ** 2:
            continue  # rows that are not independent
        b = draw(rng, 2)
        offset = -b @ h.v0 - abs(b) @ h.kappa + draw(rng, 1)[0] / 4
        cut = Cut(-b @ h.J, b, offset)
        verdicts = [judge(cut, h, Fraction(1, 10), low=low).valid for low in (False, True)]
        cases, differ = cases + 1, differ + (verdicts[0] != verdicts[1])
        sides.add(verdicts[0])
    short = Violation(
        [0, 0], [[1], [1]], kappa=1
    )  # dependent rows: one threshold cannot be used against the other
    tighter = Cut([0], [-1, 1], 0)
    apart = judge(tighter, short, 0).valid and not judge(tighter, short, 0, low=True).valid
    return Finding(
        verdict=by_proof(most_of_a_clip() and len(sides) == 2 and apart, differ > 0),
        method=Method.SYMBOLIC,
        summary="both sets have the same support function: J x reaches -k sign(b) - v0, where the threshold gives k |b|_1, the most it can; "
        f"the exact decisions for the two sets differ on {differ} of {cases} random cuts; with dependent rows a valid cut can be tighter",
        numbers={"cuts": cases, "different": differ, "tighter with dependent rows": apart},
        cases=cases + 1,
    )


BEST = Statement(
    id="argus/low-cut-best",
    paper=PAPER,
    location="(21)",
    kind="lemma",
    variant="added",
    sentence="For J of full row rank a cut is valid for {h <= eps} exactly if it is for {h_low <= eps}: the latter is the former's closed "
    "convex hull, and no valid cut removes a point with h_low <= eps.",
    formula=r"\overline{\operatorname{conv}} \{h \le \varepsilon\} = \{h_{low} \le \varepsilon\}",
    because="So the repair loses nothing that cuts could do: with an l1 term below, no polytope can come closer.",
    check=_check_best,
    expected=Verdict.PROVED,
)
