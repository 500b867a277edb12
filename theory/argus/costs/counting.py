"""Operations of one agent's work in Argus, counted as they happen: loops written out on numbers that count.

Gradients of G_i and g_i are given, and proximal maps, absolute values and signs are free: the paper counts none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Operations so far."""

    operations: int = 0


@dataclass
class Counting:
    """A number without a value."""

    tally: Tally = field(repr=False)

    def _operation(self, _: Any) -> Counting:
        self.tally.operations += 1
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operation


class Agent:
    """One agent with d neighbours and P cuts; its own variables are number 0 of every list."""

    def __init__(self, d: int, n: int, m: int, P: int) -> None:
        self.d, self.n, self.m, self.P = d, n, m, P
        self.tally = Tally()
        self.one = Counting(self.tally)
        """Weights, step sizes, everything that is one number."""

    def vectors(self, many: int, size: int) -> list[list[Counting]]:
        """That many vectors."""
        return [[self.one] * size for _ in range(many)]

    def mixed(self, size: int) -> list[Any]:
        """(15), (16): a weighted sum over the closed neighbourhood."""
        rows = self.vectors(self.d + 1, size)
        total = [self.one * v for v in rows[0]]
        for row in rows[1:]:
            total = [t + self.one * v for t, v in zip(total, row, strict=True)]
        return total

    def iterate(self) -> None:
        """(15)-(20)."""
        for size, thetas in ((self.n, self.d), (self.m, 0)):
            total = self.mixed(size)
            gradient = self.vectors(1, size)[0]
            for coefficients in self.vectors(self.P, size):  # its own in every cut
                gradient = [g + self.one * a for g, a in zip(gradient, coefficients, strict=True)]
            for theta in self.vectors(thetas, size):
                gradient = [g + v for g, v in zip(gradient, theta, strict=True)]
            total = [t - self.one * g for t, g in zip(total, gradient, strict=True)]
        self.ascend()

    def ascend(self) -> None:
        """(19), (20)."""
        for _ in range(self.P):
            value = self.one
            for size in (self.n, self.m):
                for row in self.vectors(self.d + 1, size):
                    for v in row:
                        value = value + self.one * v
            self.one + (self.one * value - self.one * self.one)
        for theta in self.vectors(self.d, self.n):
            for v in theta:
                v + (self.one * (self.one - self.one) - self.one * v)

    def update(self, K: int) -> None:
        """(5), (6) K times, then h and (24)-(26) for the agent's own copy of its derivative."""
        for _ in range(K):
            total, slope = self.mixed(self.m), self.vectors(1, self.m)[0]
            for row in self.vectors(self.d, self.m):
                slope = [s + v - v + self.one * (v - v) for s, v in zip(slope, row, strict=True)]
            total = [t - self.one * s for t, s in zip(total, slope, strict=True)]
            for row in self.vectors(self.d, self.m):
                row = [v + self.one * (v - v) for v in row]
        h = self.one
        for row in self.vectors(self.d + 1, self.m):
            for v in row:
                off = v - v
                h = h + (off + self.one * (off * off))  # 1 + 4
                self.one + self.one * off  # (25): sign + 2 lambda_1 off
        for column in self.vectors(self.n, self.m):  # (24)
            scaled = [self.one * v for v in column]
            value = scaled[0] * self.one
            for v in scaled[1:]:
                value = value + v * self.one
        for size in (self.n, self.m):  # (26)
            for row in self.vectors(self.d + 1, size):
                for v in row:
                    h = h - self.one * v
        h - self.one


def operations(d: int, n: int, m: int, P: int, work: Callable[[Agent], Any]) -> int:
    """What some work costs.

    Examples
    --------
    >>> operations(2, 1, 1, 0, lambda agent: agent.mixed(3))  # (2 d + 1) * 3
    15
    """
    agent = Agent(d, n, m, P)
    work(agent)
    return agent.tally.operations
