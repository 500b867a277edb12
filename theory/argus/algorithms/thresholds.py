"""Assumption 1(b) for the l1 norm, and (27) with the virtual rate of (28): what a proximal step of size 0 is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.activity import Chances
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.composite import soft
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import Evidence, broken, judged
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

F = Fraction


def optimal() -> bool:
    """Whether v - s is in kappa times the subdifferential of |.| at s = soft(v, kappa), in each of the three cases.

    With kappa, e > 0: beyond the threshold v = kappa + e, s = e > 0 and v - s = kappa; mirrored; and within s = 0.
    """
    import sympy as sp

    kappa, e = sp.symbols("kappa e", positive=True)
    share = sp.Symbol("share", real=True)  # in [-1, 1]: v = share kappa, s = 0, v - s = share kappa
    beyond = [sp.expand(side * (kappa + e) - side * e - side * kappa) == 0 for side in (-1, 1)]
    return all(beyond) and sp.expand(share * kappa - 0 - kappa * share) == 0


def worse(kappa: Fraction) -> tuple[int, int]:
    """Pairs of a v and a rival u on a grid, and those where u is better than the implementation's threshold.

    Examples
    --------
    >>> worse(Fraction(1, 2))
    (1681, 0)
    """
    grid = convert(np.arange(-20, 21), "fraction") / 8
    s = soft(grid, kappa)

    def cost(u: Any, v: Any) -> Any:
        return kappa * abs(u) + (u - v) ** 2 / 2

    return len(grid) ** 2, sum(cost(u, v) < cost(t, v) for v, t in zip(grid, s, strict=True) for u in grid)


def _check_soft(ctx: Context) -> Finding:
    found = [worse(F(k, 4)) for k in (0, 1, 3, 7)]
    return judged(
        optimal(),
        Evidence(
            sum(n for n, _ in found), sum(int(k) for _, k in found), "pairs of a point and a rival, exact"
        ),
        "v - soft(v, kappa) lies in kappa times the subdifferential of |.| in each of the three cases, which for the strictly convex kappa |u| + (u - v)^2/2 is optimality; entry by entry for vectors",
    )


SOFT = Statement(
    id="argus/prox-l1",
    paper=PAPER,
    location="Assumption 1(b); after (6); Appendix C, 'the proximal operator can be accomplished in one step'",
    kind="lemma",
    sentence="The l1 norm admits a proximal map that is easily computed: the soft threshold, one step for every entry.",
    formula=r"\operatorname{prox}_{\kappa |\cdot|}(v) = \operatorname{sign}(v) \max(|v| - \kappa, 0)",
    check=_check_soft,
    expected=Verdict.PROVED,
)


def sleeping_witness() -> Witness:
    """An agent that sleeps has the virtual rate 0, and (27) is for eta > 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sleeping_witness()).ok
    True
    """
    return Witness(
        statement="argus/psi-virtual-rate",
        paper=PAPER,
        location="(27), (28), (31)",
        claim_text="the step in the mapping of (31) is one that (27) is defined for",
        note="(27) divides by it; active is 1 for agents in Q^{t+1} and 0 for others",
        given={"eta": "1/10", "active": 0},
        define=(("virtual", "active*eta"),),
        assume=(Condition("a step size", "eta > 0"), Condition("the agent is not in Q", "active == 0")),
        claim=Condition("it is positive", "virtual > 0"),
    )


def _check_sleeping(ctx: Context) -> Finding:
    chance, n, rounds = 0.8, 10, 1000
    stream = Chances((chance,), tau=3).source(ctx.seed(), range(1))
    defined = sum(bool(stream.next(n).all()) for _ in range(rounds))
    return broken(
        sleeping_witness(),
        f"the virtual rate of an agent that sleeps is 0, by which (27) divides: of {rounds} iterations of {n} agents that are awake with probability {chance:g}, {defined} have a Psi as printed",
        {"defined": defined, "iterations": rounds, "expected": rounds * chance**n},
    )


SLEEPING = Statement(
    id="argus/psi-virtual-rate",
    paper=PAPER,
    location="Definition 1, (27), 'eta > 0'; Definition 2, (28); Definition 3, (31)",
    kind="identity",
    variant="added",
    sentence="The convergence metric Psi, with the virtual rate in the mapping, is defined whoever is awake.",
    formula=r"P(x_i, \bar\nabla_x L'_p, \tilde\eta_{i,x}^t) = \frac{1}{\tilde\eta_{i,x}^t} (\cdots),\quad \tilde\eta_{i,x}^t = 0 \text{ for } i \notin Q^{t+1}",
    because="An agent that sleeps has the virtual rate 0, by which (27) divides. With the nominal rate, which is surely meant, it is defined; where R = 0 the mapping does not depend on the rate, and its limit at 0 is the gradient. (46) has eta_{i,x} without a tilde. All checks here take the nominal rate.",
    check=_check_sleeping,
    expected=Verdict.REFUTED,
)
