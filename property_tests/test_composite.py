"""The l1 terms of Argus's problems: proximal maps, the lower solution, value and gradient, all exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Field, convert
from spiritlevel.core.problem import Composite, SolvedProblem
from spiritlevel.synthetic import families
from spiritlevel.synthetic.actor_critic import random_actor_critic
from spiritlevel.synthetic.composite import L1Bilevel, soft, with_l1
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus.cuts.cases import diagonal

QUARTER = Fraction(1, 4)


def points(seed: int, *shape: int) -> Any:
    rng = np.random.default_rng(seed)
    return convert(rng.integers(-8, 9, shape).astype(object), "fraction") / 4


def test_it_follows_both_protocols() -> None:
    problem = diagonal(1, 3, 1, QUARTER)
    assert isinstance(problem, Composite)
    assert isinstance(problem, SolvedProblem)


def test_soft_minimises() -> None:
    """k|u| + (u - v)^2/2 over a grid that contains the minimiser."""
    grid = points(0, 1) * 0 + [Fraction(i, 8) for i in range(-40, 41)]
    for v in points(1, 20):
        values = [QUARTER * abs(u) + (u - v) ** 2 / 2 for u in grid]
        best = grid[int(np.argmin(values))]
        assert soft(np.array([v]), QUARTER)[0] == best


@pytest.mark.parametrize("below", [Fraction(0), QUARTER, Fraction(3)])
def test_the_lower_solution_satisfies_its_optimality_condition(below: Fraction) -> None:
    """Minus the mean gradient is kr times a subgradient of the l1 norm: exactly, whether thresholded or not."""
    seen = set()
    for seed in range(6):
        X = np.repeat(points(seed, 2, 1, 2), 3, axis=1)
        problem = with_l1(diagonal(seed, 3, 1, Fraction(0)), below=below)
        y = problem.lower_solution(X)
        assert (y == y[:, :1]).all()
        pull = -problem.grad_y_g(X, y).sum(axis=1) / 3
        for force, at in zip(pull.reshape(-1), y[:, 0].reshape(-1), strict=True):
            assert force == below * np.sign(at) if at != 0 else abs(force) <= below
            seen.add(at != 0)
    assert seen == ({True} if below == 0 else {True, False})


def test_the_lower_solution_is_the_sheets_formula() -> None:
    """soft(sum A_i x + sum q_i, N kr) / sum h_i."""
    problem, x = diagonal(5, 4, 1, QUARTER), points(5, 2)
    lower = problem.lower
    B, c, H = (z.sum(axis=0) for z in (lower.B, lower.c, lower.H))  # type: ignore[attr-defined]
    expected = soft(B @ x + c, 4 * QUARTER) / H.diagonal()
    assert (problem.lower_solution(np.repeat(x[None, None], 4, axis=1))[0, 2] == expected).all()


def test_the_hypergradient_is_the_difference_quotient_of_the_value() -> None:
    """Piecewise quadratic: central differences are exact where no piece ends within the step."""
    step, found = Fraction(1, 10**6), 0
    for seed in range(5):
        problem = with_l1(diagonal(seed, 3, 1, QUARTER), above=Fraction(1, 3), below=QUARTER)
        x = points(seed + 10, 1, 2) + Fraction(1, 7)
        gradient = problem.hypergradient(x)[0]
        for k in range(2):
            e = x * 0
            e[0, k] = step
            quotient = (problem.value(x + e) - problem.value(x - e))[0] / (2 * step)
            assert quotient == gradient[k]
            found += 1
    assert found == 10


def test_every_agent_gets_the_shared_solution_at_its_own_x() -> None:
    """As for smooth problems: row i depends on x_i alone, and without a factor it is the smooth problem's."""
    problem, X = diagonal(1, 3, 1, QUARTER), points(4, 1, 3, 2)
    together = problem.lower_solution(np.repeat(X[:, 1:2], 3, axis=1))
    assert (problem.lower_solution(X)[:, 1] == together[:, 1]).all()
    tiny = with_l1(diagonal(1, 3, 1, Fraction(0)), below=Fraction(1, 10**30))
    gap = tiny.lower_solution(X) - diagonal(1, 3, 1, Fraction(0)).lower_solution(X)
    assert abs(gap).max() <= Fraction(1, 10**30)


def test_at_a_kink_above_it_is_the_least_of_the_subgradients() -> None:
    """Of the interval between the one-sided difference quotients, exactly; and 0 where a large factor holds x at 0."""
    step, found = Fraction(1, 10**6), set()
    for seed in range(8):
        problem = with_l1(diagonal(seed, 3, 1, QUARTER), above=Fraction(1, 1 + seed), below=QUARTER)
        x = points(seed + 20, 1, 2) + Fraction(1, 7)
        x[0, 1] = Fraction(0)
        left, right = (
            (problem.value(x + s * step * np.array([0, 1])) - problem.value(x))[0] / (s * step)
            for s in (-1, 1)
        )
        least = min(max(left, Fraction(0)), right) if left <= 0 else left
        assert abs(problem.hypergradient(x)[0, 1] - least) <= 100 * step
        found.add(least == 0)
    assert found == {True, False}


