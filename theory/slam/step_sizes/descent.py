r"""(162) to (168): when the potential descends, C_1 > 0 and C_2 < 0, and how alpha/beta must grow with n.

:math:`C_2 = \frac{8L_{yc}^2}{\alpha} + (1 - \frac{\rho_g}{\beta})(1 + \theta' + \frac{\vartheta L_{xy} D_x}{4\alpha^2}) - 1`. The Young constant
:math:`\theta'` of (161) is the proof's own choice, :math:`2(m+1)nL_y^2/\alpha`; it leaves :math:`\frac{L_y^2}{4\theta'}` for the move of x.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.step_sizes.point import bracket
from spiritlevel.theory.slam.step_sizes.witnesses import DECREASE, decrease_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def first(alpha: Any, n: Any, m: Any, L_f: Any, L_y: Any, bend: Any, choice: Any) -> Any:
    r"""(163): what must be positive; ``bend`` is :math:`L_{xy}/(4\vartheta)`, ``choice`` is theta'.

    Examples
    --------
    >>> first(8, 2, 1, 1, 1, 0, 1)  # alpha/2 - 1/2 - 1 - 1/4
    2.25
    """
    return alpha / 2 - (L_f / 2 + (m + 1) / n * (L_y**2 + L_y**2 / (4 * choice) + bend))


def printed_choice(alpha: Any, n: Any, m: Any, L_y: Any) -> Any:
    """theta' of (161)."""
    return 2 * (m + 1) * n * L_y**2 / alpha


def lean_choice(alpha: Any, n: Any, m: Any, L_y: Any) -> Any:
    r"""A theta' without n: with the :math:`L_y^2/\theta'` that (161) needs it leaves alpha/8 for the move of the mean."""
    return 8 * (m + 1) * L_y**2 / alpha


def descends(factor: Fraction, choice: Any) -> bool:
    """Whether alpha above ``factor`` times (L_f/2 + (m+1)/n (L_y^2 + bend)) makes (163) positive, for all n and m."""
    import sympy as sp

    more, m, L_f, L_y, bend, room = sp.symbols("more m L_f L_y bend room", positive=True)
    n = 1 + more
    alpha = sp.Rational(factor) * (L_f / 2 + (m + 1) / n * (L_y**2 + bend)) + room
    value = first(alpha, n, m, L_f, L_y, bend, choice(alpha, n, m, L_y))
    return all(without_minus(each) for each in (value, value.subs(more, 0)))


def _check_first(ctx: Context) -> Finding:
    good, sharp = descends(Fraction(4), printed_choice), descends(Fraction(8, 3), printed_choice)
    low = descends(Fraction(2), printed_choice)
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"alpha/2 - alpha/(8n^2) >= 3 alpha/8: no minus is left with (164)'s factor 4 ({good}), nor with 8/3 ({sharp}); one is with 2 ({not low})",
        cases=3,
    )


FIRST = Statement(
    id="slam/C1",
    paper=PAPER,
    location="(163), (164)",
    kind="step size",
    sentence="(164) gives C_1 > 0.",
    formula=r"\alpha > 4\big(\tfrac{L_f}{2} + \tfrac{m+1}{n} L_y^2 + \tfrac{(m+1)L_{xy}}{4n\vartheta}\big) \Rightarrow C_1 > 0",
    check=_check_first,
    expected=Verdict.PROVED,
)


def _check_second(ctx: Context) -> Finding:
    found = {form: recheck(decrease_witness(form)) for form in DECREASE}
    stands = {form: report.ok for form, report in found.items()}
    values = {form: report.last.values[0].split(" (")[0].split(" <")[0] for form, report in found.items()}
    told = ", ".join(
        f"{form} {float(Fraction(v)):.4f} at beta = {DECREASE[form][1]}" for form, v in values.items()
    )
    equal = float(bracket(1000, 1000, 1, 18, 8, 0))
    return Finding(
        verdict=Verdict.REFUTED if stands["(167)"] else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"n = 8, m = 1, L_y = 1/2, L_yc^2 = 9/4, rho_g = 1, alpha = 1000: C_2 is {told}, each allowed; {equal:.3f} for beta = alpha",
        numbers={f"C_2, {form}": value for form, value in values.items()} | {"C_2, alpha = beta": equal},
        cases=len(found),
        witness=decrease_witness() if stands["(167)"] else None,
    )


