"""DSBO's step sizes: rules as lists that flag what is inadmissible, and exact thresholds."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.theory.dsbo.step_sizes import rules as step_sizes
from spiritlevel.theory.dsbo.step_sizes import thresholds
from spiritlevel.theory.dsbo.step_sizes.rules import (
    RULE_5,
    RULE_5_REPAIRED,
    RULE_6,
    RULE_6_REPAIRED,
    RULE_EXPERIMENT,
    first_empty,
    peak,
)
from spiritlevel.theory.dsbo.step_sizes.thresholds import decay, hurwitz, one_step, small_step, threshold
from spiritlevel.theory.statement import Context, Verdict
from spiritlevel.theory.stepsize import emptied

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
    assert peak(4, 2) == 5
    assert peak(2, 50) == 1  # a gamma_0 = 2: the edge
    assert math.log10(peak(10, 100)) == pytest.approx(160.3, abs=0.1)
    assert peak(10, 100, Fraction(1, 10)) == 1


class Quartered(DSBO):
    """Inner steps four times too small."""

    def sizes(self, t):  # type: ignore[no-untyped-def]
        alpha, beta, gamma = super().sizes(t)
        return alpha, beta, gamma / 4


def test_gamma_range_would_be_supported_for_small_steps() -> None:
    statement = step_sizes.GAMMA
    assert statement.check is not None
    found = statement.check(Context(statement=statement.id, substitutes={"dsbo": Quartered}))
    assert found.verdict is Verdict.SUPPORTED


def test_thresholds_do_not_hold_of_another_algorithm() -> None:
    statement = thresholds.C0
    assert statement.check is not None
    found = statement.check(Context(statement=statement.id, substitutes={"dsbo": Quartered}))
    assert found.verdict is Verdict.REFUTED


@pytest.mark.parametrize("seed", range(5))
def test_hurwitz_agrees_with_the_roots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for coefficients in rng.uniform(-1, 4, size=(200, 3)):
        stable = bool((np.roots([1, *coefficients]).real < 0).all())
        assert stable == all(v > 0 for v in hurwitz(coefficients))


@pytest.mark.parametrize("N", [0.0, 0.3])
def test_the_threshold_separates_stable_from_unstable(N: float) -> None:
    a, b, p = 0.5, 1.0, 1.0
    for factor, sign in ((0.95, -1), (1.05, 1)):
        C_0 = factor * threshold(a, b, p, N)
        radius = float(abs(np.linalg.eigvals(one_step(DSBO, a, b, p, N, C_0, 1e-4, "float"))).max())
        assert (radius - 1) * sign > 0
        assert np.linalg.eigvals(np.array(small_step(a, b, p, N, C_0), dtype=float)).real.max() * sign > 0


def test_no_threshold_where_the_direct_term_is_large() -> None:
    assert math.isinf(threshold(0.5, 1, 1, 2))
    A = np.array(small_step(0.5, 1, 1, 2, 1e4), dtype=float)
    assert np.linalg.eigvals(A).real.max() < 0


@pytest.mark.parametrize("nu", [0.0, 0.5, 1.0])
def test_two_is_always_enough_for_C_1(nu: float) -> None:
    for a in (1e-3, 0.1, 1.0, 30.0):
        assert decay(a, 2.0, nu) < 0
    assert decay(0.1, 1.7) > 0
