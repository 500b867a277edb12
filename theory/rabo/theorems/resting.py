"""Points where RABO rests although the gradient of Phi is not 0, as witnesses against (26)."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.rabo.theorems.bent import A_1, KAPPA, C, D, X, Y
from spiritlevel.theory.rabo.theorems.bound_text import STILL, bound_witness
from spiritlevel.theory.rabo.theorems.exact import exact_problem
from spiritlevel.theory.witness import Assignments, Condition, Witness

CLAIM = "under Assumptions 1 to 5 and Theorem 1's conditions the average of ||grad_K Phi||^2 is at most (26)"
REST = Condition("RABO rests there (with either sign in (6))", "x_next == x and y_next == y")
BENT_DEFINE: Assignments = (
    ("psi_1", "y/root"),
    ("h_1", "1 + a_1/root**3"),
    ("h_2", "1"),
    ("f_x", "kappa*max(-1, min(1, x - d))"),
    ("f_y", "max(-1, min(1, y - c))"),
    ("x_next", "x - alpha*((f_x + f_y/h_1) + (f_x + f_y/h_2))/2"),
    ("y_next", "y - beta*((y + a_1*psi_1 - x) + (y - x))/2"),
    ("left", "(f_x + f_y/((h_1 + h_2)/2))**2"),
    ("x_2", "x**2"),
    ("y_2", "y**2"),
)
BENT_ASSUME = (
    Condition("root is sqrt(1 + y^2), so that psi' = y/root and psi'' = 1/root^3", "root**2 == 1 + y**2 and root > 0"),
    Condition(
        "f_i = kappa h(x - d) + h(y - c), h Huber's: its gradient is at most kappa + 1, its Hessian at most max(kappa, 1)",
        "l_f0 >= kappa + 1 and l_f1 >= max(kappa, 1)",
    ),
    Condition(
        "g_i = y^2/2 + a_i psi(y) - x y, a_2 = 0: the Hessian of the joint gradient is at most 2 + a_1 in norm",
        "a_1 >= 0 and mu_g <= 1 and l_g1 >= 2 + a_1",
    ),
    Condition(
        "|psi'''| = 3|y|/(1 + y^2)^(5/2) is at most 1, as (1+t)^5 >= 1 + 5t + 10t^2 > 9t: 1 - 4t + 10t^2 has no root",
        "l_g2 >= a_1 and 4**2 < 4*10",
    ),
    Condition("A4, (17): |psi'| < 1, so that the two gradients are a_1/2 from their mean", "delta_g2 >= (a_1/2)**2"),
    Condition(
        "A4, (16): plain gradients of f are equal; local hypergradients, their mean and that of the means differ by |f_y| |1/h_1 - 1/h_2| < 1",
        "delta_f2 >= 1",
    ),
    Condition("both clients hold everything", "N == 2 and C_x == N and C_y == N and w1_2 == 0 and w2_2 == 0"),
    REST,
    STILL,
)  # fmt: skip
BENT_GIVEN = {
    "N": 2, "C_x": 2, "C_y": 2, "Q": 1, "Delta": 0, "w1_2": 0, "w2_2": 0, "delta_f2": 1, "delta_g2": (A_1 / 2) ** 2,
    "mu_g": 1, "l_g1": A_1 + 2, "l_g2": A_1, "l_f0": KAPPA + 1, "l_f1": KAPPA, "a_1": A_1, "kappa": KAPPA, "d": D, "c": C,
    "x": X, "y": Y, "root": "5/4",
}  # fmt: skip


def local_witness() -> Witness:
    """Two clients with full masks whose lower levels differ in curvature: (7) with local derivatives is not 0 in the mean.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(local_witness()).ok
    True
    """
    return bound_witness(
        "rabo/thm1-bound",
        CLAIM,
        "Full masks, T = 1, no noise: Phi of (1) and of (2) are the same. delta_f covers all readings of (16).",
        {**BENT_GIVEN, "alpha": "1/10000000", "beta": "1/10000000"},
        BENT_DEFINE,
        BENT_ASSUME,
    )


HALF, TINY = Fraction(1, 2), Fraction(1, 10000)


def alone() -> Bilevel:
    """``f = h(x -+ 1/2)``, ``g = y^2/2``, and only the first client holds x: it rests at its own minimum, 1/2."""
    forms = [[(1, [1], [0], "1/2")], [(1, [1], [0], "-1/2")]]
    return exact_problem("alone", n=2, H=[[1]], B=[[0]], c=[0], forms=forms, x0=["1/2"])


def alone_witness() -> Witness:
    """Only one of two clients holds x."""
    return bound_witness(
        "rabo/thm1-bound-coverage",
        CLAIM,
        "f_1 = h(x - d), f_2 = h(x + d) with Huber's h, g = y^2/2, only client 1 holds x; Phi is that of (1).",
        {"N": 2, "C_x": 1, "C_y": 2, "Q": 1, "Delta": 0, "w1_2": 1, "w2_2": 0, "delta_f2": "1/4", "delta_g2": 0,
         "mu_g": 1, "l_g1": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "alpha": TINY, "beta": TINY, "d": HALF, "x": HALF, "y": 0},
        (
            ("x_next", "x - alpha*max(-1, min(1, x - d))"),
            ("y_next", "y - beta*y"),
            ("left", "((max(-1, min(1, x - d)) + max(-1, min(1, x + d)))/2)**2"),
            ("x_2", "x**2"),
            ("y_2", "y**2"),
        ),
        (
            Condition("|h'| <= 1, 0 <= h'' <= 1, and g = y^2/2", "l_f0 >= 1 and l_f1 >= 1 and mu_g == 1 and l_g1 >= 1 and l_g2 >= 0"),
            Condition("A4: h'(x - d) and h'(x + d) differ by 2d at most; g is common", "delta_f2 >= d**2 and delta_g2 >= 0"),
            Condition("A5 with w_1 = 1, w_2 = 0; x is held by one client, y by both", "w1_2 == 1 and w2_2 == 0 and C_x == 1 and C_y == N"),
            REST,
            STILL,
        ),
    )  # fmt: skip


def pruned() -> Bilevel:
    """``f = h(y - 1/2)``, ``g = (y - x_1 - x_2)^2/2`` for both clients; client i holds x_i and y."""
    forms = [(1, [0, 0], [1], "1/2")]
    return exact_problem(
        "pruned", n=2, H=[[1]], B=[[1, 1]], c=[0], forms=forms, x0=["1/2", "1/2"], y0=["1/2"]
    )


def pruned_witness() -> Witness:
    """Equal clients that hold a coordinate of x each: y follows the mean of their inputs, y* the sum."""
    return bound_witness(
        "rabo/thm1-bound-pruned",
        CLAIM,
        "f = h(y - c) with Huber's h, g = (y - x_1 - x_2)^2/2 for both clients, client i holds x_i and y; Phi is that of (1).",
        {"N": 2, "C_x": 1, "C_y": 2, "Q": 1, "Delta": 0, "w1_2": "1/2", "w2_2": 0, "delta_f2": 0, "delta_g2": 0, "mu_g": 1, "l_g1": 3,
         "l_g2": 0, "l_f0": 1, "l_f1": 1, "alpha": TINY, "beta": TINY, "c": HALF, "x": [HALF, HALF], "y": HALF,
         "J": [[1, 1, -1], [1, 1, -1], [-1, -1, 1]]},
        (
            ("slope", "max(-1, min(1, y - c))"),
            ("x_next", "x - alpha*slope*ones(2)"),
            ("y_next", "y - beta*((y - x[0]) + (y - x[1]))/2"),
            ("star", "x[0] + x[1]"),
            ("left", "2*max(-1, min(1, star - c))**2"),
            ("x_2", "norm2(x)"),
            ("y_2", "y**2"),
        ),
        (
            Condition("J is the Hessian of g in (x, y), of norm l_g1 at most", "psd(l_g1*eye(3) - J) and psd(l_g1*eye(3) + J) and J[2, 2] >= mu_g"),
            Condition("|h'| <= 1, 0 <= h'' <= 1", "l_f0 >= 1 and l_f1 >= 1"),
            Condition("A5: either client loses half of the square of x, nothing of y", "x[0]**2 <= w1_2*x_2 and x[1]**2 <= w1_2*x_2 and w2_2 == 0"),
            REST,
            STILL,
        ),
    )  # fmt: skip


def halved() -> Bilevel:
    """``f = h(x) + h(y_1 - 1) + h(y_2 - 1)``, ``g = |y - (x, x)|^2/2`` for both clients; client i holds x and y_i."""
    forms = [(1, [1], [0, 0], 0), (1, [0], [1, 0], 1), (1, [0], [0, 1], 1)]
    eye = [[1, 0], [0, 1]]
    return exact_problem(
        "halved", n=2, H=eye, B=[[1], [1]], c=[0, 0], forms=forms, x0=["1/2"], y0=["1/2", "1/2"]
    )


def halved_witness() -> Witness:
    """Equal clients that all hold x and one coordinate of y each: the mean of (7) has half of the implicit part."""
    return bound_witness(
        "rabo/thm1-bound-inner",
        CLAIM,
        "f = h(x) + h(y_1 - 1) + h(y_2 - 1) with Huber's h, g = |y - (x, x)|^2/2, client i holds x and y_i; (7) of the submodel; Phi is that of (1).",
        {"N": 2, "C_x": 2, "C_y": 1, "Q": 1, "Delta": 0, "w1_2": 0, "w2_2": "1/2", "delta_f2": 0, "delta_g2": 0, "mu_g": 1, "l_g1": 3,
         "l_g2": 0, "l_f0": 2, "l_f1": 1, "alpha": TINY, "beta": TINY, "x": HALF, "y": [HALF, HALF],
         "J": [[2, -1, -1], [-1, 1, 0], [-1, 0, 1]]},
        (
            ("f_x", "max(-1, min(1, x))"),
            ("x_next", "x - alpha*((f_x + max(-1, min(1, y[0] - 1))) + (f_x + max(-1, min(1, y[1] - 1))))/2"),
            ("y_next", "y - beta*(y - x*ones(2))"),
            ("left", "(f_x + 2*max(-1, min(1, x - 1)))**2"),
            ("x_2", "x**2"),
            ("y_2", "norm2(y)"),
        ),
        (
            Condition("J is the Hessian of g in (x, y), of norm l_g1 at most", "psd(l_g1*eye(3) - J) and psd(l_g1*eye(3) + J) and J[1, 1] >= mu_g"),
            Condition("three slopes of at most 1 in orthogonal directions", "l_f0**2 >= 3 and l_f1 >= 1"),
            Condition("A5: either client loses half of the square of y, nothing of x", "y[0]**2 <= w2_2*y_2 and y[1]**2 <= w2_2*y_2 and w1_2 == 0"),
            REST,
            STILL,
        ),
    )  # fmt: skip
