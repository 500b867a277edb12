"""The O(1/T) rate, the linear rate behind it on quadratics, and the distance of Theorem 1's steps from the limit."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.families import random_curved, random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.instruments.moments import cumulative_squares, fixed_point
from spiritlevel.theory.instruments.spectrum import Quotient, quotient
from spiritlevel.theory.instruments.stability import radius, step_limit
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.potential import measured, metric_readout
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1
from spiritlevel.theory.interact.theorems.figures import mean_plot, stable_region
from spiritlevel.theory.plots import Curve, Plot, power_law, thinned
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

NETWORKS = ("ring:5", "path:5", "complete:5", "star:5")


def _admitted(problem: SolvedProblem, network: Network) -> dict[str, float]:
    lam = modulus(network)
    return {name: float(v) for name, v in THEOREM_1.largest(problem.constants, lam, network.n).items()}


def _check_rate(ctx: Context) -> Finding:
    distances, last, cases = [], 0, ctx.pick(8, 40)
    curves: list[Curve] = []
    for k in range(cases):
        network = named(NETWORKS[k % 4], "laplacian")
        problem = random_quadratic(ctx.seed(k), n=5, p=2, q=2, scale=0.5, coupling=0.3)
        steps = _admitted(problem, network)
        amap = probe(ctx.algorithm("interact")(**steps), problem, network, x0=np.full((5, 2), 1.0))
        q = quotient(amap)
        if q.radius >= 1:
            return _not_converging(f"spectral radius {q.radius:.9f} at the admitted steps on {network.name}")
        # M_t decays over about 1/(1 - radius) steps; look far beyond that.
        last = max(last, int(np.ceil(np.log2(1 / (1 - q.radius)))) + 12)
        T = 2.0 ** np.arange(last + 1)
        means = cumulative_squares(q, *metric_readout(problem, amap), last) / T
        exponent = exact_exponent(means[-5:], relative_error=1e-9)
        distances.append(abs(exponent.value + 1) + min(exponent.uncertainty, 1.0))
        if k < len(NETWORKS):
            label = f"{network.name}: exponent {exponent.value:.4f}"
            curves.append(Curve(label, T, means, "points"))
    worst = largest(distances)
    good = worst < 1e-3
    curves.append(power_law("claimed: exponent -1", T[last // 2 :], -1, (T[-1], 2 * means[-1])))
    return Finding(
        verdict=decide(good, worst),
        method=Method.LINEAR,
        summary=f"{cases} strongly convex quadratics at the admitted steps: (T+1) times the mean of M_t converges; exponent of the "
        f"mean within {worst:.0e} of -1, sums in closed form up to T = 2^{last}"
        if good
        else f"exponent of the mean of M_t is {worst:.3g} away from -1",
        numbers={"distance_from_minus_1": worst, "log2_T": last, "tolerance": 1e-3},
        cases=cases,
        audit=audit((*A1, *A2), [random_quadratic(1, n=2, p=1, q=1)]),
        figures=(
            mean_plot(
                "One quadratic each, the largest steps that Theorem 1 admits",
                curves,
                "Once M has decayed the mean falls with the claimed slope; with the admitted steps that takes very many iterations.",
            ),
        ),
    )


def _not_converging(summary: str) -> Finding:
    return Finding(verdict=Verdict.REFUTED, method=Method.LINEAR, summary=summary)


RATE = Statement(
    id="interact/rate",
    paper=PAPER,
    location="Theorem 1",
    kind="rate",
    sentence="With the step sizes that Theorem 1 admits, the mean of M_0..M_T is O(1/T).",
    formula=r"\frac{1}{T+1} \sum_{t=0}^T \mathfrak M_t = O(1/T)",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_rate,
    expected=Verdict.SUPPORTED,
)


def _check_rate_curved(ctx: Context) -> Finding:
    cases, steps = ctx.pick(12, 60), ctx.pick(2000, 4000)
    shares, curves = [], []
    for k in range(cases):
        kind: Kind = "cos" if k % 2 else "huber"
        network = named(NETWORKS[k % 4], "laplacian")
        problem = random_curved(ctx.seed("problem", k), n=5, p=2, q=2, kind=kind)
        trace = run(
            ctx.algorithm("interact")(alpha=0.1, beta=0.1),
            problem,
            network,
            steps=steps,
            x0=np.random.default_rng(ctx.seed("start", k)).standard_normal(2),
            record="all",
            metrics=(),
        )
        if trace.stopped is not None:
            return _not_converging(f"instance {k} {trace.stopped}")
        M = measured(problem, trace).metrics["stationarity"][0]
        shares.append(float(M[steps // 2 :].sum() / M.sum()))
        if k < len(NETWORKS):
            at = np.array(thinned(steps + 1))
            curves.append(
                Curve(f"{kind} on {network.name}", at + 1, (np.cumsum(M) / np.arange(1, steps + 2))[at])
            )
    # The mean times T+1 is the sum: it has converged if the second half of the run adds next to nothing to it,
    # and grows like T on a floor, where the second half is half of it.
    late = largest(shares)
    curves.append(power_law("claimed: slope -1", (20, steps), -1, (steps, 2 * max(c.y[-1] for c in curves))))
    verdict = decide(late < 1e-6, late)
    if 1e-6 <= late < 0.25:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        verdict=verdict,
        method=Method.RUNS,
        summary=f"{cases} random curved instances (half non-convex), {steps} steps: the second half adds at most {late:.0e} of the "
        f"sum of M_t, {'so the mean falls like 1/T' if verdict is Verdict.SUPPORTED else 'so the sum has not converged'}",
        numbers={"largest_late_share": late, "tolerance": 1e-6, "steps": steps},
        cases=cases,
        figures=(
            mean_plot(
                "Curved problems, alpha = beta = 0.1",
                curves,
                "Far above the admitted steps the mean of M still falls like 1/T, on half of the problems without convexity.",
            ),
        ),
    )


RATE_CURVED = Statement(
    id="interact/rate-curved",
    paper=PAPER,
    location="Theorem 1's rate at practical step sizes",
    kind="rate",
    variant="added",
    sentence="With alpha = beta = 0.1, far above what Theorem 1 admits, the mean of M_0..M_T still decays like 1/T on curved "
    "problems that satisfy every assumption.",
    formula=r"\frac{1}{T+1} \sum_{t=0}^T \mathfrak M_t = O(1/T)",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_rate_curved,
    expected=Verdict.SUPPORTED,
)


def _predicted(q: Quotient, L: Array, t: Array) -> Array:
    """The metric at the iterations ``t`` by powers of the quotient map, around a fixed point where it is 0."""
    fixed = np.linalg.solve(np.eye(q.M.shape[0]) - q.M, q.r)
    A = L @ q.basis
    return np.array([float(((A @ np.linalg.matrix_power(q.M, k) @ fixed) ** 2).sum()) for k in t.tolist()])


def _check_linear(ctx: Context) -> Finding:
    gaps, mismatches, cases = [], [], ctx.pick(4, 20)
    curves: list[Curve] = []
    for k in range(cases):
        network = named(NETWORKS[k % 4], "laplacian")
        problem = random_quadratic(ctx.seed(k), n=5, p=2, q=2, coupling=0.3)
        a = ctx.algorithm("interact")(alpha=0.02, beta=0.1)
        amap = probe(a, problem, network, x0=np.full((5, 2), 1.0))
        q = quotient(amap)
        if q.radius >= 1:
            return _not_converging(f"spectral radius {q.radius:.6f} at alpha = 0.02, beta = 0.1")
        L, c = metric_readout(problem, amap)
        floor = float(np.abs(L @ fixed_point(q) + c).max())
        if floor > 1e-9:
            return _not_converging(f"the iterates settle where the metric is {floor**2:.2e}, not 0")
        trace = run(a, problem, network, steps=120, x0=np.ones(2), record=10, metrics=("stationarity",))
        want = _predicted(q, L, trace.t)
        M = trace.metrics["stationarity"][0]
        mismatches.append(float(np.abs(M / want - 1).max()))
        if k < 2:
            curves.append(Curve(f"run on {network.name}", trace.t, M, "points"))
            decay = M[-1] * q.radius ** (2.0 * (trace.t - trace.t[-1]))
            curves.append(
                Curve(f"slope of radius {q.radius:.4f}, squared, per step", trace.t, decay, "dashed")
            )
        # From T to 2T the slope differs from 2 log(radius) by a bounded (for complex modes, oscillating) log over T.
        T = int(np.ceil(100 / -np.log(q.radius)))
        ends = _predicted(q, L, np.array([T, 2 * T]))
        gaps.append(abs(float(np.log(ends[1] / ends[0]) / T / (2 * np.log(q.radius)) - 1)))
    gap, mismatch = largest(gaps), largest(mismatches)
    good = mismatch < 1e-6 and gap < 0.05
    return Finding(
        verdict=decide(good, gap, mismatch),
        method=Method.LINEAR,
        summary=f"{cases} strongly convex quadratics: runs follow the exact linear map to {mismatch:.0e}; slope of log M_t within "
        f"{100 * gap:.1g} % of 2 log(spectral radius)"
        if good
        else f"runs differ from the map by {mismatch:.2e}; slope differs from 2 log(radius) by {100 * gap:.1f} %",
        numbers={"slope_gap": gap, "run_mismatch": mismatch, "tolerance": 0.05},
        cases=cases,
        figures=(
            Plot(
                title="Two quadratics, alpha = 0.02, beta = 0.1",
                x_label="iteration t",
                y_label="metric M (11)",
                curves=tuple(curves),
                log="y",
                caption="Runs settle into a straight line whose slope the exact spectral radius gives.",
            ),
        ),
    )


LINEAR = Statement(
    id="interact/linear",
    paper=PAPER,
    location="not claimed; behind Theorem 1 on strongly convex quadratics",
    kind="rate",
    variant="added",
    sentence="On a strongly convex quadratic M_t decays geometrically, by the squared spectral radius on the subspace of equal "
    "means per step.",
    formula=r"\lim_t \frac{\log \mathfrak M_t}{t} = 2 \log \rho(M|_{\bar u = \bar p})",
    about=("interact",),
    check=_check_linear,
    expected=Verdict.SUPPORTED,
)


def _check_conservatism(ctx: Context) -> Finding:
    ratios: dict[str, float] = {}
    unstable: list[str] = []
    undecided: list[str] = []
    a = ctx.algorithm("interact")
    for text in NETWORKS if ctx.level == "quick" else (*NETWORKS, "grid:2:3", "erdos-renyi:8:0.5:1", "J:5"):
        network = named(text, "laplacian")
        problem = random_quadratic(ctx.seed(text), n=network.n, p=2, q=2, coupling=0.3)
        steps = _admitted(problem, network)
        gap = 1 - radius(a(**steps), problem, network)
        if abs(gap) < 1e-12:  # tiny steps: rounding of the eigenvalues could decide
            undecided.append(text)
            continue
        if gap < 0:
            unstable.append(text)
            continue
        limit = step_limit(a, "alpha", {"beta": steps["beta"]}, problem, network)
        ratios[text] = limit.limit / steps["alpha"]
    if unstable or any(r < 1 for r in ratios.values()):
        verdict = Verdict.REFUTED
    else:
        verdict = Verdict.INCONCLUSIVE if undecided else Verdict.SUPPORTED
    return Finding(
        verdict=verdict,
        method=Method.LINEAR,
        summary="admitted alpha is stable, and the exact limit is larger by "
        + ", ".join(f"{r:.1e} ({text})" for text, r in ratios.items())
        if verdict is Verdict.SUPPORTED
        else f"unstable at the admitted steps: {', '.join(unstable) or 'none'}; too close to call: {', '.join(undecided) or 'none'}",
        numbers={f"ratio {text}": r for text, r in ratios.items()},
        figures=(
            stable_region(
                a,
                random_quadratic(ctx.seed("region"), n=4, p=1, q=1, coupling=0.3),
                named("ring:4", "laplacian"),
            ),
        ),
        cases=len(ratios) + len(unstable) + len(undecided),
        audit=audit((*A1, *A2), [random_quadratic(1, n=2, p=1, q=1)]),
    )


CONSERVATISM = Statement(
    id="interact/conservatism",
    paper=PAPER,
    location="Theorem 1, step sizes",
    kind="step size",
    variant="added",
    sentence="On strongly convex quadratics the largest step sizes that Theorem 1 admits are stable; the exact stability limit "
    "of alpha says how far they are from the truth.",
    formula=r"\alpha_{\text{Theorem 1}} \le \sup\{\alpha : \rho(M_\alpha|_{\bar u = \bar p}) < 1\}",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_conservatism,
    expected=Verdict.SUPPORTED,
)
