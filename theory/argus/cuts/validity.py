"""Are the cuts (21)-(26) what they are made for: do they separate, and do they keep every feasible point?"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B
from spiritlevel.theory.argus.cuts.cases import BY, audited, runs, violations
from spiritlevel.theory.argus.cuts.convexity import low_proof, supported_by_its_slopes
from spiritlevel.theory.argus.cuts.figures import excluded_points
from spiritlevel.theory.argus.cuts.witnesses import validity_witness
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.instruments.cuts import Violation, judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_separates(ctx: Context) -> Finding:
    import sympy

    value, slope, at, eps = sympy.symbols("h s z eps")
    proof = sympy.expand(slope * at + (value - slope * at - eps) - (value - eps)) == 0
    cuts, wrong, missing = 0, 0, 0
    for _, _, _, made, lost in runs(ctx, exact=True):
        cuts, missing = cuts + len(made), missing + lost
        wrong += sum(m.found.at(m.x, m.y) != m.at - BY.eps for m in made)
    return Finding(
        verdict=by_proof(bool(proof) and cuts > 0, wrong + missing > 0),
        method=Method.SYMBOLIC,
        summary="by (26) the cut's left side at its own point is h - eps, and a cut is made only where that is > 0; in exact runs "
        f"{cuts - wrong} of {cuts} cuts have exactly that value, {missing} are missing or too many",
        numbers={"cuts": cuts, "another value": wrong, "missing or too many": missing},
        cases=cuts,
        audit=audited(ctx),
    )


SEPARATES = Statement(
    id="argus/cut-separates",
    paper=PAPER,
    location="(21), (23)-(26)",
    kind="identity",
    sentence="Where h > eps, and the polytope is not full, a cut is made, and its left side there is h - eps > 0.",
    formula=r"a^\top x^{t+1} + b^\top y^{t+1} + c = h(x^{t+1}, y^{t+1}) - \varepsilon > 0",
    about=("argus",),
    check=_check_separates,
    expected=Verdict.PROVED,
)


def _check_local(ctx: Context) -> Finding:
    cuts, wrong = 0, 0
    for _, _, _, made, _ in runs(ctx, exact=True):
        for m in made:
            whole = Violation(m.h.v0, m.h.J, m.h.kappa, m.h.weight)
            cuts, wrong = cuts + 1, wrong + (not judge(m.found, whole, BY.eps).valid)
    proof = supported_by_its_slopes() and cuts > 0
    return Finding(
        verdict=by_proof(proof, wrong > 0),
        method=Method.SYMBOLIC,
        summary="h is a sum of nonnegative terms, one per agent, of which h_i has some, so h <= eps implies h_i <= eps; "
        f"in exact runs {cuts - wrong} of {cuts} local cuts are valid for the whole network's h",
        numbers={"cuts": cuts, "invalid": wrong},
        cases=cuts,
        audit=audited(ctx),
    )


LOCAL = Statement(
    id="argus/cut-local",
    paper=PAPER,
    location="(21)",
    kind="lemma",
    variant="added",
    sentence="A cut of an agent's own h, over its closed neighbourhood, is valid for the whole network's h, with K = 1 and no l1 term "
    "below.",
    formula=r"\{h \le \varepsilon\} \subseteq \{h_i \le \varepsilon\}",
    because="With K = 2 h_i depends on more than the neighbourhood, and its cut need not be valid: argus/cut-two-hops.",
    about=("argus",),
    check=_check_local,
    expected=Verdict.PROVED,
)


def fraction_valid(ctx: Context, kappa: Fraction, cases: int, *, low: bool = False) -> tuple[int, int]:
    """Valid ones among the cuts of random h at random points where they are made, and how many those are."""
    valid = many = 0
    for h, x, y in violations(ctx, cases, kappa):
        if (h.low(x, y) if low else h.at(x, y)) <= Fraction(1, 10):
            continue
        cut = h.low_cut(x, y, Fraction(1, 10)) if low else h.cut(x, y, Fraction(1, 10))
        many, valid = many + 1, valid + judge(cut, h, Fraction(1, 10)).valid
    return valid, many


def _check_validity(ctx: Context) -> Finding:
    valid, many = fraction_valid(ctx, Fraction(1, 2), ctx.pick(60, 1000))
    return broken(
        validity_witness(),
        "g = (y - x)^2/2, r = |y|: the cut of (1/2, 1) removes (2, 1) and (3, 2), where h = 0; judged exactly, "
        f"{many - valid} of {many} cuts of random h with k = 1/2 remove a feasible point (the share depends on the ensemble)",
        numbers={"cuts": many, "invalid": many - valid},
        cases=many,
        figures=(excluded_points(),),
    )


VALIDITY = Statement(
    id="argus/cut-validity",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    sentence="Every (x, y) with h(x, y) <= eps satisfies the new cut.",
    formula=r"h(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    assumptions=(A1_B,),
    because="(22) is the subgradient inequality of a convex function, and with an l1 term below h is not convex.",
    check=_check_validity,
    expected=Verdict.REFUTED,
)


def _check_r0(ctx: Context) -> Finding:
    valid, many = fraction_valid(ctx, Fraction(0), ctx.pick(60, 1000))
    return Finding(
        verdict=by_proof(supported_by_its_slopes(), valid < many),
        method=Method.SYMBOLIC,
        summary=f"the subgradient inequality of |u| + w u^2 in letters; judged exactly, {valid} of {many} cuts of random h are valid",
        numbers={"cuts": many, "valid": valid},
        cases=many,
    )


VALIDITY_R0 = Statement(
    id="argus/cut-validity-r0",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    variant="repaired",
    repairs="argus/cut-validity",
    sentence="Without an l1 term below and with K = 1, every (x, y) with h(x, y) <= eps, for the estimate that the cut was made with, "
    "satisfies the cut.",
    formula=r"r = 0: \quad h(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    because="r = 0, to which the paper does not restrict it: h is then convex.",
    assumptions=(A1_B,),
    check=_check_r0,
    expected=Verdict.PROVED,
)


def _check_repaired(ctx: Context) -> Finding:
    valid, many = fraction_valid(ctx, Fraction(1, 2), ctx.pick(60, 1000), low=True)
    return Finding(
        verdict=by_proof(low_proof(), valid < many),
        method=Method.SYMBOLIC,
        summary=f"h_low is convex and at most h; judged exactly, {valid} of {many} of its cuts are valid for h",
        numbers={"cuts": many, "valid": valid},
        cases=many,
    )


VALIDITY_REPAIRED = Statement(
    id="argus/cut-validity-repaired",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    variant="repaired",
    repairs="argus/cut-validity",
    sentence="With r = k |.|_1 below, every (x, y) with h(x, y) <= eps satisfies the cuts of h_low, made where h_low > eps.",
    formula=r"a = -J^\top b, \quad b_k = \operatorname{sign}(y_k - v_k)(1 + 2\lambda_1 e_k) 1[e_k > 0], \quad e_k = (|y_k - v_k| - k)_+",
    assumptions=(A1_B,),
    because="Linearises a convex lower bound of h in the place of h: argus/low-cut-separates says what it cannot do.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)


def towards_zero(h: Violation, x: object, y: object) -> bool:
    """Whether, in every component, v is beyond the threshold and y lies on that side of its estimate where 0 is."""
    v, off = h.inner(x), np.sign(np.asarray(y, dtype=object) - h.estimate(x))
    return bool(((off == 0) | ((abs(v) > h.kappa) & (off == -np.sign(v)))).all())


def condition_proof() -> bool:
    """What a component adds to the cut's largest left side, beyond eps: k (s t + 1), s the sign of y - y*, t that of v.

    There v is moved to -k s, where y* = 0 and the threshold gives most, and y with it. Zero for s = -t, else 2k.
    """
    import sympy

    v, k, off = sympy.symbols("v k off", real=True)
    signs = [(s, t) for s in (-1, 1) for t in (-1, 1)]
    return all(
        sympy.expand(s * off + s * (0 - (v - k * t + off)) - s * (-k * s - v) - k * (s * t + 1)) == 0
        for s, t in signs
    )


def _check_which(ctx: Context) -> Finding:
    cases, differ, valid = 0, 0, 0
    for h, x, y in violations(ctx, ctx.pick(150, 1500), Fraction(1, 2)):
        J = h.J
        if J[0, 0] * J[1, 1] == J[0, 1] * J[1, 0] or h.at(x, y) <= Fraction(1, 10):
            continue
        linear = Violation(h.v0, J, h.kappa)
        verdict = judge(linear.cut(x, y, Fraction(1, 10)), linear, Fraction(1, 10)).valid
        cases, valid, differ = cases + 1, valid + verdict, differ + (verdict != towards_zero(linear, x, y))
    return Finding(
        verdict=by_proof(condition_proof() and cases > valid > 0, differ > 0),
        method=Method.SYMBOLIC,
        summary="a component below its threshold leaves a != -J' b; of the others each adds k (1 + s t), s and t the signs of y - y* and v, "
        f"to the largest left side (identity); on {cases} random h with J invertible ({valid} cuts valid) condition and exact decision "
        f"differ {differ} times",
        numbers={"cuts": cases, "valid": valid, "different": differ},
        cases=cases,
    )


WHICH = Statement(
    id="argus/l1-cut-condition",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    variant="added",
    sentence="With r = k |.|_1 below, k > 0, lambda_1 = 0 and J of full row rank, a cut is valid exactly if in every component with y != y* the "
    "threshold is passed, |v| > k, and y lies on the side of y* where 0 is.",
    formula=r"y_k \neq y_k^* \implies |v_k| > k, \ \operatorname{sign}(y_k - y_k^*) = -\operatorname{sign}(v_k)",
    because="A component below its threshold has slope 0 in x, so a is not -J' b, and far out the cut removes feasible points; beyond it, "
    "the estimate can move by up to 2k against the cut.",
    check=_check_which,
    expected=Verdict.PROVED,
)
