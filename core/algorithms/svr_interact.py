r"""SVR-INTERACT: INTERACT with recursive, variance-reduced estimates between full refreshes.

**Algorithm 2**: (6), (7) and (10) as in INTERACT; where ``t`` is a multiple of ``q``, (8) and (9); elsewhere

.. math::
    p_t &= p_{t-1} + \frac1{|S|} \sum_{s \in S} \big[\bar\nabla f(x_t, y_t; \bar\xi_s)
           - \bar\nabla f(x_{t-1}, y_{t-1}; \bar\xi_s)\big] & (23) \\
    v_t &= v_{t-1} + \frac1{|S|} \sum_{s \in S} \big[\nabla_y g(x_t, y_t; \xi_s)
           - \nabla_y g(x_{t-1}, y_{t-1}; \xi_s)\big] & (24)

with :math:`\bar\nabla f(\cdot\,; \bar\xi)` of (22), every agent's samples its own. The start is exact (26).

The text leaves open: (24) prints :math:`\nabla g` for :math:`\nabla_y g` (dimensions decide) at the upper
level's sample :math:`\xi^0` (``lower="zeta"``: at :math:`\zeta^0`); whether one sample serves as
:math:`\xi` and all :math:`\zeta^j` (``one=True``); and its proof treats a refresh as the mean of (22),
which (8) is not (``refresh="truncated"``).

Liu, Zhang, Khanduri, Lu, Liu: "INTERACT: Achieving Low Sample and Communication Complexities in
Decentralized Bilevel Learning over Networks", MobiHoc 2022, Section 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import choice, constant, whole
from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate, lower_estimate, surrogate, truncated
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Batch


@dataclass(frozen=True)
class SVRInteract(Interact):
    """SVR-INTERACT, Algorithm 2.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_finite_sum
    >>> problem = random_finite_sum(seed=1, n=4, p=2, q=2, samples=9)
    >>> run(SVRInteract(L_g=40), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "svr-interact"
    paper: ClassVar[str] = "INTERACT, Algorithm 2"
    affine: ClassVar[bool] = False
    sampled: ClassVar[bool] = True

    q: int = whole(0, "iterations between refreshes; 0: the root of the number of terms, rounded up", least=0)
    S: int = whole(0, "samples per iteration, (23); 0: as q's default", least=0)
    K: int = whole(8, "terms of the estimator (22)")
    L_g: Any = constant(Fraction(10), "bound on every term's yy-Hessian, (22)")
    one: bool = False
    lower: str = choice("xi", ("xi", "zeta"), "which sample (24) uses")
    refresh: str = choice("exact", ("exact", "truncated"), "what a refresh takes for p")

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x and u."""
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x = Wx - self.alpha * s.u  # (6)
        y = s.y - self.beta * s.v  # (7)
        if t % (self.q or o.root()) == 0:
            p, v = self._refreshed(o, x, y), o.grad_y_g(x, y)  # (8), (9)
        else:
            b = o.draw(self.S or o.root(), self.K, one=self.one)
            p = s.p + estimate(b, x, y, self.L_g) - estimate(b, s.x, s.y, self.L_g)  # (23)
            v = s.v + self._lower(b, x, y) - self._lower(b, s.x, s.y)  # (24)
        u = Wu + p - s.p  # (10)
        return State(x, y, u, v, p)

    def _refreshed(self, o: Oracle, x: Array, y: Array) -> Array:
        return surrogate(o, x, y) if self.refresh == "exact" else truncated(o, x, y, self.K, self.L_g)

    def _lower(self, b: Batch, x: Array, y: Array) -> Array:
        return lower_estimate(b, x, y, b.f if self.lower == "xi" else b.g[0])
