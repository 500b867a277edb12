r"""Which terms of a step-size list can never bind alone, and which lists are empty, for all positive constants.

The list's own code is run on letters (`spiritlevel.theory.instruments.ratios`): :math:`L_g = \mu_g + e`,
:math:`\lambda = w/(1+w)`, :math:`m = 1 + k`, and each earlier step a bound of its own divided by :math:`1 + s`. A bound
is proved to be nowhere below another where the difference of both has no minus; nowhere below the smaller of two where
that holds for the difference of its square and their product. e, w, k and s may be 0 as well: what is never below holds
there by continuity, and a list is empty only if the difference has a term without them. Random exact settings say beforehand what is worth trying,
and show terms that bind elsewhere.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import SimpleNamespace
from typing import Any

from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.theory.instruments.ratios import Letters, Ratio, Undecided
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, root_below

_POINTS = 150
_SLACK = 1e-9  # relative, of floats: two bounds that agree to this are not told apart

_REST = ("C_gxy", "L_gxy", "L_gyy", "L_fx", "L_fy", "C_fy")
COUNTS = ("K", "M", "T", "tau", "k_1", "tasks", "t")
"""Quantities that count something, so that they are whole and at least 1; others may be any positive number."""

Squares = Mapping[Term, Any]
"""Every bound on the square of its step, in one setting."""


@dataclass(frozen=True)
class Reach:
    """What is known of a term over all positive constants."""

    implied: tuple[str, ...] = ()
    """Proved: it is never stricter than the strictest of these."""
    seen: bool = False
    """It binds alone at some exact constants."""


def reaches(rule: Rule) -> dict[Term, Reach]:
    """Which terms are proved never to bind alone, and which were seen to.

    Examples
    --------
    >>> wide = Term("1/mu", "beta", lambda s: 1 / s.constants.mu_g)
    >>> tight = Term("1/L", "beta", lambda s: 1 / s.constants.L_g)
    >>> [found.implied for found in reaches(Rule("demo/list", ("beta",), (wide, tight))).values()]
    [('1/L',), ()]
    """
    return dict(_reaches(rule.order, rule.terms, rule.needs))


@cache
def _reaches(order: tuple[str, ...], terms: tuple[Term, ...], needs: tuple[str, ...]) -> dict[Term, Reach]:
    drawn, found = list(_drawn(order, terms, needs)), {}
    for step in order:
        for lower in (False, True):
            alike = [t for t in terms if t.step == step and t.lower == lower]
            points: list[Squares] = [{t: at[t] for t in alike} for at in drawn]
            proofs = _Proofs(order, terms, needs, step)
            for term in alike:
                seen = any(_alone(term, at) for at in points)
                found[term] = Reach(() if seen else proofs.implied(term, alike, points), seen)
    return found


def always_empty(rule: Rule) -> tuple[Term, Term] | None:
    """A lower and an upper bound of a step that no positive constants reconcile, by the same means; None if unknown.

    Examples
    --------
    >>> low = Term("2/mu", "beta", lambda s: 2 / s.constants.mu_g, lower=True)
    >>> high = Term("1/L", "beta", lambda s: 1 / s.constants.L_g)
    >>> always_empty(Rule("demo/list", ("beta",), (low, high))) == (low, high)
    True
    """
    for step in rule.order:
        proofs = _Proofs(rule.order, rule.terms, rule.needs, step)
        own = [t for t in rule.terms if t.step == step]
        for low, high in itertools.product(own, own):
            if low.lower and not high.lower and proofs.shown(lambda a, b: a - b, low, high, strict=True):
                return low, high
    return None


class _Proofs:
    """Inequalities between the bounds on one step, tried for each choice of the earlier steps."""

    def __init__(
        self, order: tuple[str, ...], terms: tuple[Term, ...], needs: tuple[str, ...], step: str
    ) -> None:
        before = order[: order.index(step)]
        # an earlier step may be anything, or at most one of its bounds
        choices = [
            [None, *(t for t in terms if t.step == b and not t.lower and t.power == 1)] for b in before
        ]
        self._worlds = [_World(dict(zip(before, c, strict=True)), needs) for c in itertools.product(*choices)]

    def shown(self, difference: Callable[..., Any], *terms: Term, strict: bool = False) -> bool:
        """Whether a difference of the terms' squares is nowhere negative (``strict``: positive), in one of the worlds."""
        for world in self._worlds:
            try:
                found = difference(*map(world.square, terms))
                if found.sign() >= strict and (not strict or found.free_of(world.may_be_zero)):
                    return True
            except ArithmeticError:  # Undecided, or a denominator that is 0
                continue
        return False

    def implied(self, term: Term, alike: list[Term], points: list[Squares]) -> tuple[str, ...]:
        """The names of one or two terms that are never both less strict; none if no proof was found."""
        way = -1 if term.lower else 1
        rest = [t for t in alike if t is not term]
        for other in rest:
            if all(way * at[term] >= way * at[other] for at in points):
                same = all(at[term] == at[other] for at in points)
                if same and alike.index(other) > alike.index(term):
                    continue  # of two that are equal the first stays
                if self.shown(lambda a, b: way * (a - b), term, other):
                    return (other.name,)
        for pair in itertools.combinations(rest, 2):
            one, two = pair
            if all(at[term] == at[one] == at[two] for at in points):
                continue  # of equals the first stays
            if all(way * at[term] ** 2 >= way * at[one] * at[two] for at in points) and self.shown(
                lambda a, b, c: way * (a**2 - b * c), term, *pair
            ):
                return (one.name, two.name)
        return ()


