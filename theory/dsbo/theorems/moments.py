r"""DSBO's exact moments where second derivatives carry no noise, and the problems on which they are taken.

With noise in the three gradients only, u, v and q are deterministic and (x, y, s, h) has exact means and covariances.
If H, B, Q and A are equal at all agents, the average over agents behaves as one agent with :math:`\sigma^2/K`.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from functools import cache, wraps
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.noise import GRADIENTS, Probe
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, SolvedProblem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.assumptions import Assumption, finite_constant
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.instruments.affine import probe_function
from spiritlevel.theory.instruments.moments import Unstable, noise_covariance
from spiritlevel.theory.instruments.varying import Reader, Slice, follow
from spiritlevel.theory.statement import Check, Context, Finding, Method, Statement, Verdict, decide

MOVING = ("x", "y", "s", "h")
SIGMA: dict[Channel, float] = dict.fromkeys(GRADIENTS, 1.0)
L_G = 2.5
"""Divides the Hessian 2 of the homogeneous problems: the Neumann series falls by 1/5 per term."""


def _unbounded(problem: SolvedProblem) -> str | None:
    return f"grad_y g >= {float(problem.constants.mu_g):.3g} |y - y*(x)| is unbounded"


BOUNDED = (
    finite_constant("3.3(iii)", r"$E\|\nabla_y f^k\|^2 \le C_f^2$", "C_fy"),
    Assumption("3.4(iv)", r"$E\|\nabla_y g^k\|^2 \le C_g^2$", _unbounded),
)
"""What no quadratic satisfies; a variance bound, which these problems have, stands in for it."""


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


def _check_variance(ctx: Context) -> Finding:
    import sympy as sp

    broken, texts = 0, ("ring:4", "star:5", "path:3", "complete:4", "grid:2:3", "ring:7")
    beta = Fraction(2, 7)
    for text in texts:
        network = named(text, exact=True)
        problem = random_quadratic(ctx.seed(text), n=network.n, p=2, q=2, shared=True, rational=True)
        a = ctx.algorithm("dsbo")(alpha=beta, beta=beta, gamma=beta, b=1).over("fraction")
        rng = np.random.default_rng(ctx.seed("state", text))
        x, y, s, xi = (
            convert(rng.integers(-9, 10, (1, network.n, 2)).astype(object) * Fraction(1, 7), "fraction")
            for _ in range(4)
        )
        exact, net = problem.over("fraction"), Gossip(network.over("fraction"))
        start = dataclasses.replace(a.init(x, y, Oracle(exact), net), s=s)
        after = a.step(1, start, Oracle(exact, Probe(frozenset({"grad_x_f"}), [xi])), net)
        expected = (1 - beta) * s + beta * (exact.grad_x_f(x, y) + xi)
        broken += bool((mean_over_agents(after.s) != mean_over_agents(expected)).any())
    b, v, K, V = sp.symbols("beta sigma2 K V", positive=True)
    stationary = sp.solve(sp.Eq(V, (1 - b) ** 2 * V + b**2 * v / K), V)
    closes = len(stationary) == 1 and sp.simplify(stationary[0] - b / (2 - b) * v / K) == 0
    return Finding(
        verdict=decide(broken == 0 and closes),
        method=Method.RATIONAL,
        summary=f"sbar' = (1 - beta) sbar + beta (mean of samples) exactly in {len(texts) - broken} of {len(texts)} networks with random "
        "rational states and noise; the variance equation then has the one stationary solution beta/(2-beta) sigma^2/K, without W",
        numbers={"broken": broken, "stationary": str(stationary)},
        cases=len(texts),
    )


VARIANCE = Statement(
    id="dsbo/variance-1/K",
    paper=PAPER,
    location="Section 5.1, Compounded effect",
    kind="lemma",
    sentence="Given the points, the noise in sbar has stationary variance beta/(2-beta) sigma^2/K, whatever the network.",
    formula=r"\operatorname{Var} \bar s_\infty = \frac{\beta}{2-\beta} \frac{\sigma^2}{K}",
    about=("dsbo",),
    check=_check_variance,
    expected=Verdict.SUPPORTED,
)
