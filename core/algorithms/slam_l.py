r"""SLAM-L: consensus in the lower level only; every agent has an upper level of its own (8), Algorithm 2."""

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
    r"""``x`` of shape ``(R, n, p)``; ``y``, ``om`` :math:`= A^\top \omega`, ``Ly`` :math:`= A^\top A y`: ``(R, n, q)``."""

    x: Array
    y: Array
    om: Array
    Ly: Array


@dataclass(frozen=True)
class LowerSLAM(Algorithm):
    """SLAM-L, Algorithm 2.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2, shared=True)
    >>> run(LowerSLAM(), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "slam-l"
    paper: ClassVar[str] = "SLAM, Algorithm 2"
    affine: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = inverse_step(Fraction(20), "inverse step size of x")
    beta: Any = inverse_step(Fraction(20), "inverse step size of y, (5a)")
    gamma: Any = constant(Fraction(10), "scale of the multipliers, (3)")
    rho: Any = constant(Fraction(1, 4), "penalty of the lower level, (3)")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """No multipliers; one round, so that every agent knows its neighbours' start."""
        return State(x0, y0, y0 * 0, net.differences(y0))

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its y."""
        h_g = o.grad_y_g(s.x, s.y)
        y = s.y - (h_g + self.gamma * s.om + self.rho * self.gamma * s.Ly) / self.beta  # (5a)
        x = s.x - surrogate(o, s.x, y) / self.alpha  # (23)
        Ly = net.differences(y)
        return State(x, y, s.om + self.rho / self.gamma * Ly, Ly)  # (4b)

    def conserved(self, s: State, net: Gossip) -> Array:
        """The multipliers' mean: ``1' A' = 0``."""
        return mean_over_agents(s.om)[:, 0]
