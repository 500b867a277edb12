"""With full masks: what RABO becomes, and whether it then solves (1)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.slam import SLAM
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.spectrum import quotient
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.literal import average, dot, solve
from spiritlevel.theory.rabo.algorithms.runs import after, vector
from spiritlevel.theory.rabo.algorithms.witnesses import special_case_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

ALPHA, BETA = Fraction(1, 50), Fraction(1, 20)


def centralised(problem: Any, x: list[Fraction], y: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """``y+ = y - beta mean grad_y g_i(x, y)``, ``x+ = x - alpha mean D_i(x, y+)`` with the clients' own (7)."""
    n = problem.n

    def at(name: str, w: list[Fraction]) -> Any:
        return getattr(problem, name)(np.repeat(vector(x), n, axis=1), np.repeat(vector(w), n, axis=1))[
            0
        ].tolist()

    step = average(at("grad_y_g", y))
    y = [v - BETA * d for v, d in zip(y, step, strict=True)]
    f_x, f_y, C, H = (at(name, y) for name in ("grad_x_f", "grad_y_f", "hess_xy_g", "hess_yy_g"))
    D = []
    for i in range(n):
        w = solve(H[i], f_y[i])
        D.append([f_x[i][s] - dot(C[i][s], w) for s in range(len(x))])
    return [v - ALPHA * d for v, d in zip(x, average(D), strict=True)], y


def slam_alone(problem: Any, x: list[Fraction], y: list[Fraction], rounds: int) -> tuple[Any, Any]:
    """SLAM with one agent, whose Laplacian is 0 and whose step sizes are inverse."""
    a = SLAM(alpha=1 / ALPHA, beta=1 / BETA).over("fraction")
    net, o = Gossip(averaging(1).over("fraction")), Oracle(problem)
    s: Any = a.init(vector(x), vector(y), o, net)
    for t in range(1, rounds + 1):
        s = a.step(t, s, o, net)
    return s.x.reshape(-1).tolist(), s.y.reshape(-1).tolist()


def _check_full(ctx: Context) -> Finding:
    wrong: list[str] = []
    x, y = [Fraction(1), Fraction(-2)], [Fraction(1, 2), Fraction(3), Fraction(-1)]
    rabo = ctx.algorithm("rabo")
    for n in (1, 3):
        problem = random_quadratic(ctx.seed(n), n, 2, 3, shared=True, rational=True)
        want: Any = (x, y)
        for _ in range(2):
            want = centralised(problem, *want)
        if after(rabo(alpha=ALPHA, beta=BETA, T=1), problem, x, y, rounds=2) != tuple(want):
            wrong.append(f"alternating steps of the means, N = {n}")
    alone = random_quadratic(ctx.seed(1), 1, 2, 3, shared=True, rational=True)
    one = after(rabo(alpha=ALPHA, beta=BETA, T=1), alone, x, y, rounds=3)
    if one != slam_alone(alone, x, y, 3):
        wrong.append("SLAM with one agent")
    upper: dict[str, Any] = {k: np.repeat(getattr(alone.upper, k), 4, axis=0) for k in "AaEQe"}
    copies = quadratic(
        *(np.repeat(z, 4, axis=0) for z in (alone.lower.H, alone.lower.B, alone.lower.c)),  # type: ignore[attr-defined]
        **upper,
        shared=True,
    )
    for T in (1, 3):
        each = rabo(alpha=ALPHA, beta=BETA, T=T)
        if after(each, copies, x, y, rounds=2) != after(each, alone, x, y, rounds=2):
            wrong.append(f"four equal clients, T = {T}")
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary="differs: " + ", ".join(wrong)
        if wrong
        else "to the last digit: alternating gradient steps of the means for N = 1, 3; SLAM with one agent (an independent implementation) for "
        "N = 1; four equal clients do what one does, T = 1, 3",
        cases=5,
    )


FULL_MASKS = Statement(
    id="rabo/full-masks",
    paper=PAPER,
    location="Algorithm 1; third contribution",
    kind="identity",
    variant="added",
    sentence="With full masks and T = 1 a round is a gradient step of the mean g_i and then one along the mean of the clients' own (7) at the new y; "
    "equal clients do what one does for every T.",
    formula=r"y^+ = y - \beta \tfrac1N \sum_i \nabla_y g_i(x, y),\quad x^+ = x - \alpha \tfrac1N \sum_i \nabla f_i(x, y^+)",
    about=("rabo",),
    check=_check_full,
    expected=Verdict.SUPPORTED,
)


