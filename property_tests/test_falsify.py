"""The adversarial search finds planted violations, reports none where there is none, and counts exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spiritlevel.core.errors import InputError
from spiritlevel.theory.instruments.budget import seed_of
from spiritlevel.theory.instruments.falsify import Box, Search, excess, search

SEED = seed_of("property_tests/test_falsify")
SIX: Box = {
    "mu": (1e-3, 1.0, "log"),
    "L": (1.0, 1e3, "log"),
    "r": (0.1, 0.9, "linear"),
    "lam": (0.0, 0.999, "linear"),
    "alpha": (1e-6, 1.0, "log"),
    "m": (2.0, 50.0, "linear"),
}
SIDE = 1e-4 ** (1 / 6)  # a cube of this side has a volume of 1e-4


def _unit(at: dict[str, float]) -> np.ndarray:
    out = []
    for name, (low, high, scale) in SIX.items():
        u = (
            math.log(at[name] / low) / math.log(high / low)
            if scale == "log"
            else (at[name] - low) / (high - low)
        )
        out.append(u)
    return np.array(out)


def _corner(index: int) -> np.ndarray:
    """Lower end of a small cube: in a corner of the box, or (the later ones) anywhere inside."""
    rng = np.random.default_rng([SEED, index])
    return (1 - SIDE) * (rng.integers(0, 2, 6) if index < 3 else rng.random(6))


@pytest.mark.parametrize("index", range(6))
def test_a_violation_in_a_ten_thousandth_of_the_box_is_found_from_a_slope(index: int) -> None:
    """Positive only inside the small cube, and growing towards it, as violations usually do."""
    low = _corner(index)

    def violation(at: dict[str, float]) -> float:
        u = _unit(at)
        outside = np.maximum(low - u, u - low - SIDE).max()
        return float(-outside)

    found = search(violation, SIX, evaluations=20_000, seed=SEED)
    assert found.verdict == "violated"
    assert violation(found.worst) == found.value > 0
    assert found.evaluations < 20_000


@pytest.mark.parametrize("index", [0, 4])
def test_even_without_any_slope(index: int) -> None:
    """Nothing leads to the small cube. 120000 even points hit it 12 times on average (Poisson miss: 6e-6)."""
    low = _corner(index)

    def violation(at: dict[str, float]) -> float:
        u = _unit(at)
        return 0.5 if (u >= low).all() and (u <= low + SIDE).all() else -0.5

    assert search(violation, SIX, evaluations=120_000, seed=SEED).verdict == "violated"


@pytest.mark.parametrize("polish", [True, False])
def test_nothing_is_reported_where_an_inequality_is_tight_but_true(polish: bool) -> None:
    """The arithmetic mean is at least the geometric one, with equality on a diagonal of the box."""

    def violation(at: dict[str, float]) -> float:
        return excess(math.sqrt(at["mu"] * at["alpha"]), (at["mu"] + at["alpha"]) / 2)

    found = search(violation, SIX, evaluations=8_000, seed=SEED, polish=polish)
    assert found.verdict == "none-found"
    assert found.evaluations == 8_000
    assert found.value > -1e-6  # it did come close: the search climbs


def test_polishing_finds_what_the_population_has_no_time_for() -> None:
    """A peak of relative width 1e-7 in two of three parameters, within 1500 evaluations, for every seed tried."""

    def violation(at: dict[str, float]) -> float:
        return 1e-7 - abs(at["r"] - 0.4321) - abs(at["lam"] - 0.1234)

    box: Box = {name: SIX[name] for name in ("r", "lam", "m")}
    for seed in range(SEED, SEED + 5):
        found = {
            polish: search(violation, box, evaluations=1_500, seed=seed, polish=polish, tolerance=1e-12).found
            for polish in (True, False)
        }
        assert found == {True: True, False: False}


def test_the_search_is_the_same_for_the_same_seed_only() -> None:
    def violation(at: dict[str, float]) -> float:
        return -1 - math.sin(40 * at["r"]) * at["lam"] * math.log(at["L"])

    def run(seed: int) -> tuple[Search, list[float]]:
        seen: list[float] = []

        def recorded(at: dict[str, float]) -> float:
            seen.append(at["r"])
            return violation(at) / 100

        return search(recorded, SIX, evaluations=1_500, seed=seed, tolerance=0.5), seen

    assert run(SEED) == run(SEED)
    assert run(SEED)[1] != run(SEED + 1)[1]


@pytest.mark.parametrize("evaluations", [64, 65, 1_000, 3_001])
def test_evaluations_are_counted_exactly_and_stay_inside_the_box(evaluations: int) -> None:
    calls = 0

    def violation(at: dict[str, float]) -> float:
        nonlocal calls
        calls += 1
        for name, (low, high, _) in SIX.items():
            assert low <= at[name] <= high
        return -at["r"]

    found = search(violation, SIX, evaluations=evaluations, seed=SEED)
    assert found.evaluations == calls == evaluations
    assert 0 < found.spread <= calls


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_call_without_a_finite_number_is_never_no_violation(bad: float) -> None:
    calls = 0

    def violation(at: dict[str, float]) -> float:
        nonlocal calls
        calls += at["r"] > 0.7
        return bad if at["r"] > 0.7 else -1.0

    found = search(violation, SIX, evaluations=500, seed=SEED)
    assert found.verdict == "inconclusive"
    assert found.invalid == calls > 0
    assert found.invalid_example is not None
    assert found.invalid_example["r"] > 0.7


def test_only_invalid_calls_leave_no_worst_case() -> None:
    def divides(at: dict[str, float]) -> float:
        return 1 / (at["r"] * 0)

    found = search(divides, SIX, evaluations=200, seed=SEED)
    assert (found.verdict, found.invalid, found.worst, found.value) == ("inconclusive", 200, {}, -math.inf)
    assert "no point" in str(found)


def test_a_mistake_in_the_violation_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        search(lambda at: at["mistyped"], SIX, evaluations=100, seed=SEED)


def test_excess_does_not_depend_on_units() -> None:
    for scale in (1e-200, 1.0, 1e200):
        assert excess(3 * scale, 2 * scale) == pytest.approx(1 / 3)
    assert excess(-1.0, 1.0) == -2.0
    assert math.isnan(excess(math.inf, math.inf))
    assert math.isnan(excess(math.nan, 1.0))


def test_unusable_input_is_named() -> None:
    def holds(at: dict[str, float]) -> float:
        return -1.0

    for box, evaluations, words in (
        ({}, 100, "empty"),
        ({"x": (0.0, 1.0, "log")}, 100, "low > 0"),
        ({"x": (1.0, 1.0, "linear")}, 100, "low < high"),
        ({"x": (0.0, 1.0, "cubic")}, 100, "scale"),
        ({"x": (0.0, 1.0, "linear")}, 10, "evaluations"),
    ):
        with pytest.raises(InputError, match=words):
            search(holds, box, evaluations=evaluations, seed=1)  # type: ignore[arg-type]
