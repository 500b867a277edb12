"""Where RABO ends at Section V-A's capacities: exact fixed points of coupled quadratics that all clients share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spiritlevel.core.networks import averaging
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import fixed_point
from spiritlevel.theory.instruments.spectrum import quotient
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

N = 16
SIZES = (16, 8, 4, 2, 1)
"""Coordinates that a client holds, of 16: the capacities 1 to 1/16."""
EXACT = 1e-16
"""Squared gradients below this, of 1 at the start, are rounding: entries of about 10, 32 unknowns."""


@dataclass(frozen=True)
class End:
    """Squared gradient at the fixed point over that at x = 0, and the spectral radius."""

    floor: float
    radius: float


def end(ctx: Context, problem: Bilevel, size: int, alpha: float = 0.005) -> End:
    """Where windows of one size, evenly spaced over the clients, lead from anywhere (radius below 1)."""
    a = ctx.algorithm("rabo")(alpha=alpha, beta=0.02, T=1, mask_x=f"window:{size}", mask_y=f"window:{size}")
    amap = probe(a, problem, averaging(N))
    q = quotient(amap)
    x = amap.layout.unflatten(fixed_point(q)[None]).x[:, 0]
    size_of = [float((problem.hypergradient(z) ** 2).sum()) for z in (x, 0 * x)]
    return End(size_of[0] / size_of[1], q.radius)


def separable(ctx: Context) -> Bilevel:
    """Every coordinate a problem of its own."""
    rng = np.random.default_rng(ctx.seed("separable"))
    h, b, s, t = rng.uniform(0.5, 2.0, (4, N))
    diagonal = [np.broadcast_to(np.diag(v), (N, N, N)) for v in (h, b, s, t)]
    c = np.broadcast_to(rng.standard_normal(N), (N, N))
    return quadratic(diagonal[0], diagonal[1], c, A=diagonal[2], Q=diagonal[3], e=-c, shared=True)


def _check_sweep(ctx: Context) -> Finding:
    seeds = ctx.pick(3, 8)
    problems = [random_quadratic(ctx.seed(k), N, N, N, shared=True, heterogeneity=0) for k in range(seeds)]
    ends = [[end(ctx, problem, size) for size in SIZES] for problem in problems]
    again = end(ctx, problems[0], 8, alpha=0.0025)
    apart = end(ctx, separable(ctx), 4)
    full = max(row[0].floor for row in ends)
    least = min(e.floor for row in ends for e in row[1:])
    radius = max(e.radius for row in ends for e in row)
    steady = abs(again.floor / ends[0][1].floor - 1)
    good = full < EXACT and least > 1e-3 and radius < 1 and steady < 1e-8 and apart.floor < EXACT
    means = [float(np.exp(np.mean([np.log(row[k].floor) for row in ends]))) for k in range(len(SIZES))]
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"{seeds} problems, radius at most {radius:.4f}: the squared gradient at the fixed point over that at x = 0 is {full:.0e} at capacity 1 and, "
        f"geometric means, {', '.join(f'{m:.2f}' for m in means[1:])} at 1/2, 1/4, 1/8, 1/16; the same for half the step ({steady:.0e}); "
        f"{apart.floor:.0e} where coordinates are separate"
        if good
        else f"at capacity 1 {full:.1g}, least otherwise {least:.1g}, radius {radius:.4f}, change with the step {steady:.1g}, separate {apart.floor:.1g}",
        numbers={"floors": [float(f"{m:.6g}") for m in means], "largest_radius": radius, "tolerance": EXACT},
        cases=seeds * len(SIZES) + 2,
        figures=(
            Plot(
                title="What pruning leaves of the gradient",
                x_label="capacity",
                y_label="squared gradient at rest, of that at x = 0",
                curves=(
                    Curve(
                        "coupled, geometric mean",
                        [s / N for s in SIZES[1:]],
                        means[1:],
                        "points",
                        [min(row[k].floor for row in ends) for k in range(1, len(SIZES))],
                        [max(row[k].floor for row in ends) for k in range(1, len(SIZES))],
                    ),
                ),
                log="x",
                caption="At capacity 1 it is 0 to rounding. Where it exceeds 1, x = 0 would have been better.",
            ),
        ),
    )


SWEEP = Statement(
    id="rabo/capacity-sweep",
    paper=PAPER,
    location="Section V-A, 'five different capacity settings'",
    kind="qualitative",
    variant="added",
    sentence="Without noise and with equal clients, RABO at capacity 1 comes to the solution of (1), and at every smaller capacity to another point, whatever "
    "the step size, unless coordinates are separate.",
    because="Clients that see their own coordinates only estimate another gradient: a bias, not a slower rate. With T = 1.",
    about=("rabo",),
    check=_check_sweep,
    expected=Verdict.SUPPORTED,
)
