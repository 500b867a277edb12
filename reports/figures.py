"""Figures of recorded runs and of findings, as SVG, PDF or PNG by the file's suffix."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.files import write_atomically
from spiritlevel.core.numbers import Array
from spiritlevel.theory.plots import Bars, Plot

FORMATS = ("svg", "pdf", "png")
# Okabe and Ito's colours, told apart by all common kinds of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v")  # told apart without colours
WIDTH = 5.55  # inches of a finding's figure: 400 points, so that words are as large as a page's
LINE = 62  # characters that fit below its axes
_LABELS = {
    "stationarity": r"$\|\nabla\ell(\bar x)\|^2 + \|x - 1\bar x\|^2 + \|y - y^*\|^2$",
    "hypergradient_squared": r"$\|\nabla\ell(\bar x)\|^2$",
    "consensus_error": r"$\|x - 1\bar x\|^2$",
    "lower_error": r"$\|y - y^*\|^2$",
}


def curves(
    runs: Sequence[tuple[str, Mapping[str, Array]]],
    out: str | Path,
    *,
    metric: str = "stationarity",
    log_t: bool = False,
) -> None:
    """Draw one metric of several runs against the iteration, on a logarithmic vertical axis.

    Parameters
    ----------
    runs
        Pairs (label, arrays of a file that ``spiritlevel run`` wrote). With replicas, the mean is drawn
        over the band of all replicas.
    out
        File to write; ``.svg``, ``.pdf`` or ``.png``.
    log_t
        A logarithmic horizontal axis too, where powers of t are straight lines.

    Raises
    ------
    InputError
        If a run lacks the metric, the suffix is unknown, or matplotlib is not installed.
    """
    figure = _sheet(out)
    axes = figure.add_subplot()
    for k, (label, arrays) in enumerate(runs):
        if metric not in arrays or "t" not in arrays:
            raise unknown(f"metric of {label}", metric, set(arrays) - {"t", "x", "y"})
        t, values = arrays["t"], np.atleast_2d(arrays[metric])
        shown = t > 0 if log_t else t >= 0
        colour = COLOURS[k % len(COLOURS)]
        axes.plot(t[shown], values.mean(axis=0)[shown], color=colour, label=label, linewidth=1.5)
        if len(values) > 1:
            axes.fill_between(
                t[shown], values.min(axis=0)[shown], values.max(axis=0)[shown], color=colour, alpha=0.15
            )
    axes.set_yscale("log")
    if log_t:
        axes.set_xscale("log")
    axes.set_xlabel("iteration t")
    axes.set_ylabel(_LABELS.get(metric, metric))
    _finish(axes)
    axes.legend(frameon=False)
    _save(figure, out)


def draw(shown: Plot | Bars, out: str | Path, *, titled: bool = True) -> None:
    """Draw what a finding brings along.

    Parameters
    ----------
    shown
        The figure's data.
    out
        File to write; ``.svg``, ``.pdf`` or ``.png``.
    titled
        Whether the title is part of the drawing.

    Raises
    ------
    InputError
        If the suffix is unknown, or matplotlib is not installed.
    """
    height = 3.0 if isinstance(shown, Plot) else 0.9 + 0.32 * len(shown.labels)
    figure = _sheet(out, WIDTH, height)
    axes = figure.add_subplot()
    entries = _plot(axes, shown) if isinstance(shown, Plot) else _bars(axes, shown)
    if titled:
        figure.suptitle(textwrap.fill(shown.title, 60), fontsize="medium", x=0.01, ha="left")
    _finish(axes, "both" if isinstance(shown, Plot) else "x")
    if entries:
        # Below the axes nothing is hidden by it.
        columns = max(1, min(len(entries), LINE // (max(map(len, entries)) + 6)))
        figure.set_figheight(height + 0.22 * math.ceil(len(entries) / columns))
        figure.legend(loc="outside lower left", ncols=columns, frameon=False)
    _save(figure, out)


def _plot(axes: Any, shown: Plot) -> list[str]:
    """Draw areas, then curves over them; the labels of all."""
    for k, area in enumerate(shown.areas):
        colour = COLOURS[(k + 1) % len(COLOURS)]
        inside = np.array(area.inside, dtype=float)
        axes.contourf(area.x, area.y, inside, levels=[0.5, 1.5], colors=[colour], alpha=0.2)
        axes.fill_between([], [], color=colour, alpha=0.2, label=area.label)
    for name in shown.log:
        (axes.set_xscale if name == "x" else axes.set_yscale)("log")
    for k, c in enumerate(shown.curves):
        colour = COLOURS[k % len(COLOURS)]
        style = {"line": "-", "points": MARKERS[k % len(MARKERS)], "dashed": "--"}[c.style]
        axes.plot(c.x, c.y, style, color=colour, label=c.label, linewidth=1.8, markersize=5)
        if c.low and c.style == "points":
            axes.vlines(c.x, c.low, c.high, color=colour, linewidth=1.2)
        elif c.low:
            axes.fill_between(c.x, c.low, c.high, color=colour, alpha=0.15)
    for name in shown.log:
        _few_decades(axes.xaxis if name == "x" else axes.yaxis)
    axes.set_xlabel(shown.x_label)
    axes.set_ylabel(textwrap.fill(shown.y_label, 34))
    return [c.label for c in shown.curves] + [a.label for a in shown.areas]


def _few_decades(axis: Any, *, half: bool = False) -> None:
    """Plain numbers instead of powers where a logarithmic axis covers little more than a decade; half as long, half as many."""
    low, high = axis.get_view_interval()
    if low >= 1e-3 and high <= 1e5 and high <= (25 if half else 100) * low:
        labelled = "235" if high <= 30 * low and not half else "25"
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in labelled else "")


def _bars(axes: Any, shown: Bars) -> list[str]:
    """Draw bars with their values; the label of the limit, if there is one."""
    at = np.arange(len(shown.labels))
    colours = [COLOURS[label in shown.marked] for label in shown.labels]
    axes.bar_label(axes.barh(at, shown.values, color=colours), fmt="%.3g", padding=4)
    axes.set_yticks(at, shown.labels)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_xlabel(shown.y_label)
    entries = [] if shown.limit is None else [shown.limit_label or "limit"]
    if shown.limit is not None:
        axes.axvline(shown.limit, color=COLOURS[2], linestyle="--", label=entries[0])
    _few_decades(axes.xaxis, half=True)
    return entries


def _suffix(out: str | Path) -> str:
    suffix = Path(out).suffix.removeprefix(".").lower()
    if suffix not in FORMATS:
        raise unknown("figure format", suffix, FORMATS)
    return suffix


def _sheet(out: str | Path, width: float = 6.4, height: float = 3.6) -> Any:
    """An empty figure; says first what would keep it from being written."""
    _suffix(out)
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("figures need matplotlib; install spiritlevel with the extra 'plots'") from error
    return Figure(figsize=(width, height), layout="constrained")


def _finish(axes: Any, grid: str = "both") -> None:
    axes.set_axisbelow(True)
    axes.grid(visible=True, which="major", axis=grid, linewidth=0.4, alpha=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _save(figure: Any, out: str | Path) -> None:
    import matplotlib as mpl

    suffix = _suffix(out)
    metadata = {"Date": None} if suffix == "svg" else None
    with mpl.rc_context({"svg.hashsalt": "spiritlevel", "svg.fonttype": "none"}):
        write_atomically(
            out, lambda handle: figure.savefig(handle, format=suffix, metadata=metadata, dpi=150)
        )
