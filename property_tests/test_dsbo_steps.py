"""DSBO's step sizes: rules as lists that flag what is inadmissible, and exact thresholds."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.theory.dsbo.step_sizes import gamma_range, large_constant, thresholds
from spiritlevel.theory.dsbo.step_sizes.gamma_range import errors, peak
from spiritlevel.theory.dsbo.step_sizes.large_constant import decay, least_stable, run, slowest
from spiritlevel.theory.dsbo.step_sizes.rules import (
    RULE_5,
    RULE_5_REPAIRED,
    RULE_6,
    RULE_6_REPAIRED,
    RULE_EXPERIMENT,
    first_empty,
)
from spiritlevel.theory.dsbo.step_sizes.thresholds import Scalar, hurwitz, radius, small_step, threshold
from spiritlevel.theory.dsbo.witnesses import gamma_witness
from spiritlevel.theory.statement import Context, Statement, Verdict
from spiritlevel.theory.step_lists.stepsize import emptied

UNIT = Constants(mu_g=1, L_g=4)
LAM = Fraction(1, 2)


@pytest.mark.parametrize(("K", "T"), [(1, 1), (4, 3), (4, 4), (9, 400), (100, 20)])
def test_rule_5_is_empty_exactly_below_K_iterations(K: int, T: int) -> None:
    assert (first_empty(RULE_5, K, T) == "beta") == (T < K)
    assert (first_empty(RULE_5_REPAIRED, K, T, L_g=4) is None) == (T >= 16 * K)
    assert (first_empty(RULE_EXPERIMENT, K, T) == "beta") == (T < 100 * K)


def test_nothing_is_clipped() -> None:
    """Below K iterations the list does not fall back on beta = 1: no beta is admitted."""
    more = {"T": Fraction(1), "C_0": Fraction(1)}
    for beta in (Fraction(1), Fraction(2), Fraction(1, 2)):
        rows = RULE_5.rows(UNIT, LAM, 4, at={"beta": beta}, more=more)
        assert not all(row.allows for row in rows if row.allows is not None)


def test_rule_5_admits_its_own_steps_and_no_others() -> None:
    more = {"T": Fraction(400), "C_0": Fraction(1, 10)}
    own = {"beta": Fraction(1, 10), "gamma": Fraction(1, 10), "alpha": Fraction(1, 100)}
    assert all(row.allows for row in RULE_5.rows(UNIT, LAM, 4, at=own, more=more))
    for name, value in own.items():
        for factor in (Fraction(99, 100), Fraction(101, 100)):
            at = {**own, name: value * factor}
            assert not all(row.allows for row in RULE_5.rows(UNIT, LAM, 4, at=at, more=more))


def test_rules_need_their_quantities() -> None:
    with pytest.raises(InputError, match="T is missing"):
        RULE_5.rows(UNIT, LAM, 4, more={"C_0": 1})
    with pytest.raises(InputError, match="t is missing"):
        RULE_6.rows(UNIT, LAM, 4, more={"C_1": 1, "mu_F": 1})


@pytest.mark.parametrize("t", [0, 1, 30, 1000])
def test_rule_6_is_what_the_algorithm_uses(t: int) -> None:
    C_1, mu = Fraction(10), Fraction(1, 2)
    alpha, beta, gamma = DSBO(rule="(6)", C_1=C_1, mu=mu).sizes(t)
    more = {"t": Fraction(t), "C_1": C_1, "mu_F": mu}
    at = {"alpha": alpha, "beta": beta, "gamma": gamma}
    assert all(row.allows for row in RULE_6.rows(UNIT, LAM, 4, at=at, more=more))
    rows = RULE_6_REPAIRED.rows(UNIT, LAM, 4, at=at, more=more)
    assert all(row.allows for row in rows if row.term.step != "gamma")
    assert all(row.allows for row in rows if row.term.step == "gamma") == (gamma <= Fraction(1, 4))
    assert emptied(rows, RULE_6_REPAIRED.order) is None


def test_peaks_of_the_inner_error() -> None:
    assert peak(4, 2) == Fraction(5, 3)
    assert peak(2, 50) == 1  # a gamma < 2
    assert math.log10(peak(10, 100)) == pytest.approx(159.4, abs=0.1)
    assert peak(10, 100, Fraction(1, 10)) == 1


def test_inner_errors_start_at_one() -> None:
    """Where (6) is printed: gamma_1 = 2/3, gamma_2 = 1/2, gamma_3 = 2/5 for C_1 = 2."""
    found = [e for e, _ in zip(errors(Fraction(4), Fraction(2)), range(4), strict=False)]
    assert found == [1, Fraction(-5, 3), Fraction(5, 3), -1]
    assert gamma_range.seen_errors(DSBO) == found


class Quartered(DSBO):
    """Inner steps four times too small."""

    def sizes(self, t):  # type: ignore[no-untyped-def]
        alpha, beta, gamma = super().sizes(t)
        return alpha, beta, gamma / 4


def test_gamma_range_would_be_supported_for_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = gamma_range.GAMMA
    assert statement.check is not None
    ctx = Context(statement=statement.id, substitutes={"dsbo": Quartered})
    assert statement.check(ctx).verdict is Verdict.INCONCLUSIVE  # the witness against the rule stands
    monkeypatch.setattr(gamma_range, "gamma_witness", lambda: gamma_witness(1))
    found = statement.check(ctx)
    assert found.verdict is Verdict.SUPPORTED
    assert "no error grows" in found.summary


class Doubled(DSBO):
    """Steps of x by (6) twice too large."""

    def sizes(self, t):  # type: ignore[no-untyped-def]
        alpha, beta, gamma = super().sizes(t)
        return (2 * alpha if self.rule == "(6)" else alpha), beta, gamma


class LateMemory(DSBO):
    """(6) with a slower beta than gamma."""

    def sizes(self, t):  # type: ignore[no-untyped-def]
        alpha, beta, gamma = super().sizes(t)
        return alpha, (beta * beta if self.rule == "(6)" else beta), gamma


@pytest.mark.parametrize(
    ("statement", "wrong", "verdict"),
    [
        (thresholds.C0, Quartered, Verdict.REFUTED),
        (large_constant.C1, Quartered, Verdict.REFUTED),
        (large_constant.C1, Doubled, Verdict.REFUTED),
        (large_constant.C1, LateMemory, Verdict.REFUTED),
        (thresholds.C0, Doubled, Verdict.PROVED),  # the other rule
    ],
)
def test_thresholds_are_about_the_code(statement: Statement, wrong: type[DSBO], verdict: Verdict) -> None:
    assert statement.check is not None
    found = statement.check(Context(statement=statement.id, substitutes={"dsbo": wrong}))
    assert found.verdict is verdict
    assert ("Routh-Hurwitz" in found.summary) == (verdict is Verdict.PROVED)


def test_a_failed_proof_is_no_refutation(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, statement in ((thresholds, thresholds.C0), (large_constant, large_constant.C1)):
        assert statement.check is not None
        monkeypatch.setattr(module, "hurwitz", lambda coefficients: [c + 1 for c in hurwitz(coefficients)])
        found = statement.check(Context(statement=statement.id))
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "no proof" in found.summary


@pytest.mark.parametrize("seed", range(5))
def test_hurwitz_agrees_with_the_roots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for coefficients in rng.uniform(-1, 4, size=(200, 3)):
        stable = bool((np.roots([1, *coefficients]).real < 0).all())
        assert stable == all(v > 0 for v in hurwitz(coefficients))


@pytest.mark.parametrize("N", [0.0, 0.3])
@pytest.mark.parametrize("b", [1, 40])
def test_the_threshold_separates_stable_from_unstable(N: float, b: int) -> None:
    case = Scalar(0.5, 1.0, 1.0, N, 1.0, b)
    for factor, sign in ((0.95, -1), (1.05, 1)):
        C_0 = factor * threshold(case)
        assert (radius(DSBO, case, C_0, 1e-4) - 1) * sign > 0
        A = np.array(small_step(0.5, 1.0, 1.0, N, C_0, case.q), dtype=float)
        assert np.linalg.eigvals(A).real.max() * sign > 0


def test_few_factors_allow_larger_steps_than_the_inverse() -> None:
    """b = 1 at a = 1/2, L_g = 1: q = 3/2, and a C_0 between the thresholds of q = 3/2 and q = 2 is stable."""
    few, many = Scalar(0.5, 1.0, 1.0, 0.0, 1.0, 1), Scalar(0.5, 1.0, 1.0, 0.0, 1.0, 60)
    assert threshold(few) == 0.5
    assert threshold(many) == pytest.approx(0.375)
    assert radius(DSBO, few, 0.45, 1e-3) < 1 < radius(DSBO, many, 0.45, 1e-3)


def test_no_threshold_where_the_direct_term_is_large() -> None:
    assert math.isinf(threshold(Scalar(0.5, 1, 1, 2, 0.5, 1)))
    A = np.array(small_step(0.5, 1, 1, 2, 1e4, 2), dtype=float)
    assert np.linalg.eigvals(A).real.max() < 0


@pytest.mark.parametrize("nu", [0.0, 0.5, 1.0])
def test_two_is_always_enough_for_C_1(nu: float) -> None:
    for a in (1e-3, 0.1, 1.0, 30.0):
        assert decay(a, 2.0, nu) < 0
    assert decay(0.1, 1.7) > 0


def test_runs_by_6_have_the_product_of_their_slowest_mode() -> None:
    case = Scalar(0.5, 1.0, 1.0, 0.3, 1.0, 2, c=1.0)
    C_1 = 0.9 * least_stable(case)
    growth, off = run(DSBO, case, C_1, 256)
    assert off < 1e-10
    assert growth == pytest.approx(2 ** (C_1 * slowest(case, C_1)[0].real), rel=0.02)
