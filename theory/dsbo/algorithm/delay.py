"""Which samples the estimates hold when x moves along them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.algorithm.alg1 import Setting
from spiritlevel.theory.dsbo.algorithm.alg1_claim import CASES, Script, arbitrary
from spiritlevel.theory.dsbo.algorithm.exact_runs import EVERYWHERE, SETTINGS, Recorded, states
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_index(ctx: Context) -> Finding:
    moved = averages = cases = 0
    for number, case in enumerate(CASES):
        n, p, q, b = case.n, case.p, case.q, case.c.b
        rng = np.random.default_rng(ctx.seed(number))
        problem = random_quadratic(ctx.seed("problem", number), n, p, q, shared=True, rational=True)
        net = Gossip(named(case.network, exact=True))
        first = states(ctx, problem, net.network, 1, replicas=2, b=b)[0]
        s, _agents = arbitrary(rng, first, p, q)
        a = ctx.algorithm("dsbo")(**SETTINGS | {"b": b}).over("fraction")
        one, other = (a.step(1, s, Oracle(problem, Script(rng, n, p, q)), net) for _ in range(2))
        moved += int((one.x != other.x).sum())
        averages += min(int((getattr(one, k) != getattr(other, k)).sum()) for k in "shuv")
        cases += 1
    seen = Verdict.SUPPORTED if moved else Verdict.REFUTED
    return Finding(
        verdict=seen if averages else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{moved} entries of x_(t+1), which moves along s_t, h_t, u_t, q_t, change with the samples at (x_t, y_t), from arbitrary states of "
        f"{cases} shapes: the estimates {'hold' if moved else 'do not hold'} them; of each of s_(t+1), h_(t+1), u_(t+1), "
        f"v_(t+1) {averages} entries or more change",
        numbers={"moved": moved, "entries of averages": averages},
        cases=cases,
    )


INDEX = Statement(
    id="dsbo/estimate-index",
    paper=PAPER,
    location="Section 4, 'Suppose agent k would like to estimate'",
    kind="identity",
    sentence="The estimate s_t, along which Step 4 moves x_{t+1}, averages s_{t-1} of the agent and its neighbours with the gradient newly "
    "sampled at (x_t, y_t).",
    formula=r"s_t^k = (1 - \beta) \sum_j w_{k,j} s_{t-1}^j + \beta \nabla_x f^k(x_t^k, y_t^k; \zeta_t^k)",
    because="Step 6 puts the sample at (x_t, y_t) into s_{t+1}, and Step 4 moves x_{t+1} along s_t: every estimate is one step old. A slip of "
    "the index, charitably: with s_{t+1} and s_t for s_t and s_{t-1} the sentence is Step 6.",
    about=("dsbo",),
    check=_check_index,
    expected=Verdict.REFUTED,
)


def _weights(beta: list[Fraction]) -> list[Fraction]:
    """What sample tau weighs in the average at ``len(beta)``."""
    return [
        b * math.prod((1 - later for later in beta[tau + 1 :]), start=Fraction(1))
        for tau, b in enumerate(beta)
    ]


def _mean(z: Array) -> Array:
    return np.asarray(z.sum(axis=1) / z.shape[1])


def _check_index_repaired(ctx: Context) -> Finding:
    differs, entries, steps, cases = 0, 0, ctx.pick(4, 6), 0
    channels = {"s": "grad_x_f", "h": "grad_y_f", "u": "hess_xy_g"}
    for number, rule in enumerate(("constant", "(6)")):
        n, p, q = 3, 2, 1 + number
        problem = random_quadratic(ctx.seed(rule), n, p, q, shared=True, rational=True)
        c = Setting(rule=rule, beta=Fraction(1, 3))
        seen = Recorded(EVERYWHERE.source(ctx.seed("noise"), range(2)))
        given: dict[str, Any] = {"rule": rule, "beta": c.beta, "mu": c.mu, "C_1": c.C_1}
        try:
            found = states(ctx, problem, named("path:3", exact=True), steps, seen, replicas=2, **given)
        except InputError as error:
            return Finding(verdict=Verdict.REFUTED, method=Method.RATIONAL, summary=str(error))
        for t in range(1, steps + 1):
            weights = _weights([c.sizes(tau)[1] for tau in range(t)])
            for k, channel in channels.items():
                samples = [_mean(z.reshape(*z.shape[:2], -1)) for z in seen.answers[channel][:t]]
                want = sum(w * z for w, z in zip(weights, samples, strict=True))
                differs += int((_mean(getattr(found[t], k)) != want).sum())
                entries += 1
        cases += 1
    return Finding(
        verdict=Verdict.REFUTED if differs else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"{differs} entries differ in {entries} averages of s_t, h_t, u_t, t = 1..{steps}, constant beta and (6), noise in all samples",
        numbers={"different": differs},
        cases=cases,
    )


INDEX_REPAIRED = Statement(
    id="dsbo/estimate-index-repaired",
    paper=PAPER,
    location="Steps 6-8",
    kind="identity",
    variant="repaired",
    repairs="dsbo/estimate-index",
    sentence="The agents' average of s_t (and of h_t, u_t) is the weighted sum of the average samples at (x_tau, y_tau), tau < t, with "
    "weights beta_tau times the later 1 - beta.",
    formula=r"\bar s_t = \sum_{\tau < t} \beta_\tau \prod_{\tau < r < t} (1 - \beta_r)\, \tfrac1K \sum_k "
    r"\nabla_x f^k(x_\tau^k, y_\tau^k; \zeta_\tau^k)",
    because="One step of delay against the text; with a constant beta the weights add up to 1 - (1 - beta)^t, with (6), used "
    "at t = 0 too, where beta_0 is 1, to 1.",
    about=("dsbo",),
    check=_check_index_repaired,
    expected=Verdict.SUPPORTED,
)
