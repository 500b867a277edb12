"""Corollary 1's schedule on equal clients: y hardly moves, and the average of the squared gradient does not fall."""

from __future__ import annotations

import math
from fractions import Fraction

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.plots import Curve, Plot, fitted
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.moments.rounds import Maker, kind_of, stable
from spiritlevel.theory.rabo.moments.schedules import Case, measured
from spiritlevel.theory.rabo.theorems.bound_text import exact_round
from spiritlevel.theory.rabo.theorems.exact import exact_problem
from spiritlevel.theory.rabo.theorems.potential import behind
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

EQUAL = 2
"""Clients, which hold everything."""


def _steps(k: int, T: int) -> tuple[int, Fraction, Fraction]:
    """Q = 2 k^2, alpha = sqrt(C_x*/Q) = 1/k, beta = 1/(NTQ)."""
    Q = EQUAL * k**2
    return Q, Fraction(1, k), Fraction(1, EQUAL * T * Q)


def average(kind: Maker, k: int, T: int = 2) -> tuple[float, bool]:
    """The average of |Phi'|^2 over all rounds, and whether x never fell and y <= q x/(NQ) in all of them."""
    Q, alpha, beta = _steps(k, T)
    problem = behind(EQUAL, "1").over("float")
    a, o, net = kind(alpha=alpha, beta=beta, T=T).over("float"), Oracle(problem), Gossip(averaging(EQUAL))
    x, y = (z[None] for z in problem.start())
    s = a.init(x, y, o, net)
    total, kept, last = 0.0, True, 1.0
    for q in range(1, Q + 1):
        now = float(s.x[0, 0, 0])
        kept &= now >= last and float(s.y[0, 0, 0]) <= (q - 1) / (EQUAL * Q) * now + 1e-12
        total += min(1.0, now) ** 2
        last = now
        s = a.step(q, s, o, net)
    return total / Q, kept


def induction(least: int = 2) -> bool:
    r"""The step of the induction: :math:`0 \le y \le \frac{q}{NQ} x`, N >= 2, q < Q imply the same for q + 1, and that x does not fall.

    With :math:`\tau = 1 - (1 - \beta)^T \le \beta T = \frac1{NQ}`: :math:`y^+ = y + \tau(x - y) \le y + \tau x \le \frac{q+1}{NQ} x \le x/2`,
    so that :math:`x^+ = x + \alpha h'(x - 2y^+) \ge x`.
    """
    import sympy as sp

    q, rest, x, below, more, t = sp.symbols("q rest x below more t", nonnegative=True)
    N, Q = least + more, q + 1 + rest
    y = q / (N * Q) * x / (1 + below)  # anything from 0 to q x/(NQ)
    tau = 1 / (N * Q) / (1 + t)  # anything up to 1/(NQ)
    gaps = ((q + 1) / (N * Q) * x - (y + tau * (x - y)), x - 2 * (q + 1) / (N * Q) * x)
    return all(
        c >= 0
        for gap in gaps
        for part in sp.fraction(sp.cancel(sp.together(gap)))
        for c in sp.Poly(part, q, rest, x, below, more, t).coeffs()
    )


