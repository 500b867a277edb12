"""Is the slope what the paper says? An equivalence test across seeds, with its error rates.

One number per seed (the slope of its own trace, `slopes.slopes`), then t tests across seeds. With a margin
declared beforehand the verdict is

* ``consistent``: two one-sided t tests place the mean slope inside ``claimed ± margin`` (for an
  ``at-most`` claim, one test places it below ``claimed + margin``);
* ``refuted``: the confidence interval lies entirely outside that region;
* ``inconclusive``: neither; the interval is too wide.

Either kind of wrong verdict has chance at most `alpha`. Of the two, only one is possible for a given true
slope (inside the region: ``refuted``; outside or on its border: ``consistent``), so a statement spends
`alpha` once.

What a user must know. The margin has to cover the distance between the slope in the window and the
asymptotic exponent. The rates are exact when slopes are normal; a slope of logarithms is a weighted sum
over the window and near normal, but very small `alpha` with very few seeds leans on that.

Three questions, three functions, as in TensorFlow Probability's statistical tests: `fit_rate` judges,
`detectable` gives the smallest discrepancy that will be refuted, `seeds_needed` the sample size (both are
in `plans`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.plans import Side, check_question, detectable, power, seeds_needed
from spiritlevel.theory.instruments.slopes import Window
from spiritlevel.theory.instruments.student import SPREAD_CONFIDENCE, spread_bound

Verdict = Literal["consistent", "refuted", "inconclusive"]
DETECTION_POWER = 0.9
"""Power at which `RateFit.detectable` is stated."""


@dataclass(frozen=True, slots=True)
class RateFit:
    """A verdict on a claimed slope and all it rests on.

    Parameters
    ----------
    claimed, margin, side, alpha
        The question: slope ``claimed ± margin``, or at most ``claimed + margin``; `alpha` bounds the
        chance of a wrong verdict.
    seeds, mean, spread
        Number of slopes, their mean and standard deviation.
    level, interval
        t interval for the mean slope, with its confidence: 1 - alpha (``two-sided``), or 1 - 2 alpha
        (``at-most``, where each end serves one test).
    p_consistent, p_refuted
        p-values of the tests; a verdict is given when one is at most `alpha`.
    verdict
        ``consistent``, ``refuted`` or ``inconclusive``.
    power
        Lower bound for the chance of ``consistent``, were the slope exactly as claimed.
    detectable
        A slope this far off (on the slow side, for ``at-most``) is refuted with chance `DETECTION_POWER`.
        Both use the 95 % upper bound of the spread, not the spread that happened to be seen.
    window
        Where the slopes were measured and why; None if the caller did not say.
    """

    claimed: float
    margin: float
    side: Side
    alpha: float
    seeds: int
    mean: float
    spread: float
    level: float
    interval: tuple[float, float]
    p_consistent: float
    p_refuted: float
    verdict: Verdict
    power: float
    detectable: float
    window: Window | None = None

    def __str__(self) -> str:
        """One paragraph with the verdict and its error rates."""
        region = f"{self.claimed:g} ± {self.margin:g}"
        if self.side == "at-most":
            region = f"at most {self.claimed:g} + {self.margin:g}"
        where = f" for t in [{self.window.start:g}, {self.window.stop:g}]" if self.window else ""
        return (
            f"{self.verdict}: slope {self.mean:.4f}{where}, {100 * self.level:.6g} % interval "
            f"[{self.interval[0]:.4f}, {self.interval[1]:.4f}] over {self.seeds} seeds, claimed {region}; "
            f"false-alarm rate {self.alpha:g}, power {self.power:.3f}, "
            f"refutes a slope off by {self.detectable:.3g} with chance {DETECTION_POWER:g}"
        )


@dataclass(frozen=True, slots=True)
class SlopeTest:
    """A test of a slope, declared before any trace is seen.

    Parameters
    ----------
    claimed, margin, alpha, side, window
        As in `fit_rate`.

    Examples
    --------
    >>> test = SlopeTest(-1.0, 0.1, 1e-3, Window(100, 1000, "the transient is over by t = 100"))
    >>> test.seeds_needed(spread=0.05, power=0.9)
    11
    >>> test.fit(np.array([-1.01, -0.98, -1.02, -0.97, -1.0, -1.03, -0.99, -1.01, -1.0])).verdict
    'consistent'
    """

    claimed: float
    margin: float
    alpha: float
    window: Window
    side: Side = "two-sided"

    def fit(self, slopes_per_seed: Array) -> RateFit:
        """Judge: see `fit_rate`."""
        return fit_rate(
            slopes_per_seed, self.claimed, self.margin, self.alpha, side=self.side, window=self.window
        )

    def power(self, seeds: int, spread: float, offset: float = 0.0) -> float:
        """Chance of ``consistent``: see `power`."""
        return power(seeds, spread, self.margin, self.alpha, offset=offset, side=self.side)

    def detectable(self, seeds: int, spread: float, power: float = DETECTION_POWER) -> float:
        """Smallest discrepancy that is refuted: see `detectable`."""
        return detectable(seeds, spread, self.margin, self.alpha, power, side=self.side)

    def seeds_needed(self, spread: float, power: float, offset: float = 0.0) -> int:
        """Sample size: see `seeds_needed`."""
        return seeds_needed(spread, self.margin, self.alpha, power, offset=offset, side=self.side)


def fit_rate(
    slopes_per_seed: Array,
    claimed: float,
    margin: float,
    alpha: float,
    *,
    side: Side = "two-sided",
    window: Window | None = None,
) -> RateFit:
    """Judge a claimed slope from one slope per independent seed.

    Parameters
    ----------
    slopes_per_seed
        Shape ``(seeds,)``, from independent runs.
    claimed, margin
        The claim is ``claimed ± margin``; with side ``at-most``, at most ``claimed + margin``.
    alpha
        Largest chance of a wrong verdict: this statement's share of the budget.
    side
        ``two-sided`` for "the rate is", ``at-most`` for "at least as fast as".
    window
        Recorded in the result.

    Raises
    ------
    InputError
        If there are fewer than two seeds, a slope is not finite (a diverged run is a finding, not a
        missing value), the slopes are all equal (then nothing is random: use `exact_exponent`), or an
        argument is out of range.

    Examples
    --------
    >>> slopes = np.array([-1.02, -0.99, -1.01, -1.0, -0.98, -1.01])
    >>> print(fit_rate(slopes, -1.0, 0.1, 0.01))
    consistent: slope -1.0017, 99 % interval [-1.0259, -0.9774] over 6 seeds, claimed -1 ± 0.1; false-alarm \
