"""Lines of the proof of Lemma 4: (30), (31) and the display after it."""

from __future__ import annotations

from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A1, A2, A4_INNER
from spiritlevel.theory.rabo.lemmas import inner_line_witnesses as seen
from spiritlevel.theory.rabo.lemmas.proofs import pairs, positive
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def _check_30(ctx: Context) -> Finding:
    return broken(seen.eq30_witness(), "two equal clients, one holds y, T = 1: 1 - 2 beta <= 1 - 3 beta")


EQ30 = Statement(
    id="rabo/eq30",
    paper=PAPER,
    location="(30)",
    kind="lemma",
    sentence="The inner product of the proof is bounded by strong convexity, with N T/C* in front of g(y) - g(y*).",
    formula=r"-2\beta E\langle\cdot, y_q - y^*\rangle \le -\beta\mu_g \|y_q - y^*\|^2 - 2\beta \tfrac{NT}{C^*} E[g(x_q, y_{q,t}) - g(x_q, y^*)]",
    because="N/C* enlarges a sum over holders, but the term is subtracted, so 1 is the most. Besides, gradients at y_{q,t} meet y_q - y*, of "
    "g_j alone and at pruned points; which t is meant after the sum over t is not said.",
    assumptions=(A1, *A2, A4_INNER),
    check=_check_30,
    expected=Verdict.REFUTED,
)


def _check_jensen(ctx: Context) -> Finding:
    return broken(seen.jensen_witness(), "one client, T = 3, beta = 1/100: 8.82 > 5.88 (9 > 6 as beta -> 0)")


EQ31 = Statement(
    id="rabo/eq31",
    paper=PAPER,
    location="(31), first inequality",
    kind="lemma",
    sentence="The squared mean over C clients of sums of T gradients is at most 2/C times the sum of squares, plus the part at y*.",
    formula=r"\Big\|\tfrac1C \sum_j \sum_{t=1}^T (a_{jt} + b_{jt})\Big\|^2 \le \tfrac2C \sum_j \sum_t \|a_{jt}\|^2 + 2 \Big\|\tfrac1C \sum_j \sum_t b_{jt}\Big\|^2",
    because="Jensen's inequality for T summands costs a factor T, which is lost; with it, beta <= 1/(2 T l_g1) would be needed.",
    check=_check_jensen,
    expected=Verdict.REFUTED,
)


def _check_last(ctx: Context) -> Finding:
    return broken(
        seen.last_term_witness(), "g_i = (y -+ 1)^2/2, client 1 alone holds y, T = 5: T^2 = 25 > 4T = 20"
    )


EQ31_LAST = Statement(
    id="rabo/eq31-last",
    paper=PAPER,
    location="display after (31)",
    kind="lemma",
    sentence="The part at y* is at most 2 N T (sigma_g^2 + delta_g^2)/C_y*.",
    formula=r"E\Big\|\tfrac1C \sum_j \sum_t \nabla g_j(x_q^j, y^*; \xi_t^j)\Big\|^2 \le \tfrac{2NT (\sigma_g^2 + \delta_g^2)}{C_y^*}",
    because="A factor T is lost here too: deterministic parts of T steps add up, so delta_g^2 comes with T^2. Besides, it takes delta_g for a difference "
    "of gradients at x_q^j and at x_q.",
    assumptions=(A1, *A2, A4_INNER),
    check=_check_last,
    expected=Verdict.REFUTED,
)


def _check_samples(ctx: Context) -> Finding:
    return broken(
        seen.samples_witness(), "g(y; xi) = y^2/2 +- 3h(y): the samples bend down, g does not: 5 > 1/2"
    )


EQ31_SAMPLES = Statement(
    id="rabo/eq31-samples",
    paper=PAPER,
    location="(31), second inequality",
    kind="lemma",
    sentence="Samples of the gradient of g_j are cocoercive with l_g1.",
    formula=r"E\|\nabla g_j(y; \xi) - \nabla g_j(y^*; \xi)\|^2 \le 2 l_{g,1} E[g_j(y; \xi) - g_j(y^*; \xi) - \langle\nabla g_j(y^*; \xi), y - y^*\rangle]",
    because="A1 and A2 are about g_j: nothing says that samples are convex, or smooth with the same constant. Additive noise would do.",
    assumptions=(A1, *A2),
    check=_check_samples,
    expected=Verdict.REFUTED,
)


def sum_of_steps(factor: object, steps: int) -> bool:
    r"""Whether :math:`|\sum_t (a_t + b_t)|^2 \le 2 f \sum_t |a_t|^2 + 2 |\sum_t b_t|^2` is a sum of squares, for so many steps.

    Examples
    --------
    >>> sum_of_steps(3, 3), sum_of_steps(2, 3)
    (True, False)
    """
    a, b = reals(f"a0:{steps}"), reals("b")
    right = 2 * factor * sum(v**2 for v in a) + 2 * b**2  # type: ignore[operator]
    squares = [*pairs(a, 2), (1, sum(a) - b)]
    return certified(right - (sum(a) + b) ** 2, (*a, b), squares)


def _check_repaired(ctx: Context) -> Finding:
    import sympy

    sizes = range(1, ctx.pick(6, 12))
    holds = all(sum_of_steps(T, T) for T in sizes)
    T = positive("T")
    general = sympy.simplify(sympy.binomial(T, 2).expand(func=True) * 2 / T - (T - 1)) == 0
    return proved(
        holds and general,
        f"2T sum |a_t|^2 + 2|b|^2 - |a + b|^2 is the squares of a - b and of all a_s - a_t: every a_t^2 stands in T - 1 of them; expanded "
        f"for T up to {max(sizes)}",
        "no sum of squares",
    )


EQ31_REPAIRED = Statement(
    id="rabo/eq31-repaired",
    paper=PAPER,
    location="(31) and the display after it",
    kind="lemma",
    variant="repaired",
    repairs="rabo/eq31",
    sentence="The first inequality of (31) holds with 2T/C in the place of 2/C.",
    formula=r"\le \tfrac{2T}C \sum_j \sum_t \|a_{jt}\|^2 + 2 \Big\|\tfrac1C \sum_j \sum_t b_{jt}\Big\|^2",
    because="Puts the factor back.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)
