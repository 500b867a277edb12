"""What messages tell: gradients and data from those of Algorithm 1, and x from the multipliers theta alone."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.experiments.instances import course, separate
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

ETA = Fraction(1, 10)
GRAPHS = ("complete:4", "star:5", "path:4")
STEPS = 3


def near(network: Network) -> Array:
    """Closed neighbourhoods, shape ``(n, n)``."""
    return np.asarray(network.dense() != 0)


def observers(network: Network, who: int) -> list[int]:
    """The other agents that hear all that goes into agent ``who``'s update: neighbours of it and of all its neighbours.

    Examples
    --------
    >>> network = named("star:4")
    >>> observers(network, 1), observers(network, 0)
    ([0], [])
    """
    joined = near(network)
    return [
        k for k in range(network.n) if k != who and all(joined[k, j] for j in np.flatnonzero(joined[who]))
    ]


def told(network: Network, before: Any, after: Any, who: int) -> tuple[Array, Array]:
    """The gradients of G of agent ``who``, worked out from what it and its neighbours sent, everyone awake.

    Heard are x and y before and after, and that agent's theta, cuts and lambda; W and eta are known. (17) and (18) are
    solved for the gradients.
    """
    joined = near(network)[who]
    neighbours = joined & (np.arange(network.n) != who)
    weights = network.dense()[who][joined]
    d, u = (weights @ z[0][joined] for z in (before.x, before.y))
    lam = before.lam[0, who]
    pull_x = lam @ before.a[0, who, :, who] + before.theta[0, who][neighbours].sum(axis=0)
    pull_y = lam @ before.b[0, who, :, who]
    return (d - after.x[0, who]) / ETA - pull_x, (u - after.y[0, who]) / ETA - pull_y


def recovered(ctx: Context, graph: str) -> tuple[int, int, int]:
    """Pairs of an agent and an iteration; those that somebody hears all of; and those whose data are found exactly.

    ``G_i = |x - a_i|^2/2 + |y - b_i|^2/2``: the data a_i and b_i are the point less the gradients.
    """
    network = named(graph, exact=True)
    problem = separate(ctx.seed(graph), network.n, 2, same=False, exact=True)
    a = ctx.algorithm("argus")(eta=ETA, iota=1, M=STEPS)
    data = [-v for v in (problem.grad_x_f(*_zero(problem)), problem.grad_y_f(*_zero(problem)))]
    states = list(course(a, problem, network, STEPS, (1, 1)))
    pairs = heard = exact = 0
    for before, after in pairwise(states):
        for who in range(network.n):
            pairs += 1
            if not observers(network, who):
                continue
            heard += 1
            found = told(network, before, after, who)
            points = (before.x[0, who], before.y[0, who])
            exact += all(
                bool((z - g == v[0, who]).all()) for z, g, v in zip(points, found, data, strict=True)
            )
    return pairs, heard, exact


def _zero(problem: Any) -> tuple[Array, Array]:
    x, y = problem.start()
    return 0 * x[None], 0 * y[None]


def _check_gradients(ctx: Context) -> Finding:
    found = {graph: recovered(ctx, graph) for graph in GRAPHS}
    heard, exact = (sum(row[k] for row in found.values()) for k in (1, 2))
    rows = "; ".join(f"{graph}: {exact} of {pairs}" for graph, (pairs, _, exact) in found.items())
    return Finding(
        verdict=Verdict.REFUTED
        if exact and exact == heard
        else Verdict.SUPPORTED
        if exact == 0
        else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="with x and y before and after, and the agent's theta, lambda and cuts, all of which are sent, (17) and (18) are solved for its gradients, and for G_i = |x - a_i|^2/2 + "
        f"|y - b_i|^2/2 its data a_i, b_i are found to the last digit wherever a neighbour hears all of its neighbours ({rows} agents and iterations)",
        numbers={graph: list(row) for graph, row in found.items()},
        cases=sum(row[0] for row in found.values()),
    )


GRADIENTS = Statement(
    id="argus/gradients-revealed",
    paper=PAPER,
    location="Section I, 'privacy-preserving model sharing across nodes'; Section III-B, 'without sharing raw data'; (15)-(20)",
    kind="qualitative",
    variant="added",
    sentence="What Argus sends does not tell a neighbour an agent's gradients, nor the data of least squares.",
    because="A question of ours; Section VIII has 'may pose privacy risks, such as model inversion attacks'. Here nothing need be inverted but a step: whoever is a neighbour of an agent and of "
    "all its neighbours knows every other term of (17). With R = |x| it is so wherever x is not 0.",
    about=("argus",),
    check=_check_gradients,
    expected=Verdict.REFUTED,
)


def theta_witness() -> Witness:
    """Two candidates for a neighbour's x: theta after one update, which is broadcast, tells them apart.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(theta_witness()).ok
    True
    """
    return Witness(
        statement="argus/secure-aggregation",
        paper=PAPER,
        location="Section VIII; (20)",
        claim_text="agent j, which knows its own x_j and hears theta_ij, cannot tell x_i = 3 from x_i = 4",
        note="t = 3, so that eta c_2 = 1/2; x_i itself is never sent; both candidates are put into (20)",
        given={"eta": "1/10", "damping": "1/2", "theta": 1, "x_j": 2, "one": 3, "other": 4},
        define=(
            ("heard", "theta + eta*(one - x_j) - damping*theta"),
            ("instead", "theta + eta*(other - x_j) - damping*theta"),
            ("solved", "x_j + (heard - theta + damping*theta)/eta"),
        ),
        assume=(
            Condition("a step size", "eta > 0"),
            Condition("solved for x_i, (20) gives it", "solved == one"),
        ),
        claim=Condition("both send the same", "heard == instead"),
    )


def from_theta(ctx: Context, graph: str) -> tuple[int, int]:
    """Entries of neighbours' and two-hop neighbours' x that an agent works out of thetas alone, and those that are right."""
    network = named(graph, exact=True)
    problem = separate(ctx.seed(graph), network.n, 1, same=False, exact=True)
    a = ctx.algorithm("argus")(eta=ETA, T_1=0, M=1, damping="none")
    joined, entries, right = near(network), 0, 0
    states = list(course(a, problem, network, STEPS, (1, 1)))
    for before, after in pairwise(states):
        rise = (after.theta - before.theta)[0] / ETA
        for j in range(network.n):
            for i in np.flatnonzero(joined[j]):
                if i == j:
                    continue
                x_i = rise[i, j] + after.x[0, j]  # j knows its own x
                for k in np.flatnonzero(joined[i]):
                    entries += 1
                    right += int((x_i - (rise[i, k] if k != i else 0) == after.x[0, k]).all())
    return entries, right


def _check_theta(ctx: Context) -> Finding:
    found = {graph: from_theta(ctx, graph) for graph in ("ring:5", "star:4")}
    rows = "; ".join(f"{graph}: {right} of {entries}" for graph, (entries, right) in found.items())
    return broken(
        theta_witness(),
        "theta_ij after less before is eta (x_i - x_j), damping known: an agent adds its own x to what a neighbour broadcasts and has that neighbour's x, and those of its neighbours. "
        f"Entries of x found exactly from theta alone: {rows}",
        {graph: list(row) for graph, row in found.items()},
        cases=sum(entries for entries, _ in found.values()),
    )


AGGREGATION = Statement(
    id="argus/secure-aggregation",
    paper=PAPER,
    location="Section VIII, 'securely aggregate model parameters while using standard mechanisms for dual variables and cutting plane parameters'",
    kind="qualitative",
    variant="added",
    sentence="With x and y securely aggregated and multipliers sent openly agents' x stay hidden.",
    because="(20) puts x_i - x_j into theta_ij, which is broadcast, and an agent needs its neighbours' x one by one to make it. The claim is our reading "
    "of 'thus balancing privacy and performance'. Sums of theta_ij over j, which is all that (17) uses, would tell less.",
    check=_check_theta,
    expected=Verdict.REFUTED,
)
