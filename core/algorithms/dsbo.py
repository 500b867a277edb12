r"""DSBO: gossip on iterates, gradients, Jacobians and Hessians, and a Neumann product for the inverse.

Problem: :math:`\min_x \frac1K \sum_k f^k(x, y^*(x))` over one shared lower level,
:math:`y^*(x) = \arg\min_y \frac1K \sum_k g^k(x, y)` (1), (2).

**Algorithm 1**, every right-hand side at time t:

.. math::
    x_{t+1} &= W x_t - \alpha_t (s_t - u_t q_t h_t), & y_{t+1} &= W y_t - \gamma_t \nabla_y g(x_t, y_t; \xi) \\
    s_{t+1} &= (1-\beta_t) W s_t + \beta_t \nabla_x f(x_t, y_t; \zeta), &
    h_{t+1} &= (1-\beta_t) W h_t + \beta_t \nabla_y f(x_t, y_t; \zeta) \\
    u_{t+1} &= (1-\beta_t) W u_t + \beta_t \nabla^2_{xy} g(x_t, y_t; \xi), &
    v_{t+1,i} &= (1-\beta_t) W v_{t,i} + \beta_t \nabla^2_{yy} g(x_t, y_t; \xi_i) \\
    Q_i &= I + (I - v_{t+1,i} / L_g) Q_{i-1}, \quad Q_0 = I, & q_{t+1} &= Q_b / L_g

from :math:`s = h = u = 0`, :math:`v_i = \mu_g I` and any :math:`q_0`. The display of Section 4 has the factors of
the product in the opposite order (``order="display"``). Iteration ``t`` of the driver is the paper's ``t - 1``.

Yang, Zhang, Wang: "Decentralized Gossip-Based Stochastic Bilevel Optimization over Communication
Networks", NeurIPS 2022, Section 4.
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
    """``x, s`` of shape ``(R, n, p)``; ``y, h``: ``(R, n, q)``.

    Matrices lie flat, row by row: ``u``: ``(R, n, p q)``; ``v``, b of them: ``(R, n, b q q)``; ``q``: ``(R, n, q q)``.
    """

    x: Array
    y: Array
    s: Array
    h: Array
    u: Array
    v: Array
    q: Array


@dataclass(frozen=True)
class DSBO(Algorithm):
    """DSBO, Algorithm 1.

    With ``rule="(6)"`` the step sizes are ``alpha_t = 2/(mu(C_1+t))`` and ``beta_t = gamma_t = C_1/(C_1+t)`` from t = 0
    on, whatever ``alpha``, ``beta`` and ``gamma`` say.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=3, shared=True)
    >>> run(DSBO(b=2), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "dsbo"
    paper: ClassVar[str] = "DSBO, Algorithm 1"
    shared: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 100), "step size of x")
    beta: Any = step_size(Fraction(1, 10), "weight of new samples in s, h, u, v")
    gamma: Any = step_size(Fraction(1, 10), "step size of y")
    L_g: Any = constant(Fraction(10), "divides the Hessians in the Neumann product")
    mu_g: Any = constant(Fraction(1), "v starts at this multiple of the identity")
    q_0: Any = constant(Fraction(1), "q starts at this multiple of the identity; not specified in the paper")
    b: int = whole(8, "factors of the Neumann product")
    order: str = choice("loop", ("loop", "display"), "order of the factors")
    rule: str = choice("constant", ("constant", "(6)"), "step sizes as given, or decaying by (6)")
    mu: Any = constant(Fraction(1), "Polyak-Lojasiewicz constant in (6)")
    C_1: Any = constant(Fraction(10), "the constant of (6)")

    def sizes(self, t: int) -> tuple[Any, Any, Any]:
        """``alpha_t, beta_t, gamma_t`` at the paper's time ``t = 0, 1, ..``."""
        if self.rule == "constant":
            return self.alpha, self.beta, self.gamma
        late = self.C_1 + t  # (6)
        return 2 / (self.mu * late), self.C_1 / late, self.C_1 / late

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """Averages of samples start at 0, Hessians at ``mu_g I``."""
        R, n, p = x0.shape
        q = y0.shape[-1]
        s, h = x0 * 0, y0 * 0
        eye = _identity(h)
        u = (s[..., :, None] + h[..., None, :]).reshape(R, n, p * q)
        v = np.concatenate([(eye * self.mu_g).reshape(R, n, q * q)] * self.b, axis=-1)
        return State(x0, y0, s, h, u, v, (eye * self.q_0).reshape(R, n, q * q))

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """One iteration: one round, in which every agent sends all it keeps but q."""
        alpha, beta, gamma = self.sizes(t - 1)
        R, n, p = s.x.shape
        q = s.y.shape[-1]
        Wx, Wy, Ws, Wh, Wu, Wv = net.mix(s.x, s.y, s.s, s.h, s.u, s.v)
        qh = s.q.reshape(R, n, q, q) @ s.h[..., None]
        z = s.s - (s.u.reshape(R, n, p, q) @ qh)[..., 0]
        fx, fy, gy = o.grad_x_f(s.x, s.y), o.grad_y_f(s.x, s.y), o.grad_y_g(s.x, s.y)
        J = _flat(o.hess_xy_g(s.x, s.y), s.u)
        H = np.concatenate([_flat(o.hess_yy_g(s.x, s.y), s.q) for _ in range(self.b)], axis=-1)
        v = Wv - beta * Wv + beta * H
        return State(
            Wx - alpha * z,
            Wy - gamma * gy,
            Ws - beta * Ws + beta * fx,
            Wh - beta * Wh + beta * fy,
            Wu - beta * Wu + beta * J,
            v,
            self.neumann(v, s.h).reshape(R, n, q * q),
        )

    def neumann(self, v: Array, h: Array) -> Array:
        """``Q_b / L_g`` from the b Hessians that lie flat in ``v``; ``h`` has the agents' and y's shape."""
        R, n, q = h.shape
        V, eye = v.reshape(R, n, self.b, q, q), _identity(h * 0)
        Q = eye
        for i in range(self.b) if self.order == "loop" else reversed(range(self.b)):
            Q = eye + (eye - V[:, :, i] / self.L_g) @ Q
        return Q / self.L_g


def _identity(zeros: Array) -> Array:
    """Identity matrices ``(R, n, q, q)`` in the number system of zeros of shape ``(R, n, q)``."""
    q = zeros.shape[-1]
    return zeros[..., None] + zeros[..., None, :] + np.eye(q, dtype=int)


def _flat(matrices: Array, like: Array) -> Array:
    """Matrices ``(R or 1, n, k, l)`` as rows, for every replica."""
    return np.broadcast_to(matrices.reshape(*matrices.shape[:2], -1), like.shape)
