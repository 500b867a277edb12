r"""RABO: a server, clients that hold a part of the model each, T local steps, and averages by coverage.

Problem: :math:`\min_x \frac1N \sum_i f_i(x, y^*(x))` over one lower level, the mean of the g_i (1); client i sees the
submodel :math:`x \odot m^i_x, y \odot m^i_y` only (2), (3), (4).

**Algorithm 1**, round q, with :math:`N^k_{q,y}` the clients that hold coordinate k and :math:`C^k_{q,y}` their number:

.. math::
    y^i_{q,t+1} &= y^i_{q,t} - \beta \nabla_y g_i(x^i_q, y^i_{q,t}; \xi_t) \odot m^i_{q,y}, \quad
        G^i_q = (y^i_{q,T} - y^i_{q,0}) / \beta \\
    y^k_{q+1} &= y^k_q - \beta \frac{1}{C^k_{q,y}} \sum_{i \in N^k_{q,y}} G^{i,k}_q \\
    x^s_{q+1} &= x^s_q - \alpha \frac{1}{C^s_{q,x}} \sum_{i \in N^s_{q,x}} \nabla f_i(x^i_q, y^i_{q+1}; \zeta)^s

and coordinates that nobody holds stay. G is *minus* the sum of the gradients, so that (6) as printed ascends; the proof
of Lemma 4 has the opposite sign, which is the default here.

Li, Zhang, Zheng, Shi, Yuan, Cheng: "Distributed Bilevel Optimization with Dual Pruning for Resource-limited Clients",
Section III.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithm import Algorithm, choice, step_size, text, whole
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.masks import Masks
from spiritlevel.core.numbers import Array, inverse
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    """The server's model: ``x`` of shape ``(R, 1, p)``, ``y`` of shape ``(R, 1, q)``."""

    x: Array
    y: Array


@dataclass(frozen=True)
class RABO(Algorithm):
    r"""RABO, Algorithm 1.

    ``sign``: of (6), as the proof of Lemma 4 has it or as it is printed. ``hyper``: (7) with the derivatives of the
    ``submodel`` (its Hessian is the principal block), of the ``full`` function at the pruned point, or with means over
    the clients (``global``; not in the paper, exact where clients differ).

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.networks import averaging
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=4, q=4, shared=True)
    >>> run(RABO(mask_x="window:2", mask_y="window:2"), problem, averaging(4), steps=10).x.shape[-2:]
    (1, 4)
    """

    name: ClassVar[str] = "rabo"
    paper: ClassVar[str] = "RABO, Algorithm 1"
    affine: ClassVar[bool] = True
    server: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 100), "step size of x, (8)")
    beta: Any = step_size(Fraction(1, 10), "step size of y, (5), (6)")
    T: int = whole(2, "local steps of the lower level")
    mask_x: str = text("full", "policy of the upper level's masks, (3)")
    mask_y: str = text("full", "policy of the lower level's masks, (3)")
    sign: str = choice("proof", ("proof", "printed"), "the sign of (6)")
    hyper: str = choice("submodel", ("submodel", "full", "global"), "reading of (7)")

    def __post_init__(self) -> None:
        super().__post_init__()
        Masks(self.mask_x), Masks(self.mask_y)

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """The server starts from the mean of the clients' points."""
        return State(mean_over_agents(x0), mean_over_agents(y0))

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """Round ``t - 1`` of the paper: two exchanges with the server, of G and of hypergradients."""
        n, p, q = o.problem.n, s.x.shape[-1], s.y.shape[-1]
        m_x, m_y = Masks(self.mask_x).at(t, n, p, s.x), Masks(self.mask_y).at(t, n, q, s.y)  # (3)
        x_i, y_i = s.x * m_x, s.y * m_y  # (4)
        y_T = self.inner(o, x_i, y_i, m_y)
        G = (y_T - y_i) / self.beta
        up = 1 if self.sign == "proof" else -1
        y = s.y + up * self.beta * net.average(G, m_y, down=q)  # (6)
        h = self.hypergradient(o, net, x_i, y * m_y, m_x, m_y)  # (7)
        x = s.x - self.alpha * net.average(h, m_x, down=p + q)  # (8)
        return State(x, y)

    def inner(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """T masked gradient steps on ``g_i(x, .)`` from ``y``: (5)."""
        for _ in range(self.T):
            y = y - self.beta * (o.grad_y_g(x, y) * m_y)  # (5)
        return y

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """Every client's (7), shape ``(R, n, p)``; the average takes the coordinates that a client holds."""
        if self.hyper == "full":
            return surrogate(o, x, y)
        if self.hyper == "global":
            return _global(o, net, x, y)
        held = m_y[..., :, None] * m_y[..., None, :]
        H = o.hess_yy_g(x, y) * held + np.eye(m_y.shape[-1], dtype=int) * (1 - m_y[..., None])
        w = (inverse(H) @ (o.grad_y_f(x, y) * m_y)[..., None])[..., 0]
        return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, w)


def _global(o: Oracle, net: Gossip, x: Array, y: Array) -> Array:
    """(7) with the means of Jacobians, Hessians and y-gradients, which the server would have to collect."""
    C, H = (
        net.average(z.reshape(*z.shape[:2], -1)).reshape(*z[:, :1].shape)
        for z in (o.hess_xy_g(x, y), o.hess_yy_g(x, y))
    )
    w = inverse(H) @ net.average(o.grad_y_f(x, y))[..., None]
    return o.grad_x_f(x, y) - (C @ w)[..., 0]
