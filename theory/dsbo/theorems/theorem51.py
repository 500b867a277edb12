"""Theorem 5.1 on quadratics with exact second derivatives: the rate, what K buys, and the network's term."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.numbers import Array
from spiritlevel.core.spectra import squared_rho
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.theorems.figures import HALF, INITIAL, NOISE, powers, speedup_plot
from spiritlevel.theory.dsbo.theorems.moments import (
    MARGIN,
    MOVING,
    SIGMA,
    bias_at_rest,
    constants,
    curvature,
    falls,
    finite,
    floor,
    mean_x,
    reduction_gap,
    ring,
    scalar_problem,
    slow_noise,
    solution,
    stable,
    worst,
)
from spiritlevel.theory.instruments.exponents import Exponent, exact_exponent
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.plots import Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

AGENTS = (1, 4, 16)
C_0 = 0.5
ROUNDING = 1e-9  # of sums of T numbers
PROBLEM = scalar_problem(1, second=False)
DEPTHS = 10  # factors of the Neumann product: ln T for the shorter runs, and 1/5 to that power is below 1e-7
UNEQUAL = 4  # agents on a ring whose second derivatives differ


@dataclass(frozen=True)
class Sweep:
    """(1/T) sum of E|grad F(xbar)|^2 under rule (5), split; arrays over (K, T), T doubling."""

    K: tuple[int, ...]
    T: Array
    initial: Array
    """From the mean of xbar: what is left where there is no noise."""
    noise: Array
    """From the variance of xbar."""
    gap: float

    def flat(self, part: Array) -> Array:
        """A part times sqrt(KT)."""
        return part * np.sqrt(np.outer(self.K, self.T))

    def limits(self, part: Array) -> Array:
        """`flat` as T grows, per K: corrections are of order sqrt(K/T), and one order is removed."""
        flat = self.flat(part)
        return np.asarray((np.sqrt(2) * flat[:, -1] - flat[:, -2]) / (np.sqrt(2) - 1))


@cache
def sweep(kind: type[Algorithm], last: int, unequal: int = 0) -> Sweep:
    """Four T up to ``last``, for all K on one agent with a K-th of the variance, or on a ring of ``unequal`` agents."""
    K = (unequal,) if unequal else AGENTS
    problem = scalar_problem(unequal or 1, second=unequal > 0)
    T = np.array([last // 2**k for k in (3, 2, 1, 0)])
    beta = np.sqrt(np.divide.outer(K, T)).reshape(-1, 1, 1)
    a = kind(**{**constants(beta, DEPTHS), **({"L_g": 2.75} if unequal else {})})
    found = follow(
        a, problem, ring(problem.n), last, moving=MOVING, sigma=SIGMA, readout=mean_x, autonomous=True
    )
    square = curvature(problem) ** 2
    mean = square * (found.mean[..., 0] - solution(problem)) ** 2
    variance = square * found.covariance[..., 0, 0] * problem.n / np.repeat(K, len(T))[:, None]
    initial, noise = (
        np.array([row[:end].mean() for row, end in zip(part, np.tile(T, len(K)), strict=True)])
        for part in (mean, variance)
    )
    return Sweep(K, T, initial.reshape(-1, len(T)), noise.reshape(-1, len(T)), found.gap)


def limit_of_noise(kind: type[Algorithm]) -> float:
    r"""The limit of sqrt(KT) times the noise part: F''^2 P_xx with G P + P G' + S = 0 at small steps."""
    beta = 2.0**-10
    G, S, L = slow_noise(kind(**constants(beta, DEPTHS)), beta)
    return float(curvature(PROBLEM) ** 2 * (L @ solve_continuous_lyapunov(G, -S) @ L.T)[0, 0])


def _sweeps(ctx: Context) -> tuple[type[Algorithm], Sweep, Sweep]:
    """With equal second derivatives for all K, and with ones that differ on a ring of 4."""
    kind = type(ctx.algorithm("dsbo")())
    return kind, sweep(kind, ctx.pick(1024, 2**15)), sweep(kind, ctx.pick(512, 4096), unequal=UNEQUAL)


def _audit() -> tuple[str, ...]:
    return audit_runs([PROBLEM, scalar_problem(UNEQUAL, second=True)], [ring(1), ring(UNEQUAL)])


