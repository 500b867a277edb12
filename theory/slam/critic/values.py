"""(206) to (210): the objective three times, the Bellman equation and the policy gradient, on any finite game."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.markov_game import Game, softmax
from spiritlevel.theory.evidence import by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import chance, differentiated, games
from spiritlevel.theory.slam.gradients.means import letters, mean
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

STEP, NEAR = 1e-6, 1e-8
"""Of finite differences: the step, and how near they must come (its square, and 1e-15/step, are well below)."""


def trajectories(made: Game, pi: Array, rewards: Any, r: int, starts: Any) -> tuple[Fraction, list[Fraction]]:
    """The discounted rewards of the first r steps, expected over every trajectory one by one, and the law of s^r."""
    S, gamma = made.states, Fraction(made.discount)
    total, law = Fraction(0), [Fraction(0)] * S
    steps = list(itertools.product(range(made.actions), range(S)))
    for s0, path in itertools.product(range(S), itertools.product(steps, repeat=r)):
        weight, gain, s = starts[s0], Fraction(0), s0
        for k, (a, t) in enumerate(path):
            gain += gamma**k * rewards[s][a]
            weight *= chance(pi, s, a, made.n) * made.transitions[s, a, t]
            s = t
        total += weight * gain
        law[s] += weight
    return total, law


def partial_sums() -> bool:
    r""":math:`(1 - X) \sum_{k<N} X^k = 1 - X^N` for every N, by induction: X stands for gamma P."""
    import sympy

    X, S, Z = letters("X S Z")  # S the sum up to N, Z = X^N; the assumption is S - X S = 1 - Z
    after = sympy.expand((1 - X) * (S + Z)).subs(X * S, S - 1 + Z)
    start = sympy.expand((1 - X) * 1 - (1 - X))
    return bool(sympy.expand(after - (1 - X * Z)) == 0 and start == 0)


def _check_objective(ctx: Context) -> Finding:
    proof, differ, cases = partial_sums(), 0, 0
    for made, pi in games(ctx, ctx.pick(1, 3), ((1, 2), (2, 2))):
        S, gamma, joint = made.states, Fraction(made.discount), made.joint(pi)
        V, J = made.value(joint)[0], made.objective(pi)[0]
        each = [made.value(joint, z)[0] for z in made.rewards]
        for r in range(3):
            parts = [trajectories(made, pi, z, r, made.start) for z in (*made.rewards, made.mean_reward)]
            sums = [
                total + gamma**r * sum((law[s] * v[s] for s in range(S)), Fraction(0))
                for (total, law), v in zip(parts, [*each, V], strict=True)
            ]
            eq206 = sum(sums[:-1], Fraction(0)) / made.n
            differ += (eq206 != J) + (sums[-1] != J)
            cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="expectations are linear in the rewards, and the partial sums telescope for every number of steps, by induction in non-commuting "
        f"symbols; agents' sums over all trajectories of up to two steps plus what is left equal eta'V: {differ} of {2 * cases} differ",
        numbers={"different": differ},
        cases=cases,
    )


OBJECTIVE = Statement(
    id="slam/ac-objective",
    paper=PAPER,
    location="(206) to (208)",
    kind="identity",
    sentence="(206), (207) and (208) are one number: the mean of the agents' discounted rewards, the discounted mean reward, and the value "
    "function averaged over the start.",
    formula=r"\tfrac1n \sum_i E \sum_r \gamma^r R_i(s^r, a^r) = E \sum_r \gamma^r \bar R(s^r, a^r) = E_{s \sim \eta} V_{\pi_\theta}(s)",
    check=_check_objective,
    expected=Verdict.PROVED,
)


def shifted_sums() -> bool:
    """One more step in front: the sum of N + 1 terms is r + X times that of N terms, for N up to 6."""
    import sympy

    X, r = letters("X r")
    sums = [sum((X**k * r for k in range(N)), sympy.Integer(0)) for N in range(8)]
    return all(sympy.expand(sums[N + 1] - (r + X * sums[N])) == 0 for N in range(7))


def _check_bellman(ctx: Context) -> Finding:
    proof, differ, cases = shifted_sums(), 0, 0
    for made, pi in games(ctx, ctx.pick(1, 4)):
        V = made.value(made.joint(pi))[0]
        for s in range(made.states):
            total = Fraction(0)
            for a, t in itertools.product(range(made.actions), range(made.states)):
                gain = made.mean_reward[s, a] + Fraction(made.discount) * V[t]
                total += chance(pi, s, a, made.n) * made.transitions[s, a, t] * gain
            differ += total != V[s]
            cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="a sum of N + 1 terms is the first plus gamma P times a sum of N; as gamma < 1 no two functions satisfy (209). On random games "
        f"with {cases} states in all, expectations over a and s' by loops: {differ} differ",
        numbers={"different": differ},
        cases=cases,
    )


BELLMAN = Statement(
    id="slam/ac-bellman",
    paper=PAPER,
    location="(209)",
    kind="identity",
    sentence="The value function satisfies the Bellman equation, and nothing else does.",
    formula=r"V_{\pi_\theta}(s) = E_{a \sim \pi_\theta, s' \sim P}[\bar R(s, a) + \gamma V_{\pi_\theta}(s')]",
    check=_check_bellman,
    expected=Verdict.PROVED,
)


def resolvent_moves() -> bool:
    r"""From :math:`K V = r`: :math:`dV = K^{-1}(dr - dK\,V)`, which is :math:`K^{-1}(dr + \gamma\, dP\, V)`; any sizes."""
    K, Ki, dK, dr, V = letters("K Ki dK dr V")
    dV = Ki * (dr - dK * V)
    return bool(mean(dK * V + K * dV - dr, {}, {(K, Ki): ()}) == 0)


def scores() -> bool:
    r"""Of softmax over two actions: :math:`\partial \pi_b / \partial \theta_c = \pi_b (1_{b=c} - \pi_c)`."""
    import sympy

    a, b = sympy.symbols("a b", positive=True)  # e^theta_0, e^theta_1: the derivative in theta_0 is a d/da
    p = a / (a + b)
    own, other = a * sympy.diff(p, a) - p * (1 - p), b * sympy.diff(p, b) + p * (1 - p)
    return bool(sympy.cancel(own) == 0 and sympy.cancel(other) == 0)


def finite_differences(made: Game, pi: Array) -> float:
    """How far central differences of J in floats are from the policy gradient, at most."""
    theta, given = np.log(pi.astype(float)), made.over("float")
    exact, found = given.gradient(pi.astype(float)), []
    for k in np.ndindex(theta.shape):
        move = np.zeros(theta.shape)
        move[k] = STEP
        up, down = (float(given.objective(softmax(theta + z))[0]) for z in (move, -move))
        found.append(float(abs((up - down) / (2 * STEP) - exact[k])))
    return largest(found)


def _check_gradient(ctx: Context) -> Finding:
    proof, differ, cases, gaps = resolvent_moves() and scores(), 0, 0, []
    for made, pi in games(ctx, ctx.pick(1, 4)):
        G = made.gradient(pi)[0]
        for i, s in itertools.product(range(made.n), range(made.states)):
            slope, confirmed = differentiated(made, pi, i, s)
            differ += (not confirmed) or G[i, s, 0] != slope or G[i, s, 1] != -slope
            cases += 1
        gaps.append(finite_differences(made, pi))
    gap = largest(gaps)
    return Finding(
        verdict=by_proof(proof, differ > 0 or not gap < NEAR),
        method=Method.SYMBOLIC,
        summary="dV = (I - gamma P)^-1 (dr + gamma dP V) in non-commuting symbols, and d = (1 - gamma) (I - gamma P')^-1 eta; exact derivatives "
        f"from three exact values of J, a Moebius function of each probability: {differ} of {cases} differ; finite differences within {gap:.1e}",
        numbers={"different": differ, "finite_differences": gap, "step": STEP, "tolerance": NEAR},
        cases=cases,
    )


GRADIENT = Statement(
    id="slam/ac-gradient",
    paper=PAPER,
    location="(210)",
    kind="identity",
    sentence="(210), with s from the discounted visitation measure d_theta of the start eta, is the gradient of J.",
    formula=r"\nabla J(\theta) = \tfrac{1}{1-\gamma} E_{s \sim d_\theta, a \sim \pi_\theta, s' \sim P}[(\bar R(s, a) + \gamma V(s')) "
    r"\nabla_\theta \log \pi_\theta(a|s)]",
    check=_check_gradient,
    expected=Verdict.PROVED,
)
