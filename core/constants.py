"""The constants that assumptions speak of; what a theorem may know of a problem."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from spiritlevel.core.errors import InputError, unknown

Real = float | Fraction


def times(a: Real, b: Real) -> Real:
    """The product, with ``0 * inf = 0``: a constant that multiplies zero may be infinite.

    Examples
    --------
    >>> times(float("inf"), 0)
    0
    """
    return 0 if a == 0 or b == 0 else a * b


@dataclass(frozen=True, kw_only=True)
class Constants:
    r"""Upper bounds (``mu``: a lower bound) that hold on all of a problem's domain.

    Norms of matrices are spectral. An entry is ``math.inf`` where no finite bound exists; it is
    exact (the least possible) unless the family that made it says otherwise.

    Parameters
    ----------
    mu_g
        Strong convexity of every :math:`g_i(x, \cdot)`; positive.
    L_g
        Lipschitz constant of :math:`\nabla g_i` jointly in :math:`(x, y)`; at least ``mu_g``.
    C_gxy
        Bound on :math:`\|\nabla^2_{xy} g_i\|`.
    L_gxy, L_gyy
        Lipschitz constants of :math:`\nabla^2_{xy} g_i` and :math:`\nabla^2_{yy} g_i`, jointly.
    L_fx, L_fy
        Lipschitz constants of :math:`\nabla_x f_i` and :math:`\nabla_y f_i`, jointly in :math:`(x, y)`.
    C_fy
        Bound on :math:`\|\nabla_y f_i\|`.

    Raises
    ------
    InputError
        If a value is not a number, is negative, ``mu_g`` is not positive, or ``L_g < mu_g``.

    Examples
    --------
    >>> Constants(mu_g=1, L_g=4, C_gxy=2).kappa
    Fraction(4, 1)
    """

    mu_g: Real
    L_g: Real
    C_gxy: Real = 0
    L_gxy: Real = 0
    L_gyy: Real = 0
    L_fx: Real = 0
    L_fy: Real = 0
    C_fy: Real = 0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float) and math.isnan(value):
                raise InputError(f"{field.name} is nan; give a number >= 0")
            if value < 0:
                raise InputError(f"{field.name} is {value}; give a number >= 0")
            if isinstance(value, int):
                object.__setattr__(self, field.name, Fraction(value))
        if self.mu_g <= 0:
            raise InputError(f"mu_g is {self.mu_g}; the lower level must be strongly convex, mu_g > 0")
        if self.L_g < self.mu_g:
            raise InputError(f"L_g is {self.L_g}, less than mu_g = {self.mu_g}; give L_g >= mu_g")

    @property
    def kappa(self) -> Real:
        """Condition number of the lower level, ``L_g / mu_g``."""
        return self.L_g / self.mu_g

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Constants:
        """Build from names, with ``mu`` and ``L`` for ``mu_g`` and ``L_g``; unknown names are refused."""
        aliases = {"mu": "mu_g", "L": "L_g"}
        known = {field.name for field in dataclasses.fields(cls)}
        named: dict[str, Any] = {}
        for name, value in values.items():
            target = aliases.get(name, name)
            if target not in known:
                raise unknown("constant", name, known | set(aliases))
            if target in named:
                raise InputError(
                    f"{target} is given twice (as {name!r} and under another name); give it once"
                )
            named[target] = value
        for required in ("mu_g", "L_g"):
            if required not in named:
                raise InputError(f"{required} is missing; give it as {required[:-2]}=VALUE")
        return cls(**named)
