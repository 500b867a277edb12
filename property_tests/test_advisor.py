"""The step-size advisor: exact limits, suggestions, the command; proofs about lists are in test_step_proofs.py."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import spiritlevel
from property_tests.advising import HALF, C, call
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.algorithms.slam import SLAM
from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.stability import radius
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.step_lists.admission import examine, remedy_of, rule_of, rules
from spiritlevel.theory.step_lists.advice import by_stability, step_bars, suggest
from spiritlevel.theory.step_lists.limits import Limit, NoLimit, Stable


def test_the_numbers_of_an_empty_list_are_exact() -> None:
    found = spiritlevel.steps(
        "rabo/thm1-steps-needed", constants={"mu": 1, "L": 2, "L_fx": 1, "lam": 0, "m": 4}
    )
    assert found.contradiction is not None
    assert [row.bound for row in found.contradiction] == [Fraction(11, 18), Fraction(1, 4)]
    out = call("rabo/thm1-steps-needed", "--constants", "mu=1,L=2,L_fx=1,lam=0,m=4", code=1)
    for told in ("EMPTY", "beta >= 11/18", "beta <= 1/4", "by proof", "show rabo/thm1-steps-needed"):
        assert told in out
    assert (
        spiritlevel.steps("rabo/thm1-steps", constants={"mu": 1, "L": 2, "lam": 0, "m": 4}).contradiction
        is None
    )


# --- exact limits -------------------------------------------------------------------------------------


def test_the_limit_of_an_inverse_step_is_where_slam_turns_stable() -> None:
    problem, network = random_quadratic(1, 4, 1, 1, shared=True), named("ring:4")
    more = {"T": 10**4, "alpha_0": 1, "beta_0": 2, "gamma_0": 12}
    found = spiritlevel.steps("slam/tau-condition", problem=problem, network=network, constants=more)
    limits = {limit.step: limit for limit in found.limits}
    assert limits["alpha"].inverse
    for factor, stable in ((1.01, True), (0.99, False)):
        held: dict[str, Any] = dict(limits["alpha"].others)
        made = SLAM(**held, alpha=factor * limits["alpha"].value)
        assert (radius(made, problem, network) < 1) == stable
    assert limits["alpha"].conservatism == pytest.approx(limits["alpha"].admitted / limits["alpha"].value)


def test_the_limit_of_dsbo_is_where_its_runs_turn() -> None:
    problem, network = random_quadratic(1, 4, 1, 1, shared=True), named("ring:4")
    found = spiritlevel.steps(
        "dsbo/beta-above-1", problem=problem, network=network, constants={"T": 100, "C_0": "1/100"}
    )
    assert found.limit is not None
    c = problem.constants
    fixed: dict[str, Any] = {**found.limit.others, "L_g": c.L_g, "mu_g": c.mu_g}
    for factor, grows in ((0.8, False), (1.3, True)):
        made = DSBO(alpha=factor * found.limit.value, **fixed)
        trace = spiritlevel.run(made, problem, network, steps=500, limit=1e4)
        assert (trace.stopped is not None) == grows


@pytest.mark.parametrize(
    ("statement", "problem", "network", "more", "reason"),
    [
        ("slam/C2-repaired", "quadratic:shared=yes", "ring:4", "T=9,alpha_0=500,tasks=1,L_f=1,L_yc=1", "not in the list"),
        ("rabo/thm1-steps", "quadratic:shared=yes", "ring:4", "", "has a server"),
        ("interact/thm3", "quadratic", "ring:4", "K=2", "not a finite sum"),
        ("interact/thm1", "curved:p=1,q=1", "ring:4", "", "not quadratic"),
    ],
)  # fmt: skip
def test_without_a_limit_there_is_one_reason(
    statement: str, problem: str, network: str, more: str, reason: str
) -> None:
    given = ("--constants", more) if more else ()
    out = call(statement, "--problem", problem, "--network", network, *given)
    assert out.count("no exact stability limit: ") == 1
    assert reason in out


# --- suggestions --------------------------------------------------------------------------------------


def test_suggestions_are_admitted_exactly_and_twice_as_much_is_not() -> None:
    for id in (
        "interact/thm1",
        "interact/thm1-enlarged",
        "interact/thm3",
        "rabo/thm1-steps",
        "rabo/thm1-steps-needed",
    ):
        remedy = remedy_of(rule_of(id))
        assert remedy is not None
        more = {"K": 3} if remedy.needs else {}
        made = suggest(remedy, C, HALF, 4, more)
        assert made.steps, made.reason
        assert all(row.allows for row in remedy.rows(C, HALF, 4, made.steps, more))
        assert all(v.denominator.bit_length() < 120 for v in made.steps.values())
        last = remedy.order[-1]
        doubled = {**made.steps, last: 2 * made.steps[last]}
        assert not all(row.allows for row in remedy.rows(C, HALF, 4, doubled, more))


def test_what_a_list_admits_is_not_suggested_where_it_is_unstable() -> None:
    """The experiment's rule knows no constants: gamma = 0.2 is too much for L_g = 6.4."""
    problem, ring = random_quadratic(2, 4, 1, 1, shared=True), named("ring:4")
    made = suggest(
        rule_of("dsbo/experiment-steps"), problem.constants, HALF, 4, {"T": Fraction(10**4)}, problem, ring
    )
    assert made.radius is not None
    assert made.radius > 1
    assert (made.steps, "NOT stable here" in made.reason) == ({}, True)


