r"""Witnesses against lines of B.3, B.4 and the consensus part of B.5.

Two agents on an edge unless said otherwise: :math:`A^\top A` is ``L``, with the one nonzero eigenvalue 2. ``share`` is what
``h`` has of a local gradient: 1, or 1/n.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.witness import Assignments, Condition, Witness

L2 = [[1, -1], [-1, 1]]
EDGE = Condition("L = A'A of an edge has the eigenvalues 0 and 2", "L @ ones(2) == zeros(2) and L @ L == 2*L")
ITERATES: Assignments = (
    ("z2", "z1 - (h1 + rho*gamma*(L @ z1))/step"),
    ("dual2", "rho*(L @ z2)"),
)
"""(5) and (4) from multipliers 0; ``dual`` is gamma A' times the multiplier."""


def witness(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    """A witness against a line of this paper."""
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def optimality_witness() -> Witness:
    """(102) after one step with gamma = 2: what is left over is rho (gamma - 1) A'A x^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(optimality_witness()).last.values
    ('[-2, 2] == [0, 0]',)
    """
    return witness(
        "slam/eq102",
        "(102)",
        "h_f^r + gamma A'lambda^(r+1) + rho gamma A'A(x^r - x^(r+1)) + alpha(x^(r+1) - x^r) = 0",
        note="r = 1 and h = 0, so in either normalisation; (4d) adds rho A'A x^(r+1) to gamma A'lambda, (102) takes rho gamma A'A x^(r+1)",
        given={"L": L2, "rho": 1, "gamma": 2, "step": 8, "z1": [2, -2], "h1": [0, 0]},
        define=ITERATES,
        assume=(EDGE, Condition("(39d): tau_f >= rho sigma_max", "step/gamma >= 2*rho")),
        claim=Condition("(102)", "h1 + dual2 + rho*gamma*(L @ (z1 - z2)) + step*(z2 - z1) == zeros(2)"),
    )


def ascent_witness() -> Witness:
    """(101b) with gamma = 10: y moves by equal amounts, so that v = 0, while the multiplier rises by A y^3.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(ascent_witness()).last.values
    ('20 <= 3/20 (0.15)',)
    """
    return witness(
        "slam/lemma6",
        "Lemma 6, (101b) as (140) has it",
        "(gamma/rho)|omega^(r+1) - omega^r|^2 <= 3|D v^(r+1)|^2/(rho gamma sigma_min) + 3 L_g1^2(|x move|^2 + |y move|^2)/(n^2 rho gamma sigma_min)",
        note="g_i = y^2/2 - c_i y, f = 0, no noise, r = 2; h is the local gradient. With 1/n of it (c and H doubled) the iterates are the same and "
        "L_g1 = 2 makes the right side 3/5. x does not move, so D_x is 0 or any bound",
        given={
            "L": L2,
            "rho": "1/2",
            "gamma": 10,
            "step": 20,
            "n": 2,
            "L_g1": 1,
            "z1": [12, -12],
            "c": [112, -112],
        },
        define=(
            ("h1", "z1 - c"),
            *ITERATES,
            ("h2", "z2 - c"),
            ("z3", "z2 - (h2 + dual2 + rho*gamma*(L @ z2))/step"),
            ("move", "z3 - z2"),
            ("v", "move - (z2 - z1)"),
            ("Dv", "step*v - rho*gamma*(L @ v)"),
            ("rise", "(rho/gamma)*dot(z3, L @ z3)"),
        ),
        assume=(
            EDGE,
            Condition("the multipliers' rise is rho/gamma A y^3, by (4b)", "rise > 0"),
            Condition("(39c) for T = 4: tau_g >= 2 rho sigma_max", "step/gamma >= 4*rho"),
            Condition("A1: L_g1 bounds the Hessian 1", "L_g1 >= 1"),
        ),
        claim=Condition("(101b)", "rise <= (3*norm2(Dv) + 3*L_g1**2*norm2(move)/n**2)/(rho*gamma*2)"),
    )


def upper_potential_witness() -> Witness:
    """(110) as (130) has it, with L_{f,1}: f = xy, g = y^2/2 - 15 x y, two equal agents at consensus.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(upper_potential_witness()).last.values
    ('23 <= 21',)
    """
    return witness(
        "slam/lemma7",
        "Lemma 7, (110) as (130) has it",
        "Q^(r+1) - Q^r <= -|w|_D^2/2 + ((L_f1 + 1)/(2n) + L_fx m^2/n) D_x/alpha^2 + m L_fy^2/(n L_fx) |y^(r+1) - y^r|^2",
        note="Scalars, (23) is y + 15 x, h is 1/n of it, no noise, no bias; D_x/alpha^2 is read as what it is used for, a bound of both moves of x. "
        "f is xy where the iterates are and can be continued with a bounded gradient. For (138)'s L_fx the right side is 57/2",
        given={
            "n": 2,
            "m": 1,
            "alpha": "23/4",
            "beta": "53/32",
            "b": 15,
            "L_f1": 1,
            "L_fx": 16,
            "L_fy": 1,
            "x": 0,
            "y": "-23/2",
        },
        define=(
            ("h", "(y + b*x)/n"),
            ("x1", "x - h/alpha"),
            ("y1", "y - (y - b*x1)/(n*beta)"),
            ("h1", "(y1 + b*x1)/n"),
            ("x2", "x1 - h1/alpha"),
            ("both", "max(n*(x1 - x)**2, n*(x2 - x1)**2)"),
            ("left", "alpha*n*((x2 - x1)**2 - (x1 - x)**2 + (x2 - 2*x1 + x)**2)/2"),
        ),
        assume=(
            Condition("(38): L_fx >= L_f1 + L_f1 C_xy/mu_g, as L_g2 = 0", "L_fx >= L_f1 + L_f1*b"),
            Condition("(33): the slope of y + 15 x in y", "L_fy >= 1"),
            Condition("A1: the gradient (y, x) of f is 1-Lipschitz", "L_f1 >= 1"),
        ),
        claim=Condition(
            "(110), with |w|_D^2 on the left",
            "left <= ((L_f1 + 1)/(2*n) + L_fx*m**2/n)*both + m*L_fy**2/(n*L_fx)*n*(y1 - y)**2",
        ),
    )


def telescoping_witness() -> Witness:
    """Two tasks without coupling: L_{f,x} = L_{f,1}/2 satisfies (38), so (138) is below the mean of (130).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(telescoping_witness()).ok
    True
    """
    return witness(
        "slam/eq138",
        "(138)",
        "the coefficient of D_x/alpha^2 in (138) is at least the one in (130)",
        note="(34) has m L_fx; C_xy = 0, so that (38) asks for L_fx >= L_f1/m",
        given={
            "m": 2,
            "n": 3,
            "L_f1": 1,
            "L_fx": "1/2",
            "C_xy": 0,
            "mu_g": 1,
            "gamma": 1,
            "rho": 1,
            "sigma": 1,
        },
        define=(("rest", "gamma/rho*L_fx*m**2/n + 4*L_fx**2*m**2/(n**2*rho**2*sigma)"),),
        assume=(Condition("(38)", "L_fx >= (L_f1 + m/mu_g*L_f1*C_xy)/m"),),
        claim=Condition(
            "(138) covers (130)", "gamma/rho*(L_f1 + 1)/(2*n) + rest <= gamma/rho*(L_fx + 1)/(2*n) + rest"
        ),
    )


def incidence_witness() -> Witness:
    """A' times the n agents' x: a path of three agents has two edges, so A' has two columns.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(incidence_witness()).last.values
    ('2 == 3',)
    """
    return witness(
        "slam/eq130-incidence",
        "(130), (138), B.7.1",
        "A'x is defined for the n agents' x",
        given={"A": [[1, -1, 0], [0, 1, -1]], "edges": 2, "n": 3, "x": [1, 2, 4]},
        define=(),
        assume=(
            Condition("A is |E| x n, rows sum to 0", "A @ ones(3) == zeros(2)"),
            Condition(
                "A x is defined and has |E| entries", "0*(A @ x) == zeros(2) and edges == 2 and n == 3"
            ),
        ),
        claim=Condition("as many columns of A' as agents", "edges == n"),
    )


def edges_witness() -> Witness:
    """(169), (170): the sum over i and its neighbours counts every edge twice.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(edges_witness()).last.values
    ('8 == 4',)
    """
    return witness(
        "slam/eq170",
        "(169), (170)",
        "|Ax|^2 is the sum of |x_i - x_j|^2 over all i and all j in N_i",
        given={"A": [[1, -1]], "x": [1, -1]},
        define=(),
        assume=(Condition("A is the incidence matrix of an edge", "A @ ones(2) == zeros(1)"),),
        claim=Condition("(170)", "(x[0] - x[1])**2 + (x[1] - x[0])**2 == norm2(A @ x)"),
    )


def variance_witness() -> Witness:
    """(141) has the variance of A y^{r+1}, which holds 1/beta^2 already, with another 1/beta^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(variance_witness()).ok
    True
    """
    return witness(
        "slam/eq141",
        "(141)",
        "the variance of omega^(r+1) - omega^r is rho^2/(gamma^2 beta^2) E|A(y^(r+1) - E y^(r+1))|^2",
        note="omega^(r+1) - omega^r = rho/gamma A y^(r+1); noise in rows, each row as likely",
        given={
            "A": [[1, -1]],
            "noise": [[1, 1], [1, -1], [-1, 1], [-1, -1]],
            "beta": 2,
            "rho": 1,
            "gamma": 3,
        },
        define=(("off", "transpose(A @ transpose(noise))/beta"), ("rise", "(rho/gamma)*off")),
        assume=(Condition("A3: the noise has mean 0", "mean(noise) == zeros(2)"),),
        claim=Condition("(141)", "norm2(rise)/4 == rho**2/(gamma**2*beta**2)*norm2(off)/4"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        optimality_witness(),
        ascent_witness(),
        upper_potential_witness(),
        telescoping_witness(),
        incidence_witness(),
        edges_witness(),
        variance_witness(),
    )
