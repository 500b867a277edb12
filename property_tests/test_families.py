"""The synthetic families are what they say: derivatives, lower solutions, stationary points."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, field_of
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import (
    linear,
    named,
    quadratic,
    random_bounded,
    random_curved,
    random_linear,
    random_quadratic,
)

few = settings(max_examples=15, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)
small = st.integers(1, 3)
EXACT: tuple[Field, ...] = ("fraction", "fmpq", "symbol")
EPS = np.finfo(float).eps

# Sums of fewer than 1000 products of moderate size: rounding stays below 1000 eps = 2.3e-13.
ROUNDING = 1000 * EPS


def lipschitz_of_hypergradient(c: Constants) -> float:
    """The objective's smoothness from its parts: chain rule through y* (C/mu-Lipschitz) and H^-1."""
    mu, C, C_fy = float(c.mu_g), float(c.C_gxy), float(c.C_fy)
    lower = 0.0 if c.L_gxy == c.L_gyy == 0 else C_fy * (float(c.L_gxy) + float(c.L_gyy) * C / mu) / mu
    in_y = float(c.L_fx) + float(c.L_fy) * C / mu + lower
    return in_y * (1 + C / mu)


def make(family: str, seed: int, n: int, p: int, q: int, shared: bool) -> Bilevel:
    if family == "quadratic":
        return random_quadratic(seed, n, p, q, shared=shared)
    if family.startswith("curved"):
        kind: Any = family.removeprefix("curved-")
        return random_curved(seed, n, p, q, shared=shared, kind=kind, scale=3)
    kind = family.removeprefix("bounded-")
    return random_bounded(seed, n, p, q, shared=shared, kind=kind, scale=3)


FLOAT_FAMILIES = ["quadratic", "bounded-huber", "bounded-cos", "curved-huber", "curved-cos"]
COMPLEX_STEP_FAMILIES = FLOAT_FAMILIES[1:]


@pytest.mark.parametrize("family", FLOAT_FAMILIES)
@few
@given(seed=seeds, n=small, p=small, q=small, shared=st.booleans())
def test_hypergradient_is_the_central_difference_of_the_value(
    family: str, seed: int, n: int, p: int, q: int, shared: bool
) -> None:
    problem = make(family, seed, n, p, q, shared)
    x, h = problem.start()[0][0] / 2, 1e-5
    at = np.concatenate([x + h * np.eye(p), x - h * np.eye(p)])
    values = problem.value(at)
    difference = (values[:p] - values[p:]) / (2 * h)
    # l' is L-Lipschitz, so the difference is off by at most L h / 2. Each value is a mean of sums of
    # products that are, with coefficients below 10 + L, at most 'size' in all.
    L = lipschitz_of_hypergradient(problem.constants)
    y = problem.lower_solution(np.repeat(at[:, None], n, axis=1))
    size = (10 + L) * (1 + abs(at).sum(-1).max() + abs(y).sum(-1).max()) ** 2
    bound = L * h / 2 + ROUNDING * size / h
    assert abs(problem.hypergradient(x[None])[0] - difference).max() <= bound


def test_the_central_difference_is_sharp_enough_to_see_the_path_through_the_lower_level() -> None:
    for family in FLOAT_FAMILIES:
        problem = make(family, 1, 3, 3, 2, False)
        x = problem.start()[0][0][None] / 2
        X = np.repeat(x[:, None], 3, axis=1)
        direct = problem.grad_x_f(X, problem.lower_solution(X)).mean(axis=1)
        L = lipschitz_of_hypergradient(problem.constants)
        assert abs(problem.hypergradient(x) - direct).max() > 100 * L * 1e-5


@few
@given(seed=seeds, n=small, p=small, q=small, shared=st.booleans())
def test_quadratic_hypergradient_is_exact(seed: int, n: int, p: int, q: int, shared: bool) -> None:
    # The objective is a quadratic polynomial: its central difference with step 1 is its derivative.
    problem = random_quadratic(seed, n, p, q, shared=shared, rational=True)
    x, eye = problem.start()[0][0], convert(np.eye(p, dtype=int), "fraction")
    difference = (problem.value(x + eye) - problem.value(x - eye)) / 2
    assert (problem.hypergradient(x[None])[0] == difference).all()


@pytest.mark.parametrize("family", COMPLEX_STEP_FAMILIES)
@few
@given(seed=seeds, n=small, p=small, q=small, shared=st.booleans())
def test_hypergradient_is_the_complex_step_derivative(
    family: str, seed: int, n: int, p: int, q: int, shared: bool
) -> None:
    problem = make(family, seed, n, p, q, shared)
    x, h = problem.start()[0][0], 1e-30
    step = problem.over("complex").value(x + 1j * h * np.eye(p)).imag / h
    size = 1 + lipschitz_of_hypergradient(problem.constants)
    assert abs(problem.hypergradient(x[None])[0] - step).max() <= ROUNDING * size


