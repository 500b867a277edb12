"""Witnesses stand, changed witnesses fall for the right reason, and their language computes exactly."""

import copy
import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from flint import fmpq_mat, fmpz_mat
from hypothesis import given, settings

from spiritlevel.core.errors import InputError
from spiritlevel.theory.interact.witnesses import (
    mixing_witness,
    neighbour_sums_witness,
    thm1_witness,
    witnesses,
)
from spiritlevel.theory.verify import transcript, verify
from spiritlevel.theory.witness import Witness, check, exact
from spiritlevel.theory.witness_language import Evaluator, Value, WitnessError, parse


def value(expression: str, **names: Value) -> Value | bool:
    """An expression of the language of witnesses, evaluated on exact values."""
    evaluator = Evaluator()
    evaluator.names.update(names)
    return evaluator.any(parse(expression))


def matrix(rows: list[list[int]]) -> Value:
    return tuple(tuple(Fraction(entry) for entry in row) for row in rows)


# --- every witness stands -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "witness", witnesses(), ids=lambda w: f"{w.statement}-{len(w.given['W'])}-{w.note[-9:]}"
)
def test_witness_stands(witness: Witness) -> None:
    report = check(witness)
    assert report.ok, report.reason
    assert all(line.holds for line in report.lines[:-1])
    assert not report.last.holds
    assert transcript(witness.document(), report).splitlines()[-1].startswith("WITNESS STANDS: all ")


@pytest.mark.parametrize("network", ["two-agents", "no-self-loops"])
@pytest.mark.parametrize("convention", ["printed", "plain"])
def test_thm1_total_is_what_a_closed_form_gives(convention: Any, network: Any) -> None:
    """The consensus errors are -alpha t W^(t-1) a, so their squares sum to |a|^2 sum t^2 lam^(2t-2).

    Along W a = +-lam a every agent's x is a_i times one number, so one scalar recursion gives all
    lower-level errors, and the metric is their sum; the bound is alpha |a|^2 / ((1 - lam)/4).
    """
    report = check(thm1_witness(convention, network))
    agents = 2 if network == "two-agents" else 4
    eigenvalue = Fraction(9, 10) if network == "two-agents" else Fraction(-9, 10)
    beta, s = Fraction(10000, 20001), Fraction(1, 100)
    total = y = Fraction(0)
    x = [-t * eigenvalue ** (t - 1) if t else Fraction(0) for t in range(7)]
    for t in range(1, 7):
        y -= beta * (y - s * x[t - 1])
        total += agents * (x[t] ** 2 + (y - s * x[t]) ** 2)
    assert report.last.values[0].split(" (")[0] == str(total)
    assert report.last.values[0].endswith(f" <= {40 * agents}")
    assert total > 40 * agents


def test_thm1_witness_needs_its_seventh_term() -> None:
    document = thm1_witness().document()
    document["iterate"][0]["times"] = 5
    report = verify(document)
    assert not report.ok
    assert report.reason.startswith("the claim is true")
    assert report.last.values[0].endswith("(58.8206) <= 80")


# --- one changed number makes a witness fall, and the report says why ---------------------------------

