"""Agent-iterations per second: INTERACT here against per-agent loops written as papers' codes are.

Ring, n = 8, p = q = 10, all blocks of a quadratic problem; 64 replicas here, one replica and one agent at
a time in the loops. Both sides draw their random numbers inside the measured time. The two sides
alternate, and what is asserted is the median of the rounds' ratios.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from property_tests.benches import Alternating, Table
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.families import random_quadratic

AGENTS, SIZE, REPLICAS = 8, 10, 64
ALPHA, BETA = 1e-3, 1e-2
ROUNDS = 9
STEPS_HERE, STEPS_LOOPS = 1999, 200

PROBLEM = random_quadratic(seed=1, n=AGENTS, p=SIZE, q=SIZE)
NETWORK = named(f"ring:{AGENTS}", "third")
INTERACT = Interact(alpha=ALPHA, beta=BETA)


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Any:
    """Rows for the terminal, printed when the module is done."""
    yield from Table.fixture(request, f"INTERACT, ring, n = {AGENTS}, p = q = {SIZE}, R = {REPLICAS}")


def loops(problem: Any, W: Array, steps: int, sigma: float, precomputed: bool) -> tuple[Array, Array]:
    """INTERACT as a straightforward script does it: for every iteration, for every agent."""
    rng = np.random.default_rng(0)
    H, B, c = problem.lower.H, problem.lower.B, problem.lower.c
    A, a, E, Q, e = (getattr(problem.upper, block) for block in ("A", "a", "E", "Q", "e"))
    n = len(H)
    neighbours = [np.flatnonzero(W[i]) for i in range(n)]
    inverses = [np.linalg.inv(H[i]) for i in range(n)]

    def noisy(v: Array) -> Array:
        return v + sigma * rng.standard_normal(v.shape) if sigma else v

    def grad_x_f(i: int, x: Array, y: Array) -> Array:
        return noisy(A[i] @ x + E[i] @ y + a[i])

    def grad_y_f(i: int, x: Array, y: Array) -> Array:
        return noisy(E[i].T @ x + Q[i] @ y + e[i])

    def grad_y_g(i: int, x: Array, y: Array) -> Array:
        return noisy(H[i] @ y - B[i] @ x - c[i])

    def hess_yy_g(i: int, x: Array, y: Array) -> Array:
        return H[i]

    def hess_xy_g(i: int, x: Array, y: Array) -> Array:
        return -B[i].T

    def surrogate(i: int, x: Array, y: Array) -> Array:
        g = grad_y_f(i, x, y)
        z = inverses[i] @ g if precomputed else np.linalg.solve(hess_yy_g(i, x, y), g)
        return grad_x_f(i, x, y) - hess_xy_g(i, x, y) @ z

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


@pytest.mark.parametrize("precomputed", [True, False])
def test_both_sides_compute_the_same(precomputed: bool) -> None:
    trace = run(INTERACT, PROBLEM, NETWORK, steps=200, record=[200], metrics=(), replicas=REPLICAS)
    x, y = loops(PROBLEM, NETWORK.W, 200, 0.0, precomputed)
    for r in (0, REPLICAS - 1):
        assert abs(trace.x[r, 0] - x).max() <= 1e-10
        assert abs(trace.y[r, 0] - y).max() <= 1e-10
    assert abs(x - PROBLEM.start()[0]).max() > 0.01


@pytest.mark.parametrize(
    ("noise", "precomputed", "least"),
    [(0.1, True, 60), (0.1, False, 80), (0.0, True, None), (0.0, False, None)],
    ids=["noise-inverse", "noise-solve", "exact-inverse", "exact-solve"],
)
def test_agent_iterations_per_second(
    noise: float, precomputed: bool, least: float | None, benchmark: Any, table: Table
) -> None:
    model = Additive(noise) if noise else None
    settings: Any = {"steps": STEPS_HERE, "record": [STEPS_HERE], "metrics": (), "replicas": REPLICAS}
    sides = Alternating(
        here=lambda: run(INTERACT, PROBLEM, NETWORK, noise=model, **settings),
        loops=lambda: loops(PROBLEM, NETWORK.W, STEPS_LOOPS, noise, precomputed),
    )
    sides.run(benchmark, ROUNDS)
    here = sides.seconds("here", per=STEPS_HERE * AGENTS * REPLICAS)
    there = sides.seconds("loops", per=STEPS_LOOPS * AGENTS)
    ratio = there / here
    benchmark.extra_info.update(
        ns_per_agent_iteration_here=here.median * 1e9,
        ns_per_agent_iteration_loops=there.median * 1e9,
        ratio=ratio.median,
        ratio_range=(ratio.low, ratio.high),
    )
    what = (
        f"{'Gaussian noise' if noise else 'no noise'}, loops {'use an inverse' if precomputed else 'solve'}"
    )
    wanted = f"at least {least}" if least else "not required"
    table.add(what, f"{here.median * 1e9:.0f} ns", f"{there.median * 1e6:.1f} us", f"{ratio} times", wanted)
    if least is not None:
        assert ratio.median >= least
