"""Stale reads and the bound tau on idle rounds: what they do to the largest stable step, the limit, and agreement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.experiments.periods import (
    Rates,
    drifting,
    equal,
    idle_together,
    largest_step,
    orbit,
    straggler,
    unstable_scripts,
    virtual,
)
from spiritlevel.theory.argus.experiments.virtual_rate import shrinks
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

TAUS = (1, 2, 4, 8, 16)
DATES = (1, 100)
"""Values of t at which theta's damping is held."""
ETAS = (1e-2, 1e-3, 1e-4)
NEAR_ONE = 0.2
"""What exponents may be off, and ratios apart; for an exponent of 1/2, or a square, they are by more."""
ROUNDING = 1e-6
"""Relative; limits are found to 1e-8."""


def table(ctx: Context, rates: Rates, fresh: bool = False) -> dict[str, list[float]]:
    """The largest steps for all of `TAUS`, by number of agents and t."""
    make = ctx.algorithm("argus")
    return {
        f"N = {n}, t = {t}": [
            largest_step(make, n, straggler(n, tau), t, rates(tau, n), fresh) for tau in TAUS
        ]
        for n in (2, 3)
        for t in ctx.pick(DATES[:1], DATES)
    }


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{v:.3g}" for v in values)


def _check_steps(ctx: Context) -> Finding:
    rows, differ = table(ctx, equal), idle_together(ctx)
    first = next(iter(rows.values()))
    count, grow = unstable_scripts(ctx.algorithm("argus"), 0.99 * first[0], ctx.pick(5, 7))
    least = min(row[-1] / row[0] for row in rows.values())
    refuted = not differ and not grow and least > 1 - ROUNDING
    bound = 1 / (288 * 2 * TAUS[-1])
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary=f"one of two agents awake in one of tau = {', '.join(map(str, TAUS))} rounds: stable up to eta = {_listed(first)}, three agents {_listed(rows['N = 3, t = 1'])}; "
        f"of all {count} orders of two agents with periods up to {ctx.pick(5, 7)} rounds {grow} are unstable at 0.99 times the limit with all awake; all idle together: exact runs "
        f"are those without the idle rounds ({differ} of 3 differ). Theorem 1 asks for eta <= {bound:.1e} or less at tau = 16",
        numbers={
            **{key: row for key, row in rows.items()},
            "least_over_all_awake": least,
            "over_first_bound_with_L_1_and_k_1_1": first[-1] / bound,
            "tolerance": ROUNDING,
        },
        cases=sum(map(len, rows.values())) + count + 3,
    )


STEPS = Statement(
    id="argus/staleness-steps",
    paper=PAPER,
    location="Theorem 1, first two bounds on eta; Assumption 1(c)",
    kind="step size",
    variant="added",
    sentence="Theorem 1's first two bounds on eta fall as stability does: steps being equal, the largest stable step is smaller for an agent that is awake in one of 16 rounds than with everyone awake.",
    because="Who is idle makes no steps, and mixing alone does no harm, so that stale reads need no smaller step for agents with equal Hessians over the "
    "complete graph. The bounds fall as 1/tau and 1/sqrt(tau); they are sufficient for (53), and nothing here contradicts them. That something "
    "else than the proof asks for it is our question, not the paper's claim.",
    about=("argus",),
    check=_check_steps,
    expected=Verdict.REFUTED,
)


def exponents(row: Sequence[float]) -> list[float]:
    """Slopes of the logarithm of a row over `TAUS` against that of tau, without tau = 1.

    Examples
    --------
    >>> [round(e, 6) for e in exponents([9.0, 4.0, 2.0, 1.0, 0.5])]
    [-1.0, -1.0, -1.0]
    """
    pairs = list(zip(TAUS, row, strict=True))[1:]
    return [float(np.log(b / a) / np.log(v / u)) for (u, a), (v, b) in pairwise(pairs)]


