r"""Witnesses about where SLAM goes: exact runs and states at rest that contradict Theorem 1 in each of its readings.

Letters as in `spiritlevel.theory.slam.gradients.witnesses`; ``lam``, ``om`` are :math:`A^\top \lambda`, :math:`A^\top \omega`.
"""

from __future__ import annotations

from spiritlevel.theory.slam.gradients.witnesses import LOWER, OPPOSED, OPPOSED_UPPER, UNIT, build
from spiritlevel.theory.witness import Assignments, Condition, Iteration, Witness

_CONNECTED = Condition("A2: the Laplacian of two linked agents", "L @ ones(2) == zeros(2) and L[0, 1] < 0")
_STEPS = Condition(
    "Theorem 1: alpha = beta = gamma = 2 sqrt(T/n), tau = 1 >= rho sigma_max, no noise",
    "alpha**2 == 4*T/2 and beta == alpha and gamma == alpha and alpha > 0 and rho > 0 and 1 >= 2*rho",
)


def _iteration(times: int, upper: Assignments, lower: str, measure: Assignments) -> Iteration:
    """SLAM from zero multipliers; ``measure`` sees the means ``at`` of the iterates x^1, .., x^T."""
    return Iteration(
        text="SLAM (5a), (4b), (5b), (4d) without noise; S adds up the squares at x^1, .., x^T",
        times=times,
        start=(
            ("x", "x1"),
            ("y", "y1"),
            ("lam", "zeros(2)"),
            ("om", "zeros(2)"),
            ("S", "0"),
            ("at", "mean(x1)"),
        ),
        step=(
            ("at", "mean(x)"),
            *measure,
            ("y", f"y - ({lower} + gamma*om + rho*gamma*(L @ y))/beta"),
            ("om", "om + rho/gamma*(L @ y)"),
            *upper,
            ("x", "x - (fx - C*fy/H[0] + gamma*lam + rho*gamma*(L @ x))/alpha"),
            ("lam", "lam + rho/gamma*(L @ x)"),
        ),
        show=("at", "S"),
    )


def resting_witness(statement: str = "slam/thm1-true-gradient", K: int = 1) -> Witness:
    r"""SLAM stays at x = 1/2, where the gradient of (1) is 1/2: no multiple of :math:`1/\sqrt{nT}` bounds the average.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(resting_witness(K=K)).ok for K in (1, 10)]
    [True, True]
    """
    m = 2 * K + 1
    limit = Condition("x^T is a stationary point of (1): the gradient h'(x) is 0", "max(-1, min(1, at)) == 0")
    rate = Condition("the average of |grad f|^2 over T iterations is at most K/sqrt(nT)", "S/T <= K/root")
    return build(
        statement,
        "Theorem 1, (10a)",
        "the average of |grad f(x_bar, y*(x_bar))|^2 is O(1/sqrt(nT)), so that limits are KKT points of (1)",
        note="f_i = h(x) + h(y -+ 1/2) with Huber's h is Lipschitz with Lipschitz gradient and >= 0: A1, A4. At a common x y* = 0, "
        "so that the objective is h(x) + 1/8 and its gradient h'(x). Every iteration leaves x and y "
        "where they are, whatever the step sizes. A larger K needs a larger T = 2 (2K + 1)^2.",
        given={
            **OPPOSED,
            "K": K,
            "T": 2 * m * m,
            "root": 2 * m,
            "alpha": 2 * m,
            "beta": 2 * m,
            "gamma": 2 * m,
        }
        | {"rho": "1/4"},
        define=(),
        assume=(
            LOWER,
            _CONNECTED,
            Condition("root is sqrt(nT)", "root**2 == 2*T and root > 0"),
            _STEPS,
        ),
        iterate=(
            _iteration(
                2 * m * m,
                OPPOSED_UPPER,
                "H*y + C*(x - ones(2)/2)",
                (("S", "S + max(-1, min(1, at))**2"),),
            ),
        ),
        claim=limit if statement == "slam/kkt-limit" else rate,
    )


CLIMB_CLAIMS = {
    "slam/thm1-field": ("the average of |(18)|^2, which is (23)", "S/T <= K/root"),
    "slam/thm1-ul-stationarity": (
        "the average of the squared gradient, or that of the squared mean of (18), which is (23)",
        "min(S, G)/T <= K/root",
    ),
    "slam/single-timescale": ("the same, with alpha/beta = 1 for all T", "min(S, G)/T <= K/root"),
    "slam/thm1-ll-optimality-fixed-n": ("the average of |y - y*(x)|^2 over both agents", "E/T <= K/root"),
}
"""What the claim's average is, and the claim: S, G, E add up |(18)|^2, |gradient|^2, |y - y*|^2."""


