"""Second moments by enumeration, against all joint sample paths in exact rationals and against powers."""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from property_tests.strategies import relative_gap
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.gt_dsgd import GTDSGD
from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import estimate, surrogate
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Picks, Sampler, Scripted
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.theory.instruments.affine import Layout, NotAffine, probe
from spiritlevel.theory.instruments.enumeration import random_map, random_maps, random_start
from spiritlevel.theory.instruments.moments import Unstable, fixed_point
from spiritlevel.theory.instruments.second_moments import half, process, symmetric
from spiritlevel.theory.instruments.spectrum import quotient
from spiritlevel.theory.interact.potential import metric_readout

TINY = random_finite_sum(3, n=2, p=1, q=1, samples=2, spread=Fraction(1, 2), rational=True).over("fmpq")
EDGE = named("path:2", exact=True)
L_G = Fraction(5)
STEPS: dict[str, Any] = {"alpha": Fraction(1, 4), "beta": Fraction(1, 5), "L_g": L_G}


@dataclass
class _Sizes:
    """Notes what one call asks of a sampler."""

    seen: tuple[int, int, int, int] | None = None

    def pick(self, terms: int, agents: int, batch: int, depth: int) -> Picks:
        assert self.seen is None, "one draw at most"
        self.seen = (terms, agents, batch, depth)
        xi, zeta, k = (np.zeros((*lead, 1, agents, batch), dtype=int) for lead in ((), (depth,), ()))
        return Picks(xi, zeta, k)


def all_draws(terms: int, agents: int, batch: int, depth: int) -> Picks:
    """Every joint draw of all agents and samples, one per replica."""
    ranges = [terms] * (depth + 1) + [depth]
    joint = np.array(list(itertools.product(*(range(top) for top in ranges * (agents * batch)))))
    digits = joint.reshape(len(joint), agents, batch, depth + 2)
    return Picks(digits[..., 0], np.moveaxis(digits[..., 1:-1], -1, 0), digits[..., -1])


def expand(call: Any, states: Array, weights: Array) -> tuple[Array, Array]:
    """All states that may follow, with their probabilities; equal ones are joined."""
    sizes = _Sizes()
    call(states[:1], sizes)
    law: dict[tuple[Any, ...], Any] = defaultdict(lambda: Fraction(0))
    if sizes.seen is None:
        for z, w in zip(call(states, Scripted([])), weights, strict=True):
            law[tuple(z)] += w
    else:
        draws = all_draws(*sizes.seen)
        count = len(draws.xi)
        for z, w in zip(states, weights, strict=True):
            for after in call(np.tile(z, (count, 1)), Scripted([draws])):
                law[tuple(after)] += w / count
    return np.array([list(z) for z in law], dtype=object).reshape(len(law), -1), np.array(list(law.values()))


def brute_force(a: Algorithm, T: int) -> list[Array]:
    """``E[(z_t, 1)(z_t, 1)']`` for t = 0 .. T, from all joint sample paths."""
    a, net = a.over("fmpq"), Gossip(EDGE.over("fmpq"))
    x, y = TINY.start()
    layout: list[Layout] = []

    def init(z: Array, sampler: Sampler) -> Array:
        many_x, many_y = (np.repeat(v[None], len(z), axis=0) for v in (x, y))
        s = a.init(many_x, many_y, Oracle(TINY, sampler=sampler), net)
        layout.append(Layout.of(s))
        return layout[0].flatten(s)

    def step(t: int) -> Any:
        def call(z: Array, sampler: Sampler) -> Array:
            return layout[0].flatten(a.step(t, layout[0].unflatten(z), Oracle(TINY, sampler=sampler), net))

        return call

    states, weights = expand(init, np.empty((1, 0), dtype=object), np.array([Fraction(1)]))
    out = []
    for t in range(T + 1):
        if t:
            states, weights = expand(step(t), states, weights)
        z = np.c_[convert(states, "fraction"), [Fraction(1)] * len(states)]
        out.append((z * weights[:, None]).T @ z)
    return out


