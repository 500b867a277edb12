"""Sentences between the theorems: the experiment's task, failed channels, privacy."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.witnesses import (
    channel_witness,
    privacy_witness,
    sigmoid_witness,
)
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def _check_task(ctx: Context) -> Finding:
    import sympy as sp

    s, x, y = sp.symbols("s x y", real=True)
    second = s * (1 - s) * (1 - 2 * s)  # l'' in terms of s = l(z); l' = s (1 - s)
    peak = max(abs(second.subs(s, root)) for root in sp.solve(sp.diff(second, s), s))
    at_start = second.subs(s, sp.Rational(1, 2))  # y_0 = 0: every z = 0; the regulariser adds x_0 = 0
    below = sp.limit(1 + (x / 2 * y**2).subs(x, -1), y, sp.oo) == -sp.oo
    witness = sigmoid_witness()
    refuted = recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{'the sigmoid is not convex: l(log 2) = 2/3 exceeds the mean of l(0) and l(log 4), 13/20' if refuted else 'the exact witness falls'}; at "
        f"the start x = y = 0 the lower Hessian is {at_start}; with x_i = -1 the lower level is {'un' if below else ''}bounded below, so y*(x) does not exist",
        numbers={
            "l''(log 2)": str(second.subs(s, sp.Rational(2, 3))),
            "largest |l''|": str(sp.nsimplify(sp.simplify(peak))),
            "Hessian at the start": str(at_start),
        },
        cases=3,
        witness=witness if refuted else None,
    )


TASK = Statement(
    id="dsbo/hyper-task",
    paper=PAPER,
    location="(2) and Section 6, hyper-parameter optimisation",
    kind="qualitative",
    sentence="The hyper-parameter task is of the form (2): convex losses, a strongly convex regulariser, y*(x) for every x in R^d.",
    formula=r"\ell(z) = \frac{1}{1+e^{-z}},\quad \mathcal R(x,y) = \sum_i \tfrac{x_i}{2} y_i^2",
    because="The sigmoid is not convex, R is strongly convex only where all x_i > 0 (not at the start), and for x_i < 0 the lower level has "
    "no minimum. The last two stand if the logistic loss is meant.",
    check=_check_task,
    expected=Verdict.REFUTED,
)


def loss(z: Any) -> Any:
    """The logistic loss of a symbol."""
    import sympy as sp

    return sp.log(1 + sp.exp(-z))


def weight(e: Any, mu: Any) -> Any:
    """The regulariser's weight where ``exp(x_i) = e``."""
    return mu + e


def _check_task_repaired(ctx: Context) -> Finding:
    import sympy as sp

    w, mu, e = sp.symbols("w mu e", positive=True)  # w = exp(-z), e = exp(x)
    z = sp.Symbol("z", real=True)
    second = sp.factor(sp.simplify(sp.diff(loss(z), z, 2).subs(z, -sp.log(w))))
    above = sp.expand(weight(e, mu) - mu)
    floor = sp.limit(above, e, 0)
    dips = [v for v in (sp.Rational(1, 2), sp.Integer(2)) if second.subs(w, v) < 0]
    proof = bool(second.is_positive) and bool(above.is_positive)
    if dips or bool(floor.is_negative):
        verdict = Verdict.REFUTED
        told = (
            f"l'' = {second.subs(w, dips[0])} at exp(-z) = {dips[0]}"
            if dips
            else f"the weight less mu tends to {floor}"
        )
    elif proof:
        verdict, told = Verdict.PROVED, "both positive"
    else:
        verdict, told = Verdict.INCONCLUSIVE, "no proof that both are positive"
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC,
        summary=f"l'' = {second} with w = exp(-z) and the weight less mu, {above} with e = exp(x_i): {told}. exp(x_i) alone tends to 0, so that no "
        "mu_g serves all x; d/dx of y exp(x) stays unbounded in y, against 3.4(iii), (iv)",
    )


TASK_REPAIRED = Statement(
    id="dsbo/hyper-task-repaired",
    paper=PAPER,
    location="(2) and Section 6, hyper-parameter optimisation",
    kind="qualitative",
    variant="repaired",
    repairs="dsbo/hyper-task",
    sentence="With the logistic loss and the weights mu + exp(x_i) the lower level is mu-strongly convex for every x in R^d.",
    because="A convex loss and weights bounded away from 0; exp(x_i) alone gives no common mu_g.",
    check=_check_task_repaired,
    expected=Verdict.PROVED,
)


def _check_channel(ctx: Context) -> Finding:
    import sympy as sp

    third = sp.Rational(1, 3)
    V = sp.Matrix(4, 4, lambda i, j: third if (i - j) % 4 != 2 and {i, j} != {0, 1} else 0)
    radius = max(abs(root) for root in V.eigenvals())
    alpha = sp.Rational(1, 100)
    rest = ((1 + alpha) * sp.eye(4) - V).LUsolve(alpha * sp.ones(4, 1))
    ends = float(min(rest)), float(max(rest))
    witness = channel_witness()
    refuted = bool(radius < 1) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"ring of 4 without the channel 0-1: spectral radius {sp.simplify(radius)} = {float(radius):.4f} < 1, all states decay; with "
        f"one common optimum 1 and alpha = 1/100 the agents rest between {ends[0]:.3f} and {ends[1]:.3f}"
        if refuted
        else f"spectral radius {radius}",
        numbers={"spectral radius": str(sp.simplify(radius))},
        witness=witness if refuted else None,
    )


