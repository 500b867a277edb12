r"""One constant for all n and T, where f is not quadratic: identical agents whose noise bends.

n agents on a complete graph, :math:`g_i = y^2/2`, all :math:`f_i = F` with :math:`F'(t) = c + c^2/2`, c being t cut off at -1 and 1.
The noise of every agent's :math:`h_f` is :math:`\pm\sigma`, independent, :math:`\alpha = \gamma = 2\sqrt{T/n}`, :math:`\rho\sigma_{\max} = 1`.
With :math:`d_i = x_i - \bar x`, :math:`\mu_i = \gamma[A^\top\lambda]_i` and :math:`\delta h_i = h_i - \bar h`,

.. math:: d_i^+ = -(\delta h_i + \mu_i)/\alpha, \quad \mu_i^+ = \mu_i (1 - 1/\alpha) - \delta h_i/\alpha, \quad
          \bar x^+ = \bar x - \bar h/\alpha.

1. The iterates never leave :math:`|x_i| \le 1`, where the mean of the :math:`F'(x_i)` is :math:`F'(\bar x) + \tfrac1{2n}\|d\|^2`.
2. Given the past, d has the variance :math:`\sigma^2(1 - 1/n)/\alpha^2` in every entry, by the last step's noise alone.
3. The average over r of the expected mean of the :math:`F'(x_i^r)` is :math:`\alpha(\bar x^1 - E\bar x^{T+1})/T`.

So the average of :math:`E F'(\bar x^r)` is below a negative number, of which the average square is no less than the square.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np

from spiritlevel.core.numbers import Array, Field
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.cut import cut
from spiritlevel.synthetic.levels import UpperConstants
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.assumptions import Assumption, audit
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.findings import formal_step, unproved
from spiritlevel.theory.slam.gradients.means import letters, mean
from spiritlevel.theory.slam.moments.corollary2 import PRIVATE
from spiritlevel.theory.statement import Check, Context, Finding, Method, Statement, Verdict

SIGMA, REACH, LEAST = Fraction(1, 3), Fraction(1, 2), 16
"""Size of the noise, how far the mean goes from 0, and from which alpha on, which is T = 64 n."""


@dataclass(frozen=True)
class SkewedUpper:
    """``n`` times the same F of x alone, with ``F' = c + c^2/2`` and c = x cut off at -1 and 1.

    Examples
    --------
    >>> SkewedUpper(2).grad_x(np.array([[[0.5], [3.0]]]), np.zeros((1, 2, 1)))[0, :, 0]
    array([0.625, 1.5  ])
    """

    n: int
    p: int = 1
    q: int = 1
    fields: frozenset[Field] = frozenset({"float", "fraction"})
    lacks: tuple[str, ...] = ()

    @property
    def constants(self) -> UpperConstants:
        """F'' is at most 2."""
        return UpperConstants(L_fx=2.0, L_fy=0.0, C_fy=0.0)

    def over(self, field: Field) -> Self:
        """No numbers to move."""
        return self

    def f(self, x: Array, y: Array) -> Array:
        """F, beyond -1 and 1 with the slope it has there; at least 0."""
        c = cut(x)
        return np.asarray((c * c / 2 + c * c * c / 6 + (c + c * c / 2) * (x - c)).sum(axis=-1))

    def grad_x(self, x: Array, y: Array) -> Array:
        """F'."""
        c = cut(x)
        return c + c * c / 2

    def grad_y(self, x: Array, y: Array) -> Array:
        """Nothing."""
        return y * 0


def problem(n: int, shared: bool = True) -> Bilevel:
    """The n identical agents."""
    one = np.ones((n, 1, 1))
    return Bilevel(
        QuadraticLower(one, 0 * one, np.zeros((n, 1))), SkewedUpper(n), "identical", shared=shared, lowest=0.0
    )


def same_step(ctx: Context, name: str) -> list[str]:
    """What of x and its multipliers one formal step does otherwise, for any graph."""
    from spiritlevel.theory.instruments.formal import ALPHA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different
    from spiritlevel.theory.slam.algorithms.text_forms import eq23

    made = formal_step(ctx, name)
    if made is None:
        return ["all"]
    o: Any = made.oracle
    s, z = made.state, made.after
    h = eq23(o, s.x, z.y)
    return different(
        {
            "x": (z.x, s.x - (h + GAMMA * s.lam + RHO * GAMMA * L * s.x) / ALPHA),
            "lam": (z.lam, s.lam + RHO / GAMMA * L * z.x),
        }
    )


