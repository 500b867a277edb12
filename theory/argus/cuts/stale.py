"""Cuts of earlier estimates: they stay in the polytope, and nobody asks whether they still hold."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import audit_runs
from spiritlevel.theory.argus.cuts.cases import BY
from spiritlevel.theory.argus.cuts.convexity import supported_by_its_slopes
from spiritlevel.theory.argus.cuts.frozen import frozen, local
from spiritlevel.theory.argus.cuts.lost import stale_witness
from spiritlevel.theory.argus.cuts.runs import polytope, states
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.instruments.cuts import judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

NET = "ring:3"


def instances(ctx: Context, cases: int) -> list[Bilevel]:
    """Random rational quadratics, identical agents and unequal ones in turn."""
    return [
        random_quadratic(seed=ctx.seed(k), n=3, p=1, q=2, shared=True, rational=True, heterogeneity=k % 2)
        for k in range(cases)
    ]


def held_cuts(ctx: Context, base: str, cases: int) -> tuple[int, int, int]:
    """Over exact runs: cuts held at the third update, those from before it, and of these the ones that remove a point.

    The point has h <= eps for the estimate of that update.
    """
    held = old = wrong = 0
    network = named(NET, exact=True)
    for problem in instances(ctx, cases):
        algorithm = ctx.algorithm("argus")(eta=Fraction(1, 20), iota=1, M=10, base=base)
        last = [0] * 3
        for t, state in states(algorithm, problem, network, 3):
            cuts = [polytope(state, agent) for agent in range(3)]
            if t == 3:
                x, y = (convert(z[0], "fraction") for z in (state.x, state.y))
                whole = frozen(problem, network, x, y if base == "current" else 0 * y, BY)
                for agent, mine in enumerate(cuts):
                    h = local(whole, network, agent)
                    before = mine[: last[agent]]
                    held, old = held + len(mine), old + len(before)
                    wrong += sum(not judge(cut, h, BY.eps).valid for cut in before)
            last = [len(mine) for mine in cuts]
    return held, old, wrong


def _check_stale(ctx: Context) -> Finding:
    held, old, wrong = held_cuts(ctx, "current", ctx.pick(3, 12))
    return broken(
        stale_witness(),
        "g = (y - x)^2/2, eta_y = 1/4: the cut of (0, 1) removes (0, 3/2), which the estimate from y0 = 2 meets exactly; in exact runs, "
        f"{wrong} of {old} older cuts held at the third update remove points with h <= eps for the present estimate",
        numbers={"held": held, "older": old, "older and invalid": wrong},
        cases=old,
        audit=audit_runs(instances(ctx, ctx.pick(3, 12)), [named(NET)]),
    )


STALE = Statement(
    id="argus/stale-cuts",
    paper=PAPER,
    location="Section IV-C (3), (9)",
    kind="lemma",
    variant="added",
    sentence="Cuts stay valid: for the present estimate, every point with h <= eps satisfies the cuts made before.",
    formula=r"h^{t}(x, y) \le \varepsilon \implies (x, y) \in \mathcal P_i^{t'}, \quad t' < t",
    because="The base point moves with y, and h with it. The polytope approximates the set of no single h.",
    about=("argus",),
    check=_check_stale,
    expected=Verdict.REFUTED,
)


def base_does_not_matter() -> bool:
    """From y0 = 0 the estimate is eta (B x + c), whatever the linearisation point xbar."""
    import sympy

    eta, B, c, x, xbar, mu = sympy.symbols("eta B c x xbar mu")
    v = 0 - eta * (-(B * xbar + c) + 2 * mu * 0) + eta * B * (x - xbar)
    return bool(sympy.expand(v - eta * (B * x + c)) == 0)


def _check_zero(ctx: Context) -> Finding:
    held, old, wrong = held_cuts(ctx, "zero", ctx.pick(3, 12))
    return Finding(
        verdict=by_proof(base_does_not_matter() and supported_by_its_slopes() and old > 0, wrong > 0),
        method=Method.SYMBOLIC,
        summary="the estimate is then eta_y (B x + c) at every update, so h is one convex function; in exact runs "
        f"{old - wrong} of {old} older cuts are valid for the present h",
        numbers={"held": held, "older": old, "older and invalid": wrong},
        cases=old,
        audit=audit_runs(instances(ctx, ctx.pick(3, 12)), [named(NET)]),
    )


ZERO = Statement(
    id="argus/stale-cuts-zero-base",
    paper=PAPER,
    location="Section IV-C (3), (9)",
    kind="lemma",
    variant="added",
    sentence="If every estimate starts at y' = 0, phi = 0, g is quadratic, K = 1, there is no l1 term below and the network is fixed, cuts stay valid.",
    formula=r"y_0 = 0: \quad y_i^* = \eta_y (B_i x_i + c_i) \text{ at every update}",
    because="A reading of (5) under which the polytope means something; the estimate is then as far from y* as a first step from 0.",
    about=("argus",),
    check=_check_zero,
    expected=Verdict.PROVED,
)
