"""Figure 4: how the edge probability of a random graph of five agents affects convergence, by enumeration.

A random graph redrawn until connected is one of the 728 connected labelled graphs on five nodes, each with a
probability that depends on its number of edges alone. Running all of them gives the mean over all draws exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.metrics import stationarity
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import random_curved
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

AGENTS, STEPS, ALPHA, BETA = 5, 60, 0.5, 0.3
PROBABILITIES = (0.3, 0.5, 0.7)
USUAL = 0.95
INSENSITIVE = (
    1.0  # decades of M_60 between the outer probabilities that still count as "relatively insensitive"
)


def connected_graphs(m: int) -> tuple[Array, Array]:
    r"""Section 6's W for every connected labelled graph, shape ``(K, m, m)``, and the numbers of edges.

    Examples
    --------
    >>> W, edges = connected_graphs(4)
    >>> len(W), np.bincount(edges).tolist()  # 16 trees, ..., one complete graph
    (38, [0, 0, 0, 16, 15, 6, 1])
    """
    pairs = [(i, j) for i in range(m) for j in range(i)]
    chosen = (np.arange(2 ** len(pairs))[:, None] >> np.arange(len(pairs))) & 1
    L = np.zeros((len(chosen), m, m))
    for k, (i, j) in enumerate(pairs):
        L[:, i, j] = L[:, j, i] = -chosen[:, k]
    L[:, range(m), range(m)] = -L.sum(axis=-1)
    mu = np.linalg.eigvalsh(L)
    linked = mu[:, 1] > 1e-6  # the algebraic connectivity of a connected graph is at least 4/m^2
    W = np.eye(m) - 2 * L[linked] / (3 * mu[linked, -1, None, None])
    return W, chosen[linked].sum(axis=-1)


def chances(edges: Array, m: int, probability: float) -> Array:
    """Probability of each connected graph under Erdos-Renyi draws that are repeated until connected."""
    weights = probability**edges * (1 - probability) ** (m * (m - 1) // 2 - edges)
    return np.asarray(weights / weights.sum())


class SideBySide(Gossip):
    """One network per replica; nothing is counted.

    Parameters
    ----------
    W
        Shape ``(R, m, m)``: one mixing matrix per replica.
    """

    def __init__(self, W: Array) -> None:
        super().__init__(Network(W[0]))
        self._W = W

    def mix(self, *fields: Array, own: bool = True) -> Any:
        """As `Gossip.mix`, each replica by its own matrix."""
        W = self._W if own else self._W * (1 - np.eye(self._W.shape[-1]))
        mixed = tuple(W @ z for z in fields)
        return mixed[0] if len(mixed) == 1 else mixed


def metric_on_all(algorithm: Algorithm, problem: SolvedProblem, W: Array, steps: int) -> Array:
    """The metric M_t on every network at t = 0..steps, shape ``(K, steps + 1)``; infinite once diverged."""
    x, y = (np.broadcast_to(z, (len(W), *z.shape)) for z in problem.start())
    oracle, net = Oracle(problem), SideBySide(W)
    M = np.full((len(W), steps + 1), np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        state = algorithm.init(x, y, oracle, net)
        M[:, 0] = stationarity(problem, state)
        for t in range(1, steps + 1):
            state = algorithm.step(t, state, oracle, net)
            M[:, t] = stationarity(problem, state)
    return np.where(np.isnan(M), np.inf, M)


def _curves(ctx: Context, heterogeneity: float, problems: int, size: int = 2) -> dict[float, Array]:
    """Mean log10 M_t over all graphs for each edge probability; one row per problem."""
    W, edges = connected_graphs(AGENTS)
    a = ctx.algorithm("interact")(alpha=ALPHA, beta=BETA)
    rows: dict[float, list[Array]] = {p: [] for p in PROBABILITIES}
    for k in range(problems):
        problem = random_curved(ctx.seed(k), n=AGENTS, p=size, q=size, heterogeneity=heterogeneity)
        logs = np.log10(np.maximum(metric_on_all(a, problem, W, STEPS), 1e-300))
        for p in PROBABILITIES:
            rows[p].append(chances(edges, AGENTS, p) @ logs)
    return {p: np.array(curves) for p, curves in rows.items()}


def _plot(curves: Mapping[float, Array]) -> dict[str, Any]:
    series = {f"p_c = {p}": np.round(c.mean(axis=0), 4).tolist() for p, c in curves.items()}
    return {"x": list(range(STEPS + 1)), "series": series}


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
    (22, 20)
    """
    for problems in range(10, 1000):
        needed = int(stats.binom.isf(alpha, problems, 0.5)) + 1
        power = float(stats.binom.sf(needed - 1, problems, USUAL))
        if power >= 0.9:
            return problems, needed, power
    raise InputError(f"alpha is {alpha}; too small for 1000 problems")


