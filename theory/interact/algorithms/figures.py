"""What sums over neighbours without the own copy lead to."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.trace import Trace
from spiritlevel.theory.plots import Curve, Plot


def stuck_plot(name: str, trace: Trace) -> Plot:
    """The squared hypergradient beside the distance that the iterates still have to go."""
    gradient = trace.metrics["hypergradient_squared"][0]
    ahead = np.abs(trace.x[0] - trace.x[0, -1]).max(axis=(1, 2))
    kept = ahead >= 1e-13 * ahead.max()  # below it is rounding, and 0 at the end
    until = trace.t <= max(trace.t[kept], default=0)
    return Plot(
        title=f"{name} with sums over the neighbours alone",
        x_label="iteration t",
        y_label="squared gradient; distance",
        curves=(
            Curve("|grad l|^2 at the mean of x", trace.t[until], gradient[until]),
            Curve("largest distance of x from where it ends", trace.t[kept], ahead[kept], "dashed"),
        ),
        log="y",
        caption="On a ring of five the iterates come to rest while the gradient stays where it is: they stop at a point that is not stationary.",
    )
