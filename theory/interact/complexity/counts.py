r"""What INTERACT and SVR-INTERACT ask and send, as exact integers, against the formulas of the complexity claims.

A *question* is one gradient, solve or Hessian product; it reads samples (every one of the n, or a batch). Definition 1
is coarser: one IFO call per sample for the whole of an agent's surrogate and lower-level gradient, however its inverse
Hessian is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


@dataclass(frozen=True)
class Plan:
    """Sizes that decide what SVR-INTERACT spends: n samples, a refresh every q iterations, batches of S, K terms.

    Examples
    --------
    >>> Plan(n=1000, q=32, S=32, K=8).ifo(3200)
    299400
    """

    n: int
    q: int
    S: int
    K: int

    def ifo(self, T: Any, calls: Any = 1) -> Any:
        r"""Definition 1's calls up to iteration T, with ``calls`` for every sample of (22): start, refreshes, batches.

        :math:`n (1 + \lfloor T/q \rfloor) + 2 S\, \text{calls}\, (T - \lfloor T/q \rfloor)`.
        """
        refreshes = T // self.q
        return self.n * (1 + refreshes) + 2 * self.S * calls * (T - refreshes)

    def asked(self, t: int) -> dict[str, int]:
        """What one agent asks at iteration t (0: the start), by the kind of question."""
        if t % self.q == 0:
            return full(self.n)
        # At two points: two upper gradients, K - 1 Hessian products, one cross product, one lower gradient.
        return {
            "gradients": 2 * 3,
            "hessians": 2 * (self.K - 1),
            "cross_hessians": 2,
            "solves": 0,
            "samples": 2 * (self.K + 3) * self.S,
        }


def full(n: int) -> dict[str, int]:
    """One exact surrogate (5) and lower-level gradient over n samples: five questions.

    Examples
    --------
    >>> full(7)["samples"]
    35
    """
    return {"gradients": 3, "hessians": 0, "cross_hessians": 1, "solves": 1, "samples": 5 * n}


def sent(network: Network, p: int) -> dict[str, int]:
    """One round in which every agent sends two vectors of length p to each neighbour."""
    off = np.asarray(network.W != 0, dtype=int)
    neighbours = int(off.sum() - np.diag(off).sum())
    return {"rounds": 1, "messages": neighbours, "floats": neighbours * 2 * p}


def _increments(counts: Mapping[str, Any], t: int) -> dict[str, int]:
    return {name: int(v[t]) - (int(v[t - 1]) if t else 0) for name, v in counts.items()}


def _mismatches(ctx: Context, name: str, plan: Plan, text: str, sizes: tuple[int, int], T: int) -> list[str]:
    """The iterations whose counters differ from the formula, in words; ``plan.q = 1`` for INTERACT."""
    p, network = sizes[0], named(text, "laplacian")
    problem = random_finite_sum(ctx.seed(text, plan), network.n, *sizes, samples=plan.n)
    settings = {} if name == "interact" else {"q": plan.q, "S": plan.S, "K": plan.K, "L_g": 1000}
    a = ctx.algorithm(name)(alpha=1e-6, beta=1e-6, **settings)
    counts = run(a, problem, network, steps=T, record="all", metrics=()).counts
    nothing = dict.fromkeys(sent(network, p), 0)
    wrong = []
    for t in range(T + 1):
        want = plan.asked(t) | (sent(network, p) if t else nothing)
        if (got := _increments(counts, t)) != want:
            wrong.append(f"{text}, {plan}, t = {t}: {got} for {want}")
    return wrong


def _counted(wrong: list[str], cases: int, formula: str) -> Finding:
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"{len(wrong)} iterations cost something else, first {wrong[0]}" if wrong else formula,
        numbers={"iterations_that_differ": len(wrong)},
        cases=cases,
    )


def _check_cor2_counts(ctx: Context) -> Finding:
    T, wrong, cases = 5, [], 0
    for text in ("ring:4", "star:5", "complete:3", "path:2"):
        for n in ctx.pick((1, 7), (1, 2, 7, 30)):
            for sizes in ((1, 1), (3, 2)):
                wrong += _mismatches(ctx, "interact", Plan(n, 1, 1, 1), text, sizes, T)
                cases += 1
    return _counted(
        wrong,
        cases,
        f"{cases} settings, every iteration: 5 questions (3 gradients, a solve, a cross product) that read n samples each, "
        "1 round, 2 d_1 floats to each neighbour, all integers equal",
    )


COR2_COUNTS = Statement(
    id="interact/cor2-counts",
    paper=PAPER,
    location="Corollary 2; Algorithm 1",
    kind="complexity",
    variant="added",
    sentence="Every iteration of INTERACT reads each of an agent's n samples once per question and takes one round, in which an "
    "agent sends two vectors of length d_1 to each neighbour.",
    formula=r"\text{samples}_T = 5 n (T + 1), \quad \text{rounds}_T = T",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_cor2_counts,
    expected=Verdict.SUPPORTED,
)


def _check_cor4_counts(ctx: Context) -> Finding:
    wrong, cases = [], 0
    for text, sizes in (("ring:4", (1, 2)), ("star:3", (2, 1))):
        for n, q, S in ctx.pick(((9, 3, 3), (10, 4, 2)), ((9, 3, 3), (10, 4, 2), (5, 1, 3), (4, 50, 5))):
            for K in ctx.pick((1, 4), (1, 2, 4, 9)):
                wrong += _mismatches(ctx, "svr-interact", Plan(n, q, S, K), text, sizes, 2 * q + 1)
                cases += 1
    return _counted(
        wrong,
        cases,
        f"{cases} settings of n, q, S, K, every iteration: 5 questions of n samples at the start and at refreshes, else 2 (K + 3) "
        "questions of S samples, K - 1 of them Hessian products at each of two points; 1 round; all integers equal",
    )


COR4_COUNTS = Statement(
    id="interact/cor4-counts",
    paper=PAPER,
    location="Corollary 4; Algorithm 2",
    kind="complexity",
    variant="added",
    sentence="SVR-INTERACT asks five questions of all n samples at the start and where q divides t, and else 2 (K + 3) questions of "
    "S samples: at both points two upper gradients, K - 1 Hessian products, a cross product and a lower gradient; stopping "
    "after the k products that (22) needs would halve the products on average.",
    formula=r"\text{samples}_T = 5 n (1 + \lfloor T/q \rfloor) + 2 (K + 3) S (T - \lfloor T/q \rfloor)",
    assumptions=(*A1, *A2),
    about=("svr-interact",),
    check=_check_cor4_counts,
    expected=Verdict.SUPPORTED,
)
