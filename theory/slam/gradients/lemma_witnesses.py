r"""Witnesses about lines of Lemmas 2 and 3.

``phi`` is :math:`\sqrt{1+t^2}`: where t and :math:`s = \sqrt{1+t^2}` are rational, so are :math:`\varphi' = t/s` and
:math:`\varphi'' = s^{-3}`. One agent: one more with the same data changes nothing.
"""

from __future__ import annotations

from spiritlevel.theory.slam.gradients.witnesses import build
from spiritlevel.theory.witness import Condition, Witness

_COUPLED = Condition(
    "f = [k(2 y1 + y2) - k(y1 - 2 y2)]/5 with Huber's k: Q is its Hessian near 0, Q Q' = 1; A1 with L_f1 = 1, |grad f|^2 <= 4/5 <= L_f0^2",
    "Q @ Q == eye(2) and symmetric(Q) and L_f1 == 1 and L_f0**2 >= 4/5 and L_f0 > 0",
)
_TASKS = Condition(
    "g_k = mu y_k^2/2 - C x y_k for both tasks: A1 with C_xy = C and any L_g2, A5",
    "C > 0 and mu > 0 and L_g2 >= 0",
)
_COUPLED_DATA = {
    "Q": [["3/5", "4/5"], ["4/5", "-3/5"]],
    "C": 3,
    "mu": 1,
    "L_f1": 1,
    "L_f0": 1,
    "L_g2": "1/1000",
}


def eq27_witness() -> Witness:
    """``g = y^2/2 - x y``: y* = x has the derivative 1, its Hessian is constant.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(eq27_witness()).ok
    True
    """
    return build(
        "slam/lemma2-eq27",
        "Proof of Lemma 2, after (27)",
        "|grad y*(x)| <= L_g2/mu_g",
        given={"mu": 1, "C": 1, "L_g2": "1/2"},
        define=(("derivative", "C/mu"),),
        assume=(
            Condition(
                "A1: the Hessian of y^2/2 - C x y is constant, so any L_g2 >= 0 will do; A5",
                "L_g2 >= 0 and mu > 0",
            ),
        ),
        claim=Condition("the derivative of y*(x) = C x/mu is at most L_g2/mu", "derivative <= L_g2/mu"),
    )


def eq29_witness() -> Witness:
    """``g = y^2/2 + theta phi(y - x)`` at two points where all roots are rational: (29) mixes x and x'.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(eq29_witness()).ok
    True
    """
    at = "theta/s{0}**3"
    return build(
        "slam/lemma2-eq29",
        "Proof of Lemma 2, (29)",
        "grad y*(x) - grad y*(x') is the printed difference, whose second cross Hessian is taken at (x, y*(x'))",
        note="t is y - x: t1 at (x, y*(x)), t2 at (x', y*(x')), t3 at (x, y*(x')). Signs of both sides as printed.",
        given={"theta": "20/9", "t1": 0, "s1": 1, "t2": "-3/4", "s2": "5/4", "t3": "4/3", "s3": "5/3"},
        define=(
            ("y1", "-theta*t1/s1"),
            ("y2", "-theta*t2/s2"),
            ("C1", "-" + at.format(1)),
            ("C2", "-" + at.format(2)),
            ("C3", "-" + at.format(3)),
            ("H1", "1 + " + at.format(1)),
            ("H2", "1 + " + at.format(2)),
        ),
        assume=(
            Condition(
                "s is sqrt(1 + t^2)",
                "s1**2 == 1 + t1**2 and s2**2 == 1 + t2**2 and s3**2 == 1 + t3**2 and min(s1, s2, s3) > 0",
            ),
            Condition("t3 belongs to x = y1 - t1 and y2", "t3 == y2 - (y1 - t1)"),
        ),
        claim=Condition("(29)", "abs(C1/H1 - C2/H2) == abs(C1/H1 - C3/H2)"),
    )


