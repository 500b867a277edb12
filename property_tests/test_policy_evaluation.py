"""Policy evaluation: the problem against its printed formula, sampled transitions, the baseline, and the checks."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.algorithms.dsgd_growing import GrowingDSGD
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import named as problem_named
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.synthetic.policy_evaluation import (
    PolicyEvaluation,
    policy_evaluation,
    random_policy_evaluation,
)
from spiritlevel.synthetic.transitions import Listed, Transitions
from spiritlevel.theory.dsbo.experiments import (
    policy_text,
)

EXACT = random_policy_evaluation(5, 3, 2, 3, outcomes=2, rational=True)


def fractions(*values: Any) -> Array:
    return convert(np.array([Fraction(v) for v in values], dtype=object), "fraction")


def outcomes(problem: PolicyEvaluation, agents: int) -> Array:
    """All picks, shape ``(D^q, agents, q)``, the same for every agent."""
    D = problem.environment.successors.shape[1]
    each = np.array(list(itertools.product(range(D), repeat=problem.q)))
    return np.repeat(each[:, None], agents, axis=1)


# ---- the problem


def test_the_solution_is_the_closed_form() -> None:
    e, P = EXACT.environment, policy_text.probabilities(EXACT)
    assert (P.sum(axis=1) == 1).all()
    Gamma = e.features - Fraction(9, 10) * (P @ e.features)
    r = (P * e.rewards.sum(axis=0) / 3).sum(axis=1)
    hessian = convert(np.eye(2, dtype=int), "fraction") + Gamma.T @ Gamma / 3
    x = EXACT.solution()
    assert x is not None
    assert (x == inverse(hessian) @ (Gamma.T @ r) / 3).all()
    assert not EXACT.hypergradient(x[None]).any()


def test_value_and_gradient_are_those_of_the_printed_objective() -> None:
    x, eye = fractions("2/3", "-5/4"), convert(np.eye(2, dtype=int), "fraction")
    assert EXACT.value(x[None])[0] == policy_text.bellman(EXACT, x)
    slope = [(policy_text.bellman(EXACT, x + d) - policy_text.bellman(EXACT, x - d)) / 2 for d in eye]
    assert (
        EXACT.hypergradient(x[None])[0] == slope
    ).all()  # F is quadratic: its difference is its derivative
    assert (EXACT.hess_yy_g(x, x)[0, 0] == np.eye(3, dtype=int)).all()


def test_samples_are_the_derivatives_of_one_squared_residual() -> None:
    e, k, picks = EXACT.environment, 1, np.array([[[0, 1, 1]] * 3])
    xs, ys = sympy.symbols("x0:2"), sympy.symbols("y0:3")
    g = sympy.Integer(0)
    for s, pick in enumerate(picks[0, k]):
        to = e.successors[s, pick]
        residual = ys[s] + sympy.Rational(str(e.rewards[k, s, to]))
        for j in range(2):
            step = e.features[s, j] - Fraction(9, 10) * e.features[to, j]
            residual -= sympy.Rational(str(step)) * xs[j]
        g += residual**2 / 2
    x, y = fractions("1/3", "-2"), fractions(1, "1/7", "-3/5")
    at = dict(zip([*xs, *ys], [sympy.Rational(str(v)) for v in [*x, *y]], strict=True))
    X, Y = (np.repeat(z[None, None], 3, axis=1) for z in (x, y))
    gradient = EXACT.sampled_grad_y_g(X, Y, picks)[0, k]
    J = EXACT.sampled_hess_xy_g(picks)[0, k]
    assert [sympy.diff(g, v).subs(at) for v in ys] == [sympy.Rational(str(v)) for v in gradient]
    assert all(
        sympy.diff(g, xs[i], ys[s]) == sympy.Rational(str(J[i, s])) for i in range(2) for s in range(3)
    )
    assert all(sympy.diff(g, a, b) == int(a == b) for a in ys for b in ys)


def test_samples_are_unbiased_by_enumeration() -> None:
    picks = outcomes(EXACT, 3)
    assert len(picks) == 8
    x, y = (convert(np.arange(3 * d).reshape(1, 3, d) - 2, "fraction") / 3 for d in (2, 3))
    many = [np.repeat(z, len(picks), axis=0) for z in (x, y)]
    mean = EXACT.sampled_grad_y_g(many[0], many[1], picks).sum(axis=0) / len(picks)
    assert (mean == EXACT.grad_y_g(x, y)[0]).all()
    assert (EXACT.sampled_hess_xy_g(picks).sum(axis=0) / len(picks) == EXACT.hess_xy_g(x, y)[0]).all()


def test_number_systems_and_numbers_of_agents_agree() -> None:
    exact = random_policy_evaluation(2, 4, 2, 5, rational=True)
    floats = random_policy_evaluation(2, 4, 2, 5)
    x, rounded, other = (
        p.solution() for p in (exact, exact.over("float"), random_policy_evaluation(2, 9, 2, 5))
    )
    assert x is not None
    assert rounded is not None
    assert other is not None
    assert abs(convert(x, "float") - rounded).max() < 1e-14
    assert np.allclose(rounded, other, rtol=1e-12)
    # the sums over successors are taken anew from the floats' exact values: no rounded mean survives
    again = floats.over("fraction")
    assert (again.environment.slopes.sum(axis=1) / 4 == -again.hess_xy_g(x, x)[0, 0].T).all()


def test_the_family_has_a_name() -> None:
    problem = problem_named("policy-evaluation:q=4,outcomes=3,discount=1/2,heterogeneity=0", 5)
    assert isinstance(problem, PolicyEvaluation)
    assert (problem.n, problem.p, problem.q, problem.shared) == (5, 3, 4, True)
    assert problem.environment.successors.shape == (4, 3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"discount": 1}, "discount is 1; give a number strictly between 0 and 1"),
        ({"discount": "half"}, "discount is 'half'; give a number or a string such as '1/3'"),
        ({"weight": 0}, "weight is 0; give a number > 0"),
        ({"successors": [[1], [2]]}, "successors holds 1 to 2; give states from 0 to 1"),
        ({"successors": [[0.5], [1]]}, "give whole numbers of shape (2, D), a list of D >= 1 states"),
        ({"successors": [0, 1]}, "successors has shape (2,)"),
        ({"rewards": [[[0, 1]]]}, "rewards has shape (1, 1, 2)"),
        ({"features": [[1], [float("nan")]]}, "features[1, 0] is nan; give finite numbers"),
    ],
)
def test_wrong_input_is_named(changes: dict[str, Any], sentence: str) -> None:
    good: dict[str, Any] = {"features": [[1], [0]], "rewards": [[[0, 1], [0, 0]]], "successors": [[1], [0]]}
    with pytest.raises(InputError) as refused:
        policy_evaluation(**good | changes)
    assert sentence in str(refused.value)


def test_outcomes_must_be_a_whole_number() -> None:
    with pytest.raises(InputError, match="outcomes is 0; give a whole number >= 1"):
        random_policy_evaluation(0, 2, 2, 2, outcomes=0)


# ---- sampled transitions


def decoded(problem: PolicyEvaluation, gradient: Array, J: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Successors as the two answers show them: from rewards s', and from features 2^s."""
    e = problem.environment
    rewards = gradient - y - (J.swapaxes(-1, -2) @ x[..., None])[..., 0]
    features = (e.features[:, 0] + J[..., 0, :]) / float(e.discount)
    return rewards.round(9), np.log2(features).round(9)


