"""Adversarial search for parameters that violate an inequality.

A statement "for all parameters in a box" is attacked in rounds: the corners of the box and a scrambled
Sobol sequence look everywhere, differential evolution starts from what they found, a simplex search polishes
the best point; then again, from fresh Sobol points, until the evaluations are spent. Finding nothing proves
nothing: the finding states how hard the search was.

The violation has to be scale-free, or tolerance and comparison mean nothing: build it with `excess`.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize
from scipy.stats import qmc

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array

Scale = Literal["linear", "log"]
Box = Mapping[str, tuple[float, float, Scale]]
FEWEST = 64
_CLEARLY = 1000.0  # a violation this many tolerances large ends the search
_MOST_CORNERS = 256
_INVALID = 1000.0  # larger than asinh of any float


def excess(left: float, right: float) -> float:
    """By how much ``left <= right`` fails, relative to the larger side: in [-2, 2], positive when it fails.

    Examples
    --------
    >>> excess(2.0, 1.0), excess(1.0, 4.0), excess(0.0, 0.0)
    (0.5, -0.75, 0.0)
    """
    left, right = float(left), float(right)
    scale = max(abs(left), abs(right))
    if not math.isfinite(scale):
        return math.nan
    return left / scale - right / scale if scale else 0.0


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found, and how hard it looked.

    Parameters
    ----------
    worst, value
        Parameters of the largest violation seen, and that violation; empty and -inf if every evaluation
        was invalid.
    tolerance
        Violations up to this size count as rounding.
    evaluations, spread, invalid
        Calls made; how many of them at corners and Sobol points; how many returned no finite number.
    invalid_example
        Parameters of the first invalid call, or None.
    seed
        Of the search.
    """

    worst: dict[str, float]
    value: float
    tolerance: float
    evaluations: int
    spread: int
    invalid: int
    invalid_example: dict[str, float] | None
    seed: int

    @property
    def found(self) -> bool:
        """Whether a violation larger than the tolerance was seen."""
        return self.value > self.tolerance

    @property
    def verdict(self) -> Literal["violated", "none-found", "inconclusive"]:
        """``violated``; or ``none-found``; or ``inconclusive`` if none was found but a call was invalid.

        Examples
        --------
        >>> box = {"x": (0.0, 1.0, "linear")}
        >>> search(lambda at: at["x"] - 2, box, evaluations=100, seed=1).verdict
        'none-found'
        >>> search(lambda at: math.nan if at["x"] > 0.9 else -1.0, box, evaluations=100, seed=1).verdict
        'inconclusive'
        """
        if self.found:
            return "violated"
        return "inconclusive" if self.invalid else "none-found"

    def __str__(self) -> str:
        """One sentence: verdict, worst case, size of the search."""
        point = ", ".join(f"{name} = {number:.6g}" for name, number in self.worst.items())
        return (
            f"{self.verdict}: largest violation {self.value:.3g} (tolerance {self.tolerance:g}) at {point or 'no point'}; "
            f"{self.evaluations} evaluations, {self.spread} of them spread over the box, {self.invalid} invalid"
        )


def search(
    violation: Callable[[dict[str, float]], float],
    box: Box,
    evaluations: int,
    seed: int,
    polish: bool = True,
    tolerance: float = 1e-9,
) -> Search:
    """Look for parameters at which an inequality fails.

    Parameters
    ----------
    violation
        Maps ``{name: number}`` to a scale-free violation (see `excess`): positive where the inequality
        fails. NaN, an infinity or an `ArithmeticError` makes the call invalid: counted and reported,
        never taken for "holds". Any other error passes through.
    box
        ``{name: (low, high, "linear" | "log")}``; bounds are included, ``log`` spreads evenly in the
        logarithm.
    evaluations
        Calls that may be made, at least 64; all are made unless a clear violation ends the search.
    seed
        From the statement (`budget.seed_of`).
    polish
        Whether each round ends with a simplex search from its best point.
    tolerance
        Violations up to this size are put down to rounding; one 1000 times as large ends the search.

    Raises
    ------
    InputError
        If the box, the number of evaluations or the tolerance cannot be used.

    Examples
    --------
    >>> box = {"mu": (1e-3, 1.0, "log"), "step": (0.0, 2.0, "linear")}
    >>> wrong = search(lambda at: excess(at["mu"] * at["step"], 1.5), box, evaluations=500, seed=7)
    >>> wrong.verdict, wrong.worst
    ('violated', {'mu': 1.0, 'step': 2.0})
    """
    if evaluations < FEWEST:
        raise InputError(f"evaluations is {evaluations}; give a whole number of at least {FEWEST}")
    if not 0 < tolerance < 1:
        raise InputError(f"tolerance is {tolerance}; give a number strictly between 0 and 1")
    hunt = _Hunt(violation, box, evaluations, tolerance)
    with contextlib.suppress(_OverError):
        _rounds(hunt, seed, polish)
    return Search(
        hunt.worst, hunt.value, tolerance, hunt.calls, hunt.spread, hunt.invalid, hunt.invalid_example, seed
    )


