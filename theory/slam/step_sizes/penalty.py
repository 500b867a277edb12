r"""(131) to (137): which weight C makes the potential descend, and for which step sizes there is one.

On an eigenvector of :math:`A^\top A` with eigenvalue s the matrix :math:`D = \alpha I - \rho\gamma A^\top A` is the number
:math:`d = \alpha - \rho\gamma s`, and (131) says :math:`d\,(\tfrac C2 - \tfrac{4d}{\rho\gamma\tilde\sigma_{\min}}) > 0`: exactly
:math:`0 < d < C\rho\gamma\tilde\sigma_{\min}/8`. The largest d is alpha, at consensus. Both levels: beta for alpha.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.step_sizes.modes import stable
from spiritlevel.theory.slam.step_sizes.witnesses import no_weight_witness, weight_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def needed(d: Any, C: Any, rho: Any, gamma: Any, low: Any) -> Any:
    """What (131) asks to be positive on an eigenvector where D is the number d.

    Examples
    --------
    >>> needed(-100, 20, 100, 1, 2)
    -1200.0
    """
    return C * d / 2 - 4 * d**2 / (rho * gamma * low)


def ends(alpha: Any, gamma: Any, rho: Any, low: Any, high: Any, factor: Any) -> tuple[Any, Any]:
    r"""The least and the largest C that (137) allows, its second half read as :math:`\alpha \ge C \tilde\sigma_{\min} k/16` with a factor k.

    k is 1 as printed in (136), (137), rho in (134), (135), and :math:`\rho\gamma` by (133).

    Examples
    --------
    >>> ends(100, 1, 100, 2, 2, 1), ends(100, 1, 100, 2, 2, 100)
    ((20.0, 800.0), (20.0, 8.0))
    """
    tau = alpha / gamma
    return 8 * (tau / rho + rho * high**2 / tau) / low, 16 * alpha / (low * factor)


def _check_weight(ctx: Context) -> Finding:
    import sympy as sp

    low, s1, s2, rho, gamma, more, slack = sp.symbols("low s1 s2 rho gamma more slack", positive=True)
    s, high = low + s1, low + s1 + s2

    def never_negative(room: Any) -> bool:
        """(131) with >= 0 on every eigenvector, for tau = rho sigma_max + room and every C in (137)'s first half."""
        alpha = gamma * (rho * high + room)
        least, _ = ends(alpha, gamma, rho, low, high, 1)
        modes = (alpha - rho * gamma * at for at in (s, high, 0))
        return all(
            without_minus(needed(d, C, rho, gamma, low)) for d in modes for C in (least, least + slack)
        )

    inside, edge = never_negative(more), never_negative(0)
    alone = stable(Fraction(2), Fraction(1), Fraction(0)) or not recheck(weight_witness()).ok
    return Finding(
        verdict=Verdict.PROVED if inside and edge else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="for tau_f >= rho sigma_max no minus is left on any eigenvector, from the first half of (137) alone; at equality D is singular, so that > 0 "
        f"takes tau_f > rho sigma_max. Without (39d) {'it might do as well' if alone else 'it fails: slam/adm-137-alone'}",
        cases=12,
    )


WEIGHT = Statement(
    id="slam/adm-137",
    paper=PAPER,
    location="(131)-(137), (39d)",
    kind="step size",
    sentence="Where Lemma 4's (39d) is in force, (137) is enough for (131), read with >= 0 as (136) has it.",
    formula=r"\tau_f \ge \rho\sigma_{\max},\ \tfrac{\tau_f}{\rho} + \tfrac{\rho\sigma_{\max}^2}{\tau_f} \le \tfrac{\tilde\sigma_{\min} C}{8} "
    r"\Rightarrow \tfrac{C}{2} D - \tfrac{4 D^\top D}{\rho\gamma\tilde\sigma_{\min}} \succeq 0",
    because="(138) has D_x of Lemma 4, and so (39d). The steps from (133) to (137), which drop gamma and rho, are wrong all the same (slam/adm-137-alone), but what "
    "they lose is not needed then.",
    check=_check_weight,
    expected=Verdict.PROVED,
)


def _check_alone(ctx: Context) -> Finding:
    stands = recheck(weight_witness()).ok
    q, gamma = Fraction(2), Fraction(1)
    diverges = not stable(q, gamma, Fraction(0))
    return Finding(
        verdict=Verdict.REFUTED if stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="edge, alpha = rho = 100, gamma = 1, C = 20: (137) holds, D has the eigenvalue -100, and what (131) wants positive is -1200; "
        f"with f = 0 SLAM {'diverges' if diverges else 'is stable'} there: q(2 + 1/gamma) = {q * (2 + 1 / gamma)}, stable below 4",
        witness=weight_witness() if stands else None,
    )


