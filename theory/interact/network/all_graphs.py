"""All connected graphs of a few agents at once: their matrices, their chances, and one run on all of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.metrics import stationarity
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem


def connected_graphs(m: int) -> tuple[Array, Array]:
    r"""Section 6's W for every connected labelled graph, shape ``(K, m, m)``, and the numbers of edges.

    Examples
    --------
    >>> W, edges = connected_graphs(4)
    >>> len(W), np.bincount(edges).tolist()  # 16 trees, ..., one complete graph
    (38, [0, 0, 0, 16, 15, 6, 1])
    """
    pairs = [(i, j) for i in range(m) for j in range(i)]
    chosen = (np.arange(2 ** len(pairs))[:, None] >> np.arange(len(pairs))) & 1
    L = np.zeros((len(chosen), m, m))
    for k, (i, j) in enumerate(pairs):
        L[:, i, j] = L[:, j, i] = -chosen[:, k]
    L[:, range(m), range(m)] = -L.sum(axis=-1)
    mu = np.linalg.eigvalsh(L)
    linked = mu[:, 1] > 1e-6  # the algebraic connectivity of a connected graph is at least 4/m^2
    W = np.eye(m) - 2 * L[linked] / (3 * mu[linked, -1, None, None])
    return W, chosen[linked].sum(axis=-1)


def chances(edges: Array, m: int, probability: float) -> Array:
    """Probability of each connected graph under Erdos-Renyi draws that are repeated until connected."""
    weights = probability**edges * (1 - probability) ** (m * (m - 1) // 2 - edges)
    return np.asarray(weights / weights.sum())


class SideBySide(Gossip):
    """One network per replica; nothing is counted.

    Parameters
    ----------
    W
        Shape ``(R, m, m)``: one mixing matrix per replica.
    """

    def __init__(self, W: Array) -> None:
        super().__init__(Network(W[0]))
        self._W = W

    def mix(self, *fields: Array, own: bool = True) -> Any:
        """As `Gossip.mix`, each replica by its own matrix."""
        W = self._W if own else self._W * (1 - np.eye(self._W.shape[-1]))
        mixed = tuple(W @ z for z in fields)
        return mixed[0] if len(mixed) == 1 else mixed


def metric_on_all(algorithm: Algorithm, problem: SolvedProblem, W: Array, steps: int) -> Array:
    """The metric M_t on every network at t = 0..steps, shape ``(K, steps + 1)``; infinite once diverged."""
    x, y = (np.broadcast_to(z, (len(W), *z.shape)) for z in problem.start())
    oracle, net = Oracle(problem), SideBySide(W)
    M = np.full((len(W), steps + 1), np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        state = algorithm.init(x, y, oracle, net)
        M[:, 0] = stationarity(problem, state)
        for t in range(1, steps + 1):
            state = algorithm.step(t, state, oracle, net)
            M[:, t] = stationarity(problem, state)
    return np.where(np.isnan(M), np.inf, M)
