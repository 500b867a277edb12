"""Argus's costs: counters by hand, and checks that come out otherwise where counters or formulas are others."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.graphs import named
from spiritlevel.theory.argus.costs import communication, computation, formulas, witnesses
from spiritlevel.theory.argus.costs.counting import Agent, operations
from spiritlevel.theory.argus.planted.argus import SendsToNobody
from spiritlevel.theory.argus.planted.cuts import EarlyUpdates, OneRoundMore
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Witness, check

CONTEXT = Context(statement="argus/comm")


def put(statement: Statement, algorithm: type[Argus]) -> Finding:
    return judge(statement, alpha=1e-4, substitutes={"argus": algorithm}).finding


def test_floats_on_a_path_by_hand() -> None:
    """Degrees 1, 2, 1; n = 2, m = 3; 1, 0, 2 cuts."""
    found = communication.measured(CONTEXT, named("path:3"), 2, 3, 1, [1, 0, 2])
    assert found.primal == 4 * 5
    assert found.dual == 1 * (1 + 2) + 2 * (0 + 4) + 1 * (2 + 2)
    assert found.estimate == 4 * 3 + 3 * (1 + 4 + 1)
    assert found.polytopes == 1 * 2 * 12 + 2 * 1 * 17 + 1 * 3 * 12


def test_the_printed_count_of_the_sheet() -> None:
    """N = 10, 40 iterations, m = 3, n = 2: 2000 floats of x and y printed, 18000 on the complete graph, 4000 on the ring."""
    assert 40 * formulas.printed(10, 2, 3, 1, [0] * 10, 1).primal == 2000
    for name, floats in (("complete:10", 18000), ("ring:10", 4000)):
        assert 40 * communication.stepped(CONTEXT, named(name), 2, 3, [0] * 10, False) == floats


@pytest.mark.parametrize(
    ("statement", "instead"),
    [
        (communication.REPAIRED, SendsToNobody),
        (communication.REPAIRED, OneRoundMore),
        (communication.DEGREE, SendsToNobody),
        (communication.UPDATES, EarlyUpdates),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_claims_about_floats_come_out_otherwise(statement: Statement, instead: type[Argus]) -> None:
    assert put(statement, Argus).verdict is statement.expected
    assert put(statement, instead).verdict is not statement.expected


class SendsNoPolytopes(Argus):
    """Polytopes are found and kept at home."""

    def renewed(self, o: Any, net: Any, *rest: Any) -> Any:
        before, sums = (
            net.traffic.floats,
            formulas.sent(
                communication.degrees(net.network),
                rest[0].shape[-1],
                rest[1].shape[-1],
                self.K,
                [-1] * net.network.n,
            ),
        )
        result = super().renewed(o, net, *rest)
        net.traffic.floats = before + sums.estimate
        return result


def test_polytopes_that_stay_at_home_are_noticed() -> None:
    for statement in (communication.REPAIRED, communication.POLYTOPES):
        assert put(statement, SendsNoPolytopes).verdict is not statement.expected


class Quiet(Argus):
    """Every agent sends once, whoever listens: what d = 1 would need."""

    def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
        before = net.traffic.floats
        new = super().step(t, s, o, net)
        net.traffic.floats = before + net.network.n * (s.x.shape[-1] + s.y.shape[-1])
        return new


def test_theorem_2_would_not_be_refuted_by_a_broadcast_that_costs_one_message() -> None:
    assert put(communication.PRINTED, Argus).verdict is Verdict.REFUTED
    assert put(communication.PRINTED, Quiet).verdict is Verdict.INCONCLUSIVE


def test_operations_by_hand() -> None:
    """One neighbour, n = m = 1, one cut: values of 4 products and 4 sums, 4 more; theta takes 5."""
    assert operations(1, 1, 1, 1, Agent.ascend) == 8 + 4 + 5
    assert operations(1, 1, 1, 0, Agent.iterate) == 2 * 3 + 1 + 2 * 2 + 5


@pytest.mark.parametrize(
    "statement",
    [computation.ITERATION, computation.QUADRATIC, computation.DUALS, computation.UPDATE],
    ids=lambda s: s.id,
)
def test_nothing_is_refuted_by_formulas_that_are_not_the_counts(
    statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = formulas.iteration
    monkeypatch.setattr(formulas, "iteration", lambda d, n, m, P: right(d, n, m, P) + P * P)
    assert put(statement, Argus).verdict is Verdict.INCONCLUSIVE
    assert put(computation.COMP_REPAIRED, Argus).verdict is Verdict.REFUTED


def test_a_ratio_is_unbounded_only_where_it_is() -> None:
    d, n, _, P, _ = computation.symbols()
    assert computation.unbounded((P * n + d) / n, P)
    assert not computation.unbounded(P * n / (P**2 + n), P)


@pytest.mark.parametrize("witness", witnesses.witnesses(), ids=lambda w: w.statement)
def test_witnesses_stand(witness: Witness) -> None:
    assert check(witness).ok


def test_on_stars_the_sum_of_squares_is_not_the_square_of_the_mean() -> None:
    star = formulas.sent([7, *[1] * 7], 2, 3, 1, [0] * 8)
    ratio = star.dual / formulas.printed(8, 2, 3, 1, [0] * 8, Fraction(14, 8)).dual
    assert ratio == Fraction(64, 28)
