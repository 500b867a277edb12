"""What Lemma 2 and (50) become when their arguments are carried out, as certificates of squares."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import proved
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def gap_holds(factor: int) -> bool:
    r"""Whether :math:`|a|^2 \le k (|b|^2 + |a - b|^2)` for all numbers, where k is the factor.

    Examples
    --------
    >>> gap_holds(2), gap_holds(1)
    (True, False)
    """
    a, b = reals("a b")
    return certified(factor * (b**2 + (a - b) ** 2) - a**2, (a, b), [(1, a - 2 * b)])


def _check_gap(ctx: Context) -> Finding:
    return proved(
        gap_holds(2),
        "2 |b|^2 + 2 |a - b|^2 - |a|^2 = |a - 2 b|^2, with a, b the plain and the regularised gradient, which differ by c lambda",
        "the certificate does not go through",
        {"factor_2": gap_holds(2), "factor_1": gap_holds(1)},
    )


GAP = Statement(
    id="argus/50-51-repaired",
    paper=PAPER,
    location="(50)",
    kind="lemma",
    sentence="The dual parts of Psi are at most twice those of the regularised metric and twice the sums of |c_1^t lambda|^2 and |c_2^t theta|^2.",
    formula=r"\|G_\lambda\|^2 \le 2 \|\tilde G_\lambda\|^2 + 2 \|c_1^t \lambda\|^2",
    variant="repaired",
    repairs="argus/50-51",
    because="Young's inequality in the place of the difference of squares; (51) then has twice the terms of (48) and (49).",
    check=_check_gap,
    expected=Verdict.PROVED,
)


def descent_holds(of_all: bool = False) -> bool:
    r"""Whether the certificate of the repaired Lemma 2 goes through, one component at a time.

    With :math:`s = \sum_i g_i` the gradients that are used, ``S`` the gradient of the mean's function, whose slope is NL, and
    :math:`\delta = -\eta s/N`: :math:`S\delta + \frac{NL}{2}\delta^2 \le \frac{\eta L^2}{2} E - \frac{\eta}{2N}(1 - \eta L) s^2`
    since :math:`(S - s)^2 \le N L^2 E`. With ``of_all`` N times the descent is claimed.

    Examples
    --------
    >>> descent_holds(), descent_holds(of_all=True)
    (True, False)
    """
    import sympy as sp

    S, s = reals("S s")
    eta, N, L, E = sp.symbols("eta N L E", positive=True)
    delta = -eta * s / N
    claimed = eta / (2 * N) * (1 - eta * L) * s**2 * (N if of_all else 1)
    room = eta * L**2 / 2 * E - claimed - (S * delta + N * L / 2 * delta**2)
    return certified(room, (S, s), [(eta / (2 * N), S)], [(eta / (2 * N), N * L**2 * E - (S - s) ** 2)])


def _check_descent(ctx: Context) -> Finding:
    return proved(
        descent_holds(),
        "the descent lemma for the mean's function, of slope N L, and |S - s|^2 <= N L^2 E; what is left over is a square; N times the descent has no such certificate",
        "the certificate does not go through",
        {"printed_factor": descent_holds(of_all=True)},
    )


DESCENT = Statement(
    id="argus/lemma2-repaired",
    paper=PAPER,
    location="Lemma 2, (38)",
    kind="lemma",
    sentence="With all awake and no cuts one step in y changes L_p at the means by at most "
    "eta L^2/2 E - eta/(2N) (1 - eta L) |sum_i g_i|^2, with E the sum of |x_i^t - xbar^{t+1}|^2 and |y_i^t - ybar^t|^2.",
    formula=r"L_p(\bar x^{t+1}, \bar y^{t+1}) - L_p(\bar x^{t+1}, \bar y^t) \le "
    r"\frac{\eta L^2}{2} E - \frac{\eta}{2N} (1 - \eta L) \|\textstyle\sum_i g_i\|^2",
    variant="repaired",
    repairs="argus/lemma2",
    because="The sum of the gradients descends, with 1/N in the place of N; stale gradients would add their age to E.",
    check=_check_descent,
    expected=Verdict.PROVED,
)
