"""What orders and experiments look like: Corollary 4's start, rounds and list, and metrics of single runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.numbers import Array
from spiritlevel.theory.interact.complexity.counts import Plan
from spiritlevel.theory.interact.complexity.terms import needed_terms
from spiritlevel.theory.plots import Curve, Plot, power_law

Smallest = Callable[[Constants, int], Real]
"""The square of the min in (28), by constants and K."""
POINTS = 50  # of a stored curve
EPSILON = Fraction(1, 100)
DISTINCT = {
    "all > 0": "all constants positive: L_K^2 like K^4",
    "L_fy > 0": "L_fy > 0, linear Hessians: like K",
    "neither": "L_fy = 0 too: no K",
}
"""Sets of constants whose orders differ, and what Lemma 4's L_K^2 does."""


def start_plot() -> Plot:
    """Samples of SVR-INTERACT in 1/eps iterations against n, beside the claimed order."""
    sizes = [10**k for k in range(2, 11)]
    roots = [math.isqrt(n - 1) + 1 for n in sizes]
    iterations = int(1 / EPSILON)
    reads = [Plan(n, s, s, 1).ifo(iterations) for n, s in zip(sizes, roots, strict=True)]
    claimed = [math.sqrt(n) * iterations for n in sizes]
    return Plot(
        title=f"{iterations} iterations, eps = {float(EPSILON):g}, one call per value of (22)",
        x_label="samples n of each agent",
        y_label="samples read by one agent",
        curves=(
            Curve("SVR-INTERACT with q = S, the root of n", sizes, reads, "points"),
            Curve("claimed: sqrt(n)/eps", sizes, claimed, "dashed"),
            Curve("the exact start: n", sizes, sizes),
        ),
        log="xy",
        caption="For large n the exact start alone reads more than any multiple of sqrt(n)/eps.",
    )


def rounds_plot(smallest: Smallest, cases: Mapping[str, Constants]) -> Plot:
    """T eps as Theorem 3's list has it, against 1/eps, relative to eps = 1/10."""
    decades, curves = range(1, 11), []
    for name, label in DISTINCT.items():
        depths = [needed_terms(Fraction(4), Fraction(1, 4 * 10**d)) for d in decades]
        least = [float(smallest(cases[name], K)) ** 0.5 for K in depths]
        curves.append(Curve(label, [10.0**d for d in decades], [least[0] / v for v in least], "points"))
    return Plot(
        title="Rounds that Theorem 3 asks for, with the least K",
        x_label="1/eps",
        y_label="T eps, relative to eps = 1/10",
        curves=(*curves, Curve("claimed: T = O(1/eps)", (10, 1e10), (1, 1), "dashed")),
        log="xy",
        caption="T eps stays level only where no constant brings K into L_K; with all constants positive it grows like log^8.",
    )


def list_plot(
    smallest: Smallest, cases: Mapping[str, Constants], power_of_K: Callable[[Constants], int]
) -> Plot:
    """The min in (28) against K, relative to K = 1, on the slopes that L_K gives."""
    depths, curves = [2**j for j in range(13)], []
    for name, label in DISTINCT.items():
        c, slope = cases[name], -2 * power_of_K(cases[name])
        values = [float(smallest(c, K)) ** 0.5 for K in depths]
        relative = [v / values[0] for v in values]
        curves.append(Curve(label, depths, relative, "points"))
        curves.append(power_law(f"slope {slope}", depths[4:], slope, (depths[-1], relative[-1])))
    return Plot(
        title="What Theorem 3's own step sizes make of the min in (28)",
        x_label="terms K of the estimator (22)",
        y_label="min of (28), relative to K = 1",
        curves=tuple(curves),
        log="xy",
        caption="The min falls with the powers of K that Lemma 4's constant brings in, and rounds grow as it falls.",
    )


def curve(label: str, t: Array, values: Array) -> Curve:
    """At most `POINTS` points of a trace, evenly spaced.

    Examples
    --------
    >>> curve("M", np.arange(3), np.array([4.0, 2.0, 1.0])).y
    (4.0, 2.0, 1.0)
    """
    kept = np.unique(np.linspace(0, len(t) - 1, POINTS).round().astype(int))
    return Curve(label, t[kept], values[kept])


def metric_plot(title: str, curves: list[Curve], caption: str) -> Plot:
    """The metric M of one run each against the iteration."""
    return Plot(
        title=title,
        x_label="iteration t",
        y_label="metric M (11)",
        curves=tuple(curves),
        log="y",
        caption=caption,
    )


def samples_plot(curves: list[Curve], level: float) -> Plot:
    """The metric of one run each against the samples read, and the level that is waited for."""
    ends = min(c.x[0] for c in curves), max(c.x[-1] for c in curves)
    return Plot(
        title="One instance, n = 1000, q = S = 32, equal step sizes",
        x_label="samples read by one agent",
        y_label="metric M (11) over M at the start",
        curves=(*curves, Curve(f"level {level:g}", ends, (level, level), "dashed")),
        log="xy",
        caption="Baselines that read few samples per iteration lead until they reach their floors; then SVR-INTERACT is ahead.",
    )
