r"""C_1 to C_7 of (52), the C'_i of (51) and the p_i, for exact numbers.

The paper writes out neither :math:`\gamma_1, \gamma_2` nor the C'_i. Here :math:`\gamma = N/(\eta(1-\rho))`, and the C'_i add up
(46), (47), (48) for MN and (49) for N^2 multipliers, with the x- and y-terms of (46) once more for the last line of (47).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Numbers = dict[int, Fraction]


@dataclass(frozen=True)
class Letters:
    """The paper's; ``t`` is the iteration, at most :math:`T_1 + T`."""

    N: Fraction
    M: Fraction
    L: Fraction
    rho: Fraction
    tau: Fraction
    k_1: Fraction
    t: Fraction
    eta: Fraction


def decrease(c: Letters) -> Numbers:
    """C_1 to C_7: (45) with beta = 1, one eta, and 1/(eta (c^t)^2) = eta (t + 1).

    Examples
    --------
    >>> one = Fraction(1)
    >>> decrease(Letters(one, one, one, one / 2, one, one, one, one / 10**5))[6]
    Fraction(100000, 1)
    """
    N, M, L, r, k, eta = c.N, c.M, c.L, c.rho, c.tau * c.k_1, c.eta
    gamma = N / (eta * (1 - r))
    small = 3 * eta * N**2 * L**2 / 2 + (M + N) * N * L**2 * eta / 2
    late = N * (M + N) * L**2 * eta * (c.t + 1)
    bracket = 2 * k * N**2 * L + 4 * eta * N**2 * L**2 * k + 8 * late
    return {
        1: N / (2 * eta) - N * L - small,
        2: N / (2 * eta) - 2 * bracket - 80 * L**2 * eta**2 * gamma / (1 - r),
        3: gamma * (1 - r - 170 * eta**2 * L**2 / (1 - r)) - N / (2 * eta) - N**2 * L - small - 8 * bracket,
        4: gamma * (1 - r - 230 * eta**2 * L**2 / (1 - r))
        - small
        - 60 * eta**2 * L**2 * gamma / (1 - r)
        - (r + 2 / (1 - r)) * bracket,
        5: eta * N / 2
        - eta**2 * N * L / 2
        - (M + N) * N * L**2 * eta**3 / 2
        - 80 * eta**4 * L**2 * gamma / (1 - r) ** 2
        - 2 * eta**2 / (1 - r) * bracket,
        6: 1 / eta,
        7: 1 / eta,
    }


def metric(c: Letters) -> Numbers:
    """C'_2 to C'_7."""
    N, L, r, k, eta = c.N, c.L, c.rho, c.tau * c.k_1, c.eta
    duals = N * (c.M + N) * L**2
    return {
        2: 2 / eta**2 + 64 * N * L**2 * k + 6 * duals,
        3: 256 * N * L**2 * k + 64 * N * L**2 + 24 * duals,
        4: (96 * N * L**2 * k + 9 * duals) / (1 - r) + 32 * N * L**2 + L**2,
        5: 2 + (64 * N * L**2 * k + 6 * duals) * eta**2 / (1 - r),
        6: 3 / eta**2,
        7: 3 / eta**2,
    }


def factors(c: Letters) -> Numbers:
    """p_2 to p_7, as printed above (53)."""
    N, L, r, k, eta, both = c.N, c.L, c.rho, c.tau * c.k_1, c.eta, c.N + c.M
    return {
        2: 8 / eta * (2 / N + k + 3 * both / 32),
        3: (256 * L**2 * k + 32 * L**2 + 24 * L**2 * both) * 8 * eta,
        4: ((96 * L**2 * k + 9 * L**2 * both) / (1 - r) + 32 * L**2) * 8 * eta,
        5: (64 * k * L + 6 * L * both) / (1 - r) + 16 / N,
        6: 3 / eta,
        7: 3 / eta,
    }
