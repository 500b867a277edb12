r"""Scalar problems with one curvature for all agents, and what (10) measures on them.

.. math:: f_i = \tfrac l2 (x - p_i)^2 + \tfrac\kappa2 (y - d_i)^2, \qquad g_i = \tfrac h2 y^2 - b x y - c_i y.

The agents differ in ``p_i = c_i``, which have the coefficient 1 on every eigenvector of the Laplacian but the constant one;
``d_i = 1``. The start is 1 above the solution in both levels. Where l = kappa = b = 0 the upper level is idle, and all of
A1 to A5 hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.slam.moments.modes import Modes, eigenvectors
from spiritlevel.theory.slam.moments.rules import C_STEP

FAMILY = "On scalar quadratics, all agents with the same curvatures,"
"""What statements of this room are about; without it they are false (`spiritlevel.theory.slam.gradients.theorem1`)."""
MEASURES = ("ul-stationarity", "ul-consensus", "ll-optimality", "ll-consensus", "own")
r""":math:`|\nabla F(\bar x)|^2`, :math:`\|Ax\|^2`, :math:`\|y - y^*(x)\|^2`, :math:`\|Ay\|^2` as in (10), summed over agents;
and the agents' mean of :math:`|\nabla f_i(x_i, y^*(x))|^2` by (23), for Corollary 1."""
UL, AX, LL, AY, OWN = range(5)


@dataclass(frozen=True)
class Curvatures:
    """The numbers l, kappa, h, b."""

    l: float = 1.0
    kap: float = 1.0
    h: float = 1.0
    b: float = 0.5

    @property
    def slope(self) -> float:
        """F''."""
        return self.l + self.kap * (self.b / self.h) ** 2

    @property
    def pull(self) -> float:
        """-F'(0)."""
        return self.kap * self.b / self.h

    @property
    def solution(self) -> tuple[float, float]:
        """The stationary x and its y*; 0 where the upper level is idle."""
        x = self.pull / self.slope if self.slope else 0.0
        return x, self.b / self.h * x


CURVED = Curvatures()
IDLE = Curvatures(l=0.0, kap=0.0, b=0.0)


@cache
def graph(shape: str, n: int) -> Network:
    """Such as ``ring``, ``complete``."""
    return named(f"{shape}:{n}")


@cache
def spectrum(shape: str, n: int) -> Array:
    """Eigenvalues of the Laplacian, ascending from 0."""
    return eigenvectors(graph(shape, n))[0]


@cache
def problem(shape: str, n: int, curvatures: Curvatures = CURVED, shared: bool = True) -> Bilevel:
    """The problem on a graph."""
    waves = eigenvectors(graph(shape, n))[1][:, 1:].sum(axis=1)
    c = curvatures

    def everywhere(value: float) -> Array:
        return np.full((n, 1, 1), value)

    return quadratic(
        H=everywhere(c.h),
        B=everywhere(c.b),
        c=waves[:, None],
        A=everywhere(c.l),
        a=-c.l * waves[:, None],
        Q=everywhere(c.kap),
        e=np.full((n, 1), -c.kap),
        shared=shared,
        x0=[1 + c.solution[0]],
        y0=[1 + c.solution[1]],
    )


def measures(modes: Modes, c: Curvatures, shared: bool) -> Array:
    """The rows of `averages` for `MEASURES`, shape ``(5, n, F + 1)``."""
    n, X, Y = len(modes.eigenvalues), modes.fields.index("x"), modes.fields.index("y")
    rows = np.zeros((5, n, len(modes.fields) + 1))
    root = np.sqrt(modes.eigenvalues)
    rows[UL, 0, X], rows[UL, 0, -1] = c.slope / math.sqrt(n), -c.pull
    rows[AX, :, X], rows[AY, :, Y] = root, root
    rows[LL, :, Y] = 1
    # the shared y* moves with the mean of x only; agents' own ones with x_i and c_i
    rows[LL, 0 if shared else slice(None), X] = -c.b / c.h
    if not shared:
        rows[LL, 1:, -1] = -1 / c.h
    rows[OWN, 0] = rows[UL, 0]
    rows[OWN, 1:, X], rows[OWN, 1:, -1] = c.l / math.sqrt(n), -c.l / math.sqrt(n)
    return rows


@dataclass(frozen=True)
class Limits:
    r"""Limits of :math:`\sqrt{nT}` times stationarity, and of :math:`\sqrt{T/n}` times the lower level's error on the constant mode."""

    ul_mean: float
    ul_noise: float
    ll_mean: float
    ll_noise: float


def limits(c: Curvatures) -> Limits:
    r"""By Lyapunov equations: the means of x and y follow :math:`\dot z = -Gz/\alpha` as steps vanish, under `theorem1`."""
    G = np.array([[c.l, c.pull], [-c.b, c.h]])
    ul, ll = np.array([c.slope, 0.0]), np.array([-c.b / c.h, 1.0])
    noise, mean = (solve_continuous_lyapunov(G, S) for S in (np.eye(2), np.ones((2, 2))))
    return Limits(
        ul_mean=C_STEP * ul @ mean @ ul,
        ul_noise=ul @ noise @ ul / C_STEP,
        ll_mean=C_STEP * ll @ mean @ ll,
        ll_noise=ll @ noise @ ll / C_STEP,
    )
