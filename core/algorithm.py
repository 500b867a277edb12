"""What an algorithm is: frozen hyper-parameters, `init` and `step`, and what it declares of itself."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, Field, parse_number, scalar
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import FiniteSum, SolvedProblem


def step_size(default: Any, doc: str) -> Any:
    """A hyper-parameter that must be positive; ``doc`` says which equation it enters."""
    return dataclasses.field(default=default, metadata={"step_size": True, "positive": True, "doc": doc})


def inverse_step(default: Any, doc: str) -> Any:
    """A hyper-parameter whose inverse is a step size: large is cautious."""
    return dataclasses.field(default=default, metadata={"inverse_step": True, "positive": True, "doc": doc})


def constant(default: Any, doc: str) -> Any:
    """A positive number that is no step size, such as a Lipschitz constant or a penalty."""
    return dataclasses.field(default=default, metadata={"positive": True, "doc": doc})


def choice(default: str, among: Iterable[str], doc: str) -> Any:
    """A hyper-parameter that is one of a few words."""
    return dataclasses.field(default=default, metadata={"choice": tuple(among), "doc": doc})


def fraction(default: Fraction, doc: str) -> Any:
    """A hyper-parameter that is a number but no step size, such as a capacity."""
    return dataclasses.field(default=default, metadata={"fraction": True, "doc": doc})


def text(default: str, doc: str) -> Any:
    """A hyper-parameter that is a name; the algorithm's ``__post_init__`` reads it."""
    return dataclasses.field(default=default, metadata={"text": True, "doc": doc})


def whole(default: int, doc: str, least: int = 1) -> Any:
    """A hyper-parameter that is a whole number, at least ``least``."""
    return dataclasses.field(default=default, metadata={"least": least, "doc": doc})


class Algorithm(ABC):
    """Base of all algorithms; subclasses are frozen dataclasses of hyper-parameters, one per file.

    A state is a frozen dataclass of arrays with the agents' axis second, ``(R, n, dim)`` (``(R, 1, dim)``
    where a server holds the one model), among them ``x`` and ``y``. `step` uses plain array arithmetic,
    mixes through ``net.mix`` and asks the oracle; it never looks at the type of a number.
    """

    name: ClassVar[str]
    """Spelling on the command line."""
    paper: ClassVar[str]
    """Paper and place that the steps follow."""
    affine: ClassVar[bool] = False
    """Whether one step is an affine map of the whole state when the problem is quadratic."""
    server: ClassVar[bool] = False
    """Whether it needs a server (`Gossip.average`): its network is then ``J``."""
    shared: ClassVar[bool] = False
    """Whether its lower level is the mean of the g_i; with private ones its answer means nothing."""
    sampled: ClassVar[bool] = False
    """Whether it draws its own samples, so that it needs a finite sum and takes no noise."""
    ordered: ClassVar[bool] = False
    """Whether it compares or projects, so that symbols cannot pass through."""

    @abstractmethod
    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> Any:
        """The state before the first step; ``x0`` is ``(R, n, p)``, ``y0`` is ``(R, n, q)``."""

    @abstractmethod
    def step(self, t: int, s: Any, o: Oracle, net: Gossip) -> Any:
        """The state after iteration ``t = 1, 2, ..``."""

    def conserved(self, s: Any, net: Gossip) -> Array:
        """Linear functionals of the state that no step changes, shape ``(R, k)``; none by default."""
        return s.x.reshape(s.x.shape[0], -1)[:, :0]

    def require(self, problem: SolvedProblem, network: Network) -> None:
        """Raise `InputError` if problem and network are not of the kind that the algorithm needs."""
        if problem.n != network.n:
            raise InputError(
                f"the problem has {problem.n} agents but the network has {network.n}; they must agree"
            )
        if self.server and not network.is_averaging:
            raise InputError(
                f"{self.name} has a server but the network is {network.name}; give J:{network.n}, every entry 1/n"
            )
        if self.sampled and not isinstance(problem, FiniteSum):
            raise InputError(
                f"{problem.name} is not a finite sum but {self.name} draws samples; give a problem such as finite-sum"
            )
        if self.shared and not problem.shared and problem.n > 1:
            raise InputError(
                f"{problem.name} has private lower levels but {self.name} needs a shared one; give shared=yes"
            )

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            given, least = getattr(self, f.name), f.metadata.get("least")
            if "choice" in f.metadata and given not in f.metadata["choice"]:
                raise unknown(f.name, str(given), f.metadata["choice"])
            if least is not None and (isinstance(given, bool) or not isinstance(given, int) or given < least):
                raise InputError(f"{f.name} is {given!r}; give a whole number >= {least}")
            if not f.metadata.get("positive"):
                continue
            value = np.asarray(given, dtype=object).reshape(-1)[0]
            try:
                good = bool(0 < value < float("inf"))
            except TypeError:  # a symbol: its sign is not known
                continue
            if not good:
                what = next(
                    (k.replace("_", " ") for k in ("step_size", "inverse_step") if k in f.metadata), "number"
                )
                raise InputError(f"{f.name} is {value}; give a {what} > 0")

    def over(self, field: Field) -> Self:
        """The same hyper-parameters in another number system."""
        changed = {
            f.name: scalar(getattr(self, f.name), field)
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
            if f.metadata.get("positive")
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
            if "choice" in known[key].metadata or "text" in known[key].metadata:
                values[key] = text
            elif any(known[key].metadata.get(kind) for kind in ("positive", "fraction")):
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
