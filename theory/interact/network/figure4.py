"""Figure 4: how the edge probability of a random graph of five agents affects convergence, by enumeration.

A random graph redrawn until connected is one of the 728 connected labelled graphs on five nodes, each with a
probability that depends on its number of edges alone. Running all of them gives the mean over all draws exactly.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.families import random_curved
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.network.all_graphs import chances, connected_graphs, metric_on_all
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

AGENTS, STEPS = 5, 60
ALPHA, BETA = 0.5, 0.5  # Section 6
PROBABILITIES = (0.3, 0.5, 0.7)
USUAL = 0.9
SIMILAR = 0.1  # heterogeneity of the problems that are drawn for a sign test
DECADE = 1.0  # of M_t between the outer probabilities; ours, the paper gives no number
EARLY = 10


def _curves(ctx: Context, heterogeneity: float, problems: int, steps: int = STEPS) -> dict[float, Array]:
    """Mean log10 M_t over all graphs for each edge probability; one row per problem."""
    W, edges = connected_graphs(AGENTS)
    a = ctx.algorithm("interact")(alpha=ALPHA, beta=BETA)
    rows: dict[float, list[Array]] = {p: [] for p in PROBABILITIES}
    for k in range(problems):
        problem = random_curved(ctx.seed(k), n=AGENTS, p=1, q=1, heterogeneity=heterogeneity)
        logs = np.log10(np.maximum(metric_on_all(a, problem, W, steps), 1e-300))
        for p in PROBABILITIES:
            rows[p].append(chances(edges, AGENTS, p) @ logs)
    return {p: np.array(curves) for p, curves in rows.items()}


def _plot(curves: Mapping[float, Array]) -> Plot:
    return Plot(
        title="Random problems, all connected graphs of five agents",
        x_label="iteration t",
        y_label="metric M (11), geometric mean",
        curves=tuple(Curve(f"p_c = {p}", range(STEPS + 1), 10 ** c.mean(axis=0)) for p, c in curves.items()),
        log="y",
        caption="Sparser graphs are slower: the curves part as time goes on.",
    )


def _diverged(curves: Mapping[float, Array]) -> Finding | None:
    if all(np.isfinite(c).all() for c in curves.values()):
        return None
    return Finding(verdict=Verdict.REFUTED, method=Method.RUNS, summary="the runs diverge on some graph")


def sign_plan(alpha: float) -> tuple[int, int, float]:
    """Problems to draw, how many must agree, and the power of that.

    A property that a drawn problem has with chance 1/2 or less is called usual with chance at most ``alpha``; one of
    chance `USUAL` with at least the stated power, which is 0.9 or more.

    Examples
    --------
    >>> sign_plan(1e-4)[:2]
    (31, 26)
    """
    for problems in range(10, 1000):
        needed = int(stats.binom.isf(alpha, problems, 0.5)) + 1
        power = float(stats.binom.sf(needed - 1, problems, USUAL))
        if power >= 0.9:
            return problems, needed, power
    raise InputError(f"alpha is {alpha}; too small for 1000 problems")


def _check_direction(ctx: Context) -> Finding:
    problems, needed, power = sign_plan(ctx.alpha)
    curves = _curves(ctx, SIMILAR, problems)
    if (failed := _diverged(curves)) is not None:
        return failed
    last = [curves[p][:, -1] for p in PROBABILITIES]
    agree = int(((last[0] > last[1]) & (last[1] > last[2])).sum())
    means = [float(v.mean()) for v in last]
    verdict = Verdict.SUPPORTED if agree >= needed else Verdict.INCONCLUSIVE
    if problems - agree >= needed:
        verdict = Verdict.REFUTED
    return Finding(
        verdict=verdict,
        method=Method.MONTE_CARLO,
        summary=f"alpha = beta = 0.5: sparser is worse on {agree} of {problems} random problems (needed {needed}), each averaged over all 728 connected "
        f"graphs by their probability; mean log10 M_{STEPS}: "
        + ", ".join(f"{v:.2f} (p_c = {p})" for v, p in zip(means, PROBABILITIES, strict=True)),
        numbers={
            "agree": agree,
            "needed": needed,
            "mean_log10_M": means,
            "alpha": ALPHA,
            "beta": BETA,
            "heterogeneity": SIMILAR,
            "t": STEPS,
        },
        cases=728 * problems,
        error_rates={
            "false_alarm": float(stats.binom.sf(needed - 1, problems, 0.5)),
            "usual": USUAL,
            "power": power,
        },
        audit=audit((*A1, *A2), [random_curved(1, n=2, p=1, q=1)]),
        figures=(_plot(curves),),
    )


FIG4_DIRECTION = Statement(
    id="interact/fig4-direction",
    paper=PAPER,
    location="Section 6, Figure 4",
    kind="qualitative",
    sentence="The metric increases as the edge probability decreases: with alpha = beta = 0.5, on more than half of the random curved "
    "problems (heterogeneity 0.1) the mean of log10 M_60 over connected random graphs of five agents is larger at p_c = 0.3 than at "
    "0.5, and there than at 0.7.",
    formula=r"p_c < p_c' \implies \mathbb E \log \mathfrak M_t(p_c) > \mathbb E \log \mathfrak M_t(p_c')",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_direction,
    expected=Verdict.SUPPORTED,
    samples=True,
)


def _apart(curves: Mapping[float, Array]) -> Array:
    """Decades of M_t between the sparsest and the densest probability, shape ``(problems, steps + 1)``."""
    return curves[PROBABILITIES[0]] - curves[PROBABILITIES[-1]]


def _check_insensitive(ctx: Context) -> Finding:
    problems = ctx.pick(4, 30)
    decades: dict[float, Array] = {}
    ordered, plots = [], {}
    for heterogeneity in (0.01, SIMILAR, 1.0):
        curves = _curves(ctx, heterogeneity, problems)
        if (failed := _diverged(curves)) is not None:
            return failed
        decades[heterogeneity] = _apart(curves).mean(axis=0)
        last = [curves[p][:, -1] for p in PROBABILITIES]
        ordered.append(int(((last[0] > last[1]) & (last[1] > last[2])).sum()))
        plots[heterogeneity] = _plot(curves)
    beyond = [np.flatnonzero(np.abs(d) > DECADE) for d in decades.values()]
    until = [int(t[0]) - 1 if t.size else STEPS for t in beyond]
    good = min(until) == STEPS
    shown = [t for t in (EARLY, 20, 40, STEPS) if t <= STEPS]
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.INCONCLUSIVE,
        method=Method.RUNS,
        summary=f"alpha = beta = 0.5, {problems} random problems each, all 728 connected graphs by their probability: from p_c = 0.7 to "
        f"0.3 the mean log10 M_t changes, at t = {', '.join(map(str, shown))}, by "
        + "; ".join(
            f"{', '.join(f'{d[t]:.2f}' for t in shown)} (heterogeneity {h:g})" for h, d in decades.items()
        )
        + f"; within a decade up to t = {', '.join(map(str, until))}"
        + ("" if good else ", and the paper states neither t nor what counts as insensitive"),
        numbers={
            **{f"decades, heterogeneity {h:g}": d.tolist() for h, d in decades.items()},
            "within_a_decade_until": until,
            "threshold": DECADE,
            "ordered_by_p_c_at_the_end": ordered,
            "problems_each": problems,
            "alpha": ALPHA,
            "beta": BETA,
        },
        cases=728 * 3 * problems,
        audit=audit((*A1, *A2), [random_curved(1, n=2, p=1, q=1)]),
        figures=(plots[SIMILAR],),
    )


FIG4 = Statement(
    id="interact/fig4",
    paper=PAPER,
    location="Section 6, Figure 4",
    kind="qualitative",
    sentence="The convergence metric is relatively insensitive to the change of network topologies (five agents, p_c = 0.3, 0.5, 0.7, "
    "alpha = beta = 0.5).",
    because="An observation on MNIST without a number or a t: our problems can support it, by staying within one decade between p_c = "
    "0.3 and 0.7 at every t up to 60, but not refute it. They stay there at first and leave later (interact/fig4-early, interact/fig4-late).",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_insensitive,
    expected=Verdict.INCONCLUSIVE,
)


def _check_decade(ctx: Context, steps: int) -> Finding:
    problems, needed, power = sign_plan(ctx.alpha)
    curves = _curves(ctx, SIMILAR, problems, steps)
    if (failed := _diverged(curves)) is not None:
        return failed
    apart = _apart(curves)
    within = int((np.abs(apart).max(axis=1) <= DECADE).sum())
    verdict = Verdict.SUPPORTED if within >= needed else Verdict.INCONCLUSIVE
    if problems - within >= needed:
        verdict = Verdict.REFUTED
    last, t = apart[:, -1], np.arange(0, steps + 1, 1 if steps < 50 else 2)
    figure = Plot(
        title=f"From p_c = 0.7 to 0.3, on {problems} random problems",
        x_label="iteration t",
        y_label="difference of mean log10 M",
        curves=(
            Curve(
                "mean over problems; band: all of them",
                t,
                apart.mean(axis=0)[t],
                low=apart.min(axis=0)[t],
                high=apart.max(axis=0)[t],
            ),
            Curve("a decade", (0, steps), (DECADE, DECADE), "dashed"),
        ),
        caption="Positive: the sparser network is behind. The curves part as the agents' differences come to matter.",
    )
    return Finding(
        verdict=verdict,
        method=Method.MONTE_CARLO,
        summary=f"within one decade at every t up to {steps} on {within} of {problems} random problems (needed {needed} either way), all "
        f"728 connected graphs by their probability; at t = {steps} they are {last.min():.2f} to {last.max():.2f} decades apart",
        numbers={
            "within": within,
            "needed": needed,
            "apart_at_the_end": last.tolist(),
            "threshold": DECADE,
            "alpha": ALPHA,
            "beta": BETA,
            "heterogeneity": SIMILAR,
            "t": steps,
        },
        cases=728 * problems,
        error_rates={
            "false_alarm": float(stats.binom.sf(needed - 1, problems, 0.5)),
            "usual": USUAL,
            "power": power,
        },
        audit=audit((*A1, *A2), [random_curved(1, n=2, p=1, q=1)]),
        figures=(figure,),
    )


def _decade(name: str, steps: int, expected: Verdict, because: str = "") -> Statement:
    return Statement(
        id=f"interact/{name}",
        paper=PAPER,
        location="not claimed; Section 6, Figure 4",
        kind="qualitative",
        variant="added",
        sentence="With alpha = beta = 0.5, on more than half of the random curved problems (heterogeneity 0.1) the mean of log10 M_t over "
        f"connected random graphs of five agents differs by at most 1 between p_c = 0.3 and 0.7 at every t up to {steps}.",
        formula=r"|\mathbb E \log_{10} \mathfrak M_t(0.3) - \mathbb E \log_{10} \mathfrak M_t(0.7)| \le 1, \quad "
        rf"t \le {steps}",
        because=because,
        assumptions=(*A1, *A2),
        about=("interact",),
        check=lambda ctx: _check_decade(ctx, steps),
        expected=expected,
        samples=True,
    )


FIG4_EARLY = _decade("fig4-early", EARLY, Verdict.SUPPORTED)
FIG4_LATE = _decade(
    "fig4-late",
    STEPS,
    Verdict.REFUTED,
    "Agents that differ converge in the end at the speed of consensus, which is lower on sparse graphs, so the curves part.",
)
