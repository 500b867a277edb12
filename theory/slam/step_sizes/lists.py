r"""SLAM's step-size conditions as lists, for ``spiritlevel steps``.

alpha and beta are *inverse* step sizes, so that their conditions are lower bounds; a rule such as
:math:`\alpha = \alpha_0\sqrt{T/n}` gives one value, which appears twice, to six digits (square roots are not rational). The
penalty rho is chosen last, below what the conditions on :math:`\tau_f = \alpha/\gamma`, :math:`\tau_g = \beta/\gamma` leave, and its exact
stability limit is what they are compared with. ``m`` of a `Setting` is the paper's n; ``sigma_min``, ``sigma_max`` are the
Laplacian's (`spiritlevel.core.spectra.laplacian`), ``tasks`` the paper's m.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from spiritlevel.core.constants import Real
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, over

DIGITS = Fraction(1, 10**6)


def _is(name: str, step: str, squared: Callable[[Setting], Real]) -> tuple[Term, Term]:
    """``step^2 = squared``, to six digits of the step."""
    return (
        Term(name, step, lambda s: squared(s) * (1 + DIGITS) ** 2, 2),
        Term(f"at least {name}", step, lambda s: squared(s) * (1 - DIGITS) ** 2, 2, lower=True),
    )


def _scaled(constant: str) -> Callable[[Setting], Real]:
    return lambda s: s.more[constant] ** 2 * s.more["T"] / s.m


ALPHA = _is("alpha_0 sqrt(T/n)", "alpha", _scaled("alpha_0"))
BETA = _is("beta_0 sqrt(T/n)", "beta", _scaled("beta_0"))
GAMMA = _is("gamma_0 sqrt(T/n), (149)", "gamma", _scaled("gamma_0"))
ORDER = ("alpha", "beta", "gamma", "rho")
SIZES = ("T", "alpha_0", "beta_0", "gamma_0", "sigma_max")
X, Y = {"f": 1, "length": -2}, {"g": 1, "length": -2}
UNITS: Mapping[str, Mapping[str, int]] = {"alpha": X, "beta": Y, "alpha_0": X, "beta_0": Y, "rho": X}
"""Of inverse steps; one rho serves both levels, so that it cannot have the units of either but where these agree."""


def share(step: str) -> Callable[[Setting], Real]:
    r"""The largest :math:`\rho = \tau/\sigma_{\max}` that the condition on tau leaves."""
    return lambda s: over(s.steps[step], s.steps["gamma"] * s.more["sigma_max"])


def modes(step: str, curvature: str) -> Callable[[Setting], Real]:
    r"""The exact limit where all agents have this curvature: :math:`q(2 + 1/\gamma) < 4 - 2l/\alpha` with :math:`q = \rho\sigma_{\max}/\tau`."""

    def bound(s: Setting) -> Real:
        room = 4 - 2 * getattr(s.constants, curvature) / s.steps[step]
        return max(room, 0) / (2 + 1 / s.steps["gamma"]) * share(step)(s)

    return bound


def shrunk(s: Setting) -> Real:
    """(39c), which leaves ``1 - 1/sqrt(T)`` of tau_g; exact where T is a square."""
    T = s.more["T"]
    root: Real = Fraction(math.isqrt(int(T))) if math.isqrt(int(T)) ** 2 == T else math.sqrt(T)
    return share("beta")(s) * (1 - 1 / root)


def anchored(s: Setting) -> Real:
    r"""(39a) with the best theta, which is :math:`\gamma^2 \ge 8 (\sigma_{\max}/\tilde\sigma_{\min})^2 T` whatever rho, alpha are."""
    return 8 * over(s.more["sigma_max"], s.more["sigma_min"]) ** 2 * s.more["T"]


TAU = (
    Term("tau_f/sigma_max", "rho", share("alpha"), serves="(39d), Theorem 1"),
    Term("tau_g/sigma_max", "rho", share("beta"), serves="Theorem 1"),
)
THEOREM_1 = Rule("slam/tau-condition", ORDER, (*ALPHA, *BETA, *GAMMA, *TAU), "slam", needs=SIZES, units=UNITS)

EXACT = (
    Term(
        "tau_f/sigma_max (4 - 2 L_fx/alpha)/(2 + 1/gamma)", "rho", modes("alpha", "L_fx"), serves="modes of x"
    ),
    Term("tau_g/sigma_max (4 - 2 L_g/beta)/(2 + 1/gamma)", "rho", modes("beta", "L_g"), serves="modes of y"),
)
THEOREM_1_REPAIRED = Rule(
    "slam/tau-condition-repaired",
    ORDER,
    (*ALPHA, *BETA, *GAMMA, *TAU, *EXACT),
    "slam",
    needs=SIZES,
    units=UNITS,
)

LEMMA_4 = Rule(
    "slam/lemma4-steps",
    ORDER,
    (
        *ALPHA,
        *BETA,
        *GAMMA,
        Term("sqrt(T)/mu", "beta", lambda s: s.more["T"] / s.constants.mu_g**2, 2, "(39b)", lower=True),
        Term("sqrt(T)", "gamma", lambda s: s.more["T"], 2, "(39b): beta_0 >= tau_g", lower=True),
        Term(
            "2 sqrt(2) sigma_max/sigma_min sqrt(T)", "gamma", anchored, 2, "(39a), the best theta", lower=True
        ),
        Term("tau_g (1 - 1/sqrt(T))/sigma_max", "rho", shrunk, serves="(39c)"),
        TAU[0],
    ),
    "slam",
    needs=(*SIZES, "sigma_min"),
    units=UNITS,
    room="slam/lemma4-steps",
    remedy="slam/tau-condition-repaired",
)


def lower_lipschitz(s: Setting) -> Real:
    """``L_y = C_xy/mu``."""
    return s.constants.C_gxy / s.constants.mu_g


def growth(s: Setting) -> Real:
    """``2 (m + 1) n L_y^2``, what the choice of theta' puts into C_2."""
    return 2 * (s.more["tasks"] + 1) * s.m * lower_lipschitz(s) ** 2


def descent(s: Setting) -> Real:
    """(164) for L_xy = 0."""
    return 4 * (s.more["L_f"] / 2 + (s.more["tasks"] + 1) * lower_lipschitz(s) ** 2 / s.m)


def contraction(s: Setting) -> Real:
    """What beta must stay below for C_2 < 0, L_xy = 0."""
    alpha, k = s.steps["alpha"], growth(s)
    rho_g = 2 * s.constants.mu_g * s.constants.L_g / (s.constants.mu_g + s.constants.L_g)
    return over(rho_g * (alpha + k), 8 * s.more["L_yc"] ** 2 + k)


DESCENT = Rule(
    "slam/C2-repaired",
    ("alpha", "beta"),
    (
        *ALPHA,
        Term("4 (L_f/2 + (m+1) L_y^2/n)", "alpha", descent, 1, "(164): C_1 > 0", lower=True),
        Term(
            "rho_g (alpha + 2(m+1)n L_y^2)/(8 L_yc^2 + 2(m+1)n L_y^2)", "beta", contraction, serves="C_2 < 0"
        ),
        Term(
            "(mu + L)/2", "beta", lambda s: (s.constants.mu_g + s.constants.L_g) / 2, 1, "Lemma 5", lower=True
        ),
    ),
    needs=("T", "alpha_0", "tasks", "L_f", "L_yc"),
    no_limit="gamma and rho are not in the list, and the limit depends on them",
    units={**UNITS, "L_f": X, "L_yc": X},
)
