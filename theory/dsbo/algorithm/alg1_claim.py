"""The reference implementation is Algorithm 1: equal to the literal text, sample for sample.

The sampling oracle is a script: every question has an answer of its own that is an affine function of the
point it is asked at, so that an answer betrays which sample it is and where it was taken.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory import evidence
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.algorithm.alg1 import Agent, Setting, Vector, start, step, weighted
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

REPLICAS = 2


class Script:
    """One iteration's samples: random affine functions of (x, y), one per agent, channel and question.

    Hessians are symmetric, and that is all they have of a problem.
    """

    def __init__(self, rng: np.random.Generator, n: int, p: int, q: int) -> None:
        self.rng, self.n, self.p, self.q = rng, n, p, q
        self.shapes: dict[str, tuple[int, ...]] = {"grad_x_f": (p,), "grad_y_f": (q,), "grad_y_g": (q,)}
        self.shapes |= {"hess_xy_g": (p, q), "hess_yy_g": (q, q)}
        self.asked: Counter[str] = Counter()
        self._drawn: dict[tuple[str, int], Array] = {}

    def coefficients(self, channel: str, i: int) -> Array:
        """Of the i-th question on a channel: shape ``(n, *shape, 1 + p + q)``."""
        if channel not in self.shapes:
            raise InputError(f"{channel} is asked, which is not in Algorithm 1")
        if (channel, i) not in self._drawn:
            drawn = small(self.rng, self.n, *self.shapes[channel], 1 + self.p + self.q)
            if channel == "hess_yy_g":
                drawn = drawn + np.swapaxes(drawn, 1, 2)
            self._drawn[channel, i] = drawn
        return self._drawn[channel, i]

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """For the implementation: the next question's answer at ``(x, y)``, all agents at once."""
        c = self.coefficients(channel, self.asked[channel])
        self.asked[channel] += 1
        z = np.concatenate(args, axis=-1)
        z = z.reshape(*z.shape[:2], *(1 for _ in self.shapes[channel]), -1)
        return np.asarray(c[..., 0] + (c[..., 1:] * z).sum(axis=-1))

    def samples(self, problem: Problem) -> int:
        """One per question."""
        return 1

    def ask(self, k: int, channel: Channel, i: int, x: Vector, y: Vector) -> Any:
        """For the literal text: agent k's i-th answer, by hand."""

        def at(c: Any) -> Any:
            return [at(part) for part in c] if isinstance(c[0], list) else weighted(c, [1, *x, *y])

        return at(self.coefficients(channel, i)[k].tolist())


@dataclass(frozen=True)
class Case:
    """A shape, a network and a setting."""

    n: int
    p: int
    q: int
    network: str
    c: Setting


CASES = (
    Case(3, 2, 1, "lazy-ring:3", Setting(b=1)),
    Case(4, 1, 3, "path:4", Setting(order="display")),
    Case(3, 3, 2, "path:3", Setting(b=3, rule="(6)")),
    Case(4, 2, 2, "star:4", Setting(b=3)),
    Case(1, 1, 2, "complete:1", Setting(b=4, rule="(6)", order="display", q_0=Fraction(1, 9))),
)


