"""Figures of SLAM's, RABO's and Argus's findings: they say what was measured, and can say otherwise."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import select
from spiritlevel.theory.plots import Bars, Curve, Plot, document, read
from spiritlevel.theory.rabo.theorems.bound import right_side
from spiritlevel.theory.rabo.theorems.resting import local_witness
from spiritlevel.theory.slam.gradients.courses import walk
from spiritlevel.theory.slam.gradients.endless import climb
from spiritlevel.theory.slam.gradients.instances import uphill
from spiritlevel.theory.statement import Context, Finding
from spiritlevel.theory.witness import check as recheck

DRAWN = (
    "slam/thm1-ul-stationarity",
    "slam/thm1-ul-stationarity-repaired",
    "slam/thm1-ul-stationarity-share",
    "slam/thm1-ul-consensus",
    "slam/thm1-ul-consensus-fixed-n",
    "slam/thm1-ll-optimality",
    "slam/thm1-ll-optimality-fixed-n",
    "slam/thm1-ul-identical",
    "slam/thm1-true-gradient-noise",
    "slam/thm1-field-opposed",
    "slam/single-timescale-repaired",
    "slam/network",
    "slam/gamma-any",
    "slam/gamma-constant-speedup",
    "slam/complexity",
    "slam/remark1-speedup",
    "slam/remark4",
    "slam/cor1-penalty",
    "slam/cor2-ll-repaired",
    "slam/bias-floor",
    "slam/exp-sensitivity",
    "slam/lemma5",
    "rabo/remark1-order",
    "rabo/pruning-bias",
    "rabo/het",
    "rabo/het-bias",
    "rabo/het-direction",
    "rabo/drift",
    "rabo/rolling",
    "rabo/min-coverage",
    "rabo/joint-coverage",
    "rabo/remark2-inner-coverage",
    "rabo/cor1-rate-repaired",
    "rabo/speedup-mimicry",
    "rabo/alg1-server-sign",
    "rabo/lem3",
    "rabo/lem3-mixed",
    "rabo/thm1-bound",
    "rabo/thm1-steps-stable",
    "rabo/thm2-loop-rate",
    "argus/rate",
    "argus/rate-fixed",
    "argus/vacuity",
    "argus/k1-constant",
    "argus/free-multipliers",
)
MOST = 60
"""Points of one curve."""


@cache
def finding(id: str) -> Finding:
    (statement,) = select([id])
    return judge(statement, alpha=1e-4).finding


def plot(id: str, which: int = 0) -> Plot:
    figure = finding(id).figures[which]
    assert isinstance(figure, Plot)
    return figure


def curve(figure: Plot, label: str) -> Curve:
    (found,) = [c for c in figure.curves if c.label == label]
    return found


def slopes(c: Curve) -> list[float]:
    points = list(zip(map(math.log, c.x), map(math.log, c.y), strict=True))
    return [(v - u) / (t - s) for (s, u), (t, v) in itertools.pairwise(points)]


@pytest.mark.parametrize("id", DRAWN)
def test_a_figure_can_be_drawn_and_says_what_to_see(id: str) -> None:
    figures = finding(id).figures
    assert 1 <= len(figures) <= 2
    for figure in figures:
        assert figure.title
        assert figure.y_label
        assert figure.caption.endswith(".")
        json.dumps(document(figure), allow_nan=False)
        assert read(document(figure)) == figure
        if isinstance(figure, Bars):
            assert len(set(figure.labels)) == len(figure.labels)
            assert set(figure.marked) <= set(figure.labels)
            assert min(figure.values) > 0
            continue
        assert len({c.label for c in figure.curves}) == len(figure.curves)
        assert all(1 < len(c.x) <= MOST for c in figure.curves)
        for axis, log in (("x", "x" in figure.log), ("y", "y" in figure.log)):
            assert not log or all(min(getattr(c, axis)) > 0 for c in figure.curves)


def test_points_follow_the_claimed_slope_where_the_claim_holds() -> None:
    figure = plot("slam/thm1-ul-stationarity-repaired")
    claimed = slopes(curve(figure, "T^-1/2, claimed"))
    for name in ("without noise", "what noise adds"):
        assert slopes(curve(figure, name))[-1] == pytest.approx(claimed[0], abs=0.02)
    figure = plot("rabo/het-direction")
    assert slopes(figure.curves[0])[-1] == pytest.approx(4, abs=0.1)


def test_points_leave_the_claimed_slope_where_it_does_not_hold() -> None:
    for id in ("slam/thm1-ll-optimality", "slam/thm1-ul-consensus", "slam/complexity"):
        figure = plot(id)
        assert slopes(curve(figure, "a constant, claimed")) == pytest.approx([0.0], abs=1e-12)
        assert min(slopes(figure.curves[0])) > 0.3
    figure = plot("rabo/remark1-order")
    assert slopes(figure.curves[0]) == pytest.approx([0, 0, 0], abs=1e-6)
    assert slopes(curve(figure, "of order alpha")) == pytest.approx([1.0])


def test_slam_climbs_where_descent_falls_and_descends_where_agents_lean_the_other_way() -> None:
    ctx = Context(statement="slam/thm1-ul-stationarity")
    away, down = walk(ctx, climb()).curves
    assert away.y[-1] == pytest.approx(away.y[0] + 128 / 16)
    assert down.y[-1] < 1
    gentle = climb(uphill(c=((3, -1), (-1, 3))))
    assert walk(ctx, gentle).curves[0].y[-1] < 1


def test_regions_show_what_the_witnesses_show() -> None:
    stable, printed = (np.array(a.inside) for a in plot("slam/cor1-penalty").areas)
    assert printed.any()
    assert stable.any()
    assert not (stable & printed).any()
    stable, printed, repaired = (np.array(a.inside) for a in plot("rabo/thm1-steps-stable").areas)
    assert (printed & ~stable).any()
    assert repaired.any()
    assert not (repaired & ~stable).any()


def test_the_right_side_of_rabos_bound_is_the_witness_one() -> None:
    left, right = recheck(local_witness()).last.values[0].split(" <= ")
    assert right_side(1e-7) == pytest.approx(_number(right), rel=1e-3)
    measured, claimed = plot("rabo/thm1-bound").curves
    assert measured.y[0] == pytest.approx(_number(left), rel=1e-3)
    below = [a > b for a, b in zip(measured.y, claimed.y, strict=True)]
    assert below[-1]
    assert not below[0]


def _number(shown: str) -> float:
    return float(Fraction(shown.split(" ")[0]))


def test_a_bound_of_no_use_lies_above_agents_that_stand_still() -> None:
    said, still, measured = plot("argus/vacuity").curves
    assert all(a > b >= c * 0.99 for a, b, c in zip(said.y, still.y, measured.y, strict=True))
    figure = plot("argus/rate")
    assert slopes(figure.curves[0])[-1] == pytest.approx(0.5, abs=0.05)
    assert slopes(curve(figure, "(33), eta fixed"))[-1] == pytest.approx(-1, abs=0.05)
