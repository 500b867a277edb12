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


def uphill_witness(K: int = 1) -> Witness:
    r"""Both (18) and (23) have the mean -1 at every iterate, and the objective 3 h(x) rises.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(uphill_witness(K)).ok for K in (1, 4)]
    [True, True]
    """
    m = K + 1
    slope = "max(-1, min(1, at))"
    return build(
        "slam/thm1-field",
        "Theorem 1, (10a), with (152)",
        "the average of |grad f(x_bar, y*(x_bar))|^2 is O(1/sqrt(nT)), grad f the mean of (18) or (23) as in (152)",
        note="f_1 = h(x), f_2 = h(x) + 4 h(y) with Huber's h are Lipschitz with Lipschitz gradients and >= 0: A1, A4. "
        "g_i = y^2/2 - y (b_i (x - 8) + 8) with b = (3, -1) = -C, so that y* = x at a common x. The objective is 3 h(x), and "
        "(18), which is (23) here, has the mean h'(x) - 2 h'(x). A larger K needs a larger T = 2 (K + 1)^2.",
        given={
            **UNIT,
            "C": [-3, 1],
            "H": [1, 1],
            "x1": [8, 8],
            "y1": [8, 8],
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
            Condition(
                "A1 with C_xy = 3 and constant Hessians, A5 with mu_g = 1; equal Hessians, as Theorem 1 asks",
                "norm2(C) == 10 and max(abs(C)) == 3 and H == ones(2)",
            ),
            _CONNECTED,
            Condition(
                "y* = x: the common solution of the sum of y + C_i (x - 8) - 8 = 0", "mean(C)/mean(H) == -1"
            ),
            Condition("root is sqrt(nT)", "root**2 == 2*T and root > 0"),
            _STEPS,
        ),
        iterate=(
            _iteration(
                2 * m * m,
                (
                    ("fx", "max(-1, min(1, x[0]))*e0 + max(-1, min(1, x[1]))*e1"),
                    ("fy", "4*max(-1, min(1, y[1]))*e1"),
                ),
                "H*y + C*(x - 8*ones(2)) - 8*ones(2)",
                (("field", f"{slope} - 4*C[1]*{slope}/(2*mean(H))"), ("S", "S + field**2")),
            ),
        ),
        claim=Condition(
            "the average of the squared field over T iterations is at most K/sqrt(nT)", "S/T <= K/root"
        ),
    )


def unequal_witness() -> Witness:
    """Hessians 1 and 3: SLAM rests at x = 3/4 with gradient 7/16; the solution is 2/5.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(unequal_witness()).ok
    True
    """
    return build(
        "slam/kkt-general",
        "Abstract; Section 1",
        "SLAM converges to KKT points of problem (1)",
        note="g_i = H_i y^2/2 - x y, f_i = x^2/2 + (y - d_i)^2/2: outside the Hessian condition of Theorem 1. The state is the only "
        "one at rest; with these step sizes the map contracts to it.",
        given={
            **UNIT,
            "C": [-1, -1],
            "H": [1, 3],
            "d": [2, 0],
            "alpha": 20,
            "beta": 20,
            "gamma": 10,
            "rho": "1/4",
            "x": ["3/4", "3/4"],
            "y": ["3/8", "3/8"],
            "lam": ["7/80", "-7/80"],
            "om": ["3/80", "-3/80"],
        },
        define=(
            ("y2", "y - (H*y + C*x + gamma*om + rho*gamma*(L @ y))/beta"),
            ("om2", "om + rho/gamma*(L @ y2)"),
            ("fy", "y2 - d"),
            ("x2", "x - (x - C*(fy[0]/H[0]*e0 + fy[1]/H[1]*e1) + gamma*lam + rho*gamma*(L @ x))/alpha"),
            ("lam2", "lam + rho/gamma*(L @ x2)"),
        ),
        assume=(
            Condition("A5 with mu_g = 1", "min(H) >= 1"),
            _CONNECTED,
            Condition("SLAM is at rest", "x2 == x and y2 == y and lam2 == lam and om2 == om"),
            Condition("multipliers A' lambda, A' omega sum to 0", "sum(lam) == 0 and sum(om) == 0"),
        ),
        claim=Condition(
            "x is a stationary point of (1): x + mean(y - d)/mean(H) = 0",
            "x[0] - mean(C)*mean(y - d)/mean(H) == 0",
        ),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        resting_witness(),
        resting_witness("slam/kkt-limit"),
        uphill_witness(),
        unequal_witness(),
    )
