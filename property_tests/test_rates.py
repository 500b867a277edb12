"""The slope test keeps its promises: error rates measured on traces whose slope is known.

Every count is compared with the stated rate by an exact binomial interval of confidence BAND. There are
about twenty such comparisons, so for a fresh master seed a correct implementation would fail this file with
chance about 20 (1 - BAND) = 0.002. The seed is a hash of the names below.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, signal, stats

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.budget import Budget, seed_of, share
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.plans import Side, detectable, power, seeds_needed
from spiritlevel.theory.instruments.rates import SlopeTest, fit_rate, p_values
from spiritlevel.theory.instruments.slopes import Window, local_slopes, slope, slopes
from spiritlevel.theory.instruments.statistics import clopper_pearson

BAND = 0.9999
TIMES = np.arange(100, 300)
WINDOW = Window(100, 299, "the simulated traces are an exact power times noise from the first time on")
PHI, NOISE = 0.95, 0.1
EXPERIMENTS = 4000
SEEDS = 8


def _log_noise(rows: int, name: str) -> Array:
    """Stationary AR(1) noise of the logarithm, shape ``(rows, times)``, as a decaying step size leaves it."""
    rng = np.random.default_rng(seed_of("property_tests/test_rates", name))
    shocks = NOISE * rng.standard_normal((rows, TIMES.size))
    shocks[:, 0] /= math.sqrt(1 - PHI**2)
    return signal.lfilter([1.0], [1.0, -PHI], shocks, axis=1)


def _spread() -> float:
    """Exact standard deviation of the slope of one trace: a fixed combination of the noise."""
    u = np.log(TIMES) - np.log(TIMES).mean()
    weights = u / (u @ u)
    lag = np.abs(np.subtract.outer(np.arange(TIMES.size), np.arange(TIMES.size)))
    return math.sqrt(weights @ (PHI**lag) @ weights * NOISE**2 / (1 - PHI**2))


SPREAD = _spread()


@pytest.fixture(scope="module")
def measured() -> Array:
    """Slopes of simulated 1/T traces, shape ``(experiments, seeds)``."""
    traces = np.exp(_log_noise(EXPERIMENTS * SEEDS, "slopes")) / TIMES
    return slopes(TIMES, traces, WINDOW).reshape(EXPERIMENTS, SEEDS)


def _count(measured: Array, verdict: str, claimed: float, margin: float, alpha: float, side: Side) -> int:
    consistent, refuted = p_values(measured, claimed, margin, side=side)
    return int(((consistent if verdict == "consistent" else refuted) <= alpha).sum())


def _within(count: int, low: float, high: float) -> bool:
    """Whether a rate between `low` and `high` explains the count."""
    interval = clopper_pearson(count, EXPERIMENTS, BAND)
    return interval[0] <= high and interval[1] >= low


def test_slopes_have_the_mean_and_spread_that_the_noise_gives_them(measured: Array) -> None:
    total = measured.size
    assert abs(measured.mean() + 1) <= stats.norm.isf((1 - BAND) / 2) * SPREAD / math.sqrt(total)
    chi2 = measured.var() * total / SPREAD**2
    assert stats.chi2.ppf((1 - BAND) / 2, total - 1) <= chi2 <= stats.chi2.isf((1 - BAND) / 2, total - 1)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_slope_on_the_border_is_called_consistent_at_rate_alpha(measured: Array, alpha: float) -> None:
    # truth = claimed + margin, ten spreads wide: only the nearer of the two tests matters
    margin = 10 * SPREAD
    assert _within(_count(measured, "consistent", -1 - margin, margin, alpha, "two-sided"), alpha, alpha)
    assert _within(_count(measured, "consistent", -1 - margin, margin, alpha, "at-most"), alpha, alpha)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_true_claim_on_the_border_is_refuted_at_most_at_rate_alpha(measured: Array, alpha: float) -> None:
    margin = 10 * SPREAD
    assert _within(_count(measured, "refuted", -1 - margin, margin, alpha, "two-sided"), alpha / 2, alpha / 2)
    assert _within(_count(measured, "refuted", -1 - margin, margin, alpha, "at-most"), alpha, alpha)
    # a margin far below the spread makes both sides count, and the rate reaches alpha but not more
    assert _within(_count(measured, "refuted", -1, SPREAD / 1000, alpha, "two-sided"), 0.9 * alpha, alpha)


@pytest.mark.parametrize("side", ["two-sided", "at-most"])
def test_the_power_is_at_least_what_is_stated(measured: Array, side: Side) -> None:
    alpha = 0.01
    for margin in (1.2 * SPREAD, 2 * SPREAD):
        stated = power(SEEDS, SPREAD, margin, alpha, side=side)
        assert 0.3 < stated < 1
        assert _within(_count(measured, "consistent", -1, margin, alpha, side), stated, 1)
        offset = 0.3 * margin  # the truth is that much above the claim
        stated = power(SEEDS, SPREAD, margin, alpha, offset=offset, side=side)
        assert _within(_count(measured, "consistent", -1 - offset, margin, alpha, side), stated, 1)


@pytest.mark.parametrize("side", ["two-sided", "at-most"])
def test_a_detectable_error_is_refuted_as_often_as_stated(measured: Array, side: Side) -> None:
    alpha, margin = 0.01, SPREAD
    off = detectable(SEEDS, SPREAD, margin, alpha, 0.8, side=side)
    assert _within(_count(measured, "refuted", -1 - off, margin, alpha, side), 0.8, 0.8)


def test_p_values_on_the_border_are_uniform(measured: Array) -> None:
    for values in p_values(measured, -1 - SPREAD, SPREAD, side="at-most"):
        assert stats.kstest(values, "uniform").pvalue > 1 - BAND


@pytest.mark.parametrize("side", ["two-sided", "at-most"])
def test_verdicts_are_the_p_values_and_the_interval_at_alpha(measured: Array, side: Side) -> None:
    alpha, margin, seen = 0.05, 1.5 * SPREAD, set()
    for row, claimed in zip(measured, np.linspace(-1 - 4 * SPREAD, -1 + 4 * SPREAD, 150), strict=False):
        fit = fit_rate(row, claimed, margin, alpha, side=side)
        assert (fit.verdict == "consistent") == (fit.p_consistent <= alpha)
        assert (fit.verdict == "refuted") == (fit.p_refuted <= alpha)
        beyond = fit.interval[0] > claimed + margin or (
            side == "two-sided" and fit.interval[1] < claimed - margin
        )
        assert (fit.verdict == "refuted") == beyond
        if fit.verdict == "consistent":
            assert fit.mean < claimed + margin
        seen.add(fit.verdict)
    assert seen == {"consistent", "refuted", "inconclusive"}


def test_the_ordinary_interval_of_one_trace_undercovers_and_the_one_across_seeds_does_not(
    measured: Array,
) -> None:
    """Why the unit is the seed: residuals of one correlated trace know nothing of the slope's spread."""
    noise = _log_noise(EXPERIMENTS, "one trace")
    u = np.log(TIMES) - np.log(TIMES).mean()
    fitted = noise @ u / (u @ u)
    residuals = noise - noise.mean(axis=1, keepdims=True) - np.outer(fitted, u)
    error = np.sqrt((residuals**2).sum(axis=1) / (TIMES.size - 2) / (u @ u))
    ordinary = int((np.abs(fitted) <= stats.t.isf(0.025, TIMES.size - 2) * error).sum())
    assert clopper_pearson(ordinary, EXPERIMENTS, BAND)[1] < 0.5  # claims 0.95
    across = stats.ttest_1samp(measured, -1, axis=-1).confidence_interval(0.95)
    assert _within(int(((across.low <= -1) & (across.high >= -1)).sum()), 0.95, 0.95)
    np.testing.assert_array_equal(
        fit_rate(measured[0], -1, SPREAD, 0.05).interval, (across.low[0], across.high[0])
    )


