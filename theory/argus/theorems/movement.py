"""Assumption 1(c): its k_1 is no constant, since runs that converge move less and less."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from spiritlevel.core.networks import averaging
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.planes import line, states
from spiritlevel.theory.argus.experiments.metric import psi
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

ETA, L = Fraction(1, 10), Fraction(3)
"""L does not matter where agents agree."""


def course(ctx: Context, steps: int) -> tuple[list[Fraction], list[Fraction]]:
    """Squared movements and Psi of two identical agents with G = (x^2 + y^2)/2 from x = 1, y = 0; exact."""
    problem, network = line(0), averaging(2, exact=True)
    a = ctx.algorithm("argus")(eta=ETA, T_1=0, M=1)
    start = np.array([[1], [1]]), np.array([[0], [0]])
    run: list[Any] = states(a, problem, network, {}, steps, start)
    moved = [Fraction(((t.x - s.x) ** 2).sum() + ((t.y - s.y) ** 2).sum()) for s, t in pairwise(run)]
    return moved, [Fraction(psi(problem, network, s, ETA).total(L)[0]) for s in run]


def least(eta: Any, start: Any, eps: Any, tau: Any) -> Any:
    """A lower bound on k_1 where movements are a constant times Psi, and Psi falls by (1 - eta)^2 each time.

    The last iteration before Psi <= eps starts at Psi <= eps/(1 - eta)^2, and the first moves as far as Psi^0 says.
    """
    return start * (1 - eta) ** 2 / (tau * eps)


def _check(ctx: Context) -> Finding:
    import sympy as sp

    moved, seen = course(ctx, ctx.pick(8, 20))
    shares = {m / v for m, v in zip(moved, seen, strict=False) if v}
    falls = {b / a for a, b in pairwise(seen) if a}
    eta, start, eps, tau = sp.symbols("eta start eps tau", positive=True)
    grows = sp.limit(least(eta, start, eps, tau).subs(eta, sp.Rational(1, 10)), eps, 0, "+") == sp.oo
    geometric = shares == {ETA**2} and falls == {(1 - ETA) ** 2}
    ratio = moved[0] / moved[-1] if moved[-1] else Fraction(0)
    refuted = geometric and grows
    reached = [float(v) for v in seen[: len(moved)]]
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"identical agents, G = (x^2 + y^2)/2: every movement is eta^2 Psi and Psi falls by (1 - eta)^2, exactly, so that tau k_1 >= (1 - eta)^2 Psi^0/eps, without "
        f"bound as eps -> 0; within {len(moved)} iterations at eta = 1/10 tau k_1 is {float(ratio):.1f} or more"
        if refuted
        else f"movements over Psi: {len(shares)} values; Psi falls by {len(falls)} factors; unbounded: {grows}",
        numbers={"movements_over_psi": sorted(map(str, shares))[:3], "first_over_last": float(ratio)},
        cases=len(moved),
        figures=(
            Plot(
                title="Two identical agents, G = (x^2 + y^2)/2, eta = 1/10: how large tau k_1 must be",
                x_label="Psi, the accuracy that is reached",
                y_label="first movement over the last one",
                curves=(
                    Curve("exact run", reached, [float(moved[0] / m) for m in moved], "points"),
                    power_law("1/Psi", reached, -1.0, (reached[0], 1.0)),
                ),
                log="xy",
                caption="No constant bounds it: it grows like 1/epsilon.",
            ),
        )
        if refuted
        else (),
    )


K_1 = Statement(
    id="argus/k1-constant",
    paper=PAPER,
    location="Assumption 1(c); Theorem 1",
    kind="bound",
    variant="added",
    sentence="The k_1 of Assumption 1(c) does not depend on the accuracy epsilon that a run is to reach.",
    formula=r"\sum_i \|x_i^t - x_i^{t-1}\|^2 \le \tau k_1 \vartheta, \quad \vartheta \le \sum_i \|x_i^{t+1} - x_i^t\|^2 + \|y_i^{t+1} - y_i^t\|^2",
    because="Where movements shrink with Psi, the first over the last before Psi <= epsilon is of order 1/epsilon. 'Consequently' does not follow from being awake. "
    "With k_1 of that order the first bound on eta is of order epsilon and p of order 1/epsilon^2, so that O(1/epsilon) iterations cannot follow.",
    about=("argus",),
    check=_check,
    expected=Verdict.REFUTED,
)
