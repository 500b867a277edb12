"""The first step size that is not stable: looked for on a grid, and what lies below it certified."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.covering import Cover, cover, polynomial
from spiritlevel.theory.instruments.spectrum import stability_limit

LEAST, MOST = 1e-8, 1e4  # steps between which a limit is looked for; of an inverse step, the reciprocals
ROUNDING = 1e-12  # of a spectral radius near 1
BEYOND = 1 + 1e-3  # a step this much above its limit has to be unstable for sure
SCANNED = 12  # steps in a decade whose spectra are looked at
LESS = 1e-6  # of a limit, which is left off what is certified below it
_SMALL_STATE = 120  # numbers; for larger ones Lyapunov matrices take too long
_NEAR = tuple(
    10.0**-k for k in range(8, 1, -1)
)  # how far beyond what is certified an unstable step is looked for

Told = Callable[[str, float], object]


@dataclass(frozen=True)
class Crossing:
    """Where stability ends."""

    first: float
    """The smallest step that is not stable, inf if none up to `MOST` is found, 0 if `LEAST` is unstable already."""
    slow: bool = False
    """Whether smaller steps cannot be told from unstable ones in float64; ``first`` is then surely unstable."""
    certified: tuple[float, float] | None = None
    """Every step between these is stable."""
    parts: int = 0
    """Lyapunov matrices that this takes."""


def crossing(matrix: Callable[[float], Array], told: Told, *, certify: bool = True) -> Crossing:
    """The first step size at which a matrix is not stable.

    Parameters
    ----------
    matrix
        Of one step of an algorithm, by step size.
    told
        Is told what is being computed, and at which step size.
    certify
        Whether to certify what the scan finds stable, which takes longer than the scan.

    Examples
    --------
    >>> found = crossing(lambda s: np.array([[1 - s]]), lambda what, s: None)
    >>> found.first, found.certified
    (2.0, (1e-08, 1.999998))

    A window of unstable steps that no point of the grid falls into:

    >>> narrow = crossing(lambda s: np.array([[1 - s * ((s - 0.09) ** 2 - 1e-8)]]), lambda what, s: None)
    >>> round(narrow.first, 6)
    0.0899
    """
    spectra = 0

    def radius(value: float) -> float:
        nonlocal spectra
        spectra += 1
        told(f"spectrum {spectra}", value)
        M = matrix(value)
        return float(np.abs(np.linalg.eigvals(M)).max()) if M.size else 0.0

    def scanned(
        low: float = LEAST, high: float = MOST, less: float = 0.0, per_decade: int = SCANNED
    ) -> float:
        return stability_limit(
            lambda value: radius(value) - less, low=low, high=high, per_decade=per_decade
        ).limit

    first = scanned()
    if first < math.inf and radius(max(first * BEYOND, LEAST)) <= 1 + ROUNDING:
        return Crossing(scanned(less=2 * ROUNDING), slow=True)
    if first == 0 or not certify:
        return Crossing(first)
    top = min(first * (1 - LESS), MOST)
    found = _covered(matrix, top, told)
    if found is None:
        return Crossing(first)
    if found.reached < top:
        for near in (found.reached * (1 + beyond) for beyond in _NEAR):
            if near < top and radius(near) > 1 + ROUNDING:
                low = found.reached * (1 - LESS)
                first = scanned(low, near, per_decade=math.ceil(1 / math.log10(near / low))) or found.reached
                break
    return Crossing(first, certified=(found.begun, found.reached), parts=found.parts)


def _covered(matrix: Callable[[float], Array], top: float, told: Told) -> Cover | None:
    if len(matrix(top)) > _SMALL_STATE:
        return None
    fitted = polynomial(matrix, LEAST, top)
    if fitted is None:
        return None
    found = cover(fitted, LEAST, top, lambda reached, parts: told(f"Lyapunov matrix {parts}", reached))
    return found if found.parts else None
