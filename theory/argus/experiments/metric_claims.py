"""What the metric Psi sees: equality in all cuts, whatever the sign of the multipliers, and nothing of the lower level."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.lower_estimate import neighbours
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import fill
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.planes import line, with_cuts
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.argus.experiments.metric import psi
from spiritlevel.theory.argus.experiments.psi_witnesses import psi_solution_witness, psi_zero_witness
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

F = Fraction
ETA, L = F(1, 10), F(3)
"""Neither matters at the points below: no R, and agents agree."""


def at(x: Fraction, y: Fraction, lam: Fraction | None, bound: Fraction = F(1)) -> Any:
    """Two agents that agree, each with the cut ``y_0 - x_0 + y_1 - x_1 <= bound`` and multiplier ``lam``, or without."""
    start = fill((1, 2, 1), [x, x]), fill((1, 2, 1), [y, y])
    o, net = Oracle(line(0)), Gossip(averaging(2, exact=True))
    s: Any = Argus(M=1).over("fraction").init(*start, o, net)
    if lam is None:
        return s
    halves = np.array([[-1], [-1]]), np.array([[1], [1]]), -bound
    s = with_cuts(s, {0: halves, 1: halves})
    return dataclasses.replace(s, lam=fill((1, 2, 1), [lam, lam]))


def value(target: Fraction, s: Any) -> Fraction:
    """Psi where ``G_i = (x^2 + (y - target)^2)/2``, exactly.

    Examples
    --------
    >>> value(F(0), at(F(0), F(0), F(0))), value(F(0), at(F(-1, 4), F(1, 4), F(-1, 4)))
    (Fraction(2, 1), Fraction(0, 1))
    """
    return F(psi(line(target), averaging(2, exact=True), s, ETA).total(L)[0])


def _check_solution(ctx: Context) -> Finding:
    inside, free = value(F(0), at(F(0), F(0), F(0))), value(F(0), at(F(0), F(0), F(1, 2)))
    return broken(
        psi_solution_witness(),
        f"G = (x^2 + y^2)/2, cut 2 (y - x) - 1 <= 0: at the minimum (0, 0), strictly inside, Psi = {inside}, and {free} with multipliers 1/2: no multiplier makes it 0",
        numbers={"psi": str(inside), "psi_with_multipliers": str(free)},
        cases=2,
        audit=audit_runs([line(F(0))], [averaging(2)]),
    )


SOLUTION = Statement(
    id="argus/psi-solution",
    paper=PAPER,
    location="Definition 3, (30), (31)",
    kind="lemma",
    variant="added",
    sentence="Psi = 0 at the solution of (10), with its multipliers.",
    because="The gradient in lambda is the cut's value, and its square is in Psi: every cut must hold with equality. A cut that is slack at the solution "
    "keeps Psi away from 0 there, so that (33) cannot hold for runs that reach it.",
    assumptions=ALL,
    check=_check_solution,
    expected=Verdict.REFUTED,
)


def _check_zero(ctx: Context) -> Finding:
    wrong = value(F(0), at(F(-1, 4), F(1, 4), F(-1, 4)))
    bare = value(F(1), at(F(0), F(1), None))
    if wrong != 0 or bare != 0:
        return Finding(
            verdict=Verdict.INCONCLUSIVE,
            method=Method.RATIONAL,
            summary=f"Psi is {wrong} and {bare} at the two points that should show it",
        )
    return broken(
        psi_zero_witness(),
        "G = (x^2 + y^2)/2, g = (y - x)^2/2: Psi = 0 without consensus error at x = -1/4, y = 1/4, on the cut 2 (y - x) <= 1 with multipliers -1/4; the bilevel solution "
        "is (0, 0). With no cuts yet, and target 1, Psi = 0 at (0, 1), where y* = 0; the solution is (1/2, 1/2)",
        numbers={"psi": str(wrong), "psi_without_cuts": str(bare)},
        cases=2,
        audit=audit_runs([line(F(0)), line(F(1))], [averaging(2)]),
    )


ZERO = Statement(
    id="argus/psi-zero",
    paper=PAPER,
    location="Definition 3; Theorem 1, 'an epsilon-stationary point'",
    kind="lemma",
    variant="added",
    sentence="Where Psi = 0 with the consensus error at 0, convex G has its least value over the cuts, and x solves (1) up to eps.",
    because="Multipliers may be negative, and then the point is held on a cut that it should leave; and Psi knows of the lower level only what the "
    "cuts do, at first nothing.",
    assumptions=ALL,
    check=_check_zero,
    expected=Verdict.REFUTED,
)


def natural(target: Fraction, s: Any) -> Fraction:
    """Psi with ``max(0, lambda + cut) - lambda`` for every cut's value."""
    values = s.cuts.values(s.x, s.y)
    moved = np.where(s.lam + values > 0, values, -s.lam)
    parts = psi(line(target), averaging(2, exact=True), s, ETA)
    return F((parts.total(L) - parts.cuts + (s.used * moved * moved).sum(axis=(1, 2)))[0])


