"""Figures of recorded runs and of findings, as SVG, PDF or PNG by the file's suffix."""

from __future__ import annotations

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


def draw(shown: Plot | Bars, out: str | Path) -> None:
    """Draw what a finding brings along.

    Parameters
    ----------
    shown
        The figure's data.
    out
        File to write; ``.svg``, ``.pdf`` or ``.png``.

    Raises
    ------
    InputError
        If the suffix is unknown, or matplotlib is not installed.
    """
    figure = _sheet(out)
    axes = figure.add_subplot()
    if isinstance(shown, Plot):
        _plot(axes, shown)
    else:
        _bars(axes, shown)
    axes.set_title(shown.title, fontsize="medium", loc="left", wrap=True)
    _finish(axes)
    _save(figure, out)


def _plot(axes: Any, shown: Plot) -> None:
    for k, area in enumerate(shown.areas):
        colour = COLOURS[(k + 1) % len(COLOURS)]
        inside = np.array(area.inside, dtype=float)
        axes.contourf(area.x, area.y, inside, levels=[0.5, 1.5], colors=[colour], alpha=0.2)
        axes.fill_between([], [], color=colour, alpha=0.2, label=area.label)
    styles = {"line": "-", "points": "o", "dashed": "--"}
    for k, c in enumerate(shown.curves):
        colour = COLOURS[k % len(COLOURS)]
        axes.plot(c.x, c.y, styles[c.style], color=colour, label=c.label, linewidth=1.5, markersize=4)
        if c.low:
            axes.fill_between(c.x, c.low, c.high, color=colour, alpha=0.15)
    for axis in shown.log:
        (axes.set_xscale if axis == "x" else axes.set_yscale)("log")
    axes.set_xlabel(shown.x_label)
    axes.set_ylabel(shown.y_label)
    axes.legend(frameon=False)


def _bars(axes: Any, shown: Bars) -> None:
    at = np.arange(len(shown.labels))
    colours = [COLOURS[label in shown.marked] for label in shown.labels]
    axes.barh(at, shown.values, color=colours)
    axes.set_yticks(at, shown.labels)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel(shown.y_label)
    if shown.limit is not None:
        axes.axvline(shown.limit, color=COLOURS[2], linestyle="--", label=shown.limit_label or "limit")
        axes.legend(frameon=False)


def _suffix(out: str | Path) -> str:
    suffix = Path(out).suffix.removeprefix(".").lower()
    if suffix not in FORMATS:
        raise unknown("figure format", suffix, FORMATS)
    return suffix


def _sheet(out: str | Path) -> Any:
    """An empty figure; says first what would keep it from being written."""
    _suffix(out)
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("figures need matplotlib; install spiritlevel with the extra 'plots'") from error
    return Figure(figsize=(6.4, 3.6), layout="constrained")


def _finish(axes: Any) -> None:
    axes.grid(visible=True, which="major", linewidth=0.4, alpha=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _save(figure: Any, out: str | Path) -> None:
    import matplotlib as mpl

    suffix = _suffix(out)
    metadata = {"Date": None} if suffix == "svg" else None
    with mpl.rc_context({"svg.hashsalt": "spiritlevel", "svg.fonttype": "none"}):
        write_atomically(
            out, lambda handle: figure.savefig(handle, format=suffix, metadata=metadata, dpi=150)
        )
