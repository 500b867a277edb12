"""What one iteration asks and sends: one round, no inner loop."""

from __future__ import annotations

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Calls, Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.exact_runs import NOISE, SETTINGS, starting
from spiritlevel.theory.slam.algorithms.text_forms import ASKED
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

SENT = {"slam": "xy", "slam-two-step": "xy", "slam-l": "y", "slam-u": "x"}
"""What travels."""
NETWORKS = ("ring:5", "star:4", "complete:4")


def spent(ctx: Context, name: str, network: str, steps: int) -> tuple[Calls, Gossip, int]:
    """What that many iterations ask and send beyond the start, and the rounds of the start."""
    net = Gossip(named(network, exact=True))
    n, seed = net.network.n, ctx.seed(network)
    problem = random_quadratic(seed, n, 2, 3, shared=name != "slam-u", rational=True)
    o = Oracle(problem, NOISE.source(seed, range(2)))
    a = ctx.algorithm(name)(**SETTINGS).over("fraction")
    s = a.init(starting(n, 2, 5), starting(n, 3, 7), o, net)
    first = net.traffic.rounds
    net.traffic.rounds = net.traffic.messages = net.traffic.floats = 0
    for t in range(1, steps + 1):
        s = a.step(t, s, o, net)
    return o.calls, net, first


def _check_round(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import LooksAtTime
    from spiritlevel.theory.instruments.formal_graphs import step_over_graph

    wrong, steps = [], 3
    for name, sent in SENT.items():
        for network in NETWORKS:
            _, net, first = spent(ctx, name, network, steps)
            edges, size = net.network.edges, sum({"x": 2, "y": 3}[k] for k in sent)
            want = (steps, steps * edges, steps * edges * size)
            got = (net.traffic.rounds, net.traffic.messages, net.traffic.floats)
            if got != want or first != 1:
                wrong.append(f"{name} on {network}: {got} rounds, messages, numbers, not {want}")
        try:
            run = step_over_graph(ctx.algorithm(name))
        except LooksAtTime:
            wrong.append(f"{name} looks at the iteration number")
        else:
            if (run.rounds, run.fields) != (1, len(sent)):
                wrong.append(f"{name}: {run.rounds} rounds of {run.fields} fields in one formal step")
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="; ".join(wrong)
        or f"one formal step, of any iteration on any graph, makes one exchange of x and y (SLAM-L: y, SLAM-U: x); on {', '.join(NETWORKS)} one "
        "message per edge and direction with p + m q numbers (m q, p); one more round at the start",
        numbers={"steps": steps},
        cases=len(SENT) * len(NETWORKS),
    )


ROUND = Statement(
    id="slam/one-round",
    paper=PAPER,
    location="Table 1, column Comm.",
    kind="complexity",
    sentence="An iteration needs one round of communication at either level.",
    formula=r"\text{messages per iteration} = 2 |\mathcal E|",
    because="x^{r+1} uses the neighbours' x^r and the own y^{r+1}, so that both levels even share one round.",
    about=tuple(SENT),
    check=_check_round,
    expected=Verdict.PROVED,
)


def _check_loop(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import LooksAtTime
    from spiritlevel.theory.instruments.formal_graphs import step_over_graph

    wrong, steps = [], 3
    for name in SENT:
        calls, _, _ = spent(ctx, name, "ring:5", steps)
        got = (calls.gradients, calls.solves, calls.cross_hessians, calls.hessians, calls.samples)
        want = (3 * steps, steps, steps, 0, 5 * steps)
        if got != want:
            wrong.append(
                f"{name}: {got} gradients, solves, cross products, Hessians, samples in {steps} iterations"
            )
        try:
            asked = step_over_graph(ctx.algorithm(name)).asked
        except LooksAtTime:
            wrong.append(f"{name} looks at the iteration number")
        else:
            if sorted(asked) != sorted(ASKED):
                wrong.append(f"{name} asks {', '.join(asked)} in one formal step")
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="; ".join(wrong)
        or "one formal step, of any iteration, asks one gradient of g, two of f, one solve with the local Hessian and one cross product, at "
        "two points; counted in runs too",
        numbers={"steps": steps, "questions": len(ASKED)},
        cases=len(SENT),
    )


LOOP = Statement(
    id="slam/single-loop",
    paper=PAPER,
    location="Section 1, 'single-timescale and single-loop'; below (3)",
    kind="complexity",
    sentence="SLAM has a single loop: an iteration makes one step on each level, with the same number of samples in every iteration and no inner "
    "problem but the solve in (23).",
    because="The solve is with the exact local Hessian. Where (24) replaces it by m_b = O(log(nT)) products with sampled Hessians, the inner "
    "loop is hidden in h_f; 'm_b >= r' read literally would make it grow with r.",
    about=tuple(SENT),
    check=_check_loop,
    expected=Verdict.PROVED,
)
