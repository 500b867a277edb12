"""Level sets of h in the plane of one x and one y, with cuts and the feasible points that they remove."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.theory.instruments.cuts import Cut, Violation
from spiritlevel.theory.plots import Area, Curve, Plot, Style

TENTH = Fraction(1, 10)
_STEPS = 120


def grid(low: int, high: int) -> list[Fraction]:
    """Points of an axis."""
    return [low + Fraction((high - low) * k, _STEPS) for k in range(_STEPS + 1)]


def level_set(label: str, h: Violation, eps: Fraction, low: int, high: int) -> Area:
    """Where h is at most eps; the estimate is exact, the rest of it in floats."""
    axis = grid(low, high)
    ticks, star = (np.array(z, dtype=float) for z in (axis, [h.estimate([x])[0] for x in axis]))
    off = abs(ticks[:, None] - star)
    inside = off + float(h.weight) * off**2 <= float(eps)
    return Area(label, ticks.tolist(), ticks.tolist(), inside.tolist())


def line(label: str, cut: Cut, low: int, high: int, style: Style = "line") -> Curve:
    """Where a cut's left side is 0; it removes one side."""
    at = {x: -(cut.c + cut.a[0] * x) / cut.b[0] for x in grid(low, high)}
    shown = {float(x): float(y) for x, y in at.items() if low <= y <= high}
    return Curve(label, list(shown), list(shown.values()), style)


def excluded_points() -> Plot:
    """g = (y - x)^2/2, r = |y|: the cut of (1/2, 1), and one of h_low."""
    half = Fraction(1, 2)
    h = Violation([0], [[1]], kappa=1, weight=TENTH)
    cut, low_cut = h.cut([Fraction(1, 2)], [1], half), h.low_cut([Fraction(1, 2)], [3], half)
    return Plot(
        title="A cut of h with an l1 term removes feasible points",
        x_label="x",
        y_label="y",
        areas=(level_set("h <= eps = 1/2", h, half, -3, 4),),
        curves=(
            line("cut made at (1/2, 1)", cut, -3, 4),
            line("a cut of h_low", low_cut, -3, 4, "dashed"),
            Curve("cut made here", [0.5], [1], "points"),
            Curve("h = 0, yet removed", [2, 3], [1, 2], "points"),
        ),
        caption="The cut removes what lies above it, among it the right arm of the set; that of h_low keeps all of it.",
    )


def lost_solutions() -> Plot:
    """g = (y - x)^2/2, eta_y = 1/4, y0 = 1: the frozen h, its cut, the true solutions."""
    h = Violation([Fraction(3, 4)], [[Fraction(1, 4)]])
    cut = h.cut([0], [1], TENTH)
    return Plot(
        title="A cut from an inexact estimate removes solutions",
        x_label="x",
        y_label="y",
        areas=(level_set("h <= eps, estimate from y0 = 1", h, TENTH, -1, 4),),
        curves=(
            line("cut made at (0, 1)", cut, -1, 4),
            Curve("lower-level solutions", [-1, 4], [-1, 4], "dashed"),
            Curve("solutions that it removes", [1.2, 2, 3], [1.2, 2, 3], "points"),
        ),
        caption="The cut supports the level set of the estimate, which has slope 1/4 where the solutions have 1.",
    )


def relaxed() -> Plot:
    """F4: minimise (x^2 + (y - 1)^2)/2 with |y - x| <= eps."""
    h = Violation([0], [[1]])
    cut = Cut([-1], [1], -TENTH)
    shifts = [float((1 - e) / 2) for e in (TENTH, Fraction(0))]
    return Plot(
        title="What the relaxation costs: the optimum moves by eps/2",
        x_label="x",
        y_label="y",
        areas=(level_set("h <= eps", h, TENTH, 0, 1),),
        curves=(
            line("cut y - x <= eps", cut, 0, 1),
            Curve("relaxed optimum", shifts[:1], [1 - shifts[0]], "points"),
            Curve("bilevel optimum", shifts[1:], [1 - shifts[1]], "points"),
        ),
        caption="The upper level pulls towards (0, 1); the slack in the constraint lets it.",
    )
