r"""The pieces of B.5.3 on exact quadratics: descent of the objective, and how far the mean sample is from its gradient.

:math:`F(x) = f(x, y^*(x))` at a common x. The mean of the samples is written :math:`\bar h`; E is over their noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.instruments.forms import never_exceeds
from spiritlevel.theory.slam.lemmas.cases import Case, Prescribed, mean, signs
from spiritlevel.theory.slam.lemmas.lines import apart


def curvature(case: Case) -> Any:
    """|F''|, for one-dimensional x."""
    at = convert([[0], [1]], "fmpq")
    low, high = case.problem.hypergradient(at)[:, 0]
    return abs(high - low)


def descends(case: Case, share: Fraction = Fraction(1)) -> bool:
    """(155) for all states of a case, noise in h_f enumerated; ``share`` of the curvature serves as L_f."""
    f = signs(case.n, 1)
    L_f = curvature(case) * share.numerator / share.denominator
    noise = mean(_square(mean_over_agents(case.scaled(f))[:, 0]), len(f))

    def function(z: Array) -> tuple[Array, Array]:
        s, net = case.state(np.repeat(z, len(f), axis=0))
        _, new = case.follow(s, net, Prescribed([np.tile(f, (len(z), 1, 1))]), 1)
        x, x_new = (mean_over_agents(state.x)[:, 0] for state in (s, new))
        F = case.problem
        moved = x_new - x
        known = np.stack([mean(moved[:, k], len(f)) for k in range(moved.shape[1])], axis=1)
        before, gradient = mean(F.value(x), len(f)), F.hypergradient(x)[:: len(f)]
        h = mean_over_agents(case.scaled(surrogate(Oracle(F), s.x, new.y)))[:: len(f), 0]
        a = case.alpha
        terms = [
            mean(F.value(x_new), len(f)),
            -before,
            _square(gradient) / (2 * a),
            (a - L_f) / 2 * _square(known),
            -_square(gradient - h) / (2 * a),
            -L_f / (2 * a**2) * noise * (before * 0 + 1),
        ]
        return sum(terms[1:], terms[0]), sum((abs(t) for t in terms[1:]), abs(terms[0]))

    return never_exceeds(function, case.coordinates, "fmpq").holds


def _square(z: Array) -> Array:
    return np.asarray((z * z).sum(axis=-1))


def identity() -> bool:
    r"""(b) of (155): :math:`\langle g, -h/\alpha\rangle` and the descent lemma's square, for all g, h."""
    import sympy

    g, h = sympy.symbols("g h", real=True)
    alpha, L = sympy.symbols("alpha L", positive=True)
    step = -h / alpha
    left = g * step + L / 2 * step**2
    right = -(g**2) / (2 * alpha) - (alpha / 2 - L / 2) * step**2 + (g - h) ** 2 / (2 * alpha)
    return bool(sympy.expand(left - right) == 0)


@dataclass(frozen=True)
class Jensen:
    r"""Squared norms of the mean over agents of a difference of (23), and of the differences' arguments, as (157) pairs them.

    ``factor``: what stands in front of the bound, 1/n as it holds or 1/n^2 as printed.
    """

    moved: str
    factor: Callable[[Any], Any] = lambda n: 1 / n

    def holds(self, case: Case) -> bool:
        """For all pairs of points of a case."""
        n, p, q = case.n, case.problem.p, case.problem.q

        def function(z: Array) -> tuple[Array, Array]:
            R = len(z)
            x, y, other = np.split(z, [n * p, n * (p + q)], axis=1)
            x, y = x.reshape(R, n, p), y.reshape(R, n, q)
            other = other.reshape(R, n, q if self.moved == "y" else p)
            o = Oracle(case.problem)
            there = surrogate(o, x, other) if self.moved == "y" else surrogate(o, other, y)
            difference = mean_over_agents(surrogate(o, x, y) - there)
            constant = case.L_fy if self.moved == "y" else case.L_fx
            bound = (
                self.factor(case.one * n)
                * constant**2
                * squared_norm(other - (y if self.moved == "y" else x))
            )
            left = squared_norm(difference)
            return left - bound, left + bound

        return never_exceeds(function, n * (p + q) + n * (q if self.moved == "y" else p), "fmpq").holds


def stacked_solution(case: Case, x: Array) -> Array:
    """n copies of y*(x) of (2c) at arbitrary, unequal x_i: the minimiser of the mean of the g_i(x_i, .)."""
    lower = case.problem.lower
    assert isinstance(lower, QuadraticLower)
    pushed = (lower.B[None] @ x[..., None])[..., 0] + lower.c
    mean_push = mean_over_agents(pushed)[:, 0]
    H = lower.H.sum(axis=0) / case.n
    y = mean_push / H[0, 0]
    return np.repeat(y[:, None], case.n, axis=1)


def halves(case: Case, factor: Fraction = Fraction(2)) -> bool:
    """(159), (160) for all x and y of a case."""
    n = case.n

    def function(z: Array) -> tuple[Array, Array]:
        x, y = (part.reshape(len(z), n, 1) for part in np.split(z, 2, axis=1))
        centre = np.repeat(mean_over_agents(x), n, axis=1)
        left = squared_norm(stacked_solution(case, centre) - y)
        k = case.one * factor.numerator / factor.denominator
        right = k * squared_norm(stacked_solution(case, x) - y) + k * (case.C / case.mu) ** 2 * apart(x)
        return left - right, left + right

    return never_exceeds(function, 2 * n, "fmpq").holds


COEFFICIENTS: Mapping[str, tuple[str, str]] = {
    "L_f^2 |x - mean|^2/n^2": ("4*(m+1)", "2*(m+1)"),
    "(C_xy L_f0 L_g2/mu^2)^2 |x - mean|^2/n^2": ("10*(m+1)", "10*(m+1)"),
    "L_yc^2 L_y^2 |x - mean|^2/n": ("16*(m+1)", "8*(m+1)"),
    "L_yc^2 |y - y*|^2/n": ("16*(m+1)", "8*(m+1)"),
    "L_fy^2 |y - mean|^2/n^2": ("8*m", "4*m"),
    "L_yc^2 |y - mean|^2/n^2": ("8*(m+1)", "4*(m+1)"),
    "L_fy^2 |dy|^2/n^2": ("4*m", "2*m"),
    "b^2/n": ("4", "2"),
}
"""Coefficients in (157), last lines, and in (156) times alpha: the second must be at least half of the first."""


def inserted() -> dict[str, str]:
    """For each term of (156) how it compares with half of (157): equal, or larger by a factor.

    Examples
    --------
    >>> inserted()["b^2/n"], inserted()["(C_xy L_f0 L_g2/mu^2)^2 |x - mean|^2/n^2"]
    ('1', '2')
    """
    import sympy

    m = sympy.Symbol("m", positive=True)
    found = {}
    for name, pair in COEFFICIENTS.items():
        before, after = (sympy.sympify(text, locals={"m": m}) for text in pair)
        found[name] = str(sympy.cancel(2 * after / before))
    return found
