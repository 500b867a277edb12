"""The central-server variant as code: the sentence it is read from, and what it has to do with Algorithm 1 over W = J."""

from __future__ import annotations

import dataclasses
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.algorithm.alg1 import Vector, start, step, weighted
from spiritlevel.theory.dsbo.algorithm.alg1_claim import CASES, REPLICAS, Case, Script, arbitrary
from spiritlevel.theory.dsbo.algorithm.exact_runs import EVERYWHERE, GRADIENTS, SETTINGS
from spiritlevel.theory.dsbo.theorems.central import PLACE
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Iteration, Witness
from spiritlevel.theory.witness import check as recheck

MATRICES = ("H", "B", "A", "E", "Q")
"""Second derivatives: of g in y, of g across, of f in x, of f across, of f in y."""


def _differs(ctx: Context, case: Case, seed: int) -> tuple[Counter[str], int]:
    """What differs from one agent of Algorithm 1 that asks for means, and how many entries were compared."""
    rng = np.random.default_rng(seed)
    n, p, q = case.n, case.p, case.q
    net = Gossip(named(f"J:{n}", exact=True))
    a = ctx.algorithm("dsbo-central")(**dataclasses.asdict(case.c)).over("fraction")
    o = Oracle(random_quadratic(seed, n, p, q, shared=True, rational=True), Script(rng, n, p, q))
    zeros = [convert(np.zeros((REPLICAS, n, size), dtype=int), "fraction") for size in (p, q)]
    found: Counter[str] = Counter()
    entries = 0
    try:
        s: Any = a.init(zeros[0], zeros[1], o, net)
        text = [[start(p, q, case.c)] for _ in range(REPLICAS)]
        for t, late in ((0, False), (1, False), (2, False), (3, True), (17, True)):
            if late:
                s, text = arbitrary(rng, s, p, q)
            o.noise = script = Script(rng, n, p, q)

            def mean(k: int, channel: Channel, i: int, x: Vector, y: Vector, script: Script = script) -> Any:
                share = [Fraction(1, n)] * n
                return weighted(share, [script.ask(j, channel, i, x, y) for j in range(n)])

            net.traffic.rounds = net.traffic.messages = net.traffic.floats = 0
            s = a.step(t + 1, s, o, net)
            text = [step(t, agents, [[Fraction(1)]], case.c, mean) for agents in text]
            for f in dataclasses.fields(text[0][0]):
                want = convert([[getattr(one, f.name) for one in agents] for agents in text], "fraction")
                want = want.reshape(REPLICAS, 1, -1)
                got = getattr(s, f.name)
                found[f.name] += want.size if got.shape != want.shape else int((got != want).sum())
                entries += want.size
            once = dict.fromkeys(("grad_x_f", "grad_y_f", "grad_y_g", "hess_xy_g"), 1)
            found["questions"] += script.asked != once | {"hess_yy_g": case.c.b}
            floats = n * (case.c.b * q * q + p * q + p + 2 * q) + n * (p + q)
            carried = (net.traffic.rounds, net.traffic.messages, net.traffic.floats)
            found["traffic"] += carried != (1, 2 * n, floats)
    except InputError as error:
        return Counter({str(error): 1}), 0
    return +found, entries


def _check_text(ctx: Context) -> Finding:
    found: Counter[str] = Counter()
    entries, seeds = 0, ctx.pick(1, 4)
    for k in range(seeds):
        for number, case in enumerate(CASES):
            different, compared = _differs(ctx, case, ctx.seed(number, k))
            found, entries = found + different, entries + compared
    return Finding(
        verdict=Verdict.REFUTED if found else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary="differs in " + ", ".join(f"{name} ({count})" for name, count in found.items())
        if found
        else f"{entries} entries of x, y, s, h, u, v, q equal the literal Algorithm 1 of one agent that asks for means, over {len(CASES)} "
        "shapes and settings with scripted samples; per iteration one round, 2K messages, samples up, x and y down",
        numbers={"entries": entries, "different": sum(found.values())},
        cases=seeds * len(CASES),
    )


