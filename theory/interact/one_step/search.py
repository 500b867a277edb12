r"""The inequalities of one step, (14)-(19), as left minus right, and the instances that they are put to.

Each is a quadratic polynomial of the state :math:`(x, y, u, v)` on a quadratic problem, so it is decided for
all states at once, in exact rationals; curved problems, which satisfy every assumption, are attacked at
many random states.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, field_of, scalar
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.families import random_curved, random_quadratic
from spiritlevel.theory.instruments.forms import Decision, never_exceeds
from spiritlevel.theory.interact.constants import Convention, contraction, lemmas
from spiritlevel.theory.statement import Context, largest

OUTWARD = Fraction(1, 10**12)
"""Constants computed as eigenvalues are moved outwards by this share before anything exact is decided."""

TOLERANCE = 1e-10
"""Largest share of the terms' size that rounding in floats may make a true inequality fail by."""


@dataclass(frozen=True)
class Case:
    """One algorithm on one instance, with constants that hold for it."""

    algorithm: Algorithm
    problem: SolvedProblem
    network: Network
    alpha: Real
    beta: Real
    constants: Constants
    lam: Real

    def pair(self, z: Array, *, free: bool = False) -> tuple[State, State]:
        """The states before and after one step, from coordinates ``z = (x, y, u)`` or ``(x, y, u, v)``.

        With ``free``, v is what z says; else the gradient of g in y, as in Algorithm 1. p is always the surrogate.
        """
        n, p, q, R = self.problem.n, self.problem.p, self.problem.q, z.shape[0]
        x, y, u, v = np.split(z, np.cumsum([n * p, n * q, n * p]), axis=1)
        field = field_of(z)
        a, o = self.algorithm.over(field), Oracle(self.problem)
        net = Gossip(self.network.over(field))
        s: Any = a.init(x.reshape(R, n, p), y.reshape(R, n, q), o, net)
        s = dataclasses.replace(s, u=u.reshape(R, n, p))
        if free:
            s = dataclasses.replace(s, v=v.reshape(R, n, q))
        return s, a.step(1, s, o, net)

    def coordinates(self, *, free: bool = False) -> int:
        """How many coordinates `pair` takes."""
        n, p, q = self.problem.n, self.problem.p, self.problem.q
        return n * (2 * p + q + (q if free else 0))


Inequality = Callable[[Case, State, State], tuple[Array, Array]]
"""Left minus right, and the sum of the sizes of the terms; ``(R,)``, or ``(R, n)`` where it is per agent."""


def compare(*terms: Array) -> tuple[Array, Array]:
    """The sum of signed terms (left positive, right negative) and the sum of their sizes."""
    total, size = terms[0], abs(terms[0])
    for term in terms[1:]:
        total, size = total + term, size + abs(term)
    return total, size


def weighed(factor: Real, z: Array) -> Array:
    """A multiple of an array, in the array's number system."""
    return np.asarray(z * scalar(factor, field_of(z)))


def eq14(convention: Convention) -> Inequality:
    r"""(14). Plain constants: :math:`L_\ell \alpha^2 / 2`, :math:`L_\ell^2` for consensus, :math:`L_f^2` for y."""

    def value(case: Case, s: State, z: State) -> tuple[Array, Array]:
        problem, alpha, k = case.problem, case.alpha, lemmas(case.constants, convention)
        consensus = k.L_l if convention.startswith("printed") else k.L_l**2
        here, there = mean_over_agents(s.x)[:, 0], mean_over_agents(z.x)[:, 0]
        ubar = mean_over_agents(s.u)[:, 0]
        missed = mean_over_agents(surrogate(Oracle(problem), s.x, s.y))[:, 0] - ubar
        before, after = problem.value(here), problem.value(there)
        gap, size = compare(
            after - before,
            weighed(alpha / 2, squared_norm(problem.hypergradient(here))),
            weighed(alpha / 2, squared_norm(ubar)),
            weighed(-k.L_l * alpha**2 / 2, squared_norm(ubar)),
            weighed(-alpha * consensus / problem.n, apart(s.x)),
            weighed(-2 * alpha * k.L_f**2 / problem.n, squared_norm(s.y - problem.lower_solution(s.x))),
            weighed(-2 * alpha, squared_norm(missed)),
        )
        return gap, size + abs(before) + abs(after)  # in floats their difference is rounded at this size

    return value


