"""Assumption 2 and the discussion of rho: what an edge more does, and which graphs have a mixing matrix at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from spiritlevel.core.graphs import from_graph
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.matrices import positive_definite
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.mixing import ROUNDING, second_modulus
from spiritlevel.theory.evidence import Evidence, broken, judged
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness


def connected_graphs(most: int, least: int = 2) -> Iterator[Any]:
    """Every connected graph with ``least`` to ``most`` vertices, one of each shape; at most 7 vertices.

    Examples
    --------
    >>> [sum(1 for _ in connected_graphs(n, n)) for n in (2, 3, 4, 5)]
    [1, 2, 6, 21]
    """
    import networkx as nx

    for graph in nx.graph_atlas_g():
        if least <= len(graph) <= most and nx.is_connected(graph):
            yield graph


def raised(most: int) -> tuple[int, int, float]:
    """How many ways to add an edge there are, in how many rho rises with Metropolis weights, and by how much at most.

    Examples
    --------
    >>> raised(3)
    (1, 0, 0.0)
    """
    import networkx as nx

    ways = worse = 0
    largest = 0.0
    for graph in connected_graphs(most):
        before = second_modulus(from_graph(graph).dense())
        for i, j in nx.non_edges(graph):
            more = graph.copy()
            more.add_edge(i, j)
            rise = second_modulus(from_graph(more).dense()) - before
            ways, worse = ways + 1, worse + (rise > ROUNDING)
            largest = max(largest, rise)
    return ways, worse, 0.0 if largest < ROUNDING else largest


def chord_witness() -> Witness:
    """A ring of four with Metropolis weights, and the same with one chord: rho rises from 1/3 to 1/2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(chord_witness()).ok
    True
    """
    t, q = "1/3", "1/4"
    return Witness(
        statement="argus/rho-edge",
        paper=PAPER,
        location="Discussion below Theorem 1",
        claim_text="with an edge more rho is not larger, where rho is 1/3 before",
        note="Metropolis weights; the chord joins agents 0 and 2; rho^2 is the largest eigenvalue of (W - J)^2",
        given={
            "ring": [[t, t, 0, t], [t, t, t, 0], [0, t, t, t], [t, 0, t, t]],
            "more": [[q, q, q, q], [q, "1/2", q, 0], [q, q, q, q], [q, 0, q, "1/2"]],
            "rho": t,
        },
        define=(
            ("J", "ones(4, 4)/4"),
            ("before", "ring - J"),
            ("after", "more - J"),
        ),
        assume=(
            Condition("both are symmetric", "symmetric(ring) and symmetric(more)"),
            Condition("rows sum to 1", "ring@ones(4) == ones(4) and more@ones(4) == ones(4)"),
            Condition("rho of the ring is at most 1/3", "psd(rho**2*eye(4) - before@before)"),
        ),
        claim=Condition("so is that with the chord", "psd(rho**2*eye(4) - after@after)"),
    )


def _check_edge(ctx: Context) -> Finding:
    most = ctx.pick(5, 6)
    ways, worse, largest = raised(most)
    return broken(
        chord_witness(),
        f"a ring of four has rho = 1/3, with one chord 1/2: the chord's ends weigh their other neighbours less. Of the {ways} ways to add an edge to a connected "
        f"graph of up to {most} agents {worse} raise rho, by {largest:.3f} at most",
        {"ways": ways, "raised": worse, "largest": largest, "tolerance": ROUNDING},
        cases=ways,
    )


EDGE = Statement(
    id="argus/rho-edge",
    paper=PAPER,
    location="Discussion below Theorem 1, 'a smaller rho, corresponding to higher network connectivity'",
    kind="network",
    variant="added",
    sentence="An edge more does not raise rho, with Metropolis weights.",
    because="A new neighbour lessens the weights of the others, which can raise rho. This is a reading of 'higher connectivity'; the paper names no rule "
    "for the weights. With weights of one's choice, down to 0 on the new edge, rho cannot rise.",
    check=_check_edge,
    expected=Verdict.REFUTED,
)


def path_witness() -> Witness:
    """A path of three agents without loops: rows 1 and 3 leave no choice, and row 2 sums to 2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(path_witness()).ok
    True
    """
    return Witness(
        statement="argus/mixing-self-loops",
        paper=PAPER,
        location="Assumption 2(a)-(c)",
        claim_text="e is in the null space of I - W",
        note="W is the only symmetric matrix that is 0 off the two edges and whose first and last row sum to 1",
        given={"W": [[0, 1, 0], [1, 0, 1], [0, 1, 0]]},
        define=(("sums", "W@ones(3)"),),
        assume=(
            Condition("2(a) on the path 1 - 2 - 3", "W[0, 1] > 0 and W[1, 2] > 0 and W[0, 2] == 0"),
            Condition(
                "2(a): no weight where there is no edge", "W[0, 0] == 0 and W[1, 1] == 0 and W[2, 2] == 0"
            ),
            Condition("2(b)", "symmetric(W)"),
            Condition("the rows of agents 1 and 3 sum to 1", "sums[0] == 1 and sums[2] == 1"),
        ),
        claim=Condition("so does that of agent 2", "sums[1] == 1"),
    )


def _check_loops(ctx: Context) -> Finding:
    return broken(
        path_witness(),
        "on a path of three the rows of both ends force the weights 1 and 1, and the row of the middle sums to 2; two agents force [[0, 1], [1, 0]], with the eigenvalue -1 that 2(d) "
        "excludes",
    )


LOOPS = Statement(
    id="argus/mixing-self-loops",
    paper=PAPER,
    location="Assumption 2; Section III-C, 'E denotes the set of edges (communication between agents)'",
    kind="network",
    variant="added",
    sentence="With E^t the edges between different agents, Assumption 2 can be met on every connected graph.",
    because="2(a) then asks for W_ii = 0, which a star of three agents cannot have. This is a reading; (15) and (16) with N_i = neighbours only would need "
    "it too.",
    check=_check_loops,
    expected=Verdict.REFUTED,
)


def proof() -> bool:
    """I - W and I + W are sums of squares over pairs of agents, and a Metropolis self-weight is at least 1/(1 + d_i)."""
    import sympy as sp

    w, a, b = sp.symbols("w a b")
    d = sp.Symbol("d", nonnegative=True)
    squares = [sp.expand(w * (a**2 + b**2) + s * 2 * w * a * b - w * (a + s * b) ** 2) for s in (-1, 1)]
    left = sp.simplify(1 - d / (1 + d) - 1 / (1 + d))
    return squares == [0, 0] and left == 0


def fails(graph: Any, W: Array) -> bool:
    """Whether weights on a graph are not as Assumption 2 asks, every agent its own neighbour, in exact arithmetic.

    Examples
    --------
    >>> import networkx as nx
    >>> from fractions import Fraction
    >>> graph, half = nx.path_graph(2), Fraction(1, 2)
    >>> fails(graph, np.array([[half, half], [half, half]])), fails(graph, np.array([[0, 1], [1, 0]]))
    (False, True)
    """
    n, W = len(graph), convert(W, "fraction")
    eye, J = convert(np.eye(n, dtype=int), "fraction"), averaging(n, exact=True).W
    near = np.eye(n, dtype=bool)
    for i, j in graph.edges:
        near[i, j] = near[j, i] = True
    shape = ((W > 0) == near).all() and (W == W.T).all() and (W.sum(axis=1) == 1).all()
    return not (shape and positive_definite(eye + W) and positive_definite(eye - W + J))


def _check_repaired(ctx: Context) -> Finding:
    graphs = list(connected_graphs(ctx.pick(5, 7)))
    failing = sum(fails(graph, from_graph(graph, exact=True).dense()) for graph in graphs)
    return judged(
        proof(),
        Evidence(len(graphs), failing, "connected graphs, one of each shape, in exact arithmetic"),
        "x'(I - W)x and x'(I + W)x are sums of W_ij (x_i -+ x_j)^2 over the edges, the latter and 2 W_ii x_i^2, and W_ii >= 1 - d_i/(1 + d_i) > 0: the first is 0 for "
        "constant x only, the second for x = 0 only",
    )


REPAIRED = Statement(
    id="argus/mixing-self-loops-repaired",
    paper=PAPER,
    location="Assumption 2",
    kind="network",
    variant="repaired",
    repairs="argus/mixing-self-loops",
    sentence="With every agent a neighbour of itself, Metropolis weights meet Assumption 2 on every connected graph.",
    formula=r"W_{ij} = \frac{1}{1 + \max(d_i, d_j)},\quad W_{ii} = 1 - \sum_{j \ne i} W_{ij}",
    because="(i, i) is in E^t: closed neighbourhoods, as (15) and (16) need.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)
