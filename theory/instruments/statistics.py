"""Monte Carlo against an exactly known mean, and intervals for proportions.

Where the exact moments of a run are known, sampling does not test the paper but the simulator. The error
rates of that comparison are known in advance: the false-alarm rate is declared, and so is the smallest
difference that must be detected; a sample too small for it is ``inconclusive``, never ``consistent``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.theory.instruments.rates import DETECTION_POWER, Verdict
from spiritlevel.theory.instruments.student import check_levels, noncentrality_needed, spread_bound


@dataclass(frozen=True, slots=True)
class MeanTest:
    """A verdict on sample means, component by component.

    Parameters
    ----------
    size, components
        Replicas, and numbers compared for each; `alpha` is shared equally among the components.
    worst
        Flat index of the component with the smallest p-value.
    mean, exact_mean
        Its sample mean and the value it should have.
    p
        Its p-value, already multiplied by `components`.
    alpha, effect, power
        False-alarm rate, and: a difference of `effect` in one component is refuted with chance `power`.
    detectable
        The smallest difference, in the noisiest component, that this sample refutes with chance `power`.
    verdict
        ``refuted`` if p <= alpha; else ``inconclusive`` if some component's `detectable` exceeds its
        `effect`; else ``consistent``.
    """

    size: int
    components: int
    worst: int
    mean: float
    exact_mean: float
    p: float
    alpha: float
    effect: float
    power: float
    detectable: float
    verdict: Verdict

    def __str__(self) -> str:
        """One sentence with the verdict and its error rates."""
        return (
            f"{self.verdict}: {self.components} means of {self.size} replicas, worst {self.mean:.6g} against "
            f"{self.exact_mean:.6g} (p = {self.p:.3g}); false-alarm rate {self.alpha:g}, refutes a difference "
            f"of {self.detectable:.3g} with chance {self.power:g}"
        )


def agrees(
    sample: Array,
    exact_mean: Array | float,
    alpha: float,
    *,
    effect: float,
    variance: Array | float | None = None,
    power: float = DETECTION_POWER,
) -> MeanTest:
    """Compare sample means with their exact values.

    Parameters
    ----------
    sample
        Shape ``(R,)`` or ``(R, ...)``; the R replicas are independent.
    exact_mean
        What the mean should be; shape of one replica, or a number.
    alpha
        False-alarm rate of the whole comparison (split among the components by Bonferroni).
    effect
        Smallest difference, in any one component, that must be detected.
    variance
        Exact variance of one replica: z test, with an error rate as good as the normal approximation of
        the mean. None: t test with the estimated variance.
    power
        Chance with which a difference of `effect` must be detected.

    Raises
    ------
    InputError
        If shapes or rates make no sense, a number is not finite, or a component has no spread (compare
        it exactly instead).

    Examples
    --------
    >>> sample = np.array([0.9, 1.1, 1.2, 0.8, 1.0, 1.1, 0.9, 1.0])
    >>> agrees(sample, 1.0, 0.01, effect=0.5).verdict, agrees(sample, 2.0, 0.01, effect=0.5).verdict
    ('consistent', 'refuted')
    >>> agrees(sample, 1.0, 0.01, effect=0.1, variance=0.02).verdict
    'inconclusive'
    """
    check_levels(alpha, power)
    if not effect > 0:
        raise InputError(f"effect is {effect}; declare a positive smallest difference that must be detected")
    sample = np.asarray(sample, dtype=np.float64)
    if sample.ndim == 0 or sample.shape[0] < 2 or sample.size == 0:
        raise InputError(f"sample has shape {sample.shape}; give at least 2 replicas along the first axis")
    size = sample.shape[0]
    rows = sample.reshape(size, -1)
    components = rows.shape[1]
    target = _per_component(exact_mean, sample.shape[1:], "exact_mean")
    if not (np.isfinite(rows).all() and np.isfinite(target).all()):
        raise InputError("sample or exact_mean has an entry that is not finite; report diverged runs instead")
    mean = rows.mean(axis=0)
    each = alpha / components
    if variance is None:
        _refuse_constant(rows.std(axis=0, ddof=1) <= 1e-12 * np.abs(rows).max(axis=0))  # rounding of sums
        p = np.asarray(stats.ttest_1samp(rows, target).pvalue)
        bound = np.array([spread_bound(column) for column in rows.T])
        needed = noncentrality_needed(float(stats.t.isf(each / 2, size - 1)), size - 1, power)
        found = needed * bound / math.sqrt(size)
    else:
        spread = _per_component(variance, sample.shape[1:], "variance")
        _refuse_constant(~(spread > 0))
        deviation = np.sqrt(spread)
        p = 2 * stats.norm.sf(np.abs(mean - target) * math.sqrt(size) / deviation)
        found = _normal_distance(each, power) * deviation / math.sqrt(size)
    worst = int(np.argmin(p))
    smallest = min(1.0, components * float(p[worst]))
    verdict: Verdict = "consistent"
    if smallest <= alpha:
        verdict = "refuted"
    elif float(found.max()) > effect:
        verdict = "inconclusive"
    return MeanTest(
        size=size,
        components=components,
        worst=worst,
        mean=float(mean[worst]),
        exact_mean=float(target[worst]),
        p=smallest,
        alpha=alpha,
        effect=effect,
        power=power,
        detectable=float(found.max()),
        verdict=verdict,
    )


def samples_needed(spread: float, effect: float, alpha: float, power: float, components: int = 1) -> int:
    """Replicas with which a difference of `effect` is refuted with chance `power`, known variance.

    Examples
    --------
    >>> samples_needed(1.0, 0.1, 0.01, 0.9)
    1488
    """
    check_levels(alpha, power)
    if not (spread > 0 and effect > 0 and components > 0):
        raise InputError(
            f"spread is {spread}, effect {effect}, components {components}; all three must be positive"
        )
    return math.ceil((_normal_distance(alpha / components, power) * spread / effect) ** 2)


def clopper_pearson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Exact confidence interval for a proportion.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 100, 0.95)
    >>> low, round(high, 4)
    (0.0, 0.0362)
    """
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f"successes is {successes} of {trials} trials; give 0 <= successes <= trials")
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; give a probability strictly between 0 and 1")
    interval = stats.binomtest(successes, trials).proportion_ci(confidence, method="exact")
    return float(interval.low), float(interval.high)


def _normal_distance(alpha: float, power: float) -> float:
    return float(stats.norm.isf(alpha / 2) + stats.norm.ppf(power))


def _per_component(values: Array | float, shape: tuple[int, ...], argument: str) -> Array:
    given = np.asarray(values, dtype=np.float64)
    if given.shape not in ((), shape):
        raise InputError(
            f"{argument} has shape {given.shape}; give one number or the shape {shape} of a replica"
        )
    return np.broadcast_to(given, shape).reshape(-1)


def _refuse_constant(constant: Array) -> None:
    if constant.any():
        raise InputError(
            f"{int(constant.sum())} of {constant.size} components have no spread; compare those exactly"
        )
