r"""Step-size lists as monomial facts, found from the lists' own code and confirmed in exact rationals.

Every entry is fitted: its bound is evaluated at random exact settings, the exponents of the letters are
solved for, rounded to whole numbers, and the resulting monomial has to equal the bound *exactly* at every
setting. beta is eliminated by :math:`\beta = 3 r (\mu+L) / (\mu L)`. The letters: ``gamma`` is 1-lam,
``s`` is mu+L, ``R`` is 1+r, ``D`` is 1-r, ``q`` is 1+rho, ``rho`` is C_gxy/mu_g, ``F`` the Lipschitz
constant of the surrogate in y, ``K2`` the square of L_K, ``w`` is L_l + 16 L_K^2 m (Theorem 3).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.theory.instruments.monomials import Bounded, Fact, Monomial, Unbounded, largest
from spiritlevel.theory.interact.constants import Lemmas, contraction
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term

World = Literal["letters", "plain", "printed"]
"""How Lemma 1's letters are read: as free numbers, as Lipschitz constants, or as the printed squares."""

_TRIALS = 30
_BETA = Monomial.of(3, r=1, s=1, mu=-1, L=-1)

LETTERS: Mapping[World, Mapping[str, Monomial]] = {
    "letters": {},
    "plain": {
        "L_f": Monomial.of(F=1),
        "L_y": Monomial.of(rho=1),
        "L_l": Monomial.of(F=1, q=1),
    },
    "printed": {
        "L_f": Monomial.of(F=2),
        "L_y": Monomial.of(rho=2),
        "L_l": Monomial.of(F=4, q=2),
    },
}
SUMS: Mapping[str, tuple[Monomial, ...]] = {
    "q": (Monomial.of(), Monomial.of(rho=1)),
    "R": (Monomial.of(), Monomial.of(r=1)),
    "w": (Monomial.of(L_l=1), Monomial.of(16, K2=1, m=1)),
}
"""Letters that are sums; wherever one is bounded, so are its parts."""


@dataclass(frozen=True)
class Sample:
    """One random exact setting: the values of the letters, and what a term is evaluated in."""

    setting: Setting
    letters: Mapping[str, Fraction]


def _fraction(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(1, 40), rng.randint(1, 40))


def letters_at(s: Setting, k: Lemmas) -> dict[str, Fraction]:
    """The value of every letter in a setting that has a beta."""
    mu, L, r = s.constants.mu_g, s.constants.L_g, contraction(s.constants, s.steps["beta"])
    values = {"m": s.m, "gamma": 1 - s.lam, "r": r, "R": 1 + r, "D": 1 - r, "s": mu + L, "mu": mu, "L": L,
              "L_f": k.L_f, "L_y": k.L_y, "L_l": k.L_l, "K2": k.L_K2, "w": k.L_l + 16 * k.L_K2 * s.m}  # fmt: skip
    return {name: Fraction(value) for name, value in values.items()}


def samples(seed: int, read: Callable[[Setting], Lemmas]) -> list[Sample]:
    """Random settings in exact rationals; ``read`` gives the constants of Lemmas 1 and 2 (or 4)."""
    rng = random.Random(seed)
    result = []
    for _ in range(_TRIALS):
        mu = _fraction(rng)
        rest = [_fraction(rng) for _ in range(7)]
        c = Constants(mu_g=mu, L_g=mu + rest[0], C_gxy=rest[1], L_gxy=rest[2], L_gyy=rest[3],
                      L_fx=rest[4], L_fy=rest[5], C_fy=rest[6])  # fmt: skip
        r, lam = Fraction(rng.randint(1, 60), 64), Fraction(rng.randint(1, 40), 41)
        beta = 3 * r * (c.mu_g + c.L_g) / (c.mu_g * c.L_g)
        more = {"K": Fraction(rng.randint(1, 9))}
        setting = Setting(constants=c, lam=lam, m=rng.randint(1, 60), steps={"beta": beta}, more=more)
        result.append(Sample(setting, letters_at(setting, read(setting))))
    return result


def monomial_of(term: Term, drawn: Sequence[Sample]) -> Monomial:
    """The monomial in the letters that equals a term's bound at every setting.

    Raises
    ------
    ArithmeticError
        If no monomial with whole exponents does.
    """
    names = list(drawn[0].letters)
    bounds = [Fraction(term.bound(d.setting)) for d in drawn]
    rows = [[1.0, *(math.log(d.letters[v]) for v in names)] for d in drawn]
    found = np.linalg.lstsq(np.array(rows), np.array([math.log(b) for b in bounds]), rcond=None)[0]
    powers = Monomial.build(1, {v: round(e) for v, e in zip(names, found[1:], strict=True)})
    result = Monomial.build(bounds[0] / powers.at(drawn[0].letters), dict(powers.exponents))
    if any(result.at(d.letters) != b for d, b in zip(drawn, bounds, strict=True)):
        raise ArithmeticError(f"the entry {term.name!r} is no monomial in {', '.join(names)}")
    return result


