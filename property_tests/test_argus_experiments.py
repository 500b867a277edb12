"""Section VI of Argus: expectations against runs, Psi by hand, and checks that come out otherwise where they should."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.activity import Chances
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.algorithms.argus_no_cuts import NoCuts, State
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.composite import with_l1
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus.algorithms.planes import line
from spiritlevel.theory.argus.experiments import (
    ablation,
    convergence,
    interval,
    limits,
    metric_claims,
    psi_witnesses,
    slow_agents,
    speed,
    virtual_rate,
)
from spiritlevel.theory.argus.experiments import witnesses as other_witnesses
from spiritlevel.theory.argus.experiments.expectation import (
    forced_rate,
    limit,
    limit_forced,
    maps,
    scalar_means,
    spread,
)
from spiritlevel.theory.argus.experiments.instances import course, separate
from spiritlevel.theory.argus.experiments.metric import psi
from spiritlevel.theory.argus.planted.argus import Everybody, OneRate
from spiritlevel.theory.evidence import sides
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Context, Statement, Verdict
from spiritlevel.theory.witness import check

A, P = (0.0, 0.0, 3.0), (1.0, 0.5, 0.25)


def verdict(statement: Statement, **substitutes: type[Algorithm]) -> Verdict:
    names = {name.replace("_", "-"): made for name, made in substitutes.items()}
    finding = judge(statement, alpha=1e-4, substitutes=names).finding
    assert not finding.crashed, finding.summary
    return finding.verdict


class Held(Argus):
    """Damped as at t = 1 throughout."""

    def damp(self, t: int, like: Array) -> Any:
        return 1


def test_expectations_are_those_of_runs() -> None:
    """Mean and mean square of 64 runs within five standard errors of the exact limits."""
    found = maps(Held, A, eta=0.05)
    trace = run(
        Held(eta=0.05, T_1=0, M=1),
        scalar_means(A),
        averaging(3),
        steps=300,
        activity=Chances(P),
        replicas=64,
        record=[300],
        metrics=(),
    )
    mean = trace.x[:, -1].mean(axis=(1, 2))
    for sample, exact in ((mean, limit(found, P).mean), ((mean - 1) ** 2, spread(found, P, 1.0))):
        assert abs(sample.mean() - exact) < 5 * sample.std() / 8


def test_forced_wake_ups_at_either_end() -> None:
    """tau = 1 is everyone awake; whoever hardly ever sleeps is not woken; the rate is that of a stream."""
    found = maps(Argus, A, eta=0.01)
    assert limit_forced(found, P, 1).mean == pytest.approx(limit(found, (1.0,) * 3).mean, abs=1e-9)
    often = (0.9, 0.9, 0.95)
    assert limit_forced(found, often, 3).mean == pytest.approx(limit(found, often).mean, abs=5e-3)
    stream = Chances((0.25,), tau=3).source(1, range(100))
    active = np.array([stream.next(1).mean() for _ in range(300)])
    assert active.mean() == pytest.approx(float(forced_rate(virtual_rate.F(1, 4), 3)), abs=0.01)


class AllTerms(Argus):
    """The gradient of the whole sum, whatever is asked for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gradient", "full")


class NoNewCuts(Argus):
    """Polytopes stay empty."""

    def renewed(self, o: Oracle, net: Gossip, x: Array, y: Array, cuts: Any, last: Array) -> Any:
        return cuts, last


class ExactEstimate(Argus):
    """eta_y = 1, whatever is asked for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "eta_y", 1)


class Frozen(Argus):
    """Mixes and does nothing else."""

    def steps(self, like: Array) -> Array:
        return super().steps(like) * 0


class OtherLower(NoCuts):
    """The lower variables follow the upper level."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        d, u = net.mix(s.x, s.y)
        x = d - self.eta * (o.grad_x_f(s.x, s.y) + s.y)
        return State(x, u - self.eta * o.grad_y_f(s.x, s.y))


