"""Corollary 1: what its step sizes make of (26), what they leave out, and what (27) hides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A1, A2, A4_LOCAL, A4_PLAIN, ALL, P1
from spiritlevel.theory.rabo.theorems.bent import resting
from spiritlevel.theory.rabo.theorems.bound_text import bound_witness
from spiritlevel.theory.rabo.theorems.resting import BENT_ASSUME, BENT_DEFINE, BENT_GIVEN
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

RATE = (
    r"\frac1Q \sum_{q=1}^Q \sum_{s \in K_{q,x}} E\|\nabla\Phi^s(x_q)\|^2 \le O\Big(\frac{1}{\sqrt{C_x^* Q}} + \frac{1}{NTQ^2 C_y^*} + "
    r"\frac{1}{NTQ^{1.5}\sqrt{C_x^* C_y^*}}\Big)"
)
DISPLAY = (
    "2*Delta/root + 4*N*(L_f + 4*M_f)/root*(sigma_f2 + delta_f2) + 8*N*(L_f + 4*M_f)/root*M_f**2*(w1_2*x_2 + w2_2*y_2)"
    " + 16*M_f**2*(sigma_g2 + delta_g2)/(N*T*Q**2*C_y) + 16*M_f*(sigma_g2 + delta_g2)/(N*T*Q*L_y*late)"
)
"""The last display before (27); ``root`` is sqrt(C_x* Q), ``late`` is sqrt(Q C_x* C_y*)."""
BELOW = Condition("the average, equal in all rounds, is at most what (27) abbreviates", "left <= display")


def rate_witness() -> Witness:
    """The rest of `local_witness`, with four clients and the steps of Corollary 1.

    Examples
    --------
    >>> recheck(rate_witness()).ok
    True
    """
    k = 10**7
    given = {
        **BENT_GIVEN,
        "N": 4,
        "C_x": 4,
        "C_y": 4,
        "Q": k**2,
        "root": "5/4",
        "alpha": Fraction(2, k),
        "beta": Fraction(1, 4 * k**2),
    }
    define = (*BENT_DEFINE, ("size", "2*k"), ("late", "4*k"), ("display", DISPLAY.replace("root", "size")))
    assume = [c for c in BENT_ASSUME if not c.text.startswith("both clients")]
    return bound_witness(
        "rabo/cor1-rate",
        "with alpha = sqrt(C_x*/Q) and beta = 1/(NTQ) the average of ||grad_K Phi||^2 is at most the display before (27)",
        "Two clients of either kind that hold everything, T = 1, no noise; Theorem 1's conditions hold too.",
        {**given, "k": k},
        define,
        (
            *assume,
            Condition("all clients hold everything", "N == 4 and C_x == N and C_y == N and w1_2 == 0 and w2_2 == 0"),
            Condition("alpha = sqrt(C_x*/Q), beta = 1/(NTQ)", "alpha**2 == C_x/Q and beta == 1/(N*T*Q)"),
            Condition("size = sqrt(C_x* Q), late = sqrt(Q C_x* C_y*)", "size**2 == C_x*Q and late**2 == Q*C_x*C_y and k > 0"),
        ),
        location="Corollary 1, (27)",
        claim=BELOW,
    )  # fmt: skip


def _check_rate(ctx: Context) -> Finding:
    problem, witness = resting(2), rate_witness()
    a = ctx.algorithm("rabo")(alpha=Fraction(2, 10**7), beta=Fraction(1, 4 * 10**14), T=1).over("float")
    o, net = Oracle(problem), Gossip(averaging(4))
    x, y = (z[None] for z in problem.start())
    first = a.init(x, y, o, net)
    after = a.step(1, first, o, net)
    moved = float(max(abs(after.x - first.x).max(), abs(after.y - first.y).max()))
    report = recheck(witness)
    false = report.ok and moved <= 1e-14
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="four clients that hold everything, lower levels of different curvature, no noise: RABO rests at ||grad Phi||^2 = 6561/48400 for every Q, while "
        f"the display before (27) falls like Q^(-1/2): at Q = 10^14 it says {report.last.values[0]}. With equal clients the schedule fails too: rabo/cor1-homogeneous",
        numbers={"moved": moved, "tolerance": 1e-14, "sides": report.last.values[0]},
        audit=audit((P1, A1, *A2, A4_PLAIN, A4_LOCAL), [problem]),
        witness=witness if false else None,
    )


COR1_RATE = Statement(
    id="rabo/cor1-rate",
    paper=PAPER,
    location="Corollary 1, (27); Abstract",
    kind="rate",
    sentence="With alpha <= sqrt(C_x*/Q) and beta <= 1/(NTQ) the average of E||grad_K Phi||^2 is O(1/sqrt(C_x* Q)) and smaller terms.",
    formula=RATE,
    because="It is (26) at these steps, and (26) is false: what differs between clients is a bias. And beta = 1/(NTQ) hardly moves y.",
    assumptions=ALL,
    about=("rabo",),
    check=_check_rate,
    expected=Verdict.REFUTED,
)


def coefficients() -> dict[str, Any]:
    """The factors in `DISPLAY`, in positive symbols; that of the inner terms in two halves.

    Examples
    --------
    >>> str(coefficients()["Delta"])
    '2/(sqrt(C_x)*sqrt(Q))'
    """
    import sympy as sp

    letters = sp.symbols("N T Q C_x C_y M_f L_f L_y root late", positive=True)
    terms = sp.symbols("Delta sigma_f2 delta_f2 sigma_g2 delta_g2 w1_2 x_2 w2_2 y_2", positive=True)
    display = sp.sympify(DISPLAY, {str(v): v for v in (*letters, *terms)})
    _, _, Q, C_x, C_y, M_f, *_, root, late = letters
    d = {str(v): sp.diff(display, v) for v in terms}
    first, second = d["sigma_g2"].as_independent(late, as_Add=True)
    found = {
        "Delta": d["Delta"],
        "noise and differences": d["sigma_f2"],
        "differences": d["delta_f2"],
        "pruning": d["w1_2"] / (M_f**2 * terms[6]),
        "pruning of y": d["w2_2"] / (M_f**2 * terms[8]),
        "inner, first half": first,
        "inner, second half": second,
        "inner differences": d["delta_g2"],
    }
    sizes = {root: sp.sqrt(C_x * Q), late: sp.sqrt(Q * C_x * C_y)}
    return {name: value.subs(sizes) for name, value in found.items()}


def substitution() -> dict[str, bool]:
    """Whether alpha = sqrt(C_x*/Q) and beta = 1/(NTQ) turn each term of (26) into the one before (27).

    Examples
    --------
    >>> [name for name, equal in substitution().items() if not equal]
    ['inner, second half, as printed']
    """
    import sympy as sp

    N, T, Q, C_x, C_y, M_f, L_f, L_y = sp.symbols("N T Q C_x C_y M_f L_f L_y", positive=True)
    alpha, beta = sp.sqrt(C_x / Q), 1 / (N * T * Q)
    ahat, shown = 2 * L_f * alpha**2 + 8 * M_f * alpha**2, coefficients()
    quarter = 4 * beta**2 * N * T / C_y
    noise, pruned = 2 * N * ahat / (alpha * C_x), 4 * N * ahat / (alpha * C_x)
    halves = 4 * M_f**2 * quarter, 4 * M_f / (alpha * L_y) * quarter
    late = shown["inner, second half"]
    pairs = {
        "Delta": (2 / (alpha * Q), shown["Delta"]),
        "noise and differences": (noise, shown["noise and differences"]),
        "differences": (noise, shown["differences"]),
        "pruning": (pruned, shown["pruning"]),
        "pruning of y": (pruned, shown["pruning of y"]),
        "inner, first half": (halves[0], shown["inner, first half"]),
        "inner, second half, as printed": (halves[1], late),
        "inner, second half, with sqrt(C_x*) C_y*": (halves[1], late / sp.sqrt(C_y)),
        "inner differences": (shown["inner, first half"] + late, shown["inner differences"]),
    }
    return {name: bool(sp.simplify(left / right) == 1) for name, (left, right) in pairs.items()}


def _check_substitution(ctx: Context) -> Finding:
    found = substitution()
    wrong = [name for name, equal in found.items() if not equal]
    weaker = wrong == ["inner, second half, as printed"]
    return Finding(
        verdict=Verdict.PROVED if weaker else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="at alpha = sqrt(C_x*/Q), beta = 1/(NTQ) every term of (26) is the printed one, but for the last: it gives 1/(sqrt(C_x*) C_y*) where 1/sqrt(C_x* C_y*) "
        "is printed, sqrt(C_y*) >= 1 times more: (27) is the weaker statement and follows",
        numbers=found,
        cases=len(found),
    )


SUBSTITUTION = Statement(
    id="rabo/cor1-substitution",
    paper=PAPER,
    location="end of the proof of Theorem 1, (27)",
    kind="identity",
    sentence="The display before (27), with N in its numerators, follows from (26) at alpha = sqrt(C_x*/Q), beta = 1/(NTQ).",
    check=_check_substitution,
    expected=Verdict.PROVED,
)


def _check_speedup(ctx: Context) -> Finding:
    import sympy as sp

    N, Q, M_f, L_f, C = sp.symbols("N Q M_f L_f C_x", positive=True)
    term = coefficients()["noise and differences"]
    growth = sp.simplify(term.subs(C, N).subs(N, 4 * N) / term.subs(C, N))
    at_one = sp.simplify(term.subs(C, N) / (4 * (L_f + 4 * M_f) * sp.sqrt(N / Q)))
    pruning = sp.simplify(term.subs(C, 4 * C) / term)
    grows = growth == 2 and at_one == 1
    return Finding(
        verdict=Verdict.REFUTED if grows else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="the coefficient of sigma_f^2 before (27) is 4N(L_f + 4M_f)/sqrt(C_x* Q), at C_x* = N 4(L_f + 4M_f) sqrt(N/Q): four times the clients "
        f"multiply it by {growth} (a speedup would give 1/2); only at fixed N does more coverage lower it, by {pruning} for four times as much",
        numbers={"four_times_the_clients": str(growth), "four_times_the_coverage_at_fixed_N": str(pruning)},
    )


COR1_SPEEDUP = Statement(
    id="rabo/cor1-speedup",
    paper=PAPER,
    location="Corollary 1, Remark 2",
    kind="speedup",
    sentence="At C_x* = N the analysis behind Corollary 1 gives the rate O(1/sqrt(NQ)), a linear speedup in the number of clients: O(.) hides no N.",
    formula=r"\frac{4N(L_f + 4M_f)}{\sqrt{C_x^* Q}} \sigma_f^2 = O\Big(\frac{1}{\sqrt{NQ}}\Big) \text{ at } C_x^* = N",
    because="A factor N, from Jensen's inequality, is hidden in O(.): the explicit bound grows like sqrt(N/Q). That the algorithm does speed up is "
    "rabo/cor1-speedup-repaired.",
    assumptions=ALL,
    check=_check_speedup,
    expected=Verdict.REFUTED,
)
