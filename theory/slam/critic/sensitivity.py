"""C.4.2, C.5.2: what smaller step sizes and a smaller penalty do, on quadratics by spectral radius and on random games by runs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.actor_critic import ActorCritic, random_actor_critic
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import fixed_point
from spiritlevel.theory.instruments.spectrum import quotient
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.moments.rules import THETA
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

FACTORS = (2, 10)
CHANGES = tuple((name, factor) for name in ("alpha", "beta", "rho") for factor in FACTORS)
"""Inverse steps are multiplied, the penalty is divided."""
RING = named("ring:5")
SAME = 1e-8
"""Of limits, relative: systems of condition below 1e6, solved in float64."""


def shrunk(settings: dict[str, Any], name: str, factor: int) -> dict[str, Any]:
    """One step size, or the penalty, made smaller.

    Examples
    --------
    >>> shrunk({"alpha": 2, "rho": 1.0}, "alpha", 10), shrunk({"alpha": 2, "rho": 1.0}, "rho", 2)
    ({'alpha': 20, 'rho': 1.0}, {'alpha': 2, 'rho': 0.5})
    """
    value = settings[name] / factor if name == "rho" else settings[name] * factor
    return {**settings, name: value}


def rest(
    make: Callable[..., Algorithm], problem: SolvedProblem, settings: dict[str, Any]
) -> tuple[float, Array]:
    """The rate ``1 - radius`` of a noise-free run on a quadratic, and where x and y come to rest."""
    within = quotient(amap := probe(make(**settings), problem, RING))
    limit = amap.layout.unflatten(fixed_point(within)[None])
    return 1 - within.radius, np.concatenate([limit.x.ravel(), limit.y.ravel()])


def rates(
    make: Callable[..., Algorithm], problem: SolvedProblem, settings: dict[str, Any]
) -> tuple[dict[str, float], float]:
    """Rates over the unchanged one after each of `CHANGES`, and by how much limits move, relative."""
    rate, limit = rest(make, problem, settings)
    found, moved = {}, 0.0
    for name, factor in CHANGES:
        new, there = rest(make, problem, shrunk(settings, name, factor))
        found[f"{name}/{factor}"] = new / rate
        moved = largest([moved, float(abs(there - limit).max() / (1 + abs(limit).max()))])
    return found, moved


def _settings(alpha: float, beta: float) -> dict[str, Any]:
    """gamma and rho, which C.5 does not give: the upper level's weight of L is 0.9 over 4, above its largest eigenvalue."""
    return {"alpha": alpha, "beta": beta, "gamma": 10.0, "rho": THETA * alpha / (10.0 * 4)}


def _check_sensitivity(ctx: Context) -> Finding:
    make, moved, rows = ctx.algorithm("slam-u"), 0.0, {}
    for label, settings in (("printed", _settings(100.0, 10.0)), ("reversed", _settings(10.0, 100.0))):
        found: dict[str, list[float]] = {}
        for k in range(ctx.pick(3, 12)):
            problem = random_quadratic(ctx.seed(k), 5, 2, 2)
            each, off = rates(make, problem, settings)
            moved = largest([moved, off])
            for name, value in each.items():
                found.setdefault(name, []).append(value)
        rows[label] = found
    printed, other = rows["printed"], rows["reversed"]
    rivals = [(f"alpha/{f}", f"{name}/{f}") for name in ("beta", "rho") for f in FACTORS]

    def slower(rates_of: dict[str, list[float]], a: str, b: str) -> bool:
        return all(x < y for x, y in zip(rates_of[a], rates_of[b], strict=True))

    most_sensitive = all(slower(printed, a, b) for a, b in rivals)
    reversed_too = all(slower(other, a, b) for a, b in rivals if b.startswith("beta"))
    stable = all(v > 0 for values in printed.values() for v in values)
    text = ", ".join(f"{name} {min(v):.2f} to {max(v):.2f}" for name, v in printed.items())
    return Finding(
        verdict=Verdict.SUPPORTED if most_sensitive and moved <= SAME and stable else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"{len(printed['rho/2'])} random quadratics, ring of 5, 1/alpha = 0.01, 1/beta = 0.1; the upper step size matters most on {'each' if most_sensitive else 'not all'}: rates over the unchanged one {text}; limits move by {moved:.0e}. With the two "
        f"step sizes exchanged the upper one is {'still' if reversed_too else 'no longer'} the sensitive one (alpha/2: {min(other['alpha/2']):.2f}, beta/2: "
        f"{max(other['beta/2']):.2f})",
        numbers={
            "rates": rows,
            "limits_move": moved,
            "tolerance": SAME,
            "reversed_too": reversed_too,
            "upper_most_sensitive": most_sensitive,
        },
        cases=2 * len(printed["rho/2"]) * (1 + len(CHANGES)),
        figures=(
            Bars(
                title="SLAM-U after one change: 1/alpha = 0.01, 1/beta = 0.1, random quadratics",
                y_label="rate over the unchanged one, slowest problem",
                labels=tuple(f"1/{name}" if name[0] in "ab" else name for name in printed),
                values=[min(v) for v in printed.values()],
                marked=tuple(f"1/{name}" for name in printed if name.startswith("alpha")),
                limit=1.0,
                limit_label="unchanged",
                caption="Rates are 1 less the exact spectral radius. The upper step size, the smaller of the two, sets the pace.",
            ),
        ),
    )


