r"""The inequalities of Lemmas 4 to 8 as data: coefficients of named terms on both sides, written once.

Coefficients are functions of `Letters`. With an instance's numbers a line is put to the test, with symbols it goes into
proofs, comparisons and the count of units, as text into witnesses; so what is refuted or proved is what is compared.

Terms: ``descent`` :math:`\Phi(x_{q+1}) - \Phi(x_q)`; ``grad_Phi2`` :math:`\sum_{s \in K} |\nabla\Phi^s(x_q)|^2`; ``grad_f2`` the same
of :math:`\nabla f(x_q, y_{q+1})`; ``lower``, ``new_lower``, ``next_lower`` :math:`|y_q - y^*(x_q)|^2`, :math:`|y_{q+1} - y^*(x_q)|^2`,
:math:`|y_{q+1} - y^*(x_{q+1})|^2`; ``step2`` :math:`|x_{q+1} - x_q|^2`; ``direction2`` the squared distance of the aggregated
hypergradient from :math:`\nabla\Phi` on K, ``bias2`` that of its mean, ``spread`` its variance; ``error2`` the left side
of (25), ``sigma_J2`` its right side or, in repaired lines, the true error; ``drift2`` the mean over clients of the squared
masked gradient of g_i at the submodel of :math:`(x_q, y^*)`; squares of sigma and delta, and ``E_h``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Coefficients = Mapping[str, Any]
Sides = Callable[["Letters"], tuple[Coefficients, Coefficients]]


@dataclass(frozen=True)
class Letters:
    """What coefficients depend on: numbers or symbols."""

    alpha: Any
    beta: Any
    mu_g: Any
    l_g1: Any
    l_f0: Any
    L_y: Any
    M_f: Any
    L_f: Any
    T: Any
    N: Any
    C_x: Any
    C_y: Any
    P: Any
    radius: Any
    """The mu of RAFBO."""


NAMES = tuple(Letters.__dataclass_fields__)


def symbols() -> Letters:
    """All letters as positive symbols of the same names."""
    import sympy

    return Letters(*sympy.symbols(" ".join(NAMES), positive=True))


@dataclass(frozen=True)
class Line:
    """``sum of left coefficients times terms <= sum of right ones``."""

    name: str
    sides: Sides

    def right(self, a: Letters) -> Coefficients:
        """The coefficients on the right."""
        return self.sides(a)[1]

    def text(self, letters: Letters | None = None, /, **terms: str) -> str:
        """The right side as an expression of witnesses, with the letters' own names, or others, and the given texts for terms.

        Raises
        ------
        KeyError
            If a text is missing; a term that is 0 needs the text ``"0"``.

        Examples
        --------
        >>> LEMMA_6_MOVE.text(new_lower="e", step2="s")
        '(2)*(e) + (2*L_y)*(s)'
        """
        return " + ".join(f"({k})*({terms[t]})" for t, k in self.right(letters or symbols()).items())


NOISE = ("sigma_f2", "delta_f2", "E_h")


def lemma4(a: Letters) -> tuple[Coefficients, Coefficients]:
    """(29)."""
    added = 4 * a.N * a.T * a.beta**2 / a.C_y
    return {"new_lower": 1}, {"lower": 1 - a.beta * a.mu_g, "sigma_g2": added, "delta_g2": added}


def lemma4_repaired(a: Letters) -> tuple[Coefficients, Coefficients]:
    """For equal coverage ``C_y``; ``drift2`` is the mean over the clients of their squared masked gradients at y*."""
    share = a.N * a.T / a.C_y
    right = {
        "lower": (1 - a.beta * a.mu_g) ** a.T,
        "sigma_g2": share * a.beta**2,
        "drift2": share * (a.beta**2 + a.beta / a.mu_g),
    }
    return {"new_lower": 1}, right


def lemma5(a: Letters) -> tuple[Coefficients, Coefficients]:
    """(32), and (35), which repeats it."""
    share = a.alpha * a.N / a.C_x
    right = {
        "grad_Phi2": -a.alpha / 2,
        "sigma_f2": share * (2 - a.alpha + a.alpha * a.L_f),
        "delta_f2": share * (1 + a.L_f),
        "E_h": 2 * share * (1 - a.alpha + a.alpha * a.L_f),
        "grad_f2": (-(a.alpha**3) + a.alpha**3 * a.L_f) * a.N / a.C_x,
        "new_lower": 2 * a.alpha * a.M_f**2,
    }
    return {"descent": 1}, right


def u1(parts: int) -> Sides:
    """The bound on U_1, of 4 parts, or on U_1', of 5."""

    def sides(a: Letters) -> tuple[Coefficients, Coefficients]:
        each = parts * a.alpha**2 * a.N / a.C_x
        return {"step2": 1}, dict.fromkeys(_parts(parts), each) | {"grad_f2": each}

    return sides


def u2(parts: int) -> Sides:
    """The bound on alpha/2 times U_2, of 4 parts, or U_2', of 5."""

    def sides(a: Letters) -> tuple[Coefficients, Coefficients]:
        each = parts * a.alpha / 2
        right = dict.fromkeys(_parts(parts), each * a.N / a.C_x)
        return {"direction2": a.alpha / 2}, right | {"new_lower": each * a.M_f**2}

    return sides


def _parts(parts: int) -> tuple[str, ...]:
    return NOISE if parts == 4 else ("sigma_J2", *NOISE)


def substituted(parts: int) -> Sides:
    """What the proofs of Lemmas 5 and 7 do: both bounds put into the expansion, that on U_1 under a negative coefficient."""

    def sides(a: Letters) -> tuple[Coefficients, Coefficients]:
        first, second = u1(parts)(a)[1], u2(parts)(a)[1]
        total = {"grad_Phi2": -a.alpha / 2}
        for term in dict.fromkeys((*first, *second)):
            total[term] = step_coefficient(a) * first.get(term, 0) + second.get(term, 0)
        return {"descent": 1}, total

    return sides


