"""What the discussion says about rho, on runs over six graphs; and whether (33) tells a run from standing still."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.graphs import named
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL, audit_runs, movement
from spiritlevel.theory.argus.theorems.lists import LIST
from spiritlevel.theory.argus.theorems.runs import bound, course
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

GRAPHS = ("complete:9", "erdos-renyi:9:0.5:1", "grid:3:3", "ring:9", "star:9", "path:9")
ETA = Fraction(1, 20)
K_1 = 2
"""For the largest admitted step; the audit says if a run needs more."""
SHARE = 0.75
"""Of the pairs of graphs that must be in order; half of them are in a random order."""


def averages(ctx: Context, graphs: tuple[str, ...] = GRAPHS) -> np.ndarray:
    """Psi averaged over the iterations from the second on, one row per problem and one column per graph."""
    a = ctx.algorithm("argus")(eta=ETA, T_1=0, M=1)
    steps = ctx.pick(100, 400)
    return np.array(
        [
            [float(course(a, g, ctx.seed(k) % 2**31, steps).psi[2:].mean()) for g in graphs]
            for k in range(ctx.pick(3, 8))
        ]
    )


def audited(ctx: Context, graphs: tuple[str, ...] = GRAPHS) -> tuple[str, ...]:
    """What the problems and graphs of `averages` violate of Assumptions 1 and 2."""
    networks = [named(g) for g in graphs]
    seeds = [ctx.seed(k) % 2**31 for k in range(ctx.pick(3, 8))]
    return audit_runs([random_quadratic(seed, networks[0].n, 2, 2, shared=True) for seed in seeds], networks)


def ordered(rhos: list[float], row: np.ndarray) -> float:
    """The share of pairs in which the smaller rho has the smaller value.

    Examples
    --------
    >>> ordered([0.1, 0.2, 0.3], np.array([1.0, 3.0, 2.0]))
    0.6666666666666666
    """
    pairs = list(combinations(range(len(rhos)), 2))
    return sum(bool((rhos[i] < rhos[j]) == (row[i] < row[j])) for i, j in pairs) / len(pairs)


def _rhos(graphs: tuple[str, ...] = GRAPHS) -> list[float]:
    return [float(modulus(named(g))) for g in graphs]


def _check_rho(ctx: Context) -> Finding:
    values, rhos = averages(ctx), _rhos()
    if not np.isfinite(values).all():
        return Finding(verdict=Verdict.INCONCLUSIVE, method=Method.RUNS, summary="a run did not stay finite")
    shares = [ordered(rhos, row) for row in values]
    best = int((values.argmin(axis=1) == 0).sum())
    holds = best == len(values) and min(shares) >= SHARE
    means = ", ".join(f"{v:.3g} (rho {r:.2f})" for v, r in zip(values.mean(axis=0), rhos, strict=True))
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.RUNS,
        summary=f"eta = 1/20, no cuts, {len(values)} problems: mean Psi {means}; the complete graph is best in {best}, and of the 15 pairs of graphs "
        f"{min(shares):.0%} to {max(shares):.0%} are in the order of rho",
        numbers={"shares": shares, "needed": SHARE, "rho": rhos},
        cases=len(values),
        audit=audited(ctx),
        figures=(
            Plot(
                title="Argus without cuts on six graphs of 9 agents, eta = 1/20",
                x_label="rho, the second largest modulus of the mixing matrix",
                y_label="average of Psi",
                curves=tuple(
                    Curve(f"problem {k}", rhos, row, "points") for k, row in enumerate(values[:3], 1)
                ),
                log="y",
                caption="Errors rise with rho by and large. The last two, star and path, stand in the wrong order.",
            ),
        ),
    )


RHO = Statement(
    id="argus/rho",
    paper=PAPER,
    location="Discussion below Theorem 1",
    kind="network",
    sentence="A smaller rho results in lower errors after a fixed number of iterations: the complete graph is best, and three quarters of all pairs of graphs are in order.",
    because="Three quarters are ours, as is eta = 1/20, far above Theorem 1's steps. Of every pair it is not true: argus/rho-alone.",
    assumptions=ALL,
    about=("argus",),
    check=_check_rho,
    expected=Verdict.SUPPORTED,
)


def _check_alone(ctx: Context) -> Finding:
    graphs = ("star:9", "path:9")
    values, rhos = averages(ctx, graphs), _rhos(graphs)
    against = int((values[:, 0] > values[:, 1]).sum()) if rhos[0] < rhos[1] else 0
    ratios = values[:, 0] / values[:, 1]
    return Finding(
        verdict=Verdict.REFUTED if against else Verdict.SUPPORTED,
        method=Method.RUNS,
        summary=f"star of 9 (rho {rhos[0]:.3f}) against path of 9 (rho {rhos[1]:.3f}): Psi of the star is larger in {against} of {len(values)} problems, "
        f"by the factors {', '.join(f'{r:.2f}' for r in ratios)}",
        numbers={"ratios": ratios.tolist(), "rho": rhos},
        cases=len(values),
        audit=audited(ctx, graphs),
    )


ALONE = Statement(
    id="argus/rho-alone",
    paper=PAPER,
    location="Discussion below Theorem 1",
    kind="network",
    sentence="Of two graphs the one with the smaller rho has the smaller averaged Psi, eta and the number of iterations being the same.",
    variant="added",
    because="rho alone does not order graphs: which agents are in the middle and how many multipliers they hold matters as well.",
    assumptions=ALL,
    about=("argus",),
    check=_check_alone,
    expected=Verdict.REFUTED,
)


def _check_vacuity(ctx: Context) -> Finding:
    make, graph, rows, moved = ctx.algorithm("argus"), "complete:4", [], [0.0]
    horizons = ctx.pick((50, 100), (50, 200, 800))
    for steps in horizons:
        seed = ctx.seed("problem") % 2**31
        L = course(make(eta=Fraction(1, 10**5), T_1=0, M=1), graph, seed, 1).L
        more: dict[str, Real] = {"L_p": Fraction(L), "M": 1, "T": steps, "tau": 1, "k_1": K_1}
        eta = LIST.largest(Constants(mu_g=1, L_g=1), Fraction(0), 4, more=more)["eta"]
        run = course(make(eta=Fraction(eta), T_1=0, M=1), graph, seed, steps)
        moved.append(movement(run.x, run.y, 1)[1])
        rows.append((float(run.psi[2:].mean()), bound(run, float(eta)), float(run.psi[0]), float(eta)))
    vacuous = all(b > start for _, b, start, _ in rows)
    averaged, said, start, eta = rows[-1]
    return Finding(
        verdict=Verdict.VACUOUS if vacuous else Verdict.SUPPORTED,
        method=Method.RUNS,
        summary=f"largest admitted eta {eta:.2g}, alpha_2, sigma_2, k_1 and F as measured: (33) says {said:.4g}, Psi is {averaged:.4g} on average and {start:.4g} "
        "for agents that never move",
        numbers={
            "over_measured": [b / v for v, b, _, _ in rows],
            "over_standing": [b / s for _, b, s, _ in rows],
            "k_1": moved[1:],
        },
        cases=len(rows),
        figures=(
            Plot(
                title="(33) with everything in it measured: complete graph of 4, largest eta admitted",
                x_label="iterations T",
                y_label="average of Psi",
                curves=(
                    Curve("right side of (33)", horizons, [b for _, b, _, _ in rows], "points"),
                    Curve("agents that never move", horizons, [s for _, _, s, _ in rows], "points"),
                    Curve("measured", horizons, [v for v, _, _, _ in rows], "points"),
                ),
                log="xy",
                caption="The bound is above what standing still would give, which is what is measured, so short are the steps: it tells nothing about the run.",
            ),
        ),
        audit=(
            *audit_runs(
                [random_quadratic(ctx.seed("problem") % 2**31, 4, 2, 2, shared=True)], [named(graph)]
            ),
            *((f"1(c) violated: k_1 = {max(moved):.3g} where {K_1} was used",) if max(moved) > K_1 else ()),
        ),
    )


VACUITY = Statement(
    id="argus/vacuity",
    paper=PAPER,
    location="Theorem 1, (33)",
    kind="bound",
    sentence="With everything in it measured on a run at the largest step size that Theorem 1 admits, (33) excludes agents that never move.",
    variant="added",
    because="The admitted steps are so small that Psi hardly falls, and p/eta outweighs what L_p has lost.",
    assumptions=ALL,
    check=_check_vacuity,
    expected=Verdict.VACUOUS,
)
