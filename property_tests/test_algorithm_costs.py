"""What the algorithms spend, counted by hand, and the hyper-parameters that they refuse."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest

from property_tests.strategies import (
    gentle,
)
from spiritlevel.core.algorithms import algorithm as by_name
from spiritlevel.core.algorithms import algorithms
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Additive, Model, Sampling
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import random_finite_sum, random_quadratic

ALL = sorted(algorithms())
PROBLEM = random_quadratic(seed=4, n=5, p=2, q=3)


def counted(name: str, problem: Bilevel, noise: Model | None = None) -> dict[str, int]:
    trace = run(gentle(by_name(name)), problem, named("ring:5"), steps=7, record=[7], noise=noise)
    return {key: int(values[-1]) for key, values in trace.counts.items()}


def test_interact_spends_what_the_paper_says() -> None:
    """By hand: the start and each of 7 steps ask for three gradients, one solve and one cross product; each
    step is one round, in which each of the 10 directed edges of the 5-ring carries x and u (2 p = 4 floats)."""
    by_hand = {
        "gradients": 3 * 8,
        "hessians": 0,
        "cross_hessians": 8,
        "solves": 8,
        "samples": 0,
        "rounds": 7,
        "messages": 70,
        "floats": 280,
    }
    assert counted("interact", PROBLEM) == by_hand
    sums = random_finite_sum(1, n=5, p=2, q=3, samples=6)
    assert counted("interact", sums) == by_hand | {"samples": 5 * 8 * 6}
    assert counted("interact", sums, Sampling(2)) == by_hand | {"samples": 5 * 8 * 2}
    assert counted("interact", PROBLEM, Additive(1)) == by_hand | {"samples": 5 * 8}


def test_dsgd_spends_what_the_paper_says() -> None:
    """As INTERACT, but nothing at the start, and only x travels (p = 2 floats)."""
    assert counted("dsgd", PROBLEM) == {
        "gradients": 3 * 7,
        "hessians": 0,
        "cross_hessians": 7,
        "solves": 7,
        "samples": 0,
        "rounds": 7,
        "messages": 70,
        "floats": 140,
    }


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), Fraction(-1, 3)])
@pytest.mark.parametrize("name", ALL)
def test_every_step_size_must_be_positive(name: str, value: Any) -> None:
    cls = by_name(name)
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    steps = {f.name: "step size" for f in fields if f.metadata.get("step_size")}
    steps |= {f.name: "inverse step" for f in fields if f.metadata.get("inverse_step")}
    assert steps
    for step, what in steps.items():
        with pytest.raises(InputError, match=f"{step} is .*; give a {what} > 0"):
            cls(**{step: value})


@pytest.mark.parametrize("name", ALL)
def test_settings_are_read_from_text(name: str) -> None:
    cls = by_name(name)
    step = next(f.name for f in dataclasses.fields(cls) if f.metadata.get("positive"))  # type: ignore[arg-type]
    assert getattr(cls.parse({step: "1/3"}), step) == Fraction(1, 3)
    with pytest.raises(InputError, match=f"did you mean '{step}'"):
        cls.parse({step + "x": "1"})
    for text in ("x", "nan", "1/0", ""):
        with pytest.raises(InputError, match=f"{step} is"):
            cls.parse({step: text})
