"""Theorem 1's step sizes: what they make positive, (53), which bound binds, and how they depend on rho."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.graphs import named
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.theorems.coefficients import Letters, decrease, factors, metric
from spiritlevel.theory.argus.theorems.lists import LIST, NEEDS
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.admission import pictured
from spiritlevel.theory.step_lists.stepsize import Term

ANY = Constants(mu_g=1, L_g=1)
"""The list uses none of them."""


def admitted(seed: int, cases: int, terms: tuple[Term, ...] = LIST.terms) -> Iterator[tuple[Letters, str]]:
    """Random exact letters at the last iteration, eta the largest the terms allow or a part of it, and the bound that binds."""
    rng = np.random.default_rng(seed)
    rule = replace(LIST, terms=terms)
    for _ in range(cases):
        more = {
            "L_p": Fraction(2) ** int(rng.integers(-6, 7)),
            "M": Fraction(int(rng.integers(1, 61))),
            "T": Fraction(10) ** int(rng.integers(0, 8)),
            "tau": Fraction(int(rng.integers(1, 11))),
            "k_1": Fraction(int(rng.integers(1, 11))),
        }
        rho, N = 1 - Fraction(int(rng.integers(1, 41)), 40) ** 2, int(rng.integers(2, 61))
        rows = rule.rows(ANY, rho, N, more=more)
        bound = next(row for row in rows if row.binds)
        eta = Fraction(bound.limit) / 10 ** int(rng.integers(0, 4))
        rest = {k: more[k] for k in ("M", "tau", "k_1")}
        yield (
            Letters(N=Fraction(N), L=more["L_p"], rho=rho, t=more["T"], eta=eta, **rest),
            bound.term.name,
        )


def not_positive(c: Letters) -> list[int]:
    """Which of C_1 to C_7 are not positive."""
    return [i for i, value in decrease(c).items() if value <= 0]


def above(c: Letters, own: bool = False) -> list[int]:
    """For which i (53) fails, with p the largest p_i or with each p_i for itself."""
    C, p = decrease(c), factors(c)
    return [i for i, value in metric(c).items() if value > (p[i] if own else max(p.values())) * C[i]]


def _without(k: int) -> tuple[Term, ...]:
    return LIST.terms[:k] + LIST.terms[k + 1 :]


def _check_steps(ctx: Context) -> Finding:
    cases, wrong, binding = ctx.pick(150, 1500), 0, Counter[str]()
    for c, name in admitted(ctx.seed("letters"), cases):
        wrong += bool(not_positive(c))
        binding[name] += 1
    needed = {}
    for k, term in enumerate(LIST.terms):
        found = admitted(ctx.seed("without", k), ctx.pick(60, 500), _without(k))
        needed[term.name] = sum(bool(not_positive(c)) for c, _ in found)
    used = [name for name, count in needed.items() if count]
    more = dict(zip(NEEDS, map(Fraction, (10, 20, 10**4, 3, 1)), strict=True))
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"C_1 to C_7 are positive at the last iteration in {cases - wrong} of {cases} exact cases; bounds that bind: {_listed(binding)}; "
        f"with one bound dropped a coefficient turns negative only for {', '.join(used) or 'none'}",
        numbers={"not_positive": wrong, "without": [f"{k}: {v}" for k, v in needed.items()]},
        cases=cases,
        figures=(pictured(LIST, random_quadratic(1, 10, 1, 1, shared=True), named("ring:10"), more),),
    )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common())


STEPS = Statement(
    id="argus/stepsize",
    paper=PAPER,
    location="Theorem 1; above (53)",
    kind="step size",
    sentence="The seven bounds on eta make C_1 to C_7 in (52) positive for all t up to T_1 + T, with gamma_1 = gamma_2 = N/(eta (1 - rho)).",
    because="The paper leaves gamma_1 and gamma_2 open; the lemmas that (52) rests on are false, which is another matter.",
    check=_check_steps,
    expected=Verdict.SUPPORTED,
)


def _check_prime(ctx: Context) -> Finding:
    cases = ctx.pick(200, 2000)
    wrong = sum(bool(above(c)) for c, _ in admitted(ctx.seed("letters"), cases))
    loose = sum(
        bool(above(replace(c, eta=c.eta * 10**4))) for c, _ in admitted(ctx.seed("loose"), ctx.pick(50, 500))
    )
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.SUPPORTED if loose else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"C'_i <= p C_i for i = 2..7 in {cases - wrong} of {cases} exact cases; with eta 10^4 times as large it fails in {loose}",
        numbers={"failing": wrong, "failing_where_eta_is_large": loose},
        cases=cases,
    )


PRIME = Statement(
    id="argus/C-prime",
    paper=PAPER,
    location="(53)",
    kind="bound",
    sentence="With the step sizes of Theorem 1 C'_i <= p C_i for i = 2..7, p the largest of p_2 to p_7.",
    formula=r"C'_i \le p\, C_i,\ i = 2, \ldots, 7",
    because="Neither C'_i nor gamma is written out: C'_i is put together from (46)-(49), with the x- and y-terms of (46) once more for (47).",
    check=_check_prime,
    expected=Verdict.SUPPORTED,
)


def _check_own(ctx: Context) -> Finding:
    cases, failing = ctx.pick(100, 1000), Counter[int]()
    for c, _ in admitted(ctx.seed("letters"), cases):
        failing.update(above(c, own=True))
    five = failing[5] == cases
    return Finding(
        verdict=Verdict.REFUTED if failing else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"p_5 C_5 is less than C'_5 >= 2 in {failing[5]} of {cases} exact cases{', in all' if five else ''}; other i: "
        f"{', '.join(str(i) for i in sorted(failing) if i != 5) or 'none'}; C_5 is about eta N/2 and p_5 has 16/N where 16/(N eta) is needed",
        numbers={f"failing_{i}": failing[i] for i in range(2, 8)},
        cases=cases,
    )


OWN = Statement(
    id="argus/C-prime-own",
    paper=PAPER,
    location="above (53), p_2 to p_7",
    kind="bound",
    sentence="Each p_i serves its own line: C'_i <= p_i C_i for i = 2..7.",
    variant="added",
    because="p_5 lacks a factor of order 1/eta; only the maximum with p_2 saves (53).",
    check=_check_own,
    expected=Verdict.REFUTED,
)


def increasing(terms: tuple[Term, ...] = LIST.terms) -> list[str]:
    """Which bounds may grow with rho on [0, 1), by their derivative in 1 - rho."""
    import sympy as sp

    from spiritlevel.theory.instruments.signs import without_minus

    gap, N, L, M, T, tau, k = sp.symbols("gap N L M T tau k", positive=True)
    more: dict[str, Any] = dict(zip(NEEDS, (L, M, T, tau, k), strict=True))
    found = []
    for term in terms:
        bound = term.bound(_Symbols(1 - gap, N, more))  # type: ignore[arg-type]
        if not without_minus(sp.diff(sp.sympify(bound), gap)):
            found.append(term.name)
    return found


class _Symbols:
    """A setting of symbols, which `Setting` would not let in."""

    def __init__(self, lam: Any, m: Any, more: dict[str, Any]) -> None:
        self.lam, self.m, self.more = lam, m, more


def _check_rho(ctx: Context) -> Finding:
    grows = increasing()
    return Finding(
        verdict=Verdict.INCONCLUSIVE if grows else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="the derivatives of all seven bounds, or of their squares, with respect to 1 - rho have no minus"
        if not grows
        else f"not decided for {', '.join(grows)}",
        numbers={"undecided": grows},
    )


RHO = Statement(
    id="argus/rho-steps",
    paper=PAPER,
    location="Discussion below Theorem 1",
    kind="network",
    sentence="Smaller values of rho allow for larger step sizes: none of the seven bounds grows with rho.",
    check=_check_rho,
    expected=Verdict.PROVED,
)
