r"""SLAM's exact second moments, one small recursion per eigenvector of the graph's Laplacian.

Where all agents have the same scalar curvatures, an iteration is made of numbers that are the same for all agents and
of the Laplacian L. It therefore sends a state whose every field is a multiple of one eigenvector u to another such
state: with :math:`z_k` the coefficients of the fields on :math:`u_k`,

.. math:: z_k^{r+1} = M_k z_k^r + b_k + N_k \xi_k^r,

and white noise is white in the coefficients too. `split` reads the maps off the algorithm's own step on the whole
network and says how far they are from describing it; `averages` sums their moments over time by doubling.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Probe
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, SolvedProblem
from spiritlevel.theory.instruments.affine import AffineMap
from spiritlevel.theory.instruments.moments import Unstable

CLOSES = 1e-9
"""Largest relative difference between a step and its maps per mode."""
ROUNDING = 1e-14
"""An entry is 0 if it is smaller, relative to the same entry on the other modes."""
LATER = 3  # an iteration after the first: the maps must not depend on r


class NotSplit(ValueError):
    """A step does not act on every eigenvector of the Laplacian by itself."""


@dataclass(frozen=True, eq=False)
class Modes:
    """The maps of an iteration on a network of n agents, for a state of F scalar fields and C noisy oracle calls.

    ``M, b, N, start``: shapes ``(n, F, F)``, ``(n, F)``, ``(n, F, C)``, ``(n, F)``. ``eigenvalues`` of the Laplacian
    ascend from 0; column k of ``vectors`` belongs to entry k, column 0 is constant. ``gap`` is the largest relative
    error of the maps, on all inputs and at two random points.
    """

    fields: tuple[str, ...]
    calls: tuple[Channel, ...]
    eigenvalues: Array
    vectors: Array
    M: Array
    b: Array
    N: Array
    start: Array
    gap: float


def eigenvectors(network: Network) -> tuple[Array, Array]:
    """Eigenvalues of the Laplacian, ascending, and orthonormal eigenvectors; the first is exactly constant."""
    values, U = np.linalg.eigh(convert(network.laplacian, "float"))
    values[0], U[:, 0] = 0.0, network.n**-0.5
    return values, U


def split(
    algorithm: Algorithm, problem: SolvedProblem, network: Network, channels: Iterable[Channel] = ()
) -> Modes:
    """Read the maps per mode off the step.

    Parameters
    ----------
    problem
        Scalar levels (p = q = 1).
    channels
        Oracle channels with additive noise.

    Raises
    ------
    NotSplit
        If the step mixes modes, is not affine, changes with r, or if the start asks a noisy oracle.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.slam import SLAM
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import quadratic
    >>> one = [[[1.0]]] * 4
    >>> problem = quadratic(H=one, B=one, c=[[1.0], [2.0], [3.0], [4.0]], A=one, shared=True)
    >>> modes = split(SLAM(), problem, named("ring:4"))
    >>> modes.M.shape, modes.eigenvalues.round(9)
    ((4, 6, 6), array([0., 2., 2., 4.]))
    """
    algorithm.require(problem, network)
    a, net, noisy = algorithm.over("float"), Gossip(network), frozenset(channels)
    values, U = eigenvectors(network)
    n = network.n
    x, y = (z[None].astype(float) for z in problem.start())
    dry = Probe(noisy)
    first = a.init(x, y, Oracle(problem, dry), net)
    names = tuple(f.name for f in dataclasses.fields(first))
    if dry.seen or any(getattr(first, k).shape[1:] != (n, 1) for k in names):
        raise NotSplit("the start asks a noisy oracle, or its fields are not one number per agent")
    start = np.stack([getattr(first, k)[0, :, 0] for k in names])
    dry = Probe(noisy)
    a.step(1, first, Oracle(problem, dry), net)
    calls = tuple(channel for channel, _ in dry.seen)
    F, C = len(names), len(calls)

    def step(t: int, z: Array) -> Array:
        state = type(first)(**{k: z[:, j, :, None] for j, k in enumerate(names)})
        noise = Probe(noisy, [z[:, F + j, :, None] for j in range(C)])
        after = a.step(t, state, Oracle(problem, noise), net)
        return np.stack([np.broadcast_to(getattr(after, k)[..., 0], (len(z), n)) for k in names], axis=1)

    # replicas: nothing; then each eigenvector in each field and each noise; random points apart
    rows = np.zeros((1 + (F + C) * n, F + C, n))
    for j in range(F + C):
        rows[1 + j * n : 1 + (j + 1) * n, j] = U.T
    random = np.random.default_rng(0).standard_normal((2, F + C, n))
    out = step(1, rows)
    offset, moved = out[0], out[1:] - out[0]
    each = moved.reshape(F + C, n, F, n) @ U  # input, its mode, field, mode
    own, b = np.einsum("ikjk->kji", each), (offset @ U).T
    # multipliers add up what is 0 but for rounding over all iterations
    own[abs(own) <= ROUNDING * abs(own).max(axis=0)] = 0
    b[abs(b) <= ROUNDING * np.linalg.norm(offset, axis=1)] = 0
    M, N = own[..., :F], own[..., F:]
    stray = each - np.einsum("kji,kl->ikjl", own, np.eye(n))
    known = np.einsum("kji,rik->rjk", own, random @ U) + b.T
    found = np.concatenate([step(t, random[j : j + 1]) for j, t in enumerate((1, LATER))]) @ U
    with np.errstate(invalid="ignore"):
        gap = float(max(abs(stray).max() / abs(own).max(), abs(found - known).max() / (1 + abs(known).max())))
    if not gap <= CLOSES:
        raise NotSplit(f"a step differs from its maps per mode by {gap:.1e}")
    return Modes(names, calls, values, U, M, b, N, (start @ U).T, gap)


@dataclass(frozen=True, eq=False)
class Averages:
    r"""Averages over :math:`r = 1..2^k` of K expected squares, for k = 0, 1, ..; shapes ``(doublings + 1, K)``.

    ``mean`` is the part of the means (all of it without noise), ``noise`` that of the covariances.
    """

    mean: Array
    noise: Array

    @property
    def total(self) -> Array:
        """Their sum."""
        return self.mean + self.noise


def averages(modes: Modes, rows: Array, sigma: Mapping[Channel, float], doublings: int) -> Averages:
    r"""Averages of :math:`\sum_k E(\ell_{mk} \cdot (z_k^r, 1))^2` for the K measures :math:`\ell_m`.

    Parameters
    ----------
    rows
        The :math:`\ell_{mk}`, shape ``(K, n, F + 1)``.
    sigma
        Standard deviation of every noisy channel.

    Raises
    ------
    Unstable
        If a moment is not finite.

    Notes
    -----
    All sums are of positive semidefinite matrices, so nothing cancels:
    :math:`\Sigma_{T+j} = A^j \Sigma_T A^{j\top} + \Sigma_j` and :math:`\sum_{r<2T} \Sigma_r = V_T + A^T V_T A^{T\top} + T \Sigma_T`.
    """
    n, F = modes.b.shape
    A = modes.M
    P = np.zeros((n, F + 1, F + 1))
    P[:, :F, :F], P[:, :F, F], P[:, F, F] = modes.M, modes.b, 1.0
    start = np.concatenate([modes.start, np.ones((n, 1))], axis=1)
    W = start[:, :, None] * start[:, None, :]
    S = (modes.N * np.array([float(sigma[c]) ** 2 for c in modes.calls])) @ np.swapaxes(modes.N, 1, 2)
    V = np.zeros_like(S)
    linear = rows[..., :F]
    means, noises = [], []
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for k in range(doublings + 1):
            if k:
                back = np.swapaxes(A, 1, 2)
                V = V + A @ V @ back + 2.0 ** (k - 1) * S
                S = A @ S @ back + S
                W = W + P @ W @ np.swapaxes(P, 1, 2)
                A, P = A @ A, P @ P
            means.append(_squares(rows, W) / 2.0**k)
            noises.append(_squares(linear, V) / 2.0**k)
    if not (np.isfinite(means).all() and np.isfinite(noises).all()):
        raise Unstable(f"the averages over 2^{doublings} iterations are not finite")
    return Averages(np.array(means), np.array(noises))


def _squares(rows: Array, total: Array) -> Array:
    return ((rows[..., None, :] @ total)[..., 0, :] * rows).sum(axis=(1, 2))


def whole(amap: AffineMap) -> Modes:
    """The full map of a network as a single mode, in floats, for `averages`: to check the split, and where none exists."""
    M, b, N, start = (convert(a, "float")[None] for a in (amap.M, amap.b, amap.N, amap.z0))
    fields = tuple(name for name, shape in amap.layout.shapes for _ in range(int(np.prod(shape))))
    calls = tuple(channel for channel, shape in amap.calls for _ in range(int(np.prod(shape))))
    return Modes(fields, calls, np.zeros(1), np.ones((1, 1)), M, b, N, start, 0.0)


def in_powers(amap: AffineMap, network: Network) -> tuple[Array, Array, bool]:
    r"""A step's full map as :math:`P_0 \otimes I + P_1 \otimes L`, in its own number system.

    Returns
    -------
    P0, P1, exact
        Shapes ``(F, F)``; whether every entry of the map and of its noise is so (then :math:`M_k = P_0 + s_k P_1` on
        every eigenvector of L, whatever the graph).
    """
    n, L = network.n, network.laplacian
    exact, parts = True, []
    for whole in (amap.M, amap.N):
        blocks = whole.reshape(len(whole) // n, n, whole.shape[1] // n, n).transpose(0, 2, 1, 3)
        j = int(np.argmax(L[0] < 0))  # a neighbour of agent 0
        P1 = -blocks[:, :, 0, j]
        P0 = blocks[:, :, 0, 0] - P1 * L[0, 0]
        eye = np.eye(n, dtype=int).astype(L.dtype)
        exact = exact and bool((blocks == P0[..., None, None] * eye + P1[..., None, None] * L).all())
        parts.append((P0, P1))
    return *parts[0], exact