def test_planned_seeds_reach_the_power_and_one_fewer_does_not() -> None:
    for spread, margin, alpha, offset in (
        (0.1, 0.1, 1e-5, 0.0),
        (0.3, 0.1, 1e-3, 0.02),
        (0.01, 0.1, 1e-2, 0.0),
    ):
        needed = seeds_needed(spread, margin, alpha, 0.9, offset=offset)
        assert power(needed, spread, margin, alpha, offset=offset) >= 0.9
        assert needed == 2 or power(needed - 1, spread, margin, alpha, offset=offset) < 0.9


@pytest.mark.parametrize(("seeds", "alpha", "ratio"), [(5, 0.05, 1.5), (12, 1e-3, 1.0), (40, 1e-5, 1.2)])
def test_the_power_is_the_integral_over_the_estimated_spread(seeds: int, alpha: float, ratio: float) -> None:
    """The same bound without the noncentral t: average a normal tail over the chi-square of the spread."""
    freedom, threshold = seeds - 1, stats.t.isf(alpha, seeds - 1)

    def density(chi2: float) -> float:
        tail = stats.norm.sf(threshold * math.sqrt(chi2 / freedom) - ratio * math.sqrt(seeds))
        return float(tail * stats.chi2.pdf(chi2, freedom))

    ends = stats.chi2.ppf(1e-12, freedom), stats.chi2.isf(1e-12, freedom)
    tail, error = integrate.quad(density, *ends, limit=200)
    assert error < 1e-8
    assert power(seeds, 1.0, ratio, alpha) == pytest.approx(max(0.0, 2 * tail - 1), abs=1e-7)


