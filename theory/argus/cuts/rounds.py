r"""The estimate (7) as K grows: without an l1 term, small steps lead the rounds (5), (6) to the lower-level solution.

With :math:`\psi_i = \sum_j (\varphi_{ij} - \varphi_{ji})` and the graph's Laplacian a round is linear in
:math:`(y, \psi)`; the sum of the :math:`\psi_i` stays 0. Where it rests y agrees and the gradients add up to 0: at y*.
"""

from __future__ import annotations

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import audit_runs
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

GRAPHS = ("ring:5", "star:5", "complete:5")
N, Q, MU, STEP = 5, 2, 0.1, 0.2
"""STEP: eta_y and eta_phi times L_g."""
CHECKED = 20
"""Rounds over which the linear map is put beside the implementation."""
ROUNDING = 1e-9


def linear(graph: str, seed: int, scale: float) -> tuple[float, float, float]:
    """Spectral radius of a round, how far the map is from the implementation, and the error that one round leaves.

    The agents have a common x; estimates start at 0, eta_y = eta_phi = ``scale``/L_g.
    """
    problem, network = random_quadratic(seed, N, 2, Q, shared=True), named(graph)
    x = np.repeat(np.random.default_rng(seed).standard_normal((1, 1, 2)), N, axis=1)
    star, step, zero = problem.lower_solution(x), scale / float(problem.constants.L_g), np.zeros((1, N, Q))
    W = convert(network.dense(), "float")
    near = ((W != 0) & ~np.eye(N, dtype=bool)).astype(float)
    wide, L = np.kron(W, np.eye(Q)), np.kron(np.diag(near.sum(axis=1)) - near, np.eye(Q))
    H, size = np.broadcast_to(problem.hess_yy_g(x, zero), (1, N, Q, Q))[0], N * Q
    blocks = np.zeros((size, size))
    for i in range(N):
        blocks[i * Q : (i + 1) * Q, i * Q : (i + 1) * Q] = H[i]
    A = wide - step * blocks - 2 * step * MU * L
    one = np.eye(size)
    M = np.block([[A, -step * one], [2 * step * L @ A, one - 2 * step * step * L]])
    push = -step * problem.grad_y_g(x, zero).reshape(-1)
    z, b = np.zeros(2 * size), np.concatenate([push, 2 * step * L @ push])
    off, first = 0.0, 0.0
    for K in range(1, CHECKED + 1):
        z = M @ z + b
        y = LowerRounds(K, step, step, MU, scaled=False).run(Oracle(problem), Gossip(network), x, zero)[0]
        off = max(off, float(abs(y.reshape(-1) - z[:size]).max() / max(1, abs(y).max())))
        first = float(abs(y - star).max()) if K == 1 else first
    return _radius(M), off, first


def _radius(M: Array) -> float:
    """The largest modulus of an eigenvalue but for the Q that are 1, those of the sum of psi."""
    values = np.linalg.eigvals(M)
    return float(abs(values[np.argsort(abs(values - 1))[Q:]]).max())


def _check(ctx: Context) -> Finding:
    seeds = [ctx.seed(k) % 2**31 for k in range(ctx.pick(2, 10))]
    table = [linear(graph, seed, STEP) for graph in GRAPHS for seed in seeds]
    radius, off, first = (largest(row[k] for row in table) for k in range(3))
    large = linear(GRAPHS[0], seeds[0], 10 * STEP)[0]
    same = off < ROUNDING
    return Finding(
        verdict=Verdict.INCONCLUSIVE if not same else Verdict.SUPPORTED if radius < 1 else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"unequal agents on {', '.join(GRAPHS)}, eta_y = eta_phi = {STEP:g}/L_g: a round is linear (the implementation differs by {off:.0e} at most) with the spectral "
        f"radius {radius:.5f} or less, and rests at y* only; one round leaves errors up to {first:.2g}. With ten times the steps the radius is {large:.3g}",
        numbers={
            "radius": radius,
            "off": off,
            "tolerance": ROUNDING,
            "error_of_one_round": first,
            "radius_large_steps": large,
        },
        cases=len(table),
        audit=audit_runs(
            [random_quadratic(seed, N, 2, Q, shared=True) for seed in seeds], [named(g) for g in GRAPHS]
        ),
    )


MANY = Statement(
    id="argus/estimate-rounds",
    paper=PAPER,
    location="Section IV-A, 'K communication rounds to approximate y*'; (5)-(7)",
    kind="lemma",
    variant="added",
    sentence="The result of K rounds approximates the lower-level solution: for strongly convex quadratics without an l1 term, and small steps, the error vanishes as K "
    "grows.",
    formula=r"y'^{(K)} \to y^*",
    because="On the problems to which we restrict it. Convexity of h and the cuts are argued for K = 1, where the error is that of one step. With an l1 term see argus/prox-unscaled, without convexity "
    "argus/lower-nonconvex.",
    check=_check,
    expected=Verdict.SUPPORTED,
)
