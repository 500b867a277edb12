"""RABO's exact maps and moments against runs, its theorems' algebra, and verdicts that turn on other algorithms."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.rabo import RABO, State
from spiritlevel.core.algorithms.rafbo import RAFBO
from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.masks import Masks
from spiritlevel.core.metrics import hypergradient_squared
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.instruments.statistics import agrees
from spiritlevel.theory.rabo.assumptions import delta_f
from spiritlevel.theory.rabo.floors import heterogeneity, masked_problem, pruning
from spiritlevel.theory.rabo.lemmas import lines
from spiritlevel.theory.rabo.moments import coverage, speedup
from spiritlevel.theory.rabo.moments.problems import clients, separable
from spiritlevel.theory.rabo.moments.rounds import CHANNELS, over_rounds, readouts, rest
from spiritlevel.theory.rabo.moments.schedules import Case, measured
from spiritlevel.theory.rabo.planted.rabo import (
    FirstHolder,
    NoInverse,
    OneStepMore,
    OtherReading,
    OtherSign,
    Plus,
    SwappedSteps,
)
from spiritlevel.theory.rabo.theorems import (
    bound,
    corollary,
    corollary_steps,
    left_side,
    potential,
    repaired,
    resting,
    schedule,
    theorem2,
    theorem2_text,
    young,
)
from spiritlevel.theory.rabo.theorems.bent import BentLower
from spiritlevel.theory.rabo.theorems.lists import NEEDED, PRINTED, REPAIRED
from spiritlevel.theory.rabo.theorems.sides import Instance, sides
from spiritlevel.theory.slam.moments.modes import averages, whole
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.step_lists.stepsize import emptied
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck


def _judge(statement: Statement, *wrong: type[Any]) -> Finding:
    assert statement.check is not None
    return statement.check(Context(statement=statement.id, substitutes={w.name: w for w in wrong}))


@pytest.mark.parametrize("mask", ["full", "window:2", "rolling:2", "nested:1:1/2"])
def test_the_map_of_a_period_is_what_rounds_do(mask: str) -> None:
    problem = clients(1, 3, 3, 3, het_g=0.5, het_f=1.0).over("fraction")
    a = RABO(alpha=Fraction(1, 20), beta=Fraction(1, 10), T=2, mask_x=mask, mask_y=mask)
    amap = over_rounds(a, problem, 3)
    o, net = Oracle(problem), Gossip(averaging(3, exact=True))
    z = convert([Fraction(k, 7) for k in (3, -1, 2, 5, -4, 1)], "fraction")
    s = amap.layout.unflatten(z[None])
    for t in (1, 2, 3):
        s = a.over("fraction").step(t, s, o, net)
    assert (amap.layout.flatten(s)[0] == amap.M @ z + amap.b).all()


def test_rest_is_where_runs_end() -> None:
    problem, a = clients(5, 4, 4, 4), RABO(alpha=0.05, beta=0.3, T=1, mask_x="window:2", mask_y="window:2")
    found = rest(a, problem)
    trace = run(a, problem, averaging(4), steps=600, metrics={"g": hypergradient_squared}, x0=np.ones(4))
    np.testing.assert_allclose(trace.metrics["g"][0, -1], found.squared, rtol=1e-8)
    with pytest.raises(Unstable):
        rest(RABO(alpha=0.05, beta=3.0, T=1), problem)


def test_averages_against_runs() -> None:
    """False-alarm rate 1e-4; a difference of 10 % is refuted with chance 0.9."""
    case = Case(6, 4)
    exact = measured(RABO, case).total
    noise = Additive({channel: 2**-0.5 for channel in CHANNELS})
    trace = run(
        case.algorithm(RABO),
        case.problem,
        averaging(4),
        steps=63,
        noise=noise,
        replicas=1500,
        seed=3,
        record="all",
        metrics={"g": hypergradient_squared},
    )
    sample = trace.metrics["g"].mean(axis=1) / exact
    assert agrees(sample, 1.0, 1e-4, effect=0.1).verdict == "consistent"
    assert agrees(sample, 1.12, 1e-4, effect=0.1).verdict == "refuted"


def test_common_noise_leaves_what_one_client_has() -> None:
    """With one draw for all, four equal clients do what one does with the same steps."""
    case = Case(10, 4)
    single = over_rounds(case.algorithm(RABO), clients(3, 1, 2, 2), channels=CHANNELS)
    sigma: dict[Any, float] = dict.fromkeys(CHANNELS, 2**-0.5)
    alone = averages(whole(single), readouts(single, case.problem), sigma, 10).noise[-1].sum()
    together = measured(RABO, dataclasses.replace(case, common=True)).noise
    np.testing.assert_allclose(together, alone, rtol=1e-9)
    assert measured(RABO, case).noise < 0.3 * alone


def test_noise_floor_by_hand() -> None:
    """One coordinate, one client: the scalar Lyapunov equation by summing powers."""
    kind = coverage.floor(RABO, 1, 1, "full", "full")
    problem = separable(1, 1)
    amap = over_rounds(RABO(alpha=0.02, beta=0.2, T=1), problem, channels=CHANNELS)
    P, total, L = np.eye(2), np.zeros((2, 2)), readouts(amap, problem)[:, 0, :-1]
    for _ in range(4000):
        total += P @ amap.N @ amap.N.T @ P.T
        P = P @ amap.M
    np.testing.assert_allclose(kind.total, float((L @ total @ L.T)[0, 0]), rtol=1e-9)


def test_masked_hypergradient_by_differences() -> None:
    problem = clients(6, 4, 4, 4, het_g=0.3, het_f=0.5)
    held = Masks("window:3").at(1, 4, 4, np.zeros((1, 1, 4)))
    x = np.array([0.3, -1.0, 0.5, 2.0])

    def value(x: Array) -> float:
        y, _ = masked_problem.masked(problem, x, held, held)
        return float(problem.f((x * held)[None], (y * held)[None]).mean())

    steps = 1e-6 * np.eye(4)
    found = [(value(x + e) - value(x - e)) / 2e-6 for e in steps]
    np.testing.assert_allclose(masked_problem.masked(problem, x, held, held)[1], found, rtol=1e-6)


def _solution(problem: Bilevel) -> Array:
    found = problem.solution()
    assert found is not None
    return found


def test_moving_the_origin_moves_nothing_else() -> None:
    still, moved = clients(5, 4, 4, 4, het_f=1.0), clients(5, 4, 4, 4, het_f=1.0, shift=0.7)
    x, (at_still, at_moved) = 0.7 * _solution(clients(5, 4, 4, 4)), map(_solution, (still, moved))
    np.testing.assert_allclose(at_moved + x, at_still, atol=1e-12)
    at = np.array([[0.2, 1.0, -1.0, 0.5]])
    np.testing.assert_allclose(moved.hypergradient(at), still.hypergradient(at + x), atol=1e-12)


def test_bent_lower_levels() -> None:
    lower = BentLower(np.array([0.0, 3.0, 7.0]))
    x = np.random.default_rng(0).normal(size=(5, 1, 1)) * 10 * np.ones((3, 1))
    np.testing.assert_allclose(lower.grad_y(x, lower.argmin(x)), 0, atol=1e-12)
    y, e = lower.shared_argmin(x), 1e-6
    np.testing.assert_allclose(lower.grad_y(x, y).mean(axis=1), 0, atol=1e-12)
    slope = (lower.g(x, y + e) - lower.g(x, y - e)) / (2 * e)
    np.testing.assert_allclose(lower.grad_y(x, y)[..., 0], slope, rtol=1e-5, atol=1e-6)
    curvature = (lower.grad_y(x, y + e) - lower.grad_y(x, y - e)) / (2 * e)
    np.testing.assert_allclose(lower.hess_yy(x, y)[..., 0], curvature, rtol=1e-6)
    c = lower.constants
    assert (lower.hess_yy(x, y) >= float(c.mu_g)).all()
    joint = np.array([[0, -1], [-1, 8.0]])
    assert np.linalg.norm(joint, 2) <= float(c.L_g)


def test_one_step_is_not_proved_for_any_factor() -> None:
    assert all(young.one_step().values())
    assert [name for name, good in young.one_step(5).items() if not good] == ["|h|^2"]


def test_the_repaired_bound_needs_its_terms() -> None:
    found = sides(RABO, Instance(1, mask="window:2", doublings=20))
    assert found.start < found.left < found.right
    assert found.pruning + found.start > found.left > found.start + found.noise
    noisy = sides(RABO, Instance(1, sigma=1.0, doublings=40))
    assert noisy.start < noisy.left < noisy.inner
    far = sides(RABO, Instance(1, doublings=6))
    assert far.left > 0.1 * far.right  # within a factor of 10 where the start decides
    assert delta_f(Instance(1, het_f=1.0).problem, "local") > 0


@pytest.mark.parametrize("term", repaired.TERMS)
def test_the_repaired_bound_is_refuted_without_any_of_its_terms(
    term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(s.left > s.right for s in (sides(RABO, i) for i in repaired.pointed()))
    monkeypatch.setattr(repaired, "sides", lambda *a: dataclasses.replace(sides(*a), **{term: 0.0}))
    assert _judge(repaired.REPAIRED_BOUND).verdict is Verdict.REFUTED


@pytest.mark.parametrize("L_y", [1, 5, 6, 7, 30])
def test_lists_on_constants(L_y: int) -> None:
    c = Constants(mu_g=1, L_g=L_y, L_fx=2, C_fy=3, L_gyy=1)
    assert emptied(PRINTED.rows(c, 0, 1), PRINTED.order) == ("beta" if L_y > 6 else None)
    assert emptied(NEEDED.rows(c, 0, 1), NEEDED.order) == "beta"
    steps = REPAIRED.largest(c, 0, 1)
    assert emptied(REPAIRED.rows(c, 0, 1), REPAIRED.order) is None
    assert 0 < steps["alpha"] < steps["beta"]
    free = Constants(mu_g=1, L_g=L_y)  # M_f = 0: nothing binds alpha
    assert emptied(PRINTED.rows(free, 0, 1), PRINTED.order) is None


WITNESSES = [
    (resting.local_witness, {"alpha": "1/100000", "beta": "1/100000"}),
    (resting.local_witness, {"a_1": 1}),
    (resting.alone_witness, {"x": "1/4"}),
    (resting.pruned_witness, {"y": "1/4"}),
    (resting.halved_witness, {"w1_2": 1}),
    (potential.delta_witness, {"x": 2}),
    (potential.behind_witness, {"beta": "1/4"}),
    (corollary.rate_witness, {"Q": 10**8}),
    (corollary_steps.alpha_witness, {"alpha": "1/2"}),
    (theorem2.thm2_witness, {"x": "1/12", "y": "1/12"}),
    (theorem2.thm2_witness, {"l_f1": 1}),
    (masked_problem.masked_witness, {"M_1": [[1, 0], [0, 1]]}),
    (left_side.unbounded_witness, {"root": 1000}),
    (left_side.outside_witness, {"m": [1, 1]}),
    (young.unstable_witness, {"beta": "1/50"}),
]


@pytest.mark.parametrize(("make", "changed"), WITNESSES)
def test_a_changed_witness_falls(make: Any, changed: dict[str, Any]) -> None:
    witness: Witness = make()
    assert recheck(witness).ok
    assert not recheck(dataclasses.replace(witness, given={**witness.given, **changed})).ok


def test_theorem_2_compared_with_its_proof() -> None:
    read = {**theorem2_text.STATED, "sigma_J^2": theorem2_text.STATED["Delta"]}
    assert theorem2_text.missing(theorem2_text.STATED) == ["sigma_J^2"]
    assert theorem2_text.missing(read) == []
    del read["delta_g^2"]
    assert theorem2_text.missing(read) == ["delta_g^2"]


def test_theorem_2_is_refuted_where_no_reading_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    less = {k: v for k, v in theorem2_text.STATED.items() if k != "delta_g^2"}
    monkeypatch.setattr(theorem2_text, "STATED", less)
    assert _judge(theorem2_text.TERMS).verdict is Verdict.REFUTED


def test_one_more_term_only_up_to_a_factor_of_5_4(monkeypatch: pytest.MonkeyPatch) -> None:
    ratios = theorem2_text.sums()
    monkeypatch.setattr(theorem2_text, "sums", lambda: {k: 2 * v for k, v in ratios.items()})
    assert _judge(theorem2_text.ONE_TERM).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("old", "new"),
    [("2*Delta/root", "3*Delta/root"), ("4*N*(L_f", "4*(L_f"), ("(N*T*Q*L_y*late)", "(N*T*Q*late)")],
)
def test_corollary_1_is_read_off_its_display(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert old in corollary.DISPLAY
    monkeypatch.setattr(corollary, "DISPLAY", corollary.DISPLAY.replace(old, new))
    assert _judge(corollary.SUBSTITUTION).verdict is Verdict.INCONCLUSIVE
    if old.startswith("4*N"):
        assert _judge(corollary.COR1_SPEEDUP).verdict is Verdict.INCONCLUSIVE


def test_another_coefficient_is_not_that_of_eq34a(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ((lines.END_5, lines.LEMMA_8_SQUARES),)
    monkeypatch.setattr(left_side, "POTENTIAL", other)
    assert _judge(left_side.SIGN).verdict is Verdict.INCONCLUSIVE


def test_the_induction_needs_two_clients() -> None:
    assert schedule.induction(least=2)
    assert not schedule.induction(least=1)


class Means(RABO):
    """(7) from means over the clients, and exact masks of everything."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        return RABO.hypergradient(dataclasses.replace(self, hyper="global"), o, net, x, y, m_x, m_y)


