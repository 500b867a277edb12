r"""The inequalities of one step, (14)-(19), as data: signed terms on the left, coefficients of named terms on the right.

The coefficients are written once, as functions of the `Letters`. With an instance's numbers they are put to
the test, with symbols they are put into the proof; so what is proved is what is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.constants import Real
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, field_of, scalar
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.interact.constants import Convention, Lemmas, contraction, lemmas
from spiritlevel.theory.interact.one_step.cases import Case


@dataclass(frozen=True)
class Letters:
    """What coefficients depend on: numbers or symbols; ``k`` has the constants of Lemmas 1 and 2."""

    alpha: Any
    beta: Any
    m: Any
    lam: Any
    mu: Any
    L: Any
    r: Any
    k: Lemmas


Term = Callable[[Case, State, State], Array]
"""A quantity of the states before and after a step; ``(R,)``, or ``(R, n)`` where it is per agent."""


def apart(z: Array) -> Array:
    """The squared distance from the mean over agents."""
    return squared_norm(z - mean_over_agents(z))


def _mean(z: Array) -> Array:
    return mean_over_agents(z)[:, 0]


def _squares(z: Array) -> Array:
    return np.asarray((z * z).sum(axis=-1))


def _missed(case: Case, s: State, z: State) -> Array:
    return squared_norm(_mean(surrogate(Oracle(case.problem), s.x, s.y) - s.u))


TERMS: Mapping[str, Term] = {
    "objective": lambda case, s, z: case.problem.value(_mean(s.x)),
    "next objective": lambda case, s, z: case.problem.value(_mean(z.x)),
    "gradient": lambda case, s, z: squared_norm(case.problem.hypergradient(_mean(s.x))),
    "missed": _missed,
    "ubar": lambda case, s, z: squared_norm(_mean(s.u)),
    "x apart": lambda case, s, z: apart(s.x),
    "u apart": lambda case, s, z: apart(s.u),
    "next x apart": lambda case, s, z: apart(z.x),
    "next u apart": lambda case, s, z: apart(z.u),
    "lower": lambda case, s, z: squared_norm(s.y - case.problem.lower_solution(s.x)),
    "dx": lambda case, s, z: squared_norm(z.x - s.x),
    "dp": lambda case, s, z: squared_norm(z.p - s.p),
    "v": lambda case, s, z: squared_norm(s.v),
    "each lower": lambda case, s, z: _squares(s.y - case.problem.lower_solution(s.x)),
    "each next lower": lambda case, s, z: _squares(z.y - case.problem.lower_solution(z.x)),
    "each dx": lambda case, s, z: _squares(z.x - s.x),
    "each v": lambda case, s, z: _squares(s.v),
    "each inexact": lambda case, s, z: _squares(case.problem.grad_y_g(s.x, s.y) - s.v),
}
"""Squared norms, but for the objective; those with "each" agent by agent."""


@dataclass(frozen=True)
class Inequality:
    """``sum of left <= sum of coefficient times term``.

    Parameters
    ----------
    left
        Names of `TERMS` with their signs.
    right
        From letters to the coefficients of the terms on the right, by name.
    convention
        How the constants of Lemmas 1 and 2 in the coefficients are read.
    """

    left: Mapping[str, int]
    right: Callable[[Letters], Mapping[str, Any]]
    convention: Convention = "plain"

    def __call__(self, case: Case, s: State, z: State) -> tuple[Array, Array]:
        """Left minus right, and the sum of the sizes of the terms."""
        c = case.constants
        letters = Letters(
            case.alpha,
            case.beta,
            case.problem.n,
            case.lam,
            c.mu_g,
            c.L_g,
            contraction(c, case.beta),
            lemmas(c, self.convention),
        )
        terms = [_weighed(sign, TERMS[name](case, s, z)) for name, sign in self.left.items()]
        terms += [_weighed(-k, TERMS[name](case, s, z)) for name, k in self.right(letters).items()]
        total, size = terms[0], abs(terms[0])
        for term in terms[1:]:
            total, size = total + term, size + abs(term)
        return total, size


def _weighed(factor: Real, z: Array) -> Array:
    return np.asarray(z * scalar(factor, field_of(z)))


def eq14(convention: Convention) -> Inequality:
    r"""(14). Plain constants: :math:`L_\ell \alpha^2 / 2`, :math:`L_\ell^2` for consensus, :math:`L_f^2` for y."""

    def right(a: Letters) -> dict[str, Any]:
        consensus = a.k.L_l if convention.startswith("printed") else a.k.L_l**2
        return {
            "gradient": -a.alpha / 2,
            "ubar": -(a.alpha / 2 - a.k.L_l * a.alpha**2 / 2),
            "x apart": a.alpha * consensus / a.m,
            "lower": 2 * a.alpha * a.k.L_f**2 / a.m,
            "missed": 2 * a.alpha,
        }

    return Inequality({"next objective": 1, "objective": -1}, right, convention)


def eq15(convention: Convention, delta: Any) -> Inequality:
    r"""(15) with :math:`L_y` by a convention and :math:`\delta > 0`, a number or a symbol; agent by agent."""

    def right(a: Letters) -> dict[str, Any]:
        gain = (1 + a.r) ** 2 * (2 * a.beta / (a.mu + a.L) - a.beta**2)
        return {
            "each lower": (1 + a.r) ** 2 * (1 - 2 * a.beta * a.mu * a.L / (a.mu + a.L)),
            "each v": (delta - 1) * gain,
            "each dx": (1 + 1 / a.r) * a.k.L_y**2,
            "each inexact": (1 / delta - 1) * gain + (1 + a.r) * (1 + 1 / a.r) * a.beta**2,
        }

    return Inequality({"each next lower": 1}, right, convention)


def eq16(c: Any = None) -> Inequality:
    r"""(16) for a constant :math:`c_1 > 0`; by default with the factors that :math:`1/\lambda - 1` gives, also at 0."""

    def right(a: Letters) -> dict[str, Any]:
        keep, add = _factors(c, a.lam)
        return {"x apart": keep, "u apart": add * a.alpha**2}

    return Inequality({"next x apart": 1}, right)


def eq17(c: Any = None) -> Inequality:
    r"""(17) for a constant :math:`c_2 > 0`, as `eq16`."""

    def right(a: Letters) -> dict[str, Any]:
        keep, add = _factors(c, a.lam)
        return {"u apart": keep, "dp": add}

    return Inequality({"next u apart": 1}, right)


def _factors(c: Any, lam: Any) -> tuple[Any, Any]:
    return (lam, 1 / (1 - lam)) if c is None else ((1 + c) * lam**2, 1 + 1 / c)


def eq19(times_m: bool) -> Inequality:
    """(19), with the printed factor m or without it."""

    def right(a: Letters) -> dict[str, Any]:
        factor = a.k.L_K2 * (a.m if times_m else 1)
        return {"dx": factor, "v": factor * a.beta**2}

    return Inequality({"dp": 1}, right)


def movement(of_tracker: Any, of_mean: Any, of_consensus: Any = 8) -> Inequality:
    r""":math:`\|x_{t+1} - x_t\|^2 \le c\, x_\perp + a \alpha^2 u_\perp + b \alpha^2 m \|\bar u\|^2` with a, b, c given."""

    def right(a: Letters) -> dict[str, Any]:
        return {
            "x apart": of_consensus,
            "u apart": of_tracker * a.alpha**2,
            "ubar": of_mean * a.alpha**2 * a.m,
        }

    return Inequality({"dx": 1}, right)
