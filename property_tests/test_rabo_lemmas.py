"""RABO's lemmas: constants, witnesses against the algorithms themselves, and verdicts that turn when a line is changed."""

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from spiritlevel.core.algorithms.rabo import RABO
from spiritlevel.core.algorithms.rafbo import RAFBO
from spiritlevel.core.driver import run
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.cut import CutUpper
from spiritlevel.synthetic.families import quadratic, random_bounded, random_quadratic
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.ledger import collect
from spiritlevel.theory.rabo.assumptions import ALL, delta_f, delta_g, least_coverage, pruning
from spiritlevel.theory.rabo.constants import Smoothness, outward, smoothness
from spiritlevel.theory.rabo.lemmas import (
    definitions,
    descent,
    descent_witnesses,
    difference,
    difference_witnesses,
    direction,
    direction_witnesses,
    inner,
    inner_witnesses,
    lines,
    lipschitz,
    lipschitz_lines,
    lipschitz_witnesses,
    proofs,
    signs,
    tracking,
    tracking_witnesses,
    units,
)
from spiritlevel.theory.rabo.lemmas.lines import Letters, Line
from spiritlevel.theory.rabo.lemmas.random_cases import random_case
from spiritlevel.theory.rabo.theorems.theorem2 import opposed
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

CTX = Context(statement="rabo/tests")
ONE = Fraction(1)


def statement(module: Any, name: str) -> Callable[[Context], Finding]:
    found = [s for s in collect(Statement, [module]) if s.id == name]
    assert found[0].check is not None
    return found[0].check


def changed(line: Line, **factors: Any) -> Line:
    """The line with coefficients on the right multiplied."""

    def sides(a: Letters) -> tuple[lines.Coefficients, lines.Coefficients]:
        left, right = line.sides(a)
        return left, {term: k * factors.get(term, 1) for term, k in right.items()}

    return Line(f"{line.name}, changed", sides)


# constants


@pytest.mark.parametrize("kind", ["quadratic", "bounded", "cut", "linear"])
def test_upper_constants_hold_at_random_pairs(kind: str) -> None:
    rng = np.random.default_rng(3)
    n, p, q = 2, 2, 2
    if kind == "cut":
        w, t = rng.standard_normal((2, n, 3))
        u, v = rng.standard_normal((n, 3, p)), rng.standard_normal((n, 3, q))
        lower = random_quadratic(1, n, p, q, shared=True).lower
        problem = Bilevel(lower, CutUpper(w, u, v, t), "cut", shared=True)
    elif kind == "bounded":
        problem = random_bounded(1, n, p, q, shared=True)
    elif kind == "linear":
        eye = np.repeat(np.eye(2)[None], n, axis=0)
        problem = quadratic(eye, eye, np.zeros((n, q)), a=rng.standard_normal((n, p)), e=np.ones((n, q)))
    else:
        problem = random_quadratic(1, n, p, q, shared=True)
    c = smoothness(problem)
    a, b = (tuple(3 * rng.standard_normal((500, n, size)) for size in (p, q)) for _ in "ab")
    distance = np.sqrt(sum(((s - t) ** 2).sum(axis=-1) for s, t in zip(a, b, strict=True)))
    gradients = [np.concatenate([problem.grad_x_f(*z), problem.grad_y_f(*z)], axis=-1) for z in (a, b)]
    moved = np.linalg.norm(gradients[0] - gradients[1], axis=-1)
    assert (moved <= float(c.l_f1) * distance * (1 + 1e-12) + 1e-12).all()
    assert (abs(problem.f(*a) - problem.f(*b)) <= float(c.l_f0) * distance * (1 + 1e-12)).all()
    if kind == "quadratic":
        assert math.isinf(c.l_f0)
        assert (moved / distance).max() > 0.7 * float(c.l_f1)


def test_lower_constants_are_joint_and_rational_where_they_can_be() -> None:
    problem = quadratic([[[1]]], [[[Fraction(6, 5)]]], [[0]], shared=True)
    assert smoothness(problem).l_g1 == pytest.approx(9 / 5)
    assert outward(smoothness(problem)).l_g1 >= Fraction(9, 5)
    assert smoothness(quadratic([[[Fraction(3)]]], [[[0]]], [[0]])).l_g1 == 3


