"""Theorem 1 read for the gradient of (1): SLAM's limits need not be stationary, inside and outside its Hessian condition."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import broken, by_proof, plain, sides
from spiritlevel.theory.slam import PAPER, hypergradients
from spiritlevel.theory.slam.assumptions import A1, A4, A5, ALL, P2
from spiritlevel.theory.slam.gradients.bias_floor import SETTINGS
from spiritlevel.theory.slam.gradients.courses import SLOPE, averages, slope
from spiritlevel.theory.slam.gradients.eq23 import gap23, root
from spiritlevel.theory.slam.gradients.instances import opposed, resting, smooth, stuck, two_tasks, unequal
from spiritlevel.theory.slam.gradients.limit_witnesses import resting_witness, stuck_witness
from spiritlevel.theory.slam.gradients.limits import PAIR, after, at_rest, everywhere, first, iterates
from spiritlevel.theory.slam.gradients.witnesses import eq153_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

STATIONARY = 1e-9
"""Of a gradient at the end of 2000 iterations, whose other parts die out like 0.97^r or faster."""
QUOTED: dict[str, Any] = {"alpha": 20, "beta": 20, "gamma": 10, "rho": Fraction(1, 4)}


def stays_for_all_steps(ctx: Context, problem: Bilevel) -> bool:
    """Whether an iteration with the symbols alpha, beta, gamma, rho leaves the problem's start as it is: then all do."""
    import sympy

    names = ("alpha", "beta", "gamma", "rho")
    made = ctx.algorithm("slam")(
        **dict(zip(names, sympy.symbols(" ".join(names), positive=True), strict=True))
    )
    problem = problem.over("symbol")
    start = first(made, problem, PAIR)
    then = after(made, problem, PAIR, start)
    return all(bool((getattr(then, k) == getattr(start, k)).all()) for k in ("x", "y", "lam", "om"))


def at_mean(problem: Bilevel, x: Array, y: Array) -> Array:
    """The squared gradient of (1) at the means of the iterates ``(T, n, p)``."""
    return np.asarray((problem.hypergradient(x.mean(axis=1)) ** 2).sum(axis=1))


def end(ctx: Context, problem: Bilevel, steps: int = 2000) -> tuple[float, float]:
    """Where a run from the problem's start ends, and the gradient of (1) there; NaN if it diverges."""
    x = iterates(ctx.algorithm("slam")(**QUOTED), problem.over("float"), PAIR.over("float"), steps)[-1].x[0]
    if not np.isfinite(x).all():
        return math.nan, math.nan
    return float(x[0, 0]), float(problem.over("float").hypergradient(x[None, 0])[0, 0])


def stopped(ctx: Context, problem: Bilevel, witness: Witness) -> tuple[Verdict, bool, float]:
    """Whether limits are stationary: a run that stands still for all step sizes, else where a run ends."""
    stays, gradient = stays_for_all_steps(ctx, problem), end(ctx, problem)[1]
    if stays and recheck(witness).ok:
        return Verdict.REFUTED, stays, gradient
    return Verdict.SUPPORTED if abs(gradient) <= STATIONARY else Verdict.INCONCLUSIVE, stays, gradient


def _check_limit(ctx: Context) -> Finding:
    verdict, stays, gradient = stopped(ctx, resting(), resting_witness("slam/kkt-limit"))
    problem, (limit, slope) = opposed(), end(ctx, smooth())
    drawn = at_rest(
        ctx.algorithm("slam")(**QUOTED), problem, PAIR, *everywhere(problem, np.array([Fraction(1)]))
    )
    refuted = verdict is Verdict.REFUTED
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL if refuted else Method.RUNS,
        summary="equal Hessians, C = -+1, Huber's f: SLAM started at x = 1/2 stays there for all alpha, beta, gamma, rho as symbols, where the gradient is "
        f"{gradient:g}; with sqrt(1 + t^2) for Huber's function it tends from 0 to {limit:.12f}, gradient {slope:.6f}, and with squares to 1 "
        f"(at rest: {drawn.stays}, spectral radius {drawn.radius:.4f}), gradient 1; the solution is 0 in each"
        if refuted
        else f"not at rest from the start; gradient {gradient:.3g} at the end of a run",
        numbers={
            "stays for all step sizes": stays,
            "gradient where it stays": plain(gradient),
            "limit": plain(limit),
            "gradient": plain(slope),
            "radius": plain(drawn.radius),
            "squares stay": drawn.stays,
            "tolerance": STATIONARY,
        },
        cases=3,
        audit=audit(ALL, [resting(), smooth()]),
        witness=resting_witness("slam/kkt-limit") if refuted else None,
    )


LIMIT = Statement(
    id="slam/kkt-limit",
    paper=PAPER,
    location="Theorem 1; Remark 1",
    kind="qualitative",
    sentence="Under A1-A5 and the Hessian condition SLAM converges to KKT points of (1): stationary for the objective, and in consensus.",
    formula=r"\lim_r \|\nabla f(\bar x^r, y^*(\bar x^r))\| = 0, \quad \lim_r \|A x^r\| = 0",
    because="Limits are roots of the mean of (23), which equal Hessians make the mean of (18), not the gradient where cross terms differ; and there may be "
    "no limit (slam/thm1-ul-stationarity).",
    assumptions=ALL,
    about=("slam",),
    check=_check_limit,
    expected=Verdict.REFUTED,
)


