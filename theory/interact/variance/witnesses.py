r"""Witnesses against what Section 5.3 needs of SVR-INTERACT's p between and at its refreshes.

The upper level is the Huber function of y, with slope y on [-1, 1] and -1, 1 outside: Lipschitz and bounded
gradient. The lower level is :math:`g = (x, y) G (x, y)^T / 2`. All samples are equal, so that no draw is random at
K = 1 (then k = 0), and so are the agents, so that mixing changes nothing: every letter but ``W``, ``m`` and ``G``
is a number that all agents share.
"""

from __future__ import annotations

from typing import Any, Literal

from spiritlevel.core.errors import InputError
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.theorems.bound_witness import LEMMA_1, mixing
from spiritlevel.theory.interact.theorems.theorem3_witness import steps
from spiritlevel.theory.witness import Assignments, Condition, Iteration, Witness

Claim = Literal["svr-eq19", "svr-mean-error"]

_GIVEN: dict[str, Any] = {
    "m": 2,
    "n": 1000,
    "q": 32,
    "K": 1,
    "W": [["3/4", "1/4"], ["1/4", "3/4"]],
    "edges": [[0, 1], [1, 0]],
    "lam": "1/2",
    "a": [1, -1],  # a vector that attains lam
    "G": [[1, -1], [-1, 1]],
    "mu_g": 1,
    "L_g": 2,
    "C_gxy": 1,
    "L_gxy": "1/100",
    "L_gyy": "1/100",
    "L_fx": "1/100",
    "L_fy": 1,
    "C_fy": 1,
    "L_K": "5/2",
    "alpha": "1/100000000",
    "beta": "1/20000",
    "x0": -1249,  # y moves by beta (y - x), about 1/16 at a time, in q = 32 iterations from 1 to -1
    "y0": 1,
}

_ASSUME = (
    *mixing(2, "two-agents"),
    Condition("q = |S| is the root of n, rounded up", "q**2 >= n and (q - 1)**2 < n"),
    Condition("A1(a): g is mu_g-strongly convex in y", "symmetric(G) and G[1, 1] >= mu_g and mu_g > 0"),
    Condition(
        "A1(b): the gradient of g is L_g-Lipschitz, jointly in x and y",
        "psd(L_g*eye(2) - G) and psd(L_g*eye(2) + G)",
    ),
    Condition("A1(c): the mixed derivative of g is at most C_gxy", "abs(G[0, 1]) <= C_gxy"),
    Condition(
        "A1(d): second derivatives of g are constant, so any positive constants do",
        "L_gxy > 0 and L_gyy > 0",
    ),
    Condition(
        "A2: f does not depend on x, and its slope in y, max(min(y, 1), -1), is 1-Lipschitz and at most 1",
        "L_fx >= 0 and L_fy >= 1 and C_fy >= 1",
    ),
    Condition("A2(c): l(x) = f(y*(x)) is at least 0, since f is", "C_fy >= 0"),
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
)

_START: Assignments = (
    ("x", "x0"),
    ("y", "y0"),
    ("slope", "max(min(y, 1), -1)"),
    ("full", "-G[0, 1]/G[1, 1]*slope"),
    ("sampled", "-K/L_g*G[0, 1]*slope"),
    ("p", "full"),
    ("u", "p"),
    ("v", "G[1, 0]*x + G[1, 1]*y"),
    ("dx", "0"),
    ("dy", "0"),
    ("p_old", "p"),
)
_MOVE: Assignments = (
    ("dx", "-alpha*u"),  # (6): the rows of W sum to 1 and the agents agree
    ("dy", "-beta*v"),  # (7)
    ("x", "x + dx"),
    ("y", "y + dy"),
    ("slope", "max(min(y, 1), -1)"),
    ("full", "-G[0, 1]/G[1, 1]*slope"),
    ("p_old", "p"),
    ("sampled_old", "sampled"),
    ("sampled", "-K/L_g*G[0, 1]*slope"),
)
_REST: Assignments = (("v", "G[1, 0]*x + G[1, 1]*y"), ("u", "u + p - p_old"))
_SAMPLED: Assignments = (*_MOVE, ("p", "p + sampled - sampled_old"), *_REST)  # (23) at K = 1
_REFRESHED: Assignments = (*_MOVE, ("p", "full"), *_REST)  # (8)


def recursion_witness(claim: Claim) -> Witness:
    r"""Between two refreshes p keeps an error of up to twice Lemma 3's bound, and a refresh removes it at once.

    y travels from 1 to (nearly) -1, where the slope of f has the other sign; p carries the difference of the biases
    of (22) at the two ends, although hardly anything moves any more.

    Parameters
    ----------
    claim
        ``"svr-mean-error"``: the sum over the iterations until the refresh, with the bound's square once for
        each. ``"svr-eq19"``: the change of p at the refresh, against that of x and y.

    Raises
    ------
    InputError
        If the claim has another name.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(recursion_witness(claim)).ok for claim in ("svr-mean-error", "svr-eq19")]
    [True, True]
    """
    sampled = Iteration(
        text="SVR-INTERACT from the exact start up to the last iteration before the refresh, (6), (7), (23), (24), (10)",
        times=_GIVEN["q"] - 1,
        start=(*_START, ("total", "0"), ("moved", "0")),
        step=_SAMPLED,
        measure=(("total", "total + (full - p)**2"), ("moved", "moved + m*dx**2 + m*dy**2")),
        show=("y", "p", "full"),
    )
    refreshed = Iteration(
        text="the refresh at t = q: (6), (7), (8)",
        times=1,
        start=(("dx_q", "0"), ("dy_q", "0"), ("p_q", "p")),
        step=(
            ("dx_q", "-alpha*u"),
            ("dy_q", "-beta*v"),
            ("p_q", "-G[0, 1]/G[1, 1]*max(min(y + dy_q, 1), -1)"),
        ),
        show=("dx_q", "dy_q", "p_q"),
    )
    blocks: tuple[Iteration, ...]
    define = (
        *LEMMA_1["printed"],
        ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
        ("bias", "C_gxy*C_fy/mu_g*(1 - mu_g/L_g)**K"),
    )
    if claim == "svr-mean-error":
        location = "Section 5.3, the inequality after telescoping"
        text = (
            "the sum over t <= T of |mean of the surrogates (5) - mean of u_t|^2 is at most Lemma 3's bound squared times "
            "T + 1 plus L_K^2 times the summed squared movements of x and y"
        )
        blocks, that = (sampled,), "total <= bias**2*q + L_K**2*moved"
        short = "with T + 1 = q"
    elif claim == "svr-eq19":
        location = "(29) by way of (17), which needs (19) for Algorithm 2"
        text = "|p_t - p_{t-1}|^2 <= L_K^2 m (|x_t - x_{t-1}|^2 + beta^2 |v_{t-1}|^2), as (19) has it"
        blocks = (sampled, refreshed)
        that = "m*(p_q - p)**2 <= L_K**2*m*(m*dx_q**2 + m*dy_q**2)"
        short = "at t = q, with the factor m of (19)"
    else:
        raise InputError(f"claim is {claim!r}; choose svr-eq19 or svr-mean-error")
    return Witness(
        statement=f"interact/{claim}",
        paper=PAPER,
        location=location,
        claim_text=text,
        note="n equal samples, so no draw is random at K = 1; m equal agents from one start. f_i is the Huber function of y, "
        "g_i = (x, y)G(x, y)'/2. Theorem 3 admits the step sizes, by its whole list and Lemma 1's printed constants.",
        given=_GIVEN,
        define=define,
        assume=_ASSUME,
        iterate=blocks,
        claim=Condition(short, that),
    )