THM1_MUTATIONS = [
    ("W", [["19/20", "1/20"], ["1/20", "18/20"]], "(a) W is doubly stochastic"),
    ("W", [["9/10", "1/10"], ["1/10", "9/10"]], "the modulus lam is attained"),
    ("W", [["1", "0"], ["0", "1"]], "(c) W_ij > 0 on the edges"),
    ("edges", [["0", "0"], ["0", "0"]], "the graph is connected"),
    ("lam", "8/10", "no eigenvalue of W but the one of the vector 1 exceeds lam"),
    ("lam", "91/100", "the modulus lam is attained"),
    ("G", [["1/10000", "-1/100"], ["-1/200", "1"]], "the Hessians are symmetric"),
    ("mu_g", "1001/1000", "A1(a)"),
    ("L_g", "1", "A1(b)"),
    ("C_gxy", "1/101", "A1(c)"),
    ("L_gyy", "0", "A1(d)"),
    ("F", [["1/1000", "0"], ["0", "0"]], "A2(a): the x-derivative"),
    ("F", [["0", "0"], ["0", "1/1000"]], "A2(a): the y-derivative"),
    ("F", [["0", "0"], ["0", "1/100000"]], "A2(b)"),
    ("a", ["1", "-2"], "A2(c)"),
    ("l_star", "-1", "A2(c)"),
    ("L_K", "1/10000", "Lemma 2"),
    ("L_K", "1/17", "alpha, entry (1 - lam)**2/(32*L_K**2)"),
    ("m", "20", "alpha, entry 1/(m*(1 - lam))"),
    ("x0", ["1", "0"], "all agents start from one point"),
    ("beta", "1/2", "beta, entry 2"),
    ("alpha", "-1", "alpha is positive"),
    ("alpha", "11/10", "alpha, entry 1"),
    ("alpha", "1/160", "the claim is true"),  # (5/8)(1 - lam)^2, the entry that the printed list lacks
]


@pytest.mark.parametrize(("name", "new", "reason"), THM1_MUTATIONS)
def test_changed_thm1_witness_falls(name: str, new: Any, reason: str) -> None:
    document = thm1_witness().document()
    assert document["given"][name] != new
    document["given"][name] = new
    report = verify(document)
    assert not report.ok
    assert reason in report.reason


def test_a_step_size_of_zero_divides_by_zero() -> None:
    document = thm1_witness().document()
    document["given"]["beta"] = "0"
    with pytest.raises(WitnessError, match="bound: division by zero"):
        verify(document)


@pytest.mark.parametrize(
    ("name", "new", "reason"),
    [
        ("W", [["1/2", "1/2"], ["1/2", "1/2"]], "(c) W_ij > 0 on the edges and W_ij = 0 elsewhere"),
        ("W", [["0", "1"], ["1/2", "1/2"]], "(a) W is doubly stochastic"),
        ("v", ["1", "1"], "v is an eigenvector of W"),
        ("v", ["0", "0"], "v is an eigenvector of W"),
        ("edges", [["1", "1"], ["1", "1"]], "the graph is undirected"),
    ],
)
def test_changed_mixing_witness_falls(name: str, new: Any, reason: str) -> None:
    document = mixing_witness("swap").document()
    document["given"][name] = new
    assert reason in verify(document).reason


def test_mixing_claim_holds_for_a_ring_with_self_weights() -> None:
    """The same claim on W = I/2 + (ring)/2 is true, so the claim can hold."""
    document = mixing_witness("ring").document()
    document["define"] = [["lazy", "(eye(4) + W)/2"]]
    document["claim"]["that"] = "pd(eye(4) + lazy)"
    report = verify(document)
    assert not report.ok
    assert report.reason.startswith("the claim is true")


def test_tracking_holds_once_the_own_copy_is_included() -> None:
    document = neighbour_sums_witness().document()
    for pair in document["iterate"][0]["step"]:
        pair[1] = pair[1].replace("N @", "W @")
    report = verify(document)
    assert report.reason == "the claim is true: the mean of u_1 is the mean of p_1"


# --- the language computes exactly -----------------------------------------------------------------

symmetric = st.integers(1, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=1, max_size=n
    )  # B'B has every rank up to n
)


