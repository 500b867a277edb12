"""Policy evaluation, what Figure 3 shows of DSBO: the slope of the error, and the samples that K agents need."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.experiments.policy_runs import (
    AGENTS,
    C_1,
    LAST,
    START,
    Runs,
    converging,
    equal_samples,
    spaced,
    sweep,
)
from spiritlevel.theory.dsbo.theorems.moments import BOUNDED
from spiritlevel.theory.instruments.rates import DETECTION_POWER, RateFit, SlopeTest, fit_rate
from spiritlevel.theory.instruments.slopes import Window, slopes
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, of_test

MARGIN = 0.25
"""Of a slope that counts as close to -1; ours, the paper gives no number."""
FACTOR = 1.5
"""By which numbers of samples may differ and count as roughly the same; ours as well."""
REMAINS = 0.1
"""The share of the error that may come from x_0; with more, a rate or speed-up is not one of the noise."""


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Of one claim for several K.

    Examples
    --------
    >>> together([Verdict.SUPPORTED, Verdict.INCONCLUSIVE]).value, together([Verdict.REFUTED] * 2).value
    ('inconclusive', 'refuted')
    """
    found = set(verdicts)
    if Verdict.REFUTED in found:
        return Verdict.REFUTED
    return Verdict.SUPPORTED if found == {Verdict.SUPPORTED} else Verdict.INCONCLUSIVE


def _verdict(fits: Iterable[RateFit], every: list[Runs]) -> Verdict:
    """The tests', unless what is left of the start could have decided them."""
    found = together(of_test(fit.verdict) for fit in fits)
    return found if max(r.share for r in every) <= REMAINS else together([found, Verdict.INCONCLUSIVE])


def _setting(every: list[Runs]) -> str:
    first = every[0].problems[0]
    E, R, _ = every[0].error.shape
    return f"{E} random environments with {first.q} states and {first.p} features, {R} runs each, (6) with C_1 = {C_1}"


def _mean(r: Runs, times: list[int]) -> tuple[Array, Array]:
    """Geometric mean of the errors, and two standard errors as a factor."""
    logs = np.log(r.at(times))
    return np.exp(logs.mean(axis=0)), np.exp(2 * logs.std(axis=0) / math.sqrt(len(logs)))


def _slope_plot(every: list[Runs], fits: list[RateFit]) -> Plot:
    curves = []
    for r, fit in zip(every, fits, strict=True):
        mean, factor = _mean(r, spaced(r.agents))
        label = f"K = {r.agents}: slope {fit.mean:.3f} [{fit.interval[0]:.3f}, {fit.interval[1]:.3f}]"
        curves.append(Curve(label, spaced(r.agents), mean, "points", low=mean / factor, high=mean * factor))
    ends = (START, max(LAST.values()))
    return Plot(
        title="Policy evaluation, rule (6), with two standard errors",
        x_label="iteration t",
        y_label="|xbar_t - x*|^2, geometric mean",
        curves=(*curves, power_law("claimed: slope -1", ends, -1, (START, 2 * max(curves[0].y)))),
        log="xy",
        caption="The errors fall along lines of the claimed slope, lower by the number of agents.",
    )


def _flat_plot(every: list[Runs]) -> Plot:
    curves = []
    for r in every:
        times = equal_samples(r.agents)
        mean, factor = _mean(r, times)
        samples = [r.agents * t for t in times]
        curves.append(
            Curve(f"K = {r.agents}", samples, mean, "points", low=mean / factor, high=mean * factor)
        )
    ends = (curves[0].x[0], curves[0].x[-1])
    return Plot(
        title="Policy evaluation: the error against all samples drawn",
        x_label="samples of all agents, K t",
        y_label="|xbar_t - x*|^2, geometric mean",
        curves=(*curves, power_law("claimed: C/(K t)", ends, -1, (ends[0], curves[0].y[0]))),
        log="xy",
        caption="Against the total number of samples the rows for 5, 10 and 20 agents lie on one another.",
    )


