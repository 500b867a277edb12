"""D-SGD with full gradients against its update read literally, in exact fractions."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.theory.evidence import compared
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.algorithms.alg2 import Literal, Setting, Vector, mean, plus, surrogate, times
from spiritlevel.theory.interact.algorithms.alg2_claims import terms_of
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

CASES = ((3, 2, 1, "path:3"), (4, 1, 3, "ring:4"), (4, 2, 2, "star:4"))
C = Setting(alpha=Fraction(1, 8), beta=Fraction(1, 3), L_g=Fraction(1), K=1, S=1)


def update(text: Literal, x: list[Vector], y: list[Vector]) -> tuple[list[Vector], list[Vector]]:
    """One iteration: x mixes and descends along (5), y descends along g_i, both from where the agents are."""
    p = [surrogate(terms, a, b) for terms, a, b in zip(text.problem, x, y, strict=True)]
    v = [mean(t.grad_y_g(a, b) for t in terms) for terms, a, b in zip(text.problem, x, y, strict=True)]
    mixed = [plus(*(times(w, z) for w, z in zip(row, x, strict=True))) for row in text.W]
    moved = [plus(Wx, times(-text.c.alpha, d)) for Wx, d in zip(mixed, p, strict=True)]
    return moved, [plus(b, times(-text.c.beta, d)) for b, d in zip(y, v, strict=True)]


def _differs(ctx: Context, case: tuple[int, int, int, str], seed: int) -> tuple[Counter[str], int]:
    n, p, q, network = case
    rng, found, entries = np.random.default_rng(seed), Counter[str](), 0
    problem = random_finite_sum(seed, n, p, q, samples=2, rational=True)
    net, o = Gossip(named(network, exact=True)), Oracle(problem)
    text = Literal(terms_of(problem), net.network.dense().tolist(), C)
    x0, y0 = (convert(rng.integers(-4, 5, (1, n, size)), "fraction") / 2 for size in (p, q))
    x, y = x0[0].tolist(), y0[0].tolist()
    a = ctx.algorithm("dsgd")(alpha=C.alpha, beta=C.beta).over("fraction")
    try:
        s: Any = a.init(x0, y0, o, net)
        for t in (1, 2, 3):
            net.traffic.rounds = net.traffic.floats = 0
            s = a.step(t, s, o, net)
            x, y = update(text, x, y)
            for name, got, want in (("x", s.x, x), ("y", s.y, y)):
                wanted = convert([want], "fraction")
                found[name] += wanted.size if got.shape != wanted.shape else int((got != wanted).sum())
                entries += wanted.size
            found["traffic"] += (net.traffic.rounds, net.traffic.floats) != (1, p * net.network.edges)
    except InputError as error:
        return Counter({str(error): 1}), 0
    return found, entries


def _check(ctx: Context) -> Finding:
    differs: Counter[str] = Counter()
    entries, seeds = 0, ctx.pick(1, 4)
    for k in range(seeds):
        for number, case in enumerate(CASES):
            found, count = _differs(ctx, case, ctx.seed(number, k))
            differs, entries = differs + found, entries + count
    equal = f"x and y equal the update over {len(CASES)} shapes and networks; per iteration one round, in which x travels"
    return compared(differs, entries, seeds * len(CASES), equal, with_what="update")


ALGORITHM_DSGD = Statement(
    id="interact/alg-dsgd",
    paper=PAPER,
    location="Section 6, D-SGD",
    kind="identity",
    variant="added",
    sentence="The reference implementation of D-SGD with full gradients is one gossip step of x along (5) and one step of y along its own g_i.",
    formula=r"x_{i,t} = \sum_j [M]_{ij} x_{j,t-1} - \alpha \bar\nabla f_i(x_{i,t-1}, y_{i,t-1}), \quad "
    r"y_{i,t} = y_{i,t-1} - \beta \nabla_y g_i(x_{i,t-1}, y_{i,t-1})",
    because="The paper has the minibatch version only.",
    about=("dsgd",),
    check=_check,
    expected=Verdict.SUPPORTED,
)
