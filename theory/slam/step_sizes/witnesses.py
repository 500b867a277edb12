r"""Witnesses about SLAM's step-size conditions, in the paper's letters.

Two agents on an edge: :math:`A^\top A` is ``L``, with the one nonzero eigenvalue 2, so that sigma_min = sigma_max = 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.witness import Assignments, Condition, Iteration, Witness

L2 = [[1, -1], [-1, 1]]
EDGE = Condition("L = A'A of an edge has the eigenvalues 0 and 2", "L @ ones(2) == zeros(2) and L @ L == 2*L")
SIZES = ("tau", "alpha/gamma")


def _witness(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def weight_witness() -> Witness:
    """(137) with tau = rho sigma_max/2: D has the eigenvalue -100, and (131) fails on it.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(weight_witness()).last.values
    ('-1200 > 0',)
    """
    return _witness(
        "slam/adm-137-alone",
        "(131), (137)",
        "(137) by itself is enough for (131)",
        note="v is the eigenvector (1, -1), with |v|^2 = 2; the left side of (131) at v, per |v|^2. tau = 100/1 < rho sigma_max = 200: outside (39d)",
        given={"L": L2, "alpha": 100, "gamma": 1, "rho": 100, "C": 20, "v": [1, -1]},
        define=(
            SIZES,
            ("D", "alpha*eye(2) - rho*gamma*L"),
            ("M", "C/2*D - 4/(rho*gamma*2)*(transpose(D) @ D)"),
        ),
        assume=(
            EDGE,
            Condition("(137), first half", "tau/rho + rho*2**2/tau <= 2*C/8"),
            Condition("(137), second half", "alpha >= 2*C/16"),
        ),
        claim=Condition("(131) on v", "dot(v, M @ v)/norm2(v) > 0"),
    )


def no_weight_witness() -> Witness:
    """rho gamma = 1/4: the halves of (137) ask for C >= 160.4 and for C <= 80.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(no_weight_witness()).ok
    True
    """
    return _witness(
        "slam/adm-137-room",
        "(137), Theorem 1",
        "Theorem 1's step sizes leave a C with (137)",
        given={"L": L2, "alpha": 10, "beta": 10, "gamma": 1, "rho": "1/4", "T": 200, "n": 2},
        define=(
            SIZES,
            ("least", "8*(tau/rho + rho*2**2/tau)/2"),
            ("largest", "16*alpha/2"),
        ),
        assume=(
            EDGE,
            Condition("alpha = beta = sqrt(T/n)", "alpha**2 == T/n and beta == alpha"),
            Condition("tau_f = tau_g >= rho sigma_max", "tau >= 2*rho"),
        ),
        claim=Condition("some C is in both halves", "least <= largest"),
    )


def tau_witness() -> Witness:
    r"""f = 0, :math:`\tau = 2\rho\sigma_{\max}`, gamma = 2/15: the disagreement doubles in every iteration.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(tau_witness()).ok
    True
    """
    return _witness(
        "slam/tau-condition",
        "Theorem 1 and (10a)",
        "the average of |A x^r|^2 over r <= T is below 10^6/sqrt(nT)",
        note="f = 0, g_i = y^2/2, no noise: every assumption holds, with L_{f,0} = L_{f,1} = C_xy = 0. y starts at its solution 0. Instead of 10^6 any "
        "constant would do for a longer run: |A x^r|^2 grows like 4^r for every T",
        given={
            "L": L2,
            "T": 200,
            "n": 2,
            "alpha": 10,
            "beta": 10,
            "gamma": "2/15",
            "rho": "75/4",
            "x1": [1, -1],
        },
        define=(SIZES,),
        assume=(
            EDGE,
            Condition("alpha = beta = sqrt(T/n)", "alpha**2 == T/n and beta == alpha"),
            Condition("tau_f = tau_g >= 2 rho sigma_max", "tau >= 2*(2*rho)"),
        ),
        iterate=(
            Iteration(
                text="(5b), (4d) with h_f = 0; lam is A'lambda",
                times=199,
                start=(("x", "x1"), ("lam", "zeros(2)"), ("total", "dot(x1, L @ x1)")),
                step=(
                    ("x", "x - (gamma/alpha)*lam - (rho*gamma/alpha)*(L @ x)"),
                    ("lam", "lam + (rho/gamma)*(L @ x)"),
                    ("total", "total + dot(x, L @ x)"),
                ),
            ),
        ),
        claim=Condition("the average, with sqrt(nT) = 20", "total/T <= 10**6/20"),
    )


def anchor_witness() -> Witness:
    """(39b) with gamma = 10 and T = 10^4 asks for beta_0 >= 10 beta_0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(anchor_witness()).last.values
    ('1 >= 10',)
    """
    return _witness(
        "slam/hidden-gamma",
        "(39b)",
        "some beta_0 satisfies beta_0 >= tau_g = beta_0 sqrt(T)/gamma",
        note="beta_0 cancels, so that 1 stands for every beta_0",
        given={"beta_0": 1, "rootT": 100, "gamma": 10},
        define=(("T", "rootT**2"), ("beta", "beta_0*rootT"), ("tau_g", "beta/gamma")),
        assume=(Condition("positive", "beta_0 > 0 and gamma > 0 and rootT > 0"),),
        claim=Condition("(39b)", "beta_0 >= tau_g"),
    )


def decrease_witness(form: str = "(167)") -> Witness:
    """n = 8, alpha = 1000: what (165), (166) or (167) allow, and C_2 > 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(decrease_witness(form)).ok for form in DECREASE]
    [True, True, True]
    """
    that, beta = DECREASE[form]
    return _witness(
        "slam/C2",
        f"{form} and the display after (162)",
        f"{form} gives C_2 < 0",
        note="constants of l = kappa = h = 1, C_xy = 1/2 with equal Hessians (L_xy = 0, so that D_x does not enter): L_y = 1/2, L_yc^2 = 1 + 5/4",
        given={"n": 8, "m": 1, "rho_g": 1, "L_y": "1/2", "L_yc2": "9/4", "alpha": 1000, "beta": beta},
        define=(("k", "2*(m + 1)*n*L_y**2"), ("C_2", "8*L_yc2/alpha + (1 - rho_g/beta)*(1 + k/alpha) - 1")),
        assume=(Condition(f"{form}", that),),
        claim=Condition("C_2 < 0", "C_2 < 0"),
    )


DECREASE: Mapping[str, tuple[str, int]] = {
    "(165)": ("2*L_yc2/alpha + (1 - rho_g/beta)*(1 + k/alpha) <= 1", 70),
    "(166)": ("beta < rho_g*(1 + k/alpha)/((8*L_yc2 + 2*(m + 1)*L_y**2)/alpha)", 50),
    "(167)": ("beta < rho_g*(alpha + k)/(2*(L_y**2 + 4*L_yc2))", 54),
}
"""The three forms, with a beta that each of them allows."""


_START: Assignments = (("y", "y1"), ("total", "norm2(y1)"))


def division_witness() -> Witness:
    """f = 0, g = y^2/2, no noise: the average of |y - y*|^2 is 0.87, and (174) allows 0.02.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(division_witness()).ok
    True
    """
    return _witness(
        "slam/ll-division",
        "(172)-(174)",
        "the average of |y^r - y*|^2 is at most |y^1 - y*|^2/(T (1 + C_2)) plus terms that are 0 here",
        note="m = 1; f = 0: L_yc = 0, and L_{f,0} = sigma_f = |x^1| = 0 make B_x = D_x = 0; no cross terms: L_y = L_xy = 0",
        given={
            "L": L2,
            "T": 100,
            "rootT": 10,
            "alpha": 100,
            "beta": 100,
            "gamma": 30,
            "rho": 1,
            "mu": 1,
            "L_g": 1,
            "theta": "3/2",
            "y1": [1, 1],
        },
        define=(
            SIZES,
            ("alpha_0", "alpha/rootT"),
            ("beta_0", "beta/rootT"),
            ("rho_g", "2*mu*L_g/(mu + L_g)"),
            ("C_2", "(1 - rho_g/beta) - 1"),
            ("b", "1 - 2*rho/tau"),
            ("C_x", "2*(1 + 1/theta)/(1 - (1 + theta)*b**2)"),
        ),
        assume=(
            EDGE,
            Condition("T, alpha_0, beta_0", "rootT**2 == T"),
            Condition("(39a), squared; (42)", "alpha_0**2 >= 4*rho**2*4*C_x and (1 + theta)*b**2 < 1"),
            Condition("(39b)", "beta_0 >= 1/mu and beta_0 >= tau"),
            Condition("(39c), (39d)", "tau*(1 - 1/rootT) >= 2*rho and tau >= 2*rho"),
            Condition("beta >= 2/(mu + L), -1 < C_2 < 0", "beta >= 2/(mu + L_g) and C_2 > -1 and C_2 < 0"),
        ),
        iterate=(
            Iteration(
                text="(5a) with h_g = y at a consensus: omega stays 0",
                times=99,
                start=_START,
                step=(("y", "y - (1/beta)*y - (rho*gamma/beta)*(L @ y)"), ("total", "total + norm2(y)")),
            ),
        ),
        claim=Condition("(174)", "total/T <= norm2(y1)/(T*(1 + C_2))"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    forms = tuple(decrease_witness(form) for form in DECREASE)
    return weight_witness(), no_weight_witness(), tau_witness(), anchor_witness(), *forms, division_witness()
