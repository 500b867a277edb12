"""Agent-iterations per second: INTERACT here against per-agent loops written as papers' codes are.

Ring, n = 8, p = q = 10, all blocks of a quadratic problem; 64 replicas here, one replica and one agent at
a time in the loops. Both sides draw their random numbers inside the measured time. The two sides
alternate, and what is asserted is the median of the rounds' ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.networks import named
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import random_quadratic

AGENTS, SIZE, REPLICAS = 8, 10, 64
ALPHA, BETA = 1e-3, 1e-2
ROUNDS = 9
STEPS_HERE, STEPS_LOOPS = 1999, 60


def loops(problem: Any, W: Array, steps: int, sigma: float, precomputed: bool) -> tuple[Array, Array]:
    """INTERACT as a straightforward script does it: for every iteration, for every agent."""
    rng = np.random.default_rng(0)
    H, B, c = problem.lower.H, problem.lower.B, problem.lower.c
    A, a, E, Q, e = (getattr(problem.upper, block) for block in ("A", "a", "E", "Q", "e"))
    n = len(H)
    neighbours = [np.flatnonzero(W[i]) for i in range(n)]
    inverses = [np.linalg.inv(H[i]) for i in range(n)]

    def noisy(v: Array) -> Array:
        return v + rng.normal(0.0, sigma, v.size) if sigma else v

    def grad_x_f(i: int, x: Array, y: Array) -> Array:
        return noisy(A[i] @ x + E[i] @ y + a[i])

    def grad_y_f(i: int, x: Array, y: Array) -> Array:
        return noisy(E[i].T @ x + Q[i] @ y + e[i])

    def grad_y_g(i: int, x: Array, y: Array) -> Array:
        return noisy(H[i] @ y - B[i] @ x - c[i])

    def surrogate(i: int, x: Array, y: Array) -> Array:
        g = grad_y_f(i, x, y)
        z = inverses[i] @ g if precomputed else np.linalg.solve(H[i], g)
        return grad_x_f(i, x, y) + B[i].T @ z

    x, y = (np.array(start) for start in problem.start())
    p = np.array([surrogate(i, x[i], y[i]) for i in range(n)])
    v = np.array([grad_y_g(i, x[i], y[i]) for i in range(n)])
    u = p.copy()
    for _ in range(steps):
        new_x, new_y, new_u, new_p, new_v = (np.empty_like(z) for z in (x, y, u, p, v))
        for i in range(n):
            new_x[i] = sum(W[i, j] * x[j] for j in neighbours[i]) - ALPHA * u[i]
            new_y[i] = y[i] - BETA * v[i]
            new_p[i] = surrogate(i, new_x[i], new_y[i])
            new_v[i] = grad_y_g(i, new_x[i], new_y[i])
            new_u[i] = sum(W[i, j] * u[j] for j in neighbours[i]) + new_p[i] - p[i]
        x, y, u, p, v = new_x, new_y, new_u, new_p, new_v
    return x, y
