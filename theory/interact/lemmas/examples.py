"""Section 3's second example: does AUPRC optimisation satisfy Assumption 1?"""

from __future__ import annotations

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_auprc(ctx: Context) -> Finding:
    import sympy

    x, y, L = sympy.symbols("x y L", real=True)
    score = x / (1 + x**2)  # bounded, with bounded derivatives of every order
    g = -y * score + y**2 / 2
    slope = sympy.diff(g, x)
    jump = sympy.simplify(slope.subs(x, 2) - slope.subs(x, 1))  # the points (1, y) and (2, y) are 1 apart
    needed = sympy.solve(sympy.Eq(sympy.Abs(jump), L).subs(L, sympy.Symbol("L", positive=True)), y)
    breaks = jump.has(y) and sympy.limit(sympy.Abs(jump), y, sympy.oo) == sympy.oo
    affine = sympy.diff(g.subs(score, 3 * x + 1), x, 2) == 0
    return Finding(
        verdict=Verdict.REFUTED if breaks else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary=f"g = -y h(x) + y^2/2 with h = x/(1+x^2): the x-gradients at (1, y) and (2, y) differ by |{jump}|, more than any L "
        f"for large y; {'an affine score escapes' if affine else 'an affine score does not escape either'}"
        if breaks
        else f"the x-gradient changes by {jump}, bounded in y",
        numbers={"jump": str(jump), "y_that_breaks_L": [str(v) for v in needed]},
    )


AUPRC = Statement(
    id="interact/auprc",
    paper=PAPER,
    location="Section 3, second example; Section 4.2 after Assumption 2",
    kind="lemma",
    sentence="The lower level of AUPRC optimisation, -y'h_i(x) + |y|^2/2 with smooth bounded scores h_i, satisfies Assumption 1.",
    formula=r"g_i(x, y) = -y^T h_i(x) + \tfrac12 \|y\|^2, \qquad \|\nabla g_i(z) - \nabla g_i(z')\| \le L_g \|z - z'\|",
    because="A1(b) asks for a Lipschitz gradient in (x, y) jointly and everywhere, but the x-gradient -J(x)'y has a slope that grows "
    "with |y| unless h_i is affine.",
    check=_check_auprc,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    import sympy

    x, y = sympy.symbols("x y", real=True)
    h = sympy.Function("h")(x)
    g = -y * h + y**2 / 2
    # What the proofs use of A1(b) and A1(d): the y-gradient, and the yy and xy blocks.
    curvature = sympy.diff(g, y, 2)
    cross = sympy.diff(g, x, y)
    moves = sympy.diff(cross, y)
    good = curvature == 1 and sympy.simplify(cross + sympy.diff(h, x)) == 0 and moves == 0
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="the yy block is the identity, the xy block is -h'(x) and does not depend on y: bounded and Lipschitz when h' is "
        "(one score, symbolically; the blocks of several scores are stacked)"
        if good
        else f"yy block {curvature}, xy block {cross}",
    )


AUPRC_REPAIRED = Statement(
    id="interact/auprc-repaired",
    paper=PAPER,
    location="Section 3, second example",
    kind="lemma",
    variant="repaired",
    repairs="interact/auprc",
    sentence="With A1(b) asked of grad_y g only, the AUPRC lower level satisfies Assumption 1 whenever h_i has a bounded and "
    "Lipschitz derivative.",
    formula=r"\nabla^2_{yy} g_i = I, \quad \nabla^2_{xy} g_i = -\nabla h_i(x)",
    because="The proofs use the Lipschitz constant of grad_y g and of the second-order blocks only.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)
