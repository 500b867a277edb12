"""Products agent by agent, in memory layouts that suit both floats and exact numbers."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.numbers import Array


def agentwise(z: Array, At: Array) -> Array:
    """``A_i z_i`` for every replica and agent.

    Parameters
    ----------
    z
        Vectors, shape ``(R, n, k)``.
    At
        *Transposed* matrices, contiguous: ``(n, k, l)`` when all replicas share them (one matrix
        product per agent over all replicas), or ``(R, n, k, l)`` when each has its own.

    Returns
    -------
    Shape ``(R, n, l)``; where the matrices are shared, laid out as `replicas_inner` does.

    Examples
    --------
    >>> A = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> agentwise(np.array([[[1.0, 1.0]]]), transposed(A))
    array([[[3., 7.]]])
    """
    if At.ndim == 3:
        return (At.swapaxes(-1, -2) @ z.transpose(1, 2, 0)).transpose(2, 0, 1)
    return (z[..., None, :] @ At)[..., 0, :]


def transposed(A: Array) -> Array:
    """The transposes of a stack of matrices, stored contiguously."""
    return np.ascontiguousarray(A.swapaxes(-1, -2))


def mean_over_agents(z: Array) -> Array:
    """The mean over the agents' axis, kept as an axis of length 1; exact in exact arithmetic.

    Examples
    --------
    >>> mean_over_agents(np.array([[[1.0], [3.0]]]))
    array([[[2.]]])
    """
    return z.sum(axis=-2, keepdims=True) / z.shape[-2]


def squared_norm(z: Array) -> Array:
    """Sum of squares over all axes but the first (replicas); shape ``(R,)``.

    Examples
    --------
    >>> squared_norm(np.array([[[1.0], [3.0]]]))
    array([10.])
    """
    return (z * z).reshape(z.shape[0], -1).sum(axis=-1)


def replicas_inner(z: Array) -> Array:
    """A copy with the first axis (replicas) contiguous in memory, as `agentwise` leaves its results.

    Adding arrays that lie alike is faster than adding arrays that do not.

    Examples
    --------
    >>> replicas_inner(np.zeros((64, 8, 10))).strides
    (8, 5120, 512)
    """
    last = z.ndim - 1
    return z.transpose(*range(1, z.ndim), 0).copy().transpose(last, *range(last))
