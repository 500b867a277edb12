"""Log-log slopes of traces: descriptive numbers, with no interval.

The points of one trace depend on each other, so no interval may be computed from the residuals of one
fit (an ordinary 95 % interval on a 1/T trace with strongly correlated noise covers the truth about one
time in four). Intervals come from independent seeds: see `rates`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array


@dataclass(frozen=True, slots=True)
class Window:
    """The times at which a slope is measured, and why there.

    Parameters
    ----------
    start, stop
        First and last time, both included.
    reason
        Why the rate must be visible in this window: what ends before it and what begins after it.
        Fixed before the traces are seen.

    Raises
    ------
    InputError
        If the window is empty or starts at or before time 0, or if there is no reason.

    Examples
    --------
    >>> Window(100, 10_000, "the linear transient is below 1e-9 by t = 100").stop
    10000
    """

    start: float
    stop: float
    reason: str

    def __post_init__(self) -> None:
        if not 0 < self.start < self.stop < np.inf:
            raise InputError(f"the window is [{self.start}, {self.stop}]; give 0 < start < stop")
        if not self.reason.strip():
            raise InputError("the window has no reason; say in one sentence why the rate is visible in it")


def slopes(t: Array, traces: Array, window: Window) -> Array:
    """Least-squares slope of log(value) against log(t), one per trace.

    Parameters
    ----------
    t
        Times, shape ``(K,)``, increasing.
    traces
        Values, shape ``(R, K)``, one row per seed; positive inside the window.
    window
        Where to fit.

    Returns
    -------
    Array
        Slopes, shape ``(R,)``.

    Raises
    ------
    InputError
        If shapes differ, times do not increase, fewer than three times lie in the window, or a value in
        it is not finite and positive.

    Examples
    --------
    >>> t = np.arange(1, 101)
    >>> slopes(t, np.stack([1 / t, 5 / np.sqrt(t)]), Window(10, 100, "an exact power")).round(12)
    array([-1. , -0.5])
    """
    t = np.asarray(t, dtype=np.float64)
    traces = np.asarray(traces, dtype=np.float64)
    if t.ndim != 1 or traces.ndim != 2 or traces.shape[1] != t.size:
        raise InputError(f"traces has shape {traces.shape} and t {t.shape}; give (seeds, times) and (times,)")
    if not (np.diff(t) > 0).all():
        raise InputError("t is not increasing; give each time once, in order")
    inside = (t >= window.start) & (t <= window.stop)
    if inside.sum() < 3:
        raise InputError(
            f"the window [{window.start}, {window.stop}] holds {inside.sum()} of the times; give at least 3"
        )
    values = traces[:, inside]
    if not (np.isfinite(values) & (values > 0)).all():
        bad = int((~(np.isfinite(values) & (values > 0))).any(axis=1).sum())
        raise InputError(
            f"{bad} of {len(values)} traces are not finite and positive in the window; "
            "a slope of logarithms needs positive numbers"
        )
    u = np.log(t[inside])
    u -= u.mean()
    return np.ascontiguousarray(np.log(values) @ u / (u @ u))


def slope(t: Array, values: Array, window: Window) -> float:
    """Least-squares slope of log(value) against log(t) of one trace, shape ``(K,)``: see `slopes`.

    Examples
    --------
    >>> t = np.arange(1, 101)
    >>> round(slope(t, 3 / t**2, Window(10, 100, "an exact power")), 12)
    -2.0
    """
    return float(slopes(t, np.asarray(values)[None], window)[0])


def local_slopes(t: Array, values: Array) -> Array:
    """Slope of log(value) against log(t) between neighbouring times.

    Parameters
    ----------
    t, values
        Positive numbers, shape ``(K,)``, with K >= 2.

    Returns
    -------
    Array
        Shape ``(K - 1,)``.

    Examples
    --------
    >>> local_slopes(np.array([1.0, 2.0, 8.0]), np.array([8.0, 4.0, 1.0])).round(12)
    array([-1., -1.])
    """
    t = np.asarray(t, dtype=np.float64)
    values = np.asarray(values, dtype=np.float64)
    if t.ndim != 1 or t.shape != values.shape or t.size < 2:
        raise InputError(
            f"t has shape {t.shape} and values {values.shape}; give two lists of the same length"
        )
    if not (np.isfinite(values) & (values > 0) & (t > 0)).all() or not (np.diff(t) > 0).all():
        raise InputError("a time or value is not positive, or t is not increasing; logarithms need both")
    return np.diff(np.log(values)) / np.diff(np.log(t))
