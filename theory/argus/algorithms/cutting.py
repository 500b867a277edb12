"""The estimate (5)-(7) and the polytopes (21)-(26), read literally: the other half of Algorithm 1.

The derivatives (24) of h in x are difference quotients of the estimate. For affine gradients and soft thresholds the
estimate is piecewise affine in x, so that they are exact wherever no threshold is crossed within ``DELTA``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spiritlevel.theory.argus.algorithms.setting import (
    Ask,
    Proximal,
    Setting,
    Vector,
    combination,
    inner,
    sign,
)

DELTA = Fraction(1, 10**9)


@dataclass
class Cut:
    """One cut (9) over the variables of all agents, 0 outside the closed neighbourhood; ``old`` is lambda^t."""

    a: list[Vector]
    b: list[Vector]
    c: Fraction
    lam: Fraction = Fraction(0)
    old: Fraction = Fraction(0)


def value(cut: Cut, x: list[Vector], y: list[Vector]) -> Fraction:
    """The left-hand side of (9)."""
    over_x = sum((inner(a, v) for a, v in zip(cut.a, x, strict=True)), Fraction(0))
    return over_x + sum((inner(b, v) for b, v in zip(cut.b, y, strict=True)), cut.c)


def estimate(
    x: list[Vector], start: list[Vector], W: list[Vector], c: Setting, ask: Ask, prox: Proximal
) -> list[Vector]:
    """(7): K rounds of (5), (6) from phi = 0."""
    N, y = range(len(x)), start
    zero = [Fraction(0)] * len(start[0])
    near = [[j for j in N if j != i and W[i][j] != 0] for i in N]
    phi = {(i, j): zero for i in N for j in near[i]}
    for _ in range(c.K):
        new = []
        for i in N:
            slope = list(ask("grad_y_g", i, x[i], y[i]))
            for j in near[i]:
                both = zip(slope, phi[i, j], phi[j, i], y[i], y[j], strict=True)
                slope = [s + p - r + 2 * c.mu * (v - w) for s, p, r, v, w in both]
            mixed = combination(W[i], y)
            weight = c.eta_y if c.prox == "scaled" else Fraction(1)
            new.append(prox([v - c.eta_y * s for v, s in zip(mixed, slope, strict=True)], weight))  # (5)
        y = new
        for (i, j), old in phi.items():  # (6)
            phi[i, j] = [p + c.eta_phi * (v - w) for p, v, w in zip(old, y[i], y[j], strict=True)]
    return y


def cuts_after(
    polytopes: list[list[Cut]],
    x: list[Vector],
    y: list[Vector],
    start: list[Vector],
    W: list[Vector],
    c: Setting,
    ask: Ask,
    prox: Proximal,
) -> tuple[list[list[Cut]], list[Vector]]:
    """The agents' polytopes after an update, and the estimate."""
    N, n = range(len(x)), len(x[0])
    star = estimate(x, start, W, c, ask, prox)
    moved = {}
    for j in N:
        for s in range(n):
            there = [list(v) for v in x]
            there[j][s] += DELTA
            moved[j, s] = estimate(there, start, W, c, ask, prox)
    after = []
    for i in N:
        closed = [j for j in N if j == i or W[i][j] != 0]
        off = {k: [v - w for v, w in zip(y[k], star[k], strict=True)] for k in closed}
        h = sum((abs(v) + c.lambda_1 * v * v for k in closed for v in off[k]), Fraction(0))
        slope = {k: [sign(v) + 2 * c.lambda_1 * v for v in off[k]] for k in closed}
        a, b = ([[Fraction(0)] * len(v) for v in z] for z in (x, y))
        for j in closed:
            b[j] = slope[j]  # (25)
            for s in range(n):  # (24)
                for k in closed:
                    change = [(v - w) / DELTA for v, w in zip(moved[j, s][k], star[k], strict=True)]
                    a[j][s] -= inner(slope[k], change)
        new = Cut(a, b, h - c.eps)
        new.c -= value(Cut(a, b, Fraction(0)), x, y)  # (26)
        kept = [cut for cut in polytopes[i] if not (cut.lam == 0 and cut.old == 0)]
        if h > c.eps:
            if len(kept) == c.M and c.full == "oldest":
                kept = kept[1:]
            if len(kept) < c.M:
                kept.append(new)
        after.append(kept)
    return after, star
