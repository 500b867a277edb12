"""What we claim of our algorithm. Every statement whose name begins with ``test_`` is a test."""

from __future__ import annotations

from typing import Any

import numpy as np
from warm_dgd import WarmDGD

from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.networks import Network
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.instruments.stability import step_limit
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Iteration, Witness

PAPER = "Warm-started decentralised gradient descent (ours)"
L = 4  # the Lipschitz constant of the hypergradient in the problem below
NETWORKS = [named(name) for name in ("path:2", "path:5", "ring:6", "star:5", "complete:4")]
TOLERANCE = 1e-8  # the stability limit is bisected to a relative 1e-10


def bowl(n: int) -> Bilevel:
    """``f_i = L y^2 / 2`` over ``g_i = (y - x)^2 / 2``: y_i*(x) = x, and beta = 1 finds it in one step."""
    ones = np.ones((n, 1, 1))
    return quadratic(H=ones, B=ones, c=np.zeros((n, 1)), Q=L * ones).over("float")


def largest_stable_alpha(network: Network) -> float:
    """The exact limit, from the eigenvalues of the algorithm's own step."""
    return step_limit(WarmDGD, "alpha", {"beta": 1}, bowl(network.n), network).limit


# A claim that holds, proved for every problem, network, size and step.


def check_mean(_: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import ALPHA, is_zero, start_and_step, sum_over_agents

    run: Any = start_and_step(WarmDGD)  # one step over symbols
    hypergradient = surrogate(run.oracle, run.state.x, run.after.y)
    gap = sum_over_agents(run.after.x - run.state.x + ALPHA * hypergradient)
    return proved(is_zero(gap), "summed over the agents, both sides are the same expression", f"left: {gap}")


test_mean = Statement(
    id="own/mean",
    paper=PAPER,
    location="Lemma 1",
    kind="identity",
    sentence="The mean of the agents moves by alpha times the mean of their hypergradients, on every network.",
    formula=r"\bar x_t = \bar x_{t-1} - \alpha \frac1n \sum_i p_i(x_{i,t-1}, y_{i,t})",
    check=check_mean,
    expected=Verdict.PROVED,
)


# A claim that is wrong: the step that a single machine could take.


def growing() -> Witness:
    """Two agents with opposite values, in exact rationals: alpha is below 2/L, and yet they drift apart."""
    return Witness(
        statement="own/two-over-L",
        paper=PAPER,
        location="Theorem 1",
        claim_text="stable for every alpha < 2/L",
        given={"W": [["1/2", "1/2"], ["1/2", "1/2"]], "L": L, "alpha": "3/8", "x0": [1, -1]},
        define=(),
        assume=(
            Condition("W is symmetric and doubly stochastic", "symmetric(W) and W @ ones(2) == ones(2)"),
            Condition("the step is positive and below 2/L", "alpha > 0 and alpha < 2/L"),
        ),
        iterate=(
            Iteration(
                text="the algorithm with beta = 1, where y_t = x_{t-1}",
                times=10,
                start=(("x", "x0"),),
                step=(("x", "W @ x - alpha*L*x"),),
                measure=(("size", "norm2(x)"),),
            ),
        ),
        claim=Condition("after 10 steps it is no farther from the solution 0", "size <= norm2(x0)"),
    )


def check_two_over_L(_: Context) -> Finding:
    limits = {network.name: largest_stable_alpha(network) for network in NETWORKS}
    if min(limits.values()) < 2 / L - TOLERANCE:
        return broken(growing(), f"alpha = 3/8 is below 2/L = {2 / L:g}, and two agents drift apart", limits)
    return Finding(
        verdict=Verdict.SUPPORTED,
        method=Method.LINEAR,
        summary=f"stable below 2/L = {2 / L} on all {len(limits)} networks",
        numbers=limits,
        cases=len(limits),
    )


test_two_over_L = Statement(
    id="own/two-over-L",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    sentence="The algorithm is stable for every step size below 2/L, as gradient descent is.",
    formula=r"\alpha < \frac{2}{L}",
    check=check_two_over_L,
    expected=Verdict.SUPPORTED,
)


# The same claim, repaired.


def check_repaired(_: Context) -> Finding:
    gaps = {}
    for network in NETWORKS:
        claimed = (1 + np.linalg.eigvalsh(network.dense())[0]) / L
        gaps[network.name] = abs(largest_stable_alpha(network) - claimed)
    holds = max(gaps.values()) < TOLERANCE
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"exact limit and formula differ by at most {max(gaps.values()):.1g} on {len(gaps)} networks",
        numbers={**gaps, "tolerance": TOLERANCE},
        cases=len(gaps),
    )


test_repaired = Statement(
    id="own/two-over-L-repaired",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    sentence="The algorithm is stable exactly below (1 + the smallest eigenvalue of W)/L.",
    formula=r"\alpha < \frac{1 + \lambda_{\min}(W)}{L}",
    variant="repaired",
    repairs="own/two-over-L",
    because="Where agents disagree, W has already used up a part of the step.",
    check=check_repaired,
    expected=Verdict.SUPPORTED,
)
