"""Comparing Monte Carlo with exact means: the stated error rates are the measured ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.instruments.statistics import agrees, clopper_pearson, samples_needed

BAND = 0.9999
EXPERIMENTS = 1000
COMPONENTS = 3
VARIANCE = 4.0


def _samples(name: str, size: int) -> Array:
    rng = np.random.default_rng(seed_of("property_tests/test_mean_tests", name))
    return 5 + math.sqrt(VARIANCE) * rng.standard_normal((EXPERIMENTS, size, COMPONENTS))


def _within(count: int, low: float, high: float) -> bool:
    interval = clopper_pearson(count, EXPERIMENTS, BAND)
    return interval[0] <= high and interval[1] >= low


@pytest.mark.parametrize("variance", [None, VARIANCE])
def test_a_correct_simulator_fails_at_rate_alpha(variance: float | None) -> None:
    alpha = 0.05
    verdicts = [agrees(s, 5.0, alpha, effect=100.0, variance=variance).verdict for s in _samples("null", 10)]
    exact = 1 - (1 - alpha / COMPONENTS) ** COMPONENTS  # the components are independent here
    assert _within(verdicts.count("refuted"), exact, exact)
    assert exact <= alpha


def test_a_wrong_simulator_is_refuted_as_often_as_stated() -> None:
    alpha, effect = 0.01, 1.5
    size = samples_needed(math.sqrt(VARIANCE), effect, alpha, 0.9, COMPONENTS)
    wrong = np.array([5.0, 5.0 + effect, 5.0])
    found = [agrees(s, wrong, alpha, effect=effect, variance=VARIANCE) for s in _samples("wrong", size)]
    # at least 0.9 by the wrong component alone; the other two add at most alpha
    assert _within(sum(test.verdict == "refuted" for test in found), 0.9, 0.91 + alpha)
    assert found[0].detectable <= effect


def test_the_detectable_difference_allows_for_all_components() -> None:
    alpha = 0.01
    samples = _samples("detectable", 10)
    off = agrees(samples[0], 5.0, alpha, effect=100.0, variance=VARIANCE).detectable
    wrong = np.array([5.0, 5.0, 5.0 - off])
    found = [agrees(s, wrong, alpha, effect=100.0, variance=VARIANCE).verdict for s in samples]
    assert _within(found.count("refuted"), 0.9, 0.9 + alpha)


def test_the_estimated_variance_states_a_power_that_is_reached() -> None:
    alpha, size = 0.01, 12
    samples = _samples("estimated", size)
    stated = np.array([agrees(s, 5.0, alpha, effect=100.0).detectable for s in samples])
    # judged with an effect as large as the median statement: refuted at least as often as stated
    effect = float(np.median(stated))
    refuted = [agrees(s, np.array([5.0 - effect, 5.0, 5.0]), alpha, effect=effect).verdict for s in samples]
    assert _within(refuted.count("refuted"), 0.9, 1.0)


def test_a_small_sample_is_inconclusive_and_a_large_one_is_not() -> None:
    rng = np.random.default_rng(seed_of("property_tests/test_mean_tests", "sizes"))
    size = samples_needed(1.0, 0.1, 1e-4, 0.9)
    draws = rng.choice([-1.0, 1.0], size=size)  # mean 0 and variance 1, exactly
    assert agrees(draws[:100], 0.0, 1e-4, effect=0.1, variance=1.0).verdict == "inconclusive"
    assert agrees(draws, 0.0, 1e-4, effect=0.1, variance=1.0).verdict == "consistent"


def test_clopper_pearson_covers_at_least_as_often_as_it_says() -> None:
    for chance in (0.01, 0.3, 0.5):
        chances = [math.comb(20, k) * chance**k * (1 - chance) ** (20 - k) for k in range(21)]
        intervals = [clopper_pearson(k, 20, 0.9) for k in range(21)]
        covered = sum(p for p, (low, high) in zip(chances, intervals, strict=True) if low <= chance <= high)
        assert covered >= 0.9


def test_unusable_input_is_named() -> None:
    sample = np.array([[1.0, 2.0], [1.0, 3.0]])
    for call, words in (
        (lambda: agrees(sample, 1.0, 0.01, effect=1.0), "no spread"),
        (lambda: agrees(sample, np.zeros(3), 0.01, effect=1.0), "exact_mean has shape"),
        (lambda: agrees(sample, 1.0, 0.01, effect=0.0), "effect"),
        (lambda: agrees(sample[:1], 1.0, 0.01, effect=1.0), "replicas"),
        (lambda: agrees(sample * np.inf, 1.0, 0.01, effect=1.0), "not finite"),
        (lambda: clopper_pearson(3, 2, 0.9), "successes"),
    ):
        with pytest.raises(InputError, match=words):
            call()
