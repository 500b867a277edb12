"""Arguments that the driver refuses, each in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from property_tests.strategies import PROBLEM, RING
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Additive, Sampling
from spiritlevel.core.numbers import convert
from spiritlevel.core.trace import Trace
from spiritlevel.synthetic.families import random_curved, random_quadratic

RATIONAL = random_quadratic(seed=4, n=4, p=2, q=3, rational=True)
CALM = Interact(alpha=1 / 64, beta=1 / 64)


def go(algorithm: Any = CALM, problem: Any = PROBLEM, **settings: Any) -> Trace:
    return run(algorithm, problem, RING, **({"steps": 30} | settings))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "steps 0": ({"steps": 0}, "steps is 0; give a whole number >= 1"),
    "steps 1.5": ({"steps": 1.5}, "steps is 1.5; give a whole number >= 1"),
    "steps True": ({"steps": True}, "steps is True; give a whole number >= 1"),
    "steps text": ({"steps": "3"}, "steps is '3'; give a whole number >= 1"),
    "replicas": ({"replicas": -1}, "replicas is -1; give a whole number >= 1"),
    "jobs": ({"jobs": 0}, "jobs is 0; give a whole number >= 1"),
    "seed": ({"seed": -1}, "seed is -1; give a whole number >= 0"),
    "seed 0.5": ({"seed": 0.5}, "seed is 0.5; give a whole number >= 0"),
    "limit": ({"limit": 0}, "limit is 0; give a number > 0"),
    "limit nan": ({"limit": float("nan")}, "limit is nan; give a number > 0"),
    "x0 shape": ({"x0": [1.0, 2.0, 3.0]}, "x0 has shape (3,); give (2,), (4, 2) or (1, 4, 2)"),
    "y0 shape": ({"y0": np.ones((3, 3))}, "y0 has shape (3, 3); give (3,), (4, 3) or (1, 4, 3)"),
    "x0 replicas": ({"x0": np.ones((2, 4, 2))}, "x0 has shape (2, 4, 2); give (2,), (4, 2) or (1, 4, 2)"),
    "x0 nan": ({"x0": [1.0, float("nan")]}, "x0 has an entry that is not finite; give finite numbers"),
    "y0 inf": ({"y0": [1, 2, float("inf")]}, "y0 has an entry that is not finite; give finite numbers"),
    "x0 text": ({"x0": ["a", "b"]}, "x0 holds entries of type <U1; give numbers"),
    "metric": (
        {"metrics": ["stationarty"]},
        "unknown metric 'stationarty'; did you mean 'stationarity'?",
    ),
    "sampling": (
        {"noise": Sampling(2)},
        "noise is finite-sum sampling but Bilevel is not a finite sum",
    ),
}


@pytest.mark.parametrize(("settings", "sentence"), REFUSED.values(), ids=REFUSED)
def test_bad_arguments_are_refused_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        go(**settings)
    assert str(refused.value) == sentence


def test_problem_network_and_number_system_must_fit() -> None:
    with pytest.raises(InputError, match="the problem has 4 agents but the network has 5; they must agree"):
        run(CALM, PROBLEM, named("ring:5"), steps=1)
    curved = random_curved(seed=0, n=4, p=2, q=3)
    with pytest.raises(InputError, match="works in complex, float"):
        go(problem=curved, x0=convert(curved.start()[0], "fraction"))
    with pytest.raises(InputError, match="noise law is 'gaussian', which has no exact values"):
        go(problem=RATIONAL, noise=Additive(1))
    with pytest.raises(InputError, match="noise is finite-sum sampling"):
        go(noise=Sampling(2))
