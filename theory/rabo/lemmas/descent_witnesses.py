"""Witnesses against Lemmas 5 and 7, their units, and the sign of U_1 in their proofs."""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.lines import END_5, END_7, LEMMA_5, LEMMA_7, U_1, Line, symbols
from spiritlevel.theory.rabo.lemmas.lipschitz_witnesses import lemma1
from spiritlevel.theory.witness import Condition, Witness

ALPHA = Condition("Theorem 1: alpha <= 1/(L_f + 4 M_f)", "alpha > 0 and alpha*(L_f + 4*M_f) <= 1")
_NOTHING = dict.fromkeys(("sigma_f2", "delta_f2", "E_h", "sigma_J2", "new_lower"), "0")
_DECOUPLED = Condition(
    "A1, A2: g = y^2/2, f = k h(x)",
    "mu_g == 1 and l_g1 == 1 and l_g2 == 0 and l_f0 == k and l_f1 == k and k > 0",
)
_FAR = Condition("h' = 1 from x - alpha k to x", "x - alpha*k >= 1")


def _gradient_step(statement: str, location: str, line: Line, k: str, alpha: str, x: int) -> Witness:
    return Witness(
        statement=statement,
        paper=PAPER,
        location=location,
        claim_text=f"E Phi(x_(q+1)) - E Phi(x_q) is at most the right side of {line.name}",
        note="one client without masks or noise: f = k h(x) with Huber's h, g = y^2/2, y = y* = 0, so that Phi = k h and a round is a "
        "gradient step; sigma, delta, E_h and |y_(q+1) - y*| are 0, and RAFBO's difference is 0 as well",
        given={
            "k": k, "l_f0": k, "l_f1": k, "mu_g": 1, "l_g1": 1, "l_g2": 0, "N": 1, "C_x": 1, "alpha": alpha, "x": x,
        },
        define=(*lemma1(), ("gradient", "k"), ("x_new", "x - alpha*gradient"), ("descent", "k*(x_new - 1/2) - k*(x - 1/2)")),
        assume=(_DECOUPLED, ALPHA, _FAR),
        claim=Condition(
            line.name,
            f"descent <= {line.text(grad_Phi2='gradient**2', grad_f2='gradient**2', **_NOTHING)}",
        ),
    )  # fmt: skip


def small_witness(k: str = "1/100", alpha: str = "8") -> Witness:
    """(32), where L_f is small.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(small_witness()).last.values, check(small_witness(k="1/2", alpha="1/6")).ok
    (('-1/1250 (-0.0008) <= -3097/62500 (-0.049552)',), False)
    """
    return _gradient_step("rabo/lem5", "Lemma 5, (32)", LEMMA_5, k, alpha, 10)


def opposed_witness(alpha: str = "1/100") -> Witness:
    """(35) where RAFBO as printed rests although grad Phi is not 0, with L_f = 18: it is sigma_J^2 that (35) lacks.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(opposed_witness()).last.values
    ('0 <= -4983/1000000 (-0.004983)',)
    """
    nothing = {**_NOTHING, "new_lower": "(y_new - x)**2"}
    return Witness(
        statement="rabo/lem7",
        paper=PAPER,
        location="Lemma 7, (35)",
        claim_text="E Phi(x_(q+1)) - E Phi(x_q) is at most the right side of (35)",
        note="one client without masks or noise: f = 2 h(x) + h(y - c) with Huber's h, g = (y - x)^2/2, y = y* = x; Algorithm 2's difference is -1 for every mu, dy*/dx is 1",
        given={
            "mu_g": 1, "l_g1": 2, "l_g2": 0, "l_f0": "9/4", "l_f1": 2, "N": 1, "C_x": 1, "alpha": alpha, "beta": "1/4", "c": "1/4",
            "mu": "1/100", "x": "-1/4", "G": [[1, -1], [-1, 1]],
        },
        define=(
            *lemma1(),
            ("y_new", "x - beta*(x - x)"),
            ("delta", "((y_new - (x + mu)) - (y_new - x))/mu"),
            ("x_new", "x - alpha*(2*x + delta*(y_new - c))"),
            ("gradient", "2*x + (x - c)"),
            ("descent", "(x_new**2 + (x_new - c)**2/2) - (x**2 + (x - c)**2/2)"),
        ),
        assume=(
            Condition("G is the Hessian of g in (x, y), of norm l_g1", "psd(l_g1*eye(2) - G) and psd(l_g1*eye(2) + G) and G[1, 1] >= mu_g"),
            Condition("slopes of at most 2 and 1, second derivatives of at most 2", "l_f0**2 >= 5 and l_f1 >= 2"),
            Condition("h is quadratic at all points", "abs(x) <= 1 and abs(x_new) <= 1 and abs(x - c) <= 1 and abs(x_new - c) <= 1"),
            Condition("(32) has this L_f too", "L_f >= 1"),
            ALPHA,
        ),
        claim=Condition("(35)", f"descent <= {LEMMA_7.text(grad_Phi2='gradient**2', grad_f2='gradient**2', **nothing)}"),
    )  # fmt: skip


