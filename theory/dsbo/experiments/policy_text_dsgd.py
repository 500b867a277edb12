"""The reference implementation of the growing-batch DSGD against its description read literally, agent by agent.

The description is ours (`spiritlevel.core.algorithms.dsgd_growing`): the text says next to nothing.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory import evidence
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.algorithm.alg1 import Ask, Matrix, Vector, apply, weighted
from spiritlevel.theory.dsbo.algorithm.alg1_claim import REPLICAS, Script, small
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

CASES = ((3, 2, 1, "path:3", "(6)"), (4, 1, 3, "star:4", "constant"), (1, 2, 2, "complete:1", "(6)"))
ALPHA, L_G, MU, C_1 = Fraction(1, 8), Fraction(7), Fraction(3), Fraction(5)


class Halves(Script):
    """Scripted samples whose yy-Hessian is the same multiple of the identity everywhere: its inverse is a factor 1/2."""

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """As `Script`; a solve halves."""
        if channel != "solve_yy_g":
            return super().evaluate(channel, problem, args)
        self.asked[channel] += 1
        return np.asarray(args[-1] / 2)


def outer(
    t: int, xs: list[Vector], ys: list[Vector], W: Matrix, rule: str, ask: Ask
) -> tuple[list[Vector], list[Vector]]:
    """Iteration t of all agents."""
    alpha = ALPHA if rule == "constant" else 2 / (MU * (C_1 + t - 1))
    new, last = [], []
    for k, (x, y) in enumerate(zip(xs, ys, strict=True)):
        jacobians = []
        for j in range(t):
            jacobians.append(ask(k, "hess_xy_g", j, x, y))
            y = weighted([1, -1 / (L_G * (j + 1))], [y, ask(k, "grad_y_g", j, x, y)])
        mean = weighted([Fraction(1, t)] * t, jacobians)
        half = weighted([Fraction(1, 2)], [ask(k, "grad_y_f", 0, x, y)])
        z = weighted([1, -1], [ask(k, "grad_x_f", 0, x, y), apply(mean, half)])
        new.append(weighted([1, -alpha], [weighted(W[k], xs), z]))
        last.append(y)
    return new, last


def _differs(ctx: Context, case: tuple[int, int, int, str, str], seed: int) -> tuple[Counter[str], int]:
    n, p, q, network, rule = case
    rng = np.random.default_rng(seed)
    net = Gossip(named(network, exact=True))
    W, edges = net.network.dense().tolist(), net.network.edges
    a = ctx.algorithm("dsgd-growing")(alpha=ALPHA, rule=rule, L_g=L_G, mu=MU, C_1=C_1).over("fraction")
    o = Oracle(random_quadratic(seed, n, p, q, shared=True, rational=True), Halves(rng, n, p, q))
    x0, y0 = (small(rng, REPLICAS, n, size) for size in (p, q))
    text = [(x.tolist(), y.tolist()) for x, y in zip(x0, y0, strict=True)]
    differs: Counter[str] = Counter()
    entries = 0
    try:
        s: Any = a.init(x0, y0, o, net)
        for t in (1, 2, 3):
            o.noise = script = Halves(rng, n, p, q)
            net.traffic.rounds = net.traffic.messages = net.traffic.floats = 0
            s = a.step(t, s, o, net)
            text = [outer(t, x, y, W, rule, script.ask) for x, y in text]
            for name, got, size in (("x", s.x, p), ("y", s.y, q)):
                want = convert([pair["xy".index(name)] for pair in text], "fraction").reshape(-1, n, size)
                differs[name] += want.size if got.shape != want.shape else int((got != want).sum())
                entries += want.size
            once = dict.fromkeys(("grad_x_f", "grad_y_f", "solve_yy_g"), 1)
            differs["questions"] += script.asked != once | {"grad_y_g": t, "hess_xy_g": t}
            carried = (net.traffic.rounds, net.traffic.messages, net.traffic.floats)
            differs["traffic"] += carried != (1, edges, p * edges)
    except InputError as error:
        return Counter({str(error): 1}), 0
    return +differs, entries


def _check(ctx: Context) -> Finding:
    differs: Counter[str] = Counter()
    entries, seeds = 0, ctx.pick(1, 4)
    for k in range(seeds):
        for number, case in enumerate(CASES):
            found, compared = _differs(ctx, case, ctx.seed(number, k))
            differs, entries = differs + found, entries + compared
    equal = (
        f"x and y equal the description over {len(CASES)} shapes, networks and step rules with scripted samples; iteration t asks t "
        "times for gy and Jxy, once for fx, fy and a solve, and takes one round"
    )
    return evidence.compared(differs, entries, seeds * len(CASES), equal, with_what="description")


ALGORITHM_DSGD = Statement(
    id="dsbo/alg-dsgd-growing",
    paper=PAPER,
    location="Section 6, DSGD; the rest is in the supplement, which was not available",
    kind="identity",
    variant="added",
    sentence="The reference implementation of DSGD is our reconstruction of it: t samples in iteration t, then one gossip step of x.",
    formula=r"x_t^k = \sum_j w_{k,j} x_{t-1}^j - \alpha_t \big(\nabla_x f^k - \tfrac1t \sum_{j \le t} \nabla^2_{xy} g^k_j "
    r"[\nabla^2_{yy} g^k]^{-1} \nabla_y f^k\big)",
    because="The text has only: 'first estimates y_s^*(x_t) with t samples in iteration t and then optimizes the solution x_t'.",
    about=("dsgd-growing",),
    check=_check,
    expected=Verdict.SUPPORTED,
)