def _check_rate(ctx: Context) -> Finding:
    kind, equal, unequal = _sweeps(ctx)
    found = {  # the sum falls like the slowest
        name: [exact_exponent(row, ROUNDING) for row in (*getattr(equal, name), *getattr(unequal, name))]
        for name in ("initial", "noise")
    }
    rest, reduction = floor(kind, UNEQUAL, C_0), reduction_gap(kind)
    verdicts = [falls(each, -0.5) for each in (*found.values(), [rest])]
    shown = {name: ", ".join(f"{e.value:.3f}" for e in each) for name, each in found.items()}
    return Finding(
        verdict=worst(*verdicts, decide(reduction <= ROUNDING, reduction)),
        method=Method.MOMENTS,
        summary=f"scalar quadratics, T up to {equal.T[-1]}, equal second derivatives with K = 1, 4, 16, and ones that differ on a ring of 4: "
        f"extrapolated exponents in T of the noise part {shown['noise']}; of the part without noise {shown['initial']}; of the squared "
        f"gradient at rest, which no T shown here reaches, {rest.value:.3f}; four agents and one with a quarter of the variance differ "
        f"by {reduction:.0e}",
        numbers={
            "exponents": {name: [e.value for e in each] for name, each in found.items()},
            "uncertainties": {name: [finite(e.uncertainty) for e in each] for name, each in found.items()},
            "exponent_at_rest": rest.value,
            "uncertainty_at_rest": finite(rest.uncertainty),
            "tolerance": MARGIN,
            "sqrt_KT_times_average": equal.flat(equal.initial + equal.noise).tolist(),
            "map_gap": max(equal.gap, unequal.gap),
            "reduction_gap": reduction,
        },
        cases=equal.noise.size + unequal.noise.size + len(rest.local) + 1,
        audit=_audit(),
        figures=tuple(
            _part_plot(name, text, (equal, unequal), found[name])
            for name, text in (("noise", NOISE), ("initial", INITIAL))
        ),
    )


def _part_plot(name: str, text: str, sweeps: tuple[Sweep, Sweep], found: list[Exponent]) -> Plot:
    labels = [f"K = {K}" for K in AGENTS] + [f"ring of {UNEQUAL}, Hessians differ"]
    rows = [(s.T, row) for s in sweeps for row in getattr(s, name)]
    shown = {f"{label}: {e.value:.3f}": row for label, e, row in zip(labels, found, rows, strict=True)}
    caption = "Every row falls like the dashed line; exponents are extrapolated."
    return powers("Rule (5), scalar quadratics, exact moments", shown, HALF, caption, y_label=text)


RATE = Statement(
    id="dsbo/thm5.1-rate",
    paper=PAPER,
    location="Theorem 5.1",
    kind="rate",
    sentence="With the step sizes (5) and noise in the gradients only, the average over t of E|grad F(xbar_t)|^2 is O(1/sqrt(KT)) + "
    "O(K/(T (1-rho)^2)).",
    formula=r"\frac1T \sum_{t=0}^{T-1} E\|\nabla F(\bar x_t)\|^2 \le O\Big(\frac{1}{\sqrt{KT}}\Big) + "
    r"O\Big(\frac{K}{T(1-\rho)^2}\Big)",
    because="Noise in second derivatives, which the theorem allows, has no exact moments.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_rate),
    expected=Verdict.SUPPORTED,
)


def _check_speedup(ctx: Context) -> Finding:
    kind, equal, unequal = _sweeps(ctx)
    noise, initial = equal.limits(equal.noise), equal.limits(equal.initial)
    exact, differing = limit_of_noise(kind), unequal.limits(unequal.noise)
    off, reduction = largest(abs(np.append(noise, differing) / exact - 1)), reduction_gap(kind)
    in_K = float(np.log(noise[-1] / noise[0]) / np.log(AGENTS[-1] / AGENTS[0])) - 0.5
    rest = floor(kind, UNEQUAL, C_0)
    return Finding(
        verdict=worst(decide(off <= 0.05 and reduction <= ROUNDING, off, reduction), falls([rest], -0.5)),
        method=Method.MOMENTS,
        summary=f"the noise part alone: sqrt(KT) times it tends to {', '.join(f'{v:.4f}' for v in noise)} for K = 1, 4, 16 and "
        f"{differing[0]:.4f} on a ring of 4 whose second derivatives differ (a Lyapunov equation gives {exact:.4f}), exponent {in_K:.3f} "
        f"in K; the squared gradient at rest falls like T^{rest.value:.2f}. The part without noise, {initial[0] / noise[0]:.2g} times as "
        f"large at x_0 = 0, tends to {', '.join(f'{v:.4f}' for v in initial)}: its 1/sqrt(K) comes from steps that grow like sqrt(K), not "
        "from averaging noise",
        numbers={
            "noise_limits": noise.tolist(),
            "noise_limit_unequal": float(differing[0]),
            "lyapunov": exact,
            "largest_relative_difference": off,
            "tolerance": 0.05,
            "exponent_in_K": in_K,
            "exponent_at_rest": rest.value,
            "initial_limits": initial.tolist(),
            "reduction_gap": reduction,
        },
        cases=equal.noise.size + unequal.noise.size + len(rest.local) + 1,
        audit=_audit(),
        figures=(
            speedup_plot(
                {f"K = {K}": (K * equal.T, row) for K, row in zip(AGENTS, equal.noise, strict=True)}
                | {f"ring of {UNEQUAL}, Hessians differ": (UNEQUAL * unequal.T, unequal.noise[0])},
                exact,
            ),
        ),
    )


