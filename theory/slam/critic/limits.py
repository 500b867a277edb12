"""SLAM-AC's lower level at fixed policies, whole runs on random games, and what it is where all or nothing is shared."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.actor_critic import ActorCritic, random_actor_critic
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.critics import critic_system, minimiser
from spiritlevel.synthetic.draws import Draws, gram
from spiritlevel.synthetic.families import quadratic
from spiritlevel.synthetic.markov_game import Game, Law
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import games
from spiritlevel.theory.slam.gradients.limits import at_rest
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

STEPS: dict[str, Any] = {"alpha": 4, "beta": 4, "gamma": 4, "rho": Fraction(3, 10), "common": 1}
"""Stable on two or three agents in a line: the Hessians' eigenvalues are below 4."""


def evaluation(made: Game, pi: Array, law: Law) -> Bilevel:
    """(211c), (211d) at fixed policies as a quadratic problem in ``y_i = (w_i, phi_i)``, and x^2/2 above."""
    H, b = critic_system(made, pi, law)
    weights = (2 * made.law(law, made.joint(pi))[..., None] * made.joint(pi))[0]
    S, q, n = made.states, made.states * (1 + made.actions), made.n
    whole = convert(np.zeros((n, q, q), dtype=int), "fraction")
    whole[:, :S, :S] = H[0]
    rest = np.arange(S, q)
    whole[:, rest, rest] = weights.reshape(-1)
    c = np.concatenate([b[0], (weights * made.rewards).reshape(n, -1)], axis=1)
    nothing = convert(np.zeros((n, q, 1), dtype=int), "fraction")
    return quadratic(
        whole, nothing, c, A=np.full((n, 1, 1), Fraction(1)), shared=True, name="policy evaluation"
    )


def _check_limit(ctx: Context) -> Finding:
    strays, radii, cases = 0, [], 0
    laws: tuple[Law, ...] = ("stationary", "uniform")
    for (made, pi), law in zip(games(ctx, ctx.pick(1, 4), ((2, 2), (2, 3), (3, 2))), laws * 9, strict=False):
        problem, network = evaluation(made, pi, law), named(f"path:{made.n}", exact=True)
        one = np.concatenate([minimiser(made, pi, law)[0], made.mean_reward.reshape(-1)])
        y = np.repeat(one[None], made.n, axis=0)
        found = at_rest(ctx.algorithm("slam-ac")(**STEPS), problem, network, y[:, :1] * 0, y)
        strays += not found.is_limit
        radii.append(found.radius)
        cases += 1
    return Finding(
        verdict=Verdict.SUPPORTED if strays == 0 else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"{cases} random games: all agents at the exact minimiser and the exact mean reward, with multipliers that balance their own rewards, is "
        f"{'at rest' if not strays else f'not the limit in {strays}'}; spectral radius elsewhere up to {largest(radii):.5f}",
        numbers={"not_the_limit": strays, "radius": radii},
        cases=cases,
    )


LIMIT = Statement(
    id="slam/ac-ll-limit",
    paper=PAPER,
    location="(211c), (211d) by (5a), (4b)",
    kind="qualitative",
    variant="added",
    sentence="At fixed policies SLAM-AC's critics and reward models tend to a consensus: the minimiser of (211c), and the mean reward.",
    formula=r"w_i^r \to w^*(\theta), \quad \phi_i^r \to \bar R",
    because="Agents have rewards of their own; the multipliers take up the difference. The limit is not V (slam/ac-critic).",
    about=("slam-ac",),
    check=_check_limit,
    expected=Verdict.SUPPORTED,
)


def blind(seed: int, n: int, p: int, q: int) -> Bilevel:
    """A rational quadratic whose upper level does not see y, as J does not."""
    draws = Draws.of(seed, rational=True)
    H, A = (gram(draws.array(n, k, k)) + draws.eye(k) for k in (q, p))
    return quadratic(
        H, draws.array(n, q, p), draws.array(n, q), A=A, a=draws.array(n, p), shared=True, name="blind"
    )


def followed(make: Callable[..., Algorithm], problem: Bilevel, seed: int, **more: Any) -> list[Any]:
    """Five exact states with additive noise of both levels; equal seeds give equal noise."""
    net = Gossip(named(f"star:{problem.n}", exact=True))
    noise = Additive({"grad_x_f": Fraction(1, 2), "grad_y_g": Fraction(1, 2)}, law="two-point")
    o = Oracle(problem, noise.source(seed, range(2)))
    x, y = (np.repeat(z[None] + Fraction(1, 2), 2, axis=0) for z in problem.start())
    x = x + convert(np.arange(problem.n), "fraction")[:, None]
    a = make(alpha=5, beta=7, gamma=3, rho=Fraction(1, 2), **more).over("fraction")
    states = [a.init(x, y, o, net)]
    for t in range(1, 5):
        states.append(a.step(t, states[-1], o, net))
    return states


