r"""Quadratic problems with an l1 term on either level: Argus's F = G + R over f = g + r."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, scalar
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.l1_solution import minimiser
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.random_problems import random_quadratic, title
from spiritlevel.synthetic.upper import LinearUpper, QuadraticUpper

NUMBERS = ("float", "fraction", "fmpq")
"""Number systems in which a problem's solution is looked for."""


def soft(v: Array, kappa: Any) -> Array:
    """The proximal map of ``kappa |.|``: every entry moved towards 0 by ``kappa``, and to 0 from within.

    Examples
    --------
    >>> soft(np.array([-3.0, 0.5, 2.0]), 1.0)
    array([-2.,  0.,  1.])
    """
    return np.asarray(v - np.clip(v, -kappa, kappa))


@dataclass(frozen=True, eq=False)
class L1Bilevel(Bilevel):
    r"""A `Bilevel` plus :math:`R(x_i) = k_R \|x_i\|_1` above and :math:`r(y_i) = k_r \|y_i\|_1` below, for every agent.

    Implements `spiritlevel.core.problem.Composite`. ``f``, ``g`` and the gradients are of the smooth parts; ``value`` and
    ``hypergradient`` are of the whole objective :math:`\frac1n \sum_i f_i(x, y^*(x)) + k_R \|x\|_1`. With ``k_r`` the lower level must be shared and its mean Hessian diagonal; then, H and z the means of
    :math:`H_i` and :math:`B_i x + c_i`, :math:`y^*(x) = \operatorname{soft}(z, k_r) / \operatorname{diag} H`.

    Parameters
    ----------
    above, below
        :math:`k_R` and :math:`k_r`, numbers >= 0.

    Raises
    ------
    InputError
        As `Bilevel`; also if a factor is negative, or the lower solution has no closed form (see above).

    Examples
    --------
    >>> from spiritlevel.synthetic.constructors import quadratic
    >>> one = np.ones((2, 1, 1))
    >>> smooth = quadratic(H=one, B=one, c=np.zeros((2, 1)), Q=one, shared=True)
    >>> problem = with_l1(smooth, below=1.0)
    >>> problem.lower_solution(np.array([[[3.0], [3.0]], [[0.5], [0.5]]]))[..., 0]
    array([[2., 2.],
           [0., 0.]])
    """

    above: Any = 0
    below: Any = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("above", "below"):
            object.__setattr__(self, name, scalar(getattr(self, name), self.field))
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} is {getattr(self, name)}; give a number >= 0")
        if self.below > 0:
            off = self.mean_hessian - np.diag(self.mean_hessian.diagonal())
            if not self.shared or (off != 0).any():
                raise InputError(
                    "with an l1 term below, y* has a closed form only for a shared lower level whose mean Hessian is diagonal"
                )

    @cached_property
    def mean_hessian(self) -> Array:
        """H, constant, shape ``(q, q)``."""
        nothing = convert(np.zeros((1, self.n, max(self.p, self.q)), dtype=int), self.field)
        H = self.hess_yy_g(nothing[..., : self.p], nothing[..., : self.q])[0]
        return np.asarray(H.sum(axis=0) / self.n)

    @property
    def lacks(self) -> tuple[str, ...]:
        return (*super().lacks, "the l1 terms are in no constant: constants are of the smooth parts")

    def over(self, field: Field) -> Self:
        if field == self.field:
            return self
        return dataclasses.replace(super().over(field))

    @cached_property
    def _affine_inner(self) -> tuple[Array, Array]:
        origin = convert(np.zeros((1, self.n, self.p), dtype=int), self.field)
        still = convert(np.zeros((1, self.n, self.q), dtype=int), self.field)
        cross = self.hess_xy_g(origin, still)[0].sum(axis=0) / self.n
        return -cross, -self.grad_y_g(origin, still)[0].sum(axis=0) / self.n

    def inner(self, x: Array) -> Array:
        """What is thresholded: the mean B times :math:`x_i` plus the mean c, shape ``(R, n, q)``."""
        B_transposed, c = self._affine_inner
        return np.asarray(x @ B_transposed + c)

    def lower_solution(self, x: Array) -> Array:
        if not self.below > 0:
            return super().lower_solution(x)
        return np.asarray(soft(self.inner(x), self.below) / self.mean_hessian.diagonal())

    def value(self, x: Array) -> Array:
        return super().value(x) + self.above * abs(x).sum(axis=-1)

    def hypergradient(self, x: Array) -> Array:
        """As in `SolvedProblem`; where an entry of x is 0, with an l1 term above, the subgradient of least norm.

        Raises
        ------
        InputError
            If an entry of y* is just being thresholded.

        Examples
        --------
        >>> problem = random_l1(0, n=3, p=1, q=1, above=1000)
        >>> problem.hypergradient(np.zeros((1, 1)))
        array([[0.]])
        """
        smooth = self._smooth(x)
        return np.asarray(np.where(x == 0, soft(smooth, self.above), smooth + self.above * np.sign(x)))

    def _smooth(self, x: Array) -> Array:
        """The hypergradient without the l1 term above."""
        if not self.below > 0:
            return super().hypergradient(x)
        X = self._everywhere(x)
        y, z = self.lower_solution(X), self.inner(X)[:, 0]
        if (abs(z) == self.below).any():
            raise InputError("y* has no derivative where it is just being thresholded; give another point")
        direct, through_y, cross = (
            a.sum(axis=1) / self.n for a in (self.grad_x_f(X, y), self.grad_y_f(X, y), self.hess_xy_g(X, y))
        )
        moving = (abs(z) > self.below) * through_y / self.mean_hessian.diagonal()
        return np.asarray(direct - (cross @ moving[..., None])[..., 0])

    @cached_property
    def _solution(self) -> Array | None:
        if self.stationary is not None or not (self.above > 0 or self.below > 0):
            return super()._solution
        if not isinstance(self.upper, QuadraticUpper | LinearUpper) or self.field not in NUMBERS:
            return None
        exact = minimiser(self.over("fraction"))
        return None if exact is None else convert(exact, self.field)

    def solution(self) -> Array | None:
        """The minimiser, exact where the data are; None beyond a few dimensions, see `minimiser`."""
        return self._solution

    def infimum(self) -> float | None:
        """The value at `solution`, where that is known."""
        at = self.solution()
        if self.lowest is not None or at is None:
            return self.lowest
        return float(convert(self.value(at[None]), "float")[0])

    def prox_x(self, v: Array, step: Any) -> Array:
        return soft(v, step * self.above)

    def prox_y(self, v: Array, step: Any) -> Array:
        return soft(v, step * self.below)

    def slope_y(self, v: Array, step: Any) -> Array:
        if not self.below > 0:
            return np.ones(v.shape, dtype=int)
        return np.asarray(abs(v) > step * self.below, dtype=int)

    def subgradient_x(self, x: Array) -> Array:
        return np.asarray(self.above * np.sign(x))

    def subgradient_y(self, y: Array) -> Array:
        return np.asarray(self.below * np.sign(y))


