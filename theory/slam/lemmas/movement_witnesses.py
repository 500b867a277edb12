r"""Witnesses against Lemma 4's part about x: (40a), (43), (44), (48), (49), (59), (60), and its constants."""

from __future__ import annotations

from spiritlevel.theory.slam.lemmas.dual_witnesses import EDGE, L2, witness
from spiritlevel.theory.witness import Assignments, Condition, Iteration, Witness

CONSTANTS: Assignments = (
    ("eta", "(1 + theta)*(1 - rho*low/tau)**2"),
    ("C_x", "2*(1 + 1/theta)/(1 - eta)"),
    (
        "B_x",
        "max(start2, (sigma2*(2 + 2/theta) + n*(L_f0 + sigma2)*(1 - eta))/(n*(2 + 2/theta)*rho**2*high**2))",
    ),
    ("D_x", "4*C_x*sigma2/n + 4*(L_f0 + sigma2) + 2*C_x*rho**2*high**2*B_x"),
)
"""(41a), (43), (41b), with ``start2`` for |x^1|^2."""

STEPS = (
    Condition("(39a)", "alpha_0**2 >= 4*rho**2*high**2*C_x"),
    Condition("(39b)", "beta_0 >= 1/mu_g and beta_0 >= tau_g"),
    Condition("(39c)", "tau_g >= rho*high/(1 - 1/rootT)"),
    Condition("(39d)", "tau >= rho*high"),
    Condition("(42)", "theta > 0 and eta < 1"),
)


def movement_witness() -> Witness:
    """(40a) with f = 0 and no noise: from (1, -1) the first step goes all the way to consensus.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(movement_witness()).last.values
    ('2 <= 1601/10000 (0.1601)',)
    """
    return witness(
        "slam/lemma4-x",
        "Lemma 4, (40a)",
        "E|x^(r+1) - x^r|^2 <= D_x/alpha^2 for all r",
        note="r = 1, f = 0, so in either normalisation; L_f0 = 1/100 stands for any bound. gamma = 10, T = 4",
        given={
            "L": L2, "low": 2, "high": 2, "n": 2, "rootT": 2, "alpha_0": 10, "beta_0": 40, "gamma": 10, "rho": 1, "theta": 1,
            "sigma2": 0, "L_f0": "1/100", "mu_g": 1, "x1": [1, -1],
        },
        define=(
            ("alpha", "alpha_0*rootT"),
            ("tau", "alpha/gamma"),
            ("tau_g", "beta_0*rootT/gamma"),
            ("start2", "norm2(x1)"),
            *CONSTANTS,
            ("x2", "x1 - rho*gamma*(L @ x1)/alpha"),
        ),
        assume=(EDGE, *STEPS),
        claim=Condition("(40a)", "norm2(x2 - x1) <= D_x/alpha**2"),
    )  # fmt: skip


def sign_witness() -> Witness:
    """(44): two equal agents, f = x^2/2 near 0, alpha = 2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sign_witness()).last.values
    ('1/4 (0.25) == -1/4 (-0.25)',)
    """
    return witness(
        "slam/eq44",
        "(44)",
        "xbar^(r+1) - xbar^r = xbar^r - xbar^(r-1) + (hbar^r - hbar^(r-1))/alpha",
        note="no noise; by (53) xbar moves by -hbar/alpha",
        given={"alpha": 2, "x1": 1},
        define=(("x2", "x1 - x1/alpha"), ("x3", "x2 - x2/alpha")),
        assume=(Condition("alpha is positive", "alpha > 0"),),
        claim=Condition("(44)", "x3 == 2*x2 - x1 + (x2 - x1)/alpha"),
    )


def largest_witness() -> Witness:
    """(46), (a), for a star of four agents and tau = rho sigma_min, which (49) allows.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(largest_witness()).last.values
    ('108 <= 0',)
    """
    return witness(
        "slam/eq49",
        "(49)",
        "|(I - rho A'A/tau) v| <= (1 - rho sigma_min/tau)|v| for sum-zero v if tau >= rho sigma_min",
        given={
            "L": [[3, -1, -1, -1], [-1, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]],
            "low": 1, "rho": 1, "tau": 1, "v": [3, -1, -1, -1], "smallest": [0, 1, -1, 0],
        },
        define=(),
        assume=(
            Condition(
                "sigma_min = 1 is an eigenvalue, and the least on sum-zero vectors",
                "L @ smallest == low*smallest and psd(L - low*(eye(4) - ones(4, 4)/4))",
            ),
            Condition("v sums to 0", "sum(v) == 0"),
            Condition("(49)", "tau >= rho*low"),
        ),
        claim=Condition("(46), (a), squared", "norm2(v - rho/tau*(L @ v)) <= (1 - rho*low/tau)**2*norm2(v)"),
    )  # fmt: skip


