r"""(161) and (194) as they hold: exact expectations of one step on quadratics, for all states at once, and the algebra behind.

With :math:`e = \bar y - \bar y^*(\bar x)`, :math:`\tilde x, \tilde y` the deviations from the mean, and for every
:math:`\theta, \kappa > 0` (and :math:`L_{xy} = 0`, as on quadratics)

.. math::
    E\|e^+\|^2 \le (1+\theta) \Big[(1+\kappa)\Big(1 - \frac{\rho_g}\beta\Big) \|e\|^2 + \Big(1 + \frac1\kappa\Big)
    \frac{2(C_{xy}^2 \|\tilde x\|^2 + L_{g,1}^2 \|\tilde y\|^2)}{n\beta^2} + \frac{\sigma_g^2}{n\beta^2}\Big]
    + \Big(L_y^2 + \frac{L_y^2}\theta\Big) E\|E \Delta\bar x\|^2 + L_y^2 \frac{\sigma_f^2}{n\alpha^2} .

(161) has :math:`L_y^2/(4\theta)` and no deviations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.numbers import Array, scalar
from spiritlevel.theory.instruments.forms import never_exceeds
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.slam.lemmas.cases import Case, Prescribed, mean, signs
from spiritlevel.theory.slam.lemmas.lines import apart


@dataclass(frozen=True)
class Parts:
    """The coefficients of (161), and those of (194), in numbers: of the error, both deviations, |E dx|^2, and the two noises."""

    error: Any
    x_apart: Any
    y_apart: Any
    move: Any
    noise_g: Any
    noise_f: Any


def parts(case: Case, *, cross: Fraction = Fraction(1), private: bool = False) -> Parts:
    """With theta = kappa = 1/2 and sigma = 1; ``cross`` is what L_y^2/theta is multiplied by, 1/4 in print."""
    half, n = scalar(Fraction(1, 2), "fmpq"), case.n
    L_y2, rate = (case.C / case.mu) ** 2, 2 * case.mu * case.L / (case.mu + case.L) / case.beta
    young = 1 + half
    move = L_y2 + L_y2 / half * cross.numerator / cross.denominator
    if private:
        g, f = n / case.beta**2, L_y2 * n / case.alpha**2
        return Parts(young * (1 - rate), 0 * half, 0 * half, move, young * g, f)
    off = young * (1 + 1 / half) * 2 / (n * case.beta**2)
    return Parts(
        young * (1 + half) * (1 - rate),
        off * case.C**2,
        off * case.L**2,
        move,
        young / (n * case.beta**2),
        L_y2 / (n * case.alpha**2),
    )


def holds(case: Case, c: Parts) -> bool:
    """Whether the inequality is true for all states of a case, with two-point noise in h_f and h_g enumerated."""
    return never_exceeds(_excess(case, c), case.coordinates, "fmpq").holds


def _excess(case: Case, c: Parts) -> Callable[[Array], tuple[Array, Array]]:
    f, g = signs(case.n, 1), signs(case.n, 1)
    many = len(f) * len(g)

    def function(z: Array) -> tuple[Array, Array]:
        R = len(z)
        s, net = case.state(np.repeat(z, many, axis=0))
        noise_g = np.tile(np.repeat(g, len(f), axis=0), (R, 1, 1))
        noise_f = np.tile(f, (R * len(g), 1, 1))
        _, new = case.follow(s, net, Prescribed([noise_f], [noise_g]), 1)
        private = not case.problem.shared
        error, after = (_error(case, state, private) for state in (s, new))
        dx = new.x - s.x if private else mean_over_agents(new.x - s.x)
        # given the new y, E dx is the mean over the noise of h_f alone, which varies fastest
        known = dx.reshape(R * len(g), len(f), -1).sum(axis=1) / len(f)
        terms = [
            (-c.error, mean(squared_norm(error), many)),
            (-c.x_apart, mean(apart(s.x), many)),
            (-c.y_apart, mean(apart(s.y), many)),
            (-c.move, mean((known * known).sum(axis=-1), len(g))),
        ]
        left = mean(squared_norm(after), many)
        constant = (c.noise_g + c.noise_f) * (left * 0 + 1)
        total, size = left - constant, abs(left) + constant
        for k, value in terms:
            total, size = total + k * value, size + abs(k * value)
        return total, size

    return function


def _error(case: Case, s: Any, private: bool) -> Array:
    if private:
        return s.y - case.problem.lower_solution(s.x)
    at = np.repeat(mean_over_agents(s.x), case.n, axis=1)
    return mean_over_agents(s.y - case.problem.lower_solution(at))


def loosened(c: Parts, **changed: Any) -> Parts:
    """The coefficients with some of them replaced."""
    return dataclasses.replace(c, **changed)


def step_condition() -> bool:
    r""":math:`(1 - h/\beta)^2 \le 1 - \rho_g/\beta` for all h from mu to L iff :math:`\beta \ge (\mu + L)/2`: at both ends the difference
    is :math:`h^2 (\frac{2}{\mu+L} - \frac1\beta)/\beta`, and it is concave in h between."""
    import sympy

    mu, L, h, beta = sympy.symbols("mu L h beta", positive=True)
    slack = 1 - 2 * mu * L / (mu + L) / beta - (1 - h / beta) ** 2
    ends = [sympy.cancel(slack.subs(h, end) - end**2 * (2 / (mu + L) - 1 / beta) / beta) for end in (mu, L)]
    return ends == [0, 0] and bool(sympy.cancel(sympy.diff(slack, h, 2) + 2 / beta**2) == 0)


def gradient_step() -> bool:
    r"""The same for any strongly convex g: :math:`\langle G, e\rangle \ge \frac{\mu L}{\mu+L} |e|^2 + \frac{1}{\mu+L} |G|^2` (Nesterov 2.1.11)."""
    import sympy

    e, G = reals("e G")
    mu, L, more = sympy.symbols("mu L more", positive=True)
    beta = (mu + L) / 2 + more
    difference = (1 - 2 * mu * L / (mu + L) / beta) * e**2 - (e - G / beta) ** 2
    fact = G * e - mu * L / (mu + L) * e**2 - G**2 / (mu + L)
    return certified(difference, (e, G), (), [(2 / beta, fact)])


def recursion(cross: Any = 1, curvature: Any = 1) -> bool:
    r"""From :math:`e^+` to the next error, :math:`|e^+ - \delta|^2` with :math:`\delta = J\Delta + R`, :math:`|R| \le \frac{L_{xy}}2 |\Delta|^2`.

    ``cross`` multiplies :math:`L_y^2/\theta`, ``curvature`` both terms with :math:`L_{xy}`: 1/4 and 1/2 in print.
    """
    import sympy

    e, m, D, a = reals("e m D a")
    names = "L_y L_xy theta vartheta noise room"
    L_y, L_xy, theta, vartheta, noise, room = sympy.symbols(names, positive=True)
    S = D**2 + noise  # E|dx|^2, which is at most M
    M = S + room
    right = (1 + theta + curvature * vartheta * L_xy * M / 2) * e**2 + cross * L_y**2 / theta * D**2
    right += (L_y**2 + curvature * L_xy / (2 * vartheta)) * S
    # -2<e, R> <= L_xy |e| S, and that by Young; -2<e, J E dx> with |J E dx| = |m| <= L_y |D|; |delta|^2 <= L_y^2 |dx|^2
    curved = L_xy * S / 2 * (vartheta * a**2 + 1 / vartheta)
    young = certified(curved - L_xy * S * a, (a, D), [(L_xy * S / (2 * vartheta), vartheta * a - 1)])
    left = e**2 - 2 * e * m + curved.subs(a, e) + L_y**2 * S
    fact = (1 / theta, L_y**2 * D**2 - m**2)
    return young and certified(right - left, (e, m, D), [(1 / theta, theta * e + m)], [fact])
