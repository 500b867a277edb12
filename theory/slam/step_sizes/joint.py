r"""Lemma 4's conditions (39), alone and with all others: which gamma they leave.

With :math:`b = 1 - \rho\tilde\sigma_{\min}/\tau_f`, the best theta of (42) is :math:`1/b - 1`, where (41a) is :math:`C_x = 2/(1-b)^2`. (39a)
is then :math:`\alpha_0 \ge 2\sqrt2\,(\sigma_{\max}/\tilde\sigma_{\min})\,\tau_f`, and as :math:`\tau_f = \alpha_0\sqrt T/\gamma` nothing but gamma is left.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.graphs import named
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.step_sizes.lists import LEMMA_4
from spiritlevel.theory.slam.step_sizes.point import NAMES, Point, bracket, chosen, least_ratio
from spiritlevel.theory.slam.step_sizes.witnesses import anchor_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.admission import pictured
from spiritlevel.theory.step_lists.stepsize import emptied
from spiritlevel.theory.witness import check as recheck

CONSTANTS = (
    "t",
    "n",
    "m",
    "low",
    "high",
    "mu",
    "L_g",
    "L_y",
    "L_yc2",
    "L_f",
    "L_xy",
    "L_f0",
    "sigma2",
    "start2",
)


def best_theta() -> bool:
    """That (1 + 1/theta)/(1 - (1 + theta) b^2) is at least 1/(1-b)^2, with equality at theta = 1/b - 1."""
    import sympy as sp

    b, theta = sp.symbols("b theta", positive=True)
    gap = (1 + 1 / theta) * (1 - b) ** 2 - (1 - (1 + theta) * b**2)
    square = sp.expand(gap * theta - (1 - b - theta * b) ** 2) == 0
    return square and sp.simplify(gap.subs(theta, 1 / b - 1)) == 0


def anchored() -> bool:
    """That (39a) with this C_x, squared, is gamma^2 >= 8 (sigma_max/sigma_min)^2 T: rho and alpha cancel."""
    import sympy as sp

    p = _symbols()
    rho, alpha, gamma = sp.symbols("rho alpha gamma", positive=True)
    b = 1 - rho * p["low"] * gamma / alpha
    free = Point(**p, alpha=alpha, beta=1, gamma=gamma, rho=rho, theta=1 / b - 1, vartheta=1)
    condition = free.margins()["(39a)"] * p["t"] ** 2 * gamma**2 / alpha**2
    return bool(sp.simplify(condition - (gamma**2 - 8 * (p["high"] / p["low"]) ** 2 * p["t"] ** 2)) == 0)


def _symbols() -> dict[str, Any]:
    import sympy as sp

    return {name: sp.Symbol(name, positive=True) for name in CONSTANTS}


def _check_hidden(ctx: Context) -> Finding:
    proof, stands = best_theta() and anchored(), recheck(anchor_witness()).ok
    return Finding(
        verdict=Verdict.REFUTED if stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"(39b) is gamma >= sqrt(T), whatever beta_0 is; (39a) with the best theta is gamma >= 2 sqrt(2) (sigma_max/sigma_min) sqrt(T), whatever rho, alpha_0 "
        f"are ({'proved' if proof else 'not proved'}); exact witness gamma = 10, T = 10^4",
        numbers={"proof": proof},
        witness=anchor_witness() if stands else None,
    )


HIDDEN = Statement(
    id="slam/hidden-gamma",
    paper=PAPER,
    location="Lemma 4, (39a), (39b)",
    kind="step size",
    variant="added",
    sentence="For every gamma, as in Theorem 1, there are alpha_0, beta_0, rho and theta that satisfy (39a)-(39d) and (42).",
    formula=r"\gamma \ge 2\sqrt2\, \tfrac{\sigma_{\max}}{\tilde\sigma_{\min}} \sqrt T",
    because="tau_f and tau_g contain alpha_0, beta_0, which cancel: what is left bounds gamma from below. (67) needs beta >= tau_g, that is gamma >= 1, "
    "only; (39b) has beta_0 for beta.",
    check=_check_hidden,
    expected=Verdict.REFUTED,
)


def sample(rng: np.random.Generator) -> dict[str, Fraction]:
    """Random constants, without t."""

    def some(low: int, high: int) -> Fraction:
        return Fraction(int(rng.integers(low, high)), 8)

    p = {name: some(1, 33) for name in CONSTANTS if name != "t"}
    p |= {"n": Fraction(int(rng.integers(2, 30))), "m": Fraction(int(rng.integers(1, 4)))}
    return p | {"high": p["low"] + some(0, 33), "L_g": p["mu"] + some(0, 33)}


def leading(value: Any, t: Any) -> Any:
    """The coefficient of a rational function's highest power of t."""
    import sympy as sp

    top, bottom = (sp.Poly(part, t).LC() for part in sp.fraction(sp.cancel(sp.together(value))))
    return top / bottom


