"""Proofs about step-size lists: what can never bind, what is empty, what has wrong units; each also the other way."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.constants import Constants
from spiritlevel.theory.instruments.ratios import Letters, Undecided
from spiritlevel.theory.interact.step_sizes.units import SCALINGS, strays
from spiritlevel.theory.step_lists import dominance
from spiritlevel.theory.step_lists.admission import rule_of, rules
from spiritlevel.theory.step_lists.advice import admissible, step_bars
from spiritlevel.theory.step_lists.dominance import always_empty, reaches
from spiritlevel.theory.step_lists.stepsize import Rule, Term, emptied, reads
from spiritlevel.theory.step_lists.units import CONSTANTS, in_words, units


def term(name: str, bound: Any, *, step: str = "beta", lower: bool = False, power: Any = 1) -> Term:
    return Term(name, step, bound, power, lower=lower)


SMALL = term("1/L", lambda s: 1 / s.constants.L_g)
LARGE = term("1/mu", lambda s: 1 / s.constants.mu_g)
MEAN = term("1/sqrt(mu L)", lambda s: 1 / (s.constants.mu_g * s.constants.L_g), power=2)
LOOSE = term("3/L_fx", lambda s: 3 / s.constants.L_fx)


# --- what can never bind ------------------------------------------------------------------------------


def test_a_term_above_another_is_implied_and_one_that_may_be_below_is_not() -> None:
    found = {t.name: r for t, r in reaches(Rule("a/b", ("beta",), (SMALL, LARGE, LOOSE))).items()}
    assert found["1/mu"].implied == ("1/L",)
    assert (found["1/L"].implied, found["1/L"].seen) == ((), True)
    assert (found["3/L_fx"].implied, found["3/L_fx"].seen) == ((), True)


def test_a_geometric_mean_is_implied_by_both_together() -> None:
    x, y = (term(n, lambda s, n=n: 1 / getattr(s.constants, n)) for n in ("L_fx", "C_gxy"))
    root = term("root", lambda s: 1 / (s.constants.L_fx * s.constants.C_gxy), power=2)
    found = reaches(Rule("a/b", ("beta",), (x, y, root)))
    assert found[root].implied == ("L_fx", "C_gxy")
    assert reaches(Rule("a/b", ("beta",), (x, root)))[root].implied == ()


def test_of_two_equal_terms_the_first_stays() -> None:
    again = term("again", lambda s: 1 / s.constants.L_g)
    found = reaches(Rule("a/b", ("beta",), (SMALL, again)))
    assert [found[t].implied for t in (SMALL, again)] == [(), ("1/L",)]


def test_of_three_equal_terms_the_first_stays_too() -> None:
    equal = [term(name, lambda s: 1 / s.constants.L_g) for name in "abc"]
    assert [r.implied for r in reaches(Rule("a/b", ("beta",), tuple(equal))).values()] == [(), ("a",), ("a",)]


def test_proofs_alone_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the random settings, which would have shown that these terms bind."""
    monkeypatch.setattr(dominance, "_drawn", lambda *_: iter(()))
    own = term("1/(k L)", lambda s: 1 / (s.more["k"] * s.constants.L_g))  # k is no letter of the proof's own
    agents = term("1/(m L)", lambda s: 1 / (s.m * s.constants.L_g))
    even = term("even", lambda s: (1 if s.more["K"] % 2 == 0 else Fraction(1, 9)) / s.constants.L_g)
    twice = term("2/L", lambda s: 2 / s.constants.L_g)
    below = term("-9/L^2", lambda s: -9 / s.constants.L_g**2, power=2)  # its square is above the product
    for terms, needs in (((agents, own), ("k",)), ((SMALL, even), ("K",)), ((SMALL, twice, below), ())):
        found = reaches(Rule("a/b", ("beta",), terms, needs=needs))
        assert found[terms[-1]].implied == ()
        assert reaches(Rule("a/b", ("beta",), (SMALL, LARGE)))[LARGE].implied == ("1/L",)


def test_lists_that_letters_cannot_follow_are_left_undecided() -> None:
    kappa = term("kappa/L", lambda s: s.constants.kappa / s.constants.L_g)
    zero = term("1/0", lambda s: 1 / (s.constants.L_g - s.constants.L_g) if s.m > 0 else Fraction(1))
    assert reaches(Rule("a/b", ("beta",), (SMALL, kappa)))[kappa].implied == ("1/L",)
    assert reaches(Rule("a/b", ("beta",), (SMALL, zero)))[zero].implied == ()


