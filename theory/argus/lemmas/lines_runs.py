r"""The two sides of (46) to (49) on exact runs of Argus, in expectation over who is awake in the round."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.activity import Scripted
from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import neighbours
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus.assumptions import movement
from spiritlevel.theory.argus.experiments.instances import separate
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.statement import Context

T_1 = 2
CASES = tuple(
    itertools.product(("path:3", "complete:3"), (Fraction(1, 20), Fraction(1, 10**6)), (True, False))
)
"""Graph, step size, and whether the agents are identical; the smaller step is within Theorem 1's list, the larger is not."""
Sides = dict[str, list[tuple[Fraction, Fraction]]]
"""Left and right side of a line, once per cut or edge where it speaks of one."""
AWAKE = ((1, 1, 1),) * 5
TURNS = ((1, 1, 1), (1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1))
"""All are awake until the cuts are made; then one at a time."""
AGED = 100
"""tau k_1 on the right of (46) where agents take turns: the larger, the larger that side."""
CHANCES = (Fraction(1), Fraction(1, 2), Fraction(1, 4))


@dataclass(frozen=True)
class Round:
    """Round t of a run: the state before it, and what may follow."""

    t: int
    eta: Fraction
    """Nominal: what the expected virtual step size is."""
    before: Any
    follow: tuple[tuple[Fraction, tuple[int, ...], Any], ...]
    """Probability, who is awake, and the state after it."""

    def mean(self, part: Any) -> Fraction:
        """The expected value of a function of the state after the round."""
        return sum((p * part(s) for p, _, s in self.follow), Fraction(0))

    def awake(self, i: int) -> Fraction:
        """The probability that agent i is awake."""
        return sum((p for p, sets, _ in self.follow if sets[i]), Fraction(0))


def rounds(
    make: Callable[..., Algorithm],
    problem: Bilevel,
    network: Network,
    eta: Fraction,
    script: Sequence[tuple[int, ...]],
    chances: tuple[Fraction, ...] | None = None,
) -> Iterator[Round]:
    """The rounds from :math:`T_1` on of a run with cuts made in every round before.

    Parameters
    ----------
    make
        Argus or a substitute.
    script
        Who is awake, round by round.
    chances
        Probabilities of being awake, with steps ``eta/p_i``: all activity sets may then follow on a round, and the
        run goes on as the script says. None: what the script says follows with probability 1, all steps being eta.
    """
    a = ready(make, eta, chances or (Fraction(1),) * problem.n).over("fraction")
    start = np.arange(problem.n)[None, :, None] * 3 % 5 - 2
    x, y = (
        convert(np.repeat(start * sign, size, axis=2), "fraction")
        for sign, size in ((1, problem.p), (-1, problem.q))
    )
    s: Any = a.init(x, y, Oracle(problem), Gossip(network))
    for t, awake in enumerate(script):
        following = _after(a, problem, network, t, s, awake)
        if t >= T_1 and chances is None:
            yield Round(t, eta, s, ((Fraction(1), awake, following),))
        elif t >= T_1 and chances is not None:
            yield Round(t, eta, s, all_after(a, problem, network, t, s, chances))
        s = following


def ready(make: Callable[..., Algorithm], eta: Fraction, p: Sequence[Fraction]) -> Algorithm:
    """With steps ``eta/p_i``, and cuts made in every round before :math:`T_1`."""
    rates = ":".join(str(1 / q) for q in p)
    return make(eta=eta, rates=rates, iota=1, T_1=T_1, M=T_1 + 1, eta_y=Fraction(1, 3))


def _after(a: Any, problem: Bilevel, network: Network, t: int, s: Any, awake: tuple[int, ...]) -> Any:
    return a.step(t + 1, s, Oracle(problem), Gossip(network, Scripted((awake,)).source(0, range(1))))


