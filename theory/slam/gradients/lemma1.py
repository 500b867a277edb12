"""Lemma 1: of what (18) is the gradient, agent by agent and in the mean, and the step of its proof that fails."""

from __future__ import annotations

from collections import Counter

import numpy as np

from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A5, P2
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.gradients.means import letters, mean
from spiritlevel.theory.slam.gradients.readings import GRADIENTS, by_differences, eq18
from spiritlevel.theory.slam.gradients.witnesses import eq22_witness, lemma1_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

WHO = {"": "nothing", "H": "Hessians", "B": "cross terms", "HB": "both"}


def points(seed: int, n: int, p: int) -> Array:
    """A common point, exact; ``(1, n, p)``."""
    x = np.random.default_rng(seed).integers(-8, 9, (1, 1, p))
    return np.repeat(convert(x, "fraction") / 4, n, axis=1)


def agreement(ctx: Context) -> dict[str, Counter[str]]:
    """For each reading, in how many entries (18), its mean and the formula differ from exact difference quotients."""
    found: dict[str, Counter[str]] = {}
    for same, k in ((same, k) for same in WHO for k in range(ctx.pick(1, 5))):
        n = 2 + k % 3
        problem = two_tasks(ctx.seed(same, k), n, same)
        x = points(ctx.seed("x", same, k), n, problem.p)
        printed = eq18(problem, x)
        for name, formula in GRADIENTS.items():
            exact = by_differences(problem, x, name)
            count = found.setdefault(f"{name}, same {WHO[same]}", Counter())
            count["entries"] += exact.size
            count["agent"] += int((printed != exact).sum())
            count["mean"] += int((mean_over_agents(printed) != mean_over_agents(exact)).sum())
            count["formula"] += int((formula(problem, x) != exact).sum())
    return found


def _wrong(found: dict[str, Counter[str]], what: str) -> dict[str, str]:
    return {name: f"{count[what]} of {count['entries']}" for name, count in found.items()}


def _check_lemma1(ctx: Context) -> Finding:
    found = agreement(ctx)
    right = [name for name, count in found.items() if count["agent"] == 0]
    return broken(
        lemma1_witness(),
        "two agents with C = -+1, H = 1: (18) is 0 for agent 1, the derivative 1/2 for a common x, 1/4 in its own x; on random rational "
        f"quadratics with two tasks (18) is the derivative only where cross terms are equal, at a common x ({', '.join(right)}); in the "
        "agent's own x a factor 1/n is missing even for identical agents",
        numbers={"entries that differ": _wrong(found, "agent")},
        cases=len(found),
    )


LEMMA_1 = Statement(
    id="slam/lemma1",
    paper=PAPER,
    location="Lemma 1, (18)",
    kind="identity",
    sentence="The gradient of f_i(x_i, y*(x)) is grad_x f_i less the sum over tasks of agent i's cross Hessian times the inverse of the "
    "mean Hessian times grad_y f_i.",
    formula=r"\nabla f_i(x_i, y^*(x)) = \nabla_{x_i} f_i - \sum_k \nabla^2_{x_i y_k} g_{i,k} [\nabla^2_{y_k y_k} g_k]^{-1} \nabla_{y_k} f_i",
    because="y* depends on x through all agents' cross terms: at a common x their mean stands where C_i is printed, in the agent's own x "
    "C_i/n does. With C_i equal the first reading is right. (Were g_k the sum of the g_{i,k} and not their mean, as (2c) defines it, the second one would be: slam/eq22.)",
    assumptions=(P2, *A1, A5),
    check=_check_lemma1,
    expected=Verdict.REFUTED,
)


def _implicit() -> bool:
    """Both derivatives of y* solve the derivative of the shared lower level's condition, over formal matrices."""
    import sympy

    from spiritlevel.theory.instruments.formal import is_zero

    n, p, q = sympy.symbols("n p q", integer=True, positive=True)
    C, C_i = sympy.MatrixSymbol("C", p, q), sympy.MatrixSymbol("C_i", p, q)
    H = sympy.MatrixSymbol("H", q, q)
    along = sympy.expand(C.T + H * (-H.I * C.T)).doit()  # all x_i moved: the mean of C_i' + H_i dy
    alone = sympy.expand(C_i.T / n + H * (-H.I * C_i.T / n)).doit()  # agent i's x moved
    return is_zero(along) and is_zero(alone)


def _check_lemma1_repaired(ctx: Context) -> Finding:
    found, proof = agreement(ctx), _implicit()
    wrong = sum(count["formula"] for count in found.values())
    entries = sum(count["entries"] for count in found.values())
    return Finding(
        verdict=by_proof(proof, wrong > 0),
        method=Method.SYMBOLIC,
        summary="implicit differentiation over formal matrices of any size and any n; "
        f"{entries - wrong} of {entries} entries equal exact difference quotients of f on rational quadratics with two tasks",
        numbers={"different": wrong, "entries": entries, "proof": proof},
        cases=len(found),
    )


LEMMA_1_REPAIRED = Statement(
    id="slam/lemma1-repaired",
    paper=PAPER,
    location="Lemma 1, (18)",
    kind="identity",
    variant="repaired",
    repairs="slam/lemma1",
    sentence="At a common x the gradient of f_i(x, y*(x)) is grad_x f_i less the mean cross Hessian times the inverse mean Hessian times "
    "grad_y f_i; with respect to agent i's own x_i it is agent i's cross Hessian divided by n.",
    formula=r"\nabla_x f_i - \sum_k \bar C_k \bar H_k^{-1} \nabla_{y_k} f_i, \qquad \partial_{x_i}:\ \nabla_x f_i - \tfrac1n \sum_k C_{i,k} "
    r"\bar H_k^{-1} \nabla_{y_k} f_i",
    because="The mean cross Hessian in the place of the agent's own: the objective's gradient is a product of means, not a mean of products.",
    assumptions=(P2, *A1, A5),
    check=_check_lemma1_repaired,
    expected=Verdict.PROVED,
)


