"""Theorem 3: exact sums against brute force, and the checks where they must come out otherwise."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.second_moments import process
from spiritlevel.theory.interact.potential import metric_readout
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3_REPAIRED, theorem_3_list
from spiritlevel.theory.interact.theorems import theorem3, theorem3_repaired
from spiritlevel.theory.interact.theorems.theorem3_sampled import whole_sum, without_linear_terms
from spiritlevel.theory.interact.theorems.theorem3_scalar import Equal, ratio
from spiritlevel.theory.interact.theorems.theorem3_witness import thm3_witness
from spiritlevel.theory.statement import Context, Verdict
from spiritlevel.theory.witness import check as recheck


def test_closed_sum_is_the_sum() -> None:
    equal, alpha, beta = Equal(Fraction(1), Fraction(2), Fraction(1, 2), m=3), Fraction(1, 8), Fraction(1, 4)
    total, M = equal.total(alpha, beta), equal.step(alpha, beta).astype(float)
    z, sums = np.array([0.0, float(equal.off)]), [0.0]
    for _ in range(400):
        x, y = z
        gradient = (1 + 0.25 * 2) * x  # A + slope^2 s
        sums.append(sums[-1] + gradient**2 + 3 * (y - x / 2) ** 2)
        z = M @ z
    assert sums[-1] == pytest.approx(float(total.value), rel=1e-9)
    assert total.stays
    for T in (5, 50):
        assert 0 < float(total.by(T)) <= sums[T + 1]


def test_y_may_leave_the_quadratic_zone() -> None:
    near, far = (
        Equal(Fraction(1), Fraction(2), Fraction(1), off=off) for off in (Fraction(1, 100), Fraction(5))
    )
    assert near.total(Fraction(1, 8), Fraction(1, 4)).stays
    assert not far.total(Fraction(1, 8), Fraction(1, 4)).stays


@pytest.mark.parametrize("m", [1, 2])
def test_sum_over_samples_is_that_of_the_float_moments(m: int) -> None:
    problem = without_linear_terms(3, m, 2, (0, 0, 0))
    network = averaging(1, exact=True) if m == 1 else named("path:2", "laplacian", exact=True)
    alpha, beta = Fraction(1, 16), Fraction(1, 8)
    a, reader = SVRInteract(alpha, beta, q=3, S=2, K=2, L_g=Fraction(2)), Interact(alpha, beta)
    exact = whole_sum(a, reader, problem, network, 3)
    rounded, net = problem.over("float"), network.over("float")
    L, c = metric_readout(rounded, probe(reader, rounded, net))
    sums = process(a, rounded, net, period=3).sums(L, c, 12)
    assert float(exact) == pytest.approx(sums[-1], rel=1e-8)
    assert sums[-1] > 1


def test_the_list_with_the_inverted_weight_fails_and_the_repaired_one_does_not() -> None:
    hard = Equal(Fraction(1), Fraction(1000), Fraction(1))
    printed = theorem_3_list("interact/thm3", "plain")
    zero = Fraction(0)
    assert ratio(hard, printed, "plain", lam=zero, K=60, weight=None) > 1000
    assert ratio(hard, THEOREM_3_REPAIRED, "plain", lam=zero, K=60, weight=None) < 1


def test_a_reading_that_fails_is_refuted() -> None:
    wrong = theorem3_repaired.Reading(theorem_3_list("interact/thm3", "plain"), "plain", weighted=True)
    found = theorem3_repaired._check(Context(statement="interact/thm3-repaired"), wrong)
    assert found.verdict is Verdict.REFUTED


def test_smaller_steps_do_not_refute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theorem3, "ALPHA", Fraction(1, 400))
    found = theorem3.THM3.check(Context(statement="interact/thm3"))  # type: ignore[misc]
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("convention", ["printed", "plain"])
def test_witness_stands_and_falls_with_its_steps(convention: str) -> None:
    witness = thm3_witness(convention)  # type: ignore[arg-type]
    assert recheck(witness).ok
    small = dataclasses.replace(witness, given={**witness.given, "alpha": "1/400"})
    assert not recheck(small).ok
