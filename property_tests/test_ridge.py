"""Ridge tuning: derivatives, argmin and constants against definitions, on random data and on real data.

Tolerances: all systems solved have condition number at most ``(norm G + e^b) / e^-b`` < 1e4 here, so that
float64 leaves 12 digits; complex steps lose none, hence 1e-10 throughout.
"""

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from property_tests.smooth_levels import STEP, at_the_edge, close, complex_gradient, constants_hold, norms
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.ridge import diabetes, ridge, split_rows, standardised
from spiritlevel.synthetic.ridge_levels import RidgeLower, RidgeUpper


@st.composite
def problems(draw: st.DrawFn) -> Bilevel:
    """Ridge problems of 1 to 4 agents; about half have fewer training rows than features."""
    agents, features = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rows = draw(st.integers(max(3, 2 * agents), 6 * agents + 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return ridge(
        rng.normal(size=(rows, features)),
        rng.normal(size=rows),
        agents,
        seed=draw(st.integers(0, 99)),
        shared=draw(st.booleans()),
        box=draw(st.sampled_from([0.5, 2.0, 3.0])),
        pull=draw(st.sampled_from([0.0, 0.1])),
    )


def levels(problem: Bilevel) -> tuple[RidgeLower, RidgeUpper]:
    assert isinstance(problem.lower, RidgeLower)
    assert isinstance(problem.upper, RidgeUpper)
    return problem.lower, problem.upper


def points(problem: Bilevel, seed: int, R: int) -> tuple[Array, Array]:
    """Points of the constants' domain, half of them at its edge, where the constants bind."""
    lower, _ = levels(problem)
    return at_the_edge(problem, seed, R, lower.box, lower.ball)


seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(problems(), seeds)
def test_the_hypergradient_is_the_derivative_of_the_value(problem: Bilevel, seed: int) -> None:
    x = points(problem, seed, 4)[0][:, 0]
    exact = problem.hypergradient(x)
    close(exact, complex_gradient(problem.over("complex").value, x))
    # central differences: h^2 |l'''| / 6 + eps |l| / h < 1e-9 times the size of l's derivatives
    h, basis = 1e-5, np.eye(problem.p)
    differences = [problem.value(x + h * e) - problem.value(x - h * e) for e in basis]
    close(np.stack(differences, axis=-1) / (2 * h), exact, 1e-6)


@settings(deadline=None)
@given(problems(), seeds)
def test_levels_agree_with_their_own_derivatives(problem: Bilevel, seed: int) -> None:
    lower, upper = levels(problem)
    x, y = points(problem, seed, 4)
    v = np.random.default_rng(seed).normal(size=y.shape)
    close(lower.grad_y(x, y), complex_gradient(lambda z: lower.g(x, z), y))
    close(upper.grad_y(x, y), complex_gradient(lambda z: upper.f(x, z), y))
    close(upper.grad_x(x, y), complex_gradient(lambda z: upper.f(z, y), x))
    close(lower.hvp_yy(x, y, v), lower.grad_y(x, y + 1j * STEP * v).imag / STEP)
    close(lower.jvp_xy(x, y, v), complex_gradient(lambda z: (lower.grad_y(z, y) * v).sum(axis=-1), x))
    hess_yy, hess_xy = lower.hess_yy(x, y), lower.hess_xy(x, y)
    assert hess_yy.shape == hess_xy.shape == (4, problem.n, problem.p, problem.q)
    close((hess_yy @ v[..., None])[..., 0], lower.hvp_yy(x, y, v))
    close((hess_xy @ v[..., None])[..., 0], lower.jvp_xy(x, y, v))
    close(lower.hvp_yy(x, y, lower.solve_yy(x, y, v)), v)


@settings(deadline=None)
@given(problems(), seeds)
def test_the_lower_solution_is_stationary_and_inside_the_ball(problem: Bilevel, seed: int) -> None:
    lower, _ = levels(problem)
    x = points(problem, seed, 6)[0]
    for shared in (False, True):
        if shared:  # every agent's y* solves the mean problem at its own x_i: try agent 0's
            x = np.repeat(x[:, :1], problem.n, axis=1)
        y = lower.shared_argmin(x) if shared else lower.argmin(x)
        gradient = lower.grad_y(x, y)
        terms = abs(lower.loss.gram) @ abs(y)[..., None]
        scale = terms[..., 0] + abs(lower.loss.moment) + np.exp(x) * abs(y)
        if shared:
            gradient, scale = gradient.mean(axis=1), scale.mean(axis=1)
        assert (abs(gradient).max(axis=-1) <= 1e-12 * scale.max(axis=-1)).all()
        assert np.linalg.norm(y, axis=-1).max() <= lower.reach * (1 + 1e-12)
        assert lower.reach <= lower.ball


@settings(deadline=None)
@given(problems(), seeds)
def test_constants_hold_on_random_pairs_of_the_domain(problem: Bilevel, seed: int) -> None:
    _, upper = levels(problem)
    c, slack = problem.constants, 1 + 1e-9
    x1, y1 = points(problem, seed, 8)
    H = constants_hold(problem, (x1, y1), points(problem, seed + 1, 8), seed)
    assert np.linalg.eigvalsh(H).min() >= float(c.mu_g) - 1e-12 * float(c.L_g)
    assert np.linalg.norm(upper.grad_y(x1, y1), axis=-1).max() <= float(c.C_fy) * slack


@settings(deadline=None)
@given(problems())
def test_constants_said_to_be_the_least_are_attained_and_the_others_are_close(problem: Bilevel) -> None:
    lower, upper = levels(problem)
    c, b, r = lower.constants, lower.box, lower.ball
    corner = np.full((1, problem.n, problem.p), b)
    edge = corner * 0
    edge[..., 0] = r
    inside = corner - 1e-6 * np.eye(problem.p)[0]  # a close neighbour along x_0
    assert np.linalg.eigvalsh(lower.hess_yy(-corner, edge)).min() == pytest.approx(c.mu_g, rel=1e-10)
    assert norms(lower.hess_xy(corner, edge)).max() == pytest.approx(c.C_gxy, rel=1e-12)
    # difference quotients with step 1e-6: error of relative order 1e-6, and cancellation 1e-10
    quotient = norms(lower.hess_yy(corner, edge) - lower.hess_yy(inside, edge)).max() / 1e-6
    assert quotient == pytest.approx(c.L_gyy, rel=1e-5)
    direction = np.array([r, 1]) / np.hypot(r, 1) * 1e-6  # along the gradient of e^x y at (b, r)
    first = np.eye(problem.p)[0]
    moved = lower.hess_xy(corner - direction[0] * first, edge - direction[1] * first)
    assert norms(lower.hess_xy(corner, edge) - moved).max() / 1e-6 == pytest.approx(c.L_gxy, rel=1e-5)
    # L_g: the Hessian is G_i + diag(e^x) at y = 0 and dominates its feature block at the edge
    at_zero = norms(lower.hess_yy(corner, edge * 0)).max()
    top = np.exp(b) * np.array([[r * r / 2, r], [r, 1]])
    assert max(at_zero, norms(top)) <= float(c.L_g) <= 2 * max(at_zero, norms(top))
    # L_fy: along the top eigenvector the gradient grows exactly so
    vectors = np.linalg.eigh(upper.loss.gram)[1][None, ..., -1]
    growth = np.linalg.norm(upper.grad_y(corner, vectors) - upper.grad_y(corner, vectors * 0), axis=-1)
    assert growth.max() == pytest.approx(upper.constants.L_fy, rel=1e-10)


def test_levels_are_the_losses_of_the_rows_they_were_dealt() -> None:
    rng = np.random.default_rng(5)
    X, t = rng.normal(2, 3, (30, 3)), rng.normal(-1, 2, 30)
    problem = ridge(X, t, 4, seed=7, validation=0.4, pull=0.5)
    x, y = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))
    Z, s = (X - X.mean(axis=0)) / X.std(axis=0), (t - t.mean()) / t.std()
    for i, (train, check) in enumerate(split_rows(30, 4, seed=7, validation=0.4)):
        for k in range(2):
            fit = ((Z[train] @ y[k, i] - s[train]) ** 2).mean() / 2 + (
                np.exp(x[k, i]) * y[k, i] ** 2
            ).sum() / 2
            judged = ((Z[check] @ y[k, i] - s[check]) ** 2).mean() / 2 + 0.25 * (x[k, i] ** 2).sum()
            assert problem.g(x, y)[k, i] == pytest.approx(fit, rel=1e-12)
            assert problem.f(x, y)[k, i] == pytest.approx(judged, rel=1e-12)


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(0, 60), st.floats(0.01, 0.99), st.integers(0, 99))
def test_rows_are_dealt_once_evenly_and_reproducibly(n: int, extra: int, share: float, seed: int) -> None:
    rows = 2 * n + extra
    parts = split_rows(rows, n, seed=seed, validation=share)
    again = split_rows(rows, n, seed=seed, validation=share)
    dealt = np.concatenate([np.concatenate(part) for part in parts])
    np.testing.assert_array_equal(np.sort(dealt), np.arange(rows))
    sizes = [len(train) + len(check) for train, check in parts]
    assert max(sizes) - min(sizes) <= 1
    for (train, check), (train_again, check_again) in zip(parts, again, strict=True):
        assert len(train) >= 1
        assert len(check) >= 1
        np.testing.assert_array_equal(train, train_again)
        np.testing.assert_array_equal(check, check_again)


