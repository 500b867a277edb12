"""Floating-point operations of one client's work on a dense quadratic submodel, counted as they happen.

n_1, n_2 are the sizes of the submodel. Numbers are replaced by objects that count additions, subtractions, products
and quotients, and the loops are written out. Gradients of f are left out: every method needs the same two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


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

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _operation


def total(values: list[Any]) -> Any:
    """Their sum, with one addition less than there are values."""
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


def product(M: list[list[Any]], v: list[Any]) -> list[Any]:
    """A matrix times a vector."""
    return [total([a * b for a, b in zip(row, v, strict=True)]) for row in M]


@dataclass
class Client:
    """One client's submodel: ``grad_y g = H y - B x - c``, the cross block C (n_1 x n_2), grad_y f, grad_x f."""

    n_1: int
    n_2: int

    def __post_init__(self) -> None:
        self.tally = Tally()

        def numbers(*shape: int) -> Any:
            array = np.empty(shape, dtype=object)
            for k in np.ndindex(*shape):
                array[k] = Counting(self.tally)
            return array.tolist()

        n_1, n_2 = self.n_1, self.n_2
        self.H, self.B, self.C = numbers(n_2, n_2), numbers(n_2, n_1), numbers(n_1, n_2)
        self.c, self.f_y, self.y = numbers(n_2), numbers(n_2), numbers(n_2)
        self.x, self.f_x, self.step = numbers(n_1), numbers(n_1), Counting(self.tally)

    def gradient(self) -> list[Any]:
        """``grad_y g``."""
        rows = zip(product(self.H, self.y), product(self.B, self.x), self.c, strict=True)
        return [a - b - c for a, b, c in rows]

    def inner_step(self) -> None:
        """Lines 7 and 8."""
        self.y = [a - self.step * g for a, g in zip(self.y, self.gradient(), strict=True)]

    def eliminated(self) -> list[Any]:
        """``H^{-1} grad_y f`` by elimination without row exchanges (H is positive definite) and back substitution."""
        M, v, n = [list(row) for row in self.H], list(self.f_y), self.n_2
        for k in range(n):
            for i in range(k + 1, n):
                factor = M[i][k] / M[k][k]
                for j in range(k + 1, n):
                    M[i][j] = M[i][j] - factor * M[k][j]
                v[i] = v[i] - factor * v[k]
        for k in reversed(range(n)):
            for j in range(k + 1, n):
                v[k] = v[k] - M[k][j] * v[j]
            v[k] = v[k] / M[k][k]
        return v

    def conjugate_gradients(self, K: int) -> list[Any]:
        """``H^{-1} grad_y f`` by K steps of conjugate gradients from 0."""
        w, r = self.f_y, self.f_y
        d, square = r, product([r], r)[0]
        for _ in range(K):
            Hd = product(self.H, d)
            size = square / product([d], Hd)[0]
            w = [a + size * b for a, b in zip(w, d, strict=True)]
            r = [a - size * b for a, b in zip(r, Hd, strict=True)]
            before, square = square, product([r], r)[0]
            ratio = square / before
            d = [a + ratio * b for a, b in zip(r, d, strict=True)]
        return w

    def explicit(self, w: list[Any]) -> None:
        """(7) from the solution w of the linear system."""
        self.f_x = [a - b for a, b in zip(self.f_x, product(self.C, w), strict=True)]

    def probe(self, T_h: int) -> list[Any]:
        """What Algorithm 2 differences: a gradient as printed (T_h = 0), or the result of T_h inner steps."""
        if T_h == 0:
            return self.gradient()
        before = self.y
        for _ in range(T_h):
            self.inner_step()
        result, self.y = self.y, before
        return result

    def finite(self, T_h: int) -> None:
        """Algorithm 2 with all n_1 coordinates."""
        base = self.probe(T_h)
        for p in range(self.n_1):
            self.x[p] = self.x[p] + self.step
            delta = [(a - b) / self.step for a, b in zip(self.probe(T_h), base, strict=True)]
            self.f_x[p] = self.f_x[p] + product([delta], self.f_y)[0]


def operations(n_1: int, n_2: int, work: Callable[[Client], Any]) -> int:
    """What some work costs.

    Examples
    --------
    >>> operations(3, 2, lambda client: client.gradient())  # 2 n_2^2 + 2 n_1 n_2
    20
    """
    client = Client(n_1, n_2)
    work(client)
    return client.tally.operations
