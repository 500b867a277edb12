r"""Argus without cutting planes: the ablation "w/o-CuttingPlane", in which nothing ties x to y*.

.. math:: x_i \leftarrow \operatorname{prox}_{\eta R}(d_i - \eta \nabla_{x_i} G_i), \qquad
          y_i \leftarrow \operatorname{prox}_{\eta r}(u_i - \eta \nabla_{y_i} g_i)

with :math:`d = W x, u = W y`: "iteratively updates the upper-level and lower-level variables of the original problem
based on the proximal gradient descent".

Liu et al.: "Argus: Federated Non-convex Bilevel Learning over 6G Space-Air-Ground Integrated Network", Section VI-B.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import Algorithm, step_size
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """``x`` of shape ``(R, n, p)``, ``y`` of shape ``(R, n, q)``."""

    x: Array
    y: Array


@dataclass(frozen=True)
class NoCuts(Algorithm):
    """Proximal gradient steps on either level, everyone awake.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2, shared=True)
    >>> run(NoCuts(), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "argus-no-cuts"
    paper: ClassVar[str] = "Argus, Section VI-B"
    affine: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    eta: Any = step_size(Fraction(1, 20), "step size of x and y")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """The start."""
        return State(x0, y0)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x and y."""
        d, u = net.mix(s.x, s.y)
        x = o.prox_x(d - self.eta * o.grad_x_f(s.x, s.y), self.eta)
        y = o.prox_y(u - self.eta * o.grad_y_g(s.x, s.y), self.eta)
        return State(x, y)
