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


TEAR_CLAIMS = {
    "slam/cor1-field-rate": ("the average of |(18)|^2 at (x_1, y*(x))", "S/T <= K/alpha"),
    "slam/cor1-ul": (
        "the average, for agent 1, of |(18)|^2, of the squared derivative of f_1 in its own x_1, or of that with all at x_1",
        "min(S, O, P)/T <= K/alpha",
    ),
    "slam/cor1-ll-fixed-n": ("the average of |y - y*(x)|^2 over both agents", "E/T <= K/alpha"),
}
"""What the claim's average is, and the claim: S, O, P, E add up the squares of (18), own, common derivative, and |y - y*|^2."""


def torn_witness(statement: str = "slam/cor1-field-rate", K: int = 1) -> Witness:
    r"""SLAM-L tears two agents apart: (18) is 3/4 in size at every iterate, the two derivatives are 1/4 and 9/4, and y lags.

    Parameters
    ----------
    statement
        A key of `TEAR_CLAIMS`.
    K
        Larger ones need larger T, which a file of bounded length need not reach.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(torn_witness(name)).ok for name in TEAR_CLAIMS]
    [True, True, True]
    """
    m = {"slam/cor1-field-rate": 2 * K + 2, "slam/cor1-ul": 16 * K + 1, "slam/cor1-ll-fixed-n": 2 * K + 4}[
        statement
    ]
    average, claim = TEAR_CLAIMS[statement]
    slope = "max(-1, min(1, x[0]))/4"
    return build(
        statement,
        "Corollary 1",
        f"{average}, is O(n/sqrt(T))" if "ll" not in statement else f"{average}, is O(1/sqrt(nT))",
        note="f_i = h(x)/4 + h(c_i'y) with Huber's h, c the rows of D: Lipschitz with Lipschitz gradients and >= 0 (A1, A4). g_i = |y|^2/2 - "
        "y'(e_i (x - s_i) + z), s = (8, -8), z = (4, -4), so that y*(x) = (x_1, x_2)/2; Hessians are I. Rows of Y are the agents' y. Every "
        "later iteration is like these.",
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
                text="SLAM-L without noise; S, O, P add up agent 1's squares at x^1, .., x^T, E |y - y*|^2",
                times=m * m,
                start=(
                    ("x", "s"),
                    ("Y", "ones(2, 2) @ diag(z)"),
                    ("Om", "zeros(2, 2)"),
                    *((name, "0") for name in "SOPE"),
                ),
                step=(
                    ("pull", "max(-1, min(1, dot(D[0], x)/2))"),
                    ("S", f"S + ({slope} + D[0, 0]*pull)**2"),
                    ("O", f"O + ({slope} + D[0, 0]*pull/2)**2"),
                    ("all", "max(-1, min(1, x[0]*sum(D[0])/2))"),
                    ("P", f"P + ({slope} + sum(D[0])*all/2)**2"),
                    ("E", "E + norm2(Y[0] - x/2) + norm2(Y[1] - x/2)"),
                    ("Hg", "Y - ones(2, 2) @ diag(z) - diag(x - s)"),
                    ("Y", "Y - (Hg + gamma*Om + rho*gamma*(L @ Y))/beta"),
                    ("Om", "Om + rho/gamma*(L @ Y)"),
                    ("first", f"{slope} + D[0, 0]*max(-1, min(1, dot(D[0], Y[0])))"),
                    ("second", "max(-1, min(1, x[1]))/4 + D[1, 1]*max(-1, min(1, dot(D[1], Y[1])))"),
                    ("x", "x - (first*eye(2)[0] + second*eye(2)[1])/alpha"),
                ),
                show=("x", *"SOPE"),
            ),
        ),
        claim=Condition("the average is at most K/sqrt(T)", claim),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return nash_witness(), apart_witness(), *(torn_witness(name) for name in TEAR_CLAIMS)
