"""The multipliers: what the regularisation does to them, their sign, removal, and whom they pull."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.planes import ends, line, states
from spiritlevel.theory.argus.algorithms.witnesses import free_witness, own_witness, removal_witness
from spiritlevel.theory.evidence import by_proof
from spiritlevel.theory.plots import Curve, Plot, thinned
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

F = Fraction


def _check_product(ctx: Context) -> Finding:
    import sympy as sp

    eta, t, lam, v = sp.symbols("eta t lambda v", positive=True)
    c = 1 / (eta * sp.sqrt(t + 1))
    product = sp.simplify(eta * c - 1 / sp.sqrt(t + 1)) == 0
    erased = sp.expand((lam + eta * (v - c * lam)).subs(t, 0) - eta * v) == 0
    problem, network = line(1), averaging(2, exact=True)
    a = ctx.algorithm("argus")(eta=F(1, 4), T_1=0).over("fraction")
    first = states(a, problem, network, {}, 0, (np.array([[1], [3]]), np.array([[0], [0]])))[0]
    left: list[Any] = []
    for size in (F(0), F(5)):
        s: Any = dataclasses.replace(first, theta=first.theta + size)
        left.append(a.step(1, s, Oracle(problem), Gossip(network)).theta[0, 0, 1, 0])
    good = product and erased and left[0] == left[1]
    return Finding(
        verdict=by_proof(bool(product and erased), left[0] != left[1]),
        method=Method.SYMBOLIC,
        summary="eta c^t - 1/sqrt(t + 1) simplifies to 0, and at t = 0 lambda + eta (v - c lambda) is eta v; in a run theta_01 is "
        f"{left[0]} after one iteration from 0 and from 5"
        if good
        else f"product {product}, erased {erased}, theta_01 after one iteration {left[0]} and {left[1]}",
        numbers={"theta_1": [str(v) for v in left]},
        cases=2,
    )


PRODUCT = Statement(
    id="argus/reg-product",
    paper=PAPER,
    location="(13), (19), (20)",
    kind="identity",
    variant="added",
    sentence="eta c^t = 1/sqrt(t + 1) whatever eta is: iteration t shrinks the multipliers of those awake by 1 - 1/sqrt(t + 1), and the first erases "
    "their initial values.",
    formula=r"\lambda^{t+1} = \big(1 - (t+1)^{-1/2}\big) \lambda^t + \eta\,\text{cut}(x^{t+1}, y^{t+1})",
    because="A small step does not make the regularisation weak, and how lambda and theta of those awake at t = 0 are initialised does not matter.",
    about=("argus",),
    check=_check_product,
    expected=Verdict.PROVED,
)


def counted(ctx: Context, seed: int, steps: int, multipliers: str) -> tuple[int, int]:
    """Cuts added and removed in a synchronous run in which the cap M is never reached."""
    network, problem = named("ring:4"), random_quadratic(seed, 4, 2, 2, shared=True)
    a = ctx.algorithm("argus")(eta=0.02, eta_y=0.1, iota=2, M=steps, T_1=steps, multipliers=multipliers).over(
        "float"
    )
    net, o = Gossip(network), Oracle(problem)
    x, y = problem.start()
    s: Any = a.init(x[None], y[None], o, net)
    added = removed = 0
    for t in range(1, steps + 1):
        before = set(s.c[s.used != 0].tolist())
        s = a.step(t, s, o, net)
        after = set(s.c[s.used != 0].tolist())
        added, removed = added + len(after - before), removed + len(before - after)
    return added, removed


def _check_removal(ctx: Context) -> Finding:
    witness = removal_witness()
    steps = ctx.pick(40, 80)
    seeds = ctx.pick(3, 6)
    total = np.sum([counted(ctx, ctx.seed(k), steps, "free") for k in range(seeds)], axis=0).tolist()
    inside = ends(ctx.algorithm("argus"), line(0).over("float"), averaging(2), INSIDE, 5, eta=0.1)
    stuck = bool((inside.lam[inside.used != 0] < 0).all())
    refuted = recheck(witness).ok and total[1] == 0 and stuck
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"from lambda = 0 a cut of value v has lambda = eta v next: 0 only where v = 0 exactly. {total[1]} of {total[0]} cuts are removed in "
        f"{seeds} synchronous runs; a cut that is strictly satisfied has lambda = {float(inside.lam.min()):.3f} after 5 iterations"
        if refuted
        else f"{total[1]} of {total[0]} cuts are removed in {seeds} synchronous runs; strictly satisfied cuts get negative multipliers: {stuck}",
        numbers={"added": total[0], "removed": total[1]},
        cases=seeds,
        witness=witness if refuted else None,
    )


REMOVAL = Statement(
    id="argus/removal",
    paper=PAPER,
    location="Section IV-C, below (26)",
    kind="qualitative",
    variant="added",
    sentence="Cuts that have become inactive show lambda^{t+1} = lambda^t = 0 and are removed.",
    because="(19) has no projection: a satisfied cut drives its multiplier below 0, not to 0. The text says what is removed, not that it finds what is "
    "inactive.",
    about=("argus",),
    check=_check_removal,
    expected=Verdict.REFUTED,
)


def _check_removal_repaired(ctx: Context) -> Finding:
    import sympy as sp

    eta, v, kept = sp.symbols("eta v kept", positive=True)
    stays = sp.Max(0, 0 - eta * v) == 0  # value -v < 0
    decays = sp.Max(0, kept - eta * v).subs(kept, eta * v / 2) == 0
    steps, seeds = ctx.pick(40, 80), ctx.pick(3, 6)
    total = np.sum([counted(ctx, ctx.seed(k), steps, "project") for k in range(seeds)], axis=0).tolist()
    good = stays and decays and total[1] > 0
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RUNS,
        summary=f"max(0, eta v) is 0 for v < 0, so that 0 is followed by 0; {total[1]} of {total[0]} cuts are removed in {seeds} runs",
        numbers={"added": total[0], "removed": total[1]},
        cases=seeds,
    )


REMOVAL_REPAIRED = Statement(
    id="argus/removal-repaired",
    paper=PAPER,
    location="Section IV-C, below (26)",
    kind="qualitative",
    variant="repaired",
    repairs="argus/removal",
    sentence="With lambda = max(0, .) in (19), a cut that is strictly satisfied for long enough has lambda^{t+1} = lambda^t = 0 and is removed.",
    because="The projection is added. It also removes cuts that later iterates would violate; these are found again before T_1 only.",
    about=("argus",),
    check=_check_removal_repaired,
    expected=Verdict.SUPPORTED,
)

_HALVES = np.array([[-1], [-1]]), np.array([[1], [1]]), -1
INSIDE = {0: _HALVES, 1: _HALVES}
"""Each of two agents owns the cut ``(y_0 - x_0) + (y_1 - x_1) - 1 <= 0``, which (0, 0) satisfies strictly."""


def _check_free(ctx: Context) -> Finding:
    steps, make, witness = ctx.pick(400, 4000), ctx.algorithm("argus"), free_witness()
    problem = line(0).over("float")
    rows = thinned(steps + 1)
    after = [t + 1 for t in rows]
    runs = {}
    for multipliers in ("free", "project"):
        a = make(eta=0.1, T_1=0, multipliers=multipliers)
        found = states(a, problem, averaging(2), INSIDE, steps, (np.zeros((2, 1)),) * 2)
        runs[multipliers] = [float((found[t].y - found[t].x).mean()) for t in rows]
    gaps = [run[-1] for run in runs.values()]
    exact = states(
        make(eta=F(1, 10), T_1=0), line(0), averaging(2, exact=True), INSIDE, 2, (np.zeros((2, 1)),) * 2
    )
    moves = exact[-1].x[0, 0, 0] != 0
    refuted = recheck(witness).ok and moves and gaps[0] > 0.4 and abs(gaps[1]) < 1e-12
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"from the solution (0, 0), x is {exact[-1].x[0, 0, 0]} after two iterations, exactly; after {steps} y - x = {gaps[0]:.4f}, on its way to the cut "
        f"at 1/2; with projected multipliers {gaps[1]:.1g}",
        numbers={"gap_free": gaps[0], "gap_projected": gaps[1], "iterations": steps},
        cases=3,
        witness=witness if refuted else None,
        figures=(
            Plot(
                title="Argus with cuts y - x <= 1/2 that the solution (0, 0) satisfies strictly",
                x_label="iterations + 1",
                y_label="y - x",
                curves=(
                    Curve("multipliers as printed", after, runs["free"]),
                    Curve("multipliers max(0, .)", after, runs["project"]),
                    Curve("the cut", (1, steps + 1), (0.5, 0.5), "dashed"),
                ),
                log="x",
                caption="Started at the solution: as printed, negative multipliers pull the run away to the cut; projected ones stay 0.",
            ),
        )
        if refuted
        else (),
    )


FREE = Statement(
    id="argus/free-multipliers",
    paper=PAPER,
    location="(10), (19)",
    kind="qualitative",
    variant="added",
    sentence="Where the solution satisfies all cuts strictly, the iteration as printed rests there.",
    because="Without a projection the multipliers treat <= as =: the limit is on the cut. max(0, .) in (19) mends it.",
    about=("argus",),
    check=_check_free,
    expected=Verdict.REFUTED,
)


def _check_own(ctx: Context) -> Finding:
    one = np.array([[0], [1]]), np.array([[0], [0]]), F(-1, 4)
    make, network, zeros = ctx.algorithm("argus"), averaging(2, exact=True), np.array([[0], [0]])
    start, steps = (np.array([[1], [1]]), zeros), 6
    moved = {}
    for gradient in ("own", "full"):
        a = make(eta=F(1, 20), T_1=0, gradient=gradient, damping="none")
        pair = [states(a, line(0), network, cuts, steps, start)[-1] for cuts in ({}, {0: one})]
        moved[gradient] = int((pair[0].x != pair[1].x).sum() + (pair[0].y != pair[1].y).sum())
        lam = pair[1].lam[0, 0, 0]
    witness = own_witness()
    refuted = recheck(witness).ok and moved["own"] == 0
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"agent 0 owns the cut x_1 <= 1/4: with the terms of L_pi, {moved['own']} of 4 entries of x and y differ from the run without it after {steps} "
        f"iterations, to the last digit; with those of the sum {moved['full']} do (lambda = {float(lam):.3f})",
        numbers={"differ_own": moved["own"], "differ_full": moved["full"]},
        cases=2,
        witness=witness if refuted else None,
    )


OWN = Statement(
    id="argus/own-gradient",
    paper=PAPER,
    location="(13), (14), (17), (18)",
    kind="qualitative",
    variant="added",
    sentence="A cut acts on all agents whose variables it holds.",
    formula=r"\nabla_{x_i} \tilde L_{pi} = \nabla_{x_i} \tilde L_p",
    because="(17) has the gradient of L_pi, agent i's own term, and leaves out neighbours' cuts and theta_ji; the gradient of the sum (13) has them.",
    about=("argus",),
    check=_check_own,
    expected=Verdict.REFUTED,
)
