r"""The step sizes (5), (6) and those of the experiment as lists, and where they leave their range.

A printed rule gives each step one value, so that it appears twice, as the least and the largest (to six digits:
square roots are not rational). Where that value is inadmissible the list has no room, and says so; nothing is clipped.
``m`` is the paper's K.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.witnesses import beta_witness, gamma_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.stepsize import Rule, Setting, Term, emptied
from spiritlevel.theory.witness import check as recheck

DIGITS = Fraction(1, 10**6)


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
    return Rule(statement, ("beta", "gamma", "alpha"), (*terms, WEIGHT, *more), "dsbo", needs=needs)


RULE_5 = _constant("dsbo/beta-above-1", "C_0 sqrt(K/T)", "sqrt(K/T)", 1)
RULE_5_REPAIRED = _constant("dsbo/beta-above-1-repaired", "C_0 sqrt(K/T)", "sqrt(K/T)", 1, INNER)
RULE_EXPERIMENT = _constant("dsbo/experiment-steps", "0.1 sqrt(K/T)", "10 sqrt(K/T)", 10, needs=("T",))


def _late(s: Setting) -> Real:
    return s.more["C_1"] + s.more["t"]


_BETA_6 = _is("C_1/(C_1 + t)", "beta", lambda s: s.more["C_1"] / _late(s))
_GAMMA_6 = _is("C_1/(C_1 + t)", "gamma", lambda s: s.more["C_1"] / _late(s))
_ALPHA_6 = _is("2/(mu (C_1 + t))", "alpha", lambda s: 2 / (s.more["mu_F"] * _late(s)))
_NEEDS_6 = ("t", "C_1", "mu_F")
RULE_6 = Rule(
    "dsbo/gamma-range",
    ("beta", "gamma", "alpha"),
    (*_BETA_6, WEIGHT, *_GAMMA_6, *_ALPHA_6),
    "dsbo",
    needs=_NEEDS_6,
)
RULE_6_REPAIRED = Rule(
    "dsbo/gamma-range-repaired",
    ("beta", "gamma", "alpha"),
    (*_BETA_6, WEIGHT, _GAMMA_6[0], INNER, *_ALPHA_6),
    "dsbo",
    needs=_NEEDS_6,
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
    refuted = exact and bool(outside) and recheck(witness).ok
    grows = (math.sqrt(100 / 20) - 1) ** 20
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if not outside else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"beta > 1 exactly where T < K ({len(outside)} of {len(cases)} cases), negative weight on the past; beyond T = K/4 "
        f"errors in s even grow: |1 - beta|^T = {grows:.3g} for K = 100, T = 20",
        numbers={"outside": [f"K={K}, T={T}" for K, T in outside], "growth, K=100, T=20": grows},
        cases=len(cases),
        witness=witness if refuted else None,
    )


BETA = Statement(
    id="dsbo/beta-above-1",
    paper=PAPER,
    location="(5) and Section 4 ('weighted average')",
    kind="step size",
    sentence="For every K and T rule (5) makes beta_t a weight, so that s, h, u and v are weighted averages.",
    formula=r"0 \le \beta_t = \sqrt{K/T} \le 1",
    because="sqrt(K/T) exceeds 1 for T < K; no lower bound on T is stated.",
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
    return Finding(
        verdict=Verdict.PROVED if proof and admitted and refused else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"1/L_g^2 - K/T = {sp.simplify(1 / L**2 - gamma2)} at T = K L_g^2 + extra; one iteration less and the list is empty",
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


def _check_experiment(ctx: Context) -> Finding:
    runs = [(5, 50_000), (5, 20_000), (10, 20_000), (20, 20_000)]
    inside = [first_empty(RULE_EXPERIMENT, *case) is None for case in runs]
    edge = [first_empty(RULE_EXPERIMENT, K, 100 * K - 1) == "beta" for K in (5, 20, 100)]
    betas = [10 * math.sqrt(K / T) for K, T in runs]
    return Finding(
        verdict=Verdict.SUPPORTED if all(inside) and all(edge) else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"beta = {', '.join(f'{b:.3g}' for b in betas)}, below 1; the rule leaves the range for T < 100 K, with K = 100 for "
        "T < 10000 (T of that run is not in the text); gamma against 1/L_g cannot be judged, L_g is not given",
        numbers={"beta": betas, "least T, K = 100": 10_000},
        cases=len(runs) + len(edge),
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


def errors(a: Fraction, C_1: Fraction, largest: Fraction | None = None) -> Iterator[Fraction]:
    """The inner loop's error at fixed x from 1 on, by (6), ``gamma_t`` cut at ``largest`` if given."""
    e, t = Fraction(1), 0
    while True:
        yield e
        gamma = C_1 / (C_1 + t)
        e, t = e * (1 - a * (gamma if largest is None else min(largest, gamma))), t + 1


