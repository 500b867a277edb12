r"""The witness against Theorem 3 as printed: its longer list does not control the tracker either.

With linear upper levels nothing is random and every refresh is exact, so SVR-INTERACT is INTERACT. The
list has two terms against :math:`L_y`, :math:`(1-\lambda)^2/(16(1+1/r)L_y^2)` and
:math:`32 L_y^2/(1-\lambda)`, whose geometric mean still allows
:math:`\alpha \approx \sqrt{2r(1-\lambda)}`, far above the :math:`(1-\lambda)^2` that the trackers'
disagreement needs.
"""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.interact.theorems.bound_witness import PROBLEM, Convention, add, mixing, thm1_witness
from spiritlevel.theory.witness import Condition, Witness

STEPS = 40
_SMALL = "1/10000"
_ALPHA = (
    "1/(8*L_l)",
    "r/(16*m*L_y**2*(r + 1))",
    "1/(m*(1 - lam))",
    "(1 - lam)**2/(128*L_K**2)",
    "(1 - lam)/4*(m/(L_l + 16*L_K**2*m))",
    "288*r*(1 + r)*m*L_y**2/((1 - lam)*L_f**2)",
    "r*(1 + r)*(1 - lam)/(256*L_y**2*(mu_g + L_g)*L_K**2*beta)",
    "r*(1 + r)*(1 - lam)**2/(512*L_y**2*(mu_g + L_g)*(L_K**2*beta))",
    "(1 - lam)**2/(16*(1 + 1/r)*L_y**2)",
    "32*L_y**2/(1 - lam)",
)
_ROOTS = {  # entries with a square root, squared
    "1/(8 L_K sqrt(m))": "1/(64*L_K**2*m)",
    "sqrt((1-lam)/m)/(16 L_K)": "(1 - lam)/(256*L_K**2*m)",
    "sqrt(1-lam)/(8 L_K)": "(1 - lam)/(64*L_K**2)",
    "sqrt((1-lam)/(64 L_K^2))": "(1 - lam)/(64*L_K**2)",
}
_BETA = (
    "(1 - lam)*mu_g*L_g/(768*L_K**2*(mu_g + L_g))",
    "(1 - lam)*(mu_g + L_g)/(4096*L_K**2)",
    "3*(mu_g + L_g)/(mu_g*L_g)",
    "L_y**2*mu_g*L_g/(24*L_K**2*(mu_g + L_g))",
    "(1 - lam)*(mu_g + L_g)/(512*L_K**2)",
    "1/(2*(mu_g + L_g))",
    "16/((1 - lam)*(mu_g + L_g))",
)


def steps() -> tuple[Condition, ...]:
    """Theorem 3's whole list, for the letters of `thm3_witness`.

    These are ``mu_g, L_g, L_f, L_y, L_l, L_K, r, lam, m, alpha, beta``.

    Examples
    --------
    >>> len(steps())  # two positive steps, 7 entries for beta and 14 for alpha
    23
    """
    return (
        Condition("beta is positive", "beta > 0"),
        *(Condition(f"beta, entry {entry}", f"beta <= {entry}") for entry in _BETA),
        Condition("alpha is positive", "alpha > 0"),
        *(Condition(f"alpha, entry {entry}", f"alpha <= {entry}") for entry in _ALPHA),
        *(
            Condition(f"alpha, entry {name}, both sides squared", f"alpha**2 <= {square}")
            for name, square in _ROOTS.items()
        ),
    )


def thm3_witness(convention: Convention = "printed") -> Witness:
    r"""Theorem 3 as printed is false: all its assumptions hold, and the sum of the metric exceeds the bound.

    Two agents with :math:`\lambda = 19/20`, :math:`f_i = \pm x`, :math:`g_i = (y - cx)^2/2` with c = 1/10
    (``"printed"``) or 1/100 (``"plain"``: :math:`L_y` not squared), :math:`\beta = 1/(2(\mu_g + L_g))`
    and :math:`\alpha = 31/500`. One term per agent, so :math:`|S| = q = 1` and every iteration
    refreshes; any number of equal terms gives the same iterates.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(thm3_witness(convention)).ok for convention in ("printed", "plain")]
    [True, True]
    """
    base = thm1_witness(convention)
    c, square = ("1/10", "1/100") if convention == "printed" else ("1/100", "1/10000")
    given = {
        "W": [["39/40", "1/40"], ["1/40", "39/40"]],
        "lam": "19/20",
        "G": [[square, f"-{c}"], [f"-{c}", 1]],
        "L_g": "101/100" if convention == "printed" else "10001/10000",
        "C_gxy": c,
        "alpha": "31/500",
        "beta": "50/201" if convention == "printed" else "5000/20001",
        "K": 8,
    }
    geometric = "K/(2*mu_g*L_g - mu_g**2)"
    define = {
        **{name: text for name, text in base.define if name != "bound"},
        "L_Ks2": add(
            "2*L_fx**2",
            f"6*C_gxy**2*L_fy**2*({geometric})",
            f"6*C_fy**2*L_gxy**2*({geometric})",
            "6*C_gxy**2*C_fy**2*K**4/L_g**2*(1/L_g**2)*L_gyy**2",
        ),
        "least": "min((1 - lam)/4, 3*r**2*(1 - lam)/(32*(1 + r)*L_y**2), alpha/2)",
        "C_bias": "2*alpha*(C_gxy*C_fy/mu_g*(1 - mu_g/L_g)**K)**2/least",
        "bound": f"(B_0 - l_star)/least + {STEPS + 1}*C_bias",
    }
    return dataclasses.replace(
        base,
        statement="interact/thm3",
        location="Theorem 3, (28)",
        claim_text="under Assumptions 1-3 and the listed step sizes, the mean of M_0..M_T is at most "
        "(B_0 - l*)/((T+1) min{(1-lam)/4, 3r^2(1-lam)/(32(1+r)L_y^2), alpha/2}) + C_bias",
        note=base.note + " One term per agent: |S| = q = 1, every iteration takes (8) and (9).",
        given={**base.given, **given},
        define=tuple(define.items()),
        assume=(
            *mixing(2, "two-agents"),
            *PROBLEM,
            Condition("Lemma 4: L_K >= L_Ks, squared", "L_K**2 >= L_Ks2 and K >= 1"),
            *steps(),
        ),
        iterate=(
            dataclasses.replace(base.iterate[0], text="SVR-INTERACT, Algorithm 2, with q = 1", times=STEPS),
        ),
        claim=Condition(
            f"M_0 + ... + M_{STEPS} <= (B_0 - l*)/min{{...}} + {STEPS + 1} C_bias (both sides times T+1 = {STEPS + 1})",
            "total <= bound",
        ),
    )
