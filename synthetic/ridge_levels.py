r"""The two levels of ridge hyper-parameter tuning, and their constants on a stated domain.

What each method gives is said in `spiritlevel.synthetic.levels`; here is only what is special.

Agent i fits on its training rows :math:`(X_i, t_i)`, with one penalty :math:`e^{x_k}` per feature, and
judges the fit on its validation rows :math:`(V_i, s_i)`:

.. math::
    g_i(x, y) = \tfrac1{2 N_i} |X_i y - t_i|^2 + \tfrac12 \sum_k e^{x_k} y_k^2, \qquad
    f_i(x, y) = \tfrac1{2 M_i} |V_i y - s_i|^2 + \tfrac\rho2 |x|^2 .

Here p = q = number of features. Strong convexity of g_i fades as :math:`x_k \to -\infty` and no Lipschitz
constant of its derivatives exists for :math:`x_k, |y| \to \infty`, so every constant is stated for a
domain: the box :math:`|x_k| \le b` times the ball :math:`|y| \le r`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from spiritlevel.core.arrays import agentwise, transposed
from spiritlevel.core.numbers import Array, Field
from spiritlevel.synthetic.data import moved
from spiritlevel.synthetic.levels import LowerConstants, UpperConstants
from spiritlevel.synthetic.matrices import diagonals, solve_each

FIELDS: frozenset[Field] = frozenset({"float", "complex"})  # exp and the solve leave no exact field


@dataclass(frozen=True, eq=False)
class HalfMeanSquares:
    r""":math:`\tfrac1{2N_i} |X_i y - t_i|^2 = \tfrac12 y^T G_i y - h_i^T y + e_i`, agent by agent.

    Parameters
    ----------
    gram
        :math:`G_i = X_i^T X_i / N_i`, shape ``(n, q, q)``.
    moment
        :math:`h_i = X_i^T t_i / N_i`, shape ``(n, q)``.
    offset
        :math:`e_i = |t_i|^2 / (2 N_i)`, shape ``(n,)``.
    """

    gram: Array
    moment: Array
    offset: Array

    @classmethod
    def of(cls, rows: Iterable[tuple[Array, Array]]) -> HalfMeanSquares:
        """From one pair (matrix, targets) per agent."""
        parts = ((X.T @ X / len(t), X.T @ t / len(t), t @ t / (2 * len(t))) for X, t in rows)
        gram, moment, offset = zip(*parts, strict=True)
        return cls(np.stack(gram), np.stack(moment), np.stack(offset))

    def over(self, field: Field) -> HalfMeanSquares:
        """The same data in another number system."""
        return HalfMeanSquares(*(moved(a, field) for a in (self.gram, self.moment, self.offset)))

    @cached_property
    def gram_t(self) -> Array:
        """Transposed Gram matrices, contiguous."""
        return transposed(self.gram)

    def value(self, y: Array) -> Array:
        """Losses, shape ``(R, n)``."""
        return (y * (agentwise(y, self.gram_t) / 2 - self.moment)).sum(axis=-1) + self.offset

    def gradient(self, y: Array) -> Array:
        """Gradients in y, shape ``(R, n, q)``."""
        return agentwise(y, self.gram_t) - self.moment

    def eigenvalues(self) -> Array:
        """Eigenvalues of the Gram matrices in rising order, at least 0, shape ``(n, q)``."""
        return np.maximum(np.linalg.eigvalsh(self.gram.real), 0.0)  # rounding can give -1e-17


@dataclass(frozen=True, eq=False)
class RidgeLower:
    r"""The training losses with their penalties; implements `spiritlevel.synthetic.levels.Lower`.

    Parameters
    ----------
    loss
        Training losses.
    box
        Half-width b of the domain in x.
    radius
        Radius r of the domain in y; None for twice `reach`: at a fixed x, gradient descent on y from 0 with a
        step of at most 2 / (largest curvature) never leaves the ball of radius :math:`|y^*|` around :math:`y^*`.
        A radius below `reach` may leave :math:`y^*` outside the domain.
    """

    loss: HalfMeanSquares
    box: float = 3.0
    radius: float | None = None

    @property
    def n(self) -> int:
        return int(self.loss.moment.shape[0])

    @property
    def p(self) -> int:
        return int(self.loss.moment.shape[1])

    q = p  # one penalty per feature

    @property
    def fields(self) -> frozenset[Field]:
        return FIELDS

    @cached_property
    def reach(self) -> float:
        r"""A bound on :math:`|y^*(x)|` over the box, for private and shared lower levels.

        With :math:`D = diag(e^x)`, :math:`(G + D) y^* = h` gives :math:`|y^*| \le |h| / \mu`; and
        with :math:`A = X D^{-1/2} / \sqrt N`, :math:`D^{1/2} y^* = (A^T A + I)^{-1} A^T t / \sqrt N`, whose
        matrix has norm :math:`\max \sigma / (\sigma^2 + 1) \le 1/2`, so that
        :math:`|y^*| \le e^{b/2} |t| / (2 \sqrt N)`. The smaller bound counts. A mean of agents obeys
        both with the largest :math:`|h_i|`, :math:`|t_i| / \sqrt{N_i}` and smallest :math:`\mu_i`.
        """
        by_moment = np.linalg.norm(self.loss.moment.real, axis=-1).max() / self.mu
        by_targets = math.exp(self.box / 2) * math.sqrt(2 * self.loss.offset.real.max()) / 2
        return float(min(by_moment, by_targets))

    @cached_property
    def ball(self) -> float:
        """The radius r in use."""
        return 2 * self.reach if self.radius is None else self.radius

    @cached_property
    def mu(self) -> float:
        r"""Strong convexity: :math:`G_i + diag(e^x) \succeq \lambda_{min}(G_i) + e^{-b}`, attained at x = -b.

        With fewer rows than features :math:`\lambda_{min}` is 0; the rounding error of its computation,
        q eps norm, is taken off lest it pass for convexity.
        """
        eigenvalues = self.loss.eigenvalues()
        least = eigenvalues[:, 0] - self.q * np.finfo(float).eps * eigenvalues[:, -1]
        return max(float(least.min()), 0.0) + math.exp(-self.box)

    @cached_property
    def constants(self) -> LowerConstants:
        r"""Constants on the domain; all but ``L_g`` are the least possible, up to rounding.

        * ``mu_g``: see `mu`, attained.
        * ``C_gxy``: :math:`\|diag(e^{x_k} y_k)\| \le e^b r`, attained.
        * ``L_gxy``: :math:`\nabla^2_{xy} g_i` is diagonal and entry k depends on :math:`(x_k, y_k)` alone, with
          gradient :math:`e^{x_k} (y_k, 1)` of norm at most :math:`e^b \sqrt{1 + r^2}`, attained on the domain's edge.
        * ``L_gyy``: likewise :math:`|e^{x_k} - e^{x_k'}| \le e^b |x_k - x_k'|`, approached at x = b.
        * ``L_g``: the Hessian of g_i is :math:`G_i` in its y-block plus one block
          :math:`e^{x_k} [[y_k^2/2, y_k], [y_k, 1]]` per feature, of trace :math:`e^{x_k} s` for
          :math:`s = 1 + y_k^2/2` and determinant :math:`-e^{2 x_k} y_k^2/2`, so of norm
          :math:`e^{x_k} (s + \sqrt{s^2 + 2 y_k^2})/2`, which grows with :math:`x_k` and :math:`|y_k|`. The sum of
          both maxima is an upper bound, at most twice the least (each is below the least, as G_i >= 0).
        """
        top, r = math.exp(self.box), self.ball
        s = 1 + r * r / 2
        return LowerConstants(
            mu_g=self.mu,
            L_g=float(self.loss.eigenvalues().max()) + top * (s + math.sqrt(s * s + 2 * r * r)) / 2,
            C_gxy=top * r,
            L_gxy=top * math.sqrt(1 + r * r),
            L_gyy=top,
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        """The domain of the constants, and which of them is not the least possible."""
        return (
            f"lower-level constants hold only where |x_k| <= {self.box:g} and |y| <= {self.ball:.6g}",
            "L_g is an upper bound, up to twice the least possible",
        )

    def over(self, field: Field) -> Self:
        """The same lower level over floats or complex numbers; the domain stays."""
        return dataclasses.replace(self, loss=self.loss.over(field), radius=self.ball)

    def g(self, x: Array, y: Array) -> Array:
        return self.loss.value(y) + (np.exp(x) * y * y).sum(axis=-1) / 2

    def grad_y(self, x: Array, y: Array) -> Array:
        r""":math:`G_i y - h_i + e^x y`, shape ``(R, n, q)``."""
        return self.loss.gradient(y) + np.exp(x) * y

    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`G_i v + e^x v`, shape ``(R, n, q)``."""
        return agentwise(v, self.loss.gram_t) + np.exp(x) * v

    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`e^x y v`, entry by entry, shape ``(R, n, p)``."""
        return np.exp(x) * y * v

    def solve_yy(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`(G_i + diag(e^x))^{-1} v`, shape ``(R, n, q)``."""
        return solve_each(self.hess_yy(x, y), v)

    def hess_yy(self, x: Array, y: Array) -> Array:
        r""":math:`G_i + diag(e^x)`, shape ``(R, n, q, q)``."""
        return self.loss.gram + diagonals(np.exp(x))

    def hess_xy(self, x: Array, y: Array) -> Array:
        r""":math:`diag(e^x y)`, shape ``(R, n, p, q)``."""
        entries = np.exp(x) * y
        # in the data's number system even where x and y are real: `Bilevel.field` reads it off here
        return diagonals(entries.astype(np.result_type(entries, self.loss.moment)))

    def argmin(self, x: Array) -> Array:
        r""":math:`y_i^*(x) = (G_i + diag(e^x))^{-1} h_i`, shape ``(R, n, q)``."""
        return self.solve_yy(x, x, np.broadcast_to(self.loss.moment, x.shape))

    def shared_argmin(self, x: Array) -> Array:
        """The same with the means of all :math:`G_i` and :math:`h_i`, shape ``(R, n, q)``."""
        gram, moment = self.loss.gram.mean(axis=0), self.loss.moment.mean(axis=0)
        return solve_each(gram + diagonals(np.exp(x)), np.broadcast_to(moment, x.shape))


