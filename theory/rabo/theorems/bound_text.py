"""(26) and what surrounds it, in the language of witnesses; and rounds of RABO in exact rationals."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.theorems.steps import LETTERS, SIGNS, STEP_LIST
from spiritlevel.theory.witness import Assignments, Condition, Witness

BOUND = (
    r"\frac1Q \sum_{q=1}^Q \sum_{s \in K_{q,x}} E\|\nabla\Phi^s(x_q)\|^2 \le \frac{2\Delta}{\alpha Q} + \frac{2N\hat\alpha_1}{\alpha C_x^*}"
    r"(\sigma_f^2 + \delta_f^2) + \frac{4N\hat\alpha_1}{\alpha C_x^*} \frac1Q \sum_q (M_f^2 w_1^2 \|x_q\|^2 + M_f^2 w_2^2 \|y_{q+1}\|^2) + "
    r"\Big(4M_f^2 + \frac{4M_f}{\alpha L_y}\Big) \frac{4\beta^2 NT(\sigma_g^2 + \delta_g^2)}{C_y^*}"
)
RIGHT: Assignments = (
    ("ahat", "2*L_f*alpha**2 + 8*M_f*alpha**2"),
    ("inner", "(4*M_f**2 + 4*M_f/(alpha*L_y))*4*beta**2*N*T*(sigma_g2 + delta_g2)/C_y"),
    (
        "right",
        "2*Delta/(alpha*Q) + 2*N*ahat/(alpha*C_x)*(sigma_f2 + delta_f2) + 4*N*ahat/(alpha*C_x)*M_f**2*(w1_2*x_2 + w2_2*y_2) + inner",
    ),
)
"""The right-hand side of (26); a name such as ``x_2`` is a square."""
QUIET = {"sigma_f2": 0, "sigma_g2": 0, "T": 1}
STILL = Condition(
    "Delta: nothing moves, so that V_{Q+1} = V_1 for every Q, whichever is subtracted",
    "Delta == 0 and Q >= 1",
)
AT_MOST = Condition(
    "the average of ||grad_K Phi||^2, equal in all rounds, is at most the bound", "left <= right"
)


def bound_witness(
    statement: str,
    claim_text: str,
    note: str,
    given: Mapping[str, Any],
    define: Assignments,
    assume: tuple[Condition, ...],
    *,
    location: str = "Theorem 1, (26)",
    claim: Condition = AT_MOST,
) -> Witness:
    """A witness against (26): ``define`` ends in ``left``, and in whatever of `RIGHT`'s names is not given."""
    return Witness(
        statement=statement,
        paper=PAPER,
        location=location,
        claim_text=claim_text,
        note=note,
        given={**QUIET, **given},
        define=(*LETTERS, *define, *RIGHT),
        assume=(SIGNS, *assume, *STEP_LIST),
        claim=claim,
    )


def exact_round(a: Algorithm, problem: SolvedProblem, rounds: int = 1) -> tuple[Any, Any]:
    """The start and the state after some rounds, in rationals.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.rabo import RABO
    >>> from spiritlevel.theory.rabo.theorems.young import slow
    >>> first, last = exact_round(RABO(alpha=Fraction(1, 105), beta=Fraction(1, 1000), T=1), slow())
    >>> last.y[0, 0, 0]
    Fraction(1, 1000)
    """
    given = problem.over("fraction")
    net, o, exact = Gossip(averaging(problem.n, exact=True)), Oracle(given), a.over("fraction")
    x, y = (convert(z[None], "fraction") for z in given.start())
    first = s = exact.init(x, y, o, net)
    for t in range(1, rounds + 1):
        s = exact.step(t, s, o, net)
    return first, s


def squared_gradient(problem: SolvedProblem, s: Any) -> Fraction:
    """``||grad Phi||^2`` of the problem (1) without masks at the server's x, exactly."""
    g = problem.over("fraction").hypergradient(s.x[:, 0])[0]
    return Fraction((g * g).sum())
