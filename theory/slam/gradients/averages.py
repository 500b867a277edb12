r"""Exact averages over iterations of squares of an affine readout, noise included, by repeated doubling."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.problem import Channel
from spiritlevel.theory.instruments.affine import AffineMap
from spiritlevel.theory.instruments.moments import Unstable, noise_covariance


def average_squares(
    amap: AffineMap, sigma: Mapping[Channel, float], L: Array, c: Array, doublings: int
) -> float:
    r""":math:`\frac1T \sum_{t<T} E\|L z_t + c\|^2` for :math:`T = 2^k`, from the map's own start.

    On :math:`(z, 1)` with :math:`E[(z,1)(z,1)^\top] = S_t`, :math:`S_{t+1} = F S_t F^\top + Q`, and the sum up to T of
    :math:`\operatorname{tr}(G S_t)` is :math:`\operatorname{tr}(W_T S_0) + \operatorname{tr}(V_T Q)` with
    :math:`W_T = \sum_{t<T} (F^t)^\top G F^t` and :math:`V_T = \sum_{t<T} W_t`.

    Parameters
    ----------
    sigma
        Standard deviation per coordinate for every noisy channel that was probed; a start without noise.
    L, c
        The readout, shapes ``(k, D)`` and ``(k,)``.
    doublings
        The k of T.

    Raises
    ------
    Unstable
        If the average is beyond all numbers.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.slam import SLAM
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.theory.instruments.affine import probe
    >>> from spiritlevel.theory.slam.gradients.instances import opposed
    >>> amap = probe(SLAM(), opposed().over("float"), named("path:2"))
    >>> average_squares(amap, {}, *amap.readout(lambda s: s.x.mean(axis=1)), 0)
    0.0
    """
    M, b, z0, N = (convert(a, "float") for a in (amap.M, amap.b, amap.z0, amap.N))
    D = len(b)
    F = np.block([[M, b[:, None]], [np.zeros((1, D)), np.ones((1, 1))]])
    noise = (N * noise_covariance(amap.calls, sigma)) @ N.T
    read = np.c_[L, c]
    W, V, T = read.T @ read, np.zeros((D + 1, D + 1)), 1
    z = np.r_[z0, 1.0]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(doublings):
            V = V + T * W + F.T @ V @ F
            W = W + F.T @ W @ F
            F, T = F @ F, 2 * T
        average = float(z @ W @ z + np.einsum("ij,ji->", V[:D, :D], noise)) / T
    if not np.isfinite(average):
        raise Unstable(f"the average over {T} iterations is not finite")
    return average
