"""The coefficients of (20), the lists as facts, and what follows from them; each verdict also the other way."""

from fractions import Fraction

import pytest
import sympy

from spiritlevel.core.errors import InputError
from spiritlevel.theory.instruments.monomials import Fact, Monomial
from spiritlevel.theory.interact.constants import lemmas
from spiritlevel.theory.interact.step_sizes.coefficient_evidence import (
    excess_at,
    first_list,
    judged,
    met,
    misses,
    third_list,
)
from spiritlevel.theory.interact.step_sizes.coefficients import (
    NAMES,
    coefficients,
    inequalities,
    letters,
    ratio,
    symbol,
    targets,
)
from spiritlevel.theory.interact.step_sizes.list_claims import redundancy, seen_binding
from spiritlevel.theory.interact.step_sizes.step_facts import bound, expanded, monomial_of, samples
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1, THEOREM_1_REPAIRED
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3, THEOREM_3_REPAIRED
from spiritlevel.theory.statement import Context
from spiritlevel.theory.step_lists.stepsize import Setting, Term

CTX = Context(statement="test/coefficients")
PRINTED = first_list(CTX, THEOREM_1, "printed")
REPAIRED = first_list(CTX, THEOREM_1_REPAIRED, "plain")
MISSING = "4(1-lam)^2/5"


def test_coefficients_are_those_written_down_by_hand() -> None:
    al, g, m, r, R, D, s, mu, Lg, K2, F, q, rho = map(
        symbol, ("alpha", "gamma", "m", "r", "R", "D", "s", "mu", "L", "K2", "F", "q", "rho")
    )
    beta, L, half = 3 * r * s / (mu * Lg), F * q, sympy.Rational(1, 2)
    a = g / (32 * (R / r) * rho**2)
    byhand = {
        "C_1": al * (-half + L * al / 2 + al * m * g / 8 + 4 * al**2 * m * K2 / g),
        "C_2": al * L**2 / m - 3 * g / 4 + 8 * al * K2 / g,
        "C_3": 2 * al * F**2 / m - a * (3 * r + 18 * r**2),
        "C_4": -a * D * R**2 * (2 * beta / s - beta**2) + al * K2 * beta**2 / g,
        "C_5": al * (al / g + al * g / 8 + 4 * al**2 * K2 / g - g),
    }
    found = coefficients(letters("plain"))
    assert all(sympy.expand(found[name] - byhand[name]) == 0 for name in NAMES)
    assert found["grad"] == -al / 2


def test_the_y_coefficient_of_18_dominates_that_of_15() -> None:
    r = sympy.Symbol("r", positive=True)
    exact = (1 + r) ** 2 * (1 - 6 * r) - 1
    used = inequalities(letters("plain"))["(15)"]["y"].subs(symbol("r"), r)
    assert sympy.expand(used - exact - r * (1 - r) * (1 - 6 * r)) == 0  # >= 0 for r <= 1/12


def test_a_dominates_f_squared_by_cauchy() -> None:
    read = [(d.setting, d.letters) for d in samples(3, lambda s: lemmas(s.constants, "plain"))]
    assert all(at["L_f"] ** 2 <= at["K2"] for _, at in read)
    assert Fraction(1, 2) + 3 * Fraction(1, 6) == 1


def test_printed_list_fails_in_c5_only_and_repaired_list_in_none() -> None:
    found = judged(PRINTED, "letters", joint=True)
    assert [name for name in NAMES if not met(found[name])] == ["C_5"]
    assert str(found["C_5"].grows) == "alpha gamma^-2"
    assert all(map(met, judged(REPAIRED, "plain", joint=True).values()))
    assert misses("x", 1, REPAIRED, judged(REPAIRED, "plain", joint=True)) == []


def test_a_weaker_added_entry_is_not_enough() -> None:
    loose = REPAIRED | {MISSING: Fact(MISSING, Monomial.of(Fraction(19, 20), alpha=1, gamma=-2))}
    found = judged(loose, "plain", joint=True)
    assert [name for name in NAMES if not met(found[name])] == ["C_5"]


@pytest.mark.parametrize("lost", ["1/(4 L_l)", "1/(m(1-lam))", "m(1-lam)/(4 L_l)", "1/(mu+L)"])
def test_dropping_an_entry_loses_a_target(lost: str) -> None:
    rest = {name: f for name, f in PRINTED.items() if name != lost}
    before, after = judged(PRINTED, "letters", joint=True), judged(rest, "letters", joint=True)
    assert sum(map(met, after.values())) < sum(map(met, before.values()))


