r"""DSBO's exact moments where second derivatives carry no noise, and the problems on which they are taken.

With noise in the three gradients only, u, v and q are deterministic and (x, y, s, h) has exact means and covariances.
If H, B, Q and A are equal at all agents, the average over agents behaves as one agent with :math:`\sigma^2/K`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from functools import cache, wraps
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.noise import GRADIENTS
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, SolvedProblem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS
from spiritlevel.theory.instruments.affine import probe_function
from spiritlevel.theory.instruments.exponents import Exponent, exact_exponent
from spiritlevel.theory.instruments.moments import Unstable, noise_covariance
from spiritlevel.theory.instruments.varying import Reader, Slice, follow
from spiritlevel.theory.statement import Check, Context, Finding, Method, Verdict

MOVING = ("x", "y", "s", "h")
SIGMA: dict[Channel, float] = dict.fromkeys(GRADIENTS, 1.0)
L_G = 2.5
"""Divides the Hessian 2 of the homogeneous problems: the Neumann series falls by 1/5 per term."""


BOUNDED = ASSUMPTIONS
"""The papers' rows; a variance bound, which these problems have, stands in for bounded second moments of gradients."""
MARGIN = 0.02
"""Of an exponent: what separates it from one that is slower."""
FLOOR_ERROR = 1e-7
"""Relative error of squared gradients at rest, of size 1e-12, of numbers of size 1."""
VAGUE = 0.2
"""An exponent that is not known to this is no evidence for a rate."""


def waves(K: int) -> Array:
    """How agents differ: mean 0, mean square 1 (all 0 for one agent)."""
    return np.sqrt(2) * np.cos(2 * np.pi * np.arange(K) / K) * (K > 1)


def scalar_problem(K: int, *, second: bool) -> Bilevel:
    r"""Scalar quadratics that differ in their linear parts and, with ``second``, in second derivatives too.

    .. math:: g^k = \tfrac{a_k}{2} y^2 - y(B_k x + c_k), \quad
              f^k = \tfrac{M_k}{2}(y - p_k)^2 + \tfrac{N_k}{2}(x - w_k)^2
    """
    m = waves(K)
    n = m * second

    def matrix(values: Array) -> Array:
        return values[:, None, None]

    M, N = 1.5 + 0.3 * n, 0.5 + 0.2 * n
    return quadratic(
        H=matrix(2 + 0.5 * n),
        B=matrix(1 + 0.3 * n),
        c=(0.5 + 0.3 * m)[:, None],
        A=matrix(N),
        a=-(N * (0.3 + 0.5 * m))[:, None],
        Q=matrix(M),
        e=-(M * (1 + 0.5 * m))[:, None],
        shared=True,
    )


def ring(K: int, theta: float = 1.0) -> Network:
    """The ring with weights 1/3, mixed with the identity: ``(1 - theta) I + theta W``."""
    W = convert(named(f"ring:{K}", "third").dense() if K > 1 else averaging(1).dense(), "float")
    return Network((1 - theta) * np.eye(K) + theta * W, f"ring:{K}")


def mean_x(s: Any) -> Array:
    """xbar, shape ``(R, 1, p)``."""
    return mean_over_agents(s.x)


def curvature(problem: Bilevel) -> float:
    """F'' of a scalar problem."""
    ends = problem.hypergradient(np.array([[0.0], [1.0]]))
    return float(ends[1, 0] - ends[0, 0])


def solution(problem: Bilevel) -> float:
    """x* of a scalar problem."""
    found = problem.solution()
    assert found is not None  # a quadratic has one
    return float(found[0])


@cache
def reduction_gap(kind: type[Algorithm]) -> float:
    """How far xbar of four agents on a ring is from one agent with a quarter of the variance, relative.

    Problems of equal second derivatives; mean and variance of xbar at t = 0..40, rule (5) with T = 40.
    """
    beta = math.sqrt(4 / 40)
    a = kind(**constants(beta, b=5))
    four, one = (
        follow(a, scalar_problem(K, second=False), ring(K), 40, moving=MOVING, sigma=SIGMA, readout=mean_x)
        for K in (4, 1)
    )
    mean = abs(four.mean - one.mean).max() / abs(one.mean).max()
    variance = abs(four.covariance - one.covariance / 4).max() / abs(one.covariance).max()
    return float(max(mean, variance))


def constants(beta: Any, b: int, C_0: float = 0.5) -> dict[str, Any]:
    """Hyper-parameters of rule (5) for ``beta = sqrt(K/T)``, on the homogeneous scalar problem."""
    return {"alpha": C_0 * beta, "beta": beta, "gamma": beta, "L_g": L_G, "mu_g": 2.0, "b": b}


def rest_of(M: Array, c: Array) -> Array:
    """The fixed point of ``w -> M w + c``; `Unstable` if there is no single one."""
    try:
        return np.linalg.solve(np.eye(len(c)) - M, c)
    except np.linalg.LinAlgError:
        raise Unstable("no point of rest, or many") from None


