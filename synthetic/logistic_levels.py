r"""The two levels of hyper-parameter tuning for linear classification, and their constants.

What each method gives is said in `spiritlevel.synthetic.levels`; here is only what is special.

Agent i fits on its training rows :math:`(a_j, b_j)`, labels :math:`b_j = \pm 1`, with one positive weight per
feature, and judges the fit on its validation rows:

.. math::
    g_i(x, y) = \tfrac1{N_i} \sum_j \ell(b_j a_j^T y) + \tfrac12 \sum_k w(x_k) y_k^2, \qquad
    f_i(x, y) = \tfrac1{M_i} \sum_j \ell(b_j a_j^T y) + \tfrac\rho2 |x|^2, \qquad \ell(z) = \log(1 + e^{-z}).

Here p = q = number of features. :math:`-1 < \ell' < 0`, :math:`0 < \ell'' \le 1/4` and
:math:`|\ell'''| \le \sqrt3/18`; so the gradient of the loss is bounded, and :math:`g_i(x, \cdot)` is as strongly convex as
the weights say. :math:`\nabla^2_{xy} g_i = diag(w'(x_k) y_k)` grows with y, so constants need a bound on y.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, Self

import numpy as np

from spiritlevel.core.numbers import Array, Field
from spiritlevel.synthetic.levels import LowerConstants, UpperConstants
from spiritlevel.synthetic.logistic_loss import BEND, MeanLogistic, minimised, sigmoid
from spiritlevel.synthetic.matrices import diagonals, solve_each

FIELDS: frozenset[Field] = frozenset({"float", "complex"})  # exp and Newton's method leave no exact field


class Weights(Protocol):
    """A positive function w of a hyper-parameter, with bounds that hold on its domain."""

    low: float
    high: float
    steepest: float
    most_bent: float
    domain: str

    def value(self, x: Array) -> Array:
        """``w(x)``, entry by entry."""

    def slope(self, x: Array) -> Array:
        """``w'(x)``, entry by entry."""


class ExpWeights:
    r""":math:`w(x) = e^x`: no positive lower bound serves all x, so its bounds are those for :math:`|x| \le` ``box``.

    There ``low`` :math:`= e^{-b}`, and ``high``, ``steepest`` :math:`= \max |w'|` and ``most_bent``
    :math:`= \max |w''|` are all :math:`e^b`; all attained.
    """

    def __init__(self, box: float) -> None:
        self.low = math.exp(-box)
        self.high = self.steepest = self.most_bent = math.exp(box)
        self.domain = f"|x_k| <= {box:g} and "

    def value(self, x: Array) -> Array:
        return np.exp(x)

    slope = value


class SigmoidWeights:
    r""":math:`w(x) = lo + (hi - lo)/(1 + e^{-x})`, between its bounds for all x.

    With :math:`s = 1/(1 + e^{-x})` and d = hi - lo: :math:`w' = d s(1-s) \le d/4`, and
    :math:`|w''| = d s(1-s)|1-2s| \le d \sqrt3/18`; both attained.
    """

    domain = ""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.steepest, self.most_bent = (high - low) / 4, (high - low) * BEND

    def value(self, x: Array) -> Array:
        return self.low + (self.high - self.low) * sigmoid(x)

    def slope(self, x: Array) -> Array:
        s = sigmoid(x)
        return (self.high - self.low) * s * (1 - s)


