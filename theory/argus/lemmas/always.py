"""How far Lemmas 1 and 4 are from holding: they fail for every step size of Theorem 1's list, on every network."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import proved
from spiritlevel.theory.instruments.signs import certified
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def excess(least: int = 2) -> bool:
    r"""Whether (37) fails for ``least`` identical agents and more, G = x^2/2, x = 1, and every admitted eta.

    Left less right, over :math:`\eta N`, is :math:`N - 1 + \eta/2 - \eta NL - 2 \eta\tau k_1 N^2 L`, where
    :math:`10 \eta NL \le 1` and :math:`288 \eta L N k_1 \tau \le 1 - \rho`.

    Examples
    --------
    >>> excess(), excess(1)
    (True, False)
    """
    import sympy as sp

    more, eta, L, k, rho = sp.symbols("more eta L k rho", positive=True)
    N = least + more  # more may be as small as one likes, so that N = least is covered
    difference = N - 1 + eta / 2 - eta * N * L - 2 * eta * k * N**2 * L - sp.Rational(1, 2)
    # The certificate is for 1/2 less, so that the inequality is strict.
    facts = [
        (sp.Rational(1, 10), 1 - 10 * eta * N * L),
        (N / 144, 1 - rho - 288 * eta * L * N * k),
    ]
    return certified(difference, (), facts=facts)


def apart(power: int = 2) -> bool:
    r"""Whether (40) fails for agents that agree and whose gradients in x add up to 0, for every admitted eta.

    In units of :math:`\eta^2` times their squares the left side is 1, the right :math:`40 \eta^2 L^2/(1 - \rho)`, and
    :math:`1600 \eta^2 L^2 \le (1 - \rho)^3`. The right side of (41) has ``power`` 2 of :math:`1 - \rho` below, that of (40) has 1.

    Examples
    --------
    >>> apart(1), apart(2), apart(4)
    (True, True, False)
    """
    import sympy as sp

    u, eta, L = sp.symbols("u eta L", positive=True)
    # As above, 1/2 is left.
    gap: Any = 1 / (1 + u)  # any number in (0, 1), and 1 in the limit
    return certified(
        sp.Rational(1, 2) - 40 * eta**2 * L**2 / gap**power,
        (),
        facts=[(1 / (40 * gap**power), gap**3 - 1600 * eta**2 * L**2)],
    )


def _check_first(ctx: Context) -> Finding:
    return proved(
        excess(),
        "left less right over eta N is at least N - 1 - 1/10 - N/144 > 0: 10 eta N L <= 1 and 288 eta L N k_1 tau <= 1 suffice",
        "the certificate does not go through",
        {"one_agent": excess(1)},
    )


FIRST = Statement(
    id="argus/lemma1-always",
    paper=PAPER,
    location="Lemma 1, (37)",
    kind="lemma",
    sentence="(37) fails for N >= 2 identical agents with G = x^2/2 that agree on x != 0, all awake, R = 0 and no cuts, for every step size of Theorem 1, every W, L, tau and k_1.",
    variant="added",
    because="The first and the fourth bound on eta make the positive terms of (37) small, and what is left is N times the descent.",
    check=_check_first,
    expected=Verdict.PROVED,
)


def _check_fourth(ctx: Context) -> Finding:
    return proved(
        apart(1) and apart(2),
        "1600 eta^2 L^2 <= (1 - rho)^3 makes the right sides at most (1 - rho)^2/40 and (1 - rho)/40 of the left ones",
        "the certificate does not go through",
        {"with_power_4": apart(4)},
    )


FOURTH = Statement(
    id="argus/lemma4-always",
    paper=PAPER,
    location="Lemma 4, (40) and (41)",
    kind="lemma",
    sentence="Where all agents agree and are awake and R = 0, (40) fails if the gradients in x add up to 0 without all being 0 and those in y are 0, and (41) with x and y exchanged, "
    "for every step size of Theorem 1 and every W.",
    variant="added",
    because="The sixth bound on eta alone makes the right sides at most a fortieth of the left ones.",
    check=_check_fourth,
    expected=Verdict.PROVED,
)
