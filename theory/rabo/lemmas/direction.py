"""The bounds on U_1 and U_2 in the proof of Lemma 5, and the display that leads to them."""

from __future__ import annotations

from spiritlevel.theory.evidence import broken
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A4_LOCAL, SMOOTH
from spiritlevel.theory.rabo.lemmas import direction_witnesses as seen
from spiritlevel.theory.rabo.lemmas import proofs
from spiritlevel.theory.rabo.lemmas.findings import judged
from spiritlevel.theory.rabo.lemmas.lines import U_1, U_2
from spiritlevel.theory.rabo.lemmas.random_cases import gathered
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

U1_FORMULA = r"\sum_{s \in K} E\|x_{q+1}^s - x_q^s\|^2 \le 4\alpha^2 \tfrac{N}{C_x^*} \big(\sigma_f^2 + \delta_f^2 + E_h + \textstyle\sum_s E\|\nabla f^s\|^2\big)"


def _check_brackets(ctx: Context) -> Finding:
    return broken(
        seen.telescope_witness(), "without noise and masks all brackets are 0, the hypergradient is 1"
    )


BRACKETS = Statement(
    id="rabo/u1-brackets",
    paper=PAPER,
    location="display before the bound on U_1",
    kind="identity",
    sentence="The sampled hypergradient is the sum of its three differences: from its mean, from that at the full model, and from the mean's.",
    formula=r"\nabla f_n(x_q^n, y_{q+1}^n; \zeta) = [\cdot] + [\cdot] + \nabla f_n^s(x_q, y_{q+1}) - \nabla f_n^s(x_q, y_{q+1})",
    because="The last difference is of a thing from itself: nabla f for nabla f_n, and nabla f itself added, are what is bounded. A slip; the bound is what the right brackets give.",
    check=_check_brackets,
    expected=Verdict.REFUTED,
)


def _check_u1(ctx: Context) -> Finding:
    return broken(
        seen.pruned_step_witness(),
        "two equal clients from y_0 = 0, where w_2 = 0: E_h = 0 and the bound is 0, but y_1 is pruned and x moves by alpha/2 (1/4 of alpha with submodel derivatives)",
    )


U1 = Statement(
    id="rabo/u1",
    paper=PAPER,
    location="bound on U_1; Assumption 5, (19)",
    kind="bound",
    sentence="x moves by 4 alpha^2 N/C times sigma_f^2, delta_f^2, E_h and |grad f|^2 at most, in mean square.",
    formula=U1_FORMULA,
    because="The slip of rabo/lem2: (19) bounds what the masks of round q take off y_q, and y_{q+1} is what is pruned. With (19) for y_{q+1} it is true: rabo/u1-repaired.",
    assumptions=SMOOTH,
    check=_check_u1,
    expected=Verdict.REFUTED,
)


def _check_u1_repaired(ctx: Context) -> Finding:
    return judged(
        proofs.step(U_1),
        gathered(ctx, U_1, ctx.pick((0, 1, 2, 3), tuple(range(12))), noisy="f"),
        "four parts, Jensen over the holders; the last part needs no N/C",
    )


U1_REPAIRED = Statement(
    id="rabo/u1-repaired",
    paper=PAPER,
    location="bound on U_1",
    kind="bound",
    variant="repaired",
    repairs="rabo/u1",
    sentence="With (19) for y_{q+1} in E_h, A3 and (16) for the hypergradient (7) and its full derivatives, x moves by 4 alpha^2 N/C times sigma_f^2, delta_f^2, E_h "
    "and |grad f|^2 at most, in mean square.",
    formula=U1_FORMULA,
    because="nabla f_n is the hypergradient throughout the proof; E_h is that of the repaired Lemma 2, of the y that is pruned.",
    assumptions=(*SMOOTH, A4_LOCAL),
    about=("rabo",),
    check=_check_u1_repaired,
    expected=Verdict.PROVED,
)


def _check_u2(ctx: Context) -> Finding:
    return judged(
        proofs.direction(U_2, "direction2"),
        gathered(ctx, U_2, ctx.pick((0, 1, 2, 3), tuple(range(12))), noisy="f"),
        "four parts, Jensen over the holders; (22) for the means",
    )


U2 = Statement(
    id="rabo/u2",
    paper=PAPER,
    location="bound on U_2",
    kind="bound",
    sentence="With A3 and (16) for the hypergradient (7), compared with (7) of the means, and with (19) for y_{q+1} in E_h, the bound on U_2 holds.",
    formula=r"\tfrac\alpha2 E\|h - \nabla\Phi\|_K^2 \le 2\alpha \tfrac{N}{C_x^*} (\sigma_f^2 + E_h + \delta_f^2) + 2\alpha M_f^2 E\|y_{q+1} - y^*(x_q)\|^2",
    because="The one reading of nabla f in (14), (16) and U_2 under which it is true, with the E_h of rabo/lem2-repaired. Other readings: rabo/lem1-mean, rabo/u2-plain.",
    assumptions=(*SMOOTH, A4_LOCAL),
    about=("rabo",),
    check=_check_u2,
    expected=Verdict.PROVED,
)


def _check_plain(ctx: Context) -> Finding:
    return broken(
        seen.plain_noise_witness(),
        "f = 0, samples y and -y, g = y^2/2 - bxy, b = 42/13: noise b^2 = 10.4 of (7) against 4 sigma_f^2 = 4",
    )


U2_PLAIN = Statement(
    id="rabo/u2-plain",
    paper=PAPER,
    location="bound on U_2, with (14) for plain gradients",
    kind="bound",
    variant="added",
    sentence="The bound on U_2 holds with A3 for the plain gradient of f_i.",
    formula=r"\tfrac\alpha2 E\|h - \nabla\Phi\|_K^2 \le 2\alpha \tfrac{N}{C_x^*} (\sigma_f^2 + E_h + \delta_f^2) + 2\alpha M_f^2 E\|y_{q+1} - y^*(x_q)\|^2",
    because="(7) sends noise of the gradient in y through dy*/dx, which multiplies it by up to L_y; so (1 + L_y)^2 sigma_f^2 would be needed.",
    assumptions=SMOOTH,
    check=_check_plain,
    expected=Verdict.REFUTED,
)
