"""The sign in lines 10 and 18 of Algorithm 1: as printed, the server moves away from the lower-level solution."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.runs import after
from spiritlevel.theory.rabo.algorithms.witnesses import sign_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

STEPS = (1, 2, 3, 4)


def error_factors(ctx: Context, sign: str) -> tuple[Any, list[Any]]:
    """``r = 1 - beta h`` and, for T in `STEPS`, the factor of ``y - y*(x)`` in one round, ``g = h y^2/2 - B x y``."""
    import sympy as sp

    beta, h, B, x, y = sp.symbols("beta h B x y", positive=True)
    problem = quadratic(H=[[[h]]], B=[[[B]]], c=[[0]], shared=True)
    found = []
    for T in STEPS:
        _, (new,) = after(ctx.algorithm("rabo")(beta=beta, T=T, sign=sign), problem, [x], [y])
        found.append(sp.cancel((new - B * x / h) / (y - B * x / h)))
    return 1 - beta * h, found


def _are(found: list[Any], want: list[Any]) -> bool:
    import sympy as sp

    return all(sp.expand(a - b) == 0 for a, b in zip(found, want, strict=True))


def _figure() -> Plot:
    """Both factors, over beta h."""
    at = [k / 30 for k in range(1, 60)]
    shown = [(name, T) for T in (1, 4) for name in ("printed", "proof of Lemma 4")]
    curves = [
        Curve(
            f"{name}, T = {T}", at, [2 - (1 - z) ** T if name == "printed" else abs(1 - z) ** T for z in at]
        )
        for name, T in shown
    ]
    return Plot(
        title="One round of the server: by how much y's distance from y*(x) is multiplied",
        x_label="beta h, the step size times the curvature",
        y_label="factor",
        curves=(*curves, Curve("neither nearer nor farther", [0, 2], [1, 1], "dashed")),
        caption="2 - (1 - beta h)^T as printed is above 1 for every step size; with the other sign the factor is |1 - beta h|^T.",
    )


def _check_printed(ctx: Context) -> Finding:
    import sympy as sp

    r, found = error_factors(ctx, "printed")
    size, T = sp.Symbol("size", positive=True), sp.Symbol("T", integer=True, positive=True)
    ascends = _are(found, [2 - r**T for T in STEPS])
    # |r| = exp(-size) < 1 for 0 < beta h < 2; exp(T size) is 1 at 0 and increases, so that r^T <= |r|^T < 1
    grows = bool(sp.diff(sp.exp(T * size), size).is_positive)
    problem = quadratic(H=[[[1]]], B=[[[1]]], c=[[0]], shared=True).over("fraction")
    half = ctx.algorithm("rabo")(beta=Fraction(1, 2), T=2, sign="printed")
    _, (value,) = after(half, problem, [Fraction(1)], [Fraction(0)])
    witness = sign_witness()
    if ascends and grows and value == Fraction(-3, 4) and recheck(witness).ok:
        return Finding(
            verdict=Verdict.REFUTED,
            method=Method.SYMBOLIC,
            summary="G is minus the sum of the gradients: the error is multiplied by 2 - (1 - beta h)^T > 1 for every 0 < beta h < 2 and every "
            f"T; g = (y-x)^2/2, x = 1, y = 0, T = 2, beta = 1/2: y+ = {value}, away from y* = 1",
            numbers={"factor": "2 - (1 - beta h)^T", "y_next": str(value)},
            cases=len(STEPS),
            witness=witness,
            figures=(_figure(),),
        )
    holds = _are(found, [r**T for T in STEPS])
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"the factors of the error for T = 1..4 are {', '.join(map(str, found))}",
        cases=len(STEPS),
    )


SERVER_SIGN = Statement(
    id="rabo/alg1-server-sign",
    paper=PAPER,
    location="Algorithm 1, lines 10 and 18; (5), (6)",
    kind="identity",
    sentence="G_q^i is the gradient of client i's local steps, and (6) with it brings y nearer to the minimiser y*(x), for small beta.",
    formula=r"G_q^i = (y_{q,T}^i - y_{q,0}^i)/\beta,\quad y_{q+1}^k = y_q^k - \beta \frac{1}{\mathcal C_{q,y}^k} \sum_i G_q^{i,k}",
    because="Line 10 gives minus the sum of the local gradients and line 18 subtracts it once more. The first display in the proof of Lemma 4 "
    "has the other sign, as every other row about RABO takes it: a slip, though lines 10 and 18, (5) and (6) share it.",
    about=("rabo",),
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    import sympy as sp

    r, found = error_factors(ctx, "proof")
    contracts = _are(found, [r**T for T in STEPS])
    t = sp.Symbol("t", integer=True, positive=True)
    induction = sp.simplify(r * r**t - r ** (t + 1)) == 0
    y, first, last, beta = sp.symbols("y first last beta", positive=True)  # of one client that holds k
    averages = sp.expand((y + beta * (last - first) / beta - last).subs(first, y)) == 0
    good = contracts and induction and averages
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="y+ is the mean of the results of those who hold a coordinate; along every eigenvector of a common Hessian the error is "
        "multiplied by (1 - beta h)^T, of modulus below 1 for 0 < beta < 2/L; read off the implementation for T = 1..4, others by induction"
        if good
        else f"the factors of the error for T = 1..4 are {', '.join(map(str, found))}",
        cases=len(STEPS),
    )


SERVER_SIGN_REPAIRED = Statement(
    id="rabo/alg1-server-sign-repaired",
    paper=PAPER,
    location="first display of the proof of Lemma 4",
    kind="identity",
    variant="repaired",
    repairs="rabo/alg1-server-sign",
    sentence="With y_{q+1} = y_q + beta mean G, (6) is the mean of the local results over the clients that hold a coordinate, and with full "
    "masks and one quadratic g_i for all it contracts y - y*(x) for every 0 < beta < 2/L and T.",
    formula=r"y_{q+1}^k = y_q^k + \beta \frac{1}{\mathcal C_{q,y}^k} \sum_i G_q^{i,k} = \frac{1}{\mathcal C_{q,y}^k} \sum_i y_{q,T}^{i,k}",
    because="The sign of (6).",
    about=("rabo",),
    check=_check_repaired,
    expected=Verdict.PROVED,
)
