"""Logistic tuning: derivatives, argmin and constants against definitions, sympy and high precision, on random data.

Tolerances: all systems solved have condition number at most ``L_g / mu_g`` < 1e4 here, so that float64 leaves 12
digits; complex steps lose none, hence 1e-10 throughout.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from property_tests.smooth_levels import STEP, at_the_edge, close, complex_gradient, constants_hold, norms
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named as network
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import named
from spiritlevel.synthetic.logistic import PRECISION, Tuning, logistic, random_logistic, tuning
from spiritlevel.synthetic.logistic_levels import ExpWeights, LogisticLower, LogisticUpper, SigmoidWeights
from spiritlevel.synthetic.logistic_loss import BEND, TOLERANCE, minimised, sigmoid
from spiritlevel.synthetic.ridge import split_rows

few = settings(max_examples=10, derandomize=True, deadline=None)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def problems(draw: st.DrawFn) -> Tuning:
    """Tuning problems of 1 to 4 agents, either kind of weights, shared or not; some with separable rows."""
    agents, features = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rows = draw(st.integers(max(3, 2 * agents), 6 * agents + 3))
    rng = np.random.default_rng(draw(seeds))
    labels = np.where(rng.random(rows) < 0.5, 1, 0)
    labels[:2] = 0, 1
    return logistic(
        rng.normal(size=(rows, features)),
        labels,
        agents,
        seed=draw(st.integers(0, 99)),
        weights=draw(st.sampled_from(["exp", "sigmoid"])),
        shared=draw(st.booleans()),
        box=draw(st.sampled_from([0.5, 2.0])),
        pull=draw(st.sampled_from([0.0, 0.1])),
    )


def levels(problem: Tuning) -> tuple[LogisticLower, LogisticUpper]:
    assert isinstance(problem.lower, LogisticLower)
    assert isinstance(problem.upper, LogisticUpper)
    return problem.lower, problem.upper


def points(problem: Tuning, seed: int, R: int, box: float = 0.5) -> tuple[Array, Array]:
    """Points of the constants' domain, half of them at its edge in y and at the weights' box."""
    lower, _ = levels(problem)
    return at_the_edge(problem, seed, R, box, lower.ball)


@few
@given(problems(), seeds)
def test_the_hypergradient_is_the_derivative_of_the_value(problem: Tuning, seed: int) -> None:
    x = points(problem, seed, 4)[0][:, 0]
    exact = problem.hypergradient(x)
    close(exact, complex_gradient(problem.over("complex").value, x))
    # central differences: h^2 |F'''| / 6 + eps |F| / h < 1e-9 times the size of F's derivatives
    h, basis = 1e-5, np.eye(problem.p)
    differences = [problem.value(x + h * e) - problem.value(x - h * e) for e in basis]
    close(np.stack(differences, axis=-1) / (2 * h), exact, 1e-6)


@few
@given(problems(), seeds)
def test_levels_agree_with_their_own_derivatives(problem: Tuning, seed: int) -> None:
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
    close((hess_xy @ v[..., None])[..., 0], lower.jvp_xy(x, y, v))
    close(lower.hvp_yy(x, y, lower.solve_yy(x, y, v)), v)


@few
@given(problems(), seeds)
def test_the_lower_solution_is_certified_and_inside_the_ball(problem: Tuning, seed: int) -> None:
    lower, _ = levels(problem)
    x = points(problem, seed, 6)[0]
    y = lower.argmin(x)
    # strong convexity: the distance to the minimiser is at most the gradient over the smallest weight
    assert (np.linalg.norm(lower.grad_y(x, y), axis=-1) / lower.weights.value(x).min(axis=-1)).max() < 1e-13
    assert np.linalg.norm(y, axis=-1).max() <= lower.reach <= lower.ball
    common = lower.shared_argmin(x)  # every agent's x_i has its own minimiser of the mean
    for i in range(problem.n):
        here = np.repeat(x[:, i : i + 1], problem.n, axis=1)
        at = np.repeat(common[:, i : i + 1], problem.n, axis=1)
        assert abs(lower.grad_y(here, at).mean(axis=1)).max() < 1e-13
        close(lower.shared_argmin(here), at)
    assert np.linalg.norm(common, axis=-1).max() <= lower.reach


def test_a_wrong_lower_solution_would_be_noticed() -> None:
    lower, _ = levels(random_logistic(1, 2, 3))
    x = np.zeros((1, 2, 3))
    y = lower.argmin(x) + 1e-9
    assert (np.linalg.norm(lower.grad_y(x, y), axis=-1) / lower.weights.value(x).min(axis=-1)).max() > 1e-11


@pytest.mark.parametrize("kind", ["exp", "sigmoid"])
def test_derivatives_and_hypergradient_are_those_of_sympy(kind: str) -> None:
    """Two agents, two features, 30 digits: the argmin by another root finder, the gradient by the chain rule."""
    a: Any = [[[1, 2], [-1, 1], [2, -1]], [[1, 0], [3, 1], [-2, 2]]]
    parts = [(np.array(rows, dtype=float), np.ones(3)) for rows in a]
    checks = [(np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([1.0, -1.0]))] * 2
    problem = tuning(parts, checks, weights=kind, low=0.25, high=1.5)
    x, y = sympy.symbols("x0:2"), sympy.symbols("y0:2")

    def loss(c: Any) -> Any:
        return sympy.log(1 + sympy.exp(-sum(ci * yi for ci, yi in zip(c, y, strict=True))))

    def weight(z: Any) -> Any:
        if kind == "exp":
            return sympy.exp(z)
        return sympy.Rational(1, 4) + sympy.Rational(5, 4) / (1 + sympy.exp(-z))

    penalty = sum(weight(xk) * yk**2 for xk, yk in zip(x, y, strict=True)) / 2
    g = [sum(map(loss, rows)) / 3 + penalty for rows in a]
    half = sympy.Rational(1, 2)
    f = (loss([1, -1]) + loss([-half, -1])) / 2
    at = {x[0]: half, x[1]: -1, y[0]: sympy.Rational(2, 3), y[1]: sympy.Rational(-1, 5)}
    X, Y = (np.tile([float(at[v]) for v in variables], (1, 2, 1)) for variables in (x, y))

    def number(expression: Any) -> float:
        return float(expression.subs(at).evalf(30))

    for i in range(2):
        want = np.array([number(sympy.diff(g[i], v)) for v in y])
        close(problem.grad_y_g(X, Y)[0, i], want, 1e-14)
        want = np.array([[number(sympy.diff(g[i], v, w)) for w in y] for v in y])
        close(problem.hess_yy_g(X, Y)[0, i], want, 1e-14)
        want = np.array([[number(sympy.diff(g[i], v, w)) for w in y] for v in x])
        close(problem.hess_xy_g(X, Y)[0, i], want, 1e-14)
    mean = sum(g) / 2
    slopes = [sympy.diff(mean, v).subs({x[0]: half, x[1]: -1}) for v in y]
    with mpmath.workdps(30):
        root = mpmath.findroot(sympy.lambdify(list(y), slopes, "mpmath"), (0, 0), tol=1e-25)
        at |= {y[0]: sympy.Float(root[0], 30), y[1]: sympy.Float(root[1], 30)}
    close(problem.lower_solution(X)[0, 0], np.array([float(v) for v in root]), 1e-14)
    H = sympy.Matrix(2, 2, lambda i, j: sympy.diff(mean, y[i], y[j]).subs(at).evalf(30))
    G = sympy.Matrix(2, 2, lambda i, j: sympy.diff(mean, x[i], y[j]).subs(at).evalf(30))
    chain = -G * H.inv() * sympy.Matrix([sympy.diff(f, v).subs(at).evalf(30) for v in y])
    close(problem.hypergradient(X[0, :1])[0], np.array([float(v) for v in chain]), 1e-13)


@few
@given(problems(), seeds)
def test_constants_hold_on_random_pairs_of_the_domain(problem: Tuning, seed: int) -> None:
    _, upper = levels(problem)
    c, slack = problem.constants, 1 + 1e-9
    x1, y1 = points(problem, seed, 8)
    H = constants_hold(problem, (x1, y1), points(problem, seed + 1, 8), seed)
    assert np.linalg.eigvalsh(H).min() >= float(c.mu_g) * (1 - 1e-12)
    assert np.linalg.norm(upper.grad_y(x1, 1e3 * y1), axis=-1).max() <= float(c.C_fy) * slack  # everywhere


@pytest.mark.parametrize("kind", ["exp", "sigmoid"])
def test_constants_said_to_be_attained_are(kind: str) -> None:
    problem = random_logistic(2, 3, 2, weights=kind, box=1.0)
    lower, _ = levels(problem)
    edge = np.zeros((1, 3, 2))
    edge[..., 0] = lower.ball
    steepest = edge * 0 + (1.0 if kind == "exp" else 0.0)
    assert norms(lower.hess_xy(steepest, edge)).max() == pytest.approx(problem.constants.C_gxy, rel=1e-12)
    # far out along a direction that no row is orthogonal to, all that is left is the smallest weight
    far = np.broadcast_to([1e4, 0.7e4], (1, 3, 2))
    low = edge * 0 + (-1.0 if kind == "exp" else -40.0)
    assert np.linalg.eigvalsh(lower.hess_yy(low, far)).min() == pytest.approx(
        problem.constants.mu_g, rel=1e-9
    )


def test_outside_the_box_the_constants_of_exp_fail_and_those_of_sigmoid_hold() -> None:
    exp, bounded = (levels(random_logistic(2, 3, 2, weights=kind, box=1.0))[0] for kind in ("exp", "sigmoid"))
    out, zero = np.full((1, 3, 2), 2.0), np.zeros((1, 3, 2))
    for lower, fails in ((exp, True), (bounded, False)):
        edge = zero.copy()
        edge[..., 0] = lower.ball
        assert (norms(lower.hess_xy(out, edge)).max() > float(lower.constants.C_gxy)) == fails
        far = np.broadcast_to([1e4, 0.7e4], (1, 3, 2))
        assert (np.linalg.eigvalsh(lower.hess_yy(-out, far)).min() < float(lower.constants.mu_g)) == fails


def test_bounds_of_weights_and_of_the_loss_are_attained() -> None:
    x = np.linspace(-12, 12, 200_001)
    weights = SigmoidWeights(0.25, 3.0)
    value, slope = weights.value(x), weights.slope(x)
    assert 0.25 < value.min() < 0.2501
    assert 2.9999 < value.max() < 3.0
    assert slope.max() == pytest.approx(weights.steepest, rel=1e-12)
    assert abs(np.gradient(slope, x)[1:-1]).max() == pytest.approx(weights.most_bent, rel=1e-7)
    third = np.gradient(sigmoid(x) * sigmoid(-x), x)[1:-1]
    assert abs(third).max() == pytest.approx(BEND, rel=1e-7)
    assert ExpWeights(2.0).low * ExpWeights(2.0).high == pytest.approx(1.0)


def test_newton_copes_with_separable_rows_and_tiny_weights() -> None:
    X = np.array([[1.0, 5.0], [2.0, -3.0], [0.5, 4.0], [30.0, 1.0]])
    problem = tuning([(X, np.array([1.0, -1.0, 1.0, 1.0]))], [(X, np.ones(4))], box=15.0)
    lower, _ = levels(problem)
    for size in (-15.0, -8.0, 0.0, 8.0, 15.0):
        x = np.full((1, 1, 2), size)
        y, w = lower.argmin(x), lower.weights.value(x)
        slope = abs(lower.grad_y(x, y)).max()
        assert slope <= TOLERANCE * lower.loss.slopes().max()
        assert slope / w.min() <= 1e-8 * (1 + abs(y).max())
    with pytest.raises(InputError, match="was not minimised in 100 Newton steps"):
        minimised(lower.loss, np.full((1, 1, 2), np.nan))


def test_the_stationary_point_is_one_or_none() -> None:
    problem = random_logistic(1, 3, 3, weights="sigmoid", pull=0.05)
    x = problem.solution()
    assert x is not None
    step = np.linalg.solve(problem.hessian(x), problem.hypergradient(x[None])[0])
    assert np.linalg.norm(step) <= PRECISION
    close(problem.hessian(x), complex_gradient(problem.over("complex").hypergradient, x[None])[0])
    around = x + 0.1 * np.random.default_rng(0).standard_normal((50, 3))
    assert (problem.value(around) > problem.value(x[None])).all()
    assert "no stationary point is known in closed form" not in problem.lacks
    # without a pull a feature that only disturbs is weighed down for ever
    alone = random_logistic(1, 5, 4)
    assert alone.solution() is None
    assert "no stationary point is known in closed form" in alone.lacks


def test_levels_are_the_losses_of_the_rows_they_were_dealt() -> None:
    rng = np.random.default_rng(5)
    X, t = rng.normal(2, 3, (30, 3)), np.where(rng.random(30) < 0.4, 7.0, -2.0)
    problem = logistic(X, t, 4, seed=7, validation=0.4, pull=0.5)
    x, y = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))
    Z, s = (X - X.mean(axis=0)) / X.std(axis=0), np.where(t == 7, 1, -1)
    for i, (train, check) in enumerate(split_rows(30, 4, seed=7, validation=0.4)):
        for k in range(2):
            penalty = (np.exp(x[k, i]) * y[k, i] ** 2).sum() / 2
            fit = np.log1p(np.exp(-s[train] * (Z[train] @ y[k, i]))).mean() + penalty
            judged = np.log1p(np.exp(-s[check] * (Z[check] @ y[k, i]))).mean() + 0.25 * (x[k, i] ** 2).sum()
            assert problem.g(x, y)[k, i] == pytest.approx(fit, rel=1e-12)
            assert problem.f(x, y)[k, i] == pytest.approx(judged, rel=1e-12)


def test_it_runs_by_name_and_dsbo_descends_on_it() -> None:
    problem = named("logistic:p=3,weights=sigmoid,low=1/4,pull=1/20,samples=8", 4)
    assert isinstance(problem, SolvedProblem)
    assert (problem.n, problem.p, problem.q, problem.shared) == (4, 3, 3, True)
    assert problem.constants.mu_g == 0.25
    assert "|y| <= 3" in named("logistic:radius=3", 2).lacks[0]
    a = DSBO(alpha=0.2, beta=0.3, gamma=0.2, L_g=2, b=10)
    found = run(a, problem, network("ring:4", "third"), steps=300, record=[0, 300]).metrics
    assert found["hypergradient_squared"][0, 1] < 0.05 * found["hypergradient_squared"][0, 0]


def test_number_systems() -> None:
    problem = random_logistic(3, 3, 2)
    there = problem.over("complex")
    assert (problem.field, there.field, there.over("float").field) == ("float", "complex", "float")
    assert there.constants == problem.constants
    x = np.zeros((1, 2))
    np.testing.assert_array_equal(there.over("float").hypergradient(x), problem.hypergradient(x))
    with pytest.raises(InputError, match="complex, float"):
        problem.over("fraction")


GOOD_X, GOOD_B = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8) % 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"X": GOOD_B}, ["X", "(8,)"]),
        ({"X": [["a"]]}, ["X", "numbers"]),
        ({"X": np.full((8, 2), np.nan)}, ["X[0, 0]", "nan"]),
        ({"X": [[0.1, 3.0]] * 8}, ["column 0 of X", "constant"]),
        ({"labels": GOOD_B[1:]}, ["labels", "(7,)"]),
        ({"labels": np.ones(8)}, ["labels has 1 different values"]),
        ({"labels": np.arange(8)}, ["labels has 8 different values"]),
        ({"agents": 5}, ["agents is 5", "1 to 4"]),
        ({"validation": 1.0}, ["validation is 1.0"]),
        ({"seed": -1}, ["seed is -1"]),
        ({"weights": "expo"}, ["weights", "'expo'", "'exp'"]),
        ({"box": 0.0}, ["box is 0.0"]),
        ({"box": float("nan")}, ["box is nan"]),
        ({"weights": "sigmoid", "low": 0.0}, ["low is 0.0"]),
        ({"weights": "sigmoid", "low": 3.0}, ["low is 3.0", "high 2.0"]),
        ({"weights": "sigmoid", "high": float("inf")}, ["high inf"]),
        ({"radius": -1.0}, ["radius is -1.0"]),
        ({"pull": float("inf")}, ["pull is inf"]),
    ],
)
def test_bad_arguments_are_named(changes: dict[str, Any], words: list[str]) -> None:
    good: dict[str, Any] = {"X": GOOD_X, "labels": GOOD_B, "agents": 2, "seed": 0}
    logistic(**good)
    with pytest.raises(InputError) as caught:
        logistic(**(good | changes))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("changes", [{"samples": 1}, {"seed": -1}, {"p": 0}, {"n": 0}])
def test_bad_arguments_of_random_problems_are_named(changes: dict[str, Any]) -> None:
    good: dict[str, Any] = {"seed": 0, "n": 2, "p": 2}
    (name,) = changes
    with pytest.raises(InputError, match=f"{name} is {changes[name]}"):
        random_logistic(**(good | changes))
