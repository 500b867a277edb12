"""What the statements on Theorem 5.3 look like."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.theory.dsbo.theorems.figures import powers
from spiritlevel.theory.plots import Curve, Plot, thinned

SETTLED = 40  # on the ring of 4 the first steps are so long that noise grows before


def _named(K: int) -> str:
    return "one agent" if K == 1 else f"ring of {K}, Hessians differ"


def _kept(count: int, first: int) -> Array:
    return np.array(thinned(count - first, 40)) + first


def decay_plot(gaps: Mapping[int, Array]) -> Plot:
    """E F(xbar_t) - F* at t = 0, 1, .. by the number of agents."""
    rows = {_named(K): (at := _kept(len(gap), 8), gap[at]) for K, gap in gaps.items()}
    return powers(
        "Rule (6) with C_1 = 10 on scalar quadratics, exact moments",
        rows,
        ("claimed: exponent -1", -1.0),
        "The gap falls like 1/T, and more agents lie lower by their number.",
        y_label="E F(xbar) - F*",
    )


def level_plot(noise: Mapping[int, Array], exact: float) -> Plot:
    """K t times the noise part at t = 0, 1, .. by the number of agents."""
    curves = [
        Curve(_named(K), at := _kept(len(part), SETTLED), K * at * part[at], "points")
        for K, part in noise.items()
    ]
    ends = (SETTLED, max(len(part) for part in noise.values()))
    return Plot(
        title="Rule (6): the noise part, times agents and iterations",
        x_label="iterations T",
        y_label="K T times the noise part of E F(xbar) - F*",
        curves=(*curves, Curve(f"limit {exact:.4f}, by a Lyapunov equation", ends, (exact, exact), "dashed")),
        log="x",
        caption="Scaled by K T the noise part tends to one number, whatever the number of agents.",
    )


def gap_plot(gaps: Array, levels: Array, exponent: float) -> Plot:
    """Limits of T^2 (F - F*) without noise against 1/(1 - rho)."""
    return powers(
        "Noise off, lazier and lazier rings of 10, rule (6)",
        {f"exact: exponent {-exponent:.3f}": (1 / gaps, levels)},
        ("claimed: exponent 2", 2.0),
        "What the network leaves of the gap grows like 1/(1-rho)^2.",
        x_label="1/(1 - rho)",
        y_label="limit of T^2 (F(xbar_T) - F*)",
    )
