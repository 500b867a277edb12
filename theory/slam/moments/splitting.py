"""The instrument on trial: the split into modes is exact, and gives what the whole network's map gives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.affine import AffineMap, probe
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.moments.cases import CHANNELS, Case, measured, stable
from spiritlevel.theory.slam.moments.modes import averages, eigenvectors, in_powers, split, whole
from spiritlevel.theory.slam.moments.rules import Rule, corollary1, theorem1
from spiritlevel.theory.slam.moments.scalar import CURVED, graph, problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

GRAPHS = ("ring:4", "complete:4", "star:4", "grid:2:3")
VARIANTS: dict[str, tuple[bool, Rule]] = {
    "slam": (True, theorem1),
    "slam-l": (True, corollary1),
    "slam-u": (False, theorem1),
}
"""Whether the lower level is shared, and step sizes."""
AGREES = 1e-10
"""Relative, of maps and averages in floats."""


def _exact(ctx: Context, name: str, text: str) -> tuple[bool, float]:
    """Whether the map is ``P0 x I + P1 x L`` in rationals, and how far the maps per mode are from ``P0 + s P1``."""
    network, shared = named(text, exact=True), VARIANTS[name][0]
    n, rng = network.n, np.random.default_rng(ctx.seed(name, text))

    def some(*shape: int) -> Array:
        return convert(np.vectorize(lambda k: Fraction(int(k), 7))(rng.integers(3, 40, shape)), "fraction")

    def everywhere(value: Array) -> Array:
        return np.broadcast_to(value, (n, 1, 1))

    l, kap, h, b = (everywhere(some(1, 1, 1)) for _ in range(4))
    given = quadratic(H=h, B=b, c=some(n, 1), A=l, a=-some(n, 1), Q=kap, e=-some(n, 1), shared=shared)
    numbers = some(4)
    a = ctx.algorithm(name)(**dict(zip(("alpha", "beta", "gamma", "rho"), numbers, strict=True)))
    amap = probe(a, given, network, channels=CHANNELS)
    P0, P1, exact = in_powers(amap, network)
    modes = split(a.over("float"), given.over("float"), named(text), CHANNELS)
    P0, P1 = (convert(P, "float") for P in (P0, P1))
    expected = P0 + modes.eigenvalues[:, None, None] * P1
    return exact, float(abs(modes.M - expected).max() / abs(expected).max())


def direct(amap: AffineMap, case: Case) -> Array:
    """The first four measures of a case by the full map, written in the agents' own coordinates."""
    given = problem(case.shape, case.n, case.curvatures, case.shared)
    values, U = eigenvectors(graph(case.shape, case.n))
    root = np.sqrt(values)[:, None] * U.T

    def lower(x: Array) -> Array:
        common = np.broadcast_to(mean_over_agents(x), x.shape) if case.shared else x
        return given.lower_solution(common)

    readouts = (
        lambda s: given.hypergradient(mean_over_agents(s.x)[:, 0]),
        lambda s: root @ s.x,
        lambda s: s.y - lower(s.x),
        lambda s: root @ s.y,
    )
    found = []
    for function in readouts:
        rows = np.concatenate([part.reshape(len(part), -1) for part in amap.readout(function)], axis=1)
        each = averages(whole(amap), rows[:, None], dict.fromkeys(CHANNELS, 1.0), case.doublings)
        found.append(each.total[-1].sum())
    return np.array(found)


def _apart(kind: type[Algorithm], case: Case) -> float:
    given = problem(case.shape, case.n, case.curvatures, case.shared)
    amap = probe(case.algorithm(kind), given, graph(case.shape, case.n), channels=CHANNELS)
    return float(abs(measured(kind, case).total[:4] / direct(amap, case) - 1).max())


def _check(ctx: Context) -> Finding:
    exact, maps, moments = True, [], []
    for name, (shared, rule) in VARIANTS.items():
        kind = type(ctx.algorithm(name)())
        for text in GRAPHS:
            good, off = _exact(ctx, name, text)
            exact &= good
            maps.append(off)
        for shape in ("ring", "star", "path"):
            moments.append(_apart(kind, Case(shape, 4, 12, rule, CURVED, shared)))
    worst = largest([*maps, *moments])
    return Finding(
        verdict=decide(exact and worst <= AGREES, worst),
        method=Method.RATIONAL,
        summary=f"SLAM, SLAM-L, SLAM-U on {', '.join(GRAPHS)}, random rational curvatures and step sizes: every entry of the full map and its noise is P0 x I + P1 x L ({exact}); maps per mode in "
        f"floats are P0 + s P1 up to {largest(maps):.0e}, averages over 4096 iterations those of the full map up to {largest(moments):.0e}",
        numbers={
            "exact": exact,
            "largest_difference_of_maps": largest(maps),
            "largest_difference_of_averages": largest(moments),
            "tolerance": AGREES,
        },
        cases=len(maps) + len(moments),
    )


SPLIT = Statement(
    id="slam/moments-split",
    paper=PAPER,
    location="(5), Algorithms 2 and 3",
    kind="identity",
    sentence="Where all agents have the same curvatures, SLAM, SLAM-L and SLAM-U act on every eigenvector of the Laplacian by itself.",
    formula=r"z^{r+1} = (P_0 \otimes I + P_1 \otimes L) z^r + b + N \xi^r",
    variant="added",
    because="Exact moments for any n and T rest on it.",
    about=("slam", "slam-l", "slam-u"),
    check=stable(_check),
    expected=Verdict.SUPPORTED,
)
