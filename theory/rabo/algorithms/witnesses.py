"""Witnesses against sentences and displays of Section III.

Each function returns exact data in the paper's letters; ``check`` (or ``theory/verify.py``) re-checks them without
rounding.
"""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.witness import Condition, Iteration, Witness

__all__ = [
    "coverage_witness",
    "jacobian_witness",
    "masked_witness",
    "sampled_witness",
    "sign_witness",
    "special_case_witness",
    "starving_witness",
    "witnesses",
]


def sign_witness() -> Witness:
    """``g = (y - x)^2/2``, T = 2, beta = 1/2: from y = 0 to -3/4, with y* = 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sign_witness()).ok
    True
    """
    return Witness(
        statement="rabo/alg1-server-sign",
        paper=PAPER,
        location="Algorithm 1, lines 6 to 18",
        claim_text="one round brings y nearer to y*(x)",
        note="one client that holds everything",
        given={"x": 1, "y": 0, "beta": "1/2", "T": 2},
        define=(("solution", "x"),),
        assume=(
            Condition("beta lies in (0, 2/L) with L = 1", "0 < beta and beta < 2"),
            Condition("y* minimises (y - x)^2/2", "solution - x == 0"),
        ),
        iterate=(
            Iteration(
                text="line 8",
                times=2,
                start=(("local", "y"),),
                step=(("local", "local - beta*(local - x)"),),
                show=("local",),
            ),
            Iteration(
                text="lines 10 and 18",
                times=1,
                start=(("after", "y"), ("G", "0")),
                step=(("G", "(local - y)/beta"), ("after", "y - beta*G")),
                show=("G", "after"),
            ),
        ),
        claim=Condition("the error does not grow", "abs(after - solution) <= abs(y - solution)"),
    )


def jacobian_witness() -> Witness:
    """``g = (y - x)^2/2``: the printed difference quotient is -1 for every mu, the derivative of y* is 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(jacobian_witness()).ok
    True
    """
    return Witness(
        statement="rabo/alg2-jacobian",
        paper=PAPER,
        location="Algorithm 2, line 5; (10)",
        claim_text="the difference quotient of inner gradients is nearer to the derivative of y* than 0 is",
        given={"x": 2, "y": 5, "mu": "1/1000"},
        define=(
            ("delta", "((y - (x + mu)) - (y - x))/mu"),
            ("derivative", "((x + mu) - x)/mu"),
        ),
        assume=(
            Condition("mu > 0", "mu > 0"),
            Condition("y*(x) = x has the derivative 1", "derivative == 1"),
        ),
        claim=Condition(
            "delta is nearer to the derivative than 0 is", "abs(delta - derivative) < abs(derivative)"
        ),
    )


def coverage_witness() -> Witness:
    """Four clients that hold the first of two coordinates: C* = N, and the second is trained by nobody.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(coverage_witness()).ok
    True
    """
    return Witness(
        statement="rabo/coverage-full",
        paper=PAPER,
        location="Definition 3, Remark 2",
        claim_text="if C_x* = N, all outer parameters are trained by all clients",
        note="K is the set of the coordinates with C > 0; the first alone",
        given={"m": [[1, 0], [1, 0], [1, 0], [1, 0]], "N": 4},
        define=(("C", "sum(m)"), ("trained", "positive(C)")),
        assume=(
            Condition("masks are 0 or 1: entries equal their squares", "norm2(m) == sum(C)"),
            Condition("the minimum over K is N", "C[0] == N and trained == C/N"),
        ),
        claim=Condition("all coordinates are trained by all clients", "min(C) == N"),
    )


def masked_witness() -> Witness:
    """``g = |y|^2/2`` with the second coordinate pruned away: the Hessian in y is singular.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(masked_witness()).ok
    True
    """
    return Witness(
        statement="rabo/masked-convexity",
        paper=PAPER,
        location="(2), Assumption 1",
        claim_text="where g_i is 1-strongly convex in y, so is the pruned g_i of (2) for some mu > 0",
        note="the Hessian of y -> g(y.m) is diag(m) H diag(m); u is a direction along which it is flat",
        given={"H": [[1, 0], [0, 1]], "m": [1, 0], "u": [0, 1]},
        define=(("M", "diag(m)"), ("pruned", "M @ H @ M")),
        assume=(
            Condition("g is 1-strongly convex", "psd(H - eye(2))"),
            Condition("u is not 0", "norm2(u) > 0"),
        ),
        claim=Condition("the pruned function curves along u", "dot(u, pruned @ u) > 0"),
    )


