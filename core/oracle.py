"""What an algorithm may ask, with every question counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.noise import Exact, Repeatable, Source
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel, Composite, FiniteSum, Problem
from spiritlevel.core.samples import Batch, Sampler, folded


@dataclass
class Calls:
    """Questions asked so far, per agent and replica.

    ``gradients``: of f in x, f in y or g in y; ``hessians``: products with, or copies of, the yy block of
    g; ``cross_hessians``: the same for the xy block; ``solves``: with the yy block; ``samples``: terms
    read (every term, for an exact call on a finite sum; one for a call with additive noise; the batch, for
    a call to a `Batch`, whose calls count once each).
    """

    gradients: int = 0
    hessians: int = 0
    cross_hessians: int = 0
    solves: int = 0
    samples: int = 0


class Oracle:
    """A problem seen through a noise source; same methods as `Problem`, each call counted.

    Examples
    --------
    The methods that algorithms use are ``grad_x_f``, ``grad_y_f``, ``grad_y_g``, ``hvp_yy_g``,
    ``jvp_xy_g``, ``solve_yy_g``, ``hess_yy_g`` and ``hess_xy_g``; see `Problem` for their shapes.
    """

    def __init__(
        self,
        problem: Problem,
        noise: Source | None = None,
        sampler: Sampler | None = None,
        *,
        shared: tuple[Calls, int] | None = None,
    ) -> None:
        self.problem = problem
        self.noise: Source = noise if noise is not None else Exact()
        self.sampler = sampler
        # Oracles of a batch count into the calls of the one that drew it; its size is known, not looked up.
        self.calls, self._samples = shared or (Calls(), self.noise.samples(problem))

    def held(self) -> Oracle:
        """The same oracle, counting into the same `Calls`, whose calls on one channel all see the same draw.

        Raises
        ------
        InputError
            If the noise cannot be repeated.
        """
        if not isinstance(self.noise, Repeatable):
            raise InputError(
                f"noise is {type(self.noise).__name__}, which cannot repeat a draw; give another model"
            )
        return Oracle(self.problem, self.noise.held(), shared=(self.calls, self._samples))

    def root(self) -> int:
        r""":math:`\lceil \sqrt N \rceil` for the N terms of every agent."""
        return math.isqrt(self._sum.samples - 1) + 1

    def draw(self, batch: int, depth: int, *, one: bool = False) -> Batch:
        r"""Fresh samples :math:`\bar\xi = (\xi, \zeta^0, \dots, \zeta^{K-1}, k)` of INTERACT (22), as oracles.

        Parameters
        ----------
        batch, depth
            S and K.
        one
            Use the one term :math:`\xi` in the place of every :math:`\zeta^j`.

        Raises
        ------
        InputError
            If the problem is not a finite sum, there is no sampler, or a noise model is in use too.
        """
        problem = self._sum
        if self.sampler is None or not isinstance(self.noise, Exact):
            raise InputError(
                f"noise is {'none' if isinstance(self.noise, Exact) else 'in use'} and the sampler "
                f"{'missing' if self.sampler is None else 'there'}; an algorithm that draws its own samples needs a sampler and no noise"
            )
        picks = self.sampler.pick(problem.samples, problem.n, batch, depth)

        def only(index: Array) -> Oracle:
            return Oracle(problem.subsample(folded(index)[..., None]), shared=(self.calls, batch))

        f = only(picks.xi)
        g = (f,) * depth if one else tuple(only(index) for index in picks.zeta)
        return Batch(batch, f, g, folded(picks.k))

    @cached_property
    def _sum(self) -> FiniteSum:
        # Kept: asking whether a class follows a protocol is slow, and every draw asks.
        if not isinstance(self.problem, FiniteSum):
            raise InputError(
                f"{type(self.problem).__name__} is not a finite sum, so nothing can be drawn from it"
            )
        return self.problem

    def _ask(self, channel: Channel, *args: Array) -> Array:
        self.calls.samples += self._samples
        return self.noise.evaluate(channel, self.problem, args)

    def grad_x_f(self, x: Array, y: Array) -> Array:
        """See `Problem.grad_x_f`."""
        self.calls.gradients += 1
        return self._ask("grad_x_f", x, y)

    def grad_y_f(self, x: Array, y: Array) -> Array:
        """See `Problem.grad_y_f`."""
        self.calls.gradients += 1
        return self._ask("grad_y_f", x, y)

    def grad_y_g(self, x: Array, y: Array) -> Array:
        """See `Problem.grad_y_g`."""
        self.calls.gradients += 1
        return self._ask("grad_y_g", x, y)

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        """See `Problem.hvp_yy_g`."""
        self.calls.hessians += 1
        return self._ask("hvp_yy_g", x, y, v)

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        """See `Problem.jvp_xy_g`."""
        self.calls.cross_hessians += 1
        return self._ask("jvp_xy_g", x, y, v)

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        """See `Problem.solve_yy_g`."""
        self.calls.solves += 1
        return self._ask("solve_yy_g", x, y, v)

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        """See `Problem.hess_yy_g`."""
        self.calls.hessians += 1
        return self._ask("hess_yy_g", x, y)

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        """See `Problem.hess_xy_g`."""
        self.calls.cross_hessians += 1
        return self._ask("hess_xy_g", x, y)

    @cached_property
    def _composite(self) -> Composite | None:
        return self.problem if isinstance(self.problem, Composite) else None

    def prox_x(self, v: Array, step: Any) -> Array:
        """See `Composite.prox_x`; ``v`` where the problem has no such term."""
        return v if self._composite is None else self._composite.prox_x(v, step)

    def prox_y(self, v: Array, step: Any) -> Array:
        """See `Composite.prox_y`; ``v`` where the problem has no such term."""
        return v if self._composite is None else self._composite.prox_y(v, step)

    def slope_y(self, v: Array, step: Any) -> Array:
        """See `Composite.slope_y`; ones where the problem has no such term."""
        return np.ones(v.shape, dtype=int) if self._composite is None else self._composite.slope_y(v, step)

    def subgradient_x(self, x: Array) -> Array:
        """See `Composite.subgradient_x`; zeros where the problem has no such term."""
        return x * 0 if self._composite is None else self._composite.subgradient_x(x)

    def subgradient_y(self, y: Array) -> Array:
        """See `Composite.subgradient_y`; zeros where the problem has no such term."""
        return y * 0 if self._composite is None else self._composite.subgradient_y(y)
