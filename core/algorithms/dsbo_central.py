r"""DSBO with a central server: one copy of everything, moved by the means of all agents' samples.

Problem: as for DSBO, :math:`\min_x \frac1K \sum_k f^k(x, y^*(x))` with one shared lower level (1), (2).

Section 5.1 says that "the central server collects information directly from each agent and calculates the gradient by
employing the weighted-average stochastic approximation scheme for the collected information", and that the agents
"synchronously receive a common solution". The algorithm itself is in the supplement, which is not at hand; what follows
is a reading of that sentence, every right-hand side at time t:

.. math::
    x_{t+1} &= x_t - \alpha_t (s_t - u_t q_t h_t), &
    y_{t+1} &= y_t - \gamma_t \tfrac1K \textstyle\sum_k \nabla_y g^k(x_t, y_t; \xi^k) \\
    s_{t+1} &= (1-\beta_t) s_t + \beta_t \tfrac1K \textstyle\sum_k \nabla_x f^k(x_t, y_t; \zeta^k), &
    v_{t+1,i} &= (1-\beta_t) v_{t,i} + \beta_t \tfrac1K \textstyle\sum_k \nabla^2_{yy} g^k(x_t, y_t; \xi^k_i)

and so on: Algorithm 1 of a single agent, whose every sample is the mean of the K agents' samples at the common point.

Yang, Zhang, Wang: "Decentralized Gossip-Based Stochastic Bilevel Optimization over Communication
Networks", NeurIPS 2022, Section 5.1, on Theorem D.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithms.dsbo import DSBO, State
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem


@dataclass(frozen=True)
class DSBOCentral(DSBO):
    """DSBO with a central server, a reading of Section 5.1; its state is `State` with one row in the place of K.

    Hyper-parameters are those of `DSBO`. Agents that start apart start from their mean.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.networks import averaging
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=3, shared=True)
    >>> run(DSBOCentral(b=2), problem, averaging(4), steps=10).x.shape[-2:]
    (1, 2)
    """

    name: ClassVar[str] = "dsbo-central"
    paper: ClassVar[str] = "DSBO, Section 5.1, central server (a reading)"
    server: ClassVar[bool] = True

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """As for one agent."""
        return super().init(mean_over_agents(x0), mean_over_agents(y0), o, net)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its samples and gets x and y."""
        return super().step(t, s, Oracle(o.problem, Collected(self.collect(s, o, net))), Alone(net.network))

    def collect(self, s: State, o: Oracle, net: Gossip) -> list[Array]:
        """The means of the agents' samples at the common point, ``(R, 1, ..)``, in the order of Algorithm 1's questions."""
        x, y = (np.broadcast_to(z, (len(z), o.problem.n, z.shape[-1])) for z in (s.x, s.y))
        asked = self.ask(o, x, y)
        rows = [z.reshape(*z.shape[:2], -1) for z in asked]
        sent = np.concatenate([np.broadcast_to(z, (len(x), *z.shape[1:])) for z in rows], axis=-1)
        cuts = np.cumsum([z.shape[-1] for z in rows])[:-1]
        parts = np.split(net.average(sent, down=x.shape[-1] + y.shape[-1]), cuts, axis=-1)
        return [part.reshape(len(x), 1, *z.shape[2:]) for part, z in zip(parts, asked, strict=True)]

    def ask(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """Every agent's samples."""
        first = [o.grad_x_f(x, y), o.grad_y_f(x, y), o.grad_y_g(x, y), o.hess_xy_g(x, y)]
        return first + [o.hess_yy_g(x, y) for _ in range(self.b)]


class Collected:
    """Answers that a server has collected before they are asked for, in the order of the questions."""

    def __init__(self, answers: list[Array]) -> None:
        self.left = list(answers)

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The next one."""
        return self.left.pop(0)

    def samples(self, problem: Problem) -> int:
        """None: they were counted when they were drawn."""
        return 0


class Alone(Gossip):
    """The network of a single copy."""

    def mix(self, *fields: Array, own: bool = True) -> Any:
        """Nothing to mix with."""
        return fields if len(fields) > 1 else fields[0]
