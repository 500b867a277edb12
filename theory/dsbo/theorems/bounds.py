"""What Theorem 5.1's bound says by itself: when the network's term is the smaller one, and Table 1."""

from __future__ import annotations

from typing import Any

from spiritlevel.core.spectra import squared_rho
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.theorems.moments import ring
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def leading_term(K: Any, T: Any) -> Any:
    """The first term of Theorem 5.1, of symbols."""
    import sympy as sp

    return 1 / sp.sqrt(K * T)


def network_term(K: Any, T: Any, gap: Any) -> Any:
    """The second term of Theorem 5.1; ``gap`` is 1 - rho."""
    return K / (T * gap**2)


def _terms_plot(rings: tuple[int, ...]) -> Plot:
    """Both terms of the bound against T, for rings with weights 1/3."""
    T, curves = [10.0**k for k in range(2, 25)], []
    for n in rings:
        gap = 1 - squared_rho(ring(n))
        curves.append(Curve(f"1/sqrt(KT), K = {n}", T, [(n * t) ** -0.5 for t in T]))
        curves.append(Curve(f"K/(T(1-rho)^2), ring of {n}", T, [n / (t * gap**2) for t in T], "dashed"))
    return Plot(
        title="The two terms of Theorem 5.1's bound",
        x_label="iterations T",
        y_label="term",
        curves=tuple(curves),
        log="xy",
        caption="The network's term is the larger one until T = K^3/(1-rho)^4, which on large rings is astronomic.",
    )


def _check_independence(ctx: Context) -> Finding:
    import sympy as sp

    K, T, gap = sp.symbols("K T gap", positive=True)
    share = sp.simplify(network_term(K, T, gap) / leading_term(K, T))
    limit = sp.limit(share, T, sp.oo)
    meets = sp.simplify(share.subs(T, K**3 / gap**4) - 1) == 0
    rings = {n: float(n**3 / (1 - squared_rho(ring(n))) ** 4) for n in (5, 10, 20, 100)}
    from_where = (
        ", from T = K^3/(1-rho)^4 on, which for rings of 5, 10, 20 and 100 is "
        + ", ".join(f"{v:.2g}" for v in rings.values())
        if meets
        else ""
    )
    return Finding(
        verdict=Verdict.PROVED if limit == 0 else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"of Theorem 5.1's two terms the network's is {share} times the other, which tends to {limit}{from_where}",
        numbers={"share": str(share), "limit": str(limit)}
        | ({"crossover": {str(k): v for k, v in rings.items()}} if meets else {}),
        figures=(_terms_plot((10, 100)),),
    )


INDEPENDENCE = Statement(
    id="dsbo/asymptotic-independence",
    paper=PAPER,
    location="Section 5.1, Effect of consensus",
    kind="qualitative",
    sentence="Given the network, its term in Theorem 5.1's bound becomes of smaller order as T grows.",
    formula=r"\lim_{T \to \infty} \frac{K/(T(1-\rho)^2)}{1/\sqrt{KT}} = 0",
    because="The text concludes that DSBO's own asymptotic behaviour is independent of the network; this is about the two terms of its "
    "bound. That limits on a ring are those of one agent is part of dsbo/thm5.1-speedup.",
    check=_check_independence,
    expected=Verdict.PROVED,
)


def table(a: Any, c: Any, eps: Any) -> Any:
    """Table 1: ``a^2/eps^2 + c/eps`` with ``a = A/sqrt(K)`` and ``c = B K/(1-rho)^2``."""
    return a**2 / eps**2 + c / eps


def _check_complexity(ctx: Context) -> Finding:
    import sympy as sp

    # a/sqrt(T) + c/T = eps; X^2 = a^2 + 4 eps c, so X >= a
    a, d, eps = sp.symbols("a d epsilon", positive=True)
    X = a + d
    c, T = (X**2 - a**2) / (4 * eps), ((a + X) / (2 * eps)) ** 2
    solves = sp.simplify(a / sp.sqrt(T) + c / T - eps) == 0
    entry = table(a, c, eps)
    signs = [sp.expand(eps**2 * part) for part in (2 * entry - T, T - entry / 2)]
    between = solves and all(v > 0 for part in signs for v in sp.Poly(part, a, d).coeffs())
    ends = {f"{v} -> {end}": sp.limit(T / entry, v, end) for v in (a, d, eps) for end in (0, sp.oo)}
    apart = [name for name, ratio in ends.items() if ratio in (0, sp.oo)]
    if between:
        verdict, told = Verdict.PROVED, "is between 1/2 and 2 times A^2/(K eps^2) + B K/((1-rho)^2 eps)"
    elif apart:
        verdict, told = Verdict.REFUTED, f"is not within a constant factor of the table's: {apart[0]}"
    else:
        verdict, told = Verdict.INCONCLUSIVE, "is not shown to be within a factor 2 of the table's"
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC,
        summary=f"the T at which Theorem 5.1's bound equals eps {told}",
        numbers={f"T over the table's entry, {name}": str(ratio) for name, ratio in ends.items()},
    )


COMPLEXITY = Statement(
    id="dsbo/table1-complexity",
    paper=PAPER,
    location="Table 1",
    kind="complexity",
    sentence="By Theorem 5.1 an eps-stationary point takes 1/(K eps^2) + K/((1-rho)^2 eps) iterations, up to a constant.",
    formula=r"T = O\Big(\frac{1}{K\epsilon^2} + \frac{K}{(1-\rho)^2 \epsilon}\Big)",
    because="The first term alone, as in the abstract, is the larger one only where eps is below a multiple of (1-rho)^2/K^2.",
    check=_check_complexity,
    expected=Verdict.PROVED,
)
