"""The two implementations are Algorithms 1 and 2: equal to the literal text, sample for sample."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory import evidence
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.literal import Mask, Setting, one_round
from spiritlevel.theory.rabo.algorithms.policies import coverage, masks
from spiritlevel.theory.rabo.algorithms.script import Script, small
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

REPLICAS = 2


@dataclass(frozen=True)
class Case:
    """A shape and a setting."""

    n: int
    p: int
    q: int
    c: Setting


RABO_CASES = (
    Case(3, 4, 3, Setting(mask_x="window:2", mask_y="window:2")),
    Case(3, 3, 4, Setting(mask_x="rolling:2", mask_y="rolling:3", T=1, hyper="full")),
    Case(4, 4, 5, Setting(mask_x="segment:2:2", mask_y="segment:1:2:1", T=3, sign="printed")),
    Case(4, 4, 4, Setting(mask_x="nested:1:1/2:1/4", mask_y="nested:1/2:1:1/4")),
    Case(2, 3, 3, Setting(mask_x="magnitude:2", mask_y="magnitude:1", hyper="full", sign="printed")),
    Case(3, 3, 3, Setting(mask_x="table:110:010:000", mask_y="table:101:001:000")),
    Case(3, 2, 2, Setting(hyper="global")),
    Case(3, 2, 3, Setting(mask_x="window:1", mask_y="window:2", T=1, hyper="global", sign="printed")),
    Case(3, 2, 4, Setting(mask_y="window:2", beta=Fraction(2, 5))),
    Case(1, 2, 2, Setting(T=3)),
)
RAFBO_CASES = (
    Case(3, 4, 3, Setting(mask_x="window:2", mask_y="window:2")),
    Case(3, 3, 3, Setting(mask_x="rolling:2", mask_y="rolling:1", T=1, difference="loop")),
    Case(4, 4, 4, Setting(mask_x="nested:1:1/2:1/4", mask_y="nested:1/2:1:1/4", difference="loop", T_h=3)),
    Case(3, 3, 3, Setting(mask_x="table:110:010:000", mask_y="table:101:001:000", sign="printed")),
    Case(2, 3, 3, Setting(mask_x="magnitude:2", mask_y="magnitude:2", mu=Fraction(2), T=3)),
    Case(2, 2, 3, Setting(difference="loop", T_h=1, mu=Fraction(1, 9))),
    Case(3, 3, 3, Setting(mask_x="segment:1:1:1", mask_y="segment:2:1", difference="loop", T=1)),
)


def questions(case: Case, m_x: Iterable[list[Mask]], finite: bool) -> tuple[Counter[str], int]:
    """Samples per channel in one round, and evaluations of gradients, of the client that asks most."""
    c = case.c
    drawn = Counter(grad_x_f=1, grad_y_f=1, grad_y_g=c.T)
    if not finite:
        return drawn + Counter(hess_yy_g=1, hess_xy_g=1), c.T + 2
    probes = 1 + max(sum(row) for held in m_x for row in held)
    return drawn + Counter(grad_y_g=1), c.T + 2 + probes * (c.T_h if c.difference == "loop" else 1)


def carried(case: Case, m_x: list[list[Mask]], m_y: list[list[Mask]], finite: bool) -> tuple[int, int, int]:
    """Rounds, messages and floats of one round: what clients hold goes up, whole models come down."""
    n, p, q = case.n, case.p, case.q
    up = [max(sum(coverage(held)) for held in each) for each in (m_y, m_x)]
    extra = [] if finite or case.c.hyper != "global" else [q * q, p * q, q]
    floats = sum(up) + n * (q + p + q) + 2 * n * sum(extra)
    return 2 + len(extra), 2 * n * (2 + len(extra)), floats


def case_differs(ctx: Context, name: str, case: Case, seed: int, rounds: int) -> tuple[Counter[str], int]:
    """What differs from the text on one case, and how many entries were compared.

    The first rounds follow the algorithm from the start; the last two start from arbitrary states, which differ
    between replicas, at later times.
    """
    rng, finite = np.random.default_rng(seed), name == "rafbo"
    n, p, q, c = case.n, case.p, case.q, case.c
    settings = dataclasses.asdict(c)
    for extra in ("hyper",) if finite else ("mu", "difference", "T_h"):
        del settings[extra]
    a = ctx.algorithm(name)(**settings).over("fraction")
    net = Gossip(averaging(n).over("fraction"))
    o = Oracle(random_quadratic(seed, n, p, q, shared=True, rational=True), Script(rng, n, p, q))
    x, y = small(rng, REPLICAS, p), small(rng, REPLICAS, q)
    found: Counter[str] = Counter()
    entries = 0
    try:
        x0, y0 = (np.repeat(z[:, None], n, axis=1) for z in (x, y))
        s: Any = a.init(x0, y0, o, net)
        found["start"] += int((s.x[:, 0] != x).sum()) + int((s.y[:, 0] != y).sum())
        for t in (*range(1, rounds + 1), 4, 9):
            if t > rounds:
                x, y = small(rng, REPLICAS, p), small(rng, REPLICAS, q)
                s = dataclasses.replace(s, x=x[:, None], y=y[:, None])
            o.noise = script = Script(rng, n, p, q)
            o.calls.gradients = net.traffic.rounds = net.traffic.messages = net.traffic.floats = 0
            m_x = [masks(c.mask_x, t - 1, n, row) for row in x.tolist()]
            m_y = [masks(c.mask_y, t - 1, n, row) for row in y.tolist()]
            s = a.step(t, s, o, net)
            text = [
                one_round(*each, held, c, script.ask, finite=finite)
                for each, held in zip(
                    zip(x.tolist(), y.tolist(), strict=True), zip(m_x, m_y, strict=True), strict=True
                )
            ]
            x, y = (convert([pair[k] for pair in text], "fraction") for k in range(2))
            for letter, want, got in (("x", x, s.x), ("y", y, s.y)):
                wrong = got.shape != (REPLICAS, 1, want.shape[1])
                found[letter] += want.size if wrong else int((got[:, 0] != want).sum())
                entries += want.size
            spent = (script.drawn, o.calls.gradients)
            found["questions"] += spent != questions(case, m_x, finite)
            traffic = (net.traffic.rounds, net.traffic.messages, net.traffic.floats)
            found["traffic"] += traffic != carried(case, m_x, m_y, finite)
    except InputError as error:
        found[str(error)] += 1
    return +found, entries


def _checker(name: str, cases: tuple[Case, ...], equal: str) -> Callable[[Context], Finding]:
    def check(ctx: Context) -> Finding:
        found: Counter[str] = Counter()
        entries, done = 0, 0
        for k, (number, case) in itertools.product(range(ctx.pick(1, 3)), enumerate(cases)):
            wrong, compared = case_differs(ctx, name, case, ctx.seed(number, k), ctx.pick(1, 2))
            found, entries, done = found + wrong, entries + compared, done + 1
            if found:  # one case decides
                break
        told = f"x and y equal the literal text over {len(cases)} shapes and settings: {equal}"
        return evidence.compared(found, entries, done, told)

    return check


ALGORITHM_1 = Statement(
    id="rabo/alg1",
    paper=PAPER,
    location="Algorithm 1; (3)-(8)",
    kind="identity",
    sentence="The reference implementation rabo is Algorithm 1, with either sign in line 18 and each reading of (7), and asks and sends what "
    "Algorithm 1 does.",
    formula=r"x_{q+1}^s = x_q^s - \alpha \frac{1}{\mathcal C_{q,x}^s} \sum_{i \in N_{q,x}^s} \mathcal H_q^{i,s}",
    because="Lines 13, 26, 31 and (8) leave out the coordinate: N^k is read as the clients with m^{i,k} = 1, and H^i as its entry s. In line 7 "
    "the gradient is the one in y. One sample each for the four derivatives of (7).",
    about=("rabo",),
    check=_checker(
        "rabo",
        RABO_CASES,
        "seven mask policies, coordinates that nobody holds, a client that holds nothing, T = 1..3, scripted samples, questions and "
        "traffic",
    ),
    expected=Verdict.SUPPORTED,
)
ALGORITHM_2 = Statement(
    id="rabo/alg2",
    paper=PAPER,
    location="Algorithm 2; (10) and the display below it",
    kind="identity",
    sentence="The reference implementation rafbo is Algorithm 1 with Algorithm 2 in line 23, as printed and with the result of an inner loop "
    "differenced, with one sample for all gradients of line 5.",
    formula=r"\mathcal H_i = \nabla_x f_i + \sum_{\mathcal P_q^i} \langle \delta(x_q, e_p, \xi), \nabla_y f_i \rangle e_p",
    because="g in line 5 is read as g_i of the submodel, P as all coordinates of the submodel of x, line 7's x_q as x_q^i.",
    about=("rafbo",),
    check=_checker(
        "rafbo",
        RAFBO_CASES,
        "six mask policies, both differences, scripted samples with one draw for all probes, questions and traffic",
    ),
    expected=Verdict.SUPPORTED,
)
