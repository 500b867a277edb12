"""Cuts over a neighbourhood with K = 2: h_i depends on agents two hops away, for which (9) has no place."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

from spiritlevel.core.activity import Scripted
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import fill
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.cutting import estimate
from spiritlevel.theory.argus.algorithms.planes import line
from spiritlevel.theory.argus.algorithms.setting import Setting, Vector
from spiritlevel.theory.argus.algorithms.witnesses import hops_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

FAR = 10
"""Where agent 2 stands in the feasible point."""


def slope(channel: str, i: int, x: Vector, y: Vector) -> Vector:
    """The gradient of ``(y - x)^2/2`` in y."""
    return [y[0] - x[0]]


def value_far_away(ctx: Context, K: int) -> Fraction:
    """On a path of three: the value of agent 0's first cut, at a point where x_2 is ``FAR`` and y_0, y_1 are y*.

    The cut is found at x = 0, y = 1, with estimates from 0.
    """
    network = named("path:3", exact=True)
    c = Setting(K=K, base="zero", eps=Fraction(1, 10), T_1=1)
    shared = {f.name: getattr(c, f.name) for f in dataclasses.fields(c) if f.name != "rates"}
    a = ctx.algorithm("argus")(**shared).over("fraction")
    net, o = Gossip(network, Scripted(((0, 0, 0),)).source(0, range(1))), Oracle(line(0, 3))
    x, y = fill((1, 3, 1), [Fraction(0)] * 3), fill((1, 3, 1), [Fraction(1)] * 3)
    s: Any = a.step(1, a.init(x, y, o, net), o, net)
    far = [[Fraction(0)], [Fraction(0)], [Fraction(FAR)]]
    zero, weights = [[Fraction(0)]] * 3, network.dense().tolist()
    star = estimate(far, zero, weights, c, slope, lambda v, weight: v)
    values = s.cuts.values(fill((1, 3, 1), [v[0] for v in far]), fill((1, 3, 1), [v[0] for v in star]))
    return Fraction(values[0, 0, 0])


def _check_hops(ctx: Context) -> Finding:
    witness = hops_witness()
    near, far = value_far_away(ctx, 1), value_far_away(ctx, 2)
    refuted = recheck(witness).ok and near <= 0 < far
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"path of 3, g = (y - x)^2/2, agent 0's first cut at x = 0, y = 1, estimates from 0: at x = (0, 0, {FAR}), y = y*, so that h_0 = 0, its value is {near} for "
        f"K = 1 and {far} = {float(far):.3f} > 0 for K = 2: removed"
        if refuted
        else f"the cut's value at a feasible point is {near} for K = 1 and {far} for K = 2",
        numbers={"value_K_1": str(near), "value_K_2": str(far)},
        cases=2,
        witness=witness if refuted else None,
    )


HOPS = Statement(
    id="argus/cut-two-hops",
    paper=PAPER,
    location="(7), (9), (21)-(26), with K = 2",
    kind="lemma",
    variant="added",
    sentence="With K = 2 rounds, a cut over the neighbourhood of agent i, as (9) and (24) have it, keeps every point with h_i <= eps.",
    because="h_i depends on x_j two hops away through its neighbours' estimates, and (9) has no coefficient for them. K = 1 is not affected; the paper claims "
    "convexity for it alone, and allows K in Theorems 2 and 3.",
    about=("argus",),
    check=_check_hops,
    expected=Verdict.REFUTED,
)
