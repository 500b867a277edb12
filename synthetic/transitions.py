r"""Sampled transitions: the noise of `spiritlevel.synthetic.policy_evaluation`, drawn or prescribed.

One draw :math:`\xi` is one transition from every state, per agent. It begins with a question for ``grad_y_g``; answers
for ``hess_xy_g`` and ``jvp_xy_g`` that follow use the same transitions, as Algorithm 1 of DSBO prints it (one
:math:`\xi` for both). The other answers are exact: f is known, and every sample's yy-Hessian is the identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.noise import Model, Source
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.policy_evaluation import PolicyEvaluation

_STREAM = 2000  # keeps these streams apart from those of the noise channels and of the samplers
_AHEAD, _AHEAD_NUMBERS = 50, 2**17  # draws made at once, as in `spiritlevel.core.noise`


@dataclass(frozen=True)
class Transitions:
    """One transition from every state, per agent and draw; replica r's depend on the seed and r only.

    Examples
    --------
    >>> from spiritlevel.synthetic.policy_evaluation import random_policy_evaluation
    >>> problem = random_policy_evaluation(0, n=2, p=1, q=3)
    >>> x, y = (z[None] for z in problem.start())
    >>> source = Transitions().source(seed=0, replicas=range(1))
    >>> source.evaluate("grad_y_g", problem, (x, y)).shape, source.evaluate("hess_xy_g", problem, (x, y)).shape
    ((1, 2, 3), (1, 2, 1, 3))
    """

    def source(self, seed: int, replicas: range) -> Source:
        """A stream for the replicas with these numbers."""
        return Drawn(seed, replicas)


class Sampled:
    """A source that answers from one draw after another."""

    _picks: Array | None = None

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        if not isinstance(problem, PolicyEvaluation):
            raise InputError(
                f"noise is sampled transitions but {type(problem).__name__} has none; give a policy-evaluation problem"
            )
        if channel not in ("grad_y_g", "hess_xy_g", "jvp_xy_g"):
            return np.asarray(getattr(problem, channel)(*args))
        if channel == "grad_y_g" or self._picks is None:
            self._picks = self.draw(problem)
        if channel == "grad_y_g":
            return problem.sampled_grad_y_g(args[0], args[1], self._picks)
        J = problem.sampled_hess_xy_g(self._picks)
        return J if channel == "hess_xy_g" else (J @ args[2][..., None])[..., 0]

    def samples(self, problem: Problem) -> int:
        """One, as for additive noise."""
        return 1

    def draw(self, problem: PolicyEvaluation) -> Array:
        """Which successor follows each state, shape ``(R, n, q)``."""
        raise NotImplementedError


@dataclass
class Drawn(Sampled):
    """Random draws, a stream per replica."""

    seed: int
    replicas: range
    _generators: list[np.random.Generator] = field(default_factory=list)
    _ahead: Iterator[Array] = field(default_factory=lambda: iter(()))

    def draw(self, problem: PolicyEvaluation) -> Array:
        """The next of every stream."""
        if not self._generators:
            self._generators = [
                np.random.Generator(
                    np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(r, _STREAM)))
                )
                for r in self.replicas
            ]
        picks = next(self._ahead, None)
        if picks is None:
            ahead = min(_AHEAD, max(1, _AHEAD_NUMBERS // (problem.n * problem.q)))
            size, D = (ahead, problem.n, problem.q), problem.environment.successors.shape[1]
            self._ahead = iter(np.stack([g.integers(0, D, size=size) for g in self._generators], axis=1))
            picks = next(self._ahead)
        return picks


class Listed(Sampled):
    """Prescribed transitions, one array ``(R, n, q)`` per draw: how expectations are taken exactly.

    Examples
    --------
    >>> from spiritlevel.synthetic.policy_evaluation import random_policy_evaluation
    >>> problem = random_policy_evaluation(0, n=1, p=1, q=1, outcomes=2)
    >>> both = np.array([[[0]], [[1]]])
    >>> x, y = (np.repeat(z[None], 2, axis=0) for z in problem.start())
    >>> sampled = Listed([both]).evaluate("grad_y_g", problem, (x, y))
    >>> bool(np.allclose(sampled.mean(axis=0), problem.grad_y_g(x, y)[0]))
    True
    """

    def __init__(self, draws: Iterable[Array]) -> None:
        self._left = iter(draws)
        self._done = 0

    def source(self, seed: int, replicas: range) -> Source:
        """Itself."""
        return self

    def draw(self, problem: PolicyEvaluation) -> Array:
        """The next of the list.

        Raises
        ------
        InputError
            If the list is at its end.
        """
        for picks in self._left:
            self._done += 1
            return picks
        raise InputError(f"draws holds {self._done} draws; the algorithm asks for another one")


if TYPE_CHECKING:

    def _is_model(noise: Transitions) -> Model:
        return noise