@pytest.mark.parametrize("shared", [False, True])
def test_diabetes_on_the_karate_club(shared: bool) -> None:
    problem = diabetes(34, shared=shared)
    assert isinstance(problem, SolvedProblem)
    assert (problem.n, problem.p, problem.q, problem.name) == (34, 10, 10, "diabetes(n=34, seed=0)")
    lower, _ = levels(problem)
    assert problem.constants.mu_g == pytest.approx(np.exp(-3), rel=1e-12)  # 9 rows, 10 features each
    assert any("|x_k| <= 3" in lack for lack in problem.lacks)
    x = np.random.default_rng(1).uniform(-3, 3, (3, 10))
    close(problem.hypergradient(x), complex_gradient(problem.over("complex").value, x))
    everywhere = np.repeat(x[:, None], 34, axis=1)
    assert np.linalg.norm(problem.lower_solution(everywhere), axis=-1).max() <= lower.reach
    np.testing.assert_array_equal(problem.hypergradient(x), diabetes(34, shared=shared).hypergradient(x))
    assert (problem.hypergradient(x) != diabetes(34, seed=1, shared=shared).hypergradient(x)).all()


def test_number_systems() -> None:
    problem = diabetes(3)
    there = problem.over("complex")
    assert problem.field == "float"
    assert there.field == "complex"
    assert there.over("float").field == "float"
    assert there.constants == problem.constants
    x = np.zeros((1, 10))
    np.testing.assert_array_equal(there.over("float").hypergradient(x), problem.hypergradient(x))
    with pytest.raises(InputError, match="complex, float"):
        problem.over("fraction")


