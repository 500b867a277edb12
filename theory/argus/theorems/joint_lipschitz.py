"""Assumption 1(a): the Lipschitz constant of the joint gradient of L'_pi, with the multipliers' bilinear terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.experiments.instances import course, separate
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness


def joint_hessian(state: Any, joined: Array, i: int) -> Array:
    r"""The constant Hessian of :math:`L'_{pi}` in (x, y, lambda_i, theta_i), ``G_i = |x_i|^2/2 + |y_i|^2/2 + ..``, in floats.

    Parameters
    ----------
    state
        Of `Argus`, one replica; its cuts count, its variables do not.
    joined
        Who is whose neighbour, 0 or 1, shape ``(n, n)``.
    i
        The agent.
    """
    _, n, p = state.x.shape
    q = state.y.shape[-1]
    own = np.zeros(n * (p + q))
    own[i * p : (i + 1) * p] = own[n * p + i * q : n * p + (i + 1) * q] = 1
    rows = [
        np.concatenate([state.a[0, i, k].ravel(), state.b[0, i, k].ravel()])
        for k in np.flatnonzero(state.used[0, i])
    ]
    for j in np.flatnonzero(joined[i]):
        for s in range(p):
            row = np.zeros(n * (p + q))
            row[i * p + s], row[j * p + s] = 1, -1
            rows.append(row)
    K = np.array(rows, dtype=float).reshape(-1, n * (p + q))
    return np.block([[np.diag(own), K.T], [K, np.zeros((len(K), len(K)))]])


def grown(ctx: Context, graph: str, steps: int) -> list[float]:
    """The largest L over the agents after every fifth iteration of a run."""
    network = named(graph)
    joined = (network.dense() != 0) & ~np.eye(network.n, dtype=bool)
    problem = separate(ctx.seed(graph), network.n, 2, same=False)
    states = list(course(ctx.algorithm("argus")(), problem, network, steps))[::5]
    return [
        max(float(np.linalg.norm(joint_hessian(s, joined, i), 2)) for i in range(network.n)) for s in states
    ]


def star_of(d: int) -> Any:
    """The square of the norm of theta's block alone, for an agent with d neighbours and n = 1.

    Examples
    --------
    >>> [star_of(d) for d in (1, 2, 5)]
    [2, 3, 6]
    """
    import sympy as sp

    K = sp.ones(d, 1).row_join(-sp.eye(d))
    return max((K * K.T).eigenvals())


def cut_witness() -> Witness:
    """Two agents, G = (x^2 + y^2)/2, one cut: 19/10 bounds the joint Hessian without the cut and not with it.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(cut_witness()).ok
    True
    """
    return Witness(
        statement="argus/joint-lipschitz",
        paper=PAPER,
        location="Assumption 1(a)",
        claim_text="an L for which 1(a) holds before there are cuts is one for which it holds afterwards",
        note="variables x_1, x_2, y_1, y_2, lambda, theta_12 of agent 1; the cut is y_1 + y_2 - x_1 - x_2 <= 2 eps",
        given={
            "L": "19/10",
            "before": [
                [1, 0, 0, 0, 0, 1],
                [0, 0, 0, 0, 0, -1],
                [0, 0, 1, 0, 0, 0],
                [0, 0, 0, 0, 0, 0],
                [0, 0, 0, 0, 0, 0],
                [1, -1, 0, 0, 0, 0],
            ],
            "cut": [-1, -1, 1, 1, 0, 0],
            "e": [0, 0, 0, 0, 1, 0],
        },
        define=(
            ("side", "diag(cut)@ones(6, 6)@diag(e)"),
            ("after", "before + side + transpose(side)"),
        ),
        assume=(
            Condition("both are symmetric", "symmetric(before) and symmetric(after)"),
            Condition("L bounds the gradient's change before", "psd(L**2*eye(6) - before@before)"),
        ),
        claim=Condition("and with the cut", "psd(L**2*eye(6) - after@after)"),
    )


def _check_joint(ctx: Context) -> Finding:
    squares = [int(star_of(d)) for d in (1, 2, 3, 9)]
    rows = {graph: grown(ctx, graph, ctx.pick(20, 50)) for graph in ("complete:4", "ring:4")}
    given = cut_witness().given
    side = np.outer(*(np.array(given[name], dtype=float) for name in ("cut", "e")))
    one_cut = float(np.linalg.norm(np.array(given["before"], dtype=float) + side + side.T, 2))
    return broken(
        cut_witness(),
        f"N = 2, G = (x^2 + y^2)/2, the cut y_1 + y_2 - x_1 - x_2 <= 2 eps: L = 19/10 serves without it and not with it, where {one_cut:.5f} is needed. Theta alone needs sqrt(1 + d) for d neighbours (squares {', '.join(map(str, squares))} "
        "for d = 1, 2, 3, 9). Along runs, every five iterations: "
        + "; ".join(f"{graph} {', '.join(f'{v:.2f}' for v in row)}" for graph, row in rows.items()),
        {"one_cut": one_cut, "theta_squared": squares, **rows},
        cases=2 + len(squares) + sum(map(len, rows.values())),
    )


JOINT = Statement(
    id="argus/joint-lipschitz",
    paper=PAPER,
    location="Assumption 1(a); Theorem 1, bounds on eta",
    kind="bound",
    variant="added",
    sentence="An L for which Assumption 1(a) holds before cuts are made serves for the whole run.",
    formula=r"\|\nabla L'_{pi}(a) - \nabla L'_{pi}(b)\| \le L \|a - b\|",
    because="The multipliers are among the variables, and every cut adds a bilinear term: L grows with the number and the size of the cuts until T_1, while Theorem 1's eta, of order 1/L^2 by one of the bounds, is "
    "chosen before. It also grows with an agent's number of neighbours, for any G.",
    about=("argus",),
    check=_check_joint,
    expected=Verdict.REFUTED,
)
