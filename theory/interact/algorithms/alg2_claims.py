"""The reference implementations are Algorithm 2 and the baselines: equal to the literal text, draw for draw."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Picks, Scripted
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.synthetic.finite_sum import FiniteSumQuadratic
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.algorithms import alg2
from spiritlevel.theory.interact.algorithms.alg2 import Agents, Setting, Term
from spiritlevel.theory.interact.algorithms.bent import BentSum
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

Name = Literal["svr-interact", "gt-dsgd", "dsgd-batch"]
ALPHA, BETA, L_G = Fraction(1, 8), Fraction(1, 16), Fraction(12)
SETTINGS: dict[Name, tuple[str, ...]] = {
    "svr-interact": ("own", "q", "S", "K", "L_g", "one", "lower", "refresh"),
    "gt-dsgd": ("own", "S", "K", "L_g"),
    "dsgd-batch": ("S", "K", "L_g"),
}
REPLICAS = 2


def setting(S: int, K: int, **others: Any) -> Setting:
    """A `Setting` with the step sizes and ``L_g`` of these checks."""
    return Setting(ALPHA, BETA, L_G, K, S, **others)


@dataclass(frozen=True)
class Case:
    """A shape, a network and a setting."""

    n: int
    p: int
    q: int
    N: int
    network: str
    c: Setting


CASES = (
    Case(3, 2, 1, 4, "ring:3", setting(0, 3)),
    Case(2, 1, 3, 5, "lazy-path:2", setting(2, 1, q=3, lower="zeta")),
    Case(3, 3, 2, 3, "path:3", setting(3, 2, q=2, one=True, refresh="truncated")),
    Case(4, 1, 2, 6, "ring:4", setting(1, 4, q=4, own=False)),
    Case(1, 2, 2, 2, "complete:1", setting(2, 3, q=1, refresh="truncated", lower="zeta")),
)


class Comparison:
    """A running count of what differs, by field, and of what is spent beyond the formulas by hand."""

    def __init__(self, ctx: Context, name: Name) -> None:
        self.ctx, self.name = ctx, name
        self.mismatches: dict[str, int] = {}
        self.entries = 0
        self.wasted: dict[str, int] = {}
        self.draws = ""

    def case(self, case: Case, seed: int, *, bent: bool) -> None:
        """Follow one trajectory, or (bent) take single steps from arbitrary states."""
        problem: Any = random_finite_sum(seed, case.n, case.p, case.q, samples=case.N, rational=True)
        rng = np.random.default_rng(self.ctx.seed("draws", seed))
        if bent:
            problem = BentSum(problem, _small(rng, case.n, case.N, case.q, case.p))
        net = Gossip(named(case.network, exact=True))
        literals = [
            alg2.Literal(terms_of(problem), net.network.dense().tolist(), case.c, r) for r in range(REPLICAS)
        ]
        root = next(r for r in range(1, case.N + 1) if r * r >= case.N)
        period, batch = case.c.q or root, case.c.S or root
        given = {key: getattr(case.c, key) for key in SETTINGS[self.name]}
        a = self.ctx.algorithm(self.name)(alpha=ALPHA, beta=BETA, **given).over("fraction")
        x0, y0 = (_small(rng, REPLICAS, case.n, size) for size in (case.p, case.q))
        script = [_picks(rng, case, batch) for _ in range(2 * period + 2)]
        vectors = 1 if self.name == "dsgd-batch" else 2
        sampler = Scripted(script)
        o = Oracle(problem, sampler=sampler)
        try:
            s: Any = a.init(x0, y0, o, net)
            used = 1 if self.name == "gt-dsgd" else 0
            start = 5 * case.N if self.name == "svr-interact" else used * batch * (case.c.K + 3)
            self._spent(o, net, start, 0, 0)
            found = [self._start(literal, x0[r], y0[r], script[0]) for r, literal in enumerate(literals)]
            self._compare(found, s)
            for t in range(1, 2 * period + 2):
                if bent:
                    s, found = _arbitrary(rng, s)
                refresh = self.name == "svr-interact" and t % period == 0
                picks = None if refresh else script[used]
                used += 0 if refresh else 1
                found = [self._step(lit, t, z, picks) for lit, z in zip(literals, found, strict=True)]
                s = a.step(t, s, o, net)
                self._compare(found, s)
                self._spent(o, net, self._samples(case, batch, refresh), 1, vectors)
                if sampler.drawn != used:
                    self.draws = f"{sampler.drawn} draws by iteration {t}, not {used}"
                if not self.good:
                    return
        except InputError as error:  # another number of draws, or of another size
            self.draws = str(error)

    def _samples(self, case: Case, batch: int, refresh: bool) -> int:
        """Terms read by one iteration, by hand: every call of the oracle reads N, or the batch."""
        exact = case.c.refresh == "exact"
        if refresh:  # two gradients, a solve or K - 1 products, a cross product, and (9)
            return case.N * (5 if exact else case.c.K + 3)
        points = 2 if self.name == "svr-interact" else 1
        return points * batch * (case.c.K + 3)  # two gradients, K - 1 products, a cross product, and (24)

    def _start(self, literal: alg2.Literal, x: Array, y: Array, picks: Picks) -> Agents:
        if self.name == "svr-interact":
            return literal.start(x.tolist(), y.tolist())
        if self.name == "gt-dsgd":
            return literal.gt_start(x.tolist(), y.tolist(), picks)
        return Agents(x.tolist(), y.tolist(), [], [], [])

    def _step(self, literal: alg2.Literal, t: int, s: Agents, picks: Picks | None) -> Agents:
        if self.name == "svr-interact":
            return literal.step(t, s, picks)
        assert picks is not None
        return (literal.gt_step if self.name == "gt-dsgd" else literal.dsgd_step)(t, s, picks)

    def _compare(self, found: list[Agents], s: Any) -> None:
        for r, literal in enumerate(found):
            for field, vectors in vars(literal).items():
                if vectors:
                    want = convert(vectors, "fraction")
                    got = getattr(s, field)[r]
                    differ = want.size if got.shape != want.shape else int((got != want).sum())
                    self.entries += want.size
                    if differ:
                        self.mismatches[field] = self.mismatches.get(field, 0) + differ

    def _spent(self, o: Oracle, net: Gossip, samples: int, rounds: int, vectors: int) -> None:
        floats = vectors * net.network.edges * o.problem.p
        spent = (("samples", o.calls.samples, samples), ("rounds", net.traffic.rounds, rounds))
        for name, got, allowed in (*spent, ("floats", net.traffic.floats, floats)):
            if got > allowed:
                self.wasted[name] = self.wasted.get(name, 0) + got - allowed
        o.calls.samples = net.traffic.rounds = net.traffic.floats = 0

    @property
    def good(self) -> bool:
        """Whether all is equal and nothing is wasted."""
        return not (self.mismatches or self.wasted or self.draws)

    def complaint(self) -> str:
        """What is wrong, in words."""
        fields = ", ".join(f"{count} entries of {field}" for field, count in self.mismatches.items())
        costs = ", ".join(f"{extra} more {name}" for name, extra in self.wasted.items())
        parts = [f"{fields} differ" if fields else "", f"spends {costs}" if costs else "", self.draws]
        return "; ".join(part for part in parts if part)


def terms_of(problem: FiniteSumQuadratic | BentSum) -> list[list[Term]]:
    """Every agent's terms, as the literal text takes them."""
    blocks = {name: array for name, array in problem.terms.items() if name != "k"}  # f's constant
    return [
        [
            Term(problem.p, problem.q, {name: array[i, j].tolist() for name, array in blocks.items()})
            for j in range(problem.samples)
        ]
        for i in range(problem.n)
    ]


