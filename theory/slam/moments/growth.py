"""Exponents in T and n of exactly known averages, and the T from which a bound holds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.slam.moments.cases import Case, measured
from spiritlevel.theory.statement import largest

SHAPES = ("ring", "complete")
SIZES = (2, 4, 8, 16, 32, 64)
DOUBLINGS = range(12, 23)
ROUNDING = 1e-9
"""Relative, of averages over up to 2^22 iterations whose fixed point is not 0."""
MARGIN = 0.02
"""Of an exponent."""


def in_T(kind: type[Algorithm], measure: int, n: int = 8, **settings: Any) -> dict[str, float]:
    """Extrapolated exponents in T of both parts on a ring and a complete graph, T = 2^12..2^22."""
    found = {}
    for shape in SHAPES:
        runs = [measured(kind, Case(shape, n, k, **settings)) for k in DOUBLINGS]
        for part in ("mean", "noise"):
            values = [getattr(run, part)[measure] for run in runs]
            found[f"{shape}, {part}"] = exact_exponent(values, ROUNDING).value
    return found


def excess(*exponents: dict[str, float], claimed: float = -0.5) -> float:
    """By how much the slowest is slower than T to the claimed power."""
    return largest(e - claimed for each in exponents for e in each.values())


def doubling_slopes(values: Iterable[float]) -> list[float]:
    """Exponents between neighbours, for arguments that double; 0 between values below 1e-20, which are rounding."""
    logs = np.log2(np.maximum(np.array(list(values), dtype=float), 1e-20))
    return [float(s) for s in np.diff(logs)]


def over_sizes(
    kind: type[Algorithm], shape: str, doublings: int, sizes: Iterable[int] = SIZES, **settings: Any
) -> dict[str, Array]:
    r"""The parts of the averages at T = 2^doublings times :math:`\sqrt{nT}`, each ``(sizes, 5)``."""
    runs = [(n, measured(kind, Case(shape, n, doublings, **settings))) for n in sizes]
    return {
        part: np.array([getattr(run, part) * math.sqrt(n * 2.0**doublings) for n, run in runs])
        for part in ("mean", "noise", "common_mean", "common_noise", "total")
    }


def peaks(kind: type[Algorithm], measure: int, shape: str, step: int = 4, **settings: Any) -> list[float]:
    r"""For every size, the largest of :math:`\sqrt{nT}` times the average over T from 4n on, up to 2^24 n."""
    found = []
    for n in SIZES:
        cases = [Case(shape, n, k + n.bit_length(), **settings) for k in range(1, 24, step)]
        found.append(largest(measured(kind, c).total[measure] * math.sqrt(n * c.T) for c in cases))
    return found


def crossing(kind: type[Algorithm], measure: int, shape: str, n: int, share: float = 1.0) -> float:
    r"""log2 of the T from which noise between agents, times ``share``, is below :math:`1/\sqrt{nT}`."""

    def above(k: int) -> float:
        value = measured(kind, Case(shape, n, k)).apart[1][measure] * share
        return 0.5 * (k + math.log2(n)) + math.log2(value)

    low, high = n.bit_length() + 1, 70
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if above(middle) > 0 else (low, middle)
    at_low, at_high = above(low), above(high)
    return low + at_low / (at_low - at_high)


def shown(values: Iterable[float], digits: int = 3) -> str:
    """For a summary."""
    return ", ".join(f"{v:.{digits}g}" for v in values)
