r"""Markov games of n agents with two actions each: values, laws of the states and policy gradients, all exact.

In state s agent i takes action :math:`a_i` with probability :math:`\pi_i(a_i|s)`; the joint action ``a`` is the number
whose binary digits are the agents' actions, agent 0's first, so that there are :math:`A = 2^n`. With
:math:`\bar R = \frac1n \sum_i R_i` the agents maximise

.. math:: J = \mathbb E \sum_{r \ge 0} \gamma^r \bar R(s^r, a^r), \quad s^0 \sim \eta, \qquad
          V(s) = \mathbb E_{a, s'}[\bar R(s, a) + \gamma V(s')].

Everything is a rational function of the probabilities, and is computed in their number system. Softmax policies
:math:`\pi_i(b|s) \propto e^{\theta_{i,s,b}}` have
:math:`\partial \log \pi_i(c|s) / \partial \theta_{i,s,b} = 1_{b = c} - \pi_i(b|s)`, which is what derivatives here are
taken with. A policy ``pi`` has shape ``(R, n, S, 2)``, joint probabilities ``(R, S, A)``.

Lu et al.: "A Stochastic Linearized Augmented Lagrangian Method for Decentralized Bilevel Optimization", NeurIPS 2022,
supplement, Section C.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, field_of, inverse, parse_number, scalar
from spiritlevel.synthetic.data import moved, shaped, together
from spiritlevel.synthetic.draws import whole

Law = Literal["stationary", "uniform", "discounted"]
LAWS: tuple[Law, ...] = ("stationary", "uniform", "discounted")
"""Laws of s: the chain's own, all states alike, and :math:`d(s) = (1 - \\gamma) \\sum_r \\gamma^r P(s^r = s)`."""


@dataclass(frozen=True, eq=False)
class Game:
    """The game's data; make one with `game` or `random_game`.

    ``transitions`` of shape ``(S, A, S)``, ``rewards`` of every agent ``(n, S, A)``, ``start`` (the law eta) ``(S,)``.
    """

    transitions: Array
    rewards: Array
    start: Array
    discount: Real

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.rewards)

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.start)

    @property
    def actions(self) -> int:
        """Number of joint actions."""
        return int(self.rewards.shape[2])

    @cached_property
    def field(self) -> Field:
        """The number system."""
        return field_of(self.start)

    @cached_property
    def gamma(self) -> Any:
        """The discount factor in the number system of the arrays."""
        return scalar(self.discount, self.field)

    @cached_property
    def mean_reward(self) -> Array:
        r""":math:`\bar R`, shape ``(S, A)``."""
        return self.rewards.sum(axis=0) / self.n

    def over(self, field: Field) -> Game:
        """The same in another number system."""
        if field == self.field:
            return self
        transitions, rewards, start = (moved(z, field) for z in (self.transitions, self.rewards, self.start))
        return Game(transitions, rewards, start, self.discount)

    def joint(self, pi: Array) -> Array:
        """Probabilities of the joint actions, shape ``(R, S, A)``."""
        out = pi[:, 0]
        for i in range(1, self.n):
            out = (out[..., None] * pi[:, i, :, None]).reshape(*out.shape[:2], -1)
        return out

    def chain(self, joint: Array) -> Array:
        """Transition probabilities between states, shape ``(R, S, S)``."""
        return (joint[..., None] * self.transitions).sum(axis=2)

    def ahead(self, v: Array) -> Array:
        """``E[v(s') | s, a]`` for ``v`` of shape ``(..., S)``; shape ``(..., S, A)``."""
        return (self.transitions * v[..., None, None, :]).sum(axis=-1)

    def law(self, law: Law, joint: Array) -> Array:
        """The law of s, shape ``(R, S)``."""
        one = joint[..., 0] * 0 + 1
        if law == "uniform":
            return one / self.states
        P = self.chain(joint)
        if law == "stationary":  # mu (I - P + 1 1') = 1'
            return _times(one, inverse(self._eye - P + 1))
        return (1 - self.gamma) * _times(self.start * one, inverse(self._eye - self.gamma * P))

    def value(self, joint: Array, rewards: Array | None = None) -> Array:
        """Discounted values V of the mean reward, shape ``(R, S)``; or of given rewards ``(..., S, A)``."""
        reward = ((self.mean_reward if rewards is None else rewards) * joint).sum(axis=-1)
        return _apply(inverse(self._eye - self.gamma * self.chain(joint)), reward)

    def objective(self, pi: Array) -> Array:
        """J, shape ``(R,)``."""
        return (self.start * self.value(self.joint(pi))).sum(axis=-1)

    def scores(self, z: Array, pi: Array) -> Array:
        r""":math:`\sum_a z_i(s, a)\, \partial \log \pi_i(a_i|s) / \partial \theta_{i,s,b}` for ``z`` of shape ``(R, n or 1, S, A)``.

        Returns
        -------
        Shape ``(R, n, S, 2)``.
        """
        whole = np.broadcast_to(z, (len(pi), self.n, *z.shape[2:]))
        own = [whole[:, i].reshape(len(pi), self.states, 2**i, 2, -1).sum(axis=(2, 4)) for i in range(self.n)]
        return np.stack(own, axis=1) - pi * whole.sum(axis=-1)[..., None]

    def slope(self, law: Law, pi: Array, on_actions: Array, on_states: Array | None = None) -> Array:
        r"""The derivative of :math:`\sum_s \nu(s) \sum_a \pi(a|s) k(s, a)`, the law's own share included.

        Parameters
        ----------
        law
            Of the states, :math:`\nu`.
        on_actions
            k, shape ``(R, n or 1, S, A)``: another for every agent whose parameters are moved.
        on_states
            What stands behind :math:`\nu`, shape ``(R, n or 1, S)``, where that is not :math:`\sum_a \pi k`.

        Returns
        -------
        Shape ``(R, n, S, 2)``.

        Notes
        -----
        :math:`d\nu^\top k = \nu^\top dP\, U` with :math:`U = (I - P + 1\nu^\top)^{-1} k` for the stationary law, and
        :math:`\gamma \nu^\top dP\, (I - \gamma P)^{-1} k` for the discounted one.
        """
        joint = self.joint(pi)
        nu = self.law(law, joint)
        at = (joint[:, None] * on_actions).sum(axis=-1) if on_states is None else on_states
        if law == "stationary":
            resolvent, factor = inverse(self._eye - self.chain(joint) + nu[:, None, :]), 1
        elif law == "discounted":
            resolvent, factor = inverse(self._eye - self.gamma * self.chain(joint)), self.gamma
        k = on_actions
        if law != "uniform":
            k = k + factor * self.ahead(_apply(resolvent[:, None], at))
        return self.scores((nu[..., None] * joint)[:, None] * k, pi)

    def gradient(self, pi: Array) -> Array:
        """The derivative of J, by the policy gradient theorem (210); shape ``(R, n, S, 2)``."""
        return self.slope("discounted", pi, self.mean_reward[None, None]) / (1 - self.gamma)

    @cached_property
    def _eye(self) -> Array:
        return convert(np.eye(self.states, dtype=int), self.field)