def test_the_bounds_on_an_earlier_step_are_used() -> None:
    late = term("1/(beta L)", lambda s: 1 / (s.steps["beta"] * s.constants.L_g), step="alpha")
    one = term("1", lambda s: Fraction(1), step="alpha")
    assert reaches(Rule("a/b", ("beta", "alpha"), (SMALL, late, one)))[late].implied == ("1",)
    assert reaches(Rule("a/b", ("beta", "alpha"), (LARGE, late, one)))[late].implied == ()


def test_what_is_proved_of_the_ledgers_lists_holds_at_random_points() -> None:
    rng = np.random.default_rng(1)

    def some() -> Fraction:
        return Fraction(2) ** int(rng.integers(-9, 10))

    proved = 0
    for rule in map(
        rule_of, ("argus/stepsize", "interact/thm1", "interact/thm1-repaired", "rabo/thm1-steps")
    ):
        found = {t: r.implied for t, r in reaches(rule).items() if r.implied}
        proved += len(found)
        for _ in range(5):
            mu = some()
            c = Constants(mu_g=mu, L_g=mu + some(), C_gxy=some(), L_fx=some(), L_fy=some(), C_fy=some())
            more = {name: Fraction(int(rng.integers(1, 50))) for name in rule.needs}
            rows = rule.rows(c, Fraction(int(rng.integers(0, 9)), 9), int(rng.integers(1, 9)), more=more)
            for t, names in found.items():
                value = {r.term.name: r.limit for r in rows if r.term.step == t.step}
                assert value[t.name] >= min(value[n] for n in names) * (1 - 1e-9)
    assert proved == 11


def test_what_depends_on_the_letters_is_undecided() -> None:
    letters = Letters(["a", "b"])
    a, b = letters["a"], letters["b"]
    assert a + b > b
    assert (a**2 - b**2) / (a - b) == a + b
    assert ((a + b).root() - (b + a).root()).sign() == 0
    for doubtful in (lambda: a < b, lambda: float(a), lambda: int(a), lambda: a + 0.5, lambda: max(1, a)):
        with pytest.raises(Undecided):
            doubtful()


# --- emptiness ----------------------------------------------------------------------------------------


def test_a_list_is_proved_empty_only_where_it_is() -> None:
    low = term("1/(2 mu)", lambda s: 1 / (2 * s.constants.mu_g), lower=True)
    third = term("1/(3L)", lambda s: 1 / (3 * s.constants.L_g))
    assert always_empty(Rule("a/b", ("beta",), (third, low))) == (low, third)
    assert always_empty(Rule("a/b", ("beta",), (LARGE, low))) is None
    assert always_empty(Rule("a/b", ("beta",), (SMALL, low))) is None  # L <= 2 mu leaves room
    assert [id for id, rule in rules().items() if always_empty(rule)] == ["rabo/thm1-steps-needed"]


@pytest.mark.parametrize(
    ("low", "where"),
    [
        (lambda s: 1 / s.constants.mu_g, "L = mu"),
        (lambda s: 1 / ((1 - s.lam) * s.constants.L_g), "lam = 0"),
        (lambda s: s.m / s.constants.L_g, "m = 1"),
        (lambda s: s.more["T"] / s.constants.L_g, "T = 1"),
        (lambda s: (1 / s.steps["first"]) / s.constants.L_g, "first = 1, the largest"),
        (lambda s: (1 + (s.constants.L_g - s.constants.mu_g).root()) / s.constants.L_g, "L = mu, by a root")
    ],
)  # fmt: skip
def test_a_list_with_room_at_the_edge_is_not_empty(low: Any, where: str) -> None:
    def by(factor: int) -> Rule:
        one = term("1", lambda s: Fraction(1), step="first")
        lower = term("low", lambda s: factor * low(s), lower=True)
        return Rule("a/b", ("first", "beta"), (one, SMALL, lower), needs=("T",))

    assert always_empty(by(1)) is None, where
    assert always_empty(by(2)) is not None, where


def test_a_list_of_lower_bounds_only_is_served() -> None:
    rule = Rule("a/b", ("beta",), (term("at least 3/mu", lambda s: 3 / s.constants.mu_g, lower=True),))
    c = Constants(mu_g=7, L_g=9)
    rows = rule.rows(c, 0, 1)
    assert (rows[0].binds, emptied(rows, rule.order)) == (True, None)
    assert admissible(rule, c, 0, 1, {}) == {"beta": Fraction(43, 100)}  # 3/7 rounded up
    assert step_bars(rows, "beta").values == (rows[0].limit,)
    assert rule.largest(c, 0, 1) == {"beta": float("inf")}


