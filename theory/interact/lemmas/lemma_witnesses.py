r"""Witnesses against the lemmas and the one-step inequalities (14), (15), (21) as printed.

Letters as in `spiritlevel.theory.interact.witnesses`. Where an unbounded :math:`\nabla_y f` would break A2(b),
the upper level is :math:`f(x, y) = s\,h(y)` with :math:`h(y) = y^2/2` for :math:`|y| \le 1` and
:math:`|y| - 1/2` beyond: its slope :math:`h'` is y cut off at -1 and 1, hence 1-Lipschitz and at most 1.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.theorems.bound_witness import thm1_witness
from spiritlevel.theory.witness import Assignments, Condition, Witness

_L_F = ("L_f", "(L_fx + L_fy*C_gxy/mu_g + C_fy*(L_gxy/mu_g + L_gyy*C_gxy/mu_g**2))**2")
_L_Y = ("L_y", "(C_gxy/mu_g)**2")
_L_L = ("L_l", "(L_f + L_f*C_gxy/mu_g)**2")

# (13), with C_gxy for the printed C_gy
_L_KD2 = (
    "L_Kd2",
    "2*L_fx**2 + 6*(C_gxy*L_fy/mu_g)**2 + 6*(C_fy*L_gxy/mu_g)**2 + 6*(C_gxy*C_fy*L_gyy/mu_g**2)**2",
)

_LOWER = (
    Condition(
        "A1(a): every g_i = (x,y)G(x,y)'/2 is mu_g-strongly convex in y", "G[1, 1] >= mu_g and mu_g > 0"
    ),
    Condition(
        "A1(b): the gradient of g_i is L_g-Lipschitz, jointly in x and y",
        "symmetric(G) and psd(L_g*eye(2) - G) and psd(L_g*eye(2) + G) and L_g > 0",
    ),
    Condition("A1(c): the mixed derivative of g_i is at most C_gxy", "abs(G[0, 1]) <= C_gxy and C_gxy > 0"),
    Condition(
        "A1(d): second derivatives of g_i are constant, so any positive constants do",
        "L_gxy > 0 and L_gyy > 0",
    ),
)
_CUT = (
    Condition(
        "A2(a): the x-derivative of f = s h(y) is 0, the y-derivative s h'(y) is s-Lipschitz",
        "L_fx >= 0 and L_fy >= s",
    ),
    Condition("A2(b): s h'(y) is at most s", "C_fy >= s"),
    Condition("A2(c): l(x) = s h(x) >= 0, as y*(x) = x and s >= 0", "G[1, 0] == -G[1, 1] and s >= 0"),
)
_PAIR = (
    Condition(
        "(a), (b): W is doubly stochastic and symmetric, with entries >= 0",
        "W @ ones(2) == ones(2) and symmetric(W) and min(W) >= 0",
    ),
    Condition("(c): two linked agents, sums that include the own copy", "positive(W) == ones(2, 2)"),
)
_UNIT: dict[str, Any] = {"mu_g": 1, "G": [[1, -1], [-1, 1]], "L_g": 2, "C_gxy": 1}
_WEAK: dict[str, Any] = {
    "mu_g": 1,
    "G": [["1/100", "-1/10"], ["-1/10", 1]],
    "L_g": "101/100",
    "C_gxy": "1/10",
}
_HALVES = [["1/2", "1/2"], ["1/2", "1/2"]]


def _witness(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def hypergradient_witness() -> Witness:
    r"""Lemma 1, line 3: :math:`f = x^2/4`, :math:`C_{g_{xy}}/\mu_g = 1/10` gives 1/4 against 121/1600.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(hypergradient_witness()).last.values
    ('1/4 (0.25) <= 121/1600 (0.075625)',)
    """
    return _witness(
        "interact/lem1-3",
        "Lemma 1, line 3",
        "|grad l_i(x1) - grad l_i(x2)|^2 <= L_l |x1 - x2|^2 with L_l = (L_f + L_f C_gxy/mu_g)^2",
        note="f = s x^2/2 does not depend on y, so grad l_i(x) = s x.",
        given={
            **_WEAK,
            "L_gxy": 1,
            "L_gyy": 1,
            "s": "1/2",
            "L_fx": "1/2",
            "L_fy": 0,
            "C_fy": 0,
            "x1": 0,
            "x2": 1,
        },
        define=(_L_F, _L_L),
        assume=(
            *_LOWER,
            Condition("A2(a): the derivative s x of f is L_fx-Lipschitz in (x, y)", "abs(s) <= L_fx"),
            Condition("A2(a), (b): the y-derivative of f is 0", "L_fy >= 0 and C_fy >= 0"),
            Condition("A2(c): l(x) = s x^2/2 >= 0", "s >= 0"),
        ),
        claim=Condition("line 3 of Lemma 1", "(s*x1 - s*x2)**2 <= L_l*(x1 - x2)**2"),
    )


def surrogate_witness() -> Witness:
    r"""Lemma 2 without brackets: for equal x the right side knows no constant; 4 against 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(surrogate_witness()).last.values
    ('4 <= 1',)
    """
    return _witness(
        "interact/lem2",
        "Lemma 2, (12)",
        "|p(x1,y1) - p(x2,y2)|^2 <= L_K^2 |x1-x2|^2 + |y1-y2|^2",
        note="f = s h(y) with h' = y cut off at -1 and 1; printed without brackets around the two squares.",
        given={
            **_UNIT,
            "L_gxy": "1/100",
            "L_gyy": "1/100",
            "s": 2,
            "L_fx": 0,
            "L_fy": 2,
            "C_fy": 2,
            "L_K": 5,
            "x1": 0,
            "x2": 0,
            "y1": 0,
            "y2": 1,
        },
        define=(
            _L_KD2,
            ("p1", "-G[0, 1]/G[1, 1]*s*y1"),
            ("p2", "-G[0, 1]/G[1, 1]*s*y2"),
        ),
        assume=(
            *_LOWER,
            *_CUT,
            Condition("y1 and y2 lie where h'(y) = y", "abs(y1) <= 1 and abs(y2) <= 1"),
            Condition("L_K >= L_Kd, squared as in (13) (C_gy read as C_gxy)", "L_K**2 >= L_Kd2"),
        ),
        claim=Condition("(12) as printed", "(p1 - p2)**2 <= L_K**2*(x1 - x2)**2 + (y1 - y2)**2"),
    )


_FIRST_STEP: Assignments = (("x_1", "W @ x0 - alpha*u0"), ("y_1", "y0 - beta*v0"))


def descent_witness() -> Witness:
    r"""(14) with the squares of Lemma 1 squared again: nothing moves, and the right side is negative.

    Two equal agents, :math:`f = h(y)/4`, :math:`g = (y-x)^2/2`, start x = 1, y = 0: the surrogate is 0 there.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(descent_witness()).ok
    True
    """
    return _witness(
        "interact/eq14",
        "(14)",
        "l(xbar_1) - l(xbar_0) <= -alpha/2 |grad l|^2 - ... + 2 alpha/m sum L_f^2 |y* - y|^2 + ...",
        note="f = s h(y) with h' = y cut off at -1 and 1, so l(x) = s x^2/2 for |x| <= 1.",
        given={
            **_UNIT,
            "L_gxy": "1/1000",
            "L_gyy": "1/1000",
            "s": "1/4",
            "L_fx": 0,
            "L_fy": "1/4",
            "C_fy": "1/4",
            "m": 2,
            "W": _HALVES,
            "alpha": "1/10",
            "beta": "1/3",
            "x0": [1, 1],
            "y0": [0, 0],
        },
        define=(
            *(_L_F, _L_L),
            ("p0", "s*y0"),
            ("u0", "p0"),
            ("v0", "G[1, 0]*x0 + G[1, 1]*y0"),
            *_FIRST_STEP,
            ("descent", "-alpha/2*(s*mean(x0))**2 - (alpha/2 - L_l*alpha**2/2)*mean(u0)**2"),
            ("errors", "alpha/m*L_l*norm2(center(x0)) + 2*alpha/m*L_f**2*norm2(x0 - y0)"),
            ("tracking", "2*alpha*(mean(p0) - mean(u0))**2"),
        ),
        assume=(
            *_LOWER,
            *_CUT,
            *_PAIR,
            Condition("the steps are positive", "alpha > 0 and beta > 0"),
            Condition(
                "x and y lie where h'(y) = y, before and after the step",
                "max(abs(x0)) <= 1 and max(abs(y0)) <= 1 and max(abs(x_1)) <= 1",
            ),
        ),
        claim=Condition("(14) at t = 0", "s*mean(x_1)**2/2 - s*mean(x0)**2/2 <= descent + errors + tracking"),
    )


def contraction_witness() -> Witness:
    r"""(15) with :math:`L_y = (C_{g_{xy}}/\mu_g)^2` squared again: y stays on its solution, which moves away.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(contraction_witness()).ok
    True
    """
    return _witness(
        "interact/eq15",
        "(15)",
        "|y_1 - y*_1|^2 <= (1+r)^2 (1 - 2 beta mu L/(mu+L)) |y_0 - y*_0|^2 + ... + (1 + 1/r) L_y^2 |x_1 - x_0|^2 + ...",
        note="f_i = +-x, g_i = (y - x/10)^2/2; y_0 = y*_0, so that v_0 = 0 and delta does not matter.",
        given={
            **_WEAK,
            "L_gxy": 1,
            "L_gyy": 1,
            "W": _HALVES,
            "alpha": 1,
            "beta": "100/201",
            "delta": "1/2",
            "u0": [1, -1],
            "x0": [0, 0],
            "y0": [0, 0],
        },
        define=(
            _L_Y,
            ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
            ("slope", "-G[1, 0]/G[1, 1]"),
            ("v0", "G[1, 0]*x0 + G[1, 1]*y0"),
            *_FIRST_STEP,
            ("gain", "(1 + r)**2*(2*beta/(mu_g + L_g) - beta**2)"),
            ("kept", "(1 + r)**2*(1 - 2*beta*mu_g*L_g/(mu_g + L_g))*(y0[0] - slope*x0[0])**2"),
            ("moved", "(1 + 1/r)*L_y**2*(x_1[0] - x0[0])**2"),
            ("left", "(y_1[0] - slope*x_1[0])**2"),
        ),
        assume=(
            *_LOWER,
            *_PAIR,
            Condition("A2: f_1 = x, f_2 = -x, so that l = 0; u_0 = p_0 is their gradient", "sum(u0) == 0"),
            Condition("beta as in Theorem 1", "beta > 0 and beta <= 1/(mu_g + L_g) and alpha > 0"),
            Condition("delta is in (0, 1]", "delta > 0 and delta <= 1"),
        ),
        claim=Condition(
            "(15) for agent 1 at t = 0 (v is the gradient)",
            "left <= kept + (delta - 1)*gain*v0[0]**2 + moved",
        ),
    )


def mean_potential_witness() -> Witness:
    r"""(21) prints the potential where Theorem 1 has the metric: with :math:`\ell^* = 1` its mean never falls below 1.

    The instance of `thm1_witness` with :math:`f_i = \pm x + 1` and :math:`\alpha = 1/125 = \frac45 (1-\lambda)^2`, where
    the theorem itself (with the metric) holds.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(mean_potential_witness()).ok
    True
    """
    base = thm1_witness("printed")
    bounded = [
        Condition(
            "A2(c): l(x) = k + mean(a) x + curvature x^2/2 is bounded below, with infimum l_star",
            "mean(a) == 0 and curvature >= 0 and l_star == k",
        )
        if "l_star == 0" in condition.that
        else condition
        for condition in base.assume
    ]
    potential = "k + mean(a)*mean(x) + curvature*mean(x)**2/2 + norm2(y - s*x) + norm2(center(x)) + alpha*norm2(center(u))"
    block = dataclasses.replace(
        base.iterate[0],
        text="INTERACT, (6)-(10); total is the sum of the potential as defined in Theorem 1",
        times=5,
        measure=(("potential", potential), ("total", "total + potential")),
    )
    return dataclasses.replace(
        base,
        statement="interact/eq21",
        location="(21)",
        claim_text="the mean of the potentials B_0..B_T is at most (B_0 - l*)/((T+1) min{...})",
        note="f_i = k + a_i x, so that l = l* = k; g_i = (x,y)G(x,y)'/2; Lemma 1's constants with the printed squares.",
        given={**base.given, "k": 1, "l_star": 1, "alpha": "1/125"},
        define=tuple((name, f"k + {text}" if name == "B_0" else text) for name, text in base.define),
        assume=tuple(bounded),
        iterate=(block,),
        claim=Condition(
            "B_0 + ... + B_5 <= (B_0 - l*)/min{...} (both sides times T+1 = 6)", "total <= bound"
        ),
    )
