r"""Lemmas 1 and 2: Lipschitz constants of the surrogate, of the lower-level solution and of the hypergradient."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.families import curved, random_curved
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.falsify import Box, Search, excess, search
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.constants import lemmas
from spiritlevel.theory.interact.lemmas.lemma_witnesses import hypergradient_witness, surrogate_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest
from spiritlevel.theory.witness import check as recheck

Points = tuple[Array, Array]
Sides = Callable[[SolvedProblem, Points, Points], tuple[Array, Array]]
"""Left and right side of a Lipschitz inequality at two points ``(x, y)``, per replica and agent."""


@functools.cache
def decomposition() -> bool:
    r"""The difference of two products :math:`A B^{-1} v` in three parts, each a norm bound of A1 and A2.

    With A = grad_xy g, B = grad_yy g, v = grad_y f, in non-commuting symbols:
    :math:`A B^{-1} v - A_2 B_2^{-1} v_2 = A B^{-1} (v - v_2) + (A - A_2) B_2^{-1} v_2 + A B^{-1} (B_2 - B) B_2^{-1} v_2`.
    """
    import sympy

    A, A2_, B, B2, v, v2 = sympy.symbols("A A2 B B2 v v2", commutative=False)
    left = A * B**-1 * v - A2_ * B2**-1 * v2
    parts = A * B**-1 * (v - v2) + (A - A2_) * B2**-1 * v2 + A * B**-1 * (B2 - B) * B2**-1 * v2
    return bool(sympy.expand(left - parts) == 0)


def constants_follow(rng: np.random.Generator) -> bool:
    r"""Whether `constants.lemmas` has the constants that `decomposition` gives, at random rationals.

    The three parts are at most :math:`C L_{fy}/\mu`, :math:`L_{gxy} C_{fy}/\mu` and :math:`C L_{gyy} C_{fy}/\mu^2` times the
    distance. Added to :math:`L_{fx}` they give :math:`L_f`; squared, with :math:`|a+b|^2 \le 2|a|^2 + 2|b|^2` and
    :math:`|a+b+c|^2 \le 3(|a|^2+|b|^2+|c|^2)`, they give :math:`L_K^2`. :math:`\nabla\ell_i(x) = p_i(x, y^*(x))` moves by
    :math:`L_f |dx|` through x and :math:`L_f C/\mu\, |dx|` through y*.
    """
    for _ in range(20):
        mu, C, L_gxy, L_gyy, L_fx, L_fy, C_fy = (Fraction(int(k), 16) for k in rng.integers(1, 200, 7))
        c = Constants(mu_g=mu, L_g=mu + C, C_gxy=C, L_gxy=L_gxy, L_gyy=L_gyy, L_fx=L_fx, L_fy=L_fy, C_fy=C_fy)
        parts = (C * L_fy / mu, L_gxy * C_fy / mu, C * L_gyy * C_fy / mu**2)
        k = lemmas(c, "plain")
        sums = (L_fx + sum(parts), C / mu, (L_fx + sum(parts)) * (1 + C / mu))
        squares = 2 * L_fx**2 + 2 * 3 * sum(part**2 for part in parts)
        if (k.L_f, k.L_y, k.L_l) != sums or squares != k.L_K2:
            return False
    return True


def _squares(z: Array) -> Array:
    return np.asarray((z * z).sum(axis=-1))


def line1(problem: SolvedProblem, a: Points, b: Points) -> tuple[Array, Array]:
    """Line 1 of Lemma 1: the surrogate at an arbitrary y against the gradient."""
    (x, y), o, star = a, Oracle(problem), problem.lower_solution(a[0])
    k = lemmas(problem.constants, "plain")
    return _squares(surrogate(o, x, y) - surrogate(o, x, star)), float(k.L_f) ** 2 * _squares(y - star)


def line2(problem: SolvedProblem, a: Points, b: Points) -> tuple[Array, Array]:
    """Line 2 of Lemma 1: the lower-level solution in x."""
    k = lemmas(problem.constants, "plain")
    moved = problem.lower_solution(a[0]) - problem.lower_solution(b[0])
    return _squares(moved), float(k.L_y) ** 2 * _squares(a[0] - b[0])


def line3(problem: SolvedProblem, a: Points, b: Points) -> tuple[Array, Array]:
    """Line 3 of Lemma 1 with the plain constant squared once: the hypergradient in x."""
    o, k = Oracle(problem), lemmas(problem.constants, "plain")
    at = [surrogate(o, x, problem.lower_solution(x)) for x, _ in (a, b)]
    return _squares(at[0] - at[1]), float(k.L_l) ** 2 * _squares(a[0] - b[0])


def lemma2(problem: SolvedProblem, a: Points, b: Points) -> tuple[Array, Array]:
    """(12) with brackets: the surrogate in (x, y)."""
    o, k = Oracle(problem), lemmas(problem.constants, "plain")
    moved = _squares(a[0] - b[0]) + _squares(a[1] - b[1])
    return _squares(surrogate(o, *a) - surrogate(o, *b)), float(k.L_K2) * moved


BOX: Box = {
    "B": (0.03, 30.0, "log"),
    "c": (-5.0, 5.0, "linear"),
    "target": (-5.0, 5.0, "linear"),
    **{name: (-5.0, 5.0, "linear") for name in ("x", "y")},
    **{name: (1e-2, 5.0, "log") for name in ("dx", "dy")},
    "side": (-1.0, 1.0, "linear"),
}


def hunt(ctx: Context, sides: Sides) -> Search:
    """Search over a scalar curved problem and two points for the largest left side over right side."""

    def violation(v: dict[str, float]) -> float:
        kind: Kind = "cos" if v["side"] < 0 else "huber"
        problem = curved([[[v["B"]]]], [[v["c"]]], b=[[0.0]], x_target=[v["target"]], kind=kind)
        sign = 1 if abs(v["side"]) < 0.5 else -1
        a = (np.array([[[v["x"]]]]), np.array([[[v["y"]]]]))
        left, right = sides(problem, a, (a[0] + v["dx"], a[1] + sign * v["dy"]))
        return excess(left.item(), right.item())

    return search(violation, BOX, ctx.pick(500, 8000), ctx.seed("search", sides.__name__))


def at_random(ctx: Context, sides: Sides) -> tuple[float, int]:
    """The largest left side over right side at random pairs of points of random curved problems."""
    ratios, problems, pairs = [], ctx.pick(10, 100), 100
    for k in range(problems):
        rng = np.random.default_rng(ctx.seed("points", k))
        kind: Kind = "cos" if k % 2 else "huber"
        coupling = 10 ** rng.uniform(-1.5, 1)
        problem = random_curved(ctx.seed("curved", k), n=2, p=3, q=2, kind=kind, coupling=coupling)
        far = 10 ** rng.uniform(-2, 0.5, (pairs, 1, 1))
        a = (2 * rng.standard_normal((pairs, 2, 3)), 2 * rng.standard_normal((pairs, 2, 2)))
        b = (a[0] + far * rng.standard_normal(a[0].shape), a[1] + far * rng.standard_normal(a[1].shape))
        left, right = sides(problem, a, b)
        ratios.append(float((left / right).max()))
    return largest(ratios), 2 * problems * pairs


def lipschitz_finding(ctx: Context, claims: tuple[Sides, ...], what: str) -> Finding:
    """Proof by `decomposition`, and the attacks; a counterexample outweighs the proof."""
    proof = decomposition() and constants_follow(np.random.default_rng(ctx.seed("constants")))
    searches = [hunt(ctx, sides) for sides in claims]
    samples = [at_random(ctx, sides) for sides in claims]
    ratios = [1 + s.value for s in searches]  # left/right, as the right side is the larger one
    worst = largest(ratio for ratio, _ in samples)
    broken = any(s.found for s in searches) or worst > 1 + 1e-9
    cases = sum(s.evaluations for s in searches) + sum(count for _, count in samples)
    if broken:
        verdict = Verdict.REFUTED
    elif any(s.invalid for s in searches) or not worst <= 1 + 1e-9:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.PROVED if proof else Verdict.SUPPORTED
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC if verdict is Verdict.PROVED else Method.SEARCH,
        summary=f"{what}; on curved problems a search reaches {', '.join(f'{v:.2f}' for v in ratios)} of the bound, "
        f"{sum(count for _, count in samples)} random pairs {worst:.2f}",
        numbers={"searched": ratios, "random": worst, "tolerance": 1e-9, "proof": proof},
        cases=cases,
        audit=audit((*A1, *A2), [random_curved(1, n=2, p=1, q=1)]),
    )


def witnessed(stands: bool, summary: str, witness: Any, numbers: dict[str, Any]) -> Finding:
    """The finding on a printed claim that an exact witness breaks."""
    return Finding(
        verdict=Verdict.REFUTED if stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=summary if stands else "the witness falls, and nothing else speaks for or against",
        numbers=numbers,
        witness=witness if stands else None,
    )


def _check_lines_1_2(ctx: Context) -> Finding:
    return lipschitz_finding(
        ctx,
        (line1, line2),
        "the difference of two products A B^-1 v splits into three parts bounded by A1 and A2",
    )


LINES_1_2 = Statement(
    id="interact/lem1-1,2",
    paper=PAPER,
    location="Lemma 1, lines 1 and 2",
    kind="lemma",
    sentence="The surrogate is Lipschitz in y around y*(x), and y*(x) is Lipschitz, with the printed (squared) L_f and L_y.",
    formula=r"\|\bar\nabla f_i(x,y) - \nabla\ell_i(x)\|^2 \le L_f \|y - y^*\|^2,\ "
    r"\|y_i^*(x_1) - y_i^*(x_2)\|^2 \le L_y \|x_1 - x_2\|^2",
    assumptions=(*A1, *A2),
    check=_check_lines_1_2,
    expected=Verdict.PROVED,
)


def _check_line_3(ctx: Context) -> Finding:
    witness = hypergradient_witness()
    ratio = Fraction(1, 4) / Fraction(121, 1600)
    return witnessed(
        recheck(witness).ok,
        f"f = x^2/4, C_gxy/mu_g = 1/10: |grad l(1) - grad l(0)|^2 = 1/4, the printed bound is 121/1600 ({float(ratio):.2f} times less)",
        witness,
        {"left_over_right": str(ratio)},
    )


LINE_3 = Statement(
    id="interact/lem1-3",
    paper=PAPER,
    location="Lemma 1, line 3",
    kind="lemma",
    sentence="The hypergradient is Lipschitz with the squared constant (L_f + L_f C_gxy/mu_g)^2 built from the squared L_f.",
    formula=r"\|\nabla\ell_i(x_1) - \nabla\ell_i(x_2)\|^2 \le L_\ell \|x_1 - x_2\|^2, \quad "
    r"L_\ell = \left(L_f + \frac{L_f C_{g_{xy}}}{\mu_g}\right)^2",
    because="L_f is a square already, so L_l is a fourth power of constants where a second belongs; false once the constants "
    "are small, true where the plain L_f is at least 1.",
    assumptions=(*A1, *A2),
    check=_check_line_3,
    expected=Verdict.REFUTED,
)


def _check_line_3_repaired(ctx: Context) -> Finding:
    return lipschitz_finding(
        ctx, (line3,), "grad l(x) = p(x, y*(x)) moves by L_f |dx| and by L_f C_gxy/mu_g |dx|"
    )


LINE_3_REPAIRED = Statement(
    id="interact/lem1-3-repaired",
    paper=PAPER,
    location="Lemma 1, line 3",
    kind="lemma",
    variant="repaired",
    repairs="interact/lem1-3",
    sentence="The hypergradient is Lipschitz with constant L_f (1 + C_gxy/mu_g), L_f not squared (and squared once in the lemma).",
    formula=r"\|\nabla\ell_i(x_1) - \nabla\ell_i(x_2)\|^2 \le L_f (1 + C_{g_{xy}}/\mu_g)^2 \|x_1 - x_2\|^2",
    because="Squares L_f once; needs the derivatives of f to be Lipschitz in x and y together, which A2(a) leaves open.",
    assumptions=(*A1, *A2),
    check=_check_line_3_repaired,
    expected=Verdict.PROVED,
)


def _check_lemma_2(ctx: Context) -> Finding:
    witness = surrogate_witness()
    return witnessed(
        recheck(witness).ok,
        "f = s h(y) with bounded slope, equal x: left side s^2 = 4, right side 1; with s the ratio grows beyond every bound",
        witness,
        {"left": 4, "right": 1},
    )


LEMMA_2 = Statement(
    id="interact/lem2",
    paper=PAPER,
    location="Lemma 2, (12), (13)",
    kind="lemma",
    sentence="The surrogate is jointly Lipschitz in (x, y); printed without brackets on the right.",
    formula=r"\|\nabla f_i(x_1,y_1) - \nabla f_i(x_2,y_2)\|^2 \le L_K^2 \|x_1-x_2\|^2 + \|y_1-y_2\|^2",
    because="Without brackets no constant stands before |y1 - y2|^2; a slip, since (27) has them. Also printed: grad f for the "
    "surrogate (a lost bar), and C_gy for C_gxy in (13).",
    assumptions=(*A1, *A2),
    check=_check_lemma_2,
    expected=Verdict.REFUTED,
)


def _check_lemma_2_repaired(ctx: Context) -> Finding:
    return lipschitz_finding(ctx, (lemma2,), "three parts as in Lemma 1, squared with factors 2 and 3")


LEMMA_2_REPAIRED = Statement(
    id="interact/lem2-repaired",
    paper=PAPER,
    location="Lemma 2, (12), (13)",
    kind="lemma",
    variant="repaired",
    repairs="interact/lem2",
    sentence="The surrogate is jointly Lipschitz with the constant L_K of (13), C_gxy read for C_gy.",
    formula=r"\|\bar\nabla f_i(x_1,y_1) - \bar\nabla f_i(x_2,y_2)\|^2 \le L_K^2 (\|x_1-x_2\|^2 + \|y_1-y_2\|^2)",
    because="Puts the brackets back.",
    assumptions=(*A1, *A2),
    check=_check_lemma_2_repaired,
    expected=Verdict.PROVED,
)
