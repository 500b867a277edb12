"""What Algorithm 1's start, which the paper leaves open, decides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.equivalence import broken_steps, multiplier, remembered, start_differs
from spiritlevel.theory.slam.algorithms.witnesses import zero_start_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

FORMS = ("slam", "slam-two-step")


def _check_any(ctx: Context) -> Finding:
    import sympy

    from spiritlevel.theory.instruments.formal import AGENTS, ALPHA, ONES, UPPER, same
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, summed

    broken = broken_steps(ctx, FORMS)
    x, old, h = (sympy.MatrixSymbol(k, AGENTS, UPPER) for k in ("x", "x_old", "f_old"))
    if not same(remembered(x, old, multiplier(x, old, h, ALPHA), ALPHA), h):
        broken.append("the inverse")
    mass = ONES * (old - x) * (ALPHA / GAMMA) - ONES * h / GAMMA
    if not same(summed(multiplier(x, old, h, ALPHA)), mass):
        broken.append("the sum over agents")
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"formal steps do not keep it: {', '.join(broken)}"
        if broken
        else "formal steps keep it from arbitrary x^r, x^{r-1}, h^{r-1}; its sum over agents is (alpha (x^0 - x^1) - h^0)/gamma summed, and on a "
        "connected graph A'lambda ranges over all stacks whose sum is 0",
    )


ANY = Statement(
    id="slam/start",
    paper=PAPER,
    location="Algorithm 1, initialisation",
    kind="identity",
    variant="added",
    sentence="From any x^0, h^0 the two-step form is the primal-dual form with a certain stack in the place of A' lambda^1, which some "
    "lambda^1 has if and only if xbar^1 - xbar^0 + hbar^0 / alpha = 0.",
    formula=r"A^\top \lambda^1 = \tfrac1\gamma [\alpha (x^0 - x^1) - h^0 + \rho A^\top A x^1 - \rho\gamma A^\top A x^0]",
    because="Algorithm 1 leaves x^0, y^0 and h^0 open. The same holds for y with beta.",
    about=FORMS,
    check=_check_any,
    expected=Verdict.PROVED,
)


def moves_at_rest(ctx: Context) -> list[str]:
    """Levels for which a formal step from x^{r-1} = x^r is not x^r - (rho/alpha) A'A x^r - (h^r - h^{r-1})/alpha.

    With the same h twice, as where nothing moves, it then rests exactly if A x = 0.
    """
    import sympy

    from spiritlevel.theory.instruments.formal import AGENTS, ALPHA, BETA, LOWER, UPPER
    from spiritlevel.theory.instruments.formal_graphs import RHO, L, different, step_over_graph

    same = {"x_old": sympy.MatrixSymbol("x", AGENTS, UPPER), "y_old": sympy.MatrixSymbol("y", AGENTS, LOWER)}
    run = step_over_graph(ctx.algorithm("slam-two-step"), known=same)
    s, z = run.state, run.after
    return different(
        {
            "x at rest": (z.x, s.x - RHO / ALPHA * L * s.x - (z.f_old - s.f_old) / ALPHA),
            "y at rest": (z.y, s.y - RHO / BETA * L * s.y - (z.g_old - s.g_old) / BETA),
        }
    )


def limits_apart(ctx: Context) -> tuple[float, float]:
    """How far the starts "dual" and "repeated" are apart after 3 and after many iterations, in floats."""
    problem, steps = random_quadratic(ctx.seed("limit"), 4, 2, 1, shared=True), 1500
    found = []
    for start in ("dual", "repeated"):
        a = ctx.algorithm("slam-two-step")(alpha=60.0, beta=60.0, gamma=20.0, rho=0.6, start=start)
        x0 = np.arange(8.0).reshape(4, 2)
        trace = run(a, problem, named("ring:4"), steps=steps, x0=x0, record=[3, steps], metrics=())
        if trace.stopped:
            return float("nan"), float("nan")
        found.append(trace.x[0])
    apart: Array = np.abs(found[0] - found[1]).max(axis=(1, 2))
    return float(apart[0]), float(apart[1])


def _check_repeated(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L

    def want(z: Any, inverse: Any) -> Any:
        return (1 - GAMMA) * RHO / GAMMA * L * z

    broken = start_differs(ctx, "repeated", want) + moves_at_rest(ctx)
    early, late = limits_apart(ctx)
    seen = early > 1e-3 and late < 1e-9
    same = Verdict.PROVED if seen else Verdict.INCONCLUSIVE
    return Finding(
        verdict=Verdict.REFUTED if broken else same,
        method=Method.SYMBOLIC,
        summary=f"differs: {', '.join(broken)}"
        if broken
        else "formal start; at rest Ax = 0 by a formal step and the sum of h_f is 0 as slam/xbar-two-step has c = 0 for both starts; on a ring of 4 "
        f"the two runs are {early:.2g} apart after 3 iterations and {late:.0e} after 1500",
        numbers={"apart_after_3": early, "apart_after_1500": late, "tolerance": 1e-9},
        cases=2,
    )


REPEATED = Statement(
    id="slam/start-repeated",
    paper=PAPER,
    location="Algorithm 1, initialisation",
    kind="identity",
    variant="added",
    sentence="With x^0 = x^1 and h^0 = 0 Algorithm 1 is the primal-dual form from lambda^1 = ((1 - gamma) rho / gamma) A x^1: other iterates "
    "unless gamma = 1 or x^1 is a consensus, the same fixed points.",
    formula=r"\lambda^1 = \tfrac{(1 - \gamma)\rho}{\gamma} A x^1",
    because="A natural reading of the missing start; the printed lambda^1 = 0 it is not.",
    about=("slam-two-step",),
    check=_check_repeated,
    expected=Verdict.PROVED,
)


def zero_start_run(ctx: Context, start: str, steps: int) -> list[Fraction]:
    """Both agents' common x^r of ``f_i = (x - 1)^2/2`` over an edge from the optimum x^1 = 1; alpha = 2."""
    one, zero = [[[1]], [[1]]], [[[0]], [[0]]]
    problem = quadratic(H=one, B=zero, c=[[0], [0]], A=one, a=[[-1], [-1]], shared=True).over("fraction")
    a = ctx.algorithm("slam-two-step")(
        alpha=Fraction(2), beta=Fraction(2), gamma=Fraction(1), rho=Fraction(1, 4), start=start
    )
    trace = run(
        a,
        problem,
        named("path:2", exact=True),
        steps=steps,
        x0=np.array([Fraction(1)]),
        record="all",
        metrics=(),
    )
    first, second = trace.x[0, :, :, 0].T
    return first.tolist() if (first == second).all() else []


