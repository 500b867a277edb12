"""What is left after all signs are repaired: alpha's condition, a Phi without lower bound, and coordinates outside K."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import proved
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.lemmas.lines import (
    END_5,
    END_7,
    LEMMA_6_SQUARES,
    LEMMA_8_SQUARES,
    Line,
    symbols,
)
from spiritlevel.theory.rabo.theorems.bound_text import exact_round, squared_gradient
from spiritlevel.theory.rabo.theorems.corollary import RATE
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

POTENTIAL = ((END_5, LEMMA_6_SQUARES), (END_7, LEMMA_8_SQUARES))
"""What (34a) and (37a) add up: a descent, and M_f/L_y times a bound on the inner error."""


def factored(descent: Line, inner: Line) -> tuple[Any, Any]:
    r"""The coefficient c of :math:`\|\nabla f\|^2` on K as ``(k, w)`` with ``c = k (alpha (L_f + 4 M_f) - 1) + w``.

    Examples
    --------
    >>> factored(END_5, LEMMA_6_SQUARES)
    (2*N*alpha/C_x, 0)
    """
    import sympy

    a = symbols()
    total = descent.right(a)["grad_f2"] + a.M_f / a.L_y * inner.right(a)["grad_f2"]
    k = -sympy.diff(total, a.alpha).subs(a.alpha, 0) * a.alpha
    return sympy.simplify(k), sympy.simplify(total - k * (a.alpha * (a.L_f + 4 * a.M_f) - 1))


def _check_sign(ctx: Context) -> Finding:
    found = [factored(*lines) for lines in POTENTIAL]
    holds = all(without_minus(k) and rest == 0 for k, rest in found)
    return proved(
        holds,
        f"the coefficients are {' and '.join(str(k) for k, _ in found)} times alpha (L_f + 4 M_f) - 1: negative or 0 exactly for alpha <= 1/(L_f + 4 M_f)",
        f"{found} is not of the form k (alpha (L_f + 4 M_f) - 1)",
        {"factors": [str(k) for k, _ in found], "rest": [str(rest) for _, rest in found]},
    )


SIGN = Statement(
    id="rabo/eq34a",
    paper=PAPER,
    location="(34a), (37a)",
    kind="step size",
    sentence="The coefficients in (34a) and (37a) are at most 0 if, and only if, alpha <= 1/(L_f + 4 M_f).",
    formula=r"-2\alpha + 2L_f\alpha^2 + 8M_f\alpha^2 \le 0 \iff \alpha \le \frac{1}{L_f + 4M_f}",
    because="The algebra is right; what stands before it, that the display bounds the change of V, is not (rabo/lem5-end).",
    check=_check_sign,
    expected=Verdict.PROVED,
)


def slope() -> Bilevel:
    """``f = x``, ``g = y^2/2``, one client: Phi = x has no lower bound."""
    return quadratic([[[1]]], [[[0]]], [[0]], a=[[1]], shared=True, x0=[0], y0=[0], name="slope").over(
        "fraction"
    )


def unbounded_witness(constant: int = 1000) -> Witness:
    """(27) with any constant that does not depend on Q.

    Examples
    --------
    >>> [recheck(unbounded_witness(k)).ok for k in (1, 1000, 10**6)]
    [True, True, True]
    """
    root = 100 * constant
    return Witness(
        statement="rabo/phi-unbounded",
        paper=PAPER,
        location="Corollary 1, (27)",
        claim_text="the average of |grad Phi|^2 is at most K (1/sqrt(C_x* Q) + 1/(N T Q^2 C_y*) + 1/(N T Q^1.5 sqrt(C_x* C_y*))), K free of Q",
        note="f = x, g = y^2/2, one client, no noise, y = 0: every round takes alpha off x, and Phi = x; Delta = V_1 - V_{Q+1} = alpha Q = sqrt(Q). "
        "alpha = 1/sqrt(Q) obeys Theorem 1's condition too, as the Hessians of f are 0; root = sqrt(Q)",
        given={"N": 1, "T": 1, "C_x": 1, "C_y": 1, "root": root, "K": constant, "x": 0, "L_f": 1, "M_f": 1},
        define=(
            ("Q", "root**2"),
            ("alpha", "1/root"),
            ("slope", "1"),
            ("x_last", "x - alpha*slope*Q"),
            ("Delta", "x - x_last"),
            ("left", "slope**2"),
        ),
        assume=(
            Condition("alpha = sqrt(C_x*/Q), of Theorem 1's size", "alpha**2 == C_x/Q and alpha <= 1/(L_f + 4*M_f)"),
            Condition("with its sign repaired Delta grows like sqrt(Q)", "Delta == root and K > 0"),
        ),
        claim=Condition("(27)", "left <= K*(1/root + 1/(N*T*Q**2*C_y) + 1/(N*T*Q*root))"),
    )  # fmt: skip


def _check_unbounded(ctx: Context) -> Finding:
    problem, witness, rounds = slope(), unbounded_witness(), 100
    alpha, beta = Fraction(1, 10), Fraction(1, rounds)
    first, last = exact_round(ctx.algorithm("rabo")(alpha=alpha, beta=beta, T=1), problem, rounds)
    square, fallen = squared_gradient(problem, last), first.x[0, 0, 0] - last.x[0, 0, 0]
    false = recheck(witness).ok and square == 1 and fallen == alpha * rounds
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"f = x, g = y^2/2, one client: at alpha = 1/sqrt(Q), Q = {rounds}, Phi falls by {fallen} = sqrt(Q) and ||grad Phi||^2 = {square} in every round; 2 Delta/sqrt(Q) = "
        f"{2 * fallen * alpha} does not fall with Q",
        numbers={"squared_gradient": str(square), "Delta": str(fallen)},
        audit=audit(ALL, [problem]),
        witness=witness if false else None,
    )


UNBOUNDED = Statement(
    id="rabo/phi-unbounded",
    paper=PAPER,
    location="Corollary 1, (27)",
    kind="rate",
    variant="added",
    sentence="With the signs of (6) and Delta repaired, Assumptions 1 to 5 give (27), with a constant that does not depend on Q.",
    formula=RATE,
    because="O(.) hides Delta = V_1 - V_{Q+1}, which only a lower bound on Phi bounds for all Q; the assumptions have none.",
    assumptions=ALL,
    about=("rabo",),
    check=_check_unbounded,
    expected=Verdict.REFUTED,
)


def plane() -> Bilevel:
    """``f = x_1^2/2 + x_2``, ``g = y^2/2``, one client that holds x_1 only."""
    A = [[[1, 0], [0, 0]]]
    return quadratic([[[1]]], [[[0, 0]]], [[0]], A=A, a=[[0, 1]], shared=True, x0=[0, 0], y0=[0]).over(
        "fraction"
    )


def outside_witness() -> Witness:
    """The sum over K is 0, the gradient is not.

    Examples
    --------
    >>> recheck(outside_witness()).last.values
    ('1 <= 0',)
    """
    return Witness(
        statement="rabo/covered-gradient",
        paper=PAPER,
        location="Theorem 1, (26); Definition 2",
        claim_text="where the sum over K of |grad Phi^s|^2 is 0, x is stationary",
        note="one client, f = x_1^2/2 + x_2, the mask of x is (1, 0) in all rounds, so that K = {1}; C_x* = N = 1",
        given={"x": [0, 0], "m": [1, 0], "alpha": "1/100"},
        define=(
            ("slope", "diag(m) @ x + ones(2) - m"),
            ("on_K", "diag(m) @ slope"),
            ("x_next", "x - alpha*on_K"),
        ),
        assume=(Condition("RABO rests, and the left side of (26) is 0", "x_next == x and norm2(on_K) == 0"),),
        claim=Condition("Definition 2 with epsilon = 0", "norm2(slope) <= norm2(on_K)"),
    )


def _check_outside(ctx: Context) -> Finding:
    problem, witness = plane(), outside_witness()
    a = ctx.algorithm("rabo")(alpha=Fraction(1, 100), beta=Fraction(1, 4), T=1, mask_x="table:10")
    first, last = exact_round(a, problem, 3)
    rests = bool((first.x == last.x).all())
    square = squared_gradient(problem, last)
    false = recheck(witness).ok and rests and square == 1
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"one client that holds x_1 of f = x_1^2/2 + x_2: it rests at x = 0, where the sum over K in (26) is 0 and ||grad Phi||^2 = {square}",
        numbers={"rests": rests, "squared_gradient": str(square)},
        audit=audit(ALL, [problem]),
        witness=witness if false else None,
    )


OUTSIDE = Statement(
    id="rabo/covered-gradient",
    paper=PAPER,
    location="Theorem 1, (26); Definition 2",
    kind="qualitative",
    variant="added",
    sentence="Where the left side of (26), a sum over the covered coordinates K, is at most epsilon, x is epsilon-stationary (Definition 2).",
    because="Definition 2 has the whole gradient; coordinates that nobody holds are left out of (26), and C_x* = N does not exclude them (rabo/coverage-full).",
    assumptions=ALL,
    about=("rabo",),
    check=_check_outside,
    expected=Verdict.REFUTED,
)


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (unbounded_witness(), outside_witness())
