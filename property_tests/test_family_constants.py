"""Every stated constant bounds what it says it bounds, and is attained where it is called exact."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import (
    linear,
    quadratic,
    random_bounded,
    random_curved,
    random_finite_sum,
    random_linear,
    random_quadratic,
)

few = settings(max_examples=12, derandomize=True, deadline=None)

# Norms and eigenvalues of matrices with at most 10 rows: relative rounding below 1000 eps = 2.3e-13.
ONE = 1 + 1e-12


def problems(seed: int, n: int, p: int, q: int) -> list[Bilevel]:
    return [
        random_quadratic(seed, n, p, q),
        random_bounded(seed, n, p, q, kind="huber", scale=2),
        random_bounded(seed, n, p, q, kind="cos", scale=2),
        random_curved(seed, n, p, q, kind="huber", coupling=2),
        random_curved(seed, n, p, q, kind="cos", coupling=2),
        random_linear(seed, n, p, q),
    ]


def gradient_of_g(problem: Bilevel, x: Array, y: Array) -> Array:
    """Both blocks of the gradient of g_i, from its values alone (complex step)."""
    parts = [problem.g(x + 1e-30j * row, y).imag / 1e-30 for row in np.eye(problem.p)]
    parts += [problem.g(x, y + 1e-30j * row).imag / 1e-30 for row in np.eye(problem.q)]
    return np.stack(parts, axis=-1)


def norms(z: Array) -> Array:
    return np.asarray(np.linalg.norm(z, axis=-1))


def spectral(z: Array) -> Array:
    return np.asarray(np.linalg.norm(z, 2, axis=(-2, -1)))


def ratios(problem: Bilevel, x: Array, y: Array, x2: Array, y2: Array) -> dict[str, float]:
    """Each constant's largest observed ratio, for ``mu_g`` the smallest."""
    apart = norms(np.concatenate([x - x2, y - y2], axis=-1))
    gy, gy2 = problem.grad_y_g(x, y), problem.grad_y_g(x, y2)
    fx, fx2 = problem.grad_x_f(x, y), problem.grad_x_f(x2, y2)
    fy, fy2 = problem.grad_y_f(x, y), problem.grad_y_f(x2, y2)
    found = {
        "mu_g": (((gy - gy2) * (y - y2)).sum(-1) / norms(y - y2) ** 2).min(),
        "L_g": (norms(gradient_of_g(problem, x, y) - gradient_of_g(problem, x2, y2)) / apart).max(),
        "C_gxy": spectral(problem.hess_xy_g(x, y)).max(),
        "L_gxy": (spectral(problem.hess_xy_g(x, y) - problem.hess_xy_g(x2, y2)) / apart).max(),
        "L_gyy": (spectral(problem.hess_yy_g(x, y) - problem.hess_yy_g(x2, y2)) / apart).max(),
        "L_fx": (norms(fx - fx2) / apart).max(),
        "L_fy": (norms(fy - fy2) / apart).max(),
        "C_fy": norms(fy).max(),
    }
    return {name: float(value) for name, value in found.items()}


@few
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 3),
    p=st.integers(1, 3),
    q=st.integers(1, 3),
    reach=st.sampled_from([1e-2, 1.0, 30.0]),
)
def test_constants_bound_random_pairs(seed: int, n: int, p: int, q: int, reach: float) -> None:
    rng = np.random.default_rng(seed)
    for problem in problems(seed, n, p, q):
        x, y = 3 * rng.standard_normal((40, n, p)), 3 * rng.standard_normal((40, n, q))
        x2, y2 = x + reach * rng.standard_normal(x.shape), y + reach * rng.standard_normal(y.shape)
        found = ratios(problem, x, y, x2, y2)
        # Differences over distances of 'reach' lose digits: values of size up to L * (10 + reach).
        slack = 1e-13 * (10 + float(problem.constants.L_g)) * (10 + reach) ** 2 / reach
        assert found.pop("mu_g") >= float(problem.constants.mu_g) / ONE - slack
        for name, ratio in found.items():
            assert ratio <= float(getattr(problem.constants, name)) * ONE + slack, (problem.name, name)