@dataclass(frozen=True, eq=False)
class LogisticLower:
    r"""The training losses with their weights; implements `spiritlevel.synthetic.levels.Lower`.

    Parameters
    ----------
    loss
        Training losses.
    weights
        The function w.
    radius
        Radius r of the domain in y; None for twice `reach`, as in `spiritlevel.synthetic.ridge_levels.RidgeLower`.
    """

    loss: MeanLogistic
    weights: Weights
    radius: float | None = None

    @property
    def n(self) -> int:
        return int(self.loss.rows.shape[0])

    @property
    def p(self) -> int:
        return int(self.loss.rows.shape[2])

    q = p  # one weight per feature

    @property
    def fields(self) -> frozenset[Field]:
        return FIELDS

    @cached_property
    def reach(self) -> float:
        r"""A bound on :math:`|y^*(x)|` over the domain in x, for private and shared lower levels.

        :math:`w_{lo} |y^*|^2/2 \le g(x, y^*) \le g(x, 0) = \log 2`, and :math:`w_{lo} |y^*| \le |\nabla_y g(x, 0)|`,
        where :math:`\nabla_y g_i(x, 0) = -\tfrac1{2N_i} \sum_j c_{ij}`; the smaller one counts.
        """
        at_zero = np.linalg.norm(self.loss.gradient(np.zeros((1, self.n, self.q))).real, axis=-1).max()
        return min(math.sqrt(2 * math.log(2) / self.weights.low), float(at_zero) / self.weights.low)

    @cached_property
    def ball(self) -> float:
        """The radius r in use."""
        return 2 * self.reach if self.radius is None else self.radius

    @cached_property
    def constants(self) -> LowerConstants:
        r"""Upper bounds (``mu_g``: a lower bound) on the domain; :math:`S \ge |w'|` and :math:`B \ge |w''|` there.

        * ``mu_g`` :math:`= w_{lo}`, as :math:`\ell'' > 0`; approached for large y on rows that no direction misses.
        * ``C_gxy``: :math:`\|diag(w'(x_k) y_k)\| \le S r`, attained.
        * ``L_gxy``: entry k depends on :math:`(x_k, y_k)` alone, with gradient :math:`(w'' y_k, w')` of norm at most
          :math:`\sqrt{B^2 r^2 + S^2}`.
        * ``L_gyy``: :math:`|\ell'''| \le \sqrt3/18` makes the loss's Hessian :math:`T`-Lipschitz in y with
          :math:`T = \tfrac{\sqrt3}{18} \max_j |a_j| \, \|\tfrac1N \sum_j a_j a_j^T\|`, and the weights add
          :math:`S |x_k - x_k'|`; together :math:`\sqrt{T^2 + S^2}` by Cauchy-Schwarz.
        * ``L_g``: the Hessian of g_i is the loss's in its y-block, of norm at most
          :math:`\|\tfrac1N \sum_j a_j a_j^T\|/4`, plus one block :math:`[[w'' y_k^2/2, w' y_k], [w' y_k, w]]` per
          feature, whose norm is at most that of :math:`[[B r^2/2, S r], [S r, w_{hi}]]`.
        """
        w, r, curved = self.weights, self.ball, self.loss.curvature()
        bent = float((4 * BEND * curved * self.loss.longest()).max())
        block = np.array([[w.most_bent * r * r / 2, w.steepest * r], [w.steepest * r, w.high]])
        return LowerConstants(
            mu_g=w.low,
            L_g=float(curved.max() + np.linalg.norm(block, 2)),
            C_gxy=w.steepest * r,
            L_gxy=math.hypot(w.most_bent * r, w.steepest),
            L_gyy=math.hypot(bent, w.steepest),
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        """The domain of the constants, and which of them are not the least possible."""
        return (
            f"lower-level constants hold only where {self.weights.domain}|y| <= {self.ball:.6g}",
            "L_g, L_gxy and L_gyy are upper bounds, not the least possible",
        )

    def over(self, field: Field) -> Self:
        """The same lower level over floats or complex numbers; the domain stays."""
        return dataclasses.replace(self, loss=self.loss.over(field), radius=self.ball)

    def g(self, x: Array, y: Array) -> Array:
        return self.loss.value(y) + (self.weights.value(x) * y * y).sum(axis=-1) / 2

    def grad_y(self, x: Array, y: Array) -> Array:
        return self.loss.gradient(y) + self.weights.value(x) * y

    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array:
        return np.asarray((self.hess_yy(x, y) @ v[..., None])[..., 0])

    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`w'(x) y v`, entry by entry, shape ``(R, n, p)``."""
        return self.weights.slope(x) * y * v

    def solve_yy(self, x: Array, y: Array, v: Array) -> Array:
        return solve_each(self.hess_yy(x, y), v)

    def hess_yy(self, x: Array, y: Array) -> Array:
        return self.loss.hessian(y) + diagonals(self.weights.value(x))

    def hess_xy(self, x: Array, y: Array) -> Array:
        r""":math:`diag(w'(x) y)`, shape ``(R, n, p, q)``."""
        entries = self.weights.slope(x) * y
        # in the data's number system even where x and y are real: `Bilevel.field` reads it off here
        return diagonals(entries.astype(np.result_type(entries, self.loss.rows)))

    def argmin(self, x: Array) -> Array:
        return self._minimised(self.loss, x)

    def shared_argmin(self, x: Array) -> Array:
        """The minimiser of the mean of all g_i at each ``x_i``; solved once where the agents agree on x."""
        if (x == x[:, :1]).all():
            return np.repeat(self._minimised(self.loss.pooled(), x[:, :1]), x.shape[1], axis=1)
        each = self._minimised(self.loss.pooled(), x.reshape(-1, 1, x.shape[-1]))
        return each.reshape(x.shape)

    def _minimised(self, loss: MeanLogistic, x: Array) -> Array:
        w = self.weights.value(x)
        return minimised(loss.over("float"), w.real, w if np.iscomplexobj(x) else None)


@dataclass(frozen=True, eq=False)
class LogisticUpper:
    r"""The validation losses; implements `spiritlevel.synthetic.levels.Upper`.

    Parameters
    ----------
    loss
        Validation losses.
    pull
        :math:`\rho`. With 0, the problem as practised, f does not depend on x and the infimum of the objective need not
        be attained (a feature is dropped, or weighed as little as possible); any positive value makes the objective
        coercive, so that a minimiser exists.
    """

    loss: MeanLogistic
    pull: float = 0.0

    @property
    def n(self) -> int:
        return int(self.loss.rows.shape[0])

    @property
    def p(self) -> int:
        return int(self.loss.rows.shape[2])

    q = p  # one weight per feature

    @property
    def fields(self) -> frozenset[Field]:
        return FIELDS

    @cached_property
    def constants(self) -> UpperConstants:
        r"""Everywhere: ``L_fx`` :math:`= \rho` exactly; ``L_fy`` and ``C_fy`` are upper bounds, see `MeanLogistic`."""
        return UpperConstants(
            L_fx=self.pull, L_fy=float(self.loss.curvature().max()), C_fy=float(self.loss.slopes().max())
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        """Which constants are not the least possible."""
        return ("L_fy and C_fy are upper bounds, not the least possible",)

    def over(self, field: Field) -> Self:
        """The same upper level over floats or complex numbers."""
        return dataclasses.replace(self, loss=self.loss.over(field))

    def f(self, x: Array, y: Array) -> Array:
        return self.loss.value(y) + self.pull * (x * x).sum(axis=-1) / 2

    def grad_x(self, x: Array, y: Array) -> Array:
        r""":math:`\rho x`, shape ``(R, n, p)``."""
        return self.pull * x

    def grad_y(self, x: Array, y: Array) -> Array:
        return self.loss.gradient(y)
