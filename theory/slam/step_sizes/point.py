r"""Every condition that the proof of Theorem 1 prints, at one choice of constants and step sizes, exactly.

T is the square of ``t``, so that :math:`\alpha_0 = \alpha/t`, :math:`\beta_0 = \beta/t` are rational. Numbers or symbols may be put in;
with symbols the conditions are read off `margins`, which must not be negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAMES = ("theta > 0, (42)", "(39a)", "(39b), mu", "(39b), tau", "(39c)", "(39d)", "(137), x", "(137), y", "(164)",
         "C_2 < 0", "Lemma 5")  # fmt: skip


def bracket(alpha: Any, beta: Any, rho_g: Any, curvature: Any, growth: Any, slack: Any) -> Any:
    r"""C_2 with :math:`8 L_{yc}^2`, :math:`2(m+1) n L_y^2` and :math:`\vartheta L_{xy} D_x/4` as single numbers.

    Examples
    --------
    >>> round(bracket(1000, 1000, 1, 18, 8, 0), 6)
    0.024992
    """
    return curvature / alpha + (1 - rho_g / beta) * (1 + growth / alpha + slack / alpha**2) - 1


def least_ratio(rho_g: Any, curvature: Any, growth: Any) -> Any:
    """What alpha/beta must exceed for C_2 < 0, to leading order for large alpha."""
    return (curvature + growth) / rho_g


@dataclass(frozen=True, kw_only=True)
class Point:
    """Constants, step sizes, and the theta of (42); ``low``, ``high`` are the Laplacian's eigenvalues, ``m`` counts tasks."""

    t: Any
    n: Any
    m: Any
    low: Any
    high: Any
    mu: Any
    L_g: Any
    L_y: Any
    L_yc2: Any
    L_f: Any
    L_xy: Any
    L_f0: Any
    sigma2: Any
    start2: Any
    alpha: Any
    beta: Any
    gamma: Any
    rho: Any
    theta: Any
    vartheta: Any

    @property
    def rho_g(self) -> Any:
        """Lemma 5's rate."""
        return 2 * self.mu * self.L_g / (self.mu + self.L_g)

    @property
    def C_x(self) -> Any:
        """(41a)."""
        b = 1 - self.rho * self.low * self.gamma / self.alpha
        return 2 * (1 + 1 / self.theta) / (1 - (1 + self.theta) * b**2)

    @property
    def D_x(self) -> Any:
        """(41b), with the sum of both parts of (43) for the larger one."""
        b = 1 - self.rho * self.low * self.gamma / self.alpha
        weight, rest = 2 + 2 / self.theta, 1 - (1 + self.theta) * b**2
        reach = (self.rho * self.high) ** 2
        ball = reach * self.start2 + (self.sigma2 * weight + self.n * (self.L_f0 + self.sigma2) * rest) / (
            self.n * weight
        )
        return 4 * self.C_x * self.sigma2 / self.n + 4 * (self.L_f0 + self.sigma2) + 2 * self.C_x * ball

    @property
    def C_2(self) -> Any:
        """The bracket after (162)."""
        k, slack = 2 * (self.m + 1) * self.n * self.L_y**2, self.vartheta * self.L_xy * self.D_x / 4
        return bracket(self.alpha, self.beta, self.rho_g, 8 * self.L_yc2, k, slack)

    def margins(self) -> Mapping[str, Any]:
        """What must not be negative, by the conditions' names; (39a) squared, and (137) with the least C."""
        alpha_0, beta_0 = self.alpha / self.t, self.beta / self.t
        tau_f, tau_g = self.alpha / self.gamma, self.beta / self.gamma
        b = 1 - self.rho * self.low / tau_f
        curve = self.L_f / 2 + (self.m + 1) * self.L_y**2 / self.n
        values = (
            1 - (1 + self.theta) * b**2,
            alpha_0**2 - 4 * (self.rho * self.high) ** 2 * self.C_x,
            beta_0 - 1 / self.mu,
            beta_0 - tau_g,
            tau_g * (1 - 1 / self.t) - self.rho * self.high,
            tau_f - self.rho * self.high,
            self.alpha - (tau_f / self.rho + self.rho * self.high**2 / tau_f) / 2,
            self.beta - (tau_g / self.rho + self.rho * self.high**2 / tau_g) / 2,
            self.alpha - 4 * (curve + (self.m + 1) * self.L_xy / (4 * self.n * self.vartheta)),
            -self.C_2,
            self.beta - 2 / (self.mu + self.L_g),
        )
        return dict(zip(NAMES, values, strict=True))

    def broken(self) -> list[str]:
        """The conditions that do not hold at numbers.

        Examples
        --------
        >>> from fractions import Fraction
        >>> one = Fraction(1)
        >>> ones = {k: one for k in Point.__dataclass_fields__}
        >>> Point(**ones | {"t": 10 * one}).broken()[:3]
        ['(39a)', '(39b), mu', '(39b), tau']
        """
        strict = ("theta > 0, (42)", "(164)", "C_2 < 0", "Lemma 5")
        return [k for k, v in self.margins().items() if v < 0 or (v == 0 and k in strict)]


def chosen(p: Mapping[str, Any], weight: Any) -> Point:
    r"""Step sizes of Theorem 1 for constants: :math:`\gamma` is ``weight`` times :math:`(\sigma_{\max}/\tilde\sigma_{\min}) t`.

    ``alpha/beta = r`` is one more than C_2 needs to leading order, beta the least of (39b), rho half of what
    :math:`\tau_g \ge \rho\sigma_{\max}` leaves, and theta the best one.
    """
    rho_g = 2 * p["mu"] * p["L_g"] / (p["mu"] + p["L_g"])
    r = least_ratio(rho_g, 8 * p["L_yc2"], 2 * (p["m"] + 1) * p["n"] * p["L_y"] ** 2) + 1
    beta = p["t"] / p["mu"]
    gamma = weight * p["high"] / p["low"] * p["t"]
    rho = beta / (2 * gamma * p["high"])
    b = 1 - p["low"] / (2 * r * p["high"])
    return Point(**p, alpha=r * beta, beta=beta, gamma=gamma, rho=rho, theta=1 / b - 1, vartheta=1)