def _times(row: Array, matrix: Array) -> Array:
    return (row[..., None, :] @ matrix)[..., 0, :]


def _apply(matrix: Array, column: Array) -> Array:
    return (matrix @ column[..., None])[..., 0]


def softmax(theta: Array) -> Array:
    """Probabilities over the last axis, in floats or complex numbers.

    Examples
    --------
    >>> softmax(np.log([[3.0, 1.0]])).round(12)
    array([[0.75, 0.25]])
    """
    weights = np.exp(theta - theta.real.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def game(transitions: Any, rewards: Any, start: Any, *, discount: Any = Fraction(9, 10)) -> Game:
    """A `Game` from arrays; exact if an entry is.

    Raises
    ------
    InputError
        If a shape is wrong, rows are no probabilities, or the discount factor is not in (0, 1).

    Examples
    --------
    One agent, whose action 0 pays 1 and whose action 1 pays nothing; it stays where it is.

    >>> stay = game([[[1], [1]]], [[[1, 0]]], [1], discount="1/2").over("fraction")
    >>> pi = convert([[[[0.75, 0.25]]]], "fraction")
    >>> stay.objective(pi), stay.gradient(pi).tolist()
    (array([Fraction(3, 2)], dtype=object), [[[[Fraction(3, 8), Fraction(-3, 8)]]]])
    """
    data = together({"transitions": transitions, "rewards": rewards, "start": start})
    found = shaped(data, {"transitions": "SAS", "rewards": "nSA", "start": "S"}, {})
    if found["A"] != 2 ** found["n"]:
        raise InputError(f"there are {found['A']} joint actions; give 2^{found['n']}, two for every agent")
    for name in ("transitions", "start"):
        sums = np.asarray(data[name].sum(axis=-1))
        off = sums != 1 if data[name].dtype == object else abs(sums - 1) > 1e-12
        if (data[name] < 0).any() or off.any():
            raise InputError(f"{name} are no probabilities; give numbers >= 0 whose sums are 1")
    gamma = parse_number(discount, "discount")
    if not 0 < gamma < 1:
        raise InputError(f"discount is {gamma}; give a number strictly between 0 and 1")
    return Game(data["transitions"], data["rewards"], data["start"], gamma)


def random_game(
    seed: int,
    n: int,
    states: int,
    *,
    discount: Any = Fraction(9, 10),
    spread: int = 8,
    rational: bool = False,
) -> Game:
    """Random transitions, all positive, rewards in sixteenths from 0 to 1 of every agent's own, a uniform start.

    Parameters
    ----------
    seed
        Of `numpy.random.default_rng`.
    n, states
        Numbers of agents and of states.
    discount
        Of `game`.
    spread
        Transition probabilities have weights from 1 to this number.
    rational
        Fractions rather than floats; the numbers are the same up to rounding.

    Examples
    --------
    >>> random_game(0, 2, 3).transitions.shape
    (3, 4, 3)
    """
    rng = np.random.default_rng(whole("seed", seed, 0))
    n, S = whole("n", n, 1), whole("states", states, 1)
    weights = convert(rng.integers(1, whole("spread", spread, 1) + 1, (S, 2**n, S)), "fraction")
    made = game(
        weights / weights.sum(axis=-1, keepdims=True),
        convert(rng.integers(0, 17, (n, S, 2**n)), "fraction") / 16,
        [Fraction(1, S)] * S,
        discount=discount,
    )
    return made if rational else made.over("float")


def random_policy(seed: int, made: Game, *, rows: int = 1, spread: int = 4) -> Array:
    """Rational policies with odds between 1 : spread and spread : 1, shape ``(rows, n, S, 2)``, in fractions.

    Examples
    --------
    >>> random_policy(0, random_game(0, 2, 3)).sum(axis=-1)[0, 0]
    array([Fraction(1, 1), Fraction(1, 1), Fraction(1, 1)], dtype=object)
    """
    rng = np.random.default_rng(whole("seed", seed, 0))
    odds = convert(rng.integers(1, spread + 1, (rows, made.n, made.states, 2)), "fraction")
    return odds / odds.sum(axis=-1, keepdims=True)
