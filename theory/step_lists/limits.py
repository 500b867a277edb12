"""The exact stability limit of the steps in a list, on one problem and network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Composite, SolvedProblem
from spiritlevel.theory.step_lists.crossing import ROUNDING, crossing
from spiritlevel.theory.step_lists.stepsize import Rule, taken

if TYPE_CHECKING:
    from spiritlevel.core.algorithm import Algorithm

LARGEST_STATE = 1500  # numbers in a state; a limit takes about 180 spectra of a matrix of this size
SMALL_STATE = 120  # up to here every step has its limit, above only the last
Say = Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The exact stability limit of one step size, the others held fixed."""

    algorithm: str
    step: str
    others: Mapping[str, Real]
    value: float
    """The smallest step that is not stable, inf if none up to 1e4 is found, 0 if 1e-8 is unstable already;
    of an inverse step the largest that is not stable, 0 if none down to 1e-4 is found, inf if 1e8 is unstable."""
    admitted: float
    """The largest step that the list admits; of an inverse step the least. 0 if it admits none."""
    inverse: bool = False
    """Whether the step is an inverse one, where large is cautious."""
    slow: bool = False
    """Whether more cautious steps cannot be told from unstable ones in float64; ``value`` is the first that is surely unstable."""
    unbounded: bool = False
    """Whether the list has no bound on the step on its incautious side."""
    certified: tuple[float, float] | None = None
    """Every step between these is stable, by Lyapunov matrices; elsewhere `SCANNED` steps a decade were looked at."""
    parts: int = 0
    """How many Lyapunov matrices it took."""

    @property
    def found(self) -> bool:
        """Whether there is a limit within the range that was looked at."""
        return 0 < self.value < float("inf")

    @property
    def conservatism(self) -> float | None:
        """How many times more cautious the admitted step is than the limit; None without a limit, or if none or any is admitted."""
        if self.admitted <= 0 or self.unbounded or not self.found:
            return None
        return self.admitted / self.value if self.inverse else self.value / self.admitted


def stability(radius: float) -> bool | None:
    """Whether a spectral radius means stable; None where it cannot be told from 1 in float64.

    Examples
    --------
    >>> stability(0.99), stability(1.0), stability(1.01)
    (True, None, False)
    """
    return None if abs(radius - 1) <= ROUNDING else radius < 1


class NoLimit(Exception):
    """Why there is no exact stability limit, in a clause."""


