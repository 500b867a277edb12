"""Does the polytope keep the one point that matters, the bilevel optimum?"""

from __future__ import annotations

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.cuts.cases import audited, runs
from spiritlevel.theory.argus.cuts.lost import optimum_witness
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def optimum(problem: Bilevel) -> tuple[Array, Array]:
    """The bilevel optimum at every agent, exact and flat; for problems quadratic in both levels."""
    exact = problem.over("fraction")
    x = exact.solution()
    if x is None:
        raise ValueError(f"{problem.name} has no known solution")
    X = np.repeat(x[None, None], exact.n, axis=1)
    return X.reshape(-1), exact.lower_solution(X).reshape(-1)


def _check(ctx: Context) -> Finding:
    counts: dict[str, tuple[int, int]] = {}
    curves = []
    for who, _, problem, made, _ in runs(ctx):
        x, y = optimum(problem)
        sides = [m.exact.at(x, y) for m in made]
        counts[who] = (sum(side > 0 for side in sides), len(sides))
        curves.append(Curve(who, [m.t for m in made], [float(side) for side in sides], "points"))
    removing, cuts = (sum(pair[k] for pair in counts.values()) for k in (0, 1))
    return broken(
        optimum_witness(),
        "g = (y - x)^2/2, G = ((x - 3)^2 + (y - 3)^2)/2, eta_y = 1/4: the cut of (0, 1) removes the optimum (3, 3), left side 7/5; "
        f"in four float runs, rebuilt in rationals, {removing} of {cuts} cuts remove it ("
        + ", ".join(f"{who}: {bad} of {many}" for who, (bad, many) in counts.items())
        + ")",
        numbers={who: list(pair) for who, pair in counts.items()},
        cases=cuts,
        audit=audited(ctx),
        figures=(
            Plot(
                title="Left sides of the cuts at the bilevel optimum",
                x_label="iteration at which the cut was made",
                y_label="left side at the optimum",
                curves=tuple(curves),
                caption="Above 0 the cut removes the optimum.",
            ),
        ),
    )


OPTIMUM = Statement(
    id="argus/cut-optimum",
    paper=PAPER,
    location="Section IV, (1), (10)",
    kind="lemma",
    variant="added",
    sentence="The optimum of the bilevel problem satisfies the cuts, without an l1 term below and with K = 1.",
    formula=r"\sum_j a_j^\top x^* + b_j^\top y^*(x^*) + c \le 0",
    because="With one round each agent's estimate knows its own g_i and not the mean: for unequal agents h measures the distance to something "
    "else. (10) then cannot have the optimum of (1) for a solution.",
    about=("argus",),
    check=_check,
    expected=Verdict.REFUTED,
)