def special_case_witness() -> Witness:
    """Two clients, full masks, T = 1: at rest where the gradient of the objective is c/8.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(special_case_witness()).ok
    True
    """
    return Witness(
        statement="rabo/special-case",
        paper=PAPER,
        location="third contribution; (1), (7)",
        claim_text="with full masks, a point where Algorithm 1 rests is a stationary point of (1)",
        note="g_i = h_i y^2/2 - x y, f_i = (y - c)^2/2 + x^2/2; the sign of (6) does not matter at rest",
        given={
            "h": [1, 3],
            "c": 8,
            "x": 4,
            "y": 2,
            "alpha": "1/10",
            "beta": "1/5",
            "one": [1, 1],
            "inverses": [1, "1/3"],
        },
        define=(
            ("g_y", "y*h - x*one"),
            ("y_new", "y - beta*mean(g_y)"),
            ("D", "x*one + (y_new - c)*inverses"),
            ("x_new", "x - alpha*mean(D)"),
            ("gradient", "x + (x/2 - c)/2"),
        ),
        assume=(
            Condition("the inverses are those of h", "h[0]*inverses[0] == 1 and h[1]*inverses[1] == 1"),
            Condition("y*(x) = x/2: the mean of h is 2", "mean(h) == 2"),
            Condition("the round moves nothing", "x_new == x and y_new == y"),
        ),
        claim=Condition("the gradient of the objective is 0", "gradient == 0"),
    )


def starving_witness() -> Witness:
    """``f = |x - (2, 2)|^2/2``, the larger coordinate is trained: the other stays where it was.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(starving_witness()).ok
    True
    """
    return Witness(
        statement="rabo/importance-starves",
        paper=PAPER,
        location="(3); Section V-A",
        claim_text="with masks by weight importance every coordinate comes near its optimum in the end",
        note="clients of one capacity, 1 of 2 coordinates; all have the same mask",
        given={"x": [1, "1/2"], "optimum": [2, 2], "alpha": "1/2", "larger": [[1, -1], [-1, 1]]},
        define=(),
        assume=(
            Condition("the step size is below 2/L with L = 1", "0 < alpha and alpha < 2"),
            Condition("the first is the larger one", "x[0] > x[1]"),
        ),
        iterate=(
            Iteration(
                text="the coordinate that is larger in size makes a gradient step",
                times=60,
                start=(("z", "x"),),
                step=(("m", "positive(larger @ abs(z))"), ("z", "z - alpha*((z - optimum)*m)")),
                show=("z",),
            ),
        ),
        claim=Condition("the second coordinate has moved", "abs(z[1] - x[1]) > 0"),
    )


def sampled_witness() -> Witness:
    """One of two coordinates, each with probability 1/2: the mean of the sum is half of it.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sampled_witness()).ok
    True
    """
    return Witness(
        statement="rabo/sampled-coordinates",
        paper=PAPER,
        location="Algorithm 2, lines 3 and 7",
        claim_text="with a random sample P of coordinates, line 7's sum is right on average",
        note="a_p = <delta_p, grad_y f>; rows of S are the samples P as 0 and 1, equally likely",
        given={"a": [3, 5], "S": [[1, 0], [0, 1]]},
        define=(("sums", "S @ diag(a)"), ("average", "mean(sums)")),
        assume=(Condition("every coordinate is as likely", "mean(S)[0] == mean(S)[1]"),),
        claim=Condition("the mean is the full sum", "average == a"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return (
        sign_witness(),
        jacobian_witness(),
        coverage_witness(),
        masked_witness(),
        special_case_witness(),
        starving_witness(),
        sampled_witness(),
    )
