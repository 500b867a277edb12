"""The proximal map in (5): printed without the step size."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B, audit_runs
from spiritlevel.theory.argus.cuts.cases import diagonal
from spiritlevel.theory.argus.cuts.witnesses import prox_witness
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

NET = "ring:3"


def instances(ctx: Context, cases: int) -> list[Bilevel]:
    """Random problems of identical agents with the l1 term |y|_1/4 below."""
    return [diagonal(ctx.seed(k), 3, 0, Fraction(1, 4)) for k in range(cases)]


def audited(ctx: Context, cases: int) -> tuple[str, ...]:
    """What they violate of Assumptions 1 and 2."""
    return audit_runs(list(instances(ctx, cases)), [named(NET)])


def rests(ctx: Context, cases: int, *, scaled: bool) -> int:
    """On how many problems of identical agents with an l1 term a round of (5) leaves the lower-level solution where it is."""
    network, still = named(NET, exact=True), 0
    one = convert([1], "fraction")
    for k, problem in enumerate(instances(ctx, cases)):
        rng = np.random.default_rng(ctx.seed("x", k))
        x = np.repeat(convert(rng.integers(-8, 9, (1, 1, 2)).astype(object), "fraction"), 3, axis=1)
        rounds = LowerRounds(1, one / 2, one / 10, one / 10, scaled=scaled)
        y = problem.lower_solution(x)
        still += bool((rounds.run(Oracle(problem), Gossip(network.over("fraction")), x, y)[0] == y).all())
    return still


def _check_printed(ctx: Context) -> Finding:
    cases = ctx.pick(10, 100)
    still = rests(ctx, cases, scaled=False)
    return broken(
        prox_witness(),
        "g = (y - 2)^2/2, r = |y|: (5) with eta_y = 2/3 rests at 1/2, the solution is 1 (in general 2 - 1/eta_y, and 0 up to eta_y = 1/2); "
        f"the solution is left where it is on {still} of {cases} random problems with an l1 term, eta_y = 1/2",
        numbers={"problems": cases, "at rest": still},
        cases=cases,
        audit=audited(ctx, cases),
    )


PRINTED = Statement(
    id="argus/prox-unscaled",
    paper=PAPER,
    location="(5)",
    kind="lemma",
    sentence="For identical agents that agree, (5) rests at the lower-level solution, with the proximal map of r as printed.",
    formula=r"y = \operatorname{prox}_r(y - \eta_y \nabla g(y)) \iff 0 \in \nabla g(y) + \partial r(y)",
    because="A step eta_y of g against a step 1 of r solves the lower level with r / eta_y; only eta_y = 1 is unaffected. (17) has the "
    "step size with R, so this may be a slip.",
    assumptions=(A1_B,),
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_scaled(ctx: Context) -> Finding:
    import sympy

    y, g = sympy.symbols("y g", real=True)
    eta = sympy.symbols("eta", positive=True)
    # u = prox_{eta r}(z) says (z - u)/eta is a subgradient of r at u; here z = y - eta g and u = y
    proof = sympy.simplify(((y - eta * g) - y) / eta + g) == 0
    cases = ctx.pick(10, 100)
    still = rests(ctx, cases, scaled=True)
    return Finding(
        verdict=by_proof(bool(proof), still < cases),
        method=Method.SYMBOLIC,
        summary="by the definition of the proximal map y is at rest exactly if -grad g(y) is a subgradient of r there; the solution is left "
        f"where it is on {still} of {cases} random problems",
        numbers={"problems": cases, "at rest": still},
        cases=cases,
        audit=audited(ctx, cases),
    )


SCALED = Statement(
    id="argus/prox-unscaled-repaired",
    paper=PAPER,
    location="(5)",
    kind="lemma",
    variant="repaired",
    repairs="argus/prox-unscaled",
    sentence="For identical agents that agree, g convex in y and phi = 0, (5) rests exactly at the lower-level solution if its proximal map is that of eta_y r.",
    formula=r"y = \operatorname{prox}_{\eta_y r}(y - \eta_y \nabla g(y)) \iff 0 \in \nabla g(y) + \partial r(y)",
    because="Both parts of the lower level get the same step.",
    assumptions=(A1_B,),
    check=_check_scaled,
    expected=Verdict.PROVED,
)
