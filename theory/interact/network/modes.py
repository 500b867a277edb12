r"""How the network enters one step of INTERACT, exactly.

When all agents have the same curvature h of :math:`\ell_i` (and nothing else varies with y), a step leaves
every eigenvector of ``W`` alone: with its eigenvalue w and :math:`a = \alpha h` the pair (x, u) follows

.. math:: q(z) = z^2 - (2w - a) z + w^2 - a,

whose roots are real: :math:`1 - s \pm \sqrt{s^2 - g^2}` with :math:`g = 1 - w`, :math:`s = g + a/2`. The
mean follows :math:`1 - a`. From this come `stable_step` and `best_step`. With unequal agents nothing
decouples: `Pencil` holds the step's matrix as a function of alpha and gives both numbers by its spectrum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import from_graph, named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import eigenvalues, modulus
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.synthetic.upper import BLOCKS
from spiritlevel.theory.instruments.affine import Layout, probe
from spiritlevel.theory.instruments.spectrum import Stability, quotient, stability_limit

GRAPHS = (
    "path:3",
    "complete:3",
    "path:6",
    "ring:6",
    "star:6",
    "grid:2:3",
    "erdos-renyi:6:0.5:1",
    "complete:6",
)
LARGER = ("path:9", "ring:9", "star:9", "grid:3:3", "erdos-renyi:9:0.4:1", "complete:9")
RULES = ("metropolis", "laplacian")
CURVATURE = 2.5


def networks(graphs: tuple[str, ...]) -> dict[str, Network]:
    """Every graph with both weight rules, as they are and lazy; K_{3,3}; and the averaging matrix."""
    import networkx as nx

    found = {
        f"{lazy}{graph} {rule}": named(lazy + graph, rule)
        for graph in graphs
        for rule in RULES
        for lazy in ("", "lazy-")
    }
    # K_{3,3} has |lambda_m| > lambda_2 with Metropolis weights, so that lambda is not lambda_2.
    twosided = from_graph(nx.complete_bipartite_graph(3, 3), "metropolis", name="K_3,3")
    return found | {"K_3,3": twosided, "J:6": named("J:6"), "lazy-J:6": named("lazy-J:6")}


def equal_agents(m: int) -> Bilevel:
    """``f_i = h x^2 / 2`` with h = `CURVATURE`, and a lower level that nothing depends on."""
    return quadratic([[[1]]] * m, [[[0]]] * m, [[0]] * m, A=[[[CURVATURE]]] * m)


def stable_step(least: Any, h: Any = 1) -> Any:
    r"""The stability limit :math:`(1+\lambda_m)^2 / (2h)` of alpha; ``least`` is the smallest eigenvalue of W.

    Exact for numbers and symbols.

    Examples
    --------
    >>> from fractions import Fraction
    >>> stable_step(Fraction(1, 3))
    Fraction(8, 9)
    """
    return (1 + least) ** 2 / (2 * h)


def interference(least: float) -> float:
    r"""The a at which the most negative root for the smallest eigenvalue of W is as large as 1 - a.

    The smaller root of :math:`2a^2 - 2(1+v)a + v^2` with :math:`v = 1 + \lambda_m`.

    Examples
    --------
    >>> round(interference(0.0), 6)  # J: 1 - 1/sqrt(2)
    0.292893
    """
    v = 1 + least
    return (1 + v - math.sqrt(1 + 2 * v - v * v)) / 2


def best_step(second: float, least: float) -> float:
    r"""The a that minimises the spectral radius, which is then 1 - a: :math:`\min\{(1-\lambda_2)/2, a'\}`.

    ``second`` and ``least`` are the second-largest and the smallest eigenvalue of W; a' is `interference`.

    Examples
    --------
    >>> round(best_step(0.8, -0.1), 6), round(best_step(0.0, 0.0), 6)
    (0.1, 0.292893)
    """
    return min((1 - second) / 2, interference(least))


def mode(algorithm: Callable[..., Algorithm]) -> tuple[Any, Any, dict[str, Any]]:
    """The characteristic polynomial of one step on an eigenvector of W, its variable and its letters.

    All agents have ``f_i = h x^2 / 2`` and ``g_i = y^2 / 2``. On the states whose fields are multiples of one
    eigenvector, ``W`` is the number w: that is a network of one agent with the self-weight w.
    """
    import sympy

    letters = {name: sympy.Symbol(name) for name in ("alpha", "beta", "h", "w")}
    network = Network(np.array([[letters["w"]]], dtype=object), "one eigenvector")
    problem = quadratic([[[1]]], [[[0]]], [[0]], A=[[[letters["h"]]]]).over("symbol")
    a = algorithm(alpha=letters["alpha"], beta=letters["beta"])
    oracle, net = Oracle(problem), Gossip(network)
    x, y = (z[None] for z in problem.start())
    layout = Layout.of(a.init(x, y, oracle, net))
    before = sympy.symbols(f"s:{layout.size}")
    after = layout.flatten(a.step(1, layout.unflatten(np.array([before], dtype=object)), oracle, net))
    z = sympy.Symbol("z")
    matrix = sympy.Matrix([sympy.expand(entry) for entry in after[0]]).jacobian(before)
    return matrix.charpoly(z).as_expr(), z, letters


@dataclass(frozen=True, eq=False)
class Pencil:
    """One step on a quadratic as ``M0 + alpha M1``, on the subspace that matters for stability.

    The conserved mean and the fields that are functions of others are removed; no eigenvalue but 0 is lost.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.interact import Interact
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import quadratic
    >>> problem = quadratic([[[1]]] * 3, [[[0]]] * 3, [[0]] * 3, A=[[[1]]] * 3)
    >>> pencil = Pencil.of(Interact, problem, named("complete:3", "laplacian"), beta=1.0)
    >>> round(pencil.limit().limit, 6), round(pencil.best()[1], 6)  # 8/9 and 2/3
    (0.888889, 0.666667)
    """

    M0: Array
    M1: Array

    @classmethod
    def of(
        cls, algorithm: Callable[..., Algorithm], problem: SolvedProblem, network: Network, beta: float
    ) -> Pencil:
        """Read off two steps; affine in alpha, because alpha multiplies u alone."""
        one, two = (
            quotient(probe(algorithm(alpha=alpha, beta=beta), problem, network)).M for alpha in (1.0, 2.0)
        )
        M0, M1 = 2 * one - two, two - one
        basis = scipy.linalg.orth(np.hstack([M0, M1]), rcond=1e-12)
        return cls(basis.T @ M0 @ basis, basis.T @ M1 @ basis)

    def radii(self, alphas: Array) -> Array:
        """Spectral radius at each alpha; shape ``(K,)``."""
        matrices = self.M0 + np.asarray(alphas)[:, None, None] * self.M1
        return np.asarray(np.abs(np.linalg.eigvals(matrices)).max(axis=-1))

    def limit(self) -> Stability:
        """The first alpha between 1e-4 and 1e3 that is not stable; relative precision 1e-9."""
        return self._limit

    @cached_property
    def _limit(self) -> Stability:
        return stability_limit(
            lambda alpha: float(self.radii(np.array([alpha]))[0]), low=1e-4, high=1e3, rtol=1e-9
        )

    def best(self) -> tuple[float, float]:
        """The stable alpha of the smallest radius, and that radius; grids that close in on the least value."""
        top = self.limit().limit
        if not 0 < top < math.inf:
            return math.nan, math.nan
        grid = np.geomspace(top / 1000, top, 90)
        for _ in range(8):
            radii = self.radii(grid)
            k = int(radii.argmin())
            best = float(grid[k]), float(radii[k])
            grid = np.linspace(grid[max(0, k - 1)], grid[min(k + 1, len(grid) - 1)], 21)
        return best


def repeated(problem: Bilevel, m: int) -> Bilevel:
    """m agents that are copies of the given ones in turn: the same objective for every multiple of their number."""
    order = np.arange(m) % problem.n
    lower, upper = problem.lower, problem.upper
    H, B, c = (getattr(lower, name)[order] for name in "HBc")
    blocks = {name: getattr(upper, name) for name in BLOCKS}
    chosen: dict[str, Any] = {name: None if v is None else v[order] for name, v in blocks.items()}
    return quadratic(H, B, c, **chosen)


def explained(predictor: Array, measured: Array) -> float:
    """Share of the variance of log(measured) that a power of the predictor explains; 0 for a constant predictor.

    Examples
    --------
    >>> round(explained(np.array([1.0, 2.0, 4.0]), np.array([3.0, 12.0, 48.0])), 9)
    1.0
    """
    x, y = (np.log(v) - np.log(v).mean() for v in (predictor, measured))
    spread = float(x @ x)
    return 0.0 if spread < 1e-20 else float((x @ y) ** 2 / spread / (y @ y))


def candidates(chosen: Mapping[str, Network]) -> dict[str, Array]:
    """What could govern: one positive number per network."""
    import networkx as nx

    spectra = [eigenvalues(network) for network in chosen.values()]
    least = np.array([v[-1] for v in spectra])
    return {
        "1+lambda_m": 1 + least,
        "1-lambda_2": np.array([1 - v[1] for v in spectra]),
        "1-lambda": np.array([1 - modulus(network) for network in chosen.values()]),
        "diameter": np.array(
            [nx.diameter(nx.from_numpy_array(n.dense() != 0)) for n in chosen.values()], dtype=float
        ),
        "m": np.array([float(network.n) for network in chosen.values()]),
    }
