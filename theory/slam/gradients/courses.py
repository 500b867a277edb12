"""What claims say of runs that never end, and what runs say where one does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import plain
from spiritlevel.theory.plots import Curve, Plot, power_law, thinned
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.endless import Course, goes_on
from spiritlevel.theory.slam.gradients.limits import PAIR, iterates
from spiritlevel.theory.slam.gradients.readings import shared_solution
from spiritlevel.theory.statement import Context, Finding, Method, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

Squares = Callable[[Bilevel, Array, Array], Array]
"""Of the x and y of all iterates, shapes ``(T, n, p)``, ``(T, n, q)``: what is averaged, shape ``(T,)``."""
SLOPE = -0.4
"""An average that falls at least like this power of T between the last two runs may well be O(1/sqrt T)."""


def lower(problem: Bilevel, x: Array, y: Array) -> Array:
    """The squared distance of all y from y*."""
    return np.asarray(((y - shared_solution(problem, x)) ** 2).sum(axis=(1, 2)))


def averages(
    ctx: Context,
    name: str,
    problem: Bilevel,
    settings: Callable[[float], Mapping[str, Any]],
    squares: Mapping[str, Squares],
    times: Sequence[int],
) -> dict[str, list[float]]:
    """Averages over T iterations from the problem's start, step sizes by T, in floats; NaN where a run diverges."""
    problem = problem.over("float")
    found: dict[str, list[float]] = {key: [] for key in squares}
    for T in times:
        made = ctx.algorithm(name)(**{k: float(value) for k, value in settings(T).items()})
        states = iterates(made, problem, PAIR.over("float"), T)[:-1]
        x, y = (np.concatenate([getattr(s, k) for s in states]) for k in ("x", "y"))
        within = np.isfinite(y).all() and max(abs(x).max(), abs(y).max()) < 1e100
        for key, function in squares.items():
            found[key].append(float(function(problem, x, y).mean()) if within else math.nan)
    return found


def slope(values: Sequence[float], times: Sequence[int]) -> float:
    """The exponent between the last two; minus infinity where nothing is left.

    Examples
    --------
    >>> slope([4.0, 1.0, 0.5], [1, 4, 16]), slope([1.0, 0.0], [1, 2])
    (-0.5, -inf)
    """
    before, last = values[-2:]
    return -math.inf if last == 0 else math.log(last / before) / math.log(times[-1] / times[-2])


def walk(ctx: Context, course: Course, T: int = 128) -> Plot:
    """A piece of a course: x of all agents over the iterations, beside descent along the objective's gradient."""
    alpha = math.sqrt(2 * T)
    problem, shown = course.problem.over("float"), thinned(T + 1)
    made = ctx.algorithm(course.algorithm)(**{k: float(value) for k, value in course.settings(alpha).items()})
    x = np.concatenate([s.x for s in iterates(made, problem, PAIR.over("float"), T)])[..., 0].mean(axis=1)
    down = [float(x[0])]
    for _ in range(T):
        down.append(down[-1] - float(problem.hypergradient(np.array([[down[-1]]]))[0, 0]) / alpha)
    return Plot(
        title="Two agents whose objective is least at x = 0: SLAM without noise",
        x_label="iteration r",
        y_label="x, mean of the agents",
        curves=(
            Curve("SLAM", shown, [float(x[r]) for r in shown]),
            Curve("descent along the objective's gradient", shown, [down[r] for r in shown], "dashed"),
        ),
        caption=f"1/alpha = 1/beta = {1 / alpha:g}: SLAM climbs by 1/alpha in every iteration, and would for ever; the gradient is 1 all along.",
    )


def along(
    ctx: Context,
    course: Course,
    witness: Witness,
    squares: Mapping[str, Squares],
    claimed: Sequence[str],
    summary: str,
) -> Finding:
    r"""Whether one at least of the claimed averages is :math:`O(1/\sqrt T)`.

    Refuted where the course never ends and the witness, one of its first pieces in exact rationals, stands. Otherwise runs
    decide: supported where one of the averages falls, inconclusive where none does.

    Parameters
    ----------
    squares, claimed
        What to average, and the names of those that the claim is about.
    summary
        What the course does, in words.
    """
    endless, stands = goes_on(ctx, course), recheck(witness).ok
    refuted = endless and stands
    times = ctx.pick((32, 128, 512), (32, 512, 8192)) if refuted else (512, 2048, 8192)

    def settings(T: float) -> dict[str, Any]:
        return course.settings(math.sqrt(2 * T if course.algorithm == "slam" else T))

    found = averages(ctx, course.algorithm, course.problem, settings, squares, times)
    slopes = {k: slope(v, times) for k, v in found.items()}
    falls = any(slopes[k] <= SLOPE for k in claimed)
    table = "; ".join(f"{k} {', '.join(f'{value:.3g}' for value in found[k])}" for k in claimed)
    figure = Plot(
        title=f"{course.algorithm.upper()}, two agents, a run that never ends: averages over T iterations",
        x_label="iterations T",
        y_label="average of the squared norm",
        curves=(
            *(Curve(name.removesuffix("^2"), times, found[name], "points") for name in claimed),
            power_law("T^-1/2, claimed", times, -0.5, (times[0], max(found[name][0] for name in claimed))),
        ),
        log="xy",
        caption="Without noise. The averages stay where they are; T^-1/2 is claimed, and would be seen here.",
    )
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if falls else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC if refuted else Method.RUNS,
        summary=f"{summary if refuted else 'the run is not the one that never ends'}; averages at T = {', '.join(map(str, times))}: {table}",
        numbers={
            "goes on for ever": endless,
            "witness stands": stands,
            "averages": {k: [plain(value) for value in v] for k, v in found.items()},
            "exponents": {k: plain(value) for k, value in slopes.items()},
            "falls if at most": SLOPE,
        },
        cases=1 + len(times),
        audit=audit(ALL, [course.problem]),
        witness=witness if refuted else None,
        figures=(figure,) if refuted else (),
    )
