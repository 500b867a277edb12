"""Theorem 1 in its weaker readings: the graph fixed, and as bounds in which n and the graph stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.cases import Case, kind_of, measured, stable
from spiritlevel.theory.slam.moments.figures import against_T
from spiritlevel.theory.slam.moments.growth import MARGIN, SHAPES, crossing, excess, in_T, shown
from spiritlevel.theory.slam.moments.rules import C_STEP, THETA, constant_penalty
from spiritlevel.theory.slam.moments.scalar import AX, AY, CURVED, FAMILY, LL, limits, problem, spectrum
from spiritlevel.theory.statement import Check, Context, Finding, Method, Statement, Verdict, decide, largest

GRAPHS = ("ring", "complete", "path", "star")
_NORMS = {AX: "E||Ax||^2", LL: "E||y - y*||^2", AY: "E||Ay||^2"}
SLACK = 1.25
"""How far the constants of the limit of small steps are exceeded where alpha is as small as 4."""
NOISE = 1 / (C_STEP**2 * THETA * (2 - THETA))
r"""Noise leaves a mode of weight :math:`q = \rho\gamma s/\alpha` with the variance :math:`\sigma^2/(\alpha^2 q(2-q))`."""
MEAN = 1 / (2 * C_STEP * THETA**2)
r"""A force 1 moves it by :math:`e^{-r/\gamma}/(\alpha q)` until its multiplier has answered."""


def _fixed_n(measure: int) -> Check:
    def check(ctx: Context) -> Finding:
        kind = kind_of(ctx, "slam")
        plain, constant = in_T(kind, measure), in_T(kind, measure, rule=constant_penalty)
        slow = excess(plain, constant)
        return Finding(
            verdict=decide(slow <= MARGIN, slow),
            method=Method.MOMENTS,
            summary=f"scalar quadratics, 8 agents, ring and complete, T up to 2^22, exponents in T of the part without noise and of the part of noise: gamma = alpha "
            f"{shown(plain.values())}; gamma = 1 and rho constant {shown(constant.values())}",
            numbers={"gamma_as_alpha": plain, "gamma_1": constant, "tolerance": MARGIN},
            cases=44,
            audit=audit(ALL, [problem("ring", 4)]),
            figures=(
                against_T(
                    {
                        "gamma = 1, rho constant": lambda k: measured(
                            kind, Case("ring", 8, k, constant_penalty)
                        ).total[measure],
                        "gamma = alpha": lambda k: measured(kind, Case("ring", 8, k)).total[measure],
                    },
                    title="SLAM, scalar quadratics of one curvature, ring of 8: two choices of gamma",
                    y_label=f"average of {_NORMS[measure]}",
                    caption="Exact averages over T iterations. Neither falls more slowly than claimed on a given graph; gamma decides whether faster.",
                ),
            ),
        )

    return stable(check)


def _fixed(name: str, place: str, what: str, formula: str, measure: int) -> Statement:
    return Statement(
        id=f"slam/thm1-{name}",
        paper=PAPER,
        location=f"Theorem 1, {place}",
        kind="rate",
        sentence=f"{FAMILY} and on a given graph the average of {what} is O(1/sqrt T), with gamma ~ alpha and with gamma = 1, rho < 1/sigma_max constant.",
        formula=formula,
        variant="added",
        because="The constant may depend on n and the graph here. For gamma below about 1/2 see slam/gamma-any.",
        assumptions=ALL,
        about=("slam",),
        check=_fixed_n(measure),
        expected=Verdict.SUPPORTED,
    )


FIXED_N = (
    _fixed("ul-consensus-fixed-n", "(10a)", "E||Ax||^2", r"\frac1T \sum_r E\|A x^r\|^2 \le C_n/\sqrt T", AX),
    _fixed(
        "ll-optimality-equal",
        "(10b)",
        "E||y - y*||^2",
        r"\frac1T \sum_r E\|y^r - y^*(x^r)\|^2 \le C_n/\sqrt T",
        LL,
    ),
    _fixed("ll-consensus-fixed-n", "(10b)", "E||Ay||^2", r"\frac1T \sum_r E\|A y^r\|^2 \le C_n/\sqrt T", AY),
)


@dataclass(frozen=True)
class Terms:
    """Of one run, what is there by noise and without it; or a bound's terms for that, without `NOISE` and `MEAN`."""

    noise: float
    mean: float


