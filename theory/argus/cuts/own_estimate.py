"""The third thing that a cut must keep: the estimate that it was built from, at the x where it was made."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B
from spiritlevel.theory.argus.cuts.cases import BY, audited, quadratic_case, runs, with_threshold
from spiritlevel.theory.evidence import by_proof
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

FAMILIES = {"no l1 term": quadratic_case, "k = 1/4": with_threshold(Fraction(1, 4))}


def kept_by() -> bool:
    """``phi(u) + phi'(u) (0 - u) = -w u^2`` for ``phi(u) = |u| + w u^2``, where |u| = s u and phi'(u) = s + 2 w u."""
    import sympy

    u, w, s = sympy.symbols("u w s", real=True)
    return bool(sympy.expand(s * u + w * u**2 + (s + 2 * w * u) * (0 - u) + w * u**2) == 0)


def _check(ctx: Context) -> Finding:
    cuts, wrong, lines = 0, 0, []
    for what, family in FAMILIES.items():
        many, other = 0, 0
        for _, _, _, made, missing in runs(ctx, family, exact=True):
            for m in made:
                off = m.y - m.h.estimate(m.x)
                own = -(m.h.weight * m.h.counted * off * off).sum() - BY.eps
                other += m.found.at(m.x, m.h.estimate(m.x)) != own
            many, other = many + len(made), other + missing
        cuts, wrong = cuts + many, wrong + other
        lines.append(f"{many - other} of {many} with {what}")
    return Finding(
        verdict=by_proof(kept_by() and cuts > 0, wrong > 0),
        method=Method.SYMBOLIC,
        summary="x is where the cut was made, so that a does not matter, and every component contributes phi(u) - phi'(u) u = -lambda_1 u^2 (identity); cuts of exact runs with exactly "
        f"that left side at their own estimate: {', '.join(lines)}",
        numbers={"cuts": cuts, "another value, missing or too many": wrong},
        cases=cuts,
        audit=tuple(line for family in FAMILIES.values() for line in audited(ctx, family)),
    )


KEPT = Statement(
    id="argus/cut-own-estimate",
    paper=PAPER,
    location="(21)-(26)",
    kind="identity",
    variant="added",
    sentence="A cut keeps the estimate that it was built from: at (x^{t+1}, y*) its left side is -eps - lambda_1 |y^{t+1} - y*|^2 < 0, with an l1 term below or without.",
    formula=r"a^\top x^{t+1} + b^\top y^* + c = -\varepsilon - \lambda_1 \|y^{t+1} - y^*\|^2",
    because="For a fixed x h is convex in y in any case: what an l1 term breaks is what the cut says of other x.",
    assumptions=(A1_B,),
    about=("argus",),
    check=_check,
    expected=Verdict.PROVED,
)
