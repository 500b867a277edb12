"""Draws: what the samplers promise, how `Oracle.draw` lays them out, and what it counts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import estimate, truncated
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Picks, Scripted, Seeded, folded
from spiritlevel.synthetic.families import random_finite_sum, random_quadratic

FALSE_ALARM = 1e-6
SUMS = random_finite_sum(5, n=3, p=2, q=2, samples=4, rational=True)


def joint(picks: Picks) -> Array:
    """xi, every zeta and k, side by side: shape (R, n, S, letters)."""
    return np.concatenate([picks.xi[None], picks.zeta, picks.k[None]]).transpose(1, 2, 3, 0)


def p_value(counts: Array) -> float:
    """Chi-square against equal chances."""
    return float(stats.chisquare(counts.reshape(-1)).pvalue)


# --- seeded picks -------------------------------------------------------------------------------


def test_shapes_and_ranges() -> None:
    picks = Seeded(1, range(5)).pick(terms=7, agents=3, batch=4, depth=6)
    assert picks.xi.shape == (5, 3, 4)
    assert picks.zeta.shape == (6, 5, 3, 4)
    assert picks.k.shape == (5, 3, 4)
    assert (picks.xi.min(), picks.xi.max()) == (0, 6)
    assert (picks.k.min(), picks.k.max()) == (0, 5)


def test_a_replica_draws_the_same_whoever_draws_beside_it() -> None:
    """Over several draws, of different sizes, alone, among others, and in another block of replicas."""
    sizes = [(9, 3, 4, 2), (9, 3, 1, 5), (2, 1, 3, 1)]
    alone, among, later = Seeded(3, range(6, 7)), Seeded(3, range(8)), Seeded(3, range(5, 9))
    for size in sizes:
        first = joint(alone.pick(*size))[0]
        assert (first == joint(among.pick(*size))[6]).all()
        assert (first == joint(later.pick(*size))[1]).all()


def test_replicas_seeds_and_draws_differ() -> None:
    a, b = Seeded(3, range(3)), Seeded(4, range(3))
    one, two, other = (joint(s.pick(50, 2, 3, 2)) for s in (a, a, b))
    assert (one != two).any(axis=(1, 2, 3)).all()
    assert (one != other).any(axis=(1, 2, 3)).all()
    assert all((one[r] != one[s]).any() for r, s in itertools.combinations(range(3), 2))


def test_the_stream_is_not_that_of_the_noise() -> None:
    """Equal seeds must not make the samples a function of the noise: the keys of the streams differ."""
    picks = Seeded(0, range(1)).pick(1000, 4, 8, 1)
    for key in range(8):
        noise = np.random.Generator(np.random.SFC64(np.random.SeedSequence(0, spawn_key=(0, key))))
        assert (noise.integers(0, 1000, (2, 4, 8))[0] != picks.xi[0]).any()


def test_every_letter_is_uniform_and_pairs_are_independent() -> None:
    """Chi-square tests of all letters and of all pairs of letters, of agents, samples and draws.

    Nominally one false alarm in a million in all. Agents with one common set of picks, or zeta^1 equal to zeta^0, would
    put all of a table's counts on its diagonal, which is refuted for certain.
    """
    terms, depth = 4, 3
    sampler = Seeded(11, range(400))
    first, second = (joint(sampler.pick(terms, 2, 3, depth)) for _ in range(2))
    values: list[Array] = []
    for draw in (first, second):
        values += [draw[:, i, s, j] for i in range(2) for s in range(3) for j in range(depth + 2)]
    levels = [depth if (index % (depth + 2)) == depth + 1 else terms for index in range(len(values))]
    singles = [p_value(np.bincount(v, minlength=m)) for v, m in zip(values, levels, strict=True)]
    pairs = []
    for (a, m), (b, n) in itertools.combinations(zip(values, levels, strict=True), 2):
        pairs.append(p_value(np.bincount(a * n + b, minlength=m * n)))
    tests = len(singles) + len(pairs)
    assert tests == 60 + 60 * 59 // 2
    assert min(singles + pairs) > FALSE_ALARM / tests
    # The test can fail: picks that agents share, and a k that never reaches its end.
    shared, short = values[0] * terms + values[0], np.minimum(values[depth + 1], depth - 2)
    assert p_value(np.bincount(shared, minlength=terms**2)) < FALSE_ALARM / tests
    assert p_value(np.bincount(short, minlength=depth)) < FALSE_ALARM / tests


def test_a_depth_of_one_has_no_factors() -> None:
    assert (Seeded(0, range(20)).pick(5, 2, 3, 1).k == 0).all()


# --- scripted picks -----------------------------------------------------------------------------


def some(batch: int = 2, depth: int = 3, agents: int = 3, replicas: int = 2, seed: int = 0) -> Picks:
    return Seeded(seed, range(replicas)).pick(4, agents, batch, depth)


def test_a_script_ends() -> None:
    script = Scripted([some(), some(seed=1)])
    for seed in range(2):
        assert (joint(script.pick(4, 3, 2, 3)) == joint(some(seed=seed))).all()
    with pytest.raises(InputError, match="picks holds 2 draws; the algorithm asks for another one"):
        script.pick(4, 3, 2, 3)


@pytest.mark.parametrize("wrong", [(4, 3, 1, 3), (4, 3, 2, 2), (4, 2, 2, 3)])
def test_a_script_of_another_size_is_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError, match="picks has zeta of shape"):
        Scripted([some()]).pick(*wrong)


def test_a_script_whose_parts_disagree_is_refused() -> None:
    good = some()
    with pytest.raises(InputError, match="picks has zeta of shape"):
        Scripted([Picks(good.xi[:1], good.zeta, good.k)]).pick(4, 3, 2, 3)


def test_folding_goes_sample_by_sample_within_a_replica() -> None:
    picks = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    rows = folded(picks)
    for r, s in itertools.product(range(2), range(4)):
        assert (rows[4 * r + s] == picks[r, :, s]).all()


# --- drawing from an oracle ---------------------------------------------------------------------


def test_a_batch_answers_for_the_drawn_terms_in_the_order_of_each() -> None:
    picks = some()
    b = Oracle(SUMS, sampler=Scripted([picks])).draw(2, 3)
    x0, y0 = SUMS.start()
    x, y = (np.stack([z, 2 * z + 1]) for z in (x0, y0))
    xs, ys = b.each(x), b.each(y)
    assert xs.shape == (4, 3, 2)
    assert (b.k == folded(picks.k)).all()
    for part, chosen in ((b.f, picks.xi), *zip(b.g, picks.zeta, strict=True)):
        value = part.grad_y_g(xs, ys)
        for r, i, s in itertools.product(range(2), range(3), range(2)):
            alone = SUMS.subsample(np.full((1, 3, 1), chosen[r, i, s])).grad_y_g(x[r : r + 1], y[r : r + 1])
            assert (value[2 * r + s, i] == alone[0, i]).all()
    by_hand = (value[[0, 2]] + value[[1, 3]]) / 2
    assert (b.mean(value) == by_hand).all()


def test_one_sample_serves_for_all() -> None:
    b = Oracle(SUMS, sampler=Scripted([some()])).draw(2, 3, one=True)
    assert len(b.g) == 3
    assert all(part is b.f for part in b.g)


def test_the_mean_over_all_draws_is_the_truncated_series() -> None:
    outcomes = np.array(list(itertools.product(range(4), range(4), range(4), range(2))))
    turned = np.stack([np.roll(outcomes, 7 * i, axis=0) for i in range(3)], axis=1)[..., None]
    picks = Picks(turned[:, :, 0], turned[:, :, 1:3].transpose(2, 0, 1, 3), turned[:, :, 3])
    x, y = (np.broadcast_to(z, (128, *z.shape)) for z in SUMS.start())
    b = Oracle(SUMS, sampler=Scripted([picks])).draw(1, 2)
    L_g = convert(20, "fraction").item()
    mean = estimate(b, x, y, L_g).sum(axis=0) / 128
    assert (mean == truncated(Oracle(SUMS), x[:1], y[:1], 2, L_g)[0]).all()


def test_calls_of_a_batch_are_counted_with_the_oracle_it_came_from() -> None:
    """(22) with S = 2, K = 3 by hand: two gradients, two Hessian products, one cross product, 2 samples each."""
    o = Oracle(SUMS, sampler=Seeded(0, range(1)))
    x, y = (z[None] for z in SUMS.start())
    b = o.draw(2, 3)
    assert o.calls.samples == 0, "drawing reads nothing"
    estimate(b, x, y, 20)
    assert (o.calls.gradients, o.calls.hessians, o.calls.cross_hessians, o.calls.solves) == (2, 2, 1, 0)
    assert o.calls.samples == 2 * (2 + 2 + 1)
    o.grad_y_g(x, y)
    assert o.calls.samples == 10 + 4, "an exact call reads every term"


@pytest.mark.parametrize(("samples", "root"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (1000, 32)])
def test_the_root_is_rounded_up(samples: int, root: int) -> None:
    assert Oracle(random_finite_sum(0, 1, 1, 1, samples=samples)).root() == root


def test_what_cannot_be_drawn_from_says_so() -> None:
    plain = random_quadratic(0, 3, 2, 2)
    with pytest.raises(InputError, match="is not a finite sum, so nothing can be drawn from it"):
        Oracle(plain, sampler=Seeded(0, range(1))).draw(1, 1)
    with pytest.raises(InputError, match="is not a finite sum"):
        Oracle(plain).root()
    with pytest.raises(InputError, match="needs a sampler and no noise"):
        Oracle(SUMS).draw(1, 1)
    with pytest.raises(InputError, match="needs a sampler and no noise"):
        Oracle(SUMS, Additive(1).source(0, range(1)), Seeded(0, range(1))).draw(1, 1)


def test_a_run_does_not_depend_on_the_number_of_replicas() -> None:
    problem = random_finite_sum(2, n=3, p=2, q=1, samples=9)
    a = SVRInteract(alpha=0.01, beta=0.02, L_g=float(problem.sample_constants.L_g), K=3)
    few, many = (run(a, problem, named("ring:3"), steps=8, replicas=R, seed=5) for R in (2, 70))
    assert np.allclose(few.x, many.x[:2], rtol=1e-12, atol=0)
    assert (np.ptp(many.x[:, -1], axis=0) > 0).all()
