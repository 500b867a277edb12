r"""DSBO's error in policy evaluation to leading order in the noise: a linear recursion, and its limit.

Near rest, deviations of the averages over agents from :math:`x^*, y^* = \Gamma x^* - \bar r, s^* = \lambda x^*,
h^* = y^*/q, u^* = -\Gamma^\top` obey Algorithm 1 with products linearised. With :math:`w = (u - u^*) h^*`,

.. math::
    x' &= x - \alpha (s - w + \Gamma^\top h), \qquad y' = y - \gamma (y - \Gamma x - \nu), \\
    s' &= s - \beta (s - \lambda x), \qquad h' = h - \beta (h - y/q), \qquad w' = w - \beta (w - \omega),

where one transition from state s moves :math:`\nu_s` by what it adds to :math:`\Gamma_s x^* - \bar r_s` and :math:`\omega`
by :math:`-(\Delta\Gamma_s)^\top h_s^*`: the same transition for both. Averages over K agents have a K-th of the covariance.
Left out are products of deviations, and the agents' disagreement: both vanish, relative to what is kept, as t grows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.policy_evaluation import PolicyEvaluation
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.experiments.policy_runs import (
    AGENTS,
    C_1,
    LAST,
    MU,
    Runs,
    converging,
    spaced,
    sweep,
)
from spiritlevel.theory.dsbo.theorems.moments import BOUNDED
from spiritlevel.theory.instruments.statistics import agrees
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, of_test

LATE = 100
"""First time at which the leading order is asked to be all there is."""
EFFECT = 0.35
"""Relative difference of a mean error from its leading order that must be noticed."""
SETTLED = 0.05
"""Relative difference of t times the leading order from its limit, at the last time."""


@dataclass(frozen=True)
class Transition:
    """Mean and noise of what one transition from every state gives, at rest; arrays in floats."""

    Gamma: Array
    """Shape ``(q, p)``."""
    x: Array
    y: Array
    moves: Array
    r""":math:`\Delta \Gamma_s` for every state and successor, shape ``(q, D, p)``."""
    nu: Array
    r""":math:`\nu_s` for every state and successor, shape ``(q, D)``."""


def transition(problem: PolicyEvaluation) -> Transition:
    """At the solution."""
    e, x = problem.environment, problem.solution()
    assert x is not None  # a quadratic has one
    Gamma, gains = e.slopes.mean(axis=1), e.gains.mean(axis=0)
    moves = e.slopes - Gamma[:, None]
    nu = moves @ x - (gains - gains.mean(axis=1, keepdims=True))
    return Transition(Gamma, x, Gamma @ x - gains.mean(axis=1), moves, nu)


def linearised(problem: PolicyEvaluation) -> tuple[Array, Array, Array]:
    """``A, B, Q``: deviations z = (x, y, s, h, w) obey z' = z + alpha A z + beta B z + beta n, with Cov n = Q for one agent."""
    p, q, c = problem.p, problem.q, transition(problem)
    ends = np.cumsum([0, p, q, p, q, p])
    x, y, s, h, w = (slice(a, b) for a, b in itertools.pairwise(ends))
    A, B, Q = (np.zeros((ends[-1], ends[-1])) for _ in range(3))
    A[x, s], A[x, w], A[x, h] = -np.eye(p), np.eye(p), -c.Gamma.T
    B -= np.eye(len(B))
    B[x] = 0
    B[y, x], B[s, x], B[h, y] = c.Gamma, float(problem.environment.weight) * np.eye(p), np.eye(q) / q
    omega = -c.moves * (c.y / q)[:, None, None]
    outcomes = c.nu.shape[1]
    Q[y, y] = np.diag((c.nu**2).mean(axis=1))
    Q[w, w] = np.einsum("sdi,sdj->ij", omega, omega) / outcomes
    Q[y, w] = np.einsum("sd,sdi->si", c.nu, omega) / outcomes
    Q[w, y] = Q[y, w].T
    return A, B, Q


def leading(problem: PolicyEvaluation, steps: int) -> Array:
    """K times the leading order of the mean of ``|xbar_t - x*|^2`` at t = 0..steps under rule (6), without what x_0 leaves."""
    A, B, Q = linearised(problem)
    P, out = np.zeros_like(Q), np.zeros(steps + 1)
    for t in range(steps):
        alpha, beta = 2 / (MU * (C_1 + t)), C_1 / (C_1 + t)
        F = np.eye(len(A)) + alpha * A + beta * B
        P = F @ P @ F.T + beta**2 * Q
        out[t + 1] = np.trace(P[: problem.p, : problem.p])
    return out


