r"""What a bilevel problem is, to an algorithm and to a check.

.. math:: \min_x \tfrac1n \sum_i f_i(x, y_i^*(x)), \qquad y_i^*(x) = \arg\min_y g_i(x, y).

Arrays carry a leading replicas axis: ``x`` has shape ``(R, n, p)`` and ``y`` ``(R, n, q)`` with
``R >= 1``; row ``i`` of the second axis belongs to agent ``i``. Nothing here averages over agents
unless it says so. Implementations use plain array arithmetic so that every number system works.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, Self, runtime_checkable

from spiritlevel.core.constants import Constants
from spiritlevel.core.numbers import Array, Field

Channel = Literal[
    "grad_x_f", "grad_y_f", "grad_y_g", "hvp_yy_g", "jvp_xy_g", "solve_yy_g", "hess_yy_g", "hess_xy_g"
]


class Problem(Protocol):
    """First- and second-order information, agent by agent: all that an algorithm may ask for."""

    @property
    def n(self) -> int:
        """Number of agents."""

    @property
    def p(self) -> int:
        """Dimension of the upper-level variable."""

    @property
    def q(self) -> int:
        """Dimension of (one agent's copy of) the lower-level variable."""

    def grad_x_f(self, x: Array, y: Array) -> Array:
        r""":math:`\nabla_x f_i(x_i, y_i)`, shape ``(R, n, p)``."""

    def grad_y_f(self, x: Array, y: Array) -> Array:
        r""":math:`\nabla_y f_i(x_i, y_i)`, shape ``(R, n, q)``."""

    def grad_y_g(self, x: Array, y: Array) -> Array:
        r""":math:`\nabla_y g_i(x_i, y_i)`, shape ``(R, n, q)``."""

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`\nabla^2_{yy} g_i(x_i, y_i)\, v_i`, shape ``(R, n, q)``."""

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`\nabla^2_{xy} g_i(x_i, y_i)\, v_i` for ``v`` of shape ``(R, n, q)``; shape ``(R, n, p)``."""

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        r""":math:`[\nabla^2_{yy} g_i(x_i, y_i)]^{-1} v_i`, shape ``(R, n, q)``."""

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        """The matrices behind `hvp_yy_g`, shape ``(R, n, q, q)``, or ``(1, n, q, q)`` where constant."""

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        """The matrices behind `jvp_xy_g`, shape ``(R, n, p, q)``, or ``(1, n, p, q)`` where constant."""


@runtime_checkable
class SolvedProblem(Problem, Protocol):
    """A problem whose constants and lower-level solution are known; checks need one."""

    @property
    def name(self) -> str:
        """A short name for reports."""

    @property
    def fields(self) -> frozenset[Field]:
        """The number systems the formulas work in (square roots leave only floats)."""

    @property
    def shared(self) -> bool:
        """Whether the network has one lower-level problem (the mean of the g_i) or one per agent."""

    @property
    def constants(self) -> Constants:
        """Constants that hold everywhere; ``math.inf`` where none does."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """What this family cannot give exactly, in words; empty if nothing."""

    def over(self, field: Field) -> Self:
        """The same problem with its data in another number system."""

    def start(self) -> tuple[Array, Array]:
        """Default start ``x0`` of shape ``(n, p)`` and ``y0`` of shape ``(n, q)``."""

    def f(self, x: Array, y: Array) -> Array:
        """Upper-level values per agent, shape ``(R, n)``."""

    def g(self, x: Array, y: Array) -> Array:
        """Lower-level values per agent, shape ``(R, n)``."""

    def lower_solution(self, x: Array) -> Array:
        """``y*``: agent i's own lower-level solution (or the shared one) at ``x_i``, shape ``(R, n, q)``."""

    def value(self, x: Array) -> Array:
        """The objective at a common point ``x`` of shape ``(R, p)``; shape ``(R,)``."""

    def hypergradient(self, x: Array) -> Array:
        """The gradient of `value` at a common point ``x`` of shape ``(R, p)``; shape ``(R, p)``."""

    def solution(self) -> Array | None:
        """A stationary point, shape ``(p,)`` (the minimiser where the objective is convex), or None."""

    def infimum(self) -> float | None:
        """The exact lower bound of `value`, or None if it is unbounded or unknown."""


@runtime_checkable
class Composite(Problem, Protocol):
    r"""A problem with a convex term :math:`R(x_i)` above and :math:`r(y_i)` below, beside the smooth f_i and g_i."""

    def prox_x(self, v: Array, step: Any) -> Array:
        r""":math:`\arg\min_u R(u) + \|u - v\|^2 / (2\,step)`, agent by agent; shape of ``v``.

        ``step`` is a number, or one per agent, shape ``(n, 1)``.
        """

    def prox_y(self, v: Array, step: Any) -> Array:
        """The same for r."""

    def slope_y(self, v: Array, step: Any) -> Array:
        """The derivative of `prox_y`, a diagonal; shape of ``v``."""

    def subgradient_x(self, x: Array) -> Array:
        """A subgradient of R, shape of ``x``."""

    def subgradient_y(self, y: Array) -> Array:
        """A subgradient of r, shape of ``y``."""


@runtime_checkable
class FiniteSum(Problem, Protocol):
    """A problem whose f_i and g_i are means over ``samples`` terms."""

    @property
    def samples(self) -> int:
        """Number of terms per agent."""

    def subsample(self, index: Array) -> Problem:
        """The problem made of the chosen terms; ``index`` has shape ``(R, n, S)``, entries below ``samples``."""
