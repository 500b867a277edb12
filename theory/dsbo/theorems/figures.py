"""What the statements on rates look like: exact points beside the claimed power, dashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.theory.plots import Curve, Plot, power_law

AVERAGE = "average of E|grad F|^2"
"""(1/T) times the sum over t < T, at the mean of x."""
NOISE, INITIAL = f"{AVERAGE}, noise part", f"{AVERAGE}, no noise"
HALF = ("claimed: exponent -1/2", -0.5)


def powers(
    title: str,
    rows: Mapping[str, tuple[Sequence[float] | Array, Sequence[float] | Array]],
    claimed: tuple[str, float],
    caption: str,
    *,
    x_label: str = "iterations T",
    y_label: str = AVERAGE,
    lines: Sequence[str] = (),
) -> Plot:
    """Points of several rows on log-log axes, and a line of the claimed exponent a little above them.

    Parameters
    ----------
    rows
        By label: where, and what is there; all positive.
    claimed
        The dashed line's label and exponent.
    lines
        Rows that are drawn as lines, where others lie on them.

    Examples
    --------
    >>> plot = powers("t", {"a": ([1, 4], [2, 1])}, ("claimed", -0.5), "Falls as claimed.")
    >>> [curve.label for curve in plot.curves], plot.curves[1].y
    (['a', 'claimed'], (4.0, 2.0))
    """
    label, exponent = claimed
    ends = min(min(x) for x, _ in rows.values()), max(max(x) for x, _ in rows.values())
    # high enough to touch no row: at twice the largest that any row needs
    height = max(
        float(v) * (ends[1] / float(at)) ** exponent
        for x, y in rows.values()
        for at, v in zip(x, y, strict=True)
    )
    curves = [Curve(name, x, y, "line" if name in lines else "points") for name, (x, y) in rows.items()]
    return Plot(
        title=title,
        x_label=x_label,
        y_label=y_label,
        curves=(*curves, power_law(label, ends, exponent, (ends[1], 2 * height))),
        log="xy",
        caption=caption,
    )


def speedup_plot(rows: Mapping[str, tuple[Array, Array]], exact: float) -> Plot:
    """Noise parts against K T, and the limit of sqrt(KT) times them."""
    ends = np.array([min(x.min() for x, _ in rows.values()), max(x.max() for x, _ in rows.values())])
    return Plot(
        title="The noise part against all samples drawn, rule (5)",
        x_label="agents times iterations, K T",
        y_label=NOISE,
        curves=(
            *(Curve(name, x, row, "points") for name, (x, row) in rows.items()),
            Curve(f"{exact:.4f}/sqrt(KT), by a Lyapunov equation", ends, exact / np.sqrt(ends), "dashed"),
        ),
        log="xy",
        caption="All rows come to lie on one line: K agents average the noise of K samples.",
    )
