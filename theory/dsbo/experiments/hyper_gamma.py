"""How large gamma may be on a network: negative eigenvalues of W leave less than 1/L_g."""

from __future__ import annotations

import math

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Iteration, Witness
from spiritlevel.theory.witness import check as recheck

AGENTS, ITERATIONS = (5, 10, 20), 20_000
"""Of Section 6's hyper-parameter runs."""


def network_witness() -> Witness:
    """Four agents on a ring with weights 1/3, ``g^k = y^2/2``, ``gamma = 1/L_g = 1``: y grows by 4/3 per step.

    Examples
    --------
    >>> recheck(network_witness()).ok
    True
    """
    third, zero = "1/3", "0"
    ring = [[zero if (i - j) % 4 == 2 else third for j in range(4)] for i in range(4)]
    return Witness(
        statement="dsbo/gamma-network",
        paper=PAPER,
        location="Algorithm 1, Step 5; Section 6, ring with weights 1/3",
        claim_text="with gamma <= 1/L_g the copies of y do not move away from the lower solution 0",
        given={"W": ring, "L_g": 1, "gamma": 1, "y0": [1, -1, 1, -1]},
        define=(),
        assume=(
            Condition("W is as in Assumption 3.2", "symmetric(W) and W @ ones(4) == ones(4)"),
            Condition("gamma is at most 1/L_g", "gamma > 0 and gamma <= 1/L_g"),
        ),
        iterate=(
            Iteration(
                text="Step 5 with grad_y g^k = y",
                times=3,
                start=(("y", "y0"),),
                step=(("y", "W @ y - gamma*y"),),
                show=("y",),
            ),
        ),
        claim=Condition("|y|^2 does not grow", "norm2(y) <= norm2(y0)"),
    )


def gamma_limit(least: float, L_g: float) -> float:
    """``(1 + lambda_min(W))/L_g``, above which some y-step expands.

    Examples
    --------
    >>> round(gamma_limit(-1 / 3, 1.0), 4)
    0.6667
    """
    return (1 + least) / L_g


def _least(K: int) -> float:
    return float(np.linalg.eigvalsh(named(f"ring:{K}", "third").dense()).min())


def _check_network(ctx: Context) -> Finding:
    witness = network_witness()
    refuted = recheck(witness).ok
    printed = {K: gamma_limit(_least(K), 1.0) / (10 * math.sqrt(K / ITERATIONS)) for K in AGENTS}
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="ring of 4 with weights 1/3 has the eigenvalue -1/3: with g^k = y^2/2 and gamma = 1/L_g the step maps (1, -1, 1, -1) to -4/3 of it; "
        f"with T = {ITERATIONS} the rings of Section 6 need L_g < "
        + ", ".join(f"{v:.2f} (K = {K})" for K, v in printed.items()),
        numbers={f"largest L_g, K = {K}": value for K, value in printed.items()},
        cases=1 + len(AGENTS),
        witness=witness if refuted else None,
    )


NETWORK = Statement(
    id="dsbo/gamma-network",
    paper=PAPER,
    location="Algorithm 1, Step 5; (5) and Section 6",
    kind="step size",
    variant="added",
    sentence="For every W of Assumption 3.2, gamma <= 1/L_g keeps Step 5 at fixed x from moving the agents' copies of y away from a common "
    "lower solution.",
    because="A mixing matrix may have negative eigenvalues, which the gradient step pushes below -1: gamma <= 1/L_g is enough for one agent and "
    "for the average over agents with equal Hessians, not for their differences.",
    check=_check_network,
    expected=Verdict.REFUTED,
)


def _check_network_repaired(ctx: Context) -> Finding:
    import sympy as sp

    w, a, low, L, gap = sp.symbols("w a low L gap", real=True)
    gamma = (1 + low) / L
    below = sp.expand((1 + w - gamma * a) - ((w - low) + (1 + low) * (L - a) / L)) == 0
    sharp = (
        sp.simplify((low - (gamma + gap) * L) + 1 + gap * L) == 0
    )  # below -1 at a = L for every larger gamma
    seen = []
    for k in range(ctx.pick(10, 200)):
        rng = np.random.default_rng(ctx.seed(k))
        K, q = int(rng.integers(3, 9)), int(rng.integers(1, 4))
        W = named(f"ring:{K}", "third").dense()
        M = rng.standard_normal((K, q, q))
        A = M @ M.swapaxes(-1, -2)
        A /= np.linalg.eigvalsh(A).max() * rng.uniform(1, 2, (K, 1, 1))
        blocks = np.zeros((K * q, K * q))
        for i in range(K):
            blocks[i * q : (i + 1) * q, i * q : (i + 1) * q] = A[i]
        step = np.kron(W, np.eye(q)) - gamma_limit(_least(K), 1.0) * blocks
        seen.append(float(np.linalg.norm(step, 2)))
    holds = below and sharp and max(seen) <= 1 + 1e-12
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="I - S = (I - W) + gamma A and I + S = (W - lambda_min I) + (1 + lambda_min)(I - A/L_g) are sums of positive semidefinite matrices "
        f"for S = W - gamma A and gamma = (1 + lambda_min)/L_g, so |S| <= 1; norms of {len(seen)} random S with unequal Hessians are at most "
        f"{max(seen):.6f}; equal Hessians with the eigenvalue L_g allow no larger gamma",
        numbers={"largest norm": max(seen), "tolerance": 1e-12},
        cases=len(seen),
    )


NETWORK_REPAIRED = Statement(
    id="dsbo/gamma-network-repaired",
    paper=PAPER,
    location="Algorithm 1, Step 5",
    kind="step size",
    variant="repaired",
    repairs="dsbo/gamma-network",
    sentence="With gamma <= (1 + lambda_min(W))/L_g, Step 5 at fixed x brings no two stacks of copies of y further apart, for every W of "
    "Assumption 3.2 and all convex g^k with L_g-Lipschitz gradients; no larger bound in lambda_min and L_g does.",
    formula=r"\gamma \le \frac{1 + \lambda_{\min}(W)}{L_g} \Rightarrow -I \preceq W \otimes I - \gamma \operatorname{diag}(A_k) \preceq I",
    because="Adds the network: 2/(3 L_g) on large rings with weights 1/3, and nothing at all if -1 is an eigenvalue.",
    check=_check_network_repaired,
    expected=Verdict.PROVED,
)
