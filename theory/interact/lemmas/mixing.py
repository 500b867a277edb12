"""Section 4.1: what properties (a)-(c) say about the spectrum of the mixing matrix."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.matrices import positive_definite
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.witnesses import mixing_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def _check_mix(ctx: Context) -> Finding:
    found = {graph: mixing_witness(graph) for graph in ("ring", "swap", "triangles")}
    standing = {graph: w for graph, w in found.items() if recheck(w).ok}
    return Finding(
        verdict=Verdict.REFUTED if standing else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary="a 4-ring with weights 1/2 and a swap of two agents have the eigenvalue -1, two separate triangles a double "
        "eigenvalue 1; all satisfy (a)-(c)"
        if len(standing) == 3
        else f"counterexamples that stand: {', '.join(standing) or 'none'}",
        numbers={"counterexamples": len(standing), "tried": len(found)},
        cases=len(found),
        witness=next(iter(standing.values()), None),
    )


MIX = Statement(
    id="interact/mix",
    paper=PAPER,
    location="Section 4.1, properties (a)-(c)",
    kind="lemma",
    sentence="A doubly stochastic, symmetric matrix that is positive exactly on the edges has all eigenvalues in (-1, 1] "
    "and a simple eigenvalue 1.",
    formula=r"-1 < \lambda_m(M) \le \dots \le \lambda_2(M) < \lambda_1(M) = 1",
    because="Connectedness is nowhere asked; and where edges join different agents, (c) asks for W_ii = 0, so that bipartite "
    "graphs keep the eigenvalue -1.",
    check=_check_mix,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    import sympy

    # x'(I - W)x = sum_{i<j} W_ij (x_i - x_j)^2 and x'(I + W)x = sum_{i<j} W_ij (x_i + x_j)^2 + 2 sum_i W_ii x_i^2.
    # With 1 = sum_j W_ij both sides are sums over pairs, so the identity of one pair gives any m; in words: the first
    # vanishes only for x equal along every edge, hence constant; the second, with every W_ii > 0, only for x = 0.
    w, a, b = sympy.symbols("w a b")
    pair = [
        sympy.expand(w * (a**2 + b**2) + sign * 2 * w * a * b - w * (a + sign * b) ** 2) for sign in (-1, 1)
    ]
    whole = [_sums_of_squares(m) for m in range(2, ctx.pick(5, 8))]
    identities = all(e == 0 for e in pair) and all(whole)
    networks = ("ring:8", "path:7", "star:6", "complete:5", "erdos-renyi:10:0.4:1", "grid:3:3")
    failing = [text for text in networks if not _definite(named(text, exact=True))]
    good = identities and not failing
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="I - W and I + W are sums of squares (sympy, any m by pairs); that they vanish on constants and on 0 only is the "
        f"definition of a connected graph and of W_ii > 0; {len(networks)} rational networks pass an exact LDL"
        if good
        else f"sums of squares: {identities}; not definite in exact arithmetic: {', '.join(failing) or 'none'}",
        numbers={"largest_symbolic_m": ctx.pick(4, 7), "failing": len(failing)},
        cases=len(networks),
    )


def _definite(network: Network) -> bool:
    """Whether ``I + W`` and ``I - W + J`` are positive definite, in exact rationals."""
    eye = convert(np.eye(network.n, dtype=int), "fraction")
    J = averaging(network.n, exact=True).W
    return bool(positive_definite(eye + network.W) and positive_definite(eye - network.W + J))


def _sums_of_squares(m: int) -> bool:
    """The two identities for a symbolic m-agent matrix, expanded in full."""
    import sympy

    x = sympy.symbols(f"x:{m}")
    off = {(i, j): sympy.Symbol(f"w_{i}_{j}") for i in range(m) for j in range(i + 1, m)}
    diagonal = [1 - sum(v for pair, v in off.items() if i in pair) for i in range(m)]
    square = sum(v**2 for v in x)
    form = sum(diagonal[i] * x[i] ** 2 for i in range(m)) + sum(
        2 * v * x[i] * x[j] for (i, j), v in off.items()
    )
    minus = sum(v * (x[i] - x[j]) ** 2 for (i, j), v in off.items())
    plus = sum(v * (x[i] + x[j]) ** 2 for (i, j), v in off.items()) + 2 * sum(
        diagonal[i] * x[i] ** 2 for i in range(m)
    )
    return bool(sympy.expand(square - form - minus) == 0 and sympy.expand(square + form - plus) == 0)


MIX_REPAIRED = Statement(
    id="interact/mix-repaired",
    paper=PAPER,
    location="Section 4.1, properties (a)-(c)",
    kind="lemma",
    variant="repaired",
    repairs="interact/mix",
    sentence="With a connected graph and every W_ii > 0, all eigenvalues lie in (-1, 1] and 1 is simple.",
    formula=r"W = W^T \ge 0,\ W1 = 1,\ W_{ii} > 0,\ \text{connected} \implies -1 < \lambda_m,\ \lambda_2 < 1",
    because="Asks for connectedness and for positive self-weights, which (c) excludes unless every agent has a loop.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)