def test_both_answers_come_from_one_draw() -> None:
    states = 2.0 ** np.arange(4)
    problem = policy_evaluation(states[:, None], [np.tile(np.arange(4), (4, 1))] * 2, [[0, 1, 2, 3]] * 4)
    x, y = np.full((3, 2, 1), 0.25), np.full((3, 2, 4), -0.5)
    source, seen = Transitions().source(3, range(3)), []
    for _ in range(120):  # more than are drawn at once
        gradient = source.evaluate("grad_y_g", problem, (x, y))
        J = source.evaluate("hess_xy_g", problem, (x, y))
        product = source.evaluate("jvp_xy_g", problem, (x, y, y))
        first, second = decoded(problem, gradient, J, x, y)
        assert np.array_equal(first, second)
        assert np.allclose(product, (J @ y[..., None])[..., 0])
        seen.append(first)
    every = np.array(seen)
    assert not np.array_equal(every[0], every[1]), "a question for grad_y_g begins a new draw"
    assert not np.array_equal(every[:, 0], every[:, 1]), "replicas share their draws"
    assert not np.array_equal(every[:, :, 0], every[:, :, 1]), "agents share their draws"
    counts = np.array([(every == s).mean() for s in range(4)])
    # 2880 independent uniform states: each share has standard deviation 0.0081, so 0.05 is six of them
    assert abs(counts - 0.25).max() < 0.05


