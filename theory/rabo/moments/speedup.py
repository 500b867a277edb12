"""Remark 2's speedup on exact moments: what noise adds, apart from what a longer step takes off the start's share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import numpy as np

from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.plots import Curve, Plot, power_law
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.moments.rounds import kind_of, stable
from spiritlevel.theory.rabo.moments.schedules import KAPPA, Case, Measured, measured
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

MARGIN = 0.02
"""Of an exponent."""
ROUNDING = 1e-9
FAR = 30
CLIENTS = (1, 4, 16)
Part = Literal["start", "noise", "last", "total"]


def _slope(x: Iterable[float], values: Iterable[float]) -> float:
    """Between the two ends."""
    a, b = np.log(list(x)), np.log(np.maximum(list(values), 1e-300))
    return float((b[-1] - b[0]) / (a[-1] - a[0]))


def _shown(values: Iterable[float]) -> str:
    return ", ".join(f"{v:.4g}" for v in values)


def _scaled(runs: Iterable[tuple[Case, Measured]], part: Part) -> list[float]:
    """Times sqrt(C_x* Q)."""
    return [getattr(m, part) * math.sqrt(c.covered * c.Q) for c, m in runs]


def _check_rate(ctx: Context) -> Finding:
    kind, k = kind_of(ctx), range(14, ctx.pick(24, 29))
    exponents, curves, Q = {}, [], [2.0**j for j in k]
    for rule in ("proportional", "fixed"):
        runs = [measured(kind, Case(j, 4, beta=rule)) for j in k]
        for part in ("start", "noise"):
            values = [getattr(r, part) for r in runs]
            exponents[f"beta {rule}, {part}"] = exact_exponent(values, ROUNDING).value
            curves.append(
                Curve(f"beta {rule}, from {'the start' if part == 'start' else part}", Q, values, "points")
            )
    off = largest(abs(e + 0.5) for e in exponents.values())
    slow = largest(e + 0.5 for e in exponents.values())
    return Finding(
        verdict=decide(slow <= MARGIN, slow),
        method=Method.MOMENTS,
        summary=f"four equal clients, full masks, T = 2, noise in both levels, Q = 2^{k[0]} to 2^{k[-1]}: extrapolated exponents in Q "
        + ", ".join(f"{e:.4f} ({name})" for name, e in exponents.items()),
        numbers={
            "exponents": exponents,
            "farthest_from_-1/2": off,
            "tolerance": MARGIN,
            "beta_over_alpha": KAPPA,
        },
        cases=2 * len(k),
        audit=audit(ALL, [Case(14, 4).problem]),
        figures=(
            Plot(
                title="RABO, four equal clients, full masks, alpha = 0.1 sqrt(N/Q)",
                x_label="rounds Q",
                y_label="average of E|grad Phi|^2",
                curves=(*curves, power_law("Q^-1/2, claimed", Q, -0.5, (Q[0], curves[0].y[0]))),
                log="xy",
                caption="Exact averages over Q rounds: both parts have the claimed rate, beta in proportion to alpha or fixed.",
            ),
        ),
    )


RATE = Statement(
    id="rabo/cor1-rate-repaired",
    paper=PAPER,
    location="Corollary 1",
    kind="rate",
    variant="repaired",
    repairs="rabo/cor1-rate",
    sentence="With equal clients and full masks, alpha = c sqrt(C_x*/Q), and beta in proportion to alpha or fixed, the average of "
    "E|grad Phi(x_q)|^2 over Q rounds falls like Q^(-1/2).",
    formula=r"\alpha = c\sqrt{C_x^*/Q}, \ \beta = \kappa \alpha: \quad \frac1Q \sum_q E\|\nabla \Phi(x_q)\|^2 = O(Q^{-1/2})",
    because="alpha must be of that size, not below it; beta = 1/(NTQ) is replaced by a step that lets y follow x; what clients "
    "or masks add at rest is excluded.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_rate),
    expected=Verdict.SUPPORTED,
)


def _check_speedup(ctx: Context) -> Finding:
    kind = kind_of(ctx)
    full = [(c := Case(FAR, n), measured(kind, c)) for n in CLIENTS]
    covers = ctx.pick((1, 4, 16), (1, 2, 4, 8, 16))
    windows = [(c := Case(FAR, 16, C), measured(kind, c)) for C in covers]
    found = {
        f"{name}, {part}": _scaled(runs, part)
        for name, runs in (("N clients", full), ("coverage C", windows))
        for part in ("noise", "last", "start")
    }
    rise = {name: _slope(CLIENTS if name[0] == "N" else covers, values) for name, values in found.items()}
    slow = largest(rise.values())
    N = list(CLIENTS)
    noise, start = ([getattr(m, part) for _, m in full] for part in ("noise", "start"))
    figure = Plot(
        title="RABO: what more clients do to the two parts of the average",
        x_label="clients N, full masks",
        y_label="average of E|grad Phi|^2",
        curves=(
            Curve("from the start", N, start, "points"),
            Curve("from noise", N, noise, "points"),
            power_law("N^-1/2", N, -0.5, (1.0, noise[0])),
        ),
        log="xy",
        caption=f"Q = 2^{FAR}, alpha = 0.1 sqrt(N/Q), beta = 5 alpha. The part from the start falls only because alpha grows with N.",
    )
    return Finding(
        verdict=decide(slow <= MARGIN, slow),
        method=Method.MOMENTS,
        summary=f"equal clients, Q = 2^{FAR}: sqrt(C_x* Q) times the part of noise is {_shown(found['N clients, noise'])} for N = 1, 4, 16 with full masks and "
        f"{_shown(found['coverage C, noise'])} for coverage {', '.join(map(str, covers))} of 16 coordinates that do not meet; in the last round "
        f"{_shown(found['N clients, last'])} and {_shown(found['coverage C, last'])}; the part of the start too is constant, since alpha grows",
        numbers={"scaled": found, "exponents_of_what_should_be_constant": rise, "tolerance": MARGIN},
        cases=len(full) + len(windows),
        audit=audit(ALL, [full[0][0].problem, windows[0][0].problem]),
        figures=(figure,),
    )


SPEEDUP = Statement(
    id="rabo/cor1-speedup-repaired",
    paper=PAPER,
    location="Remark 2",
    kind="speedup",
    variant="repaired",
    repairs="rabo/cor1-speedup",
    sentence="With equal clients, no bias from masks, alpha = c sqrt(C_x*/Q) and beta in proportion, what noise adds to the average of "
    "E|grad Phi|^2 is C/sqrt(C_x* Q) by one constant: a linear speedup in coverage.",
    formula=r"\frac1Q \sum_q E\|\nabla \Phi(x_q)\|^2 - \text{the same without noise} \sim \frac{C}{\sqrt{C_x^* Q}}",
    because="The average of the holders' noise has variance sigma^2/C_x*; the paper bounds it by (N/C_x*) sigma^2.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_speedup),
    expected=Verdict.SUPPORTED,
)


def _check_mimicry(ctx: Context) -> Finding:
    kind, doublings = kind_of(ctx), 14
    slopes: dict[str, float] = {}
    parts: dict[str, list[float]] = {}
    curves = []
    for name, common in (("own noise", False), ("common noise", True)):
        runs = [measured(kind, Case(doublings, n, common=common)) for n in CLIENTS]
        parts[name] = [m.noise for m in runs]
        slopes[name] = _slope(CLIENTS, [m.total for m in runs])
        curves += [
            Curve(f"whole, {name}", CLIENTS, [m.total for m in runs], "points"),
            Curve(f"part of noise, {name}", CLIENTS, parts[name], "points"),
        ]
        slopes[f"{name}, its part"] = _slope(CLIENTS, parts[name])
        if not common:
            slopes["no noise"] = _slope(CLIENTS, [m.start for m in runs])
    alike = all(abs(slopes[name] + 0.5) <= 2 * MARGIN for name in ("own noise", "common noise", "no noise"))
    apart = abs(slopes["own noise, its part"] + 0.5) <= 2 * MARGIN and slopes["common noise, its part"] >= 0.4
    return Finding(
        verdict=Verdict.REFUTED if alike and apart else Verdict.INCONCLUSIVE,
        method=Method.MOMENTS,
        summary=f"N = 1, 4, 16, Q = 2^{doublings}, alpha = 0.1 sqrt(N/Q): the whole average falls like N^{slopes['own noise']:.3f}; without any noise like "
        f"N^{slopes['no noise']:.3f}, and like N^{slopes['common noise']:.3f} where all clients see one draw, which no mean reduces. The part of noise tells them apart: "
        f"N^{slopes['own noise, its part']:.3f} and N^{slopes['common noise, its part']:+.3f}",
        numbers={"exponents_in_N": slopes, "noise": parts, "tolerance": 2 * MARGIN},
        cases=2 * len(CLIENTS),
        audit=audit(ALL, [Case(doublings).problem]),
        figures=(
            Plot(
                title=f"RABO, equal clients, Q = 2^{doublings}, alpha = 0.1 sqrt(N/Q)",
                x_label="clients N",
                y_label="average of E|grad Phi|^2",
                curves=(*curves, power_law("N^-1/2", CLIENTS, -0.5, (CLIENTS[0], curves[0].y[0]))),
                log="xy",
                caption="The whole average falls like N^-1/2 even if all clients see one draw of noise, which no mean reduces; only the part of noise tells a speedup.",
            ),
        ),
    )


MIMICRY = Statement(
    id="rabo/speedup-mimicry",
    paper=PAPER,
    location="Remark 2",
    kind="speedup",
    sentence="Where the average of E|grad Phi|^2 under alpha = c sqrt(N/Q) falls like N^(-1/2), clients average their noise.",
    formula=r"\frac1Q \sum_q E\|\nabla \Phi(x_q)\|^2 \propto N^{-1/2} \Rightarrow \text{speedup}",
    variant="added",
    because="alpha grows with N, and what the start contributes falls like 1/(alpha Q) by itself, with no noise at all.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_mimicry),
    expected=Verdict.REFUTED,
)
