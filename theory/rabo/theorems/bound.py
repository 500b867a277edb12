"""Theorem 1's bound (26) as printed, in the readings that the text leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A1, A2, A4_LOCAL, A4_PLAIN, ALL, P1
from spiritlevel.theory.rabo.constants import Smoothness
from spiritlevel.theory.rabo.theorems.bent import A_1, KAPPA, resting
from spiritlevel.theory.rabo.theorems.bound_text import (
    BOUND,
    exact_round,
    squared_gradient,
)
from spiritlevel.theory.rabo.theorems.resting import (
    TINY,
    alone,
    alone_witness,
    halved,
    halved_witness,
    local_witness,
    pruned,
    pruned_witness,
)
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck


def right_side(alpha: float) -> float:
    """(26) at `resting` with beta = alpha, where nothing moves and Delta = 0.

    Examples
    --------
    >>> 0 < right_side(1e-8) < right_side(1e-7) / 9
    True
    """
    c = Smoothness(mu_g=1, l_f0=KAPPA + 1, l_f1=KAPPA, l_g1=A_1 + 2, l_g2=A_1)
    M_f, L_f, delta_f2, delta_g2 = float(c.M_f), float(c.L_f), 1.0, float(A_1 / 2) ** 2
    inner = (4 * M_f**2 + 4 * M_f / (alpha * float(c.L_y))) * 4 * alpha**2 * delta_g2
    return 2 * (2 * L_f + 8 * M_f) * alpha * delta_f2 + inner


def _figure(square: float) -> Plot:
    steps = [10.0**-k for k in range(3, 10)]
    return Plot(
        title="Both sides of (26) where RABO rests: two clients that hold everything, no noise",
        x_label="alpha = beta",
        y_label="squared gradient",
        curves=(
            Curve("average of |grad Phi|^2", steps, [square] * len(steps), "points"),
            Curve("right side of (26), claimed", steps, [right_side(step) for step in steps], "dashed"),
        ),
        log="xy",
        caption="The left side does not depend on the steps, nor on Q; the right side vanishes with them and falls below it.",
    )


def _check_bound(ctx: Context) -> Finding:
    problem, witness = resting(), local_witness()
    step = Fraction(1, 10**7)
    a = ctx.algorithm("rabo")(alpha=step, beta=step, T=1).over("float")
    o, net = Oracle(problem), Gossip(averaging(2))
    x, y = (z[None] for z in problem.start())
    first = s = a.init(x, y, o, net)
    rounds = ctx.pick(20, 200)
    for t in range(1, rounds + 1):
        s = a.step(t, s, o, net)
    moved = float(max(abs(s.x - first.x).max(), abs(s.y - first.y).max()))
    gradient = float(problem.hypergradient(s.x[:, 0])[0, 0])
    report = recheck(witness)
    rests = moved <= rounds * 1e-14
    return Finding(
        verdict=Verdict.REFUTED if report.ok and rests else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"two clients that hold everything, T = 1, no noise: RABO rests at x = 771/128 (moved {moved:.0e} in {rounds} rounds) where grad Phi = 81/220 "
        f"(measured {gradient:.6f}); at alpha = beta = 1e-7 left and right are {report.last.values[0]}, for every Q, and the right side "
        "vanishes with alpha",
        numbers={"moved": moved, "tolerance": rounds * 1e-14, "gradient": gradient, "right_side": report.last.values[0]},
        audit=audit((P1, A1, *A2, A4_PLAIN, A4_LOCAL), [problem]),
        witness=witness if report.ok else None,
        figures=(_figure(gradient**2),),
    )  # fmt: skip


PRINTED_BOUND = Statement(
    id="rabo/thm1-bound",
    paper=PAPER,
    location="Theorem 1, (26)",
    kind="bound",
    sentence="Under Assumptions 1 to 5 and the listed step sizes the average of E||grad_K Phi(x_q)||^2 over Q rounds is at most (26).",
    formula=BOUND,
    because="An upper bound on U_1 is put in where its coefficient is negative, which removes what clients' differences and masks add for good; "
    "and (7) has local derivatives: the mean of J_i' H_i^{-1} is not the product of means.",
    assumptions=ALL,
    about=("rabo",),
    check=_check_bound,
    expected=Verdict.REFUTED,
)


def _at_rest(
    ctx: Context,
    problem: Bilevel,
    masks: Mapping[str, str],
    witness: Callable[[], Witness],
    what: str,
) -> Finding:
    """A point where the algorithm itself, run in rationals, stays although (26) is small there."""
    a = ctx.algorithm("rabo")(alpha=TINY, beta=TINY, T=1, **masks)
    first, last = exact_round(a, problem, 3)
    rests = bool((first.x == last.x).all() and (first.y == last.y).all())
    square, found = squared_gradient(problem, last), witness()
    report = recheck(found)
    sides = report.last.values[0] if report.last.part == "claim" else ""
    false = report.ok and rests and sides.startswith(f"{square} ")
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{what}: RABO rests where ||grad Phi||^2 = {square}, for every alpha, beta and Q; at alpha = beta = 1/10000 (26) says {sides}, and its right side "
        "vanishes with alpha",
        numbers={"rests": rests, "squared_gradient": str(square), "sides": sides},
        audit=audit(ALL, [problem]),
        witness=found if false else None,
    )


_UNMASKED = "(26) with Phi of (1), which Lemmas 1 and 4 use,"

COVERAGE = Statement(
    id="rabo/thm1-bound-coverage",
    paper=PAPER,
    location="Theorem 1, (26)",
    kind="bound",
    sentence=f"{_UNMASKED} holds where clients with different f_i share one lower level and some coordinate of x is held by one of them only.",
    formula=BOUND,
    variant="added",
    because="Who holds a coordinate decides alone: delta_f enters as a bias, not in proportion to alpha. For the masked Phi of (2) the point is stationary.",
    assumptions=ALL,
    about=("rabo",),
    check=lambda ctx: _at_rest(
        ctx,
        alone(),
        {"mask_x": "table:1:0"},
        alone_witness,
        "f = h(x - 1/2), h(x + 1/2), only the first client holds x",
    ),
    expected=Verdict.REFUTED,
)

PRUNED = Statement(
    id="rabo/thm1-bound-pruned",
    paper=PAPER,
    location="Theorem 1, (26)",
    kind="bound",
    sentence=f"{_UNMASKED} holds for equal clients that hold different coordinates of x.",
    formula=BOUND,
    variant="added",
    because="Gradients at pruned inputs lead y to another point than y*(x), whatever the steps; E_h stands with a factor alpha. For the masked Phi of (2) "
    "the point is stationary.",
    assumptions=ALL,
    about=("rabo",),
    check=lambda ctx: _at_rest(
        ctx,
        pruned(),
        {"mask_x": "table:10:01"},
        pruned_witness,
        "equal clients, f = h(y - 1/2), g = (y - x_1 - x_2)^2/2, client i holds x_i",
    ),
    expected=Verdict.REFUTED,
)

INNER = Statement(
    id="rabo/thm1-bound-inner",
    paper=PAPER,
    location="Theorem 1, (26); Remark 2",
    kind="bound",
    sentence=f"{_UNMASKED} holds for equal clients that hold all of x and different coordinates of y: the inner submodel training will not dominate the convergence.",
    formula=BOUND,
    variant="added",
    because="A client's (7) sees its own coordinates of y only, and the mean divides by all holders of x: C_y*/N of the implicit part is left.",
    assumptions=ALL,
    about=("rabo",),
    check=lambda ctx: _at_rest(
        ctx,
        halved(),
        {"mask_y": "table:10:01"},
        halved_witness,
        "equal clients, f = h(x) + h(y_1 - 1) + h(y_2 - 1), g = |y - (x, x)|^2/2, client i holds x and y_i",
    ),
    expected=Verdict.REFUTED,
)
