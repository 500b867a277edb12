"""Sampled runs where moments do not close, and a test for a ratio of two means with known error rates.

Replicas run side by side. What is sampled is never a logarithm or a quotient of single runs: a claim that two means
have a ratio between ``low`` and ``high`` is a claim about the signs of the means of ``top - low bottom`` and of
``top - high bottom``, which t tests judge without bias.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import replicas_inner
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Model
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.instruments.student import (
    check_levels,
    exceeds,
    noncentrality_needed,
    spread_bound,
)
from spiritlevel.theory.statement import Verdict, of_test

LOOK = 25  # steps between looks for divergence
POWER = 0.9
"""Power at which `Ratio.detectable` is stated."""


def squared_gradients(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    T: int,
    *,
    noise: Model | None = None,
    seed: int = 0,
    replicas: int = 1,
) -> Array:
    """``|grad F(xbar_t)|^2`` at t = 0..T-1, shape ``(replicas, T)``, from the problem's start.

    Raises
    ------
    Unstable
        If a run leaves all bounds.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.dsbo import DSBO
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=3, p=2, q=1, shared=True)
    >>> found = squared_gradients(DSBO(b=2), problem, named("ring:3"), 5)
    >>> bool(found[0, 1] == found[0, 0] != found[0, 2])  # x_1 = x_0
    True
    """
    a, net = algorithm.over("float"), Gossip(network)
    o = Oracle(problem, None if noise is None else noise.source(seed, range(replicas)))
    x, y = (replicas_inner(np.repeat(z[None].astype(float), replicas, axis=0)) for z in problem.start())
    means = np.empty((T, replicas, problem.p))
    with np.errstate(over="ignore", invalid="ignore"):
        s = a.init(x, y, o, net)
        for t in range(T):
            means[t] = s.x.mean(axis=1)
            if t % LOOK == 0 and not abs(means[t]).max() < 1e6:
                raise Unstable(f"an iterate leaves all bounds by t = {t}")
            if t < T - 1:
                s = a.step(t + 1, s, o, net)
        squares = (problem.hypergradient(means.reshape(-1, problem.p)) ** 2).sum(axis=-1)
    return squares.reshape(T, replicas).T


@dataclass(frozen=True, eq=False)
class Level:
    """Averages over t of ``|grad F(xbar_t)|^2``, one per replica, and those of one run without noise."""

    whole: Array
    tail: Array
    """Over the last quarter, where the start is forgotten."""
    initial: float
    """Whole average without noise."""
    floor: float
    """Tail average without noise."""

    @property
    def noise(self) -> Array:
        """What noise adds to the tail average."""
        return self.tail - self.floor


def level(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    T: int,
    noise: Model,
    seed: int,
    replicas: int,
) -> Level:
    """Run `replicas` with noise and one without, T steps each."""
    late = slice(T - T // 4, T)
    g = squared_gradients(algorithm, problem, network, T, noise=noise, seed=seed, replicas=replicas)
    calm = squared_gradients(algorithm, problem, network, T)[0]
    return Level(g.mean(axis=1), g[:, late].mean(axis=1), float(calm.mean()), float(calm[late].mean()))


@dataclass(frozen=True)
class Ratio:
    """A verdict on the ratio of two means.

    Parameters
    ----------
    value
        Ratio of the sample means.
    low, high
        The claim: the ratio of the means is between them.
    interval
        Fieller's interval of confidence 1 - alpha for the ratio; infinite where the lower mean may be 0.
    alpha
        Largest chance of a wrong verdict.
    verdict
        ``consistent`` if t tests place the ratio inside, ``refuted`` if they place it outside (and the lower mean above
        0), else ``inconclusive``.
    power
        Lower bound for the chance of ``consistent``, were the ratio 1 and spreads at their 95 % upper bounds.
    detectable
        A ratio this large is refuted with chance `POWER`, were the relative spread of ``top`` what it is here.
    """

    value: float
    low: float
    high: float
    interval: tuple[float, float]
    alpha: float
    verdict: Literal["consistent", "refuted", "inconclusive"]
    power: float
    detectable: float

    def __str__(self) -> str:
        """The ratio and its interval."""
        return f"{self.value:.3f} ({self.interval[0]:.2f} to {self.interval[1]:.2f})"


def ratio(top: Array, bottom: Array | float, low: float, high: float, alpha: float) -> Ratio:
    """Is the mean of ``top`` between ``low`` and ``high`` times that of ``bottom``?

    Parameters
    ----------
    top, bottom
        Shape ``(replicas,)`` each, independent replicas in any pairing; ``bottom`` may be a known number.
    low, high
        Around 1; ``low = 0`` asks for an upper bound only.
    alpha
        Largest chance of a wrong verdict.

    Raises
    ------
    InputError
        If shapes differ, an entry is not finite, or the bounds do not enclose 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, other = rng.exponential(size=(2, 400))
    >>> [ratio(scale * one, other, 0.5, 2.0, 1e-4).verdict for scale in (1, 4, 2)]
    ['consistent', 'refuted', 'inconclusive']
    """
    check_levels(alpha)
    bottom = np.broadcast_to(bottom, top.shape)
    if top.ndim != 1 or top.size < 3 or not (np.isfinite(top).all() and np.isfinite(bottom).all()):
        raise InputError(f"top has shape {top.shape}; give 3 or more finite replicas")
    if not 0 <= low < 1 < high:
        raise InputError(f"low is {low} and high {high}; they must enclose 1")
    R, base = top.size, float(bottom.mean())
    above, below = top - low * bottom, top - high * bottom
    if not (base > 0 and above.std() > 0 and below.std() > 0):
        return Ratio(math.inf, low, high, (-math.inf, math.inf), alpha, "inconclusive", 0.0, math.inf)

    def p(sample: Array, alternative: Literal["less", "greater"]) -> float:
        return float(stats.ttest_1samp(sample, 0.0, alternative=alternative).pvalue)

    verdict: Literal["consistent", "refuted", "inconclusive"] = "inconclusive"
    if max(p(above, "greater"), p(below, "less")) <= alpha:
        verdict = "consistent"
    elif min(p(above, "less"), p(below, "greater")) <= alpha / 2 and _positive(bottom, alpha):
        verdict = "refuted"
    threshold, root = float(stats.t.isf(alpha, R - 1)), math.sqrt(R)
    wide = [spread_bound(sample) / root for sample in (above, below)]
    chances = [
        exceeds(threshold, R - 1, distance * base / w)
        for distance, w in zip((1 - low, high - 1), wide, strict=True)
    ]
    return Ratio(
        value=float(top.mean()) / base,
        low=low,
        high=high,
        interval=_fieller(top, bottom, float(stats.t.isf(alpha / 2, R - 1))),
        alpha=alpha,
        verdict=verdict,
        power=max(0.0, sum(chances) - 1),
        detectable=_detectable(top, bottom, high, alpha),
    )


def _detectable(top: Array, bottom: Array, high: float, alpha: float) -> float:
    """The r for which ``r - high`` is what t tests need, where the spread of ``top`` grows with r."""
    R, base = top.size, float(bottom.mean())
    needed = noncentrality_needed(float(stats.t.isf(alpha / 2, R - 1)), R - 1, POWER) ** 2 / R
    above = needed * (spread_bound(top) / top.mean()) ** 2
    below = needed * (spread_bound(bottom) / base) ** 2
    # (r - high)^2 = r^2 above + high^2 below
    if above >= 1 or top.mean() <= 0:
        return math.inf
    return high * (1 + math.sqrt(1 - (1 - above) * (1 - below))) / (1 - above)


def _positive(bottom: Array, alpha: float) -> bool:
    """Whether a mean is above 0, beyond doubt."""
    if not bottom.std() > 0:
        return bool(bottom.mean() > 0)
    return float(stats.ttest_1samp(bottom, 0.0, alternative="greater").pvalue) <= alpha


def _fieller(top: Array, bottom: Array, t: float) -> tuple[float, float]:
    """All r for which the mean of ``top - r bottom`` may be 0."""
    C = np.cov(top, bottom) * t**2 / top.size
    m, n = top.mean(), bottom.mean()
    a, b, c = n * n - C[1, 1], m * n - C[0, 1], m * m - C[0, 0]
    if a <= 0 or b * b < a * c:
        return -math.inf, math.inf
    width = math.sqrt(b * b - a * c)
    return float((b - width) / a), float((b + width) / a)


def together(tests: Sequence[Ratio]) -> tuple[Verdict, dict[str, float]]:
    """One verdict of several tests, and its error rates: rates of wrong verdicts and of missed ones add up."""
    words = [test.verdict for test in tests]
    word: Literal["consistent", "refuted", "inconclusive"] = "consistent"
    if "refuted" in words:
        word = "refuted"
    elif "inconclusive" in words:
        word = "inconclusive"
    rates = {
        "false_alarm": sum(test.alpha for test in tests),
        "power": max(0.0, 1 - sum(1 - test.power for test in tests)),
    }
    detectable = max(test.detectable for test in tests)
    return of_test(word), rates | ({"detectable": detectable} if math.isfinite(detectable) else {})
