r"""Witnesses against Lemma 4's part about y: (40b), (66), (72), (73), and what stands between (65) and (66)."""

from __future__ import annotations

from spiritlevel.theory.slam.lemmas.dual_witnesses import EDGE, L2, witness
from spiritlevel.theory.slam.lemmas.movement_witnesses import CONSTANTS, STEPS
from spiritlevel.theory.witness import Condition, Iteration, Witness


def start_witness() -> Witness:
    """(40b) without noise, with f = 0 and from 0: D_y is as small as one likes, and y walks to its solution 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(start_witness()).ok
    True
    """
    return witness(
        "slam/lemma4-y",
        "Lemma 4, (40b), (41c)",
        "the mean over r = 1, .., T of E|y^(r+1) - y^r|^2 is at most D_y/beta^2",
        note="g_i = (y - 1)^2/2, f = 0, L_f0 = 10^-6 stands for any bound; T = 4, local h. With 1/n h the left side is 8425/131072 in the place of 85/512",
        given={
            "low": 2, "high": 2, "n": 2, "rootT": 2, "alpha_0": "3/4", "beta_0": 1, "gamma": 6, "rho": "1/16", "theta": 1, "sigma2": 0,
            "sigma_g2": 0, "L_f0": "1/1000000", "mu_g": 1, "start2": 0, "y1": [0, 0],
        },
        define=(
            ("alpha", "alpha_0*rootT"),
            ("beta", "beta_0*rootT"),
            ("tau", "alpha/gamma"),
            ("tau_g", "beta/gamma"),
            *CONSTANTS,
            (
                "D_y",
                "sigma_g2/n + (D_x/mu_g**2 + mu_g*rho*norm2(y1)*alpha_0)*beta_0**2/alpha_0**2 + sigma_g2/(n*mu_g*beta_0)",
            ),
        ),
        assume=STEPS,
        iterate=(
            Iteration(
                text="(5a) at consensus, multipliers 0",
                times=4,
                start=(("y", "y1"), ("total", "0")),
                step=(("move", "(ones(2) - y)/beta"), ("y", "y + move"), ("total", "total + norm2(move)")),
                show=("y",),
            ),
        ),
        claim=Condition("(40b)", "total/rootT**2 <= D_y/beta**2"),
    )  # fmt: skip


def cross_witness() -> Witness:
    """Before (66): g = y^2/2 - 10xy, y at its solution, x moves by 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(cross_witness()).last.values
    ('10 <= 5/4 (1.25)',)
    """
    return witness(
        "slam/eq66-x",
        "between (65) and (66)",
        "-<grad g(x^r, y^r) - grad g(x^(r-1), y^r), y^(r+1) - y^r>/beta <= |x^r - x^(r-1)|^2/(mu_g beta) + mu_g |y^(r+1) - y^r|^2/(4 beta)",
        note="one coordinate of agents alike, no noise; both sides times beta",
        given={"mu_g": 1, "C": 10, "beta": 10, "x1": 0, "x2": 1},
        define=(("y", "C*x1"), ("move", "(C*x2 - y)/beta"), ("change", "(0 - 1)*C*(x2 - x1)")),
        assume=(Condition("A5: the Hessian is 1", "mu_g <= 1"),),
        claim=Condition("the bound", "(0 - 1)*change*move <= (x2 - x1)**2/mu_g + mu_g*move**2/4"),
    )


def young_witness() -> Witness:
    """(66) for g = 5y^2, three iterates: Young's inequality needs L_{g,1}^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(young_witness()).ok
    True
    """
    return witness(
        "slam/eq66",
        "(66)",
        "-<grad g(y^r) - grad g(y^(r-1)), y^(r+1) - y^r>/beta <= (sqrt(T)/(2 beta^2) - mu_g/beta)|y^r - y^(r-1)|^2 + |v|^2/(2 sqrt(T))",
        note="one coordinate of agents alike, no noise, x at rest; T = 4. beta_0 = 10 satisfies (39b)",
        given={"mu_g": 10, "L_g1": 10, "rootT": 2, "beta": 20, "y1": 1},
        define=(
            ("y2", "y1 - L_g1*y1/beta"),
            ("y3", "y2 - L_g1*y2/beta"),
            ("e", "y2 - y1"),
            ("v", "y3 - 2*y2 + y1"),
        ),
        assume=(Condition("(39b): beta_0 >= 1/mu_g", "beta/rootT >= 1/mu_g"),),
        claim=Condition(
            "(66)", "(0 - 1)*L_g1*e*(y3 - y2)/beta <= (rootT/(2*beta**2) - mu_g/beta)*e**2 + v**2/(2*rootT)"
        ),
    )


