r"""One formal step of an algorithm that draws samples: proofs for all draws, batches, problems and sizes.

As in `spiritlevel.theory.instruments.formal`, but the oracle can also be drawn from: what a batch answers,
what a mean over samples comes to and which factors of (22) take part are matrix symbols about which
nothing is assumed. The iteration number is an object that only says whether q divides it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory.instruments.formal import (
    AGENTS,
    ALPHA,
    BETA,
    LOWER,
    UPPER,
    X0,
    Y0,
    FormalNetwork,
    LooksAtTime,
)

PERIOD = 7
_WIDTHS = dict.fromkeys(("grad_x_f", "jvp_xy_g"), UPPER) | dict.fromkeys(
    ("grad_y_f", "grad_y_g", "hvp_yy_g", "solve_yy_g"), LOWER
)


class Answers:
    """One dictionary of symbols for an oracle and all that is drawn from it: same question, same symbol."""

    def __init__(self) -> None:
        self._found: dict[Any, Any] = {}
        self.draws = 0

    def symbol(self, what: str, width: Any, *question: Any) -> Any:
        """The symbol that answers a question."""
        key = (what, *question)
        if key not in self._found:
            self._found[key] = sympy.MatrixSymbol(f"{what}_{len(self._found)}", AGENTS, width)
        return self._found[key]


@dataclass(frozen=True)
class FormalPart:
    """Stands for an oracle; ``part`` is (0, 0) for the full one, (draw, j) for a part of a batch."""

    answers: Answers
    part: tuple[int, int] = (0, 0)

    def __getattr__(self, channel: str) -> Any:
        if channel not in _WIDTHS:
            raise AttributeError(channel)
        return lambda *arguments: self.answers.symbol(channel, _WIDTHS[channel], self.part, *arguments)

    def draw(self, batch: int, depth: int, *, one: bool = False) -> FormalBatch:
        """A batch whose answers are new symbols."""
        self.answers.draws += 1
        f, *g = [FormalPart(self.answers, (self.answers.draws, j)) for j in range(depth + 1)]
        return FormalBatch(f, (f,) * depth if one else tuple(g))

    def root(self) -> int:
        """Any number of terms has some root."""
        return PERIOD


@dataclass(frozen=True)
class FormalBatch:
    """Stands for `spiritlevel.core.samples.Batch`; a mean over the samples is a symbol."""

    f: FormalPart
    g: tuple[FormalPart, ...]

    @property
    def k(self) -> _Drawn:
        """The numbers of factors."""
        return _Drawn(self.f)

    def each(self, z: Any) -> Any:
        """The same for every sample."""
        return z

    def mean(self, z: Any) -> Any:
        """The mean over the samples."""
        return self.f.answers.symbol("mean", z.shape[1], self.f.part, z)


@dataclass(frozen=True)
class _Drawn:
    """The drawn k; comparing it gives a mask, and ``numpy.where`` on a mask gives a symbol."""

    owner: FormalPart
    compared: tuple[Any, ...] = ()

    def __ge__(self, j: int) -> Any:
        return dataclasses.replace(self, compared=("j <= k", j))

    def __getitem__(self, index: Any) -> Any:
        return self

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        _, yes, no = arguments  # of numpy.where
        question = (self.owner.part, self.compared, yes, no)
        return self.owner.answers.symbol(function.__name__, yes.shape[1], *question)


class _Turn:
    """An iteration number of which only its divisibility by q is known; else it raises `LooksAtTime`."""

    def __init__(self, q: int, divides: bool) -> None:
        self._q, self._divides = q, divides

    def __mod__(self, q: object) -> int:
        if q != self._q:
            self._refuse()
        return 0 if self._divides or q == 1 else 1

    def _refuse(self, *_: object) -> Any:
        raise LooksAtTime("the step asks of its iteration number more than whether q divides it")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __rmod__ = __floordiv__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __bool__ = __index__ = __int__ = __float__ = _refuse
    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class SampledStep:
    """A formal start, an arbitrary formal state of the same fields and its successor."""

    oracle: FormalPart
    first: Any
    state: Any
    after: Any


def sampled_step(algorithm: Callable[..., Algorithm], *, divides: bool, **settings: Any) -> SampledStep:
    """Run ``init`` and one ``step`` with symbolic step sizes and ``L_g``.

    Parameters
    ----------
    algorithm, settings
        Class and hyper-parameters besides ``alpha``, ``beta`` and ``L_g``.
    divides
        Whether q (of the settings, else `PERIOD`) divides the iteration number.

    Raises
    ------
    LooksAtTime
        If the step asks of its iteration number more than whether q divides it.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.gt_dsgd import GTDSGD
    >>> run = sampled_step(GTDSGD, divides=False, S=2, K=1)
    >>> from spiritlevel.theory.instruments.formal import same
    >>> same(run.after.y, run.state.y - BETA * run.state.v)  # (7)
    True
    """
    a = algorithm(alpha=ALPHA, beta=BETA, L_g=sympy.Symbol("L_g", positive=True), **settings)
    oracle: Any = FormalPart(Answers())
    net: Any = FormalNetwork()
    time: Any = _Turn(settings.get("q", PERIOD), divides)
    first = a.init(X0, Y0, oracle, net)
    sizes = {f.name: getattr(first, f.name).shape[1] for f in dataclasses.fields(first)}
    state = type(first)(**{k: sympy.MatrixSymbol(k, AGENTS, size) for k, size in sizes.items()})
    return SampledStep(oracle, first, state, a.step(time, state, oracle, net))
