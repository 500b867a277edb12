"""Compositional optimisation as a bilevel problem, and whether Theorem 5.1 covers it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.audit import clash
from spiritlevel.theory.dsbo.assumptions.dimension import fits
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck


def inner(y: Any, h: Any) -> Any:
    """One sample's lower level, ``|y - h|^2``, of vectors."""
    return sum(((a - b) ** 2 for a, b in zip(y, h, strict=True)), 0)


def _symbols() -> tuple[Any, Any, Any]:
    """y in two dimensions, three outcomes of h, their probabilities."""
    import sympy as sp

    y = sp.symbols("y0 y1", real=True)
    h = [sp.symbols(f"h{k}0 h{k}1", real=True) for k in range(3)]
    p0, p1 = sp.symbols("p0 p1", positive=True)
    return y, h, (p0, p1, 1 - p0 - p1)


def _check_compositional(ctx: Context) -> Finding:
    import sympy as sp

    y, h, p = _symbols()

    def mean(values: Any) -> Any:
        return sum((w * v for w, v in zip(p, values, strict=True)), sp.Integer(0))

    g = mean([inner(y, outcome) for outcome in h])
    center = [mean([outcome[i] for outcome in h]) for i in (0, 1)]
    slope = [sp.expand(sp.diff(g, v).subs(dict(zip(y, center, strict=True)), simultaneous=True)) for v in y]
    hessian = sp.hessian(g, y).applyfunc(sp.expand)
    # of h only E h and E|h|^2 enter, so that three outcomes speak for every law with second moments
    moments = [mean([sum((v**2 for v in outcome), sp.Integer(0)) for outcome in h]), *center]
    general = sum((v**2 for v in y), moments[0]) - 2 * sum((v * m for v, m in zip(y, center, strict=True)), 0)
    parts = {
        "the gradient at E h": slope == [0, 0],
        "the Hessian": hessian == 2 * sp.eye(2),
        "dependence on moments alone": sp.expand(g - general) == 0,
    }
    failed = [name for name, holds in parts.items() if not holds]
    return Finding(
        verdict=Verdict.PROVED
        if not failed
        else Verdict.REFUTED
        if "the gradient at E h" in failed
        else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"not as claimed: {' and '.join(failed)}"
        if failed
        else "three outcomes in two dimensions, all symbols: the gradient of E|y - h|^2 at E h is 0, the Hessian 2 I; only E h and E|h|^2 "
        "enter, so that this is every law's",
        numbers={"Hessian": str(hessian.tolist())},
    )


COMPOSITIONAL = Statement(
    id="dsbo/compositional",
    paper=PAPER,
    location="Section 1.1, compositional optimisation",
    kind="identity",
    sentence="With g(x, y) = E|y - h(x, xi)|^2 the lower solution is y*(x) = E h(x, xi), and g is strongly convex in y.",
    formula=r"\arg\min_y \mathbb E\|y - h(x,\xi)\|^2 = \mathbb E h(x,\xi)",
    check=_check_compositional,
    expected=Verdict.PROVED,
)


def gradient_witness(C_g: int = 1000, y: int | None = None) -> Witness:
    """``|y - h|^2`` with ``h = 0``: its gradient at y passes any bound further out.

    Examples
    --------
    >>> recheck(gradient_witness(7)).ok, recheck(gradient_witness(7, y=3)).ok
    (True, False)
    """
    return Witness(
        statement="dsbo/compositional-covered",
        paper=PAPER,
        location="Table 1, compositional optimisation; Assumption 3.4 (iv)",
        claim_text="g = |y - h|^2 satisfies |grad_y g| <= C_g at every y",
        given={"C_g": C_g, "h": [0], "y": [C_g if y is None else y]},
        define=(("gradient", "2*(y - h)"),),
        assume=(Condition("C_g is positive", "C_g > 0"),),
        claim=Condition("(iv): |grad_y g|^2 <= C_g^2 at y", "norm2(gradient) <= C_g**2"),
    )


def curvature() -> Any:
    """Of ``|y - h|^2`` along a coordinate."""
    import sympy as sp

    y, h, _ = _symbols()
    return sp.expand(sp.diff(inner(y, h[0]), y[0], 2))


GRID = [Fraction(k, 60) for k in range(1, 61)]
"""Values of 2/L_g."""


def _check_covered(ctx: Context) -> Finding:
    import sympy as sp

    s, C = sp.symbols("s C", positive=True)
    two = curvature()
    unbounded = clash(two * s, C, s)
    # (iv): d (2/L)^2 <= 1, (v): d (1 - 2/L)^2 < 1, so that 1 - 1/sqrt(d) < 1/sqrt(d)
    dimensions = [d for d in range(1, 9) if any(fits(d, c, Fraction(1, 1000)) for c in GRID)]
    formula = [d for d in range(1, 9) if 1 - 1 / sp.sqrt(d) < 1 / sp.sqrt(d)]
    witness = gradient_witness()
    stands = recheck(witness).ok
    refuted = unbounded and stands
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"grad_y g = {two}(y - h) {'passes' if unbounded else 'does not pass'} every C_g; with Hessian {two} I the Frobenius norms of "
        f"(iv), (v) share an L_g for d_y = {', '.join(map(str, dimensions))} only",
        numbers={"d_y": dimensions, "d_y by the formula": formula},
        cases=8,
        witness=witness if refuted else None,
    )


COVERED = Statement(
    id="dsbo/compositional-covered",
    paper=PAPER,
    location="Table 1, compositional optimisation, 'This Work'; Section 1.1",
    kind="complexity",
    variant="added",
    sentence="Theorem 5.1 gives the complexities that Table 1 lists for compositional problems: g = E|y - h|^2 satisfies Assumption 3.4.",
    formula=r"\nabla_y g = 2(y - \mathbb E h),\quad \nabla^2_{yy} g = 2I",
    because="Its gradient is unbounded, against 3.4(iv), and for d_y >= 4 its Hessian fails 3.4(iv), (v) for every L_g. That Table 1's columns "
    "come from Theorem 5.1 is our reading; charitably variances and spectral norms are meant.",
    check=_check_covered,
    expected=Verdict.REFUTED,
)
