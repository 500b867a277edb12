"""INTERACT's Lemmas 1, 2 and 4: the attacks can win, and the numbers hold by a second way."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.constants import Constants
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import quadratic, random_curved, random_quadratic
from spiritlevel.theory.interact.constants import lemmas as constants_of
from spiritlevel.theory.interact.lemmas import lemma4
from spiritlevel.theory.interact.lemmas import lipschitz as lemmas
from spiritlevel.theory.interact.lemmas.lemma_witnesses import hypergradient_witness
from spiritlevel.theory.statement import Context, Verdict
from spiritlevel.theory.witness import check as recheck

CTX = Context(statement="interact/test")


@pytest.mark.parametrize("claim", [lemmas.line1, lemmas.line2, lemmas.line3, lemmas.lemma2])
@pytest.mark.parametrize("share", [1.0, 0.01])
def test_attack_wins_exactly_when_the_constant_is_too_small(claim: lemmas.Sides, share: float) -> None:
    def shrunk(problem: SolvedProblem, a: lemmas.Points, b: lemmas.Points) -> tuple[Array, Array]:
        left, right = claim(problem, a, b)
        return left, share * right

    shrunk.__name__ = claim.__name__
    finding = lemmas.lipschitz_finding(CTX, (shrunk,), "test")
    assert finding.verdict is (Verdict.PROVED if share == 1 else Verdict.REFUTED)


def test_constants_that_do_not_follow_are_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lemmas.constants_follow(np.random.default_rng(0))
    monkeypatch.setattr(lemmas, "lemmas", lambda c, _: constants_of(c, "printed"))
    assert not lemmas.constants_follow(np.random.default_rng(0))


def test_printed_line_3_fails_on_the_engines_hypergradient() -> None:
    # the witness has no engine: here the family computes both sides, from its own exact constants
    s, slope = Fraction(1, 2), Fraction(1, 10)
    problem = quadratic(H=[[[1]]], B=[[[slope]]], c=[[0]], A=[[[s]]]).over("fraction")
    x = np.array([[Fraction(0)], [Fraction(1)]], dtype=object)
    moved = squared_norm(np.diff(problem.hypergradient(x), axis=0)[:, None])[0]
    assert moved == Fraction(1, 4)
    assert constants_of(problem.constants, "printed").L_l == Fraction(121, 1600)
    assert moved <= constants_of(problem.constants, "plain").L_l ** 2


def test_unbracketed_lemma_2_fails_on_a_smooth_problem_too() -> None:
    # equal x and curved f: the printed right side is |dy|^2 alone
    problem = random_curved(3, n=1, p=1, q=1, scale=20)
    x, y = np.zeros((1, 1, 1)), np.linspace(-2, 2, 41).reshape(-1, 1, 1)
    p = surrogate(Oracle(problem), np.broadcast_to(x, y.shape), y)[:, 0, 0]
    assert (np.diff(p) ** 2 > np.diff(y[:, 0, 0]) ** 2).any()


def test_witnesses_fall_when_the_constants_are_large() -> None:
    line = hypergradient_witness()
    fair = replace(line, given={**line.given, "s": 2, "L_fx": 2})
    assert recheck(line).ok
    assert not recheck(fair).ok  # L_f = 4 >= 1: the printed bound holds


def test_mean_square_equals_brute_force_over_all_tuples() -> None:
    problem = random_quadratic(5, n=2, p=1, q=2)
    rng = np.random.default_rng(1)
    a, b = ((rng.standard_normal((1, 1)), rng.standard_normal((1, 2))) for _ in "ab")
    K, L = 3, float(problem.constants.L_g)
    total, chance = 0.0, 1 / (2 * 2**K * K)
    for xi, k in itertools.product(range(2), range(K)):
        for zeta in itertools.product(range(2), repeat=K):  # zetas beyond k are drawn and not used
            at = []
            for x, y in (a, b):
                X, Y = np.repeat(x[:, None], 2, axis=1), np.repeat(y[:, None], 2, axis=1)
                v = problem.grad_y_f(X, Y)[0, xi]
                H, G = problem.hess_yy_g(X, Y)[0], problem.hess_xy_g(X, Y)[0]
                for j in reversed(range(1, k + 1)):  # the order of equal-law factors does not matter
                    v = v - H[zeta[j]] @ v / L
                at.append(problem.grad_x_f(X, Y)[0, xi] - K / L * G[zeta[0]] @ v)
            total += chance * float(((at[0] - at[1]) ** 2).sum())
    assert lemma4.mean_square(problem, a, b, K, L)[0] == pytest.approx(total, rel=1e-12)


def test_lemma_4_is_refuted_with_a_constant_that_forgets_K(monkeypatch: pytest.MonkeyPatch) -> None:
    true = lemma4.constant

    def smaller(c: Constants, K: int) -> object:
        return true(c, K) / 40

    monkeypatch.setattr(lemma4, "constant", smaller)
    check = lemma4.LEMMA_4.check
    assert check is not None
    assert check(CTX).verdict is Verdict.REFUTED


@pytest.mark.parametrize("lost", [{"L_gxy": 0}, {"L_gyy": 0}, {"L_fy": 0}, {"L_fx": 0}])
def test_lemma_4_is_refuted_without_one_of_its_terms(
    lost: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    true = lemma4.constant
    monkeypatch.setattr(lemma4, "constant", lambda c, K: true(replace(c, **lost), K))
    assert not lemma4.constant_follows(np.random.default_rng(0))
    check = lemma4.LEMMA_4.check
    assert check is not None
    assert check(CTX).verdict is Verdict.REFUTED


def test_lemma_4_is_not_proved_with_a_constant_that_does_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    # too small by 1%: no instance shows it, the constant is no longer what the proof gives
    true = lemma4.constant
    monkeypatch.setattr(lemma4, "constant", lambda c, K: true(c, K) * Fraction(99, 100))
    check = lemma4.LEMMA_4.check
    assert check is not None
    assert check(CTX).verdict is Verdict.INCONCLUSIVE


def test_series_constant_is_the_limit_and_no_less() -> None:
    shares = [lemma4.series_share(K, Fraction(1), Fraction(4)) for K in range(1, 40)]
    assert all(a < b < 1 for a, b in itertools.pairwise(shares))
    assert 1 - shares[-1] < Fraction(1, 10**9)
