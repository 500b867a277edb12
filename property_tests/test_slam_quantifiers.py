"""Quantifiers of SLAM's rates: one constant for all n, identical agents, and the penalty of Corollary 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.slam_l import LowerSLAM
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.stability import radius
from spiritlevel.theory.slam.moments import bounded_runs, corollary1, corollary1_steps, identical
from spiritlevel.theory.slam.moments.scalar import graph
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def judged(statement: Statement, *wrong: type[Any]) -> Finding:
    """With wrong algorithms in the place of those of their names."""
    assert statement.check is not None
    return statement.check(Context(statement=statement.id, substitutes={w.name: w for w in wrong}))


def test_a_mean_that_has_not_settled_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corollary1, "SETTLED", 0.01)
    assert judged(corollary1.UL_RATE).verdict is Verdict.INCONCLUSIVE


def test_steps_that_grow_a_little_faster_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """alpha ~ (T/n)^0.6: stationarity falls by 0.07 less in the exponent."""

    def faster(T: float, n: float, top: float) -> dict[str, Any]:
        alpha = 2 * (T / n) ** 0.6
        return {"alpha": alpha, "beta": alpha, "gamma": alpha, "rho": 0.9 / top}

    monkeypatch.setattr(bounded_runs, "theorem1", faster)
    found = judged(bounded_runs.RUNS)
    assert found.verdict is not Verdict.SUPPORTED
    assert found.numbers["slopes"]["ul-stationarity"] > -0.46


def test_identical_agents_are_biased_as_proved() -> None:
    """3000 agents, alpha = 16, 1500 steps by hand: the mean of F' at the mean is below what is proved, and nothing leaves the region."""
    rng, n, alpha = np.random.default_rng(2), 3000, 16.0
    upper = identical.SkewedUpper(n)
    sigma, x, mu, seen = float(identical.SIGMA), np.zeros(n), np.zeros(n), []
    for _ in range(1500):
        deviation = x - x.mean()
        seen.append((upper.grad_x(x.mean()[None], x[:1])[0], (deviation**2).mean()))
        slopes = upper.grad_x(x, x)
        assert slopes.mean() - seen[-1][0] == pytest.approx(seen[-1][1] / 2, abs=1e-12)
        x = x - (slopes + sigma * rng.choice([-1, 1], n) + mu + alpha * deviation) / alpha
        mu = mu + x - x.mean()
        assert abs(x).max() <= 7 / 9
    gradient, spread = np.mean(seen[300:], axis=0)
    assert spread >= sigma**2 / alpha**2 * 0.99
    assert -gradient >= float(identical.bound(1e12, 64e12)) > 0


def test_the_region_of_identical_agents_can_be_left() -> None:
    assert not identical.stays(least=8)
    assert not identical.stays(X=identical.SIGMA)
    assert not identical.grows()["n^(5/3)"]


@dataclass(frozen=True)
class LowerServer(LowerSLAM):
    """SLAM-L with y averaged by a server."""

    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        after = super().step(t, s, o, net)
        return replace(
            after, y=np.broadcast_to(mean_over_agents(after.y), after.y.shape), om=s.om * 0, Ly=after.Ly * 0
        )


def test_the_penalty_of_corollary_1() -> None:
    """The exact limit on a complete graph of 8, for many gamma: rho s + 2h < 4 beta is needed, whatever gamma."""
    assert judged(corollary1_steps.DIVERGES, LowerServer).verdict is Verdict.INCONCLUSIVE
    assert judged(corollary1_steps.LIMIT, LowerServer).verdict is Verdict.INCONCLUSIVE
    one, n = [[[1.0]]] * 8, 8
    given = quadratic(one, [[[0.0]]] * n, [[0.0]] * n, A=one, shared=True)
    for beta, some in ((0.97 * 16.5, False), (1.03 * 16.5, True)):
        found = [
            radius(LowerSLAM(alpha=9.0, beta=beta, gamma=q * beta / 64, rho=8.0), given, graph("complete", n))
            for q in (1.0, 0.3, 0.05, 0.001)
        ]
        assert (min(found) < 1) is some