def eq15(convention: Convention, delta: Real) -> Inequality:
    r"""(15) with :math:`L_y` by a convention and :math:`\delta > 0`; agent by agent."""

    def value(case: Case, s: State, z: State) -> tuple[Array, Array]:
        problem, c, beta = case.problem, case.constants, case.beta
        r = contraction(c, beta)
        gain = (1 + r) ** 2 * (2 * beta / (c.mu_g + c.L_g) - beta**2)
        inexact = (1 / delta - 1) * gain + (1 + r) * (1 + 1 / r) * beta**2

        def squares(a: Array) -> Array:
            return np.asarray((a * a).sum(axis=-1))

        return compare(
            squares(z.y - problem.lower_solution(z.x)),
            weighed(-((1 + r) ** 2) * (1 - 6 * r), squares(s.y - problem.lower_solution(s.x))),
            weighed(-(delta - 1) * gain, squares(s.v)),
            weighed(-(1 + 1 / r) * lemmas(c, convention).L_y ** 2, squares(z.x - s.x)),
            weighed(-inexact, squares(problem.grad_y_g(s.x, s.y) - s.v)),
        )

    return value


def apart(z: Array) -> Array:
    """The squared distance from the mean over agents."""
    return squared_norm(z - mean_over_agents(z))


def eq16(case: Case, s: State, z: State) -> tuple[Array, Array]:
    r"""(16) with the factors :math:`\lambda` and :math:`1/(1-\lambda)` of :math:`c_1 = 1/\lambda - 1`."""
    step = case.alpha**2 / (1 - case.lam)
    return compare(apart(z.x), weighed(-case.lam, apart(s.x)), weighed(-step, apart(s.u)))


def eq17(case: Case, s: State, z: State) -> tuple[Array, Array]:
    r"""(17) with the factors :math:`\lambda` and :math:`1/(1-\lambda)` of :math:`c_2 = 1/\lambda - 1`."""
    changed = weighed(-1 / (1 - case.lam), squared_norm(z.p - s.p))
    return compare(apart(z.u), weighed(-case.lam, apart(s.u)), changed)


def eq19(times_m: bool) -> Inequality:
    """(19), with the printed factor m or without it."""

    def value(case: Case, s: State, z: State) -> tuple[Array, Array]:
        factor = lemmas(case.constants, "plain").L_K2 * (case.problem.n if times_m else 1)
        moved = squared_norm(z.x - s.x) + weighed(case.beta**2, squared_norm(s.v))
        return compare(squared_norm(z.p - s.p), weighed(-factor, moved))

    return value


def movement(of_tracker: Real, of_mean: Real) -> Inequality:
    r""":math:`\|x_{t+1} - x_t\|^2 \le 8 x_\perp + a \alpha^2 u_\perp + b \alpha^2 m \|\bar u\|^2` with a and b given."""

    def value(case: Case, s: State, z: State) -> tuple[Array, Array]:
        return compare(
            squared_norm(z.x - s.x),
            weighed(-8, apart(s.x)),
            weighed(-of_tracker * case.alpha**2, apart(s.u)),
            weighed(-of_mean * case.alpha**2 * case.problem.n, squared_norm(mean_over_agents(s.u))),
        )

    return value


def outward(c: Constants) -> Constants:
    """Rational bounds just outside computed constants (infinite ones, which multiply zeros, stay)."""
    values = {}
    for field in dataclasses.fields(c):
        value = getattr(c, field.name)
        sign = -1 if field.name == "mu_g" else 1
        values[field.name] = Fraction(value) * (1 + sign * OUTWARD) if value < float("inf") else value
    return Constants(**values)


NETWORKS = ("path:3", "ring:4", "lazy-star:3", "J:2", "lazy-path:2")
_SHARES = tuple(Fraction(k, 100) for k in (1, 10, 50, 100))


