"""SLAM's three gradients, its limits and Lemmas 1 to 3: the instruments flag what is broken and nothing else."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.slam import SLAM
from spiritlevel.core.algorithms.slam_l import LowerSLAM
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.shifted import STEEPEST, ShiftedLower
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import expected_square, moments
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients import (
    corollary_witnesses,
    estimator,
    field_rates,
    hessian_condition,
    kkt,
    lemma2,
    lemma3,
    lemma_witnesses,
    limit_witnesses,
    readings,
    theorem1,
    witnesses,
)
from spiritlevel.theory.slam.gradients.averages import average_squares
from spiritlevel.theory.slam.gradients.bias_floor import FLOOR, REST
from spiritlevel.theory.slam.gradients.corollaries import apart, local, stack_root
from spiritlevel.theory.slam.gradients.eq23 import gap_by_formula, root
from spiritlevel.theory.slam.gradients.instances import (
    opposed,
    resting,
    smooth,
    stuck,
    torn,
    two_tasks,
    unequal,
    uphill,
)
from spiritlevel.theory.slam.gradients.limits import at_rest, everywhere, iterates
from spiritlevel.theory.slam.gradients.means import letters, mean
from spiritlevel.theory.slam.hypergradients import eq18, eq23, true
from spiritlevel.theory.statement import Context, Verdict
from spiritlevel.theory.witness import Witness, check

PAIR = named("path:2", exact=True)
WITNESSES = [
    *witnesses.witnesses(),
    *limit_witnesses.witnesses(),
    *lemma_witnesses.witnesses(),
    *corollary_witnesses.witnesses(),
]


# --- witnesses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("witness", WITNESSES, ids=lambda w: w.statement)
def test_every_witness_stands(witness: Witness) -> None:
    assert check(witness).ok


def _by_id(name: str) -> Witness:
    return next(w for w in WITNESSES if w.statement == name)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("slam/lemma1-mean", {"C": [1, 1]}),  # equal cross terms
        ("slam/hessian-condition-needed", {"H": [1, 1], "C": [-1, -1]}),  # equal Hessians
        ("slam/lemma3-eq36", {"Q": [[1, 0], [0, 1]]}),  # tasks that are not coupled
        ("slam/lemma3-constant", {"C": 1}),  # weak cross terms
        ("slam/thm1-true-gradient", {"x1": [0, 0]}),  # from the solution
        ("slam/kkt-general", {"H": [1, 1], "p": ["-1/2", "-1/2"], "d": ["1/2", "1/2"]}),  # equal agents
        ("slam/cor1-nash", {"x": [0, 0], "y": [0, 0], "d": [0, 0]}),  # nothing to respond to
        ("slam/lemma2-eq27", {"L_g2": 1}),
    ],
)
def test_a_witness_falls_where_the_claim_is_true(name: str, change: dict[str, Any]) -> None:
    stands = _by_id(name)
    kept = tuple(c for c in stands.assume if not c.text.startswith("g_i = "))
    weaker = dataclasses.replace(stands, assume=kept)
    assert check(weaker).ok
    assert not check(dataclasses.replace(weaker, given={**stands.given, **change})).ok


def test_runs_of_the_algorithms_are_those_of_the_witnesses() -> None:
    steps: dict[str, Any] = {"alpha": 4, "beta": 4, "gamma": 4, "rho": Fraction(1, 4)}
    for problem, start in ((uphill(), 8), (resting(), Fraction(1, 2)), (stuck(), 0)):
        at = [s.x[0, :, 0].tolist() for s in iterates(SLAM(**steps), problem, PAIR, 8)]
        assert at == [[start + Fraction(r, 4) * (start == 8)] * 2 for r in range(9)]
    settings: dict[str, Any] = {"alpha": 4, "beta": 4, "gamma": Fraction(1, 2), "rho": 2}
    x = np.concatenate([s.x for s in iterates(LowerSLAM(**settings), torn(), PAIR, 16)])
    assert set((readings.eq18(torn(), x) ** 2).reshape(-1)) == {Fraction(9, 16)}
    assert x[-1, :, 0].tolist() == [11, -11]


# --- gradients and limits --------------------------------------------------------------------------------


def test_means_of_words() -> None:
    a, b, a_, b_, M = letters("a b a_mean b_mean M")
    of = {a: a_, b: b_}
    assert mean(a * M * b_, of) == a_ * M * b_
    assert mean((a - a_) * M * (b - b_), of) == a * M * b - a_ * M * b_
    assert mean((a - a_) * M * b, of) != a * M * b  # a term is missing
    assert mean(a * M * b, of, {(M, b): (a_,)}) == a_ * a_


@pytest.mark.parametrize("same", ["", "H", "B", "HB", "K"])
def test_the_three_fields_agree_exactly_where_they_should(same: str) -> None:
    problem = two_tasks(5, 3, same)
    x = np.repeat(convert([[[1, -2]]], "fraction"), 3, axis=1)
    for name, formula in readings.GRADIENTS.items():
        assert (readings.by_differences(problem, x, name) == formula(problem, x)).all()
    gradient, printed, used = (f(problem, x[:, 0])[0] for f in (true, eq18, eq23))
    assert (readings.eq18(problem, x).sum(axis=1)[0] / 3 == printed).all()
    assert (gradient - used == gap_by_formula(problem, x)).all()
    assert (gradient == printed).all() == ("B" in same)
    assert (gradient == used).all() == (same in ("HB", "K"))
    assert (printed == used).all() == ("H" in same)


def test_one_agent_has_one_gradient() -> None:
    problem = two_tasks(6, 1)
    x = convert([[[3, 1]]], "fraction")
    assert (
        len(
            {
                str(f(problem, x))
                for f in (readings.eq18, readings.own, readings.together, readings.objective, local)
            }
        )
        == 1
    )
    assert (apart(problem, x) == readings.own(problem, x)).all()


def test_only_the_root_of_23_is_at_rest() -> None:
    problem, made = unequal(), SLAM()
    x = root(problem, eq23)
    assert x is not None
    assert x.tolist() == [Fraction(3, 4)]
    assert at_rest(made, problem, PAIR, *everywhere(problem, x)).is_limit
    for elsewhere in (Fraction(2, 5), Fraction(0)):  # the solution, and anywhere
        assert not at_rest(made, problem, PAIR, *everywhere(problem, np.array([elsewhere]))).stays
    wild = at_rest(SLAM(alpha=Fraction(1, 100)), problem, PAIR, *everywhere(problem, x))
    assert wild.stays
    assert not wild.is_limit


def test_slam_tends_there_from_elsewhere() -> None:
    for problem, limit in ((unequal(), 0.75), (opposed(), 1.0), (smooth(0.5), 0.5)):
        end = iterates(SLAM(), problem.over("float"), PAIR.over("float"), 1500)[-1]
        assert end.x[0, :, 0] == pytest.approx([limit, limit], abs=1e-9)


@pytest.mark.parametrize("problem", [resting(), uphill(), torn(), smooth()], ids=lambda p: p.name)
def test_instances_violate_no_assumption(problem: Bilevel) -> None:
    assert [a.id for a in ALL if a.violation(problem) is not None] == []
    assert [a.id for a in ALL if a.violation(unequal()) is not None] == ["A1", "Theorem 1"]
    assert [a.id for a in ALL if a.violation(stuck()) is not None] == ["Theorem 1"]


class MeanCross(SLAM):
    """The true gradient where Hessians are equal: every agent knows the mean cross term."""

    def step(self, t, s, o, net):  # type: ignore[no-untyped-def]
        y = s.y - (o.grad_y_g(s.x, s.y) + self.gamma * s.om + self.rho * self.gamma * s.Ly) / self.beta
        w = o.solve_yy_g(s.x, y, o.grad_y_f(s.x, y))
        C = o.hess_xy_g(s.x, y)
        h = o.grad_x_f(s.x, y) - ((C.sum(axis=1, keepdims=True) / C.shape[1]) @ w[..., None])[..., 0]
        x = s.x - (h + self.gamma * s.lam + self.rho * self.gamma * s.Lx) / self.alpha
        Lx, Ly = net.differences(x, y)
        return type(s)(x, y, s.lam + self.rho / self.gamma * Lx, s.om + self.rho / self.gamma * Ly, Lx, Ly)


def test_with_the_mean_cross_term_the_verdicts_turn() -> None:
    turned = {field_rates.NOISY: Verdict.SUPPORTED, field_rates.RATE: Verdict.REFUTED, FLOOR: Verdict.REFUTED}
    turned |= {REST: Verdict.INCONCLUSIVE, kkt.TRUE_GRADIENT: Verdict.SUPPORTED, kkt.LIMIT: Verdict.SUPPORTED}
    turned |= {theorem1.FIELD: Verdict.SUPPORTED}
    for statement, verdict in turned.items():
        assert statement.check is not None
        found = statement.check(Context(statement=statement.id, substitutes={"slam": MeanCross}))
        assert found.verdict is verdict is not statement.expected


def test_the_limits_row_sees_one_field_taken_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiritlevel.theory.slam.hypergradients.eq23", eq18)
    found = kkt.LIMIT_REPAIRED.check(Context(statement=kkt.LIMIT_REPAIRED.id))  # type: ignore[misc]
    assert found.verdict is Verdict.REFUTED


def test_averages_are_sums_of_moments() -> None:
    noise: Any = {"grad_x_f": 0.3, "grad_y_g": 0.2}
    amap = probe(SLAM(), opposed(4).over("float"), named("ring:4"), channels=noise)
    L, c = amap.readout(lambda s: s.x.mean(axis=1) - 1)
    each = [expected_square(L, c, moments(amap, noise, t)) for t in range(16)]
    assert average_squares(amap, noise, L, c, 4) == pytest.approx(np.mean(each), rel=1e-12)
    assert average_squares(amap, {k: 0.0 for k in noise}, L, c, 4) < np.mean(each)


# --- lemmas and conditions -------------------------------------------------------------------------------


def test_hessian_condition_by_reading() -> None:
    curved, rng = ShiftedLower(np.full(3, 2.0), 1), np.random.default_rng(5)
    assert hessian_condition.spread(curved, "common", rng)[0] <= 1e-14
    assert hessian_condition.spread(curved, "free", rng)[0] > 0.1
    assert hessian_condition.spread(curved, "own x", rng)[0] > 0.1
    alone = ShiftedLower(np.full(1, 2.0), 1)  # one agent: the condition is A1
    for reading in ("common", "own x", "free"):
        at_zero, ratio = hessian_condition.spread(alone, reading, rng)
        assert at_zero <= 1e-14
        assert ratio <= 2 * STEEPEST


def test_lemma2_closed_form_is_the_solution_and_its_derivative() -> None:
    theta, t = np.array([0.5, 3.0]), np.array([0.4, -1.3])
    x, J = lemma2.along(theta, t)
    lower = ShiftedLower(theta, 1)
    y = (x + t)[0]
    assert abs(lower.grad_y(x[None, :, None], np.full((1, 2, 1), y)).mean()) <= 1e-15
    h = 1e-6
    for j in range(2):
        moved = x + h * np.eye(2)[j]
        low, high = y - 1.0, y + 1.0
        for _ in range(80):
            middle = (low + high) / 2
            slope = lower.grad_y(moved[None, :, None], np.full((1, 2, 1), middle)).mean()
            low, high = (middle, high) if slope < 0 else (low, middle)
        assert (low - y) / h == pytest.approx(J[j], abs=1e-5)


@pytest.mark.parametrize(
    ("judged", "share"),
    [
        (lemma2.lipschitz, 0.9),
        (lemma2.smooth, 0.9),
        (lambda c, share: lemma3.proved(c, "y", "", share), 0.8),
        (lambda c, share: lemma3.proved(c, "x", "", share), 0.9),
        (estimator.decay, 0.99),
    ],
    ids=["(25)", "(26)", "(33)", "(34)", "(24)"],
)
def test_constants_a_little_too_small_are_refuted(judged: Any, share: float) -> None:
    context = Context(statement="slam/constants")
    assert judged(context, 1.0).verdict is Verdict.PROVED
    assert judged(context, share).verdict is Verdict.REFUTED


def test_lemma3_surrogate_is_the_algorithms_and_only_the_printed_constant_fails() -> None:
    v = {"angle": 0.7, "tilt": 0.4, "turn": -1.1, "mu": 1.3, "C": 2.0, "theta": 0.0}
    y = np.array([0.4, -0.9])
    a, b = lemma3.forms(v)
    np.testing.assert_allclose([a @ a, b @ b, a @ b], [1, 1, 0], atol=1e-15)

    class Coupled(BoundedUpper):
        def both(self, x, y):  # type: ignore[no-untyped-def]
            z = np.concatenate([y, x], axis=-1)
            first, second = (w / np.sqrt(1 + w * w) for w in (z @ a, z @ b))
            return first[..., None] * a - second[..., None] * b

        def grad_y(self, x, y):  # type: ignore[no-untyped-def]
            return self.both(x, y)[..., :2]  # type: ignore[no-untyped-call]

        def grad_x(self, x, y):  # type: ignore[no-untyped-def]
            return self.both(x, y)[..., 2:]  # type: ignore[no-untyped-call]

    upper = Coupled(1, "huber", np.zeros(1), np.zeros((1, 1)), np.zeros((1, 2)))
    problem = Bilevel(
        QuadraticLower(1.3 * np.eye(2)[None], np.full((1, 2, 1), 2.0), np.zeros((1, 2))), upper, "coupled"
    )
    found = surrogate(Oracle(problem), np.full((1, 1, 1), 0.3), y[None, None])
    assert lemma3.eq23(v, 0.3, y) == pytest.approx(found.item(), rel=1e-14)
    context = Context(statement="slam/lemma3-constant")
    assert lemma3.attack(context, lemma3.in_y, "printed").found
    assert not lemma3.attack(context, lemma3.in_y, "coupled").found


def test_lower_slam_rests_at_equilibria_only_if_cross_terms_vanish() -> None:
    problem = two_tasks(7, 3, "HB")
    x = stack_root(problem, local)
    assert not local(problem, x[None]).any()
    assert readings.own(problem, x[None]).any()
    nash = stack_root(problem, readings.own)
    assert not readings.own(problem, nash[None]).any()
    assert (nash != x).any()