def mode() -> bool:
    """The displayed recursion of d and mu, where L d = n d."""
    import sympy

    alpha, n, d, mu, h = sympy.symbols("alpha n d mu h", positive=True)
    gamma, rho = alpha, 1 / n
    then = d - (h + mu + rho * gamma * n * d) / alpha
    pushed = mu + gamma * (rho / gamma) * n * then
    return bool(
        sympy.simplify(then + (h + mu) / alpha) == 0
        and sympy.simplify(pushed - mu * (1 - 1 / alpha) + h / alpha) == 0
    )


def bends() -> bool:
    """The mean of ``(x_mean + d) + (x_mean + d)^2/2`` over agents is ``F'(x_mean)`` plus half the mean of d^2."""
    d, d_mean, x = letters("d d_mean x")
    deviation = d - d_mean
    found = mean((x + deviation) + (x + deviation) ** 2 / 2, {d: d_mean})
    return bool(found == mean(x + x**2 / 2 + deviation**2 / 2, {d: d_mean}))


def stays(sigma: Fraction = SIGMA, X: Fraction = REACH, least: int = LEAST) -> bool:
    """Whether |x_mean| <= X and |d_i| <= D, |x_i| <= X + D = R <= 1 last for ever, for all alpha from ``least`` on.

    On |x| <= R the samples h_i differ by at most 2 (R + sigma), which bounds |delta h| and, as a mean of such, |mu|.

    Examples
    --------
    >>> stays(), stays(sigma=Fraction(1, 2))
    (True, False)
    """
    # D = 4 (R + sigma)/least
    D = 4 * (X + sigma) / (least - 4)
    highest = (
        sigma <= X + X * X / 2
    )  # F'(x_i) has at least the mean F'(x_mean), which is F'(X) at the upper end
    lowest = sigma <= X - X * X / 2 - D * D / 2  # and at the lower end at most F'(-X) + D^2/2
    monotone = least > (1 + X)  # x - F'(x)/alpha rises with x, so that the ends decide
    return X + D <= 1 and highest and lowest and monotone


def bound(n: Any, T: Any) -> Any:
    """What the average of E|grad F(x_mean)|^2 exceeds, if it is the square of a positive number: that number."""
    sigma, X = SIGMA, REACH
    square, alpha = sigma**2 * n / (4 * T), 2 * (T / n) ** Fraction(1, 2)
    return (1 - 1 / n) * (1 - 1 / T) * square / 2 - alpha * X / T


def grows() -> dict[str, bool]:
    """Whether sqrt(nT) times the bound's square exceeds everything, along three ways to let T grow with n."""
    import sympy

    n, found = sympy.symbols("n", positive=True), {}
    sigma, X = (sympy.Rational(z.numerator, z.denominator) for z in (SIGMA, REACH))
    for name, factor, power in (("64 n", 64, 1), ("n^(3/2)", 1, "3/2"), ("n^(5/3)", 1, "5/3")):
        T = factor * n ** sympy.Rational(power)
        # the bound's leading terms, and the square root of sqrt(nT)
        terms = (sigma**2 * n / (8 * T), -2 * X / sympy.sqrt(n * T))
        root = sum(
            sympy.powsimp(sympy.powdenest(z * (n * T) ** sympy.Rational(1, 4), force=True)) for z in terms
        )
        found[name] = sympy.limit(root, n, sympy.oo) == sympy.oo
    return found


