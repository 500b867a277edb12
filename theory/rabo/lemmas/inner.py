"""Lemma 4: the inner error, as printed, where it fails, where it holds, and repaired."""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.evidence import Evidence, broken
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A1, A2, A4_INNER
from spiritlevel.theory.rabo.lemmas import inner_witnesses as seen
from spiritlevel.theory.rabo.lemmas.findings import judged
from spiritlevel.theory.rabo.lemmas.lines import LEMMA_4, LEMMA_4_REPAIRED, Line, symbols
from spiritlevel.theory.rabo.lemmas.proofs import contraction, positive
from spiritlevel.theory.rabo.lemmas.random_cases import gathered, random_case
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

FORMULA = (
    r"E\|y_{q+1} - y^*(x_q)\|^2 \le (1 - \beta\mu_g) E\|y_q - y^*(x_q)\|^2 + "
    r"\tfrac{4NT\beta^2}{C_y^*} (\sigma_g^2 + \delta_g^2)"
)


def _check_coverage(ctx: Context) -> Finding:
    return broken(
        seen.coverage_witness(),
        "two clients pull y to 1 and -1, client 1 alone holds it, T = 100, beta = 1/100, from y*: 0.402 > 0.08",
    )


LEMMA4 = Statement(
    id="rabo/lem4",
    paper=PAPER,
    location="Lemma 4, (29)",
    kind="lemma",
    sentence="One round contracts the inner error by 1 - beta mu_g, up to 4 N T beta^2 (sigma_g^2 + delta_g^2)/C_y*.",
    formula=FORMULA,
    because="Clients that hold a coordinate pull it to their own minimiser, by T beta delta_g: squared, T^2 beta^2, where the bound has T beta^2. "
    "(31) loses that T twice. Read with the sign of (6) that the proof has; with the printed one y moves away from y*. It is no matter of masks, nor of "
    "whether y* is that of (1) or of (2): rabo/lem4-full.",
    assumptions=(A1, *A2, A4_INNER),
    check=_check_coverage,
    expected=Verdict.REFUTED,
)


def _check_masks(ctx: Context) -> Finding:
    return broken(
        seen.masks_witness(),
        "two equal clients, client i holds x_i and y, x = (1, 1), y = y* = 2, T = 1: y_{q+1} = 7/4, so 1/16 > 0",
    )


MASKS = Statement(
    id="rabo/lem4-masks",
    paper=PAPER,
    location="Lemma 4, (29)",
    kind="lemma",
    variant="added",
    sentence="(29) holds for equal clients under masks of x.",
    formula=FORMULA,
    because="It has no term for what pruning takes off x_q: equal clients at y* leave it, as each of them sees another x. The proof writes "
    "delta_g for the difference of gradients at different points.",
    assumptions=(A1, *A2, A4_INNER),
    check=_check_masks,
    expected=Verdict.REFUTED,
)


def _check_uncovered(ctx: Context) -> Finding:
    return broken(
        seen.uncovered_witness(), "g = |y|^2/2, y = (0, 1), nobody holds the second coordinate: 1 > 1/2"
    )


UNCOVERED = Statement(
    id="rabo/lem4-uncovered",
    paper=PAPER,
    location="Lemma 4, (29), first display of its proof",
    kind="lemma",
    variant="added",
    sentence="(29) holds for equal clients where some coordinate of y is held by nobody.",
    formula=r"E\|y_{q+1} - y^*(x_q)\|^2 = \sum_{k \in K_{q,y}} E\|y_{q+1}^k - y^*(x_q)^k\|^2",
    because="The first line of the proof drops the coordinates outside K_{q,y}; they stay, and C_y* of (13) does not see them.",
    assumptions=(A1, *A2, A4_INNER),
    check=_check_uncovered,
    expected=Verdict.REFUTED,
)


def _check_full(ctx: Context) -> Finding:
    return broken(
        seen.drift_witness(),
        "g_1' = y/1000 - 1, g_2' = y/1000 + phi(y), T = 64, from y* = 0: client 1 drifts, client 2 is held back, 223.2 > 96.04",
    )


FULL = Statement(
    id="rabo/lem4-full",
    paper=PAPER,
    location="Lemma 4, (29)",
    kind="lemma",
    variant="added",
    sentence="(29) holds with full masks and no noise, for all clients that satisfy A1, A2 and A4.",
    formula=FORMULA,
    because="Client drift: T local steps of clients with different curvature leave y*, by T beta delta_g in the limit. With equal H_i and B_i "
    "the drifts cancel; then it holds.",
    assumptions=(A1, *A2, A4_INNER),
    check=_check_full,
    expected=Verdict.REFUTED,
)


