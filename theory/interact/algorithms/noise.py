"""INTERACT with noisy gradients: the exact second moments against the simulator."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import GRADIENTS, Additive
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import expected_square, moments
from spiritlevel.theory.instruments.statistics import agrees
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.potential import metric_readout
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, of_test

SIGMA = 0.1
TIMES = (1, 3, 10, 30)
EFFECT = 0.05


def _check_noise(ctx: Context) -> Finding:
    problem, network = random_quadratic(ctx.seed("problem"), n=4, p=2, q=2), named("ring:4", "laplacian")
    a = ctx.algorithm("interact")(alpha=0.02, beta=0.1)
    amap = probe(a, problem, network, channels=GRADIENTS, x0=np.ones((4, 2)))
    L, c = metric_readout(problem, amap)
    sigma = dict.fromkeys(GRADIENTS, SIGMA)
    exact = np.array([expected_square(L, c, moments(amap, sigma, t)) for t in TIMES])
    times = range(0, 161, 4)
    states = [moments(amap, sigma, t) for t in times]
    whole = [expected_square(L, c, state) for state in states]
    quiet = [float(((L @ state.mean + c) ** 2).sum()) for state in states]
    replicas = ctx.pick(8192, 65536)
    trace = run(
        a,
        problem,
        network,
        steps=max(TIMES),
        x0=np.ones(2),
        noise=Additive(SIGMA),
        seed=ctx.seed("noise"),
        replicas=replicas,
        record=TIMES,
        metrics=("stationarity",),
    )
    M = trace.metrics["stationarity"]
    test = agrees(M / exact, 1.0, ctx.alpha, effect=EFFECT)
    return Finding(
        verdict=of_test(test.verdict),
        method=Method.MONTE_CARLO,
        summary=f"E M_t over its exact value at t = {', '.join(map(str, TIMES))}: {test}",
        numbers={"exact": exact.tolist(), "p": test.p, "effect": EFFECT},
        cases=replicas,
        error_rates={"false_alarm": test.alpha, "power": test.power, "detectable": test.detectable},
        figures=(
            Plot(
                title=f"Gradient noise of size {SIGMA}, four agents on a ring",
                x_label="iteration t",
                y_label="mean of the metric M (11)",
                curves=(
                    Curve(f"mean of {replicas} runs", TIMES, M.mean(axis=0), "points"),
                    Curve("exact, by mean and covariance of the state", times, whole),
                    Curve("what the mean of the state contributes", times, quiet, "dashed"),
                ),
                log="y",
                caption="The runs lie on the exact curve, which noise keeps above a floor that the mean of the state does not have.",
            ),
        ),
    )


NOISE = Statement(
    id="interact/noise",
    paper=PAPER,
    location="not claimed; (6)-(10) with noisy gradients",
    kind="identity",
    variant="added",
    sentence="With additive gradient noise the mean of M_t is the one that the exact mean and covariance of the state give.",
    formula=r"E\,\mathfrak M_t = \|L\, E z_t + c\|^2 + \operatorname{tr}(L\, \Sigma_t L^T), \quad "
    r"\Sigma_t = M \Sigma_{t-1} M^T + N S N^T",
    about=("interact",),
    check=_check_noise,
    expected=Verdict.SUPPORTED,
    samples=True,
)
