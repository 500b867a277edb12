"""The four elementary facts of the supplement, (13) and (15)-(17), proved coordinate by coordinate.

Norms and inner products are sums over coordinates (and agents), so that an identity of one coordinate is one of all. A
mean over agents and an expectation are both linear, positive and map 1 to 1; nothing else about them is used.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.statement import Check, Context, Finding, Kind, Method, Statement, Verdict


def mean_of(polynomial: Any, t: Any, moments: tuple[Any, Any]) -> Any:
    """The mean of a polynomial of degree 2 in t whose mean is ``moments[0]`` and whose mean square ``moments[1]``.

    Examples
    --------
    >>> import sympy as sp
    >>> t, a, b = sp.symbols("t a b")
    >>> mean_of((t - 1) ** 2, t, (a, b))
    -2*a + b + 1
    """
    import sympy as sp

    values = (sp.Integer(1), *moments)
    return sum((c * values[k] for (k,), c in sp.Poly(polynomial, t).terms()), sp.Integer(0))


def quadrilateral(share: Any = "1/2") -> tuple[bool, str]:
    """(13), with another factor in the place of 1/2 where one is given."""
    import sympy as sp

    after, now, before = sp.symbols("after now before")
    a, b = after - now, now - before
    w = a - b  # (14)
    gap = sp.expand(a * b - sp.Rational(share) * (a**2 + b**2 - w**2))
    return gap == 0, "both sides expand to the same polynomial in every coordinate"


def young(share: Any = "1/2") -> tuple[bool, str]:
    """(15), with another factor in the place of both 1/2."""
    import sympy as sp

    x, y = sp.symbols("x y", real=True)
    theta = sp.Symbol("theta", positive=True)
    gap = sp.Rational(share) * (x**2 / theta + theta * y**2) - x * y
    square = (x - theta * y) ** 2 / (2 * theta)
    good = sp.expand(gap - square) == 0 and bool(square.is_nonnegative)
    return good, "the difference is |x - theta y|^2 / (2 theta); equality exactly at x = theta y"


def jensen(share: Any = 1) -> tuple[bool, str]:
    """(16), with a factor on the right side."""
    import sympy as sp

    t, first, second = sp.symbols("t first second", real=True)
    spread = mean_of((t - first) ** 2, t, (first, second))
    good = sp.expand(sp.Rational(share) * second - first**2 - spread) == 0 and bool(
        ((t - first) ** 2).is_nonnegative
    )
    return good, "the difference is the mean of |x_i - xbar|^2, for any n; equality exactly at consensus"


def variance(share: Any = 1) -> tuple[bool, str]:
    """(17), with a factor on the variance."""
    import sympy as sp

    t, first, second = sp.symbols("t first second", real=True)
    spread = mean_of((t - first) ** 2, t, (first, second))
    return sp.expand(
        second - first**2 - sp.Rational(share) * spread
    ) == 0, "linearity of the expectation in every coordinate"


def _checker(proof: Any) -> Check:
    def check(ctx: Context) -> Finding:
        good, how = proof()
        return Finding(
            verdict=Verdict.PROVED if good else Verdict.REFUTED,
            method=Method.SYMBOLIC,
            summary=how if good else "the two sides are not what the proof needs",
        )

    return check


def _statement(
    id: str, location: str, kind: Kind, sentence: str, formula: str, proof: Any, because: str = ""
) -> Statement:
    return Statement(
        id=id,
        paper=PAPER,
        location=location,
        kind=kind,
        sentence=sentence,
        formula=formula,
        because=because,
        check=_checker(proof),
        expected=Verdict.PROVED,
    )


QUADRILATERAL = _statement(
    "slam/quadrilateral",
    "(13), (14)",
    "identity",
    "The quadrilateral identity holds with w^{r+1} the difference of two successive differences.",
    r"\langle x^{r+1} - x^r, x^r - x^{r-1} \rangle = \tfrac12 (\|x^{r+1} - x^r\|^2 + \|x^r - x^{r-1}\|^2 - \|w^{r+1}\|^2)",
    quadrilateral,
)
YOUNG = _statement(
    "slam/young",
    "(15)",
    "lemma",
    "Young's inequality holds with any theta > 0.",
    r"\langle x, y \rangle \le \tfrac{1}{2\theta} \|x\|^2 + \tfrac\theta2 \|y\|^2",
    young,
)
JENSEN = _statement(
    "slam/jensen",
    "(16)",
    "lemma",
    "The squared norm of a mean is at most the mean of the squared norms.",
    r"\Big\| \tfrac1n \sum_i x_i \Big\|^2 \le \tfrac1n \sum_i \|x_i\|^2",
    jensen,
)
VARIANCE = _statement(
    "slam/var",
    "(17)",
    "identity",
    "The mean of a squared norm is the squared norm of the mean plus the variance.",
    r"E\|x\|^2 = \|E x\|^2 + E\|x - E x\|^2",
    variance,
    "For a random vector with a mean; without a second moment both sides are infinite.",
)
