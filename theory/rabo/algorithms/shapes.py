"""Shapes and counts in (10) and the display below it: the trailing e_p, and dot products for a Jacobian's product."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.runs import hypergradients, vector
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def defined(d_1: int, d_2: int) -> bool:
    """Whether a column of length d_2 times one of length d_1 is a matrix product, in either order of transposes.

    Examples
    --------
    >>> defined(3, 4), defined(1, 4)
    (False, True)
    """
    import sympy as sp

    delta, e = sp.MatrixSymbol("delta", d_2, 1), sp.MatrixSymbol("e", d_1, 1)
    for factors in ((delta, e), (e.T, delta.T)):
        try:
            sp.MatMul(*factors)
        except sp.matrices.exceptions.ShapeError:
            continue
        return True
    return False


def _check_shape(ctx: Context) -> Finding:
    sizes = [(d_1, d_2) for d_1 in range(2, 6) for d_2 in range(1, 6)]
    good = [size for size in sizes if defined(*size)]
    # entry by entry, where d_1 = d_2 = 2: J' f_y is then a vector with another value
    by_entry = Fraction(3) * 1 * Fraction(5)  # delta = (3, 7), e_1 = (1, 0), f_y = (5, 11)
    outer = Fraction(3) * 5 + Fraction(7) * 11
    refuted = not good and by_entry != outer
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary="a column of length d_2 has no product with one of length d_1 > 1, nor have their transposes; entry by entry (d_1 = d_2) "
        f"J' f_y has the entry {by_entry} where the next display has {outer}"
        if refuted
        else f"defined for (d_1, d_2) = {good}",
        numbers={"defined": len(good)},
        cases=len(sizes),
    )


SHAPE = Statement(
    id="rabo/eq10-shape",
    paper=PAPER,
    location="(10)",
    kind="identity",
    sentence="The product in (10) of the difference quotient in R^{d_2} and e_p in R^{d_1} is the Jacobian whose transpose the next display "
    "multiplies by grad_y f.",
    formula=r"\hat{\mathcal J}(x_q, e_p, \xi) = \frac{\nabla_y g(x_q^i + \mu e_p, \cdot) - \nabla_y g(x_q^i, \cdot)}{\mu} e_p",
    because="Two columns of different lengths have no product; a slip, a transpose is missing.",
    check=_check_shape,
    expected=Verdict.REFUTED,
)


def _check_outer(ctx: Context) -> Finding:
    import sympy as sp

    d_1, d_2 = sp.symbols("d_1 d_2", integer=True, positive=True)
    delta, f_y = sp.MatrixSymbol("delta", d_2, 1), sp.MatrixSymbol("f_y", d_2, 1)
    e = sp.MatrixSymbol("e", d_1, 1)
    left, right = (delta * e.T).T * f_y, e * (delta.T * f_y)
    good = left.shape == (d_1, 1) and (left - right).doit() == sp.ZeroMatrix(d_1, 1)
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="(delta e')' f_y = e (delta' f_y), a number times e_p, for all d_1, d_2",
    )


OUTER = Statement(
    id="rabo/eq10-shape-repaired",
    paper=PAPER,
    location="(10) and the display below it",
    kind="identity",
    variant="repaired",
    repairs="rabo/eq10-shape",
    sentence="With the outer product delta e_p', the transposed Jacobian times grad_y f is <delta, grad_y f> e_p, as the second line of the "
    "display has it.",
    formula=r"\hat{\mathcal J}(x_q, e_p, \xi) = \delta(x_q, e_p, \xi)\, e_p^\top",
    because="The transpose is added.",
    check=_check_outer,
    expected=Verdict.PROVED,
)


def _check_dots(ctx: Context) -> Finding:
    import sympy as sp

    n_1, n_2 = sp.symbols("n_1 n_2", integer=True, positive=True)
    dots = n_1 * (2 * n_2 - 1)  # n_1 inner products of length n_2: n_2 products, n_2 - 1 sums
    product = n_1 * n_2 + n_1 * (n_2 - 1)  # the n_1 x n_2 matrix times a vector
    same = sp.expand(dots - product) == 0
    return Finding(
        verdict=Verdict.REFUTED if same else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary="P inner products of length d_2 are the P x d_2 Jacobian times grad_y f, row by row: (2 d_2 - 1) P operations both ways; and its "
        "rows have to be computed first, by P + 1 gradients",
        numbers={"operations": str(sp.factor(dots))},
    )


DOTS = Statement(
    id="rabo/dot-products",
    paper=PAPER,
    location="below (10)",
    kind="complexity",
    variant="added",
    sentence="Inner products of vectors in the place of a Jacobian-vector product need fewer operations than that product.",
    formula=r"\sum_{\mathcal P_q^i} \langle \delta(x_q, e_p, \xi), \nabla_y f_i \rangle e_p",
    because="They are the same product, written row by row. Read charitably, as not having to form and store the Jacobian, the text is right: rabo/memory.",
    check=_check_dots,
    expected=Verdict.REFUTED,
)


def _check_chain(ctx: Context) -> Finding:
    import sympy as sp

    h_1, h_2, b_1, b_2, x = sp.symbols("h_1 h_2 b_1 b_2 x", positive=True)
    problem = quadratic(
        H=[[[h_1]], [[h_2]]],
        B=[[[b_1]], [[b_2]]],
        c=[[1], [2]],
        A=[[[3]], [[1]]],
        E=[[[1]], [[2]]],
        Q=[[[2]], [[5]]],
        e=[[1], [-4]],
        shared=True,
    )
    at = vector([x])[:, 0]
    star = problem.lower_solution(np.repeat(vector([x]), 2, axis=1))
    f_x, f_y = (
        g(np.repeat(vector([x]), 2, axis=1), star).sum() / 2 for g in (problem.grad_x_f, problem.grad_y_f)
    )
    total = sp.diff(problem.value(at)[0], x)
    chain = sp.simplify(total - f_x - sp.diff(star[0, 0, 0], x) * f_y) == 0
    local, _ = hypergradients(ctx.algorithm("rabo")(), problem, [x], [star[0, 0, 0]])
    gap = sp.factor(local.sum() / 2 - total)
    alike = sp.simplify(gap.subs({h_2: h_1, b_2: b_1})) == 0
    example = gap.subs({h_1: 1, h_2: 3, b_1: 1, b_2: 1, x: 2})
    good = chain and alike and example != 0
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="the chain rule, in symbols on two clients with scalar quadratics. The mean of the clients' (7) at y*(x) is that if they share "
        f"g_i, and not otherwise: {example} off with Hessians 1 and 3, B_i = 1 and x = 2"
        if good
        else f"chain rule {chain}; (7) is (9) where clients share g_i: {alike}; {example} off where not",
        numbers={"gap_where_g_differ": str(example)},
        cases=2,
    )


CHAIN = Statement(
    id="rabo/eq9",
    paper=PAPER,
    location="(9)",
    kind="identity",
    sentence="The hypergradient is grad_x f + J*' grad_y f at y*(x), with J* = dy*/dx.",
    formula=r"\nabla \Phi(x) = \nabla_x f(x, y^*(x)) + \mathcal J^*(x)^\top \nabla_y f(x, y^*(x))",
    because="f is the mean here; clients estimate it with (7), each with its own g_i.",
    about=("rabo",),
    check=_check_chain,
    expected=Verdict.SUPPORTED,
)
