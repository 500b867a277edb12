r"""Spectral radius on the subspace where the iterates live, and the exact stability limit of a step size.

Gradient tracking conserves a mean, so its raw matrix has the eigenvalue 1 for every step size: that
is not instability. Everything here works on the null space of the conserved functionals ``C``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from spiritlevel.core.numbers import Array, convert
from spiritlevel.theory.instruments.affine import AffineMap


@dataclass(frozen=True)
class Quotient:
    r"""The affine map in coordinates ``w`` of the invariant subspace, ``z = z0 + basis w``.

    ``w' = M w + r`` starts at ``w = 0``; ``basis`` has orthonormal columns. ``leak`` is the largest
    entry of ``C M - C``: how well the claimed conservation holds (rounding, if it does).
    """

    M: Array
    r: Array
    basis: Array
    z0: Array
    leak: float

    @property
    def radius(self) -> float:
        """Spectral radius."""
        return float(np.abs(np.linalg.eigvals(self.M)).max()) if self.M.size else 0.0


def quotient(amap: AffineMap) -> Quotient:
    """Restrict a map to the subspace its conserved functionals leave, in floats.

    Raises
    ------
    ValueError
        If a functional that the algorithm declares conserved is not (``C M`` differs from ``C``).
    """
    M, b, C, z0 = (convert(a, "float") for a in (amap.M, amap.b, amap.C, amap.z0))
    N = scipy.linalg.null_space(C) if C.shape[0] else np.eye(M.shape[0])
    leak = float(np.abs(C @ M - C).max(initial=0.0)) + float(np.abs(C @ b).max(initial=0.0))
    if leak > 1e-9 * (1 + np.abs(M).max() + np.abs(b).max()):
        raise ValueError(f"a quantity declared conserved is not: one step changes it by {leak:.3g}")
    return Quotient(N.T @ M @ N, N.T @ (M @ z0 + b - z0), N, z0, leak)


@dataclass(frozen=True)
class Stability:
    """The first step size at which the spectral radius reaches 1.

    ``limit`` is inf if the scan found none, 0 if the smallest step scanned is unstable already;
    ``lower`` and ``upper`` bracket it.
    """

    limit: float
    lower: float
    upper: float
    evaluations: int


def stability_limit(
    radius: Callable[[float], float],
    *,
    low: float = 1e-8,
    high: float = 1e4,
    per_decade: int = 12,
    rtol: float = 1e-10,
) -> Stability:
    """Scan upwards on a logarithmic grid, then bisect the first crossing of radius 1.

    The scan is needed because the stable set need not be an interval; a stable gap narrower than the
    grid (a factor ``10**(1/per_decade)``) can be missed. Steps below ``low`` are not looked at. A radius
    within 1e-13 of 1 counts as unstable.

    Examples
    --------
    >>> stability_limit(lambda step: abs(1 - step)).limit
    2.0
    """
    count = 0

    def unstable(step: float) -> bool:
        nonlocal count
        count += 1
        return not radius(step) < 1 - 1e-13

    grid = np.geomspace(low, high, round(per_decade * np.log10(high / low)) + 1)
    if unstable(float(grid[0])):
        return Stability(0.0, 0.0, float(grid[0]), count)
    good = float(grid[0])
    for step in map(float, grid[1:]):
        if not unstable(step):
            good = step
            continue
        bad = step
        while bad - good > rtol * bad:
            middle = (good + bad) / 2
            good, bad = (good, middle) if unstable(middle) else (middle, bad)
        middle = (good + bad) / 2
        short = round(middle, 9 - int(np.floor(np.log10(bad))))
        return Stability(short if good <= short <= bad else middle, good, bad, count)
    return Stability(float("inf"), good, float("inf"), count)
