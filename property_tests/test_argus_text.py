"""Argus against its literal text: the text itself by hand, and checks that come out otherwise where they should."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.cuts import Cuts
from spiritlevel.core.numbers import Array
from spiritlevel.theory.argus.algorithms import duals, mixing, sleepers, text_claims, two_hops, witnesses
from spiritlevel.theory.argus.algorithms.cutting import Cut, cuts_after, estimate, value
from spiritlevel.theory.argus.algorithms.literal import Run, gradients, initial
from spiritlevel.theory.argus.algorithms.setting import Setting, Vector
from spiritlevel.theory.argus.algorithms.toy import Toy
from spiritlevel.theory.argus.planted import no_cuts
from spiritlevel.theory.argus.planted.parts import Pieces
from spiritlevel.theory.judge import judge
from spiritlevel.theory.planted import Planted
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Witness, check

F = Fraction
HALF = [[F(1, 2), F(1, 2)], [F(1, 2), F(1, 2)]]


def put(statement: Statement, algorithm: type[Argus]) -> Finding:
    return judge(statement, alpha=1e-4, substitutes={"argus": algorithm}).finding


def soft(v: Vector, k: Fraction) -> Vector:
    return [z - k if z > k else z + k if z < -k else F(0) for z in v]


def line(channel: str, i: int, x: Vector, y: Vector) -> Vector:
    """``g = (y - x)^2/2``, ``G = (x^2 + y^2)/2``."""
    return {"grad_y_g": [y[0] - x[0]], "grad_x_f": x, "grad_y_f": y}[channel]


def test_the_texts_cut_is_that_of_the_worked_example() -> None:
    """D1 of one agent: y* = soft(x, 1), lambda_1 = eps = 1/10 at (1/2, 1): a = 0, b = 6/5, h = 11/10."""
    c = Setting(eta_y=F(1), eps=F(1, 10))
    x, y = [[F(1, 2)]], [[F(1)]]
    (polytope,), star = cuts_after([[]], x, y, y, [[F(1)]], c, line, soft)
    assert star == [[F(0)]]
    assert (polytope[0].a, polytope[0].b) == ([[F(0)]], [[F(6, 5)]])
    assert value(polytope[0], x, y) == F(11, 10) - F(1, 10)


def test_the_texts_estimate_by_hand_in_two_rounds() -> None:
    """Two agents at 0 and 2 with x = (1, 0); the second round has phi = +-(y_0 - y_1)/3."""
    c = Setting(K=2, eta_y=F(1, 2), eta_phi=F(1, 3), mu=F(1, 4))
    x = [[F(1)], [F(0)]]
    first = [F(1) - F(1, 2) * (F(-1) - F(1)), F(1) - F(1, 2) * (F(2) + F(1))]
    one = estimate(x, [[F(0)], [F(2)]], HALF, dataclasses.replace(c, K=1), line, lambda v, k: v)
    assert one == [[first[0]], [first[1]]]
    gap = first[0] - first[1]
    phi, mean = gap / 3, sum(first) / 2
    second = [
        mean - F(1, 2) * (first[0] - 1 + 2 * phi + gap / 2),
        mean - F(1, 2) * (first[1] - 2 * phi - gap / 2),
    ]
    assert estimate(x, [[F(0)], [F(2)]], HALF, c, line, lambda v, k: v) == [[second[0]], [second[1]]]


def test_a_cut_is_removed_after_two_zeros_and_not_after_one() -> None:
    zero, one = [[F(0)]], [[F(1)]]
    for old, left in ((F(0), 0), (F(1), 1)):
        cut = Cut(zero, one, F(0), F(0), old)
        (after,), _ = cuts_after([[cut]], one, one, one, one, Setting(eta_y=F(1)), line, lambda v, k: v)
        assert len(after) == left


def test_a_stale_read_sees_the_state_of_the_last_activity() -> None:
    """Agent 1 sleeps in the first iteration and then steps by its gradient at the start."""
    c = Setting(eta=F(1, 2), T_1=0)
    x = [[F(1)], [F(3)]]
    start = initial(x, x, [[[F(0)]] * 2] * 2)
    run = Run(c, line, lambda v, k: v, lambda v, k: v, lambda v, k: v, [start], [0, 0])
    run.iterate(HALF, [1, 0])
    assert [agent.y for agent in run.past[1]] == [[F(3, 2)], [F(2)]]
    run.iterate(HALF, [0, 1])
    assert run.past[2][1].y == [F(7, 4) - F(1, 2) * 3]
    assert run.last == [1, 2]
    assert gradients(1, run.past[0], c, line) == ([F(3)], [F(3)])


def test_the_toy_answers_alike_in_arrays_and_by_hand() -> None:
    toy, rng = Toy(3, 3, 2, 2, F(1, 3)), np.random.default_rng(0)
    x, y = (np.array([[F(int(v), 3) for v in row] for row in rng.integers(-5, 6, (3, 2))]) for _ in range(2))
    for channel in ("grad_x_f", "grad_y_f", "grad_y_g"):
        found = getattr(toy, channel)(x[None], y[None])[0]
        assert found.tolist() == [toy.ask(channel, i, x[i].tolist(), y[i].tolist()) for i in range(3)]
    assert toy.prox_y(x[None], F(1, 2))[0].tolist() == [toy.prox(row, F(1, 2)) for row in x.tolist()]


def test_argus_in_pieces_is_the_reference() -> None:
    assert put(text_claims.ALGORITHM, Pieces).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("p", no_cuts.PLANTED, ids=lambda p: p.name)
def test_planted_errors_of_the_ablation_differ_from_the_text(p: Planted) -> None:
    """Those of Argus: see test_planted.py."""
    judged = judge(text_claims.WITHOUT, alpha=1e-4, substitutes={"argus-no-cuts": p.algorithm})
    assert judged.finding.verdict is Verdict.REFUTED
    assert not judged.finding.crashed


class Projected(Argus):
    """Multipliers are kept at 0 and above whatever is asked."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "multipliers", "project")


