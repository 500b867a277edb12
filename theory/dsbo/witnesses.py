r"""Witnesses against assumptions, step sizes and sentences of the DSBO paper (NeurIPS 2022).

Each function returns exact data in the paper's letters; ``check`` (or ``theory/verify.py``) re-checks them
without rounding. Letters: ``W`` the mixing matrix, ``A`` and ``B`` a lower level
:math:`g(x, y) = y^T A y / 2 - y^T B x`, ``K`` agents, ``T`` iterations.
"""

from __future__ import annotations

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.witness import Condition, Iteration, Witness

__all__ = [
    "beta_witness",
    "channel_witness",
    "contradiction_witness",
    "gamma_witness",
    "privacy_witness",
    "rho_witness",
    "sigmoid_witness",
    "strongly_convex_witness",
    "witnesses",
]


def contradiction_witness(C_g: int = 1000) -> Witness:
    r"""``g = |y|^2/2`` against :math:`E\|\nabla_y g\|^2 \le C_g^2`; any larger ``C_g`` fails one step further out.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(contradiction_witness(C_g)).ok for C_g in (1, 1000, 10**9)]
    [True, True, True]
    """
    return Witness(
        statement="dsbo/assumptions-contradict",
        paper=PAPER,
        location="Assumption 3.4 (i), (iv)",
        claim_text="the gradient of a strongly convex g(x, .) is bounded by C_g at every y",
        note="an instance; the check proves it for all g and C_g",
        given={"mu_g": 1, "C_g": C_g, "A": [[1, 0], [0, 1]], "y": [C_g + 1, 0]},
        define=(("gradient", "A @ y"),),
        assume=(
            Condition("C_g and mu_g are positive", "C_g > 0 and mu_g > 0"),
            Condition("(i): g(x, .) is mu_g-strongly convex", "psd(A - mu_g*eye(2))"),
        ),
        claim=Condition("(iv): |grad_y g|^2 <= C_g^2 at y", "norm2(gradient) <= C_g**2"),
    )


def strongly_convex_witness() -> Witness:
    r"""``F = |x|^2/2`` is strongly convex; its gradient passes the bound :math:`C_f(1 + L_g/\mu_g)`.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(strongly_convex_witness()).ok
    True
    """
    return Witness(
        statement="dsbo/pl-bounded-gradient",
        paper=PAPER,
        location="Assumptions 3.3 (iii) and 5.2, Section 5.2",
        claim_text="a strongly convex F can satisfy the assumptions of Theorem 5.3",
        note="an instance; the check proves it for all strongly convex F and all constants",
        given={"mu": 1, "C_f": 1000, "L_g": 4, "mu_g": 1, "Hessian": [[1]], "x": [5001]},
        define=(("gradient", "Hessian @ x"), ("bound", "C_f*(1 + L_g/mu_g)")),
        assume=(
            Condition(
                "F is mu-strongly convex, with its minimum at 0", "mu > 0 and psd(Hessian - mu*eye(1))"
            ),
            Condition("constants are positive and L_g >= mu_g", "C_f > 0 and mu_g > 0 and L_g >= mu_g"),
        ),
        claim=Condition(
            "|grad F| <= C_f (1 + L_g/mu_g) at x, which 3.3(iii) and 3.4 imply", "norm2(gradient) <= bound**2"
        ),
    )