def _check_limit_repaired(ctx: Context) -> Finding:
    made = ctx.algorithm("slam")(**{name: Fraction(value) for name, value in SETTINGS.items()})
    proof, failures, cases = gap23(), 0, 0
    for same in ("HB", "K", "H", "B", ""):
        for k in range(ctx.pick(1, 4)):
            problem = two_tasks(ctx.seed(same, k), 3, same)
            x = problem.solution() if same in ("HB", "K") else root(problem, hypergradients.eq23)
            assert x is not None, "the instance has no solution"
            found = at_rest(made, problem, named("path:3", exact=True), *everywhere(problem, x))
            stationary = not problem.hypergradient(x[None]).any()
            failures += not (found.is_limit and stationary is (same in ("HB", "K")))
            cases += 1
    return Finding(
        verdict=by_proof(proof, failures > 0),
        method=Method.SYMBOLIC,
        summary="states at rest are roots of the mean of (23) (slam/at-rest), and the gap to the gradient is the covariance of "
        f"slam/eq23-mean-condition, for any n and any sizes; on {cases} rational quadratics SLAM's limit, which is the root of the mean of (23), is stationary "
        f"with equal responses, and not with equal Hessians or cross terms alone or with nothing equal ({failures} exceptions)",
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
    verdict, stays, gradient = stopped(ctx, stuck(), stuck_witness())
    problem = unequal()
    drawn = at_rest(
        ctx.algorithm("slam")(**QUOTED), problem, PAIR, *everywhere(problem, np.array([Fraction(3, 4)]))
    )
    refuted = verdict is Verdict.REFUTED
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL if refuted else Method.RUNS,
        summary=f"Hessians 1 and 3, Huber's f: from x = y = 0 nothing moves for all alpha, beta, gamma, rho as symbols, where the gradient is {gradient:g} (the solution is "
        f"-1/10); with squares SLAM tends to 3/4 instead of 2/5 (at rest: {drawn.stays}, spectral radius {drawn.radius:.4f})"
        if refuted
        else f"not at rest from the start; gradient {gradient:.3g} at the end of a run",
        numbers={
            "stays for all step sizes": stays,
            "gradient where it stays": plain(gradient),
            "radius": plain(drawn.radius),
            "squares stay": drawn.stays,
            "tolerance": STATIONARY,
        },
        cases=2,
        audit=audit((P2, *A1, A4, A5), [stuck()]),
        witness=stuck_witness() if refuted else None,
    )


GENERAL = Statement(
    id="slam/kkt-general",
    paper=PAPER,
    location="Abstract; Section 1, contributions",
    kind="qualitative",
    variant="added",
    sentence="SLAM converges to KKT points of problem (1) under A1-A5 alone, as the abstract and the introduction may be read.",
    formula=r"\lim_r \|\nabla f(\bar x^r, y^*(\bar x^r))\| = 0",
    because="Already different Hessians of the agents move the limit: (23) has each agent invert its own. Theorem 1 excludes this by its "
    "Hessian condition, the abstract and the introduction do not say; with it see slam/kkt-limit.",
    assumptions=(P2, *A1, A4, A5),
    about=("slam",),
    check=_check_general,
    expected=Verdict.REFUTED,
)

RESTING_TIMES = (512, 2048, 8192)


def _check_true_gradient(ctx: Context) -> Finding:
    problem, stays = resting(), stays_for_all_steps(ctx, resting())
    square = at_mean(problem, *(z[None] for z in problem.start()))[0]
    refuted = stays and recheck(resting_witness()).ok and square > 0
    found = [float(square)]
    falls = False
    if not refuted:
        squares, steps = {"gradient": at_mean}, lambda T: {**QUOTED, "alpha": math.sqrt(2 * T)}
        found = averages(ctx, "slam", problem, steps, squares, RESTING_TIMES)["gradient"]
        falls = slope(found, RESTING_TIMES) <= SLOPE
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if falls else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC if refuted else Method.RUNS,
        summary="equal Hessians, C = -+1, Huber's f: from x = 1/2, y = 0 and zero multipliers no iteration moves anything, for all alpha, beta, "
        f"gamma, rho as symbols, so that the average of the squared gradient of (1) is {square} for every T"
        if refuted
        else f"not at rest from the start; averages {', '.join(f'{v:.3g}' for v in found)} at T = {', '.join(map(str, RESTING_TIMES))}",
        numbers={
            "stays for all step sizes": stays,
            "averages": [plain(v) for v in found],
            "falls if at most": SLOPE,
        },
        audit=audit(ALL, [problem]),
        witness=resting_witness() if refuted else None,
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
    tried = (1, 10, 1000)
    pairs = [sides(eq153_witness(L_f))[0] for L_f in tried if recheck(eq153_witness(L_f)).ok]
    shown = ", ".join(f"{gain} ({allowed})" for gain, allowed in pairs)
    return broken(
        eq153_witness(),
        "the instance of slam/kkt-limit at x = 1/2, y* = 0: (152) is 0 there and the objective's slope 1/2: a move of 1/(2 L_f) gains (in brackets: what "
        f"(153) allows) {shown} for L_f = {', '.join(map(str, tried[: len(pairs)]))}",
        numbers={"gain and allowed": [list(pair) for pair in pairs]},
        cases=len(pairs),
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
    because="The inequality needs the gradient, which the mean of (18) is not; this is where the proof leaves problem (1).",
    assumptions=ALL,
    check=_check_eq153,
    expected=Verdict.REFUTED,
)
