"""The witness against Lemma 5: three identical agents, for whatever gamma_1 and gamma_2, which the paper leaves open."""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.argus.lemmas.lines_witnesses import AVERAGES, MOVES, THIRDS, built, thrice
from spiritlevel.theory.witness import Condition, Witness


def lemma5(eta: str = "1/16000") -> Witness:
    """The third step: F, which is L_p, falls by 3 eta x^2, and the first term of (45) alone is 9/2 eta x^2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lemma5()).ok, check(lemma5("1/100")).ok
    (True, False)
    """
    found = built(
        "lemma5",
        "the left side of (45) is at most the decrease of F",
        6,
        note="G_i = x^2/2 for all three agents, which agree, lambda = theta = 0, y does not move: F = L_p, and gamma_1, gamma_2 are in C_2 only; "
        "C_2 >= 0 for gammas that (53) can use, since C'_2 > 0, and its term then only adds to the left; the claim is for t = k",
        given={
            "N": 3, "M": 1, "rho": 0, "tau": 1, "k_1": 2, "T_1": 0, "L": "5/2", "W": THIRDS, "eta": eta, "beta": 1, "k": 2,
            "H": thrice(1), "start": [1, 1, 1],
        },
        define=(
            ("x", "(1 - eta)**2*start"),
            ("x_new", "W@x - eta*x"),
            ("floor", "norm2(x_new - x)"),
            ("far", "norm2(eta*start)"),
            ("near", "norm2(x_new - ones(3)*mean(x))"),
            ("before", "N*mean(x)**2/2"),
            ("after", "N*mean(x_new)**2/2"),
            ("C_1", "N/(2*eta) - N*L - 3*eta*N**2*L**2/(2*beta) - M*N*L**2*eta/2 - N**2*L**2*eta/2"),
        ),
        assume=(
            AVERAGES,
            Condition("t >= T_1, and the agents agree", "k >= T_1 and norm2(center(start)) == 0"),
            MOVES,
        ),
        claim=Condition("(45), for C_2 >= 0, all other terms being 0", "C_1*near <= before - after"),
    )  # fmt: skip
    return dataclasses.replace(found, location="Lemma 5, (45), with beta = 1 as in (52)")
