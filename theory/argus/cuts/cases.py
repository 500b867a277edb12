"""Instances that the checks of this room share: runs of Argus over small networks, random violations and cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.activity import Activity, Chances
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.composite import with_l1
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.families import bounded, random_quadratic
from spiritlevel.theory.argus.assumptions import audit_runs
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


def wavy(seed: int, n: int, heterogeneity: int) -> Bilevel:
    """``1 - cos`` above, non-convex where a run starts, 2 from the minimum, tilted for unequal agents; quadratic below."""
    lower: Any = random_quadratic(
        seed=seed, n=n, p=2, q=2, shared=True, rational=True, heterogeneity=heterogeneity
    ).lower
    rng = np.random.default_rng(seed)
    target, tilt = convert(draw(rng, 2), "float"), heterogeneity * convert(draw(rng, n, 2), "float") / 8
    return bounded(
        lower.H,
        lower.B,
        lower.c,
        b=tilt - tilt.mean(axis=0),
        x_target=target,
        kind="cos",
        shared=True,
        x0=target + 2,
        name="bounded cos",
    )


def quadratic_case(seed: int, n: int, heterogeneity: int) -> Bilevel:
    """Quadratic on both levels, rational."""
    return random_quadratic(seed=seed, n=n, p=2, q=2, shared=True, rational=True, heterogeneity=heterogeneity)


Family = Callable[[int, int, int], Bilevel]
"""Seed, agents, 0 for identical ones or 1: a problem."""
GRAPHS = ("ring:4", "complete:4")
"""Over the first agents are awake every other time on average, over the second always."""


def instances(ctx: Context, family: Family = quadratic_case) -> Iterator[tuple[str, Network, Bilevel]]:
    """Who, where, on what: identical and unequal agents over a ring and a complete graph."""
    for same in (0, 1):
        for graph in GRAPHS:
            problem = family(ctx.seed(same, graph), 4, same)
            yield f"{('identical', 'unequal')[same]} agents, {graph}", named(graph, exact=True), problem


def audited(ctx: Context, family: Family = quadratic_case) -> tuple[str, ...]:
    """What they violate of Assumptions 1 and 2."""
    _, networks, problems = zip(*instances(ctx, family), strict=True)
    return audit_runs(problems, networks)


def with_threshold(below: Fraction) -> Family:
    """`diagonal` with that l1 term."""
    return lambda seed, n, heterogeneity: diagonal(seed, n, heterogeneity, below)


def runs(
    ctx: Context, family: Family = quadratic_case, *, exact: bool = False
) -> Iterator[tuple[str, Network, Bilevel, list[Made], int]]:
    """Runs of the algorithm under judgement: who, where, on what, the cuts it made, and how many are missing.

    ``exact`` runs are shorter.
    """
    for who, network, problem in instances(ctx, family):
        activity: Activity | None = Chances((0.5,), tau=2) if who.endswith(GRAPHS[0]) else None
        iota, steps = (2, 4) if exact else (5, ctx.pick(15, 60))
        algorithm = ctx.algorithm("argus")(eta=Fraction(1, 20), iota=iota, M=40)
        given = problem.over("fmpq" if exact else "float")
        made, missing = cuts_of_run(algorithm, given, network, steps, BY, activity)
        yield who, network, given, made, missing