TEXT = Statement(
    id="dsbo/alg-central",
    paper=PAPER,
    location=PLACE,
    kind="identity",
    variant="added",
    sentence="The reference central-server variant is Algorithm 1 with one agent, whose samples are the means of all agents' samples at the "
    "common point; it asks what Algorithm 1 asks, each agent sends its samples and gets x and y.",
    formula=r"x_{t+1} = x_t - \alpha_t (s_t - u_t q_t h_t), \quad "
    r"s_{t+1} = (1 - \beta_t) s_t + \tfrac{\beta_t}{K} \sum_k \nabla_x f^k(x_t, y_t; \zeta_t^k), \dots",
    because="A reading: the server 'collects information directly from each agent and calculates the gradient by employing the "
    "weighted-average stochastic approximation scheme for the collected information'; the supplement's text is not at hand.",
    about=("dsbo-central",),
    check=_check_text,
    expected=Verdict.SUPPORTED,
)


def alike(seed: int, n: int, p: int, q: int, differ: tuple[str, ...] = ()) -> Bilevel:
    """A random problem whose agents differ in their linear terms, and in the named second derivatives only.

    Examples
    --------
    >>> H = alike(1, 3, 1, 2, ("B",)).hess_yy_g(np.zeros((1, 3, 1)), np.zeros((1, 3, 2)))
    >>> bool((H == H[:, :1]).all())
    True
    """
    problem: Any = random_quadratic(seed, n, p, q, shared=True, rational=True)
    blocks = {
        k: getattr(problem.lower if k in "HBc" else problem.upper, k) for k in ("c", "a", "e", *MATRICES)
    }
    same = {k: np.broadcast_to(blocks[k][:1], blocks[k].shape) for k in MATRICES if k not in differ}
    return quadratic(**{**blocks, **same}, shared=True)


def _means(ctx: Context, name: str, problem: Bilevel, network: Network, noise: Additive, steps: int) -> Array:
    """Agents' means of x and y at t = 1..steps, two replicas, from 0, in fractions."""
    a = ctx.algorithm(name)(**SETTINGS).over("fraction")
    o, net = Oracle(problem, noise.source(ctx.seed("noise"), range(2))), Gossip(network)
    zeros = [
        convert(np.zeros((2, problem.n, size), dtype=int), "fraction") for size in (problem.p, problem.q)
    ]
    s, found = a.init(zeros[0], zeros[1], o, net), []
    for t in range(1, steps + 1):
        s = a.step(t, s, o, net)
        found.append(np.concatenate([z.sum(axis=1) / z.shape[1] for z in (s.x, s.y)], axis=1))
    return np.array(found)


def apart(ctx: Context, problem: Bilevel, noise: Additive, networks: tuple[str, ...], steps: int = 4) -> int:
    """Entries of the means of x and y in which Algorithm 1 over some network differs from the central variant."""
    n = problem.n
    central = _means(ctx, "dsbo-central", problem, named(f"J:{n}", exact=True), noise, steps)
    return sum(
        int((_means(ctx, "dsbo", problem, named(f"{net}:{n}", exact=True), noise, steps) != central).sum())
        for net in networks
    )


def server_witness(B: tuple[int, int] = (1, 3)) -> Witness:
    """Two agents that differ in the cross Hessian and in grad_y f: x after two steps by both.

    Examples
    --------
    >>> recheck(server_witness()).ok, recheck(server_witness((2, 2))).ok
    (True, False)
    """
    one, server = ("x", "y", "s", "h", "u", "v", "q"), ("X", "Y", "S", "G", "U", "V", "P")
    averages = (("s", "a"), ("h", "y + e"), ("u", "-B"), ("v", "ones(2)"))
    agents = [("z", "x - alpha*(s - u*q*h)"), ("w", "y - gamma*(y - B*x)")]
    agents += [(k, f"(1 - beta)*(J @ {k}) + beta*({sample})") for k, sample in averages]
    agents += [("q", "(2*ones(2) - v/L)/L"), ("x", "J @ x + z - x"), ("y", "J @ y + w - y")]
    common = [("Z", "X - alpha*(S - U*P*G)"), ("N", "Y - gamma*(Y - mean(B)*X)")]
    common += [
        (k, f"(1 - beta)*{k} + beta*({sample})")
        for k, sample in (("S", "mean(a)"), ("G", "Y + mean(e)"), ("U", "-mean(B)"), ("V", "1"))
    ]
    common += [("P", "(2 - V/L)/L"), ("X", "Z"), ("Y", "N")]
    return Witness(
        statement="dsbo/central-J",
        paper=PAPER,
        location=PLACE,
        claim_text="the agents' mean of x in Algorithm 1 over W = J is the x of the central-server variant",
        note="g^k = y^2/2 - B_k x y, f^k = a_k x + y^2/2 + e_k y, no noise, b = 1, x = y = 0 at the start",
        given={
            "J": [["1/2", "1/2"], ["1/2", "1/2"]],
            "B": list(B),
            "a": [0, 0],
            "e": [1, 3],
            "alpha": "1/2",
            "beta": "1/2",
            "gamma": "1/2",
            "L": 2,
            "mu_g": 1,
        },
        define=(),
        assume=(
            Condition(
                "step sizes are positive and beta <= 1", "alpha > 0 and gamma > 0 and 0 < beta and beta <= 1"
            ),
            Condition("L is at least the Hessian, which is mu_g", "L >= 1 and mu_g == 1"),
        ),
        iterate=(
            Iteration(
                text="Algorithm 1 over J (small letters) beside the server (capitals)",
                times=2,
                start=(
                    *((k, "mu_g*ones(2)" if k == "v" else "zeros(2)") for k in one),
                    *((k, "mu_g" if k == "V" else "0") for k in server),
                ),
                step=(*agents, *common),
                show=("x", "X"),
            ),
        ),
        claim=Condition("the means agree", "mean(x) == X"),
    )


