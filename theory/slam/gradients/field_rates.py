"""Theorem 1 with noise, on agents of opposite cross terms: the gradient of (1), and the field (152)."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.spectra import laplacian
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.affine import AffineMap, probe
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.averages import average_squares
from spiritlevel.theory.slam.gradients.courses import SLOPE, slope
from spiritlevel.theory.slam.gradients.instances import opposed
from spiritlevel.theory.slam.moments.figures import against_T
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

NOISE: dict[Any, float] = {"grad_x_f": 0.3, "grad_y_g": 0.3}


def steps(n: int, T: int, sigma_max: float) -> dict[str, float]:
    """Theorem 1's scaling: alpha = beta = gamma = 2 sqrt(T/n), rho = 0.9/sigma_max."""
    scale = 2 * math.sqrt(T / n)
    return {"alpha": scale, "beta": scale, "gamma": scale, "rho": 0.9 / sigma_max}


def _map(ctx: Context, n: int, k: int) -> AffineMap:
    network = named(f"ring:{n}" if n > 2 else "path:2")
    made = ctx.algorithm("slam")(**steps(n, 2**k, laplacian(network)[1]))
    return probe(made, opposed(n).over("float"), network, channels=NOISE)


def averages(ctx: Context, n: int, doublings: range) -> tuple[list[float], list[float]]:
    """On `opposed`, exact averages of the squared gradient, x^2, and of the squared mean of (18) and (23), (x - 1)^2."""
    true, field = [], []
    for k in doublings:
        amap = _map(ctx, n, k)
        L, c = amap.readout(lambda s: s.x.mean(axis=1))
        true.append(average_squares(amap, NOISE, L, c, k))
        field.append(average_squares(amap, NOISE, L, c - 1, k))
    return true, field


def _no_average(error: Unstable) -> Finding:
    return Finding(verdict=Verdict.INCONCLUSIVE, method=Method.MOMENTS, summary=str(error))


def _check_noise(ctx: Context) -> Finding:
    doublings = range(8, ctx.pick(17, 21), 2)
    try:
        true, field = averages(ctx, 2, doublings)
    except Unstable as error:
        return _no_average(error)
    rising = bool((np.diff(true) > 0).all()) and true[-1] > 0.9
    falling = slope(true, [2**k for k in doublings]) <= SLOPE
    return Finding(
        verdict=Verdict.REFUTED if rising else Verdict.SUPPORTED if falling else Verdict.INCONCLUSIVE,
        method=Method.MOMENTS,
        summary=f"exact moments at T = 2^{doublings[0]}, 2^{doublings[2]}, .., 2^{doublings[-1]}: the average squared gradient is "
        f"{', '.join(f'{v:.3f}' for v in true[::2])}{', rising to 1' if rising else ''}; that of (18) and (23) is {', '.join(f'{v:.3g}' for v in field[::2])}",
        numbers={"gradient": true, "field": field, "T": [2**k for k in doublings]},
        cases=len(true),
        audit=audit(ALL, [opposed()]),
        figures=(
            against_T(
                {
                    "mean of (18) and (23)": lambda k: field[(k - 8) // 2],
                    "gradient of (1)": lambda k: true[(k - 8) // 2],
                },
                title="Two agents with opposite cross terms, noise, start at the solution",
                y_label="average of the square",
                caption="Exact averages over T iterations. What SLAM descends along vanishes like T^-1/2; the gradient of the objective does not, it tends to 1.",
                doublings=doublings,
            ),
        ),
    )


NOISY = Statement(
    id="slam/thm1-true-gradient-noise",
    paper=PAPER,
    location="Theorem 1, (10a)",
    kind="rate",
    variant="added",
    sentence="Read for the gradient of the objective, and with noise: its average square decays with T, on two agents with opposite cross terms.",
    formula=r"\frac1T \sum_{r=1}^T E\|\nabla f(\bar x^r, y^*(\bar x^r))\|^2 = O(1/\sqrt{nT})",
    because="The longer SLAM runs, the closer it comes to the root of (18), away from the solution from which it started.",
    assumptions=ALL,
    about=("slam",),
    check=_check_noise,
    expected=Verdict.REFUTED,
)


def _check_rate(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.exponents import exact_exponent

    doublings = range(12, ctx.pick(19, 23))
    try:
        by_agents = {n: averages(ctx, n, doublings)[1] for n in ctx.pick((2, 4, 8), (2, 4, 8, 16))}
    except Unstable as error:
        return _no_average(error)
    slopes = {n: exact_exponent(values) for n, values in by_agents.items()}
    last = [values[-1] for values in by_agents.values()]
    speedup = [math.log2(b / a) for a, b in itertools.pairwise(last)]
    off = largest([*(abs(s.value + 0.5) for s in slopes.values()), *(abs(s + 0.5) for s in speedup)])
    return Finding(
        verdict=decide(off <= 0.02, off),
        method=Method.MOMENTS,
        summary=f"exact moments up to T = 2^{doublings[-1]}: T exponents of the squared mean of (23) "
        f"{', '.join(f'{s.value:.4f}' for s in slopes.values())} at n = {', '.join(map(str, slopes))}; exponents per doubling of n "
        f"{', '.join(f'{s:.4f}' for s in speedup)}",
        numbers={
            "T exponents": [s.value for s in slopes.values()],
            "uncertainty": [s.uncertainty for s in slopes.values()],
            "n exponents": speedup,
            "tolerance": 0.02,
        },
        cases=sum(map(len, by_agents.values())),
        audit=audit(ALL, [opposed()]),
        figures=(
            against_T(
                {f"n = {n}": lambda k, v=values: v[k - doublings[0]] for n, values in by_agents.items()},  # type: ignore[misc]
                title="Agents with opposite cross terms: the mean of (23)",
                y_label="average of the square",
                caption="Exact averages over T iterations: each doubling of n divides by sqrt(2), as each doubling of T does.",
                doublings=doublings,
            ),
        ),
    )


RATE = Statement(
    id="slam/thm1-field-opposed",
    paper=PAPER,
    location="Theorem 1, (10a), with (152)",
    kind="rate",
    variant="added",
    sentence="On agents with opposite cross terms and equal curvatures the average square of the field (152) is of order 1/sqrt(nT), although "
    "the field is not the gradient of (1).",
    formula=r"\frac1T \sum_{r=1}^T E\Big\|\frac1n \sum_i \nabla f_i(\bar x^r, y^*(\bar x^r))\Big\|^2 \sim (nT)^{-1/2}",
    because="There the field is the gradient of another function, bounded below.",
    assumptions=ALL,
    about=("slam",),
    check=_check_rate,
    expected=Verdict.SUPPORTED,
)
