r"""D-SGD with full gradients: descent with mixing and no tracking.

.. math::
    x_{i,t} = \sum_j W_{ij} x_{j,t-1} - \alpha \bar\nabla f_i(x_{i,t-1}, y_{i,t-1}), \qquad
    y_{i,t} = y_{i,t-1} - \beta \nabla_y g_i(x_{i,t-1}, y_{i,t-1})

The paper prints the gradients at time t inside the update that defines :math:`x_{i,t}`; they are
taken at t - 1 here. The paper's minibatches are in `spiritlevel.core.algorithms.dsgd_batch`.
INTERACT (MobiHoc 2022), Section 6.
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
    """``x`` of shape ``(R, n, p)``; ``y`` of shape ``(R, n, q)``."""

    x: Array
    y: Array


@dataclass(frozen=True)
class DSGD(Algorithm):
    """D-SGD, the baseline without tracking.

    Examples
    --------
    >>> DSGD(alpha=0).alpha
    Traceback (most recent call last):
    ...
    spiritlevel.core.errors.InputError: alpha is 0; give a step size > 0
    """

    name: ClassVar[str] = "dsgd"
    paper: ClassVar[str] = "INTERACT, Section 6 (baseline)"
    affine: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 100), "step size of x")
    beta: Any = step_size(Fraction(1, 10), "step size of y")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Nothing but the start."""
        return State(x0, y0)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x."""
        x = net.mix(s.x) - self.alpha * surrogate(o, s.x, s.y)
        y = s.y - self.beta * o.grad_y_g(s.x, s.y)
        return State(x, y)
