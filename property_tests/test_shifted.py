"""Lower levels curved in y - x and upper levels that are cut off are what they say: derivatives, solutions, constants."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.slam import SLAM
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.cut import CutUpper, cut
from spiritlevel.synthetic.shifted import STEEPEST, ShiftedLower
from spiritlevel.theory.slam.gradients.instances import resting, torn, uphill
from spiritlevel.theory.slam.gradients.limits import iterates
from spiritlevel.theory.slam.hypergradients import true


def shifted(shared: bool, n: int = 3, d: int = 2) -> Bilevel:
    rng = np.random.default_rng(n + d)
    lower = ShiftedLower(rng.uniform(0.2, 3, n), d)
    upper = BoundedUpper(1, "huber", np.zeros(d), np.zeros((n, d)), rng.standard_normal((n, d)))
    return Bilevel(lower, upper, "shifted", shared=shared, lowest=0.0)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (3, 2)])
def test_shifted_derivatives_are_those_of_its_values(n: int, d: int) -> None:
    problem = shifted(True, n, d).over("complex")
    rng = np.random.default_rng(0)
    x, y, v = (rng.standard_normal((5, n, d)) for _ in range(3))
    step = 1e-30j
    rows = np.eye(d)
    # complex steps: exact to rounding
    along_y = np.stack([problem.g(x, y + step * row).imag / 1e-30 for row in rows], axis=-1)
    assert abs(along_y - problem.grad_y_g(x, y)).max() <= 1e-14 * 10
    H = np.stack([problem.grad_y_g(x, y + step * row).imag / 1e-30 for row in rows], axis=-1)
    C = np.stack([problem.grad_y_g(x + step * row, y).imag / 1e-30 for row in rows], axis=-2)
    for found, want in ((problem.hess_yy_g(x, y), H), (problem.hess_xy_g(x, y), C)):
        assert abs(found - want).max() <= 1e-13
    assert abs(problem.hvp_yy_g(x, y, v) - (H @ v[..., None])[..., 0]).max() <= 1e-13
    assert abs(problem.jvp_xy_g(x, y, v) - (C @ v[..., None])[..., 0]).max() <= 1e-13
    assert abs(problem.hvp_yy_g(x, y, problem.solve_yy_g(x, y, v)) - v).max() <= 1e-13


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_shifted_solutions_are_roots(scale: float) -> None:
    x = scale * np.random.default_rng(1).standard_normal((50, 3, 2))
    own, shared = shifted(False), shifted(True)
    assert abs(own.grad_y_g(x, own.lower_solution(x))).max() <= 1e-14 * (1 + scale) * 10
    y = shared.lower_solution(x)
    for i in range(3):  # all agents at agent i's point: the mean gradient vanishes
        at, solved = (np.repeat(z[:, i : i + 1], 3, axis=1) for z in (x, y))
        assert abs(shared.grad_y_g(at, solved).mean(axis=1)).max() <= 1e-14 * (1 + scale) * 10
    lower: Any = own.lower
    solved, at = lower.along(x / (1 + abs(x)))
    assert abs(lower.argmin(at) - solved).max() <= 1e-14


@pytest.mark.parametrize("shared", [False, True])
def test_shifted_hypergradient_is_the_derivative_of_its_value(shared: bool) -> None:
    problem = shifted(shared).over("complex")
    x = np.array([[0.3, -1.2]])
    slopes = [problem.value(x + 1e-30j * row).imag / 1e-30 for row in np.eye(2)]
    assert np.concatenate(slopes) == pytest.approx(problem.over("float").hypergradient(x)[0], abs=1e-14)


def test_shifted_constants_bound_and_are_approached() -> None:
    problem = shifted(False, 3, 1)
    theta = float(problem.constants.C_gxy)
    rng = np.random.default_rng(2)
    x, y = (3 * rng.standard_normal((4000, 3, 1)) for _ in range(2))
    dx, dy = (1e-4 * rng.standard_normal((4000, 3, 1)) for _ in range(2))
    change = abs(problem.hess_yy_g(x + dx, y + dy) - problem.hess_yy_g(x, y))[..., 0, 0]
    rate = change / np.hypot(dx, dy)[..., 0]
    assert 0.9 * float(problem.constants.L_gyy) <= rate.max() <= float(problem.constants.L_gyy)
    assert float(abs(problem.hess_xy_g(x, y)).max()) <= theta
    assert theta == pytest.approx(float(abs(problem.hess_xy_g(x, x)).max()))
    joint = np.array([[theta, -theta], [-theta, 1 + theta]])
    assert float(problem.constants.L_g) == pytest.approx(np.linalg.eigvalsh(joint)[-1], rel=1e-14)
    t = np.linspace(-3, 3, 100001)
    third = abs(np.gradient((1 + t * t) ** -1.5, t))
    assert third.max() == pytest.approx(STEEPEST, rel=1e-6)


@pytest.mark.parametrize(
    ("theta", "steepest", "bent"), [(0.1, 0.0909, 0.0701), (1.0, 0.5, 0.218), (5.0, 0.833, 0.190)]
)
def test_shifted_solution_has_the_known_slope_and_curvature(
    theta: float, steepest: float, bent: float
) -> None:
    t = np.linspace(-4, 4, 80001)
    lower = ShiftedLower(np.array([theta]), 1)
    y, x = (z.reshape(-1) for z in lower.along(t[:, None, None]))
    first = np.gradient(y, x)
    assert abs(first).max() == pytest.approx(steepest, rel=2e-3)
    assert abs(np.gradient(first, x)).max() == pytest.approx(bent, rel=3e-3)


def test_shifted_refuses_what_it_cannot_do() -> None:
    with pytest.raises(InputError, match="numbers >= 0"):
        ShiftedLower([-1.0], 1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="whole number"):
        ShiftedLower([1.0], 0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="choose float or complex"):
        shifted(True).lower.over("fraction")


def test_slam_runs_on_shifted_lower_levels_with_equal_weights_to_the_solution() -> None:
    lower = ShiftedLower(np.ones(2), 1)
    upper = BoundedUpper(1, "huber", np.zeros(1), np.zeros((2, 1)), np.array([[2.0], [1.0]]))
    problem = Bilevel(lower, upper, "shifted", shared=True)
    end = iterates(SLAM(), problem, named("path:2"), 1500)[-1].x[0]
    assert abs(end - end[0]).max() <= 1e-10
    assert abs(true(problem, end[:1])).max() <= 1e-10


@pytest.mark.parametrize("field", ["float", "fraction"])
def test_cut_gradients_are_exact_differences_within_a_piece(field: Any) -> None:
    rng = np.random.default_rng(3)
    data = {"w": (2, 3), "u": (2, 3, 2), "v": (2, 3, 1), "t": (2, 3)}
    upper = CutUpper(
        **{k: convert(rng.integers(-4, 5, shape), "fraction") / 4 for k, shape in data.items()}
    ).over(field)
    x, y = (convert(rng.integers(-8, 9, (20, 2, k)), field) / 4 for k in (2, 1))
    h = Fraction(1, 1 << 20) if field == "fraction" else 2.0**-20
    for gradient, moved in ((upper.grad_x(x, y), 0), (upper.grad_y(x, y), 1)):
        for k, row in enumerate(convert(np.eye(gradient.shape[-1], dtype=int), field)):
            shift = (h * row, 0 * y) if moved == 0 else (0 * x, h * row)
            difference = (upper.f(x + shift[0], y + shift[1]) - upper.f(x - shift[0], y - shift[1])) / (2 * h)
            # h'' is at most 1 and jumps: at a kink the difference is off by at most h times the squared slopes
            assert float(abs(difference - gradient[..., k]).max()) <= 3 * 2.0**-20 + (
                1e-8 if field == "float" else 0
            )


def test_cut_constants_bound_and_complex_is_refused() -> None:
    for problem in (resting(), uphill(), torn()):
        rng, c = np.random.default_rng(4), problem.constants
        problem = problem.over("float")
        (x, y), (x2, y2) = (
            (3 * rng.standard_normal((500, 2, k)) for k in (problem.p, problem.q)) for _ in range(2)
        )
        far = np.sqrt(((x - x2) ** 2).sum(-1) + ((y - y2) ** 2).sum(-1))
        for f, bound in ((problem.grad_x_f, c.L_fx), (problem.grad_y_f, c.L_fy)):
            assert (np.linalg.norm(f(x, y) - f(x2, y2), axis=-1) / far).max() <= float(bound)
        assert np.linalg.norm(problem.grad_y_f(x, y), axis=-1).max() <= float(c.C_fy)
        with pytest.raises(InputError, match="compares numbers"):
            problem.upper.over("complex")
    assert cut(np.array([2, Fraction(1, 3)], dtype=object)).tolist() == [1, Fraction(1, 3)]