def test_a_kink_below_has_no_gradient() -> None:
    one = np.ones((2, 1, 1))
    smooth = quadratic(H=one, B=one, c=np.zeros((2, 1)), Q=one, shared=True)
    with pytest.raises(InputError, match="just being thresholded"):
        with_l1(smooth, below=1.0).hypergradient(np.array([[1.0]]))
    assert with_l1(smooth, below=1.0).hypergradient(np.array([[3.0]])).tolist() == [[2.0]]


def test_a_run_goes_on_where_the_proximal_map_holds_x_at_zero() -> None:
    problem = families.named("l1:above=5,p=2,q=2,seed=2", 3)
    trace = run(Argus(), problem, named("ring:3"), steps=200)
    assert (trace.x[0, -1] == 0).all()
    assert trace.metrics["hypergradient_squared"][0, -1] == 0


def test_without_factors_it_is_the_smooth_problem() -> None:
    smooth = families.random_quadratic(seed=1, n=4, p=2, q=2, shared=True)
    problem = with_l1(smooth)
    for a in (Argus(), Argus(upper="subgradient")):
        traces = [run(a, given, named("ring:4"), steps=20) for given in (smooth, problem)]
        np.testing.assert_array_equal(traces[0].x, traces[1].x)


def test_number_systems_keep_the_factors() -> None:
    problem = with_l1(diagonal(2, 3, 1, QUARTER), above=QUARTER, below=QUARTER)
    fields: tuple[Field, ...] = ("float", "fmpq", "fraction")
    for field in fields:
        there = problem.over(field)
        assert isinstance(there, L1Bilevel)
        x = convert(points(3, 1, 3, 2), field)
        np.testing.assert_allclose(
            convert(there.lower_solution(x), "float"),
            convert(problem.lower_solution(points(3, 1, 3, 2)), "float"),
            atol=1e-14,
        )


def test_what_has_no_closed_form_is_refused() -> None:
    full = families.random_quadratic(seed=1, n=3, p=2, q=2, shared=True)
    with pytest.raises(InputError, match="mean Hessian is diagonal"):
        with_l1(full, below=0.1)
    with pytest.raises(InputError, match="mean Hessian is diagonal"):
        with_l1(families.random_quadratic(seed=1, n=3, p=2, q=1), below=0.1)
    with pytest.raises(InputError, match="above is -1"):
        with_l1(full, above=-1)


def test_random_problems_have_a_name_on_the_command_line() -> None:
    problem = families.named("l1:p=2,seed=3,above=1/4,below=1/2,rational=yes", 3)
    assert isinstance(problem, L1Bilevel)
    assert (problem.above, problem.below, problem.field) == (QUARTER, Fraction(1, 2), "fraction")
    X = np.repeat(points(3, 1, 1, 2), 3, axis=1)
    y = problem.lower_solution(X)
    pull = -problem.grad_y_g(X, y).sum(axis=1) / 3
    assert all(abs(v) <= problem.below for v in pull.ravel())
    assert families.named("actor-critic:states=2", 3).q == random_actor_critic(0, 3, 2).q


def test_random_problems_know_their_solution_in_every_number_system() -> None:
    """No point of a cloud around it is better; floats agree with exact numbers; beyond a few dimensions there is none."""
    for seed in range(4):
        exact = families.random_l1(seed, 3, 2, 2, rational=True)
        floats = exact.over("float")
        x, near = exact.solution(), floats.solution()
        assert x is not None
        assert near is not None
        assert np.allclose(near, x.astype(float), atol=1e-12)
        assert exact.infimum() == pytest.approx(floats.infimum())
        cloud = x.astype(float) + np.random.default_rng(seed).normal(size=(3000, 2)) * [[1.0]]
        assert (floats.value(cloud) > floats.infimum()).all()
    assert families.random_l1(0, 3, 3, 3).solution() is None


def test_an_l1_term_forgets_the_smooth_problems_solution() -> None:
    smooth = diagonal(1, 3, 1, Fraction(0))
    rough = with_l1(smooth, above=Fraction(1, 10))
    assert np.array_equal(with_l1(smooth).solution(), smooth.solution())  # type: ignore[arg-type]
    assert not np.array_equal(rough.solution(), smooth.solution())  # type: ignore[arg-type]


def test_a_smooth_lower_level_may_have_any_hessian() -> None:
    """y* solves with the whole mean Hessian, not its diagonal; agents with lower levels of their own have no such solution."""
    problem = with_l1(
        families.random_quadratic(1, 3, 2, 2, shared=True, rational=True), above=Fraction(1, 10)
    )
    x, floats = problem.solution(), problem.over("float")
    assert x is not None
    least = float(problem.value(x[None])[0])
    for scale in (1e-3, 1.0):
        cloud = x.astype(float) + np.random.default_rng(0).normal(scale=scale, size=(3000, 2))
        assert (floats.value(cloud) > least).all()
    assert with_l1(families.random_quadratic(1, 3, 2, 2), above=0.1).solution() is None
