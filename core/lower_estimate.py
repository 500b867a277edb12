r"""Argus's estimate of the lower-level solution: K rounds of a proximal primal-dual method, and its derivative in x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class LowerRounds:
    r"""K rounds of Argus (5), (6) from ``y0``, with g linearised in x at the present point (3) and no multipliers at first.

    .. math::
        y_i^{(k+1)} &= \operatorname{prox}\Big(\sum_j W_{ij} y_j^{(k)} - \eta_y \big[\nabla_y g_i(x_i, y_i^{(k)}) +
            \sum_{j \in N_i} (\varphi_{ij} - \varphi_{ji} + 2\mu(y_i^{(k)} - y_j^{(k)}))\big]\Big) \\
        \varphi_{ij}^{(k+1)} &= \varphi_{ij}^{(k)} + \eta_\varphi (y_i^{(k+1)} - y_j^{(k+1)})

    Attributes
    ----------
    K
        Rounds.
    eta, eta_phi, mu
        Step sizes and the penalty.
    scaled
        Whether the proximal map has weight eta (as a proximal gradient step has) or 1, as printed.
    """

    K: int
    eta: Any
    eta_phi: Any
    mu: Any
    scaled: bool

    def run(self, o: Oracle, net: Gossip, x: Array, y0: Array) -> tuple[Array, Array]:
        r"""The estimate, shape ``(R, n, q)``, and :math:`\partial y_i / \partial x_j`, shape ``(R, n, q, n, p)``.

        The derivative holds where the proximal map has one; y0 counts as constant.
        """
        R, n = x.shape[:2]
        q, weight = y0.shape[-1], self.eta if self.scaled else 1
        joined = neighbours(net)
        y, phi = y0, _pairs(y0) * 0
        own = np.eye(n, dtype=int)[:, None, :, None]
        S = y0[..., None, None] * 0 * own + 0 * x[:, None, None]
        dphi = _pairs(S.reshape(R, n, -1)) * 0
        for _ in range(self.K):
            H, J = o.hess_yy_g(x, y), o.hess_xy_g(x, y).swapaxes(-1, -2)
            Wy = net.mix(y)
            pull = _pulled(y, phi, joined, self.mu)
            v = Wy - self.eta * (o.grad_y_g(x, y) + pull)
            flat = S.reshape(R, n, q, -1)
            drift = (H @ flat).reshape(S.shape) + J[..., None, :] * own
            pulled = _pulled(S.reshape(R, n, -1), dphi, joined, self.mu).reshape(S.shape)
            mixed = np.tensordot(net.network.dense(), S, axes=(1, 1)).swapaxes(0, 1)
            slope = o.slope_y(v, weight)[..., None, None]
            y, S = o.prox_y(v, weight), slope * (mixed - self.eta * (drift + pulled))  # (5)
            phi = phi + self.eta_phi * joined * _pairs(y)  # (6)
            dphi = dphi + self.eta_phi * joined * _pairs(S.reshape(R, n, -1))
            net.tell(q * joined[..., 0].sum(axis=-1)[None])
        return y, S


def neighbours(net: Gossip) -> Array:
    """Who is a neighbour of whom, oneself excluded: 0 or 1, shape ``(n, n, 1)``."""
    joined = np.asarray(net.network.dense() != 0, dtype=int)
    np.fill_diagonal(joined, 0)
    return joined[..., None]


def _pairs(z: Array) -> Array:
    """``z_i - z_j``, shape ``(R, n, n, dim)``."""
    return z[:, :, None] - z[:, None]


def _pulled(z: Array, phi: Array, joined: Array, mu: Any) -> Array:
    r""":math:`\sum_{j \in N_i} (\varphi_{ij} - \varphi_{ji} + 2\mu(z_i - z_j))`."""
    return (joined * (phi - phi.swapaxes(1, 2) + 2 * mu * _pairs(z))).sum(axis=2)
