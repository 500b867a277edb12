"""What a submodel saves: (7) with the principal block, and (7) with the full Hessian at the pruned point."""

from __future__ import annotations

import itertools
from fractions import Fraction

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.costs import formulas
from spiritlevel.theory.rabo.costs.counting import operations
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

SIZE = 16


def solved(n_1: int, n_2: int) -> int:
    """Operations of (7) by elimination, counted."""
    return operations(n_1, n_2, lambda c: c.explicit(c.eliminated()))


def _check_submodel(ctx: Context) -> Finding:
    import sympy as sp

    n, c = sp.symbols("n c", positive=True)
    ratio = sp.limit(formulas.dense(c * n, c * n) / formulas.dense(n, n), n, sp.oo)
    held = [int(k * SIZE) for k in formulas.CAPACITIES]
    counted = [solved(k, k) for k in held]
    falls = all(a > b for a, b in itertools.pairwise(counted)) and sp.simplify(ratio - c**3) == 0
    listed = ", ".join(f"{value / counted[0]:.2g}" for value in counted)
    return Finding(
        verdict=Verdict.SUPPORTED if falls else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"(7) by elimination costs {listed} of the full model's at the capacities 1 to 1/16 (d_1 = d_2 = {SIZE}), c^3 for large sizes; the mean over "
        f"the clients is {float(formulas.mean_power(3)):.2f} there. The client that holds everything saves nothing",
        numbers={"operations": counted},
        cases=len(held),
    )


SUBMODEL = Statement(
    id="rabo/submodel-cost",
    paper=PAPER,
    location="below (7)",
    kind="complexity",
    sentence="Since submodels are smaller than the full model, (7) costs less on them.",
    because="With the derivatives of the submodel, the principal block of the Hessian.",
    check=_check_submodel,
    expected=Verdict.SUPPORTED,
)


def _check_full(ctx: Context) -> Finding:
    held = [int(k * SIZE) for k in formulas.CAPACITIES]
    counted = [solved(k, SIZE) for k in held]
    block = [solved(k, k) for k in held]
    least = Fraction(counted[-1], counted[0])
    refuted = least > Fraction(1, 2) and Fraction(block[-1], block[0]) < Fraction(1, 100)
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"the pruned point has the full d_2 x d_2 Hessian: at the capacity 1/16 {float(least):.0%} of the operations are left (d_1 = d_2 = {SIZE}), "
        f"with the principal block {float(Fraction(block[-1], block[0])):.2%}",
        numbers={"full_reading": counted, "principal_block": block},
        cases=2 * len(held),
    )


FULL_READING = Statement(
    id="rabo/submodel-cost-full-reading",
    paper=PAPER,
    location="below (7); proof of Lemma 2",
    kind="complexity",
    variant="added",
    sentence="The same holds for (7) of the full function at the pruned point, which the proof of Lemma 2 bounds.",
    because="Only the rows of the Jacobian shrink: the argument on cost and the lemma are about different vectors (rabo/readings).",
    check=_check_full,
    expected=Verdict.REFUTED,
)