def large_margins() -> Mapping[str, Any]:
    """The leading coefficients for large t of all conditions but (39a), at `chosen` step sizes with a weight above 2.

    D_x is constant in t there, so that it enters C_2 as a number.
    """
    import sympy as sp

    p = _symbols()
    wider, stiffer, above = sp.symbols("wider stiffer above", positive=True)
    t = p["t"]
    point = chosen(p | {"high": p["low"] + wider, "L_g": p["mu"] + stiffer}, 2 + above)
    if point.D_x.has(t):
        return {"D_x": -1}
    rho_g, curvature, growth, slack = sp.symbols("rho_g curvature growth slack", positive=True)
    beta = t / p["mu"]
    alpha = (least_ratio(rho_g, curvature, growth) + 1) * beta
    margins = dict(point.margins()) | {"C_2 < 0": -bracket(alpha, beta, rho_g, curvature, growth, slack)}
    return {name: leading(value, t) for name, value in margins.items() if name != "(39a)"}


MOST = 24


def least_digits(p: Mapping[str, Any]) -> int:
    """The least e, at most `MOST`, with all conditions true at `chosen` step sizes for T = 10^(2e) and gamma at 3 for 2 sqrt(2)."""
    return next(
        (e for e in range(1, MOST) if not chosen({**p, "t": Fraction(10**e)}, Fraction(3)).broken()), MOST
    )


def _check_joint(ctx: Context) -> Finding:
    limits = large_margins()
    doubtful = [name for name, value in limits.items() if not without_minus(value)]
    rng, count = np.random.default_rng(ctx.seed("points")), ctx.pick(40, 400)
    needed, beaten = [], 0
    for _ in range(count):
        p = sample(rng)
        needed.append(least_digits(p))
        low = chosen(p | {"t": Fraction(10 ** needed[-1])}, Fraction(28, 10))  # 2.8 < 2 sqrt(2)
        moved = dataclasses.replace(low, theta=low.theta * Fraction(int(rng.integers(1, 20)), 10))
        beaten += not low.broken() or not moved.broken()
    proof, failed = best_theta() and anchored() and not doubtful, max(needed) == MOST
    good = proof and not failed and not beaten
    return Finding(
        verdict=Verdict.REFUTED if failed or beaten else Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"empty below: (39a); there, with alpha/beta one above what C_2 needs, beta the least of (39b) and rho sigma_max = tau_g/2, the other {len(NAMES) - 1} "
        f"hold for large T; exact points for {count} random sets of constants: with 3 for 2 sqrt(2) all conditions hold from T = 10^{2 * min(needed)} to 10^{2 * max(needed)} on, "
        f"with 2.8 {beaten} times"
        if good
        else f"undecided: {', '.join(doubtful) or 'none'}; digits of sqrt(T) needed: {max(needed)}; {beaten} points below",
        numbers={name: str(value) for name, value in limits.items()}
        | {"digits of sqrt(T), least and most": [min(needed), max(needed)]},
        cases=3 * count,
    )


JOINT = Statement(
    id="slam/adm-joint",
    paper=PAPER,
    location="(39), (42), (137), (164), C_2 < 0, Lemma 5",
    kind="step size",
    variant="added",
    sentence="For all constants and large T, the printed conditions (39), (42), (137) for both levels, (164), C_2 < 0 and beta > 2/(mu + L) have a common point "
    "exactly if gamma >= 2 sqrt(2) (sigma_max/sigma_min) sqrt(T).",
    because="So they do not contradict each other, but a fixed gamma is ruled out from T = gamma^2 (sigma_min/sigma_max)^2/8 on. For a fixed T "
    "other conditions may fail: (39b) takes beta >= sqrt(T)/mu, C_2 < 0 an alpha/beta that grows with n (slam/C2-ratio).",
    check=_check_joint,
    expected=Verdict.PROVED,
)


SIZES = {
    name: Fraction(value) for name, value in {"T": 10**4, "alpha_0": 1, "beta_0": 2, "gamma_0": 12}.items()
}
"""Of the figure: sizes that leave room for four agents."""


def room(beta_0: Fraction, gamma_0: Fraction, n: int = 4) -> str | None:
    """The step for which Lemma 4's list has no value, at T = 10^4, mu = 1, sigma_min = 2, sigma_max = 4.

    Examples
    --------
    >>> room(Fraction(2), Fraction(12)), room(Fraction(2), Fraction(12), n=5)
    (None, 'beta')
    """
    more: dict[str, int | Fraction] = {
        "T": 10**4,
        "alpha_0": 1,
        "beta_0": beta_0,
        "gamma_0": gamma_0,
        "sigma_min": 2,
        "sigma_max": 4,
    }
    exact = {name: Fraction(value) for name, value in more.items()}
    return emptied(LEMMA_4.rows(Constants(mu_g=1, L_g=1), Fraction(1, 2), n, more=exact), LEMMA_4.order)


