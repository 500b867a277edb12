"""Do (138), (148), (171) reach 1/sqrt(nT), and under which readings of gamma, rho, the bias and h?"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.step_sizes import orders
from spiritlevel.theory.slam.step_sizes.signs import Powers, counted, powers, told
from spiritlevel.theory.statement import Context, Finding, Kind, Method, Statement, Variant, Verdict

RATE = r"O(1/\sqrt{nT})"


def statement(
    name: str, location: str, sentence: str, because: str, check: Any, expected: Verdict, **rest: Any
) -> Statement:
    """A statement about the order of a display."""
    kind: Kind = "rate"
    variant: Variant = rest.pop("variant", "printed")
    return Statement(
        id=f"slam/{name}",
        paper=PAPER,
        location=location,
        kind=kind,
        sentence=sentence,
        because=because,
        check=check,
        expected=expected,
        variant=variant,
        **rest,
    )


def numbers(found: Mapping[str, Powers], prefix: str = "") -> dict[str, str]:
    """Powers by term, for a finding."""
    return {f"{prefix}{name}": str(p) for name, p in found.items()}


def reached(found: Mapping[str, Powers], summary: str, more: Mapping[str, Any] | None = None) -> Finding:
    """Proved if every term reaches 1/sqrt(nT), refuted if one does not: the terms are positive, and so are their coefficients."""
    missing = [name for name, p in found.items() if not p.reaches()]
    return Finding(
        verdict=Verdict.REFUTED if missing else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"{len(missing)} of {len(found)} terms do not: {told(found, False)}{summary}"
        if missing
        else f"all {len(found)} terms do: {counted(found)}{summary}",
        numbers=numbers(found) | dict(more or {}),
        cases=len(found),
    )


def _steady(v: Any) -> bool:
    """Whether C, D_x and D_y, as (41) and (131) have them, stay bounded for gamma ~ alpha and fixed rho."""
    at = orders.sizes(v)
    values = (orders.least_weight(at), orders.upper_movement(at), orders.lower_movement(at))
    return all((p.T, p.n) == (0, 0) for p in (powers(value, v.T, v.n) for value in values))


def _check_138(ctx: Context) -> Finding:
    import sympy as sp

    v = orders.letters()
    at = orders.sizes(v, bias=sp.sqrt(v.e_0) / (v.n * v.T) ** sp.Rational(1, 4))
    found = orders.table(v, orders.upper_consensus(at))
    return reached(found, "; b_r^2 = O(1/(nT)), which O(log(nT)) terms give as well, would do")


UPPER = statement(
    "order-138",
    "(138); (24)",
    "With alpha, beta, gamma ~ sqrt(T/n), fixed rho and b_r^2 = O(1/sqrt(nT)), every term of (138) is O(1/sqrt(nT)).",
    "n (b_r + b_{r-1})^2 gamma/(2 rho) is a constant then: n sqrt(T/n)/sqrt(nT) = 1. Repaired by a larger constant in O(log(nT)).",
    _check_138,
    Verdict.REFUTED,
    formula=r"\tfrac\gamma\rho\, \tfrac{n(b_r + b_{r-1})^2}{2} + \dots = O(1/\sqrt{nT}),\quad b_r^2 \le O(1/\sqrt{nT})",
)


def _check_138_repaired(ctx: Context) -> Finding:
    v = orders.letters()
    steady = _steady(v)
    found = orders.table(v, orders.upper_consensus(orders.sizes(v)))
    finding = reached(found, "; C, D_x, D_y by (41), (131) stay bounded", {"steady": steady})
    return (
        finding
        if steady
        else Finding(verdict=Verdict.INCONCLUSIVE, method=Method.SYMBOLIC, summary="C or D grows")
    )


UPPER_REPAIRED = statement(
    "order-138-repaired",
    "(138)",
    "With alpha, beta, gamma ~ sqrt(T/n), fixed rho, fixed constants of problem, graph and noise, and b_r^2 = O(1/(nT)), every term of (138) is O(1/sqrt(nT)).",
    "Takes the bias as small as the term n b_r^2 gamma/rho needs. D_x and D_y as printed, Q_w^1 a constant (slam/order-start); for those of local h see slam/order-local.",
    _check_138_repaired,
    Verdict.PROVED,
    variant="repaired",
    repairs="slam/order-138",
)


def _check_148(ctx: Context) -> Finding:
    v = orders.letters()
    found = orders.table(v, orders.lower_consensus(orders.sizes(v)))
    return reached(found, "; terms with T^(-1) are below for T beyond a power of n")


LOWER = statement(
    "order-148",
    "(148), (149)",
    "With alpha, beta, gamma ~ sqrt(T/n), fixed rho and fixed constants of problem, graph and noise, every term of (148) is O(1/sqrt(nT)).",
    "The order of the display as printed, Q_v^1 being a constant as well, which takes a start in consensus (slam/order-start); whether the display is a bound is another question "
    "(slam/lemma6, slam/eq140).",
    _check_148,
    Verdict.PROVED,
    formula=r"\gamma \sim \beta \sim \alpha \sim O(\sqrt{T/n})",
)


def start_potential(v: Any, apart: Any, slope: Any) -> tuple[Any, Any]:
    r"""The potential after the first step: of an eigenvector of :math:`A^\top A` of size ``apart``, and of the mean where h is ``slope``."""
    q, d = v.rho * v.gamma * v.high / v.beta, v.beta - v.rho * v.gamma * v.high
    return v.rho * v.high * ((1 - q) * apart) ** 2 / 2 + d * (q * apart) ** 2 / 2, slope**2 / (2 * v.beta)


def _check_start(ctx: Context) -> Finding:
    v = orders.letters()
    at = orders.sizes(v)
    at.C, at.beta = (
        orders.least_weight(at),
        at.gamma * (at.rho * at.high + v.c),
    )  # (39c): tau_g > rho sigma_max
    name = "C gamma Q/(T rho)"
    found = {}
    for where, potential in zip(
        ("apart", "in consensus"), start_potential(at, v.start_y, v.L_g), strict=True
    ):
        found[where] = powers(
            orders.lower_consensus(SimpleNamespace(**(vars(at) | {"Q": potential})))[name], v.T, v.n
        )
    kept = found.pop("in consensus")
    return reached(
        {f"{name}, y^1 apart": p for p in found.values()},
        f"; from a consensus {name} is {kept}: {kept.reaches()}",
    )


START = statement(
    "order-start",
    "(138), (148)",
    "With alpha, beta, gamma ~ sqrt(T/n) and fixed rho (148) is O(1/sqrt(nT)) from every start, the potential being that of Lemma 8 after the first step.",
    "From y^1 off consensus the first step moves y by rho/tau_g A'A y^1, whatever T is, and D weighs its square with beta - rho gamma s ~ sqrt(T/n): C gamma Q/(T rho) stays. "
    "Q_v is lost in the text; from a consensus its start is of order 1/beta. The same for (138).",
    _check_start,
    Verdict.REFUTED,
    variant="added",
    formula=r"Q_v^2 = \tfrac\rho2 \|A y^2\|^2 + \tfrac12 \|y^2 - y^1\|_D^2 + \dots",
)


def _check_gamma(ctx: Context) -> Finding:
    import sympy as sp

    v = orders.letters()
    fixed = orders.with_constants(orders.sizes(v, gamma=v.g_0))
    follows = orders.with_constants(orders.sizes(v, gamma=v.g_0, rho=v.r_0 * sp.sqrt(v.T / v.n)))
    upper, lower = (orders.table(v, part(fixed)) for part in (orders.upper_consensus, orders.lower_consensus))
    other = orders.table(v, orders.upper_consensus(follows) | orders.lower_consensus(follows))
    D_x = powers(fixed.D_x, v.T, v.n)
    return reached(
        {f"(138) {k}": p for k, p in upper.items()} | {f"(148) {k}": p for k, p in lower.items()},
        f"; D_x grows like {D_x}, as C_x does. With rho ~ sqrt(T/n) all reach it: {all(p.reaches() for p in other.values())}",
        numbers(other, "rho ~ alpha: "),
    )


GAMMA = statement(
    "order-gamma",
    "(138), (148), Theorem 1",
    "The terms of (138) and (148) are O(1/sqrt(nT)) also for fixed gamma and rho, which Theorem 1 admits.",
    "(41a) with the best theta is C_x = 2 (tau_f/(rho sigma_min))^2, and tau_f = alpha/gamma grows: D_x/alpha^2 does not vanish, and C >= 8 tau_f/(rho sigma_min) grows. "
    "rho gamma ~ alpha is needed.",
    _check_gamma,
    Verdict.REFUTED,
    variant="added",
)


def anchored_bound() -> tuple[bool, Powers]:
    """That (39a), (39d) put the second term of (138) above a bound without gamma and rho; and the bound's powers."""
    import sympy as sp

    v = orders.letters()
    more, less = sp.symbols("more less", positive=True)
    at = orders.sizes(v)
    kappa = v.high / v.low
    gamma = sp.sqrt(8 * v.T * (1 + more)) * kappa  # (39a), as `joint.anchored` shows
    rho = at.alpha / (gamma * v.high * (1 + less))  # (39d)
    name = "gamma/rho D_x/alpha^2"
    term = orders.upper_consensus(orders.sizes(v, gamma=gamma, rho=rho))[name]
    unit = orders.upper_consensus(orders.sizes(v, gamma=v.g_0, rho=v.g_0))[name]  # gamma/rho = 1
    bound = 8 * kappa**2 * v.high * v.T / at.alpha * unit
    return without_minus(sp.simplify(term / bound) - 1), powers(bound, v.T, v.n)