def peak(a: int, C_1: int, largest: Fraction | None = None) -> Fraction:
    """The largest error: factors exceed 1 in size while ``t < C_1 (a/2 - 1)``.

    Examples
    --------
    >>> peak(4, 2), peak(4, 2, Fraction(1, 4))
    (Fraction(5, 1), Fraction(1, 1))
    """
    count = max(0, math.ceil(C_1 * (Fraction(a, 2) - 1))) + 2
    return max(
        abs(e) for e, _ in zip(errors(Fraction(a), Fraction(C_1), largest), range(count), strict=False)
    )


def _log10(value: Fraction) -> float:
    return round(math.log10(value.numerator) - math.log10(value.denominator), 3)


CASES = ((4, 2), (4, 10), (4, 50), (4, 100), (10, 100))


def _check_gamma(ctx: Context) -> Finding:
    one = quadratic(H=[[[4]]], B=[[[0]]], c=[[0]], Q=[[[1]]], y0=[1], shared=True).over("fraction")
    algorithm = ctx.algorithm("dsbo")(rule="(6)", C_1=2, mu=1, b=1, L_g=4, mu_g=4).over("fraction")
    net, oracle = Gossip(averaging(1, exact=True)), Oracle(one)
    x, y = one.start()
    state, seen = algorithm.init(x[None], y[None], oracle, net), [Fraction(1)]
    for t in (1, 2, 3):
        state = algorithm.step(t, state, oracle, net)
        seen.append(Fraction(state.y[0, 0, 0]))
    peaks = {f"a = {a}, C_1 = {C}": _log10(peak(a, C)) for a, C in CASES}
    witness = gamma_witness()
    refuted = max(map(abs, seen)) > 1 and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"gamma_0 = 1 whatever L_g is: DSBO with a = 4, C_1 = 2 has the inner errors {', '.join(map(str, seen))}; a larger C_1 "
        f"is worse, peaks 10^{peaks['a = 4, C_1 = 50']:.1f} (C_1 = 50), 10^{peaks['a = 4, C_1 = 100']:.1f} (100); all "
        "recover, so the orders of Theorem 5.3 survive with such a constant",
        numbers={f"log10 peak, {name}": value for name, value in peaks.items()},
        cases=1 + len(CASES),
        witness=witness if refuted else None,
    )


GAMMA = Statement(
    id="dsbo/gamma-range",
    paper=PAPER,
    location="(5), (6) and Algorithm 1, Step 5",
    kind="step size",
    sentence="The inner steps gamma_t of (6), with C_1 large and no bound by L_g, do not increase the distance to the lower solution.",
    formula=r"|1 - a\gamma_t| \le 1,\ \gamma_t = \frac{C_1}{C_1+t},\ \mu_g \le a \le L_g",
    because="The factor exceeds 1 in size while t < C_1 (a/2 - 1), the longer the larger C_1. (5), (6) state no bound; that none is "
    "needed is our reading.",
    about=("dsbo",),
    check=_check_gamma,
    expected=Verdict.REFUTED,
)


def _check_gamma_repaired(ctx: Context) -> Finding:
    import sympy as sp

    a, u, w = sp.symbols("a u w", positive=True)
    factor = sp.simplify(1 - a / (a + u + w))  # gamma = 1/(L_g + w) <= 1/L_g, L_g = a + u
    proof = factor.is_positive and sp.simplify(factor - 1).is_negative
    peaks = [peak(a_, C, Fraction(1, a_)) for a_, C in CASES]
    return Finding(
        verdict=Verdict.PROVED if proof and max(peaks) <= 1 else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"0 <= 1 - a gamma = {factor} < 1 for every a <= L_g (u, w >= 0); no peak in the {len(CASES)} cases of the printed rule",
        cases=1 + len(CASES),
    )


GAMMA_REPAIRED = Statement(
    id="dsbo/gamma-range-repaired",
    paper=PAPER,
    location="(6)",
    kind="step size",
    variant="repaired",
    repairs="dsbo/gamma-range",
    sentence="With gamma_t = min(1/L_g, C_1/(C_1+t)) no inner step at fixed x increases the distance to the lower solution.",
    formula=r"\gamma_t = \min\{1/L_g, C_1/(C_1+t)\}",
    because="Adds the bound by L_g; for large t it is (6).",
    check=_check_gamma_repaired,
    expected=Verdict.PROVED,
)