def step_coefficient(a: Letters) -> Any:
    """What stands before U_1."""
    return -1 / (2 * a.alpha) + a.L_f / 2


def descent_display(parts: int) -> Sides:
    """The last display of the proof of Lemma 5 or 7, as printed."""

    def sides(a: Letters) -> tuple[Coefficients, Coefficients]:
        half = a.alpha * parts / 2
        noise = dict.fromkeys(_parts(parts), half * a.alpha * a.L_f * a.N / a.C_x)
        right = {"grad_Phi2": -a.alpha / 2, **noise}
        right["grad_f2"] = (-half + half * a.alpha * a.L_f) * a.N / a.C_x
        return {"descent": 1}, right | {"new_lower": half * a.M_f**2}

    return sides


def tracking(first: int, parts: int) -> Sides:
    """(33) with 8 and 4 parts, (36) with 10 and 5."""

    def sides(a: Letters) -> tuple[Coefficients, Coefficients]:
        inner = 8 * a.N * a.T * a.beta**2 / a.C_y
        share = first * a.L_y * a.N / a.C_x
        right = {"lower": 2 - 2 * a.beta * a.mu_g, "sigma_g2": inner, "delta_g2": inner}
        right |= dict.fromkeys(_parts(parts), share * a.alpha**2)
        right |= {"delta_f2": share * a.alpha, "grad_f2": share * a.alpha**3}
        return {"next_lower": 1}, right

    return sides


def tracking_squares(first: int, parts: int) -> Sides:
    """`tracking` with alpha^2 throughout, as the proofs of Theorems 1 and 2 use it."""

    def sides(a: Letters) -> tuple[Coefficients, Coefficients]:
        left, right = tracking(first, parts)(a)
        share = first * a.L_y * a.alpha**2 * a.N / a.C_x
        return left, {**right, "delta_f2": share, "grad_f2": share}

    return sides


def lemma6_repaired(a: Letters) -> tuple[Coefficients, Coefficients]:
    """For equal coverage ``C_y``, from `lemma4_repaired`."""
    young = a.beta * a.mu_g / 2
    right = {term: (1 + young) * k for term, k in lemma4_repaired(a)[1].items()}
    return {"next_lower": 1}, {**right, "step2": (1 + 1 / young) * a.L_y**2}


def lemma3(a: Letters) -> tuple[Coefficients, Coefficients]:
    """(25)."""
    return {"error2": 1}, {"one": a.P * a.l_g1**2 * a.radius**2 * a.l_f0**2 / 4}


LEMMA_3 = Line("(25)", lemma3)
LEMMA_4 = Line("(29)", lemma4)
LEMMA_5 = Line("(32)", lemma5)
LEMMA_6 = Line("(33)", tracking(8, 4))
LEMMA_7 = Line("(35)", lemma5)
LEMMA_8 = Line("(36)", tracking(10, 5))
PRINTED = (LEMMA_4, LEMMA_5, LEMMA_6, LEMMA_7, LEMMA_8)

U_1, U_2 = Line("U_1", u1(4)), Line("U_2", u2(4))
END_5, END_7 = (
    Line("proof of Lemma 5, end", descent_display(4)),
    Line("proof of Lemma 7, end", descent_display(5)),
)
LEMMA_6_SQUARES = Line("(33) with alpha^2", tracking_squares(8, 4))
LEMMA_8_SQUARES = Line("(36) with alpha^2", tracking_squares(10, 5))
LEMMA_6_MOVE = Line(
    "proof of Lemma 6, line 2", lambda a: ({"next_lower": 1}, {"new_lower": 2, "step2": 2 * a.L_y})
)

LEMMA_4_REPAIRED = Line("(29) repaired", lemma4_repaired)
DESCENT = Line("descent", lambda a: ({"descent": 1}, {"grad_Phi2": -a.alpha / 2, "direction2": a.alpha / 2}))
DESCENT_IN_MEAN = Line(
    "descent in mean",
    lambda a: (
        {"descent": 1},
        {"grad_Phi2": -a.alpha / 2, "bias2": a.alpha / 2, "spread": a.L_f * a.alpha**2 / 2},
    ),
)
LEMMA_5_REPAIRED = Line(
    "(32) repaired", lambda a: ({"descent": 1}, {"grad_Phi2": -a.alpha / 2, **u2(4)(a)[1]})
)
LEMMA_7_REPAIRED = Line(
    "(35) repaired", lambda a: ({"descent": 1}, {"grad_Phi2": -a.alpha / 2, **u2(5)(a)[1]})
)
LEMMA_5_UNBIASED = Line(
    "(32) with unbiased noise",
    lambda a: (
        {"descent": 1},
        {
            "grad_Phi2": -a.alpha / 2,
            "sigma_f2": a.L_f * a.alpha**2 * a.N / (2 * a.C_x**2),
            "delta_f2": 3 * a.alpha * a.N / (2 * a.C_x),
            "E_h": 3 * a.alpha * a.N / (2 * a.C_x),
            "new_lower": 3 * a.alpha * a.M_f**2 / 2,
        },
    ),
)
LEMMA_6_REPAIRED = Line("(33) repaired", lemma6_repaired)
REPAIRED = (
    LEMMA_4_REPAIRED,
    U_1,
    U_2,
    END_5,
    END_7,
    LEMMA_5_REPAIRED,
    LEMMA_5_UNBIASED,
    LEMMA_6_REPAIRED,
    LEMMA_7_REPAIRED,
)
"""Lines whose units are right; `END_5` and `END_7` are false all the same."""
