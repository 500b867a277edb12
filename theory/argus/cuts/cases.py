"""Instances that the checks of this room share: runs of Argus over small networks, random violations and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from spiritlevel.core.activity import Activity, Chances
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.composite import with_l1
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus.cuts.frozen import Settings
from spiritlevel.theory.argus.cuts.runs import Made, cuts_of_run
from spiritlevel.theory.instruments.cuts import Violation
from spiritlevel.theory.statement import Context

BY = Settings()


def draw(rng: np.random.Generator, *shape: int) -> Array:
    """Multiples of 1/4 from -2 to 2."""
    return convert(rng.integers(-8, 9, shape).astype(object), "fraction") / 4


def violations(ctx: Context, cases: int, kappa: Fraction) -> Iterator[tuple[Violation, Array, Array]]:
    """Random h of two variables each, with a random point; a third has weight 0."""
    rng = np.random.default_rng(ctx.seed("violations"))
    for k in range(cases):
        yield Violation(draw(rng, 2), draw(rng, 2, 2), kappa, Fraction(k % 3, 10)), draw(rng, 2), draw(rng, 2)


def diagonal(seed: int, n: int, heterogeneity: int, below: Fraction) -> Bilevel:
    """Family F2: diagonal Hessians in [1, 3/2], and an l1 term below."""
    rng = np.random.default_rng(seed)

    def rows(*shape: int) -> Array:
        return draw(rng, *shape) if heterogeneity else np.repeat(draw(rng, 1, *shape[1:]), n, axis=0)

    H = convert(np.zeros((n, 2, 2), dtype=int), "fraction")
    H[:, [0, 1], [0, 1]] = 1 + abs(rows(n, 2)) / 4
    one = np.broadcast_to(np.eye(2, dtype=int), (n, 2, 2))
    smooth = quadratic(
        H, rows(n, 2, 2), rows(n, 2), A=one, a=rows(n, 2), Q=one, e=2 * rows(n, 2), shared=True
    )
    return with_l1(smooth, below=below)


def runs(
    ctx: Context, *, below: Fraction = Fraction(0), exact: bool = False
) -> Iterator[tuple[str, Network, Bilevel, list[Made], int]]:
    """Runs of the algorithm under judgement: who, where, on what, the cuts it made, and how many are missing.

    Identical and unequal agents over a ring and a complete graph, everyone awake or every other time; ``exact`` runs
    are shorter.
    """
    for same in (0, 1):
        for graph in ("ring:4", "complete:4"):
            seed = ctx.seed(same, graph)
            problem = (
                diagonal(seed, 4, same, below)
                if below
                else random_quadratic(
                    seed=seed, n=4, p=2, q=2, shared=True, rational=True, heterogeneity=same
                )
            )
            activity: Activity | None = Chances((0.5,), tau=2) if graph == "ring:4" else None
            network = named(graph, exact=True)
            iota, steps = (2, 4) if exact else (5, ctx.pick(15, 60))
            algorithm = ctx.algorithm("argus")(eta=Fraction(1, 20), iota=iota, M=40)
            given = problem.over("fmpq" if exact else "float")
            made, missing = cuts_of_run(algorithm, given, network, steps, BY, activity)
            yield f"{('identical', 'unequal')[same]} agents, {graph}", network, given, made, missing