def extreme_pair(problem: Bilevel, y: Array, i: int, matrix: Array, least: bool, reach: float) -> Array:
    """Agent i's direction along the extreme eigenvector of a symmetric matrix; shape ``(n, size)``."""
    values, vectors = np.linalg.eigh(matrix)
    k = 0 if least else int(np.argmax(abs(values)))
    direction = np.zeros((problem.n, len(matrix)))
    direction[i] = reach * vectors[:, k]
    return direction


def attained(problem: Bilevel, name: str, at: float, reach: float) -> float:
    """The best ratio over agents along the extreme direction of the Hessian of g at ``y = at``."""
    n, p, q = problem.n, problem.p, problem.q
    x, y = np.zeros((1, n, p)), np.full((1, n, q), at)
    H, G = problem.hess_yy_g(x, y)[0], problem.hess_xy_g(x, y)[0]
    best = np.inf if name == "mu_g" else 0.0
    for i in range(n):
        if name == "mu_g":
            dy = extreme_pair(problem, y, i, H[i], True, reach)[i]
            slope = problem.grad_y_g(x, y + dy)[0, i] - problem.grad_y_g(x, y)[0, i]
            best = min(best, float(slope @ dy / (dy @ dy)))
        else:
            joint = np.block([[np.zeros((p, p)), G[i]], [G[i].T, H[i]]])
            d = extreme_pair(problem, y, i, joint, False, reach)[i]
            change = gradient_of_g(problem, x + d[:p], y + d[p:]) - gradient_of_g(problem, x, y)
            best = max(best, float(norms(change)[0, i] / np.linalg.norm(d)))
    return best


@pytest.mark.parametrize("p", [1, 3])
def test_lower_constants_are_attained(p: int) -> None:
    for seed in range(5):
        flat, bent = random_quadratic(seed, 3, p, 2), random_curved(seed, 3, p, 2, coupling=2)
        for name in ("mu_g", "L_g"):
            stated = float(getattr(flat.constants, name))
            assert attained(flat, name, 0.0, 1.0) == pytest.approx(stated, rel=1e-11)
        # Curvature 2 + y / sqrt(1 + y^2) is within 1 / (2 y^2) of its limits: 5e-7 at y = 1000.
        assert attained(bent, "mu_g", -1000.0, 0.1) == pytest.approx(1, abs=1e-6)
        stated = float(bent.constants.L_g)
        assert attained(bent, "L_g", 1000.0, 0.1) == pytest.approx(stated, abs=1e-6)


def test_curved_hessian_is_lipschitz_with_the_stated_constant_and_no_smaller_one() -> None:
    problem = random_curved(0, 1, 1, 1)
    stated = float(problem.constants.L_gyy)
    x = np.zeros((1, 1, 1))
    step = problem.hess_yy_g(x, x + 1e-3) - problem.hess_yy_g(x, x - 1e-3)
    # (y / sqrt(1 + y^2)) / y = 1 / sqrt(1 + y^2), within y^2 / 2 = 5e-7 of 1
    assert stated - 5.1e-7 <= float(step[0, 0, 0, 0]) / 2e-3 <= stated * ONE


