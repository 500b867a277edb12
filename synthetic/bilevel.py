r"""A bilevel problem with a known answer: any lower level joined to any upper level of equal sizes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, field_of, inverse
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.data import moved, row
from spiritlevel.synthetic.levels import Lower, Upper
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.matrices import positive_semidefinite, solve
from spiritlevel.synthetic.upper import LinearUpper, QuadraticUpper


@dataclass(frozen=True, eq=False)
class Bilevel:
    r"""Implements `spiritlevel.core.problem.SolvedProblem`; the methods are explained there.

    The number system is the lower level's; the upper level, ``stationary``, ``x0`` and ``y0`` follow it.

    Parameters
    ----------
    lower, upper
        The two levels.
    name
        A short name for reports.
    shared
        False: agent i has its own :math:`y_i^*(x) = \arg\min g_i(x, \cdot)`. True: all agents have the
        one :math:`y^*(x) = \arg\min \frac1n \sum_i g_i(x, \cdot)`.
    stationary
        A stationary point, shape ``(p,)``, if the family knows one. If both levels are at most
        quadratic it is not needed: the hypergradient is then affine and `solution` solves for it.
    lowest
        The infimum of the objective, if the family knows it.
    x0, y0
        Default start: one row for all agents, or one row each. Zeros if None.

    Raises
    ------
    InputError
        If the levels' sizes differ, or a vector has the wrong shape.

    Examples
    --------
    Minimise ``mean_i (y_i*(x) - 1)^2 / 2`` with ``y_1*(x) = x`` and ``y_2*(x) = 3 x``.

    >>> lower = QuadraticLower(H=[[[1.0]]] * 2, B=[[[1.0]], [[3.0]]], c=[[0.0]] * 2)
    >>> upper = QuadraticUpper(2, 1, 1, Q=[[[1.0]]] * 2, e=[[-1.0]] * 2, k=[0.5, 0.5])
    >>> problem = Bilevel(lower, upper, "two agents").over("fraction")
    >>> problem.solution(), problem.infimum()
    (array([Fraction(2, 5)], dtype=object), 0.1)
    """

    lower: Lower
    upper: Upper
    name: str
    shared: bool = False
    stationary: Array | None = None
    lowest: float | None = None
    x0: Array | None = None
    y0: Array | None = None

    def __post_init__(self) -> None:
        for size in ("n", "p", "q"):
            below, above = getattr(self.lower, size), getattr(self.upper, size)
            if below != above:
                raise InputError(
                    f"the lower level has {size} = {below} and the upper {above}; give equal sizes"
                )
        object.__setattr__(self, "upper", self.upper.over(self.field))
        rows: tuple[tuple[str, int, int | None], ...]
        rows = (("stationary", self.p, None), ("x0", self.p, self.n), ("y0", self.q, self.n))
        for name, length, n in rows:
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, row(name, given, length, self.field, n))

    @property
    def n(self) -> int:
        return self.lower.n

    @property
    def p(self) -> int:
        return self.lower.p

    @property
    def q(self) -> int:
        return self.lower.q

    @cached_property
    def field(self) -> Field:
        """The number system that the data are in."""
        nothing = np.zeros((1, self.n, 1), dtype=int)
        return field_of(self.lower.hess_xy(nothing, nothing))

    @property
    def fields(self) -> frozenset[Field]:
        return self.lower.fields & self.upper.fields

    @cached_property
    def constants(self) -> Constants:
        return Constants(
            **dataclasses.asdict(self.lower.constants), **dataclasses.asdict(self.upper.constants)
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        lacking = [*self.lower.lacks, *self.upper.lacks]
        if self.solution() is None:
            lacking.append("no stationary point is known in closed form")
        if self.infimum() is None:
            lacking.append("the objective is unbounded below or its infimum is not known")
        return tuple(dict.fromkeys(lacking))

    def over(self, field: Field) -> Self:
        if field not in self.fields:
            known = ", ".join(sorted(self.fields))
            raise InputError(f"field is {field!r}; problem {self.name} works in {known}")
        if field == self.field:
            return self
        # The constructor moves everything else to the lower level's number system.
        return dataclasses.replace(self, lower=self.lower.over(field))

    def start(self) -> tuple[Array, Array]:
        return self._rows(self.x0, self.p), self._rows(self.y0, self.q)

    def _rows(self, given: Array | None, size: int) -> Array:
        rows = convert(np.zeros(size, dtype=int), self.field) if given is None else given
        return np.array(np.broadcast_to(rows, (self.n, size)))

    def f(self, x: Array, y: Array) -> Array:
        return self.upper.f(x, y)

    def g(self, x: Array, y: Array) -> Array:
        return self.lower.g(x, y)

    def grad_x_f(self, x: Array, y: Array) -> Array:
        return self.upper.grad_x(x, y)

    def grad_y_f(self, x: Array, y: Array) -> Array:
        return self.upper.grad_y(x, y)

    def grad_y_g(self, x: Array, y: Array) -> Array:
        return self.lower.grad_y(x, y)

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return self.lower.hvp_yy(x, y, v)

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        return self.lower.jvp_xy(x, y, v)

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return self.lower.solve_yy(x, y, v)

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        return self.lower.hess_yy(x, y)

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        return self.lower.hess_xy(x, y)

    def lower_solution(self, x: Array) -> Array:
        return self.lower.shared_argmin(x) if self.shared else self.lower.argmin(x)

    def value(self, x: Array) -> Array:
        X = self._everywhere(x)
        return self.f(X, self.lower_solution(X)).sum(axis=-1) / self.n

    def hypergradient(self, x: Array) -> Array:
        X = self._everywhere(x)
        y = self.lower_solution(X)
        direct, through_y = self.grad_x_f(X, y), self.grad_y_f(X, y)
        if not self.shared:
            indirect = self.jvp_xy_g(X, y, self.solve_yy_g(X, y, through_y))
            return (direct - indirect).sum(axis=1) / self.n
        direct, through_y, H, G = (
            z.sum(axis=1) / self.n for z in (direct, through_y, self.hess_yy_g(X, y), self.hess_xy_g(X, y))
        )
        return direct - (G @ (inverse(H) @ through_y[..., None]))[..., 0]

    def _everywhere(self, x: Array) -> Array:
        return np.repeat(x[:, None, :], self.n, axis=1)

    @cached_property
    def _affine(self) -> tuple[Array, Array] | None:
        """Matrix M and vector v with ``hypergradient(x) = M x + v``, if both levels are at most quadratic."""
        if not isinstance(self.lower, QuadraticLower) or self.lower.B.ndim != 3:
            return None
        if not isinstance(self.upper, QuadraticUpper | LinearUpper):
            return None
        origin_and_basis = np.eye(self.p + 1, self.p, k=-1, dtype=int)
        probed = self.hypergradient(convert(origin_and_basis, self.field))
        return (probed[1:] - probed[0]).T, probed[0]

    @cached_property
    def _solution(self) -> Array | None:
        if self.stationary is not None or self._affine is None:
            return self.stationary
        matrix, vector = self._affine
        return solve(matrix, -vector)

    def solution(self) -> Array | None:
        return self._solution

    def infimum(self) -> float | None:
        """As in `SolvedProblem`; decided as `positive_semidefinite` and `solve` say."""
        if self.lowest is not None or self._affine is None:
            return self.lowest
        lowest_at = self.solution()
        if lowest_at is None or not positive_semidefinite(self._affine[0]):
            return None
        try:
            return float(moved(self.value(lowest_at[None]), "float")[0])
        except InputError:  # free symbols have no number
            return None


if TYPE_CHECKING:

    def _is_solved(problem: Bilevel) -> SolvedProblem:
        return problem
