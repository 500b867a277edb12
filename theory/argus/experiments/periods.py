r"""Periods of activity as one affine map: the largest stable step, and what agents settle at.

Agents with ``G_i = (x - a_i)^2/2`` over the complete graph, no cuts, theta damped as at a fixed t. Who is awake repeats
itself every tau rounds, so that a period is one affine map, stale reads and multipliers included; with ``fresh`` reads
the same agents are awake, but see where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from spiritlevel.core.activity import Scripted
from spiritlevel.core.driver import run
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus.assumptions import movement
from spiritlevel.theory.argus.experiments.expectation import Make, Maps, maps
from spiritlevel.theory.argus.experiments.instances import separate
from spiritlevel.theory.instruments.spectrum import stability_limit
from spiritlevel.theory.statement import Context

TARGETS = (0.0, 0.0, 3.0)
PROBES = (0.25, 0.5, 1.0)
"""An iteration is quadratic in eta: theta moves by eta times an x that has moved by eta."""
Script = tuple[tuple[int, ...], ...]


def straggler(n: int, tau: int) -> Script:
    """All but the last agent are always awake, the last in one of tau rounds.

    Examples
    --------
    >>> straggler(2, 3)
    ((1, 1), (1, 0), (1, 0))
    """
    return tuple((*(1,) * (n - 1), int(k == 0)) for k in range(tau))


def refreshed(n: int) -> Array:
    """The matrix that puts what every agent would read now in the place of what it has read; entries as in `Maps`.

    Examples
    --------
    >>> refreshed(2)[4:]
    array([[1., 0., 0., 0., 0., 0., 0., 0.],
           [0., 1., 0., 0., 0., 0., 0., 0.],
           [0., 0., 1., 0., 0., 0., 0., 0.],
           [0., 0., 0., 1., 0., 0., 0., 0.]])
    """
    read = n * n
    R = np.eye(read + 2 * n)
    R[read:] = 0
    for i in range(n):
        R[read + i, i] = 1
        R[read + n + i, n + i * (n - 1) : n + (i + 1) * (n - 1)] = 1
    return R


def period(found: Maps, script: Script, fresh: bool = False) -> tuple[Array, Array]:
    """``M, b`` of the rounds of a script, one after the other."""
    R = refreshed(found.n) if fresh else np.eye(found.b.shape[1])
    M, b = np.eye(len(R)), np.zeros(len(R))
    for awake in script:
        k = found.sets.index(awake)
        M, b = found.M[k] @ R @ M, found.M[k] @ R @ b + found.b[k]
    return M, b


def largest_step(make: Make, n: int, script: Script, t: int, rates: str = "1", fresh: bool = False) -> float:
    """The eta at which a period stops being a contraction."""
    probes = [maps(make, [0.0] * n, t=t, eta=eta, rates=rates) for eta in PROBES]

    def radius(eta: float) -> float:
        weights = [np.prod([(eta - q) / (p - q) for q in PROBES if q != p]) for p in PROBES]
        M = sum(w * one.M for w, one in zip(weights, probes, strict=True))
        whole = Maps(n, probes[0].sets, np.asarray(M), probes[0].b)
        return float(abs(np.linalg.eigvals(period(whole, script, fresh)[0])).max())

    return stability_limit(radius, low=1e-3, high=10.0, rtol=1e-8).limit


@dataclass(frozen=True)
class Orbit:
    """What agents settle at: ``x`` before a period and after each of its rounds, shape ``(rounds + 1, n)``."""

    x: Array

    @property
    def mean(self) -> float:
        """Over agents and rounds."""
        return float(self.x[1:].mean())

    @property
    def apart(self) -> float:
        """The consensus error, averaged over rounds."""
        x = self.x[1:]
        return float(((x - x.mean(axis=1, keepdims=True)) ** 2).sum(axis=1).mean())

    def k_1(self) -> float:
        """The least k_1 of Assumption 1(c), tau being the period and y at rest; of this periodic run."""
        tau = len(self.x) - 1
        return movement(np.concatenate([self.x, self.x[1:]])[..., None], np.zeros((2 * tau + 1, 1, 1)), tau)[
            1
        ]


def orbit(
    make: Make,
    eta: float,
    tau: int,
    rates: str = "1",
    fresh: bool = False,
    targets: Sequence[float] = TARGETS,
) -> Orbit:
    """Where agents with these targets, the last of which is awake in one of tau rounds, go round; at t = 1."""
    found, script = maps(make, targets, eta=eta, rates=rates), straggler(len(targets), tau)
    M, b = period(found, script, fresh)
    z = np.linalg.solve(np.eye(len(b)) - M, b)
    xs = [z[: found.n]]
    for awake in script:
        step, move = period(found, (awake,), fresh)
        z = step @ z + move
        xs.append(z[: found.n])
    return Orbit(np.array(xs))


def drifting(ctx: Context, tau: int) -> Fraction:
    """The least k_1 in 2 tau rounds of two awake agents with G_i = x, which move by eta in every round; exact."""
    one = [[[Fraction(1)]]] * 2
    problem = quadratic(
        H=one, B=one, c=[[Fraction(0)]] * 2, A=[[[Fraction(0)]]] * 2, a=[[Fraction(1)]] * 2, shared=True
    )
    a = ctx.algorithm("argus")(eta=Fraction(1, 100), T_1=0, M=1)
    x = run(a, problem, averaging(2, exact=True), steps=2 * tau, record="all", metrics=()).x[0]
    floor = min(((x[1:] - x[:-1]) ** 2).sum(axis=(1, 2)))
    far = max(max(((x[k:] - x[:-k]) ** 2).sum(axis=(1, 2))) for k in range(1, tau + 1))
    return Fraction(str(far / (tau * floor)))


def virtual(tau: int, n: int) -> str:
    """Rates that make the virtual ones equal for `straggler`.

    Examples
    --------
    >>> virtual(4, 3)
    '1:1:4'
    """
    return ":".join([*["1"] * (n - 1), str(tau)])


def idle_together(ctx: Context, taus: Sequence[int] = (2, 3, 5), active: int = 3) -> int:
    """In how many of three exact runs, everyone awake once in tau rounds, x is not that of the run with all awake."""
    problem, network = (
        separate(ctx.seed("idle") % 2**31, 3, 1, same=False, exact=True),
        averaging(3, exact=True),
    )
    a = ctx.algorithm("argus")(eta=Fraction(1, 3), T_1=0, M=1, damping="none")

    def x(tau: int) -> Any:
        script = Scripted(((1,) * 3, *((0,) * 3,) * (tau - 1)))
        steps = (active - 1) * tau + 1
        return run(a, problem, network, steps=steps, activity=script, record=[steps], metrics=()).x

    return sum(bool((x(tau) != x(1)).any()) for tau in taus)


Rates = Callable[[int, int], str]


def equal(tau: int, n: int) -> str:
    """The same step for all."""
    return "1"


def unstable_scripts(make: Make, eta: float, longest: int) -> tuple[int, int]:
    """Of all periodic orders of activity of two agents, up to ``longest`` rounds, how many there are and grow at t = 1."""
    found, count, grow = maps(make, [0.0, 0.0], eta=eta), 0, 0
    for length in range(1, longest + 1):
        for script in product(found.sets, repeat=length):
            turned = [script[k:] + script[:k] for k in range(length)]
            if script == min(turned) and all(any(column) for column in zip(*script, strict=True)):
                count += 1
                grow += float(abs(np.linalg.eigvals(period(found, script)[0])).max()) >= 1
    return count, grow
