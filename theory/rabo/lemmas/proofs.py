r"""Symbolic proofs of one-round lines: right minus left is a sum of squares and of multiples of what the assumptions give.

Squared norms are sums over coordinates, so that a line is proved for one of them. What is not scalar, a Lipschitz bound,
an eigenvalue's range or Jensen's inequality for the mean over the clients that hold a coordinate,

.. math:: \sum_s \Big| \frac{1}{C^s} \sum_{n \in N^s} v_n^s \Big|^2 \le \sum_s \frac{1}{C^s} \sum_{n \in N^s} |v_n^s|^2
          \le \frac{1}{C^*} \sum_{n=1}^N |v_n|^2,

enters as a *fact*, an expression that is not negative. Coefficients are read off the `Line` itself.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

from spiritlevel.theory.instruments.signs import Weighted, certified, reals, without_minus
from spiritlevel.theory.rabo.constants import Smoothness
from spiritlevel.theory.rabo.lemmas.lines import Letters, Line, symbols


def positive(names: str) -> Any:
    """Positive symbols."""
    import sympy

    return sympy.symbols(names, positive=True)


def pairs(parts: Iterable[Any], scale: Any) -> list[Weighted]:
    r"""The squares in :math:`c (k \sum a_i^2 - (\sum a_i)^2)` for k parts."""
    return [(scale, a - b) for a, b in itertools.combinations(parts, 2)]


def admissible() -> Letters:
    r"""Symbols with :math:`\alpha = 1/(L_f + s)`, so that :math:`\alpha \le 1/L_f`."""
    a = symbols()
    return dataclasses.replace(a, alpha=1 / (a.L_f + positive("s")))


def gap(line: Line, a: Letters, values: dict[str, Any]) -> Any:
    """Right minus left of a line, in the terms' values.

    Raises
    ------
    KeyError
        If the line has other terms than the proof speaks of.
    """
    left, right = line.sides(a)
    return sum(k * values[t] for t, k in right.items()) - sum(k * values[t] for t, k in left.items())


def descent(line: Line) -> bool:
    r"""For any direction h on K and :math:`\alpha \le 1/L_f`: polarisation, and :math:`(\alpha/2)(1 - L_f\alpha)|h|^2` is left over."""
    a, (g, d) = admissible(), reals("g d")
    h = g + d
    change = -a.alpha * g * h + a.L_f * a.alpha**2 * h**2 / 2  # an upper bound, by (20)
    values = {"descent": change, "grad_Phi2": g**2, "direction2": d**2}
    return certified(gap(line, a, values), (g, d), [(a.alpha * (1 - a.L_f * a.alpha) / 2, h)])


def descent_in_mean(line: Line) -> bool:
    """The same where h has the mean ``g + b`` and the variance ``v^2``."""
    a, (g, b, v) = admissible(), reals("g b v")
    m = g + b
    change = -a.alpha * g * m + a.L_f * a.alpha**2 * (m**2 + v**2) / 2
    values = {"descent": change, "grad_Phi2": g**2, "bias2": b**2, "spread": v**2}
    return certified(gap(line, a, values), (g, b, v), [(a.alpha * (1 - a.L_f * a.alpha) / 2, m)])


def direction(line: Line, term: str, *, over: Line | None = None) -> bool:
    r"""A bound on :math:`\frac\alpha2 |\sum_j v_j|^2`: its parts are means over holders, but for the last, :math:`\nabla f - \nabla\Phi`.

    ``term`` is the part of the left side that is bounded. With ``over``, the line is that one with the bound put in for
    the term.
    """
    a = admissible()
    left, right = line.sides(a)
    right = dict(right)
    factor = left.get(term, 0)
    if over is not None:
        expanded = dict(over.right(a))
        factor = expanded.pop(term)
        spread = expanded.pop("spread", 0)
        # independent noise of the holders: E|mean|^2 <= N sigma^2/C*^2
        if spread and not without_minus(right.pop("sigma_f2") - spread * a.N / a.C_x**2):
            return False
        if any(right.pop(name) != k for name, k in expanded.items()):
            return False
    own = right.pop("new_lower") / a.M_f**2
    parts = reals(" ".join(f"v{k}" for k in range(len(right) + 1)))
    total = own * parts[-1] ** 2
    total += sum(k * a.C_x / a.N * v**2 for k, v in zip(right.values(), parts, strict=False))
    return certified(total - factor * sum(parts) ** 2, parts, pairs(parts, factor))


def step(line: Line) -> bool:
    r"""The bound on U_1: four or five parts again, the last one :math:`\nabla f` itself, with :math:`N/C \ge 1` to spare."""
    a = symbols()
    a = dataclasses.replace(a, N=a.C_x + positive("more"))
    left, right = line.sides(a)
    names = [name for name in right if name != "grad_f2"]
    parts = reals(" ".join(f"v{k}" for k in range(len(names) + 1)))
    total = right["grad_f2"] * parts[-1] ** 2
    total += sum(right[name] * a.C_x / a.N * v**2 for name, v in zip(names, parts, strict=False))
    return certified(total - left["step2"] * (a.alpha * sum(parts)) ** 2, parts, pairs(parts, a.alpha**2))


def tracking(line: Line, inner: Line) -> bool:
    r"""Young's inequality with :math:`c = \beta\mu_g/2` and (21), with a bound on the inner error at the old x put in; and
    :math:`(1 + \beta\mu_g/2)(1 - \beta\mu_g) \le 1 - \beta\mu_g/2`, so that the old error's factor is below 1."""
    a, (e, d, p) = symbols(), reals("e d p")
    c = a.beta * a.mu_g / 2
    right, bound = dict(line.right(a)), inner.right(a)
    move = right.pop("step2")
    # |d| <= L_y |dx|: |dx|^2 = d^2/L_y^2 + p^2
    young = (1 + c) * e**2 + move * (d**2 / a.L_y**2 + p**2) - (e + d) ** 2
    put_in = set(right) == set(bound) and all(without_minus(right[t] - (1 + c) * k) for t, k in bound.items())
    return (
        certified(young, (e, d, p), [(1 / c, c * e - d)])
        and put_in
        and without_minus((1 - c) - (1 + c) * (1 - 2 * c))
    )


