r"""Witnesses about the estimator (22): one sample in the place of independent ones, and its bias in a recursion.

The letters: one-dimensional x and y; ``h`` the yy-Hessians, ``b`` minus the xy-Hessian of
:math:`g = h y^2/2 - b x y`.
"""

from __future__ import annotations

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.theorems.bound_witness import LEMMA_1, mixing
from spiritlevel.theory.interact.theorems.theorem3_witness import steps
from spiritlevel.theory.witness import Condition, Iteration, Witness

_BOUND = "(C_gxy*C_fy/mu_g*(1 - mu_g/L_g)**K)**2"


def _lower(h: str) -> tuple[Condition, ...]:
    G = f"[[0, -b], [-b, {h}]]"
    return (
        Condition(f"A1(a): g with h = {h} is mu_g-strongly convex in y", f"{h} >= mu_g and mu_g > 0"),
        Condition(
            f"A1(b): its gradient is L_g-Lipschitz, jointly; {G}", f"{h} <= L_g and L_g*(L_g - {h}) >= b**2"
        ),
        Condition(f"A1(b), the other sign; {G}", f"L_g*(L_g + {h}) >= b**2 and L_g > 0"),
        Condition("A1(c): the mixed derivative is at most C_gxy", "abs(b) <= C_gxy"),
    )


def one_sample_witness() -> Witness:
    r"""Lemma 3 fails when one sample serves as :math:`\xi` and as every :math:`\zeta^j`.

    Two samples, :math:`h = 1` and :math:`3`: the estimator then aims at the mean of :math:`1/h`, 2/3, in
    the place of the inverse of the mean, 1/2, and the bias stays at 1/6 for large K.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(one_sample_witness()).ok
    True
    """
    return Witness(
        statement="interact/lem3-one-sample",
        paper=PAPER,
        location="Lemma 3 with one sample per estimate",
        claim_text="the bias of (22) is at most C_gxy C_fy / mu_g (1 - mu_g/L_g)^K",
        note="Two samples, equally likely; f(x, y) = y - x/2 in both, g = h y^2/2 - b x y with their own h.",
        given={
            "h": [1, 3],
            "b": 1,
            "fx": "-1/2",
            "fy": 1,
            "mu_g": 1,
            "L_g": 4,
            "C_gxy": 1,
            "C_fy": 1,
            "K": 16,
        },
        define=(("exact", "fx + b*fy/mean(h)"),),
        assume=(
            *_lower("h[0]"),
            *_lower("h[1]"),
            Condition("A2(b): the y-derivative of f is at most C_fy", "abs(fy) <= C_fy"),
            Condition("A2(c): l(x) = (fx + b fy/mean(h)) x is 0, so bounded below", "exact == 0"),
        ),
        iterate=(
            Iteration(
                text="the K terms of the mean of (22) over k, for each of the samples",
                times=15,
                start=(("w", "fy*ones(2)"), ("S", "zeros(2)")),
                step=(("w", "w - h*w/L_g"),),
                measure=(("S", "S + w"), ("expected", "fx + b*mean(S)/L_g")),
                show=("expected",),
            ),
        ),
        claim=Condition(
            "the squared bias is at most the squared bound", f"(exact - expected)**2 <= {_BOUND}"
        ),
    )


def recursive_bias_witness() -> Witness:
    r"""Between refreshes the bias of p is not that of (22): twice Lemma 3's bound, with nothing random.

    :math:`f = \log(1 + y^2)`, so :math:`|\nabla_y f| = |2y/(1 + y^2)| \le 1`; both samples of every agent are
    equal and K = 1. The start is chosen so that y moves from 1 to -1 in the first iteration, whatever
    :math:`\beta` is, and the bias of (22) changes its sign. An exact start minus one bias plus the other:
    the errors add up.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(recursive_bias_witness()).last.values
    ('1 <= 1/4 (0.25)',)
    """
    return Witness(
        statement="interact/svr-bias",
        paper=PAPER,
        location="Section 5.3, the first inequality",
        claim_text="|surrogate - p|^2 <= |p - E p|^2 + (C_gxy C_fy / mu_g (1 - mu_g/L_g)^K)^2 between refreshes",
        note="Two agents with the same data and n = 2 equal samples, so q = |S| = 2, no refresh at t = 1, and with K = 1 "
        "(k = 0) nothing is random: p = E p. Theorem 3 admits the step sizes, by its whole list. f(x, y) = log(1 + y^2), g(x, y) = h y^2/2 - b x y; x does not enter p.",
        given={
            "m": 2,
            "W": [["1/2", "1/2"], ["1/2", "1/2"]],
            "edges": [[0, 1], [1, 0]],
            "a": [1, -1],
            "h": 1,
            "b": 1,
            "mu_g": 1,
            "L_g": 2,
            "C_gxy": 1,
            "L_gxy": "1/100",
            "L_gyy": "1/100",
            "L_fx": "1/100",
            "L_fy": 2,
            "C_fy": 1,
            "L_K": 5,
            "K": 1,
            "lam": 0,
            "alpha": "1/100000000000000",
            "beta": "1/100000",
            "y0": 1,
        },
        define=(
            *LEMMA_1["printed"],
            ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
            ("x0", "(h*y0 - 2/beta)/b"),
            ("y1", "y0 - beta*(h*y0 - b*x0)"),
            ("fy0", "2*y0/(1 + y0**2)"),
            ("fy1", "2*y1/(1 + y1**2)"),
            ("p0", "b/h*fy0"),
            ("p1", "p0 + K/L_g*b*fy1 - K/L_g*b*fy0"),
            ("exact", "b/h*fy1"),
        ),
        assume=(
            *mixing(2, "two-agents"),
            *_lower("h"),
            Condition("A2(b) at both points", "abs(fy0) <= C_fy and abs(fy1) <= C_fy"),
            Condition("A1(d): second derivatives of g are constant", "L_gxy > 0 and L_gyy > 0"),
            Condition(
                "A2(a): f does not depend on x; the derivative of 2y/(1 + y^2) is at most 2",
                "L_fx >= 0 and L_fy >= 2",
            ),
            Condition(
                "L_K serves Lemma 2: its square is at least (13) (C_gy read as C_gxy)",
                "L_K > 0 and L_K**2 >= 2*L_fx**2 + 6*C_gxy**2/mu_g**2*L_fy**2 + 6*C_fy**2/mu_g**2*L_gxy**2"
                " + 6*C_gxy**2*C_fy**2*L_gyy**2/mu_g**4",
            ),
            Condition(
                "L_K serves Lemma 4: its square is at least L_Ks^2",
                "L_K**2 >= 2*L_fx**2 + 6*C_gxy**2*L_fy**2*K/(2*mu_g*L_g - mu_g**2)"
                " + 6*C_fy**2*L_gxy**2*K/(2*mu_g*L_g - mu_g**2) + 6*C_gxy**2*C_fy**2*K**4/L_g**4*L_gyy**2",
            ),
            *steps(),
            Condition("y moves from 1 to -1", "y0 == 1 and y1 == -1 and beta > 0"),
        ),
        claim=Condition(
            "the squared error of p_1 is at most the squared bound", f"(exact - p1)**2 <= {_BOUND}"
        ),
    )
