"""The step-size advisor at its edges: numbers that floats cannot hold or tell apart, lists that are nearly empty, what is refused."""

import dataclasses
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import spiritlevel
from property_tests.advising import HALF, C, call
from spiritlevel.cli.main import app
from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.reports import advice
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.synthetic.finite_sum import random_finite_sum
from spiritlevel.theory.step_lists import admission
from spiritlevel.theory.step_lists.admission import examine, rule_of
from spiritlevel.theory.step_lists.advice import step_bars
from spiritlevel.theory.step_lists.limits import Limit, NoLimit, Stable, stability
from spiritlevel.theory.step_lists.stepsize import Term


def test_numbers_that_floats_cannot_hold_are_shown_and_refused() -> None:
    base = ("interact/thm1", "--constants", "mu=1,L=2,lam=0,m=2", "--at")
    assert "alpha = 1e+400, with the largest beta = 0.333333: NOT admissible" in call(
        *base, "alpha=1e400", code=1
    )
    assert "alpha = 1e-400, beta = 1/5: admissible" in call(*base, "alpha=1e-400,beta=1/5")
    problem = ("interact/thm1", "--problem", "quadratic:p=1,q=1", "--network", "ring:4", "--at")
    for at, code in (("alpha=1e400,beta=1", 1), ("alpha=1e-400,beta=1/10", 0)):
        assert "no exact stability limit: floats cannot hold the iteration" in call(*problem, at, code=code)
    for given in ("mu=1,L=1e400,lam=0,m=4", "mu=1e-400,L=1,L_fx=1,lam=0,m=4"):  # 1/(mu + L) > 0 is not 0
        with pytest.raises(InputError, match="cannot be evaluated here"):
            spiritlevel.steps("interact/thm1", constants=dict(pair.split("=") for pair in given.split(",")))


@pytest.mark.parametrize(
    ("statement", "constants", "told"),
    [
        # with tau < 1 the term 1/(10 N L) binds, which is proved never to
        ("argus/stepsize", "mu=1,L=2,lam=0,m=4,L_p=1/100,M=3,T=1,tau=1/100,k_1=1", "tau is 1/100; give a whole number >= 1"),
        ("dsbo/gamma-range", "mu=1,L=2,lam=0,m=4,t=3/2,C_1=1,mu_F=1", "t is 3/2; give a whole number >= 1"),
        (
            "slam/lemma4-steps",
            "mu=1,L=2,lam=0,m=4,T=9,alpha_0=1,beta_0=1,gamma_0=12,sigma_max=4,sigma_min=5",
            "sigma_min is 5, more than sigma_max = 4",
        ),
    ],
)  # fmt: skip
def test_quantities_that_no_setting_has_are_refused(statement: str, constants: str, told: str) -> None:
    refused = CliRunner().invoke(app, ["steps", statement, "--constants", constants])
    assert (refused.exit_code, told in refused.output) == (2, True), refused.output


def test_room_with_other_earlier_steps_is_not_called_empty() -> None:
    base = ("rabo/thm1-steps", "--constants", "mu=1,L=7,L_fx=1,lam=0,m=1")
    out = call(*base)
    assert "no beta satisfies the list here with the largest alpha = 0.0104167" in out
    assert "there is room: alpha = 0.0052, beta = 0.071" in out
    assert "EMPTY" not in out
    assert "largest admissible beta" not in out
    assert "no beta satisfies the list here with alpha = 1" in call(*base, "--at", "alpha=1", code=1)
    asked = call(*base, "--at", "beta=0.07", code=1)
    assert "beta = 7/100, with the largest alpha = 0.0104167: NOT admissible" in asked


def test_the_figure_has_the_bounds_and_the_limit(tmp_path: Path) -> None:
    out = tmp_path / "terms.svg"
    call("interact/thm1", "--problem", "quadratic:p=1,q=1", "--network", "ring:4", "--figure", str(out))
    drawn = out.read_text()
    assert "exact stability limit" in drawn
    assert "1/(m(1-lam))" in drawn
    refused = CliRunner().invoke(app, ["steps", "interact/thm1", "--constants", "mu=1", "--figure", "a.gif"])
    assert refused.exit_code == 2
    refused = CliRunner().invoke(app, ["steps", "--figure", str(out)])
    assert refused.exit_code == 2
    assert "STATEMENT is missing" in refused.output