SECOND = Statement(
    id="slam/C2",
    paper=PAPER,
    location="(165)-(168)",
    kind="step size",
    sentence="(167) gives C_2 < 0.",
    formula=r"\beta < \frac{\rho_g (\alpha + 2(m+1)nL_y^2 + \vartheta L_{xy} D_x/(4\alpha))}{2(L_y^2 + 4L_{yc}^2)} \Rightarrow C_2 < 0",
    because="(165) has 2 L_yc^2 where C_2 has 8 L_yc^2; (166) drops n from 2(m+1)n L_y^2 in the denominator; (167) bounds the right side of (166) from above, so that "
    "it is weaker than (166), not stronger. Each alone is wrong.",
    check=_check_second,
    expected=Verdict.REFUTED,
)


def _check_exact(ctx: Context) -> Finding:
    import sympy as sp

    alpha, beta, rho_g, E, k, slack = sp.symbols("alpha beta rho_g E k slack", positive=True)
    bound = rho_g * (alpha**2 + k * alpha + slack) / (E * alpha + k * alpha + slack)
    same = sp.simplify(
        bracket(alpha, beta, rho_g, E, k, slack)
        - (E * alpha + k * alpha + slack) / alpha**2 * (1 - bound / beta)
    )
    simple = sp.simplify(bound.subs(slack, 0) - rho_g * (alpha + k) / (E + k)) == 0
    return Finding(
        verdict=Verdict.PROVED if same == 0 and simple else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="C_2 = (8 L_yc^2 alpha + k alpha + delta)/alpha^2 (1 - bound/beta) identically, with k = 2(m+1)n L_y^2, delta = theta L_xy D_x/4"
        if same == 0
        else f"the two differ by {same}",
    )


SECOND_REPAIRED = Statement(
    id="slam/C2-repaired",
    paper=PAPER,
    location="(165)-(167)",
    kind="step size",
    variant="repaired",
    repairs="slam/C2",
    sentence="C_2 < 0 exactly if beta < rho_g (alpha^2 + k alpha + delta)/(8 L_yc^2 alpha + k alpha + delta), with k = 2(m+1)n L_y^2 and delta = theta L_xy D_x/4.",
    formula=r"\beta < \frac{\rho_g(\alpha^2 + 2(m+1)nL_y^2\,\alpha + \delta)}{8L_{yc}^2\,\alpha + 2(m+1)nL_y^2\,\alpha + \delta},\quad "
    r"\delta = \tfrac14\vartheta L_{xy} D_x",
    because="8 for 2, n kept, and nothing dropped.",
    check=_check_exact,
    expected=Verdict.PROVED,
)


def limit_of(choice: Any) -> Any:
    """alpha C_2 for alpha to infinity with alpha = r beta, as an expression in n, m, r, rho_g, L_y and E = 8 L_yc^2."""
    import sympy as sp

    n, m, r, rho_g, L_y, E, slack, alpha = sp.symbols("n m r rho_g L_y E slack alpha", positive=True)
    growth = sp.simplify(choice(alpha, n, m, L_y) * alpha)
    value = sp.expand(alpha * bracket(alpha, alpha / r, rho_g, E, growth, slack))
    return sp.collect(sp.expand(sp.limit(value, alpha, sp.oo)), L_y)