def _figure() -> Plot:
    """The bound's square over 1/sqrt(nT), for three ways to let T grow with n."""
    n = np.geomspace(1e4, 1e14, 31).tolist()
    ways: tuple[tuple[str, Callable[[float], float]], ...] = (
        ("T = 64 n", lambda k: 64 * k),
        ("T = n^(3/2)", lambda k: k**1.5),
        ("T = n^(5/3)", lambda k: k ** (5 / 3)),
    )
    curves = [Curve(name, n, [math.sqrt(k * T(k)) * bound(k, T(k)) ** 2 for k in n]) for name, T in ways]
    return Plot(
        title="Identical agents: how far from one constant?",
        x_label="agents n",
        y_label="lower bound of sqrt(nT) times E|grad F|^2",
        curves=(*curves, power_law("a constant, claimed", n, 0.0, (n[0], curves[0].y[0]))),
        log="xy",
        caption="One constant for all n would be a level line; a lower bound of the exact average exceeds it unless T grows like n^(5/3) at least.",
    )


def identical(name: str, shared: bool, assumptions: tuple[Assumption, ...]) -> Check:
    """The check for SLAM or SLAM-U."""

    def check(ctx: Context) -> Finding:
        wrong = same_step(ctx, name)
        if wrong:
            return unproved(wrong)
        parts = {"modes": mode(), "mean of F'": bends(), "bounded": stays()}
        faster = grows()
        violated = audit(assumptions, [problem(4, shared)])
        proved = all(parts.values()) and faster["64 n"] and not violated
        sizes = (10**7, 10**8, 10**9)
        shown = [float((64.0 * n * n) ** 0.5 * bound(float(n), 64.0 * n) ** 2) for n in sizes]
        beyond = ", ".join(k for k, v in faster.items() if v)
        return Finding(
            verdict=Verdict.REFUTED if proved else Verdict.INCONCLUSIVE,
            method=Method.SYMBOLIC,
            summary="n identical agents, F' = x + x^2/2 near 0, noise +-1/3 in h_f only: every mean of F'(x_i) exceeds F'(xbar) by half the variance between agents, at least "
            "sigma^2 (1 - 1/n)/alpha^2, which stays: the average of E|grad F(xbar)|^2 is at least (sigma^2 n/(8T) - 1/sqrt(nT))^2 up to factors 1 - 1/n, 1 - 1/T; times sqrt(nT), "
            f"with T = 64 n and n = 10^7, 10^8, 10^9, {', '.join(f'{v:.3g}' for v in shown)}; it is unbounded along T = {beyond}",
            numbers={
                **parts,
                "unbounded along T": faster,
                "sqrt_nT_times_bound": dict(zip(map(str, sizes), shown, strict=True)),
            },
            cases=len(faster),
            audit=violated,
            figures=(_figure(),),
        )

    return check


IDENTICAL = Statement(
    id="slam/thm1-ul-identical",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="speedup",
    variant="added",
    sentence="Even for identical agents, without a lower level to speak of: the average of E|grad F(xbar)|^2 is at most C/sqrt(nT) with one C for all n and T >= 64 n.",
    formula=r"\exists C\, \forall n\, \forall T \ge 64n:\ \frac1T \sum_r E\|\nabla F(\bar x^r)\|^2 \le C/\sqrt{nT}",
    because="1/alpha ~ sqrt(n/T) leaves every agent noise of variance n/T, and F' of a noisy x is not F' of its mean: a bias of order n/T, whose square exceeds 1/sqrt(nT) "
    "below T of order n^(5/3). One constant can only do for larger T, or quadratics.",
    assumptions=ALL,
    about=("slam",),
    check=identical("slam", True, ALL),
    expected=Verdict.REFUTED,
)

COROLLARY_2 = Statement(
    id="slam/cor2-ul",
    paper=PAPER,
    location="Corollary 2, (10a)",
    kind="speedup",
    sentence="SLAM-U: the average of E|grad F(xbar)|^2 is O(1/sqrt(nT)), for all n and T by one constant.",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla F(\bar x^r)\|^2 = O(1/\sqrt{nT})",
    because="Rests on the range of T: as in slam/thm1-ul-identical, whose x moves in the same way, one constant for all n needs T of order n^(5/3) at least ('T >> n', B.7.3, is not "
    "enough); for larger T nothing here speaks against it. On "
    "quadratics of equal curvature it holds (slam/cor2-ul-repaired), and there is no bias for unequal agents (slam/cor2-bias).",
    assumptions=PRIVATE,
    about=("slam-u",),
    check=identical("slam-u", False, PRIVATE),
    expected=Verdict.REFUTED,
)
