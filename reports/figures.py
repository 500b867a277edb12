"""Figures of recorded runs, as SVG, PDF or PNG by the file's suffix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.files import write_atomically
from spiritlevel.core.numbers import Array

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
    suffix = Path(out).suffix.removeprefix(".").lower()
    if suffix not in FORMATS:
        raise unknown("figure format", suffix, FORMATS)
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("figures need matplotlib; install spiritlevel with the extra 'plots'") from error
    with mpl.rc_context({"svg.hashsalt": "spiritlevel", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
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
        axes.grid(visible=True, which="major", linewidth=0.4, alpha=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        metadata = {"Date": None} if suffix == "svg" else None
        write_atomically(
            out, lambda handle: figure.savefig(handle, format=suffix, metadata=metadata, dpi=150)
        )
