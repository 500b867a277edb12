r"""The two halves a problem is put together from, and the constants each half answers for.

A lower level knows :math:`g_i`, its argmin and the constants of A1; an upper level knows :math:`f_i`
and the constants of A2. `spiritlevel.synthetic.bilevel.Bilevel` joins any two of equal sizes.
Shapes are those of `spiritlevel.core.problem`: ``x`` is ``(R, n, p)``, ``y`` is ``(R, n, q)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

from spiritlevel.core.constants import Real
from spiritlevel.core.numbers import Array, Field


@dataclass(frozen=True, kw_only=True)
class LowerConstants:
    """The lower level's share of `Constants`; same names and meanings."""

    mu_g: Real
    L_g: Real
    C_gxy: Real
    L_gxy: Real
    L_gyy: Real


@dataclass(frozen=True, kw_only=True)
class UpperConstants:
    """The upper level's share of `Constants`; same names and meanings."""

    L_fx: Real
    L_fy: Real
    C_fy: Real


class Lower(Protocol):
    """Strongly convex lower levels with a known argmin."""

    @property
    def n(self) -> int: ...
    @property
    def p(self) -> int: ...
    @property
    def q(self) -> int: ...
    @property
    def fields(self) -> frozenset[Field]: ...
    @property
    def constants(self) -> LowerConstants: ...
    @property
    def lacks(self) -> tuple[str, ...]: ...

    def over(self, field: Field) -> Self: ...
    def g(self, x: Array, y: Array) -> Array: ...
    def grad_y(self, x: Array, y: Array) -> Array: ...
    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array: ...
    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array: ...
    def solve_yy(self, x: Array, y: Array, v: Array) -> Array: ...
    def hess_yy(self, x: Array, y: Array) -> Array: ...
    def hess_xy(self, x: Array, y: Array) -> Array: ...

    def argmin(self, x: Array) -> Array:
        """Each agent's own minimiser at ``x_i``, shape ``(R, n, q)``."""

    def shared_argmin(self, x: Array) -> Array:
        """The minimiser of the mean of all g_i at each ``x_i``, shape ``(R, n, q)``; InputError if not known."""


class Upper(Protocol):
    """Upper levels with known constants."""

    @property
    def n(self) -> int: ...
    @property
    def p(self) -> int: ...
    @property
    def q(self) -> int: ...
    @property
    def fields(self) -> frozenset[Field]: ...
    @property
    def constants(self) -> UpperConstants: ...
    @property
    def lacks(self) -> tuple[str, ...]: ...

    def over(self, field: Field) -> Self: ...
    def f(self, x: Array, y: Array) -> Array: ...
    def grad_x(self, x: Array, y: Array) -> Array: ...
    def grad_y(self, x: Array, y: Array) -> Array: ...
