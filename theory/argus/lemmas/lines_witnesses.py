r"""Witnesses against (46), (48), (49): agents that sleep, and steps that make up for sleep.

No cuts but in (48). L covers the joint Hessian of :math:`L'_{pi}`, multipliers included; theta starts at 0. All but the
last are in terms of iterates from t = 0 on, up to the round of a t >= T_1 + 2, and somebody is awake in every round. Where
:math:`1/\sqrt{t + 1}` is not rational it is bounded, or damps a multiplier that is 0 or never read again.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.lemmas.witnesses import IN_Y, STEPS
from spiritlevel.theory.witness import Assignments, Condition, Witness

THIRDS = [["1/3"] * 3] * 3
HALVES = [["1/2"] * 2] * 2
MOVES = Condition(
    "Assumption 1(c): whatever is moved in up to tau rounds is within tau k_1 of the least movement",
    "floor > 0 and far <= tau*k_1*floor",
)
AVERAGES = Condition("Assumption 2: W is the mean, whose rho is 0", "W == ones(N, N)/N and rho == 0")


def built(line: str, claim_text: str, size: int, **rest: Any) -> Witness:
    """A witness against a line, with what all of them assume; ``size`` is that of the joint Hessian."""
    bounded = Condition(
        "Assumption 1(a): the joint Hessian is within L", f"psd(L*eye({size}) - H) and psd(L*eye({size}) + H)"
    )
    rest["given"] = {"T": 10} | rest["given"]
    rest["assume"] = (bounded, STEPS, *rest["assume"])
    return Witness(
        statement=f"argus/{line}",
        paper=PAPER,
        location=f"({line.split('-')[0]})",
        claim_text=claim_text,
        **rest,
    )


def thrice(x: int | str) -> list[list[int | str]]:
    """The joint Hessian over (x_1, x_2, x_3, y_1, theta_12, theta_13) for the Hessian x of G_1."""
    return [
        [x, 0, 0, 0, 1, 1], [0, 0, 0, 0, -1, 0], [0, 0, 0, 0, 0, -1], [0] * 6,
        [1, -1, 0, 0, 0, 0], [1, 0, -1, 0, 0, 0],
    ]  # fmt: skip


def line46(agents: int = 1) -> Witness:
    """Three identical agents take turns: the step of one is to make up for the mean gradient of three.

    ``agents`` are awake in the round of the claim.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(line46()).ok, check(line46(3)).ok
    (True, False)
    """
    return built(
        "46",
        "the mapping at d and the consensus error of x are within the right side of (46)",
        6,
        note="G_i = x^2/2, R = 0, so that P is the mean gradient (the sum of the squared own ones is larger still, by Jensen's inequality); y does not enter; agents 1, 2, 3 are awake at t = 0, 1, 2; the claim is for t = 2",
        given={
            "N": 3, "M": 1, "rho": 0, "tau": 3, "k_1": 3, "T_1": 0, "L": "5/2", "W": THIRDS, "eta": "1/20000", "k": 2,
            "H": thrice(1), "x_0": [1, 1, 1], "first": [1, 0, 0], "second": [0, 1, 0],
            "third": [int(i < agents) for i in (1, 2, 0)],
        },
        define=(
            ("x_1", "W@x_0 - eta*first*x_0"),
            ("x_2", "W@x_1 - eta*second*x_0"),
            ("d", "W@x_2"),
            ("x_3", "d - eta*third*x_0"),
            ("thetas", "eta*(2*x_1[0] - x_1[1] - x_1[2]) + eta*(2*x_2[1] - x_2[0] - x_2[2])"),
            ("mean_gradient", "mean(d) + thetas/N"),
            ("floor", "min(norm2(x_1 - x_0), norm2(x_2 - x_1), norm2(x_3 - x_2))"),
            ("far", "max(norm2(x_1 - x_0), norm2(x_2 - x_0), norm2(x_3 - x_0), norm2(x_2 - x_1), norm2(x_3 - x_1), norm2(x_3 - x_2))"),
            ("apart", "norm2(center(x_2))"),
            ("left", "N*mean_gradient**2 + L**2*apart"),
            ("right", "(2/eta**2 + 32*N*L**2*tau*k_1)*norm2(x_3 - d) + (128*N*L**2*tau*k_1 + 32*N*L**2)*apart"),
        ),
        assume=(
            AVERAGES,
            Condition("t >= T_1 + 2; everyone is awake once in tau rounds, and reads x_0", "k >= T_1 + 2 and tau == 3"),
            MOVES,
        ),
        claim=Condition("(46), y being 0", "left <= right"),
    )  # fmt: skip


STEP48: Assignments = (
    ("y_1", "W@y_0 - eta*y_0"),
    ("y_2", "W@y_1 - eta*y_1"),
    ("v", "y_2[0]"),
    ("s", "1 + v/5"),
    ("h", "2*(v + v**2/10)"),
    ("c", "h - 2*s*v - eps"),
    ("H", "alone + s*joint"),
    ("y_3", "W@y_2 - eta*awake*y_2"),
    ("x_3", "zeros(2)"),
    ("lam_3", "eta*(s*sum(y_3) + c)*awake"),
    ("x_4", "W@x_3 - eta*awake*(x_3 - s*lam_3)"),
    ("y_4", "W@y_3 - eta*awake*(y_3 + s*lam_3)"),
    ("cut", "s*(sum(y_4) - sum(x_4)) + c"),
    ("lam_4", "lam_3/2 + eta*cut*awake"),
    ("theta", "eta*(x_4[0] - x_4[1])"),
    ("d", "W@x_4"),
    ("x_5", "d - eta*awake*(x_4 - s*lam_4 + theta*ones(2))"),
    ("gradient", "y_4 + s*lam_4"),
    ("y_5", "W@y_4 - eta*(awake*gradient + late*y_2)"),
    ("next_lam", "eta*late[1]*(s*(sum(y_5) - sum(x_5)) + c)"),
)
"""Both awake at t = 0, 1; the cut is made at the end of t = 1, at x = 0, y = (v, v), by both; then agent 1 alone, and ``late`` at t = 4."""


def line48(wakes: int = 0) -> Witness:
    """The second agent sleeps from t = 2 on, and a violated cut that it made at the end of t = 1 keeps the multiplier 0.

    With ``wakes`` it is awake again in the round of the claim.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(line48()).ok, check(line48(1)).ok
    (True, False)
    """
    return built(
        "48",
        "the squared gradient in the multiplier of a cut is within the right side of (48)",
        6,
        note="G_i = (x^2 + y^2)/2, g_i = (y - x)^2/2, eta_y = 1, lambda_1 = 1/10: the cut is s (y_1 + y_2 - x_1 - x_2) + c <= 0; x starts at 0, y at 1; "
        "the claim is for t = 4 and the cut of agent 2, both agents' being equal; H is in (x_1, x_2, y_1, y_2, lambda, theta_12)",
        given={
            "N": 2, "M": 2, "rho": 0, "tau": 4, "k_1": 10, "T_1": 2, "L": 3, "W": HALVES, "eta": "1/100000", "eps": "1/100",
            "k": 4, "awake": [1, 0], "late": [0, wakes],
            "y_0": [1, 1],
            "alone": [[1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, -1], [0, 0, 1, 0, 0, 0], [0] * 6, [0] * 6, [1, -1, 0, 0, 0, 0]],
            "joint": [[0, 0, 0, 0, -1, 0], [0, 0, 0, 0, -1, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0], [-1, -1, 1, 1, 0, 0], [0] * 6],
        },
        define=(
            *STEP48,
            ("floor", "min(norm2(y_1 - y_0), norm2(y_2 - y_1), norm2(y_3 - y_2), norm2(y_4 - y_3), norm2(y_5 - y_4))"),
            ("far", "max(norm2(y_4 - y_0), norm2(y_5 - y_1), norm2(x_4), norm2(x_5 - x_4), norm2(x_5))"),
            ("room", "6*L**2*norm2(x_5 - d) + 24*L**2*norm2(center(x_4)) + L**2/(1 - rho)*(9*norm2(center(y_4)) + 6*eta**2*norm2(gradient))"),
            (
                "right",
                "room + 3*(1/k - 1/(k + 1))/eta**2*lam_4[1]**2 + 3/eta**2*(next_lam - lam_4[1])**2",
            ),
        ),
        assume=(
            AVERAGES,
            Condition("the cut is made where both agree, with a violation: each estimates y* = x = 0", "y_2 == v*ones(2) and h > eps"),
            Condition("t = T_1 + 2; nobody sleeps longer than tau - 1 rounds", "k == T_1 + 2 and tau == 4"),
            MOVES,
        ),
        claim=Condition("(48) for agent 2", "cut**2 <= right"),
    )  # fmt: skip


def line49(a: str = "24") -> Witness:
    """Three agents take turns: theta_12 stays while agent 1 sleeps, x comes together, and c theta is left.

    ``a`` is where the first agent's G has its minimum; that of the others is 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(line49()).ok, check(line49("1")).ok
    (True, False)
    """
    rounds = [(s, t) for t in range(1, 7) for s in range(max(0, t - 3), t)]
    return built(
        "49",
        "the squared gradient in theta_12 is within the right side of (49)",
        6,
        note="G_i = (x - a_i)^2/4; y does not enter; agents 1, 2, 3 are awake in turn, the claim is for t = k = 5; as 1/sqrt(t + 1) damps theta at t = 0 and 3 only, "
        "where it is 1 and 1/2, all iterates are rational; whether c is c^5 or c^4 in the gradient, damping/eta is less",
        given={
            "N": 3, "M": 1, "rho": 0, "tau": 3, "k_1": 90, "T_1": 0, "L": 2, "W": THIRDS, "eta": "1/500000", "k": 5,
            "H": thrice("1/2"), "x_0": [0, 0, 0], "a": [a, 1, 1], "damping": "2/5",
            "first": [1, 0, 0], "second": [0, 1, 0], "third": [0, 0, 1],
        },
        define=(
            ("x_1", "W@x_0 - eta*first*(x_0 - a)/2"),
            ("theta_12", "eta*(x_1[0] - x_1[1])"),
            ("x_2", "W@x_1 - eta*second*(x_0 - a)/2"),
            ("theta_21", "eta*(x_2[1] - x_2[0])"),
            ("x_3", "W@x_2 - eta*third*(x_0 - a)/2"),
            ("theta_31", "eta*(x_3[2] - x_3[0])"),
            ("x_4", "W@x_3 - eta*first*((x_1 - a)/2 + 2*theta_12*ones(3))"),
            ("theta", "theta_12/2 + eta*(x_4[0] - x_4[1])"),
            ("x_5", "W@x_4 - eta*second*((x_2 - a)/2 + 2*theta_21*ones(3))"),
            ("d", "W@x_5"),
            ("x_6", "d - eta*third*((x_3 - a)/2 + 2*theta_31*ones(3))"),
            ("floor", f"min({', '.join(f'norm2(x_{t} - x_{t - 1})' for t in range(1, 7))})"),
            ("far", f"max({', '.join(f'norm2(x_{t} - x_{s})' for s, t in rounds)})"),
            ("gradient", "x_5[0] - x_5[1] - damping/eta*theta"),
            ("right", "6*L**2*norm2(x_6 - d) + 24*L**2*norm2(center(x_5)) + 3*(1/k - 1/(k + 1))/eta**2*theta**2"),
        ),
        assume=(
            AVERAGES,
            Condition("t >= T_1 + 2; everyone is awake once in tau rounds", "k >= T_1 + 2 and tau == 3"),
            Condition("agent i has the same multiplier for both others", "x_1[1] == x_1[2] and x_2[0] == x_2[2] and x_3[0] == x_3[1] and x_4[1] == x_4[2]"),
            Condition(
                "damping is less than 1/sqrt(t + 1), and with a larger one the gradient is farther from 0",
                "damping**2*(k + 1) <= 1 and x_5[0] - x_5[1] < 0 and theta > 0",
            ),
            MOVES,
        ),
        claim=Condition("(49) for agent 1, which sleeps, y being 0", "gradient**2 <= right"),
    )  # fmt: skip


def movement(chance: str = "1/4") -> Witness:
    """Identical agents that agree; the second wakes with a probability p and steps by eta/p.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(movement()).ok, check(movement("1/2")).ok
    (True, False)
    """
    return built(
        "48-movement-rates",
        "with equal virtual rates the second inequality of (48) and (49) holds",
        4,
        note="G_i = y^2/2, y = 1; x does not move; both agree as long as both are awake, at whatever t the second first has p < 1; floor and far are bounds for four rounds, in each of which agent i steps by eta/p_i at most",
        given={
            "N": 2, "M": 1, "rho": 0, "tau": 4, "k_1": 300, "T_1": 0, "L": "5/2", "W": HALVES, "eta": "1/2000000",
            "H": IN_Y, "y": [1, 1], "p": ["1", chance],
        },
        define=(
            ("gradient", "y"),
            ("steps", "eta*ones(2)/p"),
            ("moved", "sum(p*steps*steps*gradient*gradient)"),
            ("floor", "eta**2/4"),
            ("far", "16*norm2(steps)"),
            ("right", "6*L**2*eta**2/(1 - rho)*norm2(gradient)"),
        ),
        assume=(
            AVERAGES,
            Condition("all agree on y", "norm2(center(y)) == 0"),
            Condition("equal virtual rates: E[tilde eta_i] = eta", "p*steps == eta*ones(2)"),
            MOVES,
        ),
        claim=Condition("3 L^2 times the expected movement", "3*L**2*moved <= right"),
    )  # fmt: skip


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (line46(), line48(), line49(), movement())
