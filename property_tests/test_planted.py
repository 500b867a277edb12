"""Planted errors: every one must be caught by a verdict, not only by an error."""

import dataclasses
from collections import Counter

import pytest

from spiritlevel.core.algorithms import algorithm
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.planted import Planted, Trial, examiners, kill_matrix, planted
from spiritlevel.theory.statement import Finding, Method, Statement, Verdict

# The claims that compare an implementation with the paper's equations; they see nearly everything, at once.
TEXT = (
    "interact/alg1",
    "interact/alg2",
    "interact/alg-gt-dsgd",
    "interact/alg-dsgd-batch",
    "interact/alg-dsgd",
    "dsbo/alg1",
    "slam/alg-dual",
    "slam/alg1",
    "slam/alg2",
    "slam/alg3",
    "slam/alg-ac",
    "dsbo/alg-central",
    "dsbo/alg-dbsa",
    "rabo/alg1",
    "rabo/alg2",
    "argus/alg1",
    "argus/alg-no-cuts",
    "dsbo/alg-dsgd-growing",
)


def put(p: Planted, statement: Statement) -> Trial:
    return Trial(p, judge(statement, substitutes={p.algorithm.name: p.algorithm}))


@pytest.mark.parametrize("p", planted(), ids=lambda p: f"{p.algorithm.name}-{p.name}")
def test_every_planted_error_is_caught_by_a_verdict(p: Planted) -> None:
    """The comparison with the text first; `spiritlevel planted` puts every error to every claim."""
    ordered = sorted(examiners(p), key=lambda s: s.id not in TEXT)
    trials = (put(p, statement) for statement in ordered)
    assert any(t.killed for t in trials), f"{p.sentence}: no claim notices"


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("no-mixing", "interact/eq16-17"),
        ("ascent", "interact/eq14-repaired"),
        ("lower-ascent", "interact/eq15-repaired"),
        ("zero-tracker", "interact/tracking"),
    ],
)
def test_claims_about_the_method_catch_errors_too(name: str, by: str) -> None:
    p = next(p for p in planted() if (p.algorithm.name, p.name) == ("interact", name))
    trial = put(p, statements()[by])
    assert trial.killed


def test_every_algorithm_that_samples_has_its_share() -> None:
    count = Counter(p.algorithm.name for p in planted())
    assert count["interact"] >= 10
    assert count["svr-interact"] + count["gt-dsgd"] >= 12


@pytest.mark.parametrize("name", sorted({p.algorithm.name for p in planted()}))
def test_the_reference_survives_what_kills_its_wrong_versions(name: str) -> None:
    reference = Planted("none", "nothing is wrong", algorithm(name))
    texts = [s for s in examiners(reference) if s.id in TEXT]
    assert texts
    assert not any(put(reference, s).caught for s in texts)


def test_every_statement_about_an_algorithm_is_an_examiner() -> None:
    about = {s.id for s in statements().values() if s.check is not None and "interact" in s.about}
    first = next(p for p in planted() if p.algorithm.name == "interact")
    assert about == {s.id for s in examiners(first)}
    assert next(iter(kill_matrix(planted()[:1]))).planted is not None


@pytest.mark.parametrize(
    ("recorded", "found", "killed"),
    [
        (Verdict.PROVED, Verdict.REFUTED, True),
        (Verdict.PROVED, Verdict.INCONCLUSIVE, False),
        (Verdict.INCONCLUSIVE, Verdict.REFUTED, True),
        (Verdict.REFUTED, Verdict.REFUTED, False),
    ],
)
def test_only_another_decided_verdict_kills(recorded: Verdict, found: Verdict, killed: bool) -> None:
    statement = dataclasses.replace(
        statements()["interact/tracking"],
        check=lambda ctx: Finding(verdict=found, method=Method.RATIONAL, summary="made up", cases=1),
        expected=recorded,
    )
    assert put(planted()[0], statement).killed is killed
