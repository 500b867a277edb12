"""What is said of Lemma 4's constants: their versions, their units, (59), (60), and (76)-(78)."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A4
from spiritlevel.theory.slam.lemmas import movement_witnesses as seen
from spiritlevel.theory.slam.lemmas.constants import (
    B_X,
    D_X,
    REPAIRED,
    TERMS,
    Formula,
    agreeing,
    strays,
    values,
)
from spiritlevel.theory.slam.lemmas.dual_witnesses import witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

_ONE = Fraction(1)
POINT = values(n=2, sigma2=_ONE, L=_ONE, eta=_ONE / 2, theta=_ONE, rho=_ONE, high=_ONE, B=0 * _ONE)
_GIVEN = {"n": 2, "sigma2": 1, "L": 1, "eta": "1/2", "theta": 1, "rho": 1, "high": 1}
_C_X = ("C_x", "2*(1 + 1/theta)/(1 - eta)")


def movement_constant_witness() -> Witness:
    """D_x without its B_x: 24, 20 and 40.

    Examples
    --------
    >>> recheck(movement_constant_witness()).ok
    True
    """
    return witness(
        "slam/Dx-versions",
        "(41b), (58), (64)",
        "the three expressions are one constant",
        note="the part 2 C_x rho^2 sigma_max^2 B_x is the same in all and left out",
        given=_GIVEN,
        define=(
            _C_X,
            ("lemma", "4*C_x*sigma2/n + 4*(L + sigma2)"),
            ("derived", "2*(2*C_x*sigma2 + 2*(L + sigma2))/n"),
            ("concluded", "4*(C_x*sigma2 + L + sigma2)"),
        ),
        assume=(Condition("(50)", "theta > 0 and eta < 1"),),
        claim=Condition("equal", "lemma == derived and derived == concluded"),
    )


def ball_witness() -> Witness:
    """B_x: 3/4 and 5/8.

    Examples
    --------
    >>> recheck(ball_witness()).ok
    True
    """
    return witness(
        "slam/Bx-versions",
        "(43), (63)",
        "the two expressions are one constant",
        given=_GIVEN,
        define=(
            ("divisor", "n*(2 + 2/theta)*rho**2*high**2"),
            ("lemma", "(sigma2*(2 + 2/theta) + n*(L + sigma2)*(1 - eta))/divisor"),
            ("derived", "(sigma2*(2 + 2/theta) + (L + sigma2)*(1 - eta))/divisor"),
        ),
        assume=(Condition("(50)", "theta > 0 and eta < 1"),),
        claim=Condition("equal", "lemma == derived"),
    )


def units_witness() -> Witness:
    """L_{f,0} in D_x: f in units 10 times as small, and D_x is not 100 times as large.

    Examples
    --------
    >>> recheck(units_witness()).ok
    True
    """
    return witness(
        "slam/lemma4-units",
        "(41b), (43)",
        "with 10 f, 10 rho and 10 alpha, the same run, D_x/alpha^2 stays",
        note="no noise, x^1 = 0; C_x = 8 and tau_f, theta stay",
        given={"C_x": 8, "eta": "1/2", "theta": 1, "n": 2, "rho": 1, "high": 1, "L_f0": 1, "s": 10},
        define=(
            ("B_x", "n*L_f0*(1 - eta)/(n*(2 + 2/theta)*rho**2*high**2)"),
            ("D_x", "4*L_f0 + 2*C_x*rho**2*high**2*B_x"),
            ("B_s", "n*s*L_f0*(1 - eta)/(n*(2 + 2/theta)*(s*rho)**2*high**2)"),
            ("D_s", "4*s*L_f0 + 2*C_x*(s*rho)**2*high**2*B_s"),
        ),
        assume=(Condition("(41a)", "C_x == 2*(1 + 1/theta)/(1 - eta)"),),
        claim=Condition("D_x scales like alpha^2", "D_s == s**2*D_x"),
    )


def sum_witness() -> Witness:
    """(76), (77): mu_g in the numerator, and alpha_0 for alpha_0^2.

    Examples
    --------
    >>> recheck(sum_witness()).ok
    True
    """
    return witness(
        "slam/eq76",
        "(76), (77)",
        "(beta/mu_g) rho |y^1|^2/(T beta) = mu_g rho |y^1|^2/T = mu_g rho |y^1|^2 alpha_0/alpha^2",
        given={"mu_g": 2, "rho": 1, "start2": 1, "rootT": 3, "alpha_0": 2, "beta": 6},
        define=(("T", "rootT**2"), ("alpha", "alpha_0*rootT"), ("due", "beta/mu_g*rho*start2/(T*beta)")),
        assume=(Condition("mu_g, beta > 0", "mu_g > 0 and beta > 0"),),
        claim=Condition(
            "(76) or the step to (77)",
            "due == mu_g*rho*start2/T or mu_g*rho*start2/T == mu_g*rho*start2*alpha_0/alpha**2",
        ),
    )


def _versions(witness: Witness, formulas: dict[str, Formula], name: str) -> Finding:
    groups = agreeing(formulas)
    told = ", ".join(f"{' = '.join(group)}: {formulas[group[0]](POINT)}" for group in groups)
    if len(groups) == 1:
        return proved(True, f"all versions of {name} are equal for all values", "")
    return broken(
        witness,
        f"n = 2, sigma^2 = L_f0 = theta = rho sigma_max = 1, eta = 1/2, without B_x: {told}",
        {"groups": [list(group) for group in groups]},
    )


def _check_movement_constant(ctx: Context) -> Finding:
    return _versions(movement_constant_witness(), dict(D_X), "D_x")


DX_VERSIONS = Statement(
    id="slam/Dx-versions",
    paper=PAPER,
    location="(41b), (57), (58), (64)",
    kind="identity",
    sentence="D_x is the same constant in the lemma and wherever its proof has it.",
    because="A factor n comes and goes: (58), which the proof derives, divides all noise by n, (41b) a part, (64) nothing; L_{f,0}^2 of (55), (57) is L_{f,0} in the others. "
    "The factor n does no harm: (58) is the least of the three, and (41b) follows from it. The lost square is a misprint.",
    check=_check_movement_constant,
    expected=Verdict.REFUTED,
)


def _check_ball(ctx: Context) -> Finding:
    return _versions(ball_witness(), dict(B_X), "B_x")


BX_VERSIONS = Statement(
    id="slam/Bx-versions",
    paper=PAPER,
    location="(43), (61), (63)",
    kind="identity",
    sentence="B_x is the same constant in the lemma and in its proof.",
    because="(43) has a factor n on L_{f,0} + sigma_f^2 that (61), (63) do not have. It does no harm: the lemma's (43) is the larger one. C_x is the same in (41a), (52) and (62).",
    check=_check_ball,
    expected=Verdict.REFUTED,
)


def _check_units(ctx: Context) -> Finding:
    wrong, left = strays(TERMS), strays(REPAIRED)
    told = ", ".join(f"{name} ({how})" for name, how in wrong.items())
    stands = recheck(units_witness()).ok
    return Finding(
        verdict=Verdict.INCONCLUSIVE if not stands else Verdict.REFUTED if wrong else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"{len(wrong)} of {len(TERMS)} terms scale otherwise: {told}; with the squares put in {len(left) or 'none'} of {len(REPAIRED)} do",
        numbers={"strays": wrong, "repaired_strays": left},
        cases=len(TERMS) + len(REPAIRED),
        witness=units_witness() if wrong else None,
    )


UNITS = Statement(
    id="slam/lemma4-units",
    paper=PAPER,
    location="(39b), (41), (43)",
    kind="bound",
    variant="added",
    sentence="The bounds of Lemma 4 do not depend on the units in which f and g are measured.",
    formula=r"f \to s f,\ \rho \to s\rho,\ \alpha \to s\alpha: \quad D_x \to s^2 D_x,\ B_x \to B_x; \qquad g \to s g: \quad D_y \to s^2 D_y",
    because="L_{f,0}^2 lost its square, L_{g,1}^2 (or C_xy^2) its place in (66) and in (39b), and mu_g changed sides in (76).",
    check=_check_units,
    expected=Verdict.REFUTED,
)


def _check_drift(ctx: Context) -> Finding:
    return broken(
        seen.drift_witness(),
        "f_i = h(x - 100), from 0, no noise, T = 16, (39) holds: |x^(T+1)|^2 = 14.2 > 8 = B_x with 1/n h (56.9 with local h); it grows like T",
    )


BX = Statement(
    id="slam/Bx",
    paper=PAPER,
    location="(59)-(63)",
    kind="bound",
    sentence="All iterates stay in the ball |x|^2 <= B_x of (43).",
    formula=r"\|x^{r+1}\|^2 \le B_x, \quad r = 1, \dots, T",
    because="(59) bounds |x^{r+1}|^2 by r times the sum of |x^r|^2, where the moves and the start are meant, and then T sum_r O(1/alpha^2) is "
    "O(T/alpha_0^2), not O(1/alpha_0^2). Nothing keeps x from walking towards a far minimum.",
    assumptions=(*A1, A4),
    check=_check_drift,
    expected=Verdict.REFUTED,
)


def _check_60(ctx: Context) -> Finding:
    return broken(seen.halves_witness(), "both conditions of (60) at equality give 3 B_1/2")


EQ60 = Statement(
    id="slam/eq60",
    paper=PAPER,
    location="(60)",
    kind="bound",
    sentence="The two conditions of (60) keep the right side of (59) within B_1.",
    formula=r"\tfrac{2C_x\rho^2\sigma_{\max}^2}{\alpha_0^2} \le \tfrac12, \quad \tfrac{4C_x\sigma_f^2 + 4(L_{f,0} + \sigma_f^2)}{n\alpha_0^2} \le B_1",
    because="They add up to 3 B_1/2; the second one would have to be B_1/2, twice the constant of (61).",
    check=_check_60,
    expected=Verdict.REFUTED,
)


def _check_76(ctx: Context) -> Finding:
    return broken(
        sum_witness(),
        "mu_g = 2, T = 9, alpha_0 = 2: 1/18 = (beta/mu_g) rho|y^1|^2/(T beta), printed 2/9 in (76), 1/9 in (77)",
    )


EQ76 = Statement(
    id="slam/eq76",
    paper=PAPER,
    location="(76)-(79)",
    kind="identity",
    sentence="The start's share of (76) is mu_g rho |y^1|^2/T, and that is mu_g rho |y^1|^2 alpha_0/alpha^2.",
    formula=r"\tfrac{\beta}{\mu_g} \cdot \tfrac{\rho\|y_k^1\|^2}{T\beta} = \tfrac{\mu_g\rho\|y_k^1\|^2}{T} = \tfrac{\mu_g\rho\|y_k^1\|^2\alpha_0}{\alpha^2}",
    because="mu_g belongs into the denominator, and 1/T = alpha_0^2/alpha^2; both slips go on into (41c), D_y. The middle of (76) also lacks the noise that its right side has.",
    check=_check_76,
    expected=Verdict.REFUTED,
)


def _check_76_repaired(ctx: Context) -> Finding:
    import sympy

    mu, rho, y, rootT, a, b, s, n, D = sympy.symbols("mu rho y rootT a b s n D", positive=True)
    alpha, beta, T = a * rootT, b * rootT, rootT**2
    S = beta / mu * (D / (mu * beta * alpha**2) + rho * y / (T * beta) + s * rootT / (n * beta**4))
    right = D / (mu**2 * alpha**2) + rho * y * a**2 / (mu * alpha**2) + s / (n * mu * b * beta**2)
    D_y = (D / mu**2 + rho * y * a**2 / mu) * b**2 / a**2 + s / (n * mu * b)
    holds = sympy.simplify(S - right) == 0 and sympy.simplify(right - D_y / beta**2) == 0
    return proved(
        bool(holds),
        "(76) to (79) expand to the same, for all values, with rho |y^1|^2 alpha_0^2/(mu_g alpha^2)",
        "the two sides differ",
    )


EQ76_REPAIRED = Statement(
    id="slam/eq76-repaired",
    paper=PAPER,
    location="(76)-(79)",
    kind="identity",
    variant="repaired",
    repairs="slam/eq76",
    sentence="The start's share is rho |y^1|^2/(mu_g T) = rho |y^1|^2 alpha_0^2/(mu_g alpha^2); the other terms of (76)-(79) are right.",
    formula=r"\tfrac{\beta}{\mu_g} \cdot \tfrac{\rho\|y_k^1\|^2}{T\beta} = \tfrac{\rho\|y_k^1\|^2\alpha_0^2}{\mu_g\alpha^2}",
    because="Divides by mu_g, and squares alpha_0.",
    check=_check_76_repaired,
    expected=Verdict.PROVED,
)
