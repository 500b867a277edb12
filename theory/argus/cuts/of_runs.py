"""Every cut of runs of Argus, rebuilt exactly from the iterates and judged."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.cuts.cases import BY, runs
from spiritlevel.theory.argus.cuts.frozen import on_common, solutions
from spiritlevel.theory.argus.cuts.runs import rounding
from spiritlevel.theory.instruments.cuts import judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

KAPPA = Fraction(1, 4)


def _check_smooth(ctx: Context) -> Finding:
    cuts = invalid = missing = lost = 0
    off, allowed, per_run = [0.0], 0.0, {}
    for who, network, problem, made, absent in runs(ctx):
        allowed = max(allowed, rounding(problem, network))
        missing, cuts = missing + absent, cuts + len(made)
        off += [m.off() for m in made]
        invalid += sum(not judge(m.exact, m.h, BY.eps).valid for m in made)
        true = solutions(problem)
        gone = sum(not judge(on_common(m.exact, problem.n), true, 0).valid for m in made)
        lost, per_run[who] = lost + gone, f"{gone} of {len(made)} remove a true solution"
    worst = largest(off)
    holds = cuts > 0 and not (invalid or missing) and worst <= allowed
    return Finding(
        verdict=decide(holds, worst),
        method=Method.RATIONAL,
        summary=f"{cuts} cuts of four float runs, each rebuilt in rationals from the recorded x and y: {invalid} invalid for their own h, "
        f"{missing} missing or too many, coefficients off by {worst:.1e} at most; {lost} of {cuts} remove a true lower-level solution",
        numbers={
            "cuts": cuts,
            "invalid": invalid,
            "missing or too many": missing,
            "largest difference": worst,
            "allowed for rounding": allowed,
            **per_run,
        },
        cases=cuts,
    )


SMOOTH = Statement(
    id="argus/cuts-of-runs",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    sentence="The cuts that runs make, without an l1 term below, are those of (24)-(26) and valid for the agent's h with the estimate that they "
    "were made with.",
    formula=r"h_i(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    because="The estimate that they were made with: not the next one (argus/stale-cuts), nor the true solution "
    "(argus/cut-true-feasible).",
    about=("argus",),
    check=_check_smooth,
    expected=Verdict.SUPPORTED,
)


def _check_l1(ctx: Context) -> Finding:
    cuts = invalid = missing = 0
    off, allowed, example = [0.0], 0.0, ""
    for who, network, problem, made, absent in runs(ctx, below=KAPPA):
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
    )


L1 = Statement(
    id="argus/cuts-of-runs-l1",
    paper=PAPER,
    location="(21)-(26)",
    kind="lemma",
    sentence="The cuts that runs make, with an l1 term below, are valid for the agent's h with the estimate that they were made with.",
    formula=r"h_i(x, y) \le \varepsilon \implies a^\top x + b^\top y + c \le 0",
    because="argus/cut-validity in runs: it is not a matter of contrived points.",
    about=("argus",),
    check=_check_l1,
    expected=Verdict.REFUTED,
)
