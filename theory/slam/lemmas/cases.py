r"""Exact instances and consecutive iterates of SLAM, for lines about one of its steps.

A `Window` holds the states r-1, r, r+1 that the algorithm under test makes of any state at r-1, with the samples
:math:`h^{r-1}, h^r` that it must have used, computed beside it: :math:`h_g` at :math:`(x, y)`, :math:`h_f` by (23) at the
new y. Everything is rational.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert, fill, scalar
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.statement import Context

GRAPHS = {"path:3": (1, 3), "path:2": (2, 2), "star:4": (1, 4), "complete:3": (3, 3), "ring:4": (2, 4)}
"""Graphs with rational algebraic connectivity and largest Laplacian eigenvalue."""

HALF = Fraction(1, 2)


class Prescribed:
    """Adds given perturbations to the gradients of f in x and of g in y, call by call; nothing once they are used up."""

    def __init__(self, f: Sequence[Array] = (), g: Sequence[Array] = ()) -> None:
        self.left: dict[str, list[Array]] = {"grad_x_f": list(f), "grad_y_g": list(g)}

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The exact answer plus the next perturbation of its channel."""
        value = np.asarray(getattr(problem, channel)(*args))
        waiting = self.left.get(channel)
        return value + waiting.pop(0) if waiting else value

    def samples(self, problem: Problem) -> int:
        """One, as for additive noise."""
        return 1


def signs(*shape: int) -> Array:
    """All arrays of that shape with entries 1 and -1, as replicas: two-point noise, enumerated.

    Examples
    --------
    >>> signs(2, 1).tolist()
    [[[1], [1]], [[1], [-1]], [[-1], [1]], [[-1], [-1]]]
    """
    size = int(np.prod(shape))
    rows = convert(np.array(list(itertools.product((1, -1), repeat=size))), "fmpq")
    return rows.reshape(-1, *shape)


@dataclass(frozen=True)
class Level:
    """One level of a window: its iterates at r-1, r, r+1, its samples at r-1, r, and its inverse step size."""

    old: Array
    now: Array
    new: Array
    h_old: Array
    h: Array
    step: Any
    dual_old: Array
    """gamma A' times the multiplier at r; ``dual`` at r+1."""
    dual: Array
    other: Array
    """What the other level moved before this one: x from r-1 to r, or y from r to r+1."""


@dataclass(frozen=True)
class Case:
    """An algorithm on a problem and a graph, with constants that hold for them; all numbers are `flint.fmpq`."""

    algorithm: Algorithm
    problem: Bilevel
    network: Network
    alpha: Any
    beta: Any
    gamma: Any
    rho: Any
    low: Any
    high: Any
    mu: Any
    L: Any
    C: Any
    L_fx: Any
    L_fy: Any

    @property
    def n(self) -> int:
        """Number of agents."""
        return self.problem.n

    @property
    def one(self) -> Any:
        """1, as the other numbers are."""
        return self.rho / self.rho

    @property
    def coordinates(self) -> int:
        """How many coordinates a state has: x, y, and what the Laplacian makes of both multipliers."""
        return 2 * self.n * (self.problem.p + self.problem.q)

    def state(self, z: Array) -> tuple[Any, Gossip]:
        """The state with the coordinates ``(x, y, l, o)``, where the multipliers enter as ``L l`` and ``L o``."""
        n, p, q, R = self.n, self.problem.p, self.problem.q, len(z)
        parts = np.split(z, np.cumsum([n * p, n * q, n * p]), axis=1)
        x, y, l, o = (part.reshape(R, n, size) for part, size in zip(parts, (p, q, p, q), strict=True))
        net = Gossip(self.network)
        s: Any = self.algorithm.init(x, y, Oracle(self.problem), net)
        kept = dict(zip(("lam", "om"), net.differences(l, o), strict=True))  # SLAM-U has no om
        return dataclasses.replace(s, **{name: kept[name] for name in kept if hasattr(s, name)}), net

    def follow(self, s: Any, net: Gossip, noise: Prescribed, steps: int) -> list[Any]:
        """The state and its successors."""
        o, states = Oracle(self.problem, noise), [s]
        for t in range(1, steps + 1):
            states.append(self.algorithm.step(t, states[-1], o, net))
        return states

    def window(self, z: Array, f: Sequence[Array] = (), g: Sequence[Array] = ()) -> Window:
        """Two iterations from the states with these coordinates, under given noise."""
        s, net = self.state(z)
        states = self.follow(s, net, Prescribed(f, g), 2)
        return Window(self, states, self._samples(states, "f", f), self._samples(states, "g", g))

    def _samples(self, states: list[Any], of: Literal["f", "g"], noise: Sequence[Array]) -> list[Array]:
        o, found = Oracle(self.problem), []
        for k, (s, after) in enumerate(itertools.pairwise(states)):
            h = surrogate(o, s.x, after.y) if of == "f" else o.grad_y_g(s.x, s.y)
            h = h + noise[k] if k < len(noise) else h
            found.append(self.scaled(h))
        return found

    def scaled(self, h: Array) -> Array:
        """h in the normalisation that the algorithm uses."""
        return h / self.n if getattr(self.algorithm, "h_scale", "local") == "mean" else h


