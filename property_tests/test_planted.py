"""Planted errors: every one must be caught by a verdict, not only by an error."""

from collections import defaultdict

import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.planted import Planted, Trial, examiners, kill_matrix, planted

SLOW = {"interact/rate-curved", "interact/thm1-repaired", "interact/conservatism"}


@pytest.fixture(scope="module")
def trials() -> dict[str, list[Trial]]:
    """The kill matrix of the fast claims; the command prints the whole one."""
    rows: dict[str, list[Trial]] = defaultdict(list)
    for p in planted():
        for statement in examiners(p):
            if statement.id not in SLOW:
                judgement = judge(statement, substitutes={p.algorithm.name: p.algorithm})
                rows[p.name].append(Trial(p, judgement))
    return rows


@pytest.mark.parametrize("p", planted(), ids=lambda p: f"{p.algorithm.name}-{p.name}")
def test_every_planted_error_is_caught_by_a_verdict(p: Planted, trials: dict[str, list[Trial]]) -> None:
    caught = [t for t in trials[p.name] if t.caught and not t.crashed]
    assert caught, f"{p.sentence}: no claim notices"


def test_interact_has_at_least_ten() -> None:
    assert sum(p.algorithm.name == "interact" for p in planted()) >= 10


def test_the_reference_survives_what_kills_its_wrong_versions() -> None:
    reference = Planted("none", "nothing is wrong", Interact)
    fast = [s for s in examiners(reference) if s.id not in SLOW]
    assert len(fast) >= 5
    assert all(judge(s, substitutes={"interact": reference.algorithm}).as_recorded for s in fast)


def test_every_statement_about_an_algorithm_is_an_examiner() -> None:
    about = {s.id for s in statements().values() if s.check is not None and "interact" in s.about}
    first = next(p for p in planted() if p.algorithm.name == "interact")
    assert about == {s.id for s in examiners(first)}
    assert next(iter(kill_matrix(planted()[:1]))).planted is not None