@dataclass(frozen=True, eq=False)
class RidgeUpper:
    r"""The validation losses; implements `spiritlevel.synthetic.levels.Upper`.

    Parameters
    ----------
    loss
        Validation losses.
    ball
        Radius r of the domain in y.
    pull
        :math:`\rho`. With 0, the problem as practised, the objective stays bounded for infinite x (a
        feature is dropped or left free) and its infimum need not be attained; any positive value
        makes the objective coercive, so that a minimiser exists.
    """

    loss: HalfMeanSquares
    ball: float
    pull: float = 0.0

    @property
    def n(self) -> int:
        return int(self.loss.moment.shape[0])

    @property
    def p(self) -> int:
        return int(self.loss.moment.shape[1])

    q = p  # one penalty per feature

    @property
    def fields(self) -> frozenset[Field]:
        return FIELDS

    @cached_property
    def constants(self) -> UpperConstants:
        r"""``L_fx`` :math:`= \rho` and ``L_fy`` :math:`= \max_i \|K_i\|` are exact, everywhere.

        ``C_fy``: :math:`|K_i y - l_i| \le \|K_i\| r + |l_i|` on the ball, an upper bound.
        """
        norms = self.loss.eigenvalues()[:, -1]
        moments = np.linalg.norm(self.loss.moment.real, axis=-1)
        return UpperConstants(
            L_fx=self.pull, L_fy=float(norms.max()), C_fy=float((norms * self.ball + moments).max())
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        """The domain of ``C_fy``."""
        return (
            f"C_fy holds only where |y| <= {self.ball:.6g} and is an upper bound, not the least possible",
        )

    def over(self, field: Field) -> Self:
        """The same upper level over floats or complex numbers."""
        return dataclasses.replace(self, loss=self.loss.over(field))

    def f(self, x: Array, y: Array) -> Array:
        return self.loss.value(y) + self.pull * (x * x).sum(axis=-1) / 2

    def grad_x(self, x: Array, y: Array) -> Array:
        r""":math:`\rho x`, shape ``(R, n, p)``."""
        return self.pull * x

    def grad_y(self, x: Array, y: Array) -> Array:
        r""":math:`K_i y - l_i`, shape ``(R, n, q)``."""
        return self.loss.gradient(y)
