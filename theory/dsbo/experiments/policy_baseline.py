r"""DSBO against DSGD in policy evaluation: the comparison, and where DSGD's error comes from.

The text has one sentence on DSGD; `spiritlevel.core.algorithms.dsgd_growing` reconstructs it. Open are its step sizes
and how much the agents' rewards differ, so both are varied. At rest one agent's estimate from t samples is the
gradient, plus noise of covariance S/t, plus :math:`c/t` with

.. math:: c = \frac1q \sum_s \operatorname{Cov}(\Delta\Gamma_s, \hat y_s),

because one sample serves both factors of :math:`\hat u \hat y`. With N = K t^2/2 samples and (6), N times the squared error
tends to a variance, independent of K if agents have equal rewards, plus K times the square of what c does.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.policy_evaluation import PolicyEvaluation, random_policy_evaluation
from spiritlevel.synthetic.transitions import Listed, Transitions
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.experiments.policy_limit import limit, transition
from spiritlevel.theory.dsbo.experiments.policy_runs import (
    DSBO,
    MU,
    RULE_6,
    SIZES,
    Size,
    converging,
    environment,
    errors,
)
from spiritlevel.theory.dsbo.theorems.moments import BOUNDED
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.instruments.statistics import MeanTest, agrees
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Level, Method, Statement, Verdict, decide

AGENTS = 5
"""As in Figure 3(a)."""
ROUNDS = {"quick": (20, 38), "full": (20, 75)}
"""Iterations of DSGD at which the two are compared; the last decides."""
READINGS: tuple[tuple[int, int], ...] = tuple(itertools.product((0, 1), (1, 10)))
"""What the text leaves open: how far apart the agents' rewards are (0 or a standard deviation of 1), and C_1 in DSGD's (6)."""
EFFECT = float(np.log(2.5))
"""A mean log ratio of errors that must be noticed."""
Word = Literal["fewer", "more", "open"]


def spent(rounds: int) -> int:
    """Samples of one agent after so many iterations of DSGD; DSBO, with one sample each, takes that many iterations.

    Examples
    --------
    >>> AGENTS * spent(75)
    14250
    """
    return rounds * (rounds + 1) // 2


@cache
def _errors(kind: type[Algorithm], name: str, apart: int, C: int, level: Level) -> Array:
    """At equal numbers of samples, shape ``(environments R, times)``."""
    size, dsbo = SIZES[level], name == "dsbo"
    times = [spent(t) for t in ROUNDS[level]] if dsbo else list(ROUNDS[level])
    a = kind(**DSBO) if dsbo else kind(**RULE_6 | {"C_1": C, "L_g": 1})
    return np.concatenate(
        [
            errors(
                a,
                environment(k, AGENTS, size, apart),
                times,
                replicas=size.replicas,
                seed=seed_of("dsbo/mdp-vs-dsgd", name, str(apart), str(C), str(k)),
                noise=Transitions(),
            )
            for k in range(size.environments)
        ]
    )


def word(test: MeanTest) -> Word:
    """Whether DSBO needs fewer samples, more, or the test does not say, from logarithms of DSGD's error over DSBO's.

    Examples
    --------
    >>> word(agrees(np.array([0.9, 1.0, 1.1, 1.2]), 0.0, 0.01, effect=1.0))
    'fewer'
    """
    if test.verdict != "refuted":
        return "open"
    return "fewer" if test.mean > 0 else "more"


def verdict(words: Sequence[Word]) -> Verdict:
    """Of "fewer", where every reading must agree before anything is said.

    Examples
    --------
    >>> verdict(["fewer", "fewer"]).value, verdict(["fewer", "open"]).value, verdict(["more"]).value
    ('supported', 'inconclusive', 'refuted')
    """
    if len(set(words)) > 1 or "open" in words:
        return Verdict.INCONCLUSIVE
    return Verdict.SUPPORTED if words[0] == "fewer" else Verdict.REFUTED


def _check_versus(ctx: Context) -> Finding:
    dsbo, dsgd = (type(ctx.algorithm(name)()) for name in ("dsbo", "dsgd-growing"))
    tests, shown = {}, {}
    for apart, C in READINGS:
        ratio = _errors(dsgd, "dsgd", apart, C, ctx.level) / _errors(dsbo, "dsbo", apart, 0, ctx.level)
        logs = np.log(ratio)
        tests[apart, C] = agrees(logs[:, -1], 0.0, ctx.alpha / len(READINGS), effect=EFFECT)
        shown[apart, C] = np.exp(logs.mean(axis=0))
    words = {reading: word(test) for reading, test in tests.items()}
    samples = [AGENTS * spent(t) for t in ROUNDS[ctx.level]]
    listed = "; ".join(
        f"{', '.join(f'{v:.2f}' for v in shown[apart, C])} (rewards {'apart' if apart else 'equal'}, C_1 = {C}: {words[apart, C]})"
        for apart, C in READINGS
    )
    size = SIZES[ctx.level]
    return Finding(
        verdict=verdict(list(words.values())),
        method=Method.MONTE_CARLO,
        summary=f"reconstructed DSGD, K = {AGENTS}, {size.environments} random environments, {size.replicas} runs each: error of DSGD over "
        f"that of DSBO (geometric mean) at {' and '.join(map(str, samples))} samples: {listed}. The text does not say how far apart "
        "rewards are, nor DSGD's step sizes; a verdict needs all readings to agree",
        numbers={
            "samples": samples,
            "ratios": {f"apart {a}, C_1 {C}": v.tolist() for (a, C), v in shown.items()},
            "words": {f"apart {a}, C_1 {C}": w for (a, C), w in words.items()},
            "p": {f"apart {a}, C_1 {C}": test.p for (a, C), test in tests.items()},
            "effect": EFFECT,
        },
        cases=2 * len(READINGS) * size.environments * size.replicas,
        error_rates={
            "false_alarm": ctx.alpha,
            "power": min(test.power for test in tests.values()),
            "detectable": max(test.detectable for test in tests.values()),
        },
        audit=audit(BOUNDED, [environment(0, AGENTS, size)]),
    )


VERSUS = Statement(
    id="dsbo/mdp-vs-dsgd",
    paper=PAPER,
    location="Section 6, policy evaluation, Figure 3(a)",
    kind="qualitative",
    sentence="With K = 5, DSBO needs fewer samples than DSGD.",
    because="DSGD is not printed, so only a reconstruction can be judged: DSBO is ahead where agents' rewards differ (DSGD does not "
    "average its estimates) or DSGD's first steps are short, and is not ahead where neither holds.",
    assumptions=BOUNDED,
    about=("dsbo", "dsgd-growing"),
    check=converging(_check_versus),
    expected=Verdict.INCONCLUSIVE,
    samples=True,
)


@dataclass(frozen=True)
class Ends:
    """N times the squared error of DSGD as N grows, under (6): ``variance + K bias``."""

    variance: float
    bias: float


def ends(problem: PolicyEvaluation) -> Ends:
    """To leading order, for the agents' own rewards."""
    c, e, q = transition(problem), problem.environment, problem.q
    H = float(e.weight) * np.eye(problem.p) + c.Gamma.T @ c.Gamma / q
    own = c.Gamma @ c.x - e.gains.mean(axis=2)  # each agent's y*(x*)
    noise = (c.Gamma[:, None] * c.nu[..., None] + c.moves * own[:, :, None, None]) / q
    S = np.einsum("ksdi,ksdj->ij", noise, noise) / (noise.shape[0] * noise.shape[2])
    common = np.einsum("sdi,sd->i", c.moves, c.nu) / (q * c.nu.shape[1])
    # x_T = -sum of (2/(mu j)) (j/T)^A (noise of variance S/(K j) plus c/j), A = 2H/mu; sums are integrals for large T
    A = 2 / MU * H - np.eye(problem.p)
    P = solve_continuous_lyapunov(A, 4 / MU**2 * S)
    x = 2 / MU * np.linalg.solve(A, common)
    return Ends(float(np.trace(P)) / 2, float(x @ x) / 2)


