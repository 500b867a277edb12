r"""Which rows of Assumptions 3.3 and 3.4 the hyper-parameter task satisfies, as printed and with positive weights.

Violations are decided on one coordinate with one data point, :math:`g = \ell(y) + w(x) y^2/2` and :math:`f = \ell(y)`, by
limits along rays. More coordinates and data contain this one: the rows on weights are the same, and along a y that is
orthogonal to no data point all curvatures of the losses tend to 0.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

TASKS = ("printed", "exp", "bounded")
"""Sigmoid loss and weights x; logistic loss and weights exp(x); logistic loss and weights between 1/10 and 2."""


def task(name: str) -> tuple[Any, Any, Any, Any]:
    """``x, y, f, g`` of one coordinate as sympy expressions."""
    import sympy as sp

    x, y = sp.symbols("x y", real=True)
    chance = 1 / (1 + sp.exp(x))
    weight = {
        "printed": x,
        "exp": sp.exp(x),
        "bounded": sp.Rational(1, 10) + sp.Rational(19, 10) * (1 - chance),
    }
    loss = 1 / (1 + sp.exp(y)) if name == "printed" else sp.log(1 + sp.exp(-y))
    return x, y, loss, loss + weight[name] * y**2 / 2


def far(expression: Any, x: Any, y: Any, along: tuple[str, str]) -> Any:
    """The limit of a rational expression in x, y, e^x, e^y along a ray: x and y each ``1`` (a constant), ``t`` or ``-t``.

    An exponential beats every power of t, so leading terms in (e^t, t), in this order, decide.

    Examples
    --------
    >>> import sympy as sp
    >>> x, y = sp.symbols("x y", real=True)
    >>> far(sp.exp(x) * y, x, y, ("-t", "t")), far(sp.exp(x) * y, x, y, ("1", "t"))
    (0, oo)
    """
    import sympy as sp

    t, E = sp.symbols("t E", positive=True)
    at = {"1": (sp.log(2), sp.Integer(2)), "t": (t, E), "-t": (-t, 1 / E)}
    for variable, ray in zip((x, y), along, strict=True):
        value, power = at[ray]
        for sign in (1, -1):
            expression = expression.subs(sp.exp(sign * variable), power**sign)
        expression = expression.subs(variable, value)
    (top, up), (bottom, down) = (
        sp.Poly(part, E, t).LT(order="lex") for part in sp.fraction(sp.together(expression))
    )
    growth, ratio = tuple(a - b for a, b in zip(top, bottom, strict=True)), up / down
    if growth > (0, 0):
        return sp.oo * sp.sign(ratio)
    return ratio if growth == (0, 0) else sp.Integer(0)


RAYS = (("1", "t"), ("1", "-t"), ("t", "1"), ("-t", "1"), ("-t", "t"))


@cache
def violated(name: str) -> tuple[str, ...]:
    """The rows that no constants satisfy on all of R^d.

    Examples
    --------
    >>> violated("bounded")
    ('3.4(iii) grad_y g', '3.4(iii) hess_xy g', '3.4(iv) grad_y g', '3.4(iv) hess_xy g')
    """
    import sympy as sp

    x, y, f, g = task(name)

    def unbounded(*variables: str, of: Any = g) -> bool:
        derivatives = [sp.diff(of, *({"x": x, "y": y}[letter] for letter in each)) for each in variables]
        return any(abs(far(d, x, y, ray)) == sp.oo for d in derivatives for ray in RAYS)

    curvature = [far(sp.diff(g, y, 2), x, y, ray) for ray in RAYS]
    rows = {
        "3.3(ii)": unbounded("yy", of=f),
        "3.3(iii)": unbounded("y", of=f),
        "3.4(i)": any(limit <= 0 for limit in curvature),
        "3.4(iii) grad_y g": unbounded("yy", "xy"),
        "3.4(iii) hess_xy g": unbounded("xxy", "xyy"),
        "3.4(iii) hess_yy g": unbounded("xyy", "yyy"),
        "3.4(iv) grad_y g": unbounded("y"),
        "3.4(iv) hess_yy g": unbounded("yy"),
        "3.4(iv) hess_xy g": unbounded("xy"),
        # in the spectral norm: 0 < kappa_g L_g <= curvature <= (2 - kappa_g) L_g
        "3.4(v)": any(limit <= 0 or limit == sp.oo for limit in curvature),
    }
    return tuple(row for row, broken in rows.items() if broken)


KNOWN = "3.4(iv) grad_y g"
"""What no strongly convex lower level satisfies: dsbo/assumptions-contradict."""


def cross_witness() -> Witness:
    """``hess_xy R = diag(y)`` against ``L_g``; any larger ``L_g`` fails one step further out.

    Examples
    --------
    >>> recheck(cross_witness()).ok
    True
    """
    return Witness(
        statement="dsbo/hyper-assumptions",
        paper=PAPER,
        location="Section 6 and Assumption 3.4 (iv)",
        claim_text="the cross Hessian of sum_i x_i y_i^2/2 is bounded by L_g at every y",
        note="the loss does not depend on x; one data set or another makes no difference",
        given={"L_g": 1000, "y": [1001, 0]},
        define=(("cross", "diag(y)"),),
        assume=(Condition("L_g is positive", "L_g > 0"),),
        claim=Condition("|hess_xy g|_F^2 = |y|^2 <= L_g^2", "norm2(y) <= L_g**2"),
    )


def weight_witness() -> Witness:
    """``exp(x) = mu_g/4`` at a margin with ``exp(-z) = mu_g/4``: the curvature is below ``mu_g/2``.

    Examples
    --------
    >>> recheck(weight_witness()).ok
    True
    """
    return Witness(
        statement="dsbo/hyper-exp-assumptions",
        paper=PAPER,
        location="(2) and Assumption 3.4 (i)",
        claim_text="log(1 + exp(-y)) + exp(x) y^2/2 is mu_g-strongly convex in y for every x",
        note="w stands for exp(-y) and e for exp(x), which take every positive value; any mu_g > 0 fails alike",
        given={"mu_g": "1/1000", "w": "1/4000", "e": "1/4000"},
        define=(("curvature", "w/(1 + w)**2 + e"),),
        assume=(Condition("exponentials are positive", "w > 0 and e > 0 and mu_g > 0"),),
        claim=Condition("the second derivative in y is at least mu_g", "curvature >= mu_g"),
    )


def _judged(name: str, words: str, witness: Witness | None = None, proof: bool = True) -> Finding:
    rows = violated(name)
    more = [row for row in rows if row != KNOWN]
    refuted = bool(more) and proof and (witness is None or recheck(witness).ok)
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"{words}: besides {KNOWN}, which fails for every strongly convex g, {len(more)} of 10 rows fail on R^d: {', '.join(more)}",
        numbers={"violated": list(rows), "rows": 10, "rays": [f"x {a}, y {b}" for a, b in RAYS]},
        cases=10 * len(RAYS),
        witness=witness if refuted else None,
    )


def _check_printed(ctx: Context) -> Finding:
    return _judged("printed", "sigmoid loss, weights x_i", cross_witness())


PRINTED = Statement(
    id="dsbo/hyper-assumptions",
    paper=PAPER,
    location="Section 6, hyper-parameter optimisation; Assumptions 3.3 and 3.4",
    kind="qualitative",
    variant="added",
    sentence="The hyper-parameter task of Section 6 satisfies Assumptions 3.3 and 3.4, but for 3.4(iv) on grad_y g and with spectral norms "
    "in 3.4(v).",
    because="R = sum x_i y_i^2/2 has the unbounded derivatives y_i^2/2, x_i y_i, x_i and y_i, and negative curvature for x_i < 0. The text says that "
    "the experiments validate its theorems; that these cover them is our reading.",
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_exp(ctx: Context) -> Finding:
    import sympy as sp

    mu = sp.Symbol("mu", positive=True)
    quarter = mu / 4
    below = sp.factor(mu / 2 - (quarter / (1 + quarter) ** 2 + quarter)).is_positive
    return _judged("exp", "logistic loss, weights exp(x_i)", weight_witness(), bool(below))


EXP = Statement(
    id="dsbo/hyper-exp-assumptions",
    paper=PAPER,
    location="Section 6, hyper-parameter optimisation; Assumptions 3.3 and 3.4",
    kind="qualitative",
    variant="added",
    sentence="With the logistic loss and the weights exp(x_i) the task satisfies them in the same sense.",
    because="y*(x) and F exist for every x, and 3.3 holds, but no mu_g serves all x: where exp(x) and exp(-margin) are mu_g/4, the curvature is "
    "below mu_g/2. And exp is not Lipschitz.",
    check=_check_exp,
    expected=Verdict.REFUTED,
)


def _check_bounded(ctx: Context) -> Finding:
    return _judged("bounded", "logistic loss, weights between two positive numbers")


EVERYWHERE = Statement(
    id="dsbo/hyper-bounded-assumptions",
    paper=PAPER,
    location="Section 6, hyper-parameter optimisation; Assumptions 3.3 and 3.4",
    kind="qualitative",
    variant="added",
    sentence="With the logistic loss and weights w(x_i) between two positive bounds, with bounded w' and w'', the task satisfies them in the "
    "same sense, at every x and y.",
    because="mu_g is the lower bound and the Hessian is bounded and Lipschitz, but hess_xy g = diag(w'(x_i) y_i) still grows with y.",
    check=_check_bounded,
    expected=Verdict.REFUTED,
)