def test_printed_L_f_is_M_f_times_one_plus_L_y() -> None:
    c = Smoothness(mu_g=ONE / 2, l_f0=3 * ONE, l_f1=ONE / 7, l_g1=5 * ONE, l_g2=ONE / 3)
    assert c.L_f == c.M_f * (1 + c.L_y)
    assert c.E_h(ONE / 4, 0, 8, 1) == 4 * c.M_f**2
    names = dict(lipschitz_witnesses.lemma1())
    given = {sympy.Symbol(k): sympy.Rational(v.numerator, v.denominator) for k, v in vars(c).items()}
    for name in ("L_y", "M_f", "L_f"):
        assert Fraction(str(sympy.sympify(names[name]).subs(given))) == getattr(c, name)


def test_radii_of_assumption_4_are_attained() -> None:
    H, B = [[[2 * ONE]]] * 2, [[[3 * ONE]]] * 2
    problem = quadratic(H, B, [[1], [-3]], Q=[[[ONE]]] * 2, a=[[1], [0]], e=[[0], [4]], shared=True)
    assert delta_g(problem) == 2
    assert delta_f(problem, "plain") == pytest.approx(math.hypot(1 / 2, 2))
    assert delta_f(problem, "local") == abs(Fraction(1, 2) + Fraction(3, 2) * -2)
    other = quadratic([[[2 * ONE]], [[ONE]]], B, [[1], [-3]], Q=[[[ONE]]] * 2, shared=True)
    assert math.isinf(delta_g(other))
    assert math.isinf(delta_f(other, "local"))
    assert delta_f(other, "plain") == 0
    assert [a.id for a in ALL if a.violation(other)] == ["A2", "A4"]


def test_coverage_counts_held_coordinates_only() -> None:
    assert least_coverage(np.array([[1, 0, 1], [1, 0, 0]])) == 1
    assert least_coverage(np.array([[1, 0], [1, 0]])) == 2
    assert pruning(np.array([0, 0]), np.array([[0, 0]])) == 0


# witnesses against the algorithms


def engine(algorithm: Any, problem: Bilevel, x: list[Any], y: list[Any]) -> tuple[Array, Array]:
    """The server's model after one round, in fractions."""
    problem = problem.over("fraction")
    starts = [
        np.repeat(np.array([[Fraction(v) for v in z]], dtype=object), problem.n, axis=0) for z in (x, y)
    ]
    trace = run(algorithm, problem, averaging(problem.n, exact=True), steps=1, x0=starts[0], y0=starts[1])
    return trace.x[0, -1, 0], trace.y[0, -1, 0]


def huber(weight: Fraction, u: list[int], v: list[int], n: int = 1) -> CutUpper:
    """f_i = w h(u'x + v'y) for every client."""
    row = convert([weight, 0, *u, *v], "fraction")
    each = np.repeat(row[None, None], n, axis=0)
    p = 2 + len(u)
    return CutUpper(each[..., 0], each[..., 2:p], each[..., p:], each[..., 1])


def flat_upper(n: int, p: int, q: int) -> CutUpper:
    return huber(Fraction(0), [0] * p, [0] * q, n)


def joined(H: Any, B: Any, c: Any, upper: CutUpper) -> Bilevel:
    return Bilevel(QuadraticLower(H, B, c), upper, "cut", shared=True)


def left_side(witness: Witness) -> Fraction:
    return Fraction(recheck(witness).last.values[0].split()[0])


def test_lemma_4_witnesses_are_rounds_of_rabo() -> None:
    pulled = joined([[[ONE]]] * 2, [[[0 * ONE]]] * 2, [[1], [-1]], flat_upper(2, 1, 1))
    _, y = engine(RABO(beta=Fraction(1, 20), T=20, mask_y="table:1:0"), pulled, [0], [0])
    assert y[0] ** 2 == left_side(inner_witnesses.coverage_witness(20))

    both = joined([[[ONE]]] * 2, [[[ONE, ONE]]] * 2, [[0], [0]], flat_upper(2, 2, 1))
    _, y = engine(RABO(beta=Fraction(1, 4), T=1, mask_x="table:10:01"), both, [1, 1], [2])
    assert (y[0] - 2) ** 2 == left_side(inner_witnesses.masks_witness())

    eye = [[[ONE, 0], [0, ONE]]]
    plain = joined(eye, [[[0 * ONE], [0 * ONE]]], [[0, 0]], flat_upper(1, 1, 2))
    _, y = engine(RABO(beta=Fraction(1, 2), T=1, mask_y="table:10"), plain, [0], [0, 1])
    assert (y * y).sum() == left_side(inner_witnesses.uncovered_witness())


