r"""Equal agents with scalar levels: all of SVR-INTERACT's sum of the metric, in exact rationals.

With :math:`g = \frac12 (y - \varrho x)^2` and :math:`f = \frac12 A x^2 + s\,h(y)`, Huber's
:math:`h(y) = \frac12 y^2` for :math:`|y| \le 1` and :math:`|y| - \frac12` beyond, equal agents never disagree and one
step is a linear map of (x, y) while :math:`|y| \le 1`. The sum over all iterations is a quadratic form of the
start, found by solving :math:`P - M^T P M = Q`. All assumptions hold: :math:`L_{f_y} = C_{f_y} = s`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.matrices import positive_semidefinite, solve
from spiritlevel.theory.interact.constants import Convention
from spiritlevel.theory.interact.step_sizes.theorem1_list import lower_weight, rate
from spiritlevel.theory.step_lists.stepsize import Rule


@dataclass(frozen=True)
class Equal:
    """``m`` equal agents that start at x = 0, the solution, with y off by ``off``."""

    A: Fraction
    s: Fraction
    slope: Fraction
    m: int = 2
    off: Fraction = Fraction(1, 1000)

    @property
    def constants(self) -> Constants:
        """Exact but for L_fx, enlarged to L_g so that Lemma 4's L_K bounds (24) too."""
        L_g = 1 + self.slope**2
        return Constants(mu_g=1, L_g=L_g, C_gxy=self.slope, L_fx=max(self.A, L_g), L_fy=self.s, C_fy=self.s)

    def step(self, alpha: Fraction, beta: Fraction) -> Array:
        """The matrix of one iteration on (x, y)."""
        return convert(
            [
                [1 - alpha * self.A, -alpha * self.slope * self.s],
                [beta * self.slope, 1 - beta],
            ],
            "fraction",
        )

    def total(self, alpha: Fraction, beta: Fraction) -> Total:
        r"""The sum of :math:`\mathfrak M_t` over all t, in closed form."""
        gradient = self.A + self.slope**2 * self.s
        read = convert(
            [[gradient**2 + self.m * self.slope**2, -self.m * self.slope], [-self.m * self.slope, self.m]],
            "fraction",
        )
        M = self.step(alpha, beta)
        P = _lyapunov(M, read)
        return Total(self, P, read, Fraction((self.off**2) * P[1, 1]))


@dataclass(frozen=True)
class Total:
    """The sum, with what shows how fast it is reached and that y stays where f is quadratic."""

    equal: Equal
    P: Array
    Q: Array
    value: Fraction

    @property
    def stays(self) -> bool:
        """Whether ``|y_t| <= 1`` for all t: z'Pz never grows, and bounds y."""
        determinant = self.P[0, 0] * self.P[1, 1] - self.P[0, 1] ** 2
        return bool(self.value * self.P[0, 0] <= determinant)

    def decay(self) -> Fraction:
        """A c > 0 with ``Q - c P`` positive semidefinite, so that z'Pz falls by 1 - c in every step."""
        top = self.P[0, 0] + self.P[1, 1]
        c = (self.Q[0, 0] * self.Q[1, 1] - self.Q[0, 1] ** 2) / (self.Q[0, 0] + self.Q[1, 1]) / top
        c = Fraction(c)
        if not positive_semidefinite(self.Q - c * self.P):
            raise ArithmeticError(f"no decay found: c = {float(c):.3g}")
        return c

    def by(self, T: int) -> Fraction:
        """A lower bound for the sum over t = 0 .. T, by Bernoulli's inequality."""
        return self.value * (1 - 1 / (1 + self.decay() * (T + 1)))


def _lyapunov(M: Array, Q: Array) -> Array:
    """The symmetric P with ``P - M'PM = Q``, for 2 x 2 matrices."""
    basis = [convert(E, "fraction") for E in ([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]])]

    def three(X: Array) -> Array:
        return np.array([X[0, 0], X[0, 1], X[1, 1]], dtype=object)

    columns = np.stack([three(E - M.T @ E @ M) for E in basis], axis=1)
    found = solve(columns, three(Q))
    if found is None:
        raise ArithmeticError("the step has an eigenvalue of modulus 1")
    return sum(
        (w * E for w, E in zip(found, basis, strict=True)), convert(np.zeros((2, 2), dtype=int), "fraction")
    )


def ratio(
    equal: Equal,
    rule: Rule,
    convention: Convention,
    *,
    lam: Fraction,
    K: int,
    weight: Fraction | None,
) -> Fraction:
    """The whole sum over the bound without C_bias, at the largest admitted steps; ``weight`` None means a."""
    c = equal.constants
    steps = {name: Fraction(v) for name, v in rule.largest(c, lam, equal.m, more={"K": K}).items()}
    a = Fraction(lower_weight(c, lam, steps["beta"], convention)) if weight is None else weight
    start = a * equal.m * equal.off**2
    return (
        equal.total(**steps).value * Fraction(rate(c, lam, steps["alpha"], steps["beta"], convention)) / start
    )
