"""Tabular actor-critic learning: derivatives, numbers by hand, refusals, and the steps of SLAM-AC."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from property_tests.strategies import relative_gap
from spiritlevel.core.algorithms.slam_ac import ActorCriticSLAM
from spiritlevel.core.algorithms.slam_l import LowerSLAM
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.actor_critic import ActorCritic, random_actor_critic
from spiritlevel.synthetic.critics import CRITICS, Critic
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.synthetic.markov_game import LAWS, Game, Law, game, random_game, random_policy
from spiritlevel.theory.slam.critic import instances
from spiritlevel.theory.slam.critic.values import NEAR, finite_differences

F = Fraction
H = 1e-30  # a complex step has no cancellation


def drawn(problem: ActorCritic) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    return tuple(rng.standard_normal((2, problem.n, k)) for k in (problem.p, problem.q, problem.q))  # type: ignore[return-value]


@pytest.mark.parametrize(("law", "critic"), [*itertools.product(LAWS, CRITICS)])
def test_derivatives_of_the_lower_level(law: Law, critic: Critic) -> None:
    """By complex steps; the cross term holds the law's own dependence on the policies."""
    problem = random_actor_critic(3, 2, 3, law=law, critic=critic)
    (x, y, v), wide = drawn(problem), problem.over("complex")
    unit = np.eye(problem.q)
    hessian = np.stack([wide.grad_y_g(x + 0j, y + 1j * H * e).imag / H for e in unit], axis=-1)
    assert relative_gap(problem.hess_yy_g(x, y), hessian) < 1e-13
    assert relative_gap(problem.hvp_yy_g(x, y, problem.solve_yy_g(x, y, v)), v) < 1e-12
    cross = np.zeros(x.shape)
    for i, k in np.ndindex(x.shape[1:]):
        move = np.zeros(x.shape, dtype=complex)
        move[:, i, k] = 1j * H
        cross[:, i, k] = (wide.grad_y_g(x + move, y + 0j).imag / H * v)[:, i].sum(axis=-1)
    assert relative_gap(problem.jvp_xy_g(x, y, v), cross) < 1e-13
    assert relative_gap((problem.hess_xy_g(x, y) @ v[..., None])[..., 0], cross) < 1e-13
    if critic == "td":
        with pytest.raises(InputError, match="not the gradient of a function"):
            problem.g(x, y)
    else:
        slopes = np.stack([wide.g(x + 0j, y + 1j * H * e).imag / H for e in unit], axis=-1)
        assert relative_gap(problem.grad_y_g(x, y), slopes) < 1e-13
    at = problem.lower_solution(x)
    assert abs(problem.grad_y_g(x, at).mean(axis=1)).max() < 1e-13


def test_what_stands_above() -> None:
    problem = random_actor_critic(5, 2, 3, critic="td")
    assert isinstance(problem, SolvedProblem)
    x, y, _ = drawn(problem)
    assert not problem.grad_y_f(x, y).any()
    # at V and the mean reward (212) is the gradient, and elsewhere it is not
    assert relative_gap(-problem.grad_x_f(x, problem.lower_solution(x)), problem.gradient(x)) < 1e-13
    assert relative_gap(-problem.grad_x_f(x, y), problem.gradient(x)) > 1e-2
    common, e = x[:, 0], 1e-6
    slopes = [
        (problem.value(common + e * d) - problem.value(common - e * d)) / (2 * e) for d in np.eye(problem.p)
    ]
    assert relative_gap(problem.hypergradient(common), np.stack(slopes, axis=-1)) < 1e-8
    assert (problem.f(x, y) == -problem.objective(x)[:, None]).all()
    assert problem.solution() is None
    assert problem.infimum() is None
    # A5's constant on its box: no Hessian at a point of it has a smaller eigenvalue
    inside = ActorCritic(problem.made, "uniform")
    box = np.clip(3 * x, -3, 3)
    assert np.linalg.eigvalsh(inside.hess_yy_g(box, y)).min() >= inside.constants.mu_g > 0


def test_the_policy_gradient_is_exact_and_near_finite_differences() -> None:
    made = random_game(1, 3, 2, rational=True)
    pi = random_policy(2, made)
    G = made.gradient(pi)
    for i, s in itertools.product(range(3), range(2)):
        slope, confirmed = instances.differentiated(made, pi, i, s)
        assert confirmed
        assert G[0, i, s].tolist() == [slope, -slope]
    assert finite_differences(made, pi) < NEAR
    floats = made.over("float").gradient(pi.astype(float))
    assert relative_gap(floats, G) < 1e-13
    # one agent's policy as another's: then it is another gradient
    assert (made.gradient(pi[:, [1, 0, 2]]) != G).any()


