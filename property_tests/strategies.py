"""What the tests of several files draw from or build: networks, small exact problems, states."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms import algorithm as by_name
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import from_graph, named
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Model
from spiritlevel.core.numbers import Array, Field, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.samples import Sampler, Seeded
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.finite_sum import FiniteSumQuadratic, finite_sum, random_finite_sum
from spiritlevel.synthetic.random_problems import random_quadratic
from spiritlevel.synthetic.upper import BLOCKS

EPS = float(np.finfo(float).eps)

# One small instance with p != q that several files measure; `test_instruments` asserts that STEPS is stable on it.
RING = named("ring:4", "third")
PROBLEM = random_quadratic(seed=4, n=4, p=2, q=3)
STEPS = Interact(alpha=Fraction(1, 32), beta=Fraction(1, 16))


@st.composite
def connected_graphs(draw: st.DrawFn, most: int = 8) -> Any:
    """A connected undirected graph of 2 to ``most`` nodes: a random tree and any further edges."""
    n = draw(st.integers(2, most))
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((i, draw(st.integers(0, i - 1))) for i in range(1, n))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] != pair[1])
    graph.add_edges_from(draw(st.lists(pairs, max_size=n)))
    return graph


@st.composite
def exact_networks(draw: st.DrawFn, most: int = 8) -> Network:
    """A network of fractions: either weight rule that serves every graph, lazy or not."""
    rule = draw(st.sampled_from(["metropolis", "laplacian"]))
    network = from_graph(draw(connected_graphs(most)), rule, exact=True)
    return network.lazy() if draw(st.booleans()) else network


def gentle(cls: type[Algorithm]) -> Algorithm:
    """The algorithm with every step size 1/64, inverse or not: short denominators, and no growth on small problems.

    Two samples, two terms of an estimator, a refresh every other step, where it has such settings.
    """
    steps = {f.name: Fraction(1, 64) for f in dataclasses.fields(cls) if f.metadata.get("step_size")}  # type: ignore[arg-type]
    steps |= {f.name: Fraction(64) for f in dataclasses.fields(cls) if f.metadata.get("inverse_step")}  # type: ignore[arg-type]
    few = {f.name: 2 for f in dataclasses.fields(cls) if f.name in ("K", "S", "q", "iota")}  # type: ignore[arg-type]
    return cls(**steps, **few)


def starts(problem: SolvedProblem, replicas: int, field: Field = "float") -> tuple[Array, Array]:
    """A start that differs between replicas and agents, the same numbers (quarters) in every field."""

    def one(dim: int, salt: int) -> Array:
        shape = (replicas, problem.n, dim)
        return convert((np.arange(np.prod(shape)) * salt % 13 - 6).reshape(shape), field) / 4

    return one(problem.p, 5), one(problem.q, 7)


def trajectory(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    x0: Array,
    y0: Array,
    steps: int,
    *,
    noise: Model | None = None,
    replicas: range | None = None,
    sampler: Sampler | None = None,
) -> list[Any]:
    """All states, from the initial one; without the driver, so that the driver can be compared with it."""
    numbers = range(len(x0)) if replicas is None else replicas
    drawn = Seeded(3, numbers) if sampler is None else sampler
    o = Oracle(problem, None if noise is None else noise.source(3, numbers), drawn)
    net = Gossip(network)
    states = [algorithm.init(x0, y0, o, net)]
    for t in range(1, steps + 1):
        states.append(algorithm.step(t, states[-1], o, net))
    return states


def arrays_of(state: Any) -> dict[str, Array]:
    """The arrays of a state by name."""
    return {f.name: getattr(state, f.name) for f in dataclasses.fields(state)}


def blocks_of(problem: Bilevel) -> dict[str, Array | None]:
    """The arrays that a quadratic problem was made of."""
    lower, upper = problem.lower, problem.upper
    return {name: getattr(lower, name) for name in "HBc"} | {name: getattr(upper, name) for name in BLOCKS}


def relabelled(problem: Bilevel, order: Array) -> Bilevel:
    """The quadratic problem whose agent i is agent ``order[i]`` of the given one."""
    if isinstance(problem, FiniteSumQuadratic):
        return finite_sum(**{name: terms[order] for name, terms in problem.terms.items()})  # type: ignore[arg-type]
    blocks: dict[str, Any] = {
        name: None if block is None else block[order] for name, block in blocks_of(problem).items()
    }
    return quadratic(**blocks, shared=problem.shared)


def relative_gap(a: Array, b: Array) -> float:
    """The largest difference, relative to the largest entry (at least 1), as a float."""
    left, right = convert(a, "float"), convert(b, "float")
    return float(abs(left - right).max(initial=0.0) / max(1.0, abs(right).max(initial=0.0)))


# p != q, so that a transposed block cannot pass; the agents differ.
PRIVATE, SHARED = (
    random_quadratic(seed=4, n=5, p=2, q=3, rational=True, shared=yes) for yes in (False, True)
)
SUM = random_finite_sum(seed=4, n=5, p=2, q=3, samples=3, spread=Fraction(1, 4), rational=True)
PATH, SERVER = named("path:5", "metropolis", exact=True), named("J:5", exact=True)


def setting(name: str, field: Field = "float") -> tuple[Bilevel, Network]:
    """A problem and a network of the kind that the algorithm needs."""
    cls = by_name(name)
    problem = SUM if cls.sampled else SHARED if cls.shared else PRIVATE
    return problem.over(field), (SERVER if cls.server else PATH).over(field)


def small_setting(name: str) -> tuple[Bilevel, Network]:
    """The same with three agents, in fractions."""
    cls = by_name(name)
    problem: Bilevel = random_quadratic(seed=7, n=3, p=1, q=2, rational=True, shared=cls.shared)
    if cls.sampled:
        problem = random_finite_sum(seed=7, n=3, p=1, q=2, samples=3, rational=True)
    return problem, named("J:3" if cls.server else "path:3", exact=True)
