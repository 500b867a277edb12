r"""Upper levels with bounded, Lipschitz gradients that work in exact rationals.

What each method gives is said in `spiritlevel.synthetic.levels.Upper`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, field_of
from spiritlevel.synthetic.data import moved, shaped, together
from spiritlevel.synthetic.levels import UpperConstants
from spiritlevel.synthetic.matrices import floats


def cut(s: Array) -> Array:
    """``s`` cut off at -1 and 1: the slope of Huber's function ``s^2/2``, from 1 on ``|s| - 1/2``.

    Examples
    --------
    >>> cut(np.array([-3.0, 0.5]))
    array([-1. ,  0.5])
    """
    one = s * 0 + 1  # in the number system of s
    return np.asarray(np.minimum(np.maximum(s, -one), one))


@dataclass(frozen=True, eq=False)
class CutUpper:
    r"""Upper levels that are sums of Huber's function of affine forms,

    .. math:: f_i(x, y) = \sum_j w_{ij}\, h(u_{ij}^\top x + v_{ij}^\top y - t_{ij}), \qquad
              h(s) = \begin{cases} s^2/2 & |s| \le 1 \\ |s| - 1/2 & |s| > 1. \end{cases}

    :math:`h'` is s cut off at -1 and 1, so that all derivatives are rational at rational points. Constants are upper
    bounds, sums of norms over j in float64: not the least possible where several forms overlap.

    Parameters
    ----------
    w, t
        Weights (of either sign) and offsets, shape ``(n, J)``.
    u, v
        Directions, ``(n, J, p)`` and ``(n, J, q)``.

    Raises
    ------
    InputError
        If a shape is wrong or an entry is not finite, or when asked for complex numbers, which have no order.

    Examples
    --------
    >>> upper = CutUpper(w=[[1.0]], u=[[[1.0]]], v=[[[2.0]]], t=[[0.0]])
    >>> one = np.ones((1, 1, 1))
    >>> upper.grad_y(0 * one, one / 4), upper.grad_y(one, one), upper.f(one, one)
    (array([[[1.]]]), array([[[2.]]]), array([[2.5]]))
    """

    w: Array
    u: Array
    v: Array
    t: Array

    def __post_init__(self) -> None:
        data = together({"w": self.w, "u": self.u, "v": self.v, "t": self.t})
        shaped(data, {"w": "nj", "u": "njp", "v": "njq", "t": "nj"}, {})
        for name, array in data.items():
            object.__setattr__(self, name, array)

    @property
    def n(self) -> int:
        return self.u.shape[0]

    @property
    def p(self) -> int:
        return self.u.shape[2]

    @property
    def q(self) -> int:
        return self.v.shape[2]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float", "fraction", "fmpq", "symbol"})

    @cached_property
    def constants(self) -> UpperConstants:
        w, u, v = (abs(floats(z)) for z in (self.w, self.u, self.v))
        across, down = np.linalg.norm(u, axis=-1), np.linalg.norm(v, axis=-1)
        both = np.hypot(across, down)
        L_fx, L_fy, C_fy = (float((w * z).sum(axis=1).max()) for z in (across * both, down * both, down))
        return UpperConstants(L_fx=L_fx, L_fy=L_fy, C_fy=C_fy)

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        if field not in self.fields:
            raise InputError(f"field is {field!r}; this upper level compares numbers, choose another one")
        if field == field_of(self.w):
            return self
        return dataclasses.replace(self, **{name: moved(getattr(self, name), field) for name in "wuvt"})

    def _forms(self, x: Array, y: Array) -> Array:
        return (self.u * x[..., None, :]).sum(axis=-1) + (self.v * y[..., None, :]).sum(axis=-1) - self.t

    def f(self, x: Array, y: Array) -> Array:
        s = self._forms(x, y)
        c = cut(s)
        return (self.w * (c * s - c * c / 2)).sum(axis=-1)

    def grad_x(self, x: Array, y: Array) -> Array:
        return ((self.w * cut(self._forms(x, y)))[..., None] * self.u).sum(axis=-2)

    def grad_y(self, x: Array, y: Array) -> Array:
        return ((self.w * cut(self._forms(x, y)))[..., None] * self.v).sum(axis=-2)