def contraction(line: Line) -> bool:
    r"""The repaired (29), from one inner step of one client, by induction over the T steps and Jensen over the holders.

    On the client's own coordinates a step takes the distance e from y* to :math:`(I - \beta M) e - \beta r`, with
    :math:`|(I - \beta M) e| \le (1 - \beta\mu_g)|e|` for :math:`\beta \le 1/l_{g,1}` and r the masked gradient at the submodel of
    (x, y*); noise adds :math:`\beta^2\sigma_g^2`. With t for :math:`\beta\mu_g \in (0, 1]` and Young's inequality with c = t the
    factor is at most 1 - t. Every coordinate has C holders, so that their means add up to the whole error.
    """
    import sympy

    a, (e, r), u = symbols(), reals("e r"), positive("u")
    t = 1 / (1 + u)
    a = dataclasses.replace(a, beta=t / a.mu_g)
    keep, push = 1 - t, a.beta**2 + a.beta / a.mu_g
    moved = (1 - t) * e - a.beta * r
    one_step = certified(
        keep * e**2 + push * r**2 - moved**2, (e, r), [(1 / t, t * (1 - t) * e + a.beta * r)]
    )
    k, b, start = positive("k b start")
    rho = 1 / (1 + u)  # any factor of at most 1
    now = rho**k * start + k * b
    after = rho ** (k + 1) * start + (k + 1) * b
    induction = without_minus(sympy.expand(sympy.powsimp(after - rho * now - b)))
    right = line.right(a)
    share = a.N * a.T / a.C_y
    stated = all(
        sympy.simplify(right[name] - value) == 0
        for name, value in {"lower": keep**a.T, "sigma_g2": share * a.beta**2, "drift2": share * push}.items()
    )
    return one_step and induction and stated and set(right) == {"lower", "sigma_g2", "drift2"}


def decomposition() -> bool:
    r"""The difference of two products :math:`G H^{-1} v` in three parts, in symbols that do not commute."""
    import sympy

    G, G2, H, H2, v, v2 = sympy.symbols("G G2 H H2 v v2", commutative=False)
    left = G * H**-1 * v - G2 * H2**-1 * v2
    parts = G * H**-1 * (v - v2) + (G - G2) * H2**-1 * v2 + G * H**-1 * (H2 - H) * H2**-1 * v2
    return bool(sympy.expand(left - parts) == 0)


def lipschitz() -> bool:
    r"""That the printed M_f, L_f and L_y are at least what `decomposition` gives.

    The change of :math:`\nabla f` has parts :math:`a^2 + b^2 \le l_{f,1}^2` per distance, so :math:`a + L_y b \le l_{f,1}(1 + L_y)`; the
    other parts of `decomposition` are at most :math:`l_{g,2} l_{f,0}/\mu` and :math:`l_{g,1} l_{g,2} l_{f,0}/\mu^2`. Along
    :math:`(x, y^*(x))` a distance grows by :math:`1 + L_y` at most.
    """
    a, b = reals("a b")
    mu, l_f0, l_g1, l_g2 = positive("mu l_f0 l_g1 l_g2")
    slope = l_g1 / mu
    c = Smoothness(mu_g=mu, l_f0=l_f0, l_f1=positive("l_f1"), l_g1=l_g1, l_g2=l_g2)
    # (a + L b)^2 <= (1 + L)^2 (a^2 + b^2)
    direct = certified((1 + slope) ** 2 * (a**2 + b**2) - (a + slope * b) ** 2, (a, b), [(slope, a - b)])
    M = c.l_f1 * (1 + slope) + l_g2 * l_f0 / mu + l_g1 * l_g2 * l_f0 / mu**2
    enough = without_minus(c.M_f - M) and without_minus(c.L_f - M * (1 + slope))
    return direct and enough and without_minus(c.L_y - slope) and decomposition()