def small(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/2 up to 2, exact."""
    return convert(rng.integers(-4, 5, shape), "fraction") / 2


def case_differs(ctx: Context, case: Case, seed: int, steps: int) -> tuple[Counter[str], int]:
    """What differs from the text, and how many entries were compared.

    The first steps follow the algorithm from the printed start; the last two start from arbitrary states, which differ
    between replicas, at late times.
    """
    rng = np.random.default_rng(seed)
    n, p, q = case.n, case.p, case.q
    net = Gossip(named(case.network, exact=True))
    W = net.network.dense().tolist()
    a = ctx.algorithm("dsbo")(**dataclasses.asdict(case.c)).over("fraction")
    o = Oracle(random_quadratic(seed, n, p, q, shared=True, rational=True), Script(rng, n, p, q))
    x0, y0 = (convert(np.zeros((REPLICAS, n, size), dtype=int), "fraction") for size in (p, q))
    differs: Counter[str] = Counter()
    try:
        s: Any = a.init(x0, y0, o, net)
        text = [[start(p, q, case.c) for _ in range(n)] for _ in range(REPLICAS)]
        entries = _compare(differs, "start ", text, s)
        for t, late in [*((t, False) for t in range(steps)), (3, True), (17, True)]:
            if late:
                s, text = arbitrary(rng, s, p, q)
            o.noise = script = Script(rng, n, p, q)
            net.traffic.rounds = net.traffic.messages = net.traffic.floats = 0
            s = a.step(t + 1, s, o, net)
            text = [step(t, agents, W, case.c, script.ask) for agents in text]
            entries += _compare(differs, "", text, s)
            once = dict.fromkeys(("grad_x_f", "grad_y_f", "grad_y_g", "hess_xy_g"), 1)
            if script.asked != once | {"hess_yy_g": case.c.b}:
                differs["questions"] += 1
            size = case.c.b * q * q + p * q + 2 * p + 2 * q
            edges = sum(W[i][j] != 0 for i in range(n) for j in range(n) if i != j)
            carried = (net.traffic.rounds, net.traffic.messages, net.traffic.floats)
            differs["traffic"] += carried != (1, edges, edges * size)
    except InputError as error:
        return Counter({str(error): 1}), 0
    return +differs, entries


def _compare(differs: Counter[str], when: str, text: list[list[Agent]], s: Any) -> int:
    entries = 0
    for f in dataclasses.fields(Agent):
        want = convert([[getattr(agent, f.name) for agent in agents] for agents in text], "fraction")
        want = want.reshape(*want.shape[:2], -1)
        got = getattr(s, f.name)
        differs[when + f.name] += want.size if got.shape != want.shape else int((got != want).sum())
        entries += want.size
    return entries


def arbitrary(rng: np.random.Generator, s: Any, p: int, q: int) -> tuple[Any, list[list[Agent]]]:
    """A random state of the same shapes, for the implementation and for the literal text."""
    fields = {f.name: small(rng, *getattr(s, f.name).shape) for f in dataclasses.fields(s)}
    shapes = {"u": (p, q), "v": (-1, q, q), "q": (q, q)}
    nested = {k: z.reshape(*z.shape[:2], *shapes.get(k, (-1,))).tolist() for k, z in fields.items()}
    n = len(nested["x"][0])
    text = [
        [Agent(**{k: nested[k][r][i] for k in ("x", "y", "s", "h", "u", "v", "q")}) for i in range(n)]
        for r in range(REPLICAS)
    ]
    return dataclasses.replace(s, **fields), text


def _check(ctx: Context) -> Finding:
    differs: Counter[str] = Counter()
    entries, cases = 0, 0
    for k, (number, case) in itertools.product(range(ctx.pick(1, 4)), enumerate(CASES)):
        found, compared = case_differs(ctx, case, ctx.seed(number, k), ctx.pick(3, 4))
        differs, entries, cases = differs + found, entries + compared, cases + 1
        if differs:  # one case decides
            break
    equal = (
        f"x, y, s, h, u, v, q equal the literal text over {len(CASES)} shapes, networks and settings with scripted samples; per "
        "iteration one question each for fx, fy, gy and Jxy, b for the Hessian, and one round"
    )
    return evidence.compared(differs, entries, cases, equal)


ALGORITHM = Statement(
    id="dsbo/alg1",
    paper=PAPER,
    location="Algorithm 1; (6)",
    kind="identity",
    sentence="The reference implementation is Algorithm 1, in both orders of the product, with constant step sizes and with (6), and asks "
    "and sends what Algorithm 1 does.",
    formula=r"x_{t+1}^k = \sum_{j \in \mathcal N_k} w_{k,j} x_t^j - \alpha_t (s_t^k - u_t^k q_t^k h_t^k), \dots,\ "
    r"q_{t+1}^k = \tfrac{1}{L_g} Q_{t+1,b}^k",
    because="Neighbourhoods contain their agent: Assumption 3.2 asks for row sums of 1. q_0 is not specified. (6) is printed for t >= 1; the "
    "formula is used at t = 0 too.",
    about=("dsbo",),
    check=_check,
    expected=Verdict.SUPPORTED,
)
