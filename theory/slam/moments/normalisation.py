"""(10) where h estimates shares 1/n of the gradients, as (47), (55), (70) need it."""

from __future__ import annotations

import math

import numpy as np

from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.cases import Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_n
from spiritlevel.theory.slam.moments.growth import MARGIN, SIZES, doubling_slopes, over_sizes, shown
from spiritlevel.theory.slam.moments.rules import per_share
from spiritlevel.theory.slam.moments.scalar import AX, AY, IDLE, LL, UL, problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

FAR = 34


def _check_share(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam")
    far = over_sizes(kind, "ring", FAR, rule=per_share)
    total, noise = (doubling_slopes(far[part][:, UL]) for part in ("total", "noise"))
    local = over_sizes(kind, "ring", FAR)["total"][:, UL]
    usual = doubling_slopes(local)
    near = over_sizes(kind, "ring", 22, rule=per_share)["total"]
    others = {
        name: float(np.log2(near[-1, m] / near[0, m])) / (len(SIZES) - 1) - 0.5
        for name, m in (("Ax", AX), ("y-y*", LL), ("Ay", AY))
    }
    rise = largest(total)
    return Finding(
        verdict=decide(rise <= MARGIN, rise),
        method=Method.MOMENTS,
        summary=f"rings of 2..64, T = 2^{FAR}: per doubling of n the average changes like n^{total[-1] - 0.5:.3f}, its part of noise like n^{noise[-1] - 0.5:.3f} (with h_i for grad f_i: "
        f"n^{usual[-1] - 0.5:.3f}): steps are n times shorter and the start is forgotten n times later. Exponents in n at T = 2^22 of ||Ax||^2, ||y - y*||^2, ||Ay||^2: {shown(others.values())}",
        numbers={
            "exponent_in_n": total[-1] - 0.5,
            "noise_exponent_in_n": noise[-1] - 0.5,
            "local_exponent_in_n": usual[-1] - 0.5,
            "others": others,
            "tolerance": MARGIN,
        },
        cases=3 * len(SIZES),
        audit=audit(ALL, [problem("ring", 4)]),
        figures=(
            against_n(
                {
                    "h_i for grad f_i": local,
                    "h_i for grad f_i/n": far["total"][:, UL],
                    "its part of noise": far["noise"][:, UL],
                },
                title=f"The two readings of h, rings, T = 2^{FAR}",
                y_label="sqrt(nT) times the average of E|grad F|^2",
                caption="(10a) is a level line. With shares 1/n of the gradients the average rises like n, because the start is forgotten n times later.",
                slopes={"a constant, claimed": 0.0},
            ),
        ),
    )


SHARE = Statement(
    id="slam/thm1-ul-stationarity-share",
    paper=PAPER,
    location="Theorem 1, (10a); (47), (55), (70)",
    kind="speedup",
    sentence="Where h is the gradient of f = (1/n) sum f_i in all x_i, h_i ~ grad f_i/n, stationarity on scalar quadratics is still O(1/sqrt(nT)).",
    formula=r"h_{f,i} \approx \tfrac1n \nabla f_i \Rightarrow "
    r"\frac1T \sum_r E\|\nabla F(\bar x^r)\|^2 = O(1/\sqrt{nT})",
    variant="added",
    because="(47), (55), (70) can only hold for this h; with it the effective step is 1/(n alpha).",
    about=("slam",),
    check=stable(_check_share),
    expected=Verdict.REFUTED,
)


def _check_optimality(ctx: Context) -> Finding:
    found = over_sizes(kind_of(ctx, "slam"), "complete", FAR, curvatures=IDLE, rule=per_share)
    start, noise = found["common_mean"][:, LL], found["common_noise"][:, LL]
    growth = doubling_slopes(start)
    violated = audit(ALL, [problem("ring", 4, IDLE)])
    verdict = Verdict.REFUTED if min(growth) >= 1 and not violated else Verdict.INCONCLUSIVE
    return Finding(
        verdict=Verdict.SUPPORTED if largest(doubling_slopes(start + noise)) <= MARGIN else verdict,
        method=Method.MOMENTS,
        summary=f"a problem that meets all assumptions, T = 2^{FAR}, n = 2..64: sqrt(nT) times ||y - y*||^2 of a start 1 away, without noise, is {shown(start)}: n^{growth[-1]:.2f}, n from the sum "
        f"over agents and n from steps that are n times shorter; noise in the mean of y adds {shown(noise)}",
        numbers={
            "without_noise": start.tolist(),
            "noise_in_mean": noise.tolist(),
            "growth_per_doubling": growth,
            "unbounded_if_at_least": 1,
        },
        cases=len(SIZES),
        audit=violated,
    )


SHARE_OPTIMALITY = Statement(
    id="slam/thm1-ll-optimality-share",
    paper=PAPER,
    location="Theorem 1, (10b); (47), (55), (70)",
    kind="speedup",
    sentence="Where h_i estimates a share 1/n of agent i's gradient, the average of E||y - y*||^2 is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"h_{g,i} \approx \tfrac1n \nabla g_i \Rightarrow \frac1T \sum_r E\|y^r - y^*(x^r)\|^2 = O(1/\sqrt{nT})",
    variant="added",
    because="Less noise, but steps n times shorter: the start is forgotten n times later.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_optimality),
    expected=Verdict.REFUTED,
)


def _check_consensus(ctx: Context) -> Finding:
    kind, sizes = kind_of(ctx, "slam"), (8, 16, 32, 64)
    ratios: dict[str, list[float]] = {}
    floors: dict[str, list[float]] = {}
    for shape in ("ring", "complete"):
        cases = [Case(shape, n, 2 * int(math.log2(n)), per_share, IDLE) for n in sizes]
        runs = [(measured(kind, c), math.sqrt(c.n * c.T)) for c in cases]
        ratios[shape] = [max(m.total[AX], m.total[AY]) * root for m, root in runs]
        floors[shape] = [m.floor[0] * root for m, root in runs]
    growth = {shape: doubling_slopes(v) for shape, v in floors.items()}
    rise = {shape: doubling_slopes(v) for shape, v in ratios.items()}
    violated = audit(ALL, [problem("ring", 4, IDLE)])
    unbounded = min(growth["complete"]) >= 0.5 - MARGIN and not violated
    verdict = Verdict.REFUTED if unbounded else Verdict.INCONCLUSIVE
    return Finding(
        verdict=Verdict.SUPPORTED if largest([*rise["ring"], *rise["complete"]]) <= MARGIN else verdict,
        method=Method.MOMENTS,
        summary=f"the last step's noise alone gives 2|E| sigma^2/(n alpha)^2: times sqrt(nT), for T = n^2 and n = {shown(sizes)}, {shown(floors['complete'])} on complete graphs, which takes T > n^3; "
        f"{shown(floors['ring'])} on rings. Exact values of the larger of ||Ax||^2, ||Ay||^2: {shown(ratios['complete'])} and {shown(ratios['ring'])}",
        numbers={
            "sqrt_nT_times_average": ratios,
            "sqrt_nT_times_floor": floors,
            "growth_of_floor_per_doubling": growth,
            "growth_per_doubling": rise,
            "unbounded_if_at_least": 0.5 - MARGIN,
        },
        cases=2 * len(sizes),
        audit=violated,
    )


SHARE_CONSENSUS = Statement(
    id="slam/thm1-consensus-share",
    paper=PAPER,
    location="Theorem 1, (10); (47), (55), (70)",
    kind="speedup",
    sentence="Where h_i estimates a share 1/n of agent i's gradient, the averages of E||Ax||^2 and E||Ay||^2 are O(1/sqrt(nT)), for all graphs, n and T by one constant.",
    formula=r"h_{f,i} \approx \tfrac1n \nabla f_i \Rightarrow \frac1T \sum_r E\|A x^r\|^2 = O(1/\sqrt{nT})",
    variant="added",
    because="With n^2 times less noise rings pass, but complete graphs need T of order n^3.",
    assumptions=ALL,
    about=("slam",),
    check=stable(_check_consensus),
    expected=Verdict.REFUTED,
)
