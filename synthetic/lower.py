r"""Lower levels with a known argmin: quadratic, and a curved one with closed form.

What each method gives is said in `spiritlevel.synthetic.levels.Lower`.
"""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass
from functools import cached_property
from typing import Self

import numpy as np

from spiritlevel.core.arrays import agentwise, transposed
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import FIELDS, Array, Field, field_of, inverse
from spiritlevel.synthetic.data import definite, moved, shaped, symmetric, together
from spiritlevel.synthetic.levels import LowerConstants
from spiritlevel.synthetic.matrices import floats, positive_definite, smallest_eigenvalue, spectral_norm


@dataclass(frozen=True, eq=False)
class QuadraticLower:
    r"""Quadratic lower levels with linear coupling.

    .. math:: g_i(x, y) = \tfrac12 y^\top H_i y - y^\top (B_i x + c_i), \qquad y_i^*(x) = H_i^{-1}(B_i x + c_i)

    Constants: ``mu_g`` is the smallest eigenvalue of any H_i, ``C_gxy`` the largest norm of any B_i, and
    ``L_g`` the largest norm of ``[[0, -B_i'], [-B_i, H_i]]``. They are exact rationals where the
    matrices make that obvious (see `spectral_norm`), else eigenvalues computed in float64, not rounded
    outwards, with relative error far below 1e-12 (``mu_g``: of ``L_g``).

    Parameters
    ----------
    H, B, c
        Shapes ``(n, q, q)``, ``(n, q, p)``, ``(n, q)``, in one number system or in several (then all
        become exact). Free sympy symbols are allowed; their constants are not known.
    trusted
        Skip validation and accept a leading replicas axis: for terms of an already checked sum.

    Raises
    ------
    InputError
        If a shape is wrong, an entry is not finite, or some H_i is not symmetric positive definite.

    Examples
    --------
    >>> lower = QuadraticLower(H=[[[2.0]]], B=[[[1.0]]], c=[[3.0]])
    >>> lower.argmin(np.array([[[1.0]]]))
    array([[[2.]]])
    """

    H: Array
    B: Array
    c: Array
    trusted: InitVar[bool] = False

    def __post_init__(self, trusted: bool) -> None:
        if trusted:
            return
        data = together({"B": self.B, "H": self.H, "c": self.c})
        shaped(data, {"B": "nqp", "H": "nqq", "c": "nq"}, {})
        data["H"] = symmetric("H", data["H"])
        definite("H", data["H"])
        for name, array in data.items():
            object.__setattr__(self, name, array)

    @property
    def n(self) -> int:
        return self.B.shape[-3]

    @property
    def p(self) -> int:
        return self.B.shape[-1]

    @property
    def q(self) -> int:
        return self.B.shape[-2]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset(FIELDS)

    @cached_property
    def constants(self) -> LowerConstants:
        H, B = (a.reshape(-1, *a.shape[-2:]) for a in (self.H, self.B))
        zero = np.zeros((len(B), self.p, self.p), dtype=int)
        upper_rows = np.concatenate([zero, -B.swapaxes(-1, -2)], axis=-1)
        joint = np.concatenate([upper_rows, np.concatenate([-B, H], axis=-1)], axis=-2)
        return LowerConstants(
            mu_g=smallest_eigenvalue(H),
            L_g=spectral_norm(joint),
            C_gxy=spectral_norm(B),
            L_gxy=0,
            L_gyy=0,
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        if field_of(self.H) == "symbol" and any(positive_definite(a) is None for a in self.H):
            return ("H holds symbols: its definiteness is assumed and its constants are unknown",)
        return ()

    def over(self, field: Field) -> Self:
        if field == field_of(self.B):
            return self
        # Rounding to floats can lose definiteness, so that case is checked again.
        known = field != "float" or self.H.ndim > 3
        H, B, c = (moved(a, field) for a in (self.H, self.B, self.c))
        return type(self)(H, B, c, trusted=known)

    @cached_property
    def _Bt(self) -> Array:
        return transposed(self.B)

    @cached_property
    def _minus_B(self) -> Array:
        return -self.B

    @cached_property
    def _inverse(self) -> Array:
        return inverse(self.H)  # its own transpose, up to rounding

    @cached_property
    def _shared(self) -> tuple[Array, Array, Array]:
        H, B = (a.sum(axis=-3) / self.n for a in (self.H, self.B))
        c = self.c.sum(axis=-2, keepdims=True) / self.n
        return inverse(H), transposed(B), c

    def g(self, x: Array, y: Array) -> Array:
        return (y * (agentwise(y, self.H) / 2 - agentwise(x, self._Bt) - self.c)).sum(axis=-1)

    def grad_y(self, x: Array, y: Array) -> Array:
        return agentwise(y, self.H) - agentwise(x, self._Bt) - self.c  # H is its own transpose

    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array:
        return agentwise(v, self.H)

    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array:
        return agentwise(v, self._minus_B)  # -B' is the block, so -B is its transpose

    def solve_yy(self, x: Array, y: Array, v: Array) -> Array:
        return agentwise(v, self._inverse)

    def hess_yy(self, x: Array, y: Array) -> Array:
        return self.H if self.H.ndim == 4 else self.H[None]

    def hess_xy(self, x: Array, y: Array) -> Array:
        block = self._minus_B.swapaxes(-1, -2)
        return block if block.ndim == 4 else block[None]

    def argmin(self, x: Array) -> Array:
        return agentwise(agentwise(x, self._Bt) + self.c, self._inverse)

    def shared_argmin(self, x: Array) -> Array:
        H_inverse, Bt, c = self._shared
        return (x @ Bt + c) @ H_inverse


@dataclass(frozen=True, eq=False)
class CurvedLower:
    r"""Lower levels that are not quadratic, with a closed-form argmin.

    With :math:`z_i = B_i x + c_i`, componentwise and summed over the q components,

    .. math:: g_i = y^2 + \tfrac12 (y\sqrt{1+y^2} + \operatorname{arsinh} y) - y z_i, \quad
              \nabla_y g_i = 2y + \sqrt{1+y^2} - z_i, \quad y_i^* = \tfrac13 (2 z_i - \sqrt{z_i^2 + 3}).

    The Hessian is diagonal with entries :math:`2 + y/\sqrt{1+y^2}` in (1, 3), whose derivative
    :math:`(1+y^2)^{-3/2}` has supremum 1. Hence, all exact: ``mu_g = 1``, ``L_gyy = 1``, ``L_gxy = 0``,
    ``C_gxy = C = max norm(B_i)`` and ``L_g = (3 + sqrt(9 + 4 C^2)) / 2``, which is the norm of
    ``[[0, -B'], [-B, 3 I]]``, approached as y grows (norms are computed in float64).

    Parameters
    ----------
    B, c
        Shapes ``(n, q, p)`` and ``(n, q)``.

    Raises
    ------
    InputError
        If a shape is wrong or an entry is not finite, or when asked for an exact number system.

    Examples
    --------
    >>> lower = CurvedLower(B=[[[1.0]]], c=[[0.0]])
    >>> lower.argmin(np.array([[[1.0]]]))
    array([[[0.]]])
    """

    B: Array
    c: Array

    def __post_init__(self) -> None:
        data = together({"B": self.B, "c": self.c})
        shaped(data, {"B": "nqp", "c": "nq"}, {})
        for name, array in data.items():
            real = array if np.iscomplexobj(array) else floats(array)
            object.__setattr__(self, name, real)

    @property
    def n(self) -> int:
        return self.B.shape[0]

    @property
    def p(self) -> int:
        return self.B.shape[2]

    @property
    def q(self) -> int:
        return self.B.shape[1]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float", "complex"})

    @cached_property
    def constants(self) -> LowerConstants:
        C = spectral_norm(self.B)
        return LowerConstants(mu_g=1, L_g=(3 + math.sqrt(9 + 4 * C**2)) / 2, C_gxy=C, L_gxy=0, L_gyy=1)

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        if field not in self.fields:
            raise InputError(
                f"field is {field!r}; this lower level has square roots, choose float or complex"
            )
        if field == field_of(self.B):
            return self
        return type(self)(moved(self.B, field), moved(self.c, field))

    @cached_property
    def _Bt(self) -> Array:
        return transposed(self.B)

    @cached_property
    def _minus_B(self) -> Array:
        return -self.B

    def g(self, x: Array, y: Array) -> Array:
        z = agentwise(x, self._Bt) + self.c
        return (y * (y - z) + (y * np.sqrt(1 + y * y) + np.arcsinh(y)) / 2).sum(axis=-1)

    def grad_y(self, x: Array, y: Array) -> Array:
        return 2 * y + np.sqrt(1 + y * y) - agentwise(x, self._Bt) - self.c

    def _curvature(self, y: Array) -> Array:
        return np.asarray(2 + y / np.sqrt(1 + y * y))

    def hvp_yy(self, x: Array, y: Array, v: Array) -> Array:
        return self._curvature(y) * v

    def jvp_xy(self, x: Array, y: Array, v: Array) -> Array:
        return agentwise(v, self._minus_B)

    def solve_yy(self, x: Array, y: Array, v: Array) -> Array:
        return v / self._curvature(y)

    def hess_yy(self, x: Array, y: Array) -> Array:
        return self._curvature(y)[..., None] * np.eye(self.q)

    def hess_xy(self, x: Array, y: Array) -> Array:
        return self._minus_B.swapaxes(-1, -2)[None]

    def argmin(self, x: Array) -> Array:
        return _curved_root(agentwise(x, self._Bt) + self.c)

    def shared_argmin(self, x: Array) -> Array:
        # The mean of the g_i is the same function with the mean of the z_i.
        return _curved_root(x @ (self._Bt.sum(axis=0) / self.n) + self.c.sum(axis=0) / self.n)


def _curved_root(z: Array) -> Array:
    return np.asarray((2 * z - np.sqrt(z * z + 3)) / 3)
