"""What the Frobenius norms of Assumption 3.4 (iv) and (v) admit: at most three lower variables."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _floor() -> tuple[Any, Any]:
    r"""Remainders of :math:`\|I-H\|^2 + \|H\|^2 = d/2 + 2\|H - I/2\|^2`, entry by entry: on and off the diagonal."""
    import sympy as sp

    h = sp.Symbol("h")
    on = (1 - h) ** 2 + h**2 - Fraction(1, 2) - 2 * (h - sp.Rational(1, 2)) ** 2
    return sp.expand(on), sp.expand(h**2 + h**2 - 2 * h**2)


def fits(d: int, c: Fraction, kappa: Fraction) -> bool:
    """Whether the Hessian ``c L_g I`` in dimension d satisfies (iv) and (v) as printed, with ``mu_g = c L_g``.

    Examples
    --------
    >>> fits(3, Fraction(4, 7), Fraction(1, 4)), fits(4, Fraction(1, 2), Fraction(1, 100))
    (True, False)
    """
    return d * c**2 <= 1 and d * (1 - c) ** 2 <= (1 - kappa) ** 2 and 0 < kappa <= c <= 1


def _check_dimension(ctx: Context) -> Finding:
    identity = all(part == 0 for part in _floor())
    out = [d for d in (14, 100) if identity and Fraction(d, 2) >= 2]
    return Finding(
        verdict=Verdict.REFUTED if len(out) == 2 else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="the squared norms in (iv) and (v), in units of L_g, add up to at least d_y/2 for every Hessian: 7 and 50 in the two "
        "experiments, but (iv) and (v) allow less than 2"
        if len(out) == 2
        else "no proof that the squared norms in (iv) and (v) add up to d_y/2 at least",
        numbers={"least sum, d_y = 14": 7, "least sum, d_y = 100": 50, "allowed": "1 + (1 - kappa_g)^2 < 2"},
        cases=2,
    )


DIMENSION = Statement(
    id="dsbo/frobenius-dimension",
    paper=PAPER,
    location="Assumption 3.4 (iv), (v); Section 6",
    kind="qualitative",
    variant="added",
    sentence="The lower levels of the experiments, with d_y = 14 and d_y = |S| = 100, can satisfy 3.4(iv) and (v) with some L_g and "
    "kappa_g.",
    formula=r"\mathbb E\|\nabla^2_{yy} g^k\|_F^2 \le L_g^2,\quad \mathbb E\|I - \nabla^2_{yy} g^k/L_g\|_F^2 \le (1-\kappa_g)^2",
    because="The Frobenius norm of I alone is sqrt(d_y), and the two bounds share one L_g: together they leave d_y <= 3. The text says that "
    "the experiments validate its theorems; that these cover them is our reading. Charitably "
    "spectral norms are meant.",
    check=_check_dimension,
    expected=Verdict.REFUTED,
)


EXAMPLES = {
    1: (Fraction(1), Fraction(1, 2)),
    2: (Fraction(2, 3), Fraction(1, 2)),
    3: (Fraction(4, 7), Fraction(1, 4)),
}
"""By d_y: multiples c of L_g I, with kappa_g, that satisfy both rows."""


def _check_three(ctx: Context) -> Finding:
    identity = all(part == 0 for part in _floor())
    reached = [d for d, (c, kappa) in EXAMPLES.items() if fits(d, c, kappa)]
    barred = identity and Fraction(4, 2) >= 2
    good = barred and reached == [1, 2, 3]
    told = f"multiples of I satisfy both for d_y = {', '.join(map(str, reached))}"
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="|I - H|^2 + |H|^2 = d_y/2 + 2|H - I/2|^2 for H = Hessian/L_g, and under any expectation, while (iv), (v) keep it "
        f"below 2; {told}"
        if good
        else f"{'d_y >= 4 is' if barred else 'no proof that d_y >= 4 is'} excluded; {told}",
        numbers={f"d_y = {d}": f"H = {c} I, kappa_g = {k}" for d, (c, k) in EXAMPLES.items()},
        figures=(
            Plot(
                title="What 3.4(iv) and (v) ask of the Hessian, in units of L_g",
                x_label="lower variables d_y",
                y_label="sum of the two squared norms",
                curves=(
                    Curve("least possible: d_y/2", range(1, 15), [d / 2 for d in range(1, 15)], "points"),
                    Curve("allowed: below 2", (1, 14), (2, 2), "dashed"),
                ),
                caption="Only up to three variables does the least possible sum stay below what the rows allow; the experiment has 14.",
            ),
        ),
    )


THREE = Statement(
    id="dsbo/frobenius-at-most-3",
    paper=PAPER,
    location="Assumption 3.4 (iv), (v)",
    kind="qualitative",
    variant="added",
    sentence="Assumptions 3.4(iv) and (v) on the Hessian can be satisfied exactly for d_y <= 3.",
    because="Two bounds in Frobenius norm with one L_g; sharper than the condition on the spectrum that (v) alone gives.",
    check=_check_three,
    expected=Verdict.PROVED,
)


def share(d: Any) -> Any:
    """The claim: what part of L_g an eigenvalue must exceed in dimension d."""
    return 1 - d ** Fraction(-1, 2)


def _check_spectrum(ctx: Context) -> Finding:
    import sympy as sp

    d, room, gap = sp.symbols("d room gap", positive=True)
    # room = 1 - theta and a = theta - gap: every summand (1 - a)^2 is at least (1 - theta)^2
    slack = sp.expand((1 - (1 - room - gap)) ** 2 - room**2)
    edge = sp.simplify(d * (1 - share(d)) ** 2)  # the sum where all eigenvalues are the share of L_g
    below = bool(slack > 0)
    inside = [n for n in (2, 14, 100) if edge.subs(d, n) < 1]
    if inside:
        verdict, told = (
            Verdict.REFUTED,
            f"for d_y = {inside[0]} the sum with all eigenvalues there is {edge.subs(d, inside[0])} < 1",
        )
    elif below and edge == 1:
        verdict, told = Verdict.PROVED, "with 1 where all eigenvalues are there"
    else:
        verdict, told = (
            Verdict.INCONCLUSIVE,
            f"not shown to be exact: the sum with all eigenvalues there is {edge}",
        )
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC,
        summary="d_y (1 - theta)^2 <= sum (1 - a_i/L_g)^2 < 1 where all a_i <= theta L_g; at theta = "
        f"{', '.join(f'{float(share(n)):.3f}' for n in (14, 100))} for d_y = 14, 100, {told}",
        numbers={f"threshold, d_y = {n}": float(share(n)) for n in (14, 100)},
    )


SPECTRUM = Statement(
    id="dsbo/frobenius-spectrum",
    paper=PAPER,
    location="Assumption 3.4 (v)",
    kind="qualitative",
    variant="added",
    sentence="Already (v) alone needs an eigenvalue of every agent's mean Hessian above (1 - 1/sqrt(d_y)) L_g.",
    formula=r"\theta L_g = \max_i a_i \Rightarrow \theta > 1 - 1/\sqrt{d_y}",
    because="The sum over d_y eigenvalues must stay below 1; by Jensen the mean Hessian satisfies (v) if the samples do.",
    check=_check_spectrum,
    expected=Verdict.PROVED,
)


def kappa(mu: Any, L: Any) -> Any:
    """The kappa_g of the repaired row."""
    return mu / L


def _check_spectral(ctx: Context) -> Finding:
    import sympy as sp

    mu = sp.Symbol("mu", positive=True)
    u, v = sp.symbols("u v", nonnegative=True)
    a, L = mu + u, mu + u + v  # mu <= a <= L
    below = sp.simplify(L * ((1 - kappa(mu, L)) - (1 - a / L)))
    above = sp.simplify(L * (1 - a / L))
    at_mu = below.subs(u, 0)  # a = mu
    if bool(below.is_nonnegative) and bool(above.is_nonnegative):
        verdict, told = Verdict.PROVED, ">= 0 for every mu_g <= a <= L_g, whatever d_y"
    elif bool(at_mu.is_negative):
        verdict, told = Verdict.REFUTED, "which is negative at a = mu_g"
    else:
        verdict, told = Verdict.INCONCLUSIVE, "no proof that both are >= 0"
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC,
        summary=f"L_g - a = {above} and (1 - kappa_g) L_g - (L_g - a) = {below}, {told}",
    )


SPECTRAL = Statement(
    id="dsbo/frobenius-dimension-repaired",
    paper=PAPER,
    location="Assumption 3.4 (iv), (v)",
    kind="qualitative",
    variant="repaired",
    repairs="dsbo/frobenius-dimension",
    sentence="In spectral norms, (iv) and (v) hold with kappa_g = mu_g/L_g for every Hessian whose samples have all eigenvalues in "
    "[mu_g, L_g], in every dimension.",
    formula=r"\|I - \nabla^2_{yy} g^k/L_g\|_2 \le 1 - \mu_g/L_g",
    because="Spectral norms in place of Frobenius norms.",
    check=_check_spectral,
    expected=Verdict.PROVED,
)
