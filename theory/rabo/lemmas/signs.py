r"""Bounds that the proofs put in for a quantity, and the sign of what stands before it.

From :math:`U \le B` follows :math:`c\,U \le c\,B` if :math:`c \ge 0`. Every such step of the proofs of Lemmas 5 to 8 and of
Theorems 1 and 2 is listed with its c, whose sign is decided for all admissible :math:`\alpha = 1/(L_f + 4M_f + s)`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas import descent_witnesses as seen
from spiritlevel.theory.rabo.lemmas.lines import (
    END_5,
    END_7,
    LEMMA_5,
    LEMMA_7,
    Letters,
    Line,
    step_coefficient,
    substituted,
    symbols,
)
from spiritlevel.theory.rabo.lemmas.proofs import positive
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

Sign = Literal["not negative", "negative", "undecided"]


@dataclass(frozen=True)
class Substitution:
    """An upper bound put in for a quantity that has ``coefficient`` before it."""

    where: str
    coefficient: Callable[[Letters], Any]


SUBSTITUTIONS = (
    Substitution("Lemma 5: the bound on U_1", step_coefficient),
    Substitution("Lemma 5: the bound on U_2", lambda a: a.alpha / 2),
    Substitution("Lemma 6: (29)", lambda a: 2),
    Substitution("Lemma 6: the bound on U_1", lambda a: 2 * a.L_y),
    Substitution("Theorem 1: (32)", lambda a: 1),
    Substitution("Theorem 1: (33)", lambda a: a.M_f / a.L_y),
    Substitution("Theorem 1, (34b): (29)", lambda a: 2 * a.alpha * a.M_f**2 + 2 * a.M_f / a.L_y),
    Substitution("Lemma 7: the bound on U_1'", step_coefficient),
    Substitution("Lemma 7: the bound on U_2'", lambda a: a.alpha / 2),
    Substitution("Lemma 8: the bound on U_1'", lambda a: 2 * a.L_y),
    Substitution("Theorem 2, (37b): (29)", lambda a: 5 * a.alpha * a.M_f**2 / 2 + 2 * a.M_f / a.L_y),
)


def admitted() -> Letters:
    """Symbols with Theorem 1's alpha."""
    a = symbols()
    return dataclasses.replace(a, alpha=1 / (a.L_f + 4 * a.M_f + positive("s")))


def sign(coefficient: Any) -> Sign:
    """The sign of an expression in positive symbols, where it shows.

    Examples
    --------
    >>> a = admitted()
    >>> sign(step_coefficient(a)), sign(a.M_f - a.L_f), sign(a.alpha)
    ('negative', 'undecided', 'not negative')
    """
    if without_minus(coefficient):
        return "not negative"
    return "negative" if without_minus(-coefficient) else "undecided"


def found_signs(listed: tuple[Substitution, ...] = SUBSTITUTIONS) -> Mapping[str, Sign]:
    """The sign of every coefficient."""
    a = admitted()
    return {each.where: sign(each.coefficient(a)) for each in listed}


def _check_signs(ctx: Context) -> Finding:
    found = found_signs()
    wrong = [where for where, which in found.items() if which == "negative"]
    open_ones = [where for where, which in found.items() if which == "undecided"]
    witness = seen.sign_witness()
    stands = bool(wrong) and recheck(witness).ok
    whole = Verdict.INCONCLUSIVE if open_ones or wrong else Verdict.PROVED
    return Finding(
        verdict=Verdict.REFUTED if stands else whole,
        method=Method.SYMBOLIC,
        summary=f"of {len(found)} substitutions {len(wrong)} have a negative coefficient before the bound: {'; '.join(wrong) or 'none'}; "
        "-1/(2 alpha) + L_f/2 = -(4 M_f + s)/2 at alpha = 1/(L_f + 4 M_f + s)",
        numbers=dict(found),
        cases=len(found),
        witness=witness if stands else None,
    )


SIGNS = Statement(
    id="rabo/u1-sign",
    paper=PAPER,
    location="proofs of Lemmas 5 and 7, 'Thus, we can get'",
    kind="lemma",
    sentence="In the proofs of Lemmas 5 and 7 the term (-1/(2 alpha) + L_f/2) U_1 is at most its coefficient times the bound on U_1.",
    formula=r"\Big(-\tfrac{1}{2\alpha} + \tfrac{L_f}{2}\Big) U_1 \le \Big(-\tfrac{1}{2\alpha} + \tfrac{L_f}{2}\Big) \cdot \text{(bound on } U_1)",
    because="Under alpha <= 1/(L_f + 4 M_f), and for every alpha < 1/L_f, the coefficient of U_1 is negative: an upper bound on U_1 gives a lower "
    "bound. That step is what cancels 2 alpha N/C (sigma_f^2 + delta_f^2 + E_h), so Theorems 1 and 2 rest on it. Their other substitutions have "
    "coefficients that are not negative.",
    check=_check_signs,
    expected=Verdict.REFUTED,
)


def differing(printed: Line, proof: Line) -> list[str]:
    """The terms whose coefficients differ, with both.

    Examples
    --------
    >>> differing(LEMMA_5, LEMMA_7), len(differing(LEMMA_5, END_5))
    ([], 4)
    """
    import sympy

    a = symbols()
    left, right = printed.right(a), proof.right(a)
    return [
        f"{term}: {left.get(term, 0)}, proof: {right.get(term, 0)}"
        for term in dict.fromkeys((*left, *right))
        if sympy.simplify(left.get(term, 0) - right.get(term, 0)) != 0
    ]


PAIRS = (
    (LEMMA_5, END_5),
    (LEMMA_7, END_7),
)
"""A lemma's inequality, and what its proof ends with. (33) is the end of its proof, and Lemma 8 has none."""


def _check_copy(ctx: Context) -> Finding:
    found = {printed.name: differing(printed, proof) for printed, proof in PAIRS}
    # the ends of the proofs themselves follow from their bounds
    algebra = all(not differing(Line("", substituted(parts)), end) for parts, end in ((4, END_5), (5, END_7)))
    repeats = not differing(LEMMA_5, LEMMA_7)
    witness = seen.copy_witness()
    stands = any(found.values()) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED
        if stands
        else Verdict.INCONCLUSIVE
        if any(found.values())
        else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"differing terms: {', '.join(f'{name} {len(each)}' for name, each in found.items())}; "
        f"(35) {'repeats' if repeats else 'differs from'} (32), without sigma_J^2; the ends "
        f"{'do' if algebra else 'do not'} follow from the bounds on U_1 and U_2",
        numbers={**found, "(35) repeats (32)": repeats, "ends follow": algebra},
        cases=len(PAIRS),
        witness=witness if stands else None,
    )


COPY = Statement(
    id="rabo/lem5-copy",
    paper=PAPER,
    location="(32), (35) and their proofs",
    kind="lemma",
    sentence="Lemmas 5 and 7 state what their proofs end with.",
    because="(32) has 2 alpha, 1 + L_f and alpha^3 where the proof has 2 L_f alpha^2 and -2 alpha + 2 L_f alpha^2; (35) repeats "
    "(32) without sigma_J^2. Theorems 1 and 2 go on from the proofs; from (32) as printed they would not follow, since "
    "terms of order alpha stay of order 1 when divided by alpha. Lemma 6 does "
    "state the end of its proof; Lemma 8 has no proof.",
    check=_check_copy,
    expected=Verdict.REFUTED,
)