def _check_forms(ctx: Context) -> Finding:
    apart: dict[str, int] = {}
    for k in range(ctx.pick(2, 6)):
        n, p, q = 3 + k % 2, 2, 3
        problem = blind(ctx.seed(k), n, p, q)
        for name, common in (("slam-l", 0), ("slam", p)):
            one = followed(ctx.algorithm("slam-ac"), problem, k, common=common)
            two = followed(ctx.algorithm(name), problem, k)
            differ = sum(int((a.x != b.x).sum() + (a.y != b.y).sum()) for a, b in zip(one, two, strict=True))
            apart[name] = apart.get(name, 0) + differ
    return Finding(
        verdict=Verdict.REFUTED if any(apart.values()) else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"{ctx.pick(2, 6)} random quadratics whose f does not hold y, four noisy iterations each: {apart['slam-l']} entries differ from "
        f"SLAM-L's with nothing shared, {apart['slam']} from SLAM's with everything shared",
        numbers={"different": apart},
        cases=2 * ctx.pick(2, 6),
    )


FORMS = Statement(
    id="slam/ac-forms",
    paper=PAPER,
    location="Section 4, 'SLAM with application to the DAC setting, named SLAM-AC'; (8)",
    kind="identity",
    sentence="SLAM-AC is SLAM-L where no part of the actors is shared, and SLAM where all is, with (212) for h_f.",
    because="(212) takes the place of (23): no Hessian is asked for. The two agree with it exactly where the gradient of f in y is 0.",
    about=("slam-ac", "slam-l", "slam"),
    check=_check_forms,
    expected=Verdict.SUPPORTED,
)

RUN: dict[str, Any] = {"alpha": 2.0, "beta": 2.0, "gamma": 10.0, "rho": 0.05, "common": 0}
ITERATIONS, EVERY = 400, 20
AGREE, FOLLOW = 1e-3, 0.05
"""Relative: of critics among themselves at the end, and of their mean to the minimiser of (211c) at the last policies."""


def learning(make: Callable[..., Algorithm], problem: ActorCritic) -> dict[str, Array]:
    """J, disagreement and error of the critics, and both errors of the reward models, over a run; NaN where it stops."""
    S = problem.made.states

    def critics(p: Any, s: Any) -> Array:
        w = s.y[..., :S]
        return abs(w - w.mean(axis=1, keepdims=True)).max(axis=(1, 2)) / abs(w).max(axis=(1, 2))

    def error(p: Any, s: Any) -> Array:
        best = problem.lower_solution(s.x)[:, 0, :S]
        return abs(s.y[..., :S].mean(axis=1) - best).max(axis=1) / abs(best).max(axis=1)

    def reward(p: Any, s: Any) -> Array:
        return abs(s.y[..., S:].mean(axis=1) - problem.made.mean_reward.reshape(-1)).max(axis=1)

    def played(p: Any, s: Any) -> Array:
        weights = problem.made.joint(problem.policies(s.x)).reshape(len(s.x), -1) / S
        return (weights * abs(s.y[..., S:].mean(axis=1) - problem.made.mean_reward.reshape(-1))).sum(axis=1)

    found = {"J": lambda p, s: problem.objective(s.x), "apart": critics, "error": error}
    with np.errstate(over="ignore", invalid="ignore"):
        trace = run(
            make(**RUN),
            problem,
            named(f"ring:{problem.n}"),
            steps=ITERATIONS,
            record=EVERY,
            metrics={**found, "reward": reward, "played": played},
        )
    values = {k: v[0] for k, v in trace.metrics.items()}
    return values if trace.stopped is None else {k: np.append(v, np.nan) for k, v in values.items()}


def _check_learns(ctx: Context) -> Finding:
    runs = []
    for k in range(ctx.pick(2, 8)):
        problem = random_actor_critic(ctx.seed(k), 3, 3, law="uniform", discount=Fraction(3, 4))
        runs.append(learning(ctx.algorithm("slam-ac"), problem))
    last = {
        name: largest(found[name][-1] for found in runs) for name in ("apart", "error", "reward", "played")
    }
    least_gain = -largest(found["J"][0] - found["J"][-1] for found in runs)
    drop = largest(max(-np.diff(found["J"])) for found in runs)
    good = last["apart"] <= AGREE and last["error"] <= FOLLOW and least_gain > 0
    unknown = any(np.isnan(v) for v in (*last.values(), least_gain))
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RUNS,
        summary=f"{len(runs)} random games, 3 agents in a ring, 3 states, {ITERATIONS} iterations without noise: J rises by at least {least_gain:.3f} and falls between looks by "
        f"{max(drop, 0.0):.2g} at most; critics agree to {last['apart']:.1e} and follow the minimiser to {last['error']:.3f}; reward models err by {last['played']:.3f} on "
        f"what is played, but by up to {last['reward']:.2f} on what is not any more"
        if not unknown
        else "a run diverges",
        numbers={
            "end": {} if unknown else last,
            "least_gain": "nan" if unknown else least_gain,
            "agree": AGREE,
            "follow": FOLLOW,
        },
        cases=len(runs),
    )


LEARNS = Statement(
    id="slam/ac-learns",
    paper=PAPER,
    location="Section 4; (211)",
    kind="qualitative",
    variant="added",
    sentence="On random games SLAM-AC's critics come to agree and follow the minimiser of (211c) as the policies change, and J rises.",
    because="What the navigation task shows, without sampling. Rewards of actions that are hardly played are hardly learned (slam/ac-a5), which does not matter for (212).",
    about=("slam-ac",),
    check=_check_learns,
    expected=Verdict.SUPPORTED,
)
