"""Claims about SLAM-AC and the experiments: every check on a case that turns it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.slam_ac import ActorCriticSLAM
from spiritlevel.core.algorithms.slam_u import UpperSLAM
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.actor_critic import ActorCritic
from spiritlevel.synthetic.critics import minimiser
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.synthetic.markov_game import game, random_game, random_policy
from spiritlevel.theory.judge import judge
from spiritlevel.theory.slam.critic import (
    actor,
    counterpart,
    estimate,
    experiments,
    form,
    instances,
    limits,
    lower,
    sensitivity,
    settling,
    text,
    text_claim,
    values,
    witnesses,
)
from spiritlevel.theory.slam.planted.critic import PLANTED, Pieces
from spiritlevel.theory.statement import Context, Statement, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

F = Fraction
WRONG = {p.name: p.algorithm for p in PLANTED}


def verdict(statement: Statement, wrong: type[Algorithm] | None = None) -> Verdict:
    found = judge(statement, substitutes={} if wrong is None else {"slam-ac": wrong}, alpha=1e-6)
    assert not found.finding.crashed, found.finding.summary
    return found.finding.verdict


def test_the_pieces_put_together_are_the_text() -> None:
    assert verdict(text_claim.ALGORITHM, Pieces) is Verdict.SUPPORTED


@pytest.mark.parametrize("name", sorted(WRONG))
def test_the_text_tells_every_planted_error_apart(name: str) -> None:
    assert verdict(text_claim.ALGORITHM, WRONG[name]) is Verdict.REFUTED


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (actor.FALLS, "descent"),
        (actor.FALLS, "swapped-steps"),
        (limits.LIMIT, "forgotten-multipliers"),
        (limits.LIMIT, "late-dual"),
        (limits.FORMS, "everything"),
        (limits.FORMS, "jacobi"),
        (limits.LEARNS, "descent"),
        (limits.LEARNS, "dual-descent"),
        (sensitivity.ALL_SLOWER, "descent"),
    ],
)
def test_claims_about_the_method_notice_errors(statement: Statement, name: str) -> None:
    if (statement.id, name) == ("slam/ac-forms", "jacobi"):  # unseen where f does not hold y
        assert verdict(statement, WRONG[name]) is statement.expected
    else:
        assert verdict(statement, WRONG[name]) is not statement.expected


def test_a_critic_without_chance_is_the_value_function() -> None:
    """So the claim of (211c) is refuted by chance alone, and the actor's error vanishes with it."""
    made, pi = lower.certain(2, 3, np.random.default_rng(1))
    V, law = made.value(made.joint(pi)), made.law("uniform", made.joint(pi))[0]
    assert (minimiser(made, pi, "uniform") == V).all()
    assert not any(lower.covariances(made, pi, law))
    assert (actor.estimated(made, pi, "uniform", "residual") == made.gradient(pi)[0]).all()
    other = random_game(1, 2, 3, rational=True)
    assert any(lower.covariances(other, random_policy(1, other), [F(1, 3)] * 3))


def test_settling_agrees_where_the_next_state_is_certain() -> None:
    rng = np.random.default_rng(3)
    for n, S in ((1, 3), (2, 2)):
        made, _ = lower.certain(n, S, rng)
        both = [settling.settled(made, "uniform", exact) for exact in (True, False)]
        assert both[0].places == both[1].places
    pi, actions = settling.certain_policies(2, 2)
    assert pi.shape == (16, 2, 2, 2)
    assert [instances.digits(a, 2) for a in actions[6]] == pi[6, :, :, 1].T.tolist()


def test_the_walk_teaches_the_right_thing_if_leaving_is_certain() -> None:
    """State 1 gone: leaving leads to the state that pays 2 and back; then no critic is wrong by much, and J rises."""
    P = [[[1, 0]] * 2 + [[0, 1]] * 2, [[1, 0]] * 4]
    made = game(P, [[[2] * 4, [8] * 4], [[0] * 4, [0] * 4]], [F(1, 2)] * 2, discount="3/4")
    trace = run(
        ActorCriticSLAM(**actor.SETTINGS),
        ActorCritic(made, "uniform"),
        named("path:2"),
        steps=100,
        metrics={"J": lambda p, s: p.objective(s.x)},
    )
    assert trace.metrics["J"][0, -1] > trace.metrics["J"][0, 0] + 0.1


def test_literal_estimates_depend_on_the_law_and_on_whose_reward() -> None:
    made = random_game(4, 2, 2, rational=True)
    pi = random_policy(4, made)
    joint = made.joint(pi)
    V, G = made.value(joint)[0], made.gradient(pi)[0]
    right = estimate.literal_gradient(made, pi, [[F(7), F(-3)]] * 2)
    assert (right == G).all()
    args: Any = ([V] * 2, [made.mean_reward] * 2, [V] * 2)
    along = convert(instances.literal_estimate(made, pi, made.law("stationary", joint)[0], *args), "fraction")
    assert (along == estimate.stationary_estimate(made, pi)).all()
    assert (along != G).any()


