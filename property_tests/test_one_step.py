"""INTERACT's one-step inequalities: the instrument, the two readings of the constants, wrong algorithms."""

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.numbers import Array, Field
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.forms import Excess, NotQuadratic, never_exceeds
from spiritlevel.theory.interact.lemmas.lemma_witnesses import (
    contraction_witness,
    descent_witness,
    mean_potential_witness,
)
from spiritlevel.theory.interact.one_step import inequalities as one_step
from spiritlevel.theory.interact.one_step import proof_lines, proofs, terms
from spiritlevel.theory.interact.one_step.cases import outward, pair_of, quadratic_case, scalar_case
from spiritlevel.theory.interact.one_step.proof_line_witnesses import (
    kronecker_witness,
    mean_of_private_witness,
)
from spiritlevel.theory.interact.one_step.search import decided, gather
from spiritlevel.theory.interact.one_step.terms import (
    Inequality,
    Letters,
    eq14,
    eq15,
    eq16,
    eq17,
    eq19,
    movement,
)
from spiritlevel.theory.interact.planted import interact as planted
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Context, Statement, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

CTX = Context(statement="interact/test")


@pytest.mark.parametrize("field", ["fmpq", "fraction", "float"])
def test_form_decides_at_the_edge(field: Field) -> None:
    # a^2 + t a b + b^2 >= 0 for all a, b exactly when |t| <= 2; with a constant and linear part as well
    def side(t: int) -> Excess:
        def value(z: Array) -> tuple[Array, Array]:
            a, b = z[:, 0] - 1, z[:, 1] + 2
            return -(a * a + t * a * b + b * b), abs(a) + a * a + b * b

        return value

    edge = never_exceeds(side(2), 2, field)
    beyond = never_exceeds(side(3), 2, field)
    assert edge.holds
    assert not beyond.holds
    assert beyond.largest > 0.01


def test_exact_form_sees_what_floats_cannot() -> None:
    tiny = Fraction(1, 10**30)

    def value(z: Array) -> tuple[Array, Array]:
        return (z[:, 0] * z[:, 0]) * tiny - z[:, 1] * z[:, 1], z[:, 0] * z[:, 0] + z[:, 1] * z[:, 1]

    assert not never_exceeds(value, 2, "fraction").holds


def test_what_is_not_quadratic_is_refused() -> None:
    with pytest.raises(NotQuadratic):
        never_exceeds(lambda z: (z[:, 0] ** 3 * z[:, 1], z[:, 0] ** 2), 2, "fraction")
    with pytest.raises(NotQuadratic):
        never_exceeds(lambda z: (np.abs(z[:, 0] + z[:, 1]), z[:, 0] ** 2), 2, "float")


def test_form_agrees_with_states() -> None:
    # the exact form says yes: no random state breaks it; it says no: one of its eigenvectors does
    case = scalar_case(CTX, Fraction(1, 4), Fraction(1))
    z = np.array([[1, 1, 0, 0, 0, 0]], dtype=object) * Fraction(1)
    floats = dataclasses.replace(case, problem=case.problem.over("fraction"))
    gap, _ = eq14("printed")(floats, *floats.pair(z))
    assert gap[0] > 0  # the witness's state
    assert gap[0] == Fraction(3, 128) * Fraction(1, 10) or abs(gap[0] - Fraction(3, 1280)) < Fraction(
        1, 10**10
    )
    assert not decided(case, eq14("printed")).holds
    assert decided(case, eq14("plain")).holds


@pytest.mark.parametrize(
    ("true", "too_sharp"),
    [
        (movement(2, 2), movement(1, 1)),
        (eq15("plain", Fraction(1)), eq15("printed", Fraction(1))),
        (eq15("plain", Fraction(1, 7)), eq15("plain", Fraction(-1, 7))),
    ],
)
def test_sharper_inequalities_are_refuted(true: Inequality, too_sharp: Inequality) -> None:
    assert gather(CTX, true, free=True).none_against
    assert not gather(CTX, too_sharp, free=True).none_against


def scaled(builder: str, names: str, by: Fraction) -> Callable[..., Inequality]:
    """The builder of an inequality of `terms`, with some coefficients multiplied."""
    original = getattr(terms, builder)

    def build(*args: object) -> Inequality:
        true: Inequality = original(*args)

        def right(a: Letters) -> dict[str, Any]:
            return {name: by * k if name in names.split(", ") else k for name, k in true.right(a).items()}

        return dataclasses.replace(true, right=right)

    return build


HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
SMALLER = [
    (one_step.EQ14_REPAIRED, "eq14", "lower", HALF),
    (one_step.EQ14_REPAIRED, "eq14", "x apart", HALF),
    (one_step.EQ14_REPAIRED, "eq14", "missed", HALF),
    (one_step.EQ15_REPAIRED, "eq15", "each lower", HALF),
    (one_step.EQ15_REPAIRED, "eq15", "each dx", HALF),
    (one_step.EQ19_SHARP, "eq19", "dx, v", QUARTER),
    (one_step.EQ19, "eq19", "dx, v", QUARTER),
    (proof_lines.EQ16_17, "eq16", "x apart", HALF),
    (proof_lines.ZERO_REPAIRED, "eq17", "dp", HALF),
    (proof_lines.MOVEMENT, "movement", "x apart", HALF),
]