def _check_J(ctx: Context) -> Finding:
    witness = server_witness()
    entries = apart(ctx, alike(ctx.seed("problem"), 3, 2, 2, MATRICES), GRADIENTS, ("J",))
    refuted = entries > 0 and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if entries == 0 else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"two agents with cross Hessians -1, -3 and grad_y f = 1, 3 at 0: after two steps the means of u q h are 5/4 of the product of "
        f"the means, and so is x; on a random problem {entries} entries of means of x and y differ in four iterations"
        if refuted
        else f"{entries} entries of means of x and y differ",
        numbers={"different": entries},
        cases=2,
        witness=witness if refuted else None,
    )


IS_J = Statement(
    id="dsbo/central-J",
    paper=PAPER,
    location=PLACE,
    kind="network",
    variant="added",
    sentence="The central-server variant is Algorithm 1 over W = J: the agents' mean of x is the server's x.",
    formula=r"W = J: \quad \bar x_t = x_t^{\text{server}}",
    because="Over J each agent still adds its own sample to the average it receives and multiplies its own u, q and h; their mean is not "
    "the product of the means.",
    about=("dsbo", "dsbo-central"),
    check=_check_J,
    expected=Verdict.REFUTED,
)


def _check_J_repaired(ctx: Context) -> Finding:
    shapes = ctx.pick(((4, 2, 1),), ((4, 2, 1), (5, 1, 2), (3, 2, 3)))
    equal, cases = 0, 0
    without: Counter[str] = Counter()
    for shape in shapes:
        seed = ctx.seed(*shape)
        equal += apart(ctx, alike(seed, *shape), GRADIENTS, ("J", "ring", "star"))
        without["noise in the matrices"] += apart(ctx, alike(seed, *shape), EVERYWHERE, ("J",))
        for letter in MATRICES:
            without[letter] += apart(ctx, alike(seed, *shape, (letter,)), GRADIENTS, ("J",))
        cases += 2 + len(MATRICES)
    needed = all(without[k] for k in (*MATRICES, "noise in the matrices"))
    return Finding(
        verdict=Verdict.SUPPORTED if equal == 0 and needed else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{equal} entries of means of x and y over J, ring and star differ from the server's in four iterations with the same noise in "
        "the gradients; over J alone with one condition dropped: "
        + ", ".join(f"{without[k]} ({k})" for k in (*MATRICES, "noise in the matrices")),
        numbers={"different": equal, **{f"dropped {k}": v for k, v in without.items()}},
        cases=cases,
    )


IS_J_REPAIRED = Statement(
    id="dsbo/central-J-repaired",
    paper=PAPER,
    location=PLACE,
    kind="network",
    variant="repaired",
    repairs="dsbo/central-J",
    sentence="If all second derivatives of the f^k and of the g^k are constant and equal at all agents and noise enters the gradients only, "
    "the agents' means of x and y in Algorithm 1 over any W are the server's, path by path; no one of these conditions can be dropped, even "
    "for W = J.",
    formula=r"\nabla^2 f^k = \nabla^2 f,\ \nabla^2 g^k = \nabla^2 g: \quad \bar x_t(W) = x_t^{\text{server}}",
    because="u, v and q are then equal at all agents and gradients are affine with one matrix, so that means of products are products of "
    "means.",
    about=("dsbo", "dsbo-central"),
    check=_check_J_repaired,
    expected=Verdict.SUPPORTED,
)
