"""From (51)-(53) to (33): what is added up over the iterations, and the lower bound on F below (54)."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.theorems.coefficients import Letters, factors
from spiritlevel.theory.argus.theorems.steps import admitted
from spiritlevel.theory.evidence import Evidence, judged
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

F = Fraction


def harmonic(first: int, last: int) -> Fraction:
    r"""The sum of :math:`\eta^2 (4 (c^{t-1})^2 - 3 (c^t)^2) = 4/t - 3/(t+1)` over t = first..last.

    Examples
    --------
    >>> harmonic(2, 3) == Fraction(4, 2) - Fraction(3, 3) + Fraction(4, 3) - Fraction(3, 4)
    True
    """
    return sum((F(4, t) - F(3, t + 1) for t in range(first, last + 1)), F(0))


def outgrown() -> int:
    """The least T, where T_1 = 0, from which the sum exceeds 4 (c^1)^2 = 2/eta^2.

    Examples
    --------
    >>> outgrown()
    5
    """
    T = 2
    while harmonic(2, T) <= 2:
        T += 1
    return T


def coefficients(c: Letters, first: int, p: float) -> tuple[float, float]:
    r"""What stands with :math:`MN\alpha_1 + N^2\alpha_2`: summed up from (51), (52) and F's bound, and in (33).

    ``first`` is T_1 + 2 and ``c.t`` is T_1 + T. The sum of 1/t over first..last is at most log(last/(first - 1)).
    """
    eta, last = float(c.eta), float(c.t)
    damping = math.log(last / (first - 1)) + 3 / first - 3 / (last + 1)
    before = math.sqrt(first / (first - 1)) - 1
    summed = p * (4 / eta * before + 1 / (2 * eta * math.sqrt(first))) + damping / eta**2
    c_1, c_2 = 1 / (eta * math.sqrt(2)), 1 / (eta * math.sqrt(3))
    steps = math.sqrt(2) + math.sqrt(3 / 2)
    return summed, p * (c_1 / 2 + 4 / eta * steps + 4 * c_1**2 + c_2 / 2)


def exceeding(seed: int, cases: int) -> int:
    """In how many random cases with step sizes that Theorem 1 admits the sum is above (33)."""
    rng, found = np.random.default_rng(seed), 0
    for c, _ in admitted(seed, cases):
        if c.t < 2:
            continue
        first = int(rng.integers(2, min(int(c.t), 10**6) + 1))
        left, right = coefficients(c, first, float(max(factors(c).values())))
        found += left > right
    return int(found)


def sum_proof() -> dict[str, bool]:
    """The steps of the argument, each by algebra."""
    import sympy as sp

    t, b, eta, x = (sp.Symbol(name, positive=True) for name in ("t", "b", "eta", "x"))
    c = [1 / (eta * sp.sqrt(t + k)) for k in (0, 1)]  # c^{t-1}, c^t
    split = 4 * c[0] ** 2 - 3 * c[1] ** 2 - (1 / t + 3 * (1 / t - 1 / (t + 1))) / eta**2
    slope = sp.diff(2 * sp.sqrt(b) - 2 - sp.log(b), b)
    root = sp.simplify(slope * b - (sp.sqrt(b) - 1))
    # p >= p_6 = 3/eta, and 1/eta >= 24 L sqrt(2 (N + M)(T_1 + T)) by the third bound, with N + M >= 3 and L^2 >= 2.
    least = (3 * 24) ** 2 * 2 * 2 * 3
    return {
        "the damping splits into 1/t and a telescope": bool(sp.simplify(split) == 0),
        "log b <= 2 sqrt(b) - 2 from b = 1 on": bool(root == 0 and slope.subs(b, 1) == 0),
        "so the sum is at most sqrt(T_1 + T) 4 (c^1)^2": bool(
            sp.expand((2 * x - 2 + sp.Rational(3, 2)) / 2 - x) < 0
        ),
        "p is at least sqrt(T_1 + T)": least >= 1,
    }


def _check_sum(ctx: Context) -> Finding:
    proof, cases = sum_proof(), ctx.pick(2000, 20000)
    T = outgrown()
    return judged(
        all(proof.values()),
        Evidence(cases, exceeding(ctx.seed(), cases), "random cases with admitted step sizes"),
        f"the sum of 4(c^(t-1))^2 - 3(c^t)^2 is harmonic, above (33)'s 4(c^1)^2 from T = {T} on where T_1 = 0, and at most sqrt(T_1 + T) times it; p >= 3/eta, by the third bound on eta, "
        "is larger than sqrt(T_1 + T), as L >= sqrt(2) with a multiplier theta; the rest telescopes",
        {"outgrown": T, **proof},
    )


SUM = Statement(
    id="argus/33-sum",
    paper=PAPER,
    location="Appendix A, from (51)-(53) to the bound; (33)",
    kind="lemma",
    variant="added",
    sentence="With (51), its parenthesis in its place, (52), (53) and the lower bound on F, adding up p times (52) and (51) over t = T_1 + 2..T_1 + T gives (33), for the step sizes of Theorem 1.",
    formula=r"p \sum_t (52) + \sum_t (51) \implies (33)",
    because="The appendix says that it gives (54), which is smaller (argus/normalisation). The damping of (51) does not telescope to 4 (c^1)^2; the factor p covers it.",
    check=_check_sum,
    expected=Verdict.PROVED,
)


def below_proof() -> dict[str, bool]:
    """The three negative parts of F^t, t >= 2, against those of the bound."""
    import sympy as sp

    s = sp.Symbol("s", nonnegative=True)  # t = s + 2
    # (c^{t-2}/c^{t-1})^2 = t/(t - 1), at most 2; (c^{t-1}/c^1)^2 = 2/t, at most 1.
    ratio = sp.simplify(2 - (s + 2) / (s + 1) - s / (s + 1))
    late = sp.simplify(1 - 2 / (s + 2) - s / (s + 2))
    return {
        "c^{t-2}/c^{t-1} - 1 <= sqrt(2) - 1 < c^1/c^2": bool(
            ratio == 0 and sp.sqrt(2) - 1 < sp.sqrt(sp.Rational(3, 2))
        ),
        "c^{t-1} <= c^1": bool(late == 0),
    }


def _violated(seed: int, cases: int) -> int:
    """Random multipliers within their bounds, L_p at its least and no consensus error: how often F is below."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(cases):
        t, eta = int(rng.integers(2, 50)), float(rng.uniform(0.01, 1))
        c = [1 / (eta * math.sqrt(k + 1)) for k in range(t + 1)]
        size, change = rng.random(
            2
        )  # of |lambda|^2 and |lambda^t - lambda^{t-1}|^2, with alpha = sigma^2 = 1
        S = 4 / (eta**2 * c[t]) * change - 4 / eta * (c[t - 2] / c[t - 1] - 1) * size
        value = S - 6 / eta * change - c[t - 1] / 2 * size
        found += value < -(4 / eta * c[1] / c[2] + 6 / eta + c[1] / 2)
    return int(found)