def consensus_terms(c: Case) -> Terms:
    r""":math:`n^2\sigma_{\max}/T` and :math:`\sqrt n \sigma_{\max}^2 \mathrm{tr} L^+ / T^{3/2}`."""
    s = spectrum(c.shape, c.n)
    return Terms(
        noise=c.n**2 * s[-1] / c.T,
        mean=c.n**0.5 * s[-1] ** 2 * (1 / s[1:]).sum() / c.T**1.5,
    )


def optimality_terms(c: Case) -> Terms:
    r"""Of the modes that are not constant: :math:`n\sigma_{\max} \mathrm{tr} L^+/T`, :math:`\sqrt n\sigma_{\max}^2 \mathrm{tr} (L^+)^2/T^{3/2}`."""
    s = spectrum(c.shape, c.n)
    return Terms(
        noise=c.n * s[-1] * (1 / s[1:]).sum() / c.T,
        mean=c.n**0.5 * s[-1] ** 2 * (1 / s[1:] ** 2).sum() / c.T**1.5,
    )


def _parts(kind: type, measure: int, c: Case) -> Terms:
    """What the terms bound."""
    found = measured(kind, c)
    mean, noise = found.apart if measure == LL else (found.mean, found.noise)
    return Terms(noise=float(noise[measure]), mean=float(mean[measure]))


def _grid(ctx: Context) -> list[Case]:
    sizes = ctx.pick((4, 16, 64), (4, 8, 16, 32, 64))
    step = ctx.pick(10, 2)
    return [Case(s, n, k) for s in GRAPHS for n in sizes for k in range(n.bit_length() + 1, 42, step)]


def _reached(thresholds: dict[str, list[float]]) -> str:
    parts = [
        f"{shown(found, 4)} ({shape}; last exponent in n {np.diff(found)[-1]:.2f})"
        for shape, found in thresholds.items()
    ]
    return " and ".join(parts)


def _against_bound(measure: int, rows: list[tuple[Case, Terms, Terms]]) -> Plot:
    """What was measured of every case over the bound, by graph."""
    values = [
        (c.shape, NOISE * bound.noise + MEAN * bound.mean, part.noise + part.mean) for c, part, bound in rows
    ]
    curves = [
        Curve(
            shape, [x for s, x, _ in values if s == shape], [y for s, _, y in values if s == shape], "points"
        )
        for shape in GRAPHS
    ]
    ends = [f(x for _, x, _ in values) for f in (min, max)]
    what = "what agents differ by in y" if measure == LL else _NORMS[measure]
    return Plot(
        title=f"Measured against the repaired bound: {what}, n = 4..64, T = 4n..2^41",
        x_label="the bound, with the constants of small steps",
        y_label="exact average",
        curves=(*curves, Curve("equal", ends, ends, "dashed")),
        log="xy",
        caption=f"Every graph, n and T lies below {SLACK} times the bound, many on the line: it has the right powers of n, T and the graph's eigenvalues.",
    )


