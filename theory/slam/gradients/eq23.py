"""(23), the field that SLAM estimates, against the gradient: the exact gap, and where it closes."""

from __future__ import annotations

from typing import Any

from spiritlevel.core.numbers import Array, inverse
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.evidence import by_proof
from spiritlevel.theory.slam import PAPER, hypergradients
from spiritlevel.theory.slam.assumptions import A1, A5, P2
from spiritlevel.theory.slam.gradients.instances import opposed, two_tasks, unequal
from spiritlevel.theory.slam.gradients.lemma1 import points
from spiritlevel.theory.slam.gradients.means import letters, mean
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def gap23() -> bool:
    r"""The gap of the mean of (23) in non-commuting symbols, for any n and any sizes.

    With :math:`K = C H^{-1}`, :math:`v = \nabla_y f` and :math:`w = \bar H^{-1} \bar v`, the mean of
    :math:`(K - \bar K)[(v - \bar v) - (H - \bar H) w]` is that of :math:`K v` less :math:`\bar C \bar H^{-1} \bar v`.
    """
    C, H, K, v, w = letters("C H K v w")
    C_, H_, K_, v_ = letters("C_mean H_mean K_mean v_mean")
    of = {C: C_, H: H_, K: K_, v: v_}
    laws = {(K, H): (C,), (H_, w): (v_,)}
    covariance = mean((K - K_) * ((v - v_) - (H - H_) * w), of, laws)
    return bool(covariance == mean(K * v, of, laws) - C_ * w)


def gap_by_formula(problem: Bilevel, x: Array) -> Array:
    """True gradient less the mean of (23) at a common point ``(1, n, p)``, as the covariance; ``(p,)``."""
    y, n = problem.lower_solution(x), problem.n
    C, H, v = problem.hess_xy_g(x, y)[0], problem.hess_yy_g(x, y)[0], problem.grad_y_f(x, y)[0][..., None]
    K = C @ inverse(H)
    w = inverse(H.sum(axis=0) / n) @ (v.sum(axis=0) / n)
    return ((K - K.sum(axis=0) / n) @ (v - H @ w)).sum(axis=0)[:, 0] / n


def _check_condition(ctx: Context) -> Finding:
    proof, differs, cases = gap23(), 0, 0
    closed: dict[str, bool] = {}
    for same in ("", "H", "B", "HB", "K"):
        for k in range(ctx.pick(1, 5)):
            problem = two_tasks(ctx.seed(same, k), 2 + k % 3, same)
            x = points(ctx.seed("x", same, k), problem.n, problem.p)
            gap = hypergradients.true(problem, x[:, 0]) - hypergradients.eq23(problem, x[:, 0])
            differs += int((gap[0] != gap_by_formula(problem, x)).sum())
            closed[same] = closed.get(same, True) and bool((gap == 0).all())
            cases += 1
    zero = [{"HB": "both", "K": "responses"}[name] for name in ("HB", "K") if closed[name]]
    unexpected = differs > 0 or len(zero) != 2
    return Finding(
        verdict=by_proof(proof, unexpected),
        method=Method.SYMBOLIC,
        summary="the gap is a covariance over agents, in non-commuting symbols for any n and any sizes; "
        f"{differs} entries differ on {cases} rational quadratics with two tasks; it is 0 there where agents share {' or '.join(zero)}",
        numbers={
            "different": differs,
            "proof": proof,
            "zero": {k or "nothing": v for k, v in closed.items()},
        },
        cases=cases,
    )


CONDITION = Statement(
    id="slam/eq23-mean-condition",
    paper=PAPER,
    location="(23) with (152)",
    kind="identity",
    variant="added",
    sentence="At a common x and y*(x) the mean of (23) falls short of the gradient of (1) by a covariance over agents of the responses "
    "K_i = C_i H_i^-1: it is the gradient for all f exactly where all agents respond alike, whether or not their Hessians agree.",
    formula=r"\nabla f - \overline{(23)} = \frac1n \sum_i (K_i - \bar K)(\nabla_y f_i - H_i w), \quad w = \bar H^{-1} \tfrac1n \sum_j "
    r"\nabla_y f_j",
    because="Not the Hessian condition of Theorem 1, which neither implies equal responses nor follows from them. Only if: for "
    "grad_y f = (e, -e, 0, ..) the gap is (K_1 - K_2) e/n.",
    assumptions=(P2, A5),
    check=_check_condition,
    expected=Verdict.PROVED,
)


def root(problem: Bilevel, field: Any) -> Array | None:
    """Where an affine field ``(R, p) -> (R, p)`` of a quadratic problem vanishes, shape ``(p,)``; None if nowhere."""
    from spiritlevel.synthetic.matrices import solve
    from spiritlevel.theory.instruments.affine import probe_function

    slope, offset = probe_function(lambda z: field(problem, z), problem.p, problem.field)
    return solve(slope, -offset)


FIELDS = {"true": hypergradients.true, "(18)": hypergradients.eq18, "(23)": hypergradients.eq23}


def _check_roots(ctx: Context) -> Finding:
    problems = {"Hessians 1, 3": unequal(), "cross terms -+1": opposed()}
    problems |= {
        f"random, same {s or 'nothing'}": two_tasks(ctx.seed(s), 3, s) for s in ("", "H", "B", "HB", "K")
    }
    roots = {
        name: {
            which: [str(z) for z in found]
            for which, field in FIELDS.items()
            if (found := root(p, field)) is not None
        }
        for name, p in problems.items()
    }
    apart = {name: len({tuple(z) for z in found.values()}) for name, found in roots.items()}
    one = [name for name, count in apart.items() if count == 1]
    short = {name: {k: v[0] for k, v in roots[name].items()} for name in ("Hessians 1, 3", "cross terms -+1")}
    return Finding(
        verdict=Verdict.REFUTED if len(one) < len(apart) else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary="; ".join(
            f"{name}: " + ", ".join(f"{k} vanishes at {v}" for k, v in found.items())
            for name, found in short.items()
        )
        + f"; of five random quadratics the three share a root in {', '.join(z.removeprefix('random, same ') for z in one)}",
        numbers={"different roots": apart},
        cases=len(problems),
    )


ROOTS = Statement(
    id="slam/three-roots",
    paper=PAPER,
    location="(18), (23), (152)",
    kind="qualitative",
    variant="added",
    sentence="The gradient of (1), the mean of (18) and the mean of (23) vanish at the same points.",
    formula=r"\nabla f(x) = 0 \iff \overline{(18)} = 0 \iff \overline{(23)} = 0",
    because="With unequal Hessians (23) has its own root, with unequal cross terms (18) has too: 2/5 against 3/4, 0 against 1 in scalars.",
    assumptions=(P2, *A1, A5),
    check=_check_roots,
    expected=Verdict.REFUTED,
)