@pytest.mark.parametrize("kind", ["huber", "cos"])
@pytest.mark.parametrize("q", [2, 4])
def test_bounded_upper_constants_are_attained(kind: Any, q: int) -> None:
    problem = random_bounded(1, 2, 3, q, kind=kind, scale=Fraction(5, 2))
    target: Any = problem.upper
    x, y = target.x_target[None, None], target.y_target[None]
    far = 1e4 if kind == "huber" else np.pi / 2
    # slope w / sqrt(1 + w^2) is within 1 / (2 w^2) of 1
    reached = norms(problem.grad_y_f(x, y + far)).max()
    assert reached == pytest.approx(float(problem.constants.C_fy), rel=1e-8)
    for name, moved in (("L_fx", problem.grad_x_f(x + 1e-4, y)), ("L_fy", problem.grad_y_f(x, y + 1e-4))):
        start = problem.grad_x_f(x, y) if name == "L_fx" else problem.grad_y_f(x, y)
        size = np.sqrt(moved.shape[-1]) * 1e-4
        # slopes are w (1 - O(w^2)); subtracting b loses eps / 1e-4 = 2e-12 times its size
        assert (norms(moved - start) / size).max() == pytest.approx(2.5, rel=1e-7)
    assert problem.constants.L_fx == Fraction(5, 2)
    assert problem.constants.C_fy == (5 if q == 4 else 2.5 * np.sqrt(2))


def test_quadratic_upper_constants_are_the_norms_of_the_blocks() -> None:
    problem = random_quadratic(3, 3, 3, 2)
    zero_x, zero_y = np.zeros((1, 3, 3)), np.zeros((1, 3, 2))

    def blocks(gradient: Any) -> Array:
        """The matrices of an affine map, column by column."""
        at_zero = gradient(zero_x, zero_y)
        columns = [gradient(zero_x + row, zero_y) - at_zero for row in np.eye(3)]
        columns += [gradient(zero_x, zero_y + row) - at_zero for row in np.eye(2)]
        return np.stack([c[0] for c in columns], axis=-1)

    assert float(problem.constants.L_fx) == pytest.approx(spectral(blocks(problem.grad_x_f)).max(), rel=1e-12)
    assert float(problem.constants.L_fy) == pytest.approx(spectral(blocks(problem.grad_y_f)).max(), rel=1e-12)
    assert problem.constants.C_fy == np.inf
    one: Any = [[[1.0]]]
    assert quadratic(one, one, [[0.0]], A=one, e=[[-3.0]]).constants.C_fy == 3


def test_constants_are_exact_rationals_where_that_is_obvious() -> None:
    third = Fraction(1, 3)
    diagonal = quadratic([[[third, 0], [0, 4]]], [[[0], [0]]], [[0, 0]], A=[[[-2]]])
    c = diagonal.constants
    assert (c.mu_g, c.L_g, c.C_gxy, c.L_fx, c.C_fy) == (third, 4, 0, 2, 0)
    assert all(isinstance(value, Fraction) for value in (c.mu_g, c.L_g, c.C_gxy, c.L_fx, c.C_fy))
    # The witness of the sheet's D1: f_1 = x, f_2 = -x, g_i = (y - x/100)^2 / 2.
    witness = linear([[[1]]] * 2, [[[Fraction(1, 100)]]] * 2, [[0]] * 2, b=[[1], [-1]]).constants
    assert (witness.mu_g, witness.C_gxy, witness.L_fx, witness.L_fy, witness.C_fy) == (
        1,
        Fraction(1, 100),
        0,
        0,
        0,
    )
    assert float(witness.L_g) == pytest.approx((1 + np.sqrt(1 + 4e-4)) / 2, rel=1e-14)


def test_sample_constants_dominate_those_of_the_mean_and_of_every_term() -> None:
    problem = random_finite_sum(4, 2, 2, 3, samples=3)
    whole, each = problem.constants, problem.sample_constants
    assert float(each.mu_g) <= float(whole.mu_g) * ONE
    for name in ("L_g", "C_gxy", "L_fx", "L_fy"):
        assert float(getattr(each, name)) >= float(getattr(whole, name)) / ONE
    x, y = np.zeros((1, 2, 2)), np.zeros((1, 2, 3))
    curvatures = [
        np.linalg.eigvalsh(problem.subsample(np.full((1, 2, 1), j)).hess_yy_g(x, y)) for j in range(3)
    ]
    assert min(c.min() for c in curvatures) == pytest.approx(float(each.mu_g), rel=1e-12)
