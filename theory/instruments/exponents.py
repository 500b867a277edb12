r"""The exponent of a sequence that is computed exactly, by extrapolated local slopes; no statistics.

If :math:`v(t) = C t^{-p} (1 + a t^{-q} + \dots)`, the slopes between t and 2t tend to -p and their
successive changes shrink by the factor :math:`2^{-q}`. The rest of that geometric series is added
(Aitken's form of Richardson's extrapolation, which needs no knowledge of q).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import convert


@dataclass(frozen=True, slots=True)
class Exponent:
    """What `exact_exponent` found.

    Parameters
    ----------
    value
        Extrapolated exponent: the sequence behaves like ``t**value``.
    uncertainty
        Last change of the local slopes, plus twice what was extrapolated, plus rounding. An estimate that
        covers corrections by powers of t and of log t, not a bound; infinite when the slopes do not settle.
    local
        Local slopes between t and 2t.
    ratio
        Last change divided by the one before (0 when both are rounding). Near ``2**-q`` for a correction
        of order ``t**-q``; creeping up to 1 for a logarithm.
    """

    value: float
    uncertainty: float
    local: tuple[float, ...]
    ratio: float

    def agrees_with(self, claimed: float) -> bool:
        """Whether the claimed exponent lies within the stated uncertainty.

        Examples
        --------
        >>> exact_exponent([1 / (2**k + 1) for k in range(20)]).agrees_with(-1)
        True
        """
        return abs(self.value - claimed) <= self.uncertainty


def exact_exponent(values: Sequence[Any], relative_error: float = 2.0**-50) -> Exponent:
    """The exponent p in ``value ~ t**p`` from exact values at t = t0, 2 t0, 4 t0, ...

    Parameters
    ----------
    values
        At least four positive numbers: floats, `fractions.Fraction` or `flint.fmpq` (any size).
    relative_error
        How accurately floats are known; ignored for exact numbers.

    Returns
    -------
    Exponent
        Extrapolated, with its uncertainty.

    Raises
    ------
    InputError
        If there are fewer than four values or one is not positive and finite.

    Examples
    --------
    >>> from fractions import Fraction
    >>> found = exact_exponent([Fraction(1, 4**k + 2**k) for k in range(12)])
    >>> round(found.value, 5), found.uncertainty < 1e-2
    (-2.0, True)
    """
    if len(values) < 4:
        raise InputError(f"values has {len(values)} entries; give at least 4, at t0, 2 t0, 4 t0, 8 t0")
    exact = not any(isinstance(value, float | np.floating) for value in values)
    try:
        rationals = [Fraction(value) for value in convert(list(values), "fraction")]
    except (ValueError, OverflowError) as error:
        raise InputError(
            "values has an entry that is not a finite number; an exponent needs them all"
        ) from error
    if min(rationals) <= 0:
        raise InputError(
            f"values has the entry {float(min(rationals)):g}; an exponent needs positive numbers"
        )
    local = [_log2_ratio(later, earlier) for earlier, later in itertools.pairwise(rationals)]
    rounding = 2 * (2.0**-50 if exact else relative_error) / math.log(2) + 2.0**-50 * abs(local[-1])
    before, last = local[-2] - local[-3], local[-1] - local[-2]
    if max(abs(before), abs(last)) <= 2 * rounding:
        return Exponent(local[-1], 3 * rounding, tuple(local), 0.0)
    ratio = last / before if before else math.inf
    if abs(ratio) >= 1:
        return Exponent(local[-1], math.inf, tuple(local), ratio)
    rest = last * ratio / (1 - ratio)
    # for t**-p log(t)**l, what is left after extrapolation is as large as what was extrapolated: count it twice
    return Exponent(local[-1] + rest, abs(last) + 2 * abs(rest) + 3 * rounding, tuple(local), ratio)


def _log2_ratio(later: Fraction, earlier: Fraction) -> float:
    ratio = later / earlier
    # a ratio of ordinary size becomes a correctly rounded float; a huge or tiny one is taken apart
    if 2.0**-900 < ratio < 2.0**900:
        return math.log2(float(ratio))
    return math.log2(ratio.numerator) - math.log2(ratio.denominator)
