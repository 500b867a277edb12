"""Witnesses against Lemma 3 and (10)."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.lines import LEMMA_3
from spiritlevel.theory.witness import Condition, Witness

BOUND = LEMMA_3.text(one="1")


def sign_witness(radius: str = "1/1000") -> Witness:
    """(25) for a scalar quadratic g: the difference is minus the mixed derivative's part of dy*/dx.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sign_witness()).ok, check(sign_witness("10")).ok
    (True, False)
    """
    return Witness(
        statement="rabo/lem3",
        paper=PAPER,
        location="Lemma 3, (25)",
        claim_text="|approximate hypergradient - hypergradient (7)|^2 <= P* l_g1^2 mu^2 l_f0^2/4",
        note="one client, g = y^2/2 - xy, f = h(y) with Huber's h, y = 2; radius stands for RAFBO's mu",
        given={
            "G": [[0, -1], [-1, 1]],
            "l_g1": "13/8",
            "l_f0": 1,
            "P": 1,
            "radius": radius,
            "x": 0,
            "y": 2,
            "f_y": 1,
        },
        define=(
            ("delta", "((y - (x + radius)) - (y - x))/radius"),
            ("estimate", "delta*f_y"),
            ("hypergradient", "-G[0, 1]/G[1, 1]*f_y"),
        ),
        assume=(
            Condition("A2: the norm of G is at most l_g1", "psd(l_g1*eye(2) - G) and psd(l_g1*eye(2) + G)"),
            Condition("f_y = h'(y), at most l_f0", "y >= 1 and f_y == 1 and f_y <= l_f0"),
            Condition("mu is positive", "radius > 0"),
        ),
        claim=Condition("(25)", f"(estimate - hypergradient)**2 <= {BOUND}"),
    )


def curvature_witness(k: int = 100) -> Witness:
    r"""(25) with the mixed derivative in the place of dy*/dx: a difference quotient's error has the next derivative's constant.

    :math:`g = y^2/2 + \frac{c}{k^2} \Psi(k(x+y))`, :math:`\Psi' = u/(1+u^2)`, whose derivative lies in [-1/8, 1].

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(curvature_witness()).ok, check(curvature_witness(1)).ok
    (True, False)
    """
    return Witness(
        statement="rabo/lem3-mixed",
        paper=PAPER,
        location="Lemma 3, (25), and (10)",
        claim_text="(25) with d_x f + (mixed derivative of g)' d_y f in the place of the hypergradient",
        note="one client, g = y^2/2 + (c/k^2) log(1 + u^2)/2 with u = k(x + y), f = h(y + 2) with Huber's h, x = y = 0; radius = 1/k "
        "stands for RAFBO's mu. The second derivative of log(1 + u^2)/2 is (1 - t)/(1 + t)^2 with t = u^2, in [-1/8, 1] as (t - 3)^2 >= 0",
        given={
            "c": "1/4",
            "k": k,
            "radius": f"1/{k}",
            "mu_g": "31/32",
            "l_g1": "3/2",
            "l_f0": 1,
            "P": 1,
            "x": 0,
            "y": 0,
            "f_y": 1,
        },
        define=(
            ("u", "k*(x + y)"),
            ("v", "k*(x + radius + y)"),
            ("delta", "c/k*(v/(1 + v**2) - u/(1 + u**2))/radius"),
            ("mixed", "c*(1 - u**2)/(1 + u**2)**2"),
        ),
        assume=(
            Condition(
                "A1, A2: second derivatives of g",
                "1 - c/8 >= mu_g and 1 + 2*c <= l_g1 and mu_g > 0 and c > 0",
            ),
            Condition("f_y = h'(y + 2), at most l_f0", "y + 2 >= 1 and f_y == 1 and f_y <= l_f0"),
            Condition("mu is positive", "radius > 0"),
        ),
        claim=Condition("(25), read so", f"((delta - mixed)*f_y)**2 <= {BOUND}"),
    )


def scaling_witness() -> Witness:
    """(10) for g and for 2g, which have the same y*.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(scaling_witness()).last.values
    ('-1 == -2',)
    """
    return Witness(
        statement="rabo/eq10-units",
        paper=PAPER,
        location="(10), Algorithm 2, line 5",
        claim_text="the approximation of dy*/dx does not change when g is multiplied by a constant",
        note="g = s(y^2/2 - xy): dy*/dx = 1 for every s",
        given={"s": [1, 2], "radius": "1/10", "x": 0, "y": 0},
        define=(
            ("deltas", "((y - (x + radius)) - (y - x))/radius*s"),
            ("slopes", "s[0]/s[0] - s[1]/s[1]"),
        ),
        assume=(
            Condition("g is strongly convex", "min(s) > 0"),
            Condition("mu is positive", "radius > 0"),
            Condition("dy*/dx = s/s is the same", "slopes == 0"),
        ),
        claim=Condition("delta is the same", "deltas[0] == deltas[1]"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (sign_witness(), curvature_witness(), scaling_witness())