GOOD_X, GOOD_T = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"X": GOOD_T}, ["X", "(8,)", "(rows, features)"]),
        ({"X": [["a"]]}, ["X", "numbers"]),
        ({"X": np.full((8, 2), np.nan)}, ["X[0, 0]", "nan"]),
        ({"X": [[0.1, 3.0]] * 8}, ["column 0 of X", "constant"]),
        ({"t": np.full(8, 0.1)}, ["column 0 of t", "constant"]),
        ({"t": GOOD_T[1:]}, ["7", "8"]),
        ({"t": np.append(GOOD_T[1:], np.inf)}, ["t[7]", "inf"]),
        ({"agents": 5}, ["agents is 5", "1 to 4"]),
        ({"agents": 0}, ["agents is 0"]),
        ({"validation": 1.0}, ["validation is 1.0"]),
        ({"validation": float("nan")}, ["validation is nan"]),
        ({"seed": -1}, ["seed is -1"]),
        ({"box": 0.0}, ["box is 0.0"]),
        ({"box": float("nan")}, ["box is nan"]),
        ({"radius": -1.0}, ["radius is -1.0"]),
        ({"pull": float("inf")}, ["pull is inf"]),
    ],
)
def test_bad_arguments_are_named(changes: dict[str, Any], words: list[str]) -> None:
    good: dict[str, Any] = {"X": GOOD_X, "t": GOOD_T, "agents": 2, "seed": 0}
    ridge(**good)
    with pytest.raises(InputError) as caught:
        ridge(**(good | changes))
    for word in words:
        assert word in str(caught.value)


def test_columns_are_standardised() -> None:
    Z = standardised(1e6 + 1e-3 * GOOD_X, "X")
    # the mean 1e6 leaves 1e-16 * 1e6 / 1e-3 = 1e-7 of rounding in each entry
    assert abs(Z.mean(axis=0)).max() < 1e-6
    assert abs(Z.std(axis=0) - 1).max() < 1e-6


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError, match=r"spiritlevel\[data\]"):
        diabetes(2)
