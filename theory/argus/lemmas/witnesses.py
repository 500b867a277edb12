r"""Witnesses against Lemmas 1 to 4 and (50), (51): two agents, all awake but where it is said, no cuts, exact steps.

``W`` is the mean, so that rho = 0; M = 1 leaves no room for a cut; theta starts at 0. L covers the joint Hessian of
:math:`L'_{pi}` over :math:`(x_1, x_2, y_1, \theta_{12})`.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.witness import Assignments, Condition, Witness

SETTING = {
    "N": 2, "M": 1, "rho": 0, "tau": 1, "k_1": 2, "T_1": 0, "T": 10, "L": "5/2", "W": [["1/2", "1/2"], ["1/2", "1/2"]],
}  # fmt: skip
IN_X = [[1, 0, 0, 1], [0, 0, 0, -1], [0, 0, 0, 0], [1, -1, 0, 0]]
IN_Y = [[0, 0, 0, 1], [0, 0, 0, -1], [0, 0, 1, 0], [1, -1, 0, 0]]
"""The joint Hessian where G_i has the Hessian 1 in x, or in y."""
LIPSCHITZ = Condition(
    "Assumption 1(a): the joint Hessian is within L", "psd(L*eye(4) - H) and psd(L*eye(4) + H)"
)
NETWORK = Condition("Assumption 2: W is the mean, whose rho is 0", "W == ones(2, 2)/2 and rho == 0")
STEPS = Condition(
    "eta is in Theorem 1's list (roots squared)",
    "eta > 0 and 288*L*N*k_1*tau*eta <= 1 - rho and 576*L**2*N*k_1*tau*eta**2 <= 1 - rho and "
    "1152*L**2*(N + M)*(T_1 + T)*eta**2 <= 1 - rho and 10*N*L*eta <= 1 and 640*L**2*N*eta <= (1 - rho)**2 and "
    "1600*L**2*eta**2 <= (1 - rho)**3 and 16*L**2*M*eta**2 <= 1",
)
MOVES = Condition(
    "Assumption 1(c): the movement, its own floor, is within tau k_1 of it",
    "moved > 0 and moved <= tau*k_1*moved",
)
AGREED = Condition("both agents agree, so that theta stays 0", "norm2(center(z)) == 0")
TWICE = (
    Condition("both agents agree at t = 0", "norm2(center(z)) == 0"),
    Condition(
        "Assumption 1(c): neither movement is more than tau k_1 times the other",
        "min(first, moved) > 0 and max(first, moved) <= tau*k_1*min(first, moved)",
    ),
)
STEP: Assignments = (
    ("d", "W@z"),
    ("z_new", "d - eta*(z - a)"),
    ("moved", "norm2(z_new - z)"),
    ("gradients", "norm2(z - a)"),
    ("before", "norm2(ones(2)*mean(z) - a)/2"),
    ("after", "norm2(ones(2)*mean(z_new) - a)/2"),
)
"""One step of (17) or (18) for G_i = (z - a_i)^2/2 in z = x or y, and L_p at the means."""
SECOND: Assignments = (
    ("z_1", "W@z - eta*(z - a)"),
    ("first", "norm2(z_1 - z)"),
    ("apart", "norm2(center(z_1))"),
    ("d", "W@z_1"),
    ("z_new", "d - eta*(z_1 - a + in_x*2*eta*center(z_1))"),
    ("moved", "norm2(z_new - z_1)"),
    ("gradients", "norm2(z_1 - a)"),
)
"""The second step, t = 1, from where both agree at t = 0: :math:`\\theta_{12} = \\eta (x_1 - x_2)` enters that of x."""


def build(statement: str, location: str, claim_text: str, **rest: Any) -> Witness:
    """In the setting of this file."""
    rest["given"] = SETTING | rest["given"]
    rest["assume"] = (LIPSCHITZ, NETWORK, STEPS, *rest["assume"])
    return Witness(statement=statement, paper=PAPER, location=location, claim_text=claim_text, **rest)


def lemma1(eta: str = "1/8000") -> Witness:
    """Identical agents, G = x^2/2, x = 1: the descent is claimed to be N times what it is.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lemma1()).ok, check(lemma1("1/100")).ok
    (True, False)
    """
    return build(
        "argus/lemma1",
        "Lemma 1, (37)",
        "one step changes L_p at the means by at most the right side of (37)",
        note="G_i = x^2/2 for both agents, which agree at every t if at one, whatever x is; y does not enter",
        given={"eta": eta, "H": IN_X, "z": [1, 1], "a": [0, 0]},
        define=(
            *STEP,
            ("near", "norm2(z_new - ones(2)*mean(z))"),
            ("right", "(N*L - N/(2*eta))*near - N/(2*eta)*norm2(z_new - d) + 2*tau*k_1*N**2*L*moved"),
        ),
        assume=(AGREED, MOVES),
        claim=Condition("(37), without the consensus error, which is 0", "after - before <= right"),
    )


def lemma2(second: int = -1) -> Witness:
    """Agents whose gradients in y partly cancel: the mean moves along what is left.

    ``second`` is where the second agent's G has its minimum, that of the first is 3.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lemma2()).ok, check(lemma2(3)).ok
    (True, False)
    """
    return build(
        "argus/lemma2",
        "Lemma 2, (38), with beta = 1 as in (52)",
        "one step changes L_p at the means by at most the right side of (38)",
        note=f"G_1 = (y - 3)^2/2, G_2 = (y - {second})^2/2, y = 0 at t = 0; the claim is for t = 1; x does not enter",
        given={"k_1": 6, "eta": "1/10000", "beta": 1, "H": IN_Y, "z": [0, 0], "a": [3, second], "in_x": 0},
        define=(
            *SECOND,
            ("before", "norm2(ones(2)*mean(z_1) - a)/2"),
            ("after", "norm2(ones(2)*mean(z_new) - a)/2"),
            (
                "right",
                "3*eta*N**2*L**2/(2*beta)*apart + 3*eta*N**2*L**2*tau*k_1/beta*moved + (eta*N*beta/2 + eta**2*N*L/2 - eta*N)*gradients",
            ),
        ),
        assume=TWICE,
        claim=Condition("(38), x being where it was", "after - before <= right"),
    )


def lemma3(eta: str = "1/8000") -> Witness:
    """As for Lemma 1; lambda and theta are 0 and stay there.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lemma3()).ok, check(lemma3("1/100")).ok
    (True, False)
    """
    return build(
        "argus/lemma3",
        "Lemma 3, (39), with beta = 1 as in (52)",
        "one step changes L_p at the means by at most the right side of (39)",
        note="G_i = x^2/2 for both agents, which agree at every t if at one, whatever x is; y does not enter",
        given={"eta": eta, "beta": 1, "H": IN_X, "z": [1, 1], "a": [0, 0]},
        define=(
            *STEP,
            ("near", "norm2(z_new - ones(2)*mean(z))"),
            ("factor", "N*L - N/(2*eta) + 3*eta*N**2*L**2/(2*beta) + M*N*L**2*eta/2 + N**2*L**2*eta/2"),
            (
                "right",
                "factor*near - N/(2*eta)*norm2(z_new - d) + (2*tau*k_1*N**2*L + 3*eta*N**2*L**2*tau*k_1/beta)*moved",
            ),
        ),
        assume=(AGREED, MOVES),
        claim=Condition("(39), all other terms being 0", "after - before <= right"),
    )


def lemma4(in_y: bool = False, second: int = -1) -> Witness:
    """Agents whose gradients differ come apart by eta in every step, and (40), (41) allow eta^2.

    ``second`` as in `lemma2`.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(lemma4()).ok, check(lemma4(True)).ok, check(lemma4(second=3)).ok
    (True, True, False)
    """
    return build(
        "argus/lemma4-y" if in_y else "argus/lemma4",
        "Lemma 4, (41)" if in_y else "Lemma 4, (40)",
        "the consensus error after a step is at most the right side",
        note=f"G_1 = (z - 3)^2/2, G_2 = (z - {second})^2/2, z = 0 at t = 0, where z is {'y' if in_y else 'x'}; the claim is for t = 1",
        given={
            "k_1": 6, "eta": "1/10000", "H": IN_Y if in_y else IN_X, "z": [0, 0], "a": [3, second], "in_x": int(not in_y),
        },
        define=(
            *SECOND,
            (
                "right",
                "(rho + 230*eta**2*L**2/(1 - rho)**2)*apart + 40*eta**4*L**2/(1 - rho)**2*gradients"
                if in_y
                else "(rho + 170*eta**2*L**2/(1 - rho))*apart + 40*eta**2*L**2/(1 - rho)*norm2(z_new - d)",
            ),
        ),
        assume=TWICE,
        claim=Condition(f"the line, {'x' if in_y else 'y'} being 0", "norm2(center(z_new)) <= right"),
    )  # fmt: skip


def asleep(awake: int = 0) -> Witness:
    """Identical agents that agree, of which the second sleeps.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(asleep()).ok, check(asleep(1)).ok
    (True, False)
    """
    return build(
        "argus/lemma4-asleep",
        "Lemma 4, (40)",
        "the consensus error after a step of identical agents is at most the right side",
        note="G_i = x^2/2 for both agents, which agree as long as both are awake, at whatever t the second first is not in Q; y does not enter",
        given={"tau": 2, "eta": "1/8000", "H": IN_X, "z": [1, 1], "a": [0, 0], "awake": [1, awake]},
        define=(
            ("d", "W@z"),
            ("z_new", "d - eta*awake*(z - a)"),
            ("moved", "norm2(z_new - z)"),
            ("right", "40*eta**2*L**2/(1 - rho)*norm2(z_new - d)"),
        ),
        assume=(AGREED, MOVES),
        claim=Condition("(40), without the consensus error, which is 0", "norm2(center(z_new)) <= right"),
    )


def gap(asleep: int = 1) -> Witness:
    """Identical agents, of which the second is not awake in the third round: theta_12 turns from 0 to eta (x_1 - x_2).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(gap()).ok, check(gap(0)).ok
    (True, False)
    """
    return build(
        "argus/50-51",
        "(50)",
        "Psi exceeds the metric of the regularised Lagrangian by at most the sum of |c_1^{t-1} lambda|^2 and |c_2^{t-1} theta|^2",
        note="G_i = x^2/2; t = k = 3, where eta c_2^3 = 1/2 and (eta c_2^2)^2 = 1/3; theta_21 is 0 and adds 0 on both sides",
        given={"tau": 2, "k_1": 5, "eta": "1/16000", "k": 3, "H": IN_X, "start": [1, 1], "awake": [1, 1 - asleep], "damping": "1/2"},
        define=(
            ("x_1", "W@start - eta*start"),
            ("x_2", "W@x_1 - eta*x_1"),
            ("x_3", "W@x_2 - eta*awake*x_2"),
            ("plain", "x_3[0] - x_3[1]"),
            ("theta", "eta*plain"),
            ("damped", "plain - damping/eta*theta"),
            ("other", "plain - 4/7/eta*theta"),
            ("floor", "min(norm2(x_1 - start), norm2(x_2 - x_1), norm2(x_3 - x_2))"),
            ("far", "max(norm2(x_1 - start), norm2(x_2 - x_1), norm2(x_2 - start), norm2(x_3 - x_1))"),
        ),
        assume=(
            Condition("t >= T_1 + 2 and damping = 1/sqrt(t + 1)", "k >= T_1 + 2 and damping**2*(k + 1) == 1"),
            Condition("Assumption 1(c): two rounds move within tau k_1 of the least movement", "floor > 0 and far <= tau*k_1*floor"),
            Condition("with c^{t-1} in the regularised metric (50) fails, too: 4/7 is less than 1/sqrt(3)", "16*k <= 49 and plain**2 - other**2 > theta**2/(k*eta**2)"),
            Condition("theta is 0 until the third round, since x agrees", "norm2(center(x_1)) == 0 and norm2(center(x_2)) == 0"),
        ),
        claim=Condition("(50)", "plain**2 - damped**2 <= theta**2/(k*eta**2)"),
    )  # fmt: skip


def parenthesis(t: int = 3) -> Witness:
    """The factor of theta in (51) is negative where (49) and (50) add up to a positive one.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(parenthesis()).last.values
    ('7/12 (0.583333) <= -5/3 (-1.66667)',)
    """
    return Witness(
        statement="argus/51-parenthesis",
        paper=PAPER,
        location="(51)",
        claim_text="the factor of |theta|^2 in (51) covers those of (49) and (50)",
        given={"eta": 1, "k": t},
        define=(("earlier", "1/(eta**2*k)"), ("now", "1/(eta**2*(k + 1))")),
        assume=(Condition("(c_2^{t-1})^2 and (c_2^t)^2", "eta > 0 and k >= 2"),),
        claim=Condition(
            "what is added is at most what is printed", "3*(earlier - now) + earlier <= 4*(earlier - 3*now)"
        ),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (lemma1(), lemma2(), lemma3(), lemma4(), lemma4(True), asleep(), gap(), parenthesis())