def test_certified_sums_hold_at_exact_settings() -> None:
    """At random admitted letters the coefficients do meet their targets, evaluated in rationals."""
    tried = 0
    for d in samples(5, lambda s: lemmas(s.constants, "plain")):
        at = dict(d.letters)
        at["r"] = min(at["r"], at["mu"] * at["L"] / (3 * at["s"] ** 2))
        at |= {"R": 1 + at["r"], "D": 1 - at["r"], "F": at["L_f"], "rho": at["L_y"], "q": 1 + at["L_y"]}
        at["alpha"] = Fraction(1)
        limits = [f.monomial.at(at) for f in REPAIRED.values() if f.monomial.exponent("alpha")]
        at["alpha"] = 1 / max([*limits, Fraction(1)])
        assert all(f.monomial.at(at) <= 1 for f in REPAIRED.values())
        tried += 1
        assert all(excess_at(name, "plain", at) <= 0 for name in NAMES)
    assert tried == 30


def test_theorem_3_needs_c3_the_right_way_up() -> None:
    printed = judged(third_list(CTX, THEOREM_3, "printed"), "letters", joint=False)
    assert [name for name in NAMES if not met(printed[name])] == ["C_3", "C_5"]
    assert all(map(met, judged(third_list(CTX, THEOREM_3_REPAIRED, "plain"), "plain", joint=False).values()))


def test_an_entry_that_is_no_monomial_is_refused() -> None:
    drawn = samples(1, lambda s: lemmas(s.constants, "plain"))
    odd = Term("L_g + L_y", "alpha", lambda s: s.constants.L_g + s.constants.C_gxy / s.constants.mu_g)
    with pytest.raises(ArithmeticError, match="no monomial"):
        monomial_of(odd, drawn)
    assert str(monomial_of(THEOREM_1.terms[1], drawn)) == "s^-1"


def test_redundancy_both_ways() -> None:
    found = redundancy(PRINTED, "plain", joint=True)
    assert {"sqrt((1-lam)/(2m)) / (4 L_K)", "(1-lam)/(4 L_K)", "3(mu+L)/(mu L)"} <= set(found.implied)
    assert "1/(m(1-lam))" not in found.implied
    assert "1" not in found.implied
    assert "1" in redundancy(REPAIRED, "plain", joint=True).implied
    seen = seen_binding(CTX, PRINTED, lambda s: lemmas(s.constants, "plain"))
    assert seen
    assert not seen & set(found.implied)
    without = {name: f for name, f in PRINTED.items() if name != "1/(m(1-lam))"}
    assert "sqrt((1-lam)/(2m)) / (4 L_K)" not in redundancy(without, "plain", joint=True).implied


def test_sums_are_multiplied_out() -> None:
    pieces = expanded(Monomial.of(F=1, q=2), "plain")
    at = {"F": Fraction(3), "rho": Fraction(2, 5)}
    assert sum(p.at(at) for p in pieces) == 3 * Fraction(7, 5) ** 2
    assert bound([Monomial.of(q=1)], [Fact("rho <= 1", Monomial.of(rho=1))], "plain").total == 2


def test_ratio_needs_one_negative_part() -> None:
    x = symbol("x")
    assert ratio(x + 1) is None
    with pytest.raises(ArithmeticError, match="several negative"):
        ratio(x - 1 - x**2)


def test_targets_are_the_papers() -> None:
    k = letters("letters")
    g, r, R, L_y = map(symbol, ("gamma", "r", "R", "L_y"))
    assert targets(k)["C_2"] == -g / 4
    assert sympy.simplify(targets(k)["C_3"] + 3 * r**2 * g / (32 * R * L_y**2)) == 0


def test_k_is_a_whole_number_of_terms() -> None:
    setting = samples(1, lambda s: lemmas(s.constants, "plain"))[0].setting
    wrong = Setting(
        constants=setting.constants, lam=setting.lam, m=2, steps=setting.steps, more={"K": Fraction(1, 2)}
    )
    with pytest.raises(InputError, match="K is 1/2; give a whole number"):
        THEOREM_3.terms[0].bound(wrong)
