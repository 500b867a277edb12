r"""Lower levels that are curved in the difference y - x, so that both Hessian blocks change with x and with y.

What each method gives is said in `spiritlevel.synthetic.levels.Lower`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, field_of
from spiritlevel.synthetic.data import moved, shaped, together
from spiritlevel.synthetic.levels import LowerConstants
from spiritlevel.synthetic.matrices import floats

STEEPEST = 48 / (25 * math.sqrt(5))
r"""The largest :math:`|\varphi'''|` of :math:`\varphi(t) = \sqrt{1+t^2}`, at :math:`|t| = 1/2`."""
_MOST = 100  # Newton steps; from 0 they approach the root from one side, and a dozen suffice


def slope(t: Array) -> Array:
    r""":math:`\varphi'(t) = t/\sqrt{1+t^2}`."""
    return np.asarray(t / np.sqrt(1 + t * t))


def curvature(t: Array) -> Array:
    r""":math:`\varphi''(t) = (1+t^2)^{-3/2}`."""
    return np.asarray((1 + t * t) ** -1.5)


@dataclass(frozen=True, eq=False)
class ShiftedLower:
    r"""Lower levels of p = q = d components that do not interact,

    .. math:: g_i(x, y) = \sum_k \tfrac12 y_k^2 + \theta_i \varphi(y_k - x_k), \qquad
              \varphi(t) = \sqrt{1+t^2}, \quad \theta_i \ge 0.

    Both Hessian blocks follow :math:`\theta_i\varphi''(y-x)`: the cross block is minus that, the other one 1 more.
    The solution is a curve with :math:`t = y - x` for its parameter, :math:`y = -\theta\varphi'(t)`,
    :math:`x = y - t`; see `along`. The shared one has the mean of the :math:`\theta_i`.

    Constants, with :math:`\theta = \max \theta_i`: ``mu_g = 1`` (approached far out), ``C_gxy = theta``,
    ``L_g = (1 + 2 theta + sqrt(1 + 4 theta^2)) / 2``, and ``L_gxy = L_gyy = sqrt(2) theta 48/(25 sqrt(5))`` jointly
    in x and y (in either alone :math:`\sqrt2` times less). All exact but for float64.

    Parameters
    ----------
    theta
        The :math:`\theta_i`, shape ``(n,)``.
    d
        Number of components of x and of y.

    Raises
    ------
    InputError
        If ``theta`` has the wrong shape or a negative or infinite entry, or when asked for an exact number system.

    Examples
    --------
    >>> lower = ShiftedLower(theta=[1.0], d=1)
    >>> y, x = lower.along(np.array([[[-0.75]]]))
    >>> y, lower.argmin(x).round(12)
    (array([[[0.6]]]), array([[[0.6]]]))
    """

    theta: Array
    d: int

    def __post_init__(self) -> None:
        theta = together({"theta": self.theta})["theta"]
        shaped({"theta": theta}, {"theta": "n"}, {})
        theta = theta if np.iscomplexobj(theta) else floats(theta)
        if (theta.real < 0).any():
            raise InputError(f"theta has the entry {theta.real.min()}; give numbers >= 0")
        if isinstance(self.d, bool) or not isinstance(self.d, int) or self.d < 1:
            raise InputError(f"d is {self.d!r}; give a whole number >= 1")
        object.__setattr__(self, "theta", theta)

    @property
    def n(self) -> int:
        return len(self.theta)

    @property
    def p(self) -> int:
        return self.d

    @property
    def q(self) -> int:
        return self.d

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float", "complex"})

    @cached_property
    def constants(self) -> LowerConstants:
        theta = float(self.theta.real.max())
        joint: Real = (1 + 2 * theta + math.sqrt(1 + 4 * theta**2)) / 2
        third = math.sqrt(2) * theta * STEEPEST
        return LowerConstants(mu_g=1, L_g=joint, C_gxy=theta, L_gxy=third, L_gyy=third)

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> ShiftedLower:
        if field not in self.fields:
            raise InputError(f"field is {field!r}; this lower level has roots, choose float or complex")
        return self if field == field_of(self.theta) else ShiftedLower(moved(self.theta, field), self.d)

    @cached_property
    def _own(self) -> Array:
        return self.theta[:, None]

    def _bent(self, x: Array, y: Array) -> Array:
        return self._own * curvature(y - x)

    def g(self, x: Array, y: Array) -> Array:
        return (y * y / 2 + self._own * np.sqrt(1 + (y - x) ** 2)).sum(axis=-1)

    def grad_y(self, x: Array, y: Array) -> Array:
        return y + self._own * slope(y - x)

    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array:
        return (1 + self._bent(x, y)) * v

    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array:
        return -self._bent(x, y) * v

    def solve_yy(self, x: Array, y: Array, v: Array) -> Array:
        return v / (1 + self._bent(x, y))

    def hess_yy(self, x: Array, y: Array) -> Array:
        return (1 + self._bent(x, y))[..., None] * np.eye(self.d, dtype=self.theta.dtype)

    def hess_xy(self, x: Array, y: Array) -> Array:
        return -self._bent(x, y)[..., None] * np.eye(self.d, dtype=self.theta.dtype)

    def argmin(self, x: Array) -> Array:
        return _root(x, self._own)

    def shared_argmin(self, x: Array) -> Array:
        return _root(x, self.theta.sum() / self.n)

    def along(self, t: Array) -> tuple[Array, Array]:
        """Points on every agent's own solution: ``y`` and ``x`` with ``y - x = t``, all of shape ``(R, n, d)``."""
        y = -self._own * slope(t)
        return y, y - t


def _root(x: Array, theta: Any) -> Array:
    r"""The y with :math:`y + \theta\varphi'(y - x) = 0`, by Newton steps in :math:`t = y - x` from 0."""
    t = x * 0
    for _ in range(_MOST):
        # between 0 and the root the left side bends away from it, so that no step passes the root
        step = (t + x + theta * slope(t)) / (1 + theta * curvature(t))
        t = t - step
        if (abs(step) <= 1e-15 * (1 + abs(t))).all():
            break
    return np.asarray(-theta * slope(t))