def test_draws_depend_on_the_seed_and_the_replica_only() -> None:
    problem = random_policy_evaluation(1, 3, 2, 4)
    x, y = np.ones((1, 3, 2)), np.zeros((1, 3, 4))

    def answers(seed: int, replicas: range) -> Array:
        source = Transitions().source(seed, replicas)
        args = (np.repeat(x, len(replicas), axis=0), np.repeat(y, len(replicas), axis=0))
        return np.array([source.evaluate("grad_y_g", problem, args) for _ in range(60)])

    together = answers(7, range(4))
    assert np.array_equal(together[:, 2:3], answers(7, range(2, 3)))
    assert not np.array_equal(together, answers(8, range(4)))


def test_the_other_answers_are_exact_and_other_problems_are_refused() -> None:
    x, y = np.ones((1, 3, 2)), np.ones((1, 3, 3))
    floats, source = EXACT.over("float"), Transitions().source(0, range(1))
    assert np.array_equal(source.evaluate("grad_y_f", floats, (x, y)), y / 3)
    assert np.array_equal(source.evaluate("hess_yy_g", floats, (x, y))[0, 0], np.eye(3))
    with pytest.raises(InputError, match="noise is sampled transitions but Bilevel has none"):
        run(DSBO(), random_quadratic(1, 4, 2, 2, shared=True), named("ring:4"), steps=2, noise=Transitions())
    with pytest.raises(InputError, match="draws holds 0 draws; the algorithm asks for another one"):
        Listed([]).evaluate("grad_y_g", floats, (x, y))


# ---- the baseline


def test_dsgd_by_hand() -> None:
    """Two iterations of two agents that only average, with means of samples written out, in fractions."""
    problem = random_policy_evaluation(3, 2, 2, 3, outcomes=2, rational=True)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, 2, size=(1, 2, 3)) for _ in range(3)]
    a = GrowingDSGD(alpha=Fraction(1, 5), L_g=1).over("fraction")
    o, net = Oracle(problem, Listed(draws).source(0, range(1))), Gossip(averaging(2).over("fraction"))
    x = convert(np.array([[[1, -2], [3, 1]]]), "fraction")
    s = a.init(x, convert(np.full((1, 2, 3), 9), "fraction"), o, net)  # the start of y must not matter
    for t, used in ((1, draws[:1]), (2, draws[1:])):
        s = a.step(t, s, o, net)
        zero = convert(np.zeros((1, 2, 3), dtype=int), "fraction")
        y: Array = -np.sum([problem.sampled_grad_y_g(x, zero, d) for d in used], axis=0) / t
        u: Array = np.sum([problem.sampled_hess_xy_g(d) for d in used], axis=0) / t
        z = x - (u @ (y / 3)[..., None])[..., 0]
        mean = x.sum(axis=1, keepdims=True) / 2
        x = mean - z / 5
        assert (s.x == x).all()
        assert (s.y == y).all()
    assert o.calls.cross_hessians == 3


def test_dsgd_takes_t_samples_and_the_steps_of_rule_6() -> None:
    problem = random_policy_evaluation(3, 5, 2, 3)
    trace = run(GrowingDSGD(), problem, named("ring:5"), steps=6, record="all", noise=Transitions())
    assert trace.counts["cross_hessians"].tolist() == [t * (t + 1) // 2 for t in range(7)]
    assert trace.counts["rounds"].tolist() == list(range(7))
    assert GrowingDSGD(rule="(6)", mu=2, C_1=3).size(2) == DSBO(rule="(6)", mu=2, C_1=3).sizes(1)[0]


def test_additive_noise_works_too() -> None:
    problem = random_policy_evaluation(0, 5, 2, 3)
    trace = run(DSBO(b=1, L_g=1), problem, named("ring:5"), steps=5, noise=Additive(0.1))
    assert np.isfinite(trace.x).all()
