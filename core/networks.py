r"""Networks of agents and their mixing matrices.

A mixing matrix ``W`` is symmetric, doubly stochastic and nonnegative, and its graph is connected.
That is all this module promises: ``W_ii = 0`` is allowed, so the eigenvalue -1 is too (a 4-ring
with weights 1/2), and a check that needs ``lambda < 1`` must ask `spiritlevel.core.spectra`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import Array, Field, convert, field_of

STOCHASTIC_TOLERANCE = 1e-12
SPARSE_FROM = 512  # agents; below this a dense product is faster


@dataclass(frozen=True, eq=False)
class Network:
    """A mixing matrix with its name; validated once, immutable afterwards.

    Parameters
    ----------
    W
        Mixing matrix, shape ``(n, n)``: a float array, an object array of exact numbers or symbols
        (symbols are taken on trust), or a scipy sparse array.
    name
        For reports.

    Raises
    ------
    InputError
        If ``W`` is not square, not finite, not symmetric, has a negative entry, a row that does not
        sum to 1, or a disconnected graph; the sentence names the entry.

    Examples
    --------
    >>> ring = named("ring:4", "metropolis")
    >>> ring.n, ring.edges
    (4, 8)
    """

    W: Any
    name: str = "custom"

    def __post_init__(self) -> None:
        W = self.W
        if sp.issparse(W):
            W = sp.csr_array(W, dtype=np.float64, copy=True)
            W.eliminate_zeros()  # a stored zero would count as an edge
        else:
            W = _array(W)
            W.setflags(write=False)
        object.__setattr__(self, "W", W)
        _validate(W)

    @cached_property
    def n(self) -> int:
        """Number of agents."""
        return int(self.W.shape[0])

    @property
    def is_sparse(self) -> bool:
        """Whether ``W`` is a scipy sparse array."""
        return bool(sp.issparse(self.W))

    @cached_property
    def is_averaging(self) -> bool:
        """Whether every entry is ``1/n``, to rounding: one round then gives every agent the mean."""
        if self.edges != self.n * (self.n - 1):
            return False
        off = self.dense() * self.n - 1
        return bool((off == 0).all() if off.dtype == object else (abs(off) < STOCHASTIC_TOLERANCE).all())

    @cached_property
    def edges(self) -> int:
        """Number of directed edges: ordered pairs ``i != j`` with ``W_ij`` not zero."""
        if self.is_sparse:
            rows, columns = sp.coo_array(self.W).coords
            return int((rows != columns).sum())
        return int(np.count_nonzero(self.W != 0)) - int(np.count_nonzero(np.diagonal(self.W) != 0))

    @cached_property
    def diagonal(self) -> Array:
        """The self-weights ``W_ii`` as a column, shape ``(n, 1)``."""
        return np.asarray(self.W.diagonal()).reshape(-1, 1)

    def dense(self) -> Array:
        """``W`` as an array."""
        return cast(Array, self.W.toarray() if self.is_sparse else self.W)

    def sparse(self) -> Network:
        """The same network with ``W`` stored as a scipy CSR array (floats only)."""
        return Network(sp.csr_array(convert(self.dense(), "float")), self.name)

    def over(self, field: Field) -> Network:
        """The same network in another number system.

        Going from floats to an exact field keeps the off-diagonal entries and recomputes the diagonal
        as one minus the rest of the row, so that the exact matrix is exactly doubly stochastic; it
        differs from the given one by at most the rounding of a row sum. Weights stay real in complex
        runs.
        """
        field = "float" if field == "complex" else field
        if field == "float" and self.W.dtype != object:
            return self
        W = self.dense()
        rounded = W.dtype != object
        out = convert(W, field)
        if rounded and out.dtype == object:
            out = out.copy()
            for i in range(self.n):
                for j in range(i):
                    out[i, j] = out[j, i]
            for i in range(self.n):
                out[i, i] = out[i, i] * 0 + 1 - sum(out[i, j] for j in range(self.n) if j != i)
        return Network(out, self.name)

    def lazy(self) -> Network:
        """``(I + W) / 2``: the same graph, every eigenvalue in [0, 1]."""
        if self.is_sparse:
            return Network(sp.csr_array((sp.eye_array(self.n) + self.W) / 2), f"lazy {self.name}")
        return Network((np.eye(self.n, dtype=int) + self.W) / 2, f"lazy {self.name}")


def _array(given: Any) -> Array:
    """A copy as floats or exact rationals; symbols and polynomials stay what they are."""
    try:
        W = np.array(given)
    except ValueError as error:
        raise InputError("W has rows of unequal lengths; a mixing matrix is square") from error
    if W.dtype != object:
        if W.dtype.kind not in "iuf":
            raise InputError(f"W holds entries of type {W.dtype}; give real numbers")
        return W.astype(np.float64)
    systems = {field_of(np.array([entry], dtype=object)) for entry in W.flat if not isinstance(entry, int)}
    if systems <= {"fraction", "fmpq"}:
        return convert(W, "fmpq" if "fmpq" in systems else "fraction")
    for at, entry in np.ndenumerate(W):
        if isinstance(entry, float | complex) or not hasattr(entry, "__mul__"):
            raise InputError(f"W{list(at)} is {entry!r}; give floats only, or exact numbers and symbols only")
    return W


def _validate(W: Any) -> None:
    if W.ndim != 2 or W.shape[0] != W.shape[1] or W.shape[0] == 0:
        raise InputError(f"W has shape {W.shape}; a mixing matrix is square with at least one agent")
    if W.dtype == object and field_of(W) == "symbol":
        return
    exact = W.dtype == object
    tolerance = 0 if exact else STOCHASTIC_TOLERANCE
    coo = sp.coo_array(W) if sp.issparse(W) else None
    entries = coo.data if coo is not None else W
    where = (lambda k: tuple(int(c[k[0]]) for c in coo.coords)) if coo is not None else (lambda k: tuple(k))

    def first(bad: Any) -> tuple[int, ...] | None:
        hits = np.argwhere(bad)
        return tuple(int(v) for v in where(hits[0])) if len(hits) else None

    if not exact and (at := first(~np.isfinite(entries))):
        raise InputError(f"W[{at[0]}, {at[1]}] is {W[at]}; every entry must be finite")
    if at := first(entries < -tolerance):
        raise InputError(f"W[{at[0]}, {at[1]}] is {W[at]}, negative; mixing weights must be >= 0")
    if sp.issparse(W):
        skew = sp.coo_array(abs(W - W.T))
        bad = np.flatnonzero(skew.data > tolerance)
        at = (int(skew.coords[0][bad[0]]), int(skew.coords[1][bad[0]])) if len(bad) else None
    else:
        at = first(abs(W - W.T) > tolerance)
    if at:
        i, j = at
        raise InputError(f"W[{i}, {j}] is {W[i, j]} but W[{j}, {i}] is {W[j, i]}; W must be symmetric")
    rows = np.asarray(W.sum(axis=1)).reshape(-1)
    off = np.flatnonzero(abs(rows - 1) > tolerance * max(1, W.shape[0]))
    if len(off):
        raise InputError(f"row {off[0]} of W sums to {rows[off[0]]}; every row must sum to 1")
    graph = W if sp.issparse(W) else sp.csr_array((W != 0).astype(np.int8))
    parts, labels = connected_components(graph, directed=False)
    if parts > 1:
        other = int(np.flatnonzero(labels != labels[0])[0])
        raise InputError(f"W is disconnected: no path from agent 0 to agent {other}; give a connected graph")


# --- weight rules: exact weights per edge, so that small networks are exact -------------------------


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


def averaging(n: int, *, exact: bool = False) -> Network:
    """``J``, every entry ``1/n``: one round gives every agent the mean (a server).

    Examples
    --------
    >>> averaging(2).W
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    W = convert(np.full((n, n), Fraction(1, n), dtype=object), "fraction" if exact else "float")
    return Network(W, f"J:{n}")


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