def with_l1(smooth: Bilevel, *, above: Any = 0, below: Any = 0) -> L1Bilevel:
    """A problem with l1 terms added; see `L1Bilevel`.

    Examples
    --------
    >>> with_l1(random_quadratic(seed=1, n=3, p=2, q=1, shared=True), above=0.1).name
    'quadratic(n=3, p=2, q=1, seed=1) + l1'
    """
    parts = {field.name: getattr(smooth, field.name) for field in dataclasses.fields(Bilevel)}
    if above or below:  # they move
        parts |= {"stationary": None, "lowest": None}
    return L1Bilevel(**{**parts, "name": f"{smooth.name} + l1"}, above=above, below=below)


def random_l1(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    above: Real = Fraction(1, 10),
    below: Real = Fraction(1, 10),
    coupling: Real = 1,
    heterogeneity: Real = 1,
    rational: bool = False,
) -> L1Bilevel:
    """A `random_quadratic` with a shared lower level, its Hessians' diagonals alone, and l1 terms on both levels.

    ``above`` and ``below`` are those of `L1Bilevel`, the rest those of `random_quadratic`.

    Examples
    --------
    >>> problem = random_l1(0, n=3, p=1, q=2, below=1000)
    >>> problem.lower_solution(np.ones((1, 3, 1)))[0, 0]
    array([0., 0.])
    """
    made = random_quadratic(
        seed, n, p, q, shared=True, coupling=coupling, heterogeneity=heterogeneity, rational=rational
    )
    lower = made.lower
    assert isinstance(lower, QuadraticLower)
    diagonal = QuadraticLower(np.where(np.eye(q, dtype=bool), lower.H, 0 * lower.H), lower.B, lower.c)
    name = title("l1", n=n, p=p, q=q, above=above, below=below, seed=seed)
    smooth = dataclasses.replace(made, lower=diagonal, stationary=None, lowest=None)
    return dataclasses.replace(with_l1(smooth, above=above, below=below), name=name)
