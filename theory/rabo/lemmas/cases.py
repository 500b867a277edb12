r"""Exact instances and single rounds of RABO and RAFBO, for inequalities about one round.

A `Window` holds the states before and after a round that the algorithm under test makes of any state, and beside it what
the inequalities speak of: :math:`y^*`, :math:`\Phi`, and the aggregated hypergradient that the text prescribes at the
algorithm's :math:`y_{q+1}`. Noise is two-point and enumerated, numbers are rational.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.masks import Masks
from spiritlevel.core.networks import averaging
from spiritlevel.core.noise import Exact, Source
from spiritlevel.core.numbers import Array, convert, fill, scalar
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.instruments.forms import never_exceeds
from spiritlevel.theory.rabo.assumptions import delta_f, delta_g, least_coverage
from spiritlevel.theory.rabo.lemmas.lines import Letters, Line

ROUNDED = Fraction(1, 10**9)


class Prescribed:
    """Adds given perturbations to the gradients of f in x and of g in y, call by call; nothing once they are used up."""

    def __init__(self, f: Sequence[Array] = (), g: Sequence[Array] = ()) -> None:
        self.left: dict[str, list[Array]] = {"grad_x_f": list(f), "grad_y_g": list(g)}

    def evaluate(self, channel: Channel, problem: Problem, args: tuple[Array, ...]) -> Array:
        """The exact answer plus the next perturbation of its channel."""
        value = np.asarray(getattr(problem, channel)(*args))
        waiting = self.left.get(channel)
        return value + waiting.pop(0) if waiting else value

    def samples(self, problem: Problem) -> int:
        """One, as for additive noise."""
        return 1

    def held(self) -> Source:
        """Finite differences cancel additive noise: none."""
        return Exact()


def signs(*shape: int) -> Array:
    """All arrays of that shape with entries 1 and -1, as replicas: two-point noise, enumerated.

    Examples
    --------
    >>> signs(2, 1).tolist()
    [[[1], [1]], [[1], [-1]], [[-1], [1]], [[-1], [-1]]]
    """
    size = int(np.prod(shape))
    rows = convert(np.array(list(itertools.product((1, -1), repeat=size))), "fmpq")
    return rows.reshape(-1, *shape)


@dataclass(frozen=True, kw_only=True)
class Least:
    """The least constants of an instance; l_g1 in the part that it has in (29), that of the inner gradient in y."""

    mu_g: Fraction
    l_g1: Fraction
    L_y: Fraction
    M_f: Fraction
    L_f: Fraction


@dataclass(frozen=True)
class Case:
    """An algorithm on a problem under masks, with constants that hold for them; `flint.fmpq` throughout.

    ``noisy`` says whose gradients carry two-point noise of size 1: ``""``, ``"f"`` (in x) or ``"g"``.
    """

    algorithm: Any
    problem: Bilevel
    constants: Least
    noisy: str = ""

    @cached_property
    def masks(self) -> tuple[Array, Array]:
        """Of x and y, shapes ``(n, p)`` and ``(n, q)``."""
        a, (n, p, q) = self.algorithm, (self.problem.n, self.problem.p, self.problem.q)
        none = np.zeros((1, 1, max(p, q)))
        return Masks(a.mask_x).at(1, n, p, none[..., :p]), Masks(a.mask_y).at(1, n, q, none[..., :q])

    @cached_property
    def letters(self) -> Letters:
        """The case's numbers; what RAFBO's radius enters is not used by lines that are put to cases."""
        c, zero = self.constants, scalar(0, "fmpq")
        number = {name: scalar(getattr(c, name), "fmpq") for name in vars(c)}
        m_x, m_y = self.masks
        return Letters(
            **number,
            alpha=self.algorithm.alpha,
            beta=self.algorithm.beta,
            l_f0=zero,
            radius=zero,
            T=self.algorithm.T,
            N=scalar(self.problem.n, "fmpq"),
            C_x=scalar(least_coverage(m_x), "fmpq"),
            C_y=scalar(least_coverage(m_y), "fmpq"),
            P=zero,
        )

    @cached_property
    def outcomes(self) -> tuple[Array, Array]:
        """Noise of f, ``(O, n, p)``, and of the T steps of g, ``(O, T, n, q)``."""
        n, p, q, T = self.problem.n, self.problem.p, self.problem.q, self.algorithm.T
        none = convert(np.zeros((1, T * n * max(p, q)), dtype=int), "fmpq")
        f = signs(n, p) if self.noisy == "f" else none[:, : n * p].reshape(1, n, p)
        g = signs(T, n, q) if self.noisy == "g" else none[:, : T * n * q].reshape(1, T, n, q)
        return (f, np.repeat(g, len(f), axis=0)) if len(g) == 1 else (np.repeat(f, len(g), axis=0), g)

    def window(self, z: Array) -> Window:
        """One round from the states ``(x, y)``, shape ``(R, p + q)``, for every outcome of the noise, outcomes fastest."""
        f, g = self.outcomes
        p, T, R = self.problem.p, self.algorithm.T, len(z)
        z = np.repeat(z, len(f), axis=0)
        f, g = np.tile(f, (R, 1, 1)), np.tile(g, (R, 1, 1, 1))
        x, y = z[:, None, :p], z[:, None, p:]
        net = Gossip(averaging(self.problem.n).over("fmpq"))
        each = [np.repeat(v, self.problem.n, axis=1) for v in (x, y)]
        s = self.algorithm.init(*each, Oracle(self.problem), net)
        new = self.algorithm.step(
            1, s, Oracle(self.problem, Prescribed([f], [g[:, t] for t in range(T)])), net
        )
        return Window(self, x, y, new.x, new.y, f)

    def holds(self, line: Line) -> bool:
        """Whether a line, in expectation, holds for all states, exactly."""

        def function(z: Array) -> tuple[Array, Array]:
            at = self.window(z)
            left, right = line.sides(self.letters)
            total = size = scalar(0, "fmpq")
            for sign, side in ((1, left), (-1, right)):
                for name, k in side.items():
                    value = k * at.mean(name)
                    total, size = total + sign * value, size + abs(value)
            return total, size

        return never_exceeds(function, self.problem.p + self.problem.q, "fmpq").holds


@dataclass(frozen=True)
class Window:
    """One round: ``x``, ``y`` before it, ``x_new``, ``y_new`` after it, shapes ``(R, 1, .)``; ``noise`` of f, ``(R, n, p)``."""

    case: Case
    x: Array
    y: Array
    x_new: Array
    y_new: Array
    noise: Array

    def mean(self, name: str) -> Array:
        """The expectation of a term of `lines` over the noise, one value per state."""
        values, count = TERMS[name](self), len(self.case.outcomes[0])
        if values.shape[0] == 1:  # a constant
            return values
        return fill((len(values) // count,), values.reshape(-1, count).sum(axis=1) / count)

    def each(self, z: Array) -> Array:
        """The server's model at every client."""
        return np.repeat(z, self.case.problem.n, axis=1)

    def star(self, x: Array) -> Array:
        """y* at the server's x, ``(R, 1, q)``."""
        return self.case.problem.lower_solution(self.each(x))[:, :1]

    @cached_property
    def covered(self) -> Array:
        """1 on K, ``(p,)``."""
        return (self.case.masks[0].sum(axis=0) > 0).astype(int)

    @cached_property
    def slope(self) -> Array:
        """The gradient of Phi on K, ``(R, 1, p)``."""
        return self.case.problem.hypergradient(self.x[:, 0])[:, None] * self.covered

    @cached_property
    def expected(self) -> Array:
        """The aggregated hypergradient without noise: (7) or Algorithm 2 at the submodels, then (8)'s average."""
        local, approximate = self._hypergradients
        return self._average(approximate if self.case.algorithm.name == "rafbo" else local)

    @cached_property
    def _hypergradients(self) -> tuple[Array, Array]:
        """Every client's (7), with full derivatives, and what Algorithm 2's differences come to for a quadratic g."""
        m_x, m_y = self.case.masks
        at, o = (self.each(self.x) * m_x, self.each(self.y_new) * m_y), Oracle(self.case.problem)
        return surrogate(o, *at), o.grad_x_f(*at) + o.jvp_xy_g(*at, o.grad_y_f(*at) * m_y)

    def approximation(self) -> Array:
        """The mean over clients of the squared error of Algorithm 2."""
        local, approximate = self._hypergradients
        return squared_norm(approximate - local) / self.case.problem.n

    @cached_property
    def added(self) -> Array:
        """What the noise adds to `expected`."""
        return self._average(self.noise)

    def _average(self, z: Array) -> Array:
        m = self.case.masks[0]
        return (z * m).sum(axis=1, keepdims=True) / np.maximum(m.sum(axis=0), 1)

    def pruned(self) -> Array:
        """The mean over clients of what pruning takes off (x, y_new), squared."""
        m_x, m_y = self.case.masks
        lost = squared_norm(self.each(self.x) * (1 - m_x)) + squared_norm(self.each(self.y_new) * (1 - m_y))
        return lost / self.case.problem.n

    def drift(self) -> Array:
        """The mean over clients of the squared masked gradient of g_i at its submodel of (x, y*)."""
        m_x, m_y = self.case.masks
        at = self.each(self.x) * m_x, self.each(self.star(self.x)) * m_y
        return squared_norm(self.case.problem.grad_y_g(*at) * m_y) / self.case.problem.n


