r"""Units of the terms of a step-size list, by dimension analysis of the list's own code.

Measure an objective in other units, :math:`f \to s f` or :math:`g \to s g`, or all lengths, :math:`x \to s x` and
:math:`y \to s y`: the same run needs :math:`\alpha \to s^{-1} \alpha` with f, and :math:`\to s^2 \alpha` with lengths. A bound that
scales in another way says something that depends on the choice of units; one that is no power of s adds unlike
quantities. Bounds are evaluated in exact rationals at scaled constants, so that a term that is named here is wrong;
that one is right was seen at a few constants and scales only. In x or y alone a joint Lipschitz constant is no power,
which is why they are measured alike.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from spiritlevel.core.constants import Constants, Real
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, root_below, taken

Units = Mapping[str, int]
Scale = Mapping[str, Fraction | None]

CONSTANTS: Mapping[str, Units] = {
    "f": {"L_fx": 1, "L_fy": 1, "C_fy": 1},
    "g": {"mu_g": 1, "L_g": 1, "C_gxy": 1, "L_gxy": 1, "L_gyy": 1},
    "length": {
        "L_fx": -2,
        "L_fy": -2,
        "C_fy": -1,
        "mu_g": -2,
        "L_g": -2,
        "C_gxy": -2,
        "L_gxy": -3,
        "L_gyy": -3,
    },
}
"""The powers with which the constants scale."""
MEASURES = tuple(CONSTANTS)
USUAL: Mapping[str, Units] = {"alpha": {"f": -1, "length": 2}, "beta": {"g": -1, "length": 2}}
"""Of a step size of x, which moves along a gradient of f, and of y along one of g."""

_BASES = (
    (Constants(mu_g=1, L_g=3, C_gxy=2, L_gxy=1, L_gyy=2, L_fx=1, L_fy=3, C_fy=5), 4),
    (Constants(mu_g=2, L_g=3, C_gxy=Fraction(1, 7), L_gxy=3, L_gyy=1, L_fx=7, L_fy=1, C_fy=2), 9),
)
_SCALES = (Fraction(2), Fraction(4), Fraction(1, 2))
_PRIMES = (5, 7, 11, 13, 17, 19, 23, 29)
_ROUNDING = 1e-9  # relative, of bounds that take square roots


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How a term's bound on its step scales, and how the step does."""

    found: Scale
    """The powers by ``f``, ``g`` and ``length``; None where it is no power."""
    demanded: Scale

    @property
    def consistent(self) -> bool:
        """Whether the bound has the units of the step."""
        return self.found == self.demanded

    @property
    def mixed(self) -> bool:
        """Whether unlike quantities are added or compared, so that it has no units at all."""
        return None in self.found.values()


def units(rule: Rule) -> dict[Term, Measured]:
    """The units of every term of a list, from two sets of constants and three scales.

    Examples
    --------
    >>> one = Term("1/L_fx", "alpha", lambda s: 1 / s.constants.L_fx)
    >>> sum_ = Term("1/(1 + L_fx)", "alpha", lambda s: 1 / (1 + s.constants.L_fx))
    >>> found = units(Rule("demo/list", ("alpha",), (one, sum_)))
    >>> [(in_words(m.found), m.consistent, m.mixed) for m in found.values()]
    [('length^2/f', True, False), ('a sum of unlike units', False, True)]
    """
    wanted = {
        step: {k: Fraction({**USUAL, **rule.units}.get(step, {}).get(k, 0)) for k in MEASURES}
        for step in rule.order
    }
    return {
        term: Measured(
            found={k: _power(rule, term, k) for k in MEASURES},
            demanded=wanted[term.step],
        )
        for term in rule.terms
    }


def in_words(scale: Scale) -> str:
    """Powers as a unit.

    Examples
    --------
    >>> in_words({"f": Fraction(-1), "g": Fraction(0), "length": Fraction(2)}), in_words({"f": Fraction(0)})
    ('length^2/f', '1')
    >>> in_words({"f": Fraction(-1, 2), "g": Fraction(-1)})
    '1/(f^(1/2) g)'
    """
    if None in scale.values():
        return "a sum of unlike units"
    above = [_factor(k, e) for k, e in scale.items() if e is not None and e > 0]
    below = [_factor(k, -e) for k, e in scale.items() if e is not None and e < 0]
    under = f"({' '.join(below)})" if len(below) > 1 else "".join(below)
    return (
        " ".join(above) + f"/{under}"
        if above and below
        else " ".join(above) or (f"1/{under}" if under else "1")
    )


def _factor(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name}^{power}" if power.denominator == 1 else f"{name}^({power})"


def _power(rule: Rule, term: Term, measure: str) -> Fraction | None:
    found: set[Fraction | None] = set()
    for constants, m in _BASES:
        more = {name: Fraction(_PRIMES[k]) for k, name in enumerate(rule.needs)}
        steps = _chosen(rule, constants, m, more, term.step)
        here = term.bound(_scaled(rule, constants, m, steps, more, measure, Fraction(1)))
        for s in _SCALES:
            there = term.bound(_scaled(rule, constants, m, steps, more, measure, s))
            if here != there or here not in (0, math.inf):  # these have the units of anything
                found.add(_exponent(here, there, s))
    if not found:
        return Fraction({**USUAL, **rule.units}.get(term.step, {}).get(measure, 0))
    only = found.pop()
    return None if found or only is None else only / term.power


def _exponent(here: Real, there: Real, s: Fraction) -> Fraction | None:
    if any(v in (0, math.inf, -math.inf) for v in (here, there)) or (here < 0) != (there < 0):
        return None
    guess = Fraction(round(2 * math.log(there / here) / math.log(s)), 2)
    if guess.denominator == 1 and isinstance(here, Fraction) and isinstance(there, Fraction):
        return guess if there == here * s ** int(guess) else None
    return guess if abs(there / here / float(s) ** float(guess) - 1) < _ROUNDING else None


def _chosen(rule: Rule, c: Constants, m: int, more: Mapping[str, Real], before: str) -> dict[str, Fraction]:
    """Steps that come before one in the order, at their largest or least where that is a number."""
    chosen: dict[str, Fraction] = {}
    for step in rule.order[: rule.order.index(before)]:
        setting = Setting(constants=c, lam=_LAM, m=m, steps=dict(chosen), more=more)
        own = [(root_below(t.bound(setting), t.power), t.lower) for t in rule.terms if t.step == step]
        low = max((v for v, lower in own if lower), default=0.0)
        value = taken(low, min((v for v, lower in own if not lower), default=math.inf))
        chosen[step] = Fraction(value) if 0 < value < math.inf else Fraction(1)
    return chosen


_LAM = Fraction(2, 3)


def _scaled(
    rule: Rule,
    c: Constants,
    m: int,
    steps: Mapping[str, Fraction],
    more: Mapping[str, Fraction],
    measure: str,
    s: Fraction,
) -> Setting:
    known = {**USUAL, **rule.units}

    def moved(values: Mapping[str, Fraction]) -> dict[str, Real]:
        return {name: v * s ** known.get(name, {}).get(measure, 0) for name, v in values.items()}

    constants = {
        f.name: getattr(c, f.name) * s ** CONSTANTS[measure].get(f.name, 0) for f in dataclasses.fields(c)
    }
    return Setting(constants=Constants(**constants), lam=_LAM, m=m, steps=moved(steps), more=moved(more))