def test_trajectories_one_by_one() -> None:
    """One state, reward 1 for the first action of two, probability 1/4, discount 1/2: 1/4 + 1/8 after two steps."""
    made = game([[[1], [1]]], [[[1, 0]]], [1], discount="1/2")
    pi = convert([[[[F(1, 4), F(3, 4)]]]], "fraction")
    assert values.trajectories(made, pi, made.mean_reward, 2, made.start) == (F(3, 8), [F(1)])


def test_hessians_of_agents_with_policies_of_their_own() -> None:
    made = random_game(2, 2, 2, rational=True)
    one, two = random_policy(1, made), random_policy(2, made)
    rows = [form.second_differences(made, pi, i, [0, 0]).tolist() for pi in (one, two) for i in (0, 1)]
    assert rows[0] == rows[1] != rows[2] == rows[3]


@pytest.mark.parametrize(
    ("table", "linear", "proportional"),
    [({2: 12000, 4: 6000, 8: 3000}, True, True), ({2: 12000, 4: 8000, 8: 6000}, False, False)],
)
def test_other_tables(
    monkeypatch: pytest.MonkeyPatch, table: dict[int, int], linear: bool, proportional: bool
) -> None:
    monkeypatch.setattr(experiments, "TABLE_2", table)
    word = {True: Verdict.SUPPORTED, False: Verdict.REFUTED}
    assert verdict(experiments.SPEEDUP) is word[linear]
    assert verdict(experiments.LINEAR) is word[proportional]


def test_variances_by_hand() -> None:
    """Three agents: the own action moves the mean reward by 1/3, the two others' are noise of variance 2/36."""
    variance, square = experiments.variances(3)
    # gain (R - 1/2)/(1/2) = (s_1 + s_2 + s_3)/3 with signs s, score +-1/2 in both parameters
    assert square == 2 * F(1, 6) ** 2
    assert variance == 2 * F(1, 4) * F(3, 9) - square == 2 * square


def test_times_to_a_threshold_are_those_of_the_recursion() -> None:
    m = counterpart.mean_of(UpperSLAM, 4, 40.0, 30.0)
    z, V, found = m.start, 0 * m.M, []
    for _ in range(2000):
        found.append(m.at(z, V))
        z, V = m.M @ z + m.b, m.M @ V @ m.M.T + m.S
    threshold = 1.3 * m.floor()
    assert abs(found[-1] / m.floor() - 1) < 1e-9
    assert m.passes(threshold) == next(t for t, v in enumerate(found) if v <= threshold)
    assert m.passes(0.99 * m.floor()) == float("inf")
    assert m.passes(1e9) == 0


def test_slower_steps_show_where_they_are_slow() -> None:
    """One slow level at a time: dividing its step size by ten divides the rate by about ten."""
    problem = random_quadratic(3, 5, 1, 1)
    for name, settings in (("alpha", (2000.0, 20.0)), ("beta", (20.0, 2000.0))):
        plain = {"alpha": settings[0], "beta": settings[1], "gamma": 1.0, "rho": 0.2 * settings[0]}
        found, moved = sensitivity.rates(UpperSLAM, problem, plain)
        assert 0.08 < found[f"{name}/10"] < 0.13
        assert moved < sensitivity.SAME


def test_graphs_and_their_null_spaces() -> None:
    listed = list(text.graphs(4))
    assert [sum(n == k for n, _, _ in listed) for k in (1, 2, 3, 4)] == [1, 2, 4, 11]
    assert [sum(c for n, _, c in listed if n == k) for k in (1, 2, 3, 4)] == [1, 1, 2, 6]
    L = text.laplacian(3, [(0, 1)])
    assert L == [[1, -1, 0], [-1, 1, 0], [0, 0, 0]]
    assert text.nullity(L) == 2


def spoiled(witness: Witness, **given: Any) -> bool:
    """Whether the witness still stands with other numbers."""
    return recheck(dataclasses.replace(witness, given={**witness.given, **given})).ok


def test_witnesses_stand_and_fall() -> None:
    assert all(recheck(w).ok for w in witnesses.witnesses())
    assert not spoiled(witnesses.critic_witness(), P=[[0, 1], [1, 0]])
    assert not spoiled(witnesses.ascent_witness("uniform"), r=[0, 0, 2])
    assert not spoiled(witnesses.law_witness(), eta=["1/5", "4/5"])
    assert not spoiled(witnesses.special_case_witness(), q_other="1/2")
    assert not spoiled(witnesses.settings_witness(), c=[1, 1])


def test_the_finding_of_a_check_is_about_its_instances() -> None:
    """The same games again for the same statement, others for another."""
    one, two = Context(statement="a"), Context(statement="b")
    first = instances.games(one, 1)
    assert all((p == q).all() for (_, p), (_, q) in zip(first, instances.games(one, 1), strict=True))
    assert any((p != q).any() for (_, p), (_, q) in zip(first, instances.games(two, 1), strict=True))
