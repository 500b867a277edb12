"""Witnesses about the step-size lists themselves: what they admit, typed here once more in the paper's letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.theorems.bound_witness import LEMMA_1, Convention
from spiritlevel.theory.witness import Assignments, Condition, Witness

Theorem = Literal[1, 3]

_LEAST: dict[Theorem, str] = {
    1: "2*L_fx**2 + 6*C_gxy**2/mu_g**2*L_fy**2 + 6*C_fy**2/mu_g**2*L_gxy**2 + "
    "6*C_gxy**2*C_fy**2*L_gyy**2/mu_g**4",
    3: "2*L_fx**2 + 6*C_gxy**2*L_fy**2*K/(2*mu_g*L_g - mu_g**2) + 6*C_fy**2*L_gxy**2*K/(2*mu_g*L_g - mu_g**2) + "
    "6*C_gxy**2*C_fy**2*K**4/L_g**4*L_gyy**2",
}
_ENTRIES: dict[Theorem, tuple[str, ...]] = {
    1: (
        "beta <= 3*(mu_g + L_g)/(mu_g*L_g)",
        "beta <= 1/(mu_g + L_g)",
        "alpha <= 1/(4*L_l)",
        "alpha**2 <= (1 - lam)/(2*m)/(4*L_K)**2",
        "alpha <= 1/(m*(1 - lam))",
        "alpha <= (1 - lam)**2/(32*L_K**2)",
        "alpha <= m*(1 - lam)/(4*L_l)",
        "alpha <= 9*r**2*m*(1 - lam)/(32*L_y**2*(1 + 1/r)*L_f**2)",
        "alpha <= (1 - r)*(1 + r)*r*(1 - lam)**2/(32*L_y**2*(mu_g + L_g)*L_K**2*beta)",
        "alpha <= (1 - lam)/(4*L_K)",
        "alpha <= 1",
    ),
    3: (
        "beta <= (1 - lam)*mu_g*L_g/(768*L_K**2*(mu_g + L_g))",
        "beta <= (1 - lam)*(mu_g + L_g)/(4096*L_K**2)",
        "beta <= 3*(mu_g + L_g)/(mu_g*L_g)",
        "beta <= L_y**2*mu_g*L_g/(24*L_K**2*(mu_g + L_g))",
        "beta <= (1 - lam)*(mu_g + L_g)/(512*L_K**2)",
        "beta <= 1/(2*(mu_g + L_g))",
        "beta <= 16/((1 - lam)*(mu_g + L_g))",
        "alpha <= 1/(8*L_l)",
        "alpha <= r/(16*m*L_y**2*(r + 1))",
        "alpha**2 <= 1/(64*L_K**2*m)",
        "alpha <= 1/(m*(1 - lam))",
        "alpha <= (1 - lam)**2/(128*L_K**2)",
        "alpha <= (1 - lam)/4*m/(L_l + 16*L_K**2*m)",
        "alpha**2 <= (1 - lam)/m/(16*L_K)**2",
        "alpha <= 288*r*(1 + r)*m*L_y**2/((1 - lam)*L_f**2)",
        "alpha <= r*(1 + r)*(1 - lam)/(256*L_y**2*(mu_g + L_g)*L_K**2*beta)",
        "alpha <= r*(1 + r)*(1 - lam)**2/(512*L_y**2*(mu_g + L_g)*L_K**2*beta)",
        "alpha**2 <= (1 - lam)/(64*L_K**2)",
        "alpha <= (1 - lam)**2/(16*(1 + 1/r)*L_y**2)",
        "alpha <= 32*L_y**2/(1 - lam)",
    ),
}
_POSITIVE = ("mu_g > 0 and L_g >= mu_g", "L_K**2 >= L_Kd2", "0 <= lam and lam < 1", "alpha > 0 and beta > 0")
_NAMES = ("mu_g", "L_g", "C_gxy", "L_gxy", "L_gyy", "L_fx", "L_fy", "C_fy", "L_K", "L_Kd2", "lam", "m",
          "alpha", "beta", "K", "r", "L_f", "L_y", "L_l")  # fmt: skip


def _second(text: str) -> str:
    """The same expression about the second set of letters, ``alpha_2`` for ``alpha``."""
    return re.sub(rf"\b({'|'.join(_NAMES)})\b", r"\1_2", text)


def list_witness(
    statement: str,
    theorem: Theorem,
    reading: Convention,
    given: Mapping[str, Any],
    claim: Condition | None = None,
    *,
    changed: Mapping[str, str] | None = None,
    claim_text: str,
) -> Witness:
    """Steps that a printed list admits, and a claim about them that is false.

    Parameters
    ----------
    reading
        Of Lemma 1's letters: with the printed squares or without.
    given
        Every constant, ``lam``, ``m``, ``alpha``, ``beta``, ``L_K``; ``K`` for Theorem 3.
    claim
        About these letters, with ``a`` for Step 4's weight; left out, the claim is that the list also
        admits the ``changed`` steps with the ``changed`` constants.
    changed
        Letters of the second set that differ, as expressions in the first.
    """
    common: Assignments = (
        ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
        *LEMMA_1[reading],
        ("L_Kd2", _LEAST[theorem]),
    )
    define = (*common, ("a", "(1 - lam)/(32*(1 + 1/r)*L_y**2)"))
    admitted = [*_POSITIVE, *_ENTRIES[theorem]]
    if claim is None:
        base = [name for name in _NAMES[:15] if name in given]
        define += tuple((f"{name}_2", (changed or {}).get(name, name)) for name in base)
        define += tuple((_second(name), _second(text)) for name, text in common)
        # entry by entry, so that the transcript shows which one fails
        claim = Condition(
            f"the list of Theorem {theorem} admits alpha_2 and beta_2 with the second constants",
            " and ".join(map(_second, _ENTRIES[theorem])),
        )
        admitted += list(map(_second, _POSITIVE))
    return Witness(
        statement=statement,
        paper=PAPER,
        location=f"Theorem {theorem}",
        claim_text=claim_text,
        note=f"Lemma 1's letters: {'the printed squares' if reading == 'printed' else 'without the outer squares'}.",
        given=given,
        define=define,
        assume=tuple(Condition(f"Theorem {theorem}: {text}", text) for text in admitted),
        claim=claim,
    )
