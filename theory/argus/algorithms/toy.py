"""Random problems with exact small numbers and l1 terms, answered for the code in arrays and for the text by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.theory.argus.algorithms.setting import Vector, inner, sign


def small(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/2 up to 1, exact."""
    return convert(rng.integers(-2, 3, shape), "fraction") / 2


class Toy:
    """Quadratic G_i and g_i of n agents, neither convex in general, with R and r multiples of the l1 norm."""

    def __init__(self, seed: int, n: int, p: int, q: int, l1: Fraction = Fraction(0)) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.p, self.q, self.l1 = n, p, q, l1
        half = convert(rng.integers(1, 4, (n, 1, 1)), "fraction") / 4
        H = small(rng, n, q, q) / 4
        self.H = H + H.swapaxes(1, 2) + half * np.eye(q, dtype=int)
        self.C = small(rng, n, p, q)
        shapes = {"grad_x_f": p, "grad_y_f": q}
        self.rows: dict[str, Array] = {k: small(rng, n, size, 1 + p + q) for k, size in shapes.items()}
        self.rows["grad_y_g"] = np.concatenate(
            [small(rng, n, q, 1) * 3, self.C.swapaxes(1, 2), self.H], axis=2
        )

    def ask(self, channel: str, i: int, x: Vector, y: Vector) -> Vector:
        """For the literal text."""
        return [inner(row, [Fraction(1), *x, *y]) for row in self.rows[channel][i].tolist()]

    def prox(self, v: Vector, weight: Fraction) -> Vector:
        """For the literal text: the soft threshold."""
        k = self.l1 * weight
        return [z - k if z > k else z + k if z < -k else Fraction(0) for z in v]

    def push(self, v: Vector, weight: Fraction) -> Vector:
        """For the literal text: ``weight`` times a subgradient, 0 at 0."""
        return [self.l1 * weight * sign(z) for z in v]

    def _affine(self, channel: str, x: Array, y: Array) -> Array:
        rows, z = self.rows[channel], np.concatenate([x, y], axis=-1)
        return np.asarray(rows[..., 0] + (rows[..., 1:] * z[..., None, :]).sum(axis=-1))

    def grad_x_f(self, x: Array, y: Array) -> Array:
        """See `spiritlevel.core.problem.Problem`, as for the others."""
        return self._affine("grad_x_f", x, y)

    def grad_y_f(self, x: Array, y: Array) -> Array:
        """Affine."""
        return self._affine("grad_y_f", x, y)

    def grad_y_g(self, x: Array, y: Array) -> Array:
        """Affine."""
        return self._affine("grad_y_g", x, y)

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        """Constant."""
        return self.H[None]

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        """Constant."""
        return self.C[None]

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        """A product."""
        return np.asarray((self.H @ v[..., None])[..., 0])

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        """A product."""
        return np.asarray((self.C @ v[..., None])[..., 0])

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        """The text solves nothing."""
        raise NotImplementedError("Argus solves no linear system")

    def _threshold(self, v: Array, step: Any) -> Array:
        k = self.l1 * step
        return np.asarray(np.where(v > k, v - k, np.where(v < -k, v + k, v * 0)))

    def prox_x(self, v: Array, step: Any) -> Array:
        """Of the l1 norm."""
        return self._threshold(v, step)

    def prox_y(self, v: Array, step: Any) -> Array:
        """Of the l1 norm."""
        return self._threshold(v, step)

    def slope_y(self, v: Array, step: Any) -> Array:
        """Its derivative."""
        return np.asarray((abs(v) > self.l1 * step).astype(int)) if self.l1 else np.ones(v.shape, dtype=int)

    def subgradient_x(self, x: Array) -> Array:
        """0 at 0."""
        return np.asarray(self.l1 * np.sign(x))

    def subgradient_y(self, y: Array) -> Array:
        """0 at 0."""
        return np.asarray(self.l1 * np.sign(y))