def means_witness() -> Witness:
    r"""(66) for the means of random iterates, even with :math:`L_{g,1}^2`: a Hessian that rises from 1 to 5.

    ``y2`` has the two outcomes of one noisy step; the next two steps have no noise.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(means_witness()).ok
    True
    """
    return witness(
        "slam/eq66-means",
        "(66), (a)",
        "(66) with L_g1^2, for E y^r in the place of y^r, by strong convexity",
        note="g' is y for y <= 0 and 5y - 2 for y >= 1, its slope rising linearly between; all points are outside (0, 1). One coordinate of "
        "agents alike, x at rest, T = 4, beta_0 = 50; entries are the outcomes, with the chances 10/11 and 1/11",
        given={
            "chance": ["10/11", "1/11"], "mu_g": 1, "L_g1": 5, "rootT": 2, "beta": 100, "y1": "-3700/1089",
            "y2": [-4, 3], "slope": [1, 5], "offset": [0, -2], "low": [-10, 1], "top": [0, 10],
        },
        define=(
            ("noise", "beta*(y1*ones(2) - y2) - y1*ones(2)"),
            ("y3", "y2 - (slope*y2 + offset)/beta"),
            ("y4", "y3 - (slope*y3 + offset)/beta"),
            ("e", "dot(chance, y3 - y2)"),
            ("v", "dot(chance, y4 - y3) - e"),
            ("change", "dot(chance, slope*(y3 - y2))"),
            ("square", "dot(chance, (y3 - y2)*(y3 - y2))"),
        ),
        assume=(
            Condition("A3: the noise of the first step has mean 0", "dot(chance, noise) == 0 and sum(chance) == 1"),
            Condition("every point is where its piece of g' holds", "min(y2 - low) >= 0 and min(top - y2) >= 0 and min(y3 - low) >= 0 and min(top - y3) >= 0"),
            Condition("(39b)", "beta/rootT >= 1/mu_g"),
        ),
        claim=Condition(
            "(66) with L_g1^2",
            "(0 - 1)*change*(e + v)/beta <= (0 - mu_g)/beta*e**2 + L_g1**2*rootT/(2*beta**2)*square + v**2/(2*rootT)",
        ),
    )  # fmt: skip


def recursion_witness() -> Witness:
    """(72) where y stood still and then moves towards consensus: half of what it allows is lost in a division.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(recursion_witness()).last.values
    ('1/32 (0.03125) <= 15/512 (0.0292969)',)
    """
    return witness(
        "slam/eq72",
        "(71), (72)",
        "|y^(r+1) - y^r|^2 <= (1 - 2 mu_g/beta)/(1 - mu_g/beta)|y^r - y^(r-1)|^2 + |x^r - x^(r-1)|^2/(mu_g beta) "
        "- rho/(2 beta)(|A y^(r+1)|^2 - |A y^r|^2)",
        note="r = 2, g_i = y^2/2 - c_i y with c so that y^2 = y^1; x at rest, no noise, T = 4. With 1/n h and n c_i the iterates are the same",
        given={
            "L": L2,
            "mu_g": 1,
            "rho": "1/8",
            "gamma": 4,
            "step": 2,
            "rootT": 2,
            "high": 2,
            "z1": [1, -1],
            "c": [2, -2],
        },
        define=(
            ("h1", "z1 - c"),
            ("z2", "z1 - (h1 + rho*gamma*(L @ z1))/step"),
            ("h2", "z2 - c"),
            ("z3", "z2 - (h2 + rho*(L @ z2) + rho*gamma*(L @ z2))/step"),
            ("tau_g", "step/gamma"),
        ),
        assume=(
            EDGE,
            Condition("y^2 = y^1", "z2 == z1"),
            Condition("(39b)", "step/rootT >= 1/mu_g and step/rootT >= tau_g"),
            Condition("(39c)", "tau_g >= rho*high/(1 - 1/rootT)"),
        ),
        claim=Condition("(72)", "norm2(z3 - z2) <= (0 - rho)/(2*step)*(dot(z3, L @ z3) - dot(z2, L @ z2))"),
    )


def telescoped_witness() -> Witness:
    """(73): the sum of (72) leaves |A y^1|^2/2, which exceeds |y^1|^2 where sigma_max > 2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(telescoped_witness()).last.values
    ('3 <= 2',)
    """
    return witness(
        "slam/eq73",
        "(73)",
        "rho/(2 beta)|A y^1|^2 <= rho |y^1|^2/beta",
        given={"A": [[1, -1, 0], [0, 1, -1], [1, 0, -1]], "y1": [1, -1, 0]},
        define=(),
        assume=(Condition("a triangle", "A @ ones(3) == zeros(3)"),),
        claim=Condition("the start of the sum", "norm2(A @ y1)/2 <= norm2(y1)"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        start_witness(),
        cross_witness(),
        young_witness(),
        means_witness(),
        recursion_witness(),
        telescoped_witness(),
    )