def all_after(
    a: Algorithm, problem: Bilevel, network: Network, t: int, s: Any, p: Sequence[Fraction]
) -> tuple[tuple[Fraction, tuple[int, ...], Any], ...]:
    """What may follow on a state where agents are awake independently, with probabilities ``p``; as in `Round`."""
    chances = (
        (math.prod((q if on else 1 - q for q, on in zip(p, sets, strict=True)), start=Fraction(1)), sets)
        for sets in itertools.product((0, 1), repeat=problem.n)
    )
    return tuple((q, sets, _after(a, problem, network, t, s, sets)) for q, sets in chances)


def lipschitz(network: Network, s: Any) -> Fraction:
    r"""A rational above the joint Hessian of every :math:`L'_{pi}`, for Hessians 1 of G_i and the cuts of a state."""
    joined = neighbours(Gossip(network))[..., 0]
    _, n, p = s.x.shape
    norms = []
    for i in range(n):
        rows = [np.concatenate([s.a[0, i, k].ravel(), s.b[0, i, k].ravel()]) for k in range(s.a.shape[2])]
        for j, k in itertools.product(np.flatnonzero(joined[i]), range(p)):
            row = np.zeros(s.x[0].size + s.y[0].size)
            row[i * p + k], row[j * p + k] = 1, -1
            rows.append(row)
        norms.append(np.linalg.norm(np.array(rows, dtype=float), 2))
    return Fraction(math.ceil(1000 * (1 + math.sqrt(1 + 4 * max(norms) ** 2)) / 2) + 1, 1000)


def _squares(z: Array) -> Fraction:
    value = squared_norm(z.reshape(1, -1))[0]
    return Fraction(int(value.numerator), int(value.denominator))


def _duals(r: Round, network: Network) -> Iterator[tuple[str, int, Any, Array]]:
    """Line, owner, the multiplier in a state, and the gradient of L'_p in it."""
    s, joined = r.before, neighbours(Gossip(network))
    values = s.cuts.values(s.x, s.y)
    for i in range(s.x.shape[1]):
        for k in np.flatnonzero(s.used[0, i]):
            yield "48", i, lambda z, i=i, k=k: z.lam[0, i, k : k + 1], values[0, i, k : k + 1]
        for j in np.flatnonzero(joined[i, :, 0]):
            yield "49", i, lambda z, i=i, j=j: z.theta[0, i, j], s.x[0, i] - s.x[0, j]


def sides(problem: Bilevel, network: Network, r: Round, tau_k_1: int = 1) -> Sides:
    r"""Left and right sides as printed, where R = 0; and of the repaired lines.

    ``46`` to ``49``: first and last side. ``48-movement``: 3 L^2 times the movement, and what (48) has for it.
    ``46-repaired``, ``47-mean``, ``48-repaired``, ``49-repaired``: as those statements have them.
    """
    s, n, eta = r.before, problem.n, r.eta
    o, net = Oracle(problem), Gossip(network)
    L, gap = lipschitz(network, s), 1 - Fraction(modulus(network))
    pull_x, pull_y = Argus().pulls(s.theta, s.cuts, neighbours(net))
    d, u = net.mix(s.x, s.y)
    apart_x, apart_y = (_squares(z - mean_over_agents(z)) for z in (s.x, s.y))
    left = n * _squares(mean_over_agents(o.grad_x_f(d, s.y) + pull_x)) + L**2 * apart_x
    own, mean = o.grad_y_f(s.x, s.y) + pull_y, mean_over_agents(o.grad_y_f(s.x, u) + pull_y)
    slopes, stepped = _squares(own), r.mean(lambda z: _squares(z.x - d))
    moved = r.mean(lambda z: _squares(z.x - s.x) + _squares(z.y - s.y))
    age = _squares(s.x - s.x_read) + _squares(s.y - s.y_read)
    room = L**2 * (6 * stepped + 24 * apart_x + (9 * apart_y + 6 * eta**2 * slopes) / gap)
    aged = 32 * stepped + 128 * apart_x + (48 * apart_y + 32 * eta**2 * slopes) / gap
    printed = n * L**2 * (tau_k_1 * aged + 32 * apart_x)
    half = n * _squares(mean) / 2
    found: Sides = {
        "46": [(left, 2 / eta**2 * stepped + printed)],
        "46-repaired": [(left, 2 / eta**2 * stepped + L**2 * (17 * apart_x + 4 * age))],
        "47": [(half, slopes + _squares(own - mean))],
        "47-mean": [(half, slopes + 4 * L**2 * apart_y)],
        "48-movement": [(3 * L**2 * moved, room)],
    }
    root = [Fraction(t**-0.5) for t in (r.t, r.t + 1)]
    for line, i, multiplier, gradient in _duals(r, network):
        z, p = multiplier(s), r.awake(i)
        c = [one * (p or 1) / eta for one in root]
        square = _squares(gradient - convert(np.array([c[1]], dtype=object), "fraction") * z)
        change = r.mean(lambda after, m=multiplier, z=z: _squares(m(after) - z))
        damped = 3 * (c[0] ** 2 - c[1] ** 2) * _squares(z)
        found.setdefault(line, []).append((square, room + damped + 3 / eta**2 * change))
        if p:
            found.setdefault(f"{line}-repaired", []).append(
                (square, 2 * p / eta**2 * change + 2 * L**2 / p * moved)
            )
    return found


