"""What (46) to (49) come to when their arguments are carried out, as certificates of squares beside exact runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.lemmas.lines_late import late
from spiritlevel.theory.argus.lemmas.lines_runs import AWAKE, CHANCES, TURNS, failing, measured, slack
from spiritlevel.theory.evidence import Evidence, judged
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.statement import Check, Context, Finding, Statement, Verdict


def _positive(names: str) -> Any:
    import sympy as sp

    return sp.symbols(names, positive=True)


def mapping_holds(factor: int = 2) -> bool:
    r"""Whether (46) as repaired has a certificate, with ``factor`` for the 2 of :math:`2/\eta^2`.

    g: the gradients at d, h: those used, m: the mean of g; V: :math:`\mathbb E |x^{t+1} - d|^2/\eta^2 \ge h^2`, as
    :math:`\mathbb E \tilde\eta^2 \ge \eta^2`; D: how far d, y are from what was read; S = :math:`|d - x|^2 \le 4 E`.

    Examples
    --------
    >>> mapping_holds(), mapping_holds(1)
    (True, False)
    """
    g, h, m = reals("g h m")
    N, L, V, D, S, E, A = _positive("N L V D S E A")
    room = factor * V + 17 * L**2 * E + 4 * L**2 * A - (N * m**2 + L**2 * E)
    facts = [
        (1, g**2 - N * m**2),  # Jensen
        (factor, V - h**2),
        (2, L**2 * D - (g - h) ** 2),
        (2 * L**2, 2 * S + 2 * A - D),
        (4 * L**2, 4 * E - S),
    ]
    return certified(room, (g, h, m), [(1, g - 2 * h)], facts)


def half_holds(twice: int = 1) -> bool:
    """Whether ``twice`` b^2/2 <= a^2 + (a - b)^2 for all numbers.

    Examples
    --------
    >>> half_holds(), half_holds(2)
    (True, False)
    """
    a, b = reals("a b")
    return certified(a**2 + (a - b) ** 2 - twice * b**2 / 2, (a, b), [(2, a - b / 2)])


def mean_holds(factor: int = 4) -> bool:
    """Whether the mean gradient at u is within the own ones at y and ``factor`` L^2 E: g at u, h at y, m the mean of g.

    Examples
    --------
    >>> mean_holds(), mean_holds(3)
    (True, False)
    """
    g, h, m = reals("g h m")
    N, L, S, E = _positive("N L S E")
    room = h**2 + factor * L**2 * E - N * m**2 / 2
    facts = [(g**0 / 2, g**2 - N * m**2), (1, L**2 * S - (g - h) ** 2), (L**2, 4 * E - S)]
    return certified(room, (g, h, m), [(g**0 / 2, g - 2 * h)], facts)


def dual_holds(factor: int = 2) -> bool:
    """Whether the repaired (48) and (49) have a certificate, with ``factor`` in the place of 2.

    An agent that is awake with probability p: the gradient is D - C, D the multiplier's change over its step eta/p and C
    the change of the cut, C^2 <= L^2 W; the movement Z is at least p W.

    Examples
    --------
    >>> dual_holds(), dual_holds(1)
    (True, False)
    """
    D, C = reals("D C")
    p, L, W, Z = _positive("p L W Z")
    room = factor * D**2 + factor * L**2 / p * Z - (D - C) ** 2
    facts = [(2, L**2 * W - C**2), (2 * L**2 / p, Z - p * W)]
    return certified(room, (D, C), [(1, D + C)], facts)


def first_holds(factor: int = 3) -> bool:
    """Whether the first inequality of (48) and (49) holds for one awake, with c^{t-1} in the gradient; so it does with c^t.

    k = c^{t-1} - c^t >= 0, c = c^t, D and C as in `dual_holds`, Z the movement.

    Examples
    --------
    >>> first_holds(), first_holds(2)
    (True, False)
    """
    D, C, lam = reals("D C lam")
    k, c, L, Z = _positive("k c L Z")
    room = factor * (D**2 + L**2 * Z + ((c + k) ** 2 - c**2) * lam**2) - (D - C - k * lam) ** 2
    squares = [(1, D + C), (1, D + k * lam), (1, C - k * lam)]
    return certified(room, (D, C, lam), squares, [(3, L**2 * Z - C**2)])


def movement_holds(for_y: int = 3) -> bool:
    """Whether the second inequality of (48) has a certificate where all are awake; ``for_y`` is a third of its 9.

    s = (W - I) z, of which s^2 <= (1 + rho)^2 E, and b the step from there; rho = v/(1 + v).

    Examples
    --------
    >>> movement_holds(), movement_holds(1)
    (True, False)
    """
    s, b = reals("s b")
    v, E = _positive("v E")
    gap, both = 1 / (1 + v), (1 + 2 * v) / (1 + v)
    c, known = gap / both, both**2 * E - s**2
    in_y = certified((for_y * E + 2 * b**2) / gap - (s - b) ** 2, (s, b), [(c, s + b / c)], [(1 + c, known)])
    return in_y and certified(2 * b**2 + 8 * E - (s - b) ** 2, (s, b), [(1, s + b)], [(2, known)])


def _check(
    line: str,
    holds: Callable[[], bool],
    what: str,
    *,
    chances: bool = True,
    more: Callable[[], Mapping[str, bool]] = dict,
) -> Check:
    """A certificate beside all activity sets of exact rounds, early and late, everyone's being awake among them."""

    def check(ctx: Context) -> Finding:
        pairs = [*measured(ctx, AWAKE)[line], *late(ctx).get(line, [])]
        if chances:
            pairs += [*measured(ctx, TURNS, CHANCES)[line], *late(ctx, CHANCES).get(line, [])]
        extra = more()
        least, middle = slack(pairs) or (0.0, 0.0)
        return judged(
            holds() and all(extra.values()),
            Evidence(len(pairs), failing(pairs), "cases of exact runs"),
            f"{what}; right over left {least:.4g} at least, {middle:.3g} in the middle",
            {"right_over_left": [least, middle], **extra},
        )

    return check


