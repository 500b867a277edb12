"""What the swapped letters of Assumption 3.1 would do to the product u q h."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

Letters = dict[Channel, str]
ASKED: Letters = {"grad_x_f": "zeta", "grad_y_f": "zeta", "grad_y_g": "xi", "hess_xy_g": "xi"}
"""Which sample each answer depends on in Step 3 of Algorithm 1; Hessians have samples of their own."""
ORACLE: Letters = ASKED | {"grad_y_f": "xi", "grad_y_g": "zeta"}
"""In Assumption 3.1, as printed."""
STEPS = 4
SETTINGS: dict[str, Any] = {
    "alpha": Fraction(1, 8),
    "beta": Fraction(1, 3),
    "gamma": Fraction(1, 5),
    "L_g": 3,
    "mu_g": 2,
    "b": 2,
}
PROBLEM = quadratic(H=[[[2]]], B=[[[1]]], c=[[1]], A=[[[1]]], e=[[1]], shared=True).over("fraction")
"""f is linear in y, so that h carries nothing of y's noise; the Hessian is exact, so that q carries none."""


class Coins:
    """Exact answers plus or minus 1/2, by the coin of zeta or of xi at this step; one replica per outcome of all coins."""

    def __init__(self, letters: Letters, outcomes: Array) -> None:
        self.letters, self.outcomes, self.now = letters, outcomes, 0

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The answer with its letter's coin."""
        value = np.asarray(getattr(problem, channel)(*args))
        if channel not in self.letters:
            return value
        coin = self.outcomes[:, self.now, 0 if self.letters[channel] == "zeta" else 1]
        signs = convert(coin, "fraction").reshape(-1, *(1 for _ in value.shape[1:])) / 2
        return np.asarray(value + signs)

    def samples(self, problem: Problem) -> int:
        """One per question."""
        return 1


def means(ctx: Context, letters: Letters) -> tuple[Fraction, Fraction]:
    """``E u_t h_t - E u_t E h_t`` and ``E x_t`` at t = 4, over all outcomes."""
    outcomes = np.array(list(itertools.product((-1, 1), repeat=2 * (STEPS - 1)))).reshape(-1, STEPS - 1, 2)
    # the last step's coins enter neither x_t nor a difference of means: they are held
    outcomes = np.concatenate([outcomes, np.ones((len(outcomes), 1, 2), dtype=int)], axis=1)
    source = Coins(letters, outcomes)
    a, net = ctx.algorithm("dsbo")(**SETTINGS).over("fraction"), Gossip(averaging(1, exact=True))
    oracle = Oracle(PROBLEM, source)
    x0, y0 = (convert(np.zeros((len(outcomes), 1, 1), dtype=int), "fraction") for _ in range(2))
    s: Any = a.init(x0, y0, oracle, net)
    before = s
    for t in range(STEPS):
        source.now, before = t, s
        s = a.step(t + 1, s, oracle, net)
    count = len(outcomes)
    product = (before.u * before.h).sum() / count
    return product - before.u.sum() * before.h.sum() / count**2, s.x.sum() / count


def expected_bias() -> Fraction:
    """``E u h - E u E h`` at t = 3 if one coin moves both: 1/4 times the sum of squared weights."""
    beta = Fraction(SETTINGS["beta"])
    return sum(((beta * (1 - beta) ** k) ** 2 for k in range(STEPS - 1)), Fraction(0)) / 4


def _check_letters(ctx: Context) -> Finding:
    asked, printed = means(ctx, ASKED), means(ctx, ORACLE)
    half = means(ctx, ASKED | {"grad_y_g": "zeta"})
    want = expected_bias()
    good = asked[0] == 0 and printed[0] == want and half == asked and printed[1] != asked[1]
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"over all {4 ** (STEPS - 1)} outcomes of two-point samples E u h - E u E h at t = {STEPS - 1} is {asked[0]} with Algorithm 1's "
        f"letters and {printed[0]} with the assumption's, where the squared weights add up to {want}; E x at t = {STEPS} is {asked[1]} and "
        f"{printed[1]}. The swap of grad_y g alone {'changes neither' if half == asked else 'changes them too'}",
        numbers={"Algorithm 1": [str(v) for v in asked], "Assumption 3.1": [str(v) for v in printed]},
        cases=3,
        audit=audit_runs([PROBLEM], [averaging(1)]),
    )


LETTERS = Statement(
    id="dsbo/sampling-letters",
    paper=PAPER,
    location="Assumption 3.1 and Algorithm 1, Step 3",
    kind="qualitative",
    variant="added",
    sentence="With f linear in y the samples of Algorithm 1 leave E u h = E u E h; if grad_y f were sampled with the cross Hessian, as the letters "
    "of Assumption 3.1 have it, u q h and with it x would be biased.",
    formula=r"E\,u_t h_t - E\,u_t\,E\,h_t = \sum_{\tau < t} \beta^2 (1-\beta)^{2(t-1-\tau)} \operatorname{Cov}(\nabla^2_{xy} g, \nabla_y f)",
    because="The assumption has zeta and xi exchanged for grad_y f and grad_y g against (1), where zeta belongs to f and xi to g; a slip that "
    "matters, since u and h are multiplied.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=_check_letters,
    expected=Verdict.SUPPORTED,
)
