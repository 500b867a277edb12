"""Power of t tests: tails of the noncentral t distribution, and a bound for an unknown spread."""

from __future__ import annotations

import functools
import math

import numpy as np
from scipy import optimize, stats

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array

SPREAD_CONFIDENCE = 0.95
"""Confidence with which `spread_bound` is above the true standard deviation."""


def exceeds(threshold: float, freedom: int, noncentrality: float) -> float:
    """Chance that a t statistic with the given degrees of freedom and noncentrality exceeds a threshold.

    Examples
    --------
    >>> round(exceeds(2.0, 30, 0.0), 4), round(exceeds(2.0, 30, 5.0), 4)
    (0.0273, 0.9982)
    """
    # The chance grows with the noncentrality, so the cap gives a lower bound; scipy returns NaN far above it.
    chance = float(stats.nct.sf(threshold, freedom, min(noncentrality, 1e6)))
    return min(1.0, max(0.0, chance))


@functools.cache
def noncentrality_needed(threshold: float, freedom: int, power: float) -> float:
    """The smallest noncentrality with which a t statistic exceeds a positive threshold with chance `power`.

    Examples
    --------
    >>> round(exceeds(2.0, 9, noncentrality_needed(2.0, 9, 0.9)), 6)
    0.9
    """
    high = 1.0
    while exceeds(threshold, freedom, high) < power:  # ends: the chance tends to 1
        high *= 2

    def short(noncentrality: float) -> float:
        return exceeds(threshold, freedom, noncentrality) - power

    return 0.0 if short(0.0) >= 0 else float(optimize.brentq(short, 0.0, high, xtol=1e-10))


def spread_bound(sample: Array, confidence: float = SPREAD_CONFIDENCE) -> float:
    """An upper confidence bound for the standard deviation of a normal sample, shape ``(seeds,)``.

    A plan made with the plain standard deviation of a pilot is optimistic about half of the time.

    Examples
    --------
    >>> round(spread_bound(np.array([-1.0, 0.0, 1.0])), 3)
    4.415
    """
    freedom = np.size(sample) - 1
    return float(np.std(sample, ddof=1)) * math.sqrt(freedom / float(stats.chi2.ppf(1 - confidence, freedom)))


def check_levels(alpha: float, power: float | None = None) -> None:
    """Refuse rates that are no rates.

    Raises
    ------
    InputError
        If `alpha` is not in (0, 1/2), or `power` is given and not in (`alpha`, 1).

    Examples
    --------
    >>> check_levels(0.01, 0.9)
    """
    if not 0 < alpha < 0.5:
        raise InputError(f"alpha is {alpha}; give a false-alarm rate strictly between 0 and 0.5")
    if power is not None and not alpha < power < 1:
        raise InputError(f"power is {power}; give a probability strictly between alpha = {alpha} and 1")
