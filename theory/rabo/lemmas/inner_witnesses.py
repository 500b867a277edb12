"""Witnesses against Lemma 4."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.lines import LEMMA_4
from spiritlevel.theory.witness import Condition, Iteration, Witness

BETA = Condition("Lemma 4: beta <= 1/(2 l_g1)", "beta > 0 and 2*beta*l_g1 <= 1")
QUADRATIC = Condition("A1, A2: g'' = 1 for every client, so l_g2 = 0", "mu_g == 1 and l_g1 == 1")
APART = Condition("A4: g_1' and g_2' differ from their mean by 1", "delta_g2 == ((c[0] - c[1])/2)**2")
"""Of ``g_i = (y - c_i)^2/2``."""
PULLED = {"mu_g": 1, "l_g1": 1, "c": [1, -1], "delta_g2": 1, "y0": 0}


def coverage_witness(T: int = 100) -> Witness:
    """(29) where client 1 alone holds y: it goes to its own minimiser.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(coverage_witness()).ok, check(coverage_witness(20)).ok, check(coverage_witness(2)).ok
    (True, True, False)
    """
    return Witness(
        statement="rabo/lem4",
        paper=PAPER,
        location="Lemma 4, (29)",
        claim_text="E|y_{q+1} - y*|^2 <= (1 - beta mu_g) E|y_q - y*|^2 + 4 N T beta^2 (sigma_g^2 + delta_g^2)/C_y*",
        note="g_i = (y - c_i)^2/2 without noise, x plays no part; only client 1 holds y; w_1 = 0, w_2 = 1",
        given=PULLED | {"N": 2, "C_y": 1, "T": T, "beta": f"1/{T}"},
        define=(("ystar", "mean(c)"),),
        assume=(QUADRATIC, BETA, APART, Condition("y_0 = y*", "y0 == ystar")),
        iterate=(
            Iteration(
                text="client 1's inner steps (5); y_1 is their result",
                times=T,
                start=(("y", "y0"),),
                step=(("y", "y - beta*(y - c[0])"),),
                show=("y",),
            ),
        ),
        claim=Condition(
            "(29)",
            f"(y - ystar)**2 <= {LEMMA_4.text(lower='(y0 - ystar)**2', sigma_g2='0', delta_g2='delta_g2')}",
        ),
    )


def masks_witness() -> Witness:
    """(29) for equal clients that hold all of y and one of two coordinates of x each.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(masks_witness()).last.values
    ('1/16 (0.0625) <= 0',)
    """
    return Witness(
        statement="rabo/lem4-masks",
        paper=PAPER,
        location="Lemma 4, (29)",
        claim_text="E|y_{q+1} - y*|^2 <= (1 - beta mu_g) E|y_q - y*|^2 + 4 N T beta^2 (sigma_g^2 + delta_g^2)/C_y*",
        note="g_i = y^2/2 - (x_1 + x_2) y, client i holds x_i; w_1^2 = 1/2 and w_2 = 0 at x = (1, 1)",
        given={
            "G": [[0, 0, -1], [0, 0, -1], [-1, -1, 1]],
            "l_g1": 2,
            "mu_g": 1,
            "beta": "1/4",
            "N": 2,
            "T": 1,
            "C_y": 2,
            "x": [1, 1],
            "y0": 2,
        },
        define=(
            ("ystar", "sum(x)"),
            ("each", "y0*ones(2) - beta*(y0*ones(2) - x)"),
            ("y1", "mean(each)"),
        ),
        assume=(
            Condition(
                "A1, A2: G is the Hessian of g in (x, y), of norm l_g1",
                "G[2, 2] >= mu_g and psd(l_g1*eye(3) - G) and psd(l_g1*eye(3) + G)",
            ),
            BETA,
            Condition("y_0 = y*(x)", "y0 == ystar"),
            Condition("A5: each client loses half of |x|^2", "norm2(x - diag(x)[0]) == norm2(x)/2"),
        ),
        claim=Condition(
            "(29)",
            f"(y1 - ystar)**2 <= {LEMMA_4.text(lower='(y0 - ystar)**2', sigma_g2='0', delta_g2='0')}",
        ),
    )


def uncovered_witness() -> Witness:
    """(29), and the first display of its proof, where nobody holds the second coordinate of y.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(uncovered_witness()).last.values
    ('1 <= 1/2 (0.5)',)
    """
    return Witness(
        statement="rabo/lem4-uncovered",
        paper=PAPER,
        location="Lemma 4, (29), first display of its proof",
        claim_text="|y_{q+1} - y*|^2 is the sum over the coordinates k in K_{q,y}, hence (29)",
        note="g = |y|^2/2, all clients equal, no noise; C_y* = N = 1, since (13) looks at held coordinates only",
        given={
            "mu_g": 1,
            "l_g1": 1,
            "beta": "1/2",
            "N": 1,
            "T": 1,
            "C_y": 1,
            "held": [1, 0],
            "y0": [0, 1],
        },
        define=(("y1", "y0 - beta*(diag(held) @ y0)"),),
        assume=(QUADRATIC, BETA, Condition("the second coordinate is not held", "held[1] == 0")),
        claim=Condition(
            "(29)", f"norm2(y1) <= {LEMMA_4.text(lower='norm2(y0)', sigma_g2='0', delta_g2='0')}"
        ),
    )


def drift_witness(T: int = 64) -> Witness:
    r"""(29) with full masks and full coverage: local steps of clients with different curvature drift apart.

    :math:`g_1' = \varepsilon y - 1`, :math:`g_2' = \varepsilon y + \varphi(y)` with :math:`\varphi(0) = 1` and
    :math:`\varphi' = 1` on [-1, 0], falling linearly to 0 at -2 and 1: A1, A2 and A4 hold with the constants given.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(drift_witness()).ok, check(drift_witness(8)).ok
    (True, False)
    """
    return Witness(
        statement="rabo/lem4-full",
        paper=PAPER,
        location="Lemma 4, (29)",
        claim_text="E|y_{q+1} - y*|^2 <= (1 - beta mu_g) E|y_q - y*|^2 + 4 N T beta^2 (sigma_g^2 + delta_g^2)/C_y* with full masks",
        note="g_1' = eps y - 1, g_2' = eps y + phi(y); phi' has the values 0, 1, 1, 0 at -2, -1, 0, 1 and is linear between them, 0 "
        "outside; phi(0) = 1. No noise, no masks.",
        given={
            "eps": "1/1000",
            "knots": [-2, -1, 0, 1],
            "slopes": [0, 1, 1, 0],
            "at0": 1,
            "mu_g": "1/1000",
            "l_g1": "1001/1000",
            "beta": "49/100",
            "N": 2,
            "T": T,
            "C_y": 2,
            "y0": 0,
        },
        define=(
            ("low", "at0 - 1 - (slopes[0] + slopes[1])/2"),
            ("high", "at0 + (slopes[2] + slopes[3])/2"),
            ("delta_g2", "(max(abs(low + 1), abs(high + 1))/2)**2"),
        ),
        assume=(
            Condition(
                "A1, A2: second derivatives lie between mu_g and l_g1, and change by 1 per length at most",
                "eps + min(slopes) >= mu_g and eps + max(slopes) <= l_g1 and mu_g > 0",
            ),
            Condition("phi falls by 1 on [-1, 0] and by 1/2 below", "low == -1/2 and high == 3/2"),
            BETA,
            Condition("y_0 = y* = 0: the mean gradient vanishes", "y0 == 0 and (-1 + at0)/2 == 0"),
        ),
        iterate=(
            Iteration(
                text="both clients' inner steps (5) where phi(y) = 1 + y; least and most are client 2's range",
                times=T,
                start=(("a", "y0"), ("b", "y0"), ("least", "y0"), ("most", "y0")),
                step=(("a", "a - beta*(eps*a - 1)"), ("b", "b - beta*(eps*b + at0 + b)")),
                measure=(("least", "min(least, b)"), ("most", "max(most, b)")),
                show=(),
            ),
        ),
        claim=Condition(
            "(29), or client 2 leaves the part where phi(y) = 1 + y",
            f"((a + b)/2)**2 <= {LEMMA_4.text(lower='0', sigma_g2='0', delta_g2='delta_g2')} or least < -1 or most > 0",
        ),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (coverage_witness(), masks_witness(), uncovered_witness(), drift_witness())