def _check_virtual(ctx: Context) -> Finding:
    stale, fresh = table(ctx, virtual), table(ctx, virtual, fresh=True)
    slopes = [e for row in stale.values() for e in exponents(row)]
    costs = [a / b for key in stale for a, b in zip(stale[key][1:], fresh[key][1:], strict=True)]
    holds = all(abs(e + 1) < NEAR_ONE for e in slopes)
    first, seen = next(iter(stale.values())), next(iter(fresh.values()))
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"one of two agents awake in one of tau = {', '.join(map(str, TAUS))} rounds, with tau times the step: stable up to eta = {_listed(first)}; exponents in tau "
        f"{min(slopes):.2f} to {max(slopes):.2f}. With fresh reads {_listed(seen)}: stale ones leave {min(costs):.0%} to {max(costs):.0%} of that",
        numbers={
            **{key: row for key, row in stale.items()},
            **{f"{key}, fresh": row for key, row in fresh.items()},
            "exponents": slopes,
            "tolerance": NEAR_ONE,
            "stale_over_fresh": [min(costs), max(costs)],
        },
        cases=2 * sum(map(len, stale.values())),
        figures=(
            Plot(
                title="Largest stable eta: two agents, the second awake in one of tau rounds",
                x_label="tau",
                y_label="eta",
                curves=(
                    Curve("tau times the step", TAUS, first),
                    Curve("the same, fresh reads", TAUS, seen),
                    Curve("1/tau", TAUS, [first[0] / tau for tau in TAUS], style="dashed"),
                ),
                log="xy",
            ),
        ),
    )


VIRTUAL = Statement(
    id="argus/staleness-virtual-steps",
    paper=PAPER,
    location="Theorem 1, first bound on eta; Definition 2",
    kind="step size",
    variant="added",
    sentence="With equal virtual rates, where an agent that is awake in one of tau rounds makes tau times the step, the largest stable eta falls as 1/tau.",
    because="As the first bound of Theorem 1 does, but mainly for another reason: the step itself is tau eta. Stale reads cost a fifth to a third of that besides, about the same for every tau.",
    about=("argus",),
    check=_check_virtual,
    expected=Verdict.SUPPORTED,
)


def _check_limit(ctx: Context) -> Finding:
    make, small = ctx.algorithm("argus"), ETAS[-1]
    rows = {tau: [1 - orbit(make, eta, tau, virtual(tau, 3)).mean for eta in ETAS] for tau in TAUS[1:]}
    shares = [row[-1] / (small * (tau - 1)) for tau, row in rows.items()]
    fresh = [1 - orbit(make, small, tau, virtual(tau, 3), fresh=True).mean for tau in rows]
    linear = max(shares) < (1 + NEAR_ONE) * min(shares)
    holds = all(shrinks([abs(e) for e in row]) for row in rows.values()) and linear
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"targets 0, 0, 3, the last agent awake in one of tau = {', '.join(map(str, rows))} rounds with tau times the step: over a period x is "
        f"{_listed([row[-1] for row in rows.values()])} below the solution 1 at eta = {small:g}, {min(shares):.3f} to {max(shares):.3f} times eta (tau - 1), and tenfold "
        f"smaller steps take it down tenfold; with fresh reads {_listed(fresh)}",
        numbers={"below": [row[-1] for row in rows.values()], "over_eta_tau_less_1": shares, "fresh": fresh, "tolerance": NEAR_ONE},
        cases=len(rows) * len(ETAS),
    )  # fmt: skip


LIMIT = Statement(
    id="argus/staleness-limit",
    paper=PAPER,
    location="Definition 2, (29); (17)",
    kind="lemma",
    variant="added",
    sentence="With equal virtual rates stale reads leave the point where the method settles in its place up to first order in eta: what one agent that is awake in one of "
    "tau rounds moves it by is a multiple of eta (tau - 1).",
    because="(29) speaks of gradients at the present point, (17) has them where the agent was last awake. Theta is damped as at t = 1; for later t see argus/virtual-rate-theta.",
    about=("argus",),
    check=_check_limit,
    expected=Verdict.SUPPORTED,
)


