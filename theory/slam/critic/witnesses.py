r"""Witnesses about SLAM-AC. ``g`` is the discount factor, ``P`` the chain under the policy, ``r`` the mean rewards under it.

Policies are softmax over two actions: p of the first means :math:`\partial p / \partial \theta_{s,0} = p(1-p)`.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam.gradients.witnesses import build
from spiritlevel.theory.witness import Condition, Witness

HALVES = [["1/2", "1/2"], ["1/2", "1/2"]]


def critic_witness() -> Witness:
    """(211c) is 1/80 smaller at (7/5, 3/5) than at the value function (3/2, 1/2).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(critic_witness()).ok
    True
    """
    square = "mu[{s}]*P[{s}, {t}]*(r[{s}] + g*{w}[{t}] - {w}[{s}])**2"
    value = {w: " + ".join(square.format(s=s, t=t, w=w) for s in (0, 1) for t in (0, 1)) for w in ("V", "w")}
    return build(
        "slam/ac-critic",
        "(211c)",
        "the minimiser of (211c) is the value function",
        note="Two states that follow each other with probability 1/2 whatever the action, so that their law is (1/2, 1/2), stationary, "
        "uniform and, from a uniform start, discounted. One feature per state. All agents have the reward r(s).",
        given={"P": HALVES, "r": [1, 0], "g": "1/2", "mu": ["1/2", "1/2"], "w": ["7/5", "3/5"]},
        define=(("V", "solve(eye(2) - g*P, r)"), ("at_V", value["V"]), ("at_w", value["w"])),
        assume=(
            Condition(
                "P is a transition matrix with the stationary law mu",
                "P @ ones(2) == ones(2) and mu @ P == mu",
            ),
            Condition("V satisfies the Bellman equation (209)", "V == r + g*(P @ V)"),
        ),
        claim=Condition("no w has a smaller mean squared temporal difference", "at_V <= at_w"),
    )


def ascent_witness(law: str = "stationary") -> Witness:
    """`spiritlevel.theory.slam.critic.instances.walk`: with (211c)'s critic, (212) teaches to stay, although leaving pays.

    Parameters
    ----------
    law
        Of the states in (211c): ``stationary``, ``uniform`` or ``discounted``.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(ascent_witness(law)).ok for law in ("stationary", "uniform", "discounted")]
    [True, True, True]
    """
    laws = {
        "stationary": ("nu @ P == nu and sum(nu) == 1", ["2/7", "2/7", "3/7"]),
        "uniform": ("nu == ones(3)/3", ["1/3", "1/3", "1/3"]),
        "discounted": ("nu == d", ["110/357", "104/357", "143/357"]),
    }
    condition, nu = laws[law]
    return build(
        "slam/ac-ascent",
        "(212) with (211c), (211d)",
        "with the solutions of (211c), (211d) the mean of (212) is a direction of ascent for J",
        note="State 0 pays 1: the agent stays there with probability p, or leaves for states 1 and 2 at random, which pay 0 and 2. Rewards "
        f"depend on s alone. The law of s in (211c) is {law}. Only the policy in state 0 matters, and only its first parameter is shown: "
        "the derivatives in the second are the negatives.",
        given={
            "stay": [1, 0, 0],
            "leave": [0, "1/2", "1/2"],
            "P": [["1/2", "1/4", "1/4"], ["1/2", 0, "1/2"], [0, "1/2", "1/2"]],
            "r": [1, 0, 2],
            "eta": ["1/3", "1/3", "1/3"],
            "g": "3/4",
            "p": "1/2",
            "nu": nu,
        },
        define=(
            ("V", "solve(eye(3) - g*P, r)"),
            ("d", "(1 - g)*solve(eye(3) - g*transpose(P), eta)"),
            ("K", "eye(3) - g*P"),
            ("spread", "g**2*(diag(transpose(P) @ nu) - transpose(P) @ diag(nu) @ P)"),
            ("w", "solve(transpose(K) @ diag(nu) @ K + spread, transpose(K) @ diag(nu) @ r)"),
            ("gradient", "d[0]/(1 - g)*p*(1 - p)*g*(dot(stay, V) - dot(leave, V))"),
            ("estimate", "d[0]/(1 - g)*p*(1 - p)*g*(dot(stay, w) - dot(leave, w))"),
        ),
        assume=(
            Condition(
                "P is the chain of this policy", "P[0] == p*stay + (1 - p)*leave and P @ ones(3) == ones(3)"
            ),
            Condition("V satisfies the Bellman equation (209)", "V == r + g*(P @ V)"),
            Condition(f"nu is the {law} law", condition),
            Condition("(211c) is strictly convex", "pd(transpose(K) @ diag(nu) @ K + spread)"),
            Condition("J is not stationary", "gradient != 0"),
        ),
        claim=Condition("the estimate times the gradient is positive", "estimate*gradient > 0"),
    )


def law_witness() -> Witness:
    """(212) at the states that a long trajectory visits: 9/25 of the gradient here, as mu(0) = 1/5 and d(0) = 5/9.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(law_witness()).ok
    True
    """
    return build(
        "slam/ac-law",
        "(212)",
        "the mean of (212) along a long trajectory is the gradient of J",
        note="State 0 pays 1 for its first action, taken with probability p, and leads to state 1, which pays nothing and leads back with "
        "probability 1/4. Transitions do not depend on actions, so that J is affine in p and its difference quotient is the derivative.",
        given={"P": [[0, 1], ["1/4", "3/4"]], "eta": [1, 0], "g": "1/2", "p": "1/2", "mu": ["1/5", "4/5"]},
        define=(
            ("e0", "eye(2)[0]"),
            ("before", "dot(eta, solve(eye(2) - g*P, p*e0))"),
            ("after", "dot(eta, solve(eye(2) - g*P, (p + 1/4)*e0))"),
            ("gradient", "p*(1 - p)*(after - before)/(1/4)"),
            ("V", "solve(eye(2) - g*P, p*e0)"),
            ("next", "g*dot(P[0], V) - V[0]"),
            ("estimate", "mu[0]/(1 - g)*(p*(1 + next)*(1 - p) - (1 - p)*next*p)"),
        ),
        assume=(
            Condition(
                "mu is the stationary law of P", "P @ ones(2) == ones(2) and mu @ P == mu and sum(mu) == 1"
            ),
            Condition("V satisfies the Bellman equation (209)", "V == p*e0 + g*(P @ V)"),
        ),
        claim=Condition("the mean of (212) under mu is the gradient", "estimate == gradient"),
    )


def special_case_witness() -> Witness:
    """One state, two agents: the first agent's critic is 1 or 1/2, by the second agent's policy alone.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(special_case_witness()).ok
    True
    """
    slope = "2*(g - 1)*({q}*(1 + g*w - w) + (1 - {q})*(g*w - w))"
    return build(
        "slam/ac-special-case",
        "(211) and (8)",
        "agent 1's lower objective in (211c) is a function g_1(theta_1, w_1) of its own policy and critic",
        note="One state; agent 1's reward is 1 if agent 2 takes its first action, with probability q, and 0 otherwise. Agent 1's policy "
        "does not occur, and is the same in both cases.",
        given={"g": "1/2", "q": "1/2", "q_other": "1/4", "w": 1},
        define=(("slope", slope.format(q="q")), ("slope_other", slope.format(q="q_other"))),
        assume=(Condition("w minimises (211c) for agent 1 where agent 2 plays q", "slope == 0"),),
        claim=Condition(
            "it does so for agent 2's other policy, since theta_1 is the same", "slope_other == 0"
        ),
    )


def a5_witness(mu: Any = "1/100") -> Witness:
    """However small mu is, some softmax policy makes (211d) less than mu-strongly convex.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(a5_witness(mu)).ok for mu in (1, "1/1000000")]
    [True, True]
    """
    return build(
        "slam/ac-a5",
        "A5 for (211d)",
        "(211d) is mu-strongly convex in phi for all theta",
        note="One state, one agent, two actions with probabilities p, 1 - p; softmax policies take every p between 0 and 1.",
        given={"mu": mu},
        define=(("p", "mu/4"), ("H", "2*(p*diag(eye(2)[0]) + (1 - p)*diag(eye(2)[1]))")),
        assume=(Condition("p is a probability of softmax", "0 < p and p < 1"),),
        claim=Condition("the Hessian is at least mu", "psd(H - mu*eye(2))"),
    )


def settings_witness() -> Witness:
    """Two agents with g_i = (y - c_i)^2/2, frozen actors: with gamma = 1 and 2 the second iterates differ.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(settings_witness()).ok
    True
    """
    second = "y - (y - c + {g}*(rho/{g}*(L @ y)) + rho*{g}*(L @ y))/beta"
    return build(
        "slam/exp-settings",
        "C.2, C.3",
        "step sizes and rho determine the iterates",
        note="(5a), (4b) from consensus at 0 with zero multipliers: the first iterates do not depend on gamma yet.",
        given={"c": [1, -1], "L": [[1, -1], [-1, 1]], "beta": 1000, "rho": "1/10"},
        define=(("y", "c/beta"), ("one", second.format(g="1")), ("two", second.format(g="2"))),
        assume=(
            Condition("y is the first iterate, for every gamma", "y == zeros(2) - (zeros(2) - c)/beta"),
            Condition("the step size of the critic and rho are those of C.2", "beta == 1000 and rho == 1/10"),
        ),
        claim=Condition("the second iterates agree", "one == two"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        critic_witness(),
        *(ascent_witness(law) for law in ("stationary", "uniform", "discounted")),
        law_witness(),
        special_case_witness(),
        a5_witness(),
        settings_witness(),
    )
