"""Do the cuts keep the feasible points of the bilevel problem itself, rather than those of h <= eps?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import audit_runs
from spiritlevel.theory.argus.cuts.cases import BY, draw, quadratic_case
from spiritlevel.theory.argus.cuts.convexity import supported_by_its_slopes
from spiritlevel.theory.argus.cuts.figures import lost_solutions
from spiritlevel.theory.argus.cuts.frozen import Settings, frozen, on_common, solutions
from spiritlevel.theory.argus.cuts.lost import disagreement_witness, feasible_witness
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.instruments.cuts import judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

NET = "ring:4"


def keeps(problem: Bilevel, x: Array, y: Array, by: Settings) -> bool:
    """Whether the whole network's cut at (x, y), which is also the base point, keeps every lower-level solution."""
    h = frozen(problem, named(NET, exact=True), x, y, by)
    cut = h.cut(x.reshape(-1), y.reshape(-1), by.eps)
    return judge(on_common(cut, problem.n), solutions(problem), 0).valid


def instances(ctx: Context) -> list[Bilevel]:
    """Random rational quadratics, identical agents and unequal ones in turn."""
    return [quadratic_case(ctx.seed(k), 4, k % 2) for k in range(ctx.pick(6, 60))]


def _check_true(ctx: Context) -> Finding:
    kept, problems = 0, instances(ctx)
    cases = len(problems)
    for k, problem in enumerate(problems):
        rng = np.random.default_rng(ctx.seed("point", k))
        kept += keeps(problem, draw(rng, 4, 2), draw(rng, 4, 2), BY)
    return broken(
        feasible_witness(),
        "g = (y - x)^2/2, eta_y = 1/4, cut made at (0, 1): it removes the solution (3, 3) (left side 7/5), also (2, 2) and (6/5, 6/5); "
        f"judged exactly, {cases - kept} of {cases} cuts on random quadratics, identical and unequal agents, remove a solution",
        numbers={"cuts": cases, "removing a solution": cases - kept, "left side at (3, 3)": "7/5"},
        cases=cases,
        audit=audit_runs(problems, [named(NET)]),
        figures=(lost_solutions(),),
    )


TRUE = Statement(
    id="argus/cut-true-feasible",
    paper=PAPER,
    location="Section IV-B, (8), 'a relaxed problem with respect to Eq.(2)'; (21)",
    kind="lemma",
    sentence="The cuts keep the feasible points of the bilevel problem: all x_i equal, all y_i the lower-level solution there.",
    formula=r"x_i = x, \ y_i = y^*(x) \implies a^\top x + b^\top y + c \le 0",
    because="h measures the distance to one step from a frozen base point, whose slope in x is eta_y times the cross Hessian in the place "
    "of the solution's: the two part linearly, and no eps covers that. A relaxation of (2) would have to keep its feasible points; of h with the estimate (7) the cuts keep them (argus/cut-validity-r0).",
    check=_check_true,
    expected=Verdict.REFUTED,
)


def matched(rng: np.random.Generator, eta_y: Fraction) -> Bilevel:
    """Four identical agents with Hessian I / eta_y."""
    H = np.broadcast_to(convert(np.eye(2, dtype=int), "fraction") / eta_y, (4, 2, 2))
    B, c = (np.repeat(draw(rng, 1, *shape), 4, axis=0) for shape in ((2, 2), (2,)))
    return quadratic(H, B, c, shared=True)


def one_step_solves() -> bool:
    """``y0 - eta (y0/eta - z) = eta z``, which is H^-1 z for H = I/eta: whatever the base point."""
    import sympy

    y0, z = sympy.symbols("y0 z", real=True)
    eta = sympy.symbols("eta", positive=True)
    return bool(sympy.simplify(y0 - eta * (y0 / eta - z) - z / (1 / eta)) == 0)


def _check_matched(ctx: Context) -> Finding:
    agree = apart = 0
    cases, problems = ctx.pick(4, 40), []
    for k in range(cases):
        rng = np.random.default_rng(ctx.seed(k))
        problem, x, y = matched(rng, BY.eta_y), draw(rng, 4, 2), draw(rng, 4, 2)
        problems.append(problem)
        agree += keeps(problem, x, np.repeat(y[:1], 4, axis=0), BY)
        apart += keeps(problem, x, y, BY)
    return Finding(
        verdict=by_proof(one_step_solves() and supported_by_its_slopes(), agree < cases),
        method=Method.SYMBOLIC,
        summary="one step of size eta_y from anywhere then solves the lower level (identity), so h = 0 at the solutions, and the cut of a "
        f"convex h keeps them; judged exactly, {agree} of {cases} cuts do (with base points that disagree {apart} of {cases})",
        numbers={"cuts": cases, "keep": agree, "keep, base points that disagree": apart},
        cases=2 * cases,
        audit=audit_runs(problems, [named(NET)]),
    )


MATCHED = Statement(
    id="argus/cut-true-feasible-repaired",
    paper=PAPER,
    location="Section IV, (2), (8), (21)",
    kind="lemma",
    variant="repaired",
    repairs="argus/cut-true-feasible",
    sentence="For identical agents with H = I/eta_y, no l1 term below, K = 1, phi = 0 and base points that agree, the cuts keep the feasible "
    "points of the bilevel problem.",
    formula=r"\eta_y H_i = I, \ y_{0,i} = y_0 \implies y_i^* = H^{-1}(B x_i + c)",
    because="The estimate is then the solution. A step size can do that only where all curvatures are equal.",
    check=_check_matched,
    expected=Verdict.PROVED,
)


def _check_disagreement(ctx: Context) -> Finding:
    return broken(
        disagreement_witness(),
        "g_i = (y - x)^2/2, eta_y = 1, two agents at y = (1, -1), mu = 1/10: at every solution the cut's left side is 27/10",
        numbers={"left side": "27/10"},
    )


DISAGREEMENT = Statement(
    id="argus/cut-true-feasible-disagreement",
    paper=PAPER,
    location="Section IV, (5), (21)",
    kind="lemma",
    variant="added",
    sentence="For identical agents with H = I/eta_y and no l1 term below, the cuts keep the feasible points of the bilevel problem, also "
    "where the base points disagree.",
    formula=r"\eta_y H_i = I \implies \text{solutions satisfy the cuts}",
    because="Mixing and penalty shift the estimates by W y0 - y0 - 2 mu eta_y L y0, at all solutions alike: one cut can remove them all.",
    check=_check_disagreement,
    expected=Verdict.REFUTED,
)
