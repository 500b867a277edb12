r"""Tabular multi-agent actor-critic learning as a bilevel problem, with every expectation taken exactly.

Agent i's actor :math:`x_i = \theta_i` holds softmax policies :math:`\theta_{i,s,b}` over two actions; its
:math:`y_i = (w_i, \phi_i)` a critic :math:`\hat V(s) = w_{i,s}` and a reward model :math:`\hat R(s, a) = \phi_{i,s,a}`:

.. math::
    w^*(\theta) &= \arg\min_w \tfrac1n \sum_i \mathbb E (R_i(s, a) + \gamma w(s') - w(s))^2 \qquad (211c) \\
    \phi^*(\theta) &= \arg\min_\phi \tfrac1n \sum_i \mathbb E (R_i(s, a) - \phi(s, a))^2 \qquad (211d)

with :math:`a \sim \pi_\theta`, :math:`s' \sim P`, and a law of s that the paper leaves open. The upper level is
:math:`f = -J`, but what the algorithm uses for its gradient is minus the mean of (212), the policy gradient with critic
and reward model plugged in:

.. math:: \frac1{1 - \gamma} \mathbb E (\phi_i(s, a) + \gamma w_i(s') - w_i(s)) \nabla_{\theta_i} \log \pi_{\theta_i}(a_i|s).

`ActorCritic.grad_x_f` is minus this. It is not the derivative of any f in x, and J does not contain y: so
`ActorCritic.grad_y_f` is 0, and :math:`h_f` by (23) is (212) as well: Hessian and cross term multiply 0. All
agents' :math:`g_i` depend on all agents' policies: here ``x`` in :math:`g_i(x, y_i)` is the stack of all :math:`x_j`.

Lu et al., NeurIPS 2022 (SLAM), supplement, Section C.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import Array, Field, inverse
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.critics import CRITICS, Critic, critic_system, minimiser, plugged_in
from spiritlevel.synthetic.markov_game import LAWS, Game, Law, random_game, softmax
from spiritlevel.synthetic.random_problems import title


@dataclass(frozen=True, eq=False)
class ActorCritic:
    r"""Implements `spiritlevel.core.problem.SolvedProblem`; the methods are explained there.

    ``x`` has shape ``(R, n, 2 S)`` and ``y`` ``(R, n, S + S A)``, A = 2^n. ``hypergradient`` and ``value`` are those of
    -J where all agents have one :math:`\theta`. Constants are those of A5 for :math:`|\theta| \le 3`; the others are infinite.

    Parameters
    ----------
    made
        The game.
    law
        Of s in (211c) and (211d).
    critic
        One of `CRITICS`. (``td`` is not the gradient of a function, so that its ``g`` is refused.)
    actor_law
        Of s in (212): the discounted one is (210)'s.
    name
        A short name for reports.

    Raises
    ------
    InputError
        For an unknown law or critic, or if a state may have probability 0 in ``law``.
    """

    made: Game
    law: Law = "stationary"
    critic: Critic = "residual"
    actor_law: Law = "discounted"
    name: str = "actor-critic"

    BOX = 3.0

    def __post_init__(self) -> None:
        for law in (self.law, self.actor_law):
            if law not in LAWS:
                raise unknown("law", law, LAWS)
        if self.critic not in CRITICS:
            raise unknown("critic", self.critic, CRITICS)
        object.__setattr__(
            self, "made", self.made if self.made.field == "complex" else self.made.over("float")
        )
        if self.made.field == "float" and self._rarest() <= 0:
            raise InputError(f"a state may have probability 0 under the {self.law} law; give positive ones")

    def _rarest(self) -> float:
        """A lower bound of every state's probability."""
        least = {
            "uniform": 1 / self.made.states,
            "stationary": float(self.made.transitions.real.min()),
            "discounted": float((1 - self.made.gamma.real) * self.made.start.real.min()),
        }
        return least[self.law]

    @property
    def n(self) -> int:
        return self.made.n

    @property
    def p(self) -> int:
        return 2 * self.made.states

    @property
    def q(self) -> int:
        return self.made.states * (1 + self.made.actions)

    shared = True

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset({"float", "complex"})

    @property
    def lacks(self) -> tuple[str, ...]:
        return ("no stationary point and no infimum is known in closed form",)

    @property
    def constants(self) -> Constants:
        S, rarest = self.made.states, self._rarest()
        own = 1 / (1 + np.exp(2 * self.BOX))
        # E (w(s) - gamma w(s'))^2 >= rarest |(I - gamma P) w|^2 >= rarest ((1 - gamma) max |w|)^2
        values = rarest * (1 - float(self.made.gamma.real)) ** 2 / S
        inf = float("inf")
        return Constants(
            mu_g=2 * min(values, rarest * own**self.n),
            L_g=inf,
            C_gxy=inf,
            L_gxy=inf,
            L_gyy=inf,
            L_fx=inf,
            L_fy=inf,
            C_fy=0,
        )

    def over(self, field: Field) -> Self:
        if field not in self.fields:
            raise InputError(
                f"field is {field!r}; problem {self.name} has exponentials, choose float or complex"
            )
        if field == self.made.field:
            return self
        return type(self)(self.made.over(field), self.law, self.critic, self.actor_law, self.name)

    def start(self) -> tuple[Array, Array]:
        return np.zeros((self.n, self.p)), np.zeros((self.n, self.q))

    def policies(self, x: Array) -> Array:
        """Shape ``(R, n, S, 2)``."""
        return softmax(x.reshape(*x.shape[:2], self.made.states, 2))

    def split(self, y: Array) -> tuple[Array, Array]:
        """Critics ``(R, n, S)`` and reward models ``(R, n, S, A)``."""
        S = self.made.states
        return y[..., :S], y[..., S:].reshape(*y.shape[:2], S, -1)

    def objective(self, x: Array) -> Array:
        """J of the agents' policies, shape ``(R,)``."""
        return self.made.objective(self.policies(x))

    def gradient(self, x: Array) -> Array:
        """The derivative of J in every agent's own parameters, shape ``(R, n, p)``."""
        return self.made.gradient(self.policies(x)).reshape(x.shape)

    def grad_x_f(self, x: Array, y: Array) -> Array:
        """Minus the mean of (212)."""
        w, phi = self.split(y)
        return -plugged_in(self.made, self.policies(x), self.actor_law, w, phi).reshape(x.shape)

    def grad_y_f(self, x: Array, y: Array) -> Array:
        return y * 0

    def f(self, x: Array, y: Array) -> Array:
        return np.repeat(-self.objective(x)[:, None], self.n, axis=1)

    def _lower(self, x: Array) -> tuple[Array, Array, Array]:
        """Hessian and right side of the critic's system, and twice the joint law of states and actions."""
        pi = self.policies(x)
        joint = self.made.joint(pi)
        return *critic_system(self.made, pi, self.law, self.critic), 2 * self.made.law(self.law, joint)[
            ..., None
        ] * joint

    def grad_y_g(self, x: Array, y: Array) -> Array:
        (H, b, weights), (w, phi) = self._lower(x), self.split(y)
        critic = (H[:, None] @ w[..., None])[..., 0] - b
        model = weights[:, None] * (phi - self.made.rewards)
        return np.concatenate([critic, model.reshape(*y.shape[:2], -1)], axis=-1)

    def g(self, x: Array, y: Array) -> Array:
        if self.critic == "td":
            raise InputError("temporal differences are not the gradient of a function; give another critic")
        (H, b, weights), (w, phi) = self._lower(x), self.split(y)
        critic = (w * ((H[:, None] @ w[..., None])[..., 0] / 2 - b)).sum(axis=-1)
        return critic + (weights[:, None] * phi * (phi / 2 - self.made.rewards)).sum(axis=(2, 3))

    def hess_yy_g(self, x: Array, y: Array) -> Array:
        H, _, weights = self._lower(x)
        S = self.made.states
        whole = np.zeros((len(x), self.q, self.q), dtype=H.dtype)
        whole[:, :S, :S] = H
        rest = np.arange(S, self.q)
        whole[:, rest, rest] = weights.reshape(len(x), -1)
        return np.repeat(whole[:, None], self.n, axis=1)

    def hvp_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return (self.hess_yy_g(x, y) @ v[..., None])[..., 0]

    def solve_yy_g(self, x: Array, y: Array, v: Array) -> Array:
        return (inverse(self.hess_yy_g(x, y)) @ v[..., None])[..., 0]

    def jvp_xy_g(self, x: Array, y: Array, v: Array) -> Array:
        made, pi = self.made, self.policies(x)
        (w, phi), (u, turned) = self.split(y), self.split(v)
        error = made.rewards + made.gamma * made.ahead(w) - w[..., None]
        change = made.gamma * made.ahead(u) - u[..., None]
        model = 2 * turned * (phi - made.rewards)
        if self.critic == "double":
            joint = made.joint(pi)[:, None]
            means = [(joint * z).sum(axis=-1) for z in (error, change)]
            on_states = 2 * means[0] * means[1] + (joint * model).sum(axis=-1)
            on_actions = 2 * (error * means[1][..., None] + change * means[0][..., None]) + model
            return made.slope(self.law, pi, on_actions, on_states).reshape(x.shape)
        if self.critic == "td":
            k = -2 * u[..., None] * error
        else:
            # E (gamma u(s') - u(s)) (R + gamma w(s') - w(s)) over s'
            spread = made.ahead(u * w) - made.ahead(u) * made.ahead(w)
            k = 2 * (change * error + made.gamma**2 * spread)
        return made.slope(self.law, pi, k + model).reshape(x.shape)

    def hess_xy_g(self, x: Array, y: Array) -> Array:
        columns = [self.jvp_xy_g(x, y, np.broadcast_to(e, y.shape)) for e in np.eye(self.q)]
        return np.stack(columns, axis=-1)

    def lower_solution(self, x: Array) -> Array:
        w = minimiser(self.made, self.policies(x), self.law, self.critic)
        phi = np.broadcast_to(self.made.mean_reward.reshape(-1), (len(x), self.q - self.made.states))
        return np.repeat(np.concatenate([w, phi], axis=-1)[:, None], self.n, axis=1)

    def value(self, x: Array) -> Array:
        return -self.objective(np.repeat(x[:, None], self.n, axis=1))

    def hypergradient(self, x: Array) -> Array:
        return -self.gradient(np.repeat(x[:, None], self.n, axis=1)).sum(axis=1)

    def solution(self) -> Array | None:
        return None

    def infimum(self) -> float | None:
        return None


def random_actor_critic(
    seed: int,
    n: int,
    states: int,
    *,
    law: Law = "stationary",
    critic: Critic = "residual",
    discount: Any = Fraction(9, 10),
) -> ActorCritic:
    """An `ActorCritic` on a `random_game`; arguments as there.

    Examples
    --------
    >>> problem = random_actor_critic(0, n=2, states=3)
    >>> problem.p, problem.q
    (6, 15)
    """
    made = random_game(seed, n, states, discount=discount)
    return ActorCritic(
        made, law, critic, name=title("actor-critic", n=n, states=states, critic=critic, seed=seed)
    )


if TYPE_CHECKING:

    def _is_solved(problem: ActorCritic) -> SolvedProblem:
        return problem
