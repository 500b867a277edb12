"""Sampled claims about DSBO: the ratio test's error rates, the linearised prediction, and runs that must not be credited."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.algorithms.dsbo import DSBO, State
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import GRADIENTS, Additive
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.dsbo.planted.dsbo import Sum
from spiritlevel.theory.dsbo.theorems import bounded, second_derivatives
from spiritlevel.theory.dsbo.theorems.moments import (
    at_rest,
    constants,
    curvature,
    rest_of,
    scalar_problem,
    slow_noise,
)
from spiritlevel.theory.dsbo.theorems.monte_carlo import Ratio, ratio, squared_gradients, together
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.statement import Context, Finding, Verdict

LOUD = 0.05  # a false-alarm rate that a few hundred experiments can see


def _experiments(true: float, count: int, low: float = 0.5, high: float = 2.0) -> list[Ratio]:
    """Gamma-distributed replicas, skewed like averages of squares, whose means have the given ratio."""
    rng = np.random.default_rng(round(1000 * true))
    top, bottom = rng.gamma(6.0, 1 / 6, size=(2, count, 60))
    return [ratio(true * a, b, low, high, LOUD) for a, b in zip(top, bottom, strict=True)]


@pytest.mark.parametrize("true", [0.5, 2.0])
def test_a_ratio_on_the_border_is_seldom_called_consistent_or_refuted(true: float) -> None:
    """300 experiments: more than 28 wrong ones have chance 1e-3 at the nominal rate of 5 %."""
    words = [test.verdict for test in _experiments(true, 300)]
    most = int(stats.binom.isf(1e-3, 300, LOUD))
    assert words.count("consistent") <= most
    assert words.count("refuted") <= most


def test_power_is_a_lower_bound() -> None:
    found = _experiments(1.0, 100, 0.75, 4 / 3)
    share = np.mean([test.verdict == "consistent" for test in found])
    assert 0.1 < np.median([test.power for test in found]) <= share + 0.1
    assert all(test.verdict == "consistent" for test in _experiments(1.0, 30))


def test_detectable_is_detected() -> None:
    far = float(np.median([test.detectable for test in _experiments(1.0, 30)]))
    assert np.mean([test.verdict == "refuted" for test in _experiments(far, 120)]) > 0.85


def test_fieller_covers() -> None:
    """Of 300 intervals of confidence 95 % fewer than 269 cover with chance 1e-4."""
    covered = sum(test.interval[0] <= 1.3 <= test.interval[1] for test in _experiments(1.3, 300))
    assert covered >= stats.binom.isf(1 - 1e-4, 300, 1 - LOUD)


def test_nothing_is_concluded_from_nothing() -> None:
    zeros, ones = np.zeros(50), np.random.default_rng(0).exponential(size=50)
    assert ratio(zeros, zeros, 0.5, 2.0, 1e-3).verdict == "inconclusive"
    assert ratio(ones, zeros, 0.5, 2.0, 1e-3).verdict == "inconclusive"
    noise = np.random.default_rng(1).standard_normal((2, 50))  # means that may be 0
    assert ratio(noise[0], noise[1], 0.5, 2.0, 1e-3).verdict == "inconclusive"
    assert ratio(ones, 1.0, 0.0, 2.0, 1e-3).verdict == "consistent"  # an upper bound only
    with pytest.raises(InputError, match="enclose 1"):
        ratio(ones, ones, 1.5, 2.0, 1e-3)


def test_verdicts_together() -> None:
    good, bad, open_ = (
        dataclasses.replace(_experiments(1.0, 1)[0], verdict=w)
        for w in ("consistent", "refuted", "inconclusive")
    )
    assert together([good, good])[0] is Verdict.SUPPORTED
    assert together([good, open_])[0] is Verdict.INCONCLUSIVE
    assert together([open_, bad])[0] is Verdict.REFUTED
    assert together([good, good])[1]["false_alarm"] == 2 * LOUD


def test_sampled_gradients_are_the_drivers() -> None:
    a, problem = DSBO(alpha=0.05, beta=0.2, gamma=0.2, L_g=4.0, b=3), bounded.bounded_problem(4)
    network, noise = bounded.half_mixed(4), Additive(0.3)
    ours = squared_gradients(a, problem, network, 12, noise=noise, seed=7, replicas=3)
    theirs = run(a, problem, network, steps=11, noise=noise, seed=7, replicas=3, record="all")
    np.testing.assert_allclose(ours, theirs.metrics["hypergradient_squared"], rtol=1e-12)
    with pytest.raises(Unstable):
        squared_gradients(Sum(beta=1, gamma=0.1, b=3), problem, network, 2000)


def test_the_bounded_family_is_what_it_says() -> None:
    problem = bounded.bounded_problem(4)
    assert (bounded.curvature_at_start(problem) < 0).all()
    x = np.full((1, 4, 2), 1e3)
    assert abs(problem.grad_y_f(x, x)).max() <= 1
    assert abs(problem.grad_x_f(x, x)).max() <= 1.5
    end = squared_gradients(
        DSBO(alpha=0.02, beta=0.1, gamma=0.1, L_g=4.0, b=20), problem, averaging(4), 2500
    )[0]
    assert end[-1] < 1e-3 * end[0]


def _from_first(z: Array) -> Array:
    return np.broadcast_to(z[:, :1], z.shape)


class _OneNoise:
    """An oracle that adds agent 1's noise to every agent's gradients: nothing is averaged."""

    def __init__(self, o: Oracle) -> None:
        self.o, self.problem = o, o.problem

    def __getattr__(self, name: str) -> Any:
        ask: Callable[..., Array] = getattr(self.o, name)
        if name not in GRADIENTS:
            return ask
        exact: Callable[..., Array] = getattr(self.problem, name)
        return lambda *args: exact(*args) + _from_first(ask(*args) - exact(*args))


class Copies(DSBO):
    """Every agent's gradients have the first agent's noise."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return super().step(t, s, _OneNoise(o), net)  # type: ignore[arg-type]