def test_where_earlier_steps_leave_no_room_smaller_ones_are_tried() -> None:
    rule, c = rule_of("rabo/thm1-steps"), Constants(mu_g=1, L_g=7, L_fx=1)
    found = examine(rule, c, 0, 1, {}, {})
    assert found.empty == "beta"
    assert all(row.allows for row in rule.rows(c, 0, 1, found.room))
    assert not examine(rule_of("rabo/thm1-steps-needed"), c, 0, 1, {}, {}).room
    assert suggest(rule, c, 0, 1, {}).steps["alpha"] < Fraction(rule.largest(c, 0, 1)["alpha"])
    assert suggest(rule_of("rabo/thm1-steps-needed"), c, 0, 1, {}).steps == {}


def test_without_a_list_the_stability_limit_has_to_do() -> None:
    stable = Stable(rule_of("interact/thm1"), random_quadratic(1, 4, 1, 1), named("ring:4"))
    at, bounds = {"beta": Fraction(1, 10)}, {"alpha": (0.0, 1.0), "beta": (0.0, 0.1)}
    limit = stable.limit("alpha", at, bounds)
    made = by_stability(stable, limit, None)
    assert made is not None
    assert (made.statement, made.reason) == ("", "no list repairs this one")
    assert made.radius is not None
    assert made.radius < 1
    assert made.steps["alpha"] <= limit.value / 2
    never = Limit(algorithm="x", step="alpha", others={}, value=0.0, admitted=1.0)
    assert by_stability(stable, never, None) is None


def test_a_repaired_list_that_is_empty_too_is_said_to_be() -> None:
    out = call("dsbo/beta-above-1", "--constants", "mu=1,L=4,lam=0,m=4,T=2,C_0=1/10", code=1)
    assert "no suggestion: of the list of dsbo/beta-above-1-repaired, no steps were found" in " ".join(
        out.split()
    )


def test_pointers_lead_to_statements() -> None:
    ledger, known = statements(), rules()
    for rule in known.values():
        for id in (rule.statement, rule.room, rule.never, rule.remedy):
            assert not id or id in ledger
        remedy = remedy_of(rule, ledger, known)
        assert remedy is not None
        assert ledger[remedy.statement].expected.value in ("proved", "supported")


# --- the command --------------------------------------------------------------------------------------


def test_without_a_statement_all_lists_are_named(tmp_path: Path) -> None:
    kept = tmp_path / "lists.json"
    out = call("--json", str(kept))
    assert all(id in out for id in rules())
    document = json.loads(kept.read_text())
    assert document["format"] == "spiritlevel/step-lists@1"
    assert {row["statement"]: row["instead"] for row in document["lists"]}[
        "interact/thm1"
    ] == "interact/thm1-repaired"


def test_terms_are_sorted_and_everything_is_in_the_json() -> None:
    text = call("interact/thm3", "--constants", "mu=1,L=3,C_gxy=1,L_fx=1,lam=1/2,m=4,K=3", "--json", "-")
    found = json.loads(text)
    for step in ("beta", "alpha"):
        limits = [float(row["limit"]) for row in found["rows"] if row["step"] == step]
        assert limits == sorted(limits)
    rows = {row["term"]: row for row in found["rows"]}
    assert rows["1/(2(mu+L))"]["exact"] == "1/8"
    assert rows["3(mu+L)/(mu L)"]["never_alone_by"] == ["1/(2(mu+L))"]
    assert rows["1/(8 L_l)"]["units_agree"] is False
    assert found["suggestion"]["statement"] == "interact/thm3-coef-repaired"


def test_bars_leave_out_what_has_no_length() -> None:
    rows = rule_of("interact/thm1").rows(
        Constants(mu_g=1, L_g=3), HALF, 4
    )  # no upper level: most bounds are infinite
    bars = step_bars(rows, "alpha")
    assert bars.labels == ("1/(m(1-lam))", "1")
    assert bars.limit is None


def test_a_server_without_a_server_has_no_limit() -> None:
    problem = random_quadratic(1, 4, 1, 1, shared=True)
    with pytest.raises(NoLimit, match="J:4"):
        Stable(rule_of("rabo/thm1-steps"), problem, named("ring:4"))
    assert Stable(rule_of("rabo/thm1-steps"), problem, averaging(4)).radius({"alpha": 0.01, "beta": 0.1}) < 1
    with pytest.raises(InputError, match="K is missing"):
        spiritlevel.steps("interact/thm3", problem="finite-sum:samples=2", network="ring:4")
