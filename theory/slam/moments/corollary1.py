"""Corollary 1 and Remark 4: SLAM-L, where every agent has an upper level of its own."""

from __future__ import annotations

from functools import cache

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.cases import Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_n
from spiritlevel.theory.slam.moments.growth import (
    MARGIN,
    SHAPES,
    SIZES,
    doubling_slopes,
    excess,
    in_T,
    shown,
)
from spiritlevel.theory.slam.moments.rules import corollary1
from spiritlevel.theory.slam.moments.scalar import AY, FAMILY, LL, OWN, graph, problem
from spiritlevel.theory.slam.moments.theorem1 import consensus, optimality
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

FAR = 36
SETTLED = 0.05
"""Of an exponent in n that falls by a third per doubling."""


def _own(kind: type[Algorithm], sizes: tuple[int, ...]) -> dict[str, Array]:
    r""":math:`\sqrt T` times the agents' mean of their own stationarity on rings, split."""
    runs = [measured(kind, Case("ring", n, FAR, corollary1)) for n in sizes]
    return {
        part: np.array([getattr(run, part)[OWN] for run in runs]) * 2.0 ** (FAR / 2)
        for part in ("mean", "noise", "total")
    }


def _check_ul(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam-l")
    exponents = in_T(kind, OWN, rule=corollary1)
    slow = excess(exponents)
    sizes = ctx.pick(SIZES, (*SIZES, 128))
    found = _own(kind, sizes)
    rise = doubling_slopes(found["total"])[-1]
    # a mean that grows with n would still leave room for every agent: not settled decides nothing
    enough = Verdict.SUPPORTED if rise <= SETTLED else Verdict.INCONCLUSIVE
    return Finding(
        verdict=enough if slow <= MARGIN else decide(False, slow),
        method=Method.MOMENTS,
        summary=f"scalar quadratics, rings, rho = n, |l(x_i - p_i) + (b/h) kappa (y*(x) - d_i)|^2: exponents in T {shown(exponents.values(), 4)}; sqrt T times the agents' mean is "
        f"{shown(found['total'])} for n = 2..{sizes[-1]} (noise {shown(found['noise'])}), last exponent {rise:.3f}. n times the mean bounds every agent, by O(n/sqrt T) if the mean has settled",
        numbers={
            "exponents_in_T": exponents,
            "sqrt_T_times_mean_over_agents": found["total"].tolist(),
            "noise": found["noise"].tolist(),
            "last_exponent_in_n": rise,
            "tolerance_T": MARGIN,
            "tolerance_n": SETTLED,
        },
        cases=22 + len(sizes),
        audit=audit(ALL, [problem("ring", 4)]),
    )


UL_RATE = Statement(
    id="slam/cor1-ul-repaired",
    paper=PAPER,
    location="Corollary 1",
    kind="rate",
    variant="repaired",
    repairs="slam/cor1-ul",
    sentence=f"{FAMILY} on rings, for T so large that its step sizes are stable: SLAM-L's average of E|(18)|^2 at (x_i, y*(x)) is O(n/sqrt T) for every agent.",
    formula=r"\frac1T \sum_r E\|\nabla f_i(x_i^r, y^*(x^r))\|^2 = O(n/\sqrt T)",
    because="Agents that share curvatures, and T beyond what slam/cor1-penalty-limit says.",
    assumptions=ALL,
    about=("slam-l",),
    check=stable(_check_ul),
    expected=Verdict.SUPPORTED,
)


def _check_no_speedup(ctx: Context) -> Finding:
    found = _own(kind_of(ctx, "slam-l"), SIZES)
    least = min(doubling_slopes(found["total"]))
    gain = float(found["noise"][0] / found["noise"][-1])
    return Finding(
        verdict=decide(least >= -MARGIN and gain <= 2, least, gain),
        method=Method.MOMENTS,
        summary=f"1/alpha ~ 1/sqrt T: sqrt T times the agents' mean of their stationarity never falls with n ({shown(found['total'])} for n = 2..64); the part of noise falls from {found['noise'][0]:.3f} "
        f"to {found['noise'][-1]:.3f} as noise in y is averaged, its own noise stays with each agent",
        numbers={
            "sqrt_T_times_mean": found["total"].tolist(),
            "noise": found["noise"].tolist(),
            "least_exponent_in_n": least,
            "gain_of_32_times_the_agents": gain,
            "tolerance": MARGIN,
        },
        cases=len(SIZES),
        audit=audit(ALL, [problem("ring", 4)]),
        figures=(
            against_n(
                {"all of it": found["total"], "what noise adds": found["noise"]},
                title=f"SLAM-L, rings, T = 2^{FAR}: is there a speedup in the upper level?",
                y_label="sqrt(T) times E|grad f_i|^2, mean over agents",
                caption="A linear speedup would be the dashed line: SLAM-L has none, as Remark 4 says.",
                slopes={"n^-1/2, a linear speedup": -0.5},
            ),
        ),
    )


NO_SPEEDUP = Statement(
    id="slam/remark4",
    paper=PAPER,
    location="Remark 4",
    kind="speedup",
    sentence="SLAM-L has no speedup in the upper level, as scalar quadratics show.",
    formula=r"\frac1T \sum_r E\|\nabla f_i(x_i^r, y^*(x^r))\|^2 \sim T^{-1/2}, \text{ not } (nT)^{-1/2}",
    assumptions=ALL,
    about=("slam-l",),
    check=stable(_check_no_speedup),
    expected=Verdict.SUPPORTED,
)


def partial_witness() -> Witness:
    """Two agents where SLAM-L rests; slopes of Huber's function are given by their defining equation.

    Examples
    --------
    >>> recheck(partial_witness()).ok
    True
    """
    return Witness(
        statement="slam/cor1-ul-partial",
        paper=PAPER,
        location="(8a), Corollary 1",
        claim_text="where SLAM-L rests, the derivative of f_i(x_i, y*(x)) in x_i is zero",
        note="f_i(x, y) = phi(x) + phi(y - 3/2) with phi(t) = sqrt(1 + t^2), g_i = y^2/2 - x y, so that y*(x) is the mean of x",
        given={"n": 2, "x": ["3/4", "3/4"], "y": ["3/4", "3/4"], "d": "3/2", "phi_x": "3/5", "phi_y": "-3/5"},
        define=(
            ("h_g", "y - x"),
            ("h_f", "phi_x + phi_y"),
            ("dy_dx", "1/n"),
            ("derivative", "phi_x + phi_y*dy_dx"),
        ),
        assume=(
            Condition("phi_x is phi'(x_i)", "phi_x**2*(1 + x[0]**2) == x[0]**2 and phi_x*x[0] > 0"),
            Condition(
                "phi_y is phi'(y_i - d)",
                "phi_y**2*(1 + (y[0] - d)**2) == (y[0] - d)**2 and phi_y*(y[0] - d) > 0",
            ),
            Condition("all agree, so that the multipliers rest", "x[0] == x[1] and y[0] == y[1]"),
            Condition("y is the shared solution", "y[0] == mean(x)"),
            Condition("h_f by (23) and h_g are zero: nothing moves", "h_f == 0 and norm2(h_g) == 0"),
        ),
        claim=Condition("the derivative of f_i(x_i, y*(x)) in x_i is zero", "derivative == 0"),
    )


@cache
def _huber() -> Bilevel:
    ones = np.ones((2, 1, 1))
    upper = BoundedUpper(1, "huber", x_target=[0.0], b=np.zeros((2, 1)), y_target=np.full((2, 1), 1.5))  # type: ignore[arg-type]
    return Bilevel(QuadraticLower(ones, ones, np.zeros((2, 1))), upper, "bounded", shared=True, lowest=0.0)


def _check_partial(ctx: Context) -> Finding:
    given, net = _huber(), Gossip(graph("ring", 2))
    a = ctx.algorithm("slam-l")(alpha=4, beta=4, gamma=4, rho=0.45).over("float")
    s = a.init(np.zeros((1, 2, 1)), np.zeros((1, 2, 1)), Oracle(given), net)
    for t in range(1, ctx.pick(300, 1000)):
        s = a.step(t, s, Oracle(given), net)
    at = float(s.x.mean())
    y = mean_over_agents(s.x)
    derivative = given.grad_x_f(s.x, y) + given.grad_y_f(s.x, y) / 2
    off = float(abs(s.x - 0.75).max())
    size = float(abs(derivative).min())
    found = recheck(partial_witness()).ok and off <= 1e-9
    return Finding(
        verdict=Verdict.REFUTED if found and size > 0.1 else decide(size <= 1e-9, size),
        method=Method.RATIONAL,
        summary=f"two equal agents, Huber's f, no noise: SLAM-L rests at x = 3/4 (reached up to {off:.0e} from 0), where d f_i(x_i, y*(x))/d x_i = 3/5 - 3/5 (1/2) = 3/10 (measured {size:.4f}): "
        "y* moves by 1/n with x_i, (18) and (23) count it as if all agents moved",
        numbers={"x": at, "derivative": size, "distance_to_3/4": off, "tolerance": 1e-9},
        audit=audit(ALL, [given]),
        witness=partial_witness() if found else None,
    )


PARTIAL = Statement(
    id="slam/cor1-ul-partial",
    paper=PAPER,
    location="(8a), Corollary 1",
    kind="rate",
    sentence="SLAM-L, grad f_i read as the derivative in x_i of what (8a) minimises, f_i(x_i, y*(x)): its average vanishes with T.",
    formula=r"\frac1T \sum_r E\Big\|\frac{\partial}{\partial x_i} f_i(x_i^r, y^*(x^r))\Big\|^2 \to 0",
    variant="added",
    because="In (8) y* depends on all x_i, and moves by a share of 1/n with each; h_f has the whole.",
    assumptions=ALL,
    about=("slam-l",),
    check=_check_partial,
    expected=Verdict.REFUTED,
)

LL_OPTIMALITY = Statement(
    id="slam/cor1-ll",
    paper=PAPER,
    location="Corollary 1, (10b)",
    kind="speedup",
    sentence="SLAM-L: the average of E||y - y*(x)||^2, over all agents, is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|y_k^r - y_k^*(x^r)\|^2 = O(1/\sqrt{nT})",
    because="As in Theorem 1: the mean of y alone adds sqrt(n/T) to a sum over agents, however large T is ('T >> n', (190)). Below T of order n^3 sigma_max^2 the printed "
    "steps even diverge (slam/cor1-penalty), and on a given graph it need not fall (slam/cor1-ll-fixed-n).",
    assumptions=ALL,
    about=("slam-l",),
    check=stable(lambda ctx: optimality(kind_of(ctx, "slam-l"), rule=corollary1)),
    expected=Verdict.REFUTED,
)

LL_CONSENSUS = Statement(
    id="slam/cor1-ll-consensus",
    paper=PAPER,
    location="Corollary 1, (10b)",
    kind="speedup",
    sentence="SLAM-L: the average of E||Ay||^2 is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|A y_k^r\|^2 = O(1/\sqrt{nT})",
    because="As in Theorem 1 it rests on the range of T: the last step's noise alone gives 2|E| sigma^2/beta^2 ~ n|E|/T; rho >= n does not change it, and makes the printed steps diverge "
    "below T of order n^3 sigma_max^2 (slam/cor1-penalty). 'T >> n', (190), is not enough. On a given graph: slam/cor1-ll-equal.",
    assumptions=ALL,
    about=("slam-l",),
    check=stable(lambda ctx: consensus(kind_of(ctx, "slam-l"), AY, rule=corollary1)),
    expected=Verdict.REFUTED,
)


def _check_fixed(ctx: Context) -> Finding:
    kind = kind_of(ctx, "slam-l")
    exponents = {"y-y*": in_T(kind, LL, rule=corollary1), "Ay": in_T(kind, AY, rule=corollary1)}
    slow = excess(*exponents.values())
    stacked = np.array([measured(kind, Case("complete", n, 18, corollary1)).total[LL] for n in (4, 8, 16)])
    return Finding(
        verdict=decide(slow <= MARGIN, slow),
        method=Method.MOMENTS,
        summary=f"scalar quadratics, 8 agents, {' and '.join(SHAPES)}, rho = n, T up to 2^22: exponents in T of ||y - y*||^2 {shown(exponents['y-y*'].values())}, of ||Ay||^2 "
        f"{shown(exponents['Ay'].values())}; over all agents ||y - y*||^2 grows with n, at T = 2^18 by n^{shown(doubling_slopes(stacked), 2)} for n = 4, 8, 16",
        numbers={"exponents": exponents, "tolerance": MARGIN, "stacked": stacked.tolist()},
        cases=25,
        audit=audit(ALL, [problem("ring", 4)]),
    )


LL_EQUAL = Statement(
    id="slam/cor1-ll-equal",
    paper=PAPER,
    location="Corollary 1, (10b)",
    kind="rate",
    sentence=f"{FAMILY} and on a given graph SLAM-L's averages of E||y - y*||^2 and E||Ay||^2 are O(1/sqrt T).",
    formula=r"\frac1T \sum_r E\|y^r - y^*(x^r)\|^2 \le C_n/\sqrt T",
    variant="added",
    because="The constant may depend on n and the graph here.",
    assumptions=ALL,
    about=("slam-l",),
    check=stable(_check_fixed),
    expected=Verdict.SUPPORTED,
)
