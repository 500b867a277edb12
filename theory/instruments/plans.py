"""Planning a test of a slope: its power, the smallest discrepancy it refutes, the seeds it needs.

Everything is decided before any trace is seen; `rates` does the judging.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from scipy import stats

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.theory.instruments.student import check_levels, exceeds, noncentrality_needed

Side = Literal["two-sided", "at-most"]
"""``two-sided``: the slope is the claimed one; ``at-most``: it is at most that ("at least as fast as")."""
MOST_SEEDS = 1_000_000


def power(
    seeds: int, spread: float, margin: float, alpha: float, *, offset: float = 0.0, side: Side = "two-sided"
) -> float:
    """A lower bound for the chance of ``consistent`` when the mean slope is ``claimed + offset``.

    Each one-sided test passes with the chance of a noncentral t tail; both pass with at least the sum of
    the two chances less one (Bonferroni). For ``at-most`` there is one test and the chance is exact.

    Examples
    --------
    >>> round(power(10, 0.1, 0.1, 0.01), 3), round(power(20, 0.1, 0.1, 0.01), 3)
    (0.278, 0.931)
    """
    check_question(side, margin, alpha)
    _check_sample(seeds, spread)
    threshold = float(stats.t.isf(alpha, seeds - 1))
    scale = math.sqrt(seeds) / spread
    upper = exceeds(threshold, seeds - 1, (margin - offset) * scale)
    if side == "at-most":
        return upper
    return max(0.0, upper + exceeds(threshold, seeds - 1, (margin + offset) * scale) - 1)


def detectable(
    seeds: int, spread: float, margin: float, alpha: float, power: float, *, side: Side = "two-sided"
) -> float:
    """The smallest distance from the claimed slope that is ``refuted`` with chance at least `power`.

    Beyond the margin, by the noncentrality at which one t test rejects that often. (A slope off by the
    margin or more is already called ``consistent`` with chance at most `alpha`.)

    Examples
    --------
    >>> round(detectable(10, 0.1, 0.1, 0.01, 0.9), 3), round(detectable(1000, 0.1, 0.1, 0.01, 0.9), 3)
    (0.251, 0.112)
    """
    check_question(side, margin, alpha)
    check_levels(alpha, power)
    _check_sample(seeds, spread)
    threshold = float(stats.t.isf(alpha / 2 if side == "two-sided" else alpha, seeds - 1))
    return margin + noncentrality_needed(threshold, seeds - 1, power) * spread / math.sqrt(seeds)


reached = power  # the function, where an argument has its name


def seeds_needed(
    spread: float, margin: float, alpha: float, power: float, *, offset: float = 0.0, side: Side = "two-sided"
) -> int:
    """The smallest number of seeds for which the power (as bounded by `power`) reaches the wanted one.

    Parameters
    ----------
    spread
        Standard deviation of the slope between seeds; from a pilot take `spread_bound`.
    margin, alpha, offset, side
        As in `power`.
    power
        Wanted chance of ``consistent``.

    Raises
    ------
    InputError
        If `offset` uses up the margin, or more than a million seeds would be needed.

    Examples
    --------
    >>> seeds_needed(0.1, 0.1, 0.01, 0.9)
    19
    """
    check_question(side, margin, alpha)
    check_levels(alpha, power)
    if offset >= margin or (side == "two-sided" and -offset >= margin):
        raise InputError(f"offset is {offset}; it must be smaller than the margin {margin}")

    def falls_short(seeds: int) -> bool:
        return reached(seeds, spread, margin, alpha, offset=offset, side=side) < power

    enough = 2
    while falls_short(enough):
        enough *= 2
        if enough > MOST_SEEDS:
            raise InputError(
                f"margin {margin} is too small for a spread of {spread}: more than {MOST_SEEDS} seeds needed"
            )
    too_few = enough // 2
    while enough - too_few > 1:  # the power grows with the number of seeds
        middle = (enough + too_few) // 2
        if falls_short(middle):
            too_few = middle
        else:
            enough = middle
    return enough


def check_question(side: str, margin: float, alpha: float) -> None:
    """Refuse a question that has no answer.

    Raises
    ------
    InputError
        If `side` is unknown, `margin` is not positive and finite, or `alpha` is no false-alarm rate.

    Examples
    --------
    >>> check_question("at-most", 0.1, 0.01)
    """
    if side not in get_args(Side):
        raise unknown("side", side, get_args(Side))
    if not 0 < margin < math.inf:
        raise InputError(f"margin is {margin}; declare a positive one, or no slope can be called consistent")
    check_levels(alpha)


def _check_sample(seeds: int, spread: float) -> None:
    if seeds < 2:
        raise InputError(f"seeds is {seeds}; a t test needs at least 2")
    if not 0 < spread < math.inf:
        raise InputError(f"spread is {spread}; give a positive standard deviation")