def _check_ratio(ctx: Context) -> Finding:
    import sympy as sp

    far = limit_of(printed_choice)
    n, r = sp.symbols("n r", positive=True)
    threshold = sp.solve(far, r)[0]
    grows = sp.limit(threshold, n, sp.oo) == sp.oo
    agents = next(k for k in range(1, 10**4) if bracket(10**6, 10**6 / 20, 1, 0, 2 * 2 * k / 4, 0) > 0)
    return Finding(
        verdict=Verdict.REFUTED if grows else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary=f"alpha C_2 -> {far} for alpha = r beta, E = 8 L_yc^2: r must exceed {threshold}; at r = 20, L_y = 1/2, rho_g = m = 1 even without L_yc C_2 > 0 "
        f"from n = {agents} on (alpha = 10^6)",
        numbers={"limit": str(far), "least ratio": str(threshold), "first n at ratio 20": agents},
        cases=2,
    )


RATIO = Statement(
    id="slam/C2-ratio",
    paper=PAPER,
    location="Remark 2, (162)-(168)",
    kind="step size",
    variant="added",
    sentence="The proof's condition C_2 < 0 allows a ratio alpha/beta that does not depend on n, for a family of problems with fixed constants and alpha, beta large.",
    formula=r"\tfrac\alpha\beta > \frac{8L_{yc}^2 + 2(m+1)nL_y^2}{\rho_g}",
    because="theta' = 2(m+1)n L_y^2/alpha grows with n. In practice one time scale suffices (slam/single-timescale-repaired), and another theta' repairs "
    "the proof (slam/C2-choice).",
    check=_check_ratio,
    expected=Verdict.REFUTED,
)


def mean_bracket(alpha: Any, r: Any, choice: Any) -> Any:
    r"""C_2 for errors of the mean, by (161) as it holds, with alpha = r beta and :math:`\kappa = \rho_g/(2\beta)` for the deviations."""
    import sympy as sp

    rho_g, E, slack = sp.symbols("rho_g E slack", positive=True)
    beta = alpha / r
    kept = (1 + rho_g / (2 * beta)) * (1 - rho_g / beta)
    return E / alpha + kept * (1 + choice + slack / alpha**2) - 1


def _check_choice(ctx: Context) -> Finding:
    import sympy as sp

    n, m, L_y, r, alpha = sp.symbols("n m L_y r alpha", positive=True)
    L_f, bend, room = sp.symbols("L_f bend room", positive=True)
    choice = lean_choice(alpha, n, m, L_y)
    far = sp.limit(sp.expand(alpha * mean_bracket(alpha, r, choice)), alpha, sp.oo)
    threshold = sp.factor(sp.solve(far, r)[0])
    least = sp.Rational(8, 3) * (L_f / 2 + (m + 1) * (L_y**2 + bend)) + room
    kept = alpha / 2 - (L_f / 2 + (m + 1) * (L_y**2 + L_y**2 / choice + bend))
    good = without_minus(kept.subs(alpha, least))
    free = not threshold.has(n)
    return Finding(
        verdict=Verdict.PROVED if good and free else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"alpha C_2 -> {far}: alpha/beta above {threshold}, E = 8 L_yc^2; of alpha/2 the move of the mean keeps 3/8",
        numbers={"least ratio": str(threshold), "limit": str(far)},
        cases=2,
    )


CHOICE = Statement(
    id="slam/C2-choice",
    paper=PAPER,
    location="(161)-(168)",
    kind="step size",
    variant="repaired",
    repairs="slam/C2-ratio",
    sentence="With (161) as it holds, the weight m+1 on the squared errors of the mean of y, theta' = 8(m+1)L_y^2/alpha and kappa = rho_g/(2 beta), "
    "C_1 > 0 for alpha > 8/3 (L_f/2 + (m+1)(L_y^2 + L_xy/(2 vartheta))), and for large alpha C_2 < 0 once alpha/beta > 2 (8 L_yc^2 + 8(m+1)L_y^2)/rho_g.",
    formula=r"\theta' = \frac{8(m+1)L_y^2}{\alpha}",
    because="theta' needs no n: one ratio alpha/beta serves all n. Uses the recursion of slam/eq161-repaired; its deviations are left to (138), (148).",
    check=_check_choice,
    expected=Verdict.PROVED,
)