def _check_below(ctx: Context) -> Finding:
    proof, cases = below_proof(), ctx.pick(2000, 20000)
    return judged(
        all(proof.values()),
        Evidence(cases, _violated(ctx.seed(), cases), "random multipliers within their bounds"),
        "of (44) everything but three kinds of terms is at least 0 or L_p, and each of the three is within its bound: the ratio c^{t-2}/c^{t-1} is sqrt(t/(t-1)) <= sqrt(2)",
        proof,
    )


BELOW = Statement(
    id="argus/F-below",
    paper=PAPER,
    location="below (54), with (42)-(44)",
    kind="bound",
    sentence="For t >= T_1 + 2 F^t is at least the least L_p less the terms below (54), where |lambda|^2 <= alpha_1, |theta|^2 <= alpha_2 and one iteration changes them by sigma_1, sigma_2 at most.",
    formula=r"F^t \ge \underline L - \frac{4}{\eta} \frac{c_1^1}{c_1^2} NM\alpha_1 - \frac{4}{\eta} \frac{c_2^1}{c_2^2} N^2\alpha_2 - \frac{6}{\eta} NM\sigma_1^2"
    r" - \frac{6}{\eta} N^2\sigma_2^2 - \frac{c_1^1}{2} NM\alpha_1 - \frac{c_2^1}{2} N^2\alpha_2",
    because="It is (44) with its positive terms left out. That |lambda| and |theta| stay bounded is Assumption 1(c); argus/psi-converges has runs where they cannot.",
    check=_check_below,
    expected=Verdict.PROVED,
)