def test_bounds_that_exclude_no_step_do_not_bind() -> None:
    low, root = (
        term(n, lambda s: -1 / s.constants.mu_g, lower=True, power=k) for n, k in (("low", 1), ("root", 2))
    )
    rows = Rule("a/b", ("beta",), (SMALL, low, root)).rows(Constants(mu_g=1, L_g=2), 0, 1, {"beta": 1})
    assert [(row.binds, row.allows) for row in rows] == [(True, False), (False, True), (False, True)]
    rule = rule_of("rabo/thm1-steps")  # without an upper level
    assert [row.term.name for row in rule.rows(Constants(mu_g=1, L_g=2), 0, 1) if row.binds] == ["1/(2 l_g1)"]


def test_what_the_bounds_on_a_step_look_at() -> None:
    c, rule = Constants(mu_g=1, L_g=7, L_fx=1), rule_of("rabo/thm1-steps")
    assert reads(rule, "beta", rule.rows(c, 0, 1), c, 0, 1, {}, {}) == {"alpha"}
    more = {"T": Fraction(2), "C_0": Fraction(1)}
    dsbo = rule_of("dsbo/beta-above-1-repaired")
    assert reads(dsbo, "gamma", dsbo.rows(c, 0, 4, more=more), c, 0, 4, {}, more) == set()


# --- units --------------------------------------------------------------------------------------------


def test_units_of_known_terms() -> None:
    found = {(t.step, t.name): m for t, m in units(rule_of("interact/thm1-repaired")).items()}
    assert in_words(found["beta", "1/(mu+L)"].found) == "length^2/g"
    assert found["alpha", "1/(4 L_l)"].consistent
    assert in_words(found["alpha", "(1-lam)^2/(32 L_K^2)"].found) == "length^4/f^2"
    assert not found["alpha", "1"].consistent
    assert not any(m.mixed for m in found.values())
    enlarged = units(rule_of("interact/thm1-enlarged"))
    assert any(m.mixed for m in enlarged.values())  # max(1, L) compares a pure number with a constant


def test_inverse_steps_and_weights_have_their_own_units() -> None:
    slam = {(t.step, t.name): m for t, m in units(rule_of("slam/lemma4-steps")).items()}
    assert in_words(slam["beta", "beta_0 sqrt(T/n)"].found) == "g/length^2"
    assert in_words(slam["beta", "sqrt(T)/mu"].found) == "length^2/g"
    dsbo = {(t.step, t.name): m.consistent for t, m in units(rule_of("dsbo/beta-above-1")).items()}
    assert (dsbo["beta", "sqrt(K/T)"], dsbo["gamma", "sqrt(K/T)"]) == (True, False)


def test_units_agree_with_those_of_the_papers_own_check() -> None:
    assert all(CONSTANTS[measure] == SCALINGS[measure] for measure in CONSTANTS)
    for id in ("interact/thm1", "interact/thm3"):
        rule = rule_of(id)
        wrong = {t.name for t, m in units(rule).items() if not m.consistent}
        assert wrong == set(strays(rule))


def test_zeros_have_any_units_and_bounds_that_change_sign_none() -> None:
    none, free = term("0", lambda s: Fraction(0), lower=True), term("inf", lambda s: float("inf"))
    turning = term("3/mu - 4/L_fx", lambda s: 3 / s.constants.mu_g - 4 / s.constants.L_fx)
    found = units(Rule("a/b", ("beta",), (none, free, turning)))
    assert [(m.consistent, m.mixed) for m in found.values()] == [(True, False), (True, False), (False, True)]


def test_a_bound_that_may_be_negative_proves_nothing() -> None:
    low = term("1/mu - 9/L_fx", lambda s: 1 / s.constants.mu_g - 9 / s.constants.L_fx, lower=True)
    down = term("-1/mu", lambda s: -1 / s.constants.mu_g, lower=True)
    assert always_empty(Rule("a/b", ("beta",), (SMALL, low))) is None
    assert always_empty(Rule("a/b", ("beta",), (SMALL, down))) is None  # its square is above that of 1/L
    assert reaches(Rule("a/b", ("beta",), (SMALL, LARGE, down)))[down].implied == ()
