"""The actor with the critic of (211c): whether (212) ascends, and what SLAM-AC makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.actor_critic import ActorCritic
from spiritlevel.synthetic.critics import Critic, minimiser, plugged_in
from spiritlevel.synthetic.markov_game import LAWS, Law
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.plots import Curve, Numbers, Plot
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import games, staying, walk
from spiritlevel.theory.slam.critic.lower import solves
from spiritlevel.theory.slam.critic.values import resolvent_moves, scores
from spiritlevel.theory.slam.critic.witnesses import ascent_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def estimated(made: Any, pi: Array, law: Law, critic: Critic) -> Array:
    """The mean of (212), s from d_theta, at the solutions of the lower levels, which take s from ``law``; ``(n, S, 2)``."""
    w = minimiser(made, pi, law, critic)
    return plugged_in(made, pi, "discounted", w[:, None], made.mean_reward[None, None])[0]


def _check_ascent(ctx: Context) -> Finding:
    errors, cosines = [], []
    for (made, pi), law in itertools.product(games(ctx, ctx.pick(4, 24), ((2, 2), (2, 3))), LAWS[:2]):
        given, policy = made.over("float"), pi.astype(float)
        G, B = given.gradient(policy)[0], estimated(given, policy, law, "residual")
        errors.append(float(np.linalg.norm(B - G) / np.linalg.norm(G)))
        cosines.append(float((B * G).sum() / np.linalg.norm(B) / np.linalg.norm(G)))
    made, opposed, tried = walk(), 0, ctx.pick(9, 99)
    for k, law in itertools.product(range(1, tried + 1), LAWS):
        pi = staying(Fraction(k, tried + 1))
        opposed += bool((made.gradient(pi)[0] * estimated(made, pi, law, "residual")).sum() < 0)
    return broken(
        ascent_witness(),
        "stay in a state that pays 1, or leave for states that pay 0 and 2 at random: leaving pays, but the smoothed values of (211c) teach to stay; "
        f"(212) times the gradient is negative for {opposed} of {3 * tried} exact policies and laws. On {len(errors)} random games and laws (212) is off "
        f"by {np.median(errors):.2g} of the gradient in the median, {max(errors):.2g} at most, with cosines from {min(cosines):.3f}",
        numbers={
            "relative_errors": [round(e, 6) for e in errors],
            "least_cosine": min(cosines),
            "opposed_on_the_walk": opposed,
            "tried_on_the_walk": 3 * tried,
        },
        cases=1 + len(errors) + 3 * tried,
    )


ASCENT = Statement(
    id="slam/ac-ascent",
    paper=PAPER,
    location="(212), 'can be explicitly approximated'; (211c), (211d)",
    kind="qualitative",
    variant="added",
    sentence="With the solutions of (211c) and (211d) for critic and reward model, the mean of (212) approximates the policy gradient so well that it is at "
    "least a direction of ascent for J.",
    formula=r"\langle E\,\hat\nabla_\theta J(\theta; w^*(\theta), \phi^*(\theta)), \nabla J(\theta) \rangle > 0",
    because="The paper says 'approximated', and not how well. (211c) punishes transitions to states of unlike values, as noise: its critic undervalues chances. "
    "On most games the error is small, but it does not shrink, and it can turn the sign.",
    check=_check_ascent,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    proof = solves("td") and solves("double") and resolvent_moves() and scores()
    differ = cases = 0
    kinds: tuple[Critic, ...] = ("td", "double")
    for (made, pi), law, kind in itertools.product(games(ctx, ctx.pick(1, 3)), LAWS, kinds):
        differ += bool((estimated(made, pi, law, kind) != made.gradient(pi)[0]).any())
        cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="both critics are V (slam/ac-critic-td, slam/ac-critic-double), and with V the mean of (212) is (210) (slam/ac-estimate); "
        f"{differ} of {cases} estimates on random games and laws differ from the gradient",
        numbers={"different": differ},
        cases=cases,
    )


ASCENT_REPAIRED = Statement(
    id="slam/ac-ascent-repaired",
    paper=PAPER,
    location="(212) with the repaired (211c)",
    kind="identity",
    variant="repaired",
    repairs="slam/ac-ascent",
    sentence="With temporal differences, or two samples per state, in the place of (211c), and one feature per state and joint action, the mean of (212) at the "
    "lower levels' solutions is the policy gradient, whatever law of s the lower levels take.",
    formula=r"E_{s \sim d_\theta}\, \hat\nabla_\theta J(\theta; V_{\pi_\theta}, \bar R) = \nabla J(\theta)",
    because="The bias is the double-sampling term's alone.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)


@dataclass(frozen=True)
class Lesson:
    """A run on `walk`: J before, all along and after, and the probability to stay at the end."""

    J: tuple[float, ...]
    stay: float
    stopped: str | None


STEPS, EVERY = 200, 4
SETTINGS: dict[str, Any] = {"alpha": 1.0, "beta": 2.0, "gamma": 10.0, "rho": 0.09, "common": 0}


def lesson(make: Callable[..., Algorithm], law: Law, critic: Critic) -> Lesson:
    """SLAM-AC on `walk` for two agents, from even policies and the lower levels' solutions, without noise."""
    problem = ActorCritic(walk(2), law, critic)
    x0 = problem.start()[0][None]
    trace = run(
        make(**SETTINGS),
        problem,
        named("path:2"),
        steps=STEPS,
        y0=problem.lower_solution(x0),
        record=EVERY,
        metrics={"J": lambda p, s: problem.objective(s.x)},
    )
    end = problem.policies(trace.x[:, -1])[0, 0, 0, 0]
    return Lesson(tuple(trace.metrics["J"][0].tolist()), float(end), trace.stopped)


