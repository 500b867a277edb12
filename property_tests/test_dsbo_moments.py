"""DSBO's exact moments, each against something computed another way, and its theorems' checks on wrong versions."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.dsbo import DSBO, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import GRADIENTS, Probe
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_curved, random_quadratic
from spiritlevel.theory.dsbo.theorems import moments, theorem51, theorem53, variance
from spiritlevel.theory.dsbo.theorems.moments import (
    MOVING,
    SIGMA,
    at_rest,
    mean_x,
    ring,
    scalar_problem,
)
from spiritlevel.theory.instruments.varying import Moving, NotClosed, follow
from spiritlevel.theory.statement import Context, Statement, Verdict

ROUNDING = 1e-12


def _follow(a: DSBO, problem: Any, T: int, **settings: Any) -> Moving:
    network = ring(problem.n)
    return follow(a, problem, network, T, **{"moving": MOVING, "sigma": SIGMA, "readout": mean_x, **settings})


def test_moments_against_every_outcome_of_two_point_noise() -> None:
    """All 2^12 patterns of plus and minus one in three gradients over four steps."""
    problem, a, T = scalar_problem(1, second=True), DSBO(alpha=0.3, beta=0.4, gamma=0.2, L_g=3.0, b=3), 4
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=3 * T)))
    R = len(signs)
    start = [np.repeat(z[None].astype(float), R, axis=0) for z in problem.start()]
    net = Gossip(averaging(1))
    s = a.over("float").init(start[0], start[1], Oracle(problem), net)
    for t in range(1, T + 1):
        added = [signs[:, 3 * (t - 1) + k].reshape(R, 1, 1) for k in range(3)]
        s = a.over("float").step(t, s, Oracle(problem, Probe(frozenset(GRADIENTS), added)), net)
    found = _follow(a, problem, T)
    assert found.mean[0, T, 0] == pytest.approx(s.x.mean(), rel=ROUNDING)
    assert found.covariance[0, T, 0, 0] == pytest.approx(s.x.var(), rel=ROUNDING)
    assert found.covariance[0, T, 0, 0] > 0


def test_many_step_sizes_at_once_are_the_same_as_one_by_one() -> None:
    problem = random_quadratic(seed=3, n=3, p=2, q=2, shared=True)
    betas = np.array([0.05, 0.2])
    sizes = betas.reshape(-1, 1, 1)
    both = _follow(DSBO(alpha=0.1 * sizes, beta=sizes, gamma=0.1, b=3), problem, 12)
    for k, beta in enumerate(betas):
        one = _follow(DSBO(alpha=0.1 * beta, beta=beta, gamma=0.1, b=3), problem, 12)
        np.testing.assert_allclose(both.mean[k], one.mean[0], rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(both.covariance[k], one.covariance[0], rtol=0, atol=ROUNDING)
    assert abs(both.mean[0] - both.mean[1]).max() > 1e-3


def test_settled_maps_are_kept_without_a_difference() -> None:
    a = DSBO(alpha=0.1, beta=0.3, gamma=0.1, L_g=2.5, mu_g=2.0, b=3)
    problem = scalar_problem(3, second=True)
    kept, read = _follow(a, problem, 150, autonomous=True), _follow(a, problem, 150)
    assert kept.settled is not None
    assert kept.settled < 150
    assert read.settled is None
    np.testing.assert_allclose(kept.mean, read.mean, rtol=ROUNDING)
    np.testing.assert_allclose(kept.covariance[:, -1], read.covariance[:, -1], rtol=ROUNDING)


def test_rest_is_where_a_long_run_ends() -> None:
    problem, a = scalar_problem(5, second=True), DSBO(alpha=0.1, beta=0.2, gamma=0.2, L_g=3.0, b=9)
    reader, now = at_rest(a, problem, ring(5))
    L, c = reader.readout(mean_x, now.fixed)
    rest = L @ np.linalg.solve(np.eye(reader.size) - now.F[0], now.r[0]) + c
    net, (x, y) = Gossip(ring(5)), problem.start()
    s = a.over("float").init(x[None], y[None], Oracle(problem), net)
    for t in range(1, 1500):
        s = a.over("float").step(t, s, Oracle(problem), net)
    assert rest[0] == pytest.approx(float(s.x.mean()), rel=1e-9)


def test_noise_in_second_derivatives_does_not_close() -> None:
    problem = scalar_problem(2, second=True)
    for channel in ("hess_xy_g", "hess_yy_g"):
        with pytest.raises(NotClosed):
            _follow(DSBO(b=2), problem, 3, sigma={channel: 1.0}, moving=("x", "y", "s", "h"))


def test_a_deterministic_part_that_reads_the_rest_does_not_close() -> None:
    with pytest.raises(NotClosed):
        _follow(DSBO(b=2), scalar_problem(2, second=True), 3, moving=("x", "y", "s"))


def test_a_curved_problem_does_not_close() -> None:
    problem = random_curved(seed=1, n=3, p=1, q=1, shared=True)
    with pytest.raises(NotClosed):
        _follow(DSBO(b=2), problem, 3)


def test_agents_that_differ_in_second_derivatives_are_not_one_agent() -> None:
    a = DSBO(**moments.constants(0.3, 5))
    four, one = (_follow(a, scalar_problem(K, second=True), 40) for K in (4, 1))
    assert abs(four.mean - one.mean).max() > 1e-4


def _from_first(z: Array) -> Array:
    return np.broadcast_to(z[:, :1], z.shape)


class _OneSampler:
    """An oracle whose answers are agent 1's for all: nothing is averaged."""

    def __init__(self, o: Oracle) -> None:
        self.o = o

    def __getattr__(self, name: str) -> Any:
        ask: Callable[..., Array] = getattr(self.o, name)
        return (lambda *args: _from_first(ask(*args))) if name in GRADIENTS else ask