def gamma_witness(a: int = 4) -> Witness:
    """Rule (6) with ``C_1 = 2`` on ``g = 2 (y - y*)^2``: the errors are 1, -5/3, 5/3, -1 from t = 1 on.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(gamma_witness()).ok, check(gamma_witness(2)).ok
    (True, False)
    """
    return Witness(
        statement="dsbo/gamma-range",
        paper=PAPER,
        location="(6) and Algorithm 1, Step 5",
        claim_text="inner steps by (6) do not increase the distance to the lower solution",
        given={"a": a, "mu_g": a, "L_g": a, "C_1": 2, "e1": 1},
        define=(),
        assume=(
            Condition("g is mu_g-strongly convex and its gradient L_g-Lipschitz", "mu_g <= a and a <= L_g"),
            Condition("C_1 is positive", "C_1 > 0"),
        ),
        iterate=(
            Iteration(
                text="the inner loop's error at fixed x, gamma_t = C_1/(C_1 + t) for t = 1, 2, 3",
                times=3,
                start=(("e", "e1"), ("top", "0")),
                step=(("gamma", "C_1/(C_1 + t)"), ("e", "e - gamma*a*e")),
                measure=(("top", "max(top, abs(e))"),),
                show=("e", "top"),
            ),
        ),
        claim=Condition("no error exceeds the first", "top <= abs(e1)"),
    )


def beta_witness(T: int = 1) -> Witness:
    """Rule (5) with four agents and one iteration: ``beta = 2``.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(beta_witness()).ok, check(beta_witness(4)).ok
    (True, False)
    """
    return Witness(
        statement="dsbo/beta-above-1",
        paper=PAPER,
        location="(5)",
        claim_text="beta_t = sqrt(K/T) is an averaging weight",
        given={"K": 4, "T": T, "beta": 2 if T == 1 else 1},
        define=(),
        assume=(
            Condition("agents and iterations", "K >= 1 and T >= 1"),
            Condition("(5): beta = sqrt(K/T)", "beta > 0 and beta**2 == K/T"),
        ),
        claim=Condition("s is averaged: 0 <= 1 - beta", "1 - beta >= 0"),
    )


def sigmoid_witness() -> Witness:
    """The sigmoid at 0, log 2 and log 4 is 1/2, 2/3 and 4/5: the middle value exceeds the mean of the others.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sigmoid_witness()).ok
    True
    """
    return Witness(
        statement="dsbo/hyper-task",
        paper=PAPER,
        location="(2) and Section 6, hyper-parameter optimisation",
        claim_text="the loss l(z) = 1/(1 + exp(-z)) is convex",
        note="z = log p: equally spaced z have p in geometric progression, and l(z) = p/(1 + p)",
        given={"p": [1, 2, 4]},
        define=(("left", "p[0]/(1 + p[0])"), ("middle", "p[1]/(1 + p[1])"), ("right", "p[2]/(1 + p[2])")),
        assume=(
            Condition("log p[1] is the midpoint of log p[0] and log p[2]", "p[1]**2 == p[0]*p[2]"),
            Condition("p is positive", "min(p) > 0"),
        ),
        claim=Condition("convexity at the midpoint", "middle <= (left + right)/2"),
    )


def channel_witness() -> Witness:
    """A ring of four loses the channel 0-1: the optimum on which all agents agree is no longer stationary.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(channel_witness()).ok
    True
    """
    third = "1/3"
    return Witness(
        statement="dsbo/robust-channel",
        paper=PAPER,
        location="Section 4, feature (3)",
        claim_text="after a channel fails the agents still learn, as long as the network is connected",
        note="Algorithm 1's sums without the failed term and the weights as given. Every agent has the upper "
        "level (x - 1)^2/2, so that s = x - 1 and u q h = 0 at rest.",
        given={
            "W": [
                [third, third, 0, third],
                [third, third, third, 0],
                [0, third, third, third],
                [third, 0, third, third],
            ],
            "V": [
                [third, 0, 0, third],
                [0, third, third, 0],
                [0, third, third, third],
                [third, 0, third, third],
            ],
            "alpha": "1/100",
        },
        define=(("rest", "solve((1 + alpha)*eye(4) - V, alpha*ones(4))"),),
        assume=(
            Condition("3.2: W is symmetric and doubly stochastic", "symmetric(W) and W @ ones(4) == ones(4)"),
            Condition(
                "V is W without the channel 0-1", "symmetric(V) and V[0, 1] == 0 and norm2(W - V) == 2/9"
            ),
            Condition("the network is still connected", "min(positive(V @ V @ V)) == 1"),
            Condition("rest is where the iteration stops", "V @ rest - alpha*(rest - ones(4)) == rest"),
            Condition(
                "the iteration is stable", "pd(eye(4) - (V - alpha*eye(4))) and pd(eye(4) + V - alpha*eye(4))"
            ),
        ),
        claim=Condition("it stops within 1/2 of the common optimum 1", "min(rest) >= 1/2"),
    )


