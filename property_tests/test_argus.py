"""Argus's parts: the estimate and its derivative, the polytopes' bookkeeping, a case with a known answer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.activity import Scripted
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.cuts import Cuts
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.families import random_quadratic

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("K", [1, 3])
def test_the_estimates_derivative_is_that_of_the_estimate(K: int) -> None:
    """Differences are exact to rounding: everything is affine in x. K = 3 reaches two hops beyond the neighbours'."""
    problem, net = random_quadratic(seed=1, n=4, p=2, q=3, shared=True), Gossip(named("path:4"))
    rounds = LowerRounds(K, 0.3, 0.2, 0.1, scaled=False)
    x, y0 = RNG.standard_normal((1, 4, 2)), RNG.standard_normal((1, 4, 3))
    at, S = rounds.run(Oracle(problem), net, x, y0)
    for j in range(4):
        for k in range(2):
            moved = x.copy()
            moved[0, j, k] += 1.0
            there = rounds.run(Oracle(problem), net, moved, y0)[0]
            np.testing.assert_allclose((there - at)[0], S[0, :, :, j, k], atol=1e-12)
    assert (S[0, 0, :, 1] != 0).any() == (K > 1)


def test_one_exact_round_finds_the_solution_and_many_small_ones_approach_it() -> None:
    one = np.ones((2, 1, 1))
    problem = quadratic(H=one, B=one, c=np.zeros((2, 1)), shared=True)
    x, y0 = np.full((1, 2, 1), 3.0), np.full((1, 2, 1), -1.0)
    net = Gossip(averaging(2))
    assert LowerRounds(1, 1.0, 0.1, 0.1, scaled=False).run(Oracle(problem), net, x, y0)[
        0
    ].ravel().tolist() == [3, 3]
    near = LowerRounds(60, 0.3, 0.1, 0.1, scaled=False).run(Oracle(problem), net, x, y0)[0]
    np.testing.assert_allclose(near, 3.0, atol=1e-6)


def _cuts(M: int = 2) -> Cuts:
    return Cuts.none(np.zeros((1, 2, 1)), np.zeros((1, 2, 1)), M)


def _one(value: float) -> tuple[Array, Array, Array]:
    return np.full((1, 2, 2, 1), value), np.zeros((1, 2, 2, 1)), np.full((1, 2), -value)


def test_cuts_fill_free_slots_in_order_and_refuse_or_drop_beyond() -> None:
    everyone, first = np.array([[1, 1]]), np.array([[1, 0]])
    cuts = _cuts().adding(*_one(1), everyone, drop_oldest=False).adding(*_one(2), first, drop_oldest=False)
    assert cuts.count().tolist() == [[2, 1]]
    x = np.array([[[1.0], [1.0]]])
    assert cuts.values(x, x).tolist() == [[[1.0, 2.0], [1.0, 0.0]]]
    refused = cuts.adding(*_one(3), everyone, drop_oldest=False)
    assert refused.values(x, x).tolist() == [[[1.0, 2.0], [1.0, 3.0]]]
    dropped = cuts.adding(*_one(3), everyone, drop_oldest=True)
    assert dropped.values(x, x).tolist() == [[[2.0, 3.0], [1.0, 3.0]]]


def test_deleted_cuts_leave_no_gap_and_take_their_multipliers_along() -> None:
    cuts = _cuts().adding(*_one(1), np.array([[1, 1]]), drop_oldest=False)
    cuts = cuts.adding(*_one(2), np.array([[1, 1]]), drop_oldest=False)
    cuts = cuts.with_multipliers(np.array([[[5.0, 7.0], [5.0, 7.0]]]))
    left = cuts.without(np.array([[[1, 0], [0, 0]]]))
    assert left.count().tolist() == [[1, 2]]
    assert left.lam.tolist() == [[[7.0, 0.0], [5.0, 7.0]]]
    assert left.pull()[0][0, 0].ravel().tolist() == [14.0, 14.0]


def _line(target: float) -> Bilevel:
    """Two equal agents, G = (x^2 + (y - target)^2)/2 over g = (y - x)^2/2: x* = target/2."""
    one = np.ones((2, 1, 1))
    return quadratic(H=one, B=one, c=np.zeros((2, 1)), A=one, Q=one, e=np.full((2, 1), -target), shared=True)


def test_with_an_exact_estimate_it_ends_near_the_solution_up_to_eps() -> None:
    """The cut y - x <= eps moves x by eps/2; the damped multipliers leave O(t^-1/2)."""
    a = Argus(eta=0.05, eta_y=1.0, multipliers="project")
    last = run(a, _line(1.0), averaging(2), steps=4000).x[0, -1]
    np.testing.assert_allclose(last, 0.5, atol=0.01)
    without = run(Argus(eta=0.05, T_1=0), _line(1.0), averaging(2), steps=4000).x[0, -1]
    np.testing.assert_allclose(without, 0.0, atol=1e-6)


def test_a_sleeping_agent_only_mixes() -> None:
    """Exactly, by hand: agent 1 sleeps through the first iteration."""
    problem = _line(1.0).over("fraction")
    start = np.array([[Fraction(1)], [Fraction(3)]], dtype=object)
    trace = run(
        Argus(eta=Fraction(1, 2), T_1=0),
        problem,
        averaging(2, exact=True),
        steps=1,
        x0=start,
        y0=start,
        activity=Scripted(((1, 0),)),
    )
    assert trace.x[0, -1].ravel().tolist() == [2 - Fraction(1, 2) * 1, 2]
    assert trace.y[0, -1].ravel().tolist() == [2 - Fraction(1, 2) * 0, 2]


def test_rates_scale_steps_and_are_refused_unless_positive() -> None:
    problem = _line(1.0)
    start = np.array([[1.0], [1.0]])
    one, two = (
        run(Argus(eta=0.1, rates=rates, T_1=0), problem, averaging(2), steps=1, x0=start).x[0, -1].ravel()
        for rates in ("1", "1:2")
    )
    np.testing.assert_allclose(1 - two, (1 - one) * [1, 2])
    with pytest.raises(InputError, match="rates is '1:0'"):
        Argus(rates="1:0")
