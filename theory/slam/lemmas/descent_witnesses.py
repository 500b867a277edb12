r"""Witnesses against B.5.3: (157), (158).

h is Huber's function. ``signs`` are the cross terms of two agents with :math:`g_i = y^2/2 - s_i x y`: all Hessians are 1, y* = 0
for every x, so the objective is h(x) up to a constant.
"""

from __future__ import annotations

from spiritlevel.theory.slam.lemmas.dual_witnesses import witness
from spiritlevel.theory.witness import Condition, Witness

OPPOSED = {"signs": [1, -1], "slope_y": [-1, 1], "n": 2}
SETTING = Condition(
    "A1, A5, the Hessian condition: f_i = h(x) + h(y - s_i) has the y-slope -s_i at y = 0, Hessians 1",
    "slope_y + signs == zeros(2) and max(abs(slope_y)) <= 1",
)


def gap_witness() -> Witness:
    """(157) at consensus with y = y*, for the true gradient: opposite cross terms.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(gap_witness()).last.values
    ('1 <= 0',)
    """
    return witness(
        "slam/eq157-field",
        "(157)",
        "|grad f(x, y*(x)) - E h_f|^2 = 0 at consensus with y^(r+1) = y^r = y*, no bias",
        note="grad f is the gradient of (1); with the mean of (18) for it the left side is 0, but then (153) is false: see slam/eq153",
        given=OPPOSED | {"x": 0},
        define=(("gradient", "x"), ("h", "x + mean(signs*slope_y)")),
        assume=(SETTING,),
        claim=Condition("(157)", "(gradient - h)**2 <= 0"),
    )


def common_move_witness() -> Witness:
    """(157): all agents' y move alike, so that the mean moves as every agent does.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(common_move_witness()).last.values
    ('1/4 (0.25) <= 1/5 (0.2)',)
    """
    return witness(
        "slam/eq157",
        "(157), second and last lines",
        "|grad f(x, y*) - E h_f|^2 <= 4 m L_fy^2/n^2 sum_k |y_k^(r+1) - y_k^r|^2, all other terms being 0",
        note="f_i = h(x + y), no coupling, x = 0, y^r = y* = 0, and a noise that moves every y to 1/2; L_fy = 2 bounds the whole Hessian of f_i (1 is "
        "the slope of (37))",
        given={"n": 20, "m": 1, "L_fy": 2, "move": "1/2"},
        define=(("all", "move*ones(20)"),),
        assume=(
            Condition("n agents", "sum(ones(20)) == n"),
            Condition("h is quadratic there", "abs(move) <= 1"),
        ),
        claim=Condition("(157)", "mean(all)**2 <= 4*m*L_fy**2/n**2*norm2(all)"),
    )


def common_distance_witness() -> Witness:
    """(158): all agents' y at the same distance from y*.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(common_distance_witness()).last.values
    ('1 <= 4/5 (0.8)',)
    """
    return witness(
        "slam/eq158",
        "(158)",
        "|grad f(x, y*) - grad f(x, y)|^2 <= (m + 1)/n^2 L_yc^2 sum_k |y_k - y_k*|^2 at consensus of x",
        note="f_i = h(x + y), no coupling, so that L_yc = L_f1, for which 2 bounds the whole Hessian of f_i (1 is the slope of (37)); y* = 0, y = 1",
        given={"n": 10, "m": 1, "L_f1": 2},
        define=(("off", "ones(10)"),),
        assume=(Condition("n agents", "sum(ones(10)) == n"),),
        claim=Condition("(158)", "mean(off)**2 <= (m + 1)/n**2*L_f1**2*norm2(off)"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (gap_witness(), common_move_witness(), common_distance_witness())
