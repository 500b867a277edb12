"""Theorem 1: the bound as printed, its potential as printed, and the repaired theorem."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.metrics import stationarity
from spiritlevel.core.networks import Network, named
from spiritlevel.core.numbers import convert
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.families import linear, quadratic, random_curved, random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.falsify import Box, search
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.bound_witness import thm1_witness, weight_witness
from spiritlevel.theory.interact.descent import ROUNDING, per_step
from spiritlevel.theory.interact.identities import PAPER
from spiritlevel.theory.interact.potential import potential
from spiritlevel.theory.interact.steps import THEOREM_1, THEOREM_1_REPAIRED, lower_weight, rate
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.stepsize import Rule
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

BOUND = (
    r"\frac{1}{T+1} \sum_{t=0}^T \mathfrak M_t \le \frac{\mathfrak B_0 - \ell^*}{(T+1) "
    r"\min\{\frac{1-\lambda}{4}, \frac{3r^2(1-\lambda)}{32(1+r)L_y^2}, \frac{\alpha}{2}\}}"
)


@dataclass(frozen=True)
class Instance:
    """One exact instance of the printed bound: its sides are compared in rationals."""

    problem: SolvedProblem
    network: Network
    constants: Constants
    lam: Fraction
    alpha: Fraction
    beta: Fraction
    y0: int
    T: int
    rule: Rule
    witness: Witness


def _opposed(b: Fraction, slope: Fraction) -> SolvedProblem:
    """Two agents with ``f_i = +-b x`` and ``g_i = (y - slope x)^2 / 2``: the objective is 0."""
    return linear(H=[[[1]], [[1]]], B=[[[slope]], [[slope]]], c=[[0], [0]], b=[[b], [-b]]).over("fraction")


def _pair(self_weight: Fraction) -> Network:
    w = self_weight
    return Network(convert([[w, 1 - w], [1 - w, w]], "fraction"), "pair")


def _judge_bound(ctx: Context, i: Instance, what: str) -> Finding:
    """Run the algorithm in rationals and compare the printed sides."""
    at = {"alpha": i.alpha, "beta": i.beta}
    admitted = all(row.allows for row in i.rule.rows(i.constants, i.lam, i.network.n, at))
    a = ctx.algorithm("interact")(**at)
    trace = run(
        a,
        i.problem,
        i.network,
        steps=i.T,
        record="all",
        y0=convert(np.full(i.problem.q, i.y0), "fraction"),
        metrics={"M": stationarity, "B": potential(i.alpha, 1)},
    )
    total = trace.metrics["M"][0].sum()
    bound = (trace.metrics["B"][0, 0] - 0) / rate(i.constants, i.lam, i.alpha, i.beta, "printed")
    stands = recheck(i.witness).ok
    broken = admitted and total > bound
    if broken and not stands:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.REFUTED if broken else Verdict.SUPPORTED
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL,
        summary=f"{what}: at T = {i.T} the sum of M_t is {float(total):.4g}, the bound times T+1 is {float(bound):.4g}",
        numbers={
            "sum": str(total),
            "bound": str(bound),
            "T": i.T,
            "admitted": admitted,
            "witness_stands": stands,
        },
        audit=audit((*A1, *A2), [i.problem]),
        witness=i.witness if broken else None,
    )


def _check_thm1(ctx: Context) -> Finding:
    c = Constants(mu_g=1, L_g=Fraction(10001, 10000), C_gxy=Fraction(1, 100))
    instance = Instance(
        problem=_opposed(Fraction(1), Fraction(1, 100)),
        network=_pair(Fraction(19, 20)),
        constants=c,
        lam=Fraction(9, 10),
        alpha=Fraction(1),
        beta=1 / Fraction(1 + c.L_g),
        y0=0,
        T=6,
        rule=THEOREM_1,
        witness=thm1_witness("printed", "no-self-loops"),
    )
    return _judge_bound(ctx, instance, "2 agents, f = +-x, lam = 9/10, alpha = 1 as admitted")


THM1 = Statement(
    id="interact/thm1",
    paper=PAPER,
    location="Theorem 1",
    kind="bound",
    sentence="With step sizes from the printed list, the mean of M_0..M_T is at most (B_0 - l*) over (T+1) min{..}.",
    formula=BOUND,
    because="Nothing in the list keeps alpha below (1-lam)^2, which C_5 needs once L_K is small; and the printed potential has "
    "weight 1 where the proof has a. True if all constants are taken to be at least 1, which the text nowhere asks.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_thm1,
    expected=Verdict.REFUTED,
)


def _check_unit_weight(ctx: Context) -> Finding:
    c = Constants(mu_g=1, L_g=Fraction(1000001, 1000000), C_gxy=Fraction(1, 1000))
    instance = Instance(
        problem=_opposed(Fraction(1, 1000), Fraction(1, 1000)),
        network=_pair(Fraction(2, 3)),
        constants=c,
        lam=Fraction(1, 3),
        alpha=Fraction(5, 18),
        beta=Fraction(1, 32),
        y0=1,
        T=9,
        rule=THEOREM_1_REPAIRED,
        witness=weight_witness(),
    )
    return _judge_bound(ctx, instance, "2 agents, C_gxy = 1/1000, alpha = 5/18 within the repaired list")


UNIT_WEIGHT = Statement(
    id="interact/thm1-unit-weight",
    paper=PAPER,
    location="Theorem 1, definition of the potential",
    kind="bound",
    sentence="Theorem 1's bound holds with the printed weight 1 on |y - y*|^2 in B_0, even when the steps obey the repaired list.",
    formula=r"\mathfrak B_t = \ell(\bar x_t) + \|y_t - y_t^*\|^2 + \|x_t - 1 \otimes \bar x_t\|^2 + "
    r"\alpha \|u_t - 1 \otimes \bar u_t\|^2",
    because="Step 4 of the proof has the weight a = (1-lam)/(32(1+1/r)L_y^2), which exceeds 1 when L_y is small; with weight 1 "
    "the start of y is then paid for too cheaply.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_unit_weight,
    expected=Verdict.REFUTED,
)


def _descent(ctx: Context, problem: SolvedProblem, network: Network, share: tuple[float, float]) -> float:
    """The scaled eigenvalue of the per-step form at a share of the largest admitted steps."""
    c, lam = problem.constants, modulus(network)
    beta = share[1] * float(THEOREM_1_REPAIRED.largest(c, lam, network.n)["beta"])
    alpha = share[0] * float(THEOREM_1_REPAIRED.largest(c, lam, network.n, {"beta": beta})["alpha"])
    a = ctx.algorithm("interact")(alpha=alpha, beta=beta)  # type: ignore[call-arg]
    weight, kappa = lower_weight(c, lam, beta, "plain"), rate(c, lam, alpha, beta, "plain")
    return per_step(a, problem, network, alpha=alpha, weight=float(weight), kappa=float(kappa)).largest


_BOX: Box = {
    **{f"{name}{i}": (-1.0, 1.0, "linear") for name in ("B", "A", "E", "Q") for i in (0, 1)},
    "h0": (0.3, 3.0, "log"),
    "h1": (0.3, 3.0, "log"),
    "coupling": (0.03, 3.0, "log"),
    "scale": (0.03, 3.0, "log"),
    "w": (0.02, 0.98, "linear"),
    "share_alpha": (0.1, 1.0, "log"),
    "share_beta": (0.1, 1.0, "log"),
}


def _pair_instance(v: dict[str, float]) -> tuple[SolvedProblem, Network]:
    def two(name: str, factor: float) -> Any:
        return [[[factor * v[f"{name}0"]]], [[factor * v[f"{name}1"]]]]

    problem = quadratic(
        H=[[[v["h0"]]], [[v["h1"]]]],
        B=two("B", v["coupling"]),
        c=[[0.0], [0.0]],
        A=two("A", v["scale"]),
        E=two("E", v["scale"]),
        Q=two("Q", v["scale"]),
    )
    return problem, Network([[1 - v["w"], v["w"]], [v["w"], 1 - v["w"]]], "pair")


def _check_repaired(ctx: Context) -> Finding:
    networks = ("ring:4", "path:3", "complete:4", "J:3", "star:5", "path:2")
    worst, draws = -np.inf, ctx.pick(60, 600)
    rng = np.random.default_rng(ctx.seed("draws"))
    for k in range(draws):
        network = named(networks[k % len(networks)], ("metropolis", "laplacian")[k % 2])
        scale, coupling = 10 ** rng.uniform(-2, 0.5, 2)
        problem = random_quadratic(
            ctx.seed(k), n=network.n, p=1 + k % 3, q=1 + (k // 3) % 3, scale=scale, coupling=coupling
        )
        shares = 10 ** rng.uniform(-1, 0, 2)
        worst = max(worst, _descent(ctx, problem, network, (float(shares[0]), float(shares[1]))))

    def violation(v: dict[str, float]) -> float:
        problem, network = _pair_instance(v)
        return _descent(ctx, problem, network, (v["share_alpha"], v["share_beta"]))

    found = search(violation, _BOX, ctx.pick(1500, 20000), ctx.seed("search"), tolerance=ROUNDING)
    rise, runs = _largest_rise(ctx)
    holds = worst <= ROUNDING and found.verdict == "none-found" and rise <= 0
    return Finding(
        verdict=Verdict.SUPPORTED
        if holds
        else Verdict.REFUTED
        if worst > ROUNDING or found.found or rise > 0
        else Verdict.INCONCLUSIVE,
        method=Method.SEARCH,
        summary=f"per-step descent decided for all states by an eigenvalue: {draws} random quadratics (worst {worst:.1e}), "
        f"search of {found.evaluations} over {len(_BOX)} parameters (worst {found.value:.1e}), {runs} curved runs"
        if holds
        else f"potential rises: random draws {worst:.2e}, search {found.value:.2e} at {found.worst}, curved runs {rise:.2e}",
        numbers={
            "worst_draw": worst,
            "worst_search": found.value,
            "worst_curved": rise,
            "tolerance": ROUNDING,
            "evaluations": found.evaluations,
        },
        cases=draws + found.evaluations + runs,
        audit=audit((*A1, *A2), [random_quadratic(1, n=2, p=1, q=1), random_curved(1, n=2, p=1, q=1)]),
    )


def _largest_rise(ctx: Context) -> tuple[float, int]:
    """The largest of ``B_{t+1} - B_t + kappa M_t`` over curved runs, less its rounding; all assumptions hold there."""
    worst, runs = -np.inf, ctx.pick(6, 40)
    for k in range(runs):
        kind = ("huber", "cos")[k % 2]
        problem = random_curved(
            ctx.seed("curved", k), n=4, p=2, q=2, kind=kind, scale=(0.02, 1.0)[k // 2 % 2]
        )
        network = named(("ring:4", "star:4", "complete:4")[k % 3], "laplacian")
        c, lam = problem.constants, modulus(network)
        steps = {name: float(v) for name, v in THEOREM_1_REPAIRED.largest(c, lam, network.n).items()}
        weight, kappa = (
            lower_weight(c, lam, steps["beta"], "plain"),
            rate(c, lam, steps["alpha"], steps["beta"], "plain"),
        )
        trace = run(
            ctx.algorithm("interact")(**steps),
            problem,
            network,
            steps=200,
            x0=np.random.default_rng(ctx.seed("start", k)).standard_normal(2),
            record="all",
            metrics={"M": stationarity, "B": potential(steps["alpha"], weight)},
        )
        M, B = trace.metrics["M"][0], trace.metrics["B"][0]
        rounding = 1e-14 * (1 + np.abs(B[1:]))
        worst = max(worst, float((B[1:] - B[:-1] + float(kappa) * M[:-1] - rounding).max()))
    return worst, runs


THM1_REPAIRED = Statement(
    id="interact/thm1-repaired",
    paper=PAPER,
    location="Theorem 1",
    kind="bound",
    variant="repaired",
    repairs="interact/thm1",
    sentence="With plain Lipschitz constants, weight a in the potential and alpha <= 4(1-lam)^2/5 in place of alpha <= 1, the "
    "potential falls by min{..} M_t in every step, hence Theorem 1's bound.",
    formula=r"\mathfrak B_{t+1} - \mathfrak B_t \le -\min\{\tfrac{1-\lambda}{4}, \tfrac{3r^2(1-\lambda)}{32(1+r)L_y^2}, "
    r"\tfrac{\alpha}{2}\}\, \mathfrak M_t",
    because="C_5 <= 0 needs alpha (1/(1-lam) + (1-lam)/4) <= 1-lam; alpha <= 4(1-lam)^2/5 gives it for every lam.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_repaired,
    expected=Verdict.SUPPORTED,
)