def _check_zero(ctx: Context) -> Finding:
    witness = zero_start_witness()
    stands, steps = recheck(witness).ok, 20
    x, kept = zero_start_run(ctx, "zero", steps), zero_start_run(ctx, "dual", steps)
    follows = x == [3 - Fraction(2) ** (1 - r) for r in range(steps + 1)]
    rests = kept == [Fraction(1)] * (steps + 1)
    return Finding(
        verdict=Verdict.REFUTED if stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"f_i = (x - 1)^2/2, alpha = 2, from the optimum x^1 = 1: x^r = 3 - 2^(2-r), towards 3 (so does the implementation: {follows}); "
        f"c = xbar^(r+1) - xbar^r + hbar^r/alpha stays 1, and x = 3 is where hbar = alpha c; from zero multipliers it rests at 1: {rests}",
        numbers={"last": str(x[-1]) if x else "agents differ", "steps": steps},
        cases=2,
        witness=witness if stands else None,
    )


ZERO = Statement(
    id="slam/start-zero",
    paper=PAPER,
    location="Algorithm 1, initialisation",
    kind="qualitative",
    variant="added",
    sentence="Started from x^0 = 0 and h^0 = 0, what unset memory would hold, Algorithm 1 converges to a stationary point.",
    formula=r"x^0 = h^0 = 0 \Rightarrow \tfrac1n \sum_i h_{f,i}^r \to 0",
    because="The sum over agents of A'lambda would have to be -(alpha/gamma) times that of x^1: no multipliers are like that, and the limit "
    "solves hbar = alpha xbar^1 instead. An omission of Algorithm 1, not an error of (6).",
    about=("slam-two-step",),
    check=_check_zero,
    expected=Verdict.REFUTED,
)
