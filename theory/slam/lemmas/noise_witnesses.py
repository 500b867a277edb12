r"""Witnesses against variances and first moves in B.1, B.5 and B.6.

``noise`` lists the outcomes of two agents' two-point noise in rows, each as likely: mean 0, variance 1 for every agent,
independent. ``share`` is what ``h`` has of a local gradient. Slopes 1 and -1 are those of Huber functions far from their minima,
which are bounded below and 1-Lipschitz.
"""

from __future__ import annotations

from spiritlevel.theory.slam.lemmas.dual_witnesses import witness
from spiritlevel.theory.witness import Condition, Witness

NOISE = [[1, 1], [1, -1], [-1, 1], [-1, -1]]
A3 = Condition(
    "A3: mean 0, variance sigma2 for every agent; independent agents",
    "mean(noise) == zeros(2) and transpose(noise) @ noise == 4*sigma2*eye(2)",
)
A1 = Condition("A1: every f_i has the slope L_f0 or less", "max(abs(slopes)) <= L_f0")


def deviation_witness() -> Witness:
    """(47) without noise and with the slopes 1 and -1: in either normalisation h is not its mean.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(deviation_witness()).ok
    True
    """
    return witness(
        "slam/eq47",
        "(47)",
        "E|h_f - 1 hbar_f|^2 <= 2 sigma_f^2/n",
        note="for h local or 1/n of it; with equal slopes and noise three agents give 2 > 2/3 for local h",
        given={"slopes": [1, -1], "L_f0": 1, "sigma2": 0, "n": 2},
        define=(),
        assume=(A1,),
        claim=Condition(
            "(47), local or 1/n",
            "norm2(center(slopes)) <= 2*sigma2/n or norm2(center(slopes/n)) <= 2*sigma2/n",
        ),
    )


def mean_step_witness() -> Witness:
    """(55) with strong coupling: f = h(y), g = y^2/2 - 3xy at y >= 1, so that (23) is 3.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(mean_step_witness()).ok
    True
    """
    return witness(
        "slam/eq55",
        "(55)",
        "|1 xbar^(r+1) - 1 xbar^r|^2 <= 2(sigma_f^2 + L_f0^2)/(n alpha^2)",
        note="h being 1/n of the local gradient, the smaller one; with local h the left side is 4 times as large, and with equal slopes 1 "
        "and no coupling still n L_f0^2/alpha^2, for n = 2 twice the bound",
        given={"n": 2, "L_f0": 1, "sigma2": 0, "slope_y": 1, "C": -3, "H": 1, "C_xy": 3, "alpha": 1},
        define=(("h", "(0 - C/H*slope_y)/n*ones(2)"), ("move", "ones(2)*mean(h)/alpha")),
        assume=(
            Condition(
                "A1: f = h(y) is 1-Lipschitz, C_xy bounds the cross term",
                "slope_y <= L_f0 and abs(C) <= C_xy",
            ),
            Condition("A5", "H == 1"),
        ),
        claim=Condition("(55)", "norm2(move) <= 2*(sigma2 + L_f0**2)/(n*alpha**2)"),
    )


def lower_variance_witness() -> Witness:
    """(70) with local h: the variance is n sigma^2/beta^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lower_variance_witness()).last.values
    ('1/2 (0.5) <= 1/8 (0.125)',)
    """
    return witness(
        "slam/eq70",
        "(69), (70)",
        "E|y^(r+1) - E y^(r+1)|^2 <= sigma_g^2/(n beta^2)",
        note="h_{g,i} estimates the gradient of g_i, as A3 and Algorithm 1 say",
        given={"noise": NOISE, "sigma2": 1, "beta": 2, "n": 2},
        define=(("off", "noise/beta"),),
        assume=(A3,),
        claim=Condition("(70)", "norm2(off)/4 <= sigma2/(n*beta**2)"),
    )