def quadratic_case(ctx: Context, k: int) -> Case:
    """A random rational quadratic on an exact network; alpha has nothing to do with the theorem's list."""
    rng = np.random.default_rng(ctx.seed("quadratic", k))
    network = named(NETWORKS[k % len(NETWORKS)], exact=True)
    scale, coupling = Fraction(1, (1, 30, 4)[k % 3]), Fraction(int(rng.integers(1, 30)), 20)
    problem = random_quadratic(
        ctx.seed("data", k),
        n=network.n,
        p=1 + k % 2,
        q=1 + k // 2 % 2,
        scale=scale,
        coupling=coupling,
        rational=True,
    ).over("fmpq")
    c = outward(problem.constants)
    alpha, share = (_SHARES[i] for i in rng.integers(0, len(_SHARES), 2))
    beta = share / (c.mu_g + c.L_g)
    lam = Fraction(0) if network.is_averaging else Fraction(modulus(network)) + OUTWARD
    return Case(ctx.algorithm("interact")(alpha=alpha, beta=beta), problem, network, alpha, beta, c, lam)


@dataclass(frozen=True)
class Evidence:
    """What an inequality was put to, and the largest relative excess of each kind."""

    failing: int
    quadratics: int
    curved: float
    states: int

    @property
    def none_against(self) -> bool:
        """Whether nothing breaks the inequality; false if a number is missing."""
        return self.failing == 0 and self.curved <= TOLERANCE

    @property
    def numbers(self) -> dict[str, Any]:
        """For the finding."""
        return {
            "failing_quadratics": self.failing,
            "quadratics": self.quadratics,
            "worst_curved": self.curved,
            "curved_states": self.states,
            "tolerance": TOLERANCE,
        }

    def __str__(self) -> str:
        """One clause."""
        if self.none_against:
            return f"{self.quadratics} rational quadratics for all states at once, {self.states} curved states: none against"
        return (
            f"{self.failing} of {self.quadratics} rational quadratics have a state that breaks it; worst relative excess "
            f"at {self.states} curved states {self.curved:.2g}"
        )


def gather(ctx: Context, inequality: Inequality, *, free: bool = False) -> Evidence:
    """Exact decisions on quadratics and random states of curved problems; `free` frees v as in `Case.pair`."""
    failing, quadratics = 0, ctx.pick(4, 40)
    for k in range(quadratics):
        case = quadratic_case(ctx, k)
        failing += not decided(case, inequality, free=free).holds
    worst, problems, states = [], ctx.pick(12, 120), 100
    for k in range(problems):
        case = curved_case(ctx, k)
        rng = np.random.default_rng(ctx.seed("states", k))
        z = rng.standard_normal((states, case.coordinates(free=free))) * 10 ** rng.uniform(-2, 1, (states, 1))
        gap, size = _at(case, inequality, free)(z)
        worst.append(float((gap / size).max()))
    return Evidence(failing, quadratics, largest(worst), problems * states)


def decided(case: Case, inequality: Inequality, *, free: bool = False) -> Decision:
    """The exact decision on one rational quadratic, for all states at once."""
    return never_exceeds(_at(case, inequality, free), case.coordinates(free=free), "fmpq")


def _at(case: Case, inequality: Inequality, free: bool) -> Callable[[Array], tuple[Array, Array]]:
    return lambda z: inequality(case, *case.pair(z, free=free))


def curved_case(ctx: Context, k: int) -> Case:
    """A random curved problem, where Assumptions 1 and 2 hold."""
    rng = np.random.default_rng(ctx.seed("case", k))
    kind: Kind = "cos" if k % 2 else "huber"
    scale, coupling = 10 ** rng.uniform(-2, 0.5, 2)
    network = named(NETWORKS[k % len(NETWORKS)])
    problem = random_curved(
        ctx.seed("curved", k), n=network.n, p=3, q=2, kind=kind, scale=scale, coupling=coupling
    )
    c = problem.constants
    alpha, beta = 10 ** rng.uniform(-2, 0.5), 10 ** rng.uniform(-2, 0) / (c.mu_g + c.L_g)
    a = ctx.algorithm("interact")(alpha=alpha, beta=beta)
    return Case(a, problem, network, alpha, beta, c, modulus(network))