def _check_slope(ctx: Context) -> Finding:
    every = sweep(ctx)
    fits = []
    for r in every:
        K = r.agents
        window = Window(START, LAST[K], "what is left of x_0 is small, and the noise is averaged")
        test = SlopeTest(-1.0, MARGIN, ctx.alpha / len(AGENTS), window)
        fits.append(test.fit(slopes(np.array(spaced(K)), r.at(spaced(K)), window)))
    ten = max(fit.spread for fit in fits) / math.sqrt(10)
    listed = "; ".join(
        f"{fit.mean:.3f} [{fit.interval[0]:.3f}, {fit.interval[1]:.3f}] for K = {K}, t in [{START}, {LAST[K]}]"
        for K, fit in zip(AGENTS, fits, strict=True)
    )
    return Finding(
        verdict=_verdict(fits, every),
        method=Method.MONTE_CARLO,
        summary=f"{_setting(every)}: mean slope of log error per run, {100 * fits[0].level:.6g} % intervals: {listed}; asked: -1 within "
        f"{MARGIN}. The mean of ten runs, as in the figure, has a standard deviation of up to {ten:.2f}",
        numbers={
            "slopes": {str(K): fit.mean for K, fit in zip(AGENTS, fits, strict=True)},
            "intervals": {str(K): list(fit.interval) for K, fit in zip(AGENTS, fits, strict=True)},
            "spread of one run": {str(K): fit.spread for K, fit in zip(AGENTS, fits, strict=True)},
            "margin": MARGIN,
            "share of x_0 at the first t": max(r.share for r in every),
            "share allowed": REMAINS,
        },
        figures=(_slope_plot(every, fits),),
        cases=sum(fit.seeds for fit in fits),
        error_rates={
            "false_alarm": ctx.alpha,
            "power": min(fit.power for fit in fits),
            "detectable": max(fit.detectable for fit in fits),
        },
        audit=audit(BOUNDED, every[0].problems[:1]),
    )


SLOPE = Statement(
    id="dsbo/mdp-slope",
    paper=PAPER,
    location="Section 6, policy evaluation, Figure 3(b)",
    kind="rate",
    sentence="The log-log slope of |xbar_t - x*|^2 against t is close to -1.",
    formula=r"\log \|\bar x_t - x^*\|^2 \approx -\log t + \text{const}",
    because="On reconstructed environments, smaller than the 100 states of the text; within 1/4 counts as close, as the text gives no number.",
    assumptions=BOUNDED,
    about=("dsbo",),
    check=converging(_check_slope),
    expected=Verdict.SUPPORTED,
    samples=True,
)


def _check_flat(ctx: Context) -> Finding:
    every = sweep(ctx)
    first, *others = every
    logs = {r.agents: np.log(r.at(equal_samples(r.agents))) for r in every}
    # the same environment in the same row, so that its own level of noise cancels; the runs are independent
    apart = {r.agents: (logs[r.agents] - logs[first.agents]).mean(axis=1) for r in others}
    fits = {K: fit_rate(d, 0.0, math.log(FACTOR), ctx.alpha / len(others)) for K, d in apart.items()}
    level = {r.agents: r.agents * (r.at(equal_samples(r.agents)) * equal_samples(r.agents)) for r in every}
    listed = "; ".join(
        f"{math.exp(fit.mean):.3f} [{math.exp(fit.interval[0]):.3f}, {math.exp(fit.interval[1]):.3f}] for K = {K}"
        for K, fit in fits.items()
    )
    return Finding(
        verdict=_verdict(fits.values(), every),
        method=Method.MONTE_CARLO,
        summary=f"{_setting(every)}: error at equal totals of 1000 to 5660 samples, relative to that of K = {first.agents} (geometric mean, "
        f"{100 * fits[others[0].agents].level:.6g} % interval): {listed}; asked: within a factor {FACTOR}, which at slope -1 is the "
        f"factor between the samples needed. (6) does not depend on K: without noise equal errors take equal t, so samples that grow "
        f"like K; that part is at most {max(r.share for r in every):.1g} of the error from t = {START} on",
        numbers={
            "ratios": {str(K): math.exp(fit.mean) for K, fit in fits.items()},
            "K t mean error": {str(K): v.mean(axis=0).tolist() for K, v in level.items()},
            "K t": [20 * int(t) for t in equal_samples(20)],
            "factor": FACTOR,
            "share of x_0 at the first t": max(r.share for r in every),
            "share allowed": REMAINS,
        },
        figures=(_flat_plot(every),),
        cases=sum(len(v) for v in logs.values()),
        error_rates={
            "false_alarm": ctx.alpha,
            "power": min(fit.power for fit in fits.values()),
            "detectable": max(fit.detectable for fit in fits.values()),
            "detection power": DETECTION_POWER,
        },
        audit=audit(BOUNDED, every[0].problems[:1]),
    )


FLAT = Statement(
    id="dsbo/mdp-flat",
    paper=PAPER,
    location="Section 6, policy evaluation, Figure 3(c)",
    kind="speedup",
    sentence="The total number of samples that reaches a given accuracy is roughly the same for K = 5, 10 and 20 agents.",
    formula=r"\|\bar x_t - x^*\|^2 \approx \frac{C}{K t}, \quad C \text{ independent of } K",
    because="On the environments of dsbo/mdp-slope; a factor of 3/2 counts as roughly the same, as the text gives no number.",
    assumptions=BOUNDED,
    about=("dsbo",),
    check=converging(_check_flat),
    expected=Verdict.SUPPORTED,
    samples=True,
)
