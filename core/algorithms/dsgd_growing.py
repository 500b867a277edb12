r"""Double-loop DSGD with t samples in iteration t: a reconstruction of the baseline of DSBO's policy evaluation.

The paper says only that it is "a baseline double-loop algorithm DSGD that first estimates :math:`y_s^*(x_t)` with t
samples in iteration t and then optimizes the solution :math:`x_t`", and defers the rest to a supplement. Here every
agent works on its own samples, and only x is mixed. Iteration t, for each agent:

.. math::
    \hat y_j &= \hat y_{j-1} - \tfrac1{L_g j} \nabla_y g(x_{t-1}, \hat y_{j-1}; \xi_j), \quad j = 1, \dots, t, \qquad
    \hat u = \tfrac1t \sum_j \nabla^2_{xy} g(x_{t-1}, \hat y_{j-1}; \xi_j) \\
    x_t &= W x_{t-1} - \alpha_t \big(\nabla_x f - \hat u\, [\nabla^2_{yy} g]^{-1} \nabla_y f\big)(x_{t-1}, \hat y_t)

Where every sample's yy-Hessian is the identity, as in policy evaluation, :math:`L_g = 1` makes :math:`\hat y_t` the mean
of the t samples' minimisers, whatever :math:`\hat y_0`. After T iterations an agent has drawn T(T+1)/2 samples.

Yang, Zhang, Wang: "Decentralized Gossip-Based Stochastic Bilevel Optimization over Communication
Networks", NeurIPS 2022, Section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from spiritlevel.core.algorithm import Algorithm, choice, constant, step_size
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """``x`` of shape ``(R, n, p)``; ``y``, the last estimate of the lower solution, ``(R, n, q)``."""

    x: Array
    y: Array


@dataclass(frozen=True)
class GrowingDSGD(Algorithm):
    """DSGD with t samples in iteration t, as reconstructed.

    With ``rule="(6)"`` the step sizes are those of DSBO's rule (6), ``alpha_t = 2/(mu(C_1+t-1))``, whatever ``alpha``
    says; the paper does not print DSGD's.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=3, shared=True)
    >>> run(GrowingDSGD(), problem, named("ring:4"), steps=3, record=[3]).counts["cross_hessians"]
    array([6])
    """

    name: ClassVar[str] = "dsgd-growing"
    paper: ClassVar[str] = "DSBO, Section 6 (a reconstruction)"
    shared: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 10), "step size")
    rule: str = choice("constant", ("constant", "(6)"), "step sizes as given, or decaying by DSBO's (6)")
    L_g: Any = constant(Fraction(10), "the inner steps are 1/(L_g j)")
    mu: Any = constant(Fraction(1), "Polyak-Lojasiewicz constant in (6)")
    C_1: Any = constant(Fraction(10), "the constant of (6)")

    def size(self, t: int) -> Any:
        """The step size of iteration ``t = 1, 2, ..``."""
        return self.alpha if self.rule == "constant" else 2 / (self.mu * (self.C_1 + t - 1))

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Nothing but the start."""
        return State(x0, y0)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: t samples, then one round, in which every agent sends its x."""
        y: Array = s.y
        u: Any = 0
        for j in range(1, t + 1):
            y, u = y - o.grad_y_g(s.x, y) / (self.L_g * j), u + o.hess_xy_g(s.x, y) / t
        w = o.solve_yy_g(s.x, y, o.grad_y_f(s.x, y))
        z = o.grad_x_f(s.x, y) - (u @ w[..., None])[..., 0]
        return State(net.mix(s.x) - self.size(t) * z, y)