SENSITIVITY = Statement(
    id="slam/exp-sensitivity",
    paper=PAPER,
    location="C.5.2, Figure 9",
    kind="step size",
    sentence="With the printed step sizes SLAM-U's speed depends on the upper step size more than on the lower one and on rho, halved or divided by ten, and none of them "
    "changes the limit; on quadratics without noise.",
    formula=r"1/\alpha = 0.01,\ 1/\beta = 0.1",
    because="It is the smaller of the two step sizes that sets the pace, not the upper one as such.",
    about=("slam-u",),
    check=_check_sensitivity,
    expected=Verdict.SUPPORTED,
)

AC: dict[str, Any] = {"alpha": 5.0, "beta": 2.0, "gamma": 10.0, "rho": 0.05, "common": 0}
ITERATIONS, SHARE = 400, 0.7


def waits(make: Callable[..., Algorithm], problem: ActorCritic) -> dict[str, float]:
    """Iterations until J has risen by `SHARE` of what the unchanged run gains, over those of that run; inf if not in time.

    NaN where the unchanged run gains nothing.

    One replica per setting: a step is arithmetic, in which arrays ``(R, 1, 1)`` may stand for hyper-parameters.
    """
    settings = [AC, *(shrunk(AC, name, factor) for name, factor in CHANGES)]
    each = {k: np.array([s[k] for s in settings])[:, None, None] for k in ("alpha", "beta", "gamma", "rho")}
    a, net, o = make(**each, common=0), Gossip(named(f"ring:{problem.n}")), Oracle(problem)
    x, y = (np.repeat(z[None], len(settings), axis=0) for z in problem.start())
    s = a.init(x, y, o, net)
    J = [problem.objective(s.x)]
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, ITERATIONS + 1):
            s = a.step(t, s, o, net)
            J.append(problem.objective(s.x))
    values = np.array(J).T
    if not values[0, -1] > values[0, 0]:
        return {f"{name}/{factor}": float("nan") for name, factor in CHANGES}
    target = values[0, 0] + SHARE * (values[0, -1] - values[0, 0])
    hits = [np.flatnonzero(row >= target) for row in values]
    first = [float(found[0]) if len(found) else float("inf") for found in hits]
    return {f"{k}/{f}": time / first[0] for (k, f), time in zip(CHANGES, first[1:], strict=True)}


def _span(values: list[float]) -> str:
    low, high = min(values), max(values)
    if np.isinf(low):
        return "not in time"
    return f"{low:.2f} to {high:.2f}" if np.isfinite(high) else f"{low:.2f} or more"


def _check_all_slower(ctx: Context) -> Finding:
    found: dict[str, list[float]] = {}
    for k in range(ctx.pick(3, 10)):
        problem = random_actor_critic(ctx.seed(k), 3, 3, law="uniform", discount=Fraction(3, 4))
        for label, value in waits(ctx.algorithm("slam-ac"), problem).items():
            found.setdefault(label, []).append(value)
    faster = {label: sum(v < 1 for v in values) for label, values in found.items()}
    actor = min(found["alpha/2"] + found["alpha/10"])
    text = ", ".join(f"{label} {_span(v)}" for label, v in found.items())
    if any(np.isnan(v) for values in found.values() for v in values):
        return Finding(
            verdict=Verdict.INCONCLUSIVE, method=Method.RUNS, summary="an unchanged run gains nothing"
        )
    return Finding(
        verdict=Verdict.REFUTED
        if actor > 1 and any(faster.values())
        else (Verdict.SUPPORTED if actor > 1 else Verdict.INCONCLUSIVE),
        method=Method.RUNS,
        summary=f"{len(found['rho/2'])} random games, 1/alpha = 0.2, 1/beta = 0.5, no noise: iterations to {SHARE:.0%} of the gain, over the unchanged run's: {text}; "
        f"faster than unchanged in {sum(faster.values())} of {sum(len(v) for v in found.values())} cases",
        numbers={"faster": faster, "waits": {k: [str(x) for x in v] for k, v in found.items()}},
        cases=len(found["rho/2"]) * (1 + len(CHANGES)),
    )


ALL_SLOWER = Statement(
    id="slam/exp-all-slower",
    paper=PAPER,
    location="C.4.2, Figure 6",
    kind="step size",
    variant="added",
    sentence="Read as a property of SLAM-AC rather than of the navigation task: each of actor step size, critic step size and rho, halved or divided by ten, makes it slower.",
    because="Only the actor's step size does, by as much; the others hardly matter where they are ample, and a looser consensus or a slower critic can "
    "even be ahead.",
    about=("slam-ac",),
    check=_check_all_slower,
    expected=Verdict.REFUTED,
)