class Unpruned(RABO):
    """No masks, whatever the policy."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        return RABO.step(dataclasses.replace(self, mask_x="full", mask_y="full"), t, s, o, net)


class Weighed(RABO):
    """Sums over the holders: more coverage takes longer steps."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        n, held = o.problem.n, Masks(self.mask_x).at(t, o.problem.n, s.x.shape[-1], s.x).sum(axis=0)
        after = super().step(t, s, o, net)
        return State(s.x + (after.x - s.x) * held / n, s.y + (after.y - s.y) * held / n)


class Uphill(RABO):
    """x goes the wrong way."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        after = super().step(t, s, o, net)
        return State(2 * s.x - after.x, after.y)


class Settled(RABO):
    """y is put to y*(x)."""

    def inner(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        return np.asarray(o.problem.lower_solution(x)) * m_y  # type: ignore[attr-defined]


class Looped(RAFBO):
    """A loop although gradients were asked for."""

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        return RAFBO.probed(
            dataclasses.replace(self, difference="loop", beta=self.beta * 0 + 1), o, x, y, m_y
        )


class Printed(RAFBO):
    """Gradients although a loop was asked for."""

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        return RAFBO.probed(dataclasses.replace(self, difference="gradient"), o, x, y, m_y)


class Exactly(RAFBO):
    """RAFBO that uses second derivatives after all."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        return RABO.hypergradient(self, o, net, x, y, m_x, m_y)


