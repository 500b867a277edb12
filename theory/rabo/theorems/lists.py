r"""Step-size lists of Theorem 1: as printed, with the lower bound its proof needs, and repaired.

With :math:`a = \alpha L_y M_f` and :math:`b = \beta \mu_g`, the coefficient of :math:`\|y_q - y^*\|^2` in (34b) is
:math:`\frac{M_f}{L_y} ((2a + 2)(1 - b) - 1)`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from spiritlevel.core.constants import Constants, Real, times
from spiritlevel.theory.instruments.ratios import Ratio
from spiritlevel.theory.rabo.constants import Smoothness, root
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, over

SAFETY = 6
"""Of the repaired bound on alpha; exactly what its proof needs at beta mu_g = 1/2, L_y = 1."""


def letters(c: Constants) -> Smoothness:
    """The paper's letters from constants level by level, as upper bounds.

    Examples
    --------
    >>> s = letters(Constants(mu_g=1, L_g=2, L_fx=3, L_fy=4))
    >>> s.l_f1, s.L_y, s.M_f, s.L_f
    (Fraction(5, 1), Fraction(2, 1), Fraction(15, 1), Fraction(45, 1))
    """
    l_g2 = c.L_gyy if c.L_gxy == 0 else c.L_gxy + c.L_gyy
    return Smoothness(mu_g=c.mu_g, l_f0=c.C_fy, l_f1=_norm(c.L_fx, c.L_fy), l_g1=c.L_g, l_g2=l_g2)


def _norm(a: Real, b: Real) -> Real:
    square = a**2 + b**2
    return square.root() if isinstance(square, Ratio) else root(square)


def _term(name: str, step: str, bound: Callable[[Smoothness, Setting], Real], **more: object) -> Term:
    return Term(name, step, lambda s: bound(letters(s.constants), s), **more)  # type: ignore[arg-type]


def coupling(c: Smoothness, s: Setting) -> Real:
    """a = alpha L_y M_f."""
    return times(s.steps["alpha"], c.L_y * c.M_f)


ALPHA = _term(
    "1/(L_f + 4 M_f)", "alpha", lambda c, s: over(Fraction(1), c.L_f + 4 * c.M_f), serves="(34a), (37a)"
)
BETA = (
    _term("1/(2 l_g1)", "beta", lambda c, s: 1 / (2 * c.l_g1), serves="Lemma 4"),
    _term("1/mu_g", "beta", lambda c, s: 1 / c.mu_g, serves="(34b)"),
)
PRINTED_LOWER = _term(
    "1/mu_g - 1/(2 alpha L_y M_f mu_g)",
    "beta",
    lambda c, s: 1 / c.mu_g - over(Fraction(1), times(2 * c.mu_g, coupling(c, s))),
    lower=True,
    serves="(34b)",
)
NEEDED_LOWER = _term(
    "(2a + 1)/((2a + 2) mu_g), a = alpha L_y M_f",
    "beta",
    lambda c, s: (2 * coupling(c, s) + 1) / ((2 * coupling(c, s) + 2) * c.mu_g),
    lower=True,
    serves="(34b)",
)
YOUNG = _term(
    f"beta mu_g/({SAFETY} M_f L_y)",
    "alpha",
    lambda c, s: over(s.steps["beta"] * c.mu_g, SAFETY * c.M_f * c.L_y),
    serves="both coefficients",
)

PRINTED = Rule(
    "rabo/thm1-steps", ("alpha", "beta"), (ALPHA, *BETA, PRINTED_LOWER), "rabo", room="rabo/thm1-steps-room"
)
NEEDED = Rule(
    "rabo/thm1-steps-needed",
    ("alpha", "beta"),
    (ALPHA, *BETA, NEEDED_LOWER),
    "rabo",
    room="rabo/thm1-steps-needed",
    remedy="rabo/thm1-steps-repaired",
)
REPAIRED = Rule("rabo/thm1-steps-repaired", ("beta", "alpha"), (BETA[0], YOUNG), "rabo")
