"""Cost per agent of sparse mixing, and of a whole INTERACT step, from a thousand to a hundred thousand agents.

Ring, d = 10, one replica. Mixing is flat; a whole step is not, since its temporaries leave the cache.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from property_tests.benches import Alternating, Table
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Problem

FEW, MANY, DIM = 1_000, 100_000, 10
ROUNDS = 15


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Any:
    """Rows for the terminal, printed when the module is done."""
    yield from Table.fixture(
        request, f"Sparse ring, d = {DIM}, per agent: {FEW} agents, {MANY} agents, ratio"
    )


@pytest.fixture(scope="module")
def rings() -> dict[int, Network]:
    return {n: named(f"ring:{n}", "third") for n in (FEW, MANY)}


@dataclass(frozen=True)
class Diagonal:
    """Quadratic levels whose matrices are all diagonal, stored as vectors: n agents cost n d numbers each.

    ``g_i = h_i y^2 / 2 - b_i x y`` and ``f_i = (x - a_i)^2 / 2 + (y - t_i)^2 / 2``, componentwise.
    """

    h: Array
    b: Array
    a: Array
    t: Array

    @classmethod
    def random(cls, n: int) -> Diagonal:
        rng = np.random.default_rng(0)
        return cls(1 + rng.random((n, DIM)), *(rng.standard_normal((n, DIM)) for _ in range(3)))

    @property
    def n(self) -> int:
        return len(self.h)

    @property
    def p(self) -> int:
        return DIM

    @property
    def q(self) -> int:
        return DIM

    def grad_x_f(self, x: Array, y: Array) -> Array:
        return x - self.a

    def grad_y_f(self, x: Array, y: Array) -> Array:
        return y - self.t

    def grad_y_g(self, x: Array, y: Array) -> Array:
        return self.h * y - self.b * x

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return self.h * v

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        return -self.b * v

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return v / self.h

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        return (self.h[..., None] * np.eye(DIM))[None]

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        return (-self.b[..., None] * np.eye(DIM))[None]


def repeated(what: Callable[[], object], times: int) -> Callable[[], None]:
    def several() -> None:
        for _ in range(times):
            what()

    return several


def compare(
    sides: dict[int, Callable[[], object]], benchmark: Any, table: Table, what: str, most: float
) -> None:
    """Time both sizes in turn, the small one as often as it has fewer agents; assert their ratio."""
    alternating = Alternating(few=repeated(sides[FEW], MANY // FEW), many=sides[MANY])
    alternating.run(benchmark, ROUNDS)
    few, many = (alternating.seconds(side, per=MANY) for side in ("few", "many"))
    ratio = many / few
    benchmark.extra_info.update(
        ns_per_agent_few=few.median * 1e9,
        ns_per_agent_many=many.median * 1e9,
        ratio=ratio.median,
        ratio_range=(ratio.low, ratio.high),
    )
    cells = (f"{few.median * 1e9:.0f} ns", f"{many.median * 1e9:.0f} ns", f"{ratio} times", f"at most {most}")
    table.add(what, *cells)
    assert ratio.median <= most


def test_mixing_per_agent_is_flat(rings: dict[int, Network], benchmark: Any, table: Table) -> None:
    def mixing(n: int) -> Callable[[], object]:
        net, z = Gossip(rings[n]), np.random.default_rng(0).standard_normal((1, n, DIM))
        expected = (np.roll(z, 1, axis=1) + z + np.roll(z, -1, axis=1)) / 3
        assert abs(net.mix(z) - expected).max() < 1e-14
        return lambda: net.mix(z)

    compare({n: mixing(n) for n in (FEW, MANY)}, benchmark, table, "mixing", 1.5)


def test_a_whole_step_per_agent(rings: dict[int, Network], benchmark: Any, table: Table) -> None:
    def stepping(n: int) -> Callable[[], object]:
        problem: Problem = Diagonal.random(n)
        algorithm, o, net = Interact(alpha=0.01, beta=0.1).over("float"), Oracle(problem), Gossip(rings[n])
        s = algorithm.init(np.zeros((1, n, DIM)), np.zeros((1, n, DIM)), o, net)
        s = algorithm.step(1, s, o, net)
        return lambda: algorithm.step(2, s, o, net)

    compare({n: stepping(n) for n in (FEW, MANY)}, benchmark, table, "INTERACT step", 4)


def test_many_agents_fit_in_memory(benchmark: Any, table: Table) -> None:
    """Network, problem, state and one step of 100,000 agents: 8 MB an array, some 30 arrays at the peak."""

    def build() -> int:
        tracemalloc.start()
        problem: Problem = Diagonal.random(MANY)
        o, net, algorithm = Oracle(problem), Gossip(named(f"ring:{MANY}")), Interact().over("float")
        s = algorithm.init(np.zeros((1, MANY, DIM)), np.zeros((1, MANY, DIM)), o, net)
        algorithm.step(1, s, o, net)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak = benchmark.pedantic(build, rounds=1, iterations=1)
    benchmark.extra_info["peak_bytes"] = peak
    table.add("peak memory", "", f"{peak / 1e6:.0f} MB", "", "at most 500 MB")
    assert peak < 500e6
