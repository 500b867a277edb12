"""DSBO's assumptions and sentences: the instruments flag what is broken and nothing else."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core import graphs
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.errors import InputError
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.families import bounded, linear, quadratic
from spiritlevel.theory.dsbo.algorithm import messages
from spiritlevel.theory.dsbo.assumptions import instances
from spiritlevel.theory.dsbo.assumptions.audit import clash, uphill
from spiritlevel.theory.dsbo.assumptions.dimension import fits
from spiritlevel.theory.dsbo.assumptions.instances import ROWS, Coordinates, violations
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs, least_curvature
from spiritlevel.theory.dsbo.text import sentences
from spiritlevel.theory.dsbo.witnesses import contradiction_witness, witnesses
from spiritlevel.theory.statement import Context, Verdict
from spiritlevel.theory.witness import Condition, check

few = settings(max_examples=60, derandomize=True, deadline=None)


@pytest.mark.parametrize("witness", witnesses(), ids=lambda w: w.statement)
def test_every_witness_stands(witness) -> None:  # type: ignore[no-untyped-def]
    assert check(witness).ok


def test_a_witness_with_a_bounded_point_does_not_stand() -> None:
    inside = dataclasses.replace(
        contradiction_witness(10), given={**contradiction_witness(10).given, "y": [10, 0]}
    )
    assert not check(inside).ok


def test_the_channel_witness_needs_the_lost_weight() -> None:
    lost = next(w for w in witnesses() if w.statement == "dsbo/robust-channel")
    third = "1/3"
    kept = [["2/3", 0, 0, third], [0, "2/3", third, 0], [0, third, third, third], [third, 0, third, third]]
    assume = tuple(c for c in lost.assume if "norm2(W - V)" not in c.that)
    balanced = dataclasses.replace(lost, given={**lost.given, "V": kept}, assume=assume)
    report = check(balanced)
    assert not report.ok
    assert check(dataclasses.replace(balanced, claim=Condition("rest is not 1", "rest != ones(4)"))).ok


def test_clash_depends_on_what_is_bounded() -> None:
    import sympy as sp

    mu, C, L, s = sp.symbols("mu C L s", positive=True)
    assert clash(mu * s, 2 * C, s)
    assert not clash(mu * s, (mu + L) * s, s)
    assert not clash(C, 2 * C, s)
    assert clash(uphill(C, mu, L, s), 100 * C, s)


@pytest.mark.parametrize("d", [1, 2, 14, 100])
def test_the_repaired_family_satisfies_every_row(d: int) -> None:
    assert violations(Coordinates(d), "repaired") == ()


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({"mu_g": Fraction(3)}, "3.4(i)"),
        ({"L_g": Fraction(2), "mu_g": Fraction(2)}, "3.4(iii)"),
        ({"delta": Fraction(3)}, "3.4(iv)"),
        ({"kappa_g": Fraction(1, 2)}, "3.4(v)"),
        ({"sigma": Fraction(2)}, "3.3(iii)"),
        ({"L_f": Fraction(1)}, "3.3(ii)"),
        ({"mu": Fraction(3)}, "5.2"),
        ({"signs": (0, 1)}, "3.1"),
        ({"tilt": Fraction(2)}, "3.3(i)"),
        ({"kink": Fraction(1, 100)}, "3.4(ii)"),
    ],
)
def test_every_row_can_fail(change: dict[str, Any], row: str) -> None:
    assert row in violations(dataclasses.replace(Coordinates(3), **change), "repaired")


def test_the_network_row_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    half = Fraction(1, 2)
    monkeypatch.setattr(instances, "W", ((half, half), (half, half)))
    assert violations(Coordinates(3), "repaired") == ("3.2",)
    assert len(ROWS) == 11


def _scalar(**blocks: Any) -> Any:
    given = {
        "H": [[[2.0]], [[3.0]]],
        "B": [[[1.0]]] * 2,
        "c": [[0.0]] * 2,
        "A": [[[1.0]]] * 2,
        "Q": [[[1.0]]] * 2,
    }
    return quadratic(**{**given, **blocks}, shared=True)


LAZY = graphs.named("lazy-path:2")


def _found(problem: Any, network: Network = LAZY) -> list[str]:
    return [line.split()[0] for line in audit_runs([problem], [network])]


def test_runs_are_put_to_one_set_of_assumptions() -> None:
    assert _found(_scalar()) == ["3.3(iii)", "3.3(iii)", "3.4(iv)"]
    assert _found(_scalar(), averaging(2))[-1] == "3.2(ii)"
    assert _found(_scalar(), Network(np.eye(2)[::-1], "swap"))[-1] == "3.2(ii)"
    assert "3.3(i)" in _found(_scalar(A=[[[-5.0]]] * 2))
    assert _found(_scalar(A=None, Q=None, a=[[1.0]] * 2, e=[[1.0]] * 2)) == ["3.4(iv)"]
    assert {a.id for a in ASSUMPTIONS} == {
        "3.3(i)",
        "3.3(ii)",
        "3.3(iii)",
        "3.4(i)",
        "3.4(iii)",
        "3.4(iv)",
        "3.4(v)",
    }


def test_upper_levels_with_bounded_gradients_are_not_flagged() -> None:
    one = bounded([[[1.0]]] * 2, [[[2.0]]] * 2, [[0.0]] * 2, b=[[0.0]] * 2, x_target=[3.0], shared=True)
    assert "3.3(iii)" not in _found(one)
    assert _found(linear([[[1.0]]] * 2, [[[2.0]]] * 2, [[0.0]] * 2, b=[[1.0], [-1.0]], shared=True)) == [
        "3.4(iv)"
    ]


def test_the_least_curvature_is_that_of_the_mean() -> None:
    assert least_curvature(_scalar()) == 2.5
    assert "3.4(v)" in _found(
        quadratic(H=[np.diag([1.0, 9.0, 9.0])] * 2, B=np.zeros((2, 3, 1)), c=np.zeros((2, 3)))
    )


def test_as_printed_no_member_of_the_family_passes() -> None:
    for d in (1, 3, 4, 14):
        assert {"3.3(iii)", "3.4(iv)"} <= set(violations(Coordinates(d), "printed"))
    assert "3.4(v)" not in violations(Coordinates(1), "printed")
    assert "3.4(v)" in violations(Coordinates(14), "printed")


def _both(h: Any, kappa: float) -> bool:
    """3.4(iv) and (v) of a diagonal Hessian in units of L_g."""
    return bool((h**2).sum() <= 1 and ((1 - h) ** 2).sum() <= (1 - kappa) ** 2)


@few
@given(st.integers(4, 12), st.lists(st.floats(-0.1, 0.1), min_size=12, max_size=12), st.floats(1e-6, 0.1))
def test_no_hessian_in_four_dimensions_meets_both_norms(d: int, off: list[float], kappa: float) -> None:
    """The claim behind `dsbo/frobenius-at-most-3`, near I/2, where the sum of both norms is least."""
    assert not _both(0.5 + np.array(off[:d]), kappa)


@pytest.mark.parametrize(("d", "some"), [(1, True), (2, True), (3, True), (4, False), (5, False)])
def test_the_same_draws_meet_both_norms_in_three_dimensions(d: int, some: bool) -> None:
    draws = 0.5 + np.random.default_rng(d).uniform(-0.1, 0.1, (500, d))
    assert any(_both(h, 1e-6) for h in draws) == some


def test_three_dimensions_are_admitted_and_four_are_not() -> None:
    grid = [Fraction(k, 60) for k in range(1, 61)]
    admitted = {d for d in range(1, 7) for c in grid if fits(d, c, Fraction(1, 100))}
    assert admitted == {1, 2, 3}


@pytest.mark.parametrize("name", ["ring:4", "ring:7", "complete:5", "grid:2:3"])
def test_the_lost_weight_on_the_diagonal_keeps_the_network(name: str) -> None:
    network = graphs.named(name, exact=True)
    W = network.W.copy()
    i, j = next((i, j) for i in range(network.n) for j in range(i) if W[i, j] > 0)
    lost = W[i, j]
    W[i, j] = W[j, i] = lost * 0
    with pytest.raises(InputError, match="must sum to 1"):
        Network(W)
    W[i, i] += lost
    W[j, j] += lost
    assert modulus(Network(W)) < 1


class HalfWeight(DSBO):
    """Averages with weight 1/2 from the start: the first message is no sample."""

    def sizes(self, t):  # type: ignore[no-untyped-def]
        alpha, beta, gamma = super().sizes(t)
        return alpha, beta / 2, gamma / 2


def test_privacy_check_sees_what_is_sent() -> None:
    statement = sentences.PRIVACY
    assert statement.check is not None
    honest = statement.check(Context(statement=statement.id))
    other = statement.check(Context(statement=statement.id, substitutes={"dsbo": HalfWeight}))
    assert honest.verdict is Verdict.REFUTED
    assert other.verdict is Verdict.SUPPORTED


class Talkative(DSBO):
    """Mixes x a second time: one more message per neighbour."""

    def step(self, t, s, o, net):  # type: ignore[no-untyped-def]
        net.mix(s.x)
        return super().step(t, s, o, net)


def test_messages_are_counted() -> None:
    statement = messages.MESSAGES
    assert statement.check is not None
    found = statement.check(Context(statement=statement.id, substitutes={"dsbo": Talkative}))
    assert found.verdict is Verdict.REFUTED