def _small(rng: np.random.Generator, *shape: int) -> Array:
    return convert(rng.integers(-4, 5, shape), "fraction") / 2


def _picks(rng: np.random.Generator, case: Case, batch: int) -> Picks:
    size = (REPLICAS, case.n, batch)
    zeta = rng.integers(0, case.N, (case.c.K, *size))
    return Picks(rng.integers(0, case.N, size), zeta, rng.integers(0, case.c.K, size))


def _arbitrary(rng: np.random.Generator, s: Any) -> tuple[Any, list[Agents]]:
    """A random state of the same shapes, as the algorithm's own type and as lists for each replica."""
    fields = {f.name: _small(rng, *getattr(s, f.name).shape) for f in dataclasses.fields(s)}
    letters = [[fields[k][r].tolist() if k in fields else [] for k in "xyuvp"] for r in range(REPLICAS)]
    return dataclasses.replace(s, **fields), [Agents(*row) for row in letters]


def _fitting(name: Name, case: Case) -> Case:
    """The case with what the algorithm has: the baselines know no refreshes and no readings."""
    if name == "svr-interact":
        return case
    c = dataclasses.replace(case.c, q=2, S=case.c.S or 3, one=False, lower="xi", refresh="exact")
    return dataclasses.replace(case, c=c if name == "gt-dsgd" else dataclasses.replace(c, own=True))


