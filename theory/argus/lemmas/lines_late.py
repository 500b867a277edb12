"""The two sides of (46) to (49) in late rounds, where movement has nearly died down and little room is left."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus.experiments.instances import course
from spiritlevel.theory.argus.lemmas.lines_runs import (
    CASES,
    CHANCES,
    Round,
    Sides,
    all_after,
    instances,
    ready,
    sides,
)
from spiritlevel.theory.statement import Context

LATE = 80
ALWAYS = (Fraction(1),) * len(CHANCES)


def settled(
    make: Callable[..., Algorithm],
    problem: Bilevel,
    network: Network,
    eta: Fraction,
    chances: tuple[Fraction, ...],
) -> Iterator[Round]:
    """Round `LATE` of a run with all awake, in floats until then, exact from there on; none if the run explodes.

    Steps are ``eta/p_i``, the cuts those of `spiritlevel.theory.argus.lemmas.lines_runs.rounds`.
    """
    a = ready(make, eta, chances)
    with np.errstate(over="ignore", invalid="ignore"):
        *_, s = course(a, problem.over("float"), network.over("float"), LATE, (1, -1))
    parts = {f.name: getattr(s, f.name) for f in dataclasses.fields(s)}
    if all(np.isfinite(z).all() for z in parts.values()):
        s = dataclasses.replace(s, **{name: convert(z, "fraction") for name, z in parts.items()})
        yield Round(LATE, eta, s, all_after(a.over("fraction"), problem, network, LATE, s, chances))


@functools.cache
def _late(make: Callable[..., Algorithm], chances: tuple[Fraction, ...], times: int) -> Sides:
    largest, found = max(eta for _, eta, _ in CASES), Sides()
    for problem, network, eta in instances(times):
        if eta == largest:  # with the smaller step nothing has settled yet
            for r in settled(make, problem, network, eta, chances):
                for line, pairs in sides(problem, network, r).items():
                    found.setdefault(line, []).extend(pairs)
    return found


def late(ctx: Context, chances: tuple[Fraction, ...] = ALWAYS) -> Sides:
    """The sides of all lines in late rounds of the agents of `instances`; lines are missing where all runs explode."""
    return _late(ctx.algorithm("argus"), chances, ctx.pick(1, 4))
