"""Exact means, covariances, sums and late iterates, each against something computed another way."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq_mat
from hypothesis import settings
from scipy import stats

from property_tests.strategies import PROBLEM, RING, STEPS, relative_gap
from spiritlevel.core.algorithms.dsgd import DSGD
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import GRADIENTS, Additive
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.affine import AffineMap, probe
from spiritlevel.theory.instruments.moments import (
    Unstable,
    cumulative_squares,
    expected_square,
    fixed_point,
    iterate,
    moments,
)
from spiritlevel.theory.instruments.spectrum import quotient

few = settings(max_examples=12, derandomize=True, deadline=None)
RATE = 1e-6


SIGMA: dict[Channel, float] = {"grad_x_f": 0.5, "grad_y_f": 0.25, "grad_y_g": 1.0}


@pytest.fixture(scope="module")
def noisy() -> AffineMap:
    return probe(STEPS, PROBLEM, RING, channels=GRADIENTS)


@pytest.mark.parametrize("T", [0, 1, 2, 37, 100])
def test_moments_against_step_by_step_propagation(noisy: AffineMap, T: int) -> None:
    """The covariance of the whole state, and of the noise written out channel by channel."""

    def variances(calls: Any) -> Array:
        return np.diag([SIGMA[channel] ** 2 for channel, shape in calls for _ in range(np.prod(shape))])

    mean, covariance = noisy.z0, noisy.N0 @ variances(noisy.calls0) @ noisy.N0.T
    for _ in range(T):
        mean = noisy.M @ mean + noisy.b
        covariance = noisy.M @ covariance @ noisy.M.T + noisy.N @ variances(noisy.calls) @ noisy.N.T
    found = moments(noisy, SIGMA, T)
    assert found.t == T
    # a hundred products of matrices of size 48 and norm of order 1
    assert relative_gap(found.mean, mean) < 1e-12
    assert relative_gap(found.covariance, covariance) < 1e-12
    assert covariance.any()


def test_moments_against_monte_carlo(noisy: AffineMap) -> None:
    """4000 runs of 25 steps. The state is normal: its means have a normal law, its variances a chi-square law.

    All 40 tests share the false-alarm rate `RATE`; a mean off by a tenth of a standard deviation, or a
    variance off by 15 %, would be 6 standard errors away.
    """
    R, T = 4000, 25
    trace = run(
        STEPS, PROBLEM, RING, steps=T, replicas=R, noise=Additive(SIGMA), record=[T], metrics=(), seed=11
    )
    at = moments(noisy, SIGMA, T)
    state = noisy.layout.unflatten(at.mean[None])
    variance = noisy.layout.unflatten(np.diag(at.covariance)[None])
    samples = np.concatenate([trace.x[:, 0].reshape(R, -1), trace.y[:, 0].reshape(R, -1)], axis=1)
    means = np.concatenate([state.x.reshape(-1), state.y.reshape(-1)])
    spreads = np.concatenate([variance.x.reshape(-1), variance.y.reshape(-1)])
    tests = 2 * means.size
    assert tests == 40
    z = (samples.mean(axis=0) - means) / np.sqrt(spreads / R)
    assert 2 * stats.norm.sf(abs(z).max()) > RATE / tests
    squares = (R - 1) * samples.var(axis=0, ddof=1) / spreads
    law = stats.chi2(R - 1)
    assert 2 * np.minimum(law.cdf(squares), law.sf(squares)).min() > RATE / tests


def test_expected_squares_are_bias_plus_variance(noisy: AffineMap) -> None:
    at = moments(noisy, SIGMA, 30)
    L, c = noisy.readout(lambda s: s.x - s.x.sum(axis=1, keepdims=True) / 4 + 1)
    expected = float(np.sum((L @ at.mean + c) ** 2) + np.trace(L @ at.covariance @ L.T))
    assert expected_square(L, c, at) == pytest.approx(expected, rel=1e-12)
    exact = moments(probe(STEPS, PROBLEM, RING), {}, 30)
    assert not exact.covariance.any()
    assert expected_square(L, c, exact) == pytest.approx(float(np.sum((L @ exact.mean + c) ** 2)), rel=1e-12)


def test_moments_of_an_unstable_map_are_refused() -> None:
    wild = probe(Interact(alpha=10, beta=10), PROBLEM, RING, channels=GRADIENTS)
    with pytest.raises(Unstable, match="the moments at t = 1000000 are not finite"):
        moments(wild, SIGMA, 10**6)


def test_iterates_against_a_run() -> None:
    reduced, layout = quotient(amap := probe(STEPS, PROBLEM, RING)), amap.layout
    trace = run(STEPS, PROBLEM, RING, steps=1000, record=[0, 1, 10, 100, 1000], metrics=())
    for k, T in enumerate(trace.t):
        state = layout.unflatten(iterate(reduced, int(T))[None])
        assert relative_gap(state.x[0], trace.x[0, k]) < 1e-10
        assert relative_gap(state.y[0], trace.y[0, k]) < 1e-10


def test_iterates_against_an_exact_power() -> None:
    """T = 1000 in rationals: [[M, b], [0, 1]]^T, no rounding at all."""
    problem = random_quadratic(seed=3, n=2, p=1, q=1, rational=True).over("fmpq")
    amap = probe(STEPS, problem, named("path:2", exact=True))
    size = len(amap.b)
    matrix = np.eye(size + 1, dtype=int) * (amap.b[0] * 0 + 1)
    matrix[:size, :size], matrix[:size, size] = amap.M, amap.b
    power = fmpq_mat(size + 1, size + 1, matrix.reshape(-1).tolist()) ** 1000
    start = [*amap.z0, 1]
    exact = [sum((power[i, j] * start[j] for j in range(size + 1)), start=amap.b[0] * 0) for i in range(size)]
    reduced = quotient(amap)
    assert 0.9 < reduced.radius < 1
    assert relative_gap(iterate(reduced, 1000), np.array(exact, dtype=object)) < 1e-11


def test_a_billion_iterations_reach_the_fixed_point() -> None:
    amap = probe(STEPS, PROBLEM, RING)
    reduced = quotient(amap)
    limit = fixed_point(reduced)
    assert relative_gap(iterate(reduced, 10**9), limit) < 1e-12
    assert relative_gap(amap.M @ limit + amap.b, limit) < 1e-12
    state, solution = amap.layout.unflatten(limit[None]), PROBLEM.solution()
    assert solution is not None
    assert relative_gap(state.x[0], np.tile(solution, (4, 1))) < 1e-11
    assert relative_gap(state.y, PROBLEM.lower_solution(state.x)) < 1e-11


def test_without_tracking_the_fixed_point_is_off() -> None:
    amap = probe(DSGD(alpha=Fraction(1, 16), beta=Fraction(1, 16)), PROBLEM, RING)
    state, solution = amap.layout.unflatten(fixed_point(quotient(amap))[None]), PROBLEM.solution()
    assert solution is not None
    assert abs(state.x.mean(axis=1) - solution).max() > 1e-3


def test_cumulative_squares_against_adding_up() -> None:
    amap = probe(STEPS, PROBLEM, RING)
    trace = run(STEPS, PROBLEM, RING, steps=255, record="all", metrics=("consensus_error", "lower_error"))
    consensus = amap.readout(lambda s: s.x - s.x.sum(axis=1, keepdims=True) / 4)
    lower = amap.readout(lambda s: s.y - PROBLEM.lower_solution(s.x))
    for name, (L, c) in (("consensus_error", consensus), ("lower_error", lower)):
        found = cumulative_squares(quotient(amap), L, c, 8)
        sums = np.cumsum(trace.metrics[name][0])
        assert found.shape == (9,)
        assert found == pytest.approx([sums[2**k - 1] for k in range(9)], rel=1e-10)
