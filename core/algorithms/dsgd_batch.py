r"""D-SGD as the paper runs it: minibatch estimates, mixing, no tracking; INTERACT's second baseline.

.. math::
    x_t = W x_{t-1} - \alpha \frac1S \sum_{s=1}^S \bar\nabla f(x_{t-1}, y_{t-1}; \bar\xi_s), \qquad
    y_t = y_{t-1} - \beta \frac1S \sum_{s=1}^S \nabla_y g(x_{t-1}, y_{t-1}; \xi_s)

with :math:`\bar\nabla f(\cdot\,; \bar\xi)` of (22). The paper prints the estimates at time t inside the update that
defines :math:`x_t`; they are taken at t - 1 here. INTERACT (MobiHoc 2022), Section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import constant, whole
from spiritlevel.core.algorithms.dsgd import DSGD, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate, lower_estimate
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class BatchDSGD(DSGD):
    """D-SGD with minibatches.

    Examples
    --------
    >>> BatchDSGD().S
    4
    """

    name: ClassVar[str] = "dsgd-batch"
    affine: ClassVar[bool] = False
    sampled: ClassVar[bool] = True

    S: int = whole(4, "samples per iteration")
    K: int = whole(8, "terms of the estimator (22)")
    L_g: Any = constant(Fraction(10), "bound on every term's yy-Hessian, (22)")

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x."""
        b = o.draw(self.S, self.K)
        x = net.mix(s.x) - self.alpha * estimate(b, s.x, s.y, self.L_g)
        y = s.y - self.beta * lower_estimate(b, s.x, s.y)
        return State(x, y)