def end_witness(parts: int = 4) -> Witness:
    """The last display of the proof of Lemma 5, or, with 5 parts, 7: more than a gradient step can gain.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(end_witness()).last.values, check(end_witness(5)).ok
    (('-1/12 (-0.0833333) <= -11/72 (-0.152778)',), True)
    """
    seventh = parts == 5
    return _gradient_step(
        "rabo/lem7-end" if seventh else "rabo/lem5-end",
        f"end of the proof of Lemma {7 if seventh else 5}",
        END_7 if seventh else END_5,
        "1",
        "1/12",
        10,
    )


def sign_witness() -> Witness:
    """A bound on U_1 under the coefficient -1/(2 alpha) + L_f/2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sign_witness()).last.values
    ('-1/36 (-0.0277778) <= -1/9 (-0.111111)',)
    """
    return Witness(
        statement="rabo/u1-sign",
        paper=PAPER,
        location="proofs of Lemmas 5 and 7, 'Thus, we can get'",
        claim_text="from U_1 <= B follows (-1/(2 alpha) + L_f/2) U_1 <= (-1/(2 alpha) + L_f/2) B",
        note="a gradient step of size 1 on Huber's h where h' = 1, g = y^2/2, no noise, no masks",
        given={
            "k": 1, "l_f0": 1, "l_f1": 1, "mu_g": 1, "l_g1": 1, "l_g2": 0, "N": 1, "C_x": 1, "alpha": "1/12", "x": 10,
        },
        define=(
            *lemma1(),
            ("U1", "(alpha*k)**2"),
            ("B", U_1.text(grad_f2="k**2", sigma_f2="0", delta_f2="0", E_h="0")),
            ("factor", "L_f/2 - 1/(2*alpha)"),
        ),
        assume=(_DECOUPLED, ALPHA, _FAR, Condition("the bound on U_1 holds", "U1 <= B")),
        claim=Condition("what the proof concludes", "factor*U1 <= factor*B"),
    )  # fmt: skip


def units_witness() -> Witness:
    """(32) for f = h and for f = h/100 with 100 alpha: the same iterates.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(units_witness()).ok
    True
    """
    import sympy

    nothing = dict.fromkeys(("sigma_f2", "delta_f2", "E_h", "new_lower"), "0")
    a, (alpha, L_f) = symbols(), sympy.symbols("alpha_k L_k")
    other = dataclasses.replace(a, alpha=alpha, L_f=L_f)
    return Witness(
        statement="rabo/units",
        paper=PAPER,
        location="Lemma 5, (32)",
        claim_text="where (32) holds, it holds when f is measured in other units",
        note="one client without masks or noise: f = h(x) with Huber's h, g = y^2/2, a gradient step; then f = k h and alpha/k",
        given={"k": "1/100", "l_f0": 1, "l_f1": 1, "mu_g": 1, "l_g1": 1, "l_g2": 0, "N": 1, "C_x": 1, "alpha": "1/12", "x": 10},
        define=(
            *lemma1(),
            ("alpha_k", "alpha/k"),
            ("L_k", "k*L_f"),
            ("x_new", "x - alpha"),
            ("x_new_k", "x - alpha_k*k"),
        ),
        assume=(
            Condition("A1, A2 and alpha", "alpha*(L_f + 4*M_f) <= 1 and k > 0 and x_new >= 1"),
            Condition("the iterates are the same", "x_new == x_new_k"),
            Condition("(32) holds for f = h", f"x_new - x <= {LEMMA_5.text(grad_Phi2='1', grad_f2='1', **nothing)}"),
        ),
        claim=Condition("(32) for f = k h", f"k*(x_new_k - x) <= {LEMMA_5.text(other, grad_Phi2='k**2', grad_f2='k**2', **nothing)}"),
    )  # fmt: skip


def copy_witness() -> Witness:
    """The coefficient of sigma_f^2 in (32) and at the end of its proof.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(copy_witness()).last.values
    ('1/4 (0.25) == 1/32 (0.03125)',)
    """
    a = symbols()
    printed, proof = (str(line.right(a)["sigma_f2"]) for line in (LEMMA_5, END_5))
    return Witness(
        statement="rabo/lem5-copy",
        paper=PAPER,
        location="Lemma 5, (32), and the end of its proof",
        claim_text="(32) is what the proof ends with",
        note="with L_f = 1 (32) has 2 alpha where the proof has 2 alpha^2",
        given={"alpha": "1/8", "L_f": 1, "M_f": "1/2", "N": 1, "C_x": 1},
        define=(),
        assume=(Condition("alpha is admitted", "alpha > 0 and alpha*(L_f + 4*M_f) <= 1"),),
        claim=Condition("the factors of sigma_f^2 agree", f"{printed} == {proof}"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        small_witness(),
        opposed_witness(),
        end_witness(),
        end_witness(5),
        sign_witness(),
        units_witness(),
        copy_witness(),
    )
