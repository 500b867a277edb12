"""Assumption 2: what mixing contracts, and how often a random graph violates it."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import convert
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.witnesses import drawn_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

AGENTS, CHANCE = 10, Fraction(1, 2)
ROUNDING = 1e-12
GRAPHS = ("ring:10", "star:10", "complete:10", "path:6", "grid:3:3", "erdos-renyi:10:0.5:1")


def connected(n: int) -> int:
    """How many labelled graphs on n vertices are connected, by the recursion over the first vertex's component.

    Examples
    --------
    >>> [connected(n) for n in (1, 2, 3, 4, 5)]
    [1, 1, 4, 38, 728]
    """
    counts = [0, 1]
    for k in range(2, n + 1):
        apart = sum(comb(k - 1, j - 1) * counts[j] * 2 ** comb(k - j, 2) for j in range(1, k))
        counts.append(2 ** comb(k, 2) - apart)
    return counts[n]


def enumerated(n: int) -> int:
    """The same by looking at every graph."""
    pairs = [(i, j) for i in range(n) for j in range(i)]
    found = 0
    for word in range(2 ** len(pairs)):
        reached, edges = 1, [pair for k, pair in enumerate(pairs) if word >> k & 1]
        for _ in range(n):
            for i, j in edges:
                if reached >> i & 1 or reached >> j & 1:
                    reached |= 1 << i | 1 << j
        found += reached == 2**n - 1
    return found


def _check_drawn(ctx: Context) -> Finding:
    small = ctx.pick(4, 5)
    agree = all(enumerated(n) == connected(n) for n in range(1, small + 1))
    apart = {n: 1 - Fraction(connected(n), 2 ** comb(n, 2)) for n in (5, AGENTS)}
    witness = drawn_witness()
    refuted = agree and apart[AGENTS] > 0 and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"a draw with probability 1/2 is disconnected with probability exactly {apart[AGENTS]} = {float(apart[AGENTS]):.5f} for N = 10 and {apart[5]} for N "
        f"= 5; the counts equal an enumeration up to N = {small}",
        numbers={"disconnected_10": str(apart[AGENTS]), "disconnected_5": str(apart[5])},
        cases=small + 2,
        witness=witness if refuted else None,
    )


DRAWN = Statement(
    id="argus/er-connected",
    paper=PAPER,
    location="Assumption 2(c), (d); Section VI-A, the network of 10 agents",
    kind="network",
    variant="added",
    sentence="An Erdos-Renyi graph on 10 agents with edge probability 1/2 satisfies Assumption 2, null(I - W) = span(e), with certainty.",
    because="About one draw in fifty is disconnected, so that rho = 1. The text below Assumption 2 counts on satellites to reconnect; Section "
    "VI-A does not say that a graph is drawn again.",
    check=_check_drawn,
    expected=Verdict.REFUTED,
)


def second_modulus(W: Any) -> float:
    """rho, the norm of W - e e'/N.

    Examples
    --------
    >>> round(second_modulus(named("star:10").dense()), 4)
    0.9
    """
    return float(np.linalg.norm(np.asarray(W, dtype=float) - 1 / len(W), 2))


def _check_contraction(ctx: Context) -> Finding:
    rng = np.random.default_rng(ctx.seed())
    worst, attained, moved, moduli = 0.0, 0.0, 0, []
    for name in GRAPHS:
        network = named(name, exact=True)
        W = convert(network.dense(), "float")
        rho, n = second_modulus(W), network.n
        moduli.append(round(rho, 4))
        values, vectors = np.linalg.eigh(W - 1 / n)
        slowest = vectors[:, np.argmax(abs(values))]
        z = np.column_stack([slowest, rng.standard_normal((n, 20))])
        z = z - z.mean(axis=0)
        ratio = ((W @ z) ** 2).sum(axis=0) - rho**2 * (z**2).sum(axis=0)
        worst = max(worst, float(ratio.max()))
        attained = max(attained, abs(float(ratio[0])))
        means = network.dense().sum(axis=0)
        moved += int((means != 1).sum())
    good = worst < ROUNDING and attained < ROUNDING and moved == 0
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"|W x - mean|^2 exceeds rho^2 |x - mean|^2 by {worst:.1e} at most, with equality ({attained:.1e}) on the slowest eigenvector; columns sum to 1 "
        f"exactly, so that the mean stays. rho = {', '.join(map(str, moduli))} on {', '.join(GRAPHS)}",
        numbers={"excess": worst, "tolerance": ROUNDING, "rho": moduli},
        cases=21 * len(GRAPHS),
    )


CONTRACTION = Statement(
    id="argus/mix-contraction",
    paper=PAPER,
    location="Appendix A, proof of Lemma 4; Assumption 2(d)",
    kind="lemma",
    variant="added",
    sentence="Mixing contracts the distance to the mean by rho, the norm of W - ee'/N, which is a modulus and not its square.",
    formula=r"\|W x - \bar x\|^2 \le \rho^2 \|x - \bar x\|^2",
    because="(W - J)(x - mean) = W x - mean, as W e = e: the bound is the definition of the norm, and is attained. Young's inequality then gives the "
    "factor rho that the lemma has.",
    check=_check_contraction,
    expected=Verdict.SUPPORTED,
)
