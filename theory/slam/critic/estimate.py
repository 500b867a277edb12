"""(212), the policy gradient that an agent can form: what its mean is, under which law of the state."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.critics import plugged_in
from spiritlevel.synthetic.markov_game import Game
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import games, literal_estimate
from spiritlevel.theory.slam.critic.values import scores
from spiritlevel.theory.slam.critic.witnesses import law_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def no_baseline() -> bool:
    r"""Under a product policy a function of s, or of s and the others' actions, times the own score has mean 0.

    With :math:`p = \pi_i(0|s)` the mean of the score in :math:`\theta_{i,s,0}` is :math:`p(1-p) + (1-p)(0-p)`.
    """
    import sympy

    p, base = sympy.symbols("p b")
    return bool(sympy.expand(p * base * (1 - p) + (1 - p) * base * (0 - p)) == 0)


def literal_gradient(made: Game, pi: Array, base: Any) -> Array:
    """The mean of (212) at V, the mean reward and the discounted law, by loops; ``base`` as in `literal_estimate`."""
    joint = made.joint(pi)
    V, d = made.value(joint)[0], made.law("discounted", joint)[0]
    found = literal_estimate(made, pi, d, [V] * made.n, [made.mean_reward] * made.n, base)
    return convert(found, "fraction")


def _check_estimate(ctx: Context) -> Finding:
    proof, differ, misled, cases = scores() and no_baseline(), 0, 0, 0
    for k, (made, pi) in enumerate(games(ctx, ctx.pick(1, 3))):
        G, V = made.gradient(pi)[0], made.value(made.joint(pi))[0]
        rng = np.random.default_rng(ctx.seed("baseline", k))
        other = convert(rng.integers(-8, 9, (made.n, made.states)), "fraction") / 4
        for base in ([V] * made.n, other):
            differ += int((literal_gradient(made, pi, base) != G).sum())
        near = plugged_in(made, pi, "discounted", V[None, None], made.rewards[None])[0]
        misled += made.n > 1 and bool((near != G).any())
        cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="the score has mean 0 given s, so that what is subtracted does not matter, and that of a product policy is the agent's own; on "
        f"{cases} random games, by loops over s, a, s' with two baselines, {differ} entries differ from (210). With an agent's own reward in the "
        f"place of the mean they do on {misled}",
        numbers={"different": differ, "games_where_own_rewards_mislead": misled},
        cases=2 * cases,
    )


ESTIMATE = Statement(
    id="slam/ac-estimate",
    paper=PAPER,
    location="(210), (212)",
    kind="identity",
    sentence="With the mean reward for the reward model, the value function for the critic, and s from d_theta, the mean of (212) is agent i's "
    "part of the policy gradient.",
    formula=r"E_{s \sim d_\theta} (1 - \gamma)^{-1} (\bar R(s, a) + \gamma V(s') - V(s)) \nabla_{\theta_i} \log \pi_{\theta_i}(a_i|s) = "
    r"\nabla_{\theta_i} J(\theta)",
    because="(212) subtracts the value at s, which (210) does not have; that changes the variance, not the mean. Agents see s and all actions.",
    check=_check_estimate,
    expected=Verdict.PROVED,
)


def stationary_estimate(made: Game, pi: Array) -> Array:
    """The mean of (212) at V and the mean reward with s from the stationary law; ``(n, S, 2)``."""
    V = made.value(made.joint(pi))
    return plugged_in(made, pi, "stationary", V[:, None], made.mean_reward[None, None])[0]


def _check_law(ctx: Context) -> Finding:
    sizes, equal = [], 0
    for made, pi in games(ctx, ctx.pick(1, 4)):
        G, along = made.gradient(pi)[0], stationary_estimate(made, pi)
        equal += bool((along == G).all())
        gap = (along - G).astype(float)
        sizes.append(float(np.linalg.norm(gap) / np.linalg.norm(G.astype(float))))
    return broken(
        law_witness(),
        "two states: 9/25 of the gradient, as the chain is in the paying state 1/5 of the time and d_theta gives it 5/9; on "
        f"{len(sizes)} random games from a uniform start the two differ by {min(sizes):.2g} to {max(sizes):.2g} of the gradient's size",
        numbers={"relative_differences": sizes, "equal": equal},
        cases=1 + len(sizes),
    )


LAW = Statement(
    id="slam/ac-law",
    paper=PAPER,
    location="(212)",
    kind="qualitative",
    variant="added",
    sentence="Read along one long trajectory, where (s^r, a^r, s^{r+1}) comes to have the chain's stationary law, the mean of (212), with the exact "
    "value function and mean reward, still is the policy gradient.",
    formula=r"E_{s \sim \mu_\theta} (1 - \gamma)^{-1} (\bar R + \gamma V(s') - V(s)) \nabla_{\theta_i} \log \pi_{\theta_i}(a_i|s) = "
    r"\nabla_{\theta_i} J(\theta)",
    because="(210) wants s from the discounted visitation measure of the start eta; the two agree if eta is the stationary law itself.",
    check=_check_law,
    expected=Verdict.REFUTED,
)


def weights_factor() -> bool:
    """In a tabular policy, the block of state s in the mean of (212) is its probability times what does not hold it."""
    import sympy

    nu, z, t, p = (
        sympy.symbols("nu_0:2"),
        sympy.symbols("z_0:4"),
        sympy.symbols("t_0:8"),
        sympy.symbols("p_0:2"),
    )
    P = np.array(t, dtype=object).reshape(2, 2, 2)
    made = Game(P, np.array(z, dtype=object).reshape(1, 2, 2), np.array(nu, dtype=object), Fraction(1, 2))
    pi = np.array([[[[q, 1 - q] for q in p]]], dtype=object)
    bare = np.array(z, dtype=object).reshape(1, 1, 2, 2)
    weighted = made.scores(np.array(nu, dtype=object)[:, None] * bare, pi)
    plain = np.array(nu, dtype=object)[:, None] * made.scores(bare, pi)
    return all(sympy.expand(a - b) == 0 for a, b in zip(weighted.flat, plain.flat, strict=True))


def _check_ascent(ctx: Context) -> Finding:
    proof, against, cosines = weights_factor(), 0, []
    for made, pi in games(ctx, ctx.pick(1, 4)):
        joint = made.joint(pi)
        G, along = made.gradient(pi)[0], stationary_estimate(made, pi)
        mu, d = (made.law(law, joint)[0][:, None] for law in ("stationary", "discounted"))
        against += bool((d * along != mu * G).any()) or bool((G * along).sum() <= 0)
        a, b = along.astype(float), G.astype(float)
        cosines.append(float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)))
    return Finding(
        verdict=by_proof(proof, against > 0),
        method=Method.SYMBOLIC,
        summary="with parameters of every state's own, the law of s multiplies the block of each state: it is mu(s)/d(s) > 0 times the "
        f"gradient's, in symbols and on {len(cosines)} random games ({against} exceptions); cosines from {min(cosines):.4f}",
        numbers={"cosines": cosines, "exceptions": against},
        cases=len(cosines),
    )


LAW_ASCENT = Statement(
    id="slam/ac-law-ascent",
    paper=PAPER,
    location="(212)",
    kind="qualitative",
    variant="added",
    sentence="For tabular policies the mean of (212) under any law that visits every state, with the exact value function and mean reward, is a "
    "direction of ascent for J, and vanishes only where the policy gradient does.",
    formula=r"\langle E_{s \sim \nu}[\dots], \nabla J \rangle = \sum_s \tfrac{\nu(s)}{d_\theta(s)} \|\nabla_{\theta_s} J\|^2",
    because="What is left of (210) if the law of s is another; policies that share parameters between states are not covered.",
    check=_check_ascent,
    expected=Verdict.PROVED,
)