class _World:
    """A list on letters: the squares of its bounds as quotients, with a choice of the earlier steps."""

    def __init__(self, before: Mapping[str, Term | None], needs: tuple[str, ...]) -> None:
        self._before = before
        own = {name: f"need {name}" for name in needs}  # a list may need what is called e or k
        below = {step: f"below {step}" for step in before}
        self._letters = letters = Letters(("mu", "e", *_REST, "w", "k", *own.values(), *below.values()))
        self.may_be_zero = (
            "e",
            "w",
            "k",
            *(letter for name, letter in own.items() if name in COUNTS),
            *(below[step] for step, bound in before.items() if bound is not None),
        )
        mu, w = letters["mu"], letters["w"]
        constants = {"mu_g": mu, "L_g": mu + letters["e"], **{name: letters[name] for name in _REST}}
        constants["kappa"] = constants["L_g"] / mu
        more = {name: letters[letter] + (1 if name in COUNTS else 0) for name, letter in own.items()}
        self._setting: Any = SimpleNamespace(
            constants=SimpleNamespace(**constants), lam=w / (1 + w), m=1 + letters["k"], steps={}, more=more
        )
        self._squares: dict[Term, Ratio | None] = {}

    def square(self, term: Term) -> Ratio:
        """The bound's square.

        Raises
        ------
        Undecided
            If the list's code cannot be run on letters there.
        """
        if term not in self._squares:
            self._squares[term] = None
            self._follow()
            value = self._bound(term)
            if value.sign() < 0:
                raise Undecided(f"{term.name} is negative, so that squares and products say nothing")
            self._squares[term] = value ** (2 // term.power)
        found = self._squares[term]
        if found is None:
            raise Undecided(f"{term.name} cannot be evaluated on letters")
        return found

    def _follow(self) -> None:
        for step, bound in self._before.items():
            if step not in self._setting.steps:
                free = self._letters[f"below {step}"]
                self._setting.steps[step] = free if bound is None else self._bound(bound) / (1 + free)

    def _bound(self, term: Term) -> Ratio:
        try:
            value = term.bound(self._setting)
        except (TypeError, AttributeError) as error:  # of what quotients or these settings do not have
            raise Undecided(str(error)) from error
        if isinstance(value, int | Fraction):
            return self._letters.number(value)
        if not isinstance(value, Ratio):
            raise Undecided(f"{term.name} is {value!r} on letters")
        return value


def _drawn(order: tuple[str, ...], terms: tuple[Term, ...], needs: tuple[str, ...]) -> Iterator[Squares]:
    """Every bound's square, with its sign, at random exact constants, over many powers of two; earlier steps at a share of their largest."""
    rng = random.Random(len(terms))

    def some() -> Fraction:
        return Fraction(2) ** rng.randint(-12, 12) * rng.randint(1, 9)

    for _ in range(_POINTS):
        mu = some()
        constants = Constants(mu_g=mu, L_g=mu + some(), **{name: some() for name in _REST})
        lam, m = 1 - Fraction(1, 2 ** rng.randint(0, 12)), rng.choice((1, 2, 5, 8, 64, 1024))
        more = {
            name: Fraction(rng.choice((1, 2, 3, 9, 100, 10**4, 10**8))) if name in COUNTS else some()
            for name in needs
        }
        squares: dict[Term, Any] = {}
        steps: dict[str, Any] = {}
        try:
            for step in order:
                setting = Setting(constants=constants, lam=lam, m=m, steps=dict(steps), more=more)
                own: dict[Term, Any] = {t: t.bound(setting) for t in terms if t.step == step}
                squares |= {t: bound if t.power == 2 else bound * abs(bound) for t, bound in own.items()}
                top = min((root_below(b, t.power) for t, b in own.items() if not t.lower), default=math.inf)
                least = max((root_below(b, t.power) for t, b in own.items() if t.lower), default=0)
                if top <= 0:
                    raise InputError(f"no {step} is admitted here")
                share = Fraction(top) / 2 ** rng.randint(0, 6) if top < math.inf else some()
                steps[step] = share if share >= least or top == math.inf else Fraction(top)
        except (ArithmeticError, InputError):
            continue  # no setting of this list
        yield squares


def _alone(term: Term, at: Squares) -> bool:
    others = [float(v) for t, v in at.items() if t is not term]
    own = float(at[term])
    return all(own > v * (1 + _SLACK) if term.lower else own < v * (1 - _SLACK) for v in others)
