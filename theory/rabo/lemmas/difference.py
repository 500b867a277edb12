"""Lemma 3: what finite differences approximate, as printed, read otherwise, and repaired."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, scalar
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory import evidence
from spiritlevel.theory.evidence import Evidence, broken
from spiritlevel.theory.instruments.forms import never_exceeds
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import SMOOTH
from spiritlevel.theory.rabo.lemmas import difference_witnesses as seen
from spiritlevel.theory.rabo.lemmas.cases import Case
from spiritlevel.theory.rabo.lemmas.findings import judged
from spiritlevel.theory.rabo.lemmas.proofs import positive
from spiritlevel.theory.rabo.lemmas.random_cases import random_case
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

FORMULA = r"\|\hat\nabla f_i - \nabla f_i\|^2 \le \sigma_J^2 = P^* l_{g,1}^2 \mu^2 l_{f,0}^2 / 4"


def _of_mu() -> Plot:
    """The squared error on the g of `sign_witness` and (25), over mu; P* = l_f0 = 1."""
    l_g1, x, y = Fraction(13, 8), Fraction(0), Fraction(2)
    sizes = [Fraction(10) ** -e for e in range(-1, 6)]
    found = [((y - (x + size)) - (y - x)) / size for size in sizes]
    mu = [float(size) for size in sizes]
    return Plot(
        title="RAFBO's hypergradient as printed: g = y^2/2 - xy, f = h(y), y = 2",
        x_label="mu, how far the difference reaches",
        y_label="squared error",
        curves=(
            Curve("exact", mu, [float((delta - 1) ** 2) for delta in found], "points"),
            Curve("(25), claimed", mu, [float((l_g1 * size / 2) ** 2) for size in sizes], "dashed"),
        ),
        log="xy",
        caption="The error is that of a wrong sign: it does not depend on mu, and (25) falls below it as soon as mu is small.",
    )


def _check_3(ctx: Context) -> Finding:
    found = broken(
        seen.sign_witness(),
        "g = y^2/2 - xy, f = h(y), y = 2, mu = 1/1000: -1 for +1, 4 > 6.6e-7, for every mu",
    )
    return dataclasses.replace(found, figures=(_of_mu(),))


LEMMA3 = Statement(
    id="rabo/lem3",
    paper=PAPER,
    location="Lemma 3, (25)",
    kind="bound",
    sentence="RAFBO's hypergradient differs from (7) by sigma_J^2 = P* l_g1^2 mu^2 l_f0^2/4 at most, squared.",
    formula=FORMULA,
    because="(10) differences the inner gradient, so it approximates the mixed derivative of g; dy*/dx is minus the inverse Hessian times that. "
    "The error does not depend on mu.",
    assumptions=SMOOTH,
    check=_check_3,
    expected=Verdict.REFUTED,
)


def _check_scaling(ctx: Context) -> Finding:
    return broken(seen.scaling_witness(), "g and 2g have one y*, the differences are -1 and -2")


SCALING = Statement(
    id="rabo/eq10-units",
    paper=PAPER,
    location="(10), Algorithm 2, line 5",
    kind="qualitative",
    variant="added",
    sentence="RAFBO's approximation of dy*/dx does not change when g is multiplied by a constant.",
    because="It is a second derivative of g where a ratio of two is wanted; no bound on its error can hold for all units of g.",
    assumptions=SMOOTH,
    check=_check_scaling,
    expected=Verdict.REFUTED,
)


def _figure() -> Plot:
    """The squared error on the g of `curvature_witness`, with both bounds, over mu; P* = l_f0 = 1."""
    c, k, l_g1 = Fraction(1, 4), Fraction(100), Fraction(3, 2)
    sizes = [Fraction(10) ** -e / j for e in range(6) for j in (1, 3)]
    found = [quotient_error(c, k, Fraction(1, 2), size) for size in sizes]
    mu = [float(size) for size in sizes]
    return Plot(
        title="Differences of grad_y g against the mixed derivative: g = y^2/2 + log(1 + 10^4 (x + y)^2)/80000",
        x_label="mu, how far the difference reaches",
        y_label="squared error",
        curves=(
            Curve("exact", mu, [float(error**2) for error, _ in found], "points"),
            Curve("(25), with l_g1", mu, [float((l_g1 * size / 2) ** 2) for size in sizes], "dashed"),
            Curve("repaired, with l_g2", mu, [float(bound**2) for _, bound in found], "dashed"),
        ),
        log="xy",
        caption="At x + y = 1/200, |grad_y f| = 1. The error is above (25) for every small mu: l_g1 says nothing about how fast the mixed derivative changes.",
    )


def _check_mixed(ctx: Context) -> Finding:
    found = broken(
        seen.curvature_witness(),
        "g = y^2/2 + log(1 + u^2)/(8k^2), u = k(x + y), k = 100, mu = 1/k: 1/64 > 5.6e-5, while l_g1 <= 3/2 for every k",
    )
    return dataclasses.replace(found, figures=(_figure(),))


MIXED = Statement(
    id="rabo/lem3-mixed",
    paper=PAPER,
    location="Lemma 3, (25), and (10)",
    kind="bound",
    variant="added",
    sentence="(25) holds for what (10) does approximate, the mixed derivative of g in the place of dy*/dx.",
    formula=FORMULA,
    because="The error of a difference quotient is bounded by the Lipschitz constant of the derivative it approximates: l_g2, not l_g1, "
    "which says nothing about how fast the mixed derivative changes.",
    assumptions=SMOOTH,
    check=_check_mixed,
    expected=Verdict.REFUTED,
)


def quotient_bound(l_g2: Any, radius: Any) -> Any:
    """What a difference quotient of a function with an l_g2-Lipschitz derivative errs by at most."""
    return l_g2 * radius / 2


def quotient_error(c: Fraction, k: Fraction, u: Fraction, radius: Fraction) -> tuple[Fraction, Fraction]:
    """Error of the quotient and ``l_g2 mu/2`` for the g of `curvature_witness`, ``l_g2 = 9ck/2``.

    The third derivative of log(1 + u^2)/2 is below 3/2 in size; (1, 1) and its outer square give 2 sqrt(2) < 3.

    Examples
    --------
    >>> quotient_error(Fraction(1, 4), Fraction(100), Fraction(0), Fraction(1, 100))
    (Fraction(1, 8), Fraction(9, 16))
    """

    def slope(s: Fraction) -> Fraction:
        return s / (1 + s**2)

    quotient = c / k * (slope(u + k * radius) - slope(u)) / radius
    return abs(quotient - c * (1 - u**2) / (1 + u**2) ** 2), quotient_bound(Fraction(9, 2) * c * k, radius)


def taylor() -> bool:
    r"""The error of a quotient is :math:`\int_0^1 (G(x + t\mu e) - G(x))\,dt`, at most :math:`\int_0^1 l t \mu\,dt = l\mu/2`."""
    import sympy

    t, l, radius = sympy.symbols("t l radius", positive=True)
    return without_minus(quotient_bound(l, radius) - sympy.integrate(l * t * radius, (t, 0, 1)))


def _check_mixed_repaired(ctx: Context) -> Finding:
    rng, failing, cases = np.random.default_rng(ctx.seed("points")), 0, ctx.pick(300, 3000)
    for _ in range(cases):
        numerator, denominator = rng.integers(1, 40, 4), rng.integers(1, 40, 4)
        c, k, u, radius = (Fraction(int(a), int(b)) for a, b in zip(numerator, denominator, strict=True))
        error, bound = quotient_error(c / 40, k, u - 1, radius)
        failing += error > bound
    return evidence.judged(  # these cases keep A1 and A2
        taylor(),
        Evidence(cases, failing, "exact curved cases"),
        "each of the P* quotients errs by l_g2 mu/2 at most, times |d_y f| <= l_f0",
    )


MIXED_REPAIRED = Statement(
    id="rabo/lem3-mixed-repaired",
    paper=PAPER,
    location="Lemma 3, (25), and (10)",
    kind="bound",
    variant="repaired",
    repairs="rabo/lem3-mixed",
    sentence="For the mixed derivative of g in the place of dy*/dx the squared error is P* l_g2^2 mu^2 l_f0^2/4 at most.",
    formula=r"\|\hat\nabla f_i - \nabla_x f_i - \nabla^2_{xy} g_i \nabla_y f_i\|^2 \le P^* l_{g,2}^2 \mu^2 l_{f,0}^2 / 4",
    because="l_g2 for l_g1, and the target that (10) has. It is no hypergradient.",
    assumptions=SMOOTH,
    check=_check_mixed_repaired,
    expected=Verdict.PROVED,
)


def unrolled() -> bool:
    r"""For one eigenvalue h of H and :math:`\beta \le 1/l_{g,1}`: T steps have the derivative :math:`(1 - (1-\beta h)^T) b/h`, and
    :math:`(1 - \beta h)/h \le (1 - \beta\mu)/\mu`."""
    import sympy

    mu, s, v, b, t = positive("mu s v b t")
    h = mu + s
    beta = 1 / (h + v)

    def J(k: object) -> object:
        return (1 - (1 - beta * h) ** k) * b / h

    recursion = sympy.simplify(J(t + 1) - (1 - beta * h) * J(t) - beta * b) == 0
    start = sympy.simplify(J(0)) == 0
    smaller = without_minus((1 - beta * mu) - (1 - beta * h)) and without_minus(1 - beta * h)
    return recursion and start and smaller and without_minus(1 / mu - 1 / h)


def loop_case(ctx: Context, k: int) -> Case:
    """One client with all coordinates, and RAFBO that differences T_h inner steps."""
    case = random_case(ctx, 4 + 6 * k, "rafbo", common=False)
    old = case.algorithm
    a = ctx.algorithm("rafbo")(
        alpha=old.alpha, beta=old.beta, T=old.T, mu=Fraction(1, 1 + k), difference="loop", T_h=1 + k % 4
    )
    return Case(a.over("fmpq"), case.problem, case.constants)


def loop_error(case: Case) -> bool:
    """Whether ``|h - D|^2 <= (1 - beta mu_g)^(2 T_h) L_y^2 |d_y f|^2`` for all states, h what the round moved x by over alpha."""
    a, letters = case.algorithm, case.letters
    factor = (1 - letters.beta * letters.mu_g) ** (2 * a.T_h) * letters.L_y**2

    def excess(z: Array) -> tuple[Array, Array]:
        w, o = case.window(z), Oracle(case.problem)
        h = (w.x - w.x_new) / letters.alpha
        left = squared_norm(h - surrogate(o, w.x, w.y_new))
        right = factor * squared_norm(case.problem.grad_y_f(w.x, w.y_new))
        return left - right, left + right + scalar(1, "fmpq")

    return never_exceeds(excess, case.problem.p + case.problem.q, "fmpq").holds


def _check_repaired(ctx: Context) -> Finding:
    cases = [loop_case(ctx, k) for k in range(ctx.pick(6, 24))]
    return judged(
        unrolled(),
        Evidence(len(cases), sum(not loop_error(case) for case in cases)),
        "T_h steps have the derivative (I - (I - beta H)^T_h) H^-1 B, for every mu, as g is quadratic",
    )


LEMMA3_REPAIRED = Statement(
    id="rabo/lem3-repaired",
    paper=PAPER,
    location="Lemma 3, (25)",
    kind="bound",
    variant="repaired",
    repairs="rabo/lem3",
    sentence="With the result of T_h inner steps differenced, a quadratic g, all of y held and beta <= 1/l_g1, the error is "
    "(1 - beta mu_g)^T_h L_y |d_y f| at most.",
    formula=r"\|\hat\nabla f_i - D_i\|^2 \le (1 - \beta\mu_g)^{2T_h} L_y^2 \|\nabla_y f_i\|^2",
    because="Differences the unrolled inner loop, as the method that the paper follows does. Falls with T_h, not with mu; a curved g adds a "
    "term of order mu.",
    assumptions=SMOOTH,
    about=("rafbo",),
    check=_check_repaired,
    expected=Verdict.PROVED,
)