@dataclass(frozen=True)
class Window:
    """The states r-1, r, r+1 and the samples of both steps."""

    case: Case
    states: list[Any]
    h_f: list[Array]
    h_g: list[Array]

    def level(self, name: str) -> Level:
        """The upper level, ``x``, or the lower one, ``y``."""
        a, b, c = self.states
        gamma, f, g = self.case.gamma, self.h_f, self.h_g
        if name == "x":
            moved = c.y - b.y
            return Level(a.x, b.x, c.x, f[0], f[1], self.case.alpha, gamma * b.lam, gamma * c.lam, moved)
        return Level(a.y, b.y, c.y, g[0], g[1], self.case.beta, gamma * b.om, gamma * c.om, b.x - a.x)


def build(
    algorithm: Any,
    problem: Bilevel,
    graph: str,
    constants: tuple[Any, Any, Any],
    numbers: Mapping[str, Fraction],
    surrogate_constants: tuple[Any, Any] = (0, 0),
    **settings: Any,
) -> Case:
    """A case from rationals.

    Parameters
    ----------
    algorithm, problem, graph
        A class, a problem and a key of `GRAPHS`.
    constants, surrogate_constants
        mu_g, L_{g,1} and C_xy; L_{f,x} and L_{f,y} of (34), (33).
    numbers
        alpha, beta, gamma and rho.
    settings
        Other hyper-parameters.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.slam import SLAM
    >>> one = [[[1]]] * 2
    >>> problem = quadratic(one, one, [[0], [0]], shared=True)
    >>> numbers = {"alpha": Fraction(8), "beta": Fraction(4), "gamma": Fraction(2), "rho": HALF}
    >>> build(SLAM, problem, "path:2", (1, 1, 1), numbers).coordinates
    8
    """
    low, high = GRAPHS[graph]
    names = ("low", "high", "mu", "L", "C", "L_fx", "L_fy")
    known = dict(zip(names, (low, high, *constants, *surrogate_constants), strict=True))
    return Case(
        algorithm(**numbers, **settings).over("fmpq"),
        problem.over("fmpq"),
        named(graph, exact=True).over("fmpq"),
        **{name: scalar(Fraction(value), "fmpq") for name, value in (dict(numbers) | known).items()},
    )


def random_case(
    ctx: Context, k: int, *, scale: str = "local", gamma: Fraction | None = None, graph: str | None = None
) -> Case:
    r"""Random rational scalars, agents alike in nothing, with the step sizes that the repaired lines ask for.

    :math:`\kappa = 1 - \rho\gamma\sigma_{\max}/\beta = 1/2`, :math:`\beta \ge L^2/(\mu\kappa)`, and :math:`\rho\gamma\sigma_{\max} \le \alpha`.
    """
    rng = np.random.default_rng(ctx.seed("case", k))
    graph = graph or list(GRAPHS)[k % len(GRAPHS)]
    n, high = int(graph[-1]), GRAPHS[graph][1]

    def draw(low: int, top: int, *shape: int) -> list[Any]:
        return list((convert(rng.integers(low, top + 1, (n, *shape)), "fraction") / 2).tolist())

    H, B = draw(2, 6, 1, 1), draw(-4, 4, 1, 1)
    A, a, E, Q, e = (draw(-4, 4, *shape) for shape in ((1, 1), (1,), (1, 1), (1, 1), (1,)))
    problem = quadratic(H, B, draw(-4, 4, 1), A=A, a=a, E=E, Q=Q, e=e, shared=True)
    mu, C = min(h[0][0] for h in H), max(abs(b[0][0]) for b in B)
    L = max(C, *(h[0][0] for h in H))  # A1 is about the gradient of g in x and y
    slopes = [
        max(abs(direct[i][0][0] + B[i][0][0] / H[i][0][0] * through[i][0][0]) for i in range(n))
        for direct, through in ((A, E), (E, Q))
    ]
    gamma = gamma or (Fraction(1), Fraction(3, 2), Fraction(6))[k % 3]
    beta = L**2 / (mu * HALF) * Fraction(int(rng.integers(2, 5)), 2)
    rho = HALF * beta / (gamma * high)
    alpha = rho * gamma * high * Fraction(int(rng.integers(2, 7)), 2)
    numbers = {"alpha": alpha, "beta": beta, "gamma": gamma, "rho": rho}
    return build(
        ctx.algorithm("slam"), problem, graph, (mu, L, C), numbers, (slopes[0], slopes[1]), h_scale=scale
    )


def number(value: Any) -> Fraction:
    """An exact number of any kind, also in an array of one, as a fraction.

    Examples
    --------
    >>> number(scalar(HALF, "fmpq"))
    Fraction(1, 2)
    """
    return Fraction(convert(np.asarray(value, dtype=object).reshape(-1), "fraction")[0])


def mean(values: Array, outcomes: int) -> Array:
    """Exact expectation over outcomes that are the fastest part of the replicas' axis; ``(R outcomes,)`` to ``(R,)``.

    Examples
    --------
    >>> mean(convert([1, 3, 5, 9], "fmpq"), 2)
    array([2, 7], dtype=object)
    """
    return fill((len(values) // outcomes,), values.reshape(-1, outcomes).sum(axis=1) / outcomes)