def stable(check: Check) -> Check:
    """A check of a rate, which an algorithm that grows beyond all numbers fails."""

    @wraps(check)
    def checked(ctx: Context) -> Finding:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return check(ctx)
        except Unstable as error:
            return Finding(verdict=Verdict.REFUTED, method=Method.MOMENTS, summary=f"no rate: {error}")

    return checked


def falls(found: Iterable[Exponent], claimed: float) -> Verdict:
    """Whether sequences fall at least like ``t**claimed``: an upper bound, so that faster is no counterexample.

    Refuted only by an exponent that is larger by more than its uncertainty; one that may be either is no verdict.

    Examples
    --------
    >>> from spiritlevel.theory.instruments.exponents import exact_exponent
    >>> slow, fast = (exact_exponent([2.0 ** (-p * k) for k in range(6)]) for p in (0.4, 0.6))
    >>> falls([fast], -0.5).value, falls([fast, slow], -0.5).value
    ('supported', 'refuted')
    >>> falls([Exponent(-0.4, 0.2, (-0.4,), 0.5)], -0.5).value
    'inconclusive'
    """
    listed, most = list(found), claimed + MARGIN
    if any(e.value - e.uncertainty > most for e in listed):
        return Verdict.REFUTED
    clear = all(
        e.value <= most and (e.uncertainty <= VAGUE or e.value + e.uncertainty <= most) for e in listed
    )
    return Verdict.SUPPORTED if clear and listed else Verdict.INCONCLUSIVE


def finite(value: float) -> float | str:
    """A number for a report, which has no infinities."""
    return value if math.isfinite(value) else str(value)


def worst(*verdicts: Verdict) -> Verdict:
    """Of several conditions that all have to hold: refuted if one is, supported if all are.

    Examples
    --------
    >>> worst(Verdict.SUPPORTED, Verdict.INCONCLUSIVE).value
    'inconclusive'
    """
    if Verdict.REFUTED in verdicts:
        return Verdict.REFUTED
    return Verdict.SUPPORTED if set(verdicts) == {Verdict.SUPPORTED} else Verdict.INCONCLUSIVE


def at_rest(a: Algorithm, problem: SolvedProblem, network: Network) -> tuple[Reader, Slice]:
    """The step's map once u, v and q have settled under constant step sizes, by a linear solve for u and v."""
    net, names = Gossip(network), ("u", "v")
    x, y = (z[None].astype(float) for z in problem.start())
    start = a.over("float").init(x, y, Oracle(problem), net)
    reader = Reader(a, problem, network, start, MOVING, frozenset(SIGMA))
    fixed = reader.fixed(start)
    sizes = [int(np.prod(reader.shapes[k])) for k in names]

    def settle(z: Array) -> dict[str, Array]:
        parts = np.split(z, [sizes[0]], axis=1)
        given = {k: part.reshape(len(z), *reader.shapes[k]) for k, part in zip(names, parts, strict=True)}
        given["q"] = np.repeat(fixed["q"], len(z), axis=0)
        state = reader.state(np.zeros((len(z), reader.size)), given)
        after = reader.algorithm.step(1, state, Oracle(problem), net)
        return {k: getattr(after, k) for k in (*names, "q")}

    def flat(z: Array) -> Array:
        after = settle(z)
        return np.concatenate([after[k].reshape(len(z), -1) for k in names], axis=1)

    M, c = probe_function(flat, sum(sizes), "float")
    rest = rest_of(M, c)[None]
    return reader, reader.read(1, settle(rest))


def slow_noise(a: Algorithm, beta: float) -> tuple[Array, Array, Array]:
    """``G, S, L``: on one agent F = I + beta G, the noise added per step has covariance beta^2 S, and xbar is L w."""
    reader, now = at_rest(a, scalar_problem(1, second=False), averaging(1))
    S = (now.N[0] * noise_covariance(now.calls, SIGMA)) @ now.N[0].T / beta**2
    return (now.F[0] - np.eye(reader.size)) / beta, S, reader.readout(mean_x, now.fixed)[0]


def bias_at_rest(a: Algorithm, problem: Bilevel, network: Network) -> float:
    """``|grad F(xbar)|`` where the noise-free algorithm comes to rest."""
    reader, now = at_rest(a, problem, network)
    L, c = reader.readout(mean_x, now.fixed)
    w = rest_of(now.F[0], now.r[0])
    return float(np.linalg.norm(problem.hypergradient((L @ w + c)[None])))


@cache
def floor(kind: type[Algorithm], K: int, C_0: float) -> Exponent:
    r"""The exponent in :math:`\beta^2` of :math:`|\nabla F(\bar x)|^2` at rest, on a ring of K with unequal second derivatives.

    A bias that does not vanish with the step sizes shows here and nowhere else: where it is small, sums over few
    iterations are all transient and noise. 40 factors of the Neumann product leave nothing of their own.
    """
    problem = scalar_problem(K, second=True)
    levels = [
        bias_at_rest(kind(**{**constants(2.0**-k, 40, C_0), "L_g": 2.75}), problem, ring(K)) ** 2
        for k in range(9, 14)
    ]
    in_beta = exact_exponent(levels, FLOOR_ERROR)  # of 1/beta
    return dataclasses.replace(in_beta, value=in_beta.value / 2, uncertainty=in_beta.uncertainty / 2)
