r"""Witnesses against Lemma 5: its step condition, (96), (161), (194), and what follows from it.

Agents are alike and at consensus unless said otherwise, so that one number or vector stands for all.
"""

from __future__ import annotations

from spiritlevel.theory.slam.lemmas.dual_witnesses import witness
from spiritlevel.theory.witness import Condition, Witness

RATE = ("rho_g", "2*mu_g*L_g1/(mu_g + L_g1)")


def step_witness() -> Witness:
    """beta = 2 > 2/(mu_g + L_{g,1}) and the Hessian diag(1, 5): the stiff direction grows.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(step_witness()).last.values
    ('9/4 (2.25) <= 1/6 (0.166667)',)
    """
    return witness(
        "slam/lemma5",
        "Lemma 5, (80), (161)",
        "for beta > 2/(mu_g + L_g1) one step contracts |ybar - ybar*|^2 by 1 - rho_g/beta",
        note="x at rest, no noise; the proof has beta >= 2/(mu_g + L_g1)",
        given={"H": [[1, 0], [0, 5]], "mu_g": 1, "L_g1": 5, "beta": 2, "error": [0, 1]},
        define=(RATE,),
        assume=(
            Condition("A1, A5", "psd(H - mu_g*eye(2)) and psd(L_g1*eye(2) - H)"),
            Condition("the condition of Lemma 5", "beta > 2/(mu_g + L_g1)"),
        ),
        claim=Condition("(80)", "norm2(error - H @ error/beta) <= (1 - rho_g/beta)*norm2(error)"),
    )


def disagreement_witness() -> Witness:
    """Hessians 1 and 3, y = (1, -1) around its solution 0: the mean leaves it.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(disagreement_witness()).last.values
    ('1/4 (0.25) <= 0',)
    """
    return witness(
        "slam/eq161-disagreement",
        "(161)",
        "(161) at ybar = ybar*, with x at rest and no noise: ybar stays at ybar*",
        note="two agents, g_i = H_i y^2/2, f = 0; beta = (mu_g + L_g1)/2. With 1/n h the left side is 1/16",
        given={"H": [1, 3], "y": [1, -1], "mu_g": 1, "L_g1": 3, "beta": 2},
        define=(RATE, ("new", "mean(y) - mean(H*y)/beta")),
        assume=(
            Condition("A1, A5", "min(H) >= mu_g and max(H) <= L_g1"),
            Condition("ybar = ybar* = 0", "mean(y) == 0"),
            Condition("one step contracts at consensus", "beta >= (mu_g + L_g1)/2"),
        ),
        claim=Condition("(161)", "new**2 <= (1 - rho_g/beta)*mean(y)**2"),
    )


def cross_term_witness() -> Witness:
    """(161) at consensus, with a good beta: the cross term of (82) has a factor 2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(cross_term_witness()).last.values
    ('4 <= 13/4 (3.25)',)
    """
    return witness(
        "slam/eq161",
        "(161)",
        "|ybar^(r+1) - ybar*(x^(r+1))|^2 <= (1 - rho_g/beta)(1 + theta')|ybar^r - ybar*(x^r)|^2 + (L_y^2 + alpha/(8(m+1)n))|E dxbar|^2",
        note="two agents, g = y^2/2 - xy, f = 8h(100 - x), no noise, local h; y* = x, so that L_xy = 0 and the terms with it vanish. L_g1 = 3 is an "
        "upper bound (or a second direction of y at rest)",
        given={
            "n": 2,
            "m": 1,
            "mu_g": 1,
            "L_g1": 3,
            "C_xy": 1,
            "alpha": 8,
            "beta": 2,
            "x": 0,
            "y": -2,
            "slope": -8,
        },
        define=(
            RATE,
            ("L_y", "C_xy/mu_g"),
            ("young", "2*(m + 1)*n*L_y**2/alpha"),
            ("new_y", "y - (y - x)/beta"),
            ("new_x", "x - slope/alpha"),
        ),
        assume=(
            Condition("A1, A5: Hessian 1, cross term -1", "mu_g <= 1 and L_g1 >= 1 and C_xy >= 1"),
            Condition("beta as printed, and as needed", "beta > 2/(mu_g + L_g1) and beta >= (mu_g + L_g1)/2"),
        ),
        claim=Condition(
            "(161)",
            "(new_y - new_x)**2 <= (1 - rho_g/beta)*(1 + young)*(y - x)**2 + (L_y**2 + alpha/(8*(m + 1)*n))*(new_x - x)**2",
        ),
    )