def mean_step(a: Algorithm, problem: PolicyEvaluation, t: int, x: Array) -> Array:
    """The mean of one agent's x after iteration t from x, over every outcome of its t samples."""
    outcomes = list(itertools.product(range(problem.environment.successors.shape[1]), repeat=problem.q))
    all_draws = np.array(list(itertools.product(outcomes, repeat=t)))  # (outcomes^t, t, q)
    draws = [all_draws[:, j, None, :] for j in range(t)]
    R = len(all_draws)
    start = convert(np.repeat(x[None, None], R, axis=0), "fraction")
    o, net = Oracle(problem, Listed(draws).source(0, range(R))), Gossip(averaging(1).over("fraction"))
    state = a.init(start, convert(np.zeros((R, 1, problem.q), dtype=int), "fraction"), o, net)
    return np.asarray(a.step(t, state, o, net).x.sum(axis=0)[0] / R)


def expected_step(problem: PolicyEvaluation, t: int, x: Array, alpha: Fraction) -> Array:
    """``x - alpha (grad F + c/t)``."""
    e = problem.environment
    residual = e.slopes @ x - e.gains[0]
    D = residual.shape[1]
    moves = e.slopes - e.slopes.sum(axis=1, keepdims=True) / D
    c = (moves * residual[..., None]).sum(axis=(0, 1)) / (problem.q * D)
    return np.asarray(x - alpha * (problem.hypergradient(x[None])[0] + c / t))


