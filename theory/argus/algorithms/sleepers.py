"""The removal rule and agents that sleep: a multiplier that nobody has touched yet looks like one that is not needed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.core.activity import Scripted
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import fill
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.planes import line
from spiritlevel.theory.argus.algorithms.witnesses import asleep_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

F = Fraction
AWAKE, ASLEEP = ((1, 1),) * 4, ((1, 1), (1, 1), (0, 1), (0, 1))


def first_cut(ctx: Context, active: tuple[tuple[int, ...], ...]) -> tuple[bool, Fraction]:
    """Of two agents that update at t = 2 and 4: whether agent 0's cut of t = 2 is there after t = 4, and its value then."""
    network, problem = averaging(2, exact=True), line(1)
    a = ctx.algorithm("argus")(eta=F(1, 10), eta_y=F(1), iota=2, damping="none").over("fraction")
    net, o = Gossip(network, Scripted(active).source(0, range(1))), Oracle(problem)
    x, y = fill((1, 2, 1), [F(0), F(0)]), fill((1, 2, 1), [F(2), F(1)])
    states: list[Any] = [a.init(x, y, o, net)]
    for t in range(1, 5):
        net.advance(t)
        states.append(a.step(t, states[-1], o, net))
    made, end = states[2], states[4]
    kept = any(end.used[0, 0, k] and end.c[0, 0, k] == made.c[0, 0, 0] for k in range(end.used.shape[2]))
    return kept, F(made.cuts.values(end.x, end.y)[0, 0, 0])


def _check_asleep(ctx: Context) -> Finding:
    witness = asleep_witness()
    (kept, _), (stays, value) = first_cut(ctx, AWAKE), first_cut(ctx, ASLEEP)
    refuted = recheck(witness).ok and kept and not stays and value > 0
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"iota = 2: agent 0 adds a cut at t = 2 and sleeps at 3 and 4; the cut is removed at 4 though violated there by {value} = {float(value):.3f}. Awake, "
        "it keeps it"
        if refuted
        else f"kept by one awake: {kept}; by one asleep: {stays}, with the value {value}",
        numbers={"violated_by": str(value)},
        cases=2,
        witness=witness if refuted else None,
    )


ASLEEP_REMOVAL = Statement(
    id="argus/removal-asleep",
    paper=PAPER,
    location="Section IV-C, below (26); Algorithm 1",
    kind="qualitative",
    variant="added",
    sentence="A cut with lambda^{t+1} = lambda^t = 0 is inactive.",
    because="Where new multipliers are 0, which the text leaves open, they stay so until the agent wakes: whoever sleeps through the iterations between "
    "two updates loses a violated cut. The text says that it is considered so. Counting active iterations of the owner only mends it.",
    about=("argus",),
    check=_check_asleep,
    expected=Verdict.REFUTED,
)