def _check_special(ctx: Context) -> Finding:
    problem = quadratic(
        H=[[[1]], [[3]]], B=[[[1]]] * 2, c=[[0]] * 2, A=[[[1]]] * 2, Q=[[[1]]] * 2, e=[[-8]] * 2, shared=True
    ).over("fraction")
    a = ctx.algorithm("rabo")(alpha=Fraction(1, 10), beta=Fraction(1, 5), T=1)
    x, y = [Fraction(4)], [Fraction(2)]
    rests = after(a, problem, x, y) == (x, y)
    left = Fraction(problem.hypergradient(vector(x)[:, 0])[0, 0])
    radius = quotient(probe(a, problem.over("float"), averaging(2))).radius
    witness = special_case_witness()
    refuted = rests and left == 1 and radius < 1 and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"two clients, full masks, no noise, h = (1, 3), g_i = h_i y^2/2 - x y, f = (y - c)^2/2 + x^2/2: attracted (radius {radius:.3f}) to "
        f"x = c/2, where the gradient of (1) is c/8 = {left} for c = 8"
        if refuted
        else f"rests at x = 4, y = 2: {rests}; gradient of (1) there {left}; radius {radius:.3f}",
        numbers={"gradient": str(left), "radius": radius},
        witness=witness if refuted else None,
    )


SPECIAL_CASE = Statement(
    id="rabo/special-case",
    paper=PAPER,
    location="Section I, third contribution",
    kind="qualitative",
    variant="added",
    sentence="Existing studies, methods that solve (1), are the special case of full masks.",
    because="With full masks the mean of the clients' own (7) is not the gradient of (1) where the g_i differ. The claim is read as: with full masks RABO "
    "solves (1). The methods cited estimate the mean Hessian and Jacobian over the clients. Read charitably, as the framework of submodels with "
    "other local hypergradients, or for equal g_i, the sentence holds: rabo/special-case-repaired.",
    about=("rabo",),
    check=_check_special,
    expected=Verdict.REFUTED,
)


def _check_special_repaired(ctx: Context) -> Finding:
    moved, radii = 0, []
    seeds = ctx.pick(3, 8)
    for k in range(seeds):
        problem = random_quadratic(ctx.seed(k), 3, 2, 2, shared=True, rational=True)
        a = ctx.algorithm("rabo")(alpha=Fraction(1, 200), beta=Fraction(1, 50), T=1, hyper="global")
        solution = problem.solution()
        if solution is None:
            continue
        x = solution.tolist()
        star = problem.lower_solution(convert(np.repeat(vector(x), 3, axis=1), "fraction"))[0, 0].tolist()
        moved += after(a, problem, x, star) != (x, star)
        radii.append(quotient(probe(a, problem.over("float"), averaging(3))).radius)
    good = moved == 0 and len(radii) == seeds and max(radii) < 1
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"on {seeds} random problems with different g_i the solution of (1) is a fixed point to the last digit, and the only one: spectral "
        f"radius at most {max(radii, default=0.0):.4f}"
        if good
        else f"{moved} of {seeds} solutions move; radii {[round(r, 3) for r in radii]}",
        numbers={"moved": moved, "largest_radius": max(radii, default=0.0)},
        cases=seeds,
    )


SPECIAL_CASE_REPAIRED = Statement(
    id="rabo/special-case-repaired",
    paper=PAPER,
    location="Section I, third contribution; (7)",
    kind="qualitative",
    variant="repaired",
    repairs="rabo/special-case",
    sentence="With full masks, T = 1 and the clients' mean Jacobian, Hessian and y-gradient in (7), RABO rests at the solution of (1), for "
    "quadratic problems.",
    because="The server has to collect d_1 d_2 + d_2^2 + d_2 more floats of every client, or something that stands for them.",
    about=("rabo",),
    check=_check_special_repaired,
    expected=Verdict.SUPPORTED,
)
