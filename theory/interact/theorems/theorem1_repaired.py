"""Theorem 1 repaired: descent in every step, and the reading that saves the printed list."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.metrics import stationarity
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.families import quadratic, random_curved, random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.falsify import Box, search
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.potential import potential
from spiritlevel.theory.interact.step_sizes.theorem1_list import (
    BETA,
    THEOREM_1_ENLARGED,
    THEOREM_1_REPAIRED,
    lower_weight,
    rate,
    repaired_list,
)
from spiritlevel.theory.interact.theorems.descent import ROUNDING, per_step
from spiritlevel.theory.interact.theorems.theorem1 import BOUND
from spiritlevel.theory.plots import Curve, Plot, thinned
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest
from spiritlevel.theory.step_lists.stepsize import Rule

SMALLEST = 1e-12
"""Steps below this are not drawn: the form could not be decided in floats."""


@cache
def _about_beta() -> Rule:
    """The first part of the list, alone; in no module's name, where it would count as a statement's list."""
    return Rule(THEOREM_1_REPAIRED.statement, ("beta",), BETA)


def _descent(
    ctx: Context, problem: SolvedProblem, network: Network, share: tuple[float, float]
) -> float | None:
    """The scaled eigenvalue of the per-step form at a share of the largest admitted steps; None below `SMALLEST`."""
    c, lam = problem.constants, modulus(network)
    beta = share[1] * float(_about_beta().largest(c, lam, network.n)["beta"])
    alpha = share[0] * float(THEOREM_1_REPAIRED.largest(c, lam, network.n, {"beta": beta})["alpha"])
    if alpha < SMALLEST:
        return None
    a = ctx.algorithm("interact")(alpha=alpha, beta=beta)
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
    draws = ctx.pick(60, 400)
    eigenvalues: list[float] = []
    rng = np.random.default_rng(ctx.seed("draws"))
    for k in range(draws):
        network = named(networks[k % len(networks)], ("metropolis", "laplacian")[k % 2])
        scale, coupling = 10 ** rng.uniform(-2, 0.5, 2)
        problem = random_quadratic(
            ctx.seed(k), n=network.n, p=1 + k % 3, q=1 + (k // 3) % 3, scale=scale, coupling=coupling
        )
        shares = 10 ** rng.uniform(-1, 0, 2)
        value = _descent(ctx, problem, network, (float(shares[0]), float(shares[1])))
        if value is not None:
            eigenvalues.append(value)
    worst, tiny = largest(eigenvalues), draws - len(eigenvalues)

    def violation(v: dict[str, float]) -> float:
        nonlocal tiny
        problem, network = _pair_instance(v)
        value = _descent(ctx, problem, network, (v["share_alpha"], v["share_beta"]))
        tiny += value is None
        return -1.0 if value is None else value

    found = search(violation, _BOX, ctx.pick(1500, 10000), ctx.seed("search"), tolerance=ROUNDING)
    rise, runs, figure = _largest_rise(ctx)
    holds = worst <= ROUNDING and found.verdict == "none-found" and rise <= 0
    return Finding(
        verdict=Verdict.INCONCLUSIVE if found.verdict == "inconclusive" else decide(holds, worst, rise),
        method=Method.SEARCH,
        summary=f"descent in every step, for all states at once, by an eigenvalue (negative: it holds): {len(eigenvalues)} random "
        f"quadratics reach {worst:.1e}, a search of {found.evaluations} over {len(_BOX)} parameters {found.value:.1e}; {runs} curved "
        "runs fall in every step"
        if holds
        else f"{len(eigenvalues)} random quadratics reach {worst:.2e}, {found}; curved runs rise by {rise:.2e}",
        numbers={
            "worst_draw": worst,
            "left_out_with_steps_below_1e-12": tiny,
            "worst_search": found.value,
            "worst_curved": rise,
            "tolerance": ROUNDING,
            "evaluations": found.evaluations,
        },
        cases=draws + found.evaluations + runs - tiny,
        audit=audit((*A1, *A2), [random_quadratic(1, n=2, p=1, q=1), random_curved(1, n=2, p=1, q=1)]),
        figures=(figure,),
    )


def _largest_rise(ctx: Context) -> tuple[float, int, Plot]:
    """The largest of ``B_{t+1} - B_t + kappa M_t`` over curved runs, less its rounding; all assumptions hold there."""
    rises, runs = [], ctx.pick(6, 40)
    curves: list[Curve] = []
    for k in range(runs):
        kind: Kind = "cos" if k % 2 else "huber"
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
        rises.append(float((B[1:] - B[:-1] + float(kappa) * M[:-1] - rounding).max()))
        if k < 2:
            t = np.array(thinned(len(M) - 1)) + 1
            curves.append(Curve(f"{kind} on {network.name}: B_0 - B_t", t, (B[0] - B)[t], "points"))
            promised = float(kappa) * np.cumsum(M)[t - 1]
            curves.append(Curve(f"{kind} on {network.name}: promised", t, promised, "dashed"))
    figure = Plot(
        title="Curved runs at the largest steps of the repaired list",
        x_label="iterations t",
        y_label="fall of the potential",
        curves=tuple(curves),
        log="xy",
        caption="The potential falls at least as much as min{..} times the sum of M, which the theorem rests on.",
    )
    return largest(rises), runs, figure


THM1_REPAIRED = Statement(
    id="interact/thm1-repaired",
    paper=PAPER,
    location="Theorem 1",
    kind="bound",
    variant="repaired",
    repairs="interact/thm1",
    sentence="With plain Lipschitz constants (so m(1-lam)/(4 L_l^2) for the printed m(1-lam)/(4 L_l)), weight a in the potential "
    "and alpha <= 4(1-lam)^2/5, the potential falls by min{..} M_t in every step, hence Theorem 1's bound.",
    formula=r"\mathfrak B_{t+1} - \mathfrak B_t \le -\min\{\tfrac{1-\lambda}{4}, \tfrac{3r^2(1-\lambda)}{32(1+r)L_y^2}, "
    r"\tfrac{\alpha}{2}\}\, \mathfrak M_t",
    because="C_5 <= 0 needs alpha (1/(1-lam) + (1-lam)/4) <= 1-lam; alpha <= 4(1-lam)^2/5 gives it for every lam.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_repaired,
    expected=Verdict.SUPPORTED,
)


def _check_enlarged(ctx: Context) -> Finding:
    needed = repaired_list("interact/thm1-repaired", "plain>=1")
    rng = np.random.default_rng(ctx.seed("constants"))
    refused, heaviest, cases = 0, Fraction(0), ctx.pick(400, 4000)
    for _ in range(cases):
        v = [
            Fraction(10 ** float(e)).limit_denominator(10**6) + Fraction(1, 10**6)
            for e in rng.uniform(-3, 2, 6)
        ]
        c = Constants(mu_g=v[0], L_g=v[0] + v[1], C_gxy=v[2], L_fx=v[3], L_fy=v[4], C_fy=v[5])
        lam, m = Fraction(int(rng.integers(0, 1000)), 1000), int(rng.integers(1, 60))
        beta = 1 / (c.mu_g + c.L_g) / int(rng.integers(1, 9))
        alpha = Fraction(THEOREM_1_ENLARGED.largest(c, lam, m, {"beta": beta})["alpha"])
        refused += not all(row.allows for row in needed.rows(c, lam, m, {"alpha": alpha, "beta": beta}))
        weight = Fraction(lower_weight(c, lam, beta, "plain>=1"))
        slower = Fraction(rate(c, lam, alpha, beta, "printed>=1")) / Fraction(
            rate(c, lam, alpha, beta, "plain>=1")
        )
        heaviest = max(heaviest, weight, slower)
    good = refused == 0 and heaviest <= 1
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{cases} exact sets of constants: the largest steps of the printed list obey the repaired list with the same "
        f"enlarged constants ({refused} do not), a and the ratio of the promised rates are at most {float(heaviest):.2g}; the rest "
        "is interact/thm1-repaired",
        numbers={"refused": refused, "largest_weight_or_rate_ratio": str(heaviest)},
        cases=cases,
    )


THM1_ENLARGED = Statement(
    id="interact/thm1-enlarged",
    paper=PAPER,
    location="Theorem 1",
    kind="bound",
    variant="repaired",
    repairs="interact/thm1",
    sentence="Theorem 1 holds as printed if C_gxy/mu_g and the Lipschitz constants of p are taken as at least 1.",
    formula=BOUND,
    because="Upper bounds may be enlarged; squares of numbers >= 1 dominate them, a <= 1, and (1-lam)^2/(32 L_K^2) then keeps "
    "alpha below 4(1-lam)^2/5. The text nowhere asks for it.",
    assumptions=(*A1, *A2),
    check=_check_enlarged,
    expected=Verdict.SUPPORTED,
)