def _check_mean(ctx: Context) -> Finding:
    found = {name: count for name, count in agreement(ctx).items() if name.startswith("together")}
    right = [name.removeprefix("together, same ") for name, count in found.items() if count["mean"] == 0]
    return broken(
        lemma1_witness("slam/lemma1-mean"),
        "equal Hessians, C = -+1: the mean of (18) is 0, the gradient of the objective 1/2; on random rational quadratics the two "
        f"agree where agents share: {', '.join(right)}",
        numbers={"entries that differ": _wrong(found, "mean")},
        cases=len(found),
    )


LEMMA_1_MEAN = Statement(
    id="slam/lemma1-mean",
    paper=PAPER,
    location="Lemma 1, (18) with (152)",
    kind="identity",
    variant="added",
    sentence="The mean over agents of (18) at a common x is the gradient of the objective of (1).",
    formula=r"\frac1n \sum_i \big[\nabla_x f_i - C_i \bar H^{-1} \nabla_y f_i\big] = \nabla \frac1n \sum_i f_i(x, y^*(x))",
    because="A mean of products is not the product of the means: the covariance of C_i and grad_y f_i over agents is missing. This is what "
    "(152), (153) and Theorem 1 use.",
    assumptions=(P2, *A1, A5),
    check=_check_mean,
    expected=Verdict.REFUTED,
)


def gap18() -> bool:
    """mean[(C - C_mean) M (v - v_mean)] is the mean of C M v less C_mean M v_mean, for any n and any sizes."""
    C, v, C_mean, v_mean, M = letters("C v C_mean v_mean M")
    difference = mean(C * M * v, {C: C_mean, v: v_mean}) - C_mean * M * v_mean
    return bool(mean((C - C_mean) * M * (v - v_mean), {C: C_mean, v: v_mean}) == difference)


def _check_condition(ctx: Context) -> Finding:
    proof, differs, cases = gap18(), 0, ctx.pick(3, 12)
    for k in range(cases):
        n = 2 + k % 3
        problem = two_tasks(ctx.seed(k), n)
        x = points(ctx.seed("x", k), n, problem.p)
        y = problem.lower_solution(x)
        C, v = problem.hess_xy_g(x, y)[0], problem.grad_y_f(x, y)[0]
        H = problem.hess_yy_g(x, y)[0].sum(axis=0) / n
        apart = (C - C.sum(axis=0) / n) @ (inverse(H) @ (v - v.sum(axis=0) / n)[..., None])
        exact = mean_over_agents(by_differences(problem, x, "together"))[0, 0]
        differs += int(
            (exact - mean_over_agents(eq18(problem, x))[0, 0] != apart[..., 0].sum(axis=0) / n).sum()
        )
    return Finding(
        verdict=by_proof(proof, differs > 0),
        method=Method.SYMBOLIC,
        summary=f"the gap is a covariance over agents, in non-commuting symbols for any n and any sizes; {differs} entries differ from exact "
        f"difference quotients on {cases} rational quadratics",
        numbers={"different": differs, "proof": proof},
        cases=cases,
    )


MEAN_CONDITION = Statement(
    id="slam/lemma1-mean-condition",
    paper=PAPER,
    location="Lemma 1, (18) with (152)",
    kind="identity",
    variant="added",
    sentence="The mean of (18) falls short of the gradient of (1) by the covariance over agents of cross Hessian and grad_y f_i, so that it is "
    "the gradient exactly where that vanishes: for one agent, equal C_i, or equal grad_y f_i.",
    formula=r"\nabla f - \overline{(18)} = \frac1n \sum_i \sum_k (C_{i,k} - \bar C_k) \bar H_k^{-1} (\nabla_{y_k} f_i - \tfrac1n \sum_j "
    r"\nabla_{y_k} f_j)",
    because="The exact condition under which Lemma 1 is harmless.",
    check=_check_condition,
    expected=Verdict.PROVED,
)


def _check_eq22(ctx: Context) -> Finding:
    return broken(
        eq22_witness(),
        "C_1 = -1, H = 1: y* = (x_1 - x_2)/2 moves by 1/2 with x_1 and not at all with a common x, so that (22) reads -1/2 = 0 or -1 = 0",
        numbers={"own x": "-1/2", "common x": "-1"},
    )


EQ_22 = Statement(
    id="slam/eq22",
    paper=PAPER,
    location="Proof of Lemma 1, (20)-(22)",
    kind="identity",
    sentence="Agent i's cross Hessian plus the derivative of y* times the Hessian of the mean g vanishes.",
    formula=r"\nabla^2_{x_i y_k} g_{i,k}(x_i, y_k^*) + \nabla_{x_i} y_{i,k}^*(x)^\top \nabla^2_{y_k y_k} g_k(x, y_k^*) = 0",
    because="(21) is a mean over agents: its derivative in x_i is C_i/n, along a common x the mean of the C_j. (Without the 1/n of (2c), "
    "g_k the sum, (22) holds in the agent's own x, and (18) with it; then SLAM-L's gradient, not that of (1).)",
    check=_check_eq22,
    expected=Verdict.REFUTED,
)
