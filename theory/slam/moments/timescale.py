"""Remark 2 on Theorem 1: one time scale."""

from __future__ import annotations

from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.endless import climb
from spiritlevel.theory.slam.gradients.theorem1 import stationarity
from spiritlevel.theory.slam.moments.cases import Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_T
from spiritlevel.theory.slam.moments.growth import MARGIN, SIZES, doubling_slopes, excess, in_T, over_sizes
from spiritlevel.theory.slam.moments.rules import Ratio
from spiritlevel.theory.slam.moments.scalar import FAMILY, LL, UL, problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

FAR = 34

TIMESCALE = Statement(
    id="slam/single-timescale",
    paper=PAPER,
    location="Remark 2",
    kind="step size",
    variant="added",
    sentence="For all problems of Theorem 1 one time scale suffices for (10a)'s stationarity: 1/alpha ~ 1/beta with a ratio that depends on neither n nor T.",
    formula=r"1/\alpha \sim 1/\beta \Rightarrow \text{(10a)}",
    because="As part of Theorem 1 it fails with it, which Remark 2, that the two step sizes may be of one order, is not to blame for (slam/single-timescale-repaired). On that course of slam/thm1-ul-stationarity two time scales would not help either, since x climbs also where y is y*.",
    assumptions=ALL,
    about=("slam",),
    check=lambda ctx: stationarity(ctx, climb(), "slam/single-timescale"),
    expected=Verdict.REFUTED,
)


def _check_timescale(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam")
    ratios = (0.25, 1.0, 4.0)
    exponents = {
        str(r): {m: in_T(kind, i, rule=Ratio(r)) for m, i in (("ul", UL), ("ll", LL))} for r in ratios
    }
    slow = largest(excess(each) for both in exponents.values() for each in both.values())
    far = {str(r): over_sizes(kind, "ring", FAR, rule=Ratio(r))["total"][:, UL] for r in ratios}
    rise = largest(s for values in far.values() for s in doubling_slopes(values))
    return Finding(
        verdict=decide(slow <= MARGIN and rise <= MARGIN, slow, rise),
        method=Method.MOMENTS,
        summary=f"alpha/beta = 1/4, 1, 4 for all n and T: exponents in T of stationarity and of the lower level's error at most {slow - 0.5:.3f}; sqrt(nT) times stationarity for n = 2..64 between "
        f"{min(v.min() for v in far.values()):.3f} and {max(v.max() for v in far.values()):.3f}",
        numbers={
            "exponents": exponents,
            "sqrt_nT_times_stationarity": {r: v.tolist() for r, v in far.items()},
            "tolerance": MARGIN,
        },
        cases=3 * (22 + len(SIZES)),
        audit=audit(ALL, [problem("ring", 4)]),
        figures=(
            against_T(
                {
                    name: lambda k, r=r: (  # type: ignore[misc]
                        measured(kind, Case("ring", 8, k, Ratio(r))).total[UL]
                    )
                    for name, r in zip(
                        ("alpha = beta/4", "alpha = beta", "alpha = 4 beta"), ratios, strict=True
                    )
                },
                title="SLAM on one time scale, scalar quadratics of one curvature, ring of 8",
                y_label="average of E|grad F|^2",
                caption="Exact averages over T iterations: the rate is the same for every fixed ratio of the two step sizes.",
            ),
        ),
    )


TIMESCALE_REPAIRED = Statement(
    id="slam/single-timescale-repaired",
    paper=PAPER,
    location="Remark 2",
    kind="step size",
    variant="repaired",
    repairs="slam/single-timescale",
    sentence=f"{FAMILY} one time scale suffices for (10a)'s stationarity and, on a given graph, for (10b)'s optimality: 1/alpha ~ 1/beta with a ratio that depends on neither n nor T.",
    formula=r"1/\alpha \sim 1/\beta",
    because="Agents that share curvatures.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_timescale),
    expected=Verdict.SUPPORTED,
)
