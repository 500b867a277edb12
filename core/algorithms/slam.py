r"""SLAM: gradient descent on both linearised augmented Lagrangians, ascent on their multipliers.

Problem: :math:`\min_x \frac1n \sum_i f_i(x_i, y^*_{i,1}(x), .., y^*_{i,m}(x))` with ``x_i = x_j`` on the edges, over the
lower levels :math:`y^*_k(x) = \arg\min \frac1n \sum_i g_{i,k}(x_i, y_{i,k})` with ``y_{i,k} = y_{j,k}`` (1). The m
tasks lie side by side in y: their Hessian is block diagonal, so that nothing else about them need be said.

One iteration (5a), (4b), (5b), (4d), with A the incidence matrix of the graph:

.. math::
    y^{r+1} &= y^r - \tfrac1\beta (h_g^r + \gamma A^\top \omega^r + \rho\gamma A^\top A y^r), &
    \omega^{r+1} &= \omega^r + \tfrac{\rho}{\gamma} A y^{r+1} \\
    x^{r+1} &= x^r - \tfrac1\alpha (h_f^r + \gamma A^\top \lambda^r + \rho\gamma A^\top A x^r), &
    \lambda^{r+1} &= \lambda^r + \tfrac{\rho}{\gamma} A x^{r+1}

from :math:`\lambda^1 = \omega^1 = 0`. :math:`h_g` is taken at ``(x^r, y^r)``, :math:`h_f` is (23) at ``(x^r, y^{r+1})``:
the *local* Hessian and cross term. The multipliers enter through :math:`A^\top \lambda` alone, one row per agent, which
is what an agent can keep: `State.lam`. ``alpha``, ``beta`` are *inverse* step sizes.

Lu, Zeng, Cui, Squillante, Horesh, Kingsbury, Liu, Hong: "A Stochastic Linearized Augmented Lagrangian Method for
Decentralized Bilevel Optimization", NeurIPS 2022, Section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithm import Algorithm, choice, constant, inverse_step
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    r"""``x, lam, Lx`` of shape ``(R, n, p)``; ``y, om, Ly``: ``(R, n, q)``.

    ``lam``, ``om`` are :math:`A^\top \lambda`, :math:`A^\top \omega`; ``Lx``, ``Ly`` are :math:`A^\top A x`,
    :math:`A^\top A y`, exchanged once and used twice.
    """

    x: Array
    y: Array
    lam: Array
    om: Array
    Lx: Array
    Ly: Array


@dataclass(frozen=True)
class SLAM(Algorithm):
    """SLAM in its primal-dual form.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2, shared=True)
    >>> run(SLAM(), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "slam"
    paper: ClassVar[str] = "SLAM, (4), (5)"
    affine: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = inverse_step(Fraction(20), "inverse step size of x, (5b)")
    beta: Any = inverse_step(Fraction(20), "inverse step size of y, (5a)")
    gamma: Any = constant(Fraction(10), "scale of both multipliers, (3)")
    rho: Any = constant(Fraction(1, 4), "penalty of both levels, (3)")
    h_scale: str = choice(
        "local", ("local", "mean"), "h_f, h_g estimate the gradients of f_i, g_i, or 1/n of them"
    )

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """No multipliers; one round, so that every agent knows its neighbours' start."""
        Lx, Ly = net.differences(x0, y0)
        return State(x0, y0, x0 * 0, y0 * 0, Lx, Ly)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x and y."""
        alpha, beta, gamma, rho = self.alpha, self.beta, self.gamma, self.rho
        h_g = self.scaled(o.grad_y_g(s.x, s.y))
        y = s.y - (h_g + gamma * s.om + rho * gamma * s.Ly) / beta  # (5a)
        h_f = self.scaled(surrogate(o, s.x, y))  # (23)
        x = s.x - (h_f + gamma * s.lam + rho * gamma * s.Lx) / alpha  # (5b)
        Lx, Ly = net.differences(x, y)
        om = s.om + rho / gamma * Ly  # (4b)
        lam = s.lam + rho / gamma * Lx  # (4d)
        return State(x, y, lam, om, Lx, Ly)

    def scaled(self, h: Array) -> Array:
        """A local gradient, or its share of the mean's."""
        return h if self.h_scale == "local" else h / h.shape[-2]

    def conserved(self, s: State, net: Gossip) -> Array:
        """The multipliers' means: ``1' A' = 0``."""
        return np.concatenate([mean_over_agents(z)[:, 0] for z in (s.lam, s.om)], axis=1)
