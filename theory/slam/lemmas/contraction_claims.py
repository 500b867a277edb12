"""Lemma 5: its step condition, what it leaves out, and (161)."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np

from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.evidence import Evidence, broken, proved
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.plots import Area, Curve, Plot
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A5, P2
from spiritlevel.theory.slam.lemmas import contraction
from spiritlevel.theory.slam.lemmas import contraction_witnesses as seen
from spiritlevel.theory.slam.lemmas.cases import Case, build, random_case
from spiritlevel.theory.slam.lemmas.findings import judged
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

SMALL = ("path:2", "path:3", "complete:3")


def tight(ctx: Context, name: str = "slam") -> Case:
    r"""Agents alike, with :math:`L_y` attained and beta at :math:`(\mu + L)/2`, and an upper level of x alone: every term counts."""
    one = [[[1]]] * 2
    shared = name == "slam"
    problem = quadratic(one, one, [[0], [0]], A=[[[8]]] * 2, shared=shared)
    numbers = {"alpha": Fraction(8), "beta": Fraction(2), "gamma": Fraction(2), "rho": Fraction(1, 4)}
    return build(ctx.algorithm(name), problem, "path:2", (1, 3, 1), numbers)


def _cases(ctx: Context) -> list[Case]:
    return [tight(ctx), *(random_case(ctx, k, graph=SMALL[k % 3]) for k in range(ctx.pick(4, 20)))]


def _figure(mu: float = 1.0, L: float = 5.0) -> Plot:
    """The factor of one gradient step on a Hessian of eigenvalues mu and L, and the one that is claimed."""
    beta = np.geomspace(1.7, 30, 60)
    factor = np.maximum((1 - mu / beta) ** 2, (1 - L / beta) ** 2)
    top = [0.0, float(factor.max())]
    inside = [(beta >= (mu + L) / 2).tolist()] * 2
    return Plot(
        title="One step on Hessian diag(1, 5): the largest factor of the squared error",
        x_label="beta, the inverse step size",
        y_label="factor per step",
        areas=(Area("beta >= (mu_g + L_g1)/2", beta.tolist(), top, inside),),
        curves=(
            Curve("exact", beta.tolist(), factor.tolist()),
            Curve(
                "1 - rho_g/beta, claimed",
                beta.tolist(),
                (1 - 2 * mu * L / (mu + L) / beta).tolist(),
                "dashed",
            ),
        ),
        log="x",
        caption="Lemma 5 asks for beta > 2/(mu_g + L_g1) = 1/3, which is everything shown; the claim holds from (mu_g + L_g1)/2 = 3 on.",
    )


def _check_step(ctx: Context) -> Finding:
    found = broken(
        seen.step_witness(),
        "Hessian diag(1, 5), beta = 2 > 1/3: the stiff direction's error grows by 9/4, 1 - rho_g/beta = 1/6; mu = L = 4, beta = 1/2 gives 49 > -7",
    )
    return dataclasses.replace(found, figures=(_figure(),))


LEMMA5 = Statement(
    id="slam/lemma5",
    paper=PAPER,
    location="Lemma 5, (80), (161)",
    kind="lemma",
    sentence="For beta > 2/(mu_g + L_{g,1}) a step contracts the lower-level error by 1 - rho_g/beta.",
    formula=r"\|\bar y_k^{r+1} - \bar y_k^*(x^r)\|^2 \le \Big(1 - \tfrac{\rho_g}{\beta}\Big) \|\bar y_k^r - \bar y_k^*(x^r)\|^2 + \dots, \quad "
    r"\beta > \tfrac{2}{\mu_g + L_{g,1}}",
    because="A slip that Lemma 5, its proof, B.5.4, B.6.3 and B.7.3 repeat: 1/beta is the step size, so that Nesterov's theorem asks for 1/beta <= 2/(mu_g + L_{g,1}); the condition is "
    "upside down. Harmless for beta = beta_0 sqrt(T) and large T. (80), (81) are lost in the text; (161), which puts them together, has this factor.",
    assumptions=(P2, *A1, A5),
    check=_check_step,
    expected=Verdict.REFUTED,
)


def _check_step_repaired(ctx: Context) -> Finding:
    return proved(
        contraction.step_condition() and contraction.gradient_step(),
        "(1-h/beta)^2 <= 1 - rho_g/beta at h = mu_g and h = L_g1 iff beta >= (mu_g + L_g1)/2, and concave between; for any g by one fact",
        "the algebra does not go through",
    )


LEMMA5_REPAIRED = Statement(
    id="slam/lemma5-repaired",
    paper=PAPER,
    location="Lemma 5",
    kind="lemma",
    variant="repaired",
    repairs="slam/lemma5",
    sentence="One exact gradient step 1/beta on a mu_g-strongly convex, L_{g,1}-smooth g contracts the squared error by 1 - rho_g/beta, for all such g "
    "if and only if beta >= (mu_g + L_{g,1})/2.",
    formula=r"\|y - \tfrac1\beta \nabla g(y) - y^*\|^2 \le \Big(1 - \tfrac{\rho_g}{\beta}\Big) \|y - y^*\|^2 \iff \beta \ge \tfrac{\mu_g + L_{g,1}}{2}",
    because="Inverts the condition.",
    assumptions=(*A1, A5),
    check=_check_step_repaired,
    expected=Verdict.PROVED,
)


def _check_floor(ctx: Context) -> Finding:
    return broken(seen.floor_witness(), "mu_g = L_g1 = 4, beta = 1/2, no coupling: C_2 = -rho_g/beta = -8")


C2_ABOVE = Statement(
    id="slam/C2-above",
    paper=PAPER,
    location="before (172), B.6.3, B.7.3",
    kind="step size",
    sentence="beta >= 2/(mu_g + L_{g,1}) and (165) give -1 < C_2 < 0.",
    formula=r"\beta \ge \tfrac{2}{\mu_g + L_{g,1}} \Rightarrow -1 < C_2",
    because="The slip of slam/lemma5, with a consequence: with beta >= (mu_g + L_{g,1})/2 it is rho_g/beta <= 1, which gives it. Harmless for large T.",
    assumptions=(*A1, A5),
    check=_check_floor,
    expected=Verdict.REFUTED,
)


def _check_disagreement(ctx: Context) -> Finding:
    return broken(
        seen.disagreement_witness(),
        "Hessians 1 and 3, y = (1, -1), ybar = ybar* = 0, beta = 2: ybar moves to 1/2, (161) says it stays",
    )


DISAGREEMENT = Statement(
    id="slam/eq161-disagreement",
    paper=PAPER,
    location="Lemma 5, (161)",
    kind="lemma",
    sentence="The lower-level error in the consensus space obeys a recursion without consensus errors, beta being large enough.",
    because="The mean of the agents' gradients at their own (x_i, y_i) is not the gradient at the means unless all Hessians (and cross terms) are "
    "equal and constant. The Hessian condition of Theorem 1 is not among Lemma 5's assumptions; for equal constant Hessians and equal cross terms it is true. (80), (81) are lost in the text; "
    "(161) has no such term.",
    assumptions=(P2, *A1, A5),
    check=_check_disagreement,
    expected=Verdict.REFUTED,
)


def _check_161(ctx: Context) -> Finding:
    quarter = contraction.parts(tight(ctx), cross=Fraction(1, 4))
    return broken(
        seen.cross_term_witness(),
        "two agents alike at consensus, g = y^2/2 - xy, beta = 2 = (mu_g + L_g1)/2: e = -2 becomes -2 while x moves by 1: 4 > 13/4",
        {
            "tight_case_holds_as_printed": contraction.holds(tight(ctx), quarter),
            "proof_with_printed_constants": contraction.recursion(Fraction(1, 4)),
        },
    )


EQ161 = Statement(
    id="slam/eq161",
    paper=PAPER,
    location="(161), (172); Lemma 5",
    kind="lemma",
    sentence="(161) for agents alike at consensus and a large enough beta, with theta' = 2(m+1)n L_y^2/alpha.",
    formula=r"\Big(1 - \tfrac{\rho_g}\beta\Big)\Big(1 + \tfrac{2(m+1)nL_y^2}{\alpha} + \tfrac{\vartheta L_{xy} D_x}{4\alpha^2}\Big) \|y^r - y^*\|^2 + "
    r"\Big(L_y^2 + \tfrac{\alpha}{8(m+1)n} + \tfrac{L_{xy}}{4\vartheta}\Big) \|E[x^{r+1} - x^r]\|^2 + \dots",
    because="The cross term of (82) has a factor 2, which (93)-(96) and (161) do not carry: with theta' on the error, L_y^2/theta' belongs to the move, "
    "alpha/(2(m+1)n), not a quarter of it; so do twice the terms with L_xy. C_1, C_2 inherit this.",
    assumptions=(P2, *A1, A5),
    check=_check_161,
    expected=Verdict.REFUTED,
)


def _check_161_repaired(ctx: Context) -> Finding:
    cases = _cases(ctx)
    failing = sum(not contraction.holds(case, contraction.parts(case)) for case in cases)
    sharp = contraction.parts(cases[0], cross=Fraction(1, 4))
    return judged(
        contraction.gradient_step() and contraction.recursion() and _deviations(),
        Evidence(len(cases), failing, "exact cases, all states at once, noise enumerated"),
        "one square for each step, any g and any theta', vartheta, kappa",
        {"printed_quarter_holds_on_the_tight_case": contraction.holds(cases[0], sharp)},
    )


def _deviations() -> bool:
    """Young with kappa for the error of the mean gradient, whose square is at most 2(C^2 |x apart|^2 + L^2 |y apart|^2)/n."""
    import sympy

    a, b, x, y = reals("a b x y")
    kappa, C, L, n = sympy.symbols("kappa C L n", positive=True)
    young = certified(
        (1 + kappa) * a**2 + (1 + 1 / kappa) * b**2 - (a + b) ** 2, (a, b), [(1 / kappa, kappa * a - b)]
    )
    # for each agent |..| <= C x + L y, and the square of a mean is at most the mean of squares
    each = certified(
        2 * (C**2 * x**2 + L**2 * y**2) / n - (C * x + L * y) ** 2 / n, (x, y), [(1 / n, C * x - L * y)]
    )
    return young and each


EQ161_REPAIRED = Statement(
    id="slam/eq161-repaired",
    paper=PAPER,
    location="(161)",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq161",
    sentence="For beta >= (mu_g + L_{g,1})/2, independent agents, local h and every theta', vartheta, kappa > 0 the recursion holds with L_y^2/theta', "
    "L_xy/(2 vartheta) and vartheta L_xy M/2, and with the deviations of x and y; M bounds the conditional mean square of the move.",
    formula=r"E\|e^+\|^2 \le \Big(1 + \theta' + \tfrac{\vartheta L_{xy} M}{2}\Big) \Big[(1+\kappa)\Big(1 - \tfrac{\rho_g}\beta\Big) \|e\|^2 + \big(1 + \tfrac1\kappa\big) "
    r"\tfrac{2(C_{xy}^2\|\tilde x\|^2 + L_{g,1}^2\|\tilde y\|^2)}{n\beta^2} + \tfrac{\sigma_g^2}{n\beta^2}\Big] + "
    r"\Big(L_y^2 + \tfrac{L_y^2}{\theta'} + \tfrac{L_{xy}}{2\vartheta}\Big) E\|E\Delta\bar x\|^2 + \Big(L_y^2 + \tfrac{L_{xy}}{2\vartheta}\Big) \tfrac{\sigma_f^2}{n\alpha^2}",
    because="Carries the factor 2, and keeps the consensus errors. e is the mean's error, not stacked.",
    assumptions=(P2, *A1, A5),
    about=("slam",),
    check=_check_161_repaired,
    expected=Verdict.PROVED,
)
