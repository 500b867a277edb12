r"""SLAM with its multipliers eliminated: Algorithm 1, the two-step recursion (6), (7).

.. math::
    y^{r+1} = 2 W_g y^r - W_g' y^{r-1} - \tfrac1\beta (h_g^r - h_g^{r-1}), \qquad
    x^{r+1} = 2 W_f x^r - W_f' x^{r-1} - \tfrac1\alpha (h_f^r - h_f^{r-1})

with :math:`W = I - (1 + \tfrac1\gamma) \tfrac{\rho}{2\tau} A^\top A`, :math:`W' = I - \tfrac{\rho}{\tau} A^\top A` and
:math:`\tau = \alpha/\gamma` for x, :math:`\beta/\gamma` for y (7). Algorithm 1 does not say what
:math:`x^0, h^0` are; `TwoStepSLAM.start` has the readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import Algorithm, choice, constant, inverse_step
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """Now: ``x, Lx`` of shape ``(R, n, p)``, ``y, Ly``: ``(R, n, q)``; and what the iteration before left behind."""

    x: Array
    y: Array
    Lx: Array
    Ly: Array
    x_old: Array
    y_old: Array
    Lx_old: Array
    Ly_old: Array
    f_old: Array
    g_old: Array


@dataclass(frozen=True)
class TwoStepSLAM(Algorithm):
    r"""SLAM, Algorithm 1.

    ``start``: ``"dual"`` is the one that zero multipliers stand for, :math:`x^0 = x^1`,
    :math:`h^0 = \rho(1-\gamma) A^\top A x^1`; ``"repeated"`` has :math:`x^0 = x^1, h^0 = 0`; ``"zero"`` has
    :math:`x^0 = h^0 = 0`. The same for y.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2, shared=True)
    >>> run(TwoStepSLAM(), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "slam-two-step"
    paper: ClassVar[str] = "SLAM, Algorithm 1"
    affine: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = inverse_step(Fraction(20), "inverse step size of x, (6b)")
    beta: Any = inverse_step(Fraction(20), "inverse step size of y, (6a)")
    gamma: Any = constant(Fraction(10), "scale of the eliminated multipliers, (7)")
    rho: Any = constant(Fraction(1, 4), "weight of the Laplacian, (7)")
    start: str = choice("dual", ("dual", "repeated", "zero"), "what x^0, y^0, h^0 are")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """The start that was chosen; one round, so that every agent knows its neighbours' start."""
        Lx, Ly = net.differences(x0, y0)
        if self.start == "zero":
            return State(x0, y0, Lx, Ly, x0 * 0, y0 * 0, Lx * 0, Ly * 0, x0 * 0, y0 * 0)
        push = self.rho * (1 - self.gamma) if self.start == "dual" else 0
        return State(x0, y0, Lx, Ly, x0, y0, Lx, Ly, push * Lx, push * Ly)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends its x and y."""
        h_g = o.grad_y_g(s.x, s.y)
        y = self.moved(s.y, s.Ly, s.y_old, s.Ly_old, h_g - s.g_old, self.beta)  # (6a)
        h_f = surrogate(o, s.x, y)  # (23)
        x = self.moved(s.x, s.Lx, s.x_old, s.Lx_old, h_f - s.f_old, self.alpha)  # (6b)
        Lx, Ly = net.differences(x, y)
        return State(x, y, Lx, Ly, s.x, s.y, s.Lx, s.Ly, h_f, h_g)

    def moved(self, z: Array, Lz: Array, old: Array, L_old: Array, dh: Array, inverse: Any) -> Array:
        r""":math:`2 W z - W' z_{old} - dh / inverse` with (7)."""
        weight = self.rho * self.gamma / inverse  # rho / tau
        return 2 * z - (1 + 1 / self.gamma) * weight * Lz - old + weight * L_old - dh / inverse
