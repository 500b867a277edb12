r"""The logistic loss of rows dealt out to agents, and its minimiser with a quadratic penalty."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spiritlevel.core.arrays import agentwise, transposed
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field
from spiritlevel.synthetic.data import moved
from spiritlevel.synthetic.matrices import diagonals, solve_each

BEND = math.sqrt(3) / 18
r"""The largest third derivative of :math:`\log(1 + e^{-z})` in size, where :math:`e^{|z|} = 2 + \sqrt3`."""
TOLERANCE = 1e-12
"""Of a gradient at a minimiser, relative to the size of its terms."""


def sigmoid(z: Array) -> Array:
    """``1 / (1 + exp(-z))`` without overflow, for real and complex numbers.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    positive = z.real >= 0
    e = np.exp(np.where(positive, -z, z))
    return np.asarray(np.where(positive, 1, e) / (1 + e))


@dataclass(frozen=True, eq=False)
class MeanLogistic:
    r""":math:`\sum_j s_{ij} \log(1 + e^{-c_{ij}^T y})`, agent by agent.

    Parameters
    ----------
    rows
        :math:`c_{ij} = b_{ij} a_{ij}`, label times features, shape ``(n, N, q)``; zeros fill up shorter agents.
    share
        :math:`s_{ij} = 1/N_i`, and 0 where a row only fills up; shape ``(n, N)``.
    """

    rows: Array
    share: Array

    @classmethod
    def of(cls, parts: Iterable[tuple[Array, Array]]) -> MeanLogistic:
        """From one pair (features, labels +1 or -1) per agent."""
        signed = [X * b[:, None] for X, b in parts]
        longest = max(map(len, signed))
        rows = [np.pad(c, ((0, longest - len(c)), (0, 0))) for c in signed]
        share = [np.arange(longest) < len(c) for c in signed]
        return cls(np.stack(rows), np.stack([s / s.sum() for s in share]))

    def over(self, field: Field) -> MeanLogistic:
        """The same data in another number system."""
        return MeanLogistic(moved(self.rows, field), self.share)

    def pooled(self) -> MeanLogistic:
        """The mean over the agents, as one agent's loss."""
        q, share = self.rows.shape[-1], self.share / len(self.share)
        return MeanLogistic(self.rows.reshape(1, -1, q), share.reshape(1, -1))

    @cached_property
    def _rows_t(self) -> Array:
        return transposed(self.rows)

    def _chances(self, y: Array) -> Array:
        """``-l'`` at every margin, shape ``(R, n, N)``."""
        return sigmoid(-agentwise(y, self._rows_t))

    def value(self, y: Array) -> Array:
        """Losses, shape ``(R, n)``."""
        z = agentwise(y, self._rows_t)
        positive = z.real >= 0
        losses = np.log1p(np.exp(np.where(positive, -z, z))) - np.where(positive, 0, z)
        return np.asarray((self.share * losses).sum(axis=-1))

    def gradient(self, y: Array) -> Array:
        """Gradients in y, shape ``(R, n, q)``."""
        return -agentwise(self.share * self._chances(y), self.rows)

    def hessian(self, y: Array) -> Array:
        """Hessians in y, shape ``(R, n, q, q)``."""
        s = self._chances(y)
        return np.asarray((self._rows_t * (self.share * s * (1 - s))[..., None, :]) @ self.rows)

    def curvature(self) -> Array:
        r"""Bounds on the Hessians: :math:`\lambda_{max}(\sum_j s_{ij} a_{ij} a_{ij}^T)/4`, shape ``(n,)``."""
        rows = self.rows.real
        gram = np.swapaxes(rows * self.share[..., None], -1, -2) @ rows
        return np.asarray(np.linalg.eigvalsh(gram)[:, -1] / 4)

    def slopes(self) -> Array:
        r"""Bounds on the gradients everywhere: :math:`\sum_j s_{ij} |a_{ij}|`, since :math:`|\ell'| < 1`; ``(n,)``."""
        return np.asarray((self.share * np.linalg.norm(self.rows.real, axis=-1)).sum(axis=-1))

    def longest(self) -> Array:
        """The length of each agent's longest row, shape ``(n,)``."""
        return np.asarray(np.linalg.norm(self.rows.real, axis=-1).max(axis=-1))


def minimised(loss: MeanLogistic, w: Array, x_weights: Array | None = None) -> Array:
    r"""The minimiser of ``loss(y) + sum_k w_k y_k^2 / 2``, for weights of shape ``(R, n, q)``; same shape.

    Damped Newton steps from 0 over floats, stopped once :math:`|\nabla| \le` `TOLERANCE` times the size of the gradient's
    terms, and two plain steps more, which leave rounding. By strong convexity the distance to the minimiser is at
    most :math:`|\nabla| / \min_k w_k`. The plain steps use ``x_weights`` (complex weights with real part ``w``)
    where given: from a real minimiser they carry an infinitesimal imaginary part exactly.

    Raises
    ------
    InputError
        If a hundred steps do not do.
    """
    y, sizes = w * 0, loss.slopes()[..., None]

    def slope(y: Array) -> Array:
        return loss.gradient(y) + w * y

    def height(y: Array) -> Array:
        return loss.value(y) + (w * y * y).sum(axis=-1) / 2

    for _ in range(100):
        G = slope(y)
        if (abs(G) <= TOLERANCE * (sizes + abs(w * y))).all():
            break
        d = solve_each(loss.hessian(y) + diagonals(w), G)
        now, fall, t = height(y), (G * d).sum(axis=-1), np.ones(G.shape[:2])
        for _ in range(40):
            # the last term is the rounding of a difference of heights
            high = height(y - t[..., None] * d) > now - t * fall / 4 + 1e-14 * (1 + now)
            if not high.any():
                break
            t = np.where(high, t / 2, t)
        y = y - t[..., None] * d
    else:
        raise InputError("the lower level was not minimised in 100 Newton steps; scale the features down")
    final = w if x_weights is None else x_weights
    for _ in range(2):
        y = y - solve_each(loss.hessian(y) + diagonals(final), loss.gradient(y) + final * y)
    return y