S, R, I = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("statement", "wrong", "verdict"),
    [
        # refuted ones hold, or are not shown false, where the cause is gone
        (coverage.MINIMUM, FirstHolder, S),
        (coverage.JOINT, Weighed, S),
        (pruning.ORDER, Unpruned, I),
        (pruning.FASTER, Unpruned, R),
        (pruning.BIAS, Unpruned, R),
        (pruning.ORIGIN, Unpruned, S),
        (pruning.DERIVATIVES, Unpruned, S),
        (heterogeneity.HET, Unpruned, R),
        (heterogeneity.BIAS, Unpruned, R),
        (heterogeneity.ROLLING, Unpruned, I),
        (masked_problem.MASKED, OtherReading, I),
        (bound.PRINTED_BOUND, Means, I),
        (bound.COVERAGE, Unpruned, I),
        (bound.PRUNED, Unpruned, I),
        (bound.INNER, Unpruned, I),
        (corollary.COR1_RATE, Means, I),
        (potential.DELTA, Uphill, I),
        (potential.HOMOGENEOUS, Settled, I),
        (young.STABLE, Settled, I),
        (left_side.OUTSIDE, Unpruned, I),
        (left_side.UNBOUNDED, Uphill, I),
        (schedule.HOMOGENEOUS, SwappedSteps, I),
        (schedule.TRACKING, Settled, I),
        (theorem2.THM2, Looped, I),
        (theorem2.SAME_RATE, Exactly, I),
        # supported ones fall on wrong algorithms
        (coverage.INNER, Unpruned, R),
        (speedup.SPEEDUP, FirstHolder, R),
        (speedup.MIMICRY, FirstHolder, I),
        (speedup.RATE, NoInverse, R),
        (pruning.LINEAR, Plus, R),
        (heterogeneity.DIRECTION, FirstHolder, R),
        (heterogeneity.FULL, FirstHolder, R),
        (heterogeneity.DRIFT, OneStepMore, R),
        (masked_problem.MASKED_INNER, OneStepMore, R),
        (repaired.REPAIRED_BOUND, OtherSign, R),
        (repaired.REPAIRED_BOUND, Uphill, R),
        (theorem2.LOOP, Printed, R),
    ],
    ids=lambda v: getattr(v, "id", getattr(v, "__name__", None)),
)
def test_verdicts_turn(statement: Statement, wrong: type[Any], verdict: Verdict) -> None:
    found = _judge(statement, wrong)
    assert found.verdict is verdict, found.summary