@pytest.mark.parametrize("family", FLOAT_FAMILIES)
@few
@given(seed=seeds, n=small, p=small, q=small)
def test_lower_derivatives_are_complex_step_derivatives(
    family: str, seed: int, n: int, p: int, q: int
) -> None:
    problem = make(family, seed, n, p, q, False)
    rng, h = np.random.default_rng(seed), 1e-30
    x, y, v = rng.standard_normal((2, n, p)), rng.standard_normal((2, n, q)), rng.standard_normal((2, n, q))
    size = ROUNDING * (1 + abs(y).max() + abs(v).max()) * (1 + float(problem.constants.L_g))
    for k in range(q):
        g = problem.g(x, y + 1j * h * np.eye(q)[k]).imag / h
        assert abs(g - problem.grad_y_g(x, y)[..., k]).max() <= size * (1 + abs(x).max())
        f = problem.f(x, y + 1j * h * np.eye(q)[k]).imag / h
        assert abs(f - problem.grad_y_f(x, y)[..., k]).max() <= size * 10
    for k in range(p):
        along = problem.grad_y_g(x + 1j * h * np.eye(p)[k], y).imag / h
        assert abs((along * v).sum(-1) - problem.jvp_xy_g(x, y, v)[..., k]).max() <= size
        f = problem.f(x + 1j * h * np.eye(p)[k], y).imag / h
        assert abs(f - problem.grad_x_f(x, y)[..., k]).max() <= size * 10
    hvp = problem.hvp_yy_g(x, y, v)
    assert abs(problem.grad_y_g(x, y + 1j * h * v).imag / h - hvp).max() <= size
    assert abs((problem.hess_yy_g(x, y) @ v[..., None])[..., 0] - hvp).max() <= size
    jvp = (problem.hess_xy_g(x, y) @ v[..., None])[..., 0]
    assert abs(jvp - problem.jvp_xy_g(x, y, v)).max() <= size
    # solve has an error of eps times the condition number, at most L_g / mu_g.
    assert abs(problem.solve_yy_g(x, y, hvp) - v).max() <= size * float(problem.constants.kappa)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("family", FLOAT_FAMILIES)
def test_lower_solution_is_stationary(family: str, shared: bool) -> None:
    problem = make(family, 5, 4, 3, 2, shared)
    x = np.random.default_rng(0).standard_normal((6, 4, 3))
    y = problem.lower_solution(x)
    assert y.shape == (6, 4, 2)
    if shared:  # the mean of all g_j at x_i vanishes, for each i on its own
        for i in range(4):
            here = np.repeat(x[:, i : i + 1], 4, axis=1)
            slope = problem.grad_y_g(here, np.repeat(y[:, i : i + 1], 4, axis=1)).mean(axis=1)
            assert abs(slope).max() <= ROUNDING * float(problem.constants.L_g) * (1 + abs(y).max())
    else:
        slope = problem.grad_y_g(x, y)
        assert abs(slope).max() <= ROUNDING * float(problem.constants.L_g) * (1 + abs(y).max())


@few
@given(seed=seeds, n=small, p=small, q=small, shared=st.booleans(), field=st.sampled_from(EXACT))
def test_quadratic_works_in_every_exact_number_system(
    seed: int, n: int, p: int, q: int, shared: bool, field: Field
) -> None:
    exact = random_quadratic(seed, n, p, q, shared=shared, rational=True)
    problem = exact.over(field)
    assert problem.constants == exact.constants
    results: list[list[Array]] = []
    for each in (exact, problem):
        x, y = (z[None] for z in each.start())
        solution = each.solution()
        assert solution is not None
        assert (each.hypergradient(solution[None]) == 0).all()
        of_f = [each.f(x, y), each.grad_x_f(x, y), each.grad_y_f(x, y)]
        of_g = [each.g(x, y), each.grad_y_g(x, y), each.hess_yy_g(x, y), each.hess_xy_g(x, y)]
        along = [each.hvp_yy_g(x, y, y), each.jvp_xy_g(x, y, y), each.solve_yy_g(x, y, y)]
        solved = [each.lower_solution(x), each.value(x[0]), each.hypergradient(x[0])]
        results.append([x, y, solution, *of_f, *of_g, *along, *solved])
    for expected, got in zip(*results, strict=True):
        assert {field_of(np.array([entry], dtype=object)) for entry in got.reshape(-1)} == {field}
        assert (convert(got, "fraction") == expected).all()
    lowest = problem.infimum()
    assert lowest is not None
    assert lowest == pytest.approx(float(exact.value(results[0][2][None])[0]), rel=1e-14)


