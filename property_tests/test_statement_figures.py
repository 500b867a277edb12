"""Figures of INTERACT's and DSBO's findings: whole, legible, and with the slopes that their labels claim."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.dsbo.theorems.figures import powers
from spiritlevel.theory.interact.algorithms.figures import stuck_plot
from spiritlevel.theory.interact.network.figures import step_plot
from spiritlevel.theory.interact.theorems.figures import stable_region
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.plots import (
    Area,
    Bars,
    Curve,
    Figure,
    Numbers,
    Plot,
    document,
    power_law,
    read,
    thinned,
)

DRAWN = (
    "interact/rate",
    "interact/linear",
    "interact/neighbour-sums",
    "interact/lem3",
    "interact/lem3-one-sample",
    "interact/cbias-floor",
    "interact/cbias-floor-repaired",
    "interact/svr-eq19",
    "interact/svr-mean-error",
    "interact/network-step",
    "interact/network-rate",
    "interact/lambda",
    "interact/lambda-dense",
    "interact/cor4",
    "interact/cor4-rounds",
    "interact/cor4-hidden-K",
    "interact/cor4-kappa",
    "interact/dsgd-floor",
    "interact/thm3-weight",
    "dsbo/thm5.1-network",
    "dsbo/b-logT",
    "dsbo/consensus-rest",
    "dsbo/central-consensus",
    "dsbo/variance-rule-5",
    "dsbo/asymptotic-independence",
    "dsbo/abstract-complexity-uniform",
    "dsbo/frobenius-at-most-3",
    "dsbo/dsgd-no-speedup",
)
SLOPE = re.compile(r"(?:slope|exponent) (-?\d+(?:\.\d+)?)(/\d+)?")
MOST = 60
"""Points of a curve."""


@cache
def figures_of(name: str) -> tuple[Figure, ...]:
    return judge(statements()[name]).finding.figures


def faults(figure: Figure) -> list[str]:
    """What is wrong with a figure; nothing, in a finding."""
    found = [] if read(json.loads(json.dumps(document(figure)))) == figure else ["does not survive JSON"]
    words = [figure.title, figure.y_label, *([figure.x_label] if isinstance(figure, Plot) else figure.labels)]
    found += [] if all(words) else ["lacks a title or a label"]
    sentence = re.fullmatch(r"[A-Z].*\.", figure.caption)
    found += [] if sentence else ["has a caption that is no sentence"]
    if isinstance(figure, Bars):
        return found + (
            [] if all(0 < v < math.inf for v in figure.values) else ["has a bar that is not positive"]
        )
    found += [] if figure.curves or figure.areas else ["is empty"]
    drawn: tuple[Curve | Area, ...] = (*figure.curves, *figure.areas)
    for shown in drawn:
        axes: dict[str, Numbers] = {"x": shown.x, "y": shown.y}
        if isinstance(shown, Curve):
            axes["y"] = (*shown.y, *shown.low, *shown.high)
            found += [f"{shown.label}: too many points"] if len(shown.x) > MOST else []
        for axis, values in axes.items():
            least = 0.0 if axis in figure.log else -math.inf
            found += [] if all(least < v < math.inf for v in values) else [f"{shown.label}: cannot be drawn"]
    return found


def claimed(figure: Figure) -> Iterator[tuple[Curve, float]]:
    """Dashed lines that name a slope or an exponent, with it."""
    for curve in figure.curves if isinstance(figure, Plot) and figure.log == "xy" else ():
        named_slope = SLOPE.search(curve.label)
        if curve.style == "dashed" and named_slope:
            yield curve, float(named_slope[1]) / float((named_slope[2] or "/1")[1:])


@pytest.mark.parametrize("name", DRAWN)
def test_a_finding_brings_figures_that_can_be_drawn_and_read(name: str) -> None:
    figures = figures_of(name)
    assert 1 <= len(figures) <= 2
    assert [fault for figure in figures for fault in faults(figure)] == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_dashed_line_has_the_slope_in_its_label(name: str) -> None:
    for figure in figures_of(name):
        for curve, slope in claimed(figure):
            ends = np.log([curve.x[0], curve.x[-1]]), np.log([curve.y[0], curve.y[-1]])
            assert np.diff(ends[1])[0] / np.diff(ends[0])[0] == pytest.approx(slope, abs=1e-9)


def test_some_figures_claim_slopes() -> None:
    assert sum(len(list(claimed(f))) for name in DRAWN for f in figures_of(name)) >= 6


@pytest.mark.parametrize(
    ("curve", "log", "fault"),
    [
        (Curve("a", [1, 2], [1, 0]), "y", "cannot be drawn"),
        (Curve("a", [0, 2], [1, 1]), "xy", "cannot be drawn"),
        (Curve("a", [1, 2], [1, math.nan]), "", "cannot be drawn"),
        (Curve("a", [1], [1], low=[-1], high=[2]), "y", "cannot be drawn"),
        (Curve("a", range(99), range(99)), "", "too many points"),
    ],
)
def test_faults_are_found(curve: Curve, log: str, fault: str) -> None:
    figure = Plot(title="t", x_label="x", y_label="y", curves=(curve,), log=log, caption="One.")  # type: ignore[arg-type]
    assert any(fault in found for found in faults(figure))
    assert faults(Plot(title="t", x_label="", y_label="y", caption="no")) != []


def test_a_wrong_slope_is_found() -> None:
    figure = Plot(
        title="t",
        x_label="x",
        y_label="y",
        curves=(power_law("claimed: exponent -1/2", [1, 4], -1, (1, 1)),),
        log="xy",
        caption="One.",
    )
    (curve, slope), *_ = claimed(figure)
    assert slope == -0.5 != math.log(curve.y[-1] / curve.y[0]) / math.log(4)


def test_the_claimed_line_touches_no_row() -> None:
    rows = {"slow": ([1, 10, 100], [1, 0.9, 0.8]), "fast": ([10, 100], [50, 0.1])}
    *points, line = powers("t", rows, ("claimed: exponent -1/2", -0.5), "Falls.").curves
    for row in points:
        for at, value in zip(row.x, row.y, strict=True):
            assert value < line.y[0] * (at / line.x[0]) ** -0.5


def test_measured_points_lie_where_the_claim_says_or_do_not() -> None:
    (law,) = figures_of("interact/network-step")
    assert isinstance(law, Plot)
    exact, curve = law.curves
    assert np.interp(exact.x, curve.x, curve.y) == pytest.approx(exact.y, rel=1e-2)
    wrong = step_plot([(x, y * (1 + k / 10)) for k, (x, y) in enumerate(zip(exact.x, exact.y, strict=True))])
    assert np.interp(wrong.curves[0].x, curve.x, curve.y) != pytest.approx(wrong.curves[0].y, rel=1e-2)
    (broken,) = figures_of("interact/svr-mean-error")
    assert isinstance(broken, Plot)
    left, right = (np.array(c.y) for c in broken.curves)
    assert left[0] < right[0]
    assert left[-1] > right[-1]


def test_with_the_own_copy_the_gradient_does_not_stay() -> None:
    (stuck,) = figures_of("interact/neighbour-sums")
    assert isinstance(stuck, Plot)
    assert min(stuck.curves[0].y) > 0.1 * stuck.curves[0].y[0]
    problem = random_quadratic(1, n=5, p=2, q=2)
    right = run(
        Interact(alpha=0.02, beta=0.05), problem, named("ring:5"), steps=2000, x0=np.ones(2), record=50
    )
    gradient = stuck_plot("INTERACT", right).curves[0].y
    assert gradient[-1] < 1e-6 * gradient[0]


def test_the_region_is_that_of_the_formula() -> None:
    """Equal agents with curvature 1 and nothing below: stable for alpha < 8/9, whatever stable beta."""
    problem = quadratic([[[1]]] * 3, [[[0]]] * 3, [[0]] * 3, A=[[[1]]] * 3)
    stable, _ = stable_region(Interact, problem, named("complete:3", "laplacian")).areas
    for beta, row in zip(stable.y, stable.inside, strict=True):
        assert list(row) == [alpha < 8 / 9 and beta < 2 for alpha in stable.x]


@pytest.mark.parametrize("count", [1, 2, 59, 60, 61, 100_000])
def test_thinning_keeps_the_ends_and_the_order(count: int) -> None:
    kept = thinned(count)
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert len(kept) <= min(count, MOST)
    assert all(a < b for a, b in itertools.pairwise(kept))
