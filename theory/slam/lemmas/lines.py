r"""One-step lines as data: signed coefficients of named terms on both sides, written once.

The coefficients are functions of `Letters`. With an instance's numbers they are put to the test, with symbols they go into
the proof; so what is proved is what is tested. Lines about one level hold for both, as SLAM treats x and y alike.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array, scalar
from spiritlevel.theory.evidence import Evidence
from spiritlevel.theory.instruments.forms import never_exceeds
from spiritlevel.theory.slam.lemmas.cases import Case, Level, random_case
from spiritlevel.theory.statement import Context


@dataclass(frozen=True)
class Letters:
    r"""What coefficients depend on, numbers or symbols: ``step`` is :math:`\alpha` or :math:`\beta`, ``low`` and ``high``
    are :math:`\tilde\sigma_{\min}` and :math:`\sigma_{\max}`, ``theta`` is Young's parameter, ``weight`` the C of (130), (140)."""

    step: Any
    gamma: Any
    rho: Any
    low: Any
    high: Any
    mu: Any
    L: Any
    C: Any
    n: Any
    theta: Any
    weight: Any


Coefficients = Mapping[str, Any]
Weight = Callable[[Letters], Any]
Sides = Callable[[Letters], tuple[Coefficients, Coefficients]]


def apart(z: Array) -> Array:
    """The squared distance from the mean over agents."""
    return squared_norm(z - mean_over_agents(z))


def terms(case: Case, at: Level) -> dict[str, Callable[[], Array]]:
    """The terms of the lines: d and e are the moves from r to r+1 and from r-1 to r, w is d - e, D is step I - rho gamma L."""
    d, e, dh = at.new - at.now, at.now - at.old, at.h - at.h_old
    w = d - e

    def L(z: Array) -> Array:
        return Gossip(case.network).differences(z)

    def D(z: Array) -> Array:
        return at.step * z - case.rho * case.gamma * L(z)

    def product(a: Array, b: Array) -> Array:
        return (a * b).reshape(len(a), -1).sum(axis=-1)

    return {
        "d": lambda: squared_norm(d),
        "e": lambda: squared_norm(e),
        "d apart": lambda: apart(d),
        "e apart": lambda: apart(e),
        "dh": lambda: squared_norm(dh),
        "dh apart": lambda: apart(dh),
        "L now": lambda: squared_norm(L(at.now)),
        "A now": lambda: product(at.now, L(at.now)),
        "A new": lambda: product(at.new, L(at.new)),
        "A d": lambda: product(d, L(d)),
        "L d": lambda: squared_norm(L(d)),
        "D w": lambda: squared_norm(D(w)),
        "wDw": lambda: product(w, D(w)),
        "dDd": lambda: product(d, D(d)),
        "eDe": lambda: product(e, D(e)),
        "other": lambda: squared_norm(at.other),
    }


@dataclass(frozen=True)
class Line:
    """``sum of left coefficients times terms <= sum of right ones``, about one level or both."""

    sides: Sides
    levels: str = "xy"

    weight: Weight | None = None
    """Letters to the C that the line is put to instances with."""

    def decide(self, case: Case) -> bool:
        """Whether it holds for all states of a case, exactly."""
        forms = [functools.partial(self._excess, case, name) for name in self.levels]
        return all(never_exceeds(form, case.coordinates, "fmpq").holds for form in forms)

    def _excess(self, case: Case, name: str, z: Array) -> tuple[Array, Array]:
        at = case.window(z).level(name)
        values = terms(case, at)
        left, right = self.sides(letters(case, name, self.weight))
        weighed = [(k, values[t]()) for t, k in left.items()] + [(-k, values[t]()) for t, k in right.items()]
        total = size = 0 * weighed[0][1]
        for k, value in weighed:
            total, size = total + k * value, size + abs(k * value)
        return total, size


def letters(case: Case, level: str, weight: Weight | None = None) -> Letters:
    """A case's numbers on one level; ``theta`` is 1/2 and ``weight`` 1 unless given."""
    step, L, C = (case.alpha, case.L_fx, case.L_fy) if level == "x" else (case.beta, case.L, case.C)
    n, theta, one = (scalar(Fraction(value), "fmpq") for value in (case.n, Fraction(1, 2), 1))
    a = Letters(step, case.gamma, case.rho, case.low, case.high, case.mu, L, C, n, theta, one)
    return dataclasses.replace(a, weight=weight(a)) if weight else a


def gather(ctx: Context, line: Line, *, scale: str = "local") -> Evidence:
    """The line on random cases, with h in one of its normalisations."""
    cases = [random_case(ctx, k, scale=scale) for k in range(ctx.pick(4, 30))]
    return Evidence(len(cases), sum(not line.decide(case) for case in cases))