class _OverError(Exception):
    """The evaluations are spent, or a clear violation is found."""


class _Hunt:
    """The violation on the unit cube, with exact counts; the one mutable thing here."""

    def __init__(
        self, violation: Callable[[dict[str, float]], float], box: Box, evaluations: int, tolerance: float
    ) -> None:
        self.violation, self.evaluations, self.clear = violation, evaluations, _CLEARLY * tolerance
        self.names = tuple(box)
        self.scales = [_check_range(name, *box[name]) for name in box]
        if not self.names:
            raise InputError("box is empty; give at least one parameter with its range")
        self.calls = self.spread = self.invalid = 0
        self.value = -math.inf
        self.worst: dict[str, float] = {}
        self.invalid_example: dict[str, float] | None = None

    @property
    def left(self) -> int:
        return self.evaluations - self.calls

    def point(self, unit: Array) -> dict[str, float]:
        numbers = {}
        for name, u, (low, high, log) in zip(self.names, unit.tolist(), self.scales, strict=True):
            number = low ** (1 - u) * high**u if log else low + (high - low) * u
            numbers[name] = min(max(number, low), high) if 0 < u < 1 else (high if u >= 1 else low)
        return numbers

    def __call__(self, unit: Array) -> float:
        """What the optimisers minimise: asinh keeps the order of all finite violations and cannot overflow."""
        if self.left <= 0:
            raise _OverError
        at = self.point(unit)
        self.calls += 1
        try:
            value = float(self.violation(dict(at)))
        except ArithmeticError:
            value = math.nan
        if not math.isfinite(value):
            self.invalid += 1
            self.invalid_example = self.invalid_example or at
            return _INVALID
        if value > self.value:
            self.value, self.worst = value, at
            if value > self.clear:
                raise _OverError
        return -math.asinh(value)

    def look(self, points: Array) -> Array:
        """Evaluate scattered points, shape ``(K, d)``."""
        values = []
        for point in points:
            before = self.calls
            try:
                values.append(self(point))
            finally:
                self.spread += self.calls - before
        return np.array(values)


def _rounds(hunt: _Hunt, seed: int, polish: bool) -> None:
    d = len(hunt.names)
    if 2**d <= min(_MOST_CORNERS, hunt.evaluations // 4):
        hunt.look(np.array(list(itertools.product((0.0, 1.0), repeat=d))))
    sobol = qmc.Sobol(d, rng=np.random.default_rng([seed, 0]))
    population = max(8, 10 * d)
    for turn in itertools.count(1):
        # half of what is left goes to Sobol points, rounded to a power of two to keep their balance
        points = sobol.random(2 ** max(3, int(math.log2(max(1, hunt.left) / 2))))
        heights = hunt.look(points)
        if len(points) < population or hunt.left < 2 * population:
            continue
        ranked = np.argsort(heights, kind="stable")
        # half the best points, half any others, so that the evolution does not start in one place
        chosen = np.concatenate(
            [ranked[: population // 2], ranked[population // 2 :][: population - population // 2]]
        )
        result = optimize.differential_evolution(
            hunt,
            [(0.0, 1.0)] * d,
            init=points[chosen],
            maxiter=max(1, hunt.left // (2 * population)),
            tol=1e-8,
            atol=1e-12,
            polish=False,
            rng=np.random.default_rng([seed, turn]),
        )
        if polish and result.fun < _INVALID:
            optimize.minimize(
                hunt,
                np.clip(result.x, 0.0, 1.0),
                method="Nelder-Mead",
                bounds=[(0.0, 1.0)] * d,
                options={"maxfev": min(hunt.left, 200 * d), "xatol": 1e-10, "fatol": 1e-14},
            )


def _check_range(name: str, low: float, high: float, scale: str) -> tuple[float, float, bool]:
    if scale not in ("linear", "log"):
        raise InputError(f"the scale of {name} is {scale!r}; choose 'linear' or 'log'")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"the range of {name} is [{low}, {high}]; give finite numbers low < high")
    if scale == "log" and low <= 0:
        raise InputError(f"the range of {name} starts at {low}; a logarithmic scale needs low > 0")
    return float(low), float(high), scale == "log"
