r"""Witnesses against readings of SLAM's text.

Each function returns exact data in the paper's letters; ``check`` (or ``theory/verify.py``) re-checks them without
rounding. Letters: ``W``, ``V`` the matrices W, W' of (7), ``L`` the Laplacian A'A, ``x`` the agents' iterates in rows.
"""

from __future__ import annotations

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.witness import Condition, Iteration, Witness

__all__ = ["lagrangian_witness", "neighbour_sums_witness", "witnesses", "zero_start_witness"]

_MATRICES = (
    ("L", "transpose(A) @ A"),
    ("tau", "alpha/gamma"),
    ("W", "eye(2) - ((1 + 1/gamma)*rho/(2*tau))*L"),
    ("V", "eye(2) - (rho/tau)*L"),
)


def zero_start_witness() -> Witness:
    """``f_i = (x - 1)^2/2``, started at its minimiser with x^0 = h^0 = 0: 1, 2, 5/2, .., towards 3.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(zero_start_witness()).ok
    True
    """
    return Witness(
        statement="slam/start-zero",
        paper=PAPER,
        location="Algorithm 1 with x^0 = h^0 = 0",
        claim_text="from x^0 = h^0 = 0 Algorithm 1 comes to rest only where the mean gradient is 0",
        note="h_f = x - 1 for both agents, without noise and without a lower level; x comes within 2^-40 of 3",
        given={"A": [[1, -1]], "alpha": 2, "gamma": 1, "rho": "1/4", "x1": [1, 1]},
        define=_MATRICES,
        assume=(
            Condition("the graph is an edge: rows of A sum to 0", "sum(transpose(A)) == zeros(1)"),
            Condition("(39d): tau_f >= rho sigma_max, which is 2 here", "tau >= 2*rho"),
            Condition("x^1 is the minimiser of both f_i", "x1 == ones(2)"),
        ),
        iterate=(
            Iteration(
                text="(6b) with h_f^r = x^r - 1",
                times=41,
                start=(("old", "zeros(2)"), ("h_old", "zeros(2)"), ("x", "x1"), ("moved", "zeros(2)")),
                step=(
                    ("h", "x - ones(2)"),
                    ("new", "2*W @ x - V @ old - (1/alpha)*(h - h_old)"),
                    ("moved", "new - x"),
                    ("old", "x"),
                    ("h_old", "h"),
                    ("x", "new"),
                ),
                show=("x",),
            ),
        ),
        claim=Condition(
            "once it moves less than 2^-30, the mean gradient is below 1",
            "max(abs(moved)) > 1/2**30 or abs(mean(x) - 1) < 1",
        ),
    )


def neighbour_sums_witness() -> Witness:
    """Two agents at their common minimiser: sums without the own copy take them away and to 0, whatever f is.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(neighbour_sums_witness()).ok
    True
    """
    return Witness(
        statement="slam/neighbour-sums",
        paper=PAPER,
        location="Algorithm 1, lines 4 and 5, with N_i the set of neighbouring nodes",
        claim_text="with sums over the neighbours j != i, Algorithm 1 stays at a consensus on the common minimiser",
        note="f_i = (x - 1)^2/2 for both agents, so that h_f = x - 1; x^0 = x^1 and h^0 = h^1 = 0 fits every reading of the start",
        given={"A": [[1, -1]], "alpha": 2, "gamma": 1, "rho": "1/4", "x1": [1, 1]},
        define=(*_MATRICES, ("Wn", "W - diag(diag(W))"), ("Vn", "V - diag(diag(V))")),
        assume=(
            Condition(
                "W and W' are those of (7): rows sum to 1",
                "W @ ones(2) == ones(2) and V @ ones(2) == ones(2)",
            ),
            Condition("(39d): tau_f >= rho sigma_max, which is 2 here", "tau >= 2*rho"),
            Condition("x^1 is the minimiser of both f_i", "x1 == ones(2)"),
            Condition("with the own copy nothing moves", "2*W @ x1 - V @ x1 == x1"),
        ),
        iterate=(
            Iteration(
                text="line 5 with sums over the neighbours",
                times=60,
                start=(("old", "x1"), ("h_old", "zeros(2)"), ("x", "x1")),
                step=(
                    ("h", "x - ones(2)"),
                    ("new", "2*Wn @ x - Vn @ old - (1/alpha)*(h - h_old)"),
                    ("old", "x"),
                    ("h_old", "h"),
                    ("x", "new"),
                ),
                show=("x",),
            ),
        ),
        claim=Condition("x stays away from 0", "abs(mean(x)) > 1/100"),
    )


def lagrangian_witness() -> Witness:
    """Two agents, ``f_i = x_i^2/2``: the gradient of (3) in x_i is half of what (4c) with local gradients uses.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lagrangian_witness()).ok
    True
    """
    return Witness(
        statement="slam/lagrangian",
        paper=PAPER,
        location="(3), (4c), Algorithm 1 line 3",
        claim_text="h_f + gamma A'(lambda + rho A x) is the gradient of (3) where h_f holds the agents' own gradients",
        note="(3) is quadratic here, so that its central difference quotients are exact",
        given={"A": [[1, -1]], "gamma": 3, "rho": 2, "lam": [5], "x": [1, 2], "u": [1, 0]},
        define=(
            ("h", "x"),
            ("used", "h + gamma*(transpose(A) @ (lam + rho*(A @ x)))"),
            ("a", "x + u"),
            ("b", "x - u"),
            ("up", "norm2(a)/4 + gamma*dot(lam, A @ a) + rho*gamma/2*norm2(A @ a)"),
            ("down", "norm2(b)/4 + gamma*dot(lam, A @ b) + rho*gamma/2*norm2(A @ b)"),
        ),
        assume=(Condition("the graph is an edge", "A @ ones(2) == zeros(1)"),),
        claim=Condition(
            "the derivative of (3) in x_1 is the first entry of what (4c) uses", "(up - down)/2 == used[0]"
        ),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return zero_start_witness(), neighbour_sums_witness(), lagrangian_witness()
