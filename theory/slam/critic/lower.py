"""(211c) and (211d), tabular: which functions the two lower levels learn."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.critics import Critic, critic_system, minimiser
from spiritlevel.synthetic.markov_game import LAWS, Game, game
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import HALF, chance, games
from spiritlevel.theory.slam.critic.witnesses import critic_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_critic(ctx: Context) -> Finding:
    gaps: dict[str, list[float]] = {law: [] for law in LAWS}
    equal = cases = 0
    for (made, pi), law in itertools.product(games(ctx, ctx.pick(2, 6)), LAWS):
        V, w = made.value(made.joint(pi))[0], minimiser(made, pi, law)[0]
        equal += bool((w == V).all())
        gaps[law].append(float(max(abs(w - V)) / (max(V) - min(V))))
        cases += 1
    largest_gaps = {law: max(found) for law, found in gaps.items()}
    return broken(
        critic_witness(),
        "two states, P = 1/2, R = (1, 0), discount 1/2: the value function is (3/2, 1/2), the minimiser (7/5, 3/5); on "
        f"{cases} random games and laws they agree {equal} times and differ by up to "
        + ", ".join(f"{gap:.2g} ({law})" for law, gap in largest_gaps.items())
        + " of the range of V",
        numbers={"agree": equal, "largest_gap_over_range": largest_gaps},
        cases=1 + cases,
    )


CRITIC = Statement(
    id="slam/ac-critic",
    paper=PAPER,
    location="(211c); below (211)",
    kind="identity",
    variant="added",
    sentence="All that (211c) leaves to be approximated is due to features: with one feature per state its minimiser is the value function.",
    formula=r"w^*(\theta) = V_{\pi_\theta}",
    because="The paper says that (211c) approximates the value function, and not how well. The expected square of a temporal difference holds gamma^2 Var V(s') "
    "besides the squared Bellman error: one sample of s' enters twice. Its minimiser is a smoothed value function.",
    check=_check_critic,
    expected=Verdict.REFUTED,
)


def solves(kind: Critic) -> bool:
    """Whether V solves the system of a critic on two states, in symbols: any transitions, law, reward, discount."""
    import sympy

    p, q, r, t, a, b, g = sympy.symbols("p q r t a b g")
    P = np.array([[p, 1 - p], [q, 1 - q]], dtype=object)
    K = np.eye(2, dtype=int).astype(object) - g * P
    D, R = np.diag([a, b]), np.array([r, t], dtype=object)
    H, right = (D @ K, D @ R) if kind == "td" else (K.T @ D @ K, K.T @ D @ R)
    V = sympy.Matrix(K).adjugate() * sympy.Matrix(R)  # times the determinant of K
    residual = sympy.Matrix(H) * V - sympy.Matrix(K).det() * sympy.Matrix(right)
    return all(sympy.expand(entry) == 0 for entry in residual)


def _repaired(kind: Critic, how: str) -> Any:
    def check(ctx: Context) -> Finding:
        proof, differ, cases = solves(kind), 0, 0
        for (made, pi), law in itertools.product(games(ctx, ctx.pick(1, 4)), LAWS):
            V = made.value(made.joint(pi))[0]
            H, b = critic_system(made, pi, law, kind)
            differ += bool((minimiser(made, pi, law, kind)[0] != V).any())
            differ += bool(((H @ V)[0] != b[0].sum(axis=0) / made.n).any())
            cases += 1
        return Finding(
            verdict=by_proof(proof, differ > 0),
            method=Method.SYMBOLIC,
            summary=f"{how}; on {cases} random games and laws of s {differ} times not so",
            numbers={"different": differ},
            cases=cases,
        )

    return check


CRITIC_TD = Statement(
    id="slam/ac-critic-td",
    paper=PAPER,
    location="(211c)",
    kind="identity",
    variant="repaired",
    repairs="slam/ac-critic",
    sentence="With one feature per state, the value function is the one w at which the agents' mean temporal-difference update vanishes, for every "
    "law that visits all states.",
    formula=r"E\, \varphi(s) (\bar R(s, a) + \gamma \varphi(s')^\top w - \varphi(s)^\top w) = 0 \iff w = V_{\pi_\theta}",
    because="The semi-gradient of (211c), which leaves out the derivative of the target R + gamma w(s'); what actor-critic methods use. It is not the "
    "gradient of a function, so that (211) is no bilevel problem then.",
    check=_repaired(
        "td",
        "D (I - gamma P) w = D r with both factors invertible has the solution V alone (two states in symbols)",
    ),
    expected=Verdict.PROVED,
)

CRITIC_DOUBLE = Statement(
    id="slam/ac-critic-double",
    paper=PAPER,
    location="(211c)",
    kind="identity",
    variant="repaired",
    repairs="slam/ac-critic",
    sentence="With the expectation over a and s' inside the square, and one feature per state, the minimiser of (211c) is the value function.",
    formula=r"\arg\min_w \tfrac1n \sum_i E_s (E_{a, s'}[R_i(s, a) + \gamma w(s') - w(s)])^2 = V_{\pi_\theta}",
    because="The mean squared Bellman error; an unbiased gradient takes two independent samples of (a, s') for one s. It remains a quadratic, so that "
    "(211) stays a bilevel problem.",
    check=_repaired(
        "double", "K'D(Kw - r) vanishes at V alone, where the Bellman error is 0 (two states in symbols)"
    ),
    expected=Verdict.PROVED,
)


def covariances(made: Game, pi: Array, law: Any) -> list[Fraction]:
    """The covariances given s, averaged over s, of where the chain goes and of the target R + gamma V(s'), by loops."""
    S, V = made.states, made.value(made.joint(pi))[0]
    found = [Fraction(0)] * S
    for s in range(S):
        target: dict[int, Fraction] = dict.fromkeys(range(S), Fraction(0))
        arrive: dict[int, Fraction] = dict.fromkeys(range(S), Fraction(0))
        for a, t in itertools.product(range(made.actions), range(S)):
            weight = chance(pi, s, a, made.n) * made.transitions[s, a, t]
            arrive[t] += weight
            target[t] += weight * (made.mean_reward[s, a] + Fraction(made.discount) * V[t])
        mean = sum(target.values(), Fraction(0))
        for t in range(S):
            found[t] += law[s] * (target[t] - arrive[t] * mean)
    return found


def certain(n: int, S: int, rng: np.random.Generator) -> tuple[Game, Array]:
    """A game whose next state depends on s alone, without chance; random rewards and policies."""
    after = rng.permutation(S)
    P = np.zeros((S, 2**n, S), dtype=int)
    P[np.arange(S), :, after] = 1
    rewards = convert(rng.integers(0, 9, (n, S, 2**n)), "fraction") / 8
    odds = convert(rng.integers(1, 5, (1, n, S, 2)), "fraction")
    made = game(P, rewards, [Fraction(1, S)] * S, discount=HALF)
    return made, odds / odds.sum(axis=-1, keepdims=True)


def _check_condition(ctx: Context) -> Finding:
    differ = wrong = cases = 0
    rng = np.random.default_rng(ctx.seed("certain"))
    sure = [certain(n, S, rng) for n, S in ((1, 3), (2, 2), (2, 3))]
    for (made, pi), law in itertools.product([*games(ctx, ctx.pick(1, 4)), *sure], LAWS[1:]):
        V, nu = made.value(made.joint(pi))[0], made.law(law, made.joint(pi))[0]
        H, b = critic_system(made, pi, law)
        spread = covariances(made, pi, nu)
        slope = (H @ V)[0] - b[0].sum(axis=0) / made.n
        differ += bool((slope != 2 * made.gamma * np.array(spread, dtype=object)).any())
        same = bool((inverse(H) @ slope == 0).all())
        wrong += same != (not any(spread))
        cases += 1
    agree = sum(
        bool((minimiser(made, pi, "uniform") == made.value(made.joint(pi))).all()) for made, pi in sure
    )
    return Finding(
        verdict=by_proof(agree == len(sure), differ + wrong > 0),
        method=Method.RATIONAL,
        summary="given s the temporal difference of V has mean 0, so that the gradient of (211c) at V is 2 gamma times the covariance of arriving and "
        f"target; on {cases} games and laws {differ} gradients differ from it, {wrong} minimisers agree with V against it; where the next state is "
        f"certain they agree in {agree} of {len(sure)} games",
        numbers={"different": differ, "against": wrong, "certain_games_that_agree": agree},
        cases=cases,
    )


CONDITION = Statement(
    id="slam/ac-critic-condition",
    paper=PAPER,
    location="(211c)",
    kind="identity",
    variant="added",
    sentence="With one feature per state and a law that visits all states, the value function minimises (211c) exactly if, averaged over s, the state "
    "that follows is uncorrelated with the target R + gamma V(s') given s: for instance if it is certain.",
    formula=r"w^* = V \iff \sum_s \nu(s)\, \mathrm{Cov}(1_{s' = t}, \bar R(s, a) + \gamma V(s') \mid s) = 0 \ \forall t",
    because="Noise in the transitions is what (211c) cannot tell from error of the critic.",
    check=_check_condition,
    expected=Verdict.PROVED,
)


def only_the_mean(n: int) -> bool:
    r""":math:`\frac1n \sum_i (R_i + u)^2 - (\bar R + u)^2` does not hold u."""
    import sympy

    R, u = sympy.symbols(f"R_1:{n + 1}"), sympy.Symbol("u")
    gap = sympy.expand(sum((z + u) ** 2 for z in R) / n - (sum(R) / n + u) ** 2)
    return u not in gap.free_symbols


def mean_target(made: Game, pi: Array, law: Any) -> Array:
    """The right side of (211c)'s system for an agent that has the mean reward, by loops."""
    S, nu = made.states, made.law(law, made.joint(pi))[0]
    found = [Fraction(0)] * S
    for s, a in itertools.product(range(S), range(made.actions)):
        weight = 2 * nu[s] * chance(pi, s, a, made.n) * made.mean_reward[s, a]
        found[s] += weight
        for t in range(S):
            found[t] -= Fraction(made.discount) * weight * made.transitions[s, a, t]
    return np.array(found, dtype=object)


def _check_pooled(ctx: Context) -> Finding:
    proof, differ, cases = all(only_the_mean(n) for n in range(1, 9)), 0, 0
    for (made, pi), law in itertools.product(games(ctx, ctx.pick(1, 4)), LAWS):
        _, b = critic_system(made, pi, law)
        differ += bool((b[0].sum(axis=0) / made.n != mean_target(made, pi, law)).any())
        cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="the mean over agents of (R_i + u)^2 exceeds (mean R + u)^2 by the spread of the rewards, which holds no parameter (1 to 8 agents, "
        f"in symbols); {differ} of {cases} systems on random games differ",
        numbers={"different": differ},
        cases=cases,
    )