@pytest.mark.parametrize(
    ("a", "period", "T"),
    [
        (SVRInteract(K=1, S=1, q=4, **STEPS), 4, 3),
        (SVRInteract(K=1, S=1, q=2, lower="zeta", **STEPS), 2, 3),
        (SVRInteract(K=2, S=1, q=2, **STEPS), 2, 2),
        (SVRInteract(K=2, S=1, q=2, one=True, refresh="truncated", **STEPS), 2, 3),
        (SVRInteract(K=1, S=2, q=2, **STEPS), 2, 2),
        (GTDSGD(K=1, S=1, **STEPS), 1, 1),
        (GTDSGD(K=1, S=2, **STEPS), 1, 0),
        (GTDSGD(K=2, S=1, **STEPS), 1, 0),
    ],
    ids=str,
)
def test_exact_moments_are_those_of_all_joint_sample_paths(a: Algorithm, period: int, T: int) -> None:
    """Every entry of E z z' (and of E z, its last column), without rounding."""
    found = process(a, TINY, EDGE, period=period)
    for t, expected in enumerate(brute_force(a, T)):
        moments = convert(found.moments(t), "fraction")
        assert (moments == expected).all()
    assert found.outcomes > 1
    spread = expected[:-1, :-1] - np.multiply.outer(expected[:-1, -1], expected[:-1, -1])
    assert any(spread.reshape(-1) != 0), "something was random"


def test_a_batch_divides_the_variance_by_its_size() -> None:
    spreads = []
    for S in (1, 3):
        start = random_start(GTDSGD(K=2, S=S, **STEPS), TINY, EDGE)
        product = start.products()[:, 0, :, 0] - np.multiply.outer(start.mean[:, 0], start.mean[:, 0])
        spreads.append(product)
    assert (spreads[0] == 3 * spreads[1]).all()
    assert (spreads[0] != 0).any()


FLOATS = random_finite_sum(1, n=3, p=1, q=1, samples=4, spread=0.3)
RING = named("ring:3")


def svr(**settings: Any) -> SVRInteract:
    chosen = {
        "alpha": 0.02,
        "beta": 0.1,
        "S": 2,
        "q": 3,
        "K": 2,
        "L_g": FLOATS.sample_constants.L_g,
    } | settings
    return SVRInteract(**chosen)


def test_doubling_agrees_with_adding_up_and_with_one_step_at_a_time() -> None:
    a = svr()
    found = process(a, FLOATS, RING, period=3)
    L, c = metric_readout(FLOATS, probe(a, FLOATS, RING, t=3))
    steps = found.trace(L, c, 3 * 16 - 1)
    sums = found.sums(L, c, 4)
    assert sums == pytest.approx([steps[: 3 * 2**k].sum() for k in range(5)], rel=1e-10)
    for t in (0, 1, 2, 3, 29, 47):
        assert found.expected_square(L, c, t) == pytest.approx(steps[t], rel=1e-10)
        by_hand = np.c_[L, c] @ found.moments(t) @ np.c_[L, c].T
        assert np.trace(by_hand) == pytest.approx(steps[t], rel=1e-9)
    assert found.sums(L, c, 40)[-1] == pytest.approx(found.sums(L, c, 20)[-1], rel=1e-9)


def test_coordinates_do_not_matter() -> None:
    """Around the fixed point of the mean, or around the start; with p != q."""
    problem = random_finite_sum(5, n=2, p=2, q=1, samples=2, spread=0.3)
    a = SVRInteract(alpha=0.02, q=2, S=1, K=2, L_g=problem.sample_constants.L_g)
    centred, plain = (process(a, problem, named("path:2"), period=2, centre=c) for c in (True, False))
    for t in (0, 1, 5, 40):
        assert relative_gap(centred.moments(t), plain.moments(t)) < 1e-10


def test_where_the_noise_vanishes_the_moments_do() -> None:
    """Increments are 0 at a fixed point: SVR-INTERACT ends where INTERACT does, GT-DSGD stays noisy."""
    L, c = metric_readout(FLOATS, probe(svr(), FLOATS, RING, t=3))
    found = process(svr(), FLOATS, RING, period=3)
    assert found.radius < 1
    assert found.limit(L, c) < 1e-25
    assert found.expected_square(L, c, 3 << 40) < 1e-25
    limit = fixed_point(quotient(probe(Interact(alpha=0.02), FLOATS, RING)))
    assert relative_gap(found.origin, limit) < 1e-10
    noisy = process(GTDSGD(alpha=0.02, S=2, K=2, L_g=FLOATS.sample_constants.L_g), FLOATS, RING, period=1)
    assert noisy.limit(L, c) > 1e-4
    assert noisy.limit(L, c) == pytest.approx(noisy.expected_square(L, c, 1 << 20), rel=1e-9)