def _crossing_plot(size: Size) -> Plot:
    """N times the squared error of both against K, on one environment with equal rewards."""
    equal = environment(100, AGENTS, size, 0)
    one, other, agents = ends(equal), limit(equal), [1, 2, 5, 10, 20, 50, 100]
    return Plot(
        title="Many samples, rule (6), one environment, equal rewards",
        x_label="agents K",
        y_label="samples N times E|xbar - x*|^2",
        curves=(
            Curve(
                "reconstructed DSGD: V + K B", agents, [one.variance + K * one.bias for K in agents], "points"
            ),
            Curve("DSBO", (1, 100), (other, other)),
        ),
        log="xy",
        caption="DSBO's level does not depend on K; DSGD's grows with it, as its bias is not averaged away.",
    )


def _check_no_speedup(ctx: Context) -> Finding:
    alpha, wrong, cases = Fraction(1, 3), 0, 0
    for k, t in itertools.product(range(ctx.pick(2, 8)), (1, 2, 3)):
        problem = random_policy_evaluation(ctx.seed(k), 1, 2, 2, outcomes=2, rational=True)
        a = ctx.algorithm("dsgd-growing")(alpha=alpha, L_g=1).over("fraction")
        x = convert(np.array([Fraction(1, 2), Fraction(-2, 3)], dtype=object), "fraction")
        wrong += bool((mean_step(a, problem, t, x) != expected_step(problem, t, x, alpha)).any())
        cases += 1
    size, count = SIZES[ctx.level], ctx.pick(20, 200)
    found: list[dict[str, Any]] = []
    for k in range(count):
        equal, apart = (environment(100 + k, AGENTS, size, far) for far in (0, 1))
        other = limit(equal)
        one, two = ends(equal), ends(apart)
        found.append(
            {
                "crossing": (other - one.variance) / one.bias,
                "equal": (one.variance + AGENTS * one.bias) / other,
                "apart": (two.variance + AGENTS * two.bias) / other,
                "bias": one.bias,
            }
        )
    columns = {key: np.array([row[key] for row in found]) for key in found[0]}
    least, middle = float(columns["bias"].min()), {k: float(np.median(v)) for k, v in columns.items()}
    ahead = {key: int((columns[key] > 1).sum()) for key in ("equal", "apart")}
    return Finding(
        verdict=decide(wrong == 0 and least > 0, least),
        method=Method.LINEAR,
        summary=f"the mean step is that of grad F + c/t, exactly, in {cases - wrong} of {cases} enumerated cases; on {count} random "
        f"environments c is never 0. In the limit of many samples, by rule (6), K = {AGENTS}: DSGD's error over DSBO's is "
        f"{middle['apart']:.2f} in the median with rewards apart (above 1 on {ahead['apart']}) and {middle['equal']:.2f} with equal rewards "
        f"(above 1 on {ahead['equal']}), where DSBO is ahead from {middle['crossing']:.0f} agents on in the median",
        numbers={
            "wrong steps": wrong,
            "least K-fold part": least,
            "medians": middle,
            "DSGD worse": ahead,
            "environments": count,
        },
        figures=(_crossing_plot(size),),
        cases=cases + count,
    )


NO_SPEEDUP = Statement(
    id="dsbo/dsgd-no-speedup",
    paper=PAPER,
    location="not claimed; Section 6, policy evaluation",
    kind="speedup",
    variant="added",
    sentence="The reconstructed DSGD, which takes y and the Jacobian from the same t samples, has no linear speed-up: the mean of its step is "
    "off by c/t whatever K, so that N |xbar - x*|^2 at N samples in all has a part that grows like K.",
    formula=r"E[\hat u \hat y] = u y + \frac1t \sum_s \operatorname{Cov}(u_s, \hat y_s), \quad N\, E\|\bar x - x^*\|^2 \to V + K B",
    because="It explains dsbo/mdp-vs-dsgd; in the paper's comparison it may have taken separate samples.",
    about=("dsgd-growing",),
    check=_check_no_speedup,
    expected=Verdict.SUPPORTED,
)
