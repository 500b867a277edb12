"""The catalogue of problem families, by name: what the command line calls ``quadratic:p=3,seed=1``.

Constructors from arrays: `quadratic`, `bounded`, `curved`, `flat`, `linear`, `finite_sum`,
`policy_evaluation`. Random instances: ``random_*``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import parse_number
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.actor_critic import random_actor_critic
from spiritlevel.synthetic.composite import random_l1
from spiritlevel.synthetic.constructors import bounded, curved, flat, linear, quadratic
from spiritlevel.synthetic.finite_sum import finite_sum, random_finite_sum
from spiritlevel.synthetic.logistic import random_logistic
from spiritlevel.synthetic.policy_evaluation import policy_evaluation, random_policy_evaluation
from spiritlevel.synthetic.random_problems import (
    random_bounded,
    random_curved,
    random_flat,
    random_linear,
    random_quadratic,
)
from spiritlevel.synthetic.ridge import diabetes

__all__ = [
    "FAMILIES",
    "bounded",
    "curved",
    "finite_sum",
    "flat",
    "linear",
    "named",
    "policy_evaluation",
    "quadratic",
    "random_actor_critic",
    "random_bounded",
    "random_curved",
    "random_finite_sum",
    "random_flat",
    "random_l1",
    "random_linear",
    "random_logistic",
    "random_quadratic",
]

FAMILIES: dict[str, Callable[..., SolvedProblem]] = {
    "quadratic": random_quadratic,
    "bounded": random_bounded,
    "curved": random_curved,
    "flat": random_flat,
    "linear": random_linear,
    "finite-sum": random_finite_sum,
    "policy-evaluation": random_policy_evaluation,
    "l1": random_l1,
    "logistic": random_logistic,
    "actor-critic": random_actor_critic,
    "diabetes": lambda n, seed=0, validation=0.3, shared=False, box=3.0, pull=0.0: diabetes(
        n, seed=seed, validation=float(validation), shared=shared, box=float(box), pull=float(pull)
    ),
}
DEFAULTS = {"seed": 0, "p": 3, "q": 2, "states": 3}


def named(text: str, n: int) -> SolvedProblem:
    """The problem that a text such as ``quadratic:p=3,q=2,seed=1`` names.

    Parameters
    ----------
    text
        A key of `FAMILIES`, then optionally a colon and settings: the arguments of the family's random
        constructor. ``p = 3``, ``q = 2`` and ``seed = 0`` unless given. (``diabetes`` is real data: ten
        features, so no p and q; ``actor-critic`` has ``states = 3`` instead.)
    n
        Number of agents, which the network decides.

    Raises
    ------
    InputError
        If the family or a setting is unknown (similar names are suggested), given twice or unreadable.

    Examples
    --------
    >>> named("linear:p=1,rational=yes", 4).name
    'linear(n=4, p=1, q=2, seed=0)'
    >>> named("quadratc", 4)
    Traceback (most recent call last):
    ...
    spiritlevel.core.errors.InputError: unknown problem 'quadratc'; did you mean 'quadratic'?
    """
    family, colon, rest = text.strip().partition(":")
    if family not in FAMILIES:
        raise unknown("problem", family, FAMILIES)
    make = FAMILIES[family]
    defaults = {name: p.default for name, p in inspect.signature(make).parameters.items() if name != "n"}
    settings: dict[str, Any] = {name: value for name, value in DEFAULTS.items() if name in defaults}
    seen: set[str] = set()
    for item in rest.split(",") if colon else []:
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals:
            raise InputError(f"problem {text!r} has the setting {item!r}; write settings as name=value")
        if key not in defaults:
            raise unknown(f"setting of {family}", key, defaults)
        if key in seen:
            raise InputError(f"problem {text!r} sets {key} twice; set it once")
        seen.add(key)
        settings[key] = _read(key, value, defaults[key])
    return make(n=n, **settings)


# Arguments that are whole numbers; other numbers may be fractions.
_WHOLE = {"seed", "p", "q", "samples", "outcomes", "states"}
_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _read(key: str, value: str, default: Any) -> Any:
    if isinstance(default, bool):
        if value.lower() not in _TRUTH:
            raise InputError(f"{key} is {value!r}; give yes or no")
        return _TRUTH[value.lower()]
    if isinstance(default, str):
        return value
    number = parse_number(value, key)
    if key not in _WHOLE:
        return number
    if number != int(number):
        raise InputError(f"{key} is {value!r}; give a whole number")
    return int(number)
