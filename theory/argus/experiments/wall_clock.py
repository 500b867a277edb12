"""Section VI, Figure 10, on the wall clock: which of iota = 1, 3, 5, 7, 10 comes to a target first, and on which clocks.

The model: an iteration waits for the 8 fastest of 10 agents, an update of the cuts, in which Algorithm 1 has all agents
take part, for all of them. In units of an iteration's expected time an update costs rho = (its work over that of an
iteration) times `ratio`. T iterations with their share of updates then take T (1 + rho/iota): a line in rho for every
iota, and where each is least is decided in exact rationals. T is that of runs with everyone awake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import averaging
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.argus.experiments.instances import course, separate
from spiritlevel.theory.argus.experiments.interval import IOTAS
from spiritlevel.theory.argus.experiments.round_times import ratio
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

F = Fraction
AGENTS, WAIT, DIM, STEPS = 10, 8, 2, 60
NAMED = (5, 7)
"""What the paper found best."""
TARGETS = (F(1, 2), F(1, 5), F(1, 10))
"""Of the gap at the start."""
COSTS = (F(1, 2), F(2))
"""An update costs about an iteration: within a factor of 2 either way."""
FACTORS = (F(2), F(5), F(10), F(50))
EXPLODED = 1e9
Line = tuple[Fraction, Fraction]
"""Iterations until a target, on average, and their share of updates."""


def seeds(count: int) -> list[int]:
    """Of the random problems, the same for both statements."""
    return [seed_of("argus/iota-best", str(k)) for k in range(count)]


def reached(gaps: Sequence[float], target: Fraction) -> float:
    """When a course first is at ``target`` times its start, between iterations on a straight line; NaN if it is not.

    Examples
    --------
    >>> reached([4.0, 3.0, 1.0], F(1, 2)), reached([4.0, 3.0], F(1, 2))
    (1.5, nan)
    """
    level = float(target) * gaps[0]
    k = next((k for k, gap in enumerate(gaps) if gap <= level), None)
    if not k:
        return float("nan")
    return k - 1 + (gaps[k - 1] - level) / (gaps[k - 1] - gaps[k])


def all_times(make: Callable[..., Algorithm], seed: int) -> list[list[float]]:
    """`reached` for all iota and all targets, in one run for every iota."""
    problem, found = separate(seed, AGENTS, DIM, same=True), []
    least = problem.value(np.asarray(problem.solution())[None])[0]
    for iota in IOTAS:
        a = make(eta=0.05, eta_y=0.7, T_1=STEPS, iota=iota, M=-(-STEPS // iota))
        gaps: list[float] = []
        for s in course(a, problem, averaging(AGENTS), STEPS):
            gaps.append(float(problem.value(s.x.mean(axis=1))[0] - least))
            if not min(TARGETS) * gaps[0] < gaps[-1] < EXPLODED * gaps[0]:
                break
        found.append([reached(gaps, target) for target in TARGETS])
    return found


@cache
def lines(make: Callable[..., Algorithm], count: int) -> tuple[dict[Fraction, dict[int, Line]], int]:
    """For every target and iota the line; and the number of problems on which all runs come to all targets."""
    found = np.array([all_times(make, seed) for seed in seeds(count)])
    there = np.isfinite(found).all(axis=(1, 2))
    if not there.any():
        return {}, 0
    means = found[there].mean(axis=0)
    return {
        target: {iota: (F(T), F(T) / iota) for iota, T in zip(IOTAS, means[:, k].tolist(), strict=True)}
        for k, target in enumerate(TARGETS)
    }, int(there.sum())


def best(found: dict[int, Line], rho: Fraction) -> tuple[int, ...]:
    """The iota of the least time, all of them if equal.

    Examples
    --------
    >>> two = {1: (F(10), F(10)), 5: (F(12), F(2))}
    >>> best(two, F(0)), best(two, F(1)), best(two, F(1, 4))
    ((1,), (5,), (1, 5))
    """
    whole = {iota: T + rho * many for iota, (T, many) in found.items()}
    return tuple(iota for iota, time in whole.items() if time == min(whole.values()))


def region(found: dict[int, Line], chosen: Sequence[int]) -> tuple[Fraction, Fraction | None] | None:
    """The rho > 0 for which one of ``chosen`` is best, from and to; None for no end, and for no such rho.

    The least of lines is concave, and those with fewer updates come later: with ``chosen`` next to each other among all
    iota it is one interval.

    Examples
    --------
    >>> three = {1: (F(10), F(10)), 5: (F(12), F(2)), 10: (F(20), F(1))}
    >>> region(three, (5,)), region(three, (10,)), region(three, (3,))
    ((Fraction(1, 4), Fraction(8, 1)), (Fraction(8, 1), None), None)
    """
    pairs = [(p, q) for p in found.values() for q in found.values() if p[1] > q[1]]
    corners = sorted({F(q[0] - p[0], p[1] - q[1]) for p, q in pairs if q[0] > p[0]})
    ends = [F(0), *corners]
    inner = [(a + b) / 2 for a, b in zip(ends, corners, strict=False)] + [ends[-1] + 1]
    inside = [k for k, rho in enumerate(inner) if set(best(found, rho)) & set(chosen)]
    if not inside:
        return None
    last = inside[-1]
    return ends[inside[0]], corners[last] if last < len(corners) else None


def spans(part: tuple[Fraction, Fraction | None] | None) -> bool:
    """Whether a region holds all of `COSTS`.

    Examples
    --------
    >>> spans((F(1, 4), None)), spans((F(1, 4), F(1))), spans(None)
    (True, False, False)
    """
    return part is not None and part[0] < COSTS[0] and (part[1] is None or part[1] > COSTS[1])


def clocks() -> dict[str, Fraction]:
    """`ratio` for all numbers of stragglers and delays looked at."""
    found = {"none": ratio(AGENTS, WAIT, 0, F(1))}
    for slow in (1, 2, 3, 5):
        found |= {f"{slow} x {factor}": ratio(AGENTS, WAIT, slow, factor) for factor in FACTORS}
    return found


def _told(part: tuple[Fraction, Fraction | None] | None) -> str:
    if part is None:
        return "nowhere"
    return f"from {float(part[0]):.2f}" + ("" if part[1] is None else f" to {float(part[1]):.2f}")


def _figure(found: dict[int, Line]) -> Plot:
    axis = [F(1, 50) * F(6, 5) ** k for k in range(44)]
    times = {iota: [T + rho * many for rho in axis] for iota, (T, many) in found.items()}
    least = [min(row) for row in zip(*times.values(), strict=True)]
    known = {
        "balanced agents": ratio(AGENTS, WAIT, 0, F(1)),
        "two delayed tenfold": ratio(AGENTS, WAIT, 2, F(10)),
    }
    return Plot(
        title=f"Expected time to {TARGETS[-1]} of the gap, over the least of the five",
        x_label="rho, what an update costs in iterations",
        y_label="time over the least",
        curves=(
            *(
                Curve(
                    f"iota = {iota}",
                    list(map(float, axis)),
                    [float(t / low) for t, low in zip(row, least, strict=True)],
                )
                for iota, row in times.items()
            ),
            *(Curve(who, [float(rho)] * 2, [1, 3], "dashed") for who, rho in known.items()),
        ),
        log="xy",
        caption="An iteration waits for 8 agents, an update, as long as an iteration for each agent, for all 10.",
    )


def _audited(count: int) -> tuple[str, ...]:
    problems = [separate(seed, AGENTS, DIM, same=True) for seed in seeds(count)]
    return (
        *audit_runs(problems, [averaging(AGENTS)]),
        "1(c) violated: with the first 8 of 10 taken an agent may be left out any number of iterations running",
    )


def _numbers(found: dict[Fraction, dict[int, Line]]) -> dict[str, object]:
    return {f"iterations to {k}": [float(T) for T, _ in of.values()] for k, of in found.items()}


def _check_best(ctx: Context) -> Finding:
    count, ideal = ctx.pick(6, 60), clocks()["none"]
    found, used = lines(ctx.algorithm("argus"), count)
    regions = {target: region(of, NAMED) for target, of in found.items()}
    parts = [f"{_told(part)} to reach {target} of the gap" for target, part in regions.items()]
    winners = [best(of, ideal) for of in found.values()]
    everywhere = bool(regions) and all(map(spans, regions.values()))
    nowhere = bool(regions) and not any(regions.values())
    return Finding(
        verdict=Verdict.SUPPORTED if everywhere else Verdict.REFUTED if nowhere else Verdict.INCONCLUSIVE,
        method=Method.RUNS,
        summary=f"means over {used} of {count} random problems: 5 or 7 is best of {', '.join(map(str, IOTAS))} where an update costs rho iterations, rho {'; '.join(parts)}; needed: all rho from "
        f"{COSTS[0]} to {COSTS[1]}. Balanced agents with updates as long as an iteration have rho = {ideal}, exactly; best there: {' and '.join('/'.join(map(str, row)) for row in winners)}",
        numbers=_numbers(found)
        | {"rho of balanced agents": str(ideal), "needed rho": [str(c) for c in COSTS]},
        cases=max(1, used) * len(IOTAS),
        audit=_audited(count),
        figures=tuple(_figure(of) for of in list(found.values())[-1:]),
    )


BEST = Statement(
    id="argus/iota-best",
    paper=PAPER,
    location="Section VI-B, Impact of the Update Frequency; Figure 10",
    kind="qualitative",
    sentence="Of iota = 1, 3, 5, 7, 10 the values 5 or 7 converge fastest, smaller ones being slowed down by the cost of the cuts, larger ones by the quality of the solution.",
    because="What an update costs decides, and the paper does not say: for identical agents on quadratics there is a price at which 5 or 7 is best, and it depends on how far one goes. The clock, the "
    "targets and the factor of 2 are ours; the paper's data are not checked, and it says that the best value may vary. What stragglers do to it: argus/iota-stragglers.",
    assumptions=ALL,
    about=("argus",),
    check=_check_best,
    expected=Verdict.INCONCLUSIVE,
)


def _check_stragglers(ctx: Context) -> Finding:
    count = ctx.pick(6, 60)
    found, used = lines(ctx.algorithm("argus"), count)
    table = {who: [best(of, rho) for of in found.values()] for who, rho in clocks().items()} if found else {}
    outside = [who for who, rows in table.items() if not any(set(row) & set(NAMED) for row in rows)]
    told = "; ".join(
        f"{who}: {' and '.join('/'.join(map(str, row)) for row in rows)}" for who, rows in table.items()
    )
    return Finding(
        verdict=Verdict.REFUTED if outside else Verdict.SUPPORTED if table else Verdict.INCONCLUSIVE,
        method=Method.RUNS,
        summary=f"best iota to reach {' and '.join(map(str, TARGETS))} of the gap, by stragglers x delay: {told}; neither 5 nor 7 on {len(outside)} of {len(table)} clocks",
        numbers=_numbers(found) | {"rho": [f"{who}: {rho}" for who, rho in clocks().items()]},
        cases=max(1, used) * len(IOTAS),
        audit=_audited(count),
    )


STRAGGLERS = Statement(
    id="argus/iota-stragglers",
    paper=PAPER,
    location="Section VI-B, Figures 9 and 10",
    kind="qualitative",
    variant="added",
    sentence="Where an update takes each agent as long as an iteration, 5 or 7 is the best of iota = 1, 3, 5, 7, 10 for one of the targets at least, whatever the stragglers.",
    because="In Algorithm 1 every agent takes part in an update, so that one straggler that iterations need not wait for holds up every update: the longer "
    "its delay, the larger the best iota. This is a question of ours: Figure 10 does not say on which of Figure 9's two networks it was made. With "
    "more stragglers than the two that iterations leave out both wait, and the best iota is a smaller one again.",
    assumptions=ALL,
    about=("argus",),
    check=_check_stragglers,
    expected=Verdict.REFUTED,
)