def test_verdicts_do_not_depend_on_units(measured: Array) -> None:
    # t and the values in other units: log-log slopes do not change
    trace = np.exp(_log_noise(1, "units"))[0] / TIMES
    other = Window(1000 * WINDOW.start, 1000 * WINDOW.stop, "the same times in milliseconds")
    assert slope(1000 * TIMES, 7e-9 * trace, other) == pytest.approx(slope(TIMES, trace, WINDOW), abs=1e-9)
    test = SlopeTest(-1.0, 0.5, 1e-3, WINDOW)
    assert test.fit(measured[0]).window == WINDOW


def test_exact_exponents_of_known_sequences_lie_within_their_uncertainty() -> None:
    for claimed, sequence in (
        (-1.0, [Fraction(1, 2**k + 3) for k in range(20)]),
        (-2.0, [Fraction(1, 4**k) for k in range(6)]),
        (-0.5, [(2.0**k) ** -0.5 * (1 + 3 * (2.0**k) ** -0.25) for k in range(25)]),
        (0.0, [1 + Fraction(1, 2**k) for k in range(15)]),
        (-1000.0, [Fraction(1, 2 ** (1000 * k) + 1) for k in range(8)]),
        (-1.0, [math.log(2.0**k) / 2.0**k for k in range(3, 30)]),
        (-1.0, [math.log(2.0**k) ** 2 / 2.0**k for k in range(3, 30)]),
    ):
        found = exact_exponent(sequence)
        assert found.agrees_with(claimed), (claimed, found)
        assert found.uncertainty < 0.2
        assert not found.agrees_with(claimed - 0.25)


def test_an_exponential_has_no_exponent() -> None:
    assert exact_exponent([Fraction(1, 2 ** (2**k)) for k in range(8)]).uncertainty == math.inf


def test_local_slopes_of_a_power_are_its_exponent() -> None:
    t = np.array([1.0, 3.0, 4.0, 10.0])
    # rounding of logarithms: a few units in the last place over differences of logarithms above 0.28
    np.testing.assert_allclose(local_slopes(t, t**-1.5), -1.5, atol=1e-13)


def test_the_budget_is_shared_in_full() -> None:
    assert share(7, total=0.01) * 7 == pytest.approx(0.01)
    assert Budget(1e-3, 8).each == 1e-3 / 8
    assert "unspent" in str(Budget(1e-3, 0))


def test_unusable_input_is_named() -> None:
    good = np.array([-1.0, -1.1, -0.9])
    for call, words in (
        (lambda: fit_rate(np.array([-1.0, -1.0, -1.0]), -1, 0.1, 0.01), "all equal"),
        (lambda: fit_rate(np.array([-1.0, math.nan]), -1, 0.1, 0.01), "not finite"),
        (lambda: fit_rate(good[:1], -1, 0.1, 0.01), "shape"),
        (lambda: fit_rate(good, -1, 0.0, 0.01), "margin"),
        (lambda: fit_rate(good, -1, 0.1, 0.7), "alpha"),
        (lambda: seeds_needed(0.1, 0.1, 0.01, 0.9, offset=-0.1), "offset"),
        (lambda: seeds_needed(1.0, 1e-4, 0.01, 0.9), "too small"),
        (lambda: slope(TIMES, -1.0 / TIMES, WINDOW), "positive"),
        (lambda: slope(TIMES, 1.0 / TIMES, Window(1, 50, "before the times given")), "holds 0"),
        (lambda: Window(5, 50, " "), "reason"),
        (lambda: exact_exponent([1.0, 0.5, 0.25]), "at least 4"),
        (lambda: exact_exponent([1.0, 0.5, 0.0, 0.1]), "positive"),
        (lambda: exact_exponent([1.0, 0.5, math.nan, 0.1]), "finite"),
        (lambda: share(0), "statements_that_sample"),
    ):
        with pytest.raises(InputError, match=words):
            call()