def _check_anchored(ctx: Context) -> Finding:
    above, bound = anchored_bound()
    return Finding(
        verdict=Verdict.SUPPORTED if bound.reaches() else Verdict.REFUTED if above else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"gamma/rho = gamma^2/(rho gamma) >= 8 kappa^2 T sigma_max/alpha, so the term with D_x is at least 8 kappa^2 sigma_max ((L_fx + 1)/2 + L_fx m^2) "
        f"D_x T/(n alpha^3): {bound}, sqrt(n/T); D_x >= 4(L_f0 + sigma_f^2)",
        numbers={"lower bound": str(bound)},
    )


ANCHORED = statement(
    "order-lemma4",
    "(138), Lemma 4",
    "Under Lemma 4's conditions (39), whose D_x it uses, (138) is O(1/sqrt(nT)) with alpha = alpha_0 sqrt(T/n).",
    "(39a) makes gamma at least of the order of sqrt(T) and (39d) keeps rho gamma below alpha/sigma_max: gamma/rho is at least of the order of sqrt(nT). The speedup is gone: sqrt(n/T).",
    _check_anchored,
    Verdict.REFUTED,
    variant="added",
)


def _check_local(ctx: Context) -> Finding:
    import sympy as sp

    v = orders.letters()
    wide = SimpleNamespace(**(vars(orders.sizes(v)) | {"D_x": v.n * v.D_x, "D_y": v.n * v.D_y}))
    upper = orders.table(v, orders.upper_consensus(wide))
    lower = orders.table(v, orders.lower_consensus(wide))
    apart = v.c * sp.sqrt(v.n / v.T)
    stationary = orders.table(v, orders.stationarity(wide, apart, apart))
    return reached(
        {f"(138) {k}": p for k, p in upper.items()} | {f"(148) {k}": p for k, p in lower.items()},
        f"; (171), with sqrt(n/T) for both disagreements, keeps its order: {all(p.reaches() for p in stationary.values())}",
        numbers(stationary, "(171) "),
    )


LOCAL = statement(
    "order-local",
    "(138), (148), (171)",
    "(138) and (148) keep their order where h estimates the agents' own gradients.",
    "Independent noise alone moves x by n sigma_f^2/alpha^2 in mean square, so that D_x and D_y are at least of the order of n. Then both are sqrt(n/T); (171) "
    "divides them by n or n^2 and keeps 1/sqrt(nT).",
    _check_local,
    Verdict.REFUTED,
    variant="added",
)