@dataclass(frozen=True)
class Copies(DSBO):
    """Every agent uses the first agent's samples."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return super().step(t, s, _OneSampler(o), net)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Timid(DSBO):
    """Step sizes for x that are an eighth, under rule (6), and the square, under rule (5), of what they should be."""

    def sizes(self, t: int) -> tuple[Any, Any, Any]:
        alpha, beta, gamma = super().sizes(t)
        return (alpha / 8 if self.rule == "(6)" else 2 * alpha * alpha), beta, gamma


@dataclass(frozen=True)
class Alone(DSBO):
    """u and v are not mixed: each agent keeps its own second derivatives."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        mixed = net.mix

        class Selective:
            def mix(self, *fields: Array) -> Any:
                return (*mixed(*fields[:4]), *fields[4:])

        return super().step(t, s, o, Selective())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (theorem51.SPEEDUP, Copies),
        (theorem53.SPEEDUP, Copies),
        (variance.VARIANCE, Copies),
        (variance.RULE_5_VARIANCE, Copies),
        (theorem51.RATE, Timid),
        (theorem53.RATE, Timid),
        (theorem51.NETWORK, Alone),
        (theorem53.NETWORK, Alone),
    ],
)
def test_a_wrong_version_is_refuted(statement: Statement, wrong: type[DSBO]) -> None:
    assert statement.check is not None
    found = statement.check(Context(statement=statement.id, substitutes={"dsbo": wrong}))
    assert found.verdict is Verdict.REFUTED, found.summary


def test_limits_of_the_noise_parts() -> None:
    """Both against sums over long runs: within the first corrections, of order beta and 1/T."""
    for limit, found in (
        (theorem51.limit_of_noise(DSBO), theorem51.sweep(DSBO, 512)),
        (theorem53.limit_of_noise(DSBO), theorem53.parts(DSBO, 1, False, 512)),
    ):
        if isinstance(found, theorem51.Sweep):
            values = found.flat(found.noise)[0]
        else:
            values = found[1][[128, 256, 512]] * [128, 256, 512]
        error = abs(values / limit - 1)
        assert error[-1] < 0.75 * error[-2]
        assert error[-1] < 0.1
