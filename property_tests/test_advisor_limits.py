"""The step-size advisor's stability limits: what they rest on, what is certified, and what is told meanwhile."""

import dataclasses
import math

import pytest

import spiritlevel
from spiritlevel.core.graphs import named
from spiritlevel.reports import advice
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.step_lists.admission import rule_of
from spiritlevel.theory.step_lists.limits import Stable


def test_a_limit_says_whether_a_narrower_window_could_hide() -> None:
    found = spiritlevel.steps("interact/thm1", problem="quadratic:p=1,q=1", network="ring:4")
    limits = {limit.step: limit for limit in found.limits}
    assert limits["alpha"].certified == (1e-8, limits["alpha"].value * (1 - 1e-6))
    lines = [str(line) for line in advice.remarks(found)]
    (certified,) = (line for line in lines if line.startswith("  every alpha from 1e-08 to 0."))
    assert certified.endswith(f"is stable, certified by Lyapunov matrices ({limits['alpha'].parts})")
    scanned = dataclasses.replace(limits["alpha"], certified=None)
    lines = [str(line) for line in advice.remarks(dataclasses.replace(found, limits=(scanned,)))]
    assert "  12 steps a decade were looked at: a narrower window of unstable ones would be missed" in lines
    part = dataclasses.replace(limits["alpha"], certified=(1e-5, limits["alpha"].value / 2))
    lines = [str(line) for line in advice.remarks(dataclasses.replace(found, limits=(part,)))]
    assert any(line.endswith("; elsewhere 12 steps a decade were looked at") for line in lines)


def test_the_limit_of_an_inverse_step_is_certified_from_above() -> None:
    stable = Stable(rule_of("slam/tau-condition"), random_quadratic(1, 4, 1, 1, shared=True), named("ring:4"))
    held = {"beta": 100, "gamma": 600, "rho": 0.02}
    limit = stable.limit("alpha", held, dict.fromkeys(stable.rule.order, (50.0, 50.0)))
    assert limit.certified is not None
    low, high = limit.certified
    assert limit.value < low < limit.value * (1 + 1e-5) < 100 * limit.value < high


def test_what_is_being_computed_is_told() -> None:
    told: list[str] = []
    spiritlevel.steps("interact/thm1", problem="quadratic:p=1,q=1", network="ring:4", progress=told.append)
    assert told[0] == "stability limit of beta, 20 numbers in a state: spectrum 1, beta = 1e-08"
    assert any(
        "stability limit of alpha, 20 numbers in a state: Lyapunov matrix 1, alpha" in line for line in told
    )


def test_terms_without_a_gradient_leave_no_limit() -> None:
    found = spiritlevel.steps("interact/thm1", problem="l1", network="ring:4")
    assert (found.limits, found.no_limit.split(",")[0]) == ((), "the problem has terms without a gradient")


@pytest.mark.parametrize(
    ("statement", "problem", "more"),
    [
        ("argus/stepsize", "quadratic:p=1,q=1,shared=yes", {"L_p": 10, "M": 3, "T": 400, "tau": 1, "k_1": 1}),
        ("interact/thm3", "finite-sum:p=1,q=1,samples=3", {"K": 2}),
    ],
)
def test_random_and_asynchronous_algorithms_have_the_limit_of_their_plain_form(
    statement: str, problem: str, more: dict[str, int]
) -> None:
    found = spiritlevel.steps(statement, problem=problem, network="ring:4", constants=more)
    assert found.limit is not None, found.no_limit
    assert 0 < found.limit.value < math.inf
