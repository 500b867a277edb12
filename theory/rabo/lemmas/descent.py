"""Lemmas 5 and 7: descent of Phi in one round, as printed, and with what can be proved."""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.evidence import Evidence, broken
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A4_LOCAL, SMOOTH
from spiritlevel.theory.rabo.lemmas import descent_witnesses as seen
from spiritlevel.theory.rabo.lemmas import proofs
from spiritlevel.theory.rabo.lemmas.findings import judged
from spiritlevel.theory.rabo.lemmas.lines import (
    DESCENT,
    DESCENT_IN_MEAN,
    LEMMA_5,
    LEMMA_5_REPAIRED,
    LEMMA_5_UNBIASED,
    LEMMA_7_REPAIRED,
    Line,
    symbols,
)
from spiritlevel.theory.rabo.lemmas.random_cases import gathered
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

PRINTED = (
    r"-\tfrac\alpha2 \sum_{s \in K} E\|\nabla\Phi^s(x_q)\|^2 + \tfrac{\alpha N}{C_x^*} (2 - \alpha + \alpha L_f) \sigma_f^2 + "
    r"\tfrac{\alpha N}{C_x^*} (1 + L_f) \delta_f^2 + \tfrac{2\alpha N}{C_x^*} (1 - \alpha + \alpha L_f) E_h + "
    r"(-\alpha^3 + \alpha^3 L_f) \tfrac{N}{C_x^*} \sum_{s \in K} E\|\nabla f^s(x_q, y_{q+1})\|^2 + 2\alpha M_f^2 E\|y_{q+1} - y^*(x_q)\|^2"
)


def _check_5(ctx: Context) -> Finding:
    return broken(
        seen.small_witness(),
        "f = h(x)/100, g = y^2/2, alpha = 8 <= 25/3, a gradient step gains 0.0008, (32) asks for 0.0496",
    )


LEMMA5 = Statement(
    id="rabo/lem5",
    paper=PAPER,
    location="Lemma 5, (32)",
    kind="lemma",
    sentence="One round of RABO lowers Phi by (32).",
    formula=PRINTED,
    because="False where L_f < 1: -alpha^3 (1 - L_f) promises a descent that is no descent of a gradient step. Its units are wrong, so that any "
    "problem breaks it in suitable units; it is not what its proof ends with. Where L_f >= 1 it holds: rabo/lem5-large.",
    assumptions=SMOOTH,
    check=_check_5,
    expected=Verdict.REFUTED,
)


def weaker(printed: Line, repaired: Line) -> bool:
    """Whether every coefficient on the right of ``printed`` is at least that of ``repaired``, for all L_f >= 1.

    Examples
    --------
    >>> weaker(LEMMA_5, LEMMA_5_REPAIRED), weaker(LEMMA_5, LEMMA_7_REPAIRED)
    (True, False)
    """
    a = dataclasses.replace(symbols(), L_f=1 + proofs.positive("above_1"))
    left, right = printed.right(a), repaired.right(a)
    return all(without_minus(left.get(term, 0) - right.get(term, 0)) for term in {**left, **right})


def _check_large(ctx: Context) -> Finding:
    good = weaker(LEMMA_5, LEMMA_5_REPAIRED)
    repaired = _check_repaired(ctx)
    proved = good and repaired.verdict is Verdict.PROVED
    return Finding(
        verdict=Verdict.PROVED if proved else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="no coefficient of (32) is below that of the repaired Lemma 5 once L_f >= 1; the latter: "
        + repaired.summary
        if proved
        else f"(32) is the weaker one: {good}; the repaired Lemma 5: {repaired.verdict.value}",
        cases=repaired.cases,
        audit=repaired.audit,
    )


LEMMA5_LARGE = Statement(
    id="rabo/lem5-large",
    paper=PAPER,
    location="Lemma 5, (32)",
    kind="lemma",
    variant="added",
    sentence="(32) holds where L_f >= 1 and alpha <= 1/L_f.",
    formula=PRINTED,
    because="In favour of (32): a Lipschitz constant can be enlarged to 1, and then (32) is weaker than rabo/lem5-repaired, in that lemma's reading. That choice is not made, and "
    "Theorem 1 does not use (32).",
    assumptions=(*SMOOTH, A4_LOCAL),
    about=("rabo",),
    check=_check_large,
    expected=Verdict.PROVED,
)


