r"""Reading an algorithm's exact affine map off its own `step`.

Where one step is affine in the state, :math:`z_{t} = M z_{t-1} + b + N \xi_t`, feeding the step the
basis vectors (as replicas, all at once) gives ``M``, ``b`` and the noise map ``N`` with no
derivation by hand, in any number system.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Probe
from spiritlevel.core.numbers import Array, convert, field_of
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem, SolvedProblem


class NotAffine(ValueError):
    """A map that was probed as affine failed the midpoint test."""


@dataclass(frozen=True)
class Layout:
    """How a state's arrays lie in one vector: its type, and each field's name and shape ``(n, dim)``."""

    state: type[Any]
    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, s: Any) -> Layout:
        """The layout of a state."""
        return cls(type(s), tuple((f.name, getattr(s, f.name).shape[1:]) for f in dataclasses.fields(s)))

    @property
    def size(self) -> int:
        """Length of the vector."""
        return sum(int(np.prod(shape)) for _, shape in self.shapes)

    def flatten(self, s: Any) -> Array:
        """The state as ``(R, size)``; fields kept at one replica are broadcast."""
        parts = [getattr(s, name) for name, _ in self.shapes]
        R = max(part.shape[0] for part in parts)
        return np.concatenate([np.broadcast_to(a, (R, *a.shape[1:])).reshape(R, -1) for a in parts], axis=1)

    def unflatten(self, z: Array) -> Any:
        """The state of vectors ``z`` of shape ``(R, size)``."""
        values, at = {}, 0
        for name, shape in self.shapes:
            k = int(np.prod(shape))
            values[name] = z[:, at : at + k].reshape(z.shape[0], *shape)
            at += k
        return self.state(**values)


@dataclass(frozen=True, kw_only=True)
class AffineMap:
    """``z' = M z + b + N xi``, started at ``z0 + N0 xi0``, keeping ``C z`` unchanged."""

    M: Array
    b: Array
    z0: Array
    C: Array
    N: Array
    N0: Array
    calls: tuple[tuple[Channel, tuple[int, ...]], ...]
    """The noisy oracle calls of one step, in order; ``N`` has one column per coordinate of each."""
    calls0: tuple[tuple[Channel, tuple[int, ...]], ...]
    layout: Layout

    def readout(self, function: Callable[[Any], Array]) -> tuple[Array, Array]:
        """``L, c`` with ``function(state) = L z + c``, for a function that is affine in the state.

        Raises
        ------
        NotAffine
            If it is not.
        """
        return probe_function(lambda z: function(self.layout.unflatten(z)), self.M.shape[0], field_of(self.M))


def basis(size: int, field: Any) -> Array:
    """The zero vector and the basis vectors, shape ``(size + 1, size)``."""
    return convert(np.eye(size + 1, size, -1, dtype=int), field)


def probe_function(function: Callable[[Array], Array], size: int, field: Any) -> tuple[Array, Array]:
    """``L, c`` with ``function(z) = L z + c``; ``function`` maps ``(R, size)`` to ``(R, ...)``.

    Raises
    ------
    NotAffine
        If ``f(u) + f(v) - 2 f((u+v)/2)`` is not zero (1e-9 relative in floats, exactly zero otherwise).

    Examples
    --------
    >>> L, c = probe_function(lambda z: 2 * z[:, :1] + 1, 2, "float")
    >>> L, c
    (array([[2., 0.]]), array([1.]))
    """
    _midpoint(function, size, field)
    out = function(basis(size, field))
    out = out.reshape(size + 1, -1)
    return (out[1:] - out[0]).T, out[0]


def _midpoint(function: Callable[[Array], Array], size: int, field: Any) -> None:
    k = np.arange(size)
    u, v = convert((3 * k) % 7 - 3, field), convert((5 * k + 2) % 11 - 5, field)
    out = function(np.stack([u, v, (u + v) / 2])).reshape(3, -1)
    gap = out[0] + out[1] - 2 * out[2]
    if gap.dtype == object:
        bad = any(g != 0 for g in gap)
    else:
        bad = bool((abs(gap) > 1e-9 * (1 + abs(out).max(initial=0.0))).any())
    if bad:
        raise NotAffine("the map is not affine: its value at a midpoint is not the mean of the ends")


def probe(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    *,
    channels: Iterable[Channel] = (),
    x0: Array | None = None,
    y0: Array | None = None,
    t: int = 1,
) -> AffineMap:
    """Read off the affine map of iteration ``t``, in the number system of the problem's start.

    Parameters
    ----------
    channels
        Oracle channels that carry additive noise; ``N`` and ``N0`` have no columns without them.
    x0, y0
        Start, shapes ``(n, p)`` and ``(n, q)``; the problem's own by default.

    Raises
    ------
    NotAffine
        If the step is not affine on this problem.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.interact import Interact
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> amap = probe(Interact(), random_quadratic(seed=1, n=3, p=1, q=1), named("ring:3"))
    >>> amap.M.shape
    (15, 15)
    """
    algorithm.require(problem, network)
    start = problem.start()
    x = (start[0] if x0 is None else x0)[None]
    y = (start[1] if y0 is None else y0)[None]
    field = field_of(x)
    a = algorithm.over(field)
    net = Gossip(network.over(field) if field != "float" else network)
    noisy = frozenset(channels)

    s0 = a.init(x, y, Oracle(problem), net)
    layout = Layout.of(s0)

    def step(z: Array) -> Array:
        return layout.flatten(a.step(t, layout.unflatten(z), Oracle(problem), net))

    M, b = probe_function(step, layout.size, field)
    C, _ = probe_function(lambda z: a.conserved(layout.unflatten(z), net), layout.size, field)

    def start_with(o: Oracle, R: int) -> Array:
        return layout.flatten(a.init(_repeat(x, R), _repeat(y, R), o, net))

    z0 = layout.flatten(s0)

    def step_with(o: Oracle, R: int) -> Array:
        return layout.flatten(a.step(t, layout.unflatten(_repeat(z0, R)), o, net))

    N, calls = _noise_map(step_with, problem, noisy, layout.size, field)
    N0, calls0 = _noise_map(start_with, problem, noisy, layout.size, field)
    return AffineMap(M=M, b=b, z0=z0[0], C=C, N=N, N0=N0, calls=calls, calls0=calls0, layout=layout)


def _repeat(a: Array, R: int) -> Array:
    return np.broadcast_to(a, (R, *a.shape[1:]))


def _noise_map(
    function: Callable[[Oracle, int], Array],
    problem: Problem,
    noisy: frozenset[Channel],
    size: int,
    field: Any,
) -> tuple[Array, tuple[tuple[Channel, tuple[int, ...]], ...]]:
    dry = Probe(noisy)
    function(Oracle(problem, dry), 1)
    calls = tuple(dry.seen)
    widths = [int(np.prod(shape)) for _, shape in calls]
    total = sum(widths)
    if total == 0:
        return convert(np.zeros((size, 0), dtype=int), field), calls
    columns = basis(total, field)
    added, at = [], 0
    for (_, shape), width in zip(calls, widths, strict=True):
        added.append(columns[:, at : at + width].reshape(total + 1, *shape))
        at += width
    out = function(Oracle(problem, Probe(noisy, added)), total + 1)
    return (out[1:] - out[0]).T, calls
