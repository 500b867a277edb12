"""Networks from graphs: weight rules, and graphs by name.

Weights are exact per edge, so that small networks are exact when asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.networks import SPARSE_FROM, Network, averaging
from spiritlevel.core.numbers import Array, convert


def metropolis(degrees: Array, i: int, j: int) -> Fraction:
    """Metropolis-Hastings weight of an edge: one over one plus the larger degree."""
    return Fraction(1, 1 + int(max(degrees[i], degrees[j])))


def _laplacian_weight(graph: Any) -> Fraction:
    # The largest Laplacian eigenvalue is irrational in general. Any rational in its place keeps W
    # symmetric and doubly stochastic exactly, so only the scale is rounded (relative 1e-12).
    import networkx as nx

    L = nx.laplacian_matrix(graph).astype(float)
    if graph.number_of_nodes() > SPARSE_FROM:
        from scipy.sparse.linalg import eigsh

        start = np.random.default_rng(0).standard_normal(graph.number_of_nodes())
        top = float(eigsh(L, k=1, which="LA", v0=start, return_eigenvectors=False)[0])
    else:
        top = float(np.linalg.eigvalsh(L.toarray())[-1])
    return (2 / (3 * Fraction(top))).limit_denominator(10**12)


RULES = ("metropolis", "laplacian", "third")


def from_graph(
    graph: Any, rule: str = "metropolis", *, name: str | None = None, exact: bool = False
) -> Network:
    r"""A network from a networkx graph and a weight rule.

    Parameters
    ----------
    graph
        Undirected networkx graph; its edge weights and self-loops are ignored, its nodes taken in their order.
    rule
        ``metropolis``: :math:`W_{ij} = 1 / (1 + \max(d_i, d_j))`. ``laplacian``:
        :math:`W = I - 2 L / (3 \lambda_{\max}(L))` (INTERACT, Section 6). ``third``: 1/3 to each
        neighbour and itself; every degree must be at most 2.
    exact
        Store fractions instead of floats (dense).

    Raises
    ------
    InputError
        For an unknown rule, a directed or disconnected graph, or degrees that the rule cannot serve.

    Examples
    --------
    >>> import networkx as nx
    >>> from_graph(nx.path_graph(3), "metropolis", exact=True).W[0]
    array([Fraction(2, 3), Fraction(1, 3), Fraction(0, 1)], dtype=object)
    """
    if graph.is_directed():
        raise InputError("graph is directed; mixing matrices need an undirected graph")
    n = graph.number_of_nodes()
    if n == 0:
        raise InputError("graph has no nodes; give at least one agent")
    index = {node: k for k, node in enumerate(graph.nodes)}
    pairs = sorted({(min(index[a], index[b]), max(index[a], index[b])) for a, b in graph.edges if a != b})
    degrees = np.zeros(n, dtype=int)
    for i, j in pairs:
        degrees[i] += 1
        degrees[j] += 1
    weight = _rule(rule, graph, degrees)
    weights = [weight(i, j) for i, j in pairs]
    name = name or f"graph of {n} agents ({rule})"
    if not exact and n > SPARSE_FROM:
        i, j = np.array(pairs).T
        w = np.array([float(v) for v in weights])
        off = sp.coo_array((np.r_[w, w], (np.r_[i, j], np.r_[j, i])), shape=(n, n))
        return Network(sp.csr_array(off + sp.diags_array(1 - np.asarray(off.sum(axis=1)))), name)
    W = convert(np.zeros((n, n), dtype=int), "fraction")
    for (i, j), v in zip(pairs, weights, strict=True):
        W[i, j] = W[j, i] = v
    for i in range(n):
        W[i, i] = 1 - W[i].sum()
    return Network(W if exact else convert(W, "float"), name)


def _rule(rule: str, graph: Any, degrees: Array) -> Callable[[int, int], Fraction]:
    if rule == "metropolis":
        return lambda i, j: metropolis(degrees, i, j)
    if rule == "laplacian":
        scale = _laplacian_weight(graph) if graph.number_of_edges() else Fraction(0)
        return lambda i, j: scale
    if rule == "third":
        if degrees.max() > 2:
            raise InputError(
                f"rule 'third' needs degrees of at most 2, not {degrees.max()}; use 'metropolis'"
            )
        return lambda i, j: Fraction(1, 3)
    raise unknown("weight rule", rule, RULES)


SHAPES = ("ring", "path", "complete", "star", "grid", "erdos-renyi", "karate", "J")


def named(text: str, rule: str = "metropolis", *, exact: bool = False) -> Network:
    """A network by name: the command line's spelling.

    ``ring:8``, ``path:6``, ``complete:8``, ``star:10``, ``grid:3:4``, ``erdos-renyi:10:0.5:seed`` (redrawn
    until connected), ``karate`` (Zachary's club, 34 agents), ``J:8``; any of them with ``lazy-`` in front.

    Raises
    ------
    InputError
        For an unknown name or sizes that are missing, not numbers, or out of range.

    Examples
    --------
    >>> named("lazy-ring:5", "third").n
    5
    """
    import networkx as nx

    shape, *sizes = text.split(":")
    if shape.startswith("lazy-"):
        return named(text.removeprefix("lazy-"), rule, exact=exact).lazy()
    if shape not in SHAPES:
        raise unknown("network", text, SHAPES)
    wanted = {"grid": 2, "erdos-renyi": 3, "karate": 0}.get(shape, 1)
    if len(sizes) != wanted:
        raise InputError(
            f"network {text!r} has {len(sizes)} sizes; {shape} takes {wanted}, as in {_EXAMPLES[shape]!r}"
        )
    if shape == "karate":
        return from_graph(nx.karate_club_graph(), rule, name=text, exact=exact)
    n = _size(text, sizes[0])
    if shape == "J":
        return averaging(n, exact=exact)
    if shape == "grid":
        graph = nx.grid_2d_graph(n, _size(text, sizes[1]))
    elif shape == "erdos-renyi":
        graph = _erdos_renyi(text, n, sizes[1], sizes[2])
    elif shape == "star":
        graph = nx.star_graph(n - 1)
    else:
        graph = {"ring": nx.cycle_graph, "path": nx.path_graph, "complete": nx.complete_graph}[shape](n)
    return from_graph(graph, rule, name=text, exact=exact)


_EXAMPLES = {
    "grid": "grid:3:4",
    "erdos-renyi": "erdos-renyi:10:0.5:1",
    "karate": "karate",
} | {shape: f"{shape}:8" for shape in ("ring", "path", "complete", "star", "J")}


def _size(text: str, size: str, low: int = 1) -> int:
    if not size.isascii() or not size.isdigit() or not low <= int(size[:12]) <= 10_000_000 or len(size) > 12:
        raise InputError(f"network {text!r} has size {size!r}; give a whole number from {low} to 10000000")
    return int(size)


def _erdos_renyi(text: str, n: int, probability: str, seed: str) -> Any:
    import networkx as nx

    try:
        chance = float(probability)
    except ValueError:
        chance = float("nan")
    if not 0 < chance <= 1:
        raise InputError(f"network {text!r} has edge probability {probability!r}; give a number in (0, 1]")
    first = _size(text, seed, 0) * 1000
    for attempt in range(1000):
        graph = nx.fast_gnp_random_graph(n, chance, seed=first + attempt)
        if nx.is_connected(graph):
            return graph
    raise InputError(f"network {text!r}: none of 1000 draws was connected; give a larger probability")
