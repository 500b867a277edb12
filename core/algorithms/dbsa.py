r"""DBSA: double loop, gossip on y, then one step of x along a product of fresh samples; DSBO's baseline, reconstructed.

**[not in text]** The paper defines DBSA in its supplement, of which only one sentence is in the main text: "a naive
extension of the double-loop BSA algorithm (Ghadimi and Wang, 2018) in the decentralized setting". What follows is our
reading of it. Inner loop at fixed :math:`x_t`, N steps from the last :math:`y`:

.. math:: y \leftarrow W y - \gamma \nabla_y g(x_t, y; \xi)

then, at :math:`(x_t, y_{t+1})` with b fresh Hessians :math:`H_i` and one Jacobian :math:`U = \nabla^2_{xy} g`,

.. math::
    Q_i = I + (I - H_i / L_g) Q_{i-1}, \quad Q_0 = I, \qquad
    x_{t+1} = W x_t - \alpha \bigl(\nabla_x f - \tfrac{1}{L_g} U Q_b \nabla_y f\bigr).

``reading="local"``: each agent uses its own U and :math:`H_i`, so that the x's average moves along a mean of products, which
is not the product of the means (4). ``reading="gossip"``: U and all :math:`H_i` first go through ``rounds`` rounds of
gossip, the best that can be read into it. BSA draws the number of factors; here it is b, as in DSBO, so that the two differ in
their loops alone. That y starts where it stopped, and all step sizes and loop lengths, are our choices too.

Yang, Zhang, Wang: "Decentralized Gossip-Based Stochastic Bilevel Optimization over Communication
Networks", NeurIPS 2022, Section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithm import Algorithm, choice, constant, step_size, whole
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """``x`` of shape ``(R, n, p)``; ``y`` of shape ``(R, n, q)``."""

    x: Array
    y: Array


@dataclass(frozen=True)
class DBSA(Algorithm):
    """DBSA, a reconstruction.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=3, shared=True)
    >>> run(DBSA(reading="gossip"), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "dbsa"
    paper: ClassVar[str] = "DSBO, Section 6 (baseline, reconstructed)"
    affine: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 100), "step size of x")
    gamma: Any = step_size(Fraction(1, 10), "step size of y")
    L_g: Any = constant(Fraction(10), "divides the Hessians in the Neumann product")
    N: int = whole(4, "inner steps of y for one step of x")
    b: int = whole(4, "factors of the Neumann product")
    reading: str = choice("local", ("local", "gossip"), "whose Jacobian and Hessians an agent multiplies")
    rounds: int = whole(2, "rounds of gossip on the matrices, if reading is gossip")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Nothing but the start."""
        return State(x0, y0)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One outer iteration: N rounds of y, ``rounds`` of the matrices if they travel, and one of x."""
        x, y = s.x, s.y
        for _ in range(self.N):
            y = net.mix(y) - self.gamma * o.grad_y_g(x, y)
        fx, w = o.grad_x_f(x, y), o.grad_y_f(x, y)
        U, H = self.matrices(x, y, o, net)
        fy = w
        for H_i in H:
            w = fy + w - (H_i @ w[..., None])[..., 0] / self.L_g
        z = fx - (U @ w[..., None])[..., 0] / self.L_g
        return State(net.mix(x) - self.alpha * z, y)

    def matrices(self, x: Array, y: Array, o: Oracle, net: Gossip) -> tuple[Array, list[Array]]:
        """The Jacobian ``(R or 1, n, p, q)`` and b Hessians ``(R or 1, n, q, q)`` that each agent multiplies."""
        all_of_them = [o.hess_xy_g(x, y), *(o.hess_yy_g(x, y) for _ in range(self.b))]
        if self.reading == "gossip":
            flat = [m.reshape(*m.shape[:2], -1) for m in all_of_them]
            for _ in range(self.rounds):
                flat = net.mix(*flat)
            all_of_them = [np.reshape(m, like.shape) for m, like in zip(flat, all_of_them, strict=True)]
        return all_of_them[0], all_of_them[1:]
