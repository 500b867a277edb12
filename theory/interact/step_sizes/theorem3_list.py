r"""Theorem 3's step-size lists for SVR-INTERACT, as printed and with what INTERACT's coefficients need.

:math:`L_K` is that of Lemma 4, which grows with the number K of terms in the estimator (22); the list's
alpha part lacks its "min". In two entries, :math:`288 r (1+r) m L_y^2 / ((1-\lambda) L_f^2)` and
:math:`32 L_y^2 / (1-\lambda)`, the weight :math:`a = (1-\lambda) / (32 (1+1/r) L_y^2)` of Step 4 stands in
the denominator: the first is :math:`9 r^2 m a / L_f^2` with 1/a for a.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.theory.interact.constants import Convention, Lemmas, about_the_same, contraction, lemmas
from spiritlevel.theory.interact.lemmas.lemma4 import constant
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, over

Bound = Callable[[Setting, Lemmas, Real], Real]


@about_the_same
def svr_lemmas(s: Setting, convention: Convention) -> Lemmas:
    """Lemma 1's constants by a convention, with Lemma 4's ``L_K2``."""
    K = s.more["K"]
    if K < 1 or K % 1 != 0:
        raise InputError(f"K is {K}; give a whole number of terms >= 1")
    return dataclasses.replace(lemmas(s.constants, convention), L_K2=constant(s.constants, K))


def _term(name: str, step: str, convention: Convention, bound: Bound, power: Literal[1, 2] = 1) -> Term:
    def value(s: Setting) -> Real:
        r = contraction(s.constants, s.steps["beta"]) if step == "alpha" else Fraction(0)
        return bound(s, svr_lemmas(s, convention), r)

    return Term(name, step, value, power)


def _sum(s: Setting) -> Real:
    return s.constants.mu_g + s.constants.L_g


def _product(s: Setting) -> Real:
    return s.constants.mu_g * s.constants.L_g


def _beta(convention: Convention) -> tuple[Term, ...]:
    entries: tuple[tuple[str, Bound], ...] = (
        (
            "(1-lam)mu L/(768 L_K^2(mu+L))",
            lambda s, k, r: over((1 - s.lam) * _product(s), 768 * k.L_K2 * _sum(s)),
        ),
        ("(1-lam)(mu+L)/(4096 L_K^2)", lambda s, k, r: over((1 - s.lam) * _sum(s), 4096 * k.L_K2)),
        ("3(mu+L)/(mu L)", lambda s, k, r: 3 * _sum(s) / _product(s)),
        (
            "L_y^2 mu L/(24 L_K^2(mu+L))",
            lambda s, k, r: over(k.L_y**2 * _product(s), 24 * k.L_K2 * _sum(s)),
        ),
        ("(1-lam)(mu+L)/(512 L_K^2)", lambda s, k, r: over((1 - s.lam) * _sum(s), 512 * k.L_K2)),
        ("1/(2(mu+L))", lambda s, k, r: 1 / (2 * _sum(s))),
        ("16/((1-lam)(mu+L))", lambda s, k, r: 16 / ((1 - s.lam) * _sum(s))),
    )
    return tuple(_term(name, "beta", convention, bound) for name, bound in entries)


def _alpha(convention: Convention) -> tuple[Term, ...]:
    entries: tuple[tuple[str, Bound], ...] = (
        ("1/(8 L_l)", lambda s, k, r: over(1, 8 * k.L_l)),
        ("r/(16m L_y^2(r+1))", lambda s, k, r: over(r, 16 * s.m * k.L_y**2 * (r + 1))),
        ("1/(m(1-lam))", lambda s, k, r: 1 / (s.m * (1 - s.lam))),
        ("(1-lam)^2/(128 L_K^2)", lambda s, k, r: over((1 - s.lam) ** 2, 128 * k.L_K2)),
        (
            "(1-lam)/4 m/(L_l+16 L_K^2 m)",
            lambda s, k, r: over((1 - s.lam) * s.m, 4 * (k.L_l + 16 * k.L_K2 * s.m)),
        ),
        (
            "288r(1+r)m L_y^2/((1-lam)L_f^2)",
            lambda s, k, r: over(288 * r * (1 + r) * s.m * k.L_y**2, (1 - s.lam) * k.L_f**2),
        ),
        (
            "r(1+r)(1-lam)/(256 L_y^2(mu+L)L_K^2 beta)",
            lambda s, k, r: over(
                r * (1 + r) * (1 - s.lam), 256 * k.L_y**2 * _sum(s) * k.L_K2 * s.steps["beta"]
            ),
        ),
        (
            "r(1+r)(1-lam)^2/(512 L_y^2(mu+L)L_K^2 beta)",
            lambda s, k, r: over(
                r * (1 + r) * (1 - s.lam) ** 2, 512 * k.L_y**2 * _sum(s) * k.L_K2 * s.steps["beta"]
            ),
        ),
        (
            "(1-lam)^2/(16(1+1/r)L_y^2)",
            lambda s, k, r: over((1 - s.lam) ** 2, 16 * (1 + 1 / r) * k.L_y**2),
        ),
        ("32 L_y^2/(1-lam)", lambda s, k, r: 32 * k.L_y**2 / (1 - s.lam)),
    )
    roots: tuple[tuple[str, Bound], ...] = (
        ("1/(8 L_K sqrt(m))", lambda s, k, r: over(1, 64 * k.L_K2 * s.m)),
        ("sqrt((1-lam)/m)/(16 L_K)", lambda s, k, r: over(1 - s.lam, 256 * k.L_K2 * s.m)),
        ("sqrt(1-lam)/(8 L_K)", lambda s, k, r: over(1 - s.lam, 64 * k.L_K2)),
        ("sqrt((1-lam)/(64 L_K^2))", lambda s, k, r: over(1 - s.lam, 64 * k.L_K2)),
    )
    return (
        *(_term(name, "alpha", convention, bound) for name, bound in entries),
        *(_term(name, "alpha", convention, bound, 2) for name, bound in roots),
    )


NEVER = "interact/thm3-redundant"
REMEDY = "interact/thm3-coef-repaired"

_MISSING = (
    _term("4(1-lam)^2/5", "alpha", "plain", lambda s, k, r: Fraction(4, 5) * (1 - s.lam) ** 2),
    _term(
        "9r^2 m(1-lam)/(32 L_y^2(1+1/r)L_f^2)",
        "alpha",
        "plain",
        lambda s, k, r: over(9 * r**2 * s.m * (1 - s.lam), 32 * k.L_y**2 * (1 + 1 / r) * k.L_f**2),
    ),
    _term("m(1-lam)/(4 L_l^2)", "alpha", "plain", lambda s, k, r: over(s.m * (1 - s.lam), 4 * k.L_l**2)),
)


def theorem_3_list(statement: str, convention: Convention, missing: tuple[Term, ...] = ()) -> Rule:
    """Theorem 3's list with Lemma 1's letters read by a convention.

    Examples
    --------
    >>> from spiritlevel.core.constants import Constants
    >>> c = Constants(mu_g=1, L_g=1, C_gxy=1, L_fx=1)
    >>> theorem_3_list("interact/thm3", "plain").largest(c, Fraction(1, 2), 2, more={"K": 1})["beta"]
    0.0001220703125
    """
    terms = (*_beta(convention), *_alpha(convention), *missing)
    # the stability limit is that with a refresh in every iteration: with samples the map is random
    return Rule(
        statement,
        ("beta", "alpha"),
        terms,
        "svr-interact",
        {"q": 1},
        needs=("K",),
        never=NEVER,
        remedy=REMEDY,
    )


THEOREM_3 = theorem_3_list("interact/thm3", "printed")
THEOREM_3_REPAIRED = theorem_3_list("interact/thm3-coef-repaired", "plain", _MISSING)