def test_lemma_2_witness_is_a_round_of_rabo() -> None:
    eye, upper = [[ONE, 0 * ONE], [0 * ONE, ONE]], huber(ONE, [0], [1, 1], 2)
    problem = joined([eye] * 2, [[[ONE], [ONE]]] * 2, [[0, 0]] * 2, upper)
    masked = RABO(alpha=ONE, beta=Fraction(1, 4), T=1, mask_y="table:10:01", hyper="full")
    x, y = engine(masked, problem, [1], [0, 0])
    assert y.tolist() == [Fraction(1, 4)] * 2
    full = 2 * (y[0] + y[1])
    assert ((1 - x[0]) - full) ** 2 == left_side(lipschitz_witnesses.next_round_witness())


@pytest.mark.parametrize("hyper", ["full", "submodel"])
def test_the_witness_against_u1_is_a_round_of_rabo(hyper: str) -> None:
    eye, row = [[ONE, 0 * ONE], [0 * ONE, ONE]], convert([1, Fraction(1, 2), 0, 1, 1], "fraction")
    each = np.repeat(row[None, None], 2, axis=0)
    upper = CutUpper(each[..., 0], each[..., 2:3], each[..., 3:], each[..., 1])
    problem = joined([eye] * 2, [[[ONE], [ONE]]] * 2, [[0, 0]] * 2, upper)
    masked = RABO(alpha=ONE / 100, beta=ONE / 4, T=1, mask_y="table:10:01", hyper=hyper)
    x, _ = engine(masked, problem, [1], [0, 0])
    assert (1 - x[0]) ** 2 == left_side(direction_witnesses.pruned_step_witness(hyper))


@pytest.mark.parametrize("method", [RABO, RAFBO])
def test_descent_witnesses_are_rounds(method: type[RABO]) -> None:
    k = Fraction(1, 100)
    upper = huber(k, [1], [0])
    problem = joined([[[ONE]]], [[[0 * ONE]]], [[0]], upper).over("fraction")
    x, _ = engine(method(alpha=Fraction(8), beta=Fraction(1, 2)), problem, [10], [0])
    change = problem.value(np.array([[x[0]]])) - problem.value(np.array([[Fraction(10)]]))
    assert change[0] == left_side(descent_witnesses.small_witness())
    c = smoothness(problem)
    assert Fraction(8) * (c.L_f + 4 * c.M_f) <= 1


@pytest.mark.parametrize(
    ("method", "witness"),
    [(RABO, tracking_witnesses.powers_witness()), (RAFBO, tracking_witnesses.eighth_witness())],
)
def test_tracking_witnesses_are_rounds(method: type[RABO], witness: Witness) -> None:
    upper = huber(ONE, [0], [1])
    b = Fraction(6, 5)
    problem = joined([[[ONE]]], [[[b]]], [[0]], upper)
    x, y = engine(method(alpha=Fraction(1, 40), beta=Fraction(1, 20), T=1), problem, [10], [12])
    assert y[0] == 12
    assert (y[0] - b * x[0]) ** 2 == left_side(witness)


def test_lemma_3_witness_is_rafbo() -> None:
    upper = huber(ONE, [0], [1])
    problem = joined([[[ONE]]], [[[ONE]]], [[0]], upper)
    for radius in (Fraction(1, 1000), ONE):
        x, y = engine(RAFBO(alpha=ONE, beta=Fraction(1, 10**9), T=1, mu=radius), problem, [2], [2])
        assert y[0] == 2
        assert (2 - x[0], 1) == (-1, 1)  # the approximation, and (7)
    assert left_side(difference_witnesses.sign_witness()) == 4


def test_curves_of_the_witnesses_keep_within_their_constants() -> None:
    u = sympy.Symbol("u", real=True)
    first = sympy.diff(sympy.log(1 + u**2) / 2, u, 2)
    assert sympy.simplify(first + sympy.Rational(1, 8) - (u**2 - 3) ** 2 / (8 * (1 + u**2) ** 2)) == 0
    points = np.linspace(-50, 50, 200_001)
    third = sympy.lambdify(u, sympy.diff(first, u))(points)
    assert 1.4 < abs(third).max() < 1.5  # so 3/2, and 3 for twice that
    slopes = np.interp(points, [-2, -1, 0, 1], [0, 1, 1, 0])
    phi = np.cumsum(slopes) * (points[1] - points[0])
    phi += 1 - np.interp(0, points, phi)
    assert abs(phi + 1).max() / 2 == pytest.approx(5 / 4, abs=1e-3)


