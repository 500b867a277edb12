"""The variance of averaged estimates: what K buys for a fixed weight, and what it buys with (5)."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Probe
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide

NETWORKS = ("ring:4", "star:5", "path:3", "complete:4", "grid:2:3", "ring:7")
CHANNELS: dict[str, Channel] = {
    "s": "grad_x_f",
    "h": "grad_y_f",
    "u": "hess_xy_g",
    "v": "hess_yy_g",
}
"""What each average is made of."""


def unequal(ctx: Context, beta: Fraction) -> list[str]:
    """Averages whose mean over agents is not ``(1 - beta) old + beta (mean of samples)``, and on which network."""
    wrong = []
    for text in NETWORKS:
        network = named(text, exact=True)
        problem = random_quadratic(ctx.seed(text), n=network.n, p=2, q=2, shared=True, rational=True)
        a = ctx.algorithm("dsbo")(alpha=beta, beta=beta, gamma=beta, b=1).over("fraction")
        rng = np.random.default_rng(ctx.seed("state", text))
        net = Gossip(network.over("fraction"))

        def drawn(*shape: int, rng: np.random.Generator = rng) -> Any:
            return convert(rng.integers(-9, 10, shape).astype(object) * Fraction(1, 7), "fraction")

        x, y = drawn(1, network.n, 2), drawn(1, network.n, 2)
        first = a.init(x, y, Oracle(problem), net)
        for letter, channel in CHANNELS.items():
            old, exact = drawn(*getattr(first, letter).shape), getattr(problem, channel)(x, y)
            xi = drawn(*exact.shape)
            added = [xi, 0 * xi]  # one Hessian is used, and one more would be thrown away
            start = dataclasses.replace(first, **{letter: old})
            after = a.step(1, start, Oracle(problem, Probe(frozenset({channel}), added)), net)
            expected = (1 - beta) * old + beta * (exact + xi).reshape(old.shape)
            if (mean_over_agents(getattr(after, letter)) != mean_over_agents(expected)).any():
                wrong.append(f"{letter} on {text}")
    return wrong


def stationary() -> Any:
    """The stationary variance of an average with weight beta of the means of K samples of variance sigma2."""
    import sympy as sp

    b, v, K, V = sp.symbols("beta sigma2 K V", positive=True)
    (found,) = sp.solve(sp.Eq(V, (1 - b) ** 2 * V + b**2 * v / K), V)
    return sp.simplify(found)


def _check_variance(ctx: Context) -> Finding:
    import sympy as sp

    wrong, found = unequal(ctx, Fraction(2, 7)), stationary()
    b, v, K = sp.symbols("beta sigma2 K", positive=True)
    closes = sp.simplify(found - b / (2 - b) * v / K) == 0
    cases = len(NETWORKS) * len(CHANNELS)
    return Finding(
        verdict=decide(not wrong and closes),
        method=Method.RATIONAL,
        summary=f"sbar' = (1 - beta) sbar + beta (mean of samples) exactly, and so for h, u and v, in {cases - len(wrong)} of {cases} cases on "
        f"{len(NETWORKS)} networks with random rational states and noise; the variance equation then has the one stationary solution "
        f"{found}, without W",
        numbers={"broken": wrong, "stationary": str(found)},
        cases=cases,
    )


VARIANCE = Statement(
    id="dsbo/variance-1/K",
    paper=PAPER,
    location="Section 5.1, Compounded effect",
    kind="lemma",
    sentence="For a fixed beta and given points, the noise in sbar, and in hbar, ubar and vbar, has stationary variance beta/(2-beta) sigma^2/K, "
    "whatever the network.",
    formula=r"\operatorname{Var} \bar s_\infty = \frac{\beta}{2-\beta} \frac{\sigma^2}{K}",
    because="'Their variances decrease proportionally to 1/K' holds for a fixed beta; see dsbo/variance-rule-5.",
    about=("dsbo",),
    check=_check_variance,
    expected=Verdict.SUPPORTED,
)


def _rules_plot(of_rule: Any) -> Plot:
    """The variance under (5) against K, beside that for a fixed beta."""
    import sympy as sp

    b, v, K, T = sp.symbols("beta sigma2 K T", positive=True)
    agents = [2**k for k in range(8)]
    ruled = [float(of_rule.subs({K: k, T: 1024, v: 1})) for k in agents]
    fixed = [float(stationary().subs({b: sp.Rational(1, 32), K: k, v: 1})) for k in agents]
    return Plot(
        title="Stationary variance of an average, sigma = 1, T = 1024",
        x_label="agents K",
        y_label="variance",
        curves=(
            Curve("beta = sqrt(K/T) of (5)", agents, ruled, "points"),
            Curve("beta = 1/32 for every K", agents, fixed, "points"),
            power_law("1/sqrt(K)", agents, -0.5, (1, ruled[0])),
            power_law("1/K", agents, -1, (1, fixed[0])),
        ),
        log="xy",
        caption="For a fixed beta the variance falls like 1/K; (5) makes more agents forget faster, so that it falls like 1/sqrt(K).",
    )


def _check_rule(ctx: Context) -> Finding:
    import sympy as sp

    b, v, K = sp.symbols("beta sigma2 K", positive=True)
    T = sp.Symbol("T", positive=True)
    of_rule = stationary().subs(b, sp.sqrt(K / T))
    limit = sp.limit(sp.simplify(of_rule * sp.sqrt(K * T)), T, sp.oo)
    holds = sp.simplify(limit - v / 2) == 0
    wrong = unequal(ctx, Fraction(1, 4))  # K = 4, T = 64 among others
    variances = {k: float(of_rule.subs({K: k, T: 1024, v: 1})) for k in (1, 4, 16)}
    return Finding(
        verdict=decide(holds and not wrong),
        method=Method.RATIONAL,
        summary=f"with beta = sqrt(K/T) sqrt(KT) times the stationary variance tends to {limit}; at T = 1024 and sigma = 1 it is "
        f"{', '.join(f'{value:.4f}' for value in variances.values())} for K = 1, 4, 16: a half, not a quarter, for four times the agents. "
        f"The recursion behind it holds exactly in {len(NETWORKS) * len(CHANNELS) - len(wrong)} of {len(NETWORKS) * len(CHANNELS)} cases",
        numbers={"limit": str(limit), "broken": wrong}
        | {f"variance, K = {k}, T = 1024": value for k, value in variances.items()},
        cases=len(NETWORKS) * len(CHANNELS) + len(variances),
        figures=(_rules_plot(of_rule),),
    )


RULE_5_VARIANCE = Statement(
    id="dsbo/variance-rule-5",
    paper=PAPER,
    location="Section 5.1, Compounded effect; (5)",
    kind="lemma",
    variant="added",
    sentence="With beta = sqrt(K/T) of (5) the same variance is sigma^2/(2 sqrt(KT)) to first order: at a given T it falls like 1/sqrt(K), not "
    "like 1/K.",
    formula=r"\frac{\beta}{2-\beta} \frac{\sigma^2}{K} \sim \frac{\sigma^2}{2\sqrt{KT}},\quad \beta = \sqrt{K/T}",
    because="More agents average more noise, and (5) makes them forget faster; the text's 1/K is for a fixed beta.",
    about=("dsbo",),
    check=_check_rule,
    expected=Verdict.SUPPORTED,
)