def test_the_mean_is_that_of_many_runs() -> None:
    """All coordinates of x at t = 5 within five standard errors of the exact mean (false alarm 2e-6)."""
    found = process(svr(), FLOATS, RING, period=3).moments(5)
    trace = run(svr(), FLOATS, RING, steps=5, record=[5], replicas=2000, metrics=(), seed=2)
    x = trace.x[:, 0].reshape(2000, -1)
    mean, variance = found[:3, -1], np.diag(found)[:3] - found[:3, -1] ** 2
    assert (variance > 0).all()
    assert (abs(x.mean(axis=0) - mean) < 5 * np.sqrt(variance / 2000)).all()


def test_iterations_are_told_apart() -> None:
    maps = random_maps(svr(), FLOATS, RING, range(1, 4))
    assert maps[0] is maps[1]
    assert [m.outcomes for m in maps] == [80, 80, 1]


def test_a_process_without_an_attracting_fixed_point_is_refused() -> None:
    for wild in (svr(alpha=5.0), svr(q=10**6)):  # never refreshed, p - E p keeps its value for ever
        with pytest.raises(Unstable, match="no attracting fixed point"):
            process(wild, FLOATS, RING, period=3)


def test_half_and_back() -> None:
    X = np.arange(16).reshape(4, 4)
    X = X + X.T
    assert (symmetric(half(X)) == X).all()


# --- what must not be enumerated ---------------------------------------------------------------------


@dataclass(frozen=True)
class SquaredBatch(GTDSGD):
    """The square of a batch's mean enters: not a mean over its samples."""

    def _estimates(self, o: Oracle, x: Array, y: Array) -> tuple[Array, Array]:
        b = o.draw(self.S, self.K)
        p = estimate(b, x, y, self.L_g)
        return p + b.mean(b.f.grad_x_f(b.each(x * 0), b.each(y * 0))) ** 2, y


@dataclass(frozen=True)
class Neighbourly(GTDSGD):
    """One agent's draw is multiplied with its neighbours': contributions do not add up."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As it should be, but for u."""
        z = super().step(t, s, o, net)
        b = o.draw(1, 1)
        draw = b.mean(b.f.grad_x_f(b.each(s.x * 0), b.each(s.y * 0)))
        return dataclasses.replace(z, u=z.u + draw * net.mix(draw) - draw * draw)


@dataclass(frozen=True)
class ReadsOn(GTDSGD):
    """Reads the last zeta whatever k is."""

    def _estimates(self, o: Oracle, x: Array, y: Array) -> tuple[Array, Array]:
        b = o.draw(self.S, self.K)
        return estimate(b, x, y, self.L_g), b.mean(b.g[-1].grad_y_g(b.each(x), b.each(y)))


@pytest.mark.parametrize("wrong", [SquaredBatch, Neighbourly, ReadsOn])
def test_what_does_not_add_up_is_refused(wrong: type[GTDSGD]) -> None:
    with pytest.raises(NotAffine, match="random draws"):
        random_map(wrong(S=2, K=2, L_g=FLOATS.sample_constants.L_g), FLOATS, RING)


@dataclass(frozen=True)
class LeakyTracker(SVRInteract):
    """The sampled part of p is not tracked."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As it should be, but for u."""
        z = super().step(t, s, o, net)
        return dataclasses.replace(z, u=net.mix(s.u) + surrogate(o, z.x, z.y) - s.p)


def test_a_leak_in_any_outcome_is_seen() -> None:
    with pytest.raises(ValueError, match="declared conserved is not"):
        random_map(LeakyTracker(q=3, S=2, K=2, L_g=FLOATS.sample_constants.L_g), FLOATS, RING)


def test_too_many_outcomes_are_refused() -> None:
    with pytest.raises(InputError, match="K is 12 with 4 terms: too many outcomes"):
        random_map(svr(K=12), FLOATS, RING)