def instances(times: int) -> Iterator[tuple[Bilevel, Network, Fraction]]:
    """Three agents, ``times`` problems for each of `CASES`: problem, network, step size."""
    for k, (graph, eta, same) in itertools.product(range(times), CASES):
        network = named(graph, exact=True)
        yield separate(seed_of("argus/46 to 49", str(k)), network.n, 1, same=same, exact=True), network, eta


@functools.cache
def _along(
    make: Callable[..., Algorithm],
    script: tuple[tuple[int, ...], ...],
    chances: tuple[Fraction, ...] | None,
    tau_k_1: int,
    times: int,
) -> Sides:
    found: Sides = {}
    for problem, network, eta in instances(times):
        for r in rounds(make, problem, network, eta, script, chances):
            for line, pairs in sides(problem, network, r, tau_k_1).items():
                found.setdefault(line, []).extend(pairs)
    return found


@functools.cache
def _needed(make: Callable[..., Algorithm], times: int) -> float:
    found = []
    for problem, network, eta in instances(times):
        run = list(rounds(make, problem, network, eta, TURNS))
        states = [run[0].before, *(r.follow[0][2] for r in run)]
        x, y = (convert(np.concatenate([getattr(s, z) for s in states]), "float") for z in ("x", "y"))
        found.append(len(run) * movement(x, y, len(run))[1])
    return max(found)


def needed(ctx: Context) -> float:
    """The largest tau k_1 that Assumption 1(c) needs from T_1 on in the runs in turns, where tau is the number of agents."""
    return _needed(ctx.algorithm("argus"), ctx.pick(1, 4))


def measured(
    ctx: Context,
    script: tuple[tuple[int, ...], ...],
    chances: tuple[Fraction, ...] | None = None,
    tau_k_1: int = 1,
) -> Sides:
    """The sides of all lines along exact runs of three agents, the same runs for every line."""
    return _along(ctx.algorithm("argus"), script, chances, tau_k_1, ctx.pick(1, 4))


def failing(pairs: Sequence[tuple[Fraction, Fraction]]) -> int:
    """How often the left side exceeds the right one.

    Examples
    --------
    >>> failing([(Fraction(2), Fraction(1)), (Fraction(1), Fraction(1))])
    1
    """
    return sum(left > right for left, right in pairs)


def slack(pairs: Sequence[tuple[Fraction, Fraction]]) -> list[float]:
    """Least and median of right over left, where left is not 0.

    Examples
    --------
    >>> slack([(Fraction(1), Fraction(2)), (Fraction(1), Fraction(4)), (Fraction(0), Fraction(1))])
    [2.0, 3.0]
    """
    ratios = [float(right / left) for left, right in pairs if left]
    return [min(ratios), float(np.median(ratios))] if ratios else []