class Resting(NoCuts):
    """Stays at its start."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return State(s.x + 10, s.y)


OTHERWISE: list[tuple[Statement, dict[str, type[Algorithm]]]] = [
    (virtual_rate.PRINTED, {"argus": Everybody}),
    (virtual_rate.REPAIRED, {"argus": OneRate}),
    (virtual_rate.FORCED, {"argus": Everybody}),
    (virtual_rate.THETA, {"argus": AllTerms}),
    (slow_agents.PRINTED, {"argus": Everybody}),
    (slow_agents.REPAIRED, {"argus": OneRate}),
    (limits.CONVERGES, {"argus": ExactEstimate}),
    (limits.EXACT, {"argus": NoNewCuts}),
    (limits.BARE, {"argus_no_cuts": OtherLower}),
    (ablation.PRINTED, {"argus_no_cuts": Resting}),
    (ablation.PRINTED, {"argus": NoNewCuts}),
    (ablation.REPAIRED, {"argus": NoNewCuts}),
    (convergence.BARE, {"argus": Frozen}),
    (speed.SPEED, {"argus": Frozen}),
    (interval.INTERVAL, {"argus": NoNewCuts}),
]


@pytest.mark.parametrize(
    ("statement", "instead"),
    OTHERWISE,
    ids=lambda value: getattr(value, "id", ""),
)
def test_checks_come_out_otherwise(statement: Statement, instead: dict[str, type[Algorithm]]) -> None:
    assert verdict(statement, **instead) is not statement.expected


def test_without_delays_nothing_is_gained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "FACTOR", 1.0)
    assert verdict(speed.SPEED) is Verdict.REFUTED


def test_the_printed_metric_in_the_repairs_place_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_claims, "natural", metric_claims.value)
    assert verdict(metric_claims.REPAIRED) is Verdict.REFUTED


def test_without_cuts_psi_goes_to_0() -> None:
    """What argus/psi-converges says of a method whose cuts can all hold with equality: here it has none."""
    assert verdict(convergence.CONVERGES, argus=NoNewCuts) is Verdict.SUPPORTED


def test_psi_blind_to_cuts_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_claims, "value", lambda target, s: metric_claims.F(1))
    assert verdict(metric_claims.ZERO) is Verdict.INCONCLUSIVE


def test_psi_term_by_term() -> None:
    """In loops, at a state with cuts and multipliers on a path."""
    problem, network = random_quadratic(seed=3, n=3, p=2, q=2, shared=True), named("path:3")
    *_, s = course(Argus(iota=2, M=3), problem, network, 7, (1, -1))
    assert (s.cuts.count() > 0).any()
    found, o, W = psi(problem, network, s, 0.1), Oracle(problem), network.dense()
    gx, gy = o.grad_x_f(s.x, s.y)[0].copy(), o.grad_y_f(s.x, s.y)[0].copy()
    cuts = edges = 0.0
    for i in range(3):
        for k in range(3):
            gx[i] += s.lam[0, i, k] * s.a[0, i, k, i]
            gy[i] += s.lam[0, i, k] * s.b[0, i, k, i]
            at = (s.a[0, i, k] * s.x[0]).sum() + (s.b[0, i, k] * s.y[0]).sum() + s.c[0, i, k]
            cuts += float(at**2) if s.used[0, i, k] else 0.0
        for j in range(3):
            if i != j and W[i, j]:
                gx[i] += s.theta[0, i, j]
                edges += float(((s.x[0, i] - s.x[0, j]) ** 2).sum())
    assert found.x[0] == pytest.approx(3 * (gx.mean(axis=0) ** 2).sum())
    assert found.y[0] == pytest.approx((gy.mean(axis=0) ** 2).sum())
    assert (found.cuts[0], found.edges[0]) == (pytest.approx(cuts), pytest.approx(edges))
    apart = sum(float(((z - z.mean(axis=1, keepdims=True)) ** 2).sum()) for z in (s.x, s.y))
    assert found.total(2.0)[0] - found.total(0.0)[0] == pytest.approx(4 * apart)


def test_operations_fall_and_a_sign_test_decides_both_ways() -> None:
    context = Context(statement="argus/iota")
    spent = [interval.history(context, 1, iota)[0][-1] for iota in (1, 10)]
    assert spent[0] > 2 * spent[1]
    assert speed.decided(60, 60, 1e-4)[1] > 0.9
    assert speed.decided(59, 60, 1e-4)[0] is Verdict.SUPPORTED
    assert speed.decided(1, 60, 1e-4)[0] is Verdict.REFUTED
    assert speed.decided(30, 60, 1e-4)[0] is Verdict.INCONCLUSIVE


def test_the_random_problems_solutions_are_solutions() -> None:
    for same in (True, False):
        problem = separate(5, 3, 1, same=same)
        star = ablation.solution(problem, 0.0)
        assert problem.hypergradient(np.array([[star]])).item() == pytest.approx(0, abs=1e-12)


def test_every_witness_stands_and_belongs_to_a_refuted_statement() -> None:
    ledger = {statement.id: statement for statement, _ in OTHERWISE} | {
        statement.id: statement
        for statement in (metric_claims.SOLUTION, metric_claims.ZERO, convergence.CONVERGES)
    }
    for witness in (*other_witnesses.witnesses(), *psi_witnesses.witnesses()):
        assert check(witness).ok, witness.statement
        assert ledger[witness.statement].expected is Verdict.REFUTED


def test_the_rest_of_the_ablation_is_where_its_run_goes() -> None:
    """One round of cuts made at the solution: without damping x comes to -16/25, with it slowly."""
    problem = with_l1(ablation.lopsided(), above=ablation.WEIGHT)
    at = []
    for damping in ("none", "sqrt"):
        a = Argus(eta=0.1, T_1=1, iota=1, M=2, damping=damping)
        trace = run(a, problem, averaging(2), steps=1200, record=[300, 1200], metrics=())
        at.append(trace.x[0, -2:].mean(axis=(1, 2)))
    assert at[0][1] == pytest.approx(-16 / 25, abs=1e-6)
    assert -16 / 25 < at[1][1] < at[1][0] < 0


def test_the_floor_of_psi_is_the_runs() -> None:
    """Two cuts of two equal agents by hand; and Psi along the run stays above, for any L >= 1."""
    (a, b, c), (a2, b2, c2) = convergence.exact_cuts(Context(statement="argus/psi-converges"))
    assert a / b == a2 / b2 == Fraction(-1, 2)
    by_hand = Fraction(sides(psi_witnesses.floor_witness())[0][0])
    floor = 2 * (b * c2 - b2 * c) ** 2 / (b**2 + b2**2)
    assert floor == by_hand > 0
    states = list(
        course(Argus(eta=0.1, iota=1, T_1=2, M=2), line(0).over("float"), averaging(2), 400, (0, 1))
    )
    values = [float(psi(line(0).over("float"), averaging(2), s, 0.1).total(1.0)[0]) for s in states[2:]]
    assert min(values) >= float(floor) - 1e-12
    assert convergence.least_psi(averaging(2), states[-1]) == pytest.approx(float(floor), rel=1e-9)
