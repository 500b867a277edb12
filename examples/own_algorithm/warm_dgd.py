"""Our algorithm: decentralised gradient descent on x, with one warm-started step on y before each.

    y_t = y_{t-1} - beta grad_y g(x_{t-1}, y_{t-1})
    x_t = W x_{t-1} - alpha p(x_{t-1}, y_t)

where p is the hypergradient with y in the place of the lower-level solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import Algorithm, step_size
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """``x`` of shape ``(R, n, p)`` and ``y`` of shape ``(R, n, q)``: replicas, agents, coordinates."""

    x: Array
    y: Array


@dataclass(frozen=True)
class WarmDGD(Algorithm):
    """Plain arithmetic only, so that it runs over floats, exact rationals and symbols alike."""

    name: ClassVar[str] = "warm-dgd"
    paper: ClassVar[str] = "ours"
    affine: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 10), "step size of x")
    beta: Any = step_size(Fraction(1, 10), "step size of y")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Nothing but the start."""
        return State(x0, y0)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration, one round over the network."""
        y = s.y - self.beta * o.grad_y_g(s.x, s.y)
        x = net.mix(s.x) - self.alpha * surrogate(o, s.x, y)
        return State(x, y)