def _check_7(ctx: Context) -> Finding:
    return broken(
        seen.opposed_witness(),
        "f = 2 h(x) + h(y - 1/4), g = (y - x)^2/2, L_f = 18: RAFBO stays at x = y = -1/4, where (35) asks for a descent of 0.005 at alpha = 1/100",
    )


LEMMA7 = Statement(
    id="rabo/lem7",
    paper=PAPER,
    location="Lemma 7, (35)",
    kind="lemma",
    sentence="One round of RAFBO lowers Phi by (35), which is (32).",
    formula=PRINTED,
    because="It has no sigma_J^2: it says that finite differences cost nothing, as its proof does not, and is false where L_f >= 1 too. Where L_f < 1 it fails as (32) does. "
    "The proof writes the exact hypergradient in U_2'.",
    assumptions=SMOOTH,
    check=_check_7,
    expected=Verdict.REFUTED,
)


def _check_end(ctx: Context) -> Finding:
    return broken(
        seen.end_witness(),
        "f = h(x), g = y^2/2, alpha = 1/12: a gradient step gains alpha, the proof asks for 11 alpha/6",
    )


LEMMA5_END = Statement(
    id="rabo/lem5-end",
    paper=PAPER,
    location="end of the proof of Lemma 5",
    kind="lemma",
    sentence="One round of RABO lowers Phi by what the proof of Lemma 5 ends with.",
    formula=r"-\tfrac\alpha2 \|\nabla\Phi\|_K^2 + \tfrac{2L_f\alpha^2 N}{C_x^*} (\sigma_f^2 + \delta_f^2 + E_h) + (-2\alpha + 2L_f\alpha^2) "
    r"\tfrac{N}{C_x^*} \|\nabla f\|_K^2 + 2\alpha M_f^2 \|y_{q+1} - y^*\|^2",
    because="Without noise, masks and inner error a step of size alpha gains alpha |grad Phi|^2 at most, and the end asks for 5 alpha/2 of it as "
    "alpha -> 0. The cause is the sign of U_1's coefficient. Theorem 1 uses this form.",
    assumptions=SMOOTH,
    check=_check_end,
    expected=Verdict.REFUTED,
)


def _check_end_7(ctx: Context) -> Finding:
    return broken(seen.end_witness(5), "the same step gains alpha, the proof asks for 13 alpha/6")


LEMMA7_END = Statement(
    id="rabo/lem7-end",
    paper=PAPER,
    location="end of the proof of Lemma 7",
    kind="lemma",
    sentence="One round of RAFBO lowers Phi by what the proof of Lemma 7 ends with.",
    formula=r"\dots + \tfrac{5L_f\alpha^2 N}{2C_x^*} (\sigma_J^2 + \sigma_f^2 + \delta_f^2 + E_h) + (-\tfrac52\alpha + \tfrac52 L_f\alpha^2) "
    r"\tfrac{N}{C_x^*} \|\nabla f\|_K^2 + \tfrac52 \alpha M_f^2 \|y_{q+1} - y^*\|^2",
    because="Without noise, masks and inner error a step of size alpha gains alpha |grad Phi|^2 at most, and the end asks for more as alpha -> 0, as that "
    "of Lemma 5 does (rabo/lem5-end).",
    assumptions=SMOOTH,
    check=_check_end_7,
    expected=Verdict.REFUTED,
)


def _both(ctx: Context, lines: tuple[Line, ...], name: str = "rabo") -> Evidence:
    """With noise and without it."""
    quiet, noisy = ctx.pick((0, 1, 2, 3), tuple(range(18))), ctx.pick((4, 5, 3), tuple(range(12)))
    each = [
        gathered(ctx, line, ks, name, noisy=how) for line in lines for how, ks in (("", quiet), ("f", noisy))
    ]
    return Evidence(sum(e.cases for e in each), sum(e.failing for e in each))


def _check_repaired(ctx: Context) -> Finding:
    return judged(
        proofs.descent(DESCENT) and proofs.direction(LEMMA_5_REPAIRED, "direction2", over=DESCENT),
        _both(ctx, (LEMMA_5_REPAIRED,)),
        "polarisation leaves (alpha/2)(1 - L_f alpha)|h|^2 to spare; U_2 by Jensen",
    )