SPEEDUP = Statement(
    id="dsbo/thm5.1-speedup",
    paper=PAPER,
    location="Theorem 5.1, Linear speedup",
    kind="speedup",
    sentence="With noise in the gradients only the leading term falls like 1/sqrt(K): K agents average the noise of K samples.",
    formula=r"\frac1T \sum_t E\|\nabla F(\bar x_t)\|^2 \sim \frac{C}{\sqrt{KT}}, \quad C \text{ independent of } K",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_speedup),
    expected=Verdict.SUPPORTED,
)


def _check_network(ctx: Context) -> Finding:
    K, C_0 = 10, 0.05
    problem, kind = scalar_problem(K, second=True), ctx.algorithm("dsbo")

    def bias(beta: float, theta: float) -> float:
        settings = {**constants(beta, 40, C_0), "L_g": 4.0}
        return bias_at_rest(kind(**settings), problem, ring(K, theta))

    betas = [2.0**-k for k in range(9, 15)]
    by_beta = [bias(beta, 1.0) for beta in betas]
    in_beta = exact_exponent(by_beta, 1e-9)  # of 1/beta
    beta, thetas = 2.0**-20, [2.0**-k for k in range(ctx.pick(5, 8))]
    gaps = np.array([1 - squared_rho(ring(K, theta)) for theta in thetas])
    biases = np.array([bias(beta, theta) for theta in thetas])
    slopes = np.diff(np.log(biases)) / np.diff(-np.log(gaps))  # in 1/(1-rho)
    in_gap = Exponent(float(slopes[-1]), 2 * abs(float(slopes[-1] - slopes[-2])), tuple(slopes.tolist()), 0.0)
    scaled = biases * gaps / beta
    linear = bias_at_rest(
        kind(**{**constants(2.0**-10, 40, C_0), "L_g": 4.0}), scalar_problem(K, second=False), ring(K)
    )
    return Finding(
        verdict=worst(falls([in_beta], -1.0), falls([in_gap], 1.0)),  # a larger bias than beta/(1-rho)
        method=Method.LINEAR,
        summary=f"noise off, ring of 10, second derivatives that differ: at rest |grad F(xbar)| ~ beta^{-in_beta.value:.4f} "
        f"(1-rho)^{-in_gap.value:.4f}, {scaled.min():.4f} to {scaled.max():.4f} times beta/(1-rho); squared, that is K/(T(1-rho)^2). "
        f"Where only linear terms differ it is {linear:.0e}",
        numbers={
            "exponent_in_beta": -in_beta.value,
            "uncertainty": finite(in_beta.uncertainty),
            "exponent_in_gap": -in_gap.value,
            "uncertainty_in_gap": finite(in_gap.uncertainty),
            "tolerance": MARGIN,
            "bias_times_gap_over_beta": scaled.tolist(),
            "one_minus_rho": gaps.tolist(),
            "linear_terms_only": linear,
        },
        cases=7 + len(thetas),
        audit=audit_runs([problem], [ring(K, theta) for theta in thetas]),
        figures=(
            powers(
                "Noise off, lazier and lazier rings of 10, beta = 2^-20",
                {f"at rest: exponent {in_gap.value:.4f}": (1 / gaps, biases)},
                ("claimed: exponent 1", 1.0),
                "Where the algorithm rests the gradient grows like 1/(1-rho).",
                x_label="1/(1 - rho)",
                y_label="|grad F(xbar)| at rest",
            ),
            powers(
                "Noise off, ring of 10",
                {f"at rest: exponent {-in_beta.value:.4f}": (betas, by_beta)},
                ("claimed: exponent 1", 1.0),
                "Where the algorithm rests the gradient is proportional to beta.",
                x_label="step size beta",
                y_label="|grad F(xbar)| at rest",
            ),
        ),
    )


NETWORK = Statement(
    id="dsbo/thm5.1-network",
    paper=PAPER,
    location="Theorem 5.1, Effect of consensus",
    kind="network",
    sentence="The network adds O(K/(T (1-rho)^2)): without noise the algorithm rests where |grad F| is of order beta/(1-rho).",
    formula=r"\|\nabla F(\bar x_\infty)\|^2 = O\Big(\frac{\beta^2}{(1-\rho)^2}\Big), \quad \beta = \sqrt{K/T}",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_network),
    expected=Verdict.SUPPORTED,
)