# verdicts that turn


LINES: list[tuple[Line, dict[str, Fraction], dict[str, Any]]] = [
    (lines.LEMMA_4_REPAIRED, {"drift2": Fraction(0)}, {"common": False}),
    (lines.LEMMA_4_REPAIRED, {"sigma_g2": Fraction(0)}, {"common": False, "noisy": "g"}),
    (lines.LEMMA_5_REPAIRED, {"new_lower": Fraction(1, 100)}, {}),
    (lines.LEMMA_5_REPAIRED, {"E_h": Fraction(0)}, {}),
    (lines.LEMMA_5_UNBIASED, {"sigma_f2": Fraction(0)}, {"noisy": "f"}),
    (lines.DESCENT_IN_MEAN, {"spread": Fraction(1, 2)}, {"noisy": "f"}),
    (lines.LEMMA_6_REPAIRED, {"step2": Fraction(1, 100)}, {}),
    (lines.DESCENT, {"direction2": Fraction(1, 4)}, {}),
    (lines.U_1, {"grad_f2": Fraction(1, 8)}, {}),
]


@pytest.mark.parametrize(
    ("line", "factors", "how"), LINES, ids=lambda v: v.name if isinstance(v, Line) else ""
)
def test_a_line_that_says_too_much_fails_on_some_case(
    line: Line, factors: dict[str, Fraction], how: dict[str, Any]
) -> None:
    wrong = changed(line, **{term: sympy_free(k) for term, k in factors.items()})
    cases = [random_case(CTX, k, **how) for k in (0, 1, 4, 10, 16)]
    assert all(case.holds(line) for case in cases)
    assert not all(case.holds(wrong) for case in cases)


def sympy_free(k: Fraction) -> Any:
    """A factor that multiplies exact numbers of any kind."""
    from flint import fmpq

    return fmpq(k.numerator, k.denominator)


def test_proofs_fail_for_lines_that_say_too_much() -> None:
    half = sympy.Rational(1, 2)
    assert not proofs.descent(changed(lines.DESCENT, direction2=half))
    assert not proofs.descent(changed(lines.DESCENT, grad_Phi2=3))
    assert not proofs.descent_in_mean(changed(lines.DESCENT_IN_MEAN, spread=half))
    assert not proofs.direction(changed(lines.U_2, delta_f2=half), "direction2")
    assert not proofs.direction(
        changed(lines.LEMMA_5_UNBIASED, sigma_f2=half), "bias2", over=lines.DESCENT_IN_MEAN
    )
    assert not proofs.step(changed(lines.U_1, grad_f2=half / 2))
    assert not proofs.contraction(changed(lines.LEMMA_4_REPAIRED, drift2=half))
    assert not proofs.tracking(changed(lines.LEMMA_6_REPAIRED, step2=half), lines.LEMMA_4_REPAIRED)
    assert not inner.common_contraction(changed(lines.LEMMA_4, lower=half))
    # the printed forms
    assert not proofs.direction(lines.END_5, "direction2", over=lines.DESCENT)