def rho_witness(lazy: int = 0) -> Witness:
    """The ring of Section 6 with three agents has ``W = J``, so ``rho = 0``; not so if it is mixed with I.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(rho_witness()).ok, check(rho_witness(1)).ok
    (True, False)
    """
    rows = [["2/3" if lazy and i == j else "1/6" if lazy else "1/3" for j in range(3)] for i in range(3)]
    return Witness(
        statement="dsbo/rho-range",
        paper=PAPER,
        location="Assumption 3.2 (ii) and Section 6",
        claim_text="the ring with weights 1/3 satisfies 0 < rho = |W - J|^2 < 1",
        given={"W": rows},
        define=(("difference", "W - ones(3, 3)/3"),),
        assume=(
            Condition("weights of a ring of three, where all are neighbours", "symmetric(W) and min(W) > 0"),
            Condition("3.2 (i): doubly stochastic", "W @ ones(3) == ones(3)"),
        ),
        claim=Condition("rho > 0, that is, W is not J", "norm2(difference) > 0"),
    )


def privacy_witness() -> Witness:
    r"""What one agent sends after one step of (6) determines its data point.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(privacy_witness()).ok
    True
    """
    return Witness(
        statement="dsbo/privacy",
        paper=PAPER,
        location="Section 4, feature (1)",
        claim_text="messages do not give the raw data away",
        note="g(x, y; (w, z)) = (w'y - z)^2/2 + |y|^2/2 with one data point (w, z) at the agent; (6) with C_1 = 10 at t = 1, "
        "y_1 = 0 and v_1 = mu_g I as at the start. The receiver knows the weight, the start, how many points the agent holds and "
        "the regulariser; a point is determined up to the sign of (w, z), on which the loss does not depend.",
        given={
            "w": [3, -2],
            "z": 5,
            "H": [[10, -6], [-6, 5]],
            "y1": [0, 0],
            "C_1": 10,
            "mu_g": 1,
        },
        define=(
            ("beta", "C_1/(C_1 + 1)"),
            ("sent_y", "y1 - beta*(H @ y1 - z*w)"),
            ("sent_v", "(1 - beta)*mu_g*eye(2) + beta*H"),
            ("Gram", "(sent_v - (1 - beta)*mu_g*eye(2))/beta - eye(2)"),
            ("labelled", "sent_y/beta"),
            ("label2", "norm2(labelled)/(Gram[0, 0] + Gram[1, 1])"),
        ),
        assume=(
            Condition(
                "H is the sample's Hessian w w' + I",
                "H[0, 0] == w[0]**2 + 1 and H[1, 1] == w[1]**2 + 1 and H[0, 1] == w[0]*w[1] and symmetric(H)",
            ),
            Condition("start of Algorithm 1", "norm2(y1) == 0 and mu_g > 0 and C_1 > 0"),
        ),
        claim=Condition(
            "w w', z w and z^2 differ from what a neighbour computes from one message",
            "Gram[0, 0] != w[0]**2 or Gram[0, 1] != w[0]*w[1] or Gram[1, 1] != w[1]**2 "
            "or labelled != z*w or label2 != z**2",
        ),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        contradiction_witness(),
        strongly_convex_witness(),
        gamma_witness(),
        beta_witness(),
        sigmoid_witness(),
        channel_witness(),
        rho_witness(),
        privacy_witness(),
    )
