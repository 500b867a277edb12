r"""Witnesses against Corollary 1 in each of its readings; letters as in `spiritlevel.theory.slam.gradients.witnesses`."""

from __future__ import annotations

from spiritlevel.theory.slam.gradients.witnesses import build
from spiritlevel.theory.witness import Condition, Iteration, Witness


def _corollary(reading: str) -> Witness:
    """SLAM-L at rest from the start, two agents with C = -1, H = 1 and Huber's f; see the two notes."""
    nash = reading == "nash"
    where = {"x": ["1/2", "1/2"], "y": ["1/2", "1/2"], "p": [0, 0], "d": [1, 1]}
    if not nash:
        where = {"x": ["1/2", "-1/2"], "y": [0, 0], "p": ["1/2", "-1/2"], "d": [0, 0]}
    claim = "the derivative of f_1(x_1, y*(x_1, x_2)) in x_1 is 0", "fx[0] - C[0]*fy[0]/sum(H) == 0"
    if not nash:
        claim = (
            "the derivative of f_1(x, y*(x, x)) at x_1 is 0",
            "max(-1, min(1, x[0] - p[0])) + max(-1, min(1, x[0] - mean(p) - d[0])) == 0",
        )
    return build(
        f"slam/cor1-{reading}",
        "Corollary 1",
        "the average of every |grad f_i(x_i, y*(x_i))|^2 vanishes as T grows",
        note="f_i = h(x - p_i) + h(y - d_i) with Huber's h, g_i = y^2/2 - (x - p_i) y: A1-A5, equal Hessians. y*(x_1, x_2) is the mean of "
        "x_i - p_i. From zero multipliers nothing moves, whatever the step sizes.",
        given={**where, "e0": [1, 0], "e1": [0, 1], "C": [-1, -1], "H": [1, 1]},
        define=(
            ("fx", "max(-1, min(1, x[0] - p[0]))*e0 + max(-1, min(1, x[1] - p[1]))*e1"),
            ("fy", "max(-1, min(1, y[0] - d[0]))*e0 + max(-1, min(1, y[1] - d[1]))*e1"),
        ),
        assume=(
            Condition("y is y*(x)", "y[0] == mean(x - p) and y[1] == mean(x - p)"),
            Condition("no agent's y moves", "H*y + C*(x - p) == zeros(2)"),
            Condition("no agent's x moves: (23) is 0", "fx - C*fy/H[0] == zeros(2) and H[0] == H[1]"),
        ),
        claim=Condition(*claim),
    )


def nash_witness() -> Witness:
    """Identical agents: SLAM-L rests at 1/2, where the derivative in the own x is 1/4.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(nash_witness()).ok
    True
    """
    return _corollary("nash")


def apart_witness() -> Witness:
    """Equal lower levels, opposite f: SLAM-L rests at 1/2 and -1/2, where the derivatives along a common x are not 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(apart_witness()).ok
    True
    """
    return _corollary("apart")


def torn_witness(K: int = 1) -> Witness:
    r"""SLAM-L tears two agents apart: (18) is 3/4 in size at every iterate, so that no K/sqrt(T) bounds the average.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(torn_witness(K)).ok for K in (1, 3)]
    [True, True]
    """
    m = 2 * K + 2
    return build(
        "slam/cor1-field-rate",
        "Corollary 1, with (18)",
        "the average of |(18)|^2 at (x_i, y*(x)) is O(n/sqrt(T)) for every agent",
        note="f_i = h(x)/4 + h(c_i'y) with Huber's h, c the rows of D: Lipschitz with Lipschitz gradients and >= 0 (A1, A4). g_i = |y|^2/2 - "
        "y'(e_i (x - s_i) + z), s = (8, -8), z = (4, -4), so that y*(x) = (x_1, x_2)/2; Hessians are I. Rows of Y are the agents' y.",
        given={
            "s": [8, -8],
            "z": [4, -4],
            "D": [[1, 3], [3, 1]],
            "L": [[1, -1], [-1, 1]],
            "K": K,
            "T": m * m,
            "alpha": m,
            "beta": m,
            "gamma": f"{m}/8",
            "rho": 2,
        },
        define=(),
        assume=(
            Condition(
                "Corollary 1: alpha = beta = sqrt(T), rho >= n, tau_g = beta/gamma >= rho sigma_max, no noise",
                "alpha**2 == T and beta == alpha and rho >= 2 and beta/gamma >= 2*rho and gamma > 0",
            ),
            Condition("y*(s) = z", "s/2 == z"),
        ),
        iterate=(
            Iteration(
                text="SLAM-L without noise; S adds up the squares of agent 1's (18) at x^1, .., x^T",
                times=m * m,
                start=(("x", "s"), ("Y", "ones(2, 2) @ diag(z)"), ("Om", "zeros(2, 2)"), ("S", "0")),
                step=(
                    ("field", "max(-1, min(1, x[0]))/4 + max(-1, min(1, dot(D[0], x)/2))"),
                    ("S", "S + field**2"),
                    ("Hg", "Y - ones(2, 2) @ diag(z) - diag(x - s)"),
                    ("Y", "Y - (Hg + gamma*Om + rho*gamma*(L @ Y))/beta"),
                    ("Om", "Om + rho/gamma*(L @ Y)"),
                    ("first", "max(-1, min(1, x[0]))/4 + max(-1, min(1, dot(D[0], Y[0])))"),
                    ("second", "max(-1, min(1, x[1]))/4 + max(-1, min(1, dot(D[1], Y[1])))"),
                    ("x", "x - (first*eye(2)[0] + second*eye(2)[1])/alpha"),
                ),
                show=("x", "S"),
            ),
        ),
        claim=Condition("the average is at most K/sqrt(T)", "S/T <= K/alpha"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return nash_witness(), apart_witness(), torn_witness()
