"""The hypergradient, the averages of Algorithm 1 and its first move."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.algorithm.alg1 import apply, weighted
from spiritlevel.theory.dsbo.algorithm.alg1_claim import CASES, Script, arbitrary
from spiritlevel.theory.dsbo.algorithm.exact_runs import EVERYWHERE, SETTINGS, Recorded, states
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _chain_rule() -> bool:
    """d/dx f(x, y*(x)) is (3), over formal matrices of any size; y* from the derivative of grad_y g(x, y*(x)) = 0."""
    import sympy

    from spiritlevel.theory.instruments.formal import is_zero, same

    p, q = sympy.symbols("p q", integer=True, positive=True)
    G_xy, G_yy = sympy.MatrixSymbol("G_xy", p, q), sympy.MatrixSymbol("G_yy", q, q)
    f_x, f_y = sympy.MatrixSymbol("f_x", p, 1), sympy.MatrixSymbol("f_y", q, 1)
    slope = -G_yy.I * G_xy.T  # of y*
    along = sympy.expand(G_xy.T + G_yy * slope).doit()  # the derivative of grad_y g(x, y*(x))
    total = (f_x + slope.T * f_y).doit().subs(G_yy.T, G_yy).doit()  # G_yy is symmetric
    return is_zero(along) and same(total, f_x - G_xy * G_yy.I * f_y)


def _printed(problem: Any, x: Array) -> Array:
    """(3) with the means of the agents' derivatives at (x, y*(x)), by the literal text's arithmetic."""
    everywhere = np.broadcast_to(x, (1, problem.n, problem.p))
    y = problem.lower_solution(everywhere)

    def mean(z: Array) -> Any:
        return (z.sum(axis=1)[0] / problem.n).tolist()

    G_xy, G_yy = mean(problem.hess_xy_g(everywhere, y)), mean(problem.hess_yy_g(everywhere, y))
    f_x, f_y = mean(problem.grad_x_f(everywhere, y)), mean(problem.grad_y_f(everywhere, y))
    return convert(weighted([1, -1], [f_x, apply(G_xy, _solve(G_yy, f_y))]), "fraction")


def _solve(M: list[list[Fraction]], v: list[Fraction]) -> list[Fraction]:
    rows = [[*row, entry] for row, entry in zip(M, v, strict=True)]
    for k in range(len(rows)):  # positive definite: no pivot is 0
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        rows = [
            row if i == k else [a - row[k] * b for a, b in zip(row, rows[k], strict=True)]
            for i, row in enumerate(rows)
        ]
    return [row[-1] for row in rows]


def _check_hypergradient(ctx: Context) -> Finding:
    proof, differs, cases = _chain_rule(), 0, 0
    for p, q in ((2, 3), (3, 1), *ctx.pick([], [(1, 4), (4, 2)])):
        problem = random_quadratic(ctx.seed(p, q), 3, p, q, shared=True, rational=True)
        x = problem.start()[0][0]
        found = _printed(problem, x)
        for i in range(p):  # F is quadratic: central differences are exact
            e = convert(np.eye(p, dtype=int)[i], "fraction")
            difference = (problem.value((x + e)[None]) - problem.value((x - e)[None]))[0] / 2
            differs += int(difference != found[i])
        differs += int((problem.hypergradient(x[None])[0] != found).sum())
        cases += 1
    good = proof and differs == 0
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"chain rule and the derivative of grad_y g(x, y*(x)) = 0 over formal matrices of any size; equal to exact difference "
        f"quotients of F on {cases} quadratics with d_x != d_y"
        if good
        else f"the formal proof {'holds' if proof else 'fails'}; {differs} entries differ from exact difference quotients",
        numbers={"different": differs},
        cases=cases,
    )


HYPERGRADIENT = Statement(
    id="dsbo/eq3-hypergrad",
    paper=PAPER,
    location="(3)",
    kind="identity",
    sentence="The gradient of f(x, y*(x)) is grad_x f less the cross Hessian times the inverse Hessian of g times grad_y f, at "
    "(x, y*(x)).",
    formula=r"\nabla F = \nabla_x f - \nabla^2_{xy} g\, [\nabla^2_{yy} g]^{-1} \nabla_y f",
    because="The cross Hessian has d_x rows.",
    check=_check_hypergradient,
    expected=Verdict.PROVED,
)


HESSIANS = (1, 3)
"""Of two agents whose cross Hessians and gradients are 1."""


def _check_noncommute(ctx: Context) -> Finding:
    u, f_y = (1, 1), (1, 1)

    def mean(z: Any) -> Fraction:
        return Fraction(sum(z), 2)

    local = mean(a * b / Fraction(c) for a, b, c in zip(u, f_y, HESSIANS, strict=True))
    whole = mean(u) / mean(HESSIANS) * mean(f_y)
    return Finding(
        verdict=Verdict.PROVED
        if local != whole
        else Verdict.INCONCLUSIVE,  # one instance of equality says nothing
        method=Method.RATIONAL,
        summary=f"two agents with Hessians {HESSIANS[0]} and {HESSIANS[1]}, all else 1: the mean of the products is {local}, the product of the "
        f"means {whole}",
        numbers={"mean_of_products": str(local), "product_of_means": str(whole)},
    )


NONCOMMUTE = Statement(
    id="dsbo/eq4-noncommute",
    paper=PAPER,
    location="(4)",
    kind="identity",
    sentence="The mean of the agents' products of cross Hessian, inverse Hessian and gradient is in general not the product for the means.",
    formula=r"\frac1K \sum_k \nabla^2_{xy} g^k [\nabla^2_{yy} g^k]^{-1} \nabla_y f^k \ne \nabla^2_{xy} g [\nabla^2_{yy} g]^{-1} \nabla_y f",
    check=_check_noncommute,
    expected=Verdict.PROVED,
)


def _implicit(s: Any, p: int, q: int) -> Array:
    u, Q = s.u.reshape(*s.u.shape[:2], p, q), s.q.reshape(*s.q.shape[:2], q, q)
    return np.asarray((u @ (Q @ s.h[..., None]))[..., 0])


def _mean(z: Array) -> Array:
    return np.asarray(z.sum(axis=1) / z.shape[1])


def _check_average(ctx: Context) -> Finding:
    differs: Counter[str] = Counter()
    commute, entries = 0, 0
    for number, case in enumerate(CASES):
        n, p, q, c = case.n, case.p, case.q, case.c
        rng = np.random.default_rng(ctx.seed(number))
        problem = random_quadratic(ctx.seed("problem", number), n, p, q, shared=True, rational=True)
        settings = {**SETTINGS, "b": c.b, "order": c.order}
        a = ctx.algorithm("dsbo")(**settings).over("fraction")
        net = Gossip(named(case.network, exact=True))
        first = states(ctx, problem, net.network, 1, replicas=2, **settings)[0]
        for _ in range(ctx.pick(2, 6)):
            s, _agents = arbitrary(rng, first, p, q)
            seen = Recorded(Script(rng, n, p, q))
            try:
                z = a.step(1, s, Oracle(problem, seen), net)
            except InputError as error:
                return Finding(verdict=Verdict.REFUTED, method=Method.RATIONAL, summary=str(error))
            implicit = _mean(_implicit(s, p, q))
            want = {
                "x": _mean(s.x) - settings["alpha"] * (_mean(s.s) - implicit),
                "y": _mean(s.y) - settings["gamma"] * _mean(seen.answers["grad_y_g"][0]),
            }
            samples = {"s": "grad_x_f", "h": "grad_y_f", "u": "hess_xy_g", "v": "hess_yy_g"}
            for k, channel in samples.items():
                if len(seen.answers[channel]) != (c.b if k == "v" else 1):
                    differs[f"questions on {channel}"] += 1
                    continue
                listed = [_mean(m.reshape(*m.shape[:2], -1)) for m in seen.answers[channel]]
                want[k] = (1 - settings["beta"]) * _mean(getattr(s, k)) + settings["beta"] * np.concatenate(
                    listed, axis=-1
                )
            for k, expected in want.items():
                got = _mean(getattr(z, k))
                differs[k] += expected.size if got.shape != expected.shape else int((got != expected).sum())
                entries += expected.size
            means = type(s)(**{k: _mean(getattr(s, k))[:, None] for k in "xyshuvq"})
            commute += int((_implicit(means, p, q)[:, 0] != implicit).sum())
    wrong = +differs
    return Finding(
        verdict=Verdict.REFUTED if wrong else (Verdict.SUPPORTED if commute else Verdict.INCONCLUSIVE),
        method=Method.RATIONAL,
        summary="the averages differ in " + ", ".join(f"{k} ({count})" for k, count in wrong.items())
        if wrong
        else f"{entries} entries of averages from arbitrary states with scripted samples obey the recursions without a network; {commute} "
        "entries of mean(u q h) are not those of the product of the means",
        numbers={"entries": entries, "different": sum(wrong.values()), "noncommuting": commute},
        cases=len(CASES),
    )


AVERAGE = Statement(
    id="dsbo/alg-average",
    paper=PAPER,
    location="Algorithm 1; Section 4, 'Roughly speaking'",
    kind="identity",
    variant="added",
    sentence="The averages over agents of x, y, s, h, u, v obey Algorithm 1's recursions without a network, but x's average moves along "
    "the mean of u q h, which is not the product of the means.",
    formula=r"\bar x_{t+1} = \bar x_t - \alpha_t (\bar s_t - \tfrac1K \sum_k u_t^k q_t^k h_t^k), \quad "
    r"\bar s_{t+1} = (1 - \beta_t) \bar s_t + \tfrac{\beta_t}{K} \sum_k \nabla_x f^k",
    because="'Roughly speaking' in the text; exact because W is doubly stochastic.",
    about=("dsbo",),
    check=_check_average,
    expected=Verdict.SUPPORTED,
)


def _check_first_move(ctx: Context) -> Finding:
    moved = later = differs = 0
    shapes, starts, steps = [(3, 2, 1), (4, 1, 3)], (Fraction(1), Fraction(50), Fraction(1, 9)), 3
    for (n, p, q), rule in itertools.product(shapes, ("constant", "(6)")):
        problem = random_quadratic(ctx.seed(n, rule), n, p, q, shared=True, rational=True)
        runs = []
        for q_0 in starts:
            source = EVERYWHERE.source(ctx.seed("noise", n), range(2))
            net = named(f"lazy-ring:{n}", exact=True)
            runs.append(states(ctx, problem, net, steps, source, replicas=2, q_0=q_0, rule=rule))
        moved += sum(int((run[1].x != 0).sum()) for run in runs)
        later += sum(int((run[2].x != 0).sum()) for run in runs)
        for run in runs[1:]:
            for s, z in zip(runs[0][1:], run[1:], strict=True):
                differs += sum(int((getattr(s, k) != getattr(z, k)).sum()) for k in "xyshuvq")
    good = moved == 0 and differs == 0
    return Finding(
        verdict=(Verdict.SUPPORTED if later else Verdict.INCONCLUSIVE) if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{moved} entries of x_1 and {later} of x_2 are not 0, {differs} depend on q_0 = {', '.join(map(str, starts))}; "
        f"{2 * len(shapes)} problems with noise in all samples, constant step sizes and (6)",
        numbers={"moved": moved, "moved_at_2": later, "different": differs},
        cases=2 * len(shapes),
    )


FIRST_MOVE = Statement(
    id="dsbo/first-move",
    paper=PAPER,
    location="Algorithm 1, input and Step 4",
    kind="identity",
    variant="added",
    sentence="x_1 = x_0, and nothing from t = 1 on depends on q_0, which the paper leaves open.",
    formula=r"x_1^k = x_0^k = 0 \quad \text{since } s_0 = 0,\ u_0 = 0,\ h_0 = 0",
    because="Everything that multiplies q_0 starts at 0.",
    about=("dsbo",),
    check=_check_first_move,
    expected=Verdict.SUPPORTED,
)
