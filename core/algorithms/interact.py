r"""INTERACT: inner gradient descent, outer tracked gradient.

Problem: :math:`\min_x \frac1m \sum_i f_i(x, y_i^*(x))` with private lower levels (1).

**Algorithm 1** (M there is the mixing matrix ``W`` here)

.. math::
    x_{i,t} &= \sum_j W_{ij} x_{j,t-1} - \alpha u_{i,t-1} & (6) \\
    y_{i,t} &= y_{i,t-1} - \beta v_{i,t-1} & (7) \\
    p_{i,t} &= \bar\nabla f_i(x_{i,t}, y_{i,t}), \quad v_{i,t} = \nabla_y g_i(x_{i,t}, y_{i,t}) & (8), (9) \\
    u_{i,t} &= \sum_j W_{ij} u_{j,t-1} + p_{i,t} - p_{i,t-1} & (10)

from :math:`u_0 = p_0`. The printed sums run over :math:`j \in N_i` with :math:`i \notin N_i`; that
reading is ``own=False``.

Liu, Zhang, Khanduri, Lu, Liu: "INTERACT: Achieving Low Sample and Communication Complexities in
Decentralized Bilevel Learning over Networks", MobiHoc 2022, Section 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import Algorithm, step_size
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """``x, u, p`` of shape ``(R, n, p)``; ``y, v`` of shape ``(R, n, q)``."""

    x: Array
    y: Array
    u: Array
    v: Array
    p: Array


@dataclass(frozen=True)
class Interact(Algorithm):
    """INTERACT, Algorithm 1.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> trace = run(Interact(), random_quadratic(seed=1, n=4, p=2, q=2), named("ring:4"), steps=10)
    >>> trace.x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "interact"
    paper: ClassVar[str] = "INTERACT, Algorithm 1"
    affine: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 100), "step size of x, (6)")
    beta: Any = step_size(Fraction(1, 10), "step size of y, (7)")
    own: bool = True

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Trackers start at the local surrogates: ``u_0 = p_0``."""
        p = surrogate(o, x0, y0)
        return State(x0, y0, p, o.grad_y_g(x0, y0), p)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x and u."""
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x = Wx - self.alpha * s.u  # (6)
        y = s.y - self.beta * s.v  # (7)
        p = surrogate(o, x, y)  # (8)
        v = o.grad_y_g(x, y)  # (9)
        u = Wu + p - s.p  # (10)
        return State(x, y, u, v, p)

    def conserved(self, s: State, net: Gossip) -> Array:
        """Tracking: ``mean u - mean p = 0`` at all times."""
        return mean_over_agents(s.u - s.p)[:, 0]
