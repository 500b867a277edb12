r"""An explicit family on which every row of Assumptions 3.1-3.4 and 5.2 is evaluated in exact rationals.

Two agents, d coordinates that do not interact, for agent k and coordinate i

.. math::
    g^k = \sum_i \tfrac12 h_{k,i} y_i^2 - b_{k,i} x_i y_i, \qquad
    f^k = \sum_i \tfrac12 m_{k,i} (y_i - p_k)^2 + \tfrac12 n_{k,i} x_i^2,

first derivatives with noise :math:`\pm \sigma/\sqrt d` in every coordinate, Hessians :math:`h \pm \delta`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Reading = Literal["printed", "repaired"]
W = ((Fraction(3, 4), Fraction(1, 4)), (Fraction(1, 4), Fraction(3, 4)))


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
    upper_y, upper_x = [Fraction(1), Fraction(3, 2)], [Fraction(1, 2), Fraction(3, 4)]
    mean = [sum(column, Fraction(0)) / 2 for column in zip(*hess, strict=True)]
    slope = [sum(c, Fraction(0)) / 2 / h for c, h in zip(zip(*cross, strict=True), mean, strict=True)]
    total_x, total_y = sum(upper_x) / 2, sum(upper_y) / 2
    curvature_F = min(total_x + r**2 * total_y for r in slope)
    modulus = W[0][0] - W[0][1]  # the other eigenvalue of W; rho is its square
    repaired = reading == "repaired"

    def moment(values: list[Fraction]) -> Fraction:
        """Squared norm of a diagonal matrix: spectral if repaired, Frobenius as printed."""
        return max(v**2 for v in values) if repaired else sum((v**2 for v in values), Fraction(0))

    noisy = [[[h + sign * case.delta for h in row] for sign in (-1, 1)] for row in hess]
    second = [sum(map(moment, pair), Fraction(0)) / 2 for pair in noisy]
    rest = [sum((moment([1 - h / L for h in row]) for row in pair), Fraction(0)) / 2 for pair in noisy]
    variance = case.sigma**2
    # an upper or lower level with curvature has unbounded gradients, whatever the constant
    unbounded_f, unbounded_g = any(upper_y) or any(upper_x), any(any(row) for row in hess)
    rows = {
        "3.2": all(sum(row) == 1 for row in W) and W[0][1] == W[1][0] and 0 < modulus**2 < 1,
        "3.3(ii)": max(*upper_x, *upper_y) <= case.L_f,
        "3.3(iii)": variance <= case.C_f**2 if repaired else not unbounded_f,
        "3.4(i)": min(mean) >= case.mu_g > 0,
        "3.4(iii)": max(max(row) for row in (*hess, *cross)) <= L,
        "3.4(iv)": (variance <= case.C_g**2 if repaired else not unbounded_g)
        and max(*second, *map(moment, cross)) <= L**2,
        "3.4(v)": max(rest) <= (1 - case.kappa_g) ** 2 and 0 < case.kappa_g <= case.mu_g / L <= 1,
        "5.2": 0 < case.mu <= curvature_F,
    }
    return tuple(name for name, holds in rows.items() if not holds)