ALONE = Statement(
    id="slam/adm-137-alone",
    paper=PAPER,
    location="(131)-(137)",
    kind="step size",
    sentence="Read by itself, without (39d): (137) is enough for (131).",
    formula=r"\tfrac{\tau_f}{\rho} + \tfrac{\rho\sigma_{\max}^2}{\tau_f} \le \tfrac{\tilde\sigma_{\min} C}{8},\ \alpha \ge \tfrac{C\tilde\sigma_{\min}}{16} "
    r"\Rightarrow \tfrac{C}{2} D - \tfrac{4 D^\top D}{\rho\gamma\tilde\sigma_{\min}} \succ 0",
    because="From (133) the second half is alpha >= C rho gamma sigma_min/16; (134) drops gamma, (136) drops rho. Without them nothing keeps "
    "tau_f above rho sigma_max. With tau_f >= rho sigma_max, (39d), the first half alone does: slam/adm-137. (The second half of "
    "(134), (135) is printed with > 0, which A'A 1 = 0 excludes; >= is meant.)",
    check=_check_alone,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    import sympy as sp

    low, s1, s2, rho, gamma, more, C = sp.symbols("low s1 s2 rho gamma more C", positive=True)
    alpha = sp.Symbol("alpha", positive=True)
    s, high = low + s1, low + s1 + s2
    d = alpha - rho * gamma * s
    expands = sp.expand(  # (133)
        needed(d, C, rho, gamma, low)
        - (
            C * d / 2
            - 4 * alpha**2 / (rho * gamma * low)
            + 8 * alpha * s / low
            - 4 * rho * gamma * s**2 / low
        )
    )
    least, most = ends(alpha, gamma, rho, low, high, rho * gamma)
    room = sp.simplify(
        (most - least) * low * rho * alpha * gamma / 8 - (alpha**2 - (rho * gamma * high) ** 2)
    )
    # tau = rho high + more: on every eigenvector 0 <= d, and at the least C what (131) wants is not negative
    tau = {alpha: gamma * (rho * high + more)}
    on_modes = without_minus(needed(d, least, rho, gamma, low).subs(tau))
    at_mean = without_minus(needed(alpha, least, rho, gamma, low).subs(tau))
    sharp = sp.simplify(needed(alpha, 8 * alpha / (rho * gamma * low), rho, gamma, low)) == 0
    direct = without_minus(needed(d, 8 * alpha / (rho * gamma * low) + more, rho, gamma, low).subs(tau))
    proof = expands == 0 and room == 0 and on_modes and at_mean and sharp and direct
    return Finding(
        verdict=Verdict.PROVED if proof else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="(133) expands from (132); the interval for C has a point iff (tau - rho sigma_max)(tau + rho sigma_max) >= 0; (131) then has no minus on "
        "any eigenvector. Directly: C > 8 tau/(rho sigma_min) with tau > rho sigma_max, and no smaller C, as at consensus D = alpha",
        cases=6,
    )


WEIGHT_REPAIRED = Statement(
    id="slam/adm-137-repaired",
    paper=PAPER,
    location="(131)-(137), (39d)",
    kind="step size",
    variant="repaired",
    repairs="slam/adm-137-alone",
    sentence="With alpha >= C rho gamma sigma_min/16, (137) gives (131) with >= 0, and there is such a C exactly if tau_f >= rho sigma_max.",
    formula=r"\exists C:\ \tfrac8{\tilde\sigma_{\min}} \big(\tfrac{\tau_f}{\rho} + \tfrac{\rho\sigma_{\max}^2}{\tau_f}\big) \le C \le "
    r"\tfrac{16\tau_f}{\rho\tilde\sigma_{\min}} \iff \tau_f \ge \rho\sigma_{\max}",
    because="Keeps rho gamma. Then (137) asks for no more than (39d) does; the same for y, tau_g. Strictly, (131) needs tau_f > rho sigma_max: at "
    "equality D is singular.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)


def _check_room(ctx: Context) -> Finding:
    import sympy as sp

    alpha, gamma, rho, low, high, T, n = sp.symbols("alpha gamma rho low high T n", positive=True)
    tau = alpha / gamma
    room = {}
    for name, factor in (("printed", 1), ("with rho, (134)", rho), ("with rho gamma", rho * gamma)):
        least, most = ends(alpha, gamma, rho, low, high, factor)
        room[name] = sp.factor(sp.together((most - least) * low * rho * tau / 8))
    stated = sp.expand(room["printed"] - (2 * gamma * rho * tau**2 - tau**2 - rho**2 * high**2)) == 0
    # rho, gamma fixed, alpha ~ sqrt(T/n): what is left for large T
    far = sp.limit(room["printed"].subs(alpha, sp.sqrt(T / n)) * n * gamma**2 / T, T, sp.oo)
    fails = sp.simplify(far - (2 * gamma * rho - 1)) == 0
    stands = recheck(no_weight_witness()).ok
    return Finding(
        verdict=Verdict.REFUTED if stands and stated and fails else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="as printed there is a C iff 2 gamma rho tau^2 >= tau^2 + rho^2 sigma_max^2: with rho gamma < 1/2, both fixed, for no T (edge, gamma = 1, "
        "rho = 1/4, alpha = 10: from 160.4 to 80); with rho gamma kept iff tau >= rho sigma_max",
        numbers={name: str(value) for name, value in room.items()},
        cases=3,
        witness=no_weight_witness() if stands else None,
    )


ROOM = Statement(
    id="slam/adm-137-room",
    paper=PAPER,
    location="(137), Theorem 1",
    kind="step size",
    variant="added",
    sentence="All of Theorem 1's step sizes, whatever gamma is, leave a constant C with (137), as used at (138) and (145).",
    formula=r"\exists C:\ \tfrac{\tau_f}{\rho} + \tfrac{\rho\sigma_{\max}^2}{\tau_f} \le \tfrac{\tilde\sigma_{\min} C}{8},\ \alpha \ge \tfrac{C\tilde\sigma_{\min}}{16}",
    because="What the proof needs of Theorem 1. The two halves compare alpha with tau_f/rho, which have different units: both hold for some C only if rho gamma exceeds "
    "about 1/2. With gamma ~ alpha, (149), and fixed rho there is one for large T. Repaired, slam/adm-137-repaired, they ask for tau_f >= rho sigma_max alone.",
    check=_check_room,
    expected=Verdict.REFUTED,
)
