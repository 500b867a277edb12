"""What an algorithm is: frozen hyper-parameters, `init` and `step`, and what it declares of itself."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array, Field, parse_number, scalar
from spiritlevel.core.oracle import Oracle


def step_size(default: Any, doc: str) -> Any:
    """A hyper-parameter that must be positive; ``doc`` says which equation it enters."""
    return dataclasses.field(default=default, metadata={"step_size": True, "doc": doc})


class Algorithm(ABC):
    """Base of all algorithms; subclasses are frozen dataclasses of hyper-parameters, one per file.

    A state is a frozen dataclass of arrays with the agents' axis second, ``(R, n, dim)``, among them
    ``x`` and ``y``. `step` uses plain array arithmetic, mixes through ``net.mix`` and asks the oracle;
    it never looks at the type of a number.
    """

    name: ClassVar[str]
    """Spelling on the command line."""
    paper: ClassVar[str]
    """Paper and place that the steps follow."""
    affine: ClassVar[bool] = False
    """Whether one step is an affine map of the whole state when the problem is quadratic."""
    ordered: ClassVar[bool] = False
    """Whether it compares or projects, so that symbols cannot pass through."""

    @abstractmethod
    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> Any:
        """The state before the first step; ``x0`` is ``(R, n, p)``, ``y0`` is ``(R, n, q)``."""

    @abstractmethod
    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        """The state after iteration ``t = 1, 2, ..``."""

    def conserved(self, s: Any) -> Array:
        """Linear functionals of the state that every step keeps at 0, shape ``(R, k)``; none by default."""
        return s.x.reshape(s.x.shape[0], -1)[:, :0]

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            if not f.metadata.get("step_size"):
                continue
            value = np.asarray(getattr(self, f.name), dtype=object).reshape(-1)[0]
            try:
                good = bool(0 < value < float("inf"))
            except TypeError:  # a symbol: its sign is not known
                continue
            if not good:
                raise InputError(f"{f.name} is {value}; give a step size > 0")

    def over(self, field: Field) -> Self:
        """The same hyper-parameters in another number system."""
        changed = {
            f.name: scalar(getattr(self, f.name), field)
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
            if f.metadata.get("step_size")
        }
        return dataclasses.replace(self, **changed)  # type: ignore[type-var]

    @classmethod
    def parse(cls, settings: Mapping[str, str]) -> Self:
        """Build from ``name -> text``, as the command line's ``--set`` gives them.

        Raises
        ------
        InputError
            For an unknown hyper-parameter (with suggestions) or a value of the wrong kind.
        """
        known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        values: dict[str, Any] = {}
        for key, text in settings.items():
            if key not in known:
                raise unknown(f"hyper-parameter of {cls.name}", key, known)
            if known[key].metadata.get("step_size"):
                values[key] = parse_number(text, key)
            elif isinstance(known[key].default, bool):
                if text.lower() not in ("true", "false"):
                    raise InputError(f"{key} is {text!r}; give true or false")
                values[key] = text.lower() == "true"
            else:
                number = parse_number(text, key)
                if number != int(number):
                    raise InputError(f"{key} is {text!r}; give a whole number")
                values[key] = int(number)
        return cls(**values)
