r"""GT-DSGD: INTERACT with fresh minibatch estimates; the paper's first baseline.

.. math::
    p_t = \frac1S \sum_{s=1}^S \bar\nabla f(x_t, y_t; \bar\xi_s), \qquad
    v_t = \frac1S \sum_{s=1}^S \nabla_y g(x_t, y_t; \xi_s)

in (6), (7) and (10), from the start on, with :math:`\bar\nabla f(\cdot\,; \bar\xi)` of (22).
INTERACT (MobiHoc 2022), Section 6; the paper also calls it GT-SGD.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import constant, whole
from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate, lower_estimate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class GTDSGD(Interact):
    """GT-DSGD, the stochastic baseline with tracking.

    Examples
    --------
    >>> GTDSGD(S=0)
    Traceback (most recent call last):
    ...
    spiritlevel.core.errors.InputError: S is 0; give a whole number >= 1
    """

    name: ClassVar[str] = "gt-dsgd"
    paper: ClassVar[str] = "INTERACT, Section 6 (baseline)"
    affine: ClassVar[bool] = False
    sampled: ClassVar[bool] = True

    S: int = whole(4, "samples per iteration")
    K: int = whole(8, "terms of the estimator (22)")
    L_g: Any = constant(Fraction(10), "bound on every term's yy-Hessian, (22)")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Trackers start at the local estimates: ``u_0 = p_0``."""
        p, v = self._estimates(o, x0, y0)
        return State(x0, y0, p, v, p)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x and u."""
        Wx, Wu = net.mix(s.x, s.u, own=self.own)
        x = Wx - self.alpha * s.u  # (6)
        y = s.y - self.beta * s.v  # (7)
        p, v = self._estimates(o, x, y)
        u = Wu + p - s.p  # (10)
        return State(x, y, u, v, p)

    def _estimates(self, o: Oracle, x: Array, y: Array) -> tuple[Array, Array]:
        b = o.draw(self.S, self.K)
        return estimate(b, x, y, self.L_g), lower_estimate(b, x, y)