CHANNEL = Statement(
    id="dsbo/robust-channel",
    paper=PAPER,
    location="Section 4, feature (3)",
    kind="network",
    variant="added",
    sentence="If a channel fails and its terms drop out of the sums, the agents still learn as long as the network is connected.",
    because="The rows of W then sum to less than 1, which pulls all states to 0; the lost weight must go somewhere. The text says 'the "
    "agents can still jointly learn'; that Algorithm 1's weights stay as they are is our reading, since no re-weighting is mentioned. "
    "Charitably the agents agree on new weights.",
    check=_check_channel,
    expected=Verdict.REFUTED,
)


def returned(w: Any) -> Any:
    """The change of W in the rows and columns of i and j if both ends of a channel of weight w keep it to themselves."""
    import sympy as sp

    return w * sp.Matrix([[1, -1], [-1, 1]])


def _check_channel_repaired(ctx: Context) -> Finding:
    import sympy as sp

    w, z1, z2 = sp.symbols("w z1 z2", real=True)
    change, z = returned(w), sp.Matrix([z1, z2])  # W'' - W
    parts = {
        "sums of rows": change * sp.ones(2, 1) == sp.zeros(2, 1) and change.is_symmetric(),
        "the failed entry": sp.simplify(w + change[0, 1]) == 0,
        "the square": sp.expand((z.T * change * z)[0] - w * (z1 - z2) ** 2) == 0,
    }
    failed = [name for name, holds in parts.items() if not holds]
    return Finding(
        verdict=Verdict.PROVED
        if not failed
        else Verdict.INCONCLUSIVE
        if failed == ["the square"]
        else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"not as claimed: {' and '.join(failed)} of W'' - W = {change.tolist()}"
        if failed
        else "W'' - W = w (e_i - e_j)(e_i - e_j)': rows and columns keep their sums, W''_ij = 0, the least eigenvalue does not fall, and on "
        "a connected graph 1 stays a simple eigenvalue; so rho < 1 if the least eigenvalue of W exceeds -1",
    )


CHANNEL_REPAIRED = Statement(
    id="dsbo/robust-channel-repaired",
    paper=PAPER,
    location="Section 4, feature (3)",
    kind="network",
    variant="repaired",
    repairs="dsbo/robust-channel",
    sentence="If both ends of a failed channel add its weight to their own, W stays symmetric, nonnegative and doubly stochastic, with "
    "rho < 1 as long as the network is connected.",
    because="The dropped weight goes to the diagonal.",
    check=_check_channel_repaired,
    expected=Verdict.PROVED,
)


def _check_privacy(ctx: Context) -> Finding:
    w, z, t, C_1 = [Fraction(3), Fraction(-2)], Fraction(5), 1, Fraction(10)
    H = [[w[i] * w[j] + int(i == j) for j in range(2)] for i in range(2)]
    other = [[1, 0], [0, 1]]
    problem = quadratic(
        H=[H, other], B=[[[0], [0]]] * 2, c=[[z * v for v in w], [0, 0]], Q=[other] * 2, shared=True
    ).over("fraction")
    network = named("lazy-path:2", exact=True)
    net, oracle = Gossip(network), Oracle(problem)
    algorithm = ctx.algorithm("dsbo")(rule="(6)", C_1=C_1, mu=1, b=2, L_g=14, mu_g=1).over("fraction")
    x, y = problem.start()
    s: Any = algorithm.step(t + 1, algorithm.init(x[None], y[None], oracle, net), oracle, net)
    sent_v, sent_y = s.v[0, 0, :4].reshape(2, 2), s.y[0, 0]  # what agent 0 sends next
    share = C_1 / (C_1 + t)  # beta = gamma, known to all, as the start is
    Gram = (sent_v - (1 - share) * np.eye(2, dtype=int)) / share - np.eye(2, dtype=int)
    labelled = sent_y / share
    told = all(Gram[i, j] == w[i] * w[j] for i in range(2) for j in range(2)) and all(
        labelled == [z * v for v in w]
    )
    witness = privacy_witness()
    refuted = bool(told) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if not told else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="least squares with one data point (w, z) per agent: agent 0's second message gives w w' (from v) and z w (from y) exactly, "
        "that is, the point up to its sign"
        if told
        else "the second message does not give the data point",
        numbers={"w w'": [[str(v) for v in row] for row in Gram], "z w": [str(v) for v in labelled]},
        audit=audit_runs([problem], [network]),
        witness=witness if refuted else None,
    )


PRIVACY = Statement(
    id="dsbo/privacy",
    paper=PAPER,
    location="Section 4, feature (1)",
    kind="qualitative",
    variant="added",
    sentence="Agents communicate estimates, not raw data, so a neighbour cannot compute the data point of an agent that holds one from one "
    "message.",
    because="The first estimates are known starts plus a known weight times one sample's gradient and Hessian; for least squares these are the "
    "data. The text says 'preserving data privacy' and defines none, which is all that a charitable reading can keep; this is a weak one. With "
    "more points Step 3 samples anew for v and for y.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=_check_privacy,
    expected=Verdict.REFUTED,
)
