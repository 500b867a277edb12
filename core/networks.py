r"""Networks of agents and their mixing matrices.

A mixing matrix ``W`` is symmetric, doubly stochastic and nonnegative, and its graph is connected.
That is all this module promises: ``W_ii = 0`` is allowed, so the eigenvalue -1 is too (a 4-ring
with weights 1/2), and a check that needs ``lambda < 1`` must ask `spiritlevel.core.spectra`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from spiritlevel.core.errors import InputError
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
    >>> pair = Network([[0.75, 0.25], [0.25, 0.75]])
    >>> pair.n, pair.edges
    (2, 2)
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

    def at(self, t: int) -> Network:
        """Itself, in every iteration: see `spiritlevel.core.schedules.Schedule`."""
        return self

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

    @cached_property
    def laplacian(self) -> Any:
        """The graph's Laplacian ``L = D - Adj``, whatever the weights; whole numbers, stored like ``W``.

        Examples
        --------
        >>> Network([[0.75, 0.25], [0.25, 0.75]]).laplacian
        array([[ 1., -1.],
               [-1.,  1.]])
        """
        if self.is_sparse:
            joined = (abs(self.W) > 0).astype(np.float64)
            joined.setdiag(0)
            return sp.csr_array(sp.diags_array(np.asarray(joined.sum(axis=1)).reshape(-1)) - joined)
        joined = np.asarray(self.W != 0, dtype=int)
        np.fill_diagonal(joined, 0)
        L = np.diag(joined.sum(axis=1)) - joined
        return L.astype(object if self.W.dtype == object else np.float64)

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
