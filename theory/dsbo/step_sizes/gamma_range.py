"""The inner step size of (6), which knows no L_g."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.witnesses import gamma_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

CASES = ((4, 2), (4, 10), (4, 50), (4, 100), (10, 100))
"""Curvatures a of the lower level and constants C_1."""
FIRST = 1
"""(6) is printed from there on."""


def errors(a: Fraction, C_1: Fraction, largest: Fraction | None = None) -> Iterator[Fraction]:
    """The inner loop's error at fixed x by (6), 1 at t = 1; ``gamma_t`` is cut at ``largest`` if given."""
    e, t = Fraction(1), FIRST
    while True:
        yield e
        gamma = C_1 / (C_1 + t)
        e, t = e * (1 - a * (gamma if largest is None else min(largest, gamma))), t + 1


def peak(a: int, C_1: int, largest: Fraction | None = None) -> Fraction:
    """The largest error: factors exceed 1 in size while ``t < C_1 (a/2 - 1)``.

    Examples
    --------
    >>> peak(4, 2), peak(4, 2, Fraction(1, 4))
    (Fraction(5, 3), Fraction(1, 1))
    """
    count = max(0, math.ceil(C_1 * (Fraction(a, 2) - 1))) + 2
    return max(
        abs(e) for e, _ in zip(errors(Fraction(a), Fraction(C_1), largest), range(count), strict=False)
    )


def _log10(value: Fraction) -> float:
    return round(math.log10(value.numerator) - math.log10(value.denominator), 3)


def _problem() -> Bilevel:
    """g = 2 y^2 on one agent, from y = 1; the upper level does not move x, which starts at its optimum."""
    return quadratic(H=[[[4]]], B=[[[0]]], c=[[0]], Q=[[[1]]], y0=[1], shared=True).over("fraction")


def seen_errors(make: Callable[..., Algorithm], steps: int = 3) -> list[Fraction]:
    """The code's own inner errors by (6) with C_1 = 2 from y = 1 at t = 1 on, where a = L_g = 4."""
    one = _problem()
    algorithm = make(rule="(6)", C_1=2, mu=1, b=1, L_g=4, mu_g=4).over("fraction")
    net, oracle = Gossip(averaging(1, exact=True)), Oracle(one)
    x, y = one.start()
    state: Any = algorithm.init(x[None], y[None], oracle, net)
    seen = [Fraction(1)]
    for t in range(FIRST, FIRST + steps):
        state = algorithm.step(t + 1, state, oracle, net)  # the driver's time is the paper's plus 1
        seen.append(Fraction(state.y[0, 0, 0]))
    return seen


def _check_gamma(ctx: Context) -> Finding:
    seen = seen_errors(ctx.algorithm("dsbo"))
    peaks = {f"a = {a}, C_1 = {C}": _log10(peak(a, C)) for a, C in CASES}
    witness = gamma_witness()
    grows, stands = max(map(abs, seen)) > 1, recheck(witness).ok
    if grows and stands:
        verdict, told = Verdict.REFUTED, "gamma_t is near 1 at first, whatever L_g is"
    elif grows or stands:
        verdict, told = (
            Verdict.INCONCLUSIVE,
            f"the exact witness {'stands' if stands else 'falls'}, the code's errors say otherwise",
        )
    else:
        verdict, told = Verdict.SUPPORTED, "no error grows"
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL,
        summary=f"{told}: DSBO with a = 4, C_1 = 2 has the inner errors {', '.join(map(str, seen))} from t = 1 on. For the formula a larger C_1 "
        f"is worse, peaks 10^{peaks['a = 4, C_1 = 50']:.1f} (C_1 = 50), 10^{peaks['a = 4, C_1 = 100']:.1f} (100), times a - 1 if it is used at "
        "t = 0 too; all recover, so the orders of Theorem 5.3 survive with such a constant",
        numbers={f"log10 peak, {name}": value for name, value in peaks.items()},
        cases=1 + len(CASES),
        audit=audit_runs([_problem()], [averaging(1)]),
        witness=witness if verdict is Verdict.REFUTED else None,
    )


GAMMA = Statement(
    id="dsbo/gamma-range",
    paper=PAPER,
    location="(5), (6) and Algorithm 1, Step 5",
    kind="step size",
    variant="added",
    sentence="The inner steps gamma_t of (6), with C_1 large and no bound by L_g, do not increase the distance to the lower solution.",
    formula=r"|1 - a\gamma_t| \le 1,\ \gamma_t = \frac{C_1}{C_1+t},\ \mu_g \le a \le L_g,\ t \ge 1",
    because="The factor exceeds 1 in size while t < C_1 (a/2 - 1), the longer the larger C_1. (5), (6) state no bound; that none is "
    "needed is our reading. Charitably the theorems' constants absorb a transient, however large.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=_check_gamma,
    expected=Verdict.REFUTED,
)


def _check_gamma_repaired(ctx: Context) -> Finding:
    import sympy as sp

    a = sp.Symbol("a", positive=True)
    u, w = sp.symbols("u w", nonnegative=True)
    factor = sp.simplify(1 - a / (a + u + w))  # gamma = 1/(L_g + w) <= 1/L_g, L_g = a + u
    proof = bool(factor.is_nonnegative) and bool(sp.simplify(1 - factor).is_nonnegative)
    highest = max(peak(a_, C, Fraction(1, a_)) for a_, C in CASES)
    good = proof and highest <= 1
    return Finding(
        verdict=Verdict.REFUTED if highest > 1 else Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"1 - a gamma = {factor} with L_g = a + u and 1/gamma = L_g + w{' is in [0, 1]' if proof else ', no proof that it is in [0, 1]'}; "
        f"the largest error in the {len(CASES)} cases of the printed rule is {highest} of the first",
        cases=1 + len(CASES),
    )


GAMMA_REPAIRED = Statement(
    id="dsbo/gamma-range-repaired",
    paper=PAPER,
    location="(6)",
    kind="step size",
    variant="repaired",
    repairs="dsbo/gamma-range",
    sentence="With gamma_t = min(1/L_g, C_1/(C_1+t)) no inner step at fixed x, of one agent or of agents that agree, increases the distance "
    "to the lower solution.",
    formula=r"\gamma_t = \min\{1/L_g, C_1/(C_1+t)\}",
    because="Adds the bound by L_g; for large t it is (6). Where agents disagree W enters too: see dsbo/gamma-network.",
    check=_check_gamma_repaired,
    expected=Verdict.PROVED,
)