def limit(problem: PolicyEvaluation) -> float:
    """The limit of t times `leading`; infinite where the error falls more slowly than 1/t."""
    A, B, Q = linearised(problem)
    G = 2 / MU * A + C_1 * B + np.eye(len(A)) / 2
    if np.linalg.eigvals(G).real.max() >= 0:
        return float("inf")
    return float(np.trace(solve_continuous_lyapunov(G, -(C_1**2) * Q)[: problem.p, : problem.p]))


def _limit_plot(every: list[Runs], curves: Array, limits: Array) -> Plot:
    """K t times the error over its limit, mean over environments and runs, beside its leading order."""
    shown = []
    for r in every:
        times = np.array(spaced(r.agents))
        scaled = r.agents * times * r.at(spaced(r.agents)) / np.repeat(limits, r.error.shape[1])[:, None]
        mean, error = scaled.mean(axis=0), 2 * scaled.std(axis=0) / np.sqrt(len(scaled))
        shown.append(
            Curve(f"runs, K = {r.agents}", times, mean, "points", low=mean - error, high=mean + error)
        )
    t = np.array(spaced(AGENTS[0]))
    t = t[t < curves.shape[1]]
    return Plot(
        title="Policy evaluation, means of runs with two standard errors",
        x_label="iteration t",
        y_label="K t |xbar_t - x*|^2 over its limit",
        curves=(
            *shown,
            Curve("leading order, exact", t, (t * curves[:, t] / limits[:, None]).mean(axis=0)),
            Curve("limit, by a Lyapunov equation", (t[0], t[-1]), (1, 1), "dashed"),
        ),
        log="x",
        caption="Scaled by K t the errors for every K come to one level, which the leading order gives.",
    )


def _check_limit(ctx: Context) -> Finding:
    every = sweep(ctx)
    first = every[0].problems
    limits = np.array([limit(problem) for problem in first])
    curves = np.array([leading(problem, max(LAST.values())) for problem in first])
    short = float(abs(curves[:, -1] * max(LAST.values()) / limits - 1).max())
    columns = []
    for r in every:
        late = [t for t in spaced(r.agents) if t >= LATE]
        expected = np.repeat(curves[:, late], r.error.shape[1], axis=0)
        columns.append((r.agents * r.at(late) / expected).mean(axis=1))
    test = agrees(np.stack(columns, axis=1), 1.0, ctx.alpha, effect=EFFECT)
    means = [float(column.mean()) for column in columns]
    listed = ", ".join(f"{v:.3f} (K = {K})" for K, v in zip(AGENTS, means, strict=True))
    return Finding(
        verdict=of_test(test.verdict) if short <= SETTLED else Verdict.INCONCLUSIVE,
        method=Method.MONTE_CARLO,
        summary=f"K |xbar_t - x*|^2 over the leading order of its mean, averaged over t from {LATE} to {LAST[5]} or {LAST[20]}, on {len(first)} random "
        f"environments: {listed}; {test}. At t = {max(LAST.values())}, t times the leading order is within {short:.1%} of its limits, "
        f"{', '.join(f'{v:.3g}' for v in limits)}",
        numbers={
            "limits of K t E|xbar_t - x*|^2": limits.tolist(),
            "means over the leading order": means,
            "p": test.p,
            "effect": EFFECT,
            "distance from the limit": short,
            "distance allowed": SETTLED,
        },
        figures=(_limit_plot(every, curves, limits),),
        cases=test.size * test.components,
        error_rates={"false_alarm": test.alpha, "power": test.power, "detectable": test.detectable},
        audit=audit(BOUNDED, first[:1]),
    )


LIMIT = Statement(
    id="dsbo/mdp-limit",
    paper=PAPER,
    location="not claimed; Section 6, policy evaluation",
    kind="rate",
    variant="added",
    sentence="In policy evaluation with rule (6), K t E|xbar_t - x*|^2 tends to a number given by a Lyapunov equation in which neither K "
    "nor the network occurs.",
    formula=r"K t\, E\|\bar x_t - x^*\|^2 \to \operatorname{tr} P_{xx}, \quad (G + \tfrac12 I) P + P (G + \tfrac12 I)^\top + C_1^2 Q = 0, "
    r"\quad G = \tfrac2\mu A + C_1 B",
    because="The moments do not close, but their leading order does; so the slope and the flat number of samples are not accidents of a window.",
    assumptions=BOUNDED,
    about=("dsbo",),
    check=converging(_check_limit),
    expected=Verdict.SUPPORTED,
    samples=True,
)
