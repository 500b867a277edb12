"""(33) and (54): their order in T under Theorem 1's own step sizes, and whether they are one bound."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

from spiritlevel.core.constants import Constants
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL
from spiritlevel.theory.argus.theorems.bound import brackets, letters, p_factors, powers
from spiritlevel.theory.argus.theorems.lists import LIST
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

SHOWN = {"N": 10, "M": 20, "L": 1, "tau": 3, "k_1": 1, "gap": 0.5} | dict.fromkeys(
    ("alpha_1", "alpha_2", "sigma_1", "sigma_2", "F"), 1
)
HORIZONS = (10**4, 10**5, 10**6, 10**7)


def exponent(a: Any, which: int = 0) -> Any:
    r"""The exponent of T in the bound where :math:`\eta = c T^{-a}`, ``a`` >= 0; (33) is 0 and (54) is 1.

    Examples
    --------
    >>> [str(exponent(Fraction(k, 6))) for k in (0, 1, 2, 3)]
    ['-1', '-1/2', '0', '1/2']
    """
    return a * (powers(brackets()[which])[0] + max(powers(p)[0] for p in p_factors())) - 1


def growth(which: int = 0) -> Any:
    r"""The limit over :math:`\sqrt T`, where :math:`\eta = c/\sqrt T`, of the bound with p_2 in the place of p >= p_2.

    Examples
    --------
    >>> a = letters()
    >>> expected = (a["M"] * a["alpha_1"] + a["N"] * a["alpha_2"]) / (2 * a["c"]**3)
    >>> expected *= 3 * a["M"] * a["N"] + 3 * a["N"]**2 + 32 * a["N"] * a["k_1"] * a["tau"] + 64
    >>> (growth() - expected).simplify()
    0
    """
    import sympy as sp

    of_p, of_bracket = powers(p_factors()[0])[1], powers(brackets()[which])[1]
    return sp.factor(of_p * of_bracket / letters()["c"] ** 3)


def value(T: int, eta: float, which: int = 0) -> float:
    """(33), or (54) as `exponent` counts, in the setting of `SHOWN`, T_1 = 0."""
    at = {letters()[k]: v for k, v in (SHOWN | {"eta": eta}).items()}
    p = max(float(q.subs(at)) for q in p_factors())
    return p * float(brackets()[which].subs(at)) / (T - 1)


def largest(T: int) -> tuple[float, str]:
    """The largest step size of the list in that setting, and the bound that binds."""
    bound = next(row for row in _rows(T) if row.binds)
    return bound.limit, bound.term.name


def _figure(values: list[float]) -> Plot:
    """Both bounds at the largest steps, and (33) where eta falls more slowly from its value at the first T on."""
    T = list(HORIZONS)
    etas = [largest(t)[0] for t in T]
    readings = {
        f"(33), eta ~ T^-{a}": [value(t, etas[0] * (T[0] / t) ** float(a)) for t in T]
        for a in (Fraction(1, 3), Fraction(1, 4))
    }
    readings["(33), eta fixed"] = [value(t, etas[0]) for t in T]
    return Plot(
        title="Right sides of (33) and (54) at the step sizes of Theorem 1, and at larger ones",
        x_label="T",
        y_label="right side",
        curves=(
            Curve("(33), largest eta admitted", T, values, "points"),
            Curve(
                "(54), largest eta admitted",
                T,
                [value(t, eta, 1) for t, eta in zip(T, etas, strict=True)],
                "points",
            ),
            *(Curve(name, T, row) for name, row in readings.items()),
            power_law("1/T, claimed", T, -1.0, (T[0], values[0])),
        ),
        log="xy",
        caption="With the step sizes that Theorem 1 admits both bounds grow like sqrt(T). Only a fixed eta gives 1/T, and no fixed eta is admitted for every T.",
    )


def _check_rate(ctx: Context) -> Finding:
    half = Fraction(1, 2)
    exponents = {str(a): str(exponent(a)) for a in (Fraction(0), Fraction(1, 4), Fraction(1, 3), half)}
    constant = growth()
    # The third bound is proportional to 1/sqrt(T_1 + T): a is at least 1/2, and the exponent grows with a.
    third = LIST.terms[2].name
    scaled = [v.limit * math.sqrt(T) for T in (10**4, 10**8) for v in _rows(T) if v.term.name == third]
    forces = math.isclose(*scaled, rel_tol=1e-9)
    grows = exponent(half) == exponent(half, 1) == half and constant.is_positive and forces
    values = [value(T, largest(T)[0]) for T in HORIZONS]
    return Finding(
        verdict=Verdict.REFUTED if grows else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="eta = c T^(-a) gives T^(3a - 1), and the third bound on eta forces a >= 1/2: order sqrt(T), with the positive lower limit "
        f"{constant} of bound over sqrt(T) for eta = c/sqrt(T); the largest step sizes give {', '.join(f'{v:.2g}' for v in values)} at T = 10^4 to 10^7"
        if grows
        else f"exponents {exponents}",
        numbers={
            "exponents": [f"a = {a}: {v}" for a, v in exponents.items()],
            "values": values,
            "bracket": "2/eta^2",
        },
        cases=len(HORIZONS),
        figures=(_figure(values),),
    )


def _rows(T: int) -> Any:
    more = {k: SHOWN[k] for k in ("M", "tau", "k_1")} | {"L_p": SHOWN["L"], "T": T}
    return LIST.rows(Constants(mu_g=1, L_g=1), Fraction(1, 2), 10, more=more)


RATE = Statement(
    id="argus/rate",
    paper=PAPER,
    location="Theorem 1, (33) and (54); Sections I and VII, 'an iteration complexity of O(1/epsilon)'",
    kind="rate",
    sentence="With the step sizes of Theorem 1 the right sides of (33) and (54) are O(1/(T-1)).",
    formula=r"\frac{1}{T-1} \sum_t E[\Psi^t] \le \frac{p}{T-1} (\ldots) = O(\tfrac{1}{T-1})",
    because="p is of order 1/eta and the bracket of order 1/eta^2 because c^1 is 1/(eta sqrt 2), while eta must fall like 1/sqrt(T).",
    assumptions=ALL,
    check=_check_rate,
    expected=Verdict.REFUTED,
)


def _check_fixed(ctx: Context) -> Finding:
    at_once = exponent(Fraction(0)) == -1
    far = [10**k for k in (4, 8, 12, 16)]
    limits = [largest(T)[0] for T in far]
    falls = all(b < a / 99 for a, b in pairwise(limits))
    none = at_once and falls
    return Finding(
        verdict=Verdict.VACUOUS if none else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"for a fixed eta the bound is O(1/T), but the third bound is eta^2 <= (1-rho)/(1152 L^2 (N+M)(T_1+T)), which tends to 0: "
        f"{', '.join(f'{v:.2g}' for v in limits)} for T = 10^4, 10^8, 10^12, 10^16",
        numbers={"limits": limits, "order_where_fixed": str(exponent(Fraction(0)))},
        cases=len(limits),
        figures=(
            Plot(
                title="The largest eta that Theorem 1 admits: N = 10, M = 20, L = 1, rho = 1/2, tau = 3",
                x_label="T",
                y_label="largest eta",
                curves=(
                    Curve("admitted", far, limits, "points"),
                    power_law("T^-1/2", far, -0.5, (far[-1], limits[-1])),
                ),
                log="xy",
                caption="It tends to 0: no step size is admitted for every T.",
            ),
        ),
    )


FIXED = Statement(
    id="argus/rate-fixed",
    paper=PAPER,
    location="Theorem 1, (33)",
    kind="rate",
    sentence="For one step size that Theorem 1 admits for every T the right side of (33) is O(1/(T-1)).",
    variant="added",
    because="No step size is admitted for every T; with eta fixed C_2 in (52) turns negative, since 1/(eta (c^t)^2) = eta (t+1) grows.",
    check=_check_fixed,
    expected=Verdict.VACUOUS,
)


def _check_normalisation(ctx: Context) -> Finding:
    import sympy as sp

    a, (main, end) = letters(), brackets()
    difference = sp.factor(sp.expand(main - a["N"] ** 2 * a["M"] * end))
    alone = sp.expand(main - end)
    differs = alone != 0
    more = {a["N"]: 2 + sp.Symbol("n", positive=True), a["M"]: 1 + sp.Symbol("m", positive=True)}
    larger = without_minus(sp.expand(alone.subs(more)))
    squares = sp.factor(sp.expand(difference * a["eta"] ** 2).coeff(a["eta"], 0))
    return Finding(
        verdict=Verdict.REFUTED if differs else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"(54) is (33) divided by N^2 M except in the squared terms: times eta^2 the bracket of (33) less N^2 M times that of (54) is {squares} and terms with "
        "eta; the left sides and p/(T-1) are the same. "
        f"Their difference has {'no' if larger else 'a'} minus for N >= 2, M >= 1: {'(33) follows from (54)' if larger else 'neither follows from the other'}"
        if differs
        else "the brackets are the same",
        numbers={"squares": str(squares), "with_F": str(alone.coeff(a["F"])), "33_is_larger": larger},
    )


NORMALISATION = Statement(
    id="argus/normalisation",
    paper=PAPER,
    location="(33) and (54)",
    kind="identity",
    sentence="(33) and (54) bound the same average by the same number.",
    formula=r"\text{rhs}(33) = \text{rhs}(54)",
    because="(54) is smaller by N^2 M, has 5 (c^1)^2 where (33) has 4, and c^1 where (33) has c^2; nothing in the proof divides by N^2 M. As bounds they do not contradict each other: for N >= 2 and F >= 0 (33) is the larger.",
    check=_check_normalisation,
    expected=Verdict.REFUTED,
)