def common_contraction(line: Line) -> bool:
    r"""(29) from :math:`E|e_{q+1}|^2 \le (1-t)^{2T} |e_q|^2 + T\beta^2\sigma_g^2/N`, :math:`t = \beta\mu_g \in (0, 1]`, full masks.

    With one H and B the mean of the clients' affine maps is the map of the mean, whose gradient vanishes at y*; the
    eigenvalues of :math:`I - \beta H` lie in :math:`[0, 1 - t]`, so that T steps contract by :math:`(1-t)^{2T} \le (1-t)^2`,
    and independent noise averages out.
    """
    t, a = 1 / (1 + positive("u")), symbols()
    clients = 1 + positive("more")
    right = line.right(dataclasses.replace(a, beta=t / a.mu_g, N=clients, C_y=clients))
    noise = a.T * (t / a.mu_g) ** 2 / clients
    room = (right["lower"] - (1 - t) ** 2, right["sigma_g2"] - noise, right["delta_g2"])
    return all(map(without_minus, room)) and set(right) == {"lower", "sigma_g2", "delta_g2"}


FULL_SHAPES = (6, 4, 0, 10, 12, 16, 18, 22)
"""Numbers of random cases with full masks, one or two steps."""


def _check_common(ctx: Context) -> Finding:
    ks = FULL_SHAPES[: ctx.pick(2, 8)]
    return judged(
        common_contraction(LEMMA_4),
        gathered(ctx, LEMMA_4, ks, common=True, noisy="g"),
        "the clients' mean contracts by (1 - beta mu_g)^(2T) and its noise is T beta^2 sigma_g^2/N at most, a 4N-th of the printed term",
    )


COMMON = Statement(
    id="rabo/lem4-common",
    paper=PAPER,
    location="Lemma 4, (29)",
    kind="lemma",
    variant="added",
    sentence="(29) holds with full masks for quadratic g_i with one H and one B, for beta <= 1/l_g1.",
    formula=FORMULA,
    because="The drifts of clients with one curvature cancel in the mean. For quadratics A4 asks for just that.",
    assumptions=(A1, *A2, A4_INNER),
    about=("rabo",),
    check=_check_common,
    expected=Verdict.PROVED,
)


def _check_repaired(ctx: Context) -> Finding:
    quiet = gathered(ctx, LEMMA_4_REPAIRED, tuple(range(ctx.pick(6, 30))), common=False)
    noisy = gathered(ctx, LEMMA_4_REPAIRED, ctx.pick((1, 5), (1, 5, 6, 11, 13, 17)), common=False, noisy="g")
    both = Evidence(quiet.cases + noisy.cases, quiet.failing + noisy.failing)
    return judged(
        contraction(LEMMA_4_REPAIRED),
        both,
        "Young's inequality with c = beta mu_g in every inner step, induction over T, Jensen over the holders",
        problems=[random_case(ctx, 0, common=False).problem],
    )


LEMMA4_REPAIRED = Statement(
    id="rabo/lem4-repaired",
    paper=PAPER,
    location="Lemma 4, (29)",
    kind="lemma",
    variant="repaired",
    repairs="rabo/lem4",
    sentence="For beta <= 1/l_g1, where every coordinate of y is held by C clients, one round contracts the inner error by (1 - beta mu_g)^T, up to "
    "T N/C times beta^2 sigma_g^2 and (beta^2 + beta/mu_g) r^2, r_i the masked gradient of g_i at the submodel of (x_q, y*).",
    formula=r"(1 - \beta\mu_g)^T E\|y_q - y^*\|^2 + \tfrac{NT}{C} \big[\beta^2\sigma_g^2 + (\beta^2 + \tfrac{\beta}{\mu_g}) \tfrac1N "
    r"\textstyle\sum_i r_i^2\big], \quad r_i \le \delta_g + l_{g,1} \big(\|x_q - x_q \odot m_x^i\|^2 + \|y^* - y^* \odot m_y^i\|^2\big)^{1/2}",
    because="Keeps the drift, of order T beta delta_g^2/mu_g, and what pruning adds to it; asks for equal coverage, as otherwise averaging by "
    "coordinate need not contract. Any g_i with A1 and A2, any masks of x.",
    assumptions=(A1, *A2, A4_INNER),
    about=("rabo",),
    check=_check_repaired,
    expected=Verdict.PROVED,
)
