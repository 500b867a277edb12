"""Expected iterates of Argus without cuts on scalar quadratics: every activity set with its probability.

Given who is awake an iteration is affine in the state, stale reads and multipliers theta included, so that the mean
of the state follows an affine map: the maps of all 2^N activity sets, weighted. Where the sets of successive
iterations depend on each other, as with forced wake-ups, the mean is followed for every value of the idle counters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.activity import Scripted
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus.assumptions import audit_runs

PARTS = ("x", "theta", "x_read", "pull_x")
Make = Callable[..., Algorithm]


def scalar_means(targets: Sequence[Any]) -> Bilevel:
    """Agents with ``G_i = (x - a_i)^2/2``, whose sum is least at the mean of the a_i; y plays no part.

    Examples
    --------
    >>> scalar_means([0.0, 0.0, 3.0]).solution()
    array([1.])
    """
    n = len(targets)
    one, none = np.ones((n, 1, 1)), np.zeros((n, 1))
    a = -np.array(targets, dtype=float)[:, None]
    return quadratic(H=one, B=one * 0, c=none, A=one, a=a, shared=True)


def audited(targets: Sequence[Any], p: Sequence[Any], tau: int = 0) -> tuple[str, ...]:
    """What these agents over the complete graph violate, awake with probabilities ``p`` and within ``tau`` iterations.

    Examples
    --------
    >>> audited([0, 3], [1, 1]), audited([0, 3], [1, Fraction(1, 4)], tau=3)
    ((), ())
    >>> audited([0, 3], [1, Fraction(1, 4)])
    ('1(c) violated: awake with probability 1/4 an agent may sleep any number of iterations running',)
    """
    least = min(p)
    free = (
        f"1(c) violated: awake with probability {least} an agent may sleep any number of iterations running"
    )
    lines = audit_runs([scalar_means([float(a) for a in targets])], [averaging(len(targets))])
    return (*lines, *((free,) if least < 1 and not tau else ()))


@dataclass(frozen=True)
class Maps:
    """``z -> M z + b`` for every activity set, in the order of ``sets``; the first ``n`` entries of z are x."""

    n: int
    sets: tuple[tuple[int, ...], ...]
    M: Array
    b: Array


def maps(make: Make, targets: Sequence[float], t: int = 1, **settings: Any) -> Maps:
    """The maps of iteration ``t`` over the complete graph; theta's damping is that of ``t``.

    Parameters
    ----------
    make
        Argus or a substitute.
    targets
        The a_i of `scalar_means`.
    settings
        Hyper-parameters.
    """
    problem, n = scalar_means(targets), len(targets)
    algorithm, network = make(T_1=0, M=1, **settings).over("float"), averaging(n)
    x, y = np.zeros((1, n, 1)), np.zeros((1, n, 1))
    first: Any = algorithm.init(x, y, Oracle(problem), Gossip(network))
    shapes = [(name, getattr(first, name).shape[1:]) for name in PARTS]
    apart = ~np.eye(n, dtype=bool)  # an agent has no theta with itself
    keep = np.concatenate([apart.ravel() if k == "theta" else np.ones(n, dtype=bool) for k, _ in shapes])
    places = np.flatnonzero(keep)
    probes = np.zeros((len(places) + 1, len(keep)))
    probes[np.arange(len(places)), places] = 1
    R, parts, at = len(probes), {}, 0
    for name, shape in shapes:
        size = int(np.prod(shape))
        parts[name] = probes[:, at : at + size].reshape(R, *shape)
        at += size
    others = [f.name for f in fields(first) if f.name not in PARTS]
    wide = {name: np.repeat(getattr(first, name), R, axis=0) for name in others}
    state = replace(first, **parts, **wide)
    sets = tuple(itertools.product((0, 1), repeat=n))
    M, b = [], []
    for awake in sets:
        net = Gossip(network, Scripted((awake,)).source(0, range(1)))
        after: Any = algorithm.step(t, state, Oracle(problem), net)
        out = np.concatenate([getattr(after, name).reshape(R, -1) for name in PARTS], axis=1)[:, places]
        M.append((out[:-1] - out[-1]).T)
        b.append(out[-1])
    return Maps(n, sets, np.array(M), np.array(b))


@dataclass(frozen=True)
class Limit:
    """``mean``: limit of the expected mean of the x_i; ``radius``: spectral radius of the map that leads there."""

    mean: float
    radius: float


def chance(awake: Sequence[int], p: Sequence[float]) -> float:
    """Probability of an activity set of independent agents."""
    return float(np.prod([q if on else 1 - q for on, q in zip(awake, p, strict=True)]))


def limit(found: Maps, p: Sequence[float]) -> Limit:
    """With agents awake independently of each other and of the past, with probabilities ``p``."""
    weights = np.array([chance(awake, p) for awake in found.sets])
    return _fixed(np.tensordot(weights, found.M, 1), weights @ found.b, found.n, 1)


def limit_forced(found: Maps, p: Sequence[float], tau: int) -> Limit:
    """The same where whoever was idle ``tau - 1`` times running wakes: followed for all idle counters together."""
    modes = list(itertools.product(range(tau), repeat=found.n))
    index, size = {mode: k for k, mode in enumerate(modes)}, found.b.shape[1]
    P = np.zeros((len(found.sets), len(modes), len(modes)))
    for mode, k in index.items():
        now = [1.0 if idle == tau - 1 else q for idle, q in zip(mode, p, strict=True)]
        for s, awake in enumerate(found.sets):
            to = tuple(0 if on else min(idle + 1, tau - 1) for on, idle in zip(awake, mode, strict=True))
            P[s, index[to], k] += chance(awake, now)
    flow = P.sum(axis=0) - np.eye(len(modes))
    flow[-1] = 1  # probabilities sum to 1
    at = np.linalg.lstsq(flow, np.eye(len(modes))[-1], rcond=None)[0]
    M = np.einsum("skl,sij->kilj", P, found.M).reshape(len(modes) * size, -1)
    b = np.einsum("skl,si,l->ki", P, found.b, at).ravel()
    return _fixed(M, b, found.n, len(modes))


def _fixed(M: Array, b: Array, n: int, modes: int) -> Limit:
    z = np.linalg.solve(np.eye(len(b)) - M, b).reshape(modes, -1).sum(axis=0)
    return Limit(float(z[:n].mean()), float(abs(np.linalg.eigvals(M)).max()))


def forced_rate(p: Fraction, tau: int) -> Fraction:
    """How often an agent is awake in the long run, if it never sleeps ``tau`` times running.

    Examples
    --------
    >>> forced_rate(Fraction(1, 4), 3), forced_rate(Fraction(1), 3)
    (Fraction(16, 37), Fraction(1, 1))
    """
    return p / (1 - (1 - p) ** tau)


def weighted(targets: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    """Where ``sum_i w_i (x - a_i) = 0``.

    Examples
    --------
    >>> weighted([Fraction(0), Fraction(0), Fraction(3)], [Fraction(4), Fraction(2), Fraction(1)])
    Fraction(3, 7)
    """
    return sum((w * a for w, a in zip(weights, targets, strict=True)), Fraction(0)) / sum(weights)


def spread(found: Maps, p: Sequence[float], aim: float) -> float:
    """Limit of the expected square of (mean of the x_i) - ``aim``, with agents awake independently; inf if it grows.

    The second moments of the state follow a linear map as well, on which the limit of the first ones acts.
    """
    weights, size = np.array([chance(awake, p) for awake in found.sets]), found.b.shape[1]
    M, b = np.tensordot(weights, found.M, 1), weights @ found.b
    first = np.linalg.solve(np.eye(size) - M, b)
    moved = found.M @ first + found.b - first  # one step from the limit of the mean
    square = np.einsum("s,sij,skl->ikjl", weights, found.M, found.M, optimize=True).reshape(size**2, -1)
    source = np.einsum("s,si,sk->ki", weights, moved, moved)
    sides = np.stack([source.ravel(), np.eye(size).ravel()], axis=1)
    cov, measure = np.linalg.solve(np.eye(size**2) - square, sides).T.reshape(2, size, size)
    if np.linalg.eigvalsh((measure + measure.T) / 2).min() <= 0:  # X = I + sum_s w_s M_s X M_s' > 0: stable
        return float("inf")
    n = found.n
    return float(cov[:n, :n].mean() + (first[:n].mean() - aim) ** 2)