def rests(ctx: Context, target: Fraction, s: Any) -> bool:
    """Whether a step with multipliers at 0 and above, undamped, leaves x, y, theta and lambda where they are; exact."""
    a: Any = ctx.algorithm("argus")(eta=ETA, T_1=0, M=1, multipliers="project", damping="none").over(
        "fraction"
    )
    net = Gossip(averaging(2, exact=True))
    pull_x, pull_y = a.pulls(s.theta, s.cuts, neighbours(net))
    s = dataclasses.replace(s, pull_x=pull_x, pull_y=pull_y)
    after: Any = a.step(1, s, Oracle(line(target)), net)
    return all(bool((getattr(after, z) == getattr(s, z)).all()) for z in ("x", "y", "theta", "lam"))


def _check_repaired(ctx: Context) -> Finding:
    rng = np.random.default_rng(ctx.seed())
    zero, printed, seen, slack, cases, targets = 0, 0, 0, 0, ctx.pick(40, 200), set()
    still, moved = 0, 0
    for _ in range(cases):
        target, half = (F(int(k), 4) for k in rng.integers(-8, 9, 2))
        targets.add(target)
        lam = max(F(0), (target - half) / 2)
        best = at(lam, target - lam, lam, 2 * half)
        zero += natural(target, best) == 0
        still += rests(ctx, target, best)
        printed += value(target, best) == 0
        held = (target - half) / 2  # on the cut, multiplier of any sign
        forced = at(held, target - held, held, 2 * half)
        slack += held < 0
        seen += (natural(target, forced) == 0) == (held >= 0)
        moved += held < 0 and not rests(ctx, target, forced)
    holds = zero == still == seen == cases and moved == slack
    return Finding(
        verdict=Verdict.SUPPORTED if holds and slack else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{cases} random targets and cuts: 0 at the solution in {zero} cases (Psi as printed in {printed}); at the point on the cut, where the printed Psi is 0, it "
        f"is 0 exactly where that is the solution in {seen} cases; {slack} have a slack cut. Undamped steps with multipliers at 0 and above rest at the solution in {still} cases and "
        f"leave the point with a negative one in {moved}",
        numbers={
            "zero": zero,
            "printed_zero": printed,
            "told_apart": seen,
            "slack": slack,
            "resting": still,
            "leaving": moved,
        },
        cases=2 * cases,
        audit=audit_runs([line(target) for target in sorted(targets)], [averaging(2)]),
    )


REPAIRED = Statement(
    id="argus/psi-solution-repaired",
    paper=PAPER,
    location="Definition 3, (31)",
    kind="lemma",
    variant="repaired",
    repairs="argus/psi-solution",
    sentence="With max(0, lambda + cut) - lambda for the cut's value, Psi = 0 at the solution of (10), and not where a multiplier is negative; undamped steps with max(0, .) in (19) rest at the one and leave the other.",
    because="That is 0 exactly where lambda >= 0, the cut holds, and their product is 0. What the cuts do not know stays unseen.",
    assumptions=ALL,
    about=("argus",),
    check=_check_repaired,
    expected=Verdict.SUPPORTED,
)