def mixed_witness() -> Witness:
    """``g = y^2/2 - y psi(x)`` with ``psi'`` cut off at 0 and 1: the yy block is constant, y*' = psi' is not.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(mixed_witness()).ok
    True
    """
    return build(
        "slam/lemma2-needs-mixed",
        "Lemma 2, (26)",
        "|grad y*(x) - grad y*(x')| <= L_xy |x - x'| with L_g2 a Lipschitz constant of the yy block of the Hessian of g alone",
        given={"mu": 1, "C": 1, "L_gyy": "1/1000", "x": 0, "x2": 1},
        define=(
            ("slope", "max(0, min(1, x))"),
            ("slope2", "max(0, min(1, x2))"),
            ("L_xy", "3/2*L_gyy/mu*(1 + C/mu + C*(1 + C/mu)/mu)"),
        ),
        assume=(
            Condition("the yy block is constant; |psi'| <= C; A5", "L_gyy >= 0 and C >= 1 and mu == 1"),
            Condition("3/2 is above the printed sqrt(2)", "(3/2)**2 >= 2"),
        ),
        claim=Condition("(26)", "abs(slope - slope2) <= L_xy*abs(x - x2)"),
    )


def eq36_witness() -> Witness:
    """Two coupled tasks: y_1 moves, and the term of task 2 changes, for which (36) allows 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(eq36_witness()).ok
    True
    """
    return build(
        "slam/lemma3-eq36",
        "Proof of Lemma 3, (36)",
        "the k-th term of (23) changes by at most (L_f1 C_xy/mu + L_f0 (L_g2/mu + L_g2 C_xy/mu^2)) |y_k - y_k'|",
        given={**_COUPLED_DATA, "move": ["1/4", 0]},
        define=(
            ("change", "C/mu*abs((Q @ move)[1])"),
            ("factor", "L_f1*C/mu + L_f0*(L_g2/mu + L_g2*C/mu**2)"),
        ),
        assume=(_COUPLED, _TASKS, Condition("all points are where f is quadratic", "3*max(abs(move)) <= 1")),
        claim=Condition("(36) for task 2", "change <= factor*abs(move[1])"),
    )


def constant_witness() -> Witness:
    """The same tasks: (23) changes by 21/5 |move|, (36) and (37) together allow 4.004.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(constant_witness()).ok
    True
    """
    return build(
        "slam/lemma3-constant",
        "Proof of Lemma 3, (33), (36), (37)",
        "(33) with L_f,y = L_f1 + L_f1 C_xy/mu + L_f0 (L_g2/mu + L_g2 C_xy/mu^2), the sum of (36) and (37)",
        given={**_COUPLED_DATA, "move": ["1/4", 0]},
        define=(
            ("change", "C/mu*((Q @ move)[0] + (Q @ move)[1])"),
            ("L_fy", "L_f1 + L_f1*C/mu + L_f0*(L_g2/mu + L_g2*C/mu**2)"),
        ),
        assume=(_COUPLED, _TASKS, Condition("all points are where f is quadratic", "3*max(abs(move)) <= 1")),
        claim=Condition("(33)", "abs(change) <= L_fy*(abs(move[0]) + abs(move[1]))"),
    )


def bounded_witness(K: int = 100) -> Witness:
    """``f = y^2/2`` over ``g = y^2/2 + phi(y - x)``: far out (23) changes in y faster than any constant K.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(bounded_witness(K)).ok for K in (1, 100, 10**6)]
    [True, True, True]
    """
    return build(
        "slam/lemma3-needs-bound",
        "Lemma 3, (33)",
        "(33) holds with some constant L_f,y = K if grad f is Lipschitz, f itself not",
        note="Larger y = 10 K for larger K. t is y - x, s is sqrt(1 + t^2).",
        given={"K": K, "x": 10 * K, "t1": 0, "s1": 1, "t2": "3/4", "s2": "5/4"},
        define=(
            ("eq23_1", "1/s1**3/(1 + 1/s1**3)*(x + t1)"),
            ("eq23_2", "1/s2**3/(1 + 1/s2**3)*(x + t2)"),
        ),
        assume=(
            Condition("s is sqrt(1 + t^2)", "s1**2 == 1 + t1**2 and s2**2 == 1 + t2**2 and min(s1, s2) > 0"),
        ),
        claim=Condition("(33)", "abs(eq23_1 - eq23_2) <= K*abs(t1 - t2)"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        eq27_witness(),
        eq29_witness(),
        mixed_witness(),
        eq36_witness(),
        constant_witness(),
        bounded_witness(),
    )