POOLED = Statement(
    id="slam/ac-pooled",
    paper=PAPER,
    location="(211c), (211d); 'finite sum structure of the rewards over the network'",
    kind="identity",
    sentence="(211c) and (211d) over the agents' own rewards have the minimisers that they would have with the mean reward for every agent: consensus on w "
    "and phi makes local rewards enough.",
    formula=r"\arg\min \tfrac1n \sum_i E(R_i + u)^2 = \arg\min E(\bar R + u)^2",
    check=_check_pooled,
    expected=Verdict.PROVED,
)


def _check_reward(ctx: Context) -> Finding:
    import sympy

    phi, R, weight = sympy.symbols("phi R nu_pi", positive=True)
    proof = sympy.solve(sympy.diff(weight * (R - phi) ** 2, phi), phi) == [R] and only_the_mean(3)
    differ = cases = 0
    for made, pi in games(ctx, ctx.pick(1, 4)):
        joint, nu = made.joint(pi)[0], made.law("stationary", made.joint(pi))[0]
        for s, a in itertools.product(range(made.states), range(made.actions)):
            # (211d) is sum over (s, a) of nu pi times a square: one parameter, one parabola
            values = [
                nu[s] * joint[s, a] * sum((z - at) ** 2 for z in made.rewards[:, s, a]) / made.n
                for at in (-1, 0, 1)
            ]
            lowest = (values[0] - values[2]) / (2 * (values[0] - 2 * values[1] + values[2]))
            differ += lowest != made.mean_reward[s, a]
            cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="one parabola per state and joint action, weighted by nu(s) pi(a|s) > 0; lowest points from three values each: "
        f"{differ} of {cases} are not the mean reward",
        numbers={"different": differ},
        cases=cases,
    )


REWARD = Statement(
    id="slam/ac-reward",
    paper=PAPER,
    location="(211d); below (211)",
    kind="identity",
    sentence="(211d) approximates the averaged reward: with one feature per state and joint action its minimiser is the mean reward, whatever the policy and "
    "the law of s, wherever they have positive probability.",
    formula=r"\phi^*(\theta)(s, a) = \bar R(s, a)",
    because="A tabular reward model has 2^n S parameters.",
    check=_check_reward,
    expected=Verdict.PROVED,
)
