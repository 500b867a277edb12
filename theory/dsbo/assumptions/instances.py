r"""An explicit family on which the rows of Assumptions 3.1-3.4 and 5.2 are evaluated in exact rationals.

Two agents, d coordinates that do not interact, for agent k and coordinate i

.. math::
    g^k = \sum_i \tfrac12 h_{k,i} y_i^2 - b_{k,i} x_i y_i, \qquad
    f^k = \sum_i \tfrac12 m_{k,i} (y_i - p_k)^2 + \tfrac12 n_{k,i} x_i^2,

first derivatives with noise :math:`\pm \sigma/\sqrt d` in every coordinate, Hessians :math:`h \pm \delta`, all independent.
With a kink, :math:`\tfrac12 e\, y_i |y_i|` is added to every lower level: its second derivative jumps at 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Reading = Literal["printed", "repaired"]
W = ((Fraction(3, 4), Fraction(1, 4)), (Fraction(1, 4), Fraction(3, 4)))
ROWS = (
    "3.1",
    "3.2",
    "3.3(i)",
    "3.3(ii)",
    "3.3(iii)",
    "3.4(i)",
    "3.4(ii)",
    "3.4(iii)",
    "3.4(iv)",
    "3.4(v)",
    "5.2",
)
"""What is evaluated."""


@dataclass(frozen=True)
class Coordinates:
    """The family in dimension ``d = d_x = d_y``, with the constants that are claimed for it.

    Examples
    --------
    >>> violations(Coordinates(14), "repaired")
    ()
    """

    d: int
    weakest: Fraction = Fraction(2)
    """The smallest curvature of a lower level in a coordinate."""
    delta: Fraction = Fraction(1, 4)
    sigma: Fraction = Fraction(1)
    L_g: Fraction = Fraction(4)
    mu_g: Fraction = Fraction(2)
    kappa_g: Fraction = Fraction(7, 16)
    mu: Fraction = Fraction(1, 2)
    L_f: Fraction = Fraction(2)
    C_f: Fraction = Fraction(1)
    C_g: Fraction = Fraction(1)
    signs: tuple[int, ...] = (-1, 1)
    """The equally likely factors of noise."""
    tilt: Fraction = Fraction(0)
    """What is taken from every n."""
    kink: Fraction = Fraction(0)

    def curvature(self, agent: int) -> list[Fraction]:
        """Second derivatives of :math:`g^k` in y, one per coordinate."""
        return [self.weakest + Fraction(agent + i % 3, 4) for i in range(self.d)]

    def coupling(self, agent: int) -> list[Fraction]:
        """The coefficients b of :math:`g^k`."""
        return [Fraction(1 + agent) for _ in range(self.d)]


def violations(case: Coordinates, reading: Reading) -> tuple[str, ...]:
    """The rows that do not hold, with the printed norms and moments or the repaired ones.

    Examples
    --------
    >>> violations(Coordinates(1), "printed")
    ('3.3(iii)', '3.4(iv)')
    """
    L, agents = case.L_g, (0, 1)
    hess = [case.curvature(k) for k in agents]
    cross = [case.coupling(k) for k in agents]
    upper_y, upper_x = (
        [Fraction(1), Fraction(3, 2)],
        [n - case.tilt for n in (Fraction(1, 2), Fraction(3, 4))],
    )
    mean = [sum(column, Fraction(0)) / 2 for column in zip(*hess, strict=True)]
    slope = [sum(c, Fraction(0)) / 2 / h for c, h in zip(zip(*cross, strict=True), mean, strict=True)]
    total_x, total_y = sum(upper_x) / 2, sum(upper_y) / 2
    curvature_F = min(total_x + r**2 * total_y for r in slope)
    modulus = W[0][0] - W[0][1]  # the other eigenvalue of W; rho is its square
    repaired = reading == "repaired"

    def moment(values: list[Fraction]) -> Fraction:
        """Squared norm of a diagonal matrix: spectral if repaired, Frobenius as printed."""
        return max(v**2 for v in values) if repaired else sum((v**2 for v in values), Fraction(0))

    outcomes = len(case.signs)
    noisy = [
        [
            [h + sign * case.delta + side for h in row]
            for sign in case.signs
            for side in (-case.kink, case.kink)
        ]
        for row in hess
    ]
    second = [sum(map(moment, each), Fraction(0)) / (2 * outcomes) for each in noisy]
    rest = [
        sum((moment([1 - h / L for h in row]) for row in each), Fraction(0)) / (2 * outcomes)
        for each in noisy
    ]
    variance = case.sigma**2 * sum(sign**2 for sign in case.signs) / outcomes
    # an upper or lower level with curvature has unbounded gradients, whatever the constant
    unbounded_f, unbounded_g = any(upper_y) or any(upper_x), any(any(row) for row in hess)
    rows = {
        "3.1": sum(case.signs) == 0,
        "3.2": all(sum(row) == 1 for row in W) and W[0][1] == W[1][0] and 0 < modulus**2 < 1,
        "3.3(i)": curvature_F > 0,
        "3.3(ii)": max(map(abs, (*upper_x, *upper_y))) <= case.L_f,
        "3.3(iii)": variance <= case.C_f**2 if repaired else not unbounded_f,
        "3.4(i)": min(mean) - case.kink >= case.mu_g > 0,
        "3.4(ii)": case.kink == 0,
        "3.4(iii)": max(*(max(row) + case.kink for row in hess), *map(max, cross)) <= L,
        "3.4(iv)": (variance <= case.C_g**2 if repaired else not unbounded_g)
        and max(*second, *map(moment, cross)) <= L**2,
        "3.4(v)": max(rest) <= (1 - case.kappa_g) ** 2 and 0 < case.kappa_g <= case.mu_g / L <= 1,
        "5.2": 0 < case.mu <= curvature_F,
    }
    return tuple(name for name in ROWS if not rows[name])
