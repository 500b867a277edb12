"""What Remark 1 takes for granted of graphs: dense ones have a lambda near 0, and an edge more never raises it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.graphs import from_graph
from spiritlevel.core.spectra import modulus
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.network.figures import dense_plot
from spiritlevel.theory.interact.network.remark1_witnesses import dense_witness, monotone_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide
from spiritlevel.theory.witness import check as recheck


def _check_dense(ctx: Context) -> Finding:
    import sympy

    mu, top = sympy.symbols("mu top", positive=True)
    at_top = sympy.simplify((1 - 2 * mu / (3 * top)).subs(mu, top))
    m = ctx.pick(6, 7)
    every = lambdas(m)
    least = min(lam for _, lam in every)
    witness = dense_witness()
    stands = recheck(witness).ok
    bounded = at_top == sympy.Rational(1, 3) and least > Fraction(1, 3) - 1e-9
    return Finding(
        verdict=Verdict.REFUTED if bounded and stands else decide(not bounded, least),
        method=Method.SYMBOLIC,
        summary=f"the eigenvalue 1 - 2 mu/(3 mu_max) is 1/3 at mu = mu_max, so lambda >= 1/3 on every graph; least over all "
        f"connected graphs of 2 to {m} agents: {least:.6f}"
        if bounded
        else f"eigenvalue at the top {at_top}, least lambda {least:.4f}",
        numbers={
            "eigenvalue_at_the_top": str(at_top),
            "least_lambda": least,
            "witness_stands": stands,
            "tolerance": 1e-9,
        },
        cases=m - 1,
        figures=(dense_plot(every),),
        witness=witness if bounded else None,
    )


def lambdas(most: int) -> list[tuple[float, float]]:
    """Share of edges and lambda of Section 6's W for all connected graphs with 2 to ``most`` (at most 7) nodes."""
    from networkx import density, is_connected, laplacian_matrix
    from networkx.generators.atlas import graph_atlas_g

    found = []
    for graph in graph_atlas_g():
        if 2 <= graph.number_of_nodes() <= most and is_connected(graph):
            mu = np.linalg.eigvalsh(laplacian_matrix(graph).toarray().astype(float))
            found.append((density(graph), float(np.abs(1 - 2 * mu[1:] / (3 * mu[-1])).max())))
    return found


LAMBDA_DENSE = Statement(
    id="interact/lambda-dense",
    paper=PAPER,
    location="Remark 1 with the W of Section 6",
    kind="network",
    variant="added",
    sentence="For a dense network lambda is close to 0, with the mixing matrix of Section 6.",
    formula=r"\lambda(I - \tfrac{2L}{3\lambda_{\max}(L)}) \approx 0",
    because="The smallest eigenvalue of the paper's own W is exactly 1/3 for every graph, so lambda is never below 1/3; with "
    "Metropolis weights the sentence is true of the complete graph, where W = J.",
    check=_check_dense,
    expected=Verdict.REFUTED,
)


def _check_monotone(ctx: Context) -> Finding:
    witness = monotone_witness()
    stands = recheck(witness).ok
    grown = {rule: _raised(rule, ctx.pick(5, 6)) for rule in ("metropolis", "laplacian")}
    found = all(count for count, _, _ in grown.values())
    return Finding(
        verdict=Verdict.REFUTED if stands else decide(not found),
        method=Method.RATIONAL,
        summary="Section 6's W: a long chord in the 6-ring raises lambda from 5/6 to 13/15, Metropolis: a chord in the 4-ring from 1/3 "
        "to 1/2; among the graphs of up to "
        + f"{ctx.pick(5, 6)} agents, {grown['laplacian'][0]} of {grown['laplacian'][1]} additions of an edge raise it with Section "
        f"6's W and {grown['metropolis'][0]} of {grown['metropolis'][1]} with Metropolis weights",
        numbers={
            "witness_stands": stands,
            **{f"{rule}_raised": count for rule, (count, _, _) in grown.items()},
            **{f"{rule}_largest_rise": rise for rule, (_, _, rise) in grown.items()},
        },
        cases=sum(total for _, total, _ in grown.values()),
        witness=witness if stands else None,
    )


def _raised(rule: str, most: int) -> tuple[int, int, float]:
    """How many additions of an edge raise lambda (by more than 1e-9), of how many, and the largest rise."""
    from networkx import is_connected, non_edges
    from networkx.generators.atlas import graph_atlas_g

    rises = []
    for graph in graph_atlas_g():
        if not 3 <= graph.number_of_nodes() <= most or not is_connected(graph):
            continue
        before = modulus(from_graph(graph, rule))
        for edge in list(non_edges(graph)):
            denser = graph.copy()
            denser.add_edge(*edge)
            rises.append(modulus(from_graph(denser, rule)) - before)
    return sum(rise > 1e-9 for rise in rises), len(rises), max(rises)


LAMBDA_MONOTONE = Statement(
    id="interact/lambda-monotone",
    paper=PAPER,
    location="Remark 1, what it takes for granted",
    kind="network",
    variant="added",
    sentence="Adding an edge never increases lambda.",
    formula=r"E \subset E' \implies \lambda(E') \le \lambda(E)",
    because="The weights are scaled by the whole graph (Section 6) or by the degrees (Metropolis): an edge more makes the others "
    "weaker.",
    check=_check_monotone,
    expected=Verdict.REFUTED,
)
