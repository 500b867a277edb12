"""The exact decision about cuts against another way to the same number: linear programs over the cells of x, in floats."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, linprog

from spiritlevel.theory.instruments.cuts import Cut, Violation, judge

NEAR = Fraction(1, 10**5)


def halves(rng: np.random.Generator, *shape: int) -> Any:
    """Multiples of 1/2 from -2 to 2."""
    return rng.integers(-4, 5, shape).astype(object) * Fraction(1, 2)


def over_x(cut: Cut, h: Violation) -> float:
    """The largest ``a @ x + b @ s(x)``: on a cell every threshold is at one of its pieces, and all is linear."""
    a, b, v0, J, kappa = (z.astype(float) for z in (cut.a, cut.b, h.v0, h.J, h.kappa))
    best = -math.inf
    for cell in itertools.product((-1, 0, 1), repeat=len(v0)):
        rows, rights, slope, constant = [], [], a.copy(), 0.0
        for v, row, k, weight, piece in zip(v0, J, kappa, b, cell, strict=True):
            if piece:  # piece * v >= k, and s = v - piece * k
                rows.append(-piece * row)
                rights.append(piece * v - k)
                slope += weight * row
                constant += weight * (v - piece * k)
            else:
                rows += [row, -row]
                rights += [k - v, k + v]
        found = linprog(
            -slope, A_ub=np.array(rows), b_ub=np.array(rights), bounds=[(None, None)] * len(a), method="highs"
        )
        if found.status == 3:
            return math.inf
        if found.status == 0:
            best = max(best, constant - found.fun)
    return best


def over_u(b: Any, weight: float, eps: float) -> float:
    """The largest ``b @ u`` where ``sum |u| + weight u^2 <= eps``, by its multiplier."""
    size = abs(b.astype(float))
    if not eps or not size.any():
        return 0.0
    if not weight:
        return float(eps * size.max())

    def reach(scale: float) -> Any:
        return np.maximum(0, (size * scale - 1) / (2 * weight))

    scale = brentq(lambda s: (reach(s) + weight * reach(s) ** 2).sum() - eps, 0, 1e6, xtol=1e-14)
    return float(size @ reach(scale))


def largest(cut: Cut, h: Violation, eps: Fraction, low: bool) -> float:
    """The largest value of the cut without its offset on ``h <= eps``, or where h_low is."""
    if (cut.b * (1 - h.counted)).any() or (low and (cut.a + cut.b @ h.J).any()):
        return math.inf
    x = float(cut.b @ h.v0 + abs(cut.b) @ h.kappa) if low else over_x(cut, h)
    return x + over_u(cut.b, float(h.weight), float(eps))


@pytest.mark.parametrize("low", [False, True])
def test_offsets_a_little_above_and_below_the_largest_value_are_told_apart(low: bool) -> None:
    rng, bounded, unbounded = np.random.default_rng(13), 0, 0
    for k in range(60):
        m, P = int(rng.integers(1, 4)), int(rng.integers(1, 3))
        counted = (rng.random(m) < 0.8).astype(int) if k % 4 == 0 else None
        h = Violation(
            halves(rng, m), halves(rng, m, P), abs(halves(rng, m)), Fraction(int(rng.integers(3)), 4), counted
        )
        eps, b = Fraction(int(rng.integers(0, 4)), 2), halves(rng, m)
        a = -b @ h.J if k % 5 else halves(rng, P)
        most = largest(Cut(a, b, 0), h, eps, low)
        if math.isinf(most):
            unbounded += 1
            assert not judge(Cut(a, b, -50), h, eps, low=low).valid
            continue
        bounded += 1
        offset = -Fraction(most).limit_denominator(10**9)
        assert judge(Cut(a, b, offset - NEAR), h, eps, low=low).valid
        found = judge(Cut(a, b, offset + NEAR), h, eps, low=low)
        assert not found.valid
        assert (h.low(found.x, found.y) if low else h.at(found.x, found.y)) <= eps
    assert bounded > 30
    assert unbounded > 5