def gradient_change_witness() -> Witness:
    """(48) without noise: f_1 = 2h(x), f_2 = 2h(x+1) drive two agents apart from consensus at 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(gradient_change_witness()).last.values
    ('1/2 (0.5) <= 0',)
    """
    return witness(
        "slam/eq48",
        "(47), (48)",
        "(48) without noise: the move's disagreement is at most its contracted predecessor plus rho^2 sigma_max^2 |x^r|^2",
        note="h Huber's function: f_1' = 2x and f_2' = 2 at 0 and at 1. alpha = 2 and local h; alpha = 1 and 1/n h give the same iterates",
        given={
            "L": L2,
            "low": 2,
            "high": 2,
            "rho": "1/8",
            "gamma": 1,
            "alpha": 2,
            "theta": "1/4",
            "sigma2": 0,
            "n": 2,
            "x1": [1, 1],
            "curved": [2, 0],
            "steady": [0, 2],
        },
        define=(
            ("tau", "alpha/gamma"),
            ("h1", "curved*x1 + steady"),
            ("x2", "x1 - (h1 + rho*gamma*(L @ x1))/alpha"),
            ("h2", "curved*x2 + steady"),
            ("x3", "x2 - (h2 + rho*(L @ x2) + rho*gamma*(L @ x2))/alpha"),
            ("right", "2*sigma2/n + rho**2*high**2*norm2(x2)"),
        ),
        assume=(
            EDGE,
            Condition("h1 is the gradient at 1, where both are 2", "h1 == 2*ones(2)"),
            Condition("x^2 is 0, where the gradients are 0 and 2", "x2 == zeros(2) and h2 == steady"),
            Condition(
                "(39d), (50)", "tau >= rho*high and theta*(1 - rho*low/tau)**2 < 1 - (1 - rho*low/tau)**2"
            ),
        ),
        claim=Condition(
            "(48)",
            "norm2(center(x3 - x2)) <= (1 + theta)*(1 - rho*low/tau)**2*norm2(center(x2 - x1)) + (1 + 1/theta)*2/alpha**2*right",
        ),
    )


def drift_witness() -> Witness:
    """B_x: two agents far from the minimum of a Huber function, from 0; sixteen steps leave the ball.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(drift_witness()).last.values
    ('128/9 (14.2222) <= 8',)
    """
    return witness(
        "slam/Bx",
        "(59)-(63)",
        "|x^(r+1)|^2 <= B_x for r = 1, .., T",
        note="f_i = h(x - 100), slope -1 below 99, no noise; h is 1/n of it, so that x moves 1/(n alpha) a step. With local h it moves n times as far. "
        "(63)'s constant is smaller than (43)'s, which is used here",
        given={
            "low": 2, "high": 2, "n": 2, "rootT": 4, "alpha_0": "3/4", "beta_0": 1, "gamma": 12, "rho": "1/16", "theta": 1,
            "sigma2": 0, "L_f0": 1, "mu_g": 1, "start2": 0,
        },
        define=(
            ("alpha", "alpha_0*rootT"),
            ("tau", "alpha/gamma"),
            ("tau_g", "beta_0*rootT/gamma"),
            *CONSTANTS,
        ),
        assume=(*STEPS, Condition("A1, A4: slope 1 or less, f >= 0", "L_f0 >= 1")),
        iterate=(
            Iteration(
                text="(5b) at consensus: h = -1/n, multipliers 0",
                times=16,
                start=(("x", "zeros(2)"),),
                step=(("x", "x + ones(2)/(n*alpha)"),),
                show=("x",),
            ),
        ),
        claim=Condition("|x^(T+1)|^2 <= B_x", "norm2(x) <= B_x"),
    )  # fmt: skip


def halves_witness() -> Witness:
    """(60) asks for B_1/2 and for B_1, which add up to 3 B_1/2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(halves_witness()).ok
    True
    """
    return witness(
        "slam/eq60",
        "(59), (60)",
        "the two conditions of (60) make the right side of (59) at most B_1",
        given={"first": "1/2", "second": 1, "B_1": 1},
        define=(),
        assume=(
            Condition("(60): 2 C_x rho^2 sigma_max^2/alpha_0^2 <= 1/2", "first <= 1/2"),
            Condition("(60): (4 C_x sigma_f^2 + 4(L_f0 + sigma_f^2))/(n alpha_0^2) <= B_1", "second <= B_1"),
        ),
        claim=Condition("right side of (59)", "second + first*B_1 <= B_1"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        movement_witness(),
        sign_witness(),
        largest_witness(),
        gradient_change_witness(),
        drift_witness(),
        halves_witness(),
    )
