r"""Exact mean, covariance and sums of an affine recursion: no sampling, and T as large as you like.

With :math:`z_t = M z_{t-1} + b + N \xi_t` and independent :math:`\xi_t` of covariance S,
:math:`\Sigma_t = M \Sigma_{t-1} M^T + N S N^T`. Powers and sums are taken by repeated doubling, so
T = 10^9 costs thirty matrix products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.problem import Channel
from spiritlevel.theory.instruments.affine import AffineMap
from spiritlevel.theory.instruments.spectrum import Quotient


class Unstable(ValueError):
    """Moments of an unstable map grew beyond all numbers."""


@dataclass(frozen=True)
class Moments:
    """Mean ``(D,)`` and covariance ``(D, D)`` of the state at iteration ``t``."""

    t: int
    mean: Array
    covariance: Array


def noise_covariance(
    calls: tuple[tuple[Channel, tuple[int, ...]], ...], sigma: Mapping[Channel, float]
) -> Array:
    """The diagonal of S: one variance per noise coordinate, in the order of the columns of ``N``."""
    return np.concatenate(
        [np.full(int(np.prod(shape)), float(sigma[channel]) ** 2) for channel, shape in calls] + [np.zeros(0)]
    )


def moments(amap: AffineMap, sigma: Mapping[Channel, float], T: int) -> Moments:
    """Exact mean and covariance at iteration ``T``, by doubling; the start's own noise included.

    Parameters
    ----------
    sigma
        Standard deviation per coordinate for every noisy channel that was probed.

    Raises
    ------
    Unstable
        If mean or covariance overflow: the map is unstable and T is large.
    """
    M, b, z0, N, N0 = (convert(a, "float") for a in (amap.M, amap.b, amap.z0, amap.N, amap.N0))
    S, S0 = noise_covariance(amap.calls, sigma), noise_covariance(amap.calls0, sigma)
    mean, covariance = z0, (N0 * S0) @ N0.T
    # (P, c, Q) describe 2^k steps at once: z -> P z + c with added covariance Q.
    P, c, Q = M, b, (N * S) @ N.T
    left = T
    with np.errstate(over="ignore", invalid="ignore"):
        while left:
            if left & 1:
                mean = P @ mean + c
                covariance = P @ covariance @ P.T + Q
            Q = P @ Q @ P.T + Q
            c = P @ c + c
            P = P @ P
            left >>= 1
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise Unstable(f"the moments at t = {T} are not finite: the map is unstable")
    return Moments(T, mean, covariance)


def expected_square(L: Array, c: Array, at: Moments) -> float:
    r""":math:`E\|L z + c\|^2`."""
    bias = L @ at.mean + c
    return float(bias @ bias + np.einsum("ij,jk,ik->", L, at.covariance, L))


def iterate(q: Quotient, T: int) -> Array:
    r"""The state at iteration ``T``, noise-free, for a stable map; shape ``(D,)``.

    Works on the distance to the fixed point, so that no accuracy is lost to the part of the state
    that does not move.
    """
    fixed = np.linalg.solve(np.eye(q.M.shape[0]) - q.M, q.r)
    w = fixed - np.linalg.matrix_power(q.M, T) @ fixed
    return np.asarray(q.z0 + q.basis @ w)


def fixed_point(q: Quotient) -> Array:
    """The limit of the iterates of a stable map, shape ``(D,)``: its bias floor, if it is not the solution."""
    return np.asarray(q.z0 + q.basis @ np.linalg.solve(np.eye(q.M.shape[0]) - q.M, q.r))


def cumulative_squares(q: Quotient, L: Array, c: Array, doublings: int) -> Array:
    r""":math:`\sum_{t < 2^k} \|L z_t + c\|^2` for k = 0 .. doublings, noise-free; shape ``(doublings + 1,)``.

    Needs a stable map: the sums are taken around its fixed point.
    """
    size = q.M.shape[0]
    fixed = np.linalg.solve(np.eye(size) - q.M, q.r)
    # e_t = M^t e_0 with e = w - fixed; the readout is A e + h, written on the vector (e, 1).
    A, h = L @ q.basis, L @ (q.z0 + q.basis @ fixed) + c
    Ah = np.c_[A, h]
    G = Ah.T @ Ah
    P = np.zeros((size + 1, size + 1))
    P[:size, :size], P[-1, -1] = q.M, 1.0
    e = np.r_[-fixed, 1.0]
    out = [float(e @ G @ e)]
    for _ in range(doublings):
        G = G + P.T @ G @ P
        P = P @ P
        out.append(float(e @ G @ e))
    return np.array(out)
