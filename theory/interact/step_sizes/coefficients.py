r"""The coefficients :math:`C_1, \dots, C_5` of (20), rebuilt from the one-step inequalities (14)-(19).

The paper leaves them to its technical report. Each inequality is data: what it says about the change of
one part of the potential, as coefficients of the quantities on its right side. Summed with the weights
1, a, 1, alpha of Step 4, with :math:`c_1 = c_2 = 1/\lambda - 1`, and with :math:`\|x_{t+1} - x_t\|^2` and
:math:`\|p_{t+1} - p_t\|^2` eliminated, they give (20). ``gamma`` is 1-lam, ``s`` is mu+L; ``R`` and ``D``
stand for 1+r and 1-r, so that every product stays a monomial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from spiritlevel.theory.instruments.monomials import Monomial
from spiritlevel.theory.interact.constants import Convention, Lemmas
from spiritlevel.theory.interact.one_step import terms
from spiritlevel.theory.interact.step_sizes.step_facts import World

NAMES = ("C_1", "C_2", "C_3", "C_4", "C_5")
QUANTITIES = {"C_1": "ubar", "C_2": "x", "C_3": "y", "C_4": "v", "C_5": "u"}
"""Whose coefficient each is: squared norms of the mean tracker, the disagreement of x, y - y*, v, and the
disagreement of u."""


def symbol(name: str) -> Any:
    """A positive symbol; the same for every caller."""
    import sympy

    return sympy.Symbol(name, positive=True)


@dataclass(frozen=True)
class Letters:
    """The constants of Lemmas 1 and 2 as they enter (14)-(19), the weight of the lower-level error, and C_3's target."""

    convention: Convention
    lemmas: Lemmas
    weight: Any
    target: Any


def letters(world: World) -> Letters:
    """The constants of a reading.

    ``letters``: (14) and (15) as printed, with free letters. ``plain`` and ``printed``: (14) and (15) as
    they are true, with Lipschitz constants, while the weight and the target have the list's ``L_y``.
    """
    gamma, r, R, F, rho, q = map(symbol, ("gamma", "r", "R", "F", "rho", "q"))
    K2, L_y = symbol("K2"), {"letters": symbol("L_y"), "plain": rho, "printed": rho**2}[world]
    a = gamma * r / (32 * R * L_y**2)  # (1-lam)/(32 (1+1/r) L_y^2)
    if world == "letters":
        return Letters("printed", Lemmas(symbol("L_f"), L_y, symbol("L_l"), K2), a, -3 * r * a)
    return Letters("plain", Lemmas(F, rho, F * q, K2), a, -3 * r * a)


_NAMES = {
    "gradient": "grad",
    "x apart": "x",
    "u apart": "u",
    "lower": "y",
    "each lower": "y",
    "each v": "v",
    "each dx": "dx",
}
_ZERO = ("missed", "each inexact")  # with exact gradients


def inequalities(k: Letters) -> dict[str, dict[str, Any]]:
    """The right sides of (14)-(17), (19) and of the bound on the movement of x, by quantity.

    The first four bound a *change*: the left side's own old value is already subtracted. They are those of
    `spiritlevel.theory.interact.one_step.terms` in these symbols, (15) with delta = r; what multiplies a
    quantity that exact gradients make 0 is left out.
    """
    import sympy

    alpha, gamma, m, r, R, D, s, mu, L = map(symbol, ("alpha", "gamma", "m", "r", "R", "D", "s", "mu", "L"))
    beta = 3 * r * s / (mu * L)
    at = terms.Letters(alpha, beta, m, 1 - gamma, mu, L, r, k.lemmas)
    in_products = {mu + L: s, 1 + 1 / r: R / r, r + 1: R, r - 1: -D}
    rows = {
        "(14)": terms.eq14(k.convention),
        "(15)": terms.eq15(k.convention, r),
        "(16)": terms.eq16(),
        "(17)": terms.eq17(),
        "(19)": terms.eq19(times_m=False),
        "dx": terms.movement(4, 4),
    }
    found = {
        name: {
            _NAMES.get(term, term): sympy.sympify(value).xreplace(in_products)
            for term, value in inequality.right(at).items()
            if term not in _ZERO
        }
        for name, inequality in rows.items()
    }
    found["(15)"]["y"] = 3 * r - (1 + 3 * r) * 6 * r  # as in (18), from (1+r)^2 <= 1+3r; 6r is 2 beta mu L/s
    found["(16)"]["x"] -= 1
    found["(17)"]["u"] -= 1
    return found


def coefficients(k: Letters) -> dict[str, Any]:
    r"""The coefficients of (20) as sympy expressions, with -alpha/2 on the gradient under ``grad``.

    Examples
    --------
    >>> print(coefficients(letters("plain"))["C_5"])
    4*K2*alpha**3/gamma + alpha**2*gamma/8 + alpha**2/gamma - alpha*gamma
    """
    import sympy

    each = inequalities(k)
    weights = {"(14)": 1, "(15)": k.weight, "(16)": 1, "(17)": symbol("alpha")}
    total: dict[str, Any] = {}
    for name, weight in weights.items():
        _add(total, each[name], weight)
    _add(total, each["(19)"], total.pop("dp"))
    _add(total, each["dx"], total.pop("dx"))
    return {
        "grad": sympy.expand(total["grad"]),
        **{name: sympy.expand(total[quantity]) for name, quantity in QUANTITIES.items()},
    }


def _add(total: dict[str, Any], more: Mapping[str, Any], weight: Any) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + weight * value


def targets(k: Letters) -> dict[str, Any]:
    """What the step sizes have to ensure: each coefficient is at most this."""
    return {"C_1": 0, "C_2": -symbol("gamma") / 4, "C_3": k.target, "C_4": 0, "C_5": 0}


@dataclass(frozen=True)
class Ratio:
    """``coefficient - target <= negative * (sum of parts - 1)``: at most 0 where the parts sum to at most 1."""

    negative: Monomial
    parts: tuple[Monomial, ...]


def ratio(excess: Any) -> Ratio | None:
    """Split ``coefficient - target`` into its one negative monomial and the rest relative to it; None if it has no negative part.

    Raises
    ------
    ArithmeticError
        If there are several negative monomials.

    Examples
    --------
    >>> x = symbol("x")
    >>> [str(part) for part in ratio(x**2 - 3 * x).parts]
    ['1/3 x']
    """
    import sympy

    negative: list[Monomial] = []
    positive: list[Monomial] = []
    for term in sympy.Add.make_args(sympy.expand(excess)):
        number, powers = term.as_coeff_Mul()
        exponents = {v.name: Fraction(int(e)) for v, e in powers.as_powers_dict().items() if v != 1}
        found = Monomial.build(abs(Fraction(int(number.p), int(number.q))), exponents)
        (positive if number > 0 else negative).append(found)
    if len(negative) > 1:
        raise ArithmeticError(f"several negative monomials: {', '.join(map(str, negative))}")
    return Ratio(negative[0], tuple(p / negative[0] for p in positive)) if negative else None


def ratios(world: World) -> dict[str, Ratio | None]:
    """Every coefficient less its target, as a `Ratio`."""
    k = letters(world)
    found, wanted = coefficients(k), targets(k)
    return {name: ratio(found[name] - wanted[name]) for name in NAMES}
