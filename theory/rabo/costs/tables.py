"""The arithmetic of Tables II and III, and the averages that the text takes from them."""

from __future__ import annotations

import itertools
from fractions import Fraction

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

SETTINGS = ("5-way-1-shot", "5-way-5-shot", "20-way-1-shot", "20-way-5-shot")
SUBMODELS = {
    "Static": ("72.34", "85.09", "42.99", "51.01"),
    "OAP": ("73.58", "86.16", "45.45", "51.92"),
    "FedRolex": ("73.74", "86.95", "47.25", "55.29"),
    "FIARSE": ("74.33", "87.78", "49.52", "55.87"),
}
RABO = ("76.05", "89.12", "54.97", "77.41")
RAFBO = ("75.09", "88.57", "51.37", "71.16")
PROTONET = ("80.76", "89.33", "60.05", "78.01")
SCALE = {
    "RABO, 5-way-1-shot": ("76.05", "75.81", "74.39", "72.76"),
    "RAFBO, 5-way-1-shot": ("75.09", "74.85", "73.04", "71.80"),
    "RABO, 5-way-5-shot": ("89.12", "88.52", "87.76", "86.58"),
    "RAFBO, 5-way-5-shot": ("88.57", "87.53", "87.03", "86.44"),
}


def points(ours: tuple[str, ...], others: tuple[str, ...]) -> list[Fraction]:
    """Differences in percentage points, setting by setting."""
    return [Fraction(a) - Fraction(b) for a, b in zip(ours, others, strict=True)]


def mean(values: list[Fraction]) -> Fraction:
    """Their mean."""
    return sum(values, Fraction(0)) / len(values)


def improvement(ours: tuple[str, ...]) -> Fraction:
    """The mean over settings and sub-model baselines, in percentage points.

    Examples
    --------
    >>> round(float(improvement(RABO)), 4)
    9.4331
    """
    return mean([mean(points(ours, other)) for other in SUBMODELS.values()])


def _check_average(ctx: Context) -> Finding:
    found = {"RABO": improvement(RABO), "RAFB": improvement(RAFBO)}
    good = all(
        abs(found[k] - printed) <= Fraction(1, 200)
        for k, printed in (("RABO", Fraction("9.43")), ("RAFB", Fraction("6.59")))
    )
    best = {k: mean(points(v, SUBMODELS["FIARSE"])) for k, v in (("RABO", RABO), ("RAFB", RAFBO))}
    last = mean([points(RABO, other)[3] for other in SUBMODELS.values()]) / (4 * found["RABO"])
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"percentage points over four settings and four baselines: {float(found['RABO']):.3f} and {float(found['RAFB']):.3f}; {float(last):.0%} of "
        f"the first comes from the last setting, and against the best baseline the means are {float(best['RABO']):.2f} and {float(best['RAFB']):.2f}",
        numbers={
            "RABO": float(found["RABO"]),
            "RAFB": float(found["RAFB"]),
            "share_of_20_way_5_shot": float(last),
        },
        cases=2,
    )


AVERAGE = Statement(
    id="rabo/table2-average",
    paper=PAPER,
    location="Section V-A, 'Performance Evaluation'; Table II",
    kind="qualitative",
    sentence="RABO improves 9.43 % on average and RAFB 6.59 %.",
    because="In percentage points, over the four sub-model methods; the three full-model methods of the table are better than both in every setting.",
    check=_check_average,
    expected=Verdict.SUPPORTED,
)


def _check_order(ctx: Context) -> Finding:
    lost = [
        f"{name} in {setting}"
        for ours in (RABO, RAFBO)
        for name, other in SUBMODELS.items()
        for setting, gap in zip(SETTINGS, points(ours, other), strict=True)
        if gap <= 0
    ]
    behind = points(PROTONET, RABO)[3]
    good = not lost and 0 <= behind < 1
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"not better than {', '.join(lost)}; {float(behind)} points behind ProtoNet"
        if not good
        else f"both are above each of the four in each setting; in 20-way-5-shot RABO is {float(behind):.2f} points behind ProtoNet with the full "
        "model, read as competitive. One run each, no spread is given",
        cases=32,
    )


ORDER = Statement(
    id="rabo/table2-order",
    paper=PAPER,
    location="Section V-A, 'Performance Evaluation'; Table II",
    kind="qualitative",
    sentence="Both methods are better than the four sub-model baselines in every setting, and RABO is competitive with full ProtoNet in 20-way-5-shot.",
    check=_check_order,
    expected=Verdict.SUPPORTED,
)


def _check_scale(ctx: Context) -> Finding:
    rising = [
        f"{name}: {a} to {b}"
        for name, row in SCALE.items()
        for a, b in itertools.pairwise(row)
        if Fraction(a) <= Fraction(b)
    ]
    lost = {name: Fraction(row[0]) - Fraction(row[-1]) for name, row in SCALE.items()}
    same = SCALE["RABO, 5-way-1-shot"][0] == RABO[0] and SCALE["RAFBO, 5-way-5-shot"][0] == RAFBO[1]
    good = not rising and same
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"rises: {', '.join(rising)}; the first column is Table II's: {same}"
        if not good
        else f"every row falls from column to column, by {float(min(lost.values())):.2f} to {float(max(lost.values())):.2f} points from 10 to 50 clients. "
        "The data are divided among more clients: this is no test of the speed-up of Corollary 1 (rabo/clients-floor)",
        cases=12,
    )


TABLE_3 = Statement(
    id="rabo/table3",
    paper=PAPER,
    location="Section V-C; Table III",
    kind="qualitative",
    sentence="As the number of clients increases, the performance decreases.",
    check=_check_scale,
    expected=Verdict.SUPPORTED,
)

FIGURE_5 = Statement(
    id="rabo/loss-tuning-average",
    paper=PAPER,
    location="Section V-B, 'Performance Evaluation'; Figure 5",
    kind="qualitative",
    sentence="RABO improves 9.97 % on average and RAFBO 5.53 %.",
    because="Figure 5 is all there is: its values are in no table, and a single setting leaves no arithmetic to check. The two numbers together say that RABO "
    "ends 4.44 points above RAFBO, whatever the baselines are; nothing that is printed says whether it does.",
)
