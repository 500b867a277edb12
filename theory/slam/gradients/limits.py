"""Where SLAM stops on a quadratic problem: the state at rest, in exact rationals, and whether iterates tend to it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, field_of
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.instruments.affine import Layout
from spiritlevel.theory.instruments.stability import radius

PAIR: Network = named("path:2", exact=True)
"""Two agents."""


@dataclass(frozen=True)
class Rest:
    """What `at_rest` found: the state, whether one iteration leaves it as it is and its multipliers' means are the start's, and the
    spectral radius of everything that can move.

    The radius is infinite where an iteration is not affine or does not keep the multipliers' means.
    """

    state: Any
    stays: bool
    radius: float

    @property
    def is_limit(self) -> bool:
        """Whether the iterates from every start tend to it: it stays, and everything else dies out."""
        return self.stays and self.radius < 1


def after(algorithm: Algorithm, problem: Bilevel, network: Network, state: Any) -> Any:
    """The state one noise-free iteration later, in the number system of the state."""
    field = field_of(state.x)
    return algorithm.over(field).step(1, state, Oracle(problem), Gossip(network.over(field)))


def first(algorithm: Algorithm, problem: Bilevel, network: Network) -> Any:
    """The state before the first iteration, from the problem's start."""
    x, y = (z[None] for z in problem.start())
    field = field_of(x)
    return algorithm.over(field).init(x, y, Oracle(problem), Gossip(network.over(field)))


def at_rest(
    algorithm: Any,
    problem: Bilevel,
    network: Network,
    x: Array,
    y: Array,
    measured: Callable[..., float] = radius,
) -> Rest:
    r"""Put SLAM, SLAM-L or SLAM-U where ``x``, ``y`` would be its limit and see whether it stays.

    Multipliers balance the agents' own (23) and gradients of g there: :math:`A^\top \lambda = -h_f/\gamma`,
    :math:`A^\top \omega = -h_g/\gamma`.

    Parameters
    ----------
    x, y
        Shapes ``(n, p)`` and ``(n, q)``, in exact numbers.
    measured
        Gives the spectral radius, in floats; see `spiritlevel.theory.instruments.stability.radius`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from spiritlevel.core.algorithms.slam import SLAM
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.theory.slam.gradients.instances import unequal
    >>> x, y = np.full((2, 1), Fraction(3, 4)), np.full((2, 1), Fraction(3, 8))
    >>> at_rest(SLAM(), unequal(), named("path:2", exact=True), x, y).is_limit
    True
    """
    o, values = Oracle(problem), {"x": x[None], "y": y[None]}
    start = first(algorithm, problem, network)
    fields = {f.name for f in dataclasses.fields(start)}
    values |= {name: z for name, z in (("Lx", values["x"] * 0), ("Ly", values["y"] * 0)) if name in fields}
    if "lam" in fields:
        values["lam"] = -surrogate(o, values["x"], values["y"]) / algorithm.over(field_of(x)).gamma
    if "om" in fields:
        values["om"] = -problem.grad_y_g(values["x"], values["y"]) / algorithm.over(field_of(x)).gamma
    state = dataclasses.replace(start, **values)
    flat = Layout.of(state).flatten
    stays = bool((flat(after(algorithm, problem, network, state)) == flat(state)).all())
    # the multipliers' means must be those of the start, or no run ever gets there
    net, moving = Gossip(network.over(field_of(x))), algorithm.over(field_of(x))
    stays = stays and bool((moving.conserved(state, net) == moving.conserved(start, net)).all())
    try:
        size = measured(algorithm, problem.over("float"), network.over("float"))
    except ValueError:
        size = math.inf
    return Rest(state, stays, size)


def everywhere(problem: Bilevel, x: Array) -> tuple[Array, Array]:
    """All agents at the point ``x`` of shape ``(p,)``, and their lower solutions; shapes ``(n, p)``, ``(n, q)``."""
    at = np.repeat(x[None], problem.n, axis=0)
    return at, problem.lower_solution(at[None])[0]


def iterates(algorithm: Algorithm, problem: Bilevel, network: Network, T: int) -> list[Any]:
    """The states before iterations 1, .., T and after the last, from the problem's start, without noise."""
    state = first(algorithm, problem, network)
    field = field_of(state.x)
    moving, o, net = algorithm.over(field), Oracle(problem), Gossip(network.over(field))
    states = [state]
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges says so by what it ends in
        for t in range(1, T + 1):
            states.append(moving.step(t, states[-1], o, net))
    return states
