"""Witnesses against Lemmas 6 and 8 and the line after (37b)."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.descent_witnesses import ALPHA
from spiritlevel.theory.rabo.lemmas.lines import (
    LEMMA_3,
    LEMMA_4,
    LEMMA_6,
    LEMMA_6_MOVE,
    LEMMA_6_SQUARES,
    LEMMA_8,
    Line,
)
from spiritlevel.theory.rabo.lemmas.lipschitz_witnesses import lemma1
from spiritlevel.theory.witness import Condition, Witness

_NOTHING = dict.fromkeys(("sigma_g2", "delta_g2", "sigma_f2", "delta_f2", "E_h"), "0")


def _round(
    statement: str, location: str, line: Line, tau: str, alpha: str, *, differences: bool = False
) -> Witness:
    r"""One client, :math:`g = y^2/2 - bxy` with :math:`b = \tau/(\tau^2-1)`, f = h(y), from y = y*(x)."""
    return Witness(
        statement=statement,
        paper=PAPER,
        location=location,
        claim_text=f"E|y_(q+1) - y*(x_(q+1))|^2 is at most the right side of {line.name}",
        note="one client without masks or noise, from y = y*(x) = bx, which the inner steps keep; f = h(y) with Huber's h, h' = 1; the norm of "
        "the Hessian of g is tau^2/(tau^2 - 1)" + (". RAFBO moves x by alpha b upwards" if differences else ""),
        given={
            "tau": tau, "mu_g": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "N": 1, "T": 1, "P": 1, "C_x": 1, "C_y": 1, "alpha": alpha,
            "beta": "1/20", "radius": "1/10", "x": 10,
        },
        define=(
            ("b", "tau/(tau**2 - 1)"),
            ("l_g1", "tau**2/(tau**2 - 1)"),
            *lemma1(),
            ("y_new", "b*x"),
            ("h", "-b" if differences else "b"),
            ("x_new", "x - alpha*h"),
            ("sigma_J2", LEMMA_3.text(one="1")),
        ),
        assume=(
            Condition("A1, A2: l_g1 is the norm of the Hessian of g", "l_g1**2 - l_g1 - b**2 == 0 and l_g1 > 1 and b > 0"),
            Condition("f = h(y) with h' = 1 at y", "y_new >= 1"),
            ALPHA,
            Condition("beta <= 1/(2 l_g1)", "beta > 0 and 2*beta*l_g1 <= 1"),
        ),
        claim=Condition(
            line.name,
            "(y_new - b*x_new)**2 <= "
            + line.text(lower="0", new_lower="0", grad_f2="h**2", step2="(x_new - x)**2", sigma_J2="sigma_J2", **_NOTHING),
        ),
    )  # fmt: skip


def powers_witness(alpha: str = "1/40") -> Witness:
    """(33): alpha^3 for alpha^2. With L_y = 9/5.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(powers_witness()).ok
    True
    """
    return _round("rabo/lem6", "Lemma 6, (33)", LEMMA_6, "3/2", alpha)


def eighth_witness(alpha: str = "1/40") -> Witness:
    """(36) with its sigma_J^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(eighth_witness()).ok
    True
    """
    return _round("rabo/lem8", "Lemma 8, (36)", LEMMA_8, "3/2", alpha, differences=True)


def slope_witness(tau: str = "19/18") -> Witness:
    """(33) with alpha^2 throughout: L_y for L_y^2. With y* of slope 9.2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(slope_witness()).ok, check(slope_witness("3/2")).ok
    (True, False)
    """
    return _round(
        "rabo/lem6-slope", "proof of Lemma 6; (33) as Theorem 1 uses it", LEMMA_6_SQUARES, tau, "1/1000"
    )


def line_witness() -> Witness:
    """The second line of the proof of Lemma 6.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(line_witness()).ok
    True
    """
    return _round("rabo/lem6-line", "proof of Lemma 6, line 2", LEMMA_6_MOVE, "7/6", "1/1000")


def factor_witness(beta: str = "1/100") -> Witness:
    """(37b) and the line after it, in a round whose inner error Lemma 4 bounds well.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(factor_witness()).ok, check(factor_witness("1/4")).ok
    (True, False)
    """
    return Witness(
        statement="rabo/eq37b",
        paper=PAPER,
        location="line after (37b)",
        claim_text="(37b) <= (2 alpha M_f^2 + 2 M_f/L_y) ((1 - beta mu_g) |y_q - y*|^2 + 4 beta^2 N T (sigma_g^2 + delta_g^2)/C_y*) - M_f/L_y |y_q - y*|^2",
        note="one client without masks or noise, T = 1: f = h(x) with Huber's h, g = y^2/2, y* = 0",
        given={"mu_g": 1, "l_g1": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "N": 1, "T": 1, "C_y": 1, "alpha": "1/12", "beta": beta, "y": 1},
        define=(
            *lemma1(),
            ("y_new", "y - beta*y"),
            ("bound", LEMMA_4.text(lower="y**2", sigma_g2="0", delta_g2="0")),
        ),
        assume=(
            Condition("A1, A2: g'' = 1, |h'| <= 1, 0 <= h'' <= 1", "mu_g == 1 and l_g1 == 1 and l_f0 >= 1 and l_f1 >= 1"),
            ALPHA,
            Condition("beta <= 1/(2 l_g1)", "beta > 0 and 2*beta*l_g1 <= 1"),
            Condition("Lemma 4's bound holds", "y_new**2 <= bound"),
        ),
        claim=Condition(
            "the line after (37b)",
            "(5*alpha*M_f**2/2 + 2*M_f/L_y)*y_new**2 - M_f/L_y*y**2 <= (2*alpha*M_f**2 + 2*M_f/L_y)*bound - M_f/L_y*y**2",
        ),
    )  # fmt: skip


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (powers_witness(), eighth_witness(), slope_witness(), line_witness(), factor_witness())
