"""Coverage: coordinates that nobody holds, what the minimum of Definition 3 leaves out, and masks by (3)."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from spiritlevel.core.masks import Masks
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.policies import coverage, least_coverage
from spiritlevel.theory.rabo.algorithms.runs import after
from spiritlevel.theory.rabo.algorithms.witnesses import coverage_witness, starving_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

TABLES = (("table:110:010:000", "table:001:001:011"), ("table:000:000:000", "table:111:100:100"))


def _check_unchanged(ctx: Context) -> Finding:
    problem = random_quadratic(ctx.seed("problem"), 3, 3, 3, shared=True, rational=True)
    x, y = [Fraction(k, 3) for k in (2, -1, 4)], [Fraction(k, 3) for k in (1, 5, -2)]
    changed = looked = still = 0
    for name, tables, sign in itertools.product(("rabo", "rafbo"), TABLES, ("proof", "printed")):
        a = ctx.algorithm(name)(mask_x=tables[0], mask_y=tables[1], sign=sign)
        for before, now, table in zip((x, y), after(a, problem, x, y, rounds=2), tables, strict=True):
            held = coverage([[int(c) for c in row] for row in table.split(":")[1:]])
            for k, count in enumerate(held):
                looked += count == 0
                changed += count == 0 and now[k] != before[k]
                still += count > 0 and now[k] == before[k]
    return Finding(
        verdict=Verdict.SUPPORTED if changed == 0 else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{looked} coordinates of x and y that nobody holds keep their values to the last digit, in both algorithms and with both signs; "
        f"of those that somebody holds {still} stay"
        if changed == 0
        else f"{changed} of {looked} coordinates that nobody holds have moved",
        numbers={"uncovered": looked, "changed": changed},
        cases=8,
    )


UNCHANGED = Statement(
    id="rabo/unchanged",
    paper=PAPER,
    location="below (6); Algorithm 1, lines 15, 16, 28, 29",
    kind="identity",
    sentence="If no clients contribute to a particular parameter, it remains unchanged.",
    formula=r"\mathcal C_{q,y}^k = 0 \Rightarrow y_{q+1}^k = y_q^k",
    about=("rabo", "rafbo"),
    check=_check_unchanged,
    expected=Verdict.SUPPORTED,
)


def _check_full(ctx: Context) -> Finding:
    n = 4
    held = Masks("nested:1/2").at(1, n, 2, np.zeros((1, 1, 2))).tolist()
    counts, least = coverage(held), least_coverage(held)
    # f = (x_1 - 1)^2/2 + (x_2 - 1)^2/2 for all: the second coordinate would have to move to 1
    eye = [[[1, 0], [0, 1]]] * n
    problem = quadratic(H=[[[1]]] * n, B=[[[0, 0]]] * n, c=[[0]] * n, A=eye, a=[[-1, -1]] * n, shared=True)
    a = ctx.algorithm("rabo")(alpha=Fraction(1, 2), mask_x="nested:1/2")
    x, _ = after(a, problem.over("fraction"), [Fraction(0)] * 2, [Fraction(0)], rounds=3)
    witness = coverage_witness()
    refuted = least == n and 0 in counts and x[1] == 0 and x[0] == Fraction(7, 8) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{n} clients of capacity 1/2 that hold the first half: coverages {counts}, C* = {least} = N, and the second half is trained by "
        f"nobody: from 0 with optimum (1, 1), after three rounds x = ({x[0]}, {x[1]})",
        numbers={"coverages": counts, "C_star": least, "N": n},
        witness=witness if refuted else None,
    )


FULL = Statement(
    id="rabo/coverage-full",
    paper=PAPER,
    location="Definition 3; Remark 2",
    kind="qualitative",
    sentence="When C_x* = N, all outer parameters are trained by all clients in every round.",
    formula=r"\mathcal C_x^* = \min_{q, s} \mathcal C_{q,x}^s,\ s \in \mathcal K_{q,x}",
    because="The minimum is over the coordinates that somebody trains, so that C* >= 1 whatever the masks are, and C* = N says nothing about "
    "those that nobody trains. With equal capacities and masks by importance, as in (3), it happens: rabo/importance-starves.",
    about=("rabo",),
    check=_check_full,
    expected=Verdict.REFUTED,
)


def _check_full_repaired(ctx: Context) -> Finding:
    n, d = 3, 2
    rows = list(itertools.product((0, 1), repeat=d))
    wrong = below = 0
    for held in itertools.product(rows, repeat=n):
        counts = coverage([list(row) for row in held])
        if not any(counts):
            continue  # nothing is trained: the minimum of Definition 3 is over nothing
        least = min(c for c in counts if c > 0)
        below += least < 1
        everything = all(all(row) for row in held)
        wrong += (least == n and all(counts)) != everything
    return Finding(
        verdict=Verdict.PROVED if wrong == 0 and below == 0 else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="a coordinate's coverage is a sum of N entries 0 or 1, which is N only if all are 1; and a minimum over sums above 0 is at least "
        f"1. All {len(rows) ** n} masks of {n} clients and {d} coordinates agree",
        numbers={"different": wrong, "below_1": below},
        cases=len(rows) ** n,
    )


FULL_REPAIRED = Statement(
    id="rabo/coverage-full-repaired",
    paper=PAPER,
    location="Definition 3; Remark 2",
    kind="qualitative",
    variant="repaired",
    repairs="rabo/coverage-full",
    sentence="C_x* >= 1 by its definition; and all outer parameters are trained by all clients exactly when C_x* = N and somebody trains each, "
    "K_{q,x} = S_x for all q.",
    because="The condition K = S is added. C* of a round in which nobody holds anything is a minimum over nothing.",
    check=_check_full_repaired,
    expected=Verdict.PROVED,
)


def equal_resources(policy: str, n: int, z: list[float]) -> list[int]:
    """The coverages where all clients have the same resource."""
    held = Masks(policy).at(1, n, len(z), np.array(z).reshape(1, 1, -1))
    return coverage(held.reshape(-1, n, len(z))[0].tolist())


def _check_policy(ctx: Context) -> Finding:
    rng, n, d = np.random.default_rng(ctx.seed()), 10, 8
    seen: set[int] = set()
    for size in range(1, d + 1):
        seen |= set(equal_resources(f"magnitude:{size}", n, rng.standard_normal(d).tolist()))
        seen |= set(equal_resources(f"nested:{size}/{d}", n, rng.standard_normal(d).tolist()))
    by_hand = set(equal_resources("segment:3:3:3:1", n, [0.0] * d))
    good = seen <= {0, n} and not by_hand <= {0, n}
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"N equal masks give the coverages 0 and N only; seen {sorted(seen)} for magnitude and nested masks of {n} clients. Section V's "
        f"segments by hand, coverages {sorted(by_hand)}, are no function of model and resource",
        numbers={"by_model_and_resource": sorted(seen), "by_hand": sorted(by_hand)},
        cases=2 * d + 1,
    )


POLICY = Statement(
    id="rabo/mask-policy",
    paper=PAPER,
    location="(3); Section V-A, 'Impact of C_x*'; Section V-B",
    kind="qualitative",
    variant="added",
    sentence="Masks that depend on the model and the client's resource only, as in (3), are equal where resources are: every coordinate is then "
    "covered by all clients or by none, C* = N.",
    formula=r"m_{q,x}^i = M(x_q, R_i)",
    because="Section V has equal capacities, 1/4 and 1/2, and C_x* of 1 and 2 among 10 clients: its masks depend on the client too.",
    check=_check_policy,
    expected=Verdict.PROVED,
)


def _check_starves(ctx: Context) -> Finding:
    n = 2
    eye = [[[1, 0], [0, 1]]] * n
    problem = quadratic(H=[[[1]]] * n, B=[[[0, 0]]] * n, c=[[0]] * n, A=eye, a=[[-2, -2]] * n, shared=True)
    a = ctx.algorithm("rabo")(alpha=Fraction(1, 2), mask_x="magnitude:1")
    one, half = Fraction(1), Fraction(1, 2)
    x, _ = after(a, problem.over("fraction"), [one, half], [Fraction(0)], rounds=8)
    witness = starving_witness()
    starved = x[1] == half and abs(x[0] - 2) <= Fraction(1, 2) ** 8 and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if starved else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"f = |x - (2, 2)|^2/2, every client holds the larger coordinate: from (1, 1/2), after 8 rounds x = ({x[0]}, {x[1]}); the first "
        "coordinate grows and keeps being chosen, for ever",
        numbers={"x": [str(v) for v in x]},
        witness=witness if starved else None,
    )


STARVES = Statement(
    id="rabo/importance-starves",
    paper=PAPER,
    location="(3); Section V-A, 'split the model according to the weight importance'",
    kind="qualitative",
    variant="added",
    sentence="Masks by weight importance that are renewed in every round reach every coordinate in the end.",
    because="What is large is trained and stays large; a coordinate that is small at the start is never trained, although C* = N.",
    about=("rabo",),
    check=_check_starves,
    expected=Verdict.REFUTED,
)
