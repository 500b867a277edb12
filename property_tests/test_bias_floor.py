"""Floors of SVR-INTERACT and GT-DSGD: limits against an independent solve, and verdicts that come out otherwise."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.gt_dsgd import GTDSGD
from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import estimate, truncated
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.interact.theorems.bound_witness import LEMMA_1
from spiritlevel.theory.interact.variance.bias_floor import FLOOR, FLOOR_REPAIRED, GT_DSGD, instances, limit
from spiritlevel.theory.interact.variance.moments import VAR
from spiritlevel.theory.interact.variance.recursion import EQ19, EQ19_REPAIRED, MEAN_ERROR
from spiritlevel.theory.interact.variance.witnesses import Claim, recursion_witness
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import check


def judged(statement: Statement, wrong: type[Algorithm]) -> Finding:
    """The finding with a substitute in the place of the algorithm."""
    assert statement.check is not None
    return statement.check(Context(statement=statement.id, alpha=1e-5, substitutes={wrong.name: wrong}))


@dataclass(frozen=True)
class Truncated(SVRInteract):
    """Refreshes by the mean of (22), whatever it is told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "refresh", "truncated")


@dataclass(frozen=True)
class Exact(SVRInteract):
    """Refreshes by (8), whatever it is told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "refresh", "exact")


@dataclass(frozen=True)
class AlwaysFull(SVRInteract):
    """Never samples."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """A refresh at every t."""
        return SVRInteract.step(dataclasses.replace(self, q=1), t, s, o, net)


@dataclass(frozen=True)
class FreshAtBoth(SVRInteract):
    """Draws again for the old point: no variance is reduced."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """As it should be, but for the second draw."""
        if t % (self.q or o.root()) == 0:
            return super().step(t, s, o, net)
        Wx, Wu = net.mix(s.x, s.u)
        x, y = Wx - self.alpha * s.u, s.y - self.beta * s.v
        new, old = (o.draw(self.S or o.root(), self.K) for _ in range(2))
        p = s.p + estimate(new, x, y, self.L_g) - estimate(old, s.x, s.y, self.L_g)
        v = s.v + self._lower(new, x, y) - self._lower(new, s.x, s.y)
        return State(x, y, Wu + p - s.p, v, p)


@dataclass(frozen=True)
class FullGTDSGD(GTDSGD):
    """No bias: exact surrogates."""

    def _estimates(self, o: Oracle, x: Any, y: Any) -> tuple[Any, Any]:
        w = o.solve_yy_g(x, y, o.grad_y_f(x, y))
        return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, w), o.grad_y_g(x, y)


@pytest.mark.parametrize(
    ("statement", "wrong", "verdict"),
    [
        (FLOOR, Truncated, Verdict.SUPPORTED),
        (FLOOR_REPAIRED, Exact, Verdict.REFUTED),
        (GT_DSGD, FullGTDSGD, Verdict.REFUTED),
        (EQ19, AlwaysFull, Verdict.INCONCLUSIVE),
        (MEAN_ERROR, AlwaysFull, Verdict.INCONCLUSIVE),
        (EQ19_REPAIRED, FreshAtBoth, Verdict.REFUTED),
        (VAR, FreshAtBoth, Verdict.REFUTED),
        (VAR, AlwaysFull, Verdict.REFUTED),
    ],
    ids=lambda v: getattr(v, "__name__", None) or getattr(v, "id", str(v)),
)
def test_verdicts_come_out_otherwise(statement: Statement, wrong: type[Algorithm], verdict: Verdict) -> None:
    finding = judged(statement, wrong)
    assert finding.verdict is verdict, finding.summary


def test_an_unstable_step_is_no_verdict() -> None:
    @dataclass(frozen=True)
    class Wild(SVRInteract):
        def __post_init__(self) -> None:
            super().__post_init__()
            object.__setattr__(self, "alpha", 50.0)

    assert judged(FLOOR, Wild).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("algorithm", "period"), [(Truncated, 2), (GTDSGD, 1)])
@pytest.mark.parametrize("K", [1, 3])
def test_floor_is_where_the_mean_of_the_estimator_vanishes(
    algorithm: type[Algorithm], period: int, K: int
) -> None:
    """Solve mean_i E phat_i(x, y_i*(x)) = 0 for the common x by two evaluations: it is affine in x."""
    for problem in instances(5):
        o, L_g = Oracle(problem), float(problem.terms["H"].max())
        x = np.repeat(np.array([0.0, 1.0])[:, None, None], 3, axis=1)
        zero, one = truncated(o, x, problem.lower_solution(x), K, L_g).mean(axis=1)[:, 0]
        root = np.array([[zero / (zero - one)]])
        settings = {"q": 2} if period == 2 else {}
        found = limit(algorithm, period, K, problem, **settings)
        assert found.at_mean == pytest.approx(float(problem.hypergradient(root)[0, 0] ** 2), rel=1e-7)
        assert found.at_mean > 1e-6


def numbers(claim: Claim) -> list[float]:
    """Both sides as the transcript prints them, in parentheses, to six digits."""
    sides = check(recursion_witness(claim)).last.values[0].split(" <= ")
    return [float(side.rsplit("(", 1)[1].rstrip(")")) for side in sides]


@pytest.mark.parametrize(("statement", "claim"), [(EQ19, "svr-eq19"), (MEAN_ERROR, "svr-mean-error")])
def test_the_witness_is_what_the_engine_computes(statement: Statement, claim: Claim) -> None:
    """To the last digit that the transcript shows; the witness has no rounding, and neither has the engine."""
    assert statement.check is not None
    finding = statement.check(Context(statement=statement.id))
    left, right = numbers(claim)
    assert [finding.numbers["left"], finding.numbers["right"]] == pytest.approx([left, right], rel=1e-5)
    assert left > right


@pytest.mark.parametrize("claim", ["svr-mean-error", "svr-eq19"])
@pytest.mark.parametrize("change", [{"beta": "1/15000"}, {"alpha": "1/1000000"}])
def test_steps_beyond_the_list_are_no_witness(claim: Claim, change: dict[str, str]) -> None:
    witness = recursion_witness(claim)
    report = check(dataclasses.replace(witness, given={**witness.given, **change}))
    assert not report.ok
    assert "entry" in report.reason  # of Theorem 3's list


@pytest.mark.parametrize("claim", ["svr-mean-error", "svr-eq19"])
def test_plain_constants_admit_the_steps_too(claim: Claim) -> None:
    witness, plain = recursion_witness(claim), dict(LEMMA_1["plain"])
    define = tuple((name, plain.get(name, text)) for name, text in witness.define)
    assert define != witness.define
    assert check(dataclasses.replace(witness, define=define)).ok


@pytest.mark.parametrize(
    ("claim", "change"),
    [
        ("svr-mean-error", {"y0": 0}),  # the slope changes by less than its own bound: one bias at most
        ("svr-eq19", {"L_K": 1_000}),
        ("svr-eq19", {"L_g": 1}),  # psd fails: the joint Lipschitz constant is 2
    ],
)
def test_changed_witnesses_fall(claim: Claim, change: dict[str, int]) -> None:
    witness = recursion_witness(claim)
    assert check(witness).ok
    assert not check(dataclasses.replace(witness, given={**witness.given, **change})).ok
