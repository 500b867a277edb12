"""Witnesses about Assumptions 2 and 4, and Lemmas 1 and 2."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.constants import Smoothness
from spiritlevel.theory.witness import Assignments, Condition, Witness


def lemma1() -> Assignments:
    """L_y, M_f and L_f from ``mu_g, l_f0, l_f1, l_g1, l_g2``, as `Smoothness` has them.

    Examples
    --------
    >>> lemma1()[1]
    ('M_f', 'l_f0*(l_g1*l_g2/mu_g + l_g2)/mu_g + l_f1*l_g1/mu_g + l_f1')
    """
    import sympy

    names = "mu_g l_f0 l_f1 l_g1 l_g2"
    c = Smoothness(**dict(zip(names.split(), sympy.symbols(names), strict=True)))
    return (("L_y", str(c.L_y)), ("M_f", str(c.M_f)), ("L_f", str(c.L_f)))


_CURVES = {
    "H": [3, 1],
    "mu_g": "3/4",
    "l_g1": "7/2",
    "l_g2": 3,
    "l_f0": 1,
    "l_f1": 1,
    "x": 0,
    "y": 0,
    "f_y": -1,
}
_NOTE = (
    "N = 2, g_1 = y^2/2 + log(1 + y^2) - xy, g_2 = y^2/2 - xy, f_1 = f_2 = h(y - 2) with Huber's h, full masks, no noise. The second "
    "derivative of g_1 in y, 1 + 2(1 - t)/(1 + t)^2 with t = y^2, lies in [3/4, 3] since (t - 3)^2 >= 0; its derivative is below 3; delta_g = 1/2"
)
_ASSUMED = (
    Condition(
        "H holds the second derivatives in y at y = 0", "H[0] == 1 + 2*(1 - y**2)/(1 + y**2)**2 and H[1] == 1"
    ),
    Condition("A1 at y = 0", "min(H) >= mu_g and max(H) <= l_g1"),
    Condition("y = y*(x): the mean gradient y + y/(1 + y^2) - x vanishes", "y + y/(1 + y**2) - x == 0"),
    Condition("f_y = h'(y - 2) = -1 is the gradient of f in y", "y - 2 <= -1 and f_y == -1"),
)


def mean_witness() -> Witness:
    """(22) with the mean of the local hypergradients in the place of one of them, and grad Phi.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(mean_witness()).last.values
    ('1/36 (0.0277778) <= 0',)
    """
    return Witness(
        statement="rabo/lem1-mean",
        paper=PAPER,
        location="U_2, second inequality",
        claim_text="|mean of grad f_n(x, y) - grad Phi(x)| <= M_f |y - y*(x)|, grad f_n by (7)",
        note=_NOTE,
        given=_CURVES,
        define=(
            *lemma1(),
            ("local", "f_y/H[0] + f_y/H[1]"),
            ("mean_D", "local/2"),
            ("grad_Phi", "f_y/mean(H)"),
        ),
        assume=_ASSUMED,
        claim=Condition("at y = y*(x)", "(mean_D - grad_Phi)**2 <= M_f**2*(y - y)**2"),
    )


def readings_witness() -> Witness:
    """(16) for plain gradients does not give it for (7).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(readings_witness()).last.values
    ('1/36 (0.0277778) <= 0',)
    """
    return Witness(
        statement="rabo/a4-readings",
        paper=PAPER,
        location="Assumption 4, (16)",
        claim_text="|grad f_i - grad f| <= delta_f for plain gradients implies the same for the hypergradients (7)",
        note=_NOTE + ". f_1 = f_2, so that delta_f = 0",
        given={**_CURVES, "delta_f": 0},
        define=(("local", "f_y/H[0]"), ("whole", "f_y/mean(H)")),
        assume=_ASSUMED,
        claim=Condition("(16) for (7), client 1", "(local - whole)**2 <= delta_f**2"),
    )


_COUPLED = Condition(
    "A1, A2: G is the Hessian of g in (x, y_1, y_2), of norm l_g1, so that l_g2 = 0",
    "psd(l_g1*eye(3) - G) and psd(l_g1*eye(3) + G) and G[1, 1] >= mu_g and G[2, 2] >= mu_g and l_g2 == 0",
)


def next_round_witness() -> Witness:
    """(24) with the w_2 of (19), which is about y_q; E_h has y_{q+1}.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(next_round_witness()).last.values
    ('1/4 (0.25) <= 0',)
    """
    return Witness(
        statement="rabo/lem2",
        paper=PAPER,
        location="Lemma 2, (24)",
        claim_text="|grad f_n(x_q^n, y_{q+1}^n) - grad f_n(x_q, y_{q+1})|^2 <= 2 M_f^2 (w_1^2 |x_q|^2 + w_2^2 |y_{q+1}|^2)",
        note="N = 2 equal clients, Q = 1, T = 1: g = |y|^2/2 - x(y_1 + y_2), f = h(y_1 + y_2) with Huber's h; both hold x, client i holds y_i; "
        "from y_0 = 0, where (19) holds with w_2 = 0",
        given={
            "G": [[0, -1, -1], [-1, 1, 0], [-1, 0, 1]],
            "mu_g": 1, "l_g1": 2, "l_g2": 0, "l_f0": 2, "l_f1": 2,
            "beta": "1/4", "x": 1, "y0": [0, 0], "held": [1, 0], "w1": 0, "w2": 0,
        },
        define=(
            *lemma1(),
            ("y1", "y0 - beta*(y0 - x*ones(2))"),
            ("pruned", "diag(held) @ y1"),
            ("difference", "2*sum(pruned) - 2*sum(y1)"),
        ),
        assume=(
            _COUPLED,
            Condition("the inner step is admitted", "beta > 0 and 2*beta*l_g1 <= 1"),
            Condition("A5: (18), (19) at x_0, y_0", "norm2(y0 - diag(held) @ y0) <= w2**2*norm2(y0) and w1 == 0"),
            Condition(
                "h' is the identity at both points, so that (7) is (1, 1) times (s, s), s the sum of y", "abs(sum(y1)) <= 1"
            ),
        ),
        claim=Condition("(24), client 1", "difference**2 <= 2*M_f**2*(w1**2*x**2 + w2**2*norm2(y1))"),
    )  # fmt: skip


def submodel_witness() -> Witness:
    """(24) for (7) with the derivatives of the submodel, where nothing is pruned off.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(submodel_witness()).last.values
    ('1/144 (0.00694444) <= 0',)
    """
    return Witness(
        statement="rabo/lem2-submodel",
        paper=PAPER,
        location="Lemma 2, (24); Section III-A",
        claim_text="(24) with the hypergradient that a submodel computes, whose Hessian is the block of held coordinates",
        note="g = y'Hy/2 - x(y_1 + y_2), f = h(y_1) with Huber's h; the client holds x and y_1, and y_2 = 0, so that w_1 = w_2 = 0",
        given={
            "H": [[2, 1], [1, 2]], "B": [1, 1], "mu_g": 1, "l_g1": 4, "l_g2": 0, "l_f0": 1, "l_f1": 1,
            "x": 1, "y": ["1/2", 0], "held": [1, 0], "w1": 0, "w2": 0,
        },
        define=(
            *lemma1(),
            ("f_y", "diag(held) @ y"),
            ("full", "dot(B, inv(H) @ f_y)"),
            ("sub", "B[0]*f_y[0]/H[0, 0]"),
        ),
        assume=(
            Condition("A1, A2: the Hessian of g", "psd(H - mu_g*eye(2)) and pd(l_g1*eye(2) - H) and norm2(B) <= (l_g1 - 3)*l_g1"),
            Condition("h' is the identity at y_1", "abs(y[0]) <= 1"),
            Condition("A5", "norm2(y - diag(held) @ y) <= w2**2*norm2(y) and w1 == 0"),
        ),
        claim=Condition("(24)", "(sub - full)**2 <= 2*M_f**2*(w1**2*x**2 + w2**2*norm2(y))"),
    )  # fmt: skip


def unbounded_witness(l_f0: int = 1000) -> Witness:
    """f = y^2/2 is not l_f0-Lipschitz, for any l_f0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(unbounded_witness(l)).ok for l in (1, 1000, 10**9)]
    [True, True, True]
    """
    return Witness(
        statement="rabo/a2-quadratic",
        paper=PAPER,
        location="Assumption 2",
        claim_text="f = y^2/2 is l_f0-Lipschitz",
        note="an instance; y = 2 l_f0 + 1 does it for every l_f0",
        given={"l_f0": l_f0, "y": 2 * l_f0 + 1},
        define=(),
        assume=(Condition("l_f0 is positive", "l_f0 > 0"),),
        claim=Condition("(11) between 0 and y", "abs(y**2/2) <= l_f0*abs(y)"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        mean_witness(),
        readings_witness(),
        next_round_witness(),
        submodel_witness(),
        unbounded_witness(),
    )
