"""Certified stability: what is covered is stable, what is not is not covered, and windows that a scan misses are found."""

import math

import numpy as np
import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.covering import AGREE, MatrixPolynomial, cover, polynomial
from spiritlevel.theory.instruments.stability import matrix, step_limit
from spiritlevel.theory.step_lists.crossing import LEAST, LESS, crossing


def radius(M: Array) -> float:
    return float(np.abs(np.linalg.eigvals(M)).max())


def quietly(what: str, step: float) -> None:
    """Nobody listens."""


def window(step: float) -> Array:
    """Stable below 0.0899 and from 0.0901 on to about 1.3: one point in five hundred of a decade is not."""
    return np.array([[1 - step * ((step - 0.09) ** 2 - 1e-8)]])


def test_a_window_that_the_scan_misses_is_found() -> None:
    assert crossing(window, quietly, certify=False).first > 1
    found = crossing(window, quietly)
    assert found.first == pytest.approx(0.0899, rel=1e-6)
    assert found.certified is not None
    assert found.certified[0] == LEAST
    assert 0.0898 < found.certified[1] <= 0.0899


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_what_is_covered_is_stable(degree: int) -> None:
    rng = np.random.default_rng(degree)
    whole = 0
    for _ in range(5):
        n = int(rng.integers(1, 6))
        C = rng.normal(size=(degree + 1, n, n)) / n
        C[0] = np.eye(n)
        C[1] = -(C[1] @ C[1].T) - 0.01 * np.eye(n)
        made = MatrixPolynomial(C, 1.0)
        limit = crossing(made, quietly, certify=False).first
        found = cover(made, 1e-6, limit * (1 - LESS))
        whole += found.reached >= limit * (1 - LESS)
        looked = np.geomspace(found.begun, found.reached, 2000)
        assert max(radius(made(s)) for s in looked) < 1
        beyond = cover(made, 1e-6, limit * 1.1)
        assert beyond.reached <= limit * (1 + 1e-9)  # to which it is bisected
    assert whole >= 4


def test_all_values_lie_among_the_control_points() -> None:
    rng = np.random.default_rng(5)
    made = MatrixPolynomial(rng.normal(size=(4, 1, 1)), 0.3)
    values = [float(K[0, 0]) for K in made.control_points(0.2, 1.7)]
    seen = [float(made(s)[0, 0]) for s in np.linspace(0.2, 1.7, 200)]
    assert min(values) - 1e-12 <= min(seen)
    assert max(seen) <= max(values) + 1e-12
    assert values[0] == pytest.approx(seen[0])
    assert values[-1] == pytest.approx(seen[-1])


def test_one_step_of_interact_is_affine_in_its_step_size() -> None:
    problem, ring = random_quadratic(1, 4, 2, 1), named("ring:4")

    def at(alpha: float) -> Array:
        return matrix(Interact(alpha=alpha, beta=0.1), problem, ring)

    fitted = polynomial(at, 1e-8, 1.0)
    assert fitted is not None
    assert len(fitted.coefficients) == 2
    assert np.abs(fitted(0.123) - at(0.123)).max() <= AGREE * (1 + np.abs(at(0.123)).max())
    found = crossing(at, quietly)
    assert found.first == step_limit(Interact, "alpha", {"beta": 0.1}, problem, ring).limit
    assert found.certified == (LEAST, found.first * (1 - LESS))


def test_what_is_no_polynomial_is_only_scanned() -> None:
    def root(step: float) -> Array:
        return np.array([[1 - math.sqrt(step)]])

    assert polynomial(root, 1e-8, 1.0) is None
    found = crossing(root, quietly)
    assert (round(found.first, 8), found.certified) == (4.0, None)


def test_what_touches_the_circle_is_not_certified_beyond() -> None:
    """At 1.05 the radius is 1 exactly, on both sides it is less: no certificate reaches across."""

    def touching(step: float) -> Array:
        return np.array([[1 - step * (step - 1.05) ** 2 / 2]])

    found = crossing(touching, quietly)
    assert found.certified is not None
    assert found.certified[1] < 1.05 < found.first


def test_complex_steps_are_only_scanned() -> None:
    """P - K^T P K is positive for K = 2i too: without the conjugate nothing is certified."""

    def turned(step: float) -> Array:
        return 1j * window(step)

    assert polynomial(window, 1e-8, 1.0) is not None
    assert polynomial(turned, 1e-8, 1.0) is None
    assert crossing(turned, quietly).certified is None


def test_rotations_that_lose_nothing_are_not_certified() -> None:
    def turning(step: float) -> Array:
        return np.array([[math.cos(1.0), -math.sin(1.0)], [math.sin(1.0), math.cos(1.0)]]) * (1 - step)

    fitted = polynomial(turning, 1e-8, 1.9)
    assert fitted is not None
    assert cover(fitted, 1e-8, 1.9).reached == 1.9
    held = MatrixPolynomial(np.stack([turning(0.0), np.zeros((2, 2))]), 1.0)
    assert cover(held, 1e-8, 1.9).parts == 0
