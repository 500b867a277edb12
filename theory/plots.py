"""Figures that a finding brings along: data with labels, drawn by whoever shows the finding."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from spiritlevel.core.numbers import Array

Numbers = Sequence[float] | Array
Style = Literal["line", "points", "dashed"]


def _floats(values: Numbers) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


@dataclass(frozen=True)
class Curve:
    """One curve; with ``low`` and ``high`` also its band.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> Curve("measured", [1, 2], [3, 4], "points").y
    (3.0, 4.0)
    """

    label: str
    x: Numbers
    y: Numbers
    style: Style = "line"
    low: Numbers = ()
    high: Numbers = ()

    def __post_init__(self) -> None:
        for name in ("x", "y", "low", "high"):
            object.__setattr__(self, name, _floats(getattr(self, name)))
        if len({len(self.x), len(self.y)}) > 1 or {len(self.low), len(self.high)} not in ({0}, {len(self.x)}):
            raise ValueError(f"curve {self.label!r}: x, y and the band differ in length")


@dataclass(frozen=True)
class Area:
    """Where something holds, on a grid: ``inside[j][i]`` at ``(x[i], y[j])``.

    Raises
    ------
    ValueError
        If the sizes differ.
    """

    label: str
    x: Numbers
    y: Numbers
    inside: Sequence[Sequence[bool]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _floats(self.x))
        object.__setattr__(self, "y", _floats(self.y))
        object.__setattr__(self, "inside", tuple(tuple(bool(v) for v in row) for row in self.inside))
        if len(self.inside) != len(self.y) or any(len(row) != len(self.x) for row in self.inside):
            raise ValueError(f"area {self.label!r}: the grid is not {len(self.y)} by {len(self.x)}")


def _runs(inside: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last index of every unbroken stretch."""
    edges = [k for k, (a, b) in enumerate(pairwise([False, *inside, False])) if a != b]
    return [(first, after - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Curves and areas over common axes.

    ``log`` names the logarithmic axes: ``""``, ``"x"``, ``"y"`` or ``"xy"``. The caption says what to see.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...] = ()
    areas: tuple[Area, ...] = ()
    log: Literal["", "x", "y", "xy"] = ""
    caption: str = ""

    def rows(self) -> list[tuple[Any, ...]]:
        """The data as a table: a heading, then one row per point; of an area, from where to where it reaches at each x.

        Examples
        --------
        >>> plot = Plot(title="t", x_label="T", y_label="error", curves=(Curve("a", [1], [2]),))
        >>> plot.rows()
        [('series', 'T', 'error', 'low', 'high'), ('a', 1.0, 2.0, '', '')]
        """
        table: list[tuple[Any, ...]] = [("series", self.x_label, self.y_label, "low", "high")]
        for c in self.curves:
            bands = zip(c.low, c.high, strict=True) if c.low else [("", "")] * len(c.x)
            table += [(c.label, x, y, *band) for x, y, band in zip(c.x, c.y, bands, strict=True)]
        for a in self.areas:
            for i, x in enumerate(a.x):
                table += [(a.label, x, "", a.y[j], a.y[k]) for j, k in _runs([row[i] for row in a.inside])]
        return table


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Named positive values on a logarithmic axis, the ones that count marked, against an exact limit if there is one."""

    title: str
    y_label: str
    labels: tuple[str, ...]
    values: Numbers
    marked: tuple[str, ...] = ()
    limit: float | None = None
    limit_label: str = ""
    caption: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _floats(self.values))
        if len(self.labels) != len(self.values):
            raise ValueError(f"bars {self.title!r}: {len(self.labels)} labels for {len(self.values)} values")

    def rows(self) -> list[tuple[Any, ...]]:
        """The data as a table: a heading, then one row per bar."""
        limit = [] if self.limit is None else [(self.limit_label or "limit", self.limit)]
        return [("name", self.y_label), *zip(self.labels, self.values, strict=True), *limit]


Figure = Plot | Bars


def document(figure: Figure) -> dict[str, Any]:
    """A figure as JSON can hold it; `read` is the way back.

    Examples
    --------
    >>> bars = Bars(title="t", y_label="v", labels=("a",), values=(1.0,))
    >>> read(document(bars)) == bars
    True
    """
    return {"kind": type(figure).__name__.lower(), **dataclasses.asdict(figure)}


def read(values: Mapping[str, Any]) -> Figure:
    """The figure of a `document`.

    Raises
    ------
    ValueError
        If it is none.
    """
    given = dict(values)
    kind = given.pop("kind", None)
    try:
        if kind == "bars":
            return Bars(**{**given, "labels": tuple(given["labels"]), "marked": tuple(given["marked"])})
        if kind == "plot":
            curves = tuple(Curve(**curve) for curve in given.pop("curves"))
            areas = tuple(Area(**area) for area in given.pop("areas"))
            return Plot(**given, curves=curves, areas=areas)
    except (TypeError, KeyError) as error:
        raise ValueError(f"a figure of kind {kind!r} lacks or has too much: {error}") from error
    raise ValueError(f"a figure's kind is {kind!r}; give plot or bars")


def fitted(x: Numbers, slope: float, through: tuple[float, float]) -> tuple[float, ...]:
    """The power law of a slope through a point, at ``x``: a line on log-log axes.

    Examples
    --------
    >>> fitted([1, 4], -0.5, (1.0, 2.0))
    (2.0, 1.0)
    """
    at, value = through
    return tuple(value * math.exp(slope * math.log(v / at)) for v in _floats(x))


def power_law(label: str, x: Numbers, slope: float, through: tuple[float, float]) -> Curve:
    """A claimed slope as a dashed line from the first to the last of ``x``, for log-log axes.

    Examples
    --------
    >>> power_law("claimed", [1, 2, 4], -0.5, (1.0, 2.0)).y
    (2.0, 1.0)
    """
    ends = (float(x[0]), float(x[-1]))
    return Curve(label, ends, fitted(ends, slope, through), "dashed")


def thinned(count: int, most: int = 60) -> list[int]:
    """Indices of at most so many of ``count`` points, evenly apart in the logarithm, first and last among them.

    Examples
    --------
    >>> thinned(1000, 4), thinned(3, 60)
    ([0, 9, 99, 999], [0, 1, 2])
    """
    return sorted({round(count ** (k / (most - 1))) - 1 for k in range(most)})
