r"""RAFBO: RABO with finite differences in the place of Jacobians and Hessians.

**Algorithm 2**, for the coordinates p that a client holds:

.. math::
    \delta_p = \frac{\nabla_y g_i(x^i_q + \mu e_p, y^i_{q+1}; \xi) - \nabla_y g_i(x^i_q, y^i_{q+1}; \xi)}{\mu}, \qquad
    h_i = \nabla_x f_i + \sum_p \langle \delta_p, \nabla_y f_i \rangle e_p

with one sample for both gradients. As printed, :math:`\delta_p` is a column of :math:`\nabla^2_{yx} g_i`, not of dy*/dx;
the method that the paper follows (Sow, Ji, Liang 2022) differences the *result* of an inner loop, which
``difference="loop"`` does.

Li, Zhang, Zheng, Shi, Yuan, Cheng: "Distributed Bilevel Optimization with Dual Pruning for Resource-limited Clients",
Section III-B.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithm import choice, constant, whole
from spiritlevel.core.algorithms.rabo import RABO
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class RAFBO(RABO):
    """RABO with Algorithm 2; ``hyper`` is not used.

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.networks import averaging
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=4, q=4, shared=True)
    >>> run(RAFBO(difference="loop"), problem, averaging(4), steps=10).x.shape[-2:]
    (1, 4)
    """

    name: ClassVar[str] = "rafbo"
    paper: ClassVar[str] = "RABO, Algorithm 2"

    mu: Any = constant(Fraction(1, 100), "how far x is moved")
    difference: str = choice(
        "gradient", ("gradient", "loop"), "of inner gradients, as printed, or of T_h inner steps"
    )
    T_h: int = whole(5, "inner steps that are differenced")

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """Algorithm 2: one more evaluation per held coordinate of x."""
        h, f_y = o.grad_x_f(x, y), o.grad_y_f(x, y)
        sample = o.held()
        base = self.probed(sample, x, y, m_y)
        rank = m_x.cumsum(axis=-1) * m_x
        for k in range(1, int(rank.max()) + 1):
            e = (rank == k).astype(int)  # the client's k-th coordinate; nothing where it holds fewer
            delta = (self.probed(sample, x + self.mu * e, y, m_y) - base) / self.mu  # line 5, (10)
            h = h + (delta * f_y).sum(axis=-1, keepdims=True) * e  # line 7
        return h

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """What is differenced."""
        if self.difference == "gradient":
            return o.grad_y_g(x, y) * m_y
        for _ in range(self.T_h):
            y = y - self.beta * (o.grad_y_g(x, y) * m_y)
        return np.asarray(y)