def conditional_witness() -> Witness:
    """(96) bounds a conditional mean by Lemma 4's bound of the unconditional one.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(conditional_witness()).last.values
    ('2 <= 1',)
    """
    return witness(
        "slam/eq96",
        "(95) to (96), (b)",
        "E|x^(r+1) - x^r|^2 <= D implies E[|e|^2 E[|x^(r+1) - x^r|^2 | F']] <= D E|e|^2",
        note="two equally likely pasts; e is the error of y, move2 the conditional mean square of the move of x",
        given={"error2": [2, 0], "move2": [2, 0], "D": 1},
        define=(),
        assume=(Condition("Lemma 4: the mean over the pasts", "mean(move2) <= D"),),
        claim=Condition("(b)", "mean(error2*move2) <= D*mean(error2)"),
    )


def private_witness() -> Witness:
    """(194) with noise in h_f alone: n agents with lower levels of their own.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(private_witness()).ok
    True
    """
    return witness(
        "slam/eq194",
        "(194)",
        "(194) at y = y*(x), E dx = 0, no noise in h_g: E|y^(r+1) - y*(x^(r+1))|^2 <= L_y^2 sigma_f^2/(n alpha^2)",
        note="g_i = y^2/2 - xy, so that y* = x_i, L_y = 1, L_xy = 0; f = 0. The stacked error is taken at the agents' x_i, or at their mean",
        given={"noise": [[1, 1], [1, -1], [-1, 1], [-1, -1]], "sigma2": 1, "n": 2, "alpha": 2, "L_y": 1},
        define=(("own", "norm2(noise/alpha)/4"), ("common", "n*norm2(noise @ ones(2)/(n*alpha))/4")),
        assume=(
            Condition(
                "A3, independent agents",
                "mean(noise) == zeros(2) and transpose(noise) @ noise == 4*sigma2*eye(2)",
            ),
        ),
        claim=Condition("(194)", "own <= L_y**2*sigma2/(n*alpha**2) or common <= L_y**2*sigma2/(n*alpha**2)"),
    )


def floor_witness() -> Witness:
    """C_2 > -1, said to follow from beta >= 2/(mu_g + L_{g,1}): Hessian 4, beta = 1/2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(floor_witness()).last.values
    ('-8 > -1',)
    """
    return witness(
        "slam/C2-above",
        "before (172), B.6.3, B.7.3",
        "beta >= 2/(mu_g + L_g1) gives C_2 > -1",
        note="f = 0 and no coupling: L_yc = L_y = D_x = 0, so that C_2 = -rho_g/beta; beta >= sqrt(T)/mu_g, as (39b) asks, for T = 4",
        given={"mu_g": 4, "L_g1": 4, "beta": "1/2", "rootT": 2},
        define=(RATE, ("C_2", "(1 - rho_g/beta) - 1")),
        assume=(
            Condition("the printed condition", "beta >= 2/(mu_g + L_g1)"),
            Condition("(39b): beta_0 >= 1/mu_g", "beta/rootT >= 1/mu_g"),
        ),
        claim=Condition("C_2 > -1", "C_2 > -1"),
    )


def root_witness() -> Witness:
    """B.6.3 has alpha for alpha^2 under the noise.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(root_witness()).last.values
    ('8 <= 4',)
    """
    return witness(
        "slam/cor1-noise",
        "B.6.3",
        "E|(E h_f - h_f)/alpha|^2 <= n sigma_f^2/alpha",
        note="true for alpha >= 1 only, where it is weaker than n sigma_f^2/alpha^2",
        given={"noise": [[1, 1], [1, -1], [-1, 1], [-1, -1]], "sigma2": 1, "n": 2, "alpha": "1/2"},
        define=(),
        assume=(Condition("A3", "mean(noise) == zeros(2) and transpose(noise) @ noise == 4*sigma2*eye(2)"),),
        claim=Condition("the bound", "norm2(noise/alpha)/4 <= n*sigma2/alpha"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        step_witness(),
        disagreement_witness(),
        cross_term_witness(),
        conditional_witness(),
        private_witness(),
        floor_witness(),
        root_witness(),
    )
