"""The claims on policy evaluation: the leading order against Algorithm 1, and checks that come out otherwise."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.dsbo import DSBO, State
from spiritlevel.core.algorithms.dsgd_growing import GrowingDSGD
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import Source
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.policy_evaluation import (
    PolicyEvaluation,
    random_policy_evaluation,
)
from spiritlevel.synthetic.transitions import Drawn, Listed, Transitions
from spiritlevel.theory.dsbo.experiments import (
    policy,
    policy_baseline,
    policy_limit,
    policy_runs,
)
from spiritlevel.theory.dsbo.experiments.policy_runs import AGENTS, LAST, Runs, Size, equal_samples, spaced
from spiritlevel.theory.instruments.statistics import agrees
from spiritlevel.theory.statement import Context, Verdict


def outcomes(problem: PolicyEvaluation, agents: int) -> Array:
    """All picks, shape ``(D^q, agents, q)``, the same for every agent."""
    D = problem.environment.successors.shape[1]
    each = np.array(list(itertools.product(range(D), repeat=problem.q)))
    return np.repeat(each[:, None], agents, axis=1)


# ---- the leading order


def at_rest(problem: PolicyEvaluation) -> tuple[policy_limit.Transition, State]:
    c, p, q = policy_limit.transition(problem), problem.p, problem.q
    rows = {"x": c.x, "y": c.y, "s": c.x, "h": c.y / q, "u": -c.Gamma.T, "v": np.eye(q), "q": np.eye(q)}
    assert (p, q) == c.Gamma.T.shape
    return c, State(**{name: value.reshape(1, 1, -1) for name, value in rows.items()})


def flat(state: State, c: policy_limit.Transition) -> Array:
    """(x, y, s, h, w) with w = u h*, one row per replica."""
    h = c.y / len(c.y)
    w = state.u.reshape(len(state.u), len(c.x), -1) @ h
    return np.concatenate([getattr(state, k)[:, 0] for k in "xysh"] + [w], axis=1)


def test_the_linear_recursion_is_the_derivative_of_algorithm_1() -> None:
    problem = random_policy_evaluation(4, 1, 2, 3, outcomes=2)
    c, rest = at_rest(problem)
    A, B, _ = policy_limit.linearised(problem)
    a, net, eps = DSBO(alpha=0.3, beta=0.2, gamma=0.2, b=1, L_g=1), Gossip(averaging(1)), 1e-6
    h = c.y / 3
    columns = []
    for j, direction in enumerate(np.eye(len(A))):
        x, y, s, hh, w = np.split(direction, np.cumsum([2, 3, 2, 3]))
        moved = {"x": x, "y": y, "s": s, "h": hh, "u": np.outer(w, h / (h @ h))}
        ends = []
        for sign in (1, -1):
            shifted = {k: getattr(rest, k) + sign * eps * v.reshape(1, 1, -1) for k, v in moved.items()}
            ends.append(flat(a.step(1, dataclasses.replace(rest, **shifted), Oracle(problem), net), c)[0])
        columns.append((ends[0] - ends[1]) / (2 * eps))
        assert np.allclose(columns[j], (np.eye(len(A)) + 0.3 * A + 0.2 * B)[:, j], atol=1e-8)
    assert np.allclose(flat(a.step(1, rest, Oracle(problem), net), c), flat(rest, c), atol=1e-14)


def test_the_noise_of_the_linear_recursion_is_that_of_one_step() -> None:
    problem = random_policy_evaluation(4, 1, 2, 3, outcomes=2)
    c, rest = at_rest(problem)
    picks = outcomes(problem, 1)
    many = State(**{f.name: np.repeat(getattr(rest, f.name), 8, axis=0) for f in dataclasses.fields(rest)})
    a = DSBO(alpha=0.3, beta=0.2, gamma=0.2, b=1, L_g=1)
    after = flat(
        a.step(1, many, Oracle(problem, Listed([picks]).source(0, range(8))), Gossip(averaging(1))), c
    )
    noise = (after - flat(rest, c)) / 0.2
    assert np.allclose(noise.mean(axis=0), 0, atol=1e-14)
    Q = policy_limit.linearised(problem)[2]
    assert np.allclose(noise.T @ noise / 8, Q, atol=1e-14)
    assert abs(Q[2:5, -2:]).max() > 1e-3, "y and the Jacobian see the same transition"


def test_the_leading_order_tends_to_its_limit() -> None:
    problem = random_policy_evaluation(4, 1, 2, 3)
    far = 20_000 * policy_limit.leading(problem, 20_000)[-1]
    assert far == pytest.approx(policy_limit.limit(problem), rel=1e-3)


# ---- the checks come out otherwise where they should


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """Small runs, kept apart from those of the catalogue."""
    monkeypatch.setitem(policy_runs.SIZES, "quick", Size(2, 32, 4, 4, 4))
    policy_runs.runs.cache_clear()
    yield Context(statement="dsbo/test", alpha=1e-3)
    policy_runs.runs.cache_clear()


def made(decay: Callable[[int, Array], Array], left: float = 0.0) -> list[Runs]:
    """Runs whose errors scatter by a quarter or so around a given decay."""
    rng, found = np.random.default_rng(1), []
    for K in AGENTS:
        t = np.array(sorted({*spaced(K), *equal_samples(K)}))
        scatter = np.exp(0.3 * rng.standard_normal((1, 60, 1)) + 0.1 * rng.standard_normal((1, 60, len(t))))
        error = decay(K, t) * scatter
        quiet = left * error[..., 0].mean(axis=1)
        found.append(Runs(K, (random_policy_evaluation(0, 2, 2, 2),), t, error, quiet))
    return found


@pytest.mark.parametrize(
    ("decay", "left", "slope", "flat"),
    [
        (lambda K, t: 1 / (K * t), 0.0, Verdict.SUPPORTED, Verdict.SUPPORTED),
        (lambda K, t: 1 / (K * t), 0.5, Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (lambda K, t: 1 / np.sqrt(K * t), 0.0, Verdict.REFUTED, Verdict.SUPPORTED),
        (lambda K, t: 1 / t, 0.0, Verdict.SUPPORTED, Verdict.REFUTED),
        (lambda K, t: 1 / (K * K * t), 0.0, Verdict.SUPPORTED, Verdict.REFUTED),
    ],
    ids=["as claimed", "from the start", "half the rate", "no averaging", "faster"],
)
def test_slope_and_flatness_are_judged(
    monkeypatch: pytest.MonkeyPatch, decay: Any, left: float, slope: Verdict, flat: Verdict
) -> None:
    monkeypatch.setattr(policy, "sweep", lambda ctx: made(decay, left))
    ctx = Context(statement="dsbo/test", alpha=1e-4)
    assert policy.SLOPE.check is not None
    assert policy.FLAT.check is not None
    assert policy.SLOPE.check(ctx).verdict is slope
    assert policy.FLAT.check(ctx).verdict is flat


class OneForAll:
    """All agents see the first one's transitions: nothing is averaged."""

    def source(self, seed: int, replicas: range) -> Source:
        return OneForAllDrawn(seed, replicas)


