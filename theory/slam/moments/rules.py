"""Step sizes of Theorem 1 and its corollaries, from T, n and the graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

THETA = 0.9
r"""The weight :math:`\rho\gamma/\alpha` of L, times its largest eigenvalue."""
C_STEP = 2.0
r""":math:`\alpha = C \sqrt{T/n}`."""


Rule = Callable[[float, float, float], dict[str, Any]]
"""Hyper-parameters from T, n and the Laplacian's largest eigenvalue."""


def theorem1(T: float, n: float, top: float) -> dict[str, Any]:
    """Step sizes of Theorem 1 with gamma ~ alpha ~ beta, as (149) has it."""
    alpha = C_STEP * math.sqrt(T / n)
    return {"alpha": alpha, "beta": alpha, "gamma": alpha, "rho": THETA / top}


def per_share(T: float, n: float, top: float) -> dict[str, Any]:
    """The same, where h estimates a share 1/n of the gradients."""
    return {**theorem1(T, n, top), "h_scale": "mean"}


def constant_penalty(T: float, n: float, top: float) -> dict[str, Any]:
    """Step sizes of Theorem 1 with gamma = 1 and rho independent of T."""
    return {**theorem1(T, n, top), "gamma": 1.0}


@dataclass(frozen=True)
class Ratio:
    """Step sizes of Theorem 1 with alpha/beta not 1; the larger weight of L is as before."""

    value: float

    def __call__(self, T: float, n: float, top: float) -> dict[str, Any]:
        """As `Rule`."""
        plain = theorem1(T, n, top)
        return {**plain, "alpha": plain["alpha"] * self.value, "rho": THETA / top * min(1.0, self.value)}


@dataclass(frozen=True)
class Gamma:
    """Another gamma with the same weight of L: ``constant T^exponent``."""

    constant: float
    exponent: float

    def __call__(self, T: float, n: float, top: float) -> dict[str, Any]:
        """As `Rule`."""
        plain, gamma = theorem1(T, n, top), self.constant * T**self.exponent
        return {**plain, "gamma": gamma, "rho": THETA * plain["alpha"] / (gamma * top)}


def corollary1(T: float, n: float, top: float) -> dict[str, Any]:
    """Step sizes of Corollary 1, with rho = n."""
    beta = C_STEP * math.sqrt(T / n)
    return {"alpha": C_STEP * math.sqrt(T), "beta": beta, "gamma": THETA * beta / (n * top), "rho": float(n)}


def corollary2(T: float, n: float, top: float) -> dict[str, Any]:
    """Step sizes of Corollary 2: those of Theorem 1."""
    return theorem1(T, n, top)
