"""Witnesses against single lines of the proofs: dimensions, an undefined constant, a mean of private variables."""

from __future__ import annotations

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.witness import Condition, Iteration, Witness

_DOUBLY = Condition(
    "(a), (b): W is doubly stochastic and symmetric, with entries >= 0",
    "W @ ones(2) == ones(2) and symmetric(W) and min(W) >= 0",
)


def zero_modulus_witness() -> Witness:
    r""":math:`c_1 = c_2 = 1/\lambda - 1` needs :math:`\lambda > 0`; with equal weights 1/m it is 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(zero_modulus_witness()).last.values
    ('0 != 0',)
    """
    return Witness(
        statement="interact/eq16-17-zero",
        paper=PAPER,
        location="Step 5, choice of c_1 and c_2",
        claim_text="c_1 = c_2 = 1/lam - 1 are some positive constants",
        note="Property (c) read with W_ii > 0; with W_ii = 0 the trace is 0 and lam >= 1/(m-1).",
        given={"W": [["1/2", "1/2"], ["1/2", "1/2"]], "lam": 0, "z": [1, -1]},
        define=(),
        assume=(
            _DOUBLY,
            Condition("(c): two linked agents, sums that include the own copy", "positive(W) == ones(2, 2)"),
            Condition(
                "no eigenvalue of W but the one of the vector 1 exceeds lam in modulus",
                "psd(lam**2*eye(2) - (W - ones(2, 2)/2) @ (W - ones(2, 2)/2))",
            ),
            Condition(
                "the modulus lam is attained at z", "sum(z) == 0 and norm2(z) > 0 and W @ (W @ z) == lam**2*z"
            ),
            Condition("0 <= lam < 1", "0 <= lam and lam < 1"),
        ),
        claim=Condition("1/lam is defined", "lam != 0"),
    )


def kronecker_witness() -> Witness:
    r""":math:`M \otimes I_m` acts on vectors of length :math:`m^2`; the stacked x has length :math:`m d_1`.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(kronecker_witness()).last.values
    ('4 == 2',)
    """
    return Witness(
        statement="interact/step3-kron",
        paper=PAPER,
        location="Step 3",
        claim_text="M tensor I_m applies to the stacked x_t",
        given={
            "m": 2,
            "d1": 1,
            "W": [["3/4", "1/4"], ["1/4", "3/4"]],
            "K": [["3/4", 0, "1/4", 0], [0, "3/4", 0, "1/4"], ["1/4", 0, "3/4", 0], [0, "1/4", 0, "3/4"]],
            "x": [1, 2],
        },
        define=(),
        assume=(
            _DOUBLY,
            Condition(
                "K = M tensor I_m: each entry of M times the identity of size m, so m*m = 4 columns",
                "K[0, 0] == W[0, 0] and K[0, 2] == W[0, 1] and K[1, 1] == W[0, 0] and K[1, 3] == W[0, 1] "
                "and K[0, 1] == 0 and K[0, 3] == 0 and K @ ones(4) == ones(4) and m*m == 4",
            ),
            Condition(
                "x_t stacks m vectors of length d1, so it has m*d1 = 2 entries",
                "0*x == zeros(2) and m*d1 == 2",
            ),
        ),
        claim=Condition("as many columns of K as entries of x", "m*m == m*d1"),
    )


def full_gradient_witness() -> Witness:
    r"""(24) adds the gradient of g, of length :math:`d_1 + d_2`, to :math:`d_{t-1}`, of length :math:`d_2`.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(full_gradient_witness()).last.values
    ('2 == 1',)
    """
    return Witness(
        statement="interact/eq24-dimension",
        paper=PAPER,
        location="(24), with (9) and (26)",
        claim_text="d_t = d_(t-1) + mean of grad g(x_t, y_t) - grad g(x_(t-1), y_(t-1))",
        note="g = (x,y)G(x,y)'/2 with one-dimensional x and y; grad g is the full gradient, as in A1(b).",
        given={"d1": 1, "d2": 1, "G": [[1, -1], [-1, 1]], "z": [1, 2]},
        define=(("gradient", "G @ z"), ("d_0", "gradient[1]")),
        assume=(
            Condition("A1(a): g is strongly convex in y", "symmetric(G) and G[1, 1] > 0"),
            Condition("grad g has d1 + d2 = 2 entries", "0*gradient == zeros(2) and d1 + d2 == 2"),
            Condition(
                "(9), (26): d_0 is the gradient in y, which has d2 = 1 entry", "0*d_0 == 0 and d2 == 1"
            ),
        ),
        claim=Condition("the terms of (24) have as many entries as d_(t-1)", "d1 + d2 == d2"),
    )


def mean_of_private_witness() -> Witness:
    r"""(18) with the mean of the :math:`y_i`, read as :math:`1 \otimes \bar y`: the left side stays, the right side falls.

    :math:`f = 0` and :math:`g_i = (y - c_i)^2/2` with :math:`c = (1, -1)`, started at y = 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(mean_of_private_witness()).ok
    True
    """
    return Witness(
        statement="interact/eq20-mean-y",
        paper=PAPER,
        location="(18), (20)",
        claim_text="(18) with |1 tensor ybar - y*|^2 on the left, ybar the mean of the y_i",
        note="l = 0, x = 0 and u = 0 throughout, so that only the terms of y are left; delta = 1 makes the right side largest.",
        given={
            "W": [["2/3", "1/3"], ["1/3", "2/3"]],
            "lam": "1/3",
            "c": [1, -1],
            "y0": [0, 0],
            "mu_g": 1,
            "L_g": 1,
            "C_gxy": "1/10",
            "L_f": 0,
            "beta": "1/2",
            "alpha": "1/100",
            "delta": 1,
        },
        define=(
            ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
            ("L_y", "(C_gxy/mu_g)**2"),
            ("weight", "(1 - lam)/(32*(1 + 1/r)*L_y**2)"),
            ("factor", "2*alpha/2*L_f**2 + weight*3*r - weight*(1 + 3*r)*2*beta*mu_g*L_g/(mu_g + L_g)"),
            ("gain", "weight*(delta - 1)*(1 + r)**2*(2*beta/(mu_g + L_g) - beta**2)"),
        ),
        assume=(
            _DOUBLY,
            Condition(
                "lam is the second-largest eigenvalue modulus of W",
                "psd(lam**2*eye(2) - (W - ones(2, 2)/2) @ (W - ones(2, 2)/2)) and W @ c == lam*c",
            ),
            Condition(
                "A1: g_i = (y - c_i)^2/2, with bounds that may be positive",
                "mu_g == 1 and L_g == 1 and C_gxy > 0",
            ),
            Condition("A2: f = 0, so that every constant of f and L_f are 0", "L_f == 0"),
            Condition("beta as in Theorem 1", "beta > 0 and beta <= 1/(mu_g + L_g)"),
        ),
        iterate=(
            Iteration(
                text="(7), (9); error and gradient are the sums over t of |y - y*|^2 and |v|^2",
                times=2,
                start=(("y", "y0"), ("v", "y0 - c"), ("error", "0"), ("gradient", "0")),
                step=(
                    ("error", "error + norm2(y - c)"),
                    ("gradient", "gradient + norm2(v)"),
                    ("y", "y - beta*v"),
                    ("v", "y - c"),
                ),
                measure=(("mean_error", "norm2(y - center(y) - c)"),),
                show=("y", "mean_error"),
            ),
        ),
        claim=Condition(
            "(18) for T = 1 with ybar on the left",
            "weight*(mean_error - norm2(y0 - center(y0) - c)) <= factor*error + gain*gradient",
        ),
    )
