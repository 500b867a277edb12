"""What the statements on networks look like: limits and rates against what W's spectrum says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.theory.interact.network.modes import CURVATURE, stable_step
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1, THEOREM_1_REPAIRED
from spiritlevel.theory.plots import Curve, Plot, power_law


def step_plot(measured: list[tuple[float, float]]) -> Plot:
    """Pairs (smallest eigenvalue, stability limit) on the formula's curve."""
    at, limits = np.array(sorted(measured)).T
    least = np.linspace(at[0], at[-1], 50)
    return Plot(
        title=f"Stable alpha, equal agents, h = {CURVATURE}, one point per network",
        x_label="smallest eigenvalue of W",
        y_label="stability limit of alpha",
        curves=(
            Curve("exact limit", at, limits, "points"),
            Curve("(1 + lambda_m)^2 / (2h)", least, stable_step(least, CURVATURE), "dashed"),
        ),
        caption="Every network lies on the curve: the smallest eigenvalue of W alone decides how large alpha may be.",
    )


def rate_plot(measured: list[tuple[float, float]]) -> Plot:
    """Pairs (gap, best rate) on the line of half the gap."""
    gaps, rates = np.array(sorted(measured)).T
    ends = (gaps[0], gaps[-1])
    return Plot(
        title="Best alpha, equal agents, a point per network",
        x_label="gap 1 - lambda_2 of W",
        y_label="1 - least spectral radius",
        curves=(
            Curve("exact", gaps, rates, "points"),
            Curve("half the gap", ends, [v / 2 for v in ends], "dashed"),
        ),
        log="xy",
        caption="The best rate is linear in the gap; points below the line are networks whose smallest eigenvalue interferes.",
    )


def governed(steps: list[Curve], speeds: list[Curve]) -> tuple[Plot, Plot]:
    """Unequal agents: limits against 1 + lambda_m, rates against the gap."""
    return (
        Plot(
            title="Unequal agents: stable alpha, one point per network",
            x_label="1 + smallest eigenvalue of W",
            y_label="stability limit of alpha",
            curves=(*steps, _through_the_first("slope 2, as for equal agents", steps[0], 2)),
            log="xy",
            caption="With unequal agents too the smallest eigenvalue of W governs how large alpha may be.",
        ),
        Plot(
            title="Unequal agents: best rate, one point per network",
            x_label="gap 1 - lambda_2 of W",
            y_label="1 - least spectral radius",
            curves=(*speeds, _through_the_first("slope 1, as for equal agents", speeds[0], 1)),
            log="xy",
            caption="With unequal agents too the gap of the second-largest eigenvalue governs how fast INTERACT can be.",
        ),
    )


def _through_the_first(label: str, curve: Curve, slope: float) -> Curve:
    """A power law through the leftmost point."""
    leftmost = min(zip(curve.x, curve.y, strict=True))
    return power_law(label, (min(curve.x), max(curve.x)), slope, leftmost)


def admitted_plot(c: Constants) -> Plot:
    """The largest alpha of both lists against lambda."""
    lams = np.arange(37) / 40
    lists = {"printed": THEOREM_1, "repaired": THEOREM_1_REPAIRED}
    return Plot(
        title="Largest alpha of Theorem 1's list, small constants",
        x_label="lambda, six agents",
        y_label="largest admitted alpha",
        curves=tuple(
            Curve(f"{name} list", lams, [float(rule.largest(c, float(lam), 6)["alpha"]) for lam in lams])
            for name, rule in lists.items()
        ),
        caption="Where the printed curve rises to the right, a denser network with a smaller lambda is admitted a smaller alpha.",
    )


def radius_plot(lams: Sequence[float], radii: Sequence[float]) -> Plot:
    """Least radii of several graphs on the line (1 + lambda)/2."""
    ends = (min(lams), max(lams))
    return Plot(
        title="Section 6's W, equal agents, each graph at its best alpha",
        x_label="lambda",
        y_label="least spectral radius",
        curves=(
            Curve("exact, one point per graph", lams, radii, "points"),
            Curve("(1 + lambda)/2", ends, [(1 + v) / 2 for v in ends], "dashed"),
        ),
        caption="All graphs lie on one line, so a smaller lambda converges faster.",
    )


def dense_plot(every: list[tuple[float, float]]) -> Plot:
    """Per share of edges, rounded to a tenth, the least and the largest lambda."""
    by: dict[float, list[float]] = {}
    for density, lam in sorted(every):
        by.setdefault(round(density, 1), []).append(lam)
    low, high = [min(v) for v in by.values()], [max(v) for v in by.values()]
    return Plot(
        title="Section 6's W on all connected graphs of a few agents",
        x_label="share of all possible edges",
        y_label="lambda",
        curves=(
            Curve("least lambda, and all of them as a band", list(by), low, low=low, high=high),
            Curve("1/3", (min(by), 1), (1 / 3, 1 / 3), "dashed"),
        ),
        caption="However dense the graph, lambda does not come below 1/3.",
    )