@pytest.mark.parametrize(
    ("statement", "builder", "names", "by"), SMALLER, ids=lambda v: getattr(v, "id", None)
)
def test_smaller_coefficients_are_refuted_and_not_proved(
    statement: Statement, builder: str, names: str, by: Fraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, builder, scaled(builder, names, by))
    finding = judge(statement, alpha=1e-4).finding
    assert finding.verdict is Verdict.REFUTED
    assert finding.numbers["proof"] is False


def test_what_the_instances_do_not_see_is_no_longer_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "eq19", scaled("eq19", "dx, v", Fraction(99, 100)))
    assert judge(one_step.EQ19_SHARP, alpha=1e-4).finding.verdict is Verdict.SUPPORTED


WRONG = [
    (eq14("plain"), planted.Ascent),
    (eq15("plain", Fraction(1)), planted.LowerAscent),
    (eq16(), planted.NoMixing),
    (eq17(), planted.TrackerNotMixed),
    (eq17(), planted.NoOldGradient),
    (eq19(False), planted.LowerAscent),
    (movement(4, 4), planted.NoMixing),
]


@pytest.mark.parametrize(("inequality", "wrong"), WRONG[:5])
def test_wrong_algorithms_break_them(inequality: Inequality, wrong: type[Algorithm]) -> None:
    ctx = Context(statement="interact/test", substitutes={"interact": wrong})
    assert gather(CTX, inequality).none_against
    assert not gather(ctx, inequality).none_against


@pytest.mark.parametrize(("inequality", "wrong"), WRONG[5:])
def test_some_wrong_algorithms_keep_them(inequality: Inequality, wrong: type[Algorithm]) -> None:
    # (19) does not see the sign of a step, nor the bound on the movement of x whether x is mixed
    ctx = Context(statement="interact/test", substitutes={"interact": wrong})
    assert gather(ctx, inequality).none_against


def test_movement_needs_8_near_minus_1() -> None:
    near, far = pair_of(Fraction(1, 20)), pair_of(Fraction(1, 3))
    for network, holds in ((near, False), (far, True)):
        case = dataclasses.replace(scalar_case(CTX, Fraction(1), Fraction(1)), network=network)
        assert decided(case, movement(4, 4, 4)).holds is holds
        assert decided(case, movement(4, 4)).holds


def test_proof_refuses_other_terms() -> None:
    sum_of_both = dataclasses.replace(eq19(False), left={"dp": 1, "dx": 1})
    with pytest.raises(proofs.Unproved):
        proofs.surrogate_change(sum_of_both)


def test_proof_sees_the_convention() -> None:
    delta = sympy.Symbol("delta", positive=True)
    assert proofs.contraction_step(eq15("plain", delta), delta)
    assert not proofs.contraction_step(eq15("printed", delta), delta)


def test_outward_constants_hold_outside_the_computed_ones() -> None:
    c = random_quadratic(1, n=2, p=2, q=2).constants
    wide = outward(c)
    assert wide.mu_g < c.mu_g
    assert wide.L_g > c.L_g
    assert wide.C_fy == float("inf")
    assert isinstance(quadratic_case(CTX, 0).constants.L_fx, Fraction)


def test_remark_is_vacuous_for_the_admitted_steps_only() -> None:
    assert proofs.remark_minimum() > 1
    assert proofs.remark_minimum(Fraction(3, 2)) <= 1
    # by a second way, in numbers
    rho = np.linspace(1e-6, 0.5, 1001)
    assert (2 * (1 + rho / 6) * (1 - rho)).min() == pytest.approx(13 / 12)


@pytest.mark.parametrize(
    ("witness", "fair"),
    [
        (descent_witness(), {"L_f": "(L_fx + L_fy*C_gxy/mu_g + C_fy*(L_gxy/mu_g + L_gyy*C_gxy/mu_g**2))"}),
        (contraction_witness(), {"L_y": "C_gxy/mu_g"}),
        (mean_potential_witness(), {"B_0": "1000"}),
        (mean_of_private_witness(), {"factor": "0*weight"}),
    ],
)
def test_witnesses_fall_with_the_true_constants(witness: Witness, fair: dict[str, str]) -> None:
    assert recheck(witness).ok
    changed = tuple((name, fair.get(name, text)) for name, text in witness.define)
    assert not recheck(dataclasses.replace(witness, define=changed)).ok


def test_kronecker_witness_falls_when_the_dimensions_agree() -> None:
    witness = kronecker_witness()
    fitting = {**witness.given, "d1": 2, "x": [1, 2]}
    assert not recheck(dataclasses.replace(witness, given=fitting)).ok


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (one_step.EQ14_REPAIRED, planted.Ascent),
        (one_step.EQ15_REPAIRED, planted.LowerAscent),
        (proof_lines.EQ16_17, planted.TrackerNotMixed),
        (proof_lines.ZERO_REPAIRED, planted.NoMixing),
    ],
    ids=lambda v: getattr(v, "id", None),
)
def test_a_counterexample_outweighs_the_proof(statement: Statement, wrong: type[Algorithm]) -> None:
    finding = judge(statement, alpha=1e-4, substitutes={"interact": wrong}).finding
    assert finding.verdict is Verdict.REFUTED
    assert not finding.crashed