def dual_variance_witness() -> Witness:
    """(142) with local h on an edge.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(dual_variance_witness()).ok
    True
    """
    return witness(
        "slam/eq142",
        "(141), (142)",
        "the variance of omega^(r+1) - omega^r is at most rho^2 sigma_max sigma_g^2/(n gamma^2 beta^2)",
        note="h_{g,i} estimates the gradient of g_i",
        given={"noise": NOISE, "sigma2": 1, "A": [[1, -1]], "beta": 2, "n": 2, "rho": 1, "gamma": 3},
        define=(("off", "transpose(A @ transpose(noise))/beta"),),
        assume=(A3, Condition("sigma_max(A'A) = 2", "psd(2*eye(2) - transpose(A) @ A)")),
        claim=Condition("(142)", "(rho/gamma)**2*norm2(off)/4 <= rho**2*2*sigma2/(n*gamma**2*beta**2)"),
    )


def normalisation_witness() -> Witness:
    """(70) and (157) in both normalisations: two agents alike, f_i = x, at consensus with y = y*.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(normalisation_witness()).ok
    True
    """
    return witness(
        "slam/normalisation",
        "(70), (157)",
        "with h local, or with h 1/n of it, both (70) and (157) are true",
        note="beta = 1; the gradient of the mean is 1, E hbar_f is 1 or 1/n; at consensus with y = y* and no noise in h_f the right side of (157) is 0",
        given={"noise": NOISE, "sigma2": 1, "n": 2, "gradient": 1},
        define=(),
        assume=(A3,),
        claim=Condition(
            "both with local h, or both with 1/n h",
            "(norm2(noise)/4 <= sigma2/n and (gradient - gradient)**2 <= 0) or "
            "(norm2(noise/n)/4 <= sigma2/n and (gradient - gradient/n)**2 <= 0)",
        ),
    )


def dependence_witness() -> Witness:
    """The same noise for all agents: A3 holds, and the mean's variance is sigma^2, not sigma^2/n.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(dependence_witness()).last.values
    ('1 <= 1/2 (0.5)',)
    """
    return witness(
        "slam/eq156-variance",
        "(155) to (156), with A3",
        "E|hbar_f - E hbar_f|^2 <= sigma_f^2/n under A3",
        note="A3 speaks of every agent by itself: unbiased, variance at most sigma_f^2",
        given={"noise": [[1, 1], [-1, -1]], "sigma2": 1, "n": 2},
        define=(),
        assume=(
            Condition(
                "A3: mean 0, variance sigma2 for every agent",
                "mean(noise) == zeros(2) and diag(transpose(noise) @ noise) == 2*sigma2*ones(2)",
            ),
        ),
        claim=Condition("sigma_f^2/n", "norm2(noise @ ones(2)/n)/2 <= sigma2/n"),
    )


def inverse_witness() -> Witness:
    """(69) has 1/alpha where the step of y is 1/beta.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(inverse_witness()).ok
    True
    """
    return witness(
        "slam/eq69",
        "(69)",
        "y^(r+1) - E y^(r+1) = (E h_g - h_g)/alpha",
        given={"noise": NOISE, "alpha": 3, "beta": 2},
        define=(("off", "(0 - 1)*noise/beta"),),
        assume=(Condition("(5a): y^(r+1) has -h_g/beta", "off*beta + noise == 0*noise"),),
        claim=Condition("(69)", "norm2(off) == norm2(noise/alpha)"),
    )


def first_move_witness() -> Witness:
    """(176) with strong coupling, as `mean_step_witness`, and L_{f,0} = 1, its own square.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(first_move_witness()).last.values
    ('18 <= 4',)
    """
    return witness(
        "slam/eq176",
        "(176)",
        "E|x^(r+1) - x^r|^2 <= n(2 sigma_f^2 + 2 L_f0)/alpha^2",
        note="f = h(y), g = y^2/2 - 3xy at y >= 1, so that (23) is 3",
        given={"slopes": [1, 1], "L_f0": 1, "C": -3, "H": 1, "C_xy": 3, "sigma2": 0, "n": 2, "alpha": 1},
        define=(("move", "(0 - C)/H*slopes/alpha"),),
        assume=(
            A1,
            Condition("A1, A5: C_xy bounds the cross term, the Hessian is 1", "abs(C) <= C_xy and H == 1"),
        ),
        claim=Condition("(176)", "norm2(move) <= n*(2*sigma2 + 2*L_f0)/alpha**2"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        deviation_witness(),
        mean_step_witness(),
        lower_variance_witness(),
        dual_variance_witness(),
        normalisation_witness(),
        dependence_witness(),
        inverse_witness(),
        first_move_witness(),
    )
