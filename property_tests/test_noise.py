"""Noise sources: streams, laws, covariance, and sampling of finite sums.

Seeds are fixed. Every statistical test rejects a correct source with probability at most `RATE` had its
seed been drawn; several tests inside one function share that rate.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats

from spiritlevel.core.errors import InputError
from spiritlevel.core.noise import CHANNELS, GRADIENTS, Additive, Exact, Sampling
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.families import finite_sum, random_finite_sum, random_quadratic

RATE = 1e-6
PROBLEM = random_quadratic(seed=1, n=3, p=2, q=4)
DIMS = {"grad_x_f": 2, "grad_y_f": 4, "grad_y_g": 4}


def point(problem: Problem, replicas: int) -> tuple[Array, Array]:
    return np.zeros((replicas, problem.n, problem.p)), np.zeros((replicas, problem.n, problem.q))


def draws(model: Additive, channel: Channel, calls: int, replicas: range = range(7), seed: int = 0) -> Array:
    """What the source adds, shape ``(calls, R, n, dim)``."""
    source = model.source(seed, replicas)
    at = point(PROBLEM, len(replicas))
    exact = getattr(PROBLEM, channel)(*at)
    return np.stack([source.evaluate(channel, PROBLEM, at) - exact for _ in range(calls)])


# --- streams -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["gaussian", "two-point"])
def test_a_stream_depends_on_seed_replica_and_channel_only(law: Any) -> None:
    """To the last bit: other replicas, other channels and the order of calls change nothing."""
    model = Additive(1, law=law)
    together = draws(model, "grad_y_f", 130)
    for r in range(7):
        assert np.array_equal(draws(model, "grad_y_f", 130, range(r, r + 1))[:, 0], together[:, r])
    source, at = model.source(0, range(7)), point(PROBLEM, 7)
    for k in range(130):
        for channel in ("grad_y_g", "grad_x_f"):
            source.evaluate(channel, PROBLEM, at)
        if k == 129:
            break
        source.evaluate("grad_y_f", PROBLEM, at)
    last = source.evaluate("grad_y_f", PROBLEM, at) - PROBLEM.grad_y_f(*at)
    assert np.array_equal(last, together[129])
    assert not np.array_equal(draws(model, "grad_y_f", 1, seed=1), together[:1])
    assert not np.array_equal(draws(model, "grad_y_g", 1), together[:1])


def test_answers_are_not_touched_by_later_draws() -> None:
    """The numbers drawn ahead live in a buffer that is refilled; no answer may point into it."""
    source, at = Additive(1).source(0, range(1)), point(PROBLEM, 1)
    answers = [source.evaluate("grad_y_g", PROBLEM, at) for _ in range(120)]
    copies = [answer.copy() for answer in answers]
    for _ in range(120):
        source.evaluate("grad_y_g", PROBLEM, at)
    assert all(np.array_equal(a, c) for a, c in zip(answers, copies, strict=True))
    assert len({a.tobytes() for a in answers}) == 120


def test_other_channels_stay_exact() -> None:
    source, at = Additive({"grad_y_g": 2}).source(0, range(2)), point(PROBLEM, 2)
    assert np.array_equal(source.evaluate("grad_x_f", PROBLEM, at), PROBLEM.grad_x_f(*at))
    assert np.array_equal(
        Additive({"grad_y_g": 0}).source(0, range(2)).evaluate("grad_y_g", PROBLEM, at), PROBLEM.grad_y_g(*at)
    )


def test_matrices_get_noise_of_their_own_shape() -> None:
    """A constant Hessian is one matrix for all replicas; its noise is not."""
    source, at = Additive({"hess_yy_g": 0.5}, law="two-point").source(0, range(5)), point(PROBLEM, 5)
    noisy = source.evaluate("hess_yy_g", PROBLEM, at)
    assert noisy.shape == (5, 3, 4, 4)
    # subtracting what was added is rounded once
    assert abs(abs(noisy - PROBLEM.hess_yy_g(*at)) - 0.5).max() < 1e-14


# --- laws ----------------------------------------------------------------------------------------------


def test_two_point_noise_has_two_values_and_fair_signs() -> None:
    added = np.concatenate([draws(Additive(0.5, law="two-point"), c, 400).reshape(-1) for c in GRADIENTS])
    # the exact answer, of size 1, was taken off again: rounding only
    assert abs(abs(added) - 0.5).max() < 1e-14
    positive = int((added > 0).sum())
    assert stats.binomtest(positive, added.size).pvalue > RATE


def test_two_point_noise_is_exactly_sigma_in_rationals() -> None:
    rational = random_quadratic(seed=1, n=3, p=2, q=4, rational=True)
    at = tuple(convert(z, "fraction") for z in point(rational, 2))
    source = Additive(Fraction(1, 3), law="two-point").source(0, range(2))
    seen = {
        value
        for _ in range(20)
        for value in (source.evaluate("grad_y_g", rational, at) - rational.grad_y_g(*at)).flat
    }
    assert seen == {Fraction(1, 3), Fraction(-1, 3)}
    assert {type(value) for value in seen} == {Fraction}


@pytest.mark.parametrize("law", ["gaussian", "two-point"])
def test_every_pair_of_coordinates_is_uncorrelated(law: Any) -> None:
    """Covariance sigma^2 I over channels, agents, coordinates, replicas and successive calls.

    For independent centred coordinates of variance 1 the mean product over N calls is nearly normal with
    variance 1/N (N = 4000, and products have bounded kurtosis); all pairs share `RATE` by Bonferroni.
    """
    calls = 4000
    model = Additive({"grad_x_f": 2, "grad_y_f": 2, "grad_y_g": 2}, law=law)
    z = np.concatenate([draws(model, c, calls, range(2)).reshape(calls, -1) for c in GRADIENTS], axis=1) / 2
    later = np.concatenate([z[:-1], z[1:]], axis=1)
    correlations = (later.T @ later / len(later))[np.triu_indices(later.shape[1], 1)]
    bound = stats.norm.isf(RATE / 2 / correlations.size)
    assert abs(correlations).max() * np.sqrt(len(later)) < bound


def test_gaussian_noise_has_the_declared_variance_and_shape() -> None:
    """Per channel: sum of squares against chi-square, sum against normal, all values by Kolmogorov-Smirnov."""
    sigma: dict[Channel, float] = {"grad_x_f": 0.5, "grad_y_f": 2.0, "grad_y_g": 1.0}
    tests = 3 * len(sigma)
    for channel, value in sigma.items():
        z = draws(Additive(sigma), channel, 500).reshape(-1)
        assert z.size == 500 * 7 * 3 * DIMS[channel]
        chi2 = stats.chi2(z.size)
        squares = float(z @ z) / value**2
        assert 2 * min(chi2.cdf(squares), chi2.sf(squares)) > RATE / tests
        assert 2 * stats.norm.sf(abs(z.sum()) / (value * np.sqrt(z.size))) > RATE / tests
        assert stats.kstest(z / value, "norm").pvalue > RATE / tests


def test_the_variance_test_has_power() -> None:
    """Noise 2 % too large fails it: 42000 values know sigma to 0.35 %."""
    z = 1.02 * draws(Additive(1), "grad_y_g", 500).reshape(-1)
    assert stats.chi2(z.size).sf(float(z @ z)) < RATE


# --- finite sums ---------------------------------------------------------------------------------------

SUM = random_finite_sum(3, n=2, p=2, q=2, samples=4, rational=True)
AT = tuple(convert(np.arange(4).reshape(1, 2, 2) * k % 5 - 2, "fraction") for k in (1, 3))
V = convert(np.array([[[1, -2], [3, 1]]]), "fraction")
LINEAR = [c for c in CHANNELS if c != "solve_yy_g"]


def arguments(channel: Channel, replicas: int) -> tuple[Array, ...]:
    extra = (V,) if channel in ("hvp_yy_g", "jvp_xy_g", "solve_yy_g") else ()
    return tuple(np.repeat(z, replicas, axis=0) for z in (*AT, *extra))


@pytest.mark.parametrize("channel", LINEAR)
def test_one_sample_is_unbiased_by_exact_enumeration(channel: Channel) -> None:
    """The mean over all indices is the full answer, in fractions."""
    index = np.repeat(np.arange(4)[:, None, None], 2, axis=1)  # replica r reads sample r everywhere
    answers = getattr(SUM.subsample(index), channel)(*arguments(channel, 4))
    full = getattr(SUM, channel)(*arguments(channel, 1))
    assert (answers.sum(axis=0) / 4 == full[0]).all()
    assert (answers[0] != answers[1]).any()


@pytest.mark.parametrize("channel", LINEAR)
def test_two_samples_are_unbiased_with_half_the_variance(channel: Channel) -> None:
    """All 16 pairs drawn with replacement against all 4 single samples, in fractions."""

    def spread(batch: int) -> tuple[Array, Array]:
        index = np.array(list(itertools.product(range(4), repeat=batch)))
        answers = getattr(SUM.subsample(np.repeat(index[:, None], 2, axis=1)), channel)(
            *arguments(channel, len(index))
        )
        mean = answers.sum(axis=0) / len(index)
        return mean, ((answers - mean) ** 2).sum(axis=0) / len(index)

    (mean_one, one), (mean_two, two) = spread(1), spread(2)
    assert (mean_one == mean_two).all()
    assert (one == 2 * two).all()
    assert one.any()


def test_the_inverse_of_a_sampled_hessian_is_biased() -> None:
    """Which is why it is left out above, and what `subsample` says."""
    index = np.repeat(np.arange(4)[:, None, None], 2, axis=1)
    answers = SUM.subsample(index).solve_yy_g(*arguments("solve_yy_g", 4))
    assert (answers.sum(axis=0) / 4 != SUM.solve_yy_g(*arguments("solve_yy_g", 1))[0]).any()


def sampled(batch: int, calls: int, replicas: range, seed: int = 0) -> Array:
    """The indices drawn, shape ``(calls, R, n)``, for batch 1: sample j answers ``-j``."""
    numbers = np.arange(5.0)
    problem = finite_sum(
        H=np.ones((3, 5, 1, 1)), B=np.zeros((3, 5, 1, 1)), c=np.tile(numbers[:, None], (3, 1, 1))
    )
    source = Sampling(batch).source(seed, replicas)
    return np.stack(
        [-source.evaluate("grad_y_g", problem, point(problem, len(replicas)))[..., 0] for _ in range(calls)]
    )


def test_indices_are_uniform_and_fresh_for_every_agent_replica_and_call() -> None:
    """Chi-square on all pairs (this index, the next one): neighbours in each axis; three tests share `RATE`."""
    index = sampled(1, 400, range(6)).round().astype(int)
    for axis in range(3):
        first, second = (np.take(index, range(k, index.shape[axis] - 1 + k), axis=axis) for k in (0, 1))
        # disjoint pairs, so that the counts are multinomial
        every_other = np.arange(0, first.shape[axis], 2)
        pairs = 5 * np.take(first, every_other, axis=axis) + np.take(second, every_other, axis=axis)
        counts = np.bincount(pairs.reshape(-1), minlength=25)
        assert counts.min() > 5
        assert stats.chisquare(counts).pvalue > RATE / 3
    assert np.array_equal(sampled(1, 20, range(6)), sampled(1, 20, range(8))[:, :6])
    assert not np.array_equal(sampled(1, 20, range(6), seed=1), sampled(1, 20, range(6)))


def test_samples_are_counted() -> None:
    at = point(SUM, 1)
    plain = random_quadratic(seed=0, n=2, p=2, q=2)
    for problem, noise, each in (
        (SUM.over("float"), Exact(), 4),
        (SUM.over("float"), Sampling(3).source(0, range(1)), 3),
        (plain, Exact(), 0),
        (plain, Additive(1).source(0, range(1)), 1),
    ):
        o = Oracle(problem, noise)
        o.grad_x_f(*at)
        o.hvp_yy_g(*at, at[1])
        assert o.calls.samples == 2 * each
        assert (o.calls.gradients, o.calls.hessians, o.calls.cross_hessians, o.calls.solves) == (1, 1, 0, 0)


# --- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [-1, float("nan"), float("inf"), "x", True, None, {"grad_y_g": -0.5}])
def test_sigma_must_be_a_finite_number_at_least_zero(sigma: Any) -> None:
    with pytest.raises(InputError, match=r"^sigma of grad_[xy]_[fg] is .*; give a"):
        Additive(sigma)


def test_unknown_words_are_refused_with_suggestions() -> None:
    with pytest.raises(InputError, match="unknown noise channel 'grad_yg'; did you mean 'grad_y_g'"):
        Additive({"grad_yg": 1})
    law: Any = "gausian"
    with pytest.raises(InputError, match="unknown noise law 'gausian'; did you mean 'gaussian'"):
        Additive(1, law=law)


@pytest.mark.parametrize("batch", [0, -1, 1.5, True, "2"])
def test_a_batch_is_a_positive_whole_number(batch: Any) -> None:
    with pytest.raises(InputError, match=r"batch is .*; give a whole number >= 1"):
        Sampling(batch)


def test_held_sources_repeat_one_draw_per_channel_and_move_on_afterwards() -> None:
    """Differences of one channel are then free of noise; the next hold sees a new draw."""
    problem, at = random_quadratic(seed=1, n=2, p=1, q=2), np.zeros((3, 2, 1))
    y = np.ones((3, 2, 2))
    o = Oracle(problem, Additive(1).source(0, range(3)))
    first, second = o.held(), o.held()
    a, b, c = first.grad_y_g(at, y), first.grad_y_g(at, 2 * y), second.grad_y_g(at, y)
    exact = problem.grad_y_g(at, 2 * y) - problem.grad_y_g(at, y)
    np.testing.assert_allclose(b - a, exact, atol=1e-14)
    assert (a != c).all()
    assert o.calls.gradients == 3


def test_held_samples_are_the_same_terms() -> None:
    problem, at = random_finite_sum(seed=1, n=2, p=1, q=2, samples=50), np.zeros((3, 2, 1))
    held = Oracle(problem, Sampling(1).source(0, range(3))).held()
    y = np.ones((3, 2, 2))
    assert (held.grad_y_g(at, y) == held.grad_y_g(at, y)).all()
