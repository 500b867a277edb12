"""What the tests of float problems with smooth levels share: complex steps, points at a domain's edge, constants on pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel

STEP = 1e-30  # a complex step has no cancellation, so it may be this small


def complex_gradient(value: Any, z: Array) -> Array:
    """Gradient in the last axis of z of a function that keeps all axes but the last."""
    columns = [
        value(z + 1j * STEP * np.eye(z.shape[-1], dtype=int)[k]).imag / STEP for k in range(z.shape[-1])
    ]
    return np.stack(columns, axis=-1)


def close(a: Array, b: Array, tolerance: float = 1e-10) -> None:
    assert np.abs(a - b).max() <= tolerance * max(1.0, np.abs(b).max())


def norms(a: Array) -> Array:
    return np.asarray(np.linalg.norm(a, 2, axis=(-2, -1)))


def at_the_edge(problem: Bilevel, seed: int, R: int, box: Any, ball: Any) -> tuple[Array, Array]:
    """Points with |x_k| <= box and |y| <= ball, half of them at the edge, where the constants bind."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (R, problem.n, problem.p))
    y = rng.normal(size=(R, problem.n, problem.q))
    y /= np.linalg.norm(y, axis=-1, keepdims=True)
    half = R // 2
    x[:half] = np.sign(x[:half])
    y[half:] *= rng.uniform(0, 1, (R - half, problem.n, 1))
    return box * x, ball * y


def constants_hold(
    problem: Bilevel, first: tuple[Array, Array], second: tuple[Array, Array], seed: int
) -> Array:
    """Assert every Lipschitz constant and bound on pairs between the points; the lower Hessians at the first ones."""
    lower, upper = problem.lower, problem.upper
    (x1, y1), (x2, y2) = first, second
    c, slack = problem.constants, 1 + 1e-9  # differences of close points lose some digits
    near = np.random.default_rng(seed).uniform(0, 1, (8, problem.n, 1)) ** 8  # from close by to far away
    x2, y2 = x1 + (near + 1e-4) / 2 * (x2 - x1), y1 + (near + 1e-4) / 2 * (y2 - y1)

    def joint(x: Array, y: Array) -> Array:
        grad_x = complex_gradient(lambda z: lower.g(z, y), x)
        return np.concatenate([grad_x, lower.grad_y(x, y)], axis=-1)

    distance = np.linalg.norm(np.concatenate([x1 - x2, y1 - y2], axis=-1), axis=-1) * slack

    def grows(a: Array, b: Array, constant: Any, size: Any = lambda z: np.linalg.norm(z, axis=-1)) -> None:
        assert (size(a - b) <= float(constant) * distance).all()

    grows(joint(x1, y1), joint(x2, y2), c.L_g)
    grows(lower.hess_xy(x1, y1), lower.hess_xy(x2, y2), c.L_gxy, norms)
    grows(lower.hess_yy(x1, y1), lower.hess_yy(x2, y2), c.L_gyy, norms)
    grows(upper.grad_x(x1, y1), upper.grad_x(x2, y2), c.L_fx)
    grows(upper.grad_y(x1, y1), upper.grad_y(x2, y2), c.L_fy)
    assert norms(lower.hess_xy(x1, y1)).max() <= float(c.C_gxy) * slack
    return lower.hess_yy(x1, y1)