rate 0.01, power 0.998, refutes a slope off by 0.174 with chance 0.9
    >>> fit_rate(slopes, -0.5, 0.1, 0.01).verdict, fit_rate(slopes, -0.5, 0.1, 0.01, side="at-most").verdict
    ('refuted', 'consistent')
    >>> fit_rate(slopes, -1.0, 0.01, 0.01).verdict
    'inconclusive'
    """
    slopes = np.asarray(slopes_per_seed, dtype=np.float64)
    check_question(side, margin, alpha)
    if slopes.ndim != 1 or slopes.size < 2:
        raise InputError(
            f"slopes_per_seed has shape {slopes.shape}; give one slope for each of 2 or more seeds"
        )
    if not np.isfinite(slopes).all():
        raise InputError(
            f"slopes_per_seed has {int((~np.isfinite(slopes)).sum())} entries that are not finite; "
            "report diverged runs, do not fit them"
        )
    mean, spread = float(slopes.mean()), float(slopes.std(ddof=1))
    if spread <= 1e-12 * max(1.0, abs(mean)):  # what rounding of logarithms and sums alone can cause
        raise InputError("slopes_per_seed are all equal; where nothing is random use exact_exponent")
    level = 1 - alpha if side == "two-sided" else 1 - 2 * alpha
    interval = stats.ttest_1samp(slopes, claimed).confidence_interval(level)
    p_consistent, p_refuted = (float(p) for p in p_values(slopes, claimed, margin, side=side))
    verdict: Verdict = "inconclusive"
    if p_consistent <= alpha:
        verdict = "consistent"
    elif p_refuted <= alpha:
        verdict = "refuted"
    bound = spread_bound(slopes, SPREAD_CONFIDENCE)
    return RateFit(
        claimed=float(claimed),
        margin=float(margin),
        side=side,
        alpha=alpha,
        seeds=slopes.size,
        mean=mean,
        spread=spread,
        level=level,
        interval=(float(interval.low), float(interval.high)),
        p_consistent=p_consistent,
        p_refuted=p_refuted,
        verdict=verdict,
        power=power(slopes.size, bound, margin, alpha, side=side),
        detectable=detectable(slopes.size, bound, margin, alpha, DETECTION_POWER, side=side),
        window=window,
    )


def p_values(
    slopes: Array, claimed: float, margin: float, *, side: Side = "two-sided"
) -> tuple[Array, Array]:
    """The p-values behind the verdicts, for many experiments at once.

    Parameters
    ----------
    slopes
        Shape ``(..., seeds)``: one experiment per row, finite and not all equal.
    claimed, margin, side
        As in `fit_rate`.

    Returns
    -------
    consistent, refuted
        Shape ``(...)`` each. Two-sided: the larger p-value of the two one-sided tests that place the slope
        inside the region, and twice the smaller one of the two that place it outside.

    Examples
    --------
    >>> inside, outside = p_values(np.array([[-1.0, -1.1, -0.9], [0.0, 0.1, -0.1]]), -1.0, 0.5)
    >>> inside < 0.05, outside < 0.05
    (array([ True, False]), array([False,  True]))
    """

    def p(border: float, alternative: Literal["less", "greater"]) -> Array:
        return np.asarray(stats.ttest_1samp(slopes, border, axis=-1, alternative=alternative).pvalue)

    high, low = claimed + margin, claimed - margin
    if side == "at-most":
        return p(high, "less"), p(high, "greater")
    inside = np.maximum(p(high, "less"), p(low, "greater"))
    outside = np.minimum(1.0, 2 * np.minimum(p(high, "greater"), p(low, "less")))
    return inside, outside