@dataclass(frozen=True)
class Stable:
    """The algorithm of a list on a problem and a network, ready to be asked for spectral radii.

    Raises
    ------
    NoLimit
        If it has none: no algorithm, a state that is too large, a problem that it does not fit or whose step is not affine.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> from spiritlevel.theory.step_lists.admission import rule_of
    >>> stable = Stable(rule_of("interact/thm1"), random_quadratic(1, 4, 1, 1), named("ring:4"))
    >>> stable.radius({"alpha": 0.001, "beta": 0.1}) < 1 < stable.radius({"alpha": 100, "beta": 0.1})
    True
    """

    rule: Rule
    problem: SolvedProblem
    network: Network
    say: Say | None = None
    """Told what is being computed."""
    size: int = field(init=False, default=0)
    """Numbers in a state."""

    def __post_init__(self) -> None:
        from spiritlevel.core.gossip import Gossip
        from spiritlevel.core.oracle import Oracle
        from spiritlevel.theory.instruments.affine import Layout, NotAffine
        from spiritlevel.theory.instruments.varying import NotClosed

        rule = self.rule
        if rule.no_limit:
            raise NoLimit(rule.no_limit)
        if not rule.algorithm:
            raise NoLimit("the list names no algorithm")
        small = self._made(dict.fromkeys(rule.order, 0.01))
        try:
            small.require(self.problem, self.network)
        except InputError as error:
            raise NoLimit(str(error)) from error
        if isinstance(self.problem, Composite):
            raise NoLimit("the problem has terms without a gradient, which an affine step leaves out")
        x, y = (z[None] for z in self.problem.start())
        size = Layout.of(small.init(x, y, Oracle(self.problem), Gossip(self.network))).size
        object.__setattr__(self, "size", size)
        if size > LARGEST_STATE:
            raise NoLimit(
                f"the state has {size} numbers, too many for its spectrum (at most {LARGEST_STATE})"
            )
        try:
            self.radius(dict.fromkeys(rule.order, 0.01))
        except (NotAffine, NotClosed) as error:
            raise NoLimit("the problem is not quadratic") from error

    def _made(self, steps: Mapping[str, Real]) -> Algorithm:
        from spiritlevel.core.algorithms import algorithm

        rule = self.rule
        fitted = rule.fitted(self.problem.constants) if rule.fitted else {}
        made: Algorithm = algorithm(rule.algorithm)(**{**rule.settings, **fitted, **steps})
        return made

    def matrix(self, steps: Mapping[str, Real]) -> Array:
        """The matrix whose spectral radius decides stability.

        Raises
        ------
        NoLimit
            For steps so large or small that floats cannot hold the map.
        """
        from spiritlevel.theory.instruments.stability import matrix

        try:
            with np.errstate(over="raise"):
                return (self.rule.matrix or matrix)(self._made(steps), self.problem, self.network)
        except (
            ArithmeticError,
            InputError,
            np.linalg.LinAlgError,
        ) as error:  # InputError: a step is 0 in floats
            raise NoLimit("floats cannot hold the iteration at these steps") from error

    def radius(self, steps: Mapping[str, Real]) -> float:
        """The spectral radius of `matrix`; below 1 is stable."""
        M = self.matrix(steps)
        try:
            return float(np.abs(np.linalg.eigvals(M)).max()) if M.size else 0.0
        except np.linalg.LinAlgError as error:
            raise NoLimit("floats cannot hold the iteration at these steps") from error

    def inverse(self, step: str) -> bool:
        """Whether a step is an inverse one."""
        return self._declared(step, "inverse_step")

    def _declared(self, step: str, kind: str) -> bool:
        known = {f.name: f.metadata for f in dataclasses.fields(self._made({}))}  # type: ignore[arg-type]
        return kind in known[step]

    def limits(self, at: Mapping[str, Real], bounds: Mapping[str, tuple[float, float]]) -> tuple[Limit, ...]:
        """The limit of the last step, and of the others where the state is small; ``bounds`` are what the list admits."""
        rule, found = self.rule, []
        for step in rule.order:
            chosen = self._declared(step, "step_size") or self.inverse(step)
            if step != rule.order[-1] and not (chosen and self.size <= SMALL_STATE):
                continue
            try:
                found.append(self.limit(step, at, bounds))
            except NoLimit:
                if step == rule.order[-1]:
                    raise
        return tuple(found)

    def limit(
        self,
        step: str,
        at: Mapping[str, Real],
        bounds: Mapping[str, tuple[float, float]],
        *,
        certify: bool = True,
    ) -> Limit:
        """The limit of one step; the others are held as in ``at``, or at the largest that ``bounds`` allow.

        Raises
        ------
        NoLimit
            If ``bounds`` leave another step without a value to hold it at.
        """
        inverse = self.inverse(step)
        held = {name: at.get(name, taken(*bounds[name])) for name in self.rule.order if name != step}
        for name, value in held.items():
            if not 0 < value < float("inf"):
                told = f"no {name} is admitted" if value <= 0 else f"{name} has no largest value"
                raise NoLimit(f"{told} to hold it at; give one")

        def matrix(value: float) -> Array:
            return self.matrix({**held, step: 1 / value if inverse else value})

        def heard(what: str, value: float) -> None:
            if self.say is not None:
                at = f"{step} = {1 / value if inverse else value:.3g}"
                self.say(f"stability limit of {step}, {self.size} numbers in a state: {what}, {at}")

        try:
            found = crossing(matrix, heard, certify=certify)
        except np.linalg.LinAlgError as error:
            raise NoLimit("floats cannot hold the iteration at some steps") from error
        first, certified = found.first, found.certified
        if certified is not None and inverse:
            certified = (1 / certified[1], 1 / certified[0])
        low, high = bounds[step]
        admitted = low if inverse else high
        return Limit(
            algorithm=self.rule.algorithm,
            step=step,
            others=held,
            value=(1 / first if first > 0 else float("inf")) if inverse else first,
            admitted=admitted if low <= high else 0.0,
            inverse=inverse,
            slow=found.slow,
            certified=certified,
            parts=found.parts,
            unbounded=low <= high and (low <= 0 if inverse else high == float("inf")),
        )
