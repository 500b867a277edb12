"""Where the graph enters: consensus and the lower level, and stationarity only at smaller order."""

from __future__ import annotations

from functools import cache

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.cases import CHANNELS, Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_T
from spiritlevel.theory.slam.moments.growth import ROUNDING, SHAPES
from spiritlevel.theory.slam.moments.modes import averages, whole
from spiritlevel.theory.slam.moments.scalar import AX, AY, LL, UL, graph, problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide


@cache
def unequal() -> Bilevel:
    """Four agents with one lower Hessian and cross term but different upper curvatures: modes do not split."""
    one = np.ones((4, 1, 1))
    return quadratic(
        H=one,
        B=0.5 * one,
        c=[[1.0], [-1.0], [0.5], [-0.5]],
        A=np.array([0.5, 1.0, 1.5, 1.0]).reshape(4, 1, 1),
        a=[[1.0], [-1.0], [0.0], [0.5]],
        Q=np.array([1.0, 0.5, 1.5, 1.0]).reshape(4, 1, 1),
        e=[[-1.0]] * 4,
        shared=True,
    )


def _stationarity(kind: type[Algorithm], shape: str, doublings: int) -> float:
    """By the full map."""
    c, given = Case(shape, 4, doublings), unequal()
    amap = probe(c.algorithm(kind), given, graph(shape, 4), channels=CHANNELS)
    L, constant = amap.readout(lambda s: given.hypergradient(mean_over_agents(s.x)[:, 0]))
    rows: Array = np.c_[L, constant][None]
    return float(averages(whole(amap), rows, dict.fromkeys(CHANNELS, 1.0), doublings).total[-1, 0])


def _check_network(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam")
    ring, full = (measured(kind, Case(shape, 32, 16)).total for shape in SHAPES)
    same = abs(ring[UL] / full[UL] - 1)
    T = range(12, ctx.pick(18, 23))
    values = {shape: np.array([_stationarity(kind, shape, k) for k in T]) for shape in ("star", "complete")}
    share = exact_exponent(list(abs(values["star"] - values["complete"])), ROUNDING).value
    whole_exponent = exact_exponent(list(values["complete"]), ROUNDING).value
    return Finding(
        verdict=decide(same <= ROUNDING and share <= whole_exponent - 0.4, same, share),
        method=Method.MOMENTS,
        summary=f"n = 32, T = 2^16, equal curvatures: stationarity is {ring[UL]:.4e} on ring and complete graph alike ({same:.0e}); ||Ax||^2 {ring[AX]:.4f} and {full[AX]:.4f}, ||y - y*||^2 "
        f"{ring[LL]:.4f} and {full[LL]:.4f}, ||Ay||^2 {ring[AY]:.4f} and {full[AY]:.4f}. n = 4, unequal upper curvatures: star and complete graph differ in stationarity by T^{share:.3f}, which "
        f"itself is T^{whole_exponent:.3f}",
        numbers={
            "ring": ring[:4].tolist(),
            "complete": full[:4].tolist(),
            "relative_difference": float(same),
            "tolerance": ROUNDING,
            "exponent_of_difference": share,
            "exponent": whole_exponent,
        },
        cases=2 + 2 * len(T),
        audit=audit(ALL, [problem("ring", 4), unequal()]),
        figures=(
            against_T(
                {
                    "on the complete graph": lambda k: values["complete"][k - T[0]],
                    "star and complete graph differ by": lambda k: abs(
                        values["star"][k - T[0]] - values["complete"][k - T[0]]
                    ),
                },
                title="What the graph changes in stationarity: 4 agents, unequal upper curvatures",
                y_label="average of E|grad F|^2",
                caption="Exact averages: what the graph changes falls like 1/T, a square root faster than the average itself.",
                claim="T^-1/2",
                doublings=T,
            ),
        ),
    )


NETWORK = Statement(
    id="slam/network",
    paper=PAPER,
    location="(138), (148), (171)",
    kind="network",
    sentence="On scalar quadratics with one lower level's curvature and cross term the graph enters consensus and the lower level; in stationarity it is of smaller order.",
    formula=r"\Big|\frac1T \sum_r E\|\nabla F(\bar x^r)\|^2_{G} - \frac1T \sum_r E\|\nabla F(\bar x^r)\|^2_{G'}\Big| = O(1/T)",
    variant="added",
    because="(138) and (148) carry sigma_max and sigma_min of the Laplacian, and enter (171); the theorem names neither.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_network),
    expected=Verdict.SUPPORTED,
)
