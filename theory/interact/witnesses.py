r"""Witnesses against printed statements of the INTERACT paper (MobiHoc 2022).

Each function returns exact data in the paper's letters that satisfies everything a statement assumes
and breaks what it claims; ``check`` (or ``theory/verify.py``) re-checks it without rounding.

The letters: ``W`` the mixing matrix (**M** in the paper's Section 4), ``lam`` its second-largest
eigenvalue modulus, ``a`` and ``F`` the upper level :math:`f_i(x, y) = a_i x + (x, y) F (x, y)^T / 2`,
``G`` the lower level :math:`g_i(x, y) = (x, y) G (x, y)^T / 2`, both with one-dimensional x and y;
``x``, ``y``, ``u`` are vectors with one entry per agent.
"""

from __future__ import annotations

from typing import Literal

from spiritlevel.core.errors import InputError
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.theorems.bound_witness import thm1_witness
from spiritlevel.theory.witness import Condition, Iteration, Witness

__all__ = ["mixing_witness", "neighbour_sums_witness", "thm1_witness", "witnesses"]


Graph = Literal["ring", "swap", "triangles"]


def _edges(graph: str) -> list[list[int]]:
    if graph == "swap":
        return [[0, 1], [1, 0]]
    if graph == "ring":
        return [[int((i - j) % 4 in (1, 3)) for j in range(4)] for i in range(4)]
    if graph == "triangles":
        return [[int(i != j and i // 3 == j // 3) for j in range(6)] for i in range(6)]
    raise InputError(f"graph is {graph!r}; choose one of ring, swap, triangles")


def mixing_witness(graph: Graph = "ring") -> Witness:
    r"""Properties (a)-(c) of Section 4.1 do not imply :math:`-1 < \lambda_m \le \lambda_2 < 1`.

    Parameters
    ----------
    graph
        ``"ring"``: four agents in a ring, each weighing its two neighbours by 1/2; ``"swap"``: two
        agents that exchange their values. Both have the eigenvalue -1. ``"triangles"``: two separate
        triangles with weights 1/2 (nowhere is the graph asked to be connected); 1 is a double eigenvalue.

    Raises
    ------
    InputError
        If the graph has another name.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(mixing_witness(graph)).ok for graph in ("ring", "swap", "triangles")]
    [True, True, True]
    """
    edges = _edges(graph)
    m = len(edges)
    degree = sum(edges[0])
    if graph == "triangles":
        v = [1, 1, 1, -1, -1, -1]
        because = Condition("v is orthogonal to 1 and W v = v", "sum(v) == 0 and W @ v == v and norm2(v) > 0")
        # on the sum-zero vectors I - W + 11'/m is I - W; on 1 it is the identity
        claim = Condition(
            "lambda_2(W) < 1: I - W + 11'/m is positive definite", f"pd(eye({m}) - W + ones({m}, {m})/{m})"
        )
    else:
        v = [(-1) ** k for k in range(m)]
        because = Condition("v is an eigenvector of W for the eigenvalue -1", "W @ v == -v and norm2(v) > 0")
        claim = Condition("lambda_m(W) > -1: I + W is positive definite", f"pd(eye({m}) + W)")
    return Witness(
        statement="interact/mix",
        paper=PAPER,
        location="Section 4.1, properties (a)-(c)",
        claim_text="(a)-(c) imply that the eigenvalues satisfy -1 < lambda_m <= ... <= lambda_2 < lambda_1 = 1",
        given={
            "edges": edges,
            "W": [[f"{entry}/{degree}" for entry in row] for row in edges],
            "v": v,
        },
        define=(),
        assume=(
            Condition(
                "(a) W is doubly stochastic",
                f"W @ ones({m}) == ones({m}) and transpose(W) @ ones({m}) == ones({m})",
            ),
            Condition("(b) W is symmetric", "symmetric(W)"),
            Condition(
                "the graph is undirected, without an edge from an agent to itself",
                f"symmetric(edges) and positive(edges) == edges and diag(edges) == zeros({m})",
            ),
            Condition(
                "(c) W_ij > 0 on the edges and W_ij = 0 elsewhere", "positive(W) == edges and min(W) >= 0"
            ),
            because,
        ),
        claim=claim,
    )


def neighbour_sums_witness() -> Witness:
    r"""The sums of (6) and (10), taken as printed, lose every agent's own copy.

    Section 3 defines :math:`\mathcal N_i` by the edges, so it does not contain i. With the paper's own
    mixing matrix :math:`W = I - 2L/(3\lambda_{\max}(L))` (Section 6), here on a path of three agents,
    the mean of the trackers then differs from the mean of the gradients after one step, although Step 5
    of the proof puts their difference to zero.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(neighbour_sums_witness()).last.values
    ('16/729 (0.0219479) == 0',)
    """
    return Witness(
        statement="interact/neighbour-sums",
        paper=PAPER,
        location="(6), (10) and Step 5 of the proof of Theorem 1",
        claim_text="the squared distance between the mean of p_i(x_i,t, y_i,t) and the mean of u_i,t is 0",
        note="Sums over N_i as printed, with N_i = {j : (i,j) is an edge}; the mixing matrix of Section 6.",
        given={
            "Lap": [[1, -1, 0], [-1, 2, -1], [0, -1, 1]],
            "top": 3,
            "v": [1, -2, 1],
            "W": [["7/9", "2/9", 0], ["2/9", "5/9", "2/9"], [0, "2/9", "7/9"]],
            "F": [[0, 0], [0, 0]],
            "a": [1, -2, 1],
            "G": [["1/4", "-1/2"], ["-1/2", 1]],
            "alpha": "1/10",
            "beta": "1/3",
            "x0": [1, 1, 1],
            "y0": [0, 0, 0],
        },
        define=(
            ("N", "W - diag(diag(W))"),
            ("p0", "a + F[0, 0]*x0 + F[0, 1]*y0 - G[0, 1]/G[1, 1]*(F[1, 0]*x0 + F[1, 1]*y0)"),
        ),
        assume=(
            Condition(
                "Lap is the Laplacian of the path 1 - 2 - 3",
                "symmetric(Lap) and Lap @ ones(3) == zeros(3) and diag(diag(Lap)) - Lap == "
                "positive(diag(diag(Lap)) - Lap)",
            ),
            Condition(
                "top is the largest eigenvalue of Lap",
                "psd(top*eye(3) - Lap) and Lap @ v == top*v and norm2(v) > 0",
            ),
            Condition(
                "W is the mixing matrix of Section 6, I - 2 L / (3 lambda_max)", "W == eye(3) - 2*Lap/(3*top)"
            ),
            Condition(
                "(a), (b): W is doubly stochastic and symmetric", "W @ ones(3) == ones(3) and symmetric(W)"
            ),
            Condition(
                "N holds the weights of the neighbours: W on the edges, 0 elsewhere",
                "positive(N) == diag(diag(Lap)) - Lap and N + diag(diag(W)) == W",
            ),
            Condition(
                "all agents start from the same point", "center(x0) == zeros(3) and center(y0) == zeros(3)"
            ),
            Condition(
                "A1(a): the lower level is strongly convex", "symmetric(G) and symmetric(F) and G[1, 1] > 0"
            ),
            Condition("the step sizes are positive", "alpha > 0 and beta > 0"),
        ),
        iterate=(
            Iteration(
                text="INTERACT with sums over neighbours only",
                times=1,
                start=(("x", "x0"), ("y", "y0"), ("p", "p0"), ("u", "p0"), ("v0", "G[1, 0]*x0 + G[1, 1]*y0")),
                step=(
                    ("x", "N @ x - alpha*u"),
                    ("y", "y - beta*v0"),
                    ("p_new", "a + F[0, 0]*x + F[0, 1]*y - G[0, 1]/G[1, 1]*(F[1, 0]*x + F[1, 1]*y)"),
                    ("u", "N @ u + p_new - p"),
                    ("p", "p_new"),
                ),
                measure=(("gap", "mean(p) - mean(u)"),),
                show=("x", "y", "p", "u", "gap"),
            ),
        ),
        claim=Condition("the mean of u_1 is the mean of p_1", "gap**2 == 0"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file and of Theorem 1; the others stand beside their claims."""
    return (
        thm1_witness("printed"),
        thm1_witness("plain"),
        thm1_witness("printed", network="no-self-loops"),
        thm1_witness("plain", network="no-self-loops"),
        mixing_witness("ring"),
        mixing_witness("swap"),
        mixing_witness("triangles"),
        neighbour_sums_witness(),
    )
