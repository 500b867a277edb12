r"""SLAM-U: consensus in the upper level only; every agent has a lower level of its own (9), Algorithm 3."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import Algorithm, constant, inverse_step
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    r"""``x``, ``lam`` :math:`= A^\top \lambda`, ``Lx`` :math:`= A^\top A x` of shape ``(R, n, p)``; ``y``: ``(R, n, q)``."""

    x: Array
    y: Array
    lam: Array
    Lx: Array


@dataclass(frozen=True)
class UpperSLAM(Algorithm):
    """SLAM-U, Algorithm 3.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> run(UpperSLAM(), random_quadratic(seed=1, n=4, p=2, q=2), named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "slam-u"
    paper: ClassVar[str] = "SLAM, Algorithm 3"
    affine: ClassVar[bool] = True

    alpha: Any = inverse_step(Fraction(20), "inverse step size of x, (5b)")
    beta: Any = inverse_step(Fraction(20), "inverse step size of y")
    gamma: Any = constant(Fraction(10), "scale of the multipliers, (3)")
    rho: Any = constant(Fraction(1, 4), "penalty of the upper level, (3)")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """No multipliers; one round, so that every agent knows its neighbours' start."""
        return State(x0, y0, x0 * 0, net.differences(x0))

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x."""
        y = s.y - o.grad_y_g(s.x, s.y) / self.beta
        h_f = surrogate(o, s.x, y)  # (23)
        x = s.x - (h_f + self.gamma * s.lam + self.rho * self.gamma * s.Lx) / self.alpha  # (5b)
        Lx = net.differences(x)
        return State(x, y, s.lam + self.rho / self.gamma * Lx, Lx)  # (4d)

    def conserved(self, s: State, net: Gossip) -> Array:
        """The multipliers' mean: ``1' A' = 0``."""
        return mean_over_agents(s.lam)[:, 0]