LEMMA5_REPAIRED = Statement(
    id="rabo/lem5-repaired",
    paper=PAPER,
    location="Lemma 5, (32)",
    kind="lemma",
    variant="repaired",
    repairs="rabo/lem5",
    sentence="For alpha <= 1/L_f one round lowers Phi by alpha/2 |grad Phi|^2 on K up to 2 alpha N/C (sigma_f^2 + delta_f^2 + E_h) and "
    "2 alpha M_f^2 |y_{q+1} - y*|^2.",
    formula=r"E\Phi(x_{q+1}) - E\Phi(x_q) \le -\tfrac\alpha2 E\|\nabla\Phi\|_K^2 + 2\alpha \tfrac{N}{C_x^*} (\sigma_f^2 + \delta_f^2 + E_h) + "
    r"2\alpha M_f^2 E\|y_{q+1} - y^*(x_q)\|^2",
    because="Drops U_1, whose coefficient is negative, in the place of a bound on it: divided by alpha, the errors do not vanish with alpha. sigma_f and "
    "delta_f are those of (7), which has full derivatives and is compared with (7) of the means.",
    assumptions=(*SMOOTH, A4_LOCAL),
    about=("rabo",),
    check=_check_repaired,
    expected=Verdict.PROVED,
)


def _check_unbiased(ctx: Context) -> Finding:
    return judged(
        proofs.descent_in_mean(DESCENT_IN_MEAN)
        and proofs.direction(LEMMA_5_UNBIASED, "bias2", over=DESCENT_IN_MEAN),
        _both(ctx, (DESCENT_IN_MEAN, LEMMA_5_UNBIASED)),
        "the same for the mean of h; independent noise of the holders adds N sigma_f^2/C^2 to its square",
    )


LEMMA5_UNBIASED = Statement(
    id="rabo/lem5-unbiased-repaired",
    paper=PAPER,
    location="Lemma 5, (32)",
    kind="lemma",
    variant="repaired",
    repairs="rabo/lem5",
    sentence="With noise that is independent over clients the share of sigma_f^2 is L_f alpha^2 N/(2 C^2), of order alpha^2; those of delta_f^2, E_h and the "
    "inner error are 3/2 in the place of 2.",
    formula=r"-\tfrac\alpha2 E\|\nabla\Phi\|_K^2 + \tfrac{L_f\alpha^2 N}{2 {C_x^*}^2} \sigma_f^2 + \tfrac{3\alpha}2 \tfrac{N}{C_x^*} (\delta_f^2 + E_h) + "
    r"\tfrac{3\alpha}2 M_f^2 E\|y_{q+1} - y^*(x_q)\|^2",
    because="Uses that samples are unbiased (A3), where the proof has Jensen's inequality: so noise alone leaves no floor, heterogeneity and pruning do.",
    assumptions=(*SMOOTH, A4_LOCAL),
    about=("rabo",),
    check=_check_unbiased,
    expected=Verdict.PROVED,
)


def _check_7_repaired(ctx: Context) -> Finding:
    return judged(
        proofs.descent(DESCENT) and proofs.direction(LEMMA_7_REPAIRED, "direction2", over=DESCENT),
        _both(ctx, (LEMMA_7_REPAIRED,), "rafbo"),
        "as for RABO, with five parts",
    )


LEMMA7_REPAIRED = Statement(
    id="rabo/lem7-repaired",
    paper=PAPER,
    location="Lemma 7, (35)",
    kind="lemma",
    variant="repaired",
    repairs="rabo/lem7",
    sentence="For alpha <= 1/L_f one round of RAFBO lowers Phi by alpha/2 |grad Phi|^2 on K up to 5 alpha/2 times N/C (sigma_J^2 + sigma_f^2 + delta_f^2 + "
    "E_h) + M_f^2 |y_{q+1} - y*|^2, with the true squared error of Algorithm 2 for sigma_J^2.",
    formula=r"-\tfrac\alpha2 E\|\nabla\Phi\|_K^2 + \tfrac{5\alpha}2 \tfrac{N}{C_x^*} (\sigma_J^2 + \sigma_f^2 + \delta_f^2 + E_h) + "
    r"\tfrac{5\alpha}2 M_f^2 E\|y_{q+1} - y^*(x_q)\|^2",
    because="As the repaired Lemma 5. For RAFBO as printed sigma_J^2 does not vanish with mu (Lemma 3).",
    assumptions=(*SMOOTH, A4_LOCAL),
    about=("rafbo",),
    check=_check_7_repaired,
    expected=Verdict.PROVED,
)