class OneForAllDrawn(Drawn):
    def draw(self, problem: PolicyEvaluation) -> Array:
        picks = super().draw(problem)
        return np.broadcast_to(picks[:, :1], picks.shape)


def test_noise_that_agents_share_gives_no_speed_up(quick: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_runs, "Transitions", OneForAll)
    assert policy.FLAT.check is not None
    assert policy_limit.LIMIT.check is not None
    finding = policy.FLAT.check(quick)
    assert finding.verdict is Verdict.REFUTED
    assert finding.numbers["ratios"]["20"] == pytest.approx(4, rel=0.5)  # 20 agents are as good as 5
    assert policy_limit.LIMIT.check(quick).verdict is Verdict.REFUTED


class WrongSign(DSBO):
    """x moves along s + u q h."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return super().step(t, dataclasses.replace(s, q=-s.q), o, net)


def test_a_wrong_sign_has_no_such_slope(quick: Context) -> None:
    assert policy.SLOPE.check is not None
    finding = policy.SLOPE.check(dataclasses.replace(quick, substitutes={"dsbo": WrongSign}))
    assert finding.verdict is Verdict.REFUTED
    assert "no rate" not in finding.summary, "it comes to rest elsewhere; it does not diverge"


class ExactJacobian(GrowingDSGD):
    """The Jacobian is not sampled, so that nothing correlates."""

    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        z = super().step(t, s, o, net)
        exact = o.problem.hess_xy_g(s.x, z.y)
        w = o.grad_y_f(s.x, z.y)
        direction = o.grad_x_f(s.x, z.y) - (exact @ w[..., None])[..., 0]
        return dataclasses.replace(z, x=net.mix(s.x) - self.size(t) * direction)


def test_the_bias_of_dsgd_needs_a_sampled_jacobian() -> None:
    assert policy_baseline.NO_SPEEDUP.check is not None
    ctx = Context(statement="dsbo/dsgd-no-speedup")
    assert policy_baseline.NO_SPEEDUP.check(ctx).verdict is Verdict.SUPPORTED
    broken = dataclasses.replace(ctx, substitutes={"dsgd-growing": ExactJacobian})
    assert policy_baseline.NO_SPEEDUP.check(broken).verdict is Verdict.REFUTED


def test_one_comparison_in_words() -> None:
    logs = np.array([0.9, 1.0, 1.1, 1.2])
    words = [policy_baseline.word(agrees(v, 0.0, 0.01, effect=1.0)) for v in (logs, -logs, logs - 1.05)]
    assert words == ["fewer", "more", "open"]
    assert policy_baseline.verdict(["fewer"] * 4) is Verdict.SUPPORTED
    assert policy_baseline.verdict(["fewer", "more"]) is Verdict.INCONCLUSIVE


def test_divergence_is_a_verdict(quick: Context) -> None:
    assert policy.SLOPE.check is not None

    class Away(DSBO):
        def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
            return dataclasses.replace(super().step(t, s, o, net), x=10 * s.x + 1)

    finding = policy.SLOPE.check(dataclasses.replace(quick, substitutes={"dsbo": Away}))
    assert finding.verdict is Verdict.REFUTED
    assert "diverged" in finding.summary


def test_windows_end_where_they_say() -> None:
    for K in AGENTS:
        assert spaced(K)[0] == policy_runs.START
        assert spaced(K)[-1] == LAST[K]
        assert equal_samples(K)[-1] <= LAST[K]
        assert {K * t for t in equal_samples(K)} == {20 * t for t in policy_runs.GRID}


@pytest.mark.parametrize(("agents", "apart"), [(5, 0), (20, 0), (5, 1)])
def test_the_limit_of_dsgd_is_what_runs_approach(agents: int, apart: int) -> None:
    size, ratios, shares = Size(3, 96, 3, 4, 4), [], []
    for k in range(size.environments):
        problem = policy_runs.environment(k, agents, size, apart)
        found = policy_baseline.ends(problem)
        a = GrowingDSGD(**policy_runs.RULE_6 | {"C_1": 1, "L_g": 1})
        error = policy_runs.errors(a, problem, [50], replicas=size.replicas, seed=k, noise=Transitions())
        total = found.variance + agents * found.bias
        ratios.append(agents * policy_baseline.spent(50) * error / total)
        shares.append(agents * found.bias / total)
    # corrections of order 1/50, and a standard error of about 0.06
    assert abs(np.mean(ratios) - 1) < 0.25
    assert agents == 5 or np.mean(shares) > 0.5, "most of it must be the part that grows with K"
