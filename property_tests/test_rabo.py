"""RABO and RAFBO by hand, the literal text, and claims about Section III that come out otherwise where they should."""

from __future__ import annotations

import dataclasses
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.rabo import RABO
from spiritlevel.core.algorithms.rafbo import RAFBO
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.masks import POLICIES, Masks
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import collect
from spiritlevel.theory.rabo.algorithms import (
    coverage,
    jacobian,
    literal,
    policies,
    probes,
    readings,
    server_sign,
    special_cases,
    text_claims,
    witnesses,
)
from spiritlevel.theory.rabo.algorithms.runs import after, vector
from spiritlevel.theory.rabo.planted import rabo, rafbo
from spiritlevel.theory.rabo.planted.parts import FinitePieces, Pieces
from spiritlevel.theory.statement import Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition
from spiritlevel.theory.witness import check as recheck

WRONG = {(p.algorithm.name, p.name): p.algorithm for p in (*rabo.PLANTED, *rafbo.PLANTED)}


def put(statement: Statement, algorithm: type[Algorithm]) -> Finding:
    """What the statement's check finds of an algorithm that stands in for the one of its name."""
    return judge(statement, alpha=1e-4, substitutes={algorithm.name: algorithm}).finding


def two_clients() -> Bilevel:
    """``g = (y - x)^2/2``, ``f = (y - 2)^2/2`` for both."""
    one = [[[1]]] * 2
    return quadratic(H=one, B=one, c=[[0]] * 2, Q=one, e=[[-2]] * 2, shared=True).over("fraction")


SETTINGS: dict[str, Any] = {
    "alpha": F(1, 10),
    "beta": F(1, 2),
    "T": 2,
    "mask_x": "table:1:1",
    "mask_y": "table:1:0",
}


def test_one_round_by_hand() -> None:
    """Client 1 alone holds y: 0, 1/2, 3/4, so that y+ = 3/4. Its (7) is y+ - 2 = -5/4; client 2, which holds no y,
    has grad_x f = 0. So x+ = 1 + (1/10) (5/4)/2."""
    assert after(RABO(**SETTINGS), two_clients(), [F(1)], [F(0)]) == ([F(17, 16)], [F(3, 4)])
    printed = RABO(**SETTINGS, sign="printed")
    assert after(printed, two_clients(), [F(1)], [F(0)])[1] == [F(-3, 4)]


def test_finite_differences_by_hand() -> None:
    """As printed delta = -1, so that h = +5/4; one inner step of size 1/2 gives delta = 1/2."""
    start = two_clients(), [F(1)], [F(0)]
    assert after(RAFBO(**SETTINGS), *start)[0] == [F(15, 16)]
    assert after(RAFBO(**SETTINGS, difference="loop", T_h=1), *start)[0] == [F(33, 32)]


@pytest.mark.parametrize("policy", sorted({*POLICIES.values(), "rolling:3", "nested:1/2", "magnitude:1"}))
def test_policies_written_out_twice_agree(policy: str) -> None:
    n, d = (2, 3) if policy.startswith("table") else (10, 6)
    rng = np.random.default_rng(1)
    for t in (1, 2, 9):
        z = [F(int(v), 2) for v in rng.integers(-4, 5, d)]
        held = np.broadcast_to(Masks(policy).at(t, n, d, vector(z)), (1, n, d))[0]
        assert policies.masks(policy, t - 1, n, z) == held.tolist()


def test_coverage_by_hand() -> None:
    assert policies.coverage([[1, 0, 1], [1, 0, 0]]) == [2, 0, 1]
    assert coverage.equal_resources("magnitude:1", 3, [1.0, -2.0]) == [0, 3]


def test_the_literal_text_by_hand() -> None:
    """One client, everything constant: grad_y g = 3 twice, so G = -6 and y+ = y - 6/3; f_x = 1, f_y = 2, H = 4, C = 8:
    h = 1 - 8 * 2/4 = -3."""
    answers: dict[str, Any] = {"grad_y_g": [F(3)], "grad_x_f": [F(1)], "grad_y_f": [F(2)]}
    answers |= {"hess_yy_g": [[F(4)]], "hess_xy_g": [[F(8)]]}

    def ask(i: int, channel: str, number: int, x: Any, y: Any) -> Any:
        return answers[channel]

    c = literal.Setting(alpha=F(1, 3), beta=F(1, 3), T=2)
    both = [[[1]], [[1]]]
    found = literal.one_round([F(5)], [F(7)], (both[0], both[1]), c, ask, finite=False)
    assert found == ([F(6)], [F(5)])
    printed = dataclasses.replace(c, sign="printed")
    assert literal.one_round([F(5)], [F(7)], (both[0], both[1]), printed, ask, finite=False)[1] == [F(9)]
    assert literal.one_round([F(5)], [F(7)], ([[0]], [[0]]), c, ask, finite=False) == ([F(5)], [F(7)])


