r"""The lines of B.3, B.4 and (140): dual ascent, potentials, and both together, as far as (130), (139), (140) show them.

Displays (101), (105)-(111), (113)-(129) are lost in the text. (101b) is what (140) has beside C times (139); :math:`Q_v` is
lost too, but (139) is true, with its 3/2, for

.. math:: Q_v^r = \tfrac\rho2 \|A y^r\|^2 + \tfrac12 \|y^r - y^{r-1}\|_D^2 + \tfrac{L_{g,1}}{2n} \|y^r - y^{r-1}\|^2 .

Lines are about either level (`spiritlevel.theory.slam.lemmas.lines`); they hold for the samples themselves, and so for means.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.slam.lemmas.lines import Coefficients, Letters, Line
from spiritlevel.theory.slam.lemmas.proofs import least_weight

Two = tuple[Coefficients, Coefficients]


def _growth(a: Letters, scale: Any, extra: Any) -> dict[str, Any]:
    """``scale (Q^{r+1} - Q^r)``, where Q has ``extra`` times the squared move."""
    h, e = scale / 2, scale * extra
    return {"A new": a.rho * h, "A now": -a.rho * h, "dDd": h, "eDe": -h, "d": e, "e": -e}


def repaired_ascent(a: Letters) -> Two:
    r"""(101) with the part that (102) leaves out, for realised samples: :math:`3(|Dw|^2 + |dh|^2 + \rho^2(\gamma-1)^2 |Ld|^2)`."""
    k = 3 / (a.rho * a.gamma * a.low)
    return {"A new": a.rho / a.gamma}, {"D w": k, "dh": k, "L d": k * a.rho**2 * (a.gamma - 1) ** 2}


def printed_ascent(a: Letters) -> Two:
    """(101b) as (140) has it, with the moves of this iteration and without noise."""
    k = 3 / (a.rho * a.gamma * a.low)
    lipschitz = k * a.L**2 / a.n**2
    return {"A new": a.rho / a.gamma}, {"D w": k, "other": lipschitz, "d": lipschitz}


def printed_potential(a: Letters) -> Two:
    """(139) without noise."""
    l = a.L / a.n
    right = {"other": l / 2, "d": 3 * l / 2, "wDw": -one(a) / 2}
    return _growth(a, one(a), l / 2), right


def upper_potential(a: Letters) -> Two:
    """Lemma 7 for one task without noise and bias, each move with its own coefficient."""
    l = a.L / a.n
    return _growth(a, one(a), 0 * l), {
        "d": 3 * l / 4,
        "e": l / 2,
        "other": a.C**2 / (a.n * a.L),
        "wDw": -one(a) / 2,
    }


def printed_descent(a: Letters) -> Two:
    """(140) without noise."""
    return _together(a, Fraction(1, 2))


def repaired_descent(a: Letters) -> Two:
    """(140) with L/n in the place of L/(2n) in Q, and so 2 in the place of 3/2, and without the move of y in (101b)."""
    return _together(a, Fraction(1))


def _together(a: Letters, share: Fraction) -> Two:
    k, l = 3 / (a.rho * a.gamma * a.low), a.L / a.n
    extra = l * share.numerator / share.denominator
    left = _growth(a, a.weight, extra) | {"A now": -a.rho * a.weight / 2}
    left["A new"] = left["A new"] + a.rho / a.gamma
    right = {
        "wDw": -a.weight / 2,
        "D w": k,
        "other": a.weight * l / 2 + k * l**2,
        "d": a.weight * (l + extra),
    }
    if share != 1:
        right["d"] = right["d"] + k * l**2
    return left, right


def one(a: Letters) -> Any:
    """1 in the letters' number system."""
    return a.rho / a.rho


def printed_weight(a: Letters) -> Any:
    r"""The least C of (137), :math:`\frac8{\tilde\sigma_{\min}} (\frac\tau\rho + \frac{\rho\sigma_{\max}^2}\tau)`."""
    tau = a.step / a.gamma
    return 8 / a.low * (tau / a.rho + a.rho * a.high**2 / tau)


def small_weight(a: Letters) -> Any:
    """The C that the repaired (140) asks for."""
    return least_weight(a.high, a.low, a.L / a.n, a.rho, a.gamma)


ASCENT = Line(repaired_ascent)
PRINTED_ASCENT = Line(printed_ascent, "y")
POTENTIAL = Line(printed_potential, "y")
UPPER_POTENTIAL = Line(upper_potential, "x")
DESCENT = Line(repaired_descent, "y", small_weight)
PRINTED_DESCENT = Line(printed_descent, "y", printed_weight)