def _check_apart(ctx: Context) -> Finding:
    make, last = ctx.algorithm("argus"), TAUS[-1]
    stale, fresh = ([orbit(make, 0.01, tau, fresh=f) for tau in TAUS] for f in (False, True))
    longer = [orbit(make, 0.01, tau, virtual(tau, 3)).apart for tau in TAUS]
    rng, cases = np.random.default_rng(ctx.seed()), ctx.pick(10, 100)
    others = [rng.integers(-4, 5, 3).astype(float).tolist() for _ in range(cases)]
    rises = sum(
        orbit(make, 0.01, last, targets=a).apart > (1 + ROUNDING) * orbit(make, 0.01, 1, targets=a).apart
        for a in others
    )
    falls = all(b.apart < a.apart for a, b in pairwise(stale))
    below = all(a.apart <= b.apart * (1 + ROUNDING) for a, b in zip(stale, fresh, strict=True))
    return Finding(
        verdict=Verdict.REFUTED if falls and below else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary=f"targets 0, 0, 3, equal steps, the last agent awake in one of tau = {', '.join(map(str, TAUS))} rounds: the consensus error over a period is "
        f"{_listed([o.apart for o in stale])}, with fresh reads {_listed([o.apart for o in fresh])}; what suffers is x, {_listed([o.mean for o in stale])} for 1. With tau times "
        f"the step it is {_listed(longer)}. Of {cases} random triples of targets {rises} have more at tau = {last} than at 1, steps being equal",
        numbers={
            "consensus": [o.apart for o in stale],
            "fresh": [o.apart for o in fresh],
            "means": [o.mean for o in stale],
            "virtual": longer,
            "random_rising": rises,
            "tolerance": ROUNDING,
        },
        cases=2 * len(TAUS) + cases,
    )


APART = Statement(
    id="argus/staleness-consistency",
    paper=PAPER,
    location="Section VI-B, Performance in Heterogeneous Networks; Figure 11",
    kind="qualitative",
    variant="added",
    sentence="Increased staleness undermines the consistency of information aggregation: steps being equal, the longer one agent is idle, the larger the consensus error in the long run.",
    because="An idle agent mixes and does nothing else, which brings agents together. What it loses is weight: the mean settles at a weighted one (argus/virtual-rate). The first "
    "half is the paper's; that consistency is the consensus error is our reading.",
    about=("argus",),
    check=_check_apart,
    expected=Verdict.REFUTED,
)


def _check_k_1(ctx: Context) -> Finding:
    make, exact = ctx.algorithm("argus"), [drifting(ctx, tau) for tau in TAUS]
    settled = [orbit(make, 0.01, tau).k_1() for tau in TAUS[1:]]
    grows = all(b > a for a, b in pairwise(exact)) and all(b > a for a, b in pairwise(settled))
    linear = all(k >= tau for k, tau in zip(exact, TAUS, strict=True))
    return Finding(
        verdict=Verdict.REFUTED if grows and linear else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"tau = {', '.join(map(str, TAUS))}: two agents that move by eta in every round need k_1 = {', '.join(map(str, exact))} (exact runs); targets 0, 0, 3 with the last "
        f"agent awake in one of tau rounds need, in the long run, {_listed(settled)} for tau = 2 on",
        numbers={"drifting": list(map(str, exact)), "settled": settled},
        cases=len(exact) + len(settled),
    )


K_1 = Statement(
    id="argus/staleness-k1",
    paper=PAPER,
    location="Assumption 1(c); Theorem 1, first two bounds on eta",
    kind="bound",
    variant="added",
    sentence="One k_1 serves all tau: what is moved in up to tau rounds is, squared, within tau k_1 of the least movement in one.",
    formula=r"\sum_i \|x_i^t - x_i^{t-k}\|^2 \le \tau k_1 \vartheta,\ 1 \le k \le \tau",
    because="At constant speed the square grows with tau^2, so that k_1 >= tau, and the first bound on eta falls as 1/tau^2 and not as 1/tau. Awake or asleep does not matter. For "
    "the accuracy, on which k_1 depends as well, see argus/k1-constant.",
    about=("argus",),
    check=_check_k_1,
    expected=Verdict.REFUTED,
)
