r"""Exact moments where part of the state evolves without noise and, given it, the rest is affine.

With :math:`z = (d, w)` and :math:`d_t` a deterministic sequence, :math:`w_t = F_t w_{t-1} + r_t + N_t \xi_t`: the step
of the whole state is not affine, since it multiplies d and w, but mean and covariance of w close. ``F_t``, ``r_t``
and ``N_t`` are read off the algorithm's own step at every t, together with a random point which tells whether
they describe it. Many step sizes are followed at once, as replicas.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Probe
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem, SolvedProblem
from spiritlevel.theory.instruments.moments import Unstable, noise_covariance

CLOSES = 1e-9
"""Largest relative difference between a step and its affine map at a random point."""
STILL = 2.0**-52
"""The deterministic part has settled when no entry moves by more, relative to the largest."""


class NotClosed(ValueError):
    """Means and covariances do not close: the step is not affine given a deterministic part."""


@dataclass(frozen=True, eq=False)
class Slice:
    """One iteration for C cases: ``w' = F w + r + N xi`` and the next deterministic part.

    Shapes ``(C, D, D)``, ``(C, D)``, ``(C, D, noise)``. ``gap`` is the largest relative error at a random point.
    """

    F: Array
    r: Array
    N: Array
    calls: tuple[tuple[Channel, tuple[int, ...]], ...]
    fixed: dict[str, Array]
    gap: float


@dataclass(frozen=True, eq=False)
class Moving:
    """Mean ``(C, T + 1, m)`` and covariance ``(C, T + 1, m, m)`` of a readout at t = 0..T.

    ``gap`` is the largest relative error of any map at its random point; from iteration ``settled`` on, the maps
    no longer change (None: they still do, or are not known not to).
    """

    mean: Array
    covariance: Array
    gap: float
    settled: int | None


def floats(a: Algorithm) -> Algorithm:
    """The algorithm over floats, except that hyper-parameters given as arrays (one entry per case) stay so."""
    kept = {k: v for k, v in vars(a).items() if isinstance(v, np.ndarray)}
    plain = dataclasses.replace(a, **{k: 1.0 for k in kept}).over("float")  # type: ignore[type-var]
    return dataclasses.replace(plain, **kept)  # type: ignore[type-var]


class Reader:
    """Reads the affine maps of a step, given the part of the state that is deterministic.

    Parameters
    ----------
    algorithm
        Its step sizes may be float arrays ``(C, 1, 1)``: so many cases are followed at once.
    moving
        The fields of the state that are random; the others must evolve without noise and without them.
    channels
        Oracle channels with additive noise.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        problem: Problem,
        network: Network,
        start: Any,
        moving: tuple[str, ...],
        channels: frozenset[Channel],
    ) -> None:
        self.algorithm, self.problem, self.net = floats(algorithm), problem, Gossip(network)
        self.kind, self.moving, self.channels = type(start), moving, channels
        self.cases = max(
            [1, *(len(v) for v in vars(self.algorithm).values() if isinstance(v, np.ndarray))],
        )
        self.shapes = {f.name: getattr(start, f.name).shape[1:] for f in dataclasses.fields(start)}
        self.size = sum(int(np.prod(self.shapes[k])) for k in moving)
        self.rng = np.random.default_rng(0)
        self._repeated: tuple[int, Algorithm] | None = None

    def flat(self, s: Any) -> Array:
        """The moving part, shape ``(R, D)``."""
        parts = [getattr(s, k) for k in self.moving]
        return np.concatenate([a.reshape(len(a), -1) for a in parts], axis=1)

    def fixed(self, s: Any) -> dict[str, Array]:
        """The deterministic part of a start, for every case."""
        return {
            k: np.repeat(np.asarray(getattr(s, k), dtype=float), self.cases, axis=0)
            for k in self.shapes
            if k not in self.moving
        }

    def state(self, w: Array, fixed: Mapping[str, Array]) -> Any:
        """The state with moving part ``w`` of shape ``(R, D)`` and deterministic part repeated to R rows."""
        values, at = {k: np.repeat(v, len(w) // len(v), axis=0) for k, v in fixed.items()}, 0
        for k in self.moving:
            width = int(np.prod(self.shapes[k]))
            values[k] = w[:, at : at + width].reshape(len(w), *self.shapes[k])
            at += width
        return self.kind(**values)

    def readout(self, function: Callable[[Any], Array], fixed: Mapping[str, Array]) -> tuple[Array, Array]:
        """``L, c`` with ``function(state) = L w + c``, for a function that is affine in the moving part."""
        one = {k: v[:1] for k, v in fixed.items()}
        out = function(self.state(np.eye(self.size + 1, self.size, -1), one)).reshape(self.size + 1, -1)
        return (out[1:] - out[0]).T, out[0]

    def read(self, t: int, fixed: Mapping[str, Array]) -> Slice:
        """The maps of iteration t where the deterministic part before it is ``fixed``.

        Raises
        ------
        NotClosed
            If the step is not affine in the moving part and the noise, or moves the others with them.
        Unstable
            If it gives something that is not finite.
        """
        dry = Probe(self.channels)
        self._step(1, t, np.zeros((self.cases, self.size)), fixed, dry)
        calls = tuple(dry.seen)
        widths = [int(np.prod(shape)) for _, shape in calls]
        D, S, C = self.size, sum(widths), self.cases
        rows = 2 + D + S
        w, xi = np.zeros((rows, D)), np.zeros((rows, S))
        w[1 : 1 + D], xi[2 + D :] = np.eye(D), np.eye(S)
        w[1 + D], xi[1 + D] = self.rng.standard_normal(D), self.rng.standard_normal(S)
        everywhere, added, at = np.tile(xi, (C, 1)), [], 0
        for (_, shape), width in zip(calls, widths, strict=True):
            added.append(everywhere[:, at : at + width].reshape(C * rows, *shape))
            at += width
        after = self._step(rows, t, np.tile(w, (C, 1)), fixed, Probe(self.channels, added))
        out = self.flat(after).reshape(C, rows, D)
        r = out[:, 0]
        F, N = (np.swapaxes(part - r[:, None], 1, 2) for part in (out[:, 1 : 1 + D], out[:, 2 + D :]))
        expected = F @ w[1 + D] + N @ xi[1 + D] + r
        gap = float(abs(out[:, 1 + D] - expected).max() / (1 + abs(expected).max()))
        follows: dict[str, Array] = {}
        for k in fixed:
            each = getattr(after, k).reshape(C, rows, *self.shapes[k])
            follows[k] = each[:, 0]
            gap = max(gap, float(abs(each - each[:, :1]).max(initial=0.0) / (1 + abs(each).max(initial=0.0))))
        if not np.isfinite(gap):
            raise Unstable(f"iteration {t} gives numbers that are not finite")
        if gap > CLOSES:
            raise NotClosed(f"iteration {t} differs from its affine map by {gap:.1e} at a random point")
        return Slice(F, r, N, calls, follows, gap)

    def _step(self, rows: int, t: int, w: Array, fixed: Mapping[str, Array], noise: Probe) -> Any:
        if self._repeated is None or self._repeated[0] != rows:
            arrays = {k: v for k, v in vars(self.algorithm).items() if isinstance(v, np.ndarray)}
            longer = {k: np.repeat(v, rows, axis=0) for k, v in arrays.items()}
            self._repeated = rows, dataclasses.replace(self.algorithm, **longer)  # type: ignore[type-var]
        return self._repeated[1].step(t, self.state(w, fixed), Oracle(self.problem, noise), self.net)


def follow(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    T: int,
    *,
    moving: tuple[str, ...],
    sigma: Mapping[Channel, float],
    readout: Callable[[Any], Array],
    autonomous: bool = False,
) -> Moving:
    """Exact mean and covariance of a readout at t = 0..T.

    Parameters
    ----------
    algorithm, moving
        Of `Reader`.
    sigma
        Standard deviation per coordinate for every noisy channel.
    readout
        An affine function of the moving part of the state.
    autonomous
        Whether the step is the same at every t: its maps are then kept once the deterministic part has settled.

    Raises
    ------
    NotClosed
        If one iteration is not affine given a deterministic part; then moments do not close.
    Unstable
        If a mean or covariance is not finite at T.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.dsbo import DSBO
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=3, p=1, q=1, shared=True)
    >>> found = follow(DSBO(b=2), problem, named("ring:3"), 5, moving=("x", "y", "s", "h"),
    ...                sigma={"grad_x_f": 1.0}, readout=lambda s: s.x.mean(axis=1))
    >>> (3e6 * found.covariance[0, :3, 0, 0]).round(9)  # (alpha beta)^2/3 at t = 2: sampled first, used a step later
    array([0., 0., 1.])
    """
    net = Gossip(network)
    x, y = (a[None].astype(float) for a in problem.start())
    start = floats(algorithm).init(x, y, Oracle(problem), net)
    reader = Reader(algorithm, problem, network, start, moving, frozenset(sigma))
    fixed = reader.fixed(start)
    L, c = reader.readout(readout, fixed)
    mean = np.repeat(reader.flat(start), reader.cases, axis=0)
    covariance = np.zeros((reader.cases, reader.size, reader.size))
    means, covariances = [mean @ L.T + c], [L @ covariance @ L.T]
    worst, settled = 0.0, None
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for t in range(1, T + 1):
            if settled is None:
                now = reader.read(t, fixed)
                added = (now.N * noise_covariance(now.calls, sigma)) @ np.swapaxes(now.N, 1, 2)
                back = np.swapaxes(now.F, 1, 2)
                worst = max(worst, now.gap)
                if autonomous and all(_still(fixed[k], v) for k, v in now.fixed.items()):
                    settled = t
                fixed = now.fixed
            mean = (now.F @ mean[..., None])[..., 0] + now.r
            covariance = now.F @ covariance @ back + added
            means.append(mean @ L.T + c)
            covariances.append(L @ covariance @ L.T)
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise Unstable(f"the moments at t = {T} are not finite")
    return Moving(np.stack(means, 1), np.stack(covariances, 1), worst, settled)


def _still(before: Array, after: Array) -> bool:
    return bool((abs(after - before) <= STILL * abs(after).max(initial=0.0)).all())
