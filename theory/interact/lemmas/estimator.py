r"""The K-term estimator (22) and its bias, Lemma 3."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.hypergradient import surrogate, truncated
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _bias(problem: SolvedProblem, x: Array, y: Array, K: int, L_g: Fraction | float) -> Array:
    o = Oracle(problem)
    return surrogate(o, x, y) - truncated(o, x, y, K, L_g)


def _check_lemma3(ctx: Context) -> Finding:
    import sympy

    h, L, K = sympy.symbols("h L K", positive=True)
    summed = _telescopes()
    # In an eigenbasis of the yy block the error is phi(h) = (1 - h/L)^K / h, decreasing on (0, L]: largest at mu.
    slope = sympy.simplify(sympy.diff(K * sympy.log(1 - h / L) - sympy.log(h), h) + 1 / h + K / (L - h))
    equal = _scalar_equality()
    ratio, cases = _largest_ratio(ctx)
    good = summed and slope == 0 and equal and ratio <= 1
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"geometric series for every K; the error (1-h/L)^K/h decreases in the eigenvalue h; scalars reach equality "
        f"at K = 1, 2, 3, 7; {cases} matrices reach {ratio:.3f} of the bound"
        if good
        else f"series {summed}, slope {slope}, scalar equality {equal}, largest ratio {ratio:.6f}",
        numbers={"largest_ratio": ratio},
        cases=cases + 4,
        figures=(_decay(ctx),),
    )


def _telescopes() -> bool:
    """The induction step of the geometric series: S(K) = (1 - c^K)/(1 - c) satisfies S(K+1) - S(K) = c^K, S(0) = 0."""
    import sympy

    c, K = sympy.symbols("c K", positive=True)
    S = (1 - c**K) / (1 - c)
    return bool(sympy.simplify(S.subs(K, K + 1) - S - c**K) == 0 and S.subs(K, 0) == 0)


def _scalar_equality() -> bool:
    """Bias equal to the bound, in exact rationals, for scalars with h = mu < L_g."""
    h, C, slope, L = Fraction(1, 2), Fraction(3, 4), Fraction(2, 3), Fraction(5, 4)
    problem = quadratic(H=[[[h]]], B=[[[C]]], c=[[0]], e=[[slope]]).over("fraction")
    x = convert([[[0]]], "fraction")
    for K in (1, 2, 3, 7):
        bound = C * slope / h * (1 - h / L) ** K
        if abs(_bias(problem, x, x, K, L)[0, 0, 0]) != bound:
            return False
    return True


def _largest_ratio(ctx: Context) -> tuple[float, int]:
    """Bias over bound on random matrices; the bias in exact rationals, since it can be far below rounding."""
    worst, cases = 0.0, ctx.pick(60, 400)
    rng = np.random.default_rng(ctx.seed("points"))
    for k in range(cases):
        problem = random_quadratic(ctx.seed(k), n=1, p=1 + k % 3, q=1 + k % 3, rational=True)
        x, y = (convert(rng.integers(-5, 6, (1, 1, size)), "fraction") for size in (problem.p, problem.q))
        c, K = problem.constants, int(rng.integers(1, 12))
        # Rational bounds just outside the computed eigenvalues: what is compared below is then exact.
        out = Fraction(1, 10**12)
        mu, L_g, C = Fraction(c.mu_g) * (1 - out), Fraction(c.L_g) * (1 + out), Fraction(c.C_gxy) * (1 + out)
        here = squared_norm(problem.grad_y_f(x, y))[0]  # the least C_fy^2 that serves this point
        bound = C**2 * here / mu**2 * (1 - mu / L_g) ** (2 * K)
        if bound:
            worst = max(worst, float(squared_norm(_bias(problem, x, y, K, L_g))[0] / bound) ** 0.5)
    return worst, cases


def _decay(ctx: Context) -> Plot:
    """Bias and bound against K on two random problems."""
    depths, curves = range(1, 31), []
    for k in (1, 2):
        problem = random_quadratic(ctx.seed("decay", k), n=1, p=2, q=2)
        x, y = np.ones((1, 1, 2)), np.ones((1, 1, 2))
        c, here = problem.constants, float(squared_norm(problem.grad_y_f(x, y))[0]) ** 0.5
        bias = [float(squared_norm(_bias(problem, x, y, K, c.L_g))[0]) ** 0.5 for K in depths]
        bound = [c.C_gxy * here / c.mu_g * (1 - c.mu_g / c.L_g) ** K for K in depths]
        condition = f"L_g/mu_g = {float(c.L_g / c.mu_g):.2g}"
        curves += [Curve(f"bias, {condition}", depths, bias, "points")]
        curves += [Curve(f"Lemma 3, {condition}", depths, [float(b) for b in bound], "dashed")]
    return Plot(
        title="Bias of the estimator (22) on two random problems",
        x_label="terms K",
        y_label="norm of the bias",
        curves=tuple(curves),
        log="y",
        caption="The bias falls geometrically in K, below the bound; a large condition number makes it slow.",
    )


LEMMA_3 = Statement(
    id="interact/lem3",
    paper=PAPER,
    location="Lemma 3",
    kind="lemma",
    sentence="The bias of the K-term stochastic hypergradient is at most C_gxy C_fy / mu_g (1 - mu_g / L_g)^K.",
    formula=r"\|\bar\nabla f_i - E \bar\nabla f_i(\cdot\,; \bar\xi)\| \le "
    r"\frac{C_{g_{xy}} C_{f_y}}{\mu_g} \left(1 - \frac{\mu_g}{L_g}\right)^K",
    assumptions=(*A1, *A2),
    check=_check_lemma3,
    expected=Verdict.PROVED,
)
