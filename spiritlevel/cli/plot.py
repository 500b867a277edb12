"""``spiritlevel plot``: draw what runs recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def plot(
    traces: Annotated[
        list[str], typer.Argument(metavar="TRACE.npz...", help="Files that `spiritlevel run` wrote.")
    ],
    out: Annotated[str, typer.Option(metavar="FILE", help="Figure to write: .svg, .pdf or .png.")],
    metric: Annotated[str, typer.Option(help="What to draw: a metric of the run.")] = "stationarity",
    log_t: Annotated[bool, typer.Option("--log-t", help="A logarithmic horizontal axis too.")] = False,
) -> None:
    """Draw a metric of one or more runs against the iteration; file names become labels.

    Example: spiritlevel plot interact.npz dsgd.npz --metric consensus_error --out errors.svg
    """
    from spiritlevel.core.files import load_arrays
    from spiritlevel.reports.figures import curves

    curves([(Path(trace).stem, load_arrays(trace)) for trace in traces], out, metric=metric, log_t=log_t)
    print(f"written to {out}")