def test_a_figure_without_bars_is_refused(tmp_path: Path) -> None:
    given = (
        "rabo/thm1-steps-repaired",
        "--constants",
        "mu=1,L=2,lam=0,m=4",
    )  # no upper level: alpha has no bound
    refused = CliRunner().invoke(app, ["steps", *given, "--figure", str(tmp_path / "a.svg")])
    assert (refused.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "no bound on alpha is a positive number here" in refused.output


def test_nothing_is_cut_off_in_a_narrow_terminal() -> None:
    for arguments in ((), ("interact/thm3", "--constants", "mu=1,L=3,C_gxy=1,L_fx=1,lam=1/2,m=4,K=3")):
        result = CliRunner().invoke(app, ["steps", *arguments], env={"COLUMNS": "60", "FORCE_COLOR": None})
        assert result.exit_code == 0
        assert "…" not in result.stdout
        assert max(map(len, result.stdout.splitlines())) <= 60


def test_a_step_that_a_rule_sets_is_one_bar() -> None:
    """Two bars of 1 - 1e-6 and 1 + 1e-6 on a logarithmic axis would look like a minute and a year."""
    more = {"t": Fraction(1), "C_1": Fraction(1), "mu_F": Fraction(1)}
    rows = rule_of("dsbo/gamma-range").rows(C, HALF, 4, more=more)
    bars = step_bars(rows, "alpha")
    assert (bars.labels, len(bars.values)) == (("set to 2/(mu (C_1 + t))",), 1)
    assert bars.marked == bars.labels
    needed = rule_of("rabo/thm1-steps-needed").rows(Constants(mu_g=1, L_g=2, L_fx=1), 0, 4)
    assert len(step_bars(needed, "beta").labels) == 3


def test_constants_without_a_bound_may_be_given() -> None:
    out = call("interact/thm1", "--constants", "mu=1,L=2,lam=0,m=3,C_fy=inf")  # only multiplies what is 0
    assert "C_fy=inf" in out
    assert "largest admissible alpha: 0.333333" in out
    assert spiritlevel.steps(
        "interact/thm1", constants={"mu": 1, "L": 2, "lam": 0, "m": 3, "C_fy": math.inf}
    ).largest["alpha"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("interact/thm3", "or constants: mu, L, lam, m, K, and others that are not 0"),
        (
            "interact/thm3 --constants mu=1",
            "L, lam, m and K are missing; give them among the constants, or a network, which has",
        ),
        ("interact/thm3 --constants mu=1 --network ring:4", "L and K are missing; give them among the constants\n"),
        ("interact/thm1 --constants mu=1,", "--constants has ''; write name=value, as in --constants mu=1,L=10"),
        ("interact/thm1 --constants mu=1,L=2,lam=0,m=inf", "m is 'inf'; give a number"),
        ("interact/thm1 --constants mu=1,L=2 --network redrawn:9:0.5:1", "'redrawn:9:0.5:1', which changes in every"),
        (
            "interact/thm1 --problem actor-critic --network ring:4",
            "cannot be evaluated here: 3(mu+L)/(mu L) is undefined with L_g = C_gxy = L_gxy = L_gyy = L_fx = L_fy = inf",
        ),
        ("interact/thm1 --constants mu=1 --figure bars", "--figure is 'bars'; give the name of a file that ends in"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_one_sentence(arguments: str, told: str) -> None:
    refused = CliRunner().invoke(app, ["steps", *arguments.split()])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert told in refused.stderr


def test_objects_of_a_wrong_kind_are_named() -> None:
    wrong: Any = 5
    for given, told in (
        ({"problem": wrong}, "problem is a int"),
        ({"problem": "l1", "weights": wrong}, "weights is 5"),
    ):
        with pytest.raises(InputError, match=told):
            spiritlevel.steps("interact/thm1", network="ring:4", **given)


def test_a_part_of_a_list_is_no_second_list(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rule_of("interact/thm1")
    part = dataclasses.replace(
        whole, order=("beta",), terms=tuple(t for t in whole.terms if t.step == "beta")
    )
    monkeypatch.setattr(admission, "collect", lambda kind: [part, whole])
    assert admission.rules() == {"interact/thm1": whole}
    other = dataclasses.replace(part, terms=(Term("1", "beta", lambda s: 1),))
    monkeypatch.setattr(admission, "collect", lambda kind: [other, whole])
    with pytest.raises(RuntimeError, match="two lists are of 'interact/thm1'"):
        admission.rules()


# --- limits that floats cannot tell -------------------------------------------------------------------


def test_a_limit_behind_a_slow_step_is_not_called_unstable() -> None:
    """alpha = 1.7e-19 makes every radius 1 in floats; beta has its limit all the same."""
    finite = random_finite_sum(0, 4, 1, 1, samples=3)
    stable = Stable(rule_of("interact/thm3-coef-repaired"), finite, named("ring:4"))
    bounds = {"beta": (0.0, 1e-5), "alpha": (0.0, 1.7e-19)}
    slow, fast = (stable.limit("beta", {"alpha": alpha}, bounds) for alpha in (1.7e-19, 1e-6))
    assert (slow.slow, fast.slow) == (True, False)
    assert slow.value == pytest.approx(fast.value, rel=1e-3)
    assert stable.limit("alpha", {"beta": 100}, bounds).value == 0  # unstable for sure


def test_a_list_without_a_bound_goes_beyond_stability() -> None:
    stable = Stable(rule_of("interact/thm1"), random_quadratic(1, 4, 1, 1), named("ring:4"))
    made = stable.limit("alpha", {"beta": 0.1}, {"beta": (0.0, 0.1), "alpha": (0.0, math.inf)})
    assert (made.found, made.unbounded, made.conservatism) == (True, True, None)
    found = examine(rule_of("interact/thm1"), C, HALF, 4, {}, {})
    lines = [str(line) for line in advice.remarks(dataclasses.replace(found, limits=(made,)))]
    assert "  the list goes BEYOND stability: it does not bound alpha" in lines


def test_other_steps_without_a_value_leave_no_limit() -> None:
    stable = Stable(rule_of("interact/thm1"), random_quadratic(1, 4, 1, 1), named("ring:4"))
    for high, told in ((math.inf, "beta has no largest value"), (0.0, "no beta is admitted")):
        bounds = {"beta": (0.0, high), "alpha": (0.0, 1.0)}
        with pytest.raises(NoLimit, match=told):
            stable.limits({}, bounds)


@pytest.mark.parametrize(
    ("inverse", "value", "slow", "told"),
    [
        (False, 0.0, False, "unstable at 1e-08 already"),
        (False, math.inf, False, "stable up to 10000 at least"),
        (True, math.inf, False, "unstable at 1e+08 already"),
        (True, 0.0, False, "stable from 0.0001 at least"),
        (True, 2.5, False, "2.5, stable above"),
        (False, math.inf, True, "too slow to tell between 1e-08 and 10000"),
    ],
)
def test_what_is_said_of_a_limit(inverse: bool, value: float, slow: bool, told: str) -> None:
    made = Limit(algorithm="x", step="a", others={}, value=value, admitted=1.0, inverse=inverse, slow=slow)
    found = examine(rule_of("interact/thm1"), C, HALF, 4, {}, {})
    lines = [str(line) for line in advice.remarks(dataclasses.replace(found, limits=(made,)))]
    assert any(line.startswith(f"exact stability limit of a: {told}") for line in lines)


def test_a_radius_near_one_decides_nothing() -> None:
    assert [stability(r) for r in (0.5, 1 - 1e-14, 1.5)] == [True, None, False]
    found = spiritlevel.steps(
        "interact/thm1", problem="quadratic:p=1,q=1", network="ring:4", at={"alpha": 10, "beta": "1/10"}
    )
    assert found.radius is not None
    assert found.radius > 1
    assert not found.admissible