@given(symmetric, st.integers(-1, 1))
@settings(max_examples=200, deadline=None)
def test_definiteness_agrees_with_the_principal_minors(rows: list[list[int]], shift: int) -> None:
    """B'B + shift I: semidefinite iff no principal minor is negative, definite iff the leading are positive."""
    n = len(rows[0])
    gram = [[sum(r[i] * r[j] for r in rows) + shift * (i == j) for j in range(n)] for i in range(n)]

    def minor(index: tuple[int, ...]) -> int:
        return int(fmpz_mat([[gram[i][j] for j in index] for i in index]).det())

    subsets = [index for k in range(1, n + 1) for index in combinations(range(n), k)]
    assert value("psd(A)", A=matrix(gram)) == all(minor(index) >= 0 for index in subsets)
    assert value("pd(A)", A=matrix(gram)) == all(minor(tuple(range(k))) > 0 for k in range(1, n + 1))


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.integers(-5, 5), min_size=n * n, max_size=n * n)))
@settings(max_examples=100, deadline=None)
def test_inverse_agrees_with_flint(entries: list[int]) -> None:
    n = int(len(entries) ** 0.5)
    rows = [entries[k * n : (k + 1) * n] for k in range(n)]
    theirs = fmpq_mat(n, n, entries)
    if theirs.det() == 0:
        with pytest.raises(WitnessError, match="singular"):
            value("inv(A)", A=matrix(rows))
        return
    ours = value("inv(A)", A=matrix(rows))
    inverse = theirs.inv()
    assert isinstance(ours, tuple)
    assert ours == tuple(
        tuple(Fraction(int(inverse[i, j].p), int(inverse[i, j].q)) for j in range(n)) for i in range(n)
    )
    assert value("A @ solve(A, b) == b", A=matrix(rows), b=tuple(Fraction(k) for k in range(n)))


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1/3 + 1/6", Fraction(1, 2)),
        ("-2**2", Fraction(-4)),
        ("2**-2", Fraction(1, 4)),
        ("1 < 2 <= 2", True),
        ("not 1 == 2 and (1 > 2 or 2 > 1)", True),
        ("mean(M)", (Fraction(2), Fraction(3))),
        ("center(M) == M - ones(2, 2) @ M/2", True),
        ("norm2(M)", Fraction(30)),
        ("M[1, 0] + M[1][1]", Fraction(7)),
        ("transpose(M)[0]", (Fraction(1), Fraction(3))),
        ("M @ M == M*M", False),
        ("diag(diag(M))", ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(4)))),
        ("dot(M[0], M[1])", Fraction(11)),
        ("min(M) - max(3, -4) + abs(-1)", Fraction(-1)),
        ("positive(M - 2*eye(2)) == zeros(2, 2)", False),
        ("symmetric(M)", False),
        ("symmetric(M + transpose(M))", True),
        ("sum(M[0])*eye(1)", ((Fraction(3),),)),
    ],
)
def test_expressions(expression: str, result: Value | bool) -> None:
    assert value(expression, M=matrix([[1, 2], [3, 4]])) == result


# --- witnesses as objects ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "witness", witnesses(), ids=lambda w: f"{w.statement}-{len(w.given['W'])}-{w.note[-9:]}"
)
def test_round_trip(witness: Witness, tmp_path: Path) -> None:
    assert Witness.from_json(witness.to_json()) == witness
    witness.save(tmp_path / "w.json")
    assert Witness.load(tmp_path / "w.json") == witness
    assert json.loads((tmp_path / "w.json").read_text(encoding="utf-8")) == witness.document()


def test_verify_leaves_its_document_alone() -> None:
    document = thm1_witness().document()
    before = copy.deepcopy(document)
    verify(document)
    assert document == before


def test_inexact_values_are_refused() -> None:
    for bad in (0.5, [1, 0.5], [[True]], "0,5", "1/0", [[[1]]], object(), None):
        with pytest.raises(InputError):
            exact(bad)


def test_unknown_names_are_refused() -> None:
    name: Any = "other"
    with pytest.raises(InputError, match="convention is 'other'; choose"):
        thm1_witness(name)
    with pytest.raises(InputError, match="network is 'other'; choose"):
        thm1_witness(network=name)
    with pytest.raises(InputError, match="graph is 'other'; choose"):
        mixing_witness(name)


def test_unusable_witness_texts_are_refused() -> None:
    for text in ("", "[]", "{}", thm1_witness().to_json().replace("total <= bound", "total <= nothing")):
        with pytest.raises(InputError):
            Witness.from_json(text)
