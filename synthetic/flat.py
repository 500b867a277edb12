r"""Upper levels with a flat tail, on which gradient methods are genuinely sublinear.

What each method gives is said in `spiritlevel.synthetic.levels.Upper`.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, field_of, parse_number
from spiritlevel.synthetic.data import moved, positive, shaped, sums_to_zero, together
from spiritlevel.synthetic.draws import whole
from spiritlevel.synthetic.levels import UpperConstants
from spiritlevel.synthetic.matrices import floats


def steepest(power: Real) -> float:
    r"""The largest slope of :math:`(1+w^2)^{-P/2}`, at :math:`w = 1/\sqrt{P+1}`.

    .. math:: \frac{P}{\sqrt{P+1}} \Big(\frac{P+1}{P+2}\Big)^{(P+2)/2}

    Examples
    --------
    >>> round(steepest(2), 6)  # 2 / sqrt(3) * (3/4)^2
    0.649519
    """
    P = float(power)
    return P / math.sqrt(P + 1) * ((P + 1) / (P + 2)) ** (P / 2 + 1)


@dataclass(frozen=True, eq=False)
class FlatUpper:
    r"""Upper levels that fall to 0 like a power, far out, and have no minimiser.

    .. math:: f_i(x, y) = s \Big[w_x \sum_k \varphi(x_k) + b_i^\top x + w_y \sum_k \varphi(y_k)\Big],
              \qquad \varphi(w) = (1 + w^2)^{-P/2}, \quad \sum_i b_i = 0

    :math:`\varphi''` lies in :math:`[-P, 2P (\frac{P+1}{P+4})^{(P+4)/2}]`, so its size is at most P, the
    value at 0; the largest slope is `steepest`. Hence, all exact (``C_fy`` in float64):
    ``L_fx = s w_x P``, ``L_fy = s w_y P``, ``C_fy = s w_y sqrt(q) steepest(P)``.

    Gradient flow on :math:`\varphi` moves like :math:`t^{1/(P+2)}`, so that
    :math:`|\varphi'|^2` decays like :math:`t^{-2(P+1)/(P+2)}`: an exponent between -1 and -2.

    Parameters
    ----------
    power
        The exponent P, positive.
    b
        The b_i, shape ``(n, p)``.
    q
        Number of lower variables.
    scale
        The factor s, positive.
    x_weight, y_weight
        The weights w_x and w_y, not negative and not both zero.

    Raises
    ------
    InputError
        If a shape is wrong, an entry is not finite, the b_i do not sum to zero (in floats: up to
        rounding), or a number is out of range; when asked for an exact number system.

    Examples
    --------
    >>> upper = FlatUpper(2, b=[[0.0]], q=1)
    >>> upper.f(np.full((1, 1, 1), 1.0), np.full((1, 1, 1), 3.0))  # 1/2 + 1/10
    array([[0.6]])
    """

    power: Real
    b: Array
    q: int
    scale: Real = 1
    x_weight: Real = 1
    y_weight: Real = 1

    def __post_init__(self) -> None:
        for name in ("power", "scale"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        for name in ("x_weight", "y_weight"):
            weight = parse_number(getattr(self, name), name)
            if weight < 0:
                raise InputError(f"{name} is {weight}; give a number >= 0")
            object.__setattr__(self, name, weight)
        if self.x_weight == self.y_weight == 0:
            raise InputError("x_weight and y_weight are both 0; give at least one of them > 0")
        whole("q", self.q, 1)
        data = together({"b": self.b})
        shaped(data, {"b": "np"}, {})
        sums_to_zero("b", data["b"])
        object.__setattr__(self, "b", data["b"] if np.iscomplexobj(data["b"]) else floats(data["b"]))

    @property
    def n(self) -> int:
        return self.b.shape[0]

    @property
    def p(self) -> int:
        return self.b.shape[1]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float", "complex"})

    @property
    def constants(self) -> UpperConstants:
        bound: Real = Fraction(0)
        if self.y_weight > 0:
            bound = float(self.scale * self.y_weight) * math.sqrt(self.q) * steepest(self.power)
        return UpperConstants(
            L_fx=self.scale * self.x_weight * self.power,
            L_fy=self.scale * self.y_weight * self.power,
            C_fy=bound,
        )

    @property
    def lacks(self) -> tuple[str, ...]:
        return ()

    def over(self, field: Field) -> Self:
        if field not in self.fields:
            raise InputError(f"field is {field!r}; this upper level has powers, choose float or complex")
        if field == field_of(self.b):
            return self
        return dataclasses.replace(self, b=moved(self.b, field))

    def tail(self, w: Array) -> Array:
        r""":math:`\varphi`, entry by entry."""
        return np.asarray((1 + w * w) ** (-float(self.power) / 2))

    def _slope(self, w: Array) -> Array:
        P = float(self.power)
        return np.asarray(-P * w * (1 + w * w) ** (-P / 2 - 1))

    def f(self, x: Array, y: Array) -> Array:
        in_x = (float(self.x_weight) * self.tail(x) + self.b * x).sum(axis=-1)
        return float(self.scale) * (in_x + float(self.y_weight) * self.tail(y).sum(axis=-1))

    def grad_x(self, x: Array, y: Array) -> Array:
        return float(self.scale) * (float(self.x_weight) * self._slope(x) + self.b)

    def grad_y(self, x: Array, y: Array) -> Array:
        return float(self.scale) * float(self.y_weight) * self._slope(y)
