"""What the Frobenius norms of Assumption 3.4 (iv) and (v) admit: at most three lower variables."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.dsbo import PAPER
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
        "experiments, but (iv) and (v) allow less than 2",
        numbers={"least sum, d_y = 14": 7, "least sum, d_y = 100": 50, "allowed": "1 + (1 - kappa_g)^2 < 2"},
        cases=2,
    )


DIMENSION = Statement(
    id="dsbo/frobenius-dimension",
    paper=PAPER,
    location="Assumption 3.4 (iv), (v); Section 6",
    kind="qualitative",
    sentence="The lower levels of the experiments, with d_y = 14 and d_y = |S| = 100, can satisfy 3.4(iv) and (v) with some L_g and "
    "kappa_g.",
    formula=r"\mathbb E\|\nabla^2_{yy} g^k\|_F^2 \le L_g^2,\quad \mathbb E\|I - \nabla^2_{yy} g^k/L_g\|_F^2 \le (1-\kappa_g)^2",
    because="The Frobenius norm of I alone is sqrt(d_y), and the two bounds share one L_g: together they leave d_y <= 3. The text says that "
    "the experiments validate its theorems; that these cover them is our reading.",
    check=_check_dimension,
    expected=Verdict.REFUTED,
)


def _check_three(ctx: Context) -> Finding:
    identity = all(part == 0 for part in _floor())
    examples = {1: (Fraction(1), Fraction(1, 2)), 2: (Fraction(2, 3), Fraction(1, 2))}
    examples[3] = (Fraction(4, 7), Fraction(1, 4))
    reached = [d for d, (c, kappa) in examples.items() if fits(d, c, kappa)]
    barred = identity and Fraction(4, 2) >= 2
    return Finding(
        verdict=Verdict.PROVED if barred and reached == [1, 2, 3] else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="|I - H|^2 + |H|^2 = d_y/2 + 2|H - I/2|^2 for H = Hessian/L_g, and under any expectation, while (iv), (v) keep it "
        "below 2; multiples of I satisfy both for d_y = 1, 2, 3",
        numbers={f"d_y = {d}": f"H = {c} I, kappa_g = {k}" for d, (c, k) in examples.items()},
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


def _check_spectrum(ctx: Context) -> Finding:
    import sympy as sp

    d, room, gap = sp.symbols("d room gap", positive=True)
    # room = 1 - theta and a = theta - gap: every summand (1 - a)^2 is at least (1 - theta)^2
    slack = sp.expand((1 - (1 - room - gap)) ** 2 - room**2)
    edge = sp.simplify(d * (1 - (1 - 1 / sp.sqrt(d))) ** 2)
    holds = bool(slack > 0) and edge == 1
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="d_y (1 - theta)^2 <= sum (1 - a_i/L_g)^2 < 1, with 1 at theta = 1 - 1/sqrt(d_y): 0.733 for d_y = 14, 0.9 for 100",
        numbers={"threshold, d_y = 14": 1 - 14**-0.5, "threshold, d_y = 100": 0.9},
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


def _check_spectral(ctx: Context) -> Finding:
    import sympy as sp

    mu, u, v = sp.symbols("mu u v", nonnegative=True)
    a, L = mu + u, mu + u + v  # mu <= a <= L
    below = sp.expand(L * ((1 - mu / L) - (1 - a / L)))
    above = sp.simplify(L * (1 - a / L))
    holds = bool(below.is_nonnegative) and bool(above.is_nonnegative)
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"0 <= L_g - a = {above} and (1 - kappa_g) L_g - (L_g - a) = {below} >= 0 for every mu_g <= a <= L_g, whatever d_y",
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
