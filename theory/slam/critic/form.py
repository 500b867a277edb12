"""What kind of bilevel problem (211) is: whose variables occur where, Hessians, strong convexity."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.critics import critic_system
from spiritlevel.synthetic.markov_game import Game
from spiritlevel.synthetic.matrices import positive_definite, positive_semidefinite
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import chance, games
from spiritlevel.theory.slam.critic.witnesses import a5_witness, special_case_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_special_case(ctx: Context) -> Finding:
    moved = cases = 0
    for made, pi in games(ctx, ctx.pick(1, 3), ((2, 2), (2, 3), (3, 2))):
        other = pi.copy()
        other[:, 1] = (pi[:, 1] + convert([1, 0], "fraction")) / 2
        minimisers = [_own_critic(made, z) for z in (pi, other)]
        moved += bool((minimisers[0] != minimisers[1]).any())
        cases += 1
    return broken(
        special_case_witness(),
        "one state, R_1 paid for agent 2's action: agent 1's critic is 1 where agent 2 plays 1/2 and 1/2 where it plays 1/4; on "
        f"{moved} of {cases} random games agent 1's own critic moves with agent 2's policy",
        numbers={"moved": moved},
        cases=1 + cases,
    )


def _own_critic(made: Game, pi: Array) -> Array:
    """Agent 1's minimiser of its own (211c)."""
    H, b = critic_system(made, pi, "uniform")
    return inverse(H[0]) @ b[0, 0]


SPECIAL_CASE = Statement(
    id="slam/ac-special-case",
    paper=PAPER,
    location="Section 1, 'DAC can be formulated as a special case of problem (1)'; (8), (211)",
    kind="qualitative",
    sentence="The actor-critic problem (211) is an instance of (8): agent i's lower objectives depend on its own theta_i, w_i, phi_i alone.",
    formula=r"g_{i,k}(x_i, y_{i,k}), \quad x_i = \theta_i,\ y_i = (w_i, \phi_i)",
    because="The expectations in (211c), (211d) are under the joint policy of all agents, and so is J, one function of all theta_i that contains neither "
    "w nor phi: (23) of f = -J would be its plain gradient, and the lower level would not matter. Lemma 1 and the proofs use the form (8). Charitable: with a copy of the "
    "joint policy for every agent's x_i, tied by (1b), (211) is a case of (1); but the paper has x_i = theta_i and no consensus there.",
    check=_check_special_case,
    expected=Verdict.REFUTED,
)


def second_differences(made: Game, pi: Array, i: int, base: Any) -> Array:
    """The Hessian of agent i's (211c), uniform law, by loops and differences of values, exact on a quadratic; ``(S, S)``."""
    S, gamma = made.states, Fraction(made.discount)

    def value(w: list[Fraction]) -> Fraction:
        total = Fraction(0)
        for s, a in itertools.product(range(S), range(made.actions)):
            weight = chance(pi, s, a, made.n) / S
            for t in range(S):
                error = made.rewards[i, s, a] + gamma * w[t] - w[s]
                total += weight * made.transitions[s, a, t] * error**2
        return total

    def at(*moves: int) -> Fraction:
        return value([base[s] + moves.count(s) for s in range(S)])

    rows = [[at(s, t) - at(s) - at(t) + at() for t in range(S)] for s in range(S)]
    return np.array(rows, dtype=object)


def free_of_rewards() -> bool:
    """Whether second derivatives of both squares hold neither the reward nor the parameters."""
    import sympy

    w, v, phi, R, g = sympy.symbols("w v phi R g")
    second = [sympy.diff((R + g * v - w) ** 2, a, b) for a in (w, v) for b in (w, v)]
    second.append(sympy.diff((R - phi) ** 2, phi, 2))
    return not any(sympy.expand(z).free_symbols & {w, v, phi, R} for z in second)


def _check_hessians(ctx: Context) -> Finding:
    proof, differ, cases = free_of_rewards(), 0, 0
    for made, pi in games(ctx, ctx.pick(1, 3), ((2, 2), (3, 2))):
        H, _ = critic_system(made, pi, "uniform")
        for i in range(made.n):
            for base in ([0] * made.states, [i + 1] * made.states):
                differ += bool((second_differences(made, pi, i, base) != H[0]).any())
                cases += 1
    return Finding(
        verdict=by_proof(proof, differ > 0),
        method=Method.SYMBOLIC,
        summary="rewards enter the temporal difference linearly, so that the Hessian holds features, transitions and the one joint policy only; exact "
        f"second differences of {cases} agents' objectives at two points each, with policies and rewards of their own: {differ} differ from it",
        numbers={"different": differ},
        cases=cases,
    )


