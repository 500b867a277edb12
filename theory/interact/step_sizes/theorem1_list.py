r"""The step-size lists of Theorem 1, as printed and as repaired, and the rate they promise.

Letters as in the theorem; :math:`\lambda` is the second-largest eigenvalue modulus. What each term
serves (:math:`C_1, \dots, C_5` of (20)) was found by rebuilding the coefficients from (14)-(19).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from spiritlevel.core.constants import Constants, Real
from spiritlevel.theory.interact.constants import Convention, Lemmas, contraction, lemmas
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, over

Bound = Callable[[Setting, Lemmas, Real], Real]
NEVER = "interact/coef-redundant"

BETA = (
    Term(
        "3(mu+L)/(mu L)",
        "beta",
        lambda s: 3 * (s.constants.mu_g + s.constants.L_g) / (s.constants.mu_g * s.constants.L_g),
    ),
    Term("1/(mu+L)", "beta", lambda s: 1 / (s.constants.mu_g + s.constants.L_g), serves="(15)"),
)


def _term(name: str, convention: Convention, bound: Bound, *, power: int = 1, serves: str = "") -> Term:
    def value(s: Setting) -> Real:
        return bound(s, lemmas(s.constants, convention), contraction(s.constants, s.steps["beta"]))

    return Term(name, "alpha", value, 2 if power == 2 else 1, serves)


def _common(convention: Convention) -> tuple[Term, ...]:
    """The alpha terms that both lists share, up to the convention of the letters."""
    return (
        _term("1/(4 L_l)", convention, lambda s, k, r: over(1, 4 * k.L_l), serves="C_1"),
        _term(
            "sqrt((1-lam)/(2m)) / (4 L_K)",
            convention,
            lambda s, k, r: over(1 - s.lam, 32 * s.m * k.L_K2),
            power=2,
            serves="C_1",
        ),
        _term("1/(m(1-lam))", convention, lambda s, k, r: 1 / (s.m * (1 - s.lam)), serves="C_1"),
        _term(
            "(1-lam)^2/(32 L_K^2)",
            convention,
            lambda s, k, r: over((1 - s.lam) ** 2, 32 * k.L_K2),
            serves="C_2",
        ),
        _term(
            "9r^2 m(1-lam)/(32 L_y^2(1+1/r)L_f^2)",
            convention,
            lambda s, k, r: over(9 * r**2 * s.m * (1 - s.lam), 32 * k.L_y**2 * (1 + 1 / r) * k.L_f**2),
            serves="C_3",
        ),
        _term(
            "(1-r)(1+r)r(1-lam)^2/(32 L_y^2(mu+L)L_K^2 beta)",
            convention,
            lambda s, k, r: over(
                (1 - r) * (1 + r) * r * (1 - s.lam) ** 2,
                32 * k.L_y**2 * (s.constants.mu_g + s.constants.L_g) * k.L_K2 * s.steps["beta"],
            ),
            serves="C_4",
        ),
        _term(
            "(1-lam)/(4 L_K)",
            convention,
            lambda s, k, r: over((1 - s.lam) ** 2, 16 * k.L_K2),
            power=2,
            serves="C_5",
        ),
        _term("1", convention, lambda s, k, r: Fraction(1), serves="C_5"),
    )


def _printed(statement: str, convention: Convention) -> Rule:
    own = _term(
        "m(1-lam)/(4 L_l)", convention, lambda s, k, r: over(s.m * (1 - s.lam), 4 * k.L_l), serves="C_2"
    )
    return Rule(statement, ("beta", "alpha"), (*BETA, *_common(convention), own), "interact", never=NEVER)


def repaired_list(statement: str, convention: Convention) -> Rule:
    """The repaired list with the letters read by a convention."""
    own = (
        _term(
            "m(1-lam)/(4 L_l^2)",
            convention,
            lambda s, k, r: over(s.m * (1 - s.lam), 4 * k.L_l**2),
            serves="C_2",
        ),
        _term("4(1-lam)^2/5", convention, lambda s, k, r: Fraction(4, 5) * (1 - s.lam) ** 2, serves="C_5"),
    )
    return Rule(statement, ("beta", "alpha"), (*BETA, *_common(convention), *own), "interact", never=NEVER)


THEOREM_1 = _printed("interact/thm1", "printed")
THEOREM_1_REPAIRED = repaired_list("interact/thm1-repaired", "plain")
THEOREM_1_ENLARGED = _printed("interact/thm1-enlarged", "printed>=1")


def lower_weight(c: Constants, lam: Real, beta: Real, convention: Convention) -> Real:
    r"""Weight of :math:`\|y - y^*\|^2` in Step 4's potential: :math:`\frac{1-\lambda}{32(1+1/r)L_y^2}`."""
    r = contraction(c, beta)
    return over(1 - lam, 32 * (1 + 1 / r) * lemmas(c, convention).L_y ** 2)


def rate(c: Constants, lam: Real, alpha: Real, beta: Real, convention: Convention) -> Real:
    r"""Theorem 1's :math:`\min\{\frac{1-\lambda}4, \frac{3r^2(1-\lambda)}{32(1+r)L_y^2}, \frac\alpha2\}`."""
    r = contraction(c, beta)
    L_y = lemmas(c, convention).L_y
    return min((1 - lam) / 4, over(3 * r**2 * (1 - lam), 32 * (1 + r) * L_y**2), alpha / 2)
