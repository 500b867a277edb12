r"""The step sizes (5), (6) and those of the experiment as lists, and where they leave their range.

A printed rule gives each step one value, so that it appears twice, as the least and the largest (to six digits:
square roots are not rational). Where that value is inadmissible the list has no room, and says so; nothing is clipped.
``m`` is the paper's K.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.witnesses import beta_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.admission import pictured
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, emptied
from spiritlevel.theory.witness import check as recheck

DIGITS = Fraction(1, 10**6)
UNITS: Mapping[str, Mapping[str, int]] = {
    "beta": {},
    "gamma": {"g": -1, "length": 2},
    "C_0": {"f": -1, "length": 2},
    "mu_F": {"f": 1, "length": -2},
}


def _is(name: str, step: str, value: Callable[[Setting], Real], power: int = 1) -> tuple[Term, Term]:
    """``step ** power = value`` to six digits of the step, as an upper and a lower bound."""
    k = 2 if power == 2 else 1
    return (
        Term(name, step, lambda s: value(s) * (1 + DIGITS) ** k, 2 if power == 2 else 1),
        Term(
            f"at least {name}",
            step,
            lambda s: value(s) * (1 - DIGITS) ** k,
            2 if power == 2 else 1,
            lower=True,
        ),
    )


WEIGHT = Term("1", "beta", lambda s: Fraction(1), serves="1 - beta_t is a weight")
INNER = Term("1/L_g", "gamma", lambda s: 1 / s.constants.L_g, serves="inner contraction")


def _constant(
    statement: str, alpha: str, beta: str, scale: int, *more: Term, needs: tuple[str, ...] = ("T", "C_0")
) -> Rule:
    """``beta = gamma = scale sqrt(K/T)`` and ``alpha = C_0 sqrt(K/T)``, or ``sqrt(K/T)/10`` without ``C_0``."""

    def per(factor: Callable[[Setting], Real]) -> Callable[[Setting], Real]:
        return lambda s: factor(s) ** 2 * s.m / Fraction(s.more["T"])

    C_0: Callable[[Setting], Real] = lambda s: s.more["C_0"] if "C_0" in needs else Fraction(1, 10)
    terms = (
        *_is(beta, "beta", per(lambda s: Fraction(scale)), 2),
        *_is(beta, "gamma", per(lambda s: Fraction(scale)), 2),
        *_is(alpha, "alpha", per(C_0), 2),
    )
    return _rule(statement, (*terms, WEIGHT, *more), needs, room=statement)


def settled(a: Algorithm, problem: SolvedProblem, network: Network) -> Array:
    """The matrix of one step once u, v and q have come to rest, beside that of their way there.

    u, v and q move without x and y, by the factor 1 - beta; where they rest, the step of (x, y, s, h) is affine.
    """
    from scipy.linalg import block_diag

    from spiritlevel.theory.dsbo.theorems.moments import at_rest

    now = at_rest(a, problem, network)[1]
    return block_diag(now.F[0], 1 - float(a.beta))  # type: ignore[attr-defined]


def _rule(statement: str, terms: tuple[Term, ...], needs: tuple[str, ...], room: str = "") -> Rule:
    return Rule(
        statement,
        ("beta", "gamma", "alpha"),
        terms,
        "dsbo",
        needs=needs,
        fitted=lambda c: {"L_g": c.L_g, "mu_g": c.mu_g},
        matrix=settled,
        units=UNITS,
        room=room,
    )


RULE_5 = _constant("dsbo/beta-above-1", "C_0 sqrt(K/T)", "sqrt(K/T)", 1)
RULE_5_REPAIRED = _constant("dsbo/beta-above-1-repaired", "C_0 sqrt(K/T)", "sqrt(K/T)", 1, INNER)
SIZES = {"T": Fraction(100), "C_0": Fraction(1, 100)}
"""Of the figure."""
RULE_EXPERIMENT = _constant("dsbo/experiment-steps", "0.1 sqrt(K/T)", "10 sqrt(K/T)", 10, needs=("T",))


def _late(s: Setting) -> Real:
    return s.more["C_1"] + s.more["t"]


_BETA_6 = _is("C_1/(C_1 + t)", "beta", lambda s: s.more["C_1"] / _late(s))
_GAMMA_6 = _is("C_1/(C_1 + t)", "gamma", lambda s: s.more["C_1"] / _late(s))
_ALPHA_6 = _is("2/(mu (C_1 + t))", "alpha", lambda s: 2 / (s.more["mu_F"] * _late(s)))
_NEEDS_6 = ("t", "C_1", "mu_F")
RULE_6 = _rule("dsbo/gamma-range", (*_BETA_6, WEIGHT, *_GAMMA_6, *_ALPHA_6), _NEEDS_6)
RULE_6_REPAIRED = _rule(
    "dsbo/gamma-range-repaired", (*_BETA_6, WEIGHT, _GAMMA_6[0], INNER, *_ALPHA_6), _NEEDS_6
)


def first_empty(rule: Rule, K: int, T: int, L_g: int = 1) -> str | None:
    """The step that a constant rule leaves no room for with K agents and T iterations.

    Examples
    --------
    >>> first_empty(RULE_5, 5, 4), first_empty(RULE_5, 5, 6), first_empty(RULE_5_REPAIRED, 5, 6, L_g=3)
    ('beta', None, 'gamma')
    """
    constants = Constants(mu_g=1, L_g=L_g)
    more = {"T": Fraction(T), "C_0": Fraction(1, 100)}
    return emptied(rule.rows(constants, Fraction(1, 2), K, more=more), rule.order)


def _check_beta(ctx: Context) -> Finding:
    cases = [(K, T) for K in (4, 5, 20, 100) for T in (K // 2, K - 1, K, K + 1, 10 * K)]
    outside = [case for case in cases if first_empty(RULE_5, *case) == "beta"]
    exact = outside == [(K, T) for K, T in cases if T < K]
    witness = beta_witness()
    stands = recheck(witness).ok
    grows = (math.sqrt(100 / 20) - 1) ** 20
    if stands and exact:
        verdict, told = (
            Verdict.REFUTED,
            f"beta > 1 exactly where T < K ({len(outside)} of {len(cases)} cases)",
        )
    elif stands or outside:
        verdict = Verdict.INCONCLUSIVE
        told = f"beta > 1 in {len(outside)} of {len(cases)} cases, and the witness {'stands' if stands else 'falls'}"
    else:
        verdict, told = Verdict.SUPPORTED, f"beta <= 1 in all {len(cases)} cases"
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL,
        summary=f"{told}. A weight above 1 on the new sample is a negative one on the past; where beta > 2, for (5) below T = K/4, errors in s "
        f"even grow: |1 - beta|^T = {grows:.3g} at beta = sqrt(100/20), T = 20",
        numbers={"outside": [f"K={K}, T={T}" for K, T in outside], "growth, K=100, T=20": grows},
        cases=len(cases),
        witness=witness if verdict is Verdict.REFUTED else None,
        figures=(pictured(RULE_5, random_quadratic(1, 4, 1, 1, shared=True), named("ring:4"), SIZES),),
    )


BETA = Statement(
    id="dsbo/beta-above-1",
    paper=PAPER,
    location="(5) and Section 4 ('weighted average')",
    kind="step size",
    variant="added",
    sentence="For every K and T rule (5) makes beta_t a weight, so that s, h, u and v are weighted averages.",
    formula=r"0 \le \beta_t = \sqrt{K/T} \le 1",
    because="sqrt(K/T) exceeds 1 for T < K. The paper states no lower bound on T and does not say 'for every T' either; charitably T >= K is "
    "meant, as for any rate in T.",
    check=_check_beta,
    expected=Verdict.REFUTED,
)


def _check_beta_repaired(ctx: Context) -> Finding:
    import sympy as sp

    K, L, extra = sp.symbols("K L extra", positive=True)
    gamma2 = K / (K * L**2 + extra)  # T = K L^2 + extra
    proof = sp.simplify(1 / L**2 - gamma2).is_positive and sp.simplify((K / (K + extra)) - 1).is_negative
    cases = [
        (K_, T, L_)
        for K_ in (1, 5, 20)
        for L_ in (1, 4)
        for T in (K_ * L_**2, K_ * L_**2 + 1, 9 * K_ * L_**2)
    ]
    admitted = all(first_empty(RULE_5_REPAIRED, *case) is None for case in cases)
    refused = all(first_empty(RULE_5_REPAIRED, K_, K_ * 16 - 1, 4) == "gamma" for K_ in (1, 5, 20))
    good = proof and admitted and refused
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"1/L_g^2 - K/T = {sp.simplify(1 / L**2 - gamma2)} at T = K L_g^2 + extra"
        + (
            "; one iteration less and the list is empty"
            if good
            else ", no proof that the list is empty exactly below"
        ),
        cases=len(cases) + 3,
    )


BETA_REPAIRED = Statement(
    id="dsbo/beta-above-1-repaired",
    paper=PAPER,
    location="(5)",
    kind="step size",
    variant="repaired",
    repairs="dsbo/beta-above-1",
    sentence="With T >= K max(1, L_g^2) rule (5) gives beta_t <= 1 and gamma_t <= 1/L_g.",
    formula=r"T \ge K \max(1, L_g^2)",
    because="States the least T that the rule needs.",
    check=_check_beta_repaired,
    expected=Verdict.PROVED,
)


RUNS = ((5, 50_000), (5, 20_000), (10, 20_000), (20, 20_000))
"""Agents and iterations of the runs in the text."""


def _check_experiment(ctx: Context) -> Finding:
    out = [f"K = {K}, T = {T}" for K, T in RUNS if first_empty(RULE_EXPERIMENT, K, T) is not None]
    edge = all(first_empty(RULE_EXPERIMENT, K, 100 * K - 1) == "beta" for K in (5, 20, 100))
    betas = [10 * math.sqrt(K / T) for K, T in RUNS]
    return Finding(
        verdict=Verdict.REFUTED if out else Verdict.SUPPORTED if edge else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"beta = {', '.join(f'{b:.3g}' for b in betas)} in the runs of the text, {'above 1 for ' + out[0] if out else 'below 1'}; the rule "
        f"{'leaves' if edge else 'does not leave'} the range just below T = 100 K, with K = 100 below T = 10000 (T of that run is not in "
        "the text); gamma against 1/L_g cannot be judged, L_g is not given",
        numbers={"beta": betas, "outside": out},
        cases=len(RUNS) + 3,
    )


EXPERIMENT = Statement(
    id="dsbo/experiment-steps",
    paper=PAPER,
    location="Section 6, hyper-parameter optimisation",
    kind="step size",
    variant="added",
    sentence="In the runs of Section 6 beta_t = 10 sqrt(K/T) is a weight.",
    because="Not (5), whose factor is 1: the rule needs T >= 100 K, which the runs in the text satisfy.",
    check=_check_experiment,
    expected=Verdict.SUPPORTED,
)