class Full(Argus):
    """The gradient of the sum whatever is asked."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gradient", "full")


class Undamped(Argus):
    """No regularisation whatever is asked."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "damping", "none")


class Free(Argus):
    """Multipliers are free whatever is asked."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "multipliers", "free")


@pytest.mark.parametrize(
    ("statement", "instead"),
    [
        (duals.REMOVAL, Projected),
        (duals.FREE, Projected),
        (duals.OWN, Full),
        (duals.PRODUCT, Undamped),
        (duals.REMOVAL_REPAIRED, Free),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_claims_about_multipliers_come_out_otherwise_for_another_method(
    statement: Statement, instead: type[Argus]
) -> None:
    assert put(statement, Argus).verdict is statement.expected
    assert put(statement, instead).verdict is not statement.expected


@pytest.mark.parametrize("witness", witnesses.witnesses(), ids=lambda w: w.statement)
def test_witnesses_stand(witness: Witness) -> None:
    assert check(witness).ok


def test_connected_graphs_are_counted_as_they_are() -> None:
    assert [mixing.enumerated(n) for n in (1, 2, 3, 4)] == [mixing.connected(n) for n in (1, 2, 3, 4)]
    assert F(mixing.connected(10), 2**45) == F(269503817147, 274877906944)


def test_mixing_that_moves_the_mean_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "second_modulus", lambda W: 0.1)
    finding = mixing.CONTRACTION.check(Context(statement="argus/mix-contraction"))  # type: ignore[misc]
    assert finding.verdict is Verdict.REFUTED


def test_one_round_keeps_the_point_that_two_remove() -> None:
    context = Context(statement=two_hops.HOPS.id)
    assert two_hops.value_far_away(context, 1) < 0 < two_hops.value_far_away(context, 2)


class WideCuts(Pieces):
    """Cuts over the whole network: with the sums of all agents, every coefficient is there."""

    def closed(self, near: Array) -> Array:
        return near * 0 + 1


def test_cuts_over_the_whole_network_keep_the_point() -> None:
    assert put(two_hops.HOPS, WideCuts).verdict is not two_hops.HOPS.expected


class Patient(Pieces):
    """Only agents that moved their multipliers remove cuts: here, nobody does."""

    def idle(self, cuts: Cuts) -> Array:
        return np.zeros(cuts.lam.shape, dtype=bool)


def test_a_rule_that_waits_for_the_owner_keeps_the_cut() -> None:
    assert put(sleepers.ASLEEP_REMOVAL, Patient).verdict is not sleepers.ASLEEP_REMOVAL.expected
    kept, value = sleepers.first_cut(Context(statement=sleepers.ASLEEP_REMOVAL.id), sleepers.ASLEEP)
    assert not kept
    assert value > 0