HESSIANS = Statement(
    id="slam/ac-hessians",
    paper=PAPER,
    location="Theorem 1, Corollary 1; (211c), (211d)",
    kind="qualitative",
    variant="added",
    sentence="At every stack of policies theta_1, .., theta_n of the agents' own all agents have one lower-level Hessian, constant in w and phi: (211) meets the "
    "Hessian condition in every reading, with L_g = 0.",
    formula=r"\nabla^2_{yy} g_i(\theta, y_i) = \nabla^2_{yy} g_j(\theta, y_j')\ \forall i, j, y_i, y_j'",
    because="All objectives are expectations under the joint policy. As functions of the own theta_i alone, which (8) asks for, they would not meet "
    "it: see slam/hessian-condition-cor1.",
    check=_check_hessians,
    expected=Verdict.PROVED,
)


def _check_a5(ctx: Context) -> Finding:
    return broken(
        a5_witness(),
        "one state, two actions: the Hessian of (211d) is 2 diag(p, 1 - p), and softmax takes every p > 0; so the reward of an action that is hardly "
        "played is hardly learned",
        numbers={"mu": "1/100"},
    )


A5 = Statement(
    id="slam/ac-a5",
    paper=PAPER,
    location="A5 for (211)",
    kind="qualitative",
    variant="added",
    sentence="A5 holds for (211) with tabular softmax policies: one mu_g > 0 serves all theta.",
    formula=r"\nabla^2_{\phi\phi} g_i(\theta, \cdot) = 2\,\mathrm{diag}(\nu(s)\pi_\theta(a|s)) \succeq \mu_g I\ \forall \theta",
    because="Policies that learn become certain, and the probability of the other actions tends to 0; nor is C_xy of A1 finite, as the mixed derivatives grow "
    "with w.",
    check=_check_a5,
    expected=Verdict.REFUTED,
)


def flows_are_squares(S: int) -> bool:
    r""":math:`\sum_{s,t} F_{st} (w_s - w_t)^2 = w^\top (D_{rows} + D_{columns} - F - F^\top) w` for every matrix F of flows."""
    import sympy

    F = sympy.Matrix(S, S, sympy.symbols(f"F_0:{S * S}"))
    w = sympy.Matrix(sympy.symbols(f"w_0:{S}"))
    ones = sympy.ones(S, 1)
    form = w.T * (sympy.diag(*(F * ones)) + sympy.diag(*(F.T * ones)) - F - F.T) * w
    squares = sum(F[s, t] * (w[s] - w[t]) ** 2 for s in range(S) for t in range(S))
    return bool(sympy.expand(form[0] - squares) == 0)


def _symmetric_part(made: Game, pi: Array, law: Any) -> tuple[Array, Array]:
    H, _ = critic_system(made, pi, law, "td")
    return H[0] + H[0].T, made.law(law, made.joint(pi))[0]


def _check_monotone(ctx: Context) -> Finding:
    proof, against, cases = all(flows_are_squares(S) for S in (2, 3, 4)), 0, 0
    for made, pi in games(ctx, ctx.pick(1, 4)):
        twice, mu = _symmetric_part(made, pi, "stationary")
        least = 4 * (1 - made.gamma) * mu * convert(np.eye(made.states, dtype=int), "fraction")
        against += not positive_semidefinite(twice - least)
        cases += 1
    # both states lead to the first: D (I - gamma P) under the uniform law
    P, D = convert([[1, 0], [1, 0]], "fraction"), convert(np.eye(2, dtype=int), "fraction") / 2
    K = D @ (2 * D - Fraction(9, 10) * P)
    uniform_too = bool(positive_definite(K + K.T))
    return Finding(
        verdict=by_proof(proof and not uniform_too, against > 0),
        method=Method.SYMBOLIC,
        summary="with flows F = D P whose rows and columns sum to the stationary law, 2D - DP - P'D is a sum of squares F_st (w_s - w_t)^2 (2 to 4 "
        f"states, in symbols); {against} of {cases} random games break the bound. Under the uniform law two states that both lead to the first, "
        f"gamma = 9/10, are {'' if uniform_too else 'not '}even monotone",
        numbers={"against": against, "uniform_law_monotone": uniform_too},
        cases=cases,
    )


MONOTONE = Statement(
    id="slam/ac-td-monotone",
    paper=PAPER,
    location="A5 for the semi-gradient of (211c)",
    kind="qualitative",
    variant="added",
    sentence="Under the chain's stationary law the temporal-difference update is strongly monotone in w, with the constant 2 (1 - gamma) times the least "
    "probability of a state.",
    formula=r"\langle 2 D(I - \gamma P) w, w \rangle \ge 2 (1 - \gamma) \textstyle\sum_s \mu(s) w(s)^2",
    because="What A5 becomes for the critic that learns V; under another law it may fail.",
    check=_check_monotone,
    expected=Verdict.PROVED,
)
