r"""Definition 3: the convergence metric Psi, once.

.. math:: \Psi = \sum_i \|P(x_i, \bar\nabla_x L'_p, \eta)\|^2 + \|\bar\nabla_y L'_p\|^2 + \sum_{i,l} \text{cut}_{il}^2 +
          \sum_{i, j \in N_i} \|x_i - x_j\|^2 + L^2 \sum_i (\|x_i - \bar x\|^2 + \|y_i - \bar y\|^2)

The regularising terms of (13) are not in it, nor is any complementarity. Two readings: the proximal map (27) has
weight eta, as (17) has, where R is not 0; and eta is the nominal step size, since the virtual one that (31) prints
is 0 for an agent that sleeps, and (27) divides by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.lower_estimate import neighbours
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem


@dataclass(frozen=True)
class Psi:
    """The parts of (30), each of shape ``(R,)``."""

    x: Array
    y: Array
    cuts: Array
    edges: Array
    consensus: Array
    """Without L^2."""

    def total(self, L: Any) -> Array:
        """Psi itself."""
        return self.x + self.y + self.cuts + self.edges + L * L * self.consensus


def psi(problem: SolvedProblem, network: Network, s: Any, eta: Any) -> Psi:
    """Psi of a state of Argus, in its number system.

    Parameters
    ----------
    problem, network
        With the agents of the state.
    s
        With x, y, theta and cuts, as `spiritlevel.core.algorithms.argus.State`.
    eta
        Nominal step size; matters only where R is not 0.

    Examples
    --------
    >>> import numpy as np
    >>> from spiritlevel.core.algorithms.argus import Argus
    >>> from spiritlevel.core.networks import averaging
    >>> from spiritlevel.theory.argus.algorithms.planes import line
    >>> start = np.ones((1, 2, 1))
    >>> o, net = Oracle(line(0).over("float")), Gossip(averaging(2))
    >>> psi(line(0).over("float"), averaging(2), Argus().init(start, start, o, net), 0.1).total(1.0)
    array([3.])
    """
    o, joined = Oracle(problem), neighbours(Gossip(network))
    pull_x, pull_y = Argus().pulls(s.theta, s.cuts, joined)
    slope_x, slope_y = (
        mean_over_agents(slope) for slope in (o.grad_x_f(s.x, s.y) + pull_x, o.grad_y_f(s.x, s.y) + pull_y)
    )
    apart = s.x[:, :, None] - s.x[:, None]
    values = s.cuts.used * s.cuts.values(s.x, s.y)
    return Psi(
        x=squared_norm((s.x - o.prox_x(s.x - eta * slope_x, eta)) / eta),
        y=squared_norm(slope_y[:, :1]),
        cuts=squared_norm(values),
        edges=(joined * apart * apart).sum(axis=(1, 2, 3)),
        consensus=squared_norm(s.x - mean_over_agents(s.x)) + squared_norm(s.y - mean_over_agents(s.y)),
    )
