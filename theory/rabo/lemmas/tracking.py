"""Lemmas 6 and 8, the inner error after x has moved, and (37b)."""

from __future__ import annotations

from spiritlevel.theory.evidence import Evidence, broken
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A4_INNER, SMOOTH
from spiritlevel.theory.rabo.lemmas import proofs
from spiritlevel.theory.rabo.lemmas import tracking_witnesses as seen
from spiritlevel.theory.rabo.lemmas.findings import judged
from spiritlevel.theory.rabo.lemmas.lines import LEMMA_4_REPAIRED, LEMMA_6_REPAIRED
from spiritlevel.theory.rabo.lemmas.random_cases import gathered, random_case
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def _check_6(ctx: Context) -> Finding:
    return broken(
        seen.powers_witness(), "g = y^2/2 - 6xy/5, f = h(y), alpha = 1/40, from y = y*: 0.0013 > 0.00032"
    )


LEMMA6 = Statement(
    id="rabo/lem6",
    paper=PAPER,
    location="Lemma 6, (33)",
    kind="lemma",
    sentence="The inner error at the new x is at most 2 - 2 beta mu_g times the old one, up to (33).",
    formula=r"(2 - 2\beta\mu_g) E\|y_q - y^*\|^2 + \tfrac{8NT\beta^2}{C_y^*} (\sigma_g^2 + \delta_g^2) + 8L_y \tfrac{N}{C_x^*} (\alpha^2\sigma_f^2 + "
    r"\alpha\delta_f^2 + \alpha^2 E_h + \alpha^3 \textstyle\sum_s E\|\nabla f^s\|^2)",
    because="The square of a step of size alpha has alpha^2, not alpha^3; alpha and alpha^3 are slips, as Theorem 1 uses alpha^2. Beyond that L_y "
    "should be L_y^2 (rabo/lem6-slope), and (29), which it uses, is false.",
    assumptions=(*SMOOTH, A4_INNER),
    check=_check_6,
    expected=Verdict.REFUTED,
)


def _check_slope(ctx: Context) -> Finding:
    return broken(
        seen.slope_witness(),
        "slope of y* 9.24, L_y = 9.76, alpha = 1/1000, from y = y*: 0.0073 > 0.0067",
    )


SLOPE = Statement(
    id="rabo/lem6-slope",
    paper=PAPER,
    location="proof of Lemma 6; (33) as Theorem 1 uses it",
    kind="lemma",
    variant="added",
    sentence="(33) holds with its slips mended, alpha^2 in all its terms, as the proof of Theorem 1 uses it.",
    formula=r"\dots + 8L_y\alpha^2 \tfrac{N}{C_x^*} (\sigma_f^2 + \delta_f^2 + E_h + \textstyle\sum_s E\|\nabla f^s\|^2)",
    because="(21) squared has L_y^2; L_y is printed, which is too small once y* is steep. With it Theorem 1's 8 M_f alpha^2 becomes 8 M_f L_y alpha^2.",
    assumptions=(*SMOOTH, A4_INNER),
    check=_check_slope,
    expected=Verdict.REFUTED,
)


def _check_line(ctx: Context) -> Finding:
    return broken(
        seen.line_witness(), "slope of y* 3.23, L_y = 3.77: |y* moved|^2 = 10.4 |x moved|^2 > 2 L_y = 7.5"
    )


LINE = Statement(
    id="rabo/lem6-line",
    paper=PAPER,
    location="proof of Lemma 6, line 2",
    kind="lemma",
    sentence="2 |y*(x_q) - y*(x_{q+1})|^2 is at most 2 L_y |x_{q+1} - x_q|^2.",
    formula=r"2E\|y_{q+1} - y^*(x_q)\|^2 + 2E\|y^*(x_q) - y^*(x_{q+1})\|^2 \le 2E\|y_{q+1} - y^*(x_q)\|^2 + 2L_y E\|x_{q+1} - x_q\|^2",
    because="L_y^2 belongs where L_y stands. The lines after it sum the whole |x_{q+1} - x_q|^2 over s, for its coordinates.",
    assumptions=SMOOTH,
    check=_check_line,
    expected=Verdict.REFUTED,
)


def _tracked(ctx: Context, name: str) -> Finding:
    quiet = gathered(ctx, LEMMA_6_REPAIRED, ctx.pick((0, 1, 2, 3), tuple(range(18))), name, common=False)
    noisy = gathered(
        ctx, LEMMA_6_REPAIRED, ctx.pick((4, 5), (1, 4, 5, 10, 13)), name, common=False, noisy="g"
    )
    return judged(
        proofs.contraction(LEMMA_4_REPAIRED) and proofs.tracking(LEMMA_6_REPAIRED, LEMMA_4_REPAIRED),
        Evidence(quiet.cases + noisy.cases, quiet.failing + noisy.failing),
        "Young's inequality with c = beta mu_g/2, (21), and the repaired (29)",
        problems=[random_case(ctx, 0, common=False).problem],
    )


