r"""Upper levels: quadratic and linear; `spiritlevel.synthetic.bounded` has those with bounded gradient.

What each method gives is said in `spiritlevel.synthetic.levels.Upper`.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import InitVar, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np

from spiritlevel.core.arrays import agentwise, transposed
from spiritlevel.core.constants import Real
from spiritlevel.core.numbers import FIELDS, Array, Field, field_of
from spiritlevel.synthetic.data import moved, shaped, sums_to_zero, symmetric, together, without_zeros
from spiritlevel.synthetic.levels import UpperConstants
from spiritlevel.synthetic.matrices import spectral_norm

BLOCKS = {"A": "npp", "a": "np", "E": "npq", "Q": "nqq", "e": "nq", "k": "n"}


@dataclass(frozen=True, eq=False)
class QuadraticUpper:
    r"""Quadratic upper levels.

    .. math:: f_i(x, y) = \tfrac12 x^\top A_i x + a_i^\top x + x^\top E_i y
              + \tfrac12 y^\top Q_i y + e_i^\top y + k_i

    Constants: ``L_fx`` is the largest norm of ``[A_i E_i]``, ``L_fy`` of ``[E_i' Q_i]``; ``C_fy`` is the
    largest norm of e_i if E and Q vanish and ``math.inf`` otherwise. Exactness as in `QuadraticLower`.

    Parameters
    ----------
    n, p, q
        Numbers of agents, upper and lower variables.
    A, a, E, Q, e, k
        Shapes ``(n, p, p)``, ``(n, p)``, ``(n, p, q)``, ``(n, q, q)``, ``(n, q)``, ``(n,)``; None, or an
        array of zeros, leaves a block out at no cost.
    trusted
        Skip validation and accept a leading replicas axis: for terms of an already checked sum.

    Raises
    ------
    InputError
        If a shape is wrong, an entry is not finite, or some A_i or Q_i is not symmetric.

    Examples
    --------
    >>> upper = QuadraticUpper(1, 1, 1, A=[[[2.0]]], e=[[3.0]])
    >>> one = np.ones((1, 1, 1))
    >>> upper.grad_x(one, one), upper.grad_y(one, one), upper.constants.C_fy
    (array([[[2.]]]), array([[[3.]]]), 3.0)
    """

    n: int
    p: int
    q: int
    A: Array | None = None
    a: Array | None = None
    E: Array | None = None
    Q: Array | None = None
    e: Array | None = None
    k: Array | None = None
    trusted: InitVar[bool] = False

    def __post_init__(self, trusted: bool) -> None:
        if trusted:
            return
        data = together({name: getattr(self, name) for name in BLOCKS})
        shaped(data, BLOCKS, {"n": self.n, "p": self.p, "q": self.q})
        for name in BLOCKS:
            block = without_zeros(data.get(name))
            if block is not None and name in ("A", "Q"):
                block = symmetric(name, block)
            object.__setattr__(self, name, block)

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset(FIELDS)

    @cached_property
    def constants(self) -> UpperConstants:
        free = self.E is None and self.Q is None
        Et = None if self.E is None else self.E.swapaxes(-1, -2)
        return UpperConstants(
            L_fx=_joint_norm(self.A, self.E),
            L_fy=_joint_norm(Et, self.Q),
            C_fy=_joint_norm(None if self.e is None else self.e[..., None]) if free else math.inf,
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        blocks = {name: block for name in BLOCKS if (block := getattr(self, name)) is not None}
        if all(field_of(block) == field for block in blocks.values()):
            return self
        changed: dict[str, Any] = {name: moved(block, field) for name, block in blocks.items()}
        return dataclasses.replace(self, **changed, trusted=True)

    @cached_property
    def _Et(self) -> Array | None:
        return None if self.E is None else transposed(self.E)

    def f(self, x: Array, y: Array) -> Array:
        along_x = (x * _total(x, self.A, 2, y, self._Et, self.a)).sum(axis=-1)
        along_y = (y * _total(y, self.Q, 2, x, None, self.e)).sum(axis=-1)
        return along_x + along_y if self.k is None else along_x + along_y + self.k

    def grad_x(self, x: Array, y: Array) -> Array:
        return _total(x, self.A, 1, y, self._Et, self.a)

    def grad_y(self, x: Array, y: Array) -> Array:
        return _total(y, self.Q, 1, x, self.E, self.e)


def _total(
    z: Array, own: Array | None, over: int, w: Array, cross: Array | None, shift: Array | None
) -> Array:
    """``own z / over + cross' w + shift`` without the blocks that are None (``own`` is symmetric)."""
    total = None
    if own is not None:
        total = agentwise(z, own) if over == 1 else agentwise(z, own) / over
    if cross is not None:
        total = agentwise(w, cross) if total is None else total + agentwise(w, cross)
    if total is None:
        total = z * 0
    return total if shift is None else total + shift


def _joint_norm(*blocks: Array | None) -> Real:
    """The largest norm of the given blocks side by side; absent blocks are zero."""
    present = [block for block in blocks if block is not None]
    if not present:
        return Fraction(0)
    joint = np.concatenate(present, axis=-1)
    return spectral_norm(joint.reshape(-1, *joint.shape[-2:]))


@dataclass(frozen=True, eq=False)
class LinearUpper:
    r"""Linear upper levels :math:`f_i(x, y) = b_i^\top x`; all constants are 0.

    Parameters
    ----------
    b
        Shape ``(n, p)``.
    q
        Number of lower variables, which do not matter.
    balanced
        Require :math:`\sum_i b_i = 0` (in floats: up to rounding), which makes the objective zero
        everywhere. Without it the objective may be unbounded below.
    trusted
        Skip validation: the data were checked before.

    Raises
    ------
    InputError
        If the shape is wrong, an entry is not finite, or the b_i do not sum to zero although required.

    Examples
    --------
    >>> upper = LinearUpper(b=[[1.0], [-1.0]], q=1)
    >>> upper.grad_x(np.zeros((1, 2, 1)), np.zeros((1, 2, 1)))
    array([[[ 1.],
            [-1.]]])
    """

    b: Array
    q: int
    balanced: bool = True
    trusted: InitVar[bool] = False

    def __post_init__(self, trusted: bool) -> None:
        if trusted:
            return
        data = together({"b": self.b})
        shaped(data, {"b": "np"}, {})
        if self.balanced:
            sums_to_zero("b", data["b"])
        object.__setattr__(self, "b", data["b"])

    @property
    def n(self) -> int:
        return self.b.shape[0]

    @property
    def p(self) -> int:
        return self.b.shape[1]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset(FIELDS)

    @property
    def constants(self) -> UpperConstants:
        return UpperConstants(L_fx=0, L_fy=0, C_fy=0)

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        if field == field_of(self.b):
            return self
        return dataclasses.replace(self, b=moved(self.b, field), trusted=True)

    def f(self, x: Array, y: Array) -> Array:
        return (self.b * x).sum(axis=-1)

    def grad_x(self, x: Array, y: Array) -> Array:
        return x * 0 + self.b

    def grad_y(self, x: Array, y: Array) -> Array:
        return y * 0
