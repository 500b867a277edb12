"""Runs on random policy-evaluation problems, shared by the checks of this folder.

Section 6 prints |S| = 100, lambda = 1, rings of K = 5, 10, 20 and ten simulations, and defers the features, transitions,
rewards, discount factor and C_1 to a supplement. Chosen here: `random_policy_evaluation` (discount 0.9, features and
rewards uniform in [0, 1], agents' rewards apart by constants) with fewer states, and C_1 = 10.

Why sampling: the noise in the Jacobian enters through the product of u and h. The mean of u h needs the mean of u x,
which needs that of u u h, and so on: the moments do not close. `policy_limit` has their leading order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, wraps
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Model
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.policy_evaluation import PolicyEvaluation, random_policy_evaluation
from spiritlevel.synthetic.transitions import Transitions
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.statement import Check, Context, Finding, Level, Method, Verdict

AGENTS = (5, 10, 20)
MU, C_1 = 1, 10
RULE_6: dict[str, Any] = {"rule": "(6)", "mu": MU, "C_1": C_1}
DSBO: dict[str, Any] = {**RULE_6, "b": 1, "L_g": 1, "mu_g": 1}
"""The yy-Hessian is I: one factor of the Neumann product is exact."""
APART = Fraction(1, 4)
"""Standard deviation of the constants by which agents' rewards differ; that of the rewards themselves is 0.29."""
START = 40
"""First time that is looked at: what is left of x_0 is small from here on (each finding says how small)."""


@dataclass(frozen=True)
class Size:
    """How many random environments, runs on each, features, states, and successors of a state."""

    environments: int
    replicas: int
    p: int
    q: int
    outcomes: int


SIZES: dict[Level, Size] = {"quick": Size(4, 36, 6, 6, 6), "full": Size(4, 64, 6, 10, 10)}


class DivergedError(Exception):
    """A run stopped early."""


def converging(check: Check) -> Check:
    """A check of a rate, which an algorithm that diverges fails."""

    @wraps(check)
    def checked(ctx: Context) -> Finding:
        try:
            return check(ctx)
        except DivergedError as error:
            return Finding(verdict=Verdict.REFUTED, method=Method.RUNS, summary=f"no rate: a run {error}")

    return checked


def environment(k: int, agents: int, size: Size, apart: Any = APART) -> PolicyEvaluation:
    """The k-th random problem; solution and transitions are the same for every number of agents."""
    return random_policy_evaluation(
        seed_of("dsbo/mdp", str(k)), agents, size.p, size.q, outcomes=size.outcomes, heterogeneity=apart
    )


def errors(
    a: Algorithm,
    problem: PolicyEvaluation,
    times: Sequence[int],
    *,
    replicas: int,
    seed: int = 0,
    noise: Model | None = None,
) -> Array:
    """``|xbar_t - x*|^2`` on the ring with weights 1/3, shape ``(R, times)``.

    Raises
    ------
    DivergedError
        If a run stopped early.
    """
    trace = run(
        a,
        problem,
        named(f"ring:{problem.n}", "third"),
        steps=int(times[-1]),
        noise=noise,
        seed=seed,
        replicas=replicas,
        record=times,
        metrics=(),
    )
    if trace.stopped is not None:
        raise DivergedError(trace.stopped)
    x_star = problem.solution()
    assert x_star is not None  # a quadratic has one
    return np.asarray(((trace.x.mean(axis=2) - x_star) ** 2).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class Runs:
    """``|xbar_t - x*|^2`` of K agents on every environment."""

    agents: int
    problems: tuple[PolicyEvaluation, ...]
    t: Array
    error: Array
    """Shape ``(environments, R, times)``."""
    quiet: Array
    """Without noise, at `START`, shape ``(environments,)``."""

    def at(self, times: Sequence[int]) -> Array:
        """Errors at some of the times, runs of all environments together: ``(environments R, times)``."""
        columns = np.searchsorted(self.t, times)
        return self.error[..., columns].reshape(-1, len(times))

    @property
    def share(self) -> float:
        """What is left of x_0 at `START`, relative to the mean error there, at most over environments."""
        return float((self.quiet / self.error[..., 0].mean(axis=1)).max())


GRID = (50, 60, 71, 84, 100, 119, 141, 168, 200, 238, 283)
LAST = {5: 1132, 10: 800, 20: 800}


def equal_samples(agents: int) -> list[int]:
    """Times at which K agents have drawn the same total numbers of samples, 1000 to 5660, for every K.

    Examples
    --------
    >>> [K * equal_samples(K)[-1] for K in AGENTS]
    [5660, 5660, 5660]
    """
    return [t * 20 // agents for t in GRID]


def spaced(agents: int) -> list[int]:
    """Times from `START` to the last, evenly apart in the logarithm."""
    return [int(t) for t in np.unique(np.geomspace(START, LAST[agents], 25).round())]


@cache
def runs(kind: type[Algorithm], agents: int, level: Level) -> Runs:
    """DSBO by rule (6) for K agents."""
    size = SIZES[level]
    problems = tuple(environment(k, agents, size) for k in range(size.environments))
    times = sorted({*spaced(agents), *equal_samples(agents)})
    a = kind(**DSBO)
    found = [
        errors(
            a,
            problem,
            times,
            replicas=size.replicas,
            seed=seed_of("dsbo/mdp", "transitions", str(agents), str(k)),
            noise=Transitions(),
        )
        for k, problem in enumerate(problems)
    ]
    quiet = [errors(a, problem, [START], replicas=1)[0, 0] for problem in problems]
    return Runs(agents, problems, np.array(times), np.array(found), np.array(quiet))


def sweep(ctx: Context) -> list[Runs]:
    """`runs` for every K."""
    kind = type(ctx.algorithm("dsbo")())
    return [runs(kind, K, ctx.level) for K in AGENTS]
