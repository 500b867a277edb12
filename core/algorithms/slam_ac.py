r"""SLAM-AC: SLAM for decentralised actor-critic learning, where agents share a part of their actors, or nothing of them.

Problem (211): :math:`\max_\theta J(\theta)` with :math:`\theta_i^p = \theta_j^p` on the edges (211b), over two lower levels
with consensus: the critic :math:`w_i` (211c) and the reward model :math:`\phi_i` (211d), side by side in y. Here
:math:`x_i = \theta_i`, whose first ``common`` entries are :math:`\theta_i^p`, and f stands for -J.

One iteration is (5a), (4b), then (5b), (4d) for the shared part and a step of its own for the rest:

.. math::
    y^{r+1} &= y^r - \tfrac1\beta (h_g^r + \gamma A^\top \omega^r + \rho\gamma A^\top A y^r), &
    \omega^{r+1} &= \omega^r + \tfrac{\rho}{\gamma} A y^{r+1} \\
    x^{p,r+1} &= x^{p,r} - \tfrac1\alpha (h_f^{p,r} + \gamma A^\top \lambda^r + \rho\gamma A^\top A x^{p,r}), &
    \lambda^{r+1} &= \lambda^r + \tfrac{\rho}{\gamma} A x^{p,r+1} \\
    x^{o,r+1} &= x^{o,r} - \tfrac1\alpha h_f^{o,r}

from zero multipliers. :math:`h_f` is the policy gradient with the critic plugged in, (212), at ``(x^r, y^{r+1})``: what the
oracle answers to ``grad_x_f``. No Hessian and no cross term is asked for, as :math:`h_f` is not (23). With ``common = 0``
this is SLAM-L and with ``common = p`` SLAM, for an f whose gradient in y is 0.

Lu, Zeng, Cui, Squillante, Horesh, Kingsbury, Liu, Hong: "A Stochastic Linearized Augmented Lagrangian Method for
Decentralized Bilevel Optimization", NeurIPS 2022, Section 4 and supplement, Section C.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithm import Algorithm, constant, inverse_step, whole
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem


@dataclass(frozen=True, slots=True)
class State:
    r"""``x, lam, Lx`` of shape ``(R, n, p)``; ``y, om, Ly``: ``(R, n, q)``.

    As in `spiritlevel.core.algorithms.slam.State`; ``lam`` and ``Lx`` are 0 beyond the shared part of x.
    """

    x: Array
    y: Array
    lam: Array
    om: Array
    Lx: Array
    Ly: Array


@dataclass(frozen=True)
class ActorCriticSLAM(Algorithm):
    """SLAM-AC.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.actor_critic import random_actor_critic
    >>> problem = random_actor_critic(seed=1, n=3, states=2)
    >>> run(ActorCriticSLAM(common=0), problem, named("ring:3"), steps=10, metrics=()).x.shape[-2:]
    (3, 4)
    """

    name: ClassVar[str] = "slam-ac"
    paper: ClassVar[str] = "SLAM, C.1, (211), (212)"
    affine: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = inverse_step(Fraction(20), "inverse step size of the actors, (5b)")
    beta: Any = inverse_step(Fraction(20), "inverse step size of critics and reward models, (5a)")
    gamma: Any = constant(Fraction(10), "scale of both multipliers, (3); not the discount factor")
    rho: Any = constant(Fraction(1, 4), "penalty of both levels, (3)")
    common: int = whole(1, "how many leading entries of x all agents share, (211b)", least=0)

    def require(self, problem: SolvedProblem, network: Network) -> None:
        """As for every algorithm; the shared part is not longer than x."""
        super().require(problem, network)
        if self.common > problem.p:
            raise InputError(f"common is {self.common} but x has {problem.p} entries; give at most that many")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """No multipliers; one round, so that every agent knows its neighbours' start."""
        Lx, Ly = self.exchange(net, x0, y0)
        return State(x0, y0, x0 * 0, y0 * 0, Lx, Ly)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its y and the shared part of its x."""
        alpha, beta, gamma, rho = self.alpha, self.beta, self.gamma, self.rho
        h_g = o.grad_y_g(s.x, s.y)
        y = s.y - (h_g + gamma * s.om + rho * gamma * s.Ly) / beta  # (5a)
        h_f = o.grad_x_f(s.x, y)  # (212)
        x = s.x - (h_f + gamma * s.lam + rho * gamma * s.Lx) / alpha  # (5b); the own part has lam = Lx = 0
        Lx, Ly = self.exchange(net, x, y)
        om = s.om + rho / gamma * Ly  # (4b)
        lam = s.lam + rho / gamma * Lx  # (4d)
        return State(x, y, lam, om, Lx, Ly)

    def exchange(self, net: Gossip, x: Array, y: Array) -> tuple[Array, Array]:
        """``A'A x``, 0 beyond the shared part, and ``A'A y``, in one round."""
        if self.common == 0:
            return x * 0, net.differences(y)
        Lx, Ly = net.differences(x[..., : self.common], y)
        return np.concatenate([Lx, x[..., self.common :] * 0], axis=-1), Ly

    def conserved(self, s: State, net: Gossip) -> Array:
        """The multipliers' means: ``1' A' = 0``."""
        return np.concatenate([mean_over_agents(z)[:, 0] for z in (s.lam, s.om)], axis=1)