def _figure(by_211c: Numbers, by_td: Numbers, never: float, always: float) -> Plot:
    times = [EVERY * k for k in range(len(by_211c))]
    return Plot(
        title="SLAM-AC on the walk",
        x_label="iteration",
        y_label="J",
        curves=(
            Curve("critic by (211c)", times, by_211c),
            Curve("by temporal differences", times, by_td),
            Curve("always leave", times, [never] * len(times), "dashed"),
            Curve("always stay", times, [always] * len(times), "dashed"),
        ),
        caption="Exact expectations, two agents, from even policies: the minimiser of (211c) teaches the worse of two habits.",
    )


def _check_falls(ctx: Context) -> Finding:
    made = walk()
    never, always = (float(made.objective(staying(p))[0]) for p in (0, 1))
    laws: tuple[Law, ...] = ("uniform", "discounted")
    told = {law: lesson(ctx.algorithm("slam-ac"), law, "residual") for law in laws}
    others = {law: lesson(ctx.algorithm("slam-ac"), law, "td") for law in laws}
    whole = all(run.stopped is None for run in (*told.values(), *others.values()))
    falls = all(max(np.diff(run.J)) <= 0 and run.J[-1] < run.J[0] for run in told.values())
    rises = all(run.J[-1] > run.J[0] for run in others.values())
    if not whole or not rises:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.REFUTED if falls else Verdict.SUPPORTED
    first, last = told["uniform"].J[0], {law: run.J[-1] for law, run in told.items()}
    return Finding(
        verdict=verdict,
        method=Method.RUNS,
        summary=f"from even policies J falls in every interval from {first:.4f} to {last['uniform']:.4f} (uniform law) and {last['discounted']:.4f} (discounted) in {STEPS} "
        f"iterations; the least and the most that policies in state 0 can have are {always:.4f} and {never:.4f}. With temporal differences it rises to "
        f"{others['uniform'].J[-1]:.4f}, {others['discounted'].J[-1]:.4f}"
        if verdict is Verdict.REFUTED
        else f"J ends at {last} from {first:.4f}, with temporal differences at {[run.J[-1] for run in others.values()]}; runs whole: {whole}",
        numbers={
            "J_start": first,
            "J_end": last,
            "J_end_td": {law: run.J[-1] for law, run in others.items()},
            "stay_end": {law: run.stay for law, run in told.items()},
            "J_least": always,
            "J_most": never,
        },
        cases=4,
        figures=(_figure(told["uniform"].J, others["uniform"].J, never, always),) if whole else (),
    )


FALLS = Statement(
    id="slam/ac-falls",
    paper=PAPER,
    location="(211), SLAM-AC",
    kind="qualitative",
    variant="added",
    sentence="SLAM-AC with exact expectations, tabular actors, critics and reward models, started at the lower levels' solutions, earns at least what it started with.",
    formula=r"J(\theta^{T+1}) \ge J(\theta^1)",
    because="Without noise, and with all that a tabular model can represent, the actors follow the critic of (211c) to the worst policy.",
    about=("slam-ac",),
    check=_check_falls,
    expected=Verdict.REFUTED,
)
