r"""Upper levels whose gradient in y is bounded, so that every assumption of the papers can hold.

What each method gives is said in `spiritlevel.synthetic.levels.Upper`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import Array, Field, field_of
from spiritlevel.synthetic.data import moved, positive, shaped, sums_to_zero, together
from spiritlevel.synthetic.levels import UpperConstants
from spiritlevel.synthetic.matrices import floats

Kind = Literal["huber", "cos"]


def _huber(w: Array) -> Array:
    return np.asarray(w * w / (np.sqrt(1 + w * w) + 1))  # = sqrt(1 + w^2) - 1, without cancellation


def _huber_slope(w: Array) -> Array:
    return np.asarray(w / np.sqrt(1 + w * w))


def _cos(w: Array) -> Array:
    half = np.sin(w / 2)
    return np.asarray(2 * half * half)  # = 1 - cos w, without cancellation


def _cos_slope(w: Array) -> Array:
    return np.asarray(np.sin(w))


KINDS: dict[Kind, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "huber": (_huber, _huber_slope),
    "cos": (_cos, _cos_slope),
}


@dataclass(frozen=True, eq=False)
class BoundedUpper:
    r"""Upper levels with a bounded gradient in y.

    .. math:: f_i(x, y) = s \Big[\sum_k \varphi(x_k - x^o_k) + b_i^\top x + \sum_k \varphi(y_k - t_{ik})\Big],
              \qquad \sum_i b_i = 0

    with :math:`\varphi(w) = \sqrt{1+w^2} - 1` ("huber") or :math:`1 - \cos w` ("cos", nonconvex). Both
    have second derivative at most 1 in size, with value 1 at 0, and first derivative at most 1. Hence,
    all exact: ``L_fx = L_fy = s`` and ``C_fy = s * sqrt(q)``.

    Parameters
    ----------
    scale
        The factor s, positive.
    kind
        ``"huber"`` or ``"cos"``.
    x_target, b, y_target
        The :math:`x^o`, shape ``(p,)``; the b_i, ``(n, p)``; the t_i, ``(n, q)``.

    Raises
    ------
    InputError
        If a shape is wrong, an entry is not finite, the b_i do not sum to zero (in floats: up to
        rounding), ``scale`` is not positive or ``kind`` unknown; when asked for an exact number system.

    Examples
    --------
    >>> upper = BoundedUpper(2, "huber", x_target=[0.0], b=[[1.0], [-1.0]], y_target=[[0.0], [0.0]])
    >>> upper.f(np.zeros((1, 2, 1)), np.full((1, 2, 1), 0.75))
    array([[0.5, 0.5]])
    """

    scale: Real
    kind: Kind
    x_target: Array
    b: Array
    y_target: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive("scale", self.scale))
        if self.kind not in KINDS:
            raise unknown("kind", str(self.kind), KINDS)
        data = together({"b": self.b, "x_target": self.x_target, "y_target": self.y_target})
        shaped(data, {"b": "np", "x_target": "p", "y_target": "nq"}, {})
        sums_to_zero("b", data["b"])
        for name, array in data.items():
            object.__setattr__(self, name, array if np.iscomplexobj(array) else floats(array))

    @property
    def n(self) -> int:
        return self.b.shape[0]

    @property
    def p(self) -> int:
        return self.b.shape[1]

    @property
    def q(self) -> int:
        return self.y_target.shape[1]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float", "complex"})

    @property
    def constants(self) -> UpperConstants:
        root = math.isqrt(self.q)
        length: Real = Fraction(root) if root**2 == self.q else math.sqrt(self.q)
        return UpperConstants(L_fx=self.scale, L_fy=self.scale, C_fy=self.scale * length)

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        if field not in self.fields:
            raise InputError(
                f"field is {field!r}; this upper level has roots or cosines, choose float or complex"
            )
        if field == field_of(self.b):
            return self
        x_target, b, y_target = (moved(a, field) for a in (self.x_target, self.b, self.y_target))
        return dataclasses.replace(self, x_target=x_target, b=b, y_target=y_target)

    def f(self, x: Array, y: Array) -> Array:
        phi = KINDS[self.kind][0]
        in_x = (phi(x - self.x_target) + self.b * x).sum(axis=-1)
        return float(self.scale) * (in_x + phi(y - self.y_target).sum(axis=-1))

    def grad_x(self, x: Array, y: Array) -> Array:
        return float(self.scale) * (KINDS[self.kind][1](x - self.x_target) + self.b)

    def grad_y(self, x: Array, y: Array) -> Array:
        return float(self.scale) * KINDS[self.kind][1](y - self.y_target)
