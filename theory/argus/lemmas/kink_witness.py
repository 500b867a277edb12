"""The witness against (46) with an l1 term above and nobody asleep: at a kink the mean gradient moves whom the own one leaves."""

from __future__ import annotations

from spiritlevel.theory.argus.lemmas.lines_witnesses import AVERAGES, MOVES, THIRDS, built, thrice
from spiritlevel.theory.witness import Condition, Witness


def line46_l1(movers: int = 1) -> Witness:
    """R = |x|, everyone awake, the third round: one agent of three goes to 0, by the mean gradient all three would.

    ``movers`` agents have G = (x + 1)^2/2 and go, the others have (x - 1)^2/2 and stay at d.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(line46_l1()).ok, check(line46_l1(2)).ok
    (True, False)
    """
    return built(
        "46-l1",
        "with everyone awake the mapping at d is within the right side of (46)",
        6,
        note="G = (x + 1)^2/2 for the movers, whose x is p, and (x - 1)^2/2 for the others, whose x is q; all start at 2 eta/3, T_1 = 0, the claim is for t = 2; "
        "max(0, v - eta) - max(0, -v - eta) is prox of eta |x|; theta is that of a mover for another, and most bounds it at t = 2, 1/sqrt(2) not being rational; y does not enter",
        given={
            "N": 3, "M": 1, "rho": 0, "tau": 1, "k_1": 11 if movers == 1 else 41, "T_1": 0, "L": "5/2", "W": THIRDS,
            "eta": "1/90000", "k": 2, "H": thrice(1), "movers": movers, "others": 3 - movers,
        },
        define=(
            ("x_0", "2/3*eta"),
            ("v", "x_0 - eta*(x_0 + 1)"),
            ("w", "x_0 - eta*(x_0 - 1)"),
            ("p_1", "max(0, v - eta) - max(0, -v - eta)"),
            ("q_1", "max(0, w - eta) - max(0, -w - eta)"),
            ("theta", "eta*(p_1 - q_1)"),
            ("d_1", "(movers*p_1 + others*q_1)/N"),
            ("v_1", "d_1 - eta*(p_1 + 1 + others*theta)"),
            ("w_1", "d_1 - eta*(q_1 - 1 - movers*theta)"),
            ("p_2", "max(0, v_1 - eta) - max(0, -v_1 - eta)"),
            ("q_2", "max(0, w_1 - eta) - max(0, -w_1 - eta)"),
            ("d", "(movers*p_2 + others*q_2)/N"),
            ("most", "abs(theta) + eta*abs(p_2 - q_2)"),
            ("off", "eta*(abs(q_2) + movers*most)"),
            ("stepped", "movers*d**2 + others*off**2"),
            ("apart", "movers*others/N*(p_2 - q_2)**2"),
            ("right", "(2/eta**2 + 32*N*L**2*tau*k_1)*stepped + (128*N*L**2*tau*k_1 + 32*N*L**2)*apart"),
            ("moved_1", "movers*(p_1 - x_0)**2 + others*(q_1 - x_0)**2"),
            ("moved_2", "movers*(p_2 - p_1)**2 + others*(q_2 - q_1)**2"),
            ("floor", "min(moved_1, moved_2, others*(q_2 - d - off)**2)"),
            ("far", "max(moved_1, moved_2, movers*p_2**2 + others*(q_2 - d + off)**2)"),
        ),
        assume=(
            AVERAGES,
            Condition("t >= T_1 + 2", "k >= T_1 + 2"),
            Condition(
                "whatever theta is within most, at t = 2 movers go from d to 0, and others stay within off of d > 0",
                "abs(d - eta*(p_2 + 1)) + others*eta*most <= eta and d > off and q_2 > d + off",
            ),
            Condition(
                "by the mean gradient, too, all would go to 0, with a proximal map of weight eta and so with 1, as printed",
                "abs(d - eta*(d + (movers - others)/N)) + 2*eta*most <= eta and eta <= 1",
            ),
            Condition(
                "with prox_r, which (27) has, and r = 0 P is the mean gradient, and the left side is also above the right one",
                "N*(abs(movers - others)/N - d - 2*most)**2 > right",
            ),
            MOVES,
        ),
        claim=Condition(
            "(46), y being 0, with P = d/eta for all and no consensus error on the left",
            "N*d**2/eta**2 <= right",
        ),
    )  # fmt: skip
