"""Section VI, Figure 11: more and more slow agents, with equal step sizes and with equal virtual rates."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL
from spiritlevel.theory.argus.experiments.expectation import Maps, audited, limit, maps, spread, weighted
from spiritlevel.theory.argus.experiments.witnesses import slow_witness
from spiritlevel.theory.evidence import plain
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

F = Fraction
TARGETS = (F(1), F(-1), F(1), F(-1))
SLOW = F(3, 20)
COUNTS = tuple(range(len(TARGETS) + 1))
ETA = 0.01
SCALE = 0.05
"""Five times eta: what an error of first order in eta may be here, against 17/63 and more with equal steps."""


def activity(slow: int) -> list[Fraction]:
    """The first agents are slow, the others always awake.

    Examples
    --------
    >>> [str(p) for p in activity(1)]
    ['3/20', '1', '1', '1']
    """
    return [SLOW] * slow + [F(1)] * (len(TARGETS) - slow)


def cases(ctx: Context, corrected: bool) -> list[tuple[Maps, list[float]]]:
    """The maps and the activities for every number of slow agents."""
    found = []
    for slow in COUNTS:
        p = activity(slow)
        rates = ":".join(str(1 / q) for q in p) if corrected else "1"
        targets = [float(a) for a in TARGETS]
        found.append((maps(ctx.algorithm("argus"), targets, eta=ETA, rates=rates), [float(q) for q in p]))
    return found


def _check_printed(ctx: Context) -> Finding:
    witness = slow_witness()
    exact = [abs(weighted(TARGETS, activity(slow))) for slow in COUNTS]
    errors = [abs(limit(found, p).mean) for found, p in cases(ctx, corrected=False)]
    apart = max(abs(e - float(w)) for e, w in zip(errors, exact, strict=True))
    falls = errors[1] > errors[2] + 0.1 and errors[3] > errors[4] + 0.1
    refuted = recheck(witness).ok and falls and apart < SCALE
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"targets 1, -1, 1, -1, slow agents awake with p = 3/20, equal steps: 0 to 4 slow agents leave the errors {', '.join(map(str, exact))} as eta tends to 0; "
        f"expected iterates at eta = {ETA:g} agree within {apart:.1e}",
        numbers={"errors": errors, "predicted": [str(e) for e in exact], "tolerance": SCALE},
        cases=len(COUNTS),
        audit=audited(TARGETS, [SLOW]),
        witness=witness if refuted else None,
    )


PRINTED = Statement(
    id="argus/slow-agents",
    paper=PAPER,
    location="Section VI-B, Performance in Heterogeneous Networks; Figure 11",
    kind="qualitative",
    variant="added",
    sentence="The more agents are slow, the worse the value at which the method settles, steps being equal.",
    because="Slow agents lose weight: the limit is a weighted mean, wrong by which agents are slow rather than by how many, and right again when all are. The "
    "paper's figure is one data set, and its text says 'generally' of the rate; (29), read with virtual rates, excludes equal steps.",
    assumptions=ALL,
    about=("argus",),
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    pairs = cases(ctx, corrected=True)
    biases = [abs(limit(found, p).mean) for found, p in pairs]
    errors = [math.sqrt(spread(found, p, 0.0)) for found, p in pairs]
    equal = [math.sqrt(spread(found, p, 0.0)) for found, p in cases(ctx, corrected=False)]
    rises = all(b > a for a, b in itertools.pairwise(errors))
    holds = rises and max(biases) < SCALE
    listed = ", ".join(f"{e:.4f}" for e in errors)
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.MOMENTS,
        summary=f"targets 1, -1, 1, -1, rates eta/p, eta = {ETA:g}, damping as at t = 1: root mean square errors {listed} for 0 to 4 slow agents, mean off by {max(biases):.4f} at most",
        numbers={
            "errors": [plain(e) for e in errors],
            "equal_steps": [plain(e) for e in equal],
            "largest_bias": max(biases),
            "tolerance": SCALE,
        },
        cases=len(COUNTS),
        audit=audited(TARGETS, [SLOW]),
        figures=(
            Plot(
                title="Root mean square error in the long run and the number of slow agents",
                x_label="slow agents among 4",
                y_label="error of the mean",
                curves=(Curve("equal steps", COUNTS, equal), Curve("steps eta/p", COUNTS, errors)),
                caption="Exact moments; equal steps leave a bias of their own.",
            ),
        ),
    )


REPAIRED = Statement(
    id="argus/slow-agents-repaired",
    paper=PAPER,
    location="Section VI-B; Figure 11, with Definition 2",
    kind="qualitative",
    variant="repaired",
    repairs="argus/slow-agents",
    sentence="With step sizes eta/p_i, the more agents are slow, the larger the mean square error in the long run.",
    because="With equal virtual rates the bias is gone but for first order in eta, and what is left is the noise of who happens to be awake. Theta is damped as at t = 1 "
    "here; as the damping fades a bias comes back: argus/virtual-rate-theta.",
    assumptions=ALL,
    about=("argus",),
    check=_check_repaired,
    expected=Verdict.SUPPORTED,
)