def _constant(value: Any) -> Array:
    return np.asarray(scalar(Fraction(value), "fmpq"))


def _squared(radius: Any) -> Array:
    """A radius of A4, computed in floats where it is irrational, squared and moved outwards."""
    return _constant(Fraction(radius) ** 2 * (1 + ROUNDED))


TERMS: Mapping[str, Callable[[Window], Array]] = {
    "descent": lambda w: w.case.problem.value(w.x_new[:, 0]) - w.case.problem.value(w.x[:, 0]),
    "grad_Phi2": lambda w: squared_norm(w.slope),
    "lower": lambda w: squared_norm(w.y - w.star(w.x)),
    "new_lower": lambda w: squared_norm(w.y_new - w.star(w.x)),
    "next_lower": lambda w: squared_norm(w.y_new - w.star(w.x_new)),
    "step2": lambda w: squared_norm(w.x_new - w.x),
    "direction2": lambda w: squared_norm(w.expected + w.added - w.slope),
    "bias2": lambda w: squared_norm(w.expected - w.slope),
    "spread": lambda w: squared_norm(w.added),
    "grad_f2": lambda w: squared_norm(
        surrogate(Oracle(w.case.problem), w.each(w.x), w.each(w.y_new)).sum(axis=1, keepdims=True)
        / w.case.problem.n
        * w.covered
    ),
    "E_h": lambda w: 2 * w.case.letters.M_f**2 * w.pruned(),
    "drift2": lambda w: w.drift(),
    "sigma_J2": lambda w: w.approximation(),
    "sigma_f2": lambda w: _constant(w.case.problem.p if w.case.noisy == "f" else 0),
    "sigma_g2": lambda w: _constant(w.case.problem.q if w.case.noisy == "g" else 0),
    "delta_f2": lambda w: _squared(delta_f(w.case.problem, "local")),
    "delta_g2": lambda w: _squared(delta_g(w.case.problem)),
}
"""Terms of `lines` at a window; E_h with what the masks take off in the place of the bounds (18), (19) on it."""
