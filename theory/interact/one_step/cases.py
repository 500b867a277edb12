"""The instances that the one-step inequalities are put to: rational quadratics, tight ones among them, and curved problems."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.interact import State
from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.numbers import Array, convert, field_of
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.families import quadratic, random_curved, random_quadratic
from spiritlevel.theory.statement import Context

OUTWARD = Fraction(1, 10**12)
"""Constants computed as eigenvalues are moved outwards by this share before anything exact is decided."""

NETWORKS = ("path:3", "ring:4", "lazy-star:3", "J:2", "swap", "lazy-path:2")
_SHARES = tuple(Fraction(k, 100) for k in (1, 10, 50, 100))


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


def outward(c: Constants) -> Constants:
    """Rational bounds just outside computed constants (infinite ones, which multiply zeros, stay)."""
    values = {}
    for field in dataclasses.fields(c):
        value = getattr(c, field.name)
        sign = -1 if field.name == "mu_g" else 1
        values[field.name] = Fraction(value) * (1 + sign * OUTWARD) if value < float("inf") else value
    return Constants(**values)


def pair_of(weight: Fraction) -> Network:
    """Two agents with that weight on themselves: the second eigenvalue is twice it less 1.

    Examples
    --------
    >>> pair_of(Fraction(1, 20)).W[0]
    array([Fraction(1, 20), Fraction(19, 20)], dtype=object)
    """
    return Network(convert([[weight, 1 - weight], [1 - weight, weight]], "fraction"), "pair")


def network(name: str, *, exact: bool) -> Network:
    """A network of `NETWORKS`: by name, or "swap", whose second eigenvalue is -9/10."""
    if name != "swap":
        return named(name, exact=exact)
    swap = pair_of(Fraction(1, 20))
    return swap if exact else swap.over("float")


def quadratic_case(ctx: Context, k: int) -> Case:
    """A random rational quadratic on an exact network; alpha has nothing to do with the theorem's list."""
    rng = np.random.default_rng(ctx.seed("quadratic", k))
    net = network(NETWORKS[k % len(NETWORKS)], exact=True)
    scale, coupling = Fraction(1, (1, 30, 4)[k % 3]), Fraction(int(rng.integers(1, 30)), 20)
    problem = random_quadratic(
        ctx.seed("data", k),
        n=net.n,
        p=1 + k % 2,
        q=1 + k // 2 % 2,
        scale=scale,
        coupling=coupling,
        rational=True,
    ).over("fmpq")
    c = outward(problem.constants)
    alpha, share = (_SHARES[i] for i in rng.integers(0, len(_SHARES), 2))
    return _exact(ctx, problem, net, alpha, share / (c.mu_g + c.L_g))


def _exact(ctx: Context, problem: SolvedProblem, net: Network, alpha: Fraction, beta: Real) -> Case:
    lam = Fraction(0) if net.is_averaging else Fraction(modulus(net)) + OUTWARD
    a = ctx.algorithm("interact")(alpha=alpha, beta=beta)
    return Case(a, problem, net, alpha, beta, outward(problem.constants), lam)


def scalar_case(
    ctx: Context,
    s: Fraction,
    slope: Fraction,
    *,
    direct: Fraction = Fraction(0),
    both: Fraction = Fraction(0),
    weight: Fraction = Fraction(1, 2),
    alpha: Fraction = Fraction(1, 10),
    opposite: bool = False,
) -> Case:
    """Two agents, equal or with opposite f, with a weight on themselves, equal by default.

    :math:`f = s y^2/2 + d x^2/2 + e x y` with ``direct`` d and ``both`` e, :math:`g = (y - b x)^2/2` up to a
    function of x, with the slope b.
    """
    H, B, Q, A, E = ([[[v]], [[v]]] for v in (Fraction(1), slope, s, direct, both))
    if opposite:
        Q, A, E = ([one, [[-one[0][0]]]] for one, _ in (Q, A, E))
    problem = quadratic(H=H, B=B, c=[[0], [0]], Q=Q, A=A, E=E).over("fmpq")
    c = outward(problem.constants)
    net = averaging(2, exact=True) if weight == Fraction(1, 2) else pair_of(weight)
    return _exact(ctx, problem, net, alpha, 1 / (c.mu_g + c.L_g))


def tight_cases(ctx: Context) -> list[Case]:
    r"""Where the bounds have little room.

    With f of y alone and a large slope, :math:`L_f` is attained and :math:`L_\ell` nearly; opposite signs let consensus
    and lower-level errors add up, and a small alpha leaves the smoothness term little: (14). With
    :math:`f = (x + y)^2/2` and the slope 1/3, the change of the surrogate reaches 2/3 of :math:`L_K^2`, more than
    f of x alone, which reaches 1/2: (19). With second eigenvalues near 1 and -1: mixing and the movement of x.
    """
    one = Fraction(1)
    return [
        scalar_case(ctx, one, Fraction(10), alpha=Fraction(1, 10**4), opposite=True),
        scalar_case(ctx, one, Fraction(1, 3), direct=one, both=one),
        scalar_case(ctx, one, one, weight=Fraction(1, 200)),
        scalar_case(ctx, one, one, weight=Fraction(199, 200)),
    ]


def curved_case(ctx: Context, k: int) -> Case:
    """A random curved problem, where Assumptions 1 and 2 hold."""
    rng = np.random.default_rng(ctx.seed("case", k))
    kind: Kind = "cos" if k % 2 else "huber"
    scale, coupling = 10 ** rng.uniform(-2, 0.5, 2)
    net = network(NETWORKS[k % len(NETWORKS)], exact=False)
    problem = random_curved(
        ctx.seed("curved", k), n=net.n, p=3, q=2, kind=kind, scale=scale, coupling=coupling
    )
    c = problem.constants
    alpha, beta = 10 ** rng.uniform(-2, 0.5), 10 ** rng.uniform(-2, 0) / (c.mu_g + c.L_g)
    a = ctx.algorithm("interact")(alpha=alpha, beta=beta)
    return Case(a, problem, net, alpha, beta, c, modulus(net))