def _check_direction(ctx: Context) -> Finding:
    problems, needed, power = sign_plan(ctx.alpha)
    curves = _curves(ctx, 1.0, problems, size=1)
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
        summary=f"sparser is worse on {agree} of {problems} random problems (needed {needed}), each averaged over all 728 connected "
        f"graphs by their probability; mean log10 M_{STEPS}: "
        + ", ".join(f"{v:.2f} (p_c = {p})" for v, p in zip(means, PROBABILITIES, strict=True)),
        numbers={
            "agree": agree,
            "needed": needed,
            "mean_log10_M": means,
            "alpha": ALPHA,
            "beta": BETA,
            "t": STEPS,
            "plot": _plot(curves),
        },
        cases=728 * problems,
        error_rates={
            "false_alarm": float(stats.binom.sf(needed - 1, problems, 0.5)),
            "usual": USUAL,
            "power": power,
        },
        audit=audit((*A1, *A2), [random_curved(1, n=2, p=1, q=1)]),
    )


FIG4_DIRECTION = Statement(
    id="interact/fig4-direction",
    paper=PAPER,
    location="Section 6, Figure 4",
    kind="qualitative",
    sentence="The metric increases as the edge probability decreases: on more than half of the random curved problems the mean of "
    "log10 M_60 over connected random graphs of five agents is larger at p_c = 0.3 than at 0.5, and there than at 0.7.",
    formula=r"p_c < p_c' \implies \mathbb E \log \mathfrak M_t(p_c) > \mathbb E \log \mathfrak M_t(p_c')",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_direction,
    expected=Verdict.SUPPORTED,
    samples=True,
)


def _check_insensitive(ctx: Context) -> Finding:
    decades: dict[float, float] = {}
    least, plots = [], {}
    for heterogeneity in (0.01, 0.1, 1.0):
        curves = _curves(ctx, heterogeneity, ctx.pick(2, 30))
        if (failed := _diverged(curves)) is not None:
            return failed
        apart = curves[PROBABILITIES[0]] - curves[PROBABILITIES[-1]]
        decades[heterogeneity] = float(apart[:, -1].mean())
        least.append(float(apart[:, -1].min()))
        plots[heterogeneity] = _plot(curves)
    W, _ = connected_graphs(AGENTS)
    equal = random_curved(ctx.seed("equal"), n=AGENTS, p=2, q=2, heterogeneity=0)
    M = metric_on_all(ctx.algorithm("interact")(alpha=ALPHA, beta=BETA), equal, W, 10)
    # Rows of W sum to 1 up to rounding, and M_10 is far above it.
    same = float(np.abs(M / M[:1] - 1).max())
    smallest = min(decades.values())
    return Finding(
        verdict=decide(largest(decades.values()) <= INSENSITIVE, *decades.values()),
        method=Method.RUNS,
        summary=f"from p_c = 0.7 to 0.3 the mean log10 M_{STEPS} rises by "
        + ", ".join(f"{d:.2f} (heterogeneity {h:g})" for h, d in decades.items())
        + f", all 728 connected graphs by their probability; identical agents: M_t is the same on every graph to {same:.0e}",
        numbers={
            "decades": list(decades.values()),
            "smallest": smallest,
            "least_on_one_problem": min(least),
            "threshold": INSENSITIVE,
            "identical_agents_spread": same,
            "alpha": ALPHA,
            "beta": BETA,
            "plot": plots[1.0],
        },
        cases=728 * ctx.pick(6, 90),
        audit=audit((*A1, *A2), [random_curved(1, n=2, p=1, q=1)]),
    )


FIG4 = Statement(
    id="interact/fig4",
    paper=PAPER,
    location="Section 6, Figure 4",
    kind="qualitative",
    sentence="Convergence is relatively insensitive to the edge probability: between p_c = 0.7 and 0.3 the mean of log10 M_60 over "
    "connected random graphs of five agents changes by at most 1.",
    formula=r"|\mathbb E \log_{10} \mathfrak M_{60}(0.3) - \mathbb E \log_{10} \mathfrak M_{60}(0.7)| \le 1",
    because="Agents that differ, however little, converge at the speed of consensus on sparse graphs; only for identical agents "
    "does the network drop out, because no disagreement ever arises. (Our problems, not the paper's networks and data.)",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_insensitive,
    expected=Verdict.REFUTED,
)
