"""Corollary 2: SLAM-U, where every agent has a lower level of its own."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import fixed_point
from spiritlevel.theory.instruments.spectrum import quotient
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A4, A5
from spiritlevel.theory.slam.moments.cases import kind_of, stable
from spiritlevel.theory.slam.moments.figures import against_n
from spiritlevel.theory.slam.moments.growth import (
    MARGIN,
    SHAPES,
    SIZES,
    doubling_slopes,
    excess,
    in_T,
    over_sizes,
    peaks,
    shown,
)
from spiritlevel.theory.slam.moments.rules import THETA, corollary2
from spiritlevel.theory.slam.moments.scalar import AX, CURVED, FAMILY, LL, UL, graph, problem, spectrum
from spiritlevel.theory.slam.moments.theorem1 import FAR, consensus, optimality
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

PRIVATE = (*A1, A4, A5)
"""Corollary 2 asks for no condition on Hessians."""
SOLVED = 1e-9


def _distance(make: Callable[..., Algorithm], seed: int, shape: str) -> float:
    """From where SLAM-U rests to the solution, on a random quadratic whose second derivatives all differ."""
    given = random_quadratic(seed, n=5, p=2, q=2)
    a = make(alpha=40, beta=40, gamma=40, rho=THETA / spectrum(shape, 5)[-1])
    amap = probe(a, given, graph(shape, 5))
    within = quotient(amap)
    solution = given.solution()
    if within.radius >= 1 or solution is None:
        return math.nan
    rest = amap.layout.unflatten(fixed_point(within)[None])
    return float(abs(rest.x - solution).max() / (1 + abs(solution).max()))


def _check_ul(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam-u")
    exponents = in_T(kind, UL, rule=corollary2, shared=False)
    slow = excess(exponents)
    far = {shape: over_sizes(kind, shape, FAR, shared=False) for shape in SHAPES}
    highest = {shape: peaks(kind, UL, shape, shared=False) for shape in SHAPES}
    ends = [doubling_slopes(values)[-1] for values in highest.values()]
    rise = largest([*(s for f in far.values() for s in doubling_slopes(f["total"][:, UL])), *ends])
    seeds = range(ctx.pick(3, 10))
    off = largest(_distance(ctx.algorithm("slam-u"), ctx.seed(j), shape) for j in seeds for shape in SHAPES)
    return Finding(
        verdict=decide(slow <= MARGIN and rise <= MARGIN and off <= SOLVED, slow, rise, off),
        method=Method.MOMENTS,
        summary=f"scalar quadratics of equal curvature: exponents in T of stationarity {shown(exponents.values(), 4)}; sqrt(nT) times it at T = 2^{FAR} is {shown(far['ring']['total'][:, UL], 4)} for "
        f"n = 2..64, and from T = 4n on at most {shown(highest['ring'])}. {2 * len(seeds)} random quadratics with unequal Hessians and cross terms: without noise it rests within {off:.0e} of the solution",
        numbers={
            "exponents_in_T": exponents,
            "tolerance": MARGIN,
            "sqrt_nT_times_average": {s: f["total"][:, UL].tolist() for s, f in far.items()},
            "largest_from_4n": highest,
            "largest_growth_per_doubling_of_n": rise,
            "largest_distance_to_solution": off,
            "distance_tolerance": SOLVED,
        },
        cases=22 + 14 * len(SIZES) + 2 * len(seeds),
        audit=audit(PRIVATE, [problem("ring", 4, CURVED, False)]),
    )


UL_REPAIRED = Statement(
    id="slam/cor2-ul-repaired",
    paper=PAPER,
    location="Corollary 2, (10a)",
    kind="speedup",
    variant="repaired",
    repairs="slam/cor2-ul",
    sentence=f"{FAMILY} SLAM-U's average of E|grad F(xbar)|^2 is O(1/sqrt(nT)), for all n and T >= 4n by one constant; with unequal Hessians and cross terms it still "
    "rests at the solution.",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla F(\bar x^r)\|^2 = O(1/\sqrt{nT})",
    because="Where f is not quadratic, T of order n^(5/3) at least is needed for one constant (slam/cor2-ul).",
    assumptions=PRIVATE,
    about=("slam-u",),
    check=stable(_check_ul),
    expected=Verdict.SUPPORTED,
)

UL_CONSENSUS = Statement(
    id="slam/cor2-ul-consensus",
    paper=PAPER,
    location="Corollary 2, (10a)",
    kind="speedup",
    sentence="SLAM-U: the average of E||Ax||^2 is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|A x^r\|^2 = O(1/\sqrt{nT})",
    because="As in Theorem 1 it rests on the range of T: the last step's noise alone gives 2|E| sigma^2/alpha^2 ~ n|E|/T; 'T >> n', B.7.3, is not enough, rings take T of order n^5 at least.",
    assumptions=PRIVATE,
    about=("slam-u",),
    check=stable(lambda ctx: consensus(kind_of(ctx, "slam-u"), AX, shared=False, assumptions=PRIVATE)),
    expected=Verdict.REFUTED,
)

LL_OPTIMALITY = Statement(
    id="slam/cor2-ll",
    paper=PAPER,
    location="Corollary 2",
    kind="speedup",
    sentence="SLAM-U: the average of E||y - y*(x)||^2, over all agents, is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|y_k^r - y_k^*(x^r)\|^2 = O(1/\sqrt{nT})",
    because="Even per agent it is of order sqrt(n/T): each solves its lower level with its own noise, sigma^2/(2 mu beta), "
    "however large T is ('T >> n', B.7.3); (194) itself has n sigma^2/beta^2.",
    assumptions=PRIVATE,
    about=("slam-u",),
    check=stable(
        lambda ctx: optimality(kind_of(ctx, "slam-u"), shared=False, per_agent=True, assumptions=PRIVATE)
    ),
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam-u")
    exponents = in_T(kind, LL, rule=corollary2, shared=False)
    slow = excess(exponents)
    # per agent, relative to sqrt(n/T)
    far = {
        shape: over_sizes(kind, shape, FAR, shared=False)["total"][:, LL] / np.square(SIZES)
        for shape in SHAPES
    }
    rise = largest(s for values in far.values() for s in doubling_slopes(values)[1:])
    per_agent = far["ring"] * np.sqrt(SIZES)
    return Finding(
        verdict=decide(slow <= MARGIN and rise <= MARGIN, slow, rise),
        method=Method.MOMENTS,
        summary=f"scalar quadratics: exponents in T {shown(exponents.values(), 4)}; per agent the average at T = 2^{FAR} is {shown(far['ring'])} times sqrt(n/T) for n = 2..64",
        numbers={
            "exponents_in_T": exponents,
            "per_agent_over_sqrt_n_by_T": {s: v.tolist() for s, v in far.items()},
            "largest_growth_per_doubling_from_4": rise,
            "tolerance": MARGIN,
        },
        cases=22 + 2 * len(SIZES),
        audit=audit(PRIVATE, [problem("ring", 4, CURVED, False)]),
        figures=(
            against_n(
                {"SLAM-U": per_agent},
                title=f"SLAM-U's lower levels, T = 2^{FAR}",
                y_label="sqrt(T) E|y_i - y_i*|^2, per agent",
                caption="More agents make every private lower level worse, by no more than the repaired n^1/2; Corollary 2 has it fall like n^-1/2.",
                slopes={"n^1/2, repaired": 0.5, "n^-1/2, Corollary 2": -0.5},
            ),
        ),
    )


LL_REPAIRED = Statement(
    id="slam/cor2-ll-repaired",
    paper=PAPER,
    location="Corollary 2",
    kind="rate",
    sentence=f"{FAMILY} SLAM-U's average of E|y_i - y_i*(x_i)|^2 per agent is O(sqrt(n/T)), by one constant.",
    formula=r"\frac1T \sum_{r=1}^T \frac1n E\|y_k^r - y_k^*(x^r)\|^2 = O(\sqrt{n/T})",
    variant="repaired",
    repairs="slam/cor2-ll",
    because="Steps 1/beta ~ sqrt(n/T) that grow with n make private lower levels noisier, not better.",
    assumptions=PRIVATE,
    about=("slam-u",),
    check=stable(_check_repaired),
    expected=Verdict.SUPPORTED,
)