def _check_uniform(ctx: Context) -> Finding:
    import sympy as sp

    T, n, mu, kappa = sp.symbols("T n mu kappa", positive=True)
    needs = {
        "beta_0": sp.sqrt(T) / mu / sp.sqrt(T / n),
        "gamma_0": 2 * sp.sqrt(2) * kappa * sp.sqrt(T) / sp.sqrt(T / n),
    }
    told = {name: sp.simplify(value) for name, value in needs.items()}
    grows = all(sp.limit(value, n, sp.oo) == sp.oo and not value.has(T) for value in told.values())
    # the list itself, at T = 10^4, mu = 1, sigma_max/sigma_min = 2, n = 4: beta_0 >= 2, gamma_0 >= 8 sqrt(2) = 11.31..
    edges = {(2, 12): None, (2, 11): "gamma", (1, 12): "beta"}
    listed = all(room(Fraction(b), Fraction(g)) == empty for (b, g), empty in edges.items())
    return Finding(
        verdict=Verdict.REFUTED if grows and listed and anchored() and best_theta() else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"beta = beta_0 sqrt(T/n), (39b): beta_0 >= {told['beta_0']}; gamma = gamma_0 sqrt(T/n), (149), (39a): gamma_0 >= {told['gamma_0']}, "
        "kappa = sigma_max/sigma_min; alpha_0 is free",
        numbers={name: str(value) for name, value in told.items()},
        cases=2 + len(edges),
        figures=(pictured(LEMMA_4, random_quadratic(1, 4, 1, 1, shared=True), named("ring:4"), SIZES),),
    )


UNIFORM = Statement(
    id="slam/lemma4-steps",
    paper=PAPER,
    location="Lemma 4, (39); Theorem 1, (138), (149)",
    kind="step size",
    variant="added",
    sentence="The step sizes alpha_0 sqrt(T/n), beta_0 sqrt(T/n) and gamma ~ sqrt(T/n) of Theorem 1's proof satisfy Lemma 4's conditions with constants that "
    "do not depend on n.",
    formula=r"\alpha = \alpha_0\sqrt{T/n},\ \beta = \beta_0\sqrt{T/n},\ \gamma \sim \sqrt{T/n}",
    because="What (138) and (149) need of Lemma 4 for a speedup. Lemma 4 is for alpha_0 sqrt(T), beta_0 sqrt(T), and uses sqrt(T)/beta <= mu_g: beta_0 and gamma/sqrt(T/n) must grow like sqrt(n), which "
    "takes away the 1/sqrt(n) of the rate.",
    check=_check_uniform,
    expected=Verdict.REFUTED,
)


def _check_corollary(ctx: Context) -> Finding:
    import sympy as sp

    n, T, high = sp.symbols("n T high", positive=True)
    # beta/sqrt(T) = beta_0/sqrt(n) >= tau_g >= rho sigma_max >= n sigma_max
    least = sp.simplify(n * high * sp.sqrt(n))
    grows = sp.limit(least, n, sp.oo) == sp.oo and sp.simplify(least - n ** sp.Rational(3, 2) * high) == 0
    gamma = sp.simplify(sp.sqrt(T / n) / (n * high))  # beta/(rho sigma_max) with beta_0 = 1
    return Finding(
        verdict=Verdict.REFUTED if grows else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"beta_0/sqrt(n) >= tau_g >= rho sigma_max >= n sigma_max: beta_0 >= n^(3/2) sigma_max; with beta_0 = 1 the last two alone leave gamma <= {gamma}, "
        "against gamma >= sqrt(T) of (39b)",
        numbers={"beta_0": str(least), "gamma": str(gamma)},
    )


COROLLARY = Statement(
    id="slam/cor1-steps",
    paper=PAPER,
    location="Corollary 1, (39b), (39c)",
    kind="step size",
    variant="added",
    sentence="The step sizes of Corollary 1, 1/beta ~ sqrt(n/T) with rho >= n, satisfy Lemma 4's conditions with constants that do not depend on n.",
    formula=r"\beta = \beta_0\sqrt{T/n},\ \rho \ge n,\ \tau_g \ge \rho\sigma_{\max}",
    because="What B.6.1 needs of Lemma 4 for a speedup. (39b) asks for beta/sqrt(T) >= tau_g, and rho >= n makes tau_g at least n sigma_max: beta_0 >= n^(3/2) sigma_max.",
    check=_check_corollary,
    expected=Verdict.REFUTED,
)