def _speedup(monkeypatch: pytest.MonkeyPatch, kind: type[DSBO], noise: Additive) -> Finding:
    """The statement's check on a quarter of the steps and fewer replicas."""
    monkeypatch.setattr(bounded, "NOISE", noise)
    short = bounded.sampled.__wrapped__
    monkeypatch.setattr(bounded, "_level", lambda ctx, K, T: short(kind, K, T // 4, 96, K + T))
    assert bounded.SPEEDUP.check is not None
    return bounded.SPEEDUP.check(Context(statement="x", alpha=1e-2))


def test_speedup_is_credited_to_averaging_only(monkeypatch: pytest.MonkeyPatch) -> None:
    averaged = _speedup(monkeypatch, DSBO, bounded.NOISE)
    assert averaged.verdict is not Verdict.REFUTED  # so few replicas may be too few to support it
    copied = _speedup(monkeypatch, Copies, bounded.NOISE)
    assert copied.verdict is Verdict.REFUTED
    assert min(copied.numbers["ratios"]) > 2 * max(averaged.numbers["ratios"])


def test_without_noise_no_speedup_is_credited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _speedup(monkeypatch, DSBO, Additive(0.0)).verdict is Verdict.INCONCLUSIVE


def test_a_diverging_version_has_no_rate() -> None:
    statement = bounded.RATE
    assert statement.check is not None
    assert (
        statement.check(Context(statement=statement.id, substitutes={"dsbo": Sum})).verdict is Verdict.REFUTED
    )


def test_prediction_without_noise_in_matrices_is_the_exact_limit() -> None:
    """The Lyapunov equation of the affine part, probed another way, with noise of 1/4."""
    beta = 2.0**-12
    settings = {**constants(beta, second_derivatives.DEPTHS), "L_g": second_derivatives.L_G}
    G, S, L = slow_noise(DSBO(**settings), beta)
    exact = (
        curvature(scalar_problem(1, second=False)) ** 2 * (L @ solve_continuous_lyapunov(G, -S) @ L.T)[0, 0]
    )
    assert second_derivatives.predicted(1, False) == pytest.approx(exact / 16, rel=2e-3)
    assert second_derivatives.predicted(4, True) > 1.5 * second_derivatives.predicted(4, False)


def test_the_linear_part_is_a_difference_quotient() -> None:
    K, problem = 1, scalar_problem(1, second=True)
    a = DSBO(**{**constants(0.1, 3), "L_g": 4.0}).over("float")
    reader, now = at_rest(a, problem, averaging(K))
    s = reader.state(rest_of(now.F[0], now.r[0])[None], now.fixed)
    F, _ = second_derivatives.linear_part(s, a, K, second_derivatives.ALL_NOISE)
    names = [f.name for f in dataclasses.fields(s)]

    def flat(state: Any) -> Array:
        return np.concatenate([getattr(state, k).ravel() for k in names])

    column, h = 0, 1e-6
    for k in names:
        for i in range(getattr(s, k).size):
            ends = []
            for sign in (1, -1):
                moved = getattr(s, k).copy()
                moved.reshape(-1)[i] += sign * h
                state = dataclasses.replace(s, **{k: moved})
                ends.append(flat(a.step(1, state, Oracle(problem), Gossip(averaging(K)))))
            np.testing.assert_allclose((ends[0] - ends[1]) / (2 * h), F[:, column], atol=1e-8)
            column += 1
    assert column == len(F)