MAPPING = Statement(
    id="argus/46-repaired",
    paper=PAPER,
    location="(46)",
    kind="lemma",
    variant="repaired",
    repairs="argus/46",
    sentence="Where R = 0 and the virtual rates have the mean eta given the past, the left side of (46) is at most 2/eta^2 times the expected sum of |x_i^{t+1} - d_i|^2, "
    "17 L^2 times the consensus error of x, and 4 L^2 times the sum of |x_i^t - x_i^{t-hat}|^2 + |y_i^t - y_i^{t-hat}|^2.",
    formula=r"\mathbb E \textstyle\sum_i \|P(d_i)\|^2 + L^2 \sum_i \|x_i - \bar x\|^2 \le \frac{2}{\eta^2} \mathbb E \sum_i \|x_i^{t+1} - d_i\|^2 + "
    r"17 L^2 \sum_i \|x_i - \bar x\|^2 + 4 L^2 \sum_i (\|x_i^t - x_i^{\hat t_i}\|^2 + \|y_i^t - y_i^{\hat t_i}\|^2)",
    because="The mean gradient is at most the mean square of the agents', and E tilde-eta^2 >= eta^2. The age of what was read stands for tau k_1 times the movement. "
    "With everyone awake, in the iteration before too, it is 0, and (46) holds as printed; cuts and network are fixed.",
    about=("argus",),
    check=_check(
        "46-repaired",
        mapping_holds,
        "Jensen's inequality for the mean and for the virtual rate, Young's with 2, L for the gradient of L'_pi in own variables",
    ),
    expected=Verdict.PROVED,
)

HALF = Statement(
    id="argus/47",
    paper=PAPER,
    location="(47)",
    kind="lemma",
    sentence="Half the squared mean gradients in y at u are at most the squared own gradients at y and the squared differences of the two.",
    formula=r"\tfrac12 \textstyle\sum_i \|\bar\nabla_u L'_{pi}\|^2 \le \sum_i \|\nabla_{y_i} \tilde L_{pi}\|^2 + \sum_i \|\nabla_{y_i} \tilde L_{pi} - \bar\nabla_u L'_{pi}\|^2",
    because="It is |b|^2 <= 2 |a|^2 + 2 |a - b|^2 for any two vectors. The last sum holds the differences between agents, which no L bounds: argus/47-mean.",
    about=("argus",),
    check=_check("47", half_holds, "the right side less the left is 2 |a - b/2|^2"),
    expected=Verdict.PROVED,
)

