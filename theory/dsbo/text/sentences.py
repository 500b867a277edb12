"""Sentences between the theorems: the experiment's task, failed channels, the range of rho, privacy, messages."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.witnesses import (
    channel_witness,
    privacy_witness,
    rho_witness,
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
        summary=f"the sigmoid is not convex: l(log 2) = 2/3 exceeds 13/20, the mean of l(0) and l(log 4); at the start x = y = 0 the "
        f"lower Hessian is {at_start}; with x_i = -1 the lower level is {'un' if below else ''}bounded below, so y*(x) does not exist",
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
    "no minimum.",
    check=_check_task,
    expected=Verdict.REFUTED,
)


def _check_task_repaired(ctx: Context) -> Finding:
    import sympy as sp

    w, mu, e = sp.symbols("w mu e", positive=True)  # w = exp(-z), e = exp(x)
    loss = (w / (1 + w) ** 2).is_positive  # l'' of log(1 + exp(-z))
    floor = sp.expand(mu + e - mu).is_positive
    fades = sp.limit(e, e, 0) == 0
    return Finding(
        verdict=Verdict.PROVED if loss and floor and fades else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="l'' = w/(1+w)^2 > 0 with w = exp(-z), and mu + exp(x_i) >= mu; with exp(x_i) alone the curvature tends to 0, so that no "
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
    sentence="If a channel fails and its terms drop out of the sums, the agents still learn as long as the network is connected.",
    because="The rows of W then sum to less than 1, which pulls all states to 0; the lost weight must go somewhere. Read with Algorithm 1's "
    "weights as they are, since no re-weighting is mentioned.",
    check=_check_channel,
    expected=Verdict.REFUTED,
)


def _check_channel_repaired(ctx: Context) -> Finding:
    import sympy as sp

    w, z1, z2 = sp.symbols("w z1 z2", real=True)
    change = w * sp.Matrix([[1, -1], [-1, 1]])  # what agents i and j see: W'' - W
    kept = change * sp.ones(2, 1) == sp.zeros(2, 1) and change.is_symmetric()
    z = sp.Matrix([z1, z2])
    square = sp.expand((z.T * change * z)[0] - w * (z1 - z2) ** 2) == 0
    left = sp.simplify(w + change[0, 1]) == 0  # the failed entry
    return Finding(
        verdict=Verdict.PROVED if kept and square and left else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="W'' - W = w (e_i - e_j)(e_i - e_j)': rows and columns keep their sums, W''_ij = 0, the least eigenvalue does not fall, and on "
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


def _check_rho(ctx: Context) -> Finding:
    from spiritlevel.core.spectra import squared_rho

    zero = [K for K in range(3, 13) if squared_rho(named(f"ring:{K}", "third")) < 1e-20]
    witness = rho_witness()
    refuted = zero == [3] and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="for K = 3 the ring with weights 1/3 is J, rho = 0; so is a fully-connected network with weights 1/K (supplement)",
        numbers={"K with rho = 0": zero, "tolerance": 1e-20},
        cases=10,
        witness=witness if refuted else None,
    )


RHO = Statement(
    id="dsbo/rho-range",
    paper=PAPER,
    location="Assumption 3.2 (ii) and Section 6",
    kind="network",
    variant="added",
    sentence="Every ring of K >= 3 agents with the weights 1/3 of Section 6 satisfies Assumption 3.2, with rho in (0, 1).",
    formula=r"\rho = \|W - \tfrac1K \mathbf 1\mathbf 1^\top\|_2^2 \in (0, 1)",
    because="The open interval leaves out W = J, the best network of all.",
    check=_check_rho,
    expected=Verdict.REFUTED,
)


def _check_rho_repaired(ctx: Context) -> Finding:
    import sympy as sp

    gap, sigma = sp.symbols("gap sigma", positive=True)
    value = (1 + 2 * (1 - gap)) / 3  # an eigenvalue other than 1: cos = 1 - gap, 0 < gap <= 2
    up, down = sp.expand(1 - value), sp.expand(1 + value).subs(gap, 2)
    factor = sp.expand((1 - sigma) * (1 + sigma) - (1 - sigma**2)) == 0
    return Finding(
        verdict=Verdict.PROVED if up.is_positive and down > 0 and factor else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"eigenvalues (1 + 2 cos)/3 have 1 - value = {up} > 0 and 1 + value >= {down}; rho is the square of the modulus sigma, and "
        "1 - rho = (1 - sigma)(1 + sigma) is between 1 and 2 times the usual gap",
    )


RHO_REPAIRED = Statement(
    id="dsbo/rho-range-repaired",
    paper=PAPER,
    location="Assumption 3.2 (ii)",
    kind="network",
    variant="repaired",
    repairs="dsbo/rho-range",
    sentence="With rho in [0, 1) every ring of K >= 3 agents with weights 1/3 is admitted; and 1 - rho lies between the usual spectral gap "
    "and twice the gap.",
    because="The closed end; rho is a squared norm, so constants in (1 - rho)^2 differ by up to 4 from those in the usual gap.",
    check=_check_rho_repaired,
    expected=Verdict.PROVED,
)


def _check_privacy(ctx: Context) -> Finding:
    w, z = [Fraction(3), Fraction(-2)], Fraction(5)
    H = [[w[i] * w[j] + int(i == j) for j in range(2)] for i in range(2)]
    other = [[1, 0], [0, 1]]
    problem = quadratic(
        H=[H, other], B=[[[0], [0]]] * 2, c=[[z * v for v in w], [0, 0]], Q=[other] * 2, shared=True
    ).over("fraction")
    net, oracle = Gossip(averaging(2, exact=True)), Oracle(problem)
    algorithm = ctx.algorithm("dsbo")(rule="(6)", C_1=10, mu=1, b=2, L_g=14, mu_g=1).over("fraction")
    x, y = problem.start()
    s = algorithm.step(1, algorithm.init(x[None], y[None], oracle, net), oracle, net)
    sent_v, sent_y = s.v[0, 0, :4].reshape(2, 2), s.y[0, 0]  # what agent 0 sends next
    Gram = sent_v - np.eye(2, dtype=int)
    told = all(Gram[i, j] == w[i] * w[j] for i in range(2) for j in range(2)) and all(
        sent_y == [z * v for v in w]
    )
    witness = privacy_witness()
    refuted = bool(told) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if not told else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="least squares with one data point (w, z) per sample: agent 0's second message holds w w' + I (in v) and z w (in y) exactly, "
        "that is, the point up to its sign"
        if told
        else "the second message does not hold the data point",
        numbers={"w w'": [[str(v) for v in row] for row in Gram], "z w": [str(v) for v in sent_y]},
        witness=witness if refuted else None,
    )


PRIVACY = Statement(
    id="dsbo/privacy",
    paper=PAPER,
    location="Section 4, feature (1)",
    kind="qualitative",
    sentence="Agents communicate estimates, not raw data, so a neighbour cannot compute a raw data point from one message.",
    because="With beta_0 = gamma_0 = 1, as in (6), the first estimates are single samples' gradients and Hessians; for least squares these "
    "are the data. The paper defines no privacy; this is a weak reading.",
    about=("dsbo",),
    check=_check_privacy,
    expected=Verdict.REFUTED,
)