@pytest.mark.parametrize(
    ("pieces", "statement"), [(Pieces, text_claims.ALGORITHM_1), (FinitePieces, text_claims.ALGORITHM_2)]
)
def test_the_pieces_as_they_stand_are_the_text(pieces: type[RABO], statement: Statement) -> None:
    assert put(statement, pieces).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("algorithm", "name", "statement", "verdict"),
    [
        ("rabo", "other-sign", server_sign.SERVER_SIGN, Verdict.SUPPORTED),
        ("rabo", "other-sign", server_sign.SERVER_SIGN_REPAIRED, Verdict.REFUTED),
        ("rabo", "mean-of-steps", server_sign.SERVER_SIGN_REPAIRED, Verdict.REFUTED),
        ("rabo", "zeroed", coverage.UNCHANGED, Verdict.REFUTED),
        ("rafbo", "zeroed", coverage.UNCHANGED, Verdict.REFUTED),
        ("rabo", "one-step-more", special_cases.FULL_MASKS, Verdict.REFUTED),
        ("rabo", "old-lower", special_cases.FULL_MASKS, Verdict.REFUTED),
        ("rabo", "other-sign", special_cases.SPECIAL_CASE_REPAIRED, Verdict.REFUTED),
        ("rabo", "plus", readings.READINGS, Verdict.REFUTED),
        ("rafbo", "not-divided", jacobian.JACOBIAN_REPAIRED, Verdict.REFUTED),
        ("rafbo", "minus", jacobian.JACOBIAN_REPAIRED, Verdict.REFUTED),
        ("rafbo", "other-difference", jacobian.JACOBIAN_REPAIRED, Verdict.REFUTED),
        ("rafbo", "not-divided", probes.DIRECTIONS, Verdict.REFUTED),
    ],
)
def test_claims_about_the_methods_notice(
    algorithm: str, name: str, statement: Statement, verdict: Verdict
) -> None:
    finding = put(statement, WRONG[algorithm, name])
    assert not finding.crashed
    assert finding.verdict is verdict


def test_samples_of_their_own_do_not_cancel() -> None:
    assert put(jacobian.SAMPLES, WRONG["rafbo", "fresh-samples"]).verdict is Verdict.REFUTED


class Global(RABO):
    """The repaired (7) whatever was asked."""

    def hypergradient(self, o: Oracle, net: Gossip, x: Array, y: Array, m_x: Array, m_y: Array) -> Array:
        """With the clients' means."""
        return RABO.hypergradient(dataclasses.replace(self, hyper="global"), o, net, x, y, m_x, m_y)


class Exact(RAFBO):
    """Differences the solution of the inner problem, of scalar quadratics."""

    def probed(self, o: Oracle, x: Array, y: Array, m_y: Array) -> Array:
        """``y - g_y/h``: one Newton step."""
        return np.asarray(y - o.grad_y_g(x, y) / o.hess_yy_g(x, y)[..., 0])


def test_the_refuted_sentences_hold_for_methods_that_obey_them() -> None:
    special = put(special_cases.SPECIAL_CASE, Global)
    assert special.verdict is Verdict.INCONCLUSIVE
    assert special.numbers["gradient"] == "1"  # at the old resting point, which the repaired method leaves
    assert put(jacobian.JACOBIAN, Exact).verdict is Verdict.SUPPORTED


def test_every_witness_stands() -> None:
    found = witnesses.witnesses()
    assert len({w.statement for w in found}) == len(found)
    assert all(recheck(w).ok for w in found)
    modules = (coverage, jacobian, probes, readings, server_sign, special_cases)
    refuted = {s.id for s in collect(Statement, modules) if s.expected is Verdict.REFUTED}
    assert {w.statement for w in found} <= refuted


@pytest.mark.parametrize(
    ("make", "changed"),
    [
        (witnesses.special_case_witness, {"h": [2, 2], "inverses": ["1/2", "1/2"]}),
        (witnesses.coverage_witness, {"m": [[1, 1]] * 4}),
        (witnesses.masked_witness, {"m": [1, 1]}),
        (witnesses.sampled_witness, {"S": [[1, 1], [1, 1]]}),
        (witnesses.starving_witness, {"x": ["1/2", 1]}),
    ],
)
def test_witnesses_fall_where_the_claim_holds(make: Any, changed: dict[str, Any]) -> None:
    witness = make()
    assert not recheck(dataclasses.replace(witness, given={**witness.given, **changed})).ok


def test_a_witness_with_the_other_sign_falls() -> None:
    witness = witnesses.sign_witness()
    (local, server) = witness.iterate
    step = (("G", "(local - y)/beta"), ("after", "y + beta*G"))
    other = dataclasses.replace(witness, iterate=(local, dataclasses.replace(server, step=step)))
    assert not recheck(other).ok
    assert isinstance(witness.claim, Condition)


def test_direction_errors_by_hand() -> None:
    """d = 2, a = (1, 0), one vector of signs: u u'a - a = (0, +-1), so 1 = d - 1; both coordinates: 0."""
    assert probes.error_of_signs([F(1), F(0)], 1) == 1
    assert probes.error_of_subsets([F(1), F(0)], 2, F(1)) == ([F(1), F(0)], F(0))
    assert probes.error_of_subsets([F(1), F(3)], 1, F(1))[0] == [F(1, 2), F(3, 2)]


def test_the_readings_differ_by_hand() -> None:
    """One client, H = [[1, 1/2], [1/2, 1]], C f_y-part: with y_2 pruned, the block gives f_y1, the full H another value."""
    H = [[[1, F(1, 2)], [F(1, 2), 1]]]
    problem = quadratic(H=H, B=[[[1], [0]]], c=[[0, 0]], e=[[1, 0]], shared=True).over("fraction")
    moved = {
        hyper: after(RABO(alpha=F(1), mask_y="table:10", hyper=hyper), problem, [F(0)], [F(0), F(0)])[0]
        for hyper in ("submodel", "full")
    }
    assert moved == {"submodel": [F(-1)], "full": [F(-4, 3)]}