MEAN = Statement(
    id="argus/47-mean",
    paper=PAPER,
    location="(47), as (51) uses it",
    kind="lemma",
    variant="added",
    sentence="Half the squared mean gradients in y at u are at most the squared own gradients at y and 4 L^2 times the consensus error of y.",
    formula=r"\tfrac12 N \|\bar\nabla_u L'_p\|^2 \le \textstyle\sum_i \|\nabla_{y_i} \tilde L_{pi}\|^2 + 4 L^2 \sum_i \|y_i - \bar y\|^2",
    because="What (51) needs, whose terms are not the last sum of (47): by Jensen's inequality nothing about differences between agents has to be known.",
    about=("argus",),
    check=_check("47-mean", mean_holds, "Jensen's inequality, Young's with 2, |u - y|^2 <= 4 E"),
    expected=Verdict.PROVED,
)


def _dual(line: str, what: str, letter: str) -> Statement:
    return Statement(
        id=f"argus/{line}-repaired",
        paper=PAPER,
        location=f"({line})",
        kind="lemma",
        variant="repaired",
        repairs=f"argus/{line}",
        sentence=f"The squared gradient in {what} of an agent that is awake with probability p, and then steps by eta/p, is at most 2 p/eta^2 times the expected "
        "square of its change and 2 L^2/p times the expected movement of all x and y.",
        formula=rf"\|\tilde G_{{{letter}}}\|^2 \le \frac{{2p}}{{\eta^2}} \mathbb E \|{letter}^{{t+1}} - {letter}^t\|^2 + "
        r"\frac{2 L^2}{p} \mathbb E \textstyle\sum_i (\|x_i^{t+1} - x_i^t\|^2 + \|y_i^{t+1} - y_i^t\|^2)",
        because="p has to be there: who never wakes shows nothing; p is given the past, c is that of the agent's own update, cuts and network are fixed and lambda is free. For p = 1 it implies the first inequality as printed, which then holds with c^{t-1} in the gradient as well.",
        about=("argus",),
        check=_check(
            f"{line}-repaired",
            dual_holds,
            "the gradient is the change over eta less the change of the value, where awake",
            more=lambda: {"printed_for_p_1": first_holds()},
        ),
        expected=Verdict.PROVED,
    )


LAMBDA, THETA = _dual("48", "a multiplier lambda", r"\lambda"), _dual("49", "a multiplier theta", r"\theta")

MOVEMENT = Statement(
    id="argus/48-movement",
    paper=PAPER,
    location="(48), (49), second inequality",
    kind="lemma",
    variant="added",
    sentence="With everyone awake, in the iteration before too, so that nothing is stale, the movement of x and y is within the terms that (48) and (49) put in its place, for every rho < 1.",
    formula=r"3L^2 \textstyle\sum_i (\|x_i^{t+1} - x_i^t\|^2 + \|y_i^{t+1} - y_i^t\|^2) \le 6L^2 \sum_i \|x_i^{t+1} - d_i^t\|^2 + 24L^2 \sum_i \|x_i^t - \bar x^t\|^2 + "
    r"\frac{9L^2}{1-\rho} \sum_i \|y_i^t - \bar y^t\|^2 + \frac{6L^2\eta_y^2}{1-\rho} \sum_i \|\nabla_{y_i} \tilde L_{pi}\|^2",
    because="The case that the lines are right about; asleep, (48) and (49) fail (argus/48, argus/49), and with steps eta/p this one does (argus/48-movement-rates).",
    about=("argus",),
    check=_check(
        "48-movement",
        movement_holds,
        "Young's inequality with (1 - rho)/(1 + rho) for y, with 1 for x, and |(W - I) z| <= (1 + rho) |z - mean|",
        chances=False,
    ),
    expected=Verdict.PROVED,
)
