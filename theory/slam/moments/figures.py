"""Exact averages as figures: against T, and against the number of agents, with the power that is claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.slam.moments.growth import DOUBLINGS, SIZES


def against_T(
    series: Mapping[str, Callable[[int], float]],
    *,
    title: str,
    y_label: str,
    caption: str,
    slope: float = -0.5,
    claim: str = "T^-1/2, claimed",
    doublings: Sequence[int] = DOUBLINGS,
) -> Plot:
    """Points at T = 2^k, and a power of T through the first point of the first series.

    Parameters
    ----------
    series
        By name, the value at k.

    Examples
    --------
    >>> plot = against_T({"a": lambda k: 2.0**-k}, title="t", y_label="v", caption="", doublings=(2, 4))
    >>> [(c.label, c.y) for c in plot.curves]
    [('a', (0.25, 0.0625)), ('T^-1/2, claimed', (0.25, 0.125))]
    """
    T = [2.0**k for k in doublings]
    curves = [Curve(name, T, [at(k) for k in doublings], "points") for name, at in series.items()]
    return Plot(
        title=title,
        x_label="iterations T",
        y_label=y_label,
        curves=(*curves, power_law(claim, T, slope, (T[0], curves[0].y[0]))),
        log="xy",
        caption=caption,
    )


def against_n(
    series: Mapping[str, Iterable[float]],
    *,
    title: str,
    y_label: str,
    caption: str,
    slopes: Mapping[str, float],
    sizes: Sequence[int] = SIZES,
) -> Plot:
    """Points at n agents, and powers of n through the first point of the first series.

    Parameters
    ----------
    slopes
        By name: what is claimed, or what it is to be compared with.

    Examples
    --------
    >>> plot = against_n({"a": [1, 2]}, title="t", y_label="v", caption="", slopes={"n": 1}, sizes=(3, 6))
    >>> [(c.label, c.y) for c in plot.curves]
    [('a', (1.0, 2.0)), ('n', (1.0, 2.0))]
    """
    curves = [Curve(name, sizes, list(values), "points") for name, values in series.items()]
    lines = [power_law(name, sizes, slope, (sizes[0], curves[0].y[0])) for name, slope in slopes.items()]
    return Plot(
        title=title, x_label="agents n", y_label=y_label, curves=(*curves, *lines), log="xy", caption=caption
    )
