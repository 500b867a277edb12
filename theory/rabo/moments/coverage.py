"""What coverage does to noise, exactly: stationary second moments where coordinates do not meet."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from spiritlevel.core.numbers import Array
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.plots import Bars, Curve, Plot, power_law
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.moments.problems import separable
from spiritlevel.theory.rabo.moments.rounds import (
    CHANNELS,
    EXACT,
    Maker,
    kind_of,
    over_rounds,
    readouts,
    rest,
    rounds_until,
    stable,
)
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

AGREES = 1e-9
"""Relative, of stationary moments in floats."""
MANY = 20_000
STEPS = {"alpha": 0.02, "beta": 0.2, "T": 1}


@dataclass(frozen=True, eq=False)
class Floor:
    """A stationary run: what noise gives each coordinate of the gradient of Phi, ``(p,)``, its bias, and the radius."""

    noise: Array
    bias: float
    radius: float

    @property
    def total(self) -> float:
        """Of all coordinates."""
        return float(self.noise.sum())


def floor(kind: Maker, n: int, d: int, mask_x: str, mask_y: str, noisy: Iterable[str] = CHANNELS) -> Floor:
    """Unit noise in every coordinate of what clients compute, on `separable`."""
    problem, a = separable(d, n), kind(**STEPS, mask_x=mask_x, mask_y=mask_y)
    amap = over_rounds(a, problem, channels=CHANNELS)
    still = rest(a, problem)
    size = [
        1.0 if channel in noisy else 0.0 for channel, shape in amap.calls for _ in range(int(np.prod(shape)))
    ]
    S = solve_discrete_lyapunov(amap.M, (amap.N * np.array(size)) @ amap.N.T)
    L = readouts(amap, problem)[:, 0, :-1]
    return Floor(np.einsum("ij,jk,ik->i", L, S, L), still.squared, still.radius)


def _spread(values: Iterable[float]) -> float:
    listed = np.array(list(values))
    return float(np.ptp(listed) / abs(listed).max())


def _check_minimum(ctx: Context) -> Finding:
    kind, n = kind_of(ctx), 4
    tables = {"all 1": "1000:0100:0010:0001", "1, 4, 4, 4": "1111:0111:0111:0111"}
    found = {name: floor(kind, n, n, f"table:{t}", f"table:{t}") for name, t in tables.items()}
    ones, mixed = found["all 1"].noise, found["1, 4, 4, 4"].noise
    expected = ones / np.array([1, 4, 4, 4])
    off = float(abs(mixed - expected).max() / ones.max())
    ratio = float(ones.sum() / mixed.sum())
    same = abs(ratio - 1) <= AGREES
    return Finding(
        verdict=Verdict.SUPPORTED if same else Verdict.REFUTED if off <= AGREES else Verdict.INCONCLUSIVE,
        method=Method.MOMENTS,
        summary=f"four clients, C_x* = 1 in both: coverage 1 everywhere gives {ones.sum():.4g}, coverage 1, 4, 4, 4 gives {mixed.sum():.4g}, "
        f"{ratio:.2f} times less. Each coordinate has its own share c_k/C_k (up to {off:.0e}): the least covered one only bounds it",
        numbers={
            "coverage_1": ones.tolist(),
            "coverage_1_4_4_4": mixed.tolist(),
            "off_c_k_over_C_k": off,
            "ratio": ratio,
        },
        cases=2,
        audit=audit(ALL, [separable(n, n)]),
        figures=(
            Bars(
                title="What noise leaves in each coordinate, C_x* = 1",
                y_label="stationary E|grad Phi|^2 of the coordinate",
                labels=tuple(f"{name}: {k}" for name in ("1, 1, 1, 1", "1, 4, 4, 4") for k in range(1, 5)),
                values=[*ones, *mixed],
                marked=tuple(f"1, 4, 4, 4: {k}" for k in (2, 3, 4)),
                caption="Four coordinates held by 1, 1, 1, 1 or by 1, 4, 4, 4 clients. Each one's floor falls with its own coverage (marked: 4 holders), not with the least one.",
            ),
        ),
    )


MINIMUM = Statement(
    id="rabo/min-coverage",
    paper=PAPER,
    location="Abstract, Remark 2",
    kind="speedup",
    sentence="The noise floor of RABO depends on coverage through its minimum C_x* alone.",
    formula=r"E\|\nabla \Phi\|^2 \sim \frac{1}{C_x^*}",
    variant="added",
    because="The minimum enters by bounding every coverage by the least one; exactly, the floor is a sum of c_k/C_k over coordinates.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_minimum),
    expected=Verdict.REFUTED,
)


def _check_inner(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    n, covers = 8, (1, 2, 4, 8)
    rates: list[list[float]] = []
    left: list[list[float]] = []
    slow: list[list[int]] = []
    for seed in range(ctx.pick(3, 10)):
        problem, start = separable(n, n, seed), np.r_[np.full(n, 3.0), np.zeros(n)]
        runs = [kind(**STEPS, mask_x="full", mask_y=f"window:{C}") for C in covers]
        ends = [rest(a, problem) for a in runs]
        rates.append([e.radius for e in ends])
        left.append([e.squared for e in ends])
        level = 1.5 * max(left[-1])  # that every coverage gets to
        slow.append([rounds_until(a, problem, level, at=start, limit=MANY) for a in runs])
    fall = [all(b < a for a, b in itertools.pairwise(v)) for v in slow]
    contract = sum(all(b < a - 1e-12 for a, b in itertools.pairwise(v)) for v in rates)
    floors = [floor(kind, n, n, "full", f"window:{C}", ("grad_y_g",)).total for C in covers]
    return Finding(
        verdict=Verdict.SUPPORTED if all(fall) else Verdict.INCONCLUSIVE if any(fall) else Verdict.REFUTED,
        method=Method.MOMENTS,
        summary=f"eight equal clients that hold all of x, C_y* = 1, 2, 4, 8, coordinates that do not meet: the contraction per round is {', '.join(f'{v:.5f}' for v in rates[0])}, rounds "
        f"until the average of ||grad Phi||^2 is below a common level {', '.join(map(str, slow[0]))}, ||grad Phi||^2 at rest {', '.join(f'{v:.3g}' for v in left[0])}; rounds fall on {sum(fall)} of {len(fall)} problems, and the contraction in every step on {contract}. "
        f"The floor that inner noise holds up does not fall: {', '.join(f'{v:.3g}' for v in floors)}",
        numbers={
            "radius": rates,
            "rounds": slow,
            "squared_at_rest": left,
            "inner_noise_floor": floors,
            "tolerance": 1e-12,
        },
        cases=len(covers) * len(rates),
        audit=audit(ALL, [separable(n, n)]),
        figures=(
            Plot(
                title="RABO, eight equal clients that hold all of x: rounds until |grad Phi|^2 averages below one level",
                x_label="clients that hold a coordinate of y, C_y*",
                y_label="rounds",
                curves=tuple(Curve(f"problem {k}", covers, v) for k, v in enumerate(slow[:3], 1)),
                log="xy",
                caption="More holders of y make the hypergradient more complete, and x faster, as Remark 2 says.",
            ),
        ),
    )  # fmt: skip


INNER = Statement(
    id="rabo/remark2-inner-coverage",
    paper=PAPER,
    location="Remark 2",
    kind="qualitative",
    sentence="As C_y* increases, other settings fixed, the model converges faster.",
    because="Read as rounds to a given accuracy (Definition 2). With C_x* fixed, who holds a coordinate of x without its y sees a part of the hypergradient only: each y held more adds to the step of x. "
    "It is no matter of noise, whose floor rises.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_inner),
    expected=Verdict.SUPPORTED,
)


def _check_joint(ctx: Context) -> Finding:
    kind, n = kind_of(ctx), 8
    covers = (1, 2, 4, 8)
    # masks of both levels together: a client that holds y_k without x_k, or x_k without y_k, adds a bias
    found = [floor(kind, n, n, f"window:{C}", f"window:{C}", ("grad_y_g",)) for C in covers]
    rates = [f.radius for f in found]
    same, bias = max(rates) - min(rates), largest(f.bias for f in found)
    scaled = _spread(C * f.total for C, f in zip(covers, found, strict=True))
    unaffected = same <= 1e-12 and bias <= EXACT
    faster = all(later < earlier - 1e-12 for earlier, later in itertools.pairwise(rates))
    verdict = Verdict.REFUTED if unaffected else Verdict.INCONCLUSIVE
    return Finding(
        verdict=Verdict.SUPPORTED if faster else verdict,
        method=Method.MOMENTS,
        summary=f"eight equal clients, coordinates that do not meet, C_y* = C_x* = 1, 2, 4, 8: the contraction per round is {rates[0]:.9f} for all of them, up to {same:.0e}, and "
        f"all reach the solution without noise; what falls is the floor that inner noise holds up, like 1/C_y* (up to {scaled:.0e})",
        numbers={
            "radius": rates,
            "difference": same,
            "tolerance": 1e-12,
            "inner_noise_floor": [f.total for f in found],
        },
        cases=len(covers),
        audit=audit(ALL, [separable(n, n)]),
        figures=(
            Plot(
                title="RABO, eight equal clients: what coverage of both levels changes",
                x_label="coverage C_x* = C_y*",
                y_label="over that of coverage 1",
                curves=(
                    Curve("noise floor", covers, [f.total / found[0].total for f in found], "points"),
                    Curve("contraction per round", covers, [r / rates[0] for r in rates], "points"),
                    power_law("1/C", covers, -1.0, (1.0, 1.0)),
                ),
                log="xy",
                caption="The floor that noise holds up falls like 1/C; rounds contract no faster.",
            ),
        )
        if unaffected
        else (),
    )


JOINT = Statement(
    id="rabo/joint-coverage",
    paper=PAPER,
    location="Remark 2",
    kind="qualitative",
    sentence="As C_x* and C_y* increase together, rounds contract faster.",
    variant="added",
    because="A coordinate is updated once per round by the mean of its holders, however many there are: more holders average "
    "more noise and do not contract faster.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_joint),
    expected=Verdict.REFUTED,
)