def _bound(measure: int) -> Check:
    def check(ctx: Context) -> Finding:
        kind, cases, exact = kind_of(ctx, "slam"), _grid(ctx), limits(CURVED)
        terms = optimality_terms if measure == LL else consensus_terms
        rows = [(c, _parts(kind, measure, c), terms(c)) for c in cases]
        noise = largest(part.noise / bound.noise / NOISE for _, part, bound in rows)
        mean = largest(part.mean / bound.mean / MEAN for _, part, bound in rows)
        common, which = 0.0, "The average"
        if measure == LL:
            # relative to sqrt(n/T), over the constants of its Lyapunov equations
            runs = [(c, measured(kind, c)) for c in cases]
            parts = [
                math.sqrt(c.T / c.n)
                * largest([m.common_mean[LL] / exact.ll_mean, m.common_noise[LL] / exact.ll_noise])
                for c, m in runs
            ]
            common, which = largest(parts), "What agents differ by, per agent,"
        worst = largest([noise, mean, common])
        sizes = ctx.pick((32, 64), (16, 32, 64))
        stacked, each = (
            {shape: [crossing(kind, measure, shape, n, share(n)) for n in sizes] for shape in SHAPES}
            for share in (lambda n: 1.0, lambda n: 1 / n)
        )
        thresholds = each if measure == LL else stacked
        last = [np.diff(found)[-1] for found in each.values()]
        per_agent = "" if measure == LL else f"; per agent the last exponents are {shown(last)}"
        of_mean = f", of the mean of y {common:.3f}" if measure == LL else ""
        return Finding(
            verdict=decide(worst <= SLACK, worst),
            method=Method.MOMENTS,
            summary=f"scalar quadratics on rings, complete graphs, paths and stars, n = 4..64, T = 4n..2^41: relative to the terms with their constants the part of noise is at most "
            f"{noise:.3f}, that without noise {mean:.3f}{of_mean}. {which} is below 1/sqrt(nT) once log2 T exceeds {_reached(thresholds)} for n = {shown(sizes)}{per_agent}",
            numbers={
                "largest_relative_noise": noise,
                "largest_relative_mean": mean,
                "largest_relative_common": common,
                "allowed": SLACK,
                "log2_T_from_which_below": stacked,
                "log2_T_from_which_below_per_agent": each,
            },
            cases=len(cases),
            audit=audit(ALL, [problem("ring", 4)]),
            figures=(_against_bound(measure, rows),),
        )

    return stable(check)


def _repaired(
    name: str, place: str, what: str, bound: str, formula: str, because: str, measure: int
) -> Statement:
    return Statement(
        id=f"slam/thm1-{name}-repaired",
        paper=PAPER,
        location=f"Theorem 1, {place}",
        kind="speedup",
        sentence=f"{FAMILY} with gamma ~ alpha and rho sigma_max constant the average of {what} is O({bound}), by one constant for all n, T and graphs.",
        formula=formula,
        variant="repaired",
        repairs=f"slam/thm1-{name}",
        because=because,
        assumptions=ALL,
        about=("slam",),
        check=_bound(measure),
        expected=Verdict.SUPPORTED,
    )


_CONSENSUS = (
    "n^2 sigma_max/T + sqrt(n) sigma_max^2 tr(L^+)/T^(3/2)",
    r"O\Big(\frac{n^2 \sigma_{\max}}{T} + \frac{\sqrt n\, \sigma_{\max}^2\, \mathrm{tr} L^+}{T^{3/2}}\Big)",
    "Faster in T, but growing with n and the graph: 1/sqrt(nT) is reached from T of order n^5 sigma_max^2 on.",
)
REPAIRED = (
    _repaired("ul-consensus", "(10a)", "E||Ax||^2", *_CONSENSUS, AX),
    _repaired("ll-consensus", "(10b)", "E||Ay||^2", *_CONSENSUS, AY),
    _repaired(
        "ll-optimality",
        "(10b)",
        "E||y - y*||^2",
        "sqrt(n/T) + n sigma_max tr(L^+)/T + sqrt(n) sigma_max^2 tr((L^+)^2)/T^(3/2)",
        r"O\Big(\sqrt{\frac nT} + \frac{n \sigma_{\max}\, \mathrm{tr} L^+}{T} + "
        r"\frac{\sqrt n\, \sigma_{\max}^2\, \mathrm{tr} (L^+)^2}{T^{3/2}}\Big)",
        "A sum over agents: 1/sqrt(nT) is what it is per agent, once T is of order n^5 on rings and n^3 on complete graphs.",
        LL,
    ),
)
