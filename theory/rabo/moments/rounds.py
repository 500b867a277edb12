"""RABO's exact affine map over one round, or over a period of masks that move, and where it rests."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel, SolvedProblem
from spiritlevel.theory.instruments.affine import AffineMap, probe
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.statement import Check, Context, Finding, Method, Verdict

Maker = Callable[..., Algorithm]
"""An algorithm's class, called with its hyper-parameters."""
CHANNELS: tuple[Channel, ...] = ("grad_x_f", "grad_y_g")
"""What carries noise: every hypergradient, and every inner gradient."""
EXACT = 1e-20
"""A squared gradient below this is rounding, where gradients are of size 1 to 100."""


def kind_of(ctx: Context, name: str = "rabo") -> type[Algorithm]:
    """The class under that name, or the one that stands in for it."""
    return type(ctx.algorithm(name)())


def over_rounds(
    algorithm: Algorithm, problem: SolvedProblem, rounds: int = 1, channels: Iterable[Channel] = ()
) -> AffineMap:
    """The map of so many rounds, from the first on; one is enough for masks that stay.

    Raises
    ------
    NotAffine
        If a round is not affine on this problem.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.rabo import RABO
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=3, p=3, q=3, shared=True)
    >>> rolling = RABO(mask_x="rolling:2", mask_y="rolling:2")
    >>> over_rounds(rolling, problem, 3).M.shape
    (6, 6)
    """
    network, whole = averaging(problem.n), None
    for t in range(1, rounds + 1):
        one = probe(algorithm, problem, network, channels=channels, t=t)
        whole = one if whole is None else _then(whole, one)
    assert whole is not None
    return whole


def _then(first: AffineMap, second: AffineMap) -> AffineMap:
    return dataclasses.replace(
        first,
        M=second.M @ first.M,
        b=second.M @ first.b + second.b,
        N=np.concatenate([second.M @ first.N, second.N], axis=1),
        calls=first.calls + second.calls,
    )


@dataclass(frozen=True, eq=False)
class Rest:
    """Where a stable map rests: the server's ``x (p,)`` and ``y (q,)``, and how good that is.

    ``gradient``: of Phi at x, for the problem (1) without masks; ``squared`` its square; ``behind``: ``|y - y*(x)|``;
    ``radius``: spectral radius of the map.
    """

    x: Array
    y: Array
    gradient: Array
    squared: float
    behind: float
    radius: float


def rest(algorithm: Algorithm, problem: SolvedProblem, rounds: int = 1) -> Rest:
    """The fixed point of the map over so many rounds.

    Raises
    ------
    Unstable
        If the map has none that attracts.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.rabo import RABO
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=3, p=2, q=2, shared=True, heterogeneity=0)
    >>> rest(RABO(), problem).squared < 1e-20
    True
    """
    amap = over_rounds(algorithm, problem, rounds)
    radius = float(abs(np.linalg.eigvals(amap.M)).max())
    if not radius < 1:
        raise Unstable(f"a round has spectral radius {radius:.6f}")
    z = np.linalg.solve(np.eye(len(amap.b)) - amap.M, amap.b)
    s = amap.layout.unflatten(z[None])
    return at_state(problem, s, radius)


def at_state(problem: SolvedProblem, s: Any, radius: float = float("nan")) -> Rest:
    """The same figures at any state."""
    gradient = problem.hypergradient(s.x[:, 0])[0]
    behind = float(np.linalg.norm((s.y - problem.lower_solution(s.x))[0, 0]))
    return Rest(s.x[0, 0], s.y[0, 0], gradient, float(gradient @ gradient), behind, radius)


def rounds_until(
    algorithm: Algorithm, problem: SolvedProblem, level: float, *, at: Array, limit: int = 4000
) -> int:
    """Rounds until the average of ``||grad Phi(x_q)||^2`` from ``(x, y) = at`` is at most ``level``; `limit` if it is not by then.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.rabo import RABO
    >>> from spiritlevel.theory.rabo.moments.problems import separable
    >>> a, start = RABO(alpha=0.02, beta=0.2), 3 * np.ones(4)
    >>> few, many = (rounds_until(a, separable(2, 2), level, at=start) for level in (10.0, 1.0))
    >>> 1 < few < many < 4000
    True
    """
    amap = over_rounds(algorithm, problem, 1)
    L, constant = amap.readout(lambda s: problem.hypergradient(s.x[:, 0]))
    z, total = at, 0.0
    for q in range(1, limit):
        g = L @ z + constant
        total += float(g @ g)
        if total <= level * q:
            return q
        z = amap.M @ z + amap.b
    return limit


def readouts(amap: AffineMap, problem: SolvedProblem) -> Array:
    r"""Rows :math:`\ell` with :math:`\nabla \Phi(x) = \ell (z, 1)`, as `averages` takes them, shape ``(p, 1, F + 1)``."""
    L, constant = amap.readout(lambda s: problem.hypergradient(s.x[:, 0]))
    return np.asarray(np.c_[L, constant][:, None, :])


def stable(check: Check) -> Check:
    """A check of where an algorithm ends, which one that grows beyond all numbers fails."""

    @wraps(check)
    def checked(ctx: Context) -> Finding:
        try:
            return check(ctx)
        except Unstable as error:
            return Finding(verdict=Verdict.REFUTED, method=Method.LINEAR, summary=f"no rest: {error}")

    return checked