def test_laws_by_hand() -> None:
    """Two states, 0 -> 1 surely and 1 -> 0 with probability 1/4: mu = (1, 4)/5, d = (5, 4)/9 from state 0."""
    made = game([[[0, 1]] * 2, [[F(1, 4), F(3, 4)]] * 2], [[[1, 0], [0, 0]]], [1, 0], discount="1/2")
    joint = convert(np.full((1, 2, 2), 0.5), "fraction")
    found = [made.law(law, joint)[0].tolist() for law in LAWS]
    assert found == [[F(1, 5), F(4, 5)], [F(1, 2), F(1, 2)], [F(5, 9), F(4, 9)]]
    assert made.value(joint)[0, 0] == F(1, 2) + made.value(joint)[0, 1] / 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transitions": [[[1]] * 3]}, "give 2\\^1"),
        ({"transitions": [[[2], [1]]]}, "no probabilities"),
        ({"start": [F(1, 2)]}, "no probabilities"),
        ({"discount": 1}, "strictly between 0 and 1"),
    ],
)
def test_games_that_are_none_are_refused(change: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {
        "transitions": [[[1], [1]]],
        "rewards": [[[1, 0]]],
        "start": [1],
        "discount": "1/2",
    }
    if "transitions" in change and len(change["transitions"][0]) == 3:
        change = {**change, "rewards": [[[1, 0, 0]]]}
    with pytest.raises(InputError, match=message):
        game(**(good | change))


def test_problems_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="unknown law 'uniformly'"):
        ActorCritic(random_game(0, 1, 2), "uniformly")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown critic"):
        ActorCritic(random_game(0, 1, 2), critic="dt")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="may have probability 0 under the stationary law"):
        ActorCritic(instances.walk(2))
    with pytest.raises(InputError, match="has exponentials"):
        random_actor_critic(0, 1, 2).over("fraction")
    problem = random_quadratic(1, 3, 2, 2, shared=True)
    with pytest.raises(InputError, match="common is 3 but x has 2 entries"):
        run(ActorCriticSLAM(common=3), problem, named("ring:3"), steps=1)


def test_the_walk_by_hand() -> None:
    """Staying for ever is worth 4; leaving for ever goes round 1, 2 and back."""
    made = instances.walk()
    stay, leave = instances.staying(1), instances.staying(0)
    assert made.value(made.joint(stay))[0, 0] == 4
    assert made.objective(leave)[0] - made.objective(stay)[0] == F(9, 2) - F(132, 31)
    assert (instances.walk(2).mean_reward[:, 0] == made.mean_reward[:, 0]).all()
    even = [instances.walk(n).objective(instances.staying(F(1, 2), n))[0] for n in (1, 2)]
    assert even == [F(528, 119)] * 2


@pytest.mark.parametrize("common", [0, 1, 3])
def test_slam_ac_spends_what_it_shares(common: int) -> None:
    """Five agents in a ring: 10 directed edges, one round at the start and one per step, q = 2 numbers and the shared ones."""
    problem = random_quadratic(seed=4, n=5, p=3, q=2, shared=True)
    trace = run(ActorCriticSLAM(common=common), problem, named("ring:5"), steps=7, record=[7])
    assert {k: int(v[-1]) for k, v in trace.counts.items()} == {
        "gradients": 14,
        "hessians": 0,
        "cross_hessians": 0,
        "solves": 0,
        "samples": 0,
        "rounds": 8,
        "messages": 80,
        "floats": 80 * (2 + common),
    }


@pytest.mark.parametrize("common", [0, 1, 3])
def test_only_the_shared_part_is_drawn_together(common: int) -> None:
    """From rest in the lower level and no gradients above, the shared part moves by (5b) and the rest stays."""
    problem = random_quadratic(seed=4, n=3, p=3, q=2, shared=True, rational=True)
    net, o = Gossip(named("path:3", exact=True)), Oracle(problem)
    a = ActorCriticSLAM(alpha=2, beta=4, gamma=1, rho=F(1, 4), common=common).over("fraction")
    x, y = (z[None] for z in problem.start())
    x = x + convert([[0], [1], [3]], "fraction")
    s = a.init(x, y, o, net)
    after = a.step(1, s, o, net)
    plain = x - problem.grad_x_f(x, after.y) / 2
    L = convert([[1, -1, 0], [-1, 2, -1], [0, -1, 1]], "fraction")
    drawn_together = (L @ x[0]) / 8
    assert (after.x[0, :, :common] == (plain[0] - drawn_together)[:, :common]).all()
    assert (after.x[0, :, common:] == plain[0, :, common:]).all()
    assert not after.lam[..., common:].any()
    assert not a.conserved(after, net).any()


def test_agents_have_no_names_where_a_part_is_shared() -> None:
    a, order = ActorCriticSLAM(alpha=64, beta=64, common=2), [2, 0, 1]
    made = random_game(1, 3, 2, discount="1/2")
    problem, network = ActorCritic(made, "uniform"), named("path:3")
    turned = made.transitions.reshape(2, 2, 2, 2, 2).transpose(0, *[1 + k for k in order], 4).reshape(2, 8, 2)
    rewards = (
        made.rewards[order].reshape(3, 2, 2, 2, 2).transpose(0, 1, *[2 + k for k in order]).reshape(3, 2, 8)
    )
    other = ActorCritic(Game(turned, rewards, made.start, made.discount), "uniform")
    x0 = np.random.default_rng(0).standard_normal((3, 4))
    here = run(a, problem, network, steps=30, x0=x0, metrics=()).x[0, -1]
    moved = Network(network.W[np.ix_(order, order)])
    there = run(a, other, moved, steps=30, x0=x0[order], metrics=()).x[0, -1]
    assert relative_gap(there, here[order]) < 1e-12
    assert relative_gap(there, here) > 1e-3


def test_slam_l_is_slam_ac_where_nothing_is_shared() -> None:
    """J does not hold y: (23), with its Hessian and cross term, is (212)."""
    problem, steps = random_actor_critic(2, 2, 2), {"alpha": 4, "beta": 4, "gamma": 4, "rho": F(1, 4)}
    one, two = (
        run(a, problem, named("path:2"), steps=20, metrics=())
        for a in (ActorCriticSLAM(**steps, common=0), LowerSLAM(**steps))
    )
    assert relative_gap(one.x[0, -1], two.x[0, -1]) < 1e-12
    assert relative_gap(one.y[0, -1], two.y[0, -1]) < 1e-12
    assert relative_gap(one.x[0, -1], one.x[0, 0]) > 1e-2
