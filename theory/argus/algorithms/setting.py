"""Hyper-parameters and small vectors for the literal text of Algorithm 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

Vector = list[Fraction]
Ask = Callable[[str, int, Vector, Vector], Vector]
"""``ask(channel, i, x_i, y_i)``: a gradient of agent i."""
Proximal = Callable[[Vector, Fraction], Vector]
"""``prox(v, weight)`` of a convex function, or ``weight`` times a subgradient of it at v."""


@dataclass(frozen=True)
class Setting:
    """Named as `spiritlevel.core.algorithms.argus.Argus` names them; ``rates`` as numbers."""

    eta: Fraction = Fraction(1, 4)
    rates: tuple[Fraction, ...] = (Fraction(1),)
    eta_y: Fraction = Fraction(1, 2)
    eta_phi: Fraction = Fraction(1, 3)
    mu: Fraction = Fraction(1, 5)
    K: int = 1
    lambda_1: Fraction = Fraction(1, 10)
    eps: Fraction = Fraction(1, 100)
    iota: int = 1
    T_1: int = 100
    M: int = 20
    gradient: str = "own"
    multipliers: str = "free"
    damping: str = "none"
    base: str = "current"
    prox: str = "one"
    full: str = "refuse"
    upper: str = "prox"

    def step(self, i: int) -> Fraction:
        """Agent i's step size."""
        return self.eta * self.rates[i % len(self.rates)]

    def damp(self, t: int) -> Fraction:
        r""":math:`\eta c^t` of (13), by the float next to :math:`1/\sqrt{t + 1}`."""
        return Fraction(0) if self.damping == "none" else Fraction((t + 1) ** -0.5)


def combination(weights: list[Fraction], rows: list[Vector]) -> Vector:
    """A weighted sum of vectors.

    Examples
    --------
    >>> combination([Fraction(1, 2), Fraction(1, 2)], [[Fraction(1)], [Fraction(3)]])
    [Fraction(2, 1)]
    """
    return [
        sum((w * v for w, v in zip(weights, entries, strict=True)), Fraction(0))
        for entries in zip(*rows, strict=True)
    ]


def inner(v: Vector, w: Vector) -> Fraction:
    """The inner product."""
    return sum((a * b for a, b in zip(v, w, strict=True)), Fraction(0))


def sign(z: Fraction) -> int:
    """-1, 0 or 1."""
    return (z > 0) - (z < 0)
