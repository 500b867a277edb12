r"""What one sample of INTERACT (22) can turn out to be, all outcomes listed, and what a step asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.core.samples import Picks, Sampler

Apply = Callable[[Array, Sampler], Array]
"""States ``(R, D)`` and a sampler to the states after a step."""
Draw = tuple[int, int, int, int]
"""Terms, agents, batch and depth, as asked of a sampler."""


@dataclass
class Asked:
    """A sampler that answers with term 0 everywhere and notes what was asked."""

    replicas: int
    draws: list[Draw] = field(default_factory=list)

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        """See `spiritlevel.core.samples.Sampler.pick`."""
        self.draws.append((terms, agents, batch, depth))
        return zeros(self.replicas, agents, batch, depth)


def asked(apply: Apply, z: Array) -> list[Draw]:
    """The draws that one step asks for, in order."""
    sampler = Asked(len(z))
    apply(z, sampler)
    return sampler.draws


def zeros(R: int, n: int, S: int, K: int) -> Picks:
    """Term 0 and k = 0 everywhere."""
    xi, zeta, k = (np.zeros(shape, dtype=int) for shape in ((R, n, S), (K, R, n, S), (R, n, S)))
    return Picks(xi, zeta, k)


def outcomes(N: int, K: int) -> tuple[Array, Array, Array, Array]:
    r"""All outcomes of one sample: ``xi (C,)``, ``zeta (K, C)``, ``k (C,)``, and their multiplicities.

    (22) does not read :math:`\zeta^j` with j > k: those stay 0, and the outcome counts for all of them.

    Examples
    --------
    >>> xi, zeta, k, many = outcomes(2, 2)
    >>> xi.tolist(), k.tolist(), int(many.sum())
    ([0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], 16)
    """
    xi, zetas, ks, many = [], [], [], []
    for k in range(K):
        digits = np.indices((N,) * (k + 2)).reshape(k + 2, -1)
        zeta = np.zeros((K, digits.shape[1]), dtype=int)
        zeta[: k + 1] = digits[1:]
        xi.append(digits[0])
        zetas.append(zeta)
        ks.append(np.full(digits.shape[1], k))
        many.append(np.full(digits.shape[1], N ** (K - 1 - k)))
    return np.concatenate(xi), np.concatenate(zetas, axis=1), np.concatenate(ks), np.concatenate(many)


def position(N: int, K: int, xi: Array, zeta: Array, k: Array) -> Array:
    """Where `outcomes` lists a draw.

    Examples
    --------
    >>> xi, zeta, k, _ = outcomes(3, 2)
    >>> bool((position(3, 2, xi, zeta, k) == np.arange(len(xi))).all())
    True
    """
    at, before = np.array(xi), np.zeros_like(k)
    for j in range(K):
        at = np.where(j <= k, at * N + zeta[j], at)
        before = np.where(j < k, before + N ** (j + 2), before)
    return at + before
