r"""Algorithm 1 read literally, agent by agent in exact fractions.

Plain loops on nested lists; nothing comes from `spiritlevel.core.algorithms`, so that agreement with the code
means that two texts say the same. DSBO (NeurIPS 2022), Section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from spiritlevel.core.problem import Channel

Vector = list[Fraction]
Matrix = list[list[Fraction]]
Ask = Callable[[int, Channel, int, Vector, Vector], Any]
"""``ask(k, channel, i, x, y)``: agent k's i-th sample on a channel at a point, a vector or a matrix."""


def weighted(weights: Sequence[Fraction | int], values: Sequence[Any]) -> Any:
    """The weighted sum of numbers, vectors or matrices of one shape.

    Examples
    --------
    >>> weighted([1, -2], [[[Fraction(5)]], [[Fraction(1)]]])
    [[Fraction(3, 1)]]
    """
    if isinstance(values[0], list):
        return [weighted(weights, entries) for entries in zip(*values, strict=True)]
    return sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))


def apply(M: Matrix, v: Vector) -> Vector:
    """A matrix times a vector."""
    return [weighted(row, v) for row in M]


def product(M: Matrix, N: Matrix) -> Matrix:
    """A matrix times a matrix."""
    return [[weighted(row, column) for column in zip(*N, strict=True)] for row in M]


def identity(size: int, c: Fraction | int = 1) -> Matrix:
    """c times the identity."""
    return [[Fraction(c * (i == j)) for j in range(size)] for i in range(size)]


@dataclass(frozen=True)
class Setting:
    """Hyper-parameters, named as `spiritlevel.core.algorithms.dsbo.DSBO` names them."""

    alpha: Fraction = Fraction(1, 8)
    beta: Fraction = Fraction(1, 3)
    gamma: Fraction = Fraction(1, 5)
    L_g: Fraction = Fraction(7)
    mu_g: Fraction = Fraction(1, 2)
    q_0: Fraction = Fraction(3)
    b: int = 2
    order: str = "loop"
    rule: str = "constant"
    mu: Fraction = Fraction(3, 2)
    C_1: Fraction = Fraction(4)

    def sizes(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        """``alpha_t, beta_t, gamma_t``, constant or by (6) from t = 0 on."""
        if self.rule == "constant":
            return self.alpha, self.beta, self.gamma
        return 2 / (self.mu * (self.C_1 + t)), self.C_1 / (self.C_1 + t), self.C_1 / (self.C_1 + t)


@dataclass(frozen=True)
class Agent:
    """One agent's variables."""

    x: Vector
    y: Vector
    s: Vector
    h: Vector
    u: Matrix
    v: list[Matrix]
    q: Matrix


def start(p: int, q: int, c: Setting) -> Agent:
    """The input line of Algorithm 1; q_0 is not in it."""
    zero = Fraction(0)
    v = [identity(q, c.mu_g) for _ in range(c.b)]
    return Agent([zero] * p, [zero] * q, [zero] * p, [zero] * q, [[zero] * q] * p, v, identity(q, c.q_0))


def step(t: int, agents: Sequence[Agent], W: Matrix, c: Setting, ask: Ask) -> list[Agent]:
    """Steps 2 to 15 at time t; a neighbourhood contains its agent, as the weights' row sums of 1 require."""
    alpha, beta, gamma = c.sizes(t)
    after = []
    for k, a in enumerate(agents):
        near = [j for j in range(len(agents)) if W[k][j] != 0]
        w = [W[k][j] for j in near]

        def sample(channel: Channel, i: int = 0, k: int = k, a: Agent = a) -> Any:
            return ask(k, channel, i, a.x, a.y)

        def averaged(own: Any, new: Any) -> Any:
            return weighted([1 - beta, beta], [own, new])

        z = weighted([1, -1], [a.s, apply(a.u, apply(a.q, a.h))])
        x = weighted([1, -alpha], [weighted(w, [agents[j].x for j in near]), z])  # Step 4
        y = weighted([1, -gamma], [weighted(w, [agents[j].y for j in near]), sample("grad_y_g")])  # Step 5
        s = averaged(weighted(w, [agents[j].s for j in near]), sample("grad_x_f"))  # Step 6
        h = averaged(weighted(w, [agents[j].h for j in near]), sample("grad_y_f"))  # Step 7
        u = averaged(weighted(w, [agents[j].u for j in near]), sample("hess_xy_g"))  # Step 8
        v, Q = [], identity(len(y))  # Step 9
        for i in range(c.b):
            v.append(averaged(weighted(w, [agents[j].v[i] for j in near]), sample("hess_yy_g", i)))  # Step 11
            Q = weighted([1, 1], [identity(len(y)), product(_factor(v[i], c.L_g), Q)])  # Step 12
        if c.order == "display":
            Q = displayed([_factor(each, c.L_g) for each in v])
        after.append(Agent(x, y, s, h, u, v, weighted([1 / c.L_g], [Q])))  # Step 14
    return after


def _factor(v: Matrix, L_g: Fraction) -> Matrix:
    return weighted([1, -1 / L_g], [identity(len(v)), v])


def displayed(factors: Sequence[Matrix]) -> Matrix:
    r""":math:`I + \sum_{i=1}^b \prod_{j=1}^i P_j`, the display of Section 4, products from left to right."""
    total = power = identity(len(factors[0]))
    for P in factors:
        power = product(power, P)
        total = weighted([1, 1], [total, power])
    return total