def _check_homogeneous(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    ks = ctx.pick((4, 8, 16), (4, 8, 16, 32, 64))
    runs = [average(kind, k) for k in ks]
    proved = induction()
    first, last = exact_round(kind(alpha=Fraction(1, 4), beta=Fraction(1, 128), T=2), behind(EQUAL, "1"), 12)
    exact = last.x[0, 0, 0] >= first.x[0, 0, 0] and 2 * last.y[0, 0, 0] <= last.x[0, 0, 0]
    never = all(kept and value >= 1 - 1e-12 for value, kept in runs) and proved and exact
    smooth = [measured(kind, Case(j, 4, beta="corollary")) for j in (14, 20, 26)]
    good = [measured(kind, Case(j, 4)) for j in (14, 20, 26)]
    Q = [2.0**j for j in (14, 20, 26)]
    level = smooth[-1].start / smooth[-2].start
    stays = abs(level - 1) <= 0.1
    figure = Plot(
        title="RABO: Corollary 1's schedule on equal clients, no noise",
        x_label="rounds Q",
        y_label="average of |grad Phi|^2",
        curves=(
            Curve("beta = 1/(NTQ)", Q, [m.start for m in smooth], "points"),
            Curve("beta = 5 alpha", Q, [m.start for m in good], "points"),
            Curve("Q^-1/2", Q, fitted(Q, -0.5, (Q[0], good[0].start)), "dashed"),
        ),
        log="xy",
        caption="Quadratics, four clients, full masks, alpha = 0.1 sqrt(N/Q): y follows x only where beta does not fall like 1/Q.",
    )
    return Finding(
        verdict=Verdict.REFUTED if never and stays else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"two equal clients that hold everything, f = h(x - 2y), g = (y - x)^2/2: by induction x never falls and y stays below x/2, so that the average is at least "
        f"h'(x_0)^2 for every Q (runs with Q = {', '.join(str(2 * k * k) for k in ks)} confirm it: 1 from x_0 = 1). On a quadratic where x would settle the average is "
        f"{', '.join(f'{m.start:.4g}' for m in smooth)} for Q = 2^14, 2^20, 2^26; with beta = 5 alpha {', '.join(f'{m.start:.3g}' for m in good)}",
        numbers={
            "averages": [value for value, _ in runs],
            "induction": proved,
            "quadratic": [m.start for m in smooth],
            "quadratic_with_beta_5_alpha": [m.start for m in good],
        },
        cases=len(runs) + 6,
        audit=audit(ALL, [behind(EQUAL, "1"), Case(14, 4).problem]),
        figures=(figure,),
    )


HOMOGENEOUS = Statement(
    id="rabo/cor1-homogeneous",
    paper=PAPER,
    location="Corollary 1",
    kind="rate",
    sentence="With equal clients, full masks and no noise, Corollary 1's schedule alpha = sqrt(C_x*/Q), beta = 1/(NTQ) makes the average of "
    "||grad Phi||^2 O(1/sqrt(NQ)).",
    formula=r"\frac1Q \sum_q \|\nabla\Phi(x_q)\|^2 = O(1/\sqrt{NQ})",
    variant="added",
    because="In Q rounds y goes at most a share 1/N of the way to y*(x), and x moves on a hypergradient at the wrong y.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_homogeneous),
    expected=Verdict.REFUTED,
)


def still(n: int) -> Bilevel:
    """``g = (y - 1)^2/2`` and an upper level of slope 0: y starts 1 from y*."""
    return exact_problem("still", n=n, H=[[1]], B=[[0]], c=[1], forms=[(1, [0], [0], 0)])


def _check_tracking(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    found, low = {}, True
    for n, T, Q in ((1, 2, 8), (2, 1, 16), (4, 3, 8), (10, 1, 32)):
        beta = Fraction(1, n * T * Q)
        _, last = exact_round(kind(alpha=1, beta=beta, T=T), still(n), Q)
        left = 1 - last.y[0, 0, 0]
        low &= left == (1 - beta) ** (T * Q) and left >= max(1 - Fraction(1, n), Fraction(1, 4))
        found[f"N = {n}, T = {T}, Q = {Q}"] = float(left)
    limits = {n: math.exp(-1 / n) for n in (1, 2, 4, 10)}
    return Finding(
        verdict=Verdict.REFUTED if low else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="g = (y - 1)^2/2, beta = 1/(NTQ): after Q rounds (1 - beta)^(TQ) of the distance is left, by Bernoulli at least 1 - 1/N, in the limit exp(-1/N): "
        + ", ".join(f"{v:.3f} ({name})" for name, v in found.items()),
        numbers={"left": found, "limits": {str(n): v for n, v in limits.items()}},
        cases=len(found),
    )


TRACKING = Statement(
    id="rabo/cor1-tracking",
    paper=PAPER,
    location="Corollary 1",
    kind="qualitative",
    sentence="With beta = 1/(NTQ) the local steps of Q rounds bring y to y*(x), as Q grows.",
    variant="added",
    because="They are TQ steps of size 1/(NTQ): their sum is 1/N, however many there are.",
    assumptions=ALL,
    about=("rabo",),
    check=_check_tracking,
    expected=Verdict.REFUTED,
)
