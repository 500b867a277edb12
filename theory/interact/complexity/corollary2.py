r"""Corollary 2: from Theorem 1's bound to rounds and samples, by arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import cumulative_squares
from spiritlevel.theory.instruments.spectrum import quotient
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.complexity.samples import gentle, repeated
from spiritlevel.theory.interact.potential import metric_readout, potential
from spiritlevel.theory.interact.step_sizes.theorem1_list import (
    THEOREM_1,
    THEOREM_1_REPAIRED,
    lower_weight,
    rate,
)
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest
from spiritlevel.theory.step_lists.stepsize import Rule

ROUNDING = 1e-9
"""Relative; D of a problem and of the same one with its samples repeated may differ by so much."""


def knows_neither(rule: Rule) -> bool:
    """Whether a list's steps are the same for every n and eps, and when it is told neither.

    Examples
    --------
    >>> from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3
    >>> knows_neither(THEOREM_1), knows_neither(THEOREM_3)  # Theorem 3's asks for K
    (True, False)
    """
    c = Constants(mu_g=1, L_g=4, C_gxy=1, L_gyy=1, L_gxy=1, L_fx=1, L_fy=1, C_fy=1)
    told: tuple[dict[str, Any], ...] = (
        {},
        *({"n": n, "eps": eps} for n in (1, 10**6) for eps in (Fraction(1, 2), Fraction(1, 10**9))),
    )
    try:
        found = [rule.largest(c, Fraction(1, 2), 5, more=more) for more in told]
    except (InputError, KeyError):
        return False
    return rule.needs == () and all(steps == found[0] for steps in found)


def sum_and_bound(ctx: Context, problem: SolvedProblem, network: Network) -> tuple[float, float]:
    """The sum of all M_t at the repaired list's largest steps, and D = (B_0 - l*) / min{..}."""
    c, lam = problem.constants, modulus(network)
    steps = {name: float(v) for name, v in THEOREM_1_REPAIRED.largest(c, lam, network.n).items()}
    a = ctx.algorithm("interact")(**steps)
    weight = lower_weight(c, lam, steps["beta"], "plain")
    start = run(a, problem, network, steps=1, metrics={"B": potential(steps["alpha"], weight)}, record="all")
    lowest = problem.infimum()
    D = (float(start.metrics["B"][0, 0]) - (np.nan if lowest is None else float(lowest))) / float(
        rate(c, lam, steps["alpha"], steps["beta"], "plain")
    )
    amap = probe(a, problem, network)
    q = quotient(amap)
    if q.radius >= 1:
        return np.inf, D
    # Beyond 2^12 times 1/(1 - radius) steps nothing is added.
    doublings = int(np.ceil(np.log2(1 / (1 - q.radius)))) + 12
    return float(cumulative_squares(q, *metric_readout(problem, amap), doublings)[-1]), D


def _check_cor2(ctx: Context) -> Finding:
    import sympy

    from spiritlevel.theory.instruments.orders import order_in

    E, D, n = sympy.symbols("E D n", positive=True)  # E = 1/eps; D is Theorem 1's (B_0 - l*) / min{..}
    samples = n * sympy.ceiling(D * E)  # n (T + 1)
    in_eps, in_n = order_in(samples, E), order_in(samples, n)
    arithmetic = (in_eps.power, in_eps.log_power, in_n.power, in_n.log_power) == (1, 0, 1, 0)
    free = knows_neither(THEOREM_1) and knows_neither(THEOREM_1_REPAIRED)
    cases, shares, changes = ctx.pick(4, 24), [], []
    for k in range(cases):
        network = named(("ring:4", "path:4", "star:4", "complete:4")[k % 4], "laplacian")
        problem = gentle(ctx.seed(k), 4, 4)
        total, bound = sum_and_bound(ctx, problem, network)
        shares.append(total / bound)
        changes.append(abs(sum_and_bound(ctx, repeated(problem, 16), network)[1] / bound - 1))
    share, change = largest(shares), largest(changes)
    reached = share <= 1 and change <= ROUNDING
    good = arithmetic and free and reached
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="corollary by arithmetic: T + 1 = ceil(D/eps) rounds bring the mean of M_0..M_T, so one M_t, to eps, n(T+1) samples; "
        f"told n and eps or not, the list gives the same steps; {cases} finite sums with the repaired list: the sum of all M_t is at "
        f"most {share:.2g} D, and D the same with 16 times the samples"
        if good
        else f"orders {in_eps} in 1/eps and {in_n} in n; the list knows neither: {free}; sum of M_t up to {share:.3g} D; D changes by "
        f"{change:.2g} with n",
        numbers={
            "order_in_1/eps": str(in_eps),
            "order_in_n": str(in_n),
            "list_knows_neither": free,
            "largest_sum_over_D": share if np.isfinite(share) else str(share),
            "largest_change_of_D": change if np.isfinite(change) else str(change),
            "tolerance": ROUNDING,
        },
        cases=cases,
        audit=audit((*A1, *A2), [gentle(0, 4, 4)]),
    )


COR2 = Statement(
    id="interact/cor2",
    paper=PAPER,
    location="Corollary 2",
    kind="complexity",
    sentence="Where Theorem 1's bound holds and B_0 - l* does not depend on n, INTERACT reaches an eps-stationary point in O(1/eps) "
    "rounds with O(n/eps) samples, one call for each sample of a hypergradient with its exact inverse Hessian (Definition 1).",
    formula=r"T = O(\epsilon^{-1}), \quad n (T + 1) = O(n \epsilon^{-1})",
    because="A corollary by arithmetic; the bound is false as printed, and the repaired list gives the same orders with its own "
    "constant.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_cor2,
    expected=Verdict.PROVED,
)