class Ascending(RABO):
    """RABO with the printed sign of (6)."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "sign": "printed"})


def test_a_wrong_algorithm_is_told_by_lemmas_4_and_6() -> None:
    def judged(check: Callable[[Context], Finding], name: str) -> Verdict:
        return check(Context(statement=name, substitutes={"rabo": Ascending})).verdict

    assert judged(statement(inner, "rabo/lem4-repaired"), "rabo/lem4-repaired") is Verdict.REFUTED
    assert judged(statement(tracking, "rabo/lem6-repaired"), "rabo/lem6-repaired") is Verdict.REFUTED


def test_a_step_in_x_that_is_too_long_is_told_by_lemma_5() -> None:
    class Long(RABO):
        def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
            new = super().step(t, s, o, net)
            return dataclasses.replace(new, x=s.x + 3 * (new.x - s.x))

    check = statement(descent, "rabo/lem5-repaired")
    ctx = Context(statement="rabo/lem5-repaired", substitutes={"rabo": Long})
    assert check(ctx).verdict is Verdict.REFUTED


def test_smaller_constants_are_told_by_lemma_1(monkeypatch: pytest.MonkeyPatch) -> None:
    check, ctx = statement(lipschitz, "rabo/lem1"), Context(statement="rabo/lem1")
    assert proofs.lipschitz()
    with monkeypatch.context() as patch:
        patch.setattr(Smoothness, "M_f", property(lambda c: c.l_f1 + c.bend))
        assert not proofs.lipschitz()
        assert check(ctx).verdict is Verdict.REFUTED
    with monkeypatch.context() as patch:
        patch.setattr(Smoothness, "L_y", property(lambda c: c.l_g1 / c.mu_g / 20))
        assert check(ctx).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", ["outer", "inner", "local", "means"])
def test_half_of_a_line_of_lemma_1_is_not_proved(name: str) -> None:
    line = getattr(lipschitz_lines, name)

    def half(*given: Any) -> Any:
        left, right = line(*given)
        return left, right / 2

    half.__name__ = name
    assert lipschitz_lines.proof(line)
    assert not lipschitz_lines.proof(half)


def test_a_third_of_the_quotient_bound_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    assert difference.taylor()
    monkeypatch.setattr(difference, "quotient_bound", lambda l, radius: l * radius / 6)
    assert not difference.taylor()


def test_cases_are_audited() -> None:
    found = statement(inner, "rabo/lem4-repaired")(Context(statement="rabo/lem4-repaired"))
    assert any("delta_g" in line for line in found.audit)


def test_signs_are_found_not_assumed() -> None:
    assert [where for where, s in signs.found_signs().items() if s == "negative"] == [
        "Lemma 5: the bound on U_1",
        "Lemma 7: the bound on U_1'",
    ]
    turned = signs.Substitution("turned", lambda a: 1 / (2 * a.alpha) - a.L_f / 2)
    assert signs.found_signs((turned,)) == {"turned": "not negative"}


def test_units_see_one_wrong_power() -> None:
    assert units.strays(lines.LEMMA_4) == []
    right = Line("", lambda a: ({"descent": 1}, {"grad_f2": a.alpha}))
    wrong = Line("", lambda a: ({"descent": 1}, {"grad_f2": a.alpha**2}))
    assert (units.strays(right), len(units.strays(wrong))) == ([], 1)
    assert units.judged_units((right,)).verdict is Verdict.PROVED
    assert units.judged_units((wrong,)).verdict is Verdict.REFUTED


def test_a_witness_that_falls_leaves_the_claim_open(monkeypatch: pytest.MonkeyPatch) -> None:
    tame = descent_witnesses.small_witness(k="1/2", alpha="1/6")
    monkeypatch.setattr(descent_witnesses, "small_witness", lambda *_: tame)
    found = statement(descent, "rabo/lem5")(Context(statement="rabo/lem5"))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.witness is None


def test_the_witness_against_35_is_a_round_of_rafbo() -> None:
    """It rests, and at alpha <= 1/L_f with L_f >= 1, where (32) holds."""
    problem = opposed().over("fraction")
    at = [Fraction(-1, 4)]
    x, _ = engine(RAFBO(alpha=ONE / 100, beta=ONE / 4, T=1, mu=ONE / 100), problem, at, at)
    assert x.tolist() == at
    assert problem.hypergradient(np.array([at]))[0, 0] == -1
    found = statement(descent, "rabo/lem7")(CTX)
    assert found.verdict is Verdict.REFUTED
    assert found.numbers["claim"][0].startswith("0 <= -")


def test_lemma_2_and_u1_hold_as_their_proofs_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (lipschitz, "rabo/lem2-repaired"),
        (direction, "rabo/u1-repaired"),
        (direction, "rabo/u2"),
    ):
        assert statement(module, name)(Context(statement=name)).verdict is Verdict.PROVED
    monkeypatch.setattr(direction, "U_1", changed(lines.U_1, E_h=0, grad_f2=0))
    assert (
        statement(direction, "rabo/u1-repaired")(Context(statement="rabo/u1-repaired")).verdict
        is Verdict.REFUTED
    )


def test_32_is_weaker_than_its_repair_only_for_large_L_f() -> None:
    assert descent.weaker(lines.LEMMA_5, lines.LEMMA_5_REPAIRED)
    assert not descent.weaker(lines.END_5, lines.LEMMA_5_REPAIRED)
    assert not descent.weaker(changed(lines.LEMMA_5, delta_f2=Fraction(1, 2)), lines.LEMMA_5_REPAIRED)


def test_definitions_are_evaluated() -> None:
    assert definitions.bounded_difference()
    assert statement(definitions, "rabo/a4-heterogeneity")(CTX).verdict is Verdict.PROVED