TRACKED = (
    r"\big(1 + \tfrac{\beta\mu_g}2\big) \Big[(1 - \beta\mu_g)^T E\|y_q - y^*(x_q)\|^2 + \tfrac{NT}{C} \big(\beta^2\sigma_g^2 + (\beta^2 + "
    r"\tfrac\beta{\mu_g}) \overline{r^2}\big)\Big] + \big(1 + \tfrac{2}{\beta\mu_g}\big) L_y^2 E\|x_{q+1} - x_q\|^2"
)


def _check_6_repaired(ctx: Context) -> Finding:
    return _tracked(ctx, "rabo")


LEMMA6_REPAIRED = Statement(
    id="rabo/lem6-repaired",
    paper=PAPER,
    location="Lemma 6, (33)",
    kind="lemma",
    variant="repaired",
    repairs="rabo/lem6",
    sentence="Under the repaired Lemma 4's conditions the inner error at the new x is at most 1 + beta mu_g/2 times its bound, plus (1 + 2/(beta mu_g)) "
    "L_y^2 times the squared move of x; so the old error's factor is at most 1 - beta mu_g/2.",
    formula=TRACKED,
    because="L_y^2, and Young's constant beta mu_g/2 in the place of 1, whose factor 2 - 2 beta mu_g is below 1 for no beta <= 1/(2 l_g1).",
    assumptions=(*SMOOTH, A4_INNER),
    about=("rabo",),
    check=_check_6_repaired,
    expected=Verdict.PROVED,
)


def _check_8(ctx: Context) -> Finding:
    return broken(
        seen.eighth_witness(), "g = y^2/2 - 6xy/5, f = h(y), alpha = 1/40, mu = 1/10: 0.0013 > 0.0005"
    )


LEMMA8 = Statement(
    id="rabo/lem8",
    paper=PAPER,
    location="Lemma 8, (36)",
    kind="lemma",
    sentence="For RAFBO the inner error at the new x is bounded by (36).",
    formula=r"(2 - 2\beta\mu_g) E\|y_q - y^*\|^2 + \tfrac{8NT\beta^2}{C_y^*} (\sigma_g^2 + \delta_g^2) + 10L_y \tfrac{N}{C_x^*} (\alpha^2\sigma_J^2 + "
    r"\alpha^2\sigma_f^2 + \alpha\delta_f^2 + \alpha^2 E_h + \alpha^3 \textstyle\sum_{s \in K_{q,y}} E\|\nabla f^s\|^2)",
    because="It has alpha^3 and L_y where the square of a step asks for alpha^2 and L_y^2, as (33) (rabo/lem6). It sums gradients in x over coordinates of "
    "y, K_{q,y}, and has no proof.",
    assumptions=(*SMOOTH, A4_INNER),
    check=_check_8,
    expected=Verdict.REFUTED,
)


def _check_8_repaired(ctx: Context) -> Finding:
    return _tracked(ctx, "rafbo")


LEMMA8_REPAIRED = Statement(
    id="rabo/lem8-repaired",
    paper=PAPER,
    location="Lemma 8, (36)",
    kind="lemma",
    variant="repaired",
    repairs="rabo/lem8",
    sentence="The repaired Lemma 6 holds for RAFBO.",
    formula=TRACKED,
    because="It does not ask how x is moved.",
    assumptions=(*SMOOTH, A4_INNER),
    about=("rafbo",),
    check=_check_8_repaired,
    expected=Verdict.PROVED,
)


def _check_b(ctx: Context) -> Finding:
    return broken(
        seen.factor_witness(),
        "5 alpha M_f^2/2 becomes 2 alpha M_f^2; f = h(x), g = y^2/2, y = 1, beta = 1/100, alpha = 1/12: (29/6)(99/100)^2 - 2 = 2.74 > (14/3)(99/100) - 2 = 2.62",
    )


EQ37B = Statement(
    id="rabo/eq37b",
    paper=PAPER,
    location="line after (37b)",
    kind="lemma",
    sentence="(37b) is bounded with 2 alpha M_f^2 + 2 M_f/L_y in front of Lemma 4's bound.",
    formula=r"\big(\tfrac52\alpha M_f^2 + 2\tfrac{M_f}{L_y}\big) E\|y_{q+1} - y^*\|^2 - \dots \le \big(2\alpha M_f^2 + 2\tfrac{M_f}{L_y}\big) \big((1 - \beta\mu_g) E\|y_q - y^*\|^2 + \dots\big) - \dots",
    because="A slip, copied from (34b): 5/2 became 2. Two displays later 5/2 is back, the final sum has 2 and the first of the two alpha-hats again; the "
    "condition on beta changes with it.",
    check=_check_b,
    expected=Verdict.REFUTED,
)
