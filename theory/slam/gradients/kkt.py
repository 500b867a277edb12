"""Theorem 1 read for the gradient of (1): SLAM's limits need not be stationary, inside and outside its Hessian condition."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.slam import PAPER, hypergradients
from spiritlevel.theory.slam.assumptions import A1, A4, A5, ALL, P2
from spiritlevel.theory.slam.gradients.bias_floor import SETTINGS
from spiritlevel.theory.slam.gradients.eq23 import gap23, root
from spiritlevel.theory.slam.gradients.findings import by_proof, plain, refuted_by
from spiritlevel.theory.slam.gradients.instances import opposed, resting, smooth, two_tasks, unequal
from spiritlevel.theory.slam.gradients.limit_witnesses import resting_witness, unequal_witness
from spiritlevel.theory.slam.gradients.limits import after, at_rest, everywhere, first, iterates
from spiritlevel.theory.slam.gradients.witnesses import eq153_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

PAIR: Network = named("path:2", exact=True)
QUOTED: dict[str, Any] = {"alpha": 20, "beta": 20, "gamma": 10, "rho": Fraction(1, 4)}


def stays_for_all_steps(ctx: Context) -> bool:
    """Whether an iteration with the symbols alpha, beta, gamma, rho leaves the start of `resting` as it is."""
    import sympy

    names = ("alpha", "beta", "gamma", "rho")
    made = ctx.algorithm("slam")(
        **dict(zip(names, sympy.symbols(" ".join(names), positive=True), strict=True))
    )
    problem = resting().over("symbol")
    start = first(made, problem, PAIR)
    then = after(made, problem, PAIR, start)
    return all(bool((getattr(then, k) == getattr(start, k)).all()) for k in ("x", "y", "lam", "om"))


def _check_limit(ctx: Context) -> Finding:
    made = ctx.algorithm("slam")(**QUOTED)
    end = iterates(made, smooth(), PAIR.over("float"), 2000)[-1].x[0, :, 0]
    problem = opposed()
    drawn = at_rest(made, problem, PAIR, *everywhere(problem, np.array([Fraction(1)])))
    slope = float(smooth().hypergradient(end[None, :1])[0, 0]) if np.isfinite(end).all() else math.nan
    return refuted_by(
        resting_witness("slam/kkt-limit"),
        "equal Hessians, C = -+1, Huber's f: SLAM started at x = 1/2 stays there, in exact rationals, where the gradient is 1/2; with "
        f"sqrt(1 + t^2) for Huber's function it tends from 0 to {end[0]:.12f}, gradient {slope:.6f}, and with squares to 1 "
        f"(at rest: {drawn.stays}, spectral radius {drawn.radius:.4f}), gradient 1; the solution is 0 in each",
        numbers={
            "limit": end.tolist(),
            "gradient": slope,
            "radius": drawn.radius,
            "squares stay": drawn.stays,
        },
        cases=3,
        audit=audit(ALL, [resting(), smooth()]),
    )


LIMIT = Statement(
    id="slam/kkt-limit",
    paper=PAPER,
    location="Theorem 1; Remark 1",
    kind="qualitative",
    sentence="Under A1-A5 and the Hessian condition SLAM converges to KKT points of (1): stationary for the objective, and in consensus.",
    formula=r"\lim_r \|\nabla f(\bar x^r, y^*(\bar x^r))\| = 0, \quad \lim_r \|A x^r\| = 0",
    because="Limits are roots of the mean of (23). Equal Hessians make that the mean of (18), which is not the gradient when cross terms "
    "differ.",
    assumptions=ALL,
    about=("slam",),
    check=_check_limit,
    expected=Verdict.REFUTED,
)


def _check_limit_repaired(ctx: Context) -> Finding:
    made = ctx.algorithm("slam")(**{name: Fraction(value) for name, value in SETTINGS.items()})
    proof, failures, cases = gap23(), 0, 0
    for same in ("HB", "K", "H"):
        for k in range(ctx.pick(1, 4)):
            problem = two_tasks(ctx.seed(same, k), 3, same)
            x = problem.solution() if same != "H" else root(problem, hypergradients.eq23)
            assert x is not None, "the instance has no solution"
            found = at_rest(made, problem, named("path:3", exact=True), *everywhere(problem, x))
            stationary = not problem.hypergradient(x[None]).any()
            failures += not (found.is_limit and stationary is (same != "H"))
            cases += 1
    return Finding(
        verdict=by_proof(proof, failures > 0),
        method=Method.SYMBOLIC,
        summary="states at rest are roots of the mean of (23) (slam/at-rest), and the gap to the gradient is the covariance of "
        f"slam/eq23-mean-condition, for any n and any sizes; on {cases} rational quadratics SLAM's limit is stationary with equal responses "
        f"and is not with equal Hessians alone ({failures} exceptions)",
        numbers={"exceptions": failures, "proof": proof},
        cases=cases,
    )


LIMIT_REPAIRED = Statement(
    id="slam/kkt-limit-repaired",
    paper=PAPER,
    location="Theorem 1; Remark 1",
    kind="qualitative",
    variant="repaired",
    repairs="slam/kkt-limit",
    sentence="A limit of SLAM is a KKT point of (1) exactly if the covariance over agents of C_i H_i^-1 and grad_y f_i - H_i w vanishes there; "
    "equal responses C_i H_i^-1 (such as equal Hessians and equal cross terms) are enough.",
    formula=r"\sum_i (K_i - \bar K)(\nabla_y f_i - H_i \bar H^{-1} \tfrac1n \textstyle\sum_j \nabla_y f_j) = 0, \quad K_i = C_i H_i^{-1}",
    because="Equal responses in the place of equal Hessians; where a limit exists at all (see slam/thm1-field).",
    assumptions=(P2, A5),
    about=("slam",),
    check=_check_limit_repaired,
    expected=Verdict.PROVED,
)


def _check_general(ctx: Context) -> Finding:
    problem = unequal()
    found = at_rest(
        ctx.algorithm("slam")(**QUOTED), problem, PAIR, *everywhere(problem, np.array([Fraction(3, 4)]))
    )
    return refuted_by(
        unequal_witness(),
        "Hessians 1 and 3, all else simple: SLAM is at rest at x = 3/4, where the gradient is 7/16; the solution is 2/5; "
        f"spectral radius {found.radius:.4f} (at rest: {found.stays})",
        numbers={"radius": plain(found.radius), "stays": found.stays},
        audit=audit(ALL, [problem]),
    )


GENERAL = Statement(
    id="slam/kkt-general",
    paper=PAPER,
    location="Abstract; Section 1, contributions",
    kind="qualitative",
    sentence="SLAM converges to KKT points of problem (1), for lower levels that are smooth and strongly convex.",
    formula=r"\lim_r \|\nabla f(\bar x^r, y^*(\bar x^r))\| = 0",
    because="Already different Hessians of the agents move the limit: (23) has each agent invert its own. Theorem 1 excludes this by its "
    "Hessian condition, the abstract and the introduction do not.",
    assumptions=(P2, A5),
    about=("slam",),
    check=_check_general,
    expected=Verdict.REFUTED,
)


def _check_true_gradient(ctx: Context) -> Finding:
    everywhere_at_rest = stays_for_all_steps(ctx)
    return refuted_by(
        resting_witness(),
        "equal Hessians, C = -+1, Huber's f: from x = 1/2, y = 0 and zero multipliers no iteration moves anything, for all alpha, beta, "
        f"gamma, rho as symbols ({everywhere_at_rest}); the gradient of (1) there is 1/2, so the average is 1/4 for every T",
        numbers={"stays for all step sizes": everywhere_at_rest, "average": "1/4"},
        audit=audit(ALL, [resting()]),
    )


TRUE_GRADIENT = Statement(
    id="slam/thm1-true-gradient",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="rate",
    variant="added",
    sentence="Read for the gradient of the objective of (1): its average square over T iterations is O(1/sqrt(nT)).",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla f(\bar x^r, y^*(\bar x^r))\|^2 = O(1/\sqrt{nT})",
    because="SLAM may start, and stay, where the mean of (18) vanishes and the gradient does not.",
    assumptions=ALL,
    about=("slam",),
    check=_check_true_gradient,
    expected=Verdict.REFUTED,
)


def _check_eq153(ctx: Context) -> Finding:
    return refuted_by(
        eq153_witness(),
        "the instance of slam/kkt-limit at x = 1/2, y* = 0: (152) is 0 there and the objective's slope 1/2, so that a move of 1/2 gains 3/8 "
        "where (153) allows 1/8; whatever L_f is, small moves break it",
        numbers={"gain": "3/8", "allowed": "1/8"},
        audit=audit((P2, *A1, A4, A5), [resting()]),
    )


EQ_153 = Statement(
    id="slam/eq153",
    paper=PAPER,
    location="Proof of Theorem 1, (153), step (a)",
    kind="lemma",
    sentence="At consensus the objective obeys the descent inequality with (152), the mean of (18), for its gradient.",
    formula=r"f(\bar x^{r+1}, y^*) \le f(\bar x^r, y^*) + \langle \nabla f(\bar x^r, y^*), \bar x^{r+1} - \bar x^r \rangle + \tfrac{L_f}{2} "
    r"\|\bar x^{r+1} - \bar x^r\|^2, \quad \nabla f = \tfrac1n \textstyle\sum_i \nabla f_i",
    because="The inequality needs the gradient; this is where the proof leaves problem (1).",
    assumptions=ALL,
    check=_check_eq153,
    expected=Verdict.REFUTED,
)