def test_symbols_prove_the_hypergradient_formula() -> None:
    h, b, c, a, e, k, x = sympy.symbols("h b c a e k x", positive=True)
    for shared in (False, True):
        problem = quadratic(
            [[[h]], [[2]]],
            [[[b]], [[1]]],
            [[c], [1]],
            A=[[[a]]] * 2,
            E=[[[1]], [[k]]],
            Q=[[[3]], [[e]]],
            shared=shared,
        )
        at = np.array([[x]], dtype=object)
        assert sympy.simplify(problem.hypergradient(at)[0, 0] - sympy.diff(problem.value(at)[0], x)) == 0
        with pytest.raises(InputError, match="no exact rational value"):
            assert problem.constants


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("family", COMPLEX_STEP_FAMILIES)
def test_target_is_stationary_with_the_lowest_value(family: str, shared: bool) -> None:
    problem = make(family, 3, 4, 3, 2, shared)
    solution = problem.solution()
    assert solution is not None
    assert problem.infimum() == 0
    # b_i sum to zero exactly, phi and its slope vanish at 0: what is left is rounding of the sum of b_i.
    size = ROUNDING * lipschitz_of_hypergradient(problem.constants)
    assert abs(problem.hypergradient(solution[None])).max() <= size
    assert abs(problem.value(solution[None])).max() <= size
    elsewhere = solution + np.random.default_rng(0).standard_normal((200, 3)) * 5
    assert problem.value(elsewhere).min() >= -size


def test_shared_and_private_problems_differ() -> None:
    private, shared = (random_quadratic(2, 3, 2, 2, rational=True, shared=s) for s in (False, True))
    x = private.start()[0][:1]
    assert (private.hypergradient(x) != shared.hypergradient(x)).any()


def test_agents_without_heterogeneity_are_identical() -> None:
    problem = random_quadratic(2, 3, 2, 2, heterogeneity=0, rational=True)
    x, y = (z[None] for z in problem.start())
    for z in (problem.f(x, y), problem.g(x, y), problem.grad_x_f(x, y), problem.grad_y_g(x, y)):
        assert (z == z[:, :1]).all()


def test_infimum_and_solution_where_the_objective_is_not_strongly_convex() -> None:
    lower: dict[str, Any] = {"H": [[[1, 0], [0, 1]]], "B": [[[1], [0]]], "c": [[Fraction(0), 0]]}
    indefinite = quadratic(**lower, A=[[[-1]]])
    assert indefinite.solution() is not None
    assert indefinite.infimum() is None
    flat = quadratic(**lower, k=[Fraction(7)])
    assert flat.infimum() == 7
    downhill = quadratic(**lower, a=[[1]])
    assert (downhill.solution(), downhill.infimum()) == (None, None)
    assert len(downhill.lacks) == 2
    for unbounded in (linear(**lower, b=[[1]], balanced=False), downhill.over("float")):
        assert (unbounded.solution(), unbounded.infimum()) == (None, None)
    valley = quadratic(
        [[[1.0]]], [[[0.0, 0.0]]], [[0.0]], A=[[[1.0, 1.0], [1.0, 1.0]]], a=[[2.0, 2.0]], k=[3.0]
    )
    assert valley.infimum() == pytest.approx(1)  # (x1 + x2)^2 / 2 + 2 (x1 + x2) + 3 at x1 + x2 = -2


def test_linear_problem_is_zero_in_every_number_system() -> None:
    for field in EXACT:
        problem = random_linear(4, 4, 2, 3, rational=True).over(field)
        x = problem.start()[0][:1]
        assert (problem.value(x) == 0).all()
        assert (problem.hypergradient(x) == 0).all()


def test_start_is_one_row_for_all_agents_or_as_given() -> None:
    problem = random_curved(0, 4, 3, 2)
    x0, y0 = problem.start()
    assert (x0.shape, y0.shape) == ((4, 3), (4, 2))
    assert (x0 == x0[0]).all()
    one: Any = [[[1.0]]]
    assert (quadratic(one, one, [[1.0]]).start()[0] == 0).all()
    assert (quadratic(one, one, [[1.0]], x0=[[5]]).start()[0] == 5).all()


@pytest.mark.parametrize(
    "text", ["quadratic", "bounded:kind=cos", "curved", "linear:p=1", "finite-sum:samples=5"]
)
def test_named_problems_are_solved_problems_and_repeat(text: str) -> None:
    first, again = named(text, 4), named(text, 4)
    assert isinstance(first, SolvedProblem)
    assert first.n == 4
    for a, b in zip(first.start(), again.start(), strict=True):
        assert (a == b).all()
    x = first.start()[0][:1]
    assert (first.hypergradient(x) == again.hypergradient(x)).all()


def test_named_problem_reads_its_settings() -> None:
    problem = named("quadratic:p=4, q=1,seed=9,rational=yes,coupling=1/3", 2)
    assert isinstance(problem, Bilevel)
    assert (problem.p, problem.q, problem.field) == (4, 1, "fraction")
    third: Real = named("quadratic:q=1,p=1,seed=9,rational=yes,coupling=1/3", 2).constants.C_gxy
    whole: Real = named("quadratic:q=1,p=1,seed=9,rational=yes", 2).constants.C_gxy
    assert third == whole / 3