def facts_of(rule: Rule, read: Callable[[Setting], Lemmas], seed: int) -> dict[str, Fact]:
    """Every entry of a list as a fact ``step ** power / bound <= 1``, by the entry's name."""
    drawn = samples(seed, read)
    facts = {}
    for term in rule.terms:
        step = _BETA if term.step == "beta" else Monomial.of(alpha=1)
        facts[term.name] = Fact(term.name, step**term.power / monomial_of(term, drawn))
    return facts


def read_as(facts: Mapping[str, Fact], world: World) -> dict[str, Fact]:
    """The same list with Lemma 1's letters read in another way."""
    return {name: Fact(name, f.monomial.substitute(LETTERS[world])) for name, f in facts.items()}


def side_facts(facts: Mapping[str, Fact], world: World, joint: bool = True) -> list[Fact]:
    r"""What holds whenever the list does: about the network, mu and L, r, and the constants.

    Parameters
    ----------
    facts
        The list, whose beta part bounds r.
    joint
        Whether :math:`F^2 \le L_K^2` holds, by Cauchy with the weights 1/2, 1/6, 1/6, 1/6 of (13); it
        need not with Lemma 4's :math:`L_K`.
    """
    known = [
        Fact("1-lam <= 1", Monomial.of(gamma=1)),
        Fact("m >= 1", Monomial.of(m=-1)),
        Fact("4 mu L <= (mu+L)^2", Monomial.of(4, mu=1, L=1, s=-2)),
        Fact("mu <= L", Monomial.of(mu=1, L=-1)),
        Fact("L <= mu+L", Monomial.of(L=1, s=-1)),
        Fact("1+r >= 1", Monomial.of(R=-1)),
        Fact("1-r <= 1", Monomial.of(D=1)),
    ]
    top = largest(Monomial.of(r=1), [*known, *facts.values()])
    if isinstance(top, Bounded) and top.at_most(Fraction(1, 2)):
        known += [
            Fact("1+r at its largest", Monomial.of(1 / (1 + top.upper), R=1)),
            Fact("1-r at its least", Monomial.of(1 - top.upper, D=-1)),
        ]
    if world != "letters":
        known += [
            Fact("1+rho >= 1", Monomial.of(q=-1)),
            Fact("1+rho >= rho", Monomial.of(rho=1, q=-1)),
            Fact("(1+rho)^2 >= 4 rho", Monomial.of(4, rho=1, q=-2)),
        ]
        known += [Fact("F^2 <= L_K^2", Monomial.of(F=2, K2=-1))] if joint else []
    if any(f.monomial.exponent("w") for f in facts.values()):
        parts = SUMS["w"][0].substitute(LETTERS[world]), SUMS["w"][1]
        known += [Fact(f"part {k} of L_l+16 L_K^2 m", p * Monomial.of(w=-1)) for k, p in enumerate(parts)]
    return known


@dataclass(frozen=True)
class Certified:
    """An upper bound of a sum of monomials, with one certificate for each; or the ray of one that grows."""

    total: Fraction | None
    certificates: tuple[tuple[str, str], ...]
    ray: Unbounded | None = None
    grows: Monomial | None = None


def bound(parts: Sequence[Monomial], facts: Sequence[Fact], world: World) -> Certified:
    """Bound a sum of monomials part by part; a part with a letter that is a sum is also tried in pieces."""
    total = Fraction(0)
    certificates: list[tuple[str, str]] = []
    for part in parts:
        best: tuple[Fraction, list[tuple[str, str]]] | None = None
        wholly, pieced = [part], expanded(part, world)
        for pieces in (wholly, pieced) if pieced != wholly else (wholly,):
            found = [(p, largest(p, facts)) for p in pieces]
            grows = next(((p, f) for p, f in found if isinstance(f, Unbounded)), None)
            if grows is None:
                value = sum((f.upper for _, f in found if isinstance(f, Bounded)), Fraction(0))
                if best is None or value < best[0]:
                    best = value, [(str(p), str(f)) for p, f in found]
        if best is None:
            assert grows is not None
            return Certified(None, tuple(certificates), grows[1], grows[0])
        total += best[0]
        certificates += best[1]
    return Certified(total, tuple(certificates))


def expanded(part: Monomial, world: World) -> list[Monomial]:
    """The monomial with every letter that is a sum multiplied out (whole positive powers only)."""
    pieces = [part]
    for name, addends in SUMS.items():
        e = part.exponent(name)
        if e > 0 and e.denominator == 1:
            read = [a.substitute(LETTERS[world]) for a in addends]
            pieces = [p / Monomial.build(1, {name: e}) for p in pieces]
            for _ in range(int(e)):
                pieces = [p * a for p in pieces for a in read]
    return pieces
