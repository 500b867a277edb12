"""Every cut of runs of Argus, rebuilt exactly from the iterates and judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B
from spiritlevel.theory.argus.cuts.cases import (
    BY,
    Family,
    audited,
    quadratic_case,
    runs,
    wavy,
    with_threshold,
)
from spiritlevel.theory.argus.cuts.frozen import on_common, solutions
from spiritlevel.theory.argus.cuts.runs import Made, rounding
from spiritlevel.theory.instruments.cuts import judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

KAPPA = Fraction(1, 4)


def _valid(ctx: Context, family: Family, also: Callable[[Bilevel, list[Made]], int], word: str) -> Finding:
    """Whether all cuts of runs are the text's and valid; ``also`` counts what ``word`` says of them."""
    cuts = invalid = missing = lost = counted = 0
    off, allowed, per_run = [0.0], 0.0, {}
    for who, network, problem, made, absent in runs(ctx, family):
        allowed = max(allowed, rounding(problem, network))
        missing, cuts = missing + absent, cuts + len(made)
        off += [m.off() for m in made]
        invalid += sum(not judge(m.exact, m.h, BY.eps).valid for m in made)
        true = solutions(problem)
        gone = sum(not judge(on_common(m.exact, problem.n), true, 0).valid for m in made)
        counted += also(problem, made)
        lost, per_run[who] = lost + gone, f"{gone} of {len(made)} remove a true solution"
    worst = largest(off)
    holds = cuts > 0 and not (invalid or missing) and worst <= allowed
    return Finding(
        verdict=decide(holds, worst),
        method=Method.RATIONAL,
        summary=f"{cuts} cuts of four float runs, each rebuilt in rationals from the recorded x and y: {invalid} invalid for their own h, "
        f"{missing} missing or too many, coefficients off by {worst:.1e} at most; {lost} of {cuts} remove a true lower-level solution; {counted} {word}",
        numbers={
            "cuts": cuts,
            "invalid": invalid,
            "missing or too many": missing,
            "largest difference": worst,
            "allowed for rounding": allowed,
            word: counted,
            **per_run,
        },
        cases=cuts,
        audit=audited(ctx, family),
    )


def _removes_estimate(problem: Bilevel, made: list[Made]) -> int:
    return sum(m.exact.at(m.x, m.h.estimate(m.x)) > 0 for m in made)


def _check_smooth(ctx: Context) -> Finding:
    return _valid(ctx, quadratic_case, _removes_estimate, "remove the estimate they were made with")


SMOOTH = Statement(
    id="argus/cuts-of-runs",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    variant="added",
    sentence="The cuts that runs make, without an l1 term below, are those of (24)-(26) and valid for the agent's h with the estimate that they "
    "were made with.",
    formula=r"h_i(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    because="The estimate that they were made with: not the next one (argus/stale-cuts), nor the true solution "
    "(argus/cut-true-feasible).",
    assumptions=(A1_B,),
    about=("argus",),
    check=_check_smooth,
    expected=Verdict.SUPPORTED,
)


def _at_negative_curvature(problem: Bilevel, made: list[Made]) -> int:
    """Cuts made where some agent's G has a negative second derivative in x: the cosine of the distance to its target."""
    upper: Any = problem.upper
    at = [m.x.reshape(problem.n, problem.p).astype(float) - upper.x_target for m in made]
    return sum(bool((np.cos(z) < 0).any()) for z in at)


def _check_wavy(ctx: Context) -> Finding:
    word = "made where an upper level has negative curvature"
    finding = _valid(ctx, wavy, _at_negative_curvature, word)
    seen = finding.numbers[word] or finding.verdict is not Verdict.SUPPORTED
    return finding if seen else replace(finding, verdict=Verdict.INCONCLUSIVE)


WAVY = Statement(
    id="argus/cuts-of-runs-nonconvex",
    paper=PAPER,
    location="(21)-(26); Table I, 'Upper-Level Functions: Non-Convex'",
    kind="lemma",
    variant="added",
    sentence="The same where the upper level is not convex, G_i = sum_k 1 - cos(x_k - t_k) + sum_k 1 - cos(y_k - s_k), over a quadratic lower level.",
    formula=r"h_i(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    because="h and its cuts know of the upper level only by where the run goes.",
    assumptions=(A1_B,),
    about=("argus",),
    check=_check_wavy,
    expected=Verdict.SUPPORTED,
)


def _check_l1(ctx: Context) -> Finding:
    cuts = invalid = missing = 0
    off, allowed, example = [0.0], 0.0, ""
    for who, network, problem, made, absent in runs(ctx, with_threshold(KAPPA)):
        allowed = max(allowed, rounding(problem, network))
        missing, cuts = missing + absent, cuts + len(made)
        off += [m.off() for m in made]
        for m in made:
            found = judge(m.exact, m.h, BY.eps)
            invalid += not found.valid
            if found.value is not None and not example:
                level = float(m.h.at(found.x, found.y))
                example = f"{who}, agent {m.owner}, iteration {m.t}: a point with h = {level:.3g} and left side {float(found.value):.3g}"
    worst = largest(off)
    # Judged only if the run makes the printed cuts: else nothing follows for the paper's.
    as_printed = cuts > 0 and missing == 0 and worst <= allowed
    verdict = decide(invalid == 0, worst) if as_printed else Verdict.INCONCLUSIVE
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL,
        summary=f"{invalid} of {cuts} cuts of four float runs with k = 1/4, rebuilt in rationals, remove a feasible point, first: {example}; "
        f"coefficients off by {worst:.1e} at most, {missing} cuts missing or too many",
        numbers={
            "cuts": cuts,
            "invalid": invalid,
            "largest difference": worst,
            "allowed for rounding": allowed,
        },
        cases=cuts,
        audit=audited(ctx, with_threshold(KAPPA)),
    )


L1 = Statement(
    id="argus/cuts-of-runs-l1",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    variant="added",
    sentence="The cuts that runs make, with an l1 term below, are valid for the agent's h with the estimate that they were made with.",
    formula=r"h_i(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    because="argus/cut-validity in runs: it is not a matter of contrived points.",
    assumptions=(A1_B,),
    about=("argus",),
    check=_check_l1,
    expected=Verdict.REFUTED,
)
