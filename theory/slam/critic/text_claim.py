"""slam-ac against C.1 read literally: (5a), (4b) for critics and reward models, (5b), (4d) for the shared part of the actors."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms import literal
from spiritlevel.theory.slam.algorithms.literal import Dual, Matrix, Setting, Stack
from spiritlevel.theory.slam.algorithms.script import Script, Sizes
from spiritlevel.theory.slam.algorithms.text_claims import compare, edges_of, joined, nested, stacked
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

ONCE = {"grad_x_f": 1, "grad_y_g": 1}
"""What one iteration asks: (212), and the gradients of (211c) and (211d)."""


@dataclass(frozen=True)
class Case:
    """A shape with two tasks, a graph, a setting, and how many leading entries of x are shared."""

    sizes: Sizes
    network: str
    common: int
    c: Setting = field(default_factory=Setting)


CASES = (
    Case(Sizes(4, 3, 2, 1), "path:4", 1, Setting(gamma=Fraction(1, 2))),
    Case(Sizes(3, 2, 2, 2), "lazy-ring:3", 0, Setting(alpha=Fraction(4), beta=Fraction(3))),
    Case(Sizes(4, 3, 2, 1), "star:4", 2),
    Case(Sizes(3, 2, 2, 1), "path:3", 2, Setting(gamma=Fraction(1), rho=Fraction(2, 3))),
    Case(Sizes(1, 2, 2, 2), "complete:1", 1),
)


def parts(X: Stack, k: int) -> tuple[Stack, Stack]:
    """The shared entries of every agent's vector, and its own."""
    return [row[:k] for row in X], [row[k:] for row in X]


def literal_step(s: Dual, k: int, A: Matrix, c: Setting, ask: Any) -> Dual:
    """One iteration; ``s.LAM`` has a multiplier of length k per edge."""
    h_g = literal.lower_gradients(ask, s.X, s.Y)
    Y = [literal.descended(z, h_g[m], s.OM[m], A, c.beta, c) for m, z in enumerate(s.Y)]
    OM = [literal.ascended(s.OM[m], z, A, c) for m, z in enumerate(Y)]
    h_f = [ask(i, "grad_x_f", 0, x, literal.local(Y, i)) for i, x in enumerate(s.X)]
    (shared, own), (h_shared, h_own) = parts(s.X, k), parts(h_f, k)
    shared = literal.descended(shared, h_shared, s.LAM, A, c.alpha, c)
    own = literal.own_step(own, h_own, c.alpha)
    LAM = literal.ascended(s.LAM, shared, A, c)
    return Dual([a + b for a, b in zip(shared, own, strict=True)], Y, LAM, OM)


def expected(s: Dual, k: int, A: Matrix) -> dict[str, Any]:
    """The fields of the implementation's state."""
    shared, own = parts(s.X, k)

    def padded(z: Stack) -> Any:
        return stacked([a + [Fraction(0)] * len(b) for a, b in zip(z, own, strict=True)])

    return {
        "x": stacked(s.X),
        "y": joined(s.Y),
        "lam": padded(literal.push(A, s.LAM, shared)),
        "Lx": padded(literal.push(A, literal.apply(A, shared), shared)),
        "om": joined([literal.push(A, s.OM[m], z) for m, z in enumerate(s.Y)]),
        "Ly": joined([literal.push(A, literal.apply(A, z), z) for z in s.Y]),
    }


def differences(ctx: Context, case: Case, seed: int, steps: int) -> Counter[str]:
    """What differs on one case, from the printed start and then from an arbitrary state; "entries" counts comparisons."""
    rng, z, k = np.random.default_rng(seed), case.sizes, case.common
    net = Gossip(named(case.network, exact=True))
    edges = edges_of(net.network)
    A = literal.incidence(z.n, edges)
    a = ctx.algorithm("slam-ac")(**dataclasses.asdict(case.c), common=k).over("fraction")
    o = Oracle(random_quadratic(seed, z.n, z.p, z.m * z.q, shared=True, rational=True), Script(rng, z))
    X, Y = nested(rng, z, z.n)
    text = Dual(X, Y, parts([[Fraction(0)] * z.p for _ in edges], k)[0], literal.started(X, Y, len(A)).OM)
    found: Counter[str] = Counter()
    try:
        s: Any = a.init(stacked(X), joined(Y), o, net)
        compare(found, "start ", {key: (getattr(s, key), want) for key, want in expected(text, k, A).items()})
        for t in range(1, steps + 2):
            if t > steps:
                X, Y = nested(rng, z, z.n)
                LAM, OM = nested(rng, z, len(A))
                text = Dual(X, Y, parts(LAM, k)[0], OM)
                s = dataclasses.replace(s, **expected(text, k, A))
            o.noise = script = Script(rng, z)
            net.traffic.rounds = net.traffic.messages = net.traffic.floats = 0
            s = a.step(t, s, o, net)
            text = literal_step(text, k, A, case.c, script.ask)
            compare(found, "", {key: (getattr(s, key), want) for key, want in expected(text, k, A).items()})
            found["questions"] += script.asked != ONCE
            carried = 2 * len(edges) * (k + z.m * z.q)
            traffic = (net.traffic.rounds, net.traffic.messages, net.traffic.floats)
            found["traffic"] += traffic != (1, 2 * len(edges), carried)
    except InputError as error:
        found[str(error)] += 1
    return +found


def _check(ctx: Context) -> Finding:
    found: Counter[str] = Counter()
    seeds = ctx.pick(1, 4)
    for k in range(seeds):
        for number, case in enumerate(CASES):
            found += differences(ctx, case, ctx.seed(number, k), ctx.pick(2, 3))
    entries = found.pop("entries", 0)
    wrong = ", ".join(f"{what} ({count})" for what, count in found.items())
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"differs from the text in {wrong}"
        if wrong
        else f"{entries} entries equal the literal text on {len(CASES)} graphs with nothing, a part or all of the actors shared, scripted samples, "
        "multipliers on edges, two tasks one by one; each of two samples asked once, one round with the shared part and y",
        numbers={"entries": entries, "different": sum(found.values())},
        cases=seeds * len(CASES),
    )


ALGORITHM = Statement(
    id="slam/alg-ac",
    paper=PAPER,
    location="C.1, 'we implement SLAM for solving DAC problem (211)'; Section 4",
    kind="identity",
    sentence="The reference implementation slam-ac is SLAM on (211): (5a), (4b) for critics and reward models at (x^r, y^r), (5b), (4d) for the shared part "
    "of the actors and a step of its own for the rest, with h_f = -(212) at (x^r, y^{r+1}).",
    formula=r"\theta_i^{p,r+1} = \theta_i^{p,r} + \tfrac1\alpha ([\hat\nabla_{\theta_i} J]^p - \gamma [A^\top \lambda^r]_i - \rho\gamma [A^\top A "
    r"\theta^{p,r}]_i)",
    because="There is no listing of SLAM-AC; which part theta_i^p of the actors is shared is a setting: nothing in the navigation task, a layer in "
    "the pursuit task.",
    about=("slam-ac",),
    check=_check,
    expected=Verdict.SUPPORTED,
)