def uphill_witness(statement: str = "slam/thm1-field", K: int = 1) -> Witness:
    r"""SLAM climbs: (18) and (23) have the mean -1 at every iterate, the gradient of the objective h(x) is 1, and y lags.

    Parameters
    ----------
    statement
        A key of `CLIMB_CLAIMS`.
    K
        Larger ones need larger T = 2 (K + 4)^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(uphill_witness(name, K)).ok for name in CLIMB_CLAIMS for K in (1, 4)]
    [True, True, True, True, True, True, True, True]
    """
    m = K + 4
    average, claim = CLIMB_CLAIMS[statement]
    own = "D[{i}, {i}]*max(-1, min(1, dot(D[{i}], {y})))"
    first, second = (own.format(i=i, y=f"Y[{i}]") for i in (0, 1))
    fields = " + ".join(own.format(i=i, y="ystar") for i in (0, 1))
    slopes = " + ".join(f"(D[{i}, 0] + D[{i}, 1])*max(-1, min(1, dot(D[{i}], ystar)))/2" for i in (0, 1))
    return build(
        statement,
        "Theorem 1, (10)",
        f"{average}, is O(1/sqrt(nT))",
        note="f_i = h(c_i'y) with Huber's h, c the rows of D, are Lipschitz with Lipschitz gradients and >= 0: A1, A4. g_i = |y|^2/2 - "
        "y'(e_i (x - 8) + (4, 4)): Hessians are I, y* = (x, x)/2 at a common x, so that the objective is h(x). Rows of Y are the agents' y. "
        "A larger K needs a larger T = 2 (K + 4)^2; every later iteration is like these.",
        given={
            "D": [[-1, 3], [3, -1]],
            "L": UNIT["L"],
            "K": K,
            "T": 2 * m * m,
            "root": 2 * m,
            "alpha": 2 * m,
            "beta": 2 * m,
            "gamma": 2 * m,
            "rho": "1/4",
        },
        define=(),
        assume=(
            _CONNECTED,
            Condition("root is sqrt(nT)", "root**2 == 2*T and root > 0"),
            _STEPS,
            Condition("the objective's forms c_i'y* are x", "D @ ones(2)/2 == ones(2)"),
        ),
        iterate=(
            Iteration(
                text="SLAM (5a), (4b), (5b), (4d) without noise; S, G, E add up |(18)|^2, |gradient|^2 at the mean of x, and |y - y*|^2",
                times=2 * m * m,
                start=(
                    ("x", "8*ones(2)"),
                    ("Y", "4*ones(2, 2)"),
                    ("lam", "zeros(2)"),
                    ("Om", "zeros(2, 2)"),
                    ("S", "0"),
                    ("G", "0"),
                    ("E", "0"),
                ),
                step=(
                    ("ystar", "mean(x)*ones(2)/2"),
                    ("S", f"S + (({fields})/2)**2"),
                    ("G", f"G + (({slopes})/2)**2"),
                    ("E", "E + norm2(Y[0] - ystar) + norm2(Y[1] - ystar)"),
                    ("Hg", "Y - 4*ones(2, 2) - diag(x - 8*ones(2))"),
                    ("Y", "Y - (Hg + gamma*Om + rho*gamma*(L @ Y))/beta"),
                    ("Om", "Om + rho/gamma*(L @ Y)"),
                    ("hf", f"{first}*eye(2)[0] + {second}*eye(2)[1]"),
                    ("x", "x - (hf + gamma*lam + rho*gamma*(L @ x))/alpha"),
                    ("lam", "lam + rho/gamma*(L @ x)"),
                ),
                show=("x", "S", "G", "E"),
            ),
        ),
        claim=Condition(f"{average}, is at most K/sqrt(nT)", claim),
    )


def stuck_witness() -> Witness:
    """Hessians 1 and 3 under Huber's function: from zero multipliers nothing moves at x = 0, where the gradient is 1/8.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(stuck_witness()).ok
    True
    """
    return build(
        "slam/kkt-general",
        "Abstract; Section 1",
        "SLAM converges to KKT points of problem (1)",
        note="g_i = H_i y^2/2 - x y, f_1 = h(x + 1/2) + h(y - 1/2), f_2 = h(x) + h(y) with Huber's h: A1-A5, outside the Hessian condition of "
        "Theorem 1. Every iteration leaves x and y where they are, whatever the step sizes.",
        given={
            **UNIT,
            "C": [-1, -1],
            "H": [1, 3],
            "p": ["-1/2", 0],
            "d": ["1/2", 0],
            "x": [0, 0],
            "y": [0, 0],
        },
        define=(
            ("fx", "max(-1, min(1, x[0] - p[0]))*e0 + max(-1, min(1, x[1] - p[1]))*e1"),
            ("fy", "max(-1, min(1, y[0] - d[0]))*e0 + max(-1, min(1, y[1] - d[1]))*e1"),
        ),
        assume=(
            Condition("A5 with mu_g = 1", "min(H) >= 1"),
            Condition("y is y*(x)", "y[0] == -mean(C*x)/mean(H) and y[1] == y[0] and x[0] == x[1]"),
            Condition("no agent's y moves", "H*y + C*x == zeros(2)"),
            Condition(
                "no agent's x moves: (23) is 0",
                "fx[0] - C[0]*fy[0]/H[0] == 0 and fx[1] - C[1]*fy[1]/H[1] == 0",
            ),
        ),
        claim=Condition(
            "x is a stationary point of (1): the gradient is 0", "mean(fx) - mean(C)*mean(fy)/mean(H) == 0"
        ),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        resting_witness(),
        resting_witness("slam/kkt-limit"),
        *(uphill_witness(name) for name in CLIMB_CLAIMS),
        stuck_witness(),
    )
