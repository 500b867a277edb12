r"""Policy evaluation by many agents: a regularised Bellman residual as a bilevel problem.

States :math:`s = 1, \dots, q` have features :math:`\phi_s \in \mathbb R^p`, and :math:`y_s^*(x)` is the mean Bellman
residual of the value function :math:`\phi_s^\top x`, over transitions and over the agents' rewards:

.. math::
    F(x) = \frac1{2q} \sum_s y_s^*(x)^2 + \frac\lambda2 \|x\|^2, \qquad
    y_s^*(x) = \phi_s^\top x - \mathbb E\Big[\frac1n \sum_k r^k(s, s') + \gamma \phi_{s'}^\top x \,\Big|\, s\Big]

The lower level is not printed in the paper; it is
:math:`g^k = \mathbb E \tfrac12 \sum_s (y_s - \phi_s^\top x + r^k(s, s') + \gamma \phi_{s'}^\top x)^2` here.

Yang, Zhang, Wang: "Decentralized Gossip-Based Stochastic Bilevel Optimization over Communication Networks", NeurIPS
2022, Section 6. `spiritlevel.synthetic.transitions` samples the transitions.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field, convert, field_of, parse_number, scalar
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.data import moved, positive, shaped, together
from spiritlevel.synthetic.draws import Draws, sizes, whole
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.random_problems import title
from spiritlevel.synthetic.upper import QuadraticUpper


@dataclass(frozen=True, eq=False)
class Environment:
    """A Markov chain whose states have features, and the agents' rewards; make one with `policy_evaluation`.

    ``features`` has shape ``(q, p)``; ``rewards[k, s, s']`` is :math:`r^k(s, s')`, shape ``(n, q, q)``.
    ``successors``, shape ``(q, D)``, lists the D equally likely states that follow each state; a state may stand in a
    list more than once. So probabilities are multiples of 1/D and every expectation is a finite mean.
    """

    features: Array
    rewards: Array
    successors: Array
    discount: Real
    weight: Real

    def over(self, field: Field) -> Environment:
        """The same in another number system."""
        features, rewards = (moved(a, field) for a in (self.features, self.rewards))
        return dataclasses.replace(self, features=features, rewards=rewards)

    @cached_property
    def gamma(self) -> Any:
        """The discount factor in the number system of the arrays."""
        return scalar(self.discount, field_of(self.features))

    @cached_property
    def slopes(self) -> Array:
        r""":math:`\phi_s - \gamma \phi_{s'}` for every state and each of its successors, shape ``(q, D, p)``."""
        return self.features[:, None] - self.gamma * self.features[self.successors]

    @cached_property
    def minus_slopes(self) -> Array:
        """Columns of the sampled xy-Hessians."""
        return -self.slopes

    @cached_property
    def gains(self) -> Array:
        """The rewards for every agent, state and each of its successors, shape ``(n, q, D)``."""
        return self.rewards[:, np.arange(len(self.successors))[:, None], self.successors]

    def levels(self) -> tuple[QuadraticLower, QuadraticUpper]:
        """The two levels of the means over successors."""
        (q, D, p), n, system = self.slopes.shape, len(self.rewards), field_of(self.features)

        def everywhere(matrix: Array) -> Array:
            return np.repeat(matrix[None], n, axis=0)

        def multiple(size: int, factor: Any) -> Array:
            return everywhere(convert(np.eye(size, dtype=int), system) * scalar(factor, system))

        B, c = self.slopes.sum(axis=1) / D, -self.gains.sum(axis=2) / D
        lower = QuadraticLower(multiple(q, 1), everywhere(B), c, trusted=True)
        return lower, QuadraticUpper(n, p, q, A=multiple(p, self.weight), Q=multiple(q, Fraction(1, q)))


@dataclass(frozen=True, eq=False, kw_only=True)
class PolicyEvaluation(Bilevel):
    r"""The policy-evaluation problem of an `Environment`.

    With :math:`\Gamma = \Phi - \gamma P \Phi` the lower level is
    :math:`g^k = \tfrac12 |y|^2 - y^\top (\Gamma x - \bar r^k)` up to terms without y, its yy-Hessian is the identity,
    :math:`\nabla^2 F = \lambda I + \Gamma^\top \Gamma / q` and
    :math:`x^* = (\nabla^2 F)^{-1} \Gamma^\top \bar r / q`.
    """

    environment: Environment

    def over(self, field: Field) -> Self:
        if field == self.field:
            return self
        # Means taken anew, in the new number system: rounded means of floats are not exact means.
        environment = self.environment.over(field)
        lower, upper = environment.levels()
        return dataclasses.replace(self, lower=lower, upper=upper, environment=environment)

    def sampled_grad_y_g(self, x: Array, y: Array, picks: Array) -> Array:
        r"""``grad_y_g`` for one transition from every state: :math:`y_s - \phi_s^\top x + r^k(s,s') + \gamma \phi_{s'}^\top x`.

        Parameters
        ----------
        x, y
            As in `Problem`.
        picks
            Which of the D successors follows each state, shape ``(R, n, q)``.
        """
        e, at = self.environment, self._places(picks)
        gains = e.gains.reshape(-1).take(at + e.successors.size * np.arange(self.n)[:, None])
        values = x @ e.features.T
        following = np.take_along_axis(values, e.successors.reshape(-1).take(at), axis=-1)
        return y - values + gains + e.gamma * following

    def sampled_hess_xy_g(self, picks: Array) -> Array:
        r"""``hess_xy_g`` for one transition from every state: columns :math:`-(\phi_s - \gamma \phi_{s'})`."""
        rows = self.environment.minus_slopes.reshape(-1, self.p).take(self._places(picks), axis=0)
        return rows.swapaxes(-1, -2)

    def _places(self, picks: Array) -> Array:
        """Where the picks stand in arrays ``(q, D)`` laid out flat: taking from those is fastest."""
        q, D = self.environment.successors.shape
        return picks + D * np.arange(q)


def policy_evaluation(
    features: Any,
    rewards: Any,
    successors: Any,
    *,
    discount: Any = Fraction(9, 10),
    weight: Any = 1,
    name: str = "policy-evaluation",
) -> PolicyEvaluation:
    r"""A `PolicyEvaluation` from arrays; exact if the features or rewards are.

    Parameters
    ----------
    features, rewards, successors
        As in `Environment`.
    discount, weight
        :math:`\gamma` in (0, 1) and :math:`\lambda > 0`.
    name
        Of `Bilevel`.

    Raises
    ------
    InputError
        If a shape or an entry is wrong, or a number is out of range.

    Examples
    --------
    Two states that follow each other, with reward 1 for leaving the first: Gamma = (1 - 0/2, 0 - 1/2).

    >>> problem = policy_evaluation([[1], [0]], [[[0, 1], [0, 0]]], [[1], [0]], discount="1/2").over("fraction")
    >>> problem.solution()
    array([Fraction(4, 13)], dtype=object)
    """
    data = together({"features": features, "rewards": rewards})
    found = shaped(data, {"features": "qp", "rewards": "nqq"}, {})
    follow = np.asarray(successors)
    if follow.ndim != 2 or len(follow) != found["q"] or follow.shape[1] == 0 or follow.dtype.kind not in "iu":
        raise InputError(
            f"successors has shape {follow.shape} and type {follow.dtype}; "
            f"give whole numbers of shape ({found['q']}, D), a list of D >= 1 states for every state"
        )
    if follow.min() < 0 or follow.max() >= found["q"]:
        raise InputError(
            f"successors holds {follow.min()} to {follow.max()}; give states from 0 to {found['q'] - 1}"
        )
    gamma = parse_number(discount, "discount")
    if not 0 < gamma < 1:
        raise InputError(f"discount is {gamma}; give a number strictly between 0 and 1")
    environment = Environment(
        data["features"], data["rewards"], follow.copy(), gamma, positive("weight", weight)
    )
    lower, upper = environment.levels()
    return PolicyEvaluation(lower=lower, upper=upper, name=name, shared=True, environment=environment)


def random_policy_evaluation(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    outcomes: int = 4,
    discount: Any = Fraction(9, 10),
    weight: Any = 1,
    heterogeneity: Any = 1,
    rational: bool = False,
) -> PolicyEvaluation:
    """A random environment: features and rewards are sixteenths from 0 to 1, successors any states.

    Agents' rewards differ by constants that sum to 0, so that neither the solution nor the chain depends on n.

    Parameters
    ----------
    seed
        Of `numpy.random.default_rng`.
    n, p, q
        Numbers of agents, features and states.
    outcomes
        Equally likely successors of each state.
    discount, weight
        Of `policy_evaluation`.
    heterogeneity
        Size of the constants by which agents' rewards differ.
    rational
        Fractions rather than floats; the numbers are the same up to rounding.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> five, ten = (random_policy_evaluation(1, n, 2, 6, rational=True) for n in (5, 10))
    >>> bool((five.solution() == ten.solution()).all())
    True
    """
    n, p, q = sizes(n, p, q, whole("outcomes", outcomes, 1))
    draws = Draws.of(seed, rational)

    def sixteenths(*shape: int) -> Array:
        return convert(draws.rng.integers(0, 17, size=shape), draws.field) / 16

    features, rewards = sixteenths(q, p), sixteenths(q, q)
    successors = draws.rng.integers(0, q, size=(q, outcomes))
    own = draws.balanced(n, 1, heterogeneity)[..., None]
    return policy_evaluation(
        features,
        rewards[None] + own,
        successors,
        discount=discount,
        weight=weight,
        name=title("policy-evaluation", n=n, p=p, q=q, outcomes=outcomes, seed=seed),
    )


if TYPE_CHECKING:

    def _is_solved(problem: PolicyEvaluation) -> SolvedProblem:
        return problem