def _judged(ctx: Context, name: Name, what: str) -> Finding:
    comparison, seeds = Comparison(ctx, name), ctx.pick(1, 6)
    for k in range(seeds):
        for number, case in enumerate(CASES):
            for bent in (False, True):
                if comparison.good:
                    comparison.case(_fitting(name, case), ctx.seed(number, k), bent=bent)
    return Finding(
        verdict=Verdict.SUPPORTED if comparison.good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{comparison.entries} entries of {what} equal the literal text, over {len(CASES)} shapes and settings with "
        "prescribed draws, quadratic and cubic lower levels; one round, and no more samples than by hand"
        if comparison.good
        else comparison.complaint(),
        numbers={
            "entries": comparison.entries,
            "different": sum(comparison.mismatches.values()),
            "wasted": sum(comparison.wasted.values()),
        },
        cases=2 * seeds * len(CASES),
    )


def _check_svr(ctx: Context) -> Finding:
    return _judged(ctx, "svr-interact", "x, y, u, v and p")


def _check_gt(ctx: Context) -> Finding:
    return _judged(ctx, "gt-dsgd", "x, y, u, v and p")


def _check_dsgd(ctx: Context) -> Finding:
    return _judged(ctx, "dsgd-batch", "x and y")


ALGORITHM_2 = Statement(
    id="interact/alg2",
    paper=PAPER,
    location="Algorithm 2, (5)-(10), (22)-(24), (26)",
    kind="identity",
    sentence="The reference implementation of SVR-INTERACT is Algorithm 2, in each of its readings, and reads S samples at two "
    "points between refreshes and all at a refresh.",
    formula=r"p_t = p_{t-1} + \tfrac{1}{|S|} \sum_s [\bar\nabla f(x_t, y_t; \bar\xi_s) - "
    r"\bar\nabla f(x_{t-1}, y_{t-1}; \bar\xi_s)]",
    about=("svr-interact",),
    check=_check_svr,
    expected=Verdict.SUPPORTED,
)

ALGORITHM_GT = Statement(
    id="interact/alg-gt-dsgd",
    paper=PAPER,
    location="Section 6, GT-DSGD",
    kind="identity",
    sentence="The reference implementation of GT-DSGD is INTERACT with fresh minibatch means of (22) and of the lower-level "
    "gradient, one batch per iteration.",
    formula=r"p_{i,t} = \tfrac1S \sum_s \bar\nabla f_i(x_{i,t}, y_{i,t}; \bar\xi_s)",
    about=("gt-dsgd",),
    check=_check_gt,
    expected=Verdict.SUPPORTED,
)

ALGORITHM_DSGD = Statement(
    id="interact/alg-dsgd-batch",
    paper=PAPER,
    location="Section 6, D-SGD",
    kind="identity",
    sentence="The reference implementation of D-SGD with minibatches is the printed update with the estimates at t - 1, one batch "
    "per iteration and one round of one vector.",
    formula=r"x_{i,t} = \sum_j [M]_{ij} x_{j,t-1} - \tfrac{\alpha}{S} \sum_s \bar\nabla f_i(x_{i,t-1}, y_{i,t-1}; \bar\xi_s)",
    because="Printed with the estimates at t inside the update that defines x_t.",
    about=("dsgd-batch",),
    check=_check_dsgd,
    expected=Verdict.SUPPORTED,
)
