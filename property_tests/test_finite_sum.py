"""Finite sums are the quadratic problems of their means, and subsamples are what they say."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.numbers import Array, Field, field_of
from spiritlevel.core.problem import FiniteSum, Problem, SolvedProblem
from spiritlevel.synthetic.families import quadratic, random_finite_sum, random_quadratic

few = settings(max_examples=12, derandomize=True, deadline=None)


def everything(problem: Problem, x: Array, y: Array) -> list[Array]:
    """All channels that are linear in the terms, so that means carry over."""
    return [
        problem.grad_x_f(x, y),
        problem.grad_y_f(x, y),
        problem.grad_y_g(x, y),
        problem.hvp_yy_g(x, y, y + 1),
        problem.jvp_xy_g(x, y, y + 1),
        problem.hess_yy_g(x, y),
        problem.hess_xy_g(x, y),
    ]


@few
@given(seed=st.integers(0, 10**6), p=st.integers(1, 2), q=st.integers(1, 3), shared=st.booleans())
def test_finite_sum_is_the_quadratic_problem_of_its_means(seed: int, p: int, q: int, shared: bool) -> None:
    whole = random_finite_sum(seed, 2, p, q, samples=3, shared=shared, rational=True)
    means = {name: terms.sum(axis=1) / 3 for name, terms in whole.terms.items()}
    plain = quadratic(**means, shared=shared)
    x, y = (z[None] for z in whole.start())
    for a, b in zip(everything(whole, x, y), everything(plain, x, y), strict=True):
        assert (a == b).all()
    solution = whole.solution()
    assert solution is not None
    assert (solution == plain.solution()).all()
    assert (whole.hypergradient(solution[None]) == 0).all()


@pytest.mark.parametrize("field", ["fraction", "fmpq", "symbol"])
def test_all_samples_once_are_the_problem_itself(field: Field) -> None:
    whole = random_finite_sum(7, 2, 2, 3, samples=3, rational=True).over(field)
    x, y = (z[None] for z in whole.start())
    part = whole.subsample(np.array([[[0, 1, 2], [2, 0, 1]]]))
    for a, b in zip(everything(whole, x, y), everything(part, x, y), strict=True):
        assert field_of(b) == field
        assert (a == b).all()
    assert (part.solve_yy_g(x, y, y) == whole.solve_yy_g(x, y, y)).all()


def test_all_batches_of_one_average_to_the_problem_and_replicas_keep_apart() -> None:
    whole = random_finite_sum(7, 2, 2, 3, samples=3, rational=True)
    x, y = (z[None] for z in whole.start())
    index = np.array(list(itertools.product(range(3), repeat=2)))[:, :, None]
    part = whole.subsample(index)
    assert part.hess_yy_g(x, y).shape == (9, 2, 3, 3)
    assert (part.hess_yy_g(x, y) == whole.terms["H"][np.arange(2), index[..., 0]]).all()
    for a, b in zip(everything(whole, x, y), everything(part, x, y), strict=True):
        assert len(b) == 9
        assert (b.sum(axis=0, keepdims=True) / 9 == a).all()
        assert (b[0] != b[1]).any()


def test_a_subsample_solves_with_its_mean_hessian() -> None:
    whole = random_finite_sum(1, 2, 2, 3, samples=4, rational=True)
    x, y = (z[None] for z in whole.start())
    part = whole.subsample(np.array([[[0, 3], [1, 1]], [[2, 3], [0, 1]]]))
    assert (part.solve_yy_g(x, y, part.hvp_yy_g(x, y, y)) == y).all()
    assert (part.solve_yy_g(x, y, y)[0] != part.solve_yy_g(x, y, y)[1]).any()


def test_exact_means_are_taken_of_the_exact_terms() -> None:
    whole = random_finite_sum(3, 2, 2, 2, samples=3).over("fraction")
    x, y = (z[None] for z in whole.start())
    part = whole.subsample(np.array([[[0, 1, 2]] * 2]))
    assert all((a == b).all() for a, b in zip(everything(whole, x, y), everything(part, x, y), strict=True))


def test_only_finite_sums_claim_to_be_finite_sums() -> None:
    whole, plain = random_finite_sum(0, 2, 1, 1), random_quadratic(0, 2, 1, 1)
    assert isinstance(whole, FiniteSum)
    assert isinstance(whole, SolvedProblem)
    assert isinstance(plain, SolvedProblem)
    assert not isinstance(plain, FiniteSum)
